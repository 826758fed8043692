//! Single years of holiday calendars: how a calendar is divided into years, and how years replace those of a calendar.
//!
//! So a new or corrected year can be imported while the other years stay as they are.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, date};

use crate::{
    fault::{CalendarFault, Rule},
    holidays::{HolidayCalendar, HolidayCalendarInput, HolidayDay, HolidayError, Notice, last_week},
};

/// One year of a holiday calendar: its days and notices, and how far of the year they are known.
///
/// New Year's days off often begin in the year before. So a year may also have days of the last week before it: laid
/// over a calendar, they are added to the year before and leave the rest of that as it is.
///
/// ```
/// use calendar::HolidayCalendar;
///
/// let text = r#"{"id":"CN","known_until":"2027-12-31","days":[
///     {"date":"2026-12-31","kind":"holiday","name":"元旦"}, {"date":"2027-01-01","kind":"holiday","name":"元旦"}]}"#;
/// let years = HolidayCalendar::from_json(text).unwrap().into_years().unwrap();
/// assert_eq!((years.len(), years[0].year(), years[0].calendar().days().len()), (1, 2027, 2));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HolidayYear {
    year: i16,
    /// Just this year's part, known until its end at most.
    calendar: HolidayCalendar,
}

impl HolidayYear {
    /// Reads what [`HolidayCalendar::to_json`] wrote of its [`calendar`](HolidayYear::calendar).
    ///
    /// # Errors
    /// [`HolidayError`], also when the text is known until some other year.
    ///
    /// ```
    /// use calendar::{HolidayCalendar, HolidayYear};
    ///
    /// let year = HolidayCalendar::china().as_ref().clone().into_years().unwrap().pop().unwrap();
    /// assert_eq!(HolidayYear::from_json(2026, &year.calendar().to_json()).unwrap(), year);
    /// assert!(HolidayYear::from_json(2027, &year.calendar().to_json()).is_err());
    /// ```
    pub fn from_json(year: i16, text: &str) -> Result<HolidayYear, HolidayError> {
        HolidayYear::parse(year, serde_json::from_str(text)?).map_err(HolidayError::Faults)
    }

    /// A year of these days, known until some day of it.
    ///
    /// # Errors
    /// As [`HolidayCalendar::parse`], and if it is known until some other year.
    ///
    /// ```
    /// use calendar::{HolidayCalendar, HolidayYear};
    ///
    /// let year = HolidayCalendar::china().as_ref().clone().into_years().unwrap().pop().unwrap();
    /// assert_eq!(HolidayYear::parse(2026, year.calendar().to_input()).unwrap(), year);
    /// assert!(HolidayYear::parse(2027, year.calendar().to_input()).is_err());
    /// ```
    pub fn parse(year: i16, input: HolidayCalendarInput) -> Result<HolidayYear, Vec<CalendarFault>> {
        let calendar = HolidayCalendar::parse(input)?;
        if calendar.known_until.year() != year {
            return Err(vec![CalendarFault::new("known_until", Rule::KnownWithoutDays)]);
        }
        Ok(HolidayYear { year, calendar })
    }

    /// Which year. Example at [`HolidayYear`].
    pub const fn year(&self) -> i16 {
        self.year
    }

    /// Its days and notices as a calendar of their own. Example at [`HolidayYear`].
    pub const fn calendar(&self) -> &HolidayCalendar {
        &self.calendar
    }

    /// The year with those of another calendar's days of it that are to be kept, where it says nothing of their dates itself and is known
    /// that far, and with their notices.
    ///
    /// ```
    /// use calendar::{HolidayCalendar, HolidayKind};
    ///
    /// let text = r#"{"id":"CN","known_until":"2026-12-31","days":[{"date":"2026-10-01","kind":"holiday","name":"国庆节"}]}"#;
    /// let year = HolidayCalendar::from_json(text).unwrap().into_years().unwrap().pop().unwrap();
    /// let whole = year.keeping(&HolidayCalendar::china(), |day| day.kind == HolidayKind::MakeupWorkday);
    /// assert_eq!((year.calendar().days().len(), whole.calendar().days().len()), (1, 7));
    /// ```
    #[must_use]
    pub fn keeping(&self, other: &HolidayCalendar, is_kept: impl Fn(&HolidayDay) -> bool) -> HolidayYear {
        let known_until = self.calendar.known_until;
        let kept: Vec<&HolidayDay> = other
            .days
            .iter()
            .filter(|day| day.date.year() == self.year && day.date <= known_until && is_kept(day))
            .collect();
        let cited: BTreeSet<_> = kept.iter().map(|day| day.notice_id()).collect();
        let notices = other.notices.iter().filter(|notice| cited.contains(notice.id.as_str()));
        let calendar = HolidayCalendar {
            id: self.calendar.id.clone(),
            known_until,
            notices: overlaid(notices, &self.calendar.notices, |notice| notice.id.clone()),
            days: overlaid(kept, &self.calendar.days, |day| day.date),
        };
        HolidayYear { year: self.year, calendar }
    }
}

