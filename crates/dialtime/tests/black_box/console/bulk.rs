//! Many groups or tasks at once: ticked over pages, looked at before it is done, all or nothing, and undone.

use serde_json::json;

use super::{
    browser::{Browser, Language, Look, Theme, Width},
    clicks::Clicks,
    person::Person,
    setup::{save_group, started_task, stored_group},
};
use crate::support::{Database, World, always};

/// How often something of the API was asked for in this way.
fn asked(browser: &Browser, address: &str) -> u64 {
    let count = "return performance.getEntriesByType('resource').filter(({name}) => name.endsWith(arguments[0])).length";
    browser.script(count, &[json!(address)]).as_u64().unwrap()
}

#[test]
fn forty_two_groups_are_closed_tomorrow_afternoon_in_eight_clicks_at_most_and_in_one_request() {
    let world = World::at(Database::Sqlite, "2027-05-10T10:00:00+08:00");
    let ids: Vec<i64> = (1..=42).map(|number| save_group(&world, &format!("g{number}"), &always())).collect();
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    browser.wait_for_text(".pager", "第 1 / 3 页");
    let clicks = Clicks::count(browser);
    clicks.click("thead input");
    clicks.click(".bulk .all");
    browser.wait_for_text(".bulk", "已选 42 项");
    assert!(!browser.has(".bulk .all"), "these are all");
    clicks.click(".bulk .exception");
    clicks.write("dialog input[name=name]", "团建");
    clicks.write("dialog input[name=begin_date]", "2027-05-11");
    clicks.write("dialog input[name=begin_time]", "12");
    clicks.write("dialog input[name=end_time]", "18");
    // What it means stands there before it is done.
    browser.wait_for_text(".bulk-effects", "明天 12:00–18:00");
    browser.wait_for_text(".bulk-effects[aria-busy=false]", "等 42 个时间组");
    assert!(ids.iter().all(|id| stored_group(&world, *id)["exceptions"] == json!([])), "nothing is stored");
    browser.check_accessibility("an exception for many groups");
    browser.screenshot("bulk-exception");
    clicks.click("dialog .primary");
    browser.wait_for_text("notice-line", "已为 42 个时间组加例外“团建”");
    assert!(clicks.made() <= 8, "{} clicks", clicks.made());
    assert_eq!(asked(browser, "/bulk/exception"), 1);
    let times = json!([{"begin_time": "12:00", "end_time": "18:00"}]);
    let outing = json!([{"name": "团建", "effect": "close", "begin_date": "2027-05-11", "end_date": "2027-05-11", "times": times}]);
    assert!(ids.iter().all(|id| stored_group(&world, *id)["exceptions"] == outing));
    browser.click(".bulk .undo");
    browser.wait_for_text("notice-line", "已撤销 42 项改动");
    assert!(ids.iter().all(|id| stored_group(&world, *id)["exceptions"] == json!([])));
}

#[test]
fn where_one_group_is_gone_none_is_changed() {
    let world = World::new(Database::Sqlite);
    let (stays, goes) = (save_group(&world, "stays", &always()), save_group(&world, "goes", &always()));
    started_task(&world, "calls", stays);
    let person = Person::sign_in(&world, Look { language: Language::English, ..Look::default() });
    let browser = &person.browser;
    browser.click("thead input");
    browser.click(".bulk .button");
    browser.fill("dialog input[name=name]", "fair");
    browser.wait_for_text(".bulk-effects .stopping", "calls");
    // Gone without the page having heard of it.
    browser.script("document.querySelector('groups-page').feed.close()", &[]);
    world.client.delete(&world.path(&format!("/dial-time-group/{goes}"))).data();
    browser.expect_complaint("422");
    browser.click("dialog .primary");
    browser.wait_for_text("dialog [role=alert]", "group_ids");
    assert_eq!(stored_group(&world, stays)["exceptions"], json!([]));
}

