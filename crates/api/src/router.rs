//! The routes of all resources, and the layers around them.

use std::sync::LazyLock;

use axum::{
    Extension, Router,
    extract::Request,
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use tower::ServiceExt;
use tower_http::catch_panic::CatchPanicLayer;

use crate::{
    Api,
    http::{access_log, envelope, problem::Problem, query_names::KnownNames, second_proof},
    openapi,
    resources::{self, not_implemented},
};

/// Made when it is first asked for: most servers start without anyone reading it. Shared by all answers, as one copy for each slow
/// client would add up.
static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| Bytes::from(openapi::openapi()));

/// The whole service, with pages for people beside it. Errors at the addresses of pages have the envelope too.
pub fn router(api: Api, pages: Router) -> Router {
    let of_resources = resources::routes();
    #[cfg(feature = "swagger-ui")]
    let pages = pages.merge(openapi::page::routes());
    let routes = of_resources
        .router()
        .merge(not_implemented::routes())
        .merge(resources::calls::bot::routes())
        .route("/openapi.json", get(async || json(DOCUMENT.clone())))
        .with_state(api.clone())
        .merge(pages)
        .fallback(async || Problem::NotFound)
        .method_not_allowed_fallback(async || Problem::MethodNotAllowed);
    let again = routes.clone();
    routes
        .fallback(move |request: Request| without_slash(again, request))
        .layer(Extension(KnownNames::of(&of_resources)))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(api.clone(), second_proof::layer))
        .layer(middleware::from_fn_with_state(api.settings.error_status, envelope::wrap))
        .layer(middleware::from_fn_with_state(api, access_log::log))
}

/// An unknown address may be a known one with a slash at its end, which is forgiven.
async fn without_slash(routes: Router, mut request: Request) -> Response {
    let (path, query) = (request.uri().path(), request.uri().query());
    let trimmed = path.trim_end_matches('/');
    if trimmed.is_empty() || trimmed.len() == path.len() {
        return Problem::NotFound.into_response();
    }
    let address = query.map_or_else(|| trimmed.to_owned(), |query| format!("{trimmed}?{query}"));
    let Ok(address) = address.parse() else { return Problem::NotFound.into_response() };
    *request.uri_mut() = address;
    routes.oneshot(request).await.into_response()
}

fn json(text: Bytes) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], text)
}

#[expect(clippy::needless_pass_by_value, reason = "the layer gives it by value")]
fn panicked(panic: Box<dyn std::any::Any + Send>) -> Response {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no text");
    tracing::error!(panic = text, "a handler panicked");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}
