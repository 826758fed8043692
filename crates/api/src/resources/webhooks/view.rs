//! A webhook and a delivery as they are returned.

use base64::{Engine, prelude::BASE64_STANDARD};
use domain::{EventKind, Webhook};
use serde::Serialize;
use store::webhooks::Delivery;
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::WebhookFormatChoice;
use crate::{
    Api,
    http::{formats::LocalTimeSchema, time::stamp},
    resources::events::{AnyEventTypeSchema, EventTypeSchema},
};

/// What every secret starts with, as the Standard Webhooks specification has it.
const SECRET_PREFIX: &str = "whsec_";

/// A webhook.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WebhookView {
    id: Uuid,
    url: String,
    format: WebhookFormatChoice,
    /// The types of events that are sent; empty means all.
    #[schema(value_type = Vec<EventTypeSchema>)]
    events: Vec<&'static str>,
    /// Whether anything is sent.
    enabled: bool,
    /// How many events a request has at most.
    #[schema(minimum = 1, maximum = 100)]
    batch: u32,
    /// When it was disabled because it had failed for two days; `null` when it was not.
    #[schema(value_type = Option<LocalTimeSchema>)]
    disabled_for_failing_at: Option<String>,
    #[schema(value_type = LocalTimeSchema)]
    created_at: String,
    #[schema(value_type = LocalTimeSchema)]
    updated_at: String,
}

/// A webhook with its new secret, which is shown only now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NewWebhookView {
    #[serde(flatten)]
    webhook: WebhookView,
    #[schema(example = "whsec_...")]
    secret: String,
}

impl WebhookView {
    pub(super) fn new(api: &Api, webhook: &Webhook) -> Self {
        let stamp = |instant| stamp(api.settings.zone, instant);
        Self {
            id: webhook.id.uuid(),
            url: webhook.draft.url.as_str().to_owned(),
            format: webhook.draft.format.into(),
            events: webhook.draft.kinds.iter().map(|kind| EventKind::code(*kind)).collect(),
            enabled: webhook.draft.enabled,
            batch: webhook.draft.batch,
            disabled_for_failing_at: webhook.gave_up_at.map(stamp),
            created_at: stamp(webhook.created_at),
            updated_at: stamp(webhook.updated_at),
        }
    }
}

impl NewWebhookView {
    pub(super) fn new(api: &Api, webhook: &Webhook) -> Self {
        let secret = format!("{SECRET_PREFIX}{}", BASE64_STANDARD.encode(webhook.secret.0));
        Self { webhook: WebhookView::new(api, webhook), secret }
    }
}

/// What became of an event at a webhook.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeliveryView {
    id: i64,
    /// The event; `null` for a test.
    event_id: Option<i64>,
    #[serde(rename = "type")]
    #[schema(value_type = AnyEventTypeSchema, inline, example = "task.running")]
    kind: String,
    state: DeliveryState,
    /// How often it was tried; counted anew when someone has it sent again.
    attempts: i64,
    /// The HTTP status of the last answer; `null` when there was none.
    status: Option<i64>,
    /// The beginning of the last answer, or why there was none.
    answer: Option<String>,
    /// The list that it is sent in with others, which is in the request's `webhook-id`; `null` when it is sent by itself.
    list: Option<i64>,
    #[schema(value_type = LocalTimeSchema)]
    created_at: String,
    #[schema(value_type = Option<LocalTimeSchema>)]
    attempted_at: Option<String>,
    #[schema(value_type = Option<LocalTimeSchema>)]
    next_attempt_at: Option<String>,
}

/// What is sent again.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SentAgainView {
    /// How many deliveries.
    pub(super) deliveries: u64,
}

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DeliveryState {
    /// It will be tried, again or for the first time.
    Pending,
    /// It was answered with 2xx.
    Delivered,
    /// It is not tried any more: its event is no longer kept, or it is a test that failed for two days.
    Lost,
}

impl DeliveryView {
    pub(super) fn new(api: &Api, delivery: Delivery) -> Self {
        let stamp = |instant| stamp(api.settings.zone, instant);
        let state = match (delivery.delivered, delivery.next_attempt_at) {
            (true, _) => DeliveryState::Delivered,
            (false, Some(_)) => DeliveryState::Pending,
            (false, None) => DeliveryState::Lost,
        };
        Self {
            id: delivery.id,
            event_id: delivery.number,
            kind: delivery.kind,
            state,
            attempts: delivery.attempts,
            status: delivery.status,
            answer: delivery.answer,
            list: delivery.list,
            created_at: stamp(delivery.created_at),
            attempted_at: delivery.attempted_at.map(stamp),
            next_attempt_at: delivery.next_attempt_at.map(stamp),
        }
    }
}
