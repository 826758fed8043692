//! A number is erased: every row of it, in all lists of an account, also in those that are being removed.

use domain::{AccountId, NumberState};
use uuid::Uuid;

use super::{
    counts::CountChanges,
    row::{stored_state, stored_status},
};
use crate::{
    Result, Session, Tx,
    database::{
        convert::json,
        dialect::{Column, RowLock},
        statement::{query, query_as, query_scalar},
    },
};

/// How many of a number's rows there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct NumberErased {
    /// These were deleted.
    pub(crate) deleted: i64,
    /// These are left, for a node has them, to call them, or is calling them.
    pub(crate) left_out: i64,
}

/// The lists of an account that hold a number, at most so many.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn lists_holding(
    session: &mut dyn Session,
    account: AccountId,
    e164: i64,
    most: u32,
) -> Result<Vec<i64>> {
    Ok(on!(session, c => query_scalar(sql!(
        "SELECT id FROM number_lists WHERE account_id = $1 \
             AND EXISTS (SELECT 1 FROM numbers WHERE numbers.list_id = number_lists.id AND numbers.e164 = $2) \
         ORDER BY id LIMIT $3"))
        .bind(account.uuid()).bind(e164).bind(i64::from(most)).fetch_all(c).await)?)
}

type HeldRow = (i64, i64, i64, i64);

/// Deletes a number from these lists, whatever extension or suffix it has there.
pub(crate) async fn erase(tx: &mut Tx, lists: &[i64], e164: i64) -> Result<NumberErased> {
    let lists = json(&lists)?;
    let locked = sql!(tx, |dialect| format!(
        "SELECT id FROM number_lists WHERE {} ORDER BY id{}",
        dialect.among("id", "$1"),
        dialect.lock(RowLock::Change)
    ));
    let _: Vec<i64> = on!(tx, c => query_scalar(locked).bind(lists.as_str()).fetch_all(c).await)?;
    let rows = sql!(tx, |dialect| format!(
        "SELECT list_id, id, status, state FROM numbers WHERE {} AND e164 = $2 ORDER BY list_id, id{}",
        dialect.among("list_id", "$1"),
        dialect.lock(RowLock::Change)
    ));
    let rows: Vec<HeldRow> = on!(tx, c => query_as(rows).bind(lists.as_str()).bind(e164).fetch_all(c).await)?;
    let (mut counts, mut free, mut erased) = (CountChanges::default(), Vec::new(), NumberErased::default());
    for (list, id, status, state) in rows {
        let (status, state): (_, NumberState) = (stored_status(status)?, stored_state(state)?);
        if state.is_taken() {
            erased.left_out += 1;
        } else {
            counts.add(list, (status, state), -1);
            free.push((list, id));
            erased.deleted += 1;
        }
    }
    delete(tx, &json(&free)?).await?;
    counts.save(tx).await?;
    Ok(erased)
}

/// Deletes rows, given as a JSON array of their lists and ids, with their details.
async fn delete(tx: &mut Tx, rows: &str) -> Result<()> {
    const KEY: [(&str, Column); 2] = [("list_id", Column::Integer), ("id", Column::Integer)];
    let details = sql!(tx, |dialect| format!(
        "DELETE FROM number_details WHERE (list_id, number_id) IN (SELECT list_id, id FROM {} AS erased)",
        dialect.rows("$1", &KEY)
    ));
    on!(tx, c => query(details).bind(rows).execute(c).await.map(drop))?;
    let numbers = sql!(tx, |dialect| format!(
        "DELETE FROM numbers WHERE (list_id, id) IN (SELECT list_id, id FROM {} AS erased)",
        dialect.rows("$1", &KEY)
    ));
    on!(tx, c => query(numbers).bind(rows).execute(c).await.map(drop))?;
    Ok(())
}

/// A refused row of an import: which import, and which line of its file.
pub(crate) type RefusedPlace = (Uuid, i64);

/// The refused rows of an account's imports that have these digits in them, whatever stands between them, at most so many.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn refused_with(
    session: &mut dyn Session,
    account: AccountId,
    digits: &str,
    most: u32,
) -> Result<Vec<RefusedPlace>> {
    let sql = sql!(session, |dialect| {
        let bare = [" ", "-", "(", ")", "."]
            .iter()
            .fold("content".to_owned(), |text, between| format!("replace({text}, '{between}', '')"));
        format!(
            "SELECT job_id, line FROM number_refusals WHERE job_id IN (SELECT number_jobs.id FROM number_jobs \
                 JOIN number_lists ON number_lists.id = number_jobs.list_id WHERE number_lists.account_id = $1) \
             AND {} LIMIT $3",
            dialect.contains(&bare, "$2")
        )
    });
    Ok(on!(session, c => query_as(sql)
        .bind(account.uuid()).bind(digits.to_owned()).bind(i64::from(most)).fetch_all(c).await)?)
}

/// Takes the text of refused rows away; that they were refused, and why, stays.
pub(crate) async fn erase_refused(tx: &mut Tx, rows: &[RefusedPlace]) -> Result<()> {
    for (job, line) in rows {
        on!(tx, c => query(sql!("UPDATE number_refusals SET content = '' WHERE job_id = $1 AND line = $2"))
            .bind(*job).bind(*line).execute(c).await.map(drop))?;
    }
    Ok(())
}

/// Has the files of an account's imports that have ended deleted by the nodes that have them.
pub(crate) async fn forget_files(tx: &mut Tx, account: AccountId) -> Result<()> {
    on!(tx, c => query(sql!(
        "UPDATE number_jobs SET node = NULL WHERE kind = 'import' AND ended_at IS NOT NULL AND node IS NOT NULL \
             AND list_id IN (SELECT id FROM number_lists WHERE account_id = $1)"))
        .bind(account.uuid()).execute(c).await.map(drop))?;
    Ok(())
}
