//! Imports of numbers from files: taken at once, and done step by step in the order of the rows. How far one is stands in the same
//! transaction as the numbers that were added, so that a row is never lost or added twice, whenever the node dies.

mod refusals;
mod row;
mod step;
mod upkeep;

use domain::{
    AccountId, ErasedNumber, ImportOptions, ImportOutcome, ImportSummary, MAXIMUM_RUNNING_IMPORTS,
    NumberCallbackId, NumberChange, NumberFileKey, NumberJobId, TaskId, TokenId,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use self::row::{ImportDbRow, import_columns};
pub use self::{
    refusals::refused_rows,
    row::{NumberImport, RunningImport},
    step::{ImportStep, import_some, note_shape, restart_import},
    upkeep::{
        delete_old_imports, imports_of_folder, is_file_kept, is_import_running, is_running, running_imports,
        touch_imports,
    },
};
use super::LockedList;
use crate::{
    Error, Kind, Limited, Page, Paged, Result, Session, Tx,
    audit::{Action, Actor, Change},
    database::{
        convert::{from_json, json, micros},
        dialect::RowLock,
        lists::{self, Table},
        statement::{query, query_as, query_scalar},
    },
    number_callbacks::{self, NewNumberCallback},
};

/// The table, for the log.
const JOBS: Table = Table { name: "number_jobs", key: &["id"] };

/// What is to be imported.
#[derive(Clone, Debug)]
pub struct NewImport {
    /// Its id, by which its file is called.
    pub id: NumberJobId,
    /// How the file is to be read.
    pub options: ImportOptions,
    /// How large it is, in bytes.
    pub size: i64,
    /// The folder that it is in.
    pub folder: Uuid,
    /// The key of the file that the callback on it names.
    pub file_key: NumberFileKey,
}

/// What is stored of what was asked for.
#[derive(Serialize, Deserialize)]
struct ImportRequest {
    options: ImportOptions,
    /// Who asked; nobody who has a token: the command line.
    token: Option<TokenId>,
    /// Numbers that were erased since it began, until it ends: rows that hold one are left out, and its file is not kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    erased: Vec<ErasedNumber>,
}

impl ImportRequest {
    /// Who asked, at the end of it.
    fn change(&self, now: Timestamp) -> Change {
        Change { actor: self.token.map_or(Actor::CommandLine, Actor::Token), at: now }
    }
}

/// Takes an import, to be done in the background.
///
/// # Errors
/// [`Error::Limit`].
pub async fn begin_import(
    tx: &mut Tx,
    list: &LockedList,
    new: &NewImport,
    change: &Change,
) -> Result<NumberImport> {
    let running: i64 = on!(tx, c => query_scalar(sql!(
        "SELECT count(*) FROM number_jobs WHERE list_id = $1 AND kind = 'import' AND ended_at IS NULL"))
        .bind(list.id).fetch_one(c).await)?;
    if usize::try_from(running).is_ok_and(|running| running >= MAXIMUM_RUNNING_IMPORTS) {
        return Err(Error::Limit { of: Limited::RunningImports, most: MAXIMUM_RUNNING_IMPORTS });
    }
    let token = match change.actor {
        Actor::Token(token) => Some(token),
        Actor::CommandLine | Actor::ResumePolicy | Actor::EndOfList | Actor::CalendarFeed => None,
    };
    let request = ImportRequest { options: new.options.clone(), token, erased: Vec::new() };
    let row: ImportDbRow = on!(tx, c => query_as(sql!(concat!(
        "INSERT INTO number_jobs (id, list_id, kind, request, node, total, cursor, counts, created_at, updated_at) \
         VALUES ($1, $2, 'import', $3, $4, $5, '{\"byte\":0,\"line\":0}', '{}', $6, $6) RETURNING ", import_columns!())))
        .bind(new.id.uuid()).bind(list.id).bind(json(&request)?).bind(new.folder).bind(new.size)
        .bind(micros(change.at)).fetch_one(c).await)?;
    if !new.options.dry_run && number_callbacks::is_wanted(tx, list.account()).await? {
        number_callbacks::begin_import(tx, &callback_on(list, new), change.at).await?;
    }
    tx.wake_runner();
    Ok(row.try_into()?)
}

/// The callback on an import has its id.
fn callback_on(list: &LockedList, import: &NewImport) -> NewNumberCallback {
    NewNumberCallback {
        id: NumberCallbackId::new(import.id.uuid()),
        account: list.account(),
        task: list.task(),
        change: NumberChange::Added,
        key: import.file_key.clone(),
    }
}

/// The imports into a task, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list_imports(
    session: &mut dyn Session,
    account: AccountId,
    task: TaskId,
    page: Page,
) -> Result<Paged<NumberImport>> {
    let total: i64 = on!(session, c => query_scalar(sql!(
        "SELECT count(*) FROM number_jobs WHERE kind = 'import' AND list_id IN \
             (SELECT id FROM number_lists WHERE account_id = $1 AND task_id = $2 AND deleted_at IS NULL)"))
        .bind(account.uuid()).bind(task.uuid()).fetch_one(c).await)?;
    let items = on!(session, c => query(sql!(concat!(
        "SELECT ", import_columns!(), " FROM number_jobs WHERE kind = 'import' AND list_id IN \
             (SELECT id FROM number_lists WHERE account_id = $1 AND task_id = $2 AND deleted_at IS NULL) \
         ORDER BY created_at DESC, id DESC LIMIT $3 OFFSET $4")))
        .bind(account.uuid()).bind(task.uuid()).bind(page.limit()).bind(page.offset()).fetch_all(c).await
        .map(|rows| lists::readable::<_, ImportDbRow, _>(JOBS, &rows)))?;
    Ok(Paged { items, total })
}

