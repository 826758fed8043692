//! Every jump of every wall clock of the database.

use std::collections::HashSet;

use calendar::Zone;

use crate::oracle::{Group, compare};

/// 1970-01-01 to 2038-01-01.
const YEARS: std::ops::Range<i64> = 0..2_145_916_800;

fn jumps(zone: Zone) -> Vec<(i64, i32)> {
    let begin = jiff::Timestamp::from_second(YEARS.start).unwrap();
    zone.time_zone()
        .following(begin)
        .map(|jump| (jump.timestamp().as_second(), jump.offset().seconds()))
        .take_while(|(second, _)| *second < YEARS.end)
        .collect()
}

/// The zones of the database, one of each set of namesakes.
fn distinct_zones() -> Vec<(Zone, Vec<(i64, i32)>)> {
    let mut seen = HashSet::new();
    Zone::database_names()
        .map(|name| Zone::from_database(name).unwrap())
        .map(|zone| (zone, jumps(zone)))
        .filter(|(_, jumps)| seen.insert(jumps.clone()))
        .collect()
}

fn check(windows: &[(&str, &str)]) {
    let mut count = 0;
    for (zone, jumps) in distinct_zones() {
        let group = Group::daily(zone.name(), windows);
        let schedule = group.compile();
        for (jump, _) in jumps {
            compare(&group, &schedule, jump - 65 * 60, jump + 65 * 60);
            count += 1;
        }
    }
    assert!(count > 10_000, "only {count} jumps");
}

/// Windows shorter than any jump: some fall into gaps whole, some come twice.
#[test]
fn short_windows_are_as_the_oracle_says_around_every_jump() {
    let comb: Vec<(String, String)> = (0..48)
        .map(|half| half * 30)
        .map(|minute| (minute, minute + 7 + minute % 11))
        .map(|(begin, end)| {
            (format!("{:02}:{:02}", begin / 60, begin % 60), format!("{:02}:{:02}", end / 60, end % 60))
        })
        .collect();
    let comb: Vec<_> = comb.iter().map(|(begin, end)| (begin.as_str(), end.as_str())).collect();
    check(&comb[..]);
}

/// Windows longer than any jump, with ends in the hours that jump.
#[test]
fn long_windows_are_as_the_oracle_says_around_every_jump() {
    check(&[("22:45", "00:20"), ("01:30", "02:30"), ("03:10", "12:00")]);
}
