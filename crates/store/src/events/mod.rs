//! Events: each account's log of what happened, numbered from 1 without a gap.
//!
//! A transaction gathers what it has to tell and writes it as the last thing before its commit. So an event stands in
//! the log if and only if what caused it does; the row that counts an account's events is the last that is locked; and
//! since it stays locked until the commit, who has read up to a number will never find a lower one later.

use std::collections::BTreeMap;

use domain::{AccountId, DialTimeGroupId, Event, EventCause, EventKind, LoggedEvent, TaskId};
use jiff::Timestamp;
use sqlx::{PgConnection, Row as _, Sqlite, SqliteConnection};
use uuid::Uuid;

use crate::{
    Error, Result, Session, Tx,
    database::{
        connection::{Driver, dialect, sealed::Speak},
        convert::{damaged, from_json, json, micros, timestamp},
        lists,
    },
};

/// How many events one statement writes: ten parameters each, of the 32,766 that SQLite takes.
const ROWS_PER_STATEMENT: usize = 1_000;

/// Notes an event, to be written with the commit.
pub(crate) fn tell(tx: &mut Tx, account: AccountId, event: Event) {
    tx.events.push((account, event));
}

/// Writes what was noted; gives the accounts whose logs have grown.
pub(crate) async fn write(tx: &mut Tx) -> Result<Vec<AccountId>> {
    let mut logs: BTreeMap<AccountId, Vec<Event>> = BTreeMap::new();
    for (account, event) in std::mem::take(&mut tx.events) {
        logs.entry(account).or_default().push(event);
    }
    let accounts = logs.keys().copied().collect();
    let mut rows = Vec::new();
    // In the order of the accounts, so that no two transactions wait for each other.
    for (account, events) in logs {
        let first = take_numbers(tx, account, events.len()).await?;
        for (number, event) in (first..).zip(events) {
            rows.push(Row::of(account, number, &event)?);
        }
    }
    for rows in rows.chunks(ROWS_PER_STATEMENT) {
        insert(tx, rows).await?;
    }
    Ok(accounts)
}

/// The first of as many numbers as there are events.
async fn take_numbers(tx: &mut Tx, account: AccountId, events: usize) -> Result<i64> {
    let events = i64::try_from(events).map_err(damaged)?;
    let last: i64 = on!(tx, c => sqlx::query_scalar(
        "INSERT INTO event_counters (account_id, last) VALUES ($1, $2) \
         ON CONFLICT (account_id) DO UPDATE SET last = event_counters.last + excluded.last RETURNING last")
        .bind(account.uuid()).bind(events)
        .fetch_one(c).await)?;
    Ok(last - events + 1)
}

/// Many rows at once: each database has a way of its own that is several times faster than any they share.
async fn insert(tx: &mut Tx, rows: &[Row]) -> Result<()> {
    match tx.driver() {
        Driver::Sqlite(connection) => insert_by_values(connection, rows).await,
        Driver::Postgres(connection) => insert_by_arrays(connection, rows).await,
    }
}

async fn insert_by_values(connection: &mut SqliteConnection, rows: &[Row]) -> Result<()> {
    let mut query = sqlx::QueryBuilder::<Sqlite>::new(
        "INSERT INTO events (account_id, number, kind, cause, due_at, written_at, group_id, group_version, task_id, \
                             detail) ",
    );
    query.push_values(rows, |mut values, row| {
        values.push_bind(row.account_id).push_bind(row.number).push_bind(&row.kind).push_bind(&row.cause);
        values.push_bind(row.due_at).push_bind(row.written_at).push_bind(row.group_id);
        values.push_bind(row.group_version).push_bind(row.task_id).push_bind(&row.detail);
    });
    query.build().execute(connection).await?;
    Ok(())
}

async fn insert_by_arrays(connection: &mut PgConnection, rows: &[Row]) -> Result<()> {
    fn column<'r, T>(rows: &'r [Row], of: impl Fn(&'r Row) -> T) -> Vec<T> {
        rows.iter().map(of).collect()
    }
    sqlx::query(
        "INSERT INTO events (account_id, number, kind, cause, due_at, written_at, group_id, group_version, task_id, \
                             detail) \
         SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], \
                              $8::bigint[], $9::uuid[], $10::text[])",
    )
    .bind(column(rows, |row| row.account_id))
    .bind(column(rows, |row| row.number))
    .bind(column(rows, |row| row.kind.as_str()))
    .bind(column(rows, |row| row.cause.as_str()))
    .bind(column(rows, |row| row.due_at))
    .bind(column(rows, |row| row.written_at))
    .bind(column(rows, |row| row.group_id))
    .bind(column(rows, |row| row.group_version))
    .bind(column(rows, |row| row.task_id))
    .bind(column(rows, |row| row.detail.as_deref()))
    .execute(connection)
    .await?;
    Ok(())
}

