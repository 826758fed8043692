//! When an event is: on which days, or on which part of a day.

use jiff::{
    Span,
    civil::{Date, DateTime, Time},
    tz::TimeZone,
};

use super::HolidayEvent;
use crate::{entry::NotUnderstood, repeats, zones};

/// An event's days.
pub(super) struct Occurrence {
    pub(super) first: Date,
    /// In days, at least one.
    pub(super) length: i32,
    /// The part of the day, in minutes after midnight, unless it is all day.
    pub(super) part: Option<(u16, u16)>,
    /// Whether its local days are known.
    pub(super) is_clear: bool,
    /// Whether it begins and ends with a day, or lies within one.
    pub(super) is_even: bool,
    /// At what time of its first day it begins.
    pub(super) begins: Time,
}

/// The zone of an event: its begin's, or the file's.
pub(super) fn zone(event: &HolidayEvent<'_>, file: Option<&TimeZone>) -> Option<TimeZone> {
    match event.parameter("DTSTART", "TZID") {
        Some(id) => zones::named(id),
        None => file.cloned(),
    }
}

/// The day of a date, or of a time on an event's clock.
fn day(text: &str, zone: Option<&TimeZone>) -> Option<Date> {
    match moment("", text, zone) {
        Ok(EventMoment::Time { local, is_clear: true }) if !is_midnight_of_all(text) => Some(local.date()),
        _ => repeats::date(text),
    }
}

/// The day of an occurrence that is taken out or changed. `None`: its time is in universal time, and nobody knows of which zone it is.
pub(super) fn original(name: &str, text: &str, zone: Option<&TimeZone>) -> Result<Option<Date>, String> {
    Ok(match moment(name, text, zone)? {
        EventMoment::Day(date) => Some(date),
        EventMoment::Time { local, is_clear } if is_clear && !is_midnight_of_all(text) => Some(local.date()),
        EventMoment::Time { .. } => repeats::date(text).filter(|_| is_midnight_of_all(text)),
    })
}

/// The first day of an occurrence that is added, `own` being the one that its event begins with: a day, a time, or a period. What lasts
/// longer or shorter than the event, or another part of the day, is not read.
pub(super) fn added(
    event: &HolidayEvent<'_>,
    text: &str,
    own: &Occurrence,
    zone: Option<&TimeZone>,
) -> Result<Result<Date, NotUnderstood>, String> {
    let other = || Ok(Err(NotUnderstood::Repeats(format!("RDATE:{text}"))));
    if let Some((from, to)) = text.split_once('/') {
        let begin = moment("RDATE", from, zone)?;
        let is_length = to.starts_with(['P', 'p', '+', '-']);
        let end = if is_length { after(begin, "RDATE", to)? } else { moment("RDATE", to, zone)? };
        if end.local() < begin.local() {
            return Err(format!("RDATE {text:?} must not end before it begins"));
        }
        let found = of(event, begin, end);
        return match (found.is_clear, (found.length, found.part) == (own.length, own.part)) {
            (false, _) => Ok(Err(NotUnderstood::Zone)),
            (true, true) => Ok(Ok(found.first)),
            (true, false) => other(),
        };
    }
    let is_other_time =
        |local: DateTime| own.part.is_some() && local.time() != own.begins && !is_midnight_of_all(text);
    match moment("RDATE", text, zone)? {
        EventMoment::Time { local, is_clear: true } if is_other_time(local) => other(),
        _ => Ok(original("RDATE", text, zone)?.ok_or(NotUnderstood::Zone)),
    }
}

/// The last day on which an event that begins at a time of day begins, by the `UNTIL` of its rule.
pub(super) fn last_day(text: &str, zone: Option<&TimeZone>, begins: Time) -> Option<Date> {
    let last = day(text, zone)?;
    match moment("", text, zone) {
        Ok(EventMoment::Time { local, is_clear: true }) if local.date() == last && local.time() < begins => {
            last.yesterday().ok()
        }
        _ => Some(last),
    }
}

/// Whether it is midnight in universal time, by which calendars without zones mean the date.
fn is_midnight_of_all(text: &str) -> bool {
    matches!(text.get(8..), Some("T000000Z" | "T0000Z"))
}

/// A date, or a date with a time.
#[derive(Clone, Copy)]
enum EventMoment {
    Day(Date),
    Time { local: DateTime, is_clear: bool },
}

impl EventMoment {
    const fn local(self) -> DateTime {
        match self {
            Self::Day(date) => date.to_datetime(Time::midnight()),
            Self::Time { local, .. } => local,
        }
    }
}

