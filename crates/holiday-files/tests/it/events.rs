//! Timed events as exceptions of a group.

use calendar::{ExceptionEffect, ExceptionInput};
use holiday_files::{EventExceptions, EventOptions, FileFault, MOST_TIMED_EVENTS, read_events};
use jiff::{civil::date, tz::TimeZone};
use rstest::rstest;

/// A file of these events.
fn file(events: &[&str]) -> String {
    let event = |lines: &&str| format!("BEGIN:VEVENT\r\n{}\r\nEND:VEVENT\r\n", lines.replace('\n', "\r\n"));
    format!("BEGIN:VCALENDAR\r\n{}END:VCALENDAR\r\n", events.iter().map(event).collect::<String>())
}

fn read_in(zone: &str, events: &[&str]) -> Result<EventExceptions, FileFault> {
    let zone = TimeZone::get(zone).unwrap();
    let days = (date(2026, 6, 1), date(2026, 12, 31));
    read_events(file(events).as_bytes(), &EventOptions { zone, days, effect: ExceptionEffect::Add })
}

fn read(events: &[&str]) -> EventExceptions {
    read_in("Asia/Shanghai", events).unwrap_or_else(|fault| panic!("{fault}"))
}

/// `FIRST..LAST BEGIN-END`.
fn text(exceptions: &[ExceptionInput]) -> Vec<String> {
    let one = |exception: &ExceptionInput| {
        let (first, last) =
            (exception.begin_date.as_deref().unwrap(), exception.end_date.as_deref().unwrap());
        let times = &exception.times[0];
        assert_eq!((exception.effect.as_deref(), exception.times.len()), (Some("add"), 1));
        let dates = if first == last { first.to_owned() } else { format!("{first}..{last}") };
        format!("{dates} {}-{}", times.begin_time, times.end_time)
    };
    exceptions.iter().map(one).collect()
}

fn codes(read: &EventExceptions) -> Vec<&'static str> {
    read.left_out.iter().map(|left_out| left_out.reason.code()).collect()
}

#[rstest]
// Four days, as one exception.
#[case("DTSTART:20260601T080000\nDTEND:20260601T170000\nRRULE:FREQ=DAILY;COUNT=4", &["2026-06-01..2026-06-04 08:00-17:00"])]
// A zone of its own, and universal time.
#[case("DTSTART;TZID=Europe/Berlin:20260610T090000\nDTEND;TZID=Europe/Berlin:20260610T100000", &["2026-06-10 15:00-16:00"])]
#[case("DTSTART:20260610T010000Z\nDURATION:PT90M", &["2026-06-10 09:00-10:30"])]
// Over midnight, to midnight, and longer than a day.
#[case("DTSTART:20260610T220000\nDTEND:20260611T020000", &["2026-06-10 22:00-02:00"])]
#[case("DTSTART:20260610T220000\nDTEND:20260611T000000", &["2026-06-10 22:00-24:00"])]
#[case("DTSTART:20260610T220000\nDTEND:20260612T020000", &["2026-06-10 22:00-24:00", "2026-06-11 00:00-24:00", "2026-06-12 00:00-02:00"])]
#[case("DTSTART:20260610T090000\nDTEND:20260611T090000", &["2026-06-10 09:00-24:00", "2026-06-11 00:00-09:00"])]
// Weeks, months and years.
#[case("DTSTART:20260603T090000\nDTEND:20260603T100000\nRRULE:FREQ=WEEKLY;BYDAY=MO,WE;COUNT=3", &["2026-06-03 09:00-10:00", "2026-06-08 09:00-10:00", "2026-06-10 09:00-10:00"])]
#[case("DTSTART:20260603T090000\nDTEND:20260603T100000\nRRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;UNTIL=20260617", &["2026-06-03 09:00-10:00", "2026-06-15 09:00-10:00", "2026-06-17 09:00-10:00"])]
#[case("DTSTART:20260605T090000\nDTEND:20260605T100000\nRRULE:FREQ=MONTHLY;BYDAY=1FR;COUNT=2", &["2026-06-05 09:00-10:00", "2026-07-03 09:00-10:00"])]
#[case("DTSTART:20250605T090000\nDTEND:20250605T100000\nRRULE:FREQ=YEARLY", &["2026-06-05 09:00-10:00"])]
// The end in universal time is an instant: 16 June at 01:00 there is 09:00 here.
#[case("DTSTART:20260615T090000\nDTEND:20260615T100000\nRRULE:FREQ=DAILY;UNTIL=20260616T010000Z", &["2026-06-15..2026-06-16 09:00-10:00"])]
#[case("DTSTART:20260615T090000\nDTEND:20260615T100000\nRRULE:FREQ=DAILY;UNTIL=20260616T005959Z", &["2026-06-15 09:00-10:00"])]
// One taken out, one more.
#[case("DTSTART:20260601T080000\nDTEND:20260601T170000\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE:20260602T080000\nRDATE:20260610T080000", &["2026-06-01 08:00-17:00", "2026-06-03 08:00-17:00", "2026-06-10 08:00-17:00"])]
// A day that is taken out, whatever the time of day; on the event's own clock.
#[case("DTSTART:20260601T080000\nDTEND:20260601T170000\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE;VALUE=DATE:20260602", &["2026-06-01 08:00-17:00", "2026-06-03 08:00-17:00"])]
#[case("DTSTART;TZID=America/New_York:20260601T200000\nDTEND;TZID=America/New_York:20260601T210000\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE;VALUE=DATE:20260602", &["2026-06-02 08:00-09:00", "2026-06-04 08:00-09:00"])]
#[case("DTSTART:20260601T010000Z\nDTEND:20260601T020000Z\nRRULE:FREQ=DAILY;COUNT=2\nEXDATE;VALUE=DATE:20260602", &["2026-06-01 09:00-10:00"])]
#[case("DTSTART:20260601T080000\nDTEND:20260601T170000\nRRULE:FREQ=DAILY;COUNT=2\nEXDATE:", &["2026-06-01..2026-06-02 08:00-17:00"])]
// Periods with lengths of their own, another time, and another zone.
#[case("DTSTART:20260601T080000\nDTEND:20260601T170000\nRDATE;VALUE=PERIOD:20260611T120000/PT1H,20260612T120000/20260612T140000", &["2026-06-01 08:00-17:00", "2026-06-11 12:00-13:00", "2026-06-12 12:00-14:00"])]
#[case("DTSTART:20260601T080000\nDTEND:20260601T170000\nRDATE:20260611T100000", &["2026-06-01 08:00-17:00", "2026-06-11 10:00-19:00"])]
#[case("DTSTART:20260601T080000\nDTEND:20260601T170000\nRDATE;TZID=Europe/Berlin:20260611T020000", &["2026-06-01 08:00-17:00", "2026-06-11 08:00-17:00"])]
// Zones as Outlook names them.
#[case("DTSTART;TZID=China Standard Time:20260610T090000\nDTEND;TZID=China Standard Time:20260610T100000", &["2026-06-10 09:00-10:00"])]
#[case("DTSTART;TZID=\"Eastern Standard Time\":20260610T090000\nDTEND;TZID=\"Eastern Standard Time\":20260610T100000", &["2026-06-10 21:00-22:00"])]
fn a_span_is_a_window(#[case] event: &str, #[case] expected: &[&str]) {
    let read = read(&[event]);
    assert_eq!(
        (text(&read.exceptions), codes(&read)),
        (expected.iter().map(ToString::to_string).collect(), vec![])
    );
}

