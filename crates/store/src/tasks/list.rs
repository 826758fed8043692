//! Lists of tasks, and what narrows them. The one thing that is derived, the state, is asked for in SQL.

use std::collections::BTreeMap;

use calendar::{Schedule, WeeklyWindows, Zone};
use domain::{
    AccountId, DialTimeGroup, DialTimeGroupId, Generation, TaskId, TaskInGroup, TaskState, V2_TASK_TYPE,
};
use jiff::Timestamp;
use uuid::Uuid;

use super::{
    row::{TASKS, TaskInGroupRow, check_texts, left_out, task_columns, tasks_in_groups},
    with_schedules,
};
use crate::{
    Error, Page, Paged, Result, Session,
    accounts::{disabled::account_disabled, sub_users::sub_users},
    database::{
        convert::{from_json, hex, json, micros, uuids},
        dialect::{Column, Dialect},
        lists,
        statement::{query, query_as, query_scalar},
    },
    groups::{GROUPS, GroupKey, GroupRow, group_columns, group_key, group_key_rows},
    schedules,
    stops::account_stopped,
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
    session: &mut dyn Session,
    scope: TaskScope,
    filter: &TaskFilter,
    now: Timestamp,
    page: Page,
) -> Result<Paged<TaskInGroup>> {
    let open = match &filter.states {
        Some(_) => OpenNow {
            groups: open_groups(session, scope, now).await?,
            hours: open_hours(session, scope, now).await?,
        },
        None => OpenNow::default(),
    };
    list_with_open(session, scope, filter, &open, now, page).await
}

/// The tasks of a group, newest first, that dial at `now` whenever their group is open.
///
/// # Errors
/// When the database does not answer.
pub async fn list_ready(
    session: &mut dyn Session,
    account: AccountId,
    group: DialTimeGroupId,
    now: Timestamp,
    page: Page,
) -> Result<Paged<TaskInGroup>> {
    let filter = TaskFilter { states: Some(vec![TaskState::Running]), ..TaskFilter::default() };
    let scope = TaskScope::Group(account, group);
    let open =
        OpenNow { groups: vec![group_key(account, group)], hours: open_hours(session, scope, now).await? };
    list_with_open(session, scope, &filter, &open, now, page).await
}

/// How many tasks, whatever their state, use each of these groups of an account; a group that none uses is left out.
///
/// # Errors
/// When the database does not answer.
pub async fn count_by_group(
    session: &mut dyn Session,
    account: AccountId,
    groups: &[DialTimeGroupId],
) -> Result<BTreeMap<DialTimeGroupId, i64>> {
    let groups: Vec<i64> = groups.iter().map(|group| group.get()).collect();
    let sql = sql!(session, |dialect| format!(
        "SELECT dial_time_id, count(*) FROM tasks WHERE account_id = $1 AND {} GROUP BY dial_time_id",
        dialect.among("dial_time_id", "$2")
    ));
    let counts: Vec<(i64, i64)> = on!(session, c => query_as(sql)
        .bind(account.uuid()).bind(json(&groups)?)
        .fetch_all(c).await)?;
    Ok(counts.into_iter().map(|(group, count)| (DialTimeGroupId::new(group), count)).collect())
}

/// What is open at the instant that a list is asked for.
#[derive(Debug, Default)]
struct OpenNow {
    groups: Vec<GroupKey>,
    /// Windows that tasks of a group have of their own.
    hours: Vec<HoursKey>,
}

/// The account and the id of a group, and the windows that tasks in it have of their own, as they are stored.
type HoursKey = (String, i64, String);

/// [`list`], as if these groups and windows were the open ones.
async fn list_with_open(
    session: &mut dyn Session,
    scope: TaskScope,
    filter: &TaskFilter,
    open: &OpenNow,
    now: Timestamp,
    page: Page,
) -> Result<Paged<TaskInGroup>> {
    match select(session, (scope, filter), open, now, page, &[]).await {
        Err(Error::Database(error)) if error.is_of_a_bad_value() && !session.sees_uncommitted() => {
            let damaged = damaged_tasks(session, scope).await?;
            select(session, (scope, filter), open, now, page, &damaged).await
        }
        selected => selected,
    }
}

