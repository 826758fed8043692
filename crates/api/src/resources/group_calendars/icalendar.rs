//! The calendar of a group as iCalendar (RFC 5545), for calendar programs: an event for each span in which calls may
//! go out, in UTC, and a day-long one for each day that another rule than the weekly windows closes or changes.

use domain::DialTimeGroup;
use icalendar::{Calendar, Component, Event, Property};
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};

use super::view::{DayView, GroupCalendarView, SpanView};
use crate::http::language::Language;

pub(super) fn write(group: &DialTimeGroup, view: &GroupCalendarView, language: Language) -> String {
    let mut calendar = Calendar::empty();
    for (property, value) in [
        ("VERSION", "2.0"),
        ("PRODID", "-//Dialtime//Dialtime//ZH"),
        ("CALSCALE", "GREGORIAN"),
        ("X-WR-CALNAME", group.draft.name.as_str()),
    ] {
        calendar.append_property(Property::new(property, value));
    }
    for span in &view.spans {
        calendar.push(open(group, span, language));
    }
    for day in &view.days {
        calendar.push(changed(group, day));
    }
    calendar.to_string()
}

/// The id of an event is the same in every answer about it, so that programs change it instead of adding another.
fn event(group: &DialTimeGroup, what: &str, summary: &str) -> Event {
    let mut event = Event::new();
    event
        .uid(&format!("{what}-dial-time-group-{}@dialtime", group.id))
        .summary(summary)
        .sequence(u32::try_from(group.version).unwrap_or(u32::MAX))
        .add_property("DTSTAMP", utc(group.updated_at));
    event.done()
}

fn open(group: &DialTimeGroup, SpanView { span, .. }: &SpanView, language: Language) -> Event {
    let name = group.draft.name.as_str();
    let summary = language.choose(format!("可呼叫：{name}"), format!("Calling allowed: {name}"));
    let mut event = event(group, &utc(span.begin), &summary);
    event.add_property("DTSTART", utc(span.begin)).add_property("DTEND", utc(span.end));
    event.done()
}

fn changed(group: &DialTimeGroup, view: &DayView) -> Event {
    let mut event = event(group, &format!("{}-{}", view.date, view.rule), &view.detail);
    let end = view.day.checked_add(1.day()).unwrap_or(view.day);
    event
        .append_property(on("DTSTART", view.day))
        .append_property(on("DTEND", end))
        .add_property("TRANSP", "TRANSPARENT");
    event.done()
}

fn on(name: &str, date: Date) -> Property {
    Property::new(name, date.strftime("%Y%m%d").to_string()).add_parameter("VALUE", "DATE").done()
}

fn utc(instant: Timestamp) -> String {
    TimeZone::UTC.to_datetime(instant).strftime("%Y%m%dT%H%M%SZ").to_string()
}
