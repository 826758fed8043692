//! Forty days in several zones, with China's National Day and its make-up workdays, the end of summer time in New York,
//! a holiday taken out by an exception, edits, restarts, and two engines at work at once.

use domain::{EventCause, EventKind, Resume, TaskBounds};
use rstest::rstest;
use test_support::DatabaseKind as Database;

use crate::world::{World, draft, minutes};

const OFFICE: &str = r#"[
    {"week": 1, "times": [{"begin_time": "09:00", "end_time": "12:00"}, {"begin_time": "14:00", "end_time": "18:00"}]},
    {"week": 3, "times": [{"begin_time": "09:00", "end_time": "12:00"}, {"begin_time": "14:00", "end_time": "18:00"}]},
    {"week": 4, "times": [{"begin_time": "09:00", "end_time": "18:00"}]},
    {"week": 5, "times": [{"begin_time": "09:00", "end_time": "18:00"}]},
    {"week": 6, "times": [{"begin_time": "10:00", "end_time": "16:00"}]}]"#;
const NIGHTS: &str = r#"[
    {"week": 0, "times": [{"begin_time": "22:00", "end_time": "06:00"}]},
    {"week": 5, "times": [{"begin_time": "01:30", "end_time": "02:30"}, {"begin_time": "22:00", "end_time": "06:00"}]},
    {"week": 6, "times": [{"begin_time": "22:00", "end_time": "02:15"}]}]"#;
const ALWAYS_ON_WEEKDAYS: &str = r#"[
    {"week": 1, "times": [{"begin_time": "00:00", "end_time": "24:00"}]},
    {"week": 2, "times": [{"begin_time": "00:00", "end_time": "24:00"}]},
    {"week": 4, "times": [{"begin_time": "00:00", "end_time": "24:00"}]}]"#;
const OPEN_ON_OCTOBER_2: &str = r#"[{"begin_date": "2026-10-02", "times": [{"begin_time": "10:00", "end_time": "11:00"}]}, {"begin_date": "10-15"}]"#;

async fn forty_days(database: Database) -> World {
    let mut world = World::new(database, "2026-09-26T00:00:00Z").await;
    for group in [
        draft("Asia/Shanghai", OFFICE, OPEN_ON_OCTOBER_2, true),
        draft("America/New_York", NIGHTS, "[]", false),
        draft("Australia/Lord_Howe", NIGHTS, "[]", true),
        draft("Europe/Berlin", ALWAYS_ON_WEEKDAYS, "[]", false),
        draft("Asia/Kathmandu", OFFICE, "[]", false),
    ] {
        world.add_group(group).await;
    }
    for group in 0..5 {
        world.add_task(group, TaskBounds::default(), Resume::Auto).await;
        world.add_task(group, TaskBounds::default(), Resume::Auto).await;
        let bounds = TaskBounds {
            start: Some(world.now() + minutes(3 * 24 * 60)),
            stop: Some(world.now() + minutes(30 * 24 * 60)),
            closures: vec![world.closure(10_000, 12_000), world.closure(11_000, 15_000)],
            hours: None,
        };
        world.add_task(group, bounds, Resume::Auto).await;
        world.add_task(group, TaskBounds::default(), Resume::Ask).await;
    }
    for task in 0..world.tasks.len() {
        world.switch(task, task % 2 == 0 || task % 3 == 0).await;
    }
    world
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_told_of_forty_days_is_what_the_calendar_says(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let mut world = forty_days(database).await;
    let half_hours = 40 * 48;
    for half_hour in 1..=half_hours {
        world.pass(30);
        // Now and then nobody is at work for a day and more.
        if half_hour % 7 == 0 && half_hour % 100 < 40 {
            world.tick().await;
        }
        match half_hour {
            200 => world.edit_group(0, draft("Asia/Shanghai", NIGHTS, "[]", true)).await,
            400 => world.edit_task(2, 1, TaskBounds::default()).await,
            // Nobody was at work: what was due before is told first.
            680 => world.edit_group(0, draft("Asia/Shanghai", OFFICE, OPEN_ON_OCTOBER_2, true)).await,
            681 => world.switch(3, true).await,
            800 => world.restart(0).await,
            1_000 => world.restart(1).await,
            1_100 => world.crash().await,
            1_200 => world.delete_task(0).await,
            1_300 => world.replace_group(3, 1).await,
            _ => {}
        }
    }
    world.tick().await;
    world.check().await.unwrap();
    assert!(world.log().await.len() > 500);
}

#[rstest]
#[tokio::test]
async fn every_change_says_what_caused_it(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let mut world = World::new(database, "2026-09-30T00:00:00Z").await;
    world.add_group(draft("Asia/Shanghai", ALWAYS_ON_WEEKDAYS, OPEN_ON_OCTOBER_2, true)).await;
    world.pass(60 * 24 * 10);
    world.tick().await;
    let causes = world.causes(&[EventKind::GroupOpened, EventKind::GroupClosed]).await;
    let causes: Vec<(String, &str, EventCause)> =
        causes.into_iter().map(|(at, kind, cause)| (at.to_string(), kind.code(), cause)).collect();
    let expected = [
        // Wednesday has no windows, and Thursday the 1st is a holiday: nothing opens before the exception.
        ("2026-10-02T02:00:00Z", "group.opened", EventCause::Exception),
        ("2026-10-02T03:00:00Z", "group.closed", EventCause::Exception),
        ("2026-10-07T16:00:00Z", "group.opened", EventCause::Window),
        ("2026-10-08T16:00:00Z", "group.closed", EventCause::Window),
    ];
    assert_eq!(causes, expected.map(|(at, kind, cause)| (at.to_owned(), kind, cause)));
}
