//! Tasks. Whether one is running is not here: it is derived from its group and the present instant.

use domain::{
    AccountId, DialTimeGroup, DialTimeGroupId, Event, EventCause, EventKind, Generation, Task, TaskBounds,
    TaskDraft, TaskId, TaskInGroup,
};
use jiff::Timestamp;
use serde_json::{Value, json as object, to_value};

use self::row::{ROW_COLUMNS, TaskInGroupRow, TaskRow, closures_text, generation_number};
use crate::{
    Error, Result, Session, Tx,
    accounts::{self, disabling::account_disabled},
    audit::{self, Action, Change, Subject},
    database::{
        connection::dialect,
        convert::{damaged, from_json, json, micros, timestamp, word},
        dialect::RowLock,
        error::on_foreign_key,
        lists,
    },
    events, groups, schedules,
    transitions::{self, Held, Standing, TaskEdit},
};

macro_rules! task_columns {
    () => {
        concat!(
            "t.id AS task_id, t.account_id AS task_account_id, t.generation, t.name AS task_name, t.enabled, \
             t.start_at, t.stop_at, t.closures, t.settings, t.created_at AS task_created_at, t.altered_at, t.resume, ",
            account_disabled!("t.account_id"),
            " AS account_disabled"
        )
    };
}
macro_rules! group_columns {
    () => {
        "g.id, g.account_id, g.name, g.content, g.is_default, g.skip_holiday, g.timezone, g.remark, g.version, \
         g.created_at, g.updated_at, g.holiday_calendar, g.makeup_policy, g.beyond_horizon, g.exceptions, \
         g.told_open, g.told_at, g.told_revision, g.next_change_at, \
         (SELECT coalesce(max(revision), 0) FROM holiday_imports) AS holidays_revision"
    };
}
macro_rules! tasks_with_groups {
    () => {
        "FROM tasks t JOIN dial_time_groups g ON g.account_id = t.account_id AND g.id = t.dial_time_id "
    };
}

mod bounds;
mod list;
mod row;

pub use self::list::{TaskFilter, TaskScope, count_by_group, list, list_ready};
pub(crate) use self::{
    bounds::{changing_bounds, keep_bounds, look_at_bounds, pause_until_asked},
    row::{BoundsRow, resume_of},
};

/// Adds a task, switched off. The group is held first, so that a delete of it waits and is then refused, and so that
/// what was due of it is told before.
///
/// # Errors
/// [`Error::UnknownGroup`], [`Error::IdUnavailable`] when a task has this id, whoever's.
pub async fn create(
    tx: &mut Tx,
    account: AccountId,
    id: TaskId,
    generation: Generation,
    draft: TaskDraft,
    change: &Change,
) -> Result<TaskInGroup> {
    let group = groups::hold_for_task(tx, account, [draft.dial_time_id; 2], change.at).await?.pop();
    let group = group.ok_or(Error::UnknownGroup)?;
    let (start, stop) = (draft.bounds.start.map(micros), draft.bounds.stop.map(micros));
    let (closures, settings) = (closures_text(&draft.bounds)?, json(&draft.settings)?);
    on!(tx, c => sqlx::query(
        "INSERT INTO tasks (id, account_id, generation, name, enabled, dial_time_id, start_at, stop_at, closures, \
                            settings, created_at, resume) \
         VALUES ($1, $2, $3, $4, false, $5, $6, $7, $8, $9, $10, $11)")
        .bind(id.uuid()).bind(account.uuid()).bind(generation_number(generation)).bind(draft.name.as_str())
        .bind(draft.dial_time_id.get()).bind(start).bind(stop).bind(closures).bind(settings).bind(micros(change.at))
        .bind(word(draft.resume)?)
        .execute(c).await.map(drop))
    .map_err(unavailable)?;
    record(tx, account, id, Action::Create, None, change).await?;
    let task = Task {
        id,
        account_id: account,
        generation,
        enabled: false,
        draft,
        created_at: change.at,
        altered_at: None,
    };
    let at = group.not_before_told(change.at)?;
    let portrait = portrait(&Portrayed {
        name: task.draft.name.as_str(),
        generation: generation_number(generation),
        enabled: false,
        settings: to_value(&task.draft.settings).map_err(damaged)?,
        created_at: micros(change.at),
        held: &group,
    });
    tell_whole(tx, EventKind::TaskCreated, id, &group, (at, portrait));
    schedules::in_group(tx, (task, group.group()?.clone(), false)).await
}

