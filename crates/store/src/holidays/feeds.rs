//! The addresses that calendars of partners and accounts follow. Whoever reads one claims it: for as long as that lasts nobody else finds it due, and what came of it
//! is written down only if nobody claimed it or set another address since.

use domain::{
    AccountId, CalendarFeed, CalendarOwner, Event, EventCause, EventDetail, EventKind, FeedEntry,
    FeedFailing, FeedFailure, FeedOutcome, FeedSnapshot, FeedState, FeedVersion, HolidayCalendarId, HttpUrl,
    UnclearAs,
};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use uuid::Uuid;

use super::{HistoryKept, owned, row::follows_calendar, store_years};
use crate::{
    Error, Kind, Result, Session, Tx,
    audit::{self, Action, Actor, AuditEntry, Change, Subject},
    database::{
        DatabaseError,
        convert::{damaged, from_json, from_word, json, micros, timestamp, word},
        dialect::RowLock,
        lists::{self, Table},
        statement::{query, query_as, query_scalar},
    },
    error::on_foreign_key,
};

/// The table, for the log.
const FEEDS: Table = Table { name: "holiday_feeds", key: &["calendar_id"] };

/// The columns of [`FeedRow`].
macro_rules! feed_columns {
    () => {
        "calendar_id, level, subject, url, unclear, turn, read_at, changed_at, etag, last_modified, digest, kept_days, \
         not_understood, only_repeated, failing_since, failed_at, fault, fault_detail, published"
    };
}

/// A feed, as it is stored.
#[derive(sqlx_macros::FromRow)]
struct FeedRow {
    calendar_id: String,
    level: String,
    subject: Uuid,
    url: String,
    unclear: Option<String>,
    turn: i64,
    read_at: Option<i64>,
    changed_at: Option<i64>,
    etag: Option<String>,
    last_modified: Option<String>,
    digest: Option<Vec<u8>>,
    kept_days: i64,
    not_understood: String,
    only_repeated: String,
    failing_since: Option<i64>,
    failed_at: Option<i64>,
    fault: Option<String>,
    fault_detail: Option<String>,
    published: bool,
}

/// The before-image in the audit: what a person chose.
#[derive(Serialize, sqlx_macros::FromRow)]
struct ChosenFeed {
    url: String,
    unclear: Option<String>,
}

/// A feed that is claimed, or was: whoever holds it may write down what came of reading it if that is still wanted.
#[derive(Clone, Debug)]
pub struct ClaimedFeed {
    /// What is to be read.
    pub feed: CalendarFeed,
    turn: i64,
}

/// The feed of a claim that still holds, with its row locked.
#[derive(Debug)]
pub struct LockedFeed {
    calendar: HolidayCalendarId,
    owner: CalendarOwner,
}

impl TryFrom<FeedRow> for ClaimedFeed {
    type Error = DatabaseError;

    fn try_from(row: FeedRow) -> std::result::Result<Self, DatabaseError> {
        let turn = row.turn;
        Ok(Self { turn, feed: row.try_into()? })
    }
}

impl TryFrom<FeedRow> for CalendarFeed {
    type Error = DatabaseError;

