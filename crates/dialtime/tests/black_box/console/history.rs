//! What was changed, by whom and when: the versions of a group with their differences and a way back, and the audit log.

use serde_json::{Value, json};

use super::{
    browser::{Browser, Language, Look},
    person::Person,
    setup::stored_group,
};
use crate::support::{Database, World, always, dialtime, group, task};

#[track_caller]
fn change(world: &World, id: i64, body: &Value) {
    world.client.put(&world.path(&format!("/dial-time-group/{id}")), body).data();
}

/// The changes that are listed, in words.
fn changes(browser: &Browser) -> Vec<String> {
    browser.texts(".difference .changes li")
}

#[track_caller]
fn expect_changes(browser: &Browser, expected: &[&str]) {
    browser.wait_until(&format!("{expected:?}"), || changes(browser) == expected);
}

/// A group of five versions, always open in the first, with a task that is started.
fn much_edited(world: &World) -> i64 {
    let mut body = group("work");
    body["content"] = always();
    body["skip_holiday"] = json!(false);
    let id = world.client.post(&world.path("/dial-time-group"), &body).data()["id"].as_i64().unwrap();
    let task = world.new_task(id);
    world.client.put(&world.new_path(&format!("/task_start/{task}")), &json!({})).data();
    let mondays = json!([{"week": 1, "times": [{"begin_time": "08:00", "end_time": "14:00"}]}]);
    let fair = json!([{"name": "fair", "begin_date": "2199-12-31", "times": []}]);
    let season = json!([{"name": "夏令", "begin_date": "06-01", "end_date": "08-31", "content": mondays}]);
    change(
        world,
        id,
        &json!({"name": "工作", "exceptions": fair, "seasons": season, "timezone": "Asia/Tokyo"}),
    );
    change(
        world,
        id,
        &json!({"name": "工作", "holiday_windows": [{"begin_time": "10:00", "end_time": "12:00"}]}),
    );
    let over = json!({"state": "closed", "until": "2199-12-31 12:00:00", "reason": "演练"});
    world.client.put(&world.path(&format!("/dial-time-group/{id}/override")), &over).data();
    world.client.delete(&world.path(&format!("/dial-time-group/{id}/override"))).data();
    id
}

#[test]
fn versions_are_compared_in_words_and_restored_after_a_look_at_what_changes() {
    let world = World::new(Database::Sqlite);
    let id = much_edited(&world);
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.go(&format!("/groups/{id}"));
    browser.click(".head a[href$='/versions']");
    any_two_are_compared(browser);
    change(&world, id, &json!({"name": "工作", "content": []}));
    what_restoring_changes_is_seen_first(browser);
    assert_eq!(stored_group(&world, id)["version"], 6, "nothing is done by looking");
    who_saves_meanwhile_is_not_overwritten(browser);
    assert_eq!(stored_group(&world, id)["version"], 7);
    browser.wait_for_text(".savebar .primary", "存为第 8 版");
    browser.wait_for(".effects [aria-busy=false]");
    browser.click(".savebar .primary");
    browser.wait_for_text("notice-line", "已还原 work 的第 1 版");
    browser.wait_for_text("tr[data-version='8']", "当前");
    let restored = stored_group(&world, id);
    for (field, value) in [("name", json!("work")), ("content", always()), ("seasons", json!([]))] {
        assert_eq!(restored[field], value, "{field}");
    }
    browser.assert_no_complaints();
}

#[track_caller]
fn any_two_are_compared(browser: &Browser) {
    browser.wait_for("tr[data-version='5']");
    assert_eq!(browser.texts("tr[data-version]").len(), 5);
    let row = browser.text("tr[data-version='5']");
    assert!(row.contains("第 5 版") && row.contains("当前") && row.contains("token"), "{row}");
    assert!(!browser.has("tr[data-version='5'] button"), "the present one is there already");
    // The newest two are compared until somebody chooses: an override makes a version, too.
    expect_changes(browser, &["临时调整：临时停呼，至 2199年12月31日周二 12:00，演练 → –"]);
    browser.click("tr[data-version='1'] input[name=from]");
    browser.click("tr[data-version='2'] input[name=to]");
    expect_changes(
        browser,
        &[
            "新增 fair 2199-12-31 全天不可呼叫",
            "新增 季节 夏令 06-01 – 08-31 每周 6 小时",
            "名称：work → 工作",
            "时区：Asia/Shanghai → Asia/Tokyo",
        ],
    );
    browser.click("tr[data-version='3'] input[name=to]");
    browser.wait_until("the windows of days off are told", || {
        changes(browser).contains(&"休息日的时间段：– → 10:00–12:00".to_owned())
    });
    assert!(browser.url().ends_with("?from=1&to=3"), "{}", browser.url());
    browser.check_accessibility("versions");
    browser.screenshot("versions");
}

