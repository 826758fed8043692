//! The ways in which iCalendar writes days.

use calendar::HolidayKind::{self, HalfDay, Holiday, MakeupWorkday, MovedHoliday, Observance};
use holiday_files::{FileFault, LeftOutReason, NotUnderstood, ReadOptions, UnclearAs};
use rstest::rstest;

use crate::{calendar, days, kind, known_until, of_kind, options, read, read_with, refused};

#[rstest]
#[case("DTSTART;VALUE=DATE:20270101\r\nDTEND;VALUE=DATE:20270103\r\nSUMMARY:元旦")]
#[case("DTSTART:20270101\r\nDURATION:P2D\r\nSUMMARY;LANGUAGE=zh:元旦")]
#[case("summary:元\r\n 旦\r\ndtstart;value=date:20270101\r\ndtend;value=date:20270103")]
#[case("BEGIN:VALARM\r\nTRIGGER:-P1D\r\nEND:VALARM\r\nDTSTART:20270101\r\nDTEND:20270103\r\nSUMMARY:元旦")]
#[case(
    "DTSTART;TZID=China Standard Time:20270101T000000\r\nDTEND;TZID=China Standard Time:20270103T000000\r\nSUMMARY:元旦"
)]
#[case("DTSTART:20270101T000000\r\nDTEND:20270102T235959\r\nSUMMARY:元旦")]
#[case("DTSTART:20270101T000000Z\r\nDTEND:20270103T000000Z\r\nSUMMARY:元旦")]
#[case("DTSTART;TZID=Asia/Shanghai:20270101T000000\r\nDURATION:PT48H\r\nSUMMARY:元旦")]
#[case(
    "DTSTART:20270101T080000\r\nDTEND:20270102T180000\r\nX-MICROSOFT-CDO-ALLDAYEVENT:TRUE\r\nSUMMARY:元旦"
)]
fn two_whole_days(#[case] lines: &str) {
    let text = calendar(&[lines]);
    for text in
        [text.clone(), text.replace("\r\n", "\n"), text.replacen("\r\n", "\n", 3), format!("\u{feff}{text}")]
    {
        let found = days(&read(&text));
        let found: Vec<_> =
            found.values().map(|day| (day.date.to_string(), day.kind, day.name.as_str())).collect();
        let day = |date: &str| (date.to_owned(), Holiday, "元旦");
        assert_eq!(found, [day("2027-01-01"), day("2027-01-02")], "{text}");
    }
}

#[rstest]
fn one_day_where_the_end_is_missing_or_the_same(
    #[values(
        "DTSTART:20270101",
        "DTSTART;VALUE=DATE:20270101\r\nDTEND;VALUE=DATE:20270101",
        "DTSTART:20270101T000000\r\nDTEND:20270101T000000",
        "DTSTART:20270101T000000"
    )]
    lines: &str,
) {
    assert_eq!(days(&read(&calendar(&[lines]))).len(), 1);
}

#[test]
fn universal_time_is_of_the_zone_of_the_file() {
    let text = calendar(&["DTSTART:20270504T160000Z\r\nDTEND:20270505T160000Z\r\nSUMMARY:司庆"]);
    let FileFault::NotUnderstood(unclear) = refused(&text) else { panic!() };
    assert_eq!(unclear[0].reason, NotUnderstood::Zone);
    let of_china = text.replace("VERSION:2.0", "VERSION:2.0\r\nX-WR-TIMEZONE:Asia/Shanghai");
    assert_eq!(of_kind(&read(&of_china), Holiday), ["2027-05-05"]);
}

