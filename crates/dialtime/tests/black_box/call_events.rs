//! What an account is told of calls before they end, and webhooks that are sent several events in one request.

use std::collections::BTreeMap;

use rstest::rstest;
use serde_json::{Value, json};
use test_support::{Manner, Received, Receiver};

use crate::support::{Database, World, dialtime, run, until};

const TO_PRIVATE: &str = "--webhooks-to-private";

/// A task that is switched on with so many numbers, whose calls over a simulated line are all answered.
fn answered_list(world: &World, numbers: usize) -> String {
    let seconds = json!({"from": 1, "to": 1});
    let outcomes = json!([{"weight": 1, "outcome": "answered", "ring": seconds, "talk": seconds}]);
    let line = json!({
        "name": "line", "kind": "simulated", "channels": 50, "cps": 100, "simulation": {"outcomes": outcomes},
    });
    let line = world.client.post("/agent-api/line", &line).data()["id"].as_str().unwrap().to_owned();
    world.client.post(&world.new_path(&format!("/line/{line}")), &json!({"line_concurrency": 50})).data();
    let script = json!({"name": "script", "steps": [{"action": "hang_up"}]});
    let script = world.client.post(&world.path("/script"), &script).data()["id"].clone();
    let task = json!({
        "name": "list", "dial_time_id": world.open_group(), "destination_extension": script, "maximumcall": 20,
        "caller_line_id": line,
    });
    let task = world.client.post(&world.path("/task"), &task).data()["uuid"].as_str().unwrap().to_owned();
    let phones: Vec<Value> = (0..numbers).map(|number| json!({"phone": format!("138{number:08}")})).collect();
    world.client.post(&world.path(&format!("/task/{task}/number")), &json!({"data": phones})).data();
    world.client.put(&world.path(&format!("/task_start/{task}")), &json!({})).data();
    task
}

/// The events of a type in the account's log.
fn logged(world: &World, kind: &str) -> Vec<Value> {
    let events = world.client.get(&world.path("/events?limit=1000")).data()["events"].clone();
    events.as_array().unwrap().iter().filter(|event| event["type"] == kind).cloned().collect()
}

/// The events of each call, in order.
fn by_call(mut events: Vec<Value>) -> BTreeMap<String, Vec<Value>> {
    events.sort_by_key(|event| event["id"].as_i64());
    let mut calls: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for event in events {
        calls.entry(event["detail"]["record_id"].to_string()).or_default().push(event);
    }
    calls
}

#[rstest]
fn an_account_is_told_of_calls_before_they_end_if_it_asks(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let path = world.path("/call-events");
    assert_eq!(*world.client.get(&path).data(), json!({"call_events": []}));
    answered_list(&world, 3);
    until("they have ended", || logged(&world, "call.ended").len() == 3);
    for kind in ["call.started", "call.ringing", "call.answered"] {
        assert_eq!(logged(&world, kind), [Value::Null; 0], "{kind}");
    }
    let all = json!({"call_events": ["call.answered", "call.judged", "call.started", "call.ringing"]});
    let set = world.client.put(&path, &all);
    assert_eq!(
        *set.data(),
        json!({"call_events": ["call.started", "call.ringing", "call.answered", "call.judged"]})
    );
    assert_eq!(world.client.get(&path).data(), set.data());
    let task = answered_list(&world, 5);
    let of_task = |kind: &str| {
        let of_task = |event: &Value| event["task_id"] == task.as_str();
        logged(&world, kind).into_iter().filter(of_task).collect::<Vec<_>>()
    };
    until("they have ended", || of_task("call.ended").len() == 5);
    let kinds = ["call.started", "call.ringing", "call.answered", "call.ended"];
    let stages = by_call(kinds.into_iter().flat_map(of_task).collect());
    assert_eq!(stages.len(), 5);
    for (call, stages) in stages {
        let kinds: Vec<&Value> = stages.iter().map(|event| &event["type"]).collect();
        assert_eq!(kinds, ["call.started", "call.ringing", "call.answered", "call.ended"], "{call}");
        let [started, ringing, answered, ended] = [0, 1, 2, 3].map(|place: usize| &stages[place]["detail"]);
        for name in ["ringing_at", "answered_at", "ended_at"] {
            assert_eq!(started[name], Value::Null, "{call} {name}");
        }
        assert_eq!((&ringing["ringing_at"], &ringing["answered_at"]), (&ended["ringing_at"], &Value::Null));
        assert_eq!(answered["answered_at"], ended["answered_at"]);
        assert_eq!(stages[1]["due_at"], ended["ringing_at"]);
        let told = started.to_string();
        assert!(!told.contains("1380000") && !told.contains("138*"), "no number is told: {told}");
    }
}

