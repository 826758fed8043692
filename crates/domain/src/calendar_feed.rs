//! Addresses that holiday calendars follow: each is read every day, and what it says holds until it says something else.

use calendar::Zone;
use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{CalendarOwner, HolidayCalendarId, HttpUrl};

/// How long after an address was read it is read again; and after a failure.
const READ_EVERY: SignedDuration = SignedDuration::from_hours(24);
const RETRY_EVERY: SignedDuration = SignedDuration::from_hours(1);

/// How long an address must have failed before its followers are told.
pub const FEED_FAILING_AFTER: SignedDuration = SignedDuration::from_hours(72);

/// How much of what is wrong is stored, in characters.
const STORED_DETAIL: usize = 500;

/// How many entries that were not understood are stored of a file.
pub const STORED_ENTRIES: usize = 100;

/// What is made of entries of a file that are not understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnclearAs {
    /// Days off.
    DayOff,
    /// Make-up workdays.
    MakeupWorkday,
    /// Days with a name that close nothing.
    Observance,
    /// Nothing.
    LeaveOut,
}

/// The address that a holiday calendar follows, and how that fares.
#[derive(Clone, Debug)]
pub struct CalendarFeed {
    /// Which calendar.
    pub calendar: HolidayCalendarId,
    /// Whose it is.
    pub owner: CalendarOwner,
    /// Where it is read.
    pub url: HttpUrl,
    /// What the entries are that are not understood; `None`: a file that has some is a failure.
    pub unclear: Option<UnclearAs>,
    /// How its reading fares.
    pub state: FeedState,
}

/// How the reading of an address fares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeedState {
    /// When it was last read without a fault, changed or not.
    pub read_at: Option<Timestamp>,
    /// When it last changed the calendar.
    pub changed_at: Option<Timestamp>,
    /// What of the last good file is known to its server, and its digest.
    pub version: FeedVersion,
    /// How many days the last good file said nothing of that stayed all the same.
    pub kept_days: u32,
    /// The entries of the last file that were not understood: left out, or why it was refused. At most [`STORED_ENTRIES`].
    pub not_understood: Vec<FeedEntry>,
    /// The years of which the last good file has repeating days alone, although it writes down days of others.
    pub only_repeated: Vec<i16>,
    /// What is wrong since it was last read without a fault.
    pub failing: Option<FeedFailing>,
}

/// An entry of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedEntry {
    /// Where it stands in the file.
    pub place: String,
    /// What it is called.
    pub name: String,
    /// Its first day, if it has one.
    pub date: Option<Date>,
}

/// By what a file is known that was read: whoever has it need not read it again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeedVersion {
    /// Its `ETag`.
    pub etag: Option<String>,
    /// Its `Last-Modified`.
    pub last_modified: Option<String>,
    /// The SHA-256 of its bytes.
    pub digest: Option<[u8; 32]>,
}

/// An address that fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedFailing {
    /// Since when each reading has failed.
    pub since: Timestamp,
    /// When the last one did.
    pub at: Timestamp,
    /// How the last one did.
    pub failure: FeedFailure,
    /// Whether its followers were told.
    pub published: bool,
}

/// How a reading failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedFailure {
    /// In which way.
    pub fault: FeedFault,
    /// What else is known, in English: a status, what the network said, places in the file.
    pub detail: String,
    /// The entries that were not understood, of which a person has to say what they are. At most [`STORED_ENTRIES`].
    pub not_understood: Vec<FeedEntry>,
}

/// In which way a reading fails: a closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeedFault {
    /// The address, or one that it sends to, is not public.
    AddressNotPublic,
    /// There was no answer: the name is not known, nobody takes the connection, or it broke.
    Unreachable,
    /// The whole answer did not come in time.
    TimedOut,
    /// It sends elsewhere too often, or to what is no address.
    Redirected,
    /// It answered with another status than that of a file.
    Status,
    /// The file has too many bytes, or too many days.
    TooLarge,
    /// The file can be read in none of the forms.
    Unreadable,
    /// The file has no days.
    NoHolidays,
    /// The file does not say how far it is complete.
    KnownUntilNeeded,
    /// The file says of a date that it is off and that it is worked.
    Contradiction,
    /// The file has entries of which a person has to say what they are.
    NotUnderstood,
    /// A year would have less than half as many days as before, or as other years.
    FewerDays,
    /// Days of the file break the rules of calendars.
    InvalidDays,
}

impl FeedVersion {
    /// Whether a server can be asked for another file than this one only.
    pub fn is_conditional(&self) -> bool {
        self.etag.is_some() || self.last_modified.is_some()
    }
}

impl FeedFailure {
    /// A failure, with as much of what is known as is stored.
    pub fn new(fault: FeedFault, detail: &str) -> Self {
        Self { fault, detail: detail.chars().take(STORED_DETAIL).collect(), not_understood: Vec::new() }
    }

    /// The same because of these entries.
    #[must_use]
    pub fn of_entries(self, entries: impl IntoIterator<Item = FeedEntry>) -> Self {
        Self { not_understood: entries.into_iter().take(STORED_ENTRIES).collect(), ..self }
    }
}

