//! What becomes of a number after an attempt: whether that was a try, and when the number is due again.

use calendar::Zone;
use jiff::{SignedDuration, Timestamp};

use crate::{
    AfterTry, AfterUnknown, CallOutcome, NumberState, NumberStatus, OutcomeClass, RedialRule, Tries,
};

/// How long a number waits after the first fault that was ours or the line's; twice as long after each more.
pub const FIRST_PAUSE_AFTER_FAULT: SignedDuration = SignedDuration::from_secs(30);

/// The longest that a number waits after such a fault.
pub const LONGEST_PAUSE_AFTER_FAULT: SignedDuration = SignedDuration::from_mins(30);

/// Which fault in a row counts as a try, so that no number is tried for ever.
pub const FAULTS_OF_A_TRY: i64 = 5;

/// When a number is due that waits for a person to reset it: never.
pub const HELD: Timestamp = Timestamp::MAX;

/// What became of a number so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NumberProgress {
    /// Its status.
    pub status: NumberStatus,
    /// How often it was tried.
    pub tries: i64,
    /// How many attempts in a row have failed by a fault of ours or of the line.
    pub line_failures: i64,
}

/// What a number is after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NumberAfter {
    /// What the attempt is counted as, which the fifth fault in a row changes.
    pub outcome: CallOutcome,
    /// What became of the number so far.
    pub progress: NumberProgress,
    /// What is done with it next.
    pub next: NumberNext,
}

/// What is done with a number after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberNext {
    /// It is called again, at the earliest then.
    Due(Timestamp),
    /// The node that has it calls it over the next line of the same group; should it not get to that, it is due then.
    PassedOn(Timestamp),
    /// Nothing.
    Done,
}

impl NumberAfter {
    /// Where the number is now.
    pub const fn state(&self) -> NumberState {
        match self.next {
            NumberNext::Due(_) => NumberState::Due,
            NumberNext::PassedOn(_) => NumberState::Leased,
            NumberNext::Done => NumberState::Done,
        }
    }

    /// When it is called again, at the earliest; `None`: never.
    pub const fn next_attempt_at(&self) -> Option<Timestamp> {
        match self.next {
            NumberNext::Due(at) | NumberNext::PassedOn(at) => Some(at),
            NumberNext::Done => None,
        }
    }
}

/// By what a number is called again.
#[derive(Clone, Copy, Debug)]
pub struct Redialing<'r> {
    /// The rule.
    pub rule: &'r RedialRule,
    /// The zone of the task's group.
    pub zone: Zone,
    /// How many tries there were on the day of the end, this one included.
    pub tries_today: i64,
}

impl NumberProgress {
    /// What becomes of a number when nobody learnt how its call ended: a try, after which its task may not leave it to the rule.
    pub fn after_unknown(
        self,
        outcome: CallOutcome,
        end: Timestamp,
        redialing: Option<Redialing<'_>>,
        then: AfterUnknown,
    ) -> NumberAfter {
        match then {
            AfterUnknown::ByRule => self.after(outcome, end, redialing),
            AfterUnknown::GiveUp => self.after(outcome, end, None),
            AfterUnknown::Hold => {
                NumberAfter { next: NumberNext::Due(HELD), ..self.after(outcome, end, None) }
            }
        }
    }

    /// What becomes of a number by an attempt that ended at an instant. Without a rule nobody is called again.
    pub fn after(
        self,
        outcome: CallOutcome,
        end: Timestamp,
        redialing: Option<Redialing<'_>>,
    ) -> NumberAfter {
        match outcome.status {
            Some(status) => self.tried(outcome, status, end, redialing),
            None if outcome.class == OutcomeClass::Cancelled => self.again(outcome, end),
            None if self.line_failures + 1 < FAULTS_OF_A_TRY => self.failed(outcome, end),
            None => {
                let counted =
                    CallOutcome { class: OutcomeClass::LineFailure, status: Some(NumberStatus::NoAnswer) };
                self.tried(counted, NumberStatus::NoAnswer, end, redialing)
            }
        }
    }

