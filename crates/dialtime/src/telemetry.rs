//! Log lines, on standard error. `DIALTIME_LOG` narrows or widens them, as in `DIALTIME_LOG=debug`.
//!
//! A thread of its own writes them, so that no request waits for whoever reads them. Its queue is bounded: when nobody reads,
//! lines are dropped rather than requests.

use std::io::IsTerminal;

use clap::ValueEnum;
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;

/// How log lines are written.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// What others log that must not be: the driver logs whatever it does not know in the database's address, which may be the password, and
/// the SIP stack every message in full, with numbers and digests.
const LIMITS: [&str; 5] = [
    "sqlx_postgres::options=off",
    // PostgreSQL notes that what is made unless it is there was there; its warnings stay.
    "sqlx::postgres::notice=warn",
    "rsipstack=warn",
    // What strangers do to their connections is nobody's business.
    "rsipstack::transport::transport_layer=error",
    "rsipstack::transport::stream=error",
];

/// How many lines may wait to be written.
const WAITING_LINES: usize = 16 * 1024;

/// Begins to log. What waits is written when the guard is dropped.
pub(crate) fn start(format: LogFormat) -> WorkerGuard {
    let (writer, guard) =
        NonBlockingBuilder::default().buffered_lines_limit(WAITING_LINES).finish(std::io::stderr());
    let filter = EnvFilter::try_from_env("DIALTIME_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let filter = LIMITS.into_iter().fold(filter, |filter, limit| {
        limit.parse().map_or_else(|_| EnvFilter::new("off"), |limit| filter.add_directive(limit))
    });
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(writer)
        .with_ansi(std::io::stderr().is_terminal());
    match format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().init(),
    }
    guard
}
