//! The detail of a task through the 1.0 interface.

use domain::TaskInGroup;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{ResumeChoice, TaskStatusSchema, TaskWithNames};
use crate::{
    Api,
    http::{
        extract::Caller, formats::LocalTimeSchema, messages::task_state, time::stamp,
        warning::FieldWarningView,
    },
    resources::{groups::GroupView, tasks::call_rules::CallRulesView},
};

/// A task as the 1.0 detail has it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FirstDetail)]
pub(crate) struct V1DetailView {
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
    #[serde(flatten)]
    calls: CallRulesView,
    /// What becomes of it after a close.
    resume: ResumeChoice,
    /// The name of the script of its `destination_extension`; `null`: there is no such script.
    destination_extension_name: Option<String>,
    /// The name of the first line, or line group, that it names and that is there; `null`: there is none.
    caller_line_name: Option<String>,
    /// What was taken but names nothing that is there.
    warnings: Vec<FieldWarningView>,
    user_id: Uuid,
    #[schema(value_type = LocalTimeSchema)]
    create_datetime: String,
    #[schema(value_type = Option<LocalTimeSchema>)]
    alter_datetime: Option<String>,
}

impl V1DetailView {
    pub(crate) fn new(api: &Api, caller: &Caller, named: TaskWithNames) -> Self {
        let zone = api.settings.zone;
        let warnings = super::warnings(&named, caller.language);
        let TaskWithNames { task, names, line, .. } = named;
        let state = task.state_at(caller.now);
        let TaskInGroup { task, group, .. } = task;
        let settings = task.draft.settings;
        Self {
            uuid: task.id.uuid(),
            name: task.draft.name.as_str().to_owned(),
            start: task.enabled.into(),
            enable: task.enabled,
            maximumcall: settings.dialing.pace.maximumcall,
            recycle_limit: None,
            remark: settings.carried.remark,
            destination_extension: settings.dialing.script.destination_extension,
            disable_dial_timegroup: None,
            dial_time_id: group.id.get(),
            dial_time_group: GroupView::new(api, group),
            status: state.number(),
            status_str: task_state(state, caller.language),
            call_pause_second: settings.dialing.pace.call_pause_second,
            random_assignment_number: 0,
            caller_line_id: settings.dialing.lines.caller_line_id,
            bridge_group_id: settings.carried.bridge_group_id,
            auto_recycle_rule_id: settings.dialing.redial.auto_recycle_rule_id,
            elasticity_type: settings.carried.elasticity_type,
            end_action: settings.dialing.course.end_action,
            llm_intention_id: settings.carried.llm_intention_id,
            task_type: settings.dialing.course.task_type,
            calls: CallRulesView::new(&settings.dialing.calls, caller.authority.token.numbers),
            resume: task.draft.resume.into(),
            destination_extension_name: super::script_name(&names),
            caller_line_name: line,
            warnings,
            user_id: task.account_id.uuid(),
            create_datetime: stamp(zone, task.created_at),
            alter_datetime: task.altered_at.map(|altered_at| stamp(zone, altered_at)),
        }
    }
}
