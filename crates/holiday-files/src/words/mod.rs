//! What the words of a name say of a day, in the languages in which files of holidays are written.
//!
//! Words are looked for by their stems, and each with what stands before it: 不上班 and "not a working day" are days off although they
//! hold 上班 and "working day". Where the words of one name contradict each other nothing is guessed.

mod english;
mod lists;

use std::collections::BTreeSet;

use self::{
    english::english,
    lists::{
        CANCELLED, DAYS_OF_LABOUR, FOR_SOME, HALF, HOLIDAY, MOVED, NO_HOLIDAY, NOT, OFF, TAUGHT, WORKED,
        WORKED_ELSEWHERE,
    },
};

/// What a text says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Words {
    /// Off, in words that are said of no other day: 放假, "day off".
    DayOff,
    /// Off, and moved from another day: 调休放假.
    MovedDayOff,
    /// A holiday, in a word that names of worked days have as well: 假期, as in 上班(补元旦假期).
    Holiday,
    /// Worked: 上班, "working day".
    Worked,
    /// 调休 alone: of a weekday a day off, of a weekend both.
    Moved,
    /// A half day that is open for its time: 上午上班.
    HalfDayWorked,
    /// A half day that is off for its time: 下午放假.
    HalfDayOff,
    /// A half day, of which it does not say which half.
    HalfDay,
    /// No day off: "not a public holiday".
    Observance,
    /// Off and worked at once, or a word that needs more than we know: 值班.
    Contradiction,
    /// Nothing but a name.
    Nothing,
}

/// What a text says, such as the name of an event.
pub(crate) fn read(text: &str) -> Words {
    let text = without_other_day(&text.to_lowercase());
    if has(&text, DAYS_OF_LABOUR) {
        return Words::Nothing;
    }
    if has(&text, CANCELLED) || has(&text, FOR_SOME) {
        return Words::Contradiction;
    }
    let hints: BTreeSet<Hint> = stems(&text).into_iter().chain(english(&text)).collect();
    let has = |hint| hints.contains(&hint);
    if has(Hint::ForSome) {
        return Words::Contradiction;
    }
    match (has(Hint::Half), has(Hint::Worked), has(Hint::Off)) {
        (_, true, true) => Words::Contradiction,
        (true, true, false) => Words::HalfDayWorked,
        (true, false, true) => Words::HalfDayOff,
        (true, false, false) => Words::HalfDay,
        (false, true, false) => Words::Worked,
        (false, false, true) if has(Hint::Moved) => Words::MovedDayOff,
        (false, false, true) => Words::DayOff,
        (false, false, false) if has(Hint::Moved) => Words::Moved,
        (false, false, false) if has(Hint::Unclear) => Words::Contradiction,
        (false, false, false) if has(Hint::Observance) => Words::Observance,
        (false, false, false) if has(Hint::Holiday) => Words::Holiday,
        (false, false, false) => Words::Nothing,
    }
}

/// A text in which brackets say of another day, by its date, that it is worked: 放假日（2026-02-14 補班） was moved from there.
fn without_other_day(text: &str) -> String {
    let brackets = text.find(['(', '（']).zip(text.rfind([')', '）'])).filter(|(from, to)| from < to);
    let of_other_day = brackets.filter(|(from, to)| {
        let within = &text[*from..*to];
        let is_part = |character: char| character.is_ascii_digit() || character == '-';
        let is_date =
            |part: &str| part.len() == "2026-02-14".len() && part.parse::<jiff::civil::Date>().is_ok();
        within.split(|character| !is_part(character)).any(is_date) && has(within, WORKED)
    });
    match of_other_day {
        Some((from, to)) => format!("{}(调休{}", &text[..from], &text[to..]),
        None => text.to_owned(),
    }
}

/// What one word of a text says by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Hint {
    Worked,
    Off,
    Half,
    Moved,
    Holiday,
    Observance,
    Unclear,
    ForSome,
}

/// Languages that are written without spaces, or whose words change their ends.
fn stems(text: &str) -> Vec<Hint> {
    let general =
        [(MOVED, Hint::Moved), (HOLIDAY, Hint::Holiday), (HALF, Hint::Half), (NO_HOLIDAY, Hint::Observance)];
    let mut hints: Vec<Hint> =
        general.into_iter().filter(|(words, _)| has(text, words)).map(|(_, hint)| hint).collect();
    // What was understood is taken out, so that no part of it is understood again.
    let mut rest = text.to_owned();
    for (stems, is_work) in [(OFF, false), (WORKED, true), (WORKED_ELSEWHERE, true)] {
        for stem in stems {
            while let Some(at) = place(&rest, stem) {
                let before = &rest[..at];
                let turned = NOT.iter().filter(|not| before.ends_with(*not)).map(|not| not.len()).max();
                hints.push(if turned.is_some() == is_work { Hint::Off } else { Hint::Worked });
                rest.replace_range(at - turned.unwrap_or(0)..at + stem.len(), " ");
            }
        }
    }
    let is_taught = has(&rest, TAUGHT) || rest.contains('补') && rest.contains('课');
    hints.extend(is_taught.then_some(Hint::Unclear));
    // 值班, 加班 and the like: somebody works, but it is not said that the day is a workday.
    hints.extend(rest.contains('班').then_some(Hint::Unclear));
    hints
}

