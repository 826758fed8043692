//! Days off from iCalendar (RFC 5545), the form in which public calendars are handed round.
//!
//! - Every `VEVENT` is an all-day event of one or more days: `DTSTART` is a date, `DTEND` (exclusive) a date after it, or
//!   `DURATION` says how many days; with neither it is one day. Cancelled events are left out.
//! - An event whose `SUMMARY` or `CATEGORIES` say 班 (as in 补班, 调休上班) or `workday` is a make-up workday; any other is a
//!   day off. `SUMMARY` is its name.
//! - What repeats (`RRULE`, `RDATE`) is refused: days off are moved from year to year, so a rule for them is a guess.
//!
//! Knows the form; [`super::draft`] checks what comes out of it.

use std::collections::HashMap;

use anyhow::{Context, bail, ensure};
use calendar::{HolidayDayInput, HolidayKind, MAX_HOLIDAY_DAYS};
use icalendar::parser::{Component, Property, read_components, unfold};
use jiff::{Span, ToSpan, civil::Date};

use super::draft::{Draft, DraftDay};

/// A calendar holds events, which hold alarms. Deeper files are made to exhaust whoever reads them.
const DEEPEST: usize = 8;
/// The longest event, in days.
const LONGEST_EVENT: i32 = 31;
/// What repeats an event.
const REPEATING: [&str; 3] = ["RRULE", "RDATE", "RECURRENCE-ID"];

/// Reads the events of a file.
pub(super) fn read(text: &str) -> anyhow::Result<Draft> {
    // The parser takes a value's end for the first CRLF after it, so the file must not mix line ends.
    let lines: Vec<&str> = text.lines().map(|line| line.trim_end_matches('\r')).collect();
    let text = unfold(&lines.join("\r\n")) + "\r\n";
    refuse_depth(&text)?;
    let calendars = read_components(&text)
        .map_err(|error| anyhow::anyhow!("not an iCalendar file: {}", place(&error)))?;
    let (mut days, mut seen) = (Vec::new(), HashMap::new());
    for (number, event) in (1..).zip(calendars.iter().flat_map(events)) {
        let name = text_of(event, "SUMMARY");
        let place = format!("event {number} ({name})");
        for day in days_of(event, &name).with_context(|| place.clone())? {
            if let Some(other) = seen.insert(day.date.clone(), place.clone()) {
                bail!("{place}: {} is also a day of {other}", day.date);
            }
            ensure!(days.len() < MAX_HOLIDAY_DAYS, "it must not have more than {MAX_HOLIDAY_DAYS} days");
            days.push(DraftDay { place: place.clone(), day });
        }
    }
    ensure!(!days.is_empty(), "it has no events (VEVENT)");
    Ok(Draft { id: None, known_until: None, notices: vec![], days })
}

/// The parser calls itself for every level.
fn refuse_depth(text: &str) -> anyhow::Result<()> {
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
        ensure!(depth <= DEEPEST, "not an iCalendar file: components lie more than {DEEPEST} deep");
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

fn events<'c>(calendar: &'c Component<'c>) -> impl Iterator<Item = &'c Component<'c>> {
    let is_event = |component: &&Component<'_>| component.name.as_str().eq_ignore_ascii_case("VEVENT");
    let cancelled =
        |component: &&Component<'_>| text_of(component, "STATUS").eq_ignore_ascii_case("CANCELLED");
    calendar.components.iter().filter(is_event).filter(move |event| !cancelled(event))
}

fn property<'c>(event: &'c Component<'_>, name: &str) -> Option<&'c Property<'c>> {
    event.properties.iter().find(|property| property.name.as_str().eq_ignore_ascii_case(name))
}

/// The text of all properties of this name; empty when there is none.
fn text_of(event: &Component<'_>, name: &str) -> String {
    let named = event.properties.iter().filter(|property| property.name.as_str().eq_ignore_ascii_case(name));
    named.map(|property| property.val.as_str().trim()).collect::<Vec<_>>().join(",")
}

