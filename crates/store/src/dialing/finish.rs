//! Lists that are finished: no number of them is called any more, now or later.

use domain::{AccountId, TaskId};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    Result, Tx,
    database::{
        convert::{json, micros},
        statement::query_as,
    },
};

/// Marks those of these lists, which are locked, as finished that have just become so: no number is due, leased or in a call, and no
/// import goes on. Gives their tasks. Each is given once, until numbers are added or reset.
///
/// # Errors
/// When the database does not answer.
pub async fn finish_lists(tx: &mut Tx, lists: &[i64], now: Timestamp) -> Result<Vec<(AccountId, TaskId)>> {
    let sql = sql!(tx, |dialect| format!(
        "UPDATE number_lists SET finished_at = $2 WHERE {} AND finished_at IS NULL AND deleted_at IS NULL \
             AND NOT EXISTS (SELECT 1 FROM number_counts left_over WHERE left_over.list_id = number_lists.id \
                 AND left_over.state IN (0, 1, 2) AND left_over.numbers > 0) \
             AND NOT EXISTS (SELECT 1 FROM number_jobs job WHERE job.list_id = number_lists.id \
                 AND job.kind = 'import' AND job.ended_at IS NULL) \
         RETURNING account_id, task_id",
        dialect.among("id", "$1")
    ));
    let rows: Vec<(Uuid, Uuid)> =
        on!(tx, c => query_as(sql).bind(json(&lists)?).bind(micros(now)).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|(account, task)| (AccountId::new(account), TaskId::new(task))).collect())
}
