//! What a registrar's answer says of time: for how long it registers us, or for how long it wants to.

use rsipstack::sip::{Header, Response};

use crate::answer::{leading_number, outside_quotes};

/// For how many seconds an answer registers a contact, written `USER@HOST:PORT`, that asked for so many. What the registrar grants holds. Zero:
/// not at all.
pub(super) fn granted_seconds(answer: &Response, own: &str, asked: u32) -> u32 {
    let of_all = answer.headers.iter().find_map(|header| match header {
        Header::Expires(value) => leading_number(value.value()),
        _ => None,
    });
    let contacts = answer.headers.iter().filter_map(|header| match header {
        Header::Contact(value) => Some(value.value()),
        _ => None,
    });
    let granted: Vec<(String, u32)> = contacts
        .flat_map(split)
        .map(|contact| (address(contact), expires(contact).or(of_all).unwrap_or(asked)))
        .collect();
    let ours = granted.iter().find(|(address, _)| address.eq_ignore_ascii_case(own));
    // Some registrars write our contact another way, as they see it: then it is one of these.
    let seconds =
        ours.or_else(|| granted.iter().min_by_key(|(_, seconds)| *seconds)).map(|(_, seconds)| *seconds);
    seconds.or(of_all).unwrap_or(asked)
}

/// For how long a registrar wants to register us at least that found our time too short.
pub(super) fn least_seconds(answer: &Response) -> Option<u32> {
    let value = answer.headers.iter().find_map(|header| match header {
        Header::MinExpires(value) => Some(value.value()),
        _ => None,
    });
    value.filter(|_| answer.status_code.code() == 423)?.trim().parse().ok()
}

/// The contacts of a header: commas stand between them, and may stand in quotes and brackets.
fn split(header: &str) -> Vec<&str> {
    let (mut depth, mut from, mut contacts) = (0_u32, 0, Vec::new());
    let mut at = 0;
    for part in outside_quotes(header, ',') {
        let opened = part.matches('<').count();
        let closed = part.matches('>').count();
        depth = u32::from(opened > closed || (depth > 0 && opened >= closed));
        at += part.len();
        if depth == 0 {
            contacts.extend(header.get(from..at));
            from = at + 1;
        }
        at += 1;
    }
    contacts
}

/// The address of a contact without its scheme and its parameters.
fn address(contact: &str) -> String {
    let inner = contact.split_once('<').map_or(contact, |(_, inner)| inner);
    let inner = inner.split(['>', ';', '?']).next().unwrap_or_default().trim();
    let without_scheme = inner.split_once(':').map_or(inner, |(_, rest)| rest);
    without_scheme.to_owned()
}

/// The parameter `expires` of a contact, not of its address.
fn expires(contact: &str) -> Option<u32> {
    let parameters = contact.rsplit_once('>').map_or(contact, |(_, parameters)| parameters);
    let found = outside_quotes(parameters, ';').into_iter().find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("expires").then(|| value.trim().trim_matches('"'))
    });
    leading_number(found?)
}

#[cfg(test)]
mod tests {
    use rsipstack::sip::{Response, SipMessage};

    use super::*;

    fn answer(status: &str, headers: &[&str]) -> Response {
        let headers = headers.iter().flat_map(|header| [*header, "\r\n"]).collect::<String>();
        let text = format!(
            "SIP/2.0 {status}\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>;tag=2\r\n\
             Call-ID: 1\r\nCSeq: 1 REGISTER\r\n{headers}Content-Length: 0\r\n\r\n"
        );
        match SipMessage::try_from(text.as_str()).unwrap() {
            SipMessage::Response(response) => response,
            SipMessage::Request(_) => panic!("a request"),
        }
    }

    #[test]
    fn what_the_registrar_grants_holds() {
        let cases: [(&[&str], u32); 11] = [
            (&[], 300),
            (&["Expires: 120"], 120),
            (&["Contact: <sip:dialtime@192.0.2.1:5060;transport=tcp>;expires=60"], 60),
            (&["Contact: <sip:dialtime@192.0.2.1:5060>;q=1;Expires=\"60\"", "Expires: 3600"], 60),
            (&["Contact: sip:dialtime@192.0.2.1:5060;expires=61"], 61),
            (&["Contact: <sip:x@192.0.2.9>;expires=5, <sip:dialtime@192.0.2.1:5060>;expires=90"], 90),
            (
                &[
                    "Contact: <sip:x@192.0.2.9>;expires=5",
                    "Contact: \"a, b\" <sip:dialtime@192.0.2.1:5060>;expires=91",
                ],
                91,
            ),
            (&["Contact: <sip:x,y@192.0.2.9>;expires=5, <sip:dialtime@192.0.2.1:5060>"], 300),
            (&["Contact: <sip:dialtime@203.0.113.7:1024>;expires=45, <sip:z@h>;expires=50"], 45),
            (&["Contact: <sip:dialtime@192.0.2.1:5060>;expires=0"], 0),
            (&["Contact: <sip:dialtime@192.0.2.1:5060?expires=7>;expires=x", "Expires: 30"], 30),
        ];
        for (headers, expected) in cases {
            let answer = answer("200 OK", headers);
            assert_eq!(granted_seconds(&answer, "dialtime@192.0.2.1:5060", 300), expected, "{headers:?}");
        }
    }

    #[test]
    fn a_time_that_is_too_short_is_told_by_423_alone() {
        assert_eq!(least_seconds(&answer("423 Interval Too Brief", &["Min-Expires: 600"])), Some(600));
        assert_eq!(least_seconds(&answer("423 Interval Too Brief", &["Min-Expires: x"])), None);
        assert_eq!(least_seconds(&answer("423 Interval Too Brief", &[])), None);
        assert_eq!(least_seconds(&answer("200 OK", &["Min-Expires: 600"])), None);
    }
}
