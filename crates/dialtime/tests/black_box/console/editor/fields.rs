//! The fields of a group: exact times, exceptions, a new group, and faults told where they are.

use serde_json::{Value, json};
use thirtyfour::Key;

use super::{CONFIRM, FRIDAY, MONDAY, SATURDAY, SAVE, THURSDAY, WEDNESDAY, change, window};
use crate::{
    console::{browser::Look, person::Person, setup::save_group},
    support::{Database, World},
};

#[test]
fn exact_times_are_written_and_a_day_is_copied_to_others() {
    let world = World::new(Database::Sqlite);
    let id = world.group("work");
    let person = Person::sign_in(&world, Look::default());
    person.edit(id);
    person.take("write");
    person.browser.fill("[aria-label='周一 第 1 段开始']", "8:07");
    person.browser.click("[aria-label='为周一添加时间段']");
    person.browser.fill("[aria-label='周一 第 2 段结束']", "24:00");
    person.expect_times(&[(MONDAY, "08:07-20:00 21:00-24:00")]);
    person.browser.click("[aria-label='复制到… 周一']");
    person.browser.wait_for("dialog[open]");
    assert_eq!(person.browser.script("return document.querySelectorAll('dialog :checked').length", &[]), 4);
    person.browser.click("dialog input[name='6']");
    person.browser.click(CONFIRM);
    let day = "08:07-20:00 21:00-24:00";
    person.expect_times(&[
        (MONDAY, day),
        (1, day),
        (WEDNESDAY, day),
        (THURSDAY, day),
        (FRIDAY, day),
        (SATURDAY, day),
    ]);
    person.browser.click("[aria-label='删除周六 08:07–20:00']");
    person.save();
    let stored = person.stored(id)["content"].clone();
    let week =
        |number: u8| stored.as_array().unwrap().iter().find(|day| day["week"] == number).unwrap().clone();
    assert_eq!(week(4)["times"], json!([window("08:07", "20:00"), window("21:00", "24:00")]));
    assert_eq!(week(6)["times"], json!([window("21:00", "24:00")]));
}

#[test]
fn a_new_group_is_made_with_all_it_can_have() {
    let world = World::new(Database::Sqlite);
    let person = Person::sign_in(&world, Look::default());
    person.browser.click(".head .primary");
    person.browser.wait_for("input[name=name]");
    person.browser.fill("input[name=name]", "the coast");
    person.browser.fill("input[name=timezone]", "America/New_York");
    person.browser.click("input[name=is_default]");
    person.browser.select("select[name=makeup_policy]", "as_workday");
    person.browser.select("select[name=beyond_horizon]", "closed");
    person.browser.script("document.querySelector('week-grid').scrollIntoView({block: 'center'})", &[]);
    person.drag_from((MONDAY, 9.1), (FRIDAY, 16.9));
    person.browser.click("exception-list header .button");
    person.browser.fill("[aria-label='第 1 项例外的名称']", "年会");
    person.browser.fill("[aria-label='第 1 项例外的首日']", "12-31");
    person.browser.fill("[aria-label='第 1 项例外的末日']", "12-31");
    person.browser.click("[aria-label='为年会添加时间段']");
    person.browser.fill("[aria-label='年会 第 1 段结束']", "12:00");
    person.save();
    person.browser.wait_for_text("h1", "the coast");
    let listed = world.client.get(&world.path("/dial-time-group"));
    let made = &listed.data()[0];
    let times = [window("09:00", "17:00")];
    let content: Value = (1..=5).map(|week| json!({"week": week, "times": times})).collect();
    for (field, value) in [
        ("name", json!("the coast")),
        ("timezone", json!("America/New_York")),
        ("is_default", json!(true)),
        ("skip_holiday", json!(true)),
        ("makeup_policy", json!("as_workday")),
        ("beyond_horizon", json!("closed")),
        ("content", content),
    ] {
        assert_eq!(made[field], value, "{field}");
    }
    let exception = json!({"name": "年会", "begin_date": "12-31", "end_date": "12-31", "times": [window("09:00", "12:00")]});
    assert_eq!(made["exceptions"], json!([exception]));
    let id = made["id"].as_i64().unwrap();
    assert!(person.browser.url().ends_with(&format!("/groups/{id}")));
}

