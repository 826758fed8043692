//! Resets of many numbers: taken at once, and done step by step in the order of their ids.

use domain::{AccountId, NumberJobId, NumberSelection, TaskId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{LockedList, change, counts, list};
use crate::{
    Error, Kind, Page, Paged, Result, Session, Tx,
    audit::{Action, Change},
    database::{
        DatabaseError,
        convert::{damaged, from_json, json, micros, timestamp},
        dialect::RowLock,
        error,
        lists::{self, Table},
        statement::{query, query_as, query_scalar},
    },
};

/// The table, for the log.
const JOBS: Table = Table { name: "number_jobs", key: &["id"] };

/// A reset of many numbers.
#[derive(Clone, Debug)]
pub struct NumberReset {
    /// Its id.
    pub id: NumberJobId,
    /// Numbers that were reset so far.
    pub reset: i64,
    /// Numbers that were left out, for a node had them, or they were called since it was taken.
    pub left_out: i64,
    /// How many numbers the list had when it was taken, and how many of them were looked at.
    pub looked_at: (i64, i64),
    /// When it was taken.
    pub created_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// What is reset.
#[derive(Serialize, Deserialize)]
struct Request {
    selection: NumberSelection,
    /// The greatest id: numbers that are added later are not reset.
    to: i64,
}

#[derive(Default, Serialize, Deserialize)]
struct Counts {
    reset: i64,
    left_out: i64,
    /// Numbers that were looked at; resets of earlier versions did not count them.
    #[serde(default)]
    looked_at: i64,
}

#[derive(sqlx_macros::FromRow)]
struct ResetRow {
    id: Uuid,
    total: i64,
    counts: String,
    created_at: i64,
    ended_at: Option<i64>,
}

macro_rules! reset_columns {
    () => {
        "id, total, counts, created_at, ended_at"
    };
}

impl TryFrom<ResetRow> for NumberReset {
    type Error = DatabaseError;

    fn try_from(row: ResetRow) -> error::Result<Self> {
        let counts: Counts = from_json(&row.counts)?;
        // Numbers that were deleted meanwhile are looked at by nobody.
        let looked_at = if row.ended_at.is_some() { row.total } else { counts.looked_at.min(row.total) };
        Ok(Self {
            id: NumberJobId::new(row.id),
            reset: counts.reset,
            left_out: counts.left_out,
            looked_at: (row.total, looked_at),
            created_at: timestamp(row.created_at)?,
            ended_at: row.ended_at.map(timestamp).transpose()?,
        })
    }
}

/// Takes a reset, to be done in the background.
///
/// # Errors
/// When the database does not answer.
pub async fn begin_reset(
    tx: &mut Tx,
    list: &LockedList,
    id: NumberJobId,
    selection: NumberSelection,
    change: &Change,
) -> Result<NumberReset> {
    let to = list.next_number - 1;
    let total = counts::of_list(tx, list.id).await?.total();
    let request = json(&Request { selection, to })?;
    let row: ResetRow = on!(tx, c => query_as(sql!(concat!(
        "INSERT INTO number_jobs (id, list_id, kind, request, total, cursor, counts, created_at, updated_at) \
         VALUES ($1, $2, 'reset', $3, $4, '0', $5, $6, $6) RETURNING ", reset_columns!())))
        .bind(id.uuid()).bind(list.id).bind(request).bind(total).bind(json(&Counts::default())?).bind(micros(change.at))
        .fetch_one(c).await)?;
    list.is_not_finished(tx).await?;
    let numbers = usize::try_from(total).unwrap_or(0);
    list.record(tx, Action::Update, numbers, change).await?;
    tx.wake_runner();
    Ok(row.try_into()?)
}

/// The resets of a task's numbers that were done in the background, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list_resets(
    session: &mut dyn Session,
    account: AccountId,
    task: TaskId,
    page: Page,
) -> Result<Paged<NumberReset>> {
    let Some(list) = list::id_of(session, account, task).await? else {
        return Ok(Paged { items: Vec::new(), total: 0 });
    };
    let total: i64 = on!(session, c => query_scalar(sql!(
        "SELECT count(*) FROM number_jobs WHERE list_id = $1 AND kind = 'reset'"))
        .bind(list).fetch_one(c).await)?;
    let items = on!(session, c => query(sql!(concat!(
        "SELECT ", reset_columns!(), " FROM number_jobs WHERE list_id = $1 AND kind = 'reset' \
         ORDER BY created_at DESC, id DESC LIMIT $2 OFFSET $3")))
        .bind(list).bind(page.limit()).bind(page.offset()).fetch_all(c).await
        .map(|rows| lists::readable::<_, ResetRow, _>(JOBS, &rows)))?;
    Ok(Paged { items, total })
}

/// A reset that was done in the background.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get_reset(
    session: &mut dyn Session,
    account: AccountId,
    task: TaskId,
    id: NumberJobId,
) -> Result<NumberReset> {
    let list = list::id_of(session, account, task).await?.ok_or(Error::NotFound(Kind::NumberJob))?;
    let row: Option<ResetRow> = on!(session, c => query_as(sql!(concat!(
        "SELECT ", reset_columns!(), " FROM number_jobs WHERE list_id = $1 AND kind = 'reset' AND id = $2")))
        .bind(list).bind(id.uuid()).fetch_optional(c).await)?;
    Ok(row.ok_or(Error::NotFound(Kind::NumberJob))?.try_into()?)
}

