//! The signalling of calls, beside their records: written with the outcome, kept for a few days.

use domain::{AccountId, AttemptId, CallTrace};
use jiff::Timestamp;
use serde_json::json;

use crate::{
    Result, Session, Tx,
    database::{
        compression::{compress, decompress},
        convert::{self, from_json, hex, hex_of, micros},
        dialect::Column,
        statement::{query, query_scalar},
    },
};

/// The signalling of a call that has ended.
#[derive(Clone, Copy, Debug)]
pub struct EndedTrace<'t> {
    /// Whose attempt it is.
    pub account: AccountId,
    /// The attempt.
    pub attempt: AttemptId,
    /// When it ended.
    pub ended_at: Timestamp,
    /// Its messages.
    pub trace: &'t CallTrace,
}

const COLUMNS: [(&str, Column); 4] = [
    ("account_id", Column::Uuid),
    ("attempt_id", Column::Uuid),
    ("ended_at", Column::Integer),
    ("messages", Column::Bytes),
];

/// Keeps the signalling of calls; what is kept already stays.
///
/// # Errors
/// When the database does not answer.
pub async fn store_traces(tx: &mut Tx, traces: &[EndedTrace<'_>]) -> Result<()> {
    if traces.is_empty() {
        return Ok(());
    }
    let mut rows = Vec::with_capacity(traces.len());
    for EndedTrace { account, attempt, ended_at, trace } in traces {
        let messages = compress(&convert::json(trace)?)?;
        rows.push(json!([hex(account.uuid()), hex(attempt.uuid()), micros(*ended_at), hex_of(&messages)]));
    }
    let sql = sql!(tx, |dialect| format!(
        "INSERT INTO attempt_traces (account_id, attempt_id, ended_at, messages) \
         SELECT account_id, attempt_id, ended_at, messages FROM {} AS ended WHERE true ON CONFLICT DO NOTHING",
        dialect.rows("$1", &COLUMNS)
    ));
    on!(tx, c => query(sql).bind(convert::json(&rows)?).execute(c).await.map(drop))?;
    Ok(())
}

/// The signalling of a call; `None`: it was not kept, or not so long.
///
/// # Errors
/// When the database does not answer.
pub async fn trace(
    session: &mut dyn Session,
    account: AccountId,
    attempt: AttemptId,
) -> Result<Option<CallTrace>> {
    let messages: Option<Vec<u8>> = on!(session, c => query_scalar(sql!(
        "SELECT messages FROM attempt_traces WHERE account_id = $1 AND attempt_id = $2"))
        .bind(account.uuid()).bind(attempt.uuid()).fetch_optional(c).await)?;
    let trace = |messages: Vec<u8>| from_json(&decompress(&messages)?);
    Ok(messages.map(trace).transpose()?)
}

/// Deletes what ended before an instant, at most `limit` of it, the oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn delete_traces_before(tx: &mut Tx, before: Timestamp, limit: u32) -> Result<u64> {
    let sql = sql!(tx, |dialect| dialect.delete_oldest(
        "attempt_traces",
        "account_id, attempt_id",
        "ended_at",
        "true"
    ));
    Ok(on!(tx, c => query(sql)
        .bind(micros(before)).bind(i64::from(limit)).execute(c).await.map(|done| done.rows_affected()))?)
}

/// Deletes that of an account's attempts to reach a number.
pub(super) async fn erase(tx: &mut Tx, account: AccountId, e164: i64) -> Result<()> {
    on!(tx, c => query(sql!(
        "DELETE FROM attempt_traces WHERE account_id = $1 AND attempt_id IN \
             (SELECT id FROM attempts WHERE account_id = $1 AND e164 = $2)"))
        .bind(account.uuid()).bind(e164).execute(c).await.map(drop))?;
    Ok(())
}
