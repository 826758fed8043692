//! Signing in, choosing an account, and what the page keeps, tells and shows of it all.

use serde_json::{Value, json};

use super::{
    browser::{Browser, Look},
    person::Person,
};
use crate::support::{Client, Database, World, dialtime, group};

const TOKEN: &str = "input[name=token]";
const WRONG: &str = "dt_wrong";

/// Whether the device keeps a text, under any name.
fn keeps(browser: &Browser, text: &str) -> bool {
    const KEPT: &str = "return [localStorage, sessionStorage].map(storage => ({...storage}))";
    browser.script(KEPT, &[]).to_string().contains(text)
}

/// Registers an account with a name.
fn register(client: &Client, path: &str, name: &str, number: u32) -> String {
    let body = json!({
        "name": name, "email": format!("{number}@example.org"), "phone": format!("139{number:08}"),
        "password": "correct horse", "password_confirmation": "correct horse",
    });
    client.post(path, &body).data()["id"].as_str().unwrap().to_owned()
}

/// Another token of the world's partner; gives what to revoke it by, and the token.
fn second_token(world: &World) -> (String, String) {
    let url = &world.database.url;
    let token = dialtime(url, &["token", "create", "--partner", &world.partner, "--name", "second"]);
    let list = dialtime(url, &["token", "list"]);
    let line = list.lines().find(|line| line.ends_with("second")).unwrap();
    (line.split_whitespace().next().unwrap().to_owned(), token)
}

#[test]
fn a_token_lets_in_and_a_wrong_one_is_told_at_its_field() {
    let world = World::new(Database::Sqlite);
    let person = Person::arrive(&world, Look::default());
    let browser = &person.browser;
    person.give_token(WRONG);
    browser.wait_for_text("form [role=alert]", "访问令牌无效");
    let told_by = browser.attribute(TOKEN, "aria-describedby").unwrap();
    assert_eq!(browser.text(&format!("#{told_by}")), "访问令牌无效");
    assert_eq!(browser.attribute(TOKEN, "aria-invalid").as_deref(), Some("true"));
    assert!(!keeps(browser, WRONG));
    // What no header can carry never leaves the page.
    person.give_token("令牌");
    browser.wait_for_text("form [role=alert]", "请重新复制");
    person.give_token(world.client.token());
    browser.wait_for(".accounts a");
    assert!(!browser.has("[role=alert]"));
    person.expect_refusal("/agent-api/token", 401);
}

#[test]
fn a_person_acts_for_a_user_or_for_a_sub_user() {
    let world = World::new(Database::Sqlite);
    world.group("of the user");
    let mut theirs = group("of the sub-user");
    theirs["sub_user_id"] = json!(world.sub_user);
    world.client.post(&world.path("/dial-time-group"), &theirs).data();
    let person = Person::arrive(&world, Look::default());
    let browser = &person.browser;
    person.give_token(world.client.token());
    browser.click(".accounts a");
    browser.wait_for("today-page h1");
    person.visit("groups");
    browser.wait_for_text(".groups .name", "of the user");
    assert_eq!(browser.texts(".groups .name"), ["of the user"]);
    browser.wait_for_text(".side .account", "account");
    browser.wait_for_text(".side .account", "主账号，1 个子账户");

    // Another account is two clicks away, and the page stays the same.
    browser.click(".side .account");
    browser.click(&format!("account-switcher a[href*='{}']", world.sub_user));
    browser.wait_for_text(".groups .name", "of the sub-user");
    assert_eq!(browser.texts(".groups .name"), ["of the sub-user"]);
    browser.wait_for_text(".side .account", "account 的子账户");
    assert!(browser.url().ends_with(&format!("#/user/{}/sub-user/{}/groups", world.user, world.sub_user)));
    // Whatever is asked for of an account is asked for the sub-user; the rest is the partner's, as holidays of the installation are.
    browser.script("performance.clearResourceTimings()", &[]);
    for page in ["today", "tasks", "records", "events", "webhooks", "groups"] {
        person.visit(page);
        browser.wait_for(&format!("{page}-page h1"));
    }
    browser.wait_for(".groups .state");
    let others = "return performance.getEntriesByType('resource').map(({name}) => name)
        .filter(name => /[/]agent-api[/](new[/])?user[/]/.test(name))";
    let asked = browser.script(others, &[]);
    let asked: Vec<&str> = asked.as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let named = format!("sub_user_id={}", world.sub_user);
    assert!(asked.len() > 5 && asked.iter().all(|address| address.contains(&named)), "{asked:?}");
}