/// The tasks that a filter may stumble over, since the database cannot read them.
async fn damaged_tasks(session: &mut dyn Session, scope: TaskScope) -> Result<Vec<Uuid>> {
    let conditions = scope.condition();
    let sql = sql!(session, conditions: &'static str = SCOPES, |_dialect| format!(
        "SELECT tasks.id, tasks.closures, tasks.settings FROM tasks WHERE {conditions}"
    ));
    let rows: Vec<(Uuid, String, String)> = on!(session, c => query_as(sql)
        .bind(scope.owner().uuid()).bind(scope.group().map(DialTimeGroupId::get))
        .fetch_all(c).await)?;
    let damaged = |(id, closures, settings): (Uuid, String, String)| {
        let error = check_texts(&closures, &settings).err()?;
        left_out(TaskId::new(id), &error);
        Some(id)
    };
    Ok(rows.into_iter().filter_map(damaged).collect())
}

/// The tasks of a scope that a filter leaves, but for some that are `damaged`.
async fn select(
    session: &mut dyn Session,
    (scope, filter): (TaskScope, &TaskFilter),
    open: &OpenNow,
    now: Timestamp,
    page: Page,
    damaged: &[Uuid],
) -> Result<Paged<TaskInGroup>> {
    let (open_groups, open_hours) = (json(&open.groups)?, json(&open.hours)?);
    let narrowed = Narrowed {
        scope: scope.condition(),
        states: filter.states.as_deref().map(StateSet::of),
        is_filtered: filter.generation.is_some() || filter.name.is_some() || filter.task_type.is_some(),
        passes_over_damaged: !damaged.is_empty(),
    };
    let damaged = uuids(damaged.iter().copied())?;
    macro_rules! filtered {
        ($query:expr) => {
            $query
                .bind(scope.owner().uuid())
                .bind(scope.group().map(DialTimeGroupId::get))
                .bind(filter.generation.map(Generation::number))
                .bind(filter.name.as_deref())
                .bind(micros(now))
                .bind(open_groups.as_str())
                .bind(filter.task_type)
                .bind(damaged.as_str())
                .bind(open_hours.as_str())
        };
    }
    let count = sql!(session, narrowed: Narrowed = Narrowed::all(), |dialect| format!(
        "SELECT count(*) FROM {}",
        narrowed.found(dialect)
    ));
    let total: i64 = on!(session, c => filtered!(query_scalar(count)).fetch_one(c).await)?;
    let select = sql!(session, narrowed: Narrowed = Narrowed::all(), |dialect| format!(
        concat!(
            "SELECT ",
            tasks_in_groups!(),
            "WHERE tasks.id IN (SELECT id FROM {} ORDER BY created_at DESC, id DESC LIMIT $10 OFFSET $11) \
             ORDER BY tasks.created_at DESC, tasks.id DESC"
        ),
        narrowed.found(dialect)
    ));
    let found = on!(session, c =>
        filtered!(query(select)).bind(page.limit()).bind(page.offset()).fetch_all(c).await
            .map(|rows| lists::readable::<_, TaskInGroupRow, _>(TASKS, &rows)))?;
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
            Self::Account(_) | Self::Group(..) => SCOPES[0],
            Self::SubUsers(_) => SCOPES[1],
        }
    }
}

/// The conditions of a [`TaskScope`], on its owner `$1` and its group `$2`.
const SCOPES: [&str; 2] = [
    "tasks.account_id = $1 AND ($2 IS NULL OR tasks.dial_time_id = $2)",
    concat!("tasks.account_id IN ", sub_users!("$1"), " AND $2 IS NULL"),
];

/// States that are asked for, each once, however often: the length of a statement is bounded.
#[derive(Clone, Copy)]
struct StateSet([bool; 3]);

