//! What was changed, by whom and when: the versions of a group with their differences and a way back, and the audit log.

use serde_json::{Value, json};

use super::{
    browser::{Browser, Language, Look},
    person::Person,
};
use crate::support::{Database, World, always, dialtime, group, task};

fn stored(world: &World, id: i64) -> Value {
    world.client.get(&world.path(&format!("/dial-time-group/{id}"))).data().clone()
}

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

#[test]
fn versions_are_compared_in_words_and_restored_after_a_look_at_what_changes() {
    let world = World::new(Database::Sqlite);
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
        &world,
        id,
        &json!({"name": "工作", "exceptions": fair, "seasons": season, "timezone": "Asia/Tokyo"}),
    );
    change(
        &world,
        id,
        &json!({"name": "工作", "holiday_windows": [{"begin_time": "10:00", "end_time": "12:00"}]}),
    );
    let over = json!({"state": "closed", "until": "2199-12-31 12:00:00", "reason": "演练"});
    world.client.put(&world.path(&format!("/dial-time-group/{id}/override")), &over).data();
    world.client.delete(&world.path(&format!("/dial-time-group/{id}/override"))).data();

    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.go(&format!("/groups/{id}"));
    browser.click(".head a[href$='/versions']");
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

    // Whoever restores sees first what changes, now and later, and it is nothing to be overlooked.
    change(&world, id, &json!({"name": "工作", "content": []}));
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
    assert_eq!(stored(&world, id)["version"], 6, "nothing is done by looking");
    // Someone else saves while one looks: what it would change is shown again, and only then it is done.
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
    assert_eq!(stored(&world, id)["version"], 7);
    browser.wait_for_text(".savebar .primary", "存为第 8 版");
    browser.wait_for(".effects [aria-busy=false]");
    browser.click(".savebar .primary");
    browser.wait_for_text("notice-line", "已还原 work 的第 1 版");
    browser.wait_for_text("tr[data-version='8']", "当前");
    let restored = stored(&world, id);
    for (field, value) in
        [("name", json!("work")), ("content", body["content"].clone()), ("seasons", json!([]))]
    {
        assert_eq!(restored[field], value, "{field}");
    }
    browser.assert_no_complaints();
}

#[test]
fn the_audit_log_is_narrowed_and_turned_and_leads_to_what_was_changed() {
    let world = World::new(Database::Sqlite);
    let id = world.group("work");
    change(&world, id, &json!({"name": "renamed"}));
    let crm = world.token(&["--name", "crm"]);
    let [first, gone] = ["first", "gone"].map(|name| {
        let mut body = task(id);
        body["name"] = json!(name);
        crm.post(&world.path("/task"), &body).data()["uuid"].as_str().unwrap().to_owned()
    });
    crm.delete(&world.path(&format!("/task/{gone}"))).data();
    dialtime(&world.database.url, &["user", "disable", &world.user]);
    dialtime(&world.database.url, &["user", "enable", &world.user]);
    let of_sub_user = world.path(&format!("/dial-time-group?sub_user_id={}", world.sub_user));
    let sub_users = world.client.post(&of_sub_user, &group("sub")).data()["id"].clone();
    let person = Person::sign_in(&world, Look { language: Language::English, ..Look::default() });
    let browser = &person.browser;
    person.visit("audit");
    let rows =
        || browser.texts("tr[data-change]").iter().map(|row| row.replace('\n', " ")).collect::<Vec<_>>();
    let expect = |parts: &[&[&str]]| {
        browser.wait_until(&format!("{parts:?}"), || {
            let rows = rows();
            rows.len() == parts.len()
                && rows.iter().zip(parts).all(|(row, parts)| parts.iter().all(|part| row.contains(part)))
        });
    };
    let account: &[&str] = &["the command line", "changed", "account"];
    expect(&[
        &["token", "created", "group sub", "sub-user"],
        account,
        account,
        &["crm", "deleted", "task gone", "enabled: no"],
        &["crm", "created", "task gone"],
        &["crm", "created", "task first"],
        &["token", "changed", "group work", "to version 2"],
        &["token", "created", "group renamed"],
    ]);
    assert!(
        browser
            .attribute("tr[data-change]:first-child a", "href")
            .unwrap()
            .ends_with(&format!("/sub-user/{}/groups/{sub_users}", world.sub_user))
    );
    assert!(browser.has(&format!("a[href$='/tasks/{first}']")));
    browser.check_accessibility("the audit log");
    browser.screenshot("audit");
    // By what, by whom, by when.
    browser.select("select[name=subject]", "task");
    expect(&[&["deleted", "gone"], &["created"], &["first"]]);
    browser.select("select[name=subject]", "");
    browser.select("select[name=who]", "command_line");
    expect(&[account, account]);
    let token = browser.script("return [...document.querySelectorAll('select[name=who] option')].find(({ text }) => text === 'crm').value", &[]);
    browser.select("select[name=who]", token.as_str().unwrap());
    expect(&[&["crm", "gone"], &["crm"], &["crm", "first"]]);
    // Coming back shows it again.
    browser.click(&format!("a[href$='/tasks/{first}']"));
    browser.wait_for(&format!("main[data-task='{first}']"));
    browser.back();
    expect(&[&["crm", "gone"], &["crm"], &["crm", "first"]]);
    browser.script("const field = document.querySelector('input[name=until]'); field.value = '2020-01-01'; field.dispatchEvent(new Event('change'))", &[]);
    browser.wait_for_text(".empty", "No such change");
    browser.click("button.clear");
    browser.wait_until("all are there again", || rows().len() == 8);
    browser.click("tr[data-change]:last-child button");
    browser.wait_for_text(".filters .only", &format!("Only group {id}"));
    expect(&[&["group work"], &["group renamed"]]);
    // To what a change was, and page by page.
    browser.click("a[href$='/versions?from=1&to=2']");
    expect_changes(browser, &["Name: work → renamed"]);
    for number in 3..=24 {
        change(&world, id, &json!({"name": format!("g{number}")}));
    }
    person.go(&format!("/audit?subject=dial_time_group&id={id}"));
    browser.wait_for_text(".pager", "24");
    browser.click(".pager button:last-child");
    browser.wait_until("the rest is shown", || rows().len() == 4);
    person.choose("zh-CN");
    browser.wait_for_text("tr[data-change]:nth-child(3)", "改成第 2 版");
    browser.assert_no_complaints();
}
