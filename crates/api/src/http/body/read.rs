//! A body's values read into types, field by field, so that every fault of a body is told at once. What cannot be misread is
//! taken: see [`crate::http::lenient`].

use std::fmt;

use calendar::{BeyondHorizon, DayWindowsInput, ExceptionInput, MakeupPolicy, WindowInput};
use domain::{FaultRule, Faults, Resume, ValueKind};
use serde::de::IgnoredAny;
use serde_json::{Map, Number, Value};
use uuid::Uuid;

use super::document;
use crate::http::lenient;

/// Where a value stands. It becomes a path only when there is a fault to tell.
#[derive(Clone, Copy)]
pub(crate) enum FieldPath<'p> {
    /// The whole of what is read, by its name.
    Whole(&'p str),
    Member(&'p FieldPath<'p>, &'p str),
    Entry(&'p FieldPath<'p>, usize),
}

impl fmt::Display for FieldPath<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(name) | Self::Member(Self::Whole(_), name) => formatter.write_str(name),
            Self::Member(outer, name) => write!(formatter, "{outer}.{name}"),
            Self::Entry(list, index) => write!(formatter, "{list}[{index}]"),
        }
    }
}

/// What is noted while values are read.
pub(crate) struct Reading {
    pub(crate) faults: Faults,
    /// In a form everything is text, and a list of one entry looks like the entry.
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

    /// What stands in a list for an entry that is none, so that those after it keep their places. Nobody sees it: the list
    /// is at fault.
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

/// Makes of a struct a type that is read from an object, field by field; each may be left out, and other members are ignored.
/// With `known` they are refused by name, but for those of the list, which answers give back; with `refused` those of the list
/// are.
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
        }
    };
}
pub(crate) use fields;

/// JSON within text, which is how some clients send lists and objects in forms.
fn parsed(value: Value) -> Value {
    let text = value.as_str().filter(|text| text.starts_with(['[', '{']));
    text.and_then(|text| document::parse(text.as_bytes()).ok()).unwrap_or(value)
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

impl FromValue for IgnoredAny {
    fn from_value(_: Value, _: &FieldPath<'_>, _: &mut Reading) -> Option<Self> {
        Some(Self)
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
fn integer(number: &Number) -> Option<i64> {
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
}

/// Reads one of a list of words.
pub(crate) fn word<T: Copy>(
    value: &Value,
    (words, meanings): (&'static [&'static str], &[T]),
    place: &FieldPath<'_>,
    reading: &mut Reading,
) -> Option<T> {
    let found = words.iter().position(|word| value.as_str() == Some(word));
    let meaning = found.and_then(|index| meanings.get(index)).copied();
    reading.faults.check(&place.to_string(), meaning.ok_or(FaultRule::OneOf(words)))
}

macro_rules! words {
    ($($type:ident { $($word:literal $variant:ident),+ })+) => {$(
        impl FromValue for $type {
            fn from_value(value: Value, place: &FieldPath<'_>, reading: &mut Reading) -> Option<Self> {
                word(&value, (&[$($word),+], &[$(Self::$variant),+]), place, reading)
            }
        }
    )+};
}

words! {
    MakeupPolicy { "as_is" AsIs, "as_workday" AsWorkday }
    BeyondHorizon { "closed" Closed, "weekdays_only" WeekdaysOnly, "weekly" Weekly }
    Resume { "auto" Auto, "ask" Ask }
}

/// In the place of a number or a text that is faulty stands one that is none either: the first fault of a field is told.
impl FromValue for DayWindowsInput {
    fn from_value(value: Value, place: &FieldPath<'_>, reading: &mut Reading) -> Option<Self> {
        let mut members = Members::of(value, place, reading)?;
        let day = Self {
            week: members.need("week").unwrap_or(-1),
            times: members.need("times").unwrap_or_default(),
        };
        members.know_only(&[&["week", "times"]]);
        Some(day)
    }

    fn faulty() -> Option<Self> {
        Some(Self { week: -1, times: Vec::new() })
    }
}

impl FromValue for WindowInput {
    fn from_value(value: Value, place: &FieldPath<'_>, reading: &mut Reading) -> Option<Self> {
        let mut members = Members::of(value, place, reading)?;
        let window = Self {
            begin_time: members.need("begin_time").unwrap_or_default(),
            end_time: members.need("end_time").unwrap_or_default(),
        };
        members.know_only(&[&["begin_time", "end_time"]]);
        Some(window)
    }

    fn faulty() -> Option<Self> {
        Some(Self { begin_time: String::new(), end_time: String::new() })
    }
}

impl FromValue for ExceptionInput {
    fn from_value(value: Value, place: &FieldPath<'_>, reading: &mut Reading) -> Option<Self> {
        let mut members = Members::of(value, place, reading)?;
        let exception = Self {
            name: members.take("name").unwrap_or_default(),
            begin_date: members.need("begin_date").unwrap_or_default(),
            end_date: members.take("end_date"),
            times: members.take("times").unwrap_or_default(),
        };
        members.know_only(&[&["name", "begin_date", "end_date", "times"]]);
        Some(exception)
    }

    fn faulty() -> Option<Self> {
        Some(Self::default())
    }
}
