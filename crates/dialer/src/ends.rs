//! How calls and legs end that nobody answered.

use domain::{
    CallEnd, CallFacts, CallMilestones, CallOutcome, CauseMap, CauseOrigin, EndedBy, NetworkCause,
    OutcomeClass, ReasonPhrase,
};
use jiff::SignedDuration;
use telephony::CarrierCause;

/// How long a carrier may take to end a call that it was told to end. Then the call is over, whatever it says.
pub(crate) const ENDING: SignedDuration = SignedDuration::from_secs(35);

/// Who ended a call that nobody answered; `called` is who was called.
pub(crate) const fn ended_by(end: CallEnd, class: OutcomeClass, called: EndedBy) -> EndedBy {
    match (end, class) {
        (
            CallEnd::Refused,
            OutcomeClass::LineFailure | OutcomeClass::Blocked | OutcomeClass::Configuration,
        )
        | (CallEnd::Throttled, _) => EndedBy::Line,
        (CallEnd::Refused, _) => called,
        _ => EndedBy::Dialtime,
    }
}

/// What came of a call that nobody answered.
pub(crate) fn classify(
    map: &CauseMap,
    end: CallEnd,
    milestones: CallMilestones,
    cause: &NetworkCause,
    carrier: CarrierCause,
) -> CallOutcome {
    map.classify(&CallFacts {
        end,
        rang: milestones.rang(),
        code: cause.code,
        origin: if cause.is_local { CauseOrigin::Local } else { CauseOrigin::Remote },
        phrase: cause.phrase.as_ref().map_or("", ReasonPhrase::as_str),
        q850: cause.q850,
        carrier_error: carrier.error,
    })
}
