//! Which script a call runs: by what its number says of itself, then by the time of day, then by the group's clock, then the task's own.
//!
//! The lists are stored as they were sent. An entry in a form that is not documented chooses nothing.

use jiff::civil::{DateTime, Time};
use serde_json::Value;

use super::{ScriptChoice, names::whole_number};
use crate::{FaultRule, ScriptId, ValueKind};

/// What a list chooses, and by which of its fields.
struct ScriptEntry<'l>(&'l Value);

impl ScriptChoice {
    /// The script of a call that starts at an instant by the clock of the task's group, to a number that has this
    /// `control_select_robot`; `None`: what the task names cannot be a script's id.
    ///
    /// - `destination_extension_with_variable_list`: of the entries whose `values` have the number's text, the one with the smallest
    ///   `sort`. What `mode` means is not documented: it changes nothing.
    /// - `destination_extension_list`: the first entry with `begin` ≤ the time of day < `end`, also over midnight.
    /// - `group_switch_rule`, while `is_group_switch` is 1: the `group_id` of the first entry with `switch_start` ≤ the clock <
    ///   `switch_end`, which are times of day or date and time; otherwise the first `default_group_id` that is given.
    pub fn at(&self, control_select_robot: Option<&str>, clock: DateTime) -> Option<ScriptId> {
        let own = || ScriptId::parse(self.destination_extension).ok();
        let by_number = || control_select_robot.and_then(|text| self.by_number(text));
        by_number().or_else(|| self.by_time(clock)).or_else(|| self.by_switch(clock)).or_else(own)
    }

    /// Every script that a call may run.
    pub fn may_run(&self) -> impl Iterator<Item = ScriptId> {
        let by_number = entries(self.destination_extension_with_variable_list.as_ref())
            .filter_map(|entry| entry.script("destination_extension"));
        let by_time = entries(self.destination_extension_list.as_ref())
            .filter_map(|entry| entry.script("destination_extension"));
        let by_switch =
            self.switches().flat_map(|entry| [entry.script("group_id"), entry.script("default_group_id")]);
        let own = ScriptId::parse(self.destination_extension).ok();
        own.into_iter().chain(by_number).chain(by_time).chain(by_switch.flatten())
    }

    /// What is wrong with the lists by number and by time of day, and with the shape of `group_switch_rule`, whose times are nowhere
    /// documented. Each by the path that it has on the wire.
    pub fn faults(&self) -> Vec<(String, FaultRule)> {
        let by_time = |entry: &ScriptEntry<'_>| {
            ["begin", "end"]
                .into_iter()
                .filter_map(|field| entry.time_fault(field))
                .chain(entry.script_fault())
                .collect()
        };
        let by_number = |entry: &ScriptEntry<'_>| {
            entry
                .list_fault("values")
                .into_iter()
                .chain(entry.number_fault("sort"))
                .chain(entry.script_fault())
                .collect()
        };
        let lists = [
            faults_of(
                "task_extras.destination_extension_list",
                self.destination_extension_list.as_ref(),
                by_time,
            ),
            faults_of(
                "task_extras.destination_extension_with_variable_list",
                self.destination_extension_with_variable_list.as_ref(),
                by_number,
            ),
            faults_of("group_switch_rule", self.group_switch_rule.as_ref(), |_| Vec::new()),
        ];
        lists.concat()
    }

    /// The entries of `group_switch_rule`, by their place, whose times are in a form that nobody can read: they choose no script but
    /// their `default_group_id`.
    pub fn unread_switches(&self) -> Vec<usize> {
        let is_unread = |(place, entry): (usize, ScriptEntry<'_>)| {
            (!entry.has_times("switch_start", "switch_end")).then_some(place)
        };
        self.switches().enumerate().filter_map(is_unread).collect()
    }

    fn by_number(&self, text: &str) -> Option<ScriptId> {
        let matching = entries(self.destination_extension_with_variable_list.as_ref())
            .filter(|entry| entry.has_value(text))
            .filter_map(|entry| {
                Some((entry.number("sort").unwrap_or(i64::MAX), entry.script("destination_extension")?))
            });
        matching.min_by_key(|(sort, _)| *sort).map(|(_, script)| script)
    }

    fn by_time(&self, clock: DateTime) -> Option<ScriptId> {
        let mut open = entries(self.destination_extension_list.as_ref())
            .filter(|entry| entry.is_between("begin", "end", clock) == Some(true));
        open.find_map(|entry| entry.script("destination_extension"))
    }

    fn by_switch(&self, clock: DateTime) -> Option<ScriptId> {
        let mut open = self
            .switches()
            .filter(|entry| entry.is_between("switch_start", "switch_end", clock) == Some(true));
        open.find_map(|entry| entry.script("group_id"))
            .or_else(|| self.switches().find_map(|entry| entry.script("default_group_id")))
    }

    /// The entries of `group_switch_rule`, if that holds.
    fn switches(&self) -> impl Iterator<Item = ScriptEntry<'_>> {
        let rule = self.group_switch_rule.as_ref().filter(|_| self.is_group_switch == Some(1));
        entries(rule)
    }
}

