//! Questions about the database itself.

use std::path::PathBuf;

use jiff::Timestamp;

use crate::{
    Result, Session, Store,
    database::{
        self, Driver,
        convert::timestamp,
        sqlite_file,
        statement::{query, query_scalar},
    },
};

/// Answers when the database does.
///
/// # Errors
/// When it does not.
pub async fn ping(session: &mut dyn Session) -> Result<()> {
    let _one: i64 = on!(session, c => query_scalar(sql!("SELECT CAST(1 AS BIGINT)")).fetch_one(c).await)?;
    Ok(())
}

/// The present instant by the database's clock.
///
/// # Errors
/// When the database does not answer.
pub async fn now(session: &mut dyn Session) -> Result<Timestamp> {
    let sql = sql!(session, |dialect| format!("SELECT {}", dialect.now()));
    let micros: i64 = on!(session, c => query_scalar(sql).fetch_one(c).await)?;
    Ok(timestamp(micros)?)
}

/// Writes, to find out whether the database takes writes, and looks whether its disk has room for more and its files are
/// the ones that were opened. What was found is taken for true for half a second, however many ask.
///
/// # Errors
/// When it does not: [`FileLost`](crate::DatabaseError::FileLost), [`DiskFull`](crate::DatabaseError::DiskFull), or what
/// the database says.
pub async fn check_writes(store: &Store) -> Result<()> {
    let pools = store.connections();
    let attempt = async || -> database::error::Result<()> {
        if let Some(files) = pools.files() {
            files.check()?;
            files.check_room()?;
        }
        let mut connection = pools.begin().await?;
        let sql = sql!(&mut connection, |dialect| format!(
            "INSERT INTO write_checks (only_row, checked_at) VALUES (1, {}) \
             ON CONFLICT (only_row) DO UPDATE SET checked_at = excluded.checked_at",
            dialect.now()
        ));
        on!(&mut connection, c => query(sql).execute(c).await.map(drop))?;
        connection.commit().await
    };
    Ok(pools.write_check().run(attempt).await?)
}

/// For how long a statement of this session waits for a row that someone holds, and how long it may take, in PostgreSQL's words;
/// `None` of SQLite.
///
/// # Errors
/// When the database does not answer.
pub async fn longest_waits(session: &mut dyn Session) -> Result<Option<(String, String)>> {
    let Driver::Postgres(connection) = session.driver() else { return Ok(None) };
    let sql = "SELECT current_setting('lock_timeout'), current_setting('statement_timeout')";
    Ok(Some(sqlx::query_as(sql).fetch_one(connection).await?))
}

/// How many bytes the disk of a SQLite database has left; `None` of PostgreSQL, or when it cannot be told.
pub fn free_bytes(store: &Store) -> Option<u64> {
    store.connections().files()?.free_bytes()
}

/// Those of a SQLite database's files that others than their owner can read or write, with their permissions.
pub fn files_open_to_others(store: &Store) -> Vec<(PathBuf, u32)> {
    store.connections().files().map(|files| sqlite_file::open_to_others(files.database())).unwrap_or_default()
}

/// The number of the newest migration that was run.
///
/// # Errors
/// When the database was never migrated, or does not answer.
pub async fn schema_version(session: &mut dyn Session) -> Result<i64> {
    Ok(on!(session, c => query_scalar(sql!(
        "SELECT CAST(coalesce(max(version), 0) AS BIGINT) FROM _sqlx_migrations WHERE success")).fetch_one(c).await)?)
}

/// What the database itself finds wrong with its file and its foreign keys; empty when all is well. PostgreSQL
/// keeps both by itself and is not asked.
///
/// # Errors
/// When the database does not answer.
pub async fn integrity(session: &mut dyn Session) -> Result<Vec<String>> {
    match session.driver() {
        Driver::Sqlite(connection) => integrity_of(connection).await,
        Driver::Postgres(_) => Ok(Vec::new()),
    }
}

pub(crate) async fn integrity_of(connection: &mut sqlx::SqliteConnection) -> Result<Vec<String>> {
    let mut faults: Vec<String> =
        sqlx::query_scalar("PRAGMA integrity_check").fetch_all(&mut *connection).await?;
    faults.retain(|line| line != "ok");
    let orphans = sqlx::query("PRAGMA foreign_key_check").fetch_all(connection).await?;
    if !orphans.is_empty() {
        faults.push(format!("{} rows refer to rows that do not exist", orphans.len()));
    }
    Ok(faults)
}
