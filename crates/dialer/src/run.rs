//! A node that dials: a loop keeps the calls, in memory alone; rounds with the database are made beside it.

use std::{pin::pin, sync::Arc, time::Duration};

use domain::{CallEnd, EndReason, LoopStatus};
use store::Result;
use telephony::Carrier as _;
use tokio::sync::Mutex;

use crate::{Calls, Dialer, DialerParts};

/// The longest time between two rounds of calls, while there are any.
const CALLS_EVERY: Duration = Duration::from_millis(10);

/// The longest time between two rounds of calls while there are none: rounds with the database make one, too.
const IDLE_CALLS_EVERY: Duration = Duration::from_millis(100);

/// From the beginning of one round with the database to that of the next.
pub const ROUND_EVERY: Duration = Duration::from_millis(25);

/// How long the last outcomes may take to be written when the node stops.
const LAST_WRITES: Duration = Duration::from_secs(5);

/// How long taking the registrations of lines back may take when the node stops. Their carrier gives up sooner.
const TAKING_BACK: Duration = Duration::from_secs(3);

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
            if self.calls.is_empty() {
                // It does not matter which it was.
                let _ = tokio::time::timeout(IDLE_CALLS_EVERY, self.calls.until_one_begins()).await;
            } else {
                let until_next = next.map_or(CALLS_EVERY, |next| next.saturating_sub(now.steady));
                tokio::time::sleep(until_next.clamp(Duration::from_millis(1), CALLS_EVERY)).await;
            }
        }
    }

    /// Does what is due with the database; to be done again every [`ROUND_EVERY`].
    ///
    /// # Errors
    /// When the database does not answer. Calls go on; nothing new starts.
    pub async fn round(&self) -> Result<()> {
        self.dialer.lock().await.round().await
    }

    /// Ends the node's dialing: nothing starts any more, calls that nobody has answered are cancelled, answered ones may go on for a
    /// while, though no longer than until `hurry`. What has become of them is written down. To be called once the loops have stopped.
    pub async fn stop(self, hurry: impl Future<Output = ()>) {
        let mut dialer = self.dialer.lock().await;
        self.calls.may_start_until(None);
        let cancelled = (CallEnd::Cancelled, EndReason::Shutdown);
        self.calls.end_where(|call| (!call.is_answered()).then_some(cancelled), self.parts.now());
        self.tell_who_talks();
        if !self.drain(&mut dialer, hurry).await {
            self.calls.end_where(|_| Some((CallEnd::Answered, EndReason::Shutdown)), self.parts.now());
            if !self.until_over(&mut dialer, tokio::time::sleep(LAST_WRITES)).await {
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

    fn tell_who_talks(&self) {
        let (calls, drain) = (self.calls.now().answered, self.parts.settings.drain);
        if calls > 0 && !drain.is_zero() {
            let seconds = drain.as_secs();
            tracing::info!(
                calls,
                "answered calls go on for at most {seconds} s; a second signal ends them at once"
            );
        }
    }

    /// Waits for those who talk, as long as the operator says and nobody is in a hurry. Says whether all calls are over.
    async fn drain(&self, dialer: &mut Dialer, hurry: impl Future<Output = ()>) -> bool {
        let mut hurry = pin!(hurry);
        tokio::select! {
            () = self.hand_over_registrations(dialer) => {}
            () = &mut hurry => return false,
        }
        let drain = tokio::time::sleep(self.parts.settings.drain);
        self.until_over(dialer, async {
            tokio::select! { () = drain => {}, () = hurry => {} }
        })
        .await
    }

    /// Takes the registrations of lines back, and has another node register them.
    async fn hand_over_registrations(&self, dialer: &Dialer) {
        let begun = self.parts.now().steady;
        self.calls.round(self.parts.now());
        while self.parts.carriers.takes_back_registrations()
            && self.parts.now().steady.saturating_sub(begun) < TAKING_BACK
        {
            tokio::time::sleep(CALLS_EVERY).await;
            self.calls.round(self.parts.now());
        }
        if let Err(error) = dialer.hand_over_registering_lines().await {
            tracing::warn!(%error, "lines that are registered could not be handed over: another node takes them over later");
        }
    }

    /// Writes down what has become of calls until all are over, or for as long as may be; never leaves off in the middle, where it would be
    /// forgotten how those ended that are being written. Says whether all are over.
    async fn until_over(&self, dialer: &mut Dialer, enough: impl Future<Output = ()>) -> bool {
        let mut enough = pin!(enough);
        while !self.calls.is_empty() {
            self.calls.round(self.parts.now());
            if let Err(error) = dialer.wind_up().await {
                tracing::debug!(%error, "could not write how calls ended; trying again");
            }
            tokio::select! {
                biased;
                () = &mut enough => return self.calls.is_empty(),
                () = tokio::time::sleep(CALLS_EVERY) => {}
            }
        }
        true
    }
}