#[test]
fn users_and_sub_users_are_searched_and_paged() {
    let world = World::new(Database::Sqlite);
    let users: Vec<String> =
        (10..26).map(|number| register(&world.client, "/users", &format!("user {number}"), number)).collect();
    let path = format!("/agent-api/user/{}/subset_users", users[4]);
    for number in 30..46 {
        register(&world.client, &path, &format!("sub-user {number}"), number);
    }
    let person = Person::arrive(&world, Look::default());
    let browser = &person.browser;
    person.give_token(world.client.token());
    browser.wait_for_text(".pager", "第 1 / 2 页，共 17 项");
    assert_eq!(browser.texts(".accounts a").len(), 15);
    browser.click(".pager button:last-child");
    browser.wait_for_text(".pager", "第 2 / 2 页");
    assert_eq!(browser.texts(".accounts a").len(), 2);
    browser.fill("main input[type=search]", "user 14");
    browser.wait_gone(".pager");
    assert_eq!(browser.texts(".accounts a"), ["user 14"]);

    browser.click(".accounts button");
    browser.wait_for_text(".sub-users h2", "user 14 的子账户");
    browser.wait_for_text(".sub-users .pager", "第 1 / 2 页，共 16 项");
    browser.click(".sub-users .pager button:last-child");
    browser.wait_for_text(".sub-users .pager", "第 2 / 2 页");
    assert_eq!(browser.texts(".sub-users .accounts a").len(), 1);
    browser.fill(".sub-users input[type=search]", "user 37");
    browser.wait_gone(".sub-users .pager");
    assert_eq!(browser.texts(".sub-users .accounts a"), ["sub-user 37"]);
    browser.fill(".sub-users input[type=search]", "nobody");
    browser.wait_for_text(".sub-users", "没有找到账户");

    // Another's sub-users are not searched by what was sought among the first one's.
    browser.fill("main input[type=search]", "user 15");
    browser.wait_for_text(".accounts a", "user 15");
    browser.click(".accounts button");
    browser.wait_for_text(".sub-users h2", "user 15 的子账户");
    assert_eq!(browser.value(".sub-users input[type=search]"), "");
}

#[test]
fn a_token_is_remembered_only_if_asked() {
    let world = World::new(Database::Sqlite);
    let person = Person::arrive(&world, Look::default());
    let (browser, token) = (&person.browser, world.client.token());
    person.give_token(token);
    browser.wait_for(".accounts a");
    assert!(!keeps(browser, token));
    browser.reload();
    browser.wait_for(TOKEN);

    browser.click("input[name=remember]");
    person.give_token(token);
    browser.wait_for(".accounts a");
    assert!(keeps(browser, token));
    browser.reload();
    browser.wait_for(".accounts a");
    person.sign_out();
    browser.wait_for(TOKEN);
    assert!(!keeps(browser, token));
    browser.reload();
    browser.wait_for(TOKEN);
}

