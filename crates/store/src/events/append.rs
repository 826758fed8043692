//! Writing to the logs. The row that counts an account's events is the last that a transaction locks, and it stays locked
//! until the commit. So numbers have no gap, and who has read up to a number will never find a lower one later.
//!
//! One statement takes the numbers and writes the rows: an edit waits for its answer once.

use domain::{AccountId, TaskId};
use sqlx::{PgConnection, SqliteConnection};

use super::outbox::{Outbox, OutboxRow};
use crate::database::{
    Driver, Writable,
    convert::{damaged, json, micros},
    dialect::Dialect,
    error::Result,
    statement::{Sql, query},
};

/// How many rows one statement writes: eleven parameters each, of the 32,766 that SQLite takes.
const ROWS_PER_STATEMENT: usize = 1_000;

/// Writes events to the logs of their accounts, as the last thing before a commit; gives the accounts whose logs have grown. One that is gone
/// has no log: a call that outlives its account ends unheard, and delays nobody else's.
pub(crate) async fn append(connection: &mut dyn Writable, outbox: Outbox) -> Result<Vec<AccountId>> {
    let rows = outbox.into_rows();
    for rows in rows.chunks(ROWS_PER_STATEMENT) {
        insert(connection, rows).await?;
    }
    let mut accounts: Vec<AccountId> = rows.iter().map(|row| row.account).collect();
    accounts.dedup();
    Ok(accounts)
}

async fn insert(connection: &mut dyn Writable, rows: &[OutboxRow]) -> Result<()> {
    let number = rows.len();
    let sql = sql!(connection, number: usize = [1, ROWS_PER_STATEMENT], |dialect| insert_statement(dialect, number));
    match connection.driver() {
        Driver::Sqlite(connection) => insert_by_values(connection, sql, rows).await,
        Driver::Postgres(connection) => insert_by_arrays(connection, sql, rows).await,
    }
}

/// How a driver takes many rows at once: each has a way of its own that is several times faster than any they share.
fn insert_statement(dialect: Dialect, rows: usize) -> String {
    match dialect {
        // A trigger gives each row its number, and passes over accounts that are gone.
        Dialect::Sqlite => format!(
            "INSERT INTO appended_events (account_id, kind, cause, due_at, written_at, group_id, group_version, task_id, \
                                          detail, further_events, tasks) VALUES {}",
            vec!["(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"; rows].join(", ")
        ),
        // `until_last`: how many events of this statement come after the row's first in its log.
        Dialect::Postgres => "WITH appended AS ( \
                 SELECT *, sum(1 + further_events) OVER (PARTITION BY account_id ORDER BY place DESC) - 1 AS until_last \
                 FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], \
                             $8::uuid[], $9::text[], $10::bigint[], $11::bytea[]) WITH ORDINALITY \
                     AS rows (account_id, kind, cause, due_at, written_at, group_id, group_version, task_id, detail, \
                              further_events, tasks, place) \
                 WHERE EXISTS (SELECT 1 FROM accounts WHERE accounts.id = rows.account_id)), \
             counted AS ( \
                 INSERT INTO event_counters (account_id, last) \
                 SELECT account_id, sum(1 + further_events) FROM appended GROUP BY account_id ORDER BY account_id \
                 ON CONFLICT (account_id) DO UPDATE SET last = event_counters.last + excluded.last \
                 RETURNING account_id, last) \
             INSERT INTO events (account_id, number, kind, cause, due_at, written_at, group_id, group_version, task_id, \
                                 detail, further_events, tasks) \
             SELECT account_id, last - until_last, kind, cause, due_at, written_at, group_id, group_version, task_id, \
                    detail, further_events, tasks \
             FROM appended JOIN counted USING (account_id)"
            .to_owned(),
    }
}

impl OutboxRow {
    fn detail(&self) -> Result<Option<String>> {
        self.first.detail.as_ref().map(json).transpose()
    }

    fn further_events(&self) -> Result<i64> {
        i64::try_from(self.tasks.count()).map_err(damaged)
    }
}

async fn insert_by_values(connection: &mut SqliteConnection, sql: Sql, rows: &[OutboxRow]) -> Result<()> {
    // There are as many texts as numbers of rows, and they must not push others out of the driver's cache.
    let mut statement = query(sql).persistent(rows.len() == 1);
    for row in rows {
        let event = &row.first;
        statement = statement
            .bind(row.account.uuid())
            .bind(event.kind.code())
            .bind(event.cause.code())
            .bind(micros(event.due_at))
            .bind(micros(event.written_at))
            .bind(event.group.map(|(id, _)| id.get()))
            .bind(event.group.map(|(_, version)| version))
            .bind(event.task.map(TaskId::uuid))
            .bind(row.detail()?)
            .bind(row.further_events()?)
            .bind(row.tasks.column());
    }
    statement.execute(connection).await?;
    Ok(())
}

async fn insert_by_arrays(connection: &mut PgConnection, sql: Sql, rows: &[OutboxRow]) -> Result<()> {
    fn column<'r, T>(rows: &'r [OutboxRow], of: impl Fn(&'r OutboxRow) -> T) -> Vec<T> {
        rows.iter().map(of).collect()
    }
    query(sql)
        .bind(column(rows, |row| row.account.uuid()))
        .bind(column(rows, |row| row.first.kind.code()))
        .bind(column(rows, |row| row.first.cause.code()))
        .bind(column(rows, |row| micros(row.first.due_at)))
        .bind(column(rows, |row| micros(row.first.written_at)))
        .bind(column(rows, |row| row.first.group.map(|(id, _)| id.get())))
        .bind(column(rows, |row| row.first.group.map(|(_, version)| version)))
        .bind(column(rows, |row| row.first.task.map(TaskId::uuid)))
        .bind(rows.iter().map(OutboxRow::detail).collect::<Result<Vec<_>>>()?)
        .bind(rows.iter().map(OutboxRow::further_events).collect::<Result<Vec<_>>>()?)
        .bind(column(rows, |row| row.tasks.column()))
        .execute(connection)
        .await?;
    Ok(())
}
