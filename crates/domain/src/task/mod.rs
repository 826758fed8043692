//! Tasks (任务): lists of numbers that are dialed inside one group's windows.

mod call_rules;
mod names;
mod script_choice;
mod settings;
mod times;

use std::sync::Arc;

use calendar::{EffectiveSchedule, Schedule, Span, WeeklyWindows, Zone};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use self::{
    call_rules::{
        AfterUnknown, AtClose, CallRules, DEFAULT_MAXIMUM_TALK, DEFAULT_MINIMUM_RING,
        DEFAULT_ORIGINATE_TIMEOUT, MAXIMUM_CALLER_IDS_OF_TASK, MAXIMUM_TALK, MINIMUM_RING, ORIGINATE_TIMEOUT,
    },
    settings::{
        CallPace, CarriedSettings, DialingSettings, LineLimit, RedialSettings, ScriptChoice, TaskCourse,
        TaskLine, TaskLines, TaskSettings,
    },
};
pub(crate) use self::{names::whole_number, times::TaskTimes};
use crate::{AccountHold, AccountId, DialTimeGroup, DialTimeGroupId, Name, TaskId};

/// The most closures a task may have.
pub const MAXIMUM_CLOSURES: usize = 100;

/// The `task_type` of a 2.0 task that was created without one (2.0任务).
pub const V2_TASK_TYPE: i64 = 6;

/// Which of the two interfaces made the task. The task is the same; its view on the wire differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generation {
    /// `/agent-api/user/...`
    V1,
    /// `/agent-api/new/user/...`
    V2,
}

impl Generation {
    /// 1 or 2.
    pub const fn number(self) -> i64 {
        match self {
            Self::V1 => 1,
            Self::V2 => 2,
        }
    }

    /// The one of this number.
    pub const fn from_number(number: i64) -> Option<Self> {
        match number {
            1 => Some(Self::V1),
            2 => Some(Self::V2),
            _ => None,
        }
    }
}

/// A task as it is stored.
#[derive(Clone, Debug)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// The account that owns it.
    pub account_id: AccountId,
    /// Which interface made it.
    pub generation: Generation,
    /// Whether a person switched it on. Not whether it dials: see [`TaskInGroup::state_at`].
    pub enabled: bool,
    /// All that a person can edit.
    pub draft: TaskDraft,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed, if ever.
    pub altered_at: Option<Timestamp>,
}

/// All that a person decides about a task.
#[derive(Clone, Debug)]
pub struct TaskDraft {
    /// Its name.
    pub name: Name,
    /// The group it dials in.
    pub dial_time_id: DialTimeGroupId,
    /// When it may dial at all.
    pub bounds: TaskBounds,
    /// What becomes of it after a close.
    pub resume: Resume,
    /// The rest.
    pub settings: TaskSettings,
}

/// What becomes of a task when its group closes, or its bounds do, while it runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resume {
    /// It waits, and runs again at the next opening.
    #[default]
    Auto,
    /// It is paused until a person starts it.
    Ask,
}

/// A task together with the group it dials in.
#[derive(Clone, Debug)]
pub struct TaskInGroup {
    /// The task.
    pub task: Task,
    /// Its group.
    pub group: DialTimeGroup,
    /// When the group is open.
    pub schedule: Arc<EffectiveSchedule>,
    /// The windows that the task has of its own, compiled; see [`TaskBounds::hours`].
    pub hours: Option<Arc<Schedule>>,
    /// Why nothing of its account dials, if that is so.
    pub hold: Option<AccountHold>,
}

impl TaskInGroup {
    /// A task in a group that is open by this schedule.
    pub fn new(
        task: Task,
        group: DialTimeGroup,
        schedule: Arc<EffectiveSchedule>,
        hold: Option<AccountHold>,
    ) -> Self {
        let hours = task.draft.bounds.hours_in(group.draft.timezone).map(Arc::new);
        Self { task, group, schedule, hours, hold }
    }

    /// The task's state at `now`.
    pub fn state_at(&self, now: Timestamp) -> TaskState {
        TaskState::of(self.task.enabled, self.hold.is_none() && self.times().allow(now))
    }

