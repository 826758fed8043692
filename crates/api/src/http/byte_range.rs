//! `Range`: a part of a file, and `If-None-Match`: the file unless it is known (RFC 9110, sections 13 and 14).

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
    /// The versions of the file that are known.
    known: Option<String>,
}

impl RangeHeaders {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        Self {
            range: text(header::RANGE),
            version: text(header::IF_RANGE),
            known: text(header::IF_NONE_MATCH),
        }
    }
}

impl IntoParams for RangeHeaders {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let range = DocumentedHeader {
            name: "Range",
            description: "The part that is wanted, answered with 206.",
            example: "bytes=0-1023",
        };
        let known = DocumentedHeader {
            name: "If-None-Match",
            description: "The `ETag` of a file that is known; 304 where it is the same.",
            example: "\"3b1f5a\"",
        };
        [range.with(ObjectBuilder::new()), known.with(ObjectBuilder::new())].concat()
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
    /// Nothing: it is known.
    Unchanged,
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
        Part::Unchanged => return Ok(unchanged(&tag)),
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
    set(header::CACHE_CONTROL, CACHING);
    set(header::ETAG, &tag);
    if let Some(range) = range {
        set(header::CONTENT_RANGE, &range);
    }
    Ok(response)
}

/// May be kept by who asked, and is asked for again each time.
const CACHING: &str = "private, no-cache";

fn unchanged(tag: &str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    let headers = [(header::CACHE_CONTROL, CACHING), (header::ETAG, tag)];
    response.headers_mut().extend(
        headers.into_iter().filter_map(|(name, value)| Some((name, HeaderValue::from_str(value).ok()?))),
    );
    response
}

/// Whether a list of tags, or `*`, has this one; weak ones count, for a file has no weaker versions.
fn names(known: &str, tag: &str) -> bool {
    known.split(',').map(str::trim).any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag)
}

/// The one range that a request asks for. Several at once, and what is no range, are passed over, as the standard allows; so is a range
/// of another version of the file.
fn part(headers: &RangeHeaders, tag: &str, length: usize) -> Part {
    if headers.known.as_ref().is_some_and(|known| names(known, tag)) {
        return Part::Unchanged;
    }
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

    #[test]
    fn what_is_known_is_not_sent_again_not_even_in_part() {
        for (known, expected) in [
            ("\"a\"", Part::Unchanged),
            ("W/\"a\"", Part::Unchanged),
            ("\"b\", \"a\"", Part::Unchanged),
            ("*", Part::Unchanged),
            ("\"b\"", Part::Bytes(0, 9)),
            ("a", Part::Bytes(0, 9)),
            ("", Part::Bytes(0, 9)),
        ] {
            let headers = HeaderMap::from_iter([
                (header::RANGE, "bytes=0-9".parse().unwrap()),
                (header::IF_NONE_MATCH, known.parse().unwrap()),
            ]);
            assert_eq!(part(&RangeHeaders::of(&headers), "\"a\"", 100), expected, "{known}");
        }
    }
}
