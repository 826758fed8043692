//! The holiday calendars that one schedule follows, seen as one.

use std::sync::Arc;

use jiff::civil::Date;

use crate::{
    date::{date_of, day_number},
    holidays::{HolidayCalendar, HolidayDay, HolidayKind},
};

/// How many bits of a place say which day of a calendar it is; the rest says which calendar. No calendar has a day twice, and 1970 to
/// 2200 have fewer than 100,000.
const DAY_BITS: u32 = 24;

/// Several holiday calendars as one: a day off in any of them is one.
///
/// Where they differ about a date, a statutory day off is stronger than a moved one, then come half days, make-up workdays and
/// observances; of equals the first calendar's holds, but half days all hold. The calendars are shared, not copied.
#[derive(Clone, Debug, Default)]
pub(crate) struct HolidayLists {
    calendars: Box<[Arc<HolidayCalendar>]>,
}

impl HolidayLists {
    /// The first 256 calendars as one.
    pub(crate) fn new(mut calendars: Vec<Arc<HolidayCalendar>>) -> HolidayLists {
        calendars.truncate(1 << (u32::BITS - DAY_BITS));
        HolidayLists { calendars: calendars.into() }
    }

    pub(crate) fn calendars(&self) -> &[Arc<HolidayCalendar>] {
        &self.calendars
    }

    /// The day at a place, and its calendar.
    pub(crate) fn entry(&self, place: u32) -> Option<(&HolidayCalendar, &HolidayDay)> {
        let calendar = self.calendars.get((place >> DAY_BITS) as usize)?;
        Some((calendar, calendar.days().get((place & ((1 << DAY_BITS) - 1)) as usize)?))
    }

    /// The days of a range of day numbers, both ends included, in order, with their places: of each date the strongest.
    pub(crate) fn days_within(&self, (first, last): (i32, i32)) -> Vec<(u32, &HolidayDay)> {
        let bounds = (date_of(first), date_of(last));
        let mut days: Vec<(u32, &HolidayDay)> = Vec::new();
        for (number, calendar) in (0_u32..).zip(&self.calendars) {
            let place = |at: usize| number << DAY_BITS | u32::try_from(at).unwrap_or(u32::MAX >> 8);
            let from = calendar.days().partition_point(|day| day.date < bounds.0);
            let within = calendar.days()[from..].iter().take_while(|day| day.date <= bounds.1);
            days.extend(within.enumerate().map(|(at, day)| (place(from + at), day)));
        }
        if self.calendars.len() > 1 {
            days.sort_by_key(|(place, day)| (day.date, weakness(day.kind), *place));
            days.dedup_by_key(|(_, day)| day.date);
        }
        days
    }

    /// The half days of a date.
    pub(crate) fn half_days(&self, date: Date) -> impl Iterator<Item = &HolidayDay> {
        let days = self.calendars.iter().filter_map(move |calendar| calendar.day(date));
        days.filter(|day| day.kind == HolidayKind::HalfDay)
    }

    /// The day numbers of the first and the last day of all.
    pub(crate) fn bounds(&self) -> Option<(i32, i32)> {
        let of = |calendar: &Arc<HolidayCalendar>| {
            Some((calendar.days().first()?.date, calendar.days().last()?.date))
        };
        let bounds = self.calendars.iter().filter_map(of);
        let (first, last) = bounds.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)))?;
        Some((day_number(first), day_number(last)))
    }

    /// The last day that all of them know.
    pub(crate) fn known_until(&self) -> Option<Date> {
        self.calendars.iter().map(|calendar| calendar.known_until()).min()
    }

    /// The latest of their first years: from then on all say something.
    pub(crate) fn first_year(&self) -> Option<i16> {
        self.calendars.iter().filter_map(|calendar| calendar.first_year()).max()
    }

    /// The day numbers of the days off of a range.
    pub(crate) fn days_off(&self, days: (i32, i32)) -> Vec<i32> {
        // A day off is stronger than all else, so it is the strongest of its date.
        let days = self.days_within(days).into_iter().filter(|(_, day)| day.kind.is_day_off());
        days.map(|(_, day)| day_number(day.date)).collect()
    }

    /// The day numbers of the make-up workdays of a range.
    pub(crate) fn makeup_workdays(&self, days: (i32, i32)) -> Vec<i32> {
        let days = self.days_within(days).into_iter();
        let days = days.filter(|(_, day)| day.kind == HolidayKind::MakeupWorkday);
        days.map(|(_, day)| day_number(day.date)).collect()
    }

    /// How many bytes of memory it takes beside itself, without the calendars, which are shared.
    pub(crate) fn size_in_bytes(&self) -> usize {
        size_of_val(&*self.calendars)
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
