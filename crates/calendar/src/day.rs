//! What one day looks like, minute by minute, given the rules of that day and of the one before.
//!
//! It runs when a schedule is compiled, and knows neither dates nor zones.

use crate::{
    exceptions::ExceptionEffect,
    minutes::{DayTimes, MinuteSet, Minutes},
    time_of_day::MINUTES_PER_DAY,
};

/// Minutes of a day in a row that are alike for one cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DayPiece {
    pub(crate) begin: u16,
    pub(crate) open: bool,
    pub(crate) cause: Cause,
}

/// Which rule makes minutes open or closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The one that holds on the day.
    OfTheDay,
    /// The one that holds on the day before: a window of its evening runs on, or would have.
    OfTheDayBefore,
    /// An exception that adds, narrows or closes; its place.
    Exception(u16),
    /// An exception that added a window to the evening before, or narrowed or closed it; its place.
    ExceptionOfTheDayBefore(u16),
}

/// How a day stands to the evening before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum DayKind {
    /// A day of a week, whose windows run on where the next day lets them in.
    OfAWeek,
    /// A make-up workday, which may have another weekday's windows.
    Makeup,
    /// A day with windows of its own, by an exception: it takes in nothing but what such days began.
    Exception,
    /// A day off with windows of its own: it takes in nothing but what such days began.
    OwnWindows,
    /// A day that is narrowed to its times: it takes in nothing.
    HalfDay,
    /// A day that is closed: it takes in nothing.
    Closed,
}

/// An exception that changes what a day's own rule opens.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Modifier<'a> {
    pub(crate) place: u16,
    pub(crate) effect: ExceptionEffect,
    pub(crate) times: &'a DayTimes,
}

impl Modifier<'_> {
    /// Whether it closes the whole day, and so drops what begins on it.
    fn is_whole_day(&self) -> bool {
        self.effect == ExceptionEffect::Close && self.times.minutes.is_whole_day()
    }
}

/// The rules of a day.
pub(crate) struct DayRules<'a> {
    pub(crate) kind: DayKind,
    /// The windows that begin on it.
    pub(crate) times: &'a DayTimes,
    /// Those that would begin on it if it were an ordinary day of its week.
    pub(crate) ordinary: &'a DayTimes,
    /// Those that would if no season held either.
    pub(crate) weekly: &'a DayTimes,
    /// Whether the weekly windows hold.
    pub(crate) is_weekly: bool,
    /// The exceptions that add to it, narrow it or close it, in their order.
    pub(crate) modifiers: Vec<Modifier<'a>>,
}

impl DayRules<'_> {
    fn having(&self, effect: ExceptionEffect) -> impl Iterator<Item = &Modifier<'_>> {
        self.modifiers.iter().filter(move |modifier| modifier.effect == effect)
    }

    fn has(&self, place: u16) -> bool {
        self.modifiers.iter().any(|modifier| modifier.place == place)
    }

    /// The exception that closes the whole day, and so drops what begins on it.
    fn dropped_by(&self) -> Option<u16> {
        self.modifiers.iter().find(|modifier| modifier.is_whole_day()).map(|modifier| modifier.place)
    }
}

/// What an exception takes away from a day.
struct Closing {
    cause: Cause,
    /// Its minutes, of which it closes those inside or those outside.
    minutes: MinuteSet,
    closes_inside: bool,
}

/// What an exception adds to a day.
struct Addition {
    cause: Cause,
    minutes: MinuteSet,
}

/// All that decides about the minutes of a day.
struct DayMinutes<'a> {
    own: &'a MinuteSet,
    /// Until when the evening before runs on.
    tail: u16,
    /// Until when it would with what exceptions added to it, but for an exception that narrows that day or closes the whole of it; and that
    /// exception.
    cut_tail: Option<(u16, u16)>,
    /// Until when the evening before would run on, had that day been an ordinary one.
    lost: u16,
    additions: Vec<Addition>,
    closings: Vec<Closing>,
}

