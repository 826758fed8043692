//! The list of edge cases in the reference (`field.md` section 8, 1 to 25), one named test each, and the faults found
//! in the best library of the field (4.3).

use calendar::{
    BeyondHorizon, DayWindowsInput, DecidingRule, Exceptions, HolidayCalendar, Intersection, Layer,
    MakeupPolicy, Rule, Schedule, Warning, WeeklyWindows, WindowInput, Zone, tzdata_version,
};
use jiff::{SignedDuration, Timestamp};

use crate::oracle::Group;

const WORKDAYS: &[u8] = &[1, 2, 3, 4, 5];

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Asserts that a schedule is open, or closed, at each instant.
fn assert_open(schedule: &Schedule, open: bool, instants: &[&str]) {
    for instant in instants {
        assert_eq!(schedule.is_open(time(instant)), open, "{instant}");
    }
}

fn refused(begin_time: &str, end_time: &str) -> Vec<(String, Rule)> {
    let times = vec![WindowInput { begin_time: begin_time.into(), end_time: end_time.into() }];
    let faults = WeeklyWindows::parse(vec![DayWindowsInput { week: 1, times }]).unwrap_err();
    faults.into_iter().map(|fault| (fault.path, fault.rule)).collect()
}

#[test]
fn edge_01_begin_is_in_and_end_is_out_to_the_nanosecond() {
    let schedule = Group::daily("Asia/Shanghai", &[("09:00", "18:00")]).compile();
    assert_open(&schedule, false, &["2026-03-02T08:59:59.999+08:00", "2026-03-02T08:59:59.999999999+08:00"]);
    assert_open(&schedule, true, &["2026-03-02T09:00:00+08:00", "2026-03-02T17:59:59.999999999+08:00"]);
    assert_open(&schedule, false, &["2026-03-02T18:00:00+08:00"]);
    // Also where seconds are counted down to zero.
    let early = Group::daily("UTC", &[("23:59", "24:00")]).compile();
    assert_open(&early, true, &["1969-12-31T23:59:59.5Z"]);
}

#[test]
fn edge_02_an_end_at_24_and_at_00_is_midnight() {
    for end in ["24:00", "00:00"] {
        let schedule = Group::on("Asia/Shanghai", &[1], &[("20:00", end)]).compile();
        assert_open(&schedule, true, &["2026-03-02T23:59:59+08:00"]);
        assert_open(&schedule, false, &["2026-03-03T00:00:00+08:00"]);
    }
    let minute_short = Group::on("Asia/Shanghai", &[1], &[("20:00", "23:59")]).compile();
    assert_open(&minute_short, false, &["2026-03-02T23:59:00+08:00"]);
    assert_eq!(refused("24:00", "06:00"), [("[0].times[0].begin_time".into(), Rule::BeginIs24)]);
}

#[test]
fn edge_03_a_window_without_length_is_refused() {
    for time in ["00:00", "09:00"] {
        assert_eq!(refused(time, time), [("[0].times[0].end_time".into(), Rule::BeginEqualsEnd)]);
    }
}

#[test]
fn edge_04_windows_that_touch_are_one() {
    let touching =
        Group::on("UTC", &[1, 2], &[("09:00", "12:00"), ("12:00", "24:00"), ("00:00", "01:00")]).compile();
    assert_eq!(touching.next_change(time("2026-03-02T09:00:00Z")), Some(time("2026-03-03T01:00:00Z")));
    assert_eq!(touching.next_change(time("2026-03-03T12:00:00Z")), Some(time("2026-03-04T00:00:00Z")));
}

#[test]
fn edge_05_windows_mean_their_union_and_odd_separators_are_refused() {
    let sent = r#"[{"week":1,"times":[{"begin_time":"15:00","end_time":"18:00"},{"begin_time":"9:00","end_time":"12:00"},
        {"begin_time":"9:00","end_time":"12:00"}]},{"week":1,"times":[{"begin_time":"10:00","end_time":"11:00"},
        {"begin_time":"11:30","end_time":"16:00"}]}]"#;
    let schedule = Group::new("UTC", sent).compile();
    assert_eq!(schedule.next_change(time("2026-03-02T09:00:00Z")), Some(time("2026-03-02T18:00:00Z")));
    for odd in ["9：00", "9.00", "９:00"] {
        assert_eq!(refused(odd, "18:00"), [("[0].times[0].begin_time".into(), Rule::TimeFormat)]);
    }
}

