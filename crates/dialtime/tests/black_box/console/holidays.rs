//! Holiday calendars: shown before they are stored, changed day by day, followed at an address and deleted.

use serde_json::{Value, json};

use super::{
    browser::{Browser, Language, Look, Theme, Width},
    imports::drop_file,
    person::Person,
};
use crate::{
    account_calendars::REPEATED,
    support::{Database, World, group},
};

const FILE: &str = "date,name,kind\n2027-05-20,司庆,放假\n2027-05-23,司庆,补班\n2027-12-31,x,observance\n";

/// The account's own calendars.
fn own(world: &World) -> Vec<Value> {
    let all = world.client.get(&world.path("/holiday-calendar")).data().as_array().unwrap().clone();
    all.into_iter().filter(|calendar| calendar["account_id"].is_string()).collect()
}

/// Goes to where a file makes a new calendar.
fn begin_import(person: &Person<'_>) {
    let browser = &person.browser;
    person.visit("calendars");
    browser.wait_for_text("tr[data-calendar=CN]", "预置");
    browser.click(".head .primary");
    browser.wait_for(".drop");
}

#[test]
fn a_calendar_is_shown_before_it_is_stored_changed_and_deleted() {
    let world = World::at(Database::Sqlite, "2027-05-01T10:00:00+08:00");
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    begin_import(&person);
    browser.expect_complaint("422");
    // What is not understood is asked, and nothing is stored before.
    drop_file(
        browser,
        "假期.csv",
        &format!("{FILE}2027-06-05,值班,\n2027-06-06,值班,\n2027-06-12,轮流值班,\n"),
    );
    browser.wait_for_text("holiday-file .fault", "看不懂");
    browser.select("holiday-file select[name=unclear]", "leave_out");
    browser.wait_for_text("[data-figure=makeupWorkdays]", "1");
    // What it was stays in sight, with what it is taken for.
    // Those that say the same stand together.
    browser.wait_for_text("holiday-file .unclear", "看不懂的条目：3 个");
    assert_eq!(
        browser.texts("holiday-file .unclear li"),
        ["值班：不导入\n2027-06-05 line 5、2027-06-06 line 6", "轮流值班：不导入\n2027-06-12 line 7"]
    );
    browser.wait_for_text("holiday-file .unclear", "一个文件只能选一种");
    browser.wait_for_text("holiday-file .rules", "值班");
    browser.wait_for_text("table.changes", "2027-05-23 周日");
    assert_eq!(own(&world), Vec::<Value>::new());
    browser.check_accessibility("a holiday calendar before it is stored");
    browser.screenshot("holiday-file");
    browser.fill("holiday-file input[name=name]", "公司");
    browser.click("holiday-file form .primary");
    browser.wait_for_text("h1", "公司");
    assert_eq!(own(&world)[0]["days"].as_array().unwrap().len(), 3);

    days_in_question_are_decided(browser);
    days_are_changed(browser);
    it_stays_while_it_is_followed(&world, browser);
}

#[test]
fn years_with_repeating_days_alone_are_said_before_they_are_stored() {
    let world = World::at(Database::Sqlite, "2027-05-01T10:00:00+08:00");
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    begin_import(&person);
    drop_file(browser, "holidays.ics", REPEATED);
    browser.wait_for_text("holiday-file .only-repeated", "2028");
    browser.check_accessibility("a file that may lack holidays");
    browser.fill("holiday-file input[name=known_until]", "2027-12-31");
    browser.keys("\t");
    browser.wait_for_text("[data-figure=knownUntil]", "2027-12-31");
    assert_eq!(browser.texts("holiday-file .only-repeated"), [""; 0]);
}

