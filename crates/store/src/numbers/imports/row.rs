//! Imports as they are stored.

use domain::{FilePlace, ImportCounts, ImportOptions, ImportOutcome, NumberJobId};
use jiff::Timestamp;
use uuid::Uuid;

use super::ImportRequest;
use crate::database::{
    DatabaseError,
    convert::{damaged, from_json, timestamp},
    error,
};

/// An import of numbers.
#[derive(Clone, Debug)]
pub struct NumberImport {
    /// Its id.
    pub id: NumberJobId,
    /// How the file is read.
    pub options: ImportOptions,
    /// What became of its rows so far.
    pub counts: ImportCounts,
    /// How large the file is that is read, and how much of it was read, in bytes.
    pub read: (i64, i64),
    /// When it was taken.
    pub created_at: Timestamp,
    /// When its node last said that it works at it.
    pub updated_at: Timestamp,
    /// How and when it ended.
    pub ended: Option<(ImportOutcome, Timestamp)>,
}

/// An import that has not ended, as whoever works at it needs it.
#[derive(Clone, Debug)]
pub struct RunningImport {
    /// Its id.
    pub id: NumberJobId,
    pub(super) list: i64,
    /// How the file is to be read.
    pub options: ImportOptions,
    /// Where the next row begins.
    pub place: FilePlace,
    /// What became of the rows before it.
    pub counts: ImportCounts,
}

macro_rules! import_columns {
    () => {
        "id, list_id, request, total, cursor, counts, created_at, updated_at, ended_at, outcome"
    };
}
pub(super) use import_columns;

#[derive(sqlx_macros::FromRow)]
pub(super) struct ImportDbRow {
    id: Uuid,
    list_id: i64,
    request: String,
    total: i64,
    cursor: String,
    counts: String,
    created_at: i64,
    updated_at: i64,
    ended_at: Option<i64>,
    outcome: Option<String>,
}

impl ImportDbRow {
    pub(super) fn request(&self) -> error::Result<ImportRequest> {
        from_json(&self.request)
    }
}

impl TryFrom<ImportDbRow> for NumberImport {
    type Error = DatabaseError;

    fn try_from(row: ImportDbRow) -> error::Result<Self> {
        let ended = match (row.ended_at, &row.outcome) {
            (Some(at), Some(outcome)) => Some((from_json(outcome)?, timestamp(at)?)),
            (None, None) => None,
            _ => return Err(damaged("an import that has half ended")),
        };
        let place: FilePlace = from_json(&row.cursor)?;
        let read = i64::try_from(place.byte).map_err(damaged)?.min(row.total);
        Ok(Self {
            id: NumberJobId::new(row.id),
            options: row.request()?.options,
            counts: from_json(&row.counts)?,
            read: (row.total, read),
            created_at: timestamp(row.created_at)?,
            updated_at: timestamp(row.updated_at)?,
            ended,
        })
    }
}

impl TryFrom<ImportDbRow> for RunningImport {
    type Error = DatabaseError;

    fn try_from(row: ImportDbRow) -> error::Result<Self> {
        Ok(Self {
            id: NumberJobId::new(row.id),
            list: row.list_id,
            options: row.request()?.options,
            place: from_json(&row.cursor)?,
            counts: from_json(&row.counts)?,
        })
    }
}
