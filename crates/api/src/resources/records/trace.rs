//! The signalling of a call, for whoever asks why it went as it did.

use domain::{AttemptId, CallTrace, LegId, TracedMessage};
use serde::Serialize;
use store::attempts;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    Api,
    http::{
        envelope::{Answer, Envelope},
        extract::AccountRequest,
        formats::InstantSchema,
        messages::Message,
        number_view::expect_whole_numbers,
        path::RecordOfAccountPath,
        problem::Problem,
        query::SubUserQuery,
        routes::{Routes, routes},
        time::instant,
    },
    resources::lines::SipTransportChoice,
};

pub(super) fn routes() -> Routes {
    Routes::new().routes(routes!(trace))
}

/// The signalling of a call.
#[derive(Serialize, ToSchema)]
#[schema(as = RecordTrace)]
pub(crate) struct TraceView {
    record_id: Uuid,
    /// In the order in which they were sent and received, those that were sent again too.
    #[schema(max_items = 60)]
    messages: Vec<TracedMessageView>,
    /// Whether that is all: what is too much is left out.
    complete: bool,
}

/// A SIP message.
#[derive(Serialize, ToSchema)]
#[schema(as = TracedMessage)]
struct TracedMessageView {
    /// When it was sent or received, to the microsecond.
    #[schema(value_type = InstantSchema)]
    at: String,
    sent: bool,
    /// The leg that it belongs to, as in the record's `legs`; `null`: the callee's own part of the call.
    leg_id: Option<Uuid>,
    transport: SipTransportChoice,
    /// The carrier's address and port; empty where it is not known.
    #[schema(example = "192.0.2.1:5060")]
    peer: String,
    /// The message. What answers a challenge is left out.
    text: String,
}

/// What was sent and received for a call?
///
/// The SIP messages of a call that has ended, for a week. Only for tokens of the partner that see whole numbers: it names the carrier and
/// the numbers. 404 of a call over a simulated line, and where the line's `trace` says that it is not kept.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/record/{record_id}/trace", tag = "record",
    operation_id = "record_trace", params(RecordOfAccountPath, SubUserQuery),
    responses((status = 200, body = Envelope<TraceView>)))]
pub(crate) async fn trace(request: AccountRequest<AttemptId>) -> Result<Answer<TraceView>, Problem> {
    expect_whole_numbers(&request)?;
    let AccountRequest { api, account, id, .. } = &request;
    let mut read = request.read().await?;
    attempts::get(&mut read, *account, *id).await?;
    let trace = attempts::trace(&mut read, *account, *id).await?.ok_or(Problem::NoTrace)?;
    Ok(Answer::new(Message::RecordTrace, TraceView::new(api, *id, trace)))
}

impl TraceView {
    fn new(api: &Api, record: AttemptId, CallTrace { messages, is_cut }: CallTrace) -> Self {
        let messages = messages.into_iter().map(|message| TracedMessageView::new(api, message)).collect();
        Self { record_id: record.uuid(), messages, complete: !is_cut }
    }
}

impl TracedMessageView {
    fn new(api: &Api, TracedMessage { at, is_sent, transport, peer, text, leg }: TracedMessage) -> Self {
        Self {
            at: instant(api.settings.zone, at),
            sent: is_sent,
            leg_id: leg.map(LegId::uuid),
            transport: transport.into(),
            peer,
            text,
        }
    }
}
