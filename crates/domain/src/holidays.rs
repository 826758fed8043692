//! The holiday calendars whose days off groups can skip.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use calendar::{CalendarFault, HolidayCalendar, HolidayCalendarInput, HolidayDay, HolidayYear};
use jiff::{ToSpan, civil::Date};

/// The calendar of groups that name none: China's.
pub const DEFAULT_HOLIDAY_CALENDAR: &str = "CN";

/// The most holiday calendars that an account may have of its own.
pub const MOST_ACCOUNT_CALENDARS: usize = 50;

/// How many of the last imports and removals of holidays can be taken back.
pub const UNDOABLE_HOLIDAY_IMPORTS: i64 = 100;

/// How many days before what is known of a calendar ends someone should look for the next year: notices come out some
/// six weeks before the year, and importing one takes a minute.
pub const NEAR_HORIZON_DAYS: i32 = 45;

/// Whether what is known of a calendar ends in less than [`NEAR_HORIZON_DAYS`] days, or has ended.
pub fn is_near_horizon(calendar: &HolidayCalendar, today: Date) -> bool {
    calendar.known_until() < today.saturating_add(NEAR_HORIZON_DAYS.days())
}

/// A year that has implausibly few days off for its calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThinYear {
    /// Which year.
    pub year: i16,
    /// How many days off it has up to `until`.
    pub days_off: usize,
    /// How many the calendar's other years have up to the same day of the year: the median.
    pub usual: usize,
    /// The last date up to which the year is known.
    pub until: Date,
}

/// The first of these years, about to be imported, that has less than half of the days off that the calendar's other years usually
/// have. Such a year would be taken for complete, and its missing holidays for workdays. A calendar without other years is compared
/// with the other ones of these years.
pub fn thin_year(before: Option<&HolidayCalendar>, years: &[HolidayYear]) -> Option<ThinYear> {
    years.iter().find_map(|year| {
        let (number, until) = (year.year(), year.calendar().known_until());
        let is_new = |number: i16| years.iter().any(|year| year.year() == number);
        let of_before = before.into_iter().flat_map(|calendar| {
            let numbers = calendar.years().filter(|number| !is_new(*number));
            numbers.map(|number| days_off(calendar.days(), number, until))
        });
        let others = years.iter().filter(|other| other.year() != number);
        let of_file = others.map(|other| days_off(other.calendar().days(), other.year(), until));
        let usual = median(of_before.collect()).or_else(|| median(of_file.collect()))?;
        let days_off = days_off(year.calendar().days(), number, until);
        (days_off * 2 < usual).then_some(ThinYear { year: number, days_off, usual, until })
    })
}

/// How many days off a year has up to the day and month of `until`.
fn days_off(days: &[HolidayDay], year: i16, until: Date) -> usize {
    let until = (until.month(), until.day());
    let counts = |day: &&HolidayDay| {
        day.kind.is_day_off() && day.date.year() == year && (day.date.month(), day.date.day()) <= until
    };
    days.iter().filter(counts).count()
}

fn median(mut counts: Vec<usize>) -> Option<usize> {
    counts.sort_unstable();
    counts.get(counts.len().saturating_sub(1) / 2).copied()
}

/// What was imported of one calendar, by year. Days may be far away from each other's years: each year is what was stored.
type ImportedYears = BTreeMap<i16, HolidayYear>;

/// All holiday calendars as they are at one time.
#[derive(Clone, Debug)]
pub struct HolidayCalendars {
    calendars: BTreeMap<String, Arc<HolidayCalendar>>,
    imported: BTreeMap<String, ImportedYears>,
    revision: i64,
}

impl HolidayCalendars {
    /// Those that come with the program.
    pub fn built_in() -> Self {
        let china = HolidayCalendar::china();
        let calendars = BTreeMap::from([(china.id().to_owned(), china)]);
        Self { calendars, imported: BTreeMap::new(), revision: 0 }
    }

