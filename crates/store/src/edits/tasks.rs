//! Edits of tasks. A task's group is locked with it, for what the edit publishes rests on what was published of the group.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    AccountId, DialTimeGroupId, DialingSettings, Event, EventCause, EventDetail, EventKind, Generation,
    LineId, NumberState, Task, TaskBounds, TaskDraft, TaskId, TaskInGroup, TaskSnapshot,
    transition::{BoundsEvaluation, Standing},
};
use jiff::Timestamp;
use serde_json::to_value;

use crate::{
    Error, Kind, Result, Tx, accounts,
    audit::Change,
    database::{convert::damaged, dialect::RowLock},
    groups::{self, LockedGroup, published},
    lines::{self, HeldCalls},
    numbers, schedules,
    tasks::{self, AccountWithUser, LockedTask},
    transitions::{self, TaskEdit},
};

/// Adds a task, switched off, which holds the scripts, the redial rule and the lines that it names. The group is locked first, so that a
/// delete of it waits and is then refused, and so that what was due of it is published before.
///
/// # Errors
/// [`Error::Unknown`] of the group, [`Error::Taken`] when a task has this id, whoever's; [`Error::Limit`] when too little is left of a
/// line.
pub async fn create(
    tx: &mut Tx,
    account: AccountId,
    id: TaskId,
    generation: Generation,
    draft: TaskDraft,
    change: &Change,
) -> Result<TaskInGroup> {
    let task = copy(tx, account, id, generation, draft, change).await?;
    let whose = AccountWithUser { account, user: accounts::user_of(tx, account).await? };
    lines::expect_residue(tx, whose, id, &HeldCalls::new()).await?;
    Ok(task)
}

/// Adds a task as [`create`] does, made like another one: what is left of its lines is asked when it is started.
///
/// # Errors
/// As of [`create`], but for lines.
pub async fn copy(
    tx: &mut Tx,
    account: AccountId,
    id: TaskId,
    generation: Generation,
    draft: TaskDraft,
    change: &Change,
) -> Result<TaskInGroup> {
    let user = accounts::keep_with_user(tx, account).await?;
    let group = lock_groups(tx, account, [draft.dial_time_id; 2], change.at).await?.pop();
    let group = group.ok_or(Error::Unknown(Kind::Group))?;
    let named = tasks::lock_named(tx, AccountWithUser { account, user }, &draft.settings).await?;
    tasks::insert(tx, &group, id, generation, &draft, change).await?;
    tasks::write_named(tx, id, &named, true).await?;
    lines::refer(tx, account, id, &draft.settings).await?;
    let created_at = change.at;
    let task =
        Task { id, account_id: account, generation, enabled: false, draft, created_at, altered_at: None };
    let settings = to_value(&task.draft.settings).map_err(damaged)?;
    let snapshot = TaskSnapshot {
        name: task.draft.name.as_str().to_owned(),
        settings,
        created_at: Some(created_at),
        content: None,
        group: None,
        generation: Some(generation.number()),
        enabled: Some(false),
        script_name: named.main_name().map(str::to_owned),
        line_name: line_name(tx, account, &task.draft.settings.dialing).await?,
    };
    publish_whole(tx, EventKind::TaskCreated, id, &group, snapshot.in_group(group.group().ok()), change.at)?;
    schedules::in_group(tx, (task, group.group()?.clone(), None)).await
}

/// Locks groups of an account and publishes what was due of them before `now`.
async fn lock_groups(
    tx: &mut Tx,
    account: AccountId,
    ids: [DialTimeGroupId; 2],
    now: Timestamp,
) -> Result<Vec<LockedGroup>> {
    let mut locked = Vec::with_capacity(2);
    for group in groups::lock_both(tx, account, ids, RowLock::Change).await? {
        locked.push(transitions::catch_up(tx, group, now).await?);
    }
    Ok(locked)
}

