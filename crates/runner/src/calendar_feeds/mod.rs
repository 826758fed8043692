//! Holiday calendars that follow an address: each is read every day, and at once when its address is set.
//!
//! A feed that is due is claimed in the database by whichever node comes first. [`fetch`] asks its address, [`mod@file`] reads what came; whatever
//! goes wrong changes nothing of the calendar, and is written down beside it. The log names calendars and kinds of faults only: an address may
//! have a secret in it.

mod fetch;
mod file;
mod reader;

use std::{sync::Arc, time::Duration};

use calendar::Zone;
use domain::{CalendarFeed, FeedFailure, FeedFault, FeedOutcome, FeedState, FeedVersion, HolidayImport};
use futures_util::future::join_all;
use holiday_files::HolidayFile;
use jiff::SignedDuration;
use store::{
    Result, Tx,
    holidays::{
        self,
        feeds::{self, ClaimedFeed, LockedFeed},
    },
};

use self::fetch::Fetched;
pub use self::reader::HolidayAddressReader;
use crate::{
    clock_check::ClockCheck,
    outbound::OutboundClient,
    rounds::{RETRY, Rounds, wait_for_work},
};

/// How long a claim lasts: longer than a reading may take.
const LEASE: SignedDuration = SignedDuration::from_secs(120);

/// How many feeds a node reads at once, each of at most a megabyte.
const AT_ONCE: u32 = 16;

/// The shortest time between two looks.
const REST: Duration = Duration::from_millis(100);

/// Reads what is due.
#[derive(Clone)]
pub(crate) struct CalendarFeeds {
    clock_check: ClockCheck,
    client: Arc<OutboundClient>,
    zone: Zone,
}

/// What came of asking an address.
enum FeedReading {
    /// What is there was read before.
    Unchanged,
    /// A good file.
    File(HolidayFile, FeedVersion),
}

impl CalendarFeeds {
    /// Reads by a client. `zone` says which day it is.
    pub(crate) fn new(clock_check: ClockCheck, client: Arc<OutboundClient>, zone: Zone) -> Self {
        Self { clock_check, client, zone }
    }

    pub(crate) async fn run(self, mut rounds: Rounds) {
        let mut committed = self.clock_check.store.wake_ups().committed_here();
        self.clock_check.ask_first(&mut rounds).await;
        loop {
            let ended = if self.clock_check.is_trusted() { self.round().await } else { Ok(()) };
            let done = rounds.note(ended);
            tokio::time::sleep(if done.is_some() { REST } else { RETRY }).await;
            wait_for_work(&mut committed).await;
        }
    }

    /// Reads all that is due.
    async fn round(&self) -> Result<()> {
        let ClockCheck { store, clock, .. } = &self.clock_check;
        while feeds::is_any_due(&mut store.read().await?, clock.now()).await? {
            let mut tx = store.begin().await?;
            let claimed = feeds::claim(&mut tx, clock.now(), LEASE, AT_ONCE).await?;
            tx.commit().await?;
            if claimed.is_empty() {
                // Another node is about to have them.
                break;
            }
            join_all(claimed.iter().map(|claimed| self.work(claimed))).await;
        }
        Ok(())
    }

    /// Reads one. What fails on the way to the database is taken up when the claim has ended.
    async fn work(&self, claimed: &ClaimedFeed) {
        let calendar = claimed.feed.calendar.as_str();
        let read = self.read(&claimed.feed).await;
        if let Err(FeedFailure { fault, .. }) = &read {
            tracing::warn!(calendar, ?fault, "a holiday calendar could not be read from its address");
        }
        if let Err(error) = self.save(claimed, read).await {
            tracing::warn!(calendar, %error, "what was read of a holiday calendar is left for a while");
        }
    }

    async fn read(&self, feed: &CalendarFeed) -> std::result::Result<FeedReading, FeedFailure> {
        let now = self.clock_check.clock.now();
        let known = feed.state.version_at(now, &self.zone);
        let Fetched::File { bytes, version } = fetch::fetch(&self.client, &feed.url, &known).await? else {
            return Ok(FeedReading::Unchanged);
        };
        if known.digest.is_some() && version.digest == known.digest {
            return Ok(FeedReading::Unchanged);
        }
        let today = self.zone.time_zone().to_datetime(now).date();
        Ok(FeedReading::File(file::read(bytes, feed, today).await?, version))
    }

    /// Writes down what came of a reading, with the days that it changes, unless the address is not followed any more.
    async fn save(
        &self,
        claimed: &ClaimedFeed,
        read: std::result::Result<FeedReading, FeedFailure>,
    ) -> Result<()> {
        let now = self.clock_check.clock.now();
        let mut tx = self.clock_check.store.begin().await?;
        let planned = match read {
            Ok(FeedReading::Unchanged) => Ok(None),
            Ok(FeedReading::File(read, version)) => {
                let before = holidays::load_to_import(&mut tx).await?;
                let left_out = file::not_understood(&read.left_out);
                file::plan(&before, &read)
                    .map(|planned| Some((planned, left_out, read.only_repeated, version)))
            }
            Err(failure) => Err(failure),
        };
        let Some(feed) = feeds::lock(&mut tx, claimed).await? else { return Ok(()) };
        let before = claimed.feed.state.clone();
        let after = match planned {
            Ok(None) => before.unchanged(now),
            Ok(Some((planned, left_out, only_repeated, version))) => {
                let read = self.store(&mut tx, &feed, before, &planned, version).await?;
                read.leaving_out(left_out).only_repeating(only_repeated)
            }
            Err(failure) => self.fail(&mut tx, &feed, before, failure).await?,
        };
        feeds::save(&mut tx, &feed, &after, after.due_after(now)).await?;
        tx.commit().await
    }

    /// Stores what a good file changes, if it changes anything.
    async fn store(
        &self,
        tx: &mut Tx,
        feed: &LockedFeed,
        state: FeedState,
        planned: &HolidayImport,
        version: FeedVersion,
    ) -> Result<FeedState> {
        let now = self.clock_check.clock.now();
        let kept_days = u32::try_from(planned.kept.len()).unwrap_or(u32::MAX);
        let changed = planned.is_any_change();
        if changed {
            feeds::import(tx, feed, &planned.years, now).await?;
            let outcome = FeedOutcome::Changed { days: planned.changes.len(), kept_days: planned.kept.len() };
            feeds::publish(tx, feed, &outcome, now).await?;
        }
        Ok(state.read(version, kept_days, changed, now))
    }

    /// Notes a failure, and tells the followers once it has lasted.
    async fn fail(
        &self,
        tx: &mut Tx,
        feed: &LockedFeed,
        state: FeedState,
        failure: FeedFailure,
    ) -> Result<FeedState> {
        let now = self.clock_check.clock.now();
        let fault: FeedFault = failure.fault;
        let (after, publish) = state.failed(failure, now);
        if let Some(failing) = after.failing.as_ref().filter(|_| publish) {
            let outcome = FeedOutcome::Failing { since: failing.since, fault };
            feeds::publish(tx, feed, &outcome, now).await?;
        }
        Ok(after)
    }
}
