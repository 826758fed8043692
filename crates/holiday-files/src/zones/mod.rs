//! Zones as calendars name them: IANA's names, and those of Windows, which Outlook and Exchange write.

mod windows;

use jiff::tz::TimeZone;

use self::windows::WINDOWS_ZONES;

/// The zone of this name. `None`: nobody knows which it is.
pub(crate) fn named(name: &str) -> Option<TimeZone> {
    let name = name.trim().trim_matches('"');
    let of_windows = || {
        let found = WINDOWS_ZONES.iter().find(|(windows, _)| windows.eq_ignore_ascii_case(name))?;
        TimeZone::get(found.1).ok()
    };
    TimeZone::get(name).ok().or_else(of_windows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_zone_of_windows_is_known() {
        for (windows, iana) in WINDOWS_ZONES {
            assert!(named(windows).is_some() && TimeZone::get(iana).is_ok(), "{windows}: {iana}");
        }
        let small = |pair: &(&str, &str)| pair.0.to_lowercase();
        assert!(WINDOWS_ZONES.is_sorted_by(|one, other| small(one) < small(other)));
    }

    #[test]
    fn names_are_iana_s_or_windows() {
        let of = |name: &str| named(name).and_then(|zone| zone.iana_name().map(str::to_owned));
        for (name, zone) in [
            ("Asia/Shanghai", "Asia/Shanghai"),
            ("China Standard Time", "Asia/Shanghai"),
            (" \"eastern standard time\"", "America/New_York"),
            ("Taipei Standard Time", "Asia/Taipei"),
            ("Tokyo Standard Time", "Asia/Tokyo"),
            ("W. Europe Standard Time", "Europe/Berlin"),
        ] {
            assert_eq!(of(name).as_deref(), Some(zone), "{name}");
        }
        for unknown in ["", "Customized Time Zone", "(UTC+08:00) Beijing", "China", "Mars Standard Time"] {
            assert_eq!(of(unknown), None, "{unknown}");
        }
    }
}
