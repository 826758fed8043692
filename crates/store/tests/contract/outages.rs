//! Databases that are away, busy, full, or no longer the ones that were opened: what is said, who else feels it, and that it
//! passes by itself.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, time::Duration};

use rstest::rstest;
use sqlx::{AssertSqlSafe, Connection};
use store::{Connect, DatabaseError, Error, Store, edits, health};
use tokio::{task::JoinSet, time::timeout};

use crate::support::{Database, OwnDatabase, World, group_draft, rename, update_group};

/// Longer than anything here may take on the busiest machine.
const FOR_EVER: Duration = Duration::from_secs(50);

async fn world_with(connections: u32) -> World {
    let world = World::new(Database::Postgres).await;
    let store = world.database.connect_with(connections).await;
    World { store, ..world }
}

/// The row is held for longer than the test lasts: without a bound it would never end.
#[tokio::test]
async fn a_row_that_someone_holds_is_felt_by_its_own_account_alone() {
    let world = world_with(4).await;
    let group = world.group("held").await;
    let mut outsider = world.database.outsider().await;
    let mut held = outsider.begin().await.unwrap();
    let sql = format!("UPDATE dial_time_groups SET name = name WHERE id = {group}");
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *held).await.unwrap();

    let mut writers = JoinSet::new();
    for _ in 0..12 {
        let (store, account, change) = (world.store.clone(), world.account, world.change);
        writers.spawn(async move {
            let mut tx = store.begin_for(account.uuid()).await?;
            update_group(&mut tx, account, group, rename("new"), None, &change).await?;
            tx.commit().await
        });
    }
    // By now they wait for the row, and for each other.
    tokio::time::sleep(Duration::from_millis(100)).await;
    for number in 0..5 {
        let stranger = world.stranger;
        let mut tx = world.store.begin_for(stranger.uuid()).await.unwrap();
        let draft = group_draft(&format!("group {number}"));
        edits::groups::create(&mut tx, stranger, &draft, &world.change).await.unwrap();
        tx.commit().await.unwrap();
    }
    assert_eq!(writers.try_join_next().map(|ended| ended.unwrap().is_ok()), None, "the row is held");
    let ended = timeout(FOR_EVER, writers.join_all()).await.expect("no writer waits for ever");
    assert!(
        ended.iter().all(|ended| matches!(ended, Err(Error::Database(DatabaseError::Unavailable(_))))),
        "{ended:?}"
    );
    held.rollback().await.unwrap();
    world.update_group(world.account, group, rename("new"), None).await.unwrap();
}

#[tokio::test]
async fn a_statement_that_does_not_end_is_cut_off() {
    let world = world_with(1).await;
    let waits = health::longest_waits(&mut world.read().await).await.unwrap();
    assert_eq!(waits, Some(("2s".to_owned(), "15s".to_owned())));
}

#[tokio::test]
async fn one_connection_is_enough_beside_the_wake_ups_of_other_nodes() {
    let world = world_with(1).await;
    let exchange = world.store.exchange().await.unwrap().unwrap();
    let exchange = tokio::spawn(async move { exchange.hear().await });
    // Time to take whatever connection it can.
    tokio::time::sleep(Duration::from_millis(500)).await;
    for number in 0..3 {
        world.group(&format!("group {number}")).await;
    }
    exchange.abort();
}

#[tokio::test]
async fn a_database_that_was_restarted_while_nobody_asked_is_not_noticed() {
    let world = world_with(4).await;
    drop(all_connections(&world).await);
    world.database.end_connections().await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    for _ in 0..8 {
        health::ping(&mut world.store.read().await.unwrap()).await.unwrap();
        health::ping(&mut world.store.begin().await.unwrap()).await.unwrap();
    }
}

/// Every connection that the store may have, open at once.
async fn all_connections(world: &World) -> Vec<(store::Read, store::Tx)> {
    let mut open = Vec::new();
    for _ in 0..4 {
        open.push((world.store.read().await.unwrap(), world.store.begin().await.unwrap()));
    }
    open
}

#[tokio::test]
async fn a_connection_that_is_refused_says_so_with_its_cause() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("postgres://nobody:secret@{closed}/nothing");
    let refused = Store::connect(&Connect { url, connections: 4 }).await.unwrap_err().to_string();
    assert!(refused.contains(&closed.to_string()) && refused.contains("refused"), "{refused}");
    assert!(!refused.contains("secret"), "{refused}");
}

