//! The last decision of a schedule, which whoever asks about the present gets again and again until something changes.
//!
//! Many threads read it and none waits: a reader that meets a writer goes without it, and so does a second writer.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering, fence};

use crate::ruling::{Ruling, RulingOfDay};

/// Stands for "never".
const NEVER: i64 = i64::MAX;

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

/// A decision, and the seconds for which it is the same: from one up to another.
#[derive(Default)]
pub(crate) struct RecentDecision {
    /// Odd while it is written.
    version: AtomicU64,
    from: AtomicI64,
    until: AtomicI64,
    change: AtomicI64,
    opening: AtomicI64,
    days: AtomicU64,
    ruling: AtomicU64,
}

impl RecentDecision {
    /// The decision, if it is about this second.
    #[inline]
    pub(crate) fn at(&self, second: i64) -> Option<DecisionParts> {
        let version = self.version.load(Ordering::Acquire);
        let until = self.until.load(Ordering::Relaxed);
        if second < self.from.load(Ordering::Relaxed) || until <= second {
            return None;
        }
        let (change, opening) = (self.change.load(Ordering::Relaxed), self.opening.load(Ordering::Relaxed));
        let (days, ruling) = (self.days.load(Ordering::Relaxed), self.ruling.load(Ordering::Relaxed));
        fence(Ordering::Acquire);
        if version & 1 == 1 || self.version.load(Ordering::Relaxed) != version {
            return None;
        }
        let ([today, day], (open, ruling)) = (unpack_days(days), unpack_ruling(ruling)?);
        Some(DecisionParts {
            open,
            change: Some(change).filter(|second| *second != NEVER),
            opening: Some(opening).filter(|second| *second != NEVER),
            today,
            ruling: RulingOfDay { day, ruling },
            until,
        })
    }

    /// Keeps a decision that is the same from this second on.
    pub(crate) fn keep(&self, from: i64, parts: DecisionParts) {
        let version = self.version.load(Ordering::Relaxed);
        let (even, odd) = (version & !1, version | 1);
        if self.version.compare_exchange(even, odd, Ordering::Acquire, Ordering::Relaxed).is_err() {
            return;
        }
        fence(Ordering::Release);
        self.from.store(from, Ordering::Relaxed);
        self.until.store(parts.until, Ordering::Relaxed);
        self.change.store(parts.change.unwrap_or(NEVER), Ordering::Relaxed);
        self.opening.store(parts.opening.unwrap_or(NEVER), Ordering::Relaxed);
        self.days.store(pack_days([parts.today, parts.ruling.day]), Ordering::Relaxed);
        self.ruling.store(pack_ruling(parts.open, parts.ruling.ruling), Ordering::Relaxed);
        self.version.store(even.wrapping_add(2), Ordering::Release);
    }
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
