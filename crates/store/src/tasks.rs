//! Tasks. Whether one is running is not here: it is derived from its group and the present instant.

use domain::{
    AccountId, Bounds, Closure, DialTimeGroup, DialTimeGroupId, Generation, SECOND_TASK_TYPE, Task,
    TaskDraft, TaskId, TaskInGroup, TaskState,
};
use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use crate::{
    Error, Page, Paged, Result, Session, Tx,
    audit::{self, Action, Change, Subject},
    connection::dialect,
    convert::{damaged, from_json, json, micros, timestamp},
    dial_time_groups::{self, GroupRow},
    dialect::{Dialect, RowLock},
    error::on_foreign_key,
    partners::stored_name,
    schedules,
};

macro_rules! task_columns {
    () => {
        "t.id AS task_id, t.account_id AS task_account_id, t.generation, t.name AS task_name, t.enabled, \
         t.start_at, t.stop_at, t.closures, t.settings, t.created_at AS task_created_at, t.altered_at"
    };
}
macro_rules! group_columns {
    () => {
        "g.id, g.account_id, g.name, g.content, g.is_default, g.skip_holiday, g.timezone, g.remark, g.version, \
         g.created_at, g.updated_at, g.holiday_calendar, g.makeup_policy, g.beyond_horizon, g.exceptions, \
         (SELECT coalesce(max(revision), 0) FROM holiday_imports) AS holidays_revision"
    };
}
macro_rules! tasks_with_groups {
    () => {
        "FROM tasks t JOIN dial_time_groups g ON g.account_id = t.account_id AND g.id = t.dial_time_id "
    };
}

/// Adds a task, switched off. The group is held first, so that a delete of it waits and is then refused.
///
/// # Errors
/// [`Error::UnknownGroup`].
pub async fn create(
    tx: &mut Tx,
    account: AccountId,
    id: TaskId,
    generation: Generation,
    draft: TaskDraft,
    change: &Change,
) -> Result<TaskInGroup> {
    let group = dial_time_groups::hold(tx, account, draft.dial_time_id).await?;
    let (start, stop) = (draft.bounds.start.map(micros), draft.bounds.stop.map(micros));
    let (closures, settings) = (closures_text(&draft.bounds)?, json(&draft.settings)?);
    on!(tx, c => sqlx::query(
        "INSERT INTO tasks (id, account_id, generation, name, enabled, dial_time_id, start_at, stop_at, closures, \
                            settings, created_at) \
         VALUES ($1, $2, $3, $4, false, $5, $6, $7, $8, $9, $10)")
        .bind(id.uuid()).bind(account.uuid()).bind(generation_number(generation)).bind(draft.name.as_str())
        .bind(draft.dial_time_id.get()).bind(start).bind(stop).bind(closures).bind(settings).bind(micros(change.at))
        .execute(c).await.map(drop))
    .map_err(on_foreign_key(Error::UnknownGroup))?;
    record(tx, account, id, Action::Create, None, change).await?;
    let task = Task {
        id,
        account_id: account,
        generation,
        enabled: false,
        draft,
        created_at: change.at,
        altered_at: None,
    };
    schedules::in_group(tx, task, group).await
}

/// One task of an account, whichever interface made it.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(session: &mut impl Session, account: AccountId, id: TaskId) -> Result<TaskInGroup> {
    let row: TaskInGroupRow = on!(session, c => sqlx::query_as(concat!(
        "SELECT ", task_columns!(), ", ", group_columns!(), " ", tasks_with_groups!(),
        "WHERE t.account_id = $1 AND t.id = $2"))
        .bind(account.uuid()).bind(id.uuid())
        .fetch_one(c).await)?;
    let (task, group) = row.parts()?;
    schedules::in_group(session, task, group).await
}

