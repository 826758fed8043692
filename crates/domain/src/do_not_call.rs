//! Do not call: numbers that an account must not call, nor any of its sub-users.

use jiff::Timestamp;

use crate::{FaultRule, legible_within};

/// The most entries that an account may have.
pub const MAXIMUM_DO_NOT_CALL: i64 = 1_000_000;

/// The most entries that are added at once.
pub const MOST_DO_NOT_CALL_AT_ONCE: usize = 1_000;

/// The most bytes of a file of entries.
pub const LARGEST_DO_NOT_CALL_FILE: usize = 10 * 1024 * 1024;

/// The most rows of a file of entries.
pub const MOST_DO_NOT_CALL_ROWS: usize = 100_000;

/// The most characters of the reason of an entry.
pub const DO_NOT_CALL_REASON_CHARACTERS: usize = 200;

/// The most characters of the source of an entry.
pub const DO_NOT_CALL_SOURCE_CHARACTERS: usize = 64;

/// A number that is not called. Its `Debug` form shows no digits.
#[derive(Clone, PartialEq, Eq)]
pub struct DoNotCallEntry {
    /// E.164, without the plus.
    pub number: i64,
    /// Why.
    pub reason: Option<String>,
    /// Where it comes from.
    pub source: String,
    /// Until when it holds; `None`: for good.
    pub until: Option<Timestamp>,
}

impl std::fmt::Debug for DoNotCallEntry {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("DoNotCallEntry").field("until", &self.until).finish_non_exhaustive()
    }
}

impl DoNotCallEntry {
    /// Whether it holds at an instant: up to `until`, which is not included.
    pub fn holds_at(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

/// An entry as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDoNotCall {
    /// The entry.
    pub entry: DoNotCallEntry,
    /// When it was added, or last changed.
    pub created_at: Timestamp,
}

/// Checks the reason of an entry: `None` when it says nothing.
///
/// # Errors
/// The rule it breaks.
pub fn check_reason(text: &str) -> Result<Option<String>, FaultRule> {
    checked(text, DO_NOT_CALL_REASON_CHARACTERS)
}

/// Checks where an entry comes from: `None` when it says nothing.
///
/// # Errors
/// The rule it breaks.
pub fn check_source(text: &str) -> Result<Option<String>, FaultRule> {
    checked(text, DO_NOT_CALL_SOURCE_CHARACTERS)
}

fn checked(text: &str, most: usize) -> Result<Option<String>, FaultRule> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    legible_within(text, most).map(|()| Some(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_holds_up_to_its_end() {
        let instant = |second| Timestamp::from_second(second).unwrap();
        let entry =
            |until| DoNotCallEntry { number: 8_613_800_000_000, reason: None, source: String::new(), until };
        assert!(entry(None).holds_at(Timestamp::MAX));
        assert!(
            entry(Some(instant(10))).holds_at(instant(9)) && !entry(Some(instant(10))).holds_at(instant(10))
        );
        assert!(!format!("{:?}", entry(None)).contains("138"));
    }

    #[test]
    fn texts_are_short_and_legible() {
        assert_eq!(check_reason(" 客户要求 "), Ok(Some("客户要求".to_owned())));
        assert_eq!(
            (check_source(" "), check_source(&"x".repeat(65))),
            (Ok(None), Err(FaultRule::TooLong(64)))
        );
        assert_eq!(check_reason("a\u{7}"), Err(FaultRule::ControlCharacter));
    }
}
