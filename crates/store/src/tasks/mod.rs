//! Tasks: reads, locks and writes. Whether one is running is not here: it is derived from its group and the present
//! instant. What an edit publishes is in [`edits`](crate::edits).

mod bounds;
mod list;
mod lock;
mod names;
mod row;
mod write;

use domain::{AccountHold, AccountId, DialTimeGroup, PartnerId, Task, TaskId, TaskInGroup};
use jiff::Timestamp;
use uuid::Uuid;

use self::row::TaskRow;
pub(crate) use self::{
    bounds::{
        EvaluatedBounds, PublishedTask, changing_bounds, evaluate_bounds_again, move_all, pause_until_asked,
        save_bounds, within_bounds,
    },
    lock::{group_of, keep, lock},
    names::{AccountWithUser, adopt, lock_named, write_named},
    row::{TASKS, TaskInGroupRow, left_out, task_columns, tasks_in_groups},
    write::{delete, insert, next_bounds_change, record_all_deleted, set_enabled, update},
};
pub use self::{
    list::{TaskFilter, TaskScope, count_by_group, list, list_ready},
    lock::LockedTask,
    names::{Named, NamingTask, TaskNames, names_of, naming},
};
use crate::{
    Error, Kind, Result, Session,
    accounts::disabled::account_disabled,
    audit::{self, Subject},
    database::{
        convert::{from_json, micros, uuids},
        lists,
        statement::{query, query_as, query_scalar},
    },
    groups::group_columns,
    schedules,
    stops::account_stopped,
};

/// One task of an account, whichever interface made it.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(session: &mut dyn Session, account: AccountId, id: TaskId) -> Result<TaskInGroup> {
    let row: Option<TaskInGroupRow> = on!(session, c => query_as(sql!(concat!(
        "SELECT ", tasks_in_groups!(), "WHERE tasks.account_id = $1 AND tasks.id = $2")))
        .bind(account.uuid()).bind(id.uuid())
        .fetch_optional(c).await)?;
    let found = row.ok_or(Error::NotFound(Kind::Task))?.try_into()?;
    schedules::in_group(session, found).await
}

/// The task as it was after it was changed at an instant, or before it was changed at all; `None` when nothing says that any more.
///
/// # Errors
/// When the database does not answer.
pub async fn as_altered(
    session: &mut dyn Session,
    account: AccountId,
    id: TaskId,
    altered_at: Option<Timestamp>,
) -> Result<Option<Task>> {
    let altered_at = altered_at.map(micros);
    let present: Option<TaskRow> = on!(session, c => query_as(sql!(concat!(
        "SELECT ", task_columns!(), " FROM tasks WHERE tasks.account_id = $1 AND tasks.id = $2")))
        .bind(account.uuid()).bind(id.uuid()).fetch_optional(c).await)?;
    if let Some(row) = present.filter(|row| row.altered_at == altered_at) {
        return Ok(Some(Task::try_from(&row)?));
    }
    let history = audit::history(session, account, Subject::Task, &id.to_string()).await?;
    for before in history.iter().rev().filter_map(|row| row.before.as_deref()) {
        let row: TaskRow = from_json(before)?;
        if row.altered_at == altered_at {
            return Ok(Some(Task::try_from(&row)?));
        }
    }
    Ok(None)
}

/// Whose a task is, where no account is named.
#[derive(Clone, Copy, Debug)]
pub struct TaskOwner {
    /// The account.
    pub account: AccountId,
    /// The user that it is, or is a sub-user of.
    pub user: AccountId,
    /// Whether it, its user or its partner is disabled.
    pub is_disabled: bool,
}

/// The account that has a task, among a partner's.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn owner(session: &mut dyn Session, partner: PartnerId, id: TaskId) -> Result<TaskOwner> {
    let row: Option<(Uuid, Option<Uuid>, bool)> = on!(session, c => query_as(sql!(concat!(
        "SELECT accounts.id, accounts.parent_id, ", account_disabled!("tasks.account_id"), " FROM tasks \
         JOIN accounts ON accounts.id = tasks.account_id WHERE tasks.id = $1 AND accounts.partner_id = $2")))
        .bind(id.uuid()).bind(partner.uuid())
        .fetch_optional(c).await)?;
    let (account, parent, is_disabled) = row.ok_or(Error::NotFound(Kind::Task))?;
    let user = AccountId::new(parent.unwrap_or(account));
    Ok(TaskOwner { account: AccountId::new(account), user, is_disabled })
}

/// The account that has a task, if there is such a task: for the operator, who may do everything.
///
/// # Errors
/// When the database does not answer.
pub async fn account_of(session: &mut dyn Session, id: TaskId) -> Result<Option<AccountId>> {
    let account: Option<Uuid> = on!(session, c => query_scalar(sql!(
        "SELECT account_id FROM tasks WHERE id = $1")).bind(id.uuid()).fetch_optional(c).await)?;
    Ok(account.map(AccountId::new))
}

/// Says that an account has a task.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn expect(session: &mut dyn Session, account: AccountId, id: TaskId) -> Result<()> {
    let found: Option<Uuid> = on!(session, c => query_scalar(sql!(
        "SELECT id FROM tasks WHERE account_id = $1 AND id = $2"))
        .bind(account.uuid()).bind(id.uuid()).fetch_optional(c).await)?;
    found.map(drop).ok_or(Error::NotFound(Kind::Task))
}

/// Those of these tasks that the account has, in no order.
///
/// # Errors
/// When the database does not answer.
pub async fn get_many(
    session: &mut dyn Session,
    account: AccountId,
    ids: &[TaskId],
) -> Result<Vec<TaskInGroup>> {
    let sql = sql!(session, |dialect| format!(
        concat!("SELECT ", tasks_in_groups!(), "WHERE tasks.account_id = $1 AND {}"),
        dialect.among_uuids("tasks.id", "$2")
    ));
    let ids = uuids(ids.iter().map(|id| id.uuid()))?;
    let found = on!(session, c => query(sql)
        .bind(account.uuid()).bind(ids)
        .fetch_all(c).await.map(|rows| lists::readable::<_, TaskInGroupRow, _>(TASKS, &rows)))?;
    with_schedules(session, found).await
}

async fn with_schedules(
    session: &mut dyn Session,
    found: Vec<(Task, DialTimeGroup, Option<AccountHold>)>,
) -> Result<Vec<TaskInGroup>> {
    let mut items = Vec::with_capacity(found.len());
    for found in found {
        items.push(schedules::in_group(session, found).await?);
    }
    Ok(items)
}
