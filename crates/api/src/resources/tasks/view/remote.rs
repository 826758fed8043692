//! A 2.0 task as its dialer sees it.

use calendar::Zone;
use domain::{TaskBounds, TaskInGroup, TaskLine, TaskState};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    http::{
        formats::LocalTimeSchema,
        time::{minute, stamp},
    },
    resources::tasks::hours::{self, RemoteHourView},
};

/// The dialer's view of a 2.0 task. Its windows are its own, or else those of the group as it is now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RemoteTaskView {
    name: String,
    enable: bool,
    line: Vec<Uuid>,
    /// The most calls at once.
    limit: i64,
    cps: i64,
    #[schema(value_type = Option<LocalTimeSchema>)]
    start_time: Option<String>,
    #[schema(value_type = Option<LocalTimeSchema>)]
    stop_time: Option<String>,
    holiday: Vec<ClosureView>,
    /// The weekdays that have windows: 0 = Sunday, 1 = Monday, ... 6 = Saturday.
    work_week: Vec<u8>,
    /// The windows; `wday` is `-1` when every weekday of `work_week` has the same.
    work_hour: Vec<RemoteHourView>,
    destination_extension: String,
    blacklist: &'static str,
    /// Whether a call would be allowed now.
    call_status: bool,
    /// How many numbers the task has.
    #[schema(minimum = 0)]
    number_count: i64,
    #[schema(value_type = Vec<Value>, max_items = 0)]
    call_info: [(); 0],
}

impl RemoteTaskView {
    pub(super) fn new(zone: Zone, task: &TaskInGroup, state: TaskState, numbers: i64) -> Self {
        let draft = &task.task.draft;
        let weekdays = hours::of_task(task);
        Self {
            name: draft.name.as_str().to_owned(),
            enable: task.task.enabled,
            line: draft.settings.dialing.lines.line.iter().map(TaskLine::id).collect(),
            limit: draft.settings.dialing.pace.maximumcall,
            cps: 1,
            start_time: draft.bounds.start.map(|start| stamp(zone, start)),
            stop_time: draft.bounds.stop.map(|stop| stamp(zone, stop)),
            holiday: ClosureView::of(zone, &draft.bounds),
            work_week: weekdays.iter().map(|(weekday, _)| weekday.number()).collect(),
            work_hour: hours::remote_rows(&weekdays),
            destination_extension: draft.settings.dialing.script.destination_extension.to_string(),
            blacklist: "",
            call_status: state == TaskState::Running,
            number_count: numbers,
            call_info: [],
        }
    }
}

/// A closure as it is returned.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClosureView {
    #[schema(value_type = LocalTimeSchema)]
    start: String,
    #[schema(value_type = LocalTimeSchema)]
    end: String,
}

impl ClosureView {
    /// The closures of a task.
    pub(super) fn of(zone: Zone, bounds: &TaskBounds) -> Vec<Self> {
        let view = |closure: &domain::Closure| Self {
            start: minute(zone, closure.begin),
            end: minute(zone, closure.end),
        };
        bounds.closures.iter().map(view).collect()
    }
}
