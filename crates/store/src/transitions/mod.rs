//! What time brings: groups open and close, tasks come to run and to wait, and the events say so.
//!
//! Whether a group is open is derived and stored nowhere. What is kept is what the events have *told* of it: whether it
//! is open, and up to which instant; and the next instant at which there is something to tell, of the group or of a
//! task in it. A task without limits of its own costs nothing here: it follows its group.
//!
//! [`step`] tells what is due and is the same at the start, after an outage and from day to day. An edit tells in its
//! own transaction what is due before it, and then what it changes. Whoever tells holds the group's row; so nothing is
//! told twice, however many nodes try.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use calendar::Schedule;
use domain::{
    AccountId, DialTimeGroup, DialTimeGroupId, Event, EventCause, EventKind, Resume, TaskBounds, TaskId,
    TaskState,
};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::{
    Error, Result, Session, Tx,
    accounts::disabling,
    database::{
        connection::dialect,
        convert::{damaged, json, micros, nearest_timestamp, timestamp},
        dialect::{Column, Dialect},
        lists,
    },
    events, groups, schedules,
    tasks::{self, BoundsRow, resume_of},
};

/// How many groups one transaction tells of at most: the first of them waits for the last.
const GROUPS_PER_STEP: i64 = 100;

/// How long a group that cannot be read is left alone.
const LEFT_ALONE: SignedDuration = SignedDuration::from_secs(60);

/// What the events have said of a group so far.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub(crate) struct Told {
    #[sqlx(rename = "told_open")]
    pub(crate) open: bool,
    #[sqlx(rename = "told_at")]
    pub(crate) at: i64,
    #[sqlx(rename = "told_revision")]
    revision: i64,
    #[sqlx(rename = "next_change_at")]
    pub(crate) next: Option<i64>,
}

impl Told {
    /// Refuses instants that are none.
    pub(crate) fn check(&self) -> Result<()> {
        timestamp(self.at)?;
        self.next.map(timestamp).transpose().map(drop)
    }
}

/// A group whose row this transaction holds, and what was told of it. Nothing can be told of one that is damaged, but it
/// can be replaced and deleted.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) account: AccountId,
    pub(crate) id: DialTimeGroupId,
    pub(crate) version: i64,
    pub(crate) told: Told,
    /// Or what is wrong with it.
    pub(crate) group: std::result::Result<DialTimeGroup, String>,
}

impl Held {
    /// The group.
    pub(crate) fn group(&self) -> Result<&DialTimeGroup> {
        self.group.as_ref().map_err(damaged)
    }

    fn key(&self) -> Key {
        key(self.account, self.id)
    }

    /// An edit happens now, but never before what was told: another node's clock may be a little ahead.
    pub(crate) fn not_before_told(&self, now: Timestamp) -> Result<Timestamp> {
        Ok(now.max(timestamp(self.told.at)?))
    }
}

/// What a step found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// There was something to tell, and perhaps is more.
    Told,
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
    /// The next instant at which there is something to tell.
    pub next_change: Option<Timestamp>,
    /// Whether holidays were imported since they were last looked at.
    pub look_again: bool,
}

impl Outlook {
    /// Whether a [`step`] has something to do.
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.look_again || self.next_change.is_some_and(|next| next <= now)
    }
}

/// What is ahead.
///
/// # Errors
/// When the database does not answer.
pub async fn outlook(session: &mut impl Session) -> Result<Outlook> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {now}, (SELECT min(next_change_at) FROM dial_time_groups), \
                coalesce((SELECT min(told_revision) FROM dial_time_groups) \
                         < (SELECT coalesce(max(revision), 0) FROM holiday_imports), false)",
        now = dialect(session).now(),
    ));
    let (database_now, next, look_again): (i64, Option<i64>, bool) =
        on!(session, c => sqlx::query_as(sql).fetch_one(c).await)?;
    let next_change = next.map(nearest_timestamp);
    Ok(Outlook { database_now: timestamp(database_now)?, next_change, look_again })
}

