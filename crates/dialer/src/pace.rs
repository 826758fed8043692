//! Pace: how soon calls may follow each other, on a line and in a task.

use std::{collections::VecDeque, time::Duration};

use domain::between_starts;

/// Starts on a line are this far apart at least. It begins as if one had just been made, so that a program that starts again
/// does not go too fast.
#[derive(Clone, Debug)]
pub(crate) struct StartPace {
    apart: Duration,
    last: Duration,
}

impl StartPace {
    /// A pace of so many thousandths of a start a second, which is not zero.
    pub(crate) fn new(rate: i64, now: Duration) -> Self {
        Self { apart: between_starts(rate).unsigned_abs(), last: now }
    }

    /// Takes another rate from now on.
    pub(crate) fn set_rate(&mut self, rate: i64) {
        self.apart = between_starts(rate).unsigned_abs();
    }

    /// When the next start may be.
    pub(crate) fn next_start(&self) -> Duration {
        self.last.saturating_add(self.apart)
    }

    /// Notes a start.
    pub(crate) fn start(&mut self, now: Duration) {
        self.last = now;
    }

    /// How many starts there may be up to an instant.
    pub(crate) fn starts_until(&self, until: Duration) -> usize {
        let Some(span) = until.checked_sub(self.next_start()) else { return 0 };
        let more = span.as_nanos().checked_div(self.apart.as_nanos()).unwrap_or(0);
        usize::try_from(more).unwrap_or(usize::MAX).saturating_add(1)
    }
}

/// The pace of a task: seconds between its starts, and pauses after its calls.
#[derive(Clone, Debug, Default)]
pub(crate) struct TaskPace {
    /// When the next attempt may be written down for.
    next_start: Duration,
    /// When the next call may be placed, which the line may have held up.
    next_placed: Duration,
    /// When the pauses end of the slots whose calls have ended.
    pauses: VecDeque<Duration>,
}

impl TaskPace {
    /// Notes a start; the next one is so much later, at the earliest.
    pub(crate) fn start(&mut self, at: Duration, interval: Duration) {
        self.wait(at.saturating_add(interval));
    }

    /// Notes that a call was placed; the next one is so much later.
    pub(crate) fn place(&mut self, now: Duration, interval: Duration) {
        self.next_placed = now.saturating_add(interval);
        self.wait(self.next_placed);
    }

    /// When the next call may be placed.
    pub(crate) const fn next_placed(&self) -> Duration {
        self.next_placed
    }

    /// Has nothing start before an instant.
    pub(crate) fn wait(&mut self, until: Duration) {
        self.next_start = self.next_start.max(until);
    }

    /// Notes the end of a call, whose slot rests for a while.
    pub(crate) fn end(&mut self, now: Duration, pause: Duration) {
        if !pause.is_zero() {
            self.pauses.push_back(now.saturating_add(pause));
        }
    }

    /// Whether a call may start by an instant as far as the interval goes.
    pub(crate) fn may_start(&self, by: Duration) -> bool {
        self.next_start <= by
    }

    /// How many slots rest.
    pub(crate) fn resting(&mut self, now: Duration) -> usize {
        self.pauses.retain(|until| now < *until);
        self.pauses.len()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whoever starts as soon as may be makes at most so many starts in any second, and the first not at once.
        #[test]
        fn no_second_has_more_starts_than_the_rate(rate in 1..1_000_000_i64, looks in 1..400_u64) {
            let mut pace = StartPace::new(rate, Duration::ZERO);
            let mut starts = Vec::new();
            let mut now = Duration::ZERO;
            for _ in 0..2_000 {
                now += Duration::from_millis(looks);
                if pace.next_start() <= now {
                    prop_assert!(pace.starts_until(now) > 0);
                    pace.start(now);
                    starts.push(now);
                } else {
                    prop_assert_eq!(pace.starts_until(now), 0);
                }
            }
            let most = usize::try_from(rate.unsigned_abs().div_ceil(1_000)).unwrap();
            for (place, start) in starts.iter().enumerate() {
                let in_second = starts[place..].iter().take_while(|at| **at < *start + Duration::from_secs(1)).count();
                prop_assert!(in_second <= most.max(1));
            }
        }
    }

    #[test]
    fn fractions_of_a_call_a_second_are_seconds_between_calls() {
        let pace = StartPace::new(500, Duration::from_secs(10));
        assert_eq!(pace.next_start(), Duration::from_secs(12));
        assert_eq!(pace.starts_until(Duration::from_secs(16)), 3);
    }

    #[test]
    fn a_slot_rests_after_its_call() {
        let mut pace = TaskPace::default();
        pace.end(Duration::from_secs(5), Duration::from_secs(3));
        assert_eq!((pace.resting(Duration::from_secs(7)), pace.resting(Duration::from_secs(8))), (1, 0));
        pace.start(Duration::from_secs(8), Duration::from_secs(2));
        assert!(!pace.may_start(Duration::from_secs(9)) && pace.may_start(Duration::from_secs(10)));
    }
}
