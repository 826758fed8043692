//! Legs of the calls of this node: each has a channel of its line and one of its starts, as a call does.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use domain::{AttemptId, CallLeg, LegId, LineId, OutcomeClass, Present};
use store::dialing::LegOfAttempt;
use telephony::{CallEvent, CallReport, Carrier, LegOrder};

use super::{Calls, CallsState, OLDEST_START};
use crate::{
    breaker::CallOverLine,
    call::Call,
    transfer::{Transfer, WantedLeg},
};

impl Calls {
    /// The transfers for which somebody can be called now, the one that waits longest first. Each has a channel of its line from now on.
    pub(crate) fn take_transfers(&self, now: Present, until: Duration) -> Vec<WantedLeg> {
        self.state().take_transfers(now, until)
    }

    /// Takes a leg that was written down, to be placed at its line's pace; its call may be over by now.
    pub(crate) fn begin_leg(&self, leg: CallLeg, order: LegOrder, now: Present) {
        let (mut state, line) = (self.state(), order.line.id);
        let Some(call) = state.calls.get_mut(&order.attempt) else { return };
        let Some(transfer) = call.transfer.as_mut().filter(|transfer| transfer.is_beginning()) else {
            return;
        };
        let attempt = order.attempt;
        transfer.written(order, now);
        call.written_legs.push(leg.clone());
        call.attempt.legs.push(leg);
        state.legs_waiting.entry(line).or_default().push_back(attempt);
    }

    /// The lines that transfers go over: one that somebody has asked for may name a line over which no task dials or transfers.
    pub(crate) fn lines_of_transfers(&self) -> Vec<LineId> {
        let state = self.state();
        state.transfers().map(|(_, transfer)| transfer.line()).collect()
    }

    /// Gives back the channel of a transfer whose leg cannot begin now; it is tried again after a while.
    pub(crate) fn put_off_transfer(&self, attempt: AttemptId, pause: Duration, now: Present) {
        let mut state = self.state();
        let Some(call) = state.calls.get_mut(&attempt) else { return };
        let Some(transfer) = call.transfer.as_mut().filter(|transfer| transfer.is_beginning()) else {
            return;
        };
        let line = transfer.line();
        transfer.put_off(pause, now);
        state.free_channel(line);
    }

    /// Ends a transfer for which nobody may be called.
    pub(crate) fn refuse_transfer(&self, attempt: AttemptId, now: Present) {
        self.state().end_transfer(&*self.carrier, attempt, now);
    }

    /// Ends the transfers that nobody has answered and for which this holds, of their call and their line.
    pub(crate) fn end_transfers_where(&self, must_end: impl Fn(&Call, LineId) -> bool, now: Present) {
        self.state().end_transfers_where(&*self.carrier, must_end, now);
    }

    /// How far legs have come of which that is not written down.
    pub(crate) fn leg_news(&self) -> Vec<LegOfAttempt> {
        let state = self.state();
        let calls = state.calls.values().filter(|call| call.written_legs != call.attempt.legs);
        let legs = calls.flat_map(|call| call.attempt.legs.iter().map(move |leg| (call, leg)));
        let new = legs.filter(|(call, leg)| !call.written_legs.contains(leg));
        let of_attempt = |(call, leg): (&Call, &CallLeg)| LegOfAttempt {
            account: call.attempt.account_id,
            attempt: call.attempt.id,
            leg: leg.clone(),
        };
        new.map(of_attempt).collect()
    }

    /// Takes note that this was written down.
    pub(crate) fn note_legs_written(&self, legs: Vec<LegOfAttempt>) {
        let mut state = self.state();
        for LegOfAttempt { attempt, leg, .. } in legs {
            if let Some(handle) = &leg.handle {
                self.carrier.note_endable(attempt, Some(leg.id), handle);
            }
            let Some(call) = state.calls.get_mut(&attempt) else { continue };
            match call.written_legs.iter_mut().find(|written| written.id == leg.id) {
                Some(written) => *written = leg,
                None => call.written_legs.push(leg),
            }
        }
    }
}

