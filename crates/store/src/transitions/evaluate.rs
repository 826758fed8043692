//! The evaluation of groups at one instant: what differs from what was published is published, and when to evaluate them
//! next is stored.

use std::{collections::BTreeMap, sync::Arc};

use calendar::Schedule;
use domain::{
    AccountId, DialTimeGroupId, EventCause, EventKind, TaskId, TaskState,
    transition::{BoundsEvaluation, GroupEvaluation, Moment},
};
use jiff::Timestamp;

use super::leave_alone;
use crate::{
    DatabaseError, Error, Result, Tx,
    accounts::disabled,
    database::convert::micros,
    groups::{
        DamagedGroup, GroupKey, LockedGroup,
        published::{self, Publication},
    },
    schedules,
    tasks::{self, EvaluatedBounds, PublishedTask},
};

/// A locked group as its schedule has it at the moment.
struct EvaluatedGroup {
    locked: LockedGroup,
    schedule: Arc<Schedule>,
    evaluation: GroupEvaluation,
}

/// Publishes whatever is different at the moment from what was published of these groups and their tasks.
pub(super) async fn publish_turns(tx: &mut Tx, groups: Vec<LockedGroup>, moment: Moment) -> Result<()> {
    let groups = evaluate(tx, groups, moment).await?;
    let mut tasks = following(tx, &groups, moment.at).await?;
    tasks.extend(crossing(tx, &groups, moment).await?);
    let tasks = of_enabled_accounts(tx, tasks).await?;
    let paused = publish(tx, &groups, tasks, &moment);
    tasks::pause_until_asked(tx, &paused, moment.written_at).await?;
    save(tx, &groups, moment.at).await
}

/// Evaluates each group. One whose holidays cannot be read is left alone.
async fn evaluate(tx: &mut Tx, groups: Vec<LockedGroup>, moment: Moment) -> Result<Vec<EvaluatedGroup>> {
    let (mut evaluated, mut damaged) = (Vec::with_capacity(groups.len()), Vec::new());
    for locked in groups {
        let schedule = match schedules::of(tx, locked.group()?).await {
            Ok(schedule) => schedule,
            Err(Error::Database(DatabaseError::Damaged(reason))) => {
                damaged.push(DamagedGroup::of(&locked.damaged(reason)));
                continue;
            }
            Err(error) => return Err(error),
        };
        let evaluation = GroupEvaluation::new(&schedule, locked.published().open, moment.at);
        evaluated.push(EvaluatedGroup { locked, schedule, evaluation });
    }
    leave_alone(tx, &damaged, moment.written_at).await?;
    Ok(evaluated)
}

/// The enabled tasks that turn with their groups: those whose bounds allow calls, and do not change at the moment.
async fn following(tx: &mut Tx, groups: &[EvaluatedGroup], at: Timestamp) -> Result<Vec<PublishedTask>> {
    let turning = groups.iter().filter(|group| group.evaluation.turns());
    let keys: Vec<GroupKey> = turning.map(|group| published::key(&group.locked)).collect();
    tasks::within_bounds(tx, &keys, at).await
}

/// The enabled tasks whose bounds may change at the moment; stores what they then are.
async fn crossing(tx: &mut Tx, groups: &[EvaluatedGroup], moment: Moment) -> Result<Vec<PublishedTask>> {
    let at = micros(moment.at);
    let is_due = |group: &EvaluatedGroup| group.locked.published().next.is_some_and(|next| next <= at);
    if !groups.iter().any(is_due) && moment.cause != Some(EventCause::Clock) {
        return Ok(Vec::new());
    }
    let keys: Vec<GroupKey> = groups.iter().map(|group| published::key(&group.locked)).collect();
    let rows = tasks::changing_bounds(tx, &keys, at).await?;
    let (mut tasks, mut evaluated) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
    for row in rows {
        match row.bounds_and_resume() {
            Ok((bounds, resume)) => {
                let now = BoundsEvaluation::new(&bounds, true, moment.at);
                evaluated.push(EvaluatedBounds::new(row.id(), now));
                tasks.push(row.published(resume, now.within));
            }
            Err(error) => {
                tasks::left_out(row.id(), &error);
                let retry =
                    BoundsEvaluation { within: row.within_bounds, next_change: Some(moment.retry_at()) };
                evaluated.push(EvaluatedBounds::new(row.id(), retry));
            }
        }
    }
    tasks::save_bounds(tx, &evaluated).await?;
    Ok(tasks)
}

/// Those tasks whose accounts are not disabled: the others do not run, and come to nothing else.
async fn of_enabled_accounts(tx: &mut Tx, mut tasks: Vec<PublishedTask>) -> Result<Vec<PublishedTask>> {
    let mut accounts: Vec<AccountId> = tasks.iter().map(|task| task.group.0).collect();
    accounts.sort_unstable();
    accounts.dedup();
    if !accounts.is_empty() {
        let disabled = disabled::among(tx, &accounts).await?;
        tasks.retain(|task| !disabled.contains(&task.group.0));
    }
    Ok(tasks)
}

/// Publishes each group and then its tasks; gives the tasks that are paused because they resume only when asked.
fn publish(
    tx: &mut Tx,
    groups: &[EvaluatedGroup],
    tasks: Vec<PublishedTask>,
    moment: &Moment,
) -> Vec<TaskId> {
    let mut by_group: BTreeMap<(AccountId, DialTimeGroupId), Vec<PublishedTask>> = BTreeMap::new();
    for task in tasks {
        by_group.entry(task.group).or_default().push(task);
    }
    let mut paused = Vec::new();
    for EvaluatedGroup { locked, evaluation, .. } in groups {
        if let Some(kind) = evaluation.event_kind() {
            super::publish(tx, locked, moment, (kind, evaluation.cause));
        }
        let mut tasks = by_group.remove(&(locked.account(), locked.id())).unwrap_or_default();
        tasks.sort_unstable_by_key(|task| task.id);
        for task in tasks {
            let Some(turn) = evaluation.turn_of(&task.following(), moment) else { continue };
            if turn.0 == TaskState::Paused {
                paused.push(task.id);
            }
            publish_task_state(tx, locked, moment, &task, turn);
        }
    }
    paused
}

/// Publishes the state that a task of a group comes to.
pub(super) fn publish_task_state(
    tx: &mut Tx,
    group: &LockedGroup,
    moment: &Moment,
    task: &PublishedTask,
    (state, cause): (TaskState, EventCause),
) {
    let version = (group.id(), group.version());
    let event = moment.event(EventKind::of_state(state), cause, version, Some(task.id));
    tx.publish(group.account(), event);
}

/// Stores what was published, and when there is something to publish next.
async fn save(tx: &mut Tx, groups: &[EvaluatedGroup], at: Timestamp) -> Result<()> {
    let publication = |EvaluatedGroup { locked, schedule, evaluation }: &EvaluatedGroup| {
        Ok(Publication {
            group: published::key(locked),
            open: evaluation.is_open,
            at,
            revision: locked.group()?.holidays_revision,
            next: schedule.next_change(at),
        })
    };
    let publications = groups.iter().map(publication).collect::<Result<Vec<_>>>()?;
    published::save(tx, publications).await
}