#[rstest]
fn only_events_of_calls_before_their_end_can_be_asked_for(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let path = world.path("/call-events");
    world.client.put(&path, &json!({"call_events": ["call.started"]})).data();
    // Nobody else is told.
    assert_eq!(
        *world.client.get(&format!("{path}?sub_user_id={}", world.sub_user)).data(),
        json!({"call_events": []})
    );
    for (body, field) in [
        (json!({"call_events": ["call.started", "call.ended"]}), "call_events[1]"),
        (json!({"call_events": "call.started"}), "call_events"),
        (json!({}), "call_events"),
        (json!({"call_events": [], "events": []}), "events"),
    ] {
        assert_eq!(world.client.put(&path, &body).faults()[0].0, field, "{body}");
    }
    dialtime(&world.database.url, &["user", "call-events", &world.user, "call.answered"]);
    until("the command is seen", || {
        *world.client.get(&path).data() == json!({"call_events": ["call.answered"]})
    });
    // Who names none is shown those that there are; to take them away has a word of its own.
    let command = |more: &[&str]| {
        dialtime(&world.database.url, &[&["user", "call-events", &*world.user], more].concat())
    };
    assert_eq!(command(&[]).trim(), "call.answered");
    assert_eq!(*world.client.get(&path).data(), json!({"call_events": ["call.answered"]}));
    let both = run(&world.database.url, &["user", "call-events", &world.user, "--none", "call.answered"]);
    assert_eq!(both.code, Some(2), "{}", both.error);
    assert_eq!(command(&["--none"]).trim(), "changed");
    assert_eq!(*world.client.get(&path).data(), json!({"call_events": []}));
    assert_eq!(command(&[]).trim(), "none beside call.ended");
    let refused = run(&world.database.url, &["user", "call-events", &world.user, "call.ended"]);
    assert_eq!(refused.code, Some(2), "{}", refused.error);
}

/// The events of what was received, in order, and each once.
fn events_of(received: &[Received]) -> Vec<Value> {
    let mut all: Vec<Value> = Vec::new();
    for one in received {
        for event in one.body.as_array().expect("a list") {
            if !all.iter().any(|other| other["data"]["id"] == event["data"]["id"]) {
                all.push(event.clone());
            }
        }
    }
    all
}

#[rstest]
fn several_events_are_sent_in_one_request_and_again_as_a_whole(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::with(database, &[TO_PRIVATE]);
    let receiver = Receiver::start(Manner::Answer(500), 2);
    let webhook =
        json!({"url": receiver.url, "batch": 7, "events": ["call.ended", "call.started", "task.finished"]});
    let made = world.client.post(&world.path("/webhook"), &webhook).data().clone();
    assert_eq!(made["batch"], 7);
    let webhook = world.path(&format!("/webhook/{}", made["id"].as_str().unwrap()));
    world.client.put(&world.path("/call-events"), &json!({"call_events": ["call.started"]})).data();
    answered_list(&world, 20);
    until("the list is finished", || logged(&world, "task.finished").len() == 1);
    let again = format!("{webhook}/send-again");
    until("all has come", || {
        world.client.post(&again, &json!({})).data();
        events_of(&receiver.taken()).len() == 41
    });
    let received = receiver.taken();
    let secret = made["secret"].as_str().unwrap();
    for one in &received {
        let events = one.body.as_array().unwrap();
        assert!((1..=7).contains(&events.len()), "{}", events.len());
        assert!(events.is_sorted_by_key(|event| event["data"]["id"].as_i64()));
        assert_eq!(one.signed_by(secret), [true]);
        assert!(one.id.starts_with(made["id"].as_str().unwrap()), "{}", one.id);
    }
    assert!(received.iter().any(|one| one.body.as_array().unwrap().len() > 1));
    // What was sent under one id is the same each time.
    let mut bodies: BTreeMap<&str, &str> = BTreeMap::new();
    for one in &received {
        assert_eq!(*bodies.entry(&one.id).or_insert(&one.text), one.text);
    }
    let mut by_call: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for event in events_of(&received).iter().filter(|event| event["type"] != "task.finished") {
        let of_call = by_call.entry(event["data"]["detail"]["record_id"].to_string()).or_default();
        of_call.push(event["type"].as_str().unwrap().to_owned());
    }
    assert_eq!(by_call.len(), 20);
    for (call, kinds) in by_call {
        assert_eq!(kinds, ["call.started", "call.ended"], "{call}");
    }
    let deliveries = || world.client.get(&format!("{webhook}/delivery?per_page=100"));
    assert!(deliveries().column("list").iter().all(Value::is_i64), "each is told with its list");
    until("all is noted", || deliveries().column("state").iter().all(|state| state == "delivered"));
    assert_eq!(world.client.post(&format!("{webhook}/test"), &json!({})).data()["list"], Value::Null);
}

#[rstest]
fn a_list_of_events_has_bounds(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::with(database, &[TO_PRIVATE]);
    let path = world.path("/webhook");
    for (body, field) in [
        (json!({"batch": 0}), "batch"),
        (json!({"batch": 101}), "batch"),
        (json!({"batch": -1}), "batch"),
        (json!({"batch": "many"}), "batch"),
        (json!({"batch": 2, "format": "platform"}), "batch"),
    ] {
        let mut whole = json!({"url": "https://example.com"});
        whole.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
        assert_eq!(world.client.post(&path, &whole).faults()[0].0, field, "{body}");
    }
    let receiver = Receiver::start(Manner::Take, 0);
    let made = world.client.post(&path, &json!({"url": receiver.url})).data().clone();
    assert_eq!(made["batch"], 1, "who asks for nothing is sent one by one");
    let webhook = format!("{path}/{}", made["id"].as_str().unwrap());
    world.open_group();
    assert!(receiver.wait_for(1)[0].body.is_object());
    world.client.put(&webhook, &json!({"batch": 100})).data();
    world.task(world.open_group());
    until("lists have come", || receiver.taken().len() > 1 && receiver.taken()[1].body.is_array());
    assert_eq!(world.client.put(&webhook, &json!({"format": "platform"})).faults()[0].0, "batch");
    assert_eq!(world.client.put(&webhook, &json!({"enabled": true})).data()["batch"], 100);
}
