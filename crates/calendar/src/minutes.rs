//! Sets of minutes of one day, and the times of windows as such sets.

use crate::{time_of_day::MINUTES_PER_DAY, windows::Window};

/// A span of minutes, the end excluded.
pub(crate) type Minutes = (u16, u16);

/// A set of minutes of a day: spans in order that neither touch nor overlap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct MinuteSet(Vec<Minutes>);

impl MinuteSet {
    /// The union of these spans, which may come in any order.
    pub(crate) fn new(mut spans: Vec<Minutes>) -> MinuteSet {
        spans.sort_unstable();
        let mut set: Vec<Minutes> = Vec::with_capacity(spans.len());
        for (begin, end) in spans.into_iter().filter(|(begin, end)| begin < end) {
            match set.last_mut() {
                Some(last) if last.1 >= begin => last.1 = last.1.max(end),
                _ => set.push((begin, end)),
            }
        }
        MinuteSet(set)
    }

    pub(crate) fn contains(&self, minute: u16) -> bool {
        let at = self.0.partition_point(|(_, end)| *end <= minute);
        self.0.get(at).is_some_and(|(begin, _)| *begin <= minute)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether no minute of the day is missing.
    pub(crate) fn is_whole_day(&self) -> bool {
        self.0 == [(0, MINUTES_PER_DAY)]
    }

    /// The minutes that are in both.
    pub(crate) fn within(&self, other: &MinuteSet) -> MinuteSet {
        let shared = |(begin, end): Minutes| {
            other.0.iter().map(move |(first, last)| (begin.max(*first), end.min(*last)))
        };
        MinuteSet::new(self.0.iter().copied().flat_map(shared).collect())
    }

    /// How many bytes of memory it takes beside itself.
    pub(crate) fn size_in_bytes(&self) -> usize {
        self.0.capacity() * size_of::<Minutes>()
    }

    /// Its spans, in order.
    pub(crate) fn spans(&self) -> impl Iterator<Item = Minutes> + '_ {
        self.0.iter().copied()
    }

    /// The minutes at which it begins and ends.
    pub(crate) fn edges(&self) -> impl Iterator<Item = u16> + '_ {
        self.0.iter().flat_map(|(begin, end)| [*begin, *end])
    }
}

/// The windows that begin on a day: what they cover of the day itself, and until when of the next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct DayTimes {
    pub(crate) minutes: MinuteSet,
    pub(crate) tail: u16,
}

impl DayTimes {
    pub(crate) fn new(windows: impl Iterator<Item = Window>) -> DayTimes {
        let mut tail = 0;
        let spans = windows.map(|window| {
            let (begin, end) = (window.begin_time().minutes(), window.end_time().minutes());
            if end > begin {
                return (begin, end);
            }
            tail = tail.max(end);
            (begin, MINUTES_PER_DAY)
        });
        let minutes = MinuteSet::new(spans.collect());
        DayTimes { minutes, tail }
    }

    /// What the times of a half day leave of these: nothing runs on after midnight.
    pub(crate) fn within(&self, times: &[Window]) -> DayTimes {
        let times = DayTimes::new(times.iter().copied());
        DayTimes { minutes: self.minutes.within(&times.minutes), tail: 0 }
    }
}
