//! Accounts: users, and their sub-users.

pub mod disabling;

use domain::{Account, AccountId, AccountKind, Email, NewAccount, PartnerId, Phone};
use uuid::Uuid;

use crate::{
    Error, Page, Paged, Result, Session, Tx,
    audit::{self, Action, Change, Subject},
    database::{
        connection::dialect,
        convert::{damaged, from_json, json, micros, timestamp},
        dialect::RowLock,
        error::on_foreign_key,
        lists,
    },
    partners::stored_name,
};

/// Adds an account.
///
/// # Errors
/// [`Error::EmailTaken`], [`Error::PhoneTaken`], [`Error::IdUnavailable`], or [`Error::NotFound`] when its user or partner does not exist.
pub async fn create(tx: &mut Tx, account: &NewAccount) -> Result<Account> {
    let parent = match account.kind {
        AccountKind::User => None,
        AccountKind::SubUser(user) => Some(user.uuid()),
    };
    let profile = json(&account.profile)?;
    on!(tx, c => sqlx::query(
        "INSERT INTO accounts (id, partner_id, parent_id, name, email, phone, password_hash, tenant_id, profile, \
                               created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)")
        .bind(account.id.uuid()).bind(account.partner_id.uuid()).bind(parent).bind(account.name.as_str())
        .bind(account.email.as_str()).bind(account.phone.as_str()).bind(account.password_hash.as_str())
        .bind(account.tenant_id).bind(profile).bind(micros(account.now))
        .execute(c).await.map(drop))
    .map_err(taken)?;
    get(tx, account.partner_id, account.id).await
}

/// Makes sure that no account of a partner has this address or number yet, for who would do much before [`create`].
///
/// # Errors
/// [`Error::EmailTaken`], [`Error::PhoneTaken`], [`Error::EmailAndPhoneTaken`].
pub async fn check_free(
    session: &mut impl Session,
    partner: PartnerId,
    email: &Email,
    phone: &Phone,
) -> Result<()> {
    let (same_email, same_phone): (bool, bool) = on!(session, c => sqlx::query_as(
        "SELECT EXISTS (SELECT 1 FROM accounts WHERE partner_id = $1 AND email = $2), \
                EXISTS (SELECT 1 FROM accounts WHERE partner_id = $1 AND phone = $3)")
        .bind(partner.uuid()).bind(email.as_str()).bind(phone.as_str())
        .fetch_one(c).await)?;
    match (same_email, same_phone) {
        (true, true) => Err(Error::EmailAndPhoneTaken),
        (true, false) => Err(Error::EmailTaken),
        (false, true) => Err(Error::PhoneTaken),
        (false, false) => Ok(()),
    }
}

/// SQLite names the columns, PostgreSQL the index, which is named after them.
fn taken(error: sqlx::Error) -> Error {
    let Some(database) = error.as_database_error().filter(|database| database.is_unique_violation()) else {
        return on_foreign_key(Error::NotFound)(error);
    };
    let key = database.message();
    if key.contains("email") {
        Error::EmailTaken
    } else if key.contains("phone") {
        Error::PhoneTaken
    } else {
        Error::IdUnavailable
    }
}

/// One account of a partner.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(session: &mut impl Session, partner: PartnerId, account: AccountId) -> Result<Account> {
    let row: AccountRow = on!(session, c => sqlx::query_as(
        "SELECT id, parent_id, name, email, phone, tenant_id, profile, created_at, updated_at, disabled_at \
         FROM accounts WHERE partner_id = $1 AND id = $2")
        .bind(partner.uuid()).bind(account.uuid())
        .fetch_one(c).await)?;
    row.try_into()
}

/// The partner of an account, for who may act for every partner.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn partner_of(session: &mut impl Session, account: AccountId) -> Result<PartnerId> {
    let id: Uuid = on!(session, c => sqlx::query_scalar("SELECT partner_id FROM accounts WHERE id = $1")
        .bind(account.uuid()).fetch_one(c).await)?;
    Ok(PartnerId::new(id))
}

/// What a list of accounts is narrowed to; `None` does not narrow.
#[derive(Clone, Debug, Default)]
pub struct AccountFilter {
    /// Exactly this account.
    pub id: Option<AccountId>,
    /// The name contains this.
    pub name: Option<String>,
    /// The e-mail address contains this.
    pub email: Option<String>,
    /// The phone number contains this.
    pub phone: Option<String>,
    /// The tenant is this one.
    pub tenant_id: Option<Uuid>,
    /// The only account that there is for who asks.
    pub visible: Option<AccountId>,
}

