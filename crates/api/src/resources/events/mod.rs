//! The event log of an account, page by page or as it happens.

mod stream;
mod view;

use axum::response::{IntoResponse, Response};
use domain::{FaultRule, Faults};
use store::events;
use utoipa::openapi::{
    KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat,
    schema::{SchemaType, Type},
};

use self::view::EventPageView;
pub(crate) use self::view::{AnyEventTypeSchema, EventTypeSchema, EventView};
use crate::http::{
    connection::Connection,
    envelope::{Answer, Envelope},
    extract::AccountRequest,
    last_event_id::LastEventId,
    messages::Message,
    path::UserPath,
    problem::Problem,
    query::{Query, QueryKind, QueryParameters, SubUserQuery, WithinOr, query_parameters},
    representation::Representation,
    routes::{Routes, routes},
};

/// The routes of this resource, with their part of the OpenAPI document.
pub(crate) fn routes() -> Routes {
    Routes::new().routes(routes!(list))
}

/// The id of an event as text, for a header may take its place; `None` when none is given.
pub(crate) enum EventId {}

impl QueryKind for EventId {
    type Value = Option<String>;

    fn read(query: &Query, name: &'static str, _: &mut Faults) -> Option<String> {
        query.get(name).map(str::to_owned)
    }

    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::Integer))
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
            .minimum(Some(0))
            .into()
    }
}

query_parameters! {
    /// Which events.
    pub(crate) struct EventQuery {
        /// Only events after the one of this id. Left out: a page begins with the oldest that is kept, a stream with the next to
        /// come.
        after: EventId,
        /// How many events a page holds at most.
        limit: WithinOr<1, 1_000, 100>,
    }
}

/// Events
///
/// What happened to the account's groups and tasks, oldest first. Ids count up from 1 without a gap; pass `next` as `after` for
/// what follows. Each event is there exactly once, and is kept for 30 days unless the operator chose otherwise. With
/// `Accept: text/event-stream` the same as Server-Sent Events, as they happen: `id` is the event's id, `event` its type, `data`
/// the event; `Last-Event-ID` goes on after it. A stream ends within 5 seconds of its token's end. A partner may have 500
/// streams on one node, unless the operator chose otherwise; 429 beyond.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/events", tag = "events", operation_id = "events",
    params(UserPath, EventQuery, SubUserQuery, LastEventId),
    responses((status = 200, content((Envelope<EventPageView> = "application/json"), (String = "text/event-stream")))))]
pub(crate) async fn list((connection, request): (Connection, AccountRequest)) -> Result<Response, Problem> {
    let mut faults = Faults::default();
    let streamed = request.caller.accepted.prefers(Representation::EventStream);
    let last = request.caller.last_event_id.as_ref().filter(|_| streamed);
    let last = last.map(|id| (LastEventId::NAME, id.0.as_str()));
    let EventQuery { after, limit } = EventQuery::read(&request.query, &mut faults);
    let after = last.or(after.as_deref().map(|after| ("after", after)));
    let after = after.and_then(|(name, text)| faults.check(name, number(text)));
    faults.finish(Some(()))?;
    if streamed {
        return stream::follow(request, connection, after).await;
    }
    let page = page(&request, after.unwrap_or(0), limit).await?;
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
