//! What calls leave behind when all that waits has run out: no task and no memory. In a program of its own, for it counts both.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should stop and say why")]
#![allow(dead_code, reason = "this shares what other tests of the crate are made with")]

#[path = "it/callees.rs"]
mod callees;
#[path = "it/calls.rs"]
mod calls;
#[path = "it/chances.rs"]
mod chances;
#[path = "it/peer.rs"]
mod peer;
#[path = "it/support.rs"]
mod support;

use std::{
    alloc::System,
    time::{Duration, Instant},
};

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use tokio::runtime::Handle;

use self::{
    callees::Callees,
    calls::{PORTS, call, orders, world},
    chances::Chances,
};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// How long the stack remembers an answered call: twice T1 x 64, and a little more.
const ALL_RUNS_OUT: Duration = Duration::from_secs(75);

/// What all of them may leave at most, in bytes: tables that have grown with the calls at once. It is less than a fifth of a kilobyte a call, and
/// nothing that is kept for a call is that small.
const MOST_LEFT: usize = 160 * 1_024;

fn live_bytes() -> usize {
    let stats = ALLOCATOR.stats();
    stats.bytes_allocated.wrapping_sub(stats.bytes_deallocated)
}

fn tasks() -> usize {
    Handle::current().metrics().num_alive_tasks()
}

#[ignore = "waits for more than a minute: scripts/long leftovers"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_task_and_no_memory_is_left_of_calls() {
    let mut chances = Chances::new();
    let world = world(PORTS);
    let (tasks_before, bytes_before) = {
        // What is made once is made at the first call.
        let callees = Callees::new(0, chances.split());
        call(&world, &orders(&callees, 8_613_700_000_000, 1, &mut chances)).await;
        drop(callees);
        (tasks(), live_bytes())
    };
    let mut count = 0;
    for wave in 0..9 {
        let callees = Callees::new(0, chances.split());
        count += 100;
        call(&world, &orders(&callees, 8_613_800_000_000 + wave * 1_000, 100, &mut chances)).await;
    }
    world.until_idle().await;
    let begun = Instant::now();
    while tasks() > tasks_before || live_bytes() > bytes_before + MOST_LEFT {
        let (tasks, bytes) = (tasks(), live_bytes());
        assert!(
            begun.elapsed() < ALL_RUNS_OUT,
            "{count} calls left {tasks} tasks, before {tasks_before}; {bytes} bytes, before {bytes_before}"
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
