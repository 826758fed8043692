//! Planned closures: made and revoked. Either holds from the commit on, as with stops, and what there is to publish follows in steps.

use domain::{ClosureId, ClosureSnapshot, EventKind, PlannedClosure, SetBy};

use crate::{Result, Tx, audit::Change, closures, stops::publications};

/// Plans a closure.
///
/// # Errors
/// [`Error::NotFound`](crate::Error::NotFound) of the partner or the account, [`Error::Limit`](crate::Error::Limit).
pub async fn plan(tx: &mut Tx, closure: &PlannedClosure, change: &Change) -> Result<()> {
    closures::add(tx, closure, change).await?;
    let snapshot = ClosureSnapshot::new(closure, &closure.by);
    publications::add_closure(tx, EventKind::ClosurePlanned, closure.target.into(), &snapshot, change.at)
        .await
}

/// Revokes a closure; gives it.
///
/// # Errors
/// [`Error::NotFound`](crate::Error::NotFound).
pub async fn revoke(tx: &mut Tx, id: ClosureId, by: &SetBy, change: &Change) -> Result<PlannedClosure> {
    let closure = closures::revoke(tx, id, change).await?;
    let snapshot = ClosureSnapshot::new(&closure, by);
    publications::add_closure(tx, EventKind::ClosureRevoked, closure.target.into(), &snapshot, change.at)
        .await?;
    Ok(closure)
}
