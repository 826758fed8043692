//! Webhooks: addresses of other programs that an account's events are sent to; how long a delivery is tried, and what
//! follows an attempt.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{AccountId, Event, EventDetail, EventKind, HttpUrl, WebhookId};

/// The most webhooks that an account may have.
pub const MAXIMUM_WEBHOOKS: usize = 20;

/// How long a failing delivery is tried again before its webhook is disabled.
pub const TRIED_FOR: SignedDuration = SignedDuration::from_hours(48);

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

/// How much of an answer is stored, in characters.
const STORED_ANSWER: usize = 1_000;

/// How long to wait after the first failure, how many times longer after each that follows, and at most.
const FIRST_RETRY: SignedDuration = SignedDuration::from_secs(5);
const RETRY_FACTOR: i32 = 4;
const LONGEST_RETRY: SignedDuration = SignedDuration::from_hours(6);

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

/// How an attempt to deliver ended.
#[derive(Clone, Debug)]
pub struct DeliveryAttempt {
    /// The HTTP status, when there was an answer.
    pub status: Option<u16>,
    /// The beginning of the answer, or why there was none.
    pub answer: String,
}

/// What becomes of a delivery after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterAttempt {
    /// It was delivered.
    Delivered,
    /// It is tried again at the instant.
    Retry(Timestamp),
    /// It has failed for [`TRIED_FOR`]: its webhook is disabled, and it is tried again at the instant if someone enables
    /// the webhook before.
    DisableWebhook(Timestamp),
    /// A test that has failed for [`TRIED_FOR`] is not tried any more.
    GiveUpTest,
}

impl DeliveryAttempt {
    /// Whether it was answered with 2xx.
    pub fn succeeded(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }

    /// As much of the answer as is stored. NUL is left out, which not every database takes in a text.
    pub fn stored_answer(&self) -> String {
        self.answer.chars().filter(|character| *character != '\0').take(STORED_ANSWER).collect()
    }

    /// What becomes of a delivery, or of a test, that has been tried since an instant. `wait` is how long it waits before
    /// it is tried again; see [`retry_delay`].
    pub fn then(
        &self,
        is_test: bool,
        since: Timestamp,
        wait: SignedDuration,
        now: Timestamp,
    ) -> AfterAttempt {
        let retry_at = now.saturating_add(wait).unwrap_or(now);
        match (self.succeeded(), now.duration_since(since) >= TRIED_FOR) {
            (true, _) => AfterAttempt::Delivered,
            (false, false) => AfterAttempt::Retry(retry_at),
            (false, true) if is_test => AfterAttempt::GiveUpTest,
            (false, true) => AfterAttempt::DisableWebhook(retry_at),
        }
    }
}

impl AfterAttempt {
    /// When the delivery is tried again.
    pub const fn next_attempt_at(self) -> Option<Timestamp> {
        match self {
            Self::Retry(instant) | Self::DisableWebhook(instant) => Some(instant),
            Self::Delivered | Self::GiveUpTest => None,
        }
    }
}

/// How long to wait before the next attempt, after so many that failed before the last one: longer after each, and never
/// quite the same, for receivers that come back must not be stormed. `chance` is any byte.
pub fn retry_delay(attempts: i64, chance: u8) -> SignedDuration {
    let exponent = u32::try_from(attempts).unwrap_or(u32::MAX).min(10);
    let delay = FIRST_RETRY.checked_mul(RETRY_FACTOR.saturating_pow(exponent)).unwrap_or(LONGEST_RETRY);
    // Between 80 and 120 per cent.
    delay.min(LONGEST_RETRY).mul_f64(0.8 + 0.4 * f64::from(chance) / 255.0)
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

    fn attempt(status: Option<u16>) -> DeliveryAttempt {
        DeliveryAttempt { status, answer: String::new() }
    }

    #[test]
    fn a_delivery_is_tried_again_until_it_has_failed_for_two_days() {
        let wait = SignedDuration::from_secs(5);
        let then = |status, is_test, now| attempt(status).then(is_test, SINCE, wait, now);
        let (early, late) = (SINCE + TRIED_FOR - SignedDuration::from_micros(1), SINCE + TRIED_FOR);
        for status in [None, Some(199), Some(300), Some(404), Some(500)] {
            for is_test in [false, true] {
                assert_eq!(then(status, is_test, early), AfterAttempt::Retry(early + wait), "{status:?}");
            }
            assert_eq!(then(status, false, late), AfterAttempt::DisableWebhook(late + wait), "{status:?}");
            assert_eq!(then(status, true, late), AfterAttempt::GiveUpTest, "{status:?}");
        }
        for status in [200, 204, 299] {
            assert_eq!(then(Some(status), false, late), AfterAttempt::Delivered, "{status}");
        }
        assert_eq!(then(None, false, late).next_attempt_at(), Some(late + wait));
        assert_eq!(AfterAttempt::GiveUpTest.next_attempt_at(), None);
    }

    #[test]
    fn retries_come_later_and_later_up_to_six_hours_each_give_or_take_a_fifth() {
        let seconds = |attempts, chance| retry_delay(attempts, chance).as_secs();
        assert_eq!([seconds(0, 0), seconds(0, 255)], [4, 6]);
        assert_eq!([seconds(1, 0), seconds(1, 255)], [16, 24]);
        assert_eq!([seconds(2, 0), seconds(2, 255)], [64, 96]);
        let six_hours = 6 * 3_600;
        for attempts in [7, 10, 1_000, i64::MAX] {
            assert_eq!(seconds(attempts, 0), six_hours * 4 / 5, "{attempts}");
            assert_eq!(seconds(attempts, 255), six_hours * 6 / 5, "{attempts}");
        }
    }

    #[test]
    fn an_answer_is_stored_in_part_and_without_nul() {
        let long = DeliveryAttempt { answer: "a\0好".repeat(1_000), ..attempt(None) };
        assert_eq!(long.stored_answer(), "a好".repeat(500));
    }

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
