//! What an answer of the other side means: the facts of which the dialer makes how a call ended.

use std::time::Duration;

use domain::{NetworkCause, ReasonPhrase};
use rsipstack::sip::{Header, Headers, Response, prelude::HasHeaders};
use telephony::{CallRefusal, CarrierCause};

/// The header by which an answer of our own stack is told from one of the other side. One that comes over the network is taken out.
pub(crate) const LOCAL: &str = "X-Dialtime-Local";

/// What carriers say that take no more calls now.
const THROTTLED: [&str; 3] = ["cps limit exceeded", "call limit exceeded", "concurrent call limit"];

/// The headers that carry a carrier's own error.
const CARRIER_ERROR: &str = "x-twilio-error";

/// Whether our own stack made an answer: nobody answered, or the other side could not be reached.
pub(crate) fn is_local(answer: &Response) -> bool {
    other(&answer.headers, LOCAL).is_some()
}

/// How a call ended that was answered so.
pub(crate) fn refusal(answer: &Response) -> CallRefusal {
    let code = answer.status_code.code();
    let reasons = Reasons::of(&answer.headers);
    let is_local = is_local(answer);
    let own_words = answer.wire_reason.as_deref();
    let words = own_words.or(reasons.text.as_deref()).unwrap_or_else(|| answer.status_code.text());
    let said = [own_words, reasons.text.as_deref()].into_iter().flatten();
    let is_overloaded =
        said.map(str::to_lowercase).any(|said| THROTTLED.iter().any(|one| said.contains(one)));
    let retry_after = if is_local { None } else { retry_after(answer) };
    let asks_to_wait = retry_after.is_some();
    let error = other(&answer.headers, CARRIER_ERROR).and_then(leading_number);
    CallRefusal {
        cause: NetworkCause {
            code: Some(code),
            phrase: Some(ReasonPhrase::of(words)),
            q850: reasons.q850,
            is_local,
        },
        carrier: CarrierCause {
            error,
            is_throttled: !is_local && (asks_to_wait || (is_overloaded && code >= 400)),
            retry_after,
            is_own_failure: false,
        },
    }
}

/// From here on a cause of Q.850 is the network's: no resources, or something is wrong. Below are those of whoever talked.
const NETWORK_CAUSE: u8 = 32;

/// Interworking, unspecified: what gateways say of any end.
const INTERWORKING: u8 = 127;

/// Whether it is the network that hangs up with this cause by Q.850, and not whoever talked.
pub(crate) fn is_of_network(q850: Option<u8>) -> bool {
    q850.is_some_and(|cause| cause >= NETWORK_CAUSE && cause != INTERWORKING)
}

/// The end of a call that failed on our side.
pub(crate) fn failed_here(code: u16, words: &str) -> CallRefusal {
    let phrase = Some(ReasonPhrase::of(words));
    let cause = NetworkCause { code: Some(code), phrase, q850: None, is_local: true };
    CallRefusal { cause, carrier: CarrierCause::default() }
}

/// The end of a call that could not leave by a fault of our own, in which the line has no part.
pub(crate) fn own_failure(words: &str) -> CallRefusal {
    let carrier = CarrierCause { is_own_failure: true, ..CarrierCause::default() };
    CallRefusal { carrier, ..failed_here(503, words) }
}

/// What `Reason` headers (RFC 3326) say.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Reasons {
    pub(crate) q850: Option<u8>,
    pub(crate) text: Option<String>,
}

impl Reasons {
    /// Reads those of a message; the first that names a cause of Q.850 counts.
    pub(crate) fn of(headers: &Headers) -> Self {
        let values = headers.iter().filter_map(|header| match header {
            Header::Reason(reason) => Some(reason.value()),
            _ => None,
        });
        let mut found = Self::default();
        for one in values.flat_map(|value| outside_quotes(value, ',')) {
            found.read(one);
        }
        found
    }

    fn read(&mut self, reason: &str) {
        let mut parts = outside_quotes(reason, ';').into_iter();
        let is_q850 = parts.next().is_some_and(|protocol| protocol.trim().eq_ignore_ascii_case("Q.850"));
        for (name, value) in parts.filter_map(|part| part.split_once('=')) {
            let value = value.trim().trim_matches('"');
            match name.trim().to_ascii_lowercase().as_str() {
                "cause" if is_q850 && self.q850.is_none() => {
                    self.q850 = value.parse().ok().filter(|cause| *cause < 128);
                }
                "text" if self.text.is_none() => self.text = Some(value.to_owned()),
                _ => {}
            }
        }
    }
}

/// The parts of a text between separators that do not stand in quotes.
pub(crate) fn outside_quotes(text: &str, separator: char) -> Vec<&str> {
    let mut is_quoted = false;
    let mut was_backslash = false;
    text.split(|character| {
        let is_escaped = std::mem::take(&mut was_backslash);
        if is_quoted && character == '\\' && !is_escaped {
            was_backslash = true;
        } else if character == '"' && !is_escaped {
            is_quoted = !is_quoted;
        }
        character == separator && !is_quoted
    })
    .collect()
}

/// For how long the other side wants to be left alone (RFC 3261 20.33). Only a 503 speaks of the whole line. Zero where it names no time that
/// can be read.
pub(crate) fn retry_after(answer: &Response) -> Option<Duration> {
    (answer.status_code.code() == 503).then(|| wait_of_any(answer)).flatten()
}

/// The same of any answer.
pub(crate) fn wait_of_any(answer: &Response) -> Option<Duration> {
    let value = answer.headers.iter().find_map(|header| match header {
        Header::RetryAfter(value) => Some(value.value()),
        _ => None,
    });
    Some(Duration::from_secs(leading_number(value?).unwrap_or(0).into()))
}

