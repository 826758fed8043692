//! `Range`: a part of a file (RFC 9110, section 14).

use std::ops::Range;

use axum::{body::Body, response::Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use utoipa::{
    IntoParams,
    openapi::{
        ObjectBuilder,
        path::{Parameter, ParameterIn},
    },
};

use crate::http::{headers::DocumentedHeader, problem::Problem};

/// What a request says of the part that it wants.
#[derive(Clone, Debug, Default)]
pub(crate) struct RangeHeaders {
    range: Option<String>,
    /// The version of the file that the range is meant for.
    version: Option<String>,
}

impl RangeHeaders {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        Self { range: text(header::RANGE), version: text(header::IF_RANGE) }
    }
}

impl IntoParams for RangeHeaders {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let range = DocumentedHeader {
            name: "Range",
            description: "The part that is wanted, answered with 206.",
            example: "bytes=0-1023",
        };
        range.with(ObjectBuilder::new())
    }
}

/// What of a file is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Whole,
    /// From a byte up to another, both included.
    Bytes(usize, usize),
    /// None of the bytes that there are.
    Beyond,
}

/// Answers with a file, or with the part of it that is asked for. `tag` changes with the file.
pub(crate) fn answer(
    headers: &RangeHeaders,
    kind: &'static str,
    tag: &str,
    file: Vec<u8>,
) -> Result<Response, Problem> {
    let (length, file) = (file.len(), Bytes::from(file));
    answer_with(headers, kind, tag, length, |part| Body::from(file.slice(part)))
}

/// The same of a file of this length, which is read by `read` as far as it is asked for.
pub(crate) fn answer_with(
    headers: &RangeHeaders,
    kind: &'static str,
    tag: &str,
    length: usize,
    read: impl FnOnce(Range<usize>) -> Body,
) -> Result<Response, Problem> {
    let tag = format!("\"{tag}\"");
    let (status, bytes, range) = match part(headers, &tag, length) {
        Part::Whole => (StatusCode::OK, 0..length, None),
        Part::Bytes(first, last) => {
            let range = format!("bytes {first}-{last}/{length}");
            (StatusCode::PARTIAL_CONTENT, first..last + 1, Some(range))
        }
        Part::Beyond => return Err(Problem::RangeNotSatisfiable(length)),
    };
    let size = bytes.len().to_string();
    let mut response = Response::new(read(bytes));
    *response.status_mut() = status;
    let mut set = |name: HeaderName, value: &str| {
        response.headers_mut().extend(HeaderValue::from_str(value).ok().map(|value| (name, value)));
    };
    set(header::CONTENT_TYPE, kind);
    set(header::CONTENT_LENGTH, &size);
    set(header::ACCEPT_RANGES, "bytes");
    set(header::CACHE_CONTROL, "private, no-cache");
    set(header::ETAG, &tag);
    if let Some(range) = range {
        set(header::CONTENT_RANGE, &range);
    }
    Ok(response)
}

/// The one range that a request asks for. Several at once, and what is no range, are passed over, as the standard allows; so is a range
/// of another version of the file.
fn part(headers: &RangeHeaders, tag: &str, length: usize) -> Part {
    if headers.version.as_ref().is_some_and(|version| version != tag) {
        return Part::Whole;
    }
    let range = headers.range.as_ref().and_then(|range| range.trim().strip_prefix("bytes="));
    let Some((first, last)) = range.and_then(|range| range.split_once('-')) else { return Part::Whole };
    let number = |text: &str| text.trim().parse::<usize>().ok();
    match (number(first), number(last)) {
        (Some(first), _) if !last.trim().is_empty() && number(last).is_none_or(|last| last < first) => {
            Part::Whole
        }
        (Some(first), _) if first >= length => Part::Beyond,
        (Some(first), last) => Part::Bytes(first, last.map_or(length - 1, |last| last.min(length - 1))),
        (None, Some(0)) if first.trim().is_empty() => Part::Beyond,
        (None, Some(many)) if first.trim().is_empty() && length > 0 => {
            Part::Bytes(length.saturating_sub(many), length - 1)
        }
        (None, _) => Part::Whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(range: &str, if_range: Option<&str>) -> Part {
        let mut headers = HeaderMap::from_iter([(header::RANGE, range.parse().unwrap())]);
        headers.extend(if_range.map(|tag| (header::IF_RANGE, tag.parse().unwrap())));
        part(&RangeHeaders::of(&headers), "\"a\"", 100)
    }

    #[test]
    fn one_range_is_read_in_each_of_its_forms() {
        for (range, expected) in [
            ("bytes=0-9", Part::Bytes(0, 9)),
            ("bytes=90-", Part::Bytes(90, 99)),
            ("bytes=90-1000", Part::Bytes(90, 99)),
            ("bytes=-10", Part::Bytes(90, 99)),
            ("bytes=-1000", Part::Bytes(0, 99)),
            ("bytes=100-", Part::Beyond),
            ("bytes=-0", Part::Beyond),
            ("bytes=9-0", Part::Whole),
            ("bytes=0-x", Part::Whole),
            ("bytes=x-9", Part::Whole),
            ("bytes=0-1,3-4", Part::Whole),
            ("bytes=-", Part::Whole),
            ("lines=0-9", Part::Whole),
        ] {
            assert_eq!(of(range, None), expected, "{range}");
        }
        assert_eq!(of("bytes=0-9", Some("\"a\"")), Part::Bytes(0, 9));
        assert_eq!(of("bytes=0-9", Some("\"b\"")), Part::Whole);
        assert_eq!(part(&RangeHeaders::default(), "\"a\"", 100), Part::Whole);
    }
}
