//! Holidays as a table: CSV with a line of headings, in Chinese, English and some other languages.
//!
//! A row has a date (日期) or a first and a last one, a name (名称), and a kind (类型) or a column that says whether it is off (是否放假). A
//! half day has its times. How dates may be written: [`dates`]. Lines before the one of headings are passed over.

mod columns;
mod dates;

use std::collections::BTreeSet;

use calendar::{HolidayKind, Window};
use domain::delimiter;
use jiff::civil::{Date, Weekday};

use self::columns::HolidayColumns;
pub(crate) use self::dates::DateForms;
use crate::{
    Draft,
    entry::{FileEntry, LONGEST_ENTRY, NotUnderstood, Says},
    fault::FileFault,
    judge,
    labels::label,
    words::{self, Words},
};

pub(crate) fn read(text: &str) -> Result<Draft, FileFault> {
    let text = with_delimiters(text);
    let rows = rows(&text)?;
    let found = rows
        .iter()
        .take(FIRST_LINES)
        .enumerate()
        .find_map(|(at, row)| Some((at, HolidayColumns::find(row)?)));
    let (at, columns) = found.ok_or_else(|| FileFault::Form(NO_HEADINGS.to_owned()))?;
    of_rows(&columns, &rows[at + 1..])
}

/// Whether it is a file of holidays as Outlook has it: `[Germany] 12`, and then a name and a date on each line.
pub(crate) fn is_of_outlook(text: &str) -> bool {
    let first = text.lines().next().unwrap_or_default();
    let parts = first.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    parts.is_some_and(|(place, count)| {
        !place.is_empty() && !place.contains(['"', '{']) && count.trim().parse::<u16>().is_ok()
    })
}

/// Reads such a file, of one place or of several: then all their days are days off.
pub(crate) fn read_of_outlook(text: &str) -> Result<Draft, FileFault> {
    let rows: Vec<csv::StringRecord> =
        rows(text)?.into_iter().filter(|row| !row.get(0).is_some_and(|cell| cell.starts_with('['))).collect();
    of_rows(&HolidayColumns::name_and_date(), &rows)
}

/// Within how many lines that of the headings stands.
const FIRST_LINES: usize = 10;

/// The text with a comma where its first line has none of the usual delimiters, but `，` or `|`.
fn with_delimiters(text: &str) -> std::borrow::Cow<'_, str> {
    // Spreadsheets write it for themselves, where `;` is not usual.
    let text = text.strip_prefix("sep=").and_then(|rest| Some(rest.split_once('\n')?.1)).unwrap_or(text);
    let first = text.lines().next().unwrap_or_default();
    let other =
        ['|', '，'].into_iter().find(|other| first.contains(*other) && !first.contains([',', ';', '\t']));
    other.map_or(text.into(), |other| text.replace(other, ",").into())
}

fn rows(text: &str) -> Result<Vec<csv::StringRecord>, FileFault> {
    // What stands above the headings may have other characters in it.
    let delimiters = text.lines().take(FIRST_LINES).map(|line| (line, delimiter(line.as_bytes())));
    let count = |(line, delimiter): &(&str, u8)| line.bytes().filter(|byte| byte == delimiter).count();
    let delimiter = delimiters.max_by_key(count).map_or(b',', |(_, delimiter)| delimiter);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|error| FileFault::Form(format!("it cannot be read as CSV: {error}")))?;
        if row.iter().any(|cell| !cell.is_empty()) {
            rows.push(row);
        }
        if rows.len() > calendar::MAX_HOLIDAY_DAYS {
            return Err(FileFault::TooManyDays);
        }
    }
    Ok(rows)
}

fn of_rows(columns: &HolidayColumns, rows: &[csv::StringRecord]) -> Result<Draft, FileFault> {
    if rows.is_empty() {
        return Err(FileFault::Nothing("rows"));
    }
    let cells: Vec<String> = rows.iter().map(|row| columns.date_of(row)).collect();
    let ends = rows.iter().filter_map(|row| row.get(columns.end?));
    let forms = DateForms::of(cells.iter().map(String::as_str).chain(ends));
    let mut entries = rows.iter().map(|row| entry(columns, row, forms)).collect::<Result<Vec<_>, _>>()?;
    let each_day = last_of_each_day(&entries);
    entries.retain(|entry| !is_ordinary(entry, each_day.is_some()));
    let year = entries.iter().flat_map(|entry| &entry.dates.starts).map(|date| date.year()).max();
    let known_until = each_day.filter(|last| year == Some(last.year()));
    Ok(Draft { entries, known_until, ..Draft::default() })
}

/// How many days in a row a table has that has a row for each day.
const EACH_DAY: usize = 28;

/// The last day of a table that has a row for each day.
fn last_of_each_day(entries: &[FileEntry]) -> Option<Date> {
    let days: BTreeSet<Date> = entries.iter().flat_map(|entry| entry.dates.starts.iter().copied()).collect();
    let (first, last) = (*days.first()?, *days.last()?);
    let between = first.until(last).map_or(0, |span| span.get_days());
    let is_each = days.len() >= EACH_DAY && usize::try_from(between).is_ok_and(|more| more + 1 == days.len());
    is_each.then_some(last)
}

