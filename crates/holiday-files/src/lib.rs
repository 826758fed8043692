//! Files of holidays, in the forms in which they are handed round: iCalendar, CSV, `holiday-cn`'s JSON and our own.
//!
//! The timed events of an iCalendar file can be read as exceptions of a group too ([`read_events`]).
//!
//! This crate is pure: a file's bytes go in, and years of a holiday calendar come out, with all that was left out and why. What is not
//! understood is refused and listed, until whoever imports the file says what it is.
//!
//! ```
//! use holiday_files::{ReadOptions, read};
//!
//! let options = ReadOptions { today: jiff::civil::date(2026, 11, 28), ..ReadOptions::default() };
//! let text = "date,name,kind\n2027-01-01,元旦,放假\n2027-01-02,元旦,补班\n";
//! let file = read(text.as_bytes(), &options)?;
//! assert_eq!(file.years[0].calendar().days().len(), 2);
//! # Ok::<(), holiday_files::FileFault>(())
//! ```
#![forbid(unsafe_code)]

mod encoding;
mod entry;
mod events;
mod fault;
mod icalendar;
mod json;
mod judge;
mod labels;
mod repeats;
mod table;
mod text;
mod words;
mod years;
mod zones;

use std::collections::BTreeSet;

use calendar::{HolidayYear, Notice};
pub use domain::UnclearAs;
use jiff::{civil::Date, tz::TimeZone};

use crate::{entry::FileEntry, json::JsonFile};
pub use crate::{
    entry::NotUnderstood,
    events::{EventExceptions, EventLeftOut, EventLeftOutReason, EventOptions, read_events},
    fault::{FileFault, PlacedFault, Unclear},
};

/// The most bytes of a file: many times what all years of a country take.
pub const LARGEST_FILE: usize = 1024 * 1024;

/// The most events of a file that are read as exceptions: many more than a group may have of these.
pub const MOST_TIMED_EVENTS: usize = 2_000;

/// How a file is to be read.
#[derive(Clone, Debug, Default)]
pub struct ReadOptions {
    /// The calendar's id, before the file's own; [`domain::DEFAULT_HOLIDAY_CALENDAR`] when neither says it.
    pub calendar: Option<String>,
    /// The last date to which the file is complete, before what it says itself; days after it are left out.
    pub known_until: Option<Date>,
    /// The present date: what repeats for ever is read to the end of the next year, if nothing else says how far.
    pub today: Date,
    /// What the entries are that are not understood. `None`: the file is refused, and they are listed.
    pub unclear: Option<UnclearAs>,
}

/// What a file says.
#[derive(Clone, Debug)]
pub struct HolidayFile {
    /// Its years, at least one.
    pub years: Vec<HolidayYear>,
    /// What of it is in none of them.
    pub left_out: Vec<LeftOut>,
    /// Those of the years of which it has repeating days alone, although it writes down days of other years one by one: holidays whose
    /// dates change from year to year may be missing of them.
    pub only_repeated: Vec<i16>,
    /// Zones that it names and nobody knows: whole days in them are taken as they are written. In order, the first few.
    pub unknown_zones: Vec<String>,
}

/// How many unknown zones of a file are told.
const ZONES_TOLD: usize = 20;

/// Something in a file that was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Where it stands in the file.
    pub place: String,
    /// What it is called.
    pub name: String,
    /// Which day, if it has one.
    pub date: Option<Date>,
    /// Why.
    pub reason: LeftOutReason,
}

/// Why something was left out: a closed list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeftOutReason {
    /// It is cancelled in the file.
    Cancelled,
    /// It lies after the date to which the file is said to be complete.
    AfterKnownUntil,
    /// Another entry says more of that day.
    Outweighed,
    /// It was not understood, and whoever imports the file wished such entries left out.
    NotUnderstood(NotUnderstood),
}

impl LeftOutReason {
    /// A stable code, in `snake_case`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::AfterKnownUntil => "after_known_until",
            Self::Outweighed => "outweighed",
            Self::NotUnderstood(_) => "not_understood",
        }
    }
}

impl std::fmt::Display for LeftOutReason {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Cancelled => formatter.write_str("it is cancelled"),
            Self::AfterKnownUntil => {
                formatter.write_str("it lies after the date to which the file is complete")
            }
            Self::Outweighed => formatter.write_str("another entry says more of that day"),
            Self::NotUnderstood(reason) => write!(formatter, "not understood: {reason}"),
        }
    }
}

/// What a file says before its days are worked out.
#[derive(Default)]
pub(crate) struct Draft {
    pub(crate) entries: Vec<FileEntry>,
    pub(crate) notices: Vec<Notice>,
    pub(crate) known_until: Option<Date>,
    /// The zone that the file says it is of.
    pub(crate) zone: Option<TimeZone>,
    pub(crate) left_out: Vec<LeftOut>,
    /// Zones that it names and nobody knows.
    pub(crate) unknown_zones: BTreeSet<String>,
}

/// Reads a file, whose form is seen from what it holds.
///
/// # Errors
/// [`FileFault`].
pub fn read(bytes: &[u8], options: &ReadOptions) -> Result<HolidayFile, FileFault> {
    let text = text::decode(bytes)?;
    let begins = |word: &str| text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    if begins("BEGIN:") {
        years::of_draft(icalendar::read(&text)?, options)
    } else if table::is_of_outlook(&text) {
        years::of_draft(table::read_of_outlook(&text)?, options)
    } else if text.starts_with(['{', '[']) || text == "null" {
        match json::read(&text)? {
            JsonFile::Own(file) => years::of_own_file(file, options),
            JsonFile::Other(draft) => years::of_draft(draft, options),
        }
    } else {
        years::of_draft(table::read(&text)?, options)
    }
}
