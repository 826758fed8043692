//! How often callees spoke, as statistics count it.

/// The most rounds that a result may say a call had.
pub const MOST_ROUNDS: i64 = 10_000;

/// How many rounds a conversation had, in the bands of the documented statistics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RoundsBand {
    /// 1
    One = 1,
    /// 2 to 5
    Few = 2,
    /// 6 to 10
    Several = 3,
    /// 11 to 20
    Many = 4,
    /// More than 20
    Most = 5,
}

impl RoundsBand {
    /// Every band, the fewest rounds first.
    pub const ALL: [Self; 5] = [Self::One, Self::Few, Self::Several, Self::Many, Self::Most];

    /// How each is written, in the same order.
    pub const CODES: &'static [&'static str] = &["1", "2~5", "6~10", "11~20", ">20"];

    /// The band of so many rounds; `None` of a call in which the callee said nothing.
    pub const fn of(rounds: i64) -> Option<Self> {
        match rounds {
            ..=0 => None,
            1 => Some(Self::One),
            2..=5 => Some(Self::Few),
            6..=10 => Some(Self::Several),
            11..=20 => Some(Self::Many),
            21.. => Some(Self::Most),
        }
    }

    /// Its place in [`RoundsBand::ALL`], counted from 1.
    pub const fn number(self) -> i64 {
        self as i64
    }

    /// The band that is written so.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().zip(Self::CODES).find(|(_, known)| **known == code).map(|(band, _)| band)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_of_rounds_has_one_band() {
        let bands = [-1, 0, 1, 2, 5, 6, 10, 11, 20, 21, i64::MAX]
            .map(|rounds| RoundsBand::of(rounds).map_or(0, RoundsBand::number));
        assert_eq!(bands, [0, 0, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
        assert_eq!(RoundsBand::from_code(">20"), Some(RoundsBand::Most));
        assert_eq!(RoundsBand::from_code("3"), None);
    }
}
