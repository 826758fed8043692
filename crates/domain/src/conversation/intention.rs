//! What a callee wants, in five levels.

use serde::{Deserialize, Serialize};

/// What the callee wants (意向): A (clear interest) to E (other).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Intention {
    /// 有明确意向
    A = 1,
    /// 可能有意向
    B = 2,
    /// 明确拒绝
    C = 3,
    /// 用户在忙
    D = 4,
    /// 其他
    E = 5,
}

impl Intention {
    /// Every level, the best first.
    pub const ALL: [Self; 5] = [Self::A, Self::B, Self::C, Self::D, Self::E];

    /// The ways in which each is written, as faults name them.
    pub const CODES: &'static [&'static str] = &["A", "B", "C", "D", "E", "1", "2", "3", "4", "5"];

    /// The documented number, 1 to 5.
    pub const fn number(self) -> i64 {
        self as i64
    }

    /// Its letter.
    pub const fn letter(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
            Self::D => "D",
            Self::E => "E",
        }
    }

    /// The level of a documented number.
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|intention| intention.number() == number)
    }

    /// Reads a letter, a number, or both as the documents have them.
    ///
    /// ```
    /// use domain::Intention;
    ///
    /// assert_eq!(["A", "a", "1", "1A"].map(Intention::parse), [Some(Intention::A); 4]);
    /// assert_eq!(["", "F", "6", "1B", "A1"].map(Intention::parse), [None; 5]);
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let is_written = |intention: &Self| {
            let (number, letter) = (intention.number().to_string(), intention.letter());
            text == number
                || text.eq_ignore_ascii_case(letter)
                || text.eq_ignore_ascii_case(&format!("{number}{letter}"))
        };
        Self::ALL.into_iter().find(is_written)
    }
}
