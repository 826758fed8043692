//! Endpoints of the platform that are not here yet: each is answered with 501 and its name.

use axum::{Router, routing::on};

use crate::{
    Api,
    http::{
        body::ParsedBody,
        extract::{FromBody, PartnerRequest},
        not_implemented::ENDPOINTS,
        problem::Problem,
    },
};

/// Whatever is sent is left unread.
struct Unread;

impl FromBody for Unread {
    fn from_body(_: Result<ParsedBody, Problem>) -> Result<Self, Problem> {
        Ok(Self)
    }
}

/// The routes of all of them; each asks for a good token first.
pub(crate) fn routes() -> Router<Api> {
    ENDPOINTS.iter().fold(Router::new(), |routes, endpoint| {
        let refuse = async |_: PartnerRequest<Unread>| Problem::Missing(endpoint);
        routes.route(endpoint.path, on(endpoint.filter, refuse))
    })
}
