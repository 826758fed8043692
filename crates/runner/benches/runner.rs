//! How late openings are told when many come at one instant, what a list of running tasks costs meanwhile, and what it costs
//! to wait; beside `APScheduler` with its SQL store, in the same run.
//!
//! Groups of 100 plain tasks each, all enabled, all opening at the next full minute, in ten accounts. The lateness of an
//! event is the time from that minute until another connection sees it committed (it looks every ten milliseconds). The
//! peer has one job for each group, which keeps the group's tasks as running and an event for each, in one transaction; its
//! lateness is taken at the commit. Both begin with everything in place and nothing due.
//!
//! `cargo bench -p dialtime-runner --bench runner` measures SQLite; with `DIALTIME_TEST_POSTGRES_URL` set (as by
//! `scripts/postgres-cluster`) PostgreSQL too. `-- --groups 1000` measures one size only.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "a benchmark"
)]

use std::{process::Command, sync::Arc, time::Duration};

use calendar::Zone;
use domain::{AccountId, Clock, ClockDifference, TaskState};
use jiff::{SignedDuration, Timestamp};
use runner::{Runner, Settings};
use store::{
    Page, Store, events,
    tasks::{self, TaskFilter, TaskScope},
};
use test_support::{DatabaseKind as Database, FixedRandom, OwnDatabase, SetClock, postgres_url};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const ACCOUNTS: i64 = 10;
const TASKS_PER_GROUP: i64 = 100;
const SIZES: [i64; 2] = [1_000, 10_000];
/// How long the cost of waiting is measured.
const IDLE: Duration = Duration::from_secs(20);
/// How long before the opening everything must be in place.
const LEAD: SignedDuration = SignedDuration::from_secs(8);

/// The machine's clock.
static CLOCK: SetClock = SetClock::real();

#[tokio::main]
async fn main() {
    let only: Option<i64> = option("--groups");
    println!(
        "{} cores; lateness in milliseconds after the minute",
        std::thread::available_parallelism().unwrap()
    );
    for groups in SIZES.into_iter().filter(|size| only.is_none_or(|only| only == *size)) {
        measure(Database::Sqlite, groups).await;
    }
    if postgres_url().is_none() {
        println!("PostgreSQL was not measured: run this under scripts/postgres-cluster");
        return;
    }
    for groups in SIZES.into_iter().filter(|size| only.is_none_or(|only| only == *size)) {
        measure(Database::Postgres, groups).await;
    }
}

fn option<T: std::str::FromStr<Err: std::fmt::Debug>>(name: &str) -> Option<T> {
    std::env::args().skip_while(|argument| argument != name).nth(1).map(|value| value.parse().unwrap())
}

async fn measure(database: Database, groups: i64) {
    let tasks = groups * TASKS_PER_GROUP;
    let database = OwnDatabase::migrated(database);
    let store = database.connect_with(8).await;
    println!("\n{}: {tasks} tasks in {groups} groups", store.kind());
    let accounts = fill(&database, groups).await;
    let opening = next_minute();
    set_opening(&database, opening).await;

    let stop = CancellationToken::new();
    let settings = Settings {
        data_folder: store::DataFolder::new("nowhere".into()),
        zone: Zone::parse("Asia/Shanghai").unwrap(),
        events_kept: SignedDuration::from_hours(24),
        audit_kept: None,
        records_kept: SignedDuration::from_hours(24),
        webhooks_to_private: false,
    };
    let runner = Runner::new(
        store.clone(),
        Arc::new(SetClock::real()),
        Arc::new(FixedRandom::new(0)),
        Arc::new(ClockDifference::default()),
        Arc::new(|_, _| String::new()),
        settings,
    );
    let running = tokio::spawn(runner.run(stop.clone()));
    let before = memory();
    let (told, answers) = tokio::join!(
        watch_events(&store, &accounts, opening, tasks + groups),
        watch_lists(&store, &accounts, opening, tasks)
    );
    let ours = report("events told", told);
    report("list of running tasks, answered", answers);
    println!("  memory: {} MiB before, {} MiB after", before / 1024, memory() / 1024);
    idle().await;
    stop.cancel();
    running.await.unwrap().unwrap();
    store.close().await;
    peer(&database, groups, &ours);
}

