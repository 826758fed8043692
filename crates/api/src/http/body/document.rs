//! A body as a whole: which kind it is, and its values before anyone has asked for their types.

use std::fmt;

use bytes::Bytes;
use domain::{AccountId, Fault, FaultRule, Faults};
use http::{HeaderMap, header};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{FieldPath, FromValue, Reading, form};
use crate::http::problem::Problem;

/// A body, read whole.
#[derive(Debug)]
pub(crate) struct ParsedBody {
    /// `None` when nothing was sent.
    value: Option<Value>,
    is_form: bool,
}

impl ParsedBody {
    /// Reads a body by what it says it is; one that does not say is JSON. What cannot be read might have named a sub-user:
    /// better to refuse it than to act for the user instead.
    pub(crate) fn read(headers: &HeaderMap, body: &Bytes) -> Result<Self, Problem> {
        let kind = Kind::of(headers);
        if body.is_empty() {
            return Ok(Self { value: None, is_form: kind == Kind::Form });
        }
        match kind {
            Kind::Json => Ok(Self { value: Some(parse(body).map_err(NotRead::problem)?), is_form: false }),
            Kind::Form => Self::form(body),
            Kind::Other => Err(Problem::UnsupportedMediaType),
        }
    }

    /// Some clients say that JSON is a form, for that is what curl says unless it is told otherwise.
    fn form(body: &Bytes) -> Result<Self, Problem> {
        if body.trim_ascii_start().starts_with(b"{")
            && let Ok(value) = parse(body)
        {
            return Ok(Self { value: Some(value), is_form: false });
        }
        Ok(Self { value: Some(form::parse(body)?), is_form: true })
    }

    /// The sub-user that it names.
    pub(crate) fn sub_user(&self, faults: &mut Faults) -> Option<AccountId> {
        const NAME: &str = "sub_user_id";
        let named = self.value.as_ref()?.as_object()?.get(NAME).filter(|value| !value.is_null())?;
        let mut reading = Reading::new();
        let id = Uuid::from_value(named.clone(), &FieldPath::Whole(NAME), &mut reading);
        reading.faults.into_vec().into_iter().for_each(|fault| faults.add(fault.field, fault.rule));
        id.map(AccountId::new)
    }

    /// Refuses by name what is none of these, where no other field is wanted.
    pub(crate) fn refuse_all_but(&self, known: &[&str]) -> Result<(), Vec<Fault>> {
        let mut faults = Faults::default();
        let members = self.value.iter().filter_map(Value::as_object).flatten();
        for (name, _) in members.filter(|(name, _)| !known.contains(&name.as_str())) {
            faults.add(name, FaultRule::UnknownField);
        }
        faults.finish(Some(()))
    }

    /// Reads what a handler wants, noting what is wrong with it. An empty form is one without fields; nothing at all is no
    /// JSON.
    pub(crate) fn into_type<T: FromValue>(self) -> Result<(T, Faults), Problem> {
        let value = match self.value {
            Some(value) => value,
            None if self.is_form => Value::Object(Map::new()),
            None => return Err(Problem::Malformed),
        };
        let mut reading = Reading { is_form: self.is_form, ..Reading::new() };
        match super::whole(value, "body", &mut reading) {
            Some(whole) => Ok((whole, reading.faults)),
            None => Err(Problem::Invalid(reading.faults.into_vec())),
        }
    }
}

/// What a body says it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Json,
    Form,
    Other,
}

impl Kind {
    fn of(headers: &HeaderMap) -> Self {
        let Some(kind) = headers.get(header::CONTENT_TYPE) else { return Self::Json };
        let kind = kind.to_str().unwrap_or_default().to_ascii_lowercase();
        match kind.split(';').next().unwrap_or_default().trim() {
            "application/json" => Self::Json,
            "application/x-www-form-urlencoded" => Self::Form,
            other if other.starts_with("application/") && other.ends_with("+json") => Self::Json,
            _ => Self::Other,
        }
    }
}

/// Why a text is no JSON that can be used.
pub(crate) enum NotRead {
    /// It is no JSON, or is nested too deeply.
    Malformed,
    /// This member stands in its object twice. Programs differ in which of the two they take.
    Repeated(String),
}

impl NotRead {
    fn problem(self) -> Problem {
        match self {
            Self::Malformed => Problem::Malformed,
            Self::Repeated(path) => Problem::Invalid(vec![Fault::new(path, FaultRule::Repeated)]),
        }
    }
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
