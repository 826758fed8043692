//! Edits of groups.

use std::collections::BTreeSet;

use domain::{
    AccountId, CeilingChange, CeilingSnapshot, DialTimeGroup, DialTimeGroupId, EventCause, EventKind,
    GroupChange, GroupDraft, GroupOverride, OverrideOrder, transition::Moment,
};
use jiff::Timestamp;

use crate::{
    Error, Kind, Result, Tx, Unique, accounts,
    audit::{self, Action, Change, Subject},
    ceilings, closures,
    database::dialect::RowLock,
    groups::{self, LockedGroup, WithDefault, published},
    holidays, schedules,
    stops::publications,
    tasks,
    transitions::{self, TaskEdit},
};

/// Adds a group under the next id that nobody was given and the account never brought. A new default takes the flag off
/// the old one.
///
/// # Errors
/// [`Error::NotFound`] when the account does not exist, [`Error::UnknownAt`] of holiday calendars.
pub async fn create(
    tx: &mut Tx,
    account: AccountId,
    draft: &GroupDraft,
    change: &Change,
) -> Result<DialTimeGroup> {
    accounts::lock_for_edits(tx, account).await?;
    // The account never had a group of this id.
    let id = groups::fresh_id(tx, account).await?;
    holidays::lock_all(tx, account, &draft.holiday_calendars).await?;
    if draft.is_default {
        let default = groups::lock_with_default(tx, account, id).await?.default;
        unset_default(tx, default, change).await?;
    }
    insert(tx, account, (id, 1), draft, change).await
}

/// Adds a group under an id that the account brings along from elsewhere. If it had a group of this id before, the
/// versions of that one are counted on: an id and a version never mean two things.
///
/// # Errors
/// [`Error::Taken`] when the account has a group of this id, [`Error::NotFound`] when it does not exist itself,
/// [`Error::UnknownAt`] of holiday calendars.
pub async fn bring(
    tx: &mut Tx,
    account: AccountId,
    id: DialTimeGroupId,
    draft: &GroupDraft,
    change: &Change,
) -> Result<DialTimeGroup> {
    accounts::lock_for_edits(tx, account).await?;
    make_room(tx, account, id, draft, change).await?;
    groups::note_brought(tx, account, id).await?;
    let last = audit::last_version(tx, account, Subject::DialTimeGroup, &id.to_string()).await?;
    insert(tx, account, (id, last + 1), draft, change).await
}

/// Makes sure, with the account locked, that it has no group of this id, and takes the flag off its default if the new
/// group is to be that. A delete of a group of this id that has not ended is waited for.
async fn make_room(
    tx: &mut Tx,
    account: AccountId,
    id: DialTimeGroupId,
    draft: &GroupDraft,
    change: &Change,
) -> Result<()> {
    holidays::lock_all(tx, account, &draft.holiday_calendars).await?;
    let WithDefault { group, default } = if draft.is_default {
        groups::lock_with_default(tx, account, id).await?
    } else {
        let group = groups::lock_both(tx, account, [id, id], RowLock::Change).await?.pop();
        WithDefault { group, default: None }
    };
    match group {
        Some(_) => Err(Error::Taken(Unique::GroupId)),
        None => unset_default(tx, default, change).await,
    }
}

/// Takes the default flag off the group that has it.
async fn unset_default(tx: &mut Tx, default: Option<LockedGroup>, change: &Change) -> Result<()> {
    let Some(default) = default else { return Ok(()) };
    let default = groups::unset_default(tx, &default, change).await?;
    transitions::publish_group(tx, &default, EventKind::GroupUpdated, change.at)
}

/// Adds a group. What it is published as is known before it is written, so that it is written once.
async fn insert(
    tx: &mut Tx,
    account: AccountId,
    key: (DialTimeGroupId, i64),
    draft: &GroupDraft,
    change: &Change,
) -> Result<DialTimeGroup> {
    let revisions =
        [holidays::revision(tx).await?, closures::revision(tx).await?, ceilings::revision(tx).await?];
    let group = LockedGroup::new(account, key, draft, revisions, change.at)?;
    let published = transitions::publish_created_group(tx, &group, change.at).await?;
    groups::insert(tx, &group, &published, change).await?;
    Ok(group.group()?.clone())
}

/// A group that is locked to be updated, and the account's default if the update takes the flag off it.
#[derive(Debug)]
pub struct GroupToUpdate {
    group: LockedGroup,
    default: Option<LockedGroup>,
    group_change: GroupChange,
}

impl GroupToUpdate {
    /// A group that [`lock_all`] has locked, and a change of it which leaves alone whether it is the default, and its holiday calendars.
    pub fn new(group: LockedGroup, group_change: GroupChange) -> Self {
        Self { group, default: None, group_change }
    }

