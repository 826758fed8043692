//! Holiday calendars: which days are off by law, which weekends are worked, and how far that is known.
//!
//! What a group makes of these days is its policy, which is compiled into a [`Schedule`](crate::Schedule).

use std::borrow::Cow;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    date::parse_date,
    exceptions::MAX_NAME_CHARACTERS,
    fault::{CalendarFault, CalendarFaults, Rule},
    weekday::Weekday,
    windows::{Window, WindowInput, parse_windows},
};

/// The most days one holiday calendar may have.
pub const MAX_HOLIDAY_DAYS: usize = 20_000;

/// The most times that one half day may have.
pub const MAX_HALF_DAY_TIMES: usize = 8;

/// What a day of a holiday calendar is.
///
/// ```
/// use calendar::HolidayKind;
/// assert_eq!(serde_json::to_string(&HolidayKind::MakeupWorkday)?, r#""makeup_workday""#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HolidayKind {
    /// A statutory day off (法定), or a day off of which nothing more is known.
    Holiday,
    /// A day off that was moved to a feast, or a weekend joined to one (调休放假).
    MovedHoliday,
    /// A Saturday or Sunday that is worked (上班, 补班) to make up for a day off.
    MakeupWorkday,
    /// A day on which calling is allowed within the day's own [`times`](HolidayDay::times) only, and only where the week allows it.
    HalfDay,
    /// A day with a name that is a day like any other: it closes nothing.
    Observance,
}

impl HolidayKind {
    /// Whether the day is off as a whole.
    ///
    /// ```
    /// use calendar::HolidayKind;
    /// assert!(HolidayKind::MovedHoliday.is_day_off() && !HolidayKind::HalfDay.is_day_off());
    /// ```
    pub const fn is_day_off(self) -> bool {
        matches!(self, HolidayKind::Holiday | HolidayKind::MovedHoliday)
    }
}

/// A public notice that a calendar's days come from.
///
/// ```
/// let china = calendar::HolidayCalendar::china();
/// let notice = china.notices().last().unwrap();
/// assert_eq!(notice.id, "2026");
/// assert!(notice.address.contains("gov.cn"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// What its days call it: the year it arranges, unless a year has several.
    pub id: String,
    /// Where it can be read.
    pub address: String,
}

/// A day of a calendar as it comes in, unchecked.
///
/// ```
/// let input: calendar::HolidayDayInput =
///     serde_json::from_str(r#"{"date":"2026-01-04","kind":"makeup_workday","name":"元旦","stands_for":5}"#)?;
/// assert_eq!(input.stands_for, Some(5));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HolidayDayInput {
    /// `YYYY-MM-DD`.
    pub date: String,
    /// What the day is.
    pub kind: HolidayKind,
    /// The feast, such as `春节`.
    pub name: String,
    /// For a make-up workday the weekday (0 = Sunday) it stands for, where the notice names it.
    #[serde(default)]
    pub stands_for: Option<i64>,
    /// The id of the notice it comes from; the date's year if left out.
    #[serde(default)]
    pub notice: Option<String>,
    /// The times within which a half day is open, at least one and at most [`MAX_HALF_DAY_TIMES`]; of other days none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub times: Vec<WindowInput>,
}

/// A calendar as it comes in, unchecked: the JSON form.
///
/// ```
/// let input: calendar::HolidayCalendarInput =
///     serde_json::from_str(r#"{"id":"XX","known_until":"2026-12-31","days":[]}"#)?;
/// assert_eq!(input.id, "XX");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HolidayCalendarInput {
    /// Its identity, such as `CN`.
    pub id: String,
    /// The last date up to which `days` is complete.
    pub known_until: String,
    /// Where the days come from.
    #[serde(default)]
    pub notices: Vec<Notice>,
    /// The days, in any order.
    pub days: Vec<HolidayDayInput>,
}

/// A day of a holiday calendar.
///
/// ```
/// use calendar::{HolidayCalendar, HolidayKind};
///
/// let china = HolidayCalendar::china();
/// let day = china.day(jiff::civil::date(2026, 10, 10)).unwrap();
/// assert_eq!(day.kind, HolidayKind::MakeupWorkday);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HolidayDay {
    /// The date, in whatever zone it is asked about.
    pub date: Date,
    /// What the day is.
    pub kind: HolidayKind,
    /// The feast it belongs to.
    pub name: String,
    /// The weekday a make-up workday stands for, where the notice names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stands_for: Option<Weekday>,
    /// The id of the notice it comes from, if not the date's year.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
    /// The times within which a half day is open; of other days none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub times: Vec<Window>,
}

impl HolidayDay {
    /// The id of the notice it comes from: the date's year, if it names none.
    pub(crate) fn notice_id(&self) -> Cow<'_, str> {
        self.notice.as_deref().map_or_else(|| self.date.year().to_string().into(), Cow::from)
    }
}

