//! What is still to be published of stops and their ends: a queue, worked off from its front. Each entry goes over the accounts that it
//! covers in steps, and each step is a transaction, so that an installation of any size is stopped at once, and its events come in bounded pieces.

use domain::{
    AccountId, CeilingSnapshot, ClosureSnapshot, Event, EventCause, EventDetail, EventKind, StopLevel,
    StopSnapshot, StopTarget,
};
use jiff::Timestamp;
use uuid::Uuid;

use super::row::subject;
use crate::{
    Result, Session, Tx,
    database::{
        self,
        convert::{damaged, from_json, json, micros, nearest_timestamp},
        dialect::RowLock,
        lists::{self, Table},
        statement::{query, query_as, query_scalar},
    },
};

/// The table, for the log.
const PUBLICATIONS: Table = Table { name: "stop_publications", key: &["id"] };

/// The front of the queue, locked.
#[derive(Debug)]
pub(crate) struct StopPublication {
    id: i64,
    /// Whom it covers.
    pub(crate) level: StopLevel,
    pub(crate) subject: Uuid,
    /// When it was stopped or resumed.
    pub(crate) at: Timestamp,
    /// Up to which account it was published.
    pub(crate) published_to: Uuid,
    /// The event for each account, if there is one.
    announced: Option<(EventKind, EventDetail)>,
}

impl StopPublication {
    /// Whether it is of what schedules are compiled with, a planned closure or a ceiling, of which no mark on accounts tells.
    pub(crate) fn is_of_schedules(&self) -> bool {
        matches!(self.announced, Some((_, EventDetail::Closure(_) | EventDetail::Ceiling(_))))
    }

    /// Whether it is of a ceiling.
    pub(crate) fn is_of_ceiling(&self) -> bool {
        matches!(self.announced, Some((_, EventDetail::Ceiling(_))))
    }

    /// The event for each account.
    pub(crate) fn event(&self, due_at: Timestamp, written_at: Timestamp) -> Option<Event> {
        let (kind, detail) = self.announced.as_ref()?;
        Some(Event {
            kind: *kind,
            cause: match detail {
                EventDetail::Closure(_) => EventCause::Closure,
                EventDetail::Ceiling(_) => EventCause::Ceiling,
                _ => EventCause::Stopped,
            },
            due_at,
            written_at,
            group: None,
            task: None,
            detail: Some(detail.clone()),
        })
    }
}

/// Has it published to all accounts that it covers that something was stopped, or resumed.
pub(crate) async fn add(
    tx: &mut Tx,
    kind: EventKind,
    target: StopTarget,
    snapshot: &StopSnapshot,
    at: Timestamp,
) -> Result<()> {
    insert(tx, (target.level(), subject(target)), Some((kind, json(snapshot)?)), at).await
}

/// Has it published to all accounts that it covers that a closure was planned, or revoked, and their groups evaluated.
pub(crate) async fn add_closure(
    tx: &mut Tx,
    kind: EventKind,
    target: StopTarget,
    snapshot: &ClosureSnapshot,
    at: Timestamp,
) -> Result<()> {
    insert(tx, (target.level(), subject(target)), Some((kind, json(snapshot)?)), at).await
}

/// Has it published to all accounts that it covers that a ceiling was set, edited or removed, and their groups evaluated.
pub(crate) async fn add_ceiling(
    tx: &mut Tx,
    target: StopTarget,
    snapshot: &CeilingSnapshot,
    at: Timestamp,
) -> Result<()> {
    let announced = Some((EventKind::CeilingChanged, json(snapshot)?));
    insert(tx, (target.level(), subject(target)), announced, at).await
}

/// Has it looked at again whether an account is stopped that is made now: a stop that is made meanwhile does not see it yet.
pub(crate) async fn add_check(tx: &mut Tx, account: AccountId, at: Timestamp) -> Result<()> {
    insert(tx, (StopLevel::Account, account.uuid()), None, at).await
}