/// The first day that is imported is 1 June: what began before and runs still is of it.
#[rstest]
#[case("DTSTART:20260531T220000\nDTEND:20260601T020000", &["2026-05-31 22:00-02:00"])]
#[case("DTSTART:20260529T090000\nDTEND:20260602T120000", &["2026-06-01 00:00-24:00", "2026-06-02 00:00-12:00"])]
#[case("DTSTART:20260531T000000\nDTEND:20260602T000000", &["2026-06-01 00:00-24:00"])]
#[case("DTSTART:20260530T220000\nDTEND:20260531T020000\nRRULE:FREQ=DAILY;COUNT=3", &["2026-05-31..2026-06-01 22:00-02:00"])]
#[case("DTSTART;TZID=America/New_York:20260531T110000\nDTEND;TZID=America/New_York:20260531T130000", &["2026-05-31 23:00-01:00"])]
fn what_runs_on_into_the_days_is_not_lost(#[case] event: &str, #[case] expected: &[&str]) {
    let read = read(&[event]);
    assert_eq!(
        (text(&read.exceptions), codes(&read)),
        (expected.iter().map(ToString::to_string).collect(), vec![])
    );
    let ended = read_in("Asia/Shanghai", &["DTSTART:20260531T200000\nDTEND:20260601T000000"]).unwrap();
    assert_eq!(codes(&ended), ["outside_days"]);
}

#[test]
fn an_event_keeps_its_own_zones_clock_over_a_change() {
    let event = "DTSTART;TZID=America/New_York:20261031T090000\nDTEND;TZID=America/New_York:20261031T100000\nRRULE:FREQ=DAILY;COUNT=2";
    assert_eq!(text(&read(&[event]).exceptions), ["2026-10-31 21:00-22:00", "2026-11-01 22:00-23:00"]);
    let there = read_in("America/New_York", &[event]).unwrap();
    assert_eq!(text(&there.exceptions), ["2026-10-31..2026-11-01 09:00-10:00"]);
}