/// Those of these tasks that the account has, in no order.
///
/// # Errors
/// When the database does not answer.
pub async fn get_many(
    session: &mut impl Session,
    account: AccountId,
    ids: &[TaskId],
) -> Result<Vec<TaskInGroup>> {
    let among = dialect(session).among_uuids("t.id", "$2");
    let ids: Vec<String> = ids.iter().map(|id| id.uuid().simple().to_string()).collect();
    let sql = sqlx::AssertSqlSafe(format!(
        concat!(
            "SELECT ",
            task_columns!(),
            ", ",
            group_columns!(),
            " ",
            tasks_with_groups!(),
            "WHERE t.account_id = $1 AND {}"
        ),
        among
    ));
    let rows: Vec<TaskInGroupRow> = on!(session, c => sqlx::query_as(sql)
        .bind(account.uuid()).bind(json(&ids)?)
        .fetch_all(c).await)?;
    with_schedules(session, rows).await
}

async fn with_schedules(session: &mut impl Session, rows: Vec<TaskInGroupRow>) -> Result<Vec<TaskInGroup>> {
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        let (task, group) = row.parts()?;
        items.push(schedules::in_group(session, task, group).await?);
    }
    Ok(items)
}

/// One task of an account, which nobody else changes until this transaction ends: to lay a change over it. `group`
/// is the one it is going to refer to, if that is known; it is held first, since groups are locked before tasks.
///
/// # Errors
/// [`Error::NotFound`] for the task. That the group is unknown is for [`update`] to say.
pub async fn get_to_change(
    tx: &mut Tx,
    account: AccountId,
    id: TaskId,
    group: Option<DialTimeGroupId>,
) -> Result<TaskInGroup> {
    if let Some(group) = group {
        match dial_time_groups::hold(tx, account, group).await {
            Ok(_) | Err(Error::UnknownGroup) => {}
            Err(error) => return Err(error),
        }
    }
    lock(tx, account, id).await?;
    get(tx, account, id).await
}

/// Changes what a person decides about a task.
///
/// # Errors
/// [`Error::NotFound`], [`Error::UnknownGroup`].
pub async fn update(
    tx: &mut Tx,
    account: AccountId,
    id: TaskId,
    draft: TaskDraft,
    change: &Change,
) -> Result<TaskInGroup> {
    // The group before the task, as everywhere.
    dial_time_groups::hold(tx, account, draft.dial_time_id).await?;
    let before = lock(tx, account, id).await?;
    record(tx, account, id, Action::Update, Some(&before), change).await?;
    let (start, stop) = (draft.bounds.start.map(micros), draft.bounds.stop.map(micros));
    let (closures, settings) = (closures_text(&draft.bounds)?, json(&draft.settings)?);
    on!(tx, c => sqlx::query(
        "UPDATE tasks SET name = $3, dial_time_id = $4, start_at = $5, stop_at = $6, closures = $7, settings = $8, \
                          altered_at = $9 WHERE account_id = $1 AND id = $2")
        .bind(account.uuid()).bind(id.uuid()).bind(draft.name.as_str()).bind(draft.dial_time_id.get())
        .bind(start).bind(stop).bind(closures).bind(settings).bind(micros(change.at))
        .execute(c).await.map(drop))
    .map_err(on_foreign_key(Error::UnknownGroup))?;
    get(tx, account, id).await
}

/// Switches a task on or off.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn set_enabled(
    tx: &mut Tx,
    account: AccountId,
    id: TaskId,
    enabled: bool,
    change: &Change,
) -> Result<TaskInGroup> {
    let before = lock(tx, account, id).await?;
    if before.enabled != enabled {
        record(tx, account, id, Action::Update, Some(&before), change).await?;
        on!(tx, c => sqlx::query(
            "UPDATE tasks SET enabled = $3, altered_at = $4 WHERE account_id = $1 AND id = $2")
            .bind(account.uuid()).bind(id.uuid()).bind(enabled).bind(micros(change.at))
            .execute(c).await.map(drop))?;
    }
    get(tx, account, id).await
}