/// Days off and make-up workdays, with their sources and how far they are known.
///
/// ```
/// use calendar::{HolidayCalendar, HolidayKind};
///
/// let calendar = HolidayCalendar::from_json(
///     r#"{"id":"XX","known_until":"2026-12-31","days":[{"date":"2026-05-01","kind":"holiday","name":"May Day"}]}"#,
/// ).unwrap();
/// assert_eq!(calendar.day(jiff::civil::date(2026, 5, 1)).unwrap().kind, HolidayKind::Holiday);
/// assert_eq!(calendar.known_until(), jiff::civil::date(2026, 12, 31));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HolidayCalendar {
    pub(crate) id: String,
    pub(crate) known_until: Date,
    pub(crate) notices: Vec<Notice>,
    pub(crate) days: Vec<HolidayDay>,
}

/// Why a text is no holiday calendar.
///
/// ```
/// use calendar::{HolidayCalendar, HolidayError};
///
/// assert!(matches!(HolidayCalendar::from_json("{"), Err(HolidayError::Json(_))));
/// assert!(matches!(
///     HolidayCalendar::from_json(r#"{"id":"","known_until":"2026-12-31","days":[]}"#),
///     Err(HolidayError::Faults(_)),
/// ));
/// ```
#[derive(Debug, thiserror::Error)]
pub enum HolidayError {
    /// It is not JSON, or not of the form of [`HolidayCalendarInput`].
    #[error("not a holiday calendar: {0}")]
    Json(#[from] serde_json::Error),
    /// It breaks rules.
    #[error("a holiday calendar with faults: {}", crate::fault::joined(.0))]
    Faults(Vec<CalendarFault>),
}

impl HolidayCalendar {
    /// Reads the JSON form, that of [`HolidayCalendarInput`].
    ///
    /// # Errors
    /// [`HolidayError`].
    ///
    /// ```
    /// let china = calendar::HolidayCalendar::china();
    /// let again = calendar::HolidayCalendar::from_json(&china.to_json()).unwrap();
    /// assert_eq!(again, *china);
    /// ```
    pub fn from_json(text: &str) -> Result<HolidayCalendar, HolidayError> {
        HolidayCalendar::parse(serde_json::from_str(text)?).map_err(HolidayError::Faults)
    }

    /// Writes the JSON form. Example at [`HolidayCalendar::from_json`].
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The calendar as it would come in, to be changed and checked again.
    ///
    /// ```
    /// use calendar::HolidayCalendar;
    /// let china = HolidayCalendar::china();
    /// assert_eq!(HolidayCalendar::parse(china.to_input()).unwrap(), *china);
    /// ```
    pub fn to_input(&self) -> HolidayCalendarInput {
        let time = |window: &Window| WindowInput {
            begin_time: window.begin_time().to_string(),
            end_time: window.end_time().to_string(),
        };
        let day = |day: &HolidayDay| HolidayDayInput {
            date: day.date.to_string(),
            kind: day.kind,
            name: day.name.clone(),
            stands_for: day.stands_for.map(|weekday| weekday.number().into()),
            notice: day.notice.clone(),
            times: day.times.iter().map(time).collect(),
        };
        HolidayCalendarInput {
            id: self.id.clone(),
            known_until: self.known_until.to_string(),
            notices: self.notices.clone(),
            days: self.days.iter().map(day).collect(),
        }
    }

    /// Checks a calendar.
    ///
    /// # Errors
    /// Every fault found, at most [`FAULTS_REPORTED`](crate::FAULTS_REPORTED), such as `days[3].date`: a date that
    /// does not exist, comes twice or lies after `known_until`, a bad `id` or name, a weekday for a day off.
    ///
    /// ```
    /// use calendar::{HolidayCalendar, HolidayCalendarInput, Rule};
    ///
    /// let (id, known_until) = ("X Y".into(), "2026".into());
    /// let input = HolidayCalendarInput { id, known_until, notices: vec![], days: vec![] };
    /// let faults = HolidayCalendar::parse(input).unwrap_err();
    /// assert_eq!((faults[0].rule, faults[1].rule), (Rule::IdFormat, Rule::DateFormat));
    /// ```
    pub fn parse(input: HolidayCalendarInput) -> Result<HolidayCalendar, Vec<CalendarFault>> {
        if input.days.len() > MAX_HOLIDAY_DAYS {
            return Err(vec![CalendarFault::new("days", Rule::TooManyHolidayDays)]);
        }
        let mut faults = CalendarFaults::default();
        if !is_id(&input.id) {
            faults.add(|| "id".into(), Rule::IdFormat);
        }
        let known_until = faults.check(|| "known_until".into(), parse_date(&input.known_until));
        let until = known_until.unwrap_or(Date::MAX);
        let days = parse_days(input.days, until, &mut faults);
        let calendar = HolidayCalendar { id: input.id, known_until: until, notices: input.notices, days };
        faults.into_result(calendar)
    }

    /// Its identity, such as `CN`.
    ///
    /// ```
    /// assert_eq!(calendar::HolidayCalendar::china().id(), "CN");
    /// ```
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The last date up to which it is complete. Example at [`HolidayCalendar`].
    pub const fn known_until(&self) -> Date {
        self.known_until
    }

