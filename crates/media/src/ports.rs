//! The ports that calls receive sound at: even ones of a range that firewalls are told of, leased for a call and given back by dropping.
//!
//! ```
//! use media::ports::{PortRange, RtpPorts};
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
//! # runtime.block_on(async {
//! let range = PortRange::new(21_000, 21_007).unwrap();
//! let ports = RtpPorts::new("127.0.0.1".parse().unwrap(), range);
//! let socket = ports.open().unwrap();
//! assert!(socket.port() % 2 == 0 && ports.free() == 3);
//! drop(socket);
//! assert_eq!(ports.free(), 4);
//! # });
//! ```

use std::{
    collections::VecDeque,
    io,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::UdpSocket;

/// How many bytes a socket holds of what has come and was not read: some seconds of a call.
const RECEIVE_BUFFER_BYTES: usize = 128 * 1024;

/// Expedited forwarding (RFC 3246) as the byte that IP bears: what networks send ahead of the rest, as RFC 4594 has it for sound.
const EXPEDITED_FORWARDING: u32 = 46 << 2;

/// How many ports are tried for one call, where other programs have taken some.
const MOST_TRIES: usize = 16;

/// The lowest port that a range may hold.
const LOWEST_PORT: u16 = 1_024;

/// A range of ports; calls use the even ones (RFC 3550 section 11).
///
/// It should not overlap the range that the system takes ports from for others (`net.ipv4.ip_local_port_range`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PortRange {
    first: u16,
    last: u16,
}

impl PortRange {
    /// 5,000 calls, below what Linux takes for others.
    pub const DEFAULT: Self = Self { first: 20_000, last: 29_999 };

    /// From `first` to `last`, both included; `None` where a port is below 1,024 or none of them is even.
    pub fn new(first: u16, last: u16) -> Option<Self> {
        let range = Self { first, last };
        (first >= LOWEST_PORT && range.even().next().is_some()).then_some(range)
    }

    /// The first and the last port, as given.
    pub const fn bounds(self) -> (u16, u16) {
        (self.first, self.last)
    }

    /// The even ports. The odd one above each is left free, for some send what belongs to it there (RTCP).
    fn even(self) -> impl Iterator<Item = u16> {
        (self.first..=self.last).filter(|port| port.is_multiple_of(2))
    }
}

/// Why there is no port for a call.
#[derive(Debug, thiserror::Error)]
pub enum PortFault {
    /// Calls have all of them.
    #[error("all ports for sound are in use")]
    AllInUse,
    /// The system refuses those that were tried.
    #[error("no port for sound can be opened")]
    Refused(#[source] io::Error),
}

/// The ports of a node. Cheap to clone.
#[derive(Clone, Debug)]
pub struct RtpPorts {
    address: IpAddr,
    free: Arc<Mutex<VecDeque<u16>>>,
}

impl RtpPorts {
    /// The ports of `range` at a local address; `::` takes IPv4 as well.
    pub fn new(address: IpAddr, range: PortRange) -> Self {
        Self { address, free: Arc::new(Mutex::new(range.even().collect())) }
    }

    /// Opens a socket for a call. The port that has been free for longest is taken, so that what is still sent to an earlier call
    /// meets nobody. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// Whether all are in use, or the system refuses.
    pub fn open(&self) -> Result<RtpSocket, PortFault> {
        let mut refused = None;
        for _ in 0..MOST_TRIES {
            let Some(port) = lock(&self.free).pop_front() else { break };
            let lease = PortLease { port, free: Arc::clone(&self.free) };
            match bind(SocketAddr::new(self.address, port)) {
                Ok(socket) => return Ok(RtpSocket { socket, is_ipv6: self.address.is_ipv6(), lease }),
                Err(error) => refused = Some(error),
            }
        }
        Err(refused.map_or(PortFault::AllInUse, PortFault::Refused))
    }