    fn tried(
        self,
        outcome: CallOutcome,
        status: NumberStatus,
        end: Timestamp,
        redialing: Option<Redialing<'_>>,
    ) -> NumberAfter {
        let tries = self.tries.saturating_add(1);
        let after = redialing.map(|Redialing { rule, zone, tries_today }| {
            rule.after_try(status, Tries { so_far: tries, today: tries_today }, end, zone)
        });
        let next = match after {
            Some(AfterTry::Due(at)) => NumberNext::Due(at),
            Some(AfterTry::Final) | None => NumberNext::Done,
        };
        NumberAfter { outcome, progress: Self { status, tries, line_failures: 0 }, next }
    }

    /// We ended it for a reason that is not the number's: it is called as soon as its task may.
    const fn again(self, outcome: CallOutcome, end: Timestamp) -> NumberAfter {
        NumberAfter { outcome, progress: self, next: NumberNext::Due(end) }
    }

    fn failed(self, outcome: CallOutcome, end: Timestamp) -> NumberAfter {
        let progress = Self { line_failures: self.line_failures.saturating_add(1), ..self };
        NumberAfter { outcome, progress, next: NumberNext::Due(self.after_fault(end)) }
    }

    /// When it is called again after a fault.
    fn after_fault(self, end: Timestamp) -> Timestamp {
        let doubled = u32::try_from(self.line_failures.clamp(0, 16)).map_or(1, |times| 1_i32 << times);
        let pause = FIRST_PAUSE_AFTER_FAULT.saturating_mul(doubled).min(LONGEST_PAUSE_AFTER_FAULT);
        end.saturating_add(pause).unwrap_or(end)
    }

    /// What becomes of a number whose call our own side could not place: it costs no try however often that happens, and waits longer each
    /// time as after any fault.
    pub fn after_own_failure(self, outcome: CallOutcome, end: Timestamp) -> NumberAfter {
        let line_failures = self.line_failures.saturating_add(1).min(FAULTS_OF_A_TRY - 1);
        NumberAfter {
            outcome: CallOutcome { status: None, ..outcome },
            progress: Self { line_failures, ..self },
            next: NumberNext::Due(self.after_fault(end)),
        }
    }

    /// What becomes of a number whose call the next line of a group takes over: the attempt counts no try. Should that line not get to
    /// it, this counts as a fault.
    pub fn passed_on(self, outcome: CallOutcome, end: Timestamp) -> NumberAfter {
        let line_failures = self.line_failures.saturating_add(1).min(FAULTS_OF_A_TRY - 1);
        NumberAfter {
            outcome: CallOutcome { status: None, ..outcome },
            progress: Self { line_failures, ..self },
            next: NumberNext::PassedOn(self.after_fault(end)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NEW: NumberProgress = NumberProgress { status: NumberStatus::Waiting, tries: 0, line_failures: 0 };

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_750_000_000 + second).unwrap()
    }

    fn outcome(class: OutcomeClass) -> CallOutcome {
        CallOutcome { class, status: class.status() }
    }

    fn redialing(rule: &RedialRule) -> Redialing<'_> {
        Redialing { rule, zone: Zone::parse("Asia/Shanghai").unwrap(), tries_today: 1 }
    }

    #[test]
    fn a_try_is_final_without_a_rule_and_due_again_with_one() {
        let after = NEW.after(outcome(OutcomeClass::Busy), at(0), None);
        assert_eq!((after.state(), after.progress.status), (NumberState::Done, NumberStatus::Busy));
        let rule = RedialRule::new(&[8], 10, 1, None).unwrap();
        let first = NEW.after(outcome(OutcomeClass::Busy), at(0), Some(redialing(&rule)));
        assert_eq!(first.next, NumberNext::Due(at(600)));
        let second = first.progress.after(outcome(OutcomeClass::Busy), at(700), Some(redialing(&rule)));
        assert_eq!((second.state(), second.progress.tries), (NumberState::Done, 2));
    }

