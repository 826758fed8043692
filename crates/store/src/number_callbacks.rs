//! The platform's callbacks on numbers that were added to tasks or deleted: what each says, and the file that it names. They are made only
//! for accounts that have a webhook of the platform's format.

use domain::{
    AccountId, Event, EventCause, EventDetail, EventKind, ImportCounts, NumberCallback, NumberCallbackId,
    NumberCallbackSnapshot, NumberChange, NumberFileKey, NumberToErase, TaskId,
};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    Error, Kind, Result, Session, Tx,
    accounts::disabled::account_disabled,
    database::{
        DatabaseError,
        convert::{damaged, from_json, from_word, json, micros, word},
        dialect::RowLock,
        statement::{query, query_as, query_scalar},
    },
};

/// The columns of [`CallbackRow`].
macro_rules! callback_columns {
    () => {
        "id, account_id, task_id, change, file_key, numbers, list_id"
    };
}

#[derive(sqlx_macros::FromRow)]
struct CallbackRow {
    id: Uuid,
    account_id: Uuid,
    task_id: Uuid,
    change: String,
    file_key: String,
    numbers: Option<String>,
    list_id: Option<i64>,
}

impl CallbackRow {
    /// The numbers, unless a list has them.
    fn numbers(&self) -> Result<Option<Vec<String>>> {
        Ok(self.numbers.as_deref().map(from_json).transpose()?)
    }
}

impl TryFrom<CallbackRow> for NumberCallback {
    type Error = DatabaseError;

    fn try_from(row: CallbackRow) -> std::result::Result<Self, DatabaseError> {
        let numbers: Option<Vec<String>> = row.numbers.as_deref().map(from_json).transpose()?;
        let single = numbers.filter(|numbers| numbers.len() == 1).and_then(|mut numbers| numbers.pop());
        Ok(Self {
            id: NumberCallbackId::new(row.id),
            account: AccountId::new(row.account_id),
            task: TaskId::new(row.task_id),
            change: from_word(&row.change)?,
            single,
            key: NumberFileKey::stored(row.file_key),
        })
    }
}

/// A callback that is to be made, of a task.
#[derive(Clone, Debug)]
pub struct NewNumberCallback {
    /// Its id.
    pub id: NumberCallbackId,
    /// Whose task it is.
    pub account: AccountId,
    /// The task.
    pub task: TaskId,
    /// What is done.
    pub change: NumberChange,
    /// The key of its file.
    pub key: NumberFileKey,
}

/// Whether an account has a webhook that is called back.
///
/// # Errors
/// When the database does not answer.
pub async fn is_wanted(session: &mut dyn Session, account: AccountId) -> Result<bool> {
    let found: Option<Uuid> = on!(session, c => query_scalar(sql!(
        "SELECT id FROM webhooks WHERE account_id = $1 AND format = 'platform' LIMIT 1"))
        .bind(account.uuid()).fetch_optional(c).await)?;
    Ok(found.is_some())
}

/// Makes the callback on numbers that were added or deleted, as they were sent.
///
/// # Errors
/// When the database does not answer.
pub async fn make(tx: &mut Tx, new: &NewNumberCallback, numbers: &[String], now: Timestamp) -> Result<()> {
    insert(tx, new, &CallbackNumbers::These(numbers), now).await?;
    let count = i64::try_from(numbers.len()).map_err(damaged)?;
    publish(tx, new.account, (new.id, new.task, new.change), count, now);
    Ok(())
}

/// Makes the callback on all numbers of a task that is about to be deleted with them, if it has any and a webhook is sent such callbacks. They stay
/// in their list as long as the callback, for its file is read from there; and so they do for the callbacks on imports into it.
///
/// # Errors
/// When the database does not answer.
pub async fn make_of_list(tx: &mut Tx, new: &NewNumberCallback, now: Timestamp) -> Result<()> {
    let Some(list) = lock_list(tx, new.account, new.task).await? else { return Ok(()) };
    // What was added is told before it is told that it is gone.
    end_imports(tx, list, now).await?;
    keep_files_of_imports(tx, list).await?;
    if !is_deletion_sent(tx, new.account).await? {
        return Ok(());
    }
    let numbers: i64 = on!(tx, c => query_scalar(sql!(
        "SELECT CAST(coalesce(sum(numbers), 0) AS BIGINT) FROM number_counts WHERE list_id = $1"))
        .bind(list).fetch_one(c).await)?;
    match numbers {
        0 => Ok(()),
        1 => {
            let only: Vec<String> = on!(tx, c => query_scalar(sql!("SELECT phone FROM numbers WHERE list_id = $1"))
                .bind(list).fetch_all(c).await)?;
            make(tx, new, &only, now).await
        }
        _ => {
            insert(tx, new, &CallbackNumbers::All(list), now).await?;
            publish(tx, new.account, (new.id, new.task, new.change), numbers, now);
            Ok(())
        }
    }
}

