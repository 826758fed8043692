//! Whether a task may dial, why, and when next: its group's windows, within its bounds and its own.

use calendar::Decision;
use jiff::Timestamp;

use crate::{AccountHold, Closure, TaskInGroup};

/// Why a task may dial or not: what holds its account first, then its bounds, then its group.
#[derive(Clone, Copy, Debug)]
pub enum TaskReason<'a> {
    /// Nothing of its account dials.
    Held(AccountHold),
    /// It is not enabled.
    Paused,
    /// Its start is still to come.
    BeforeStart(Timestamp),
    /// Its stop has come.
    AfterStop(Timestamp),
    /// It is closed for a while.
    Closure(Closure),
    /// Its group is open, and its own windows are not.
    Hours,
    /// Its group decides.
    Group(Decision<'a>),
}

/// Whether a task may dial at an instant, why, and when next.
#[derive(Clone, Copy, Debug)]
pub struct TaskDecision<'a> {
    /// Whether it may.
    pub allowed: bool,
    /// Why.
    pub reason: TaskReason<'a>,
    /// The first later instant at which `allowed` is another. `None`: never, unless someone changes something.
    pub next_change: Option<Timestamp>,
    /// The first later instant at which it may dial after it may not. `None`: never, unless someone changes
    /// something.
    pub next_opening: Option<Timestamp>,
    /// Until when this answer may be kept, if nobody changes anything. `None`: for good.
    pub valid_until: Option<Timestamp>,
    /// What the group alone says.
    pub group: Decision<'a>,
}

impl TaskInGroup {
    /// Whether the task may dial at `now`, why, and when next.
    pub fn decide(&self, now: Timestamp) -> TaskDecision<'_> {
        TaskDecision::new(self, now)
    }
}

impl<'a> TaskDecision<'a> {
    fn new(item: &'a TaskInGroup, now: Timestamp) -> Self {
        let TaskInGroup { task, schedule, hold, .. } = item;
        let times = item.times();
        let group = schedule.decide(now);
        let reason = reason(item, group, now);
        let allowed = matches!(reason, TaskReason::Group(Decision { allowed: true, .. }));
        let closing = Some(now).filter(|_| allowed).and_then(|now| times.closing_after(now));
        let opening = match (task.enabled && hold.is_none(), allowed) {
            (false, _) => None,
            (true, false) => times.opening_from(now),
            (true, true) => closing.and_then(|closing| times.opening_from(closing)),
        };
        let next_change = if allowed { closing } else { opening };
        // What the holiday calendar knows matters only while the group decides, now or later.
        let over = matches!(reason, TaskReason::Held(_) | TaskReason::Paused | TaskReason::AfterStop(_));
        let known_until = group.valid_until.filter(|_| !over);
        Self {
            allowed,
            reason,
            next_change,
            next_opening: opening,
            valid_until: [next_change, known_until].into_iter().flatten().min(),
            group,
        }
    }
}

fn reason<'a>(item: &TaskInGroup, group: Decision<'a>, now: Timestamp) -> TaskReason<'a> {
    let TaskInGroup { task, hold, hours, .. } = item;
    let bounds = &task.draft.bounds;
    let closure = || bounds.closures.iter().find(|closure| closure.contains(now));
    if let Some(hold) = hold {
        return TaskReason::Held(*hold);
    }
    match (bounds.start, bounds.stop) {
        _ if !task.enabled => TaskReason::Paused,
        (_, Some(stop)) if stop <= now => TaskReason::AfterStop(stop),
        (Some(start), _) if now < start => TaskReason::BeforeStart(start),
        _ => match closure() {
            Some(closure) => TaskReason::Closure(*closure),
            None if group.allowed && hours.as_ref().is_some_and(|hours| !hours.is_open(now)) => {
                TaskReason::Hours
            }
            None => TaskReason::Group(group),
        },
    }
}
