//! The log of events: numbered without a gap, in the transaction of what caused them, whoever writes at once.

use calendar::HolidayCalendar;
use domain::{EventCause, EventDetail, EventKind, GroupDraft, LoggedEvent, TaskId};
use jiff::SignedDuration;
use rstest::rstest;
use store::{
    Error, Kind, events, holidays,
    transitions::{self, Step},
};

use crate::support::{Database, World, at, change_at, group_draft, rename, update_group};

async fn log(world: &World) -> Vec<LoggedEvent> {
    events::list(&mut world.read().await, world.account, 0, 10_000).await.unwrap()
}

fn kinds(log: &[LoggedEvent]) -> Vec<EventKind> {
    log.iter().map(|logged| logged.event.kind).collect()
}

#[rstest]
#[tokio::test]
async fn what_is_rolled_back_was_never_told(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let group = world.group("group").await;
    let mut tx = world.store.begin().await.unwrap();
    update_group(&mut tx, world.account, group, rename("lost"), None, &world.change).await.unwrap();
    drop(tx);
    assert_eq!(kinds(&log(&world).await), []);
    world.update_group(world.account, group, rename("kept"), None).await.unwrap();
    let log = log(&world).await;
    assert_eq!((kinds(&log), log[0].number), (vec![EventKind::GroupUpdated], 1));
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_have_no_gap_however_many_write(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    const WRITERS: usize = 4;
    const ROUNDS: usize = 30;
    let world = World::new(database).await;
    let groups =
        [world.group("a").await, world.group("b").await, world.group("c").await, world.group("d").await];
    let write = async |writer: usize| {
        for round in 0..ROUNDS {
            let group = groups[(writer + round) % WRITERS];
            // Every third is rolled back, and must leave no gap.
            if round % 3 == 2 {
                let _ = world.update_group(world.account, group, rename("x"), Some(-1)).await;
            } else {
                world.update_group(world.account, group, rename("x"), None).await.unwrap();
            }
        }
    };
    tokio::join!(write(0), write(1), write(2), write(3));
    let log = log(&world).await;
    let numbers: Vec<i64> = log.iter().map(|logged| logged.number).collect();
    assert_eq!(numbers, (1..=i64::try_from(WRITERS * ROUNDS / 3 * 2).unwrap()).collect::<Vec<_>>());
    let extent = events::extent(&mut world.read().await, world.account).await.unwrap();
    assert_eq!((extent.oldest, extent.newest), (Some(1), *numbers.last().unwrap()));
}

/// A reader that goes on from the highest number it has seen never misses one, however many write meanwhile.
#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_follows_misses_nothing(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database).await;
    let groups = [world.group("a").await, world.group("b").await, world.group("c").await];
    let write = async |writer: usize| {
        for _ in 0..60 {
            world.update_group(world.account, groups[writer], rename("x"), None).await.unwrap();
        }
    };
    let follow = async {
        let (mut after, mut seen) = (0, Vec::new());
        while seen.len() < 180 {
            for logged in events::list(&mut world.read().await, world.account, after, 7).await.unwrap() {
                after = logged.number;
                seen.push(after);
            }
        }
        seen
    };
    let ((), (), (), seen) = tokio::join!(write(0), write(1), write(2), follow);
    assert_eq!(seen, (1..=180).collect::<Vec<_>>());
}

#[rstest]
#[tokio::test]
async fn old_events_are_forgotten_and_numbers_go_on(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let mut world = World::new(database).await;
    let group = world.group("group").await;
    for second in [10, 20, 30] {
        world.change = change_at(second);
        world.update_group(world.account, group, rename("x"), None).await.unwrap();
    }
    let forgotten = world.write(async |tx| events::delete_before(tx, at(30), 1).await).await.unwrap();
    assert_eq!(forgotten, 1);
    assert_eq!(world.write(async |tx| events::delete_before(tx, at(30), 10).await).await.unwrap(), 1);
    let extent = events::extent(&mut world.read().await, world.account).await.unwrap();
    assert_eq!((extent.oldest, extent.newest), (Some(3), 3));
    assert_eq!(world.write(async |tx| events::delete_before(tx, at(90), 10).await).await.unwrap(), 1);
    world.update_group(world.account, group, rename("x"), None).await.unwrap();
    assert_eq!(log(&world).await[0].number, 4);
}

/// Monday, 2025-01-06, at 08:00 in Shanghai: the first opening of the groups here.
fn opening() -> jiff::Timestamp {
    "2025-01-06T00:00:00Z".parse().unwrap()
}

