//! What may be asked of a call that is under way.

use serde::{Deserialize, Serialize};

use crate::{FaultRule, PromptId, ScriptRule, StepLabel, TransferStep};

/// The most digits that are sent at once.
pub const MOST_SENT_DIGITS: usize = 64;

/// Something asked of a call that is under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum CallInstruction {
    /// End it.
    HangUp {
        /// Whether its bot asks: then the script has ended it.
        by_bot: bool,
    },
    /// Leave what is under way, and connect the callee with someone else. The call ends if nobody answers there.
    Transfer {
        /// With whom.
        to: Box<TransferStep>,
    },
    /// Play a prompt, in place of what is played now, and before what a bot says.
    Play {
        /// Which.
        prompt: PromptId,
    },
    /// Send digits to the callee's side.
    SendDigits {
        /// Which.
        digits: SentDigits,
    },
    /// Leave what is under way for another step of the script.
    GoTo {
        /// Which.
        step: StepLabel,
    },
}

/// Digits to be sent in a call: 1 to [`MOST_SENT_DIGITS`] of 0-9, `*`, `#`, A-D and `,`, which is a pause of a second. Its `Debug` form shows
/// none.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SentDigits(String);

impl SentDigits {
    /// Checks digits.
    ///
    /// # Errors
    /// The rule they break.
    pub fn parse(text: &str) -> Result<Self, FaultRule> {
        let is_good = |byte: u8| byte.is_ascii_digit() || b"*#ABCD,".contains(&byte);
        let is_right = (1..=MOST_SENT_DIGITS).contains(&text.len()) && text.bytes().all(is_good);
        if is_right { Ok(Self(text.to_owned())) } else { Err(FaultRule::Script(ScriptRule::SentDigits)) }
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for SentDigits {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SentDigits(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_keys_and_pauses() {
        for good in ["1", "0123456789*#ABCD", ",,1", &"1".repeat(64)] {
            assert!(SentDigits::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "a", "1 2", "+86", &"1".repeat(65)] {
            assert!(SentDigits::parse(bad).is_err(), "{bad}");
        }
    }
}
