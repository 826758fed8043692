//! Against the `opening-hours` crate: the same windows, the same instants. Where the two differ, the reason must be in
//! the list, and every reason in the list must still be met.

use std::collections::BTreeSet;

use calendar::Schedule;
use chrono_tz::Tz;
use jiff::{SignedDuration, Timestamp};
use opening_hours::{Context, OpeningHours, localization::TzLocation};

use crate::oracle::{Group, at};

/// Why the two may differ: a closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Explained {
    /// Around a jump of the wall clock the other finds the next change on the wall clock, not on the line of instants
    /// (`field.md` 4.3): it skips the second pass of a fold, and announces windows inside a gap.
    ChangeNearAJump,
}

const ALL_DAYS: &[u8] = &[0, 1, 2, 3, 4, 5, 6];

/// Days, the windows on them, and the same in the other's language.
type Case = (&'static [u8], &'static [(&'static str, &'static str)], &'static str);

const CASES: &[Case] = &[
    (&[1, 2, 3, 4, 5], &[("09:00", "12:00"), ("13:00", "18:00")], "Mo-Fr 09:00-12:00,13:00-18:00"),
    (&[5], &[("22:00", "06:00")], "Fr 22:00-06:00"),
    (&[0, 6], &[("20:00", "24:00")], "Sa-Su 20:00-24:00"),
    (ALL_DAYS, &[("01:00", "02:30"), ("02:45", "04:00")], "Mo-Su 01:00-02:30,02:45-04:00"),
    (ALL_DAYS, &[("00:00", "24:00")], "24/7"),
];

const ZONES: &[&str] =
    &["Asia/Shanghai", "America/New_York", "Europe/Paris", "Australia/Lord_Howe", "Asia/Kathmandu"];

/// Whether the wall clock jumps within half a day before the instant or a day after.
fn near_a_jump(group: &Group, instant: Timestamp) -> bool {
    let (from, to) = (instant - SignedDuration::from_hours(12), instant + SignedDuration::from_hours(24));
    group.zone.time_zone().following(from).next().is_some_and(|jump| jump.timestamp() <= to)
}

fn compare(group: &Group, schedule: &Schedule, other: &OpeningHours<TzLocation<Tz>>) -> BTreeSet<Explained> {
    let zone: Tz = group.zone.name().parse().unwrap();
    let in_chrono = |instant: Timestamp| {
        chrono::DateTime::from_timestamp(instant.as_second(), 0).unwrap().with_timezone(&zone)
    };
    let mut differences = BTreeSet::new();
    // Every 47 minutes of 2026, which meets every minute of the day sooner or later.
    for instant in (0..365 * 24 * 60 / 47).map(|step| at(1_767_225_600 + step * 47 * 60)) {
        assert_eq!(schedule.is_open(instant), other.is_open(in_chrono(instant)), "{instant} {group:?}");
        let change = other.next_change(in_chrono(instant)).map(|change| at(change.timestamp()));
        let ours = schedule.next_change(instant);
        if ours != change {
            let near = near_a_jump(group, instant);
            assert!(near, "{instant}: ours {ours:?}, the other's {change:?}, {group:?}");
            differences.insert(Explained::ChangeNearAJump);
        }
    }
    differences
}

#[test]
fn differences_from_the_best_library_of_the_field_are_explained() {
    let mut differences = BTreeSet::new();
    for zone in ZONES {
        let context = Context::default().with_locale(TzLocation::new(zone.parse::<Tz>().unwrap()));
        for (days, windows, expression) in CASES {
            let group = Group::on(zone, days, windows);
            let other = expression.parse::<OpeningHours>().unwrap().with_context(context.clone());
            differences.extend(compare(&group, &group.compile(), &other));
        }
    }
    assert_eq!(differences, BTreeSet::from([Explained::ChangeNearAJump]));
}
