//! The present by two clocks: the wall's, which can be set, and a steady one, which only goes on. What must not happen after a
//! deadline does not happen once either says that it has come.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// Measures time that nobody can set, and goes on while the machine sleeps.
pub trait SteadyClock: Send + Sync {
    /// Since some instant of the past, always the same.
    fn elapsed(&self) -> Duration;
}

/// The present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Present {
    /// By the wall's clock.
    pub wall: Timestamp,
    /// By the steady one.
    pub steady: Duration,
}

/// An instant that has come as soon as one of the clocks says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Deadline {
    wall: Timestamp,
    steady: Duration,
}

impl Present {
    /// A deadline at an instant of the wall's clock, as it goes now.
    pub(crate) fn deadline(self, at: Timestamp) -> Deadline {
        Deadline { wall: at, steady: self.steady_at(at) }
    }

    /// What the steady clock shows, or showed, at an instant of the wall's clock, as that goes now.
    pub(crate) fn steady_at(self, at: Timestamp) -> Duration {
        let left = at.duration_since(self.wall);
        if left.is_negative() {
            self.steady.saturating_sub(left.unsigned_abs())
        } else {
            self.steady.saturating_add(left.unsigned_abs())
        }
    }

    /// A deadline so long from now.
    pub(crate) fn after(self, span: SignedDuration) -> Deadline {
        self.deadline(self.wall.saturating_add(span).unwrap_or(Timestamp::MAX))
    }
}

impl Deadline {
    /// Whether it has come.
    pub(crate) fn is_over(&self, now: Present) -> bool {
        self.wall <= now.wall || self.steady <= now.steady
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_holds_by_whichever_clock_comes_first() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let now = Present { wall: at(100), steady: Duration::from_secs(7) };
        let deadline = now.after(SignedDuration::from_secs(10));
        let moment = |wall, steady| Present { wall: at(wall), steady: Duration::from_secs(steady) };
        assert!(!deadline.is_over(now) && !deadline.is_over(moment(109, 16)));
        assert!(deadline.is_over(moment(110, 8)), "the clock was set forward");
        assert!(deadline.is_over(moment(50, 17)), "the clock was set back");
        assert!(now.deadline(at(90)).is_over(now));
    }
}
