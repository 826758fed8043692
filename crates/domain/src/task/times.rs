//! When a task may dial: inside its bounds, while all of its windows are open.

use calendar::{Intersection, Layer, Schedule};
use jiff::Timestamp;

use super::TaskBounds;

/// The name of a group's windows among those of a task.
const GROUP: &str = "group";

/// The name of a task's own windows.
const TASK: &str = "task";

/// The windows that must all be open.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TaskWindows<'a>([Layer<'a>; 2], usize);

impl<'a> TaskWindows<'a> {
    /// A group's, and those that the task has of its own.
    pub(crate) fn of_group(group: &'a Schedule, own: Option<&'a Schedule>) -> Self {
        let of_group = Layer { name: GROUP, schedule: group };
        match own {
            Some(own) => Self([of_group, Layer { name: TASK, schedule: own }], 2),
            None => Self([of_group, of_group], 1),
        }
    }

    /// Those that the task has of its own alone, whatever its group's are.
    pub(crate) fn own(own: Option<&'a Schedule>) -> Option<Self> {
        let layer = Layer { name: TASK, schedule: own? };
        Some(Self([layer, layer], 1))
    }

    fn all(&self) -> Intersection<'_> {
        Intersection::new(self.0.get(..self.1).unwrap_or(&self.0))
    }
}

/// A task's bounds and windows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TaskTimes<'a> {
    pub(crate) bounds: &'a TaskBounds,
    /// `None`: always open.
    pub(crate) windows: Option<TaskWindows<'a>>,
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
            at = self.windows.as_ref()?.all().next_opening(at)?;
            if self.bounds.allow(at) {
                return Some(at);
            }
        }
    }

    /// The first instant after `at`, at which they allow a call, at which they do not.
    pub(crate) fn closing_after(&self, at: Timestamp) -> Option<Timestamp> {
        let begins = self.bounds.closures.iter().map(|closure| closure.begin).filter(|begin| at < *begin);
        let windows = self.windows.as_ref().and_then(|windows| windows.all().next_change(at));
        begins.chain(self.bounds.stop).chain(windows).min()
    }

    fn are_open(&self, at: Timestamp) -> bool {
        self.windows.as_ref().is_none_or(|windows| windows.all().is_open(at))
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
