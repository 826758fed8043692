//! Task transitions packed into bytes, as a row of the log holds those that follow its first event.

use domain::{EventCause, EventKind, TaskId};
use uuid::Uuid;

use crate::database::{convert::damaged, error::Result};

/// How many bytes a transition takes: a tag for its kind and its cause, and the id of its task.
const LENGTH: usize = 17;

/// The kinds by the upper half of their tags. Tags are stored: what is new comes last.
const KINDS: [EventKind; 3] = [EventKind::TaskRunning, EventKind::TaskWaiting, EventKind::TaskPaused];

/// The causes by the lower half of their tags, likewise.
const CAUSES: [EventCause; 13] = [
    EventCause::Window,
    EventCause::Holiday,
    EventCause::Exception,
    EventCause::Edit,
    EventCause::Person,
    EventCause::Bounds,
    EventCause::Account,
    EventCause::Clock,
    EventCause::Stopped,
    EventCause::Dialing,
    EventCause::Override,
    EventCause::Closure,
    EventCause::Ceiling,
];

/// The state that a task comes to, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TaskTransition {
    pub(super) kind: EventKind,
    pub(super) cause: EventCause,
    pub(super) task: TaskId,
}

impl TaskTransition {
    fn tag(self) -> Option<u8> {
        let kind = KINDS.iter().position(|kind| *kind == self.kind)?;
        let cause = CAUSES.iter().position(|cause| *cause == self.cause)?;
        u8::try_from(kind << 4 | cause).ok()
    }

    fn of(tag: u8, task: Uuid) -> Option<Self> {
        let (kind, cause) = (KINDS.get(usize::from(tag >> 4))?, CAUSES.get(usize::from(tag & 0b1111))?);
        Some(Self { kind: *kind, cause: *cause, task: TaskId::new(task) })
    }
}

/// Transitions, one after the other.
#[derive(Clone, Debug, Default)]
pub(super) struct PackedTasks(Vec<u8>);

impl PackedTasks {
    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.0.len() / LENGTH
    }

    /// Adds one; says whether it is of a kind that can be packed.
    pub(super) fn push(&mut self, transition: TaskTransition) -> bool {
        let Some(tag) = transition.tag() else { return false };
        self.0.push(tag);
        self.0.extend_from_slice(transition.task.uuid().as_bytes());
        true
    }

    /// As a column holds them: NULL when there are none.
    pub(super) fn column(&self) -> Option<&[u8]> {
        (!self.0.is_empty()).then_some(&self.0)
    }
}

/// The transitions that a column holds.
pub(super) fn unpack(column: &[u8]) -> Result<Vec<TaskTransition>> {
    let (transitions, rest) = column.as_chunks::<LENGTH>();
    if !rest.is_empty() {
        return Err(damaged(format!("{} bytes of task transitions", column.len())));
    }
    let unpacked = |[tag, id @ ..]: &[u8; LENGTH]| {
        TaskTransition::of(*tag, Uuid::from_bytes(*id))
            .ok_or_else(|| damaged(format!("task transition {tag}")))
    };
    transitions.iter().map(unpacked).collect()
}

#[cfg(test)]
mod tests {
    use domain::TaskState;

    use super::*;

    #[test]
    fn every_transition_of_a_task_is_unpacked_as_it_was_packed() {
        let (mut packed, mut transitions) = (PackedTasks::default(), Vec::new());
        assert_eq!(packed.column(), None);
        for (number, kind) in TaskState::ALL.map(EventKind::of_state).into_iter().enumerate() {
            for cause in EventCause::ALL {
                let task = TaskId::new(Uuid::from_u128(number as u128 | 0xfedc << 112));
                transitions.push(TaskTransition { kind, cause: *cause, task });
                assert!(packed.push(*transitions.last().unwrap()));
            }
        }
        assert_eq!(packed.count(), transitions.len());
        assert_eq!(unpack(packed.column().unwrap()).unwrap(), transitions);
    }

    #[test]
    fn what_is_no_transition_of_a_task_is_not_packed() {
        let mut packed = PackedTasks::default();
        let task = TaskId::new(Uuid::nil());
        assert!(!packed.push(TaskTransition { kind: EventKind::TaskUpdated, cause: EventCause::Edit, task }));
        assert_eq!(packed.count(), 0);
    }

    #[test]
    fn damaged_bytes_are_refused() {
        assert!(unpack(&[0; LENGTH]).is_ok());
        assert!(unpack(&[0; LENGTH + 1]).is_err());
        let (no_cause, no_kind) = (CAUSES.len(), KINDS.len() << 4);
        for tag in [no_cause, no_kind, 0xff] {
            let mut column = [0; LENGTH];
            column[0] = u8::try_from(tag).unwrap();
            assert!(unpack(&column).is_err(), "{tag}");
        }
    }
}
