//! A task as it is returned: in lists, in the 1.0 detail, and in the 2.0 detail.

use std::collections::BTreeSet;

use calendar::{Weekday, WeeklyWindows, Window, Zone};
use domain::{TaskBounds, TaskInGroup, TaskLine, TaskSettings, TaskState};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::{LineSchema, ResumeSchema};
use crate::{
    Api,
    http::{
        extract::Caller,
        formats::LocalTimeSchema,
        lenient,
        time::{minute, stamp},
    },
    messages::task_state,
    openapi::values::{self, schema_of},
    resources::groups::GroupView,
};

/// The documented `_originate_timeout`, in seconds.
const ORIGINATE_TIMEOUT: i64 = 60;

schema_of!(
    /// A task's state as a number.
    TaskStatusSchema,
    "TaskStatus",
    values::numbers(
        "1 paused (暂停中), 2 running (执行中), 3 waiting (等待执行).",
        TaskState::ALL.map(|state| state.number().into())
    )
);

/// `destination_extension`: an integer in the 1.0 views, a string in all others.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Extension {
    Number(i64),
    Text(String),
}

/// A task in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TaskView {
    uuid: Uuid,
    name: String,
    #[schema(value_type = LocalTimeSchema)]
    create_datetime: String,
    #[schema(value_type = Option<LocalTimeSchema>)]
    alter_datetime: Option<String>,
    /// 1 when switched on (已废弃): see `enable`.
    #[schema(minimum = 0, maximum = 1, deprecated)]
    start: u8,
    /// Whether a person switched it on.
    enable: bool,
    maximumcall: i64,
    call_per_second: Option<i64>,
    recycle_limit: Option<i64>,
    random_assignment_number: i64,
    disable_dial_timegroup: Option<Uuid>,
    dial_time_id: i64,
    #[schema(value_type = TaskStatusSchema)]
    status: u8,
    status_str: &'static str,
    /// Whether a call would be allowed now.
    call_status: bool,
    destination_extension: Extension,
    destination_dialplan: &'static str,
    destination_context: &'static str,
    llm_intention_id: Option<i64>,
    scheduling_policy_ratio: Option<i64>,
    scheduling_queue: Option<i64>,
    dial_format: Option<String>,
    domain: Option<String>,
    remark: Option<String>,
    sort: i64,
    originate_variables: Option<String>,
    _originate_timeout: i64,
    _origination_caller_id_number: Option<String>,
    /// The account that owns it.
    user_id: Uuid,
    caller_line_id: Option<Uuid>,
    bridge_group_id: Option<i64>,
    auto_recycle_rule_id: Option<i64>,
    clue_configuration_id: Option<i64>,
    deleted_at: Option<String>,
    call_notify_url: Option<String>,
    task_type: Option<i64>,
    /// What becomes of it after a close.
    resume: ResumeSchema,
    /// The dialer's view; of 2.0 tasks only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = RemoteTaskView, required = false)]
    new_task_extra: Option<RemoteTaskView>,
}

impl TaskView {
    /// As the 1.0 list has it.
    pub(crate) fn with_number_extension(api: &Api, caller: &Caller, task: TaskInGroup) -> Self {
        let extension = Extension::Number(task.task.draft.settings.destination_extension);
        Self::new(api, caller, task, extension, None)
    }

    /// As the lists over all sub-users have it.
    pub(crate) fn with_text_extension(api: &Api, caller: &Caller, task: TaskInGroup) -> Self {
        let extension = Extension::Text(task.task.draft.settings.destination_extension.to_string());
        Self::new(api, caller, task, extension, None)
    }

    /// As the 2.0 lists have it.
    pub(crate) fn second(api: &Api, caller: &Caller, task: TaskInGroup) -> Self {
        let remote = RemoteTaskView::new(api.settings.zone, &task, task.state_at(caller.now));
        let extension = Extension::Text(task.task.draft.settings.destination_extension.to_string());
        Self::new(api, caller, task, extension, Some(remote))
    }

