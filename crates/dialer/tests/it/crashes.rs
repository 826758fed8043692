//! Nodes that die at any moment, and nodes that were away: no number is called twice, and each attempt has one outcome.

use std::time::Duration;

use dialer::Dialer;
use domain::{NumberState, OutcomeClass, Random as _, RedialSettings};
use jiff::SignedDuration;
use rstest::rstest;
use serde_json::json;
use test_support::FixedRandom;

use crate::support::{Database, Dialed, World, always};

fn chance(random: &FixedRandom, below: u64) -> u64 {
    let mut bytes = [0; 8];
    random.fill(&mut bytes);
    u64::from_le_bytes(bytes) % below
}

/// Lets a node work for a moment, and kills it wherever it is.
async fn work_and_die(world: &World, mut node: Dialer, moment: Duration) {
    let working = async {
        loop {
            node.round().await.unwrap();
            world.pass_with(&node, 20);
            tokio::task::yield_now().await;
        }
    };
    let _killed = tokio::time::timeout(moment, working).await;
}

async fn crash_often(
    database: Database,
    numbers: u32,
    crashes: u32,
    redial: RedialSettings,
) -> (World, domain::TaskId) {
    let mut world = World::new(database).await;
    world.settings.node_lease = SignedDuration::from_millis(2_200);
    let dialed = Dialed { calls: 50, redial, ..Dialed::default() };
    let (task, _) = world.simple(always(OutcomeClass::Busy, 1, 0), dialed, numbers).await;
    let random = FixedRandom::new(u64::from(numbers) + u64::from(crashes));
    for _ in 0..crashes {
        work_and_die(&world, world.node(), Duration::from_millis(3 + chance(&random, 60))).await;
    }
    (world, task)
}

/// Until every number is done; leases run out by the database's clock.
async fn finish(world: &World, task: domain::TaskId, numbers: u32) {
    let mut node = world.node();
    let begun = std::time::Instant::now();
    while world.in_state(task, NumberState::Done).await < i64::from(numbers) {
        for _ in 0..20 {
            node.round().await.unwrap();
            world.pass_with(&node, 200);
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
        assert!(begun.elapsed() < Duration::from_mins(1), "not done");
    }
}

#[rstest]
#[tokio::test]
async fn nodes_that_die_call_nobody_twice(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let numbers = 600;
    let (world, task) = crash_often(database, numbers, 30, RedialSettings::default()).await;
    finish(&world, task, numbers).await;
    let seen = world.seen();
    assert!(seen.calls.values().all(|calls| calls.len() == 1), "called twice");
    let records = world.records().await;
    let tries = records.iter().filter(|record| record.status.is_some()).count();
    assert_eq!(tries, usize::try_from(numbers).unwrap(), "one outcome each");
    let unknown = records.iter().filter(|record| record.class == OutcomeClass::Unknown).count();
    assert!(unknown <= 31 * 50, "{unknown}");
    world.check_counts(task).await;
    let called: std::collections::HashSet<i64> = records.iter().map(|record| record.number.e164).collect();
    assert_eq!(called.len(), usize::try_from(numbers).unwrap());
}

#[rstest]
#[tokio::test]
async fn nodes_that_die_never_redial_before_the_interval(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let redial = RedialSettings {
        redial_enabled: Some(json!(1)),
        redial_interval: Some(2),
        redial_max_times: Some(1),
        redial_conditions: Some(json!({ "da_status": [4, 8] })),
        ..RedialSettings::default()
    };
    let numbers = 300;
    let (world, task) = crash_often(database, numbers, 20, redial).await;
    finish(&world, task, numbers).await;
    for starts in world.seen().calls.values() {
        assert!(starts.len() <= 2);
        for two in starts.windows(2) {
            assert!(two[1].duration_since(two[0]) >= SignedDuration::from_mins(2), "{two:?}");
        }
    }
    world.check_counts(task).await;
}

#[tokio::test]
async fn a_node_that_was_stopped_beyond_its_lease_starts_nothing_and_writes_nothing() {
    let mut world = World::new(Database::Postgres).await;
    world.settings.node_lease = SignedDuration::from_millis(2_200);
    let dialed = Dialed { calls: 20, ..Dialed::default() };
    let (task, line) = world.simple(always(OutcomeClass::Answered, 2, 30), dialed, 20).await;
    let mut sleeper = world.node();
    world.run(&mut sleeper, 10, 300).await;
    assert_eq!(world.seen().under_way[&line], 20);
    // It sleeps; its lease runs out by the database's clock, and another node ends what it had.
    tokio::time::sleep(Duration::from_millis(2_400)).await;
    let mut other = world.node();
    for _ in 0..20 {
        world.run(&mut other, 5, 200).await;
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
    assert_eq!(world.seen().under_way[&line], 0, "the reaper has ended its calls");
    let records = world.records().await.len();
    assert_eq!(records, 20);
    world.run(&mut sleeper, 20, 200).await;
    assert_eq!(world.records().await.len(), records, "no second outcome");
    assert!(world.seen().calls.values().all(|calls| calls.len() == 1));
    world.check_counts(task).await;
}
