//! The calls of the simulated carrier, as a pure state machine: each has a plan, and what of it has come is reported.

use std::collections::{BTreeMap, HashMap, VecDeque};

use domain::{AttemptId, EndedBy, OnMachine, OutcomeClass, SimulatedCall};
use jiff::{SignedDuration, Timestamp};

use super::{
    answerers::{Plan, answered},
    causes::{cancelled, refusal, rings},
};
use crate::{CallEvent, CallReport, Refused};

/// The calls that are under way.
#[derive(Debug, Default)]
pub(super) struct SimulatedCalls {
    calls: HashMap<AttemptId, PlannedCall>,
    /// The next step of each call, by when it comes; the number keeps steps of one instant in order.
    due: BTreeMap<(Timestamp, u64), AttemptId>,
    steps: u64,
    /// What has happened out of turn, to be reported next: calls that were ended.
    happened: Vec<CallReport>,
}

#[derive(Debug)]
struct PlannedCall {
    plan: Plan,
    next: Option<(Timestamp, u64)>,
    is_answered: bool,
}

/// What comes of a call that starts now. A call whose end nobody learns rings for ever.
pub(super) fn planned(call: &SimulatedCall, on_machine: OnMachine, now: Timestamp) -> Plan {
    let after =
        |seconds: i64| now.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX);
    let end = after(call.ring);
    let mut plan = VecDeque::new();
    if rings(call.class) {
        plan.push_back((now, CallEvent::Ringing));
    }
    match call.class {
        OutcomeClass::Answered => {
            let over = after(call.ring.saturating_add(call.talk));
            plan.extend(answered(call.by, on_machine, end, over));
        }
        OutcomeClass::Unknown => {}
        class => plan.push_back((end, CallEvent::Refused(refusal(class)))),
    }
    plan
}

impl SimulatedCalls {
    pub(super) fn place(&mut self, attempt: AttemptId, plan: Plan) -> Result<(), Refused> {
        if self.calls.contains_key(&attempt) {
            return Err(Refused::UnderWay);
        }
        self.calls.insert(attempt, PlannedCall { plan, next: None, is_answered: false });
        self.schedule(attempt);
        Ok(())
    }

    /// Notes when the next step of a call comes.
    fn schedule(&mut self, attempt: AttemptId) {
        let Some(call) = self.calls.get_mut(&attempt) else { return };
        self.steps += 1;
        call.next = call.plan.front().map(|(at, _)| (*at, self.steps));
        if let Some(next) = call.next {
            self.due.insert(next, attempt);
        }
    }

    fn remove(&mut self, attempt: AttemptId) -> Option<PlannedCall> {
        let call = self.calls.remove(&attempt)?;
        call.next.map(|next| self.due.remove(&next));
        Some(call)
    }

    pub(super) fn end(&mut self, attempt: AttemptId, now: Timestamp) {
        // What was due before has happened before.
        self.advance(now);
        if let Some(call) = self.remove(attempt) {
            let event = if call.is_answered {
                CallEvent::HungUp(EndedBy::Dialtime)
            } else {
                CallEvent::Refused(cancelled())
            };
            self.happened.push(CallReport { attempt, leg: None, at: now, event });
        }
    }

    pub(super) fn reports(&mut self, now: Timestamp) -> Vec<CallReport> {
        self.advance(now);
        std::mem::take(&mut self.happened)
    }

    /// Takes all steps that have come.
    fn advance(&mut self, now: Timestamp) {
        while let Some(entry) = self.due.first_entry().filter(|entry| entry.key().0 <= now) {
            let attempt = entry.remove();
            let Some(call) = self.calls.get_mut(&attempt) else { continue };
            call.next = None;
            let Some((at, event)) = call.plan.pop_front() else { continue };
            call.is_answered |= event == CallEvent::Answered;
            if event.is_end() {
                self.remove(attempt);
            } else {
                self.schedule(attempt);
            }
            self.happened.push(CallReport { attempt, leg: None, at, event });
        }
    }
}