/// An import into a task, which may be deleted meanwhile.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get_import(
    session: &mut dyn Session,
    account: AccountId,
    task: TaskId,
    id: NumberJobId,
) -> Result<NumberImport> {
    let row: Option<ImportDbRow> = on!(session, c => query_as(sql!(concat!(
        "SELECT ", import_columns!(), " FROM number_jobs WHERE kind = 'import' AND id = $3 AND list_id IN \
             (SELECT id FROM number_lists WHERE account_id = $1 AND task_id = $2)")))
        .bind(account.uuid()).bind(task.uuid()).bind(id.uuid()).fetch_optional(c).await)?;
    Ok(row.ok_or(Error::NotFound(Kind::NumberJob))?.try_into()?)
}

/// Ends an import that has not ended; what was added stays. Says whether it had not.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn cancel_import(
    tx: &mut Tx,
    account: AccountId,
    task: TaskId,
    id: NumberJobId,
    now: Timestamp,
) -> Result<(NumberImport, bool)> {
    get_import(tx, account, task, id).await?;
    let was_running = end_import(tx, id, ImportOutcome::Cancelled, now).await?;
    Ok((get_import(tx, account, task, id).await?, was_running))
}

/// Ends an import if it has not ended: notes how, records it, and publishes it unless the task is gone. Says whether it had not.
///
/// # Errors
/// When the database does not answer.
pub async fn end_import(
    tx: &mut Tx,
    id: NumberJobId,
    outcome: ImportOutcome,
    now: Timestamp,
) -> Result<bool> {
    let list: Option<i64> = on!(tx, c => query_scalar(sql!("SELECT list_id FROM number_jobs WHERE id = $1"))
        .bind(id.uuid()).fetch_optional(c).await)?;
    let Some(list) = list else { return Ok(false) };
    // The list before the import, as everywhere.
    let list = super::list::lock_by_id(tx, list).await?;
    let sql = sql!(tx, |dialect| format!(
        concat!("SELECT ", import_columns!(), " FROM number_jobs WHERE id = $1 AND ended_at IS NULL{}"),
        dialect.lock(RowLock::Change)
    ));
    let row: Option<ImportDbRow> = on!(tx, c => query_as(sql).bind(id.uuid()).fetch_optional(c).await)?;
    let Some(row) = row else { return Ok(false) };
    let request = row.request()?;
    let import: NumberImport = row.try_into()?;
    on!(tx, c => query(sql!(
        "UPDATE number_jobs SET updated_at = $2, ended_at = $2, outcome = $3 WHERE id = $1"))
        .bind(id.uuid()).bind(micros(now)).bind(json(&outcome)?).execute(c).await.map(drop))?;
    if !request.erased.is_empty() {
        forget(tx, id, &request).await?;
    }
    let Some(list) = list else { return Ok(true) };
    if !import.options.dry_run {
        let touched = usize::try_from(import.counts.added + import.counts.replaced).unwrap_or(0);
        list.record(tx, Action::Create, touched, &request.change(now)).await?;
        number_callbacks::end_import(tx, NumberCallbackId::new(id.uuid()), import.counts.added, now).await?;
    }
    let summary = ImportSummary::of(id, outcome, &import.counts, import.options.dry_run);
    list.publish_import(tx, summary, now);
    Ok(true)
}

/// Forgets the numbers that were erased while an import ran, and has its file deleted, which may hold them.
async fn forget(tx: &mut Tx, id: NumberJobId, request: &ImportRequest) -> Result<()> {
    let request =
        ImportRequest { options: request.options.clone(), token: request.token, erased: Vec::new() };
    on!(tx, c => query(sql!("UPDATE number_jobs SET node = NULL, request = $2 WHERE id = $1"))
        .bind(id.uuid()).bind(json(&request)?).execute(c).await.map(drop))?;
    Ok(())
}

/// Has the imports of an account that have not ended leave a number out from now on, and their files deleted at their end; says how many they are.
pub(crate) async fn leave_out(tx: &mut Tx, account: AccountId, number: &ErasedNumber) -> Result<i64> {
    let sql = sql!(tx, |dialect| format!(
        "SELECT id, request FROM number_jobs WHERE kind = 'import' AND ended_at IS NULL \
             AND list_id IN (SELECT id FROM number_lists WHERE account_id = $1) ORDER BY id{}",
        dialect.lock(RowLock::Change)
    ));
    let running: Vec<(Uuid, String)> = on!(tx, c => query_as(sql).bind(account.uuid()).fetch_all(c).await)?;
    for (id, request) in &running {
        let mut request: ImportRequest = from_json(request)?;
        if !request.erased.contains(number) {
            request.erased.push(number.clone());
        }
        on!(tx, c => query(sql!("UPDATE number_jobs SET request = $2 WHERE id = $1"))
            .bind(*id).bind(json(&request)?).execute(c).await.map(drop))?;
    }
    Ok(i64::try_from(running.len()).unwrap_or(i64::MAX))
}
