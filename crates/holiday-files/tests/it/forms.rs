//! CSV, holiday-cn's JSON and our own.

use calendar::HolidayKind::{HalfDay, Holiday, MakeupWorkday, MovedHoliday, Observance};
use holiday_files::{FileFault, NotUnderstood};
use rstest::rstest;

use crate::{days, kind, known_until, of_kind, read, read_with, refused};

#[rstest]
#[case("date,name,kind\n2027-01-01,New Year,holiday\n2027-01-02,New Year,makeup_workday\n")]
#[case("Date;Name;Type\n2027-1-1;New Year;Public holiday\n2027-1-2;New Year;make-up work day\n")]
#[case("日期\t名称\t类型\r\n2027年1月1日\t元旦\t放假\r\n2027年1月2日\t元旦\t补班\r\n")]
#[case("\u{feff}日期,节日,类别\n2027/1/1,元旦,休\n2027/1/2,元旦,班\n")]
#[case("date,name,isOffDay\n20270101,元旦,true\n20270102,元旦,false\n")]
#[case("日期,名称,是否放假\n2027.1.1,元旦,是\n2027.1.2,元旦,否\n")]
#[case("date,name\n2027-01-01,元旦（休）\n\n2027-01-02,元旦（班）\n")]
#[case(
    "Start Date,End Date,Subject,Category\n2027-01-01,2027-01-01,\"New Year, first\",Bank holiday\n2027-01-02,,x,Working day\n"
)]
fn tables(#[case] text: &str) {
    let file = read(text);
    assert_eq!(
        (of_kind(&file, Holiday), of_kind(&file, MakeupWorkday)),
        (vec!["2027-01-01".to_owned()], vec!["2027-01-02".to_owned()])
    );
}

#[test]
fn a_table_has_every_kind() {
    let file = read(
        "date,end date,name,kind,begin time,end time,stands for\n\
         2027-10-01,2027-10-03,国庆节,holiday,,,\n2027-10-04,,国庆节,调休,,,\n2027-10-09,,国庆节,补班,,,1\n\
         2027-12-31,,x,half_day,09:00,12:00,\n2027-03-08,,妇女节,observance,,,\n",
    );
    assert_eq!(of_kind(&file, Holiday).len(), 3);
    assert_eq!(
        (kind(&file, "2027-10-04"), kind(&file, "2027-03-08")),
        (Some(MovedHoliday), Some(Observance))
    );
    assert_eq!(
        (kind(&file, "2027-12-31"), days(&file)["2027-12-31"].times[0].to_string()),
        (Some(HalfDay), "09:00-12:00".to_owned())
    );
    assert_eq!(days(&file)["2027-10-09"].stands_for, Some(calendar::Weekday::Monday));
}

#[test]
fn a_table_in_gb18030_is_read() {
    let text =
        b"\xc8\xd5\xc6\xda,\xc3\xfb\xb3\xc6,\xc0\xe0\xd0\xcd\n2027-01-01,\xd4\xaa\xb5\xa9,\xb7\xc5\xbc\xd9\n";
    let file = holiday_files::read(text, &crate::options()).unwrap();
    assert_eq!(days(&file)["2027-01-01"].name, "元旦");
}

#[rstest]
#[case("1/2/2027,x,holiday", "line 2: the date must be of the form YYYY-MM-DD")]
#[case("2027-02-30,x,holiday", "line 2: the date")]
#[case("2027-05-01,x,sometimes", "the kind \"sometimes\" is not known")]
#[case("2027-05-01,x,half_day", "without the times")]
fn rows_that_are_wrong(#[case] row: &str, #[case] told: &str) {
    let fault = refused(&format!("date,name,kind\n{row}\n")).to_string();
    assert!(fault.contains(told), "{fault}");
}

#[test]
fn a_table_needs_headings() {
    assert!(refused("2027-01-01,x,holiday\n").to_string().contains("names its columns"));
    assert!(matches!(refused("date,name\n"), FileFault::Nothing("rows")));
}

