//! Numbers that a node has and will not call soon are given back: another node may call them, and their task says what they wait for.

use std::sync::Arc;

use dialer::{Dialer, DialerParts};
use domain::{Clock as _, ClockDifference, LineSettings, NumberState, OutcomeClass};
use jiff::SignedDuration;
use rstest::rstest;

use crate::support::{Database, Dialed, World, always, rate};

#[rstest]
#[tokio::test]
async fn of_a_line_that_is_down_a_node_has_the_number_that_tries_it_and_no_other(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let dialed = Dialed { calls: 10, ..Dialed::default() };
    let (task, line) = world.simple(always(OutcomeClass::LineFailure, 0, 0), dialed, 100).await;
    let mut node = world.node();
    // The breaker opens after 20 in a row, and the line is first tried five seconds later.
    world.run(&mut node, 30, 100).await;
    assert_eq!(world.in_state(task, NumberState::Leased).await, 0);
    let failed = world.records().await.len();
    for _ in 0..60 {
        world.run(&mut node, 1, 500).await;
        assert!(world.in_state(task, NumberState::Leased).await <= 1);
    }
    assert!(failed < world.records().await.len(), "it is tried");
    world.change_line(line, always(OutcomeClass::Answered, 1, 1)).await;
    world.run(&mut node, 300, 1_000).await;
    assert_eq!(world.in_state(task, NumberState::Done).await, 100);
    world.check_counts(task).await;
}

#[rstest]
#[tokio::test]
async fn of_a_task_that_may_have_no_call_over_its_line_it_has_none(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let dialed = Dialed { calls: 5, limit: Some(0), ..Dialed::default() };
    let (task, _) = world.simple(always(OutcomeClass::Busy, 1, 0), dialed, 10).await;
    world.run(&mut world.node(), 10, 100).await;
    assert_eq!(world.in_state(task, NumberState::Due).await, 10);
}

#[rstest]
#[tokio::test]
async fn a_node_whose_clock_is_wrong_has_none(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let line = LineSettings { cps: rate(200), ..always(OutcomeClass::Busy, 1, 0) };
    let (task, _) = world.simple(line, Dialed { calls: 5, ..Dialed::default() }, 20).await;
    let clock_difference = Arc::new(ClockDifference::default());
    let parts = DialerParts { clock_difference: clock_difference.clone(), ..world.parts(&world.store) };
    let mut node = Dialer::new(parts);
    world.run(&mut node, 10, 100).await;
    assert!(world.in_state(task, NumberState::Leased).await > 0);
    let now = world.clock.now();
    clock_difference.note(now, now, now + SignedDuration::from_secs(10));
    let records = world.records().await.len();
    world.run(&mut node, 100, 100).await;
    assert_eq!(world.in_state(task, NumberState::Leased).await, 0);
    clock_difference.note(now, now, now);
    world.run(&mut node, 100, 100).await;
    assert!(records < world.records().await.len());
    world.check_counts(task).await;
}