#[rstest]
#[case("SUMMARY:春节 补班", MakeupWorkday)]
#[case("SUMMARY:春节（班）", MakeupWorkday)]
#[case("SUMMARY:【班】春节", MakeupWorkday)]
#[case("SUMMARY:工作日", MakeupWorkday)]
#[case("SUMMARY:春节(休)", Holiday)]
#[case("SUMMARY:非工作日", Holiday)]
#[case("SUMMARY:因颱風停止上班", Holiday)]
#[case("SUMMARY:x\r\nCATEGORIES:a,Workday", MakeupWorkday)]
#[case("SUMMARY:x\r\nCATEGORIES:Observance", Observance)]
#[case("SUMMARY:Special Working Day\r\nDESCRIPTION:Public holiday", MakeupWorkday)]
#[case("SUMMARY:Special Working Day\r\nDESCRIPTION:Observance\\nTo hide observances", MakeupWorkday)]
#[case("SUMMARY:Mandela Day\r\nDESCRIPTION:Observance\\nTo hide observances\\, go to", Observance)]
#[case("SUMMARY:St. Patrick's Day\r\nDESCRIPTION:Public holiday", Holiday)]
#[case("SUMMARY:春节 补班\r\nX-APPLE-SPECIAL-DAY:WORK-HOLIDAY", Holiday)]
#[case("SUMMARY:春节 放假\r\nX-APPLE-SPECIAL-DAY:alternate-workday", MakeupWorkday)]
#[case("SUMMARY:春节 补班\r\nCATEGORIES:Day off", Holiday)]
#[case("SUMMARY:春节 补班\r\nCATEGORIES:Holidays", MakeupWorkday)]
#[case("SUMMARY:国庆节 调休放假", MovedHoliday)]
fn marks_beat_words(#[case] lines: &str, #[case] wanted: HolidayKind) {
    let text = calendar(&[&format!("DTSTART:20270206\r\n{lines}")]);
    assert_eq!(kind(&read(&text), "2027-02-06"), Some(wanted), "{text}");
}

#[rstest]
#[case("DTSTART:20270206\r\nSUMMARY:春节值班", NotUnderstood::Words)]
#[case("DTSTART:20270206\r\nSUMMARY:春节调休", NotUnderstood::Words)]
#[case("DTSTART:20270206\r\nSUMMARY:补假工作日", NotUnderstood::Words)]
#[case("DTSTART:20270206\r\nSUMMARY:Make-up day", NotUnderstood::Words)]
#[case("DTSTART:20270206\r\nSUMMARY:除夕 半天", NotUnderstood::HalfDay)]
#[case("DTSTART:20270206T120000\r\nDTEND:20270206T130000\r\nSUMMARY:午餐", NotUnderstood::PartOfDay)]
#[case("DTSTART:20270206T120000\r\nDTEND:20270206T130000\r\nSUMMARY:放假", NotUnderstood::PartOfDay)]
#[case("DTSTART:20270206\r\nDTEND:20270406\r\nSUMMARY:暑假", NotUnderstood::TooLong)]
#[case("DTSTART:20270206\r\nRRULE:FREQ=WEEKLY\r\nSUMMARY:x", NotUnderstood::Repeats("FREQ=WEEKLY".to_owned()))]
fn what_is_not_understood_is_asked(#[case] lines: &str, #[case] reason: NotUnderstood) {
    let text = calendar(&["DTSTART:20270101\r\nSUMMARY:元旦", lines]);
    let fault = refused(&text);
    assert!(fault.to_string().contains("--unclear") && fault.to_string().contains("event 2"), "{fault}");
    let FileFault::NotUnderstood(unclear) = fault else { panic!("{fault}") };
    assert_eq!((unclear.len(), &unclear[0].reason), (1, &reason));
    let said = |unclear| read_with(&text, &ReadOptions { unclear: Some(unclear), ..options() });
    assert_eq!(kind(&said(UnclearAs::DayOff), "2027-02-06"), Some(Holiday));
    assert_eq!(kind(&said(UnclearAs::MakeupWorkday), "2027-02-06"), Some(MakeupWorkday));
    assert_eq!(kind(&said(UnclearAs::Observance), "2027-02-06"), Some(Observance));
    let left_out = said(UnclearAs::LeaveOut);
    assert_eq!(kind(&left_out, "2027-02-06"), None);
    assert_eq!(left_out.left_out[0].reason, LeftOutReason::NotUnderstood(reason));
}

#[test]
fn moved_weekdays_are_off() {
    let file = read(&calendar(&["DTSTART:20271004\r\nDTEND:20271009\r\nSUMMARY:国庆节调休"]));
    assert_eq!(of_kind(&file, MovedHoliday).len(), 5);
}