#[rstest]
#[tokio::test]
async fn a_group_that_cannot_be_read_holds_up_no_other(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let damaged = world.group("damaged").await;
    let sound = world.group("sound").await;
    world
        .database
        .execute(&format!("UPDATE dial_time_groups SET content = 'no JSON' WHERE id = {damaged}"))
        .await;
    let now = opening() + SignedDuration::from_secs(60);
    loop {
        let step = world.write(async |tx| transitions::step(tx, now).await).await.unwrap();
        if step == Step::Nothing {
            break;
        }
    }
    let log = log(&world).await;
    let told: Vec<_> = log.iter().map(|logged| (logged.event.kind, logged.event.group.unwrap().0)).collect();
    assert_eq!(told, [(EventKind::GroupOpened, sound)]);
    assert!(log[0].event.is_late());
    // The damaged one is looked at again in a while, and told of when it is mended.
    let draft = serde_json::to_string(&group_draft("x").content).unwrap();
    world
        .database
        .execute(&format!("UPDATE dial_time_groups SET content = '{draft}' WHERE id = {damaged}"))
        .await;
    let later = now + SignedDuration::from_secs(60);
    world.write(async |tx| transitions::step(tx, later).await).await.unwrap();
    let last = self::log(&world).await.pop().unwrap().event;
    assert_eq!(
        (last.kind, last.cause, last.group.unwrap().0),
        (EventKind::GroupOpened, EventCause::Edit, damaged)
    );
}

/// Two nodes take the same step at once, again and again: each opening is told once.
#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_who_step_at_once_tell_once(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database).await;
    for _ in 0..20 {
        world.group("group").await;
    }
    let other = world.database.connect().await;
    let mut expected = 0;
    for week in 0..20 {
        for hours in [0, 12] {
            let now = opening() + SignedDuration::from_hours(week * 7 * 24 + hours);
            let step = async |store: &store::Store| {
                loop {
                    let mut tx = store.begin().await.unwrap();
                    match transitions::step(&mut tx, now).await.unwrap() {
                        Step::Published => tx.commit().await.unwrap(),
                        Step::Busy => drop(tx),
                        Step::Nothing => return,
                    }
                }
            };
            tokio::join!(step(&world.store), step(&other));
            expected += 20;
            let newest = events::extent(&mut world.read().await, world.account).await.unwrap().newest;
            assert_eq!(newest, expected, "week {week}, {hours} hours after the opening");
        }
    }
}

