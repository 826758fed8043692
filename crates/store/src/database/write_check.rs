//! Whether the database takes writes, asked by anyone as often as they like, and tried at most twice a second.

use std::time::Duration;

use tokio::{sync::Mutex, time::Instant};

use crate::{Error, Result};

/// For how long an outcome is taken for true.
const HOLDS: Duration = Duration::from_millis(500);

/// What became of the last try.
#[derive(Debug, Default)]
pub(crate) struct WriteCheck(Mutex<Option<(Instant, Option<Failure>)>>);

/// A failure that can be told again.
#[derive(Clone, Debug)]
enum Failure {
    FileLost(String),
    DiskFull(u64),
    Unreachable(String),
    Other(String),
}

impl Failure {
    fn of(error: &Error) -> Self {
        match error {
            Error::FileLost(which) => Self::FileLost(which.clone()),
            Error::DiskFull(free) => Self::DiskFull(*free),
            Error::Unreachable(why) => Self::Unreachable(why.clone()),
            other => Self::Other(other.to_string()),
        }
    }

    fn error(self) -> Error {
        match self {
            Self::FileLost(which) => Error::FileLost(which),
            Self::DiskFull(free) => Error::DiskFull(free),
            Self::Unreachable(why) => Error::Unreachable(why),
            Self::Other(text) => Error::Unavailable(sqlx::Error::Io(std::io::Error::other(text))),
        }
    }
}

impl WriteCheck {
    /// Tries, unless that was done lately. Who comes meanwhile waits for the outcome.
    pub(crate) async fn run(&self, attempt: impl AsyncFnOnce() -> Result<()>) -> Result<()> {
        let mut last = self.0.lock().await;
        if let Some((tried, failure)) = &*last
            && tried.elapsed() < HOLDS
        {
            return failure.clone().map_or(Ok(()), |failure| Err(failure.error()));
        }
        let outcome = attempt().await;
        *last = Some((Instant::now(), outcome.as_ref().err().map(Failure::of)));
        outcome
    }
}
