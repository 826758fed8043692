//! Events: what happened to an account's groups and tasks, published in order and exactly once.

use calendar::{DecidingRule, EffectiveSchedule, WeeklyWindows};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    AccountId, BlockedNumberSnapshot, BotHealthSnapshot, CallSnapshot, CallStage, CeilingSnapshot,
    ClosureSnapshot, DialTimeGroup, DialTimeGroupId, FeedSnapshot, ImportSummary, LineHealthSnapshot,
    NumberCallbackSnapshot, NumberChange, RecordingSnapshot, ResultSnapshot, StopSnapshot, TaskId, TaskState,
};

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
        /// The address that a holiday calendar follows changed its days.
        HolidaysFeedChanged = "holidays.feed_changed",
        /// The address that a holiday calendar follows has failed for three days; the last good days stand.
        HolidaysFeedFailing = "holidays.feed_failing",
        /// Dialing was stopped, for the account or for what it belongs to or calls over.
        DialingStopped = "dialing.stopped",
        /// A stop came to its end.
        DialingResumed = "dialing.resumed",
        /// A closure of the account, or of what it belongs to, was planned.
        ClosurePlanned = "closure.planned",
        /// A planned closure was revoked.
        ClosureRevoked = "closure.revoked",
        /// The ceiling of the account, or of what it belongs to, was set or removed, or its group was edited.
        CeilingChanged = "ceiling.changed",
        /// An import of numbers into a task ended.
        ImportFinished = "import.finished",
        /// A number of a task was dialed.
        CallStarted = "call.started",
        /// The callee's phone rings.
        CallRinging = "call.ringing",
        /// Someone or something answered.
        CallAnswered = "call.answered",
        /// Who answered a call was found out, or that it is another than was thought.
        CallJudged = "call.judged",
        /// A call has ended.
        CallEnded = "call.ended",
        /// What came of a conversation was written, or written anew, after its call had ended.
        CallResult = "call.result",
        /// A recording was deleted, because it was old.
        RecordingDeleted = "recording.deleted",
        /// No number of a task's list is due any more, now or later.
        TaskFinished = "task.finished",
        /// Nothing is called over a line for a while: it fails.
        LineDown = "line.down",
        /// A line works again.
        LineUp = "line.up",
        /// A bot to which scripts of tasks that may dial hand calls cannot be reached: nobody is called for it.
        BotDown = "bot.down",
        /// A bot can be reached again.
        BotUp = "bot.up",
        /// A number is not called, for it must not be.
        NumberBlocked = "number.blocked",
        /// Numbers were added to a task. Written for accounts that have a webhook of the platform's format.
        NumbersAdded = "numbers.added",
        /// Numbers of a task were deleted. Written for accounts that have a webhook of the platform's format.
        NumbersDeleted = "numbers.deleted",
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

    /// The event that is published when a call comes so far.
    pub const fn of_call(stage: CallStage) -> Self {
        match stage {
            CallStage::Started => Self::CallStarted,
            CallStage::Ringing => Self::CallRinging,
            CallStage::Answered => Self::CallAnswered,
            CallStage::Judged => Self::CallJudged,
            CallStage::Ended => Self::CallEnded,
        }
    }

    /// The event that is published when numbers are added or deleted.
    pub const fn of_numbers(change: NumberChange) -> Self {
        match change {
            NumberChange::Added => Self::NumbersAdded,
            NumberChange::Deleted => Self::NumbersDeleted,
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
        /// A person overrode the group for a while, or that while has ended.
        Override = "override",
        /// A planned closure of the account, or of what it belongs to: its begin, its end, or that it was planned or revoked.
        Closure = "closure",
        /// A ceiling above the account's groups closed or opened, or was set or edited and closes.
        Ceiling = "ceiling",
        /// Someone edited a group, a task or the holidays, or removed a ceiling or made it open.
        Edit = "edit",
        /// Someone started or stopped the task.
        Person = "person",
        /// The task's bounds: its start, its stop or a closure.
        Bounds = "bounds",
        /// The account, its user or its partner was disabled or enabled.
        Account = "account",
        /// The clock was set back: what was published for the time that is still to come is taken back.
        Clock = "clock",
        /// Dialing was stopped by the kill switch, or resumed.
        Stopped = "stopped",
        /// What came of dialing: a call, the end of a list, a line that fails or works again, a number that must not be called.
        Dialing = "dialing",
    }
}

