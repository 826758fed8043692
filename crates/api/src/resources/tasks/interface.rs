//! What differs between the two interfaces to tasks. One task is behind both.

use domain::{Faults, Generation};
use store::tasks::TaskFilter;

use super::view::{TaskView, TaskWithNames};
use crate::{
    Api,
    http::{extract::Caller, messages::Message, query::Query},
};

/// One of the two interfaces: `v1` under `/agent-api/user/...`, or `v2` under `/agent-api/new/user/...`.
pub(super) struct Interface {
    /// The tasks that it creates, and those that its lists show.
    pub(super) generation: Generation,
    /// Whether the list of an account shows the tasks of both when it is asked to.
    pub(super) lists_both: bool,
    /// Reads the filters of a list.
    pub(super) filter: fn(&Query, &mut Faults) -> TaskFilter,
    /// What must be sent to create a task, beyond what both ask for.
    pub(super) to_create: Needed,
    /// What must be sent to change a task, beyond what both ask for.
    pub(super) to_change: Needed,
    /// The message of the list of an account.
    pub(super) list_message: Message,
    /// A task in the list of an account, and in the answer to its creation.
    pub(super) view: TaskViewer,
    /// A task in the list of all sub-users.
    pub(super) sub_user_view: TaskViewer,
}

/// Makes the view of a task.
pub(super) type TaskViewer = fn(&Api, &Caller, TaskWithNames) -> TaskView;

/// What one interface asks for beyond the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Needed {
    /// `caller_line_id`.
    Line,
    /// `task_extras` with `start_time` and `stop_time`.
    Extras,
    /// Neither: a change of a 2.0 task leaves them as they are.
    Nothing,
}
