//! What a server could not tell because it slept, or because its database was away, is told afterwards: each change once,
//! in order, and marked as late.

use std::{process::Command, thread, time::Duration};

use domain::Clock;
use jiff::{SignedDuration, Timestamp};
use rstest::rstest;
use serde_json::{Value, json};
use test_support::{SetClock, on_postgres, wait_for};

use crate::support::{Database, Program, ProgramWorld, World, anything, task};

/// The machine's time, which is the server's.
fn now() -> Timestamp {
    SetClock::real().now()
}

/// A task that runs but for three seconds, of which the first two fall into the outage.
fn add_task(world: &World, start: Timestamp) {
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
    let at = |second: i64| {
        zone.to_datetime(start + SignedDuration::from_secs(second)).strftime("%Y-%m-%d %H:%M:%S").to_string()
    };
    let closures: Vec<Value> =
        [4, 6, 17].map(|second| json!({"start": at(second), "end": at(second + 1)})).into();
    let mut body = task(world.open_group());
    body["task_extras"]["holiday"] = json!(closures);
    let id = world.client.post(&world.new_path("/task"), &body).data()["uuid"].as_str().unwrap().to_owned();
    world.client.get(&world.new_path(&format!("/task_start/{id}"))).data();
}

fn sleep_until(start: Timestamp, second: i64) {
    let left = (start + SignedDuration::from_secs(second)).duration_since(now());
    thread::sleep(Duration::try_from(left).unwrap());
}

fn check(database: Database, begin: impl FnOnce(&ProgramWorld), end: impl FnOnce(&ProgramWorld)) {
    let world = ProgramWorld::new(database);
    let start = Timestamp::from_second(now().as_second()).unwrap();
    add_task(&world, start);
    sleep_until(start, 3);
    begin(&world);
    sleep_until(start, 14);
    end(&world);
    sleep_until(start, 20);
    let feed = world.client.get(&world.path("/events")).data().clone();
    let told: Vec<(i64, &str, bool)> = feed["events"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|event| event["cause"] == "bounds")
        .map(|event| {
            let due: Timestamp = event["due_at"].as_str().unwrap().parse().unwrap();
            (due.as_second() - start.as_second(), event["type"].as_str().unwrap(), event["late"] == true)
        })
        .collect();
    let expected = [
        (4, "task.waiting", true),
        (5, "task.running", true),
        (6, "task.waiting", true),
        (7, "task.running", true),
        (17, "task.waiting", false),
        (18, "task.running", false),
    ];
    assert_eq!(told, expected);
}

fn signal(world: &ProgramWorld, signal: &str) {
    let sent = Command::new("kill").args([signal, &world.server.process_id().to_string()]).status().unwrap();
    assert!(sent.success());
}

#[rstest]
fn a_server_that_slept_tells_what_it_missed(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    check(database, |world| signal(world, "-STOP"), |world| signal(world, "-CONT"));
}

#[test]
fn a_database_that_was_away_is_told_what_it_missed() {
    let name = |world: &ProgramWorld| world.database.url.rsplit('/').next().unwrap().to_owned();
    check(
        Database::Postgres,
        |world| {
            let name = name(world);
            wait_for(on_postgres(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false")));
            wait_for(world.database.end_connections());
        },
        |world| wait_for(on_postgres(&format!("ALTER DATABASE {} ALLOW_CONNECTIONS true", name(world)))),
    );
}

#[test]
fn a_postgres_that_gives_no_more_connections_is_named_as_the_cause() {
    let world = World::new(Database::Postgres);
    let role = format!("limited_{}", anything().simple());
    world.database.execute_now(&format!(
        "CREATE ROLE {role} LOGIN; GRANT ALL ON SCHEMA public TO {role}; \
         GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}; GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {role}"
    ));
    let server = Program::start(&world.database.url.replace("postgres@", &format!("{role}@")), &[]);
    wait_for(on_postgres(&format!("ALTER ROLE {role} CONNECTION LIMIT 0")));
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = ";
    wait_for(on_postgres(&format!("{end}'{role}'")));
    let refused = world.client.at(&server.base).get(&world.path("/dial-time-group"));
    assert_eq!(refused.status, 503, "{}", refused.text);
    server.logged(&[&format!("too many connections for role \"{role}\"")]);
    drop(server);
    world.database.execute_now(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
}
