//! Attempts are written when they have ended, many at once.

use domain::Attempt;
use serde_json::Value;

use super::{
    counters::{self, CountChange},
    line_slots, results,
    row::{COLUMNS, attempt_columns, outcome, values},
};
use crate::{
    Result, Tx,
    database::{
        DatabaseError,
        convert::{damaged, json},
        dialect::Column,
        statement::query,
    },
};

/// An attempt that has ended, and what the decision to call rested on, as JSON.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RecordedAttempt<'a> {
    pub(crate) attempt: &'a Attempt,
    pub(crate) evidence: Option<&'a str>,
}

/// Adds attempts that have ended, of any accounts, and counts them. The counters' rows are locked in one order, and are to
/// be the last that a transaction locks beside the count of events.
///
/// # Errors
/// When the database does not answer, and when one of them was recorded already: an attempt has one outcome.
pub async fn record(tx: &mut Tx, attempts: &[Attempt]) -> Result<()> {
    let without = |attempt| RecordedAttempt { attempt, evidence: None };
    record_with_evidence(tx, &attempts.iter().map(without).collect::<Vec<_>>()).await
}

/// [`record`], each with its evidence.
pub(crate) async fn record_with_evidence(tx: &mut Tx, recorded: &[RecordedAttempt<'_>]) -> Result<()> {
    if recorded.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = recorded
        .iter()
        .map(|RecordedAttempt { attempt, evidence }| with_evidence(values(attempt)?, *evidence))
        .collect::<std::result::Result<_, DatabaseError>>()?;
    let sql = sql!(tx, |dialect| format!(
        concat!(
            "INSERT INTO attempts (",
            attempt_columns!(),
            ", evidence) SELECT ",
            attempt_columns!(),
            ", evidence FROM {} AS ended"
        ),
        dialect.rows("$1", &[COLUMNS, &[("evidence", Column::Text)]].concat())
    ));
    on!(tx, c => query(sql).bind(json(&rows)?).execute(c).await.map(drop))?;
    let one_more = |RecordedAttempt { attempt, .. }: &RecordedAttempt<'_>| CountChange {
        account: attempt.account_id.uuid(),
        task: attempt.task_id.uuid(),
        dialed_at: attempt.times.dialed_at,
        outcome: outcome(attempt.status),
        by: 1,
    };
    counters::add(tx, recorded.iter().map(one_more)).await?;
    let attempts = || recorded.iter().map(|RecordedAttempt { attempt, .. }| *attempt);
    line_slots::add(tx, attempts()).await?;
    results::note_ended(tx, attempts()).await
}

/// A row with one more column.
fn with_evidence(mut row: Value, evidence: Option<&str>) -> std::result::Result<Value, DatabaseError> {
    let columns = row.as_array_mut().ok_or_else(|| damaged("a row is an array"))?;
    columns.push(evidence.into());
    Ok(row)
}
