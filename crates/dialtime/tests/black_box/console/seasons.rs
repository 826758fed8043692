//! The seasons of a group: added, edited with the editor of the week, put in order, removed.

use serde_json::{Value, json};

use super::{
    browser::{Language, Look, Theme, Width},
    person::Person,
    setup::stored_group,
};
use crate::support::{Database, World, group};

fn week(end: &str) -> Value {
    json!([{"week": 1, "times": [{"begin_time": "08:00", "end_time": end}]}])
}

#[test]
fn seasons_are_added_and_their_weeks_are_edited_as_the_groups_own() {
    let world = World::new(Database::Sqlite);
    let id = world.group("mondays");
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.go(&format!("/groups/{id}"));
    browser.click("season-list header .button");
    // Its week begins as the group's, and is in the editor at once.
    browser.wait_for_text("#week-title", "季节 1 的一周");
    browser.write("season-list input[name=name]", "夏令");
    browser.write("season-list input[name=begin_date]", "06-01");
    // Both days are of every year at once, or there would be nothing to look at until the second is written.
    assert_eq!(browser.value("season-list input[name=end_date]").len(), "MM-DD".len());
    browser.write("season-list input[name=end_date]", "08-31");
    browser.click(".segments button[value=write]");
    browser.write("week-times input[aria-label='周一 第 1 段结束']", "14:00");
    browser.wait_for_text(".effects .changes", "季节 夏令 06-01 – 08-31");
    browser.check_accessibility("a season in the editor");
    browser.screenshot("season");
    browser.click(".savebar .primary");
    browser.wait_for_text("notice-line", "已保存");
    let saved =
        json!([{"name": "夏令", "begin_date": "06-01", "end_date": "08-31", "content": week("14:00")}]);
    assert_eq!(stored_group(&world, id)["seasons"], saved);
    // The group's own week is as it was.
    browser.click("#week-title + button");
    browser.wait_for_text("#week-title", "每周时间段");
    assert_eq!(browser.value("week-times input[aria-label='周一 第 1 段结束']"), "20:00");
}

#[test]
fn of_seasons_the_first_wins_and_they_are_put_in_order_corrected_and_removed() {
    let world = World::new(Database::Sqlite);
    let mut body = group("work");
    let season = |name: &str| json!({"name": name, "begin_date": "06-01", "end_date": "08-31", "content": week("14:00")});
    body["seasons"] = json!([season("first"), season("second")]);
    let id = world.client.post(&world.path("/dial-time-group"), &body).data()["id"].as_i64().unwrap();
    let person = Person::sign_in(
        &world,
        Look { language: Language::English, theme: Theme::Dark, width: Width::Phone },
    );
    let browser = &person.browser;
    person.go(&format!("/groups/{id}"));
    browser.click("season-list button[aria-label='Put second earlier']");
    browser.wait_for_text(".effects .changes", "Another order of seasons");
    // Every second week, from a day that is none.
    browser.click("li[data-season='0'] .name");
    browser.select("li[data-season='0'] select", "weeks");
    browser.write("li[data-season='0'] input[name=anchor_date]", "2026-02-30");
    browser.expect_complaint("422");
    browser.click(".savebar .primary");
    browser.wait_for("li[data-season='0'] input[name=anchor_date][aria-invalid=true]");
    browser.write("li[data-season='0'] input[name=anchor_date]", "2026-12-05");
    browser.write("li[data-season='0'] input[name=every_weeks]", "2");
    browser.click(".savebar .primary");
    browser.wait_for_text("notice-line", "work is saved");
    let every =
        json!({"name": "second", "every_weeks": 2, "anchor_date": "2026-12-05", "content": week("14:00")});
    assert_eq!(stored_group(&world, id)["seasons"], json!([every, season("first")]));
    browser.click("season-list button[aria-label='Remove first']");
    browser.click(".savebar .primary");
    browser.wait_until("it is removed", || stored_group(&world, id)["seasons"] == json!([every]));
    browser.assert_it_fits();
}
