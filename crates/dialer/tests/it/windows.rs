//! Windows: nothing starts too late, and no phone rings at the close, whatever changes meanwhile.

use std::collections::HashSet;

use domain::{Closure, NumberState, NumberStatus, OutcomeClass, StopTarget, TaskId};
use jiff::{SignedDuration, Timestamp};
use rstest::rstest;
use store::edits;

use crate::support::{Database, Dialed, NINE, World, always};

/// Open from 09:00 to 09:05 on Wednesdays.
pub(crate) const FIVE_MINUTES: &str = r#"[{"week":3,"times":[{"begin_time":"09:00","end_time":"09:05"}]}]"#;

pub(crate) async fn world_until_close(
    database: Database,
    class: OutcomeClass,
    ring: i64,
) -> (World, domain::TaskId, domain::LineId) {
    let world = World::at(database, NINE).await;
    let user = world.accounts.user;
    let line = world.line(always(class, ring, 40), &[user], 100).await;
    let group = world.group(user, FIVE_MINUTES).await;
    let task = world.task(user, group, line, Dialed { calls: 10, ..Dialed::default() }).await;
    world.numbers(user, task, 0..500).await;
    (world, task, line)
}

pub(crate) fn close() -> Timestamp {
    "2026-06-10T09:05:00+08:00".parse().unwrap()
}

#[rstest]
#[tokio::test]
async fn nothing_starts_late_and_no_phone_rings_at_the_close(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (world, task, line) = world_until_close(database, OutcomeClass::Unknown, 0).await;
    let mut node = world.node();
    world.run(&mut node, 3_200, 100).await;
    let seen = world.seen();
    let latest = close() - SignedDuration::from_secs(22);
    assert!(!seen.starts[&line].is_empty());
    assert!(seen.starts[&line].iter().all(|at| *at <= latest), "{:?}", seen.starts[&line].iter().max());
    assert_eq!(seen.under_way[&line], 0);
    let silent = close() - SignedDuration::from_secs(2) + SignedDuration::from_millis(200);
    for record in world.records().await {
        assert!(record.times.ended_at <= silent, "{:?}", record.times);
    }
    // Those that were cancelled at the close are due again, and nothing else is held.
    assert_eq!(
        world.in_state(task, NumberState::Leased).await + world.in_state(task, NumberState::InCall).await,
        0
    );
    world.check_counts(task).await;
}

#[rstest]
#[tokio::test]
async fn answered_calls_go_on_after_the_close(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (world, _, line) = world_until_close(database, OutcomeClass::Answered, 5).await;
    let mut node = world.node();
    world.run(&mut node, 3_000, 100).await;
    assert!(world.seen().under_way[&line] > 0, "some talk on");
    world.run(&mut node, 500, 100).await;
    assert_eq!(world.seen().under_way[&line], 0);
    let records = world.records().await;
    assert!(records.iter().all(|record| record.times.talk() == SignedDuration::from_secs(40)));
    assert!(records.iter().any(|record| record.times.ended_at > close()));
}

#[rstest]
#[tokio::test]
async fn a_pause_silences_what_rings_within_two_seconds(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (world, task, line) = world_until_close(database, OutcomeClass::Unknown, 0).await;
    let mut node = world.node();
    world.run(&mut node, 50, 100).await;
    assert_eq!(world.seen().under_way[&line], 10);
    world.enable(world.accounts.user, task, false).await;
    let paused_at = world.now();
    world.run(&mut node, 20, 100).await;
    let seen = world.seen();
    assert_eq!(seen.under_way[&line], 0);
    assert!(seen.starts[&line].iter().all(|at| *at <= paused_at));
    // Their phones have rung: those were tries, and nobody is called again by a start.
    assert_eq!(world.in_state(task, NumberState::Due).await, 490);
    let records = world.records().await;
    let (class, status) = (OutcomeClass::Other, Some(NumberStatus::NoAnswer));
    assert!(
        records.len() == 10 && records.iter().all(|record| (record.class, record.status) == (class, status))
    );
    let rang: HashSet<i64> = records.iter().map(|record| record.number.e164).collect();
    world.enable(world.accounts.user, task, true).await;
    world.run(&mut node, 20, 100).await;
    assert_eq!(world.seen().under_way[&line], 10, "as soon as it may, it dials again");
    world.enable(world.accounts.user, task, false).await;
    world.run(&mut node, 20, 100).await;
    let called: HashSet<i64> = world.records().await.iter().map(|record| record.number.e164).collect();
    assert_eq!((called.len(), called.is_superset(&rang)), (20, true), "others are called");
    world.check_counts(task).await;
}

