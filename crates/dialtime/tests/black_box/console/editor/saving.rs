//! Saving: the look before it, what someone else saves or deletes meanwhile, and edits that must not be lost.

use rstest::rstest;
use serde_json::json;

use super::{CONFIRM, FRIDAY, MONDAY, SAVE, SUNDAY, change, window};
use crate::{
    console::{
        browser::{Look, Width},
        person::Person,
        setup::save_group,
    },
    support::{Database, World, always},
};

#[rstest]
#[case::stops(true)]
#[case::starts(false)]
fn before_saving_it_says_what_changes_and_which_tasks_would_stop_or_start(#[case] open: bool) {
    let world = World::new(Database::Sqlite);
    let id = save_group(&world, "work", &if open { always() } else { json!([]) });
    let task = world.new_task(id);
    world.client.put(&world.new_path(&format!("/task_start/{task}")), &json!({})).data();
    let person = Person::sign_in(&world, Look::default());
    person.edit(id);
    if open {
        person.take("erase");
    }
    person.drag_from((MONDAY, 0.1), (SUNDAY, 23.9));
    let (change, count, kind) = if open {
        ("删除 周日 00:00–24:00", "1 个任务将停止拨打", ".stopping")
    } else {
        ("新增 周日 00:00–24:00", "1 个任务将开始拨打", ".starting")
    };
    person.browser.wait_for_text(kind, count);
    person.browser.wait_for_text(kind, "task");
    let changes = person.browser.texts(".effects .changes li");
    assert_eq!((changes.len(), changes[6].contains(change)), (7, true), "{changes:?}");
    // Nothing is saved by looking.
    assert_eq!(person.stored(id)["version"], 1);
    person.save();
    let stored = person.stored(id);
    assert_eq!((&stored["version"], stored["content"] == json!([])), (&json!(2), open));
}

#[test]
fn what_someone_else_saves_meanwhile_is_shown_and_not_overwritten() {
    let world = World::new(Database::Sqlite);
    let id = world.group("work");
    let person = Person::sign_in(&world, Look::default());
    person.edit(id);
    // Nothing is edited yet: the page simply follows.
    change(&world, id, &json!({"name": "followed"}));
    person.browser.wait_for_text("h1", "followed");
    person.drag_from((FRIDAY, 9.1), (FRIDAY, 9.9));
    let monday = json!({"week": 1, "times": [window("08:00", "20:00")]});
    let theirs = json!({"week": 3, "times": [window("09:00", "11:00")]});
    let party = json!({"name": "party", "begin_date": "2026-12-31", "end_date": "2026-12-31", "times": []});
    let whole = json!({
        "name": "theirs", "skip_holiday": true, "content": [monday, theirs], "exceptions": [party],
    });
    change(&world, id, &whole);
    person.browser.wait_for_text(".banner h2", "第 3 版");
    let told = person.browser.texts(".banner .changes li").join("\n");
    for what in ["followed → theirs", "跳过法定节假日", "周三 09:00–11:00", "party 2026-12-31 全天不可呼叫"]
    {
        assert!(told.contains(what), "{told}");
    }
    // It cannot be saved before a choice.
    person.browser.wait_for_text(".savebar", "新的版本");
    assert!(person.browser.has(&format!("{SAVE}:disabled")));
    person.browser.click(".banner .primary");
    person.browser.wait_gone(".banner");
    assert_eq!(person.browser.value("input[name=name]"), "theirs");
    person.save();
    let stored = person.stored(id);
    assert_eq!(
        (&stored["name"], &stored["skip_holiday"], &stored["version"]),
        (&json!("theirs"), &json!(true), &json!(4))
    );
    let mine = json!({"week": 5, "times": [window("09:00", "10:00")]});
    assert_eq!((&stored["content"], &stored["exceptions"][0]), (&json!([monday, theirs, mine]), &party));
}