    /// Those that come with the program, with imported years in place of theirs, and those that consist of imported years alone.
    pub fn with_imports(years: &[HolidayYear], revision: i64) -> Self {
        let mut all = Self { revision, ..Self::built_in() };
        for year in years {
            let of_calendar = all.imported.entry(year.calendar().id().to_owned()).or_default();
            of_calendar.insert(year.year(), year.clone());
        }
        for (id, years) in &all.imported {
            let merged = merged(id, years.values().cloned());
            all.calendars.extend(merged.map(|merged| (id.clone(), Arc::new(merged))));
        }
        all
    }

    /// All but these.
    #[must_use]
    pub fn without(mut self, ids: &BTreeSet<String>) -> Self {
        self.calendars.retain(|id, _| !ids.contains(id));
        self
    }

    /// The calendar of this id.
    pub fn get(&self, id: &str) -> Option<&Arc<HolidayCalendar>> {
        self.calendars.get(id)
    }

    /// All, by their ids.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<HolidayCalendar>> {
        self.calendars.values()
    }

    /// The years of a calendar that were imported, in order; the others came with the program.
    pub fn imported_years(&self, id: &str) -> impl Iterator<Item = i16> + '_ {
        self.imported.get(id).into_iter().flat_map(BTreeMap::keys).copied()
    }

    /// The imported years of a calendar as they are stored, in order.
    pub(crate) fn imported(&self, id: &str) -> impl Iterator<Item = &HolidayYear> {
        self.imported.get(id).into_iter().flat_map(BTreeMap::values)
    }

    /// A calendar as it would be with these years imported into it.
    pub(crate) fn with_years(&self, id: &str, years: &[HolidayYear]) -> Option<HolidayCalendar> {
        let mut all = self.imported.get(id).cloned().unwrap_or_default();
        all.extend(years.iter().map(|year| (year.year(), year.clone())));
        merged(id, all.into_values())
    }

    /// These years, about to be imported into a calendar, such that earlier ones than its first take nothing away of what is known: what lies before its
    /// first year counts as known, and so do the rests of such years and the years between.
    pub(crate) fn joined(&self, id: &str, mut years: Vec<HolidayYear>) -> Vec<HolidayYear> {
        let first = self.imported_years(id).next();
        let (Some(first), None) = (first, built_in(id)) else { return years };
        for year in years.iter_mut().filter(|year| year.year() < first) {
            let input = year.calendar().to_input();
            *year = whole_year(year.year(), input).unwrap_or_else(|_| year.clone());
        }
        let earliest = years.iter().map(HolidayYear::year).min().unwrap_or(first);
        let is_missing = |number: &i16| years.iter().all(|year| year.year() != *number);
        let between: Vec<i16> = (earliest..first).filter(is_missing).collect();
        years.extend(between.into_iter().filter_map(|number| empty_year(id, number).ok()));
        years.sort_by_key(HolidayYear::year);
        years
    }

    /// 0 as built in, one more with each import: what was compiled with another revision is out of date.
    pub const fn revision(&self) -> i64 {
        self.revision
    }
}

fn built_in(id: &str) -> Option<Arc<HolidayCalendar>> {
    HolidayCalendars::built_in().get(id).cloned()
}

/// A calendar of years that were imported, laid over what comes with the program.
fn merged(id: &str, years: impl Iterator<Item = HolidayYear>) -> Option<HolidayCalendar> {
    let years: Vec<HolidayYear> = years.collect();
    match built_in(id) {
        Some(built_in) => Some(built_in.with_years(&years)),
        None => HolidayCalendar::from_years(&years),
    }
}

/// A year of which it is known that it has no days.
pub(crate) fn empty_year(id: &str, number: i16) -> Result<HolidayYear, Vec<CalendarFault>> {
    let (notices, days) = (vec![], vec![]);
    whole_year(number, HolidayCalendarInput { id: id.to_owned(), known_until: String::new(), notices, days })
}

