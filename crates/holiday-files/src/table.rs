//! Holidays as a table: CSV with a line of headings, in English or Chinese.
//!
//! A row has a date (日期) or a first and a last one, a name (名称), and a kind (类型) or a column that says whether it is off (是否放假). A
//! half day has its times. Dates are `2027-01-01`, `2027/1/1`, `2027.1.1`, `20270101` or `2027年1月1日`: of `1/2/2027` nobody knows which
//! number is the month.

use calendar::{HolidayKind, Window};
use domain::delimiter;
use jiff::civil::Date;

use crate::{
    Draft,
    entry::{FileEntry, LONGEST_ENTRY, NotUnderstood, Says},
    fault::FileFault,
    judge,
    labels::label,
    words::{self, Words},
};

const DATE: &[&str] = &[
    "date",
    "day",
    "holiday date",
    "start",
    "start date",
    "begin",
    "begin date",
    "from",
    "日期",
    "日子",
    "时间",
    "開始日期",
    "开始日期",
    "开始",
    "起始日期",
];
const END: &[&str] =
    &["end", "end date", "to", "until", "last", "last day", "结束日期", "結束日期", "结束", "截止日期"];
const NAME: &[&str] = &[
    "name",
    "title",
    "holiday",
    "holiday name",
    "summary",
    "subject",
    "description",
    "名称",
    "名稱",
    "节日",
    "節日",
    "节假日",
    "節假日",
    "假日",
    "备注",
    "備註",
];
const KIND: &[&str] =
    &["kind", "type", "category", "status", "类型", "類型", "种类", "類別", "类别", "性质", "状态"];
const IS_OFF: &[&str] = &[
    "isoffday",
    "is off day",
    "is_off_day",
    "off",
    "is holiday",
    "isholiday",
    "是否放假",
    "是否休息",
    "放假",
    "是否放假日",
];
const IS_WORKED: &[&str] = &[
    "is workday",
    "isworkday",
    "is working day",
    "workday",
    "working day",
    "is business day",
    "是否上班",
    "是否工作日",
    "是否补班",
    "工作日",
    "上班",
];
const ALL_DAY: &[&str] = &["all day event", "all day", "allday", "全天", "全天事件", "整日活動"];
const BEGIN_TIME: &[&str] = &["begin time", "start time", "open", "from time", "开始时间", "開始時間"];
const END_TIME: &[&str] = &["end time", "close", "to time", "结束时间", "結束時間"];
const STANDS_FOR: &[&str] = &["stands for", "weekday", "代替星期", "补星期"];

/// Where the columns are.
struct HolidayColumns {
    date: usize,
    end: Option<usize>,
    name: Option<usize>,
    kind: Option<usize>,
    is_off: Option<usize>,
    is_worked: Option<usize>,
    all_day: Option<usize>,
    begin_time: Option<usize>,
    end_time: Option<usize>,
    stands_for: Option<usize>,
}

impl HolidayColumns {
    fn find(headings: &csv::StringRecord) -> Option<HolidayColumns> {
        let headings: Vec<String> =
            headings.iter().map(|heading| heading.trim().to_lowercase().replace('_', " ")).collect();
        let find = |names: &[&str]| headings.iter().position(|heading| names.contains(&heading.as_str()));
        Some(HolidayColumns {
            date: find(DATE)?,
            end: find(END),
            name: find(NAME),
            kind: find(KIND),
            is_off: find(IS_OFF),
            is_worked: find(IS_WORKED),
            all_day: find(ALL_DAY),
            begin_time: find(BEGIN_TIME),
            end_time: find(END_TIME),
            stands_for: find(STANDS_FOR),
        })
    }
}

pub(crate) fn read(text: &str) -> Result<Draft, FileFault> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter(text.as_bytes()))
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut rows = reader.records();
    let broken = |error: &csv::Error| FileFault::Form(format!("it cannot be read as CSV: {error}"));
    let headings = rows.next().ok_or(FileFault::Empty)?.map_err(|error| broken(&error))?;
    let columns = HolidayColumns::find(&headings).ok_or_else(|| FileFault::Form(NO_HEADINGS.to_owned()))?;
    let mut entries = Vec::new();
    for row in rows {
        let row = row.map_err(|error| broken(&error))?;
        if row.iter().all(str::is_empty) {
            continue;
        }
        let line = row.position().map_or(0, csv::Position::line);
        entries.push(entry(&columns, &row, line)?);
        if entries.len() > calendar::MAX_HOLIDAY_DAYS {
            return Err(FileFault::TooManyDays);
        }
    }
    if entries.is_empty() {
        return Err(FileFault::Nothing("rows"));
    }
    Ok(Draft { entries, ..Draft::default() })
}

const NO_HEADINGS: &str = "it is neither JSON nor iCalendar, and as CSV it needs a first line that names its columns: date, name, kind (日期, 名称, \
                           类型)";