    fn try_from(row: FeedRow) -> std::result::Result<Self, DatabaseError> {
        let instant = |micros: Option<i64>| micros.map(timestamp).transpose();
        let not_understood: Vec<FeedEntry> = from_json(&row.not_understood)?;
        let failing = match (instant(row.failing_since)?, instant(row.failed_at)?, row.fault) {
            (Some(since), Some(at), Some(fault)) => {
                let failure = FeedFailure {
                    fault: from_word(&fault)?,
                    detail: row.fault_detail.unwrap_or_default(),
                    not_understood: not_understood.clone(),
                };
                Some(FeedFailing { since, at, failure, published: row.published })
            }
            _ => None,
        };
        let digest = row.digest.map(TryInto::try_into).transpose();
        let digest = digest.map_err(|_| damaged("a digest of another length"))?;
        let state = FeedState {
            read_at: instant(row.read_at)?,
            changed_at: instant(row.changed_at)?,
            version: FeedVersion { etag: row.etag, last_modified: row.last_modified, digest },
            kept_days: row.kept_days.try_into().map_err(damaged)?,
            not_understood,
            only_repeated: from_json(&row.only_repeated)?,
            failing,
        };
        Ok(Self {
            calendar: HolidayCalendarId::new(row.calendar_id),
            owner: CalendarOwner::parse(&row.level, row.subject).ok_or_else(|| damaged("another level"))?,
            url: HttpUrl::parse(&row.url).map_err(|rule| damaged(format!("address: {rule:?}")))?,
            unclear: row.unclear.as_deref().map(from_word).transpose()?,
            state,
        })
    }
}

/// The feeds of calendars of an owner's own.
///
/// # Errors
/// When the database does not answer.
pub async fn of_owner(session: &mut dyn Session, owner: CalendarOwner) -> Result<Vec<CalendarFeed>> {
    Ok(on!(session, c => query(sql!(concat!(
        "SELECT ", feed_columns!(), " FROM holiday_feeds WHERE level = $1 AND subject = $2 ORDER BY calendar_id")))
        .bind(owner.level().code()).bind(owner.id())
        .fetch_all(c).await.map(|rows| lists::readable::<_, FeedRow, _>(FEEDS, &rows)))?)
}

/// Has a calendar of the owner follow an address, in place of the one that it follows. It is read at once. Where it is the same, what was read of it stays
/// known: a file that has not changed does not undo what was changed by hand.
///
/// # Errors
/// [`Error::NotFound`] when the calendar is none of the owner's own.
pub async fn follow(
    tx: &mut Tx,
    owner: CalendarOwner,
    id: &HolidayCalendarId,
    url: &HttpUrl,
    unclear: Option<UnclearAs>,
    change: &Change,
) -> Result<()> {
    owned::own(tx, owner, id).await?;
    let before = chosen(tx, id).await?;
    let unclear = unclear.map(word).transpose()?;
    if before.as_ref().is_some_and(|before| before.url == url.as_str() && before.unclear == unclear) {
        on!(tx, c => query(sql!("UPDATE holiday_feeds SET turn = turn + 1, due_at = $2 WHERE calendar_id = $1"))
            .bind(id.as_str()).bind(micros(change.at)).execute(c).await.map(drop))?;
        return Ok(());
    }
    on!(tx, c => query(sql!(
        "INSERT INTO holiday_feeds (calendar_id, level, subject, url, unclear, turn, due_at, kept_days, published) \
         VALUES ($1, $2, $3, $4, $5, 1, $6, 0, false) \
         ON CONFLICT (calendar_id) DO UPDATE \
         SET url = excluded.url, unclear = excluded.unclear, turn = holiday_feeds.turn + 1, due_at = excluded.due_at, \
             read_at = NULL, changed_at = NULL, etag = NULL, last_modified = NULL, digest = NULL, kept_days = 0, not_understood = '[]', only_repeated = '[]', \
             failing_since = NULL, failed_at = NULL, fault = NULL, fault_detail = NULL, published = false"))
        .bind(id.as_str()).bind(owner.level().code()).bind(owner.id()).bind(url.as_str()).bind(unclear).bind(micros(change.at))
        .execute(c).await.map(drop))
    .map_err(on_foreign_key(Error::NotFound(Kind::HolidayCalendar)))?;
    let action = if before.is_some() { Action::Update } else { Action::Create };
    record(tx, owner, id, action, before.as_ref(), change).await
}

