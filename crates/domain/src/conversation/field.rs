//! What a program says of a call beside what there are fields for.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::turn::check_spoken;
use crate::{FaultRule, NAME_CHARACTERS, ResultRule, legible_within};

/// The most bytes that custom fields may take as JSON.
pub const RESULT_FIELDS_BYTES: usize = 8 * 1024;

/// The custom fields of a result: texts, numbers and flags by name. Its `Debug` form shows none of them.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ResultFields(Map<String, Value>);

impl ResultFields {
    /// Checks fields.
    ///
    /// # Errors
    /// The name of a field and the rule that it breaks; without a name it is one of the fields as a whole.
    pub fn new(fields: Map<String, Value>) -> Result<Self, (Option<String>, FaultRule)> {
        for (name, value) in &fields {
            check(name, value).map_err(|rule| (Some(name.clone()), rule))?;
        }
        let bytes = serde_json::to_vec(&fields).map_or(usize::MAX, |text| text.len());
        if bytes > RESULT_FIELDS_BYTES {
            return Err((None, FaultRule::TooManyBytes(RESULT_FIELDS_BYTES)));
        }
        Ok(Self(fields))
    }

    /// The fields.
    pub const fn get(&self) -> &Map<String, Value> {
        &self.0
    }
}

impl fmt::Debug for ResultFields {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ResultFields(..)")
    }
}

fn check(name: &str, value: &Value) -> Result<(), FaultRule> {
    if name.trim().is_empty() {
        return Err(FaultRule::Empty);
    }
    legible_within(name, NAME_CHARACTERS)?;
    match value {
        Value::String(text) if text.is_empty() => Ok(()),
        Value::String(text) => match check_spoken(text, RESULT_FIELDS_BYTES) {
            Err(FaultRule::Empty) => Ok(()),
            other => other,
        },
        Value::Array(_) | Value::Object(_) => Err(FaultRule::Result(ResultRule::FieldValue)),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(value: &Value) -> Result<ResultFields, (Option<String>, FaultRule)> {
        ResultFields::new(value.as_object().unwrap().clone())
    }

    #[test]
    fn custom_fields_are_scalars_within_bounds() {
        assert!(fields(&json!({"城市": "上海", "visits": 2, "vip": true, "note": "", "none": null})).is_ok());
        let of = |name: &str, rule| Err((Some(name.to_owned()), rule));
        assert_eq!(fields(&json!({"a": [1]})), of("a", FaultRule::Result(ResultRule::FieldValue)));
        assert_eq!(fields(&json!({"a": {"b": 1}})), of("a", FaultRule::Result(ResultRule::FieldValue)));
        assert_eq!(fields(&json!({" ": 1})), of(" ", FaultRule::Empty));
        assert_eq!(fields(&json!({"a": "\0"})), of("a", FaultRule::ControlCharacter));
        let long = fields(&json!({"a": "x".repeat(RESULT_FIELDS_BYTES)}));
        assert_eq!(long, Err((None, FaultRule::TooManyBytes(RESULT_FIELDS_BYTES))));
        assert_eq!(format!("{:?}", fields(&json!({"phone": "13800001234"})).unwrap()), "ResultFields(..)");
    }
}
