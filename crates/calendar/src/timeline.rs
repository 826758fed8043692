//! The timeline of a schedule: whether each minute of the wall clock is open, why, and when that changes next.
//!
//! Most schedules are only asked about the present, so it is compiled in stretches of 256 days, each when it is first asked
//! about. Before the first day with a rule of its own and after the last, weeks come back for ever; they are one stretch each.
//! Zones and instants come in above it, in [`Schedule`](crate::Schedule).

use std::{
    ops::Range,
    sync::{Mutex, OnceLock},
};

use crate::{
    civil_minute::CivilMinute,
    compile::{compile_days, compile_weeks},
    date::weekday_number,
    day::Cause,
    look::{Look, MinuteState},
    recent::RecentFlip,
    rule_book::RuleBook,
    ruling::{Ruling, RulingOfDay},
    stretch::Stretch,
    time_of_day::MINUTES_PER_DAY,
};

/// The days of a stretch as a power of two.
const STRETCH_SHIFT: u32 = 8;
const STRETCH_DAYS: i32 = 1 << STRETCH_SHIFT;

/// How many stretches stay in memory: eleven years in a row, or as many others as do not share a place with one of them. Of the rest only the last
/// one that was asked about does, so that whoever asks about all years takes no more memory than others.
const STRETCHES_KEPT: usize = 16;

/// About what a stretch takes in memory, and what part of the rules' own size it takes besides.
const STRETCH_BYTES: usize = 1024;
const STRETCH_SHARE: usize = 2;

const SECONDS_PER_DAY: i64 = MINUTES_PER_DAY as i64 * 60;

/// Whether a minute is open, and when that changes, in wall-clock seconds.
#[derive(Clone, Copy)]
pub(crate) struct State {
    pub(crate) open: bool,
    /// The next minute that differs, if any.
    pub(crate) flip: Option<i64>,
    /// The one after that differs from `flip`, if it was found on the way.
    pub(crate) flip_back: Option<i64>,
}

/// Every minute of the wall clock.
pub(crate) struct Timeline {
    /// The numbers of the stretches that may have days with a rule of their own.
    numbers: Range<i32>,
    /// How many days pass until those before and after these stretches look the same again.
    cycle: u16,
    recent_flip: RecentFlip,
    before: OnceLock<Stretch>,
    after: OnceLock<Stretch>,
    /// Each at the place that the last bits of its number say, unless another was there first.
    stretches: [OnceLock<Stretch>; STRETCHES_KEPT],
    /// The last of those whose place another has. Who finds it in use compiles one for itself and does not wait.
    displaced: Mutex<Option<Stretch>>,
    /// The first day on which anything but the weeks may hold, and the last on which what held may still be felt.
    special: Option<(i32, i32)>,
    book: RuleBook,
}

impl Timeline {
    pub(crate) fn new(book: RuleBook) -> Timeline {
        // A window can run into the day after the last; from the second day after it nothing changes any more.
        let special = book.special_days().map(|(first, last)| (first, last + 2));
        let none = i32::MIN >> STRETCH_SHIFT;
        let numbers =
            special.map_or(none..none, |(first, last)| first >> STRETCH_SHIFT..(last >> STRETCH_SHIFT) + 1);
        Timeline {
            numbers,
            cycle: book.days_of_cycle(),
            recent_flip: RecentFlip::default(),
            before: OnceLock::new(),
            after: OnceLock::new(),
            stretches: Default::default(),
            displaced: Mutex::default(),
            special,
            book,
        }
    }

    pub(crate) const fn book(&self) -> &RuleBook {
        &self.book
    }

    /// About how many bytes of memory it takes beside itself, when many years have been asked about.
    pub(crate) fn size_in_bytes(&self) -> usize {
        let book = self.book.size_in_bytes();
        let count = self.numbers.len().min(STRETCHES_KEPT + 1) + 1;
        let missing = count * (STRETCH_BYTES + book / STRETCH_SHARE);
        book + missing.max(self.compiled_bytes())
    }

