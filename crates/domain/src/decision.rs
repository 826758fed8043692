//! Whether a task may dial, why, and when next: its group's windows, within its bounds.

use calendar::{Decision, Schedule};
use jiff::Timestamp;

use crate::{AccountHold, Closure, TaskBounds, TaskInGroup};

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
        let group = schedule.decide(now);
        let reason = reason(item, group, now);
        let allowed = matches!(reason, TaskReason::Group(Decision { allowed: true, .. }));
        let limits = BoundedSchedule { bounds: &task.draft.bounds, schedule };
        let closing = Some(now).filter(|_| allowed).and_then(|now| limits.closing_after(now));
        let opening = match (task.enabled && hold.is_none(), allowed) {
            (false, _) => None,
            (true, false) => limits.opening_from(now),
            (true, true) => closing.and_then(|closing| limits.opening_from(closing)),
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
    let TaskInGroup { task, hold, .. } = item;
    let bounds = &task.draft.bounds;
    let closure = || bounds.closures.iter().find(|closure| closure.contains(now));
    if let Some(hold) = hold {
        return TaskReason::Held(*hold);
    }
    match (bounds.start, bounds.stop) {
        _ if !task.enabled => TaskReason::Paused,
        (_, Some(stop)) if stop <= now => TaskReason::AfterStop(stop),
        (Some(start), _) if now < start => TaskReason::BeforeStart(start),
        _ => closure().map_or(TaskReason::Group(group), |closure| TaskReason::Closure(*closure)),
    }
}

/// When an enabled task dials: inside its bounds while its group is open.
struct BoundedSchedule<'a> {
    bounds: &'a TaskBounds,
    schedule: &'a Schedule,
}

impl BoundedSchedule<'_> {
    /// The first instant from `at` on at which both allow a call. Each round leaves at least one closure behind, so there are
    /// few rounds.
    fn opening_from(&self, at: Timestamp) -> Option<Timestamp> {
        let mut at = at;
        loop {
            at = self.bounds.allowed_from(at)?;
            if self.schedule.is_open(at) {
                return Some(at);
            }
            at = self.schedule.next_opening(at)?;
            if self.bounds.allow(at) {
                return Some(at);
            }
        }
    }

    /// The first instant after `at`, at which both allow a call, at which one does not.
    fn closing_after(&self, at: Timestamp) -> Option<Timestamp> {
        let begins = self.bounds.closures.iter().map(|closure| closure.begin).filter(|begin| at < *begin);
        begins.chain(self.bounds.stop).chain(self.schedule.next_change(at)).min()
    }
}

impl TaskBounds {
    /// The first instant from `at` on that the bounds allow.
    fn allowed_from(&self, at: Timestamp) -> Option<Timestamp> {
        let mut at = self.start.map_or(at, |start| start.max(at));
        while let Some(closure) = self.closures.iter().find(|closure| closure.contains(at)) {
            at = closure.end;
        }
        Some(at).filter(|at| self.stop.is_none_or(|stop| *at < stop))
    }
}