impl EventCause {
    /// Why a group opens or closes at `at`: the rule that decides from then on if `schedule` itself changes there, else an edit.
    pub fn of_change(schedule: &EffectiveSchedule, at: Timestamp) -> Self {
        // Schedules change at whole seconds: what someone set just now holds from the begin of this one on.
        let second = Timestamp::from_second(at.as_second()).unwrap_or(at);
        let before = second.checked_sub(SignedDuration::from_micros(1)).unwrap_or(second);
        if schedule.is_open(before) == schedule.is_open(at) {
            // A ceiling that was set or edited closes as if it had been there before.
            let by_ceiling = schedule.decide(at).reason.rule == DecidingRule::Ceiling;
            return if by_ceiling { Self::Ceiling } else { Self::Edit };
        }
        let rules = [before, at].map(|at| schedule.decide(at).reason.rule);
        // What lies above gives back at its end what it took.
        if rules.contains(&DecidingRule::Closure) {
            return Self::Closure;
        }
        if rules.contains(&DecidingRule::Ceiling) {
            return Self::Ceiling;
        }
        // What an override gives or takes comes back at its end, whatever rule decides from then on.
        if rules.contains(&DecidingRule::Override) {
            return Self::Override;
        }
        match rules[1] {
            DecidingRule::Closure => Self::Closure,
            DecidingRule::Ceiling => Self::Ceiling,
            DecidingRule::Override => Self::Override,
            DecidingRule::Season | DecidingRule::Weekly => Self::Window,
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
    /// What else there is to say.
    pub detail: Option<EventDetail>,
}

/// What else an event says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum EventDetail {
    /// How long a holiday calendar is known.
    Horizon(CalendarHorizon),
    /// A closure that was planned or revoked, and by whom.
    Closure(ClosureSnapshot),
    /// What happened to a ceiling, and by whom.
    Ceiling(CeilingSnapshot),
    /// What has become of an address that a holiday calendar follows.
    Feed(FeedSnapshot),
    /// What was stopped or resumed, why and by whom.
    Stop(StopSnapshot),
    /// How an import of numbers ended.
    Import(ImportSummary),
    /// A call, as far as it has come.
    Call(CallSnapshot),
    /// What came of a conversation.
    Result(ResultSnapshot),
    /// A line that fails, or works again.
    Line(LineHealthSnapshot),
    /// A bot that cannot be reached, or can again.
    Bot(BotHealthSnapshot),
    /// Numbers that must not be called.
    Blocked(BlockedNumberSnapshot),
    /// Numbers that were added or deleted.
    Numbers(NumberCallbackSnapshot),
    /// A recording that was deleted.
    Recording(RecordingSnapshot),
    /// What a task is that was made, or was that was deleted.
    Task(Box<TaskSnapshot>),
}

/// A holiday calendar that is known for a few more weeks only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarHorizon {
    /// Which calendar.
    pub holiday_calendar: String,
    /// The last day that it knows, `YYYY-MM-DD`.
    pub known_until: String,
}

/// A task that is not there yet, or no longer. Events that were written by earlier versions lack some of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskSnapshot {
    /// Its name.
    pub name: String,
    /// Its [`TaskSettings`](crate::TaskSettings), as stored.
    pub settings: Value,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// The windows of its group.
    pub content: Option<WeeklyWindows>,
    /// Its group, if that can be read.
    #[serde(default)]
    pub group: Option<GroupSnapshot>,
    /// Which interface made it; see [`Generation::number`](crate::Generation::number).
    #[serde(default)]
    pub generation: Option<i64>,
    /// Whether it was switched on.
    #[serde(default)]
    pub enabled: Option<bool>,
    /// The name of the script of its `destination_extension`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub script_name: Option<String>,
    /// The name of the first line, or line group, that it names and that is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line_name: Option<String>,
}

