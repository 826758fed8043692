//! Whether what the network saw is what the oracle allows and asks for.

use std::collections::HashMap;

use domain::{NumberStatus, OutcomeClass, RedialRule};
use jiff::{SignedDuration, Timestamp, ToSpan, tz::TimeZone};
use telephony::TrafficCall;

use super::{
    facts::Stretch,
    world::{OracleWorld, outcome_of},
};

/// How soon a number must be called once it may.
const SOON: SignedDuration = SignedDuration::from_secs(15);

/// How long before a close that was known no phone rings any more, given that time passes in steps of a second.
const SILENT_BEFORE: SignedDuration = SignedDuration::from_secs(1);

/// How soon after an edit that closes no phone rings any more.
const SILENT_AFTER: SignedDuration = SignedDuration::from_secs(2);

/// How long before a close one must have known of it, so that nothing rings then.
const KNOWN_BEFORE: SignedDuration = SignedDuration::from_secs(30);

/// The line's code for a call that we cancelled.
const CANCELLED: u16 = 487;

impl OracleWorld {
    /// Holds all calls against the oracle.
    pub(super) async fn judge(&self) {
        let log = self.world.seen().log;
        let mut by_number: HashMap<i64, Vec<&TrafficCall>> = HashMap::new();
        for call in &log {
            by_number.entry(call.callee).or_default().push(call);
        }
        let mut cancelled = 0;
        for (place, task) in self.tasks.iter().enumerate() {
            let stretches = self.facts.stretches(place, self.end);
            for (number, added_at) in &task.numbers {
                let calls = by_number.remove(number).unwrap_or_default();
                for call in &calls {
                    self.check_call(place, call);
                }
                cancelled += calls.iter().filter(|call| call.code == Some(CANCELLED)).count();
                self.check_turns(place, *added_at, &calls, &stretches);
            }
        }
        assert!(by_number.is_empty(), "nobody else is called: {by_number:?}");
        let records = self.records_of_both().await;
        assert_eq!(records, log.iter().filter(|call| call.ended_at.is_some()).count(), "one record a call");
        let numbers: usize = self.tasks.iter().map(|task| task.numbers.len()).sum();
        eprintln!("{numbers} numbers, {} calls, {cancelled} of them cancelled", log.len());
    }

    /// It may have started when it did, and no phone rings when its task may not dial.
    fn check_call(&self, task: usize, call: &TrafficCall) {
        let facts = &self.facts;
        assert!(facts.is_open(task, call.at, call.at), "task {task} is closed: {call:?}");
        let close = facts.known_close(task, call.at);
        let is_early = close.is_none_or(|close| call.at <= close - SignedDuration::from_secs(22));
        assert!(is_early, "task {task} closes at {close:?}: {call:?}");
        let silent = call.answered_at.or(call.ended_at).unwrap_or(self.end);
        if let Some(close) = close {
            assert!(silent <= close - SILENT_BEFORE, "it rings until the close {close}: {call:?}");
        }
        let mut at = call.at;
        while at <= silent {
            if !facts.is_open(task, at, at) {
                assert!(silent <= at + SILENT_AFTER, "it rings though it is closed since {at}: {call:?}");
                let known = at - KNOWN_BEFORE;
                let was_known = call.at <= known && !facts.is_open(task, at, known);
                assert!(!was_known || silent <= at, "it rings at a close that was known: {call:?}");
                break;
            }
            at += SignedDuration::from_secs(1);
        }
        if call.code == Some(CANCELLED) {
            let near = [silent, silent + SignedDuration::from_secs(2)];
            let is_right = near.iter().any(|at| !facts.is_open(task, *at, silent))
                || close.is_some_and(|close| close <= near[1]);
            assert!(is_right, "it was cancelled though task {task} may dial: {call:?}");
        }
    }

