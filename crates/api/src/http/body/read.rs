//! Reads a body's values into types, field by field, so that all faults of a body are answered at once. Values that are written in
//! another way than documented are taken where they have one meaning: see [`crate::http::lenient`].

use domain::{FaultRule, Faults, Name, Patch, REMARK_CHARACTERS, ValueKind, legible_within};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{field_path::FieldPath, json};
use crate::http::lenient;

/// The field by which any body may name the sub-user to act for.
pub(crate) const SUB_USER: &str = "sub_user_id";

/// What is found out while values are read.
pub(crate) struct Reading {
    pub(crate) faults: Faults,
    /// In a form everything is text, and a list with one entry has the same form as the entry.
    pub(crate) is_form: bool,
}

impl Reading {
    /// Of JSON.
    pub(crate) fn new() -> Self {
        Self { faults: Faults::default(), is_form: false }
    }

    fn fault(&mut self, place: &FieldPath<'_>, rule: FaultRule) {
        self.faults.add(place.to_string(), rule);
    }
}

/// A type that values are read into.
pub(crate) trait FromValue: Sized {
    /// The value, or `None` after noting its fault.
    fn from_value(value: Value, place: &FieldPath<'_>, reading: &mut Reading) -> Option<Self>;

    /// Takes the place of a faulty entry in a list, so that those after it keep their places. It is never used: the list is
    /// refused.
    fn faulty() -> Option<Self> {
        None
    }
}

/// Reads what is needed, and so must not be `null`.
pub(crate) fn whole<T: FromValue>(value: Value, name: &str, reading: &mut Reading) -> Option<T> {
    let place = FieldPath::Whole(name);
    if value.is_null() {
        reading.fault(&place, FaultRule::Required);
        return None;
    }
    T::from_value(value, &place, reading)
}

/// The members of an object.
pub(crate) struct Members<'m> {
    values: Map<String, Value>,
    place: &'m FieldPath<'m>,
    reading: &'m mut Reading,
}

impl<'m> Members<'m> {
    pub(crate) fn of(value: Value, place: &'m FieldPath<'m>, reading: &'m mut Reading) -> Option<Self> {
        if let Value::Object(values) = parsed(value) {
            return Some(Self { values, place, reading });
        }
        reading.fault(place, FaultRule::Type(ValueKind::Object));
        None
    }

    /// A member that may be left out.
    pub(crate) fn take<T: FromValue>(&mut self, name: &str) -> Option<T> {
        let value = self.values.get_mut(name).map(Value::take).filter(|value| !value.is_null())?;
        T::from_value(value, &FieldPath::Member(self.place, name), self.reading)
    }

    /// A member that keeps what there is where it is left out, and takes it away as `null`.
    pub(crate) fn patch<T: FromValue>(&mut self, name: &str) -> Patch<T> {
        match self.values.get(name) {
            None => Patch::Keep,
            Some(Value::Null) => Patch::Clear,
            Some(_) => self.take(name).map_or(Patch::Keep, Patch::Set),
        }
    }

    /// A member that must be given.
    pub(crate) fn need<T: FromValue>(&mut self, name: &str) -> Option<T> {
        if self.values.get(name).is_none_or(Value::is_null) {
            self.reading.fault(&FieldPath::Member(self.place, name), FaultRule::Required);
        }
        self.take(name)
    }

    /// Whether there is such a member, good or faulty.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.values.get(name).is_some_and(|value| !value.is_null())
    }

    /// All members that are none of these and say something; they are taken out.
    pub(crate) fn take_all_but(&mut self, known: &[&str]) -> Map<String, Value> {
        let values = std::mem::take(&mut self.values);
        values
            .into_iter()
            .filter(|(name, value)| !known.contains(&name.as_str()) && !value.is_null())
            .collect()
    }

    /// Notes the rule that a member breaks.
    pub(crate) fn fault(&mut self, name: &str, rule: FaultRule) {
        self.reading.fault(&FieldPath::Member(self.place, name), rule);
    }

    /// Refuses by name what is none of these.
    pub(crate) fn know_only(&mut self, known: &[&[&str]]) {
        let is_known = |name: &str| known.iter().any(|names| names.contains(&name));
        for name in self.values.keys().filter(|name| !is_known(name)) {
            self.reading.fault(&FieldPath::Member(self.place, name), FaultRule::UnknownField);
        }
    }

    /// Refuses these by name if they say anything.
    pub(crate) fn refuse(&mut self, names: &[&str]) {
        for name in names.iter().filter(|name| self.values.get(**name).is_some_and(says_something)) {
            self.reading.fault(&FieldPath::Member(self.place, name), FaultRule::UnknownField);
        }
    }
}

fn says_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(entries) => !entries.is_empty(),
        Value::Object(members) => !members.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

