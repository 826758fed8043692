//! The sockets and the SIP stack upon them.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    ops::RangeInclusive,
    sync::Arc,
    time::Duration,
};

use domain::Clock;
use media::ports::{PortRange, RtpPorts};
use phone::Country;
use rsipstack::{
    EndpointBuilder,
    dialog::dialog_layer::DialogLayer,
    sip::{Host, HostWithPort, Method, SipMessage, prelude::HeadersExt},
    transaction::{
        TransactionReceiver,
        endpoint::{Endpoint, EndpointOption, MessageInspector},
    },
    transport::{
        SipAddr, SipConnection, TcpListenerConnection, TlsConfig, TransportLayer,
        tcp_listener::TcpListenerConnectionInner,
        udp::{UdpConnection, UdpInner},
    },
};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{
    answer,
    bots::{BotReach, BotSettings, BotWay},
    door::Door,
    hold::{HeldInvites, Resolver},
    late_answers::LateAnswers,
    peers::{self, Peers},
    trace,
};

/// What we call ourselves.
const USER_AGENT: &str = concat!("Dialtime/", env!("CARGO_PKG_VERSION"));

/// The kernel's default of 208 KiB drops datagrams in bursts.
const RECEIVE_BUFFER: usize = 4 * 1024 * 1024;

/// Longer than any phone may ring: the stack ends a ringing INVITE after this without a CANCEL.
const RINGING_AT_MOST: Duration = Duration::from_mins(5);

/// How many connections may wait until they are let in.
const BACKLOG: i32 = 128;

/// How often a port is looked for that is free over UDP and TCP.
const ATTEMPTS: usize = 10;

/// How long a connection may take to be there.
const CONNECT_PATIENCE: Duration = Duration::from_secs(10);

/// What an operator decides about SIP.
#[derive(Clone, Debug)]
pub struct SipSettings {
    /// Where SIP is spoken, over UDP and TCP.
    pub listen: SocketAddr,
    /// The address that the other side sees, where that is another: behind a NAT.
    pub public: Option<IpAddr>,
    /// The ports for sound.
    pub rtp_ports: RangeInclusive<u16>,
    /// The certificates of the authorities that trunks over TLS may name, as PEM; none: no trunk can be reached over TLS.
    pub tls_authorities: Option<Vec<u8>>,
    /// Whose country callers' numbers are of that name none.
    pub country: Country,
    /// Whether nothing may leave this machine: what goes to another address is refused.
    pub only_loopback: bool,
    /// How bots are reached, and reach us.
    pub bots: BotSettings,
}

impl SipSettings {
    /// How bots are connected to.
    pub(crate) fn way_to_bots(&self, clock: Arc<dyn Clock>) -> BotWay {
        let reach = if self.only_loopback { BotReach::Loopback } else { self.bots.reach };
        BotWay { reach, authorities: self.bots.authorities.clone(), clock }
    }
}

/// Why SIP cannot be spoken.
#[derive(Debug, thiserror::Error)]
pub enum SipListenError {
    /// The address is taken, or not this machine's.
    #[error("cannot speak SIP at {address}: {error}")]
    Address {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        error: io::Error,
    },
    /// The stack did not start.
    #[error("the SIP stack did not start: {0}")]
    Stack(String),
}

/// The stack while it runs.
pub(crate) struct Stack {
    /// Every call's dialog.
    pub(crate) dialogs: Arc<DialogLayer>,
    /// Our address, as the other side sees it.
    pub(crate) own: SocketAddr,
    /// The ports for sound.
    pub(crate) ports: RtpPorts,
    /// The INVITEs that may not leave yet.
    pub(crate) held: HeldInvites,
    /// The INVITEs of processes that are gone, which may be answered late.
    pub(crate) late_answers: LateAnswers,
}

impl Stack {
    /// Looks for the way to an address, which may be a name, and connects where the transport is one of connections. A connection that takes
    /// longer than its call waits is there for the next one.
    pub(crate) fn connect(&self, to: SipAddr) -> impl Future<Output = Result<SipAddr, String>> + use<> {
        let endpoint = self.dialogs.endpoint.clone();
        async move {
            let looking = endpoint.transport_layer.lookup(&to, None);
            match tokio::time::timeout(CONNECT_PATIENCE, looking).await {
                Ok(Ok((_, to))) => Ok(to),
                Ok(Err(error)) => Err(error.to_string()),
                Err(_) => Err("The trunk cannot be reached".to_owned()),
            }
        }
    }
}

/// The stack, about to run, and what it brings.
pub(crate) struct Listening {
    pub(crate) stack: Arc<Stack>,
    pub(crate) endpoint: Endpoint,
    pub(crate) incoming: TransactionReceiver,
}

