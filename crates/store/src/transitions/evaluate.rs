//! The evaluation of groups at one instant: what differs from what was published is published, and when to evaluate them
//! next is stored.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use calendar::{EffectiveSchedule, Zone};
use domain::{
    AccountId, DialTimeGroupId, EventCause, EventKind, TaskId, TaskState,
    transition::{BoundsEvaluation, GroupEvaluation, Moment, OpenTimes, PublishedAbove},
};
use jiff::Timestamp;

use super::{leave_alone, log_left_alone};
use crate::{
    DatabaseError, Error, Result, Tx,
    accounts::{disabled, stopped},
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
    schedule: Arc<EffectiveSchedule>,
    /// What lies above it, as far as its log has said.
    above: PublishedAbove,
    evaluation: GroupEvaluation,
}

impl EvaluatedGroup {
    fn new(
        locked: LockedGroup,
        schedule: Arc<EffectiveSchedule>,
        above: PublishedAbove,
        at: Timestamp,
    ) -> Self {
        let times = OpenTimes { schedule: &schedule, above };
        let evaluation = GroupEvaluation::new(times, locked.published().open, at);
        Self { locked, schedule, above, evaluation }
    }
}

/// Publishes whatever is different at the moment from what was published of these groups and their tasks, and stores that.
/// Groups whose holidays cannot be read are left alone.
pub(super) async fn publish_turns(tx: &mut Tx, groups: Vec<LockedGroup>, moment: Moment) -> Result<()> {
    let (groups, damaged) = evaluate(tx, groups, moment).await?;
    leave_alone(tx, &damaged, moment.written_at).await?;
    publish_evaluated(tx, &groups, moment).await?;
    published::save(tx, publications(&groups, moment.at)?).await
}

/// Publishes what an edit or an override of a group changes, of it and of its tasks; gives what the caller stores with the group.
pub(super) async fn publish_edit(tx: &mut Tx, edited: &LockedGroup, moment: Moment) -> Result<Publication> {
    let (groups, damaged) = evaluate(tx, vec![edited.clone()], moment).await?;
    publish_evaluated(tx, &groups, moment).await?;
    give_publication(edited, &groups, &damaged, moment)
}

/// [`publish_edit`] of a group that is not there yet, and has no tasks.
pub(super) async fn publish_creation(
    tx: &mut Tx,
    created: &LockedGroup,
    moment: Moment,
) -> Result<Publication> {
    let (groups, damaged) = evaluate(tx, vec![created.clone()], moment).await?;
    publish(tx, &groups, Vec::new(), &moment);
    give_publication(created, &groups, &damaged, moment)
}

/// What is stored of a group that was evaluated by itself.
fn give_publication(
    group: &LockedGroup,
    evaluated: &[EvaluatedGroup],
    damaged: &[DamagedGroup],
    moment: Moment,
) -> Result<Publication> {
    log_left_alone(damaged);
    let evaluated = publications(evaluated, moment.at)?.pop();
    evaluated.map_or_else(|| Publication::postponed(group, moment.written_at, moment.retry_at()), Ok)
}

async fn publish_evaluated(tx: &mut Tx, groups: &[EvaluatedGroup], moment: Moment) -> Result<()> {
    let mut tasks = following(tx, groups, moment.at).await?;
    tasks.extend(crossing(tx, groups, moment).await?);
    let tasks = of_enabled_accounts(tx, tasks).await?;
    let paused = publish(tx, groups, tasks, &moment);
    tasks::pause_until_asked(tx, &paused, moment.written_at).await
}

/// Evaluates each group; gives those whose holidays cannot be read apart.
async fn evaluate(
    tx: &mut Tx,
    groups: Vec<LockedGroup>,
    moment: Moment,
) -> Result<(Vec<EvaluatedGroup>, Vec<DamagedGroup>)> {
    let published = published_above(tx, &groups).await?;
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
        let above = published.get(&locked.account()).copied().unwrap_or_default();
        evaluated.push(EvaluatedGroup::new(locked, schedule, above, moment.at));
    }
    Ok((evaluated, damaged))
}

/// What the logs of the accounts of these groups, which are locked, have said of what lies above.
pub(super) async fn published_above(
    tx: &mut Tx,
    groups: &[LockedGroup],
) -> Result<HashMap<AccountId, PublishedAbove>> {
    let mut accounts: Vec<AccountId> = groups.iter().map(LockedGroup::account).collect();
    accounts.sort_unstable();
    accounts.dedup();
    stopped::published(tx, &accounts).await
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
    let keys: Vec<GroupKey> = groups.iter().map(|group| published::key(&group.locked)).collect();
    let rows = tasks::changing_bounds(tx, &keys, at).await?;
    let zone = |group: &EvaluatedGroup| ((group.locked.account(), group.locked.id()), *group.schedule.zone());
    let zones: HashMap<(AccountId, DialTimeGroupId), Zone> = groups.iter().map(zone).collect();
    let (mut tasks, mut evaluated) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
    for row in rows {
        let Some(zone) = zones.get(&row.group()) else { continue };
        match row.bounds_and_resume() {
            Ok((bounds, resume)) => {
                let now = BoundsEvaluation::new(&bounds, *zone, true, moment.at);
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

/// What was published of groups, and when their schedules change next.
fn publications(groups: &[EvaluatedGroup], at: Timestamp) -> Result<Vec<Publication>> {
    let publication = |EvaluatedGroup { locked, schedule, above, evaluation }: &EvaluatedGroup| {
        Ok(Publication {
            group: published::key(locked),
            open: evaluation.is_open,
            at,
            revision: locked.group()?.holidays_revision,
            next: OpenTimes { schedule, above: *above }.next_change(at),
        })
    };
    groups.iter().map(publication).collect()
}