#[test]
fn holiday_cn_says_its_year_and_notice() {
    let file = read(
        r#"{"$schema":"x","year":2027,"papers":["https://example.com/n"],"days":[{"name":"元旦","date":"2026-12-31","isOffDay":true},
           {"name":"元旦","date":"2027-01-01","isOffDay":true},{"name":"元旦","date":"2027-01-02","isOffDay":false}]}"#,
    );
    assert_eq!((file.years.len(), file.years[0].year()), (1, 2027));
    assert_eq!((kind(&file, "2027-01-01"), kind(&file, "2027-01-02")), (Some(Holiday), Some(MakeupWorkday)));
    let calendar = file.years[0].calendar();
    assert_eq!(calendar.known_until().to_string(), "2027-12-31");
    assert!(
        calendar.days().iter().all(|day| calendar.notice(day).unwrap().address == "https://example.com/n")
    );
    assert!(refused(r#"{"year":2027,"papers":[],"days":[]}"#).to_string().contains("no days"));
}

#[test]
fn our_own_form_says_everything() {
    let text = r#"{"id":"XX","days":[{"date":"2027-05-01","kind":"holiday","name":"x"},{"date":"2027-06-01","kind":"half_day","name":"y",
        "times":[{"begin_time":"9:00","end_time":"12:00"}]},{"date":"2027-07-01","kind":"moved_holiday","name":"z"}]}"#;
    let file = read(text);
    assert_eq!((kind(&file, "2027-06-01"), kind(&file, "2027-07-01")), (Some(HalfDay), Some(MovedHoliday)));
    let until = read_with(text, &known_until("2027-05-31"));
    assert_eq!((days(&until).len(), until.left_out.len()), (1, 2));
    for (change, told) in [
        (r#""times":[]"#, "days[1].times: must have the times"),
        (
            r#""times":[{"begin_time":"22:00","end_time":"06:00"}]"#,
            "days[1].times[0].end_time: must be after the begin",
        ),
    ] {
        let text = text.replace(r#""times":[{"begin_time":"9:00","end_time":"12:00"}]"#, change);
        let fault = refused(&text).to_string();
        assert!(fault.contains(told), "{fault}");
    }
    let times = text.replace("half_day", "holiday");
    assert!(refused(&times).to_string().contains("must be left out unless"));
}

#[test]
fn what_is_no_file_of_holidays() {
    assert!(matches!(refused(""), FileFault::Empty));
    assert!(matches!(holiday_files::read(b"\xff\xff", &crate::options()), Err(FileFault::NotText)));
    assert!(matches!(
        holiday_files::read(&vec![b' '; holiday_files::LARGEST_FILE + 1], &crate::options()),
        Err(FileFault::TooLarge)
    ));
    assert_eq!(NotUnderstood::HalfDay.code(), "half_day_without_times");
}

/// What is neither UTF-8 nor GB18030 is not read as one of them: its names and marks would be others.
#[test]
fn files_of_other_places_are_read_in_their_encodings() {
    let taiwan = "日期,名稱,類型\n2027-02-05,農曆除夕,放假\n2027-02-06,春節,放假\n2027-02-20,春節,補行上班\n";
    let japan = "date,name\n2027-01-01,元日\n2027-01-11,成人の日\n";
    let china = "日期,名称,类型\n2027-01-01,元旦,放假\n2027-01-03,元旦,补班\n";
    for (encoding, text, name, worked) in [
        (encoding_rs::BIG5, taiwan, "農曆除夕", Some("2027-02-20")),
        (encoding_rs::SHIFT_JIS, japan, "元日", None),
        (encoding_rs::GB18030, china, "元旦", Some("2027-01-03")),
    ] {
        let file = holiday_files::read(&encoding.encode(text).0, &crate::options()).unwrap();
        let found = days(&file);
        assert_eq!(found.values().next().unwrap().name, name);
        let worked_day =
            found.iter().find(|(_, day)| day.kind == MakeupWorkday).map(|(date, _)| date.as_str());
        assert_eq!(worked_day, worked);
    }
    let event = crate::calendar(&["DTSTART:20270206\r\nSUMMARY:春節（班）"]);
    let file = holiday_files::read(&encoding_rs::BIG5.encode(&event).0, &crate::options()).unwrap();
    assert_eq!(kind(&file, "2027-02-06"), Some(MakeupWorkday));
}

#[rstest]
#[case("Datum;Bezeichnung;Art\n01.01.2027;Neujahr;Feiertag\n02.01.2027;x;Arbeitstag\n")]
#[case("date|name|kind\n2027-01-01|元旦|放假\n2027-01-02|元旦|补班\n")]
#[case("日期，名称，类型\n2027-01-01，元旦，放假\n2027-01-02，元旦，补班\n")]
#[case("sep=;\ndate;name;kind\n2027-01-01;元旦;放假\n2027-01-02;元旦;补班\n")]
#[case("2027年节假日安排,,\n日期*,名称,类型（必填）\n2027-01-01,元旦,放假\n2027-01-02,元旦,补班\n")]
#[case("# holidays\ndate,name,kind\n46388,元旦,放假\n46389,元旦,补班\n")]
#[case(
    "Day,Date,Holiday,Type\nFriday,1 January 2027,New Year,Public\nSaturday,2 January 2027,x,Working day\n"
)]
#[case("year,month,day,is_workday\n2027,1,1,0\n2027,1,2,1\n")]
fn tables_of_other_places(#[case] text: &str) {
    tables(text);
}

