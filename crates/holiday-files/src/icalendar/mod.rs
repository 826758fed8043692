//! Holidays from iCalendar (RFC 5545), the form in which public calendars are handed round.
//!
//! - Whole days are dates, or run from midnight to midnight in whatever zone they name. `DTEND` is the first day that is no longer part of
//!   the event; where it is missing or the same as `DTSTART`, the event is one day.
//! - What lasts a part of its day is a make-up workday with its office hours, or a half day; else nobody knows.
//! - What repeats yearly is read ([`crate::yearly`]), `RDATE`, `EXDATE` and changed occurrences (`RECURRENCE-ID`) with it.
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
    yearly::{self, YearlyRule},
};

/// A calendar holds events, which hold alarms. Deeper files are made to exhaust whoever reads them.
const DEEPEST: usize = 8;

/// An event as the parser has it.
pub(crate) struct HolidayEvent<'c>(&'c Component<'c>);

impl<'c> HolidayEvent<'c> {
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &'c Property<'c>> {
        self.0.properties.iter().filter(move |property| property.name.as_str().eq_ignore_ascii_case(name))
    }

    pub(crate) fn value(&self, name: &str) -> Option<&'c str> {
        self.all(name).next().map(|property| property.val.as_str().trim())
    }

    /// A parameter of the first property of this name.
    pub(crate) fn parameter(&self, name: &str, parameter: &str) -> Option<&'c str> {
        let parameters = &self.all(name).next()?.params;
        let found = parameters.iter().find(|found| found.key.as_str().eq_ignore_ascii_case(parameter))?;
        Some(found.val.as_ref()?.as_str().trim_matches('"'))
    }

    /// The values of all properties of this name, which are lists.
    pub(crate) fn list(&self, name: &str) -> impl Iterator<Item = &'c str> {
        self.all(name).flat_map(|property| property.val.as_str().split(',')).map(str::trim)
    }

    pub(crate) fn is(&self, name: &str, value: &str) -> bool {
        self.value(name).is_some_and(|found| found.eq_ignore_ascii_case(value))
    }
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
    read_components(text)
        .map_err(|error| FileFault::Form(format!("not an iCalendar file: {}", place(&error))))
}

/// The events of calendars.
pub(crate) fn events<'c>(calendars: &'c [Component<'c>]) -> Vec<HolidayEvent<'c>> {
    let is_event = |component: &&Component<'_>| component.name.as_str().eq_ignore_ascii_case("VEVENT");
    let components = calendars.iter().flat_map(|calendar| &calendar.components);
    components.filter(is_event).map(HolidayEvent).collect()
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
        let (uid, own) = (event.value("UID"), time::zone(&event, draft.zone.as_ref()));
        // Of one that is cancelled its day is taken out as well.
        let original = event.value("RECURRENCE-ID").and_then(|text| time::day(text, own.as_ref()));
        changed.extend(uid.zip(original));
        if event.is("STATUS", "CANCELLED") {
            let date = event.value("DTSTART").and_then(yearly::date);
            draft.left_out.push(LeftOut { place, name, date, reason: LeftOutReason::Cancelled });
            continue;
        }
        uids.push(uid);
        draft.entries.push(entry(&event, place, draft.zone.as_ref())?);
    }
    for (uid, date) in changed {
        let of_uid = draft
            .entries
            .iter_mut()
            .zip(&uids)
            .filter(|(entry, other)| **other == Some(uid) && entry.dates.rule.is_some());
        of_uid.for_each(|(entry, _)| entry.dates.except.push(date));
    }
    if draft.entries.is_empty() {
        return Err(FileFault::Nothing("events (VEVENT)"));
    }
    Ok(draft)
}

/// The zone that a calendar says it is of.
fn zone(calendar: &Component<'_>) -> Option<TimeZone> {
    TimeZone::get(HolidayEvent(calendar).value("X-WR-TIMEZONE")?).ok()
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
fn place(error: &str) -> String {
    let line =
        error.split("at line ").nth(1).and_then(|rest| rest.split(|end: char| !end.is_ascii_digit()).next());
    let line =
        line.map(|number| format!(" at line {number}, continuation lines not counted")).unwrap_or_default();
    format!("it cannot be read{line}: every BEGIN needs its END, and every line a name and a value")
}

fn entry(event: &HolidayEvent<'_>, place: String, zone: Option<&TimeZone>) -> Result<FileEntry, FileFault> {
    let occurrence = time::occurrence(event, zone)
        .map_err(|message| FileFault::Entry { place: place.clone(), message })?;
    let Occurrence { first, length, part, is_clear, is_even, begins } = occurrence;
    let own = time::zone(event, zone);
    let own = own.as_ref();
    let (mut says, name) = evidence::says(event, part);
    if length > LONGEST_ENTRY {
        says = Says::Unclear(NotUnderstood::TooLong);
    } else if !is_clear {
        says = Says::Unclear(NotUnderstood::Zone);
    } else if !is_even {
        says = Says::Unclear(NotUnderstood::PartOfDay);
    }
    let mut dates = EntryDates { length: length.min(LONGEST_ENTRY), ..EntryDates::default() };
    // Of several rules, and of those that take away, none is read.
    if let Some(other) = event.all("RRULE").skip(1).chain(event.all("EXRULE")).next() {
        says = Says::Unclear(NotUnderstood::Repeats(format!("{}:{}", other.name, other.val)));
    }
    let rule = |text| YearlyRule::parse(text, |until| time::last_day(until, own, begins));
    match event.value("RRULE").map(|text| (text, rule(text))) {
        Some((_, Some(rule))) => dates.rule = Some((first, rule)),
        Some((text, None)) => {
            says = Says::Unclear(NotUnderstood::Repeats(text.to_owned()));
            dates.starts.push(first);
        }
        None => dates.starts.push(first),
    }
    dates.starts.extend(event.list("RDATE").filter_map(|text| time::day(text, own)));
    dates.except.extend(event.list("EXDATE").filter_map(|text| time::day(text, own)));
    let opaque = event.value("TRANSP").map(|value| !value.eq_ignore_ascii_case("TRANSPARENT"));
    Ok(FileEntry { place, name, dates, part, says, opaque, stands_for: None, notice: None })
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