impl TaskSnapshot {
    /// The snapshot with the group that the task dials in.
    #[must_use]
    pub fn in_group(self, group: Option<&DialTimeGroup>) -> Self {
        let content = group.map(|group| group.draft.content.clone());
        Self { content, group: group.map(GroupSnapshot::of), ..self }
    }
}

/// The group of a [`TaskSnapshot`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupSnapshot {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Its windows.
    pub content: WeeklyWindows,
    /// Whether statutory days off are closed.
    pub skip_holiday: bool,
    /// Whether it is the account's default.
    pub is_default: bool,
}

impl GroupSnapshot {
    fn of(group: &DialTimeGroup) -> Self {
        Self {
            id: group.id.get(),
            name: group.draft.name.as_str().to_owned(),
            content: group.draft.content.clone(),
            skip_holiday: group.draft.skip_holiday,
            is_default: group.draft.is_default,
        }
    }
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

    /// The texts as they stand in databases: of a version before groups were published whole, and of today.
    #[test]
    fn details_are_read_as_they_were_stored() {
        let old = r#"{"name":"a","settings":{},"created_at":"2026-01-01T00:00:00Z","content":[]}"#;
        let EventDetail::Task(task) = serde_json::from_str(old).unwrap() else { panic!("a task") };
        assert_eq!((task.name.as_str(), task.group, task.generation, task.enabled), ("a", None, None, None));
        let horizon = r#"{"holiday_calendar":"CN","known_until":"2026-12-31"}"#;
        let EventDetail::Horizon(found) = serde_json::from_str(horizon).unwrap() else { panic!("a horizon") };
        assert_eq!((found.holiday_calendar.as_str(), found.known_until.as_str()), ("CN", "2026-12-31"));
        let group = r#"{"id":7,"name":"g","content":[],"skip_holiday":false,"is_default":true}"#;
        let new = format!(
            r#"{{"name":"a","settings":{{"remark":"r"}},"created_at":null,"content":[],"group":{group},"generation":2,"enabled":true}}"#
        );
        let detail: EventDetail = serde_json::from_str(&new).unwrap();
        assert_eq!(serde_json::to_string(&detail).unwrap(), new);
    }

    #[test]
    fn the_cause_is_the_rule_that_decides_from_then_on_or_an_edit() {
        let every_day = r#"[{"week":4,"times":[{"begin_time":"00:00","end_time":"24:00"}]},
                            {"week":6,"times":[{"begin_time":"09:00","end_time":"18:00"}]}]"#;
        let windows: WeeklyWindows = serde_json::from_str(every_day).unwrap();
        let exceptions = r#"[{"begin_date":"2026-10-22"}]"#;
        let exceptions = serde_json::from_str(exceptions).unwrap();
        let schedule = calendar::Schedule::builder(&windows, &Zone::parse("Asia/Shanghai").unwrap())
            .holidays(HolidayCalendar::china())
            .exceptions(&exceptions)
            .compile();
        let at = |text: &str| text.parse().unwrap();
        let (begin, end) = (at("2026-10-24T10:00:00+08:00"), at("2026-10-24T12:00:00+08:00"));
        let closed = calendar::Override { open: false, begin, end, reason: "".into() };
        let effective = EffectiveSchedule::new(schedule.into(), Some(closed));
        for (at, cause) in [
            ("2026-09-24T00:00:00+08:00", EventCause::Window),
            ("2026-10-10T09:00:00+08:00", EventCause::Holiday), // a make-up workday
            ("2026-10-15T12:00:00+08:00", EventCause::Edit),
            ("2026-10-22T00:00:00+08:00", EventCause::Edit), // closed before and after
            ("2026-10-24T10:00:00+08:00", EventCause::Override),
            ("2026-10-24T12:00:00+08:00", EventCause::Override), // what it took comes back
        ] {
            assert_eq!(EventCause::of_change(&effective, at.parse().unwrap()), cause, "{at}");
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
