//! Whether an account is disabled. That is derived: from its own mark, its user's and its partner's.

use domain::AccountId;
use uuid::Uuid;

use crate::{
    Result, Session,
    database::{convert::uuids, statement::query_scalar},
};

/// Whether the account of this id is disabled, in SQL.
macro_rules! account_disabled {
    ($account:literal) => {
        concat!(
            "EXISTS (SELECT 1 FROM accounts owner JOIN partners ON partners.id = owner.partner_id \
             LEFT JOIN accounts head ON head.id = owner.parent_id WHERE owner.id = ",
            $account,
            " AND (owner.disabled_at IS NOT NULL OR head.disabled_at IS NOT NULL OR partners.disabled_at IS NOT NULL))"
        )
    };
}
pub(crate) use account_disabled;

/// Those of these accounts that are disabled: themselves, or their user or partner.
///
/// # Errors
/// When the database does not answer.
pub async fn among(session: &mut dyn Session, accounts: &[AccountId]) -> Result<Vec<AccountId>> {
    let sql = sql!(session, |dialect| format!(
        concat!("SELECT a.id FROM accounts a WHERE {} AND ", account_disabled!("a.id")),
        dialect.among_uuids("a.id", "$1")
    ));
    let accounts = uuids(accounts.iter().map(|account| account.uuid()))?;
    let ids: Vec<Uuid> = on!(session, c => query_scalar(sql).bind(accounts).fetch_all(c).await)?;
    Ok(ids.into_iter().map(AccountId::new).collect())
}
