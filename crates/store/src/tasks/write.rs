//! Writes to tasks, each with its before-image in the audit. Nothing is published here.

use domain::{AccountId, DialTimeGroupId, Generation, TaskDraft, TaskId, transition::BoundsEvaluation};
use jiff::Timestamp;

use super::{
    LockedTask,
    row::{TaskRow, TaskTexts, task_columns},
};
use crate::{
    Error, Kind, Result, Tx, Unique,
    audit::{self, Action, AuditEntry, Change, Subject},
    database::{
        convert::{micros, nearest_timestamp, word},
        dialect::RowLock,
        error::taken_key,
        statement::{query, query_as, query_scalar},
    },
    error::on_foreign_key,
    groups::LockedGroup,
};

/// Adds a task to a locked group, switched off.
///
/// # Errors
/// [`Error::Taken`] when a task has this id, whoever's.
pub(crate) async fn insert(
    tx: &mut Tx,
    group: &LockedGroup,
    id: TaskId,
    generation: Generation,
    draft: &TaskDraft,
    change: &Change,
) -> Result<()> {
    let (account, texts) = (group.account(), TaskTexts::of(draft)?);
    on!(tx, c => query(sql!(
        "INSERT INTO tasks (id, account_id, generation, name, enabled, dial_time_id, start_at, stop_at, closures, \
                            settings, created_at, resume, hours) \
         VALUES ($1, $2, $3, $4, false, $5, $6, $7, $8, $9, $10, $11, $12)"))
        .bind(id.uuid()).bind(account.uuid()).bind(generation.number()).bind(draft.name.as_str())
        .bind(group.id().get()).bind(texts.start).bind(texts.stop).bind(&texts.closures).bind(&texts.settings)
        .bind(micros(change.at)).bind(word(draft.resume)?).bind(&texts.hours)
        .execute(c).await.map(drop))
    .map_err(|error| match taken_key(&error) {
        // Of a new task's keys only its id can be one that is there.
        Some(_) => Error::Taken(Unique::TaskId),
        None => on_foreign_key(Error::Unknown(Kind::Group))(error),
    })?;
    let entry = AuditEntry::<TaskRow> {
        account,
        subject: Subject::Task,
        subject_id: &id,
        action: Action::Create,
        version: None,
        before: None,
    };
    audit::write(tx, change, entry).await
}

/// Writes all that a person decides about a task.
pub(crate) async fn update(
    tx: &mut Tx,
    task: &LockedTask,
    draft: &TaskDraft,
    bounds: BoundsEvaluation,
    change: &Change,
) -> Result<()> {
    record(tx, &task.row, Action::Update, change).await?;
    let texts = TaskTexts::of(draft)?;
    on!(tx, c => query(sql!(
        "UPDATE tasks SET name = $3, dial_time_id = $4, start_at = $5, stop_at = $6, closures = $7, settings = $8, \
                          altered_at = $9, resume = $10, within_bounds = $11, bounds_change_at = $12, hours = $13 \
         WHERE account_id = $1 AND id = $2"))
        .bind(task.row.account_id).bind(task.row.id).bind(draft.name.as_str()).bind(draft.dial_time_id.get())
        .bind(texts.start).bind(texts.stop).bind(&texts.closures).bind(&texts.settings).bind(micros(change.at))
        .bind(word(draft.resume)?).bind(bounds.within).bind(bounds.next_change.map(micros)).bind(&texts.hours)
        .execute(c).await.map(drop))
    .map_err(on_foreign_key(Error::Unknown(Kind::Group)))
}

/// Switches a task on or off.
pub(crate) async fn set_enabled(
    tx: &mut Tx,
    task: &LockedTask,
    enabled: bool,
    bounds: BoundsEvaluation,
    change: &Change,
) -> Result<()> {
    record(tx, &task.row, Action::Update, change).await?;
    on!(tx, c => query(sql!(
        "UPDATE tasks SET enabled = $3, altered_at = $4, within_bounds = $5, bounds_change_at = $6 \
         WHERE account_id = $1 AND id = $2"))
        .bind(task.row.account_id).bind(task.row.id).bind(enabled).bind(micros(change.at))
        .bind(bounds.within).bind(bounds.next_change.map(micros))
        .execute(c).await.map(drop))?;
    Ok(())
}

/// Deletes a task.
pub(crate) async fn delete(tx: &mut Tx, task: &LockedTask, change: &Change) -> Result<()> {
    record(tx, &task.row, Action::Delete, change).await?;
    on!(tx, c => query(sql!("DELETE FROM tasks WHERE account_id = $1 AND id = $2"))
        .bind(task.row.account_id).bind(task.row.id).execute(c).await.map(drop))?;
    Ok(())
}

/// Points all tasks of one locked group to another; gives them as they were before.
pub(crate) async fn point_all(
    tx: &mut Tx,
    from: &LockedGroup,
    to: &LockedGroup,
    change: &Change,
) -> Result<Vec<TaskRow>> {
    let (account, from, to) = (from.account().uuid(), from.id().get(), to.id().get());
    let sql = sql!(tx, |dialect| format!(
        concat!(
            "SELECT ",
            task_columns!(),
            " FROM tasks WHERE account_id = $1 AND dial_time_id = $2 ORDER BY id{}"
        ),
        dialect.lock(RowLock::Change)
    ));
    let rows: Vec<TaskRow> = on!(tx, c => query_as(sql).bind(account).bind(from).fetch_all(c).await)?;
    for row in &rows {
        record(tx, row, Action::Update, change).await?;
    }
    on!(tx, c => query(sql!(
        "UPDATE tasks SET dial_time_id = $3, altered_at = $4 WHERE account_id = $1 AND dial_time_id = $2"))
        .bind(account).bind(from).bind(to).bind(micros(change.at)).execute(c).await.map(drop))?;
    Ok(rows)
}

/// When the bounds of a task in this group change next.
pub(crate) async fn next_bounds_change(
    tx: &mut Tx,
    account: AccountId,
    group: DialTimeGroupId,
) -> Result<Option<Timestamp>> {
    let next: Option<i64> = on!(tx, c => query_scalar(sql!(
        "SELECT min(bounds_change_at) FROM tasks WHERE account_id = $1 AND dial_time_id = $2"))
        .bind(account.uuid()).bind(group.get()).fetch_one(c).await)?;
    Ok(next.map(nearest_timestamp))
}

/// Records all tasks of an account, which is about to be deleted with them; says how many they are.
pub(crate) async fn record_all_deleted(tx: &mut Tx, account: AccountId, change: &Change) -> Result<usize> {
    let rows: Vec<TaskRow> = on!(tx, c => query_as(sql!(concat!(
        "SELECT ", task_columns!(), " FROM tasks WHERE account_id = $1 ORDER BY id")))
        .bind(account.uuid()).fetch_all(c).await)?;
    for row in &rows {
        record(tx, row, Action::Delete, change).await?;
    }
    Ok(rows.len())
}

pub(super) async fn record(tx: &mut Tx, row: &TaskRow, action: Action, change: &Change) -> Result<()> {
    let entry = AuditEntry {
        account: AccountId::new(row.account_id),
        subject: Subject::Task,
        subject_id: &row.id,
        action,
        version: None,
        before: Some(row),
    };
    audit::write(tx, change, entry).await
}
