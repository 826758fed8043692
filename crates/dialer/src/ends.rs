//! How calls and legs end that nobody answered.

use domain::{
    CallEnd, CallFacts, CallMilestones, CallOutcome, CauseMap, CauseOrigin, EndedBy, NetworkCause,
    OutcomeClass, ReasonPhrase,
};
use jiff::SignedDuration;
use telephony::CarrierCause;

/// How long a carrier may take to end a call that it was told to end. Then the call is over, whatever it says.
pub(crate) const ENDING: SignedDuration = SignedDuration::from_secs(35);

/// Who ended a call that nobody answered; `called` is who was called. That is who ends it by being busy, declining or refusing the caller;
/// all else that is answered, such as that there is no such number, is the network's word.
pub(crate) const fn ended_by(end: CallEnd, class: OutcomeClass, called: EndedBy) -> EndedBy {
    match (end, class) {
        (CallEnd::Refused, OutcomeClass::Busy | OutcomeClass::Declined | OutcomeClass::CalleeBlocked) => {
            called
        }
        (CallEnd::Refused | CallEnd::Throttled, _) => EndedBy::Line,
        _ => EndedBy::Dialtime,
    }
}

/// What came of a call that nobody answered.
pub(crate) fn classify(
    map: &CauseMap,
    end: CallEnd,
    milestones: &CallMilestones,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_callee_ends_what_a_callee_declines_and_the_line_all_else() {
        let of_code = |code| {
            let cause = NetworkCause { code: Some(code), ..NetworkCause::default() };
            let refused = CallEnd::Refused;
            let outcome = classify(
                &CauseMap::default(),
                refused,
                &CallMilestones::default(),
                &cause,
                CarrierCause::default(),
            );
            ended_by(refused, outcome.class, EndedBy::Callee)
        };
        assert_eq!([486, 600, 603, 607].map(of_code), [EndedBy::Callee; 4]);
        assert_eq!([404, 408, 480, 487, 500, 503, 403, 401, 604].map(of_code), [EndedBy::Line; 9]);
        for end in [CallEnd::RingLimit, CallEnd::Cancelled, CallEnd::CancelledAtClose] {
            assert_eq!(ended_by(end, OutcomeClass::NoAnswer, EndedBy::Callee), EndedBy::Dialtime);
        }
    }
}
