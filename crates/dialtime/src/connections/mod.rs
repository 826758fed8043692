//! Connections: how many there may be, how long each may let the server wait, and what becomes of those that do.
//!
//! [`accept`] takes connections and keeps their number within the cap. [`connection`] runs one, from its first byte to its last.
//! [`progress`] holds what a connection does and says when it has waited long enough: the rules, without any input or output.
//! [`transport`] and [`body`] see the bytes go by and tell it, by way of [`watched`].

mod accept;
mod body;
mod connection;
mod descriptors;
mod progress;
mod refusal;
mod transport;
mod watched;

use std::time::Duration;

pub(crate) use accept::serve;
pub(crate) use descriptors::most_connections;

/// How long a client may let the server wait, and how many may do so at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ConnectionLimits {
    /// The most connections at once.
    pub(crate) connections: usize,
    /// From the end of an answer to the first byte of the next request, and from the beginning to that of the first.
    pub(crate) idle: Duration,
    /// From the first byte of a request to the end of its headers.
    pub(crate) header: Duration,
    /// From one piece of a body to the next.
    pub(crate) body: Duration,
    /// From the end of a request to the beginning of its answer.
    pub(crate) request: Duration,
    /// From one piece of an answer that is read to the next.
    pub(crate) write: Duration,
}
