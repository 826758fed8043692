//! Recordings are deleted when they are old, and forgotten with their number or account.

use domain::{
    AccountId, AttemptId, Event, EventCause, EventDetail, EventKind, RecordingSnapshot, RecordingState,
    TaskId,
};
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use crate::{
    Result, Session, Tx,
    database::{
        convert::{self, hex, micros, nearest_timestamp},
        dialect::Column,
        statement::{query, query_as},
    },
};

/// A recording whose file is to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordingToDelete {
    /// Whose it is.
    pub account: AccountId,
    /// The attempt whose call it is of.
    pub attempt: AttemptId,
    /// Its task.
    pub task: TaskId,
    /// When it was to be deleted.
    pub delete_at: Timestamp,
    /// Whether nobody is told.
    pub is_forgotten: bool,
}

type ToDeleteRow = (Uuid, Uuid, Uuid, i64, bool);

fn to_delete((account, attempt, task, delete_at, is_forgotten): ToDeleteRow) -> RecordingToDelete {
    RecordingToDelete {
        account: AccountId::new(account),
        attempt: AttemptId::new(attempt),
        task: TaskId::new(task),
        delete_at: nearest_timestamp(delete_at),
        is_forgotten,
    }
}

/// Recordings that are to be deleted by now, of a folder, or of the bucket (`None`): the oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn due(
    session: &mut dyn Session,
    folder: Option<Uuid>,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<RecordingToDelete>> {
    let rows: Vec<ToDeleteRow> = match folder {
        Some(folder) => on!(session, c => query_as(sql!(
            "SELECT account_id, attempt_id, task_id, delete_at, is_forgotten FROM recordings \
             WHERE delete_at <= $1 AND state <> 2 AND folder_id = $3 ORDER BY delete_at LIMIT $2"))
            .bind(micros(now)).bind(i64::from(limit)).bind(folder).fetch_all(c).await)?,
        None => on!(session, c => query_as(sql!(
            "SELECT account_id, attempt_id, task_id, delete_at, is_forgotten FROM recordings \
             WHERE delete_at <= $1 AND state <> 2 AND folder_id IS NULL ORDER BY delete_at LIMIT $2"))
            .bind(micros(now)).bind(i64::from(limit)).fetch_all(c).await)?,
    };
    Ok(rows.into_iter().map(to_delete).collect())
}

const KEY: [(&str, Column); 2] = [("account_id", Column::Uuid), ("attempt_id", Column::Uuid)];

fn keys(recordings: &[RecordingToDelete]) -> Result<String> {
    let key = |one: &RecordingToDelete| json!([hex(one.account.uuid()), hex(one.attempt.uuid())]);
    Ok(convert::json(&recordings.iter().map(key).collect::<Vec<_>>())?)
}

/// Notes that the files of recordings were deleted, and tells their accounts of those that were old.
///
/// # Errors
/// When the database does not answer.
pub async fn note_deleted(tx: &mut Tx, deleted: &[RecordingToDelete], now: Timestamp) -> Result<()> {
    let keys = keys(deleted)?;
    let forget = sql!(tx, |dialect| format!(
        "DELETE FROM recordings WHERE is_forgotten AND (account_id, attempt_id) IN \
             (SELECT account_id, attempt_id FROM {} AS gone)",
        dialect.rows("$1", &KEY)
    ));
    on!(tx, c => query(forget).bind(&keys).execute(c).await.map(drop))?;
    let note = sql!(tx, |dialect| format!(
        "UPDATE recordings SET state = $2 WHERE state <> $2 AND (account_id, attempt_id) IN \
             (SELECT account_id, attempt_id FROM {} AS gone) \
         RETURNING account_id, attempt_id, task_id, delete_at, is_forgotten",
        dialect.rows("$1", &KEY)
    ));
    let noted: Vec<ToDeleteRow> = on!(tx, c => query_as(note)
        .bind(&keys).bind(RecordingState::Deleted.number()).fetch_all(c).await)?;
    for one in noted.into_iter().map(to_delete) {
        tx.publish(one.account, deletion(&one, now));
    }
    Ok(())
}

fn deletion(one: &RecordingToDelete, now: Timestamp) -> Event {
    let snapshot = RecordingSnapshot { record_id: one.attempt.uuid(), delete_at: one.delete_at };
    Event {
        kind: EventKind::RecordingDeleted,
        cause: EventCause::Dialing,
        due_at: now,
        written_at: now,
        group: None,
        task: Some(one.task),
        detail: Some(EventDetail::Recording(snapshot)),
    }
}

/// Forgets the recordings of an account's attempts to reach a number.
pub(crate) async fn forget_of_number(tx: &mut Tx, account: AccountId, e164: i64) -> Result<()> {
    on!(tx, c => query(sql!(
        "UPDATE recordings SET is_forgotten = true, delete_at = 0, state = CASE WHEN state = 2 THEN 1 ELSE state END \
         WHERE account_id = $1 AND attempt_id IN (SELECT id FROM attempts WHERE account_id = $1 AND e164 = $2)"))
        .bind(account.uuid()).bind(e164).execute(c).await.map(drop))?;
    Ok(())
}

/// Deletes the rows of recordings of before an instant that were deleted, at most `limit` of them, the oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn delete_rows_before(tx: &mut Tx, before: Timestamp, limit: u32) -> Result<u64> {
    let sql = sql!(tx, |dialect| dialect.delete_oldest(
        "recordings",
        "account_id, attempt_id",
        "begun_at",
        "state = 2"
    ));
    Ok(on!(tx, c => query(sql)
        .bind(micros(before)).bind(i64::from(limit)).execute(c).await.map(|done| done.rows_affected()))?)
}
