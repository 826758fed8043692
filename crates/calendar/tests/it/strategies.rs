//! Random groups and instants, with a leaning to where things go wrong.

use std::sync::Arc;

use calendar::{
    BeyondHorizon, ExceptionInput, Exceptions, HolidayCalendar, HolidayCalendarInput, HolidayDayInput,
    HolidayKind, MakeupPolicy, WeeklyWindows, WindowInput, Zone,
};
use jiff::{Timestamp, civil::Date};
use proptest::prelude::*;

use crate::oracle::{Group, at};

/// The instants the library answers for.
const FIRST: i64 = 0;
const LAST: i64 = 7_289_654_400 - 1;

pub(crate) fn zone() -> impl Strategy<Value = Zone> {
    let names: Vec<&'static str> = Zone::database_names().collect();
    prop_oneof![
        3 => prop::sample::select(names),
        1 => prop::sample::select(vec!["Asia/Shanghai", "America/New_York", "Europe/Paris", "Australia/Lord_Howe"]),
    ]
    .prop_map(|name| Zone::from_database(name).unwrap())
}

fn minute() -> impl Strategy<Value = u16> {
    prop_oneof![
        2 => 0..1440u16,
        2 => (0..24u16).prop_map(|hour| hour * 60),
        1 => prop::sample::select(vec![0u16, 1, 1439, 119, 120, 150, 179, 180]),
    ]
}

fn time(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

fn window() -> impl Strategy<Value = WindowInput> {
    (minute(), prop_oneof![4 => minute(), 1 => Just(1440)]).prop_filter_map("no window", |(begin, end)| {
        (begin != end).then(|| WindowInput { begin_time: time(begin), end_time: time(end) })
    })
}

fn windows() -> impl Strategy<Value = WeeklyWindows> {
    let day = (0..7i64, prop::collection::vec(window(), 0..4));
    prop::collection::vec(day, 0..9).prop_map(|days| {
        let input = days.into_iter().map(|(week, times)| calendar::DayWindowsInput { week, times });
        WeeklyWindows::parse(input.collect()).unwrap()
    })
}

/// A year in which random calendars and exceptions crowd.
const BUSY: i16 = 2025;

fn busy_date() -> impl Strategy<Value = Date> {
    (0..900i64)
        .prop_map(|days| Date::new(BUSY, 1, 1).unwrap().checked_add(jiff::Span::new().days(days)).unwrap())
}

fn exception() -> impl Strategy<Value = ExceptionInput> {
    let length = prop_oneof![3 => 0..3i64, 1 => 0..1200i64];
    (busy_date(), length, any::<bool>(), prop::collection::vec(window(), 0..3)).prop_map(
        |(begin, length, yearly, times)| {
            let length = if yearly { length % 300 } else { length };
            let end = begin.checked_add(jiff::Span::new().days(length)).unwrap();
            let text = |date: Date| if yearly { date.to_string()[5..].to_owned() } else { date.to_string() };
            ExceptionInput { name: String::new(), begin_date: text(begin), end_date: Some(text(end)), times }
        },
    )
}

fn calendar() -> impl Strategy<Value = Arc<HolidayCalendar>> {
    let kind = prop::sample::select(vec![
        HolidayKind::Holiday,
        HolidayKind::MovedHoliday,
        HolidayKind::MakeupWorkday,
        HolidayKind::HalfDay,
        HolidayKind::Observance,
    ]);
    let times = prop::collection::vec(half_day_time(), 1..3);
    let day = (kind, prop::option::of(0..7i64), times);
    (prop::collection::btree_map(busy_date(), day, 0..60), busy_date()).prop_map(|(days, horizon)| {
        let days = days.into_iter().map(|(date, (kind, stands_for, times))| HolidayDayInput {
            date: date.to_string(),
            kind,
            name: "day".into(),
            stands_for: stands_for.filter(|_| kind == HolidayKind::MakeupWorkday),
            notice: None,
            times: if kind == HolidayKind::HalfDay { times } else { vec![] },
        });
        let days: Vec<_> = days.collect();
        let last = days.iter().map(|day| day.date.clone()).max().unwrap_or_default();
        let known_until = horizon.to_string().max(last);
        let input = HolidayCalendarInput { id: "XX".into(), known_until, notices: vec![], days };
        Arc::new(HolidayCalendar::parse(input).unwrap())
    })
}

fn half_day_time() -> impl Strategy<Value = WindowInput> {
    window().prop_map(|time| {
        let (begin_time, end_time) =
            (time.begin_time.clone().min(time.end_time.clone()), time.begin_time.max(time.end_time));
        WindowInput { begin_time, end_time }
    })
}

pub(crate) fn group() -> impl Strategy<Value = Group> {
    let calendar = prop_oneof![Just(None), Just(Some(HolidayCalendar::china())), calendar().prop_map(Some),];
    let makeup = prop::sample::select(vec![MakeupPolicy::AsIs, MakeupPolicy::AsWorkday]);
    let beyond =
        prop::sample::select(vec![BeyondHorizon::Closed, BeyondHorizon::WeekdaysOnly, BeyondHorizon::Weekly]);
    let exceptions = prop::collection::vec(exception(), 0..4);
    (windows(), zone(), calendar, makeup, beyond, exceptions).prop_map(
        |(windows, zone, calendar, makeup_policy, beyond_horizon, exceptions)| Group {
            windows,
            zone,
            calendar,
            makeup_policy,
            beyond_horizon,
            exceptions: Exceptions::parse(exceptions).unwrap(),
        },
    )
}

/// Any instant, or one in the busy years, or one near a jump of the zone's wall clock.
pub(crate) fn instant(zone: Zone) -> impl Strategy<Value = Timestamp> {
    let busy = 1_735_689_600i64;
    let second = prop_oneof![
        FIRST..=LAST,
        busy..busy + 900 * 86_400,
        (busy / 3600..busy / 3600 + 24_000).prop_map(|hour| hour * 3600)
    ];
    (second, any::<bool>(), -200i64..200, 0..1_000_000_000i32).prop_map(
        move |(second, near, minutes, nano)| {
            let jump = zone.time_zone().following(at(second)).next().filter(|_| near);
            let second =
                jump.map_or(second, |jump| jump.timestamp().as_second() + minutes * 60).clamp(FIRST, LAST);
            Timestamp::new(second, if nano % 2 == 0 { 0 } else { nano }).unwrap()
        },
    )
}

pub(crate) fn group_and_instant() -> impl Strategy<Value = (Group, Timestamp)> {
    group().prop_flat_map(|group| {
        let zone = group.zone;
        (Just(group), instant(zone))
    })
}
