//! The holiday calendars that groups can skip the days off of.

use std::{collections::BTreeMap, sync::Arc};

use calendar::HolidayCalendar;

/// The calendar of groups that name none: China's.
pub const DEFAULT_HOLIDAY_CALENDAR: &str = "CN";

/// All holiday calendars as they are at one time.
#[derive(Clone, Debug)]
pub struct HolidayCalendars {
    calendars: BTreeMap<String, Arc<HolidayCalendar>>,
    revision: i64,
}

impl HolidayCalendars {
    /// Those that come with the program.
    pub fn built_in() -> Self {
        let china = HolidayCalendar::china();
        Self { calendars: BTreeMap::from([(china.id().to_owned(), china)]), revision: 0 }
    }

    /// The calendar of this id.
    pub fn get(&self, id: &str) -> Option<&Arc<HolidayCalendar>> {
        self.calendars.get(id)
    }

    /// All, by their ids.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<HolidayCalendar>> {
        self.calendars.values()
    }

    /// 0 as built in, more with each import: what was compiled with another revision is out of date.
    pub const fn revision(&self) -> i64 {
        self.revision
    }
}
