//! Requests to addresses that others chose: receivers of webhooks, and files of holidays.
//!
//! Whoever answers may be hostile. Each request has a connection of its own, which is cut with the request: when its time is over,
//! whatever is sent meanwhile, or not sent. [`address`] says where none goes. A redirect is an answer like any other.

mod address;

use std::{
    error::Error,
    fmt::Write,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode, header, request};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::{Instant, timeout, timeout_at},
};
use tokio_rustls::{TlsConnector, rustls};
use tokio_util::sync::CancellationToken;
use url::{Position, Url};

/// How long to wait for a connection.
const CONNECT: Duration = Duration::from_secs(5);

/// How much of an answer's head is read, in bytes.
const LONGEST_HEAD: usize = 64 * 1024;

/// How many informational answers (1xx) may come before the answer.
const MOST_INFORMATIONAL: usize = 20;

/// Whatever went wrong with a request: the text is for whoever chose the address.
pub(crate) type Failure = Box<dyn Error + Send + Sync>;

/// What goes wrong with a request by our own rules; all else is what the network and its libraries say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum OutboundFault {
    #[error("the address is not public; the operator may allow such addresses")]
    NotPublic,
    #[error("no connection within {} seconds", CONNECT.as_secs())]
    NoConnection,
    #[error("no answer within {} seconds", .0.as_secs())]
    NoAnswer(Duration),
    #[error("too many informational answers")]
    TooManyInformational,
}

/// How much time and memory an exchange may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OutboundLimits {
    /// How long it may take in all.
    pub(crate) whole: Duration,
    /// When that is over.
    pub(crate) deadline: Instant,
    /// How many bytes of the answer's body are read.
    pub(crate) most_read: usize,
}

impl OutboundLimits {
    /// From now on.
    pub(crate) fn new(whole: Duration, most_read: usize) -> Self {
        Self { whole, deadline: Instant::now() + whole, most_read }
    }

    fn no_answer(&self) -> OutboundFault {
        OutboundFault::NoAnswer(self.whole)
    }
}

/// An answer, and how much of its body has come.
pub(crate) struct OutboundAnswer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    pub(crate) end: BodyEnd,
}

/// How the reading of an answer's body ended.
#[derive(Debug)]
pub(crate) enum BodyEnd {
    /// All of it has come.
    Whole,
    /// There is more than may be read.
    TooLong,
    /// The time was over.
    TimedOut,
    /// The connection broke.
    Broken(hyper::Error),
}

/// Makes requests.
pub(crate) struct OutboundClient {
    to_private: bool,
    tls: TlsConnector,
}

impl OutboundClient {
    /// A client. `to_private` also asks addresses that are not public.
    pub(crate) fn new(to_private: bool) -> Self {
        Self { to_private, tls: tls() }
    }

    /// Sends one request for an address; gives its answer.
    pub(crate) async fn exchange(
        &self,
        url: &Url,
        request: Request<Full<Bytes>>,
        limits: OutboundLimits,
    ) -> Result<OutboundAnswer, Failure> {
        let connected = timeout_at(limits.deadline, timeout(CONNECT, self.connect(url))).await;
        let stream =
            connected.map_err(|_| limits.no_answer())?.map_err(|_| OutboundFault::NoConnection)??;
        if url.scheme() == "http" {
            return exchange(stream, request, limits).await;
        }
        let name = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let secured = self.tls.connect(name.try_into()?, stream);
        let secured = timeout_at(limits.deadline, secured).await.map_err(|_| limits.no_answer())??;
        exchange(secured, request, limits).await
    }

    /// Tries each address of the host.
    async fn connect(&self, url: &Url) -> Result<TcpStream, Failure> {
        let stream = TcpStream::connect(&*address::resolve(url, self.to_private).await?).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}

/// A request for an address, with the headers that all have.
pub(crate) fn request_for(method: Method, url: &Url) -> request::Builder {
    Request::builder()
        .method(method)
        .uri(&url[Position::BeforePath..Position::AfterQuery])
        .header(header::HOST, &url[Position::BeforeHost..Position::AfterPort])
        .header(header::USER_AGENT, concat!("dialtime/", env!("CARGO_PKG_VERSION")))
        .header(header::ACCEPT, "*/*")
        .header(header::CONNECTION, "close")
}

/// Speaks HTTP/1.1 on a connection until the answer has come, or its time is over. The connection ends with it.
async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    mut request: Request<Full<Bytes>>,
    limits: OutboundLimits,
) -> Result<OutboundAnswer, Failure> {
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
        let answer = timeout_at(limits.deadline, sender.send_request(request)).await;
        let (head, body) = answer.map_err(|_| limits.no_answer())??.into_parts();
        let (body, end) = read_body(body, limits).await;
        Ok(OutboundAnswer { status: head.status, headers: head.headers, body, end })
    };
    // What was read before the connection ended is still to be taken.
    let drive = async {
        let _ended = connection.await;
        std::future::pending::<()>().await;
    };
    tokio::select! {
        answered = talk => answered,
        () = too_many.cancelled() => Err(OutboundFault::TooManyInformational.into()),
        () = drive => Err(limits.no_answer().into()),
    }
}

/// The beginning of a body, and why there is not more of it.
async fn read_body(mut body: Incoming, limits: OutboundLimits) -> (Vec<u8>, BodyEnd) {
    let mut read = Vec::new();
    loop {
        let frame = match timeout_at(limits.deadline, body.frame()).await {
            Err(_) => return (read, BodyEnd::TimedOut),
            Ok(None) => return (read, BodyEnd::Whole),
            Ok(Some(Err(error))) => return (read, BodyEnd::Broken(error)),
            Ok(Some(Ok(frame))) => frame,
        };
        read.extend_from_slice(frame.data_ref().map_or(&[][..], |data| data));
        if read.len() > limits.most_read {
            read.truncate(limits.most_read);
            return (read, BodyEnd::TooLong);
        }
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

/// An error with all its causes.
pub(crate) fn in_full(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        // Writing to a string cannot fail.
        let _ = write!(text, ": {cause}");
        source = cause.source();
    }
    text
}