/// Where a stem is. One of several words begins with a word, or behind what turns it round: there is no iş günü in Dirçəliş günü, but
/// there is a radni dan in neradni dan.
fn place(text: &str, stem: &str) -> Option<usize> {
    let begins = |at: &usize| {
        let before = &text[..*at];
        !before.ends_with(char::is_alphabetic) || NOT.iter().any(|not| before.ends_with(not))
    };
    text.match_indices(stem).map(|(at, _)| at).find(|at| !stem.contains(' ') || begins(at))
}

fn has(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.contains(word))
}

/// What a mark in brackets or set apart says, 休 or 班, and the text without it. Both at once are none.
pub(crate) fn mark(text: &str) -> (Option<Words>, String) {
    let is_edge = |character: char| !character.is_alphanumeric();
    let parts: Vec<&str> = text.split(is_edge).filter(|part| !part.is_empty()).collect();
    let meaning = |part: &str| match part {
        "休" => Some(Words::DayOff),
        "班" => Some(Words::Worked),
        _ => None,
    };
    let mut found: Vec<(Words, &str)> =
        parts.iter().filter_map(|part| Some((meaning(part)?, *part))).collect();
    found.dedup();
    let [(words, part)] = found.as_slice() else { return (None, text.to_owned()) };
    let rest: Vec<&str> = text
        .split(part)
        .map(|rest| rest.trim_matches(is_edge_of_mark))
        .filter(|rest| !rest.is_empty())
        .collect();
    if rest.len() > 1 && text.matches(part).count() > 1 {
        return (Some(*words), text.to_owned());
    }
    (Some(*words), rest.join(" "))
}

