//! The ids of groups: those that are given here count up over all accounts, and each account may bring its own along.

use domain::{AccountId, DialTimeGroupId};

use crate::{
    Result, Tx,
    database::statement::{query, query_scalar},
};

/// The next id of all accounts that this account, which is locked, did not bring along itself.
pub(crate) async fn fresh_id(tx: &mut Tx, account: AccountId) -> Result<DialTimeGroupId> {
    loop {
        let sql = sql!(tx, |dialect| dialect.take_id("fresh_group_ids"));
        let id: i64 = on!(tx, c => query_scalar(sql).fetch_one(c).await)?;
        let Some(last) = last_brought_in_row(tx, account, id).await? else {
            return Ok(DialTimeGroupId::new(id));
        };
        number_from(tx, DialTimeGroupId::new(last + 1)).await?;
    }
}

/// The last of the ids in a row, from this one on, that the account brought along; `None` when this one is none of them.
async fn last_brought_in_row(tx: &mut Tx, account: AccountId, id: i64) -> Result<Option<i64>> {
    Ok(on!(tx, c => query_scalar(sql!(
        "SELECT b.id FROM brought_group_ids b WHERE b.account_id = $1 AND b.id >= $2 \
         AND EXISTS (SELECT 1 FROM brought_group_ids WHERE account_id = $1 AND id = $2) \
         AND NOT EXISTS (SELECT 1 FROM brought_group_ids n WHERE n.account_id = b.account_id AND n.id = b.id + 1) \
         ORDER BY b.id LIMIT 1"))
        .bind(account.uuid()).bind(id).fetch_optional(c).await)?)
}

/// Gives the next group this id, if nobody brought it along, and counts on from it. It never counts back over ids that
/// were given.
///
/// # Errors
/// When the database does not answer.
pub async fn number_from(tx: &mut Tx, next: DialTimeGroupId) -> Result<()> {
    let sql = sql!(tx, |dialect| dialect.count_ids_from("fresh_group_ids"));
    on!(tx, c => query(sql).bind(next.get()).execute(c).await.map(drop))?;
    Ok(())
}

/// Remembers that an account brought an id along.
pub(crate) async fn note_brought(tx: &mut Tx, account: AccountId, id: DialTimeGroupId) -> Result<()> {
    on!(tx, c => query(sql!(
        "INSERT INTO brought_group_ids (account_id, id) VALUES ($1, $2) ON CONFLICT (account_id, id) DO NOTHING"))
        .bind(account.uuid()).bind(id.get()).execute(c).await.map(drop))?;
    Ok(())
}
