//! What was acknowledged survives a SIGKILL.

use std::{
    collections::BTreeSet,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use rstest::rstest;

use crate::support::{Client, Database, Program, ProgramWorld, World, dialtime, group, task};

const WRITERS: usize = 4;
const ROUNDS: usize = 4;
/// How many acknowledgements a round waits for before the server is killed.
const ENOUGH: usize = 60;

/// What the server has acknowledged: groups that must be there, and groups that must not.
#[derive(Default)]
struct Acknowledged {
    present: BTreeSet<i64>,
    absent: BTreeSet<i64>,
    tasks: BTreeSet<String>,
}

#[rstest]
fn what_was_acknowledged_is_there_after_a_kill(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let mut world = ProgramWorld::new(database);
    world.server.kill();
    let token = dialtime(&world.database.url, &["token", "create", "--partner", &world.partner]);
    let groups = world.path("/dial-time-group");
    let tasks = world.path("/task");
    let acknowledged = Mutex::new(Acknowledged::default());
    for _ in 0..ROUNDS {
        let mut server = Program::start(&world.database.url, &[]);
        let client = Client::new(&server.base, &token);
        let count = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..WRITERS {
                scope.spawn(|| {
                    while write(&client, &groups, &tasks, &acknowledged) {
                        count.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
            while count.load(Ordering::Relaxed) < ENOUGH {
                thread::sleep(Duration::from_millis(1));
            }
            server.kill();
        });
        check(database, &world, &token, &acknowledged.lock().unwrap());
    }
}

/// Makes a group and a task in it, and a group that is deleted again; false when the server is gone.
fn write(client: &Client, groups: &str, tasks: &str, acknowledged: &Mutex<Acknowledged>) -> bool {
    let json = [("Content-Type", "application/json")];
    let body = group("kept").to_string();
    let Ok(kept) = client.try_send("POST", groups, &json, Some(&body)) else { return false };
    let kept = kept.data()["id"].as_i64().unwrap();
    acknowledged.lock().unwrap().present.insert(kept);
    let body = task(kept).to_string();
    let Ok(made) = client.try_send("POST", tasks, &json, Some(&body)) else { return false };
    acknowledged.lock().unwrap().tasks.insert(made.data()["uuid"].as_str().unwrap().to_owned());
    let body = group("gone").to_string();
    let Ok(gone) = client.try_send("POST", groups, &json, Some(&body)) else { return false };
    let gone = gone.data()["id"].as_i64().unwrap();
    let Ok(deleted) = client.try_send("DELETE", &format!("{groups}/{gone}"), &[], None) else { return false };
    deleted.data();
    acknowledged.lock().unwrap().absent.insert(gone);
    true
}

fn check(database: Database, world: &World, token: &str, acknowledged: &Acknowledged) {
    let server = Program::start(&world.database.url, &[]);
    let client = Client::new(&server.base, token);
    let status = |id: &i64| client.get(&world.path(&format!("/dial-time-group/{id}"))).status;
    assert!(acknowledged.present.iter().all(|id| status(id) == 200), "a created group is lost");
    assert!(acknowledged.absent.iter().all(|id| status(id) == 404), "a deleted group is back");
    for id in &acknowledged.tasks {
        client.get(&world.path(&format!("/task/{id}/edit"))).data();
    }
    let orphans =
        "SELECT tasks.name FROM tasks LEFT JOIN dial_time_groups g ON g.id = dial_time_id WHERE g.id IS NULL";
    assert_eq!(world.database.texts_in_order(orphans), [""; 0]);
    if database == Database::Sqlite {
        assert_eq!(world.database.texts_in_order("PRAGMA integrity_check"), ["ok"]);
        assert_eq!(world.database.texts_in_order("SELECT \"table\" FROM pragma_foreign_key_check"), [""; 0]);
    }
}
