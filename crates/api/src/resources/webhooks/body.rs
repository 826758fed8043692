//! The bodies that a webhook is created and changed with.

use domain::{EventKind, Fault, FaultRule, Faults, WebhookDraft, WebhookFormat, WebhookUrl};
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
}

/// Fields of answers that no request sets. They are ignored, so that what was read can be sent back.
const GIVEN_BACK: &[&str] = &["id", "disabled_for_failing_at", "created_at", "updated_at"];

fields!(UpdateRest { format, events, enabled });

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
        let url = url.and_then(|url| faults.check("url", WebhookUrl::parse(&url)));
        let rest = self.rest.check(&mut faults);
        faults.finish(url.map(|url| {
            rest.laid_over(WebhookDraft {
                url,
                format: WebhookFormat::default(),
                kinds: Vec::new(),
                enabled: true,
            })
        }))
    }
}

impl UpdateWebhook {
    pub(super) fn draft(self, present: WebhookDraft, mut faults: Faults) -> Result<WebhookDraft, Vec<Fault>> {
        let url = self.url.and_then(|url| faults.check("url", WebhookUrl::parse(&url)));
        let rest = self.rest.check(&mut faults);
        let url = url.unwrap_or_else(|| present.url.clone());
        faults.finish(Some(rest.laid_over(WebhookDraft { url, ..present })))
    }
}

/// What is given of what both have, and good.
struct Rest {
    format: Option<WebhookFormat>,
    kinds: Option<Vec<EventKind>>,
    enabled: Option<bool>,
}

impl UpdateRest {
    fn check(self, faults: &mut Faults) -> Rest {
        let kinds = self.events.map(|events| kinds(&events, faults));
        Rest { format: self.format.map(WebhookFormat::from), kinds, enabled: self.enabled }
    }
}

impl Rest {
    fn laid_over(self, present: WebhookDraft) -> WebhookDraft {
        WebhookDraft {
            format: self.format.unwrap_or(present.format),
            kinds: self.kinds.unwrap_or(present.kinds),
            enabled: self.enabled.unwrap_or(present.enabled),
            url: present.url,
        }
    }
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
