//! The ids of groups: those that are given here count up over all accounts, and each account may bring its own along.

use domain::{AccountId, DialTimeGroupId};

use crate::{
    Result, Tx,
    integer_ids::{self, Numbered},
};

/// The next id of all accounts that this account, which is locked, did not bring along itself.
pub(crate) async fn fresh_id(tx: &mut Tx, account: AccountId) -> Result<DialTimeGroupId> {
    integer_ids::fresh(tx, Numbered::Groups, account).await.map(DialTimeGroupId::new)
}

/// Gives the next group this id, if nobody brought it along, and counts on from it. It never counts back over ids that
/// were given.
///
/// # Errors
/// When the database does not answer.
pub async fn number_from(tx: &mut Tx, next: DialTimeGroupId) -> Result<()> {
    integer_ids::number_from(tx, Numbered::Groups, next.get()).await
}

/// Remembers that an account brought an id along.
pub(crate) async fn note_brought(tx: &mut Tx, account: AccountId, id: DialTimeGroupId) -> Result<()> {
    integer_ids::reserve(tx, Numbered::Groups, account, id.get()).await
}
