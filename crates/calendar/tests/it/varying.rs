//! Weeks that vary: seasons, the effects of exceptions, the days they are about, several calendars, and which rule beats which.

use std::sync::Arc;

use calendar::{
    DecidingRule, Exceptions, HolidayCalendar, HolidayPolicy, MAX_SEASONS, SeasonInput, Seasons, Warning,
    Window,
};
use jiff::{
    Timestamp,
    civil::{DateTime, date},
};

use crate::oracle::Group;

const WORKDAYS: &[u8] = &[1, 2, 3, 4, 5];
const NINE_TO_SIX: &[(&str, &str)] = &[("09:00", "18:00")];

fn office() -> Group {
    Group::on("Asia/Shanghai", WORKDAYS, NINE_TO_SIX)
}

fn calendar(json: &str) -> Arc<HolidayCalendar> {
    Arc::new(HolidayCalendar::from_json(json).unwrap())
}

/// An instant by the clock of the group's zone: `2026-10-01 10:00`.
fn instant(group: &Group, time: &str) -> Timestamp {
    let time: DateTime = format!("{}:00", time.replace(' ', "T")).parse().unwrap();
    group.zone.time_zone().to_timestamp(time).unwrap()
}

/// Whether the group is open at these times; the oracle must agree.
fn open(group: &Group, times: &[&str]) -> Vec<bool> {
    let schedule = group.compile();
    let at = |time: &&str| {
        let instant = instant(group, time);
        assert_eq!(schedule.is_open(instant), group.is_open(instant), "{time}");
        schedule.is_open(instant)
    };
    times.iter().map(at).collect()
}

fn rule_at(group: &Group, time: &str) -> (bool, DecidingRule, Option<String>) {
    let schedule = group.compile();
    let decision = schedule.decide(instant(group, time));
    (decision.allowed, decision.reason.rule, decision.reason.name.map(str::to_owned))
}

#[test]
fn a_season_has_its_own_week() {
    let group = office().with_seasons(
        r#"[{"name":"summer","begin_date":"12-20","end_date":"02-28","content":[
            {"week":1,"times":[{"begin_time":"08:30","end_time":"12:00"},{"begin_time":"13:30","end_time":"20:00"}]},
            {"week":6,"times":[{"begin_time":"09:00","end_time":"18:00"}]}]}]"#,
    );
    let times =
        ["2026-12-28 19:00", "2026-12-27 10:00", "2026-12-26 17:00", "2026-12-29 10:00", "2027-03-01 10:00"];
    assert_eq!(open(&group, &times), [true, false, true, false, true]);
    assert_eq!(rule_at(&group, "2026-12-28 19:00"), (true, DecidingRule::Season, Some("summer".into())));
    assert_eq!(rule_at(&group, "2027-03-01 19:00"), (false, DecidingRule::Weekly, None));
}

#[test]
fn every_other_saturday_is_worked() {
    let group = office().with_seasons(
        r#"[{"every_weeks":2,"anchor_date":"2026-12-05","content":[
            {"week":1,"times":[{"begin_time":"09:00","end_time":"18:00"}]},
            {"week":6,"times":[{"begin_time":"09:00","end_time":"18:00"}]}]}]"#,
    );
    let saturdays =
        ["2026-11-21 10:00", "2026-11-28 10:00", "2026-12-05 10:00", "2026-12-12 10:00", "2026-12-19 10:00"];
    assert_eq!(open(&group, &saturdays), [true, false, true, false, true]);
    // The week is that of Monday to Sunday: 7 December lies in the next.
    assert_eq!(
        open(&group, &["2026-11-30 10:00", "2026-12-01 10:00", "2026-12-08 10:00"]),
        [true, false, true]
    );
}

#[test]
fn of_two_seasons_the_first_holds() {
    let seasons = r#"[
        {"name":"first","begin_date":"2026-07-01","end_date":"2026-07-10","content":[]},
        {"name":"second","begin_date":"2026-07-05","end_date":"2026-07-20","content":[]}]"#;
    let group = office().with_seasons(seasons);
    let name = |time| rule_at(&group, time).2.unwrap();
    assert_eq!(["2026-07-06 10:00", "2026-07-13 10:00"].map(name), ["first", "second"]);
}

