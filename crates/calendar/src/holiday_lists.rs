//! The holiday calendars that one schedule follows, seen as one.

use std::sync::Arc;

use jiff::civil::Date;

use crate::{
    date::day_number,
    holidays::{HolidayCalendar, HolidayDay, HolidayKind},
};

/// Several holiday calendars as one: a day off in any of them is one.
///
/// Where they differ about a date, a statutory day off is stronger than a moved one, then come half days, make-up workdays and
/// observances; of equals the first calendar's holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct HolidayLists {
    calendars: Vec<Arc<HolidayCalendar>>,
    /// Where there are several calendars, their days in order: the calendar and the place among its days.
    joined: Box<[(u8, u32)]>,
}

impl HolidayLists {
    pub(crate) fn new(calendars: Vec<Arc<HolidayCalendar>>) -> HolidayLists {
        let joined = if calendars.len() > 1 { joined(&calendars) } else { Box::default() };
        HolidayLists { calendars, joined }
    }

    pub(crate) fn calendars(&self) -> &[Arc<HolidayCalendar>] {
        &self.calendars
    }

    /// The days, in order.
    pub(crate) fn days(&self) -> impl Iterator<Item = &HolidayDay> {
        (0..self.len()).filter_map(|place| self.day_at(place))
    }

    /// The day at a place, and its calendar.
    pub(crate) fn entry(&self, place: u32) -> Option<(&HolidayCalendar, &HolidayDay)> {
        let (calendar, at) = match self.joined.get(place as usize) {
            Some((calendar, at)) => (usize::from(*calendar), *at),
            None => (0, place),
        };
        let calendar = self.calendars.get(calendar)?;
        Some((calendar, calendar.days().get(at as usize)?))
    }

    fn len(&self) -> u32 {
        let days = match &*self.calendars {
            [one] => one.days().len(),
            _ => self.joined.len(),
        };
        u32::try_from(days).unwrap_or(u32::MAX)
    }

    fn day_at(&self, place: u32) -> Option<&HolidayDay> {
        self.entry(place).map(|(_, day)| day)
    }

    /// The last day that all of them know.
    pub(crate) fn known_until(&self) -> Option<Date> {
        self.calendars.iter().map(|calendar| calendar.known_until()).min()
    }

    pub(crate) fn days_off(&self) -> Vec<i32> {
        self.days().filter(|day| day.kind.is_day_off()).map(|day| day_number(day.date)).collect()
    }

    pub(crate) fn makeup_workdays(&self) -> Vec<i32> {
        let days = self.days().filter(|day| day.kind == HolidayKind::MakeupWorkday);
        days.map(|day| day_number(day.date)).collect()
    }

    pub(crate) fn is_day_off(&self, date: Date) -> bool {
        self.calendars.iter().any(|calendar| calendar.day(date).is_some_and(|day| day.kind.is_day_off()))
    }

    pub(crate) fn is_makeup_workday(&self, date: Date) -> bool {
        let is_makeup = |day: &HolidayDay| day.kind == HolidayKind::MakeupWorkday;
        self.strongest(date).is_some_and(is_makeup)
    }

    fn strongest(&self, date: Date) -> Option<&HolidayDay> {
        self.calendars.iter().filter_map(|calendar| calendar.day(date)).min_by_key(|day| weakness(day.kind))
    }
}

/// The smaller, the stronger.
const fn weakness(kind: HolidayKind) -> u8 {
    match kind {
        HolidayKind::Holiday => 0,
        HolidayKind::MovedHoliday => 1,
        HolidayKind::HalfDay => 2,
        HolidayKind::MakeupWorkday => 3,
        HolidayKind::Observance => 4,
    }
}

fn joined(calendars: &[Arc<HolidayCalendar>]) -> Box<[(u8, u32)]> {
    let places = |(calendar, days): (u8, &Arc<HolidayCalendar>)| {
        let key = move |(at, day): (u32, &HolidayDay)| (day.date, weakness(day.kind), calendar, at);
        (0..).zip(days.days()).map(key).collect::<Vec<_>>()
    };
    let mut days: Vec<_> = (0..).zip(calendars).flat_map(places).collect();
    days.sort_unstable();
    days.dedup_by_key(|(date, ..)| *date);
    days.into_iter().map(|(_, _, calendar, at)| (calendar, at)).collect()
}