/// Goes on with a reset over the next `most` ids of its list. Says whether there may be more to do. Nodes pass over a reset that another
/// one works at.
///
/// # Errors
/// When the database does not answer.
pub async fn reset_some(tx: &mut Tx, most: u32, now: Timestamp) -> Result<bool> {
    let Some((id, list)) = next_reset(tx).await? else { return Ok(false) };
    // The list before the reset and its numbers: it may be about to be removed.
    let exists = keep_list(tx, list).await?;
    let sql = sql!(tx, |dialect| format!(
        "SELECT request, cursor, counts, created_at FROM number_jobs WHERE id = $1 AND ended_at IS NULL{}",
        dialect.lock(RowLock::ChangeIfFree)
    ));
    let row: Option<(String, String, String, i64)> =
        on!(tx, c => query_as(sql).bind(id).fetch_optional(c).await)?;
    let Some((request, cursor, counts, created_at)) = row else { return Ok(false) };
    let (Request { selection, to }, mut counts) = (from_json(&request)?, from_json::<Counts>(&counts)?);
    let after: i64 = cursor.parse().map_err(damaged)?;
    let reached = after.saturating_add(most.into()).min(to);
    if exists {
        let mut locked = change::lock_between(tx, list, (after, reached), &selection).await?;
        change::leave_out_called(tx, list, &mut locked, timestamp(created_at)?).await?;
        let changed = change::reset_in_list(tx, list, &locked).await?;
        counts.reset += i64::try_from(changed.changed).map_err(damaged)?;
        counts.left_out += i64::try_from(changed.left_out).map_err(damaged)?;
        counts.looked_at += count_between(tx, list, (after, reached)).await?;
    }
    let ended_at = (!exists || reached >= to).then(|| micros(now));
    on!(tx, c => query(sql!(
        "UPDATE number_jobs SET cursor = $2, counts = $3, updated_at = $4, ended_at = $5 WHERE id = $1"))
        .bind(id).bind(reached.to_string()).bind(json(&counts)?).bind(micros(now)).bind(ended_at)
        .execute(c).await.map(drop))?;
    Ok(true)
}

/// How many numbers a list has whose ids are greater than `after` and at most `to`.
async fn count_between(tx: &mut Tx, list: i64, (after, to): (i64, i64)) -> Result<i64> {
    Ok(on!(tx, c => query_scalar(sql!(
        "SELECT count(*) FROM numbers WHERE list_id = $1 AND id > $2 AND id <= $3"))
        .bind(list).bind(after).bind(to).fetch_one(c).await)?)
}

/// Whether there is a reset that is not done.
///
/// # Errors
/// When the database does not answer.
pub async fn is_any_reset_running(session: &mut dyn Session) -> Result<bool> {
    let found: Option<Uuid> = on!(session, c => query_scalar(sql!(
        "SELECT id FROM number_jobs WHERE kind = 'reset' AND ended_at IS NULL LIMIT 1")).fetch_optional(c).await)?;
    Ok(found.is_some())
}

/// The reset that waited longest for its next step, and its list.
async fn next_reset(tx: &mut Tx) -> Result<Option<(Uuid, i64)>> {
    Ok(on!(tx, c => query_as(sql!(
        "SELECT id, list_id FROM number_jobs WHERE kind = 'reset' AND ended_at IS NULL ORDER BY updated_at LIMIT 1"))
        .fetch_optional(c).await)?)
}

/// Keeps a list as it is; says whether its task is still there.
pub(super) async fn keep_list(tx: &mut Tx, list: i64) -> Result<bool> {
    let sql = sql!(tx, |dialect| format!(
        "SELECT id FROM number_lists WHERE id = $1 AND deleted_at IS NULL{}",
        dialect.lock(RowLock::Keep)
    ));
    let found: Option<i64> = on!(tx, c => query_scalar(sql).bind(list).fetch_optional(c).await)?;
    Ok(found.is_some())
}
