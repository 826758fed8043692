//! What a task is made of: closures, lines, what is only carried, and what a modification replaces.

use rstest::rstest;
use serde_json::{Value, json};

use super::{
    FAR_AWAY, LINE, LONG_AGO, OTHER_LINE, bounded, detail, extras, first_detail, first_fields, second_fields,
    uuid, with,
};
use crate::support::{Database, World, group, steady, task};

#[rstest]
fn a_closure_is_read_in_both_spellings_and_returned_in_one(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let sent = json!([
        {"begin": "2025-11-01 13:25", "end": "2025-11-03 13:25"},
        {"start": "2024-11-01 13:25", "end": "2024-11-03 13:25:00"},
        {"start": "2024-11-02 00:00", "end": "2024-11-02 09:30:15"},
    ]);
    let stored = json!([
        {"start": "2025-11-01 13:25", "end": "2025-11-03 13:25"},
        {"start": "2024-11-01 13:25", "end": "2024-11-03 13:25"},
        {"start": "2024-11-02 00:00", "end": "2024-11-02 09:30:15"},
    ]);
    let body = bounded(world.group("group"), LONG_AGO, FAR_AWAY, &sent);
    let task = uuid(&world.client.post(&world.new_path("/task"), &body));
    let seen = detail(&world, &task);
    assert_eq!(seen["task_extras"]["holiday"], stored);
    assert_eq!(seen["new_task_extra"]["holiday"], stored);
    let both = |begin: &str| {
        let both = json!([{"begin": begin, "start": "2025-11-01 13:25", "end": "2025-11-03 13:25"}]);
        world.client.post(&world.new_path("/task"), &bounded(world.group("group"), LONG_AGO, FAR_AWAY, &both))
    };
    assert_eq!(both("2025-11-01 13:25").status, 200);
    assert_eq!(both("2025-11-02 13:25").faults(), [("task_extras.holiday[0].begin", "differs")]);
}

#[rstest]
fn lines_are_returned_in_the_form_they_were_sent(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let group = world.group("group");
    let save = |line: Value| {
        let extras = json!({"start_time": LONG_AGO, "stop_time": FAR_AWAY, "holiday": [], "line": line});
        world.client.post(&world.new_path("/task"), &with(task(group), &json!({"task_extras": extras})))
    };
    for (line, ids) in [
        (json!([]), json!([])),
        (json!([LINE, OTHER_LINE]), json!([LINE, OTHER_LINE])),
        (json!([{"id": LINE, "limit": 2}, {"id": OTHER_LINE}]), json!([LINE, OTHER_LINE])),
        (json!([OTHER_LINE, {"id": LINE, "limit": 0}]), json!([OTHER_LINE, LINE])),
    ] {
        let seen = detail(&world, &uuid(&save(line.clone())));
        assert_eq!((&seen["task_extras"]["line"], &seen["new_task_extra"]["line"]), (&line, &ids));
    }
    for (line, field, rule) in [
        (json!(["x"]), "task_extras.line[0]", "uuid"),
        (json!([""]), "task_extras.line[0]", "empty"),
        (json!([{"limit": 1}]), "task_extras.line[0].id", "required"),
        (json!([LINE, {"id": LINE, "limit": "x"}]), "task_extras.line[1].limit", "type"),
        (json!([7]), "task_extras.line[0]", "uuid"),
        (json!([null]), "task_extras.line[0]", "uuid"),
    ] {
        assert_eq!(save(line.clone()).faults(), [(field, rule)], "{line}");
    }
    assert_eq!(save(json!(LINE)).faults(), [("task_extras.line", "type")]);
    assert_eq!(save(vec![LINE; 1001].into()).faults(), [("task_extras.line", "too_many")]);
    assert_eq!(
        save(vec![LINE; 1000].into()).data()["new_task_extra"]["line"].as_array().unwrap().len(),
        1000
    );
}

