//! Numbers that are deleted and reset: locked first, for a node may be about to call them.

use std::collections::BTreeSet;

use domain::{NumberKey, NumberSelection, NumberState, NumberStatus};
use jiff::{SignedDuration, Timestamp};

use super::{
    LockedList,
    counts::CountChanges,
    row::{named_keys, named_numbers, stored_state, stored_status},
};
use crate::{
    Result, Tx,
    audit::{Action, Change},
    database::{
        convert::{json, micros},
        dialect::{Column, Dialect, RowLock},
        statement::{query, query_as, query_scalar},
    },
};

/// Numbers whose rows this transaction has locked. Only a read that locks makes them, and writes over the rows take them.
#[derive(Debug, Default)]
pub struct LockedNumbers(Vec<LockedNumber>);

#[derive(Debug)]
struct LockedNumber {
    id: i64,
    status: NumberStatus,
    state: NumberState,
    /// Whether it may be changed: no node has it, and nothing else keeps it as it is.
    is_free: bool,
}

/// Longer than any call: what was dialed before is over.
const LONGER_THAN_CALLS: SignedDuration = SignedDuration::from_hours(24);

/// How many numbers were changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// These were.
    pub changed: usize,
    /// These were left out: a node has them, to call them, or is calling them; or they were called meanwhile.
    pub left_out: usize,
}

impl LockedNumbers {
    /// How many they are.
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn of(rows: Vec<(i64, i64, i64)>) -> Result<Self> {
        let mut numbers = Vec::with_capacity(rows.len());
        for (id, status, state) in rows {
            let (status, state) = (stored_status(status)?, stored_state(state)?);
            numbers.push(LockedNumber { id, status, state, is_free: !state.is_taken() });
        }
        Ok(Self(numbers))
    }

    /// Those that may be changed, as a JSON array of their ids, with what becomes of the counts of their list when they go.
    fn free(&self, list: i64) -> Result<(String, CountChanges, Changed)> {
        let mut counts = CountChanges::default();
        let free: Vec<i64> = self
            .0
            .iter()
            .filter(|number| number.is_free)
            .inspect(|number| counts.add(list, (number.status, number.state), -1))
            .map(|number| number.id)
            .collect();
        let changed = Changed { changed: free.len(), left_out: self.0.len() - free.len() };
        Ok((json(&free)?, counts, changed))
    }
}

/// What else a selection asks for than a status: its instants are `$3` and `$4`, its keyword `$5`.
fn selected(dialect: Dialect) -> String {
    let keyword = dialect.contains("phone", "$5");
    format!(
        "list_id = $1 AND ($3 IS NULL OR created_at >= $3) AND ($4 IS NULL OR created_at < $4) AND ($5 IS NULL OR {keyword})"
    )
}

/// The numbers that have one of the statuses `$2`, looked up in the index by status: SQLite would rather read the whole list.
fn with_status(dialect: Dialect) -> String {
    format!(
        "id IN (SELECT found.id FROM {} AS wanted CROSS JOIN numbers AS found \
                WHERE found.list_id = $1 AND found.status = wanted.status)",
        dialect.rows("$2", &[("status", Column::Integer)])
    )
}

/// Binds what a selection asks for.
macro_rules! selection_bound {
    ($query:expr, $list:expr, $statuses:expr, $selection:expr) => {
        $query
            .bind($list)
            .bind(json(&$statuses)?)
            .bind($selection.from.map(micros))
            .bind($selection.until.map(micros))
            .bind($selection.keyword.as_deref())
    };
}

/// The statuses of a selection; all of them where none is named.
fn statuses(selection: &NumberSelection) -> &[NumberStatus] {
    if selection.statuses.is_empty() { &NumberStatus::ALL } else { &selection.statuses }
}

