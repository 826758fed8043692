//! From what a file's entries say to the kinds of its days.
//!
//! An entry that says nothing but a name is a day off, unless the file marks its days off: then the others are observances. Where events
//! differ in whether they take up time (`TRANSP`), those that say more show what the file means by it.

use calendar::{HolidayKind, Window};
use jiff::civil::Weekday;

use crate::{
    UnclearAs,
    entry::{FileEntry, NotUnderstood, Says},
    words::Words,
};

/// What words make of a whole day.
pub(crate) const fn of_words(words: Words, marked: bool) -> Says {
    match words {
        Words::DayOff => Says::kind(HolidayKind::Holiday, marked),
        Words::MovedDayOff => Says::kind(HolidayKind::MovedHoliday, marked),
        Words::Worked => Says::kind(HolidayKind::MakeupWorkday, marked),
        Words::Observance => Says::kind(HolidayKind::Observance, marked),
        Words::Holiday => Says::Holiday,
        Words::Moved => Says::Moved,
        Words::Nothing => Says::Name,
        Words::Contradiction => Says::Unclear(NotUnderstood::Words),
        Words::HalfDay | Words::HalfDayWorked | Words::HalfDayOff => Says::Unclear(NotUnderstood::HalfDay),
    }
}

/// What an entry's days are.
pub(crate) enum Verdict {
    /// A kind. `explicit`: the file says so, and not only a name.
    Kind { kind: HolidayKind, explicit: bool, times: Vec<Window> },
    /// Nobody knows.
    Unclear(NotUnderstood),
    /// Left out, as is wished for what is not understood.
    LeftOut(NotUnderstood),
}

impl Verdict {
    pub(crate) const fn is(&self, wanted: HolidayKind) -> bool {
        matches!(self, Self::Kind { kind, .. } if *kind as u8 == wanted as u8)
    }
}

/// What the entries of a file show about all of them.
struct Habits {
    marks_days_off: bool,
    /// What entries are that take up time, and those that do not.
    opaque: Option<HolidayKind>,
    transparent: Option<HolidayKind>,
}

impl Habits {
    fn of(entries: &[FileEntry]) -> Self {
        let is_marked_off = |entry: &FileEntry| matches!(&entry.says, Says::Kind { kind, marked: true, .. } if kind.is_day_off());
        let kinds = |opaque: bool| {
            let kinds =
                entries.iter().filter(|entry| entry.opaque == Some(opaque)).filter_map(|entry| match &entry
                    .says
                {
                    Says::Kind { kind, .. } => Some(*kind),
                    Says::Holiday => Some(HolidayKind::Holiday),
                    _ => None,
                });
            kinds.collect::<Vec<_>>()
        };
        let only = |kinds: &[HolidayKind]| {
            kinds.first().copied().filter(|first| kinds.iter().all(|kind| kind == first))
        };
        let (opaque, transparent) = (only(&kinds(true)), only(&kinds(false)));
        let differ = opaque.is_some() && transparent.is_some() && opaque != transparent;
        Self {
            marks_days_off: entries.iter().any(is_marked_off),
            opaque: opaque.filter(|_| differ),
            transparent: transparent.filter(|_| differ),
        }
    }

    /// What a name alone means in this file.
    fn name(&self, entry: &FileEntry) -> Verdict {
        let shown = match entry.opaque {
            Some(true) => self.opaque,
            Some(false) => self.transparent,
            None => None,
        };
        match (shown, self.marks_days_off) {
            (Some(kind), _) if kind != HolidayKind::HalfDay => {
                Verdict::Kind { kind, explicit: false, times: vec![] }
            }
            (_, true) => Verdict::Kind { kind: HolidayKind::Observance, explicit: false, times: vec![] },
            _ if entry.part.is_some() => Verdict::Unclear(NotUnderstood::PartOfDay),
            _ => Verdict::Kind { kind: HolidayKind::Holiday, explicit: false, times: vec![] },
        }
    }
}

/// What the days of each entry are.
pub(crate) fn verdicts(entries: &[FileEntry], unclear: Option<UnclearAs>) -> Vec<Verdict> {
    let habits = Habits::of(entries);
    let verdict = |entry: &FileEntry| match &entry.says {
        Says::Kind { kind, times, .. } => Verdict::Kind { kind: *kind, explicit: true, times: times.clone() },
        Says::Holiday => Verdict::Kind { kind: HolidayKind::Holiday, explicit: true, times: vec![] },
        Says::Name => habits.name(entry),
        Says::Moved if begins_on_a_weekday(entry) => {
            Verdict::Kind { kind: HolidayKind::MovedHoliday, explicit: true, times: vec![] }
        }
        Says::Moved => Verdict::Unclear(NotUnderstood::Words),
        Says::Unclear(reason) => Verdict::Unclear(reason.clone()),
    };
    entries.iter().map(|entry| settled(verdict(entry), unclear)).collect()
}

fn settled(verdict: Verdict, unclear: Option<UnclearAs>) -> Verdict {
    let Verdict::Unclear(reason) = verdict else { return verdict };
    let kind = match unclear {
        None => return Verdict::Unclear(reason),
        Some(UnclearAs::LeaveOut) => return Verdict::LeftOut(reason),
        Some(UnclearAs::DayOff) => HolidayKind::Holiday,
        Some(UnclearAs::MakeupWorkday) => HolidayKind::MakeupWorkday,
        Some(UnclearAs::Observance) => HolidayKind::Observance,
    };
    Verdict::Kind { kind, explicit: true, times: vec![] }
}

/// A make-up workday is a Saturday or a Sunday: what has another day among its days is off.
fn begins_on_a_weekday(entry: &FileEntry) -> bool {
    let dates = &entry.dates;
    let first = dates.starts.first().copied().or_else(|| Some(dates.rule.as_ref()?.start()));
    first.is_some_and(|first| {
        dates.days_from(first).any(|date| !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday))
    })
}