#[test]
fn the_account_of_last_time_is_opened_again_only_if_asked() {
    let world = World::new(Database::Sqlite);
    world.group("work");
    let person = Person::sign_in(&world, Look::default());
    let (browser, console) = (&person.browser, format!("{}/console/", world.server.base));
    assert!(!keeps(browser, &world.user));
    person.sign_out();

    browser.wait_for(TOKEN);
    browser.click("input[name=remember]");
    person.give_token(world.client.token());
    browser.wait_for_text(".groups .name", "work");
    assert!(keeps(browser, &world.user));
    browser.open(&console);
    browser.wait_for("today-page h1");
    browser.click(".side .account");
    browser.click("account-switcher .all");
    browser.wait_for(".accounts a");
    assert!(browser.url().ends_with("#/"), "another can be chosen");
    person.sign_out();
    browser.wait_for(TOKEN);
    assert!(!keeps(browser, &world.user));
}

#[test]
fn who_signs_out_on_one_page_has_signed_out_on_all() {
    let world = World::new(Database::Sqlite);
    let person = Person::arrive(&world, Look::default());
    let browser = &person.browser;
    browser.click("input[name=remember]");
    person.give_token(&format!("Bearer {}", world.client.token()));
    browser.wait_for(".accounts a");
    // As the browser tells it to the other pages.
    let elsewhere = "const [key, oldValue] = ['dialtime.token', localStorage.getItem('dialtime.token')];
        localStorage.removeItem(key);
        dispatchEvent(new StorageEvent('storage', {key, oldValue, newValue: null}));";
    browser.script(elsewhere, &[]);
    browser.wait_for(TOKEN);
}

#[test]
fn the_address_of_an_account_that_is_none_leads_to_the_choice() {
    let world = World::new(Database::Sqlite);
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    browser.expect_complaint("404");
    browser.expect_complaint("422");
    for none in ["xyz", "00000000-0000-4000-8000-000000000000"] {
        person.go("/groups");
        browser.wait_for("groups-page h1");
        browser.script("location.hash = arguments[0]", &[json!(format!("#/user/{none}/groups"))]);
        browser.wait_for(".accounts a");
        assert!(browser.url().ends_with("#/"), "{none}");
    }
}

#[test]
fn a_wrong_token_is_not_remembered_even_if_asked() {
    let world = World::new(Database::Sqlite);
    let person = Person::arrive(&world, Look::default());
    person.browser.click("input[name=remember]");
    person.give_token(WRONG);
    person.browser.wait_for("[role=alert]");
    assert!(!keeps(&person.browser, WRONG));
    person.expect_refusal("/agent-api/token", 401);
}

#[test]
fn a_revoked_token_ends_the_session() {
    let world = World::new(Database::Sqlite);
    world.group("work");
    let (id, token) = second_token(&world);
    let person = Person::arrive(&world, Look::default());
    let browser = &person.browser;
    browser.click("input[name=remember]");
    person.give_token(&token);
    browser.wait_for(".accounts a");
    person.go("/groups");
    browser.wait_for_text(".groups .name", "work");
    dialtime(&world.database.url, &["token", "revoke", &id]);
    // Not by a click: the page may have asked for something meanwhile, and heard of it already.
    person.go("/tasks");
    browser.wait_for_text("form [role=alert]", "访问令牌已被吊销");
    assert!(!browser.has(".side .nav") && !browser.has("notice-line .notice"));
    assert!(!keeps(browser, &token));
    // Who signs in again is where they were.
    person.give_token(world.client.token());
    browser.wait_for("tasks-page h1");
    browser.expect_complaint("Failed to load resource: the server responded with a status of 401");
}

#[test]
fn a_revoked_token_ends_the_session_of_someone_who_only_looks_on() {
    let world = World::new(Database::Sqlite);
    let (id, token) = second_token(&world);
    let person = Person::arrive(&world, Look::default());
    let browser = &person.browser;
    person.give_token(&token);
    browser.wait_for(".accounts a");
    person.go("/events");
    browser.wait_for_text(".feed", "实时");
    // All that the page asks for has come: only the stream is refused.
    browser.wait_for_text("main .panel", "还没有事件");
    dialtime(&world.database.url, &["token", "revoke", &id]);
    // The server ends the stream within a quarter of a minute; the page asks for it again and is refused.
    browser.wait_gone(".feed.open");
    browser.wait_for_text("form [role=alert]", "访问令牌已被吊销");
    person.expect_refusal("/events", 401);
}