/// Deletes a task.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn delete(tx: &mut Tx, account: AccountId, id: TaskId, change: &Change) -> Result<()> {
    let before = lock(tx, account, id).await?;
    record(tx, account, id, Action::Delete, Some(&before), change).await?;
    on!(tx, c => sqlx::query("DELETE FROM tasks WHERE account_id = $1 AND id = $2")
        .bind(account.uuid()).bind(id.uuid())
        .execute(c).await.map(drop))?;
    Ok(())
}

/// Points all tasks of one group to another and says how many. Both groups are locked by the caller.
pub(crate) async fn move_to_group(
    tx: &mut Tx,
    account: AccountId,
    from: DialTimeGroupId,
    to: DialTimeGroupId,
    change: &Change,
) -> Result<u64> {
    let lock = dialect(tx).lock(RowLock::Change);
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {ROW_COLUMNS} FROM tasks WHERE account_id = $1 AND dial_time_id = $2 ORDER BY id{lock}"
    ));
    let before: Vec<TaskRow> = on!(tx, c =>
        sqlx::query_as(sql).bind(account.uuid()).bind(from.get()).fetch_all(c).await)?;
    for row in &before {
        record(tx, account, TaskId::new(row.id), Action::Update, Some(row), change).await?;
    }
    Ok(on!(tx, c => sqlx::query(
        "UPDATE tasks SET dial_time_id = $3, altered_at = $4 WHERE account_id = $1 AND dial_time_id = $2")
        .bind(account.uuid()).bind(from.get()).bind(to.get()).bind(micros(change.at))
        .execute(c).await.map(|done| done.rows_affected()))?)
}

/// Whose tasks a list shows.
#[derive(Clone, Copy, Debug)]
pub enum TaskScope {
    /// One account's.
    Account(AccountId),
    /// Those of all sub-users of this user.
    SubUsers(AccountId),
    /// Those of one account that use this group.
    Group(AccountId, DialTimeGroupId),
}

/// What a list of tasks is narrowed to; `None` does not narrow.
#[derive(Clone, Debug, Default)]
pub struct TaskFilter {
    /// The interface that made it.
    pub generation: Option<Generation>,
    /// The name contains this.
    pub name: Option<String>,
    /// The state is one of these.
    pub states: Option<Vec<TaskState>>,
    /// The `task_type` is this one; [`SECOND_TASK_TYPE`] is also what was made without one.
    pub task_type: Option<i64>,
}

/// Tasks, newest first.
///
/// A filter by state asks first which of the groups in question are open at `now`, and gives the database the
/// answer: the state itself is stored nowhere.
///
/// # Errors
/// When the database does not answer.
pub async fn list(
    session: &mut impl Session,
    scope: TaskScope,
    filter: &TaskFilter,
    now: Timestamp,
    page: Page,
) -> Result<Paged<TaskInGroup>> {
    let open = match &filter.states {
        Some(_) => open_groups(session, scope, now).await?,
        None => Vec::new(),
    };
    list_with_open(session, scope, filter, &open, now, page).await
}

/// The tasks of a group, newest first, that dial at `now` whenever their group is open.
///
/// # Errors
/// When the database does not answer.
pub async fn list_ready(
    session: &mut impl Session,
    account: AccountId,
    group: DialTimeGroupId,
    now: Timestamp,
    page: Page,
) -> Result<Paged<TaskInGroup>> {
    let filter = TaskFilter { states: Some(vec![TaskState::Running]), ..TaskFilter::default() };
    list_with_open(session, TaskScope::Group(account, group), &filter, &[group.get()], now, page).await
}

