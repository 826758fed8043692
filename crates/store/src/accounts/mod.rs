//! Accounts: users, and their sub-users.

pub(crate) mod disabled;
mod lock;
mod row;
pub(crate) mod stopped;
pub(crate) mod sub_users;

use std::collections::{BTreeSet, HashMap};

use domain::{Account, AccountId, AccountKind, CallEvents, Email, NewAccount, PartnerId, Phone};
use serde::Serialize;
use uuid::Uuid;

pub(crate) use self::lock::{keep_user_of, keep_with_user, lock_all, lock_for_edits, lock_row, user_of};
pub use self::{
    disabled::among as disabled_among,
    lock::{LockedAccount, lock},
};
use self::{
    row::{ACCOUNTS, AccountRow, account_columns},
    sub_users::sub_users,
};
use crate::{
    Error, Kind, Page, Paged, Result, Session, Tx, Unique,
    audit::{self, Action, AuditEntry, Change, DisabledMark, Subject},
    database::{
        convert::{damaged, from_json, json, micros, uuids},
        dialect::Dialect,
        error::taken_key,
        lists,
        statement::{query, query_as, query_scalar},
    },
    error::on_foreign_key,
    removals,
    stops::{publications, stop_covers},
};

/// Adds an account.
///
/// # Errors
/// [`Error::Taken`], or [`Error::NotFound`] when its user or partner does not exist.
pub async fn create(tx: &mut Tx, account: &NewAccount) -> Result<Account> {
    let parent = match account.kind {
        AccountKind::User => None,
        AccountKind::SubUser(user) => Some(user.uuid()),
    };
    let profile = json(&account.profile)?;
    on!(tx, c => query(sql!(concat!(
        "INSERT INTO accounts (id, partner_id, parent_id, name, email, phone, password_hash, tenant_id, profile, \
                               created_at, updated_at, published_stopped) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, ", stop_covers!("$2", "$1", "$3"), ")")))
        .bind(account.id.uuid()).bind(account.partner_id.uuid()).bind(parent).bind(account.name.as_str())
        .bind(account.email.as_str()).bind(account.phone.as_str()).bind(account.password_hash.as_str())
        .bind(account.tenant_id).bind(profile).bind(micros(account.now))
        .execute(c).await.map(drop))
    .map_err(taken)?;
    if removals::is_being_removed(tx, account.id).await? {
        // It would find what is left of the one that had this id.
        return Err(Error::Taken(Unique::AccountId));
    }
    publications::add_check(tx, account.id, account.now).await?;
    get(tx, account.partner_id, account.id).await
}

/// Makes sure that no account of a partner has this address or number yet, for who would do much before [`create`].
///
/// # Errors
/// [`Error::Taken`].
pub async fn check_free(
    session: &mut dyn Session,
    partner: PartnerId,
    email: &Email,
    phone: &Phone,
) -> Result<()> {
    let (same_email, same_phone): (bool, bool) = on!(session, c => query_as(sql!(
        "SELECT EXISTS (SELECT 1 FROM accounts WHERE partner_id = $1 AND email = $2), \
                EXISTS (SELECT 1 FROM accounts WHERE partner_id = $1 AND phone = $3)"))
        .bind(partner.uuid()).bind(email.as_str()).bind(phone.as_str())
        .fetch_one(c).await)?;
    match (same_email, same_phone) {
        (true, true) => Err(Error::Taken(Unique::EmailAndPhone)),
        (true, false) => Err(Error::Taken(Unique::Email)),
        (false, true) => Err(Error::Taken(Unique::Phone)),
        (false, false) => Ok(()),
    }
}

fn taken(error: sqlx::Error) -> Error {
    match taken_key(&error) {
        None => on_foreign_key(Error::NotFound(Kind::Account))(error),
        Some(key) if key.contains("email") => Error::Taken(Unique::Email),
        Some(key) if key.contains("phone") => Error::Taken(Unique::Phone),
        Some(_) => Error::Taken(Unique::AccountId),
    }
}

/// One account of a partner.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(session: &mut dyn Session, partner: PartnerId, account: AccountId) -> Result<Account> {
    let row: Option<AccountRow> = on!(session, c => query_as(sql!(concat!(
        "SELECT ", account_columns!(), " FROM accounts WHERE partner_id = $1 AND id = $2")))
        .bind(partner.uuid()).bind(account.uuid())
        .fetch_optional(c).await)?;
    Ok(row.ok_or(Error::NotFound(Kind::Account))?.try_into()?)
}

