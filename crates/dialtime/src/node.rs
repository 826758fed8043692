//! A node: the API with its pages, the connections by which it is reached, and the loops that run beside it.

use std::{net::Ipv4Addr, sync::Arc, time::Duration};

use api::{Api, ApiSettings, HolidayAddresses, Lifecycle, StreamLimits, Unrouted, WebhookBodies};
use clap::Parser;
use dialer::{DialerParts, DialerSettings, ROUND_EVERY, RunningDialer};
use domain::{Clock, Random, SteadyClock};
use jiff::SignedDuration;
use recordings::{Recorder, RecordingFiles};
use runner::{
    Body, HolidayAddressReader, LoopEnded, RETRY, RecordingBucketLoop, Recordings, RecordingsParts, Rounds,
    Runner, Supervisor, WriteBody,
};
use sip::{SipCarrier, SipParts};
use store::{DataFolder, Store};
use telephony::{Carrier, Carriers, RemoteNetwork, SimulatedCarrier};
use tokio::{net::TcpListener, runtime::Handle, task::JoinHandle, time::Instant};
use tokio_util::sync::CancellationToken;

use crate::{
    command::Service,
    connections::{self, ConnectionLimits},
    measure::Measure,
    metrics::{self, Metrics},
};

/// How long the database's connections may take to close: one may wait for a row that someone holds.
const CLOSING: Duration = Duration::from_secs(5);

/// How long it may take at the end to finish recordings. The next start finds the rest.
const RECORDINGS_FINISHED: Duration = Duration::from_secs(5);

/// The shortest time between two rounds of the dialer, however long one takes.
const SHORTEST_REST: Duration = Duration::from_millis(1);

/// How long running requests may take to finish when a part of the node has failed.
const AFTER_FAILURE: Duration = Duration::from_secs(5);

/// A node, and what it runs on: the program gives it the machine's clock and randomness, tests give it their own.
pub struct Node {
    /// Its database, with the newest schema.
    pub store: Store,
    /// Where it is reached.
    pub listener: TcpListener,
    /// What the operator chose.
    pub settings: NodeSettings,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// How much time has passed, whatever the clock says.
    pub steady: Arc<dyn SteadyClock>,
    /// What ids and secrets are made of.
    pub random: Arc<dyn Random>,
    /// What ends the node, and what others find out of it.
    pub lifecycle: Lifecycle,
}

/// What the operator chose at the command line of `dialtime serve`.
#[derive(Debug)]
pub struct NodeSettings {
    pub(crate) service: Service,
    pub(crate) limits: ConnectionLimits,
    pub(crate) data_folder: DataFolder,
}

impl NodeSettings {
    /// Reads the options of `dialtime serve`, those of the database and the address apart.
    ///
    /// # Errors
    /// An option that is not known, or a value that it does not take.
    pub fn parse(
        options: &[&str],
        database_url: &str,
        database_connections: u32,
    ) -> Result<Self, clap::Error> {
        #[derive(Parser)]
        struct Options {
            #[command(flatten)]
            service: Service,
        }
        let service = Options::try_parse_from([&["serve"], options].concat())?.service;
        let limits = service.connections.limits(database_connections);
        let data_folder = service.data_folder(database_url);
        Ok(Self { service, limits, data_folder })
    }

    fn api(&self, recordings: RecordingFiles) -> ApiSettings {
        let service = &self.service;
        ApiSettings {
            zone: service.timezone,
            default_country: service.default_country,
            error_status: service.error_status.into(),
            body_limit: service.body_limit,
            rate_limit: service.rate_limit,
            access_log: service.access_log.into(),
            count_requests: service.metrics_listen.is_some(),
            streams: StreamLimits { of_node: service.streams, of_partner: service.streams_per_partner },
            data_folder: self.data_folder.clone(),
            import_limit: service.import_limit,
            public_url: service.public_url.clone().unwrap_or_default(),
            recordings: Some(recordings),
            holiday_addresses: Some(holiday_addresses(service.webhooks_to_private)),
        }
    }

    fn runner(&self) -> runner::Settings {
        let days = |days: u32| SignedDuration::from_hours(24 * i64::from(days));
        runner::Settings {
            zone: self.service.timezone,
            events_kept: days(self.service.events_kept),
            audit_kept: self.service.audit_kept.map(days),
            records_kept: days(self.service.records_kept),
            data_folder: self.data_folder.clone(),
            webhooks_to_private: self.service.webhooks_to_private,
        }
    }
}

