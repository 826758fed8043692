//! A SQLite database whose disk fills up or whose file goes away under the running server: 503 with `Retry-After`, told by
//! `/readyz`, and over as soon as the cause is.

use std::{fs, path::PathBuf, thread, time::Duration};

use rustix::process::{Pid, Resource, Rlimit, prlimit};
use serde_json::json;

use crate::support::{Database, OwnDatabase, Program, ProgramWorld, Reply, World, dialtime, group, run};

#[test]
fn a_backup_of_a_running_server_is_whole() {
    let world = World::new(Database::Sqlite);
    for number in 0..155 {
        world.group(&format!("group {number}"));
    }
    let copy = file(&world).with_file_name("copy.db");
    let path = copy.to_str().unwrap();
    let said = dialtime(&world.database.url, &["backup", path]);
    assert!(said.contains("groups: 155") && said.contains("nothing found wrong"), "{said}");
    assert!(!run(&world.database.url, &["backup", path]).is_good(), "it is there already");

    let url = format!("sqlite:{path}");
    let server = Program::start(&url, &[]);
    let restored = world.client.at(&server.base).get(&world.path("/dial-time-group"));
    assert_eq!(restored.body["meta"]["total"], 155);
}

#[test]
fn a_backup_of_postgres_is_left_to_its_own_tool() {
    let database = OwnDatabase::empty(Database::Postgres);
    let refused = run(&database.url, &["backup", "copy.db"]);
    assert!(!refused.is_good() && refused.error.contains("pg_dump"), "{refused:?}");
}

fn file(world: &World) -> PathBuf {
    world.database.url.strip_prefix("sqlite:").unwrap().into()
}

/// As if the disk had no room for a file to grow beyond so many bytes; `None` takes the limit away.
fn limit_files(world: &ProgramWorld, bytes: Option<u64>) {
    let process = Pid::from_raw(world.server.process_id().try_into().unwrap());
    prlimit(process, Resource::Fsize, Rlimit { current: bytes, maximum: None }).unwrap();
}

/// A group that takes some 50 kB.
fn write_much(world: &World) -> Reply {
    let day = |month: i64, day: i64| format!("2030-{month:02}-{day:02}");
    let exceptions: Vec<_> = (0..300)
        .map(|number| json!({"name": "x".repeat(60), "begin_date": day(number / 25 + 1, number % 25 + 1)}))
        .collect();
    let mut body = group("large");
    body["exceptions"] = json!(exceptions);
    world.client.post(&world.path("/dial-time-group"), &body)
}

fn assert_refused_for_now(reply: &Reply) {
    assert_eq!((reply.status, reply.code(), reply.header("Retry-After")), (503, 503, "1"), "{}", reply.text);
}

fn readiness(world: &World) -> (u16, String) {
    // What was found lately is taken for true.
    thread::sleep(Duration::from_millis(600));
    let english = [("Accept-Language", "en")];
    let reply = world.client.send("GET", "/readyz", &english, None);
    (reply.status, reply.body["message"].as_str().unwrap().to_owned())
}

#[test]
fn a_full_disk_is_told_as_passing_and_passes() {
    let world = ProgramWorld::new(Database::Sqlite);
    let id = world.group("before");
    let log = file(&world).with_file_name("test.db-wal");
    limit_files(&world, Some(fs::metadata(log).unwrap().len()));
    // There may be room in the log for a few more.
    let full = (0..200).map(|_| write_much(&world)).find(|reply| reply.status != 200).unwrap();
    assert_refused_for_now(&full);
    assert_refused_for_now(&write_much(&world));
    assert_eq!(readiness(&world), (503, "The database takes no writes".to_owned()));
    let detail = world.path(&format!("/dial-time-group/{id}"));
    assert_eq!(world.client.get(&detail).data()["name"], "before", "reads go on");

    limit_files(&world, None);
    assert_eq!(readiness(&world).0, 200);
    write_much(&world).data();
    world.client.delete(&detail).data();
    assert_eq!(world.database.texts_in_order("PRAGMA integrity_check"), ["ok"]);
}

#[test]
fn a_deleted_file_is_noticed_and_nothing_is_told_as_kept() {
    let world = ProgramWorld::new(Database::Sqlite);
    world.group("before");
    let file = file(&world);
    let aside = file.with_file_name("aside");
    fs::rename(&file, &aside).unwrap();
    assert_refused_for_now(&write_much(&world));
    let lost = (503, "The database's file was deleted or replaced".to_owned());
    assert_eq!(readiness(&world), lost);
    assert_refused_for_now(&world.client.get(&world.path("/dial-time-group")));

    fs::copy(&aside, &file).unwrap();
    assert_refused_for_now(&write_much(&world));
    assert_eq!(readiness(&world), lost);

    fs::rename(&aside, &file).unwrap();
    assert_eq!(readiness(&world).0, 200);
    write_much(&world).data();
}
