//! The calendars of accounts. Who may follow one is its account and the sub-users of that; for everybody else it is not there.

use std::collections::BTreeSet;

use calendar::HolidayYear;
use domain::{AccountId, HolidayCalendarId, MOST_ACCOUNT_CALENDARS, Name};
use uuid::Uuid;

use super::{FollowingGroup, HistoryKept, followers, remove_years, row::follows_calendar, store_years};
use crate::{
    Error, Kind, Limited, Paged, Result, Session, Tx, accounts,
    audit::Change,
    database::{
        convert::micros,
        statement::{query, query_as, query_scalar},
    },
};

/// A calendar of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountCalendar {
    /// Its id, which groups name.
    pub id: HolidayCalendarId,
    /// Whose it is.
    pub account: AccountId,
    /// What it is called.
    pub name: String,
}

/// The calendars of an account and, where it is a sub-user, of its user, oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn of_account(session: &mut impl Session, account: AccountId) -> Result<Vec<AccountCalendar>> {
    let rows: Vec<(String, Uuid, String)> = on!(session, c => query_as(sql!(
        "SELECT calendar_id, account_id, name FROM account_calendars \
         WHERE account_id = $1 OR account_id = (SELECT parent_id FROM accounts WHERE id = $1) \
         ORDER BY created_at, calendar_id"))
        .bind(account.uuid()).fetch_all(c).await)?;
    let calendar = |(id, account, name): (String, Uuid, String)| AccountCalendar {
        id: HolidayCalendarId::new(id),
        account: AccountId::new(account),
        name,
    };
    Ok(rows.into_iter().map(calendar).collect())
}

/// The ids of all calendars that belong to an account: what is not the installation's.
///
/// # Errors
/// When the database does not answer.
pub async fn ids_of_accounts(session: &mut impl Session) -> Result<BTreeSet<String>> {
    let ids: Vec<String> = on!(session, c =>
        query_scalar(sql!("SELECT calendar_id FROM account_calendars")).fetch_all(c).await)?;
    Ok(ids.into_iter().collect())
}

/// Whether an account may follow a calendar, if there is one of this id: one of the installation, its own or its user's.
///
/// # Errors
/// When the database does not answer.
pub async fn is_open_to(
    session: &mut impl Session,
    account: AccountId,
    id: &HolidayCalendarId,
) -> Result<bool> {
    let others: Option<Uuid> = on!(session, c => query_scalar(sql!(
        "SELECT account_id FROM account_calendars WHERE calendar_id = $1 AND account_id <> $2 \
             AND account_id NOT IN (SELECT parent_id FROM accounts WHERE id = $2 AND parent_id IS NOT NULL)"))
        .bind(id.as_str()).bind(account.uuid()).fetch_optional(c).await)?;
    Ok(others.is_none())
}

/// Adds a calendar with its years to an account.
///
/// # Errors
/// [`Error::NotFound`] when the account does not exist, [`Error::Limit`] when it has [`MOST_ACCOUNT_CALENDARS`].
pub async fn create(
    tx: &mut Tx,
    account: AccountId,
    name: &Name,
    years: &[HolidayYear],
    change: &Change,
) -> Result<()> {
    accounts::lock_for_edits(tx, account).await?;
    let many: i64 = on!(tx, c => query_scalar(sql!(
        "SELECT count(*) FROM account_calendars WHERE account_id = $1"))
        .bind(account.uuid()).fetch_one(c).await)?;
    if usize::try_from(many).is_ok_and(|many| many >= MOST_ACCOUNT_CALENDARS) {
        return Err(Error::Limit { of: Limited::HolidayCalendars, most: MOST_ACCOUNT_CALENDARS });
    }
    let Some(id) = years.first().map(|year| year.calendar().id()) else { return Ok(()) };
    on!(tx, c => query(sql!(
        "INSERT INTO account_calendars (calendar_id, account_id, name, created_at) VALUES ($1, $2, $3, $4)"))
        .bind(id).bind(account.uuid()).bind(name.as_str()).bind(micros(change.at))
        .execute(c).await.map(drop))?;
    store_years(tx, account, years, HistoryKept::No, change).await.map(drop)
}

/// Stores years of a calendar of the account, in place of those of the same number.
///
/// # Errors
/// [`Error::NotFound`] when it is none of the account's own.
pub async fn import(tx: &mut Tx, account: AccountId, years: &[HolidayYear], change: &Change) -> Result<()> {
    let Some(id) = years.first().map(|year| year.calendar().id()) else { return Ok(()) };
    own(tx, account, &HolidayCalendarId::new(id)).await?;
    store_years(tx, account, years, HistoryKept::No, change).await.map(drop)
}

/// Deletes a calendar of the account.
///
/// # Errors
/// [`Error::NotFound`] when it is none of the account's own, [`Error::InUse`] while groups follow it.
pub async fn delete(tx: &mut Tx, account: AccountId, id: &HolidayCalendarId, change: &Change) -> Result<()> {
    own(tx, account, id).await?;
    remove_years(tx, account, id.as_str(), None, HistoryKept::No, change).await?;
    // A group that begins to follow it holds one of its years, and so was waited for.
    if !followers(tx, id.as_str(), 1).await?.is_empty() {
        return Err(Error::InUse(Kind::HolidayCalendar));
    }
    on!(tx, c => query(sql!("DELETE FROM calendar_feeds WHERE calendar_id = $1"))
        .bind(id.as_str()).execute(c).await.map(drop))?;
    on!(tx, c => query(sql!("DELETE FROM account_calendars WHERE calendar_id = $1"))
        .bind(id.as_str()).execute(c).await.map(drop))?;
    Ok(())
}

/// A calendar of the account's own.
///
/// # Errors
/// [`Error::NotFound`] when it is none.
pub async fn own(
    session: &mut impl Session,
    account: AccountId,
    id: &HolidayCalendarId,
) -> Result<AccountCalendar> {
    let name: Option<String> = on!(session, c => query_scalar(sql!(
        "SELECT name FROM account_calendars WHERE calendar_id = $1 AND account_id = $2"))
        .bind(id.as_str()).bind(account.uuid()).fetch_optional(c).await)?;
    let name = name.ok_or(Error::NotFound(Kind::HolidayCalendar))?;
    Ok(AccountCalendar { id: id.clone(), account, name })
}

/// The groups that follow a calendar, some of them, and how many there are.
///
/// # Errors
/// When the database does not answer.
pub async fn followers_counted(
    session: &mut impl Session,
    id: &HolidayCalendarId,
    most: u32,
) -> Result<Paged<FollowingGroup>> {
    let total: i64 = on!(session, c => query_scalar(sql!(concat!(
        "SELECT count(*) FROM dial_time_groups WHERE ", follows_calendar!())))
        .bind(id.as_str()).fetch_one(c).await)?;
    Ok(Paged { items: followers(session, id.as_str(), most).await?, total })
}