fn days_of(event: &Component<'_>, name: &str) -> anyhow::Result<Vec<HolidayDayInput>> {
    for repeating in REPEATING {
        ensure!(
            property(event, repeating).is_none(),
            "{repeating} is not supported: write an event for each year"
        );
    }
    let begin = date(event, "DTSTART")?.context("DTSTART is missing")?;
    let end = end(event, begin)?;
    ensure!(
        end > begin,
        "DTEND must be after DTSTART: it is the first day that is no longer part of the event"
    );
    ensure!(
        end <= begin.saturating_add(LONGEST_EVENT.days()),
        "it must not be longer than {LONGEST_EVENT} days"
    );
    let kind = kind(&format!("{name} {}", text_of(event, "CATEGORIES")));
    let day = |date: Date| HolidayDayInput {
        date: date.to_string(),
        kind,
        name: name.to_owned(),
        stands_for: None,
        notice: None,
    };
    Ok(begin.series(1.day()).take_while(|date| *date < end).map(day).collect())
}

/// The first day that is no longer part of an event.
fn end(event: &Component<'_>, begin: Date) -> anyhow::Result<Date> {
    if let Some(end) = date(event, "DTEND")? {
        return Ok(end);
    }
    let Some(duration) = property(event, "DURATION") else { return Ok(begin.tomorrow()?) };
    let text = duration.val.as_str();
    let days: Span = text.parse().with_context(|| format!("DURATION {text:?} is no number of days"))?;
    Ok(begin.saturating_add(days))
}

fn date(event: &Component<'_>, name: &str) -> anyhow::Result<Option<Date>> {
    let Some(property) = property(event, name) else { return Ok(None) };
    let text = property.val.as_str().trim();
    ensure!(
        text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()),
        "{name} {text:?} must be a date of the form YYYYMMDD: days off are all-day events"
    );
    let date =
        Date::strptime("%Y%m%d", text).with_context(|| format!("{name} {text} is no day that exists"))?;
    Ok(Some(date))
}

