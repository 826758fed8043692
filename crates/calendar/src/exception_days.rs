//! Which days of a span exceptions are about.

use std::ops::Range;

use jiff::civil::{Date, Weekday as CivilWeekday};

use crate::{
    date::{covered_years, date_of, day_number, is_weekend, weekday_number},
    exception_day::ExceptionDay,
    holiday_lists::HolidayLists,
    rule_book::ExceptionRule,
};

/// The ranges of day numbers, both ends included, in which an exception covers days of `span`.
pub(crate) fn day_ranges(
    exception: &ExceptionRule,
    lists: &HolidayLists,
    span: (i32, i32),
) -> Vec<(i32, i32)> {
    let within = exception.dates.map(|dates| dates.day_ranges(span));
    let Some(days) = chosen_days(exception.on, lists, span) else { return within.unwrap_or_default() };
    let is_within = |day: &i32| {
        within.as_ref().is_none_or(|ranges| {
            let at = ranges.partition_point(|(_, last)| last < day);
            ranges.get(at).is_some_and(|(first, _)| first <= day)
        })
    };
    in_rows(days.into_iter().filter(is_within))
}

/// The days that are chosen in the months that a span meets, in order; `None` where it is each of the dates.
fn chosen_days(on: ExceptionDay, lists: &HolidayLists, span: (i32, i32)) -> Option<Vec<i32>> {
    Some(match on {
        ExceptionDay::Date => return None,
        ExceptionDay::NthWeekday { nth, week, month } => {
            let weekday = CivilWeekday::from_sunday_zero_offset(i8::try_from(week.number()).unwrap_or(0));
            let Ok(weekday) = weekday else { return Some(vec![]) };
            let day = |first: Date| first.nth_weekday_of_month(nth.number(), weekday).ok().map(day_number);
            months(month, span).filter_map(day).collect()
        }
        ExceptionDay::FirstWorkday { month } => {
            let first = |first: Date| days_of_month(first).find(|day| is_workday(*day, lists));
            months(month, span).filter_map(first).collect()
        }
        ExceptionDay::LastWorkday { month } => {
            let last = |first: Date| days_of_month(first).rfind(|day| is_workday(*day, lists));
            months(month, span).filter_map(last).collect()
        }
        ExceptionDay::Holiday => lists.days_off(span),
        ExceptionDay::MakeupWorkday => lists.makeup_workdays(span),
        ExceptionDay::DayBeforeHoliday => {
            let off = lists.days_off((span.0, span.1 + 1));
            let before = off.iter().map(|day| day - 1);
            before.filter(|day| off.binary_search(day).is_err() && *day >= span.0).collect()
        }
    })
}

/// The first days of the months that a span meets.
fn months(only: Option<i8>, (first, last): (i32, i32)) -> impl Iterator<Item = Date> {
    let (from, to) = (date_of(first), date_of(last));
    let covered = covered_years();
    let years = from.year().max(*covered.start())..=to.year().min(*covered.end());
    let months = move |year| {
        (1..=12).filter(move |month| only.is_none_or(|only| only == *month)).map(move |month| (year, month))
    };
    let all = years.flat_map(months).filter_map(|(year, month)| Date::new(year, month, 1).ok());
    all.filter(move |day| from.first_of_month() <= *day && *day <= to)
}

fn days_of_month(first: Date) -> Range<i32> {
    let begin = day_number(first);
    begin..begin + i32::from(first.days_in_month())
}

fn is_workday(day: i32, lists: &HolidayLists) -> bool {
    let date = date_of(day);
    if lists.is_makeup_workday(date) {
        return true;
    }
    !lists.is_day_off(date) && !is_weekend(weekday_number(day))
}

/// Days in order as ranges of days in a row.
fn in_rows(days: impl Iterator<Item = i32>) -> Vec<(i32, i32)> {
    let mut rows: Vec<(i32, i32)> = Vec::new();
    for day in days {
        match rows.last_mut() {
            Some((_, last)) if *last + 1 == day => *last = day,
            _ => rows.push((day, day)),
        }
    }
    rows
}
