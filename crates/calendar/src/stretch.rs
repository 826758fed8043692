//! A stretch of days of a schedule, compiled: whether each minute of the wall clock is open, and when that changes next.
//!
//! It is a list of segments, which are days in a row that follow one cycle: a week, several weeks, or a day that looks the
//! same again and again. Each segment stores the first change after it, and each day of a cycle the first after that day, so no
//! question walks over days. It knows nothing of the days before and after it: [`Timeline`](crate::timeline::Timeline) does.

use crate::{
    civil_minute::CivilMinute,
    date::weekday_number,
    day::Cause,
    pattern::{MinuteState, Patterns},
    ruling::Ruling,
    time_of_day::MINUTES_PER_DAY,
};

const DAY: i64 = MINUTES_PER_DAY as i64;

/// Stands for "never": more minutes than the years 1970 to 2200 have.
const NEVER: i32 = i32::MAX;

/// Length of a bucket of days as a power of two.
const BUCKET_SHIFT: u32 = 4;

/// Days that repeat: a single one, or whole weeks from a Sunday on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cycle {
    /// The place of its first day.
    pub(crate) first: u32,
    pub(crate) length: u16,
}

impl Cycle {
    #[inline]
    pub(crate) fn day(self, days: &[CycleDay], day: i32) -> CycleDay {
        let at = match self.length {
            1 => 0,
            7 => weekday_number(day).into(),
            // Day 0 was a Thursday.
            length => (day + 4).rem_euclid(length.into()).unsigned_abs(),
        };
        days[(self.first + at) as usize]
    }
}

/// A day of a cycle.
#[derive(Clone, Copy)]
pub(crate) struct CycleDay {
    pub(crate) pattern: u32,
    pub(crate) ruling: Ruling,
    /// The first minute after the day, counted from the end of the day, that differs from the day's last while the cycle goes on, or
    /// [`NEVER`].
    flip_after: i32,
}

impl CycleDay {
    pub(crate) const fn new(pattern: u32, ruling: Ruling) -> CycleDay {
        CycleDay { pattern, ruling, flip_after: NEVER }
    }
}

/// Days in a row that follow one cycle. It ends where the next one starts.
pub(crate) struct Segment {
    first_day: i32,
    /// The first minute after its first that differs from it, wherever that is, or [`NEVER`].
    first_flip: i32,
    pub(crate) cycle: Cycle,
    /// Whether its first minute is open.
    begins_open: bool,
}

impl Segment {
    pub(crate) const fn new(first_day: i32, cycle: Cycle) -> Segment {
        Segment { first_day, first_flip: NEVER, cycle, begins_open: false }
    }

    pub(crate) const fn first_day(&self) -> i32 {
        self.first_day
    }

    fn first_flip(&self) -> Option<i64> {
        (self.first_flip != NEVER).then_some(i64::from(self.first_flip))
    }
}

/// Whether a minute is open, and when that changes, in wall-clock seconds.
#[derive(Clone, Copy)]
pub(crate) struct State {
    pub(crate) open: bool,
    /// The next minute of the stretch that differs, if any.
    pub(crate) flip: Option<i64>,
    /// The one after that differs from `flip`, if it was found on the way.
    pub(crate) flip_back: Option<i64>,
}

/// The minutes of days in a row.
pub(crate) struct Stretch {
    patterns: Patterns,
    /// The days of all cycles.
    days: Box<[CycleDay]>,
    /// In the order of their days, at least one.
    segments: Box<[Segment]>,
    /// The segment that holds the first day of each bucket of days.
    buckets: Box<[u32]>,
    first_bucket: i32,
    /// The minute at which it ends, if it does.
    end: i64,
}

impl Stretch {
    /// The days of these segments, of which there is at least one, up to the day `end`.
    pub(crate) fn new(
        mut patterns: Patterns,
        days: Vec<CycleDay>,
        segments: Vec<Segment>,
        end: Option<i32>,
    ) -> Stretch {
        patterns.shrink();
        let (first_bucket, buckets) = buckets(&segments);
        let end = end.map_or(i64::MAX, |day| i64::from(day) * DAY);
        let (days, segments) = (days.into(), segments.into());
        let mut stretch = Stretch { patterns, days, segments, buckets, first_bucket, end };
        for at in (0..stretch.segments.len()).rev() {
            let state = stretch.state_in(at, CivilMinute::begin_of(stretch.segments[at].first_day));
            stretch.segments[at].begins_open = state.open;
            let first_flip = state.flip.and_then(|second| i32::try_from(second / 60).ok());
            stretch.segments[at].first_flip = first_flip.unwrap_or(NEVER);
        }
        stretch
    }

    /// How many bytes of memory it takes.
    pub(crate) fn size_in_bytes(&self) -> usize {
        let tables = size_of_val(&*self.days) + size_of_val(&*self.segments) + size_of_val(&*self.buckets);
        size_of::<Self>() + self.patterns.size_in_bytes() + tables
    }

