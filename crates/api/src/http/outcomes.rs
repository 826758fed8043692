//! What kinds of end a call has, on the wire: all of them, and those that a carrier tells.

use domain::{FaultRule, LineRule, OutcomeClass};
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::http::{
    body::{FieldPath, FromValue, Reading},
    choices::{Word as _, choice},
    values::{schema_of, words},
};

choice! {
    /// What came of a call.
    pub(crate) enum OutcomeClassView as OutcomeClass for OutcomeClass {
        Answered = "answered",
        Busy = "busy",
        Blocked = "blocked",
        CalleeBlocked = "callee_blocked",
        Declined = "declined",
        PoweredOff = "powered_off",
        Suspended = "suspended",
        InArrears = "in_arrears",
        IncomingBarred = "incoming_barred",
        InvalidNumber = "invalid_number",
        NoAnswer = "no_answer",
        DoNotCall = "do_not_call",
        LineFailure = "line_failure",
        Throttled = "throttled",
        Configuration = "configuration",
        BotFailed = "bot_failed",
        Cancelled = "cancelled",
        NotSent = "not_sent",
        Unknown = "unknown",
        Other = "other",
    }
}

/// The outcomes that a carrier tells: the others are this program's own.
const OF_CARRIER: &[&str] = &[
    "answered",
    "busy",
    "blocked",
    "callee_blocked",
    "declined",
    "powered_off",
    "suspended",
    "in_arrears",
    "incoming_barred",
    "invalid_number",
    "no_answer",
    "line_failure",
    "throttled",
    "configuration",
    "other",
];

schema_of!(
    /// An outcome that a carrier tells.
    CarrierOutcomeSchema,
    "CarrierOutcome",
    words("What came of a call, as a carrier tells it.", OF_CARRIER)
);

schema_of!(
    /// An outcome of a call that was not answered, as a carrier tells it.
    CauseClassSchema,
    "CauseClass",
    words("What came of a call that was not answered, as a carrier tells it.", &OF_CARRIER[1..])
);

/// What a carrier tells of a call, in a body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CarrierOutcomeBody(OutcomeClassView);

/// The same of a call that was not answered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CauseClassBody(OutcomeClassView);

/// The outcome that a word names, if it is one of these.
fn named(value: &Value, known: &'static [&'static str]) -> Result<OutcomeClassView, FaultRule> {
    let word = value.as_str().filter(|word| known.contains(word));
    word.and_then(OutcomeClassView::of).ok_or(FaultRule::OneOf(known))
}

impl FromValue for CarrierOutcomeBody {
    fn from_value(value: Value, place: &FieldPath<'_>, reading: &mut Reading) -> Option<Self> {
        reading.faults.check(&place.to_string(), named(&value, OF_CARRIER)).map(Self)
    }
}

impl FromValue for CauseClassBody {
    fn from_value(value: Value, place: &FieldPath<'_>, reading: &mut Reading) -> Option<Self> {
        let class = match value.as_str() {
            Some("answered") => Err(FaultRule::Line(LineRule::Answered)),
            _ => named(&value, &OF_CARRIER[1..]),
        };
        reading.faults.check(&place.to_string(), class).map(Self)
    }
}

impl From<OutcomeClass> for CarrierOutcomeBody {
    fn from(class: OutcomeClass) -> Self {
        Self(class.into())
    }
}

impl From<CarrierOutcomeBody> for OutcomeClass {
    fn from(body: CarrierOutcomeBody) -> Self {
        body.0.into()
    }
}

impl Serialize for CarrierOutcomeBody {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl From<OutcomeClass> for CauseClassBody {
    fn from(class: OutcomeClass) -> Self {
        Self(class.into())
    }
}

impl From<CauseClassBody> for OutcomeClass {
    fn from(body: CauseClassBody) -> Self {
        body.0.into()
    }
}

impl Serialize for CauseClassBody {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_this_program_says_is_no_carriers() {
        assert_eq!((OF_CARRIER[0], OF_CARRIER.len()), ("answered", 15));
        assert_eq!(named(&"busy".into(), OF_CARRIER), Ok(OutcomeClassView::Busy));
        for own in ["not_sent", "do_not_call", "cancelled", "bot_failed", "unknown", "dances"] {
            assert_eq!(named(&own.into(), OF_CARRIER), Err(FaultRule::OneOf(OF_CARRIER)));
        }
        assert!(OF_CARRIER.iter().all(|word| OutcomeClassView::of(word).is_some()));
    }
}