/// Tells what was due first, of as many groups as fit: every missed change is told once, in the order it was due.
///
/// # Errors
/// When the database does not answer.
pub async fn step(tx: &mut Tx, now: Timestamp) -> Result<Step> {
    let due: Option<i64> = on!(tx, c =>
        sqlx::query_scalar("SELECT min(next_change_at) FROM dial_time_groups").fetch_one(c).await)?;
    let Some(due) = due.filter(|due| *due <= micros(now)) else { return look_again(tx, now).await };
    let rows = groups::lock_free(tx, "next_change_at = $1", due, GROUPS_PER_STEP).await?;
    if rows.is_empty() {
        return Ok(Step::Busy);
    }
    let held = readable(tx, rows, now).await?;
    advance(tx, held, Moment { at: nearest_timestamp(due), written_at: now, cause: None }).await?;
    Ok(Step::Told)
}

/// Looks at groups that were last looked at with other holidays than there are now.
async fn look_again(tx: &mut Tx, now: Timestamp) -> Result<Step> {
    let (revision, imported_at): (i64, Option<i64>) = on!(tx, c => sqlx::query_as(
        "SELECT coalesce(max(revision), 0), max(imported_at) FROM holiday_imports").fetch_one(c).await)?;
    let rows = groups::lock_free(tx, "told_revision < $1", revision, GROUPS_PER_STEP).await?;
    if rows.is_empty() {
        return Ok(Step::Nothing);
    }
    let held = readable(tx, rows, now).await?;
    let told = held.iter().map(|held| held.told.at).max().unwrap_or(0);
    // A group that was never looked at knows of no import.
    let known = held.iter().all(|held| held.told.revision >= 0);
    let at = imported_at.filter(|_| known).unwrap_or(i64::MAX).min(micros(now)).max(told);
    advance(tx, held, Moment { at: timestamp(at)?, written_at: now, cause: None }).await?;
    Ok(Step::Told)
}

/// Takes back what was told of the time after `now`, which happens when the clock is set back; of as many groups as
/// fit. Clocks of several nodes differ a little: what was told less than `tolerance` ahead stays. Says whether there
/// was anything.
///
/// # Errors
/// When the database does not answer.
pub async fn take_back(tx: &mut Tx, now: Timestamp, tolerance: SignedDuration) -> Result<bool> {
    let ahead = micros(now.saturating_add(tolerance).unwrap_or(now));
    let rows = groups::lock_free(tx, "told_at > $1", ahead, GROUPS_PER_STEP).await?;
    if rows.is_empty() {
        return Ok(false);
    }
    let held = readable(tx, rows, now).await?;
    tasks::look_at_bounds(tx, &keys(&held), now).await?;
    advance(tx, held, Moment { at: now, written_at: now, cause: Some(EventCause::Clock) }).await?;
    Ok(true)
}

/// Has every group looked at again if the program brings other holidays or zones than the one that looked last.
///
/// # Errors
/// When the database does not answer.
pub async fn look_again_with(tx: &mut Tx, data: &str) -> Result<()> {
    let changed = on!(tx, c => sqlx::query(
        "INSERT INTO told_with (only_row, data) VALUES (1, $1) \
         ON CONFLICT (only_row) DO UPDATE SET data = excluded.data WHERE told_with.data <> excluded.data")
        .bind(data.to_owned()).execute(c).await.map(|done| done.rows_affected()))?;
    if changed > 0 {
        on!(tx, c => sqlx::query("UPDATE dial_time_groups SET told_revision = -1").execute(c).await.map(drop))?;
    }
    Ok(())
}

/// Those of these groups that can be read. One that cannot must not hold up the others for ever.
async fn readable(tx: &mut Tx, held: Vec<Held>, now: Timestamp) -> Result<Vec<Held>> {
    let (readable, damaged): (Vec<Held>, Vec<Held>) = held.into_iter().partition(|held| held.group.is_ok());
    leave_alone(tx, &damaged, now).await?;
    Ok(readable)
}

/// Has groups that cannot be read looked at again in a while.
async fn leave_alone(tx: &mut Tx, damaged: &[Held], now: Timestamp) -> Result<()> {
    if damaged.is_empty() {
        return Ok(());
    }
    for held in damaged {
        tracing::error!(account = %held.account, group = %held.id, error = ?held.group.as_ref().err(), "a group is left alone for a minute");
    }
    let later = now.saturating_add(LEFT_ALONE).unwrap_or(now);
    let sql = sqlx::AssertSqlSafe(format!(
        "UPDATE dial_time_groups SET next_change_at = $1, \
             told_at = CASE WHEN told_at > $3 THEN $3 ELSE told_at END, \
             told_revision = (SELECT coalesce(max(revision), 0) FROM holiday_imports) \
         FROM {} AS damaged WHERE dial_time_groups.account_id = damaged.account AND dial_time_groups.id = damaged.id",
        key_rows(dialect(tx), "$2"),
    ));
    let keys = json(&keys(damaged))?;
    on!(tx, c => sqlx::query(sql).bind(micros(later)).bind(keys).bind(micros(now)).execute(c).await.map(drop))?;
    Ok(())
}

