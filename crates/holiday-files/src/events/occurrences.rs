//! When an event takes place: its spans on a group's wall clock.

use jiff::{
    Span, Timestamp, ToSpan,
    civil::{Date, DateTime, date},
};

use super::{
    EventLeftOutReason, EventOptions,
    moment::{self, EventTime, Told},
    repeats,
};
use crate::icalendar::HolidayEvent;

/// No event of an earlier year is read: its repetitions would only be counted.
const EARLIEST: Date = date(1970, 1, 1);

/// From when to when, on a wall clock.
pub(super) type EventSpan = (DateTime, DateTime);

/// The spans of an event within the days that are imported. `all` are the events of the file, some of which may move it.
pub(super) fn of(
    event: &HolidayEvent<'_>,
    all: &[HolidayEvent<'_>],
    options: &EventOptions,
) -> Told<Vec<EventSpan>> {
    if event.is("STATUS", "CANCELLED") {
        return Ok(Err(EventLeftOutReason::Cancelled));
    }
    let begin = match moment::of(event, "DTSTART", &options.zone).ok_or("DTSTART is missing")?? {
        Ok(begin) => begin,
        Err(reason) => return Ok(Err(reason)),
    };
    let length = match length(event, &begin, options)? {
        Ok(length) => length,
        Err(reason) => return Ok(Err(reason)),
    };
    let days = match days(event, &begin, options)? {
        Ok(days) => days,
        Err(reason) => return Ok(Err(reason)),
    };
    let moved = moved(event, all, options)?;
    let mut spans = Vec::new();
    for day in days {
        let local = day.to_datetime(begin.local.time());
        let begins = EventTime { local, zone: begin.zone.clone() }.instant()?;
        if moved.contains(&begins) {
            continue;
        }
        let local = local.checked_add(length).map_err(|_| "it never ends".to_owned())?;
        let ends = EventTime { local, zone: begin.zone.clone() }.instant()?;
        let there = |instant| options.zone.to_datetime(instant);
        spans.push((there(begins), there(ends)));
    }
    Ok(checked(spans, options))
}

/// How long it lasts, on the wall clock of its own zone.
fn length(event: &HolidayEvent<'_>, begin: &EventTime, options: &EventOptions) -> Told<Span> {
    let length = match moment::of(event, "DTEND", &options.zone) {
        Some(end) => match end? {
            Ok(end) => begin.zone.to_datetime(end.instant()?) - begin.local,
            Err(reason) => return Ok(Err(reason)),
        },
        None => match event.value("DURATION") {
            Some(text) => text.parse().map_err(|_| format!("DURATION {text:?} is no length of time"))?,
            None => Span::new(),
        },
    };
    if length.is_negative() {
        return Err("DTEND must not be before DTSTART".to_owned());
    }
    Ok(if length.is_zero() { Err(EventLeftOutReason::NoLength) } else { Ok(length) })
}

/// The days on which it begins, in its own zone, up to the last that is imported.
fn days(event: &HolidayEvent<'_>, begin: &EventTime, options: &EventOptions) -> Told<Vec<Date>> {
    let start = begin.local.date();
    // One more, for the day is later in some zones.
    let last = options.days.1.saturating_add(1.day());
    let mut days = vec![start];
    if let Some(text) = event.value("RRULE") {
        let Some((rule, until)) = repeats::parse(text, start) else {
            return Ok(Err(EventLeftOutReason::Repeats(text.to_owned())));
        };
        if start < EARLIEST {
            return Ok(Err(EventLeftOutReason::OutsideDays));
        }
        let until = until.map(|text| Until::read(text, begin)).transpose()?;
        days = rule.days(start, last);
        days.retain(|day| until.as_ref().is_none_or(|until| until.holds(*day, begin)));
    }
    for text in event.list("RDATE") {
        let Some(day) = added(text, begin)? else {
            return Ok(Err(EventLeftOutReason::Repeats(format!("RDATE {text}"))));
        };
        days.push(day);
    }
    days.sort_unstable();
    days.dedup();
    Ok(Ok(days))
}

/// The day of a repetition that is written down by itself, if it is at the same time of day.
fn added(text: &str, begin: &EventTime) -> Result<Option<Date>, String> {
    let Ok(Ok(time)) = moment::read("RDATE", text, &begin.zone) else { return Ok(None) };
    let local = begin.zone.to_datetime(time.instant()?);
    Ok((local.time() == begin.local.time()).then(|| local.date()))
}

/// The last instant or day on which an event that repeats begins.
enum Until {
    Day(Date),
    Instant(Timestamp),
}

impl Until {
    fn read(text: &str, begin: &EventTime) -> Result<Self, String> {
        Ok(match moment::read("UNTIL", text, &begin.zone)? {
            Ok(time) => Self::Instant(time.instant()?),
            Err(_) => Self::Day(crate::yearly::date(text).ok_or("UNTIL is no date")?),
        })
    }

    fn holds(&self, day: Date, begin: &EventTime) -> bool {
        match self {
            Self::Day(last) => day <= *last,
            Self::Instant(last) => {
                let begins =
                    EventTime { local: day.to_datetime(begin.local.time()), zone: begin.zone.clone() };
                begins.instant().is_ok_and(|begins| begins <= *last)
            }
        }
    }
}

/// The instants at which an event does not begin although its rule says so: taken out, or moved by an event of their own.
fn moved(
    event: &HolidayEvent<'_>,
    all: &[HolidayEvent<'_>],
    options: &EventOptions,
) -> Result<Vec<Timestamp>, String> {
    let zone = |event: &HolidayEvent<'_>, name: &str| {
        let named = event.parameter(name, "TZID").or_else(|| event.parameter("DTSTART", "TZID"));
        named.and_then(|id| jiff::tz::TimeZone::get(id).ok()).unwrap_or_else(|| options.zone.clone())
    };
    let mut instants = Vec::new();
    for text in event.list("EXDATE") {
        if let Ok(time) = moment::read("EXDATE", text, &zone(event, "EXDATE"))? {
            instants.push(time.instant()?);
        }
    }
    let (uid, is_moved) = (event.value("UID"), event.value("RECURRENCE-ID").is_some());
    if uid.is_none() || is_moved || event.value("RRULE").is_none() {
        return Ok(instants);
    }
    for other in all.iter().filter(|other| other.value("UID") == uid) {
        let Some(text) = other.value("RECURRENCE-ID") else { continue };
        if let Ok(time) = moment::read("RECURRENCE-ID", text, &zone(other, "RECURRENCE-ID"))? {
            instants.push(time.instant()?);
        }
    }
    Ok(instants)
}

/// Those that lie within the days, if there are any, and all are of whole minutes.
fn checked(spans: Vec<EventSpan>, options: &EventOptions) -> Result<Vec<EventSpan>, EventLeftOutReason> {
    let (first, last) = options.days;
    let within: Vec<EventSpan> =
        spans.into_iter().filter(|(begin, _)| (first..=last).contains(&begin.date())).collect();
    let is_whole = |time: &DateTime| time.second() == 0 && time.subsec_nanosecond() == 0;
    if within.is_empty() {
        Err(EventLeftOutReason::OutsideDays)
    } else if within.iter().any(|(begin, end)| !is_whole(begin) || !is_whole(end)) {
        Err(EventLeftOutReason::Seconds)
    } else if within.iter().any(|(begin, end)| end <= begin) {
        Err(EventLeftOutReason::NoLength)
    } else {
        Ok(within)
    }
}
