//! Transitions: what becomes of groups and tasks as time passes and as they are edited, and which events are published of
//! it. Everything here is derived from schedules, bounds and what was published before; nothing is asked or stored.

use calendar::{EffectiveSchedule, Zone};
use jiff::{SignedDuration, Timestamp};

use crate::{
    DialTimeGroupId, Event, EventCause, EventKind, PublishedStop, Resume, TaskBounds, TaskId, TaskState,
    task::TaskTimes,
};

/// How many groups are evaluated together at most: the first of them waits for the last.
pub const GROUPS_AT_ONCE: u32 = 100;

/// After how long a group or a task that cannot be read is evaluated again.
pub const DAMAGED_RETRY: SignedDuration = SignedDuration::from_secs(60);

/// An instant at which groups are evaluated, and what their events say of it.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// From which instant on it holds what the evaluation gives.
    pub at: Timestamp,
    /// When the events are written.
    pub written_at: Timestamp,
    /// Why things change at the moment; `None`: whatever rule decides from then on.
    pub cause: Option<EventCause>,
}

impl Moment {
    /// An instant at which something was due.
    pub const fn due(at: Timestamp, written_at: Timestamp) -> Self {
        Self { at, written_at, cause: None }
    }

    /// An instant at which something happened for this cause.
    pub const fn caused(at: Timestamp, written_at: Timestamp, cause: EventCause) -> Self {
        Self { at, written_at, cause: Some(cause) }
    }

    /// The event of a change at the moment, of a group in its version or of a task in it. The moment's own cause counts
    /// more than the one given.
    pub fn event(
        &self,
        kind: EventKind,
        cause: EventCause,
        group: (DialTimeGroupId, i64),
        task: Option<TaskId>,
    ) -> Event {
        Event {
            kind,
            cause: self.cause.unwrap_or(cause),
            due_at: self.at,
            written_at: self.written_at,
            group: Some(group),
            task,
            detail: None,
        }
    }

    /// When to evaluate again what could not be read at the moment.
    pub fn retry_at(&self) -> Timestamp {
        let now = self.at.max(self.written_at);
        now.saturating_add(DAMAGED_RETRY).unwrap_or(now)
    }
}

/// When a group is open as far as events say: inside its windows, while nothing stops its account.
#[derive(Clone, Copy, Debug)]
pub struct OpenTimes<'a> {
    /// Its windows, with its override.
    pub schedule: &'a EffectiveSchedule,
    /// What the log of its account has said of what lies above.
    pub above: PublishedAbove,
}

/// What the log of an account has said of what lies above all its groups.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PublishedAbove {
    /// Whether the account is stopped.
    pub stop: PublishedStop,
    /// When a ceiling was last set, edited or removed; `None`: never.
    pub ceiling_changed_at: Option<Timestamp>,
}

impl OpenTimes<'_> {
    /// Whether the group is open at `at`.
    pub fn is_open(&self, at: Timestamp) -> bool {
        self.schedule.is_open(at) && !self.above.stop.holds_at(at)
    }

    /// The first instant after `at` at which that may be another.
    pub fn next_change(&self, at: Timestamp) -> Option<Timestamp> {
        let stop = self.above.stop.since.filter(|since| at < *since);
        stop.into_iter().chain(self.schedule.next_change(at)).min()
    }

    /// Why the group opens or closes at `at`: what the windows allow from then on is for the stop to give and to take.
    fn cause_of_change(&self, at: Timestamp) -> EventCause {
        let by_stop = self.above.stop.holds_at(at) || self.above.stop.since == Some(at);
        if by_stop && self.schedule.is_open(at) {
            return EventCause::Stopped;
        }
        let by_ceiling = self.above.ceiling_changed_at.is_some_and(|changed| at <= changed);
        match EventCause::of_change(self.schedule, at) {
            // A ceiling that is gone, or opens more than before, has left no trace in the schedule.
            EventCause::Edit if by_ceiling => EventCause::Ceiling,
            cause => cause,
        }
    }
}

/// Whether a group is open at a moment, and whether the events have said so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupEvaluation {
    /// Whether it was open as far as was published.
    pub was_open: bool,
    /// Whether it is open from the moment on.
    pub is_open: bool,
    /// Why, if that differs.
    pub cause: EventCause,
}

