//! A runner whose clock is too far from the database's tells nothing; when it agrees again it tells what was due, once.

use std::{sync::Arc, time::Duration};

use domain::{Clock, ClockDifference, EventKind};
use jiff::{SignedDuration, Timestamp};
use rstest::rstest;
use runner::{Runner, Settings};
use store::DataFolder;
use test_support::{DatabaseKind as Database, FixedRandom, SetClock};
use tokio_util::sync::CancellationToken;

use crate::world::{World, draft};

/// The database's clock is the machine's.
fn real_now() -> Timestamp {
    SetClock::real().now()
}

const ALWAYS: &str = r#"[
    {"week": 0, "times": [{"begin_time": "00:00", "end_time": "24:00"}]},
    {"week": 1, "times": [{"begin_time": "00:00", "end_time": "24:00"}]},
    {"week": 2, "times": [{"begin_time": "00:00", "end_time": "24:00"}]},
    {"week": 3, "times": [{"begin_time": "00:00", "end_time": "24:00"}]},
    {"week": 4, "times": [{"begin_time": "00:00", "end_time": "24:00"}]},
    {"week": 5, "times": [{"begin_time": "00:00", "end_time": "24:00"}]},
    {"week": 6, "times": [{"begin_time": "00:00", "end_time": "24:00"}]}]"#;

#[rstest]
#[tokio::test]
async fn a_clock_that_is_off_tells_nothing(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    // A group that a closure of yesterday ended: there is something to tell as soon as anyone looks.
    let yesterday = real_now() - SignedDuration::from_hours(24);
    let mut world = World::new(database, &yesterday.to_string()).await;
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
    let closed = zone.to_datetime(yesterday).date();
    let exceptions = format!(r#"[{{"begin_date": "{closed}"}}]"#);
    world.add_group(draft("Asia/Shanghai", ALWAYS, &exceptions, false)).await;
    assert_eq!(world.log().await.len(), 0);

    let (stop, difference) = (CancellationToken::new(), Arc::new(ClockDifference::default()));
    let settings = Settings {
        data_folder: DataFolder::new("nowhere".into()),
        zone: calendar::Zone::parse("Asia/Shanghai").unwrap(),
        events_kept: SignedDuration::from_hours(24 * 30),
        audit_kept: None,
        records_kept: SignedDuration::from_hours(24),
        webhooks_to_private: false,
    };
    let (random, write_body) =
        (Arc::new(FixedRandom::new(0)), Arc::new(|_: &_, _: runner::Body<'_>| String::new()));
    world.clock.set(real_now() + SignedDuration::from_secs(60));
    let clock: Arc<dyn Clock> = world.clock.clone();
    let runner = Runner::new(world.store.clone(), clock, random, difference.clone(), write_body, settings);
    let running = tokio::spawn(runner.run(stop.clone()));
    while difference.too_far().is_none() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // Two more looks.
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(world.log().await.len(), 0);
    while world.log().await.is_empty() {
        world.clock.set(real_now());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    stop.cancel();
    running.await.unwrap().unwrap();
    let log = world.log().await;
    let told: Vec<_> = log.iter().map(|logged| (logged.event.kind, logged.event.is_late())).collect();
    assert_eq!(told, [(EventKind::GroupOpened, true)]);
}
