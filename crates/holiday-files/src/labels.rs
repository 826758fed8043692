//! What a label says of a day: a category, the cell of a column, the first line of a description.
//!
//! A label is a word that stands alone. What it holds beside these is read as the words of a name are.

use crate::words::{Words, read};

/// What a label says: a category, the cell of a column, the first line of a description.
pub(crate) fn label(text: &str) -> Words {
    let text = text.trim().trim_end_matches(['。', '.']).to_lowercase();
    let plain = text.replace(['_', '-'], " ");
    let is = |labels: &[&str]| labels.contains(&plain.as_str());
    if is(PUBLIC)
        || is(&[
            "休",
            "off",
            "statutory",
            "法定",
            "假",
            "rest",
            "rest day",
            "closed",
            "周末",
            "週末",
            "双休日",
            "weekend",
        ])
    {
        Words::DayOff
    } else if is(&["moved holiday", "moved", "调休", "調休", "调休放假", "调休假"]) {
        Words::MovedDayOff
    } else if is(&[
        "班",
        "work",
        "working",
        "makeup",
        "make up",
        "makeup workday",
        "make up workday",
        "worked",
        "补班日",
    ]) {
        Words::Worked
    } else if is(&["half day", "half", "半天", "半日"]) {
        Words::HalfDay
    } else if plain.starts_with("observance") || is(OBSERVANCE) {
        Words::Observance
    } else if is(&["holiday", "holidays", "节假日", "節假日", "假日", "假期"]) {
        Words::Holiday
    } else {
        read(&text)
    }
}

/// Labels of statutory days, as feeds have them.
const PUBLIC: &[&str] = &[
    "public",
    "national",
    "federal",
    "public holiday",
    "public holidays",
    "national holiday",
    "national holidays",
    "bank holiday",
    "bank holidays",
    "federal holiday",
    "federal holidays",
    "legal holiday",
    "legal holidays",
    "statutory holiday",
    "statutory holidays",
    "regular holiday",
    "day off",
    "公共假期",
    "公共假日",
    "公众假期",
    "公眾假期",
    "法定假日",
    "法定节假日",
    "法定節假日",
    "国定假日",
    "國定假日",
    "feiertag",
    "gesetzlicher feiertag",
    "jour férié",
    "día festivo",
    "festivo",
    "feriado",
    "feriado nacional",
    "festività",
    "festività pubblica",
    "feestdag",
    "officiële feestdag",
    "祝日",
    "공휴일",
    "государственный праздник",
    "święto państwowe",
    "allmän helgdag",
    "helgdag",
    "helligdag",
    "státní svátek",
    "resmî tatil",
    "resmi tatil",
    "hari libur nasional",
];

/// Labels of days that close nothing, as feeds have them.
const OBSERVANCE: &[&str] = &[
    "纪念日",
    "紀念日",
    "节日",
    "節日",
    "祭日",
    "기념일",
    "optional",
    "optional holiday",
    "restricted holiday",
    "school",
    "school holiday",
    "not a holiday",
    "normal",
    "普通",
    "gedenktag",
    "celebración",
    "conmemoración",
    "data comemorativa",
    "observância",
    "osservanza",
    "ricorrenza",
    "viering",
    "herdenking",
];
