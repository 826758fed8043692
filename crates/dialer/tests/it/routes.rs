//! Which lines a task's calls go over: those that are built in, and those of a group together, in their order.

use domain::{
    DialDigits, EndReason, LineId, LineKind, LineSettings, NumberState, NumberStatus, OutcomeClass, SipTrunk,
    TaskId,
};
use jiff::SignedDuration;
use rstest::rstest;

use crate::support::{ALWAYS, Database, Dialed, World, always};

#[rstest]
#[tokio::test]
async fn a_group_is_used_in_order_and_its_limit_holds_over_all_of_its_lines(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let user = world.accounts.user;
    let small = LineSettings { channels: 2, ..always(OutcomeClass::Answered, 1, 20) };
    let first = world.line(small, &[user], 100).await;
    let second = world.line(always(OutcomeClass::Answered, 1, 20), &[user], 100).await;
    let group = world.line_group(&[first, second], &[]).await;
    let dialed = Dialed { calls: 10, limit: Some(5), ..Dialed::default() };
    let task = world.task(user, world.group(user, ALWAYS).await, group, dialed).await;
    world.numbers(user, task, 0..30).await;
    let mut node = world.node();
    world.run(&mut node, 100, 200).await;
    let seen = world.seen();
    assert_eq!((seen.most_at_once[&first], seen.most_at_once[&second]), (2, 3));
    world.run(&mut node, 900, 200).await;
    assert_eq!(world.in_state(task, NumberState::Done).await, 30);
}

#[rstest]
#[tokio::test]
async fn nothing_begins_over_a_line_that_is_not_registered(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let trunk = SipTrunk { register: true, ..SipTrunk::new(Vec::new()) };
    let settings = LineSettings::new(LineKind::Sip(Box::new(trunk)), 10);
    let (task, _) = world.simple(settings, Dialed { calls: 3, ..Dialed::default() }, 5).await;
    world.run(&mut world.node(), 50, 1_000).await;
    assert_eq!((world.records().await.len(), world.in_state(task, NumberState::Due).await), (0, 5));
}

/// A world with a task over a group of two lines, the first of which does so.
async fn with_group(
    database: Database,
    first: LineSettings,
    failover: &[OutcomeClass],
) -> (World, [LineId; 2], TaskId) {
    let world = World::new(database).await;
    let user = world.accounts.user;
    let first = world.line(first, &[user], 100).await;
    let second = world.line(always(OutcomeClass::Answered, 1, 5), &[user], 100).await;
    let group = world.line_group(&[first, second], failover).await;
    let dialed = Dialed { calls: 3, ..Dialed::default() };
    let task = world.task(user, world.group(user, ALWAYS).await, group, dialed).await;
    world.numbers(user, task, 0..6).await;
    (world, [first, second], task)
}

#[rstest]
#[tokio::test]
async fn a_number_goes_over_a_line_that_may_call_it(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let to = |prefix: &str, channels: i64| LineSettings {
        allowed_prefixes: vec![DialDigits::parse(prefix).unwrap()],
        channels,
        ..always(OutcomeClass::Answered, 1, 2)
    };
    let world = World::new(database).await;
    let user = world.accounts.user;
    let abroad = world.line(to("1", 10), &[user], 100).await;
    let home = world.line(to("86", 2), &[user], 100).await;
    let group = world.line_group(&[abroad, home], &[]).await;
    let task = world
        .task(user, world.group(user, ALWAYS).await, group, Dialed { calls: 10, ..Dialed::default() })
        .await;
    world.numbers(user, task, 0..12).await;
    let mut node = world.node();
    for _ in 0..40 {
        world.run(&mut node, 10, 100).await;
        let at_once = world.seen().under_way.get(&home).copied().unwrap_or(0);
        assert!(at_once <= 2, "{at_once} calls over a line with two channels");
    }
    let seen = world.seen();
    assert!(!seen.starts.contains_key(&abroad));
    assert_eq!(seen.starts[&home].len(), 12);
    let records = world.records().await;
    assert!(records.len() == 12 && records.iter().all(|record| record.class == OutcomeClass::Answered));
    world.check_counts(task).await;
}

