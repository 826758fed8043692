//! How soon calls begin when the windows of many tasks open at one instant, and what it costs to wait for that.

use std::{collections::HashMap, time::Duration};

use dialer::{ROUND_EVERY, RunningDialer};
use domain::{AccountKind, Clock as _, Loops};
use jiff::{SignedDuration, Timestamp};
use test_support::{DatabaseKind, SetClock, create_account, new_account};
use tokio::time::Instant;

use crate::{
    counted::CountedCarrier,
    world::{FIRST_NUMBER, HANGS_UP, TaskLike, Times, World, daily_from},
};

const USERS: usize = 10;
const GROUPS_PER_USER: i64 = 10;

/// Lines of 1,000 starts a second each: they have room.
const LINES: usize = 50;

/// How many numbers a task has, and how many of them are called at once.
const NUMBERS: i64 = 5;
const CALLS: i64 = 2;

/// How long waiting is measured.
const IDLE: Duration = Duration::from_secs(10);

/// The windows open at nine.
const OPENING: &str = "2026-06-10T09:00:00+08:00";

/// When everything is in place.
const BEFORE: &str = "2026-06-10T08:59:45+08:00";

pub(crate) async fn measure(database: DatabaseKind, tasks: i64) {
    let opening: Timestamp = OPENING.parse().unwrap();
    let world = World::new(database, SetClock::from(BEFORE.parse().unwrap())).await;
    fill(&world, tasks).await;
    let carrier = CountedCarrier::new();
    let dialer = RunningDialer::new(carrier.parts(&world));
    let loops = Loops::default();
    world.clock.set(BEFORE.parse().unwrap());
    let calls = tokio::spawn(dialer.clone().keep_calls(loops.add("calls")));
    let rounds = tokio::spawn(async move {
        loop {
            let begun = Instant::now();
            dialer.round().await.unwrap();
            let rest = ROUND_EVERY.saturating_sub(begun.elapsed()).max(Duration::from_millis(1));
            tokio::time::sleep(rest).await;
        }
    });
    // The first read of everything is not what waiting costs.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let before = processor_time();
    tokio::time::sleep(IDLE).await;
    let busy = processor_time().saturating_sub(before);
    println!(
        "  waiting with {tasks} tasks: {:.1} % of a core",
        100.0 * busy.as_secs_f64() / IDLE.as_secs_f64()
    );
    let late = first_calls(&carrier, &world, opening, tasks).await;
    println!(
        "  from the opening to the first call of each of {tasks} tasks (ms, p50 / p99 / most): {}",
        late.text()
    );
    calls.abort();
    rounds.abort();
    let _ended = tokio::join!(calls, rounds);
    world.store.close().await;
}

async fn fill(world: &World, tasks: i64) {
    let mut users = vec![world.accounts.user];
    while users.len() < USERS {
        let user = new_account(world.accounts.partner, AccountKind::User, world.clock.now());
        let user = create_account(&world.store, &user).await;
        world.script(user).await;
        users.push(user);
    }
    let lines = world.lines(LINES, &users).await;
    let groups = i64::try_from(USERS).unwrap() * GROUPS_PER_USER;
    for group in 0..groups {
        let place = usize::try_from(group).unwrap();
        let user = users[place % USERS];
        let like = TaskLike {
            script: HANGS_UP,
            group: world.group(user, &daily_from("09:00")).await,
            lines: vec![lines[place % LINES], lines[(place + 1) % LINES]],
            calls: CALLS,
            numbers: NUMBERS,
        };
        let first: Vec<i64> =
            (0..tasks).filter(|task| task % groups == group).map(|task| task * NUMBERS).collect();
        world.tasks(user, &like, &first).await;
    }
    if world.database.kind() == DatabaseKind::Postgres {
        world.database.execute("VACUUM ANALYZE").await;
    }
}

/// How late each task's first call was.
async fn first_calls(carrier: &CountedCarrier, world: &World, opening: Timestamp, tasks: i64) -> Times {
    let patience = opening + SignedDuration::from_mins(2);
    let mut first: HashMap<i64, Timestamp> = HashMap::new();
    while first.len() < usize::try_from(tasks).unwrap() && world.clock.now() < patience {
        tokio::time::sleep(Duration::from_millis(500)).await;
        first.clear();
        for (number, at) in carrier.first_calls() {
            let earliest = first.entry((number - FIRST_NUMBER) / NUMBERS).or_insert(at);
            *earliest = at.min(*earliest);
        }
    }
    let mut late = Times::default();
    for at in first.values() {
        late.note(at.duration_since(opening).unsigned_abs());
    }
    if late.len() < usize::try_from(tasks).unwrap() {
        println!("  only {} tasks have called within two minutes", late.len());
    }
    late
}

/// The processor time of this process so far, in ticks of 10 ms.
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let ticks = |place: usize| fields[place].parse::<u64>().unwrap();
    Duration::from_millis(10 * (ticks(11) + ticks(12)))
}
