//! The envelope of every answer: `{"code", "status", "message", ["meta"], "data"}`.
//!
//! A handler answers with an [`Answer`] or a [`Problem`]. Both travel as an [`Outcome`] to the layer [`wrap`], which knows the
//! client's language and the operator's `--error-status` and writes the body. What the framework refuses itself (an unknown path,
//! a panic) becomes a [`Problem`] there.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::value::RawValue;
use store::{Page, Paged};
use utoipa::ToSchema;

use crate::http::{
    language::Language,
    messages::Message,
    plain_text,
    problem::{Problem, ProblemEntry},
    refusal_log::LoggedRefusal,
    settings::ErrorStatus,
    values::{self, schema_of},
};

/// The `status` of every success.
pub(crate) const SUCCESS: &str = "success";
/// The `status` of every refusal.
pub(crate) const ERROR: &str = "error";

/// A success: what it says, and its payload.
#[derive(Clone, Debug)]
pub(crate) struct Answer<T> {
    pub(crate) message: Message,
    pub(crate) meta: Option<Meta>,
    pub(crate) data: Payload<T>,
    /// The version of the thing in the payload, sent as its `ETag`.
    pub(crate) version: Option<i64>,
}

/// What stands under `data`.
#[derive(Clone, Debug)]
pub(crate) enum Payload<T> {
    /// Nothing: `[]`, as documented.
    Empty,
    Value(T),
    /// JSON that is already written, such as what was answered before.
    Raw(Box<RawValue>),
}

impl<T> Answer<T> {
    pub(crate) const fn new(message: Message, data: T) -> Self {
        Self { message, meta: None, data: Payload::Value(data), version: None }
    }

    pub(crate) const fn with_version(mut self, version: i64) -> Self {
        self.version = Some(version);
        self
    }
}

impl Answer<()> {
    pub(crate) const fn empty(message: Message) -> Self {
        Self { message, meta: None, data: Payload::Empty, version: None }
    }
}

impl<T> Answer<Vec<T>> {
    pub(crate) fn page<S>(message: Message, page: Page, paged: Paged<S>, view: impl FnMut(S) -> T) -> Self {
        let meta = Meta::new(page, paged.total);
        let items = paged.items.into_iter().map(view).collect();
        Self { message, meta: Some(meta), data: Payload::Value(items), version: None }
    }
}

/// Where a page stands in its list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Meta {
    /// Whether there is more than one page.
    has_pages: bool,
    /// How many items there are on all pages.
    #[schema(minimum = 0)]
    total: i64,
    /// The number of the last page.
    #[schema(minimum = 1)]
    last_page: i64,
    /// The number of this page, counted from 1.
    #[schema(minimum = 1)]
    current_page: u32,
    /// How many items a page holds: a string, as documented.
    #[schema(example = "15")]
    per_page: String,
}

impl Meta {
    fn new(page: Page, total: i64) -> Self {
        let size = i64::from(page.size).max(1);
        let last_page = ((total + size - 1) / size).max(1);
        Self {
            has_pages: total > size,
            total,
            last_page,
            current_page: page.number,
            per_page: page.size.to_string(),
        }
    }
}

/// A handler's result on its way to [`wrap`].
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    Success { message: Message, meta: Option<Meta>, data: Option<Arc<RawValue>>, version: Option<i64> },
    Problem(Problem),
}

impl IntoResponse for Outcome {
    fn into_response(self) -> Response {
        let mut response = Response::default();
        response.extensions_mut().insert(self);
        response
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        Outcome::Problem(self).into_response()
    }
}

impl<T: Serialize> From<Answer<T>> for Outcome {
    fn from(answer: Answer<T>) -> Self {
        let Answer { message, meta, data, version } = answer;
        let data = match data {
            Payload::Empty => Ok(None),
            Payload::Value(value) => serde_json::value::to_raw_value(&value).map(Some),
            Payload::Raw(raw) => Ok(Some(raw)),
        };
        match data {
            Ok(data) => Self::Success { message, meta, data: data.map(Arc::from), version },
            Err(error) => {
                tracing::error!(%error, "an answer could not be written");
                Self::Problem(Problem::Internal)
            }
        }
    }
}

impl<T: Serialize> IntoResponse for Answer<T> {
    fn into_response(self) -> Response {
        Outcome::from(self).into_response()
    }
}

schema_of!(
    /// The `code` of a success.
    SuccessCodeSchema,
    "SuccessCode",
    values::numbers("Done", [StatusCode::OK.as_u16()])
);
schema_of!(
    /// The `status` of a success.
    SuccessStatusSchema,
    "SuccessStatus",
    values::words("Done", &[SUCCESS])
);
schema_of!(
    /// The `status` of a refusal.
    ErrorStatusSchema,
    "ErrorStatus",
    values::words("Refused", &[ERROR])
);

/// A success with its payload.
#[derive(Serialize, ToSchema)]
pub(crate) struct Envelope<T> {
    #[schema(value_type = SuccessCodeSchema)]
    code: u16,
    #[schema(value_type = SuccessStatusSchema)]
    status: &'static str,
    /// What was done, in Chinese or (`Accept-Language: en`) English.
    message: &'static str,
    /// The payload.
    data: T,
}

/// A page of a list.
#[derive(Serialize, ToSchema)]
pub(crate) struct PagedEnvelope<T> {
    #[schema(value_type = SuccessCodeSchema)]
    code: u16,
    #[schema(value_type = SuccessStatusSchema)]
    status: &'static str,
    /// What was done, in Chinese or (`Accept-Language: en`) English.
    message: &'static str,
    meta: Meta,
    /// The items of this page.
    data: T,
}