/// Of a new task's keys only its id can be one that is there.
fn unavailable(error: sqlx::Error) -> Error {
    let taken = error.as_database_error().is_some_and(sqlx::error::DatabaseError::is_unique_violation);
    if taken { Error::IdUnavailable } else { on_foreign_key(Error::UnknownGroup)(error) }
}

/// Tells of a task's beginning or end, with all that it is.
fn tell_whole(tx: &mut Tx, kind: EventKind, id: TaskId, held: &Held, (at, portrait): (Timestamp, Value)) {
    let event = Event {
        kind,
        cause: EventCause::Edit,
        due_at: at,
        written_at: at,
        group: Some((held.id, held.version)),
        task: Some(id),
        detail: Some(portrait),
    };
    events::tell(tx, held.account, event);
}

/// A task that is not there yet, or no longer.
struct Portrayed<'t> {
    name: &'t str,
    generation: i64,
    enabled: bool,
    settings: Value,
    created_at: i64,
    held: &'t Held,
}

/// What an event says of it, and of the group it dials in.
fn portrait(task: &Portrayed<'_>) -> Value {
    let group = task.held.group.as_ref().ok();
    let content = group.and_then(|group| to_value(&group.draft.content).ok());
    let created_at = timestamp(task.created_at).ok().map(|created_at| created_at.to_string());
    let group = group.map(|group| {
        object!({
            "id": group.id, "name": group.draft.name, "content": content,
            "skip_holiday": group.draft.skip_holiday, "is_default": group.draft.is_default,
        })
    });
    object!({
        "name": task.name, "settings": task.settings, "created_at": created_at, "content": content,
        "group": group, "generation": task.generation, "enabled": task.enabled,
    })
}

/// One task of an account, whichever interface made it.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(session: &mut impl Session, account: AccountId, id: TaskId) -> Result<TaskInGroup> {
    let row: TaskInGroupRow = on!(session, c => sqlx::query_as(concat!(
        "SELECT ", task_columns!(), ", ", group_columns!(), " ", tasks_with_groups!(),
        "WHERE t.account_id = $1 AND t.id = $2"))
        .bind(account.uuid()).bind(id.uuid())
        .fetch_one(c).await)?;
    let found = row.try_into()?;
    schedules::in_group(session, found).await
}

/// Those of these tasks that the account has, in no order.
///
/// # Errors
/// When the database does not answer.
pub async fn get_many(
    session: &mut impl Session,
    account: AccountId,
    ids: &[TaskId],
) -> Result<Vec<TaskInGroup>> {
    let among = dialect(session).among_uuids("t.id", "$2");
    let ids: Vec<String> = ids.iter().map(|id| id.uuid().simple().to_string()).collect();
    let sql = sqlx::AssertSqlSafe(format!(
        concat!(
            "SELECT ",
            task_columns!(),
            ", ",
            group_columns!(),
            " ",
            tasks_with_groups!(),
            "WHERE t.account_id = $1 AND {}"
        ),
        among
    ));
    let found = on!(session, c => sqlx::query(sql)
        .bind(account.uuid()).bind(json(&ids)?)
        .fetch_all(c).await.map(|rows| lists::readable::<_, TaskInGroupRow, _>("tasks", &rows)))?;
    with_schedules(session, found).await
}

async fn with_schedules(
    session: &mut impl Session,
    found: Vec<(Task, DialTimeGroup, bool)>,
) -> Result<Vec<TaskInGroup>> {
    let mut items = Vec::with_capacity(found.len());
    for found in found {
        items.push(schedules::in_group(session, found).await?);
    }
    Ok(items)
}

/// One task of an account, which nobody else changes until this transaction ends: to lay a change over it. `group`
/// is the one it is going to refer to, if that is known.
///
/// # Errors
/// [`Error::NotFound`] for the task. That the group is unknown is for [`update`] to say.
pub async fn get_to_change(
    tx: &mut Tx,
    account: AccountId,
    id: TaskId,
    group: Option<DialTimeGroupId>,
    change: &Change,
) -> Result<TaskInGroup> {
    hold(tx, account, id, group, change.at).await?;
    get(tx, account, id).await
}

/// A task whose row this transaction has, and with it those of the group it is in, and of the one it is going to.
struct HeldTask {
    row: TaskRow,
    from: Held,
    /// `None` when there is no such group.
    to: Option<Held>,
}

impl HeldTask {
    fn standing(&self) -> Standing<'_> {
        let TaskRow { enabled, within_bounds, .. } = self.row;
        Standing { enabled, within_bounds, held: &self.from }
    }
}

