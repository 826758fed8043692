//! Serving: bind, answer, and stop cleanly.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context;
use api::{Api, Lifecycle, Settings};
use jiff::SignedDuration;
use runner::{Body, Runner, WriteBody};
use store::Store;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{
    command::{Database, Serve, Service},
    connections::{self, Limits},
    metrics::Metrics,
    system::{SystemClock, SystemRandom},
};

/// How long the database's connections may take to close: one may wait for a row that someone holds.
const CLOSING: Duration = Duration::from_secs(5);

pub(crate) async fn run(serve: Serve) -> anyhow::Result<()> {
    let store = serve.database.open_or_make().await?;
    let _alone = store.serve_alone()?;
    greet_newcomer(&store, &serve.database).await?;
    let listener = bind(serve.listen).await?;
    let limits = serve.service.connections.limits(serve.database.database_connections);
    answer(store, listener, &serve.service, limits).await
}

pub(crate) async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))
}

/// Answers until told to stop, then finishes what runs and closes the database.
pub(crate) async fn answer(
    store: Store,
    listener: TcpListener,
    service: &Service,
    limits: Limits,
) -> anyhow::Result<()> {
    let settings = Settings {
        zone: service.timezone,
        error_status: service.error_status.into(),
        body_limit: service.body_limit,
        rate_limit: service.rate_limit,
        access_log: service.access_log.into(),
    };
    let metrics = match service.metrics_listen {
        Some(address) => tokio::spawn(Metrics::start(address).await?.serve()),
        None => tokio::spawn(std::future::pending()),
    };
    let lifecycle = Lifecycle { stop: stop_signal()?, ..Lifecycle::default() };
    let stop = lifecycle.stop.clone();
    let running = tokio::spawn(runner(&store, service, &lifecycle).run(stop.clone()));
    let api = Api::new(store.clone(), Arc::new(SystemClock), Arc::new(SystemRandom), settings, lifecycle);
    let address = listener.local_addr()?;
    tracing::info!(
        database = store.kind(),
        max_connections = limits.connections,
        "listening on http://{address}"
    );
    let router = api::router(api, console::router());
    let serving = connections::serve(listener, router, limits, service.error_status.into(), stop.clone());
    tokio::select! {
        () = serving => {}
        () = too_late(&stop, service.stop_timeout) => tracing::warn!("some requests did not finish in time"),
    }
    running.await?;
    metrics.abort();
    if tokio::time::timeout(CLOSING, store.close()).await.is_err() {
        tracing::warn!("the database's connections did not close in time");
    }
    tracing::info!("stopped");
    Ok(())
}

fn runner(store: &Store, service: &Service, lifecycle: &Lifecycle) -> Runner {
    let zone = service.timezone;
    let write_body: WriteBody = Arc::new(move |recipient, body| match body {
        Body::Event(event) => api::webhook_body(zone, recipient, event),
        Body::Test(now) => api::webhook_test_body(zone, now),
    });
    let days = |days: u32| SignedDuration::from_hours(24 * i64::from(days));
    let (events_kept, audit_kept) = (days(service.events_kept), service.audit_kept.map(days));
    let webhooks_to_private = service.webhooks_to_private;
    let settings = runner::Settings { zone, events_kept, audit_kept, webhooks_to_private };
    let (clock, random) = (Arc::new(SystemClock), Arc::new(SystemRandom));
    Runner::new(store.clone(), clock, random, lifecycle.clock_difference.clone(), write_body, settings)
}

async fn too_late(stop: &CancellationToken, patience: Duration) {
    stop.cancelled().await;
    tokio::time::sleep(patience).await;
}

/// Cancelled at the first SIGTERM or SIGINT; the second ends the program at once.
fn stop_signal() -> anyhow::Result<CancellationToken> {
    use tokio::signal::unix::{SignalKind, signal};

    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    // A limit on the size of files is to fail the write that meets it, and not to end the program.
    let _ignored = signal(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw()))?;
    let stop = CancellationToken::new();
    let told = stop.clone();
    tokio::spawn(async move {
        for _ in 0..2 {
            tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
            if told.is_cancelled() {
                tracing::warn!("told to stop twice: ending at once");
                #[expect(clippy::exit, reason = "asked for twice")]
                std::process::exit(1);
            }
            tracing::info!("stopping: finishing what runs");
            told.cancel();
        }
    });
    Ok(stop)
}

/// An empty database has no token to ask with; say how to make one. The address of a PostgreSQL holds a password, so it is
/// not repeated.
async fn greet_newcomer(store: &Store, database: &Database) -> anyhow::Result<()> {
    if !store::health::has_partner(&mut store.read().await?).await? {
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
