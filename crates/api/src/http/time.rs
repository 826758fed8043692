//! Times on the wire: as the documents write them, without a zone, on the server's wall clock; and as RFC 3339 with an offset, where an
//! endpoint of ours has to be exact.

use calendar::Zone;
use domain::FaultRule;
use jiff::{
    Timestamp, ToSpan,
    civil::{Date, DateTime, Time},
};

const WITH_SECONDS: &str = "%Y-%m-%d %H:%M:%S";
const DATE: &str = "%Y-%m-%d";
const WITHOUT_SECONDS: &str = "%Y-%m-%d %H:%M";
/// What the calendar can answer for, and what `YYYY` can write.
const YEARS: std::ops::RangeInclusive<i16> = 1970..=2200;

/// `YYYY-MM-DD HH:MM:SS`.
pub(crate) fn stamp(zone: Zone, instant: Timestamp) -> String {
    zone.time_zone().to_datetime(instant).strftime(WITH_SECONDS).to_string()
}

/// `YYYY-MM-DD HH:MM`, as closures are written; with the seconds when there are any, so that what was sent is what
/// is returned.
pub(crate) fn minute(zone: Zone, instant: Timestamp) -> String {
    let time = zone.time_zone().to_datetime(instant);
    time.strftime(if time.second() == 0 { WITHOUT_SECONDS } else { WITH_SECONDS }).to_string()
}

/// Reads `YYYY-MM-DD HH:MM:SS` or `YYYY-MM-DD HH:MM`. A time that the clock skips is taken after the gap, one that
/// it repeats in its first pass.
pub(crate) fn parse(zone: Zone, text: &str) -> Result<Timestamp, FaultRule> {
    let time = DateTime::strptime(WITH_SECONDS, text)
        .or_else(|_| DateTime::strptime(WITHOUT_SECONDS, text))
        .map_err(|_| FaultRule::DateTime)?;
    if !YEARS.contains(&time.year()) {
        return Err(FaultRule::DateTime);
    }
    zone.time_zone().to_timestamp(time).map_err(|_| FaultRule::DateTime)
}

/// Where a range begins: at this time, or at the begin of this date.
pub(crate) fn range_start(zone: Zone, text: &str) -> Result<Timestamp, FaultRule> {
    date(zone, text, 0).unwrap_or_else(|| parse(zone, text)).map_err(|_| FaultRule::DateOrTime)
}

/// Where a range ends: after the second or minute of this time, or at the end of this date.
pub(crate) fn range_end(zone: Zone, text: &str) -> Result<Timestamp, FaultRule> {
    let after = || {
        let length = if DateTime::strptime(WITH_SECONDS, text).is_ok() { 1.second() } else { 1.minute() };
        parse(zone, text)?.checked_add(length).map_err(|_| FaultRule::DateTime)
    };
    date(zone, text, 1).unwrap_or_else(after).map_err(|_| FaultRule::DateOrTime)
}

/// Until when something holds: up to this time, or to the end of this date.
pub(crate) fn end(zone: Zone, text: &str) -> Result<Timestamp, FaultRule> {
    date(zone, text, 1).unwrap_or_else(|| parse(zone, text)).map_err(|_| FaultRule::DateOrTime)
}

/// The begin of a date, or of one so many days later; `None` when it is no date.
fn date(zone: Zone, text: &str, days: i64) -> Option<Result<Timestamp, FaultRule>> {
    let date = Date::strptime(DATE, text).ok()?;
    if !YEARS.contains(&date.year()) {
        return Some(Err(FaultRule::DateTime));
    }
    let begin = date.checked_add(days.days());
    let begin = begin.and_then(|date| zone.time_zone().to_timestamp(date.to_datetime(Time::midnight())));
    Some(begin.map_err(|_| FaultRule::DateTime))
}

/// RFC 3339 with the zone's offset; in UTC where that offset has seconds, which the format cannot write.
pub(crate) fn instant(zone: Zone, instant: Timestamp) -> String {
    let offset = zone.time_zone().to_offset(instant);
    if offset.seconds() % 60 == 0 {
        instant.display_with_offset(offset).to_string()
    } else {
        instant.to_string()
    }
}

