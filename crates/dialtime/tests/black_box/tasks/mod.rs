//! Tasks of both generations, as documented and beyond.

mod call_rules;
mod checks;
mod copies;
mod documented;
mod fields;
mod hours;
mod lists;
mod reach;
mod states;

use serde_json::{Value, json};

use crate::support::{Reply, World, group, task};

const LINE: &str = "1b6a9a5e-3f0c-4b1e-9d6a-5a5e9f3f0c4b";
const OTHER_LINE: &str = "6f1c2a40-8f0b-4a53-9d51-b0f2c6a1d9e7";
const LONG_AGO: &str = "2000-01-01 00:00:00";
const FAR_AWAY: &str = "2124-01-01 00:00:00";

/// A body with some of its fields replaced or added.
fn with(mut body: Value, fields: &Value) -> Value {
    for (name, value) in fields.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

/// The body of a 2.0 task that may dial from `start` to `stop` but for these closures.
fn bounded(group: i64, start: &str, stop: &str, closures: &Value) -> Value {
    let extras = json!({"start_time": start, "stop_time": stop, "holiday": closures, "line": []});
    with(task(group), &json!({"task_extras": extras}))
}

/// The fields of a task that 1.0 documents.
fn first_fields(group: i64) -> Value {
    json!({
        "name": "api创建任务", "dial_time_id": group, "destination_extension": 1612, "maximumcall": 3,
        "caller_line_id": LINE, "bridge_group_id": 8, "remark": "备注", "call_pause_second": 10,
        "auto_recycle_rule_id": 94, "elasticity_type": false, "end_action": 1, "llm_intention_id": 38,
        "task_type": 4,
    })
}

/// The fields of a task that 2.0 documents, but for `task_extras`.
fn second_fields(group: i64) -> Value {
    json!({
        "name": "2.0任务", "dial_time_id": group, "destination_extension": "480", "maximumcall": 2,
        "bridge_group_id": 8, "enable_type": 0, "is_call_in": 0, "remark": "备注", "auto_recycle_rule_id": 94,
        "end_action": 0, "elasticity_type": true, "background_id": 25, "llm_intention_id": 38, "task_type": 7,
        "is_group_switch": 1, "group_type": "group", "score_scheme_id": 6,
        "group_switch_rule": [
            {"switch_start": "09:00", "switch_end": "12:00", "group_id": 297, "default_group_id": 298},
        ],
    })
}

/// What 2.0 documents of `task_extras`.
fn extras() -> Value {
    json!({
        "start_time": "2024-11-01 13:25:26",
        "stop_time": "2124-11-01 13:25:26",
        "holiday": [{"start": "2024-11-01 13:25", "end": "2024-11-03 13:25"}],
        "line": [LINE],
        "interval_time": 5,
        "destination_extension_list": [{"begin": "09:00", "end": "12:00", "destination_extension": 123}],
        "destination_extension_with_variable_list":
            [{"mode": 1, "values": ["a", "b"], "destination_extension": 123, "sort": 0}],
        "pop_mode": 1,
        "redial_enabled": true,
        "redial_new_number_policy": 2,
        "redial_interval": 3,
        "redial_max_times": 3,
        "redial_conditions": {"da_status": [2, 3, 4, 6, 8, 9, 12]},
    })
}

fn uuid(reply: &Reply) -> String {
    reply.data()["uuid"].as_str().unwrap().to_owned()
}

/// The detail of a task in the 2.0 view.
fn detail(world: &World, task: &str) -> Value {
    world.client.get(&world.new_path(&format!("/task/{task}/edit"))).data().clone()
}

/// The detail of a task in the 1.0 view.
fn first_detail(world: &World, task: &str) -> Value {
    world.client.get(&world.path(&format!("/task/{task}/edit"))).data().clone()
}

/// A working week, Saturday's windows apart, and Sunday without any.
fn office_hours(world: &World) -> i64 {
    let window = |begin: &str, end: &str| json!({"begin_time": begin, "end_time": end});
    let weekday =
        |week: i64| json!({"week": week, "times": [window("8:00", "12:00"), window("13:00", "15:00")]});
    let content = json!([
        weekday(5), weekday(4), weekday(3), weekday(2), weekday(1),
        {"week": 6, "times": [window("22:00", "06:00")]}, {"week": 0, "times": []},
    ]);
    let body = with(group("office hours"), &json!({"content": content}));
    world.client.post(&world.path("/dial-time-group"), &body).data()["id"].as_i64().unwrap()
}
