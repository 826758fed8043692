//! The way to a bot: a WebSocket over a connection to one of the addresses that were found and allowed.

use std::{io, net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::rustls;
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{
        self,
        client::IntoClientRequest as _,
        http::{HeaderName, HeaderValue, header},
        protocol::WebSocketConfig,
    },
};
use url::Url;

use super::{BotAuthorities, LONGEST_MESSAGE};

/// For how long a bot that says no more than that it is full is left alone.
const BUSY: Duration = Duration::from_secs(5);

/// The longest time for which a bot may have itself left alone.
const LONGEST_BUSY: Duration = Duration::from_mins(5);

/// A connection that carries a WebSocket.
pub trait BotTransport: AsyncRead + AsyncWrite + Send + Sync + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin> BotTransport for T {}

/// A WebSocket to a bot.
pub type BotSocket = WebSocketStream<Box<dyn BotTransport>>;

/// Where a bot is.
#[derive(Clone, Debug)]
pub struct BotAddress {
    /// Its address: `ws` or `wss`.
    pub url: Url,
    /// The addresses of its host, each of which may be connected to.
    pub addresses: Vec<SocketAddr>,
    /// Headers of the request, by their names.
    pub headers: Vec<(&'static str, String)>,
    /// Whom it may be vouched for by, over `wss`.
    pub authorities: BotAuthorities,
}

/// Why there is no WebSocket.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BotConnectFault {
    /// It cannot be connected to.
    #[error("{0}")]
    Unreachable(String),
    /// Its certificate is not from an authority that is known, is not for its name, or is not valid now.
    #[error("{0}")]
    Certificate(String),
    /// It is connected to and does not speak TLS, or no WebSocket.
    #[error("{0}")]
    Handshake(String),
    /// It took too long.
    #[error("no WebSocket within {} s", .0.as_secs())]
    TimedOut(Duration),
    /// It is there and takes no call now (503 or 429): for so long it is left alone.
    #[error("full: it takes no call for {} s", .0.as_secs())]
    Full(Duration),
    /// It refuses with another status of HTTP.
    #[error("refused with {0}")]
    Refused(u16),
}

/// Connects within this time.
///
/// # Errors
/// Why it cannot.
pub async fn connect(address: &BotAddress, within: Duration) -> Result<BotSocket, BotConnectFault> {
    timeout(within, connect_at_leisure(address)).await.unwrap_or(Err(BotConnectFault::TimedOut(within)))
}

/// Asks a bot over an open connection whether it is there, within this time. What it says meanwhile is passed over.
pub async fn check(socket: &mut BotSocket, within: Duration) -> bool {
    use futures_util::{SinkExt as _, StreamExt as _};
    use tungstenite::Message;
    let answered = async {
        socket.send(Message::Ping(Vec::new().into())).await.ok()?;
        loop {
            match socket.next().await?.ok()? {
                Message::Pong(_) => return Some(()),
                Message::Close(_) => return None,
                _ => {}
            }
        }
    };
    matches!(timeout(within, answered).await, Ok(Some(())))
}

async fn connect_at_leisure(address: &BotAddress) -> Result<BotSocket, BotConnectFault> {
    let unreachable = |error: io::Error| BotConnectFault::Unreachable(error.to_string());
    let stream = TcpStream::connect(&*address.addresses).await.map_err(unreachable)?;
    stream.set_nodelay(true).map_err(unreachable)?;
    let transport: Box<dyn BotTransport> = match address.url.scheme() {
        "wss" => Box::new(secured(stream, address).await.map_err(|error| not_secured(&error))?),
        _ => Box::new(stream),
    };
    let mut request = address.url.as_str().into_client_request().map_err(fault)?;
    let headers = request.headers_mut();
    headers.insert(
        header::USER_AGENT,
        HeaderValue::from_static(concat!("dialtime/", env!("CARGO_PKG_VERSION"))),
    );
    for (name, value) in &address.headers {
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
            headers.insert(name, value);
        }
    }
    let limits = WebSocketConfig::default()
        .max_message_size(Some(LONGEST_MESSAGE))
        .max_frame_size(Some(LONGEST_MESSAGE))
        .max_write_buffer_size(1024 * 1024);
    let (socket, _) = client_async_with_config(request, transport, Some(limits)).await.map_err(fault)?;
    Ok(socket)
}

fn fault(error: tungstenite::Error) -> BotConnectFault {
    let tungstenite::Error::Http(response) = error else {
        return BotConnectFault::Handshake(error.to_string());
    };
    match response.status().as_u16() {
        429 | 503 => {
            let asked = response.headers().get(header::RETRY_AFTER);
            let seconds = asked.and_then(|value| value.to_str().ok()?.trim().parse().ok());
            let busy = seconds.map_or(BUSY, Duration::from_secs);
            BotConnectFault::Full(busy.clamp(Duration::from_secs(1), LONGEST_BUSY))
        }
        status => BotConnectFault::Refused(status),
    }
}

async fn secured(stream: TcpStream, address: &BotAddress) -> io::Result<impl BotTransport + use<>> {
    let name = address.url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let name = name.try_into().map_err(io::Error::other)?;
    address.authorities.connector().connect(name, stream).await
}

fn not_secured(error: &io::Error) -> BotConnectFault {
    let words = error.to_string();
    match error.get_ref().and_then(|error| error.downcast_ref()) {
        Some(rustls::Error::InvalidCertificate(_)) => BotConnectFault::Certificate(words),
        _ => BotConnectFault::Handshake(words),
    }
}