#[test]
fn half_a_day_only_narrows() {
    let group = office().with_exceptions(
        r#"[{"effect":"only","begin_date":"12-24","times":[{"begin_time":"00:00","end_time":"12:00"}]}]"#,
    );
    // A Friday, and a Sunday.
    let times = ["2027-12-24 08:00", "2027-12-24 10:00", "2027-12-24 13:00", "2028-12-24 10:00"];
    assert_eq!(open(&group, &times), [false, true, false, false]);
    assert_eq!(rule_at(&group, "2027-12-24 13:00").1, DecidingRule::Exception);
    assert_eq!(rule_at(&group, "2028-12-24 10:00").1, DecidingRule::Weekly);
}

#[test]
fn thanksgiving_and_last_saturdays_are_one_line_each() {
    let group = office().with_exceptions(
        r#"[{"name":"Thanksgiving","effect":"close","on":"nth_weekday","week":4,"nth":4,"month":11},
            {"effect":"add","on":"nth_weekday","week":6,"nth":-1,"times":[{"begin_time":"09:00","end_time":"12:00"}]}]"#,
    );
    let thursdays = ["2026-11-26 10:00", "2027-11-25 10:00", "2027-11-18 10:00", "2026-12-24 10:00"];
    assert_eq!(open(&group, &thursdays), [false, false, true, true]);
    assert_eq!(
        open(&group, &["2026-12-26 10:00", "2026-12-26 12:00", "2026-12-19 10:00"]),
        [true, false, false]
    );
}

#[test]
fn workdays_of_a_month_know_the_holidays() {
    let closes = |on| format!(r#"[{{"effect":"close","on":"{on}"}}]"#);
    // 1 to 7 October 2026 are off; Saturday the 10th is worked in their place.
    let first = office().in_china().with_exceptions(&closes("first_workday"));
    assert_eq!(open(&first, &["2026-10-08 10:00", "2026-10-09 10:00"]), [false, true]);
    let last = office().in_china().with_exceptions(&closes("last_workday"));
    assert_eq!(open(&last, &["2026-10-30 10:00", "2026-10-29 10:00"]), [false, true]);
}

#[test]
fn days_before_holidays_are_those_before_a_row_of_them() {
    let group = office().in_china().with_exceptions(
        r#"[{"name":"early","effect":"only","on":"day_before_holiday","times":[{"begin_time":"09:00","end_time":"15:00"}]}]"#,
    );
    assert_eq!(
        open(&group, &["2026-09-30 14:00", "2026-09-30 16:00", "2026-10-08 16:00"]),
        [true, false, true]
    );
}

#[test]
fn exceptions_look_at_a_calendar_that_is_not_skipped() {
    let group = Group { skips_holidays: false, ..office().in_china() };
    assert_eq!(open(&group, &["2026-10-01 10:00"]), [true]);
    let closed = group.with_exceptions(r#"[{"effect":"close","on":"holiday"}]"#);
    assert_eq!(open(&closed, &["2026-10-01 10:00", "2026-10-08 10:00"]), [false, true]);
    // Without days to look at it closes nothing any more, which nobody may learn from the calls that go out.
    let warned = |group: &Group| group.compile().decide("2027-10-01T10:00:00+08:00".parse().unwrap()).warning;
    assert_eq!(warned(&closed), Some(Warning::BeyondHorizon { known_until: date(2026, 12, 31) }));
    assert_eq!(warned(&Group { skips_holidays: false, ..office().in_china() }), None);
}

#[test]
fn holidays_can_have_windows_of_their_own() {
    let own = vec![Window::parse("10:00", "16:00").unwrap(), Window::parse("22:00", "02:00").unwrap()];
    let group =
        Group { holiday_policy: HolidayPolicy::OwnWindows, holiday_windows: own, ..office().in_china() };
    let times =
        ["2026-10-01 09:30", "2026-10-01 10:00", "2026-10-02 01:00", "2026-10-01 01:00", "2026-10-08 01:00"];
    assert_eq!(open(&group, &times), [false, true, true, false, true]);
    assert_eq!(rule_at(&group, "2026-10-01 11:00"), (true, DecidingRule::Holiday, Some("国庆节".into())));
}

#[test]
fn moved_days_can_be_called_on_while_statutory_ones_are_not() {
    let days = r#"{"id":"XX","known_until":"2026-12-31","days":[
        {"date":"2026-10-01","kind":"holiday","name":"feast"},
        {"date":"2026-10-02","kind":"moved_holiday","name":"feast"}]}"#;
    let group =
        Group { holiday_policy: HolidayPolicy::StatutoryOnly, ..office().with_calendar(calendar(days)) };
    assert_eq!(open(&group, &["2026-10-01 10:00", "2026-10-02 10:00"]), [false, true]);
    let all = Group { holiday_policy: HolidayPolicy::Open, ..group };
    assert_eq!(open(&all, &["2026-10-01 10:00", "2026-10-02 10:00"]), [true, true]);
}

