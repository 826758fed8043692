//! Many groups or tasks in one edit: all of it or nothing, and shown before it is done.

mod body;
mod edit;
mod effects;
mod exceptions;
mod named;
mod overrides;
mod tasks;

use crate::http::routes::{Routes, routes};

/// The routes of this resource, with their part of the OpenAPI document.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .routes(routes!(exceptions::add))
        .routes(routes!(exceptions::remove))
        .routes(routes!(overrides::set))
        .routes(routes!(overrides::remove))
        .routes(routes!(tasks::r#move))
        .routes(routes!(tasks::pause))
        .routes(routes!(tasks::resume))
}
