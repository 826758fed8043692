//! One attempt to deliver: written, signed (<https://www.standardwebhooks.com>), sent, and judged by the answer.

use std::{error::Error, fmt::Write, net::IpAddr, sync::Arc, time::Duration};

use base64::{Engine, prelude::BASE64_STANDARD};
use domain::{Clock, LoggedEvent, Random, WebhookSecret};
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use reqwest::{Client, Response, Url, redirect::Policy};
use sha2::Sha256;
use store::webhooks::{Attempt, Due, Recipient};
use uuid::Uuid;

use super::{
    address::{PublicOnly, Refused, is_public},
    unique,
};

/// How long to wait for a connection, and for the whole of an attempt.
const CONNECT: Duration = Duration::from_secs(5);
const WHOLE: Duration = Duration::from_secs(10);

/// How much of an answer is read.
const MOST_READ: usize = 4 * 1024;

/// How long to wait after the first failure; after each further one [`FACTOR`] times as long, up to [`LONGEST_WAIT`].
const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(5);
const FACTOR: i32 = 4;
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(6);

/// What is sent.
#[derive(Clone, Copy, Debug)]
pub enum Body<'e> {
    /// An event.
    Event(&'e LoggedEvent),
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
    to_private: bool,
    client: Client,
}

impl Sender {
    /// A sender. `to_private` also sends to addresses that are not public.
    pub(crate) fn new(
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        write_body: WriteBody,
        to_private: bool,
    ) -> Self {
        Self { clock, random, write_body, to_private, client: client(to_private) }
    }

    /// A number nobody else draws.
    pub(super) fn token(&self) -> Uuid {
        let mut bytes = [0; 16];
        self.random.fill(&mut bytes);
        unique(bytes)
    }

    /// Sends once.
    pub(super) async fn attempt(&self, recipient: &Recipient, due: &Due) -> Attempt {
        let wait = self.wait_after(due.attempts);
        match self.send(recipient, due).await {
            Ok(response) => {
                let status = Some(response.status().as_u16());
                Attempt { status, answer: beginning(response).await, wait }
            }
            Err(error) => Attempt { status: None, answer: in_full(&*error), wait },
        }
    }

    async fn send(&self, recipient: &Recipient, due: &Due) -> Result<Response, Box<dyn Error + Send + Sync>> {
        let url: Url = recipient.webhook.draft.url.as_str().parse()?;
        let literal = url.host_str().and_then(|host| host.trim_matches(['[', ']']).parse::<IpAddr>().ok());
        if !self.to_private && literal.is_some_and(|address| !is_public(address)) {
            return Err(Refused.into());
        }
        let now = self.clock.now();
        let (id, body) = match &due.event {
            Some(event) => (
                format!("{}-{}", event.account, event.number),
                (self.write_body)(recipient, Body::Event(event)),
            ),
            None => (
                format!("{}-test-{}", recipient.webhook.id, due.id),
                (self.write_body)(recipient, Body::Test(now)),
            ),
        };
        let signatures = signatures(&recipient.webhook.secrets_at(now), &id, now, &body);
        let request = self
            .client
            .post(url)
            .header("content-type", "application/json")
            .header("user-agent", concat!("dialtime/", env!("CARGO_PKG_VERSION")))
            .header("webhook-id", id)
            .header("webhook-timestamp", now.as_second())
            .header("webhook-signature", signatures)
            .body(body);
        Ok(request.send().await?)
    }

    /// Longer after each failure, and never quite the same: receivers that come back must not be stormed.
    fn wait_after(&self, attempts: i64) -> SignedDuration {
        let exponent = u32::try_from(attempts).unwrap_or(u32::MAX).min(10);
        let wait =
            FIRST_WAIT.checked_mul(FACTOR.saturating_pow(exponent)).unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT);
        let mut byte = [0];
        self.random.fill(&mut byte);
        // Between 80 and 120 per cent.
        wait.mul_f64(0.8 + 0.4 * f64::from(byte[0]) / 255.0)
    }
}

fn client(to_private: bool) -> Client {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    #[expect(clippy::expect_used, reason = "see the messages")]
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider knows the default versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let builder = Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .redirect(Policy::none())
        .connect_timeout(CONNECT)
        .timeout(WHOLE);
    let builder = if to_private { builder } else { builder.dns_resolver(Arc::new(PublicOnly)) };
    #[expect(clippy::expect_used, reason = "see the message")]
    builder.build().expect("nothing in these settings depends on the machine")
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

/// The beginning of an answer; what does not come in time is left.
async fn beginning(mut response: Response) -> String {
    let mut read = Vec::new();
    while read.len() < MOST_READ
        && let Ok(Some(chunk)) = response.chunk().await
    {
        read.extend_from_slice(&chunk);
    }
    read.truncate(MOST_READ);
    String::from_utf8_lossy(&read).into_owned()
}

/// An error with all its causes.
fn in_full(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        // Writing to a string cannot fail.
        let _ = write!(text, ": {cause}");
        source = cause.source();
    }
    text
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
