//! The loops of a node that dials: one keeps the calls, in memory alone; the other works with the database.

use std::{sync::Arc, time::Duration};

use domain::{CallEnd, LoopStatus};
use tokio::{sync::Mutex, time::Instant};

use crate::{Calls, Dialer, DialerParts};

/// The longest time between two rounds of calls.
const CALLS_EVERY: Duration = Duration::from_millis(10);

/// The time between two rounds with the database.
const DATABASE_EVERY: Duration = Duration::from_millis(25);

/// How long to wait after a round that failed.
const RETRY: Duration = Duration::from_millis(500);

/// How long the last outcomes may take to be written when the node stops.
const LAST_WRITES: Duration = Duration::from_secs(5);

/// A dialer that runs.
#[derive(Clone)]
pub struct RunningDialer {
    dialer: Arc<Mutex<Dialer>>,
    calls: Arc<Calls>,
    parts: DialerParts,
}

impl RunningDialer {
    /// A dialer that is about to run.
    pub fn new(parts: DialerParts) -> Self {
        let dialer = Dialer::new(parts.clone());
        let calls = dialer.calls();
        Self { dialer: Arc::new(Mutex::new(dialer)), calls, parts }
    }

    /// Keeps the calls, for ever: starts them at their lines' pace, hears them and ends them in time.
    pub async fn keep_calls(self, status: Arc<LoopStatus>) {
        loop {
            let now = self.parts.now();
            let next = self.calls.round(now);
            status.succeed(now.wall);
            status.note_backlog(self.calls.len());
            let until_next = next.map_or(CALLS_EVERY, |next| next.saturating_sub(now.steady));
            tokio::time::sleep(until_next.clamp(Duration::from_millis(1), CALLS_EVERY)).await;
        }
    }

    /// Dials, for ever. A database that is away ends nothing: it is asked again.
    pub async fn dial(self, status: Arc<LoopStatus>) {
        let mut was_well = true;
        loop {
            let begun = Instant::now();
            let ended = self.dialer.lock().await.round().await;
            let is_well = ended.is_ok();
            match &ended {
                Ok(_) => status.succeed(self.parts.clock.now()),
                Err(error) if was_well => {
                    tracing::error!(%error, "the dialer failed; it tries again, and starts nothing");
                }
                Err(_) => {}
            }
            if is_well && !was_well {
                tracing::info!("the dialer works again");
            }
            was_well = is_well;
            let pause = if is_well { DATABASE_EVERY.saturating_sub(begun.elapsed()) } else { RETRY };
            tokio::time::sleep(pause.max(Duration::from_millis(1))).await;
        }
    }

    /// Ends the node's dialing: nothing starts any more, calls that nobody has answered are cancelled, answered ones may go on for a
    /// while. What has become of them is written down. To be called once the loops have stopped.
    pub async fn stop(self) {
        let mut dialer = self.dialer.lock().await;
        self.calls.may_start_until(None);
        self.calls.end_where(|call| (!call.is_answered()).then_some(CallEnd::Cancelled), self.parts.now());
        let drain = self.parts.settings.drain;
        if tokio::time::timeout(drain, self.until_over(&mut dialer)).await.is_err() {
            self.calls.end_where(|_| Some(CallEnd::Answered), self.parts.now());
            if tokio::time::timeout(LAST_WRITES, self.until_over(&mut dialer)).await.is_err() {
                tracing::warn!(
                    calls = self.calls.len(),
                    "some calls did not end in time: whoever comes next ends them"
                );
            }
        }
        if let Err(error) = dialer.leave().await {
            tracing::warn!(%error, "this node's numbers could not be given back: whoever comes next does that");
        }
    }

    async fn until_over(&self, dialer: &mut Dialer) {
        while !self.calls.is_empty() {
            self.calls.round(self.parts.now());
            if let Err(error) = dialer.wind_up().await {
                tracing::debug!(%error, "could not write how calls ended; trying again");
            }
            tokio::time::sleep(CALLS_EVERY).await;
        }
    }
}
