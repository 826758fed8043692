//! What a task names by integer ids: scripts, and a redial rule.

use std::collections::BTreeSet;

use serde_json::Value;

use super::TaskSettings;
use crate::{RedialRuleId, ScriptId};

impl TaskSettings {
    /// Every script that a call of the task may run. Of what was sent in a form that is not documented nothing is named.
    pub fn named_scripts(&self) -> BTreeSet<ScriptId> {
        self.script_ids().map(|(_, id)| id).collect()
    }

    /// The first field that names a script, as the wire has it.
    pub fn field_of_script(&self, id: ScriptId) -> Option<&'static str> {
        self.script_ids().find(|(_, named)| *named == id).map(|(field, _)| field)
    }

    fn script_ids(&self) -> impl Iterator<Item = (&'static str, ScriptId)> {
        let script = &self.dialing.script;
        let lists = [
            (
                "task_extras.destination_extension_list",
                &script.destination_extension_list,
                &["destination_extension"][..],
            ),
            (
                "task_extras.destination_extension_with_variable_list",
                &script.destination_extension_with_variable_list,
                &["destination_extension"],
            ),
            ("group_switch_rule", &script.group_switch_rule, &["group_id", "default_group_id"]),
        ];
        let in_lists = lists
            .into_iter()
            .flat_map(|(field, list, members)| ids_in(list.as_ref(), members).map(move |id| (field, id)));
        let ids = [("destination_extension", script.destination_extension)].into_iter().chain(in_lists);
        ids.filter_map(|(field, id)| Some((field, ScriptId::parse(id).ok()?)))
    }

    /// The redial rule, also while fields of the task's own beat it.
    pub fn named_redial_rule(&self) -> Option<RedialRuleId> {
        RedialRuleId::parse(self.dialing.redial.auto_recycle_rule_id?).ok()
    }
}

/// The numbers that the entries of a list have in these fields.
fn ids_in<'l>(list: Option<&'l Value>, fields: &'static [&'static str]) -> impl Iterator<Item = i64> + 'l {
    let entries = list.and_then(Value::as_array).into_iter().flatten();
    entries.flat_map(move |entry| fields.iter().filter_map(|field| whole_number(entry.get(*field)?)))
}

/// A number, or a text of one: both occur where the documents show a number.
pub(crate) fn whole_number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_task_names_the_scripts_of_all_its_lists() {
        let settings: TaskSettings = serde_json::from_value(json!({
            "destination_extension": 297,
            "destination_extension_list": [
                { "begin": "09:00", "end": "12:00", "destination_extension": 123 },
                { "begin": "12:00", "end": "13:00", "destination_extension": "124" },
            ],
            "destination_extension_with_variable_list": [{ "mode": 1, "values": ["a"], "destination_extension": 297, "sort": 1 }],
            "group_switch_rule": [{ "switch_start": 1, "switch_end": 2, "group_id": 5, "default_group_id": 6 }],
            "auto_recycle_rule_id": 94,
        }))
        .unwrap();
        let ids: Vec<i64> = settings.named_scripts().into_iter().map(ScriptId::get).collect();
        assert_eq!(ids, [5, 6, 123, 124, 297]);
        assert_eq!(settings.named_redial_rule(), Some(RedialRuleId::new(94)));
        let field = |id| settings.field_of_script(ScriptId::new(id));
        assert_eq!(
            (field(297), field(6), field(7)),
            (Some("destination_extension"), Some("group_switch_rule"), None)
        );
    }

    #[test]
    fn what_is_no_id_names_nothing() {
        let settings: TaskSettings = serde_json::from_value(json!({
            "destination_extension": 0,
            "destination_extension_list": { "destination_extension": 1 },
            "destination_extension_with_variable_list": [7, null, { "destination_extension": -3 }, { "destination_extension": "x" }],
            "group_switch_rule": "none",
            "auto_recycle_rule_id": -1,
        }))
        .unwrap();
        assert!(settings.named_scripts().is_empty());
        assert_eq!((settings.named_redial_rule(), TaskSettings::default().named_redial_rule()), (None, None));
    }
}