#[test]
fn a_day_off_in_any_calendar_is_one() {
    let company = calendar(
        r#"{"id":"MY","known_until":"2027-06-30","days":[{"date":"2026-11-20","kind":"holiday","name":"anniversary"},
            {"date":"2026-10-10","kind":"holiday","name":"outing"}]}"#,
    );
    let group = office().in_china().with_calendar(company);
    let name = |time| rule_at(&group, time).2.unwrap();
    assert_eq!(["2026-10-01 10:00", "2026-11-20 10:00"].map(name), ["国庆节", "anniversary"]);
    // A make-up workday of one that is a day off of the other is a day off.
    assert_eq!(rule_at(&group, "2026-10-10 10:00"), (false, DecidingRule::Holiday, Some("outing".into())));
    // What both know ends with the first.
    assert_eq!(group.compile().known_until(), Some(date(2026, 12, 31)));
}

#[test]
fn closing_is_on_the_clock_of_the_wall_and_drops_what_begins_on_a_closed_day() {
    let night = Group::daily("Asia/Shanghai", &[("22:00", "06:00")]);
    let hours = night.clone().with_exceptions(
        r#"[{"effect":"close","begin_date":"2026-03-05","times":[{"begin_time":"23:00","end_time":"02:00"}]}]"#,
    );
    let times = ["2026-03-05 22:30", "2026-03-05 23:30", "2026-03-06 01:00", "2026-03-06 03:00"];
    assert_eq!(open(&hours, &times), [true, false, false, true]);
    let times = ["2026-03-05 03:00", "2026-03-05 22:30", "2026-03-06 03:00", "2026-03-06 22:30"];
    for day in ["[]", r#"[{"begin_time":"00:00","end_time":"24:00"}]"#] {
        let exceptions = format!(r#"[{{"effect":"close","begin_date":"2026-03-05","times":{day}}}]"#);
        assert_eq!(open(&night.clone().with_exceptions(&exceptions), &times), [false, false, false, true]);
    }
}

/// A half day only ever closes more, whichever calendar it is in and whichever comes first.
#[test]
fn half_days_of_several_calendars_on_one_date_all_narrow_it() {
    let half = |id: &str, name: &str, times: &str| {
        calendar(&format!(
            r#"{{"id":"{id}","known_until":"2026-12-31","days":[{{"date":"2026-10-15","kind":"half_day","name":"{name}","times":[{times}]}}]}}"#
        ))
    };
    let morning = || half("A", "fair", r#"{"begin_time":"00:00","end_time":"12:00"}"#);
    let late = || {
        half(
            "B",
            "drill",
            r#"{"begin_time":"10:00","end_time":"11:00"},{"begin_time":"11:30","end_time":"24:00"}"#,
        )
    };
    let asked =
        ["2026-10-15 09:30", "2026-10-15 10:30", "2026-10-15 11:15", "2026-10-15 11:45", "2026-10-15 14:00"];
    for (group, name) in [
        (office().with_calendar(morning()).with_calendar(late()), "fair"),
        (office().with_calendar(late()).with_calendar(morning()), "drill"),
    ] {
        assert_eq!(open(&group, &asked), [false, true, false, true, false]);
        let (_, rule, named) = rule_at(&group, "2026-10-15 14:00");
        assert_eq!((rule, named.as_deref()), (DecidingRule::Holiday, Some(name)), "the first one is named");
    }
    // A day off in a third one is stronger still, and what leaves nothing in common closes the day.
    let evening = half("C", "late", r#"{"begin_time":"18:00","end_time":"24:00"}"#);
    let none = office().with_calendar(morning()).with_calendar(evening);
    assert_eq!(open(&none, &asked), [false; 5]);
}

/// The table of precedence: each rule against the one below it.
#[test]
fn each_rule_beats_the_next() {
    let summer = r#"[{"name":"summer","begin_date":"2026-01-01","end_date":"2026-12-31","content":[
        {"week":4,"times":[{"begin_time":"12:00","end_time":"13:00"}]},
        {"week":6,"times":[{"begin_time":"12:00","end_time":"13:00"}]}]}]"#;
    // A season beats the weekly windows.
    let season = office().with_seasons(summer);
    assert_eq!(rule_at(&season, "2026-10-01 10:00"), (false, DecidingRule::Season, Some("summer".into())));
    // A make-up workday beats a season: the rule is its, the windows are the season's.
    let makeup = season.in_china();
    assert_eq!(rule_at(&makeup, "2026-10-10 12:30").1, DecidingRule::MakeupWorkday);
    assert_eq!(open(&makeup, &["2026-10-10 12:30", "2026-10-10 10:00"]), [true, false]);
    // A day off beats a make-up workday.
    let off = calendar(
        r#"{"id":"A","known_until":"2026-12-31","days":[{"date":"2026-10-10","kind":"holiday","name":"off"}]}"#,
    );
    assert_eq!(rule_at(&makeup.clone().with_calendar(off), "2026-10-10 12:30").1, DecidingRule::Holiday);
    // An exception that replaces beats a day off.
    let replace =
        r#"{"name":"replace","begin_date":"2026-10-01","times":[{"begin_time":"08:00","end_time":"20:00"}]}"#;
    let replaced = makeup.clone().with_exceptions(&format!("[{replace}]"));
    assert_eq!(
        rule_at(&replaced, "2026-10-01 19:00"),
        (true, DecidingRule::Exception, Some("replace".into()))
    );
    // What adds opens besides it; what narrows and what closes beat both.
    let add = r#"{"name":"add","effect":"add","begin_date":"2026-10-01","times":[{"begin_time":"20:00","end_time":"22:00"}]}"#;
    let only = r#"{"name":"only","effect":"only","begin_date":"2026-10-01","times":[{"begin_time":"09:00","end_time":"21:00"}]}"#;
    let close = r#"{"name":"close","effect":"close","begin_date":"2026-10-01","times":[{"begin_time":"10:00","end_time":"11:00"}]}"#;
    let all = makeup.with_exceptions(&format!("[{close},{only},{add},{replace}]"));
    let at = |time: &str| {
        let (allowed, _, name) = rule_at(&all, &format!("2026-10-01 {time}"));
        (allowed, name.unwrap())
    };
    let said = |allowed, name: &str| (allowed, name.to_owned());
    assert_eq!(at("08:30"), said(false, "only"));
    assert_eq!(at("09:30"), said(true, "replace"));
    assert_eq!(at("10:30"), said(false, "close"));
    assert_eq!(at("20:30"), said(true, "add"));
    assert_eq!(at("21:30"), said(false, "only"));
    assert_eq!(at("22:30"), said(false, "replace"));
}

