//! The last answers of a schedule, which whoever asks about the present gets again and again until something changes.
//!
//! Many threads read them and none waits: a reader that meets a writer goes without them, and so does a second writer.

use std::{
    ops::Range,
    sync::atomic::{AtomicI64, AtomicU64, Ordering, fence},
};

use crate::ruling::{Ruling, RulingOfDay};

/// Stands for "never".
const NEVER: i64 = i64::MAX;

/// Words that are the same for every second from one up to another.
struct RecentWords<const WORDS: usize> {
    /// Odd while they are written.
    version: AtomicU64,
    from: AtomicI64,
    until: AtomicI64,
    words: [AtomicU64; WORDS],
}

impl<const WORDS: usize> Default for RecentWords<WORDS> {
    fn default() -> Self {
        let words = std::array::from_fn(|_| AtomicU64::default());
        Self { version: AtomicU64::default(), from: AtomicI64::default(), until: AtomicI64::default(), words }
    }
}

impl<const WORDS: usize> RecentWords<WORDS> {
    /// The words and when they end, if they are about this second.
    #[inline]
    fn at(&self, second: i64) -> Option<([u64; WORDS], i64)> {
        let version = self.version.load(Ordering::Acquire);
        let until = self.until.load(Ordering::Relaxed);
        if second < self.from.load(Ordering::Relaxed) || until <= second {
            return None;
        }
        let words = self.words.each_ref().map(|word| word.load(Ordering::Relaxed));
        fence(Ordering::Acquire);
        (version & 1 == 0 && self.version.load(Ordering::Relaxed) == version).then_some((words, until))
    }

    /// Keeps words that are the same from one second up to another.
    fn keep(&self, from: i64, until: i64, words: [u64; WORDS]) {
        let version = self.version.load(Ordering::Relaxed);
        let (even, odd) = (version & !1, version | 1);
        if self.version.compare_exchange(even, odd, Ordering::Acquire, Ordering::Relaxed).is_err() {
            return;
        }
        fence(Ordering::Release);
        self.from.store(from, Ordering::Relaxed);
        self.until.store(until, Ordering::Relaxed);
        for (place, word) in self.words.iter().zip(words) {
            place.store(word, Ordering::Relaxed);
        }
        self.version.store(even.wrapping_add(2), Ordering::Release);
    }
}

/// What a decision is made of, in seconds: the same for every second up to `until`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DecisionParts {
    pub(crate) open: bool,
    pub(crate) change: Option<i64>,
    pub(crate) opening: Option<i64>,
    /// The local day of the instant that was asked about.
    pub(crate) today: i32,
    pub(crate) ruling: RulingOfDay,
    /// The first second after it at which any of this may be another.
    pub(crate) until: i64,
}

/// How far from the second of a decision the one before may lie, for the decision to be kept.
const NEAR: u64 = 3600;

/// The last decision of a schedule that was near the one before: who asks about now and then will ask again soon, and who asks about any times
/// would never meet what was kept.
#[derive(Default)]
pub(crate) struct RecentDecision {
    words: RecentWords<4>,
    /// The second of the last decision that was not met.
    asked: AtomicI64,
}

impl RecentDecision {
    /// The decision, if it is about this second.
    #[inline]
    pub(crate) fn at(&self, second: i64) -> Option<DecisionParts> {
        let ([change, opening, days, ruling], until) = self.words.at(second)?;
        let ([today, day], (open, ruling)) = (unpack_days(days), unpack_ruling(ruling)?);
        let (change, opening) = (unpack_second(change), unpack_second(opening));
        Some(DecisionParts { open, change, opening, today, ruling: RulingOfDay { day, ruling }, until })
    }

    /// Keeps a decision that is the same from this second on, if the one before was near.
    #[inline]
    pub(crate) fn keep(&self, from: i64, parts: DecisionParts) {
        let before = self.asked.load(Ordering::Relaxed);
        self.asked.store(from, Ordering::Relaxed);
        if from.abs_diff(before) > NEAR {
            return;
        }
        let days = pack_days([parts.today, parts.ruling.day]);
        let ruling = pack_ruling(parts.open, parts.ruling.ruling);
        let words = [pack_second(parts.change), pack_second(parts.opening), days, ruling];
        self.words.keep(from, parts.until, words);
    }
}

/// What came of the last search over several stretches of a schedule, in seconds of the wall clock.
#[derive(Default)]
pub(crate) struct RecentFlip(RecentWords<2>);

impl RecentFlip {
    /// Whether a second is open and the first later one that differs, if it lies within what was searched.
    pub(crate) fn at(&self, second: i64) -> Option<(bool, Option<i64>)> {
        let ([open, flip], _) = self.0.at(second)?;
        Some((open == 1, unpack_second(flip)))
    }

    /// Keeps that all is the same from a second up to `flip`.
    pub(crate) fn keep(&self, from: i64, open: bool, flip: Option<i64>) {
        self.0.keep(from, flip.unwrap_or(NEVER), [u64::from(open), pack_second(flip)]);
    }
}

/// What came of the last long search for a second at which several layers are all open.
#[derive(Default)]
pub(crate) struct RecentOpening(RecentWords<1>);

impl RecentOpening {
    /// The first second from this one on at which all are open, or `i64::MAX`, if the search was about this one.
    pub(crate) fn at(&self, second: i64) -> Option<i64> {
        self.0.at(second).map(|([opening], _)| opening.cast_signed())
    }

    /// Keeps that the search from any second of these comes to this.
    pub(crate) fn keep(&self, seconds: Range<i64>, opening: i64) {
        self.0.keep(seconds.start, seconds.end, [opening.cast_unsigned()]);
    }
}

fn pack_second(second: Option<i64>) -> u64 {
    second.unwrap_or(NEVER).cast_unsigned()
}

fn unpack_second(second: u64) -> Option<i64> {
    Some(second.cast_signed()).filter(|second| *second != NEVER)
}

fn pack_days([one, other]: [i32; 2]) -> u64 {
    u64::from(one.cast_unsigned()) << 32 | u64::from(other.cast_unsigned())
}

#[expect(clippy::cast_possible_truncation, reason = "the two halves")]
const fn unpack_days(days: u64) -> [i32; 2] {
    [((days >> 32) as u32).cast_signed(), (days as u32).cast_signed()]
}

fn pack_ruling(open: bool, ruling: Ruling) -> u64 {
    let (tag, place) = ruling.parts();
    u64::from(open) << 40 | u64::from(tag) << 32 | u64::from(place)
}

#[expect(clippy::cast_possible_truncation, reason = "the parts")]
fn unpack_ruling(packed: u64) -> Option<(bool, Ruling)> {
    let ruling = Ruling::from_parts((packed >> 32) as u8, packed as u32)?;
    Some((packed >> 40 == 1, ruling))
}
