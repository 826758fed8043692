//! Ceilings: set and removed. Either holds from the commit on, as with closures, and what there is to publish follows in steps.

use domain::{
    AccountId, CeilingChange, CeilingSnapshot, CeilingTarget, DialTimeGroupId, GroupCeiling, SetBy,
};

use crate::{
    Error, Kind, Result, Tx, accounts, audit::Change, ceilings, database::dialect::RowLock, groups,
    stops::publications,
};

/// Makes a group of an account, which is the target's or one of its partner's, the ceiling of the target; gives it.
///
/// # Errors
/// [`Error::NotFound`] of the account, [`Error::Unknown`] of the group.
pub async fn set(
    tx: &mut Tx,
    target: CeilingTarget,
    (account, group): (AccountId, DialTimeGroupId),
    by: &SetBy,
    change: &Change,
) -> Result<GroupCeiling> {
    accounts::get(tx, target.partner(), account).await?;
    // An edit of the group comes before this, or sees that it is a ceiling.
    let group = match groups::lock(tx, account, group, RowLock::Change).await {
        Err(Error::NotFound(kind)) => Err(Error::Unknown(kind)),
        other => other,
    }?;
    ceilings::set(tx, target, &group, by, change).await?;
    publish(tx, target, &group.group()?.draft.name, (CeilingChange::Set, by), change).await?;
    ceilings::get(tx, target).await?.ok_or(Error::NotFound(Kind::Ceiling))
}

/// Removes the ceiling of a target.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn remove(tx: &mut Tx, target: CeilingTarget, by: &SetBy, change: &Change) -> Result<()> {
    let removed = ceilings::remove(tx, target, change).await?;
    publish(tx, target, &removed.name, (CeilingChange::Removed, by), change).await
}

async fn publish(
    tx: &mut Tx,
    target: CeilingTarget,
    name: &domain::Name,
    (what, by): (CeilingChange, &SetBy),
    change: &Change,
) -> Result<()> {
    let snapshot = CeilingSnapshot::new(what, target, name, Some(by));
    publications::add_ceiling(tx, target.into(), &snapshot, change.at).await
}