/// The partner of an account, for who may act for every partner.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn partner_of(session: &mut dyn Session, account: AccountId) -> Result<PartnerId> {
    let id: Option<Uuid> = on!(session, c => query_scalar(sql!("SELECT partner_id FROM accounts WHERE id = $1"))
        .bind(account.uuid()).fetch_optional(c).await)?;
    id.map(PartnerId::new).ok_or(Error::NotFound(Kind::Account))
}

/// An account, and its sub-users after it if it has any.
///
/// # Errors
/// When the database does not answer.
pub async fn with_sub_users(session: &mut dyn Session, account: AccountId) -> Result<Vec<AccountId>> {
    let ids: Vec<Uuid> = on!(session, c => query_scalar(sql!(concat!(
        "SELECT id FROM accounts WHERE id = $1 OR id IN ", sub_users!("$1"), " ORDER BY parent_id IS NOT NULL, id")))
        .bind(account.uuid()).fetch_all(c).await)?;
    Ok(ids.into_iter().map(AccountId::new).collect())
}

/// All users of a partner, without their sub-users.
///
/// # Errors
/// When the database does not answer.
pub async fn users_of(session: &mut dyn Session, partner: PartnerId) -> Result<Vec<AccountId>> {
    let ids: Vec<Uuid> = on!(session, c => query_scalar(sql!(
        "SELECT id FROM accounts WHERE partner_id = $1 AND parent_id IS NULL ORDER BY id"))
        .bind(partner.uuid()).fetch_all(c).await)?;
    Ok(ids.into_iter().map(AccountId::new).collect())
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
    /// The tenant is this one; the partner's own id stands for all that it has.
    pub tenant_id: Option<Uuid>,
    /// The only account that there is for who asks.
    pub visible: Option<AccountId>,
}

/// The users of a partner, or the sub-users of one of its users, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(
    session: &mut dyn Session,
    partner: PartnerId,
    kind: AccountKind,
    filter: &AccountFilter,
    page: Page,
) -> Result<Paged<Account>> {
    let of_user = matches!(kind, AccountKind::SubUser(_));
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
    let count = sql!(session, of_user: bool = [true, false], |dialect| format!(
        "SELECT count(*) FROM accounts WHERE {}", condition(dialect, of_user)
    ));
    let total: i64 = on!(session, c => filtered!(query_scalar(count)).fetch_one(c).await)?;
    let select = sql!(session, of_user: bool = [true, false], |dialect| format!(
        concat!(
            "SELECT ",
            account_columns!(),
            " FROM accounts WHERE {} ORDER BY created_at DESC, id DESC LIMIT $9 OFFSET $10"
        ),
        condition(dialect, of_user)
    ));
    let items = on!(session, c =>
        filtered!(query(select)).bind(page.limit()).bind(page.offset()).fetch_all(c).await
            .map(|rows| lists::readable::<_, AccountRow, _>(ACCOUNTS, &rows)))?;
    Ok(Paged { items, total })
}

/// The accounts of a partner that a filter leaves: users, or the sub-users of one.
fn condition(dialect: Dialect, of_user: bool) -> String {
    let parent = if of_user { "parent_id = $2" } else { "parent_id IS NULL AND $2 IS NULL" };
    format!(
        "partner_id = $1 AND {parent} \
         AND ($3 IS NULL OR id = $3) AND ($4 IS NULL OR {name}) AND ($5 IS NULL OR {email}) \
         AND ($6 IS NULL OR {phone}) AND ($7 IS NULL OR $7 = partner_id OR tenant_id = $7) AND ($8 IS NULL OR id = $8)",
        name = dialect.contains("name", "$4"),
        email = dialect.contains("email", "$5"),
        phone = dialect.contains("phone", "$6"),
    )
}

/// Sets another password, of which only the hash is stored.
///
/// # Errors
/// When the database does not answer.
pub async fn set_password(tx: &mut Tx, account: &LockedAccount, hash: &str, change: &Change) -> Result<()> {
    on!(tx, c => query(sql!("UPDATE accounts SET password_hash = $2, updated_at = $3 WHERE id = $1"))
        .bind(account.row.id).bind(hash).bind(micros(change.at)).execute(c).await.map(drop))?;
    // Neither password is anybody's to read later.
    record::<()>(tx, account, Action::Update, None, change).await
}

