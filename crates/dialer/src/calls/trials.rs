//! That lines begin to fail, and when those that are down are asked or tried next, to be written down: once a pause. And whether our own side can place calls at all.

use std::time::Duration;

use domain::{AttemptEnd, LineId, Present, written_word};
use jiff::{SignedDuration, Timestamp};

use super::{Calls, CallsState};

/// A pause of a line that is down: until when it lasts, by both clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LinePause {
    /// The line.
    pub(crate) line: LineId,
    /// When the line is asked or tried next, by the wall's clock.
    pub(crate) until: Timestamp,
    steady: Duration,
}

impl Calls {
    /// The pauses of lines that are down of which that is not written down.
    pub(crate) fn new_pauses(&self, now: Present) -> Vec<LinePause> {
        let pause = |line: LineId, steady: Duration| {
            let left = SignedDuration::try_from(steady.saturating_sub(now.steady)).unwrap_or_default();
            LinePause { line, until: now.wall.saturating_add(left).unwrap_or(now.wall), steady }
        };
        let state = self.state();
        let new = state.lines.iter().filter_map(|(id, used)| {
            let until = used.breaker.pauses_until()?;
            (used.written_pause != Some(until)).then(|| pause(*id, until))
        });
        new.collect()
    }

    /// Takes note that these were written down.
    pub(crate) fn note_pauses_written(&self, pauses: &[LinePause]) {
        let mut state = self.state();
        for pause in pauses {
            if let Some(used) = state.lines.get_mut(&pause.line) {
                used.written_pause = Some(pause.steady);
            }
        }
    }

    /// Why no call can be placed over SIP lines, by a fault of our own.
    pub(crate) fn own_failure(&self) -> Option<String> {
        self.state().own_failure.clone()
    }
}

impl CallsState {
    /// Says that a line begins to fail. What the carrier said stands in the record alone: it may name a number.
    pub(super) fn log_first_failure(&self, line: LineId, end: &AttemptEnd) {
        let has_begun = self.lines.get(&line).is_some_and(|used| used.breaker.has_begun_to_fail());
        if has_begun && end.outcome.class.is_fault_of_line() {
            let (class, code) = (written_word(&end.outcome.class), end.cause.code);
            tracing::warn!(%line, class, code, "a call failed by the fault of its line: its record has the carrier's words");
        }
    }

    /// Takes note of whether our own side can place calls over SIP lines: over those nothing starts while it cannot, and no number pays for it.
    pub(super) fn know_own_failure(&mut self, failure: Option<String>) {
        if self.own_failure == failure {
            return;
        }
        for used in self.lines.values_mut() {
            used.is_carried = failure.is_none() || !used.is_sip;
        }
        self.own_failure = failure;
    }
}
