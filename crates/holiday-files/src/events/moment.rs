//! An instant of an event, as a file writes it.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

use super::EventLeftOutReason;
use crate::{icalendar::HolidayEvent, repeats, zones};

/// A wall clock and the zone whose clock it is.
#[derive(Clone)]
pub(super) struct EventTime {
    pub(super) local: DateTime,
    pub(super) zone: TimeZone,
}

impl EventTime {
    pub(super) fn instant(&self) -> Result<Timestamp, String> {
        self.zone.to_timestamp(self.local).map_err(|_| format!("{} is no time that can be told", self.local))
    }
}

/// What a value says: a time, or why there is none.
pub(super) type Told<T> = Result<Result<T, EventLeftOutReason>, String>;

/// The first value of a property. `None` where there is none; times without a zone are of `zone`.
pub(super) fn of(event: &HolidayEvent<'_>, name: &str, zone: &TimeZone) -> Option<Told<EventTime>> {
    let text = event.value(name)?;
    Some(match zone_of(event.parameter(name, "TZID"), zone) {
        Ok(zone) => read(name, text, &zone),
        Err(_) if is_universal(text) => read(name, text, zone),
        Err(reason) => Ok(Err(reason)),
    })
}

/// The zone of this name; without a name, `zone`.
pub(super) fn zone_of(name: Option<&str>, zone: &TimeZone) -> Result<TimeZone, EventLeftOutReason> {
    let Some(name) = name else { return Ok(zone.clone()) };
    zones::named(name).ok_or_else(|| EventLeftOutReason::Zone(name.to_owned()))
}

fn is_universal(text: &str) -> bool {
    text.ends_with(['Z', 'z'])
}

/// `20260601T080000`, or with a `Z`, in universal time; a date alone is a whole day.
pub(super) fn read(name: &str, text: &str, zone: &TimeZone) -> Told<EventTime> {
    let bad = || format!("{name} {text:?} must be a date of the form YYYYMMDD, or one with a time");
    let date = repeats::date(text).ok_or_else(bad)?;
    let rest = text.get(8..).unwrap_or_default();
    if rest.is_empty() {
        return Ok(Err(EventLeftOutReason::WholeDay));
    }
    let digits = rest.strip_prefix(['T', 't']).ok_or_else(bad)?.trim_end_matches(['Z', 'z']);
    let form = if digits.len() == 4 { "%H%M" } else { "%H%M%S" };
    let local = date.to_datetime(jiff::civil::Time::strptime(form, digits).map_err(|_| bad())?);
    let zone = if is_universal(text) { TimeZone::UTC } else { zone.clone() };
    Ok(Ok(EventTime { local, zone }))
}
