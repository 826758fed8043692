//! The loop that drives the engine: at once when something is due, and never later than a second after an edit elsewhere.

use std::time::Duration;

use domain::LoopStatus;
use jiff::SignedDuration;
use store::{Result, transitions};

use crate::{
    Engine,
    clock_check::ClockCheck,
    rounds::{RETRY, Rounds},
};

/// The longest sleep: a sleeping machine and a clock that is set are noticed only by looking.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);

/// The shortest time between two looks: many edits may come at once.
const REST: Duration = Duration::from_millis(20);

/// Drives an engine.
pub(crate) struct Transitions {
    pub(crate) engine: Engine,
    pub(crate) clock_check: ClockCheck,
}

impl Transitions {
    pub(crate) async fn run(mut self, mut rounds: Rounds) {
        let mut committed = self.clock_check.store.wake_ups().committed_here();
        loop {
            let ended = self.round(rounds.status()).await;
            let wait = rounds.note(ended).unwrap_or(RETRY);
            tokio::time::sleep(REST.min(wait)).await;
            tokio::select! {
                () = tokio::time::sleep(wait.saturating_sub(REST)) => {}
                _ = committed.changed() => {}
            }
        }
    }

    /// Writes what is due, if the clock can be trusted. Gives how long there is nothing to do.
    async fn round(&mut self, status: &LoopStatus) -> Result<Duration> {
        let ClockCheck { store, clock, .. } = &self.clock_check;
        let mut read = store.read().await?;
        let before = clock.now();
        let outlook = transitions::outlook(&mut read).await?;
        drop(read);
        if !self.clock_check.note(before, outlook.database_now) {
            return Ok(LONGEST_SLEEP);
        }
        let due = outlook.next_change.filter(|due| *due <= before);
        let next = self.engine.tick_with(outlook).await?;
        let now = clock.now();
        let lateness = due.map(|due| now.duration_since(due));
        status.note_lateness(lateness.unwrap_or(SignedDuration::ZERO));
        if let Some(lateness) = lateness {
            metrics::histogram!("dialtime_transition_lateness_seconds").record(lateness.as_secs_f64());
        }
        let until = next.map(|next| next.duration_since(now));
        let until = until.map_or(LONGEST_SLEEP, |until| Duration::try_from(until).unwrap_or(Duration::ZERO));
        Ok(until.min(LONGEST_SLEEP))
    }
}
