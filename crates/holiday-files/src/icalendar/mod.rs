//! Holidays from iCalendar (RFC 5545), the form in which public calendars are handed round.
//!
//! - Whole days are dates, or run from midnight to midnight in whatever zone they name. `DTEND` is the first day that is no longer part of
//!   the event; where it is missing or the same as `DTSTART`, the event is one day.
//! - What lasts a part of its day is a make-up workday with its office hours, or a half day; else nobody knows.
//! - What repeats yearly is read ([`crate::repeats`]), `RDATE`, `EXDATE` and changed occurrences (`RECURRENCE-ID`) with it.
//! - Zones are IANA's or Windows' ([`crate::zones`]).
//! - What an event makes of its days: [`evidence`].
//! - Cancelled events are left out.

mod evidence;
mod time;

use icalendar::parser::{Component, Property, read_components, unfold};
use jiff::tz::TimeZone;

use self::time::Occurrence;
use crate::{
    Draft, LeftOut, LeftOutReason,
    entry::{EntryDates, FileEntry, LONGEST_ENTRY, NotUnderstood, Says},
    fault::FileFault,
    repeats::{self, RepeatRule},
    zones,
};

/// A calendar holds events, which hold alarms. Deeper files are made to exhaust whoever reads them.
const DEEPEST: usize = 8;

/// An event as the parser has it.
pub(crate) struct HolidayEvent<'c> {
    component: &'c Component<'c>,
    /// Whether its calendar takes back all that it holds (`METHOD:CANCEL`).
    is_taken_back: bool,
}

impl<'c> HolidayEvent<'c> {
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &'c Property<'c>> {
        self.component
            .properties
            .iter()
            .filter(move |property| property.name.as_str().eq_ignore_ascii_case(name))
    }

    pub(crate) fn value(&self, name: &str) -> Option<&'c str> {
        self.all(name).next().map(|property| property.val.as_str().trim())
    }

    /// A parameter of the first property of this name.
    pub(crate) fn parameter(&self, name: &str, parameter: &str) -> Option<&'c str> {
        parameter_of(self.all(name).next()?, parameter)
    }

    /// The values of all properties of this name, which are lists.
    pub(crate) fn list(&self, name: &str) -> impl Iterator<Item = &'c str> {
        self.all(name).flat_map(|property| property.val.as_str().split(',')).map(str::trim)
    }

    /// The same, each with the zone that its property names, and without those that are empty.
    pub(crate) fn times(&self, name: &str) -> impl Iterator<Item = (Option<&'c str>, &'c str)> {
        self.all(name).flat_map(|property| {
            let zone = parameter_of(property, "TZID");
            let values = property.val.as_str().split(',').map(str::trim).filter(|text| !text.is_empty());
            values.map(move |text| (zone, text))
        })
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.is_taken_back || self.is("STATUS", "CANCELLED")
    }

    pub(crate) fn is(&self, name: &str, value: &str) -> bool {
        self.value(name).is_some_and(|found| found.eq_ignore_ascii_case(value))
    }
}

fn parameter_of<'c>(property: &'c Property<'_>, parameter: &str) -> Option<&'c str> {
    let found = property.params.iter().find(|found| found.key.as_str().eq_ignore_ascii_case(parameter))?;
    Some(found.val.as_ref()?.as_str().trim_matches('"'))
}

/// A file's text as the parser takes it.
pub(crate) fn prepared(text: &str) -> Result<String, FileFault> {
    // The parser takes a value's end for the first CRLF after it, so the file must not mix line ends.
    let lines: Vec<&str> = text.split(['\r', '\n']).filter(|line| !line.is_empty()).collect();
    let text = unfold(&lines.join("\r\n")) + "\r\n";
    refuse_depth(&text)?;
    Ok(text)
}

/// The calendars of a text that is prepared.
pub(crate) fn calendars(text: &str) -> Result<Vec<Component<'_>>, FileFault> {
    // The parser reads one calendar; some files have several, one after the other.
    let is_begin = |line: &str| line.trim_end().eq_ignore_ascii_case("BEGIN:VCALENDAR");
    let (mut parts, mut start, mut at, mut lines) = (vec![], 0, 0, 0);
    for line in text.split_inclusive('\n') {
        if is_begin(line) && at > start {
            parts.push((&text[start..at], lines));
            lines += text[start..at].lines().count();
            start = at;
        }
        at += line.len();
    }
    parts.push((&text[start..], lines));
    let mut calendars = Vec::with_capacity(parts.len());
    for (part, before) in parts {
        let read = read_components(part);
        calendars.extend(
            read.map_err(|error| {
                FileFault::Form(format!("not an iCalendar file: {}", place(&error, before)))
            })?,
        );
    }
    Ok(calendars)
}

