//! A group closed or opened for a while in its page: set, shown while it holds, ended by hand, and beside edits that are not saved.

use serde_json::{Value, json};
use thirtyfour::Key;

use super::{
    browser::{Language, Look, Theme, Width},
    person::Person,
    setup::stored_group,
};
use crate::support::{Database, World};

#[test]
fn a_person_closes_a_group_until_an_instant_and_ends_that() {
    let world = World::new(Database::Sqlite);
    let id = world.open_group();
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.go(&format!("/groups/{id}"));
    browser.wait_for_text(".head .state", "可呼叫");
    browser.click(".head .override");
    browser.wait_until("the form has the focus", || browser.has_focus("group-override input"));
    browser.check_accessibility("the override of a group");
    browser.screenshot("override-form");
    // A reason must be given, and an instant that is none is said where it stands.
    browser.click("group-override input[value=instant]");
    browser.fill("group-override input[name=until]", "2020-01-01 00:00");
    browser.click("group-override button[type=submit]");
    assert_eq!(stored_group(&world, id)["override"], Value::Null);
    browser.fill("group-override input[name=reason]", "消防演练");
    browser.expect_complaint("422");
    browser.click("group-override button[type=submit]");
    browser.wait_for("group-override input[name=until][aria-invalid=true]");
    browser.fill("group-override input[name=until]", "2199-01-01 08:00");
    browser.click("group-override button[type=submit]");
    for text in ["临时停呼，至 2199年1月1日周二 08:00。", "消防演练", "token，自 ", "Asia/Shanghai"]
    {
        browser.wait_for_text("group-override .banner", text);
    }
    browser.wait_for_text(".head .state", "已关闭");
    assert_eq!(stored_group(&world, id)["override"]["until"], "2199-01-01 08:00:00");
    browser.check_accessibility("a group that is overridden");
    browser.screenshot("override");
    browser.click("group-override .banner button");
    browser.wait_gone("group-override .banner");
    browser.wait_for_text(".head .state", "可呼叫");
    assert_eq!(stored_group(&world, id)["override"], Value::Null);
}

#[test]
fn an_override_until_the_next_change_keeps_the_edits_that_are_not_saved() {
    let world = World::new(Database::Sqlite);
    let id = world.group("mondays");
    let look = Look { language: Language::English, theme: Theme::Dark, width: Width::Phone };
    let person = Person::sign_in(&world, look);
    let browser = &person.browser;
    person.go(&format!("/groups/{id}"));
    browser.click(".segments button[value=write]");
    browser.fill("input[aria-label='Monday, window 1, end']", "19:00");
    browser.keys(Key::Tab);
    browser.wait_for_text(".savebar", "unsaved");
    browser.click(".head .override");
    browser.click("group-override input[value=open]");
    browser.fill("group-override input[name=reason]", "late shift");
    browser.click("group-override button[type=submit]");
    browser.wait_for_text("group-override .banner", "Open until ");
    browser.wait_for_text("group-override .banner", "late shift");
    browser.wait_for_text(".savebar", "unsaved");
    assert_eq!(browser.value("input[aria-label='Monday, window 1, end']"), "19:00");
    browser.assert_it_fits();
    browser.click(".savebar .primary");
    browser.wait_for_text("notice-line", "mondays is saved");
    let group = world.client.get(&world.path(&format!("/dial-time-group/{id}"))).data().clone();
    assert_eq!(
        (&group["content"][0]["times"][0]["end_time"], &group["override"]["state"]),
        (&json!("19:00"), &json!("open"))
    );
}

#[test]
fn what_someone_else_overrides_shows_and_a_token_that_only_reads_ends_nothing() {
    let world = World::new(Database::Sqlite);
    let id = world.open_group();
    let person = Person::arrive(&world, Look::default());
    person.give_token(world.token(&["--scope", "read"]).token());
    let browser = &person.browser;
    browser.wait_for(".accounts a");
    person.go(&format!("/groups/{id}"));
    browser.wait_for(".feed.open");
    browser.wait_for(".weeks");
    let over = json!({"state": "closed", "until": "2199-01-01 00:00:00", "reason": "演练"});
    world.client.put(&world.path(&format!("/dial-time-group/{id}/override")), &over).data();
    browser.wait_for_text("group-override .banner", "演练");
    assert!(!browser.has("group-override button") && !browser.has(".head .override"));
}
