//! Which days a calendar shows.

use calendar::{Rule, Zone};
use domain::{FaultRule, Faults};
use jiff::{Timestamp, ToSpan, civil::Date};

/// The most days of one calendar.
const MAXIMUM_DAYS: i32 = 400;
/// How many days are shown when nobody says.
const DEFAULT_DAYS: i32 = 28;
/// What the calendar can answer for.
const YEARS: std::ops::RangeInclusive<i16> = 1970..=2200;

/// Days of a zone: `from` included, `to` not.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Days {
    pub(crate) from: Date,
    pub(crate) to: Date,
}

impl Days {
    /// Reads `YYYY-MM-DD` for both. Left out: from today on, for four weeks.
    pub(crate) fn parse(
        from: Option<&str>,
        to: Option<&str>,
        today: Date,
        faults: &mut Faults,
    ) -> Option<Self> {
        let from = from.map_or(Some(today), |text| faults.check("from", date(text)));
        let to = to.map(|text| faults.check("to", date(text)));
        let from = from?;
        let to = to.unwrap_or_else(|| from.checked_add(DEFAULT_DAYS.days()).ok())?;
        let days = Self { from, to };
        faults.check("to", days.fault().map_or(Ok(days), Err))
    }

    /// Reads one day, `YYYY-MM-DD`. Left out: today.
    pub(crate) fn parse_day(
        name: &'static str,
        text: Option<&str>,
        today: Date,
        faults: &mut Faults,
    ) -> Option<Date> {
        text.map_or(Some(today), |text| faults.check(name, date(text)))
    }

    /// Notes which of them are no dates, whatever day it is today.
    pub(crate) fn check_dates(from: Option<&str>, to: Option<&str>, faults: &mut Faults) {
        for (name, text) in [("from", from), ("to", to)] {
            text.map(|text| faults.check(name, date(text)));
        }
    }

    /// How many they are.
    pub(crate) fn count(self) -> i32 {
        (self.to - self.from).get_days()
    }

    /// What is wrong with their number.
    pub(crate) fn fault(self) -> Option<FaultRule> {
        match self.count() {
            ..=0 => Some(FaultRule::NotAfter("from")),
            1..=MAXIMUM_DAYS => None,
            _ => Some(FaultRule::TooManyDays(MAXIMUM_DAYS)),
        }
    }

    /// From a month ago for more than a year: what a calendar program shows of a subscription.
    pub(crate) fn subscribed(today: Date) -> Self {
        let from = today.checked_sub(30.days()).unwrap_or(today);
        Self { from, to: from.checked_add(MAXIMUM_DAYS.days()).unwrap_or(today) }
    }

    /// Each of them.
    pub(crate) fn iter(self) -> impl Iterator<Item = Date> {
        self.from.series(1.day()).take_while(move |date| *date < self.to)
    }

    /// The first instant of the first, and the first after the last.
    pub(crate) fn instants(self, zone: Zone) -> (Timestamp, Timestamp) {
        (midnight(zone, self.from), midnight(zone, self.to))
    }
}

fn date(text: &str) -> Result<Date, FaultRule> {
    let date = Date::strptime("%Y-%m-%d", text).map_err(|_| FaultRule::Date)?;
    let known = Some(date).filter(|date| YEARS.contains(&date.year()));
    known.ok_or(FaultRule::Calendar(Rule::DateOutOfRange))
}

/// The first instant of a date; where the clock skips midnight, the first after the gap.
fn midnight(zone: Zone, date: Date) -> Timestamp {
    // The years of our dates lie far inside what an instant can be.
    zone.time_zone().to_timestamp(date.at(0, 0, 0, 0)).unwrap_or(Timestamp::UNIX_EPOCH)
}
