//! What a file of holidays says, whatever its form, and the rules it is checked against.

use std::collections::BTreeSet;

use anyhow::bail;
use calendar::{CalendarFault, HolidayCalendar, HolidayCalendarInput, HolidayDayInput, HolidayYear, Notice};
use domain::DEFAULT_HOLIDAY_CALENDAR;
use jiff::civil::Date;

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

impl Draft {
    /// The years, checked as a whole before anything is done with them.
    pub(super) fn years(self) -> anyhow::Result<Vec<HolidayYear>> {
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
