//! Many groups or tasks in one edit: all of it or nothing, and shown before it is done.

mod body;
mod edit;
mod effects;
mod exceptions;
mod named;
mod overrides;
mod tasks;

use domain::Faults;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Api,
    http::query::{Flag, Query, QueryParameters, SubUserQuery, query_parameters},
};

/// The routes of this resource, with their part of the OpenAPI document.
pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(exceptions::add))
        .routes(routes!(exceptions::remove))
        .routes(routes!(overrides::set))
        .routes(routes!(overrides::remove))
        .routes(routes!(tasks::r#move))
        .routes(routes!(tasks::pause))
        .routes(routes!(tasks::resume))
}

query_parameters! {
    /// Whether it is only shown.
    pub(crate) struct BulkQuery {
        /// Shows what would stop and start, and changes nothing.
        dry_run: Flag,
    }
}

impl BulkQuery {
    /// Reads it and refuses all else: with a misspelt `dry_run` it would be done.
    fn checked(query: &Query, faults: &mut Faults) -> Self {
        query.refuse_all_but(&[Self::NAMES, SubUserQuery::NAMES], faults);
        Self::read(query, faults)
    }
}
