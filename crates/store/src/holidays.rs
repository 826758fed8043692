//! Holiday calendars: the years that were imported, laid over those that come with the program.

use calendar::{HolidayCalendar, HolidayYear};
use domain::{AccountId, Event, EventCause, EventKind, HolidayCalendars};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use crate::{
    Result, Session, Tx,
    audit::{self, Action, Change, Subject},
    connection::dialect,
    convert::{damaged, micros},
    events,
};

/// Holiday calendars are every account's; the audit files their changes under the account that cannot be.
pub const NO_ACCOUNT: AccountId = AccountId::new(Uuid::nil());

/// The newest import's number, 0 when there was none: what was made of the calendars of another one is out of date.
///
/// # Errors
/// When the database does not answer.
pub async fn revision(session: &mut impl Session) -> Result<i64> {
    let sql = "SELECT CAST(coalesce(max(revision), 0) AS BIGINT) FROM holiday_imports";
    Ok(on!(session, c => sqlx::query_scalar(sql).fetch_one(c).await)?)
}

/// All holiday calendars as they are now.
///
/// # Errors
/// When the database does not answer, or holds what no import wrote.
pub async fn load(session: &mut impl Session) -> Result<HolidayCalendars> {
    let rows: Vec<YearRow> = on!(session, c => sqlx::query_as(
        "SELECT calendar_id, year, document, revision, imported_at FROM holiday_imports ORDER BY calendar_id, year")
        .fetch_all(c).await)?;
    let revision = rows.iter().map(|row| row.revision).max().unwrap_or(0);
    let years = rows.iter().map(year).collect::<Result<Vec<_>>>()?;
    Ok(HolidayCalendars::with_imports(&years, revision))
}

fn year(row: &YearRow) -> Result<HolidayYear> {
    let number = i16::try_from(row.year).map_err(damaged)?;
    HolidayYear::from_json(number, &row.document).map_err(damaged)
}

/// Keeps these years, in place of those of the same calendar and number. Gives the import's revision.
///
/// # Errors
/// When the database does not answer.
pub async fn import(tx: &mut Tx, years: &[HolidayYear], change: &Change) -> Result<i64> {
    // Two imports at once must not get one number: who has seen the one would never look at the other.
    for &sql in dialect(tx).hold_holiday_imports() {
        on!(tx, c => sqlx::query(sql).execute(c).await.map(drop))?;
    }
    let next = revision(tx).await? + 1;
    for year in years {
        replace(tx, year, next, change).await?;
    }
    Ok(next)
}

async fn replace(tx: &mut Tx, year: &HolidayYear, revision: i64, change: &Change) -> Result<()> {
    let (id, number) = (year.calendar().id(), i64::from(year.year()));
    let before: Option<YearRow> = on!(tx, c => sqlx::query_as(
        "SELECT calendar_id, year, document, revision, imported_at FROM holiday_imports \
         WHERE calendar_id = $1 AND year = $2")
        .bind(id).bind(number).fetch_optional(c).await)?;
    on!(tx, c => sqlx::query(
        "INSERT INTO holiday_imports (calendar_id, year, document, revision, imported_at) \
         VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (calendar_id, year) DO UPDATE \
         SET document = excluded.document, revision = excluded.revision, imported_at = excluded.imported_at")
        .bind(id).bind(number).bind(year.calendar().to_json()).bind(revision).bind(micros(change.at))
        .execute(c).await.map(drop))?;
    let entry = audit::Entry {
        account: NO_ACCOUNT,
        subject: Subject::HolidayYear,
        subject_id: &format!("{id} {number}"),
        action: if before.is_some() { Action::Update } else { Action::Create },
        version: before.as_ref().map(|before| before.revision),
        before: before.as_ref(),
    };
    audit::write(tx, change, entry).await
}

/// Tells each account whose groups skip the days off of a calendar that it is known for a few more weeks only; each
/// once for the same last day.
///
/// # Errors
/// When the database does not answer.
pub async fn tell_near_horizon(tx: &mut Tx, calendar: &HolidayCalendar, now: Timestamp) -> Result<()> {
    let known_until = calendar.known_until().to_string();
    let mut accounts: Vec<Uuid> = on!(tx, c => sqlx::query_scalar(
        "INSERT INTO horizon_notices (account_id, calendar_id, known_until) \
         SELECT DISTINCT account_id, $1, $2 FROM dial_time_groups WHERE skip_holiday AND holiday_calendar = $1 \
         ON CONFLICT (account_id, calendar_id, known_until) DO NOTHING RETURNING account_id")
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
            detail: Some(json!({ "holiday_calendar": calendar.id(), "known_until": known_until })),
        };
        events::tell(tx, AccountId::new(account), event);
    }
    Ok(())
}

#[derive(Debug, Serialize, sqlx::FromRow)]
struct YearRow {
    calendar_id: String,
    year: i64,
    document: String,
    revision: i64,
    imported_at: i64,
}
