//! Ports of loopback for programs that are told theirs. They lie below those that the system gives to whoever asks for any, so that nobody gets
//! one between two moments, and each process of tests begins at a place of its own.

use std::{
    net::{TcpListener, UdpSocket},
    sync::atomic::{AtomicU16, Ordering},
};

const FIRST: u16 = 10_000;
const ALL: u16 = 9_600;
const OF_A_PROCESS: u16 = 96;

/// Sound has an even port, and what belongs to it may have the three after it.
const OF_A_CALL: u16 = 4;

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
    let places = u32::from(ALL / OF_A_PROCESS);
    let own = u16::try_from(std::process::id() % places).unwrap() * OF_A_PROCESS;
    (0..ALL / OF_A_CALL).map(move |_| {
        let taken = TAKEN.fetch_add(OF_A_CALL, Ordering::Relaxed) % ALL;
        FIRST + (own + taken) % ALL
    })
}