/// Locks those of a selection's numbers that these keys name.
///
/// # Errors
/// When the database does not answer.
pub async fn lock_named(
    tx: &mut Tx,
    list: &LockedList,
    keys: &[NumberKey],
    selection: &NumberSelection,
) -> Result<LockedNumbers> {
    let sql = sql!(tx, |dialect| format!(
        "SELECT id, status, state FROM {} AND {} AND {} ORDER BY id{}",
        named_numbers(dialect, "$6"),
        selected(dialect),
        dialect.among("status", "$2"),
        dialect.lock(RowLock::Change)
    ));
    let rows = on!(tx, c => selection_bound!(query_as(sql), list.id, statuses(selection), selection)
        .bind(named_keys(keys)?).fetch_all(c).await)?;
    LockedNumbers::of(rows)
}

/// What a selection asks for as to the status, which `$2` has; without any status the whole list is read.
fn status_condition(dialect: Dialect, by_status: bool) -> String {
    if by_status { with_status(dialect) } else { "$2 IS NOT NULL".to_owned() }
}

/// The statuses of a selection as [`with_status`] takes them.
fn status_rows(selection: &NumberSelection) -> Vec<[NumberStatus; 1]> {
    selection.statuses.iter().map(|status| [*status]).collect()
}

/// How many numbers of a list a selection has, counted no further than `most`. All that have one of its statuses are looked at; without
/// any, the list is read from its beginning.
///
/// # Errors
/// When the database does not answer.
pub async fn count_selected(
    tx: &mut Tx,
    list: &LockedList,
    selection: &NumberSelection,
    most: i64,
) -> Result<i64> {
    let by_status = !selection.statuses.is_empty();
    let sql = sql!(tx, by_status: bool = [false, true], |dialect| format!(
        "SELECT count(*) FROM (SELECT 1 FROM numbers WHERE {} AND {} LIMIT $6) AS found",
        selected(dialect),
        status_condition(dialect, by_status)
    ));
    Ok(on!(tx, c => selection_bound!(query_scalar(sql), list.id, status_rows(selection), selection)
        .bind(most).fetch_one(c).await)?)
}

/// Locks all numbers of a selection.
///
/// # Errors
/// When the database does not answer.
pub async fn lock_selected(
    tx: &mut Tx,
    list: &LockedList,
    selection: &NumberSelection,
) -> Result<LockedNumbers> {
    let by_status = !selection.statuses.is_empty();
    let sql = sql!(tx, by_status: bool = [false, true], |dialect| format!(
        "SELECT id, status, state FROM numbers WHERE {} AND {} ORDER BY id{}",
        selected(dialect),
        status_condition(dialect, by_status),
        dialect.lock(RowLock::Change)
    ));
    let rows = on!(tx, c => selection_bound!(query_as(sql), list.id, status_rows(selection), selection)
        .fetch_all(c).await)?;
    LockedNumbers::of(rows)
}

/// Locks those numbers of a selection whose ids are greater than `after` and at most `to`.
pub(super) async fn lock_between(
    tx: &mut Tx,
    list: i64,
    (after, to): (i64, i64),
    selection: &NumberSelection,
) -> Result<LockedNumbers> {
    let sql = sql!(tx, |dialect| format!(
        "SELECT id, status, state FROM numbers WHERE {} AND {} AND id > $6 AND id <= $7 ORDER BY id{}",
        selected(dialect),
        dialect.among("status", "$2"),
        dialect.lock(RowLock::Change)
    ));
    let rows = on!(tx, c => selection_bound!(query_as(sql), list, statuses(selection), selection)
        .bind(after).bind(to).fetch_all(c).await)?;
    LockedNumbers::of(rows)
}

