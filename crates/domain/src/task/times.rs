//! When a task may dial: inside its bounds, while all of its windows are open.

use calendar::{Intersection, Layer, Schedule};
use jiff::Timestamp;

use super::TaskBounds;

/// A task's bounds, and the windows that must be open, too; `None`: whatever they are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TaskTimes<'a> {
    pub(crate) bounds: &'a TaskBounds,
    /// Those of its group.
    pub(crate) group: Option<&'a Schedule>,
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

    /// The first instant from `at` on that they allow. Each round leaves at least one closure behind, so there are few rounds.
    pub(crate) fn opening_from(&self, at: Timestamp) -> Option<Timestamp> {
        let mut at = at;
        loop {
            at = self.bounds.allowed_from(at)?;
            if self.are_open(at) {
                return Some(at);
            }
            at = self.next_opening(at)?;
            if self.bounds.allow(at) {
                return Some(at);
            }
        }
    }

    /// The first instant after `at`, at which they allow a call, at which they do not.
    pub(crate) fn closing_after(&self, at: Timestamp) -> Option<Timestamp> {
        let begins = self.bounds.closures.iter().map(|closure| closure.begin).filter(|begin| at < *begin);
        let closings = self.windows().filter_map(|windows| windows.next_change(at));
        begins.chain(self.bounds.stop).chain(closings).min()
    }

    fn are_open(&self, at: Timestamp) -> bool {
        self.windows().all(|windows| windows.is_open(at))
    }

    /// The first instant after `at`, at which they are not all open, at which they are.
    fn next_opening(&self, at: Timestamp) -> Option<Timestamp> {
        match (self.group, self.hours) {
            (Some(group), Some(hours)) => {
                let layers =
                    [Layer { name: "group", schedule: group }, Layer { name: "task", schedule: hours }];
                Intersection::new(&layers).next_opening(at)
            }
            (one, other) => one.or(other)?.next_opening(at),
        }
    }

    fn windows(&self) -> impl Iterator<Item = &Schedule> {
        self.group.into_iter().chain(self.hours)
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
