//! The ids of groups, scripts and redial rules: those that are given here count up over all accounts, and each account may bring
//! its own along.

use domain::AccountId;

use crate::{
    Result, Tx,
    database::statement::{query, query_scalar},
};

/// What is numbered so.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Numbered {
    /// Dial time groups, reserved by account.
    Groups,
    /// Scripts, reserved by user: a sub-user's tasks may name its user's.
    Scripts,
    /// Redial rules, reserved as scripts are.
    RedialRules,
}

impl Numbered {
    /// Every one.
    #[cfg(test)]
    const ALL: [Self; 3] = [Self::Groups, Self::Scripts, Self::RedialRules];

    /// The table that counts the ids given here.
    const fn counter(self) -> &'static str {
        match self {
            Self::Groups => "fresh_group_ids",
            Self::Scripts => "fresh_script_ids",
            Self::RedialRules => "fresh_redial_rule_ids",
        }
    }

    /// The table of the ids that are not given here.
    const fn reserved(self) -> &'static str {
        match self {
            Self::Groups => "brought_group_ids",
            Self::Scripts => "reserved_script_ids",
            Self::RedialRules => "reserved_redial_rule_ids",
        }
    }
}

/// The next id of all accounts that is not reserved for this one, which is locked.
pub(crate) async fn fresh(tx: &mut Tx, numbered: Numbered, account: AccountId) -> Result<i64> {
    loop {
        let sql = sql!(tx, numbered: Numbered = Numbered::ALL, |dialect| dialect.take_id(numbered.counter()));
        let id: i64 = on!(tx, c => query_scalar(sql).fetch_one(c).await)?;
        let Some(last) = last_reserved_in_row(tx, numbered, account, id).await? else { return Ok(id) };
        number_from(tx, numbered, last + 1).await?;
    }
}

/// The last of the ids in a row, from this one on, that are reserved for the account; `None` when this one is none of them.
async fn last_reserved_in_row(
    tx: &mut Tx,
    numbered: Numbered,
    account: AccountId,
    id: i64,
) -> Result<Option<i64>> {
    let sql = sql!(tx, numbered: Numbered = Numbered::ALL, |_dialect| format!(
        "SELECT b.id FROM {table} b WHERE b.account_id = $1 AND b.id >= $2 \
         AND EXISTS (SELECT 1 FROM {table} WHERE account_id = $1 AND id = $2) \
         AND NOT EXISTS (SELECT 1 FROM {table} n WHERE n.account_id = b.account_id AND n.id = b.id + 1) \
         ORDER BY b.id LIMIT 1",
        table = numbered.reserved()
    ));
    Ok(on!(tx, c => query_scalar(sql).bind(account.uuid()).bind(id).fetch_optional(c).await)?)
}

/// Gives the next thing this id, if it is not reserved, and counts on from it. It never counts back over ids that were given.
pub(crate) async fn number_from(tx: &mut Tx, numbered: Numbered, next: i64) -> Result<()> {
    let sql =
        sql!(tx, numbered: Numbered = Numbered::ALL, |dialect| dialect.count_ids_from(numbered.counter()));
    on!(tx, c => query(sql).bind(next).execute(c).await.map(drop))?;
    Ok(())
}

/// Has an id never given here to things of this account.
pub(crate) async fn reserve(tx: &mut Tx, numbered: Numbered, account: AccountId, id: i64) -> Result<()> {
    let sql = sql!(tx, numbered: Numbered = Numbered::ALL, |_dialect| format!(
        "INSERT INTO {} (account_id, id) VALUES ($1, $2) ON CONFLICT (account_id, id) DO NOTHING",
        numbered.reserved()
    ));
    on!(tx, c => query(sql).bind(account.uuid()).bind(id).execute(c).await.map(drop))?;
    Ok(())
}
