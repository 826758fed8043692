//! Nodes that are told to stop while phones ring and while people talk: who talks may finish for as long as the operator says, and nobody's
//! phone goes on.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use rstest::rstest;
use serde_json::{Value, json};

use super::{
    AGENT, Callee,
    baresip::Baresip,
    death::record,
    line,
    registrations::RegisteringCarrier,
    scripts::{prompt, rising_tone, script},
    transfers::transferring,
};
use crate::{
    dialing::{progress, start, task, task_with_script},
    support::{Database, Program, ProgramWorld, World, until},
};

/// How long a stop may take where nobody is waited for.
const AT_ONCE: Duration = Duration::from_secs(4);

/// A world whose node waits for so many seconds for those who talk.
fn draining(database: Database, seconds: &str) -> ProgramWorld {
    ProgramWorld::with(database, &["--sip-listen", "127.0.0.1:0", "--drain-seconds", seconds])
}

fn terminate(world: &ProgramWorld) {
    let process = world.server.process_id().to_string();
    assert!(Command::new("kill").args(["-TERM", &process]).status().unwrap().success());
}

/// Tells the node to stop, and waits until it has; gives how long that took.
fn stopped(world: &mut ProgramWorld) -> Duration {
    let since = Instant::now();
    terminate(world);
    world.server.logged(&["dialtime::node: stopped"]);
    let took = since.elapsed();
    world.server.kill();
    took
}

/// A task in whose only call somebody hears a tone of so many seconds.
fn hearing(world: &ProgramWorld, phone: u16, seconds: u32) -> String {
    let play = json!({"action": "play", "prompt": prompt(world, &rising_tone(seconds))});
    let script = script(world, &json!([play, {"action": "hang_up"}]));
    let task = task_with_script(world, &line(world, phone), script, 1);
    start(world, &task);
    until("somebody talks", || progress(world, &task)["calls"]["talking"] == 1);
    task
}

/// What the only record of a task says once its node has stopped.
fn record_after(world: &ProgramWorld, task: &str) -> Value {
    let node = Program::start(&world.database.url, &["--sip-listen", "127.0.0.1:0"]);
    record(world, &node, task)
}

#[rstest]
fn a_phone_that_rings_falls_silent(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let callee = Callee::start(&["-sf", "ringing.xml"]);
    let mut world = draining(database, "30");
    let task = task(&world, &line(&world, callee.port), world.open_group(), 1);
    start(&world, &task);
    let calls = world.path("/call");
    until("the phone rings", || world.client.get(&calls).data()[0]["ringing_at"].is_string());
    let took = stopped(&mut world);
    assert!(took < AT_ONCE, "{took:?}");
    let heard = callee.heard();
    assert!(heard.contains("CANCEL sip:") && heard.matches("INVITE sip:").count() == 1, "{heard}");
    let record = record_after(&world, &task);
    assert_eq!(
        (&record["ended_by"], &record["times"]["answered"]),
        (&json!("dialtime"), &Value::Null),
        "{record}"
    );
    let why = (&record["end_reason"], &record["cause"]["local"]);
    assert_eq!(why, (&json!("shutdown"), &json!(true)), "the network's 487 answers our CANCEL: {record}");
}

#[rstest]
#[case::to_the_end("30", "script")]
#[case::no_longer("0", "dialtime")]
fn who_talks_finishes_as_the_operator_says(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
    #[case] drain: &str,
    #[case] by: &str,
) {
    let phone = Baresip::start("+8613800000000");
    let mut world = draining(database, drain);
    let task = hearing(&world, phone.port, 5);
    let took = stopped(&mut world);
    assert!(by == "script" || took < AT_ONCE, "{took:?}");
    until("the phone is hung up on", || phone.said().contains("session closed"));
    let record = record_after(&world, &task);
    assert_eq!((&record["class"], &record["ended_by"]), (&json!("answered"), &json!(by)), "{record}");
    let why = if by == "script" { Value::Null } else { json!("shutdown") };
    assert_eq!(record["end_reason"], why, "{record}");
}

/// A stop is no reason to lose hold of those who talk.
#[rstest]
fn who_talks_can_be_hung_up_on_while_the_server_stops(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let phone = Baresip::start("+8613800000000");
    let world = draining(database, "30");
    let task = hearing(&world, phone.port, 20);
    terminate(&world);
    world.server.logged(&["answered calls go on for at most 30 s"]);
    let ready = world.client.get("/readyz");
    assert_eq!((ready.status, &ready.body["message"]), (503, &json!("服务正在停止")));
    let call = world.client.get(&world.path("/call")).data()[0].clone();
    assert_eq!(call["state"], "answered");
    let path = world.path(&format!("/call/{}/hang-up", call["record_id"].as_str().unwrap()));
    world.client.post(&path, &json!({})).data();
    let since = Instant::now();
    world.server.logged(&["dialtime::node: stopped"]);
    assert!(since.elapsed() < AT_ONCE, "{:?}", since.elapsed());
    let record = record_after(&world, &task);
    assert_eq!(
        (&record["class"], &record["end_reason"]),
        (&json!("answered"), &json!("requested")),
        "{record}"
    );
}

