//! Holiday calendars: the years that were imported, laid over those that come with the program.
//!
//! Every import, removal and undo gets a revision of its own, greater than all before, so that whoever caches what was made
//! of the calendars sees that it is out of date. A year that was removed therefore stays as a row without days.

pub mod feeds;
mod owned;
mod row;

use calendar::{HolidayCalendar, HolidayYear};
use domain::{
    AccountId, CalendarHorizon, CalendarOwner, DialTimeGroupId, Event, EventCause, EventDetail, EventKind,
    FollowedCalendars, HolidayCalendarId, HolidayCalendars, UNDOABLE_HOLIDAY_IMPORTS,
};
use jiff::Timestamp;
use uuid::Uuid;

use self::owned::open_to_account;
pub use self::owned::{
    OwnedCalendar, create, delete, followers_counted, import as import_owned, is_open_to, of_account,
    of_partner, own, owned_ids,
};
use self::row::{YearRow, follows_calendar, stored_year, year_columns};
use crate::{
    Error, Kind, Result, Session, Tx,
    audit::{self, Action, AuditEntry, Change, Subject},
    database::{
        convert::{damaged, micros, nearest_timestamp},
        dialect::RowLock,
        statement::{query, query_as, query_scalar},
    },
};

/// The newest import's number, 0 when there was none: what was made of the calendars of another one is out of date.
///
/// # Errors
/// When the database does not answer.
pub async fn revision(session: &mut dyn Session) -> Result<i64> {
    Ok(on!(session, c => query_scalar(sql!(
        "SELECT CAST(coalesce(max(revision), 0) AS BIGINT) FROM holiday_imports")).fetch_one(c).await)?)
}

/// The newest import's number, and the instant of the last import; of none, 0 and `None`.
pub(crate) async fn newest_import(tx: &mut Tx) -> Result<(i64, Option<Timestamp>)> {
    let (revision, imported_at): (i64, Option<i64>) = on!(tx, c => query_as(sql!(
        "SELECT coalesce(max(revision), 0), max(imported_at) FROM holiday_imports")).fetch_one(c).await)?;
    Ok((revision, imported_at.map(nearest_timestamp)))
}

/// All holiday calendars as they are now.
///
/// # Errors
/// When the database does not answer, or holds what no import wrote.
pub async fn load(session: &mut dyn Session) -> Result<HolidayCalendars> {
    let rows: Vec<YearRow> = on!(session, c => query_as(sql!(concat!(
        "SELECT ", year_columns!(), " FROM holiday_imports ORDER BY calendar_id, year")))
        .fetch_all(c).await)?;
    let revision = rows.iter().map(|row| row.revision).max().unwrap_or(0);
    let years = rows
        .iter()
        .filter(|row| !row.removed)
        .map(YearRow::holiday_year)
        .collect::<std::result::Result<Vec<_>, _>>()?;
    Ok(HolidayCalendars::with_imports(&years, revision))
}

/// All holiday calendars as they were by a revision.
///
/// # Errors
/// When the database does not answer, or holds what no import wrote.
pub async fn load_at(session: &mut dyn Session, revision: i64) -> Result<HolidayCalendars> {
    let rows: Vec<(i64, String)> = on!(session, c => query_as(sql!(
        "SELECT year, document FROM holiday_versions WHERE document IS NOT NULL AND revision = \
             (SELECT max(revision) FROM holiday_versions AS known WHERE known.calendar_id = holiday_versions.calendar_id \
                  AND known.year = holiday_versions.year AND known.revision <= $1) ORDER BY calendar_id, year"))
        .bind(revision).fetch_all(c).await)?;
    let years = rows.iter().map(|(year, document)| stored_year(*year, document));
    let years = years.collect::<std::result::Result<Vec<_>, _>>()?;
    Ok(HolidayCalendars::with_imports(&years, revision))
}

/// All calendars, which nobody else imports into until this transaction ends: to judge an import by what it replaces.
///
/// # Errors
/// When the database does not answer.
pub async fn load_to_import(tx: &mut Tx) -> Result<HolidayCalendars> {
    lock_imports(tx).await?;
    load(tx).await
}

