//! `dialtime serve`: opens the database, listens, runs a node, and stops it at a signal.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context, bail};
use api::Lifecycle;
use store::Store;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{
    closures,
    command::{Database, Serve},
    node::{Node, NodeSettings},
    stop,
    system::{SystemClock, SystemRandom, SystemSteadyClock},
};

/// How long the ends of calls may take to be sent and written after the second signal.
const LAST_MOMENT: Duration = Duration::from_secs(2);

pub(crate) async fn run(serve: Serve) -> anyhow::Result<()> {
    let store = serve.database.open_or_make().await?;
    let _alone = store.serve_alone()?;
    greet_newcomer(&store, &serve.database).await?;
    stop::remind(&store).await?;
    closures::remind(&store).await?;
    let listener = bind(serve.listen).await?;
    let limits = serve.service.connections.limits(serve.database.database_connections);
    let data_folder = serve.service.data_folder(serve.database.url());
    answer(store, listener, NodeSettings { service: serve.service, limits, data_folder }).await
}

pub(crate) async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))
}

/// Answers until told to stop by a signal, then finishes what runs and closes the database.
pub(crate) async fn answer(
    store: Store,
    listener: TcpListener,
    settings: NodeSettings,
) -> anyhow::Result<()> {
    let lifecycle = Lifecycle::default();
    let hurry = lifecycle.hurry.clone();
    mind_signals(lifecycle.stop.clone(), hurry.clone())?;
    let (clock, steady, random) =
        (Arc::new(SystemClock), Arc::new(SystemSteadyClock), Arc::new(SystemRandom));
    Node { store, listener, settings, clock, steady, random, lifecycle }.run().await?;
    if hurry.is_cancelled() {
        bail!("told to stop twice: what ran was not waited for");
    }
    Ok(())
}

/// The first SIGTERM or SIGINT stops the node; the second ends all calls, and the program once that is done, or not in time.
fn mind_signals(stop: CancellationToken, hurry: CancellationToken) -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    // A limit on the size of files is to fail the write that meets it, and not to end the program.
    let _ignored = signal(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw()))?;
    tokio::spawn(async move {
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        tracing::info!("stopping: finishing what runs");
        stop.cancel();
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        tracing::warn!("told to stop twice: ending all calls");
        hurry.cancel();
        tokio::time::sleep(LAST_MOMENT).await;
        #[expect(clippy::exit, reason = "asked for twice, and nobody waits any longer")]
        std::process::exit(1);
    });
    Ok(())
}

/// An empty database has no token to ask with; say how to make one. The address of a PostgreSQL holds a password, so it is
/// not repeated.
async fn greet_newcomer(store: &Store, database: &Database) -> anyhow::Result<()> {
    if !store::partners::is_any(&mut store.read().await?).await? {
        let option = match &database.database_url {
            Some(url) if url.starts_with("sqlite:") => format!(" --database-url {url}"),
            Some(_) => " --database-url \"$DIALTIME_DATABASE_URL\"".to_owned(),
            None => String::new(),
        };
        tracing::info!(
            "there is no partner yet; make one and its token with:\n  \
             dialtime partner create NAME{option}\n  \
             dialtime token create --partner PARTNER_ID{option}"
        );
    }
    Ok(())
}
