//! Dates as text and as day numbers, for the years that a schedule covers.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use crate::{fault::Rule, time_of_day::digits};

/// The first and the last year a date in an exception or a holiday calendar may have.
pub(crate) const YEARS: std::ops::RangeInclusive<i16> = 1970..=2200;

/// The years in which what comes back every year or month does, one more at each end: in zones ahead of UTC the last hours of the last
/// year belong to the next one.
pub(crate) const fn covered_years() -> std::ops::RangeInclusive<i16> {
    *YEARS.start() - 1..=*YEARS.end() + 1
}

/// The first and the last day number of [`covered_years`], and of the year after, in which a yearly range may end.
pub(crate) fn all_days() -> (i32, i32) {
    let day = |year, month, day| Date::new(year, month, day).map_or(0, day_number);
    (day(*covered_years().start(), 1, 1), day(*covered_years().end() + 1, 12, 31))
}

/// A date of the form `YYYY-MM-DD`, and no other.
pub(crate) fn parse_date(text: &str) -> Result<Date, Rule> {
    let (year, month_day) = text.split_once('-').ok_or(Rule::DateFormat)?;
    let (month, day) = parse_month_day(month_day)?;
    if year.len() != 4 {
        return Err(Rule::DateFormat);
    }
    let year = digits(&year[..2]).and_then(|century| Ok(century * 100 + digits(&year[2..])?));
    let year = year.map_err(|_| Rule::DateFormat)?;
    let year = i16::try_from(year).map_err(|_| Rule::DateOutOfRange)?;
    if !YEARS.contains(&year) {
        return Err(Rule::DateOutOfRange);
    }
    Date::new(year, month, day).map_err(|_| Rule::DateDoesNotExist)
}

/// A month and a day of the form `MM-DD`, which exist in some year.
pub(crate) fn parse_month_day(text: &str) -> Result<(i8, i8), Rule> {
    let (month, day) = text.split_once('-').ok_or(Rule::DateFormat)?;
    if month.len() != 2 || day.len() != 2 {
        return Err(Rule::DateFormat);
    }
    let number = |text| digits(text).map_err(|_| Rule::DateFormat);
    #[expect(clippy::cast_possible_truncation, reason = "two digits are at most 99")]
    let (month, day) = (number(month)? as i8, number(day)? as i8);
    let leap_year = 2000;
    Date::new(leap_year, month, day).map_err(|_| Rule::DateDoesNotExist)?;
    Ok((month, day))
}

/// Days from 1 January 1970 to `date`.
pub(crate) fn day_number(date: Date) -> i32 {
    let seconds = TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).map_or(0, Timestamp::as_second);
    i32::try_from(seconds.div_euclid(86_400)).unwrap_or_default()
}

/// The date so many days after 1 January 1970.
pub(crate) fn date_of(day: i32) -> Date {
    let midnight = Timestamp::from_second(i64::from(day) * 86_400);
    TimeZone::UTC.to_datetime(midnight.unwrap_or_default()).date()
}

/// The weekday (0 = Sunday) of a day number; 1 January 1970 was a Thursday.
#[inline]
pub(crate) fn weekday_number(day: i32) -> u16 {
    #[expect(clippy::cast_possible_truncation, reason = "a remainder of 7")]
    let weekday = (day + 4).rem_euclid(7) as u16;
    weekday
}

/// Whether a weekday (0 = Sunday) is a Saturday or a Sunday.
pub(crate) const fn is_weekend(weekday: u16) -> bool {
    weekday == 0 || weekday == 6
}