#[test]
fn faults_are_told_at_their_fields_and_nothing_is_stored() {
    let world = World::new(Database::Sqlite);
    let content = json!([{"week": 1, "times": [window("08:00", "12:00")]}, {"week": 3, "times": [window("08:00", "12:00")]}]);
    let id = save_group(&world, "work", &content);
    let person = Person::sign_in(&world, Look::default());
    person.edit(id);
    person.take("write");
    person.browser.fill("[aria-label='周三 第 1 段结束']", "25:00");
    person.browser.fill("input[name=timezone]", "EST");
    person.browser.click("exception-list header .button");
    person.browser.fill("[aria-label='第 1 项例外的首日']", "2026-02-30");
    person.browser.expect_complaint("422");
    person.browser.click(SAVE);
    person.browser.wait_for_text("[role=alert]", "尚未保存");
    let message_at = |field: &str| {
        assert_eq!(person.browser.attribute(field, "aria-invalid").as_deref(), Some("true"), "{field}");
        let line = person.browser.attribute(field, "aria-describedby").unwrap();
        person.browser.text(&format!("#{line}"))
    };
    assert_eq!(message_at("[aria-label='周三 第 1 段结束']"), "时间必须在00:00到24:00之间");
    assert!(message_at("input[name=timezone]").contains("不能为缩写"));
    assert_eq!(message_at("[aria-label='第 1 项例外的首日']"), "日期不存在");
    person.browser.wait_until("the first fault has the focus", || {
        person.browser.has_focus("[aria-label='周三 第 1 段结束']")
    });
    assert!(!person.browser.has("[aria-label^='周一'][aria-invalid]"));
    assert_eq!(person.stored(id)["version"], 1);
    // Mended, it is saved.
    person.browser.fill("input[name=timezone]", "Asia/Tokyo");
    person.browser.fill("[aria-label='周三 第 1 段结束']", "13:00");
    person.browser.fill("[aria-label='第 1 项例外的首日']", "2026-02-28");
    person.browser.fill("[aria-label='第 1 项例外的末日']", "2026-02-28");
    person.save();
    assert!(!person.browser.has("[aria-invalid]"));
    assert_eq!(person.stored(id)["timezone"], "Asia/Tokyo");
}

#[test]
fn times_are_taken_as_people_type_them_and_what_is_none_is_marked_at_once() {
    let world = World::new(Database::Sqlite);
    let id = world.group("work");
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.edit(id);
    person.take("write");
    let begin = "week-times li:nth-child(1) input";
    for (typed, taken) in [("9", "09:00"), ("0815", "08:15"), (" 7:30 ", "07:30"), ("９：４５", "09:45")]
    {
        browser.fill(begin, typed);
        browser.keys(Key::Tab);
        browser.wait_until(taken, || browser.value(begin) == taken);
    }
    for none in ["25:00", "9:5", "noon"] {
        browser.fill(begin, none);
        browser.keys(Key::Tab);
        browser.wait_for_text("week-times .fault", "不是 00:00 至 24:00 的时间");
        assert_eq!(
            (browser.value(begin), browser.attribute(begin, "aria-invalid").as_deref()),
            (none.into(), Some("true"))
        );
        browser.fill(begin, "10:00");
        browser.keys(Key::Tab);
        browser.wait_gone("week-times .fault");
    }
    assert!(!browser.has(".banner.bad"), "nothing was refused");
}

