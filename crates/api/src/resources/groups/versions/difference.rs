//! What differs between two groups, field by field, by their form on the wire.

use serde::Serialize;
use serde_json::{Map, Value};
use similar::{Algorithm, DiffOp, capture_diff_slices};
use utoipa::ToSchema;

use crate::{http::choices::choice, resources::groups::view::GroupView};

/// What is not compared: which group and version it is, and what is said of another field, too.
const NOT_COMPARED: &[&str] = &["id", "user_id", "version", "created_at", "updated_at", "holiday_calendar"];

choice! {
    /// How a field differs.
    pub(crate) enum ChangeKindView as ChangeKind {
        /// It has another value.
        Changed = "changed",
        /// It is there only afterwards.
        Added = "added",
        /// It was there only before.
        Removed = "removed",
    }
}

/// A field of a group that differs.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct FieldChangeView {
    kind: ChangeKindView,
    /// Where it is, as faults name fields: in the later group, but for what was removed, which is where it was in the earlier one.
    #[schema(example = "content[0].times[1].end_time")]
    path: String,
    /// What it was; `null` where it was added.
    #[schema(value_type = serde_json::Value, required = true)]
    before: Value,
    /// What it is; `null` where it was removed.
    #[schema(value_type = serde_json::Value, required = true)]
    after: Value,
}

/// What differs, in the order of the fields.
pub(super) fn changes(before: &GroupView, after: &GroupView) -> Vec<FieldChangeView> {
    let mut changes = Changes::default();
    changes.compare("", &compared(before), &compared(after));
    changes.0
}

/// The fields of a group that are compared.
fn compared(group: &GroupView) -> Value {
    let mut fields = serde_json::to_value(group).unwrap_or_default();
    if let Value::Object(fields) = &mut fields {
        fields.retain(|name, _| !NOT_COMPARED.contains(&name.as_str()));
    }
    fields
}

#[derive(Default)]
struct Changes(Vec<FieldChangeView>);

impl Changes {
    fn compare(&mut self, path: &str, before: &Value, after: &Value) {
        match (before, after) {
            (Value::Object(before), Value::Object(after)) => self.members(path, before, after),
            (Value::Array(before), Value::Array(after)) => self.entries(path, before, after),
            _ if before == after => {}
            _ => self.note(ChangeKindView::Changed, path.to_owned(), before, after),
        }
    }

    fn members(&mut self, path: &str, before: &Map<String, Value>, after: &Map<String, Value>) {
        let path = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        for (name, was) in before {
            match after.get(name) {
                Some(is) => self.compare(&path(name), was, is),
                None => self.note(ChangeKindView::Removed, path(name), was, &Value::Null),
            }
        }
        for (name, is) in after.iter().filter(|(name, _)| !before.contains_key(*name)) {
            self.note(ChangeKindView::Added, path(name), &Value::Null, is);
        }
    }

    /// Entries that are the same in both are matched. Between them those that are no more and those that are new are compared one by one, and
    /// what is left over was removed or added.
    fn entries(&mut self, path: &str, before: &[Value], after: &[Value]) {
        let texts = |values: &[Value]| values.iter().map(Value::to_string).collect::<Vec<_>>();
        for step in capture_diff_slices(Algorithm::Myers, &texts(before), &texts(after)) {
            if matches!(step, DiffOp::Equal { .. }) {
                continue;
            }
            let (old, new) = (step.old_range(), step.new_range());
            let (was, is) = (&before[old.clone()], &after[new.clone()]);
            let both = was.len().min(is.len());
            for ((was, is), place) in was.iter().zip(is).zip(new.clone()) {
                self.compare(&format!("{path}[{place}]"), was, is);
            }
            for (was, place) in was.iter().zip(old).skip(both) {
                self.note(ChangeKindView::Removed, format!("{path}[{place}]"), was, &Value::Null);
            }
            for (is, place) in is.iter().zip(new).skip(both) {
                self.note(ChangeKindView::Added, format!("{path}[{place}]"), &Value::Null, is);
            }
        }
    }

    fn note(&mut self, kind: ChangeKindView, path: String, before: &Value, after: &Value) {
        self.0.push(FieldChangeView { kind, path, before: before.clone(), after: after.clone() });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The changes as `path: before -> after`.
    fn told(before: &Value, after: &Value) -> Vec<String> {
        let mut changes = Changes::default();
        changes.compare("", before, after);
        let line = |change: &FieldChangeView| {
            format!("{} {}: {} -> {}", change.kind, change.path, change.before, change.after)
        };
        changes.0.iter().map(line).collect()
    }

    #[test]
    fn what_is_the_same_is_no_change() {
        let group = json!({"name": "a", "content": [{"week": 1, "times": []}], "override": null});
        assert_eq!(told(&group, &group), [""; 0]);
    }

    #[test]
    fn fields_are_named_by_where_they_are() {
        let before =
            json!({"name": "a", "content": [{"week": 1, "times": [{"end_time": "18:00"}]}], "over": null});
        let after = json!({"name": "b", "content": [{"week": 1, "times": [{"end_time": "20:00"}]}], "over": {"x": 1}});
        let expected = [
            r#"changed name: "a" -> "b""#,
            r#"changed content[0].times[0].end_time: "18:00" -> "20:00""#,
            r#"changed over: null -> {"x":1}"#,
        ];
        assert_eq!(told(&before, &after), expected);
    }

    #[test]
    fn what_comes_between_is_one_change() {
        let (mo, tu, we) = (json!({"week": 1}), json!({"week": 2}), json!({"week": 3}));
        let (two, three) = (json!([mo, we]), json!([mo, tu, we]));
        assert_eq!(told(&two, &three), [r#"added [1]: null -> {"week":2}"#]);
        assert_eq!(told(&three, &two), [r#"removed [1]: {"week":2} -> null"#]);
        assert_eq!(told(&json!([]), &json!(["CN"])), [r#"added [0]: null -> "CN""#]);
    }

    #[test]
    fn members_come_and_go() {
        let (plain, closing) = (json!({"name": "x"}), json!({"name": "x", "effect": "close"}));
        assert_eq!(told(&plain, &closing), [r#"added effect: null -> "close""#]);
        assert_eq!(told(&closing, &plain), [r#"removed effect: "close" -> null"#]);
    }
}