impl CallsState {
    /// How many calls and legs wait for a start of a line.
    pub(super) fn waiting_over(&self, line: LineId) -> usize {
        [&self.waiting, &self.legs_waiting]
            .into_iter()
            .filter_map(|waiting| waiting.get(&line))
            .map(VecDeque::len)
            .sum()
    }

    /// The calls that have a transfer, with that.
    pub(super) fn transfers(&self) -> impl Iterator<Item = (&Call, &Transfer)> {
        let calls = self.transferring.iter().filter_map(|attempt| self.calls.get(attempt));
        calls.filter_map(|call| Some((call, call.transfer.as_ref()?)))
    }

    /// How many transfers want a channel of each line and have none.
    pub(super) fn wanted_legs(&self) -> HashMap<LineId, usize> {
        let mut wanted = HashMap::new();
        for (_, transfer) in self.transfers().filter(|(_, transfer)| !transfer.has_channel()) {
            *wanted.entry(transfer.line()).or_default() += 1;
        }
        wanted
    }

    fn take_transfers(&mut self, now: Present, until: Duration) -> Vec<WantedLeg> {
        let may_begin = |(call, transfer): &(&Call, &Transfer)| transfer.may_begin(now) && !call.is_ending();
        let mut wanted: Vec<(Duration, AttemptId)> = (self.transfers().filter(may_begin))
            .map(|(call, transfer)| (transfer.since(), call.attempt.id))
            .collect();
        wanted.sort_unstable();
        wanted.into_iter().filter_map(|(_, attempt)| self.take_transfer(attempt, now, until)).collect()
    }

    fn take_transfer(&mut self, attempt: AttemptId, now: Present, until: Duration) -> Option<WantedLeg> {
        let line = self.calls.get(&attempt)?.transfer.as_ref()?.line();
        let waiting = self.waiting_over(line);
        let used = self.lines.get_mut(&line)?;
        if used.breaker.is_open() || used.room(waiting, now, until) == 0 {
            return None;
        }
        used.under_way += 1;
        let call = self.calls.get_mut(&attempt)?;
        let transfer = call.transfer.as_mut()?;
        transfer.begin();
        Some(WantedLeg {
            attempt: call.attempt.clone(),
            task: Arc::clone(&call.task),
            deadlines: call.order.deadlines,
            step: transfer.step.clone(),
        })
    }

    /// Takes note of what the carrier reports of a leg.
    pub(super) fn hear_leg(&mut self, leg: LegId, report: &CallReport, now: Present) {
        let Some(call) = self.calls.get_mut(&report.attempt) else { return };
        let class = call.hear_leg(leg, report, now);
        let Some(line) = call.transfer.as_ref().map(Transfer::line) else { return };
        let retry_after = match &report.event {
            CallEvent::Refused(refusal) => refusal.carrier.retry_after,
            _ => None,
        };
        let over_line = |class| CallOverLine { class, was_trial: false, retry_after };
        if report.event == CallEvent::Answered {
            self.note_health(line, over_line(OutcomeClass::Answered), now);
        }
        if let Some(class) = class {
            self.forget_transfer(report.attempt);
            if class != OutcomeClass::Answered {
                self.note_health(line, over_line(class), now);
            }
        }
    }

    /// Ends those transfers for which it is time.
    pub(super) fn keep_deadlines_of_transfers(&mut self, carrier: &dyn Carrier, now: Present) {
        let is_over =
            |(call, transfer): &(&Call, &Transfer)| transfer.is_over(now) && !call.has_talking_leg();
        let over: Vec<AttemptId> =
            self.transfers().filter(is_over).map(|(call, _)| call.attempt.id).collect();
        for attempt in over {
            self.end_transfer(carrier, attempt, now);
        }
    }

