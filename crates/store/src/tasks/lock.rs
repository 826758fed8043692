//! Locks on tasks. The task's group is locked before it: groups come before tasks.

use domain::{
    AccountId, DialTimeGroup, DialTimeGroupId, DialingSettings, Generation, Task, TaskBounds, TaskId,
    TaskSettings, TaskSnapshot, transition::Standing,
};

use super::{
    names::AccountWithUser,
    row::{TaskRow, task_columns},
};
use crate::{
    Error, Kind, Result, Tx,
    database::{
        convert::{damaged, from_json, timestamp},
        dialect::RowLock,
        statement::{query_as, query_scalar},
    },
    groups::LockedGroup,
};

/// A task whose row this transaction has locked, and with it those of the group it dials in, and of the one it is going
/// to. Only a read that locks makes one, and writes over the row take it.
#[derive(Debug)]
pub struct LockedTask {
    pub(super) row: TaskRow,
    whose: AccountWithUser,
    from: LockedGroup,
    /// `None` when there is no such group.
    to: Option<LockedGroup>,
}

impl LockedTask {
    /// The task.
    ///
    /// # Errors
    /// [`DatabaseError::Damaged`](crate::DatabaseError::Damaged).
    pub fn task(&self) -> Result<Task> {
        Ok(Task::try_from(&self.row)?)
    }

    /// The group that it dials in.
    ///
    /// # Errors
    /// [`DatabaseError::Damaged`](crate::DatabaseError::Damaged).
    pub fn group(&self) -> Result<&DialTimeGroup> {
        self.from.group()
    }

    pub(crate) fn account(&self) -> AccountId {
        AccountId::new(self.row.account_id)
    }

    /// Which task it is.
    pub fn id(&self) -> TaskId {
        TaskId::new(self.row.id)
    }

    /// What it is dialed by; of one that cannot be read what holds where nothing is said.
    pub(crate) fn dialing(&self) -> DialingSettings {
        from_json(&self.row.settings).map(|settings: TaskSettings| settings.dialing).unwrap_or_default()
    }

    /// Whose it is.
    pub(crate) fn whose(&self) -> AccountWithUser {
        self.whose
    }

    pub(crate) fn is_enabled(&self) -> bool {
        self.row.enabled
    }

    pub(crate) fn bounds(&self) -> Result<TaskBounds> {
        Ok(self.row.bounds()?)
    }

    /// The group that it dials in.
    pub(crate) fn from(&self) -> &LockedGroup {
        &self.from
    }

    /// The group of this id, if it was locked for the task to go to.
    pub(crate) fn to(&self, group: DialTimeGroupId) -> Result<&LockedGroup> {
        self.to.as_ref().filter(|to| to.id() == group).ok_or(Error::Unknown(Kind::Group))
    }

    /// What an event says of it. Also one that cannot be read can be deleted.
    pub(crate) fn snapshot(&self) -> TaskSnapshot {
        TaskSnapshot {
            name: self.row.name.clone(),
            settings: from_json(&self.row.settings).unwrap_or_default(),
            created_at: timestamp(self.row.created_at).ok(),
            content: None,
            group: None,
            generation: Some(self.row.generation),
            enabled: Some(self.row.enabled),
            script_name: None,
            line_name: None,
        }
    }

    /// What decides its state.
    pub(crate) fn standing(&self) -> Standing {
        Standing {
            enabled: self.row.enabled,
            within_bounds: self.row.within_bounds,
            group_open: self.from.published().open,
        }
    }
}

/// The group that a task dials in.
pub(crate) async fn group_of(tx: &mut Tx, account: AccountId, id: TaskId) -> Result<DialTimeGroupId> {
    let group: Option<i64> = on!(tx, c =>
        query_scalar(sql!("SELECT dial_time_id FROM tasks WHERE account_id = $1 AND id = $2"))
            .bind(account.uuid()).bind(id.uuid()).fetch_optional(c).await)?;
    group.map(DialTimeGroupId::new).ok_or(Error::NotFound(Kind::Task))
}

/// Keeps a task as it is for the rest of the transaction. Gives which interface made it, and whether it is switched on.
pub(crate) async fn keep(tx: &mut Tx, account: AccountId, id: TaskId) -> Result<(Generation, bool)> {
    let sql = sql!(tx, |dialect| format!(
        "SELECT generation, enabled FROM tasks WHERE account_id = $1 AND id = $2{}",
        dialect.lock(RowLock::Keep)
    ));
    let row: Option<(i64, bool)> =
        on!(tx, c => query_as(sql).bind(account.uuid()).bind(id.uuid()).fetch_optional(c).await)?;
    let (generation, enabled) = row.ok_or(Error::NotFound(Kind::Task))?;
    let known =
        Generation::from_number(generation).ok_or_else(|| damaged(format!("generation {generation}")))?;
    Ok((known, enabled))
}

/// Locks a task whose groups are locked: the one it dials in, and the one it is `going_to`.
pub(crate) async fn lock(
    tx: &mut Tx,
    whose: AccountWithUser,
    id: TaskId,
    groups: &[LockedGroup],
    going_to: Option<DialTimeGroupId>,
) -> Result<LockedTask> {
    let sql = sql!(tx, |dialect| format!(
        concat!("SELECT ", task_columns!(), " FROM tasks WHERE account_id = $1 AND id = $2{}"),
        dialect.lock(RowLock::Change)
    ));
    let row: Option<TaskRow> =
        on!(tx, c => query_as(sql).bind(whose.account.uuid()).bind(id.uuid()).fetch_optional(c).await)?;
    let row = row.ok_or(Error::NotFound(Kind::Task))?;
    let group = DialTimeGroupId::new(row.dial_time_id);
    let find = |id: DialTimeGroupId| groups.iter().find(|locked| locked.id() == id).cloned();
    let from = find(group).ok_or_else(|| damaged(format!("task {id} is in no group")))?;
    Ok(LockedTask { row, whose, from, to: find(going_to.unwrap_or(group)) })
}
