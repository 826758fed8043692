//! What a webhook is made of and changed with, on the wire.

use domain::{EventKind, Fault, FaultRule, Faults, WebhookDraft, WebhookFormat, WebhookUrl};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::events::EventTypeSchema;

/// What is sent.
#[derive(Clone, Copy, Debug, Deserialize, serde::Serialize, ToSchema)]
#[schema(as = WebhookFormat)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FormatSchema {
    /// Every event: `{"type", "timestamp", "data": the event}`.
    Standard,
    /// The platform's callback on tasks created and deleted (创建/删除任务回调数据), and nothing else.
    Platform,
}

impl From<FormatSchema> for WebhookFormat {
    fn from(format: FormatSchema) -> Self {
        match format {
            FormatSchema::Standard => Self::Standard,
            FormatSchema::Platform => Self::Platform,
        }
    }
}

impl From<WebhookFormat> for FormatSchema {
    fn from(format: WebhookFormat) -> Self {
        match format {
            WebhookFormat::Standard => Self::Standard,
            WebhookFormat::Platform => Self::Platform,
        }
    }
}

/// A webhook to be made.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct CreateWebhook {
    /// `http` or `https`. Addresses that are not public (loopback, private, link-local) are not sent to unless the operator
    /// allows them.
    #[schema(value_type = String, required = true, format = "uri", max_length = 2_000, example = "https://example.com/dialtime")]
    url: Option<String>,
    #[serde(flatten)]
    rest: UpdateRest,
}

/// Changes of a webhook.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct UpdateWebhook {
    /// `http` or `https`.
    #[schema(format = "uri", max_length = 2_000)]
    url: Option<String>,
    #[serde(flatten)]
    rest: UpdateRest,
}

/// What can be chosen of a webhook beside its address.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = WebhookSettings)]
struct UpdateRest {
    format: Option<FormatSchema>,
    /// The types of events that are sent; empty means all.
    #[schema(value_type = Option<Vec<EventTypeSchema>>, example = json!(["task.running", "task.waiting", "task.paused"]))]
    events: Option<Vec<String>>,
    /// Whether anything is sent.
    enabled: Option<bool>,
    /// The sub-user (子账户) to act for.
    #[schema(value_type = Option<uuid::Uuid>)]
    #[expect(dead_code, reason = "read by the extractor; here for the OpenAPI document")]
    sub_user_id: Option<serde::de::IgnoredAny>,
}

impl CreateWebhook {
    pub(super) fn draft(self) -> Result<WebhookDraft, Vec<Fault>> {
        let mut faults = Faults::default();
        let url = faults.require("url", self.url);
        let url = url.and_then(|url| faults.check("url", WebhookUrl::parse(&url)));
        let draft = url.map(|url| WebhookDraft {
            url,
            format: WebhookFormat::default(),
            kinds: Vec::new(),
            enabled: true,
        });
        let draft = draft.map(|draft| self.rest.over(draft, &mut faults));
        faults.finish(draft)
    }
}

impl UpdateWebhook {
    pub(super) fn draft(self, present: WebhookDraft) -> Result<WebhookDraft, Vec<Fault>> {
        let mut faults = Faults::default();
        let url = self.url.and_then(|url| faults.check("url", WebhookUrl::parse(&url)));
        let draft = WebhookDraft { url: url.unwrap_or_else(|| present.url.clone()), ..present };
        let draft = self.rest.over(draft, &mut faults);
        faults.finish(Some(draft))
    }
}

impl UpdateRest {
    fn over(self, present: WebhookDraft, faults: &mut Faults) -> WebhookDraft {
        let kinds = self.events.map(|events| kinds(&events, faults));
        WebhookDraft {
            format: self.format.map_or(present.format, WebhookFormat::from),
            kinds: kinds.unwrap_or(present.kinds),
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
