//! Lists of scripts.

use domain::{AccountId, PartnerId, Script};
use uuid::Uuid;

use super::row::{SCRIPTS, ScriptRow, script_columns};
use crate::{
    Page, Paged, Result, Session,
    database::{
        lists,
        statement::{query, query_scalar},
    },
};

/// How many scripts an account has.
pub(super) async fn count(session: &mut dyn Session, account: AccountId) -> Result<i64> {
    Ok(on!(session, c => query_scalar(sql!("SELECT count(*) FROM scripts WHERE account_id = $1"))
        .bind(account.uuid()).fetch_one(c).await)?)
}

/// The scripts of an account, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(session: &mut dyn Session, account: AccountId, page: Page) -> Result<Paged<Script>> {
    let total = count(session, account).await?;
    let items = on!(session, c => query(sql!(concat!(
        "SELECT ", script_columns!(), " FROM scripts WHERE account_id = $1 \
         ORDER BY created_at DESC, id DESC LIMIT $2 OFFSET $3")))
        .bind(account.uuid()).bind(page.limit()).bind(page.offset()).fetch_all(c).await
        .map(|rows| lists::readable::<_, ScriptRow, _>(SCRIPTS, &rows)))?;
    Ok(Paged { items, total })
}

/// The scripts that tasks of an account may name: its own, and those of its user under other ids; newest first, its own before.
///
/// # Errors
/// When the database does not answer.
pub async fn offered(session: &mut dyn Session, account: AccountId) -> Result<Vec<Script>> {
    Ok(on!(session, c => query(sql!(concat!(
        "SELECT ", script_columns!(), " FROM scripts WHERE account_id = $1 OR (account_id = \
             (SELECT parent_id FROM accounts WHERE id = $1) AND NOT EXISTS \
             (SELECT 1 FROM scripts own WHERE own.account_id = $1 AND own.id = scripts.id)) \
         ORDER BY account_id <> $1, created_at DESC, id DESC")))
        .bind(account.uuid()).fetch_all(c).await
        .map(|rows| lists::readable::<_, ScriptRow, _>(SCRIPTS, &rows)))?)
}

/// The accounts of a partner that were registered for a tenant, users and their sub-users; all, where the partner's own id stands for it. `$3` limits them to one user.
macro_rules! of_tenant {
    () => {
        "scripts.account_id IN (SELECT a.id FROM accounts a LEFT JOIN accounts u ON u.id = a.parent_id \
         WHERE a.partner_id = $1 AND ($2 = a.partner_id OR coalesce(u.tenant_id, a.tenant_id) = $2) AND ($3 IS NULL OR coalesce(u.id, a.id) = $3))"
    };
}

/// The scripts of all users of a partner that were registered for a tenant (云节点), and of their sub-users, newest first. `user` is the
/// only user that there is for who asks.
///
/// # Errors
/// When the database does not answer.
pub async fn list_of_tenant(
    session: &mut dyn Session,
    partner: PartnerId,
    tenant: Uuid,
    user: Option<AccountId>,
    page: Page,
) -> Result<Paged<Script>> {
    let user = user.map(AccountId::uuid);
    let total: i64 = on!(session, c => query_scalar(sql!(concat!("SELECT count(*) FROM scripts WHERE ", of_tenant!())))
        .bind(partner.uuid()).bind(tenant).bind(user).fetch_one(c).await)?;
    let items = on!(session, c => query(sql!(concat!(
        "SELECT ", script_columns!(), " FROM scripts WHERE ", of_tenant!(),
        " ORDER BY created_at DESC, id DESC LIMIT $4 OFFSET $5")))
        .bind(partner.uuid()).bind(tenant).bind(user).bind(page.limit()).bind(page.offset()).fetch_all(c).await
        .map(|rows| lists::readable::<_, ScriptRow, _>(SCRIPTS, &rows)))?;
    Ok(Paged { items, total })
}