#[test]
fn half_days_have_their_times() {
    let file = read(&calendar(&[
        "DTSTART:20270205T090000\r\nDTEND:20270205T120000\r\nSUMMARY:除夕上午上班",
        "DTSTART:20271224T120000\r\nDTEND:20271224T180000\r\nSUMMARY:Christmas Eve (half day off)",
    ]));
    let times = |date: &str| days(&file)[date].times.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(of_kind(&file, HalfDay), ["2027-02-05", "2027-12-24"]);
    assert_eq!(
        (times("2027-02-05"), times("2027-12-24")),
        (vec!["09:00-12:00".to_owned()], vec!["00:00-12:00".to_owned()])
    );
}

#[test]
fn a_file_that_marks_its_days_off_has_the_others_as_observances() {
    for mark in [
        "SUMMARY:元旦（休）",
        "SUMMARY:元旦\r\nX-APPLE-SPECIAL-DAY:WORK-HOLIDAY",
        "SUMMARY:元旦\r\nDESCRIPTION:Public holiday",
        "SUMMARY:元旦\r\nCATEGORIES:Public holiday",
    ] {
        let off = format!("DTSTART:20270101\r\n{mark}");
        let file = read(&calendar(&[
            &off,
            "DTSTART:20270308\r\nSUMMARY:妇女节",
            "DTSTART:20270101\r\nSUMMARY:元旦",
        ]));
        assert_eq!(
            (kind(&file, "2027-01-01"), kind(&file, "2027-03-08")),
            (Some(Holiday), Some(Observance)),
            "{mark}"
        );
        assert_eq!(days(&file)["2027-01-01"].name, "元旦");
    }
    let plain = read(&calendar(&["DTSTART:20270101\r\nSUMMARY:元旦", "DTSTART:20270308\r\nSUMMARY:妇女节"]));
    assert_eq!(kind(&plain, "2027-03-08"), Some(Holiday));
}

#[test]
fn what_takes_up_time_shows_what_a_name_means() {
    let worked = "DTSTART:20270130T090000\r\nDTEND:20270130T180000\r\nTRANSP:OPAQUE\r\nSUMMARY:春节";
    let said = "DTSTART:20270220T090000\r\nDTEND:20270220T180000\r\nTRANSP:OPAQUE\r\nSUMMARY:春节 补班";
    let off = "DTSTART:20270205\r\nTRANSP:TRANSPARENT\r\nSUMMARY:春节 假期";
    let file = read(&calendar(&[worked, said, off]));
    assert_eq!(of_kind(&file, MakeupWorkday), ["2027-01-30", "2027-02-20"]);
    assert!(matches!(refused(&calendar(&[worked, off])), FileFault::NotUnderstood(_)));
}

#[test]
fn what_repeats_yearly_is_read_for_the_years_of_the_file() {
    let fixed = "DTSTART:19800101\r\nDTEND:19800102\r\nRRULE:FREQ=YEARLY\r\nSUMMARY:Neujahr";
    let of = |file: &holiday_files::HolidayFile| days(file).into_keys().collect::<Vec<_>>();
    let moving = ["DTSTART:20260403\r\nSUMMARY:Karfreitag", "DTSTART:20270326\r\nSUMMARY:Karfreitag"];
    assert_eq!(
        of(&read(&calendar(&[fixed, moving[0], moving[1]]))),
        ["2026-01-01", "2026-04-03", "2027-01-01", "2027-03-26"]
    );
    // To the end of the next year, and from the present one on.
    assert_eq!(of(&read(&calendar(&[fixed, moving[0]]))), ["2026-01-01", "2026-04-03", "2027-01-01"]);
    let past = "DTSTART:20250418\r\nSUMMARY:Karfreitag";
    assert_eq!(
        of(&read(&calendar(&[fixed, past]))),
        ["2025-01-01", "2025-04-18", "2026-01-01", "2027-01-01"]
    );
    assert_eq!(read(&calendar(&[fixed, moving[0]])).only_repeated, [2027]);
    assert!(read(&calendar(&[fixed, moving[0], moving[1]])).only_repeated.is_empty());
    assert!(read(&calendar(&[fixed])).only_repeated.is_empty());
    let later = "DTSTART:20280414\r\nSUMMARY:Karfreitag";
    assert_eq!(
        of(&read(&calendar(&[fixed, later]))),
        ["2026-01-01", "2027-01-01", "2028-01-01", "2028-04-14"]
    );
    assert_eq!(of(&read(&calendar(&[fixed]))), ["2026-01-01", "2027-01-01"]);
    assert_eq!(
        of(&read_with(&calendar(&[fixed]), &known_until("2028-12-31"))),
        ["2026-01-01", "2027-01-01", "2028-01-01"]
    );
    // Nor do observances to come make a year known.
    let observance =
        "DTSTART:20240308\r\nRRULE:FREQ=YEARLY;COUNT=6\r\nCATEGORIES:Observance\r\nSUMMARY:妇女节";
    let file = read(&calendar(&[moving[1], observance]));
    assert_eq!(file.years.last().unwrap().calendar().known_until().to_string(), "2027-12-31");
}

