//! The page to try the API at (`/docs`). It makes the program larger, so it is a feature of the build: `swagger-ui`.

use axum::{Router, middleware, response::Response};
use http::{HeaderValue, header};
use utoipa_swagger_ui::{Config, SwaggerUi};

/// The page and its files. It reads the document from `/openapi.json`.
pub(crate) fn routes() -> Router {
    let page = SwaggerUi::new("/docs").config(Config::from("../openapi.json"));
    Router::from(page).layer(middleware::map_response(lead_by_relative_address))
}

/// A proxy may put a path of its own before the page, which is not known here.
async fn lead_by_relative_address(mut response: Response) -> Response {
    if response.headers().get(header::LOCATION).is_some_and(|location| location == "/docs/") {
        response.headers_mut().insert(header::LOCATION, HeaderValue::from_static("docs/"));
    }
    response
}