#[rstest]
fn documented_fields_that_mean_nothing_yet_are_kept_and_returned(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let group = world.group("group");
    let mut sent = with(second_fields(group), &json!({"task_extras": extras(), "colour": "unknown"}));
    let path = world.new_path("/task");
    let id = uuid(&world.client.post(&path, &sent));
    let check = |sent: &Value| {
        let seen = detail(&world, &id);
        let renamed = [("elasticity_type", "elasticity_task")];
        for (field, value) in sent.as_object().unwrap().iter().filter(|(field, _)| *field != "task_extras") {
            let field =
                renamed.iter().find(|(sent, _)| sent == field).map_or(field.as_str(), |(_, seen)| seen);
            let expected = if field == "colour" { &Value::Null } else { value };
            assert_eq!(seen[field], *expected, "{field}");
        }
        for (field, value) in sent["task_extras"].as_object().unwrap() {
            assert_eq!(seen["task_extras"][field], *value, "{field}");
        }
    };
    check(&sent);
    for (field, value) in [
        ("pop_mode", json!({"a": [1, "二", null]})),
        ("redial_enabled", json!(1)),
        ("redial_conditions", json!([])),
        ("interval_time", json!(0)),
        ("line", json!([{"id": LINE, "limit": 9}])),
        ("destination_extension_list", json!([])),
    ] {
        sent["task_extras"][field] = value;
    }
    sent["remark"] = json!(format!("\u{1F4DE} \u{0} \"\\ {}", "备".repeat(990)));
    sent["group_switch_rule"] = json!([]);
    world.client.put(&format!("{path}/{id}"), &sent).data();
    check(&sent);
}

#[rstest]
fn what_a_modification_leaves_out_stays_but_for_the_transfer_group(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let group = world.group("group");
    let first = uuid(&world.client.post(&world.path("/task"), &first_fields(group)));
    let body = with(second_fields(group), &json!({"task_extras": extras()}));
    let second = uuid(&world.client.post(&world.new_path("/task"), &body));
    let needed = json!({"name": "b", "dial_time_id": group, "destination_extension": 5, "maximumcall": 9});
    let replaced = |mut seen: Value, extension: Value| {
        for (field, value) in
            [("name", json!("b")), ("maximumcall", json!(9)), ("bridge_group_id", Value::Null)]
        {
            seen[field] = value;
        }
        seen["destination_extension"] = extension.clone();
        // What it names is another script that is not there.
        seen["warnings"] = json!([]);
        if let Some(remote) = seen.get_mut("new_task_extra") {
            remote["name"] = json!("b");
            remote["limit"] = json!(9);
            remote["destination_extension"] = extension;
        }
        seen
    };
    let expected = replaced(first_detail(&world, &first), json!(5));
    let body = with(needed.clone(), &json!({"caller_line_id": LINE, "remark": null}));
    let modified = world.client.put(&world.path(&format!("/task/{first}")), &body);
    let modified = with(modified.data().clone(), &json!({"warnings": []}));
    assert_eq!(steady(&modified), steady(&with(expected, &json!({"alter_datetime": "[time]"}))));
    let expected = replaced(detail(&world, &second), json!("5"));
    let path = world.new_path(&format!("/task/{second}"));
    for body in [needed.clone(), with(needed, &json!({"task_extras": {"holiday": null}, "task_type": null}))]
    {
        let modified = world.client.put(&path, &body);
        let expected = with(expected.clone(), &json!({"alter_datetime": "[time]"}));
        let modified = with(modified.data().clone(), &json!({"warnings": []}));
        assert_eq!(steady(&modified), steady(&expected));
    }
}

