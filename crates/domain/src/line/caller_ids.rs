//! The numbers that callees see of a line's calls.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{FaultRule, LineRule};

/// The most numbers of one line.
pub const MAXIMUM_CALLER_IDS: usize = 1_000;

/// How the caller's number of a call is chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallerIdPolicy {
    /// Always the first.
    #[default]
    Fixed,
    /// Each in turn.
    RoundRobin,
    /// A callee sees the same one each time.
    SameForCallee,
}

/// The numbers that a line's calls come from, and how one is chosen. None: the line's From user stands there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallerIds {
    /// How one is chosen.
    pub policy: CallerIdPolicy,
    /// Each once, at most [`MAXIMUM_CALLER_IDS`].
    pub numbers: Vec<CallerNumber>,
}

/// A number that a callee is shown: E.164, or what the carrier wants in its place. Its `Debug` form shows none of it.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CallerNumber(String);

impl CallerNumber {
    /// Reads 1 to 32 letters, digits and `+`, `#`, `.`, `_`, `-`. No `*`, which stands in numbers that are shown masked.
    ///
    /// # Errors
    /// [`LineRule::CallerNumber`].
    pub fn parse(text: &str) -> Result<Self, FaultRule> {
        let is_good = |byte: u8| byte.is_ascii_alphanumeric() || b"+#._-".contains(&byte);
        if (1..=32).contains(&text.len()) && text.bytes().all(is_good) {
            Ok(Self(text.to_owned()))
        } else {
            Err(FaultRule::Line(LineRule::CallerNumber))
        }
    }

    /// The number as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for CallerNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("CallerNumber(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_callers_number_is_what_a_carrier_can_want_and_is_not_shown_by_debug() {
        for good in ["+862161234567", "02161234567", "1001", "sales-1"] {
            let number = CallerNumber::parse(good).unwrap();
            assert!(!format!("{number:?}").contains(good));
        }
        for bad in ["", "021 6123", "138****0000", "a@b", "中国", "a\nb", &"1".repeat(33)] {
            assert!(CallerNumber::parse(bad).is_err(), "{bad}");
        }
    }
}