    #[test]
    fn faults_of_a_line_cost_no_try_until_the_fifth() {
        let mut progress = NEW;
        for pause in [30, 60, 120, 240] {
            let after = progress.after(outcome(OutcomeClass::LineFailure), at(0), None);
            assert_eq!((after.next, after.progress.tries), (NumberNext::Due(at(pause)), 0));
            assert_eq!(after.outcome.status, None);
            progress = after.progress;
        }
        // Whatever the fifth was.
        let last = progress.after(outcome(OutcomeClass::NotSent), at(0), None);
        assert_eq!((last.state(), last.progress.tries), (NumberState::Done, 1));
        assert_eq!(last.outcome.class, OutcomeClass::LineFailure);
        assert_eq!(last.outcome.status, Some(NumberStatus::NoAnswer));
    }

    #[test]
    fn a_call_that_another_line_takes_over_counts_no_try_and_leaves_its_number_with_the_node() {
        let before = NumberProgress { line_failures: 3, ..NEW };
        let after = before.passed_on(outcome(OutcomeClass::InvalidNumber), at(0));
        assert_eq!((after.outcome.status, after.state()), (None, NumberState::Leased));
        assert_eq!(after.next_attempt_at(), Some(at(240)), "as after a fault, should nobody call it");
        let again = after.progress.passed_on(outcome(OutcomeClass::LineFailure), at(0));
        assert_eq!(again.progress.line_failures, 4, "no try by itself");
    }

    #[test]
    fn a_task_says_what_becomes_of_a_number_whose_call_nobody_saw_the_end_of() {
        let rule = RedialRule::new(&[4], 10, 3, None).unwrap();
        let after =
            |then| NEW.after_unknown(outcome(OutcomeClass::Unknown), at(0), Some(redialing(&rule)), then);
        assert_eq!(after(AfterUnknown::ByRule).next, NumberNext::Due(at(600)));
        assert_eq!(after(AfterUnknown::GiveUp).next, NumberNext::Done);
        assert_eq!(after(AfterUnknown::Hold).next, NumberNext::Due(HELD));
        for then in [AfterUnknown::ByRule, AfterUnknown::Hold, AfterUnknown::GiveUp] {
            let NumberProgress { status, tries, .. } = after(then).progress;
            assert_eq!((status, tries), (NumberStatus::NoAnswer, 1));
        }
    }

    #[test]
    fn a_failure_of_our_own_never_costs_a_try() {
        let mut progress = NEW;
        for _ in 0..3 * FAULTS_OF_A_TRY {
            let after = progress.after_own_failure(outcome(OutcomeClass::NotSent), at(0));
            assert_eq!((after.outcome.status, after.state()), (None, NumberState::Due));
            progress = after.progress;
        }
        assert_eq!((progress.tries, progress.status), (0, NumberStatus::Waiting));
    }

    #[test]
    fn what_we_cancel_is_called_as_soon_as_may_be() {
        let after = NEW.after(outcome(OutcomeClass::Cancelled), at(5), None);
        assert_eq!((after.next, after.progress), (NumberNext::Due(at(5)), NEW));
    }

    proptest! {
        #[test]
        fn nothing_goes_on_for_ever(
            classes in proptest::collection::vec(0..3_usize, 1..200), times in 1..5_i64,
        ) {
            let rule = RedialRule::new(&[4, 8], 1, times, None).unwrap();
            let choice = [OutcomeClass::LineFailure, OutcomeClass::Busy, OutcomeClass::NotSent];
            let (mut progress, mut attempts) = (NEW, 0);
            for class in classes {
                attempts += 1;
                let after = progress.after(outcome(choice[class]), at(attempts), Some(redialing(&rule)));
                prop_assert!(after.progress.tries <= times + 1);
                progress = after.progress;
                if after.state() == NumberState::Done { break }
            }
            prop_assert!(attempts <= (times + 1) * FAULTS_OF_A_TRY);
        }
    }
}