#[test]
fn the_token_stands_in_no_address() {
    let world = World::new(Database::Sqlite);
    let id = world.group("work");
    world.task(id);
    let person = Person::arrive(&world, Look::default());
    let (browser, token) = (&person.browser, world.client.token());
    // Requests that are still open are in no list of the browser's.
    let watch = "window.addresses = [];
        const ask = window.fetch;
        window.fetch = (address, ...rest) => {
            window.addresses.push(String(address.url ?? address));
            return ask(address, ...rest);
        };
        addEventListener('hashchange', ({oldURL, newURL}) => window.addresses.push(oldURL, newURL));";
    browser.script(watch, &[]);
    browser.click("input[name=remember]");
    person.give_token(token);
    browser.click(".accounts a");
    for (page, sign) in [
        (format!("/groups/{id}"), "week-grid .days"),
        (format!("/groups/{id}/calendar"), ".calendar"),
        ("/tasks".to_owned(), ".tasks .state"),
        ("/today".to_owned(), ".board .line"),
        ("/events".to_owned(), "tr[data-event]"),
        ("/webhooks".to_owned(), "webhooks-page .empty"),
        ("/groups".to_owned(), ".groups .state"),
    ] {
        person.go(&page);
        browser.wait_for(sign);
    }
    let all = "const entries = ['navigation', 'resource'].flatMap(kind => performance.getEntriesByType(kind));
        return [location.href, document.referrer, document.cookie, ...window.addresses, ...entries.map(({name}) => name)]";
    let all = browser.script(all, &[]);
    let told = all.to_string();
    for seen in ["/agent-api/token", "/events", "/decisions", "#/user/", "/console/main.js"] {
        assert!(told.contains(seen), "{seen} is not among {told}");
    }
    assert!(!told.contains(token) && !told.contains(&token[3..]), "{told}");
}

#[test]
fn language_and_theme_are_applied_and_kept() {
    let world = World::new(Database::Sqlite);
    let person = Person::arrive(&world, Look::default());
    let browser = &person.browser;
    let said = || {
        let seen = "return [document.documentElement.lang, document.title]";
        (browser.text("h1"), browser.script(seen, &[]))
    };
    let ground = || browser.script("return getComputedStyle(document.body).backgroundColor", &[]);
    assert_eq!(said(), ("登录".to_owned(), json!(["zh-CN", "登录 · Dialtime"])));
    person.choose("en");
    browser.wait_for_text("h1", "Sign in");
    let english = ("Sign in".to_owned(), json!(["en", "Sign in · Dialtime"]));
    assert_eq!(said(), english);
    let light = ground();
    person.choose("dark");
    let dark = ground();
    assert_ne!(light, dark);

    browser.reload();
    browser.wait_for(TOKEN);
    assert_eq!((said(), ground()), (english, dark));
    assert!(browser.has("look-choices button[value=dark][aria-pressed=true]"));
    person.choose("auto");
    assert_eq!(ground(), light);
    // A choice while one is signed in changes the page that is shown.
    person.give_token(world.client.token());
    browser.wait_for_text("h1", "Choose a user");
    person.choose("zh-CN");
    browser.wait_for_text("h1", "选择用户");
    browser.wait_for(".accounts a");
}

