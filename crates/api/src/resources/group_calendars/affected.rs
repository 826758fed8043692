//! The tasks that an edit stops or starts.

use domain::{DialTimeGroup, Task, TaskInGroup};
use jiff::Timestamp;
use serde::Serialize;
use store::{Page, Session, tasks};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::problem::Problem;

/// How many tasks are named; the rest are only counted.
const NAMED_TASKS: u32 = 100;

/// Tasks, the first of them named.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct TasksView {
    /// How many there are.
    total: i64,
    /// At most 100 of them; of a group's, the newest first.
    tasks: Vec<NamedTask>,
}

#[derive(Debug, Serialize, ToSchema)]
struct NamedTask {
    uuid: Uuid,
    name: String,
}

impl NamedTask {
    fn new(task: &Task) -> Self {
        Self { uuid: task.id.uuid(), name: task.draft.name.as_str().to_owned() }
    }
}

impl TasksView {
    /// The tasks of a group that dial whenever it is open at `now`.
    pub(crate) async fn of_group(
        session: &mut dyn Session,
        group: &DialTimeGroup,
        now: Timestamp,
    ) -> Result<Self, Problem> {
        let page = Page { number: 1, size: NAMED_TASKS };
        let tasks = tasks::list_ready(session, group.account_id, group.id, now, page).await?;
        let named = |item: &TaskInGroup| NamedTask::new(&item.task);
        Ok(Self { total: tasks.total, tasks: tasks.items.iter().map(named).collect() })
    }

    /// Adds others, none of which are among these.
    pub(crate) fn add(&mut self, others: Self) {
        self.total += others.total;
        self.tasks.extend(others.tasks);
        self.tasks.truncate(usize::try_from(NAMED_TASKS).unwrap_or(usize::MAX));
    }

    /// Adds one that is not among these.
    pub(crate) fn add_task(&mut self, task: &Task) {
        self.add(Self { total: 1, tasks: vec![NamedTask::new(task)] });
    }
}
