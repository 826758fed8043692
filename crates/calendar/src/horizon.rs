//! The ends of what holiday calendars know, and what must be told of answers beyond them.

use jiff::{
    Timestamp,
    civil::{self, Date},
};

use crate::{
    date::{date_of, day_number},
    holiday_lists::HolidayLists,
    zone::Zone,
};

/// What everyone who shows an answer must tell as well.
///
/// ```
/// use calendar::{HolidayCalendar, Schedule, Warning, WeeklyWindows, Zone};
///
/// let windows: WeeklyWindows =
///     serde_json::from_str(r#"[{"week":5,"times":[{"begin_time":"9:00","end_time":"18:00"}]}]"#)?;
/// let schedule = Schedule::builder(&windows, &Zone::parse("Asia/Shanghai")?)
///     .holidays(HolidayCalendar::china())
///     .compile();
/// // The next Friday is 1 January 2027, of which the calendar knows nothing yet.
/// let warning = schedule.decide("2026-12-31T12:00:00+08:00".parse()?).warning.unwrap();
/// assert_eq!(warning.code(), "opening_beyond_horizon");
/// assert_eq!(warning.date(), jiff::civil::date(2026, 12, 31));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warning {
    /// The instant asked about lies after the last day the holiday calendar knows.
    BeyondHorizon {
        /// That last day.
        known_until: Date,
    },
    /// The next opening does: a holiday not yet known may move it.
    OpeningBeyondHorizon {
        /// That last day.
        known_until: Date,
    },
    /// The instant asked about lies before the first year that all holiday calendars have days of.
    BeforeFirstYear {
        /// The first day of that year.
        known_from: Date,
    },
}

impl Warning {
    /// The stable code of the warning, in `snake_case`. Example at [`Warning`].
    pub const fn code(self) -> &'static str {
        match self {
            Warning::BeyondHorizon { .. } => "beyond_horizon",
            Warning::OpeningBeyondHorizon { .. } => "opening_beyond_horizon",
            Warning::BeforeFirstYear { .. } => "before_first_year",
        }
    }

    /// The last day the holiday calendar knows, or the first. Example at [`Warning`].
    pub const fn date(self) -> Date {
        match self {
            Warning::BeyondHorizon { known_until: date }
            | Warning::OpeningBeyondHorizon { known_until: date }
            | Warning::BeforeFirstYear { known_from: date } => date,
        }
    }
}

/// The ends of what all the holiday calendars of a schedule know. Its dates stand beside their numbers, for reckoning them would be a good part of a decision.
#[derive(Clone, Copy)]
pub(crate) struct Horizon {
    /// The first day of the latest of their first years, if they have days.
    pub(crate) known_from: Option<Date>,
    /// The number of that day; the least number where there is none.
    pub(crate) first_day: i32,
    pub(crate) known_until: Date,
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
