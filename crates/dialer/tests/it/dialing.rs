//! A number's way: from due to done, by way of redials, faults of lines, and callees who are in a call already.

use domain::{CallEvents, EndedBy, NumberState, NumberStatus, OutcomeClass, RedialSettings};
use jiff::SignedDuration;
use rstest::rstest;
use serde_json::json;
use store::accounts;

use crate::support::{ALWAYS, Database, Dialed, World, always};

fn calls(calls: i64) -> Dialed {
    Dialed { calls, ..Dialed::default() }
}

/// Redials after these statuses, so many minutes later and so many times.
fn redial(statuses: &[i64], minutes: i64, times: i64) -> RedialSettings {
    RedialSettings {
        redial_enabled: Some(json!(1)),
        redial_interval: Some(minutes),
        redial_max_times: Some(times),
        redial_conditions: Some(json!({ "da_status": statuses })),
        ..RedialSettings::default()
    }
}

#[rstest]
#[tokio::test]
async fn every_number_is_called_once_and_has_a_record(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let (task, line) = world.simple(always(OutcomeClass::Answered, 3, 20), calls(7), 50).await;
    let mut node = world.node();
    world.run(&mut node, 400, 1_000).await;
    let seen = world.seen();
    assert_eq!((seen.calls.len(), seen.most_at_once[&line], seen.under_way[&line]), (50, 7, 0));
    assert!(seen.calls.values().all(|calls| calls.len() == 1));
    let records = world.records().await;
    assert_eq!(records.len(), 50);
    for record in &records {
        assert_eq!((record.class, record.status), (OutcomeClass::Answered, Some(NumberStatus::Answered)));
        assert_eq!((record.ended_by, record.is_simulated), (EndedBy::Callee, true));
        let times = record.times;
        assert_eq!(
            times.answered_at.unwrap().duration_since(times.ringing_at.unwrap()),
            SignedDuration::from_secs(3)
        );
        assert_eq!(times.talk(), SignedDuration::from_secs(20));
    }
    assert_eq!(world.in_state(task, NumberState::Done).await, 50);
    world.check_counts(task).await;
}

#[rstest]
#[tokio::test]
async fn each_outcome_gives_its_number_the_documented_status(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    for (class, status) in [
        (OutcomeClass::Busy, 8),
        (OutcomeClass::Blocked, 2),
        (OutcomeClass::CalleeBlocked, 12),
        (OutcomeClass::Declined, 3),
        (OutcomeClass::PoweredOff, 6),
        (OutcomeClass::Suspended, 7),
        (OutcomeClass::InArrears, 10),
        (OutcomeClass::IncomingBarred, 9),
        (OutcomeClass::InvalidNumber, 5),
        (OutcomeClass::NoAnswer, 4),
    ] {
        let world = World::new(database).await;
        let (task, _) = world.simple(always(class, 2, 0), calls(1), 1).await;
        world.run(&mut world.node(), 8, 1_000).await;
        let records = world.records().await;
        assert_eq!(records.len(), 1, "{class:?}");
        assert_eq!((records[0].class, records[0].status), (class, NumberStatus::from_number(status)));
        let counts = world.counts(world.accounts.user, task).await;
        assert_eq!(counts.of_status(NumberStatus::from_number(status).unwrap()), 1);
        assert_eq!(counts.in_state(NumberState::Done), 1);
    }
}

#[rstest]
#[tokio::test]
async fn a_redial_comes_after_its_interval_and_so_often(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let dialed = Dialed { redial: redial(&[4], 5, 2), ..calls(3) };
    let (task, _) = world.simple(always(OutcomeClass::NoAnswer, 10, 0), dialed, 3).await;
    let mut node = world.node();
    world.run(&mut node, 1_000, 1_000).await;
    let records = world.records().await;
    assert_eq!(records.len(), 9);
    for starts in world.seen().calls.values() {
        assert_eq!(starts.len(), 3);
        for pair in starts.windows(2) {
            let apart = pair[1].duration_since(pair[0]);
            let least = SignedDuration::from_secs(10 + 300);
            assert!(least <= apart && apart < least + SignedDuration::from_secs(5), "{apart:?}");
        }
    }
    world.check_counts(task).await;
    assert_eq!(world.in_state(task, NumberState::Done).await, 3);
}

