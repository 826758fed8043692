//! The bodies that a webhook is created and changed with.

use domain::{
    EventKind, Fault, FaultRule, Faults, HttpUrl, MAXIMUM_BATCH_OF_EVENTS, WebhookDraft, WebhookFormat,
};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    http::{
        body::{FieldPath, FromValue, Members, Reading, fields},
        choices::choice,
    },
    resources::events::EventTypeSchema,
};

choice! {
    /// What is sent.
    pub(crate) enum WebhookFormatChoice as WebhookFormat for WebhookFormat {
        /// Every event: `{"type", "timestamp", "data": the event}`.
        Standard = "standard",
        /// The platform's callbacks on tasks created and deleted (创建/删除任务回调数据) and on numbers added and deleted (号码回调), and nothing
        /// else.
        Platform = "platform",
    }
}

/// A webhook to be made.
#[derive(Debug, ToSchema)]
pub(crate) struct CreateWebhook {
    /// `http` or `https`. Addresses that are not public (loopback, private, link-local) are not sent to unless the operator
    /// allows them.
    #[schema(value_type = String, required = true, format = "uri", max_length = 2_000, example = "https://example.com/dialtime")]
    url: Option<String>,
    #[serde(flatten)]
    rest: UpdateRest,
}

/// Changes of a webhook.
#[derive(Debug, ToSchema)]
pub(crate) struct UpdateWebhook {
    /// `http` or `https`.
    #[schema(format = "uri", max_length = 2_000)]
    url: Option<String>,
    #[serde(flatten)]
    rest: UpdateRest,
}

/// What can be chosen of a webhook beside its address.
#[derive(Debug, ToSchema)]
#[schema(as = WebhookSettings)]
struct UpdateRest {
    format: Option<WebhookFormatChoice>,
    /// The types of events that are sent; empty, or left out when a webhook is made, means all.
    #[schema(value_type = Option<Vec<EventTypeSchema>>, example = json!(["task.running", "task.waiting", "task.paused"]))]
    events: Option<Vec<String>>,
    /// Whether anything is sent.
    enabled: Option<bool>,
    /// How many events a request has at most. With more than 1 each request holds a list of them, `[{"type", "timestamp", "data"}, ...]`,
    /// which is taken, tried again and given up as a whole; only in the `standard` format. 1 when a webhook is made without it.
    #[schema(minimum = 1, maximum = 100, example = 1)]
    batch: Option<i64>,
}

/// Fields of answers that no request sets. They are ignored, so that what was read can be sent back.
const GIVEN_BACK: &[&str] = &["id", "disabled_for_failing_at", "created_at", "updated_at"];

fields!(UpdateRest { format, events, enabled, batch });

impl FromValue for CreateWebhook {
    fn from_value(value: Value, place: &FieldPath<'_>, reading: &mut Reading) -> Option<Self> {
        let mut members = Members::of(value, place, reading)?;
        let webhook = Self { url: members.take("url"), rest: UpdateRest::of(&mut members) };
        members.know_only(&[UpdateRest::FIELDS, &["url"]]);
        Some(webhook)
    }
}

impl FromValue for UpdateWebhook {
    fn from_value(value: Value, place: &FieldPath<'_>, reading: &mut Reading) -> Option<Self> {
        let mut members = Members::of(value, place, reading)?;
        let webhook = Self { url: members.take("url"), rest: UpdateRest::of(&mut members) };
        members.know_only(&[UpdateRest::FIELDS, &["url"], GIVEN_BACK]);
        Some(webhook)
    }
}

impl CreateWebhook {
    pub(super) fn draft(self, mut faults: Faults) -> Result<WebhookDraft, Vec<Fault>> {
        let url = faults.require("url", self.url);
        let url = url.and_then(|url| faults.check("url", HttpUrl::parse(&url)));
        let rest = self.rest.check(&mut faults);
        let draft = url.map(|url| {
            let (format, kinds) = (WebhookFormat::default(), Vec::new());
            rest.laid_over(WebhookDraft { url, format, kinds, enabled: true, batch: 1 })
        });
        finish(draft, faults)
    }
}

impl UpdateWebhook {
    pub(super) fn draft(self, present: WebhookDraft, mut faults: Faults) -> Result<WebhookDraft, Vec<Fault>> {
        let url = self.url.and_then(|url| faults.check("url", HttpUrl::parse(&url)));
        let rest = self.rest.check(&mut faults);
        let url = url.unwrap_or_else(|| present.url.clone());
        finish(Some(rest.laid_over(WebhookDraft { url, ..present })), faults)
    }
}

/// Refuses lists in the platform's format, which has none.
fn finish(draft: Option<WebhookDraft>, mut faults: Faults) -> Result<WebhookDraft, Vec<Fault>> {
    if draft.as_ref().is_some_and(|draft| draft.format == WebhookFormat::Platform && draft.batch > 1) {
        faults.add("batch", FaultRule::OutOfRange(1, 1));
    }
    faults.finish(draft)
}

/// What is given of what both have, and good.
struct Rest {
    format: Option<WebhookFormat>,
    kinds: Option<Vec<EventKind>>,
    enabled: Option<bool>,
    batch: Option<u32>,
}

impl UpdateRest {
    fn check(self, faults: &mut Faults) -> Rest {
        let kinds = self.events.map(|events| kinds(&events, faults));
        let batch = self.batch.and_then(|batch| faults.check("batch", batch_of(batch)));
        Rest { format: self.format.map(WebhookFormat::from), kinds, enabled: self.enabled, batch }
    }
}

impl Rest {
    fn laid_over(self, present: WebhookDraft) -> WebhookDraft {
        WebhookDraft {
            format: self.format.unwrap_or(present.format),
            kinds: self.kinds.unwrap_or(present.kinds),
            enabled: self.enabled.unwrap_or(present.enabled),
            batch: self.batch.unwrap_or(present.batch),
            url: present.url,
        }
    }
}

/// How many events a request may have.
fn batch_of(number: i64) -> Result<u32, FaultRule> {
    let batch = u32::try_from(number).ok().filter(|batch| (1..=MAXIMUM_BATCH_OF_EVENTS).contains(batch));
    batch.ok_or(FaultRule::OutOfRange(1, MAXIMUM_BATCH_OF_EVENTS.into()))
}

/// Each kind once, in the order sent.
fn kinds(codes: &[String], faults: &mut Faults) -> Vec<EventKind> {
    let mut kinds = Vec::new();
    for (index, code) in codes.iter().enumerate() {
        let kind = EventKind::from_code(code).ok_or(FaultRule::OneOf(EventKind::CODES));
        let kind = faults.check(&format!("events[{index}]"), kind);
        kinds.extend(kind.filter(|kind| !kinds.contains(kind)));
    }
    kinds
}