    /// How many bytes of memory it takes beside itself: what has been asked about so far is compiled.
    pub(crate) fn bytes_held(&self) -> usize {
        self.book.size_in_bytes() + self.compiled_bytes()
    }

    fn compiled_bytes(&self) -> usize {
        let there = self.stretches.iter().chain([&self.before, &self.after]).filter_map(OnceLock::get);
        let displaced = self.displaced.try_lock().ok();
        let displaced = displaced.iter().filter_map(|displaced| displaced.as_ref());
        there.chain(displaced).map(Stretch::size_in_bytes).sum()
    }

    #[inline]
    pub(crate) fn is_open(&self, moment: CivilMinute) -> bool {
        self.ask(moment.day, |look| look.is_open(moment.minute))
    }

    #[inline]
    pub(crate) fn state(&self, moment: CivilMinute) -> State {
        let (state, after) = self.ask(moment.day, |look| (look.state(moment.minute), look.flip_after()));
        self.state_in_seconds(moment.day, state, after)
    }

    /// The state, the rule that decides at `moment`, and the first minute of the day at which another rule decides, or that after it.
    #[inline]
    pub(crate) fn state_and_ruling(&self, moment: CivilMinute) -> (State, RulingOfDay, u16) {
        let CivilMinute { day, minute } = moment;
        let (state, after, ruling, (cause, end)) =
            self.ask(day, |look| (look.state(minute), look.flip_after(), look.ruling(), look.cause(minute)));
        (self.state_in_seconds(day, state, after), self.ruling_by(cause, day, ruling), end)
    }

    /// What a look says of a minute of a day, and of the first minute after that day that differs from its last.
    #[inline]
    fn state_in_seconds(&self, day: i32, state: MinuteState, after: Option<u32>) -> State {
        let midnight = i64::from(day) * SECONDS_PER_DAY;
        let in_day = |minute: u16| midnight + 60 * i64::from(minute);
        let after = after.map(|minute| midnight + SECONDS_PER_DAY + 60 * i64::from(minute));
        let after = after.filter(|flip| midnight >= self.begin() || *flip < self.begin());
        let open = state.open;
        let Some(flip) = state.flip else {
            let flip = after.or_else(|| self.flip_behind(day, open));
            return State { open, flip, flip_back: None };
        };
        State { open, flip: Some(in_day(flip)), flip_back: state.flip_back.map(in_day).or(after) }
    }

    /// The first second of the stretches; what the weeks before them say of it and later is not so.
    #[inline]
    fn begin(&self) -> i64 {
        i64::from(self.numbers.start << STRETCH_SHIFT) * SECONDS_PER_DAY
    }

    /// The rule by which a cause makes minutes of a day open or closed, if `ruling` holds on that day, and the day that it belongs to: the
    /// first minutes of a day can belong to a window of the evening before, whether that was open or not.
    #[inline]
    fn ruling_by(&self, cause: Cause, day: i32, ruling: Ruling) -> RulingOfDay {
        let before = day - 1;
        match cause {
            Cause::OfTheDay => RulingOfDay { day, ruling },
            Cause::OfTheDayBefore => RulingOfDay { day: before, ruling: self.ruling_of_day(before) },
            Cause::Exception(place) => RulingOfDay { day, ruling: Ruling::Exception(place.into()) },
            Cause::ExceptionOfTheDayBefore(place) => {
                RulingOfDay { day: before, ruling: Ruling::Exception(place.into()) }
            }
        }
    }

    /// The rule that holds on a day, or the exception that adds to it, narrows or closes it.
    pub(crate) fn shown_ruling_of_day(&self, day: i32) -> Ruling {
        let (ruling, place) = self.ask(day, |look| (look.ruling(), look.changed_by()));
        match place {
            Some(place) if !matches!(ruling, Ruling::Exception(_)) => Ruling::Exception(place.into()),
            _ => ruling,
        }
    }

    #[expect(clippy::redundant_closure_for_method_calls, reason = "the method takes looks of one lifetime")]
    fn ruling_of_day(&self, day: i32) -> Ruling {
        self.ask(day, |look| look.ruling())
    }

