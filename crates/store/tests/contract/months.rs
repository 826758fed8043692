//! The months that PostgreSQL stores attempts by: made ahead, read one by one, and dropped when they are past.

use domain::{InstantRange, TaskId};
use jiff::Timestamp;
use rstest::rstest;
use store::attempts::{self, AttemptScope, count_by_outcome, drop_month, make_months};
use test_support::answered_attempt;

use crate::support::{Database, OwnDatabase, World, anything};

/// The version of the migration before which there were no months.
const MONTHS: i64 = 34;

/// Every table of attempts but the one that has all of them.
const TABLES: &str =
    "SELECT relname::text FROM pg_class WHERE relispartition AND relkind = 'r' ORDER BY relname";

fn day(text: &str) -> Timestamp {
    format!("{text}T12:00:00Z").parse().unwrap()
}

async fn drop_all(world: &World, before: Timestamp) -> usize {
    let mut dropped = 0;
    while world.write(async |tx| drop_month(tx, before).await).await.unwrap() {
        dropped += 1;
    }
    dropped
}

#[tokio::test]
async fn a_month_is_read_by_itself_and_goes_with_its_counters() {
    let world = World::new(Database::Postgres).await;
    let months = [day("2040-01-31"), day("2040-02-01"), day("2040-05-10")];
    world.write(async |tx| make_months(tx, months[0]).await).await.unwrap();
    world.write(async |tx| make_months(tx, months[0]).await).await.unwrap();
    let tables = world.database.texts(TABLES).await;
    for month in
        ["attempts_2040_01", "attempts_2040_02", "attempts_2040_03", "attempts_2040_04", "attempts_2040_05"]
    {
        assert!(tables.iter().any(|table| table == month), "{tables:?}");
    }
    let task = TaskId::new(anything());
    let ended = months.map(|at| answered_attempt(world.account, task, at));
    let forgotten = answered_attempt(world.account, task, day("1999-01-01"));
    world.write(async |tx| attempts::record(tx, &ended).await).await.unwrap();
    world.write(async |tx| attempts::record(tx, std::slice::from_ref(&forgotten)).await).await.unwrap();
    let other = world.database.texts("SELECT CAST(count(*) AS TEXT) FROM attempts_other").await;
    assert_eq!(other, ["1"], "what is of no month is refused nowhere");

    let (account, from, until) =
        (world.database.literal(world.account.uuid()), day("2040-02-01"), day("2040-02-20"));
    let question = format!(
        "EXPLAIN SELECT id FROM attempts WHERE account_id = {account} AND dialed_at >= {} AND dialed_at < {} \
         ORDER BY dialed_at DESC, id DESC LIMIT 20",
        from.as_microsecond(),
        until.as_microsecond()
    );
    let plan = world.database.texts(&question).await.join("\n");
    assert!(plan.contains("attempts_2040_02") && plan.contains("Index"), "{plan}");
    assert!(!plan.contains("attempts_2040_01") && !plan.contains("attempts_other"), "{plan}");

    // What is older than a month goes before it, one by one.
    let before = day("2040-03-20");
    assert_eq!(drop_all(&world, before).await, 0);
    world
        .write(async |tx| attempts::delete_before(tx, world.account, day("2039-01-01"), 10).await)
        .await
        .unwrap();
    assert!(
        drop_all(&world, before).await >= 3,
        "January, February, and those of the day on which this runs"
    );
    let scope = AttemptScope::Account(world.account);
    let counts = count_by_outcome(&mut world.read().await, scope, InstantRange::ALL).await.unwrap();
    assert_eq!(counts.tries(), 1, "March had not ended, and May has one");
    assert_eq!(attempts::get(&mut world.read().await, world.account, ended[2].id).await.unwrap(), ended[2]);
    assert!(attempts::get(&mut world.read().await, world.account, ended[0].id).await.is_err());
    let tables = world.database.texts(TABLES).await;
    assert!(tables.iter().any(|table| table == "attempts_2040_03"), "{tables:?}");
}

#[rstest]
#[tokio::test]
async fn attempts_that_were_there_are_there_still(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let kind = database;
    let database = OwnDatabase::empty(database);
    database.migrate_before(MONTHS).await;
    let [account, task] = std::array::from_fn(|_| database.literal(anything()));
    let last = "2024-03-20";
    for (place, at) in ["1999-01-01", "2024-01-31", last].into_iter().enumerate() {
        let (id, at) = (database.literal(anything()), day(at).as_microsecond());
        database
            .execute(&format!(
                "INSERT INTO attempts (account_id, id, task_id, task_name, e164, phone, details, class, outcome, is_local, ended_by, dialed_at, \
                                       ended_at, is_simulated) \
                 VALUES ({account}, {id}, {task}, 'task', {place}, '1', '{{}}', 'answered', 1, {no}, 'callee', {at}, {at}, {no})",
                no = if kind == Database::Sqlite { "0" } else { "false" }
            ))
            .await;
    }
    database.connect().await.migrate().await.unwrap();
    let all = database.texts("SELECT CAST(e164 AS TEXT) FROM attempts ORDER BY dialed_at").await;
    assert_eq!(all, ["0", "1", "2"]);
    if kind == Database::Postgres {
        let of_table =
            async |table: &str| database.texts(&format!("SELECT CAST(e164 AS TEXT) FROM {table}")).await;
        assert_eq!(of_table("attempts_other").await, ["0"], "it is older than any retention");
        assert_eq!(of_table("attempts_2024_01").await, ["1"]);
        assert_eq!(of_table("attempts_2024_03").await, ["2"]);
    }
}