/// When an event is. `zone` is that of the file.
pub(super) fn occurrence(event: &HolidayEvent<'_>, zone: Option<&TimeZone>) -> Result<Occurrence, String> {
    let text = event.value("DTSTART").ok_or("DTSTART is missing")?;
    // Of days from midnight to midnight in universal time the dates are meant, as calendars without zones write them.
    let ends = event.value("DTEND");
    let zone = zone.filter(|_| !(is_midnight_of_all(text) && ends.is_none_or(is_midnight_of_all)));
    let begin = moment("DTSTART", text, zone)?;
    let end = end(event, begin, zone)?;
    if end.local() < begin.local() {
        return Err(
            "DTEND must not be before DTSTART: it is the first day that is no longer part of the event"
                .to_owned(),
        );
    }
    Ok(of(event, begin, end))
}

fn end(event: &HolidayEvent<'_>, begin: EventMoment, zone: Option<&TimeZone>) -> Result<EventMoment, String> {
    if let Some(text) = event.value("DTEND") {
        return moment("DTEND", text, zone);
    }
    let Some(text) = event.value("DURATION") else { return Ok(begin) };
    after(begin, "DURATION", text)
}

/// The end of what begins then and lasts so long.
fn after(begin: EventMoment, name: &str, text: &str) -> Result<EventMoment, String> {
    let span: Span = text.parse().map_err(|_| format!("{name} {text:?} is no length of time"))?;
    let local = begin.local().saturating_add(span);
    Ok(match begin {
        EventMoment::Day(_) => EventMoment::Day(local.date()),
        EventMoment::Time { is_clear, .. } => EventMoment::Time { local, is_clear },
    })
}

fn of(event: &HolidayEvent<'_>, begin: EventMoment, end: EventMoment) -> Occurrence {
    let (from, to) = (begin.local(), end.local());
    let first = from.date();
    let is_said_all_day = event.is("X-MICROSOFT-CDO-ALLDAYEVENT", "TRUE");
    let is_all_day = is_said_all_day || matches!(begin, EventMoment::Day(_));
    let is_whole = from.time() == Time::midnight()
        && (to.time() == Time::midnight() || (to.hour(), to.minute()) == (23, 59));
    let is_midnight = |moment: EventMoment| moment.local().time() == Time::midnight();
    // Of whole days in universal time the dates are meant, as calendars without zones write them.
    let is_clear = [begin, end]
        .into_iter()
        .all(|moment| !matches!(moment, EventMoment::Time { is_clear: false, .. }) || is_midnight(moment));
    let days = |from: Date, to: Date| from.until(to).map_or(1, |span| span.get_days());
    if !is_clear && from.time() == to.time() && from < to {
        // Whole days of a zone that is not named: midnight there is not far from midnight in universal time.
        let first = nearest_midnight(from);
        let length = days(first, nearest_midnight(to));
        let is_clear = is_said_all_day;
        return Occurrence { first, length, part: None, is_clear, is_even: true, begins: Time::midnight() };
    }
    let last_partly = i32::from(to.time() != Time::midnight());
    let length = (days(first, to.date()) + last_partly).max(1);
    let part = (!is_all_day && !is_whole && length <= 2 && is_shorter_than_a_day(from, to)).then(|| {
        let end = if to.date() > first { 24 * 60 } else { minute(to) };
        (minute(from), end)
    });
    let is_even = is_all_day || is_whole || part.is_some();
    let length = if part.is_some() { 1 } else { length };
    Occurrence { first, length, part, is_clear, is_even, begins: from.time() }
}

/// The date that begins at the midnight nearest to a time.
fn nearest_midnight(time: DateTime) -> Date {
    time.saturating_add(Span::new().hours(12)).date()
}

fn is_shorter_than_a_day(from: DateTime, to: DateTime) -> bool {
    to < from.saturating_add(Span::new().days(1))
}

fn minute(time: DateTime) -> u16 {
    u16::try_from(i32::from(time.hour()) * 60 + i32::from(time.minute())).unwrap_or(0)
}

/// `20270101`, `20270101T090000` or `20270101T010000Z`.
fn moment(name: &str, text: &str, zone: Option<&TimeZone>) -> Result<EventMoment, String> {
    let bad = || format!("{name} {text:?} must be a date of the form YYYYMMDD, or one with a time");
    if !text.get(..8).is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit())) {
        return Err(bad());
    }
    let date = repeats::date(text).ok_or_else(|| format!("{name} {text} is no day that exists"))?;
    let Some(time) = text.get(8..).and_then(|rest| rest.strip_prefix(['T', 't'])) else {
        return if text.len() == 8 { Ok(EventMoment::Day(date)) } else { Err(bad()) };
    };
    let (digits, is_universal) = match time.strip_suffix(['Z', 'z']) {
        Some(digits) => (digits, true),
        None => (time, false),
    };
    let form = if digits.len() == 4 { "%H%M" } else { "%H%M%S" };
    let local = date.to_datetime(Time::strptime(form, digits).map_err(|_| bad())?);
    if !is_universal {
        return Ok(EventMoment::Time { local, is_clear: true });
    }
    let there = zone.and_then(|zone| Some(zone.to_datetime(TimeZone::UTC.to_timestamp(local).ok()?)));
    Ok(EventMoment::Time { local: there.unwrap_or(local), is_clear: there.is_some() })
}
