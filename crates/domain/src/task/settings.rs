//! The settings of a task: what it will be dialed by, and what is only carried.
//!
//! The names are those of the wire, and stored JSON has all of them side by side. `None` means that a field was never sent.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize, Serializer, ser::Error};
use serde_json::Value;
use uuid::Uuid;

use super::CallRules;
use crate::LineId;

/// All of a task's settings.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct TaskSettings {
    /// What it will be dialed by.
    #[serde(flatten)]
    pub dialing: DialingSettings,
    /// What is only carried.
    #[serde(flatten)]
    pub carried: CarriedSettings,
}

impl Serialize for TaskSettings {
    /// Side by side in the order of their names, which rows and events have had from the start.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let parts = [serde_json::to_value(&self.dialing), serde_json::to_value(&self.carried)];
        let mut all = BTreeMap::new();
        for part in parts {
            let part = part.map_err(S::Error::custom)?;
            all.extend(
                part.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())),
            );
        }
        all.serialize(serializer)
    }
}

/// What a task will be dialed by.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DialingSettings {
    /// Over which lines.
    #[serde(flatten)]
    pub lines: TaskLines,
    /// How many calls, and how fast.
    #[serde(flatten)]
    pub pace: CallPace,
    /// When an unsuccessful number is tried again.
    #[serde(flatten)]
    pub redial: RedialSettings,
    /// What happens once someone answers.
    #[serde(flatten)]
    pub script: ScriptChoice,
    /// Which way calls go, and what becomes of the task at the end of its list.
    #[serde(flatten)]
    pub course: TaskCourse,
    /// What holds for each call.
    #[serde(flatten)]
    pub calls: CallRules,
}

impl DialingSettings {
    /// The lines that it names, each once and in order of their ids, with the most calls at once over it: the task's own
    /// `maximumcall`, or less where a line has a limit.
    pub fn named_lines(&self) -> Vec<(LineId, i64)> {
        let mut named = self.lines_in_order();
        named.sort_by_key(|(id, _)| *id);
        named
    }

    /// The time between the starts of two calls, by `interval_time` or by `calls_per_second`, whichever is slower.
    pub fn between_starts(&self) -> SignedDuration {
        let interval = SignedDuration::from_secs(self.pace.interval_time.unwrap_or(0).max(0));
        interval.max(self.calls.apart())
    }

    /// The same lines in the order in which they are named.
    pub fn lines_in_order(&self) -> Vec<(LineId, i64)> {
        let mut named: Vec<(LineId, i64)> = Vec::new();
        let one = self.lines.caller_line_id.map(|id| (id, None));
        let limited = self.lines.line.iter().map(|line| (line.id(), line.limit()));
        for (id, limit) in one.into_iter().chain(limited) {
            let (id, calls) = (LineId::new(id), self.pace.maximumcall.min(limit.unwrap_or(i64::MAX)).max(0));
            match named.iter_mut().find(|(known, _)| *known == id) {
                Some((_, most)) => *most = calls.min(*most),
                None => named.push((id, calls)),
            }
        }
        named
    }
}

/// The lines of a task.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TaskLines {
    /// The one line of a 1.0 task.
    pub caller_line_id: Option<Uuid>,
    /// The lines of a 2.0 task, in the form they were sent.
    pub line: Vec<TaskLine>,
}

/// A telephone line of a task: bare, or with a limit of its own. Both documented forms are stored as sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum TaskLine {
    /// `"<line uuid>"`
    Id(Uuid),
    /// `{"id": "<line uuid>", "limit": 1}`
    Limited(LineLimit),
}

/// A line with a limit of calls at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineLimit {
    /// The line.
    pub id: Uuid,
    /// The most calls at once over it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
}

impl TaskLine {
    /// The line's id in either form.
    pub const fn id(&self) -> Uuid {
        match self {
            Self::Id(id) | Self::Limited(LineLimit { id, .. }) => *id,
        }
    }

    /// Its own limit of calls at once, if it has one.
    pub const fn limit(&self) -> Option<i64> {
        match self {
            Self::Id(_) => None,
            Self::Limited(LineLimit { limit, .. }) => *limit,
        }
    }
}

/// How many calls a task makes at once, and how fast it starts them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CallPace {
    /// The most calls at once.
    pub maximumcall: i64,
    /// Seconds between the end of a call and the next in its place.
    pub call_pause_second: Option<i64>,
    /// Seconds between the starts of calls.
    pub interval_time: Option<i64>,
}

/// When an unsuccessful number is tried again.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RedialSettings {
    /// A redial rule of the account; `redial_enabled` takes its place.
    pub auto_recycle_rule_id: Option<i64>,
    /// Whether the fields beside it hold; in the form it was sent, as all that may be of any type.
    pub redial_enabled: Option<Value>,
    /// Minutes between a call's end and the next try.
    pub redial_interval: Option<i64>,
    /// How often beside the first try.
    pub redial_max_times: Option<i64>,
    /// After which outcomes.
    pub redial_conditions: Option<Value>,
    /// 1: each time with another caller id, where there are several.
    pub redial_new_number_policy: Option<Value>,
}

/// Which script a call runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ScriptChoice {
    /// The script where nothing else says.
    pub destination_extension: i64,
    /// Scripts by the time of day.
    pub destination_extension_list: Option<Value>,
    /// Scripts by a number's variables.
    pub destination_extension_with_variable_list: Option<Value>,
    /// 1: `group_switch_rule` holds.
    pub is_group_switch: Option<i64>,
    /// Scripts by the group's clock.
    pub group_switch_rule: Option<Value>,
}

