//! The demo with real SIP: one command shows calls from end to end.

use std::{
    collections::HashSet,
    process::Command,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use test_support::Program;

use crate::support::{program, until};

const USER: &str = "5832d184-dd53-42a0-8ace-0bf8d660f4cc";
const TASK: &str = "0d3a1c2e-6f4b-4a8d-9c1e-2b7f5a9d8e01";

/// How long its end may take with calls under way.
const STOPS_WITHIN: Duration = Duration::from_secs(5);

fn get(base: &str, path: &str) -> Value {
    let url = format!("{base}/agent-api/user/{USER}/{path}");
    let mut answer = ureq::get(&url).header("Authorization", "Bearer YOUR_TOKEN").call().unwrap();
    serde_json::from_str::<Value>(&answer.body_mut().read_to_string().unwrap()).unwrap()["data"].take()
}

fn records(base: &str) -> Vec<Value> {
    get(base, &format!("task/{TASK}/record?per_page=100&all=1")).as_array().unwrap().clone()
}

/// The first lines of a call's messages.
fn said(base: &str, record: &Value) -> Vec<String> {
    let trace = get(base, &format!("record/{}/trace", record["record_id"].as_str().unwrap()));
    let messages = trace["messages"].as_array().unwrap();
    let first = |message: &Value| message["text"].as_str().unwrap().lines().next().unwrap().to_owned();
    messages.iter().map(first).collect()
}

#[test]
fn the_demo_shows_real_calls_from_end_to_end() {
    let demo = Program::start(&mut program(
        "",
        &["demo", "--sip", "--listen", "127.0.0.1:0", "--access-log", "refusals"],
    ));
    demo.line(&["over real SIP"]);
    let line = demo.line(&["/trace\""]);
    let base = line.split('"').nth(1).unwrap().split("/agent-api").next().unwrap().to_owned();
    let wanted = ["answered", "busy", "declined", "invalid_number", "powered_off", "no_answer"];
    let classes = || -> HashSet<String> {
        records(&base).iter().map(|record| record["class"].as_str().unwrap().to_owned()).collect()
    };
    until("there are calls of each kind", || wanted.iter().all(|class| classes().contains(*class)));
    let records = records(&base);
    assert!(records.iter().all(|record| record["simulated"] == false), "{records:?}");
    let of_class = |class: &str| records.iter().find(|record| record["class"] == class).unwrap();
    for (class, by, parts) in [
        ("answered", None, &["INVITE sip:+86139", "SIP/2.0 180", "SIP/2.0 200", "ACK sip:", "BYE sip:"][..]),
        ("busy", Some("callee"), &["INVITE sip:+86139", "SIP/2.0 486", "ACK sip:"][..]),
        ("no_answer", Some("dialtime"), &["SIP/2.0 180", "CANCEL sip:", "SIP/2.0 487"][..]),
    ] {
        let record = of_class(class);
        assert!(by.is_none_or(|by| record["ended_by"] == by), "{record}");
        let said = said(&base, record);
        for part in parts {
            assert!(said.iter().any(|line| line.starts_with(part)), "{part} is not in {said:?}");
        }
    }
    let pressed = || {
        let records = self::records(&base);
        let keys = records.iter().map(|record| record["keys"].clone()).find(|keys| *keys != json!([]));
        keys.map(|keys| keys[0].clone())
    };
    until("somebody has pressed a key", || pressed().is_some());
    let keys = pressed().unwrap();
    assert_eq!((&keys["step"], &keys["label"]), (&json!(1), &Value::Null), "{keys}");
    assert!(["1", "2"].iter().any(|key| keys["keys"] == *key) && keys["at"].is_string(), "{keys}");
    let talked = of_class("answered");
    assert!(talked["times"]["answered"].is_string() && talked["times"]["ended"].is_string(), "{talked}");
    until("someone talks", || get(&base, &format!("task/{TASK}/progress"))["calls"]["talking"] != json!(0));
    let stopping = Instant::now();
    let process = demo.process_id().to_string();
    assert!(Command::new("kill").args(["-TERM", &process]).status().unwrap().success());
    let log = demo.logged(&["the phone of the demo has 0 calls left"]);
    assert!(!log.contains("1390000"), "numbers are not logged: {log}");
    assert!(demo.wait(), "it ends well");
    assert!(stopping.elapsed() < STOPS_WITHIN, "{:?}", stopping.elapsed());
}
