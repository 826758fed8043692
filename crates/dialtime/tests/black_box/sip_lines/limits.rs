//! What a carrier sees of three nodes, one of which is killed: never more calls than the line has channels, never more starts in a second than it
//! allows. Both are counted from SIPp's own log.

use std::{collections::HashMap, thread, time::Duration};

use rstest::rstest;
use serde_json::json;

use super::{AGENT, Callee, OPTIONS};
use crate::{
    dialing::{start, task},
    support::{Database, Program, ProgramWorld, until},
};

/// A line that is bound by its channels, or by its starts a second.
#[derive(Clone, Copy)]
struct Limits {
    channels: usize,
    starts: usize,
    /// How long whoever answers talks, in milliseconds.
    talk: u32,
}

const BY_CHANNELS: Limits = Limits { channels: 4, starts: 10, talk: 1_500 };
const BY_STARTS: Limits = Limits { channels: 20, starts: 3, talk: 100 };
const NUMBERS: u32 = 60;

/// When a call came and when it was over, by SIPp's clock, in seconds.
#[derive(Clone, Copy)]
struct Seen {
    begun: f64,
    over: Option<f64>,
}

#[rstest]
fn a_carrier_never_sees_more_than_its_line_allows_while_nodes_come_and_die(
    #[values(BY_CHANNELS, BY_STARTS)] limits: Limits,
) {
    let pause = format!("<pause milliseconds=\"{}\"/>", limits.talk);
    let callee = Callee::with(&AGENT.replace("<pause milliseconds=\"500\"/>", &pause));
    let mut world = ProgramWorld::with(Database::Postgres, &OPTIONS);
    let others = [(); 2].map(|()| Program::start(&world.database.url, &OPTIONS));
    let address = format!("127.0.0.1:{}", callee.port);
    let body = json!({"name": "trunk", "kind": "sip", "channels": limits.channels, "cps": limits.starts,
        "sip": {"addresses": [address]}});
    let line = world.client.post("/agent-api/line", &body).data()["id"].as_str().unwrap().to_owned();
    world.client.post(&world.new_path(&format!("/line/{line}")), &json!({"line_concurrency": 20})).data();
    let task = task(&world, &line, world.open_group(), NUMBERS);
    start(&world, &task);
    until("a third has been called", || seen(&callee.heard()).len() > 20);
    world.server.kill();
    let client = world.client.at(&others[0].base);
    let calls = world.path("/call");
    until("the others go on", || seen(&callee.heard()).len() > 40);
    until("all are called", || seen(&callee.heard()).len() >= 60);
    until("no call is left", || client.get(&calls).data().as_array().is_some_and(Vec::is_empty));
    thread::sleep(Duration::from_millis(300));
    let calls: Vec<Seen> = seen(&callee.heard()).into_values().collect();
    assert_eq!(calls.len(), 60, "nobody is called twice");
    for Seen { begun, .. } in &calls {
        let at_once =
            calls.iter().filter(|call| call.begun <= *begun && call.over.is_none_or(|over| *begun < over));
        assert!(at_once.count() <= limits.channels);
        let in_a_second = calls.iter().filter(|call| (*begun..*begun + 1.0).contains(&call.begun));
        // One more, for the way here takes its time.
        assert!(in_a_second.count() <= limits.starts + 1);
    }
}

/// The calls in SIPp's log, by Call-ID.
fn seen(log: &str) -> HashMap<String, Seen> {
    let mut calls: HashMap<String, Seen> = HashMap::new();
    for entry in log.split("----------------------------------------------- ").skip(1) {
        let Some(at) = entry.lines().next().and_then(seconds) else { continue };
        let Some(id) = entry.lines().find_map(|line| line.strip_prefix("Call-ID:")) else { continue };
        let first = entry.lines().find(|line| line.contains("SIP/2.0")).unwrap_or_default();
        if first.starts_with("INVITE ") {
            calls.entry(id.trim().to_owned()).or_insert(Seen { begun: at, over: None });
        } else if first.starts_with("BYE ")
            && let Some(call) = calls.get_mut(id.trim())
        {
            call.over.get_or_insert(at);
        }
    }
    calls
}

/// The time of a day that an entry begins with, after its date.
fn seconds(line: &str) -> Option<f64> {
    let time = line.split_whitespace().nth(1)?;
    let mut parts = time.split(':').map(str::parse::<f64>);
    let mut next = || parts.next()?.ok();
    Some(next()? * 3_600.0 + next()? * 60.0 + next()?)
}
