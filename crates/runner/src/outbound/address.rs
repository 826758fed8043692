//! Where a request must not go: whoever may choose an address must not reach what only this machine and its network can.
//!
//! Names are resolved for the very connection that is made, so that a name cannot be one address when it is looked at and
//! another when it is used.

use std::net::SocketAddr;

use domain::is_public_address;
use url::{Host, Url};

use super::{Failure, OutboundFault};

/// The addresses of an address's host, of which each may be connected to. `to_private` allows those that are not public.
pub(super) async fn resolve(url: &Url, to_private: bool) -> Result<Vec<SocketAddr>, Failure> {
    let port = url.port_or_known_default().unwrap_or(0);
    let found: Vec<SocketAddr> = match url.host() {
        Some(Host::Ipv4(address)) => vec![(address, port).into()],
        Some(Host::Ipv6(address)) => vec![(address, port).into()],
        Some(Host::Domain(name)) => tokio::net::lookup_host((name, port)).await?.collect(),
        None => Vec::new(),
    };
    let allowed: Vec<SocketAddr> =
        found.into_iter().filter(|address| to_private || is_public_address(address.ip())).collect();
    if allowed.is_empty() { Err(OutboundFault::NotPublic.into()) } else { Ok(allowed) }
}
