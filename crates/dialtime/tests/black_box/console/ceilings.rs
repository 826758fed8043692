//! Ceilings: set, shown where they close, and removed; after a look at what that does now.

use serde_json::{Value, json};

use super::{
    browser::{Browser, Language, Look, Theme, Width},
    person::Person,
    setup::{save_group, started_task},
};
use crate::support::{Database, World, always, task};

fn ceilings(world: &World) -> Vec<Value> {
    world.client.get(&world.path("/ceiling")).data().as_array().unwrap().clone()
}

/// Presses what opens the dialog, and says yes.
fn agree(browser: &Browser, button: &str, shown: &str) {
    browser.click(button);
    browser.wait_for_text("dialog .means", shown);
    browser.click("dialog .primary");
    browser.wait_gone("dialog");
}

#[test]
fn a_ceiling_is_set_on_the_page_of_a_group_shown_where_it_closes_and_removed() {
    let world = World::new(Database::Sqlite);
    let (open, never) = (save_group(&world, "work", &always()), save_group(&world, "法定时段", &json!([])));
    started_task(&world, "calls", open);
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.go(&format!("/groups/{never}"));
    browser.wait_for_text(".ceilings .none", "没有上级");
    browser.click(".ceilings .set-account");
    browser.wait_for_text("dialog .means", "1 个任务将停止");
    browser.wait_for_text("dialog .later", "1 个时间组共少开放");
    browser.check_accessibility("a ceiling before it is set");
    browser.screenshot("ceiling");
    browser.click("dialog .actions button:first-child");
    browser.wait_gone("dialog");
    assert_eq!(ceilings(&world), Vec::<Value>::new(), "nothing is done by looking");
    agree(browser, ".ceilings .set-account", "1 个任务将停止");
    browser.wait_for_text("[data-ceiling=account]", "法定时段");
    // By now nothing runs any more.
    agree(browser, ".ceilings .set-partner", "没有任务因此停止或开始拨打");
    browser.wait_for_text("[data-ceiling=partner]", "整个代理");
    let levels: Vec<Value> = ceilings(&world).iter().map(|ceiling| ceiling["level"].clone()).collect();
    assert_eq!(levels, ["partner", "account"]);
    // Of what it closes, the page of the group says why, and today says it above the day.
    person.go(&format!("/groups/{open}"));
    browser.wait_for_text(".head .why", "法定时段");
    browser.wait_for_text("[data-ceiling=account] a", "法定时段");
    person.visit("today");
    browser.wait_for_text(".closed-today [data-ceiling]", "“法定时段”未开放");
    browser.wait_for_text(".closed-today [data-ceiling]", "1 个时间组、1 个任务");
    browser.wait_for_text(&format!(".line[data-group='{open}'] .tag"), "上级呼叫时间组");
    browser.check_accessibility("today below a ceiling");
    browser.screenshot("today-ceiling");
    // Among the closures they are removed.
    browser.click(".closed-today [data-ceiling] a");
    // The other still closes all.
    agree(browser, "li[data-ceiling=partner] button", "没有任务因此停止或开始拨打");
    browser.wait_gone("li[data-ceiling=partner]");
    browser.click("li[data-ceiling=account] button");
    browser.wait_for_text("dialog .starting", "1 个任务将开始拨打");
    browser.wait_for_text("dialog .starting", "calls");
    browser.wait_for_text("dialog .later", "1 个时间组共多开放");
    browser.wait_for_text("dialog .later", "work");
    browser.screenshot("ceiling-removed");
    browser.click("dialog .primary");
    browser.wait_gone("dialog");
    browser.wait_for_text(".ceilings .none", "没有上级");
    assert_eq!(ceilings(&world), Vec::<Value>::new());
}

#[test]
fn changing_a_ceiling_says_which_tasks_start_and_which_only_wait_for_themselves() {
    let world = World::new(Database::Sqlite);
    let (open, shut) = (save_group(&world, "work", &always()), save_group(&world, "shut", &json!([])));
    let (held, _shut_itself) = (started_task(&world, "calls", open), started_task(&world, "calls", shut));
    world.client.put(&world.path("/ceiling"), &json!({"dial_time_id": shut})).data();
    let person = Person::sign_in(&world, Look { language: Language::English, ..Look::default() });
    let browser = &person.browser;
    person.visit("today");
    // What only the ceiling keeps closed for good is told of as that, once; what never opens by itself, with its group.
    browser.wait_for_text(".todo", "1 group never opens inside of its ceiling\nLook\nwork");
    browser.wait_for_text(".todo", "“shut” does not open again");
    assert_eq!(browser.texts(".todo li").len(), 2);
    browser.screenshot("today-never");
    person.go(&format!("/groups/{open}"));
    browser.click(".ceilings .set-account");
    browser.wait_for_text("dialog .means", "It is open now.");
    browser.wait_for_text("dialog .starting", "1 task starts dialing\ncalls");
    browser.click("dialog .primary");
    browser.wait_gone("dialog");
    let task = world.client.get(&world.new_path(&format!("/task/{held}/edit"))).data().clone();
    assert_eq!(task["status"], 2);
}

