//! Callees who are connected with someone else over another line, and what their records say of that.

use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};

use super::{
    Callee, OPTIONS,
    baresip::Baresip,
    death::{killed, most, record},
    line, line_with, record_of,
    scripts::script,
};
use crate::{
    dialing::{progress, start, task_with_script},
    support::{Database, ProgramWorld, World, until},
};

/// A task of one number whose script transfers to an extension at this port.
pub(super) fn transferring(world: &ProgramWorld, callee: u16, agent: u16) -> String {
    let transfer =
        json!({"action": "transfer", "label": "agent", "extension": "801", "line": line(world, agent)});
    let script = script(world, &json!([transfer]));
    task_with_script(world, &line(world, callee), script, 1)
}

#[rstest]
#[case::answered("agent.xml", "answered", "agent", "agent", 200)]
#[case::busy("busy.xml", "busy", "agent", "script", 486)]
fn a_record_says_with_whom_its_callee_was_connected(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
    #[case] scenario: &str,
    #[case] class: &str,
    #[case] leg_by: &str,
    #[case] call_by: &str,
    #[case] code: u16,
) {
    let (phone, agent) = (Baresip::start("+8613800000000"), Callee::start(&["-sf", scenario]));
    let world = ProgramWorld::with(database, &OPTIONS);
    let record = record_of(&world, &transferring(&world, phone.port, agent.port));
    assert_eq!((&record["class"], &record["ended_by"]), (&json!("answered"), &json!(call_by)), "{record}");
    let [leg] = record["legs"].as_array().unwrap().as_slice() else { panic!("one leg: {record}") };
    assert_eq!(
        (&leg["target"], &leg["class"], &leg["ended_by"], &leg["cause"]["code"]),
        (&json!("801"), &json!(class), &json!(leg_by), &json!(code)),
        "{leg}"
    );
    let times = &leg["times"];
    assert_eq!(times["answered"].is_string(), class == "answered", "{leg}");
    assert!(times["dialed"].is_string() && times["ended"].is_string(), "{leg}");
    let heard = agent.heard();
    assert!(heard.contains("INVITE sip:801@127.0.0.1:"), "{heard}");
    assert!(heard.contains(&format!("Call-ID: {}@127.0.0.1", leg["leg_id"].as_str().unwrap())), "{heard}");
    assert!(phone.said().contains("session closed"), "{}", phone.said());
    let path = format!("/record/{}/trace", record["record_id"].as_str().unwrap());
    let messages = world.client.get(&world.path(&path)).data()["messages"].as_array().unwrap().clone();
    for message in &messages {
        let port = if message["leg_id"] == leg["leg_id"] { agent.port } else { phone.port };
        assert_eq!(message["peer"], json!(format!("127.0.0.1:{port}")), "{message}");
    }
    let (of_leg, own): (Vec<_>, Vec<_>) = messages.iter().partition(|one| one["leg_id"] == leg["leg_id"]);
    assert!(!of_leg.is_empty() && own.iter().all(|message| message["leg_id"].is_null()), "{messages:?}");
}

/// Why nothing is dialed over a line for a script that may transfer over another one.
fn reason_of_transfer_over(world: &World, line: &str, over: &str) -> Value {
    let asks = json!({"action": "gather", "digits": 1, "branches": [{"digits": "0", "go_to": "agent"}]});
    let end = json!({"action": "hang_up"});
    let transfer = json!({"action": "transfer", "label": "agent", "extension": "801", "line": over});
    let script = script(world, &json!([asks, end, transfer]));
    let task = task_with_script(world, line, script, 1);
    start(world, &task);
    progress(world, &task)["reason"].clone()
}