/// [`list`], as if these groups were the open ones.
async fn list_with_open(
    session: &mut impl Session,
    scope: TaskScope,
    filter: &TaskFilter,
    open: &[i64],
    now: Timestamp,
    page: Page,
) -> Result<Paged<TaskInGroup>> {
    let (words, open_groups) = (dialect(session), json(&open)?);
    let condition = condition(words, scope, filter.states.as_deref());
    macro_rules! filtered {
        ($query:expr) => {
            $query
                .bind(scope.owner().uuid())
                .bind(scope.group().map(DialTimeGroupId::get))
                .bind(filter.generation.map(generation_number))
                .bind(filter.name.as_deref())
                .bind(micros(now))
                .bind(open_groups.as_str())
                .bind(filter.task_type)
        };
    }
    let count = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM tasks t WHERE {condition}"));
    let total: i64 = on!(session, c => filtered!(sqlx::query_scalar(count)).fetch_one(c).await)?;
    let select = sqlx::AssertSqlSafe(format!(
        concat!(
            "SELECT ",
            task_columns!(),
            ", ",
            group_columns!(),
            " ",
            tasks_with_groups!(),
            "WHERE {} ORDER BY t.created_at DESC, t.id DESC LIMIT $8 OFFSET $9"
        ),
        condition
    ));
    let rows: Vec<TaskInGroupRow> = on!(session, c =>
        filtered!(sqlx::query_as(select)).bind(page.limit()).bind(page.offset()).fetch_all(c).await)?;
    let items = with_schedules(session, rows).await?;
    Ok(Paged { items, total })
}

impl TaskScope {
    fn owner(self) -> AccountId {
        match self {
            Self::Account(account) | Self::SubUsers(account) | Self::Group(account, _) => account,
        }
    }

    fn group(self) -> Option<DialTimeGroupId> {
        match self {
            Self::Group(_, group) => Some(group),
            Self::Account(_) | Self::SubUsers(_) => None,
        }
    }

    fn condition(self) -> &'static str {
        match self {
            Self::Account(_) | Self::Group(..) => "t.account_id = $1 AND ($2 IS NULL OR t.dial_time_id = $2)",
            Self::SubUsers(_) => {
                "t.account_id IN (SELECT id FROM accounts WHERE parent_id = $1) AND $2 IS NULL"
            }
        }
    }
}

fn condition(dialect: Dialect, scope: TaskScope, states: Option<&[TaskState]>) -> String {
    let scope = scope.condition();
    let name = dialect.contains("t.name", "$4");
    let task_type = dialect.integer_member("t.settings", "task_type");
    let states = states.map_or_else(|| "true".to_owned(), |states| state_condition(dialect, states));
    // The last line gives every parameter a type even where no filter by state mentions it.
    format!(
        "{scope} AND ($3 IS NULL OR t.generation = $3) AND ($4 IS NULL OR {name}) AND ({states}) \
         AND ($7 IS NULL OR coalesce({task_type}, {SECOND_TASK_TYPE}) = $7) \
         AND ($5 IS NOT NULL AND $6 IS NOT NULL)"
    )
}

/// [`Task::state_at`] in the database's words; the contract suite holds the two together.
fn state_condition(dialect: Dialect, states: &[TaskState]) -> String {
    let allowed = format!(
        "({open} AND (t.start_at IS NULL OR t.start_at <= $5) AND (t.stop_at IS NULL OR $5 < t.stop_at) \
         AND NOT {closed})",
        open = dialect.among("t.dial_time_id", "$6"),
        closed = dialect.inside_span("t.closures", "$5"),
    );
    // Each state once, however often it is asked for: the length of a statement is bounded.
    let any: Vec<String> = TaskState::ALL
        .iter()
        .filter(|state| states.contains(state))
        .map(|state| match state {
            TaskState::Paused => "NOT t.enabled".to_owned(),
            TaskState::Running => format!("(t.enabled AND {allowed})"),
            TaskState::Waiting => format!("(t.enabled AND NOT {allowed})"),
        })
        .collect();
    if any.is_empty() { "false".to_owned() } else { any.join(" OR ") }
}

async fn open_groups(session: &mut impl Session, scope: TaskScope, now: Timestamp) -> Result<Vec<i64>> {
    let sql = sqlx::AssertSqlSafe(format!(
        concat!(
            "SELECT ",
            group_columns!(),
            " FROM dial_time_groups g WHERE EXISTS (SELECT 1 FROM tasks t WHERE t.account_id = g.account_id \
             AND t.dial_time_id = g.id AND t.enabled AND {})"
        ),
        scope.condition()
    ));
    let rows: Vec<GroupRow> = on!(session, c => sqlx::query_as(sql)
        .bind(scope.owner().uuid()).bind(scope.group().map(DialTimeGroupId::get))
        .fetch_all(c).await)?;
    let mut open = Vec::new();
    for row in rows {
        let group = DialTimeGroup::try_from(row)?;
        if schedules::of(session, &group).await?.is_open(now) {
            open.push(group.id.get());
        }
    }
    Ok(open)
}

