//! Weeks of dialing with hundreds of tasks, held against an oracle that knows only the calendar and the rules: every start is one that
//! it allows, no phone rings at a close, and every number that should have been tried was.

mod calendar;
mod edits;
mod facts;
mod judge;
mod world;

use test_support::FixedRandom;

use self::world::{OracleWorld, Scale};

/// What is simulated where `DIALTIME_ORACLE` does not ask for more: its days, tasks and groups.
const SMALL: Scale = Scale { days: 2, tasks: 16, groups: 8 };

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

#[tokio::test]
async fn what_is_dialed_is_what_the_calendar_and_the_rules_allow() {
    let scale = if std::env::var("DIALTIME_ORACLE").is_ok() { WHOLE } else { SMALL };
    let random = FixedRandom::new(seed());
    let mut world = OracleWorld::new(scale, &random).await;
    world.run().await;
    world.judge().await;
}
