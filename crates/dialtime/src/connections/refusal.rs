//! What hyper refuses by itself, before there is a request that a route could answer: a request line that is none, headers that
//! are none or too large. It answers these with a status and an empty body. Here such an answer is recognised, so that another
//! one with the envelope can take its place on the wire.

use std::fmt::Write;

use http::StatusCode;

/// The most bytes of a request's line and headers.
pub(super) const LARGEST_HEAD: usize = 24 * 1024;

/// Headers that only hyper's own refusals have together: all other answers have a body, or are no refusals.
const OWN: &[u8] = b"\r\nconnection: close\r\ncontent-length: 0\r\n";

/// No refusal of hyper's is as long.
const LONGEST: usize = 256;

/// Finds hyper's own refusal at the end of what is to be written; gives where it begins, and its status. It comes last on its
/// connection, but the end of an answer may still stand before it.
pub(super) fn find(written: &[u8]) -> Option<(usize, StatusCode)> {
    if !written.ends_with(b"\r\n\r\n") {
        return None;
    }
    let from = written.len().saturating_sub(LONGEST);
    let tail = written.get(from..)?;
    let own = tail.windows(OWN.len()).position(|window| window == OWN)?;
    let begin = tail.get(..own)?.windows(9).rposition(|window| window == b"HTTP/1.1 ")?;
    let status = StatusCode::from_bytes(tail.get(begin + 9..begin + 12)?).ok()?;
    status.is_client_error().then_some((from + begin, status))
}

/// The status that fits: of a head that is too large, the request line may be what is too long.
pub(super) fn fitting(status: StatusCode, line_length: usize) -> StatusCode {
    if status == StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE && line_length > LARGEST_HEAD / 2 {
        StatusCode::URI_TOO_LONG
    } else {
        status
    }
}

/// A refusal as it goes over the wire, the last of its connection.
pub(super) fn to_bytes(status: StatusCode, unrouted: &api::Unrouted) -> Vec<u8> {
    let response = unrouted.refuse(status, &api::Unanswered::default());
    let status = response.status();
    let mut text =
        format!("HTTP/1.1 {} {}\r\n", status.as_u16(), status.canonical_reason().unwrap_or_default());
    for (name, value) in response.headers() {
        // Writing to a string cannot fail.
        let _ = write!(text, "{name}: {}\r\n", value.to_str().unwrap_or_default());
    }
    let body = response.body();
    let _ = write!(text, "connection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    text.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFUSAL: &str = "HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\
         date: Thu, 26 Nov 2026 12:00:00 GMT\r\n\r\n";

    #[test]
    fn a_refusal_of_hypers_own_is_found_wherever_it_begins() {
        let status = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
        assert_eq!(find(REFUSAL.as_bytes()), Some((0, status)));
        let after = format!("the end of an answer{REFUSAL}");
        assert_eq!(find(after.as_bytes()), Some((20, status)));
        let long = format!("{}{REFUSAL}", "x".repeat(5_000));
        assert_eq!(find(long.as_bytes()), Some((5_000, status)));
    }

    #[test]
    fn other_answers_are_left_alone() {
        for other in [
            "",
            "\r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\n",
            "HTTP/1.1 304 Not Modified\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 404 Not Found\r\ncontent-length: 10\r\nconnection: close\r\n\r\n",
            "data: {}\r\n\r\n",
        ] {
            assert_eq!(find(other.as_bytes()), None, "{other:?}");
        }
    }

    #[test]
    fn a_request_line_is_blamed_when_it_is_most_of_what_is_too_large() {
        let large = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
        assert_eq!(fitting(large, 100), large);
        assert_eq!(fitting(large, LARGEST_HEAD), StatusCode::URI_TOO_LONG);
        assert_eq!(fitting(StatusCode::BAD_REQUEST, LARGEST_HEAD), StatusCode::BAD_REQUEST);
    }
}
