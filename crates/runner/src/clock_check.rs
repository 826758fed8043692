//! Whether this node's clock can be trusted: whoever has another time than the database would open and close windows at
//! the wrong one, and delete what is not old.

use std::{sync::Arc, time::Duration};

use domain::{Clock, ClockDifference};
use jiff::Timestamp;
use store::{Result, Store, health};

use crate::rounds::{RETRY, Rounds};

/// How often the clocks are compared.
const INTERVAL: Duration = Duration::from_secs(1);

/// Compares this node's clock with the database's.
#[derive(Clone)]
pub(crate) struct ClockCheck {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) difference: Arc<ClockDifference>,
}

impl ClockCheck {
    /// Compares every second, also when other loops are busy for long.
    pub(crate) async fn run(self, mut rounds: Rounds) {
        loop {
            rounds.note(self.ask().await);
            tokio::time::sleep(INTERVAL).await;
        }
    }

    /// Compares until it has succeeded once: before that nothing is known.
    pub(crate) async fn ask_first(&self, rounds: &mut Rounds) {
        while rounds.note(self.ask().await).is_none() {
            tokio::time::sleep(RETRY).await;
        }
    }

    /// Compares now; says whether this node's clock can be trusted.
    pub(crate) async fn ask(&self) -> Result<bool> {
        let mut read = self.store.read().await?;
        let before = self.clock.now();
        let database_now = health::now(&mut read).await?;
        Ok(self.note(before, database_now))
    }

    /// Takes note of the database's time, which was asked for at `before`; says whether this node's clock can be trusted.
    pub(crate) fn note(&self, before: Timestamp, database_now: Timestamp) -> bool {
        let was = self.difference.too_far().is_some();
        self.difference.note(before, self.clock.now(), database_now);
        let is = self.difference.too_far();
        match is {
            Some(ahead) if !was => tracing::error!(
                seconds = ahead.as_secs_f64(),
                "this node's clock is too far ahead of the database's (or, if negative, behind it): \
                 it tells nothing and answers nobody until that is mended"
            ),
            None if was => tracing::info!("this node's clock agrees with the database's again"),
            _ => {}
        }
        is.is_none()
    }

    /// Whether this node's clock could be trusted when it was last compared.
    pub(crate) fn is_trusted(&self) -> bool {
        self.difference.too_far().is_none()
    }
}
