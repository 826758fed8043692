//! The circuit breaker of a line: when calls fail by the line's fault again and again, nothing more starts over it for a while. Then
//! the line is asked whether it is there, where its carrier can do that, and one call tries whether it is well again.

use std::{collections::VecDeque, time::Duration};

use domain::{LineRecovery, OutcomeClass};

/// So many faults in a row open it.
const IN_A_ROW: usize = 20;

/// Over how many of the last calls faults are counted; more than half of them open it.
const LAST_CALLS: usize = 50;

/// How long it stays open first, and at most; twice as long each time the line is not well yet.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_mins(5);

/// The longest wait for what a line says that was asked. Its carrier has a shorter one.
const ANSWER_PATIENCE: Duration = Duration::from_secs(40);

/// After so many bad answers in a row one call tries the line all the same: some trunks take calls and answer no question.
const MOST_BAD_ANSWERS: u8 = 3;

/// Says whether calls may start over a line, as far as its health goes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Breaker {
    /// Whether each of the last calls failed by the line's fault.
    last: VecDeque<bool>,
    open: Option<Open>,
}

#[derive(Clone, Copy, Debug)]
struct Open {
    /// How the call ended that opened it.
    class: OutcomeClass,
    /// The pause of its own; the line may have asked for a longer one.
    pause: Duration,
    recovery: Recovery,
    bad_answers: u8,
}

/// How far a line that is down has come on its way back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Recovery {
    /// Nothing happens until then.
    Pauses { until: Duration },
    /// It was asked whether it is there; at the latest then that counts as a bad answer.
    IsAsked { until: Duration },
    /// One call may try it.
    MayBeTried,
    /// A call tries it.
    IsTried,
}

impl Recovery {
    /// The same as others are told, and until when the line is left alone.
    pub(crate) const fn told(self) -> (LineRecovery, Option<Duration>) {
        match self {
            Self::Pauses { until } => (LineRecovery::Pauses, Some(until)),
            Self::IsAsked { .. } => (LineRecovery::IsAsked, None),
            Self::MayBeTried => (LineRecovery::MayBeTried, None),
            Self::IsTried => (LineRecovery::IsTried, None),
        }
    }
}

/// A change that somebody should know of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turned {
    /// Nothing starts over the line any more; its last call ended so.
    Down(OutcomeClass),
    /// Calls start again.
    Up,
}

/// How a call went, as far as its line goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CallOverLine {
    /// How it ended.
    pub(crate) class: OutcomeClass,
    /// Whether it tried a line that is down.
    pub(crate) was_trial: bool,
    /// For how long the line wants to be left alone.
    pub(crate) retry_after: Option<Duration>,
}

impl Breaker {
    /// How many of `wanted` calls may start now: all, one to try the line, or none.
    pub(crate) fn room(&self, wanted: usize) -> usize {
        match self.open.map(|open| open.recovery) {
            None => wanted,
            Some(Recovery::MayBeTried) => wanted.min(1),
            Some(_) => 0,
        }
    }

    /// Whether a call may start now that has begun before: it may have gone down since.
    pub(crate) fn lets_start(&self) -> bool {
        self.room(1) > 0
    }

    /// Whether it is open.
    pub(crate) const fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// How the last call ended before it opened; `None`: it is not open.
    pub(crate) fn failing(&self) -> Option<OutcomeClass> {
        self.open.map(|open| open.class)
    }

    /// How far a line that is down has come on its way back; `None`: it is not down.
    pub(crate) fn recovery(&self) -> Option<Recovery> {
        self.open.map(|open| open.recovery)
    }

    /// Whether the line is down and one call may try it now.
    pub(crate) fn may_be_tried(&self) -> bool {
        self.open.is_some_and(|open| open.recovery == Recovery::MayBeTried)
    }

    /// Whether the line is to be asked now whether it is there.
    pub(crate) fn is_to_be_asked(&mut self, now: Duration) -> bool {
        match self.open.map(|open| open.recovery) {
            Some(Recovery::Pauses { until }) => until <= now,
            Some(Recovery::IsAsked { until }) if until <= now => {
                self.note_answer(false, None, now);
                false
            }
            _ => false,
        }
    }

    /// Notes that it was asked.
    pub(crate) const fn note_asked(&mut self, now: Duration) {
        if let Some(open) = &mut self.open {
            open.recovery = Recovery::IsAsked { until: now.saturating_add(ANSWER_PATIENCE) };
        }
    }

    /// Notes that nothing but a call can tell.
    pub(crate) const fn note_unaskable(&mut self) {
        if let Some(open) = &mut self.open {
            open.recovery = Recovery::MayBeTried;
        }
    }