    /// Whether its first minute is open.
    pub(crate) fn begins_open(&self) -> bool {
        self.segments[0].begins_open
    }

    /// Its first minute, in minutes of the wall clock, that differs from the first of all.
    pub(crate) fn first_flip(&self) -> Option<i64> {
        self.segments[0].first_flip()
    }

    #[inline]
    pub(crate) fn is_open(&self, moment: CivilMinute) -> bool {
        self.patterns.is_open(self.day(moment.day).pattern, moment.minute)
    }

    #[inline]
    pub(crate) fn state(&self, moment: CivilMinute) -> State {
        self.state_in(self.segment_at(moment.day), moment)
    }

    /// The rule that holds on a day, which of its rules or of the day before makes a minute of it open or closed, and the first
    /// minute of the day that another makes, or that after it.
    pub(crate) fn cause(&self, moment: CivilMinute) -> (Ruling, Cause, u16) {
        let day = self.day(moment.day);
        let (cause, end) = self.patterns.cause(day.pattern, moment.minute);
        (day.ruling, cause, end)
    }

    /// The rule that holds on a day.
    pub(crate) fn ruling_of_day(&self, day: i32) -> Ruling {
        self.day(day).ruling
    }

    /// The first exception that adds to a day, narrows or closes it, if there is one.
    pub(crate) fn changed_by(&self, day: i32) -> Option<u16> {
        self.patterns.changed_by(self.day(day).pattern)
    }

    #[inline]
    fn day(&self, day: i32) -> CycleDay {
        self.segments[self.segment_at(day)].cycle.day(&self.days, day)
    }

    #[inline]
    fn segment_at(&self, day: i32) -> usize {
        let bucket = usize::try_from((day >> BUCKET_SHIFT) - self.first_bucket).unwrap_or(0);
        let mut at = self.buckets[bucket.min(self.buckets.len() - 1)] as usize;
        while self.segments.get(at + 1).is_some_and(|next| next.first_day <= day) {
            at += 1;
        }
        at
    }

    #[inline]
    fn state_in(&self, at: usize, moment: CivilMinute) -> State {
        let day = self.segments[at].cycle.day(&self.days, moment.day);
        let minutes = self.patterns.state(day.pattern, moment.minute);
        let midnight = i64::from(moment.day) * DAY;
        let second = |minute: i64| minute * 60;
        let in_day = |minute: u16| midnight + i64::from(minute);
        let next = self.segments.get(at + 1);
        let end = next.map_or(self.end, |next| i64::from(next.first_day) * DAY);
        let after = (day.flip_after != NEVER).then(|| midnight + DAY + i64::from(day.flip_after));
        let after = after.filter(|minute| *minute < end);
        let MinuteState { open, flip, flip_back } = minutes;
        if let Some(flip) = flip {
            let flip_back = flip_back.map(in_day).or(after);
            return State { open, flip: Some(second(in_day(flip))), flip_back: flip_back.map(second) };
        }
        let later = || match next {
            Some(next) if next.begins_open == open => next.first_flip(),
            Some(_) => Some(end),
            None => None,
        };
        State { open, flip: after.or_else(later).map(second), flip_back: None }
    }
}

/// Finds for each day of a cycle the first minute after it that differs from its last.
pub(crate) fn find_flips(patterns: &Patterns, days: &mut [CycleDay]) {
    // Twice around, from the end: the second time what follows is known.
    let length = days.len();
    for at in (0..2 * length).rev() {
        let (today, next) = (days[at % length], days[(at + 1) % length]);
        let open = patterns.state(today.pattern, MINUTES_PER_DAY - 1).open;
        let begin = patterns.state(next.pattern, 0);
        let flip_after = match begin.flip {
            _ if begin.open != open => 0,
            Some(flip) => flip.into(),
            None => next.flip_after.saturating_add(i32::from(MINUTES_PER_DAY)),
        };
        days[at % length].flip_after = flip_after;
    }
}

/// The number of the bucket before the first in which a segment starts, and for it and all after it their first
/// segment. All earlier days are looked up in it too.
fn buckets(segments: &[Segment]) -> (i32, Box<[u32]>) {
    let starts = || segments.iter().skip(1).map(|segment| segment.first_day >> BUCKET_SHIFT);
    let (Some(first), Some(last)) = (starts().next(), starts().next_back()) else {
        return (0, Box::new([0]));
    };
    let mut at = 0;
    let buckets = (first - 1..=last + 1).map(|bucket| {
        while segments.get(at as usize + 1).is_some_and(|next| next.first_day <= bucket << BUCKET_SHIFT) {
            at += 1;
        }
        at
    });
    (first - 1, buckets.collect())
}
