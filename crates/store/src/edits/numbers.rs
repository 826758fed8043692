//! Edits of a task's numbers. The account, the task and its list are locked first, in this order.

use domain::{AccountId, Generation, TaskId};

use crate::{
    Result, Tx, accounts,
    audit::Change,
    lines::{self, HeldCalls},
    numbers::{self, LockedList},
    tasks::{self, AccountWithUser},
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

/// Refuses the first numbers of a task that is switched on unless there is enough left of its lines. To be asked before numbers are added,
/// whoever adds them.
///
/// # Errors
/// [`Error::Limit`](crate::Error::Limit).
pub async fn expect_residue(
    tx: &mut Tx,
    account: AccountId,
    task: TaskId,
    locked: &TaskNumbers,
) -> Result<()> {
    if !locked.enabled || lines::may_dial(tx, account, task).await? {
        return Ok(());
    }
    let whose = AccountWithUser { account, user: accounts::user_of(tx, account).await? };
    lines::expect_residue(tx, whose, task, &HeldCalls::new()).await
}