#[test]
fn edge_06_an_empty_week_is_never_open() {
    for content in ["[]", r#"[{"week":1,"times":[]}]"#] {
        let decision = Group::new("America/New_York", content).in_china().compile();
        let decision = decision.decide(time("2026-03-02T09:00:00Z"));
        assert!(!decision.allowed);
        assert_eq!((decision.next_change, decision.next_opening), (None, None));
    }
}

#[test]
fn edge_07_a_full_week_never_closes() {
    let schedule = Group::daily("America/New_York", &[("00:00", "24:00")]).compile();
    let decision = schedule.decide(time("2026-03-02T09:00:00Z"));
    assert!(decision.allowed);
    assert_eq!((decision.next_change, decision.next_opening, decision.valid_until), (None, None, None));
}

#[test]
fn edge_08_a_night_belongs_to_the_day_it_begins_on_also_over_the_weeks_end() {
    let sunday = Group::on("Asia/Shanghai", &[0], &[("22:00", "06:00")]).compile();
    assert_open(&sunday, true, &["2026-03-01T22:00:00+08:00", "2026-03-02T05:59:59+08:00"]);
    assert_open(
        &sunday,
        false,
        &["2026-03-01T05:00:00+08:00", "2026-03-02T06:00:00+08:00", "2026-03-02T22:00:00+08:00"],
    );
    let saturday = Group::on("Asia/Shanghai", &[6], &[("22:00", "06:00")]).compile();
    assert_eq!(
        saturday.next_change(time("2026-02-28T22:00:00+08:00")),
        Some(time("2026-03-01T06:00:00+08:00"))
    );
}

#[test]
fn edge_09_a_night_into_a_holiday_ends_at_midnight_and_one_into_a_make_up_workday_goes_on() {
    let nights = Group::daily("Asia/Shanghai", &[("22:00", "06:00")]).in_china().compile();
    // 1 to 7 October 2026 are off.
    assert_open(&nights, true, &["2026-09-30T23:59:59+08:00"]);
    assert_open(&nights, false, &["2026-10-01T00:00:00+08:00", "2026-10-01T22:00:00+08:00"]);
    let lost = nights.decide(time("2026-10-08T03:00:00+08:00"));
    assert!(!lost.allowed, "the night of the 7th does not open at all");
    assert_eq!(lost.reason.rule, DecidingRule::Holiday);
    assert_eq!(lost.reason.date(), jiff::civil::date(2026, 10, 7));
    assert_eq!(lost.next_opening, Some(time("2026-10-08T22:00:00+08:00")));
    // Saturday, 9 May 2026 is worked.
    for makeup_policy in [MakeupPolicy::AsIs, MakeupPolicy::AsWorkday] {
        let workdays = Group::on("Asia/Shanghai", WORKDAYS, &[("22:00", "06:00")]).in_china();
        let schedule = Group { makeup_policy, ..workdays }.compile();
        assert_open(&schedule, true, &["2026-05-09T05:59:00+08:00"]);
        let tail = schedule.decide(time("2026-05-09T05:00:00+08:00"));
        assert_eq!(
            (tail.reason.rule, tail.reason.date()),
            (DecidingRule::Weekly, jiff::civil::date(2026, 5, 8))
        );
        assert_open(&schedule, makeup_policy == MakeupPolicy::AsWorkday, &["2026-05-10T05:59:00+08:00"]);
    }
}

#[test]
fn edge_10_a_night_that_overlaps_the_next_morning_is_one_span() {
    let schedule = Group::on("UTC", &[1, 2], &[("22:00", "06:00"), ("05:00", "09:00")]).compile();
    assert_eq!(schedule.next_change(time("2026-03-02T22:00:00Z")), Some(time("2026-03-03T09:00:00Z")));
}