fn other<'h>(headers: &'h Headers, name: &str) -> Option<&'h str> {
    headers.iter().find_map(|header| match header {
        Header::Other(found, value) if found.eq_ignore_ascii_case(name) => Some(value.as_str()),
        _ => None,
    })
}

/// The number that a text begins with.
pub(crate) fn leading_number(text: &str) -> Option<u32> {
    let text = text.trim_start();
    let digits = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    text.get(..digits)?.parse().ok()
}

/// Marks an answer as our own, or takes such a mark from one that is not.
pub(crate) fn mark(answer: &mut Response, is_local: bool) {
    answer
        .headers_mut()
        .retain(|header| !matches!(header, Header::Other(name, _) if name.eq_ignore_ascii_case(LOCAL)));
    if is_local {
        answer.headers_mut().push(Header::Other(LOCAL.to_owned(), "1".to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use domain::{CallEnd, CallFacts, CauseMap, CauseOrigin, OutcomeClass};

    use super::*;

    fn answer(status: &str, headers: &[&str]) -> Response {
        let headers: String = headers.iter().flat_map(|header| [header, "\r\n"]).collect();
        let text = format!(
            "SIP/2.0 {status}\r\nVia: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\n\
             Call-ID: x\r\nCSeq: 1 INVITE\r\n{headers}Content-Length: 0\r\n\r\n"
        );
        Response::try_from(text.as_bytes()).unwrap()
    }

    #[test]
    fn a_cause_is_read_from_whatever_reason_names_it() {
        for (headers, q850) in [
            (vec!["Reason: Q.850;cause=17;text=\"User busy\""], Some(17)),
            (vec!["Reason: SIP;cause=486, q.850 ; cause=34"], Some(34)),
            (vec!["Reason: SIP;cause=200;text=\"a, Q.850;cause=1\""], None),
            (vec!["Reason: Q.850;cause=abc"], None),
            (vec!["Reason: Q.850;cause=128"], None),
            (vec!["Reason: SIP;cause=486", "Reason: Q.850;cause=1"], Some(1)),
            (vec![], None),
        ] {
            assert_eq!(refusal(&answer("486 Busy Here", &headers)).cause.q850, q850, "{headers:?}");
        }
    }

    #[test]
    fn a_network_that_gives_up_is_told_from_a_callee_who_hangs_up() {
        for cause in [38, 41, 102].map(Some) {
            assert!(is_of_network(cause), "{cause:?}");
        }
        for cause in [None, Some(16), Some(31), Some(127)] {
            assert!(!is_of_network(cause), "{cause:?}");
        }
    }

    #[test]
    fn a_phrase_of_the_carriers_own_is_kept() {
        let phrase = |status, headers: &[&str]| {
            refusal(&answer(status, headers)).cause.phrase.map(|phrase| phrase.as_str().to_owned())
        };
        assert_eq!(phrase("480 用户已关机", &[]).as_deref(), Some("用户已关机"));
        assert_eq!(
            phrase("480 Temporarily Unavailable", &["Reason: Q.850;cause=20;text=\"关机\""]).as_deref(),
            Some("关机")
        );
        assert_eq!(phrase("486 Busy Here", &[]).as_deref(), Some("Busy Here"));
    }

    #[test]
    fn a_carrier_that_takes_no_more_calls_is_told_from_one_that_fails() {
        for (status, headers, throttled) in [
            ("503 Service Unavailable", vec!["Retry-After: 5"], true),
            ("503 Service Unavailable", vec![], false),
            ("500 Trunk CPS limit exceeded", vec![], true),
            ("503 Concurrent call limit exceeded", vec![], true),
            ("480 Temporarily Unavailable", vec!["Retry-After: 5"], false),
        ] {
            assert_eq!(
                refusal(&answer(status, &headers)).carrier.is_throttled,
                throttled,
                "{status} {headers:?}"
            );
        }
        for (status, header, seconds) in [
            ("503 Service Unavailable", "Retry-After: 18000;duration=3600", Some(18_000)),
            ("503 Service Unavailable", "Retry-After: 120 (I'm in a meeting)", Some(120)),
            ("503 Service Unavailable", "Retry-After: soon", Some(0)),
            ("486 Busy Here", "Retry-After: 120", None),
        ] {
            let carrier = refusal(&answer(status, &[header])).carrier;
            assert_eq!(carrier.retry_after, seconds.map(Duration::from_secs), "{status} {header}");
        }
        let blocked = refusal(&answer("603 Decline", &["X-Twilio-Error: 32203 Blocked"]));
        assert_eq!(blocked.carrier.error, Some(32203));
    }

    #[test]
    fn nobody_but_our_own_stack_can_say_that_an_answer_is_local() {
        let mut forged = answer("408 Request Timeout", &["X-Dialtime-Local: 1"]);
        mark(&mut forged, false);
        assert!(!refusal(&forged).cause.is_local);
        mark(&mut forged, true);
        assert!(refusal(&forged).cause.is_local);
        let class = |refusal: &CallRefusal| {
            let facts = CallFacts {
                end: CallEnd::Refused,
                rang: false,
                code: refusal.cause.code,
                origin: if refusal.cause.is_local { CauseOrigin::Local } else { CauseOrigin::Remote },
                phrase: "",
                q850: None,
                carrier_error: None,
            };
            CauseMap::default().classify(&facts).class
        };
        assert_eq!(class(&refusal(&forged)), OutcomeClass::LineFailure);
        assert_eq!(class(&failed_here(503, "x")), OutcomeClass::LineFailure);
        assert_eq!(class(&failed_here(488, "x")), OutcomeClass::Configuration);
    }
}
