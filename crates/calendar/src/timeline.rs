//! The timeline of a schedule: whether each minute of the wall clock is open, why, and when that changes next.
//!
//! Most schedules are only asked about the present, so it is compiled in stretches of about three years, each when it is first asked
//! about. Zones and instants come in above it, in [`Schedule`](crate::Schedule).

use std::sync::{
    OnceLock,
    atomic::{AtomicUsize, Ordering},
};

use crate::{
    civil_minute::CivilMinute,
    compile::{StretchDays, compile},
    day::Cause,
    rule_book::RuleBook,
    ruling::{Ruling, RulingOfDay},
    stretch::{State, Stretch},
    time_of_day::MINUTES_PER_DAY,
};

/// The days of a stretch as a power of two. The first and the last go on without end.
const STRETCH_SHIFT: u32 = 10;

/// How many stretches stay in memory. Further ones are compiled for every question about them, so that whoever asks about all years
/// takes no more memory than others.
const STRETCHES_KEPT: usize = 4;

/// About what a stretch takes in memory, and how many times the rules' own size it takes besides.
const STRETCH_BYTES: usize = 3072;
const STRETCH_SHARE: usize = 6;

const SECONDS_PER_DAY: i64 = MINUTES_PER_DAY as i64 * 60;

/// How a stretch begins.
#[derive(Clone, Copy)]
struct Beginning {
    open: bool,
    /// The first second after its first that differs from it, in whichever stretch.
    flip: Option<i64>,
}

/// A stretch, compiled or not yet.
#[derive(Default)]
struct LazyStretch {
    stretch: OnceLock<Box<Stretch>>,
    beginning: OnceLock<Beginning>,
}

/// Every minute of the wall clock.
pub(crate) struct Timeline {
    book: RuleBook,
    /// The first day on which anything but the weeks may hold, and the last on which what held may still be felt.
    special: Option<(i32, i32)>,
    /// In the order of their days, at least one.
    stretches: Box<[LazyStretch]>,
    /// The number of the first stretch, counted from the one that begins on day 0.
    first: i32,
    /// How many stretches stay in memory, or soon will.
    kept: AtomicUsize,
}

impl Timeline {
    pub(crate) fn new(book: RuleBook) -> Timeline {
        // A window can run into the day after the last; from the second day after it nothing changes any more.
        let special = book.special_days().map(|(first, last)| (first, last + 2));
        let (first, last) =
            special.map_or((0, 0), |(first, last)| (first >> STRETCH_SHIFT, last >> STRETCH_SHIFT));
        let stretches = (first..=last).map(|_| LazyStretch::default()).collect();
        Timeline { book, special, stretches, first, kept: AtomicUsize::new(0) }
    }

    pub(crate) const fn book(&self) -> &RuleBook {
        &self.book
    }

    /// About how many bytes of memory it takes beside itself, when many years have been asked about.
    pub(crate) fn size_in_bytes(&self) -> usize {
        let book = self.book.size_in_bytes();
        let missing = self.stretches.len().min(STRETCHES_KEPT) * (STRETCH_BYTES + STRETCH_SHARE * book);
        let there = self.stretches.iter().filter_map(|lazy| lazy.stretch.get());
        let there = there.map(|stretch| stretch.size_in_bytes()).sum::<usize>();
        book + size_of_val(&*self.stretches) + missing.max(there)
    }

    #[inline]
    pub(crate) fn is_open(&self, moment: CivilMinute) -> bool {
        self.ask(self.number(moment.day), |stretch| stretch.is_open(moment))
    }

    #[inline]
    pub(crate) fn state(&self, moment: CivilMinute) -> State {
        let at = self.number(moment.day);
        let state = self.ask(at, |stretch| stretch.state(moment));
        if state.flip.is_some() {
            return state;
        }
        State { flip: self.flip_from(at + 1, state.open), ..state }
    }

