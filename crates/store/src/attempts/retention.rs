//! Old attempts are deleted, and all of an account that is gone; a few at a time.

use domain::{AccountId, hour_of};
use jiff::Timestamp;
use uuid::Uuid;

use super::counters::{self, CountChange};
use crate::{
    Result, Session, Tx,
    database::{
        convert::{micros, timestamp},
        statement::{query, query_as},
    },
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
pub async fn expiring(session: &mut impl Session, before: Timestamp) -> Result<Vec<Expiring>> {
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
        "{} RETURNING task_id, dialed_at, outcome",
        dialect.delete_oldest("attempts", "account_id, id", "dialed_at", "account_id = $3")
    ));
    let gone: Vec<(Uuid, i64, i64)> = on!(tx, c => query_as(sql)
        .bind(micros(before)).bind(i64::from(limit)).bind(account.uuid()).fetch_all(c).await)?;
    let mut changes = Vec::with_capacity(gone.len());
    for (task, dialed_at, outcome) in &gone {
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
    }
    Ok(u64::try_from(gone.len()).unwrap_or(u64::MAX))
}

async fn forget_empty_counters(tx: &mut Tx, account: AccountId) -> Result<()> {
    on!(tx, c => query(sql!("DELETE FROM attempt_hours WHERE account_id = $1 AND attempts = 0"))
        .bind(account.uuid()).execute(c).await.map(drop))?;
    Ok(())
}
