//! Who answered, as records, calls and events have it.

use domain::{AnsweredBy, Answerer, AnswererReason};
use serde::Serialize;
use utoipa::ToSchema;

use super::choices::choice;

/// Who answered a call: the last verdict of what was heard.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RecordAnswerer)]
pub(crate) struct AnswererView {
    answered_by: AnsweredByView,
    reason: AnswererReasonView,
    /// When that was clear, in milliseconds since the answer.
    after: i64,
    /// When the last beep began, in milliseconds since the answer; `null`: there was none.
    beep_after: Option<i64>,
}

choice! {
    /// Who answered.
    pub(crate) enum AnsweredByView as AnsweredBy for AnsweredBy {
        /// A person.
        Human = "human",
        /// A machine, such as a mailbox.
        Machine = "machine",
        /// It could not be told.
        Unsure = "unsure",
    }
}

choice! {
    /// By what it was told who answered.
    enum AnswererReasonView as AnswererReason for AnswererReason {
        /// Someone greeted shortly, and waited.
        ShortGreeting = "short_greeting",
        /// Nothing was heard.
        InitialSilence = "initial_silence",
        /// The greeting went on and on.
        LongGreeting = "long_greeting",
        /// The greeting had many words.
        ManyWords = "many_words",
        /// Someone spoke on and on after what was taken for another's greeting.
        Monologue = "monologue",
        /// A beep.
        Beep = "beep",
        /// Sound that nobody speaks.
        NotSpeech = "not_speech",
        /// The time for it was over.
        TooLong = "too_long",
    }
}

impl From<Answerer> for AnswererView {
    fn from(answerer: Answerer) -> Self {
        let Answerer { by, reason, after, beep_after } = answerer;
        Self { answered_by: by.into(), reason: reason.into(), after, beep_after }
    }
}
