//! Locks on accounts. They are the first that a transaction takes.

use domain::{AccountId, PartnerId};
use uuid::Uuid;

use super::{
    disabled,
    row::{AccountRow, account_columns},
};
use crate::{
    Error, Kind, Result, Session, Tx,
    database::{
        dialect::RowLock,
        statement::{query_as, query_scalar},
    },
};

/// An account whose row this transaction has locked. Only a read that locks makes one, and writes over the row take it.
#[derive(Debug)]
pub struct LockedAccount {
    pub(super) row: AccountRow,
}

impl LockedAccount {
    /// Which account it is.
    pub fn id(&self) -> AccountId {
        AccountId::new(self.row.id)
    }

    /// Whose account it is.
    pub fn partner(&self) -> PartnerId {
        PartnerId::new(self.row.partner_id)
    }

    /// Whether it is disabled itself; its user or its partner may be.
    pub(crate) fn is_marked_disabled(&self) -> bool {
        self.row.disabled_at.is_some()
    }
}

/// Locks an account of a partner, to change it.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn lock(tx: &mut Tx, partner: PartnerId, account: AccountId) -> Result<LockedAccount> {
    let sql = sql!(tx, |dialect| format!(
        concat!("SELECT ", account_columns!(), " FROM accounts WHERE partner_id = $1 AND id = $2{}"),
        dialect.lock(RowLock::Change)
    ));
    let row: Option<AccountRow> = on!(tx, c => query_as(sql)
        .bind(partner.uuid()).bind(account.uuid()).fetch_optional(c).await)?;
    row.map(|row| LockedAccount { row }).ok_or(Error::NotFound(Kind::Account))
}

/// Locks an account with its sub-users, or all accounts of a partner: users before sub-users, as everywhere. Sub-users come first in
/// what is given, for they refer to their users.
pub(crate) async fn lock_all(
    tx: &mut Tx,
    partner: PartnerId,
    account: Option<AccountId>,
    lock: RowLock,
) -> Result<Vec<LockedAccount>> {
    let sql = sql!(tx, lock: RowLock = RowLock::ALL, |dialect| format!(
        concat!(
            "SELECT ",
            account_columns!(),
            " FROM accounts WHERE partner_id = $1 AND ($2 IS NULL OR id = $2 OR parent_id = $2) \
             ORDER BY parent_id IS NOT NULL, id{}"
        ),
        dialect.lock(lock)
    ));
    let mut rows: Vec<AccountRow> = on!(tx, c => query_as(sql)
        .bind(partner.uuid()).bind(account.map(AccountId::uuid)).fetch_all(c).await)?;
    if account.is_some_and(|account| rows.iter().all(|row| row.id != account.uuid())) {
        return Err(Error::NotFound(Kind::Account));
    }
    rows.sort_by_key(|row| row.parent_id.is_none());
    Ok(rows.into_iter().map(|row| LockedAccount { row }).collect())
}

/// Makes this transaction the only one that edits what is the account's.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Disabled`]: whoever disabled it did so after the request was let in.
pub(crate) async fn lock_for_edits(tx: &mut Tx, account: AccountId) -> Result<()> {
    lock_row(tx, account).await?;
    let disabled = disabled::among(tx, &[account]).await?;
    if disabled.is_empty() { Ok(()) } else { Err(Error::Disabled(Kind::Account)) }
}

/// Makes this transaction the only one that edits what is the account's, whether it is disabled or not.
///
/// # Errors
/// [`Error::NotFound`].
pub(crate) async fn lock_row(tx: &mut Tx, account: AccountId) -> Result<()> {
    let sql =
        sql!(tx, |dialect| format!("SELECT id FROM accounts WHERE id = $1{}", dialect.lock(RowLock::Change)));
    let id: Option<Uuid> = on!(tx, c => query_scalar(sql).bind(account.uuid()).fetch_optional(c).await)?;
    id.map(drop).ok_or(Error::NotFound(Kind::Account))
}

/// Keeps an account and its user as they are, so that neither gets anything under an id that a new task names; gives the user, which
/// may be the account itself.
///
/// # Errors
/// [`Error::NotFound`].
pub(crate) async fn keep_with_user(tx: &mut Tx, account: AccountId) -> Result<AccountId> {
    let sql = sql!(tx, |dialect| format!(
        "SELECT id FROM accounts WHERE id = $1 OR id = (SELECT parent_id FROM accounts WHERE id = $1) \
         ORDER BY parent_id IS NOT NULL, id{}",
        dialect.lock(RowLock::Keep)
    ));
    // A user comes before its sub-user.
    let ids: Vec<Uuid> = on!(tx, c => query_scalar(sql).bind(account.uuid()).fetch_all(c).await)?;
    ids.first().copied().map(AccountId::new).ok_or(Error::NotFound(Kind::Account))
}

/// Keeps the user of a sub-user as it is; gives the user, which is the account itself where that is one. The account is locked after
/// it.
pub(crate) async fn keep_user_of(tx: &mut Tx, account: AccountId) -> Result<AccountId> {
    let sql = sql!(tx, |dialect| format!(
        "SELECT id FROM accounts WHERE id = (SELECT parent_id FROM accounts WHERE id = $1){}",
        dialect.lock(RowLock::Keep)
    ));
    let user: Option<Uuid> = on!(tx, c => query_scalar(sql).bind(account.uuid()).fetch_optional(c).await)?;
    Ok(user.map_or(account, AccountId::new))
}

/// The user that an account is or belongs to.
pub(crate) async fn user_of(session: &mut dyn Session, account: AccountId) -> Result<AccountId> {
    let user: Option<Option<Uuid>> = on!(session, c =>
        query_scalar(sql!("SELECT parent_id FROM accounts WHERE id = $1"))
            .bind(account.uuid()).fetch_optional(c).await)?;
    Ok(user.ok_or(Error::NotFound(Kind::Account))?.map_or(account, AccountId::new))
}
