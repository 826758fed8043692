//! When an event takes place: its spans on a group's wall clock.

use jiff::{
    Span, Timestamp, ToSpan,
    civil::{Date, DateTime, Time, date},
    tz::TimeZone,
};

use super::{
    EventLeftOutReason, EventOptions,
    moment::{self, EventTime, Told},
};
use crate::{
    icalendar::HolidayEvent,
    repeats::{self, RepeatRule},
};

/// No event of an earlier year is read: its repetitions would only be counted.
const EARLIEST: Date = date(1970, 1, 1);

/// From when to when, on a wall clock.
pub(super) type EventSpan = (DateTime, DateTime);

/// When an occurrence begins, on its event's own clock, and how long it lasts.
type LocalOccurrence = (DateTime, Span);

/// The spans of an event within the days that are imported. `all` are the events of the file, some of which may move it.
pub(super) fn of(
    event: &HolidayEvent<'_>,
    all: &[HolidayEvent<'_>],
    options: &EventOptions,
) -> Told<Vec<EventSpan>> {
    if event.is_cancelled() {
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
    let occurrences = match occurrences(event, &begin, length, options)? {
        Ok(occurrences) => occurrences,
        Err(reason) => return Ok(Err(reason)),
    };
    let taken_out = match TakenOut::of(event, all, options)? {
        Ok(taken_out) => taken_out,
        Err(reason) => return Ok(Err(reason)),
    };
    let mut spans = Vec::new();
    for (local, length) in occurrences {
        let begins = EventTime { local, zone: begin.zone.clone() }.instant()?;
        let there = |instant| options.zone.to_datetime(instant);
        if begin.zone == TimeZone::UTC && taken_out.is_doubtful(local.date(), there(begins).date()) {
            let reason = "EXDATE or RECURRENCE-ID of a day, and another day in universal time";
            return Ok(Err(EventLeftOutReason::Repeats(reason.to_owned())));
        }
        if taken_out.holds(local.date(), begins) {
            continue;
        }
        let local = local.checked_add(length).map_err(|_| "it never ends".to_owned())?;
        let ends = EventTime { local, zone: begin.zone.clone() }.instant()?;
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

/// Its occurrences up to the last day that is imported, in their order.
fn occurrences(
    event: &HolidayEvent<'_>,
    begin: &EventTime,
    length: Span,
    options: &EventOptions,
) -> Told<Vec<LocalOccurrence>> {
    let days = match days(event, begin, options)? {
        Ok(days) => days,
        Err(reason) => return Ok(Err(reason)),
    };
    let time = begin.local.time();
    let mut found: Vec<LocalOccurrence> =
        days.into_iter().map(|day| (day.to_datetime(time), length)).collect();
    for (zone, text) in event.times("RDATE") {
        match added(zone, text, event, begin, options)? {
            Ok((local, own)) => found.push((local, own.unwrap_or(length))),
            Err(reason) => return Ok(Err(reason)),
        }
    }
    found.sort_by_key(|(local, _)| *local);
    found.dedup_by_key(|(local, _)| *local);
    Ok(Ok(found))
}

/// The days on which it begins by itself and by its rule, in its own zone.
fn days(event: &HolidayEvent<'_>, begin: &EventTime, options: &EventOptions) -> Told<Vec<Date>> {
    let start = begin.local.date();
    let Some(text) = event.value("RRULE") else { return Ok(Ok(vec![start])) };
    let Some((rule, until)) = RepeatRule::parse(text, begin.local) else {
        return Ok(Err(EventLeftOutReason::Repeats(text.to_owned())));
    };
    if start < EARLIEST {
        return Ok(Err(EventLeftOutReason::OutsideDays));
    }
    let until = until.map(|text| Until::read(text, begin)).transpose()?;
    // One more, for the day is later in some zones.
    let mut days = rule.dates(start, options.days.1.saturating_add(1.day()));
    days.retain(|day| until.as_ref().is_none_or(|until| until.holds(*day, begin)));
    Ok(Ok(days))
}

/// An occurrence that is written down by itself: a time, or a period with a length of its own.
fn added(
    zone: Option<&str>,
    text: &str,
    event: &HolidayEvent<'_>,
    begin: &EventTime,
    options: &EventOptions,
) -> Told<(DateTime, Option<Span>)> {
    let zone = match listed_zone(event, zone, options) {
        Ok(zone) => zone,
        Err(reason) => return Ok(Err(reason)),
    };
    let (from, to) = text.split_once('/').map_or((text, None), |(from, to)| (from, Some(to)));
    let Ok(time) = moment::read("RDATE", from, &zone)? else {
        // A day says nothing of when on it.
        return Ok(Err(EventLeftOutReason::Repeats(format!("RDATE {text}"))));
    };
    let local = begin.zone.to_datetime(time.instant()?);
    let length = match to {
        None => return Ok(Ok((local, None))),
        Some(length) if length.starts_with(['P', 'p', '+', '-']) => {
            length.parse::<Span>().map_err(|_| format!("RDATE {text:?} has no length of time"))?
        }
        Some(end) => match moment::read("RDATE", end, &zone)? {
            Ok(end) => begin.zone.to_datetime(end.instant()?) - local,
            Err(reason) => return Ok(Err(reason)),
        },
    };
    Ok(match length {
        length if length.is_negative() => {
            return Err(format!("RDATE {text:?} must not end before it begins"));
        }
        length if length.is_zero() => Err(EventLeftOutReason::NoLength),
        length => Ok((local, Some(length))),
    })
}

/// The zone of a time in a list: its own, that of the event's begin, or the group's.
fn listed_zone(
    event: &HolidayEvent<'_>,
    own: Option<&str>,
    options: &EventOptions,
) -> Result<TimeZone, EventLeftOutReason> {
    moment::zone_of(own.or_else(|| event.parameter("DTSTART", "TZID")), &options.zone)
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
            Err(_) => Self::Day(repeats::date(text).ok_or("UNTIL is no date")?),
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

/// The occurrences that an event has not although its rule says so: taken out, or moved by an event of their own.
#[derive(Default)]
struct TakenOut {
    instants: Vec<Timestamp>,
    /// On the event's own clock, whatever the time of day.
    days: Vec<Date>,
}

impl TakenOut {
    fn of(event: &HolidayEvent<'_>, all: &[HolidayEvent<'_>], options: &EventOptions) -> Told<Self> {
        let mut found = Self::default();
        let (uid, is_moved) = (event.value("UID"), event.value("RECURRENCE-ID").is_some());
        let repeats =
            uid.is_some() && !is_moved && ["RRULE", "RDATE"].iter().any(|name| event.value(name).is_some());
        let moving = all.iter().filter(|other| repeats && other.value("UID") == uid);
        let moved = moving.flat_map(|other| other.times("RECURRENCE-ID").map(move |time| (other, time)));
        let named = event.times("EXDATE").map(|time| (event, time));
        for (source, (zone, text)) in named.chain(moved) {
            match listed_zone(source, zone, options) {
                Ok(zone) => found.add(text, &zone)?,
                Err(reason) => return Ok(Err(reason)),
            }
        }
        // What holds from one occurrence on is not read, neither of it nor of those that it changes.
        let mut of_series =
            all.iter().filter(|other| uid.is_some() && other.value("UID") == uid).chain([event]);
        let range = of_series.find_map(|other| other.parameter("RECURRENCE-ID", "RANGE"));
        Ok(match range {
            Some(range) => Err(EventLeftOutReason::Repeats(format!("RECURRENCE-ID;RANGE={range}"))),
            None => Ok(found),
        })
    }

    fn add(&mut self, text: &str, zone: &TimeZone) -> Result<(), String> {
        match moment::read("EXDATE or RECURRENCE-ID", text, zone)? {
            Ok(time) => self.instants.push(time.instant()?),
            // Read as a date, so it is one.
            Err(_) => self.days.extend(repeats::date(text)),
        }
        Ok(())
    }

    fn holds(&self, day: Date, begins: Timestamp) -> bool {
        self.days.contains(&day) || self.instants.contains(&begins)
    }

    /// Whether a day that is taken out is another one in universal time, by which the event is written, than in the group's zone.
    fn is_doubtful(&self, own: Date, there: Date) -> bool {
        own != there && (self.days.contains(&own) || self.days.contains(&there))
    }
}

/// Those of which a part lies within the days, if there are any, and all are of whole minutes: also one that began before and runs still.
fn checked(spans: Vec<EventSpan>, options: &EventOptions) -> Result<Vec<EventSpan>, EventLeftOutReason> {
    let (first, last) = options.days;
    let is_within = |(begin, end): &EventSpan| {
        begin.date() <= last && (*end > first.to_datetime(Time::midnight()) || begin.date() >= first)
    };
    let within: Vec<EventSpan> = spans.into_iter().filter(is_within).collect();
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
