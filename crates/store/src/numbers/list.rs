//! The list of a task: its row, which is locked before its numbers are written.

use domain::{AccountId, Event, EventCause, EventDetail, EventKind, ImportSummary, TaskId};
use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use crate::{
    Result, Session, Tx,
    audit::{self, Action, AuditEntry, Change, Subject},
    database::{
        convert::micros,
        dialect::RowLock,
        statement::{query, query_as, query_scalar},
    },
};

/// A list whose row this transaction has locked. Only a read that locks makes one, and writes over its numbers take it.
#[derive(Debug)]
pub struct LockedList {
    pub(super) id: i64,
    account: AccountId,
    task: TaskId,
    /// The id of the next number.
    pub(super) next_number: i64,
}

/// The before-image of an operation over numbers: how many it concerned.
#[derive(Serialize)]
struct Count {
    numbers: usize,
}

impl LockedList {
    /// Whose task it is of.
    pub(super) const fn account(&self) -> AccountId {
        self.account
    }

    /// The task that it is of.
    pub(super) const fn task(&self) -> TaskId {
        self.task
    }

    /// The id that the next number will have; every number of the list has a smaller one.
    pub const fn next_number(&self) -> i64 {
        self.next_number
    }

    /// Notes that there are numbers to call again.
    pub(super) async fn is_not_finished(&self, tx: &mut Tx) -> Result<()> {
        on!(tx, c => query(sql!("UPDATE number_lists SET finished_at = NULL WHERE id = $1 AND finished_at IS NOT NULL"))
            .bind(self.id).execute(c).await.map(drop))?;
        Ok(())
    }

    /// Notes what was done to how many numbers; nothing when there were none.
    pub(super) async fn record(
        &self,
        tx: &mut Tx,
        action: Action,
        numbers: usize,
        change: &Change,
    ) -> Result<()> {
        if numbers == 0 {
            return Ok(());
        }
        let entry = AuditEntry {
            account: self.account,
            subject: Subject::Numbers,
            subject_id: &self.task,
            action,
            version: None,
            before: Some(&Count { numbers }),
        };
        audit::write(tx, change, entry).await
    }
}

impl LockedList {
    /// Publishes how an import into the list ended.
    pub(super) fn publish_import(&self, tx: &mut Tx, summary: ImportSummary, now: Timestamp) {
        let event = Event {
            kind: EventKind::ImportFinished,
            cause: EventCause::Person,
            due_at: now,
            written_at: now,
            group: None,
            task: Some(self.task),
            detail: Some(EventDetail::Import(summary)),
        };
        tx.publish(self.account, event);
    }
}

/// Locks the list of a task, which is kept as it is; makes it if there is none.
pub(crate) async fn lock_list(
    tx: &mut Tx,
    account: AccountId,
    task: TaskId,
    now: Timestamp,
) -> Result<LockedList> {
    let found = match lock_existing(tx, account, task).await? {
        Some(found) => found,
        None => make(tx, account, task, now).await?,
    };
    let (id, next_number) = found;
    Ok(LockedList { id, account, task, next_number })
}

async fn lock_existing(tx: &mut Tx, account: AccountId, task: TaskId) -> Result<Option<(i64, i64)>> {
    let sql = sql!(tx, |dialect| format!(
        "SELECT id, next_number FROM number_lists WHERE account_id = $1 AND task_id = $2 AND deleted_at IS NULL{}",
        dialect.lock(RowLock::Change)
    ));
    Ok(on!(tx, c => query_as(sql).bind(account.uuid()).bind(task.uuid()).fetch_optional(c).await)?)
}

/// Locks a list by its id; `None` when its task was deleted.
pub(super) async fn lock_by_id(tx: &mut Tx, id: i64) -> Result<Option<LockedList>> {
    let sql = sql!(tx, |dialect| format!(
        "SELECT account_id, task_id, next_number FROM number_lists WHERE id = $1 AND deleted_at IS NULL{}",
        dialect.lock(RowLock::Change)
    ));
    let found: Option<(Uuid, Uuid, i64)> = on!(tx, c => query_as(sql).bind(id).fetch_optional(c).await)?;
    Ok(found.map(|(account, task, next_number)| LockedList {
        id,
        account: AccountId::new(account),
        task: TaskId::new(task),
        next_number,
    }))
}

async fn make(tx: &mut Tx, account: AccountId, task: TaskId, now: Timestamp) -> Result<(i64, i64)> {
    Ok(on!(tx, c => query_as(sql!(
        "INSERT INTO number_lists (account_id, task_id, next_number, created_at) VALUES ($1, $2, 1, $3) \
         RETURNING id, next_number"))
        .bind(account.uuid()).bind(task.uuid()).bind(micros(now)).fetch_one(c).await)?)
}

/// The id of a task's list, if it has one.
pub(crate) async fn id_of(
    session: &mut dyn Session,
    account: AccountId,
    task: TaskId,
) -> Result<Option<i64>> {
    Ok(on!(session, c => query_scalar(sql!(
        "SELECT id FROM number_lists WHERE account_id = $1 AND task_id = $2 AND deleted_at IS NULL"))
        .bind(account.uuid()).bind(task.uuid()).fetch_optional(c).await)?)
}

/// Leaves the list of a deleted task to be removed.
pub(crate) async fn mark_deleted(
    tx: &mut Tx,
    account: AccountId,
    task: TaskId,
    now: Timestamp,
) -> Result<()> {
    let marked = on!(tx, c => query(sql!(
        "UPDATE number_lists SET deleted_at = $3 WHERE account_id = $1 AND task_id = $2 AND deleted_at IS NULL"))
        .bind(account.uuid()).bind(task.uuid()).bind(micros(now))
        .execute(c).await.map(|done| done.rows_affected()))?;
    if marked > 0 {
        tx.wake_runner();
    }
    Ok(())
}

/// Leaves all lists of a deleted account to be removed.
pub(crate) async fn mark_all_deleted(tx: &mut Tx, account: AccountId, now: Timestamp) -> Result<()> {
    on!(tx, c => query(sql!(
        "UPDATE number_lists SET deleted_at = $2 WHERE account_id = $1 AND deleted_at IS NULL"))
        .bind(account.uuid()).bind(micros(now)).execute(c).await.map(drop))?;
    tx.wake_runner();
    Ok(())
}
