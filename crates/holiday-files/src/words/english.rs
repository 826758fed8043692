//! What English names say, by their words and what stands around them.

use super::Hint;

const NEGATIONS: &[&str] = &["non", "not", "no", "isnt", "never", "without", "arent"];
/// How many words before a word of work a negation may stand: "not a normal working day".
const NEGATION_REACHES: usize = 3;
const DAYS: &[&str] = &[
    "day",
    "days",
    "saturday",
    "saturdays",
    "sunday",
    "sundays",
    "weekend",
    "weekends",
    "holiday",
    "holidays",
    "shift",
];

/// English, by its words.
pub(super) fn english(text: &str) -> Vec<Hint> {
    let plain: String = text
        .chars()
        .filter(|character| !matches!(character, '\'' | '’'))
        .map(|character| if character.is_alphanumeric() { character } else { ' ' })
        .collect();
    let words: Vec<&str> = plain.split_whitespace().collect();
    (0..words.len()).filter_map(|place| hint(&words, place)).collect()
}

/// What the word at a place says, by what stands around it.
fn hint(words: &[&str], place: usize) -> Option<Hint> {
    let reached = &words[place.saturating_sub(NEGATION_REACHES)..place];
    let negated = reached.iter().any(|word| NEGATIONS.contains(word));
    let unless_negated = |hint, otherwise| if negated { otherwise } else { hint };
    let before = place.checked_sub(1).map_or("", |at| words[at]);
    let following = &words[place + 1..];
    let next = following.first().copied().unwrap_or_default();
    Some(match words[place] {
        "workday" | "workdays" | "businessday" | "worked" => unless_negated(Hint::Worked, Hint::Off),
        "work" | "working" | "business" if is_of_day(following) => unless_negated(Hint::Worked, Hint::Off),
        "work" | "working" if negated || before == "off" => Hint::Off,
        "work" if matches!(next, "free" | "stopped" | "suspended") => Hint::Off,
        "working" if next.is_empty() && place > 0 => Hint::Worked,
        "open" if is_of_a_time(following) || is_hour(next) => Hint::Half,
        "open" if OFFICES.contains(&before) && !negated => Hint::Worked,
        "close" | "closed" | "closing" | "closes" if is_of_a_time(following) => Hint::Half,
        "until" | "till" | "from" | "after" if is_of_a_time(&words[place..]) => Hint::Half,
        "shortened" | "reduced" | "limited" if is_of_hours(following) => Hint::Half,
        "work" if next.is_empty() && DAYS.contains(&before) => Hint::Worked,
        "working" if next == "from" => Hint::ForSome,
        "optional" | "restricted" | "floating" if is_of_day(following) => Hint::ForSome,
        "school" | "schools" if is_of_day(following) || matches!(next, "closed" | "break") => Hint::ForSome,
        "moved" | "postponed" | "rescheduled" if matches!(next, "to" | "from") => Hint::ForSome,
        "only" | "skeleton" => Hint::ForSome,
        "nonworking" | "nonwork" | "nonworkday" | "nonworkdays" | "nonbusiness" | "workfree" | "dayoff"
        | "closed" => Hint::Off,
        "off" if matches!(before, "day" | "days" | "time") || next == "day" || words.len() == 1 => {
            unless_negated(Hint::Off, Hint::Worked)
        }
        "halfday" => Hint::Half,
        "half" if matches!(next, "day" | "days" | "holiday" | "working" | "workday") => Hint::Half,
        "early" if matches!(next, "close" | "closing" | "closure" | "dismissal" | "release") => Hint::Half,
        "make" | "makeup" if is_make_up(&words[place..]) => Hint::Unclear,
        "holiday" | "holidays" => unless_negated(Hint::Holiday, Hint::Observance),
        "observed" | "lieu" => Hint::Holiday,
        "substitute" if matches!(next, "" | "day" | "bank") => Hint::Holiday,
        "observance" | "observances" => Hint::Observance,
        _ => return None,
    })
}

/// Who opens and closes.
const OFFICES: &[&str] =
    &["office", "offices", "branch", "branches", "store", "stores", "shop", "shops", "company", "we"];

/// Whether a time of day follows, as in "closed from noon" and "closing at 12:00": a part of the day is meant.
fn is_of_a_time(following: &[&str]) -> bool {
    let ["at" | "from" | "after" | "until" | "till" | "before", time, rest @ ..] = following else {
        return false;
    };
    let hour = time.trim_end_matches(['a', 'p', 'm', 'h']);
    let is_number = !hour.is_empty() && hour.bytes().all(|byte| byte.is_ascii_digit());
    let has_more = rest.first().is_some_and(|next| matches!(*next, "am" | "pm" | "00" | "15" | "30" | "45"));
    matches!(*time, "noon" | "midday" | "lunch" | "lunchtime") || is_number && (has_more || hour != *time)
}

fn is_hour(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether hours of work follow: "reduced hours", "shortened working day".
fn is_of_hours(following: &[&str]) -> bool {
    let kinds = ["working", "work", "business", "office", "opening"];
    let first = following.iter().find(|word| !kinds.contains(*word));
    first.is_some_and(|word| matches!(*word, "hours" | "schedule" | "day" | "days" | "service"))
}

/// Whether what follows "working" is a day: "working Saturday", "working public holiday".
fn is_of_day(following: &[&str]) -> bool {
    let kinds = ["public", "national", "special", "bank"];
    following.iter().find(|word| !kinds.contains(*word)).is_some_and(|word| DAYS.contains(word))
}

/// "Make-up day" and "make up for Friday" by themselves may be a day off or a day worked.
fn is_make_up(words: &[&str]) -> bool {
    matches!(words, ["makeup", "for", ..] | ["make", "up", "for", ..])
        || matches!(words, ["makeup", next, ..] | ["make", "up", next, ..] if DAYS.contains(next) && !next.starts_with("holiday"))
}