/// Opens the sockets.
pub(crate) async fn listen(settings: &SipSettings, peers: &Peers) -> Result<Listening, SipListenError> {
    let failed = |error| SipListenError::Address { address: settings.listen, error };
    let (socket, listener) = sockets(settings.listen).map_err(failed)?;
    let bound = socket.local_addr().map_err(failed)?;
    let shown = SocketAddr::new(settings.public.unwrap_or_else(|| shown_ip(bound)), bound.port());
    let (first, last) = settings.rtp_ports.clone().into_inner();
    let rtp_ports = PortRange::new(first, last).unwrap_or(PortRange::DEFAULT);
    let stop = CancellationToken::new();
    let held = HeldInvites::default();
    let resolver = Box::new(Resolver::new(held.clone()));
    let serving = stop.child_token();
    let transport = TransportLayer::new_with_domain_resolver(serving.clone(), resolver);
    let inner = UdpInner { conn: Arc::new(socket), addr: sip_address(rsipstack::sip::Transport::Udp, bound) };
    let udp = UdpConnection::attach(inner, Some(shown), Some(stop.child_token())).await;
    transport.add_transport(SipConnection::Udp(udp));
    let tcp = listens_elsewhere(shown);
    let local = tcp.get_addr().clone();
    transport.add_transport(SipConnection::TcpListener(tcp));
    transport
        .set_tls_config(TlsConfig { ca_certs: settings.tls_authorities.clone(), ..TlsConfig::default() });
    let late_answers = LateAnswers::default();
    let inspector = CallInspector { peers: peers.clone(), late_answers: late_answers.clone() };
    let endpoint = endpoint(transport, stop, shown, inspector);
    let door = Door { listener, local, peers: peers.clone() };
    tokio::spawn(door.keep(Arc::downgrade(&endpoint.inner), serving));
    let incoming =
        endpoint.incoming_transactions().map_err(|error| SipListenError::Stack(error.to_string()))?;
    let dialogs = Arc::new(DialogLayer::new(endpoint.inner.clone()));
    let ports = RtpPorts::new(bound.ip(), rtp_ports);
    let stack = Arc::new(Stack { dialogs, own: shown, ports, held, late_answers });
    Ok(Listening { stack, endpoint, incoming })
}

/// Does something while SIP is spoken, and closes the sockets.
pub(crate) async fn meanwhile<T>(
    settings: &SipSettings,
    what: impl AsyncFnOnce(&Stack) -> T,
) -> Result<T, SipListenError> {
    let Listening { stack, endpoint, .. } = listen(settings, &Peers::default()).await?;
    tokio::select! {
        done = what(&stack) => {
            endpoint.shutdown();
            Ok(done)
        }
        () = endpoint.serve() => Err(SipListenError::Stack("it ended by itself".to_owned())),
    }
}

fn endpoint(
    transport: TransportLayer,
    stop: CancellationToken,
    shown: SocketAddr,
    inspector: CallInspector,
) -> Endpoint {
    let option = EndpointOption {
        timerc: RINGING_AT_MOST,
        callid_suffix: Some(shown.ip().to_string()),
        ..EndpointOption::default()
    };
    let allowed = vec![
        Method::Invite,
        Method::Ack,
        Method::Cancel,
        Method::Bye,
        Method::Options,
        Method::Info,
        Method::Update,
    ];
    let mut builder = EndpointBuilder::new();
    builder
        .with_user_agent(USER_AGENT)
        .with_transport_layer(transport)
        .with_cancel_token(stop)
        .with_option(option)
        .with_allows(allowed)
        .with_inspector(Box::new(inspector));
    builder.build()
}

/// What says to the stack where connections come to us, and takes none: those whom [`Door`] lets in come to it one by one. It cannot be told to
/// listen nowhere, so it is told to listen at what is no address.
fn listens_elsewhere(shown: SocketAddr) -> TcpListenerConnection {
    let tcp = Some(rsipstack::sip::Transport::Tcp);
    let nowhere = HostWithPort { host: Host::Domain("nowhere.invalid".to_owned().into()), port: None };
    let inner = TcpListenerConnectionInner {
        local_addr: SipAddr { r#type: tcp, addr: nowhere },
        external: Some(SipAddr { r#type: tcp, addr: shown.into() }),
    };
    TcpListenerConnection { inner: Arc::new(inner) }
}

/// The sockets of a port, over UDP and TCP. Where any port will do it is one that is free for both.
fn sockets(address: SocketAddr) -> io::Result<(tokio::net::UdpSocket, TcpListener)> {
    let both = || {
        let udp = udp_socket(address)?;
        let tcp = tcp_socket(udp.local_addr()?)?;
        Ok((udp, tcp))
    };
    let attempts = if address.port() == 0 { ATTEMPTS } else { 1 };
    (1..attempts).find_map(|_| both().ok()).map_or_else(both, Ok)
}

fn tcp_socket(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // Of connections that are over something is left for a minute.
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

fn udp_socket(address: SocketAddr) -> io::Result<tokio::net::UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_nonblocking(true)?;
    // A smaller one will do.
    let _ = socket.set_recv_buffer_size(RECEIVE_BUFFER);
    socket.bind(&address.into())?;
    tokio::net::UdpSocket::from_std(socket.into())
}

/// The address of this machine that the stack would name for one that stands for all of them.
fn shown_ip(bound: SocketAddr) -> IpAddr {
    SipConnection::resolve_bind_address(bound).ip()
}

fn sip_address(transport: rsipstack::sip::Transport, address: SocketAddr) -> SipAddr {
    SipAddr::new(transport, address.into())
}

/// Sees each message: marks the answers that the stack makes itself, notes where the others come from, and has the messages of calls traced.
struct CallInspector {
    peers: Peers,
    late_answers: LateAnswers,
}

impl MessageInspector for CallInspector {
    fn before_send(&self, message: SipMessage, to: Option<&SipAddr>) -> SipMessage {
        trace::sent(&self.peers, &message, to);
        message
    }

    fn after_received(&self, mut message: SipMessage, from: Option<&SipAddr>) -> SipMessage {
        if let SipMessage::Response(response) = &mut message {
            answer::mark(response, from.is_none());
            if let (Some(source), Ok(call_id)) = (from.and_then(peers::source), response.call_id_header()) {
                self.peers.note_answer(call_id.value(), source);
            }
            self.late_answers.hear(response);
        }
        if let Some(from) = from {
            trace::received(&self.peers, &message, from);
        }
        message
    }
}
