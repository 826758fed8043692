//! The holiday calendars that groups can skip the days off of.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use calendar::{HolidayCalendar, HolidayYear};
use jiff::{ToSpan, civil::Date};

/// The calendar of groups that name none: China's.
pub const DEFAULT_HOLIDAY_CALENDAR: &str = "CN";

/// How many days before what is known of a calendar ends someone should look for the next year: notices come out some
/// six weeks before the year, and importing one takes a minute.
pub const NEAR_HORIZON_DAYS: i32 = 45;

/// Whether what is known of a calendar ends in less than [`NEAR_HORIZON_DAYS`] days, or has ended.
pub fn is_near_horizon(calendar: &HolidayCalendar, today: Date) -> bool {
    calendar.known_until() < today.saturating_add(NEAR_HORIZON_DAYS.days())
}

/// All holiday calendars as they are at one time.
#[derive(Clone, Debug)]
pub struct HolidayCalendars {
    calendars: BTreeMap<String, Arc<HolidayCalendar>>,
    imported: BTreeMap<String, BTreeSet<i16>>,
    revision: i64,
}

impl HolidayCalendars {
    /// Those that come with the program.
    pub fn built_in() -> Self {
        let china = HolidayCalendar::china();
        let calendars = BTreeMap::from([(china.id().to_owned(), china)]);
        Self { calendars, imported: BTreeMap::new(), revision: 0 }
    }

    /// Those that come with the program, with the imported years laid over them, and those that consist of imported
    /// years alone.
    pub fn with_imports(years: &[HolidayYear], revision: i64) -> Self {
        let mut all = Self { revision, ..Self::built_in() };
        for year in years {
            all.imported.entry(year.calendar().id().to_owned()).or_default().insert(year.year());
        }
        for id in all.imported.keys() {
            let of_calendar: Vec<HolidayYear> =
                years.iter().filter(|year| year.calendar().id() == id).cloned().collect();
            let merged = match all.calendars.get(id) {
                Some(built_in) => Some(built_in.with_years(&of_calendar)),
                None => HolidayCalendar::from_years(&of_calendar),
            };
            all.calendars.extend(merged.map(|merged| (id.clone(), Arc::new(merged))));
        }
        all
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
        self.imported.get(id).into_iter().flatten().copied()
    }

    /// 0 as built in, more with each import: what was compiled with another revision is out of date.
    pub const fn revision(&self) -> i64 {
        self.revision
    }
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

    #[test]
    fn the_horizon_is_near_when_less_than_45_days_are_known() {
        let china = HolidayCalendar::china();
        assert!(!is_near_horizon(&china, date(2026, 11, 16)));
        assert!(is_near_horizon(&china, date(2026, 11, 17)));
        assert!(is_near_horizon(&china, date(2027, 3, 1)));
    }
}
