//! What is done now and then: old events are forgotten, and accounts are told that holidays will soon be unknown.

use calendar::Zone;
use domain::is_near_horizon;
use jiff::{SignedDuration, Timestamp};
use store::{Result, Store, events, holidays, retention, schedules, webhooks};

/// How many events one transaction forgets: others wait for it.
const FORGOTTEN_AT_ONCE: u32 = 5_000;

/// Does it all.
pub(crate) async fn keep_house(
    store: &Store,
    now: Timestamp,
    zone: Zone,
    kept: SignedDuration,
) -> Result<()> {
    tell_near_horizon(store, now, zone).await?;
    forget(store, now.saturating_sub(kept).unwrap_or(now)).await
}

async fn tell_near_horizon(store: &Store, now: Timestamp, zone: Zone) -> Result<()> {
    let calendars = schedules::current_calendars(&mut store.read().await?).await?;
    let today = zone.time_zone().to_datetime(now).date();
    for calendar in calendars.iter().filter(|calendar| is_near_horizon(calendar, today)) {
        let mut tx = store.begin().await?;
        holidays::tell_near_horizon(&mut tx, calendar, now).await?;
        tx.commit().await?;
    }
    Ok(())
}

async fn forget(store: &Store, before: Timestamp) -> Result<()> {
    let mut tx = store.begin().await?;
    webhooks::forget_before(&mut tx, before).await?;
    tx.commit().await?;
    loop {
        let mut tx = store.begin().await?;
        let forgotten = events::forget_before(&mut tx, before, FORGOTTEN_AT_ONCE).await?;
        tx.commit().await?;
        if forgotten < u64::from(FORGOTTEN_AT_ONCE) {
            return Ok(());
        }
    }
}

/// Forgets what things were before, where that was long ago and no event rests on it.
pub(crate) async fn forget_old_versions(store: &Store, before: Timestamp) -> Result<()> {
    let in_use = retention::versions_in_use(&mut store.read().await?).await?;
    let mut next = Some(0);
    while let Some(after) = next {
        let found = retention::find_expired(&mut store.read().await?, after, before, &in_use).await?;
        if !found.expired.is_empty() {
            let mut tx = store.begin().await?;
            retention::delete(&mut tx, &found.expired).await?;
            tx.commit().await?;
        }
        next = found.next;
    }
    Ok(())
}
