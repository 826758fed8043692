//! The access log: one line for each request, with its id, route, status and time, and the same as figures for Prometheus.
//!
//! Nothing that a client wrote is logged: of an address only the route's template, of a refusal only which rules were broken at
//! which fields. So no token, telephone number or body can reach the log.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};
use domain::Random;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use tracing::Instrument;

use crate::{
    Api,
    http::{
        refusal_log::{LoggedRefusal, has_long_number},
        settings::AccessLog,
    },
};

/// The id by which a request is found in the log: the client's own, or one that is made up. It is in every answer.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest request id that is taken from a client, in bytes.
const LONGEST_ID: usize = 64;

/// Requests answered, by route, method and HTTP status.
const REQUESTS: &str = "dialtime_http_requests_total";
/// How long requests took until their answer began, in seconds, by route and method.
const DURATION: &str = "dialtime_http_request_duration_seconds";
/// Requests refused, by the refusal's code in the envelope.
const REFUSALS: &str = "dialtime_http_refusals_total";

impl LoggedRefusal {
    /// Counts it for Prometheus.
    pub(crate) fn count(&self) {
        metrics::counter!(REFUSALS, "code" => self.code.to_string()).increment(1);
    }

    /// Writes a line about something that no route has answered.
    pub(crate) fn write_unrouted(&self, status: StatusCode, id: &HeaderValue, method: Option<&Method>) {
        let (method, status) = (method.map_or("none", known), status.as_u16());
        let span = tracing::info_span!("request", id = id.to_str().unwrap_or_default());
        span.in_scope(|| tracing::info!(method, route = "none", status, code = self.code, "refused"));
    }
}

/// The layer outside all others.
pub(crate) async fn log(State(api): State<Api>, request: Request, next: Next) -> Response {
    let id = request_id(&*api.random, request.headers());
    let method = known(request.method());
    let path = request.extensions().get::<MatchedPath>().cloned();
    let route = path.as_ref().map_or("none", MatchedPath::as_str);
    let span =
        tracing::info_span!("request", id = id.to_str().unwrap_or_default(), partner = tracing::field::Empty);
    // A duration needs no injected clock: no decision about a call depends on it.
    let began = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let answered =
        Answered { method, route, status: response.status(), seconds: began.elapsed().as_secs_f64() };
    let refusal = response.extensions_mut().remove::<LoggedRefusal>();
    span.in_scope(|| answered.write(refusal.as_ref(), api.settings.access_log));
    if api.settings.count_requests {
        answered.count(refusal.as_ref());
    }
    response.headers_mut().insert(REQUEST_ID, id);
    response
}

struct Answered<'r> {
    method: &'static str,
    route: &'r str,
    status: StatusCode,
    seconds: f64,
}

impl Answered<'_> {
    fn write(&self, refusal: Option<&LoggedRefusal>, wanted: AccessLog) {
        let Self { method, route, status, seconds } = self;
        let (status, milliseconds) = (status.as_u16(), (seconds * 1e5).round() / 100.0);
        match refusal {
            Some(LoggedRefusal { code, faults }) if wanted >= AccessLog::Refusals => {
                tracing::info!(method, route, status, code, faults, milliseconds, "refused");
            }
            None if wanted >= AccessLog::All => {
                tracing::info!(method, route, status, milliseconds, "answered");
            }
            _ => {}
        }
    }

    fn count(&self, refusal: Option<&LoggedRefusal>) {
        let Self { method, route, status, seconds } = self;
        let (route, status) = ((*route).to_owned(), status.as_str().to_owned());
        if let Some(refusal) = refusal {
            refusal.count();
        }
        metrics::histogram!(DURATION, "method" => *method, "route" => route.clone()).record(*seconds);
        metrics::counter!(REQUESTS, "method" => *method, "route" => route, "status" => status).increment(1);
    }
}

/// Clients can invent methods, and each value of a label costs memory.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        Method::PATCH => "PATCH",
        _ => "other",
    }
}

/// The client's own id of a request, or one that is made up.
pub(crate) fn request_id(random: &dyn Random, headers: &HeaderMap) -> HeaderValue {
    let own = headers.get(REQUEST_ID).filter(|id| is_request_id(id.as_bytes()));
    own.cloned().unwrap_or_else(|| made_up_id(random))
}

/// A UUID, or another short word in which no telephone number can hide.
fn is_request_id(id: &[u8]) -> bool {
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    let is_word = (1..=LONGEST_ID).contains(&id.len()) && id.iter().all(allowed);
    is_word && (uuid::Uuid::try_parse_ascii(id).is_ok() || !has_long_number(&String::from_utf8_lossy(id)))
}

fn made_up_id(random: &dyn Random) -> HeaderValue {
    let mut bytes = [0; 16];
    random.fill(&mut bytes);
    let id = uuid::Builder::from_random_bytes(bytes).into_uuid().to_string();
    HeaderValue::try_from(id).unwrap_or_else(|_| HeaderValue::from_static("none"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_s_own_request_id_is_taken_when_it_is_one() {
        for taken in ["a", "req-1.2_B", "018f-ab", "01234567-0123-4567-8901-012345678901"] {
            assert!(is_request_id(taken.as_bytes()), "{taken}");
        }
        for refused in ["", "with space", "13800000000", "字", &"x".repeat(65)] {
            assert!(!is_request_id(refused.as_bytes()), "{refused}");
        }
    }
}
