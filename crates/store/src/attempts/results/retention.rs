//! Results go with their records, and are taken out of the counters.

use domain::{AccountId, hour_of};
use jiff::Timestamp;
use uuid::Uuid;

use super::counters::{self, ResultCountChange, ResultKey};
use crate::{
    Result, Session, Tx,
    database::{
        convert::{micros, timestamp, uuids},
        dialect::RowLock,
        statement::{query_as, query_scalar},
    },
};

/// The task, when it was dialed, and what it was counted by, if it was.
type GoneRow = (Uuid, i64, Option<i64>, Option<i64>, i64);

/// Deletes the results of attempts that were deleted.
pub(in super::super) async fn delete_of(
    tx: &mut Tx,
    account: AccountId,
    attempts: impl Iterator<Item = Uuid>,
) -> Result<()> {
    let sql = sql!(tx, |dialect| format!(
        "DELETE FROM call_results WHERE account_id = $1 AND {} \
         RETURNING task_id, dialed_at, outcome, intention, rounds_band",
        dialect.among_uuids("attempt_id", "$2")
    ));
    let gone: Vec<GoneRow> =
        on!(tx, c => query_as(sql).bind(account.uuid()).bind(uuids(attempts)?).fetch_all(c).await)?;
    uncount(tx, account, &gone).await
}

/// The accounts that have results of records from before an instant.
///
/// # Errors
/// When the database does not answer.
pub async fn accounts_with_results_before(
    session: &mut dyn Session,
    before: Timestamp,
) -> Result<Vec<AccountId>> {
    let accounts: Vec<Uuid> = on!(session, c => query_scalar(sql!(
        "SELECT DISTINCT account_id FROM result_hours WHERE hour < $1 AND results > 0"))
        .bind(hour_of(before)).fetch_all(c).await)?;
    Ok(accounts.into_iter().map(AccountId::new).collect())
}

/// Deletes the results of an account's records that were dialed before an instant, at most `limit` of them, the oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn delete_results_before(
    tx: &mut Tx,
    account: AccountId,
    before: Timestamp,
    limit: u32,
) -> Result<u64> {
    let sql = sql!(tx, |dialect| format!(
        "DELETE FROM call_results WHERE (account_id, attempt_id) IN (SELECT account_id, attempt_id FROM call_results \
             WHERE account_id = $1 AND dialed_at < $2 AND outcome IS NOT NULL ORDER BY dialed_at LIMIT $3{}) \
         RETURNING task_id, dialed_at, outcome, intention, rounds_band",
        dialect.lock(RowLock::ChangeIfFree)
    ));
    let gone: Vec<GoneRow> = on!(tx, c => query_as(sql)
        .bind(account.uuid()).bind(micros(before)).bind(i64::from(limit)).fetch_all(c).await)?;
    uncount(tx, account, &gone).await?;
    Ok(u64::try_from(gone.len()).unwrap_or(u64::MAX))
}

async fn uncount(tx: &mut Tx, account: AccountId, gone: &[GoneRow]) -> Result<()> {
    let mut changes = Vec::with_capacity(gone.len());
    for (task, dialed_at, outcome, intention, band) in gone {
        let Some(outcome) = *outcome else { continue };
        let key = ResultKey { outcome, intention: intention.unwrap_or(0), band: *band };
        let dialed_at = timestamp(*dialed_at)?;
        changes.push(ResultCountChange { account: account.uuid(), task: *task, dialed_at, key, by: -1 });
    }
    if changes.is_empty() {
        return Ok(());
    }
    counters::add(tx, changes.into_iter()).await?;
    counters::forget_empty(tx, account.uuid()).await
}
