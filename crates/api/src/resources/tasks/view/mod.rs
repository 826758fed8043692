//! A task as it is returned: in lists, in the 1.0 detail, and in the 2.0 detail.

mod remote;
mod v1;
mod v2;

use domain::{LineId, TaskInGroup, TaskState};
use serde::Serialize;
use store::tasks::TaskNames;
use utoipa::ToSchema;
use uuid::Uuid;

use self::remote::RemoteTaskView;
pub(crate) use self::{v1::V1DetailView, v2::V2DetailView};
use super::parts::ResumeChoice;
use crate::{
    Api,
    http::{
        extract::Caller,
        formats::LocalTimeSchema,
        language::Language,
        messages::task_state,
        time::stamp,
        values::{self, schema_of},
        warning::{FieldWarning, FieldWarningView},
    },
};

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
    resume: ResumeChoice,
    /// The name of the script of its `destination_extension`; `null`: there is no such script.
    destination_extension_name: Option<String>,
    /// The name of the first line, or line group, that it names and that is there; `null`: there is none.
    caller_line_name: Option<String>,
    /// What was taken but names nothing that is there.
    warnings: Vec<FieldWarningView>,
    /// The dialer's view; of 2.0 tasks only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = RemoteTaskView, required = false)]
    new_task_extra: Option<RemoteTaskView>,
}

impl TaskView {
    /// As the 1.0 list has it.
    pub(crate) fn with_number_extension(api: &Api, caller: &Caller, task: TaskWithNames) -> Self {
        Self::new((api, caller), task, Extension::Number)
    }

    /// As the lists over all sub-users have it.
    pub(crate) fn with_text_extension(api: &Api, caller: &Caller, task: TaskWithNames) -> Self {
        Self::new((api, caller), task, |id| Extension::Text(id.to_string()))
    }

    /// As the 2.0 lists have it.
    pub(crate) fn v2(api: &Api, caller: &Caller, task: TaskWithNames) -> Self {
        let state = task.task.state_at(caller.now);
        let remote = RemoteTaskView::new(api.settings.zone, &task.task, state, task.numbers);
        let view = Self::new((api, caller), task, |id| Extension::Text(id.to_string()));
        Self { new_task_extra: Some(remote), ..view }
    }

    fn new((api, caller): (&Api, &Caller), named: TaskWithNames, extension: fn(i64) -> Extension) -> Self {
        let warnings = warnings(&named, caller.language);
        let TaskWithNames { task, names, line, .. } = named;
        let (zone, state, task) = (api.settings.zone, task.state_at(caller.now), task.task);
        let settings = task.draft.settings;
        Self {
            destination_extension_name: script_name(&names),
            caller_line_name: line,
            warnings,
            uuid: task.id.uuid(),
            name: task.draft.name.as_str().to_owned(),
            create_datetime: stamp(zone, task.created_at),
            alter_datetime: task.altered_at.map(|altered_at| stamp(zone, altered_at)),
            start: task.enabled.into(),
            enable: task.enabled,
            maximumcall: settings.dialing.pace.maximumcall,
            call_per_second: None,
            recycle_limit: None,
            random_assignment_number: 0,
            disable_dial_timegroup: None,
            dial_time_id: task.draft.dial_time_id.get(),
            status: state.number(),
            status_str: task_state(state, caller.language),
            call_status: state == TaskState::Running,
            destination_extension: extension(settings.dialing.script.destination_extension),
            destination_dialplan: "XML",
            destination_context: "default",
            llm_intention_id: settings.carried.llm_intention_id,
            scheduling_policy_ratio: None,
            scheduling_queue: None,
            dial_format: None,
            domain: None,
            remark: settings.carried.remark,
            sort: 0,
            originate_variables: None,
            _originate_timeout: settings.dialing.calls.originate_timeout(),
            _origination_caller_id_number: None,
            user_id: task.account_id.uuid(),
            caller_line_id: settings.dialing.lines.caller_line_id,
            bridge_group_id: settings.carried.bridge_group_id,
            auto_recycle_rule_id: settings.dialing.redial.auto_recycle_rule_id,
            clue_configuration_id: None,
            deleted_at: None,
            call_notify_url: None,
            task_type: settings.dialing.course.task_type,
            resume: task.draft.resume.into(),
            new_task_extra: None,
        }
    }
}

/// A task, and what its ids name.
pub(crate) struct TaskWithNames {
    pub(crate) task: TaskInGroup,
    pub(crate) names: TaskNames,
    /// The name of the first line, or line group, that it names and that is there.
    pub(crate) line: Option<String>,
    /// The ids that it names in the place of lines and that name none, nor a line group.
    pub(crate) unknown_lines: Vec<LineId>,
    /// How many numbers it has.
    pub(crate) numbers: i64,
}

/// The name of a task's script.
fn script_name(names: &TaskNames) -> Option<String> {
    names.script.as_ref().map(|name| name.as_str().to_owned())
}

/// What a task names that is not there, and what has no effect.
fn warnings(task: &TaskWithNames, language: Language) -> Vec<FieldWarningView> {
    let (names, settings) = (&task.names, &task.task.task.draft.settings);
    let scripts = names.unknown_scripts.iter().map(|id| {
        // What it names no more was told of another version of the task.
        let field = settings.field_of_script(*id).unwrap_or("destination_extension");
        FieldWarningView::new(field, FieldWarning::UnknownScript(*id), language)
    });
    let rule = names.unknown_rule.map(|id| {
        FieldWarningView::new("auto_recycle_rule_id", FieldWarning::UnknownRedialRule(id), language)
    });
    let lines = task.unknown_lines.iter().map(|id| {
        let is_first = settings.dialing.lines.caller_line_id == Some(id.uuid());
        let field = if is_first { "caller_line_id" } else { "task_extras.line" };
        FieldWarningView::new(field, FieldWarning::UnknownLine(*id), language)
    });
    let idle = settings.carried.without_effect().into_iter();
    let idle = idle.map(|field| FieldWarningView::new(field, FieldWarning::NoEffect, language));
    let unread = settings.dialing.script.unread_switches().into_iter();
    let unread = unread.map(|place| {
        FieldWarningView::new(format!("group_switch_rule[{place}]"), FieldWarning::UnreadTimes, language)
    });
    scripts.chain(lines).chain(rule).chain(idle).chain(unread).collect()
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