/// Reads RFC 3339. A `+` that the query part of an address turned into a space is taken for what it was.
pub(crate) fn parse_instant(text: &str) -> Result<Timestamp, FaultRule> {
    let instant: Timestamp = text.replace(' ', "+").parse().map_err(|_| FaultRule::Instant)?;
    let year = jiff::tz::TimeZone::UTC.to_datetime(instant).year();
    Some(instant).filter(|_| YEARS.contains(&year)).ok_or(FaultRule::Instant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documented_forms_are_read_and_written_on_the_servers_clock() {
        let zone = Zone::parse("Asia/Shanghai").unwrap();
        let instant = parse(zone, "2024-11-01 13:25:26").unwrap();
        assert_eq!(instant.to_string(), "2024-11-01T05:25:26Z");
        assert_eq!(stamp(zone, instant), "2024-11-01 13:25:26");
        assert_eq!(minute(zone, parse(zone, "2024-11-03 13:25").unwrap()), "2024-11-03 13:25");
        assert_eq!(minute(zone, instant), "2024-11-01 13:25:26");
        for bad in ["", "2024-11-01", "2024-13-01 00:00", "2024-11-01T13:25:26Z", "0001-01-01 00:00", "x"] {
            assert_eq!(parse(zone, bad), Err(FaultRule::DateTime), "{bad}");
        }
    }

    #[test]
    fn the_second_the_minute_and_the_day_that_a_range_ends_with_are_in_it() {
        let zone = Zone::parse("Asia/Shanghai").unwrap();
        for (text, start, end) in [
            ("2023-05-08 10:00:00", "2023-05-08T02:00:00Z", "2023-05-08T02:00:01Z"),
            ("2023-05-08 10:00", "2023-05-08T02:00:00Z", "2023-05-08T02:01:00Z"),
            ("2023-05-08", "2023-05-07T16:00:00Z", "2023-05-08T16:00:00Z"),
        ] {
            assert_eq!(range_start(zone, text).unwrap().to_string(), start);
            assert_eq!(range_end(zone, text).unwrap().to_string(), end);
            let is_date = text.len() == "2023-05-08".len();
            assert_eq!(super::end(zone, text).unwrap().to_string(), if is_date { end } else { start });
        }
        for bad in ["", "2023-02-30", "2023-05-08T10:00:00", "1969-12-31", "2201-01-01", "x"] {
            assert_eq!(range_start(zone, bad), Err(FaultRule::DateOrTime), "{bad}");
            assert_eq!(range_end(zone, bad), Err(FaultRule::DateOrTime), "{bad}");
            assert_eq!(end(zone, bad), Err(FaultRule::DateOrTime), "{bad}");
        }
    }

    #[test]
    fn instants_carry_the_zones_offset_and_are_read_with_any() {
        let zone = |name| Zone::parse(name).unwrap();
        let noon = parse_instant("2024-11-01T12:00:00Z").unwrap();
        assert_eq!(instant(zone("Asia/Shanghai"), noon), "2024-11-01T20:00:00+08:00");
        assert_eq!(instant(zone("America/St_Johns"), noon), "2024-11-01T09:30:00-02:30");
        // Liberia's offset had seconds until 1972.
        let early = parse_instant("1970-06-01T00:00:00Z").unwrap();
        assert_eq!(instant(zone("Africa/Monrovia"), early), "1970-06-01T00:00:00Z");
        for good in ["2024-11-01T20:00:00+08:00", "2024-11-01T20:00:00 08:00", "2024-11-01T12:00:00.000z"] {
            assert_eq!(parse_instant(good), Ok(noon), "{good}");
        }
        for bad in
            ["", "2024-11-01", "2024-11-01T12:00:00", "1969-12-31T23:59:59Z", "2201-01-01T00:00:00Z", "1"]
        {
            assert_eq!(parse_instant(bad), Err(FaultRule::Instant), "{bad}");
        }
    }
}
