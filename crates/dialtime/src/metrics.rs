//! Figures for Prometheus, on a listener of their own: they are the operator's, not the clients'.
//!
//! What happens is counted where it happens, through the `metrics` crate's macros; this module collects and serves it.
//! Nothing is collected unless the operator asks for it with `--metrics-listen`.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context;
use api::{AccessLog, ErrorStatus, Unrouted};
use axum::{Router, http::header::CONTENT_TYPE, routing::get};
use domain::{Clock, LoopStatus};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{
    connections::{self, ConnectionLimits},
    system::{SystemClock, SystemRandom},
};

/// Upper bounds of the buckets of everything that is measured in seconds: from a cached answer to a hung database.
const SECONDS: [f64; 14] =
    [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0];

/// How often what histograms gathered is put in its place, so that their memory stays bounded when nobody reads.
const UPKEEP: Duration = Duration::from_secs(5);

/// How many may read at once.
const CONNECTIONS: usize = 16;

/// The format of the text.
const TEXT_FORMAT: &str = "text/plain; version=0.0.4";

/// Begins to collect, and listens.
///
/// # Errors
/// An address that cannot be listened on.
pub(crate) async fn start(address: SocketAddr) -> anyhow::Result<Metrics> {
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address} for metrics"))?;
    let builder =
        PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)?;
    let handle = builder.install_recorder().context("metrics cannot be collected")?;
    tracing::info!("metrics are at http://{}/metrics", listener.local_addr()?);
    Ok(Metrics { handle, listener })
}

/// Figures, and where they are read.
pub(crate) struct Metrics {
    handle: PrometheusHandle,
    listener: TcpListener,
}

impl Metrics {
    /// Serves them, within the same bounds as clients are served; the loop that it is ends only at the stop.
    pub(crate) async fn serve(
        self,
        limits: ConnectionLimits,
        stop: CancellationToken,
        status: Arc<LoopStatus>,
    ) {
        let Self { handle, listener } = self;
        let rendered = handle.clone();
        let text = move || async move { ([(CONTENT_TYPE, TEXT_FORMAT)], rendered.render()) };
        let router = Router::new().route("/metrics", get(text));
        let limits = ConnectionLimits { connections: CONNECTIONS, ..limits };
        let keep_up = async {
            loop {
                handle.run_upkeep();
                status.succeed(SystemClock.now());
                tokio::time::sleep(UPKEEP).await;
            }
        };
        let unrouted = Unrouted::new(ErrorStatus::Fitting, AccessLog::Nothing, Arc::new(SystemRandom));
        // Both go on to the stop, at which the loop is dropped: one that ended by itself would be a failure.
        tokio::join!(connections::serve(listener, router, limits, unrouted, stop), keep_up);
    }
}
