//! The calendars of partners and of accounts. Who may follow one is whoever belongs to its owner: the accounts of a partner, or an account with its
//! sub-users. For everybody else it is not there.

use std::collections::BTreeSet;

use calendar::HolidayYear;
use domain::{AccountId, CalendarOwner, HolidayCalendarId, MOST_ACCOUNT_CALENDARS, Name, PartnerId};
use uuid::Uuid;

use super::{
    FollowingGroup, HistoryKept, followers, load, lock_imports, remove_years, row::follows_calendar,
    store_years,
};
use crate::{
    Error, Kind, Limited, Paged, Result, Session, Tx, accounts,
    audit::Change,
    database::{
        convert::{damaged, micros},
        statement::{query, query_as, query_scalar},
    },
};

/// Whether the account `$2` may follow the owned calendar, in SQL.
macro_rules! open_to_account {
    () => {
        "(level = 'account' AND (subject = $2 OR subject IN (SELECT parent_id FROM accounts WHERE id = $2 AND parent_id IS NOT NULL)) \
          OR level = 'partner' AND subject IN (SELECT partner_id FROM accounts WHERE id = $2))"
    };
}
pub(super) use open_to_account;

/// A calendar of a partner or of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnedCalendar {
    /// Its id, which groups name.
    pub id: HolidayCalendarId,
    /// Whose it is.
    pub owner: CalendarOwner,
    /// What it is called.
    pub name: String,
}

type OwnedRow = (String, String, Uuid, String);

fn owned((id, level, subject, name): OwnedRow) -> Result<OwnedCalendar> {
    let owner = CalendarOwner::parse(&level, subject).ok_or_else(|| damaged(format!("level {level}")))?;
    Ok(OwnedCalendar { id: HolidayCalendarId::new(id), owner, name })
}

/// The calendars that an account may follow beside the installation's: its own, its user's and its partner's, oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn of_account(session: &mut dyn Session, account: AccountId) -> Result<Vec<OwnedCalendar>> {
    let rows: Vec<OwnedRow> = on!(session, c => query_as(sql!(
        "SELECT calendar_id, level, subject, name FROM owned_calendars \
         WHERE (level = 'account' AND (subject = $1 OR subject IN (SELECT parent_id FROM accounts WHERE id = $1))) \
            OR (level = 'partner' AND subject IN (SELECT partner_id FROM accounts WHERE id = $1)) \
         ORDER BY created_at, calendar_id"))
        .bind(account.uuid()).fetch_all(c).await)?;
    rows.into_iter().map(owned).collect()
}

/// The calendars of a partner's own, oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn of_partner(session: &mut dyn Session, partner: PartnerId) -> Result<Vec<OwnedCalendar>> {
    let rows: Vec<OwnedRow> = on!(session, c => query_as(sql!(
        "SELECT calendar_id, level, subject, name FROM owned_calendars \
         WHERE level = 'partner' AND subject = $1 ORDER BY created_at, calendar_id"))
        .bind(partner.uuid()).fetch_all(c).await)?;
    rows.into_iter().map(owned).collect()
}

/// The ids of all calendars that belong to a partner or an account: what is not the installation's.
///
/// # Errors
/// When the database does not answer.
pub async fn owned_ids(session: &mut dyn Session) -> Result<BTreeSet<String>> {
    let ids: Vec<String> = on!(session, c =>
        query_scalar(sql!("SELECT calendar_id FROM owned_calendars")).fetch_all(c).await)?;
    Ok(ids.into_iter().collect())
}

/// Whether an account may follow a calendar, if there is one of this id: one of the installation, its own, its user's or its partner's.
///
/// # Errors
/// When the database does not answer.
pub async fn is_open_to(
    session: &mut dyn Session,
    account: AccountId,
    id: &HolidayCalendarId,
) -> Result<bool> {
    let others: Option<Uuid> = on!(session, c => query_scalar(sql!(concat!(
        "SELECT subject FROM owned_calendars WHERE calendar_id = $1 AND NOT ", open_to_account!())))
        .bind(id.as_str()).bind(account.uuid()).fetch_optional(c).await)?;
    Ok(others.is_none())
}

