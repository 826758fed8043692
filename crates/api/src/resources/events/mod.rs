//! The feed: what happened to an account's groups and tasks, page by page or as it happens.

mod stream;
pub(crate) mod streams;
mod view;

use axum::response::{IntoResponse, Response};
use domain::{FaultRule, Faults};
use store::events;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use self::view::EventPageView;
pub(crate) use self::view::{AnyEventTypeSchema, EventTypeSchema, EventView};
use crate::{
    Api,
    http::{
        connection::Connection,
        envelope::{Answer, Envelope},
        extract::AccountRequest,
        parameters::UserPath,
        problem::Problem,
        representation::Representation,
    },
    messages::Message,
    resources::groups::SubUserQuery,
};

const DEFAULT_LIMIT: u32 = 100;
const LARGEST_LIMIT: u32 = 1_000;

/// The routes of this resource, with their part of the OpenAPI document.
pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Which events.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only its documentation is used")]
pub(crate) struct EventQuery {
    /// Only events after the one of this id. Left out: a page begins with the oldest that is kept, a stream with the next to
    /// come.
    #[param(minimum = 0)]
    after: Option<i64>,
    /// How many events a page holds at most.
    #[param(minimum = 1, maximum = 1_000, default = 100)]
    limit: Option<u32>,
}

/// Where a stream broke.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "only its documentation is used")]
pub(crate) struct LastEventHeader {
    /// Of a stream: as `after`, and counts more.
    #[param(rename = "Last-Event-ID", value_type = String, required = false, example = "17")]
    id: Option<String>,
}

/// Events
///
/// What happened to the account's groups and tasks, oldest first. Ids count up from 1 without a gap; pass `next` as `after` for
/// what follows. Each event is there exactly once, and is kept for 30 days unless the operator chose otherwise. With
/// `Accept: text/event-stream` the same as Server-Sent Events, as they happen: `id` is the event's id, `event` its type, `data`
/// the event; `Last-Event-ID` goes on after it. A stream ends within 5 seconds of its token's end. A partner may have 500
/// streams on one node, unless the operator chose otherwise; 429 beyond.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/events", tag = "events", operation_id = "events",
    params(UserPath, EventQuery, SubUserQuery, LastEventHeader),
    responses((status = 200, content((Envelope<EventPageView> = "application/json"), (String = "text/event-stream")))))]
pub(crate) async fn list(connection: Connection, request: AccountRequest) -> Result<Response, Problem> {
    let mut faults = Faults::default();
    let streamed = request.caller.accepted.prefers(Representation::EventStream);
    let last = request.caller.last_event_id.as_deref().filter(|_| streamed).map(|id| ("Last-Event-ID", id));
    let after = last.or_else(|| request.query.get("after").map(|after| ("after", after)));
    let after = after.and_then(|(name, text)| faults.check(name, number(text)));
    let limit = request.query.number_within("limit", 1..=LARGEST_LIMIT, &mut faults);
    faults.finish(Some(()))?;
    if streamed {
        return stream::follow(request, connection, after).await;
    }
    let page = page(&request, after.unwrap_or(0), limit.unwrap_or(DEFAULT_LIMIT)).await?;
    Ok(Answer::new(Message::Events, page).into_response())
}

fn number(text: &str) -> Result<i64, FaultRule> {
    text.parse().ok().filter(|number| *number >= 0).ok_or(FaultRule::OutOfRange(0, i64::MAX))
}

async fn page(request: &AccountRequest, after: i64, limit: u32) -> Result<EventPageView, Problem> {
    let mut read = request.read().await?;
    // Before the events: what is newer than this may be on the page, but nothing up to it is missing.
    let extent = events::extent(&mut read, request.account).await?;
    let found = events::list(&mut read, request.account, after, limit).await?;
    let zone = request.api.settings.zone;
    Ok(EventPageView::new(after, extent, found.iter().map(|event| EventView::new(zone, event)).collect()))
}
