//! The simulated network as a process of its own, for tests of nodes that die: it outlives them, counts what they do, as the other side
//! of a real line would, and lets any of them end any call.
//!
//! Nodes and observers speak to it over loopback TCP in short frames (`frames`, `messages`). [`RemoteNetwork`] is a node's carrier,
//! [`NetworkObserver`] asks what the network has seen, and [`serve_network`] is the network: its calls and counts (`network_calls`)
//! know no sockets.

mod client;
mod frames;
mod messages;
mod network_calls;
mod observer;
mod server;
mod traffic;

pub use self::{
    client::RemoteNetwork,
    observer::NetworkObserver,
    server::serve_network,
    traffic::{NetworkTraffic, NodeTraffic, TrafficCall},
};