    fn new(
        api: &Api,
        caller: &Caller,
        task: TaskInGroup,
        destination_extension: Extension,
        new_task_extra: Option<RemoteTaskView>,
    ) -> Self {
        let zone = api.settings.zone;
        let state = task.state_at(caller.now);
        let task = task.task;
        let settings = task.draft.settings;
        Self {
            uuid: task.id.uuid(),
            name: task.draft.name.as_str().to_owned(),
            create_datetime: stamp(zone, task.created_at),
            alter_datetime: task.altered_at.map(|altered_at| stamp(zone, altered_at)),
            start: task.enabled.into(),
            enable: task.enabled,
            maximumcall: settings.maximumcall,
            call_per_second: None,
            recycle_limit: None,
            random_assignment_number: 0,
            disable_dial_timegroup: None,
            dial_time_id: task.draft.dial_time_id.get(),
            status: state.number(),
            status_str: task_state(state, caller.language),
            call_status: state == TaskState::Running,
            destination_extension,
            destination_dialplan: "XML",
            destination_context: "default",
            llm_intention_id: settings.llm_intention_id,
            scheduling_policy_ratio: None,
            scheduling_queue: None,
            dial_format: None,
            domain: None,
            remark: settings.remark,
            sort: 0,
            originate_variables: None,
            _originate_timeout: ORIGINATE_TIMEOUT,
            _origination_caller_id_number: None,
            user_id: task.account_id.uuid(),
            caller_line_id: settings.caller_line_id,
            bridge_group_id: settings.bridge_group_id,
            auto_recycle_rule_id: settings.auto_recycle_rule_id,
            clue_configuration_id: None,
            deleted_at: None,
            call_notify_url: None,
            task_type: settings.task_type,
            resume: task.draft.resume.into(),
            new_task_extra,
        }
    }
}

/// A task after it was switched on or off.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SwitchedView {
    uuid: Uuid,
    /// Whether a person switched it on.
    enable: bool,
    #[schema(value_type = TaskStatusSchema)]
    status: u8,
    status_str: &'static str,
}

impl SwitchedView {
    pub(crate) fn new(caller: &Caller, task: &TaskInGroup) -> Self {
        let state = task.state_at(caller.now);
        Self {
            uuid: task.task.id.uuid(),
            enable: task.task.enabled,
            status: state.number(),
            status_str: task_state(state, caller.language),
        }
    }
}

/// A task as the 1.0 detail has it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FirstDetailView {
    uuid: Uuid,
    name: String,
    /// 1 when switched on (已废弃): see `enable`.
    #[schema(minimum = 0, maximum = 1, deprecated)]
    start: u8,
    enable: bool,
    maximumcall: i64,
    recycle_limit: Option<i64>,
    remark: Option<String>,
    destination_extension: i64,
    disable_dial_timegroup: Option<Uuid>,
    dial_time_id: i64,
    /// The group as it is now.
    dial_time_group: GroupView,
    #[schema(value_type = TaskStatusSchema)]
    status: u8,
    status_str: &'static str,
    call_pause_second: Option<i64>,
    random_assignment_number: i64,
    caller_line_id: Option<Uuid>,
    bridge_group_id: Option<i64>,
    auto_recycle_rule_id: Option<i64>,
    elasticity_type: Option<bool>,
    end_action: Option<i64>,
    llm_intention_id: Option<i64>,
    task_type: Option<i64>,
    /// What becomes of it after a close.
    resume: ResumeSchema,
    user_id: Uuid,
    #[schema(value_type = LocalTimeSchema)]
    create_datetime: String,
    #[schema(value_type = Option<LocalTimeSchema>)]
    alter_datetime: Option<String>,
}

