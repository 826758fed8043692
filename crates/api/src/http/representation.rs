//! The forms that an answer can have: JSON in its envelope, or another that a client asks for.

use http::{HeaderMap, header::ACCEPT};

/// A form that something can be answered in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Representation {
    Json,
    /// iCalendar (RFC 5545).
    Calendar,
    /// Server-Sent Events.
    EventStream,
    /// One word, for programs that read no JSON.
    Plain,
}

/// The forms that a client accepts, as it names them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Accepted(Vec<Representation>);

impl Accepted {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let header = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let ranges = header.split(',').map(|range| range.split(';').next().unwrap_or_default().trim());
        Self(ranges.filter_map(from_range).collect())
    }

    /// Whether `other` is named, and JSON is not named before it.
    pub(crate) fn prefers(&self, other: Representation) -> bool {
        let first = self.0.iter().find(|form| **form == other || **form == Representation::Json);
        first == Some(&other)
    }
}

fn from_range(range: &str) -> Option<Representation> {
    match range.to_ascii_lowercase().as_str() {
        "application/json" | "*/*" => Some(Representation::Json),
        "text/calendar" => Some(Representation::Calendar),
        "text/event-stream" => Some(Representation::EventStream),
        "text/plain" => Some(Representation::Plain),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_preferred_when_it_is_named_before_json() {
        for (header, expected) in [
            ("text/calendar", true),
            ("Text/Calendar; charset=utf-8, */*;q=0.1", true),
            ("text/html, text/calendar", true),
            ("text/event-stream, text/calendar", true),
            ("application/json, text/calendar", false),
            ("text/event-stream", false),
            ("*/*", false),
            ("text/html", false),
            (";,", false),
        ] {
            let headers = HeaderMap::from_iter([(ACCEPT, header.parse().unwrap())]);
            assert_eq!(Accepted::of(&headers).prefers(Representation::Calendar), expected, "{header}");
        }
        assert!(!Accepted::of(&HeaderMap::new()).prefers(Representation::Calendar));
    }
}