#[test]
fn what_a_ceiling_stops_is_said_of_every_account_below_it() {
    let world = World::new(Database::Sqlite);
    let (open, shut) = (save_group(&world, "work", &always()), save_group(&world, "shut", &json!([])));
    started_task(&world, "calls", open);
    let of_sub_user = |path: &str| world.path(&format!("{path}?sub_user_id={}", world.sub_user));
    let body = json!({"name": "below", "is_default": false, "skip_holiday": false, "content": always()});
    let below = world.client.post(&of_sub_user("/dial-time-group"), &body).data()["id"].clone();
    let mut body = task(below.as_i64().unwrap());
    body["name"] = json!("calls below");
    let id = world.client.post(&of_sub_user("/task"), &body).data()["uuid"].as_str().unwrap().to_owned();
    world.client.put(&of_sub_user(&format!("/task_start/{id}")), &json!({})).data();
    let person = Person::sign_in(&world, Look { language: Language::English, ..Look::default() });
    let browser = &person.browser;
    person.go(&format!("/groups/{shut}"));
    for (button, row) in [(".set-account", "account"), (".set-partner", "partner")] {
        browser.click(&format!(".ceilings {button}"));
        browser.wait_for_text("dialog .stopping", "2 tasks stop dialing");
        browser.wait_for_text("dialog .stopping", "calls below");
        browser.wait_for_text("dialog .later", "2 groups are open");
        browser.wait_for_text("dialog .later", "below");
        browser.wait_for_text("dialog .later", "work");
        browser.click("dialog .primary");
        browser.wait_gone("dialog");
        browser.click(&format!("[data-ceiling={row}] button"));
        browser.wait_for_text("dialog .starting", "2 tasks start dialing");
        browser.wait_for_text("dialog .later", "h more in all");
        browser.click("dialog .primary");
        browser.wait_gone("dialog");
    }
    assert_eq!(ceilings(&world), Vec::<Value>::new());
}

#[test]
fn a_token_of_one_user_or_that_only_reads_changes_no_ceiling_of_the_partner() {
    let world = World::new(Database::Sqlite);
    let open = save_group(&world, "work", &always());
    let body = json!({"account_id": world.user, "dial_time_id": open});
    world.client.put("/agent-api/ceiling", &body).data();
    let look = Look { language: Language::English, theme: Theme::Dark, width: Width::Phone };
    let person = Person::arrive(&world, look);
    let browser = &person.browser;
    person.give_token(world.token(&["--user", &world.user]).token());
    browser.wait_for(".accounts a");
    person.go(&format!("/groups/{open}"));
    browser.wait_for_text("[data-ceiling=partner]", "the whole partner");
    browser.wait_for(".ceilings .set-account");
    assert!(!browser.has(".ceilings .set-partner") && !browser.has("li[data-ceiling=partner] button"));
    agree(browser, ".ceilings .set-account", "no group is open otherwise");
    browser.wait_for("li[data-ceiling=account] button");
    browser.assert_it_fits();
}

#[test]
fn the_banner_of_a_closure_names_its_tasks_and_revokes_it() {
    let world = World::new(Database::Sqlite);
    started_task(&world, "calls", save_group(&world, "work", &always()));
    let body = json!({"name": "团建", "begin": "2020-01-01 00:00:00", "end": "2199-01-01 00:00:00"});
    world.client.post(&world.path("/closure"), &body).data();
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.visit("today");
    browser.wait_for_text(".closed-today .affected", "其间不拨打的任务：calls（1 个）");
    browser.check_accessibility("today while it is closed");
    browser.screenshot("today-closed");
    browser.click(".closed-today .revoke");
    browser.wait_for_text("dialog h2", "撤销停呼“团建”？");
    browser.click("dialog .primary");
    browser.wait_gone(".closed-today");
    assert_eq!(world.client.get(&world.path("/closure")).data(), &json!([]));
    browser.wait_for_text("[data-counter=running] b", "1");
}