const ROW_COLUMNS: &str = "id, account_id, generation, name, enabled, dial_time_id, start_at, stop_at, closures, \
                           settings, created_at, altered_at";

async fn lock(tx: &mut Tx, account: AccountId, id: TaskId) -> Result<TaskRow> {
    let lock = dialect(tx).lock(RowLock::Change);
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {ROW_COLUMNS} FROM tasks WHERE account_id = $1 AND id = $2{lock}"
    ));
    Ok(on!(tx, c => sqlx::query_as(sql).bind(account.uuid()).bind(id.uuid()).fetch_one(c).await)?)
}

async fn record(
    tx: &mut Tx,
    account: AccountId,
    id: TaskId,
    action: Action,
    before: Option<&TaskRow>,
    change: &Change,
) -> Result<()> {
    let entry =
        audit::Entry { account, subject: Subject::Task, subject_id: &id, action, version: None, before };
    audit::write(tx, change, entry).await
}

/// A row as it stands in the table, for the audit.
#[derive(Debug, Serialize, sqlx::FromRow)]
struct TaskRow {
    id: Uuid,
    account_id: Uuid,
    generation: i64,
    name: String,
    enabled: bool,
    dial_time_id: i64,
    start_at: Option<i64>,
    stop_at: Option<i64>,
    closures: String,
    settings: String,
    created_at: i64,
    altered_at: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct TaskInGroupRow {
    task_id: Uuid,
    task_account_id: Uuid,
    generation: i64,
    task_name: String,
    enabled: bool,
    start_at: Option<i64>,
    stop_at: Option<i64>,
    closures: String,
    settings: String,
    task_created_at: i64,
    altered_at: Option<i64>,
    #[sqlx(flatten)]
    group: GroupRow,
}

impl TaskInGroupRow {
    fn parts(self) -> Result<(Task, DialTimeGroup)> {
        let row = self;
        let group = DialTimeGroup::try_from(row.group)?;
        let bounds = Bounds {
            start: row.start_at.map(timestamp).transpose()?,
            stop: row.stop_at.map(timestamp).transpose()?,
            closures: closures(&row.closures)?,
        };
        let draft = TaskDraft {
            name: stored_name(&row.task_name)?,
            dial_time_id: group.id,
            bounds,
            settings: from_json(&row.settings)?,
        };
        let task = Task {
            id: TaskId::new(row.task_id),
            account_id: AccountId::new(row.task_account_id),
            generation: stored_generation(row.generation)?,
            enabled: row.enabled,
            draft,
            created_at: timestamp(row.task_created_at)?,
            altered_at: row.altered_at.map(timestamp).transpose()?,
        };
        Ok((task, group))
    }
}

fn closures_text(bounds: &Bounds) -> Result<String> {
    let spans: Vec<(i64, i64)> =
        bounds.closures.iter().map(|closure| (micros(closure.begin), micros(closure.end))).collect();
    json(&spans)
}

fn closures(text: &str) -> Result<Vec<Closure>> {
    let spans: Vec<(i64, i64)> = from_json(text)?;
    spans
        .into_iter()
        .map(|(begin, end)| Ok(Closure { begin: timestamp(begin)?, end: timestamp(end)? }))
        .collect()
}

const fn generation_number(generation: Generation) -> i64 {
    match generation {
        Generation::First => 1,
        Generation::Second => 2,
    }
}

fn stored_generation(number: i64) -> Result<Generation> {
    match number {
        1 => Ok(Generation::First),
        2 => Ok(Generation::Second),
        other => Err(damaged(format!("generation {other}"))),
    }
}