/// Now and later, and it is nothing to be overlooked.
#[track_caller]
fn what_restoring_changes_is_seen_first(browser: &Browser) {
    browser.wait_for_text("tr[data-version='6']", "当前");
    browser.click("tr[data-version='1'] button");
    browser.wait_for_text(".effects .starting", "1 个任务将开始拨打");
    browser.wait_for_text(".effects .later", "task");
    browser.wait_for_text(".effects", "00:00–24:00 新增可呼叫");
    browser.wait_until("the focus is there", || browser.has_focus(".effects"));
    browser.check_accessibility("a version that is about to be restored");
    browser.screenshot("restore");
    browser.click(".savebar .button:not(.primary)");
    browser.wait_gone(".savebar");
}

/// Someone else saves while one looks: what it would change is shown again.
#[track_caller]
fn who_saves_meanwhile_is_not_overwritten(browser: &Browser) {
    browser.click("tr[data-version='1'] button");
    browser.wait_for_text(".effects .starting", "1 个任务将开始拨打");
    browser.script(
        "const ask = window.fetch;
        window.fetch = async (address, init) => {
            if (!String(address).includes('/restore')) return ask(address, init);
            window.fetch = ask;
            const headers = { ...init.headers, 'If-Match': '*' };
            await ask(String(address).split('/version/')[0], { method: 'PUT', headers, body: '{\"name\": \"theirs\"}' });
            return ask(address, init);
        };",
        &[],
    );
    browser.expect_complaint("412");
    browser.click(".savebar .primary");
    browser.wait_for_text("tr[data-version='7']", "当前");
}

/// What was made for the log to tell of: a group, a task of it, and a group of the sub-user.
struct Log {
    group: i64,
    task: String,
    of_sub_user: Value,
}

fn much_changed(world: &World) -> Log {
    let id = world.group("work");
    change(world, id, &json!({"name": "renamed"}));
    let crm = world.token(&["--name", "crm"]);
    let [task, gone] = ["first", "gone"].map(|name| {
        let mut body = task(id);
        body["name"] = json!(name);
        crm.post(&world.path("/task"), &body).data()["uuid"].as_str().unwrap().to_owned()
    });
    crm.delete(&world.path(&format!("/task/{gone}"))).data();
    dialtime(&world.database.url, &["user", "disable", &world.user]);
    dialtime(&world.database.url, &["user", "enable", &world.user]);
    let path = world.path(&format!("/dial-time-group?sub_user_id={}", world.sub_user));
    let of_sub_user = world.client.post(&path, &group("sub")).data()["id"].clone();
    Log { group: id, task, of_sub_user }
}

/// How a row reads that tells of the account.
const ACCOUNT: &[&str] = &["the command line", "changed", "account"];

fn rows(browser: &Browser) -> Vec<String> {
    browser.texts("tr[data-change]").iter().map(|row| row.replace('\n', " ")).collect()
}

/// Waits until there are so many rows, each with these parts.
#[track_caller]
fn expect_rows(browser: &Browser, parts: &[&[&str]]) {
    browser.wait_until(&format!("{parts:?}"), || {
        let rows = rows(browser);
        let has = |(row, parts): (&String, &&[&str])| parts.iter().all(|part| row.contains(part));
        rows.len() == parts.len() && rows.iter().zip(parts).all(has)
    });
}

