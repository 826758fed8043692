//! A file of holidays, in either of its forms, checked as a whole before anything is done with it.
//!
//! - JSON: a calendar as [`HolidayCalendarInput`] has it, or a year of one. `id` and `known_until` may be left out.
//! - iCalendar: see [`super::icalendar`].
//!
//! Knows files and rules, and nothing of the database.

use std::{collections::BTreeSet, fs::File, io::Read, path::Path};

use anyhow::{Context, bail};
use calendar::{CalendarFault, HolidayCalendar, HolidayCalendarInput, HolidayDayInput, HolidayYear, Notice};
use domain::DEFAULT_HOLIDAY_CALENDAR;
use jiff::civil::Date;
use serde::Deserialize;

use super::icalendar;

/// The most bytes of a file: many times what all years of a country take.
const LARGEST_FILE: u64 = 1024 * 1024;
/// How many faults are told at most.
const FAULTS_TOLD: usize = 20;
/// Days of January no later than this say nothing of the rest of their year.
const FIRST_WEEK: i8 = 7;

/// What a file says, unchecked.
pub(super) struct Draft {
    pub(super) id: Option<String>,
    pub(super) known_until: Option<String>,
    pub(super) notices: Vec<Notice>,
    pub(super) days: Vec<DraftDay>,
}

/// A day, and where in the file it stands.
pub(super) struct DraftDay {
    pub(super) place: String,
    pub(super) day: HolidayDayInput,
}

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

impl Draft {
    fn years(self) -> anyhow::Result<Vec<HolidayYear>> {
        let known_until = match self.known_until {
            Some(known_until) => known_until,
            None => end_of_last_year(&self.days)?,
        };
        let (places, days): (Vec<_>, Vec<_>) =
            self.days.into_iter().map(|draft| (draft.place, draft.day)).unzip();
        let id = self.id.unwrap_or_else(|| DEFAULT_HOLIDAY_CALENDAR.to_owned());
        let input = HolidayCalendarInput { id, known_until, notices: self.notices, days };
        HolidayCalendar::parse(input)
            .and_then(HolidayCalendar::into_years)
            .map_err(|faults| refusal(&faults, &places))
    }
}

/// Without a word on how far the file is complete: to the end of its last year, if that seems to be all there.
fn end_of_last_year(days: &[DraftDay]) -> anyhow::Result<String> {
    let dates: BTreeSet<Date> = days.iter().filter_map(|day| day.day.date.parse().ok()).collect();
    let (Some(first), Some(last)) = (dates.first(), dates.last()) else { bail!("it has no days") };
    if first.year() < last.year() && last.month() == 1 && last.day() <= FIRST_WEEK {
        bail!(
            "of {last} it has days of the first week only; say how far it is complete: --known-until {last}-12-31 if it \
             has all of {last}, --known-until {before}-12-31 if it is of {before}",
            last = last.year(),
            before = last.year() - 1
        );
    }
    Ok(format!("{:04}-12-31", last.year()))
}

fn refusal(faults: &[CalendarFault], places: &[String]) -> anyhow::Error {
    let told: Vec<String> = faults.iter().take(FAULTS_TOLD).map(|fault| placed(fault, places)).collect();
    let more = faults.len().saturating_sub(FAULTS_TOLD);
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    anyhow::anyhow!("{}{more}", told.join("; "))
}

/// A fault with the place in the file instead of the place among the days.
fn placed(fault: &CalendarFault, places: &[String]) -> String {
    let place = fault.path.strip_prefix("days[").and_then(|rest| {
        let (at, member) = rest.split_once(']')?;
        Some(format!("{}{member}", places.get(at.parse::<usize>().ok()?)?))
    });
    format!("{}: {}", place.as_ref().unwrap_or(&fault.path), fault.rule)
}