/// Has a calendar of the owner follow no address any more. Its days stay.
///
/// # Errors
/// [`Error::NotFound`] when the calendar is none of the owner's own, or follows none.
pub async fn unfollow(
    tx: &mut Tx,
    owner: CalendarOwner,
    id: &HolidayCalendarId,
    change: &Change,
) -> Result<()> {
    owned::own(tx, owner, id).await?;
    let before = chosen(tx, id).await?.ok_or(Error::NotFound(Kind::HolidayCalendar))?;
    on!(tx, c => query(sql!("DELETE FROM holiday_feeds WHERE calendar_id = $1"))
        .bind(id.as_str()).execute(c).await.map(drop))?;
    record(tx, owner, id, Action::Delete, Some(&before), change).await
}

/// Has the address of a calendar, if it follows one, read anew: whatever is being read of it counts for nothing, and what was read last is forgotten.
pub(super) async fn read_again(tx: &mut Tx, id: &HolidayCalendarId, at: Timestamp) -> Result<()> {
    on!(tx, c => query(sql!(
        "UPDATE holiday_feeds SET turn = turn + 1, due_at = $2, etag = NULL, last_modified = NULL, digest = NULL \
         WHERE calendar_id = $1"))
        .bind(id.as_str()).bind(micros(at)).execute(c).await.map(drop))?;
    Ok(())
}

async fn chosen(tx: &mut Tx, id: &HolidayCalendarId) -> Result<Option<ChosenFeed>> {
    let sql = sql!(tx, |dialect| format!(
        "SELECT url, unclear FROM holiday_feeds WHERE calendar_id = $1{}",
        dialect.lock(RowLock::Delete)
    ));
    Ok(on!(tx, c => query_as(sql).bind(id.as_str()).fetch_optional(c).await)?)
}

async fn record(
    tx: &mut Tx,
    owner: CalendarOwner,
    id: &HolidayCalendarId,
    action: Action,
    before: Option<&ChosenFeed>,
    change: &Change,
) -> Result<()> {
    let (subject, account) = (Subject::CalendarFeed, owner.account().unwrap_or(audit::NO_ACCOUNT));
    let entry = AuditEntry { account, subject, subject_id: &id.as_str(), action, version: None, before };
    audit::write_of_partner(tx, owner.partner(), change, entry).await
}

/// Claims feeds that are due and that nobody else has, at most `limit`, for so long.
///
/// # Errors
/// When the database does not answer.
pub async fn claim(
    tx: &mut Tx,
    now: Timestamp,
    lease: SignedDuration,
    limit: u32,
) -> Result<Vec<ClaimedFeed>> {
    let sql = sql!(tx, |dialect| format!(
        concat!(
            "UPDATE holiday_feeds SET turn = turn + 1, due_at = $2 WHERE calendar_id IN \
                 (SELECT calendar_id FROM holiday_feeds WHERE due_at <= $1 ORDER BY due_at, calendar_id LIMIT $3{}) \
             RETURNING ",
            feed_columns!()
        ),
        dialect.lock(RowLock::ChangeIfFree)
    ));
    let until = now.saturating_add(lease).unwrap_or(now);
    Ok(on!(tx, c => query(sql).bind(micros(now)).bind(micros(until)).bind(i64::from(limit))
        .fetch_all(c).await.map(|rows| lists::readable::<_, FeedRow, _>(FEEDS, &rows)))?)
}

/// Whether any feed is due.
///
/// # Errors
/// When the database does not answer.
pub async fn is_any_due(session: &mut dyn Session, now: Timestamp) -> Result<bool> {
    let due: Option<i64> = on!(session, c =>
        query_scalar(sql!("SELECT turn FROM holiday_feeds WHERE due_at <= $1 LIMIT 1"))
            .bind(micros(now)).fetch_optional(c).await)?;
    Ok(due.is_some())
}