#[test]
fn edge_11_in_a_gap_nothing_is_open() {
    // New York, 8 March 2026: 02:00 to 03:00 does not exist.
    let change =
        |begin, end, at| Group::daily("America/New_York", &[(begin, end)]).compile().next_change(time(at));
    let before = "2026-03-08T00:30:00-05:00";
    assert_eq!(change("02:15", "02:45", before), Some(time("2026-03-09T02:15:00-04:00")), "inside");
    assert_eq!(change("02:30", "04:00", before), Some(time("2026-03-08T03:00:00-04:00")), "begins in");
    assert_eq!(
        change("01:00", "02:30", "2026-03-08T01:30:00-05:00"),
        Some(time("2026-03-08T03:00:00-04:00")),
        "ends in"
    );
    assert_eq!(
        change("01:00", "04:00", "2026-03-08T01:30:00-05:00"),
        Some(time("2026-03-08T04:00:00-04:00")),
        "contains"
    );
    // Lord Howe goes forward by half an hour, Troll by two.
    let lord_howe = Group::daily("Australia/Lord_Howe", &[("02:00", "02:30")]).compile();
    assert_eq!(
        lord_howe.next_change(time("2026-10-04T01:00:00+10:30")),
        Some(time("2026-10-05T02:00:00+11:00"))
    );
    let troll = Group::daily("Antarctica/Troll", &[("01:30", "02:30")]).compile();
    assert_eq!(troll.next_change(time("2026-03-29T00:00:00+00:00")), Some(time("2026-03-30T01:30:00+02:00")));
}

#[test]
fn edge_12_in_a_fold_both_passes_count() {
    // Paris, 25 October 2026: 02:00 to 03:00 comes twice.
    let inside = Group::daily("Europe/Paris", &[("02:15", "02:45")]).compile();
    assert_eq!(
        inside.next_change(time("2026-10-25T02:00:00+02:00")),
        Some(time("2026-10-25T02:15:00+02:00"))
    );
    assert_eq!(
        inside.next_change(time("2026-10-25T02:15:00+02:00")),
        Some(time("2026-10-25T02:45:00+02:00"))
    );
    assert_eq!(
        inside.next_change(time("2026-10-25T02:45:00+02:00")),
        Some(time("2026-10-25T02:15:00+01:00"))
    );
    assert_eq!(
        inside.next_change(time("2026-10-25T02:15:00+01:00")),
        Some(time("2026-10-25T02:45:00+01:00"))
    );
    let over = Group::daily("Europe/Paris", &[("01:00", "04:00")]).compile();
    assert_eq!(over.next_change(time("2026-10-25T01:00:00+02:00")), Some(time("2026-10-25T04:00:00+01:00")));
    let begins = Group::daily("Europe/Paris", &[("02:30", "05:00")]).compile();
    assert_eq!(
        begins.next_change(time("2026-10-25T02:30:00+02:00")),
        Some(time("2026-10-25T02:00:00+01:00"))
    );
    let lord_howe = Group::daily("Australia/Lord_Howe", &[("01:30", "02:00")]).compile();
    assert_eq!(
        lord_howe.next_change(time("2026-04-05T01:30:00+11:00")),
        Some(time("2026-04-05T02:00:00+10:30"))
    );
    let troll = Group::daily("Antarctica/Troll", &[("01:30", "02:30")]).compile();
    assert_eq!(troll.next_change(time("2026-10-25T02:45:00+02:00")), Some(time("2026-10-25T01:30:00+00:00")));
}

#[test]
fn edge_13_zones_with_odd_offsets_and_odd_histories() {
    for (zone, offset) in [
        ("Asia/Kathmandu", "+05:45"),
        ("Australia/Eucla", "+08:45"),
        ("Pacific/Chatham", "+12:45"),
        ("Pacific/Tongatapu", "+13:00"),
        ("Pacific/Kiritimati", "+14:00"),
        ("Etc/GMT+12", "-12:00"),
        ("Europe/Dublin", "+01:00"),
        ("Africa/Casablanca", "+01:00"),
    ] {
        let schedule = Group::daily(zone, &[("09:00", "18:00")]).compile();
        let opening = format!("2026-07-01T09:00:00{offset}");
        assert_eq!(
            schedule.next_opening(time(&opening) - SignedDuration::from_hours(1)),
            Some(time(&opening)),
            "{zone}"
        );
    }
    // Morocco suspends its offset for Ramadan: in 2026 from 15 February to 22 March.
    let casablanca = Group::daily("Africa/Casablanca", &[("09:00", "18:00")]).compile();
    assert_open(&casablanca, true, &["2026-02-20T09:00:00+00:00"]);
    // Samoa had no 30 December 2011, a Friday; Kwajalein no 21 August 1993, a Saturday.
    let friday = Group::on("Pacific/Apia", &[5], &[("09:00", "18:00")]).compile();
    assert_eq!(
        friday.next_opening(time("2011-12-29T12:00:00-10:00")),
        Some(time("2012-01-06T09:00:00+14:00"))
    );
    let saturday = Group::on("Pacific/Kwajalein", &[6], &[("09:00", "18:00")]).compile();
    assert_eq!(
        saturday.next_opening(time("1993-08-20T12:00:00-12:00")),
        Some(time("1993-08-28T09:00:00+12:00"))
    );
}

