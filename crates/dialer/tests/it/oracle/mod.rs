//! Weeks of dialing with hundreds of tasks, held against an oracle that knows only the calendar and the rules: every start is one that
//! it allows, no phone rings at a close, and every number that should have been tried was.

mod calendar;
mod edits;
mod exception;
mod facts;
mod judge;
mod world;

use rstest::rstest;
use test_support::FixedRandom;

use self::world::{OracleWorld, Scale};
use crate::support::Database;

/// What is simulated where `DIALTIME_ORACLE` does not ask for more: its days, tasks and groups.
const SMALL: Scale = Scale { days: 2, tasks: 16, groups: 8 };

/// The same on PostgreSQL, where each step waits for another process.
const SMALLEST: Scale = Scale { days: 1, tasks: 8, groups: 4 };

/// As much as it asks for.
const WHOLE: Scale = Scale { days: 40, tasks: 200, groups: 40 };

/// The seed in `DIALTIME_SEED`, or another each time; it is printed, so that a failure can be had again.
fn seed() -> u64 {
    let drawn =
        || u64::from(u32::from_le_bytes(test_support::anything().as_bytes()[..4].try_into().unwrap()));
    let seed = std::env::var("DIALTIME_SEED").map_or_else(|_| drawn(), |seed| seed.parse().unwrap());
    eprintln!("seed: DIALTIME_SEED={seed}");
    seed
}

#[rstest]
#[tokio::test]
async fn what_is_dialed_is_what_the_calendar_and_the_rules_allow(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let scale = match (std::env::var("DIALTIME_ORACLE"), database) {
        (Ok(_), _) => WHOLE,
        (Err(_), Database::Sqlite) => SMALL,
        (Err(_), Database::Postgres) => SMALLEST,
    };
    let random = FixedRandom::new(seed());
    let mut world = OracleWorld::new(database, scale, &random).await;
    world.run().await;
    world.judge().await;
}
