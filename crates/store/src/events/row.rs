//! The row of an event: its columns, and how it becomes an event again.

use domain::{AccountId, DialTimeGroupId, Event, EventCause, EventKind, LoggedEvent, TaskId};
use uuid::Uuid;

use crate::database::{
    DatabaseError,
    convert::{damaged, from_json, json, micros, timestamp},
    error::Result,
    lists::Table,
};

/// The table, for the log.
pub(super) const EVENTS: Table = Table { name: "events", key: &["account_id", "number"] };

/// The columns of [`EventRow`].
macro_rules! event_columns {
    () => {
        "account_id, number, kind, cause, due_at, written_at, group_id, group_version, task_id, detail"
    };
}
pub(super) use event_columns;

#[derive(sqlx::FromRow)]
pub(super) struct EventRow {
    pub(super) account_id: Uuid,
    pub(super) number: i64,
    pub(super) kind: String,
    pub(super) cause: String,
    pub(super) due_at: i64,
    pub(super) written_at: i64,
    pub(super) group_id: Option<i64>,
    pub(super) group_version: Option<i64>,
    pub(super) task_id: Option<Uuid>,
    pub(super) detail: Option<String>,
}

impl EventRow {
    pub(super) fn of(account: AccountId, number: i64, event: &Event) -> Result<Self> {
        Ok(Self {
            account_id: account.uuid(),
            number,
            kind: event.kind.code().to_owned(),
            cause: event.cause.code().to_owned(),
            due_at: micros(event.due_at),
            written_at: micros(event.written_at),
            group_id: event.group.map(|(id, _)| id.get()),
            group_version: event.group.map(|(_, version)| version),
            task_id: event.task.map(TaskId::uuid),
            detail: event.detail.as_ref().map(json).transpose()?,
        })
    }
}

impl TryFrom<EventRow> for LoggedEvent {
    type Error = DatabaseError;

    fn try_from(row: EventRow) -> Result<Self> {
        let kind = EventKind::from_code(&row.kind).ok_or_else(|| damaged(format!("event {}", row.kind)))?;
        let cause =
            EventCause::from_code(&row.cause).ok_or_else(|| damaged(format!("cause {}", row.cause)))?;
        let event = Event {
            kind,
            cause,
            due_at: timestamp(row.due_at)?,
            written_at: timestamp(row.written_at)?,
            group: row.group_id.map(DialTimeGroupId::new).zip(row.group_version),
            task: row.task_id.map(TaskId::new),
            detail: row.detail.as_deref().map(from_json).transpose()?,
        };
        Ok(Self { account: AccountId::new(row.account_id), number: row.number, event })
    }
}