    /// The first second behind the stretch of a day that is not as `open` says, if the rest of that stretch is. It looks at one stretch
    /// after the other, of which there are at most 330, and remembers what came of the last search.
    #[cold]
    fn flip_behind(&self, day: i32, open: bool) -> Option<i64> {
        let number = day >> STRETCH_SHIFT;
        let mut next = if number < self.numbers.start { self.numbers.start } else { number + 1 };
        if next > self.numbers.end || self.numbers.is_empty() {
            return None;
        }
        let from = i64::from(next << STRETCH_SHIFT) * SECONDS_PER_DAY;
        if let Some((as_then, flip)) = self.recent_flip.at(from) {
            return if as_then == open { flip } else { Some(from) };
        }
        let flip = loop {
            let first = next << STRETCH_SHIFT;
            if let Some(flip) = self.first_that_differs(first, open) {
                break Some(flip);
            }
            if next == self.numbers.end {
                break None;
            }
            next += 1;
        };
        self.recent_flip.keep(from, open, flip);
        flip
    }

    /// The first second from the begin of a stretch up to its end that is not as `open` says.
    fn first_that_differs(&self, first_day: i32, open: bool) -> Option<i64> {
        let begin = i64::from(first_day) * SECONDS_PER_DAY;
        self.ask(first_day, |look| {
            if look.begins_open() != open {
                return Some(begin);
            }
            let in_day = look.state(0).flip.map(|minute| begin + 60 * i64::from(minute));
            let after = || look.flip_after().map(|minute| begin + SECONDS_PER_DAY + 60 * i64::from(minute));
            in_day.or_else(after)
        })
    }

    #[inline]
    fn ask<T>(&self, day: i32, question: impl FnOnce(Look<'_>) -> T) -> T {
        let number = day >> STRETCH_SHIFT;
        if !self.numbers.contains(&number) {
            return question(self.weeks(number).look(self.row_of_cycle(day)));
        }
        let row = usize::from(day.to_le_bytes()[0]);
        match self.stretches[place(number)].get() {
            Some(stretch) if stretch.number == number => question(stretch.look(row)),
            _ => self.compile_and_ask(number, |stretch| question(stretch.look(row))),
        }
    }

    /// The weeks before or after the stretches.
    #[inline]
    fn weeks(&self, number: i32) -> &Stretch {
        if number < self.numbers.start {
            return self.before.get_or_init(|| compile_weeks(&self.book, None));
        }
        self.after.get_or_init(|| compile_weeks(&self.book, self.special.map(|(_, last)| last)))
    }

    #[inline]
    fn row_of_cycle(&self, day: i32) -> usize {
        match self.cycle {
            7 => weekday_number(day).into(),
            // Day 0 was a Thursday.
            cycle => usize::try_from((day + 4).rem_euclid(cycle.into())).unwrap_or(0),
        }
    }

    #[cold]
    fn compile_and_ask<T>(&self, number: i32, question: impl FnOnce(&Stretch) -> T) -> T {
        let kept = &self.stretches[place(number)];
        let of_place = kept.get_or_init(|| self.compile(number));
        if of_place.number == number {
            return question(of_place);
        }
        let Ok(mut displaced) = self.displaced.try_lock() else { return question(&self.compile(number)) };
        let last = displaced.take().filter(|last| last.number == number);
        question(displaced.insert(last.unwrap_or_else(|| self.compile(number))))
    }

    fn compile(&self, number: i32) -> Stretch {
        let begin = number << STRETCH_SHIFT;
        let days = begin..begin + STRETCH_DAYS;
        let special = self.special.map(|(first, last)| (first.max(begin - 1), last.min(days.end - 1)));
        compile_days(&self.book, number, days, special)
    }
}

/// The place of a stretch in memory.
#[inline]
fn place(number: i32) -> usize {
    usize::from(number.to_le_bytes()[0]) % STRETCHES_KEPT
}