#[test]
fn a_fault_is_told_until_its_field_has_changed() {
    let world = World::new(Database::Sqlite);
    let id = world.group("work");
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.edit(id);
    person.take("write");
    browser.fill("input[name=timezone]", "Mars/Base");
    browser.fill("week-times li:nth-child(1) input", "25:00");
    browser.expect_complaint("422");
    browser.click(SAVE);
    browser.wait_until("both faults are told", || browser.texts(".fault").len() == 2);
    browser.fill("week-times li:nth-child(1) input", "09:00");
    browser.keys(Key::Tab);
    browser.wait_until("the other stays", || browser.texts(".fault").len() == 1);
    assert!(browser.has(".banner.bad"));
    browser.fill("input[name=timezone]", "Europe/Paris");
    browser.keys(Key::Tab);
    browser.wait_gone(".banner.bad");
    assert!(!browser.has(".fault") && !browser.has("[aria-invalid]"));
}

/// Today in a zone.
fn today_in(zone: &str) -> String {
    let zone = jiff::tz::TimeZone::get(zone).unwrap();
    zone.to_datetime(crate::events::now()).date().to_string()
}

#[test]
fn a_new_exception_is_today_where_the_group_is_and_what_is_past_is_told() {
    let world = World::new(Database::Sqlite);
    let id = world.group("work");
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    // A first day of every year and a last day of one year do not go together.
    browser.expect_complaint("422");
    // Whatever time it is, it is another day in one of them than in the other, and than at Greenwich.
    for zone in ["Pacific/Kiritimati", "Pacific/Pago_Pago"] {
        change(&world, id, &json!({"name": "work", "timezone": zone, "exceptions": []}));
        person.go("/groups");
        browser.wait_for(".groups");
        person.edit(id);
        let before = today_in(zone);
        browser.click("exception-list header .button");
        let first = browser.value("[aria-label='第 1 项例外的首日']");
        assert!([before, today_in(zone)].contains(&first), "{first} is not today in {zone}");
        assert_eq!(browser.value("[aria-label='第 1 项例外的末日']"), first);
        browser.wait_for_text("exception-list + footer .zone", &format!("时间均为 {zone} 时间"));
        assert!(!browser.has(".past"));
        browser.fill("[aria-label='第 1 项例外的首日']", "2020-02-03");
        browser.keys(Key::Tab);
        browser.wait_for_text(".past", "这些日期已过去");
        browser.fill("[aria-label='第 1 项例外的末日']", "2199-02-03");
        browser.keys(Key::Tab);
        browser.wait_for_text(".past", "首日已过去");
        browser.fill("[aria-label='第 1 项例外的首日']", "02-03");
        browser.keys(Key::Tab);
        browser.wait_gone(".past");
        browser.click("[aria-label=撤销]");
        person.visit("groups");
        browser.click("dialog .danger");
        browser.wait_gone("dialog");
    }
    // Of a new group nobody has named the zone yet: it is the server's.
    person.go("/groups/new");
    browser.wait_for_text("exception-list + footer .zone", "时间均为 Asia/Shanghai 时间");
}

#[test]
fn a_second_click_removes_no_other_exception_or_window() {
    let world = World::new(Database::Sqlite);
    let content = json!([{"week": 1, "times": [window("08:00", "09:00"), window("10:00", "11:00"), window("12:00", "13:00")]}]);
    let id = save_group(&world, "work", &content);
    let days: Value = (1..=4)
        .map(|day| json!({"name": format!("e{day}"), "begin_date": format!("2199-01-0{day}"), "times": []}))
        .collect();
    change(&world, id, &json!({"name": "work", "exceptions": days}));
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.edit(id);
    person.take("write");
    browser.click_again_and_again("[aria-label='删除 e1']", 3);
    browser.wait_gone("[aria-label='删除 e1']");
    assert_eq!(browser.texts(".exceptions > li").len(), 3);
    assert!(browser.has_focus("exception-list header .button"));
    browser.click_again_and_again("[aria-label='删除周一 08:00–09:00']", 3);
    person.expect_times(&[(MONDAY, "10:00-11:00 12:00-13:00")]);
    assert!(browser.has_focus("[aria-label='为周一添加时间段']"));
}