fn faulty_modifications() -> Vec<(Value, (&'static str, &'static str))> {
    let extras = |name: &str, value: Value| json!({"task_extras": {name: value}});
    vec![
        (json!({"name": " "}), ("name", "empty")),
        (json!({"remark": "x".repeat(1001)}), ("remark", "too_long")),
        (json!({"elasticity_type": true, "end_action": 1}), ("end_action", "excludes")),
        (json!({"is_call_in": 2}), ("is_call_in", "out_of_range")),
        (json!({"maximumcall": 1_000_001}), ("maximumcall", "out_of_range")),
        (json!({"maximumcall": "many"}), ("maximumcall", "type")),
        (json!({"bridge_group_id": "x"}), ("bridge_group_id", "type")),
        (json!({"elasticity_type": "no"}), ("elasticity_type", "type")),
        (json!({"task_extras": []}), ("task_extras", "type")),
        (extras("start_time", json!("2124-11-01 13:25:26")), ("task_extras.stop_time", "not_after")),
        (extras("stop_time", json!("2024-11-01")), ("task_extras.stop_time", "date_time")),
        (extras("start_time", json!(20_241_101)), ("task_extras.start_time", "type")),
        (
            extras("holiday", json!([{"end": "2024-11-01 13:25"}])),
            ("task_extras.holiday[0].start", "required"),
        ),
        (
            extras("holiday", json!([{"start": "2024-11-01 13:25"}])),
            ("task_extras.holiday[0].end", "required"),
        ),
        (
            extras(
                "holiday",
                vec![json!({"start": "2024-11-01 13:25", "end": "2024-11-01 13:26"}); 101].into(),
            ),
            ("task_extras.holiday", "too_many"),
        ),
    ]
}

#[rstest]
fn a_modification_asks_for_what_is_documented_and_leaves_the_task_when_it_is_refused(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let group = world.group("group");
    let (first, second) = (world.task(group), world.new_task(group));
    let (path, new_path) =
        (world.path(&format!("/task/{first}")), world.new_path(&format!("/task/{second}")));
    let before = (first_detail(&world, &first), detail(&world, &second));
    let four = [
        ("name", "required"),
        ("dial_time_id", "required"),
        ("destination_extension", "required"),
        ("maximumcall", "required"),
    ];
    let line = [("caller_line_id", "required")];
    assert_eq!(world.client.put(&path, &json!({})).faults(), [&line[..], &four].concat());
    assert_eq!(world.client.put(&new_path, &json!({})).faults(), four);
    for (fields, faults) in faulty_modifications() {
        let mut body = task(group);
        body.as_object_mut().unwrap().remove("task_extras");
        let body = with(body, &fields);
        assert_eq!(world.client.put(&path, &body).faults(), [faults], "{fields}");
        assert_eq!(world.client.put(&new_path, &body).faults(), [faults], "{fields}");
    }
    assert_eq!(world.client.put(&path, &Value::Null).faults(), [("body", "required")]);
    assert_eq!((first_detail(&world, &first), detail(&world, &second)), before);
}

#[rstest]
fn a_modification_moves_a_task_to_another_group_of_its_account_only(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let (old, new) = (world.group("old"), world.open_group());
    let of_sub_user = with(group("sub-user's"), &json!({"sub_user_id": world.sub_user}));
    let of_sub_user =
        world.client.post(&world.path("/dial-time-group"), &of_sub_user).data()["id"].as_i64().unwrap();
    let (stranger, their_user) = world.stranger();
    let theirs = stranger.post(&format!("/agent-api/user/{their_user}/dial-time-group"), &group("theirs"));
    let theirs = theirs.data()["id"].as_i64().unwrap();
    for (task, path) in
        [(world.task(old), world.path("/task")), (world.new_task(old), world.new_path("/task"))]
    {
        for foreign in [of_sub_user, theirs, 999_999] {
            let body = crate::support::task(foreign);
            let message = json!([{"field": "dial_time_id", "rule": "unknown", "message": "不存在"}]);
            let expected =
                json!({"code": 422, "status": "error", "message": "参数校验失败", "data": message});
            assert_eq!(world.client.put(&format!("{path}/{task}"), &body).body, expected);
            assert_eq!(world.client.post(&path, &body).body, expected);
        }
        assert_eq!(detail(&world, &task)["dial_time_id"], old);
        // As text too, as some clients write it.
        let body = with(crate::support::task(new), &json!({"dial_time_id": new.to_string()}));
        assert_eq!(world.client.put(&format!("{path}/{task}"), &body).data()["dial_time_id"], new);
        assert_eq!(first_detail(&world, &task)["dial_time_group"]["name"], "always");
    }
    let groups = world.path("/dial-time-group");
    assert_eq!(world.client.delete(&format!("{groups}/{old}")).message(), "删除成功");
    assert_eq!(world.client.delete(&format!("{groups}/{new}")).code(), 8101);
    assert_eq!(world.client.get(&world.path("/task")).body["meta"]["total"], 1, "no refused task was stored");
}
