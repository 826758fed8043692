//! Counters of calls are kept by the hour, each with its four quarters. A range of time is counted from the hours that lie in it whole, and from the calls
//! of the two partial hours at its ends.

use std::ops::Range;

use jiff::Timestamp;

/// An hour, in microseconds.
pub const HOUR: i64 = 3_600_000_000;

/// The hour that an instant lies in, counted from 1970 in UTC.
pub fn hour_of(instant: Timestamp) -> i64 {
    instant.as_microsecond().div_euclid(HOUR)
}

/// A quarter of an hour, in microseconds.
pub const QUARTER: i64 = HOUR / 4;

/// Which quarter of its hour an instant lies in, 0 to 3.
pub fn quarter_of(instant: Timestamp) -> usize {
    let within = instant.as_microsecond().rem_euclid(HOUR) / QUARTER;
    usize::try_from(within).unwrap_or(0)
}

/// From an instant up to another, which is not in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstantRange {
    /// The first instant in it.
    pub from: Timestamp,
    /// The first after it.
    pub until: Timestamp,
}

impl InstantRange {
    /// Every instant there is.
    pub const ALL: Self = Self { from: Timestamp::MIN, until: Timestamp::MAX };

    /// What is in both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { from: self.from.max(other.from), until: self.until.min(other.until) }
    }

    /// Whether an instant lies in it.
    pub fn contains(self, instant: Timestamp) -> bool {
        self.from <= instant && instant < self.until
    }

    /// In microseconds.
    pub fn micros(self) -> Range<i64> {
        self.from.as_microsecond()..self.until.as_microsecond()
    }
}

/// A range of time as whole hours and what is left at its ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hours {
    /// The hours that lie in it whole, counted from 1970 in UTC; may be empty.
    pub whole: Range<i64>,
    /// What is left, in microseconds; either may be empty.
    pub ends: [Range<i64>; 2],
}

impl Hours {
    /// Splits a range.
    pub fn of(range: InstantRange) -> Self {
        let Range { start, end } = range.micros();
        let (first, last) = (-(-start).div_euclid(HOUR), end.div_euclid(HOUR));
        if first < last {
            Self { whole: first..last, ends: [start..first * HOUR, last * HOUR..end] }
        } else {
            Self { whole: 0..0, ends: [start..end, 0..0] }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn range(from: i64, until: i64) -> InstantRange {
        let at = |micros| Timestamp::from_microsecond(micros).unwrap();
        InstantRange { from: at(from), until: at(until) }
    }

    #[test]
    fn hours_that_lie_whole_in_a_range_are_told_from_its_ends() {
        let hours = Hours::of(range(HOUR / 2, 3 * HOUR + 7));
        assert_eq!(hours, Hours { whole: 1..3, ends: [HOUR / 2..HOUR, 3 * HOUR..3 * HOUR + 7] });
        assert_eq!(Hours::of(range(5, 9)), Hours { whole: 0..0, ends: [5..9, 0..0] });
        let hours = Hours::of(InstantRange::ALL);
        assert!(hours.whole.contains(&0) && hours.whole.contains(&500_000));
    }

    #[test]
    fn an_hour_has_four_quarters() {
        let quarter = |micros| quarter_of(Timestamp::from_microsecond(micros).unwrap());
        assert_eq!([0, QUARTER - 1, QUARTER, 4 * QUARTER - 1, -1].map(quarter), [0, 0, 1, 3, 3]);
    }

    proptest! {
        #[test]
        fn each_instant_of_a_range_is_counted_once(
            from in -3 * HOUR..3 * HOUR, length in -HOUR..4 * HOUR, instant in -4 * HOUR..8 * HOUR,
        ) {
            let Hours { whole, ends } = Hours::of(range(from, from + length));
            let in_hours = whole.contains(&instant.div_euclid(HOUR));
            let times = i32::from(in_hours) + ends.iter().map(|end| i32::from(end.contains(&instant))).sum::<i32>();
            prop_assert_eq!(times, i32::from((from..from + length).contains(&instant)));
        }
    }
}