impl FirstDetailView {
    pub(crate) fn new(api: &Api, caller: &Caller, task: TaskInGroup) -> Self {
        let zone = api.settings.zone;
        let state = task.state_at(caller.now);
        let TaskInGroup { task, group, .. } = task;
        let settings = task.draft.settings;
        Self {
            uuid: task.id.uuid(),
            name: task.draft.name.as_str().to_owned(),
            start: task.enabled.into(),
            enable: task.enabled,
            maximumcall: settings.maximumcall,
            recycle_limit: None,
            remark: settings.remark,
            destination_extension: settings.destination_extension,
            disable_dial_timegroup: None,
            dial_time_id: group.id.get(),
            dial_time_group: GroupView::new(api, group),
            status: state.number(),
            status_str: task_state(state, caller.language),
            call_pause_second: settings.call_pause_second,
            random_assignment_number: 0,
            caller_line_id: settings.caller_line_id,
            bridge_group_id: settings.bridge_group_id,
            auto_recycle_rule_id: settings.auto_recycle_rule_id,
            elasticity_type: settings.elasticity_type,
            end_action: settings.end_action,
            llm_intention_id: settings.llm_intention_id,
            task_type: settings.task_type,
            resume: task.draft.resume.into(),
            user_id: task.account_id.uuid(),
            create_datetime: stamp(zone, task.created_at),
            alter_datetime: task.altered_at.map(|altered_at| stamp(zone, altered_at)),
        }
    }
}

/// A task as the 2.0 detail has it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SecondDetailView {
    uuid: Uuid,
    name: String,
    enable: bool,
    maximumcall: i64,
    recycle_limit: Option<i64>,
    remark: Option<String>,
    destination_extension: String,
    random_assignment_number: i64,
    _originate_timeout: i64,
    caller_line_id: Option<Uuid>,
    caller_line_name: Option<String>,
    destination_extension_name: Option<String>,
    bridge_group_id: Option<i64>,
    auto_recycle_rule_id: Option<i64>,
    dial_time_id: i64,
    end_action: Option<i64>,
    llm_intention_id: Option<i64>,
    background_id: Option<i64>,
    enable_type: Option<i64>,
    is_call_in: Option<i64>,
    is_group_switch: Option<i64>,
    group_type: Option<String>,
    #[schema(value_type = Value, required)]
    group_switch_rule: Option<Value>,
    score_scheme_id: Option<i64>,
    task_type: Option<i64>,
    /// What becomes of it after a close.
    resume: ResumeSchema,
    #[schema(value_type = TaskStatusSchema)]
    status: u8,
    status_str: &'static str,
    /// Whether a call would be allowed now.
    call_status: bool,
    elasticity_task: bool,
    /// The dialer's view (远程任务).
    new_task_extra: RemoteTaskView,
    /// The task's own part (本地任务).
    task_extras: TaskExtrasView,
    user_id: Uuid,
    #[schema(value_type = LocalTimeSchema)]
    create_datetime: String,
    #[schema(value_type = Option<LocalTimeSchema>)]
    alter_datetime: Option<String>,
}

