//! Edits of accounts and partners as such: they are disabled and enabled, and deleted with all that is theirs.
//!
//! What disabling changes for tasks is published in the transaction that sets the mark. What the audit says of those that
//! are deleted stays.

use domain::{AccountId, PartnerId};

use crate::{
    Error, Kind, Result, Tx,
    accounts::{self, LockedAccount, disabled},
    audit::Change,
    ceilings,
    database::dialect::RowLock,
    groups, lines, numbers, partners, tasks, transitions,
};

/// Who is edited.
#[derive(Clone, Copy, Debug)]
pub enum Whom {
    /// A user with its sub-users, or a sub-user.
    Account(PartnerId, AccountId),
    /// A partner with all its accounts.
    Partner(PartnerId),
}

impl Whom {
    const fn ids(self) -> (PartnerId, Option<AccountId>) {
        match self {
            Self::Account(partner, account) => (partner, Some(account)),
            Self::Partner(partner) => (partner, None),
        }
    }
}

/// Switches an account or a partner off or on. Doing it again changes nothing.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn set_disabled(tx: &mut Tx, whom: Whom, disabled: bool, change: &Change) -> Result<()> {
    let (partner, account) = whom.ids();
    let partner_row = match account {
        None => Some(partners::lock(tx, partner, RowLock::Change).await?),
        Some(_) => None,
    };
    let locked = accounts::lock_all(tx, partner, account, RowLock::Change).await?;
    let ids: Vec<AccountId> = locked.iter().map(LockedAccount::id).collect();
    let before = disabled::among(tx, &ids).await?;
    let mut groups = Vec::new();
    for group in groups::lock_of_accounts(tx, &ids).await? {
        groups.push(transitions::catch_up(tx, group, change.at).await?);
    }
    match &partner_row {
        Some(partner) => partners::set_disabled(tx, partner, disabled, change).await?,
        None => {
            for one in locked.iter().filter(|one| Some(one.id()) == account) {
                accounts::set_disabled(tx, one, disabled, change).await?;
            }
        }
    }
    let after = disabled::among(tx, &ids).await?;
    groups.retain(|group| before.contains(&group.account()) != after.contains(&group.account()));
    transitions::publish_account_switch(tx, &groups, !disabled, change.at).await
}

/// How many things go with an account or a partner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// Users and sub-users, itself included.
    pub accounts: usize,
    /// Dial time groups.
    pub groups: usize,
    /// Tasks.
    pub tasks: usize,
}

/// Deletes an account with its tokens, or a partner. `with_everything` deletes its users, sub-users, groups and tasks, too.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::InUse`] when there are such and they are not to go, or a group of theirs is the ceiling of what stays.
pub async fn delete(tx: &mut Tx, whom: Whom, with_everything: bool, change: &Change) -> Result<Removed> {
    let (partner, account) = whom.ids();
    // Nothing comes to them meanwhile.
    let locked = accounts::lock_all(tx, partner, account, RowLock::Delete).await?;
    let in_use = Error::InUse(if account.is_some() { Kind::Account } else { Kind::Partner });
    let mut removed = Removed { accounts: locked.len(), ..Removed::default() };
    if locked.len() > usize::from(account.is_some()) && !with_everything {
        return Err(in_use);
    }
    let ids: Vec<AccountId> = locked.iter().map(LockedAccount::id).collect();
    ceilings::remove_of_deleted(tx, (partner, &ids), account.is_none(), change).await?;
    for one in &locked {
        let tasks = tasks::record_all_deleted(tx, one.id(), change).await?;
        let groups = groups::record_all_deleted(tx, one.id(), change).await?;
        if !with_everything && tasks + groups > 0 {
            return Err(in_use);
        }
        removed.tasks += tasks;
        removed.groups += groups;
        numbers::mark_all_deleted(tx, one.id(), change.at).await?;
        accounts::delete(tx, one, change).await?;
    }
    if account.is_none() {
        lines::delete_all(tx, partner, change).await?;
        let partner = partners::lock(tx, partner, RowLock::Delete).await?;
        partners::delete(tx, &partner, change).await?;
    }
    Ok(removed)
}