impl FeedState {
    /// What the server need not send again. Nothing where the file was last read in another year: what repeats for ever is read to
    /// the end of the next year, and so says more from year to year.
    pub fn version_at(&self, now: Timestamp, zone: &Zone) -> FeedVersion {
        let year = |instant: Timestamp| zone.time_zone().to_datetime(instant).year();
        match self.read_at {
            Some(read_at) if year(read_at) == year(now) => self.version.clone(),
            _ => FeedVersion::default(),
        }
    }

    /// After a reading without a fault that changed nothing.
    #[must_use]
    pub fn unchanged(self, now: Timestamp) -> Self {
        Self { read_at: Some(now), failing: None, ..self }
    }

    /// After a good file was read. `changed` says whether it changed the calendar.
    #[must_use]
    pub fn read(self, version: FeedVersion, kept_days: u32, changed: bool, now: Timestamp) -> Self {
        let changed_at = if changed { Some(now) } else { self.changed_at };
        let (not_understood, only_repeated) = (Vec::new(), Vec::new());
        let read_at = Some(now);
        Self { read_at, changed_at, version, kept_days, not_understood, only_repeated, failing: None }
    }

    /// The same of a file in which these entries were left out, for they were not understood.
    #[must_use]
    pub fn leaving_out(self, entries: impl IntoIterator<Item = FeedEntry>) -> Self {
        Self { not_understood: entries.into_iter().take(STORED_ENTRIES).collect(), ..self }
    }

    /// The same of a file that has repeating days alone of these years.
    #[must_use]
    pub fn only_repeating(self, years: Vec<i16>) -> Self {
        Self { only_repeated: years, ..self }
    }

    /// After a reading that failed; and whether the followers are to be told now, which they are once.
    #[must_use]
    pub fn failed(self, failure: FeedFailure, now: Timestamp) -> (Self, bool) {
        let (since, published) =
            self.failing.as_ref().map_or((now, false), |failing| (failing.since, failing.published));
        let publish = !published && now.duration_since(since) >= FEED_FAILING_AFTER;
        let not_understood = failure.not_understood.clone();
        let failing = FeedFailing { since, at: now, failure, published: published || publish };
        (Self { failing: Some(failing), not_understood, ..self }, publish)
    }

    /// When it is to be read next.
    pub fn due_after(&self, now: Timestamp) -> Timestamp {
        let wait = if self.failing.is_some() { RETRY_EVERY } else { READ_EVERY };
        now.saturating_add(wait).unwrap_or(now)
    }
}

/// What an event says of an address that changed a calendar, or fails.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedSnapshot {
    /// Which calendar follows it.
    pub holiday_calendar: String,
    /// How it fares.
    pub feed: FeedOutcome,
}

/// What has become of an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeedOutcome {
    /// It changed the calendar.
    Changed {
        /// How many dates.
        days: usize,
        /// How many days it said nothing of that stayed all the same.
        kept_days: usize,
    },
    /// It has failed for [`FEED_FAILING_AFTER`].
    Failing {
        /// Since when.
        since: Timestamp,
        /// How it failed last.
        fault: FeedFault,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> Timestamp {
        "2026-12-30T00:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(hours)
    }

    fn failure() -> FeedFailure {
        FeedFailure::new(FeedFault::Status, "503")
    }

    #[test]
    fn three_days_of_failures_are_told_once() {
        let mut state = FeedState::default().read(FeedVersion::default(), 0, true, at(0));
        let mut told = Vec::new();
        for hour in 24..24 + 100 {
            assert_eq!(state.due_after(at(hour)), at(hour + if hour == 24 { 24 } else { 1 }));
            let publish;
            (state, publish) = state.failed(failure(), at(hour));
            told.extend(publish.then_some(hour));
        }
        assert_eq!(told, [24 + 72]);
        assert_eq!((state.read_at, state.changed_at), (Some(at(0)), Some(at(0))));
        // One good reading, and it begins anew.
        let well = state.unchanged(at(200));
        assert_eq!((&well.failing, well.read_at, well.due_after(at(200))), (&None, Some(at(200)), at(224)));
        assert!(!well.failed(failure(), at(201)).1);
    }

    #[test]
    fn a_file_that_was_read_last_year_is_read_again() {
        let zone = Zone::parse("Asia/Shanghai").unwrap();
        let version = FeedVersion { etag: Some("x".to_owned()), ..FeedVersion::default() };
        let state = FeedState::default().read(version.clone(), 0, true, at(0));
        // 2027 begins in Shanghai at 16:00 UTC of the day before.
        assert_eq!(state.version_at(at(39), &zone), version);
        assert_eq!(state.version_at(at(40), &zone), FeedVersion::default());
    }

    #[test]
    fn what_is_stored_of_a_failure_is_bounded() {
        assert_eq!(FeedFailure::new(FeedFault::Unreadable, &"日".repeat(9_999)).detail.chars().count(), 500);
    }
}
