//! Results are written while a call is under way and after its end. Whoever writes holds the attempt as it is: under way, or with its record.

use domain::{AccountId, Attempt, AttemptId, CallResult, Intention, RoundsBand, Score, TaskId};
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::super::row::outcome as outcome_of;
use super::{
    counters::{self, ResultCountChange, ResultKey},
    row::{ResultRow, StoredResult, band, result_columns, transcript},
};
use crate::{
    Error, Kind, Result, Tx,
    database::{
        convert::{self, hex, micros, timestamp},
        dialect::{Column, RowLock},
        statement::{query, query_as},
    },
};

/// The result of an attempt, which nobody else writes meanwhile, and what is known of the attempt.
#[derive(Debug)]
pub struct LockedResult {
    account: AccountId,
    attempt: AttemptId,
    /// The task of the attempt; it may be gone.
    pub task: TaskId,
    /// When it was dialed.
    pub dialed_at: Timestamp,
    /// When it was answered, as far as that is known.
    pub answered_at: Option<Timestamp>,
    /// When it ended; `None`: it is under way.
    pub ended_at: Option<Timestamp>,
    /// The outcome of its record; `None`: the call is under way.
    outcome: Option<i64>,
    /// The result by now.
    pub result: CallResult,
    /// What it is counted by.
    counted: Option<ResultKey>,
}

impl LockedResult {
    /// Whether the call has ended.
    pub const fn has_ended(&self) -> bool {
        self.outcome.is_some()
    }
}

/// The task of an attempt, when it was dialed, answered and ended, and its outcome once it has one.
type HeldAttempt = (Uuid, i64, Option<i64>, Option<i64>, Option<i64>);

/// Locks the result of an attempt that is under way or has ended, to write it.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn lock_result(tx: &mut Tx, account: AccountId, attempt: AttemptId) -> Result<LockedResult> {
    let (task, dialed_at, answered_at, ended_at, outcome) = hold(tx, account, attempt).await?;
    // Its row is there afterwards, whoever else makes or deletes it at this moment: held or made in one statement.
    let LockedRow { outcome: counted_outcome, row } = on!(tx, c => query_as(sql!(concat!(
        "INSERT INTO call_results (account_id, attempt_id, task_id, dialed_at, rounds, rounds_band, tags, fields, updated_at) \
         VALUES ($1, $2, $3, $4, 0, 0, '[]', '{}', 0) \
         ON CONFLICT (account_id, attempt_id) DO UPDATE SET updated_at = call_results.updated_at RETURNING ",
        result_columns!(),
        ", outcome"
    )))
        .bind(account.uuid()).bind(attempt.uuid()).bind(task).bind(dialed_at)
        .fetch_one(c).await)?;
    let StoredResult { result, .. } = row.try_into()?;
    Ok(LockedResult {
        account,
        attempt,
        task: TaskId::new(task),
        dialed_at: timestamp(dialed_at)?,
        answered_at: answered_at.map(timestamp).transpose()?,
        ended_at: ended_at.map(timestamp).transpose()?,
        outcome,
        counted: counted_outcome.map(|outcome| key(outcome, &result)),
        result,
    })
}

#[derive(sqlx_macros::FromRow)]
struct LockedRow {
    outcome: Option<i64>,
    #[sqlx(flatten)]
    row: ResultRow,
}

/// Holds an attempt as it is: it neither ends nor is forgotten meanwhile.
async fn hold(tx: &mut Tx, account: AccountId, attempt: AttemptId) -> Result<HeldAttempt> {
    let open = sql!(tx, |dialect| format!(
        "SELECT task_id, dialed_at, answered_at, CAST(NULL AS BIGINT), CAST(NULL AS BIGINT) FROM open_attempts \
         WHERE account_id = $1 AND id = $2{}",
        dialect.lock(RowLock::Refer)
    ));
    let ended = sql!(tx, |dialect| format!(
        "SELECT task_id, dialed_at, answered_at, ended_at, outcome FROM attempts WHERE account_id = $1 AND id = $2{}",
        dialect.lock(RowLock::Refer)
    ));
    for sql in [open, ended] {
        let found: Option<HeldAttempt> = on!(tx, c => query_as(sql)
            .bind(account.uuid()).bind(attempt.uuid()).fetch_optional(c).await)?;
        if let Some(found) = found {
            return Ok(found);
        }
    }
    Err(Error::NotFound(Kind::Attempt))
}

