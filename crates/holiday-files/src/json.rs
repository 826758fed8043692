//! Holidays as JSON.
//!
//! - Our own form: a calendar as [`calendar::HolidayCalendarInput`] has it, or a year of one. `id` and `known_until` may be left out.
//! - That of `holiday-cn`, in which China's days off are handed round: `{"year", "papers", "days": [{"name", "date", "isOffDay"}]}`, one year or
//!   a list of them.
//! - Days alone, as services and libraries give them: a list of objects with `date`, `name`, and `type`, `types`, `isOffDay` or `holiday`, or
//!   names by their dates.

use calendar::{HolidayDayInput, HolidayKind, Notice};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::{
    Draft,
    entry::{FileEntry, Says},
    fault::FileFault,
    table::{DateForms, RowCells},
    words,
};

/// What is read of a file of JSON.
pub(crate) enum JsonFile {
    /// Our own form, which says everything by itself.
    Own(OwnFile),
    /// Another, whose entries are looked at as those of all other forms.
    Other(Draft),
}

/// Our own form.
#[derive(Deserialize)]
pub(crate) struct OwnFile {
    pub(crate) id: Option<String>,
    pub(crate) known_until: Option<String>,
    #[serde(default)]
    pub(crate) notices: Vec<Notice>,
    pub(crate) days: Vec<HolidayDayInput>,
}

#[derive(Deserialize)]
struct HolidayCnFile {
    year: i16,
    #[serde(default)]
    papers: Vec<String>,
    days: Vec<HolidayCnDay>,
}

#[derive(Deserialize)]
struct HolidayCnDay {
    name: String,
    date: String,
    #[serde(rename = "isOffDay")]
    is_off_day: bool,
}

pub(crate) fn read(text: &str) -> Result<JsonFile, FileFault> {
    // Serde would also take the members of an object in an array, by their order.
    if text.starts_with('[') {
        return listed(parse(text)?).map(JsonFile::Other);
    }
    if is_holiday_cn(text) {
        return holiday_cn(parse(text)?).map(JsonFile::Other);
    }
    match by_date(text) {
        Some(days) => days_of(days).map(JsonFile::Other),
        None => parse(text).map(JsonFile::Own),
    }
}

/// A list: of years as `holiday-cn` has them, or of days.
fn listed(values: Vec<Value>) -> Result<Draft, FileFault> {
    if !values.iter().any(|value| value.get("days").is_some()) {
        return days_of(values.into_iter().map(|value| (None, value)));
    }
    let mut all = Draft::default();
    for value in values {
        let is_own = !value.get("year").is_some_and(Value::is_i64);
        if is_own {
            return Err(FileFault::Form("it must be one calendar, not a list of them".to_owned()));
        }
        let year = serde_json::from_value(value).map_err(|error| FileFault::Form(error.to_string()))?;
        let Draft { entries, notices, known_until, .. } = holiday_cn(year)?;
        all.entries.extend(entries);
        all.notices.extend(notices);
        all.known_until = all.known_until.max(known_until);
    }
    Ok(all)
}

/// Days by their dates: `{"2027-01-01": "元旦"}`, or `{"holiday": {"01-01": {"date": "2027-01-01", "holiday": true, "name": "元旦"}}}`.
fn by_date(text: &str) -> Option<Vec<(Option<String>, Value)>> {
    let object: Map<String, Value> = serde_json::from_str(text).ok()?;
    if let Some(Value::Object(days)) = object.get("holiday") {
        return Some(days.values().map(|day| (None, day.clone())).collect());
    }
    let is_all = !object.is_empty() && object.keys().all(|date| DateForms::default().date(date).is_some());
    is_all.then(|| object.into_iter().map(|(date, value)| (Some(date), value)).collect())
}

