//! What [`transitions`](crate::transitions) asks of tasks and stores of them: their bounds, and who is paused at a close.

use calendar::Zone;
use domain::{
    AccountId, DialTimeGroupId, Resume, TaskBounds, TaskId,
    transition::{BoundsEvaluation, FollowingTask, Moment, Standing},
};
use jiff::Timestamp;
use uuid::Uuid;

use super::{
    row::{TASKS, TaskRow, left_out, stored_bounds, stored_resume, task_columns},
    write::{point_all, record},
};
use crate::{
    Result, Tx,
    audit::{Action, Actor, Change},
    database::{
        self,
        convert::{damaged, hex, json, micros, uuids},
        dialect::Column,
        lists,
        statement::{query, query_as},
    },
    groups::{GroupKey, LockedGroup, group_key_rows},
};

/// A task whose state may be published.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PublishedTask {
    pub(crate) id: TaskId,
    /// With its account.
    pub(crate) group: (AccountId, DialTimeGroupId),
    pub(crate) resume: Resume,
    was_within_bounds: bool,
    is_within_bounds: bool,
}

impl PublishedTask {
    /// What decides which state it comes to.
    pub(crate) fn following(&self) -> FollowingTask {
        let Self { resume, was_within_bounds, is_within_bounds, .. } = *self;
        FollowingTask { resume, was_within_bounds, is_within_bounds }
    }
}

/// The tasks of a group, gathered by the database: reading them row by row would cost several times as much.
#[derive(sqlx_macros::FromRow)]
struct GatheredTasks {
    account: Uuid,
    id: i64,
    /// The id and the `resume` of each task; `None` when there are none.
    tasks: Option<String>,
}

impl GatheredTasks {
    /// Those that can be read.
    fn published(&self) -> impl Iterator<Item = PublishedTask> {
        let group = (AccountId::new(self.account), DialTimeGroupId::new(self.id));
        let tasks = self.tasks.as_deref().unwrap_or_default().split_terminator(SEPARATOR);
        tasks.filter_map(move |task| {
            let (id, resume) =
                gathered(task).inspect_err(|error| lists::left_out(TASKS, task, error)).ok()?;
            Some(PublishedTask { id, group, resume, was_within_bounds: true, is_within_bounds: true })
        })
    }
}

/// Between tasks that are gathered.
const SEPARATOR: char = ',';

fn gathered(task: &str) -> database::error::Result<(TaskId, Resume)> {
    let (id, resume) = task.split_once(' ').ok_or_else(|| damaged("no task"))?;
    Ok((TaskId::new(Uuid::parse_str(id).map_err(damaged)?), stored_resume(resume)?))
}

/// The enabled tasks of these groups whose bounds allow calls, and do not change at the instant or before.
pub(crate) async fn within_bounds(
    tx: &mut Tx,
    groups: &[GroupKey],
    at: Timestamp,
) -> Result<Vec<PublishedTask>> {
    if groups.is_empty() {
        return Ok(Vec::new());
    }
    let sql = sql!(tx, |dialect| format!(
        "SELECT account, id, \
             (SELECT {} FROM tasks t WHERE t.account_id = evaluated.account AND t.dial_time_id = evaluated.id \
              AND t.enabled AND t.within_bounds AND (t.bounds_change_at IS NULL OR t.bounds_change_at > $2)) AS tasks \
         FROM {} AS evaluated",
        dialect.joined(&format!("{} || ' ' || t.resume", dialect.uuid_text("t.id")), SEPARATOR),
        group_key_rows(dialect, "$1")
    ));
    let rows: Vec<GatheredTasks> =
        on!(tx, c => query_as(sql).bind(json(&groups)?).bind(micros(at)).fetch_all(c).await)?;
    Ok(rows.iter().flat_map(GatheredTasks::published).collect())
}

/// What decides when a task's bounds change.
#[derive(sqlx_macros::FromRow)]
pub(crate) struct BoundsRow {
    id: Uuid,
    account_id: Uuid,
    dial_time_id: i64,
    resume: String,
    pub(crate) within_bounds: bool,
    start_at: Option<i64>,
    stop_at: Option<i64>,
    closures: String,
    hours: Option<String>,
}

impl BoundsRow {
    /// The group of the task, with its account.
    pub(crate) fn group(&self) -> (AccountId, DialTimeGroupId) {
        (AccountId::new(self.account_id), DialTimeGroupId::new(self.dial_time_id))
    }

    pub(crate) fn id(&self) -> TaskId {
        TaskId::new(self.id)
    }

    pub(crate) fn bounds_and_resume(&self) -> database::error::Result<(TaskBounds, Resume)> {
        let bounds = stored_bounds(self.start_at, self.stop_at, &self.closures, self.hours.as_deref())?;
        Ok((bounds, stored_resume(&self.resume)?))
    }

    /// The task, whose bounds now allow calls or not.
    pub(crate) fn published(&self, resume: Resume, is_within_bounds: bool) -> PublishedTask {
        PublishedTask {
            id: self.id(),
            group: self.group(),
            resume,
            was_within_bounds: self.within_bounds,
            is_within_bounds,
        }
    }
}

/// The enabled tasks of these groups whose bounds change at `at` or before.
pub(crate) async fn changing_bounds(tx: &mut Tx, groups: &[GroupKey], at: i64) -> Result<Vec<BoundsRow>> {
    let sql = sql!(tx, |dialect| format!(
        "SELECT t.id, t.account_id, t.dial_time_id, t.resume, t.within_bounds, t.start_at, t.stop_at, t.closures, \
                t.hours \
         FROM {} AS locked JOIN tasks t ON t.account_id = locked.account AND t.dial_time_id = locked.id \
         WHERE t.bounds_change_at <= $2",
        group_key_rows(dialect, "$1")
    ));
    Ok(on!(tx, c => query_as(sql).bind(json(&groups)?).bind(at).fetch_all(c).await)?)
}

