//! Holidays as JSON.
//!
//! - Our own form: a calendar as [`calendar::HolidayCalendarInput`] has it, or a year of one. `id` and `known_until` may be left out.
//! - That of `holiday-cn`, in which China's days off are handed round: `{"year", "papers", "days": [{"name", "date", "isOffDay"}]}`.

use calendar::{HolidayDayInput, HolidayKind, Notice};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    Draft,
    entry::{FileEntry, Says},
    fault::FileFault,
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
        return Err(FileFault::Form("it must be one calendar, not a list".to_owned()));
    }
    if is_holiday_cn(text) {
        holiday_cn(parse(text)?).map(JsonFile::Other)
    } else {
        parse(text).map(JsonFile::Own)
    }
}

/// Our form has neither years nor papers.
fn is_holiday_cn(text: &str) -> bool {
    let object = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text);
    object.is_ok_and(|object| {
        object.contains_key("papers") || (object.contains_key("year") && !object.contains_key("id"))
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