/// What a pause does to phones that do not ring yet costs no try.
#[rstest]
#[tokio::test]
async fn a_pause_before_a_phone_rings_costs_no_try(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (world, task, line) = world_until_close(database, OutcomeClass::InvalidNumber, 30).await;
    let mut node = world.node();
    world.run(&mut node, 50, 100).await;
    assert_eq!(world.seen().under_way[&line], 10);
    world.enable(world.accounts.user, task, false).await;
    world.run(&mut node, 20, 100).await;
    assert_eq!(world.in_state(task, NumberState::Due).await, 500);
    world.check_counts(task).await;
}

#[rstest]
#[tokio::test]
async fn the_kill_switch_silences_what_rings_of_an_account_or_a_line(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (world, _, line) = world_until_close(database, OutcomeClass::Unknown, 0).await;
    let mut node = world.node();
    let partner = world.accounts.partner;
    for target in [
        StopTarget::Line(partner, line),
        StopTarget::Account(partner, world.accounts.user),
        StopTarget::Partner(partner),
        StopTarget::Installation,
    ] {
        world.run(&mut node, 20, 100).await;
        assert_eq!(world.seen().under_way[&line], 10, "{target:?}");
        world.stop(target, true).await;
        let stopped_at = world.now();
        world.run(&mut node, 20, 100).await;
        let seen = world.seen();
        assert_eq!(seen.under_way[&line], 0, "{target:?}");
        assert!(seen.starts[&line].iter().all(|at| *at <= stopped_at), "{target:?}");
        world.stop(target, false).await;
    }
}

/// It silences what rings, nothing starts until it ends, and then the task goes on by itself.
#[rstest]
#[tokio::test]
async fn an_override_silences_what_rings_and_ends_by_itself(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::at(database, NINE).await;
    let user = world.accounts.user;
    let line = world.line(always(OutcomeClass::Unknown, 0, 40), &[user], 100).await;
    let group = world.group(user, FIVE_MINUTES).await;
    let task = world.task(user, group, line, Dialed { calls: 10, ..Dialed::default() }).await;
    world.numbers(user, task, 0..500).await;
    let mut node = world.node();
    world.run(&mut node, 20, 100).await;
    assert_eq!(world.seen().under_way[&line], 10);
    let (closed_at, ends_at) = (world.now(), world.now() + SignedDuration::from_secs(10));
    world.close_until(user, group, ends_at).await;
    world.run(&mut node, 20, 100).await;
    assert_eq!(world.seen().under_way[&line], 0, "within two seconds");
    world.run(&mut node, 100, 100).await;
    let seen = world.seen();
    assert!(
        seen.starts[&line].iter().all(|at| *at <= closed_at || ends_at <= *at),
        "{:?}",
        seen.starts[&line]
    );
    assert_eq!(seen.under_way[&line], 10, "it has ended");
    world.check_counts(task).await;
}

/// Deletes a task, or closes it for an hour.
async fn end_task(world: &World, task: TaskId, how: &str) {
    let (user, now) = (world.accounts.user, world.now());
    let mut tx = world.store.begin().await.unwrap();
    let locked = edits::tasks::lock(&mut tx, user, task, None, now).await.unwrap();
    if how == "delete" {
        edits::tasks::delete(&mut tx, &locked, &world.change()).await.unwrap();
    } else {
        let mut draft = locked.task().unwrap().draft;
        draft.bounds.closures = vec![Closure { begin: now, end: now + SignedDuration::from_hours(1) }];
        edits::tasks::update(&mut tx, &locked, draft, &world.change()).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// The kill switch, a delete and a closure that is set now, as a pause: whose phone rang was tried.
#[rstest]
#[tokio::test]
async fn who_ends_ringing_calls_by_hand_has_tried_their_numbers(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
    #[values("stop", "line", "delete", "closure")] how: &str,
) {
    let (world, task, line) = world_until_close(database, OutcomeClass::Unknown, 0).await;
    let (user, partner) = (world.accounts.user, world.accounts.partner);
    let mut node = world.node();
    world.run(&mut node, 50, 100).await;
    assert_eq!(world.seen().under_way[&line], 10);
    match how {
        "stop" => world.stop(StopTarget::Account(partner, user), true).await,
        "line" => world.stop(StopTarget::Line(partner, line), true).await,
        _ => end_task(&world, task, how).await,
    }
    world.run(&mut node, 30, 100).await;
    assert_eq!(world.seen().under_way[&line], 0);
    let records = world.records().await;
    let (class, status) = (OutcomeClass::Other, Some(NumberStatus::NoAnswer));
    assert_eq!(records.len(), 10);
    assert!(records.iter().all(|record| (record.class, record.status) == (class, status)), "{how}");
}