#[test]
fn tasks_are_paused_and_moved_together_and_it_is_undone() {
    let world = World::new(Database::Sqlite);
    let (day, night) = (save_group(&world, "day", &always()), save_group(&world, "night", &always()));
    let never = save_group(&world, "never", &json!([]));
    let tasks = [("one", day), ("two", night)].map(|(name, group)| started_task(&world, name, group));
    let paused = world.new_task(day);
    let seen = |id: &str| {
        let task = world.client.get(&world.new_path(&format!("/task/{id}/edit"))).data().clone();
        (task["status"].as_i64().unwrap(), task["dial_time_id"].as_i64().unwrap())
    };
    let look = Look { language: Language::Chinese, theme: Theme::Dark, width: Width::Wide };
    let person = Person::sign_in(&world, look);
    let browser = &person.browser;
    person.go("/tasks");
    browser.wait_for(&format!("tr[data-task='{paused}']"));

    browser.click("thead input");
    browser.wait_for_text(".bulk", "已选 3 项");
    browser.click(".bulk .move");
    browser.click(&format!("dialog input[value='{never}']"));
    browser.wait_for_text(".bulk-effects .stopping", "2 个任务");
    browser.wait_for_text(".bulk-effects", "day");
    browser.check_accessibility("another group for many tasks");
    browser.screenshot("bulk-move");
    browser.click("dialog .primary");
    browser.wait_for_text(".bulk", "已将 3 个任务换到 never");
    assert_eq!(asked(browser, "/bulk/move"), 1);
    assert!(tasks.iter().all(|id| seen(id) == (3, never)));
    // One that someone has moved since stays where it is.
    world
        .client
        .post(&world.path("/bulk/move"), &json!({"task_ids": [tasks[1]], "dial_time_id": day}))
        .data();
    browser.click(".bulk .undo");
    browser.wait_for_text(".bulk", "之后又被改过，保持原样：two");
    assert_eq!([seen(&tasks[0]), seen(&tasks[1]), seen(&paused)], [(2, day), (2, day), (1, day)]);
    assert_eq!(asked(browser, "/bulk/move"), 2, "those of both groups go back at once");
    browser.click(".bulk .button");
    browser.wait_gone(".bulk");

    all_are_paused(browser);
    assert!(tasks.iter().all(|id| seen(id).0 == 1));
    // What was paused before stays so.
    browser.click(".bulk .undo");
    browser.wait_for_text("notice-line", "已撤销 2 项改动");
    assert_eq!([seen(&tasks[0]).0, seen(&tasks[1]).0, seen(&paused).0], [2, 2, 1]);
    assert_eq!(asked(browser, "/bulk/resume"), 1);
}

#[test]
fn a_task_that_is_gone_keeps_no_other_from_starting_again() {
    let world = World::new(Database::Sqlite);
    let group = save_group(&world, "day", &always());
    let (one, two) = (started_task(&world, "one", group), started_task(&world, "two", group));
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.go("/tasks");
    browser.wait_for(&format!("tr[data-task='{two}']"));
    browser.click("thead input");
    browser.click(".bulk .pause");
    browser.wait_for_text(".bulk-effects[aria-busy=false] .stopping", "one");
    browser.click("dialog .primary");
    browser.wait_for_text(".bulk", "已暂停 2 个任务");
    world.client.delete(&world.path(&format!("/task/{two}"))).data();
    browser.expect_complaint("404");
    browser.click(".bulk .undo");
    browser.wait_for_text(".bulk", "之后又被改过，保持原样：two");
    assert_eq!(world.client.get(&world.new_path(&format!("/task/{one}/edit"))).data()["status"], 2);
}

#[test]
fn groups_that_nothing_uses_are_deleted_together_and_made_again() {
    let world = World::new(Database::Sqlite);
    let (used, ceiling) = (save_group(&world, "used", &always()), save_group(&world, "ceiling", &always()));
    let unused = [save_group(&world, "one", &always()), save_group(&world, "two", &always())];
    let task = world.new_task(used);
    world.client.put(&world.path("/ceiling"), &json!({"dial_time_id": ceiling})).data();
    let before = stored_group(&world, unused[0]);
    let names = || -> Vec<String> {
        let groups = world.client.get(&world.path("/dial-time-group")).data().as_array().unwrap().clone();
        let mut names: Vec<String> =
            groups.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect();
        names.sort();
        names
    };
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    browser.click("thead input");
    browser.wait_for_text(".bulk", "已选 4 项");
    browser.click(".bulk .delete");
    browser.wait_for_text("dialog .goes", "将删除：2 个\n");
    browser.wait_for_text("dialog .stays", "不会删除：2 个");
    browser.wait_for_text("dialog .stays", "used 1 个任务");
    assert_eq!(names(), ["ceiling", "one", "two", "used"], "nothing is done by looking");
    browser.check_accessibility("groups before they are deleted");
    browser.screenshot("bulk-delete");
    // One comes into use while one looks: it stays, and is named.
    world
        .client
        .post(&world.path("/bulk/move"), &json!({"task_ids": [task], "dial_time_id": unused[1]}))
        .data();
    browser.expect_complaint("409");
    browser.click("dialog .danger");
    browser.wait_for_text(".bulk", "已删除 1 个时间组；未删除：two");
    assert_eq!(names(), ["ceiling", "two", "used"]);
    browser.wait_gone(&format!("tr[data-group='{}']", unused[0]));
    browser.click(".bulk .undo");
    browser.wait_for_text("notice-line", "已撤销 1 项改动");
    assert_eq!(names(), ["ceiling", "one", "two", "used"]);
    let groups = world.client.get(&world.path("/dial-time-group?name=one")).data().clone();
    for field in ["content", "timezone", "holiday_calendars", "exceptions", "skip_holiday"] {
        assert_eq!(groups[0][field], before[field], "{field}");
    }
}

/// Ticks and pauses all, after a look at which of them stop.
fn all_are_paused(browser: &Browser) {
    browser.click("thead input");
    browser.click(".bulk .pause");
    browser.wait_for_text(".bulk-effects[aria-busy=false] .stopping", "one");
    browser.click("dialog .primary");
    browser.wait_for_text(".bulk", "已暂停 3 个任务");
}
