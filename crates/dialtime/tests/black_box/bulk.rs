//! Many groups or tasks in one edit: all of it or nothing, and shown before it is done.

use jiff::SignedDuration;
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    closures::running,
    events::in_shanghai,
    support::{Database, World},
};

/// The state of a task.
fn status(world: &World, task: &str) -> i64 {
    world.client.get(&world.path(&format!("/task/{task}/edit"))).data()["status"].as_i64().unwrap()
}

fn group(world: &World, id: i64) -> Value {
    world.client.get(&world.path(&format!("/dial-time-group/{id}"))).data().clone()
}

/// Asks for an edit, at first only to see it.
fn dry_and_done(world: &World, what: &str, body: &Value) -> (Value, Value) {
    let dry = world.client.post(&world.path(&format!("/bulk/{what}?dry_run=true")), body);
    let dry = dry.data().clone();
    (dry, world.client.post(&world.path(&format!("/bulk/{what}")), body).data().clone())
}

/// What is the same whether it is done or not; instants of now are each request's own.
fn told(view: &Value) -> Value {
    let ends: Vec<_> = view["later"].as_array().unwrap().iter().map(|one| one["opens"].clone()).collect();
    json!([view["named"], view["stopping"]["total"], view["starting"]["total"], ends])
}

#[rstest]
fn an_exception_is_added_to_many_groups_or_to_none(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let all = [running(&world, ""), running(&world, ""), running(&world, "")];
    let ids: Vec<i64> = all.iter().map(|(group, _)| *group).collect();
    let day = |hours| in_shanghai(SignedDuration::from_hours(hours), "%Y-%m-%d");
    // Two days, should it be midnight meanwhile.
    let closed = json!([{"name": "盘点", "begin_date": day(0), "end_date": day(24)}]);

    let missing = json!({"group_ids": [ids[0], 999_999, ids[1]], "exceptions": closed});
    let refused = world.client.post(&world.path("/bulk/exception"), &missing);
    assert_eq!(refused.status, 422, "{}", refused.body);
    assert_eq!(refused.body["data"][0]["field"], "group_ids");
    assert_eq!(group(&world, ids[0])["exceptions"], json!([]), "nothing of it is done");

    let body = json!({"group_ids": [ids[0], ids[1], ids[0]], "exceptions": closed});
    let (dry, done) = dry_and_done(&world, "exception", &body);
    assert_eq!((&dry["stored"], &done["stored"]), (&json!(false), &json!(true)));
    assert_eq!(told(&dry), json!([2, 2, 0, [false, false]]), "{dry}");
    assert_eq!(told(&done), told(&dry));
    assert_eq!(dry["later"][0]["group_id"], ids[0]);
    let named: Vec<_> =
        dry["stopping"]["tasks"].as_array().unwrap().iter().map(|task| task["uuid"].clone()).collect();
    assert!(named.contains(&json!(all[0].1)) && named.contains(&json!(all[1].1)), "{named:?}");
    for ((id, task), expected) in all.iter().zip([3, 3, 2]) {
        assert_eq!(status(&world, task), expected);
        let exceptions = group(&world, *id)["exceptions"].clone();
        assert_eq!(exceptions.as_array().unwrap().len(), usize::from(expected == 3));
        let version = if expected == 3 { 2 } else { 1 };
        assert_eq!(group(&world, *id)["version"], version, "one edit, and none to see it");
    }

    // One that cannot take them refuses all.
    let many: Vec<Value> = (0..399).map(|_| json!({"name": "x", "begin_date": "2198-01-01"})).collect();
    let body = json!({"group_ids": [ids[2]], "exceptions": many});
    world.client.post(&world.path("/bulk/exception"), &body).data();
    let two = json!([{"name": "y", "begin_date": "2198-01-02"}, {"name": "z", "begin_date": "2198-01-03"}]);
    let refused = world
        .client
        .post(&world.path("/bulk/exception"), &json!({"group_ids": [ids[0], ids[2]], "exceptions": two}));
    assert_eq!(refused.status, 422, "{}", refused.body);
    assert_eq!(group(&world, ids[0])["version"], 2);
}

#[rstest]
fn many_tasks_are_moved_and_paused(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let all = [running(&world, ""), running(&world, "")];
    let tasks: Vec<&String> = all.iter().map(|(_, task)| task).collect();
    let never = json!({"name": "never", "content": [], "is_default": false, "skip_holiday": false});
    let never = world.client.post(&world.path("/dial-time-group"), &never).data()["id"].as_i64().unwrap();
    let (dry, done) = dry_and_done(&world, "move", &json!({"task_ids": tasks, "dial_time_id": never}));
    assert_eq!(told(&dry), json!([2, 2, 0, [false, false]]), "{dry}");
    assert_eq!(told(&done), told(&dry));
    for task in &tasks {
        let found = world.client.get(&world.path(&format!("/task/{task}/edit"))).data().clone();
        assert_eq!((&found["dial_time_id"], &found["status"]), (&json!(never), &json!(3)), "{found}");
    }
    let (dry, done) = dry_and_done(&world, "move", &json!({"task_ids": tasks, "dial_time_id": all[0].0}));
    assert_eq!(told(&dry), json!([2, 0, 2, [true]]), "{dry}");
    assert_eq!(told(&done), told(&dry));

    let nobody = "00000000-0000-4000-8000-000000000000";
    for (what, body, field) in [
        ("move", json!({"task_ids": [tasks[0], nobody], "dial_time_id": never}), "task_ids"),
        ("move", json!({"task_ids": tasks, "dial_time_id": 999_999}), "dial_time_id"),
        ("move", json!({"task_ids": [], "dial_time_id": never}), "task_ids"),
        ("pause", json!({"task_ids": [tasks[0], nobody]}), "task_ids"),
        ("pause", json!({}), "task_ids"),
        ("exception", json!({"group_ids": [never], "exceptions": []}), "exceptions"),
        (
            "exception",
            json!({"group_ids": vec![never; 1_001], "exceptions": [{"begin_date": "2198-01-01"}]}),
            "group_ids",
        ),
    ] {
        let refused = world.client.post(&world.path(&format!("/bulk/{what}")), &body);
        assert_eq!((refused.status, &refused.body["data"][0]["field"]), (422, &json!(field)), "{body}");
    }
    assert_eq!(status(&world, tasks[0]), 2);
    let (dry, done) = dry_and_done(&world, "pause", &json!({"task_ids": tasks}));
    assert_eq!(told(&dry), json!([2, 2, 0, []]), "{dry}");
    assert_eq!(told(&done), told(&dry));
    for task in tasks {
        assert_eq!(status(&world, task), 1);
    }
}
