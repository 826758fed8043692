//! Attempts that have ended: each is recorded once, and the counters are what the rows are, whatever was recorded and deleted.

use std::collections::BTreeMap;

use domain::{
    AnsweredBy, Answerer, AnswererReason, Attempt, BotFault, BotFaultKind, BotOfCall, BotUrl, EndReason,
    InstantRange, NumberStatus, OutcomeClass, QUARTER, ReachedStep, StepKind, TaskId,
};
use jiff::SignedDuration;
use rstest::rstest;
use store::attempts::{
    self, AttemptFilter, AttemptScope, Expiring, NumberFilter, count_by_outcome, delete_before, expiring,
    quarters,
};
use test_support::{answered_attempt, refused_attempt};

use crate::support::{ALL, Database, World, anything, at, step_by_step};

/// All there are, also those that count no try.
const EVERYTHING: AttemptFilter = AttemptFilter {
    dialed: InstantRange::ALL,
    ended: None,
    number: None,
    statuses: None,
    with_uncounted: true,
    answered_by: Vec::new(),
    end_reasons: Vec::new(),
    bot: None,
    recorded_at: None,
    result: None,
};

async fn record(world: &World, ended: &[Attempt]) -> store::Result<()> {
    world.write(async |tx| attempts::record(tx, ended).await).await
}

async fn list(world: &World, scope: AttemptScope, filter: &AttemptFilter) -> Vec<Attempt> {
    let found = attempts::list(&mut world.read().await, scope, filter, ALL).await.unwrap();
    assert_eq!(usize::try_from(found.total), Ok(found.items.len()), "the total of {filter:?}");
    assert_eq!(step_by_step(world, scope, filter).await, found.items, "{filter:?}");
    found.items
}

/// Two bots, of which one failed.
fn bots() -> Vec<BotOfCall> {
    let fault = BotFault::new(BotFaultKind::Lost, "\"gone\"");
    [("wss://bot.example.com/media", Some(fault), 2), ("ws://127.0.0.1:8080/", None, 0)]
        .map(|(url, fault, reconnects)| BotOfCall { url: BotUrl::parse(url).unwrap(), fault, reconnects })
        .into()
}

#[rstest]
#[tokio::test]
async fn what_is_recorded_is_what_is_read(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let task = TaskId::new(anything());
    let answerer = Answerer {
        by: AnsweredBy::Machine,
        reason: AnswererReason::LongGreeting,
        after: 2_000,
        beep_after: Some(9_000),
    };
    let early_answerer =
        Some(Answerer { by: AnsweredBy::Unsure, reason: AnswererReason::NotSpeech, ..answerer });
    let step = |step, kind| ReachedStep { at: at(3), step, label: step.map(|_| "greet".to_owned()), kind };
    let steps = vec![step(Some(1), StepKind::Play), step(None, StepKind::LeaveMessage)];
    let answered = answered_attempt(world.account, task, at(0));
    let first = Attempt { answerer: Some(answerer), early_answerer, steps, bots: bots(), ..answered };
    let second = Attempt {
        caller_id: None,
        line_id: None,
        script_id: None,
        ..refused_attempt(world.account, task, at(7_200), OutcomeClass::NotSent)
    };
    record(&world, &[first.clone(), second.clone()]).await.unwrap();
    let scope = AttemptScope::Task(world.account, task);
    assert_eq!(list(&world, scope, &EVERYTHING).await, [second, first.clone()]);
    let of_tries = AttemptFilter { with_uncounted: false, ..EVERYTHING };
    assert_eq!(list(&world, scope, &of_tries).await, std::slice::from_ref(&first));
    let by_number = AttemptFilter { number: Some(NumberFilter::Is(first.number.e164)), ..of_tries.clone() };
    assert_eq!(
        list(&world, AttemptScope::Account(world.account), &by_number).await,
        std::slice::from_ref(&first)
    );
    let by_machines =
        AttemptFilter { answered_by: vec![AnsweredBy::Machine, AnsweredBy::Unsure], ..EVERYTHING };
    assert_eq!(list(&world, scope, &by_machines).await, std::slice::from_ref(&first));
    for narrow in [
        AttemptFilter { answered_by: vec![AnsweredBy::Human], ..EVERYTHING },
        AttemptFilter { end_reasons: vec![EndReason::TalkLimit], ..by_machines },
    ] {
        assert!(list(&world, scope, &narrow).await.is_empty(), "{narrow:?}");
    }
    assert!(list(&world, AttemptScope::Account(world.stranger), &EVERYTHING).await.is_empty());
    let mut read = world.read().await;
    assert_eq!(attempts::get(&mut read, world.account, first.id).await.unwrap(), first);
    assert_refused!(attempts::get(&mut read, world.stranger, first.id).await, store::Error::NotFound(_));
}

#[rstest]
#[tokio::test]
async fn a_list_is_narrowed_to_one_bot(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database).await;
    let task = TaskId::new(anything());
    let with = Attempt { bots: bots(), ..answered_attempt(world.account, task, at(0)) };
    record(&world, &[with.clone(), answered_attempt(world.account, task, at(1))]).await.unwrap();
    for (bot, is_found) in [
        ("wss://bot.example.com/media", true),
        ("ws://127.0.0.1:8080/", true),
        ("wss://bot.example.com/", false),
        ("bot", false),
        ("\"gone\"", false),
    ] {
        let filter = AttemptFilter { bot: Some(bot.to_owned()), ..EVERYTHING };
        let found = list(&world, AttemptScope::Task(world.account, task), &filter).await;
        assert_eq!(found, if is_found { vec![with.clone()] } else { vec![] }, "{bot}");
    }
}