/// The pieces of a day, the first of which begins at 00:00; `same` says that one rule holds on both days.
pub(crate) fn pieces(before: &DayRules<'_>, today: &DayRules<'_>, same: bool) -> Vec<DayPiece> {
    if let Some(place) = today.dropped_by() {
        return vec![DayPiece { begin: 0, open: false, cause: Cause::Exception(place) }];
    }
    let day = DayMinutes::new(before, today, same);
    let mut pieces: Vec<DayPiece> = Vec::new();
    for begin in day.edges() {
        let (open, cause) = day.minute(begin);
        if pieces.last().is_none_or(|last| (last.open, last.cause) != (open, cause)) {
            pieces.push(DayPiece { begin, open, cause });
        }
    }
    pieces
}

impl<'a> DayMinutes<'a> {
    fn new(before: &DayRules<'_>, today: &DayRules<'a>, same: bool) -> DayMinutes<'a> {
        let evening = if lets_in(before, today) { before.times.tail } else { 0 };
        let limit = tail_limit(before, today);
        let tail = limit.map_or(evening, |(limit, _)| evening.min(limit));
        let whole = evenings_added(before, today).map(|add| add.times.tail).fold(evening, u16::max);
        DayMinutes {
            own: &today.times.minutes,
            tail,
            cut_tail: limit.filter(|(limit, _)| *limit < whole).map(|(_, place)| (whole, place)),
            lost: lost_tail(before, today, same),
            additions: additions(before, today, limit.map(|(limit, _)| limit)),
            closings: closings(before, today),
        }
    }

    /// Every minute at which something may change, in order, 00:00 first.
    fn edges(&self) -> Vec<u16> {
        let tails = [0, self.tail, self.cut_tail.map_or(0, |(tail, _)| tail), self.lost];
        let additions = self.additions.iter().flat_map(|addition| addition.minutes.edges());
        let closings = self.closings.iter().flat_map(|closing| closing.minutes.edges());
        let mut edges: Vec<u16> =
            tails.into_iter().chain(self.own.edges()).chain(additions).chain(closings).collect();
        edges.retain(|minute| *minute < MINUTES_PER_DAY);
        edges.sort_unstable();
        edges.dedup();
        edges
    }

    fn minute(&self, minute: u16) -> (bool, Cause) {
        let Some(opener) = self.opener(minute) else { return (false, self.closer(minute)) };
        let closes = |closing: &&Closing| closing.minutes.contains(minute) == closing.closes_inside;
        match self.closings.iter().find(closes) {
            Some(closing) => (false, closing.cause),
            None => (true, opener),
        }
    }

    /// What opens a minute, before anything closes it.
    fn opener(&self, minute: u16) -> Option<Cause> {
        if self.own.contains(minute) {
            return Some(Cause::OfTheDay);
        }
        if minute < self.tail {
            return Some(Cause::OfTheDayBefore);
        }
        self.additions
            .iter()
            .find(|addition| addition.minutes.contains(minute))
            .map(|addition| addition.cause)
    }

    /// Why nothing opens a minute.
    fn closer(&self, minute: u16) -> Cause {
        match self.cut_tail {
            Some((tail, place)) if minute < tail => Cause::ExceptionOfTheDayBefore(place),
            _ if minute < self.lost => Cause::OfTheDayBefore,
            _ => Cause::OfTheDay,
        }
    }
}

/// Whether what the day before began runs on into a day.
fn lets_in(before: &DayRules<'_>, today: &DayRules<'_>) -> bool {
    match today.kind {
        DayKind::OfAWeek | DayKind::Makeup => true,
        DayKind::Exception => !is_closed(today) && before.kind == DayKind::Exception,
        DayKind::OwnWindows => before.kind == DayKind::OwnWindows,
        DayKind::HalfDay | DayKind::Closed => false,
    }
}

