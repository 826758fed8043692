//! Who answered a call: a person or a machine.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Who answered, as far as could be heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnsweredBy {
    /// A person.
    Human,
    /// A machine, such as a mailbox.
    Machine,
    /// It could not be told.
    Unsure,
}

/// By what it was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswererReason {
    /// Someone greeted shortly, and waited.
    ShortGreeting,
    /// Nothing was heard.
    InitialSilence,
    /// The greeting went on and on.
    LongGreeting,
    /// The greeting had many words.
    ManyWords,
    /// Someone spoke on and on after what was taken for another's greeting.
    Monologue,
    /// A beep.
    Beep,
    /// Sound that nobody speaks.
    NotSpeech,
    /// The time for it was over.
    TooLong,
}

/// The last verdict on who answered a call, where its script asked for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answerer {
    /// Who.
    pub by: AnsweredBy,
    /// Why.
    pub reason: AnswererReason,
    /// When that was clear, in milliseconds since the answer.
    pub after: i64,
    /// When the last beep began, in milliseconds since the answer.
    #[serde(default)]
    pub beep_after: Option<i64>,
}

impl Answerer {
    /// Whether this is another verdict than one before it, and not only another beep.
    pub fn is_news(&self, before: Option<Self>) -> bool {
        before.map(|before| Self { beep_after: self.beep_after, ..before }) != Some(*self)
    }

    /// When it was clear, in a call that was answered at an instant.
    pub fn clear_at(&self, answered_at: Timestamp) -> Timestamp {
        answered_at.saturating_add(SignedDuration::from_millis(self.after)).unwrap_or(answered_at)
    }
}
