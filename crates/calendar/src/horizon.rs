//! The ends of what holiday calendars know, and what must be told of answers beyond them.

use jiff::{Timestamp, civil};

use crate::{
    date::{date_of, day_number},
    decision::Warning,
    holiday_lists::HolidayLists,
    zone::Zone,
};

/// The ends of what all the holiday calendars of a schedule know. Its dates stand beside their numbers, for reckoning them would be a good part of a decision.
#[derive(Clone, Copy)]
pub(crate) struct Horizon {
    /// The first day of the latest of their first years, if they have days.
    pub(crate) known_from: Option<civil::Date>,
    /// The number of that day; the least number where there is none.
    pub(crate) first_day: i32,
    pub(crate) known_until: civil::Date,
    pub(crate) last_day: i32,
    /// The first instant beyond, in seconds.
    pub(crate) end: i64,
}

impl Horizon {
    /// Of these calendars, by the wall clock of this zone. `None`: there are none.
    pub(crate) fn of(lists: &HolidayLists, zone: Zone) -> Option<Horizon> {
        let known_from = lists.first_year().map(|year| civil::date(year, 1, 1));
        let first_day = known_from.map_or(i32::MIN, day_number);
        let known_until = lists.known_until()?;
        let last_day = day_number(known_until);
        let midnight = date_of(last_day + 1).at(0, 0, 0, 0);
        let end = zone.time_zone().to_timestamp(midnight).map_or(i64::MAX, Timestamp::as_second);
        Some(Horizon { known_from, first_day, known_until, last_day, end })
    }

    /// What must be told of an answer about an instant of the local day `today`, if it is closed until `opening`.
    #[inline]
    pub(crate) fn warning(&self, today: i32, opening: Option<i64>) -> Option<Warning> {
        let Horizon { known_from, first_day, known_until, last_day, end } = *self;
        if today > last_day {
            Some(Warning::BeyondHorizon { known_until })
        } else if today < first_day {
            known_from.map(|known_from| Warning::BeforeFirstYear { known_from })
        } else if opening.is_some_and(|opening| opening >= end) {
            Some(Warning::OpeningBeyondHorizon { known_until })
        } else {
            None
        }
    }
}
