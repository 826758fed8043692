//! Whether the database takes writes, asked by anyone as often as they like, and tried at most twice a second.

use std::time::Duration;

use tokio::{sync::Mutex, time::Instant};

use super::{DatabaseError, error::Result};

/// For how long an outcome is taken for true.
const HOLDS: Duration = Duration::from_millis(500);

/// What became of the last try.
#[derive(Debug, Default)]
pub(crate) struct WriteCheck(Mutex<Option<(Instant, Option<WriteFailure>)>>);

/// A failure that can be told again.
#[derive(Clone, Debug)]
enum WriteFailure {
    FileLost(String),
    DiskFull(u64),
    Unreachable(String),
    Other(String),
}

impl WriteFailure {
    fn of(error: &DatabaseError) -> Self {
        match error {
            DatabaseError::FileLost(which) => Self::FileLost(which.clone()),
            DatabaseError::DiskFull(free) => Self::DiskFull(*free),
            DatabaseError::Unreachable(why) => Self::Unreachable(why.clone()),
            other => Self::Other(other.to_string()),
        }
    }

    fn error(self) -> DatabaseError {
        match self {
            Self::FileLost(which) => DatabaseError::FileLost(which),
            Self::DiskFull(free) => DatabaseError::DiskFull(free),
            Self::Unreachable(why) => DatabaseError::Unreachable(why),
            Self::Other(text) => DatabaseError::Unavailable(sqlx::Error::Io(std::io::Error::other(text))),
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
        *last = Some((Instant::now(), outcome.as_ref().err().map(WriteFailure::of)));
        outcome
    }
}
