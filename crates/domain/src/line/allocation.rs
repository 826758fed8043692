//! Allocations (分配): a user's share of a line, until a deadline.

use jiff::Timestamp;

use crate::{AccountId, FaultRule, LineAllocationId, LineId, LineRule};

/// The most calls at once of one allocation.
pub const MAXIMUM_CONCURRENCY: i64 = 10_000;

/// The most scripts that may be bound to one allocation.
pub const MAXIMUM_BOUND_SCRIPTS: usize = 1_000;

/// What is paid for a line, in millionths of the partner's currency: 0 to 1,000,000 of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AllocationPrice(i64);

impl AllocationPrice {
    /// How many digits there may be after the point.
    pub const DECIMALS: u32 = 6;

    /// Takes a price in millionths.
    ///
    /// # Errors
    /// [`LineRule::Price`].
    pub const fn from_millionths(millionths: i64) -> Result<Self, FaultRule> {
        if 0 <= millionths && millionths <= 1_000_000_000_000 {
            Ok(Self(millionths))
        } else {
            Err(FaultRule::Line(LineRule::Price))
        }
    }

    /// In millionths.
    pub const fn millionths(self) -> i64 {
        self.0
    }
}

/// What a partner decides about an allocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AllocationDraft {
    /// The most calls at once of the user and its sub-users together over the line: 1 to [`MAXIMUM_CONCURRENCY`].
    pub line_concurrency: i64,
    /// From when on nothing starts; `None`: never.
    pub deadline_at: Option<Timestamp>,
    /// What is paid. It has no effect here.
    pub price: AllocationPrice,
}

/// An allocation as it is stored. A user has at most one of a line.
#[derive(Clone, Debug)]
pub struct LineAllocation {
    /// Its id.
    pub id: LineAllocationId,
    /// The line.
    pub line_id: LineId,
    /// The user (主账号), whose sub-users use it too.
    pub user_id: AccountId,
    /// What the partner decides about it.
    pub draft: AllocationDraft,
    /// The scripts that were bound to it; without effect here.
    pub scripts: Vec<i64>,
    /// Since when the user has the line.
    pub begin_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl LineAllocation {
    /// Whether calls may start by it.
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.seconds_left(now) != Some(0)
    }

    /// For how many seconds calls may still start by it, rounded up: 0 after the deadline, `None` without one.
    pub fn seconds_left(&self, now: Timestamp) -> Option<i64> {
        let left = self.draft.deadline_at?.duration_since(now);
        let begun = i64::from(left.subsec_nanos() > 0);
        Some((left.as_secs() + begun).max(0))
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use uuid::Uuid;

    use super::*;

    fn until(deadline_at: Option<Timestamp>) -> LineAllocation {
        LineAllocation {
            id: LineAllocationId::new(11),
            line_id: LineId::new(Uuid::nil()),
            user_id: AccountId::new(Uuid::nil()),
            draft: AllocationDraft { line_concurrency: 1, deadline_at, price: AllocationPrice::default() },
            scripts: Vec::new(),
            begin_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn nothing_starts_from_the_deadline_on() {
        let now = Timestamp::UNIX_EPOCH;
        let left = |nanoseconds| {
            let allocation = until(Some(now + SignedDuration::from_nanos(nanoseconds)));
            (allocation.seconds_left(now), allocation.is_in_force(now))
        };
        assert_eq!(left(31_536_000_000_000_000), (Some(31_536_000), true));
        assert_eq!((left(1), left(0)), ((Some(1), true), (Some(0), false)));
        assert_eq!((left(-1), left(-5_000_000_000)), ((Some(0), false), (Some(0), false)));
        assert_eq!((until(None).seconds_left(now), until(None).is_in_force(now)), (None, true));
    }

    #[test]
    fn a_price_is_nothing_to_a_million() {
        for (millionths, good) in
            [(0, true), (130_000, true), (1_000_000_000_000, true), (-1, false), (1_000_000_000_001, false)]
        {
            assert_eq!(AllocationPrice::from_millionths(millionths).is_ok(), good, "{millionths}");
        }
    }
}