/// Whoever asks twice does not want to wait; those who talk are hung up on all the same, and their records say so.
#[rstest]
fn a_second_signal_ends_all_calls_at_once(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let phone = Baresip::start("+8613800000000");
    let world = draining(database, "30");
    let task = hearing(&world, phone.port, 20);
    terminate(&world);
    world
        .server
        .logged(&["answered calls go on for at most 30 s; a second signal ends them at once", "calls=1"]);
    let since = Instant::now();
    terminate(&world);
    world.server.logged(&["told to stop twice: ending all calls"]);
    world.server.logged(&["dialtime::node: stopped"]);
    assert!(since.elapsed() < AT_ONCE, "{:?}", since.elapsed());
    until("the phone is hung up on", || phone.said().contains("session closed"));
    let record = record_after(&world, &task);
    let found = (&record["class"], &record["ended_by"], &record["end_reason"]);
    assert_eq!(found, (&json!("answered"), &json!("dialtime"), &json!("shutdown")), "{record}");
}

#[rstest]
#[case::to_the_end("30", "agent")]
#[case::no_longer("0", "dialtime")]
fn who_was_connected_finishes_too(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
    #[case] drain: &str,
    #[case] by: &str,
) {
    let phone = Baresip::start("+8613800000000");
    let agent = Callee::with(&AGENT.replace("\"500\"/>", "\"5000\"/>"));
    let mut world = draining(database, drain);
    let task = transferring(&world, phone.port, agent.port);
    start(&world, &task);
    until("they talk", || agent.heard().contains("ACK sip:"));
    let took = stopped(&mut world);
    assert!(by == "agent" || took < AT_ONCE, "{took:?}");
    until("the phone is hung up on", || phone.said().contains("session closed"));
    let heard = agent.heard();
    assert_eq!(heard.matches("\nBYE sip:").count(), 1, "{heard}");
    let record = record_after(&world, &task);
    let leg = &record["legs"][0];
    assert_eq!((&record["class"], &record["ended_by"]), (&json!("answered"), &json!(by)), "{record}");
    assert_eq!((&leg["class"], &leg["ended_by"]), (&json!("answered"), &json!(by)), "{record}");
}

/// A task over a line that registers, of whose only number somebody listens to a prompt of so many seconds.
fn talking_over(carrier: &RegisteringCarrier, world: &World, seconds: u32) -> String {
    carrier.answers_calls();
    let play = json!({"action": "play", "prompt": prompt(world, &rising_tone(seconds))});
    let script = script(world, &json!([play, {"action": "hang_up"}]));
    let task = task_with_script(world, &carrier.line(world), script, 1);
    start(world, &task);
    until("somebody talks", || progress(world, &task)["calls"]["talking"] == 1);
    task
}

/// The registration is given back at once, for others to call over the line; and who talks is hung up on in time all the same.
#[rstest]
#[case::to_the_end("30", "script")]
#[case::no_longer("0", "dialtime")]
fn who_talks_over_a_line_that_registers_finishes_too(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
    #[case] drain: &str,
    #[case] by: &str,
) {
    let carrier = RegisteringCarrier::saying("200 OK\r\nExpires: 600");
    let mut world = draining(database, drain);
    let task = talking_over(&carrier, &world, 5);
    let took = stopped(&mut world);
    assert!(by == "script" || took < AT_ONCE, "{took:?}");
    let (ended, registered) = carrier.knows(|state| (state.ended.clone(), state.registered));
    assert_eq!((ended, registered), (vec!["registration", "call"], None));
    let record = record_after(&world, &task);
    assert_eq!((&record["class"], &record["ended_by"]), (&json!("answered"), &json!(by)), "{record}");
}

#[test]
fn a_line_is_handed_over_while_somebody_talks_over_it() {
    let carrier = RegisteringCarrier::saying("200 OK\r\nExpires: 600");
    let world = draining(Database::Postgres, "30");
    let task = talking_over(&carrier, &world, 12);
    let second = Program::start(&world.database.url, &["--sip-listen", "127.0.0.1:0"]);
    let since = Instant::now();
    terminate(&world);
    until("the other registers it", || carrier.knows(|state| state.all.len()) == 2);
    assert!(since.elapsed() < Duration::from_secs(8), "{:?}", since.elapsed());
    assert_eq!(carrier.knows(|state| state.ended.clone()), ["registration"], "somebody still talks");
    world.server.logged(&["dialtime::node: stopped"]);
    assert_eq!(carrier.knows(|state| state.ended.clone()), ["registration", "call"]);
    assert!(carrier.knows(|state| state.registered).is_some(), "by the other");
    let record = record(&world, &second, &task);
    assert_eq!((&record["class"], &record["ended_by"]), (&json!("answered"), &json!("script")), "{record}");
}
