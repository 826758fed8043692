//! What a node asks of all imports: which of them are its own to do, that they are being worked at, and which are old.

use domain::NumberJobId;
use jiff::Timestamp;
use uuid::Uuid;

use super::{
    JOBS,
    row::{ImportDbRow, RunningImport, import_columns},
};
use crate::{
    FolderImports, Result, Session, Tx,
    database::{
        convert::micros,
        lists,
        statement::{query, query_as, query_scalar},
    },
};

/// The imports that have not ended and whose files are in this folder, those that waited longest first; at most so many.
///
/// # Errors
/// When the database does not answer.
pub async fn running_imports(
    session: &mut dyn Session,
    folder: Uuid,
    most: u32,
) -> Result<Vec<RunningImport>> {
    Ok(on!(session, c => query(sql!(concat!(
        "SELECT ", import_columns!(), " FROM number_jobs \
         WHERE kind = 'import' AND ended_at IS NULL AND node = $1 ORDER BY updated_at, id LIMIT $2")))
        .bind(folder).bind(i64::from(most)).fetch_all(c).await
        .map(|rows| lists::readable::<_, ImportDbRow, _>(JOBS, &rows)))?)
}

/// Says that the imports whose files are in this folder are worked at.
///
/// # Errors
/// When the database does not answer.
pub async fn touch_imports(tx: &mut Tx, folder: Uuid, now: Timestamp) -> Result<()> {
    on!(tx, c => query(sql!(
        "UPDATE number_jobs SET updated_at = $2 WHERE kind = 'import' AND ended_at IS NULL AND node = $1"))
        .bind(folder).bind(micros(now)).execute(c).await.map(drop))?;
    Ok(())
}

/// Whether an import has not ended whose file is in this folder.
///
/// # Errors
/// When the database does not answer.
pub async fn is_import_running(session: &mut dyn Session, folder: Uuid) -> Result<bool> {
    let found: Option<Uuid> = on!(session, c => query_scalar(sql!(
        "SELECT id FROM number_jobs WHERE kind = 'import' AND ended_at IS NULL AND node = $1 LIMIT 1"))
        .bind(folder).fetch_optional(c).await)?;
    Ok(found.is_some())
}

/// Whether an import has not ended.
///
/// # Errors
/// When the database does not answer.
pub async fn is_running(session: &mut dyn Session, import: NumberJobId) -> Result<bool> {
    let found: Option<Uuid> = on!(session, c => query_scalar(sql!(
        "SELECT id FROM number_jobs WHERE id = $1 AND ended_at IS NULL"))
        .bind(import.uuid()).fetch_optional(c).await)?;
    Ok(found.is_some())
}

/// Whether an import's file is kept: until it has ended, and then as long as its task is there.
macro_rules! file_is_kept {
    () => {
        "(ended_at IS NULL OR EXISTS (SELECT 1 FROM number_lists \
             WHERE number_lists.id = number_jobs.list_id AND number_lists.deleted_at IS NULL))"
    };
}

/// The imports whose files are in this folder.
///
/// # Errors
/// When the database does not answer.
pub async fn imports_of_folder(session: &mut dyn Session, folder: Uuid) -> Result<FolderImports> {
    let found: Vec<(Uuid, bool)> = on!(session, c => query_as(sql!(concat!(
        "SELECT id, ", file_is_kept!(), " FROM number_jobs WHERE kind = 'import' AND node = $1")))
        .bind(folder).fetch_all(c).await)?;
    let (kept, gone): (Vec<_>, Vec<_>) = found.into_iter().partition(|(_, is_kept)| *is_kept);
    let ids = |imports: Vec<(Uuid, bool)>| imports.into_iter().map(|(id, _)| NumberJobId::new(id)).collect();
    Ok(FolderImports { kept: ids(kept), gone: ids(gone) })
}

/// Whether the file of an import is to be kept in this folder.
///
/// # Errors
/// When the database does not answer.
pub async fn is_file_kept(session: &mut dyn Session, folder: Uuid, import: NumberJobId) -> Result<bool> {
    let found: Option<Uuid> = on!(session, c => query_scalar(sql!(concat!(
        "SELECT id FROM number_jobs WHERE id = $2 AND kind = 'import' AND node = $1 AND ", file_is_kept!())))
        .bind(folder).bind(import.uuid()).fetch_optional(c).await)?;
    Ok(found.is_some())
}

/// Deletes what is stored of imports that nobody has worked at since an instant: at most so many refused rows, and when there are no more
/// of these, the imports. Says how many rows it was.
///
/// # Errors
/// When the database does not answer.
pub async fn delete_old_imports(tx: &mut Tx, before: Timestamp, most: u32) -> Result<u64> {
    let refused = on!(tx, c => query(sql!(
        "DELETE FROM number_refusals WHERE (job_id, line) IN \
             (SELECT refused.job_id, refused.line FROM number_refusals AS refused \
              JOIN number_jobs ON number_jobs.id = refused.job_id \
              WHERE number_jobs.kind = 'import' AND number_jobs.updated_at < $1 LIMIT $2)"))
        .bind(micros(before)).bind(i64::from(most)).execute(c).await.map(|done| done.rows_affected()))?;
    if refused > 0 {
        return Ok(refused);
    }
    let sql = sql!(tx, |dialect| dialect.delete_oldest("number_jobs", "id", "updated_at", "kind = 'import'"));
    Ok(on!(tx, c => query(sql).bind(micros(before)).bind(i64::from(most))
        .execute(c).await.map(|done| done.rows_affected()))?)
}