/// What hangs on an account and goes with it at once, in an order in which nothing refers to what is gone.
const OF_ACCOUNT: [&str; 15] = [
    "DELETE FROM holiday_feeds WHERE subject = $1",
    "DELETE FROM webhooks WHERE account_id = $1",
    "DELETE FROM tasks WHERE account_id = $1",
    "DELETE FROM redial_rules WHERE account_id = $1",
    "DELETE FROM scripts WHERE account_id = $1",
    "DELETE FROM prompts WHERE account_id = $1",
    "DELETE FROM do_not_call_counts WHERE account_id = $1",
    "DELETE FROM dial_time_groups WHERE account_id = $1",
    "DELETE FROM line_allocations WHERE user_id = $1",
    "DELETE FROM group_counts WHERE account_id = $1",
    "DELETE FROM brought_group_ids WHERE account_id = $1",
    "DELETE FROM event_counters WHERE account_id = $1",
    "DELETE FROM horizon_notices WHERE account_id = $1",
    "DELETE FROM tokens WHERE user_id = $1",
    "DELETE FROM accounts WHERE id = $1",
];

/// Deletes an account with all that hangs on it. That of which there may be very much is left to be removed in the background.
pub(crate) async fn delete(tx: &mut Tx, account: &LockedAccount, change: &Change) -> Result<()> {
    removals::begin_webhooks_of(tx, account.id(), change.at).await?;
    removals::begin_account(tx, account.id(), change.at).await?;
    for text in OF_ACCOUNT {
        let sql = sql!(tx, text: &'static str = OF_ACCOUNT, |_dialect| text.to_owned());
        on!(tx, c => query(sql).bind(account.row.id).execute(c).await.map(drop))?;
    }
    record(tx, account, Action::Delete, Some(&account.row), change).await
}

/// Those of these accounts that are told of calls before they end, and of what.
///
/// # Errors
/// When the database does not answer.
pub async fn call_events(
    session: &mut dyn Session,
    accounts: impl IntoIterator<Item = AccountId>,
) -> Result<HashMap<AccountId, CallEvents>> {
    let accounts: BTreeSet<Uuid> = accounts.into_iter().map(AccountId::uuid).collect();
    let sql = sql!(session, |dialect| format!(
        "SELECT id, call_events FROM accounts WHERE {} AND call_events <> '[]'",
        dialect.among_uuids("id", "$1")
    ));
    let rows: Vec<(Uuid, String)> =
        on!(session, c => query_as(sql).bind(uuids(accounts)?).fetch_all(c).await)?;
    let mut events = HashMap::with_capacity(rows.len());
    for (id, text) in rows {
        let codes: Vec<String> = from_json(&text)?;
        let of_account =
            CallEvents::from_codes(&codes).map_err(|_| damaged(format!("call events {text}")))?;
        events.insert(AccountId::new(id), of_account);
    }
    Ok(events)
}

/// Chooses what a locked account is told of calls before they end.
///
/// # Errors
/// When the database does not answer.
pub async fn set_call_events(
    tx: &mut Tx,
    account: &LockedAccount,
    events: &CallEvents,
    change: &Change,
) -> Result<()> {
    let before = call_events(tx, [account.id()]).await?.remove(&account.id()).unwrap_or_default();
    if before == *events {
        return Ok(());
    }
    on!(tx, c => query(sql!("UPDATE accounts SET call_events = $2, updated_at = $3 WHERE id = $1"))
        .bind(account.row.id).bind(json(&events.codes())?).bind(micros(change.at)).execute(c).await.map(drop))?;
    let before = CallEventsBefore { call_events: before.codes() };
    record(tx, account, Action::Update, Some(&before), change).await
}

/// The before-image of a choice of events.
#[derive(Serialize)]
struct CallEventsBefore {
    call_events: Vec<&'static str>,
}

/// Marks a locked account as disabled or not. Doing it again changes nothing.
pub(crate) async fn set_disabled(
    tx: &mut Tx,
    account: &LockedAccount,
    disabled: bool,
    change: &Change,
) -> Result<()> {
    if account.is_marked_disabled() == disabled {
        return Ok(());
    }
    on!(tx, c => query(sql!("UPDATE accounts SET disabled_at = $2 WHERE id = $1"))
        .bind(account.row.id).bind(disabled.then(|| micros(change.at))).execute(c).await.map(drop))?;
    let before = DisabledMark { disabled_at: account.row.disabled_at };
    record(tx, account, Action::Update, Some(&before), change).await
}

async fn record<T: Serialize + Sync>(
    tx: &mut Tx,
    account: &LockedAccount,
    action: Action,
    before: Option<&T>,
    change: &Change,
) -> Result<()> {
    let partner = PartnerId::new(account.row.partner_id);
    let (account, subject) = (account.id(), Subject::Account);
    let entry = AuditEntry { account, subject, subject_id: &account, action, version: None, before };
    audit::write_of_partner(tx, Some(partner), change, entry).await
}