#[test]
fn a_table_with_a_row_for_each_day_says_nothing_of_ordinary_ones() {
    let row = |day: jiff::civil::Date| {
        let is_weekend = day.weekday().to_monday_zero_offset() > 4;
        let (worked, name) = match day.day() {
            1 => (0, "元旦"),
            9 => (1, ""),
            _ => (i32::from(!is_weekend), ""),
        };
        format!("{day},{name},{worked}\n")
    };
    let days = jiff::civil::date(2027, 1, 1).series(jiff::Span::new().days(1)).take(31);
    let file = read(&format!("日期,名称,是否工作日\n{}", days.map(row).collect::<String>()));
    assert_eq!(of_kind(&file, Holiday), ["2027-01-01"]);
    assert_eq!(of_kind(&file, MakeupWorkday), ["2027-01-09"]);
    assert_eq!(file.years[0].calendar().known_until().to_string(), "2027-01-31");
}

#[rstest]
#[case(
    r#"[{"date":"2027-01-01","isOffDay":true,"name":"x"},{"date":"2027-01-02","isOffDay":false,"name":"x"}]"#
)]
#[case(r#"[{"year":2027,"days":[{"name":"x","date":"2027-01-01","isOffDay":true},{"name":"x","date":"2027-01-02","isOffDay":false}]}]"#)]
#[case(r#"{"2027-01-01":"元旦","2027-01-02":"元旦（班）"}"#)]
#[case(r#"{"code":0,"holiday":{"01-01":{"date":"2027-01-01","holiday":true,"name":"x"},"01-02":{"date":"2027-01-02","holiday":false,"name":"x"}}}"#)]
#[case(r#"[{"date":"2027-01-01","types":["Bank","Public"],"counties":null,"name":"x"},{"date":"2027-01-02 00:00:00","type":"working day"},
    {"date":"2027-02-14","type":"observance","name":"y"}]"#)]
fn lists_of_days(#[case] text: &str) {
    tables(text);
}

#[rstest]
#[case(r#"[{"date":"2027-01-18","name":"x","types":["Public"],"counties":["US-CA"]}]"#, "US-CA")]
#[case(r#"[{"date":"2027-01-18","name":"x","type":"sometimes"}]"#, "sometimes")]
#[case(r#"[{"date":"1/2/2027","name":"x"}]"#, "[0].date")]
#[case(r#"[{"id":"X","days":[]}]"#, "one calendar, not a list")]
#[case(r#"[{"year":2027,"days":[{"name":"x","date":"2027-01-01"}]}]"#, "isOffDay")]
#[case("[]", "no days")]
#[case("date,name,counties\n2027-01-18,x,\"US-CA,US-NY\"\n", "US-CA")]
fn days_that_are_asked_about(#[case] text: &str, #[case] told: &str) {
    let fault = refused(text).to_string();
    assert!(fault.contains(told), "{fault}");
}
