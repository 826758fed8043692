//! The bodies that a script is saved from and updated with.

use domain::{
    BotSecrets, Fault, FaultRule, Faults, MachineHandling, Script, ScriptDraft, ScriptFlow, ScriptId,
    ScriptStep, SecretChanges, changed_secrets,
};
use utoipa::ToSchema;

use super::steps::{OnMachineBody, StepBody, read_on_machine, read_steps};
use crate::http::{
    body::{Number, checked_remark, fields, required_name},
    formats::{NameSchema, RemarkSchema},
};

/// Fields of answers that no request sets. They are ignored, so that what was read can be sent back.
const GIVEN_BACK: &[&str] = &["user_id", "warnings", "version", "created_at", "updated_at"];

/// What a script is saved from.
#[derive(Debug, ToSchema)]
pub(crate) struct SaveScript {
    /// The id it had elsewhere, which no other script of the account may have; left out, a new one. Tasks that name the id hold the
    /// script from now on.
    #[schema(value_type = Option<i64>, minimum = 1, maximum = 9_007_199_254_740_991_i64)]
    id: Option<Number>,
    #[schema(value_type = NameSchema, required = true)]
    name: Option<String>,
    #[schema(value_type = Option<RemarkSchema>)]
    remark: Option<String>,
    /// What happens once someone answers, from the first step on; at most 100. Every step must be reached, and an end from every step.
    #[schema(value_type = Vec<StepBody>, required = true, min_items = 1, max_items = 100)]
    steps: Option<Vec<StepBody>>,
    /// What is done when a machine answers; left out, the steps go on.
    on_machine: Option<OnMachineBody>,
}

fields!(SaveScript { id, name, remark, steps, on_machine } known GIVEN_BACK);

/// What a script is updated with; a field left out keeps its value.
#[derive(Debug, ToSchema)]
pub(crate) struct UpdateScript {
    /// The id of the script, which may be repeated; a script never gets another.
    #[schema(ignore)]
    id: Option<Number>,
    #[schema(value_type = Option<NameSchema>)]
    name: Option<String>,
    #[schema(value_type = Option<RemarkSchema>)]
    remark: Option<String>,
    /// What happens once someone answers; they replace the old ones as a whole.
    #[schema(min_items = 1, max_items = 100)]
    steps: Option<Vec<StepBody>>,
    /// What is done when a machine answers.
    on_machine: Option<OnMachineBody>,
}

fields!(UpdateScript { id, name, remark, steps, on_machine } known GIVEN_BACK);

/// A script to be written, with the secrets of its bots.
pub(super) struct ScriptToWrite {
    pub(super) draft: ScriptDraft,
    pub(super) secrets: BotSecrets,
}

impl SaveScript {
    /// The script that it asks for, and the id that its client chose.
    pub(super) fn checked(self, mut faults: Faults) -> Result<(Option<ScriptId>, ScriptToWrite), Vec<Fault>> {
        let id = self.id.and_then(|id| faults.check("id", ScriptId::parse(id.get())));
        let name = required_name(self.name, &mut faults);
        let remark = checked_remark(self.remark, &mut faults);
        let mut changes = SecretChanges::new();
        let steps = faults.require("steps", self.steps);
        let steps = steps.and_then(|steps| read_steps(steps, &mut faults, &mut changes));
        let machine = machine(self.on_machine.as_ref(), &mut faults).unwrap_or_default();
        let flow = steps.and_then(|steps| flow(steps, machine, &mut faults));
        faults.finish(name.zip(flow).map(|(name, flow)| {
            let secrets = changed_secrets(BotSecrets::new(), changes, &flow);
            (id, ScriptToWrite { draft: ScriptDraft { name, remark, flow }, secrets })
        }))
    }
}

impl UpdateScript {
    /// The script after the change.
    pub(super) fn checked(self, present: Script, mut faults: Faults) -> Result<ScriptToWrite, Vec<Fault>> {
        if self.id.is_some_and(|given| given.get() != present.id.get()) {
            faults.add("id", FaultRule::Differs("script_id"));
        }
        let Script { draft, secrets, .. } = present;
        let name = match self.name {
            Some(name) => required_name(Some(name), &mut faults),
            None => Some(draft.name),
        };
        let remark = match self.remark {
            Some(remark) => checked_remark(Some(remark), &mut faults),
            None => draft.remark,
        };
        let mut changes = SecretChanges::new();
        let steps = match self.steps {
            Some(steps) => read_steps(steps, &mut faults, &mut changes),
            None => Some(draft.flow.steps().to_vec()),
        };
        let machine = machine(self.on_machine.as_ref(), &mut faults).unwrap_or_else(|| draft.flow.machine());
        let flow = steps.and_then(|steps| flow(steps, machine, &mut faults));
        faults.finish(name.zip(flow).map(|(name, flow)| {
            let secrets = changed_secrets(secrets, changes, &flow);
            ScriptToWrite { draft: ScriptDraft { name, remark, flow }, secrets }
        }))
    }
}

fn machine(given: Option<&OnMachineBody>, faults: &mut Faults) -> Option<MachineHandling> {
    read_on_machine(given?, faults)
}

fn flow(steps: Vec<ScriptStep>, machine: MachineHandling, faults: &mut Faults) -> Option<ScriptFlow> {
    match ScriptFlow::new(steps, machine) {
        Ok(flow) => Some(flow),
        Err(found) => {
            for (field, rule) in found {
                faults.add(field, rule);
            }
            None
        }
    }
}