#[test]
fn a_save_that_comes_too_late_is_refused_and_the_newer_version_shown() {
    let world = World::new(Database::Sqlite);
    let id = world.group("work");
    let person = Person::sign_in(&world, Look::default());
    // The page hears of nothing: only the server can know.
    person.browser.hold_requests("*/events*");
    person.browser.script("location.hash = '#/'", &[]);
    person.browser.wait_for(".accounts a");
    person.edit(id);
    person.drag_from((FRIDAY, 9.1), (FRIDAY, 9.9));
    person.browser.wait_for(".effects .no-effect");
    change(&world, id, &json!({"name": "theirs", "content": []}));
    person.browser.expect_complaint("412");
    person.browser.click(SAVE);
    person.browser.wait_for_text(".banner h2", "第 2 版");
    assert_eq!(person.stored(id)["content"], json!([]));
    person.browser.click(".banner .actions button:not(.primary)");
    person.expect_times(&[]);
    assert_eq!(person.browser.value("input[name=name]"), "theirs");
    person.browser.release_requests();
}

#[test]
fn edits_are_not_lost_by_leaving() {
    let world = World::new(Database::Sqlite);
    let id = world.group("work");
    let person = Person::sign_in(&world, Look::default());
    person.edit(id);
    person.drag_from((FRIDAY, 9.1), (FRIDAY, 9.9));
    let here = person.browser.url();
    person.visit("tasks");
    person.browser.wait_for("dialog[open]");
    person.browser.click(CONFIRM);
    person.browser.wait_gone("dialog");
    assert_eq!(person.browser.url(), here);
    person.expect_times(&[(MONDAY, "08:00-20:00"), (FRIDAY, "09:00-10:00")]);
    // Nor by another language.
    person.choose("en");
    person.browser.wait_for_text("h2", "Weekly windows");
    person.browser.wait_for(".piece[aria-label^='Friday']");
    person.expect_times(&[(MONDAY, "08:00-20:00"), (FRIDAY, "09:00-10:00")]);
    person.visit("tasks");
    person.browser.click("dialog .danger");
    person.browser.wait_for_text("h1", "Tasks");
    // Nor by signing out.
    person.edit(id);
    person.drag_from((FRIDAY, 9.1), (FRIDAY, 9.9));
    person.sign_out();
    person.browser.click(CONFIRM);
    person.browser.wait_gone("dialog");
    person.expect_times(&[(MONDAY, "08:00-20:00"), (FRIDAY, "09:00-10:00")]);
    person.sign_out();
    person.browser.click("dialog .danger");
    person.browser.wait_for("input[name=token]");
    person.give_token(world.client.token());
    // Without edits nobody asks.
    person.browser.wait_for_text("h1", "work");
    person.visit("tasks");
    person.browser.wait_for_text("h1", "Tasks");
}

#[test]
fn a_group_that_is_gone_is_told() {
    let world = World::new(Database::Sqlite);
    let id = world.group("work");
    let person = Person::sign_in(&world, Look::default());
    person.edit(id);
    person.browser.expect_complaint("404");
    person.browser.expect_complaint("422");
    world.client.delete(&world.path(&format!("/dial-time-group/{id}"))).data();
    person.browser.wait_for_text("h1", "不存在");
    for page in ["/groups/999999", "/groups/999999/calendar", "/groups/abc", "/groups/-1/calendar"] {
        person.go("/groups");
        person.browser.wait_for_text("h1", "呼叫时间组");
        person.go(page);
        person.browser.wait_for_text("h1", "不存在");
    }
    let other = world.group("other");
    person.go(&format!("/groups/{other}/calendar"));
    person.browser.wait_for_text("h1", "other");
    world.client.delete(&world.path(&format!("/dial-time-group/{other}"))).data();
    person.browser.wait_for_text("h1", "不存在");
}

