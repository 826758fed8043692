//! The list of tasks: what it shows of each, that time and others change it, and what a person does there.

use jiff::SignedDuration;
use serde_json::{Value, json};
use thirtyfour::Key;

use super::{
    browser::{Browser, Look},
    person::Person,
    setup::{save_task, start_task},
};
use crate::{
    events::in_shanghai,
    support::{Database, World, task},
};

/// Creates a 1.0 task under `/task` or a 2.0 task under `/new/.../task`.
fn create(world: &World, path: &str, name: &str, group: i64, more: &Value) -> String {
    let mut body = task(group);
    body["name"] = json!(name);
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    world.client.post(path, &body).data()["uuid"].as_str().unwrap().to_owned()
}

fn old(world: &World, name: &str, group: i64) -> String {
    create(world, &world.path("/task"), name, group, &json!({}))
}

/// What the API says of a task of either generation.
fn detail(world: &World, id: &str) -> Value {
    world.client.get(&world.new_path(&format!("/task/{id}/edit"))).data().clone()
}

/// What names a task's row.
fn row(id: &str) -> String {
    format!("tr[data-task='{id}']")
}

/// The names that are shown, sorted.
fn names(browser: &Browser) -> Vec<String> {
    let mut names = browser.texts(".tasks .name");
    names.sort();
    names
}

#[test]
fn tasks_of_both_generations_are_shown_with_state_group_and_next_change() {
    let world = World::new(Database::Sqlite);
    let (always, mondays) = (world.open_group(), world.group("mondays"));
    let (running, paused) = (old(&world, "running", always), old(&world, "paused", always));
    let other = save_task(&world, "on mondays", mondays);
    start_task(&world, &running);
    start_task(&world, &other);
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.go("/tasks");
    browser.wait_for_text(&format!("{} .group", row(&other)), "mondays");
    assert_eq!(names(browser), ["on mondays", "paused", "running"]);
    let state = |id: &str| browser.text(&format!("{} .state", row(id)));
    assert_eq!((state(&running), state(&paused)), ("执行中".into(), "暂停中".into()));
    browser
        .wait_for_text(&format!("{} .until", row(&running)), "至 2124年11月1日周三 13:25（Asia/Shanghai，");
    let decided = world.client.get(&world.path(&format!("/dial-time-group/{mondays}/decision")));
    let change = decided.data()["next_change_at"].as_str().unwrap()[11..16].to_owned();
    browser.wait_for_text(&format!("{} .until", row(&other)), &change);
    let expected = if decided.data()["allowed"] == true { "执行中" } else { "等待执行" };
    assert_eq!(state(&other), expected);
    assert!(!browser.has(&format!("{} .until", row(&paused))), "it does not change by itself");
    let link = browser.attribute(&format!("{} .group", row(&running)), "href").unwrap();
    assert!(link.ends_with(&format!("/groups/{always}")));
}

#[test]
fn tasks_are_searched_by_name_and_state_and_paged() {
    let world = World::new(Database::Sqlite);
    let (always, never) = (world.open_group(), world.group("never"));
    let path = world.path(&format!("/dial-time-group/{never}"));
    world.client.put(&path, &json!({"name": "never", "content": []})).data();
    for number in 10..30 {
        old(&world, &format!("paused {number}"), always);
    }
    start_task(&world, &save_task(&world, "runs", always));
    start_task(&world, &old(&world, "waits", never));
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.go("/tasks");
    browser.wait_for_text(".pager", "第 1 / 2 页，共 22 项");
    browser.click(".pager button:last-child");
    browser.wait_for_text(".pager", "第 2 / 2 页");
    assert_eq!(names(browser).len(), 2);
    for (state, expected) in [("2", "runs"), ("3", "waits")] {
        browser.click(&format!(".filters button[value='{state}']"));
        browser.wait_until("the right one is found", || names(browser) == [expected]);
    }
    browser.click(".filters button[value='1']");
    browser.wait_until("the paused are found", || names(browser).len() == 20);
    browser.fill("main input[type=search]", "d 1");
    browser.wait_until("the first ten are found", || names(browser).len() == 10);
    browser.click(".tasks tbody tr:first-child .group");
    browser.wait_for("week-grid");
    browser.back();
    browser.wait_until("they are there again", || names(browser).len() == 10);
    browser.click(".filters button[value='2']");
    browser.wait_for_text(".empty", "没有任务");
    browser.click(".filters button[value='']");
    browser.fill("main input[type=search]", "ait");
    browser.wait_until("the name alone counts", || names(browser) == ["waits"]);
}