/// The users of a partner, or the sub-users of one of its users, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(
    session: &mut impl Session,
    partner: PartnerId,
    kind: AccountKind,
    filter: &AccountFilter,
    page: Page,
) -> Result<Paged<Account>> {
    let words = dialect(session);
    let whose = match kind {
        AccountKind::User => "parent_id IS NULL AND $2 IS NULL",
        AccountKind::SubUser(_) => "parent_id = $2",
    };
    let condition = format!(
        "FROM accounts WHERE partner_id = $1 AND {whose} \
         AND ($3 IS NULL OR id = $3) AND ($4 IS NULL OR {name}) AND ($5 IS NULL OR {email}) \
         AND ($6 IS NULL OR {phone}) AND ($7 IS NULL OR tenant_id = $7) AND ($8 IS NULL OR id = $8)",
        name = words.contains("name", "$4"),
        email = words.contains("email", "$5"),
        phone = words.contains("phone", "$6"),
    );
    let parent = match kind {
        AccountKind::User => None,
        AccountKind::SubUser(user) => Some(user.uuid()),
    };
    macro_rules! filtered {
        ($query:expr) => {
            $query
                .bind(partner.uuid())
                .bind(parent)
                .bind(filter.id.map(AccountId::uuid))
                .bind(filter.name.as_deref())
                .bind(filter.email.as_deref())
                .bind(filter.phone.as_deref())
                .bind(filter.tenant_id)
                .bind(filter.visible.map(AccountId::uuid))
        };
    }
    let count = sqlx::AssertSqlSafe(format!("SELECT count(*) {condition}"));
    let total: i64 = on!(session, c => filtered!(sqlx::query_scalar(count)).fetch_one(c).await)?;
    let select = sqlx::AssertSqlSafe(format!(
        "SELECT id, parent_id, name, email, phone, tenant_id, profile, created_at, updated_at, disabled_at {condition} \
         ORDER BY created_at DESC, id DESC LIMIT $9 OFFSET $10"
    ));
    let items = on!(session, c =>
        filtered!(sqlx::query(select)).bind(page.limit()).bind(page.offset()).fetch_all(c).await
            .map(|rows| lists::readable::<_, AccountRow, _>("accounts", &rows)))?;
    Ok(Paged { items, total })
}

/// Sets another password, of which only the hash is kept.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn set_password(
    tx: &mut Tx,
    partner: PartnerId,
    account: AccountId,
    hash: &str,
    change: &Change,
) -> Result<()> {
    let changed = on!(tx, c => sqlx::query(
        "UPDATE accounts SET password_hash = $3, updated_at = $4 WHERE partner_id = $1 AND id = $2")
        .bind(partner.uuid()).bind(account.uuid()).bind(hash).bind(micros(change.at))
        .execute(c).await.map(|done| done.rows_affected()))?;
    if changed == 0 {
        return Err(Error::NotFound);
    }
    // Neither password is anybody's to read later.
    let entry = audit::Entry::<()> {
        account,
        subject: Subject::Account,
        subject_id: &account,
        action: Action::Update,
        version: None,
        before: None,
    };
    audit::write(tx, change, entry).await
}

/// Makes this transaction the only one that edits what is the account's.
///
/// # Errors
/// [`Error::AccountDisabled`]: whoever disabled it did so after the request was let in.
pub(crate) async fn lock(tx: &mut Tx, account: AccountId) -> Result<()> {
    let lock = dialect(tx).lock(RowLock::Change);
    let sql = sqlx::AssertSqlSafe(format!("SELECT id FROM accounts WHERE id = $1{lock}"));
    let _id: Uuid = on!(tx, c => sqlx::query_scalar(sql).bind(account.uuid()).fetch_one(c).await)?;
    let disabled = disabling::among(tx, &[account]).await?;
    if disabled.is_empty() { Ok(()) } else { Err(Error::AccountDisabled) }
}

#[derive(sqlx::FromRow)]
struct AccountRow {
    id: Uuid,
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

impl TryFrom<AccountRow> for Account {
    type Error = Error;

    fn try_from(row: AccountRow) -> Result<Self> {
        let stored = |rule| damaged(format!("account {}: {rule:?}", row.id));
        Ok(Self {
            id: AccountId::new(row.id),
            kind: row.parent_id.map_or(AccountKind::User, |user| AccountKind::SubUser(AccountId::new(user))),
            name: stored_name(&row.name)?,
            email: Email::stored(&row.email).map_err(stored)?,
            phone: Phone::parse(&row.phone).map_err(stored)?,
            tenant_id: row.tenant_id,
            profile: from_json(&row.profile)?,
            created_at: timestamp(row.created_at)?,
            updated_at: timestamp(row.updated_at)?,
            disabled_at: row.disabled_at.map(timestamp).transpose()?,
        })
    }
}