impl SecondDetailView {
    pub(crate) fn new(api: &Api, caller: &Caller, task: TaskInGroup) -> Self {
        let zone = api.settings.zone;
        let state = task.state_at(caller.now);
        let new_task_extra = RemoteTaskView::new(zone, &task, state);
        let task_extras = TaskExtrasView::new(zone, &task);
        let task = task.task;
        let settings = task.draft.settings;
        Self {
            uuid: task.id.uuid(),
            name: task.draft.name.as_str().to_owned(),
            enable: task.enabled,
            maximumcall: settings.maximumcall,
            recycle_limit: None,
            remark: settings.remark,
            destination_extension: settings.destination_extension.to_string(),
            random_assignment_number: 0,
            _originate_timeout: ORIGINATE_TIMEOUT,
            caller_line_id: settings.caller_line_id,
            caller_line_name: None,
            destination_extension_name: None,
            bridge_group_id: settings.bridge_group_id,
            auto_recycle_rule_id: settings.auto_recycle_rule_id,
            dial_time_id: task.draft.dial_time_id.get(),
            end_action: settings.end_action,
            llm_intention_id: settings.llm_intention_id,
            background_id: settings.background_id,
            enable_type: settings.enable_type,
            is_call_in: settings.is_call_in,
            is_group_switch: settings.is_group_switch,
            group_type: settings.group_type,
            group_switch_rule: settings.group_switch_rule,
            score_scheme_id: settings.score_scheme_id,
            task_type: settings.task_type,
            resume: task.draft.resume.into(),
            status: state.number(),
            status_str: task_state(state, caller.language),
            call_status: state == TaskState::Running,
            elasticity_task: settings.elasticity_type.unwrap_or(false),
            new_task_extra,
            task_extras,
            user_id: task.account_id.uuid(),
            create_datetime: stamp(zone, task.created_at),
            alter_datetime: task.altered_at.map(|altered_at| stamp(zone, altered_at)),
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

fn closures(zone: Zone, bounds: &TaskBounds) -> Vec<ClosureView> {
    let view = |closure: &domain::Closure| ClosureView {
        start: minute(zone, closure.begin),
        end: minute(zone, closure.end),
    };
    bounds.closures.iter().map(view).collect()
}

/// The dialer's view of a 2.0 task. Its windows are those of the group as it is now.
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
    number_count: i64,
    #[schema(value_type = Vec<Value>, max_items = 0)]
    call_info: [(); 0],
}

/// A window in the dialer's view.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RemoteHourView {
    #[schema(example = "-1")]
    wday: String,
    begin: String,
    end: String,
}

impl RemoteTaskView {
    fn new(zone: Zone, task: &TaskInGroup, state: TaskState) -> Self {
        let draft = &task.task.draft;
        let weekdays = windows_by_weekday(&task.group.draft.content);
        Self {
            name: draft.name.as_str().to_owned(),
            enable: task.task.enabled,
            line: draft.settings.line.iter().map(TaskLine::id).collect(),
            limit: draft.settings.maximumcall,
            cps: 1,
            start_time: draft.bounds.start.map(|start| stamp(zone, start)),
            stop_time: draft.bounds.stop.map(|stop| stamp(zone, stop)),
            holiday: closures(zone, &draft.bounds),
            work_week: weekdays.iter().map(|(weekday, _)| weekday.number()).collect(),
            work_hour: remote_hours(&weekdays),
            destination_extension: draft.settings.destination_extension.to_string(),
            blacklist: "",
            call_status: state == TaskState::Running,
            number_count: 0,
            call_info: [],
        }
    }
}

/// The weekdays that have windows, Monday first and Sunday last, as the documents write them.
fn windows_by_weekday(content: &WeeklyWindows) -> Vec<(Weekday, Vec<Window>)> {
    let monday_first = Weekday::ALL.iter().cycle().skip(1).take(7);
    let windows = |weekday: Weekday| {
        content.windows().filter(move |(day, _)| *day == weekday).map(|(_, window)| window)
    };
    monday_first
        .map(|weekday| (*weekday, windows(*weekday).collect::<Vec<_>>()))
        .filter(|(_, windows)| !windows.is_empty())
        .collect()
}

fn remote_hours(weekdays: &[(Weekday, Vec<Window>)]) -> Vec<RemoteHourView> {
    let view = |wday: &str, window: &Window| RemoteHourView {
        wday: wday.to_owned(),
        begin: window.begin_time().to_string(),
        end: window.end_time().to_string(),
    };
    match weekdays {
        [(_, first), rest @ ..] if rest.iter().all(|(_, windows)| windows == first) => {
            first.iter().map(|window| view("-1", window)).collect()
        }
        _ => weekdays
            .iter()
            .flat_map(|(weekday, windows)| {
                let wday = weekday.number().to_string();
                windows.iter().map(move |window| view(&wday, window))
            })
            .collect(),
    }
}

/// Whether these are the hours that the detail of a task in a group with these windows gives, in either of its two forms.
pub(super) fn are_hours_of(content: &WeeklyWindows, sent: &Value) -> bool {
    let weekdays = windows_by_weekday(content);
    let sent = rows(sent);
    let given = [serde_json::to_value(hours(&weekdays)), serde_json::to_value(remote_hours(&weekdays))];
    sent.is_some() && given.iter().flatten().any(|given| rows(given) == sent)
}

/// Whether these are the weekdays that the detail of a task in a group with these windows gives.
pub(super) fn are_weekdays_of(content: &WeeklyWindows, sent: &Value) -> bool {
    let given: BTreeSet<_> =
        windows_by_weekday(content).iter().map(|(day, _)| i64::from(day.number())).collect();
    let sent: Option<BTreeSet<_>> = sent.as_array().and_then(|days| days.iter().map(number).collect());
    sent.is_some_and(|sent| sent == given)
}

/// A weekday as a number or as text.
fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| lenient::integer(value.as_str()?))
}

