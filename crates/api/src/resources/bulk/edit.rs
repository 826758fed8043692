//! The frame of every edit of many groups or tasks: all are locked, each is edited or says what it cannot take, and then all of it is kept or
//! nothing.

use std::{collections::BTreeMap, sync::Arc};

use calendar::Exceptions;
use domain::{DialTimeGroup, DialTimeGroupId, FaultRule, GroupChange, OverrideOrder, TaskId, TaskInGroup};
use store::{
    Tx,
    audit::Change,
    edits::{
        groups::{self as group_edits, GroupToUpdate, OverrideRemoval},
        tasks as task_edits,
    },
    groups::LockedGroup,
    tasks::{self, LockedTask},
};

use super::{
    effects::{BulkView, Edited, GroupsBelow},
    named::{BulkRefusals, BulkRequest},
};
use crate::http::{
    dry_run::DryRunQuery, envelope::Answer, extract::AccountRequest, messages::Message, problem::Problem,
};

/// What is done to each of many groups.
pub(super) enum BulkGroupEdit {
    AddExceptions(Exceptions),
    RemoveExceptions(BTreeMap<DialTimeGroupId, Arc<Exceptions>>),
    Override(OverrideOrder),
    EndOverride(OverrideRemoval),
}

impl BulkGroupEdit {
    async fn apply(
        &self,
        tx: &mut Tx,
        group: LockedGroup,
        change: &Change,
    ) -> Result<DialTimeGroup, Problem> {
        let before = group.group()?.clone();
        let exceptions = match self {
            Self::AddExceptions(added) => {
                let has = &before.draft.exceptions;
                has.followed_by(&added.missing_from(has))
            }
            Self::RemoveExceptions(removed) => {
                let has = &before.draft.exceptions;
                Ok(removed.get(&before.id).map_or_else(|| has.clone(), |removed| has.without(removed)))
            }
            Self::Override(order) => {
                let after = group_edits::set_override(tx, group, order.clone(), change).await?;
                return after.ok_or_else(|| Problem::fault("until", FaultRule::NoNextChange));
            }
            Self::EndOverride(removal) => {
                let after = group_edits::end_override(tx, group, *removal, change).await?;
                return Ok(after.unwrap_or(before));
            }
        };
        let exceptions =
            exceptions.map_err(|rule| Problem::fault("exceptions", FaultRule::Calendar(rule)))?;
        if exceptions == before.draft.exceptions {
            return Ok(before);
        }
        let mut group_change = GroupChange::rename(before.draft.name);
        group_change.exceptions = Some(exceptions);
        Ok(group_edits::update(tx, GroupToUpdate::new(group, group_change), change).await?)
    }
}

pub(super) async fn edit_groups(
    request: &AccountRequest,
    query: DryRunQuery,
    mut asked: BulkRequest<BulkGroupEdit>,
) -> Result<Answer<BulkView>, Problem> {
    let edit = asked.take_edit(request).await?;
    let (account, now, change) = (request.account, request.caller.now, request.caller.change());
    let mut tx = request.begin().await?;
    let locked = group_edits::lock_all(&mut tx, account, asked.groups.ids()).await;
    let locked = asked.unless_missing(locked, &mut tx, account).await?;
    let groups = &asked.groups;
    let below = GroupsBelow::of(&mut tx, account, groups.ids().iter().copied().collect()).await?;
    let (mut edited, mut refusals) = (Vec::with_capacity(locked.len()), BulkRefusals::new(groups));
    for group in locked {
        let (id, before) = (group.id(), group.group()?.clone());
        let after = edit.apply(&mut tx, group, &change).await;
        edited.extend(refusals.check(id, after)?.map(|after| Edited { before, after }));
    }
    let edited = refusals.finish(edited)?;
    let view = BulkView::of_groups(&mut tx, &edited, &below, now).await?;
    let view = match &edit {
        BulkGroupEdit::AddExceptions(added) => view.with_added(&edited, added),
        _ => view,
    };
    end(tx, query, view).await
}

/// What is done to each of many tasks.
pub(super) enum BulkTaskEdit {
    Move(BTreeMap<TaskId, DialTimeGroupId>),
    Switch { on: bool },
}

impl BulkTaskEdit {
    /// The group that a task is to go to.
    fn target(&self, task: TaskId) -> Option<DialTimeGroupId> {
        match self {
            Self::Move(targets) => targets.get(&task).copied(),
            Self::Switch { .. } => None,
        }
    }

    async fn apply(
        &self,
        tx: &mut Tx,
        (task, before): (&LockedTask, &TaskInGroup),
        change: &Change,
    ) -> Result<TaskInGroup, Problem> {
        if let Self::Switch { on } = self {
            return Ok(task_edits::set_enabled(tx, task, *on, change).await?);
        }
        let mut draft = before.task.draft.clone();
        draft.dial_time_id = self.target(task.id()).unwrap_or(draft.dial_time_id);
        if draft.dial_time_id == before.group.id {
            return Ok(before.clone());
        }
        Ok(task_edits::update(tx, task, draft, change).await?)
    }
}

pub(super) async fn edit_tasks(
    request: &AccountRequest,
    query: DryRunQuery,
    mut asked: BulkRequest<BulkTaskEdit>,
) -> Result<Answer<BulkView>, Problem> {
    let edit = asked.take_edit(request).await?;
    let (account, now, change) = (request.account, request.caller.now, request.caller.change());
    let going_to = asked.tasks.ids().iter().map(|id| (*id, edit.target(*id))).collect();
    let mut tx = request.begin().await?;
    let locked = task_edits::lock_all(&mut tx, account, &going_to, now).await;
    let locked = asked.unless_missing(locked, &mut tx, account).await?;
    let (mut edited, mut refusals) = (Vec::with_capacity(locked.len()), BulkRefusals::new(&asked.tasks));
    for task in locked {
        let before = tasks::get(&mut tx, account, task.id()).await?;
        let after = edit.apply(&mut tx, (&task, &before), &change).await;
        // What is left of a line for those after it depends on it.
        let Some(after) = refusals.check(task.id(), after)? else { break };
        edited.push(Edited { before, after });
    }
    let edited = refusals.finish(edited)?;
    let view = match edit {
        BulkTaskEdit::Move(_) => BulkView::of_moved_tasks(&edited, now),
        BulkTaskEdit::Switch { on } => BulkView::of_switched_tasks(&edited, on, now),
    };
    end(tx, query, view).await
}

/// Keeps what was done, or nothing of it.
async fn end(tx: Tx, query: DryRunQuery, view: BulkView) -> Result<Answer<BulkView>, Problem> {
    if query.dry_run {
        return Ok(Answer::new(Message::EditNotStored, view));
    }
    tx.commit().await?;
    Ok(Answer::new(Message::Saved, view.stored()))
}
