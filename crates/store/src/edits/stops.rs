//! The kill switch: dialing is stopped and resumed. Either holds from the commit on; it waits for nobody who has locked what it
//! covers, and what there is to publish follows in steps.

use domain::{EventKind, SetBy, StatedReason, Stop, StopSnapshot, StopTarget};
use jiff::Timestamp;

use crate::{
    Result, Store, Tx,
    audit::Change,
    stops::{self, publications},
    transitions::{self, Step},
};

/// Stops dialing. What is stopped already stays as it is: by whom, why and since when. Says whether it was stopped now.
///
/// # Errors
/// [`Error::NotFound`](crate::Error::NotFound) of the partner, the account or the line.
pub async fn stop(
    tx: &mut Tx,
    target: StopTarget,
    reason: Option<StatedReason>,
    by: SetBy,
    change: &Change,
) -> Result<bool> {
    let snapshot = StopSnapshot::new(target, reason.as_ref(), &by);
    let added = stops::add(tx, &Stop { target, reason, by, at: change.at }, change).await?;
    if added {
        publications::add(tx, EventKind::DialingStopped, target, &snapshot, change.at).await?;
    }
    Ok(added)
}

/// Ends a stop; gives it, or `None` when there was none of exactly this target. What a greater one covers stays stopped.
///
/// # Errors
/// When the database does not answer.
pub async fn resume(
    tx: &mut Tx,
    target: StopTarget,
    reason: Option<&StatedReason>,
    by: &SetBy,
    change: &Change,
) -> Result<Option<Stop>> {
    let ended = stops::remove(tx, target, change).await?;
    if ended.is_some() {
        let snapshot = StopSnapshot::new(target, reason, by);
        publications::add(tx, EventKind::DialingResumed, target, &snapshot, change.at).await?;
    }
    Ok(ended)
}

/// Publishes what fits in two short transactions of what was just stopped or resumed, so that who did it finds it in the log; the
/// runner does the rest.
///
/// # Errors
/// When the database does not answer.
pub async fn begin_publishing(store: &Store, now: Timestamp) -> Result<()> {
    let mut tx = store.begin().await?;
    if transitions::publish_stops(&mut tx, now).await? != Step::Published {
        return Ok(());
    }
    tx.commit().await?;
    let mut tx = store.begin().await?;
    if transitions::step(&mut tx, now).await? == Step::Published {
        tx.commit().await?;
    }
    Ok(())
}
