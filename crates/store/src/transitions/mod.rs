//! Transitions: groups open and close, tasks come to run and to wait, and events say so.
//!
//! Whether a group is open is derived and stored nowhere. What is stored is what was *published* of it: whether it
//! is open, and up to which instant; and the next instant at which there is something to publish, of the group or of a
//! task in it. A task without bounds costs nothing here: it follows its group.
//!
//! [`step`] publishes what is due and is the same at the start, after an outage and from day to day. An edit publishes in
//! its own transaction what is due before it (`catch_up`), and then what it changes. Whoever publishes has locked the
//! group's row; so nothing is published twice, however many nodes try. What follows from what is
//! [`domain::transition`]'s to decide.

mod evaluate;
mod stops;

use std::collections::BTreeMap;

use domain::{
    EventCause, EventKind, TaskId, TaskState,
    transition::{
        self, GROUPS_AT_ONCE, Moment, OpenTimes, Standing, events_of_edit, holidays_hold_from,
        state_after_account_switch,
    },
};
use jiff::{SignedDuration, Timestamp};

use self::evaluate::{publish_creation, publish_edit, publish_task_state, publish_turns, published_above};
pub use self::stops::publish_stops;
use crate::{
    Result, Session, Tx,
    accounts::stopped,
    database::convert::{micros, nearest_timestamp, timestamp},
    groups::{
        self, DamagedGroup, DueGroups, DueReason, LockedGroup,
        published::{self, Publication},
    },
    holidays, schedules, tasks,
};

/// What a step found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// There was something to publish, and perhaps is more.
    Published,
    /// What is due is in the hands of others at the moment.
    Busy,
    /// Nothing is due.
    Nothing,
}

/// What is ahead, by one question to the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// The present instant by the database's clock.
    pub database_now: Timestamp,
    /// The next instant at which there is something to publish.
    pub next_change: Option<Timestamp>,
    /// Whether holidays were imported since groups were last evaluated.
    pub holidays_changed: bool,
    /// Whether something was stopped or resumed that [`publish_stops`] has not published to all whom it covers.
    pub stops_changed: bool,
}

impl Outlook {
    /// Whether a [`step`] has something to do, or [`publish_stops`].
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.stops_changed || self.holidays_changed || self.next_change.is_some_and(|next| next <= now)
    }
}

/// What is ahead.
///
/// # Errors
/// When the database does not answer.
pub async fn outlook(session: &mut dyn Session) -> Result<Outlook> {
    let row = published::outlook(session).await?;
    Ok(Outlook {
        database_now: timestamp(row.database_now)?,
        next_change: row.next_change.map(nearest_timestamp),
        holidays_changed: row.holidays_changed,
        stops_changed: row.stops_changed,
    })
}

/// Publishes what was due first, of as many groups as fit: every missed change once, in the order it was due.
///
/// # Errors
/// When the database does not answer.
pub async fn step(tx: &mut Tx, now: Timestamp) -> Result<Step> {
    let due = published::first_due(tx).await?;
    let Some(due) = due.filter(|due| *due <= micros(now)) else { return step_after_import(tx, now).await };
    let found = groups::lock_due(tx, DueReason::At(due), GROUPS_AT_ONCE).await?;
    if found.is_empty() {
        return Ok(Step::Busy);
    }
    let groups = readable(tx, found, now).await?;
    publish_turns(tx, groups, Moment::due(nearest_timestamp(due), now)).await?;
    Ok(Step::Published)
}

/// Evaluates groups that were last evaluated with other holidays than there are now.
async fn step_after_import(tx: &mut Tx, now: Timestamp) -> Result<Step> {
    let (revision, imported_at) = holidays::newest_import(tx).await?;
    let found = groups::lock_due(tx, DueReason::BeforeRevision(revision), GROUPS_AT_ONCE).await?;
    if found.is_empty() {
        return Ok(Step::Nothing);
    }
    let groups = readable(tx, found, now).await?;
    let published_at = groups.iter().map(|group| group.published().at).max().unwrap_or(0);
    let evaluated_before = groups.iter().all(|group| group.published().revision >= 0);
    let at = holidays_hold_from(imported_at, evaluated_before, timestamp(published_at)?, now);
    if !evaluated_before {
        // The program may bring other zones, and with them other hours to the windows that tasks have of their own.
        tasks::evaluate_bounds_again(tx, &published::keys(&groups), at).await?;
    }
    publish_turns(tx, groups, Moment::due(at, now)).await?;
    Ok(Step::Published)
}

