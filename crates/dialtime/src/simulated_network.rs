//! `dialtime simulated-network`: the network of simulated lines as a process of its own, for tests.

use std::{
    net::{SocketAddr, TcpListener},
    sync::Arc,
};

use anyhow::Context;

use crate::{output::say, system::SystemClock};

/// Serves until it is killed.
pub(crate) async fn run(listen: SocketAddr) -> anyhow::Result<()> {
    let listener = TcpListener::bind(listen).with_context(|| format!("cannot listen on {listen}"))?;
    say(&format!("listening on {}", listener.local_addr()?));
    let serving =
        tokio::task::spawn_blocking(move || telephony::serve_network(&listener, Arc::new(SystemClock)));
    Ok(serving.await??)
}