    /// A number is called when it is due and its task may dial, soon, and at no other time.
    fn check_turns(&self, task: usize, added_at: Timestamp, calls: &[&TrafficCall], stretches: &[Stretch]) {
        let zone = TimeZone::get(self.group_zones[self.facts.tasks[task].group]).unwrap();
        let mut number =
            Turn { due: Some(added_at), tries: Vec::new(), zone, rule: self.tasks[task].rule.as_ref() };
        for call in calls {
            let due = number.due.unwrap_or_else(|| panic!("it was done: {call:?} of {calls:?}"));
            assert!(due <= call.at, "it is due at {due}: {call:?} of {calls:?}");
            let latest = latest(due, stretches);
            assert!(
                latest.is_none_or(|latest| call.at <= latest),
                "it could be called by {latest:?}: {call:?}"
            );
            if self.may_be_either(task, call) {
                return;
            }
            number.hear(call, self.class_of(task, call));
        }
        // What is under way at the end has not come to anything.
        if calls.last().is_none_or(|call| call.ended_at.is_some())
            && let Some(latest) = number.due.and_then(|due| latest(due, stretches))
        {
            panic!(
                "a number of task {task} was not called by {latest}, after {calls:?}; due {:?}",
                number.due
            );
        }
    }

    /// What a call counts as; `None`: it is no try.
    fn class_of(&self, task: usize, call: &TrafficCall) -> Option<OutcomeClass> {
        let class = outcome_of(call.callee);
        let has_rung =
            matches!(class, OutcomeClass::Answered | OutcomeClass::NoAnswer | OutcomeClass::Declined);
        let is_held = || self.facts.is_held(task, call.ended_at.unwrap_or(self.end));
        match call.code {
            Some(CANCELLED) if has_rung && is_held() => Some(OutcomeClass::Other),
            Some(CANCELLED) => None,
            _ => Some(class),
        }
    }

    /// Whether a call was cancelled when its task was both about to close and paused or stopped.
    fn may_be_either(&self, task: usize, call: &TrafficCall) -> bool {
        let Some(end) = call.ended_at.filter(|_| call.code == Some(CANCELLED)) else { return false };
        let close = self.facts.known_close(task, call.at);
        self.facts.is_held(task, end)
            && close.is_some_and(|close| close <= end + SignedDuration::from_secs(3))
    }

    /// How many attempts there are at rest.
    async fn records_of_both(&self) -> usize {
        self.world.texts("SELECT '' || count(*) FROM attempts").await[0].parse().unwrap()
    }
}

/// By when a number that is due must have been called.
fn latest(due: Timestamp, stretches: &[Stretch]) -> Option<Timestamp> {
    let first =
        |stretch: &Stretch| Some(stretch.begin.max(due) + SOON).filter(|latest| *latest <= stretch.end);
    stretches.iter().find_map(first)
}

/// A number's way, by the rules alone.
struct Turn<'r> {
    due: Option<Timestamp>,
    /// When each try was begun.
    tries: Vec<Timestamp>,
    zone: TimeZone,
    rule: Option<&'r RedialRule>,
}

impl Turn<'_> {
    fn hear(&mut self, call: &TrafficCall, class: Option<OutcomeClass>) {
        let Some(end) = call.ended_at else { return };
        self.due = match class {
            None => Some(end),
            Some(class) => {
                self.tries.push(call.at);
                self.again(class, end)
            }
        };
    }

    /// When it is called again after a try.
    fn again(&self, class: OutcomeClass, end: Timestamp) -> Option<Timestamp> {
        let status = match class {
            OutcomeClass::Busy => NumberStatus::Busy,
            OutcomeClass::NoAnswer | OutcomeClass::Other => NumberStatus::NoAnswer,
            OutcomeClass::PoweredOff => NumberStatus::PoweredOff,
            OutcomeClass::Declined => NumberStatus::Declined,
            _ => return None,
        };
        let rule = self.rule.filter(|rule| rule.statuses().any(|one| one == status))?;
        if self.tries.len() > usize::try_from(rule.times()).unwrap() {
            return None;
        }
        let due = end + SignedDuration::from_mins(rule.interval());
        let day = |at: Timestamp| self.zone.to_datetime(at).date();
        let today = self.tries.iter().filter(|at| day(**at) == day(end)).count();
        let is_used_up = rule.daily_limit().is_some_and(|limit| today >= usize::try_from(limit).unwrap());
        let tomorrow = day(end).checked_add(1.day()).unwrap().at(0, 0, 0, 0);
        Some(if is_used_up { due.max(self.zone.to_timestamp(tomorrow).unwrap()) } else { due })
    }
}