/// Takes back what was published of the time after `now`, which happens when the clock is set back; of as many groups as
/// fit. Clocks of several nodes differ a little: what was published less than `tolerance` ahead stays. Says whether there
/// was anything.
///
/// # Errors
/// When the database does not answer.
pub async fn take_back(tx: &mut Tx, now: Timestamp, tolerance: SignedDuration) -> Result<bool> {
    stopped::take_back(tx, now).await?;
    let ahead = micros(now.saturating_add(tolerance).unwrap_or(now));
    let found = groups::lock_due(tx, DueReason::PublishedAfter(ahead), GROUPS_AT_ONCE).await?;
    if found.is_empty() {
        return Ok(false);
    }
    let groups = readable(tx, found, now).await?;
    tasks::evaluate_bounds_again(tx, &published::keys(&groups), now).await?;
    publish_turns(tx, groups, Moment::caused(now, now, EventCause::Clock)).await?;
    Ok(true)
}

/// Has every group evaluated again if the program brings other holidays or zones than the one that evaluated last.
///
/// # Errors
/// When the database does not answer.
pub async fn evaluate_again_with(tx: &mut Tx, data: &str) -> Result<()> {
    published::evaluate_again_with(tx, data).await
}

/// Those of these groups that can be read. One that cannot must not hold up the others for ever.
async fn readable(tx: &mut Tx, found: DueGroups, now: Timestamp) -> Result<Vec<LockedGroup>> {
    leave_alone(tx, &found.damaged, now).await?;
    Ok(found.readable)
}

/// Has groups that cannot be read evaluated again in a while.
async fn leave_alone(tx: &mut Tx, damaged: &[DamagedGroup], now: Timestamp) -> Result<()> {
    if damaged.is_empty() {
        return Ok(());
    }
    log_left_alone(damaged);
    published::postpone(tx, damaged, now, Moment::due(now, now).retry_at()).await
}

fn log_left_alone(damaged: &[DamagedGroup]) {
    for group in damaged {
        tracing::error!(account = %group.account, group = %group.id, error = group.reason, "a group is left alone for a minute");
    }
}

/// Publishes what was due of a locked group before `now`; gives the group as it then stands.
pub(crate) async fn catch_up(tx: &mut Tx, mut group: LockedGroup, now: Timestamp) -> Result<LockedGroup> {
    while let Some(due) = group.published().next.filter(|due| *due <= micros(now) && group.damage().is_none())
    {
        publish_turns(tx, vec![group.clone()], Moment::due(timestamp(due)?, now)).await?;
        group = groups::read_again(tx, &group).await?;
    }
    Ok(group)
}

/// Publishes that a locked group was edited, and what that changes; gives what the caller stores with it.
pub(crate) async fn publish_edited_group(
    tx: &mut Tx,
    edited: &LockedGroup,
    now: Timestamp,
) -> Result<Publication> {
    publish_group(tx, edited, EventKind::GroupUpdated, now)?;
    publish_edit(tx, edited, edit_at(edited, now)?).await
}

/// Publishes that a locked group was overridden, or is no longer, and what that changes; gives what the caller stores with it.
pub(crate) async fn publish_overridden_group(
    tx: &mut Tx,
    overridden: &LockedGroup,
    now: Timestamp,
) -> Result<Publication> {
    let moment = Moment { cause: Some(EventCause::Override), ..edit_at(overridden, now)? };
    publish(tx, overridden, &moment, (EventKind::GroupUpdated, EventCause::Override));
    publish_edit(tx, overridden, moment).await
}

