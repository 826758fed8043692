//! Lists of tasks, and what narrows them. The one thing that is derived, the state, is asked for in the database's words.

use std::collections::BTreeMap;

use domain::{AccountId, DialTimeGroup, DialTimeGroupId, Generation, TaskInGroup, TaskState, V2_TASK_TYPE};
use jiff::Timestamp;
use uuid::Uuid;

use super::{
    row::{TaskInGroupRow, check_texts, generation_number},
    with_schedules,
};
use crate::{
    Page, Paged, Result, Session,
    accounts::disabling::account_disabled,
    database::{
        connection::dialect,
        convert::{json, micros},
        dialect::Dialect,
        lists,
    },
    groups::GroupRow,
    schedules,
    transitions::{Key, key, key_rows},
};

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
    /// The `task_type` is this one; [`V2_TASK_TYPE`] is also what was made without one.
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
    list_with_open(session, TaskScope::Group(account, group), &filter, &[key(account, group)], now, page)
        .await
}

/// How many tasks, whatever their state, use each of these groups of an account; a group that none uses is left out.
///
/// # Errors
/// When the database does not answer.
pub async fn count_by_group(
    session: &mut impl Session,
    account: AccountId,
    groups: &[DialTimeGroupId],
) -> Result<BTreeMap<DialTimeGroupId, i64>> {
    let among = dialect(session).among("dial_time_id", "$2");
    let groups: Vec<i64> = groups.iter().map(|group| group.get()).collect();
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT dial_time_id, count(*) FROM tasks WHERE account_id = $1 AND {among} GROUP BY dial_time_id"
    ));
    let counts: Vec<(i64, i64)> = on!(session, c => sqlx::query_as(sql)
        .bind(account.uuid()).bind(json(&groups)?)
        .fetch_all(c).await)?;
    Ok(counts.into_iter().map(|(group, count)| (DialTimeGroupId::new(group), count)).collect())
}

/// [`list`], as if these groups were the open ones.
async fn list_with_open(
    session: &mut impl Session,
    scope: TaskScope,
    filter: &TaskFilter,
    open: &[Key],
    now: Timestamp,
    page: Page,
) -> Result<Paged<TaskInGroup>> {
    match select(session, (scope, filter), open, now, page, &[]).await {
        Err(error) if lists::is_of_a_bad_value(&error) && !session.sees_uncommitted() => {
            let damaged = damaged_tasks(session, scope).await?;
            select(session, (scope, filter), open, now, page, &damaged).await
        }
        selected => selected,
    }
}

/// The tasks that a filter may stumble over, since the database cannot read them.
async fn damaged_tasks(session: &mut impl Session, scope: TaskScope) -> Result<Vec<Uuid>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT t.id, t.closures, t.settings FROM tasks t WHERE {}",
        scope.condition()
    ));
    let rows: Vec<(Uuid, String, String)> = on!(session, c => sqlx::query_as(sql)
        .bind(scope.owner().uuid()).bind(scope.group().map(DialTimeGroupId::get))
        .fetch_all(c).await)?;
    let damaged = |(id, closures, settings): (Uuid, String, String)| {
        let error = check_texts(&closures, &settings).err()?;
        lists::left_out("tasks", &format!("task_id {id}"), &error);
        Some(id)
    };
    Ok(rows.into_iter().filter_map(damaged).collect())
}

/// The tasks of a scope that a filter leaves, but for some that are `damaged`.
async fn select(
    session: &mut impl Session,
    (scope, filter): (TaskScope, &TaskFilter),
    open: &[(String, i64)],
    now: Timestamp,
    page: Page,
    damaged: &[Uuid],
) -> Result<Paged<TaskInGroup>> {
    let (words, open_groups) = (dialect(session), json(&open)?);
    let condition = but_for(words, damaged, &condition(words, scope, filter.states.as_deref()))?;
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
    let found = on!(session, c =>
        filtered!(sqlx::query(select)).bind(page.limit()).bind(page.offset()).fetch_all(c).await
            .map(|rows| lists::readable::<_, TaskInGroupRow, _>("tasks", &rows)))?;
    let items = with_schedules(session, found).await?;
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

/// A condition that is asked of no damaged task: the database must not even look at one.
fn but_for(dialect: Dialect, damaged: &[Uuid], condition: &str) -> Result<String> {
    if damaged.is_empty() {
        return Ok(condition.to_owned());
    }
    let ids: Vec<String> = damaged.iter().map(|id| id.simple().to_string()).collect();
    let damaged = dialect.among_uuids("t.id", &format!("'{}'", json(&ids)?));
    Ok(format!("CASE WHEN {damaged} THEN false ELSE {condition} END"))
}

fn condition(dialect: Dialect, scope: TaskScope, states: Option<&[TaskState]>) -> String {
    let scope = scope.condition();
    let name = dialect.contains("t.name", "$4");
    let task_type = dialect.integer_member("t.settings", "task_type");
    let states = states.map_or_else(|| "true".to_owned(), |states| state_condition(dialect, states));
    // The last line gives every parameter a type even where no filter by state mentions it.
    format!(
        "{scope} AND ($3 IS NULL OR t.generation = $3) AND ($4 IS NULL OR {name}) AND ({states}) \
         AND ($7 IS NULL OR coalesce({task_type}, {V2_TASK_TYPE}) = $7) \
         AND ($5 IS NOT NULL AND $6 IS NOT NULL)"
    )
}

/// [`domain::Task::state_at`] in the database's words; the contract suite holds the two together.
fn state_condition(dialect: Dialect, states: &[TaskState]) -> String {
    let allowed = format!(
        "({open} AND NOT {disabled} AND (t.start_at IS NULL OR t.start_at <= $5) AND (t.stop_at IS NULL OR $5 < t.stop_at) \
         AND NOT {closed})",
        open = format_args!("(t.account_id, t.dial_time_id) IN {}", key_rows(dialect, "$6")),
        disabled = account_disabled!("t.account_id"),
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

async fn open_groups(session: &mut impl Session, scope: TaskScope, now: Timestamp) -> Result<Vec<Key>> {
    let sql = sqlx::AssertSqlSafe(format!(
        concat!(
            "SELECT ",
            group_columns!(),
            " FROM dial_time_groups g WHERE EXISTS (SELECT 1 FROM tasks t WHERE t.account_id = g.account_id \
             AND t.dial_time_id = g.id AND t.enabled AND {})"
        ),
        scope.condition()
    ));
    let groups: Vec<DialTimeGroup> = on!(session, c => sqlx::query(sql)
        .bind(scope.owner().uuid()).bind(scope.group().map(DialTimeGroupId::get))
        .fetch_all(c).await.map(|rows| lists::readable::<_, GroupRow, _>("dial_time_groups", &rows)))?;
    let mut open = Vec::new();
    for group in groups {
        if schedules::of(session, &group).await?.is_open(now) {
            open.push(key(group.account_id, group.id));
        }
    }
    Ok(open)
}
