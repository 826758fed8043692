//! Imports whose node dies, or whose disk is full: no row is lost or added twice, and the counts are those of the rows.

use std::{thread, time::Duration};

use rstest::rstest;
use rustix::process::{Pid, Resource, Rlimit, prlimit};
use serde_json::json;
use test_support::PATIENCE;

use super::importing::{ended, many_rows, outcome};
use crate::support::{Client, Database, Program, ProgramWorld, dialtime};

/// How often the node is killed; `scripts/long` asks for more.
fn rounds() -> u32 {
    std::env::var("DIALTIME_KILLS").map_or(3, |rounds| rounds.parse().unwrap())
}

const GOOD: u32 = 3_000;

/// Rows of which every tenth comes twice, and every hundredth holds no number.
fn file(round: u32) -> (String, [i64; 5]) {
    let (mut text, mut counts) = ("phone,name,城市\n".to_owned(), [0; 5]);
    for end in 0..GOOD {
        let row = format!("139{round:03}{end:05},name {end},\"上海\n{end}\"\n");
        text += &row;
        counts[1] += 1;
        if end % 10 == 0 {
            text += &row;
            counts[3] += 1;
        }
        if end % 100 == 0 {
            text += "110,x,y\n";
            counts[4] += 1;
        }
    }
    counts[0] = counts[1] + counts[3] + counts[4];
    (text, counts)
}

#[rstest]
fn no_row_is_lost_or_doubled_when_the_node_is_killed(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let folder = tempfile::tempdir().unwrap();
    let options = ["--data-folder", folder.path().to_str().unwrap()];
    let mut world = ProgramWorld::with(database, &options);
    world.server.kill();
    let token = dialtime(&world.database.url, &["token", "create", "--partner", &world.partner]);
    let mut server = Program::start(&world.database.url, &options);
    for round in 0..rounds() {
        let client = Client::new(&server.base, &token);
        let task = task(&client, &world);
        let (file, counts) = file(round);
        let path = world.path(&format!("/task/{task}/number-import"));
        let taken = client.upload("POST", &path, &[], file.as_bytes());
        let path = format!("{path}/{}", taken.data()["id"].as_str().unwrap());
        // Each time further on; at times it has ended.
        let enough = counts[0] * i64::from(round % 7) / 7;
        while client.get(&path).data()["rows"].as_i64().unwrap() < enough {
            thread::sleep(Duration::from_millis(1));
        }
        server.kill();
        server = Program::start(&world.database.url, &options);
        let client = Client::new(&server.base, &token);
        let import = ended(&client, &path);
        assert_eq!(outcome(&import), ("finished", counts), "round {round}: {import}");
        let list = format!("(SELECT id FROM number_lists ORDER BY id DESC LIMIT 1) AND {round} = {round}");
        let one = |sql: &str| world.database.texts_in_order(&format!("{sql} WHERE list_id = {list}"));
        let good = [GOOD.to_string()];
        assert_eq!(one("SELECT '' || count(*) FROM numbers"), good, "round {round}");
        assert_eq!(one("SELECT '' || count(*) FROM number_details"), good, "round {round}");
        assert_eq!(one("SELECT '' || sum(numbers) FROM number_counts"), good, "round {round}");
        let refused = "SELECT '' || count(*) FROM number_refusals WHERE job_id = (SELECT id FROM number_jobs ORDER BY created_at DESC LIMIT 1)";
        assert_eq!(world.database.texts_in_order(refused), [(counts[3] + counts[4]).to_string()]);
    }
}

/// Creates a task; gives its id.
fn task(client: &Client, world: &ProgramWorld) -> String {
    let group = client.post(&world.path("/dial-time-group"), &crate::support::group("group"));
    let body = crate::support::task(group.data()["id"].as_i64().unwrap());
    client.post(&world.path("/task"), &body).data()["uuid"].as_str().unwrap().to_owned()
}

