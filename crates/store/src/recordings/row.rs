//! A row, and what it means.

use domain::{AccountId, AttemptId, Recording, RecordingPlace, RecordingState, TaskId};
use uuid::Uuid;

use crate::database::{
    DatabaseError,
    convert::{damaged, from_json, nearest_timestamp},
};

/// The columns of [`RecordingRow`].
macro_rules! recording_columns {
    () => {
        "r.account_id, r.attempt_id, r.task_id, r.folder_id, r.begun_at, r.duration_ms, r.bytes, r.sha256, r.gaps, \
         r.state, r.delete_at"
    };
}
pub(super) use recording_columns;

#[derive(sqlx_macros::FromRow)]
pub(super) struct RecordingRow {
    account_id: Uuid,
    attempt_id: Uuid,
    task_id: Uuid,
    pub(super) folder_id: Option<Uuid>,
    begun_at: i64,
    duration_ms: i64,
    bytes: i64,
    sha256: Vec<u8>,
    gaps: String,
    state: i64,
    delete_at: i64,
}

impl TryFrom<RecordingRow> for Recording {
    type Error = DatabaseError;

    fn try_from(row: RecordingRow) -> Result<Self, DatabaseError> {
        Ok(Self {
            account: AccountId::new(row.account_id),
            attempt: AttemptId::new(row.attempt_id),
            task: TaskId::new(row.task_id),
            begun_at: nearest_timestamp(row.begun_at),
            duration_ms: row.duration_ms,
            bytes: row.bytes,
            sha256: row.sha256.try_into().map_err(|_| damaged("a SHA-256 has 32 bytes"))?,
            gaps: from_json(&row.gaps)?,
            state: RecordingState::from_number(row.state)
                .ok_or_else(|| damaged("no state of a recording"))?,
            place: if row.folder_id.is_some() { RecordingPlace::Folder } else { RecordingPlace::Bucket },
            delete_at: nearest_timestamp(row.delete_at),
        })
    }
}
