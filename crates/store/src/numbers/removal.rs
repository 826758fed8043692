//! Lists of deleted tasks are removed step by step, in the order of their numbers' ids, so that nobody who writes waits for long.

use crate::{
    Result, Session, Tx,
    database::{
        dialect::RowLock,
        statement::{query, query_as, query_scalar},
    },
};

/// Whether there is a list of a deleted task.
///
/// # Errors
/// When the database does not answer.
pub async fn is_any_deleted(session: &mut impl Session) -> Result<bool> {
    let found: Option<i64> = on!(session, c => query_scalar(sql!(
        "SELECT id FROM number_lists WHERE deleted_at IS NOT NULL LIMIT 1")).fetch_optional(c).await)?;
    Ok(found.is_some())
}

/// Removes the next `most` numbers of a list whose task was deleted; with the last of them the list goes. Says whether there is more to
/// do. Nodes pass over a list that another one works at.
///
/// # Errors
/// When the database does not answer.
pub async fn remove_some(tx: &mut Tx, most: u32) -> Result<bool> {
    let sql = sql!(tx, |dialect| format!(
        "SELECT id, removed_to, next_number FROM number_lists WHERE deleted_at IS NOT NULL \
         ORDER BY deleted_at, id LIMIT 1{}",
        dialect.lock(RowLock::ChangeIfFree)
    ));
    let found: Option<(i64, i64, i64)> = on!(tx, c => query_as(sql).fetch_optional(c).await)?;
    let Some((list, removed_to, next_number)) = found else { return Ok(false) };
    let most = i64::from(most);
    if removed_to + 1 < next_number {
        remove_numbers(tx, list, removed_to, removed_to + most).await?;
        return Ok(true);
    }
    if remove_refusals(tx, list, most).await? == 0 {
        remove_list(tx, list).await?;
    }
    Ok(true)
}

async fn remove_numbers(tx: &mut Tx, list: i64, after: i64, to: i64) -> Result<()> {
    on!(tx, c => query(sql!("DELETE FROM number_details WHERE list_id = $1 AND number_id > $2 AND number_id <= $3"))
        .bind(list).bind(after).bind(to).execute(c).await.map(drop))?;
    on!(tx, c => query(sql!("DELETE FROM numbers WHERE list_id = $1 AND id > $2 AND id <= $3"))
        .bind(list).bind(after).bind(to).execute(c).await.map(drop))?;
    on!(tx, c => query(sql!("UPDATE number_lists SET removed_to = $2 WHERE id = $1"))
        .bind(list).bind(to).execute(c).await.map(drop))?;
    Ok(())
}

/// Removes refused rows of the list's imports; says how many it was.
async fn remove_refusals(tx: &mut Tx, list: i64, most: i64) -> Result<u64> {
    Ok(on!(tx, c => query(sql!(
        "DELETE FROM number_refusals WHERE (job_id, line) IN \
             (SELECT refused.job_id, refused.line FROM number_refusals AS refused \
              JOIN number_jobs ON number_jobs.id = refused.job_id WHERE number_jobs.list_id = $1 LIMIT $2)"))
        .bind(list).bind(most).execute(c).await.map(|done| done.rows_affected()))?)
}

async fn remove_list(tx: &mut Tx, list: i64) -> Result<()> {
    on!(tx, c => query(sql!("DELETE FROM number_jobs WHERE list_id = $1")).bind(list).execute(c).await.map(drop))?;
    on!(tx, c => query(sql!("DELETE FROM number_counts WHERE list_id = $1")).bind(list).execute(c).await.map(drop))?;
    on!(tx, c => query(sql!("DELETE FROM number_lists WHERE id = $1")).bind(list).execute(c).await.map(drop))?;
    Ok(())
}