/// Which way a task's calls go, and what becomes of it at the end of its list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TaskCourse {
    /// 0 out, 1 in: such a task never dials.
    pub is_call_in: Option<i64>,
    /// The platform's number for the kind of task; 2 and 5 never dial.
    pub task_type: Option<i64>,
    /// 0 nothing, 1 it is paused.
    pub end_action: Option<i64>,
}

/// The kinds of task that the platform only takes calls with.
const INBOUND_TASK_TYPES: [i64; 2] = [2, 5];

impl TaskCourse {
    /// Whether the task only takes calls, and never dials.
    pub fn is_inbound(&self) -> bool {
        self.is_call_in == Some(1) || self.task_type.is_some_and(|kind| INBOUND_TASK_TYPES.contains(&kind))
    }
}

/// What has no effect here: stored and returned as it was sent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are the platform's and documented with its interface")]
pub struct CarriedSettings {
    pub background_id: Option<i64>,
    pub bridge_group_id: Option<i64>,
    pub elasticity_type: Option<bool>,
    pub enable_type: Option<i64>,
    pub group_type: Option<String>,
    pub llm_intention_id: Option<i64>,
    pub pop_mode: Option<Value>,
    pub remark: Option<String>,
    pub score_scheme_id: Option<i64>,
}

impl CarriedSettings {
    /// The fields that ask for something which is not done here, by their paths on the wire. A remark asks for nothing.
    pub fn without_effect(&self) -> Vec<&'static str> {
        let asks = |value: Option<i64>| value.is_some_and(|value| value != 0);
        let is_text = self.group_type.as_ref().is_some_and(|text| !text.is_empty());
        let off = [Value::Null, Value::from(0), Value::from("0")];
        let pops = self.pop_mode.as_ref().is_some_and(|mode| !off.contains(mode));
        [
            ("background_id", asks(self.background_id)),
            ("bridge_group_id", asks(self.bridge_group_id)),
            ("elasticity_type", self.elasticity_type == Some(true)),
            ("enable_type", asks(self.enable_type)),
            ("group_type", is_text),
            ("llm_intention_id", asks(self.llm_intention_id)),
            ("task_extras.pop_mode", pops),
            ("score_scheme_id", asks(self.score_scheme_id)),
        ]
        .into_iter()
        .filter_map(|(field, holds)| holds.then_some(field))
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn stored_rows_have_all_settings_side_by_side() {
        let line = "dc53e7e7-3a68-40ae-adfe-63fc00e401d3";
        let stored = json!({
            "auto_recycle_rule_id": 7, "background_id": null, "bridge_group_id": 2, "caller_line_id": line,
            "destination_extension": 297, "line": [line, { "id": line, "limit": 3 }], "maximumcall": 10,
            "redial_conditions": { "da_status": [4] }, "redial_enabled": "1", "remark": "r", "task_type": 6,
            "a_field_of_another_version": true,
        });
        let settings: TaskSettings = serde_json::from_value(stored).unwrap();
        let DialingSettings { lines, pace, redial, script, course, .. } = &settings.dialing;
        assert_eq!((lines.line.len(), pace.maximumcall, course.task_type), (2, 10, Some(6)));
        assert_eq!((redial.redial_enabled.clone(), script.destination_extension), (Some(json!("1")), 297));
        assert_eq!((settings.carried.bridge_group_id, settings.carried.background_id), (Some(2), None));
        let written = serde_json::to_value(&settings).unwrap();
        assert_eq!((&written["maximumcall"], &written["line"][1]["limit"]), (&json!(10), &json!(3)));
        assert!(written.as_object().unwrap().keys().is_sorted(), "{written}");
        assert_eq!(serde_json::from_value::<TaskSettings>(written).unwrap(), settings);
    }

    #[test]
    fn a_line_is_named_once_with_the_least_of_its_limits() {
        let [one, other, third] = [1, 2, 3].map(Uuid::from_u128);
        let limited = |id, limit| TaskLine::Limited(LineLimit { id, limit: Some(limit) });
        let line = vec![limited(other, 3), TaskLine::Id(third), limited(other, 7), limited(third, 50)];
        let lines = TaskLines { caller_line_id: Some(one), line };
        let pace = CallPace { maximumcall: 10, ..CallPace::default() };
        let settings = DialingSettings { lines, pace, ..DialingSettings::default() };
        let expected = [(one, 10), (other, 3), (third, 10)].map(|(id, calls)| (LineId::new(id), calls));
        assert_eq!(settings.named_lines(), expected);
        let lines =
            TaskLines { caller_line_id: Some(third), line: vec![TaskLine::Id(one), limited(third, 2)] };
        let in_order = DialingSettings { lines, ..settings }.lines_in_order();
        assert_eq!(in_order, [(third, 2), (one, 10)].map(|(id, calls)| (LineId::new(id), calls)));
        assert_eq!(DialingSettings::default().named_lines(), []);
    }

    #[test]
    fn a_row_of_before_a_field_is_read_and_one_of_the_wrong_type_is_not() {
        assert_eq!(serde_json::from_value::<TaskSettings>(json!({})).unwrap(), TaskSettings::default());
        assert!(serde_json::from_value::<TaskSettings>(json!({ "maximumcall": "many" })).is_err());
        assert!(serde_json::from_value::<TaskSettings>(json!({ "line": 1 })).is_err());
    }
}
