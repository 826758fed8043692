//! A trunk that refuses every call for a while: it is left alone, asked and tried, and no number pays for it.

use std::time::{Duration, Instant};

use rstest::rstest;
use serde_json::{Value, json};

use super::{Callee, OPTIONS, line};
use crate::{
    dialing::{progress, start, task},
    support::{Database, ProgramWorld, until},
};

/// Says that it is there when it is asked, and this to whoever calls.
fn says(to_calls: &str) -> String {
    let answer = |status: &str| {
        format!(
            "<send><![CDATA[\nSIP/2.0 {status}\n[last_Via:]\n[last_From:]\n[last_To:];tag=line\n[last_Call-ID:]\n[last_CSeq:]\n\
             Content-Length: 0\n\n]]></send>\n"
        )
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n<scenario name=\"line\">\n\
         <recv request=\"OPTIONS\" optional=\"true\" next=\"asked\"/>\n<recv request=\"INVITE\"/>\n{}\
         <recv request=\"ACK\" next=\"end\"/>\n<label id=\"asked\"/>\n{}<label id=\"end\"/>\n<timewait milliseconds=\"200\"/>\n</scenario>\n",
        answer(to_calls),
        answer("200 OK"),
    )
}

/// For how long it refuses calls at least: `DIALTIME_FAILING_SECONDS`, or until it was tried once.
fn failing() -> Duration {
    let seconds = std::env::var("DIALTIME_FAILING_SECONDS");
    Duration::from_secs(seconds.map_or(0, |seconds| seconds.parse().unwrap()))
}

#[rstest]
fn a_line_that_refuses_each_call_costs_few_attempts_and_no_try(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let mut callee = Callee::with(&says("503 Service Unavailable"));
    let world = ProgramWorld::with(database, &OPTIONS);
    let task = task(&world, &line(&world, callee.port), world.open_group(), 40);
    start(&world, &task);
    let begun = Instant::now();
    let why = || progress(&world, &task)["reason"]["code"].clone();
    until("the line is down", || why() == "line_down");
    let begins = "a call failed by the fault of its line";
    world.server.logged(&[begins, "class=\"line_failure\"", "code=503"]);
    let logged = world.server.logged(&["a line fails again and again"]);
    assert_eq!(logged.matches(begins).count(), 1, "{logged}");
    let line_id = progress(&world, &task)["lines"][0]["line_id"].clone();
    let reason = || progress(&world, &task)["reason"].clone();
    until("it is told when the line is tried", || reason()["until"].is_string() || why() != "line_down");
    assert!(reason()["message"].as_str().unwrap().contains("（503 Service Unavailable）"), "{}", reason());
    let activity = world.client.get("/agent-api/line-activity").data()[0].clone();
    assert_eq!(activity["line_id"], line_id);
    assert_eq!(activity["last_failure"]["code"], 503, "{activity}");
    assert_eq!(progress(&world, &task)["lines"][0]["last_failure"]["phrase"], "Service Unavailable");
    until("it is asked and says that it is there", || callee.heard().contains("OPTIONS sip:"));
    let invites = || callee.heard().matches("INVITE sip:").count();
    until("one call tries it", || invites() > 20);
    assert_eq!(why(), "line_down", "who answers OPTIONS and refuses calls is not well");
    std::thread::sleep(failing().saturating_sub(begun.elapsed()));
    callee.becomes(&says("486 Busy Here"));
    // It is tried again after a pause that has doubled, and then the others follow at the line's pace: those that were not called yet at once.
    let path = world.path(&format!("/task/{task}/record?all=1&per_page=100"));
    let records = || world.client.get(&path).data().as_array().unwrap().clone();
    let busy = || records().iter().filter(|record| record["class"] == "busy").count();
    until("calls start again", || busy() >= 15);
    let failed: Vec<Value> = records().into_iter().filter(|one| one["class"] == "line_failure").collect();
    assert!((21..=26).contains(&failed.len()), "{failed:?}");
    assert!(failed.iter().all(|record| record["status"] == json!(null)), "no try: {failed:?}");
}
