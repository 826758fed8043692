//! The row of the log: its columns, and the events that it holds.

use domain::{AccountId, DialTimeGroupId, Event, EventCause, EventKind, LoggedEvent, TaskId};
use uuid::Uuid;

use super::packed::{TaskTransition, unpack};
use crate::database::{
    DatabaseError,
    convert::{damaged, from_json, timestamp},
    error::Result,
    lists::Table,
};

/// The table, for the log.
pub(super) const EVENTS: Table = Table { name: "events", key: &["account_id", "number"] };

/// The columns of [`EventRow`].
macro_rules! event_columns {
    () => {
        "account_id, number, kind, cause, due_at, written_at, group_id, group_version, task_id, detail, further_events, \
         tasks"
    };
}
pub(super) use event_columns;

#[derive(sqlx_macros::FromRow)]
pub(super) struct EventRow {
    account_id: Uuid,
    number: i64,
    kind: String,
    cause: String,
    due_at: i64,
    written_at: i64,
    group_id: Option<i64>,
    group_version: Option<i64>,
    task_id: Option<Uuid>,
    detail: Option<String>,
    further_events: i64,
    tasks: Option<Vec<u8>>,
}

/// The events that a row holds.
pub(super) struct RowEvents {
    first: LoggedEvent,
    /// Those that follow it, as far as they differ from it.
    further: Vec<TaskTransition>,
}

impl RowEvents {
    /// Those after the one of this number, in order.
    pub(super) fn after(&self, number: i64) -> impl Iterator<Item = LoggedEvent> {
        let place = number.saturating_sub(self.first.number).saturating_add(1);
        (usize::try_from(place).unwrap_or(0)..).map_while(|place| self.at(place))
    }

    fn at(&self, place: usize) -> Option<LoggedEvent> {
        let Some(before) = place.checked_sub(1) else { return Some(self.first.clone()) };
        let TaskTransition { kind, cause, task } = *self.further.get(before)?;
        let number = self.first.number + i64::try_from(place).ok()?;
        let event = Event { kind, cause, task: Some(task), ..self.first.event.clone() };
        Some(LoggedEvent { number, event, ..self.first.clone() })
    }
}

impl TryFrom<EventRow> for RowEvents {
    type Error = DatabaseError;

    fn try_from(row: EventRow) -> Result<Self> {
        let further = unpack(row.tasks.as_deref().unwrap_or_default())?;
        if i64::try_from(further.len()) != Ok(row.further_events) {
            return Err(damaged(format!(
                "{} task transitions instead of {}",
                further.len(),
                row.further_events
            )));
        }
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
        let first = LoggedEvent { account: AccountId::new(row.account_id), number: row.number, event };
        Ok(Self { first, further })
    }
}
