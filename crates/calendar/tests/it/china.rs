//! China's days off as the notices have them.

use calendar::{DecidingRule, HolidayCalendar, HolidayKind, MakeupPolicy};
use jiff::civil::{Date, date};

use crate::oracle::Group;

fn kind(date: Date) -> Option<HolidayKind> {
    HolidayCalendar::china().day(date).map(|day| day.kind)
}

#[test]
fn the_notice_for_2026_is_in_force() {
    let off = [
        ((1, 1), (1, 3)),
        ((2, 15), (2, 23)),
        ((4, 4), (4, 6)),
        ((5, 1), (5, 5)),
        ((6, 19), (6, 21)),
        ((9, 25), (9, 27)),
        ((10, 1), (10, 7)),
    ];
    let worked = [(1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)];
    let mut day = date(2026, 1, 1);
    while day.year() == 2026 {
        let at = (day.month(), day.day());
        let is_off = off.iter().any(|(begin, end)| *begin <= at && at <= *end);
        assert_eq!(kind(day).is_some_and(HolidayKind::is_day_off), is_off, "{day}");
        assert_eq!(kind(day) == Some(HolidayKind::MakeupWorkday), worked.contains(&at), "{day}");
        day = day.tomorrow().unwrap();
    }
}

/// 全国年节及纪念日放假办法, as it was in force from 2000, 2008, 2014 and 2025 on.
#[test]
fn statutory_days_are_the_festivals_themselves() {
    for (year, days) in [
        (2007, "01-01 02-18 02-19 02-20 05-01 05-02 05-03 10-01 10-02 10-03"),
        (2008, "01-01 02-06 02-07 02-08 04-04 05-01 06-08 09-14 10-01 10-02 10-03"),
        // Mid-Autumn on 3 October, whose day off the notice moved to a weekday.
        (2009, "01-01 01-25 01-26 01-27 04-04 05-01 05-28 10-01 10-02 10-03"),
        (2013, "01-01 02-09 02-10 02-11 04-04 05-01 06-12 09-19 10-01 10-02 10-03"),
        (2014, "01-01 01-31 02-01 02-02 04-05 05-01 06-02 09-08 10-01 10-02 10-03"),
        // The day that one notice gave.
        (2015, "01-01 02-19 02-20 02-21 04-05 05-01 06-20 09-03 09-27 10-01 10-02 10-03"),
        // Mid-Autumn on 1 October: four days together.
        (2020, "01-01 01-25 01-26 01-27 04-04 05-01 06-25 10-01 10-02 10-03 10-04"),
        (2024, "01-01 02-10 02-11 02-12 04-04 05-01 06-10 09-17 10-01 10-02 10-03"),
        (2025, "01-01 01-28 01-29 01-30 01-31 04-04 05-01 05-02 05-31 10-01 10-02 10-03 10-06"),
        (2026, "01-01 02-16 02-17 02-18 02-19 04-05 05-01 05-02 06-19 09-25 10-01 10-02 10-03"),
    ] {
        let china = HolidayCalendar::china();
        let of_year = china.days().iter().filter(|day| day.date.year() == year);
        let statutory: Vec<String> = of_year
            .filter(|day| day.kind == HolidayKind::Holiday)
            .map(|day| day.date.strftime("%m-%d").to_string())
            .collect();
        assert_eq!(statutory.join(" "), days, "{year}");
    }
}

#[test]
fn every_year_since_2004_has_its_feasts_and_its_notice() {
    let china = HolidayCalendar::china();
    for year in 2004..=2026 {
        let of_year = china.days().iter().filter(|day| day.date.year() == year);
        assert!(of_year.clone().count() > 10, "{year}");
        for day in of_year {
            let notice = china.notice(day).unwrap_or_else(|| panic!("{} has no notice", day.date));
            assert!(notice.address.starts_with("https://"), "{}", day.date);
        }
        assert_eq!(kind(date(year, 10, 1)), Some(HolidayKind::Holiday), "{year}");
    }
}