#[test]
fn what_is_no_exception_is_refused() {
    let cases = [
        (r#"{"effect":"open","begin_date":"12-24"}"#, "[0].effect: must be replace, add, only or close"),
        (
            r#"{"effect":"only","begin_date":"12-24"}"#,
            "[0].times: must have at least one window for add and only",
        ),
        (r#"{"effect":"close"}"#, "[0].begin_date: must be given"),
        (r#"{"on":"nth_weekday","week":4}"#, "[0].nth: must be 1 to 5, or -1 for the last"),
        (r#"{"on":"nth_weekday","week":7,"nth":1}"#, "[0].week: must be 0 (Sunday) to 6 (Saturday)"),
        (r#"{"on":"holiday","month":3}"#, "[0].month: must be left out for the days that `on` names"),
        (r#"{"on":"first_workday","month":13}"#, "[0].month: must be 1 to 12"),
    ];
    for (exception, fault) in cases {
        let faults = Exceptions::parse(vec![serde_json::from_str(exception).unwrap()]).unwrap_err();
        assert_eq!(faults[0].to_string(), fault, "{exception}");
    }
}

#[test]
fn what_is_no_season_is_refused() {
    let cases = [
        (
            r#"{"begin_date":"06-01","every_weeks":2,"content":[]}"#,
            "[0].every_weeks: must be left out for a season with dates",
        ),
        (r#"{"every_weeks":1,"anchor_date":"2026-12-05","content":[]}"#, "[0].every_weeks: must be 2 to 52"),
        (
            r#"{"every_weeks":2,"anchor_date":"12-05","content":[]}"#,
            "[0].anchor_date: must be a date of the form YYYY-MM-DD, or MM-DD for every year",
        ),
        (
            r#"{"begin_date":"06-01","content":[{"week":8,"times":[]}]}"#,
            "[0].content[0].week: must be 0 (Sunday) to 6 (Saturday)",
        ),
    ];
    for (season, fault) in cases {
        let faults = Seasons::parse(vec![serde_json::from_str(season).unwrap()]).unwrap_err();
        assert_eq!(faults[0].to_string(), fault, "{season}");
    }
    let every = |weeks| SeasonInput {
        every_weeks: Some(weeks),
        anchor_date: Some("2026-12-05".into()),
        ..SeasonInput::default()
    };
    assert_eq!(
        Seasons::parse(vec![every(7), every(8)]).unwrap_err()[0].to_string(),
        ": must repeat together after at most 52 weeks"
    );
    assert!(Seasons::parse(vec![every(4), every(13)]).is_ok());
    assert!(Seasons::parse(vec![every(2); MAX_SEASONS + 1]).is_err());
}

#[test]
fn what_years_take_in_memory_is_reckoned_beforehand() {
    let group = office().in_china().with_exceptions(
        r#"[{"begin_date":"12-24","end_date":"01-02","effect":"only","times":[{"begin_time":"10:00","end_time":"12:00"}]},
            {"on":"first_workday","effect":"add","times":[{"begin_time":"20:00","end_time":"21:00"}]}]"#,
    );
    let schedule = group.compile();
    let beforehand = schedule.size_in_bytes();
    for year in 1970..2200 {
        let _ = schedule.is_open(instant(&group, &format!("{year}-06-01 10:00")));
    }
    assert!(schedule.size_in_bytes() <= beforehand, "{} > {beforehand}", schedule.size_in_bytes());
}

/// Before the first day with a rule of its own weeks come back, but not beyond it; 27 January 2026 is the first day of a stretch.
#[test]
fn the_weeks_before_the_first_rule_say_nothing_of_the_days_after() {
    let tuesdays = r#"[{"week":2,"times":[{"begin_time":"9:00","end_time":"18:00"}]}]"#;
    let windows = serde_json::from_str(tuesdays).unwrap();
    let exceptions = serde_json::from_str(r#"[{"begin_date":"2026-01-27"}]"#).unwrap();
    let zone = calendar::Zone::parse("UTC").unwrap();
    let schedule = calendar::Schedule::builder(&windows, &zone).exceptions(&exceptions).compile();
    let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap();
    let opening = Some(at("2026-02-03T09:00:00Z"));
    assert_eq!(schedule.decide(at("2026-01-20T12:00:00Z")).next_opening, opening);
    assert_eq!(schedule.next_change(at("2026-01-20T20:00:00Z")), opening);
    assert_eq!(schedule.next_change(at("2026-01-13T20:00:00Z")), Some(at("2026-01-20T09:00:00Z")));
}

/// The rule, the name and the date by which a group is closed at a time.
fn closed_by(group: &Group, time: &str) -> (DecidingRule, String, jiff::civil::Date) {
    let schedule = group.compile();
    let decision = schedule.decide(instant(group, time));
    assert!(!decision.allowed, "{time}");
    (decision.reason.rule, decision.reason.name.unwrap_or_default().into(), decision.reason.date())
}

#[test]
fn what_narrows_an_evening_is_named_on_its_own_date_the_morning_after() {
    let nights = Group::daily("Asia/Shanghai", &[("22:00", "06:00")]);
    let group = nights.with_exceptions(
        r#"[{"name":"early","effect":"only","begin_date":"2027-03-18",
            "times":[{"begin_time":"20:00","end_time":"02:00"}]}]"#,
    );
    assert_eq!(open(&group, &["2027-03-19 01:59", "2027-03-19 02:00"]), [true, false]);
    let exception = (DecidingRule::Exception, "early".into(), date(2027, 3, 18));
    assert_eq!(closed_by(&group, "2027-03-19 03:00"), exception);
}

#[test]
fn what_closes_over_midnight_is_named_on_the_date_it_begins() {
    let nights = Group::daily("Asia/Shanghai", &[("22:00", "06:00")]);
    let group = nights.with_exceptions(
        r#"[{"name":"works","effect":"close","begin_date":"2027-03-18",
            "times":[{"begin_time":"23:00","end_time":"03:00"}]}]"#,
    );
    assert_eq!(
        open(&group, &["2027-03-18 22:30", "2027-03-19 02:59", "2027-03-19 03:00"]),
        [true, false, true]
    );
    let exception = (DecidingRule::Exception, "works".into(), date(2027, 3, 18));
    assert_eq!(closed_by(&group, "2027-03-19 01:00"), exception);
}

#[test]
fn an_added_night_names_what_narrows_it_or_closes_its_evening() {
    let with = |closing: &str| {
        office().with_exceptions(&format!(
            r#"[{{"name":"night","effect":"add","begin_date":"2027-03-18",
                "times":[{{"begin_time":"20:00","end_time":"06:00"}}]}},{closing}]"#
        ))
    };
    let narrowed = with(
        r#"{"name":"early","effect":"only","begin_date":"2027-03-18",
            "times":[{"begin_time":"19:00","end_time":"02:00"}]}"#,
    );
    assert_eq!(open(&narrowed, &["2027-03-19 01:59", "2027-03-19 02:00"]), [true, false]);
    let early = (DecidingRule::Exception, "early".into(), date(2027, 3, 18));
    assert_eq!(closed_by(&narrowed, "2027-03-19 03:00"), early);
    let dropped = with(r#"{"name":"move","effect":"close","begin_date":"2027-03-18"}"#);
    let moved = (DecidingRule::Exception, "move".into(), date(2027, 3, 18));
    assert_eq!(closed_by(&dropped, "2027-03-19 03:00"), moved);
    assert_eq!(closed_by(&dropped, "2027-03-19 06:00").0, DecidingRule::Weekly);
}

#[test]
fn what_lies_before_the_first_year_is_flagged_as_well() {
    let schedule = office().in_china().compile();
    let warned = |at: &str| schedule.decide(at.parse().unwrap()).warning;
    let known_from = date(2004, 1, 1);
    let before = Some(Warning::BeforeFirstYear { known_from });
    assert_eq!(warned("2003-12-31T23:59:59+08:00"), before);
    assert_eq!((warned("2004-01-01T00:00:00+08:00"), before.map(Warning::date)), (None, Some(known_from)));
    let always = office().compile();
    assert_eq!(always.decide("2003-12-31T12:00:00+08:00".parse().unwrap()).warning, None);
}
