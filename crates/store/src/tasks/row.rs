//! The row of a task: its columns, and how it becomes a task. The columns have names of their own wherever those of the
//! task's group have the same, for both are read together.

use domain::{
    AccountHold, AccountId, Closure, DialTimeGroup, DialTimeGroupId, Generation, Resume, Task, TaskBounds,
    TaskDraft, TaskId, TaskSettings,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    database::{
        DatabaseError,
        convert::{damaged, from_json, from_word, json, micros, stored_name, timestamp},
        error::Result,
        lists::{self, Table},
    },
    groups::GroupRow,
};

/// The table, for the log.
pub(crate) const TASKS: Table = Table { name: "tasks", key: &["task_account_id", "task_id"] };

/// The columns of [`TaskRow`].
macro_rules! task_columns {
    () => {
        "tasks.id AS task_id, tasks.account_id AS task_account_id, tasks.generation, tasks.name AS task_name, tasks.enabled, \
         tasks.dial_time_id, tasks.start_at, tasks.stop_at, tasks.closures, tasks.hours, tasks.settings, \
         tasks.created_at AS task_created_at, tasks.altered_at, tasks.resume, tasks.within_bounds"
    };
}
pub(crate) use task_columns;

/// The columns of [`TaskInGroupRow`], and the tables they are from.
macro_rules! tasks_in_groups {
    () => {
        concat!(
            task_columns!(),
            ", ",
            account_disabled!("tasks.account_id"),
            " AS account_disabled, ",
            account_stopped!("tasks.account_id"),
            " AS account_stopped, ",
            group_columns!(),
            " FROM tasks JOIN dial_time_groups \
             ON dial_time_groups.account_id = tasks.account_id AND dial_time_groups.id = tasks.dial_time_id "
        )
    };
}
pub(crate) use tasks_in_groups;

/// A task as it stands in the table; what is not skipped is its before-image in the audit.
#[derive(Debug, Serialize, Deserialize, sqlx_macros::FromRow)]
pub(super) struct TaskRow {
    #[sqlx(rename = "task_id")]
    pub(super) id: Uuid,
    #[sqlx(rename = "task_account_id")]
    pub(super) account_id: Uuid,
    pub(super) generation: i64,
    #[sqlx(rename = "task_name")]
    pub(super) name: String,
    pub(super) enabled: bool,
    pub(super) dial_time_id: i64,
    start_at: Option<i64>,
    stop_at: Option<i64>,
    closures: String,
    #[serde(default)]
    hours: Option<String>,
    pub(super) settings: String,
    #[sqlx(rename = "task_created_at")]
    pub(super) created_at: i64,
    pub(super) altered_at: Option<i64>,
    resume: String,
    #[serde(skip)]
    pub(super) within_bounds: bool,
}

impl TaskRow {
    pub(super) fn bounds(&self) -> Result<TaskBounds> {
        stored_bounds(self.start_at, self.stop_at, &self.closures, self.hours.as_deref())
    }
}

impl TryFrom<&TaskRow> for Task {
    type Error = DatabaseError;

    fn try_from(row: &TaskRow) -> Result<Self> {
        let draft = TaskDraft {
            name: stored_name(&row.name)?,
            dial_time_id: DialTimeGroupId::new(row.dial_time_id),
            bounds: row.bounds()?,
            resume: stored_resume(&row.resume)?,
            settings: from_json(&row.settings)?,
        };
        Ok(Self {
            id: TaskId::new(row.id),
            account_id: AccountId::new(row.account_id),
            generation: Generation::from_number(row.generation)
                .ok_or_else(|| damaged(format!("generation {}", row.generation)))?,
            enabled: row.enabled,
            draft,
            created_at: timestamp(row.created_at)?,
            altered_at: row.altered_at.map(timestamp).transpose()?,
        })
    }
}

/// A task, its group, and whether its account is stopped or disabled.
#[derive(sqlx_macros::FromRow)]
pub(crate) struct TaskInGroupRow {
    #[sqlx(flatten)]
    task: TaskRow,
    account_disabled: bool,
    account_stopped: bool,
    #[sqlx(flatten)]
    group: GroupRow,
}

impl TryFrom<TaskInGroupRow> for (Task, DialTimeGroup, Option<AccountHold>) {
    type Error = DatabaseError;

    fn try_from(row: TaskInGroupRow) -> Result<Self> {
        let group = DialTimeGroup::try_from(row.group)?;
        Ok((Task::try_from(&row.task)?, group, AccountHold::of(row.account_stopped, row.account_disabled)))
    }
}

pub(super) fn stored_bounds(
    start: Option<i64>,
    stop: Option<i64>,
    closures: &str,
    hours: Option<&str>,
) -> Result<TaskBounds> {
    Ok(TaskBounds {
        start: start.map(timestamp).transpose()?,
        stop: stop.map(timestamp).transpose()?,
        closures: stored_closures(closures)?,
        hours: hours.map(from_json).transpose()?,
    })
}

/// What a person decides about a task, as it is stored.
pub(super) struct TaskTexts {
    pub(super) start: Option<i64>,
    pub(super) stop: Option<i64>,
    pub(super) closures: String,
    pub(super) hours: Option<String>,
    pub(super) settings: String,
}

impl TaskTexts {
    pub(super) fn of(draft: &TaskDraft) -> Result<Self> {
        let bounds = &draft.bounds;
        let spans: Vec<(i64, i64)> =
            bounds.closures.iter().map(|closure| (micros(closure.begin), micros(closure.end))).collect();
        Ok(Self {
            start: bounds.start.map(micros),
            stop: bounds.stop.map(micros),
            closures: json(&spans)?,
            hours: bounds.hours.as_ref().map(json).transpose()?,
            settings: json(&draft.settings)?,
        })
    }
}

/// Refuses what the database's own functions for JSON may stumble over.
pub(super) fn check_texts(closures: &str, settings: &str) -> Result<()> {
    stored_closures(closures)?;
    from_json::<TaskSettings>(settings).map(drop)
}

fn stored_closures(text: &str) -> Result<Vec<Closure>> {
    let spans: Vec<(i64, i64)> = from_json(text)?;
    spans
        .into_iter()
        .map(|(begin, end)| Ok(Closure { begin: timestamp(begin)?, end: timestamp(end)? }))
        .collect()
}

/// A stored policy of resuming.
pub(super) fn stored_resume(word: &str) -> Result<Resume> {
    from_word(word)
}

/// Says that a task that cannot be read is left out: nothing is published of it, and it holds up no other.
pub(crate) fn left_out(task: TaskId, error: &DatabaseError) {
    lists::left_out(TASKS, &format!("task_id {task}"), error);
}
