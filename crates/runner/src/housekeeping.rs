//! What is done every hour: old rows are deleted, and accounts are told that holidays will soon be unknown.
//!
//! Millions of rows may be old. They are deleted in small transactions with pauses between them, so that nobody who
//! writes waits for long: SQLite has one writer.

use std::time::Duration;

use calendar::Zone;
use domain::{
    AccountId, IDEMPOTENCY_KEY_LIFETIME, IMPORTS_KEPT, NUMBER_CALLBACKS_KEPT, TRACES_KEPT, is_near_horizon,
};
use jiff::{SignedDuration, Timestamp};
use store::{
    Result, Store, Tx,
    attempts::{self, Expiring},
    audit::retention,
    events, holidays, idempotency, number_callbacks, numbers, recordings, schedules, webhooks,
};
use tokio::time::Instant;

use crate::{
    clock_check::ClockCheck,
    imports::delete_stray_files,
    rounds::{RETRY, Rounds, rest_after},
    settings::Settings,
};

/// How long to wait after a round that went well.
const INTERVAL: Duration = Duration::from_hours(1);

/// How many rows are read at once, and deleted in one transaction at most: others wait for it.
const ROWS: u32 = 500;

/// How long it is kept how calls over lines ended: longer than any day.
const LINE_SLOTS_KEPT: SignedDuration = SignedDuration::from_hours(48);

/// Keeps house.
pub(crate) struct Housekeeping {
    pub(crate) clock_check: ClockCheck,
    pub(crate) settings: Settings,
}

/// Rows that are deleted when they are old.
#[derive(Clone, Copy)]
enum Old {
    Deliveries,
    Events,
    IdempotencyKeys,
    Imports,
    LineSlots,
    NumberCallbacks,
    Recordings,
    Traces,
    /// An account's.
    Records(AccountId),
    /// An account's.
    Results(AccountId),
}

impl Housekeeping {
    pub(crate) async fn run(self, mut rounds: Rounds) {
        loop {
            let done = rounds.note(self.round().await) == Some(true);
            tokio::time::sleep(if done { INTERVAL } else { RETRY }).await;
        }
    }

    /// Does it all. Not when the clock is wrong, for then what is old is not known; says whether it was done.
    async fn round(&self) -> Result<bool> {
        let trusted = self.clock_check.ask().await?;
        if trusted {
            let (store, now) = (&self.clock_check.store, self.clock_check.clock.now());
            let Settings { zone, events_kept, audit_kept, records_kept, .. } = self.settings.clone();
            publish_near_horizon(store, now, zone).await?;
            let before = |kept: SignedDuration| now.saturating_sub(kept).unwrap_or(now);
            delete_all(store, Old::Deliveries, before(events_kept)).await?;
            delete_all(store, Old::Events, before(events_kept)).await?;
            delete_all(store, Old::IdempotencyKeys, before(IDEMPOTENCY_KEY_LIFETIME)).await?;
            delete_all(store, Old::Imports, before(IMPORTS_KEPT)).await?;
            delete_all(store, Old::NumberCallbacks, before(NUMBER_CALLBACKS_KEPT)).await?;
            delete_all(store, Old::LineSlots, before(LINE_SLOTS_KEPT)).await?;
            delete_all(store, Old::Recordings, before(records_kept)).await?;
            delete_all(store, Old::Traces, before(TRACES_KEPT)).await?;
            // Those of imports that have just gone; the others are swept every minute, by whoever imports.
            delete_stray_files(store, &self.settings.data_folder, now).await?;
            delete_results(store, before(records_kept)).await?;
            keep_months(store, now, before(records_kept)).await;
            // Of a record whose month has just been dropped, somebody may have written a result meanwhile.
            delete_results(store, before(records_kept)).await?;
            delete_records(store, before(records_kept)).await?;
            if let Some(kept) = audit_kept {
                forget_old_versions(store, before(kept)).await?;
            }
        }
        Ok(trusted)
    }
}

