//! Exceptions of every kind, from a file too, and what a group does on holidays.

use serde_json::json;

use super::{
    browser::{Browser, Language, Look, Theme, Width},
    imports::drop_file,
    person::Person,
    setup::stored_group,
};
use crate::support::{Database, World};

/// Adds an exception with this name; the fields of the last are those that are written next.
fn add(browser: &Browser, number: usize, name: &str) -> String {
    browser.click("exception-list header .button");
    let row = format!("exception-list .exceptions > li:nth-child({number})");
    browser.write(&format!("{row} input[name=name]"), name);
    row
}

fn save(browser: &Browser) {
    browser.wait_for(".effects [aria-busy=false]");
    browser.click(".savebar .primary");
    browser.wait_for_text("notice-line", "已保存");
}

#[test]
fn exceptions_are_about_days_of_every_kind_and_do_what_is_chosen() {
    let world = World::at(Database::Sqlite, "2027-05-10T10:00:00+08:00");
    let id = world.group("work");
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.go(&format!("/groups/{id}"));
    for (number, on) in
        ["holiday", "makeup_workday", "day_before_holiday", "first_workday", "last_workday", "nth_weekday"]
            .iter()
            .enumerate()
    {
        let row = add(browser, number + 1, on);
        browser.select(&format!("{row} select[name=on]"), on);
    }
    let last = "exception-list .exceptions > li:nth-child(6)";
    browser.select(&format!("{last} select[name=nth]"), "-1");
    browser.select(&format!("{last} select[name=week]"), "6");
    browser.select(&format!("{last} select[name=month]"), "12");
    browser.select(&format!("{last} select[name=effect]"), "close");
    // A range of every year.
    let yearly = add(browser, 7, "yearly");
    browser.write(&format!("{yearly} input[name=begin_date]"), "12-20");
    browser.write(&format!("{yearly} input[name=end_date]"), "01-05");
    browser.select(&format!("{yearly} select[name=effect]"), "only");
    // Without times that would mean nothing: it has some to begin with.
    browser.check_accessibility("exceptions of every kind");
    browser.screenshot("exceptions");
    save(browser);
    let exceptions = stored_group(&world, id)["exceptions"].clone();
    let on: Vec<&str> = (0..6).map(|index| exceptions[index]["on"].as_str().unwrap()).collect();
    assert_eq!(
        on,
        ["holiday", "makeup_workday", "day_before_holiday", "first_workday", "last_workday", "nth_weekday"]
    );
    assert!((0..6).all(|index| exceptions[index].get("begin_date").is_none()), "{exceptions}");
    let nth = json!({"name": "nth_weekday", "effect": "close", "on": "nth_weekday", "week": 6, "nth": -1, "month": 12, "times": []});
    assert_eq!(exceptions[5], nth);
    let times = json!([{"begin_time": "09:00", "end_time": "11:00"}]);
    let range = json!({"name": "yearly", "effect": "only", "begin_date": "12-20", "end_date": "01-05", "times": times});
    assert_eq!(exceptions[6], range);
}

#[test]
fn a_group_follows_several_calendars_and_has_windows_of_its_own_on_days_off() {
    let world = World::new(Database::Sqlite);
    let id = world.group("work");
    let kind = [("Content-Type", "text/csv")];
    let file = "date,name,kind\n2027-05-20,司庆,放假\n";
    let made =
        world.client.upload("POST", &world.path("/holiday-calendar?name=公司"), &kind, file.as_bytes());
    let calendar = made.data()["id"].as_str().unwrap().to_owned();
    let body = json!({"name": "work", "skip_holiday": true});
    world.client.put(&world.path(&format!("/dial-time-group/{id}")), &body).data();
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.go(&format!("/groups/{id}"));
    browser.click("group-settings header .button");
    browser.click(&format!("group-settings input[value='{calendar}']"));
    browser.wait_for_text("group-settings", "任一日历中的休息日都算休息日");
    browser.select("select[name=holiday_policy]", "own_windows");
    browser.click(".holiday-windows .add-window");
    browser.write("input[aria-label='休息日 第 1 段开始']", "10");
    browser.write("input[aria-label='休息日 第 1 段结束']", "9:5");
    browser.wait_for(".holiday-windows [aria-invalid=true]");
    browser.write("input[aria-label='休息日 第 1 段结束']", "12");
    browser.wait_for_text(".effects .changes", "10:00–12:00");
    browser.wait_for_text(".effects .changes", "CN、公司");
    browser.check_accessibility("the holidays of a group");
    browser.screenshot("holiday-windows");
    save(browser);
    let group = stored_group(&world, id);
    assert_eq!(group["holiday_calendars"], json!(["CN", calendar]));
    assert_eq!(group["holiday_windows"], json!([{"begin_time": "10:00", "end_time": "12:00"}]));
    assert_eq!(group["holiday_policy"], "own_windows");
    // It must follow one.
    for value in ["CN", &calendar] {
        browser.click(&format!("group-settings input[value='{value}']"));
    }
    browser.expect_complaint("422");
    browser.click(".savebar .primary");
    browser.wait_for("group-settings .fault");
    assert_eq!(stored_group(&world, id)["version"], group["version"]);
}

