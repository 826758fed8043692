//! Attempts are written when they have ended, many at once.

use domain::{Attempt, hour_of};

use super::{
    counters::{self, CounterKey},
    row::{COLUMNS, attempt_columns, outcome, values},
};
use crate::{
    Result, Tx,
    database::{convert::json, statement::query},
};

/// Adds attempts that have ended, of any accounts, and counts them. The counters' rows are locked in one order, and are to
/// be the last that a transaction locks beside the count of events.
///
/// # Errors
/// When the database does not answer, and when one of them was recorded already: an attempt has one outcome.
pub async fn record(tx: &mut Tx, attempts: &[Attempt]) -> Result<()> {
    if attempts.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = attempts.iter().map(values).collect::<std::result::Result<_, _>>()?;
    let sql = sql!(tx, |dialect| format!(
        concat!(
            "INSERT INTO attempts (",
            attempt_columns!(),
            ") SELECT ",
            attempt_columns!(),
            " FROM {} AS ended"
        ),
        dialect.rows("$1", COLUMNS)
    ));
    on!(tx, c => query(sql).bind(json(&rows)?).execute(c).await.map(drop))?;
    let key = |attempt: &Attempt| CounterKey {
        account: attempt.account_id.uuid(),
        task: attempt.task_id.uuid(),
        hour: hour_of(attempt.times.dialed_at),
        outcome: outcome(attempt.status),
    };
    counters::add(tx, attempts.iter().map(|attempt| (key(attempt), 1))).await
}