async fn publish_near_horizon(store: &Store, now: Timestamp, zone: Zone) -> Result<()> {
    let calendars = schedules::current_calendars(&mut store.read().await?).await?;
    let today = zone.time_zone().to_datetime(now).date();
    for calendar in calendars.iter().filter(|calendar| is_near_horizon(calendar, today)) {
        let mut tx = store.begin().await?;
        holidays::publish_near_horizon(&mut tx, calendar, now).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Deletes what was made before `instant`.
async fn delete_all(store: &Store, old: Old, instant: Timestamp) -> Result<()> {
    loop {
        let begun = Instant::now();
        let mut tx = store.begin().await?;
        let deleted = delete_some(&mut tx, old, instant).await?;
        tx.commit().await?;
        let is_last = if matches!(old, Old::Imports) { deleted == 0 } else { deleted < u64::from(ROWS) };
        if is_last {
            return Ok(());
        }
        rest_after(begun).await;
    }
}

async fn delete_some(tx: &mut Tx, old: Old, instant: Timestamp) -> Result<u64> {
    match old {
        Old::Deliveries => webhooks::delete_before(tx, instant, ROWS).await,
        Old::Events => events::delete_before(tx, instant, ROWS).await,
        Old::IdempotencyKeys => idempotency::delete_before(tx, instant, ROWS).await,
        Old::Imports => numbers::delete_old_imports(tx, instant, ROWS).await,
        Old::LineSlots => attempts::delete_line_slots_before(tx, instant, ROWS).await,
        Old::NumberCallbacks => number_callbacks::delete_before(tx, instant, ROWS).await,
        Old::Recordings => recordings::delete_rows_before(tx, instant, ROWS).await,
        Old::Traces => attempts::delete_traces_before(tx, instant, ROWS).await,
        Old::Records(account) => attempts::delete_before(tx, account, instant, ROWS).await,
        Old::Results(account) => attempts::delete_results_before(tx, account, instant, ROWS).await,
    }
}

/// Has the months that come next there for records, and drops those that are past. Where that cannot be done now, records are stored and deleted
/// one by one, as ever.
async fn keep_months(store: &Store, now: Timestamp, before: Timestamp) {
    let done = async {
        let mut tx = store.begin().await?;
        attempts::make_months(&mut tx, now).await?;
        tx.commit().await?;
        loop {
            let mut tx = store.begin().await?;
            let dropped = attempts::drop_month(&mut tx, before).await?;
            tx.commit().await?;
            if !dropped {
                return Result::Ok(());
            }
        }
    };
    if let Err(error) = done.await {
        tracing::warn!(%error, "the months that records are stored by could not be made or dropped");
    }
}

/// Deletes the results of records from before an instant: before the records go, which go by whole months where they can. Else they would
/// be counted without them for a while.
async fn delete_results(store: &Store, before: Timestamp) -> Result<()> {
    for account in attempts::accounts_with_results_before(&mut store.read().await?, before).await? {
        delete_all(store, Old::Results(account), before).await?;
    }
    Ok(())
}

/// Deletes the records of before an instant, and all of accounts that are gone.
async fn delete_records(store: &Store, before: Timestamp) -> Result<()> {
    let expiring = attempts::expiring(&mut store.read().await?, before).await?;
    for Expiring { account, is_gone } in expiring {
        let before = if is_gone { Timestamp::MAX } else { before };
        delete_all(store, Old::Records(account), before).await?;
    }
    Ok(())
}

/// Forgets what things were before, where that was long ago and no event rests on it.
async fn forget_old_versions(store: &Store, before: Timestamp) -> Result<()> {
    let in_use = retention::versions_in_use(&mut store.read().await?).await?;
    let mut next = Some(0);
    while let Some(after) = next {
        let begun = Instant::now();
        let found = retention::find_expired(&mut store.read().await?, after, before, &in_use, ROWS).await?;
        if !found.rows.is_empty() {
            let mut tx = store.begin().await?;
            retention::delete(&mut tx, &found.rows).await?;
            tx.commit().await?;
        }
        next = found.next;
        rest_after(begun).await;
    }
    Ok(())
}