    pub(super) fn end_transfers_where(
        &mut self,
        carrier: &dyn Carrier,
        must_end: impl Fn(&Call, LineId) -> bool,
        now: Present,
    ) {
        let chosen = |(call, transfer): &(&Call, &Transfer)| {
            must_end(call, transfer.line()) && !call.has_talking_leg()
        };
        let chosen: Vec<AttemptId> =
            self.transfers().filter(chosen).map(|(call, _)| call.attempt.id).collect();
        for attempt in chosen {
            let Some(transfer) = self.calls.get_mut(&attempt).and_then(|call| call.transfer.as_mut()) else {
                continue;
            };
            if !transfer.is_placed() {
                self.end_transfer(carrier, attempt, now);
            } else if transfer.end_leg() {
                // Its end is reported.
                carrier.end_transfer(attempt, now.wall);
            }
        }
    }

    /// Ends a transfer for which nobody was called, or of which nobody says anything: the script goes on.
    pub(super) fn end_transfer(&mut self, carrier: &dyn Carrier, attempt: AttemptId, now: Present) {
        let Some(call) = self.calls.get_mut(&attempt).filter(|call| call.transfer.is_some()) else { return };
        let was_placed = call.transfer.as_ref().is_some_and(Transfer::is_placed);
        let class = if was_placed { OutcomeClass::NoAnswer } else { OutcomeClass::NotSent };
        call.end_legs(class, now.wall);
        self.forget_transfer(attempt);
        carrier.end_transfer(attempt, now.wall);
    }

    /// Forgets a call's transfer, which is over, and frees its channel.
    pub(super) fn forget_transfer(&mut self, attempt: AttemptId) {
        self.transferring.remove(&attempt);
        let Some(transfer) = self.calls.get_mut(&attempt).and_then(|call| call.transfer.take()) else {
            return;
        };
        if let Some(waiting) = self.legs_waiting.get_mut(&transfer.line()) {
            waiting.retain(|waiting| *waiting != attempt);
        }
        if transfer.has_channel() {
            self.free_channel(transfer.line());
        }
    }

    pub(super) fn free_channel(&mut self, line: LineId) {
        if let Some(used) = self.lines.get_mut(&line) {
            used.under_way = used.under_way.saturating_sub(1);
        }
    }

    /// Places the legs that wait, before the calls that do.
    pub(super) fn place_legs(&mut self, carrier: &dyn Carrier, now: Present) {
        let lines: Vec<LineId> = self.legs_waiting.keys().copied().collect();
        for line in lines {
            while let Some(attempt) = self.next_leg(line, now) {
                self.place_leg(carrier, line, attempt, now);
            }
        }
        self.legs_waiting.retain(|_, waiting| !waiting.is_empty());
    }

    fn next_leg(&mut self, line: LineId, now: Present) -> Option<AttemptId> {
        let next = *self.legs_waiting.get(&line)?.front()?;
        let written = self.calls.get(&next).and_then(|call| Some(call.transfer.as_ref()?.to_place()?.1));
        let is_stale = written.is_none_or(|written| written.after(OLDEST_START).is_over(now));
        let may_start = self.lines.get(&line).is_none_or(|used| used.pace.next_start() <= now.steady);
        (is_stale || may_start).then(|| self.legs_waiting.get_mut(&line)?.pop_front()).flatten()
    }

    fn place_leg(&mut self, carrier: &dyn Carrier, line: LineId, attempt: AttemptId, now: Present) {
        let Some(call) = self.calls.get(&attempt) else { return };
        let Some((_, written)) = call.transfer.as_ref().and_then(Transfer::to_place) else { return };
        let may_start = !call.is_ending() && self.may_start(line, written, now);
        let transfer = self.calls.get_mut(&attempt).and_then(|call| call.transfer.as_mut());
        let order = transfer.as_ref().and_then(|transfer| transfer.to_place()).filter(|_| may_start);
        let is_placed = order.is_some_and(|(order, _)| carrier.place_leg(order, now.wall).is_ok());
        let Some(transfer) = transfer.filter(|_| is_placed) else {
            return self.end_transfer(carrier, attempt, now);
        };
        transfer.place(now);
        if let Some(used) = self.lines.get_mut(&line) {
            used.pace.start(now.steady);
        }
    }
}
