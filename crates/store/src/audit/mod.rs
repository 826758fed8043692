//! The audit: who changed what and when, with its before-image. Rows are only ever added, until [`retention`] ends; but a number that is erased is
//! taken out of them.
//!
//! A group's old versions are its before-images here, so that a past decision can be explained with the group as
//! it then was. They are compressed where that makes them shorter.

mod actor;
mod list;
pub mod retention;

use domain::{AccountId, PartnerId};
use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

pub use self::{
    actor::Actor,
    list::{ActorFilter, AuditFilter, AuditLog, AuditedChange, list},
};
use crate::{
    Result, Session, Tx,
    database::{
        DatabaseError,
        compression::{compress, decompress},
        convert::{json, micros},
        statement::{query, query_as, query_scalar},
    },
};

/// Shorter before-images, in bytes, are not worth compressing.
const SHORT: usize = 256;

/// What is no account's is filed under this account, which cannot be.
pub const NO_ACCOUNT: AccountId = AccountId::new(Uuid::nil());

/// Who makes a change, and when.
#[derive(Clone, Copy, Debug)]
pub struct Change {
    /// Who.
    pub actor: Actor,
    /// When.
    pub at: Timestamp,
}

/// An enum each of whose variants is stored as a code of its own.
macro_rules! stored_list {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $code:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$variant_doc])* $variant,)+ }

        impl $name {
            /// All of them, as they are stored.
            pub const CODES: &'static [&'static str] = &[$($code),+];

            /// Reads how it is stored.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($code => Some(Self::$variant),)+ _ => None }
            }

            /// How it is stored.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }
        }
    };
}

stored_list! {
    /// What was changed.
    Subject {
        /// A dial time group.
        DialTimeGroup = "dial_time_group",
        /// A task.
        Task = "task",
        /// Numbers of a task, which it is named after; one row an operation, which says how many.
        Numbers = "numbers",
        /// A subscription to a group's calendar.
        CalendarSubscription = "calendar_subscription",
        /// A webhook.
        Webhook = "webhook",
        /// A redial rule.
        RedialRule = "redial_rule",
        /// A prompt.
        Prompt = "prompt",
        /// A script.
        Script = "script",
        /// Numbers that an account must not call: many that are added as `entries`, with how many; one that is deleted by itself.
        DoNotCall = "do_not_call",
        /// A number that was erased: that it was and how much of it, not which.
        Erasure = "erasure",
        /// A user or a sub-user.
        Account = "account",
        /// A line; of no account.
        Line = "line",
        /// A line group; of no account.
        LineGroup = "line_group",
        /// A user's share of a line.
        LineAllocation = "line_allocation",
        /// A partner; of no account.
        Partner = "partner",
        /// A stop, named as in `account` and its id; of no account where it covers more than one.
        Stop = "stop",
        /// A planned closure; of no account where it covers more than one.
        Closure = "closure",
        /// The ceiling of an account or of a partner, named as in `account` and its id; of no account where it is a partner's.
        Ceiling = "ceiling",
        /// A year of a holiday calendar, named as in `CN 2027`; of no account.
        HolidayYear = "holiday_year",
        /// The address that a holiday calendar follows, named by the calendar's id.
        CalendarFeed = "calendar_feed",
    }
}

stored_list! {
    /// What was done to it.
    Action {
        /// It was made.
        Create = "create",
        /// It was changed.
        Update = "update",
        /// It was deleted.
        Delete = "delete",
        /// A line was tried with a call.
        TestCall = "test_call",
    }
}

/// The before-image of an account or a partner that is disabled or enabled.
#[derive(Serialize)]
pub(crate) struct DisabledMark {
    pub(crate) disabled_at: Option<i64>,
}

/// One row to add.
pub(crate) struct AuditEntry<'e, T> {
    pub(crate) account: AccountId,
    pub(crate) subject: Subject,
    pub(crate) subject_id: &'e (dyn std::fmt::Display + Sync),
    pub(crate) action: Action,
    /// The version that the before-image has.
    pub(crate) version: Option<i64>,
    pub(crate) before: Option<&'e T>,
}

pub(crate) async fn write<T: Serialize + Sync>(
    tx: &mut Tx,
    change: &Change,
    entry: AuditEntry<'_, T>,
) -> Result<()> {
    write_of_partner(tx, None, change, entry).await
}

