//! For whoever watches the program: alive, and ready to work.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    Api,
    envelope::{Answer, EmptyEnvelope, Envelope},
    holiday_calendars::{self, HorizonView},
    message::Message,
    problem::Problem,
};

/// Whether the program can do its work, and with what.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReadyView {
    /// `sqlite` or `postgres`.
    #[schema(example = "sqlite")]
    database: &'static str,
    /// The number of the newest migration the database has.
    schema_version: i64,
    /// The version of this program.
    version: &'static str,
    /// The version of the built-in time zone database.
    tzdata_version: &'static str,
    /// How far each holiday calendar is known. A horizon that is near does not make the program less ready.
    holidays: Vec<HorizonView>,
}

/// Alive
///
/// Answers as long as the program runs; asks nothing of the database.
#[utoipa::path(get, path = "/healthz", tag = "health", operation_id = "alive", security(()),
    responses((status = 200, body = EmptyEnvelope)))]
pub(crate) async fn alive() -> Answer<()> {
    Answer::empty(Message::Alive)
}

/// Ready
///
/// Answers 200 when the database answers, has the schema this program wants and the same time, else 503.
#[utoipa::path(get, path = "/readyz", tag = "health", operation_id = "ready", security(()),
    responses((status = 200, body = Envelope<ReadyView>)))]
pub(crate) async fn ready(State(api): State<Api>) -> Result<Answer<ReadyView>, Problem> {
    if let Some(ahead) = api.lifecycle.clock_difference.too_far() {
        tracing::warn!(
            seconds = ahead.as_secs_f64(),
            "not ready: this node's clock is ahead of the database's by this much"
        );
        return Err(Problem::ClockApart);
    }
    let schema_version = schema_version(&api).await.map_err(|error| {
        tracing::warn!(%error, "not ready");
        Problem::Unavailable
    })?;
    if schema_version != api.store.newest_migration() {
        tracing::warn!(
            schema_version,
            wanted = api.store.newest_migration(),
            "not ready: run `dialtime migrate`"
        );
        return Err(Problem::Unavailable);
    }
    let holidays = holiday_calendars::horizons(&api).await.map_err(|error| {
        tracing::warn!(%error, "not ready: the holiday calendars cannot be read");
        Problem::Unavailable
    })?;
    let view = ReadyView {
        database: api.store.kind(),
        schema_version,
        version: env!("CARGO_PKG_VERSION"),
        tzdata_version: calendar::tzdata_version(),
        holidays,
    };
    Ok(Answer::new(Message::Ready, view))
}

async fn schema_version(api: &Api) -> store::Result<i64> {
    store::health::schema_version(&mut api.store.read().await?).await
}
