//! Users and partners that are switched off: nobody acts for them and their tasks do not dial, until they are switched on
//! again.
//!
//! Whether an account is disabled is derived: its own mark, its user's or its partner's. What that changes for its tasks
//! is told in the transaction that sets the mark.

use domain::{AccountId, PartnerId};
use serde::Serialize;
use uuid::Uuid;

use crate::{
    Error, Result, Session, Tx,
    audit::{self, Action, Change, Subject},
    database::{
        connection::dialect,
        convert::{json, micros},
        dialect::RowLock,
    },
    groups, transitions,
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

/// Who is switched off or on.
#[derive(Clone, Copy, Debug)]
pub enum Whom {
    /// A user with its sub-users, or a sub-user.
    Account(PartnerId, AccountId),
    /// A partner with all its accounts.
    Partner(PartnerId),
}

/// Switches an account or a partner off or on. Doing it again changes nothing.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn set_disabled(tx: &mut Tx, whom: Whom, disabled: bool, change: &Change) -> Result<()> {
    let accounts = hold(tx, whom).await?;
    let before = among(tx, &accounts).await?;
    let held = groups::hold_of_accounts(tx, &accounts, change.at).await?;
    mark(tx, whom, disabled, change).await?;
    let after = among(tx, &accounts).await?;
    let turned: Vec<_> = held
        .into_iter()
        .filter(|held| before.contains(&held.account) != after.contains(&held.account))
        .collect();
    transitions::account_switched(tx, &turned, !disabled, change.at).await
}

/// Those of these accounts that are disabled.
pub(crate) async fn among(session: &mut impl Session, accounts: &[AccountId]) -> Result<Vec<AccountId>> {
    let among = dialect(session).among_uuids("a.id", "$1");
    let sql = sqlx::AssertSqlSafe(format!(
        concat!("SELECT a.id FROM accounts a WHERE {} AND ", account_disabled!("a.id")),
        among
    ));
    let accounts: Vec<String> = accounts.iter().map(|id| id.uuid().simple().to_string()).collect();
    let ids: Vec<Uuid> =
        on!(session, c => sqlx::query_scalar(sql).bind(json(&accounts)?).fetch_all(c).await)?;
    Ok(ids.into_iter().map(AccountId::new).collect())
}

/// Locks all accounts that this is about, and gives them: nobody edits their tasks meanwhile.
pub(crate) async fn hold(tx: &mut Tx, whom: Whom) -> Result<Vec<AccountId>> {
    let lock = dialect(tx).lock(RowLock::Change);
    let (partner, account) = whom.ids();
    if account.is_none() {
        let sql = sqlx::AssertSqlSafe(format!("SELECT id FROM partners WHERE id = $1{lock}"));
        let _id: Uuid = on!(tx, c => sqlx::query_scalar(sql).bind(partner).fetch_one(c).await)?;
    }
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT id FROM accounts WHERE partner_id = $1 AND ($2 IS NULL OR id = $2 OR parent_id = $2) ORDER BY id{lock}"
    ));
    let ids: Vec<Uuid> =
        on!(tx, c => sqlx::query_scalar(sql).bind(partner).bind(account).fetch_all(c).await)?;
    if account.is_some_and(|account| !ids.contains(&account)) {
        return Err(Error::NotFound);
    }
    Ok(ids.into_iter().map(AccountId::new).collect())
}

impl Whom {
    pub(crate) fn ids(self) -> (Uuid, Option<Uuid>) {
        match self {
            Self::Account(partner, account) => (partner.uuid(), Some(account.uuid())),
            Self::Partner(partner) => (partner.uuid(), None),
        }
    }
}

#[derive(Serialize)]
struct Mark {
    disabled_at: Option<i64>,
}

async fn mark(tx: &mut Tx, whom: Whom, disabled: bool, change: &Change) -> Result<()> {
    let (partner, account) = whom.ids();
    let (select, update) = match whom {
        Whom::Account(..) => (
            "SELECT disabled_at FROM accounts WHERE partner_id = $1 AND id = $2",
            "UPDATE accounts SET disabled_at = $3 WHERE partner_id = $1 AND id = $2",
        ),
        Whom::Partner(_) => (
            "SELECT disabled_at FROM partners WHERE id = $1 AND $2 IS NULL",
            "UPDATE partners SET disabled_at = $3 WHERE id = $1 AND $2 IS NULL",
        ),
    };
    let disabled_at: Option<i64> =
        on!(tx, c => sqlx::query_scalar(select).bind(partner).bind(account).fetch_one(c).await)?;
    if disabled_at.is_some() == disabled {
        return Ok(());
    }
    let at = disabled.then(|| micros(change.at));
    on!(tx, c => sqlx::query(update).bind(partner).bind(account).bind(at).execute(c).await.map(drop))?;
    let (owner, subject) = whom.subject();
    let entry = audit::Entry {
        account: owner,
        subject,
        subject_id: &account.unwrap_or(partner),
        action: Action::Update,
        version: None,
        before: Some(&Mark { disabled_at }),
    };
    audit::write(tx, change, entry).await
}

impl Whom {
    /// Under which account the audit files a change of it, and as what.
    pub(crate) fn subject(self) -> (AccountId, Subject) {
        match self {
            Self::Account(_, account) => (account, Subject::Account),
            Self::Partner(_) => (audit::NO_ACCOUNT, Subject::Partner),
        }
    }
}
