//! Dates as cells have them: with their year first, with the name of their month, in the order of the place (`31.12.2027`, `12/31/2027`), or
//! as the number of a day, which is what spreadsheets keep.
//!
//! Of `1/2/2027` nobody knows which number is the month, unless another date of the file shows it.

use jiff::{
    ToSpan,
    civil::{Date, date},
};

/// Day 0 of spreadsheets, and the numbers of days that are taken for dates: 2000 to 2100.
const DAY_ZERO: Date = date(1899, 12, 30);
const DAY_NUMBERS: std::ops::RangeInclusive<i32> = 36_526..=73_415;

/// What months are called, by how their names begin, in English, German, French, Spanish, Italian, Portuguese and Dutch.
const MONTHS: [&[&str]; 12] = [
    &["jan", "ene", "gen"],
    &["feb", "fév", "fev"],
    &["mar", "mär", "mrz", "mrt"],
    &["apr", "avr", "abr"],
    &["may", "mai", "mei", "maj", "mag"],
    &["jun", "juin", "giu"],
    &["jul", "juil", "lug"],
    &["aug", "aoû", "aou", "ago"],
    &["sep", "set"],
    &["oct", "okt", "out", "ott"],
    &["nov"],
    &["dec", "dez", "déc", "dic"],
];
/// What weekdays are called, which say nothing that the date does not.
const WEEKDAYS: &[&str] = &[
    "mon",
    "monday",
    "tue",
    "tues",
    "tuesday",
    "wed",
    "wednesday",
    "thu",
    "thur",
    "thurs",
    "thursday",
    "fri",
    "friday",
    "sat",
    "saturday",
    "sun",
    "sunday",
    "mo",
    "di",
    "mi",
    "do",
    "fr",
    "sa",
    "so",
    "montag",
    "dienstag",
    "mittwoch",
    "donnerstag",
    "freitag",
    "samstag",
    "sonnabend",
    "sonntag",
    "lundi",
    "mardi",
    "mercredi",
    "jeudi",
    "vendredi",
    "samedi",
    "dimanche",
];
/// What may stand beside the numbers of a date.
const BESIDE: &[&str] = &["年", "月", "日", "号", "號", "年月日", "of", "st", "nd", "rd", "th", "de", "t"];

/// Which of two numbers before a year is the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DateOrder {
    DayFirst,
    MonthFirst,
}

/// How the dates of a file are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct DateForms(Option<DateOrder>);

/// The numbers and words of a date.
#[derive(Debug, Default)]
struct DateParts {
    numbers: Vec<String>,
    words: Vec<String>,
    /// What stands between the first two numbers.
    separator: Option<char>,
}

impl DateForms {
    /// What the dates of a file show of their order. Where some show one and some the other, nobody knows.
    pub(super) fn of<'t>(cells: impl Iterator<Item = &'t str>) -> Self {
        let mut shown = cells.filter_map(|cell| shown_order(&parts(cell)?));
        let first = shown.next();
        Self(first.filter(|first| shown.all(|other| other == *first)))
    }

    /// The date of a cell.
    pub(crate) fn date(self, text: &str) -> Option<Date> {
        let DateParts { numbers, words, separator } = parts(text)?;
        let of =
            |year: &str, month: i8, day: &str| Date::new(year.parse().ok()?, month, day.parse().ok()?).ok();
        let month_of = |text: &str| text.parse().ok();
        let month = words.iter().find_map(|word| named_month(word));
        match (numbers.iter().map(String::as_str).collect::<Vec<_>>().as_slice(), month) {
            ([year, month, day], None) if year.len() == 4 => of(year, month_of(month)?, day),
            ([one, other, year], None) if year.len() == 4 => {
                let order = (separator == Some('.')).then_some(DateOrder::DayFirst).or(self.0);
                match order {
                    _ if one == other => of(year, month_of(one)?, other),
                    Some(DateOrder::DayFirst) => of(year, month_of(other)?, one),
                    Some(DateOrder::MonthFirst) => of(year, month_of(one)?, other),
                    None => None,
                }
            }
            ([digits], None) if digits.len() == 8 => crate::repeats::date(digits),
            ([days] | [days, "0"], None) if days.len() == 5 => {
                let days = days.parse().ok().filter(|days| DAY_NUMBERS.contains(days))?;
                DAY_ZERO.checked_add(days.days()).ok()
            }
            ([day, year] | [year, day], Some(month)) if year.len() == 4 && day.len() <= 2 => {
                of(year, month, day)
            }
            _ => None,
        }
    }
}

/// The order that a date shows by itself.
fn shown_order(DateParts { numbers, words, separator }: &DateParts) -> Option<DateOrder> {
    let [one, other, year] = numbers.as_slice() else { return None };
    let number = |text: &str| text.parse::<i8>().ok();
    let is_of_place = year.len() == 4 && words.is_empty() && *separator != Some('.');
    match (number(one)?, number(other)?) {
        (13..=31, 1..=12) if is_of_place => Some(DateOrder::DayFirst),
        (1..=12, 13..=31) if is_of_place => Some(DateOrder::MonthFirst),
        _ => None,
    }
}

