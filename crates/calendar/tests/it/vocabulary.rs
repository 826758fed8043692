//! What may be said, and how it is refused.

use calendar::{DayWindowsInput, Rule, TimeOfDay, WeeklyWindows, WindowInput, Zone};

fn day(week: i64, times: &[(&str, &str)]) -> DayWindowsInput {
    let times = times
        .iter()
        .map(|(begin, end)| WindowInput { begin_time: (*begin).into(), end_time: (*end).into() })
        .collect();
    DayWindowsInput { week, times }
}

fn fault_of(begin: &str, end: &str) -> Result<WeeklyWindows, String> {
    WeeklyWindows::parse(vec![day(1, &[(begin, end)])]).map_err(|faults| {
        let texts: Vec<_> =
            faults.iter().map(|fault| format!("{} {}", fault.path, fault.rule.code())).collect();
        texts.join(", ")
    })
}

#[test]
fn times_are_two_digit_minutes_in_ascii() {
    for good in ["00:00", "0:00", "9:00", "09:59", "23:59", "24:00"] {
        assert!(good.parse::<TimeOfDay>().is_ok(), "{good}");
    }
    for bad in [
        "",
        ":",
        "9",
        "9:5",
        "009:00",
        "9:000",
        "９:００",
        "09：00",
        "9.00",
        "09-00",
        "+9:00",
        "-1:00",
        " 9:00",
        "ab:cd",
    ] {
        assert_eq!(bad.parse::<TimeOfDay>(), Err(Rule::TimeFormat), "{bad}");
    }
    for bad in ["24:01", "25:00", "09:60", "99:99"] {
        assert_eq!(bad.parse::<TimeOfDay>(), Err(Rule::TimeOutOfRange), "{bad}");
    }
}

#[test]
fn a_window_names_the_member_at_fault() {
    assert_eq!(fault_of("24:00", "06:00"), Err("[0].times[0].begin_time begin_is_24".into()));
    assert_eq!(fault_of("24:00", "24:00"), Err("[0].times[0].begin_time begin_is_24".into()));
    assert_eq!(fault_of("00:00", "00:00"), Err("[0].times[0].end_time begin_equals_end".into()));
    assert_eq!(fault_of("09:00", "9:00"), Err("[0].times[0].end_time begin_equals_end".into()));
    assert_eq!(fault_of("09:00", "25:00"), Err("[0].times[0].end_time time_out_of_range".into()));
    assert!(fault_of("00:00", "24:00").is_ok());
    assert!(fault_of("20:00", "00:00").is_ok());
}

#[test]
fn windows_come_back_as_sent_but_padded() {
    let sent =
        vec![day(5, &[("20:00", "6:00"), ("8:00", "12:00"), ("8:00", "12:00")]), day(0, &[]), day(5, &[])];
    let windows = WeeklyWindows::parse(sent).unwrap();
    assert_eq!(
        serde_json::to_string(&windows).unwrap(),
        r#"[{"week":5,"times":[{"begin_time":"20:00","end_time":"06:00"},{"begin_time":"08:00","end_time":"12:00"},{"begin_time":"08:00","end_time":"12:00"}]},{"week":0,"times":[]},{"week":5,"times":[]}]"#
    );
    let again: WeeklyWindows = serde_json::from_str(&serde_json::to_string(&windows).unwrap()).unwrap();
    assert_eq!(again, windows);
}

#[test]
fn all_faults_are_collected_up_to_a_hundred() {
    let faults = WeeklyWindows::parse(vec![day(7, &[("9:5", "25:00")]), day(-1, &[])]).unwrap_err();
    let paths: Vec<_> = faults.iter().map(|fault| fault.path.as_str()).collect();
    assert_eq!(paths, ["[0].week", "[0].times[0].begin_time", "[0].times[0].end_time", "[1].week"]);

    let many = vec![day(1, &[("x", "x"); 500])];
    assert_eq!(WeeklyWindows::parse(many).unwrap_err().len(), 100);
}

#[test]
fn sizes_are_bounded() {
    let quarters: Vec<_> = (0..7).map(|week| day(week, &[("9:00", "9:15"); 96])).collect();
    assert!(WeeklyWindows::parse(quarters).is_ok());
    let too_many = WeeklyWindows::parse(vec![day(1, &[("9:00", "9:15"); 10_000])]).unwrap_err();
    assert_eq!(too_many[0].rule, Rule::TooManyWindows);
    assert_eq!(WeeklyWindows::parse(vec![day(1, &[]); 65]).unwrap_err()[0].rule, Rule::TooManyDays);
}

#[test]
fn a_body_that_breaks_a_rule_does_not_deserialize() {
    let error = serde_json::from_str::<WeeklyWindows>(r#"[{"week":8,"times":[]}]"#).unwrap_err();
    assert!(error.to_string().starts_with("[0].week: must be 0 (Sunday) to 6 (Saturday)"), "{error}");
}

#[test]
fn zones_are_places() {
    for (given, name) in [
        ("Asia/Shanghai", "Asia/Shanghai"),
        ("america/NEW_york", "America/New_York"),
        ("utc", "UTC"),
        ("Etc/UTC", "Etc/UTC"),
        ("Asia/Calcutta", "Asia/Calcutta"),
        ("America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
    ] {
        assert_eq!(Zone::parse(given).unwrap().name(), name);
    }
    for abbreviation in
        ["EST", "MST", "HST", "CET", "EST5EDT", "GMT+0", "GMT", "PRC", "est", "CST", "gmt0", "W-SU", "+08:00"]
    {
        assert_eq!(Zone::parse(abbreviation), Err(Rule::AbbreviatedZone), "{abbreviation}");
    }
    for unknown in ["", "Asia/Atlantis", "Beijing", "北京", "Asia/Shanghai "] {
        assert_eq!(Zone::parse(unknown), Err(Rule::UnknownZone), "{unknown}");
    }
}

#[test]
fn a_zone_is_its_name_on_the_wire() {
    let zone: Zone = serde_json::from_str(r#""europe/paris""#).unwrap();
    assert_eq!(serde_json::to_string(&zone).unwrap(), r#""Europe/Paris""#);
    assert!(serde_json::from_str::<Zone>(r#""EST""#).is_err());
}

#[test]
fn every_zone_of_the_database_loads() {
    let names: Vec<_> = Zone::database_names().collect();
    assert!(names.len() > 500, "{}", names.len());
    for name in names {
        assert_eq!(Zone::from_database(name).unwrap().name(), name);
    }
}