#[test]
fn occurrences_are_added_taken_out_and_changed() {
    let file = read_with(
        &calendar(&[
            "UID:1\r\nDTSTART:20250101\r\nRRULE:FREQ=YEARLY\r\nEXDATE;VALUE=DATE:20260101,20270101\r\nRDATE;VALUE=DATE:20260102\r\nSUMMARY:x",
            "UID:1\r\nRECURRENCE-ID;VALUE=DATE:20280101\r\nDTSTART:20280103\r\nSUMMARY:x",
        ]),
        &known_until("2028-12-31"),
    );
    assert_eq!(days(&file).into_keys().collect::<Vec<_>>(), ["2026-01-02", "2028-01-03"]);
}

/// One changed occurrence says nothing of how far its series goes.
#[rstest]
#[case("20260101", "20260105", &["2026-01-05", "2027-01-01"])]
#[case("20270101", "20270104", &["2026-01-01", "2027-01-04"])]
#[case("20280101", "20280103", &["2026-01-01", "2027-01-01", "2028-01-03"])]
#[case("20240101", "20240102", &["2024-01-02", "2025-01-01", "2026-01-01", "2027-01-01"])]
fn a_series_with_a_changed_occurrence_keeps_its_years(
    #[case] original: &str,
    #[case] moved: &str,
    #[case] dates: &[&str],
) {
    let series = "UID:1\r\nDTSTART:20200101\r\nRRULE:FREQ=YEARLY\r\nSUMMARY:x";
    let changed = format!("UID:1\r\nRECURRENCE-ID;VALUE=DATE:{original}\r\nDTSTART:{moved}\r\nSUMMARY:x");
    for events in [[series, &changed], [&changed, series]] {
        assert_eq!(days(&read(&calendar(&events))).into_keys().collect::<Vec<_>>(), dates);
    }
}

#[test]
fn a_series_that_begins_later_is_read_from_then_on() {
    let series = "DTSTART:20290501\r\nRRULE:FREQ=YEARLY\r\nSUMMARY:x";
    assert_eq!(days(&read(&calendar(&[series]))).into_keys().collect::<Vec<_>>(), ["2029-05-01"]);
    let two = series.replace("FREQ=YEARLY", "FREQ=YEARLY;COUNT=2");
    let single = "DTSTART:20300601\r\nSUMMARY:y";
    assert_eq!(
        days(&read(&calendar(&[&two, single]))).into_keys().collect::<Vec<_>>(),
        ["2029-05-01", "2030-05-01", "2030-06-01"]
    );
}

#[test]
fn a_rule_may_leave_the_last_years_out() {
    let biennial = "DTSTART:20240501\r\nRRULE:FREQ=YEARLY;INTERVAL=2\r\nSUMMARY:x";
    let file = read(&calendar(&[biennial, "DTSTART:20260601\r\nSUMMARY:y"]));
    assert_eq!(days(&file).into_keys().collect::<Vec<_>>(), ["2026-05-01", "2026-06-01"]);
    assert_eq!(file.years.last().unwrap().calendar().known_until().to_string(), "2026-12-31");
}