async fn lock_imports(tx: &mut Tx) -> Result<()> {
    let sql = sql!(tx, |dialect| dialect.lock_table("holiday_imports"));
    if !sql.is_empty() {
        on!(tx, c => query(sql).execute(c).await.map(drop))?;
    }
    Ok(())
}

/// Stores these years, in place of those of the same calendar and number. Gives the import's revision.
///
/// # Errors
/// When the database does not answer.
pub async fn import(tx: &mut Tx, years: &[HolidayYear], change: &Change) -> Result<i64> {
    store_years(tx, CalendarOwner::Installation, years, HistoryKept::Yes, change).await
}

/// Whether a change can be taken back by [`undo`], which is the operator's: what an account changes is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum HistoryKept {
    Yes,
    No,
}

async fn store_years(
    tx: &mut Tx,
    owner: CalendarOwner,
    years: &[HolidayYear],
    history: HistoryKept,
    change: &Change,
) -> Result<i64> {
    let revision = begin_change(tx).await?;
    for year in years {
        let key = YearKey { owner, calendar: year.calendar().id().to_owned(), year: year.year().into() };
        let before = put(tx, &key, Some(&year.calendar().to_json()), revision, change).await?;
        if history == HistoryKept::Yes {
            remember(tx, revision, &key, before).await?;
        }
    }
    Ok(revision)
}

/// Takes away what was imported of a calendar: one year of it, or all, with the address that it follows. What comes with the program holds again. Gives
/// the years that were taken away, in order.
///
/// # Errors
/// [`Error::NotFound`] when nothing of that was imported.
pub async fn remove(tx: &mut Tx, calendar: &str, year: Option<i16>, change: &Change) -> Result<Vec<i16>> {
    let removed =
        remove_years(tx, CalendarOwner::Installation, calendar, year, HistoryKept::Yes, change).await?;
    if year.is_none() {
        on!(tx, c => query(sql!("DELETE FROM holiday_feeds WHERE calendar_id = $1 AND level = 'installation'"))
            .bind(calendar).execute(c).await.map(drop))?;
    }
    Ok(removed)
}

async fn remove_years(
    tx: &mut Tx,
    owner: CalendarOwner,
    calendar: &str,
    year: Option<i16>,
    history: HistoryKept,
    change: &Change,
) -> Result<Vec<i16>> {
    let revision = begin_change(tx).await?;
    let years: Vec<i64> = on!(tx, c => query_scalar(sql!(
        "SELECT year FROM holiday_imports WHERE calendar_id = $1 AND NOT removed AND ($2 IS NULL OR year = $2) \
         ORDER BY year"))
        .bind(calendar).bind(year.map(i64::from)).fetch_all(c).await)?;
    if years.is_empty() {
        return Err(Error::NotFound(Kind::HolidayCalendar));
    }
    for &year in &years {
        let key = YearKey { owner, calendar: calendar.to_owned(), year };
        let before = put(tx, &key, None, revision, change).await?;
        if history == HistoryKept::Yes {
            remember(tx, revision, &key, before).await?;
        }
    }
    years.into_iter().map(|year| Ok(i16::try_from(year).map_err(damaged)?)).collect()
}

/// Takes back the last import or removal that was not taken back yet. Gives the calendar and its years, in order. An address that the calendar follows is read
/// again at once, as if it had never been: what it has holds.
///
/// # Errors
/// [`Error::NotFound`] when there is none; [`Error::VersionMismatch`] when a year is not any more what that made of it, for the calendar's address has
/// replaced it.
pub async fn undo(tx: &mut Tx, change: &Change) -> Result<(String, Vec<i16>)> {
    let revision = begin_change(tx).await?;
    let rows: Vec<UndoRow> = on!(tx, c => query_as(sql!(
        "SELECT history.calendar_id, history.year, history.before, made.year, made.document FROM holiday_history AS history \
         LEFT JOIN holiday_versions AS made ON made.calendar_id = history.calendar_id AND made.year = history.year \
             AND made.revision = history.revision \
         WHERE history.revision = (SELECT max(revision) FROM holiday_history) ORDER BY history.year"))
        .fetch_all(c).await)?;
    let calendar = rows.first().ok_or(Error::NotFound(Kind::HolidayCalendar))?.0.clone();
    let mut years = Vec::with_capacity(rows.len());
    for (calendar, year, before, known, made) in rows {
        let key = YearKey { owner: CalendarOwner::Installation, calendar, year };
        let present = put(tx, &key, before.as_deref(), revision, change).await?;
        // What was made long ago is not known any more.
        if known.is_some() && present != made {
            return Err(Error::VersionMismatch(Kind::HolidayCalendar));
        }
        years.push(i16::try_from(year).map_err(damaged)?);
    }
    on!(tx, c => query(sql!(
        "DELETE FROM holiday_history WHERE revision = (SELECT max(revision) FROM holiday_history)"))
        .execute(c).await.map(drop))?;
    feeds::read_again(tx, &HolidayCalendarId::new(&calendar), change.at).await?;
    Ok((calendar, years))
}

