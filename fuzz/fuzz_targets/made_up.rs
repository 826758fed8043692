//! Documents made up choice by choice, with a leaning to where things go wrong; nearly every one may be sent.

use std::collections::BTreeMap;

use calendar::{
    BeyondHorizon, DayWindowsInput, ExceptionInput, HolidayCalendarInput, HolidayDayInput, HolidayKind,
    MakeupPolicy, WindowInput, Zone,
};
use jiff::{Span, Timestamp, civil::Date, tz::TimeZone};
use libfuzzer_sys::arbitrary::{Result, Unstructured};

use crate::document::{Document, Holidays};

/// The last second answers are exact for.
const LAST: i64 = 7_289_654_399;

pub(crate) fn document(choices: &mut Unstructured<'_>) -> Result<Document> {
    let zone = zone(choices)?;
    Ok(Document {
        zone: zone.name().to_owned(),
        instants: list(choices, 1..=4, |choices| instant(choices, zone.time_zone()))?,
        makeup_policy: *choices.choose(&[MakeupPolicy::AsIs, MakeupPolicy::AsWorkday])?,
        beyond_horizon: *choices.choose(&[
            BeyondHorizon::Weekly,
            BeyondHorizon::WeekdaysOnly,
            BeyondHorizon::Closed,
        ])?,
        holidays: holidays(choices)?,
        content: list(choices, 0..=9, |choices| {
            Ok(DayWindowsInput { week: choices.int_in_range(0..=6)?, times: times(choices)? })
        })?,
        exceptions: list(choices, 0..=5, exception)?,
    })
}

fn list<'a, T>(
    choices: &mut Unstructured<'a>,
    length: std::ops::RangeInclusive<u8>,
    one: impl Fn(&mut Unstructured<'a>) -> Result<T>,
) -> Result<Vec<T>> {
    (0..choices.int_in_range(length)?).map(|_| one(choices)).collect()
}

fn zone(choices: &mut Unstructured<'_>) -> Result<Zone> {
    let names: Vec<_> = Zone::database_names().collect();
    Ok(Zone::from_database(choices.choose(&names)?).expect("the database knows its own names"))
}

fn times(choices: &mut Unstructured<'_>) -> Result<Vec<WindowInput>> {
    list(choices, 0..=4, |choices| {
        let begin = minute(choices)?;
        let end = match minute(choices)? {
            end if end == begin => begin + 1,
            end => end,
        };
        Ok(WindowInput { begin_time: time(begin), end_time: time(end) })
    })
}

/// Whole hours, minutes around midnight and around the hours at which clocks jump, or any minute.
fn minute(choices: &mut Unstructured<'_>) -> Result<u16> {
    match choices.int_in_range(0..=3u8)? {
        0 => Ok(choices.int_in_range(0..=23)? * 60),
        1 => Ok(*choices.choose(&[0, 1, 119, 120, 150, 179, 180, 1410, 1439])?),
        _ => choices.int_in_range(0..=1439),
    }
}

fn time(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// A date, mostly of the years in which everything else happens too.
fn date(choices: &mut Unstructured<'_>) -> Result<Date> {
    let years = if choices.ratio(3, 4)? { 2025..=2028 } else { 1970..=2200 };
    let (year, month) = (choices.int_in_range(years)?, choices.int_in_range(1..=12)?);
    let day = choices.int_in_range(1..=31)?;
    Ok(Date::new(year, month, day).unwrap_or(Date::constant(2028, 2, 29)))
}

fn exception(choices: &mut Unstructured<'_>) -> Result<ExceptionInput> {
    let begin = date(choices)?;
    let days = if choices.ratio(3, 4)? { 3 } else { 800 };
    let end = begin.saturating_add(Span::new().days(choices.int_in_range(0..=days)?));
    let yearly = choices.ratio(1, 3)?;
    let text = |date: Date| if yearly { date.strftime("%m-%d").to_string() } else { date.to_string() };
    Ok(ExceptionInput {
        name: String::new(),
        begin_date: text(begin),
        end_date: choices.ratio(3, 4)?.then(|| text(end)),
        times: times(choices)?,
    })
}

fn holidays(choices: &mut Unstructured<'_>) -> Result<Holidays> {
    match choices.int_in_range(0..=2u8)? {
        0 => Ok(Holidays::None),
        1 => Ok(Holidays::China),
        _ => own_holidays(choices).map(Holidays::Own),
    }
}

fn own_holidays(choices: &mut Unstructured<'_>) -> Result<HolidayCalendarInput> {
    let days: BTreeMap<Date, HolidayDayInput> =
        list(choices, 0..=30, |choices| date(choices).and_then(|date| Ok((date, holiday(choices, date)?))))?
            .into_iter()
            .collect();
    let last = days.last_key_value().map_or(Date::constant(1970, 1, 1), |(date, _)| *date);
    Ok(HolidayCalendarInput {
        id: "XX".into(),
        known_until: last.max(date(choices)?).to_string(),
        notices: vec![],
        days: days.into_values().collect(),
    })
}

fn holiday(choices: &mut Unstructured<'_>, date: Date) -> Result<HolidayDayInput> {
    let kinds = [
        HolidayKind::Holiday,
        HolidayKind::MovedHoliday,
        HolidayKind::MakeupWorkday,
        HolidayKind::HalfDay,
        HolidayKind::Observance,
    ];
    let kind = *choices.choose(&kinds)?;
    let (begin, end) = (choices.int_in_range(0..=23)?, choices.int_in_range(1..=24)?);
    let time =
        WindowInput { begin_time: format!("{:02}:00", begin.min(end - 1)), end_time: format!("{end:02}:00") };
    let stands_for = choices.int_in_range(0..=7)?;
    Ok(HolidayDayInput {
        date: date.to_string(),
        kind,
        name: "day".into(),
        stands_for: Some(stands_for).filter(|weekday| kind == HolidayKind::MakeupWorkday && *weekday < 7),
        notice: None,
        times: if kind == HolidayKind::HalfDay { vec![time] } else { vec![] },
    })
}

/// Any instant, or one within three hours of a midnight or of a jump of the zone's clock.
fn instant(choices: &mut Unstructured<'_>, zone: &TimeZone) -> Result<Timestamp> {
    let any = choices.int_in_range(0..=LAST)?;
    let near = match choices.int_in_range(0..=3u8)? {
        0 => return Ok(at(any, 0)),
        1 => zone.following(at(any, 0)).next().map(|jump| jump.timestamp()),
        _ => zone.to_timestamp(date(choices)?.at(0, 0, 0, 0)).ok(),
    };
    let second = near.map_or(any, Timestamp::as_second) + choices.int_in_range(-10_800..=10_800)?;
    Ok(at(second.clamp(0, LAST), *choices.choose(&[0, 1, 500_000_000, 999_999_999])?))
}

fn at(second: i64, nanosecond: i32) -> Timestamp {
    Timestamp::new(second, nanosecond).expect("1970 to 2200 are within what an instant can be")
}
