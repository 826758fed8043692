//! Events: what happened to an account's groups and tasks, published in order and exactly once.

use calendar::{DecidingRule, Schedule};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::{AccountId, DialTimeGroupId, TaskId, TaskState};

/// An event written later than this after it was due is late: a node was away, or asleep.
pub const LATE_AFTER: SignedDuration = SignedDuration::from_secs(5);

macro_rules! closed_list {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $code:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$variant_doc])* $variant,)+ }

        impl $name {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The code of every one, in the same order.
            pub const CODES: &'static [&'static str] = &[$($code),+];

            /// Its stable code on the wire and in the database.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// The one of this code.
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.code() == code)
            }
        }
    };
}

closed_list! {
    /// What happened.
    EventKind {
        /// An enabled task may dial from now on.
        TaskRunning = "task.running",
        /// An enabled task may not dial from now on, until it may again.
        TaskWaiting = "task.waiting",
        /// A task was switched off: by a person, or at a close because it resumes only when asked.
        TaskPaused = "task.paused",
        /// A task was made.
        TaskCreated = "task.created",
        /// A task was edited.
        TaskUpdated = "task.updated",
        /// A task was deleted.
        TaskDeleted = "task.deleted",
        /// A group is open from now on.
        GroupOpened = "group.opened",
        /// A group is closed from now on.
        GroupClosed = "group.closed",
        /// A group was edited.
        GroupUpdated = "group.updated",
        /// A group was deleted.
        GroupDeleted = "group.deleted",
        /// A holiday calendar that groups of the account follow is known for a few more weeks only.
        HolidaysNearHorizon = "holidays.near_horizon",
    }
}

impl EventKind {
    /// The event that is published when a task comes to this state.
    pub const fn of_state(state: TaskState) -> Self {
        match state {
            TaskState::Paused => Self::TaskPaused,
            TaskState::Running => Self::TaskRunning,
            TaskState::Waiting => Self::TaskWaiting,
        }
    }
}

closed_list! {
    /// Why it happened.
    EventCause {
        /// A weekly window began or ended.
        Window = "window",
        /// A holiday or a make-up workday, or the end of what is known of them.
        Holiday = "holiday",
        /// A dated exception of the group.
        Exception = "exception",
        /// Someone edited a group, a task or the holidays.
        Edit = "edit",
        /// Someone started or stopped the task.
        Person = "person",
        /// The task's bounds: its start, its stop or a closure.
        Bounds = "bounds",
        /// The account, its user or its partner was disabled or enabled.
        Account = "account",
        /// The clock was set back: what was published for the time that is still to come is taken back.
        Clock = "clock",
    }
}

impl EventCause {
    /// Why a group opens or closes at `at`: the rule that decides from then on if `schedule` itself changes there, else an edit.
    pub fn of_change(schedule: &Schedule, at: Timestamp) -> Self {
        let before = at.checked_sub(SignedDuration::from_micros(1)).unwrap_or(at);
        if schedule.is_open(before) == schedule.is_open(at) {
            return Self::Edit;
        }
        match schedule.decide(at).reason.rule {
            DecidingRule::Weekly => Self::Window,
            DecidingRule::Exception => Self::Exception,
            DecidingRule::Holiday | DecidingRule::MakeupWorkday | DecidingRule::BeyondHorizon => {
                Self::Holiday
            }
        }
    }
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// What.
    pub kind: EventKind,
    /// Why.
    pub cause: EventCause,
    /// When it was to happen: the instant from which it holds.
    pub due_at: Timestamp,
    /// When it was written down.
    pub written_at: Timestamp,
    /// The group it is about, or that its task dials in, with the version the group had.
    pub group: Option<(DialTimeGroupId, i64)>,
    /// The task it is about.
    pub task: Option<TaskId>,
    /// What else there is to say, as JSON.
    pub detail: Option<Value>,
}

impl Event {
    /// Whether it was written more than [`LATE_AFTER`] after it was due.
    pub fn is_late(&self) -> bool {
        self.written_at.duration_since(self.due_at) > LATE_AFTER
    }
}

/// An event in the log of its account.
#[derive(Clone, Debug, PartialEq)]
pub struct LoggedEvent {
    /// Whose log.
    pub account: AccountId,
    /// Its place in the log: 1, 2, 3 ... without a gap.
    pub number: i64,
    /// What happened.
    pub event: Event,
}

#[cfg(test)]
mod tests {
    use calendar::{HolidayCalendar, WeeklyWindows, Zone};

    use super::*;

    #[test]
    fn codes_are_read_back() {
        for kind in EventKind::ALL {
            assert_eq!(EventKind::from_code(kind.code()), Some(*kind));
        }
        assert_eq!(EventCause::from_code("weather"), None);
        assert_eq!(EventKind::CODES.len(), EventKind::ALL.len());
    }

    #[test]
    fn the_cause_is_the_rule_that_decides_from_then_on_or_an_edit() {
        let every_day = r#"[{"week":4,"times":[{"begin_time":"00:00","end_time":"24:00"}]},
                            {"week":6,"times":[{"begin_time":"09:00","end_time":"18:00"}]}]"#;
        let windows: WeeklyWindows = serde_json::from_str(every_day).unwrap();
        let exceptions = r#"[{"begin_date":"2026-10-22"}]"#;
        let exceptions = serde_json::from_str(exceptions).unwrap();
        let schedule = Schedule::builder(&windows, &Zone::parse("Asia/Shanghai").unwrap())
            .holidays(HolidayCalendar::china())
            .exceptions(&exceptions)
            .compile();
        for (at, cause) in [
            ("2026-09-24T00:00:00+08:00", EventCause::Window),
            ("2026-10-10T09:00:00+08:00", EventCause::Holiday), // a make-up workday
            ("2026-10-15T12:00:00+08:00", EventCause::Edit),
            ("2026-10-22T00:00:00+08:00", EventCause::Edit), // closed before and after
        ] {
            assert_eq!(EventCause::of_change(&schedule, at.parse().unwrap()), cause, "{at}");
        }
    }

    #[test]
    fn late_is_more_than_a_few_seconds_after_it_was_due() {
        let due_at: Timestamp = "2026-10-10T01:00:00Z".parse().unwrap();
        let event = |seconds| Event {
            kind: EventKind::GroupOpened,
            cause: EventCause::Window,
            due_at,
            written_at: due_at + SignedDuration::from_secs(seconds),
            group: None,
            task: None,
            detail: None,
        };
        assert!(!event(5).is_late() && event(6).is_late());
    }
}
