//! Copies of a SQLite database that is in use.

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf};

use store::{Connect, DatabaseError, Error, Store, backup, edits, groups};

use crate::support::{Database, World, group_draft};

fn target(world: &World) -> PathBuf {
    world.database.file().with_file_name("copy.db")
}

async fn copy(world: &World) -> store::Result<backup::Contents> {
    backup::sqlite(&world.database.url, &target(world)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_is_made_while_others_write_has_all_that_was_acknowledged_before() {
    let world = World::new(Database::Sqlite).await;
    for number in 0..20 {
        world.group(&format!("before {number}")).await;
    }
    let (store, account, change) = (world.store.clone(), world.account, world.change);
    let writing = tokio::spawn(async move {
        for number in 0.. {
            let mut tx = store.begin().await.unwrap();
            let draft = group_draft(&format!("meanwhile {number}"));
            edits::groups::create(&mut tx, account, &draft, &change).await.unwrap();
            tx.commit().await.unwrap();
        }
    });
    let contents = copy(&world).await.unwrap();
    writing.abort();
    assert_eq!((contents.partners, contents.accounts, contents.tasks), (1, 2, 0));
    assert!(contents.groups >= 20 && contents.last_change >= 20, "{contents:?}");

    let file = target(&world);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let url = format!("sqlite:{}", file.display());
    let store = Store::connect(&Connect { url, connections: 1 }).await.unwrap();
    store.migrate().await.unwrap();
    let page = store::Page { number: 1, size: 1 };
    let groups = groups::list(&mut store.read().await.unwrap(), account, page).await.unwrap();
    assert_eq!(groups.total, contents.groups);
}

#[tokio::test]
async fn nothing_is_replaced_and_nothing_half_made_is_left() {
    let world = World::new(Database::Sqlite).await;
    fs::write(target(&world), "mine").unwrap();
    assert_refused!(copy(&world).await, Error::Database(DatabaseError::File(_)));
    assert_eq!(fs::read_to_string(target(&world)).unwrap(), "mine");
    fs::remove_file(target(&world)).unwrap();

    world.store.close().await;
    world.database.execute("PRAGMA foreign_keys = OFF; DELETE FROM partners").await;
    assert_refused!(copy(&world).await, Error::Database(DatabaseError::Damaged(_)));
    let folder = world.database.file();
    let left = fs::read_dir(folder.parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name());
    let left: Vec<_> = left.filter(|name| name.to_string_lossy().contains("copy")).collect();
    assert!(left.is_empty(), "{left:?}");

    fs::remove_file(world.database.file()).unwrap();
    assert_refused!(copy(&world).await, Error::Database(DatabaseError::Unreachable(_)));
    assert!(!world.database.file().exists());
}