#[test]
fn a_person_starts_and_stops_a_task() {
    let world = World::new(Database::Sqlite);
    let id = old(&world, "night", world.open_group());
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.go("/tasks");
    browser.click("button[aria-label='启动 night']");
    browser.wait_for_text("notice-line", "已启动 night");
    browser.wait_for_text(&format!("{} .state", row(&id)), "执行中");
    assert_eq!(detail(&world, &id)["status"], 2);
    browser.click("button[aria-label='暂停 night']");
    browser.wait_for_text(&format!("{} .state", row(&id)), "暂停中");
    assert_eq!(detail(&world, &id)["status"], 1);
    // Someone else's doing is shown as well.
    start_task(&world, &id);
    browser.wait_for_text(&format!("{} .state", row(&id)), "执行中");
}

#[test]
fn a_task_comes_to_wait_on_the_page_by_itself() {
    let world = World::new(Database::Sqlite);
    let group = world.open_group();
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.go("/tasks");
    browser.wait_for_text(".empty", "没有任务");
    browser.script("window.notReloaded = true", &[]);
    let soon = in_shanghai(SignedDuration::from_secs(8), "%Y-%m-%d %H:%M:%S");
    let bounds = json!({"task_extras": {"start_time": "2024-11-01 13:25:26", "stop_time": soon}});
    let id = create(&world, &world.new_path("/task"), "short", group, &bounds);
    start_task(&world, &id);
    browser.wait_for_text(&format!("{} .state", row(&id)), "执行中");
    browser.wait_for_text(&format!("{} .state", row(&id)), "等待执行");
    // In the words of the API.
    let decision = world.client.get(&world.path(&format!("/task/{id}/decision"))).data().clone();
    browser.wait_for_text(&format!("{} .why", row(&id)), decision["reason"]["detail"].as_str().unwrap());
    assert_eq!(browser.script("return window.notReloaded", &[]), true);
}

#[test]
fn when_the_time_has_come_the_tasks_are_asked_for_again() {
    let world = World::new(Database::Sqlite);
    start_task(&world, &old(&world, "night", world.open_group()));
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    let asked = || {
        let count = "return performance.getEntriesByType('resource').filter(({name}) => /\\/task\\?/.test(name)).length";
        browser.script(count, &[]).as_u64().unwrap()
    };
    // The feed is there already, so that its coming makes the page ask for nothing.
    browser.wait_until("the feed is there", || {
        browser.script("return document.querySelector('groups-page').feed.live", &[]) == true
    });
    person.go("/tasks");
    browser.wait_for("time-left");
    let before = asked();
    browser
        .script("document.querySelector('time-left').until = new Date(Date.now() - 1000).toISOString()", &[]);
    browser.wait_until("it asks again", || asked() > before);
}