/// The events of calendars.
pub(crate) fn events<'c>(calendars: &'c [Component<'c>]) -> Vec<HolidayEvent<'c>> {
    let of_calendar = |calendar: &'c Component<'c>| {
        let is_taken_back = whole(calendar).is("METHOD", "CANCEL");
        let events = components(calendar, "VEVENT");
        events.map(move |component| HolidayEvent { component, is_taken_back })
    };
    calendars.iter().flat_map(of_calendar).collect()
}

/// A calendar, whose own properties are asked as those of an event are.
const fn whole<'c>(component: &'c Component<'c>) -> HolidayEvent<'c> {
    HolidayEvent { component, is_taken_back: false }
}

fn components<'c>(calendar: &'c Component<'c>, name: &str) -> impl Iterator<Item = &'c Component<'c>> {
    calendar.components.iter().filter(move |component| component.name.as_str().eq_ignore_ascii_case(name))
}

/// Reads the events of a file.
pub(crate) fn read(text: &str) -> Result<Draft, FileFault> {
    let text = prepared(text)?;
    let calendars = calendars(&text)?;
    let mut draft = Draft { zone: calendars.iter().find_map(zone), ..Draft::default() };
    let mut changed = Vec::new();
    let mut uids = Vec::new();
    for (number, event) in (1_usize..).zip(events(&calendars)) {
        if number > calendar::MAX_HOLIDAY_DAYS {
            return Err(FileFault::TooManyDays);
        }
        let name = event.value("SUMMARY").unwrap_or_default().to_owned();
        let place = format!("event {number} ({name})");
        draft.unknown_zones.extend(unknown_zone(&event));
        let (uid, own) = (event.value("UID"), time::zone(&event, draft.zone.as_ref()));
        // Of one that is cancelled its day is taken out as well.
        let original = event.value("RECURRENCE-ID");
        let original = original.map(|text| time::original("RECURRENCE-ID", text, own.as_ref())).transpose();
        let original = original.map_err(|message| FileFault::Entry { place: place.clone(), message })?;
        changed.extend(uid.zip(original.flatten()));
        if event.is_cancelled() {
            let date = event.value("DTSTART").and_then(repeats::date);
            draft.left_out.push(LeftOut { place, name, date, reason: LeftOutReason::Cancelled });
            continue;
        }
        // A changed occurrence is none of those that it may take out.
        uids.push(uid.filter(|_| event.value("RECURRENCE-ID").is_none()));
        draft.entries.push(entry(&event, place, draft.zone.as_ref())?);
    }
    for (uid, date) in changed {
        let of_uid = draft.entries.iter_mut().zip(&uids).filter(|(_, other)| **other == Some(uid));
        of_uid.for_each(|(entry, _)| entry.dates.except.push(date));
    }
    if draft.entries.is_empty() {
        return Err(FileFault::Nothing("events (VEVENT)"));
    }
    Ok(draft)
}

/// The zone that a calendar says it is of, else the only one that it describes.
fn zone(calendar: &Component<'_>) -> Option<TimeZone> {
    if let Some(name) = whole(calendar).value("X-WR-TIMEZONE") {
        return zones::named(name);
    }
    let mut described = components(calendar, "VTIMEZONE");
    let only = described.next().filter(|_| described.next().is_none())?;
    zones::named(whole(only).value("TZID")?)
}

/// The zone that an event names and nobody knows: its days are taken as they are written.
fn unknown_zone(event: &HolidayEvent<'_>) -> Option<String> {
    let name = event.parameter("DTSTART", "TZID").filter(|name| zones::named(name).is_none())?;
    Some(name.chars().take(calendar::MAX_NAME_CHARACTERS).collect())
}

/// The parser calls itself for every level.
fn refuse_depth(text: &str) -> Result<(), FileFault> {
    let starts = |line: &str, word: &str| {
        line.trim_start().get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
    };
    let mut depth = 0_usize;
    for line in text.lines() {
        if starts(line, "BEGIN") {
            depth += 1;
        } else if starts(line, "END") {
            depth = depth.saturating_sub(1);
        }
        if depth > DEEPEST {
            let message = format!("not an iCalendar file: components lie more than {DEEPEST} deep");
            return Err(FileFault::Form(message));
        }
    }
    Ok(())
}

/// The line at which the parser stopped, out of the picture that it draws of its way.
fn place(error: &str, before: usize) -> String {
    let line =
        error.split("at line ").nth(1).and_then(|rest| rest.split(|end: char| !end.is_ascii_digit()).next());
    let line = line.and_then(|number| number.parse::<usize>().ok()).map(|number| number + before);
    let line =
        line.map(|number| format!(" at line {number}, continuation lines not counted")).unwrap_or_default();
    format!("it cannot be read{line}: every BEGIN needs its END, and every line a name and a value")
}