impl StateSet {
    fn of(states: &[TaskState]) -> Self {
        Self(TaskState::ALL.map(|state| states.contains(&state)))
    }

    /// [`domain::TaskInGroup::state_at`] in SQL, of a task that has bounds or of one that has none; the contract suite holds the
    /// two together.
    fn condition(self, dialect: Dialect, has_bounds: bool) -> String {
        let open = group_key_rows(dialect, "$6");
        let (disabled, stopped) =
            (account_disabled!("tasks.account_id"), account_stopped!("tasks.account_id"));
        let mut allowed =
            format!("(tasks.account_id, tasks.dial_time_id) IN {open} AND NOT {disabled} AND NOT {stopped}");
        if has_bounds {
            let closed = dialect.inside_span("tasks.closures", "$5");
            allowed += " AND (tasks.start_at IS NULL OR tasks.start_at <= $5) \
                        AND (tasks.stop_at IS NULL OR $5 < tasks.stop_at) AND NOT ";
            allowed += &closed;
            let hours = [("account", Column::Uuid), ("id", Column::Integer), ("hours", Column::Text)];
            allowed += " AND (tasks.hours IS NULL OR (tasks.account_id, tasks.dial_time_id, tasks.hours) IN \
                        (SELECT account, id, hours FROM ";
            allowed += &dialect.rows("$9", &hours);
            allowed += " AS open_hours))";
        }
        let wanted = TaskState::ALL.into_iter().zip(self.0).filter(|(_, wanted)| *wanted);
        let any: Vec<String> = wanted
            .map(|(state, _)| match state {
                TaskState::Paused => "NOT tasks.enabled".to_owned(),
                TaskState::Running => format!("(tasks.enabled AND ({allowed}))"),
                TaskState::Waiting => format!("(tasks.enabled AND NOT ({allowed}))"),
            })
            .collect();
        if any.is_empty() { "false".to_owned() } else { any.join(" OR ") }
    }
}

/// What a list of tasks is narrowed to, as far as its statement depends on it.
#[derive(Clone, Copy)]
struct Narrowed {
    scope: &'static str,
    states: Option<StateSet>,
    /// Whether by generation, name or type.
    is_filtered: bool,
    passes_over_damaged: bool,
}

/// Tasks without bounds and those with bounds. There are two indexes of enabled tasks, one for each half: a list of those
/// that run is found without a look at the tasks of the first half, and most tasks belong there.
const HALVES: [(bool, &str); 2] = [
    (
        false,
        "tasks.start_at IS NULL AND tasks.stop_at IS NULL AND tasks.closures = '[]' AND tasks.hours IS NULL",
    ),
    (
        true,
        "(tasks.start_at IS NOT NULL OR tasks.stop_at IS NOT NULL OR tasks.closures <> '[]' \
          OR tasks.hours IS NOT NULL)",
    ),
];

impl Narrowed {
    /// All that there are.
    #[cfg(test)]
    fn all() -> Vec<Self> {
        let bit = |number: usize, bit: usize| number & (1 << bit) != 0;
        let states = (0..8).map(|number| Some(StateSet([bit(number, 0), bit(number, 1), bit(number, 2)])));
        let states: Vec<_> = states.chain([None]).collect();
        let mut all = Vec::new();
        for scope in SCOPES {
            for states in &states {
                all.extend((0..4).map(|number| Self {
                    scope,
                    states: *states,
                    is_filtered: bit(number, 0),
                    passes_over_damaged: bit(number, 1),
                }));
            }
        }
        all
    }

    /// The tasks that are left, as a table of their ids and the instants at which they were made.
    fn found(self, dialect: Dialect) -> String {
        let select = |condition: &str| {
            let condition = self.condition(dialect, condition);
            format!("SELECT tasks.id, tasks.created_at FROM tasks WHERE {condition}")
        };
        let selects: Vec<String> = match self.states {
            None => vec![select("true")],
            Some(states) => HALVES
                .iter()
                .map(|(has_bounds, half)| {
                    select(&format!("{half} AND ({})", states.condition(dialect, *has_bounds)))
                })
                .collect(),
        };
        format!("({}) AS found", selects.join(" UNION ALL "))
    }

