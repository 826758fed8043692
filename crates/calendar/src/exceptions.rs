//! Exceptions: what differs on some days from the rest of a group.
//!
//! This module has their wire form. Which days each covers is in `exception_days`, and what comes of them when a
//! [`Schedule`](crate::Schedule) is compiled.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    date_range::DateRange,
    exception_day::{ExceptionDay, NthOfMonth},
    fault::{CalendarFault, CalendarFaults, Rule, joined},
    weekday::Weekday,
    windows::{MAX_WINDOWS, Window, WindowInput, parse_windows},
};

/// The most exceptions one schedule may have.
pub const MAX_EXCEPTIONS: usize = 400;

/// The longest name of an exception, a season or a holiday, in characters.
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
    /// What it does with its days: a code of [`ExceptionEffect`], `replace` if left out.
    #[serde(default)]
    pub effect: Option<String>,
    /// Which days it is about, within its dates: a code of [`ExceptionDay`], `date` (each of them) if left out.
    #[serde(default)]
    pub on: Option<String>,
    /// The weekday of `nth_weekday`, 0 = Sunday.
    #[serde(default)]
    pub week: Option<i64>,
    /// The number of `nth_weekday` in its month: 1 to 5, or -1 for the last.
    #[serde(default)]
    pub nth: Option<i64>,
    /// The only month (1 to 12) of `nth_weekday`, `first_workday` and `last_workday`; every month if left out.
    #[serde(default)]
    pub month: Option<i64>,
    /// The first day: `YYYY-MM-DD`, or `MM-DD` for every year. Needed where `on` is `date`.
    #[serde(default)]
    pub begin_date: Option<String>,
    /// The last day, included, in the same form; the first day if left out. A yearly range may run over the year's
    /// end.
    #[serde(default)]
    pub end_date: Option<String>,
    /// The windows that begin on each of these days. None means closed for `replace`, and the whole day for `close`.
    #[serde(default)]
    pub times: Vec<WindowInput>,
}

/// What an exception does with its days.
///
/// ```
/// use calendar::ExceptionEffect;
///
/// let codes: Vec<_> = ExceptionEffect::ALL.iter().map(|effect| effect.code()).collect();
/// assert_eq!(codes, ["replace", "add", "only", "close"]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ExceptionEffect {
    /// Its times are the days' windows; without any the days are closed.
    #[default]
    Replace,
    /// Its times are open besides what is open anyway, on holidays too.
    Add,
    /// Of what would be open only what lies inside its times is. It opens nothing.
    Only,
    /// What would be open is closed within its times, or on the whole day where it has none. It opens nothing.
    Close,
}

impl ExceptionEffect {
    /// Every effect, in the order in which those of one day are applied. Example at [`ExceptionEffect`].
    pub const ALL: [ExceptionEffect; 4] =
        [ExceptionEffect::Replace, ExceptionEffect::Add, ExceptionEffect::Only, ExceptionEffect::Close];

    /// Its code on the wire. Example at [`ExceptionEffect`].
    pub const fn code(self) -> &'static str {
        match self {
            ExceptionEffect::Replace => "replace",
            ExceptionEffect::Add => "add",
            ExceptionEffect::Only => "only",
            ExceptionEffect::Close => "close",
        }
    }
}

/// Days on which something differs from the rest of a group.
///
/// ```
/// use calendar::{ExceptionEffect, Exceptions};
///
/// let exceptions: Exceptions = serde_json::from_str(
///     r#"[{"name":"stocktaking","begin_date":"2026-12-30","times":[{"begin_time":"9:00","end_time":"12:00"}]}]"#,
/// )?;
/// let stocktaking = exceptions.iter().next().unwrap();
/// assert_eq!(stocktaking.name(), "stocktaking");
/// assert_eq!(stocktaking.effect(), ExceptionEffect::Replace);
/// assert_eq!(stocktaking.times()[0].to_string(), "09:00-12:00");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    name: String,
    effect: ExceptionEffect,
    on: ExceptionDay,
    dates: Option<DateRange>,
    times: Vec<Window>,
}