/// Whether an account has a webhook that is sent the platform's callbacks on numbers that are deleted.
async fn is_deletion_sent(session: &mut dyn Session, account: AccountId) -> Result<bool> {
    let sql = sql!(session, |dialect| format!(
        "SELECT id FROM webhooks WHERE account_id = $1 AND format = 'platform' AND (kinds = '[]' OR {}) LIMIT 1",
        dialect.contains("kinds", "$2")
    ));
    let kind = json(&EventKind::NumbersDeleted.code())?;
    let found: Option<Uuid> =
        on!(session, c => query_scalar(sql).bind(account.uuid()).bind(kind).fetch_optional(c).await)?;
    Ok(found.is_some())
}

/// Begins the callback on an import, which is made when that ends.
///
/// # Errors
/// When the database does not answer.
pub async fn begin_import(tx: &mut Tx, new: &NewNumberCallback, now: Timestamp) -> Result<()> {
    insert(tx, new, &CallbackNumbers::Imported, now).await
}

/// Where the numbers of a callback are.
enum CallbackNumbers<'n> {
    /// Here.
    These(&'n [String]),
    /// An import will have added them.
    Imported,
    /// They are all of this list.
    All(i64),
}

async fn insert(
    tx: &mut Tx,
    new: &NewNumberCallback,
    numbers: &CallbackNumbers<'_>,
    now: Timestamp,
) -> Result<()> {
    let (texts, list, is_published) = match numbers {
        CallbackNumbers::These(texts) => (Some(json(texts)?), None, true),
        CallbackNumbers::Imported => (None, None, false),
        CallbackNumbers::All(list) => (None, Some(*list), true),
    };
    on!(tx, c => query(sql!(
        "INSERT INTO number_callbacks (id, account_id, task_id, change, file_key, numbers, list_id, is_published, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"))
        .bind(new.id.uuid()).bind(new.account.uuid()).bind(new.task.uuid()).bind(word(new.change)?)
        .bind(new.key.as_str()).bind(texts).bind(list).bind(is_published).bind(micros(now))
        .execute(c).await.map(drop))?;
    Ok(())
}

/// Notes that an import has added numbers with the ids from `first` up to but not including `end`, if there is a callback on it.
pub(crate) async fn note_added(
    tx: &mut Tx,
    import: NumberCallbackId,
    (first, end): (i64, i64),
) -> Result<()> {
    if first >= end {
        return Ok(());
    }
    let continued = on!(tx, c => query(sql!(
        "UPDATE number_callback_ranges SET last_number = $3 WHERE callback_id = $1 AND last_number = $2 - 1"))
        .bind(import.uuid()).bind(first).bind(end - 1).execute(c).await.map(|done| done.rows_affected()))?;
    if continued == 0 {
        on!(tx, c => query(sql!(
            "INSERT INTO number_callback_ranges (callback_id, first_number, last_number) \
             SELECT id, $2, $3 FROM number_callbacks WHERE id = $1"))
            .bind(import.uuid()).bind(first).bind(end - 1).execute(c).await.map(drop))?;
    }
    Ok(())
}

/// Makes the callback on an import that has ended and has added so many numbers; one that has added none has no callback.
pub(crate) async fn end_import(
    tx: &mut Tx,
    import: NumberCallbackId,
    added: i64,
    now: Timestamp,
) -> Result<()> {
    if added == 0 {
        on!(tx, c => query(sql!("DELETE FROM number_callbacks WHERE id = $1"))
            .bind(import.uuid()).execute(c).await.map(drop))?;
        return Ok(());
    }
    let row: Option<CallbackRow> = on!(tx, c => query_as(sql!(concat!(
        "UPDATE number_callbacks SET is_published = true, created_at = $2 WHERE id = $1 AND NOT is_published RETURNING ",
        callback_columns!()))).bind(import.uuid()).bind(micros(now)).fetch_optional(c).await)?;
    let Some(row) = row else { return Ok(()) };
    let callback = NumberCallback::try_from(row)?;
    publish(tx, callback.account, (callback.id, callback.task, callback.change), added, now);
    Ok(())
}