/// A task's id, whether its bounds allow calls, and when that changes next.
pub(crate) struct EvaluatedBounds(String, bool, Option<i64>);

impl EvaluatedBounds {
    pub(crate) fn new(task: TaskId, now: BoundsEvaluation) -> Self {
        Self(hex(task.uuid()), now.within, now.next_change.map(micros))
    }
}

/// Stores of tasks whether their bounds allow calls, and when that changes next.
pub(crate) async fn save_bounds(tx: &mut Tx, evaluated: &[EvaluatedBounds]) -> Result<()> {
    if evaluated.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> =
        evaluated.iter().map(|EvaluatedBounds(id, within, change)| (id, within, change)).collect();
    let sql = sql!(tx, |dialect| format!(
        "UPDATE tasks SET within_bounds = saved.within, bounds_change_at = saved.change \
         FROM {} AS saved WHERE tasks.id = saved.id",
        dialect.rows("$1", &[("id", Column::Uuid), ("within", Column::Boolean), ("change", Column::Integer)])
    ));
    on!(tx, c => query(sql).bind(json(&rows)?).execute(c).await.map(drop))?;
    Ok(())
}

/// A task that moved to another group with all others of its own.
pub(crate) struct MovedTask {
    pub(crate) id: TaskId,
    /// What decided its state before.
    pub(crate) before: Standing,
    /// What decides it now.
    pub(crate) after: Standing,
}

impl MovedTask {
    fn of(row: &TaskRow, from: &LockedGroup, to: &LockedGroup, now: BoundsEvaluation) -> Self {
        let standing = |group: &LockedGroup, within_bounds| Standing {
            enabled: row.enabled,
            within_bounds,
            group_open: group.published().open,
        };
        Self {
            id: TaskId::new(row.id),
            before: standing(from, row.within_bounds),
            after: standing(to, now.within),
        }
    }
}

/// Points all tasks of one locked group to another, by whose clock their bounds are evaluated at the moment.
pub(crate) async fn move_all(
    tx: &mut Tx,
    from: &LockedGroup,
    to: &LockedGroup,
    moment: Moment,
    change: &Change,
) -> Result<Vec<MovedTask>> {
    let rows = point_all(tx, from, to, change).await?;
    let zone = to.group()?.draft.timezone;
    let (mut moved, mut evaluated) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
    for row in &rows {
        let now = evaluate(row, zone, moment);
        moved.push(MovedTask::of(row, from, to, now));
        evaluated.push(EvaluatedBounds::new(TaskId::new(row.id), now));
    }
    save_bounds(tx, &evaluated).await?;
    Ok(moved)
}

/// Evaluates the bounds of a task. Those that cannot be read stay as they were, and are evaluated again in a while.
fn evaluate(row: &TaskRow, zone: Zone, moment: Moment) -> BoundsEvaluation {
    match row.bounds() {
        Ok(bounds) => BoundsEvaluation::new(&bounds, zone, row.enabled, moment.at),
        Err(error) => {
            left_out(TaskId::new(row.id), &error);
            let next_change = row.enabled.then(|| moment.retry_at());
            BoundsEvaluation { within: row.within_bounds, next_change }
        }
    }
}

/// Has the bounds of all enabled tasks of these groups evaluated again.
pub(crate) async fn evaluate_bounds_again(tx: &mut Tx, groups: &[GroupKey], at: Timestamp) -> Result<()> {
    let sql = sql!(tx, |dialect| format!(
        "UPDATE tasks SET bounds_change_at = $2 FROM {} AS locked \
         WHERE tasks.account_id = locked.account AND tasks.dial_time_id = locked.id AND enabled \
         AND (start_at IS NOT NULL OR stop_at IS NOT NULL OR closures <> '[]' OR hours IS NOT NULL)",
        group_key_rows(dialect, "$1")
    ));
    on!(tx, c => query(sql).bind(json(&groups)?).bind(micros(at)).execute(c).await.map(drop))?;
    Ok(())
}

/// Switches off tasks that resume only when asked. Their groups are locked, and so nobody else changes them.
pub(crate) async fn pause_until_asked(tx: &mut Tx, tasks: &[TaskId], now: Timestamp) -> Result<()> {
    if tasks.is_empty() {
        return Ok(());
    }
    let ids = uuids(tasks.iter().map(|id| id.uuid()))?;
    let change = Change { actor: Actor::ResumePolicy, at: now };
    let sql = sql!(tx, |dialect| format!(
        concat!("SELECT ", task_columns!(), " FROM tasks WHERE {}"),
        dialect.among_uuids("id", "$1")
    ));
    let before: Vec<TaskRow> = on!(tx, c => query_as(sql).bind(&ids).fetch_all(c).await)?;
    for row in &before {
        record(tx, row, Action::Update, &change).await?;
    }
    let sql = sql!(tx, |dialect| format!(
        "UPDATE tasks SET enabled = false, bounds_change_at = NULL, altered_at = $2 WHERE {}",
        dialect.among_uuids("id", "$1")
    ));
    on!(tx, c => query(sql).bind(&ids).bind(micros(now)).execute(c).await.map(drop))?;
    Ok(())
}