impl Exception {
    /// What people call it; may be empty. Example at [`Exception`].
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it does with its days. Example at [`Exception`].
    pub const fn effect(&self) -> ExceptionEffect {
        self.effect
    }

    /// Which of the days within its dates it is about. Example at [`ExceptionDay`].
    pub const fn on(&self) -> ExceptionDay {
        self.on
    }

    /// The dates within which its days lie; `None`: any. Example at [`DateRange`].
    pub const fn dates(&self) -> Option<DateRange> {
        self.dates
    }

    /// Its windows, as sent. Example at [`Exception`].
    pub fn times(&self) -> &[Window] {
        &self.times
    }

    /// Whether it is about days of one time, which beat those that come back.
    pub(crate) fn is_dated(&self) -> bool {
        self.on == ExceptionDay::Date && self.dates.is_some_and(|dates| !dates.is_yearly())
    }
}

impl Serialize for Exception {
    /// What the exceptions of old did not have is written only where it is used.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;

        let mut exception = serializer.serialize_map(None)?;
        exception.serialize_entry("name", &self.name)?;
        if self.effect != ExceptionEffect::Replace {
            exception.serialize_entry("effect", self.effect.code())?;
        }
        if self.on != ExceptionDay::Date {
            exception.serialize_entry("on", self.on.code())?;
        }
        if let ExceptionDay::NthWeekday { nth, week, .. } = self.on {
            exception.serialize_entry("week", &week)?;
            exception.serialize_entry("nth", &nth.number())?;
        }
        if let Some(month) = self.on.month() {
            exception.serialize_entry("month", &month)?;
        }
        if let Some((begin, end)) = self.dates.map(|dates| dates.as_text()) {
            exception.serialize_entry("begin_date", &begin)?;
            exception.serialize_entry("end_date", &end)?;
        }
        exception.serialize_entry("times", &self.times)?;
        exception.end()
    }
}

/// The exceptions of one schedule, in the order sent.
///
/// Of those that replace a day's windows one with a year beats one that comes back, and of equals the first in the list holds. Then
/// come all that add, and then all that narrow or close.
///
/// ```
/// use calendar::Exceptions;
///
/// let exceptions: Exceptions = serde_json::from_str(r#"[{"name":"break","begin_date":"12-24","end_date":"01-01"}]"#)?;
/// assert_eq!(
///     serde_json::to_string(&exceptions)?,
///     r#"[{"name":"break","begin_date":"12-24","end_date":"01-01","times":[]}]"#,
/// );
/// let thanksgiving = r#"[{"name":"","effect":"close","on":"nth_weekday","week":4,"nth":4,"month":11,"times":[]}]"#;
/// let exceptions: Exceptions = serde_json::from_str(thanksgiving)?;
/// assert_eq!(serde_json::to_string(&exceptions)?, thanksgiving);
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
    /// let input = ExceptionInput { begin_date: Some("2026-02-29".into()), ..ExceptionInput::default() };
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

    /// These and then more.
    ///
    /// # Errors
    /// [`Rule::TooManyExceptions`], [`Rule::TooManyWindows`] of all together.
    ///
    /// ```
    /// # let one: calendar::Exceptions = serde_json::from_str(r#"[{"begin_date":"12-24"}]"#)?;
    /// assert_eq!(one.followed_by(&one)?.iter().count(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn followed_by(&self, more: &Exceptions) -> Result<Exceptions, Rule> {
        let all: Vec<Exception> = self.iter().chain(more).cloned().collect();
        if all.len() > MAX_EXCEPTIONS {
            return Err(Rule::TooManyExceptions);
        }
        if all.iter().map(|exception| exception.times.len()).sum::<usize>() > MAX_WINDOWS {
            return Err(Rule::TooManyWindows);
        }
        Ok(Exceptions(all))
    }

    /// Those of these that others have not, each once.
    ///
    /// ```
    /// # let one: calendar::Exceptions = serde_json::from_str(r#"[{"begin_date":"12-24"}]"#)?;
    /// assert_eq!(one.followed_by(&one)?.missing_from(&calendar::Exceptions::default()), one);
    /// assert!(one.missing_from(&one).is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn missing_from(&self, others: &Exceptions) -> Exceptions {
        let mut missing = Vec::new();
        for exception in self.iter().filter(|exception| !others.0.contains(exception)) {
            if !missing.contains(exception) {
                missing.push(exception.clone());
            }
        }
        Exceptions(missing)
    }

    /// These without others: for each of those the last one that equals it.
    ///
    /// ```
    /// # let one: calendar::Exceptions = serde_json::from_str(r#"[{"begin_date":"12-24"}]"#)?;
    /// assert_eq!(one.followed_by(&one)?.without(&one), one);
    /// assert!(one.without(&one).without(&one).is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn without(&self, others: &Exceptions) -> Exceptions {
        let mut left = self.0.clone();
        for other in others {
            if let Some(at) = left.iter().rposition(|exception| exception == other) {
                left.remove(at);
            }
        }
        Exceptions(left)
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
    let effect = faults.check(|| path("effect"), parse_effect(input.effect.as_deref()));
    let on = parse_on(&input, path, faults);
    let dates = match (&input.begin_date, &input.end_date, input.on.as_deref()) {
        (Some(begin), end, _) => Some(DateRange::parse(begin, end.as_deref(), path, faults)?),
        (None, Some(_), _) | (None, None, None | Some("date")) => {
            faults.add(|| path("begin_date"), Rule::DateMissing);
            None
        }
        (None, None, Some(_)) => None,
    };
    let times = parse_windows(&input.times, &path("times"), faults);
    if input.times.is_empty() && matches!(effect, Some(ExceptionEffect::Add | ExceptionEffect::Only)) {
        faults.add(|| path("times"), Rule::EffectWithoutTimes);
    }
    Some(Exception { name: input.name, effect: effect?, on: on?, dates, times })
}

