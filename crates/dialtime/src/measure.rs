//! The loop that looks at a node from time to time and sets its gauges: what nobody counts as it happens.

use std::{sync::Arc, time::Duration};

use domain::{Clock, ClockDifference, LoopStatus, Loops};
use jiff::{Timestamp, tz::TimeZone};
use metrics::gauge;
use store::{Result, Store, schedules};

/// How often it looks.
const EVERY: Duration = Duration::from_secs(10);

/// Looks at a node.
pub(crate) struct Measure {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) clock_difference: Arc<ClockDifference>,
    pub(crate) loops: Arc<Loops>,
}

impl Measure {
    /// Looks for ever.
    pub(crate) async fn run(self, status: Arc<LoopStatus>) {
        let (version, tzdata) = (env!("CARGO_PKG_VERSION"), calendar::tzdata_version());
        gauge!("dialtime_build_info", "version" => version, "tzdata" => tzdata).set(1.0);
        loop {
            self.node();
            match self.holidays().await {
                Ok(()) => status.succeed(self.clock.now()),
                Err(error) => tracing::debug!(%error, "the holiday calendars cannot be measured"),
            }
            tokio::time::sleep(EVERY).await;
        }
    }

    fn node(&self) {
        for pool in self.store.pools() {
            let name = pool.name;
            gauge!("dialtime_database_connections", "pool" => name, "state" => "idle")
                .set(f64::from(pool.idle));
            gauge!("dialtime_database_connections", "pool" => name, "state" => "used")
                .set(f64::from(pool.used));
        }
        gauge!("dialtime_clock_difference_seconds").set(self.clock_difference.ahead().as_secs_f64());
        for running in self.loops.list() {
            let name = running.name();
            gauge!("dialtime_loop_lateness_seconds", "loop" => name).set(running.lateness().as_secs_f64());
            #[expect(clippy::cast_precision_loss, reason = "a figure to look at")]
            gauge!("dialtime_loop_backlog", "loop" => name).set(running.backlog() as f64);
            if let Some(success) = running.last_success() {
                gauge!("dialtime_loop_last_success_timestamp_seconds", "loop" => name).set(seconds(success));
            }
        }
    }

    async fn holidays(&self) -> Result<()> {
        let calendars = schedules::current_calendars(&mut self.store.read().await?).await?;
        for calendar in calendars.iter() {
            // The end of the day somewhere: a day more or less does not matter here.
            if let Ok(end) = TimeZone::UTC.to_timestamp(calendar.known_until().at(23, 59, 59, 0)) {
                let id = calendar.id().to_string();
                gauge!("dialtime_holidays_known_until_timestamp_seconds", "calendar" => id).set(seconds(end));
            }
        }
        Ok(())
    }
}

fn seconds(instant: Timestamp) -> f64 {
    instant.as_duration().as_secs_f64()
}
