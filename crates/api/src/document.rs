//! The OpenAPI document: made from the routes, checked in as `openapi.json`, served at `/openapi.json`.

use utoipa::{
    Modify, OpenApi,
    openapi::{
        path::{Operation, PathItem},
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};
use utoipa_axum::router::OpenApiRouter;

use crate::router;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Dialtime",
        description = "When calls may go out. Every answer wears one envelope: `code`, `status`, `message`, \
                       sometimes `meta`, and `data`. Messages are Chinese; `Accept-Language: en` gives English. \
                       Weekdays are numbered **0 = Sunday, 1 = Monday, ... 6 = Saturday**.",
        license(name = "MIT", identifier = "MIT")
    ),
    security(("token" = [])),
    modifiers(&BearerToken)
)]
struct Document;

struct BearerToken;

impl Modify for BearerToken {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("A partner's token, made with `dialtime token create`"))
            .build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(bearer));
    }
}

/// The OpenAPI 3.1 document as JSON, indented, with a last newline.
///
/// # Panics
/// Never: the document holds nothing that JSON cannot.
pub fn openapi() -> String {
    let routes = OpenApiRouter::with_openapi(Document::openapi()).merge(router::routes());
    let mut document = routes.into_openapi();
    for item in document.paths.paths.values_mut() {
        tell_methods_apart(item);
    }
    #[expect(clippy::expect_used, reason = "strings, numbers, maps and lists only")]
    let text = serde_json::to_string_pretty(&document).expect("the document is plain JSON");
    text + "\n"
}

/// A route with several methods for one thing needs an operation id for each.
fn tell_methods_apart(item: &mut PathItem) {
    let get = item.get.as_ref().and_then(|operation| operation.operation_id.clone());
    let rename = |operation: &mut Option<Operation>, method: &str| {
        if let Some(id) = operation.as_mut().and_then(|operation| operation.operation_id.as_mut())
            && Some(&*id) == get.as_ref()
        {
            *id = format!("{id}_{method}");
        }
    };
    rename(&mut item.post, "post");
    rename(&mut item.put, "put");
}
