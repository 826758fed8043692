//! Whether the program is alive, and ready to work: for monitoring.

use std::time::Duration;

use axum::extract::State;
use domain::LoopStatus;
use serde::Serialize;
use store::DatabaseError;
use tokio::time::timeout;
use utoipa::ToSchema;

use crate::{
    Api,
    http::{
        envelope::{Answer, EmptyEnvelope, Envelope},
        messages::Message,
        problem::{NotReady, Problem},
        routes::{Routes, routes},
        time::stamp,
    },
    resources::holiday_calendars::{self, HorizonView},
};

/// How long the database may take to prove that it works.
const PATIENCE: Duration = Duration::from_millis(800);

/// The routes of this resource, with their part of the OpenAPI document.
pub(crate) fn routes() -> Routes {
    Routes::new().routes(routes!(alive)).routes(routes!(ready))
}

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
    /// What this node does without being asked, and when each last succeeded. Housekeeping does so every hour, all others
    /// every few seconds, unless they are busy.
    loops: Vec<LoopView>,
}

/// A loop of this node.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LoopView {
    #[schema(example = "transitions")]
    name: &'static str,
    /// When a round last went well; `null` when none has yet.
    #[schema(example = "2026-10-10 10:00:00")]
    last_success_at: Option<String>,
}

impl LoopView {
    fn new(api: &Api, status: &LoopStatus) -> Self {
        let last_success_at = status.last_success().map(|instant| stamp(api.settings.zone, instant));
        Self { name: status.name(), last_success_at }
    }
}

/// Alive
///
/// Answers as long as the program runs; asks nothing of the database.
#[utoipa::path(get, path = "/healthz", tag = "health", operation_id = "alive", security(()),
    responses((status = 200, body = EmptyEnvelope)))]
pub(crate) async fn alive((): ()) -> Answer<()> {
    Answer::empty(Message::Alive)
}

/// Ready
///
/// Answers 200 when the database answers, takes writes, has the schema this program wants and the same time, and the server is not stopping, else
/// 503 with the reason. Within a second, whatever the database does.
#[utoipa::path(get, path = "/readyz", tag = "health", operation_id = "ready", security(()),
    responses((status = 200, body = Envelope<ReadyView>)))]
pub(crate) async fn ready(State(api): State<Api>) -> Result<Answer<ReadyView>, Problem> {
    if api.lifecycle.stop.is_cancelled() {
        return Err(Problem::NotReady(NotReady::Stopping));
    }
    if let Some(ahead) = api.lifecycle.clock_difference.too_far() {
        tracing::warn!(
            seconds = ahead.as_secs_f64(),
            "not ready: this node's clock is ahead of the database's by this much"
        );
        return Err(Problem::ClockApart);
    }
    let (schema_version, holidays) =
        timeout(PATIENCE, look_at_database(&api)).await.unwrap_or_else(|_| {
            tracing::warn!("not ready: the database does not answer in time");
            Err(Problem::NotReady(NotReady::Unreachable))
        })?;
    let view = ReadyView {
        database: api.store.kind(),
        schema_version,
        version: env!("CARGO_PKG_VERSION"),
        tzdata_version: calendar::tzdata_version(),
        holidays,
        loops: api.lifecycle.loops.list().iter().map(|status| LoopView::new(&api, status)).collect(),
    };
    Ok(Answer::new(Message::Ready, view))
}

/// The version of its schema, and how far holidays are known; or why it cannot be worked with.
async fn look_at_database(api: &Api) -> Result<(i64, Vec<HorizonView>), Problem> {
    let not_ready = |error: store::Error| {
        tracing::warn!(%error, "not ready");
        Problem::NotReady(reason(&error))
    };
    let schema_version = schema_version(api).await.map_err(not_ready)?;
    let wanted = api.store.newest_migration();
    if schema_version != wanted {
        tracing::warn!(schema_version, wanted, "not ready: run `dialtime migrate`");
        return Err(Problem::NotReady(NotReady::Schema));
    }
    store::health::check_writes(&api.store).await.map_err(|error| match not_ready(error) {
        // It was read from a moment ago.
        Problem::NotReady(NotReady::Unreachable) => Problem::NotReady(NotReady::NoWrites),
        problem => problem,
    })?;
    Ok((schema_version, holiday_calendars::horizons(api).await.map_err(not_ready)?))
}

async fn schema_version(api: &Api) -> store::Result<i64> {
    store::health::schema_version(&mut api.store.read().await?).await
}

const fn reason(error: &store::Error) -> NotReady {
    match error {
        store::Error::Database(DatabaseError::FileLost(_)) => NotReady::FileLost,
        store::Error::Database(DatabaseError::DiskFull(_)) => NotReady::DiskFull,
        _ => NotReady::Unreachable,
    }
}
