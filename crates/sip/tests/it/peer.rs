//! A peer that says exactly what a test has it say.

use std::{net::SocketAddr, time::Duration};

use tokio::net::UdpSocket;

/// A UDP socket with a name for each side.
pub(crate) struct Peer {
    socket: UdpSocket,
    pub(crate) address: SocketAddr,
}

impl Peer {
    pub(crate) async fn new() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        Self { socket, address }
    }

    /// The next message within a time.
    pub(crate) async fn hears(&self, within: Duration) -> Option<(String, SocketAddr)> {
        let mut buffer = vec![0; 65_536];
        let (length, from) =
            tokio::time::timeout(within, self.socket.recv_from(&mut buffer)).await.ok()?.unwrap();
        Some((String::from_utf8_lossy(buffer.get(..length).unwrap()).into_owned(), from))
    }

    pub(crate) async fn says(&self, text: &str, to: SocketAddr) {
        self.sends(text.as_bytes(), to).await;
    }

    pub(crate) async fn sends(&self, octets: &[u8], to: SocketAddr) {
        self.socket.send_to(octets, to).await.unwrap();
    }
}

/// A header of a message.
pub(crate) fn header<'m>(message: &'m str, name: &str) -> &'m str {
    let line = message.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.unwrap_or_else(|| panic!("no {name} in {message}")).trim()
}

/// An answer to a request.
pub(crate) fn answer(request: &str, status: &str, tag: &str) -> String {
    let [via, from, to, call_id, sequence] =
        ["Via", "From", "To", "Call-ID", "CSeq"].map(|name| header(request, name));
    format!(
        "SIP/2.0 {status}\r\nVia: {via}\r\nFrom: {from}\r\nTo: {to}{tag}\r\nCall-ID: {call_id}\r\nCSeq: {sequence}\r\n\
         Contact: <sip:callee@127.0.0.1:9>\r\nContent-Length: 0\r\n\r\n"
    )
}