#[rstest]
#[tokio::test]
async fn a_number_that_no_line_may_call_costs_no_try_and_no_line(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let to = |prefix: &str| LineSettings {
        allowed_prefixes: vec![DialDigits::parse(prefix).unwrap()],
        ..always(OutcomeClass::Answered, 1, 2)
    };
    let world = World::new(database).await;
    let (task, line) = world.simple(to("1"), Dialed { calls: 3, ..Dialed::default() }, 6).await;
    let mut node = world.node();
    world.run(&mut node, 200, 30_000).await;
    let records = world.records().await;
    assert!(records.len() > 6 * 6, "each is looked at again: {}", records.len());
    for record in &records {
        let end = (record.class, record.status, record.end_reason);
        assert_eq!(end, (OutcomeClass::NotSent, None, Some(EndReason::Prefix)));
    }
    assert!(world.seen().starts.is_empty());
    assert!(world.texts("SELECT '' || line_id FROM lines_down").await.is_empty());
    let counts = world.counts(world.accounts.user, task).await;
    assert_eq!(counts.of(NumberStatus::Waiting, NumberState::Due), 6);
    world.check_counts(task).await;
    world.change_line(line, to("86")).await;
    world.run(&mut node, 60, 30_000).await;
    assert_eq!(
        world.counts(world.accounts.user, task).await.of(NumberStatus::Answered, NumberState::Done),
        6
    );
    assert!(world.seen().calls.values().all(|calls| calls.len() == 1));
}

#[rstest]
#[tokio::test]
async fn the_next_line_of_a_group_takes_over_at_once_what_one_could_not_place(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    for class in [OutcomeClass::LineFailure, OutcomeClass::InvalidNumber] {
        let (world, [first, second], task) = with_group(database, always(class, 1, 0), &[class]).await;
        let mut node = world.node();
        world.run(&mut node, 300, 100).await;
        let seen = world.seen();
        assert_eq!((seen.starts[&first].len(), seen.starts[&second].len()), (6, 6), "{class:?}");
        for starts in seen.calls.values() {
            assert!(starts[1].duration_since(starts[0]) <= SignedDuration::from_millis(1_300));
        }
        let records = world.records().await;
        let of = |class| records.iter().filter(move |record| record.class == class);
        assert_eq!((of(class).count(), of(OutcomeClass::Answered).count()), (6, 6));
        assert!(of(class).all(|record| record.status.is_none()), "no try");
        let counts = world.counts(world.accounts.user, task).await;
        assert_eq!(counts.of(NumberStatus::Answered, NumberState::Done), 6);
        world.check_counts(task).await;
    }
}

#[rstest]
#[tokio::test]
async fn no_other_line_calls_who_was_reached_or_what_the_group_does_not_name(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
    #[values(OutcomeClass::Declined, OutcomeClass::Busy, OutcomeClass::Blocked)] class: OutcomeClass,
) {
    let failover = [OutcomeClass::LineFailure, OutcomeClass::InvalidNumber];
    let (world, [_, second], task) = with_group(database, always(class, 1, 0), &failover).await;
    world.run(&mut world.node(), 300, 100).await;
    assert!(!world.seen().starts.contains_key(&second));
    assert_eq!(world.in_state(task, NumberState::Done).await, 6);
}

#[rstest]
#[tokio::test]
async fn a_number_that_the_last_line_could_not_place_either_waits_as_after_one_fault(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let class = OutcomeClass::LineFailure;
    let (world, [first, second], task) = with_group(database, always(class, 1, 0), &[class]).await;
    world.change_line(second, always(class, 1, 0)).await;
    let mut node = world.node();
    world.run(&mut node, 100, 100).await;
    let seen = world.seen();
    assert_eq!((seen.starts[&first].len(), seen.starts[&second].len()), (6, 6));
    assert_eq!(world.in_state(task, NumberState::Due).await, 6);
    // Again half a minute later, and then a minute later: each round is one fault.
    world.run(&mut node, 400, 100).await;
    assert_eq!(world.seen().starts[&first].len(), 12);
    world.run(&mut node, 400, 100).await;
    assert_eq!(world.seen().starts[&first].len(), 12);
}

#[rstest]
#[tokio::test]
async fn a_number_waits_a_little_for_the_next_line_and_is_then_given_back(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let class = OutcomeClass::LineFailure;
    let (world, [first, second], task) = with_group(database, always(class, 1, 0), &[class]).await;
    let full = LineSettings { channels: 1, ..always(OutcomeClass::Answered, 1, 600) };
    world.change_line(second, full).await;
    world.run(&mut world.node(), 200, 100).await;
    assert_eq!((world.seen().starts[&first].len(), world.seen().starts[&second].len()), (6, 1));
    assert_eq!(world.in_state(task, NumberState::Due).await, 5);
    assert_eq!(world.in_state(task, NumberState::InCall).await, 1);
    world.check_counts(task).await;
}