/// Leaves out those of locked numbers whose calls ended at this instant or later: what became of them is newer than what was asked
/// for. A call that is under way has its number still; the lock was waited for, so that a call that ended before it is seen.
pub(super) async fn leave_out_called(
    tx: &mut Tx,
    list: i64,
    locked: &mut LockedNumbers,
    since: Timestamp,
) -> Result<()> {
    // The task is asked for in a `CASE`, for SQLite would rather read all attempts of the task for each number.
    let sql = sql!(tx, |dialect| format!(
        "SELECT numbers.id FROM numbers JOIN number_lists ON number_lists.id = numbers.list_id \
         WHERE numbers.list_id = $1 AND {} AND EXISTS (SELECT 1 FROM attempts \
             WHERE attempts.account_id = number_lists.account_id AND attempts.e164 = numbers.e164 \
             AND attempts.dialed_at >= $3 AND attempts.ended_at >= $4 AND attempts.phone = numbers.phone \
             AND CASE WHEN attempts.task_id = number_lists.task_id THEN 1 ELSE 0 END = 1)",
        dialect.among("numbers.id", "$2")
    ));
    let free: Vec<i64> = locked.0.iter().filter(|number| number.is_free).map(|number| number.id).collect();
    let dialed_since = since.saturating_sub(LONGER_THAN_CALLS).unwrap_or(since);
    let called: Vec<i64> = on!(tx, c => query_scalar(sql)
        .bind(list).bind(json(&free)?).bind(micros(dialed_since)).bind(micros(since)).fetch_all(c).await)?;
    let called: BTreeSet<i64> = called.into_iter().collect();
    for number in &mut locked.0 {
        number.is_free &= !called.contains(&number.id);
    }
    Ok(())
}

/// Those of locked numbers that may be changed, as they were sent, in the order they were added.
///
/// # Errors
/// When the database does not answer.
pub async fn texts(tx: &mut Tx, list: &LockedList, numbers: &LockedNumbers) -> Result<Vec<String>> {
    let (ids, ..) = numbers.free(list.id)?;
    let sql = sql!(tx, |dialect| format!(
        "SELECT phone FROM numbers WHERE list_id = $1 AND {} ORDER BY id",
        dialect.among("id", "$2")
    ));
    Ok(on!(tx, c => query_scalar(sql).bind(list.id).bind(ids).fetch_all(c).await)?)
}

/// Has numbers called as if they were new: waiting, and never tried. Details and place stay.
///
/// # Errors
/// When the database does not answer.
pub async fn reset(
    tx: &mut Tx,
    list: &LockedList,
    numbers: &LockedNumbers,
    change: &Change,
) -> Result<Changed> {
    let changed = reset_in_list(tx, list.id, numbers).await?;
    list.is_not_finished(tx).await?;
    list.record(tx, Action::Update, changed.changed, change).await?;
    Ok(changed)
}

pub(super) async fn reset_in_list(tx: &mut Tx, list: i64, numbers: &LockedNumbers) -> Result<Changed> {
    let (ids, mut counts, changed) = numbers.free(list)?;
    if changed.changed == 0 {
        return Ok(changed);
    }
    let sql = sql!(tx, |dialect| format!(
        "UPDATE numbers SET state = 0, status = 0, tries = 0, line_failures = 0, next_attempt_at = 0, leased_by = NULL \
         WHERE list_id = $1 AND {}",
        dialect.among("id", "$2")
    ));
    on!(tx, c => query(sql).bind(list).bind(ids).execute(c).await.map(drop))?;
    let reset = i64::try_from(changed.changed).unwrap_or(i64::MAX);
    counts.add(list, (NumberStatus::Waiting, NumberState::Due), reset);
    counts.save(tx).await?;
    Ok(changed)
}

/// Deletes numbers.
///
/// # Errors
/// When the database does not answer.
pub async fn delete(
    tx: &mut Tx,
    list: &LockedList,
    numbers: &LockedNumbers,
    change: &Change,
) -> Result<Changed> {
    let (ids, counts, changed) = numbers.free(list.id)?;
    if changed.changed == 0 {
        return Ok(changed);
    }
    let details = sql!(tx, |dialect| format!(
        "DELETE FROM number_details WHERE list_id = $1 AND {}",
        dialect.among("number_id", "$2")
    ));
    on!(tx, c => query(details).bind(list.id).bind(ids.as_str()).execute(c).await.map(drop))?;
    let rows = sql!(tx, |dialect| format!(
        "DELETE FROM numbers WHERE list_id = $1 AND {}",
        dialect.among("id", "$2")
    ));
    on!(tx, c => query(rows).bind(list.id).bind(ids.as_str()).execute(c).await.map(drop))?;
    counts.save(tx).await?;
    list.record(tx, Action::Delete, changed.changed, change).await?;
    Ok(changed)
}