    /// Notes what it said: whether it may take calls, and for how long it wants to be left alone. A line that says that it is there is
    /// not well yet: many say so and refuse each call, so that a single one goes first.
    pub(crate) fn note_answer(&mut self, may_take_calls: bool, retry_after: Option<Duration>, now: Duration) {
        let Some(open) = &mut self.open else { return };
        if !matches!(open.recovery, Recovery::IsAsked { .. }) {
            return;
        }
        open.bad_answers += u8::from(!may_take_calls);
        if may_take_calls || open.bad_answers == MOST_BAD_ANSWERS {
            open.bad_answers = 0;
            open.recovery = Recovery::MayBeTried;
        } else {
            open.pause_longer(retry_after, now);
        }
    }

    /// Notes that a call starts. Says whether it is the one that tries a line that is down.
    pub(crate) const fn start(&mut self) -> bool {
        if let Some(open) = &mut self.open {
            open.recovery = Recovery::IsTried;
        }
        self.open.is_some()
    }

    /// Notes how a call went. One that never left says nothing of the line; while it is down, only the one that tries it does.
    pub(crate) fn end(&mut self, call: CallOverLine, now: Duration) -> Option<Turned> {
        if self.open.is_some() && !call.was_trial {
            return None;
        }
        let failed = match call.class {
            class if class.is_fault_of_line() => true,
            OutcomeClass::NotSent
            | OutcomeClass::Cancelled
            | OutcomeClass::DoNotCall
            | OutcomeClass::BotFailed => {
                // The next call tries the line at once.
                self.note_unaskable();
                return None;
            }
            _ => false,
        };
        if self.last.len() == LAST_CALLS {
            self.last.pop_front();
        }
        self.last.push_back(failed);
        match (&mut self.open, failed) {
            (Some(open), true) => {
                open.pause_longer(call.retry_after, now);
                None
            }
            (Some(_), false) => Some(self.close()),
            (None, true) => self.open_if_needed(call, now),
            (None, false) => None,
        }
    }

    fn close(&mut self) -> Turned {
        *self = Self::default();
        Turned::Up
    }

    /// Whether the last call failed by the line's fault and the one before did not.
    pub(crate) fn has_begun_to_fail(&self) -> bool {
        self.in_a_row() == 1
    }

    /// How many calls failed by the line's fault since the last that did not.
    fn in_a_row(&self) -> usize {
        self.last.iter().rev().take_while(|failed| **failed).count()
    }

    fn open_if_needed(&mut self, call: CallOverLine, now: Duration) -> Option<Turned> {
        let in_a_row = self.in_a_row();
        let failed = self.last.iter().filter(|failed| **failed).count();
        let is_bad = IN_A_ROW <= in_a_row || (self.last.len() == LAST_CALLS && failed * 2 > LAST_CALLS);
        is_bad.then(|| {
            let recovery = pause(FIRST_PAUSE, call.retry_after, now);
            self.open = Some(Open { class: call.class, pause: FIRST_PAUSE, recovery, bad_answers: 0 });
            Turned::Down(call.class)
        })
    }
}

impl Open {
    fn pause_longer(&mut self, retry_after: Option<Duration>, now: Duration) {
        self.pause = self.pause.saturating_mul(2).min(LONGEST_PAUSE);
        self.recovery = pause(self.pause, retry_after, now);
    }
}

