//! What [`changes`](crate::changes) asks of tasks and keeps of them: their own limits, and who is paused at a close.

use domain::{AccountId, TaskId};
use jiff::Timestamp;

use super::row::{BoundsRow, ROW_COLUMNS, TaskRow};
use crate::{
    Result, Tx,
    audit::{Action, Actor, Change},
    connection::dialect,
    convert::{json, micros},
    dialect::Column,
};

/// The enabled tasks of these groups whose own limits change at `at` or before.
pub(crate) async fn changing_bounds(tx: &mut Tx, groups: &[i64], at: i64) -> Result<Vec<BoundsRow>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT id, dial_time_id, resume, within_bounds, start_at, stop_at, closures FROM tasks \
         WHERE {} AND bounds_change_at <= $2",
        dialect(tx).among("dial_time_id", "$1")
    ));
    Ok(on!(tx, c => sqlx::query_as(sql).bind(json(&groups)?).bind(at).fetch_all(c).await)?)
}

/// Keeps of tasks whether their own limits allow calls, and when that changes next: `(id, within, change)`.
pub(crate) async fn keep_bounds(tx: &mut Tx, kept: &[(String, bool, Option<i64>)]) -> Result<()> {
    let columns = [("id", Column::Uuid), ("within", Column::Boolean), ("change", Column::Integer)];
    let sql = sqlx::AssertSqlSafe(format!(
        "UPDATE tasks SET within_bounds = kept.within, bounds_change_at = kept.change \
         FROM {} AS kept WHERE tasks.id = kept.id",
        dialect(tx).rows("$1", &columns)
    ));
    on!(tx, c => sqlx::query(sql).bind(json(&kept)?).execute(c).await.map(drop))?;
    Ok(())
}

/// Has the own limits of all enabled tasks of these groups looked at again.
pub(crate) async fn look_at_bounds(tx: &mut Tx, groups: &[i64], at: Timestamp) -> Result<()> {
    let sql = sqlx::AssertSqlSafe(format!(
        "UPDATE tasks SET bounds_change_at = $2 WHERE {} AND enabled \
         AND (start_at IS NOT NULL OR stop_at IS NOT NULL OR closures <> '[]')",
        dialect(tx).among("dial_time_id", "$1")
    ));
    on!(tx, c => sqlx::query(sql).bind(json(&groups)?).bind(micros(at)).execute(c).await.map(drop))?;
    Ok(())
}

/// Switches off tasks that resume only when asked.
pub(crate) async fn pause_until_asked(
    tx: &mut Tx,
    tasks: &[(AccountId, TaskId)],
    now: Timestamp,
) -> Result<()> {
    let ids: Vec<String> = tasks.iter().map(|(_, id)| id.uuid().simple().to_string()).collect();
    let (ids, among) = (json(&ids)?, dialect(tx).among_uuids("id", "$1"));
    let change = Change { actor: Actor::ResumePolicy, at: now };
    let sql = sqlx::AssertSqlSafe(format!("SELECT {ROW_COLUMNS} FROM tasks WHERE {among}"));
    let before: Vec<TaskRow> = on!(tx, c => sqlx::query_as(sql).bind(&ids).fetch_all(c).await)?;
    for row in &before {
        let (account, id) = (AccountId::new(row.account_id), TaskId::new(row.id));
        super::record(tx, account, id, Action::Update, Some(row), &change).await?;
    }
    let sql = sqlx::AssertSqlSafe(format!(
        "UPDATE tasks SET enabled = false, bounds_change_at = NULL, altered_at = $2 WHERE {among}"
    ));
    on!(tx, c => sqlx::query(sql).bind(&ids).bind(micros(now)).execute(c).await.map(drop))?;
    Ok(())
}