    /// The rule that decides at `moment`, and the day that it belongs to: the first minutes of a day can belong to a window of
    /// the evening before, whether that was open or not. Also the first minute of the day at which another rule decides, or that after
    /// it.
    pub(crate) fn ruling(&self, moment: CivilMinute) -> (RulingOfDay, u16) {
        let (today, before) = (moment.day, moment.day - 1);
        let (ruling, cause, end) = self.ask(self.number(today), |stretch| stretch.cause(moment));
        let ruling = match cause {
            Cause::OfTheDay => RulingOfDay { day: today, ruling },
            Cause::OfTheDayBefore => RulingOfDay { day: before, ruling: self.ruling_of_day(before) },
            Cause::Exception(place) => RulingOfDay { day: today, ruling: Ruling::Exception(place.into()) },
            Cause::ExceptionOfTheDayBefore(place) => {
                RulingOfDay { day: before, ruling: Ruling::Exception(place.into()) }
            }
        };
        (ruling, end)
    }

    /// The rule that holds on a day, or the exception that adds to it, narrows or closes it.
    pub(crate) fn shown_ruling_of_day(&self, day: i32) -> Ruling {
        let (ruling, place) =
            self.ask(self.number(day), |stretch| (stretch.ruling_of_day(day), stretch.changed_by(day)));
        match place {
            Some(place) if !matches!(ruling, Ruling::Exception(_)) => Ruling::Exception(place.into()),
            _ => ruling,
        }
    }

    fn ruling_of_day(&self, day: i32) -> Ruling {
        self.ask(self.number(day), |stretch| stretch.ruling_of_day(day))
    }

    /// The first second from the begin of a stretch on that is not as `open` says. It looks at one stretch after the other once, and
    /// remembers; there are at most 84.
    #[cold]
    fn flip_from(&self, at: usize, open: bool) -> Option<i64> {
        let lazy = self.stretches.get(at)?;
        let beginning = lazy.beginning.get_or_init(|| {
            let (open, flip) = self.ask(at, |stretch| (stretch.begins_open(), stretch.first_flip()));
            let flip = flip.map(|minute| 60 * minute);
            Beginning { open, flip: flip.or_else(|| self.flip_from(at + 1, open)) }
        });
        if beginning.open == open {
            beginning.flip
        } else {
            Some(i64::from(self.begin(at)) * SECONDS_PER_DAY)
        }
    }

    /// The number of the stretch that a day lies in.
    #[inline]
    fn number(&self, day: i32) -> usize {
        usize::try_from((day >> STRETCH_SHIFT) - self.first).unwrap_or(0).min(self.stretches.len() - 1)
    }

    #[inline]
    fn ask<T>(&self, at: usize, question: impl FnOnce(&Stretch) -> T) -> T {
        match self.stretches[at].stretch.get() {
            Some(stretch) => question(stretch),
            None => self.compile_and_ask(at, question),
        }
    }

    #[cold]
    fn compile_and_ask<T>(&self, at: usize, question: impl FnOnce(&Stretch) -> T) -> T {
        let stretch = Box::new(compile(&self.book, self.days(at)));
        let one_more = |kept: usize| (kept < STRETCHES_KEPT).then_some(kept + 1);
        match self.kept.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more) {
            Ok(_) => question(self.stretches[at].stretch.get_or_init(|| stretch)),
            Err(_) => question(&stretch),
        }
    }

    /// The first day of a stretch.
    fn begin(&self, at: usize) -> i32 {
        (self.first + i32::try_from(at).unwrap_or(0)) << STRETCH_SHIFT
    }

    fn days(&self, at: usize) -> StretchDays {
        let begin = (at > 0).then(|| self.begin(at));
        let end = (at + 1 < self.stretches.len()).then(|| self.begin(at + 1));
        let bounds =
            |(first, last): (i32, i32)| (begin.map_or(first, |day| day - 1), end.map_or(last, |day| day - 1));
        let special = self.special.map(bounds);
        StretchDays { begin, end, special }
    }
}
