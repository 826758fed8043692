//! The closures of a task: spans in which it does not dial.

use calendar::Zone;
use domain::{Closure, Counted, FaultRule, Faults, MAXIMUM_CLOSURES};
use serde_json::Value;
use utoipa::ToSchema;

use crate::http::{
    body::{FieldPath, FromValue, Members, Reading},
    formats::LocalTimeSchema,
    time::parse,
};

/// A closure, in either documented spelling.
#[derive(Debug, ToSchema)]
#[serde(untagged)]
pub(crate) enum ClosureBody {
    Start(ClosureFromStart),
    Begin(ClosureFromBegin),
}

/// A closure, as it is returned too.
#[derive(Debug, ToSchema)]
pub(crate) struct ClosureFromStart {
    #[schema(value_type = LocalTimeSchema, required = true)]
    start: Option<String>,
    #[schema(value_type = LocalTimeSchema, required = true)]
    end: Option<String>,
}

/// A closure in the other spelling.
#[derive(Debug, ToSchema)]
pub(crate) struct ClosureFromBegin {
    #[schema(value_type = LocalTimeSchema, required = true)]
    begin: Option<String>,
    #[schema(value_type = LocalTimeSchema, required = true)]
    end: Option<String>,
}

impl FromValue for ClosureBody {
    fn from_value(value: Value, place: &FieldPath<'_>, reading: &mut Reading) -> Option<Self> {
        let mut members = Members::of(value, place, reading)?;
        let (start, begin) = (members.take::<String>("start"), members.take("begin"));
        if start.as_ref().zip(begin.as_ref()).is_some_and(|(start, begin)| start != begin) {
            members.fault("begin", FaultRule::Differs("start"));
        }
        let end = members.take("end");
        members.know_only(&[&["start", "begin", "end"]]);
        Some(match (start, begin) {
            (None, Some(begin)) => Self::Begin(ClosureFromBegin { begin: Some(begin), end }),
            (start, _) => Self::Start(ClosureFromStart { start, end }),
        })
    }

    fn faulty() -> Option<Self> {
        Some(Self::Start(ClosureFromStart { start: None, end: None }))
    }
}

/// The closures that a body asks for. Those at fault are noted and left out.
pub(super) fn check_all(zone: Zone, closures: Vec<ClosureBody>, faults: &mut Faults) -> Vec<Closure> {
    if closures.len() > MAXIMUM_CLOSURES {
        faults.add("task_extras.holiday", FaultRule::TooMany(Counted::Closures, MAXIMUM_CLOSURES));
        return Vec::new();
    }
    let numbered = closures.into_iter().enumerate();
    numbered.filter_map(|(index, closure)| closure.check(zone, index, faults)).collect()
}

impl ClosureBody {
    fn check(self, zone: Zone, index: usize, faults: &mut Faults) -> Option<Closure> {
        let mut instant = |key: &str, text: Option<String>| {
            let field = format!("task_extras.holiday[{index}].{key}");
            let text = faults.require(&field, text)?;
            faults.check(&field, parse(zone, &text))
        };
        let (start, end) = match self {
            Self::Start(ClosureFromStart { start, end }) => (start, end),
            Self::Begin(ClosureFromBegin { begin, end }) => (begin, end),
        };
        let (begin, end) = (instant("start", start), instant("end", end));
        let (begin, end) = begin.zip(end)?;
        if end <= begin {
            faults.add(format!("task_extras.holiday[{index}].end"), FaultRule::NotAfter("start"));
            return None;
        }
        Some(Closure { begin, end })
    }
}
