//! What is stated of a person's stop or override: why, and by whom.

use serde::{Deserialize, Serialize};

use crate::{FaultRule, Name, TokenId, legible_within};

/// The most characters of a stated reason.
pub const REASON_CHARACTERS: usize = 200;

/// Why someone does something that others ask about, such as a stop or an override, in their words: 1 to 200 characters that can be seen, in one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StatedReason(String);

impl StatedReason {
    /// Checks a reason.
    ///
    /// # Errors
    /// The rule it breaks.
    pub fn parse(text: &str) -> Result<Self, FaultRule> {
        if text.trim().is_empty() {
            return Err(FaultRule::Empty);
        }
        legible_within(text, REASON_CHARACTERS).map(|()| Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SetBy {
    /// The operator at the command line.
    CommandLine,
    /// Whoever holds this token, by the name that it had.
    Token(TokenId, Name),
}

impl SetBy {
    /// The name of the token; `None`: the command line.
    pub fn token_name(&self) -> Option<&str> {
        match self {
            Self::CommandLine => None,
            Self::Token(_, name) => Some(name.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_a_line_that_can_be_read() {
        assert_eq!(StatedReason::parse("投诉").unwrap().as_str(), "投诉");
        assert_eq!(StatedReason::parse(" "), Err(FaultRule::Empty));
        assert_eq!(StatedReason::parse("a\nb"), Err(FaultRule::ControlCharacter));
        assert_eq!(StatedReason::parse("a\u{200b}b"), Err(FaultRule::InvisibleCharacter));
        assert!(StatedReason::parse(&"长".repeat(200)).is_ok());
        assert_eq!(StatedReason::parse(&"长".repeat(201)), Err(FaultRule::TooLong(200)));
    }
}