impl GroupEvaluation {
    /// Evaluates a group by when it is open.
    pub fn new(times: OpenTimes<'_>, was_open: bool, at: Timestamp) -> Self {
        Self { was_open, is_open: times.is_open(at), cause: times.cause_of_change(at) }
    }

    /// Whether it opens or closes.
    pub const fn turns(&self) -> bool {
        self.was_open != self.is_open
    }

    /// What is published of the group, if it opens or closes.
    pub fn event_kind(&self) -> Option<EventKind> {
        self.turns().then_some(opened_or_closed(self.is_open))
    }

    /// The state that an enabled task of the group comes to at the moment, and why; `None` when it stays what it is.
    pub fn turn_of(&self, task: &FollowingTask, moment: &Moment) -> Option<(TaskState, EventCause)> {
        let before = self.was_open && task.was_within_bounds;
        let now = self.is_open && task.is_within_bounds;
        let by_bounds = task.was_within_bounds != task.is_within_bounds;
        let cause = if by_bounds { EventCause::Bounds } else { self.cause };
        // What is taken back was never a close.
        let asks = task.resume == Resume::Ask && moment.cause != Some(EventCause::Clock);
        match (before, now) {
            (true, false) if asks => Some((TaskState::Paused, cause)),
            (true, false) => Some((TaskState::Waiting, cause)),
            (false, true) => Some((TaskState::Running, cause)),
            (true, true) | (false, false) => None,
        }
    }
}

const fn opened_or_closed(open: bool) -> EventKind {
    if open { EventKind::GroupOpened } else { EventKind::GroupClosed }
}

/// An enabled task of a group that is evaluated.
#[derive(Clone, Copy, Debug)]
pub struct FollowingTask {
    /// What becomes of it at a close.
    pub resume: Resume,
    /// Whether its bounds allowed calls before the moment.
    pub was_within_bounds: bool,
    /// Whether they allow calls from the moment on.
    pub is_within_bounds: bool,
}

/// The state of an enabled task that is within its bounds while its group is open, after its account was enabled or
/// disabled. One that resumes only when asked is paused, as at a close.
pub const fn state_after_account_switch(account_enabled: bool, resume: Resume) -> TaskState {
    match (account_enabled, resume) {
        (true, _) => TaskState::Running,
        (false, Resume::Auto) => TaskState::Waiting,
        (false, Resume::Ask) => TaskState::Paused,
    }
}

/// What decides the state of a task, before or after an edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Whether a person switched it on.
    pub enabled: bool,
    /// Whether its bounds allow calls.
    pub within_bounds: bool,
    /// Whether its group is open, as far as was published.
    pub group_open: bool,
}

impl Standing {
    /// The state.
    pub const fn state(&self) -> TaskState {
        TaskState::of(self.enabled, self.within_bounds && self.group_open)
    }
}

/// What is published of an edit of a task: `edit`, if there is something to say of the edit itself, and then the state that
/// the task comes to by it.
pub fn events_of_edit(edit: Option<EventKind>, before: Standing, after: Standing) -> Vec<EventKind> {
    let turned = (before.state() != after.state()).then(|| EventKind::of_state(after.state()));
    edit.into_iter().chain(turned).collect()
}

/// A change of a group that was due and not published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MissedTurn {
    /// When it was due.
    pub at: Timestamp,
    /// What is published of it.
    pub kind: EventKind,
    /// Why.
    pub cause: EventCause,
}

/// The openings and closings of a group that were due from `next` to `now`. `was_open`: as far as was published.
pub fn missed_turns(
    times: OpenTimes<'_>,
    was_open: bool,
    next: Option<Timestamp>,
    now: Timestamp,
) -> Vec<MissedTurn> {
    let (mut open, mut next, mut missed) = (was_open, next, Vec::new());
    while let Some(at) = next.filter(|at| *at <= now) {
        let evaluation = GroupEvaluation::new(times, open, at);
        if let Some(kind) = evaluation.event_kind() {
            open = evaluation.is_open;
            missed.push(MissedTurn { at, kind, cause: evaluation.cause });
        }
        next = times.next_change(at);
    }
    missed
}

