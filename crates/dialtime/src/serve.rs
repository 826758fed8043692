//! Serving: bind, answer, and stop cleanly.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context;
use api::{Api, ApiSettings, Lifecycle, StreamLimits, Unrouted};
use jiff::SignedDuration;
use runner::{Body, LoopEnded, Runner, Supervisor, WriteBody};
use store::Store;
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use crate::{
    command::{Database, Serve, Service},
    connections::{self, ConnectionLimits},
    measure::Measure,
    metrics,
    system::{SystemClock, SystemRandom},
};

/// How long the database's connections may take to close: one may wait for a row that someone holds.
const CLOSING: Duration = Duration::from_secs(5);

/// How long running requests may take to finish when a part of the node has failed.
const AFTER_FAILURE: Duration = Duration::from_secs(5);

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

fn settings_of(service: &Service) -> ApiSettings {
    ApiSettings {
        zone: service.timezone,
        error_status: service.error_status.into(),
        body_limit: service.body_limit,
        rate_limit: service.rate_limit,
        access_log: service.access_log.into(),
        count_requests: service.metrics_listen.is_some(),
        streams: StreamLimits { of_node: service.streams, of_partner: service.streams_per_partner },
    }
}

/// Answers until told to stop, then finishes what runs and closes the database.
pub(crate) async fn answer(
    store: Store,
    listener: TcpListener,
    service: &Service,
    limits: ConnectionLimits,
) -> anyhow::Result<()> {
    let settings = settings_of(service);
    let metrics = match service.metrics_listen {
        Some(address) => Some(metrics::start(address).await?),
        None => None,
    };
    let lifecycle = Lifecycle { stop: stop_signal()?, ..Lifecycle::default() };
    let stop = lifecycle.stop.clone();
    let mut supervisor = Supervisor::new(lifecycle.loops.clone(), stop.clone());
    runner(&store, service, &lifecycle).start(&mut supervisor);
    if let Some(metrics) = metrics {
        supervisor.start("metrics", |status| metrics.serve(limits, stop.clone(), status));
        let (clock_difference, loops) = (lifecycle.clock_difference.clone(), lifecycle.loops.clone());
        let measure = Measure { store: store.clone(), clock: Arc::new(SystemClock), clock_difference, loops };
        supervisor.start("measurements", |status| measure.run(status));
    }
    let api = Api::new(store.clone(), Arc::new(SystemClock), Arc::new(SystemRandom), settings, lifecycle);
    supervisor.start("event streams", |status| api.clone().watch_streams(status));
    supervisor.start("token uses", |status| api::record_token_uses(api.clone(), status));
    let (failed, supervised) = supervise(supervisor, stop.clone());
    let address = listener.local_addr()?;
    tracing::info!(
        database = store.kind(),
        max_connections = limits.connections,
        "listening on http://{address}"
    );
    let router = api::router(api.clone(), console::router());
    let (error_status, access_log) = (service.error_status.into(), service.access_log.into());
    let unrouted = Unrouted::new(error_status, access_log, Arc::new(SystemRandom));
    let serving = connections::serve(listener, router, limits, unrouted, stop.clone());
    tokio::select! {
        () = serving => {}
        () = too_late(&stop, &failed, service.stop_timeout) => tracing::warn!("some requests did not finish in time"),
    }
    let ended = supervised.await?;
    api::record_last_token_uses(&api).await;
    if tokio::time::timeout(CLOSING, store.close()).await.is_err() {
        tracing::warn!("the database's connections did not close in time");
    }
    tracing::info!("stopped");
    Ok(ended?)
}

/// Watches the node's loops. When one ends by itself or panics, the node is stopped, and the token that is given is
/// cancelled.
fn supervise(
    supervisor: Supervisor,
    stop: CancellationToken,
) -> (CancellationToken, JoinHandle<Result<(), LoopEnded>>) {
    let failed = CancellationToken::new();
    let tell = failed.clone();
    let watching = tokio::spawn(async move {
        let ended = supervisor.watch().await;
        if let Err(error) = &ended {
            tracing::error!(%error, "stopping: a part of this node has ended, and nobody does its work");
            tell.cancel();
            stop.cancel();
        }
        ended
    });
    (failed, watching)
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

async fn too_late(stop: &CancellationToken, failed: &CancellationToken, patience: Duration) {
    stop.cancelled().await;
    let patience = if failed.is_cancelled() { patience.min(AFTER_FAILURE) } else { patience };
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_loop_that_panics_stops_the_node_with_an_error() {
        let stop = CancellationToken::new();
        let mut supervisor = Supervisor::new(Arc::default(), stop.clone());
        supervisor.start("steady", |_| std::future::pending());
        supervisor.start("shaky", |_| async { panic!("oh") });
        let (failed, supervised) = supervise(supervisor, stop.clone());
        stop.cancelled().await;
        assert!(failed.is_cancelled(), "requests that run have a moment, and not as long as after a signal");
        assert_eq!(supervised.await.unwrap().unwrap_err().to_string(), "the loop \"shaky\" panicked: oh");
    }

    #[tokio::test]
    async fn a_node_that_is_told_to_stop_ends_well() {
        let stop = CancellationToken::new();
        let mut supervisor = Supervisor::new(Arc::default(), stop.clone());
        supervisor.start("steady", |_| std::future::pending());
        let (failed, supervised) = supervise(supervisor, stop.clone());
        stop.cancel();
        supervised.await.unwrap().unwrap();
        assert!(!failed.is_cancelled());
    }
}
