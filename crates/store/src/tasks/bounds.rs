//! What [`transitions`](crate::transitions) asks of tasks and keeps of them: their own limits, and who is paused at a close.

use domain::{AccountId, TaskId};
use jiff::Timestamp;

use super::row::{BoundsRow, ROW_COLUMNS, TaskRow};
use crate::{
    Result, Tx,
    audit::{Action, Actor, Change},
    database::{
        connection::dialect,
        convert::{json, micros},
        dialect::Column,
    },
    transitions::{Key, key_rows},
};

/// The enabled tasks of these groups whose own limits change at `at` or before.
pub(crate) async fn changing_bounds(tx: &mut Tx, groups: &[Key], at: i64) -> Result<Vec<BoundsRow>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT t.id, t.account_id, t.dial_time_id, t.resume, t.within_bounds, t.start_at, t.stop_at, t.closures \
         FROM {} AS held JOIN tasks t ON t.account_id = held.account AND t.dial_time_id = held.id \
         WHERE t.bounds_change_at <= $2",
        key_rows(dialect(tx), "$1")
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
pub(crate) async fn look_at_bounds(tx: &mut Tx, groups: &[Key], at: Timestamp) -> Result<()> {
    let sql = sqlx::AssertSqlSafe(format!(
        "UPDATE tasks SET bounds_change_at = $2 FROM {} AS held \
         WHERE tasks.account_id = held.account AND tasks.dial_time_id = held.id AND enabled \
         AND (start_at IS NOT NULL OR stop_at IS NOT NULL OR closures <> '[]')",
        key_rows(dialect(tx), "$1")
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