/// Whether a day is closed, rather than having no window.
fn is_closed(day: &DayRules<'_>) -> bool {
    match day.kind {
        DayKind::Exception => day.times.minutes.is_empty(),
        DayKind::HalfDay | DayKind::Closed => true,
        DayKind::OfAWeek | DayKind::Makeup | DayKind::OwnWindows => false,
    }
}

/// Until when an exception that closed the whole day before lets it run on, or one that narrowed it and does not cover the day too; and its
/// place.
fn tail_limit(before: &DayRules<'_>, today: &DayRules<'_>) -> Option<(u16, u16)> {
    let ended = before.having(ExceptionEffect::Only).filter(|only| !today.has(only.place));
    let ended = ended.map(|only| (only.times.tail, only.place)).min_by_key(|(limit, _)| *limit);
    before.dropped_by().map(|place| (0, place)).or(ended)
}

/// Until when the day before would run on had it been an ordinary one, where it is none.
fn lost_tail(before: &DayRules<'_>, today: &DayRules<'_>, same: bool) -> u16 {
    let barred = match today.kind {
        DayKind::Exception => is_closed(today) || before.kind != DayKind::Exception,
        DayKind::OwnWindows => before.kind != DayKind::OwnWindows,
        _ => is_closed(today),
    };
    let as_today = same && !is_closed(before);
    if barred || as_today {
        return 0;
    }
    let ordinary = if before.kind == DayKind::OfAWeek { 0 } else { before.ordinary.tail };
    let weekly = if today.is_weekly && !before.is_weekly { before.weekly.tail } else { 0 };
    ordinary.max(weekly)
}

/// What exceptions add to a day, and what they added to the evening before, up to `limit`.
///
/// Their evenings run on into every day but a closed one that they do not cover as well.
fn additions(before: &DayRules<'_>, today: &DayRules<'_>, limit: Option<u16>) -> Vec<Addition> {
    let own = today
        .having(ExceptionEffect::Add)
        .map(|add| Addition { cause: Cause::Exception(add.place), minutes: add.times.minutes.clone() });
    let evenings = evenings_added(before, today).map(|add| Addition {
        cause: Cause::ExceptionOfTheDayBefore(add.place),
        minutes: MinuteSet::new(vec![(0, limit.map_or(add.times.tail, |limit| limit.min(add.times.tail)))]),
    });
    own.chain(evenings).collect()
}

/// The exceptions whose additions to the evening before would run on into a day.
fn evenings_added<'a>(
    before: &'a DayRules<'_>,
    today: &'a DayRules<'_>,
) -> impl Iterator<Item = &'a Modifier<'a>> {
    let runs_on = |add: &&Modifier<'_>| add.times.tail > 0 && (!is_closed(today) || today.has(add.place));
    before.having(ExceptionEffect::Add).filter(runs_on)
}

/// What exceptions close of a day, on the clock of the wall: those of the day before too, where they run over midnight.
fn closings(before: &DayRules<'_>, today: &DayRules<'_>) -> Vec<Closing> {
    let only = today.having(ExceptionEffect::Only).map(|only| {
        let tail: Minutes = (0, if before.has(only.place) { only.times.tail } else { 0 });
        let minutes = only.times.minutes.spans().chain([tail]).collect();
        Closing {
            cause: Cause::Exception(only.place),
            minutes: MinuteSet::new(minutes),
            closes_inside: false,
        }
    });
    let close = today.having(ExceptionEffect::Close).map(|close| Closing {
        cause: Cause::Exception(close.place),
        minutes: close.times.minutes.clone(),
        closes_inside: true,
    });
    let evenings =
        before.having(ExceptionEffect::Close).filter(|close| close.times.tail > 0).map(|close| Closing {
            cause: Cause::ExceptionOfTheDayBefore(close.place),
            minutes: MinuteSet::new(vec![(0, close.times.tail)]),
            closes_inside: true,
        });
    only.chain(close).chain(evenings).collect()
}