/// Those that were dialed at one instant are not lost between two steps.
#[rstest]
#[tokio::test]
async fn steps_through_a_list_end_anywhere(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let task = TaskId::new(anything());
    let attempt = |place: i64| refused_attempt(world.account, task, at(place / 3), OutcomeClass::Busy);
    let rows: Vec<Attempt> = (0..11).map(attempt).collect();
    record(&world, &rows).await.unwrap();
    record(&world, &[refused_attempt(world.account, TaskId::new(anything()), at(1), OutcomeClass::Busy)])
        .await
        .unwrap();
    assert_eq!(list(&world, AttemptScope::Task(world.account, task), &EVERYTHING).await.len(), 11);
    assert_eq!(list(&world, AttemptScope::Account(world.account), &EVERYTHING).await.len(), 12);
}

#[rstest]
#[tokio::test]
async fn an_attempt_has_one_outcome(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database).await;
    let attempt = answered_attempt(world.account, TaskId::new(anything()), at(0));
    record(&world, std::slice::from_ref(&attempt)).await.unwrap();
    let again = Attempt { status: Some(NumberStatus::Busy), ..attempt.clone() };
    assert!(record(&world, &[again]).await.is_err());
    let everything = list(&world, AttemptScope::Account(world.account), &EVERYTHING).await;
    assert_eq!(everything, [attempt]);
}

/// Attempts over three days in two tasks, and the counts of them over any range are those of the rows.
#[rstest]
#[tokio::test]
async fn counters_equal_rows_also_after_deleting(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let tasks = [TaskId::new(anything()), TaskId::new(anything())];
    let classes =
        [OutcomeClass::Busy, OutcomeClass::NoAnswer, OutcomeClass::Answered, OutcomeClass::LineFailure];
    let attempt = |place: usize| {
        let seconds = i64::try_from(place * 1_213).unwrap();
        refused_attempt(world.account, tasks[place % 2], at(seconds), classes[place % 4])
    };
    let mut rows: Vec<Attempt> = (0..200).map(attempt).collect();
    for some in rows.chunks(40) {
        record(&world, some).await.unwrap();
    }
    check_counts(&world, &rows, tasks).await;
    for expected in [30, 30, 13, 0] {
        let before = at(72 * 1_213 + 1);
        let deleted =
            world.write(async |tx| delete_before(tx, world.account, before, 30).await).await.unwrap();
        assert_eq!(deleted, expected);
        rows.drain(..usize::try_from(deleted).unwrap());
        check_counts(&world, &rows, tasks).await;
    }
}

/// The quarters of all tasks, which are gone, in a range.
async fn check_quarters(world: &World, rows: &[Attempt], range: InstantRange) {
    let mut expected = BTreeMap::<i64, (i64, i64)>::new();
    for row in rows {
        let begin = row.times.dialed_at.as_microsecond().div_euclid(QUARTER) * QUARTER;
        if row.status.is_some() && range.micros().contains(&begin) {
            let (tries, answered) = expected.entry(begin).or_default();
            *tries += 1;
            *answered += i64::from(row.status == Some(NumberStatus::Answered));
        }
    }
    let found = quarters(&mut world.read().await, world.account, range).await.unwrap();
    let found = found.iter().map(|quarter| {
        assert_eq!(quarter.group, None);
        (quarter.begin.as_microsecond(), (quarter.tries, quarter.answered))
    });
    assert_eq!(found.collect::<Vec<_>>(), expected.into_iter().collect::<Vec<_>>(), "{range:?}");
}

async fn check_counts(world: &World, rows: &[Attempt], tasks: [TaskId; 2]) {
    for (from, until) in [(0, 1_000_000), (1_800, 90_000), (900, 2_700), (10, 20)] {
        check_quarters(world, rows, InstantRange { from: at(from), until: at(until) }).await;
    }
    let mut read = world.read().await;
    for (from, until) in [(0, 1_000_000), (1_800, 90_000), (3_600, 7_200), (10, 20), (1_213, 1_214)] {
        let range = InstantRange { from: at(from), until: at(until) };
        let scopes = tasks.map(|task| AttemptScope::Task(world.account, task));
        for scope in scopes.into_iter().chain([AttemptScope::Account(world.account)]) {
            let counts = count_by_outcome(&mut read, scope, range).await.unwrap();
            for status in [None, Some(NumberStatus::Busy), Some(NumberStatus::NoAnswer)] {
                let is_in = |row: &&Attempt| {
                    let dialed = row.times.dialed_at;
                    let of_scope = match scope {
                        AttemptScope::Account(_) => true,
                        AttemptScope::Task(_, task) => row.task_id == task,
                    };
                    of_scope && row.status == status && range.from <= dialed && dialed < range.until
                };
                let expected = rows.iter().filter(is_in).count();
                assert_eq!(
                    usize::try_from(counts.of(status)),
                    Ok(expected),
                    "{scope:?} {status:?} {range:?}"
                );
            }
        }
    }
}

#[rstest]
#[tokio::test]
async fn accounts_with_old_attempts_and_those_that_are_gone_are_found(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let gone = domain::AccountId::new(anything());
    let attempts = [world.account, world.stranger, gone].map(|account| {
        let dialed = if account == world.stranger { at(0) } else { at(86_400) };
        answered_attempt(account, TaskId::new(anything()), dialed)
    });
    record(&world, &attempts).await.unwrap();
    let mut found = expiring(&mut world.read().await, at(0) + SignedDuration::from_hours(1)).await.unwrap();
    found.sort_by_key(|expiring| expiring.is_gone);
    let old = Expiring { account: world.stranger, is_gone: false };
    assert_eq!(found, [old, Expiring { account: gone, is_gone: true }]);
}
