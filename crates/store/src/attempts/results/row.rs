//! The row of a result.

use domain::{CallResult, Intention, Name, ResultFields, RoundsBand, Score, Transcript};
use jiff::Timestamp;
use uuid::Uuid;

use crate::database::{
    DatabaseError,
    compression::{compress, decompress},
    convert::{self, damaged, from_json, timestamp},
    error::Result,
    lists::Table,
};

/// The table, for the log.
pub(super) const RESULTS: Table = Table { name: "call_results", key: &["account_id", "attempt_id"] };

/// The columns of [`SummaryRow`].
macro_rules! summary_columns {
    () => {
        "account_id, attempt_id, intention, score, rounds, tags, summary"
    };
}
pub(super) use summary_columns;

/// The columns of [`ResultRow`].
macro_rules! result_columns {
    () => {
        "intention, score, given_rounds, tags, summary, fields, transcript, updated_at"
    };
}
pub(super) use result_columns;

/// What came of a conversation, and when it was last written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StoredResult {
    /// The result.
    pub result: CallResult,
    /// When its call was answered, as far as that is known.
    pub answered_at: Option<Timestamp>,
    /// When it was written last; `None`: never.
    pub updated_at: Option<Timestamp>,
}

/// As much of a result as lists show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultSummary {
    /// The attempt.
    pub attempt: Uuid,
    /// What the callee wants.
    pub intention: Option<Intention>,
    /// How the call was rated.
    pub score: Option<Score>,
    /// How often the callee spoke.
    pub rounds: i64,
    /// What the call is marked with.
    pub tags: Vec<Name>,
    /// The conversation in a few words.
    pub summary: Option<String>,
}

#[derive(sqlx_macros::FromRow)]
pub(super) struct SummaryRow {
    attempt_id: Uuid,
    intention: Option<i64>,
    score: Option<i64>,
    rounds: i64,
    tags: String,
    summary: Option<String>,
}

impl TryFrom<SummaryRow> for ResultSummary {
    type Error = DatabaseError;

    fn try_from(row: SummaryRow) -> Result<Self> {
        Ok(Self {
            attempt: row.attempt_id,
            intention: intention(row.intention)?,
            score: score(row.score)?,
            rounds: row.rounds,
            tags: from_json(&row.tags)?,
            summary: row.summary,
        })
    }
}

#[derive(sqlx_macros::FromRow)]
pub(super) struct ResultRow {
    intention: Option<i64>,
    score: Option<i64>,
    given_rounds: Option<i64>,
    tags: String,
    summary: Option<String>,
    fields: String,
    transcript: Option<Vec<u8>>,
    updated_at: i64,
}

impl TryFrom<ResultRow> for StoredResult {
    type Error = DatabaseError;

    fn try_from(row: ResultRow) -> Result<Self> {
        let transcript = row.transcript.map(|bytes| from_json::<Transcript>(&decompress(&bytes)?));
        let result = CallResult {
            transcript: transcript.transpose()?.unwrap_or_default(),
            tags: from_json(&row.tags)?,
            intention: intention(row.intention)?,
            score: score(row.score)?,
            given_rounds: row.given_rounds,
            summary: row.summary,
            fields: from_json::<ResultFields>(&row.fields)?,
        };
        Ok(Self { result, answered_at: None, updated_at: Some(timestamp(row.updated_at)?) })
    }
}

fn intention(number: Option<i64>) -> Result<Option<Intention>> {
    let read = |number| Intention::from_number(number).ok_or_else(|| damaged(format!("intention {number}")));
    number.map(read).transpose()
}

fn score(hundredths: Option<i64>) -> Result<Option<Score>> {
    let read = |score| Score::of_hundredths(score).map_err(|_| damaged(format!("score {score}")));
    hundredths.map(read).transpose()
}

/// A band as the columns have it; 0 where the callee said nothing.
pub(super) fn band(band: Option<RoundsBand>) -> i64 {
    band.map_or(0, RoundsBand::number)
}

/// The transcript as its column has it; `None` of an empty one.
pub(super) fn transcript(transcript: &Transcript) -> Result<Option<Vec<u8>>> {
    if transcript.turns().is_empty() {
        return Ok(None);
    }
    compress(&convert::json(transcript)?).map(Some)
}