/// Tells what was due of a held group before `now`; gives the group as it then stands.
pub(crate) async fn catch_up(tx: &mut Tx, mut held: Held, now: Timestamp) -> Result<Held> {
    while let Some(due) = held.told.next.filter(|due| *due <= micros(now) && held.group.is_ok()) {
        let (account, id) = (held.account, held.id);
        advance(tx, vec![held], Moment { at: timestamp(due)?, written_at: now, cause: None }).await?;
        held = groups::held(tx, account, id).await?;
    }
    Ok(held)
}

/// Tells what a held group's edit changes.
pub(crate) async fn edited(tx: &mut Tx, held: Held, now: Timestamp) -> Result<()> {
    let at = held.not_before_told(now)?;
    advance(tx, vec![held], Moment { at, written_at: now, cause: Some(EventCause::Edit) }).await
}

/// Tells what was due before `now` of a group that was just deleted, and so has no tasks.
pub(crate) async fn tell_missed(tx: &mut Tx, held: &Held, now: Timestamp) -> Result<()> {
    let Ok(group) = &held.group else { return Ok(()) };
    let schedule = schedules::of(tx, group).await?;
    let (mut open, mut next) = (held.told.open, held.told.next.map(timestamp).transpose()?);
    while let Some(at) = next.filter(|at| *at <= now) {
        if schedule.is_open(at) != open {
            open = !open;
            let moment = Moment { at, written_at: now, cause: Some(EventCause::of_change(&schedule, at)) };
            moment.tell(tx, held, (group_kind(open), EventCause::Edit), None);
        }
        next = schedule.next_change(at);
    }
    Ok(())
}

/// An instant to look at, and what to write of it.
#[derive(Clone, Copy, Debug)]
struct Moment {
    at: Timestamp,
    written_at: Timestamp,
    /// `None`: the rule that decides from then on.
    cause: Option<EventCause>,
}

impl Moment {
    /// When to look again at what cannot be read.
    fn later(&self) -> Timestamp {
        let now = self.at.max(self.written_at);
        now.saturating_add(LEFT_ALONE).unwrap_or(now)
    }

    /// Tells of a group, or of a task in it; the moment's own cause counts more than the one given.
    fn tell(&self, tx: &mut Tx, held: &Held, (kind, cause): (EventKind, EventCause), task: Option<TaskId>) {
        let event = Event {
            kind,
            cause: self.cause.unwrap_or(cause),
            due_at: self.at,
            written_at: self.written_at,
            group: Some((held.id, held.version)),
            task,
            detail: None,
        };
        events::tell(tx, held.account, event);
    }
}

const fn group_kind(open: bool) -> EventKind {
    if open { EventKind::GroupOpened } else { EventKind::GroupClosed }
}

/// A held group as its schedule has it at the moment.
struct Look {
    held: Held,
    schedule: Arc<Schedule>,
    open: bool,
    cause: EventCause,
}

impl Look {
    fn turned(&self) -> bool {
        self.held.told.open != self.open
    }
}

/// A task of a group that is looked at, which may come to run or to wait.
struct Follower {
    id: TaskId,
    /// With its account.
    group: (AccountId, DialTimeGroupId),
    resume: Resume,
    within_before: bool,
    within: bool,
}

/// Tells whatever is different at the moment from what was told of these groups and their tasks.
async fn advance(tx: &mut Tx, held: Vec<Held>, moment: Moment) -> Result<()> {
    let looks = look(tx, held, moment).await?;
    let mut followers = following(tx, &looks, moment).await?;
    followers.extend(crossing(tx, &looks, moment).await?);
    let followers = of_enabled_accounts(tx, followers).await?;
    let paused = tell(tx, &looks, followers, moment);
    if !paused.is_empty() {
        tasks::pause_until_asked(tx, &paused, moment.written_at).await?;
    }
    keep(tx, &looks, moment).await
}