#[test]
fn edge_14_a_day_without_midnight_begins_when_it_begins() {
    // Sao Paulo, 4 November 2018: 00:00 to 01:00 does not exist. So too Beirut on 29 March 2026.
    let sao_paulo = Group::on("America/Sao_Paulo", &[0], &[("00:00", "24:00")]).compile();
    assert_eq!(
        sao_paulo.next_opening(time("2018-11-03T12:00:00-03:00")),
        Some(time("2018-11-04T01:00:00-02:00"))
    );
    let beirut = Group::daily("Asia/Beirut", &[("00:00", "24:00")])
        .with_exceptions(r#"[{"begin_date":"2026-03-29"}]"#)
        .compile();
    assert_eq!(
        beirut.next_change(time("2026-03-28T12:00:00+02:00")),
        Some(time("2026-03-29T01:00:00+03:00"))
    );
    assert_eq!(
        beirut.next_opening(time("2026-03-28T12:00:00+02:00")),
        Some(time("2026-03-30T00:00:00+03:00"))
    );
    // Cairo goes forward at midnight of the last Friday of April.
    let cairo = Group::on("Africa/Cairo", &[5], &[("00:00", "00:30")]).compile();
    assert_eq!(
        cairo.next_opening(time("2026-04-23T12:00:00+02:00")),
        Some(time("2026-05-01T00:00:00+03:00"))
    );
}

#[test]
fn edge_15_several_zones_intersect_and_may_leave_nothing() {
    let in_zone = |zone| Group::daily(zone, &[("09:00", "18:00")]).compile();
    let (shanghai, berlin, new_york) =
        (in_zone("Asia/Shanghai"), in_zone("Europe/Berlin"), in_zone("America/New_York"));
    let group = Layer { name: "group", schedule: &shanghai };
    let near = [group, Layer { name: "callee", schedule: &berlin }];
    let opening = Intersection::new(&near).next_opening(time("2026-01-05T00:00:00Z"));
    assert_eq!(opening, Some(time("2026-01-05T09:00:00+01:00")));
    let far = [group, Layer { name: "callee", schedule: &new_york }];
    assert_eq!(Intersection::new(&far).next_opening(time("2026-01-05T00:00:00Z")), None);
}

#[test]
fn edge_16_aliases_are_zones_and_abbreviations_are_refused() {
    assert_eq!(Zone::parse("Asia/Chongqing").unwrap().name(), "Asia/Chongqing");
    let alias = Group::daily("Asia/Chongqing", &[("09:00", "18:00")]).compile();
    assert_open(&alias, true, &["2026-01-05T09:00:00+08:00"]);
    assert_eq!(Zone::parse("EST"), Err(Rule::AbbreviatedZone));
    assert_eq!(Zone::parse("CST"), Err(Rule::AbbreviatedZone));
    assert_eq!(Zone::parse("Asia/Peking"), Err(Rule::UnknownZone));
}

#[test]
fn edge_17_an_answer_can_be_pinned_to_the_database_it_came_from() {
    let version = tzdata_version();
    assert!(version.len() == 5 && version.starts_with("20"), "{version}");
}

#[test]
fn edge_18_leap_days_and_the_turn_of_the_year() {
    let daily = || Group::daily("Asia/Shanghai", &[("09:00", "18:00")]);
    let leap_day = daily().with_exceptions(r#"[{"begin_date":"02-29"}]"#).compile();
    assert_open(&leap_day, false, &["2028-02-29T12:00:00+08:00"]);
    assert_open(
        &leap_day,
        true,
        &["2027-02-28T12:00:00+08:00", "2027-03-01T12:00:00+08:00", "2028-03-01T12:00:00+08:00"],
    );
    let month_end = daily().with_exceptions(r#"[{"begin_date":"02-27","end_date":"02-29"}]"#).compile();
    assert_open(&month_end, false, &["2027-02-28T12:00:00+08:00", "2028-02-29T12:00:00+08:00"]);
    assert_open(&month_end, true, &["2027-03-01T12:00:00+08:00"]);
    // 31 December 2007 is off by the notice for 2008, and Saturday, 29 December 2007 worked for it, as a Monday.
    let workdays = Group::on("Asia/Shanghai", &[1], &[("22:00", "06:00")]).in_china();
    let schedule = Group { makeup_policy: MakeupPolicy::AsWorkday, ..workdays }.compile();
    assert_open(&schedule, true, &["2007-12-29T23:00:00+08:00"]);
    assert_open(
        &schedule,
        false,
        &["2007-12-30T00:00:00+08:00", "2007-12-31T23:00:00+08:00", "2008-01-01T05:00:00+08:00"],
    );
    let reason = schedule.reason_of_day(jiff::civil::date(2007, 12, 29));
    assert_eq!((reason.rule, reason.notice().unwrap().id.as_str()), (DecidingRule::MakeupWorkday, "2008"));
}

#[test]
fn edge_19_holidays_on_weekends_and_make_up_workdays_on_both_weekend_days() {
    let workdays = Group::on("Asia/Shanghai", WORKDAYS, &[("09:00", "18:00")]).in_china();
    let as_is = Group { makeup_policy: MakeupPolicy::AsIs, ..workdays.clone() }.compile();
    let as_workday = Group { makeup_policy: MakeupPolicy::AsWorkday, ..workdays }.compile();
    // Saturday and Sunday, 28 and 29 January 2023, are both worked; 21 and 22 January are holidays on a weekend.
    let worked = ["2023-01-28T12:00:00+08:00", "2023-01-29T12:00:00+08:00"];
    assert_open(&as_is, false, &worked);
    assert_open(&as_workday, true, &worked);
    assert_open(&as_workday, false, &["2023-01-21T12:00:00+08:00", "2023-01-22T12:00:00+08:00"]);
    assert_eq!(as_is.decide(time(worked[0])).reason.rule, DecidingRule::MakeupWorkday);
    // A holiday inside closed days changes no answer but the reason.
    let mondays = Group::on("Asia/Shanghai", &[1], &[("09:00", "18:00")]).in_china().compile();
    let decision = mondays.decide(time("2026-10-01T12:00:00+08:00"));
    assert_eq!((decision.allowed, decision.reason.rule), (false, DecidingRule::Holiday));
}

#[test]
fn edge_20_a_holiday_is_the_local_date_of_the_groups_zone() {
    let schedule = Group::daily("America/New_York", &[("00:00", "24:00")]).in_china().compile();
    // 1 October 2026 begins in Shanghai when it is still noon of 30 September in New York.
    assert_open(&schedule, true, &["2026-10-01T00:00:00+08:00", "2026-09-30T23:59:59-04:00"]);
    assert_open(&schedule, false, &["2026-10-01T00:00:00-04:00", "2026-10-08T08:00:00+08:00"]);
}

#[test]
fn edge_21_a_day_with_windows_of_its_own_may_open_what_was_closed() {
    let group = Group::on("Asia/Shanghai", WORKDAYS, &[("09:00", "18:00")]).in_china().with_exceptions(
        r#"[{"name":"hotline","begin_date":"2026-10-01","end_date":"2026-10-02","times":[{"begin_time":"06:00","end_time":"22:00"}]},
            {"begin_date":"2026-10-09","times":[{"begin_time":"10:00","end_time":"11:00"}]}]"#,
    );
    let schedule = group.compile();
    let decision = schedule.decide(time("2026-10-01T06:00:00+08:00"));
    assert_eq!(
        (decision.allowed, decision.reason.rule, decision.reason.name),
        (true, DecidingRule::Exception, Some("hotline"))
    );
    assert_open(&schedule, false, &["2026-10-03T12:00:00+08:00", "2026-10-09T09:30:00+08:00"]);
    assert_open(&schedule, true, &["2026-10-09T10:30:00+08:00"]);
}

#[test]
fn edge_22_an_exception_beats_a_holiday_beats_a_make_up_workday_beats_the_week() {
    let rule = |group: &Group, at| group.compile().decide(time(at)).reason.rule;
    let week = Group::daily("Asia/Shanghai", &[("09:00", "18:00")]);
    let china = week.clone().in_china();
    let all = china.clone().with_exceptions(r#"[{"begin_date":"2026-10-01"},{"begin_date":"2026-10-10"}]"#);
    let (holiday, makeup) = ("2026-10-01T12:00:00+08:00", "2026-10-10T12:00:00+08:00");
    assert_eq!([rule(&week, holiday), rule(&week, makeup)], [DecidingRule::Weekly; 2]);
    assert_eq!(
        [rule(&china, holiday), rule(&china, makeup)],
        [DecidingRule::Holiday, DecidingRule::MakeupWorkday]
    );
    assert_eq!([rule(&all, holiday), rule(&all, makeup)], [DecidingRule::Exception; 2]);
}

#[test]
fn edge_23_what_lies_beyond_the_horizon_is_flagged_and_follows_its_policy() {
    let known_until = HolidayCalendar::china().known_until();
    let group = Group::daily("Asia/Shanghai", &[("09:00", "18:00")]).in_china();
    // Friday and Saturday, 1 and 2 January 2027.
    for (beyond_horizon, friday, saturday) in [
        (BeyondHorizon::Weekly, true, true),
        (BeyondHorizon::WeekdaysOnly, true, false),
        (BeyondHorizon::Closed, false, false),
    ] {
        let schedule = Group { beyond_horizon, ..group.clone() }.compile();
        let decide = |at: &str| schedule.decide(time(at));
        let (first, second) = (decide("2027-01-01T12:00:00+08:00"), decide("2027-01-02T12:00:00+08:00"));
        assert_eq!((first.allowed, second.allowed), (friday, saturday), "{beyond_horizon:?}");
        assert_eq!(first.warning, Some(Warning::BeyondHorizon { known_until }));
        let closer = if saturday { DecidingRule::Weekly } else { DecidingRule::BeyondHorizon };
        assert_eq!(second.reason.rule, closer);
        // The last evening's answer ends with what the calendar knows.
        let last = decide("2026-12-31T20:00:00+08:00");
        assert_eq!(last.valid_until, Some(time("2027-01-01T00:00:00+08:00")));
        let expected = Warning::OpeningBeyondHorizon { known_until };
        assert_eq!(last.warning, (beyond_horizon != BeyondHorizon::Closed).then_some(expected));
    }
    let closed = Group { beyond_horizon: BeyondHorizon::Closed, ..group }.compile();
    assert_eq!(closed.next_opening(time("2026-12-31T20:00:00+08:00")), None);
}

/// Found by fuzzing: the reason was Monday's weekly windows, which would have been open.
#[test]
fn edge_23_a_night_lost_to_a_sunday_beyond_the_horizon_names_the_sunday() {
    let group = Group::on("UTC", &[0], &[("22:00", "06:00")]).in_china();
    let schedule = Group { beyond_horizon: BeyondHorizon::WeekdaysOnly, ..group }.compile();
    let decision = schedule.decide(time("2027-11-01T03:00:00Z"));
    assert!(!decision.allowed);
    assert_eq!(decision.reason.rule, DecidingRule::BeyondHorizon);
    assert_eq!(decision.reason.date(), jiff::civil::date(2027, 10, 31));
    assert_eq!(schedule.decide(time("2027-11-01T06:00:00Z")).reason.rule, DecidingRule::Weekly);
}

/// Found by fuzzing: the reason was Friday's own windows, which would have been open.
#[test]
fn edge_23_a_night_lost_to_an_exception_that_closes_its_evening_names_the_exception() {
    let close = r#"[{"name":"move","effect":"close","begin_date":"2027-03-18"}]"#;
    let schedule = Group::daily("Asia/Shanghai", &[("22:00", "06:00")]).with_exceptions(close).compile();
    let reason = |at| schedule.decide(time(at)).reason;
    let night = reason("2027-03-19T02:00:00+08:00");
    assert_eq!((night.rule, night.name), (DecidingRule::Exception, Some("move")));
    assert_eq!(night.date(), jiff::civil::date(2027, 3, 18));
    assert_eq!(reason("2027-03-19T06:00:00+08:00").rule, DecidingRule::Weekly);
    assert_eq!(reason("2027-03-20T02:00:00+08:00").rule, DecidingRule::Weekly);
}

#[test]
fn edge_24_over_long_closures_the_next_opening_is_still_found() {
    let daily = || Group::daily("America/New_York", &[("09:00", "18:00")]);
    let holiday = daily().in_china().compile();
    assert_eq!(
        holiday.next_opening(time("2026-02-15T00:00:00-05:00")),
        Some(time("2026-02-24T09:00:00-05:00"))
    );
    let years = daily().with_exceptions(r#"[{"begin_date":"2026-01-01","end_date":"2028-12-31"}]"#).compile();
    assert_eq!(
        years.next_opening(time("2026-01-01T00:00:00-05:00")),
        Some(time("2029-01-01T09:00:00-05:00"))
    );
    let past = Group::new("America/New_York", "[]")
        .with_exceptions(
            r#"[{"begin_date":"2020-01-01","times":[{"begin_time":"09:00","end_time":"18:00"}]}]"#,
        )
        .compile();
    assert_eq!(past.next_opening(time("1970-01-01T00:00:00Z")), Some(time("2020-01-01T09:00:00-05:00")));
    assert_eq!(past.next_opening(time("2026-01-01T00:00:00Z")), None);
}

#[test]
fn edge_25_a_dated_exception_beats_a_yearly_one_and_the_first_of_equals_holds() {
    let group = Group::daily("Asia/Shanghai", &[("09:00", "18:00")]).with_exceptions(
        r#"[{"name":"every year","begin_date":"12-31"},
            {"name":"2026","begin_date":"2026-12-31","times":[{"begin_time":"10:00","end_time":"12:00"}]},
            {"name":"2026 again","begin_date":"2026-12-30","end_date":"2026-12-31"}]"#,
    );
    let schedule = group.compile();
    let name = |at| schedule.decide(time(at)).reason.name;
    assert_eq!(name("2025-12-31T11:00:00+08:00"), Some("every year"));
    assert_eq!(name("2026-12-31T11:00:00+08:00"), Some("2026"));
    assert_eq!(name("2026-12-30T11:00:00+08:00"), Some("2026 again"));
    assert_open(&schedule, true, &["2026-12-31T11:00:00+08:00"]);
}

#[test]
fn edge_34_a_quarter_hour_grid_on_every_day_is_exact() {
    let quarters: Vec<(String, String)> = (0..96)
        .map(|quarter| (quarter * 15, quarter * 15 + 10))
        .map(|(begin, end)| {
            (format!("{:02}:{:02}", begin / 60, begin % 60), format!("{:02}:{:02}", end / 60, end % 60))
        })
        .collect();
    let quarters: Vec<_> = quarters.iter().map(|(begin, end)| (begin.as_str(), end.as_str())).collect();
    let schedule = Group::daily("Asia/Shanghai", &quarters).compile();
    assert_eq!(
        schedule.next_change(time("2026-03-02T23:46:00+08:00")),
        Some(time("2026-03-02T23:55:00+08:00"))
    );
    assert_eq!(
        schedule.next_change(time("2026-03-02T23:55:00+08:00")),
        Some(time("2026-03-03T00:00:00+08:00"))
    );
}

/// The half hour of 02:00 comes twice; the library of the field jumped to its second pass.
#[test]
fn fault_1_of_the_field_a_fold_asked_in_its_first_pass() {
    let schedule = Group::daily("Europe/Paris", &[("01:00", "02:30")]).compile();
    assert_eq!(
        schedule.next_change(time("2026-10-25T02:15:00+02:00")),
        Some(time("2026-10-25T02:30:00+02:00"))
    );
}

/// The library of the field missed that the second pass opens again.
#[test]
fn fault_2_of_the_field_a_fold_asked_between_its_passes() {
    let schedule = Group::daily("Europe/Paris", &[("01:00", "02:30")]).compile();
    assert_eq!(
        schedule.next_change(time("2026-10-25T02:45:00+02:00")),
        Some(time("2026-10-25T02:00:00+01:00"))
    );
    assert_eq!(
        schedule.next_change(time("2026-10-25T02:00:00+01:00")),
        Some(time("2026-10-25T02:30:00+01:00"))
    );
}

/// The library of the field announced an opening that never comes.
#[test]
fn fault_3_of_the_field_a_window_inside_a_gap() {
    let schedule = Group::daily("Europe/Paris", &[("02:15", "02:45")]).compile();
    assert_eq!(
        schedule.next_change(time("2026-03-29T00:00:00+01:00")),
        Some(time("2026-03-30T02:15:00+02:00"))
    );
}

#[test]
fn exceptions_are_refused_with_the_place_of_the_fault() {
    let refused = |json: &str| serde_json::from_str::<Exceptions>(json).unwrap_err().to_string();
    for (json, fault) in [
        (r#"[{"begin_date":"2026-02-29"}]"#, "[0].begin_date: must be a day that exists"),
        (r#"[{"begin_date":"02-30"}]"#, "[0].begin_date: must be a day that exists"),
        (r#"[{"begin_date":"2026-2-3"}]"#, "[0].begin_date: must be a date of the form"),
        (r#"[{"begin_date":"1969-12-31"}]"#, "[0].begin_date: must be a date from 1970-01-01"),
        (r#"[{"begin_date":"2026-02-03","end_date":"02-04"}]"#, "[0].end_date: must have a year if"),
        (r#"[{"begin_date":"2026-02-03","end_date":"2026-02-02"}]"#, "[0].end_date: must not be before"),
        (
            r#"[{"begin_date":"02-03","times":[{"begin_time":"9:00","end_time":"9:00"}]}]"#,
            "[0].times[0].end_time: must not end",
        ),
    ] {
        assert!(refused(json).starts_with(fault), "{}", refused(json));
    }
}

#[test]
fn what_yearly_exceptions_close_for_good_opens_in_no_year_that_answers_are_for() {
    let exceptions: Exceptions = serde_json::from_str(
        r#"[{"begin_date":"06-22","end_date":"02-28","times":[]},{"begin_date":"02-13","end_date":"06-28","times":[]}]"#,
    )
    .unwrap();
    let windows: WeeklyWindows =
        serde_json::from_str(r#"[{"week":4,"times":[{"begin_time":"03:00","end_time":"13:00"}]}]"#).unwrap();
    for zone in ["Australia/Hobart", "UTC", "Etc/GMT+12", "Pacific/Kiritimati"] {
        let zone = Zone::parse(zone).unwrap();
        let closed = Schedule::builder(&windows, &zone).exceptions(&exceptions).compile();
        let always = Group::daily("UTC", &[("00:00", "24:00")]).compile();
        let layers =
            [Layer { name: "closed", schedule: &closed }, Layer { name: "always", schedule: &always }];
        for instant in ["1970-01-01T00:00:00Z", "2026-11-27T00:00:00Z", "2200-12-31T23:59:59Z"].map(time) {
            assert_eq!(closed.next_change(instant), None, "{zone:?} {instant}");
            assert_eq!(closed.next_opening(instant), None, "{zone:?} {instant}");
            assert_eq!(Intersection::new(&layers).next_change(instant), None, "{zone:?} {instant}");
        }
    }
}

#[test]
fn a_half_day_only_narrows_and_an_observance_closes_nothing() {
    let calendar = HolidayCalendar::from_json(
        r#"{"id":"XX","known_until":"2028-12-31","days":[
            {"date":"2027-12-24","kind":"half_day","name":"x","times":[{"begin_time":"00:00","end_time":"12:00"}]},
            {"date":"2027-12-27","kind":"observance","name":"y"},
            {"date":"2027-12-28","kind":"moved_holiday","name":"z"},
            {"date":"2028-12-24","kind":"half_day","name":"x","times":[{"begin_time":"00:00","end_time":"12:00"}]}]}"#,
    );
    let week = |begin: &str, end: &str| {
        let times = vec![WindowInput { begin_time: begin.into(), end_time: end.into() }];
        let days = WORKDAYS.iter().map(|week| DayWindowsInput { week: (*week).into(), times: times.clone() });
        WeeklyWindows::parse(days.collect()).unwrap()
    };
    let calendar = std::sync::Arc::new(calendar.unwrap());
    let compiled = |windows: &WeeklyWindows| {
        Schedule::builder(windows, &Zone::parse("UTC").unwrap())
            .holidays(std::sync::Arc::clone(&calendar))
            .compile()
    };
    let schedule = compiled(&week("09:00", "18:00"));
    assert_open(&schedule, true, &["2027-12-24T09:00:00Z", "2027-12-24T11:59:59Z", "2027-12-27T10:00:00Z"]);
    // 24 December 2028 is a Sunday.
    let closed =
        ["2027-12-24T08:59:59Z", "2027-12-24T12:00:00Z", "2027-12-28T10:00:00Z", "2028-12-24T10:00:00Z"];
    assert_open(&schedule, false, &closed);
    let reason = schedule.decide(time("2027-12-24T10:00:00Z")).reason;
    assert_eq!((reason.rule, reason.name), (DecidingRule::Holiday, Some("x")));
    // The evening before ends at midnight, as before a day off, and the half day's own evening does not begin.
    let evenings = compiled(&week("20:00", "02:00"));
    assert_open(&evenings, true, &["2027-12-23T23:59:59Z"]);
    assert_open(&evenings, false, &["2027-12-24T00:00:00Z", "2027-12-24T21:00:00Z", "2027-12-25T01:00:00Z"]);
}