/// What a change replaced, and what it made of it if that is known: calendar, year, the document before, the year again, and the document after.
type UndoRow = (String, i64, Option<String>, Option<i64>, Option<String>);

/// A group that follows a calendar.
#[derive(Clone, Debug)]
pub struct FollowingGroup {
    /// Whose group.
    pub account: AccountId,
    /// Which group.
    pub group: DialTimeGroupId,
    /// Its name.
    pub name: String,
}

/// Groups that name a calendar, at most `limit` of them.
///
/// # Errors
/// When the database does not answer.
pub async fn followers(session: &mut dyn Session, calendar: &str, limit: u32) -> Result<Vec<FollowingGroup>> {
    let rows: Vec<(Uuid, i64, String)> = on!(session, c => query_as(sql!(concat!(
        "SELECT account_id, id, name FROM dial_time_groups WHERE ", follows_calendar!(),
        " ORDER BY account_id, id LIMIT $2")))
        .bind(calendar).bind(i64::from(limit)).fetch_all(c).await)?;
    let follower = |(account, group, name)| FollowingGroup {
        account: AccountId::new(account),
        group: DialTimeGroupId::new(group),
        name,
    };
    Ok(rows.into_iter().map(follower).collect())
}

/// Sees to it that the calendars which a group of the account is about to follow stay until this transaction ends: a removal waits, and
/// then finds the group.
///
/// # Errors
/// [`Error::Unknown`], also of a calendar that belongs neither to this account, nor to its user or its partner.
pub(crate) async fn lock_all(tx: &mut Tx, account: AccountId, calendars: &FollowedCalendars) -> Result<()> {
    let mut unknown = Vec::new();
    for (place, calendar) in calendars.all().iter().enumerate() {
        if !lock(tx, account, calendar).await? {
            unknown.push(calendars.field(place));
        }
    }
    if unknown.is_empty() {
        Ok(())
    } else {
        Err(Error::UnknownAt { kind: Kind::HolidayCalendar, fields: unknown })
    }
}

/// Locks a calendar, unless it is built in; says whether there is such a one.
async fn lock(tx: &mut Tx, account: AccountId, calendar: &HolidayCalendarId) -> Result<bool> {
    if HolidayCalendars::built_in().get(calendar.as_str()).is_some() {
        return Ok(true);
    }
    let sql = sql!(tx, |dialect| format!(
        concat!(
            "SELECT year FROM holiday_imports WHERE calendar_id = $1 AND NOT removed AND NOT EXISTS \
                 (SELECT 1 FROM owned_calendars WHERE owned_calendars.calendar_id = $1 AND NOT ",
            open_to_account!(),
            ") LIMIT 1{}"
        ),
        dialect.lock(RowLock::Keep)
    ));
    let year: Option<i64> = on!(tx, c => query_scalar(sql)
        .bind(calendar.as_str()).bind(account.uuid()).fetch_optional(c).await)?;
    Ok(year.is_some())
}

/// A year of a calendar.
struct YearKey {
    owner: CalendarOwner,
    calendar: String,
    year: i64,
}

/// Makes this transaction the only one that changes calendars, and gives its revision: of two changes with one revision,
/// who has seen the one would never look at the other.
async fn begin_change(tx: &mut Tx) -> Result<i64> {
    lock_imports(tx).await?;
    Ok(revision(tx).await? + 1)
}