fn named_month(word: &str) -> Option<i8> {
    let at = MONTHS.iter().position(|names| names.iter().any(|name| word.starts_with(name)))?;
    i8::try_from(at + 1).ok()
}

/// The numbers and the words of a date, without its time of day and its weekday. `None`: it has other words, or no number.
fn parts(text: &str) -> Option<DateParts> {
    let text = without_weekday(without_time(text)).to_lowercase();
    let mut parts = DateParts::default();
    let mut rest = text.as_str();
    while let Some(first) = rest.chars().next() {
        let is_like = |character: char| {
            if first.is_ascii_digit() {
                character.is_ascii_digit()
            } else {
                first.is_alphabetic() && character.is_alphabetic()
            }
        };
        let end = rest.find(|character| !is_like(character)).unwrap_or(rest.len()).max(first.len_utf8());
        let (part, after) = rest.split_at(end);
        rest = after;
        if first.is_ascii_digit() {
            parts.numbers.push(part.to_owned());
        } else if !first.is_alphabetic() {
            parts.separator = parts.separator.or(Some(first).filter(|_| parts.numbers.len() == 1));
        } else if named_month(part).is_some() && !WEEKDAYS.contains(&part) {
            parts.words.push(part.to_owned());
        } else if !WEEKDAYS.contains(&part) && !BESIDE.contains(&part) {
            return None;
        }
    }
    (!parts.numbers.is_empty()).then_some(parts)
}

/// A date without the time of day that follows it: from its `T` or blank on.
fn without_time(text: &str) -> &str {
    let Some(colon) = text.find(':') else { return text };
    let before = text[..colon].trim_end_matches(|character: char| character.is_ascii_digit());
    before.trim_end_matches(['T', 't', ' '])
}

/// A date without `(Fri)`, `（星期五）`, 星期五 or 周五.
fn without_weekday(text: &str) -> String {
    let mut text = text.to_owned();
    for (open, close) in [('(', ')'), ('（', '）')] {
        if let (Some(from), Some(to)) = (text.find(open), text.find(close))
            && from < to
        {
            text.replace_range(from..to + close.len_utf8(), " ");
        }
    }
    for word in ["星期", "礼拜", "禮拜", "周", "週"] {
        if let Some(from) = text.find(word) {
            let day = text[from + word.len()..].chars().next().map_or(0, char::len_utf8);
            text.replace_range(from..from + word.len() + day, " ");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    fn many_forms_of_one_date(
        #[values(
            "2027-10-09",
            "2027/10/9",
            "2027.10.09",
            "20271009",
            "2027年10月9日",
            "2027年10月9号",
            "2027-10-09 00:00:00",
            "2027-10-09T00:00:00.000Z",
            "2027/10/9 0:00",
            "2027-10-09（星期六）",
            "2027年10月9日 星期六",
            "2027年10月9日(土)",
            "2027-10-09 (Sat)",
            "Saturday, 2027-10-09",
            "October 9, 2027",
            "Oct 9th, 2027",
            "9 October 2027",
            "9-Oct-2027",
            "Sat, 9 Oct 2027",
            "Samstag, 9. Oktober 2027",
            "samedi 9 octobre 2027",
            "09.10.2027",
            "9.10.2027",
            "46669",
            "46669.0"
        )]
        text: &str,
    ) {
        assert_eq!(DateForms::default().date(text), Some(date(2027, 10, 9)), "{text}");
    }

    #[rstest]
    fn what_is_no_date(
        #[values(
            "",
            "x",
            "10/09/2027",
            "10-09-2027",
            "09.10.27",
            "2027-13-01",
            "2027-02-30",
            "1月1日",
            "2027",
            "12345",
            "99999",
            "2027年国庆",
            "Golden Week 2027",
            "2027-10-09 to 2027-10-11"
        )]
        text: &str,
    ) {
        assert_eq!(DateForms::default().date(text), None, "{text}");
    }

    #[test]
    fn one_date_shows_the_order_of_all() {
        let read = |cells: &[&str]| DateForms::of(cells.iter().copied()).date(cells[0]);
        assert_eq!(read(&["07/05/2027", "12/25/2027"]), Some(date(2027, 7, 5)));
        assert_eq!(read(&["07/05/2027", "25/12/2027"]), Some(date(2027, 5, 7)));
        assert_eq!(read(&["07/05/2027", "25/12/2027", "12/25/2027"]), None);
        assert_eq!(read(&["07/05/2027", "25.12.2027"]), None);
        assert_eq!(read(&["07/07/2027"]), Some(date(2027, 7, 7)));
    }
}