/// Has a look at each group. One whose holidays cannot be read is left alone.
async fn look(tx: &mut Tx, held: Vec<Held>, moment: Moment) -> Result<Vec<Look>> {
    let (mut looks, mut damaged) = (Vec::with_capacity(held.len()), Vec::new());
    for held in held {
        let schedule = match schedules::of(tx, held.group()?).await {
            Ok(schedule) => schedule,
            Err(Error::Damaged(reason)) => {
                damaged.push(Held { group: Err(reason), ..held });
                continue;
            }
            Err(error) => return Err(error),
        };
        let open = schedule.is_open(moment.at);
        let cause = EventCause::of_change(&schedule, moment.at);
        looks.push(Look { held, schedule, open, cause });
    }
    leave_alone(tx, &damaged, moment.written_at).await?;
    Ok(looks)
}

/// Tells of each group and then of its tasks; gives the tasks that are paused because they resume only when asked.
fn tell(tx: &mut Tx, looks: &[Look], followers: Vec<Follower>, moment: Moment) -> Vec<(AccountId, TaskId)> {
    let mut by_group: BTreeMap<(AccountId, DialTimeGroupId), Vec<Follower>> = BTreeMap::new();
    for follower in followers {
        by_group.entry(follower.group).or_default().push(follower);
    }
    let mut paused = Vec::new();
    for look in looks {
        let held = &look.held;
        if look.turned() {
            moment.tell(tx, held, (group_kind(look.open), look.cause), None);
        }
        let mut followers = by_group.remove(&(held.account, held.id)).unwrap_or_default();
        followers.sort_unstable_by_key(|follower| follower.id);
        for follower in followers {
            let Some((state, cause)) = turn(look, &follower, moment) else { continue };
            if state == TaskState::Paused {
                paused.push((held.account, follower.id));
            }
            moment.tell(tx, held, (EventKind::of_state(state), cause), Some(follower.id));
        }
    }
    paused
}

/// Those followers whose accounts are not disabled: the others do not run, and come to nothing else.
async fn of_enabled_accounts(tx: &mut Tx, mut followers: Vec<Follower>) -> Result<Vec<Follower>> {
    let accounts: BTreeSet<AccountId> = followers.iter().map(|follower| follower.group.0).collect();
    if !accounts.is_empty() {
        let disabled = disabling::among(tx, &accounts.into_iter().collect::<Vec<_>>()).await?;
        followers.retain(|follower| !disabled.contains(&follower.group.0));
    }
    Ok(followers)
}

/// The state that an enabled task turns to, if it turns, and why.
fn turn(look: &Look, follower: &Follower, moment: Moment) -> Option<(TaskState, EventCause)> {
    let before = look.held.told.open && follower.within_before;
    let now = look.open && follower.within;
    let cause = if follower.within_before == follower.within { look.cause } else { EventCause::Bounds };
    let asks = follower.resume == Resume::Ask && moment.cause != Some(EventCause::Clock);
    match (before, now) {
        (true, false) if asks => Some((TaskState::Paused, cause)),
        (true, false) => Some((TaskState::Waiting, cause)),
        (false, true) => Some((TaskState::Running, cause)),
        (true, true) | (false, false) => None,
    }
}

/// The enabled tasks that turn with their groups: those whose own limits allow calls, and do not change at the moment.
async fn following(tx: &mut Tx, looks: &[Look], moment: Moment) -> Result<Vec<Follower>> {
    let turned: Vec<Key> = looks.iter().filter(|look| look.turned()).map(|look| look.held.key()).collect();
    within_bounds(tx, &turned, moment.at).await
}

/// The enabled tasks of these groups whose own limits allow calls, and do not change at the instant or before.
async fn within_bounds(tx: &mut Tx, groups: &[Key], at: Timestamp) -> Result<Vec<Follower>> {
    if groups.is_empty() {
        return Ok(Vec::new());
    }
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT t.id, t.account_id, t.dial_time_id, t.resume FROM {} AS turned \
         JOIN tasks t ON t.account_id = turned.account AND t.dial_time_id = turned.id \
         WHERE t.enabled AND t.within_bounds AND (t.bounds_change_at IS NULL OR t.bounds_change_at > $2)",
        key_rows(dialect(tx), "$1")
    ));
    let rows: Vec<(Uuid, Uuid, i64, String)> = on!(tx, c =>
        sqlx::query_as(sql).bind(json(&groups)?).bind(micros(at)).fetch_all(c).await)?;
    let follower = |(id, account, group, resume): (Uuid, Uuid, i64, String)| {
        let resume = resume_of(&resume).inspect_err(|error| task_left_out(id, error)).ok()?;
        let group = (AccountId::new(account), DialTimeGroupId::new(group));
        Some(Follower { id: TaskId::new(id), group, resume, within_before: true, within: true })
    };
    Ok(rows.into_iter().filter_map(follower).collect())
}

