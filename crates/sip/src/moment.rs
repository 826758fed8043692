//! The present by two clocks, and deadlines that hold by whichever comes to them first: a clock that is set back must not let a phone ring on.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// The present.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TwoClocks {
    /// What a clock on the wall says.
    pub(crate) wall: Timestamp,
    /// How much time has passed since some beginning, whatever that clock says.
    pub(crate) steady: Duration,
}

/// When something is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DueTime {
    wall: Timestamp,
    steady: Duration,
}

impl DueTime {
    /// What is never due.
    pub(crate) const NEVER: Self = Self { wall: Timestamp::MAX, steady: Duration::MAX };

    /// A span from now, by the steady clock: nothing but time has to pass.
    pub(crate) fn after(span: SignedDuration, now: TwoClocks) -> Self {
        let span = Duration::try_from(span).unwrap_or(Duration::ZERO);
        Self { steady: now.steady.saturating_add(span), ..Self::NEVER }
    }

    /// An instant, by both clocks; `None` is never.
    pub(crate) fn at(instant: Option<Timestamp>, now: TwoClocks) -> Self {
        let Some(wall) = instant else { return Self::NEVER };
        let left = Duration::try_from(wall.duration_since(now.wall)).unwrap_or(Duration::ZERO);
        Self { wall, steady: now.steady.saturating_add(left) }
    }

    /// Whichever of the two comes first, by either clock.
    pub(crate) fn sooner(self, other: Self) -> Self {
        Self { wall: self.wall.min(other.wall), steady: self.steady.min(other.steady) }
    }

    /// Whether it has come.
    pub(crate) fn is_over(self, now: TwoClocks) -> bool {
        self.wall <= now.wall || self.steady <= now.steady
    }

    /// How long it takes by the steady clock.
    pub(crate) const fn left(self, now: TwoClocks) -> Duration {
        self.steady.saturating_sub(now.steady)
    }

    /// Whether the clock on the wall can bring it about.
    pub(crate) fn is_by_wall(self) -> bool {
        self.wall < Timestamp::MAX
    }
}
