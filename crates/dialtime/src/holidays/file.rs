//! A file of holidays, in either of its forms.
//!
//! - JSON: a calendar as [`calendar::HolidayCalendarInput`] has it, or a year of one. `id` and `known_until` may be left out.
//! - iCalendar: see [`super::icalendar`].
//!
//! Knows files and rules, and nothing of the database.

use std::{fs::File, io::Read, path::Path};

use anyhow::{Context, bail};
use calendar::{HolidayDayInput, HolidayYear, Notice};
use jiff::civil::Date;
use serde::Deserialize;

use super::{
    draft::{Draft, DraftDay},
    icalendar,
};

/// The most bytes of a file: many times what all years of a country take.
const LARGEST_FILE: u64 = 1024 * 1024;

/// Reads the years of a file. `calendar` goes before the file's own id; after `known_until`, if given, nothing counts.
pub(super) fn read(
    path: &Path,
    calendar: Option<String>,
    known_until: Option<Date>,
) -> anyhow::Result<Vec<HolidayYear>> {
    let text = text_of(path)?;
    let mut draft = if is_icalendar(path, &text) { icalendar::read(&text)? } else { json(&text)? };
    draft.id = calendar.or(draft.id);
    if let Some(until) = known_until {
        draft.known_until = Some(until.to_string());
        draft.days.retain(|day| !day.day.date.parse().is_ok_and(|date: Date| date > until));
    }
    draft.years()
}

fn text_of(path: &Path) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(LARGEST_FILE + 1).read_to_end(&mut bytes))?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > LARGEST_FILE) {
        bail!("it must not have more than {LARGEST_FILE} bytes");
    }
    let text = String::from_utf8(bytes).context("it is not text in UTF-8")?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text).trim();
    if text.is_empty() {
        bail!("it is empty");
    }
    Ok(text.to_owned())
}

fn is_icalendar(path: &Path, text: &str) -> bool {
    let named = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("ics"));
    named || text.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("BEGIN:"))
}

fn json(text: &str) -> anyhow::Result<Draft> {
    #[derive(Deserialize)]
    struct HolidayFile {
        id: Option<String>,
        known_until: Option<String>,
        #[serde(default)]
        notices: Vec<Notice>,
        days: Vec<HolidayDayInput>,
    }
    // Serde would also take the members of an object in an array, by their order.
    if text.starts_with('[') {
        bail!("it must be one calendar, not a list");
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let document: HolidayFile = serde_path_to_error::deserialize(&mut deserializer)?;
    deserializer.end()?;
    let days = document.days.into_iter().enumerate();
    Ok(Draft {
        id: document.id,
        known_until: document.known_until,
        notices: document.notices,
        days: days.map(|(at, day)| DraftDay { place: format!("days[{at}]"), day }).collect(),
    })
}