#[test]
fn a_task_is_moved_to_another_group_and_keeps_everything_else() {
    let world = World::new(Database::Sqlite);
    let (from, to) = (world.group("from"), world.group("to be used"));
    for number in 1..=9 {
        world.group(&format!("other {number}"));
    }
    let extras = json!({
        "start_time": "2024-11-01 13:25:26", "stop_time": "2124-11-01 13:25:26",
        "holiday": [{"start": "2124-10-01 13:25", "end": "2124-10-03 13:25"}],
        "line": ["1b6a9a5e-3f0c-4b1e-9d6a-5a5e9f3f0c4b"], "redial_enabled": true, "redial_interval": 3, "redial_max_times": 3,
        "destination_extension_list": [{"begin": "09:00", "end": "12:00", "destination_extension": 123}],
    });
    let more = json!({
        "bridge_group_id": 8, "remark": "备注", "auto_recycle_rule_id": 94, "end_action": 1, "maximumcall": 5,
        "destination_extension": 480, "llm_intention_id": 38, "task_type": 4, "task_extras": extras,
    });
    let tasks = [
        create(&world, &world.path("/task"), "first", from, &more),
        create(&world, &world.new_path("/task"), "second", from, &more),
    ];
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.go("/tasks");
    for (name, id) in ["first", "second"].into_iter().zip(&tasks) {
        let mut expected = detail(&world, id);
        browser.wait_for_text(&format!("{} .group", row(id)), "from");
        browser.click(&format!("button[aria-label='为 {name} 换时间组']"));
        browser.wait_for_text("dialog .pager", "第 1 / 2 页");
        assert!(browser.has("dialog .primary:disabled"));
        assert!(!browser.texts("dialog .option").contains(&"from".to_owned()));
        browser.fill("dialog input[type=search]", "to be");
        browser.wait_until("it is found", || browser.texts("dialog .option") == ["to be used"]);
        browser.click("dialog .option input");
        browser.click("dialog .primary:enabled");
        browser.wait_for_text("notice-line", &format!("{name} 已改用“to be used”"));
        browser.wait_for_text(&format!("{} .group", row(id)), "to be used");
        expected["dial_time_id"] = json!(to);
        let moved = detail(&world, id);
        expected["alter_datetime"] = moved["alter_datetime"].clone();
        assert_eq!(moved, expected, "{name}");
    }
}

#[test]
fn the_tasks_of_one_group_are_reached_from_the_groups() {
    let world = World::new(Database::Sqlite);
    let (here, there) = (world.group("here"), world.group("there"));
    let (_old, _new, _other) =
        (old(&world, "a", here), save_task(&world, "b", here), old(&world, "c", there));
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    browser.click(&format!("tr[data-group='{here}'] .task-count"));
    browser.wait_for_text("main", "使用“here”的任务");
    browser.wait_for(".tasks");
    assert_eq!(names(browser), ["a", "b"]);
    browser.click("main > p a");
    browser.wait_until("all are shown", || names(browser) == ["a", "b", "c"]);
}

#[test]
fn clicking_again_and_again_starts_one_task_and_no_other() {
    let world = World::new(Database::Sqlite);
    let group = world.open_group();
    let ids: Vec<String> = (1..=4).map(|number| save_task(&world, &format!("t{number}"), group)).collect();
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.go("/tasks?status=1");
    browser.wait_until("the paused are shown", || names(browser).len() == 4);
    browser.click_again_and_again("button[aria-label='启动 t4']", 4);
    browser.wait_for_text("notice-line [role=status]", "已启动 t4");
    let states =
        || -> Vec<i64> { ids.iter().map(|id| detail(&world, id)["status"].as_i64().unwrap()).collect() };
    assert_eq!(states(), [1, 1, 1, 2]);
    // It is not paused any more, but stays where it is for a moment.
    assert_eq!(browser.texts(".tasks .name")[0], "t4");
    browser.wait_for_text(&format!("{} .state", row(&ids[3])), "执行中");
    browser.wait_gone(&row(&ids[3]));
    assert_eq!(states(), [1, 1, 1, 2]);
    assert_eq!(names(browser), ["t1", "t2", "t3"]);
}

#[test]
fn the_focus_stays_on_the_button_that_starts_and_stops_a_task() {
    let world = World::new(Database::Sqlite);
    let id = save_task(&world, "night", world.open_group());
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.go("/tasks");
    browser.tab_to("button[aria-label='启动 night']", 40);
    browser.keys(Key::Enter);
    browser.wait_for_text(&format!("{} .state", row(&id)), "执行中");
    assert!(browser.has_focus("button[aria-label='暂停 night']"));
    browser.wait_for("button[aria-label='暂停 night']:not([aria-disabled])");
    browser.keys(Key::Enter);
    browser.wait_for_text(&format!("{} .state", row(&id)), "暂停中");
    assert!(browser.has_focus("button[aria-label='启动 night']"));
}
