//! What all loops have in common: they go round, say when a round went well, and try again when one did not.

use std::{sync::Arc, time::Duration};

use domain::{Clock, LoopStatus};
use store::Result;
use tokio::{sync::watch, time::Instant};

/// How long to wait after a round that failed.
pub const RETRY: Duration = Duration::from_secs(1);

/// How much longer the pause after a step is than the step: others who write have at least four fifths of the time.
const PAUSE_FACTOR: u32 = 4;

/// Pauses after a step of long work that began then.
pub(crate) async fn rest_after(begun: Instant) {
    tokio::time::sleep(begun.elapsed() * PAUSE_FACTOR).await;
}

/// How often it is looked for work that nobody said anything of.
const LOOK: Duration = Duration::from_secs(5);

/// Waits until something is committed here that may be work, and not for long.
pub(crate) async fn wait_for_work(committed: &mut watch::Receiver<()>) {
    tokio::select! {
        () = tokio::time::sleep(LOOK) => {}
        _ = committed.changed() => {}
    }
}

/// How the rounds of one loop end.
pub struct Rounds {
    status: Arc<LoopStatus>,
    clock: Arc<dyn Clock>,
    /// Whether the last one went well. A change is logged, not each round.
    well: bool,
}

impl Rounds {
    /// Of a loop that begins.
    pub fn new(status: Arc<LoopStatus>, clock: Arc<dyn Clock>) -> Self {
        Self { status, clock, well: true }
    }

    /// How the loop fares.
    pub(crate) fn status(&self) -> &LoopStatus {
        &self.status
    }

    /// Takes note of how a round ended; gives what it gave, or `None` when it failed.
    pub fn note<T>(&mut self, ended: Result<T>) -> Option<T> {
        let name = self.status.name();
        match ended {
            Ok(value) => {
                if !self.well {
                    tracing::info!(name, "a loop works again");
                }
                self.well = true;
                self.status.succeed(self.clock.now());
                Some(value)
            }
            Err(error) => {
                if self.well {
                    tracing::error!(name, %error, "a loop failed; it tries again every second");
                }
                self.well = false;
                None
            }
        }
    }
}
