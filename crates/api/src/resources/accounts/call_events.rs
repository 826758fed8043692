//! Which events of calls an account is told before they end.

use domain::{CallEvents, Fault, FaultRule, Faults};
use serde::Serialize;
use store::accounts;
use utoipa::ToSchema;

use crate::http::{
    body::fields,
    envelope::{Answer, Envelope},
    extract::{AccountRequest, Json},
    messages::Message,
    path::UserPath,
    problem::Problem,
    query::SubUserQuery,
    values::{self, schema_of},
};

schema_of!(
    /// An event of a call that has not ended.
    EarlyCallEventSchema,
    "EarlyCallEventType",
    values::words("How far a call has come.", CallEvents::CODES)
);

/// Which events of calls the account is to be told before they end.
#[derive(Debug, ToSchema)]
pub(crate) struct SetCallEvents {
    /// The types of events that are written beside `call.ended`; an empty list: none.
    #[schema(value_type = Vec<EarlyCallEventSchema>, required = true, example = json!(["call.answered"]))]
    call_events: Option<Vec<String>>,
}

fields!(SetCallEvents { call_events } known &[]);

/// Which events of calls an account is told before they end.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CallEventsView {
    /// The types of events that are written beside `call.ended`.
    #[schema(value_type = Vec<EarlyCallEventSchema>)]
    call_events: Vec<&'static str>,
}

impl SetCallEvents {
    fn check(self, mut faults: Faults) -> Result<CallEvents, Vec<Fault>> {
        let codes = faults.require("call_events", self.call_events);
        let events = codes.and_then(|codes| {
            let events = CallEvents::from_codes(&codes);
            let place = events.as_ref().err().copied().unwrap_or(0);
            let rule = FaultRule::OneOf(CallEvents::CODES);
            faults.check(&format!("call_events[{place}]"), events.map_err(|_| rule))
        });
        faults.finish(events)
    }
}

/// Events of calls
///
/// Which events of calls are written before they end: `call.ended` always is. A sub-user has a list of its own.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/call-events", tag = "events", operation_id = "call_events",
    params(UserPath, SubUserQuery), responses((status = 200, body = Envelope<CallEventsView>)))]
pub(crate) async fn call_events(request: AccountRequest) -> Result<Answer<CallEventsView>, Problem> {
    let events = accounts::call_events(&mut request.read().await?, [request.account]).await?;
    let events = events.get(&request.account).map(CallEvents::codes).unwrap_or_default();
    Ok(Answer::new(Message::CallEvents, CallEventsView { call_events: events }))
}

/// Choose the events of calls
///
/// From now on these are written beside `call.ended`, each in the transaction that writes down what it tells. With 1,000 calls a
/// second each adds 1,000 events a second.
#[utoipa::path(put, path = "/agent-api/user/{user_id}/call-events", tag = "events", operation_id = "set_call_events",
    params(UserPath, SubUserQuery), request_body = SetCallEvents,
    responses((status = 200, body = Envelope<CallEventsView>)))]
pub(crate) async fn set_call_events(
    request: AccountRequest<(), Json<SetCallEvents>>,
) -> Result<Answer<CallEventsView>, Problem> {
    let (body, faults, request) = request.take_body();
    let events = body.check(faults)?;
    let mut tx = request.begin().await?;
    let locked = accounts::lock(&mut tx, request.caller.partner, request.account).await?;
    accounts::set_call_events(&mut tx, &locked, &events, &request.caller.change()).await?;
    tx.commit().await?;
    Ok(Answer::new(Message::Updated, CallEventsView { call_events: events.codes() }))
}
