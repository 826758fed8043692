//! A script as it is returned.

use domain::Script;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::steps::{OnMachineView, StepView};
use crate::{
    Api,
    http::{formats::LocalTimeSchema, time::stamp, warning::FieldWarningView},
};

/// A script (话术): what happens in a call once someone answers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ScriptView {
    #[schema(minimum = 1, example = 297)]
    id: i64,
    name: String,
    /// The account that owns it.
    user_id: Uuid,
    remark: Option<String>,
    /// What happens once someone answers, from the first step on.
    steps: Vec<StepView>,
    /// What is done when a machine answers.
    on_machine: OnMachineView,
    /// The lines of its transfers that connect nobody: none is there of that id, or the user has no share of it.
    warnings: Vec<FieldWarningView>,
    /// 1 when made, one more with each change; the `ETag` to send as `If-Match`.
    #[schema(minimum = 1)]
    version: i64,
    #[schema(value_type = LocalTimeSchema)]
    created_at: String,
    #[schema(value_type = LocalTimeSchema)]
    updated_at: String,
}

impl ScriptView {
    pub(super) fn new(api: &Api, script: &Script, warnings: Vec<FieldWarningView>) -> Self {
        let (zone, flow) = (api.settings.zone, &script.draft.flow);
        Self {
            id: script.id.get(),
            name: script.draft.name.as_str().to_owned(),
            user_id: script.account_id.uuid(),
            remark: script.draft.remark.clone(),
            steps: flow.steps().iter().map(|step| StepView::new(step, &script.secrets)).collect(),
            on_machine: flow.machine().into(),
            warnings,
            version: script.version,
            created_at: stamp(zone, script.created_at),
            updated_at: stamp(zone, script.updated_at),
        }
    }
}

/// A script as the platform's lists have it (话术分组). Its fields are ours: the documents do not show them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ScriptGroupView {
    #[schema(minimum = 1, example = 297)]
    id: i64,
    name: String,
    /// The account that owns it.
    user_id: Uuid,
    remark: Option<String>,
    #[schema(value_type = LocalTimeSchema)]
    created_at: String,
    #[schema(value_type = LocalTimeSchema)]
    updated_at: String,
}

impl ScriptGroupView {
    pub(crate) fn new(api: &Api, script: Script) -> Self {
        let zone = api.settings.zone;
        Self {
            id: script.id.get(),
            name: script.draft.name.as_str().to_owned(),
            user_id: script.account_id.uuid(),
            remark: script.draft.remark,
            created_at: stamp(zone, script.created_at),
            updated_at: stamp(zone, script.updated_at),
        }
    }
}

/// Scripts to choose, as the forms for a new task offer them.
pub(crate) fn offered_scripts(api: &Api, scripts: Vec<Script>) -> Vec<ScriptGroupView> {
    scripts.into_iter().map(|script| ScriptGroupView::new(api, script)).collect()
}
