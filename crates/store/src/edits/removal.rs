//! The end of a user, of a sub-user, of a partner: with all that is theirs, or not while anything is.
//!
//! What the audit says of them stays.

use domain::{AccountId, PartnerId};
use serde::Serialize;
use uuid::Uuid;

use crate::{
    Error, Result, Tx,
    accounts::disabling::Whom,
    audit::{self, Action, Change},
    database::{connection::dialect, dialect::RowLock, error::on_foreign_key},
    groups, tasks,
};

/// What hangs on an account and goes with it, in an order in which nothing refers to what is gone.
const OF_ACCOUNT: [&str; 9] = [
    "DELETE FROM webhooks WHERE account_id = $1",
    "DELETE FROM tasks WHERE account_id = $1",
    "DELETE FROM dial_time_groups WHERE account_id = $1",
    "DELETE FROM group_counts WHERE account_id = $1",
    "DELETE FROM brought_group_ids WHERE account_id = $1",
    "DELETE FROM events WHERE account_id = $1",
    "DELETE FROM event_counters WHERE account_id = $1",
    "DELETE FROM horizon_notices WHERE account_id = $1",
    "DELETE FROM tokens WHERE user_id = $1",
];

/// How many things go with an account or a partner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// Users and sub-users, itself included.
    pub accounts: usize,
    /// Dial time groups.
    pub groups: usize,
    /// Tasks.
    pub tasks: usize,
}

/// Deletes an account with its tokens, or a partner. `with_everything` deletes its users, sub-users, groups and tasks, too.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::AccountInUse`] when there are such and they are not to go.
pub async fn delete(tx: &mut Tx, whom: Whom, with_everything: bool, change: &Change) -> Result<Removed> {
    let accounts = hold(tx, whom).await?;
    let mut removed = Removed { accounts: accounts.len(), ..Removed::default() };
    let itself = usize::from(matches!(whom, Whom::Account(..)));
    if accounts.len() > itself && !with_everything {
        return Err(Error::AccountInUse);
    }
    for row in &accounts {
        let account = AccountId::new(row.id);
        let (tasks, groups) = (tasks::rows_of(tx, account).await?, groups::rows_of(tx, account).await?);
        if !(with_everything || tasks.is_empty() && groups.is_empty()) {
            return Err(Error::AccountInUse);
        }
        removed.tasks += tasks.len();
        removed.groups += groups.len();
        for (id, row) in &tasks {
            tasks::record(tx, account, *id, Action::Delete, Some(row), change).await?;
        }
        for (id, row) in &groups {
            groups::record(tx, account, *id, Action::Delete, Some(row), change).await?;
        }
        delete_account(tx, row, change).await?;
    }
    if let Whom::Partner(partner) = whom {
        delete_partner(tx, partner, change).await?;
    }
    Ok(removed)
}

/// An account as the audit keeps it: without its password.
#[derive(Serialize, sqlx::FromRow)]
struct AccountRow {
    id: Uuid,
    partner_id: Uuid,
    parent_id: Option<Uuid>,
    name: String,
    email: String,
    phone: String,
    tenant_id: Option<Uuid>,
    profile: String,
    created_at: i64,
    updated_at: i64,
    disabled_at: Option<i64>,
}

#[derive(Serialize, sqlx::FromRow)]
struct PartnerRow {
    id: Uuid,
    name: String,
    created_at: i64,
    disabled_at: Option<i64>,
}

/// Locks all accounts that go, so that nothing comes to them meanwhile; sub-users first, for they refer to their users.
async fn hold(tx: &mut Tx, whom: Whom) -> Result<Vec<AccountRow>> {
    let lock = dialect(tx).lock(RowLock::Delete);
    let (partner, account) = whom.ids();
    let columns = "id, partner_id, parent_id, name, email, phone, tenant_id, profile, created_at, updated_at, disabled_at";
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {columns} FROM accounts WHERE partner_id = $1 AND ($2 IS NULL OR id = $2 OR parent_id = $2) \
         ORDER BY id{lock}"
    ));
    let mut rows: Vec<AccountRow> =
        on!(tx, c => sqlx::query_as(sql).bind(partner).bind(account).fetch_all(c).await)?;
    if account.is_some_and(|account| rows.iter().all(|row| row.id != account)) {
        return Err(Error::NotFound);
    }
    rows.sort_by_key(|row| row.parent_id.is_none());
    Ok(rows)
}

async fn delete_account(tx: &mut Tx, row: &AccountRow, change: &Change) -> Result<()> {
    for sql in OF_ACCOUNT {
        on!(tx, c => sqlx::query(sql).bind(row.id).execute(c).await.map(drop))?;
    }
    on!(tx, c => sqlx::query("DELETE FROM accounts WHERE id = $1").bind(row.id).execute(c).await.map(drop))?;
    let whom = Whom::Account(PartnerId::new(row.partner_id), AccountId::new(row.id));
    record(tx, whom, row, change).await
}

async fn delete_partner(tx: &mut Tx, partner: PartnerId, change: &Change) -> Result<()> {
    for sql in
        ["DELETE FROM tokens WHERE partner_id = $1", "DELETE FROM idempotency_keys WHERE partner_id = $1"]
    {
        on!(tx, c => sqlx::query(sql).bind(partner.uuid()).execute(c).await.map(drop))?;
    }
    let row: PartnerRow = on!(tx, c => sqlx::query_as(
        "DELETE FROM partners WHERE id = $1 RETURNING id, name, created_at, disabled_at")
        .bind(partner.uuid()).fetch_one(c).await)
    // A user that came meanwhile.
    .map_err(on_foreign_key(Error::AccountInUse))?;
    record(tx, Whom::Partner(partner), &row, change).await
}

async fn record<T: Serialize + Sync>(tx: &mut Tx, whom: Whom, before: &T, change: &Change) -> Result<()> {
    let (account, subject) = whom.subject();
    let (partner, id) = whom.ids();
    let entry = audit::Entry {
        account,
        subject,
        subject_id: &id.unwrap_or(partner),
        action: Action::Delete,
        version: None,
        before: Some(before),
    };
    audit::write(tx, change, entry).await
}
