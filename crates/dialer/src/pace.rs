//! Pace: how soon calls may follow each other, on a line and in a task.

use std::{collections::VecDeque, time::Duration};

use domain::between_starts;

/// How much of what a start came late the next ones make up for. Rounds of calls may be this far apart.
const MADE_UP_FOR: Duration = Duration::from_millis(10);

const SECOND: Duration = Duration::from_secs(1);

/// Starts on a line are this far apart. One that comes late by a little does not hold up those behind it, but in no second are there more than
/// the rate says. It begins as if a start had just been made, so that a program that starts again does not go too fast.
#[derive(Clone, Debug)]
pub(crate) struct StartPace {
    apart: Duration,
    /// How many starts there may be in any second.
    most: usize,
    /// When the next start may be, as far as the distance goes.
    next: Duration,
    /// The starts of the last second, in order.
    recent: VecDeque<Duration>,
}

impl StartPace {
    /// A pace of so many thousandths of a start a second, which is not zero.
    pub(crate) fn new(rate: i64, now: Duration) -> Self {
        let apart = between_starts(rate).unsigned_abs();
        Self { apart, most: most_in_a_second(rate), next: now.saturating_add(apart), recent: VecDeque::new() }
    }

    /// Takes another rate from now on.
    pub(crate) fn set_rate(&mut self, rate: i64) {
        let apart = between_starts(rate).unsigned_abs();
        self.next = self.next.saturating_sub(self.apart).saturating_add(apart);
        (self.apart, self.most) = (apart, most_in_a_second(rate));
    }

    /// When the next start may be.
    pub(crate) fn next_start(&self) -> Duration {
        let full_with = self.recent.len().checked_sub(self.most).and_then(|place| self.recent.get(place));
        self.next.max(full_with.map_or(Duration::ZERO, |start| start.saturating_add(SECOND)))
    }

    /// Notes a start.
    pub(crate) fn start(&mut self, now: Duration) {
        self.next = self.next.max(now.saturating_sub(self.lateness())).saturating_add(self.apart);
        while self.recent.front().is_some_and(|start| start.saturating_add(SECOND) <= now) {
            self.recent.pop_front();
        }
        self.recent.push_back(now);
    }

    /// How many starts there may be from now up to an instant: what was not started while nothing was to be called is not made up for.
    pub(crate) fn starts_until(&self, until: Duration, now: Duration) -> usize {
        let first = self.next_start().max(now.saturating_sub(self.lateness()));
        let Some(span) = until.checked_sub(first) else { return 0 };
        let more = span.as_nanos().checked_div(self.apart.as_nanos()).unwrap_or(0);
        usize::try_from(more).unwrap_or(usize::MAX).saturating_add(1)
    }

    /// Slow lines keep their distance to the letter: little is lost there.
    fn lateness(&self) -> Duration {
        if self.apart > MADE_UP_FOR { Duration::ZERO } else { MADE_UP_FOR }
    }
}

/// At least one, for a start in several seconds is one in some second.
fn most_in_a_second(rate: i64) -> usize {
    usize::try_from(rate.unsigned_abs().div_ceil(1_000)).unwrap_or(usize::MAX).max(1)
}

/// The pace of a task: seconds between its starts, and pauses after its calls. Both are asked for by what the task says then, so that an edit
/// holds at once.
#[derive(Clone, Debug, Default)]
pub(crate) struct TaskPace {
    /// For when the last attempt was written down.
    last_start: Option<Duration>,
    /// When the last call was placed, which the line may have held up.
    last_placed: Option<Duration>,
    /// When the calls ended whose slots may rest.
    ends: VecDeque<Duration>,
}

impl TaskPace {
    /// Notes a start, of whichever node.
    pub(crate) fn start(&mut self, at: Duration) {
        self.last_start = self.last_start.max(Some(at));
    }

    /// Notes that a call was placed.
    pub(crate) fn place(&mut self, now: Duration) {
        self.last_placed = Some(now);
        self.start(now);
    }

    /// When the next call may be placed.
    pub(crate) fn next_placed(&self, interval: Duration) -> Duration {
        self.last_placed.map_or(Duration::ZERO, |last| last.saturating_add(interval))
    }