/// Reads files of holidays as feeds are read.
fn holiday_addresses(to_private: bool) -> HolidayAddresses {
    let reader = HolidayAddressReader::new(to_private);
    HolidayAddresses::new(to_private, move |url| {
        let reader = reader.clone();
        Box::pin(async move { reader.read(&url).await })
    })
}

impl Node {
    /// Answers until the lifecycle's stop, then finishes what runs and closes the database.
    ///
    /// # Errors
    /// An address for metrics that cannot be listened on, and a loop that ended by itself.
    pub async fn run(self) -> anyhow::Result<()> {
        let metrics = match self.settings.service.metrics_listen {
            Some(address) => Some(metrics::start(address).await?),
            None => None,
        };
        let Self { store, clock, random, lifecycle, .. } = &self;
        let (clock, random) = (clock.clone(), random.clone());
        let options = &self.settings.service.recordings;
        let files = options.files(&self.settings.data_folder)?;
        let recorder = Recorder::start(options.settings(files.folder.clone()));
        let api = Api::new(store.clone(), clock, random, self.settings.api(files.clone()), lifecycle.clone());
        let sip = self.sip_carrier(recorder.clone())?;
        let dialer = RunningDialer::new(self.dialer_parts(&sip));
        let mut loops = self.start_loops(&api, &dialer, &sip, metrics);
        let recordings = self.recordings(recorder, files);
        let last_recordings = Recordings::new(recordings.clone());
        start_recordings(&mut loops, recordings);
        let (failed, supervised) = supervise(loops, lifecycle.stop.clone());
        let (store, hurry, no_more) = (store.clone(), lifecycle.hurry.clone(), CancellationToken::new());
        let stopping = async {
            let ended = supervised.await;
            // Requests are taken meanwhile: those who talk can be looked at and hung up on, and their bots tell their results.
            dialer.stop(hurry.cancelled()).await;
            no_more.cancel();
            ended
        };
        let serving = Box::pin(self.serve(api.clone(), &failed, no_more.clone()));
        let (served, ended) = tokio::join!(serving, stopping);
        served?;
        let ended = ended?;
        sip.stop();
        last_recordings.finish(RECORDINGS_FINISHED).await;
        api::record_last_token_uses(&api).await;
        if tokio::time::timeout(CLOSING, store.close()).await.is_err() {
            tracing::warn!("the database's connections did not close in time");
        }
        tracing::info!("stopped");
        Ok(ended?)
    }

    fn start_loops(
        &self,
        api: &Api,
        dialer: &RunningDialer,
        sip: &SipCarrier,
        metrics: Option<Metrics>,
    ) -> Supervisor {
        let Lifecycle { stop, clock_difference, loops, .. } = self.lifecycle.clone();
        let mut supervisor = Supervisor::new(loops.clone(), stop.clone());
        self.runner().start(&mut supervisor);
        if let Some(metrics) = metrics {
            supervisor.start("metrics", |status| metrics.serve(self.settings.limits, stop, status));
            let (store, clock) = (self.store.clone(), self.clock.clone());
            let measure = Measure { store, clock, clock_difference, loops };
            supervisor.start("measurements", |status| measure.run(status));
        }
        supervisor.start("sip", |status| sip.clone().run(status));
        supervisor.start("calls", |status| dialer.clone().keep_calls(status));
        let rounds = |status| Rounds::new(status, self.clock.clone());
        supervisor.start("dialer", |status| dial(dialer.clone(), rounds(status)));
        supervisor.start("event streams", |status| api.clone().watch_streams(status));
        supervisor.start("token uses", |status| api::record_token_uses(api.clone(), status));
        supervisor
    }

    /// The carrier of SIP lines; it opens nothing before its first call.
    fn sip_carrier(&self, recorder: Recorder) -> anyhow::Result<SipCarrier> {
        let service = &self.settings.service;
        let mut settings = service.sip.settings(service.default_country)?;
        settings.bots.api = self.address_for_bots();
        Ok(SipCarrier::new(SipParts {
            settings,
            recorder: Some(recorder),
            clock: self.clock.clone(),
            random: self.random.clone(),
            runtime: Handle::current(),
        }))
    }

