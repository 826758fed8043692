//! PostgreSQL stores attempts by the month in which they were dialed: months are made ahead, and go as a whole when they are past. SQLite has one
//! table of all.

use jiff::{SignedDuration, Timestamp};

use crate::{
    Result, Tx,
    database::{convert::micros, dialect::Dialect, statement::query_scalar},
};

/// Between instants that are no further apart no month is passed over.
const SHORTEST_MONTH: SignedDuration = SignedDuration::from_hours(28 * 24);

/// How many such steps ahead there are months.
const STEPS: i32 = 4;

/// Makes the months of the present and of the time that comes next, where they are not there.
///
/// # Errors
/// When the database does not answer.
pub async fn make_months(tx: &mut Tx, now: Timestamp) -> Result<()> {
    for step in 0..=STEPS {
        let instant = now.saturating_add(SHORTEST_MONTH * step).unwrap_or(now);
        let sql = sql!(tx, |dialect| match dialect {
            Dialect::Sqlite => "SELECT $1 IS NULL".to_owned(),
            Dialect::Postgres => "SELECT make_attempts_month($1)".to_owned(),
        });
        let _: bool = on!(tx, c => query_scalar(sql).bind(micros(instant)).fetch_one(c).await)?;
    }
    Ok(())
}

/// Drops the oldest month that had ended by an instant, with its counters; says whether there was one.
///
/// # Errors
/// When the database does not answer.
pub async fn drop_month(tx: &mut Tx, before: Timestamp) -> Result<bool> {
    let sql = sql!(tx, |dialect| match dialect {
        Dialect::Sqlite => "SELECT $1 IS NULL".to_owned(),
        Dialect::Postgres => "SELECT drop_attempts_month($1)".to_owned(),
    });
    Ok(on!(tx, c => query_scalar(sql).bind(micros(before)).fetch_one(c).await)?)
}
