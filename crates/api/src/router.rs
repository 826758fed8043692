//! Every route, and what surrounds them all.

use axum::{
    Router,
    extract::Request,
    middleware,
    response::{IntoResponse, Response},
    routing::{get, head},
};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use tower::ServiceExt;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::{router::OpenApiRouter, routes};
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::{
    Api,
    http::{access_log, envelope, problem::Problem},
    openapi,
    resources::{
        accounts::{self, administration},
        decisions, events, group_calendars, groups, health, holiday_calendars, not_implemented,
        tasks::{self, v1, v2},
        tokens, webhooks,
    },
};

/// The routes together with their part of the OpenAPI document.
pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(groups::list, dial_time_groups::save))
        .routes(routes!(groups::detail, dial_time_groups::update, dial_time_groups::delete))
        .routes(routes!(groups::replace))
        .routes(routes!(groups::tasks))
        .routes(routes!(decisions::of_group))
        .routes(routes!(decisions::of_task))
        .routes(routes!(decisions::of_many))
        .routes(routes!(group_calendars::of_group))
        .routes(routes!(group_calendars::preview::preview))
        .routes(routes!(group_calendars::subscriptions::list, group_calendars::subscriptions::create))
        .routes(routes!(group_calendars::subscriptions::revoke))
        .routes(routes!(group_calendars::subscriptions::read))
        .routes(routes!(v1::list, v1::create))
        .routes(routes!(v1::list_all))
        .routes(routes!(v1::list_subset))
        .routes(routes!(v1::init))
        .routes(routes!(v1::modify, v1::delete))
        .routes(routes!(v1::edit))
        .routes(routes!(v1::start))
        .routes(routes!(v1::stop))
        .routes(routes!(v1::statistics))
        .routes(routes!(v2::list, v2::create))
        .routes(routes!(v2::list_subset))
        .routes(routes!(v2::init))
        .routes(routes!(v2::modify, v2::delete))
        .routes(routes!(v2::edit))
        .routes(routes!(v2::start))
        .routes(routes!(v2::stop))
        .routes(routes!(v2::copy))
        .routes(routes!(accounts::list_users, accounts::register_user))
        .routes(routes!(accounts::list_sub_users, accounts::register_sub_user))
        .routes(routes!(accounts::sub_user_detail))
        .routes(routes!(administration::disable_user))
        .routes(routes!(administration::enable_user))
        .routes(routes!(administration::set_user_password))
        .routes(routes!(administration::delete_user))
        .routes(routes!(administration::disable_sub_user))
        .routes(routes!(administration::enable_sub_user))
        .routes(routes!(administration::set_sub_user_password))
        .routes(routes!(administration::delete_sub_user))
        .routes(routes!(events::list))
        .routes(routes!(webhooks::list, webhooks::create))
        .routes(routes!(webhooks::detail, webhooks::update, webhooks::delete))
        .routes(routes!(webhooks::rotate_secret))
        .routes(routes!(webhooks::test))
        .routes(routes!(webhooks::deliveries))
        .routes(routes!(webhooks::send_all_again))
        .routes(routes!(webhooks::send_again))
        .routes(routes!(holiday_calendars::list))
        .routes(routes!(holiday_calendars::detail))
        .routes(routes!(tokens::validity))
        .routes(routes!(health::alive))
        .routes(routes!(health::ready))
}

/// The whole service, with pages for people beside it; what goes wrong at one of their addresses wears the envelope too.
pub fn router(api: Api, pages: Router) -> Router {
    // Shared by all answers: a copy of its own for each client that reads slowly would add up.
    let document = Bytes::from(openapi::openapi());
    let (routes, _) = routes().split_for_parts();
    let documentation = SwaggerUi::new("/docs").config(Config::from("../openapi.json"));
    let routes = tasks::ACTING_BY_GET.iter().fold(routes, |routes, path| routes.route(path, head(look_only)));
    let routes = routes
        .merge(not_implemented::routes())
        .route("/openapi.json", get(move || async move { json(document) }))
        .with_state(api.clone())
        .merge(Router::from(documentation).layer(middleware::map_response(lead_by_relative_address)))
        .merge(pages)
        .fallback(async || Problem::NotFound)
        .method_not_allowed_fallback(async || Problem::MethodNotAllowed);
    let again = routes.clone();
    routes
        .fallback(move |request: Request| without_slash(again, request))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(api.clone(), envelope::wrap))
        .layer(middleware::from_fn_with_state(api, access_log::log))
}

/// Of the page to try the API at: a proxy may put a path of its own before it, which is not known here.
async fn lead_by_relative_address(mut response: Response) -> Response {
    if response.headers().get(header::LOCATION).is_some_and(|location| location == "/docs/") {
        response.headers_mut().insert(header::LOCATION, HeaderValue::from_static("docs/"));
    }
    response
}

/// A `HEAD` only looks, so it is not for what acts; without this, the router would answer it as a `GET`.
async fn look_only() -> impl IntoResponse {
    ([(header::ALLOW, HeaderValue::from_static("GET, POST, PUT"))], Problem::MethodNotAllowed)
}

/// An address that names nothing may do so for a slash at its end, which is forgiven.
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