#[test]
fn the_audit_log_is_narrowed_and_turned_and_leads_to_what_was_changed() {
    let world = World::new(Database::Sqlite);
    let log = much_changed(&world);
    let person = Person::sign_in(&world, Look { language: Language::English, ..Look::default() });
    let browser = &person.browser;
    person.visit("audit");
    expect_rows(
        browser,
        &[
            &["token", "created", "group sub", "sub-user"],
            ACCOUNT,
            ACCOUNT,
            &["crm", "deleted", "task gone", "enabled: no"],
            &["crm", "created", "task gone"],
            &["crm", "created", "task first"],
            &["token", "changed", "group work", "to version 2"],
            &["token", "created", "group renamed"],
        ],
    );
    assert!(
        browser
            .attribute("tr[data-change]:first-child a", "href")
            .unwrap()
            .ends_with(&format!("/sub-user/{}/groups/{}", world.sub_user, log.of_sub_user))
    );
    assert!(browser.has(&format!("a[href$='/tasks/{}']", log.task)));
    browser.check_accessibility("the audit log");
    browser.screenshot("audit");
    it_is_narrowed(browser, &log);
    // To what a change was, and page by page.
    browser.click("a[href$='/versions?from=1&to=2']");
    expect_changes(browser, &["Name: work → renamed"]);
    for number in 3..=24 {
        change(&world, log.group, &json!({"name": format!("g{number}")}));
    }
    person.go(&format!("/audit?subject=dial_time_group&id={}", log.group));
    browser.wait_for_text(".pager", "24");
    browser.click(".pager button:last-child");
    browser.wait_until("the rest is shown", || rows(browser).len() == 4);
    person.choose("zh-CN");
    browser.wait_for_text("tr[data-change]:nth-child(3)", "改成第 2 版");
    browser.assert_no_complaints();
}

/// By what, by whom, by when.
#[track_caller]
fn it_is_narrowed(browser: &Browser, log: &Log) {
    browser.select("select[name=subject]", "task");
    expect_rows(browser, &[&["deleted", "gone"], &["created"], &["first"]]);
    browser.select("select[name=subject]", "");
    browser.select("select[name=who]", "command_line");
    expect_rows(browser, &[ACCOUNT, ACCOUNT]);
    browser.select("select[name=who]", "");
    browser.select("select[name=action]", "delete");
    expect_rows(browser, &[&["deleted", "task gone", "group: renamed"]]);
    browser.select("select[name=action]", "");
    let token = browser.script("return [...document.querySelectorAll('select[name=who] option')].find(({ text }) => text === 'crm').value", &[]);
    browser.select("select[name=who]", token.as_str().unwrap());
    expect_rows(browser, &[&["crm", "gone"], &["crm"], &["crm", "first"]]);
    // Coming back shows it again.
    browser.click(&format!("a[href$='/tasks/{}']", log.task));
    browser.wait_for(&format!("main[data-task='{}']", log.task));
    browser.back();
    expect_rows(browser, &[&["crm", "gone"], &["crm"], &["crm", "first"]]);
    browser.script("const field = document.querySelector('input[name=until]'); field.value = '2020-01-01'; field.dispatchEvent(new Event('change'))", &[]);
    browser.wait_for_text(".empty", "No such change");
    browser.click("button.clear");
    browser.wait_until("all are there again", || rows(browser).len() == 8);
    browser.click("tr[data-change]:last-child button");
    browser.wait_for_text(".filters .only", "Only group renamed");
    expect_rows(browser, &[&["group work"], &["group renamed"]]);
}

#[test]
fn the_audit_log_names_calendars_ceilings_and_closures() {
    let world = World::new(Database::Sqlite);
    let law = world.group("law");
    let kind = [("Content-Type", "text/csv")];
    let file = "date,name,kind\n2199-05-20,x,holiday\n";
    world.client.upload("POST", &world.path("/holiday-calendar?name=Company"), &kind, file.as_bytes()).data();
    world.client.put(&world.path("/ceiling"), &json!({"dial_time_id": law})).data();
    world.client.delete(&world.path("/ceiling")).data();
    let body = json!({"name": "team day", "begin": "2199-01-01 12:00:00", "end": "2199-01-01 18:00:00"});
    world.client.post(&world.path("/closure"), &body).data();
    let stop = json!({"level": "account", "user_id": world.user, "reason": "drill"});
    world.client.post("/agent-api/stop-dialing", &stop).data();
    let person = Person::sign_in(&world, Look { language: Language::English, ..Look::default() });
    let browser = &person.browser;
    person.visit("audit");
    expect_rows(
        browser,
        &[
            &["created", "emergency stop this account"],
            &["created", "closure team day"],
            &["deleted", "ceiling this account", "group: law"],
            &["created", "ceiling this account"],
            &["created", "holidays Company 2199"],
            &["created", "group law"],
        ],
    );
    browser.check_accessibility("the audit log of closures");
    browser.screenshot("audit-names");
}