/// Adds a calendar with its years to a partner or an account.
///
/// # Errors
/// [`Error::NotFound`] when the account does not exist, [`Error::Limit`] when there are [`MOST_ACCOUNT_CALENDARS`].
pub async fn create(
    tx: &mut Tx,
    owner: CalendarOwner,
    name: &Name,
    years: &[HolidayYear],
    change: &Change,
) -> Result<()> {
    if let CalendarOwner::Account(account) = owner {
        accounts::lock_for_edits(tx, account).await?;
    }
    // Of a partner nobody else adds one meanwhile.
    lock_imports(tx).await?;
    let many: i64 = on!(tx, c => query_scalar(sql!(
        "SELECT count(*) FROM owned_calendars WHERE level = $1 AND subject = $2"))
        .bind(owner.level().code()).bind(owner.id()).fetch_one(c).await)?;
    if usize::try_from(many).is_ok_and(|many| many >= MOST_ACCOUNT_CALENDARS) {
        return Err(Error::Limit { of: Limited::HolidayCalendars, most: MOST_ACCOUNT_CALENDARS });
    }
    let Some(id) = years.first().map(|year| year.calendar().id()) else { return Ok(()) };
    on!(tx, c => query(sql!(
        "INSERT INTO owned_calendars (calendar_id, level, subject, name, created_at) VALUES ($1, $2, $3, $4, $5)"))
        .bind(id).bind(owner.level().code()).bind(owner.id()).bind(name.as_str()).bind(micros(change.at))
        .execute(c).await.map(drop))?;
    store_years(tx, owner, years, HistoryKept::No, change).await.map(drop)
}

/// Stores years of a calendar of the owner, in place of those of the same number.
///
/// # Errors
/// [`Error::NotFound`] when it is none of the owner's own.
pub async fn import(tx: &mut Tx, owner: CalendarOwner, years: &[HolidayYear], change: &Change) -> Result<()> {
    let Some(id) = years.first().map(|year| year.calendar().id()) else { return Ok(()) };
    own(tx, owner, &HolidayCalendarId::new(id)).await?;
    store_years(tx, owner, years, HistoryKept::No, change).await.map(drop)
}

/// Deletes a calendar of the owner.
///
/// # Errors
/// [`Error::NotFound`] when it is none of the owner's own, [`Error::InUse`] while groups follow it.
pub async fn delete(
    tx: &mut Tx,
    owner: CalendarOwner,
    id: &HolidayCalendarId,
    change: &Change,
) -> Result<()> {
    own(tx, owner, id).await?;
    remove_years(tx, owner, id.as_str(), None, HistoryKept::No, change).await?;
    // A group that begins to follow it holds one of its years, and so was waited for.
    if !followers(tx, id.as_str(), 1).await?.is_empty() {
        return Err(Error::InUse(Kind::HolidayCalendar));
    }
    on!(tx, c => query(sql!("DELETE FROM holiday_feeds WHERE calendar_id = $1"))
        .bind(id.as_str()).execute(c).await.map(drop))?;
    on!(tx, c => query(sql!("DELETE FROM owned_calendars WHERE calendar_id = $1"))
        .bind(id.as_str()).execute(c).await.map(drop))?;
    Ok(())
}

/// A calendar of the owner's own.
///
/// # Errors
/// [`Error::NotFound`] when it is none.
pub async fn own(
    session: &mut dyn Session,
    owner: CalendarOwner,
    id: &HolidayCalendarId,
) -> Result<OwnedCalendar> {
    if owner == CalendarOwner::Installation {
        return of_installation(session, id).await;
    }
    let name: Option<String> = on!(session, c => query_scalar(sql!(
        "SELECT name FROM owned_calendars WHERE calendar_id = $1 AND level = $2 AND subject = $3"))
        .bind(id.as_str()).bind(owner.level().code()).bind(owner.id()).fetch_optional(c).await)?;
    let name = name.ok_or(Error::NotFound(Kind::HolidayCalendar))?;
    Ok(OwnedCalendar { id: id.clone(), owner, name })
}

/// A calendar of the installation, which is called by its id.
async fn of_installation(session: &mut dyn Session, id: &HolidayCalendarId) -> Result<OwnedCalendar> {
    let is_owned = owned_ids(session).await?.contains(id.as_str());
    if is_owned || load(session).await?.get(id.as_str()).is_none() {
        return Err(Error::NotFound(Kind::HolidayCalendar));
    }
    Ok(OwnedCalendar { id: id.clone(), owner: CalendarOwner::Installation, name: id.as_str().to_owned() })
}

/// The groups that follow a calendar, some of them, and how many there are.
///
/// # Errors
/// When the database does not answer.
pub async fn followers_counted(
    session: &mut dyn Session,
    id: &HolidayCalendarId,
    most: u32,
) -> Result<Paged<FollowingGroup>> {
    let total: i64 = on!(session, c => query_scalar(sql!(concat!(
        "SELECT count(*) FROM dial_time_groups WHERE ", follows_calendar!())))
        .bind(id.as_str()).fetch_one(c).await)?;
    Ok(Paged { items: followers(session, id.as_str(), most).await?, total })
}