/// What is added, taken out or changed by something that is not understood is asked about.
#[rstest]
#[case("DTSTART;VALUE=DATE:20270101\r\nRDATE;VALUE=PERIOD:20270501T000000/P3D", NotUnderstood::Repeats("RDATE:20270501T000000/P3D".to_owned()))]
#[case("DTSTART:20270109T090000\r\nDTEND:20270109T180000\r\nRDATE;VALUE=PERIOD:20270116T090000/PT2H", NotUnderstood::Repeats("RDATE:20270116T090000/PT2H".to_owned()))]
#[case("DTSTART:20270109T090000\r\nDTEND:20270109T180000\r\nRDATE:20270116T110000", NotUnderstood::Repeats("RDATE:20270116T110000".to_owned()))]
#[case("DTSTART;VALUE=DATE:20270101\r\nRDATE:20270430T160000Z", NotUnderstood::Zone)]
#[case("DTSTART;VALUE=DATE:20260101\r\nRRULE:FREQ=YEARLY\r\nEXDATE:20261231T160000Z", NotUnderstood::Zone)]
#[case(
    "DTSTART;TZID=Nowhere:20260101T000000\r\nRRULE:FREQ=YEARLY\r\nEXDATE:20261231T160000Z",
    NotUnderstood::Zone
)]
#[case("UID:1\r\nRECURRENCE-ID;RANGE=THISANDFUTURE:20270101\r\nDTSTART;VALUE=DATE:20270104", NotUnderstood::Repeats("RECURRENCE-ID;RANGE=THISANDFUTURE".to_owned()))]
#[case("UID:1\r\nRECURRENCE-ID:20261231T160000Z\r\nDTSTART;VALUE=DATE:20270104", NotUnderstood::Zone)]
fn what_is_doubtful_of_a_series_is_asked(#[case] lines: &str, #[case] reason: NotUnderstood) {
    let text = calendar(&[&format!("{lines}\r\nSUMMARY:x 补班")]);
    let FileFault::NotUnderstood(unclear) = refused(&text) else { panic!() };
    assert_eq!(unclear[0].reason, reason);
}

#[rstest]
// Periods as long as the event are its occurrences.
#[case("DTSTART;VALUE=DATE:20270101\r\nDTEND;VALUE=DATE:20270103\r\nRDATE;VALUE=PERIOD:20270501T000000/P2D", &["2027-01-01", "2027-01-02", "2027-05-01", "2027-05-02"])]
#[case("DTSTART:20270109T090000\r\nDTEND:20270109T180000\r\nRDATE;VALUE=PERIOD:20270116T090000/20270116T180000", &["2027-01-09", "2027-01-16"])]
// A day that is taken out, of events with times.
#[case("DTSTART:20260103T090000\r\nDTEND:20260103T180000\r\nRRULE:FREQ=YEARLY\r\nEXDATE;VALUE=DATE:20270103", &["2026-01-03"])]
#[case("DTSTART;TZID=China Standard Time:20260101T000000\r\nRRULE:FREQ=YEARLY\r\nEXDATE:20261231T160000Z", &["2026-01-01"])]
#[case("DTSTART;TZID=Eastern Standard Time:20260101T000000\r\nRRULE:FREQ=YEARLY\r\nEXDATE:20270101T050000Z", &["2026-01-01"])]
#[case("DTSTART;VALUE=DATE:20260101\r\nRRULE:FREQ=YEARLY\r\nEXDATE:", &["2026-01-01", "2027-01-01"])]
fn added_and_taken_out_in_every_form(#[case] lines: &str, #[case] dates: &[&str]) {
    let found = read(&calendar(&[&format!("{lines}\r\nSUMMARY:x 补班")]));
    assert_eq!(days(&found).into_keys().collect::<Vec<_>>(), dates);
}

#[test]
fn the_zone_of_a_file_may_be_one_of_windows() {
    let text = calendar(&["DTSTART:20270504T160000Z\r\nDTEND:20270505T160000Z\r\nSUMMARY:司庆"]);
    let of = |zone: &str| text.replace("VERSION:2.0", &format!("VERSION:2.0\r\nX-WR-TIMEZONE:{zone}"));
    assert_eq!(of_kind(&read(&of("China Standard Time")), Holiday), ["2027-05-05"]);
    let FileFault::NotUnderstood(unclear) = refused(&of("Customized Time Zone")) else { panic!() };
    assert_eq!(unclear[0].reason, NotUnderstood::Zone);
}