/// Publishes what is to be said of a group that is made; gives what the caller stores with it.
pub(crate) async fn publish_created_group(
    tx: &mut Tx,
    created: &LockedGroup,
    now: Timestamp,
) -> Result<Publication> {
    publish_creation(tx, created, edit_at(created, now)?).await
}

fn edit_at(group: &LockedGroup, now: Timestamp) -> Result<Moment> {
    Ok(Moment::caused(group.not_before_published(now)?, now, EventCause::Edit))
}

/// Publishes what was due before `now` of a group that was just deleted, and so has no tasks.
pub(crate) async fn publish_missed(tx: &mut Tx, group: &LockedGroup, now: Timestamp) -> Result<()> {
    if group.damage().is_some() {
        return Ok(());
    }
    let schedule = schedules::of(tx, group.group()?).await?;
    let above = published_above(tx, std::slice::from_ref(group)).await?.remove(&group.account());
    let times = OpenTimes { schedule: &schedule, above: above.unwrap_or_default() };
    let next = group.published().next.map(timestamp).transpose()?;
    for turn in transition::missed_turns(times, group.published().open, next, now) {
        publish(tx, group, &Moment::due(turn.at, now), (turn.kind, turn.cause));
    }
    Ok(())
}

/// Publishes something of a locked group's edit, or of its end.
pub(crate) fn publish_group(tx: &mut Tx, group: &LockedGroup, kind: EventKind, now: Timestamp) -> Result<()> {
    let moment = Moment::due(group.not_before_published(now)?, now);
    publish(tx, group, &moment, (kind, EventCause::Edit));
    Ok(())
}

fn publish(tx: &mut Tx, group: &LockedGroup, moment: &Moment, (kind, cause): (EventKind, EventCause)) {
    tx.publish(group.account(), moment.event(kind, cause, (group.id(), group.version()), None));
}

/// Publishes that the accounts of these locked groups, of which everything due was published, were enabled or disabled:
/// their tasks run again where they may, or run no more.
pub(crate) async fn publish_account_switch(
    tx: &mut Tx,
    groups: &[LockedGroup],
    enabled: bool,
    now: Timestamp,
) -> Result<()> {
    let open: BTreeMap<_, _> = groups
        .iter()
        .filter(|group| group.published().open)
        .map(|group| ((group.account(), group.id()), group))
        .collect();
    let keys: Vec<_> = open.values().map(|group| published::key(group)).collect();
    let mut tasks = tasks::within_bounds(tx, &keys, now).await?;
    tasks.sort_unstable_by_key(|task| (task.group, task.id));
    let mut paused = Vec::new();
    for task in tasks {
        let Some(group) = open.get(&task.group) else { continue };
        let state = state_after_account_switch(enabled, task.resume);
        if state == TaskState::Paused {
            paused.push(task.id);
        }
        let moment = Moment::caused(group.not_before_published(now)?, now, EventCause::Account);
        publish_task_state(tx, group, &moment, &task, (state, EventCause::Account));
    }
    tasks::pause_until_asked(tx, &paused, now).await
}

/// What someone does to a task: which group it dials in and what decides its state, before and after.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TaskEdit<'g> {
    pub(crate) task: TaskId,
    /// What to publish of the edit itself, before the state that the task comes to by it.
    pub(crate) kind: Option<EventKind>,
    pub(crate) cause: EventCause,
    pub(crate) before: (Standing, &'g LockedGroup),
    pub(crate) after: (Standing, &'g LockedGroup),
}

/// Publishes an edit of a task.
pub(crate) fn publish_edited_task(tx: &mut Tx, edit: &TaskEdit<'_>, now: Timestamp) -> Result<()> {
    let ((before, from), (after, to)) = (edit.before, edit.after);
    let at = from.not_before_published(to.not_before_published(now)?)?;
    let moment = Moment::caused(at, now, edit.cause);
    for kind in events_of_edit(edit.kind, before, after) {
        let event = moment.event(kind, edit.cause, (to.id(), to.version()), Some(edit.task));
        tx.publish(to.account(), event);
    }
    Ok(())
}
