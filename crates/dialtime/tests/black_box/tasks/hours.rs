//! `work_hour` and `work_week`: windows that a task has of its own, which must be open beside its group's.

use rstest::rstest;
use serde_json::{Value, json};

use super::with;
use crate::support::{Database, World, task as body};

/// A Wednesday, at nine in the morning.
const NINE: &str = "2026-06-10T09:00:00+08:00";

/// The body of a 2.0 task with these of its `task_extras` replaced or added.
fn with_extras(body: Value, extras: &Value) -> Value {
    let extras = with(body["task_extras"].clone(), extras);
    with(body, &json!({"task_extras": extras}))
}

fn create(world: &World, group: i64, extras: &Value) -> String {
    let answer = world.client.post(&world.new_path("/task"), &with_extras(body(group), extras));
    let id = answer.data()["uuid"].as_str().unwrap().to_owned();
    world.client.put(&world.new_path(&format!("/task_start/{id}")), &json!({})).data();
    id
}

fn detail(world: &World, task: &str) -> Value {
    world.client.get(&world.new_path(&format!("/task/{task}/edit"))).data().clone()
}

fn decision(world: &World, task: &str, at: &str) -> Value {
    let path = world.path(&format!("/task/{task}/decision?at={}", at.replace('+', "%2B")));
    world.client.get(&path).data().clone()
}

#[rstest]
fn a_task_dials_only_while_its_own_windows_and_its_groups_are_open(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::at(database, NINE);
    // Mondays from 08:00 to 20:00, and always.
    let (mondays, always) = (world.group("mondays"), world.open_group());
    let hours = json!({
        "work_hour": [{"wday": "-1", "begin": "10:00", "end": "12:00"}, {"wday": 3, "begin": "22:00", "end": "2:00"}],
        "work_week": [1, 3, "4"],
    });
    let task = create(&world, always, &hours);
    let closed = decision(&world, &task, NINE);
    assert_eq!((&closed["allowed"], &closed["reason"]["rule"]), (&json!(false), &json!("task_hours")));
    assert_eq!(closed["next_allowed_at"], "2026-06-10T10:00:00+08:00");
    for (at, allowed, change) in [
        ("2026-06-10T11:59:59+08:00", true, "2026-06-10T12:00:00+08:00"),
        ("2026-06-10T12:00:00+08:00", false, "2026-06-10T22:00:00+08:00"),
        ("2026-06-11T01:30:00+08:00", true, "2026-06-11T02:00:00+08:00"),
        ("2026-06-11T12:00:00+08:00", false, "2026-06-15T10:00:00+08:00"),
    ] {
        let decision = decision(&world, &task, at);
        assert_eq!(
            (&decision["allowed"], &decision["next_change_at"]),
            (&json!(allowed), &json!(change)),
            "{at}"
        );
    }
    let listed = |status: i64| {
        world.client.get(&world.path(&format!("/task?generation=all&status={status}"))).body["meta"]["total"]
            .clone()
    };
    assert_eq!((listed(2), listed(3)), (json!(0), json!(1)), "it waits");

    // In a group of Mondays what is left is Monday from ten to twelve; of Tuesdays nothing, ever.
    let task = create(&world, mondays, &hours);
    assert_eq!(decision(&world, &task, NINE)["next_allowed_at"], "2026-06-15T10:00:00+08:00");
    assert_eq!(decision(&world, &task, "2026-06-15T12:30:00+08:00")["reason"]["rule"], "task_hours");
    let never = create(&world, mondays, &json!({"work_week": [2]}));
    assert_eq!(decision(&world, &never, NINE)["next_allowed_at"], Value::Null);
}

#[rstest]
fn hours_are_returned_as_they_hold_and_can_be_sent_back_and_taken_away(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::at(database, NINE);
    let group = world.group("mondays");
    let plain = create(&world, group, &json!({}));
    let row = |wday: i64, begin: &str, end: &str| json!({"wday": wday, "begin": begin, "end": end});
    let of_group = json!([row(1, "08:00", "20:00")]);
    assert_eq!(detail(&world, &plain)["task_extras"]["work_hour"], of_group);
    assert_eq!(detail(&world, &plain)["task_extras"]["own_hours"], false);

    let own = json!({"work_hour": [{"wday": "-1", "begin": "9:00", "end": "12:00"}], "work_week": [2, 1]});
    let task = create(&world, group, &own);
    let kept = json!([row(1, "09:00", "12:00"), row(2, "09:00", "12:00")]);
    let seen = detail(&world, &task);
    assert_eq!((&seen["task_extras"]["work_hour"], &seen["task_extras"]["own_hours"]), (&kept, &json!(true)));
    assert_eq!(seen["task_extras"]["work_week"], json!([1, 2]));
    let remote = json!([{"wday": "-1", "begin": "09:00", "end": "12:00"}]);
    assert_eq!(seen["new_task_extra"]["work_hour"], remote);

    let path = world.new_path(&format!("/task/{task}"));
    world.client.put(&path, &seen).data();
    assert_eq!(detail(&world, &task)["task_extras"]["work_hour"], kept, "sent back as it was");
    world.client.put(&path, &with_extras(body(group), &json!({}))).data();
    assert_eq!(detail(&world, &task)["task_extras"]["work_hour"], kept, "what is not sent stays");
    let copied = world.client.get(&world.new_path(&format!("/copy/task/{task}"))).data().clone();
    assert_eq!(detail(&world, copied["uuid"].as_str().unwrap())["task_extras"]["work_hour"], kept);

    for none in
        [json!({"work_hour": [], "work_week": []}), json!({"work_hour": ""}), json!({"work_hour": of_group})]
    {
        world.client.put(&path, &with_extras(body(group), &own)).data();
        world.client.put(&path, &with_extras(body(group), &none)).data();
        let seen = detail(&world, &task);
        assert_eq!(seen["task_extras"]["own_hours"], false, "{none}");
        assert_eq!(seen["task_extras"]["work_hour"], of_group);
    }
}

#[rstest]
fn hours_that_mean_nothing_are_refused_by_name(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let group = world.open_group();
    let hour = |wday: Value, begin: &str, end: &str| json!({"work_hour": [{"wday": wday, "begin": begin, "end": end}]});
    for (extras, field, rule) in [
        (hour(json!(7), "09:00", "10:00"), "work_hour[0].wday", "out_of_range"),
        (hour(json!("x"), "09:00", "10:00"), "work_hour[0].wday", "type"),
        (hour(json!(1), "25:00", "10:00"), "work_hour[0].begin", "time_out_of_range"),
        (hour(json!(1), "24:00", "10:00"), "work_hour[0].begin", "begin_is_24"),
        (hour(json!(1), "09:00", "09:00"), "work_hour[0].end", "begin_equals_end"),
        (json!({"work_hour": [{"begin": "09:00", "end": "10:00"}]}), "work_hour[0].wday", "required"),
        (json!({"work_week": [1, 7]}), "work_week[1]", "out_of_range"),
        (json!({"work_week": 1}), "work_week", "type"),
    ] {
        let refused = world.client.post(&world.new_path("/task"), &with_extras(body(group), &extras));
        assert_eq!(refused.faults(), [(format!("task_extras.{field}").as_str(), rule)], "{extras}");
    }
    let many: Value = (0..150).map(|_| json!({"wday": -1, "begin": "09:00", "end": "10:00"})).collect();
    let refused =
        world.client.post(&world.new_path("/task"), &with_extras(body(group), &json!({"work_hour": many})));
    assert_eq!(refused.faults(), [("task_extras.work_hour", "too_many_windows")]);
}
