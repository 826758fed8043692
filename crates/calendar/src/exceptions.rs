//! Dated exceptions: days that follow windows of their own, or none.
//!
//! This module has their wire form and the days that each covers. That they beat every other rule is decided when a
//! [`Schedule`](crate::Schedule) is compiled.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    date::{YEARS, day_number, parse_date, parse_month_day},
    fault::{CalendarFault, CalendarFaults, Rule, joined},
    windows::{MAX_WINDOWS, Window, WindowInput, parse_windows},
};

/// The most exceptions one schedule may have.
pub const MAX_EXCEPTIONS: usize = 400;

/// The longest name of an exception or a holiday, in characters.
pub const MAX_NAME_CHARACTERS: usize = 100;

/// An exception as it comes over the wire, unchecked.
///
/// ```
/// use calendar::ExceptionInput;
///
/// let input: ExceptionInput = serde_json::from_str(r#"{"begin_date": "12-31"}"#)?;
/// assert_eq!((input.name.as_str(), input.end_date, input.times), ("", None, vec![]));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExceptionInput {
    /// What people call it; may be empty.
    #[serde(default)]
    pub name: String,
    /// The first day: `YYYY-MM-DD`, or `MM-DD` for every year.
    pub begin_date: String,
    /// The last day, included, in the same form; the first day if left out. A yearly range may run over the year's
    /// end.
    #[serde(default)]
    pub end_date: Option<String>,
    /// The windows that begin on each of these days. None means closed.
    #[serde(default)]
    pub times: Vec<WindowInput>,
}

/// A day of every year.
///
/// ```
/// # let exceptions: calendar::Exceptions = serde_json::from_str(r#"[{"begin_date":"02-29"}]"#)?;
/// # let dates = exceptions.iter().next().unwrap().dates();
/// let calendar::ExceptionDates::Yearly { begin, .. } = dates else { unreachable!() };
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

/// The days an [`Exception`] covers, both ends included.
///
/// ```
/// use calendar::{ExceptionDates, Exceptions};
///
/// let exceptions: Exceptions = serde_json::from_str(r#"[{"begin_date":"2026-03-05"}]"#)?;
/// let day = jiff::civil::date(2026, 3, 5);
/// assert_eq!(exceptions.iter().next().unwrap().dates(), ExceptionDates::Once { begin: day, end: day });
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExceptionDates {
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

/// Days that follow windows of their own, or none.
///
/// ```
/// use calendar::Exceptions;
///
/// let exceptions: Exceptions = serde_json::from_str(
///     r#"[{"name":"stocktaking","begin_date":"2026-12-30","times":[{"begin_time":"9:00","end_time":"12:00"}]}]"#,
/// )?;
/// let stocktaking = exceptions.iter().next().unwrap();
/// assert_eq!(stocktaking.name(), "stocktaking");
/// assert_eq!(stocktaking.times()[0].to_string(), "09:00-12:00");
/// assert!(!stocktaking.is_closed());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    name: String,
    dates: ExceptionDates,
    times: Vec<Window>,
}

impl Exception {
    /// What people call it; may be empty. Example at [`Exception`].
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The days it covers. Example at [`ExceptionDates`].
    pub const fn dates(&self) -> ExceptionDates {
        self.dates
    }

    /// The windows that begin on these days, as sent. Example at [`Exception`].
    pub fn times(&self) -> &[Window] {
        &self.times
    }

    /// Whether no window begins on these days. Example at [`Exception`].
    pub fn is_closed(&self) -> bool {
        self.times.is_empty()
    }

    /// Whether it comes back every year.
    pub(crate) const fn is_yearly(&self) -> bool {
        matches!(self.dates, ExceptionDates::Yearly { .. })
    }

    /// The ranges of day numbers it covers, both ends included.
    pub(crate) fn day_ranges(&self) -> Vec<(i32, i32)> {
        match self.dates {
            ExceptionDates::Once { begin, end } => vec![(day_number(begin), day_number(end))],
            ExceptionDates::Yearly { begin, end } => {
                // In zones ahead of UTC the last hours of the last year belong to the next one.
                let years = YEARS.start() - 1..=YEARS.end() + 1;
                years.filter_map(|year| days_in_year(year, begin, end)).collect()
            }
        }
    }