/// Locks a task with the group it dials in, and the one it is `going_to` if that is another; what was due of them before
/// `now` is published. The account is locked first: else the task could go to another group while its own is waited for,
/// and groups are locked before tasks.
///
/// # Errors
/// [`Error::NotFound`] of the task. That the group it is going to is unknown is for [`update`] to say.
pub async fn lock(
    tx: &mut Tx,
    account: AccountId,
    id: TaskId,
    going_to: Option<DialTimeGroupId>,
    now: Timestamp,
) -> Result<LockedTask> {
    let user = accounts::keep_user_of(tx, account).await?;
    accounts::lock_for_edits(tx, account).await?;
    let group = tasks::group_of(tx, account, id).await?;
    let groups = lock_groups(tx, account, [group, going_to.unwrap_or(group)], now).await?;
    tasks::lock(tx, AccountWithUser { account, user }, id, &groups, going_to).await
}

/// Locks tasks for one edit of all of them, as [`lock`] does one, each with the group that it is going to, if any: first the account, then all
/// groups, and then the tasks, each in the order of their ids.
///
/// # Errors
/// [`Error::NotFoundAmong`] with all tasks that are not there, or else with all groups that they are going to.
pub async fn lock_all(
    tx: &mut Tx,
    account: AccountId,
    going_to: &BTreeMap<TaskId, Option<DialTimeGroupId>>,
    now: Timestamp,
) -> Result<Vec<LockedTask>> {
    let user = accounts::keep_user_of(tx, account).await?;
    accounts::lock_for_edits(tx, account).await?;
    let mut concerned: BTreeSet<DialTimeGroupId> = going_to.values().flatten().copied().collect();
    concerned.extend(groups_of(tx, account, going_to.keys()).await?);
    let mut locked_groups = Vec::with_capacity(concerned.len());
    for group in super::groups::lock_all(tx, account, &concerned).await? {
        locked_groups.push(transitions::catch_up(tx, group, now).await?);
    }
    let mut locked = Vec::with_capacity(going_to.len());
    for (id, group) in going_to {
        locked.push(tasks::lock(tx, AccountWithUser { account, user }, *id, &locked_groups, *group).await?);
    }
    Ok(locked)
}

/// The groups that tasks dial in.
async fn groups_of(
    tx: &mut Tx,
    account: AccountId,
    ids: impl Iterator<Item = &TaskId> + Send,
) -> Result<Vec<DialTimeGroupId>> {
    let (mut groups, mut missing) = (Vec::new(), Vec::new());
    for id in ids {
        match tasks::group_of(tx, account, *id).await {
            Err(Error::NotFound(_)) => missing.push(id.to_string()),
            found => groups.push(found?),
        }
    }
    Error::unless_all_found(Kind::Task, missing)?;
    Ok(groups)
}

/// Changes what a person decides about a task.
///
/// # Errors
/// [`Error::Unknown`] of a group that the task was not locked to go to; [`Error::Limit`] when it may have more calls over a line than
/// before, and too little is left of that.
pub async fn update(
    tx: &mut Tx,
    task: &LockedTask,
    draft: TaskDraft,
    change: &Change,
) -> Result<TaskInGroup> {
    let to = task.to(draft.dial_time_id)?;
    let at = to.not_before_published(change.at)?;
    let bounds = BoundsEvaluation::new(&draft.bounds, to.group()?.draft.timezone, task.is_enabled(), at);
    let named = tasks::lock_named(tx, task.whose(), &draft.settings).await?;
    tasks::update(tx, task, &draft, bounds, change).await?;
    tasks::write_named(tx, task.id(), &named, false).await?;
    let held = lines::held_calls(tx, task.whose(), task.id()).await?;
    lines::refer(tx, task.account(), task.id(), &draft.settings).await?;
    lines::expect_residue(tx, task.whose(), task.id(), &held).await?;
    let after = Standing {
        enabled: task.is_enabled(),
        within_bounds: bounds.within,
        group_open: to.published().open,
    };
    let edit = TaskEdit {
        task: task.id(),
        kind: Some(EventKind::TaskUpdated),
        cause: EventCause::Edit,
        before: (task.standing(), task.from()),
        after: (after, to),
    };
    transitions::publish_edited_task(tx, &edit, change.at)?;
    if task.is_enabled() && draft.bounds != TaskBounds::default() {
        published::note_bounds(tx, to, at, bounds.next_change).await?;
    }
    tasks::get(tx, task.account(), task.id()).await
}

