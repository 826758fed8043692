//! What the network says of a simulated call: the facts from which a line's cause map makes the class again.

use domain::{NetworkCause, OutcomeClass, ReasonPhrase};

use crate::{CallRefusal, CarrierCause};

/// What the other side sends for a call that is to end so.
pub(super) fn refusal(class: OutcomeClass) -> CallRefusal {
    use OutcomeClass as Class;
    let (code, phrase, q850) = match class {
        Class::Busy => (486, "Busy Here", Some(17)),
        Class::Blocked => (403, "Forbidden", None),
        Class::CalleeBlocked => (607, "Unwanted", None),
        Class::Declined => (603, "Decline", Some(21)),
        Class::PoweredOff => (480, "关机", Some(20)),
        Class::Suspended => (480, "停机", None),
        Class::InArrears => (480, "欠费", None),
        Class::IncomingBarred => (480, "呼入限制", Some(55)),
        Class::InvalidNumber => (404, "Not Found", Some(1)),
        Class::LineFailure => (503, "Service Unavailable", None),
        Class::Throttled => (503, "CPS limit exceeded", None),
        Class::Configuration => (488, "Not Acceptable Here", None),
        Class::Answered
        | Class::NoAnswer
        | Class::DoNotCall
        | Class::BotFailed
        | Class::Cancelled
        | Class::NotSent
        | Class::Unknown => (480, "Temporarily Unavailable", None),
        Class::Other => (400, "Bad Request", None),
    };
    CallRefusal {
        cause: NetworkCause {
            code: Some(code),
            phrase: Some(ReasonPhrase::of(phrase)),
            q850,
            is_local: false,
        },
        carrier: CarrierCause { is_throttled: class == Class::Throttled, ..CarrierCause::default() },
    }
}

/// What the other side sends for a call that was cancelled.
pub(super) fn cancelled() -> CallRefusal {
    let phrase = Some(ReasonPhrase::of("Request Terminated"));
    let cause = NetworkCause { code: Some(487), phrase, ..NetworkCause::default() };
    CallRefusal { cause, carrier: CarrierCause::default() }
}

/// Whether a phone rings before such an end.
pub(super) const fn rings(class: OutcomeClass) -> bool {
    use OutcomeClass as Class;
    matches!(class, Class::Answered | Class::NoAnswer | Class::Declined | Class::Unknown | Class::Other)
}

#[cfg(test)]
mod tests {
    use domain::{CallEnd, CallFacts, CauseMap, CauseOrigin};

    use super::*;

    /// The class is not handed over: the default cause map makes it of what the network says.
    #[test]
    fn the_default_cause_map_finds_the_class_again() {
        use OutcomeClass as Class;
        for class in [
            Class::Busy,
            Class::Blocked,
            Class::CalleeBlocked,
            Class::Declined,
            Class::PoweredOff,
            Class::Suspended,
            Class::InArrears,
            Class::IncomingBarred,
            Class::InvalidNumber,
            Class::NoAnswer,
            Class::LineFailure,
            Class::Configuration,
            Class::Other,
        ] {
            let CallRefusal { cause, carrier } = refusal(class);
            let facts = CallFacts {
                end: CallEnd::Refused,
                rang: rings(class),
                code: cause.code,
                origin: CauseOrigin::Remote,
                phrase: cause.phrase.as_ref().map_or("", ReasonPhrase::as_str),
                q850: cause.q850,
                carrier_error: carrier.error,
            };
            assert_eq!(CauseMap::default().classify(&facts).class, class);
        }
    }
}