/// What an event's words make of its days.
fn kind(words: &str) -> HolidayKind {
    let words = words.to_lowercase();
    let worked = ["班", "workday", "working day"].iter().any(|word| words.contains(word));
    if worked { HolidayKind::MakeupWorkday } else { HolidayKind::Holiday }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(events: &str) -> String {
        format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{events}END:VCALENDAR\r\n")
    }

    fn event(lines: &str) -> String {
        format!("BEGIN:VEVENT\r\n{lines}\r\nEND:VEVENT\r\n")
    }

    fn days(text: &str) -> Vec<(String, HolidayKind, String)> {
        let draft = read(text).unwrap_or_else(|error| panic!("{error:#}\n{text}"));
        draft.days.into_iter().map(|draft| (draft.day.date, draft.day.kind, draft.day.name)).collect()
    }

    fn refused(text: &str) -> String {
        match read(text) {
            Ok(_) => panic!("taken: {text}"),
            Err(error) => format!("{error:#}"),
        }
    }

    #[test]
    fn events_of_one_and_several_days_are_read_in_every_way_of_writing_them() {
        let day = |date: &str| (date.to_owned(), HolidayKind::Holiday, "元旦".to_owned());
        let both = [day("2027-01-01"), day("2027-01-02")];
        for lines in [
            "DTSTART;VALUE=DATE:20270101\r\nDTEND;VALUE=DATE:20270103\r\nSUMMARY:元旦",
            "DTSTART:20270101\r\nDURATION:P2D\r\nSUMMARY;LANGUAGE=zh:元旦",
            "summary:元\r\n 旦\r\ndtstart;value=date:20270101\r\ndtend;value=date:20270103",
            "BEGIN:VALARM\r\nTRIGGER:-P1D\r\nEND:VALARM\r\nDTSTART:20270101\r\nDTEND:20270103\r\nSUMMARY:元旦",
        ] {
            let text = file(&event(lines));
            assert_eq!(days(&text), both, "{text}");
            assert_eq!(days(&text.replace("\r\n", "\n")), both, "{text}");
            assert_eq!(days(&text.replacen("\r\n", "\n", 3)), both, "mixed: {text}");
        }
        assert_eq!(days(&file(&event("DTSTART:20270101\r\nSUMMARY:元旦"))), both[..1]);
    }

    #[test]
    fn words_tell_make_up_workdays_from_days_off() {
        for (words, kind) in [
            ("SUMMARY:春节 补班", HolidayKind::MakeupWorkday),
            ("SUMMARY:春节(班)", HolidayKind::MakeupWorkday),
            ("SUMMARY:国庆节调休上班", HolidayKind::MakeupWorkday),
            ("SUMMARY:Special Working Day", HolidayKind::MakeupWorkday),
            ("SUMMARY:x\r\nCATEGORIES:a,Workday", HolidayKind::MakeupWorkday),
            ("SUMMARY:x\r\nCATEGORIES:a\r\nCATEGORIES:补班", HolidayKind::MakeupWorkday),
            ("SUMMARY:春节(休)", HolidayKind::Holiday),
            ("SUMMARY:Labour Day\r\nCATEGORIES:Holidays", HolidayKind::Holiday),
            ("CATEGORIES:x", HolidayKind::Holiday),
        ] {
            assert_eq!(days(&file(&event(&format!("DTSTART:20270101\r\n{words}"))))[0].1, kind, "{words}");
        }
    }

    #[test]
    fn cancelled_events_and_other_components_are_left_out() {
        let kept = event("DTSTART:20270101\r\nSUMMARY:a\\, b");
        let cancelled = event("DTSTART:20270102\r\nSTATUS:CANCELLED");
        let todo = "BEGIN:VTODO\r\nSUMMARY:x\r\nEND:VTODO\r\n";
        let read = days(&file(&format!("{cancelled}{todo}{kept}")));
        assert_eq!(read, [("2027-01-01".to_owned(), HolidayKind::Holiday, "a, b".to_owned())]);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_event() {
        for (lines, told) in [
            ("SUMMARY:x", "event 1 (x): DTSTART is missing"),
            (
                "DTSTART:20270101T080000Z\r\nSUMMARY:x",
                "event 1 (x): DTSTART \"20270101T080000Z\" must be a date",
            ),
            ("DTSTART:20270230\r\nSUMMARY:x", "event 1 (x): DTSTART 20270230 is no day"),
            ("DTSTART:2027\r\nSUMMARY:x", "must be a date"),
            ("DTSTART:20270102\r\nDTEND:20270102", "DTEND must be after DTSTART"),
            ("DTSTART:20270102\r\nDTEND:20270101", "DTEND must be after DTSTART"),
            ("DTSTART:20270102\r\nDTEND:99991231", "longer than 31 days"),
            ("DTSTART:20270102\r\nDURATION:PT1H", "DTEND must be after DTSTART"),
            ("DTSTART:20270102\r\nDURATION:x", "DURATION \"x\""),
            ("DTSTART:20270102\r\nDURATION:P9999Y", "longer than 31 days"),
            ("DTSTART:99991231\r\nSUMMARY:x", "event 1 (x)"),
            ("DTSTART:20270101\r\nRRULE:FREQ=YEARLY", "RRULE is not supported"),
            ("DTSTART:20270101\r\nRDATE:20280101", "RDATE is not supported"),
        ] {
            let error = refused(&file(&event(lines)));
            assert!(error.contains(told), "{lines}: {error}");
        }
        let twice = event("DTSTART:20270101\r\nDTEND:20270103\r\nSUMMARY:a")
            + &event("DTSTART:20270102\r\nSUMMARY:b");
        assert_eq!(refused(&file(&twice)), "event 2 (b): 2027-01-02 is also a day of event 1 (a)");
    }

    #[test]
    fn broken_files_are_refused_whole() {
        let good = file(&event("DTSTART:20270101\r\nSUMMARY:x"));
        // Cut off anywhere, but for the last line's own end.
        for (at, _) in good.char_indices().filter(|(at, _)| at + 2 < good.len()) {
            refused(&good[..at]);
        }
        for bad in
            ["x", "BEGIN:", "BEGIN:VCALENDAR", "END:VCALENDAR", "{}", "BEGIN:VCALENDAR\r\n!\r\nEND:VCALENDAR"]
        {
            refused(bad);
        }
        assert!(refused(&good.replace("END:VEVENT", "END:VTODO")).contains("not an iCalendar file"));
        assert!(refused(&file("")).contains("no events"));
        assert!(refused(&"BEGIN:A\r\n".repeat(100_000)).contains("deep"));
        assert!(refused(&"begin:A\r\n".repeat(100_000)).contains("deep"));
    }
}
