//! What the words of a name say of a day, in the languages in which files of holidays are written.
//!
//! Words are looked for by their stems, and each with what stands before it: 不上班 and "not a working day" are days off although they
//! hold 上班 and "working day". Where the words of one name contradict each other nothing is guessed.

use std::collections::BTreeSet;

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

/// Worked, unless one of [`NOT`] stands before it.
const WORKED: &[&str] = &[
    "补班",
    "補班",
    "上班",
    "工作日",
    "出勤日",
    "営業日",
    "營業日",
    "营业日",
    "照常营业",
    "照常營業",
    "正常营业",
    "正常營業",
    "交易日",
    "开市",
    "開市",
    "无休",
    "無休",
    "不休市",
    "不打烊",
    "💼",
];
/// What stands before a word of work and turns it round.
const NOT: &[&str] = &[
    "不",
    "不用",
    "不需",
    "不需要",
    "不必",
    "无需",
    "無需",
    "无须",
    "無須",
    "毋需",
    "毋須",
    "免",
    "停止",
    "暂停",
    "暫停",
    "非",
    "不是",
    "不算",
    "没有",
    "沒有",
    "不属于",
    "不屬於",
    "并非",
    "並非",
    "不用去",
    "不去",
    "不补",
    "不補",
    "비",
    "не",
    "не ",
    "ne",
    "nie",
    "nie ",
    "no ",
    "non ",
    "non-",
    "não ",
    "kein ",
    "ej ",
    "bukan ",
];
/// Off, unless one of [`NOT`] stands before it.
const OFF: &[&str] = &[
    "放假",
    "休假",
    "休息",
    "补休",
    "補休",
    "补假",
    "補假",
    "公休",
    "停班",
    "停工",
    "休班",
    "不办公",
    "不辦公",
    "休業",
    "休市",
    "停市",
    "歇业",
    "歇業",
    "停业",
    "停業",
    "停止营业",
    "停止營業",
    "暂停营业",
    "暫停營業",
    "不营业",
    "不營業",
    "휴무",
    "arbeitsfrei",
    "inhábil",
    "nghỉ bù",
    "выходной",
    "munkaszüneti",
    "нерабоч",
    "неработ",
];
/// Worked, in languages of which little is known but that.
const WORKED_ELSEWHERE: &[&str] = &[
    "рабоч",
    "робоч",
    "работен ден",
    "munkanap",
    "làm bù",
    "làm việc bù",
    "arbeitstag",
    "werkdag",
    "arbetsdag",
    "työpäivä",
    "근무일",
    "ouvré",
    "ouvrable",
    "travaillé",
    "jour de travail",
    "dia útil",
    "día hábil",
    "laborable",
    "lavorativ",
    "dzień roboczy",
    "robocza",
    "pracując",
    "pracovní den",
    "pracovní sobota",
    "pracovný deň",
    "pracovná sobota",
    "zi lucrătoare",
    "iş günü",
    "hari kerja",
];
/// Off for an event that was to be: what is left of its day is not said.
const CANCELLED: &[&str] =
    &["取消", "作废", "作廢", "撤销", "撤銷", "cancelled", "canceled", "abgesagt", "entfällt", "annulé"];
/// Somebody is taught, which says nothing of those who work.
const TAUGHT: &[&str] = &["补课", "補課", "上课", "上課"];
const MOVED: &[&str] = &["调休", "調休", "调整放假", "調整放假", "彈性放假", "弹性放假", "补休", "補休"];
const HOLIDAY: &[&str] = &["假期", "假日", "连假", "連假", "长假", "長假", "法定", "節假", "节假"];
const HALF: &[&str] = &[
    "半天",
    "半日",
    "半休",
    "上午",
    "下午",
    "午后",
    "午後",
    "halber tag",
    "halbtags",
    "demi-journée",
    "media jornada",
    "mezza giornata",
];

/// What a text says, such as the name of an event.
pub(crate) fn read(text: &str) -> Words {
    let text = text.to_lowercase();
    if has(&text, CANCELLED) {
        return Words::Contradiction;
    }
    let hints: BTreeSet<Hint> = stems(&text).into_iter().chain(english(&text)).collect();
    let has = |hint| hints.contains(&hint);
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
}

/// Languages that are written without spaces, or whose words change their ends.
fn stems(text: &str) -> Vec<Hint> {
    let general = [(MOVED, Hint::Moved), (HOLIDAY, Hint::Holiday), (HALF, Hint::Half)];
    let mut hints: Vec<Hint> =
        general.into_iter().filter(|(words, _)| has(text, words)).map(|(_, hint)| hint).collect();
    // What was understood is taken out, so that no part of it is understood again.
    let mut rest = text.to_owned();
    for (stems, is_work) in [(OFF, false), (WORKED, true), (WORKED_ELSEWHERE, true)] {
        for stem in stems {
            while let Some(at) = rest.find(stem) {
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

fn has(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.contains(word))
}

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
fn english(text: &str) -> Vec<Hint> {
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
        "open" if OFFICES.contains(&before) && !negated => {
            if is_of_a_time(following) {
                Hint::Half
            } else {
                Hint::Worked
            }
        }
        "closed" | "closing" | "closes" if is_of_a_time(following) => Hint::Half,
        "nonworking" | "nonwork" | "nonworkday" | "nonworkdays" | "nonbusiness" | "workfree" | "dayoff"
        | "closed" => Hint::Off,
        "off" if matches!(before, "day" | "days" | "time") || next == "day" || words.len() == 1 => {
            unless_negated(Hint::Off, Hint::Worked)
        }
        "halfday" => Hint::Half,
        "half" if matches!(next, "day" | "days" | "holiday" | "working" | "workday") => Hint::Half,
        "early" if matches!(next, "close" | "closing" | "closure" | "dismissal") => Hint::Half,
        "make" | "makeup" if is_make_up(&words[place..]) => Hint::Unclear,
        "holiday" | "holidays" => unless_negated(Hint::Holiday, Hint::Observance),
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
            "휴무일"
        )]
        text: &str,
    ) {
        assert!(matches!(read(text), Words::DayOff | Words::MovedDayOff), "{text}: {:?}", read(text));
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
