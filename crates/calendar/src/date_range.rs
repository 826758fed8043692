//! Ranges of days, of one time or of every year, and their wire form.

use std::fmt;

use jiff::civil::Date;

use crate::{
    date::{all_days, covered_years, date_of, day_number, parse_date, parse_month_day},
    fault::{CalendarFaults, Rule},
};

/// A day of every year.
///
/// ```
/// # let exceptions: calendar::Exceptions = serde_json::from_str(r#"[{"begin_date":"02-29"}]"#)?;
/// # let dates = exceptions.iter().next().unwrap().dates().unwrap();
/// let calendar::DateRange::Yearly { begin, .. } = dates else { unreachable!() };
/// assert_eq!((begin.month(), begin.day(), begin.to_string()), (2, 29, "02-29".into()));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MonthDay {
    month: i8,
    day: i8,
}

impl MonthDay {
    /// 1 to 12. Example at [`MonthDay`].
    pub const fn month(&self) -> i8 {
        self.month
    }

    /// 1 to 31, and 29 in February. Example at [`MonthDay`].
    pub const fn day(&self) -> i8 {
        self.day
    }
}

impl fmt::Display for MonthDay {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:02}-{:02}", self.month, self.day)
    }
}

/// Days in a row, both ends included.
///
/// ```
/// use calendar::{DateRange, Exceptions};
///
/// let exceptions: Exceptions = serde_json::from_str(r#"[{"begin_date":"2026-03-05"}]"#)?;
/// let day = jiff::civil::date(2026, 3, 5);
/// assert_eq!(exceptions.iter().next().unwrap().dates(), Some(DateRange::Once { begin: day, end: day }));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateRange {
    /// Days of one time.
    Once {
        /// The first day.
        begin: Date,
        /// The last day, not before the first.
        end: Date,
    },
    /// Days of every year. 29 February exists in leap years only: alone it occurs in them only, and at the end of a
    /// range it means the end of February.
    Yearly {
        /// The first day.
        begin: MonthDay,
        /// The last day; before the first, it lies in the year after.
        end: MonthDay,
    },
}

impl DateRange {
    /// Reads the first and the last day of a range, the latter the first if left out.
    pub(crate) fn parse(
        begin_date: &str,
        end_date: Option<&str>,
        path: impl Fn(&str) -> String,
        faults: &mut CalendarFaults,
    ) -> Option<DateRange> {
        let begin = faults.check(|| path("begin_date"), parse_day(begin_date));
        let end = end_date.unwrap_or(begin_date);
        let end = if begin.is_some() || end_date.is_some() {
            faults.check(|| path("end_date"), parse_day(end))
        } else {
            None
        };
        faults.check(|| path("end_date"), range(begin?, end?))
    }

    /// Whether it comes back every year.
    pub(crate) const fn is_yearly(&self) -> bool {
        matches!(self, DateRange::Yearly { .. })
    }

    /// The ranges of day numbers, both ends included, in which it covers days from `first` to `last`.
    pub(crate) fn day_ranges(&self, (first, last): (i32, i32)) -> Vec<(i32, i32)> {
        let meets = |(begin, end): &(i32, i32)| *begin <= last && first <= *end;
        match *self {
            DateRange::Once { .. } => [self.bounds()].into_iter().filter(meets).collect(),
            DateRange::Yearly { begin, end } => {
                let covered = covered_years();
                // One that began in the year before may not have ended.
                let from = (date_of(first).year() - 1).max(*covered.start());
                let to = date_of(last).year().min(*covered.end());
                (from..=to).filter_map(|year| days_in_year(year, begin, end)).filter(meets).collect()
            }
        }
    }

    /// The first and the last day number between which all its days lie.
    pub(crate) fn bounds(&self) -> (i32, i32) {
        match *self {
            DateRange::Once { begin, end } => (day_number(begin), day_number(end)),
            DateRange::Yearly { .. } => all_days(),
        }
    }

    /// Its first and its last day as they are written: `YYYY-MM-DD`, or `MM-DD` for every year.
    ///
    /// ```
    /// let exceptions: calendar::Exceptions = serde_json::from_str(r#"[{"begin_date":"12-24"}]"#)?;
    /// let dates = exceptions.iter().next().unwrap().dates().unwrap();
    /// assert_eq!(dates.as_text(), ("12-24".to_owned(), "12-24".to_owned()));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn as_text(&self) -> (String, String) {
        match self {
            DateRange::Once { begin, end } => (begin.to_string(), end.to_string()),
            DateRange::Yearly { begin, end } => (begin.to_string(), end.to_string()),
        }
    }
}

/// The days of a yearly range that begins in `year`, if it has any there.
fn days_in_year(year: i16, begin: MonthDay, end: MonthDay) -> Option<(i32, i32)> {
    let end_year = if end < begin { year + 1 } else { year };
    let first = match Date::new(year, begin.month, begin.day) {
        Ok(date) => day_number(date),
        Err(_) => day_number(Date::new(year, 3, 1).ok()?),
    };
    let last = match Date::new(end_year, end.month, end.day) {
        Ok(date) => day_number(date),
        Err(_) => day_number(Date::new(end_year, 2, 28).ok()?),
    };
    (first <= last).then_some((first, last))
}

/// A day with or without a year.
enum WrittenDay {
    Once(Date),
    Yearly(MonthDay),
}

fn parse_day(text: &str) -> Result<WrittenDay, Rule> {
    match parse_month_day(text) {
        Ok((month, day)) => Ok(WrittenDay::Yearly(MonthDay { month, day })),
        Err(Rule::DateDoesNotExist) => Err(Rule::DateDoesNotExist),
        Err(_) => parse_date(text).map(WrittenDay::Once),
    }
}

fn range(begin: WrittenDay, end: WrittenDay) -> Result<DateRange, Rule> {
    match (begin, end) {
        (WrittenDay::Once(begin), WrittenDay::Once(end)) if end < begin => Err(Rule::EndBeforeBegin),
        (WrittenDay::Once(begin), WrittenDay::Once(end)) => Ok(DateRange::Once { begin, end }),
        (WrittenDay::Yearly(begin), WrittenDay::Yearly(end)) => Ok(DateRange::Yearly { begin, end }),
        _ => Err(Rule::DateFormsDiffer),
    }
}
