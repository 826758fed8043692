//! One attempt to deliver: written, signed (<https://www.standardwebhooks.com>), sent, and judged by the answer.

use std::{sync::Arc, time::Duration};

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use domain::{Clock, DeliveryAttempt, Random, WebhookSecret, retry_delay};
use hmac::{Hmac, KeyInit, Mac};
use http::{Method, Request, StatusCode, header};
use http_body_util::Full;
use jiff::{SignedDuration, Timestamp};
use sha2::Sha256;
use store::webhooks::{Due, DueEvent, Recipient};
use url::Url;
use uuid::Uuid;

use super::unique;
use crate::outbound::{Failure, OutboundClient, OutboundLimits, in_full, request_for};

/// How long an attempt may take.
const WHOLE: Duration = Duration::from_secs(10);

/// How much of an answer is read, in bytes.
const MOST_READ: usize = 4 * 1024;

/// What is sent.
#[derive(Clone, Copy, Debug)]
pub enum Body<'e> {
    /// An event.
    Event(&'e DueEvent),
    /// Several, in order, or one of them where there may be several.
    List(&'e [DueEvent]),
    /// Nothing but a test, made at the instant.
    Test(Timestamp),
}

/// Writes the body of a request to a webhook.
pub type WriteBody = Arc<dyn Fn(&Recipient, Body<'_>) -> String + Send + Sync>;

/// Makes attempts.
pub(crate) struct Sender {
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    write_body: WriteBody,
    client: Arc<OutboundClient>,
}

impl Sender {
    /// A sender that sends by a client.
    pub(crate) fn new(
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        write_body: WriteBody,
        client: Arc<OutboundClient>,
    ) -> Self {
        Self { clock, random, write_body, client }
    }

    /// A number nobody else draws.
    pub(super) fn token(&self) -> Uuid {
        let mut bytes = [0; 16];
        self.random.fill(&mut bytes);
        unique(bytes)
    }

    /// Sends once.
    pub(super) async fn attempt(&self, recipient: &Recipient, due: &Due) -> DeliveryAttempt {
        match self.send(recipient, due).await {
            Ok((status, answer)) => DeliveryAttempt { status: Some(status.as_u16()), answer },
            Err(error) => DeliveryAttempt { status: None, answer: in_full(&*error) },
        }
    }

    /// Gives the status of the answer, and its beginning.
    async fn send(&self, recipient: &Recipient, due: &Due) -> Result<(StatusCode, String), Failure> {
        let limits = OutboundLimits::new(WHOLE, MOST_READ);
        let url: Url = recipient.webhook.draft.url.as_str().parse()?;
        let request = self.request(&url, recipient, due)?;
        // What of the answer does not come in time, or is more, is left.
        let answer = self.client.exchange(&url, request, limits).await?;
        Ok((answer.status, String::from_utf8_lossy(&answer.body).into_owned()))
    }

    fn request(&self, url: &Url, recipient: &Recipient, due: &Due) -> Result<Request<Full<Bytes>>, Failure> {
        let now = self.clock.now();
        let webhook = recipient.webhook.id;
        let (id, body) = match (due.list, due.events.first()) {
            (Some(list), _) => (format!("{webhook}-list-{list}"), Body::List(&due.events)),
            (None, Some(event)) => {
                (format!("{}-{}", event.logged.account, event.logged.number), Body::Event(event))
            }
            (None, None) => {
                let test = due.deliveries.first().copied().unwrap_or_default();
                (format!("{webhook}-test-{test}"), Body::Test(now))
            }
        };
        let body = (self.write_body)(recipient, body);
        let signatures = signatures(&recipient.webhook.secrets_at(now), &id, now, &body);
        let request = request_for(Method::POST, url)
            .header(header::CONTENT_TYPE, "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", now.as_second())
            .header("webhook-signature", signatures);
        Ok(request.body(Full::from(body))?)
    }

    /// How long to wait after an attempt that failed, after so many before it.
    pub(super) fn wait_after(&self, attempts: i64) -> SignedDuration {
        let mut chance = [0];
        self.random.fill(&mut chance);
        retry_delay(attempts, chance[0])
    }
}

/// One signature by each secret, as the header has them.
fn signatures(secrets: &[&WebhookSecret], id: &str, now: Timestamp, body: &str) -> String {
    let content = format!("{id}.{}.{body}", now.as_second());
    secrets.iter().map(|secret| signature(&secret.0, &content)).collect::<Vec<_>>().join(" ")
}

fn signature(key: &[u8], content: &str) -> String {
    #[expect(clippy::expect_used, reason = "see the message")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(content.as_bytes());
    format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the Standard Webhooks specification's reference libraries.
    #[test]
    fn signatures_are_those_of_the_specification() {
        let key = BASE64_STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let content = r#"msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}"#;
        assert_eq!(signature(&key, content), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        let (one, two) = (WebhookSecret([1; 32]), WebhookSecret([2; 32]));
        let now = Timestamp::from_second(1_614_265_330).unwrap();
        let both = signatures(&[&one, &two], "id", now, "{}");
        let parts: Vec<&str> = both.split(' ').collect();
        assert_eq!(parts, [signatures(&[&one], "id", now, "{}"), signatures(&[&two], "id", now, "{}")]);
    }
}