#[test]
fn two_names_are_one_day() {
    let file = read(&calendar(&[
        "DTSTART:20270503\r\nSUMMARY:Easter Monday",
        "DTSTART:20270503\r\nSUMMARY:Labour Day",
        "DTSTART:20270503\r\nSUMMARY:Labour Day",
    ]));
    assert_eq!(days(&file)["2027-05-03"].name, "Easter Monday / Labour Day");
    let fault = refused(&calendar(&[
        "DTSTART:20270206\r\nSUMMARY:春节 放假",
        "DTSTART:20270206\r\nSUMMARY:春节 补班",
    ]));
    assert!(matches!(fault, FileFault::Contradiction { .. }), "{fault}");
    // A name says less than a word.
    let file =
        read(&calendar(&["DTSTART:20270620\r\nSUMMARY:父亲节", "DTSTART:20270620\r\nSUMMARY:端午节 补班"]));
    assert_eq!(
        (kind(&file, "2027-06-20"), file.left_out[0].reason.code()),
        (Some(MakeupWorkday), "outweighed")
    );
}

#[rstest]
#[case("SUMMARY:x", "event 1 (x): DTSTART is missing")]
#[case("DTSTART:20270230\r\nSUMMARY:x", "event 1 (x): DTSTART 20270230 is no day")]
#[case("DTSTART:2027\r\nSUMMARY:x", "must be a date")]
#[case("DTSTART:20270102\r\nDTEND:20270101", "DTEND must not be before DTSTART")]
#[case("DTSTART:20270102\r\nDTEND:99991231", "longer than 31 days")]
#[case("DTSTART:20270102\r\nDURATION:x", "DURATION \"x\"")]
#[case("DTSTART:20270102\r\nDURATION:P9999Y", "longer than 31 days")]
#[case("DTSTART:20270101TZ\r\nSUMMARY:x", "must be a date")]
#[case("DTSTART:20270101\r\nEXDATE:soon\r\nSUMMARY:x", "EXDATE \"soon\" must be a date")]
#[case("DTSTART:20270101\r\nRDATE:soon\r\nSUMMARY:x", "RDATE \"soon\" must be a date")]
#[case("DTSTART:99991231\r\nSUMMARY:x", "event 1 (x)")]
fn what_is_wrong_is_named_with_its_event(#[case] lines: &str, #[case] told: &str) {
    let fault = refused(&calendar(&[lines])).to_string();
    assert!(fault.contains(told), "{fault}");
}

#[test]
fn what_is_cancelled_is_left_out_and_told() {
    let file = read(&calendar(&[
        "DTSTART:20270101\r\nSUMMARY:a",
        "DTSTART:20270102\r\nSTATUS:CANCELLED\r\nSUMMARY:b",
        "DTSTART:20270103\r\nSTATUS:TENTATIVE\r\nSUMMARY:c",
    ]));
    assert_eq!(of_kind(&file, Holiday), ["2027-01-01", "2027-01-03"]);
    assert_eq!(file.left_out[0].reason, LeftOutReason::Cancelled);
}

/// Whole days as midnight to midnight in a zone: what is said of them in universal time is said of that zone's days.
#[rstest]
#[case("DTSTART;TZID=Asia/Shanghai:20250101T000000", "20261231T160000Z", "20251231T160000Z")]
#[case("DTSTART;TZID=America/New_York:20250101T000000", "20270101T050000Z", "20260101T050000Z")]
#[case("DTSTART;TZID=America/New_York:20250101T000000", "20270101T000000", "20260101T000000")]
#[case("DTSTART;VALUE=DATE:20250101", "20270101", "20260101")]
#[case("DTSTART;VALUE=DATE:20250101", "20270101T000000Z", "20260101T000000Z")]
fn ends_and_exceptions_in_universal_time_are_days_of_the_zone(
    #[case] begin: &str,
    #[case] until: &str,
    #[case] except: &str,
) {
    let event = format!("{begin}\r\nRRULE:FREQ=YEARLY;UNTIL={until}\r\nEXDATE:{except}\r\nSUMMARY:x");
    let (first, last) = ("DTSTART:20240601\r\nSUMMARY:y", "DTSTART:20290601\r\nSUMMARY:y");
    let found = read(&calendar(&[first, &event, last]));
    assert_eq!(
        days(&found).into_keys().collect::<Vec<_>>(),
        ["2024-06-01", "2025-01-01", "2027-01-01", "2029-06-01"]
    );
}

