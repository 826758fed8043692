//! Old attempts are deleted, and all of an account that is gone or of a number that is erased; a few at a time.

use domain::{AccountId, hour_of};
use jiff::Timestamp;
use uuid::Uuid;

use super::{
    counters::{self, CountChange},
    results, traces,
};
use crate::{
    Result, Session, Tx,
    database::{
        convert::{micros, timestamp},
        dialect::RowLock,
        statement::{query, query_as, query_scalar},
    },
    recordings,
};

/// An account that has attempts which are to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expiring {
    /// The account.
    pub account: AccountId,
    /// Whether there is no such account any more.
    pub is_gone: bool,
}

/// The accounts that have attempts of before an instant, and those that are gone and have any.
///
/// # Errors
/// When the database does not answer.
pub async fn expiring(session: &mut dyn Session, before: Timestamp) -> Result<Vec<Expiring>> {
    let rows: Vec<(Uuid, bool)> = on!(session, c => query_as(sql!(
        "SELECT DISTINCT attempt_hours.account_id, accounts.id IS NULL FROM attempt_hours \
         LEFT JOIN accounts ON accounts.id = attempt_hours.account_id \
         WHERE attempt_hours.attempts > 0 AND (accounts.id IS NULL OR attempt_hours.hour < $1)"))
        .bind(hour_of(before)).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|(id, is_gone)| Expiring { account: AccountId::new(id), is_gone }).collect())
}

/// Deletes the attempts of an account that were dialed before an instant, at most `limit` of them, the oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn delete_before(tx: &mut Tx, account: AccountId, before: Timestamp, limit: u32) -> Result<u64> {
    let sql = sql!(tx, |dialect| format!(
        "DELETE FROM attempts WHERE (account_id, id, dialed_at) IN (SELECT account_id, id, dialed_at FROM attempts \
             WHERE account_id = $3 AND dialed_at < $1 ORDER BY dialed_at LIMIT $2{}) RETURNING id, task_id, dialed_at, outcome",
        dialect.lock(RowLock::ChangeIfFree)
    ));
    let gone: Vec<Gone> = on!(tx, c => query_as(sql)
        .bind(micros(before)).bind(i64::from(limit)).bind(account.uuid()).fetch_all(c).await)?;
    forget(tx, account, &gone).await?;
    Ok(u64::try_from(gone.len()).unwrap_or(u64::MAX))
}

/// Whether an account has attempts to reach a number.
pub(crate) async fn is_any_of(session: &mut dyn Session, account: AccountId, e164: i64) -> Result<bool> {
    Ok(on!(session, c => query_scalar(sql!(
        "SELECT EXISTS (SELECT 1 FROM attempts WHERE account_id = $1 AND e164 = $2)"))
        .bind(account.uuid()).bind(e164).fetch_one(c).await)?)
}

/// Deletes the attempts of an account to reach a number, at most `limit` of them, with their evidence, signalling and results; says how many it was.
pub(crate) async fn erase(tx: &mut Tx, account: AccountId, e164: i64, limit: u32) -> Result<usize> {
    traces::erase(tx, account, e164).await?;
    recordings::forget_of_number(tx, account, e164).await?;
    let gone: Vec<Gone> = on!(tx, c => query_as(sql!(
        "DELETE FROM attempts WHERE (account_id, id, dialed_at) IN \
             (SELECT account_id, id, dialed_at FROM attempts WHERE account_id = $1 AND e164 = $2 LIMIT $3) \
         RETURNING id, task_id, dialed_at, outcome"))
        .bind(account.uuid()).bind(e164).bind(i64::from(limit)).fetch_all(c).await)?;
    forget(tx, account, &gone).await?;
    Ok(gone.len())
}

/// An attempt that was deleted: its id and task, when it was dialed, and its outcome.
type Gone = (Uuid, Uuid, i64, i64);

/// Takes attempts that were deleted out of the counters, and forgets their results.
async fn forget(tx: &mut Tx, account: AccountId, gone: &[Gone]) -> Result<()> {
    let mut changes = Vec::with_capacity(gone.len());
    for (_, task, dialed_at, outcome) in gone {
        let dialed_at = timestamp(*dialed_at)?;
        changes.push(CountChange {
            account: account.uuid(),
            task: *task,
            dialed_at,
            outcome: *outcome,
            by: -1,
        });
    }
    if !changes.is_empty() {
        counters::add(tx, changes.into_iter()).await?;
        forget_empty_counters(tx, account).await?;
        results::delete_of(tx, account, gone.iter().map(|(id, ..)| *id)).await?;
    }
    Ok(())
}

async fn forget_empty_counters(tx: &mut Tx, account: AccountId) -> Result<()> {
    on!(tx, c => query(sql!("DELETE FROM attempt_hours WHERE account_id = $1 AND attempts = 0"))
        .bind(account.uuid()).execute(c).await.map(drop))?;
    Ok(())
}
