//! What the database says of itself.

use domain::{Partner, PartnerId};
use rstest::rstest;
use store::{health, partners};

use crate::support::{Database, OwnDatabase, World, anything, at, name, task_draft};

#[rstest]
#[tokio::test]
async fn a_database_that_is_there_answers(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let database = OwnDatabase::empty(database);
    let store = database.connect().await;
    health::ping(&mut store.read().await.unwrap()).await.unwrap();
    health::ping(&mut store.begin().await.unwrap()).await.unwrap();
}

#[rstest]
#[tokio::test]
async fn the_databases_clock_tells_microseconds_of_this_century(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let database = OwnDatabase::empty(database);
    let now = health::now(&mut database.connect().await.read().await.unwrap()).await.unwrap();
    assert!(at(0) < now && now < "2100-01-01T00:00:00Z".parse().unwrap(), "{now}");
}

#[rstest]
#[tokio::test]
async fn there_is_a_partner_once_one_is_made(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let database = OwnDatabase::empty(database);
    let store = database.connect().await;
    store.migrate().await.unwrap();
    assert!(!partners::is_any(&mut store.read().await.unwrap()).await.unwrap());
    for _ in 0..2 {
        let partner = Partner {
            id: PartnerId::new(anything()),
            name: name(&anything().to_string()),
            created_at: at(0),
            disabled_at: None,
        };
        let mut tx = store.begin().await.unwrap();
        partners::create(&mut tx, &partner).await.unwrap();
        tx.commit().await.unwrap();
        assert!(partners::is_any(&mut store.read().await.unwrap()).await.unwrap());
    }
}

#[rstest]
#[tokio::test]
async fn a_sound_database_has_no_faults(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database).await;
    let group = world.group("group").await;
    world.task(group).await;
    assert_eq!(health::integrity(&mut world.read().await).await.unwrap(), Vec::<String>::new());
}

/// PostgreSQL lets nobody do this.
#[tokio::test]
async fn rows_that_refer_to_nothing_are_faults() {
    let world = World::new(Database::Sqlite).await;
    let group = world.group("group").await;
    for _ in 0..2 {
        world.create_task(world.account, domain::Generation::V2, task_draft(group)).await.unwrap();
    }
    world.database.execute("PRAGMA foreign_keys = OFF; DELETE FROM dial_time_groups").await;
    let faults = health::integrity(&mut world.read().await).await.unwrap();
    assert_eq!(faults, ["2 rows refer to rows that do not exist"]);
}