    /// The group.
    pub fn group(&self) -> &LockedGroup {
        &self.group
    }
}

/// Locks a group for a change of it.
///
/// # Errors
/// [`Error::NotFound`], [`Error::UnknownAt`] of holiday calendars.
pub async fn lock_to_update(
    tx: &mut Tx,
    account: AccountId,
    id: DialTimeGroupId,
    group_change: GroupChange,
) -> Result<GroupToUpdate> {
    if let Some(calendars) = &group_change.holiday_calendars {
        holidays::lock_all(tx, account, calendars).await?;
    }
    if group_change.is_default != Some(true) {
        let group = groups::lock(tx, account, id, RowLock::Change).await?;
        return Ok(GroupToUpdate { group, default: None, group_change });
    }
    accounts::lock_for_edits(tx, account).await?;
    let WithDefault { group, default } = groups::lock_with_default(tx, account, id).await?;
    let group = group.ok_or(Error::NotFound(Kind::Group))?;
    Ok(GroupToUpdate { group, default, group_change })
}

/// Locks groups of an account for one edit of all of them, in the order of their ids.
///
/// # Errors
/// [`Error::NotFoundAmong`] with all that are not there.
pub async fn lock_all(
    tx: &mut Tx,
    account: AccountId,
    ids: &BTreeSet<DialTimeGroupId>,
) -> Result<Vec<LockedGroup>> {
    let (mut locked, mut missing) = (Vec::with_capacity(ids.len()), Vec::new());
    for id in ids {
        match groups::lock(tx, account, *id, RowLock::Change).await {
            Err(Error::NotFound(_)) => missing.push(id.to_string()),
            found => locked.push(found?),
        }
    }
    Error::unless_all_found(Kind::Group, missing)?;
    Ok(locked)
}

/// Changes a group. A new default takes the flag off the old one.
///
/// # Errors
/// [`DatabaseError::Damaged`](crate::DatabaseError::Damaged) when the group cannot be read.
pub async fn update(tx: &mut Tx, locked: GroupToUpdate, change: &Change) -> Result<DialTimeGroup> {
    let GroupToUpdate { group, default, group_change } = locked;
    unset_default(tx, default, change).await?;
    let group = transitions::catch_up(tx, group, change.at).await?;
    let draft = group.group()?.draft.clone().with(group_change);
    groups::record(tx, &group, Action::Update, change).await?;
    let edited = group.edited(&draft, change.at)?;
    follow_clock(tx, &group, &edited, change.at).await?;
    let published = transitions::publish_edited_group(tx, &edited, change.at).await?;
    groups::update(tx, &edited, &published).await?;
    follow_ceiling(tx, &edited, change).await?;
    Ok(edited.group()?.clone())
}

/// Locks a group to override it, or to end its override.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn lock_to_override(tx: &mut Tx, account: AccountId, id: DialTimeGroupId) -> Result<LockedGroup> {
    groups::lock(tx, account, id, RowLock::Change).await
}

/// What the removal of an override leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OverrideRemoval {
    /// No override: the group follows its windows.
    Nothing,
    /// The override that the removed one had taken the place of, if it would still hold.
    Replaced,
}

/// Closes or opens a group for a while, in the place of what a person set it to before. `None`: it is to hold until the group's next
/// change, and the group never changes.
///
/// # Errors
/// [`DatabaseError::Damaged`](crate::DatabaseError::Damaged) when the group cannot be read.
pub async fn set_override(
    tx: &mut Tx,
    group: LockedGroup,
    order: OverrideOrder,
    change: &Change,
) -> Result<Option<DialTimeGroup>> {
    let group = transitions::catch_up(tx, group, change.at).await?;
    let schedule = schedules::of(tx, group.group()?).await?;
    let begin = group.not_before_published(change.at)?;
    let Some(over) = GroupOverride::new(order, schedule.schedule(), begin) else { return Ok(None) };
    let over = over.in_place_of(group.group()?.over.as_ref());
    save_override(tx, &group, Some(&over), change).await.map(Some)
}

/// Ends the override of a group before its time; gives the group, or `None` when none holds.
///
/// # Errors
/// [`DatabaseError::Damaged`](crate::DatabaseError::Damaged) when the group cannot be read.
pub async fn end_override(
    tx: &mut Tx,
    group: LockedGroup,
    removal: OverrideRemoval,
    change: &Change,
) -> Result<Option<DialTimeGroup>> {
    let group = transitions::catch_up(tx, group, change.at).await?;
    let at = group.not_before_published(change.at)?;
    let Some(over) = group.group()?.over.as_ref().filter(|over| over.holds_at(at)) else { return Ok(None) };
    let restored = match removal {
        OverrideRemoval::Nothing => None,
        OverrideRemoval::Replaced => over.restored_at(at),
    };
    save_override(tx, &group, restored.as_ref(), change).await.map(Some)
}

