//! Files in the forms of calendars that many people follow, made up after them.

use calendar::HolidayKind::{Holiday, MakeupWorkday, Observance};

use holiday_files::FileFault;

use crate::{calendar, days, kind, of_kind, read, refused};

/// Each day off an event of its own whose end is its begin, make-up workdays with office hours and tentative, 放假 and 上班 of other days in
/// every description.
#[test]
fn days_off_day_by_day_and_make_up_days_with_office_hours() {
    let notice = "DESCRIPTION:二、春节：2月5日至6日放假调休，共2天。1月30日（星期六）上班。\\n\\n放假通知: https://example.com/notice";
    let off = |day: u8| {
        format!(
            "DTSTART;VALUE=DATE:2027020{day}\nDTEND;VALUE=DATE:2027020{day}\n{notice}\nSTATUS:CONFIRMED\nSUMMARY:春节 假期 第{day}天\nTRANSP:TRANSPARENT"
        )
    };
    let worked = format!(
        "DTSTART:20270130T090000\nDTEND:20270130T180000\n{notice}\nSTATUS:TENTATIVE\nSUMMARY:春节 补班 第1天/共1天\nTRANSP:OPAQUE\n\
         BEGIN:VALARM\nTRIGGER:-PT60M\nACTION:DISPLAY\nEND:VALARM"
    );
    let file = read(&calendar(&[&off(5), &off(6), &worked]).replace("\r\n", "\n"));
    assert_eq!(of_kind(&file, Holiday), ["2027-02-05", "2027-02-06"]);
    assert_eq!(of_kind(&file, MakeupWorkday), ["2027-01-30"]);
    assert_eq!(file.left_out, []);
}

/// Fixed days once with a rule since 1980, moving ones year by year, line ends of one byte, regions folded with a tab.
#[test]
fn public_holidays_of_a_country() {
    let text = calendar(&[
        "SUMMARY:New Year's Day\nDTSTART;VALUE=DATE:19800101\nDTEND;VALUE=DATE:19800102\nSTATUS:CONFIRMED\nRRULE:FREQ=YEARLY",
        "SUMMARY:Independence Day (substitute day)\nDTSTART;VALUE=DATE:19800703\nDTEND;VALUE=DATE:19800704\nRRULE:FREQ=YEARLY",
        "SUMMARY:Family Day\nDTSTART;VALUE=DATE:20260216\nDTEND;VALUE=DATE:20260217\nDESCRIPTION:Alberta\\, Ontario\\, Saskatch\n\tewan",
        "SUMMARY:Heritage Day\nDTSTART;VALUE=DATE:20260216\nDTEND;VALUE=DATE:20260217\nDESCRIPTION:Nova Scotia",
        "SUMMARY:ঈদুল ফিতর\nDTSTART;VALUE=DATE:20270308\nDTEND;VALUE=DATE:20270311",
        "SUMMARY:Silvester\nDTSTART;VALUE=DATE:20271231\nDTEND;VALUE=DATE:20280101",
    ])
    .replace("\r\n", "\n");
    let file = read(&text);
    assert_eq!(file.years.iter().map(calendar::HolidayYear::year).collect::<Vec<_>>(), [2026, 2027]);
    assert_eq!(days(&file)["2026-02-16"].name, "Family Day / Heritage Day");
    assert_eq!(days(&file).len(), 9);
}

/// The days that move are all of the New Year's week, in each year: the last one is as complete as the others.
#[test]
fn a_country_whose_days_move_in_the_first_week_only() {
    let fixed = "SUMMARY:Army Day\nDTSTART;VALUE=DATE:19800128\nDTEND;VALUE=DATE:19800129\nRRULE:FREQ=YEARLY";
    let week = |year| format!("SUMMARY:New Year\nDTSTART;VALUE=DATE:{year}0101\nDTEND;VALUE=DATE:{year}0103");
    let file = read(&calendar(&[fixed, &week(2026), &week(2027)]));
    assert_eq!(
        days(&file).keys().map(ToString::to_string).collect::<Vec<_>>(),
        ["2026-01-01", "2026-01-02", "2026-01-28", "2027-01-01", "2027-01-02", "2027-01-28"]
    );
    assert_eq!(file.years.last().unwrap().calendar().known_until().to_string(), "2027-12-31");
    // Where an earlier year has others, nobody knows how far the last one goes.
    let easter = "SUMMARY:Easter\nDTSTART;VALUE=DATE:20260405";
    let fault = refused(&calendar(&[fixed, easter, &week(2026), &week(2027)]));
    assert!(matches!(fault, FileFault::KnownUntil { year: 2027 }), "{fault}");
}

/// A feed that labels every event, with the same words in other languages, and names what is worked.
#[test]
fn labelled_feeds() {
    let file = read(&calendar(&[
        "DTSTART;VALUE=DATE:20270101\r\nSUMMARY:元旦\r\nDESCRIPTION:公众假期\r\nTRANSP:TRANSPARENT",
        "DTSTART;VALUE=DATE:20270308\r\nSUMMARY:妇女节\r\nDESCRIPTION:纪念日\\n要隐藏纪念日，请转到\r\nTRANSP:TRANSPARENT",
        "DTSTART;VALUE=DATE:20270220\r\nSUMMARY:Special Working Day\r\nDESCRIPTION:Public holiday\r\nTRANSP:TRANSPARENT",
        "DTSTART;VALUE=DATE:20270601\r\nSUMMARY:儿童节\r\nTRANSP:TRANSPARENT",
    ]));
    let kinds = ["2027-01-01", "2027-03-08", "2027-02-20", "2027-06-01"].map(|date| kind(&file, date));
    assert_eq!(kinds, [Some(Holiday), Some(Observance), Some(MakeupWorkday), Some(Observance)]);
}
