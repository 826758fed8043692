//! Clocks that are set while calls are under way: what must end ends by whichever clock says so first, and all else goes on.

use domain::OutcomeClass;
use jiff::SignedDuration;
use rstest::rstest;

use crate::{
    support::{ALWAYS, Database, Dialed, World, always},
    windows::{close, world_until_close},
};

#[rstest]
#[tokio::test]
async fn answered_calls_go_on_and_nobody_is_called_twice_though_the_clock_is_set(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
    #[values(600, -600)] seconds: i64,
) {
    let world = World::new(database).await;
    let user = world.accounts.user;
    let five = Dialed { calls: 5, ..Dialed::default() };
    let (_, answering) = world.simple(always(OutcomeClass::Answered, 2, 900), five.clone(), 5).await;
    let ringing = world.line(always(OutcomeClass::Unknown, 0, 0), &[user], 100).await;
    let task = world.task(user, world.group(user, ALWAYS).await, ringing, five).await;
    world.numbers(user, task, 5..10).await;
    let mut node = world.node();
    world.run(&mut node, 20, 500).await;
    let under_way = |world: &World| {
        let seen = world.seen();
        (seen.under_way[&answering], seen.under_way[&ringing])
    };
    assert_eq!(under_way(&world), (5, 5));
    world.set_clock_by(seconds);
    // Set forward, the ring limit is over at once; set back, it is over when a minute has passed.
    world.run(&mut node, 2, 500).await;
    assert_eq!(under_way(&world), (5, if seconds > 0 { 0 } else { 5 }));
    world.run(&mut node, 60, 1_000).await;
    assert_eq!(under_way(&world), (5, 0));
    assert!(world.seen().calls.values().all(|calls| calls.len() == 1));
    let records = world.records().await;
    assert_eq!(records.len(), 5);
    assert!(records.iter().all(|record| record.class == OutcomeClass::NoAnswer));
    world.check_counts(task).await;
}

#[rstest]
#[tokio::test]
async fn a_clock_that_is_set_over_a_close_silences_what_rings_at_once(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (world, task, line) = world_until_close(database, OutcomeClass::Unknown, 0).await;
    let mut node = world.node();
    world.run(&mut node, 50, 100).await;
    assert_eq!(world.seen().under_way[&line], 10);
    world.set_clock_by(295);
    let set_at = world.now();
    world.run(&mut node, 20, 100).await;
    let seen = world.seen();
    assert_eq!(seen.under_way[&line], 0);
    assert!(seen.log.iter().all(|call| call.at <= set_at && call.ended_at.is_some_and(|at| at <= set_at)));
    world.run(&mut node, 60, 1_000).await;
    world.set_clock_by(-120);
    world.run(&mut node, 20, 100).await;
    let seen = world.seen();
    assert_eq!(seen.under_way[&line], 10, "as soon as it may by the clock, it dials again");
    let latest = close() - SignedDuration::from_secs(22);
    assert!(seen.starts[&line].iter().all(|at| *at <= latest));
    world.check_counts(task).await;
}