#[test]
fn make_up_workdays_are_weekends_and_stand_for_weekdays() {
    for day in HolidayCalendar::china().days().iter().filter(|day| day.kind == HolidayKind::MakeupWorkday) {
        let weekday = day.date.weekday();
        assert!(
            weekday == jiff::civil::Weekday::Saturday || weekday == jiff::civil::Weekday::Sunday,
            "{}",
            day.date
        );
        assert!(day.stands_for.is_none_or(|stood| (1..=5).contains(&stood.number())), "{}", day.date);
        assert_eq!(day.stands_for.is_some(), day.date < date(2010, 1, 1), "{}", day.date);
    }
}

#[test]
fn a_day_moved_within_the_year_cites_its_own_notice() {
    let china = HolidayCalendar::china();
    let notice = |date| china.notice(china.day(date).unwrap()).unwrap().id.clone();
    assert_eq!(notice(date(2020, 1, 31)), "2020-01");
    assert_eq!(notice(date(2020, 1, 30)), "2020");
    assert_eq!(notice(date(2019, 5, 2)), "2019-03");
}

/// field.md 4.3: open on days off, closed on make-up workdays.
#[test]
fn days_off_and_make_up_workdays_that_others_get_wrong() {
    let workdays = Group::on("Asia/Shanghai", &[1, 2, 3, 4, 5], &[("9:00", "18:00")]).in_china();
    let schedule = Group { makeup_policy: MakeupPolicy::AsWorkday, ..workdays }.compile();
    for (month, day) in [(1, 2), (2, 20), (2, 23), (10, 6)] {
        let noon = date(2026, month, day).at(12, 0, 0, 0).in_tz("Asia/Shanghai").unwrap().timestamp();
        let decision = schedule.decide(noon);
        assert!(!decision.allowed, "{month}-{day}");
        assert_eq!(decision.reason.rule, DecidingRule::Holiday);
    }
    for (month, day) in [(1, 4), (2, 14), (10, 10)] {
        let noon = date(2026, month, day).at(12, 0, 0, 0).in_tz("Asia/Shanghai").unwrap().timestamp();
        let decision = schedule.decide(noon);
        assert!(decision.allowed, "{month}-{day}");
        assert_eq!(decision.reason.rule, DecidingRule::MakeupWorkday);
    }
}

#[test]
fn weekends_that_a_notice_joins_to_a_day_off_are_off() {
    // 放假，与周末连休: the day off, and the Saturday and Sunday beside it.
    for (day, weekend) in [
        ("2014-06-02", ["2014-05-31", "2014-06-01"]),
        ("2014-09-08", ["2014-09-06", "2014-09-07"]),
        ("2015-05-01", ["2015-05-02", "2015-05-03"]),
        ("2016-01-01", ["2016-01-02", "2016-01-03"]),
        ("2016-04-04", ["2016-04-02", "2016-04-03"]),
        ("2017-05-01", ["2017-04-29", "2017-04-30"]),
        ("2018-01-01", ["2017-12-30", "2017-12-31"]),
        ("2018-06-18", ["2018-06-16", "2018-06-17"]),
        ("2018-09-24", ["2018-09-22", "2018-09-23"]),
        ("2019-04-05", ["2019-04-06", "2019-04-07"]),
        ("2019-06-07", ["2019-06-08", "2019-06-09"]),
        ("2019-09-13", ["2019-09-14", "2019-09-15"]),
        ("2024-01-01", ["2023-12-30", "2023-12-31"]),
        ("2024-06-10", ["2024-06-08", "2024-06-09"]),
    ] {
        assert_eq!(kind(day.parse().unwrap()), Some(HolidayKind::Holiday), "{day}");
        for date in weekend {
            assert_eq!(kind(date.parse().unwrap()), Some(HolidayKind::MovedHoliday), "{date}");
        }
    }
    // Within the days off that a notice counts out.
    for date in ["2011-06-05", "2012-06-23", "2015-09-05"] {
        assert!(kind(date.parse().unwrap()).is_some_and(HolidayKind::is_day_off), "{date}");
    }
}
