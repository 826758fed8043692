//! Overrides of groups: closed or open for a while, and then as their windows say.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{self, Database, Reply, World, until};

/// A body that closes a group for a long while.
pub(crate) fn closed() -> Value {
    json!({"state": "closed", "until": "2199-01-01 00:00:00", "reason": "消防演练"})
}

/// Closes a group for a long while.
pub(crate) fn close(world: &World, group: i64) -> Reply {
    world.client.put(&address(world, group), &closed())
}

fn address(world: &World, group: i64) -> String {
    world.path(&format!("/dial-time-group/{group}/override"))
}

/// A group with these windows, and a task in it that is switched on.
fn enabled(world: &World, content: &Value) -> (i64, String) {
    let group = json!({"name": "g", "content": content, "is_default": false, "skip_holiday": false});
    let group = world.client.post(&world.path("/dial-time-group"), &group).data()["id"].as_i64().unwrap();
    let task = world.client.post(&world.path("/task"), &support::task(group));
    let task = task.data()["uuid"].as_str().unwrap().to_owned();
    world.client.put(&world.path(&format!("/task_start/{task}")), &json!({})).data();
    (group, task)
}

/// What is decided of a group, what of its task, and the state of the task. Each is asked for at an instant of its own.
#[derive(Debug, PartialEq)]
struct Decided {
    group: (bool, String),
    task: (bool, String),
    status: i64,
}

/// A group and its task that are open or closed by the same rule, and the state of the task.
fn alike(allowed: bool, rule: &str, status: i64) -> Decided {
    let decision = (allowed, rule.to_owned());
    Decided { group: decision.clone(), task: decision, status }
}

fn decided(world: &World, (group, task): &(i64, String)) -> Decided {
    let decision = |path: &str| {
        let decision = world.client.get(&world.path(path)).data().clone();
        (decision["allowed"].as_bool().unwrap(), decision["reason"]["rule"].as_str().unwrap().to_owned())
    };
    Decided {
        group: decision(&format!("/dial-time-group/{group}/decision")),
        task: decision(&format!("/task/{task}/decision")),
        status: world.client.get(&world.path(&format!("/task/{task}/edit"))).data()["status"]
            .as_i64()
            .unwrap(),
    }
}

#[rstest]
fn a_group_is_closed_for_a_while_and_opened_again_at_once(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let running = enabled(&world, &support::always());
    let group = running.0;
    assert_eq!(decided(&world, &running), alike(true, "weekly", 2));

    let set = close(&world, group);
    let over = &set.data()["override"];
    assert_eq!((&over["state"], &over["until"]), (&json!("closed"), &json!("2199-01-01 00:00:00")));
    assert_eq!(over["reason"], "消防演练");
    assert!(over["set_by"]["token_name"].is_string());
    assert_eq!((set.header("ETag"), set.data()["version"].as_i64()), ("\"2\"", Some(2)));
    assert_eq!(decided(&world, &running), alike(false, "override", 3));
    let english = [("Accept-Language", "en")];
    let path = world.path(&format!("/dial-time-group/{group}/decision"));
    let decision = world.client.send("GET", &path, &english, None);
    let reason = &decision.data()["reason"];
    assert_eq!(reason["detail"], "The group is closed for a while (消防演练)");
    assert_eq!(reason["name"], "消防演练");
    let next = decision.data()["next_allowed_at"].as_str().unwrap();
    assert!(next.starts_with("2199-01-01T00:00:00"), "{next}");
    assert_eq!(world.client.get(&address(&world, group)).data(), over);
    // Its calendar says so, too, and so does a preview of an edit of its windows.
    let calendar = world.client.get(&world.path(&format!("/dial-time-group/{group}/calendar")));
    assert_eq!(calendar.data()["open_seconds"].as_i64().unwrap() / 86_400, 0, "but for what passed of today");
    let preview = json!({"group_id": group, "content": support::always()});
    let preview = world.client.post(&world.path("/dial-time-group/preview"), &preview);
    assert_eq!(preview.data()["starting"]["total"], 0);

    let removed = world.client.delete(&address(&world, group));
    assert_eq!((&removed.data()["override"], removed.header("ETag")), (&Value::Null, "\"3\""));
    assert_eq!(decided(&world, &running), alike(true, "weekly", 2));
    for reply in [world.client.get(&address(&world, group)), world.client.delete(&address(&world, group))] {
        assert_eq!(reply.status, 404);
    }
    let events = world.client.get(&world.path("/events?limit=1000")).data()["events"].clone();
    let by_it: Vec<&str> = events
        .as_array()
        .unwrap()
        .iter()
        .filter(|event| event["cause"] == "override")
        .map(|event| event["type"].as_str().unwrap())
        .collect();
    let expected =
        ["group.updated", "group.closed", "task.waiting", "group.updated", "group.opened", "task.running"];
    assert_eq!(by_it, expected, "{events}");
}