#[rstest]
#[tokio::test]
async fn each_account_is_told_once_that_a_calendar_ends(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let draft = GroupDraft { skip_holiday: true, ..group_draft("skips") };
    for owner in [world.account, world.account, world.stranger] {
        world.create_group(owner, &draft).await.unwrap();
    }
    let not_concerned = world.create_user().await;
    world.create_group(not_concerned, &group_draft("does not skip")).await.unwrap();
    let longer = r#"{"id": "CN", "known_until": "2027-12-31", "days": []}"#;
    let longer = HolidayCalendar::from_json(longer).unwrap();
    for calendar in [&*HolidayCalendar::china(), &*HolidayCalendar::china(), &longer] {
        world.write(async |tx| holidays::publish_near_horizon(tx, calendar, at(9)).await).await.unwrap();
    }
    for (owner, expected) in [(world.account, 2), (world.stranger, 2), (not_concerned, 0)] {
        let log = events::list(&mut world.read().await, owner, 0, 10).await.unwrap();
        let near = log.iter().filter(|logged| logged.event.kind == EventKind::HolidaysNearHorizon);
        let until: Vec<_> = near
            .map(|logged| match &logged.event.detail {
                Some(EventDetail::Horizon(horizon)) => horizon.known_until.as_str(),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(until, ["2026-12-31", "2027-12-31"][..expected]);
    }
}

async fn publish_all(world: &World, now: jiff::Timestamp) {
    while world.write(async |tx| transitions::step(tx, now).await).await.unwrap() != Step::Nothing {}
}

async fn rows(world: &World) -> Vec<String> {
    world.database.texts("SELECT number || ' ' || further_events FROM events").await
}

/// A group that opens with as many tasks as need several rows, and an edit of it.
async fn long_log(database: Database) -> (World, Vec<LoggedEvent>) {
    let mut world = World::new(database).await;
    let group = world.group("group").await;
    world.add_enabled_tasks(group, 2_500).await;
    publish_all(&world, opening()).await;
    world.change = change_at(opening().duration_since(at(0)).as_secs() + 1);
    world.update_group(world.account, group, rename("edited"), None).await.unwrap();
    let log = log(&world).await;
    (world, log)
}

#[rstest]
#[tokio::test]
async fn a_transition_is_a_few_rows_and_each_event_what_it_was(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (world, log) = long_log(database).await;
    assert_eq!(rows(&world).await, ["1 1000", "1002 1000", "2003 498", "2502 0"]);
    assert_eq!(log.iter().map(|logged| logged.number).collect::<Vec<_>>(), (1..=2_502).collect::<Vec<_>>());
    let (opened, tasks, edited) = (&log[0].event, &log[1..2_501], &log[2_501].event);
    assert_eq!((opened.kind, opened.cause, opened.task), (EventKind::GroupOpened, EventCause::Window, None));
    assert_eq!((opened.due_at, edited.kind), (opening(), EventKind::GroupUpdated));
    let ids: Vec<TaskId> = tasks.iter().map(|logged| logged.event.task.unwrap()).collect();
    assert!(ids.is_sorted() && ids.first() < ids.last(), "tasks come in the order of their ids");
    for logged in tasks {
        let expected =
            domain::Event { kind: EventKind::TaskRunning, task: logged.event.task, ..opened.clone() };
        assert_eq!((&logged.event, logged.account), (&expected, world.account));
    }
}

#[rstest]
#[tokio::test]
async fn reading_may_begin_and_end_anywhere_within_a_row(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (world, log) = long_log(database).await;
    let mut read = world.read().await;
    for after in
        [0, 1, 2, 500, 999, 1_000, 1_001, 1_002, 1_003, 2_002, 2_003, 2_499, 2_500, 2_501, 2_502, 9_999]
    {
        for limit in [1, 2, 600, 1_001, 3_000] {
            let page = events::list(&mut read, world.account, after, limit).await.unwrap();
            let expected: Vec<_> =
                log.iter().filter(|logged| logged.number > after).take(limit.try_into().unwrap()).collect();
            assert_eq!(page.iter().collect::<Vec<_>>(), expected, "{limit} after {after}");
        }
    }
    for logged in log.iter().step_by(83).chain(&log[998..1_004]).chain(&log[2_500..]) {
        assert_eq!(&events::get(&mut read, world.account, logged.number).await.unwrap(), logged);
    }
    for number in [-1, 0, 2_503, i64::MAX] {
        let found = events::get(&mut read, world.account, number).await;
        assert_refused!(found, Error::NotFound(Kind::Event));
    }
    assert!(events::list(&mut read, world.stranger, 0, 10).await.unwrap().is_empty());
}

#[rstest]
#[tokio::test]
async fn what_is_left_of_a_log_is_read_as_before(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (world, log) = long_log(database).await;
    let later = opening() + SignedDuration::from_secs(1);
    world.database.execute("UPDATE events SET written_at = written_at - 1 WHERE number = 1").await;
    let deleted = world.write(async |tx| events::delete_before(tx, opening(), 10).await).await.unwrap();
    assert_eq!(deleted, 1, "rows, and each goes as a whole");
    let extent = events::extent(&mut world.read().await, world.account).await.unwrap();
    assert_eq!((extent.oldest, extent.newest), (Some(1_002), 2_502));
    let listed = async |after, limit| {
        let events = events::list(&mut world.read().await, world.account, after, limit).await.unwrap();
        events.iter().map(|logged| logged.number).collect::<Vec<_>>()
    };
    assert_eq!(listed(0, 3).await, [1_002, 1_003, 1_004]);
    assert_eq!(listed(700, 3).await, [1_002, 1_003, 1_004]);
    let gone = events::get(&mut world.read().await, world.account, 1_001).await;
    assert_refused!(gone, Error::NotFound(Kind::Event));
    world.database.execute("DELETE FROM events WHERE number = 2003").await;
    assert_eq!(listed(2_001, 3).await[..1], [2_002]);
    assert_eq!(listed(2_002, 3).await, [2_502], "a gap is passed over");
    world.write(async |tx| events::delete_before(tx, later, 10).await).await.unwrap();
    assert_eq!(self::log(&world).await, log[2_501..]);
}

#[rstest]
#[tokio::test]
async fn a_damaged_row_is_passed_over_as_a_whole(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
    #[values("further_events = further_events - 1", "tasks = NULL", "kind = 'unheard of'")] damage: &str,
) {
    let (world, log) = long_log(database).await;
    world.database.execute(&format!("UPDATE events SET {damage} WHERE number = 1002")).await;
    let mut read = world.read().await;
    for number in [1_002, 1_500] {
        assert_refused!(events::get(&mut read, world.account, number).await, Error::Database(_));
    }
    let mut seen = Vec::new();
    while let Some(last) = events::list(&mut read, world.account, seen.last().copied().unwrap_or(0), 300)
        .await
        .unwrap()
        .iter()
        .map(|logged| logged.number)
        .inspect(|number| seen.push(*number))
        .last()
    {
        assert!(last <= 2_502);
    }
    let expected: Vec<i64> =
        log.iter().map(|logged| logged.number).filter(|number| !(1_002..=2_002).contains(number)).collect();
    assert_eq!(seen, expected);
}