/// Whether a row without a name says of a day that it is as ever: worked from Monday to Friday, or in a table of each day off at a weekend.
fn is_ordinary(entry: &FileEntry, is_of_each_day: bool) -> bool {
    let days = &entry.dates.starts;
    let is_weekend = days.iter().all(|date| matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday));
    let is_nameless = entry.name.is_empty() && entry.dates.length == 1;
    match &entry.says {
        Says::Kind { kind: HolidayKind::MakeupWorkday, .. } => !is_weekend && (is_nameless || is_of_each_day),
        Says::Kind { kind, .. } => kind.is_day_off() && is_weekend && is_nameless && is_of_each_day,
        _ => false,
    }
}

const NO_HEADINGS: &str = "it is neither JSON nor iCalendar, and as CSV it needs a first line that names its columns: date, name, kind (日期, 名称, \
                           类型)";

fn entry(
    columns: &HolidayColumns,
    row: &csv::StringRecord,
    forms: DateForms,
) -> Result<FileEntry, FileFault> {
    let place = format!("line {}", row.position().map_or(0, csv::Position::line));
    let cell = |column: Option<usize>| column.and_then(|at| row.get(at)).unwrap_or_default();
    let fault = |message: &str| FileFault::Entry { place: place.clone(), message: message.to_owned() };
    let first =
        forms.date(&columns.date_of(row)).ok_or_else(|| fault("the date must be of the form YYYY-MM-DD"))?;
    // Of what lasts all day some programs write the times too.
    let is_all_day = yes_or_no(cell(columns.all_day)) == Some(true);
    let mut length = match cell(columns.end) {
        "" => 1,
        end => {
            let end = forms.date(end).ok_or_else(|| fault("the last day must be of the form YYYY-MM-DD"))?;
            first.until(end).map_or(0, |span| span.get_days()) + 1
        }
    };
    // Then the last day ends with its first moment.
    if is_all_day && length > 1 && hours(cell(columns.end_time)).starts_with("00:00") {
        length -= 1;
    }
    if length < 1 {
        return Err(fault("the last day must not be before the first"));
    }
    let times = if is_all_day { Ok(None) } else { time(cell(columns.begin_time), cell(columns.end_time)) };
    let times = times.map_err(|message| fault(&message))?;
    let cells = RowCells {
        kind: cell(columns.kind),
        has_kind: columns.kind.is_some(),
        is_off: cell(columns.is_off),
        is_worked: cell(columns.is_worked),
        name: cell(columns.name),
        regions: cell(columns.regions),
    };
    let says = if length > LONGEST_ENTRY { Says::Unclear(NotUnderstood::TooLong) } else { cells.says(times) };
    let (_, name) = words::mark(cells.name);
    let mut entry = FileEntry::of_day(place, name, first, says);
    entry.dates.length = length;
    entry.stands_for = cell(columns.stands_for).parse().ok();
    Ok(entry)
}

/// The cells of a row that say what its days are.
#[derive(Default)]
pub(crate) struct RowCells<'r> {
    pub(crate) kind: &'r str,
    /// Whether the table has a column for it.
    pub(crate) has_kind: bool,
    pub(crate) is_off: &'r str,
    pub(crate) is_worked: &'r str,
    pub(crate) name: &'r str,
    /// The parts of the country in which alone it is so.
    pub(crate) regions: &'r str,
}

impl RowCells<'_> {
    /// What a row says: its kind, else whether it is off or worked, else its name.
    pub(crate) fn says(&self, time: Option<Window>) -> Says {
        if !self.regions.is_empty() {
            return Says::Unclear(NotUnderstood::Kind(self.regions.to_owned()));
        }
        if !self.kind.is_empty() {
            return of_kind(self.kind, time);
        }
        for (cell, if_yes, if_no) in [
            (self.is_off, HolidayKind::Holiday, HolidayKind::MakeupWorkday),
            (self.is_worked, HolidayKind::MakeupWorkday, HolidayKind::Holiday),
        ] {
            // Taiwan's calendar has 2 for days off and 0 for others.
            match yes_or_no(if cell == "2" { "1" } else { cell }) {
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
        "1" | "true" | "yes" | "y" | "ja" | "oui" | "是" | "放假" | "休" | "√" => Some(true),
        "0" | "false" | "no" | "n" | "nein" | "non" | "否" | "不放假" | "班" | "上班" => Some(false),
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

/// A time of day with 24 hours: `1:30 PM` is `13:30`.
fn hours(text: &str) -> String {
    let text = text.trim().to_ascii_uppercase();
    let halves = [("AM", 0), ("PM", 12)];
    let half = halves.into_iter().find_map(|(half, more)| Some((text.strip_suffix(half)?.trim(), more)));
    let parts = half.and_then(|(time, more)| {
        let (hour, rest) = time.split_once(':').unwrap_or((time, "00"));
        let hour = hour.parse::<u8>().ok().filter(|hour| (1..=12).contains(hour))?;
        Some(format!("{:02}:{rest}", hour % 12 + more))
    });
    parts.unwrap_or(text)
}

fn time(begin: &str, end: &str) -> Result<Option<Window>, String> {
    if begin.is_empty() && end.is_empty() {
        return Ok(None);
    }
    let window = Window::parse(&hours(begin), &hours(end));
    window.map(Some).map_err(|faults| faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
}
