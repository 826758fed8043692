//! Which days exceptions are about, in the years that a schedule covers.

use jiff::civil::{Date, Weekday as CivilWeekday};

use crate::{
    date::{YEARS, date_of, day_number, is_weekend, weekday_number},
    exception_day::ExceptionDay,
    exceptions::Exception,
    holiday_lists::HolidayLists,
};

/// The ranges of day numbers that an exception covers, both ends included.
pub(crate) fn day_ranges(exception: &Exception, lists: &HolidayLists) -> Vec<(i32, i32)> {
    let Some(days) = chosen_days(exception.on(), lists) else {
        return exception.dates().map_or_else(Vec::new, |dates| dates.day_ranges());
    };
    let within = exception.dates().map(|dates| dates.day_ranges());
    let is_within = |day: &i32| {
        within.as_ref().is_none_or(|ranges| {
            let at = ranges.partition_point(|(_, last)| last < day);
            ranges.get(at).is_some_and(|(first, _)| first <= day)
        })
    };
    in_rows(days.into_iter().filter(is_within))
}

/// The days that are chosen in all years, in order; `None` where it is each of the dates.
fn chosen_days(on: ExceptionDay, lists: &HolidayLists) -> Option<Vec<i32>> {
    Some(match on {
        ExceptionDay::Date => return None,
        ExceptionDay::NthWeekday { nth, week, month } => {
            let weekday = CivilWeekday::from_sunday_zero_offset(i8::try_from(week.number()).unwrap_or(0));
            let Ok(weekday) = weekday else { return Some(vec![]) };
            let day = |first: Date| first.nth_weekday_of_month(nth.number(), weekday).ok().map(day_number);
            months(month).filter_map(day).collect()
        }
        ExceptionDay::FirstWorkday { month } => {
            let first = |first: Date| {
                let begin = day_number(first);
                (begin..begin + i32::from(first.days_in_month())).find(|day| is_workday(*day, lists))
            };
            months(month).filter_map(first).collect()
        }
        ExceptionDay::LastWorkday { month } => {
            let last = |first: Date| {
                let begin = day_number(first);
                (begin..begin + i32::from(first.days_in_month())).rfind(|day| is_workday(*day, lists))
            };
            months(month).filter_map(last).collect()
        }
        ExceptionDay::Holiday => lists.days_off(),
        ExceptionDay::MakeupWorkday => lists.makeup_workdays(),
        ExceptionDay::DayBeforeHoliday => {
            let off = lists.days_off();
            let before = off.iter().map(|day| day - 1);
            before.filter(|day| off.binary_search(day).is_err()).collect()
        }
    })
}

/// The first days of the months of all years, and a little more, since some zones are ahead of UTC.
fn months(only: Option<i8>) -> impl Iterator<Item = Date> {
    let years = YEARS.start() - 1..=YEARS.end() + 1;
    let months = move |year| {
        (1..=12).filter(move |month| only.is_none_or(|only| only == *month)).map(move |month| (year, month))
    };
    years.flat_map(months).filter_map(|(year, month)| Date::new(year, month, 1).ok())
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
