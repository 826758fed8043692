//! What the tests and benchmarks of several crates need, once: databases of their own, a clock that is set, fixed randomness, accounts, what tasks dial by,
//! a server in the test's own process, the built program and its log, an HTTP client, a receiver of webhooks and
//! a bucket.
//!
//! Only ever a dev-dependency. It knows the [`domain`] and the [`store`]; a server and a program are given by the caller.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::print_stderr,
    reason = "a test that cannot go on should stop and say why"
)]

mod accounts;
mod attempts;
mod bucket;
mod client;
mod clock;
mod database;
mod dialing;
mod network;
mod ports;
mod program;
mod random;
mod receiver;
mod server;

use std::{future::Future, time::Duration};

use uuid::Uuid;

pub use self::{
    accounts::{Accounts, create_account, create_partner, create_token, new_account, next_number},
    attempts::{answered_attempt, record_attempts, refused_attempt},
    bucket::Bucket,
    client::{Client, FileReply, Reply},
    clock::{SetClock, Steady},
    database::{DatabaseKind, OwnDatabase, on_postgres, postgres_url},
    dialing::{create_group, create_line, create_script, create_script_of},
    network::{Network, Traffic},
    ports::{address_of_our_own, free_port, port_of_our_own},
    program::{Ended, Program, ended},
    random::FixedRandom,
    receiver::{Manner, Received, Receiver},
    server::Server,
};

/// How long a server or program may take to do what a test waits for before the test fails.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// An id that nothing else has.
#[expect(clippy::disallowed_methods, reason = "a test's ids are nobody's to inject")]
pub fn anything() -> Uuid {
    Uuid::new_v4()
}

/// Does something asynchronous to its end; from inside another runtime, too, which is held up meanwhile.
pub fn wait_for<T: Send>(work: impl Future<Output = T> + Send) -> T {
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(work)
        });
        waiting.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}