const EVENTS: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n\
    BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:fair\r\nDTSTART:20270520T090000\r\nDTEND:20270520T110000\r\nEND:VEVENT\r\n\
    BEGIN:VEVENT\r\nUID:2\r\nSUMMARY:outing\r\nDTSTART;VALUE=DATE:20270521\r\nDTEND;VALUE=DATE:20270522\r\nEND:VEVENT\r\n\
    END:VCALENDAR\r\n";

#[test]
fn timed_events_of_a_file_are_shown_and_taken_into_the_draft() {
    let world = World::at(Database::Sqlite, "2027-05-10T10:00:00+08:00");
    let id = world.group("work");
    let look = Look { language: Language::English, theme: Theme::Dark, width: Width::Phone };
    let person = Person::sign_in(&world, look);
    let browser = &person.browser;
    person.go(&format!("/groups/{id}"));
    browser.click("exception-list .import");
    browser.wait_for("event-file .drop");
    drop_file(browser, "team.ics", EVENTS);
    browser.wait_for_text("event-file .taken", "fair");
    browser.wait_for_text("event-file .left-out", "a whole day");
    browser.select("event-file select[name=event-effect]", "add");
    browser.wait_for_text("event-file .taken", "adds windows");
    browser.check_accessibility("events before they are taken");
    browser.screenshot("events");
    browser.assert_it_fits();
    browser.click("event-file .take");
    browser.wait_for_text("exception-list .exceptions", "fair");
    assert_eq!(stored_group(&world, id)["exceptions"], json!([]), "it is in the draft only");
    browser.wait_for(".effects [aria-busy=false]");
    browser.click(".savebar .primary");
    browser.wait_for_text("notice-line", "is saved");
    let times = json!([{"begin_time": "09:00", "end_time": "11:00"}]);
    let fair = json!([{"name": "fair", "effect": "add", "begin_date": "2027-05-20", "end_date": "2027-05-20", "times": times}]);
    assert_eq!(stored_group(&world, id)["exceptions"], fair);
    // Times are moved to the zone that the group has there: one that is another in the draft is said before a file is chosen.
    browser.click("group-settings header .button");
    browser.write("group-settings input[name=timezone]", "Europe/Berlin");
    browser.wait_for_text("exception-list .obstacle", "The time zone is changed: save the group first");
    assert!(!browser.has("event-file .drop"));
    browser.write("group-settings input[name=timezone]", "Asia/Shanghai");
    // What is no calendar is said where it stands.
    browser.expect_complaint("422");
    drop_file(browser, "note.txt", "hello");
    browser.wait_for("event-file [role=alert]");
}

#[test]
fn events_of_a_group_that_is_not_saved_are_not_asked_for() {
    let world = World::new(Database::Sqlite);
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.go("/groups/new");
    browser.click("exception-list .import");
    browser.wait_for_text("exception-list .obstacle", "请先保存时间组，再选择文件");
    assert!(!browser.has("event-file .drop"));
    browser.fill("group-settings input[name=name]", "work");
    browser.wait_for(".effects [aria-busy=false]");
    browser.click(".savebar .primary");
    browser.wait_for_text("notice-line", "已保存");
    browser.click("exception-list .import");
    browser.wait_for("event-file .drop");
}