fn entries(list: Option<&Value>) -> impl Iterator<Item = ScriptEntry<'_>> {
    list.and_then(Value::as_array).into_iter().flatten().map(ScriptEntry)
}

/// A field of an entry, and what is wrong with it.
type EntryFault = (&'static str, FaultRule);

/// What is wrong with a list that is given, and with its entries. An empty text or object is how some clients write an empty list.
fn faults_of(
    field: &str,
    list: Option<&Value>,
    of_entry: impl Fn(&ScriptEntry<'_>) -> Vec<EntryFault>,
) -> Vec<(String, FaultRule)> {
    let entries = match list {
        None | Some(Value::Null) => return Vec::new(),
        Some(Value::String(text)) if text.is_empty() => return Vec::new(),
        Some(Value::Object(members)) if members.is_empty() => return Vec::new(),
        Some(Value::Array(entries)) => entries,
        Some(_) => return vec![(field.to_owned(), FaultRule::Type(ValueKind::List))],
    };
    let faults = |(place, entry): (usize, &Value)| -> Vec<(String, FaultRule)> {
        if !entry.is_object() {
            return vec![(format!("{field}[{place}]"), FaultRule::Type(ValueKind::Object))];
        }
        let named = |(name, rule): EntryFault| (format!("{field}[{place}].{name}"), rule);
        of_entry(&ScriptEntry(entry)).into_iter().map(named).collect()
    };
    entries.iter().enumerate().flat_map(faults).collect()
}

impl ScriptEntry<'_> {
    /// A field that says something.
    fn given(&self, field: &str) -> Option<&Value> {
        self.0.get(field).filter(|value| !value.is_null())
    }

    fn time_fault(&self, field: &'static str) -> Option<EntryFault> {
        let rule = match self.given(field) {
            None => FaultRule::Required,
            Some(Value::String(text)) => {
                let text = text.trim();
                if date_time(text).is_some() || seconds_of_day(text).is_some() {
                    return None;
                }
                FaultRule::Calendar(calendar::Rule::TimeFormat)
            }
            Some(_) => FaultRule::Type(ValueKind::Text),
        };
        Some((field, rule))
    }

    fn list_fault(&self, field: &'static str) -> Option<EntryFault> {
        let is_list = self.given(field).is_none_or(Value::is_array);
        (!is_list).then_some((field, FaultRule::Type(ValueKind::List)))
    }

    fn number_fault(&self, field: &'static str) -> Option<EntryFault> {
        let is_number = self.given(field).is_none_or(|value| whole_number(value).is_some());
        (!is_number).then_some((field, FaultRule::Type(ValueKind::Integer)))
    }

    fn script_fault(&self) -> Option<EntryFault> {
        const FIELD: &str = "destination_extension";
        let Some(value) = self.given(FIELD) else { return Some((FIELD, FaultRule::Required)) };
        whole_number(value).is_none().then_some((FIELD, FaultRule::Type(ValueKind::Integer)))
    }

    fn number(&self, field: &str) -> Option<i64> {
        whole_number(self.0.get(field)?)
    }

    fn script(&self, field: &str) -> Option<ScriptId> {
        ScriptId::parse(self.number(field)?).ok()
    }

    /// Whether `values` has a text, or a number that is written so.
    fn has_value(&self, text: &str) -> bool {
        let values = self.0.get("values").and_then(Value::as_array).into_iter().flatten();
        let mut texts = values.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        texts.any(|value| value.trim() == text.trim())
    }

    /// Whether two fields are times of day, or both date and time.
    fn has_times(&self, from: &str, until: &str) -> bool {
        self.is_between(from, until, DateTime::MIN).is_some()
    }

    /// Whether a clock stands between two times of the entry, of which the second is not included; `None`: they are none.
    fn is_between(&self, from: &str, until: &str, clock: DateTime) -> Option<bool> {
        let text = |field: &str| self.0.get(field)?.as_str().map(str::trim);
        let (from, until) = (text(from)?, text(until)?);
        if let Some((from, until)) = date_time(from).zip(date_time(until)) {
            return Some(from <= clock && clock < until);
        }
        let (from, until, now) = (seconds_of_day(from)?, seconds_of_day(until)?, seconds(clock.time()));
        Some(if from < until { from <= now && now < until } else { from <= now || now < until })
    }
}

fn date_time(text: &str) -> Option<DateTime> {
    let formats = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"];
    formats.into_iter().find_map(|format| DateTime::strptime(format, text).ok())
}

/// The second of the day of `HH:MM` or `HH:MM:SS`; `24:00` is its end.
fn seconds_of_day(text: &str) -> Option<i32> {
    if ["24:00", "24:00:00"].contains(&text) {
        return Some(24 * 3_600);
    }
    let formats = ["%H:%M:%S", "%H:%M"];
    formats.into_iter().find_map(|format| Time::strptime(format, text).ok()).map(seconds)
}

fn seconds(time: Time) -> i32 {
    i32::from(time.hour()) * 3_600 + i32::from(time.minute()) * 60 + i32::from(time.second())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn choice(mut lists: Value) -> ScriptChoice {
        lists.as_object_mut().unwrap().insert("destination_extension".to_owned(), json!(1));
        serde_json::from_value(lists).unwrap()
    }

    fn chosen(choice: &ScriptChoice, number: Option<&str>, clock: &str) -> Option<i64> {
        choice.at(number, clock.parse().unwrap()).map(ScriptId::get)
    }

    #[test]
    fn switches_with_times_that_nobody_can_read_are_told() {
        let entry =
            |start: Value, end: Value| json!({ "switch_start": start, "switch_end": end, "group_id": 41 });
        let rule = json!([
            entry(json!("09:00"), json!("18:00")), entry(json!(9), json!(18)), entry(json!("9 am"), json!("18:00")),
            entry(json!("2026-10-01 09:00"), json!("2026-10-02 09:00")), entry(json!("09:00"), json!("2026-10-02 09:00")),
            { "group_id": 41 },
        ]);
        let on = choice(json!({ "is_group_switch": 1, "group_switch_rule": rule }));
        assert_eq!(on.unread_switches(), [1, 2, 4, 5]);
        let off = choice(json!({ "is_group_switch": 2, "group_switch_rule": rule }));
        assert!(off.unread_switches().is_empty());
    }

    #[test]
    fn a_number_chooses_before_the_time_of_day_before_the_switch_before_the_task() {
        let all = choice(json!({
            "destination_extension_with_variable_list": [
                { "mode": 1, "values": ["vip", 7], "destination_extension": 21, "sort": 2 },
                { "mode": 0, "values": ["vip"], "destination_extension": 22, "sort": 1 },
            ],
            "destination_extension_list": [{ "begin": "09:00", "end": "12:00", "destination_extension": "31" }],
            "is_group_switch": 1,
            "group_switch_rule": [{ "switch_start": "09:00", "switch_end": "18:00", "group_id": 41, "default_group_id": 42 }],
        }));
        let at = |number, time: &str| chosen(&all, number, &format!("2026-06-10T{time}"));
        assert_eq!(at(Some("vip"), "09:00:00"), Some(22), "the smaller sort");
        assert_eq!(at(Some("7"), "09:00:00"), Some(21));
        assert_eq!(at(Some("other"), "09:00:00"), Some(31));
        assert_eq!((at(None, "11:59:59"), at(None, "12:00:00")), (Some(31), Some(41)));
        assert_eq!((at(None, "18:00:00"), at(None, "08:59:59")), (Some(42), Some(42)));
        let all: Vec<i64> = all.may_run().map(ScriptId::get).collect();
        assert_eq!(all, [1, 21, 22, 31, 41, 42]);
    }

    #[test]
    fn a_switch_holds_only_while_it_is_on_and_may_be_of_certain_days() {
        let rule = json!([{ "switch_start": "2026-06-10 09:00:00", "switch_end": "2026-06-11 09:00", "group_id": 5 }]);
        let on = choice(json!({ "is_group_switch": 1, "group_switch_rule": rule }));
        assert_eq!(chosen(&on, None, "2026-06-11T08:59:59"), Some(5));
        assert_eq!(chosen(&on, None, "2026-06-11T09:00:00"), Some(1));
        let off = choice(json!({ "is_group_switch": 2, "group_switch_rule": rule }));
        assert_eq!(chosen(&off, None, "2026-06-11T08:59:59"), Some(1));
        assert_eq!(off.may_run().count(), 1);
    }

    #[test]
    fn a_time_of_day_may_go_over_midnight_and_nonsense_chooses_nothing() {
        let night = choice(json!({ "destination_extension_list": [
            { "begin": "x", "end": "24:00", "destination_extension": 8 }, 7, { "begin": "22:00" },
            { "begin": "00:00", "end": "24:00", "destination_extension": 0 },
            { "begin": "22:00", "end": "06:00:00", "destination_extension": 9 },
        ]}));
        for (clock, script) in [("21:59", 1), ("22:00", 9), ("05:59", 9), ("06:00", 1)] {
            assert_eq!(chosen(&night, None, &format!("2026-06-10T{clock}")), Some(script), "{clock}");
        }
        let none = ScriptChoice { destination_extension: 0, ..ScriptChoice::default() };
        assert_eq!(chosen(&none, None, "2026-06-10T12:00"), None);
    }
}
