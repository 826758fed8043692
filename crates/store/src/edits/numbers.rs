//! Edits of a task's numbers. The account, the task and its list are locked first, in this order.

use domain::{AccountId, Generation, TaskId};

use crate::{
    Result, Tx, accounts,
    audit::Change,
    numbers::{self, LockedList},
    tasks,
};

/// The numbers of a task, locked to be changed, and what says whether they may be: the task stays as it is meanwhile.
#[derive(Debug)]
pub struct TaskNumbers {
    /// Which interface made the task.
    pub generation: Generation,
    /// Whether it is switched on.
    pub enabled: bool,
    /// The list.
    pub list: LockedList,
}

/// Locks the numbers of a task, to change them.
///
/// # Errors
/// [`Error::NotFound`](crate::Error::NotFound) of the task; [`Error::Disabled`](crate::Error::Disabled) of the account.
pub async fn lock(tx: &mut Tx, account: AccountId, task: TaskId, change: &Change) -> Result<TaskNumbers> {
    accounts::lock_for_edits(tx, account).await?;
    let (generation, enabled) = tasks::keep(tx, account, task).await?;
    let list = numbers::lock_list(tx, account, task, change.at).await?;
    Ok(TaskNumbers { generation, enabled, list })
}