async fn save_override(
    tx: &mut Tx,
    group: &LockedGroup,
    over: Option<&GroupOverride>,
    change: &Change,
) -> Result<DialTimeGroup> {
    groups::record(tx, group, Action::Update, change).await?;
    let overridden = group.overridden(over, change.at)?;
    let published = transitions::publish_overridden_group(tx, &overridden, change.at).await?;
    groups::update(tx, &overridden, &published).await?;
    follow_ceiling(tx, &overridden, change).await?;
    Ok(overridden.group()?.clone())
}

/// Locks a group to delete it.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn lock_to_delete(tx: &mut Tx, account: AccountId, id: DialTimeGroupId) -> Result<LockedGroup> {
    groups::lock(tx, account, id, RowLock::Delete).await
}

/// Deletes a group that no task refers to and that is no ceiling.
///
/// # Errors
/// [`Error::InUse`]: of a group that tasks refer to, else of a ceiling.
pub async fn delete(tx: &mut Tx, group: &LockedGroup, change: &Change) -> Result<()> {
    // The foreign keys refuse; this only names which of them would, and nothing can come to a group that is locked.
    let in_use = ceilings::kind_in_use(tx, group).await?;
    groups::delete(tx, group, in_use, change).await?;
    transitions::publish_missed(tx, group, change.at).await?;
    transitions::publish_group(tx, group, EventKind::GroupDeleted, change.at)
}

/// A group that is locked to be replaced, and the one that takes its place.
#[derive(Debug)]
pub struct GroupToReplace {
    group: LockedGroup,
    with: LockedGroup,
}

impl GroupToReplace {
    /// The group that is to be replaced.
    pub fn group(&self) -> &LockedGroup {
        &self.group
    }
}

/// Locks a group and another one of the account that takes its place. No task comes or goes meanwhile.
///
/// # Errors
/// [`Error::NotFound`] of the group, [`Error::Unknown`] of the other one.
pub async fn lock_to_replace(
    tx: &mut Tx,
    account: AccountId,
    id: DialTimeGroupId,
    with: DialTimeGroupId,
) -> Result<GroupToReplace> {
    accounts::lock_for_edits(tx, account).await?;
    let locked = groups::lock_both(tx, account, [id, with], RowLock::Delete).await?;
    let find = |id: DialTimeGroupId| locked.iter().find(|group| group.id() == id).cloned();
    let group = find(id).ok_or(Error::NotFound(Kind::Group))?;
    Ok(GroupToReplace { group, with: find(with).ok_or(Error::Unknown(Kind::Group))? })
}

/// Points every task of a group to the one that takes its place, and deletes the group. Says how many tasks were moved.
///
/// # Errors
/// [`Error::InUse`] when the two are one.
pub async fn replace(tx: &mut Tx, locked: GroupToReplace, change: &Change) -> Result<u64> {
    let from = transitions::catch_up(tx, locked.group, change.at).await?;
    let to = transitions::catch_up(tx, locked.with, change.at).await?;
    let at = from.not_before_published(to.not_before_published(change.at)?)?;
    let moved =
        tasks::move_all(tx, &from, &to, Moment::caused(at, change.at, EventCause::Edit), change).await?;
    for task in &moved {
        let edit = TaskEdit {
            task: task.id,
            kind: Some(EventKind::TaskUpdated),
            cause: EventCause::Edit,
            before: (task.before, &from),
            after: (task.after, &to),
        };
        transitions::publish_edited_task(tx, &edit, change.at)?;
    }
    let next = tasks::next_bounds_change(tx, to.account(), to.id()).await?;
    published::note_bounds(tx, &to, at, next).await?;
    delete(tx, &from, change).await?;
    Ok(u64::try_from(moved.len()).unwrap_or(u64::MAX))
}

/// Has all that lies below a group evaluated with its edit, if it is a ceiling.
async fn follow_ceiling(tx: &mut Tx, group: &LockedGroup, change: &Change) -> Result<()> {
    for target in ceilings::of_edited_group(tx, group).await? {
        let name = &group.group()?.draft.name;
        let snapshot = CeilingSnapshot::new(CeilingChange::Edited, target, name, None);
        publications::add_ceiling(tx, target.into(), &snapshot, change.at).await?;
    }
    Ok(())
}

/// Has the bounds of the tasks of a group evaluated with its edit if that sets another clock: by it the windows that they have
/// of their own are open at other times.
async fn follow_clock(tx: &mut Tx, before: &LockedGroup, group: &LockedGroup, now: Timestamp) -> Result<()> {
    if before.group()?.draft.timezone == group.group()?.draft.timezone {
        return Ok(());
    }
    tasks::evaluate_bounds_again(tx, &[published::key(group)], group.not_before_published(now)?).await
}
