//! Several nodes on one PostgreSQL, of which one dies every few seconds: every opening and close is told exactly once.

use std::{collections::BTreeMap, thread, time::Duration};

use domain::Clock;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use test_support::SetClock;

use crate::support::{Database, Program, ProgramWorld, World, task};

/// How many tasks open and close, and how often.
const TASKS: i64 = 12;
const CLOSURES: i64 = 9;

/// How long after the start the first closure begins, and how long a closure and the time to the next last, in seconds.
const FIRST: i64 = 6;
const CLOSED: i64 = 2;
const PERIOD: i64 = 4;

/// The machine's time, which is the server's.
fn now() -> Timestamp {
    SetClock::real().now()
}

/// The server's clock, on which closures are written.
fn stamp(instant: Timestamp) -> String {
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
    zone.to_datetime(instant).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// A task with closures every few seconds, each task's a second after the one before; gives its id and what is to be told
/// of it, with when it is due.
fn add_task(world: &World, group: i64, number: i64, start: i64) -> (String, Vec<(i64, &'static str)>) {
    let at = |second: i64| stamp(Timestamp::from_second(second).unwrap());
    let begins = (0..CLOSURES).map(|closure| start + FIRST + number % PERIOD + closure * PERIOD);
    let closures: Vec<Value> =
        begins.clone().map(|begin| json!({"start": at(begin), "end": at(begin + CLOSED)})).collect();
    let mut body = task(group);
    body["task_extras"]["holiday"] = json!(closures);
    let id = world.client.post(&world.new_path("/task"), &body).data()["uuid"].as_str().unwrap().to_owned();
    world.client.get(&world.new_path(&format!("/task_start/{id}"))).data();
    let expected =
        begins.flat_map(|begin| [(begin, "task.waiting"), (begin + CLOSED, "task.running")]).collect();
    (id, expected)
}

/// All events of the account.
fn events(world: &World) -> Vec<Value> {
    let page = world.client.get(&world.path("/events?limit=1000")).data().clone();
    assert_eq!(page["more"], false);
    page["events"].as_array().unwrap().clone()
}

#[test]
fn every_change_is_told_once_though_nodes_are_killed() {
    let mut world = ProgramWorld::new(Database::Postgres);
    let group = world.open_group();
    let start = now().as_second();
    let mut expected: BTreeMap<String, Vec<(i64, &str)>> =
        (0..TASKS).map(|number| add_task(&world, group, number, start)).collect();
    let before = events(&world).len();
    let end = start + FIRST + PERIOD * (CLOSURES + 1);

    let url = world.database.url.clone();
    let mut nodes = [Program::start(&url, &[]), Program::start(&url, &[]), Program::start(&url, &[])];
    world.server.kill();
    let mut round = 0;
    while now().as_second() < end {
        thread::sleep(Duration::from_millis(1_700));
        nodes[round % 3].kill();
        nodes[round % 3] = Program::start(&url, &[]);
        round += 1;
    }
    assert!(round >= 10, "{round} nodes were killed");
    // Whatever is due has been told by whoever is left, or is about to be.
    thread::sleep(Duration::from_secs(2));

    world.world.client = world.client.at(&nodes[0].base);
    let told = events(&world);
    let ids: Vec<i64> = told.iter().map(|event| event["id"].as_i64().unwrap()).collect();
    assert_eq!(ids, (1..=i64::try_from(told.len()).unwrap()).collect::<Vec<_>>());
    let mut found: BTreeMap<String, Vec<(i64, &str)>> = BTreeMap::new();
    let mut longest = SignedDuration::ZERO;
    for event in &told[before..] {
        let instant = |name: &str| event[name].as_str().unwrap().parse::<Timestamp>().unwrap();
        let (due, written) = (instant("due_at"), instant("written_at"));
        assert!(due <= written, "never early: {event}");
        longest = longest.max(written.duration_since(due));
        let kind = event["type"].as_str().unwrap();
        let kind = ["task.waiting", "task.running"].into_iter().find(|known| *known == kind);
        let task = event["task_id"].as_str().unwrap().to_owned();
        found.entry(task).or_default().push((due.as_second(), kind.unwrap()));
        assert_eq!(event["cause"], "bounds");
    }
    eprintln!("{round} nodes killed, {} events, the latest {longest:#} late", told.len() - before);
    for (task, events) in &mut expected {
        assert_eq!(found.get(task), Some(&*events), "task {task}");
    }
    assert_eq!(found.len(), expected.len());
}