fn parse_effect(code: Option<&str>) -> Result<ExceptionEffect, Rule> {
    let Some(code) = code else { return Ok(ExceptionEffect::Replace) };
    ExceptionEffect::ALL.into_iter().find(|effect| effect.code() == code).ok_or(Rule::UnknownEffect)
}

/// Which days an exception is about. What does not belong to that is refused: it was meant to say something.
fn parse_on(
    input: &ExceptionInput,
    path: impl Fn(&str) -> String,
    faults: &mut CalendarFaults,
) -> Option<ExceptionDay> {
    let code = input.on.as_deref().unwrap_or("date");
    let is_nth = code == "nth_weekday";
    let of_months = is_nth || code == "first_workday" || code == "last_workday";
    for (member, is_given, belongs) in [
        ("week", input.week.is_some(), is_nth),
        ("nth", input.nth.is_some(), is_nth),
        ("month", input.month.is_some(), of_months),
    ] {
        if is_given && !belongs {
            faults.add(|| path(member), Rule::NotOfTheseDays);
        }
    }
    let month = match input.month.map(parse_month).transpose() {
        Ok(month) => month,
        Err(rule) => {
            faults.add(|| path("month"), rule);
            None
        }
    };
    Some(match code {
        "date" => ExceptionDay::Date,
        "nth_weekday" => {
            let week = input.week.ok_or(Rule::WeekOutOfRange).and_then(Weekday::try_from);
            let week = faults.check(|| path("week"), week);
            let nth = input.nth.and_then(NthOfMonth::from_number).ok_or(Rule::NthOutOfRange);
            let nth = faults.check(|| path("nth"), nth);
            ExceptionDay::NthWeekday { nth: nth?, week: week?, month }
        }
        "first_workday" => ExceptionDay::FirstWorkday { month },
        "last_workday" => ExceptionDay::LastWorkday { month },
        "holiday" => ExceptionDay::Holiday,
        "makeup_workday" => ExceptionDay::MakeupWorkday,
        "day_before_holiday" => ExceptionDay::DayBeforeHoliday,
        _ => {
            faults.add(|| path("on"), Rule::UnknownDays);
            return None;
        }
    })
}

fn parse_month(month: i64) -> Result<i8, Rule> {
    i8::try_from(month).ok().filter(|month| (1..=12).contains(month)).ok_or(Rule::MonthOutOfRange)
}