/// Writes a result, and moves what is counted of it.
///
/// # Errors
/// When the database does not answer.
pub async fn save_result(
    tx: &mut Tx,
    locked: &LockedResult,
    result: &CallResult,
    now: Timestamp,
) -> Result<()> {
    let rounds = result.rounds();
    on!(tx, c => query(sql!(
        "UPDATE call_results SET outcome = $3, intention = $4, score = $5, given_rounds = $6, rounds = $7, rounds_band = $8, \
             tags = $9, summary = $10, fields = $11, transcript = $12, updated_at = $13 \
         WHERE account_id = $1 AND attempt_id = $2"))
        .bind(locked.account.uuid()).bind(locked.attempt.uuid()).bind(locked.outcome)
        .bind(result.intention.map(Intention::number)).bind(result.score.map(Score::hundredths))
        .bind(result.given_rounds).bind(rounds).bind(band(RoundsBand::of(rounds)))
        .bind(convert::json(&result.tags)?).bind(result.summary.as_deref()).bind(convert::json(&result.fields)?)
        .bind(transcript(&result.transcript)?).bind(micros(now))
        .execute(c).await.map(drop))?;
    let (account, task) = (locked.account.uuid(), locked.task.uuid());
    let change = |key, by| ResultCountChange { account, task, dialed_at: locked.dialed_at, key, by };
    let before = locked.counted.map(|key| change(key, -1));
    let after = locked.outcome.map(|outcome| change(key(outcome, result), 1));
    counters::add(tx, before.into_iter().chain(after)).await
}

/// What a result is counted by beside a record of this outcome.
fn key(outcome: i64, result: &CallResult) -> ResultKey {
    let intention = result.intention.map_or(0, Intention::number);
    ResultKey { outcome, intention, band: band(RoundsBand::of(result.rounds())) }
}

/// The account, the task, when it was dialed, and what it is counted by.
type NotedRow = (Uuid, Uuid, i64, i64, Option<i64>, i64);

const ENDED: [(&str, Column); 4] = [
    ("account_id", Column::Uuid),
    ("id", Column::Uuid),
    ("dialed_at", Column::Integer),
    ("outcome", Column::Integer),
];

/// Counts the results of attempts that have just ended. Nobody writes one of them meanwhile, for their rows of attempts under way are
/// taken.
pub(in super::super) async fn note_ended(
    tx: &mut Tx,
    attempts: impl Iterator<Item = &Attempt>,
) -> Result<()> {
    let row = |attempt: &Attempt| {
        let (account, id) = (hex(attempt.account_id.uuid()), hex(attempt.id.uuid()));
        json!([account, id, micros(attempt.times.dialed_at), outcome_of(attempt.status)])
    };
    let rows: Vec<_> = attempts.map(row).collect();
    let sql = sql!(tx, |dialect| format!(
        "UPDATE call_results SET outcome = ended.outcome, dialed_at = ended.dialed_at FROM {} AS ended \
         WHERE call_results.account_id = ended.account_id AND call_results.attempt_id = ended.id \
             AND call_results.outcome IS NULL \
         RETURNING call_results.account_id, call_results.task_id, call_results.dialed_at, call_results.outcome, \
             call_results.intention, call_results.rounds_band",
        dialect.rows("$1", &ENDED)
    ));
    let noted: Vec<NotedRow> = on!(tx, c => query_as(sql).bind(convert::json(&rows)?).fetch_all(c).await)?;
    let mut changes = Vec::with_capacity(noted.len());
    for (account, task, dialed_at, outcome, intention, band) in noted {
        let key = ResultKey { outcome, intention: intention.unwrap_or(0), band };
        changes.push(ResultCountChange { account, task, dialed_at: timestamp(dialed_at)?, key, by: 1 });
    }
    counters::add(tx, changes.into_iter()).await
}
