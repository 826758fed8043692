//! What an account dials now, over all its tasks.

use domain::{AccountId, HELD};

use crate::{
    Result, Session,
    database::{
        convert::micros,
        statement::{query_as, query_scalar},
    },
};

/// What an account dials now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccountCalls {
    /// Calls that nobody has answered yet.
    pub ringing: i64,
    /// Calls that were answered.
    pub talking: i64,
    /// Numbers of its enabled tasks that a call is still to be begun for; none of those that are held.
    pub to_call: i64,
}

/// What an account dials now: its own tasks, not those of its sub-users.
///
/// # Errors
/// When the database does not answer.
pub async fn calls_of_account(session: &mut dyn Session, account: AccountId) -> Result<AccountCalls> {
    let (ringing, talking): (i64, i64) = on!(session, c => query_as(sql!(
        "SELECT count(*) - count(answered_at), count(answered_at) FROM open_attempts WHERE account_id = $1"))
        .bind(account.uuid()).fetch_one(c).await)?;
    let open: i64 = on!(session, c => query_scalar(sql!(
        "SELECT CAST(coalesce(sum(number_counts.numbers), 0) AS BIGINT) FROM tasks \
         JOIN number_lists ON number_lists.account_id = tasks.account_id AND number_lists.task_id = tasks.id \
             AND number_lists.deleted_at IS NULL \
         JOIN number_counts ON number_counts.list_id = number_lists.id AND number_counts.state IN (0, 1) \
         WHERE tasks.account_id = $1 AND tasks.enabled"))
        .bind(account.uuid()).fetch_one(c).await)?;
    let held: i64 = on!(session, c => query_scalar(sql!(
        "SELECT count(*) FROM tasks \
         JOIN number_lists ON number_lists.account_id = tasks.account_id AND number_lists.task_id = tasks.id \
             AND number_lists.deleted_at IS NULL \
         JOIN numbers ON numbers.list_id = number_lists.id AND numbers.state = 0 AND numbers.next_attempt_at > 0 \
             AND numbers.next_attempt_at >= $2 \
         WHERE tasks.account_id = $1 AND tasks.enabled"))
        .bind(account.uuid()).bind(micros(HELD)).fetch_one(c).await)?;
    Ok(AccountCalls { ringing, talking, to_call: (open - held).max(0) })
}