    /// Where its days come from. Example at [`Notice`].
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// Its days in the order of their dates.
    ///
    /// ```
    /// assert!(calendar::HolidayCalendar::china().days().is_sorted_by_key(|day| day.date));
    /// ```
    pub fn days(&self) -> &[HolidayDay] {
        &self.days
    }

    /// What it says about a date, if anything. Example at [`HolidayDay`].
    pub fn day(&self, date: Date) -> Option<&HolidayDay> {
        let at = self.days.binary_search_by_key(&date, |day| day.date).ok()?;
        Some(&self.days[at])
    }

    /// The notice that a day of this calendar comes from, if known.
    ///
    /// ```
    /// let china = calendar::HolidayCalendar::china();
    /// let day = china.day(jiff::civil::date(2026, 10, 1)).unwrap();
    /// assert_eq!(china.notice(day).unwrap().id, "2026");
    /// ```
    pub fn notice(&self, day: &HolidayDay) -> Option<&Notice> {
        let id = day.notice_id();
        self.notices.iter().find(|notice| notice.id == id)
    }

    /// The years that it has days in, in order.
    ///
    /// ```
    /// assert!(calendar::HolidayCalendar::china().years().eq(2004..=2026));
    /// ```
    pub fn years(&self) -> impl Iterator<Item = i16> + '_ {
        self.days.chunk_by(|one, next| one.date.year() == next.date.year()).map(|year| year[0].date.year())
    }

    /// The first year that it is about: a year with days of its last week alone belongs to the New Year after it.
    ///
    /// ```
    /// let text = r#"{"id":"XX","known_until":"2027-12-31","days":[
    ///     {"date":"2026-12-31","kind":"holiday","name":"x"},{"date":"2027-01-01","kind":"holiday","name":"x"}]}"#;
    /// let calendar = calendar::HolidayCalendar::from_json(text).unwrap();
    /// assert_eq!(calendar.first_year(), Some(2027));
    /// ```
    pub fn first_year(&self) -> Option<i16> {
        let mut years = self.years();
        let first = years.next()?;
        let is_of_next = self.days[0].date >= last_week(first) && years.next() == Some(first + 1);
        Some(if is_of_next { first + 1 } else { first })
    }
}

/// The first day of a year's last week, whose days may be of New Year.
pub(crate) fn last_week(year: i16) -> Date {
    jiff::civil::date(year, 12, 25)
}

fn is_id(id: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=32).contains(&id.len()) && id.bytes().all(allowed)
}

fn parse_days(
    input: Vec<HolidayDayInput>,
    known_until: Date,
    faults: &mut CalendarFaults,
) -> Vec<HolidayDay> {
    let mut seen = std::collections::HashSet::new();
    let mut days = Vec::with_capacity(input.len());
    for (at, day) in input.into_iter().enumerate() {
        let Some(day) = parse_day(day, at, faults) else { continue };
        if day.date > known_until {
            faults.add(|| format!("days[{at}].date"), Rule::AfterKnownUntil);
        }
        if !seen.insert(day.date) {
            faults.add(|| format!("days[{at}].date"), Rule::DuplicateDate);
        }
        days.push(day);
    }
    days.sort_by_key(|day| day.date);
    days
}

fn parse_day(input: HolidayDayInput, at: usize, faults: &mut CalendarFaults) -> Option<HolidayDay> {
    let path = |member: &str| format!("days[{at}].{member}");
    if input.name.chars().count() > MAX_NAME_CHARACTERS {
        faults.add(|| path("name"), Rule::NameTooLong);
    }
    if input.stands_for.is_some() && input.kind != HolidayKind::MakeupWorkday {
        faults.add(|| path("stands_for"), Rule::HolidayStandsForNothing);
    }
    let stands_for = match input.stands_for.map(Weekday::try_from).transpose() {
        Ok(stands_for) => stands_for,
        Err(rule) => {
            faults.add(|| path("stands_for"), rule);
            None
        }
    };
    let times = parse_times(&input, &path("times"), faults);
    let date = faults.check(|| path("date"), parse_date(&input.date))?;
    Some(HolidayDay { date, kind: input.kind, name: input.name, stands_for, notice: input.notice, times })
}

/// The times of a half day, which lie within the day: what runs on after it is not the day's own.
fn parse_times(input: &HolidayDayInput, path: &str, faults: &mut CalendarFaults) -> Vec<Window> {
    let fault = match (input.kind, input.times.len()) {
        (HolidayKind::HalfDay, 0) => Some(Rule::HalfDayWithoutTimes),
        (HolidayKind::HalfDay, 1..=MAX_HALF_DAY_TIMES) | (_, 0) => None,
        (HolidayKind::HalfDay, _) => Some(Rule::TooManyHalfDayTimes),
        _ => Some(Rule::TimesOfNoHalfDay),
    };
    if let Some(fault) = fault {
        faults.add(|| path.to_owned(), fault);
        return vec![];
    }
    let times = parse_windows(&input.times, path, faults);
    for (at, _) in times.iter().enumerate().filter(|(_, window)| window.runs_over_midnight()) {
        faults.add(|| format!("{path}[{at}].end_time"), Rule::HalfDayOverMidnight);
    }
    times
}