    /// How many calls there is room for.
    pub fn free(&self) -> usize {
        lock(&self.free).len()
    }
}

/// A port that is somebody's until this is dropped.
#[derive(Debug)]
struct PortLease {
    port: u16,
    free: Arc<Mutex<VecDeque<u16>>>,
}

impl Drop for PortLease {
    fn drop(&mut self) {
        lock(&self.free).push_back(self.port);
    }
}

/// A list of ports is whole whoever panicked with it.
fn lock(free: &Mutex<VecDeque<u16>>) -> MutexGuard<'_, VecDeque<u16>> {
    free.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The socket of a call.
#[derive(Debug)]
pub struct RtpSocket {
    // Closed before its port is given back: fields are dropped in this order.
    pub(crate) socket: UdpSocket,
    is_ipv6: bool,
    lease: PortLease,
}

impl RtpSocket {
    /// The local port: what an offer names.
    pub const fn port(&self) -> u16 {
        self.lease.port
    }

    /// Whether it is a socket of IPv6, which takes IPv4 as well.
    pub(crate) const fn is_ipv6(&self) -> bool {
        self.is_ipv6
    }

    /// The local address.
    ///
    /// # Errors
    /// The system's.
    pub fn local_address(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }
}

fn bind(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_nonblocking(true)?;
    // Neither is worth a call: sound goes without them, too.
    let _ = socket.set_recv_buffer_size(RECEIVE_BUFFER_BYTES);
    let _ = socket.set_tos_v4(EXPEDITED_FORWARDING);
    if address.is_ipv6() {
        let _ = socket.set_tclass_v6(EXPEDITED_FORWARDING);
        socket.set_only_v6(false)?;
    }
    socket.bind(&address.into())?;
    UdpSocket::from_std(socket.into())
}

#[cfg(test)]
mod tests {
    use test_support::address_of_our_own;

    use super::*;

    #[test]
    fn a_range_holds_an_even_port() {
        for (first, last, calls) in
            [(21_100, 21_100, 1), (21_101, 21_104, 2), (21_100, 21_109, 5), (65_534, 65_535, 1)]
        {
            let range = PortRange::new(first, last).unwrap();
            assert_eq!(RtpPorts::new(address_of_our_own(), range).free(), calls);
        }
        for (first, last) in [(21_101, 21_101), (21_104, 21_100), (1_000, 2_000), (0, 0)] {
            assert_eq!(PortRange::new(first, last), None, "{first} to {last}");
        }
        assert_eq!(RtpPorts::new(address_of_our_own(), PortRange::DEFAULT).free(), 5_000);
    }

    #[tokio::test]
    async fn ports_are_leased_and_given_back() {
        let ports = RtpPorts::new(address_of_our_own(), PortRange::new(21_110, 21_115).unwrap());
        let mut sockets: Vec<RtpSocket> = (0..3).map(|_| ports.open().unwrap()).collect();
        assert_eq!(sockets.iter().map(RtpSocket::port).collect::<Vec<_>>(), [21_110, 21_112, 21_114]);
        assert!(matches!(ports.open(), Err(PortFault::AllInUse)));
        drop(sockets.remove(1));
        drop(sockets.remove(0));
        assert_eq!(ports.open().unwrap().port(), 21_112, "what has been free for longest");
        drop(sockets);
        assert_eq!(ports.free(), 3);
    }

    #[tokio::test]
    async fn what_another_program_has_is_passed_over() {
        let ports = RtpPorts::new(address_of_our_own(), PortRange::new(21_120, 21_123).unwrap());
        let other = std::net::UdpSocket::bind((address_of_our_own(), 21_120)).unwrap();
        let socket = ports.open().unwrap();
        assert_eq!(socket.port(), 21_122);
        assert!(matches!(ports.open(), Err(PortFault::Refused(_))));
        drop(other);
        assert_eq!(ports.open().unwrap().port(), 21_120);
    }

    #[tokio::test]
    async fn sound_is_sent_ahead_of_the_rest() {
        let ports = RtpPorts::new(address_of_our_own(), PortRange::new(21_130, 21_131).unwrap());
        let socket = ports.open().unwrap();
        let options = socket2::SockRef::from(&socket.socket);
        assert_eq!(options.tos_v4().unwrap(), EXPEDITED_FORWARDING);
        assert!(options.recv_buffer_size().unwrap() >= RECEIVE_BUFFER_BYTES);
    }
}