#[test]
fn an_occurrence_that_was_moved_is_where_it_was_moved_to() {
    let series = "UID:a\nDTSTART:20260601T080000\nDTEND:20260601T090000\nRRULE:FREQ=DAILY;COUNT=2";
    let moved = "UID:a\nRECURRENCE-ID:20260602T080000\nDTSTART:20260602T140000\nDTEND:20260602T150000";
    assert_eq!(
        text(&read(&[series, moved]).exceptions),
        ["2026-06-01 08:00-09:00", "2026-06-02 14:00-15:00"]
    );
    for original in [":20260602T080000", ";VALUE=DATE:20260602", ";TZID=China Standard Time:20260602T080000"]
    {
        let cancelled = format!("UID:a\nRECURRENCE-ID{original}\nDTSTART:20260602T080000\nSTATUS:CANCELLED");
        assert_eq!(text(&read(&[series, &cancelled]).exceptions), ["2026-06-01 08:00-09:00"], "{original}");
    }
    // From one occurrence on: neither what was nor what is then is known.
    let onwards = "UID:a\nRECURRENCE-ID;RANGE=THISANDFUTURE:20260602T080000\nDTSTART:20260602T140000\nDTEND:20260602T150000";
    let found = read(&[series, onwards]);
    assert_eq!((found.exceptions.len(), codes(&found)), (0, vec!["repeats", "repeats"]));
}

#[rstest]
#[case("DTSTART:20260610\nDTEND:20260611", "whole_day")]
#[case("DTSTART:20260610T090000", "no_length")]
#[case("DTSTART:20260610T090000\nDTEND:20260610T090000", "no_length")]
#[case("DTSTART:20260610T090030\nDTEND:20260610T100000", "seconds")]
#[case(
    "DTSTART;TZID=Customized Time Zone:20260610T090000\nDTEND;TZID=Customized Time Zone:20260610T100000",
    "zone"
)]
#[case(
    "DTSTART:20260610T090000\nDTEND:20260610T100000\nRRULE:FREQ=DAILY\nEXDATE;TZID=Nowhere:20260611T090000",
    "zone"
)]
#[case("DTSTART:20260610T090000\nDTEND:20260610T100000\nRDATE;TZID=Nowhere:20260611T090000", "zone")]
#[case("DTSTART:20260610T090000\nDTEND:20260610T100000\nRRULE:FREQ=HOURLY", "repeats")]
#[case("DTSTART:20260610T090000\nDTEND:20260610T100000\nRRULE:FREQ=MONTHLY;BYWEEKNO=3", "repeats")]
#[case("DTSTART:20260610T090000\nDTEND:20260610T100000\nRDATE;VALUE=DATE:20260611", "repeats")]
#[case(
    "DTSTART:20260610T090000\nDTEND:20260610T100000\nRDATE;VALUE=PERIOD:20260611T090000/PT0S",
    "no_length"
)]
// The 12th here begins on the 11th in universal time: nobody knows which of the two is meant.
#[case(
    "DTSTART:20260610T230000Z\nDTEND:20260611T000000Z\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE;VALUE=DATE:20260612",
    "repeats"
)]
#[case("DTSTART:20250610T090000\nDTEND:20250610T100000", "outside_days")]
#[case("DTSTART:20260610T090000\nDTEND:20260610T100000\nSTATUS:CANCELLED", "cancelled")]
fn what_is_not_sure_is_left_out_and_said(#[case] event: &str, #[case] code: &str) {
    let read = read(&[event]);
    assert_eq!((read.exceptions.len(), codes(&read)), (0, vec![code]), "{event}");
    assert!(!read.left_out[0].reason.to_string().is_empty());
}

#[test]
fn broken_files_are_refused() {
    let refused = |event: &str| read_in("Asia/Shanghai", &[event]).unwrap_err().to_string();
    assert!(refused("SUMMARY:x").starts_with("event 1 (x): DTSTART is missing"));
    assert!(refused("DTSTART:20260610T0900zz\nDTEND:20260610T100000").contains("DTSTART"));
    assert!(refused("DTSTART:20260610T090000\nDTEND:20260609T100000").contains("must not be before"));
    let listed = |line: &str| refused(&format!("DTSTART:20260610T090000\nDTEND:20260610T100000\n{line}"));
    assert!(listed("EXDATE:tomorrow").contains("EXDATE"));
    assert!(listed("RDATE;VALUE=PERIOD:20260611T090000/x").contains("RDATE"));
    assert!(listed("RDATE;VALUE=PERIOD:20260611T090000/20260611T080000").contains("RDATE"));
    assert!(matches!(read_in("Asia/Shanghai", &[]), Err(FileFault::Nothing(_))));
    let many = vec!["DTSTART:20260610T090000\nDURATION:PT1H"; MOST_TIMED_EVENTS + 1];
    assert!(matches!(read_in("Asia/Shanghai", &many), Err(FileFault::TooManyEvents)));
}
