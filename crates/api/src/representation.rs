//! The form of an answer: JSON in its envelope, or what a client asks for where there is more than one.

use http::{HeaderMap, header::ACCEPT};

/// A form that something can be answered in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Representation {
    #[default]
    Json,
    /// iCalendar (RFC 5545).
    Calendar,
}

impl Representation {
    /// The first form that `Accept` names and that there is; JSON when it names none.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let header = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let mut ranges = header.split(',').map(|range| range.split(';').next().unwrap_or_default().trim());
        ranges.find_map(Self::from_range).unwrap_or_default()
    }

    fn from_range(range: &str) -> Option<Self> {
        match range.to_ascii_lowercase().as_str() {
            "application/json" | "*/*" => Some(Self::Json),
            "text/calendar" => Some(Self::Calendar),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_form_that_there_is_wins() {
        for (header, expected) in [
            ("text/calendar", Representation::Calendar),
            ("Text/Calendar; charset=utf-8, */*;q=0.1", Representation::Calendar),
            ("text/html, text/calendar", Representation::Calendar),
            ("application/json, text/calendar", Representation::Json),
            ("*/*", Representation::Json),
            ("text/html", Representation::Json),
            (";,", Representation::Json),
        ] {
            let headers = HeaderMap::from_iter([(ACCEPT, header.parse().unwrap())]);
            assert_eq!(Representation::of(&headers), expected, "{header}");
        }
        assert_eq!(Representation::of(&HeaderMap::new()), Representation::Json);
    }
}
