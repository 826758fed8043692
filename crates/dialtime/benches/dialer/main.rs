//! How fast numbers are dialed on a simulated line, by the real dialer, beside the raw statements that this comes down to: with lists of any
//! length. How long a claim takes, alone and beside an import; how soon calls begin when windows open, and what waiting for that costs.
//!
//! `cargo bench -p dialtime --bench dialer` measures SQLite; with `DIALTIME_TEST_POSTGRES_URL` set (as by
//! `scripts/postgres-cluster`) PostgreSQL too. `-- --sizes 10000,1000000,10000000` measures longer lists (the last takes some 3 GB on
//! SQLite and 6 on PostgreSQL), `--database sqlite` one database, `--part rates`, `claims` or `opening` one part, `--tasks 10000` an
//! opening of more tasks than 1,000.

#![expect(clippy::unwrap_used, clippy::print_stdout, clippy::cast_precision_loss, reason = "a benchmark")]

mod claims;
mod counted;
mod opening;
mod rates;
#[path = "../world/mod.rs"]
mod world;

use test_support::{DatabaseKind, SetClock};

use self::world::{NINE, World, databases, flush_times, option, sizes};

#[tokio::main]
async fn main() {
    println!("{} cores", std::thread::available_parallelism().unwrap());
    let part: String = option("--part", "all".to_owned());
    let is_wanted = |name: &str| part == "all" || part == name;
    for database in databases() {
        println!("\n{database:?}");
        if is_wanted("rates") || is_wanted("claims") {
            for size in sizes() {
                measure_list(database, size, &is_wanted).await;
            }
        }
        if is_wanted("opening") {
            opening::measure(database, option("--tasks", 1_000)).await;
        }
    }
}

async fn measure_list(database: DatabaseKind, size: i64, is_wanted: &impl Fn(&str) -> bool) {
    let world = World::new(database, SetClock::standing(NINE.parse().unwrap())).await;
    let never_called = "0";
    let (task, list) = world.list(size, never_called).await;
    let disk = flush_times(&world.scratch());
    println!("  a list of {size} numbers; the disk's own flush (ms, p50 / p99 / most): {}", disk.text());
    if is_wanted("claims") {
        claims::measure(&world, list).await;
    }
    if is_wanted("rates") {
        rates::measure(&world, task, list, size).await;
    }
    world.store.close().await;
}