    /// Where bots reach this server: where others do or, where the operator has not said that, where it listens.
    fn address_for_bots(&self) -> Option<String> {
        let public = self.settings.service.public_url.as_ref().map(|url| url.of(""));
        public.filter(|url| !url.is_empty()).or_else(|| {
            let mut address = self.listener.local_addr().ok()?;
            if address.ip().is_unspecified() {
                address.set_ip(Ipv4Addr::LOCALHOST.into());
            }
            Some(format!("http://{address}"))
        })
    }

    fn dialer_parts(&self, sip: &SipCarrier) -> DialerParts {
        let (drain, records_calls) =
            (self.settings.service.drain, self.settings.service.recordings.record_calls);
        let carriers = Carriers { simulated: self.simulated_carrier(), sip: Some(Arc::new(sip.clone())) };
        DialerParts {
            store: self.store.clone(),
            clock: self.clock.clone(),
            steady: self.steady.clone(),
            random: self.random.clone(),
            clock_difference: self.lifecycle.clock_difference.clone(),
            carriers,
            settings: DialerSettings { drain, records_calls, ..DialerSettings::default() },
        }
    }

    fn recordings(&self, recorder: Recorder, files: RecordingFiles) -> RecordingsParts {
        RecordingsParts {
            store: self.store.clone(),
            recorder,
            files,
            clock: self.clock.clone(),
            random: self.random.clone(),
            clock_difference: self.lifecycle.clock_difference.clone(),
            records_kept: self.settings.runner().records_kept,
        }
    }

    fn simulated_carrier(&self) -> Arc<dyn Carrier> {
        match self.settings.service.simulated_network {
            Some(address) => Arc::new(RemoteNetwork::new(address, self.random.clone())),
            None => Arc::new(SimulatedCarrier::new(self.random.clone())),
        }
    }

    fn runner(&self) -> Runner {
        let service = &self.settings.service;
        let bodies = WebhookBodies::new(service.timezone, service.public_url.clone().unwrap_or_default());
        let write_body: WriteBody = Arc::new(move |recipient, body| match body {
            Body::Event(event) => bodies.of_event(recipient, event),
            Body::List(events) => bodies.of_list(events),
            Body::Test(now) => bodies.of_test(now),
        });
        let (clock, random) = (self.clock.clone(), self.random.clone());
        let difference = self.lifecycle.clock_difference.clone();
        Runner::new(self.store.clone(), clock, random, difference, write_body, self.settings.runner())
    }

    /// Takes requests until there are to be no more, and finishes those that run, for as long as they may take.
    async fn serve(
        self,
        api: Api,
        failed: &CancellationToken,
        no_more: CancellationToken,
    ) -> anyhow::Result<()> {
        let NodeSettings { service, limits, .. } = self.settings;
        let address = self.listener.local_addr()?;
        tracing::info!(
            database = self.store.kind(),
            max_connections = limits.connections,
            "listening on http://{address}"
        );
        let hurry = self.lifecycle.hurry;
        let router = api::router(api, console::router());
        let (error_status, access_log) = (service.error_status.into(), service.access_log.into());
        let unrouted = Unrouted::new(error_status, access_log, self.random);
        let serving = connections::serve(self.listener, router, limits, unrouted, no_more.clone());
        tokio::select! {
            () = serving => {}
            () = hurry.cancelled() => {}
            () = too_late(&no_more, failed, service.stop_timeout) => tracing::warn!("some requests did not finish in time"),
        }
        Ok(())
    }
}

/// Writes down, finishes and deletes recordings, and moves them to the bucket if there is one.
fn start_recordings(supervisor: &mut Supervisor, parts: RecordingsParts) {
    if let Some(bucket) = RecordingBucketLoop::new(parts.clone()) {
        supervisor.start("recordings' bucket", |status| bucket.run(status));
    }
    supervisor.start("recordings", |status| Recordings::new(parts).run(status));
}

/// Dials, for ever. A database that is away ends nothing: it is asked again.
async fn dial(dialer: RunningDialer, mut rounds: Rounds) {
    loop {
        let begun = Instant::now();
        let ended = rounds.note(dialer.round().await);
        let wait = ended.map_or(RETRY, |()| ROUND_EVERY.saturating_sub(begun.elapsed()).max(SHORTEST_REST));
        tokio::time::sleep(wait).await;
    }
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

async fn too_late(no_more: &CancellationToken, failed: &CancellationToken, patience: Duration) {
    no_more.cancelled().await;
    let patience = if failed.is_cancelled() { patience.min(AFTER_FAILURE) } else { patience };
    tokio::time::sleep(patience).await;
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