#[rstest]
#[tokio::test]
async fn one_callee_that_always_gives_503_ends_after_its_fifth(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let (task, _) = world.simple(always(OutcomeClass::LineFailure, 0, 0), calls(1), 1).await;
    let mut node = world.node();
    world.run(&mut node, 600, 1_000).await;
    let mut records = world.records().await;
    records.sort_by_key(|record| record.times.dialed_at);
    let statuses: Vec<Option<NumberStatus>> = records.iter().map(|record| record.status).collect();
    assert_eq!(statuses, [None, None, None, None, Some(NumberStatus::NoAnswer)]);
    assert!(records.iter().all(|record| record.class == OutcomeClass::LineFailure));
    let apart: Vec<i64> = records
        .windows(2)
        .map(|two| two[1].times.dialed_at.duration_since(two[0].times.dialed_at).as_secs())
        .collect();
    for (apart, least) in apart.iter().zip([30, 60, 120, 240]) {
        assert!((least..least + 5).contains(apart), "{apart} {least}");
    }
    assert_eq!(world.in_state(task, NumberState::Done).await, 1);
}

#[rstest]
#[tokio::test]
async fn a_line_that_fails_for_a_minute_costs_no_number_a_try(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let (task, line) = world.simple(always(OutcomeClass::LineFailure, 0, 0), calls(10), 100).await;
    let mut node = world.node();
    world.run(&mut node, 60, 1_000).await;
    let failed = world.records().await.len();
    // The breaker opens after 20 in a row: then single calls try the line.
    assert!((20..40).contains(&failed), "{failed}");
    world.change_line(line, always(OutcomeClass::Answered, 1, 1)).await;
    world.run(&mut node, 300, 1_000).await;
    let records = world.records().await;
    let tries = records.iter().filter(|record| record.status.is_some()).count();
    assert_eq!(tries, 100);
    assert!(
        records
            .iter()
            .filter(|record| record.status.is_some())
            .all(|record| record.class == OutcomeClass::Answered)
    );
    assert_eq!(world.in_state(task, NumberState::Done).await, 100);
    world.check_counts(task).await;
}

#[rstest]
#[tokio::test]
async fn a_callee_in_a_call_is_not_called_by_another_task_of_the_account(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let user = world.accounts.user;
    let (_, line) = world.simple(always(OutcomeClass::Answered, 2, 60), calls(5), 5).await;
    let group = world.group(user, ALWAYS).await;
    let other = world.task(user, group, line, calls(5)).await;
    world.numbers(user, other, 0..5).await;
    let mut node = world.node();
    world.run(&mut node, 30, 1_000).await;
    assert_eq!(world.seen().under_way[&line], 5);
    world.run(&mut node, 200, 1_000).await;
    for starts in world.seen().calls.values() {
        assert_eq!(starts.len(), 2);
        assert!(starts[1].duration_since(starts[0]) >= SignedDuration::from_secs(62));
    }
}

#[rstest]
#[tokio::test]
async fn a_call_that_nobody_answers_or_ends_has_its_limits(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let (_, _) = world.simple(always(OutcomeClass::Unknown, 0, 0), calls(1), 1).await;
    world.run(&mut world.node(), 70, 1_000).await;
    let records = world.records().await;
    assert_eq!(
        (records.len(), records[0].class, records[0].ended_by),
        (1, OutcomeClass::NoAnswer, EndedBy::Dialtime)
    );
    let rang = records[0].times.ended_at.duration_since(records[0].times.ringing_at.unwrap());
    assert!((60..=62).contains(&rang.as_secs()), "{rang:?}");

    let world = World::new(database).await;
    let (_, _) = world.simple(always(OutcomeClass::Answered, 1, 3_600), calls(1), 1).await;
    world.run(&mut world.node(), 190, 10_000).await;
    let records = world.records().await;
    assert_eq!(
        (records.len(), records[0].class, records[0].ended_by),
        (1, OutcomeClass::Answered, EndedBy::Dialtime)
    );
    assert!((1_800..1_830).contains(&records[0].times.talk().as_secs()));
}

#[rstest]
#[tokio::test]
async fn a_task_without_what_it_needs_calls_nobody(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let user = world.accounts.user;
    let group = world.group(user, ALWAYS).await;
    let nobodys = world.line(always(OutcomeClass::Answered, 1, 1), &[], 5).await;
    let task = world.task(user, group, nobodys, calls(5)).await;
    world.numbers(user, task, 0..5).await;
    let paused = world.line(always(OutcomeClass::Answered, 1, 1), &[user], 5).await;
    let paused = world.task(user, group, paused, calls(5)).await;
    world.numbers(user, paused, 5..10).await;
    world.enable(user, paused, false).await;
    world.run(&mut world.node(), 10, 1_000).await;
    assert!(world.seen().calls.is_empty());
    assert_eq!(world.in_state(task, NumberState::Due).await, 5);
    assert_eq!(world.in_state(paused, NumberState::Due).await, 5);
}