/// Holds a task with the group it is in, and the one it is `going_to` if that is another. The account is locked first:
/// else the task could go to another group while its own is waited for, and groups are locked before tasks.
async fn hold(
    tx: &mut Tx,
    account: AccountId,
    id: TaskId,
    going_to: Option<DialTimeGroupId>,
    now: Timestamp,
) -> Result<HeldTask> {
    accounts::lock(tx, account).await?;
    let group: i64 = on!(tx, c =>
        sqlx::query_scalar("SELECT dial_time_id FROM tasks WHERE account_id = $1 AND id = $2")
            .bind(account.uuid()).bind(id.uuid()).fetch_one(c).await)?;
    let group = DialTimeGroupId::new(group);
    let to = going_to.unwrap_or(group);
    let groups = groups::hold_for_task(tx, account, [group, to], now).await?;
    let row = lock(tx, account, id).await?;
    let find = |id: DialTimeGroupId| groups.iter().find(|held| held.id == id).cloned();
    let from = find(group).ok_or_else(|| damaged(format!("task {id} is in no group")))?;
    Ok(HeldTask { row, from, to: find(to) })
}

/// Changes what a person decides about a task.
///
/// # Errors
/// [`Error::NotFound`], [`Error::UnknownGroup`].
pub async fn update(
    tx: &mut Tx,
    account: AccountId,
    id: TaskId,
    draft: TaskDraft,
    change: &Change,
) -> Result<TaskInGroup> {
    let before = hold(tx, account, id, Some(draft.dial_time_id), change.at).await?;
    let to = before.to.as_ref().ok_or(Error::UnknownGroup)?;
    record(tx, account, id, Action::Update, Some(&before.row), change).await?;
    let at = to.not_before_told(change.at)?;
    let (within_bounds, bounds_change) = transitions::bounds_to_keep(&draft.bounds, before.row.enabled, at);
    let (start, stop) = (draft.bounds.start.map(micros), draft.bounds.stop.map(micros));
    let (closures, settings) = (closures_text(&draft.bounds)?, json(&draft.settings)?);
    on!(tx, c => sqlx::query(
        "UPDATE tasks SET name = $3, dial_time_id = $4, start_at = $5, stop_at = $6, closures = $7, settings = $8, \
                          altered_at = $9, resume = $10, within_bounds = $11, bounds_change_at = $12 \
         WHERE account_id = $1 AND id = $2")
        .bind(account.uuid()).bind(id.uuid()).bind(draft.name.as_str()).bind(draft.dial_time_id.get())
        .bind(start).bind(stop).bind(closures).bind(settings).bind(micros(change.at)).bind(word(draft.resume)?)
        .bind(within_bounds).bind(bounds_change)
        .execute(c).await.map(drop))
    .map_err(on_foreign_key(Error::UnknownGroup))?;
    let edit = TaskEdit {
        id,
        kind: Some(EventKind::TaskUpdated),
        cause: EventCause::Edit,
        before: before.standing(),
        after: Standing { enabled: before.row.enabled, within_bounds, held: to },
    };
    transitions::tell_edit(tx, edit, change.at)?;
    if before.row.enabled && draft.bounds != TaskBounds::default() {
        transitions::note_bounds(tx, to, at, bounds_change).await?;
    }
    get(tx, account, id).await
}

/// Switches a task on or off.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn set_enabled(
    tx: &mut Tx,
    account: AccountId,
    id: TaskId,
    enabled: bool,
    change: &Change,
) -> Result<TaskInGroup> {
    let before = hold(tx, account, id, None, change.at).await?;
    if before.row.enabled != enabled {
        record(tx, account, id, Action::Update, Some(&before.row), change).await?;
        switch(tx, account, &before, enabled, change).await?;
    }
    get(tx, account, id).await
}

async fn switch(
    tx: &mut Tx,
    account: AccountId,
    before: &HeldTask,
    enabled: bool,
    change: &Change,
) -> Result<()> {
    let at = before.from.not_before_told(change.at)?;
    let bounds = before.row.bounds()?;
    let (within_bounds, bounds_change) = transitions::bounds_to_keep(&bounds, enabled, at);
    on!(tx, c => sqlx::query(
        "UPDATE tasks SET enabled = $3, altered_at = $4, within_bounds = $5, bounds_change_at = $6 \
         WHERE account_id = $1 AND id = $2")
        .bind(account.uuid()).bind(before.row.id).bind(enabled).bind(micros(change.at))
        .bind(within_bounds).bind(bounds_change)
        .execute(c).await.map(drop))?;
    let edit = TaskEdit {
        id: TaskId::new(before.row.id),
        kind: None,
        cause: EventCause::Person,
        before: before.standing(),
        after: Standing { enabled, within_bounds, held: &before.from },
    };
    transitions::tell_edit(tx, edit, change.at)?;
    if enabled && bounds != TaskBounds::default() {
        transitions::note_bounds(tx, &before.from, at, bounds_change).await?;
    }
    Ok(())
}

