//! What came of dialing, in the logs of the accounts.

use domain::{
    BlockedNumberSnapshot, CallSnapshot, CallStage, EventCause, EventDetail, EventKind, LineHealthSnapshot,
    LoggedEvent, OutcomeClass, TaskId,
};
use rstest::rstest;
use store::{dialing_events, events};
use test_support::answered_attempt;

use crate::{
    lines,
    support::{Database, World, anything, at},
};

async fn log(world: &World, account: domain::AccountId) -> Vec<LoggedEvent> {
    events::list(&mut world.read().await, account, 0, 100).await.unwrap()
}

#[rstest]
#[tokio::test]
async fn a_call_is_told_as_far_as_it_has_come_and_comes_back_as_it_was_told(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let (task, line) = (TaskId::new(anything()), lines::create(&world, world.partner).await);
    let attempt = answered_attempt(world.account, task, at(60));
    let started = CallSnapshot::started(attempt.id, line, true, at(10));
    let blocked = BlockedNumberSnapshot { blocked_by: "do_not_call".to_owned(), numbers: 3 };
    world
        .write(async |tx| {
            dialing_events::call(
                tx,
                (world.account, task),
                CallStage::Started,
                started.clone(),
                (at(10), at(11)),
            );
            dialing_events::call_ended(tx, &attempt, at(61));
            dialing_events::numbers_blocked(tx, world.account, task, blocked.clone(), at(62));
            dialing_events::task_finished(tx, world.account, task, at(63));
            Ok(())
        })
        .await
        .unwrap();
    let log = log(&world, world.account).await;
    let told: Vec<_> = log.iter().map(|logged| (logged.event.kind, logged.event.detail.clone())).collect();
    let expected = [
        (EventKind::CallStarted, Some(EventDetail::Call(started))),
        (EventKind::CallEnded, Some(EventDetail::Call(CallSnapshot::ended(&attempt)))),
        (EventKind::NumberBlocked, Some(EventDetail::Blocked(blocked))),
        (EventKind::TaskFinished, None),
    ];
    assert_eq!(told, expected);
    assert!(log.iter().all(|logged| logged.event.cause == EventCause::Dialing));
    assert_eq!(log[1].event.due_at, attempt.times.ended_at);
}

#[rstest]
#[tokio::test]
async fn who_has_a_share_of_a_line_is_told_that_it_fails(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let sub_user = world.create_sub_user().await;
    let line = lines::create(&world, world.partner).await;
    lines::allocate(&world, world.partner, line, world.account, 3).await;
    for failing in [Some(OutcomeClass::LineFailure), None] {
        let health = LineHealthSnapshot { line_id: line.uuid(), line_name: "line".to_owned(), failing };
        world.write(async |tx| dialing_events::line_turned(tx, line, &health, at(1)).await).await.unwrap();
    }
    for (account, events) in [(world.account, 2), (sub_user, 2), (world.stranger, 0)] {
        let log = log(&world, account).await;
        assert_eq!(log.len(), events);
        assert!(
            log.is_empty()
                || (log[0].event.kind, log[1].event.kind) == (EventKind::LineDown, EventKind::LineUp)
        );
    }
}
