//! The audit log of accounts, page by page.

use domain::{AccountId, PartnerId};
use jiff::Timestamp;
use uuid::Uuid;

use super::{Action, Actor, Subject, image};
use crate::{
    Page, Paged, Result, Session,
    database::{
        DatabaseError,
        convert::{damaged, micros, timestamp, uuids},
        dialect::Dialect,
        lists::{self, Table},
        statement::{query, query_scalar},
    },
};

/// The table, for the log.
const AUDIT: Table = Table { name: "audit", key: &["id"] };

/// What the log is narrowed to; `None` does not narrow.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Whose log it is.
    pub log: AuditLog,
    /// Of that only what is this account's.
    pub account: Option<AccountId>,
    /// Who changed them.
    pub actor: Option<ActorFilter>,
    /// What kind of thing.
    pub subject: Option<Subject>,
    /// Which thing.
    pub subject_id: Option<String>,
    /// What was done.
    pub action: Option<Action>,
    /// From this instant on.
    pub from: Option<Timestamp>,
    /// Before this instant.
    pub until: Option<Timestamp>,
}

/// Whose log it is.
#[derive(Clone, Debug)]
pub enum AuditLog {
    /// The whole installation's: whatever was changed.
    Installation,
    /// A partner's: its accounts', what is its own as a whole, and who its accounts were.
    Partner(PartnerId),
    /// That of these accounts.
    Accounts(Vec<AccountId>),
}

impl Default for AuditLog {
    /// Nobody's.
    fn default() -> Self {
        Self::Accounts(Vec::new())
    }
}

impl AuditLog {
    /// Who has it.
    fn owners(&self) -> (AuditOwner, Vec<Uuid>) {
        match self {
            Self::Installation => (AuditOwner::Installation, Vec::new()),
            Self::Partner(partner) => (AuditOwner::Partner, vec![partner.uuid()]),
            Self::Accounts(accounts) => {
                (AuditOwner::Accounts, accounts.iter().map(|account| account.uuid()).collect())
            }
        }
    }
}

/// Of what kind they are who have a log.
#[derive(Clone, Copy, Debug)]
enum AuditOwner {
    Installation,
    Partner,
    Accounts,
}

/// Who made changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActorFilter {
    /// Whoever held any token.
    AnyToken,
    /// This one.
    One(Actor),
}

impl ActorFilter {
    /// What a stored actor begins with. None that is no token begins as another does.
    fn beginning(self) -> String {
        match self {
            Self::AnyToken => super::actor::TOKEN.to_owned(),
            Self::One(actor) => actor.to_string(),
        }
    }
}

/// A change, as the audit has it.
#[derive(Clone, Debug)]
pub struct AuditedChange {
    /// Counts up with time.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// Whose thing was changed.
    pub account: AccountId,
    /// Who changed it; `None` of what another version of this program wrote.
    pub actor: Option<Actor>,
    /// What was done.
    pub action: Action,
    /// What kind of thing was changed.
    pub subject: Subject,
    /// Which one. A telephone number where it is one that must not be called.
    pub subject_id: String,
    /// The version that `before` had.
    pub version: Option<i64>,
    /// The row as it was before, as JSON.
    pub before: Option<String>,
}

/// The conditions of a filter; the first parameter has the ids of those whose log it is.
fn conditions(dialect: Dialect, owner: AuditOwner) -> String {
    let among = |column| dialect.among_uuids(column, "$1");
    let whose = match owner {
        AuditOwner::Installation => "CAST($1 AS TEXT) IS NOT NULL".to_owned(),
        AuditOwner::Partner => {
            let its_accounts = among("accounts.partner_id");
            let its_own = among("audit.partner_id");
            format!("(account_id IN (SELECT id FROM accounts WHERE {its_accounts}) OR {its_own})")
        }
        AuditOwner::Accounts => among("account_id"),
    };
    format!(
        "{whose} AND ($2 IS NULL OR substr(actor, 1, length(CAST($2 AS TEXT))) = $2) AND ($3 IS NULL OR subject = $3) \
         AND ($4 IS NULL OR subject_id = $4) AND ($5 IS NULL OR action = $5) AND at >= $6 AND at < $7 \
         AND ($8 IS NULL OR account_id = $8)"
    )
}

/// The changes that a filter leaves, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(
    session: &mut dyn Session,
    filter: &AuditFilter,
    page: Page,
) -> Result<Paged<AuditedChange>> {
    let (owner, whose) = filter.log.owners();
    let whose = uuids(whose)?;
    let account = filter.account.map(AccountId::uuid);
    let actor = filter.actor.map(ActorFilter::beginning);
    let (subject, action) = (filter.subject.map(Subject::as_str), filter.action.map(Action::as_str));
    let from = filter.from.map_or(i64::MIN, micros);
    let until = filter.until.map_or(i64::MAX, micros);
    let count = sql!(session, owner: AuditOwner = [AuditOwner::Installation, AuditOwner::Partner, AuditOwner::Accounts], |dialect| format!(
        "SELECT count(*) FROM audit WHERE {}",
        conditions(dialect, owner)
    ));
    let total: i64 = on!(session, c => query_scalar(count)
        .bind(&whose).bind(&actor).bind(subject).bind(&filter.subject_id).bind(action).bind(from).bind(until).bind(account)
        .fetch_one(c).await)?;
    let select = sql!(session, owner: AuditOwner = [AuditOwner::Installation, AuditOwner::Partner, AuditOwner::Accounts], |dialect| format!(
        "SELECT id, at, account_id, actor, action, subject, subject_id, version, before, before_compressed \
         FROM audit WHERE {} ORDER BY at DESC, id DESC LIMIT $9 OFFSET $10",
        conditions(dialect, owner)
    ));
    let items = on!(session, c => query(select)
        .bind(&whose).bind(&actor).bind(subject).bind(&filter.subject_id).bind(action).bind(from).bind(until).bind(account)
        .bind(page.limit()).bind(page.offset())
        .fetch_all(c).await.map(|rows| lists::readable::<_, ChangeRow, _>(AUDIT, &rows)))?;
    Ok(Paged { items, total })
}

#[derive(sqlx_macros::FromRow)]
struct ChangeRow {
    id: i64,
    at: i64,
    account_id: Uuid,
    actor: String,
    action: String,
    subject: String,
    subject_id: String,
    version: Option<i64>,
    before: Option<String>,
    before_compressed: Option<Vec<u8>>,
}

impl TryFrom<ChangeRow> for AuditedChange {
    type Error = DatabaseError;

    fn try_from(row: ChangeRow) -> std::result::Result<Self, DatabaseError> {
        Ok(Self {
            id: row.id,
            at: timestamp(row.at)?,
            account: AccountId::new(row.account_id),
            actor: Actor::parse(&row.actor),
            action: Action::parse(&row.action).ok_or_else(|| damaged(&row.action))?,
            subject: Subject::parse(&row.subject).ok_or_else(|| damaged(&row.subject))?,
            subject_id: row.subject_id,
            version: row.version,
            before: image(row.before, row.before_compressed)?,
        })
    }
}
