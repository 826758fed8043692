//! Calls that were begun start in the order of their lines, at the pace of line and task.

use std::time::Duration;

use domain::{AttemptId, EndReason, LineId, Present};
use telephony::Carrier;

use super::{CallsState, OLDEST_START};
use crate::{
    call::{Call, Readiness},
    figures,
};

/// How soon it is looked again whether a call that is made ready is.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

impl CallsState {
    /// Places the calls whose turn it is. Gives when it is that of another, by the steady clock.
    pub(super) fn place(&mut self, carrier: &dyn Carrier, now: Present) -> Option<Duration> {
        self.place_legs(carrier, now);
        let lines: Vec<LineId> = self.waiting.keys().copied().collect();
        for line in lines {
            while let Some(attempt) = self.next_to_place(line, now) {
                self.place_one(carrier, line, attempt, now);
            }
        }
        self.waiting.retain(|_, waiting| !waiting.is_empty());
        let next = self.waiting.iter().filter_map(|(line, waiting)| {
            let first = self.calls.get(waiting.front()?)?;
            let ready = match first.readiness {
                Readiness::Preparing => now.steady.saturating_add(LOOK_AGAIN),
                Readiness::NotPrepared | Readiness::Prepared => Duration::ZERO,
            };
            Some(self.lines.get(line)?.pace.next_start().max(self.may_be_placed(first)).max(ready))
        });
        next.min()
    }

    /// When a call may be placed, as far as its task's pace goes.
    fn may_be_placed(&self, call: &Call) -> Duration {
        let pace = self.tasks.get(&call.attempt.place.list);
        pace.map_or(Duration::ZERO, |pace| pace.next_placed(call.task.interval())).max(call.not_before)
    }

    fn next_to_place(&mut self, line: LineId, now: Present) -> Option<AttemptId> {
        let next = *self.waiting.get(&line)?.front()?;
        let call = self.calls.get(&next);
        let is_stale = call.is_none_or(|call| call.started().after(OLDEST_START).is_over(now));
        let is_early = call.is_some_and(|call| {
            call.readiness == Readiness::Preparing || now.steady < self.may_be_placed(call)
        });
        let may_start = self.lines.get(&line).is_none_or(|used| used.pace.next_start() <= now.steady);
        (is_stale || (may_start && !is_early)).then(|| self.waiting.get_mut(&line)?.pop_front()).flatten()
    }

    /// Whether a call or a leg that was written down at an instant may start over a line, as far as this node's lease and share go.
    pub(super) fn may_start(&self, line: LineId, written: Present, now: Present) -> bool {
        let has_lease = self.may_start_until.is_some_and(|until| !until.is_over(now));
        let has_share = self.lines.get(&line).is_some_and(|used| used.has_share(now));
        has_lease && has_share && !written.after(OLDEST_START).is_over(now)
    }

    fn place_one(&mut self, carrier: &dyn Carrier, line: LineId, attempt: AttemptId, now: Present) {
        let Some(written) = self.calls.get(&attempt).map(Call::started) else { return };
        let may_start = self.may_start(line, written, now);
        let used = self.lines.get_mut(&line);
        let is_well = used.as_ref().is_none_or(|used| used.breaker.lets_start() && used.may_be_used());
        let Some(call) = self.calls.get_mut(&attempt) else { return };
        let is_placed = may_start && is_well && call.send(carrier, now).is_ok();
        if !is_placed {
            carrier.end(attempt, now.wall);
            let is_carried = used.is_none_or(|used| used.is_carried);
            let why = if is_carried { EndReason::NotPlaced } else { EndReason::OwnFailure };
            let end = Call::not_sent(now.wall, why);
            self.finish(attempt, end, now);
            return;
        }
        figures::call_starts(call, now);
        call.place(now);
        let pace = self.tasks.entry(call.attempt.place.list).or_default();
        pace.place(now.steady);
        if let Some(used) = used {
            used.pace.start(now.steady);
            call.is_trial = used.breaker.start();
        }
    }
}