impl HolidayCalendar {
    /// Takes the calendar apart into the years it has days in. A year is known until its end, the last one until
    /// [`known_until`](HolidayCalendar::known_until). A first year with days in its last week only belongs to the
    /// year after it, if there are days of that. Notices go with the years whose days cite them, those that no
    /// day cites with the last year.
    ///
    /// # Errors
    /// A calendar without days, and one that claims to be known in a year of which it names no day: such a claim would
    /// take the holidays of that year for workdays.
    ///
    /// ```
    /// let years = calendar::HolidayCalendar::china().as_ref().clone().into_years().unwrap();
    /// assert!(years.iter().map(|year| year.year()).eq(2004..=2026));
    /// assert_eq!(years[0].calendar().known_until(), jiff::civil::date(2004, 12, 31));
    ///
    /// let empty = r#"{"id":"XX","known_until":"2027-12-31","days":[]}"#;
    /// assert!(calendar::HolidayCalendar::from_json(empty).unwrap().into_years().is_err());
    /// ```
    pub fn into_years(self) -> Result<Vec<HolidayYear>, Vec<CalendarFault>> {
        let Some(last) = self.days.last().map(|day| day.date.year()) else {
            return Err(vec![CalendarFault::new("days", Rule::NoHolidayDays)]);
        };
        if self.known_until.year() != last {
            return Err(vec![CalendarFault::new("known_until", Rule::KnownWithoutDays)]);
        }
        let mut parts: BTreeMap<i16, Vec<HolidayDay>> = BTreeMap::new();
        for day in self.days {
            parts.entry(day.date.year()).or_default().push(day);
        }
        join_new_year(&mut parts);
        let cited: BTreeSet<String> =
            parts.values().flatten().map(|day| day.notice_id().into_owned()).collect();
        let years = parts.into_iter().map(|(year, days)| {
            let is_own = |notice: &Notice| days.iter().any(|day| day.notice_id() == notice.id);
            let goes_along =
                |notice: &&Notice| is_own(notice) || (year == last && !cited.contains(&notice.id));
            let notices = self.notices.iter().filter(goes_along).cloned().collect();
            let known_until = self.known_until.min(last_day(year));
            HolidayYear {
                year,
                calendar: HolidayCalendar { id: self.id.clone(), known_until, notices, days },
            }
        });
        Ok(years.collect())
    }