/// Switches a task on or off.
///
/// # Errors
/// [`DatabaseError::Damaged`](crate::DatabaseError::Damaged) when the task cannot be read; [`Error::Limit`] when it is switched on, has
/// numbers, and too little is left of a line.
pub async fn set_enabled(
    tx: &mut Tx,
    task: &LockedTask,
    enabled: bool,
    change: &Change,
) -> Result<TaskInGroup> {
    if task.is_enabled() != enabled {
        switch(tx, task, enabled, change).await?;
    }
    tasks::get(tx, task.account(), task.id()).await
}

/// Pauses a task whose list is finished, unless it has numbers to call again by now.
///
/// # Errors
/// [`Error::NotFound`] of the task; [`Error::Disabled`] of the account.
pub async fn pause_if_finished(tx: &mut Tx, account: AccountId, task: TaskId, change: &Change) -> Result<()> {
    let task = lock(tx, account, task, None, change.at).await?;
    let counts = numbers::counts(tx, account, task.id()).await?;
    if counts.total() == counts.in_state(NumberState::Done) {
        set_enabled(tx, &task, false, change).await?;
    }
    Ok(())
}

async fn switch(tx: &mut Tx, task: &LockedTask, enabled: bool, change: &Change) -> Result<()> {
    let group = task.from();
    let at = group.not_before_published(change.at)?;
    let bounds = task.bounds()?;
    let evaluated = BoundsEvaluation::new(&bounds, group.group()?.draft.timezone, enabled, at);
    tasks::set_enabled(tx, task, enabled, evaluated, change).await?;
    if enabled && lines::may_dial(tx, task.account(), task.id()).await? {
        lines::expect_residue(tx, task.whose(), task.id(), &HeldCalls::new()).await?;
    }
    let after = Standing { enabled, within_bounds: evaluated.within, group_open: group.published().open };
    let edit = TaskEdit {
        task: task.id(),
        kind: None,
        cause: EventCause::Person,
        before: (task.standing(), group),
        after: (after, group),
    };
    transitions::publish_edited_task(tx, &edit, change.at)?;
    if enabled && bounds != TaskBounds::default() {
        published::note_bounds(tx, group, at, evaluated.next_change).await?;
    }
    Ok(())
}

/// Deletes a task. Its numbers are left to be removed in the background.
///
/// # Errors
/// When the database does not answer.
pub async fn delete(tx: &mut Tx, task: &LockedTask, change: &Change) -> Result<()> {
    let names = tasks::names_of(tx, &[(task.account(), task.id())]).await?.remove(&task.id());
    let script_name = names.and_then(|names| names.script).map(|name| name.as_str().to_owned());
    tasks::delete(tx, task, change).await?;
    numbers::mark_deleted(tx, task.account(), task.id(), change.at).await?;
    let line_name = line_name(tx, task.account(), &task.dialing()).await?;
    let snapshot = task.snapshot().in_group(task.from().group().ok());
    let snapshot = TaskSnapshot { script_name, line_name, ..snapshot };
    publish_whole(tx, EventKind::TaskDeleted, task.id(), task.from(), snapshot, change.at)
}

/// The name of the first line or line group that a task names and that is there.
async fn line_name(tx: &mut Tx, account: AccountId, dialing: &DialingSettings) -> Result<Option<String>> {
    let ids: Vec<LineId> = dialing.lines_in_order().into_iter().map(|(id, _)| id).collect();
    let mut names = lines::names_of(tx, account, &ids).await?;
    Ok(ids.iter().find_map(|id| names.remove(id)))
}

/// Publishes a task's beginning or end, with all that it is.
fn publish_whole(
    tx: &mut Tx,
    kind: EventKind,
    id: TaskId,
    group: &LockedGroup,
    snapshot: TaskSnapshot,
    now: Timestamp,
) -> Result<()> {
    let at = group.not_before_published(now)?;
    let event = Event {
        kind,
        cause: EventCause::Edit,
        due_at: at,
        written_at: at,
        group: Some((group.id(), group.version())),
        task: Some(id),
        detail: Some(EventDetail::Task(Box::new(snapshot))),
    };
    tx.publish(group.account(), event);
    Ok(())
}
