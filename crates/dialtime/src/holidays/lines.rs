//! Days of holiday calendars as lines of text.

use calendar::{HolidayCalendar, HolidayDay, HolidayKind, Weekday};

/// `2026-02-14  Saturday   make-up workday  春节  notice 2026`
pub(super) fn line(calendar: &HolidayCalendar, day: &HolidayDay) -> String {
    let stands_for =
        day.stands_for.map(|weekday| format!("  stands for {}", weekday.name())).unwrap_or_default();
    let notice =
        calendar.notice(day).map(|notice| format!("  notice {}", plain(&notice.id))).unwrap_or_default();
    format!("{}  {}{stands_for}{notice}", dated(day), plain(&day.name))
}

/// `2026-02-14  Saturday   make-up workday`
pub(super) fn dated(day: &HolidayDay) -> String {
    let weekday = Weekday::from(day.date.weekday());
    format!("{}  {:<9}  {:<15}", day.date, weekday.name(), kind(day))
}

/// What a day is, a half day with its times.
pub(super) fn kind(day: &HolidayDay) -> String {
    let times: Vec<String> = day.times.iter().map(ToString::to_string).collect();
    match day.kind {
        HolidayKind::Holiday => "day off".to_owned(),
        HolidayKind::MovedHoliday => "day off, moved".to_owned(),
        HolidayKind::MakeupWorkday => "make-up workday".to_owned(),
        HolidayKind::HalfDay => format!("half day {}", times.join(" ")),
        HolidayKind::Observance => "observance".to_owned(),
    }
}

pub(super) fn counted(number: usize, thing: &str) -> String {
    let plural = match thing {
        "day off" => "days off".to_owned(),
        thing => format!("{thing}s"),
    };
    format!("{number} {}", if number == 1 { thing } else { &plural })
}

/// Text of a file on one line of the terminal, and without commands to it.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}
