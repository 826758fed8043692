//! What to do about a call that nobody answered.

use domain::{CallEnd, CallFacts, CauseOrigin, LineSettings, OutcomeClass};
use telephony::CallRefusal;

/// The class of a call that was not answered, by the line's own causes.
pub(super) fn class(line: &LineSettings, end: CallEnd, rang: bool, refusal: &CallRefusal) -> OutcomeClass {
    let cause = &refusal.cause;
    let facts = CallFacts {
        end,
        rang,
        code: cause.code,
        origin: if cause.is_local { CauseOrigin::Local } else { CauseOrigin::Remote },
        phrase: cause.phrase.as_ref().map_or("", |phrase| phrase.as_str()),
        q850: cause.q850,
        carrier_error: refusal.carrier.error,
    };
    line.cause_map.classify(&facts).class
}

/// What the carrier said, in a few words.
pub(super) fn said(refusal: &CallRefusal) -> String {
    let cause = &refusal.cause;
    let code = cause.code.map(|code| code.to_string());
    let phrase = cause.phrase.as_ref().map(|phrase| phrase.as_str().to_owned());
    let q850 = cause.q850.map(|q850| format!("(Q.850 cause {q850})"));
    let ours = cause.is_local.then(|| "(this program's own words)".to_owned());
    [code, phrase, q850, ours].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// What to do where a call ended so. `is_local`: the carrier said nothing.
pub(super) const fn advice(class: OutcomeClass, is_local: bool) -> &'static str {
    match class {
        OutcomeClass::Answered => "The line carries calls.",
        OutcomeClass::Busy | OutcomeClass::Declined => {
            "The carrier took the call, and the phone is busy or declines it: try one that you can answer."
        }
        OutcomeClass::PoweredOff | OutcomeClass::NoAnswer => {
            "The carrier took the call, and nobody answered there: try a phone that you can answer."
        }
        OutcomeClass::Suspended
        | OutcomeClass::InArrears
        | OutcomeClass::IncomingBarred
        | OutcomeClass::CalleeBlocked => {
            "The carrier took the call, and says that this number takes none: try a phone that you can answer."
        }
        OutcomeClass::InvalidNumber => {
            "The carrier knows no such number. If there is one, it wants it in another form: see `callee_form`."
        }
        OutcomeClass::Blocked => {
            "The carrier takes no such call from us: see `caller_ids`, `from_user` and `p_asserted_identity`, tell it the address that we call from, or ask it."
        }
        OutcomeClass::Configuration => {
            "The carrier does not take the line as it is set up: see `codecs` (488), `auth_user`, `auth_secret`, `from_user` and `from_domain`; that it names another address (302) is not followed."
        }
        OutcomeClass::Throttled => {
            "The carrier takes no more calls now: try again, or see `cps` and `channels`."
        }
        OutcomeClass::LineFailure if is_local => {
            "The carrier does not answer: `dialtime line check` says more."
        }
        OutcomeClass::LineFailure => "The carrier failed: try again, or ask it.",
        OutcomeClass::Cancelled
        | OutcomeClass::NotSent
        | OutcomeClass::BotFailed
        | OutcomeClass::DoNotCall
        | OutcomeClass::Unknown => "It was ended here: the line was not tried to the end.",
        OutcomeClass::Other => "See what the carrier said (`--trace`), and ask it.",
    }
}

#[cfg(test)]
mod tests {
    use domain::{LineKind, NetworkCause, ReasonPhrase, Simulation};

    use super::*;

    fn refusal(code: u16, q850: Option<u8>, is_local: bool) -> CallRefusal {
        let phrase = Some(ReasonPhrase::of("Words"));
        let cause = NetworkCause { code: Some(code), phrase, q850, is_local };
        CallRefusal { cause, ..CallRefusal::default() }
    }

    #[test]
    fn what_to_do_goes_by_what_the_carrier_said() {
        let line = LineSettings::new(LineKind::Simulated(Simulation::default()), 1);
        for (code, q850, is_local, part) in [
            (486, Some(17), false, "took the call"),
            (480, None, false, "nobody answered"),
            (607, None, false, "takes none"),
            (404, None, false, "callee_form"),
            (403, None, false, "caller_ids"),
            (407, None, false, "auth_secret"),
            (488, None, false, "codecs"),
            (503, None, true, "line check"),
            (408, None, true, "line check"),
            (500, None, false, "The carrier failed"),
            (400, None, false, "--trace"),
        ] {
            let class = class(&line, CallEnd::Refused, false, &refusal(code, q850, is_local));
            let advice = advice(class, is_local);
            assert!(advice.contains(part), "{code}: {advice}");
        }
        let rang_out = class(&line, CallEnd::RingLimit, true, &CallRefusal::default());
        assert!(advice(rang_out, false).contains("took the call"));
    }

    #[test]
    fn a_refusal_is_told_with_its_causes() {
        assert_eq!(said(&refusal(486, Some(17), false)), "486 Words (Q.850 cause 17)");
        assert_eq!(said(&refusal(408, None, true)), "408 Words (this program's own words)");
        assert_eq!(said(&CallRefusal::default()), "");
    }
}