#[tokio::test]
async fn a_running_store_says_why_there_is_no_connection_and_goes_on_when_there_is() {
    let world = world_with(4).await;
    health::ping(&mut world.read().await).await.unwrap();
    world.database.alter("ALLOW_CONNECTIONS false").await;
    world.database.end_connections().await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    for outcome in [world.store.read().await.map(drop), world.store.begin().await.map(drop)] {
        assert_refused!(outcome, Error::Database(DatabaseError::Unreachable(_)));
    }
    world.database.alter("ALLOW_CONNECTIONS true").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    health::ping(&mut world.store.read().await.unwrap()).await.unwrap();
    health::check_writes(&world.store).await.unwrap();
}

#[tokio::test]
async fn a_database_that_is_read_only_is_told_as_passing_and_goes_on_when_it_is_not() {
    let world = World::new(Database::Postgres).await;
    world.database.alter("SET default_transaction_read_only = on").await;
    let store = world.database.connect().await;
    assert_refused!(health::check_writes(&store).await, Error::Database(DatabaseError::Unavailable(_)));
    // Whoever just asked is told what was found.
    assert_refused!(health::check_writes(&store).await, Error::Database(DatabaseError::Unavailable(_)));
    world.database.alter("RESET default_transaction_read_only").await;
    health::check_writes(&world.database.connect().await).await.unwrap();
}

#[rstest]
#[tokio::test]
async fn a_sound_database_takes_writes(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database).await;
    for _ in 0..2 {
        health::check_writes(&world.store).await.unwrap();
    }
    assert_eq!(health::free_bytes(&world.store).is_some(), database == Database::Sqlite);
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn the_files_of_a_database_are_its_owners_alone() {
    let world = World::new(Database::Sqlite).await;
    let _alone = world.store.serve_alone().unwrap();
    world.store.migrate().await.unwrap();
    let database = world.database.file();
    let files = || fs::read_dir(database.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path());
    let names: Vec<_> = files().map(|path| path.file_name().unwrap().to_owned()).collect();
    for suffix in ["", "-wal", "-shm", ".serve-lock", ".migration-lock"] {
        assert!(names.contains(&format!("test.db{suffix}").into()), "{names:?}");
    }
    for file in files() {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
    assert_eq!(health::files_open_to_others(&world.store), []);

    // As an earlier version left them.
    for file in files() {
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    }
    assert_eq!(health::files_open_to_others(&world.store).len(), 5);
    world.store.migrate().await.unwrap();
    for file in files() {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

#[rstest]
#[tokio::test]
async fn a_file_that_was_deleted_or_replaced_is_neither_read_nor_written(
    #[values("test.db", "test.db-wal")] name: &str,
    #[values(true, false)] replaced: bool,
) {
    let world = World::new(Database::Sqlite).await;
    let group = world.group("group").await;
    let file = world.database.file().with_file_name(name);
    let aside = file.with_file_name("aside");
    fs::rename(&file, &aside).unwrap();
    if replaced {
        fs::copy(&aside, &file).unwrap();
    }
    let lost = world.update_group(world.account, group, rename("lost"), None).await;
    assert_refused!(lost, Error::Database(DatabaseError::FileLost(_)));
    assert_refused!(health::check_writes(&world.store).await, Error::Database(DatabaseError::FileLost(_)));
    assert_refused!(world.store.read().await, Error::Database(DatabaseError::FileLost(_)));
    assert_eq!(world.store.snapshot(), None, "nothing that was kept is given");

    fs::rename(&aside, &file).unwrap();
    tokio::time::sleep(Duration::from_millis(600)).await;
    health::check_writes(&world.store).await.unwrap();
    let found = world.update_group(world.account, group, rename("found"), None).await.unwrap();
    assert_eq!(found.version, 2);
}

/// What was written before it was noticed is not told as kept.
#[tokio::test]
async fn a_file_that_is_deleted_while_a_transaction_runs_refuses_its_commit() {
    let world = World::new(Database::Sqlite).await;
    let group = world.group("group").await;
    let mut tx = world.store.begin().await.unwrap();
    update_group(&mut tx, world.account, group, rename("lost"), None, &world.change).await.unwrap();
    fs::remove_file(world.database.file()).unwrap();
    assert_refused!(tx.commit().await, Error::Database(DatabaseError::FileLost(_)));
}

#[tokio::test]
async fn a_database_that_only_some_may_read_is_made_so_at_once() {
    let database = OwnDatabase::empty(Database::Sqlite);
    let _store = database.connect().await;
    assert_eq!(mode(&database.file()), 0o600);
}
