//! JSON in which no object has a member twice.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::field_path::FieldPath;

/// Why a text is no JSON that can be used.
pub(crate) enum NotRead {
    /// It is no JSON, or is nested too deeply.
    Malformed,
    /// An object has this member twice. Programs differ in which of the two they take.
    Repeated(String),
}

/// Reads JSON in which no object has a member twice.
pub(crate) fn parse(text: &[u8]) -> Result<Value, NotRead> {
    let mut repeated = None;
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let value =
        Once { place: &FieldPath::Whole("body"), repeated: &mut repeated }.deserialize(&mut deserializer);
    let value = value.and_then(|value| deserializer.end().map(|()| value));
    value.map_err(|_| repeated.map_or(NotRead::Malformed, NotRead::Repeated))
}

/// Any value whose members come once.
struct Once<'p> {
    place: &'p FieldPath<'p>,
    /// The path of the member that came twice.
    repeated: &'p mut Option<String>,
}

impl<'de> DeserializeSeed<'de> for Once<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Once<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        loop {
            let place = FieldPath::Entry(self.place, list.len());
            let Some(entry) = entries.next_element_seed(Once { place: &place, repeated: self.repeated })?
            else {
                return Ok(list.into());
            };
            list.push(entry);
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let place = FieldPath::Member(self.place, &name);
            if object.contains_key(&name) {
                *self.repeated = Some(place.to_string());
                return Err(A::Error::custom("a member stands there twice"));
            }
            let value = members.next_value_seed(Once { place: &place, repeated: self.repeated })?;
            object.insert(name, value);
        }
        Ok(object.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_that_stands_there_twice_is_named_wherever_it_is() {
        for (text, path) in [
            (r#"{"a":1,"a":1}"#, "a"),
            (r#"{"a":[{"b":1},{"b":{"c":1,"c":2}}]}"#, "a[1].b.c"),
            (r#"[{"a":1,"a":2}]"#, "body[0].a"),
        ] {
            assert!(
                matches!(parse(text.as_bytes()), Err(NotRead::Repeated(found)) if found == path),
                "{text}"
            );
        }
        let text = r#"{"a":[1,-2,2.5,"x",null,true],"b":{"a":1}}"#;
        assert_eq!(parse(text.as_bytes()).ok().map(|value| value.to_string()), Some(text.to_owned()));
    }

    #[test]
    fn what_is_no_json_or_too_deep_or_too_large_a_number_is_malformed() {
        let deep = "[".repeat(100_000);
        for text in ["", "{", "{} x", "{'a':1}", "1e999", &deep, "\u{feff}{}"] {
            assert!(matches!(parse(text.as_bytes()), Err(NotRead::Malformed)), "{text:.20}");
        }
    }
}
