//! What single programs write, and what people make of it.

use calendar::HolidayKind::{HalfDay, Holiday, MakeupWorkday, Observance};
use holiday_files::{FileFault, NotUnderstood, ReadOptions, UnclearAs, read as read_bytes};
use rstest::rstest;

use crate::{calendar, days, kind, of_kind, options, read, read_with, refused};

#[track_caller]
fn unclear(text: &str) -> Vec<NotUnderstood> {
    let FileFault::NotUnderstood(unclear) = refused(text) else { panic!("{text}") };
    unclear.into_iter().map(|entry| entry.reason).collect()
}

#[test]
fn lines_may_be_folded_within_a_character() {
    let text = calendar(&["DTSTART;VALUE=DATE:20270505\r\nSUMMARY:劳动节"]);
    let name = text.find("劳").unwrap();
    for at in name..name + "劳动节".len() {
        for fold in ["\r\n ", "\n\t"] {
            let mut bytes = text.clone().into_bytes();
            bytes.splice(at..at, fold.bytes());
            let file = read_bytes(&bytes, &options()).unwrap();
            assert_eq!(days(&file)["2027-05-05"].name, "劳动节", "folded at {at}");
        }
    }
}

#[test]
fn lines_may_end_in_any_way() {
    let text = calendar(&["DTSTART;VALUE=DATE:20270505\r\nSUMMARY:劳动节"]);
    for end in ["\r\n", "\n", "\r"] {
        assert_eq!(of_kind(&read(&text.replace("\r\n", end)), Holiday), ["2027-05-05"], "{end:?}");
    }
}

/// Merged cells of a sheet are empty but for the first.
#[rstest]
#[case("日期,名称,类型\n2027-05-05,劳动节,放假\n2027-05-06,劳动节,\n")]
#[case("date,name,kind\n2027-05-05,x,holiday\n2027-05-06\n")]
fn a_row_without_a_kind_is_asked_about_where_others_have_one(#[case] text: &str) {
    assert_eq!(unclear(text), [NotUnderstood::Kind(String::new())]);
}

#[rstest]
#[case("date,name,is_workday\n2027-05-05,x,0\n2027-05-08,x,1\n")]
#[case("日期,名称,是否上班\n2027-05-05,劳动节,否\n2027-05-08,劳动节,是\n")]
fn a_column_may_say_who_works(#[case] text: &str) {
    let file = read(text);
    assert_eq!((kind(&file, "2027-05-05"), kind(&file, "2027-05-08")), (Some(Holiday), Some(MakeupWorkday)));
}

#[test]
fn an_appointment_of_three_hours_is_no_day_off() {
    let heading = "Subject,Start Date,Start Time,End Date,End Time,All Day Event\n";
    let row = |all_day| format!("{heading}Party,2027-05-05,09:00,2027-05-05,12:00,{all_day}\n");
    assert_eq!(unclear(&row("False")), [NotUnderstood::PartOfDay]);
    assert_eq!(of_kind(&read(&row("True")), Holiday), ["2027-05-05"]);
}

#[test]
fn a_half_day_in_two_rows_is_open_in_both() {
    let file = read(
        "date,name,kind,begin time,end time\n2027-12-31,x,half_day,14:00,16:00\n2027-12-31,x,half_day,09:00,12:00\n",
    );
    assert_eq!(kind(&file, "2027-12-31"), Some(HalfDay));
    let times: Vec<_> = days(&file)["2027-12-31"].times.iter().map(ToString::to_string).collect();
    assert_eq!(times, ["09:00-12:00", "14:00-16:00"]);
}

/// People keep "Work" apart from "Personal".
#[rstest]
#[case("Christmas closure", "Work")]
#[case("Company holiday", "Work")]
#[case("Founders' day", "PUBLIC HOLIDAY,OBSERVANCE")]
fn categories_that_say_nothing_or_two_things_are_asked_about(#[case] name: &str, #[case] categories: &str) {
    let event = format!("DTSTART;VALUE=DATE:20270505\r\nSUMMARY:{name}\r\nCATEGORIES:{categories}");
    assert_eq!(unclear(&calendar(&[&event])), [NotUnderstood::Words]);
}

/// What says more beats "holiday", in whatever order they stand.
#[rstest]
#[case("HOLIDAY,Observance", Observance)]
#[case("Holidays,Public holiday", Holiday)]
#[case("Holiday,Workday", MakeupWorkday)]
#[case("Holiday,Make-up workday", MakeupWorkday)]
#[case("Holiday,Day off", Holiday)]
#[case("Holiday,Not a holiday", Observance)]
#[case("节假日,纪念日", Observance)]
#[case("假日,补班", MakeupWorkday)]
#[case("Holiday,Personal", Holiday)]
#[case("Holiday", Holiday)]
fn a_special_category_beats_a_general_one(#[case] categories: &str, #[case] wanted: calendar::HolidayKind) {
    let (one, other) = categories.split_once(',').unwrap_or((categories, ""));
    for lines in [
        format!("CATEGORIES:{one},{other}"),
        format!("CATEGORIES:{other}, {one}"),
        format!("CATEGORIES:{one}\r\nCATEGORIES:{other}"),
        format!("CATEGORIES:{}", format!("{other}\\,{one}").to_uppercase()),
    ] {
        let text = calendar(&[&format!("DTSTART;VALUE=DATE:20270508\r\nSUMMARY:Founders' day\r\n{lines}")]);
        assert_eq!(kind(&read(&text), "2027-05-08"), Some(wanted), "{lines}");
    }
    // "Work" says nothing of who works, whatever stands beside it.
    let event = "DTSTART;VALUE=DATE:20270508\r\nSUMMARY:x\r\nCATEGORIES:Holiday,Work";
    assert_eq!(unclear(&calendar(&[event])), [NotUnderstood::Words]);
}

