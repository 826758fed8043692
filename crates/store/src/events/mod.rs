//! Events: each account's log of what happened, numbered from 1 without a gap.
//!
//! A transaction gathers what it publishes and appends it as the last thing before its commit. So an event stands in
//! the log if and only if what caused it does.

mod append;
mod row;

use std::collections::HashSet;

use domain::{AccountId, LoggedEvent};
use jiff::Timestamp;
use sqlx::Row as _;
use uuid::Uuid;

pub(crate) use self::append::append;
use self::row::{EVENTS, EventRow, event_columns};
use crate::{
    Error, Kind, Result,
    database::{
        Queryable, Writable,
        convert::{micros, uuids},
        lists,
        statement::{query, query_as},
    },
};

/// The events of an account after the one of this number, oldest first, at most `limit`.
///
/// # Errors
/// When the database does not answer.
pub async fn list(
    session: &mut impl Queryable,
    account: AccountId,
    after: i64,
    limit: u32,
) -> Result<Vec<LoggedEvent>> {
    let mut after = after;
    loop {
        let (events, last) = on!(session, c => {
            let rows = query(sql!(concat!("SELECT ", event_columns!(),
                " FROM events WHERE account_id = $1 AND number > $2 ORDER BY number LIMIT $3")))
                .bind(account.uuid()).bind(after).bind(i64::from(limit))
                .fetch_all(c).await?;
            let last: Option<i64> = rows.last().map(|row| row.try_get("number")).transpose()?;
            (lists::readable::<_, EventRow, LoggedEvent>(EVENTS, &rows), last)
        });
        match last {
            // None of these could be read: who follows the log goes on after them.
            Some(last) if events.is_empty() => after = last,
            _ => return Ok(events),
        }
    }
}

/// One event of an account.
///
/// # Errors
/// [`Error::NotFound`] when there is none of this number, or no longer.
pub async fn get(session: &mut impl Queryable, account: AccountId, number: i64) -> Result<LoggedEvent> {
    let row: Option<EventRow> = on!(session, c => query_as(sql!(concat!(
        "SELECT ", event_columns!(), " FROM events WHERE account_id = $1 AND number = $2")))
        .bind(account.uuid()).bind(number).fetch_optional(c).await)?;
    Ok(row.ok_or(Error::NotFound(Kind::Event))?.try_into()?)
}

/// What an account's log reaches over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// The number of the oldest event that is kept; `None` when none is.
    pub oldest: Option<i64>,
    /// The number of the newest event there was; 0 when there was none.
    pub newest: i64,
}

/// What an account's log reaches over.
///
/// # Errors
/// When the database does not answer.
pub async fn extent(session: &mut impl Queryable, account: AccountId) -> Result<Extent> {
    let (oldest, newest): (Option<i64>, Option<i64>) = on!(session, c => query_as(sql!(
        "SELECT (SELECT min(number) FROM events WHERE account_id = $1), \
                (SELECT last FROM event_counters WHERE account_id = $1)"))
        .bind(account.uuid()).fetch_one(c).await)?;
    Ok(Extent { oldest, newest: newest.unwrap_or(0) })
}

/// The number of the newest event of each of these accounts that had any.
pub(crate) async fn newest_of(
    session: &mut impl Queryable,
    accounts: &HashSet<AccountId>,
) -> Result<Vec<(AccountId, i64)>> {
    let sql = sql!(session, |dialect| format!(
        "SELECT account_id, last FROM event_counters WHERE {}",
        dialect.among_uuids("account_id", "$1")
    ));
    let accounts = uuids(accounts.iter().map(|account| account.uuid()))?;
    let rows: Vec<(Uuid, i64)> = on!(session, c => query_as(sql).bind(accounts).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|(id, last)| (AccountId::new(id), last)).collect())
}

/// Deletes events that were written before `instant`, at most `limit` of them; says how many it was.
///
/// # Errors
/// When the database does not answer.
pub async fn delete_before(tx: &mut impl Writable, instant: Timestamp, limit: u32) -> Result<u64> {
    let sql = sql!(tx, |dialect| dialect.delete_oldest("events", "account_id, number", "written_at", "true"));
    let done = on!(tx, c => query(sql).bind(micros(instant)).bind(i64::from(limit))
        .execute(c).await.map(|done| done.rows_affected()))?;
    Ok(done)
}
