//! How many calls at once the tasks of a user and its sub-users have over a line: enabled ones that have numbers to call.

use std::collections::HashMap;

use domain::{AccountId, LineId};
use uuid::Uuid;

use crate::{
    Result, Session,
    database::{convert::uuids, statement::query_as},
};

/// The calls of the enabled tasks with numbers over each of these lines, of the user whose account this is, and of its sub-users. A
/// line without such tasks is not there.
///
/// # Errors
/// When the database does not answer.
pub async fn calls_of_tasks(
    session: &mut impl Session,
    account: AccountId,
    lines: &[LineId],
) -> Result<HashMap<LineId, i64>> {
    let sql = sql!(session, |dialect| format!(
        "SELECT n.line_id, CAST(sum(n.calls) AS BIGINT) FROM accounts own \
         JOIN task_lines n ON n.partner_id = own.partner_id \
         JOIN accounts a ON a.id = n.account_id AND coalesce(a.parent_id, a.id) = coalesce(own.parent_id, own.id) \
         JOIN tasks t ON t.account_id = n.account_id AND t.id = n.task_id AND t.enabled \
         WHERE own.id = $1 AND {} AND EXISTS (SELECT 1 FROM number_lists l \
             WHERE l.account_id = n.account_id AND l.task_id = n.task_id AND l.deleted_at IS NULL) \
         GROUP BY n.line_id",
        dialect.among_uuids("n.line_id", "$2")
    ));
    let lines = uuids(lines.iter().map(|line| line.uuid()))?;
    let rows: Vec<(Uuid, i64)> =
        on!(session, c => query_as(sql).bind(account.uuid()).bind(lines).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|(line, calls)| (LineId::new(line), calls)).collect())
}