#[test]
fn edits_of_a_group_that_someone_else_deleted_can_become_a_new_one() {
    let world = World::new(Database::Sqlite);
    let id = world.group("work");
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.edit(id);
    person.drag_from((FRIDAY, 9.1), (FRIDAY, 9.9));
    browser.expect_complaint("404");
    world.client.delete(&world.path(&format!("/dial-time-group/{id}"))).data();
    browser.wait_for_text(".banner", "其他人已删除");
    browser.wait_for(".effects [aria-busy=false]");
    browser.click(SAVE);
    browser.wait_for_text(".notice", "已保存");
    browser.wait_gone(".banner");
    let groups = world.client.get(&world.path("/dial-time-group"));
    let saved = &groups.data()[0];
    assert_eq!((&saved["name"], saved["content"].as_array().unwrap().len()), (&json!("work"), 2));
    assert!(browser.url().ends_with(&format!("/groups/{}", saved["id"])));
}

#[test]
fn a_group_that_could_not_be_had_comes_when_the_server_is_there_again() {
    let world = World::new(Database::Sqlite);
    let id = world.group("work");
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    browser.offline(true);
    person.go(&format!("/groups/{id}"));
    browser.wait_for(".notice.bad");
    browser.wait_for("main .bones");
    browser.offline(false);
    browser.be_seen(false);
    browser.be_seen(true);
    browser.wait_for_text("h1", "work");
    browser.expect_complaint("ERR_INTERNET_DISCONNECTED");
}

#[test]
fn what_someone_else_saves_is_in_sight_wherever_one_is_and_the_focus_stays() {
    let world = World::new(Database::Sqlite);
    let id = world.group("work");
    for width in [Width::Wide, Width::Phone] {
        let person = Person::sign_in(&world, Look { width, ..Look::default() });
        let browser = &person.browser;
        person.edit(id);
        browser.click("exception-list header .button");
        browser.fill("[aria-label='第 1 项例外的名称']", "party");
        browser.script("scrollTo(0, document.documentElement.scrollHeight)", &[]);
        change(&world, id, &json!({"name": "theirs"}));
        browser.wait_for(".banner");
        let seen =
            "const { top, bottom } = document.querySelector('.banner .primary').getBoundingClientRect();
            return top >= 0 && bottom <= innerHeight;";
        browser.wait_until("the choice is in sight", || browser.script(seen, &[]) == true);
        assert!(browser.has_focus("[aria-label='第 1 项例外的名称']"));
        browser.screenshot("newer-version-far-down");
        browser.click(".banner .primary");
        browser.wait_gone(".banner");
        browser.wait_until("the focus is not lost", || browser.has_focus("main h1"));
        change(&world, id, &json!({"name": "work"}));
    }
}

#[test]
fn the_focus_stays_near_what_was_saved_and_goes_to_the_choice_when_it_was_too_late() {
    let world = World::new(Database::Sqlite);
    let id = world.group("work");
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.edit(id);
    browser.fill("input[name=name]", "mine");
    person.save();
    browser.wait_until("the focus is on the bar", || browser.has_focus(".savebar"));
    browser.wait_for_text("notice-line [role=status]", "已保存 mine");
    // A field keeps it when someone else's version is shown.
    person.take("write");
    browser.script("document.querySelector('week-times input').focus()", &[]);
    change(&world, id, &json!({"name": "theirs"}));
    browser.wait_for_text("h1", "theirs");
    assert!(browser.has_focus("week-times li:first-child input"));
    // The page hears of nothing: only the server can know.
    browser.hold_requests("*/events*");
    browser.script("location.hash = '#/'", &[]);
    browser.wait_for(".accounts a");
    person.edit(id);
    person.drag_from((FRIDAY, 9.1), (FRIDAY, 9.9));
    browser.wait_for(".effects .no-effect");
    change(&world, id, &json!({"name": "again"}));
    browser.expect_complaint("412");
    browser.click(SAVE);
    browser.wait_until("the choice has the focus", || browser.has_focus(".banner"));
    browser.release_requests();
}