/// Stores a year's document, or with `None` that it has none. Gives the document that it had.
async fn put(
    tx: &mut Tx,
    key: &YearKey,
    document: Option<&str>,
    revision: i64,
    change: &Change,
) -> Result<Option<String>> {
    let before: Option<YearRow> = on!(tx, c => query_as(sql!(concat!(
        "SELECT ", year_columns!(), " FROM holiday_imports WHERE calendar_id = $1 AND year = $2")))
        .bind(&key.calendar).bind(key.year).fetch_optional(c).await)?;
    on!(tx, c => query(sql!(
        "INSERT INTO holiday_imports (calendar_id, year, document, revision, imported_at, removed) \
         VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (calendar_id, year) DO UPDATE \
         SET document = excluded.document, revision = excluded.revision, imported_at = excluded.imported_at, \
             removed = excluded.removed"))
        .bind(&key.calendar).bind(key.year).bind(document.unwrap_or_default()).bind(revision)
        .bind(micros(change.at)).bind(document.is_none())
        .execute(c).await.map(drop))?;
    on!(tx, c => query(sql!(
        "INSERT INTO holiday_versions (calendar_id, year, revision, document) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (calendar_id, year, revision) DO UPDATE SET document = excluded.document"))
        .bind(&key.calendar).bind(key.year).bind(revision).bind(document)
        .execute(c).await.map(drop))?;
    let before = before.filter(|before| !before.removed);
    record(tx, key, before.as_ref(), document.is_some(), change).await?;
    Ok(before.map(|before| before.document))
}

async fn record(
    tx: &mut Tx,
    key: &YearKey,
    before: Option<&YearRow>,
    stays: bool,
    change: &Change,
) -> Result<()> {
    let action = match (before, stays) {
        (None, true) => Action::Create,
        (Some(_), true) => Action::Update,
        (Some(_), false) => Action::Delete,
        (None, false) => return Ok(()),
    };
    let entry = AuditEntry {
        account: key.owner.account().unwrap_or(audit::NO_ACCOUNT),
        subject: Subject::HolidayYear,
        subject_id: &format!("{} {}", key.calendar, key.year),
        action,
        version: before.map(|before| before.revision),
        before,
    };
    audit::write_of_partner(tx, key.owner.partner(), change, entry).await
}

/// Remembers what a change replaced, and forgets what was changed long ago.
async fn remember(tx: &mut Tx, revision: i64, key: &YearKey, before: Option<String>) -> Result<()> {
    on!(tx, c => query(sql!(
        "INSERT INTO holiday_history (revision, calendar_id, year, before) VALUES ($1, $2, $3, $4)"))
        .bind(revision).bind(&key.calendar).bind(key.year).bind(before)
        .execute(c).await.map(drop))?;
    on!(tx, c => query(sql!(
        "DELETE FROM holiday_history WHERE revision <= $1"))
        .bind(revision - UNDOABLE_HOLIDAY_IMPORTS)
        .execute(c).await.map(drop))?;
    Ok(())
}

/// Publishes to each account whose groups skip the days off of a calendar that it is known for a few more weeks only; each
/// once for the same last day.
///
/// # Errors
/// When the database does not answer.
pub async fn publish_near_horizon(tx: &mut Tx, calendar: &HolidayCalendar, now: Timestamp) -> Result<()> {
    let known_until = calendar.known_until().to_string();
    let mut accounts: Vec<Uuid> = on!(tx, c => query_scalar(sql!(concat!(
        "INSERT INTO horizon_notices (account_id, calendar_id, known_until) \
         SELECT DISTINCT account_id, $1, $2 FROM dial_time_groups WHERE skip_holiday AND ", follows_calendar!(),
        " ON CONFLICT (account_id, calendar_id, known_until) DO NOTHING RETURNING account_id")))
        .bind(calendar.id().to_owned()).bind(&known_until)
        .fetch_all(c).await)?;
    accounts.sort_unstable();
    for account in accounts {
        let event = Event {
            kind: EventKind::HolidaysNearHorizon,
            cause: EventCause::Holiday,
            due_at: now,
            written_at: now,
            group: None,
            task: None,
            detail: Some(EventDetail::Horizon(CalendarHorizon {
                holiday_calendar: calendar.id().to_owned(),
                known_until: known_until.clone(),
            })),
        };
        tx.publish(AccountId::new(account), event);
    }
    Ok(())
}
