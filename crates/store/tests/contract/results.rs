//! Results of conversations: the counters are what the rows are, whatever is written before and after the ends of calls and deleted.

use std::collections::BTreeMap;

use domain::{
    Attempt, AttemptId, CallResult, InstantRange, Intention, NumberStatus, OutcomeClass, Patch, ResultChange,
    RoundsBand, TaskId,
};
use rstest::rstest;
use store::attempts::{
    self, AttemptFilter, AttemptScope, ResultFilter, accounts_with_results_before, count_by_result,
    delete_before, delete_results_before, lock_result, save_result,
};
use test_support::refused_attempt;

use crate::support::{ALL, Database, World, anything, at, step_by_step};

async fn write(world: &World, id: AttemptId, intention: Option<Intention>, rounds: i64) {
    let change = ResultChange {
        intention: intention.map_or(Patch::Clear, Patch::Set),
        rounds: Patch::Set(rounds),
        ..ResultChange::default()
    };
    let edit = async |tx: &mut store::Tx| {
        let locked = lock_result(tx, world.account, id).await?;
        let result = locked.result.clone().changed(change);
        save_result(tx, &locked, &result, at(0)).await
    };
    world.write(edit).await.unwrap();
}

/// What was written last of each attempt.
type Written = BTreeMap<AttemptId, WrittenResult>;

/// An intention, and how many rounds.
type WrittenResult = (Option<Intention>, i64);

fn narrowed(result: ResultFilter) -> AttemptFilter {
    AttemptFilter {
        dialed: InstantRange::ALL,
        ended: None,
        number: None,
        statuses: None,
        with_uncounted: false,
        answered_by: Vec::new(),
        bot: None,
        end_reasons: Vec::new(),
        recorded_at: None,
        result: Some(result),
    }
}

async fn check(world: &World, rows: &[Attempt], written: &Written, tasks: [TaskId; 2]) {
    let mut read = world.read().await;
    for (scope, task) in [
        (AttemptScope::Account(world.account), None),
        (AttemptScope::Task(world.account, tasks[0]), Some(tasks[0])),
        (AttemptScope::Task(world.account, tasks[1]), Some(tasks[1])),
    ] {
        let of_scope: Vec<&Attempt> =
            rows.iter().filter(|row| task.is_none_or(|task| row.task_id == task)).collect();
        for dialed in [InstantRange::ALL, InstantRange { from: at(5_000), until: at(90_000) }] {
            let counts = count_by_result(&mut read, scope, dialed).await.unwrap();
            let expected = |is_meant: &dyn Fn(&WrittenResult) -> bool| {
                let meant = |row: &&&Attempt| {
                    row.status.is_some()
                        && dialed.contains(row.times.dialed_at)
                        && written.get(&row.id).is_some_and(is_meant)
                };
                i64::try_from(of_scope.iter().filter(meant).count()).unwrap()
            };
            for intention in Intention::ALL {
                let of_rows = expected(&|(found, _)| *found == Some(intention));
                assert_eq!(counts.of_intention(intention), of_rows, "{intention:?} {dialed:?}");
                let filter = ResultFilter { intentions: vec![intention], ..ResultFilter::default() };
                let filter = AttemptFilter { dialed, ..narrowed(filter) };
                let found = attempts::list(&mut read, scope, &filter, ALL).await.unwrap();
                assert_eq!((found.total, found.items.len()), (of_rows, usize::try_from(of_rows).unwrap()));
            }
            for band in RoundsBand::ALL {
                let of_rows = expected(&|(_, rounds)| RoundsBand::of(*rounds) == Some(band));
                assert_eq!(counts.of_band(band), of_rows, "{band:?} {dialed:?}");
            }
        }
    }
}

/// Results of two tasks over three days, written before and after their records, changed at random, and deleted with them.
#[rstest]
#[tokio::test]
async fn counters_equal_rows_whatever_is_written_and_deleted(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let tasks = [TaskId::new(anything()), TaskId::new(anything())];
    let classes =
        [OutcomeClass::Answered, OutcomeClass::Busy, OutcomeClass::Answered, OutcomeClass::LineFailure];
    let attempt = |place: usize| {
        let seconds = i64::try_from(place * 1_213).unwrap();
        refused_attempt(world.account, tasks[place % 2], at(seconds), classes[place % 4])
    };
    let mut rows: Vec<Attempt> = (0..100).map(attempt).collect();
    world.write(async |tx| attempts::record(tx, &rows).await).await.unwrap();
    let mut written = Written::new();
    for step in 0..240_usize {
        let random = step * 7_919 + 13;
        let row = &rows[random % rows.len()];
        let intention = i64::try_from(random / 3 % 6).ok().and_then(Intention::from_number);
        let rounds = i64::try_from(random % 29).unwrap();
        write(&world, row.id, intention, rounds).await;
        written.insert(row.id, (intention, rounds));
    }
    check(&world, &rows, &written, tasks).await;
    for expected in [30, 19] {
        let before = at(48 * 1_213 + 1);
        let deleted =
            world.write(async |tx| delete_before(tx, world.account, before, 30).await).await.unwrap();
        assert_eq!(deleted, expected);
        rows.drain(..usize::try_from(deleted).unwrap());
        check(&world, &rows, &written, tasks).await;
    }
    assert_eq!(accounts_with_results_before(&mut world.read().await, at(0)).await.unwrap(), []);
    let before = at(70 * 1_213);
    let due = accounts_with_results_before(&mut world.read().await, before).await.unwrap();
    assert_eq!(due, [world.account]);
    while world.write(async |tx| delete_results_before(tx, world.account, before, 7).await).await.unwrap()
        == 7
    {}
    let of_old: Vec<AttemptId> =
        rows.iter().filter(|row| row.times.dialed_at < before).map(|row| row.id).collect();
    written.retain(|id, _| !of_old.contains(id));
    check(&world, &rows, &written, tasks).await;
}

