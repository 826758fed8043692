//! Questions about the database itself.

use jiff::Timestamp;

use crate::{
    Result, Session,
    connection::{Driver, dialect},
    convert,
    convert::damaged,
};

/// Answers when the database does.
///
/// # Errors
/// When it does not.
pub async fn ping(session: &mut impl Session) -> Result<()> {
    let _one: i64 = on!(session, c => sqlx::query_scalar("SELECT CAST(1 AS BIGINT)").fetch_one(c).await)?;
    Ok(())
}

/// The present instant by the database's clock.
///
/// # Errors
/// When the database does not answer.
pub async fn now(session: &mut impl Session) -> Result<Timestamp> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT {}", dialect(session).now()));
    let micros: i64 = on!(session, c => sqlx::query_scalar(sql).fetch_one(c).await)?;
    convert::timestamp(micros)
}

/// The number of the newest migration that was run.
///
/// # Errors
/// When the database was never migrated, or does not answer.
pub async fn schema_version(session: &mut impl Session) -> Result<i64> {
    let sql = "SELECT CAST(coalesce(max(version), 0) AS BIGINT) FROM _sqlx_migrations WHERE success";
    Ok(on!(session, c => sqlx::query_scalar(sql).fetch_one(c).await)?)
}

/// What the database itself finds wrong with its file and its foreign keys; empty when all is well. PostgreSQL
/// keeps both by itself and is not asked.
///
/// # Errors
/// When the database does not answer.
pub async fn integrity(session: &mut impl Session) -> Result<Vec<String>> {
    let Driver::Sqlite(connection) = session.driver() else { return Ok(Vec::new()) };
    let mut faults: Vec<String> =
        sqlx::query_scalar("PRAGMA integrity_check").fetch_all(&mut *connection).await?;
    faults.retain(|line| line != "ok");
    let orphans = sqlx::query("PRAGMA foreign_key_check").fetch_all(connection).await?;
    if !orphans.is_empty() {
        faults.push(format!("{} rows refer to rows that do not exist", orphans.len()));
    }
    Ok(faults)
}

/// Whether there is any partner yet.
///
/// # Errors
/// When the database does not answer.
pub async fn has_partner(session: &mut impl Session) -> Result<bool> {
    let count: i64 = on!(session, c =>
        sqlx::query_scalar("SELECT count(*) FROM (SELECT 1 FROM partners LIMIT 1) AS first").fetch_one(c).await)?;
    u8::try_from(count).map(|count| count > 0).map_err(damaged)
}