/// What was left out, for nobody understood it, is decided day by day.
fn days_in_question_are_decided(browser: &Browser) {
    browser.wait_for_text(".undecided .chip", "3");
    browser.check_accessibility("days in question");
    browser.screenshot("holiday-undecided");
    browser.click("button[aria-label='确定 2027-06-06']");
    browser.wait_until("the form has the focus", || browser.has_focus(".day-form select[name=kind]"));
    assert_eq!(browser.value(".day-form input[name=date]"), "2027-06-06");
    assert_eq!(browser.value(".day-form input[name=name]"), "值班");
    browser.select(".day-form select[name=kind]", "makeup_workday");
    browser.click(".day-form .primary");
    browser.wait_for_text("tr[data-day='2027-06-06']", "调休上班");
    browser.wait_for_text(".undecided .chip", "2");
    browser.click("tr[data-day='2027-06-06'] .row-tools button:last-child");
    browser.wait_gone("tr[data-day='2027-06-06']");
}

/// A day is set, edited and removed.
fn days_are_changed(browser: &Browser) {
    let rows = || browser.texts("tr[data-day]");
    browser.wait_until("its days are there", || rows().len() == 3);
    browser.fill(".day-form input[name=date]", "2027-06-01");
    browser.select(".day-form select[name=kind]", "half_day");
    browser.fill(".day-form input[name=name]", "年会");
    browser.click(".day-form .primary");
    browser.wait_for_text("tr[data-day='2027-06-01']", "09:00–12:00");
    browser.click("tr[data-day='2027-06-01'] .row-tools button:first-child");
    browser.fill(".day-form input[name=name]", "半天");
    browser.click(".day-form .primary");
    browser.wait_for_text("tr[data-day='2027-06-01']", "半天");
    browser.check_accessibility("a holiday calendar");
    browser.screenshot("holiday-calendar");
    browser.click("tr[data-day='2027-06-01'] .row-tools button:last-child");
    browser.wait_until("the day is gone", || rows().len() == 3);
}

/// Followed, a calendar is not deleted, and it is said by whom.
fn it_stays_while_it_is_followed(world: &World, browser: &Browser) {
    let id = own(world)[0]["id"].as_str().unwrap().to_owned();
    let mut body = group("follows");
    body["holiday_calendar"] = json!(id);
    let made = world.client.post(&world.path("/dial-time-group"), &body).data()["id"].clone();
    browser.click(".head .delete");
    browser.expect_complaint("409");
    browser.click("dialog .danger");
    browser.wait_for_text("dialog [role=alert] + ul", "follows");
    browser.click("dialog .actions button:first-child");
    browser.wait_gone("dialog");
    assert_eq!(world.client.delete(&world.path(&format!("/dial-time-group/{made}"))).status, 200);
    browser.click(".head .delete");
    browser.click("dialog .danger");
    browser.wait_for("tr[data-calendar=CN]");
    assert_eq!(own(world), Vec::<Value>::new());
}

#[test]
fn an_address_that_fails_is_said_beside_the_days_that_stand() {
    let world = World::at(Database::Sqlite, "2027-05-01T10:00:00+08:00");
    let kind = [("Content-Type", "text/csv")];
    world.client.upload("POST", &world.path("/holiday-calendar?name=Company"), &kind, FILE.as_bytes()).data();
    let look = Look { language: Language::English, theme: Theme::Dark, width: Width::Phone };
    let person = Person::sign_in(&world, look);
    let browser = &person.browser;
    let id = own(&world)[0]["id"].as_str().unwrap().to_owned();
    person.go(&format!("/calendars/{id}"));
    browser.wait_for_text("tr[data-day='2027-05-20']", "Day off");
    browser.fill(".feed-form input[name=url]", "http://localhost:9/x.ics");
    browser.select(".feed-form select[name=unclear]", "observance");
    browser.click(".feed-form .primary");
    browser.wait_for_text(".feed-form .chip.bad", "The address is not public");
    browser.wait_for_text(".feed-form dd.unclear", "Observances");
    assert_eq!(own(&world)[0]["feed"]["unclear"], "observance");
    browser.wait_for_text(".feed-form .facts", "failing since 2027-05-01");
    assert_eq!(browser.texts("tr[data-day]").len(), 3);
    browser.check_accessibility("a holiday calendar whose address fails");
    browser.screenshot("holiday-feed");
    browser.assert_it_fits();
    browser.click(".feed-form footer .button:first-child");
    browser.wait_gone(".feed-form .chip");
    assert_eq!(own(&world)[0]["feed"], Value::Null);
}
