//! The timeline of a schedule: whether each minute of the wall clock is open, and when that changes next.
//!
//! A timeline is a list of segments, which are days in a row with one rule and one pattern. Each segment stores the first change
//! after it, so no question walks over days. Zones and instants come in above it, in [`Schedule`](crate::Schedule).

use crate::{date::weekday_number, pattern::Pattern, time_of_day::MINUTES_PER_DAY};

const DAY: i64 = MINUTES_PER_DAY as i64;

/// Stands for "never": more minutes than the years 1970 to 2200 have.
const NEVER: i32 = i32::MAX;

/// Length of a bucket of days as a power of two.
const BUCKET_SHIFT: u32 = 4;

/// The rule that holds on a day. The numbers are places in the holiday calendar's days and in the list of exceptions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ruling {
    /// The weekly windows.
    Weekly,
    /// A day off.
    Holiday(u32),
    /// A weekend day that is worked.
    MakeupWorkday(u32),
    /// A day whose windows are narrowed to the times that the calendar gives it.
    HalfDay(u32),
    /// A day beyond the horizon under the policy `closed`.
    ClosedBeyondHorizon,
    /// A day beyond the horizon under the policy `weekdays_only`.
    WeekdaysBeyondHorizon,
    /// A dated exception.
    Exception(u32),
}

/// A rule, and the day that it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RulingOfDay {
    pub(crate) day: i32,
    pub(crate) ruling: Ruling,
}

/// Days in a row with one rule and one pattern. It ends where the next one starts.
pub(crate) struct Segment {
    first_day: i32,
    pattern: u32,
    pub(crate) ruling: Ruling,
    /// Whether its first minute is open.
    begins_open: bool,
    /// The first minute after its first that differs from it, wherever that is, or [`NEVER`].
    first_flip: i32,
}

impl Segment {
    pub(crate) fn new(first_day: i32, pattern: u32, ruling: Ruling) -> Segment {
        Segment { first_day, pattern, ruling, begins_open: false, first_flip: NEVER }
    }

    fn first_flip(&self) -> Option<i64> {
        (self.first_flip != NEVER).then_some(i64::from(self.first_flip))
    }

    pub(crate) fn continues(&self, pattern: u32, ruling: Ruling) -> bool {
        self.pattern == pattern && self.ruling == ruling
    }
}

/// Added to days so that all are positive, where dividing is cheaper; a multiple of seven keeps the weekdays.
const BIAS_DAYS: i64 = 7 * 700_000;

/// A minute of the timeline, by its parts.
#[derive(Clone, Copy)]
pub(crate) struct CivilMinute {
    pub(crate) day: i32,
    pub(crate) weekday: u16,
    pub(crate) minute: u16,
}

impl CivilMinute {
    #[inline]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "instants span 20,000 years")]
    pub(crate) fn at(wall_second: i64) -> CivilMinute {
        let biased = (wall_second + BIAS_DAYS * 86_400) as u64;
        let (day, second) = ((biased / 86_400) as u32, (biased % 86_400) as u32);
        let day = i32::try_from(i64::from(day) - BIAS_DAYS).unwrap_or_default();
        CivilMinute { day, weekday: weekday_number(day), minute: (second / 60) as u16 }
    }

    fn begin_of(day: i32) -> CivilMinute {
        CivilMinute { day, weekday: weekday_number(day), minute: 0 }
    }
}

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
    patterns: Box<[Pattern]>,
    /// In the order of their days; the first has no beginning and the last no end.
    segments: Box<[Segment]>,
    /// The segment that holds the first day of each bucket of days.
    buckets: Box<[u32]>,
    first_bucket: i32,
}

impl Timeline {
    /// The timeline of these segments, of which there is at least one.
    pub(crate) fn new(patterns: Vec<Pattern>, segments: Vec<Segment>) -> Timeline {
        let (first_bucket, buckets) = buckets(&segments);
        let mut timeline =
            Timeline { patterns: patterns.into(), segments: segments.into(), buckets, first_bucket };
        for at in (1..timeline.segments.len()).rev() {
            let state = timeline.state_in(at, CivilMinute::begin_of(timeline.segments[at].first_day));
            timeline.segments[at].begins_open = state.open;
            let first_flip = state.flip.and_then(|second| i32::try_from(second / 60).ok());
            timeline.segments[at].first_flip = first_flip.unwrap_or(NEVER);
        }
        timeline
    }

    /// How many bytes of memory it takes beside itself.
    pub(crate) fn size_in_bytes(&self) -> usize {
        let patterns: usize = self.patterns.iter().map(Pattern::size_in_bytes).sum();
        patterns + size_of_val(&*self.segments) + size_of_val(&*self.buckets)
    }

    #[inline]
    pub(crate) fn is_open(&self, moment: CivilMinute) -> bool {
        let pattern = self.pattern(&self.segments[self.segment_at(moment.day)]);
        pattern.is_open(pattern.position(moment.weekday, moment.minute))
    }

    #[inline]
    pub(crate) fn state(&self, moment: CivilMinute) -> State {
        self.state_in(self.segment_at(moment.day), moment)
    }

    /// The rule that decides at `moment`, and the day that it belongs to: the first minutes of a day can belong to a window of
    /// the evening before, whether that was open or not.
    pub(crate) fn ruling(&self, moment: CivilMinute, open: bool) -> RulingOfDay {
        let at = self.segment_at(moment.day);
        let (segment, weekday) = (&self.segments[at], usize::from(moment.weekday));
        let pattern = self.pattern(segment);
        let tail = if open { pattern.tails[weekday] } else { pattern.lost_tails[weekday] };
        if moment.minute >= tail {
            return RulingOfDay { day: moment.day, ruling: segment.ruling };
        }
        let day_before = moment.day - 1;
        RulingOfDay { day: day_before, ruling: self.segments[self.segment_at(day_before)].ruling }
    }

    /// The rule that holds on a day.
    pub(crate) fn ruling_of_day(&self, day: i32) -> Ruling {
        self.segments[self.segment_at(day)].ruling
    }

    #[inline]
    fn pattern(&self, segment: &Segment) -> &Pattern {
        &self.patterns[segment.pattern as usize]
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
        let pattern = self.pattern(&self.segments[at]);
        let (open, waits) = pattern.state(pattern.position(moment.weekday, moment.minute));
        let now = i64::from(moment.day) * DAY + i64::from(moment.minute);
        let [flip, flip_back] =
            waits.map_or([None; 2], |waits| waits.map(|wait| Some(now + i64::from(wait))));
        let second = |minute: i64| minute * 60;
        let Some(next) = self.segments.get(at + 1) else {
            return State { open, flip: flip.map(second), flip_back: flip_back.map(second) };
        };
        let end = i64::from(next.first_day) * DAY;
        let within = |minute: &i64| *minute < end;
        if let Some(flip) = flip.filter(within) {
            return State { open, flip: Some(second(flip)), flip_back: flip_back.filter(within).map(second) };
        }
        let later = if next.begins_open == open { next.first_flip() } else { Some(end) };
        State { open, flip: later.map(second), flip_back: None }
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
