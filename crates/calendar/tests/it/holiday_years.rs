//! Calendars taken apart into years, and years laid over calendars.

use std::collections::BTreeSet;

use calendar::{
    HolidayCalendar, HolidayCalendarInput, HolidayDayInput, HolidayKind, HolidayYear, Notice, Rule,
};
use jiff::civil::{Date, date};
use proptest::prelude::*;

fn calendar(known_until: &str, dates: &[&str]) -> HolidayCalendar {
    let day = |date: &&str| HolidayDayInput {
        date: (*date).into(),
        kind: HolidayKind::Holiday,
        name: format!("of {known_until}"),
        stands_for: None,
        notice: None,
        times: vec![],
    };
    let days = dates.iter().map(day).collect();
    let input =
        HolidayCalendarInput { id: "CN".into(), known_until: known_until.into(), notices: vec![], days };
    HolidayCalendar::parse(input).unwrap()
}

fn years(known_until: &str, dates: &[&str]) -> Vec<HolidayYear> {
    calendar(known_until, dates).into_years().unwrap()
}

fn dates(calendar: &HolidayCalendar) -> Vec<String> {
    calendar.days().iter().map(|day| day.date.to_string()).collect()
}

/// The notice for 2019 closed 30 and 31 December 2018: a file of 2019 alone must not take 2018's other days away.
#[test]
fn days_of_the_last_week_before_come_with_their_year_and_take_nothing_away() {
    let china = HolidayCalendar::china();
    let next = years("2027-12-31", &["2026-12-31", "2027-01-01"]);
    assert_eq!(next.iter().map(HolidayYear::year).collect::<Vec<_>>(), [2027]);
    let merged = china.with_years(&next);
    assert_eq!(merged.day(date(2026, 10, 1)), china.day(date(2026, 10, 1)));
    assert_eq!(merged.day(date(2026, 12, 31)).unwrap().notice.as_deref(), Some("2027"));
    assert_eq!(merged.known_until(), date(2027, 12, 31));
    // Imported anew, the year before keeps what the year after it added.
    let both = [years("2026-12-31", &["2026-10-01"]), next].concat();
    let merged = china.with_years(&both);
    let of_2026 = dates(&merged).into_iter().filter(|date| date.starts_with("2026"));
    assert_eq!(of_2026.collect::<Vec<_>>(), ["2026-10-01", "2026-12-31"]);
}

#[test]
fn a_last_week_that_is_all_there_is_or_not_all_there_is_of_a_year_is_that_years_own() {
    let of = |known_until, dates: &[&str]| {
        years(known_until, dates).iter().map(HolidayYear::year).collect::<Vec<_>>()
    };
    assert_eq!(of("2026-12-31", &["2026-12-31"]), [2026]);
    assert_eq!(of("2028-12-31", &["2026-12-31", "2028-01-01"]), [2026, 2028]);
    assert_eq!(of("2027-12-31", &["2026-12-24", "2027-01-01"]), [2026, 2027]);
    assert_eq!(of("2027-12-31", &["2026-10-01", "2026-12-31", "2027-01-01"]), [2026, 2027]);
}

#[test]
fn what_is_known_ends_where_a_year_is_missing_or_known_in_part() {
    let china = HolidayCalendar::china();
    let until = |years: &[HolidayYear]| china.with_years(years).known_until();
    assert_eq!(until(&[]), date(2026, 12, 31));
    assert_eq!(until(&years("2028-12-31", &["2028-01-01"])), date(2026, 12, 31));
    let gap = [years("2027-12-31", &["2027-01-01"]), years("2029-12-31", &["2029-01-01"])].concat();
    assert_eq!(until(&gap), date(2027, 12, 31));
    assert_eq!(until(&years("2027-06-30", &["2027-01-01"])), date(2027, 6, 30));
    assert_eq!(until(&years("2026-06-30", &["2026-01-01"])), date(2026, 6, 30));
    assert_eq!(until(&years("1990-12-31", &["1990-01-01"])), date(2026, 12, 31));
    let filled = [gap, years("2028-12-31", &["2028-01-01"])].concat();
    assert_eq!(until(&filled), date(2029, 12, 31));
}

#[test]
fn days_after_a_gap_are_kept() {
    let merged = HolidayCalendar::china().with_years(&years("2030-12-31", &["2030-10-01"]));
    assert!(merged.day(date(2030, 10, 1)).is_some());
}

#[test]
fn years_of_another_calendar_are_left_out_and_the_last_of_several_counts() {
    let (first, last) = (years("2027-12-31", &["2027-01-01"]), years("2027-12-31", &["2027-02-02"]));
    let merged = HolidayCalendar::from_years(&[first, last].concat()).unwrap();
    assert_eq!(dates(&merged), ["2027-02-02"]);
    let other = r#"{"id":"XX","known_until":"2027-12-31","days":[{"date":"2027-01-01","kind":"holiday","name":"x"}]}"#;
    let other = HolidayCalendar::from_json(other).unwrap().into_years().unwrap();
    assert_eq!(HolidayCalendar::china().with_years(&other), *HolidayCalendar::china());
}