async fn insert(
    tx: &mut Tx,
    (level, subject): (StopLevel, Uuid),
    announced: Option<(EventKind, String)>,
    at: Timestamp,
) -> Result<()> {
    let (kind, detail) = announced.map(|(kind, detail)| (kind.code(), detail)).unzip();
    on!(tx, c => query(sql!(
        "INSERT INTO stop_publications (level, subject, kind, detail, at, published_to) VALUES ($1, $2, $3, $4, $5, $6)"))
        .bind(level.code()).bind(subject).bind(kind).bind(detail)
        .bind(micros(at)).bind(Uuid::nil())
        .execute(c).await.map(drop))?;
    tx.wake_runner();
    Ok(())
}

#[derive(sqlx_macros::FromRow)]
struct PublicationRow {
    id: i64,
    level: String,
    subject: Uuid,
    kind: Option<String>,
    detail: Option<String>,
    at: i64,
    published_to: Uuid,
}

/// Locks the front of the queue; `None` when there is nothing, or someone else has it. What follows must wait for it: an account's
/// log has things in the order in which they were done.
pub(crate) async fn lock_first(tx: &mut Tx) -> Result<Option<StopPublication>> {
    let sql = sql!(tx, |dialect| format!(
        "SELECT id, level, subject, kind, detail, at, published_to FROM stop_publications \
         WHERE id = (SELECT min(id) FROM stop_publications){}",
        dialect.lock(RowLock::ChangeIfFree)
    ));
    let row: Option<PublicationRow> = on!(tx, c => query_as(sql).fetch_optional(c).await)?;
    Ok(row.map(PublicationRow::publication))
}

impl PublicationRow {
    /// What is damaged holds up nothing: whoever it may cover is looked at, and what cannot be read is not announced.
    fn publication(self) -> StopPublication {
        let level = StopLevel::from_code(&self.level);
        let announced = self.announced().unwrap_or_else(|error| {
            lists::left_out(PUBLICATIONS, &format!("id {}", self.id), &error);
            None
        });
        StopPublication {
            id: self.id,
            level: level.unwrap_or(StopLevel::Installation),
            subject: self.subject,
            at: nearest_timestamp(self.at),
            published_to: self.published_to,
            announced: announced.filter(|_| level.is_some()),
        }
    }

    fn announced(&self) -> database::error::Result<Option<(EventKind, EventDetail)>> {
        let (Some(kind), Some(detail)) = (self.kind.as_deref(), self.detail.as_deref()) else {
            return Ok(None);
        };
        let kind = EventKind::from_code(kind).ok_or_else(|| damaged(format!("event {kind}")))?;
        let detail = match kind {
            EventKind::ClosurePlanned | EventKind::ClosureRevoked => EventDetail::Closure(from_json(detail)?),
            EventKind::CeilingChanged => EventDetail::Ceiling(from_json(detail)?),
            _ => EventDetail::Stop(from_json(detail)?),
        };
        Ok(Some((kind, detail)))
    }
}

/// Whether there is anything still to be published.
pub(crate) async fn is_any(session: &mut dyn Session) -> Result<bool> {
    Ok(on!(session, c =>
        query_scalar(sql!("SELECT EXISTS (SELECT 1 FROM stop_publications)")).fetch_one(c).await)?)
}

/// Takes note that the front was published up to an account; `None`: to all.
pub(crate) async fn advance(tx: &mut Tx, publication: &StopPublication, to: Option<AccountId>) -> Result<()> {
    match to {
        Some(account) => on!(tx, c =>
            query(sql!("UPDATE stop_publications SET published_to = $2 WHERE id = $1"))
                .bind(publication.id).bind(account.uuid()).execute(c).await.map(drop))?,
        None => on!(tx, c => query(sql!("DELETE FROM stop_publications WHERE id = $1"))
            .bind(publication.id).execute(c).await.map(drop))?,
    }
    Ok(())
}
