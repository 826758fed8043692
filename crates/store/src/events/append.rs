//! Writing to the logs. The row that counts an account's events is the last that a transaction locks, and it stays locked
//! until the commit. So numbers have no gap, and who has read up to a number will never find a lower one later.

use std::collections::BTreeMap;

use domain::{AccountId, Event};
use sqlx::{PgConnection, SqliteConnection};

use super::row::{EventRow, event_columns};
use crate::database::{
    Driver, Writable,
    convert::damaged,
    dialect::Dialect,
    error::Result,
    statement::{Sql, query, query_scalar},
};

/// How many events one statement writes: ten parameters each, of the 32,766 that SQLite takes.
const ROWS_PER_STATEMENT: usize = 1_000;

/// Writes events to the logs of their accounts, as the last thing before a commit; gives the accounts whose logs have grown.
pub(crate) async fn append(
    connection: &mut impl Writable,
    events: Vec<(AccountId, Event)>,
) -> Result<Vec<AccountId>> {
    let mut logs: BTreeMap<AccountId, Vec<Event>> = BTreeMap::new();
    for (account, event) in events {
        logs.entry(account).or_default().push(event);
    }
    let accounts = logs.keys().copied().collect();
    let mut rows = Vec::new();
    // In the order of the accounts, so that no two transactions wait for each other.
    for (account, events) in logs {
        let first = take_numbers(connection, account, events.len()).await?;
        for (number, event) in (first..).zip(events) {
            rows.push(EventRow::of(account, number, &event)?);
        }
    }
    for rows in rows.chunks(ROWS_PER_STATEMENT) {
        insert(connection, rows).await?;
    }
    Ok(accounts)
}

/// The first of as many numbers as there are events.
async fn take_numbers(connection: &mut impl Writable, account: AccountId, events: usize) -> Result<i64> {
    let events = i64::try_from(events).map_err(damaged)?;
    let last: i64 = on!(connection, c => query_scalar(sql!(
        "INSERT INTO event_counters (account_id, last) VALUES ($1, $2) \
         ON CONFLICT (account_id) DO UPDATE SET last = event_counters.last + excluded.last RETURNING last"))
        .bind(account.uuid()).bind(events)
        .fetch_one(c).await)?;
    Ok(last - events + 1)
}

/// How a driver takes many rows at once: each has a way of its own that is several times faster than any they share.
fn insert_statement(dialect: Dialect, rows: usize) -> String {
    let values = match dialect {
        Dialect::Sqlite => format!("VALUES {}", vec!["(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"; rows].join(", ")),
        Dialect::Postgres => {
            "SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::bigint[], \
                              $6::bigint[], $7::bigint[], $8::bigint[], $9::uuid[], $10::text[])"
                .to_owned()
        }
    };
    format!(concat!("INSERT INTO events (", event_columns!(), ") {}"), values)
}

async fn insert(connection: &mut impl Writable, rows: &[EventRow]) -> Result<()> {
    let number = rows.len();
    let sql = sql!(connection, number: usize = [1, ROWS_PER_STATEMENT], |dialect| insert_statement(dialect, number));
    match connection.driver() {
        Driver::Sqlite(connection) => insert_by_values(connection, sql, rows).await,
        Driver::Postgres(connection) => insert_by_arrays(connection, sql, rows).await,
    }
}

async fn insert_by_values(connection: &mut SqliteConnection, sql: Sql, rows: &[EventRow]) -> Result<()> {
    let mut statement = query(sql);
    for row in rows {
        statement = statement
            .bind(row.account_id)
            .bind(row.number)
            .bind(&row.kind)
            .bind(&row.cause)
            .bind(row.due_at)
            .bind(row.written_at)
            .bind(row.group_id)
            .bind(row.group_version)
            .bind(row.task_id)
            .bind(&row.detail);
    }
    statement.execute(connection).await?;
    Ok(())
}

async fn insert_by_arrays(connection: &mut PgConnection, sql: Sql, rows: &[EventRow]) -> Result<()> {
    fn column<'r, T>(rows: &'r [EventRow], of: impl Fn(&'r EventRow) -> T) -> Vec<T> {
        rows.iter().map(of).collect()
    }
    query(sql)
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