/// Locks the feed of a claim; `None` when it is not wanted any more: somebody else has claimed it, or set or taken away its address.
///
/// # Errors
/// When the database does not answer.
pub async fn lock(tx: &mut Tx, claimed: &ClaimedFeed) -> Result<Option<LockedFeed>> {
    let sql = sql!(tx, |dialect| format!(
        "SELECT turn FROM holiday_feeds WHERE calendar_id = $1 AND turn = $2{}",
        dialect.lock(RowLock::Change)
    ));
    let CalendarFeed { calendar, owner, .. } = &claimed.feed;
    let held: Option<i64> = on!(tx, c => query_scalar(sql)
        .bind(calendar.as_str()).bind(claimed.turn).fetch_optional(c).await)?;
    Ok(held.map(|_| LockedFeed { calendar: calendar.clone(), owner: *owner }))
}

/// Stores years that a feed gave, in place of those of the same number.
///
/// # Errors
/// When the database does not answer.
pub async fn import(
    tx: &mut Tx,
    feed: &LockedFeed,
    years: &[calendar::HolidayYear],
    now: Timestamp,
) -> Result<()> {
    let change = Change { actor: Actor::CalendarFeed, at: now };
    store_years(tx, feed.owner, years, HistoryKept::No, &change).await.map(drop)
}

/// Writes down how a feed fares, and when it is to be read next.
///
/// # Errors
/// When the database does not answer.
pub async fn save(tx: &mut Tx, feed: &LockedFeed, state: &FeedState, due_at: Timestamp) -> Result<()> {
    let failing = state.failing.as_ref();
    let fault = failing.map(|failing| word(failing.failure.fault)).transpose()?;
    on!(tx, c => query(sql!(
        "UPDATE holiday_feeds SET due_at = $2, read_at = $3, changed_at = $4, etag = $5, last_modified = $6, digest = $7, \
             kept_days = $8, failing_since = $9, failed_at = $10, fault = $11, fault_detail = $12, published = $13, not_understood = $14, only_repeated = $15 \
         WHERE calendar_id = $1"))
        .bind(feed.calendar.as_str()).bind(micros(due_at)).bind(state.read_at.map(micros))
        .bind(state.changed_at.map(micros)).bind(&state.version.etag).bind(&state.version.last_modified)
        .bind(state.version.digest.map(Vec::from)).bind(i64::from(state.kept_days))
        .bind(failing.map(|failing| micros(failing.since))).bind(failing.map(|failing| micros(failing.at)))
        .bind(fault).bind(failing.map(|failing| failing.failure.detail.clone()))
        .bind(failing.is_some_and(|failing| failing.published)).bind(json(&state.not_understood)?).bind(json(&state.only_repeated)?)
        .execute(c).await.map(drop))?;
    Ok(())
}

/// Publishes what has become of a feed to the account that owns it, and to the accounts whose groups follow its calendar.
///
/// # Errors
/// When the database does not answer.
pub async fn publish(tx: &mut Tx, feed: &LockedFeed, outcome: &FeedOutcome, now: Timestamp) -> Result<()> {
    let mut accounts: Vec<Uuid> = on!(tx, c => query_scalar(sql!(concat!(
        "SELECT DISTINCT account_id FROM dial_time_groups WHERE ", follows_calendar!())))
        .bind(feed.calendar.as_str()).fetch_all(c).await)?;
    accounts.extend(feed.owner.account().map(AccountId::uuid));
    accounts.sort_unstable();
    accounts.dedup();
    let kind = match outcome {
        FeedOutcome::Changed { .. } => EventKind::HolidaysFeedChanged,
        FeedOutcome::Failing { .. } => EventKind::HolidaysFeedFailing,
    };
    for account in accounts {
        let event = Event {
            kind,
            cause: EventCause::Holiday,
            due_at: now,
            written_at: now,
            group: None,
            task: None,
            detail: Some(EventDetail::Feed(FeedSnapshot {
                holiday_calendar: feed.calendar.as_str().to_owned(),
                feed: outcome.clone(),
            })),
        };
        tx.publish(AccountId::new(account), event);
    }
    Ok(())
}
