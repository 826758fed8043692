//! Input that must be refused, naming the field, with nothing stored.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Database, World, group, task};

fn with(mut body: Value, field: &str, value: Value) -> Value {
    body[field] = value;
    body
}

fn window(week: &Value, begin: &str, end: &str) -> Value {
    with(group("bad"), "content", json!([{"week": week, "times": [{"begin_time": begin, "end_time": end}]}]))
}

#[rstest]
fn a_bad_group_is_refused_naming_the_field_and_nothing_is_stored(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let path = world.path("/dial-time-group");
    let before = world.client.get(&path).body;
    let many = vec![json!({"begin_time": "08:00", "end_time": "09:00"}); 10_000];
    let end = "content[0].times[0].end_time";
    let begin = "content[0].times[0].begin_time";
    for (body, field) in [
        (window(&json!(7), "08:00", "09:00"), "content[0].week"),
        (window(&json!(-1), "08:00", "09:00"), "content[0].week"),
        (window(&json!("one"), "08:00", "09:00"), "content[0].week"),
        (window(&json!(1), "08:00", "25:00"), end),
        (window(&json!(1), "9:5", "10:00"), begin),
        (window(&json!(1), "24:00", "10:00"), begin),
        (window(&json!(1), "09:00", "09:00"), end),
        (with(group("bad"), "content", json!([{"week": 1, "times": many}])), "content"),
        (with(group("bad"), "content", json!("x")), "content"),
        (with(group("bad"), "name", json!("")), "name"),
        (with(group("bad"), "name", json!("  ")), "name"),
        (with(group("bad"), "name", json!("x".repeat(65))), "name"),
        (with(group("bad"), "name", json!("a\u{0}b")), "name"),
        (with(group("bad"), "name", json!(5)), "name"),
        (with(group("bad"), "is_default", json!("yes")), "is_default"),
        (with(group("bad"), "skip_holiday", Value::Null), "skip_holiday"),
        (with(group("bad"), "timezone", json!("EST")), "timezone"),
        (with(group("bad"), "timezone", json!("Mars/Olympus")), "timezone"),
    ] {
        let answer = world.client.post(&path, &body);
        assert_eq!((answer.status, answer.code()), (422, 422), "{field}: {}", answer.body);
        assert_eq!(answer.faulty_fields(), [field]);
        assert!(!answer.body["data"][0]["message"].as_str().unwrap().is_empty());
    }
    let empty = world.client.post(&path, &json!({}));
    assert_eq!(empty.faulty_fields(), ["name", "content", "is_default", "skip_holiday"]);
    assert_eq!(world.client.get(&path).body, before, "nothing is stored");
}

#[rstest]
fn a_bad_task_is_refused_naming_the_field_and_nothing_is_stored(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let id = world.group("group");
    let path = world.new_path("/task");
    let closure = |start, end| {
        json!({"start_time": "2024-11-01 13:25:26", "stop_time": "2025-11-01 13:25:26",
               "holiday": [{"start": start, "end": end}], "line": []})
    };
    for (field, value, fault) in [
        ("dial_time_id", json!(999_999), "dial_time_id"),
        ("dial_time_id", json!(0), "dial_time_id"),
        ("dial_time_id", json!("x"), "dial_time_id"),
        ("maximumcall", json!(0), "maximumcall"),
        ("destination_extension", Value::Null, "destination_extension"),
        ("caller_line_id", json!("x"), "caller_line_id"),
        ("end_action", json!(2), "end_action"),
        ("task_extras", Value::Null, "task_extras"),
        ("task_extras", closure("x", "2024-11-03 13:25"), "task_extras.holiday[0].start"),
        ("task_extras", closure("2024-11-03 13:25", "2024-11-03 13:25"), "task_extras.holiday[0].end"),
        (
            "task_extras",
            json!({"start_time": "2025-01-01 00:00:00", "stop_time": "2024-01-01 00:00:00"}),
            "task_extras.stop_time",
        ),
    ] {
        let answer = world.client.post(&path, &with(task(id), field, value));
        assert_eq!((answer.status, answer.faulty_fields()), (422, vec![fault]), "{}", answer.body);
    }
    let no_line = world.client.post(&world.path("/task"), &with(task(id), "caller_line_id", Value::Null));
    assert_eq!(no_line.faulty_fields(), ["caller_line_id"]);
    assert_eq!(world.client.get(&path).body["meta"]["total"], 0, "nothing is stored");
}

#[rstest]
fn a_request_that_is_not_one_is_refused_in_the_envelope(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::with(database, &["--body-limit", "2000"]);
    let path = world.path("/dial-time-group");
    let json = ("Content-Type", "application/json");
    let large = format!("{{\"name\":\"{}\"}}", "x".repeat(3_000));
    let deep = "[".repeat(1_000);
    for (method, path, header, body, status) in [
        ("POST", path.as_str(), json, "{", 400),
        ("POST", &path, json, "", 400),
        ("POST", &path, json, "{} x", 400),
        ("POST", &path, json, &deep, 400),
        ("POST", &path, json, "[]", 422),
        ("POST", &path, json, "[\"name\", [], false, false]", 422),
        ("POST", &path, json, "\"name\"", 422),
        ("POST", &path, json, "{\"name\":\"a\",\"name\":\"b\"}", 422),
        ("POST", &path, ("Content-Type", "text/plain"), "{}", 415),
        ("POST", &path, json, &large, 413),
        ("PATCH", &path, json, "{}", 405),
        ("POST", "/agent-api/nothing", json, "{}", 404),
        ("GET", "/nothing", json, "", 404),
    ] {
        let body = Some(body).filter(|body| method != "GET" || !body.is_empty());
        let answer = world.client.send(method, path, &[header], body);
        assert_eq!(answer.status, status, "{method} {path} {body:?}");
        assert_eq!((answer.code(), &answer.body["status"]), (status.into(), &"error".into()));
        assert!(answer.body["data"].is_array());
    }
    let broken = world.client.send("DELETE", &format!("{path}/1"), &[json], Some("{\"sub_user_id\": "));
    assert_eq!(broken.status, 400, "it might have named a sub-user");
    for id in ["abc", "-1", "0", "9223372036854775808"] {
        let answer = world.client.get(&format!("{path}/{id}"));
        assert_eq!((answer.status, answer.faulty_fields()), (422, vec!["group_id"]), "{id}");
    }
    let answer = world.client.get("/agent-api/user/nobody/dial-time-group");
    assert_eq!((answer.status, answer.faulty_fields()), (422, vec!["user_id"]));
    for (query, field) in [("page=0", "page"), ("page=x", "page"), ("per_page=101", "per_page")] {
        let answer = world.client.get(&format!("{path}?{query}"));
        assert_eq!((answer.status, answer.faulty_fields()), (422, vec![field]));
    }
    world.server.raw(b"\x00\xff rubbish\r\n\r\n");
    assert_eq!(world.client.get(&path).status, 200, "it still answers");
}
