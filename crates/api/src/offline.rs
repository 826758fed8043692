//! What the command line needs of the API without a server: decisions and calendars for a group in a file, as if it were saved, with the
//! built-in holidays; and lines in the form that the API has them in.

use std::fmt::Write;

use calendar::Zone;
use domain::{Fault, FaultRule, Faults, HolidayCalendars, Line, LineDraft, LineId, NumberDisplay};
use jiff::Timestamp;
use serde::Serialize;

use crate::{
    http::{
        body::{self, FromValue, Reading},
        language::Language,
        time::parse_instant,
        warning::FieldWarningView,
    },
    resources::{
        decisions::{DecisionSubject, DecisionView},
        group_calendars::{Days, GroupCalendarView, date_at},
        groups::{self, SaveGroup},
        lines::{CreateLine, LineView},
    },
};

/// What a check found.
#[derive(Debug, Serialize)]
pub struct Checked {
    decision: DecisionView,
    #[serde(skip_serializing_if = "Option::is_none")]
    calendar: Option<GroupCalendarView>,
    /// What the answer to saving the group would warn of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<FieldWarningView>,
}

/// Why there is nothing to check.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The text is no JSON.
    #[error("it is not JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// The group or an instant is faulty.
    #[error("{}", told(.0))]
    Faults(Vec<Fault>),
}

impl From<Vec<Fault>> for CheckError {
    fn from(faults: Vec<Fault>) -> Self {
        Self::Faults(faults)
    }
}

fn told(faults: &[Fault]) -> String {
    let line = |fault: &Fault| format!("{} {}", fault.field, crate::explain(&fault.rule));
    faults.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Decides for a group in JSON, the body of a request that would save it: at an instant, and with `until` for each day up
/// to it. Instants are RFC 3339; a group without a zone gets `zone`.
///
/// # Errors
/// What is wrong with the JSON, the group or an instant.
pub fn check(text: &str, zone: Zone, at: &str, until: Option<&str>) -> Result<Checked, CheckError> {
    let (group, faults) = group(text)?;
    let (_, draft) = group.draft(zone, faults)?;
    let calendars = HolidayCalendars::built_in();
    let mut faults = Faults::default();
    for (place, id) in draft.holiday_calendars.all().iter().enumerate() {
        if calendars.get(id.as_str()).is_none() {
            faults.add(draft.holiday_calendars.field(place), FaultRule::Unknown);
        }
    }
    let at = faults.check("at", parse_instant(at));
    let span =
        at.zip(until).and_then(|(at, until)| CheckedSpan::parse(at, until, draft.timezone, &mut faults));
    let at = faults.finish(at)?;
    let schedule = draft.schedule(&calendars).into();
    let subject = DecisionSubject { zone: draft.timezone, version: None, schedule: &schedule };
    let calendar = |CheckedSpan { from, to, days }| {
        GroupCalendarView::between(subject, (from, to), days, Language::English)
    };
    Ok(Checked {
        decision: DecisionView::of_group(subject, at, Language::English),
        calendar: span.map(calendar),
        warnings: groups::warnings(&draft, Language::English),
    })
}

/// Reads a line in JSON, the body of a request that would create it: the id that it brings along, and the line.
///
/// # Errors
/// What is wrong with it.
pub fn read_line(text: &str) -> Result<(Option<LineId>, LineDraft), CheckError> {
    let (line, faults) = whole::<CreateLine>(text, "line")?;
    Ok(line.checked(faults)?)
}

/// A line in indented JSON, with the members that the API's answers have: telephone numbers whole, and without its secret.
///
/// # Errors
/// Never: nothing in it is not JSON.
pub fn write_line(zone: Zone, line: &Line) -> serde_json::Result<String> {
    serde_json::to_string_pretty(&LineView::shown(zone, (NumberDisplay::Full, Language::English), line))
}

/// The group, with what is wrong with its fields' types.
fn group(text: &str) -> Result<(SaveGroup, Faults), CheckError> {
    whole(text, "group")
}

/// A body in JSON, with what is wrong with its fields' types.
fn whole<T: FromValue>(text: &str, name: &str) -> Result<(T, Faults), CheckError> {
    let value: serde_json::Value = serde_json::from_str(text)?;
    let mut reading = Reading::new();
    match body::whole(value, name, &mut reading) {
        Some(body) => Ok((body, reading.faults)),
        None => Err(reading.faults.into_vec().into()),
    }
}

/// The instants from the one asked about, and the days that they lie on.
struct CheckedSpan {
    from: Timestamp,
    to: Timestamp,
    days: Days,
}

impl CheckedSpan {
    fn parse(from: Timestamp, until: &str, zone: Zone, faults: &mut Faults) -> Option<Self> {
        let to = faults.check("until", parse_instant(until))?;
        let (first, last) = (date_at(from, zone), date_at(to, zone));
        let days = Days { from: first, to: last.tomorrow().unwrap_or(last) };
        let rule = if to <= from {
            Some(FaultRule::NotAfter("at"))
        } else {
            // The last day is one of them: a day that lies as many days later as may be is not too late.
            Days { from: first, to: last.max(first.tomorrow().unwrap_or(last)) }.fault()
        };
        faults.check("until", rule.map_or(Ok(Self { from, to, days }), Err))
    }
}

impl Checked {
    /// Whether a call is allowed at the instant asked about.
    pub const fn is_allowed(&self) -> bool {
        self.decision.allowed
    }

    /// Indented JSON, with the members that the API's answers have.
    ///
    /// # Errors
    /// Never: nothing in it is not JSON.
    pub fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self)
    }

    /// Lines for people.
    pub fn to_table(&self) -> String {
        let mut table = self.decision.to_table();
        if let Some(calendar) = &self.calendar {
            let _ = write!(table, "\n\n{}", calendar.to_table());
        }
        for warning in &self.warnings {
            let _ = write!(table, "\n{}", warning.to_line());
        }
        table
    }
}
