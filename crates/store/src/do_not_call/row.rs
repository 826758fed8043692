//! The row of a number that must not be called.

use domain::{DoNotCallEntry, StoredDoNotCall};
use serde::Serialize;

use crate::database::{DatabaseError, convert::timestamp, error::Result, lists::Table};

/// The table, for the log. A number is nothing that it may show.
pub(super) const DO_NOT_CALL: Table = Table { name: "do_not_call", key: &["created_at"] };

/// The columns of [`DoNotCallRow`].
macro_rules! do_not_call_columns {
    () => {
        "number, reason, source, until, created_at"
    };
}
pub(super) use do_not_call_columns;

/// An entry as it stands in the table, which is the before-image of one that is deleted.
#[derive(Serialize, sqlx_macros::FromRow)]
pub(super) struct DoNotCallRow {
    number: i64,
    reason: Option<String>,
    source: String,
    until: Option<i64>,
    created_at: i64,
}

impl TryFrom<DoNotCallRow> for StoredDoNotCall {
    type Error = DatabaseError;

    fn try_from(row: DoNotCallRow) -> Result<Self> {
        let until = row.until.map(timestamp).transpose()?;
        let entry = DoNotCallEntry { number: row.number, reason: row.reason, source: row.source, until };
        Ok(Self { entry, created_at: timestamp(row.created_at)? })
    }
}
