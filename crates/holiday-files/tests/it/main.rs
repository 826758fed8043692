//! Files of holidays in the forms in which they are handed round.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should stop")]

mod events;
mod forms;
mod icalendar;
mod oracle;
mod programs;
mod subscriptions;

use std::collections::BTreeMap;

use calendar::{HolidayDay, HolidayKind};
use holiday_files::{FileFault, HolidayFile, ReadOptions};
use jiff::civil::{Date, date};

/// The day of the tests.
pub(crate) const TODAY: Date = date(2026, 11, 28);

pub(crate) fn options() -> ReadOptions {
    ReadOptions { today: TODAY, ..ReadOptions::default() }
}

pub(crate) fn known_until(known_until: &str) -> ReadOptions {
    ReadOptions { known_until: Some(known_until.parse().unwrap()), ..options() }
}

#[track_caller]
pub(crate) fn read_with(text: &str, options: &ReadOptions) -> HolidayFile {
    holiday_files::read(text.as_bytes(), options).unwrap_or_else(|fault| panic!("{fault}\n{text}"))
}

#[track_caller]
pub(crate) fn read(text: &str) -> HolidayFile {
    read_with(text, &options())
}

#[track_caller]
pub(crate) fn refused(text: &str) -> FileFault {
    holiday_files::read(text.as_bytes(), &options()).expect_err(text)
}

/// The days of a file by their dates.
pub(crate) fn days(file: &HolidayFile) -> BTreeMap<String, HolidayDay> {
    let days = file.years.iter().flat_map(|year| year.calendar().days());
    days.map(|day| (day.date.to_string(), day.clone())).collect()
}

/// The dates of a kind.
pub(crate) fn of_kind(file: &HolidayFile, kind: HolidayKind) -> Vec<String> {
    days(file).into_values().filter(|day| day.kind == kind).map(|day| day.date.to_string()).collect()
}

/// Which day of a file a date is.
#[track_caller]
pub(crate) fn kind(file: &HolidayFile, date: &str) -> Option<HolidayKind> {
    days(file).get(date).map(|day| day.kind)
}

/// `VEVENT`s in their calendar.
pub(crate) fn calendar(events: &[&str]) -> String {
    let events = events.iter().map(|lines| format!("BEGIN:VEVENT\r\n{lines}\r\nEND:VEVENT\r\n"));
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{}END:VCALENDAR\r\n", events.collect::<String>())
}
