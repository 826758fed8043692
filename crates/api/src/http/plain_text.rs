//! The plain answer to a decision, for dial plans: `1` or `0`, a newline, and nothing else.
//!
//! A dial plan often sees the body alone, neither the status nor the headers. So whatever is not a clear yes is `0`: a request
//! that was refused never reads as a permission. What was wrong with it stands in the status, and in the header
//! `Dialtime-Error` as well, which `--error-status 200` leaves as it is.

use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{HeaderName, HeaderValue, StatusCode, header};

use crate::{
    ErrorStatus,
    http::{
        access_log::LoggedRefusal,
        language::Language,
        problem::Problem,
        representation::{Accepted, Representation},
    },
};

const ERROR: HeaderName = HeaderName::from_static("dialtime-error");

/// Whether a request asks for a decision in plain text. It is seen by the path's end, so that it is answered plainly also when
/// it gets no further than that.
pub(crate) fn is_wanted(request: &Request) -> bool {
    request.uri().path().trim_end_matches('/').ends_with("/decision")
        && Accepted::of(request.headers()).prefers(Representation::Plain)
}

/// Whether a call may go out.
pub(crate) fn answer(allowed: bool) -> Response {
    write(StatusCode::OK, if allowed { "1\n" } else { "0\n" })
}

/// A refusal of a request that asked for a decision.
pub(crate) fn refusal(problem: &Problem, error_status: ErrorStatus) -> Response {
    let mut response = write(error_status.of(problem.status()), "0\n");
    let words = format!("{} {}", problem.code(), problem.text(Language::English));
    response.headers_mut().extend(HeaderValue::try_from(words).ok().map(|words| (ERROR, words)));
    response.headers_mut().extend(problem.header());
    response.extensions_mut().insert(LoggedRefusal::of(problem));
    response
}

fn write(status: StatusCode, body: &'static str) -> Response {
    let headers = [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
    (status, headers, body).into_response()
}