/// Adds a row that stands in the log of a partner, whichever accounts that has: of what is its own as a whole, or of an account as such.
pub(crate) async fn write_of_partner<T: Serialize + Sync>(
    tx: &mut Tx,
    partner: Option<PartnerId>,
    change: &Change,
    entry: AuditEntry<'_, T>,
) -> Result<()> {
    let before = entry.before.map(json).transpose()?;
    let (before, compressed) =
        match before.as_deref().filter(|before| before.len() >= SHORT).map(compress).transpose()? {
            Some(compressed) => (None, Some(compressed)),
            None => (before, None),
        };
    let (actor, subject_id) = (change.actor.to_string(), entry.subject_id.to_string());
    on!(tx, c => query(sql!(
        "INSERT INTO audit (at, actor, account_id, subject, subject_id, action, version, before, before_compressed, partner_id) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"))
        .bind(micros(change.at)).bind(actor).bind(entry.account.uuid()).bind(entry.subject.as_str())
        .bind(subject_id).bind(entry.action.as_str()).bind(entry.version).bind(before)
        .bind(compressed).bind(partner.map(PartnerId::uuid))
        .execute(c).await.map(drop))?;
    Ok(())
}

/// What stands in the place of what was erased.
const ERASED: &str = "erased";

/// Takes out what a thing is called and what it was; who changed it, and when, stays.
pub(crate) async fn erase_subject(
    tx: &mut Tx,
    account: AccountId,
    subject: Subject,
    subject_id: &str,
) -> Result<()> {
    on!(tx, c => query(sql!(
        "UPDATE audit SET subject_id = $4, before = NULL, before_compressed = NULL \
         WHERE account_id = $1 AND subject = $2 AND subject_id = $3"))
        .bind(account.uuid()).bind(subject.as_str()).bind(subject_id.to_owned()).bind(ERASED)
        .execute(c).await.map(drop))?;
    Ok(())
}

/// The newest version that a thing is known to have had; 0 when it never changed.
pub(crate) async fn last_version(
    session: &mut dyn Session,
    account: AccountId,
    subject: Subject,
    subject_id: &str,
) -> Result<i64> {
    let last: Option<i64> = on!(session, c => query_scalar(sql!(
        "SELECT max(version) FROM audit WHERE account_id = $1 AND subject = $2 AND subject_id = $3"))
        .bind(account.uuid()).bind(subject.as_str()).bind(subject_id.to_owned())
        .fetch_one(c).await)?;
    Ok(last.unwrap_or(0))
}

/// One line of a thing's history.
#[derive(Clone, Debug)]
pub struct HistoryRow {
    /// When, in microseconds since 1970 UTC.
    pub at: i64,
    /// Who.
    pub actor: String,
    /// `create`, `update`, `delete` or `test_call`.
    pub action: String,
    /// The version that `before` had.
    pub version: Option<i64>,
    /// The row as it was before, as JSON; none for a create.
    pub before: Option<String>,
}

/// The history of one thing, oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn history(
    session: &mut dyn Session,
    account: AccountId,
    subject: Subject,
    subject_id: &str,
) -> Result<Vec<HistoryRow>> {
    let rows: Vec<AuditRow> = on!(session, c => query_as(sql!(
        "SELECT at, actor, action, version, before, before_compressed FROM audit \
         WHERE account_id = $1 AND subject = $2 AND subject_id = $3 ORDER BY id"))
        .bind(account.uuid()).bind(subject.as_str()).bind(subject_id.to_owned())
        .fetch_all(c).await)?;
    Ok(rows.into_iter().map(HistoryRow::try_from).collect::<std::result::Result<_, _>>()?)
}

/// What one thing was at a version, which the last change of that version has; `None`: no change has it.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn at_version(
    session: &mut dyn Session,
    account: AccountId,
    (subject, subject_id): (Subject, &str),
    version: i64,
) -> Result<Option<String>> {
    let row: Option<AuditRow> = on!(session, c => query_as(sql!(
        "SELECT at, actor, action, version, before, before_compressed FROM audit \
         WHERE account_id = $1 AND subject = $2 AND subject_id = $3 AND version = $4 ORDER BY id DESC LIMIT 1"))
        .bind(account.uuid()).bind(subject.as_str()).bind(subject_id.to_owned()).bind(version)
        .fetch_optional(c).await)?;
    Ok(row.map(HistoryRow::try_from).transpose()?.and_then(|row| row.before))
}

/// A before-image as it stands in a row, of which one column at most holds it.
pub(crate) fn image(
    plain: Option<String>,
    compressed: Option<Vec<u8>>,
) -> std::result::Result<Option<String>, DatabaseError> {
    compressed.map_or(Ok(plain), |compressed| decompress(&compressed).map(Some))
}

#[derive(sqlx_macros::FromRow)]
struct AuditRow {
    at: i64,
    actor: String,
    action: String,
    version: Option<i64>,
    before: Option<String>,
    before_compressed: Option<Vec<u8>>,
}

impl TryFrom<AuditRow> for HistoryRow {
    type Error = DatabaseError;

    fn try_from(row: AuditRow) -> std::result::Result<Self, DatabaseError> {
        let before = image(row.before, row.before_compressed)?;
        Ok(Self { at: row.at, actor: row.actor, action: row.action, version: row.version, before })
    }
}
