//! Timed events of an iCalendar file, as exceptions of a group: what a team's calendar says of when it is there, or is not.
//!
//! Nothing is guessed: whoever imports a file says what its events do (`add` or `close`), and what is not sure to be what the file
//! means is left out with the reason. Times are those of the group's zone, whatever zone an event names.

mod moment;
mod occurrences;

use calendar::{ExceptionEffect, ExceptionInput, WindowInput};
use jiff::{
    ToSpan,
    civil::{Date, DateTime, Time},
    tz::TimeZone,
};

use crate::{MOST_TIMED_EVENTS, fault::FileFault, icalendar, text};

/// How a file's timed events are to be read.
#[derive(Clone, Debug)]
pub struct EventOptions {
    /// The zone of the group; times without a zone are its own.
    pub zone: TimeZone,
    /// The first day, and the last one included: what neither begins on them nor runs on into them is left out.
    pub days: (Date, Date),
    /// What the events do.
    pub effect: ExceptionEffect,
}

/// What a file's timed events come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventExceptions {
    /// By their dates; days in a row with the same event at the same time are one.
    pub exceptions: Vec<ExceptionInput>,
    /// What of the file is in none of them.
    pub left_out: Vec<EventLeftOut>,
}

/// An event that was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventLeftOut {
    /// Where it stands in the file.
    pub place: String,
    /// What it is called.
    pub name: String,
    /// Why.
    pub reason: EventLeftOutReason,
}

/// Why an event was left out: a closed list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventLeftOutReason {
    /// It is cancelled in the file.
    Cancelled,
    /// It is about whole days.
    WholeDay,
    /// It has no length.
    NoLength,
    /// Its times are not whole minutes.
    Seconds,
    /// It names a zone that is neither IANA's nor Windows'; the name.
    Zone(String),
    /// It repeats in a way that is not read; the way, as the file has it.
    Repeats(String),
    /// No part of it lies within the days that are imported.
    OutsideDays,
}

impl EventLeftOutReason {
    /// A stable code, in `snake_case`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::WholeDay => "whole_day",
            Self::NoLength => "no_length",
            Self::Seconds => "seconds",
            Self::Zone(_) => "zone",
            Self::Repeats(_) => "repeats",
            Self::OutsideDays => "outside_days",
        }
    }
}

impl std::fmt::Display for EventLeftOutReason {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Cancelled => formatter.write_str("it is cancelled"),
            Self::WholeDay => formatter.write_str("it is about whole days"),
            Self::NoLength => formatter.write_str("it has no length"),
            Self::Seconds => formatter.write_str("its times are not whole minutes"),
            Self::Zone(zone) => write!(
                formatter,
                "{zone:?} is no time zone that is known, such as Asia/Shanghai or China Standard Time"
            ),
            Self::Repeats(how) => write!(formatter, "it repeats in a way that is not read: {how}"),
            Self::OutsideDays => formatter.write_str("it lies outside the days that are imported"),
        }
    }
}

/// Reads the timed events of an iCalendar file.
///
/// ```
/// use holiday_files::{EventOptions, read_events};
/// use jiff::civil::date;
///
/// let text = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;TZID=Asia/Shanghai:20261205T090000\r\n\
///             DTEND;TZID=Asia/Shanghai:20261205T120000\r\nSUMMARY:值守\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
/// let options = EventOptions {
///     zone: jiff::tz::TimeZone::get("Asia/Shanghai").unwrap(),
///     days: (date(2026, 12, 1), date(2026, 12, 31)),
///     effect: calendar::ExceptionEffect::Add,
/// };
/// let read = read_events(text.as_bytes(), &options)?;
/// assert_eq!(read.exceptions[0].times[0].end_time, "12:00");
/// # Ok::<(), holiday_files::FileFault>(())
/// ```
///
/// # Errors
/// [`FileFault`]; of its entries only that one cannot be read.
pub fn read_events(bytes: &[u8], options: &EventOptions) -> Result<EventExceptions, FileFault> {
    let text = icalendar::prepared(&text::decode(bytes)?)?;
    let calendars = icalendar::calendars(&text)?;
    let events = icalendar::events(&calendars);
    if events.is_empty() {
        return Err(FileFault::Nothing("events (VEVENT)"));
    }
    if events.len() > MOST_TIMED_EVENTS {
        return Err(FileFault::TooManyEvents);
    }
    let mut read = EventExceptions::default();
    let mut pieces = Vec::new();
    for (number, event) in (1_usize..).zip(&events) {
        let name = event.value("SUMMARY").unwrap_or_default().to_owned();
        let place = format!("event {number} ({name})");
        let found = occurrences::of(event, &events, options)
            .map_err(|message| FileFault::Entry { place: place.clone(), message })?;
        match found {
            Ok(spans) => {
                let days = spans.into_iter().flat_map(|span| by_days(span, options.days.0));
                pieces.extend(days.map(|piece| (name.clone(), piece)));
            }
            Err(reason) => read.left_out.push(EventLeftOut { place, name, reason }),
        }
    }
    read.exceptions = joined(pieces, options.effect);
    Ok(read)
}

/// A part of an event that begins on one day: the day, and its times as they are written.
type DayWindow = (Date, WindowInput);

/// A span of the wall clock as windows: one, over midnight too, or one for each day from `first` on where it is longer than a day.
fn by_days((begin, end): (DateTime, DateTime), first: Date) -> Vec<DayWindow> {
    let time = |time: Time| time.strftime("%H:%M").to_string();
    let window = |date: Date, begin: Time, end: Option<Time>| {
        let end_time = end.map_or_else(|| "24:00".to_owned(), time);
        (date, WindowInput { begin_time: time(begin), end_time })
    };
    let midnight = Time::midnight();
    let runs_over = begin.date().tomorrow().ok() == Some(end.date()) && end.time() < begin.time();
    if begin.date() == end.date() || runs_over && end.time() != midnight {
        return vec![window(begin.date(), begin.time(), Some(end.time()))];
    }
    let days = begin.date().max(first).series(1.day()).take_while(|date| date.to_datetime(midnight) < end);
    days.map(|date| {
        let from = if date == begin.date() { begin.time() } else { midnight };
        window(date, from, (date == end.date()).then(|| end.time()))
    })
    .collect()
}

/// Exceptions of these pieces; those of days in a row that are alike are one.
fn joined(mut pieces: Vec<(String, DayWindow)>, effect: ExceptionEffect) -> Vec<ExceptionInput> {
    let key = |(name, (_, times)): &(String, DayWindow)| {
        (name.clone(), times.begin_time.clone(), times.end_time.clone())
    };
    pieces.sort_by_cached_key(|piece| (key(piece), piece.1.0));
    pieces.dedup();
    let mut runs: Vec<(String, Date, Date, WindowInput)> = Vec::new();
    for (name, (date, times)) in pieces {
        match runs.last_mut() {
            Some((before, _, last, same))
                if *before == name && *same == times && last.tomorrow().ok() == Some(date) =>
            {
                *last = date;
            }
            _ => runs.push((name, date, date, times)),
        }
    }
    runs.sort_by(|one, other| (one.1, &one.3.begin_time).cmp(&(other.1, &other.3.begin_time)));
    let exception = |(name, first, last, times): (String, Date, Date, WindowInput)| ExceptionInput {
        name,
        effect: Some(effect.code().to_owned()),
        begin_date: Some(first.to_string()),
        end_date: Some(last.to_string()),
        times: vec![times],
        ..ExceptionInput::default()
    };
    runs.into_iter().map(exception).collect()
}
