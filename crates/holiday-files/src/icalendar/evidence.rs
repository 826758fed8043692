//! What an event makes of its days: marks first, then words.
//!
//! 1. `X-APPLE-SPECIAL-DAY`: `WORK-HOLIDAY` or `ALTERNATE-WORKDAY`.
//! 2. 休 or 班 in brackets or set apart in the name.
//! 3. `CATEGORIES` that say more than "holiday".
//! 4. The words of the name.
//! 5. The first line of `DESCRIPTION`, where it is a label: "Public holiday", "Observance".
//! 6. A general word: 假期, or the category "Holidays".
//!
//! `TRANSP` is looked at last, and only beside other events of the file: see [`crate::judge`].

use calendar::HolidayKind;

use super::HolidayEvent;
use crate::{
    entry::{NotUnderstood, Says, time_within},
    judge::of_words,
    labels::label,
    words::{self, Words},
};

/// How many minutes a day off lasts at least, if it is written with its office hours.
const SHORTEST_DAY_OFF: u16 = 6 * 60;
/// Half of a day ends or begins no later than this.
const NOON: u16 = 12 * 60;

/// What an event says, and its name without the mark.
pub(super) fn says(event: &HolidayEvent<'_>, part: Option<(u16, u16)>) -> (Says, String) {
    let summary = event.value("SUMMARY").unwrap_or_default();
    let (mark, name) = words::mark(summary);
    let (words, marked) = weigh(event, mark, summary);
    let says = match part {
        Some(part) => within(words, part, marked),
        None => of_words(words, marked),
    };
    (says, name)
}

/// The strongest of what an event says, and whether that is a mark.
fn weigh(event: &HolidayEvent<'_>, mark: Option<Words>, summary: &str) -> (Words, bool) {
    let of_name = words::read(summary);
    let strong = |words: &Words| !matches!(words, Words::Nothing | Words::Holiday);
    let marks = [special_day(event), mark, category(event)];
    if let Some(found) = marks.into_iter().flatten().next() {
        return (found, true);
    }
    if strong(&of_name) {
        return (of_name, false);
    }
    // "Work" is what people keep apart from "Personal", and says nothing of who works.
    if categories(event).any(is_of_work) {
        return (Words::Contradiction, false);
    }
    let described = described(event);
    if matches!(described, Words::DayOff | Words::MovedDayOff | Words::Worked | Words::Observance) {
        return (described, true);
    }
    let is_holiday = of_name == Words::Holiday
        || described == Words::Holiday
        || categories(event).any(|category| label(category) == Words::Holiday);
    (if is_holiday { Words::Holiday } else { Words::Nothing }, false)
}

/// What the categories say that are more than "holiday"; a contradiction where they differ.
fn category(event: &HolidayEvent<'_>) -> Option<Words> {
    let labels = categories(event).filter(|category| !is_of_work(category)).map(label);
    let mut strong = labels.filter(|words| !matches!(words, Words::Nothing | Words::Holiday));
    let first = strong.next()?;
    Some(if strong.all(|other| other == first) { first } else { Words::Contradiction })
}

/// The categories, also where their commas are escaped as those of a text.
fn categories<'c>(event: &HolidayEvent<'c>) -> impl Iterator<Item = &'c str> {
    event.list("CATEGORIES").map(|category| category.trim_end_matches('\\').trim_end())
}

fn is_of_work(category: &str) -> bool {
    ["work", "working"].iter().any(|word| category.eq_ignore_ascii_case(word))
}

/// What the first line of the description says, if that is a label. Google adds to days that close nothing how to hide them, in the reader's
/// language: that it is there says it in all of them.
fn described(event: &HolidayEvent<'_>) -> Words {
    let description = event.value("DESCRIPTION").unwrap_or_default();
    let first = first_line(description);
    let says = if first.chars().count() <= LONGEST_LABEL { label(first) } else { Words::Nothing };
    let rest = description.get(first.len()..).unwrap_or_default();
    match says {
        Words::Nothing | Words::Holiday if rest.to_ascii_lowercase().contains("google") => Words::Observance,
        says => says,
    }
}

/// Longer lines are prose, which holds words about other days too.
const LONGEST_LABEL: usize = 40;

fn first_line(text: &str) -> &str {
    text.split(['\n', '\r']).next().and_then(|line| line.split("\\n").next()).unwrap_or_default().trim()
}

fn special_day(event: &HolidayEvent<'_>) -> Option<Words> {
    let value = event.value("X-APPLE-SPECIAL-DAY")?;
    match value.to_ascii_uppercase().as_str() {
        "WORK-HOLIDAY" => Some(Words::DayOff),
        "ALTERNATE-WORKDAY" => Some(Words::Worked),
        _ => None,
    }
}

/// What an event makes of its day of which it lasts a part.
fn within(words: Words, (begin, end): (u16, u16), marked: bool) -> Says {
    let half_day = |begin, end| match time_within(begin, end) {
        Some(time) => Says::Kind { kind: HolidayKind::HalfDay, marked, times: vec![time] },
        None => Says::Unclear(NotUnderstood::HalfDay),
    };
    match words {
        Words::HalfDayWorked => half_day(begin, end),
        // The other half of the day is open, and nothing after an afternoon off.
        Words::HalfDayOff if begin + 60 >= NOON => half_day(0, begin),
        Words::HalfDayOff if end <= NOON + 3 * 60 => half_day(end, 24 * 60),
        Words::HalfDayOff | Words::HalfDay => Says::Unclear(NotUnderstood::HalfDay),
        Words::DayOff | Words::MovedDayOff | Words::Holiday
            if end.saturating_sub(begin) < SHORTEST_DAY_OFF =>
        {
            Says::Unclear(NotUnderstood::PartOfDay)
        }
        words => of_words(words, marked),
    }
}
