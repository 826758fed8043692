//! What came of a conversation.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Intention, Patch, ResultFields, Score, Transcript, turn::check_spoken};
use crate::{AttemptId, FaultRule, Name};

/// The most tags of a call.
pub const MAXIMUM_TAGS: usize = 50;

/// The most characters of a summary.
pub const SUMMARY_CHARACTERS: usize = 10_000;

/// What came of a conversation, as the bot or another program says. Its `Debug` form shows nothing of it.
#[derive(Clone, Default, PartialEq)]
pub struct CallResult {
    /// What was said.
    pub transcript: Transcript,
    /// What the call is marked with, each once.
    pub tags: Vec<Name>,
    /// What the callee wants.
    pub intention: Option<Intention>,
    /// How the call was rated.
    pub score: Option<Score>,
    /// How often the callee spoke, if someone said so; else the transcript tells.
    pub given_rounds: Option<i64>,
    /// The conversation in a few words.
    pub summary: Option<String>,
    /// Anything else.
    pub fields: ResultFields,
}

impl CallResult {
    /// How often the callee spoke (对话轮次).
    pub fn rounds(&self) -> i64 {
        self.given_rounds.unwrap_or_else(|| self.transcript.rounds())
    }

    /// The result after an edit. Rounds that are given as the transcript tells them are not taken for given: what is read and sent back goes
    /// on with the transcript.
    #[must_use]
    pub fn changed(mut self, change: ResultChange) -> Self {
        let ResultChange { transcript, tags, intention, score, rounds, summary, fields } = change;
        transcript.apply_or_empty(&mut self.transcript);
        tags.apply_or_empty(&mut self.tags);
        intention.apply(&mut self.intention);
        score.apply(&mut self.score);
        rounds.apply(&mut self.given_rounds);
        summary.apply(&mut self.summary);
        fields.apply_or_empty(&mut self.fields);
        let told = self.transcript.rounds();
        self.given_rounds = self.given_rounds.filter(|given| *given != told);
        self
    }
}

impl fmt::Debug for CallResult {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("CallResult(..)")
    }
}

/// What an edit does to a result.
#[derive(Default)]
pub struct ResultChange {
    /// To what was said, as a whole.
    pub transcript: Patch<Transcript>,
    /// To its tags, as a whole.
    pub tags: Patch<Vec<Name>>,
    /// To its intention.
    pub intention: Patch<Intention>,
    /// To its score.
    pub score: Patch<Score>,
    /// To how often the callee is said to have spoken.
    pub rounds: Patch<i64>,
    /// To its summary.
    pub summary: Patch<String>,
    /// To its custom fields, as a whole.
    pub fields: Patch<ResultFields>,
}

/// Checks a summary.
///
/// # Errors
/// The rule it breaks.
pub fn check_summary(summary: String) -> Result<String, FaultRule> {
    check_spoken(&summary, SUMMARY_CHARACTERS).map(|()| summary)
}

/// What the log tells of a result: nothing that was said, for that may be anybody's secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultSnapshot {
    /// The record that it is of.
    pub result_of: Uuid,
    /// The documented number of the intention, 1 to 5.
    pub intention: Option<i64>,
    /// How often the callee spoke.
    pub rounds: i64,
    /// How the call was rated, in hundredths.
    pub score_hundredths: Option<i64>,
}

impl ResultSnapshot {
    /// Of a call's result.
    pub fn of(id: AttemptId, result: &CallResult) -> Self {
        Self {
            result_of: id.uuid(),
            intention: result.intention.map(Intention::number),
            rounds: result.rounds(),
            score_hundredths: result.score.map(Score::hundredths),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_stays_and_what_is_cleared_goes() {
        let full = CallResult::default().changed(ResultChange {
            intention: Patch::Set(Intention::B),
            rounds: Patch::Set(7),
            summary: Patch::Set("要回电".to_owned()),
            tags: Patch::Set(vec![Name::parse("回电").unwrap()]),
            ..ResultChange::default()
        });
        assert_eq!((full.rounds(), full.intention, full.tags.len()), (7, Some(Intention::B), 1));
        assert_eq!(full.clone().changed(ResultChange::default()), full);
        let change = ResultChange {
            rounds: Patch::Clear,
            tags: Patch::Clear,
            summary: Patch::Clear,
            intention: Patch::Clear,
            ..ResultChange::default()
        };
        assert_eq!(full.changed(change), CallResult::default());
    }
}