fn entry(columns: &HolidayColumns, row: &csv::StringRecord, line: u64) -> Result<FileEntry, FileFault> {
    let place = format!("line {line}");
    let cell = |column: Option<usize>| column.and_then(|at| row.get(at)).unwrap_or_default();
    let fault = |message: &str| FileFault::Entry { place: place.clone(), message: message.to_owned() };
    let first =
        date(cell(Some(columns.date))).ok_or_else(|| fault("the date must be of the form YYYY-MM-DD"))?;
    let length = match cell(columns.end) {
        "" => 1,
        end => {
            let end = date(end).ok_or_else(|| fault("the last day must be of the form YYYY-MM-DD"))?;
            first.until(end).map_or(0, |span| span.get_days()) + 1
        }
    };
    if length < 1 {
        return Err(fault("the last day must not be before the first"));
    }
    // Of what lasts all day some programs write the times too.
    let is_all_day = yes_or_no(cell(columns.all_day)) == Some(true);
    let times = if is_all_day { Ok(None) } else { time(cell(columns.begin_time), cell(columns.end_time)) };
    let times = times.map_err(|message| fault(&message))?;
    let row = RowCells {
        kind: cell(columns.kind),
        has_kind: columns.kind.is_some(),
        is_off: cell(columns.is_off),
        is_worked: cell(columns.is_worked),
        name: cell(columns.name),
    };
    let mut says = row.says(times);
    if length > LONGEST_ENTRY {
        says = Says::Unclear(NotUnderstood::TooLong);
    }
    let (_, name) = words::mark(cell(columns.name));
    let mut entry = FileEntry::of_day(place, name, first, says);
    entry.dates.length = length;
    entry.stands_for = cell(columns.stands_for).parse().ok();
    Ok(entry)
}

/// The cells of a row that say what its days are.
struct RowCells<'r> {
    kind: &'r str,
    /// Whether the table has a column for it.
    has_kind: bool,
    is_off: &'r str,
    is_worked: &'r str,
    name: &'r str,
}

impl RowCells<'_> {
    /// What a row says: its kind, else whether it is off or worked, else its name.
    fn says(&self, time: Option<Window>) -> Says {
        if !self.kind.is_empty() {
            return of_kind(self.kind, time);
        }
        for (cell, if_yes, if_no) in [
            (self.is_off, HolidayKind::Holiday, HolidayKind::MakeupWorkday),
            (self.is_worked, HolidayKind::MakeupWorkday, HolidayKind::Holiday),
        ] {
            match yes_or_no(cell) {
                _ if cell.is_empty() => {}
                Some(yes) => return Says::kind(if yes { if_yes } else { if_no }, true),
                None => return Says::Unclear(NotUnderstood::Kind(cell.to_owned())),
            }
        }
        match (words::mark(self.name).0, words::read(self.name), time) {
            (Some(words), _, _) => judge::of_words(words, true),
            (None, Words::HalfDay | Words::HalfDayWorked, Some(time)) => half_day(time),
            // The column may have been meant to hold for the rows below too.
            (None, Words::Nothing, _) if self.has_kind => Says::Unclear(NotUnderstood::Kind(String::new())),
            (None, Words::Nothing | Words::Holiday, Some(_)) => Says::Unclear(NotUnderstood::PartOfDay),
            (None, words, _) => judge::of_words(words, false),
        }
    }
}

fn of_kind(kind: &str, time: Option<Window>) -> Says {
    match (code(kind).unwrap_or_else(|| label(kind)), time) {
        (Words::HalfDay | Words::HalfDayWorked, Some(time)) => half_day(time),
        (Words::HalfDay | Words::HalfDayWorked | Words::HalfDayOff, _) => {
            Says::Unclear(NotUnderstood::HalfDay)
        }
        (Words::Nothing | Words::Contradiction, _) => Says::Unclear(NotUnderstood::Kind(kind.to_owned())),
        (Words::Holiday, _) => Says::kind(HolidayKind::Holiday, true),
        (words, _) => judge::of_words(words, true),
    }
}

/// What a cell says that answers a question.
fn yes_or_no(cell: &str) -> Option<bool> {
    match cell.to_lowercase().as_str() {
        "1" | "true" | "yes" | "y" | "是" | "放假" | "休" | "√" => Some(true),
        "0" | "false" | "no" | "n" | "否" | "不放假" | "班" | "上班" => Some(false),
        _ => None,
    }
}

fn half_day(time: Window) -> Says {
    Says::Kind { kind: HolidayKind::HalfDay, marked: true, times: vec![time] }
}

/// The codes of the kinds, as our own form has them.
fn code(kind: &str) -> Option<Words> {
    let kind: HolidayKind = serde_json::from_value(kind.to_lowercase().into()).ok()?;
    Some(match kind {
        HolidayKind::Holiday => Words::DayOff,
        HolidayKind::MovedHoliday => Words::MovedDayOff,
        HolidayKind::MakeupWorkday => Words::Worked,
        HolidayKind::HalfDay => Words::HalfDay,
        HolidayKind::Observance => Words::Observance,
    })
}

fn time(begin: &str, end: &str) -> Result<Option<Window>, String> {
    if begin.is_empty() && end.is_empty() {
        return Ok(None);
    }
    let window = Window::parse(begin, end);
    window.map(Some).map_err(|faults| faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
}

/// A date with its year first.
fn date(text: &str) -> Option<Date> {
    let numbers: Vec<&str> =
        text.split(|character: char| !character.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
    let rest: String = text.chars().filter(|character| !character.is_ascii_digit()).collect();
    match (numbers.as_slice(), rest.trim()) {
        ([year, month, day], "--" | "//" | ".." | "年月日" | "年月") if year.len() == 4 => {
            Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
        }
        ([digits], "") if digits.len() == 8 => crate::repeats::date(digits),
        _ => None,
    }
}
