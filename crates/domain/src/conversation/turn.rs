//! What one side of a call said before the other went on.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{FaultRule, ResultRule};

/// The most characters of a turn.
pub const TURN_CHARACTERS: usize = 4_000;

/// The most milliseconds that a turn can be after the answer: a day.
pub const LONGEST_OFFSET: i64 = 24 * 60 * 60 * 1_000;

/// Who spoke.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Speaker {
    /// The bot, or a prompt.
    Bot,
    /// Whoever was called.
    Callee,
    /// A person to whom the call was transferred.
    Agent,
}

/// When a turn began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TurnTime {
    /// At this instant.
    At(Timestamp),
    /// So many milliseconds after the answer.
    Offset(i64),
}

impl TurnTime {
    /// The instant, as far as it is known when the call was answered.
    pub fn instant(self, answered_at: Option<Timestamp>) -> Option<Timestamp> {
        match self {
            Self::At(at) => Some(at),
            Self::Offset(offset) => answered_at
                .and_then(|answered| answered.checked_add(SignedDuration::from_millis(offset)).ok()),
        }
    }

    /// The milliseconds after the answer, as far as it is known when that was.
    pub fn offset(self, answered_at: Option<Timestamp>) -> Option<i64> {
        match self {
            Self::At(at) => {
                answered_at.and_then(|answered| i64::try_from(at.duration_since(answered).as_millis()).ok())
            }
            Self::Offset(offset) => Some(offset),
        }
    }
}

/// How many minutes outside of its call a turn may be: clocks differ, and some programs count from where their stream began.
pub const TURN_TOLERANCE_MINUTES: i64 = 5;

/// When a call was; of one that is under way, until now.
#[derive(Clone, Copy, Debug)]
pub struct SpokenSpan {
    /// When it was dialed.
    pub dialed_at: Timestamp,
    /// When it was answered, as far as that is known.
    pub answered_at: Option<Timestamp>,
    /// Its end, or now.
    pub until: Timestamp,
}

impl SpokenSpan {
    /// Checks when a turn began.
    ///
    /// # Errors
    /// [`ResultRule::OutsideCall`].
    pub fn check(&self, time: TurnTime) -> Result<(), FaultRule> {
        let tolerance = SignedDuration::from_mins(TURN_TOLERANCE_MINUTES);
        let is_within = |at: Timestamp| {
            at.duration_since(self.until) <= tolerance && self.dialed_at.duration_since(at) <= tolerance
        };
        // What counts from an answer that is not known yet is anywhere.
        let is_good = time.instant(self.answered_at).is_none_or(is_within);
        if is_good { Ok(()) } else { Err(FaultRule::Result(ResultRule::OutsideCall)) }
    }
}

/// What one side said before the other went on. Its `Debug` form shows nothing of it: it may hold anybody's secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpokenTurn {
    /// When it began.
    #[serde(flatten)]
    pub time: TurnTime,
    /// Who spoke.
    pub speaker: Speaker,
    text: String,
}

impl SpokenTurn {
    /// Checks what was said.
    ///
    /// # Errors
    /// The rule that the text breaks.
    pub fn new(time: TurnTime, speaker: Speaker, text: String) -> Result<Self, FaultRule> {
        check_spoken(&text, TURN_CHARACTERS)?;
        Ok(Self { time, speaker, text })
    }

    /// What was said.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for SpokenTurn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SpokenTurn(..)")
    }
}

/// Checks a text of several lines: something must stand there, not too much of it, and nothing that databases do not take.
pub(super) fn check_spoken(text: &str, most: usize) -> Result<(), FaultRule> {
    if text.trim().is_empty() {
        return Err(FaultRule::Empty);
    }
    if text.chars().count() > most {
        return Err(FaultRule::TooLong(most));
    }
    let breaks = |character: char| character.is_control() && !matches!(character, '\n' | '\r' | '\t');
    if text.chars().any(breaks) { Err(FaultRule::ControlCharacter) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_is_known_by_its_instant_or_by_the_time_since_the_answer() {
        let answered = Timestamp::from_second(100).unwrap();
        let at = Timestamp::from_millisecond(102_500).unwrap();
        assert_eq!(TurnTime::At(at).offset(Some(answered)), Some(2_500));
        assert_eq!(TurnTime::Offset(2_500).instant(Some(answered)), Some(at));
        assert_eq!((TurnTime::At(at).offset(None), TurnTime::Offset(1).instant(None)), (None, None));
    }

    #[test]
    fn texts_are_bounded_and_no_log_shows_them() {
        let turn = |text: &str| SpokenTurn::new(TurnTime::Offset(0), Speaker::Callee, text.to_owned());
        assert_eq!(format!("{:?}", turn("13800001234\n好").unwrap()), "SpokenTurn(..)");
        assert_eq!(turn(" \n"), Err(FaultRule::Empty));
        assert_eq!(turn("a\0"), Err(FaultRule::ControlCharacter));
        assert_eq!(turn(&"好".repeat(TURN_CHARACTERS + 1)), Err(FaultRule::TooLong(TURN_CHARACTERS)));
    }

    #[test]
    fn turns_are_stored_in_few_words() {
        let turn = SpokenTurn::new(TurnTime::Offset(5), Speaker::Bot, "hi".to_owned()).unwrap();
        let text = serde_json::to_string(&turn).unwrap();
        assert_eq!(text, r#"{"offset":5,"speaker":"bot","text":"hi"}"#);
        assert_eq!(serde_json::from_str::<SpokenTurn>(&text).unwrap(), turn);
    }
}
