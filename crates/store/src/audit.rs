//! Who changed what, when, and what it was before. Rows are only ever added.
//!
//! A group's old versions are its before-images here, so that a past decision can be explained with the group as
//! it then was.

use domain::{AccountId, TokenId};
use jiff::Timestamp;
use serde::Serialize;

use crate::{
    Result, Session, Tx,
    convert::{json, micros},
};

/// Who makes a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A program that holds this token.
    Token(TokenId),
    /// The operator at the command line.
    CommandLine,
    /// The task's own policy of resuming only when asked.
    ResumePolicy,
}

impl std::fmt::Display for Actor {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Token(id) => write!(formatter, "token {id}"),
            Self::CommandLine => formatter.write_str("command line"),
            Self::ResumePolicy => formatter.write_str("resume policy"),
        }
    }
}

/// Who makes a change, and when.
#[derive(Clone, Copy, Debug)]
pub struct Change {
    /// Who.
    pub actor: Actor,
    /// When.
    pub at: Timestamp,
}

/// What was changed.
#[derive(Clone, Copy, Debug)]
pub enum Subject {
    /// A dial time group.
    DialTimeGroup,
    /// A task.
    Task,
    /// A subscription to a group's calendar.
    CalendarSubscription,
    /// A webhook.
    Webhook,
    /// A year of a holiday calendar, named as in `CN 2027`; of no account.
    HolidayYear,
}

impl Subject {
    const fn as_str(self) -> &'static str {
        match self {
            Self::DialTimeGroup => "dial_time_group",
            Self::Task => "task",
            Self::CalendarSubscription => "calendar_subscription",
            Self::Webhook => "webhook",
            Self::HolidayYear => "holiday_year",
        }
    }
}

/// What was done to it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Action {
    Create,
    Update,
    Delete,
}

impl Action {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

/// One row to add.
pub(crate) struct Entry<'e, T> {
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
    entry: Entry<'_, T>,
) -> Result<()> {
    let before = entry.before.map(json).transpose()?;
    let (actor, subject_id) = (change.actor.to_string(), entry.subject_id.to_string());
    on!(tx, c => sqlx::query(
        "INSERT INTO audit (at, actor, account_id, subject, subject_id, action, version, before) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
        .bind(micros(change.at)).bind(actor).bind(entry.account.uuid()).bind(entry.subject.as_str())
        .bind(subject_id).bind(entry.action.as_str()).bind(entry.version).bind(before)
        .execute(c).await.map(drop))?;
    Ok(())
}

/// The newest version that a thing is known to have had; 0 when it never changed.
pub(crate) async fn last_version(
    session: &mut impl Session,
    account: AccountId,
    subject: Subject,
    subject_id: &str,
) -> Result<i64> {
    let last: Option<i64> = on!(session, c => sqlx::query_scalar(
        "SELECT max(version) FROM audit WHERE account_id = $1 AND subject = $2 AND subject_id = $3")
        .bind(account.uuid()).bind(subject.as_str()).bind(subject_id.to_owned())
        .fetch_one(c).await)?;
    Ok(last.unwrap_or(0))
}

/// One line of a thing's history.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct HistoryRow {
    /// When, in microseconds since 1970 UTC.
    pub at: i64,
    /// Who.
    pub actor: String,
    /// `create`, `update` or `delete`.
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
    session: &mut impl Session,
    account: AccountId,
    subject: Subject,
    subject_id: &str,
) -> Result<Vec<HistoryRow>> {
    Ok(on!(session, c => sqlx::query_as(
        "SELECT at, actor, action, version, before FROM audit \
         WHERE account_id = $1 AND subject = $2 AND subject_id = $3 ORDER BY id")
        .bind(account.uuid()).bind(subject.as_str()).bind(subject_id.to_owned())
        .fetch_all(c).await)?)
}
