//! Numbers that are given back without an attempt: what their node did not get to.

use domain::{NodeId, NumberPlace, NumberState};
use jiff::Timestamp;

use super::{PLACE_COLUMNS, place_rows};
use crate::{
    Result, Tx,
    database::{convert::micros, dialect::RowLock, statement::query_as},
    numbers::{CountChanges, stored_status},
};

/// Makes numbers of a node due again, as they were before. Numbers that are not its any more stay as they are.
///
/// # Errors
/// When the database does not answer.
pub async fn release(tx: &mut Tx, node: NodeId, numbers: &[NumberPlace]) -> Result<()> {
    give_back(tx, node, numbers, 0).await
}

/// Makes numbers of a node due again, not before an instant.
///
/// # Errors
/// When the database does not answer.
pub async fn put_off(tx: &mut Tx, node: NodeId, numbers: &[NumberPlace], until: Timestamp) -> Result<()> {
    give_back(tx, node, numbers, micros(until)).await
}

async fn give_back(tx: &mut Tx, node: NodeId, numbers: &[NumberPlace], not_before: i64) -> Result<()> {
    if numbers.is_empty() {
        return Ok(());
    }
    let sql = sql!(tx, |dialect| format!(
        "UPDATE numbers SET state = 0, leased_by = NULL, \
             next_attempt_at = CASE WHEN next_attempt_at < $3 THEN $3 ELSE next_attempt_at END \
         WHERE (list_id, id) IN (SELECT list_id, id FROM {} AS given) AND state = 1 AND leased_by = $1 \
         RETURNING list_id, status",
        dialect.rows("$2", &PLACE_COLUMNS)
    ));
    let given: Vec<(i64, i64)> = on!(tx, c => query_as(sql)
        .bind(node.uuid()).bind(place_rows(numbers.iter().copied())?).bind(not_before).fetch_all(c).await)?;
    count(tx, &given).await
}

/// Makes the next `most` numbers due again that a node had. Says how many it were.
///
/// # Errors
/// When the database does not answer.
pub async fn release_all(tx: &mut Tx, node: NodeId, most: u32) -> Result<usize> {
    let sql = sql!(tx, |dialect| format!(
        "UPDATE numbers SET state = 0, leased_by = NULL WHERE (list_id, id) IN \
             (SELECT list_id, id FROM numbers WHERE leased_by = $1 AND state = 1 ORDER BY list_id, id LIMIT $2{}) \
         RETURNING list_id, status",
        dialect.lock(RowLock::Change)
    ));
    let given: Vec<(i64, i64)> =
        on!(tx, c => query_as(sql).bind(node.uuid()).bind(i64::from(most)).fetch_all(c).await)?;
    count(tx, &given).await?;
    Ok(given.len())
}

/// Counts numbers, given by their list and status, as due that were leased.
async fn count(tx: &mut Tx, given: &[(i64, i64)]) -> Result<()> {
    let mut counts = CountChanges::default();
    for (list, status) in given {
        let status = stored_status(*status)?;
        counts.moved(*list, (status, NumberState::Leased), (status, NumberState::Due));
    }
    counts.save(tx).await
}
