//! The circuit breaker of a line: when calls fail by the line's fault again and again, nothing more starts over it for a while, then
//! one call tries whether it is well again.

use std::{collections::VecDeque, time::Duration};

use domain::OutcomeClass;

/// So many faults in a row open it.
const IN_A_ROW: usize = 20;

/// Over how many of the last calls faults are counted; more than half of them open it.
const LAST_CALLS: usize = 50;

/// How long it stays open first, and at most; twice as long each time the line is not well yet.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_mins(5);

/// Says whether calls may start over a line, as far as its health goes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Breaker {
    /// Whether each of the last calls failed by the line's fault.
    last: VecDeque<bool>,
    open: Option<Open>,
}

#[derive(Clone, Copy, Debug)]
struct Open {
    pause: Duration,
    /// When one call may try.
    probe_at: Duration,
    is_probing: bool,
}

/// A change that somebody should know of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turned {
    /// Nothing starts over the line any more; its last call ended so.
    Down(OutcomeClass),
    /// Calls start again.
    Up,
}

impl Breaker {
    /// How many of `wanted` calls may start now: all, one to try the line, or none.
    pub(crate) fn room(&self, wanted: usize, now: Duration) -> usize {
        match self.open {
            None => wanted,
            Some(open) if !open.is_probing && open.probe_at <= now => wanted.min(1),
            Some(_) => 0,
        }
    }

    /// Whether it is open.
    pub(crate) const fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// When the line is tried next, if it is down and not being tried now.
    pub(crate) fn next_probe(&self) -> Option<Duration> {
        self.open.filter(|open| !open.is_probing).map(|open| open.probe_at)
    }

    /// Notes that a call starts. Says whether it is the one that tries a line that is down.
    pub(crate) const fn start(&mut self) -> bool {
        if let Some(open) = &mut self.open {
            open.is_probing = true;
        }
        self.open.is_some()
    }

    /// Notes how a call went. One that never left says nothing of the line; while it is down, only the one that tries it does.
    pub(crate) fn end(&mut self, class: OutcomeClass, was_probe: bool, now: Duration) -> Option<Turned> {
        if self.open.is_some() && !was_probe {
            return None;
        }
        let failed = match class {
            OutcomeClass::LineFailure
            | OutcomeClass::Throttled
            | OutcomeClass::Configuration
            | OutcomeClass::Blocked => true,
            OutcomeClass::NotSent
            | OutcomeClass::Cancelled
            | OutcomeClass::DoNotCall
            | OutcomeClass::BotFailed => {
                return self.end_of_probe(now);
            }
            _ => false,
        };
        if self.last.len() == LAST_CALLS {
            self.last.pop_front();
        }
        self.last.push_back(failed);
        match (self.open, failed) {
            (Some(open), true) => self.stay_open(open, now),
            (Some(_), false) => Some(self.close()),
            (None, true) => self.open_if_needed(class, now),
            (None, false) => None,
        }
    }

    /// A probe that said nothing is made again at once.
    const fn end_of_probe(&mut self, now: Duration) -> Option<Turned> {
        if let Some(open) = &mut self.open {
            open.is_probing = false;
            open.probe_at = now;
        }
        None
    }

    fn stay_open(&mut self, open: Open, now: Duration) -> Option<Turned> {
        let pause = open.pause.saturating_mul(2).min(LONGEST_PAUSE);
        self.open = Some(Open { pause, probe_at: now.saturating_add(pause), is_probing: false });
        None
    }

    fn close(&mut self) -> Turned {
        *self = Self::default();
        Turned::Up
    }

    fn open_if_needed(&mut self, class: OutcomeClass, now: Duration) -> Option<Turned> {
        let in_a_row = self.last.iter().rev().take_while(|failed| **failed).count();
        let failed = self.last.iter().filter(|failed| **failed).count();
        let is_bad = IN_A_ROW <= in_a_row || (self.last.len() == LAST_CALLS && failed * 2 > LAST_CALLS);
        is_bad.then(|| {
            self.open = Some(Open {
                pause: FIRST_PAUSE,
                probe_at: now.saturating_add(FIRST_PAUSE),
                is_probing: false,
            });
            Turned::Down(class)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAILED: OutcomeClass = OutcomeClass::LineFailure;

    fn fail_often(breaker: &mut Breaker) {
        for _ in 0..IN_A_ROW {
            breaker.end(FAILED, false, Duration::ZERO);
        }
    }

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn twenty_in_a_row_open_it_and_one_good_call_closes_it() {
        let mut breaker = Breaker::default();
        for _ in 0..19 {
            assert_eq!(breaker.end(FAILED, false, seconds(1)), None);
        }
        assert_eq!(breaker.end(FAILED, false, seconds(1)), Some(Turned::Down(FAILED)));
        assert_eq!(breaker.end(OutcomeClass::Answered, false, seconds(2)), None, "a call of before");
        assert_eq!((breaker.room(7, seconds(5)), breaker.room(7, seconds(6))), (0, 1));
        assert!(breaker.start());
        assert_eq!(breaker.room(7, seconds(7)), 0, "one call tries");
        assert_eq!(breaker.end(FAILED, true, seconds(7)), None);
        assert_eq!((breaker.room(7, seconds(16)), breaker.room(7, seconds(17))), (0, 1), "ten seconds later");
        assert!(breaker.start());
        assert_eq!(breaker.end(OutcomeClass::Busy, true, seconds(20)), Some(Turned::Up));
        assert_eq!(breaker.room(7, seconds(20)), 7);
    }

    #[test]
    fn more_than_half_of_the_last_fifty_open_it() {
        let mut breaker = Breaker::default();
        let mut turned = Vec::new();
        for call in 0..100 {
            let class = if call % 25 < 13 { FAILED } else { OutcomeClass::Answered };
            turned.extend(breaker.end(class, false, seconds(call)).map(|turned| (call, turned)));
        }
        assert_eq!(turned.first().map(|(_, turned)| *turned), Some(Turned::Down(FAILED)));
        let mut well = Breaker::default();
        assert!((0..500).all(|call| {
            let class = if call % 2 == 0 { FAILED } else { OutcomeClass::Answered };
            well.end(class, false, seconds(call)).is_none()
        }));
    }

    #[test]
    fn the_pause_grows_to_five_minutes_and_no_further() {
        let mut breaker = Breaker::default();
        fail_often(&mut breaker);
        let mut now = Duration::ZERO;
        let mut pauses = Vec::new();
        for _ in 0..9 {
            let probe = breaker.next_probe().unwrap();
            pauses.push(probe.saturating_sub(now).as_secs());
            now = probe;
            breaker.start();
            breaker.end(FAILED, true, now);
        }
        assert_eq!(pauses, [5, 10, 20, 40, 80, 160, 300, 300, 300]);
    }

    #[test]
    fn a_probe_that_never_left_says_nothing() {
        let mut breaker = Breaker::default();
        fail_often(&mut breaker);
        breaker.start();
        assert_eq!(breaker.end(OutcomeClass::NotSent, true, seconds(5)), None);
        assert_eq!(breaker.room(1, seconds(5)), 1);
    }
}