#[rstest]
#[tokio::test]
async fn numbers_are_called_in_their_order(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let dialed = Dialed { redial: redial(&[4], 1, 1), ..calls(1) };
    let (_, _) = world.simple(always(OutcomeClass::NoAnswer, 5, 0), dialed, 30).await;
    world.run(&mut world.node(), 600, 1_000).await;
    let mut starts: Vec<_> =
        world.seen().calls.iter().flat_map(|(number, calls)| calls.iter().map(|at| (*at, *number))).collect();
    starts.sort();
    let firsts: Vec<i64> = {
        let mut seen = std::collections::HashSet::new();
        starts.iter().map(|(_, number)| *number).filter(|number| seen.insert(*number)).collect()
    };
    assert!(firsts.is_sorted(), "first come, first called");
    assert_eq!(starts.len(), 60);
    // Redials that are due come before numbers that were never called.
    let second_of_first = starts.iter().position(|(_, number)| *number == firsts[0]).unwrap();
    let redialed =
        starts.iter().skip(second_of_first + 1).position(|(_, number)| *number == firsts[0]).unwrap();
    assert!(redialed < 20, "{redialed}");
}

#[rstest]
#[tokio::test]
async fn who_must_not_be_called_is_not_called(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let (task, line) = world.simple(always(OutcomeClass::Answered, 1, 1), calls(5), 10).await;
    world.bar(world.accounts.user, 8_613_800_000_003).await;
    let group = world.group(world.accounts.sub_user, ALWAYS).await;
    let of_sub_user = world.task(world.accounts.sub_user, group, line, calls(5)).await;
    world.numbers(world.accounts.sub_user, of_sub_user, 3..5).await;
    world.run(&mut world.node(), 30, 1_000).await;
    let seen = world.seen();
    assert!(!seen.calls.contains_key(&8_613_800_000_003));
    assert_eq!(seen.calls.len(), 9);
    assert_eq!(seen.calls[&8_613_800_000_004].len(), 2, "the user's and its sub-user's");
    let counts = world.counts(world.accounts.user, task).await;
    assert_eq!((counts.of_status(NumberStatus::DoNotCall), counts.in_state(NumberState::Done)), (1, 10));
    let records = world.records().await;
    let barred = records.iter().find(|record| record.number.e164 == 8_613_800_000_003).unwrap();
    assert_eq!((barred.class, barred.status), (OutcomeClass::DoNotCall, Some(NumberStatus::DoNotCall)));
    world.check_counts(task).await;
}

/// Nothing is placed for who must not be called: no start, no pace, no rate, and no event of one.
#[rstest]
#[tokio::test]
async fn who_must_not_be_called_is_no_call(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let user = world.accounts.user;
    let mut tx = world.store.begin().await.unwrap();
    let events = CallEvents::from_codes(&["call.started"]).unwrap();
    let locked = accounts::lock(&mut tx, world.accounts.partner, user).await.unwrap();
    accounts::set_call_events(&mut tx, &locked, &events, &world.change()).await.unwrap();
    tx.commit().await.unwrap();
    let slow = Dialed { interval: Some(3_600), ..calls(5) };
    let (task, _) = world.simple(always(OutcomeClass::Busy, 1, 0), slow, 4).await;
    for number in 0..3 {
        world.bar(user, 8_613_800_000_000 + number).await;
    }
    world.run(&mut world.node(), 20, 1_000).await;
    let counts = world.counts(user, task).await;
    assert_eq!(counts.of_status(NumberStatus::DoNotCall), 3);
    assert_eq!(counts.of_status(NumberStatus::Busy), 1, "the interval is not used up by those before it");
    let mut read = world.store.read().await.unwrap();
    let progress = store::dialing::progress(&mut read, user, task, world.now()).await.unwrap();
    assert_eq!(progress.begun_lately, 1);
    drop(read);
    let started = world.texts("SELECT kind FROM events WHERE kind = 'call.started'").await;
    assert_eq!(started.len(), 1);
    world.check_counts(task).await;
}
