//! Rows of tasks, alone and with their groups, and what a column of them holds.

use domain::{
    AccountId, Closure, DialTimeGroup, Generation, Resume, Task, TaskBounds, TaskDraft, TaskId, TaskSettings,
};
use serde::Serialize;
use uuid::Uuid;

use crate::{
    Error, Result,
    database::convert::{damaged, from_json, from_word, json, micros, timestamp},
    groups::GroupRow,
    partners::stored_name,
};

pub(super) const ROW_COLUMNS: &str = "id, account_id, generation, name, enabled, dial_time_id, start_at, stop_at, \
                                      closures, settings, created_at, altered_at, resume, within_bounds";

/// A row as it stands in the table, for the audit.
#[derive(Debug, Serialize, sqlx::FromRow)]
pub(crate) struct TaskRow {
    pub(super) id: Uuid,
    pub(super) account_id: Uuid,
    pub(super) generation: i64,
    pub(super) name: String,
    pub(super) enabled: bool,
    pub(super) dial_time_id: i64,
    start_at: Option<i64>,
    stop_at: Option<i64>,
    closures: String,
    pub(super) settings: String,
    pub(super) created_at: i64,
    altered_at: Option<i64>,
    resume: String,
    #[serde(skip)]
    pub(super) within_bounds: bool,
}

impl TaskRow {
    pub(super) fn bounds(&self) -> Result<TaskBounds> {
        bounds(self.start_at, self.stop_at, &self.closures)
    }
}

/// What decides when a task's own limits change.
#[derive(sqlx::FromRow)]
pub(crate) struct BoundsRow {
    pub(crate) id: Uuid,
    pub(crate) account_id: Uuid,
    pub(crate) dial_time_id: i64,
    pub(crate) resume: String,
    pub(crate) within_bounds: bool,
    start_at: Option<i64>,
    stop_at: Option<i64>,
    closures: String,
}

impl BoundsRow {
    pub(crate) fn bounds(&self) -> Result<TaskBounds> {
        bounds(self.start_at, self.stop_at, &self.closures)
    }
}

fn bounds(start: Option<i64>, stop: Option<i64>, closures: &str) -> Result<TaskBounds> {
    Ok(TaskBounds {
        start: start.map(timestamp).transpose()?,
        stop: stop.map(timestamp).transpose()?,
        closures: stored_closures(closures)?,
    })
}

#[derive(sqlx::FromRow)]
pub(super) struct TaskInGroupRow {
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
    resume: String,
    account_disabled: bool,
    #[sqlx(flatten)]
    group: GroupRow,
}

/// The task, its group, and whether its account is disabled.
impl TryFrom<TaskInGroupRow> for (Task, DialTimeGroup, bool) {
    type Error = Error;

    fn try_from(row: TaskInGroupRow) -> Result<Self> {
        let group = DialTimeGroup::try_from(row.group)?;
        let draft = TaskDraft {
            name: stored_name(&row.task_name)?,
            dial_time_id: group.id,
            bounds: bounds(row.start_at, row.stop_at, &row.closures)?,
            resume: resume_of(&row.resume)?,
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
        Ok((task, group, row.account_disabled))
    }
}

pub(super) fn closures_text(bounds: &TaskBounds) -> Result<String> {
    let spans: Vec<(i64, i64)> =
        bounds.closures.iter().map(|closure| (micros(closure.begin), micros(closure.end))).collect();
    json(&spans)
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

pub(super) const fn generation_number(generation: Generation) -> i64 {
    match generation {
        Generation::V1 => 1,
        Generation::V2 => 2,
    }
}

fn stored_generation(number: i64) -> Result<Generation> {
    match number {
        1 => Ok(Generation::V1),
        2 => Ok(Generation::V2),
        other => Err(damaged(format!("generation {other}"))),
    }
}

/// A stored policy of resuming.
pub(crate) fn resume_of(word: &str) -> Result<Resume> {
    from_word(word)
}