/// The rows of hours, in no order that matters.
fn rows(hours: &Value) -> Option<BTreeSet<(i64, &str, &str)>> {
    let rows = hours.as_array()?.iter();
    rows.map(|row| Some((number(&row["wday"])?, row["begin"].as_str()?, row["end"].as_str()?))).collect()
}

/// One row a weekday and window.
fn hours(weekdays: &[(Weekday, Vec<Window>)]) -> Vec<HourView> {
    let hour = |weekday: Weekday, window: &Window| HourView {
        wday: weekday.number(),
        begin: window.begin_time().to_string(),
        end: window.end_time().to_string(),
    };
    let rows = weekdays.iter();
    rows.flat_map(|(weekday, windows)| windows.iter().map(move |window| hour(*weekday, window))).collect()
}

/// The task's own part of a 2.0 task.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TaskExtrasView {
    #[schema(value_type = Option<LocalTimeSchema>)]
    start_time: Option<String>,
    #[schema(value_type = Option<LocalTimeSchema>)]
    stop_time: Option<String>,
    holiday: Vec<ClosureView>,
    /// In the form it was sent.
    #[schema(value_type = Vec<LineSchema>)]
    line: Vec<TaskLine>,
    /// The weekdays that have windows: 0 = Sunday, 1 = Monday, ... 6 = Saturday.
    work_week: Vec<u8>,
    /// One row a weekday and window of the group as it is now.
    work_hour: Vec<HourView>,
    interval_time: Option<i64>,
    #[schema(value_type = Value, required)]
    destination_extension_list: Option<Value>,
    #[schema(value_type = Value, required)]
    destination_extension_with_variable_list: Option<Value>,
    #[schema(value_type = Value, required)]
    pop_mode: Option<Value>,
    #[schema(value_type = Value, required)]
    redial_enabled: Option<Value>,
    #[schema(value_type = Value, required)]
    redial_new_number_policy: Option<Value>,
    redial_interval: Option<i64>,
    redial_max_times: Option<i64>,
    #[schema(value_type = Value, required)]
    redial_conditions: Option<Value>,
}

/// A window of one weekday.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HourView {
    /// 0 = Sunday, 1 = Monday, ... 6 = Saturday.
    wday: u8,
    begin: String,
    end: String,
}

impl TaskExtrasView {
    fn new(zone: Zone, task: &TaskInGroup) -> Self {
        let bounds = &task.task.draft.bounds;
        let settings: TaskSettings = task.task.draft.settings.clone();
        let weekdays = windows_by_weekday(&task.group.draft.content);
        Self {
            start_time: bounds.start.map(|start| stamp(zone, start)),
            stop_time: bounds.stop.map(|stop| stamp(zone, stop)),
            holiday: closures(zone, bounds),
            line: settings.line,
            work_week: weekdays.iter().map(|(weekday, _)| weekday.number()).collect(),
            work_hour: hours(&weekdays),
            interval_time: settings.interval_time,
            destination_extension_list: settings.destination_extension_list,
            destination_extension_with_variable_list: settings.destination_extension_with_variable_list,
            pop_mode: settings.pop_mode,
            redial_enabled: settings.redial_enabled,
            redial_new_number_policy: settings.redial_new_number_policy,
            redial_interval: settings.redial_interval,
            redial_max_times: settings.redial_max_times,
            redial_conditions: settings.redial_conditions,
        }
    }
}
