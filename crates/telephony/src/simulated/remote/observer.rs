//! Who asks a network what it has seen.

use std::{
    io,
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use super::{
    frames,
    messages::{FromNetwork, ToNetwork},
    traffic::NetworkTraffic,
};

/// How long the network may take to connect and to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Asks the network at an address.
#[derive(Clone, Copy, Debug)]
pub struct NetworkObserver {
    address: SocketAddr,
}

impl NetworkObserver {
    /// One that asks the network at this address.
    pub const fn new(address: SocketAddr) -> Self {
        Self { address }
    }

    /// What it has seen up to now.
    ///
    /// # Errors
    /// When it does not answer in time, or not what was asked.
    pub fn traffic(&self) -> io::Result<NetworkTraffic> {
        let mut stream = TcpStream::connect_timeout(&self.address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        frames::write(&mut stream, &ToNetwork::Observe)?;
        loop {
            match frames::read(&mut stream, frames::LONG)? {
                FromNetwork::Seen(traffic) => return Ok(traffic),
                FromNetwork::Here | FromNetwork::Report(_) => {}
            }
        }
    }
}
