//! The row of an imported year: its columns, and how it becomes a year.

use calendar::HolidayYear;
use serde::Serialize;

use crate::database::{convert::damaged, error::Result};

/// Whether a group follows the calendar `$1`, as its first or another. The others are a list in JSON, and so each in quotation marks.
macro_rules! follows_calendar {
    () => {
        "(holiday_calendar = $1 OR replace(other_holiday_calendars, '\"' || $1 || '\"', '') <> other_holiday_calendars)"
    };
}
pub(crate) use follows_calendar;

/// The columns of [`YearRow`].
macro_rules! year_columns {
    () => {
        "calendar_id, year, document, revision, imported_at, removed"
    };
}
pub(super) use year_columns;

#[derive(Debug, Serialize, sqlx_macros::FromRow)]
pub(super) struct YearRow {
    calendar_id: String,
    year: i64,
    pub(super) document: String,
    pub(super) revision: i64,
    imported_at: i64,
    #[serde(skip)]
    pub(super) removed: bool,
}

impl YearRow {
    pub(super) fn holiday_year(&self) -> Result<HolidayYear> {
        stored_year(self.year, &self.document)
    }
}

/// A year by its document.
pub(super) fn stored_year(year: i64, document: &str) -> Result<HolidayYear> {
    let number = i16::try_from(year).map_err(damaged)?;
    HolidayYear::from_json(number, document).map_err(damaged)
}