/// While the record is there, somebody who writes its result is not told that it is not.
#[rstest]
#[tokio::test]
async fn a_result_can_be_written_while_it_is_deleted(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let row = refused_attempt(world.account, TaskId::new(anything()), at(0), OutcomeClass::Answered);
    world.write(async |tx| attempts::record(tx, std::slice::from_ref(&row)).await).await.unwrap();
    for rounds in 0..120 {
        write(&world, row.id, Some(Intention::A), rounds % 30).await;
        let delete = world.write(async |tx| delete_results_before(tx, world.account, at(1), 7).await);
        let (deleted, ()) = tokio::join!(delete, write(&world, row.id, Some(Intention::B), rounds % 30));
        // Before it was written a second time, afterwards, or not at all, for another had it.
        let left = attempts::result(&mut world.read().await, world.account, row.id).await.unwrap();
        let intentions =
            count_by_result(&mut world.read().await, AttemptScope::Account(world.account), InstantRange::ALL)
                .await
                .unwrap();
        let is_left = left.result.intention == Some(Intention::B);
        assert_eq!(intentions.of_intention(Intention::B), i64::from(is_left), "{deleted:?}");
        assert_eq!(intentions.of_intention(Intention::A), 0, "{deleted:?}");
    }
}

#[rstest]
#[tokio::test]
async fn a_list_is_narrowed_by_results_and_by_anything_else(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let task = TaskId::new(anything());
    let rows: Vec<Attempt> = (0..6)
        .map(|hour| refused_attempt(world.account, task, at(hour * 3_600), OutcomeClass::Answered))
        .collect();
    world.write(async |tx| attempts::record(tx, &rows).await).await.unwrap();
    for (row, (intention, rounds)) in rows.iter().zip([(1, 1), (2, 3), (1, 7), (3, 15), (1, 30)]) {
        write(&world, row.id, Intention::from_number(intention), rounds).await;
    }
    let expect = async |filter: AttemptFilter, expected: &[usize]| {
        let scope = AttemptScope::Account(world.account);
        let found = attempts::list(&mut world.read().await, scope, &filter, ALL).await.unwrap();
        assert_eq!(step_by_step(&world, scope, &filter).await, found.items, "{filter:?}");
        let places = |found: &Attempt| rows.iter().position(|row| row.id == found.id).unwrap();
        let found: (Vec<usize>, i64) = (found.items.iter().map(places).collect(), found.total);
        assert_eq!(found, (expected.to_vec(), i64::try_from(expected.len()).unwrap()), "{filter:?}");
    };
    let of = |intentions: &[Intention], rounds: &[RoundsBand]| {
        narrowed(ResultFilter {
            intentions: intentions.to_vec(),
            rounds: rounds.to_vec(),
            ..ResultFilter::default()
        })
    };
    expect(of(&[Intention::A], &[]), &[4, 2, 0]).await;
    expect(of(&[Intention::A, Intention::C], &[]), &[4, 3, 2, 0]).await;
    expect(of(&[Intention::E], &[]), &[]).await;
    expect(of(&[], &[RoundsBand::One, RoundsBand::Most]), &[4, 0]).await;
    expect(of(&[Intention::A], &[RoundsBand::Several]), &[2]).await;
    expect(AttemptFilter { statuses: Some(vec![NumberStatus::Busy]), ..of(&[Intention::A], &[]) }, &[]).await;
    let early = InstantRange { from: at(0), until: at(3 * 3_600) };
    expect(AttemptFilter { dialed: early, ..of(&[Intention::A], &[]) }, &[2, 0]).await;
    expect(AttemptFilter { ended: Some(early), ..of(&[Intention::A], &[]) }, &[2, 0]).await;
    let number = Some(attempts::NumberFilter::Is(rows[0].number.e164));
    expect(AttemptFilter { number, ..of(&[Intention::A, Intention::B], &[]) }, &[4, 2, 1, 0]).await;
    assert_refused!(
        world.write(async |tx| lock_result(tx, world.stranger, rows[0].id).await.map(drop)).await,
        store::Error::NotFound(_)
    );
    assert_eq!(CallResult::default().rounds(), 0);
}
