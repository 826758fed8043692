//! `dialtime stop-dialing` and `dialtime resume-dialing`: the kill switch of the whole installation.

use anyhow::bail;
use domain::{Clock, SetBy, StatedReason, Stop, StopTarget};
use store::{
    Store,
    audit::{Actor, Change},
    edits::stops as stop_edits,
    stops,
};

use crate::{
    command::Database,
    manage::{checked, second},
    output::say,
    system::SystemClock,
};

fn change() -> Change {
    Change { actor: Actor::CommandLine, at: SystemClock.now() }
}

fn parsed(reason: Option<&str>) -> anyhow::Result<Option<StatedReason>> {
    reason.map(|text| checked("the reason", StatedReason::parse(text))).transpose()
}

/// The stop of the whole installation, if it is on.
pub(crate) async fn installation(store: &Store) -> store::Result<Option<Stop>> {
    let covering = stops::covering(&mut store.read().await?, StopTarget::Installation).await?;
    Ok(covering.into_iter().next().map(|named| named.stop))
}

/// What there is to say of it.
pub(crate) fn told(stop: &Stop) -> String {
    let reason = stop.reason.as_ref().map(|reason| format!(" ({})", reason.as_str())).unwrap_or_default();
    format!("dialing is stopped for the whole installation since {}{reason}", second(stop.at))
}

pub(crate) async fn stop(database: &Database, reason: Option<&str>) -> anyhow::Result<()> {
    let (reason, store) = (parsed(reason)?, database.open_existing().await?);
    let mut tx = store.begin().await?;
    let (target, by) = (StopTarget::Installation, SetBy::CommandLine);
    if stop_edits::stop(&mut tx, target, reason, by, &change()).await? {
        tx.commit().await?;
        say("stopped: nothing dials in the whole installation until `dialtime resume-dialing`");
    } else {
        drop(tx);
        let stop = installation(&store).await?;
        say(&stop.map_or_else(|| "stopped already".to_owned(), |stop| format!("already: {}", told(&stop))));
    }
    Ok(())
}

pub(crate) async fn resume(database: &Database, reason: Option<&str>) -> anyhow::Result<()> {
    let (reason, store) = (parsed(reason)?, database.open_existing().await?);
    let mut tx = store.begin().await?;
    let (target, by) = (StopTarget::Installation, SetBy::CommandLine);
    if stop_edits::resume(&mut tx, target, reason.as_ref(), &by, &change()).await?.is_none() {
        bail!("dialing is not stopped for the whole installation: there is nothing to resume");
    }
    tx.commit().await?;
    say("resumed: what no other stop covers dials again in its windows");
    Ok(())
}

/// Says at the start that nothing will dial.
pub(crate) async fn remind(store: &Store) -> anyhow::Result<()> {
    if let Some(stop) = installation(store).await? {
        tracing::warn!("{}; `dialtime resume-dialing` ends that", told(&stop));
    }
    Ok(())
}
