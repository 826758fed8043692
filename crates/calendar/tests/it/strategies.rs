//! Random groups and instants, with a leaning to where things go wrong.

use std::sync::Arc;

use calendar::{
    BeyondHorizon, ExceptionEffect, ExceptionInput, Exceptions, HolidayCalendar, HolidayCalendarInput,
    HolidayDayInput, HolidayKind, HolidayPolicy, MakeupPolicy, SeasonInput, Seasons, WeeklyWindows, Window,
    WindowInput, Zone,
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

fn days() -> impl Strategy<Value = Vec<calendar::DayWindowsInput>> {
    let day = (0..7i64, prop::collection::vec(window(), 0..4));
    prop::collection::vec(day, 0..9).prop_map(|days| {
        days.into_iter().map(|(week, times)| calendar::DayWindowsInput { week, times }).collect()
    })
}

fn windows() -> impl Strategy<Value = WeeklyWindows> {
    days().prop_map(|days| WeeklyWindows::parse(days).unwrap())
}

/// A year in which random calendars and exceptions crowd.
const BUSY: i16 = 2025;

fn busy_date() -> impl Strategy<Value = Date> {
    (0..900i64)
        .prop_map(|days| Date::new(BUSY, 1, 1).unwrap().checked_add(jiff::Span::new().days(days)).unwrap())
}

/// A range of dates, as it is written.
fn dates() -> impl Strategy<Value = (String, String)> {
    let length = prop_oneof![3 => 0..3i64, 1 => 0..1200i64];
    (busy_date(), length, any::<bool>()).prop_map(|(begin, length, yearly)| {
        let length = if yearly { length % 300 } else { length };
        let end = begin.checked_add(jiff::Span::new().days(length)).unwrap();
        let text = |date: Date| if yearly { date.to_string()[5..].to_owned() } else { date.to_string() };
        (text(begin), text(end))
    })
}

fn exception() -> impl Strategy<Value = ExceptionInput> {
    let effect = prop_oneof![
        2 => Just(ExceptionEffect::Replace),
        3 => prop::sample::select(ExceptionEffect::ALL.to_vec()),
    ];
    let days = vec!["first_workday", "last_workday", "holiday", "makeup_workday", "day_before_holiday"];
    let on = prop_oneof![
        3 => Just("date"),
        1 => Just("nth_weekday"),
        1 => prop::sample::select(days),
    ];
    let nth = prop::sample::select(vec![1_i64, 2, 3, 4, 5, -1]);
    let times = prop::collection::vec(window(), 0..3);
    (effect, on, (nth, 0..7_i64, prop::option::of(1..13_i64)), dates(), any::<bool>(), times).prop_map(
        |(effect, on, (nth, week, month), (begin, end), bounded, times)| {
            let is_nth = on == "nth_weekday";
            let of_months = is_nth || on.ends_with("t_workday");
            let bounded = bounded || on == "date";
            let whole = WindowInput { begin_time: "08:00".into(), end_time: "18:30".into() };
            let needs_times = matches!(effect, ExceptionEffect::Add | ExceptionEffect::Only);
            ExceptionInput {
                name: String::new(),
                effect: Some(effect.code().into()),
                on: Some(on.into()),
                week: is_nth.then_some(week),
                nth: is_nth.then_some(nth),
                month: month.filter(|_| of_months),
                begin_date: bounded.then_some(begin),
                end_date: bounded.then_some(end),
                times: if times.is_empty() && needs_times { vec![whole] } else { times },
            }
        },
    )
}

fn season() -> impl Strategy<Value = SeasonInput> {
    let weeks = (prop::sample::select(vec![2_i64, 3, 4, 6]), busy_date());
    (prop_oneof![dates().prop_map(Ok), weeks.prop_map(Err)], days()).prop_map(|(time, content)| match time {
        Ok((begin, end)) => {
            SeasonInput { begin_date: Some(begin), end_date: Some(end), content, ..SeasonInput::default() }
        }
        Err((every, anchor)) => SeasonInput {
            every_weeks: Some(every),
            anchor_date: Some(anchor.to_string()),
            content,
            ..SeasonInput::default()
        },
    })
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

fn calendars() -> impl Strategy<Value = Vec<Arc<HolidayCalendar>>> {
    prop_oneof![
        1 => Just(vec![]),
        1 => Just(vec![HolidayCalendar::china()]),
        2 => prop::collection::vec(calendar(), 1..4),
    ]
}

pub(crate) fn group() -> impl Strategy<Value = Group> {
    let holiday_policy = prop::sample::select(vec![
        HolidayPolicy::Closed,
        HolidayPolicy::Closed,
        HolidayPolicy::StatutoryOnly,
        HolidayPolicy::OwnWindows,
        HolidayPolicy::Open,
    ]);
    let holiday_windows = prop::collection::vec(window(), 0..3);
    let makeup = prop::sample::select(vec![MakeupPolicy::AsIs, MakeupPolicy::AsWorkday]);
    let beyond =
        prop::sample::select(vec![BeyondHorizon::Closed, BeyondHorizon::WeekdaysOnly, BeyondHorizon::Weekly]);
    let holidays = (calendars(), prop::bool::weighted(0.8), holiday_policy, holiday_windows, makeup, beyond);
    let weeks = (windows(), prop::collection::vec(season(), 0..3));
    (weeks, zone(), holidays, prop::collection::vec(exception(), 0..5)).prop_map(
        |((windows, seasons), zone, (calendars, skips_holidays, policy, own, makeup, beyond), exceptions)| {
            Group {
                windows,
                zone,
                seasons: Seasons::parse(seasons).unwrap(),
                calendars,
                skips_holidays,
                holiday_policy: policy,
                holiday_windows: own
                    .iter()
                    .map(|it| Window::parse(&it.begin_time, &it.end_time).unwrap())
                    .collect(),
                makeup_policy: makeup,
                beyond_horizon: beyond,
                exceptions: Exceptions::parse(exceptions).unwrap(),
            }
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