/// The events of an account after the one of this number, oldest first, at most `limit`.
///
/// # Errors
/// When the database does not answer.
pub async fn list(
    session: &mut impl Session,
    account: AccountId,
    after: i64,
    limit: u32,
) -> Result<Vec<LoggedEvent>> {
    let mut after = after;
    loop {
        let (events, last) = on!(session, c => {
            let rows = sqlx::query(
                "SELECT account_id, number, kind, cause, due_at, written_at, group_id, group_version, task_id, detail \
                 FROM events WHERE account_id = $1 AND number > $2 ORDER BY number LIMIT $3")
                .bind(account.uuid()).bind(after).bind(i64::from(limit))
                .fetch_all(c).await?;
            let last: Option<i64> = rows.last().map(|row| row.try_get("number")).transpose()?;
            (lists::readable::<_, Row, LoggedEvent>("events", &rows), last)
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
pub async fn get(session: &mut impl Session, account: AccountId, number: i64) -> Result<LoggedEvent> {
    let row: Row = on!(session, c => sqlx::query_as(
        "SELECT account_id, number, kind, cause, due_at, written_at, group_id, group_version, task_id, detail \
         FROM events WHERE account_id = $1 AND number = $2")
        .bind(account.uuid()).bind(number).fetch_one(c).await)?;
    row.try_into()
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
pub async fn extent(session: &mut impl Session, account: AccountId) -> Result<Extent> {
    let (oldest, newest): (Option<i64>, Option<i64>) = on!(session, c => sqlx::query_as(
        "SELECT (SELECT min(number) FROM events WHERE account_id = $1), \
                (SELECT last FROM event_counters WHERE account_id = $1)")
        .bind(account.uuid()).fetch_one(c).await)?;
    Ok(Extent { oldest, newest: newest.unwrap_or(0) })
}

/// Forgets events that were written before `instant`, at most `limit` of them; says how many it was.
///
/// # Errors
/// When the database does not answer.
pub async fn forget_before(tx: &mut Tx, instant: Timestamp, limit: u32) -> Result<u64> {
    let sql = dialect(tx).delete_events_before();
    let done = on!(tx, c => sqlx::query(sql).bind(micros(instant)).bind(i64::from(limit))
        .execute(c).await.map(|done| done.rows_affected()))?;
    Ok(done)
}

#[derive(sqlx::FromRow)]
struct Row {
    account_id: Uuid,
    number: i64,
    kind: String,
    cause: String,
    due_at: i64,
    written_at: i64,
    group_id: Option<i64>,
    group_version: Option<i64>,
    task_id: Option<Uuid>,
    detail: Option<String>,
}

impl Row {
    fn of(account: AccountId, number: i64, event: &Event) -> Result<Self> {
        Ok(Self {
            account_id: account.uuid(),
            number,
            kind: event.kind.code().to_owned(),
            cause: event.cause.code().to_owned(),
            due_at: micros(event.due_at),
            written_at: micros(event.written_at),
            group_id: event.group.map(|(id, _)| id.get()),
            group_version: event.group.map(|(_, version)| version),
            task_id: event.task.map(TaskId::uuid),
            detail: event.detail.as_ref().map(json).transpose()?,
        })
    }
}

impl TryFrom<Row> for LoggedEvent {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let kind = EventKind::from_code(&row.kind).ok_or_else(|| damaged(format!("event {}", row.kind)))?;
        let cause =
            EventCause::from_code(&row.cause).ok_or_else(|| damaged(format!("cause {}", row.cause)))?;
        let event = Event {
            kind,
            cause,
            due_at: timestamp(row.due_at)?,
            written_at: timestamp(row.written_at)?,
            group: row.group_id.map(DialTimeGroupId::new).zip(row.group_version),
            task: row.task_id.map(TaskId::new),
            detail: row.detail.as_deref().map(from_json).transpose()?,
        };
        Ok(Self { account: AccountId::new(row.account_id), number: row.number, event })
    }
}