    fn condition(self, dialect: Dialect, states: &str) -> String {
        let scope = self.scope;
        let name = dialect.contains("tasks.name", "$4");
        let task_type = dialect.integer_member("tasks.settings", "task_type");
        // What is not asked for is not mentioned: the database would read tasks for it that it can count by an index.
        let filters = if self.is_filtered {
            format!(
                "($3 IS NULL OR tasks.generation = $3) AND ($4 IS NULL OR {name}) \
                 AND ($7 IS NULL OR coalesce({task_type}, {V2_TASK_TYPE}) = $7)"
            )
        } else {
            "$3 IS NULL AND $4 IS NULL AND $7 IS NULL".to_owned()
        };
        // The last line gives every parameter a type even where no filter by state mentions it.
        let condition = format!(
            "{filters} AND {states} AND ($5 IS NOT NULL AND $6 IS NOT NULL AND $8 IS NOT NULL AND $9 IS NOT NULL)"
        );
        if !self.passes_over_damaged {
            return format!("{scope} AND {condition}");
        }
        // The database must not even look at a damaged task.
        let damaged = dialect.among_uuids("tasks.id", "$8");
        format!("{scope} AND CASE WHEN {damaged} THEN false ELSE {condition} END")
    }
}

async fn open_groups(session: &mut dyn Session, scope: TaskScope, now: Timestamp) -> Result<Vec<GroupKey>> {
    let conditions = scope.condition();
    let sql = sql!(session, conditions: &'static str = SCOPES, |_dialect| format!(
        concat!(
            "SELECT ",
            group_columns!(),
            " FROM dial_time_groups WHERE EXISTS (SELECT 1 FROM tasks WHERE tasks.account_id = dial_time_groups.account_id \
             AND tasks.dial_time_id = dial_time_groups.id AND tasks.enabled AND {})"
        ),
        conditions
    ));
    let groups: Vec<DialTimeGroup> = on!(session, c => query(sql)
        .bind(scope.owner().uuid()).bind(scope.group().map(DialTimeGroupId::get))
        .fetch_all(c).await.map(|rows| lists::readable::<_, GroupRow, _>(GROUPS, &rows)))?;
    let mut open = Vec::new();
    for group in groups {
        if schedules::of(session, &group).await?.is_open(now) {
            open.push(group_key(group.account_id, group.id));
        }
    }
    Ok(open)
}

/// The windows that enabled tasks have of their own and that are open; each once a group, whose clock they follow.
async fn open_hours(session: &mut dyn Session, scope: TaskScope, now: Timestamp) -> Result<Vec<HoursKey>> {
    let conditions = scope.condition();
    let sql = sql!(session, conditions: &'static str = SCOPES, |_dialect| format!(
        "SELECT DISTINCT tasks.account_id, tasks.dial_time_id, dial_time_groups.timezone, tasks.hours FROM tasks \
         JOIN dial_time_groups ON dial_time_groups.account_id = tasks.account_id AND dial_time_groups.id = tasks.dial_time_id \
         WHERE tasks.enabled AND tasks.hours IS NOT NULL AND {conditions}"
    ));
    let found: Vec<(Uuid, i64, String, String)> = on!(session, c => query_as(sql)
        .bind(scope.owner().uuid()).bind(scope.group().map(DialTimeGroupId::get)).fetch_all(c).await)?;
    // What cannot be read is not open.
    let is_open = |zone: &str, hours: &str| {
        let (zone, windows) = (Zone::parse(zone).ok()?, from_json::<WeeklyWindows>(hours).ok()?);
        Some(Schedule::builder(&windows, &zone).compile().is_open(now))
    };
    let open = found.into_iter().filter(|(_, _, zone, hours)| is_open(zone, hours) == Some(true));
    Ok(open.map(|(account, group, _, hours)| (hex(account), group, hours)).collect())
}
