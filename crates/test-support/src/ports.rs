//! Ports and addresses of loopback that nobody else is given. The ports are for programs that are told theirs: they lie below those that the
//! system gives to whoever asks for any, so that nobody gets one between two moments, and each process of tests begins at a place of its own.

use std::{
    net::{IpAddr, Ipv4Addr, TcpListener, UdpSocket},
    sync::atomic::{AtomicU16, Ordering},
};

const FIRST_PORT: u16 = 10_000;
const PORTS: u16 = 9_600;
const PORTS_OF_A_PROCESS: u16 = 96;

/// Sound has an even port, and what belongs to it may have the three after it.
const PORTS_OF_A_CALL: u16 = 4;

/// An address that no other process of tests uses.
pub fn address_of_our_own() -> IpAddr {
    let [.., high, low] = std::process::id().to_be_bytes();
    Ipv4Addr::new(127, high, low, 1).into()
}

/// A port that the system gives nobody who asks for any, so that it is free again once this is dropped.
pub fn port_of_our_own() -> UdpSocket {
    ports().find_map(|port| UdpSocket::bind(("127.0.0.1", port)).ok()).unwrap()
}

/// An even port that nobody has, for UDP or for TCP.
pub fn free_port() -> u16 {
    let is_free = |port: &u16| {
        UdpSocket::bind(("127.0.0.1", *port)).is_ok() && TcpListener::bind(("127.0.0.1", *port)).is_ok()
    };
    ports().find(is_free).unwrap()
}

fn ports() -> impl Iterator<Item = u16> {
    static TAKEN: AtomicU16 = AtomicU16::new(0);
    let places = u32::from(PORTS / PORTS_OF_A_PROCESS);
    let own = u16::try_from(std::process::id() % places).unwrap() * PORTS_OF_A_PROCESS;
    (0..PORTS / PORTS_OF_A_CALL).map(move |_| {
        let taken = TAKEN.fetch_add(PORTS_OF_A_CALL, Ordering::Relaxed) % PORTS;
        FIRST_PORT + (own + taken) % PORTS
    })
}
