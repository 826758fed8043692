//! That lines begin to fail, and how far those that are down have come on their way back, to be written down. And whether our own side can place
//! calls at all.

use domain::{AttemptEnd, LineId, LineRecovery, Present, written_word};
use jiff::{SignedDuration, Timestamp};

use super::{Calls, CallsState};
use crate::breaker::Recovery;

/// How far a line that is down has come on its way back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LineStep {
    /// The line.
    pub(crate) line: LineId,
    /// How far.
    pub(crate) recovery: LineRecovery,
    /// When it is asked or tried next, by the wall's clock; `None`: it is now.
    pub(crate) next_trial_at: Option<Timestamp>,
    step: Recovery,
}

impl Calls {
    /// The steps of lines that are down of which that is not written down.
    pub(crate) fn new_steps(&self, now: Present) -> Vec<LineStep> {
        let step = |line: LineId, step: Recovery| {
            let (recovery, until) = step.told();
            let next_trial_at = until.map(|until| {
                let left = SignedDuration::try_from(until.saturating_sub(now.steady)).unwrap_or_default();
                now.wall.saturating_add(left).unwrap_or(now.wall)
            });
            LineStep { line, recovery, next_trial_at, step }
        };
        let state = self.state();
        let new = state.lines.iter().filter_map(|(id, used)| {
            let present = used.breaker.recovery()?;
            (used.written_step != Some(present)).then(|| step(*id, present))
        });
        new.collect()
    }

    /// Takes note that these were written down.
    pub(crate) fn note_steps_written(&self, steps: &[LineStep]) {
        let mut state = self.state();
        for step in steps {
            if let Some(used) = state.lines.get_mut(&step.line) {
                used.written_step = Some(step.step);
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
