//! Recordings move from a node's folder to the bucket.

use domain::{AccountId, AttemptId};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    Result, Session, Tx,
    database::{
        convert::micros,
        statement::{query, query_as},
    },
};

/// A recording that is to move to the bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordingToMove {
    /// Whose it is.
    pub account: AccountId,
    /// The attempt whose call it is of.
    pub attempt: AttemptId,
    /// When it begins, in microseconds since 1970.
    begun_at: i64,
}

/// Recordings in a folder that stay for now: the oldest first, of those after another one.
///
/// # Errors
/// When the database does not answer.
pub async fn in_folder(
    session: &mut dyn Session,
    folder: Uuid,
    now: Timestamp,
    after: Option<RecordingToMove>,
    limit: u32,
) -> Result<Vec<RecordingToMove>> {
    let (begun_at, attempt) =
        after.map_or((i64::MIN, Uuid::nil()), |last| (last.begun_at, last.attempt.uuid()));
    let rows: Vec<(Uuid, Uuid, i64)> = on!(session, c => query_as(sql!(
        "SELECT account_id, attempt_id, begun_at FROM recordings \
         WHERE folder_id = $1 AND delete_at > $2 AND folder_id IS NOT NULL AND state <> 2 AND (begun_at, attempt_id) > ($3, $4) \
         ORDER BY begun_at, attempt_id LIMIT $5"))
        .bind(folder).bind(micros(now)).bind(begun_at).bind(attempt).bind(i64::from(limit)).fetch_all(c).await)?;
    let to_move = |(account, attempt, begun_at)| RecordingToMove {
        account: AccountId::new(account),
        attempt: AttemptId::new(attempt),
        begun_at,
    };
    Ok(rows.into_iter().map(to_move).collect())
}

/// Notes that the bucket has the file of a recording, and its folder is to have it no more. Says whether the bucket is to keep it: one that was
/// deleted or forgotten meanwhile is not there for anybody.
///
/// # Errors
/// When the database does not answer.
pub async fn note_in_bucket(tx: &mut Tx, account: AccountId, attempt: AttemptId) -> Result<bool> {
    let noted = on!(tx, c => query(sql!(
        "UPDATE recordings SET folder_id = NULL WHERE account_id = $1 AND attempt_id = $2 AND state <> 2"))
        .bind(account.uuid()).bind(attempt.uuid()).execute(c).await.map(|done| done.rows_affected()))?;
    Ok(noted > 0)
}
