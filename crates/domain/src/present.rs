//! The present by two clocks: the wall's, which can be set, and a steady one, which only goes on. What must not happen after a
//! deadline does not happen once either of them says that it has come.

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

impl Present {
    /// A deadline at an instant of the wall's clock, as that goes now.
    #[must_use]
    pub fn deadline(self, at: Timestamp) -> Deadline {
        Deadline { wall: at, steady: self.steady_at(at) }
    }

    /// A deadline so long from now, by both clocks.
    #[must_use]
    pub fn after(self, span: SignedDuration) -> Deadline {
        self.deadline(self.wall.saturating_add(span).unwrap_or(Timestamp::MAX))
    }

    /// A deadline so long from now by the steady clock alone, for what needs nothing but time to pass. A span below zero is none.
    #[must_use]
    pub fn steadily_after(self, span: SignedDuration) -> Deadline {
        let span = Duration::try_from(span).unwrap_or(Duration::ZERO);
        Deadline { steady: self.steady.saturating_add(span), ..Deadline::NEVER }
    }

    /// What the steady clock shows, or showed, at an instant of the wall's clock, as that goes now.
    #[must_use]
    pub fn steady_at(self, at: Timestamp) -> Duration {
        let left = at.duration_since(self.wall);
        if left.is_negative() {
            self.steady.saturating_sub(left.unsigned_abs())
        } else {
            self.steady.saturating_add(left.unsigned_abs())
        }
    }
}

/// An instant that has come as soon as one of the clocks says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline {
    wall: Timestamp,
    steady: Duration,
}

impl Deadline {
    /// What never comes.
    pub const NEVER: Self = Self { wall: Timestamp::MAX, steady: Duration::MAX };

    /// Whichever of the two comes first, by either clock.
    #[must_use]
    pub fn sooner(self, other: Self) -> Self {
        Self { wall: self.wall.min(other.wall), steady: self.steady.min(other.steady) }
    }

    /// Whether it has come.
    #[must_use]
    pub fn is_over(self, now: Present) -> bool {
        self.wall <= now.wall || self.steady <= now.steady
    }

    /// How long it takes by the steady clock.
    #[must_use]
    pub const fn left(self, now: Present) -> Duration {
        self.steady.saturating_sub(now.steady)
    }

    /// Whether the wall's clock can bring it about.
    #[must_use]
    pub fn is_by_wall(self) -> bool {
        self.wall < Timestamp::MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn present(wall: i64, steady: u64) -> Present {
        Present { wall: at(wall), steady: Duration::from_secs(steady) }
    }

    #[test]
    fn a_deadline_holds_by_whichever_clock_comes_first() {
        let now = present(100, 7);
        let deadline = now.after(SignedDuration::from_secs(10));
        assert!(!deadline.is_over(now) && !deadline.is_over(present(109, 16)));
        assert!(deadline.is_over(present(110, 8)), "the clock was set forward");
        assert!(deadline.is_over(present(50, 17)), "the clock was set back");
        assert!(now.deadline(at(90)).is_over(now) && now.deadline(at(100)).is_over(now));
        assert_eq!(deadline.left(present(50, 12)), Duration::from_secs(5));
    }

    #[test]
    fn what_needs_only_time_to_pass_does_not_heed_the_wall() {
        let deadline = present(100, 7).steadily_after(SignedDuration::from_secs(10));
        assert!(!deadline.is_over(present(9999, 16)) && deadline.is_over(present(0, 17)));
        assert!(!deadline.is_by_wall());
        let sooner = deadline.sooner(present(100, 7).deadline(at(103)));
        assert!(sooner.is_by_wall() && sooner.is_over(present(103, 0)) && sooner.is_over(present(0, 10)));
        assert!(!Deadline::NEVER.is_over(present(9999, 9999)));
        assert!(present(100, 7).steadily_after(SignedDuration::from_secs(-1)).is_over(present(100, 7)));
    }
}
