//! The plain answer to a decision, for dial plans: `1` or `0`, a newline, and nothing else.
//!
//! A dial plan often reads only the body, neither the status nor the headers. So everything but a clear yes is `0`, and a refusal is
//! never taken for a permission. What was wrong is in the status, and in the header `Dialtime-Error`, which
//! `--error-status 200` leaves as it is.

use axum::{
    body::Body,
    extract::{MatchedPath, Request},
    response::Response,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use crate::http::{
    language::Language,
    problem::Problem,
    refusal_log::LoggedRefusal,
    representation::{Accepted, Representation},
    settings::ErrorStatus,
};

const ERROR: HeaderName = HeaderName::from_static("dialtime-error");

/// Whether a request asks for a decision in plain text. It is seen by the path's end, so that it is answered plainly also when
/// it gets no further than that; and a path that leads nowhere may be that of a decision, misspelt.
pub(crate) fn is_wanted(request: &Request) -> bool {
    let leads_nowhere = request.extensions().get::<MatchedPath>().is_none();
    is_decision(request.uri().path(), request.headers())
        || (leads_nowhere && Accepted::of(request.headers()).prefers(Representation::Plain))
}

/// Whether a path is that of a decision, which is asked for in plain text.
pub(crate) fn is_decision(path: &str, headers: &HeaderMap) -> bool {
    let path = path.trim_end_matches('/');
    (path.ends_with("/decision") || path.ends_with("/decisions"))
        && Accepted::of(headers).prefers(Representation::Plain)
}

/// Whether a call may go out.
pub(crate) fn answer(allowed: bool) -> Response {
    write(StatusCode::OK, if allowed { "1\n" } else { "0\n" }).map(Body::from)
}

/// A refusal of a request that asked for a decision.
pub(crate) fn refusal(problem: &Problem, error_status: ErrorStatus) -> Response {
    let mut response = refusal_text(problem, error_status).map(Body::from);
    response.extensions_mut().insert(LoggedRefusal::of(problem));
    response
}

/// The same as text.
pub(crate) fn refusal_text(problem: &Problem, error_status: ErrorStatus) -> http::Response<String> {
    let mut response = write(error_status.of(problem.status()), "0\n");
    let words = format!("{} {}", problem.code(), problem.text(Language::English));
    response.headers_mut().extend(HeaderValue::try_from(words).ok().map(|words| (ERROR, words)));
    response.headers_mut().extend(problem.header());
    response
}

fn write(status: StatusCode, body: &str) -> http::Response<String> {
    let mut response = http::Response::new(body.to_owned());
    *response.status_mut() = status;
    for (name, value) in
        [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "no-store")]
    {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