#[rstest]
fn nobody_is_rung_up_who_cannot_be_connected(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let missing = "0b1e0d6e-8a68-4f5c-9a35-0d7f6fb1a001".to_owned();
    let body = json!({"name": "trunk", "kind": "sip", "channels": 10, "cps": 10, "sip": {"addresses": ["127.0.0.1:9"]}});
    let unallocated = world.client.post("/agent-api/line", &body).data()["id"].as_str().unwrap().to_owned();
    let stopped = line(&world, 9);
    let stop = json!({"level": "line", "line_id": stopped, "reason": "test"});
    world.client.post("/agent-api/stop-dialing", &stop).data();
    let unregistered = line_with(
        &world,
        &json!({"addresses": ["127.0.0.1:9"], "auth_user": "1", "auth_secret": "2", "from_user": "02161234567", "register": true}),
    );
    let simulated = || crate::dialing::line(&world, "answered");
    for over in [missing, unallocated, simulated(), stopped, unregistered] {
        let reason = reason_of_transfer_over(&world, &line(&world, 9), &over);
        assert_eq!(
            (&reason["code"], &reason["line_id"]),
            (&json!("transfer_line"), &json!(over)),
            "{reason}"
        );
        assert_eq!(reason["message"], "话术转接所用的线路不可用");
        // Simulated lines run no scripts.
        let reason = reason_of_transfer_over(&world, &simulated(), &over);
        assert_ne!(reason["code"], "transfer_line", "{reason}");
    }
    let reason = reason_of_transfer_over(&world, &line(&world, 9), &line(&world, 9));
    assert_ne!(reason["code"], "transfer_line", "{reason}");
}

/// Nothing is dialed for a script that transfers over a line over which nothing may be dialed now.
#[rstest]
fn nobody_is_called_over_a_line_that_is_stopped(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (phone, agent) = (Baresip::start("+8613800000000"), Callee::start(&["-sf", "agent.xml"]));
    let world = ProgramWorld::with(database, &OPTIONS);
    let over = line(&world, agent.port);
    let transfer = json!({"action": "transfer", "extension": "801", "line": over});
    let script = script(&world, &json!([transfer]));
    let task = task_with_script(&world, &line(&world, phone.port), script, 1);
    let stop = json!({"level": "line", "line_id": over, "reason": "test"});
    world.client.post("/agent-api/stop-dialing", &stop).data();
    start(&world, &task);
    until("it says why", || progress(&world, &task)["reason"]["code"] == "transfer_line");
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(progress(&world, &task)["numbers"]["waiting"], 1, "it keeps its number");
    assert_eq!(agent.heard(), "");
    world.client.post("/agent-api/resume-dialing", &json!({"level": "line", "line_id": over})).data();
    let record = record_of(&world, &task);
    assert_eq!((&record["class"], &record["legs"][0]["class"]), (&json!("answered"), &json!("answered")));
}

#[rstest]
fn both_sides_of_a_node_that_dies_are_hung_up_on(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (phone, agent) = (Baresip::start("+8613800000000"), Baresip::start("801"));
    let mut world = ProgramWorld::with(database, &OPTIONS);
    let task = transferring(&world, phone.port, agent.port);
    start(&world, &task);
    until("they talk", || agent.said().contains("Call established"));
    let call = || world.client.get(&world.path("/call")).data()[0].clone();
    until("it is known that they talk", || call()["leg"]["state"] == "answered");
    assert_eq!((&call()["state"], &call()["leg"]["target"]), (&json!("answered"), &json!("801")));
    let id = call()["record_id"].as_str().unwrap().to_owned();
    let elsewhere = json!({"extension": "802", "line": line(&world, agent.port)});
    for (asked, body) in [("go-to", json!({"step": "agent"})), ("transfer", elsewhere)] {
        let refused = world.client.post(&world.path(&format!("/call/{id}/{asked}")), &body);
        assert_eq!(
            (refused.status, &refused.body["message"]),
            (409, &json!("通话正在转接或已转接，无法离开")),
            "{asked}"
        );
    }
    // What ends it is written down within a round.
    std::thread::sleep(Duration::from_millis(500));
    let (node, since) = killed(&mut world, database);
    for phone in [&phone, &agent] {
        until("the phone is hung up on", || phone.said().contains("session closed"));
    }
    assert!(since.elapsed() < most(database), "{:?}", since.elapsed());
    let record: Value = record(&world, &node, &task);
    assert_eq!((&record["class"], &record["legs"][0]["class"]), (&json!("answered"), &json!("answered")));
}