    /// The calendar with some of its years replaced, and others added.
    ///
    /// - A year replaces all days and notices that the calendar has of it; of several for one year the last counts.
    ///   Its days of the year before are added to that. Years of a calendar with another id are left out.
    /// - The result is known until the end of the last year that follows without a gap: a year of which nothing is
    ///   known ends it, and so does one that is known in part. Days after a gap are kept all the same: better
    ///   closed on a day off that is known.
    ///
    /// ```
    /// use calendar::{HolidayCalendar, HolidayYear};
    /// use jiff::civil::date;
    ///
    /// let year = |year: i16| {
    ///     let text = format!(r#"{{"id":"CN","known_until":"{year}-12-31","days":[
    ///         {{"date":"{year}-01-01","kind":"holiday","name":"元旦"}}]}}"#);
    ///     HolidayYear::from_json(year, &text).unwrap()
    /// };
    /// let china = HolidayCalendar::china();
    /// let next = china.with_years(&[year(2027)]);
    /// assert_eq!(next.known_until(), date(2027, 12, 31));
    /// assert!(next.day(date(2027, 1, 1)).is_some() && next.day(date(2026, 10, 1)).is_some());
    /// // Of 2027 nothing is known.
    /// assert_eq!(china.with_years(&[year(2028)]).known_until(), date(2026, 12, 31));
    /// // The day that the year replaced is all that it has.
    /// assert!(china.with_years(&[year(2026)]).day(date(2026, 10, 1)).is_none());
    /// ```
    #[must_use]
    pub fn with_years(&self, years: &[HolidayYear]) -> HolidayCalendar {
        let laid = of_calendar(&self.id, years);
        let first = self.days.first().map_or(self.known_until.year(), |day| day.date.year());
        let own = first..=self.known_until.year();
        let known = |year: i16| match laid.get(&year) {
            Some(replaced) => Some(replaced.calendar.known_until),
            None => own.contains(&year).then(|| self.known_until.min(last_day(year))),
        };
        let kept: Vec<&HolidayDay> =
            self.days.iter().filter(|day| !laid.contains_key(&day.date.year())).collect();
        let cited: BTreeSet<_> = kept.iter().map(|day| day.notice_id()).collect();
        let notices = self.notices.iter().filter(|notice| cited.contains(notice.id.as_str()));
        HolidayCalendar {
            id: self.id.clone(),
            known_until: contiguous(first, known).unwrap_or(self.known_until),
            notices: overlaid(notices, laid.values().flat_map(|year| &year.calendar.notices), |notice| {
                notice.id.clone()
            }),
            days: overlaid(kept, laid.values().flat_map(|year| &year.calendar.days), |day| day.date),
        }
    }

    /// A calendar that consists of single years, by the rules of [`HolidayCalendar::with_years`]. Its id is the first
    /// one's; `None` for no years at all.
    ///
    /// ```
    /// use calendar::HolidayCalendar;
    ///
    /// let china = HolidayCalendar::china();
    /// let years = china.as_ref().clone().into_years().unwrap();
    /// assert_eq!(HolidayCalendar::from_years(&years), Some(china.as_ref().clone()));
    /// assert_eq!(HolidayCalendar::from_years(&[]), None);
    /// ```
    pub fn from_years(years: &[HolidayYear]) -> Option<HolidayCalendar> {
        let id = &years.first()?.calendar.id;
        let first = years.iter().filter(|year| year.calendar.id == *id).min_by_key(|year| year.year)?;
        // Its days before its own year do not make that year known, so they come in with the others.
        let known_until = first.calendar.known_until;
        let empty = HolidayCalendar { id: id.clone(), known_until, notices: vec![], days: vec![] };
        Some(empty.with_years(years))
    }
}

/// Moves the days of the first year to the second, if they are all of the week before it.
fn join_new_year(parts: &mut BTreeMap<i16, Vec<HolidayDay>>) {
    let Some((&first, days)) = parts.first_key_value() else { return };
    let next = first + 1;
    if days[0].date < last_week(first) || !parts.contains_key(&next) {
        return;
    }
    let Some((_, mut before)) = parts.pop_first() else { return };
    for day in &mut before {
        day.notice.get_or_insert_with(|| next.to_string());
    }
    if let Some(days) = parts.get_mut(&next) {
        days.splice(0..0, before);
    }
}

fn of_calendar<'y>(id: &str, years: &'y [HolidayYear]) -> BTreeMap<i16, &'y HolidayYear> {
    years.iter().filter(|year| year.calendar.id == id).map(|year| (year.year, year)).collect()
}

/// How far all is known from the start of `first` on, when `known` says how far each year is.
fn contiguous(first: i16, known: impl Fn(i16) -> Option<Date>) -> Option<Date> {
    let mut until = None;
    for year in first.. {
        let Some(of_year) = known(year) else { break };
        until = Some(of_year);
        if of_year < last_day(year) {
            break;
        }
    }
    until
}

/// The entries of both, in the order of their keys; where both have one, the second holds.
fn overlaid<'t, T: Clone + 't, K: Ord>(
    below: impl IntoIterator<Item = &'t T>,
    above: impl IntoIterator<Item = &'t T>,
    key: impl Fn(&T) -> K,
) -> Vec<T> {
    let by_key: BTreeMap<K, &T> = below.into_iter().chain(above).map(|item| (key(item), item)).collect();
    by_key.into_values().cloned().collect()
}

fn last_day(year: i16) -> Date {
    date(year, 12, 31)
}
