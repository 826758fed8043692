//! Webhooks: addresses of other programs to which an account's events are sent.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{AccountId, EventKind, FaultRule, WebhookId};

/// The most webhooks that an account may have.
pub const MAXIMUM_WEBHOOKS: usize = 20;

/// How long a failing delivery is tried again before its webhook is disabled.
pub const TRIED_FOR: SignedDuration = SignedDuration::from_hours(48);

/// How long an old secret signs beside the new one, so that receivers can change over.
pub const OLD_SECRET_KEPT: SignedDuration = SignedDuration::from_hours(24);

const LONGEST_URL: usize = 2_000;

/// An `http` or `https` address, without user name, password or fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookUrl(String);

impl WebhookUrl {
    /// Reads an address.
    ///
    /// # Errors
    /// The rule it breaks.
    pub fn parse(text: &str) -> Result<Self, FaultRule> {
        if text.chars().count() > LONGEST_URL {
            return Err(FaultRule::TooLong(LONGEST_URL));
        }
        let url = Url::parse(text).map_err(|_| FaultRule::Url)?;
        let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        let known = ["http", "https"].contains(&url.scheme()) && url.host().is_some();
        if plain && known { Ok(Self(url.into())) } else { Err(FaultRule::Url) }
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WebhookFormat {
    /// Every event, as <https://www.standardwebhooks.com> has it.
    #[default]
    Standard,
    /// The platform's callback on tasks created and deleted (创建/删除任务回调数据), and nothing else.
    Platform,
}

/// All that a person decides about a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookDraft {
    /// Where to.
    pub url: WebhookUrl,
    /// What.
    pub format: WebhookFormat,
    /// Which events; none means all.
    pub kinds: Vec<EventKind>,
    /// Whether anything is sent. Events that come meanwhile are sent later.
    pub enabled: bool,
}

impl WebhookDraft {
    /// Whether an event of this kind is sent.
    pub fn wants(&self, kind: EventKind) -> bool {
        let in_format = match self.format {
            WebhookFormat::Standard => true,
            WebhookFormat::Platform => matches!(kind, EventKind::TaskCreated | EventKind::TaskDeleted),
        };
        in_format && (self.kinds.is_empty() || self.kinds.contains(&kind))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_web_addresses_are_taken() {
        for good in
            ["https://example.com/hook?x=1", "http://127.0.0.1:8080", "https://[::1]/", "https://例子.中国/"]
        {
            WebhookUrl::parse(good).unwrap();
        }
        for bad in [
            "",
            "example.com",
            "ftp://example.com",
            "https://",
            "https://user@example.com/",
            "https://a:b@example.com/",
            "https://example.com/#x",
            "javascript:alert(1)",
            "file:///etc/passwd",
        ] {
            assert_eq!(WebhookUrl::parse(bad), Err(FaultRule::Url), "{bad}");
        }
        let long = format!("https://example.com/{}", "x".repeat(2_000));
        assert_eq!(WebhookUrl::parse(&long), Err(FaultRule::TooLong(2_000)));
    }

    #[test]
    fn the_platforms_format_knows_only_tasks_made_and_deleted() {
        let draft = |format, kinds: &[EventKind]| WebhookDraft {
            url: WebhookUrl::parse("https://example.com").unwrap(),
            format,
            kinds: kinds.to_vec(),
            enabled: true,
        };
        let platform = draft(WebhookFormat::Platform, &[]);
        assert!(platform.wants(EventKind::TaskDeleted) && !platform.wants(EventKind::TaskRunning));
        let some = draft(WebhookFormat::Standard, &[EventKind::GroupOpened]);
        assert!(some.wants(EventKind::GroupOpened) && !some.wants(EventKind::GroupClosed));
    }
}
