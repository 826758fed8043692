//! The detail of a task through the 2.0 interface.

use calendar::Zone;
use domain::{TaskInGroup, TaskState};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    ResumeChoice, TaskStatusSchema, TaskWithNames,
    remote::{ClosureView, RemoteTaskView},
};
use crate::{
    Api,
    http::{
        extract::Caller, formats::LocalTimeSchema, messages::task_state, time::stamp,
        warning::FieldWarningView,
    },
    resources::tasks::{
        call_rules::CallRulesView,
        hours::{self, HourView},
        parts::LineBody,
    },
};

/// A task as the 2.0 detail has it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SecondDetail)]
pub(crate) struct V2DetailView {
    uuid: Uuid,
    name: String,
    enable: bool,
    maximumcall: i64,
    recycle_limit: Option<i64>,
    remark: Option<String>,
    destination_extension: String,
    random_assignment_number: i64,
    caller_line_id: Option<Uuid>,
    /// The name of the first line, or line group, that it names and that is there; `null`: there is none.
    caller_line_name: Option<String>,
    /// `null`: there is no such script.
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
    #[serde(flatten)]
    calls: CallRulesView,
    /// What becomes of it after a close.
    resume: ResumeChoice,
    #[schema(value_type = TaskStatusSchema)]
    status: u8,
    status_str: &'static str,
    /// Whether a call would be allowed now.
    call_status: bool,
    elasticity_task: bool,
    /// What was taken but names nothing that is there.
    warnings: Vec<FieldWarningView>,
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

impl V2DetailView {
    pub(crate) fn new(api: &Api, caller: &Caller, named: TaskWithNames) -> Self {
        let zone = api.settings.zone;
        let warnings = super::warnings(&named, caller.language);
        let TaskWithNames { task, names, line, numbers, .. } = named;
        let state = task.state_at(caller.now);
        let new_task_extra = RemoteTaskView::new(zone, &task, state, numbers);
        let task_extras = TaskExtrasView::new(zone, &task);
        let task = task.task;
        let settings = task.draft.settings;
        Self {
            uuid: task.id.uuid(),
            name: task.draft.name.as_str().to_owned(),
            enable: task.enabled,
            maximumcall: settings.dialing.pace.maximumcall,
            recycle_limit: None,
            remark: settings.carried.remark,
            destination_extension: settings.dialing.script.destination_extension.to_string(),
            random_assignment_number: 0,
            caller_line_id: settings.dialing.lines.caller_line_id,
            caller_line_name: line,
            destination_extension_name: super::script_name(&names),
            bridge_group_id: settings.carried.bridge_group_id,
            auto_recycle_rule_id: settings.dialing.redial.auto_recycle_rule_id,
            dial_time_id: task.draft.dial_time_id.get(),
            end_action: settings.dialing.course.end_action,
            llm_intention_id: settings.carried.llm_intention_id,
            background_id: settings.carried.background_id,
            enable_type: settings.carried.enable_type,
            is_call_in: settings.dialing.course.is_call_in,
            is_group_switch: settings.dialing.script.is_group_switch,
            group_type: settings.carried.group_type,
            group_switch_rule: settings.dialing.script.group_switch_rule,
            score_scheme_id: settings.carried.score_scheme_id,
            task_type: settings.dialing.course.task_type,
            calls: CallRulesView::new(&settings.dialing.calls, caller.authority.token.numbers),
            resume: task.draft.resume.into(),
            status: state.number(),
            status_str: task_state(state, caller.language),
            call_status: state == TaskState::Running,
            elasticity_task: settings.carried.elasticity_type.unwrap_or(false),
            warnings,
            new_task_extra,
            task_extras,
            user_id: task.account_id.uuid(),
            create_datetime: stamp(zone, task.created_at),
            alter_datetime: task.altered_at.map(|altered_at| stamp(zone, altered_at)),
        }
    }
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
    line: Vec<LineBody>,
    /// The weekdays that have windows: 0 = Sunday, 1 = Monday, ... 6 = Saturday.
    work_week: Vec<u8>,
    /// One row a weekday and window: the task's own, or else those of the group as it is now.
    work_hour: Vec<HourView>,
    /// Whether these are the task's own, outside of which it does not dial.
    own_hours: bool,
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

impl TaskExtrasView {
    fn new(zone: Zone, task: &TaskInGroup) -> Self {
        let bounds = &task.task.draft.bounds;
        let settings = task.task.draft.settings.clone();
        let weekdays = hours::of_task(task);
        Self {
            start_time: bounds.start.map(|start| stamp(zone, start)),
            stop_time: bounds.stop.map(|stop| stamp(zone, stop)),
            holiday: ClosureView::of(zone, bounds),
            line: settings.dialing.lines.line.into_iter().map(LineBody::from).collect(),
            work_week: weekdays.iter().map(|(weekday, _)| weekday.number()).collect(),
            work_hour: hours::rows(&weekdays),
            own_hours: bounds.hours.is_some(),
            interval_time: settings.dialing.pace.interval_time,
            destination_extension_list: settings.dialing.script.destination_extension_list,
            destination_extension_with_variable_list: settings
                .dialing
                .script
                .destination_extension_with_variable_list,
            pop_mode: settings.carried.pop_mode,
            redial_enabled: settings.dialing.redial.redial_enabled,
            redial_new_number_policy: settings.dialing.redial.redial_new_number_policy,
            redial_interval: settings.dialing.redial.redial_interval,
            redial_max_times: settings.dialing.redial.redial_max_times,
            redial_conditions: settings.dialing.redial.redial_conditions,
        }
    }
}
