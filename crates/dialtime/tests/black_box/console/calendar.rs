//! The calendar of a group as people see it.

use serde_json::{Value, json};

use super::{
    browser::{Browser, Look},
    person::Person,
    setup::save_group_with,
};
use crate::support::{Database, World, always};

#[track_caller]
fn save(world: &World, more: &Value) -> i64 {
    let mut fields = json!({"content": always()});
    fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    save_group_with(world, "work", &fields)
}

/// Asks by the form.
#[track_caller]
fn ask(browser: &Browser, date: &str, time: &str) {
    browser.fill("input[name=date]", date);
    browser.fill("input[name=time]", time);
    browser.click(".question button");
}

/// Shows the four weeks that begin on a day, by paging there as a person would.
#[track_caller]
fn page_to(browser: &Browser, date: &str) {
    let day = format!("[data-date='{date}']");
    for _ in 0..20 {
        if browser.has(&day) {
            return;
        }
        let first = browser.attribute(".calendar li", "data-date").unwrap();
        let turn = if first.as_str() < date { 3 } else { 1 };
        browser.click(&format!(".turning button:nth-child({turn})"));
        browser.wait_until("other weeks are shown", || {
            browser.attribute(".calendar li", "data-date").unwrap() != first
        });
    }
    panic!("{date} is not within twenty turns");
}

/// The wall-clock spans of a day.
#[track_caller]
fn spans(browser: &Browser, date: &str) -> String {
    let hidden = format!("[data-date='{date}'] .day-line .visually-hidden");
    browser
        .script("return document.querySelector(arguments[0]).textContent", &[json!(hidden)])
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn holidays_and_makeup_workdays_are_named() {
    let world = World::new(Database::Sqlite);
    let windows = json!([{"week": 1, "times": [{"begin_time": "08:00", "end_time": "20:00"}]}]);
    let id = save(&world, &json!({"content": windows, "skip_holiday": true, "makeup_policy": "as_workday"}));
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.go(&format!("/groups/{id}/calendar"));
    browser.wait_for(".answer");
    page_to(browser, "2026-10-10");
    let october = "[data-date='2026-10-10']";
    browser.wait_for_text(october, "调休上班 国庆节");
    let why = browser.script(
        "return document.querySelector(arguments[0]).textContent",
        &[json!(format!("{october} .tag"))],
    );
    assert!(why.as_str().unwrap().ends_with("2026-10-10为调休上班日（国庆节），按周一的呼叫时间段"), "{why}");
    browser.wait_for_text("main > .zone", "时间均为 Asia/Shanghai 时间。");
    assert_eq!(spans(browser, "2026-10-10"), "08:00–20:00");
    assert!(browser.attribute(&format!("{october} a"), "href").unwrap().starts_with("https://www.gov.cn/"));
    page_to(browser, "2026-10-05");
    browser.wait_for_text("[data-date='2026-10-05']", "节假日 国庆节");
    assert_eq!(spans(browser, "2026-10-05"), "全天不可呼叫");
    // A click on the day answers about that instant.
    let line = browser.point_in("[data-date='2026-10-05'] .day-line", 10.01 / 24.0, 0.5);
    browser.drag(&[line, line]);
    browser.wait_for_text(".answer", "10月5日周一 10:00（Asia/Shanghai）：不可呼叫");
    browser.wait_for_text(".answer", "2026-10-05为节假日（国庆节），不可呼叫");
    browser.wait_for_text(".answer", "10月10日周六 08:00 开放（Asia/Shanghai）");
    assert_eq!(browser.value("input[name=time]"), "10:00");
    // What the form asks is answered alike, of days that are not shown too.
    ask(browser, "2026-10-10", "12:30");
    browser.wait_for_text(".answer", "10月10日周六 12:30（Asia/Shanghai）：可以呼叫");
    browser.wait_for_text(".answer", "10月10日周六 20:00 关闭，10月12日周一 08:00 再次开放（Asia/Shanghai）");
    ask(browser, "2027-02-01", "12:00");
    browser.wait_for_text(".answer", "2027年2月1日周一 12:00（Asia/Shanghai）：可以呼叫");
    browser.wait_for_text(".answer .warning", "2026-12-31");
    ask(browser, "2026-02-30", "12:00");
    browser.wait_for_text(".answers .fault", "存在的日期");
    browser.assert_no_complaints();
}

#[test]
fn clock_changes_are_marked_and_their_hours_answered() {
    let world = World::new(Database::Sqlite);
    let night = json!([{"week": 0, "times": [{"begin_time": "01:30", "end_time": "03:15"}]}]);
    let id = save(&world, &json!({"content": night, "timezone": "America/New_York"}));
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.go(&format!("/groups/{id}/calendar"));
    browser.wait_for(".answer");
    // Spring: 02:00 to 03:00 is not there.
    page_to(browser, "2027-03-14");
    browser.wait_for_text("[data-date='2027-03-14'] .clock", "时钟由 02:00 拨快至 03:00");
    assert_eq!(spans(browser, "2027-03-14"), "01:30–02:00、03:00–03:15");
    ask(browser, "2027-03-14", "02:30");
    browser.wait_for_text(".answers", "这一时刻不存在");
    ask(browser, "2027-03-14", "03:00");
    browser.wait_for_text(".answer", "03:00（America/New_York）：可以呼叫");
    // Autumn: 01:00 to 02:00 comes twice, and both are answered.
    page_to(browser, "2026-11-01");
    browser.wait_for_text("[data-date='2026-11-01'] .clock", "时钟由 02:00 拨回至 01:00");
    ask(browser, "2026-11-01", "01:15");
    browser.wait_until("both are answered", || browser.texts(".answer").len() == 2);
    let answers = browser.texts(".answer");
    assert!(answers[0].contains("（America/New_York，UTC-04:00）：不可呼叫"), "{answers:?}");
    assert!(answers[1].contains("（America/New_York，UTC-05:00）：不可呼叫"), "{answers:?}");
    ask(browser, "2026-11-01", "01:45");
    browser.wait_until("both are allowed", || {
        let answers = browser.texts(".answer");
        answers.len() == 2 && answers.iter().all(|answer| answer.contains("可以呼叫"))
    });
    assert_eq!(spans(browser, "2026-11-01"), "01:30–02:00、01:30–03:15");
}

#[test]
fn the_calendar_begins_with_now_and_follows_edits() {
    let world = World::new(Database::Sqlite);
    let id = save(&world, &json!({}));
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.go(&format!("/groups/{id}/calendar"));
    browser.wait_for_text(".answer", "可以呼叫");
    browser.wait_for_text(".answer", "一直可呼叫");
    browser.wait_for_text(".calendar li:first-child", "今天");
    assert_eq!(browser.texts(".calendar li").len(), 28);
    let update = json!({"name": "closed for good", "content": []});
    world.client.put(&world.path(&format!("/dial-time-group/{id}")), &update).data();
    browser.wait_for_text("h1", "closed for good");
    browser.wait_for_text(".answer", "不可呼叫");
    browser.wait_until("no day is open", || !browser.has(".calendar .win"));
}
