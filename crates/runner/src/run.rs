//! The driver: when the engine ticks in a server.

use std::{sync::Arc, time::Duration};

use calendar::Zone;
use domain::{CLOCK_BOUND, Clock, ClockDifference, Random};
use jiff::{SignedDuration, Timestamp};
use store::{Result, Store, changes};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::{
    Engine, WriteBody,
    housekeeping::{forget_old_versions, keep_house},
    webhooks::{Dispatcher, Sender},
};

/// The longest sleep: a sleeping machine and a clock that is set are noticed only by looking.
const HEARTBEAT: Duration = Duration::from_secs(1);

/// The shortest time between two looks: news comes in heaps.
const REST: Duration = Duration::from_millis(20);

/// How often to keep house.
const HOUSEKEEPING: SignedDuration = SignedDuration::from_hours(1);

/// What the operator chose.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The zone of the server, whose calendar says what day it is.
    pub zone: Zone,
    /// How long events are kept.
    pub events_kept: SignedDuration,
    /// How long it is kept what things were before each change; `None`: for good.
    pub audit_kept: Option<SignedDuration>,
    /// Whether webhooks may be sent to addresses that are not public.
    pub webhooks_to_private: bool,
}

/// Runs an engine until it is told to stop.
pub struct Runner {
    store: Store,
    clock: Arc<dyn Clock>,
    difference: Arc<ClockDifference>,
    settings: Settings,
    engine: Engine,
    dispatcher: Dispatcher,
    kept_house_at: Option<Timestamp>,
    /// Whether the last look went well; a change is logged, not each look.
    well: bool,
}

impl Runner {
    /// A runner on a database. It notes how far its clock is from the database's in `difference`.
    pub fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        difference: Arc<ClockDifference>,
        write_body: WriteBody,
        settings: Settings,
    ) -> Self {
        // On a database of one node there is one clock.
        let tolerance = if store.is_shared() { CLOCK_BOUND * 2 } else { SignedDuration::ZERO };
        let engine = Engine::new(store.clone(), clock.clone(), tolerance);
        let sender = Sender::new(clock.clone(), random, write_body, settings.webhooks_to_private);
        let dispatcher = Dispatcher::new(store.clone(), clock.clone(), sender);
        Self { store, clock, difference, settings, engine, dispatcher, kept_house_at: None, well: true }
    }

    /// Tells what is due whenever it is, until `stop`.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut news = self.store.news().of_this_process();
        let exchange = store::exchange_news(self.store.clone());
        tokio::select! {
            () = stop.cancelled() => {}
            () = exchange => {}
            () = self.beat_on(&mut news) => {}
        }
    }

    async fn beat_on(&mut self, news: &mut watch::Receiver<()>) {
        loop {
            let beaten = self.beat().await;
            let wait = self.report(beaten);
            tokio::time::sleep(REST.min(wait)).await;
            tokio::select! {
                () = tokio::time::sleep(wait.saturating_sub(REST)) => {}
                _ = news.changed() => {}
            }
        }
    }

    /// One look: tells what is due, if the clock can be trusted. Gives how long there is nothing to do.
    async fn beat(&mut self) -> Result<Duration> {
        let outlook = changes::outlook(&mut self.store.read().await?, self.clock.now()).await?;
        let now = self.clock.now();
        self.note_clock(now, outlook.database_now);
        if self.difference.too_far().is_some() {
            return Ok(HEARTBEAT);
        }
        let webhooks_wait = outlook.webhooks_wait;
        let next = self.engine.tick_with(outlook).await?;
        if webhooks_wait {
            self.dispatcher.dispatch().await?;
        }
        if self.kept_house_at.is_none_or(|before| now.duration_since(before).abs() >= HOUSEKEEPING) {
            keep_house(&self.store, now, self.settings.zone, self.settings.events_kept).await?;
            if let Some(kept) = self.settings.audit_kept {
                forget_old_versions(&self.store, now.saturating_sub(kept).unwrap_or(now)).await?;
            }
            self.kept_house_at = Some(now);
        }
        let until = next.map(|next| next.duration_since(self.clock.now()));
        let until = until.map_or(HEARTBEAT, |until| Duration::try_from(until).unwrap_or(Duration::ZERO));
        Ok(until.min(HEARTBEAT))
    }

    fn note_clock(&self, now: Timestamp, database_now: Timestamp) {
        let was = self.difference.too_far().is_some();
        self.difference.note(now, database_now);
        match self.difference.too_far() {
            Some(ahead) if !was => tracing::error!(
                seconds = ahead.as_secs_f64(),
                "this node's clock is too far ahead of the database's (or, if negative, behind it): \
                 it tells nothing and answers nobody until that is mended"
            ),
            None if was => tracing::info!("this node's clock agrees with the database's again"),
            _ => {}
        }
    }

    fn report(&mut self, beaten: Result<Duration>) -> Duration {
        match beaten {
            Ok(wait) => {
                if !self.well {
                    tracing::info!("the database answers again");
                }
                self.well = true;
                wait
            }
            Err(error) => {
                if self.well {
                    tracing::error!(%error, "openings and closings cannot be told; trying again every second");
                }
                self.well = false;
                HEARTBEAT
            }
        }
    }
}
