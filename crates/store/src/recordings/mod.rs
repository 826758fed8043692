//! Recordings of calls: a row for each, written when its file is finished; the file is in a folder or in a bucket, and is deleted before its row
//! says so. What is forgotten, because its number was erased or its account is gone, exists for nobody but whoever deletes its file.

mod bucket;
mod deletion;
mod keys;
mod row;

use std::collections::HashMap;

use domain::{AccountId, AttemptId, Recording};
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

pub(crate) use self::deletion::forget_of_number;
use self::row::{RecordingRow, recording_columns};
pub use self::{
    bucket::{RecordingToMove, in_folder, note_in_bucket},
    deletion::{RecordingToDelete, delete_rows_before, due, note_deleted},
    keys::{AddressKey, address_key},
};
use crate::{
    Result, Session, Tx,
    database::{
        convert::{self, hex, hex_of, micros},
        dialect::Column,
        statement::{query, query_as},
    },
};

const COLUMNS: [(&str, Column); 11] = [
    ("account_id", Column::Uuid),
    ("attempt_id", Column::Uuid),
    ("task_id", Column::Uuid),
    ("folder_id", Column::Uuid),
    ("begun_at", Column::Integer),
    ("duration_ms", Column::Integer),
    ("bytes", Column::Integer),
    ("sha256", Column::Bytes),
    ("gaps", Column::Text),
    ("state", Column::Integer),
    ("delete_at", Column::Integer),
];

/// Writes down recordings whose files are in a folder; what is written down already stays. One whose attempt is gone, because its number was erased
/// or its account deleted, is forgotten at once.
///
/// # Errors
/// When the database does not answer.
pub async fn record(tx: &mut Tx, folder: Uuid, recordings: &[&Recording]) -> Result<()> {
    let row = |recording: &&Recording| -> Result<_> {
        Ok(json!([
            hex(recording.account.uuid()),
            hex(recording.attempt.uuid()),
            hex(recording.task.uuid()),
            hex(folder),
            micros(recording.begun_at),
            recording.duration_ms,
            recording.bytes,
            hex_of(&recording.sha256),
            convert::json(&recording.gaps)?,
            recording.state.number(),
            micros(recording.delete_at),
        ]))
    };
    let rows: Vec<_> = recordings.iter().map(row).collect::<Result<_>>()?;
    let sql = sql!(tx, |dialect| format!(
        "INSERT INTO recordings (account_id, attempt_id, task_id, folder_id, begun_at, duration_ms, bytes, sha256, gaps, \
             state, delete_at, is_forgotten) \
         SELECT r.account_id, r.attempt_id, r.task_id, r.folder_id, r.begun_at, r.duration_ms, r.bytes, r.sha256, r.gaps, \
             r.state, CASE WHEN r.is_known THEN r.delete_at ELSE 0 END, NOT r.is_known \
         FROM (SELECT made.*, \
                 EXISTS (SELECT 1 FROM open_attempts AS o WHERE o.account_id = made.account_id AND o.id = made.attempt_id) \
                 OR EXISTS (SELECT 1 FROM attempts AS a WHERE a.account_id = made.account_id AND a.id = made.attempt_id) \
                     AS is_known \
             FROM {} AS made) AS r \
         WHERE true ON CONFLICT DO NOTHING",
        dialect.rows("$1", &COLUMNS)
    ));
    on!(tx, c => query(sql).bind(convert::json(&rows)?).execute(c).await.map(drop))?;
    Ok(())
}

/// The recordings of attempts of an account, those that were deleted too.
///
/// # Errors
/// When the database does not answer.
pub async fn of_attempts(
    session: &mut dyn Session,
    account: AccountId,
    attempts: &[AttemptId],
) -> Result<HashMap<AttemptId, Recording>> {
    if attempts.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<_> = attempts.iter().map(|attempt| json!([hex(attempt.uuid())])).collect();
    let sql = sql!(session, |dialect| format!(
        concat!(
            "SELECT ",
            recording_columns!(),
            " FROM recordings AS r JOIN {} AS wanted ON r.attempt_id = wanted.attempt_id \
             WHERE r.account_id = $1 AND NOT r.is_forgotten"
        ),
        dialect.rows("$2", &[("attempt_id", Column::Uuid)])
    ));
    let rows: Vec<RecordingRow> = on!(session, c => query_as(sql)
        .bind(account.uuid()).bind(convert::json(&ids)?).fetch_all(c).await)?;
    let recording = |row: RecordingRow| {
        let recording = Recording::try_from(row)?;
        Ok((recording.attempt, recording))
    };
    rows.into_iter().map(recording).collect()
}

/// The recording of an attempt that can be heard now, and the folder that has its file; `None` for that: a bucket has it.
///
/// # Errors
/// When the database does not answer.
pub async fn audible(
    session: &mut dyn Session,
    account: AccountId,
    attempt: AttemptId,
    now: Timestamp,
) -> Result<Option<(Recording, Option<Uuid>)>> {
    let row: Option<RecordingRow> = on!(session, c => query_as(sql!(concat!(
        "SELECT ", recording_columns!(), " FROM recordings AS r \
         WHERE r.account_id = $1 AND r.attempt_id = $2 AND NOT r.is_forgotten")))
        .bind(account.uuid()).bind(attempt.uuid()).fetch_optional(c).await)?;
    let Some(row) = row else { return Ok(None) };
    let folder = row.folder_id;
    let recording = Recording::try_from(row)?;
    Ok(recording.is_there(now).then_some((recording, folder)))
}