/// Deletes a task.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn delete(tx: &mut Tx, account: AccountId, id: TaskId, change: &Change) -> Result<()> {
    let before = hold(tx, account, id, None, change.at).await?;
    record(tx, account, id, Action::Delete, Some(&before.row), change).await?;
    on!(tx, c => sqlx::query("DELETE FROM tasks WHERE account_id = $1 AND id = $2")
        .bind(account.uuid()).bind(id.uuid())
        .execute(c).await.map(drop))?;
    // Also one that cannot be read can be deleted.
    let settings: Value = from_json(&before.row.settings).unwrap_or_default();
    let portrait = portrait(&Portrayed {
        name: &before.row.name,
        generation: before.row.generation,
        enabled: before.row.enabled,
        settings,
        created_at: before.row.created_at,
        held: &before.from,
    });
    let at = before.from.not_before_told(change.at)?;
    tell_whole(tx, EventKind::TaskDeleted, id, &before.from, (at, portrait));
    Ok(())
}

/// Points all tasks of one group to another and says how many. Both groups are held by the caller.
pub(crate) async fn move_to_group(tx: &mut Tx, from: &Held, to: &Held, change: &Change) -> Result<u64> {
    let (account, from_id, to_id) = (from.account, from.id, to.id);
    let lock = dialect(tx).lock(RowLock::Change);
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {ROW_COLUMNS} FROM tasks WHERE account_id = $1 AND dial_time_id = $2 ORDER BY id{lock}"
    ));
    let before: Vec<TaskRow> = on!(tx, c =>
        sqlx::query_as(sql).bind(account.uuid()).bind(from_id.get()).fetch_all(c).await)?;
    for row in &before {
        let id = TaskId::new(row.id);
        record(tx, account, id, Action::Update, Some(row), change).await?;
        let TaskRow { enabled, within_bounds, .. } = *row;
        let standing = |held| Standing { enabled, within_bounds, held };
        let (kind, cause) = (Some(EventKind::TaskUpdated), EventCause::Edit);
        let edit = TaskEdit { id, kind, cause, before: standing(from), after: standing(to) };
        transitions::tell_edit(tx, edit, change.at)?;
    }
    let moved = on!(tx, c => sqlx::query(
        "UPDATE tasks SET dial_time_id = $3, altered_at = $4 WHERE account_id = $1 AND dial_time_id = $2")
        .bind(account.uuid()).bind(from_id.get()).bind(to_id.get()).bind(micros(change.at))
        .execute(c).await.map(|done| done.rows_affected()))?;
    let bounds_change: Option<i64> = on!(tx, c =>
        sqlx::query_scalar("SELECT min(bounds_change_at) FROM tasks WHERE account_id = $1 AND dial_time_id = $2")
            .bind(account.uuid()).bind(to_id.get()).fetch_one(c).await)?;
    let at = from.not_before_told(to.not_before_told(change.at)?)?;
    transitions::note_bounds(tx, to, at, bounds_change).await?;
    Ok(moved)
}

async fn lock(tx: &mut Tx, account: AccountId, id: TaskId) -> Result<TaskRow> {
    let lock = dialect(tx).lock(RowLock::Change);
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {ROW_COLUMNS} FROM tasks WHERE account_id = $1 AND id = $2{lock}"
    ));
    Ok(on!(tx, c => sqlx::query_as(sql).bind(account.uuid()).bind(id.uuid()).fetch_one(c).await)?)
}

/// All tasks of an account, as they stand in the table.
pub(crate) async fn rows_of(tx: &mut Tx, account: AccountId) -> Result<Vec<(TaskId, TaskRow)>> {
    let sql =
        sqlx::AssertSqlSafe(format!("SELECT {ROW_COLUMNS} FROM tasks WHERE account_id = $1 ORDER BY id"));
    let rows: Vec<TaskRow> = on!(tx, c => sqlx::query_as(sql).bind(account.uuid()).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|row| (TaskId::new(row.id), row)).collect())
}

pub(crate) async fn record(
    tx: &mut Tx,
    account: AccountId,
    id: TaskId,
    action: Action,
    before: Option<&TaskRow>,
    change: &Change,
) -> Result<()> {
    let entry =
        audit::Entry { account, subject: Subject::Task, subject_id: &id, action, version: None, before };
    audit::write(tx, change, entry).await
}