/// The enabled tasks whose own limits may change at the moment; keeps what they then are.
async fn crossing(tx: &mut Tx, looks: &[Look], moment: Moment) -> Result<Vec<Follower>> {
    let at = micros(moment.at);
    let due = looks.iter().any(|look| look.held.told.next.is_some_and(|next| next <= at));
    if !due && moment.cause != Some(EventCause::Clock) {
        return Ok(Vec::new());
    }
    let groups: Vec<Key> = looks.iter().map(|look| look.held.key()).collect();
    let rows = tasks::changing_bounds(tx, &groups, at).await?;
    let (mut followers, mut kept) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
    for row in rows {
        let BoundsRow { id, account_id, dial_time_id, within_bounds, .. } = row;
        let (bounds, resume) = match row.bounds().and_then(|bounds| Ok((bounds, resume_of(&row.resume)?))) {
            Ok(read) => read,
            Err(error) => {
                task_left_out(id, &error);
                kept.push((id.simple().to_string(), within_bounds, Some(micros(moment.later()))));
                continue;
            }
        };
        let within = bounds.allow(moment.at);
        kept.push((id.simple().to_string(), within, bounds.next_change(moment.at).map(micros)));
        followers.push(Follower {
            id: TaskId::new(id),
            group: (AccountId::new(account_id), DialTimeGroupId::new(dial_time_id)),
            resume,
            within_before: within_bounds,
            within,
        });
    }
    if !kept.is_empty() {
        tasks::keep_bounds(tx, &kept).await?;
    }
    Ok(followers)
}

/// A task that cannot be read is told nothing of, and holds up no other.
fn task_left_out(id: Uuid, error: &Error) {
    lists::left_out("tasks", &format!("id {id}"), error);
}

/// Keeps what was told, and when there is something to tell next.
async fn keep(tx: &mut Tx, looks: &[Look], moment: Moment) -> Result<()> {
    let kept: Vec<(String, i64, bool, i64, i64, Option<i64>)> = looks
        .iter()
        .map(|look| {
            let next = look.schedule.next_change(moment.at).map(micros);
            let (account, id) = look.held.key();
            Ok((account, id, look.open, micros(moment.at), look.held.group()?.holidays_revision, next))
        })
        .collect::<Result<_>>()?;
    let words = dialect(tx);
    let columns = [
        ("account", Column::Uuid),
        ("id", Column::Integer),
        ("open", Column::Boolean),
        ("at", Column::Integer),
        ("revision", Column::Integer),
        ("next", Column::Integer),
    ];
    let next_of_tasks = "(SELECT min(t.bounds_change_at) FROM tasks t \
                          WHERE t.account_id = dial_time_groups.account_id \
                          AND t.dial_time_id = dial_time_groups.id AND t.bounds_change_at IS NOT NULL)";
    let sql = sqlx::AssertSqlSafe(format!(
        "UPDATE dial_time_groups SET told_open = looked.open, told_at = looked.at, \
             told_revision = looked.revision, next_change_at = {next} \
         FROM {rows} AS looked WHERE dial_time_groups.account_id = looked.account AND dial_time_groups.id = looked.id",
        next = words.least("looked.next", next_of_tasks),
        rows = words.rows("$1", &columns),
    ));
    on!(tx, c => sqlx::query(sql).bind(json(&kept)?).execute(c).await.map(drop))?;
    Ok(())
}

