//! What lists of numbers cost, however long they are: an import beside the raw bulk insert, pages, details and resets through the API, and
//! the deletion of a task with its list, whose background steps are beside the disk's own flush.
//!
//! `cargo bench -p dialtime --bench lists` measures SQLite; with `DIALTIME_TEST_POSTGRES_URL` set (as by
//! `scripts/postgres-cluster`) PostgreSQL too. `-- --sizes 10000,1000000,10000000` measures longer lists (the last takes some 3 GB on
//! SQLite and 6 on PostgreSQL), `--database sqlite` one database, `--rows 1000000` a longer import.

#![expect(clippy::unwrap_used, clippy::print_stdout, clippy::cast_precision_loss, reason = "a benchmark")]

mod bulk;
mod requests;
#[path = "../world/mod.rs"]
mod world;

use runner::{NumberWork, NumberWorker};
use test_support::{DatabaseKind, SetClock};

use self::world::{NINE, Times, World, databases, flush_times, option, sizes};

#[tokio::main]
async fn main() {
    println!(
        "{} cores; times in milliseconds, p50 / p99 / most",
        std::thread::available_parallelism().unwrap()
    );
    let rows = option("--rows", 200_000);
    for database in databases() {
        println!("\n{database:?}");
        for size in sizes() {
            measure(database, size, rows).await;
        }
    }
}

async fn measure(database: DatabaseKind, size: i64, rows: i64) {
    let world = World::new(database, SetClock::standing(NINE.parse().unwrap())).await;
    let every_status = "i % 13";
    let (task, list) = world.list(size, every_status).await;
    println!("  a list of {size} numbers");
    bulk::measure(&world, list, rows).await;
    requests::measure(&world, task, size).await;
    removal(&world).await;
    world.store.close().await;
}

/// The steps in which the list of a deleted task goes, one after the other until nothing is left. A server rests after each of them.
async fn removal(world: &World) {
    let mut worker = NumberWorker::new(NumberWork::RemoveLists, world.store.clone(), world.clock.clone());
    let (mut held, mut flushed) = (Times::default(), Times::default());
    while let Some(step) = worker.step().await.unwrap() {
        held.note(step.held);
        flushed.note(step.flushed);
    }
    let disk = flush_times(&world.scratch());
    println!(
        "    {} steps of its removal hold the writer {}; their commits {}; the disk's own flush {}",
        held.len(),
        held.text(),
        flushed.text(),
        disk.text()
    );
}
