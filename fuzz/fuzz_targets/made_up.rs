//! Documents made up choice by choice, with a leaning to where things go wrong; nearly every one may be sent.

use std::collections::BTreeMap;

use calendar::{
    BeyondHorizon, DayWindowsInput, ExceptionEffect, ExceptionInput, HolidayCalendarInput, HolidayDayInput,
    HolidayKind, HolidayPolicy, MakeupPolicy, SeasonInput, WindowInput, Zone,
};
use jiff::{Span, Timestamp, civil::Date, tz::TimeZone};
use libfuzzer_sys::arbitrary::{Result, Unstructured};

use crate::{
    document::{Document, Holidays},
    layered::SpanOfLayer,
};

/// The last second answers are exact for.
const LAST: i64 = 7_289_654_399;

pub(crate) fn document(choices: &mut Unstructured<'_>) -> Result<Document> {
    let zone = zone(choices)?;
    let instants = list(choices, 1..=4, |choices| instant(choices, zone.time_zone()))?;
    let first = instants[0];
    Ok(Document {
        zone: zone.name().to_owned(),
        instants,
        makeup_policy: *choices.choose(&[MakeupPolicy::AsIs, MakeupPolicy::AsWorkday])?,
        beyond_horizon: *choices.choose(&[
            BeyondHorizon::Weekly,
            BeyondHorizon::WeekdaysOnly,
            BeyondHorizon::Closed,
        ])?,
        holiday_policy: *choices.choose(&[
            HolidayPolicy::Closed,
            HolidayPolicy::StatutoryOnly,
            HolidayPolicy::OwnWindows,
            HolidayPolicy::Open,
        ])?,
        holiday_windows: times(choices)?,
        keeps_holidays: choices.ratio(1, 4)?,
        holidays: holidays(choices)?,
        more_holidays: list(choices, 0..=1, own_holidays)?,
        content: list(choices, 0..=9, weekday)?,
        seasons: list(choices, 0..=3, season)?,
        exceptions: list(choices, 0..=5, exception)?,
        over: list(choices, 0..=1, |choices| layer(choices, first))?.pop(),
        closures: list(choices, 0..=3, |choices| layer(choices, first))?,
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

fn weekday(choices: &mut Unstructured<'_>) -> Result<DayWindowsInput> {
    Ok(DayWindowsInput { week: choices.int_in_range(0..=6)?, times: times(choices)? })
}

/// The first and the last day of a range.
fn dates(choices: &mut Unstructured<'_>) -> Result<(String, String)> {
    let begin = date(choices)?;
    let days = if choices.ratio(3, 4)? { 3 } else { 800 };
    let end = begin.saturating_add(Span::new().days(choices.int_in_range(0..=days)?));
    let yearly = choices.ratio(1, 3)?;
    let text = |date: Date| if yearly { date.strftime("%m-%d").to_string() } else { date.to_string() };
    Ok((text(begin), text(end)))
}

fn exception(choices: &mut Unstructured<'_>) -> Result<ExceptionInput> {
    let days = [
        "date",
        "nth_weekday",
        "first_workday",
        "last_workday",
        "holiday",
        "makeup_workday",
        "day_before_holiday",
    ];
    let on = if choices.ratio(1, 2)? { "date" } else { *choices.choose(&days)? };
    let (is_nth, of_months) = (on == "nth_weekday", on.ends_with("t_workday") || on == "nth_weekday");
    let bounds = if on == "date" || choices.ratio(1, 2)? { Some(dates(choices)?) } else { None };
    let (begin_date, end_date) = bounds.unzip();
    let month = choices.int_in_range(1..=12)?;
    Ok(ExceptionInput {
        name: String::new(),
        effect: Some(choices.choose(&ExceptionEffect::ALL)?.code().to_owned()),
        on: Some(on.to_owned()),
        week: if is_nth { Some(choices.int_in_range(0..=6)?) } else { None },
        nth: if is_nth { Some(*choices.choose(&[1, 2, 3, 4, 5, -1])?) } else { None },
        month: (of_months && choices.ratio(1, 3)?).then_some(month),
        begin_date,
        end_date: end_date.filter(|_| month > 3),
        times: times(choices)?,
    })
}

fn season(choices: &mut Unstructured<'_>) -> Result<SeasonInput> {
    let content = list(choices, 0..=7, weekday)?;
    if choices.ratio(1, 2)? {
        let (begin, end) = dates(choices)?;
        return Ok(SeasonInput {
            begin_date: Some(begin),
            end_date: Some(end),
            content,
            ..SeasonInput::default()
        });
    }
    let (every_weeks, anchor_date) =
        (Some(*choices.choose(&[2, 3, 4, 6])?), Some(date(choices)?.to_string()));
    Ok(SeasonInput { every_weeks, anchor_date, content, ..SeasonInput::default() })
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

/// A span around an instant, mostly of hours; some are empty or the wrong way round.
fn layer(choices: &mut Unstructured<'_>, around: Timestamp) -> Result<SpanOfLayer> {
    let longest = if choices.ratio(7, 8)? { 200_000 } else { LAST };
    let begin = around.as_second() + choices.int_in_range(-200_000..=200_000)?;
    let end = begin + choices.int_in_range(-100..=longest)?;
    let [begin, end] = [begin, end].map(|second| at(second.clamp(0, LAST), 0));
    Ok(SpanOfLayer { open: choices.ratio(1, 2)?, begin, end })
}

fn at(second: i64, nanosecond: i32) -> Timestamp {
    Timestamp::new(second, nanosecond).expect("1970 to 2200 are within what an instant can be")
}