/// Tells that the accounts of these held groups, of which everything due was told, were enabled or disabled: their tasks
/// run again where they may, or run no more. One that resumes only when asked is paused, as at a close.
pub(crate) async fn account_switched(
    tx: &mut Tx,
    held: &[Held],
    enabled: bool,
    now: Timestamp,
) -> Result<()> {
    let open: Vec<Key> = held.iter().filter(|held| held.told.open).map(Held::key).collect();
    let mut followers = within_bounds(tx, &open, now).await?;
    followers.sort_unstable_by_key(|follower| (follower.group, follower.id));
    let by_group: BTreeMap<_, &Held> = held.iter().map(|held| ((held.account, held.id), held)).collect();
    let mut paused = Vec::new();
    for follower in followers {
        let Some(held) = by_group.get(&follower.group) else { continue };
        let state = match (enabled, follower.resume) {
            (true, _) => TaskState::Running,
            (false, Resume::Auto) => TaskState::Waiting,
            (false, Resume::Ask) => TaskState::Paused,
        };
        if state == TaskState::Paused {
            paused.push((held.account, follower.id));
        }
        let cause = EventCause::Account;
        let moment = Moment { at: held.not_before_told(now)?, written_at: now, cause: Some(cause) };
        moment.tell(tx, held, (EventKind::of_state(state), cause), Some(follower.id));
    }
    if paused.is_empty() { Ok(()) } else { tasks::pause_until_asked(tx, &paused, now).await }
}

/// Where an edit of a task finds it, or leaves it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Standing<'h> {
    pub(crate) enabled: bool,
    pub(crate) within_bounds: bool,
    pub(crate) held: &'h Held,
}

impl Standing<'_> {
    fn state(&self) -> TaskState {
        TaskState::of(self.enabled, self.within_bounds && self.held.told.open)
    }
}

/// What someone does to a task.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TaskEdit<'h> {
    pub(crate) id: TaskId,
    /// What to tell of the edit itself, before the state that the task comes to by it.
    pub(crate) kind: Option<EventKind>,
    pub(crate) cause: EventCause,
    pub(crate) before: Standing<'h>,
    pub(crate) after: Standing<'h>,
}

/// Tells of an edit of a task.
pub(crate) fn tell_edit(tx: &mut Tx, edit: TaskEdit<'_>, now: Timestamp) -> Result<()> {
    let TaskEdit { id, kind, cause, before, after } = edit;
    let at = before.held.not_before_told(after.held.not_before_told(now)?)?;
    let moment = Moment { at, written_at: now, cause: Some(cause) };
    let turned = (before.state() != after.state()).then(|| EventKind::of_state(after.state()));
    for kind in kind.into_iter().chain(turned) {
        moment.tell(tx, after.held, (kind, cause), Some(id));
    }
    Ok(())
}

/// Tells something of a held group's edit, or of its end.
pub(crate) fn tell_group(tx: &mut Tx, held: &Held, kind: EventKind, now: Timestamp) -> Result<()> {
    let moment = Moment { at: held.not_before_told(now)?, written_at: now, cause: None };
    moment.tell(tx, held, (kind, EventCause::Edit), None);
    Ok(())
}

/// Takes note, with its held group, of a task whose own limits were looked at at `at`, and when they change next.
pub(crate) async fn note_bounds(tx: &mut Tx, held: &Held, at: Timestamp, change: Option<i64>) -> Result<()> {
    let sql = sqlx::AssertSqlSafe(format!(
        "UPDATE dial_time_groups SET told_at = $3, next_change_at = {} WHERE account_id = $1 AND id = $2",
        dialect(tx).least("next_change_at", "$4")
    ));
    on!(tx, c => sqlx::query(sql)
        .bind(held.account.uuid()).bind(held.id.get()).bind(micros(at).max(held.told.at)).bind(change)
        .execute(c).await.map(drop))?;
    Ok(())
}

/// Of an enabled task: whether its own limits allow calls, and when that changes. Nothing is kept of one that is not.
pub(crate) fn bounds_to_keep(bounds: &TaskBounds, enabled: bool, at: Timestamp) -> (bool, Option<i64>) {
    let next = enabled.then(|| bounds.next_change(at)).flatten();
    (bounds.allow(at), next.map(micros))
}

/// A group's account and id as [`key_rows`] takes them.
pub(crate) type Key = (String, i64);

pub(crate) fn key(account: AccountId, id: DialTimeGroupId) -> Key {
    (account.uuid().simple().to_string(), id.get())
}

fn keys(held: &[Held]) -> Vec<Key> {
    held.iter().map(Held::key).collect()
}

/// `parameter`, a JSON array of [`Key`]s, as rows of `account` and `id`.
pub(crate) fn key_rows(dialect: Dialect, parameter: &str) -> String {
    dialect.rows(parameter, &[("account", Column::Uuid), ("id", Column::Integer)])
}