/// The next full minute that leaves time to get ready.
fn next_minute() -> Timestamp {
    let ready = CLOCK.now() + LEAD;
    Timestamp::from_second((ready.as_second() / 60 + 1) * 60).unwrap()
}

fn id(number: i64) -> Uuid {
    Uuid::from_u128(u128::try_from(number).unwrap() + 1)
}

/// Accounts, groups and enabled tasks; gives the accounts.
async fn fill(database: &OwnDatabase, groups: i64) -> Vec<AccountId> {
    let sqlite = database.kind() == Database::Sqlite;
    let literal = |id: Uuid| database.literal(id);
    let numbers = |last: i64| {
        if sqlite {
            format!(
                "(WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {last}) SELECT i FROM n)"
            )
        } else {
            format!("(SELECT i FROM generate_series(0, {last}) AS n(i)) AS numbers")
        }
    };
    let (no, yes, random, owner) = if sqlite {
        ("0", "1", "randomblob(16)", format!("unhex(printf('%032x', i % {ACCOUNTS} + 1))"))
    } else {
        let owner = format!("lpad(to_hex(i % {ACCOUNTS} + 1), 32, '0')::uuid");
        ("false", "true", "gen_random_uuid()", owner)
    };
    let partner = literal(id(1_000_000));
    let account = |number: i64| {
        let id = literal(id(number));
        format!(
            "INSERT INTO accounts (id, partner_id, name, email, phone, password_hash, profile, created_at, updated_at) \
             VALUES ({id}, {partner}, 'a', 'a{number}', '{number}', '', '{{}}', 0, 0);"
        )
    };
    let accounts: String = (0..ACCOUNTS).map(account).collect();
    let (all_groups, each) = (numbers(groups - 1), numbers(TASKS_PER_GROUP - 1));
    let sql = format!(
        "INSERT INTO partners (id, name, created_at) VALUES ({partner}, 'bench', 0); {accounts} \
         INSERT INTO dial_time_groups (account_id, id, name, content, is_default, skip_holiday, timezone, version, created_at, \
                                       updated_at, published_revision) \
         SELECT {owner}, i + 1, 'group', '[]', {no}, {no}, 'Asia/Shanghai', 1, 0, 0, 0 FROM {all_groups}; \
         INSERT INTO tasks (id, account_id, generation, name, enabled, dial_time_id, closures, settings, created_at) \
         SELECT {random}, g.account_id, 1, 'task', {yes}, g.id, '[]', '{{}}', 0 FROM dial_time_groups g CROSS JOIN {each};"
    );
    database.execute(&sql).await;
    // As PostgreSQL does by itself to a table that lives longer than a minute.
    if !sqlite {
        database.execute("VACUUM ANALYZE").await;
    }
    (0..ACCOUNTS).map(|number| AccountId::new(id(number))).collect()
}