/// A pause, which is longer if the line asks for that, up to the longest.
fn pause(own: Duration, retry_after: Option<Duration>, now: Duration) -> Recovery {
    let pause = own.max(retry_after.unwrap_or_default()).min(LONGEST_PAUSE);
    Recovery::Pauses { until: now.saturating_add(pause) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAILED: OutcomeClass = OutcomeClass::LineFailure;

    /// A line whose carrier can ask it, or cannot, and the time.
    #[derive(Default)]
    struct Tested {
        breaker: Breaker,
        now: Duration,
    }

    impl Tested {
        fn down() -> Self {
            let mut tested = Self::default();
            for _ in 0..19 {
                assert_eq!(tested.ends(FAILED), None);
            }
            assert_eq!(tested.ends(FAILED), Some(Turned::Down(FAILED)));
            tested
        }

        fn end(&mut self, class: OutcomeClass, was_trial: bool, retry_after: Option<u64>) -> Option<Turned> {
            let retry_after = retry_after.map(Duration::from_secs);
            self.breaker.end(CallOverLine { class, was_trial, retry_after }, self.now)
        }

        fn ends(&mut self, class: OutcomeClass) -> Option<Turned> {
            self.end(class, false, None)
        }

        fn trial_ends(&mut self, class: OutcomeClass) -> Option<Turned> {
            assert_eq!(self.breaker.room(7), 1, "one call tries");
            assert!(self.breaker.lets_start() && self.breaker.start());
            assert!(!self.breaker.lets_start());
            self.end(class, true, None)
        }

        /// Waits until it is to be asked, and asks it; gives after how many seconds.
        fn asked_after(&mut self) -> u64 {
            let begun = self.now;
            while !self.breaker.is_to_be_asked(self.now) {
                assert_eq!(self.breaker.room(7), 0);
                self.now += Duration::from_secs(1);
            }
            self.breaker.note_asked(self.now);
            assert!(!self.breaker.is_to_be_asked(self.now), "it is asked once");
            self.now.saturating_sub(begun).as_secs()
        }

        fn answers(&mut self, may_take_calls: bool, retry_after: Option<u64>) {
            self.breaker.note_answer(may_take_calls, retry_after.map(Duration::from_secs), self.now);
        }
    }

    #[test]
    fn twenty_in_a_row_open_it_and_one_good_call_closes_it() {
        let mut tested = Tested::down();
        assert_eq!(tested.ends(OutcomeClass::Answered), None, "a call of before");
        assert_eq!(tested.asked_after(), 5);
        tested.breaker.note_unaskable();
        assert_eq!(tested.trial_ends(FAILED), None);
        assert_eq!(tested.asked_after(), 10);
        tested.breaker.note_unaskable();
        assert_eq!(tested.trial_ends(OutcomeClass::Busy), Some(Turned::Up));
        assert_eq!(tested.breaker.room(7), 7);
        assert!(!tested.breaker.is_to_be_asked(Duration::MAX), "nobody asks a line that is well");
    }

    #[test]
    fn more_than_half_of_the_last_fifty_open_it() {
        let mut tested = Tested::default();
        let mut turned = Vec::new();
        for call in 0..100 {
            turned.extend(tested.ends(if call % 25 < 13 { FAILED } else { OutcomeClass::Answered }));
        }
        assert_eq!(turned, [Turned::Down(FAILED)]);
        let mut well = Tested::default();
        assert!((0..500).all(|call| {
            well.ends(if call % 2 == 0 { FAILED } else { OutcomeClass::Answered }).is_none()
        }));
    }

    #[test]
    fn the_pause_grows_to_five_minutes_and_no_further() {
        let mut tested = Tested::down();
        let mut pauses = Vec::new();
        for _ in 0..9 {
            pauses.push(tested.asked_after());
            tested.answers(true, None);
            assert_eq!(tested.trial_ends(FAILED), None, "it answers, and refuses each call");
        }
        assert_eq!(pauses, [5, 10, 20, 40, 80, 160, 300, 300, 300]);
    }

    #[test]
    fn a_line_that_does_not_answer_is_tried_by_every_third_time_alone() {
        let mut tested = Tested::down();
        let mut tried = Vec::new();
        for _ in 0..6 {
            tested.asked_after();
            // One says nothing at all, and its carrier says nothing either.
            tested.now += ANSWER_PATIENCE;
            assert!(!tested.breaker.is_to_be_asked(tested.now));
            tried.push(tested.breaker.may_be_tried());
            if tested.breaker.may_be_tried() {
                tested.trial_ends(FAILED);
            }
        }
        assert_eq!(tried, [false, false, true, false, false, true]);
        tested.answers(true, None);
        assert_eq!(tested.breaker.room(1), 0, "an answer that comes too late");
    }

    #[test]
    fn a_line_is_left_alone_for_as_long_as_it_asks_for_up_to_five_minutes() {
        let mut tested = Tested::default();
        for _ in 0..IN_A_ROW {
            tested.end(OutcomeClass::Throttled, false, Some(30));
        }
        assert_eq!(tested.asked_after(), 30);
        tested.answers(false, Some(90));
        assert_eq!(tested.asked_after(), 90);
        tested.answers(false, Some(1));
        assert_eq!(tested.asked_after(), 20, "its own pauses go on as ever");
        tested.answers(true, None);
        tested.breaker.start();
        tested.end(OutcomeClass::Throttled, true, Some(86_400));
        assert_eq!(tested.asked_after(), 300);
    }

    #[test]
    fn a_call_that_never_left_says_nothing() {
        let mut tested = Tested::down();
        tested.asked_after();
        tested.answers(true, None);
        assert_eq!(tested.trial_ends(OutcomeClass::NotSent), None);
        assert_eq!(tested.breaker.room(7), 1);
    }
}
