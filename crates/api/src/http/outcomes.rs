//! What kinds of end a call has, on the wire: all of them, and those that a carrier tells.

use domain::{FaultRule, OutcomeClass};

use crate::http::{
    choices::choice,
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

impl OutcomeClassView {
    /// The outcome, if a carrier tells it.
    pub(crate) fn of_carrier(self) -> Result<OutcomeClass, FaultRule> {
        let is_told = OF_CARRIER.contains(&self.to_string().as_str());
        if is_told { Ok(self.into()) } else { Err(FaultRule::OneOf(OF_CARRIER)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_this_program_says_is_no_carriers() {
        assert_eq!(OutcomeClassView::Busy.of_carrier(), Ok(OutcomeClass::Busy));
        assert_eq!((OF_CARRIER[0], OF_CARRIER.len()), ("answered", 15));
        for own in [OutcomeClassView::NotSent, OutcomeClassView::DoNotCall, OutcomeClassView::Cancelled] {
            assert_eq!(own.of_carrier(), Err(FaultRule::OneOf(OF_CARRIER)));
        }
    }
}