    /// Its first and its last day as they are written: `YYYY-MM-DD`, or `MM-DD` for every year.
    ///
    /// ```
    /// let exceptions: calendar::Exceptions = serde_json::from_str(r#"[{"begin_date":"12-24"}]"#)?;
    /// let exception = exceptions.iter().next().unwrap();
    /// assert_eq!(exception.dates_as_text(), ("12-24".to_owned(), "12-24".to_owned()));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn dates_as_text(&self) -> (String, String) {
        match self.dates {
            ExceptionDates::Once { begin, end } => (begin.to_string(), end.to_string()),
            ExceptionDates::Yearly { begin, end } => (begin.to_string(), end.to_string()),
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

impl Serialize for Exception {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;

        let (begin, end) = self.dates_as_text();
        let mut exception = serializer.serialize_struct("Exception", 4)?;
        exception.serialize_field("name", &self.name)?;
        exception.serialize_field("begin_date", &begin)?;
        exception.serialize_field("end_date", &end)?;
        exception.serialize_field("times", &self.times)?;
        exception.end()
    }
}

/// The exceptions of one schedule, in the order sent.
///
/// Where several cover a day, one with a year beats a yearly one, and of equals the first in the list holds.
///
/// ```
/// use calendar::Exceptions;
///
/// let exceptions: Exceptions = serde_json::from_str(r#"[{"name":"break","begin_date":"12-24","end_date":"01-01"}]"#)?;
/// assert_eq!(
///     serde_json::to_string(&exceptions)?,
///     r#"[{"name":"break","begin_date":"12-24","end_date":"01-01","times":[]}]"#,
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Exceptions(Vec<Exception>);

impl Exceptions {
    /// Checks what came over the wire.
    ///
    /// # Errors
    /// Every fault found, at most [`FAULTS_REPORTED`](crate::FAULTS_REPORTED), with paths relative to the list:
    /// `[0].begin_date`. More than [`MAX_EXCEPTIONS`] exceptions or [`MAX_WINDOWS`] windows in all are refused unread.
    ///
    /// ```
    /// use calendar::{ExceptionInput, Exceptions};
    ///
    /// let input = ExceptionInput { begin_date: "2026-02-29".into(), ..ExceptionInput::default() };
    /// let faults = Exceptions::parse(vec![input]).unwrap_err();
    /// assert_eq!(faults[0].to_string(), "[0].begin_date: must be a day that exists");
    /// ```
    pub fn parse(input: Vec<ExceptionInput>) -> Result<Exceptions, Vec<CalendarFault>> {
        if input.len() > MAX_EXCEPTIONS {
            return Err(vec![CalendarFault::new("", Rule::TooManyExceptions)]);
        }
        if input.iter().map(|exception| exception.times.len()).sum::<usize>() > MAX_WINDOWS {
            return Err(vec![CalendarFault::new("", Rule::TooManyWindows)]);
        }
        let mut faults = CalendarFaults::default();
        let parse = |(at, input)| parse_exception(input, at, &mut faults);
        let exceptions = input.into_iter().enumerate().filter_map(parse).collect();
        faults.into_result(Exceptions(exceptions))
    }

    /// The exceptions in the order sent. Example at [`Exception`].
    pub fn iter(&self) -> std::slice::Iter<'_, Exception> {
        self.0.iter()
    }

    /// Whether there is none.
    ///
    /// ```
    /// assert!(calendar::Exceptions::default().is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> IntoIterator for &'a Exceptions {
    type Item = &'a Exception;
    type IntoIter = std::slice::Iter<'a, Exception>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'de> Deserialize<'de> for Exceptions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Exceptions, D::Error> {
        let input = Vec::deserialize(deserializer)?;
        Exceptions::parse(input).map_err(|faults| serde::de::Error::custom(joined(&faults)))
    }
}

fn parse_exception(input: ExceptionInput, at: usize, faults: &mut CalendarFaults) -> Option<Exception> {
    let path = |member: &str| format!("[{at}].{member}");
    if input.name.chars().count() > MAX_NAME_CHARACTERS {
        faults.add(|| path("name"), Rule::NameTooLong);
    }
    let begin = faults.check(|| path("begin_date"), parse_day(&input.begin_date));
    let end = input.end_date.as_deref().unwrap_or(&input.begin_date);
    let end = if begin.is_some() || input.end_date.is_some() {
        faults.check(|| path("end_date"), parse_day(end))
    } else {
        None
    };
    let times = parse_windows(&input.times, &path("times"), faults);
    let dates = faults.check(|| path("end_date"), span(begin?, end?))?;
    Some(Exception { name: input.name, dates, times })
}

/// A day with or without a year.
enum ExceptionDay {
    Once(Date),
    Yearly(MonthDay),
}

fn parse_day(text: &str) -> Result<ExceptionDay, Rule> {
    match parse_month_day(text) {
        Ok((month, day)) => Ok(ExceptionDay::Yearly(MonthDay { month, day })),
        Err(Rule::DateDoesNotExist) => Err(Rule::DateDoesNotExist),
        Err(_) => parse_date(text).map(ExceptionDay::Once),
    }
}

fn span(begin: ExceptionDay, end: ExceptionDay) -> Result<ExceptionDates, Rule> {
    match (begin, end) {
        (ExceptionDay::Once(begin), ExceptionDay::Once(end)) if end < begin => Err(Rule::EndBeforeBegin),
        (ExceptionDay::Once(begin), ExceptionDay::Once(end)) => Ok(ExceptionDates::Once { begin, end }),
        (ExceptionDay::Yearly(begin), ExceptionDay::Yearly(end)) => Ok(ExceptionDates::Yearly { begin, end }),
        _ => Err(Rule::DateFormsDiffer),
    }
}
