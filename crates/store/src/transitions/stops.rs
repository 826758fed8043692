//! Stops and their ends, published: each account's log has them first, and then what they close and open.
//!
//! A step takes some of the accounts that one of them covers, adds the event to their logs, marks those of which another thing
//! holds now, and makes their groups due. The groups turn in the steps that follow, as they would by their windows.

use domain::AccountId;
use jiff::Timestamp;

use super::Step;
use crate::{
    Result, Tx,
    accounts::stopped,
    groups::published,
    stops::publications::{self, StopPublication},
};

/// How many accounts are dealt with together.
const ACCOUNTS_AT_ONCE: u32 = 200;

/// Publishes the first stop, or end of one, that was not published to all whom it covers: to as many of them as fit.
///
/// # Errors
/// When the database does not answer.
pub async fn publish_stops(tx: &mut Tx, now: Timestamp) -> Result<Step> {
    let Some(first) = publications::lock_first(tx).await? else {
        return Ok(if publications::is_any(tx).await? { Step::Busy } else { Step::Nothing });
    };
    let subject = (first.level, first.subject);
    let accounts = stopped::covered(tx, subject, first.published_to, ACCOUNTS_AT_ONCE).await?;
    publish_to(tx, &first, &accounts, now).await?;
    let is_full = u32::try_from(accounts.len()).is_ok_and(|number| number == ACCOUNTS_AT_ONCE);
    publications::advance(tx, &first, accounts.last().copied().filter(|_| is_full)).await?;
    Ok(Step::Published)
}

async fn publish_to(
    tx: &mut Tx,
    publication: &StopPublication,
    accounts: &[AccountId],
    now: Timestamp,
) -> Result<()> {
    if accounts.is_empty() {
        return Ok(());
    }
    let changed = stopped::lock_changed(tx, accounts).await?;
    // Another node's clock may be a little ahead.
    let at = publication.at.min(now);
    if let Some(event) = publication.event(at, now) {
        for account in accounts {
            tx.publish(*account, event.clone());
        }
    }
    if publication.is_of_ceiling() {
        stopped::note_ceiling(tx, accounts, at).await?;
    }
    if publication.is_of_schedules() {
        published::evaluate_at(tx, accounts, at).await?;
        tx.wake_runner();
        return Ok(());
    }
    if changed.is_empty() {
        return Ok(());
    }
    stopped::turn(tx, &changed, at).await?;
    published::evaluate_at(tx, &changed, at).await?;
    tx.wake_runner();
    Ok(())
}
