//! Holidays that change under groups, and those that are not known yet.

use domain::{EventCause, EventKind};
use rstest::rstest;
use test_support::DatabaseKind as Database;

use crate::world::{World, draft};

const EVERY_DAY: &str = r#"[
    {"week": 0, "times": [{"begin_time": "00:00", "end_time": "24:00"}]},
    {"week": 1, "times": [{"begin_time": "00:00", "end_time": "24:00"}]},
    {"week": 2, "times": [{"begin_time": "00:00", "end_time": "24:00"}]},
    {"week": 3, "times": [{"begin_time": "00:00", "end_time": "24:00"}]},
    {"week": 4, "times": [{"begin_time": "00:00", "end_time": "24:00"}]},
    {"week": 5, "times": [{"begin_time": "00:00", "end_time": "24:00"}]},
    {"week": 6, "times": [{"begin_time": "00:00", "end_time": "24:00"}]}]"#;

#[rstest]
#[tokio::test]
async fn an_import_closes_what_it_makes_a_holiday_of(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let mut world = World::new(database, "2027-03-01T01:00:00Z").await;
    world.add_group(draft("Asia/Shanghai", EVERY_DAY, "[]", true)).await;
    world.tick().await;
    world.import_day_off("2027-03-01").await;
    world.pass(10);
    world.tick().await;
    let causes = world.causes(&[EventKind::GroupOpened, EventKind::GroupClosed]).await;
    let causes: Vec<(String, EventCause)> =
        causes.into_iter().map(|(at, _, cause)| (at.to_string(), cause)).collect();
    // Due when it was imported, though nobody was at work until ten minutes later.
    let at = "2027-03-01T01:00:00Z".to_owned();
    assert_eq!(causes, [(at.clone(), EventCause::Edit), (at, EventCause::Edit)]);
    world.pass(60 * 24);
    world.tick().await;
    let last = world.log().await.pop().unwrap().event;
    assert_eq!(
        (last.kind, last.due_at.to_string()),
        (EventKind::GroupOpened, "2027-03-01T16:00:00Z".to_owned())
    );
}