#[test]
fn what_is_said_stands_beside_a_category_of_work() {
    let event = "DTSTART;VALUE=DATE:20270508\r\nSUMMARY:劳动节 补班\r\nCATEGORIES:Work";
    assert_eq!(of_kind(&read(&calendar(&[event])), MakeupWorkday), ["2027-05-08"]);
}

/// Google tells of observances, and of nothing else, how to hide them.
#[rstest]
#[case("Observance\\nTo hide observances\\, go to Google Calendar Settings > Holidays in Kenya")]
#[case("기념일\\n기념일을 숨기려면 Google 캘린더 설정으로 이동하세요")]
#[case("Whatever it says\\nbla bla Google bla")]
fn observances_are_known_in_every_language(#[case] description: &str) {
    let event = |date: &str, description: &str| {
        format!("DTSTART;VALUE=DATE:{date}\r\nSUMMARY:day\r\nDESCRIPTION:{description}")
    };
    let text = calendar(&[&event("20270505", "Public holiday"), &event("20270508", description)]);
    let file = read(&text);
    assert_eq!((kind(&file, "2027-05-05"), kind(&file, "2027-05-08")), (Some(Holiday), Some(Observance)));
}

#[test]
fn a_name_that_is_too_long_is_shortened() {
    let event = format!("DTSTART;VALUE=DATE:20270505\r\nSUMMARY:{}", "节".repeat(150));
    assert_eq!(days(&read(&calendar(&[&event])))["2027-05-05"].name, "节".repeat(100));
}

#[rstest]
#[case("RRULE:FREQ=YEARLY;COUNT=2\r\nRRULE:FREQ=YEARLY;BYMONTH=7;BYMONTHDAY=7;COUNT=2")]
#[case("RRULE:FREQ=YEARLY;COUNT=2\r\nEXRULE:FREQ=YEARLY;INTERVAL=2")]
fn more_rules_than_one_are_asked_about(#[case] rules: &str) {
    let event = format!("DTSTART;VALUE=DATE:20270505\r\nSUMMARY:day\r\n{rules}");
    assert!(matches!(unclear(&calendar(&[&event]))[..], [NotUnderstood::Repeats(_)]));
}

/// From noon to noon are two days or none.
#[rstest]
#[case("DTSTART:20270505T120000\r\nDTEND:20270506T120000")]
#[case("DTSTART:20270505T000000\r\nDTEND:20270506T010000")]
#[case("DTSTART:20270505T090000\r\nDTEND:20270507T180000")]
fn days_that_are_begun_or_left_at_another_time_are_asked_about(#[case] times: &str) {
    let event = format!("{times}\r\nSUMMARY:day off");
    assert_eq!(unclear(&calendar(&[&event])), [NotUnderstood::PartOfDay]);
}

#[test]
fn whole_days_in_universal_time_are_the_dates_that_they_name() {
    let event = "DTSTART:20270505T000000Z\r\nDTEND:20270506T000000Z\r\nSUMMARY:day off";
    let text = calendar(&[event]).replace("VERSION:2.0", "VERSION:2.0\r\nX-WR-TIMEZONE:Asia/Shanghai");
    assert_eq!(of_kind(&read(&text), Holiday), ["2027-05-05"]);
}

/// Midnight in Shanghai and in New York.
#[rstest]
#[case("DTSTART:20270504T160000Z\r\nDTEND:20270505T160000Z")]
#[case("DTSTART:20270505T040000Z\r\nDTEND:20270506T040000Z")]
fn a_whole_day_of_an_unnamed_zone_is_one_day(#[case] times: &str) {
    let event = format!("{times}\r\nSUMMARY:day off");
    let text = calendar(&[&event]);
    assert_eq!(unclear(&text), [NotUnderstood::Zone]);
    let day_off = ReadOptions { unclear: Some(UnclearAs::DayOff), ..options() };
    assert_eq!(of_kind(&read_with(&text, &day_off), Holiday), ["2027-05-05"]);
    let outlook = calendar(&[&format!("{event}\r\nX-MICROSOFT-CDO-ALLDAYEVENT:TRUE")]);
    assert_eq!(of_kind(&read(&outlook), Holiday), ["2027-05-05"]);
}