/// Locks the list of a task, which steps of imports hold, too; gives its id, if there is one.
async fn lock_list(tx: &mut Tx, account: AccountId, task: TaskId) -> Result<Option<i64>> {
    let sql = sql!(tx, |dialect| format!(
        "SELECT id FROM number_lists WHERE account_id = $1 AND task_id = $2 AND deleted_at IS NULL{}",
        dialect.lock(RowLock::Change)
    ));
    Ok(on!(tx, c => query_scalar(sql).bind(account.uuid()).bind(task.uuid()).fetch_optional(c).await)?)
}

/// Makes the callbacks on imports that go on into the list of a task that is about to be deleted: they add nothing any more.
async fn end_imports(tx: &mut Tx, list: i64, now: Timestamp) -> Result<()> {
    let imports: Vec<(Uuid, String)> = on!(tx, c => query_as(sql!(
        "SELECT number_callbacks.id, number_jobs.counts FROM number_jobs \
         JOIN number_callbacks ON number_callbacks.id = number_jobs.id \
         WHERE number_jobs.list_id = $1 AND number_jobs.kind = 'import' AND number_jobs.ended_at IS NULL \
         AND NOT number_callbacks.is_published ORDER BY number_callbacks.id"))
        .bind(list).fetch_all(c).await)?;
    for (id, counts) in imports {
        let counts: ImportCounts = from_json(&counts)?;
        end_import(tx, NumberCallbackId::new(id), counts.added, now).await?;
    }
    Ok(())
}

/// Has the list of a task that is about to be deleted stay as long as the callbacks on imports into it, whose files are read from there.
async fn keep_files_of_imports(tx: &mut Tx, list: i64) -> Result<()> {
    on!(tx, c => query(sql!(
        "UPDATE number_callbacks SET list_id = $1 WHERE is_published AND numbers IS NULL AND id IN \
             (SELECT id FROM number_jobs WHERE list_id = $1 AND kind = 'import')"))
        .bind(list).execute(c).await.map(drop))?;
    Ok(())
}

fn publish(
    tx: &mut Tx,
    account: AccountId,
    (id, task, change): (NumberCallbackId, TaskId, NumberChange),
    numbers: i64,
    now: Timestamp,
) {
    let detail = EventDetail::Numbers(NumberCallbackSnapshot { unique_id: id.uuid(), numbers });
    let event = Event {
        kind: EventKind::of_numbers(change),
        cause: EventCause::Person,
        due_at: now,
        written_at: now,
        group: None,
        task: Some(task),
        detail: Some(detail),
    };
    tx.publish(account, event);
}

/// A callback of an account.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(
    session: &mut dyn Session,
    account: AccountId,
    id: NumberCallbackId,
) -> Result<NumberCallback> {
    let row: Option<CallbackRow> = on!(session, c => query_as(sql!(concat!(
        "SELECT ", callback_columns!(), " FROM number_callbacks WHERE id = $2 AND account_id = $1 AND is_published")))
        .bind(account.uuid()).bind(id.uuid()).fetch_optional(c).await)?;
    Ok(row.ok_or(Error::NotFound(Kind::NumberCallback))?.try_into()?)
}

/// The file of a callback.
#[derive(Clone)]
pub enum CallbackFile {
    /// These numbers.
    Numbers(Vec<String>),
    /// Those of a list, to be read with [`numbers_in_list`].
    InList(NumbersInList),
}

/// Numbers in a task's list, from a place on.
#[derive(Clone, Copy, Debug)]
pub struct NumbersInList {
    /// The callback on an import that they were added by; `None`: all of them.
    import: Option<NumberCallbackId>,
    list: i64,
    /// The last that was read.
    after: i64,
}

/// The file that has this key; there is none when its account is disabled or gone.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn file(session: &mut dyn Session, key: &NumberFileKey) -> Result<CallbackFile> {
    let row: Option<CallbackRow> = on!(session, c => query_as(sql!(concat!(
        "SELECT ", callback_columns!(), " FROM number_callbacks WHERE file_key = $1 AND is_published \
         AND EXISTS (SELECT 1 FROM accounts WHERE accounts.id = number_callbacks.account_id) \
         AND NOT ", account_disabled!("number_callbacks.account_id"))))
        .bind(key.as_str()).fetch_optional(c).await)?;
    let row = row.ok_or(Error::NotFound(Kind::NumberCallback))?;
    if let Some(numbers) = row.numbers()? {
        return Ok(CallbackFile::Numbers(numbers));
    }
    // Of a task that is deleted it is named; of one that is there it is the task's.
    let list: Option<i64> = match row.list_id {
        Some(list) => Some(list),
        None => on!(session, c => query_scalar(sql!(
            "SELECT id FROM number_lists WHERE account_id = $1 AND task_id = $2 AND deleted_at IS NULL"))
            .bind(row.account_id).bind(row.task_id).fetch_optional(c).await)?,
    };
    let list = list.ok_or(Error::NotFound(Kind::NumberCallback))?;
    let callback = NumberCallback::try_from(row)?;
    let import = Some(callback.id).filter(|_| callback.change == NumberChange::Added);
    Ok(CallbackFile::InList(NumbersInList { import, list, after: 0 }))
}

