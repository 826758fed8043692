//! Events: each account's log of what happened, numbered from 1 without a gap.
//!
//! A transaction gathers what it publishes in an outbox and appends it as the last thing before its commit. So an
//! event is in the log if and only if what caused it is in the database.
//!
//! A group that opens or closes takes its tasks along, and these may be thousands. Such a transition is stored as one row:
//! the columns hold its first event, `further_events` says how many follow it, and `tasks` holds the task, kind and cause
//! of each of these, packed into 17 bytes; all else is as in the first. A row takes the numbers from its own `number` up to
//! `number + further_events`. After 1,000 tasks another row continues, so that nobody who reads a page unpacks much. Only
//! this module knows rows: who reads gets events, may begin anywhere within a row, and finds the same numbers in the same
//! order as if each event had a row of its own. Rows are deleted whole; their events were all written at one instant.

mod append;
mod outbox;
mod packed;
mod row;

use std::collections::HashSet;

use domain::{AccountId, LoggedEvent};
use jiff::Timestamp;
use sqlx::Row as _;
use uuid::Uuid;

use self::row::{EVENTS, EventRow, RowEvents, event_columns};
pub(crate) use self::{append::append, outbox::Outbox};
use crate::{
    Error, Kind, Result,
    database::{
        Queryable, Writable,
        convert::{damaged, micros, uuids},
        lists,
        statement::{query, query_as},
    },
};

/// The events of an account after the one of this number, oldest first, at most `limit`. There are fewer only where the log
/// ends or has been deleted in part, and none only at its end.
///
/// # Errors
/// When the database does not answer.
pub async fn list(
    session: &mut dyn Queryable,
    account: AccountId,
    after: i64,
    limit: u32,
) -> Result<Vec<LoggedEvent>> {
    let most = usize::try_from(limit).map_err(damaged)?;
    // No log is that long, and nothing overflows.
    let mut after = after.min(i64::MAX - i64::from(limit));
    loop {
        let (rows, last) = rows_after(session, account, after, limit).await?;
        let events: Vec<LoggedEvent> = rows.iter().flat_map(|row| row.after(after)).take(most).collect();
        match last {
            // None of these could be read: who follows the log goes on after them.
            Some(last) if events.is_empty() => after = last,
            _ => return Ok(events),
        }
    }
}

/// Those rows that hold the next `limit` events and can be read; and the number of the last event of all of them.
async fn rows_after(
    session: &mut dyn Queryable,
    account: AccountId,
    after: i64,
    limit: u32,
) -> Result<(Vec<RowEvents>, Option<i64>)> {
    Ok(on!(session, c => {
        // From the row that holds `after`, or the next one, up to the row that holds the last event.
        let rows = query(sql!(concat!("SELECT ", event_columns!(), " FROM events WHERE account_id = $1 \
             AND number >= coalesce((SELECT max(number) FROM events WHERE account_id = $1 AND number <= $2), 0) \
             AND number < $3 + coalesce((SELECT min(number) FROM events WHERE account_id = $1 AND number > $2), $2) \
             AND number + further_events > $2 ORDER BY number")))
            .bind(account.uuid()).bind(after).bind(i64::from(limit))
            .fetch_all(c).await?;
        let last = rows.last().map(|row| Ok(row.try_get::<i64, _>("number")? + row.try_get::<i64, _>("further_events")?));
        let last = last.transpose().map_err(|error: sqlx::Error| damaged(error))?;
        (lists::readable::<_, EventRow, RowEvents>(EVENTS, &rows), last)
    }))
}

/// One event of an account.
///
/// # Errors
/// [`Error::NotFound`] when there is none of this number, or no longer.
pub async fn get(session: &mut dyn Queryable, account: AccountId, number: i64) -> Result<LoggedEvent> {
    let row: Option<EventRow> = on!(session, c => query_as(sql!(concat!(
        "SELECT ", event_columns!(), " FROM events WHERE account_id = $1 AND number + further_events >= $2 \
         AND number = (SELECT max(number) FROM events WHERE account_id = $1 AND number <= $2)")))
        .bind(account.uuid()).bind(number).fetch_optional(c).await)?;
    let row = RowEvents::try_from(row.ok_or(Error::NotFound(Kind::Event))?)?;
    row.after(number.saturating_sub(1)).next().ok_or(Error::NotFound(Kind::Event))
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
pub async fn extent(session: &mut dyn Queryable, account: AccountId) -> Result<Extent> {
    let (oldest, newest): (Option<i64>, Option<i64>) = on!(session, c => query_as(sql!(
        "SELECT (SELECT min(number) FROM events WHERE account_id = $1), \
                (SELECT last FROM event_counters WHERE account_id = $1)"))
        .bind(account.uuid()).fetch_one(c).await)?;
    Ok(Extent { oldest, newest: newest.unwrap_or(0) })
}

/// The number of the newest event of each of these accounts that had any.
pub(crate) async fn newest_of(
    session: &mut dyn Queryable,
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

/// Deletes events that were written before `instant`, at most `limit` rows of them; says how many rows it was.
///
/// # Errors
/// When the database does not answer.
pub async fn delete_before(tx: &mut dyn Writable, instant: Timestamp, limit: u32) -> Result<u64> {
    let sql = sql!(tx, |dialect| dialect.delete_oldest("events", "account_id, number", "written_at", "true"));
    let done = on!(tx, c => query(sql).bind(micros(instant)).bind(i64::from(limit))
        .execute(c).await.map(|done| done.rows_affected()))?;
    Ok(done)
}