fn entry(event: &HolidayEvent<'_>, place: String, zone: Option<&TimeZone>) -> Result<FileEntry, FileFault> {
    let refused = |message| FileFault::Entry { place: place.clone(), message };
    let occurrence = time::occurrence(event, zone).map_err(refused)?;
    let (mut says, name) = evidence::says(event, occurrence.part);
    let (dates, not_read) = dates(event, &occurrence, zone).map_err(refused)?;
    if occurrence.length > LONGEST_ENTRY {
        says = Says::Unclear(NotUnderstood::TooLong);
    } else if !occurrence.is_clear {
        says = Says::Unclear(NotUnderstood::Zone);
    } else if !occurrence.is_even {
        says = Says::Unclear(NotUnderstood::PartOfDay);
    }
    if let Some(reason) = not_read {
        says = Says::Unclear(reason);
    }
    let opaque = event.value("TRANSP").map(|value| !value.eq_ignore_ascii_case("TRANSPARENT"));
    let part = occurrence.part;
    Ok(FileEntry { place, name, dates, part, says, opaque, stands_for: None, notice: None })
}

/// The days of an event that begins so, and what of its repetitions is not read.
fn dates(
    event: &HolidayEvent<'_>,
    occurrence: &Occurrence,
    file: Option<&TimeZone>,
) -> Result<(EntryDates, Option<NotUnderstood>), String> {
    let zone = time::zone(event, file);
    let zone = zone.as_ref();
    let (mut dates, of_rule) = ruled(event, occurrence, zone);
    let mut not_read = of_rule.or_else(|| rules_beside(event).map(NotUnderstood::Repeats));
    for (_, text) in event.times("RDATE") {
        match time::added(event, text, occurrence, zone)? {
            Ok(date) => dates.starts.push(date),
            Err(reason) => not_read = Some(reason),
        }
    }
    for (_, text) in event.times("EXDATE") {
        match time::original("EXDATE", text, zone)? {
            Some(date) => dates.except.push(date),
            None => not_read = Some(NotUnderstood::Zone),
        }
    }
    if let Some(text) = event.value("RECURRENCE-ID")
        && time::original("RECURRENCE-ID", text, zone)?.is_none()
    {
        not_read = Some(NotUnderstood::Zone);
    }
    dates.of_series = dates.rule.is_some() || event.value("RECURRENCE-ID").is_some();
    Ok((dates, not_read))
}

/// The days of an event and of its rule. What repeats by days or weeks is read where it is over within a year, as if each day were written
/// down: for ever, it is no holiday.
fn ruled(
    event: &HolidayEvent<'_>,
    occurrence: &Occurrence,
    zone: Option<&TimeZone>,
) -> (EntryDates, Option<NotUnderstood>) {
    let mut dates = EntryDates { length: occurrence.length.min(LONGEST_ENTRY), ..EntryDates::default() };
    let Some(text) = event.value("RRULE") else {
        dates.starts.push(occurrence.first);
        return (dates, None);
    };
    let other = Some(NotUnderstood::Repeats(text.to_owned()));
    let Some(rule) = rule(text, occurrence, zone) else {
        dates.starts.push(occurrence.first);
        return (dates, other);
    };
    match rule.dates_of_one_year() {
        _ if rule.is_long() => dates.rule = Some(rule),
        Some(all) => dates.starts = all,
        None => {
            dates.rule = Some(rule);
            return (dates, other);
        }
    }
    (dates, None)
}

/// The rule of what begins so, with its end.
fn rule(text: &str, occurrence: &Occurrence, zone: Option<&TimeZone>) -> Option<RepeatRule> {
    let (rule, until) = RepeatRule::parse(text, occurrence.first.to_datetime(occurrence.begins))?;
    let until = match until {
        Some(until) => Some(time::last_day(until, zone, occurrence.begins)?),
        None => None,
    };
    Some(rule.ending(until))
}

/// What is said of repetitions beside one rule: of several rules, of those that take away, and of changes that hold from one
/// occurrence on, none is read.
fn rules_beside(event: &HolidayEvent<'_>) -> Option<String> {
    let range = event.parameter("RECURRENCE-ID", "RANGE");
    let onwards = range.map(|range| format!("RECURRENCE-ID;RANGE={range}"));
    let other = event.all("RRULE").skip(1).chain(event.all("EXRULE")).next();
    other.map(|other| format!("{}:{}", other.name, other.val)).or(onwards)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_files_are_refused_whole() {
        let good = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nDTSTART:20270101\r\nSUMMARY:x\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        // Cut off anywhere, but for the last line's own end.
        for (at, _) in good.char_indices().filter(|(at, _)| at + 2 < good.len()) {
            assert!(read(&good[..at]).is_err(), "{}", &good[..at]);
        }
        for bad in
            ["x", "BEGIN:", "BEGIN:VCALENDAR", "END:VCALENDAR", "{}", "BEGIN:VCALENDAR\r\n!\r\nEND:VCALENDAR"]
        {
            assert!(read(bad).is_err(), "{bad}");
        }
        let said = |text: &str| read(text).err().map(|fault| fault.to_string()).unwrap_or_default();
        assert!(said(&good.replace("END:VEVENT", "END:VTODO")).contains("not an iCalendar file"));
        assert!(said("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR").contains("no events"));
        assert!(said(&"BEGIN:A\r\n".repeat(100_000)).contains("deep"));
        assert!(said(&"begin:A\r\n".repeat(100_000)).contains("deep"));
    }
}