/// The next numbers of a file, at most `most`, with the place after them; `None` when there are no more. Numbers that were deleted
/// meanwhile are not among them.
///
/// # Errors
/// When the database does not answer.
pub async fn numbers_in_list(
    session: &mut dyn Session,
    from: NumbersInList,
    most: u32,
) -> Result<Option<(Vec<String>, NumbersInList)>> {
    let mut place = from;
    loop {
        let Some((first, last)) = next_range(session, place).await? else { return Ok(None) };
        let after = place.after.max(first - 1);
        let rows: Vec<(i64, String)> = on!(session, c => query_as(sql!(
            "SELECT id, phone FROM numbers WHERE list_id = $1 AND id > $2 AND id <= $3 ORDER BY id LIMIT $4"))
            .bind(place.list).bind(after).bind(last).bind(i64::from(most)).fetch_all(c).await)?;
        match rows.last() {
            Some((id, _)) => {
                place.after = *id;
                return Ok(Some((rows.into_iter().map(|(_, phone)| phone).collect(), place)));
            }
            None if place.import.is_none() => return Ok(None),
            None => place.after = last,
        }
    }
}

/// The first and the last id among which the next numbers of a file are.
async fn next_range(session: &mut dyn Session, place: NumbersInList) -> Result<Option<(i64, i64)>> {
    let Some(import) = place.import else { return Ok(Some((1, i64::MAX))) };
    Ok(on!(session, c => query_as(sql!(
        "SELECT first_number, last_number FROM number_callback_ranges WHERE callback_id = $1 AND last_number > $2 \
         ORDER BY last_number LIMIT 1"))
        .bind(import.uuid()).bind(place.after).fetch_optional(c).await)?)
}

/// A callback without a number that it named, which is erased.
#[derive(Debug)]
pub(crate) struct ChangedCallback {
    id: Uuid,
    /// The others, as a JSON array.
    numbers: String,
}

/// How many callbacks are read at once.
const CALLBACKS: u32 = 200;

/// The callbacks of an account that name a number, without it; at most so many. All that it has are read: they are kept for a few days.
pub(crate) async fn naming(
    session: &mut dyn Session,
    account: AccountId,
    number: &NumberToErase,
    most: u32,
) -> Result<Vec<ChangedCallback>> {
    let (mut found, mut after) = (Vec::new(), Uuid::nil());
    loop {
        let rows: Vec<(Uuid, String)> = on!(session, c => query_as(sql!(
            "SELECT id, numbers FROM number_callbacks WHERE account_id = $1 AND id > $2 AND numbers IS NOT NULL \
             ORDER BY id LIMIT $3"))
            .bind(account.uuid()).bind(after).bind(i64::from(CALLBACKS)).fetch_all(c).await)?;
        let Some((last, _)) = rows.last() else { return Ok(found) };
        after = *last;
        for (id, text) in &rows {
            let numbers: Vec<String> = from_json(text)?;
            let others: Vec<&String> = numbers.iter().filter(|one| !number.is(one)).collect();
            if others.len() < numbers.len() {
                found.push(ChangedCallback { id: *id, numbers: json(&others)? });
            }
        }
        if found.len() >= most as usize {
            return Ok(found);
        }
    }
}

/// Writes callbacks without the number that is erased.
pub(crate) async fn change(tx: &mut Tx, callbacks: &[ChangedCallback]) -> Result<()> {
    for ChangedCallback { id, numbers } in callbacks {
        on!(tx, c => query(sql!("UPDATE number_callbacks SET numbers = $2 WHERE id = $1"))
            .bind(*id).bind(numbers.as_str()).execute(c).await.map(drop))?;
    }
    Ok(())
}

/// Deletes callbacks that were made before an instant, at most so many; says how many it was.
///
/// # Errors
/// When the database does not answer.
pub async fn delete_before(tx: &mut Tx, instant: Timestamp, limit: u32) -> Result<u64> {
    let sql = sql!(tx, |dialect| dialect.delete_oldest("number_callbacks", "id", "created_at", "true"));
    Ok(on!(tx, c => query(sql).bind(micros(instant)).bind(i64::from(limit))
        .execute(c).await.map(|done| done.rows_affected()))?)
}