#[test]
fn the_server_speaks_the_persons_language() {
    let world = World::new(Database::Sqlite);
    let person = Person::arrive(&world, Look::default());
    let browser = &person.browser;
    let message = |language: &str| {
        let stranger = world.client.with_authorization(Some("Bearer dt_wrong"));
        let refused = stranger.send("GET", "/agent-api/token", &[("Accept-Language", language)], None);
        refused.body["message"].as_str().unwrap().to_owned()
    };
    let (chinese, english) = (message("zh-CN"), message("en"));
    assert_ne!(chinese, english);
    person.give_token(WRONG);
    browser.wait_for_text("[role=alert]", &chinese);
    person.choose("en");
    browser.wait_for_text("h1", "Sign in");
    person.give_token(WRONG);
    browser.wait_for_text("[role=alert]", &english);
    person.expect_refusal("/agent-api/token", 401);
}

#[test]
fn what_the_server_sends_is_shown_as_text() {
    const MARKUP: &str = "<img src=x onerror=alert(1)>";
    let world = World::new(Database::Sqlite);
    register(&world.client, "/users", MARKUP, 99);
    let id = world.group(MARKUP);
    let mut body = crate::support::task(id);
    body["name"] = json!(MARKUP);
    let task = world.client.post(&world.new_path("/task"), &body).data()["uuid"].clone();
    let person = Person::arrive(&world, Look::default());
    let browser = &person.browser;
    person.give_token(world.client.token());
    browser.wait_for_text(".accounts a", MARKUP);
    person.go("/groups");
    browser.wait_for_text(".groups .name", MARKUP);
    browser.click("tr .row-tools button");
    browser.wait_for_text("dialog h2", MARKUP);
    browser.click("dialog .danger");
    browser.wait_for_text("dialog .named-tasks", MARKUP);
    let images = || browser.script("return document.images.length", &[]);
    assert_eq!(images(), 0);
    person.go("/tasks");
    browser.wait_for_text(".tasks .name", MARKUP);
    browser.wait_for_text(".tasks .group", MARKUP);
    person.go("/events");
    browser.wait_for_text(&format!(".happened a[href$='{}']", task.as_str().unwrap()), MARKUP);
    browser.wait_for_text(".happened a:last-child", MARKUP);
    person.go(&format!("/groups/{id}"));
    browser.wait_for_text("h1", MARKUP);
    assert_eq!(images(), Value::from(0));
    person.expect_refusal(&format!("/dial-time-group/{id}"), 409);
}

#[test]
fn a_token_that_only_asks_for_decisions_is_told_that_it_cannot_sign_in() {
    let world = World::new(Database::Sqlite);
    let person = Person::arrive(&world, Look::default());
    person.give_token(world.token(&["--scope", "decide"]).token());
    person.browser.wait_for_text("form [role=alert]", "需要 read 或 all 权限的令牌");
    assert!(!person.browser.has(".shell"));
    person.give_token(world.client.token());
    person.browser.wait_for(".accounts a");
}

#[test]
fn a_token_that_only_reads_looks_at_a_group_and_changes_nothing() {
    let world = World::new(Database::Sqlite);
    let exception = json!({"name": "closed", "begin_date": "2030-01-01"});
    let mut body = group("shown");
    body["exceptions"] = json!([exception]);
    let shown = world.client.post(&world.path("/dial-time-group"), &body).data()["id"].clone();
    let person = Person::arrive(&world, Look::default());
    let browser = &person.browser;
    person.give_token(world.token(&["--scope", "read"]).token());
    browser.wait_for(".accounts a");
    person.go(&format!("/groups/{shown}"));
    browser.wait_for_text(".banner.info", "您的令牌只能查看");
    browser.wait_for(".week .win");
    let week = [browser.point_in(".week .days", 0.2, 0.5), browser.point_in(".week .days", 0.6, 0.5)];
    browser.drag(&week);
    assert_eq!(browser.texts(".week .win").len(), 1, "nothing was painted");
    for offered in
        [".savebar", ".segments", ".head .plain", "exception-list header button", ".week [tabindex]"]
    {
        assert!(!browser.has(offered), "{offered}");
    }
    browser.click(".exceptions .name");
    assert!(browser.has(".exceptions fieldset:disabled"));
    browser.check_accessibility("a group that is only shown");
}
