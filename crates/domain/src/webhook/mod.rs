//! Webhooks: addresses of other programs that an account's events are sent to. `retries` has how long a delivery is tried, and what follows
//! an attempt.

mod retries;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

pub use self::retries::{AfterAttempt, DeliveryAttempt, TRIED_FOR, retry_delay};
use crate::{AccountId, Event, EventDetail, EventKind, HttpUrl, WebhookId};

/// The most webhooks that an account may have.
pub const MAXIMUM_WEBHOOKS: usize = 20;

/// How long an old secret signs beside the new one, so that receivers can change over.
pub const OLD_SECRET_KEPT: SignedDuration = SignedDuration::from_hours(24);

/// How many deliveries of one webhook may be pending before no more events are made deliveries of.
pub const MAXIMUM_PENDING_DELIVERIES: usize = 500;

/// How many events a request may have at most.
pub const MAXIMUM_BATCH_OF_EVENTS: u32 = 100;

/// How many tests of one webhook may be pending.
pub const MAXIMUM_PENDING_TESTS: usize = 100;

/// How many events are read at once to make deliveries of.
pub const EVENTS_READ_AT_ONCE: u32 = 100;

/// What a test is called among the types of events.
pub const WEBHOOK_TEST: &str = "webhook.test";

/// What is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WebhookFormat {
    /// Every event, as <https://www.standardwebhooks.com> has it.
    #[default]
    Standard,
    /// The platform's callbacks on tasks created and deleted (创建/删除任务回调数据) and on numbers added and deleted, and nothing else.
    Platform,
}

/// All that a person decides about a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookDraft {
    /// Where to.
    pub url: HttpUrl,
    /// What.
    pub format: WebhookFormat,
    /// Which events; none means all.
    pub kinds: Vec<EventKind>,
    /// Whether anything is sent. Events that come meanwhile are sent later.
    pub enabled: bool,
    /// How many events a request has at most; with more than one, each request holds a list.
    pub batch: u32,
}

impl WebhookDraft {
    /// Whether an event of this kind is sent.
    pub fn wants(&self, kind: EventKind) -> bool {
        let in_format = match self.format {
            WebhookFormat::Standard => true,
            WebhookFormat::Platform => matches!(
                kind,
                EventKind::TaskCreated
                    | EventKind::TaskDeleted
                    | EventKind::NumbersAdded
                    | EventKind::NumbersDeleted
            ),
        };
        in_format && (self.kinds.is_empty() || self.kinds.contains(&kind))
    }

    /// Whether whole telephone numbers are sent.
    pub fn sends_numbers(&self) -> bool {
        self.format == WebhookFormat::Platform
            && (self.wants(EventKind::NumbersAdded) || self.wants(EventKind::NumbersDeleted))
    }
}

/// The bytes that sign.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookSecret(pub [u8; 32]);

impl std::fmt::Debug for WebhookSecret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("WebhookSecret")
    }
}

/// A webhook as it is stored.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// The account that owns it.
    pub account_id: AccountId,
    /// What a person decides about it.
    pub draft: WebhookDraft,
    /// When it was disabled because it had failed for [`TRIED_FOR`]; `None` when it was not.
    pub gave_up_at: Option<Timestamp>,
    /// What signs.
    pub secret: WebhookSecret,
    /// What signs as well, until the instant.
    pub old_secret: Option<(WebhookSecret, Timestamp)>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Webhook {
    /// The secrets that sign at `now`, the newest first.
    pub fn secrets_at(&self, now: Timestamp) -> Vec<&WebhookSecret> {
        let old = self.old_secret.as_ref().filter(|(_, until)| now < *until).map(|(secret, _)| secret);
        std::iter::once(&self.secret).chain(old).collect()
    }
}

/// What an event is about: the deliveries of one subject are sent one after the other.
pub fn delivery_subject(event: &Event) -> String {
    match &event.detail {
        Some(EventDetail::Call(call)) => return format!("call {}", call.record_id),
        Some(EventDetail::Line(line)) => return format!("line {}", line.line_id),
        _ => {}
    }
    match (event.task, event.group) {
        (Some(task), _) => format!("task {task}"),
        (None, Some((group, _))) => format!("group {group}"),
        (None, None) => "account".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DialTimeGroupId, EventCause, TaskId};

    const SINCE: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn deliveries_of_a_task_wait_for_each_other_and_for_no_others() {
        let event = |group, task| Event {
            kind: EventKind::TaskRunning,
            cause: EventCause::Window,
            due_at: SINCE,
            written_at: SINCE,
            group,
            task,
            detail: None,
        };
        let group = Some((DialTimeGroupId::new(7), 1));
        let task = Some(TaskId::new(uuid::Uuid::nil()));
        assert_eq!(delivery_subject(&event(group, task)), "task 00000000-0000-0000-0000-000000000000");
        assert_eq!(delivery_subject(&event(group, None)), "group 7");
        assert_eq!(delivery_subject(&event(None, None)), "account");
        let (record, line) =
            (crate::AttemptId::new(uuid::Uuid::nil()), crate::LineId::new(uuid::Uuid::nil()));
        let call = EventDetail::Call(crate::CallSnapshot::started(record, line, true, SINCE));
        let called = Event { detail: Some(call), ..event(None, task) };
        assert_eq!(
            delivery_subject(&called),
            "call 00000000-0000-0000-0000-000000000000",
            "each call for itself"
        );
    }

    #[test]
    fn the_platforms_format_knows_only_tasks_and_numbers_made_and_deleted() {
        let draft = |format, kinds: &[EventKind]| WebhookDraft {
            url: HttpUrl::parse("https://example.com").unwrap(),
            format,
            kinds: kinds.to_vec(),
            enabled: true,
            batch: 1,
        };
        let platform = draft(WebhookFormat::Platform, &[]);
        assert!(platform.wants(EventKind::TaskDeleted) && !platform.wants(EventKind::TaskRunning));
        assert!(platform.wants(EventKind::NumbersAdded) && platform.sends_numbers());
        assert!(!draft(WebhookFormat::Platform, &[EventKind::TaskCreated]).sends_numbers());
        assert!(!draft(WebhookFormat::Standard, &[]).sends_numbers());
        let some = draft(WebhookFormat::Standard, &[EventKind::GroupOpened]);
        assert!(some.wants(EventKind::GroupOpened) && !some.wants(EventKind::GroupClosed));
    }
}