/// Has every group open from the instant on, and nothing told of it yet.
async fn set_opening(database: &OwnDatabase, opening: Timestamp) {
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
    let begin = zone.to_datetime(opening).strftime("%H:%M").to_string();
    let day = |week| format!(r#"{{"week":{week},"times":[{{"begin_time":"{begin}","end_time":"24:00"}}]}}"#);
    let content: Vec<String> = (0..7).map(day).collect();
    let sql = format!(
        "UPDATE dial_time_groups SET content = '[{}]', published_at = {}, next_change_at = {}",
        content.join(","),
        CLOCK.now().as_microsecond(),
        opening.as_microsecond()
    );
    database.execute(&sql).await;
}

fn late(opening: Timestamp) -> f64 {
    CLOCK.now().duration_since(opening).as_millis_f64()
}

/// How late each event was seen, in milliseconds.
async fn watch_events(store: &Store, accounts: &[AccountId], opening: Timestamp, expected: i64) -> Vec<f64> {
    let (mut seen, mut lateness) = (vec![0; accounts.len()], Vec::new());
    while (lateness.len() as i64) < expected {
        let mut read = store.read().await.unwrap();
        for (seen, account) in seen.iter_mut().zip(accounts) {
            let newest = events::extent(&mut read, *account).await.unwrap().newest;
            let late = late(opening);
            lateness.extend((*seen..newest).map(|_| late));
            *seen = newest;
        }
        drop(read);
        // Often enough to tell, seldom enough not to be what is measured.
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    lateness
}

/// How late the first right answers came, in milliseconds: lists of each account's running tasks, asked for from the opening
/// on, while it is being told.
async fn watch_lists(store: &Store, accounts: &[AccountId], opening: Timestamp, tasks: i64) -> Vec<f64> {
    let wait = opening.duration_since(CLOCK.now());
    tokio::time::sleep(wait.unsigned_abs()).await;
    let filter = TaskFilter { states: Some(vec![TaskState::Running]), ..TaskFilter::default() };
    let page = Page { number: 1, size: 15 };
    let mut lateness = Vec::new();
    for account in accounts {
        let mut read = store.read().await.unwrap();
        let asked = late(opening);
        let scope = TaskScope::Account(*account);
        let found = tasks::list(&mut read, scope, &filter, CLOCK.now(), page).await.unwrap();
        assert_eq!(found.total, tasks / ACCOUNTS, "every task runs, told or not");
        lateness.push(late(opening) - asked);
    }
    lateness
}

struct Percentiles {
    half: f64,
    most: f64,
    all: f64,
}

fn report(what: &str, mut values: Vec<f64>) -> Percentiles {
    values.sort_unstable_by(f64::total_cmp);
    let at = |part: f64| values[((values.len() - 1) as f64 * part).round() as usize];
    let percentiles = Percentiles { half: at(0.5), most: at(0.99), all: at(1.0) };
    let Percentiles { half, most, all } = percentiles;
    println!("  {what}: p50 {half:.0}, p99 {most:.0}, max {all:.0} ms ({} values)", values.len());
    percentiles
}

/// The resident memory of this process, in KiB.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// The processor time of this process so far, in clock ticks of 10 ms.
fn ticks() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

/// What waiting costs while nothing is due: a heartbeat a second.
async fn idle() {
    let before = ticks();
    tokio::time::sleep(IDLE).await;
    let seconds = (ticks() - before) as f64 / 100.0;
    let hourly = seconds * 3_600.0 / IDLE.as_secs_f64();
    println!(
        "  waiting: {seconds:.2} s of processor time in {} s, {hourly:.0} s an hour; one question to the database a second",
        IDLE.as_secs()
    );
}

/// The same job by `APScheduler`.
fn peer(database: &OwnDatabase, groups: i64, ours: &Percentiles) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/apscheduler/run");
    let kind = if database.kind() == Database::Sqlite { "sqlite" } else { "postgres" };
    let output = Command::new(script).args([kind, &database.url, &groups.to_string()]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let values: Vec<f64> = text.split_whitespace().filter_map(|value| value.parse().ok()).collect();
    let [half, most, all, megabytes] = values[..] else {
        println!("  APScheduler was not measured: {}", String::from_utf8_lossy(&output.stderr).trim());
        return;
    };
    println!("  APScheduler: p50 {half:.0}, p99 {most:.0}, max {all:.0} ms; {megabytes:.0} MiB");
    println!(
        "  APScheduler's lateness is {:.1} times ours at p50, {:.1} at p99, {:.1} at the most",
        half / ours.half,
        most / ours.most,
        all / ours.all
    );
}
