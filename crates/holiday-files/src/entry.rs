//! One thing that a file says about some days, whatever the file's form.

use std::collections::BTreeSet;

use calendar::{HolidayKind, TimeOfDay, Window};
use jiff::{
    ToSpan,
    civil::{Date, date},
};

use crate::repeats::RepeatRule;

/// What a file says of some days.
pub(crate) struct FileEntry {
    /// Where it stands: `event 3 (元旦)`, `line 4`, `days[3]`.
    pub(crate) place: String,
    pub(crate) name: String,
    pub(crate) dates: EntryDates,
    /// The part of the day that it lasts, in minutes after midnight, unless it lasts all day.
    pub(crate) part: Option<(u16, u16)>,
    pub(crate) says: Says,
    /// `Some(true)`: it takes up time (`TRANSP:OPAQUE`); `Some(false)`: it does not.
    pub(crate) opaque: Option<bool>,
    /// The weekday that a make-up workday stands for.
    pub(crate) stands_for: Option<i64>,
    pub(crate) notice: Option<String>,
}

impl FileEntry {
    /// An entry of one day.
    pub(crate) fn of_day(place: String, name: String, date: Date, says: Says) -> Self {
        let dates = EntryDates { starts: vec![date], length: 1, ..EntryDates::default() };
        Self { place, name, dates, part: None, says, opaque: None, stands_for: None, notice: None }
    }
}

/// What a file makes of an entry's days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Says {
    /// A kind, by a mark or by words that are said of no other. `marked`: by a mark.
    Kind { kind: HolidayKind, marked: bool, times: Vec<Window> },
    /// A day off by a word that does not say more, such as 假期.
    Holiday,
    /// A name and nothing else.
    Name,
    /// 调休 alone.
    Moved,
    /// Nothing that we understand.
    Unclear(NotUnderstood),
}

impl Says {
    pub(crate) const fn kind(kind: HolidayKind, marked: bool) -> Self {
        Self::Kind { kind, marked, times: vec![] }
    }
}

/// Why it is not understood what an entry makes of its days: a closed list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum NotUnderstood {
    /// Its words contradict each other, or need more than is known: 值班, 调休 of a Saturday.
    Words,
    /// It lasts a part of its day, and does not say that this is a half day.
    PartOfDay,
    /// It is a half day without its times.
    HalfDay,
    /// It lasts longer than a holiday does: more than 31 days.
    TooLong,
    /// It repeats in a way that is not read; the way, as the file has it.
    Repeats(String),
    /// Its kind is a word that nobody knows.
    Kind(String),
    /// Its times are in universal time, and the file does not say of which zone it is, or names one that nobody knows.
    Zone,
}

impl NotUnderstood {
    /// A stable code, in `snake_case`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Words => "words",
            Self::PartOfDay => "part_of_day",
            Self::HalfDay => "half_day_without_times",
            Self::TooLong => "too_long",
            Self::Repeats(_) => "repeats",
            Self::Kind(_) => "kind",
            Self::Zone => "zone",
        }
    }
}

impl std::fmt::Display for NotUnderstood {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Words => formatter.write_str("its words may mean a day off and a day worked"),
            Self::PartOfDay => formatter.write_str("it begins or ends within a day"),
            Self::HalfDay => formatter.write_str("a half day without the times at which it is open"),
            Self::TooLong => write!(formatter, "it is longer than {LONGEST_ENTRY} days"),
            Self::Repeats(how) => write!(formatter, "it repeats in a way that is not read: {how}"),
            Self::Kind(kind) if kind.is_empty() => {
                formatter.write_str("its row has no kind, for which the table has a column")
            }
            Self::Kind(kind) => write!(formatter, "the kind {kind:?} is not known"),
            Self::Zone => formatter
                .write_str("its time is UTC, and the file names no zone that is known (X-WR-TIMEZONE)"),
        }
    }
}

/// The longest entry, in days.
pub(crate) const LONGEST_ENTRY: i32 = 31;

/// On which days an entry lies.
#[derive(Default)]
pub(crate) struct EntryDates {
    /// The first days of its occurrences that are written down one by one.
    pub(crate) starts: Vec<Date>,
    /// How many days each lasts, at least one.
    pub(crate) length: i32,
    /// How it repeats, from which day on.
    pub(crate) rule: Option<RepeatRule>,
    /// The first days of occurrences that are taken out.
    pub(crate) except: Vec<Date>,
    /// Whether they are of something that repeats: its own, or one of its occurrences that was changed.
    pub(crate) of_series: bool,
}

impl EntryDates {
    /// Its days: of what repeats those in these years, of what is written down all.
    pub(crate) fn days_within(&self, first: i16, last: i16) -> BTreeSet<Date> {
        let is_there = |start: &Date| !self.except.contains(start);
        let written = self.starts.iter().copied().filter(is_there).flat_map(|start| self.days_from(start));
        // One that begins at the end of a year may last into the next.
        let (from, to) = (date(first.saturating_sub(1), 1, 1), date(last, 12, 31));
        let ruled = self.rule.iter().flat_map(|rule| rule.dates(from, to));
        let ruled = ruled.filter(|start| *start >= from && is_there(start));
        let ruled = ruled.flat_map(|start| self.days_from(start)).filter(|day| day.year() >= first);
        written.chain(ruled).collect()
    }

    /// Each day of an occurrence.
    pub(crate) fn days_from(&self, start: Date) -> impl Iterator<Item = Date> {
        start.series(1.day()).take(usize::try_from(self.length).unwrap_or(1))
    }
}

/// A time within a day from minutes after midnight; `None` for none.
pub(crate) fn time_within(begin: u16, end: u16) -> Option<Window> {
    Window::new(TimeOfDay::from_minutes(begin).ok()?, TimeOfDay::from_minutes(end).ok()?).ok()
}