#[rstest]
fn the_same_file_sent_again_goes_on_where_a_node_was_lost_for_good(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (lost, found) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let world = ProgramWorld::with(database, &["--data-folder", lost.path().to_str().unwrap()]);
    let task = task(&world.client, &world);
    let file = many_rows(20_000);
    let path = world.path(&format!("/task/{task}/number-import"));
    let first = world.client.upload("POST", &path, &[], file.as_bytes()).data()["id"].clone();
    let first = format!("{path}/{}", first.as_str().unwrap());
    while world.client.get(&first).data()["rows"] == 0 {
        thread::sleep(Duration::from_millis(1));
    }
    let ProgramWorld { mut server, world } = world;
    server.kill();
    let an_hour = "UPDATE number_jobs SET updated_at = updated_at - 3600000000";
    world.database.execute_now(an_hour);
    let server = Program::start(&world.database.url, &["--data-folder", found.path().to_str().unwrap()]);
    let client = world.client.at(&server.base);
    let interrupted = client.get(&first).data().clone();
    assert_eq!(interrupted["state"], "interrupted", "{interrupted}");
    let added = interrupted["added"].as_i64().unwrap();
    let again = client.upload("POST", &path, &[], file.as_bytes()).data()["id"].clone();
    let again = ended(&client, &format!("{path}/{}", again.as_str().unwrap()));
    assert_eq!(outcome(&again), ("finished", [20_000, 20_000 - added, 0, added, 0]));
    let cancelled = client.post(&format!("{first}/cancel"), &json!({}));
    assert_eq!(cancelled.data()["state"], "cancelled");
}

#[rstest]
fn the_numbers_of_a_deleted_task_go_though_the_node_is_killed(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let folder = tempfile::tempdir().unwrap();
    let options = ["--data-folder", folder.path().to_str().unwrap()];
    let world = ProgramWorld::with(database, &options);
    let task = task(&world.client, &world);
    let ProgramWorld { mut server, world } = world;
    let path = world.path(&format!("/task/{task}/number-import"));
    let taken = world.client.upload("POST", &path, &[], many_rows(20_000).as_bytes());
    ended(&world.client, &format!("{path}/{}", taken.data()["id"].as_str().unwrap()));
    let left = || -> u32 {
        let count = "SELECT CAST(count(*) AS TEXT) FROM numbers";
        world.database.texts_in_order(count)[0].parse().unwrap()
    };
    world.client.delete(&world.path(&format!("/task/{task}"))).data();
    let goes_below = |before: u32| {
        (0..PATIENCE.as_millis() / 5).map(|_| left()).find(|left| {
            thread::sleep(Duration::from_millis(5));
            *left < before
        })
    };
    let mut before = 20_000;
    for round in 0..3 {
        before = goes_below(before).unwrap();
        assert!(before > 0, "they went before the node was killed for the {round}. time");
        server.kill();
        server = Program::start(&world.database.url, &options);
    }
    assert_eq!(goes_below(1), Some(0));
    assert_eq!(world.database.texts_in_order("SELECT CAST(count(*) AS TEXT) FROM number_details"), ["0"]);
}

#[test]
fn a_file_that_the_disk_has_no_room_for_is_refused_and_one_that_was_taken_waits() {
    let folder = tempfile::tempdir().unwrap();
    let world = ProgramWorld::with(Database::Sqlite, &["--data-folder", folder.path().to_str().unwrap()]);
    let task = task(&world.client, &world);
    let path = world.path(&format!("/task/{task}/number-import"));
    let file = many_rows(40_000);
    limit_files(&world, Some(100_000));
    let full = world.client.upload("POST", &path, &[], file.as_bytes());
    assert_eq!((full.status, full.body["message"].as_str()), (507, Some("服务器磁盘空间不足，文件未保存")));
    assert_eq!(std::fs::read_dir(folder.path().join("imports")).unwrap().count(), 0);
    limit_files(&world, None);
    let taken = world.client.upload("POST", &path, &[], file.as_bytes()).data()["id"].clone();
    // From now on the database cannot grow.
    limit_files(&world, Some(600_000));
    thread::sleep(Duration::from_millis(500));
    limit_files(&world, None);
    let import = ended(&world.client, &format!("{path}/{}", taken.as_str().unwrap()));
    assert_eq!(outcome(&import), ("finished", [40_000, 40_000, 0, 0, 0]));
}

/// As if the disk had no room for a file to grow beyond so many bytes; `None` takes the limit away.
fn limit_files(world: &ProgramWorld, bytes: Option<u64>) {
    let process = Pid::from_raw(world.server.process_id().try_into().unwrap());
    prlimit(process, Resource::Fsize, Rlimit { current: bytes, maximum: None }).unwrap();
}
