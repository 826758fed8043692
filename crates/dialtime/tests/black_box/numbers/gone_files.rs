//! Files of imports that have not ended when a number is erased, or when their account or task is deleted: none of them stays.

use std::{path::Path, time::Duration};

use rstest::rstest;
use serde_json::json;
use test_support::SetClock;

use super::{
    importing::{ended, outcome},
    phones_from,
};
use crate::support::{Database, Server, World, until};

const PHONE: &str = "13800001234";
const ROWS: u32 = 60_000;

/// So many rows, of which some hold the number: it is read last. In one it is another's variable, and in one it has too many columns beside it.
fn file() -> String {
    let others = phones_from(0, ROWS).join(",\n");
    format!("phone,friend\n{others},\n{PHONE}_a1,\n13900000000,138-0000-1234\n{PHONE},,x\n13800138009,\n")
}

fn files(folder: &Path) -> usize {
    std::fs::read_dir(folder.join("imports")).map_or(0, Iterator::count)
}

/// Begins an import and waits until it has begun to add numbers; gives its path.
fn begin(world: &World, task: &str) -> String {
    let id = world.import(task, "", file().as_bytes()).data()["id"].clone();
    let path = world.task_path(task, &format!("number-import/{}", id.as_str().unwrap()));
    until("no number was added", || world.client.get(&path).data()["added"].as_i64() > Some(0));
    path
}

#[rstest]
fn a_running_import_leaves_out_what_is_erased_and_its_file_goes_at_its_end(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let folder = tempfile::tempdir().unwrap();
    let world = World::with(database, &["--data-folder", folder.path().to_str().unwrap()]);
    let task = world.list();
    let path = begin(&world, &task);
    let erased = world.client.post(&world.path("/erase-number"), &json!({"phone": PHONE, "suppress": false}));
    assert_eq!(erased.data()["running_imports"], 1);
    let import = ended(&world.client, &path);
    let rows = i64::from(ROWS);
    assert_eq!(outcome(&import), ("finished", [rows + 4, rows + 1, 0, 1, 2]), "{import}");
    let line = ROWS + 2;
    let told = [
        format!("{line},erased,\"号码已在导入期间清除，未导入\",\"\""),
        format!("{},duplicate,\"号码已存在，已跳过\",\"\"", line + 1),
        format!("{},columns,\"第3列有内容，但表头没有该列的列名\",\"\"", line + 2),
    ];
    assert_eq!(world.refused(&task, &import), told);
    assert_eq!(world.client.get(&world.task_path(&task, &format!("number/detail/{PHONE}"))).status, 404);
    // Nowhere does it stand any more.
    let stored = "SELECT id FROM number_jobs WHERE request LIKE '%0001234%'";
    assert_eq!(world.database.texts_in_order(&stored.replace("id", "''")), Vec::<String>::new());
    until("the file stayed", || files(folder.path()) == 0);
    // One that nothing was erased from meanwhile keeps its file, for 7 days.
    world.imported(&task, "", b"phone\n13800138000\n");
    assert_eq!(files(folder.path()), 1);
}

#[rstest]
fn files_go_with_their_account_or_task(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let folder = tempfile::tempdir().unwrap();
    let world = World::with(database, &["--data-folder", folder.path().to_str().unwrap()]);
    let task = world.list();
    begin(&world, &task);
    world.client.delete(&world.path(&format!("/task/{task}"))).data();
    until("the file of the task stayed", || files(folder.path()) == 0);
    let other = world.list();
    begin(&world, &other);
    world.client.delete(&world.path("?with_everything=true")).data();
    until("the file of the account stayed", || files(folder.path()) == 0);
    let left = "SELECT '' || (SELECT count(*) FROM numbers) || ' ' || (SELECT count(*) FROM number_lists)";
    until("something is left of its lists", || world.database.texts_in_order(left) == ["0 0"]);
}

/// Also those of imports that had ended, and what is left of an upload whose server was killed.
#[rstest]
fn files_that_nobody_needs_are_swept_soon_after_the_start(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let folder = tempfile::tempdir().unwrap();
    let options = ["--data-folder", folder.path().to_str().unwrap()];
    let world = World::with(database, &options);
    let task = world.list();
    world.imported(&task, "", b"phone\n13800000001\n");
    let other = world.list();
    world.imported(&other, "", b"phone\n13800000001\n");
    world.client.delete(&world.path(&format!("/task/{task}"))).data();
    let broken = folder.path().join("imports/0198c1c4-5b1e-7cc1-8f3a-111111111111.part");
    let part = std::fs::File::create(&broken).unwrap();
    let now = part.metadata().unwrap().modified().unwrap();
    part.set_modified(now - Duration::from_hours(2)).unwrap();
    let _restarted = Server::start(&world.database.url, &options, SetClock::real());
    until("files stayed", || files(folder.path()) == 1 && !broken.exists());
}