#[rstest]
fn an_override_ends_by_itself(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let closed = enabled(&world, &json!([]));
    assert_eq!(decided(&world, &closed), alike(false, "weekly", 3));
    let end = crate::events::now() + jiff::SignedDuration::from_secs(6);
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
    let end = zone.to_datetime(end).strftime("%Y-%m-%d %H:%M:%S").to_string();
    let open = json!({"state": "open", "until": end, "reason": "热线"});
    world.client.put(&address(&world, closed.0), &open).data();
    assert_eq!(decided(&world, &closed), alike(true, "override", 2));
    until("it has ended", || decided(&world, &closed) == alike(false, "weekly", 3));
    let last = || {
        let events = world.client.get(&world.path("/events?limit=1000")).data()["events"].clone();
        events.as_array().unwrap().last().unwrap()["type"].clone()
    };
    until("its end is told", || last() == "task.waiting");
    assert_eq!(world.client.get(&address(&world, closed.0)).status, 404);
}

#[rstest]
fn what_is_no_override_is_refused_by_field(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let group = enabled(&world, &support::always()).0;
    let reason = "x".repeat(201);
    for (body, field, rule) in [
        (json!({"reason": "x"}), "state", "required"),
        (json!({"state": "closed"}), "reason", "required"),
        (json!({"state": "shut", "reason": "x"}), "state", "one_of"),
        (json!({"state": "closed", "reason": " "}), "reason", "empty"),
        (json!({"state": "closed", "reason": reason}), "reason", "too_long"),
        (json!({"state": "closed", "reason": "x", "until": "tomorrow"}), "until", "date_time"),
        (json!({"state": "closed", "reason": "x", "until": "2020-01-01 00:00:00"}), "until", "past"),
        (json!({"state": "closed", "reason": "x", "until": "next_change"}), "until", "no_next_change"),
        (json!({"state": "closed", "reason": "x"}), "until", "no_next_change"),
        (json!({"state": "closed", "reason": "x", "til": "2199-01-01"}), "til", "unknown_field"),
    ] {
        let reply = world.client.put(&address(&world, group), &body);
        assert_eq!(reply.status, 422, "{body}");
        let faults = &reply.body["data"];
        assert_eq!((&faults[0]["field"], &faults[0]["rule"]), (&json!(field), &json!(rule)), "{body}");
    }
    assert_eq!(
        world.client.json("PUT", &address(&world, group), &[("If-Match", "\"7\"")], &closed()).status,
        412
    );
    assert_eq!(world.client.put(&address(&world, 999_999), &closed()).status, 404);
    let detail = world.client.get(&world.path(&format!("/dial-time-group/{group}")));
    assert_eq!((&detail.data()["override"], &detail.data()["version"]), (&Value::Null, &json!(1)));
}

#[rstest]
fn what_deserves_a_second_look_is_said_with_an_override_too(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let day = json!([{"week": 1, "times": [{"begin_time": "00:00", "end_time": "23:59"}]}]);
    let (group, _) = enabled(&world, &day);
    let set = close(&world, group).data().clone();
    let ended = world.client.delete(&address(&world, group)).data().clone();
    for answer in [set, ended] {
        let warnings = answer["warnings"].as_array().unwrap();
        assert_eq!(warnings.len(), 1, "{answer}");
        assert_eq!(
            (&warnings[0]["field"], &warnings[0]["rule"]),
            (&json!("content[0].times[0].end_time"), &json!("last_minute"))
        );
    }
}

#[rstest]
fn a_replaced_override_is_restored_only_where_that_is_asked_for(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let running = enabled(&world, &support::always());
    let address = address(&world, running.0);
    let open = json!({"state": "open", "until": "2198-01-01 00:00:00", "reason": "热线"});
    let replaced = || {
        close(&world, running.0).data();
        world.client.put(&address, &open).data()["override"].clone()
    };
    let over = replaced();
    assert_eq!((&over["reason"], &over["replaced"]["reason"]), (&json!("热线"), &json!("消防演练")));
    assert_eq!(decided(&world, &running), alike(true, "override", 2));
    let removed = world.client.delete(&address);
    assert_eq!(removed.data()["override"], Value::Null, "it follows its windows again");
    assert_eq!(decided(&world, &running), alike(true, "weekly", 2));

    replaced();
    assert_eq!(world.client.delete(&format!("{address}?restore=maybe")).faults()[0].0, "restore");
    let restored = world.client.delete(&format!("{address}?restore=true")).data()["override"].clone();
    assert_eq!((&restored["state"], &restored["until"]), (&json!("closed"), &json!("2199-01-01 00:00:00")));
    assert_eq!(decided(&world, &running), alike(false, "override", 3));
    let last = world.client.delete(&format!("{address}?restore=true"));
    assert_eq!(last.data()["override"], Value::Null, "there is no other");
    assert_eq!(world.client.delete(&format!("{address}?restore=true")).status, 404);

    replaced();
    let body = json!({"group_ids": [running.0], "restore": true});
    let bulk = world.path("/bulk/override/remove");
    let dry = world.client.post(&format!("{bulk}?dry_run=true"), &body).data().clone();
    assert_eq!((&dry["changed"], &dry["stopping"]["total"]), (&json!(1), &json!(1)), "{dry}");
    assert_eq!(decided(&world, &running), alike(true, "override", 2), "it was only shown");
    world.client.post(&bulk, &body).data();
    assert_eq!(decided(&world, &running), alike(false, "override", 3));
    world.client.post(&bulk, &json!({"group_ids": [running.0]})).data();
    assert_eq!(decided(&world, &running), alike(true, "weekly", 2));
}