/// Days of which each is a date, a name under its date, or an object that has these and what the day is.
fn days_of(days: impl IntoIterator<Item = (Option<String>, Value)>) -> Result<Draft, FileFault> {
    let mut entries = Vec::new();
    for (at, (date, day)) in days.into_iter().enumerate() {
        entries.push(day_of(format!("[{at}]"), date, &day)?);
        if entries.len() > calendar::MAX_HOLIDAY_DAYS {
            return Err(FileFault::TooManyDays);
        }
    }
    if entries.is_empty() {
        return Err(FileFault::Nothing("days"));
    }
    Ok(Draft { entries, ..Draft::default() })
}

fn day_of(place: String, date: Option<String>, day: &Value) -> Result<FileEntry, FileFault> {
    let member = |names: &[&str]| {
        let found = names.iter().find_map(|name| day.get(*name)).map(plain);
        found.unwrap_or_default()
    };
    let (date, name) = match (date, day) {
        (Some(date), Value::String(name)) => (date, name.clone()),
        (None, Value::String(date)) => (date.clone(), String::new()),
        (date, _) => (date.unwrap_or_else(|| member(&["date"])), member(&["name", "localName", "title"])),
    };
    let first = DateForms::default().date(&date).ok_or_else(|| FileFault::Entry {
        place: format!("{place}.date"),
        message: "must be a date of the form YYYY-MM-DD".to_owned(),
    })?;
    let says = RowCells {
        kind: &member(&["kind", "type", "types"]),
        is_off: &member(&["isOffDay", "holiday", "isHoliday"]),
        is_worked: &member(&["isWorkday", "workday"]),
        name: &name,
        regions: &member(&["counties"]),
        ..RowCells::default()
    };
    let says = says.says(None);
    let (_, name) = words::mark(&name);
    Ok(FileEntry::of_day(place, name, first, says))
}

/// A value as a cell of a table has it; of a list the first that says that the day is off for all, else the first.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(is) => is.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Array(values) => {
            let texts: Vec<String> = values.iter().map(plain).collect();
            texts.iter().find(|text| *text == "Public").or(texts.first()).cloned().unwrap_or_default()
        }
        Value::Null | Value::Object(_) => String::new(),
    }
}

/// Our form has neither years nor papers.
fn is_holiday_cn(text: &str) -> bool {
    let object = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text);
    object.is_ok_and(|object| {
        object.contains_key("papers")
            || (object.contains_key("year") && object.contains_key("days") && !object.contains_key("id"))
    })
}

fn parse<T: DeserializeOwned>(text: &str) -> Result<T, FileFault> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let parsed = serde_path_to_error::deserialize(&mut deserializer)
        .map_err(|error| FileFault::Form(error.to_string()))?;
    deserializer.end().map_err(|error| FileFault::Form(error.to_string()))?;
    Ok(parsed)
}

fn holiday_cn(file: HolidayCnFile) -> Result<Draft, FileFault> {
    let mut entries = Vec::with_capacity(file.days.len());
    for (at, day) in file.days.into_iter().enumerate() {
        let place = format!("days[{at}]");
        let date = day.date.parse().map_err(|_| FileFault::Entry {
            place: format!("{place}.date"),
            message: "must be a date of the form YYYY-MM-DD".to_owned(),
        })?;
        let kind = if day.is_off_day { HolidayKind::Holiday } else { HolidayKind::MakeupWorkday };
        let mut entry = FileEntry::of_day(place, day.name, date, Says::kind(kind, true));
        // The last days of December are of the notice for the year after.
        entry.notice = (date.year() != file.year && !file.papers.is_empty()).then(|| file.year.to_string());
        entries.push(entry);
    }
    if entries.is_empty() {
        return Err(FileFault::Nothing("days"));
    }
    let notice = |address: String| Notice { id: file.year.to_string(), address };
    let known_until = format!("{:04}-12-31", file.year).parse().ok();
    Ok(Draft {
        entries,
        notices: file.papers.into_iter().take(1).map(notice).collect(),
        known_until,
        ..Draft::default()
    })
}
