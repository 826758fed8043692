//! A body as a whole: its kind, and its values before a handler's type is read from them.

use bytes::Bytes;
use domain::{AccountId, Fault, FaultRule, Faults};
use http::{HeaderMap, header};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{
    FieldPath, FromValue, Reading, SUB_USER, form,
    json::{self, NotRead},
};
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
        let kind = BodyKind::of(headers);
        if body.is_empty() {
            return Ok(Self { value: None, is_form: kind == BodyKind::Form });
        }
        match kind {
            BodyKind::Json => Ok(Self { value: Some(json::parse(body).map_err(not_read)?), is_form: false }),
            BodyKind::Form => Self::form(body),
            BodyKind::Other => Err(Problem::UnsupportedMediaType),
        }
    }

    /// A body that says nothing: what was sent is no document.
    pub(crate) const fn nothing() -> Self {
        Self { value: None, is_form: false }
    }

    /// Some clients send JSON with the content type of a form, which is what curl does by default.
    fn form(body: &Bytes) -> Result<Self, Problem> {
        if body.trim_ascii_start().starts_with(b"{")
            && let Ok(value) = json::parse(body)
        {
            return Ok(Self { value: Some(value), is_form: false });
        }
        Ok(Self { value: Some(form::parse(body)?), is_form: true })
    }

    /// Takes out the sub-user that it names, which only a request for something of an account's may do: elsewhere it is a field like others.
    pub(crate) fn take_sub_user(&mut self, faults: &mut Faults) -> Option<AccountId> {
        let named =
            self.value.as_mut()?.as_object_mut()?.remove(SUB_USER).filter(|value| !value.is_null())?;
        let mut reading = Reading::new();
        let id = Uuid::from_value(named, &FieldPath::Whole(SUB_USER), &mut reading);
        reading.faults.into_vec().into_iter().for_each(|fault| faults.add(fault.field, fault.rule));
        id.map(AccountId::new)
    }

    /// Refuses by name all that it says, where no field is wanted.
    pub(crate) fn refuse_all(&self) -> Result<(), Vec<Fault>> {
        let mut faults = Faults::default();
        for (name, _) in self.value.iter().filter_map(Value::as_object).flatten() {
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
enum BodyKind {
    Json,
    Form,
    Other,
}

impl BodyKind {
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

/// The problem that a client is answered with when its JSON was not read.
fn not_read(why: NotRead) -> Problem {
    match why {
        NotRead::Malformed => Problem::Malformed,
        NotRead::Repeated(path) => Problem::Invalid(vec![Fault::new(path, FaultRule::Repeated)]),
    }
}
