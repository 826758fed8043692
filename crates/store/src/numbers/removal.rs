//! Lists of deleted tasks are removed step by step, in the order of their numbers' ids, so that nobody who writes waits for long. The row
//! of a list stays as long as there are imports into it, so that whoever asks for one is told what became of it; where its account is gone, too, until they have
//! ended, so that the nodes that have their files delete them. Its numbers stay as long
//! as there is a callback that tells of their deletion, or of an import of some, whose file they are.

use domain::{AccountId, TaskId};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    Page, Paged, Result, Session, Tx,
    database::{
        DatabaseError,
        convert::timestamp,
        dialect::RowLock,
        error,
        lists::{self, Table},
        statement::{query, query_as, query_scalar},
    },
};

/// The table, for the log.
const LISTS: Table = Table { name: "number_lists", key: &["id"] };

/// What is left of the numbers of a deleted task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberRemoval {
    /// The deleted task.
    pub task: TaskId,
    /// How many numbers were ever added to it.
    pub total: i64,
    /// How many of these are gone, also those that were deleted before their task.
    pub gone: i64,
    /// Whether the file of a callback still needs them, so that they wait.
    pub is_kept: bool,
    /// When the task was deleted.
    pub deleted_at: Timestamp,
}

#[derive(sqlx_macros::FromRow)]
struct RemovalRow {
    task_id: Uuid,
    next_number: i64,
    removed_to: i64,
    deleted_at: i64,
    is_kept: bool,
}

impl TryFrom<RemovalRow> for NumberRemoval {
    type Error = DatabaseError;

    fn try_from(row: RemovalRow) -> error::Result<Self> {
        let total = row.next_number - 1;
        Ok(Self {
            task: TaskId::new(row.task_id),
            total,
            gone: row.removed_to.min(total),
            is_kept: row.is_kept,
            deleted_at: timestamp(row.deleted_at)?,
        })
    }
}

/// Whether the numbers of a list are the file of a callback.
macro_rules! is_kept {
    () => {
        "EXISTS (SELECT 1 FROM number_callbacks WHERE number_callbacks.list_id = number_lists.id)"
    };
}

/// Lists of deleted tasks that have numbers.
macro_rules! has_numbers_left {
    () => {
        "deleted_at IS NOT NULL AND removed_to + 1 < next_number"
    };
}

/// What there is to remove: lists with numbers, and those without imports, or of accounts that are gone without any that has not ended; of neither those that are the file of a callback.
macro_rules! to_be_removed {
    () => {
        concat!(
            "deleted_at IS NOT NULL AND (removed_to + 1 < next_number OR NOT EXISTS \
                 (SELECT 1 FROM number_jobs WHERE number_jobs.list_id = number_lists.id AND number_jobs.kind = 'import') \
                 OR NOT EXISTS (SELECT 1 FROM accounts WHERE accounts.id = number_lists.account_id) \
                 AND NOT EXISTS (SELECT 1 FROM number_jobs WHERE number_jobs.list_id = number_lists.id AND number_jobs.ended_at IS NULL)) \
             AND NOT ",
            is_kept!()
        )
    };
}

/// The deleted tasks of an account whose numbers are not all gone, in the order in which they go.
///
/// # Errors
/// When the database does not answer.
pub async fn list_removals(
    session: &mut dyn Session,
    account: AccountId,
    page: Page,
) -> Result<Paged<NumberRemoval>> {
    let total: i64 = on!(session, c => query_scalar(sql!(concat!(
        "SELECT count(*) FROM number_lists WHERE account_id = $1 AND ", has_numbers_left!())))
        .bind(account.uuid()).fetch_one(c).await)?;
    let items = on!(session, c => query(sql!(concat!(
        "SELECT id, task_id, next_number, removed_to, deleted_at, ", is_kept!(), " AS is_kept \
         FROM number_lists WHERE account_id = $1 AND ", has_numbers_left!(), " ORDER BY deleted_at, id LIMIT $2 OFFSET $3")))
        .bind(account.uuid()).bind(page.limit()).bind(page.offset()).fetch_all(c).await
        .map(|rows| lists::readable::<_, RemovalRow, _>(LISTS, &rows)))?;
    Ok(Paged { items, total })
}

/// Whether there is something to remove of a deleted task's list.
///
/// # Errors
/// When the database does not answer.
pub async fn is_any_deleted(session: &mut dyn Session) -> Result<bool> {
    let found: Option<i64> = on!(session, c => query_scalar(sql!(concat!(
        "SELECT id FROM number_lists WHERE ", to_be_removed!(), " LIMIT 1"))).fetch_optional(c).await)?;
    Ok(found.is_some())
}

/// Removes the next `most` numbers of a list whose task was deleted; with the last of them the list goes. Says whether there is more to
/// do. Nodes pass over a list that another one works at.
///
/// # Errors
/// When the database does not answer.
pub async fn remove_some(tx: &mut Tx, most: u32) -> Result<bool> {
    let sql = sql!(tx, |dialect| format!(
        concat!(
            "SELECT id, removed_to, next_number FROM number_lists WHERE ",
            to_be_removed!(),
            " ORDER BY deleted_at, id LIMIT 1{}"
        ),
        dialect.lock(RowLock::ChangeIfFree)
    ));
    let found: Option<(i64, i64, i64)> = on!(tx, c => query_as(sql).fetch_optional(c).await)?;
    let Some((list, removed_to, next_number)) = found else { return Ok(false) };
    let most = i64::from(most);
    if removed_to + 1 < next_number {
        remove_numbers(tx, list, removed_to, removed_to + most).await?;
    } else if !remove_refused_rows(tx, list, most).await? {
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

/// Removes some of the rows that imports into a list refused; says whether there were any.
async fn remove_refused_rows(tx: &mut Tx, list: i64, most: i64) -> Result<bool> {
    let removed = on!(tx, c => query(sql!(
        "DELETE FROM number_refusals WHERE (job_id, line) IN (SELECT refused.job_id, refused.line FROM number_refusals AS refused \
             JOIN number_jobs ON number_jobs.id = refused.job_id WHERE number_jobs.list_id = $1 LIMIT $2)"))
        .bind(list).bind(most).execute(c).await.map(|done| done.rows_affected()))?;
    Ok(removed > 0)
}

async fn remove_list(tx: &mut Tx, list: i64) -> Result<()> {
    on!(tx, c => query(sql!("DELETE FROM number_jobs WHERE list_id = $1")).bind(list).execute(c).await.map(drop))?;
    on!(tx, c => query(sql!("DELETE FROM number_counts WHERE list_id = $1")).bind(list).execute(c).await.map(drop))?;
    on!(tx, c => query(sql!("DELETE FROM number_lists WHERE id = $1")).bind(list).execute(c).await.map(drop))?;
    Ok(())
}
