//! Whether accounts are stopped and when a ceiling above them changed, as far as their logs have said. What holds is derived from the stops; what the log has said of it is a mark on
//! the account, for all that is published of its groups and tasks rests on it: so a log never tells of a close before the stop behind it.

use std::collections::HashMap;

use domain::{AccountId, PublishedStop, StopLevel, transition::PublishedAbove};
use jiff::Timestamp;
use uuid::Uuid;

use super::sub_users::sub_users;
use crate::{
    Result, Session, Tx,
    database::{
        convert::{micros, nearest_timestamp, uuids},
        dialect::RowLock,
        statement::{query, query_as, query_scalar},
    },
    stops::account_stopped,
};

/// The accounts that a stop covers, by its level, on its subject `$1`.
const COVERED: [&str; 4] = [
    "$1 IS NOT NULL",
    "partner_id = $1",
    concat!("(id = $1 OR id IN ", sub_users!("$1"), ")"),
    "(id IN (SELECT user_id FROM line_allocations WHERE line_id = $1) \
      OR parent_id IN (SELECT user_id FROM line_allocations WHERE line_id = $1))",
];

/// Those accounts that a stop covers, or that have a share of the line, after this one in the order of their ids.
pub(crate) async fn covered(
    tx: &mut Tx,
    (level, subject): (StopLevel, Uuid),
    after: Uuid,
    limit: u32,
) -> Result<Vec<AccountId>> {
    let condition = match level {
        StopLevel::Installation => COVERED[0],
        StopLevel::Partner => COVERED[1],
        StopLevel::Account => COVERED[2],
        StopLevel::Line => COVERED[3],
    };
    let sql = sql!(tx, condition: &'static str = COVERED, |_dialect| format!(
        "SELECT id FROM accounts WHERE {condition} AND id > $2 ORDER BY id LIMIT $3"
    ));
    let ids: Vec<Uuid> = on!(tx, c => query_scalar(sql)
        .bind(subject).bind(after).bind(i64::from(limit)).fetch_all(c).await)?;
    Ok(ids.into_iter().map(AccountId::new).collect())
}

/// Locks accounts, users before sub-users, and gives those of which another thing holds than was published.
pub(crate) async fn lock_changed(tx: &mut Tx, accounts: &[AccountId]) -> Result<Vec<AccountId>> {
    let ids = uuids(accounts.iter().map(|account| account.uuid()))?;
    let sql = sql!(tx, |dialect| format!(
        "SELECT id FROM accounts WHERE {} ORDER BY parent_id IS NOT NULL, id{}",
        dialect.among_uuids("id", "$1"),
        dialect.lock(RowLock::Change)
    ));
    let _: Vec<Uuid> = on!(tx, c => query_scalar(sql).bind(&ids).fetch_all(c).await)?;
    // In a statement of its own, which sees what was committed while the locks were waited for.
    let sql = sql!(tx, |dialect| format!(
        concat!("SELECT a.id FROM accounts a WHERE {} AND a.published_stopped <> ", account_stopped!("a.id")),
        dialect.among_uuids("a.id", "$1")
    ));
    let changed: Vec<Uuid> = on!(tx, c => query_scalar(sql).bind(&ids).fetch_all(c).await)?;
    Ok(changed.into_iter().map(AccountId::new).collect())
}

/// Takes note that the logs of locked accounts say the contrary from an instant on.
pub(crate) async fn turn(tx: &mut Tx, accounts: &[AccountId], at: Timestamp) -> Result<()> {
    let sql = sql!(tx, |dialect| format!(
        "UPDATE accounts SET published_stopped = NOT published_stopped, \
             stop_published_at = CASE WHEN stop_published_at > $2 THEN stop_published_at ELSE $2 END WHERE {}",
        dialect.among_uuids("id", "$1")
    ));
    let ids = uuids(accounts.iter().map(|account| account.uuid()))?;
    on!(tx, c => query(sql).bind(ids).bind(micros(at)).execute(c).await.map(drop))?;
    Ok(())
}

/// Takes note that the logs of locked accounts say that a ceiling changed.
pub(crate) async fn note_ceiling(tx: &mut Tx, accounts: &[AccountId], at: Timestamp) -> Result<()> {
    let sql = sql!(tx, |dialect| format!(
        "UPDATE accounts SET ceiling_published_at = $2 WHERE {}",
        dialect.among_uuids("id", "$1")
    ));
    let ids = uuids(accounts.iter().map(|account| account.uuid()))?;
    on!(tx, c => query(sql).bind(ids).bind(micros(at)).execute(c).await.map(drop))?;
    Ok(())
}

/// Has nothing taken for published that lies after `now`, which happens when the clock is set back.
pub(crate) async fn take_back(tx: &mut Tx, now: Timestamp) -> Result<()> {
    on!(tx, c => query(sql!("UPDATE accounts SET stop_published_at = $1 WHERE stop_published_at > $1"))
        .bind(micros(now)).execute(c).await.map(drop))?;
    Ok(())
}

/// What was published of these accounts; one that is left out was never stopped, nor below a ceiling.
pub(crate) async fn published(
    session: &mut dyn Session,
    accounts: &[AccountId],
) -> Result<HashMap<AccountId, PublishedAbove>> {
    let sql = sql!(session, |dialect| format!(
        "SELECT id, published_stopped, stop_published_at, ceiling_published_at FROM accounts \
         WHERE {} AND (published_stopped OR stop_published_at IS NOT NULL OR ceiling_published_at IS NOT NULL)",
        dialect.among_uuids("id", "$1")
    ));
    let ids = uuids(accounts.iter().map(|account| account.uuid()))?;
    let rows: Vec<(Uuid, bool, Option<i64>, Option<i64>)> =
        on!(session, c => query_as(sql).bind(ids).fetch_all(c).await)?;
    let published = |(id, stopped, since, ceiling): (Uuid, bool, Option<i64>, Option<i64>)| {
        let stop = PublishedStop { stopped, since: since.map(nearest_timestamp) };
        let ceiling_changed_at = ceiling.map(nearest_timestamp);
        (AccountId::new(id), PublishedAbove { stop, ceiling_changed_at })
    };
    Ok(rows.into_iter().map(published).collect())
}
