//! How long a claim takes, from the wish for a transaction to its commit: alone, and while a file is imported into another task.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use domain::{Clock as _, NodeId};
use store::dialing;
use test_support::anything;

use crate::world::{FileImport, Times, World};

const CLAIMS: usize = 300;

/// How many numbers a claim is of: what the dialer takes of a task at a time.
const NUMBERS: u32 = 100;

/// Between two claims.
const PAUSE: Duration = Duration::from_millis(20);

/// How many rows the file has: more than are imported while it is measured.
const ROWS: i64 = 2_000_000;

pub(crate) async fn measure(world: &World, list: i64) {
    println!("    a claim of {NUMBERS} (ms, p50 / p99 / most): {}", claim(world, list).await.text());
    let import = FileImport::begin(world, ROWS).await;
    let importing = tokio::spawn(import.work(world));
    let beside = claim(world, list).await;
    assert!(!importing.is_finished(), "the import was over too soon");
    importing.abort();
    println!("      beside an import: {}", beside.text());
}

/// Claims the first numbers again and again: they are given back between.
async fn claim(world: &World, list: i64) -> Times {
    let node = NodeId::new(anything());
    let mut times = Times::default();
    for _ in 0..CLAIMS {
        let begun = Instant::now();
        let mut tx = world.store.begin().await.unwrap();
        let claimed = dialing::claim(&mut tx, node, &BTreeMap::from([(list, NUMBERS)]), world.clock.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        times.note(begun.elapsed());
        assert!(!claimed[&list].is_empty());
        let mut tx = world.store.begin().await.unwrap();
        dialing::release_all(&mut tx, node, NUMBERS).await.unwrap();
        tx.commit().await.unwrap();
        tokio::time::sleep(PAUSE).await;
    }
    times
}