/// What stands around a mark and goes with it.
fn is_edge_of_mark(character: char) -> bool {
    character.is_whitespace() || "()（）[]［］【】〔〕〖〗「」『』{}<>《》〈〉:：-—_·・|/".contains(character)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    fn days_off_in_many_words(
        #[values(
            "停止上班",
            "因颱風停止上班及上課",
            "非工作日",
            "不上班",
            "国庆节 不上班",
            "無需上班",
            "免上班",
            "不用上班",
            "放假",
            "春节 放假 第1天",
            "Non-Working Day",
            "non working day",
            "Nonworking Day",
            "Not a workday",
            "not a normal working day",
            "This isn't a working day",
            "Ninoy Aquino Day (Special Non-Working Day)",
            "Additional Special (Non-Working) Day",
            "Christmas Eve [Special Non-working day]",
            "Human Rights Day (day off)",
            "DAY OFF",
            "No work",
            "off work",
            "Office closed",
            "Non-workday",
            "停班停課",
            "补休",
            "補假",
            "Нерабочий день",
            "It is not a work day",
            "Special Non-Working Holiday",
            "non-business day",
            "work-free day",
            "不补班",
            "元旦 休市",
            "暂停营业",
            "非交易日",
            "Día no laborable",
            "jour non travaillé",
            "Dzień niepracujący",
            "휴무일",
            "放假日（2026-02-14 補班）"
        )]
        text: &str,
    ) {
        assert!(matches!(read(text), Words::DayOff | Words::MovedDayOff), "{text}: {:?}", read(text));
    }

    #[rstest]
    fn words_of_work_begin_where_words_begin(
        #[values("Milli Dirçəliş Günü", "Milli Dirçəliş günü")] text: &str,
    ) {
        assert_eq!(read(text), Words::Nothing, "{text}");
    }

    #[rstest]
    fn worked_days_in_many_words(
        #[values(
            "工作日",
            "补班",
            "春节 补班 第1天/共2天",
            "補班日",
            "補行上班",
            "国庆节调休 上班",
            "上班(补元旦假期)",
            "不放假",
            "照常上班",
            "make-up work day",
            "Makeup workday",
            "Make up Working Day",
            "WORKDAY",
            "Special Working Day",
            "Working day for National Day",
            "Working Saturday",
            "Special Working Holiday",
            "Special Working Public Holiday",
            "compensatory working day",
            "Рабочая суббота",
            "Not a day off",
            "Áthelyezett munkanap",
            "Business day",
            "春节 照常营业",
            "年中無休",
            "交易日",
            "💼国庆",
            "대체 근무일",
            "Jour ouvré",
            "Dia útil",
            "Día laborable",
            "Sobota robocza",
            "Dzień pracujący",
            "Робочий день",
            "Zi lucrătoare",
            "Hari kerja",
            "Compensation day (working)",
            "Office open"
        )]
        text: &str,
    ) {
        assert_eq!(read(text), Words::Worked, "{text}");
    }

    #[rstest]
    fn days_off_in_more_words(#[values("Neradni dan", "비근무일", "不需工作", "停工")] text: &str) {
        assert!(matches!(read(text), Words::DayOff | Words::MovedDayOff), "{text}: {:?}", read(text));
    }

    #[rstest]
    fn worked_days_in_more_words(
        #[values(
            "正常工作",
            "国庆节(工作)",
            "Swap day (work)",
            "Substitute working day",
            "대체근무",
            "休日出勤日",
            "Radna subota",
            "Darbo diena",
            "Tööpäev",
            "Ledolgozós nap",
            "Відпрацювання"
        )]
        text: &str,
    ) {
        assert_eq!(read(text), Words::Worked, "{text}");
    }

    #[rstest]
    #[case("International Working Women's Day", Words::Nothing)]
    #[case("Labour Day", Words::Nothing)]
    #[case("Workers' Day", Words::Nothing)]
    #[case("Boxing Day holiday", Words::Holiday)]
    #[case("春节假期", Words::Holiday)]
    #[case("元旦", Words::Nothing)]
    #[case("春节值班", Words::Contradiction)]
    #[case("鲁班节", Words::Contradiction)]
    #[case("Day off for working Saturday", Words::Contradiction)]
    #[case("国庆节调休", Words::Moved)]
    #[case("国庆节 调休放假", Words::MovedDayOff)]
    #[case("除夕 半天", Words::HalfDay)]
    #[case("除夕 下午放假", Words::HalfDayOff)]
    #[case("Christmas Eve (half working day)", Words::HalfDayWorked)]
    #[case("St. Patrick's Day (not a public holiday)", Words::Observance)]
    #[case("Make-up day", Words::Contradiction)]
    #[case("Make up for Friday", Words::Contradiction)]
    #[case("取消补班", Words::Contradiction)]
    #[case("取消放假", Words::Contradiction)]
    #[case("Holiday cancelled", Words::Contradiction)]
    #[case("補行上課", Words::Contradiction)]
    #[case("补周三课", Words::Contradiction)]
    #[case("Closed from noon", Words::HalfDay)]
    #[case("Office closing at 12:00", Words::HalfDay)]
    #[case("halber Tag", Words::HalfDay)]
    #[case("Open until 12:00", Words::HalfDay)]
    #[case("Christmas Eve (until noon)", Words::HalfDay)]
    #[case("Christmas Eve (from 1pm)", Words::HalfDay)]
    #[case("Open 9-12", Words::HalfDay)]
    #[case("Offices close at 2pm", Words::HalfDay)]
    #[case("Reduced hours", Words::HalfDay)]
    #[case("Limited opening hours", Words::HalfDay)]
    #[case("Shortened working day", Words::HalfDayWorked)]
    #[case("Early release", Words::HalfDay)]
    #[case("24.12. bis 12 Uhr", Words::HalfDay)]
    #[case("am Nachmittag geschlossen", Words::HalfDay)]
    #[case("短縮営業", Words::HalfDay)]
    #[case("Сокращённый рабочий день", Words::HalfDayWorked)]
    #[case("12点后放假", Words::HalfDayOff)]
    #[case("Optional holiday", Words::Contradiction)]
    #[case("Restricted Holiday", Words::Contradiction)]
    #[case("School holidays", Words::Contradiction)]
    #[case("School closed", Words::Contradiction)]
    #[case("Schulferien", Words::Contradiction)]
    #[case("Bank holiday in Scotland only", Words::Contradiction)]
    #[case("Holiday moved to 2 Oct", Words::Contradiction)]
    #[case("Working from home day", Words::Contradiction)]
    #[case("Skeleton staff", Words::Contradiction)]
    #[case("部分员工放假", Words::Contradiction)]
    #[case("女职工放假半天", Words::Contradiction)]
    #[case("Daylight saving time begins", Words::Observance)]
    #[case("Gedenktag (kein Feiertag)", Words::Observance)]
    #[case("振替休日", Words::Holiday)]
    #[case("대체공휴일", Words::Holiday)]
    #[case("Independence Day (observed)", Words::Holiday)]
    #[case("Boxing Day (substitute)", Words::Holiday)]
    #[case("Christmas Day in lieu", Words::Holiday)]
    fn what_else_names_say(#[case] text: &str, #[case] words: Words) {
        assert_eq!(read(text), words, "{text}");
    }

    #[rstest]
    #[case("元旦（休）", Some(Words::DayOff), "元旦")]
    #[case("元旦(休)", Some(Words::DayOff), "元旦")]
    #[case("【休】元旦", Some(Words::DayOff), "元旦")]
    #[case("春节（班）", Some(Words::Worked), "春节")]
    #[case("春节 [班]", Some(Words::Worked), "春节")]
    #[case("班 春节", Some(Words::Worked), "春节")]
    #[case("春节补班", None, "春节补班")]
    #[case("休（班）", None, "休（班）")]
    fn marks_are_read_and_taken_off(#[case] text: &str, #[case] words: Option<Words>, #[case] name: &str) {
        assert_eq!(mark(text), (words, name.to_owned()));
    }
}
