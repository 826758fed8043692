//! Many groups or tasks in one edit: all of it or nothing, and shown before it is done.

mod body;
mod effects;
mod exceptions;
mod overrides;
mod tasks;

use domain::FaultRule;
use store::{Kind, Tx};
use utoipa_axum::{router::OpenApiRouter, routes};

use self::effects::BulkView;
use crate::{
    Api,
    http::{
        envelope::Answer,
        messages::Message,
        problem::Problem,
        query::{Flag, query_parameters},
    },
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

/// What is not there is a fault of the list that names it.
fn unknown(error: store::Error, field: &'static str) -> Problem {
    match error {
        store::Error::NotFound(Kind::Group | Kind::Task) => Problem::fault(field, FaultRule::Unknown),
        other => other.into(),
    }
}

/// Keeps what was done, or nothing of it.
async fn end(tx: Tx, query: BulkQuery, view: BulkView) -> Result<Answer<BulkView>, Problem> {
    if query.dry_run {
        return Ok(Answer::new(Message::EditNotStored, view));
    }
    tx.commit().await?;
    Ok(Answer::new(Message::Saved, view.stored()))
}
