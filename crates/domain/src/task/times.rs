//! When a task may dial: inside its bounds, while all of its windows are open.

use calendar::{EffectiveSchedule, INTERSECTION_STEPS, Schedule};
use jiff::Timestamp;

use super::TaskBounds;

/// A task's bounds, and the windows that must be open, too; `None`: whatever they are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TaskTimes<'a> {
    pub(crate) bounds: &'a TaskBounds,
    /// Those of its group.
    pub(crate) group: Option<&'a EffectiveSchedule>,
    /// Those that it has of its own.
    pub(crate) hours: Option<&'a Schedule>,
}

impl TaskTimes<'_> {
    /// Whether they allow a call at an instant.
    pub(crate) fn allow(&self, at: Timestamp) -> bool {
        self.bounds.allow(at) && self.are_open(at)
    }

    /// The first instant after `at` from which they allow what they forbid at `at`, or the other way round.
    /// `None`: never.
    pub(crate) fn next_change(&self, at: Timestamp) -> Option<Timestamp> {
        if self.allow(at) { self.closing_after(at) } else { self.opening_from(at) }
    }

    /// The first instant from `at` on that they allow: as long as something forbids calls, nothing before it allows them can be it. Windows
    /// that share none of the first [`INTERSECTION_STEPS`] openings count as never open together.
    pub(crate) fn opening_from(&self, at: Timestamp) -> Option<Timestamp> {
        let mut at = at;
        for _ in 0..INTERSECTION_STEPS {
            at = self.bounds.allowed_from(at)?;
            if self.group.is_some_and(|group| !group.is_open(at)) {
                at = self.group?.next_opening(at)?;
            } else if self.hours.is_some_and(|hours| !hours.is_open(at)) {
                at = self.hours?.next_opening(at)?;
            } else {
                return Some(at);
            }
        }
        None
    }

    /// The first instant after `at`, at which they allow a call, at which they do not.
    pub(crate) fn closing_after(&self, at: Timestamp) -> Option<Timestamp> {
        let begins = self.bounds.closures.iter().map(|closure| closure.begin).filter(|begin| at < *begin);
        let group = self.group.and_then(|group| group.next_change(at));
        let hours = self.hours.and_then(|hours| hours.next_change(at));
        begins.chain(self.bounds.stop).chain(group).chain(hours).min()
    }

    fn are_open(&self, at: Timestamp) -> bool {
        self.group.is_none_or(|group| group.is_open(at)) && self.hours.is_none_or(|hours| hours.is_open(at))
    }
}

impl TaskBounds {
    /// The first instant from `at` on that its start, stop and closures allow.
    fn allowed_from(&self, at: Timestamp) -> Option<Timestamp> {
        let mut at = self.start.map_or(at, |start| start.max(at));
        while let Some(closure) = self.closures.iter().find(|closure| closure.contains(at)) {
            at = closure.end;
        }
        Some(at).filter(|at| self.stop.is_none_or(|stop| *at < stop))
    }
}