/// What is stored of a task's bounds, so that it is evaluated when they change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BoundsEvaluation {
    /// Whether they allow calls.
    pub within: bool,
    /// When that changes next. `None`: never, or the task is not enabled and need not be evaluated.
    pub next_change: Option<Timestamp>,
}

impl BoundsEvaluation {
    /// Evaluates the bounds of a task at an instant, by the clock of its group.
    pub fn new(bounds: &TaskBounds, zone: Zone, enabled: bool, at: Timestamp) -> Self {
        let hours = bounds.hours_in(zone);
        let times = TaskTimes { bounds, group: None, hours: hours.as_ref() };
        let next_change = enabled.then(|| times.next_change(at)).flatten();
        Self { within: times.allow(at), next_change }
    }
}

/// From which instant on holidays that were imported hold for groups: from the import on, but not before what was published
/// of them, and not in the future. A group that was never evaluated knows of no import, and is evaluated now.
pub fn holidays_hold_from(
    imported_at: Option<Timestamp>,
    evaluated_before: bool,
    published_at: Timestamp,
    now: Timestamp,
) -> Timestamp {
    imported_at.filter(|_| evaluated_before).map_or(now, |imported_at| imported_at.min(now)).max(published_at)
}

#[cfg(test)]
mod tests {
    use calendar::{Schedule, WeeklyWindows, Zone};

    use super::*;
    use crate::Closure;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// Open on Mondays from 08:00 to 20:00 UTC; 5 January 2026 is one.
    fn mondays() -> EffectiveSchedule {
        let windows = r#"[{"week":1,"times":[{"begin_time":"08:00","end_time":"20:00"}]}]"#;
        let windows: WeeklyWindows = serde_json::from_str(windows).unwrap();
        Schedule::builder(&windows, &Zone::parse("UTC").unwrap()).compile().into()
    }