#[test]
fn notices_go_with_the_years_that_cite_them() {
    let text = r#"{"id":"CN","known_until":"2028-12-31",
        "notices":[{"id":"2027","address":"a"},{"id":"2028-02","address":"b"},{"id":"loose","address":"c"}],
        "days":[{"date":"2027-01-01","kind":"holiday","name":"x"},
                {"date":"2028-01-01","kind":"holiday","name":"x","notice":"2028-02"}]}"#;
    let years = HolidayCalendar::from_json(text).unwrap().into_years().unwrap();
    let ids = |notices: &[Notice]| notices.iter().map(|notice| notice.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(years[0].calendar().notices()), ["2027"]);
    assert_eq!(ids(years[1].calendar().notices()), ["2028-02", "loose"]);
    let china = HolidayCalendar::china();
    let merged = china.with_years(&years);
    assert_eq!(merged.notices().len(), china.notices().len() + 3);
    assert_eq!(merged.notice(merged.day(date(2028, 1, 1)).unwrap()).unwrap().address, "b");
    // A replaced year's notice goes with it, unless a day of another year cites it: 2018 does 2019's.
    let replaced = china.with_years(&[self::years("2019-12-31", &["2019-01-01"])].concat());
    assert!(replaced.notices().iter().any(|notice| notice.id == "2019"));
    assert!(replaced.notices().iter().all(|notice| notice.id != "2019-03"));
}

#[test]
fn a_claim_without_days_is_refused() {
    let faults = |known_until, dates: &[&str]| {
        let faults = calendar(known_until, dates).into_years().unwrap_err();
        (faults[0].path.clone(), faults[0].rule)
    };
    assert_eq!(faults("2027-12-31", &[]), ("days".into(), Rule::NoHolidayDays));
    assert_eq!(faults("2027-12-31", &["2026-10-01"]), ("known_until".into(), Rule::KnownWithoutDays));
}

/// A calendar of some days of each of these years, in random order, whose names tell it from every other.
fn of_years(name: &'static str, years: BTreeSet<i16>) -> impl Strategy<Value = HolidayCalendar> {
    let last = years.last().copied().unwrap();
    let days: Vec<_> = years.into_iter().map(days_of).collect();
    days.prop_map(move |dates| {
        let day = |date: Date| HolidayDayInput {
            date: date.to_string(),
            kind: HolidayKind::Holiday,
            name: name.into(),
            stands_for: None,
            notice: None,
            times: vec![],
        };
        let days = dates.into_iter().flatten().map(day).collect();
        let known_until = format!("{last}-12-31");
        HolidayCalendar::parse(HolidayCalendarInput { id: "CN".into(), known_until, notices: vec![], days })
            .unwrap()
    })
}

fn days_of(year: i16) -> impl Strategy<Value = BTreeSet<Date>> {
    let day = prop_oneof![(1..=12i8, 1..=28i8), (Just(12i8), 25..=31i8)];
    prop::collection::btree_set(day.prop_map(move |(month, day)| date(year, month, day)), 1..6)
}

fn some_years() -> impl Strategy<Value = BTreeSet<i16>> {
    prop::collection::btree_set(2024..2034i16, 1..6)
}

proptest! {
    #[test]
    fn a_calendar_taken_apart_has_all_its_days_when_put_together(
        whole in some_years().prop_flat_map(|years| of_years("whole", years)),
    ) {
        let years = whole.clone().into_years().unwrap();
        let again = HolidayCalendar::from_years(&years).unwrap();
        prop_assert_eq!(dates(&again), dates(&whole));
        let apart: usize = years.iter().map(|year| year.calendar().days().len()).sum();
        prop_assert_eq!(apart, whole.days().len());
        for year in &years {
            let read = HolidayYear::from_json(year.year(), &year.calendar().to_json());
            prop_assert_eq!(&read.unwrap(), year);
        }
    }

    #[test]
    fn each_day_comes_from_the_newest_that_speaks_of_it(
        below in some_years().prop_flat_map(|years| of_years("below", years)),
        above in some_years().prop_flat_map(|years| of_years("above", years)),
    ) {
        let years = above.clone().into_years().unwrap();
        let merged = below.with_years(&years);
        let replaced: BTreeSet<i16> = years.iter().map(HolidayYear::year).collect();
        let mut expected: BTreeSet<(Date, &str)> =
            above.days().iter().map(|day| (day.date, day.name.as_str())).collect();
        let kept = |date: Date| !replaced.contains(&date.year()) && above.day(date).is_none();
        expected.extend(below.days().iter().filter(|day| kept(day.date)).map(|day| (day.date, day.name.as_str())));
        let found = merged.days().iter().map(|day| (day.date, day.name.as_str()));
        prop_assert!(found.eq(expected));
    }

    #[test]
    fn every_year_until_the_horizon_is_known_and_the_next_is_not(
        below in some_years().prop_flat_map(|years| of_years("below", years)),
        above in some_years().prop_flat_map(|years| of_years("above", years)),
    ) {
        let years = above.into_years().unwrap();
        let merged = below.with_years(&years);
        let first = below.days()[0].date.year();
        let known = |year: i16| {
            (first..=below.known_until().year()).contains(&year) || years.iter().any(|it| it.year() == year)
        };
        let last = merged.known_until().year();
        prop_assert!((first..=last).all(known) && !known(last + 1));
        prop_assert_eq!(merged.known_until(), date(last, 12, 31));
    }
}
