//! Why a file of holidays is refused.

use calendar::{CalendarFault, Rule};
use jiff::civil::Date;

use crate::entry::NotUnderstood;

/// How many faults or entries are told at most.
const TOLD: usize = 20;

/// Why a file is refused: a closed list. Shown, it is an English sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum FileFault {
    /// More bytes than [`LARGEST_FILE`](crate::LARGEST_FILE).
    #[error("it must not have more than {} bytes", crate::LARGEST_FILE)]
    TooLarge,
    /// No text, or in an encoding that nobody can tell.
    #[error("it is not text in UTF-8, GB18030, Big5 or another encoding that can be told: save it as UTF-8")]
    NotText,
    /// Nothing in it.
    #[error("it is empty")]
    Empty,
    /// It cannot be read in the form that it seems to have; what is wrong, in English.
    #[error("{0}")]
    Form(String),
    /// No event, row or day.
    #[error("it has no {0}")]
    Nothing(&'static str),
    /// More days than a calendar may have.
    #[error("it must not have more than {} days", calendar::MAX_HOLIDAY_DAYS)]
    TooManyDays,
    /// More events than may be read as exceptions.
    #[error("it must not have more than {} events", crate::MOST_TIMED_EVENTS)]
    TooManyEvents,
    /// One entry of it cannot be read.
    #[error("{place}: {message}")]
    Entry {
        /// Where.
        place: String,
        /// What is wrong, in English.
        message: String,
    },
    /// Only a person can say to which date it is complete.
    #[error(
        "of {year} it has days of the first week only; say how far it is complete: --known-until {year}-12-31 if it has all of \
         {year}, --known-until {before}-12-31 if it is of {before}",
        before = year - 1
    )]
    KnownUntil {
        /// Of which year too few days are there.
        year: i16,
    },
    /// Off and worked on one date.
    #[error(
        "{place}: {date} is also a day of {other}, and one says that it is off, the other that it is worked"
    )]
    Contradiction {
        /// Where the second stands.
        place: String,
        /// Which date.
        date: Date,
        /// Where the first stands.
        other: String,
    },
    /// What cannot be told apart, to be asked of a person.
    #[error("{}", asked(.0))]
    NotUnderstood(Vec<Unclear>),
    /// What was read breaks a calendar's rules.
    #[error("{}", listed(.0))]
    Calendar(Vec<PlacedFault>),
}

/// An entry of which it is not understood what it makes of its days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unclear {
    /// Where it stands in the file.
    pub place: String,
    /// What it is called.
    pub name: String,
    /// Its first day, if it has one in the years of the file.
    pub date: Option<Date>,
    /// Why.
    pub reason: NotUnderstood,
}

/// A fault of a calendar with the place in the file that it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedFault {
    /// The place: `days[3].date`, `event 2 (元旦).name`, `known_until`.
    pub place: String,
    /// The rule that is broken there.
    pub rule: Rule,
}

fn asked(unclear: &[Unclear]) -> String {
    let one = |unclear: &Unclear| {
        let date = unclear.date.map(|date| format!(", {date}")).unwrap_or_default();
        format!("{}{date}: {}", unclear.place, unclear.reason)
    };
    format!(
        "it is not understood what these are; say --unclear day-off, makeup-workday, observance or leave-out: {}",
        told(unclear, one)
    )
}

fn listed(faults: &[PlacedFault]) -> String {
    told(faults, |fault| format!("{}: {}", fault.place, fault.rule))
}

fn told<T>(all: &[T], one: impl Fn(&T) -> String) -> String {
    let mut told: Vec<String> = all.iter().take(TOLD).map(one).collect();
    if all.len() > TOLD {
        told.push(format!("and {} more", all.len() - TOLD));
    }
    told.join("; ")
}

/// Faults of a calendar, with the places in the file instead of those among the days.
pub(crate) fn placed(faults: Vec<CalendarFault>, places: &[String]) -> FileFault {
    let in_file = |fault: CalendarFault| {
        let place = fault.path.strip_prefix("days[").and_then(|rest| {
            let (at, member) = rest.split_once(']')?;
            Some(format!("{}{member}", places.get(at.parse::<usize>().ok()?)?))
        });
        PlacedFault { place: place.unwrap_or(fault.path), rule: fault.rule }
    };
    FileFault::Calendar(faults.into_iter().map(in_file).collect())
}
