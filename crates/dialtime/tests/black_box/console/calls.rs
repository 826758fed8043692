//! Live calls: they come and go by themselves, and one is hung up on.

use serde_json::{Value, json};

use super::{
    browser::{Language, Look, Theme, Width},
    person::Person,
};
use crate::{
    dialing,
    support::{Database, World, until},
    sweep,
};

/// A task that talks with so many people for long.
fn talking(world: &World, people: u32) -> String {
    let line = sweep::calls::line(world);
    let task = dialing::task(world, &line, world.open_group(), people);
    dialing::start(world, &task);
    task
}

#[test]
fn a_call_is_hung_up_on_from_the_page() {
    let world = World::new(Database::Sqlite);
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.visit("calls");
    browser.wait_for_text(".empty", "现在没有通话");
    browser.screenshot("calls-empty");
    let task = talking(&world, 3);
    browser.wait_until("three talk", || browser.texts("tr[data-call] .chip.open").len() == 3);
    browser.wait_for_text(".head", "3");
    let row = browser.text("tr[data-call]");
    for what in ["1380000000", "模拟", "list", "通话中", "script", "long talks"] {
        assert!(row.contains(what), "{what} is not in {row}");
    }
    // Seconds go on without anybody doing anything.
    let lasts = || browser.text("tr[data-call] td.num");
    let first = lasts();
    browser.wait_until("seconds go on", || lasts() != first);
    browser.check_accessibility("live calls");
    browser.screenshot("calls");
    let meant = browser.attribute("tr[data-call]", "data-call").unwrap();
    let button = format!("tr[data-call='{meant}'] .row-tools button");
    browser.click(&button);
    browser.wait_for_text("dialog", "已通话");
    browser.check_accessibility("the question whether to hang up");
    // It can be left at that.
    browser.click("dialog .actions button:first-child");
    browser.wait_gone("dialog");
    browser.click(&button);
    browser.click("dialog .danger");
    browser.wait_for_text("notice-line", "已请求挂断 1380000000");
    browser.wait_gone(&format!("tr[data-call='{meant}']"));
    browser.wait_until("the others go on", || browser.texts("tr[data-call]").len() == 2);
    let path = world.path(&format!("/task/{task}/detail/{meant}"));
    until("it is a record", || world.client.get(&path).status == 200);
    let record = world.client.get(&path).data().clone();
    assert_eq!((&record["ended_by"], &record["end_reason"]), (&json!("dialtime"), &json!("requested")));
    // What is on the page says that it is old when the server cannot be reached.
    browser.offline(true);
    browser.wait_for_text(".banner", "可能已经过时");
    assert_eq!(browser.texts("tr[data-call]").len(), 2);
    browser.offline(false);
    browser.wait_gone("main .banner");
    browser.expect_complaint("ERR_INTERNET_DISCONNECTED");
}

#[test]
fn who_only_reads_sees_calls_and_hangs_up_on_none() {
    let world = World::new(Database::Sqlite);
    talking(&world, 2);
    let look = Look { language: Language::English, theme: Theme::Dark, width: Width::Phone };
    let person = Person::arrive(&world, look);
    let browser = &person.browser;
    person.give_token(world.token(&["--scope", "read", "--numbers", "masked"]).token());
    browser.wait_for(".accounts a");
    person.go("/calls");
    browser.wait_until("two talk", || browser.texts("tr[data-call] .chip.open").len() == 2);
    browser.wait_for_text("tr[data-call]", "138****000");
    browser.wait_for_text("main", "may look and change nothing");
    assert!(!browser.has(".row-tools"));
    browser.check_accessibility("live calls on a phone");
    browser.screenshot("calls-phone");
    browser.assert_it_fits();
    // The menu of a phone leads there, for its tabs have no room for it.
    browser.click(".more");
    browser.wait_for("#menu a[href$='/calls'][aria-current=page]");
}

#[test]
fn a_call_is_hung_up_on_from_a_phone() {
    let world = World::new(Database::Sqlite);
    talking(&world, 1);
    let person = Person::sign_in(&world, Look { width: Width::Phone, ..Look::default() });
    let browser = &person.browser;
    person.go("/calls");
    browser.wait_for("tr[data-call] .chip.open");
    browser.check_accessibility("live calls on a phone, with their buttons");
    browser.screenshot("calls-phone");
    browser.assert_it_fits();
    browser.tap(".row-tools button");
    browser.tap("dialog .danger");
    browser.wait_for_text(".empty", "现在没有通话");
}

#[test]
fn a_bot_and_whoever_a_call_goes_on_to_are_named() {
    let world = World::new(Database::Sqlite);
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    // As the API would have it: a stand-in of one answer.
    let call: Value = json!({
        "record_id": "018f0000-0000-7000-8000-000000000001", "task_id": "018f0000-0000-7000-8000-000000000002",
        "task_name": "还款提醒", "phone": "13800001234", "state": "answered", "dialed_at": "2026-11-28 10:00:00",
        "ringing_at": null, "answered_at": "2026-11-28 10:00:05", "seconds": 65, "caller_id": "02161234567",
        "line_id": "018f0000-0000-7000-8000-000000000003", "script_id": 1, "simulated": false, "leg": null,
        "step": {"at": "2026-11-28T10:00:05+08:00", "step": 2, "label": "talk", "action": "bot"},
        "answerer": {"answered_by": "machine", "reason": "long_greeting", "after": 1504, "beep_after": null},
        "early_answerer": null, "bots": ["wss://bots.example.com/collect?secret=1", "wss://other.example.com/"],
    });
    let mut connected = call.clone();
    connected["record_id"] = json!("018f0000-0000-7000-8000-000000000004");
    connected["step"] = json!({
        "at": "2026-11-28T10:00:09+08:00", "step": null, "label": null, "action": "leave_message",
    });
    connected["answerer"] = Value::Null;
    connected["leg"] = json!({"target": "801", "state": "ringing"});
    let stand_in = "const real = window.fetch;
        window.fetch = (address, init) => String(address).includes('/call?')
            ? Promise.resolve(new Response(JSON.stringify({ status: 'success', code: 200, data: arguments[0],
                meta: { has_pages: false, total: 2, last_page: 1, current_page: 1, per_page: '20' } })))
            : real(address, init);";
    browser.script(stand_in, &[json!([call, connected])]);
    person.visit("calls");
    browser.wait_for_text("tr[data-call]", "bots.example.com/collect 等，另 1 个");
    browser.wait_for_text("tr[data-call]", "talk：机器人通话");
    assert!(browser.text("tr[data-call]").contains("机器"));
    browser.wait_for_text("tr[data-call]:last-child", "→ 801 振铃");
    browser.wait_for_text("tr[data-call]:last-child", "给机器留言");
    browser.wait_for_text("tr[data-call]", "01:0");
    assert!(!browser.text("main").contains("secret"));
    browser.expect_complaint("404");
}