    /// The spans between two instants in which it dials while it is switched on and nothing holds its account, in order.
    pub fn spans(&self, from: Timestamp, to: Timestamp) -> impl Iterator<Item = Span> + '_ {
        let times = self.times();
        let mut opening = times.opening_from(from);
        std::iter::from_fn(move || {
            let begin = opening.take().filter(|begin| *begin < to)?;
            let closing = times.closing_after(begin);
            opening = closing.and_then(|closing| times.opening_from(closing));
            Some(Span { begin, end: closing.map_or(to, |end| end.min(to)) })
        })
    }

    /// When it dials while it is switched on and nothing holds its account.
    pub(crate) fn times(&self) -> TaskTimes<'_> {
        TaskTimes {
            bounds: &self.task.draft.bounds,
            group: Some(&self.schedule),
            hours: self.hours.as_deref(),
        }
    }
}

/// A task's bounds: when it may dial at all, whatever its group's windows are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskBounds {
    /// Before this it does not dial.
    pub start: Option<Timestamp>,
    /// From this on it does not dial.
    pub stop: Option<Timestamp>,
    /// Spans in which it does not dial.
    pub closures: Vec<Closure>,
    /// Weekly windows of its own (`work_hour` and `work_week` in `task_extras`), on the clock of its group: outside of them it does
    /// not dial. `None`: it has none.
    pub hours: Option<WeeklyWindows>,
}

impl TaskBounds {
    /// Whether its start, stop and closures allow a call at `now`.
    pub fn allow(&self, now: Timestamp) -> bool {
        self.start.is_none_or(|start| start <= now)
            && self.stop.is_none_or(|stop| now < stop)
            && !self.closures.iter().any(|closure| closure.contains(now))
    }

    /// Its own windows, compiled for the zone of its group.
    pub fn hours_in(&self, zone: Zone) -> Option<Schedule> {
        self.hours.as_ref().map(|windows| Schedule::builder(windows, &zone).compile())
    }
}

/// A span in which one task does not dial (`holiday` in `task_extras`): begin included, end not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closure {
    /// Its first instant.
    pub begin: Timestamp,
    /// The first instant after it.
    pub end: Timestamp,
}

impl Closure {
    /// Whether `now` lies in the closure.
    pub fn contains(&self, now: Timestamp) -> bool {
        self.begin <= now && now < self.end
    }
}

/// What a task is doing. Derived, never stored: a missed wake-up can delay work, but cannot leave a task dialing
/// outside its windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TaskState {
    /// Not enabled (1, 暂停中).
    Paused,
    /// Enabled, and a call would be allowed now (2, 执行中).
    Running,
    /// Enabled, and a call would not be allowed now (3, 等待执行).
    Waiting,
}

impl TaskState {
    /// Every state, by number.
    pub const ALL: [Self; 3] = [Self::Paused, Self::Running, Self::Waiting];

    /// The state of a task that is switched on or not, at an instant at which a call would be allowed or not.
    pub const fn of(enabled: bool, allowed: bool) -> Self {
        match (enabled, allowed) {
            (false, _) => Self::Paused,
            (true, true) => Self::Running,
            (true, false) => Self::Waiting,
        }
    }

    /// The documented number.
    pub const fn number(self) -> u8 {
        match self {
            Self::Paused => 1,
            Self::Running => 2,
            Self::Waiting => 3,
        }
    }

    /// The state of a documented number.
    pub const fn from_number(number: i64) -> Option<Self> {
        match number {
            1 => Some(Self::Paused),
            2 => Some(Self::Running),
            3 => Some(Self::Waiting),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn second(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    proptest! {
        /// Over a minute in which everything lies, second by second.
        #[test]
        fn bounds_are_constant_up_to_their_next_change_and_differ_there(
            start in proptest::option::of(0_i64..60),
            stop in proptest::option::of(0_i64..60),
            closures in proptest::collection::vec((0_i64..60, 1_i64..20), 0..4),
        ) {
            let closures = closures.iter().map(|(begin, length)| Closure {
                begin: second(*begin),
                end: second(begin + length),
            });
            let bounds = TaskBounds { start: start.map(second), stop: stop.map(second), closures: closures.collect(), hours: None };
            let times = TaskTimes { bounds: &bounds, group: None, hours: None };
            for at in -1..90 {
                let differs = (at + 1..100).find(|later| bounds.allow(second(*later)) != bounds.allow(second(at)));
                prop_assert_eq!(times.next_change(second(at)), differs.map(second));
            }
        }
    }
}