    /// Never stopped.
    fn of(schedule: &EffectiveSchedule) -> OpenTimes<'_> {
        OpenTimes { schedule, above: PublishedAbove::default() }
    }

    const OPENS: &str = "2026-01-05T08:00:00Z";
    const CLOSES: &str = "2026-01-05T20:00:00Z";

    fn task(resume: Resume, was_within_bounds: bool, is_within_bounds: bool) -> FollowingTask {
        FollowingTask { resume, was_within_bounds, is_within_bounds }
    }

    #[test]
    fn a_group_turns_when_its_schedule_differs_from_what_was_published() {
        let opening = GroupEvaluation::new(of(&mondays()), false, at(OPENS));
        assert_eq!((opening.event_kind(), opening.cause), (Some(EventKind::GroupOpened), EventCause::Window));
        let closing = GroupEvaluation::new(of(&mondays()), true, at(CLOSES));
        assert_eq!(closing.event_kind(), Some(EventKind::GroupClosed));
        assert_eq!(
            GroupEvaluation::new(of(&mondays()), true, at(OPENS)).event_kind(),
            None,
            "published already"
        );
        let noon = GroupEvaluation::new(of(&mondays()), false, at("2026-01-05T12:00:00Z"));
        assert_eq!((noon.event_kind(), noon.cause), (Some(EventKind::GroupOpened), EventCause::Edit));
    }

    #[test]
    fn a_stop_closes_and_its_end_opens_what_the_windows_allow() {
        let (schedule, noon) = (mondays(), at("2026-01-05T12:00:00Z"));
        let above = |stop| PublishedAbove { stop, ceiling_changed_at: None };
        let times = |stopped| {
            let stop = PublishedStop { stopped, since: Some(noon) };
            OpenTimes { schedule: &schedule, above: above(stop) }
        };
        let stopping = GroupEvaluation::new(times(true), true, noon);
        assert_eq!(
            (stopping.event_kind(), stopping.cause),
            (Some(EventKind::GroupClosed), EventCause::Stopped)
        );
        let resuming = GroupEvaluation::new(times(false), false, noon);
        assert_eq!(
            (resuming.event_kind(), resuming.cause),
            (Some(EventKind::GroupOpened), EventCause::Stopped)
        );
        // What was due before the stop is published as it was due, and then the stop.
        assert_eq!(times(true).next_change(at(OPENS)), Some(noon));
        let turns = missed_turns(times(true), false, Some(at(OPENS)), noon);
        let kinds: Vec<_> = turns.iter().map(|turn| (turn.at, turn.kind, turn.cause)).collect();
        let opened = (at(OPENS), EventKind::GroupOpened, EventCause::Window);
        assert_eq!(kinds, [opened, (noon, EventKind::GroupClosed, EventCause::Stopped)]);
        // A window that begins while it is stopped opens nothing, and a stop outside of windows closes nothing.
        let later = GroupEvaluation::new(times(true), false, at("2026-01-12T08:00:00Z"));
        assert_eq!(later.event_kind(), None);
        let since_close = PublishedStop { stopped: true, since: Some(at(CLOSES)) };
        let closed = OpenTimes { above: above(since_close), ..times(true) };
        let closing = GroupEvaluation::new(closed, true, at(CLOSES));
        assert_eq!((closing.event_kind(), closing.cause), (Some(EventKind::GroupClosed), EventCause::Window));
    }

    #[test]
    fn what_a_ceiling_gives_back_is_told_by_it() {
        let (schedule, noon) = (mondays(), at("2026-01-05T12:00:00Z"));
        let above = PublishedAbove { ceiling_changed_at: Some(noon), ..PublishedAbove::default() };
        let times = OpenTimes { schedule: &schedule, above };
        let opening = |at| GroupEvaluation::new(times, false, at).cause;
        assert_eq!(opening(noon), EventCause::Ceiling);
        assert_eq!(opening(at(OPENS)), EventCause::Window, "its own rules come before");
        assert_eq!(opening(at("2026-01-05T13:00:00Z")), EventCause::Edit, "something else, later");
    }

    #[test]
    fn a_task_turns_with_its_group_and_with_its_bounds() {
        let moment = Moment::due(at(OPENS), at(OPENS));
        let turn = |was_open, is_open, task: FollowingTask| {
            GroupEvaluation { was_open, is_open, cause: EventCause::Window }.turn_of(&task, &moment)
        };
        let within = |resume| task(resume, true, true);
        assert_eq!(turn(false, true, within(Resume::Auto)), Some((TaskState::Running, EventCause::Window)));
        assert_eq!(turn(true, false, within(Resume::Auto)), Some((TaskState::Waiting, EventCause::Window)));
        assert_eq!(turn(true, false, within(Resume::Ask)), Some((TaskState::Paused, EventCause::Window)));
        assert_eq!(turn(true, true, within(Resume::Ask)), None);
        assert_eq!(turn(false, true, task(Resume::Auto, false, false)), None, "outside its bounds");
        let enters = task(Resume::Auto, false, true);
        assert_eq!(turn(true, true, enters), Some((TaskState::Running, EventCause::Bounds)));
        assert_eq!(turn(false, false, enters), None, "its group is closed");
        let leaves = task(Resume::Ask, true, false);
        assert_eq!(turn(true, true, leaves), Some((TaskState::Paused, EventCause::Bounds)));
    }

    #[test]
    fn what_is_taken_back_pauses_no_task() {
        let group = GroupEvaluation { was_open: true, is_open: false, cause: EventCause::Edit };
        let back = Moment::caused(at(OPENS), at(OPENS), EventCause::Clock);
        let turned = group.turn_of(&task(Resume::Ask, true, true), &back);
        assert_eq!(turned.map(|(state, _)| state), Some(TaskState::Waiting));
    }

    #[test]
    fn an_event_says_why_the_moment_came_before_why_its_group_turned() {
        let group = (DialTimeGroupId::new(7), 3);
        let due = Moment::due(at(OPENS), at(CLOSES));
        let event = due.event(EventKind::GroupOpened, EventCause::Window, group, None);
        assert_eq!(
            (event.cause, event.due_at, event.written_at),
            (EventCause::Window, at(OPENS), at(CLOSES))
        );
        let edited = Moment::caused(at(OPENS), at(OPENS), EventCause::Edit);
        assert_eq!(
            edited.event(EventKind::GroupOpened, EventCause::Window, group, None).cause,
            EventCause::Edit
        );
        assert_eq!(due.retry_at(), at(CLOSES) + DAMAGED_RETRY, "never in the past");
    }

    #[test]
    fn an_account_that_is_switched_off_pauses_what_resumes_only_when_asked() {
        for resume in [Resume::Auto, Resume::Ask] {
            assert_eq!(state_after_account_switch(true, resume), TaskState::Running);
        }
        assert_eq!(state_after_account_switch(false, Resume::Auto), TaskState::Waiting);
        assert_eq!(state_after_account_switch(false, Resume::Ask), TaskState::Paused);
    }

    #[test]
    fn an_edit_is_published_with_the_state_that_the_task_comes_to_by_it() {
        let running = Standing { enabled: true, within_bounds: true, group_open: true };
        let (paused, waiting) =
            (Standing { enabled: false, ..running }, Standing { group_open: false, ..running });
        let edited = Some(EventKind::TaskUpdated);
        assert_eq!(events_of_edit(edited, running, running), [EventKind::TaskUpdated]);
        assert_eq!(
            events_of_edit(edited, running, waiting),
            [EventKind::TaskUpdated, EventKind::TaskWaiting]
        );
        assert_eq!(events_of_edit(None, paused, running), [EventKind::TaskRunning]);
        let outside = Standing { within_bounds: false, ..running };
        assert_eq!(events_of_edit(None, waiting, outside), [], "it waits before and after");
    }

    #[test]
    fn missed_turns_are_those_up_to_now_in_order() {
        let schedule = mondays();
        let next_monday = SignedDuration::from_hours(7 * 24);
        let missed = missed_turns(of(&schedule), false, Some(at(OPENS)), at(OPENS) + next_monday);
        let turns: Vec<_> = missed.iter().map(|turn| (turn.at, turn.kind)).collect();
        assert_eq!(
            turns,
            [
                (at(OPENS), EventKind::GroupOpened),
                (at(CLOSES), EventKind::GroupClosed),
                (at(OPENS) + next_monday, EventKind::GroupOpened),
            ]
        );
        let published = missed_turns(of(&schedule), true, Some(at(OPENS)), at(OPENS));
        assert_eq!(published, [], "the opening was published already");
        assert_eq!(missed_turns(of(&schedule), false, None, at(OPENS)), []);
    }

    #[test]
    fn bounds_are_evaluated_again_only_of_enabled_tasks() {
        let closure = Closure { begin: at(OPENS), end: at(CLOSES) };
        let bounds = TaskBounds { closures: vec![closure], ..TaskBounds::default() };
        let before = at("2026-01-05T07:00:00Z");
        let zone = Zone::parse("UTC").unwrap();
        let enabled = BoundsEvaluation::new(&bounds, zone, true, before);
        assert_eq!(enabled, BoundsEvaluation { within: true, next_change: Some(at(OPENS)) });
        let paused = BoundsEvaluation::new(&bounds, zone, false, at(OPENS));
        assert_eq!(paused, BoundsEvaluation { within: false, next_change: None });
    }

    #[test]
    fn windows_of_a_task_change_by_the_clock_of_its_group() {
        let hours = r#"[{"week":1,"times":[{"begin_time":"16:30","end_time":"17:30"}]}]"#;
        let bounds = TaskBounds { hours: serde_json::from_str(hours).ok(), ..TaskBounds::default() };
        let evaluated = |zone| BoundsEvaluation::new(&bounds, Zone::parse(zone).unwrap(), true, at(OPENS));
        let opens = Some(at("2026-01-05T16:30:00Z"));
        assert_eq!(evaluated("UTC"), BoundsEvaluation { within: false, next_change: opens });
        let opens = Some(at("2026-01-05T08:30:00Z"));
        assert_eq!(evaluated("Asia/Shanghai"), BoundsEvaluation { within: false, next_change: opens });
    }

    #[test]
    fn imported_holidays_hold_from_the_import_on() {
        let (early, now) = (at(OPENS), at(CLOSES));
        let hour = SignedDuration::from_hours(1);
        assert_eq!(holidays_hold_from(Some(early), true, early - hour, now), early);
        assert_eq!(holidays_hold_from(Some(early), true, early + hour, now), early + hour, "published later");
        assert_eq!(
            holidays_hold_from(Some(now + hour), true, early, now),
            now,
            "another node's clock is ahead"
        );
        assert_eq!(holidays_hold_from(Some(early), false, early, now), now, "never evaluated");
        assert_eq!(holidays_hold_from(None, true, early, now), now);
    }
}
