//! One attempt to deliver: written, signed (<https://www.standardwebhooks.com>), sent, and judged by the answer.
//!
//! A receiver may be hostile. Each attempt has a connection of its own, which is cut with the attempt: when its time is over,
//! whatever the receiver sends meanwhile, or does not send.

use std::{
    error::Error,
    fmt::Write,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use domain::{Clock, DeliveryAttempt, Random, WebhookSecret, retry_delay};
use hmac::{Hmac, KeyInit, Mac};
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;
use jiff::{SignedDuration, Timestamp};
use sha2::Sha256;
use store::webhooks::{Due, DueEvent, Recipient};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::{Instant, timeout, timeout_at},
};
use tokio_rustls::{TlsConnector, rustls};
use tokio_util::sync::CancellationToken;
use url::{Position, Url};
use uuid::Uuid;

use super::{address::resolve, unique};

/// How long to wait for a connection, and for the whole of an attempt.
const CONNECT: Duration = Duration::from_secs(5);
const WHOLE: Duration = Duration::from_secs(10);

/// How much of an answer is read, in bytes.
const MOST_READ: usize = 4 * 1024;

/// How much of an answer's head is read, in bytes.
const LONGEST_HEAD: usize = 64 * 1024;

/// How many informational answers (1xx) a receiver may send before its answer.
const MOST_INFORMATIONAL: usize = 20;

/// Whatever went wrong with an attempt: the text is for the owner of the webhook.
type Failure = Box<dyn Error + Send + Sync>;

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
    to_private: bool,
    tls: TlsConnector,
}

impl Sender {
    /// A sender. `to_private` also sends to addresses that are not public.
    pub(crate) fn new(
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        write_body: WriteBody,
        to_private: bool,
    ) -> Self {
        Self { clock, random, write_body, to_private, tls: tls() }
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
        let deadline = Instant::now() + WHOLE;
        let url: Url = recipient.webhook.draft.url.as_str().parse()?;
        let request = self.request(&url, recipient, due)?;
        let stream =
            timeout(CONNECT, self.connect(&url)).await.map_err(|_| "no connection within 5 seconds")??;
        if url.scheme() == "http" {
            return exchange(stream, request, deadline).await;
        }
        let name = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let secured = self.tls.connect(name.try_into()?, stream);
        exchange(timeout_at(deadline, secured).await.map_err(|_| NO_ANSWER)??, request, deadline).await
    }

    /// Tries each address of the host.
    async fn connect(&self, url: &Url) -> Result<TcpStream, Failure> {
        let stream = TcpStream::connect(&*resolve(url, self.to_private).await?).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
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
        let request = Request::post(&url[Position::BeforePath..Position::AfterQuery])
            .header(header::HOST, &url[Position::BeforeHost..Position::AfterPort])
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::USER_AGENT, concat!("dialtime/", env!("CARGO_PKG_VERSION")))
            .header(header::ACCEPT, "*/*")
            .header(header::CONNECTION, "close")
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

const NO_ANSWER: &str = "no answer within 10 seconds";

/// Speaks HTTP/1.1 on a connection until the answer has come, or its time is over. The connection ends with it.
async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    mut request: Request<Full<Bytes>>,
    deadline: Instant,
) -> Result<(StatusCode, String), Failure> {
    let (too_many, informational) = (CancellationToken::new(), AtomicUsize::new(0));
    let cancel = too_many.clone();
    hyper::ext::on_informational(&mut request, move |_| {
        if informational.fetch_add(1, Ordering::Relaxed) >= MOST_INFORMATIONAL {
            cancel.cancel();
        }
    });
    let mut builder = http1::Builder::new();
    let handshake = builder.max_buf_size(LONGEST_HEAD).handshake(TokioIo::new(stream));
    let (mut sender, connection) = handshake.await?;
    let talk = async {
        let answer = timeout_at(deadline, sender.send_request(request)).await.map_err(|_| NO_ANSWER)??;
        let status = answer.status();
        Ok((status, beginning(answer.into_body(), deadline).await))
    };
    // What was read before the connection ended is still to be taken.
    let drive = async {
        let _ended = connection.await;
        std::future::pending::<()>().await;
    };
    tokio::select! {
        answered = talk => answered,
        () = too_many.cancelled() => Err("too many informational answers".into()),
        () = drive => Err(NO_ANSWER.into()),
    }
}

/// Certificates are checked against built-in roots, so that the machine needs none.
fn tls() -> TlsConnector {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    #[expect(clippy::expect_used, reason = "see the message")]
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider knows the default versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    Arc::new(config).into()
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
async fn beginning(mut answer: Incoming, deadline: Instant) -> String {
    let mut read = Vec::new();
    while read.len() < MOST_READ
        && let Ok(Some(Ok(frame))) = timeout_at(deadline, answer.frame()).await
    {
        read.extend_from_slice(frame.data_ref().map_or(&[][..], |data| data));
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