/// Done; there is nothing to show.
#[derive(Serialize, ToSchema)]
pub(crate) struct EmptyEnvelope {
    #[schema(value_type = SuccessCodeSchema)]
    code: u16,
    #[schema(value_type = SuccessStatusSchema)]
    status: &'static str,
    /// What was done, in Chinese or (`Accept-Language: en`) English.
    #[schema(example = "删除成功")]
    message: &'static str,
    /// Always empty.
    #[schema(value_type = Vec<serde_json::Value>, max_items = 0)]
    data: [(); 0],
}

/// A refusal.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemEnvelope {
    /// A business code (8101 is documented, 8102 to 8110 are ours), else the HTTP status.
    #[schema(example = 8101)]
    code: u16,
    #[schema(value_type = ErrorStatusSchema)]
    status: &'static str,
    /// What is refused, in Chinese or (`Accept-Language: en`) English.
    #[schema(example = "呼叫时间组已关联任务,不可删除")]
    message: &'static str,
    /// How many tasks or scripts need what was to be deleted; of such a refusal only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = ProblemMeta, required = false)]
    meta: Option<ProblemMeta>,
    /// The faults of a request that is not valid (422); of what needs the thing that was to be deleted (8102 to
    /// 8108) the first 20; else empty.
    data: Vec<ProblemEntry>,
}

/// How many entries the `data` of a refusal would have.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProblemMeta {
    #[schema(minimum = 0)]
    total: i64,
}

/// Marks an answer whose body has a form of its own, also where it is a refusal: an interface that is another's to the letter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OwnForm;

/// The outermost layer: writes the body of every answer.
pub(crate) async fn wrap(State(error_status): State<ErrorStatus>, request: Request, next: Next) -> Response {
    let (language, plainly) = (Language::of(request.headers()), plain_text::is_wanted(&request));
    let mut response = next.run(request).await;
    if response.extensions().get::<OwnForm>().is_some() {
        return response;
    }
    let refused = response.status().is_client_error() || response.status().is_server_error();
    let outcome = match response.extensions_mut().remove::<Outcome>() {
        Some(outcome) => outcome,
        None if refused => Outcome::Problem(Problem::of_status(response.status())),
        None => return response,
    };
    let mut written = match &outcome {
        Outcome::Problem(problem) if plainly => plain_text::refusal(problem, error_status),
        outcome => write(outcome, language, error_status),
    };
    copy_header(&response, &mut written, &header::ALLOW);
    written
}

fn copy_header(from: &Response, to: &mut Response, name: &header::HeaderName) {
    if let Some(value) = from.headers().get(name) {
        to.headers_mut().insert(name, value.clone());
    }
}

/// A refusal with the envelope; `headers` are those of the request, as far as they are known.
pub(crate) fn refusal(
    problem: &Problem,
    headers: &HeaderMap,
    error_status: ErrorStatus,
) -> http::Response<String> {
    write_text(&Outcome::Problem(problem.clone()), Language::of(headers), error_status)
}

fn write(outcome: &Outcome, language: Language, error_status: ErrorStatus) -> Response {
    write_text(outcome, language, error_status).map(Body::from)
}

fn write_text(outcome: &Outcome, language: Language, error_status: ErrorStatus) -> http::Response<String> {
    let (body, status) = match outcome {
        Outcome::Success { message, meta, data, .. } => {
            (success_body(message.text(language), meta.clone(), data.as_deref()), StatusCode::OK)
        }
        Outcome::Problem(problem) => (problem_body(problem, language), error_status.of(problem.status())),
    };
    let mut response = http::Response::new(body);
    *response.status_mut() = status;
    headers(outcome, language, response.headers_mut());
    if let Outcome::Problem(problem) = outcome {
        response.extensions_mut().insert(LoggedRefusal::of(problem));
    }
    response
}

fn success_body(message: &'static str, meta: Option<Meta>, data: Option<&RawValue>) -> String {
    let (code, status) = (StatusCode::OK.as_u16(), SUCCESS);
    match (data, meta) {
        (None, _) => json(&EmptyEnvelope { code, status, message, data: [] }),
        (Some(data), None) => json(&Envelope { code, status, message, data }),
        (Some(data), Some(meta)) => json(&PagedEnvelope { code, status, message, meta, data }),
    }
}

/// The body of a refusal.
pub(crate) fn problem_body(problem: &Problem, language: Language) -> String {
    let (message, data) = (problem.text(language), problem.entries(language));
    let meta = problem.total().map(|total| ProblemMeta { total });
    json(&ProblemEnvelope { code: problem.code(), status: ERROR, message, meta, data })
}

fn headers(outcome: &Outcome, language: Language, headers: &mut HeaderMap) {
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.choose("zh-CN", "en")));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    match outcome {
        Outcome::Success { version: Some(version), .. } => {
            if let Ok(tag) = HeaderValue::try_from(format!("\"{version}\"")) {
                headers.insert(header::ETAG, tag);
            }
        }
        Outcome::Success { version: None, .. } => {}
        Outcome::Problem(problem) => headers.extend(problem.header()),
    }
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|error| {
        tracing::error!(%error, "an envelope could not be written");
        r#"{"code":500,"status":"error","message":"服务器内部错误","data":[]}"#.to_owned()
    })
}