/// A year of these days, known until its end.
fn whole_year(number: i16, input: HolidayCalendarInput) -> Result<HolidayYear, Vec<CalendarFault>> {
    HolidayYear::parse(number, HolidayCalendarInput { known_until: format!("{number}-12-31"), ..input })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn years(id: &str, year: i16) -> Vec<HolidayYear> {
        let text = format!(
            r#"{{"id":"{id}","known_until":"{year}-12-31","days":[
                {{"date":"{year}-05-01","kind":"holiday","name":"x"}}]}}"#
        );
        HolidayCalendar::from_json(&text).unwrap().into_years().unwrap()
    }

    #[test]
    fn imported_years_extend_built_in_calendars_and_make_new_ones() {
        let imports = [years("CN", 2027), years("XX", 2027), years("XX", 2028)].concat();
        let all = HolidayCalendars::with_imports(&imports, 7);
        let known = |id| all.get(id).map(|calendar| calendar.known_until());
        assert_eq!(known("CN"), Some(date(2027, 12, 31)));
        assert_eq!(known("XX"), Some(date(2028, 12, 31)));
        assert_eq!(known("YY"), None);
        assert!(all.get("CN").unwrap().day(date(2026, 10, 1)).is_some());
        assert!(all.imported_years("XX").eq([2027, 2028]) && all.imported_years("YY").next().is_none());
        assert_eq!((all.revision(), HolidayCalendars::built_in().revision()), (7, 0));
    }

    /// A calendar's years, each with so many days off from New Year's Day on.
    fn with_days_off(id: &str, counts: &[(i16, i8)], known_until: &str) -> Vec<HolidayYear> {
        let days = counts.iter().flat_map(|(year, count)| {
            (1..=*count)
                .map(move |day| format!(r#"{{"date":"{year}-01-{day:02}","kind":"holiday","name":"x"}}"#))
        });
        let days = days.collect::<Vec<_>>().join(",");
        let text = format!(r#"{{"id":"{id}","known_until":"{known_until}","days":[{days}]}}"#);
        HolidayCalendar::from_json(&text).unwrap().into_years().unwrap()
    }

    #[test]
    fn a_year_with_less_than_half_of_the_usual_days_off_is_thin() {
        let china = HolidayCalendar::china();
        let thin = |counts: &[(i16, i8)], known_until| {
            thin_year(Some(&china), &with_days_off("CN", counts, known_until))
                .map(|thin| (thin.year, thin.days_off, thin.usual))
        };
        let usual = thin(&[(2027, 2)], "2027-12-31").unwrap().2;
        assert!((20..=40).contains(&usual), "{usual}");
        assert_eq!(thin(&[(2027, 2)], "2027-12-31"), Some((2027, 2, usual)));
        assert_eq!(thin(&[(2027, i8::try_from(usual.div_ceil(2)).unwrap())], "2027-12-31"), None);
        // Thin years do not hide behind each other.
        assert_eq!(thin(&[(2027, 30), (2028, 2), (2029, 2)], "2029-12-31"), Some((2028, 2, usual)));
        // What is known of a year's beginning only is held against the beginnings of others.
        assert_eq!(thin(&[(2027, 3)], "2027-01-10"), None);
        assert_eq!(thin(&[(2026, 3)], "2026-12-31").unwrap().0, 2026);
    }

    #[test]
    fn a_calendar_of_few_days_is_held_against_itself_alone() {
        let small = with_days_off("OFFICE", &[(2026, 2), (2027, 1), (2028, 2)], "2028-12-31");
        assert_eq!(thin_year(None, &small), None);
        assert_eq!(thin_year(None, &with_days_off("OFFICE", &[(2027, 1)], "2027-12-31")), None);
        let uneven = with_days_off("OFFICE", &[(2026, 1), (2027, 9), (2028, 9)], "2028-12-31");
        let thin = ThinYear { year: 2026, days_off: 1, usual: 9, until: date(2026, 12, 31) };
        assert_eq!(thin_year(None, &uneven), Some(thin));
        let before = HolidayCalendar::from_years(&uneven).unwrap();
        assert!(thin_year(Some(&before), &with_days_off("OFFICE", &[(2029, 2)], "2029-12-31")).is_some());
    }

    #[test]
    fn the_horizon_is_near_when_less_than_45_days_are_known() {
        let china = HolidayCalendar::china();
        assert!(!is_near_horizon(&china, date(2026, 11, 16)));
        assert!(is_near_horizon(&china, date(2026, 11, 17)));
        assert!(is_near_horizon(&china, date(2027, 3, 1)));
    }
}