#[test]
fn a_rule_ends_before_the_time_of_day_of_its_event() {
    let of = |until: &str| {
        let event = format!(
            "DTSTART:20250104T090000\r\nDTEND:20250104T180000\r\nRRULE:FREQ=YEARLY;UNTIL={until}\r\nSUMMARY:补班"
        );
        let (first, last) = ("DTSTART:20240601\r\nSUMMARY:y", "DTSTART:20290601\r\nSUMMARY:y");
        of_kind(&read(&calendar(&[first, &event, last])), MakeupWorkday).len()
    };
    assert_eq!([of("20270104T085959"), of("20270104T090000"), of("20270104")], [2, 3, 3]);
}

#[test]
fn what_is_cancelled_of_a_series_is_no_day() {
    let series = "UID:1\r\nDTSTART:20250101\r\nRRULE:FREQ=YEARLY\r\nSUMMARY:x";
    let cancelled =
        "UID:1\r\nRECURRENCE-ID;VALUE=DATE:20280101\r\nDTSTART:20280101\r\nSTATUS:CANCELLED\r\nSUMMARY:x";
    for events in [[series, cancelled], [cancelled, series]] {
        let found = read_with(&calendar(&events), &known_until("2029-12-31"));
        assert_eq!(days(&found).into_keys().collect::<Vec<_>>(), ["2026-01-01", "2027-01-01", "2029-01-01"]);
    }
}

#[test]
fn a_holiday_of_the_year_before_may_last_into_the_first_year() {
    let long = "DTSTART:20200101\r\nDTEND:20200102\r\nSUMMARY:x";
    let over = "DTSTART:20181231\r\nDTEND:20190102\r\nRRULE:FREQ=YEARLY;COUNT=3\r\nSUMMARY:y";
    let found = read_with(&calendar(&[over, long]), &known_until("2020-12-31"));
    assert_eq!(days(&found).into_keys().collect::<Vec<_>>(), ["2020-01-01", "2020-12-31"]);
    assert_eq!(days(&found)["2020-01-01"].name, "y / x");
}

#[test]
fn zones_that_nobody_knows_are_told() {
    let file = read(&calendar(&[
        "DTSTART;TZID=Mars/Phobos:20260101T000000\r\nDTEND;TZID=Mars/Phobos:20260102T000000\r\nSUMMARY:x",
        "DTSTART;TZID=Mars/Phobos:20260102T000000\r\nDTEND;TZID=Mars/Phobos:20260103T000000\r\nSUMMARY:x",
        "DTSTART;TZID=Asia/Shanghai:20260103T000000\r\nDTEND;TZID=Asia/Shanghai:20260104T000000\r\nSUMMARY:x",
    ]));
    assert_eq!(
        (file.unknown_zones, file.years[0].calendar().days().len()),
        (vec!["Mars/Phobos".to_owned()], 3)
    );
}

#[test]
fn weeks_and_days_that_end_within_a_year_are_read() {
    let read = |rule: &str| days(&read(&calendar(&[&format!("DTSTART:20261001\r\n{rule}\r\nSUMMARY:x")])));
    assert_eq!(read("RRULE:FREQ=DAILY;COUNT=7\r\nEXDATE;VALUE=DATE:20261003").len(), 6);
    assert_eq!(read("RRULE:FREQ=WEEKLY;UNTIL=20261031").len(), 5);
    // Two days of each occurrence.
    assert_eq!(read("DTEND:20261003\r\nRRULE:FREQ=WEEKLY;COUNT=2").len(), 4);
}