/// Has a struct read from an object, field by field. Each field may be left out, and other members are ignored. With `known` other
/// members are refused by name, except those of the list, which answers give back; with `refused` only those of the list are.
macro_rules! fields {
    ($type:ident { $($field:ident),+ $(,)? } $(known $known:expr)? $(, refused $refused:expr)?) => {
        impl $type {
            /// Its fields among these members.
            pub(crate) fn of(members: &mut $crate::http::body::Members<'_>) -> Self {
                Self { $($field: members.take(stringify!($field)),)+ }
            }

            /// The names of its fields.
            #[allow(clippy::allow_attributes, dead_code, reason = "only types that refuse others use them")]
            pub(crate) const FIELDS: &'static [&'static str] = &[$(stringify!($field),)+];
        }

        impl $crate::http::body::FromValue for $type {
            fn from_value(
                value: serde_json::Value,
                place: &$crate::http::body::FieldPath<'_>,
                reading: &mut $crate::http::body::Reading,
            ) -> Option<Self> {
                let mut members = $crate::http::body::Members::of(value, place, reading)?;
                let whole = Self::of(&mut members);
                $(members.know_only(&[Self::FIELDS, $known]);)?
                $(members.refuse($refused);)?
                Some(whole)
            }

            fn faulty() -> Option<Self> {
                Some(Self { $($field: None),+ })
            }
        }
    };
}
pub(crate) use fields;

/// JSON within text, which is how some clients send lists and objects in forms.
fn parsed(value: Value) -> Value {
    let text = value.as_str().filter(|text| text.starts_with(['[', '{']));
    text.and_then(|text| json::parse(text.as_bytes()).ok()).unwrap_or(value)
}

impl<T: FromValue> FromValue for Vec<T> {
    fn from_value(value: Value, place: &FieldPath<'_>, reading: &mut Reading) -> Option<Self> {
        let entries = match parsed(value) {
            Value::Array(entries) => entries,
            text @ Value::String(_) if reading.is_form => vec![text],
            _ => {
                reading.fault(place, FaultRule::Type(ValueKind::List));
                return None;
            }
        };
        let read = |(index, entry)| {
            T::from_value(entry, &FieldPath::Entry(place, index), reading).or_else(T::faulty)
        };
        Some(entries.into_iter().enumerate().filter_map(read).collect())
    }
}

impl FromValue for Value {
    fn from_value(value: Value, _: &FieldPath<'_>, _: &mut Reading) -> Option<Self> {
        Some(value)
    }
}

impl FromValue for String {
    fn from_value(value: Value, place: &FieldPath<'_>, reading: &mut Reading) -> Option<Self> {
        if let Value::String(text) = value {
            return Some(text);
        }
        reading.fault(place, FaultRule::Type(ValueKind::Text));
        None
    }

    fn faulty() -> Option<Self> {
        Some(Self::new())
    }
}

/// A whole number; one with a point in it only as far as such numbers are exact.
fn integer(number: &serde_json::Number) -> Option<i64> {
    const EXACT: u64 = 1 << f64::MANTISSA_DIGITS;
    let exact = || lenient::integer(&number.to_string()).filter(|whole| whole.unsigned_abs() <= EXACT);
    number.as_i64().or_else(exact)
}

impl FromValue for i64 {
    fn from_value(value: Value, place: &FieldPath<'_>, reading: &mut Reading) -> Option<Self> {
        let number = match &value {
            Value::Number(number) => integer(number),
            Value::String(text) => lenient::integer(text),
            _ => None,
        };
        reading.faults.check(&place.to_string(), number.ok_or(FaultRule::Type(ValueKind::Integer)))
    }

    fn faulty() -> Option<Self> {
        Some(0)
    }
}

impl FromValue for bool {
    fn from_value(value: Value, place: &FieldPath<'_>, reading: &mut Reading) -> Option<Self> {
        let flag = match &value {
            Value::Bool(flag) => Some(*flag),
            Value::Number(number) => match integer(number) {
                Some(0) => Some(false),
                Some(1) => Some(true),
                _ => None,
            },
            Value::String(text) => lenient::flag(text),
            _ => None,
        };
        reading.faults.check(&place.to_string(), flag.ok_or(FaultRule::Type(ValueKind::Flag)))
    }
}

impl FromValue for Uuid {
    fn from_value(value: Value, place: &FieldPath<'_>, reading: &mut Reading) -> Option<Self> {
        let id = match &value {
            Value::String(text) if text.is_empty() => Err(FaultRule::Empty),
            Value::String(text) => Self::parse_str(text).map_err(|_| FaultRule::Uuid),
            _ => Err(FaultRule::Uuid),
        };
        reading.faults.check(&place.to_string(), id)
    }

    fn faulty() -> Option<Self> {
        Some(Self::nil())
    }
}

/// A number that the platform writes as an integer in places and as a string in others.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Number(i64);

impl Number {
    pub(crate) const fn get(self) -> i64 {
        self.0
    }
}

impl FromValue for Number {
    fn from_value(value: Value, place: &FieldPath<'_>, reading: &mut Reading) -> Option<Self> {
        i64::from_value(value, place, reading).map(Self)
    }

    fn faulty() -> Option<Self> {
        Some(Self(0))
    }
}

/// The name of a thing, which must be given.
pub(crate) fn required_name(name: Option<String>, faults: &mut Faults) -> Option<Name> {
    let name = faults.require("name", name)?;
    faults.check("name", Name::parse(&name))
}

/// The remark on a thing, which may be left out; an empty one is none.
pub(crate) fn checked_remark(remark: Option<String>, faults: &mut Faults) -> Option<String> {
    let remark = remark.filter(|remark| !remark.is_empty())?;
    faults.check("remark", legible_within(&remark, REMARK_CHARACTERS)).map(|()| remark)
}