    /// Notes the end of a call, whose slot rests for a while.
    pub(crate) fn end(&mut self, now: Duration, pause: Duration) {
        if !pause.is_zero() {
            self.ends.push_back(now);
        }
    }

    /// Whether a call may start by an instant as far as the interval goes.
    pub(crate) fn may_start(&self, by: Duration, interval: Duration) -> bool {
        self.last_start.is_none_or(|last| last.saturating_add(interval) <= by)
    }

    /// How many slots rest.
    pub(crate) fn resting(&mut self, now: Duration, pause: Duration) -> usize {
        self.ends.retain(|end| now < end.saturating_add(pause));
        self.ends.len()
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
                while pace.next_start() <= now {
                    prop_assert!(pace.starts_until(now, now) > 0);
                    pace.start(now);
                    starts.push(now);
                }
                prop_assert_eq!(pace.starts_until(now, now), 0);
            }
            let most = usize::try_from(rate.unsigned_abs().div_ceil(1_000)).unwrap();
            for (place, start) in starts.iter().enumerate() {
                let in_second = starts[place..].iter().take_while(|at| **at < *start + Duration::from_secs(1)).count();
                prop_assert!(in_second <= most.max(1));
            }
        }
    }

    #[test]
    fn a_start_that_is_a_little_late_holds_up_no_other() {
        let mut pace = StartPace::new(500_000, Duration::ZERO);
        let mut starts = 0;
        for now in (0..10_000).step_by(7).map(Duration::from_millis) {
            while pace.next_start() <= now {
                pace.start(now);
                starts += 1;
            }
        }
        assert!((4_950..=5_000).contains(&starts), "{starts}");
    }

    #[test]
    fn a_rate_that_is_another_for_a_moment_lets_no_second_have_more_starts() {
        let mut pace = StartPace::new(200_000, Duration::ZERO);
        let mut starts: Vec<Duration> = Vec::new();
        for now in (0..3_000).step_by(7).map(Duration::from_millis) {
            if now.as_millis() % 490 == 0 {
                pace.set_rate(1_000);
                pace.set_rate(200_000);
            }
            while pace.next_start() <= now {
                pace.start(now);
                starts.push(now);
            }
        }
        let most = |from: &Duration| starts.iter().filter(|at| from <= *at && **at < *from + SECOND).count();
        assert!(starts.len() > 500 && starts.iter().all(|from| most(from) <= 200), "{}", starts.len());
    }

    const AHEAD: Duration = Duration::from_millis(75);

    #[test]
    fn after_a_long_pause_starts_do_not_come_in_a_heap() {
        let mut pace = StartPace::new(500_000, Duration::ZERO);
        let late = Duration::from_mins(1);
        let mut at_once = 0;
        while pace.next_start() <= late {
            pace.start(late);
            at_once += 1;
        }
        assert_eq!(at_once, 6, "what is due in ten milliseconds, and one");
        let soon = |rate| StartPace::new(rate, Duration::ZERO).starts_until(late + AHEAD, late);
        assert_eq!([500, 2_000, 20_000, 500_000].map(soon), [1, 1, 2, 43], "what can be placed by then");
    }

    #[test]
    fn fractions_of_a_call_a_second_are_seconds_between_calls() {
        let pace = StartPace::new(500, Duration::from_secs(10));
        assert_eq!(pace.next_start(), Duration::from_secs(12));
        assert_eq!(pace.starts_until(Duration::from_secs(16), Duration::from_secs(10)), 3);
    }

    #[test]
    fn a_slot_rests_after_its_call() {
        let mut pace = TaskPace::default();
        pace.end(Duration::from_secs(5), Duration::from_secs(3));
        let resting = |pace: &mut TaskPace, at, pause| {
            pace.resting(Duration::from_secs(at), Duration::from_secs(pause))
        };
        assert_eq!((resting(&mut pace, 7, 3), resting(&mut pace, 7, 9)), (1, 1));
        assert_eq!(resting(&mut pace, 7, 2), 0, "the task was given a shorter pause");
        pace.start(Duration::from_secs(8));
        let may_start = |at, interval| pace.may_start(Duration::from_secs(at), Duration::from_secs(interval));
        assert!(!may_start(9, 2) && may_start(10, 2) && may_start(9, 1) && !may_start(100, u64::MAX));
    }
}
