//! Numbers, and resets of them, as they are returned.

use std::collections::BTreeMap;

use domain::{NumberState, TaskNumber};
use serde::Serialize;
use serde_json::{Map, Value};
use store::numbers::{NumberRemoval, NumberReset};
use utoipa::{
    IntoResponses, ToSchema,
    openapi::{Ref, RefOr, Response},
};
use uuid::Uuid;

use crate::{
    Api,
    http::{
        extract::Caller, formats::LocalTimeSchema, number_view::NumberView, problem::Problem, time::stamp,
    },
    resources::{records::NumberStatusSchema, tasks::status_text},
};

/// A number of a task. `id`, `state`, `tries`, `next_attempt_at`, `held` and `variables` are ours; the others are the platform's.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TaskNumberView {
    /// Counted up in its task.
    id: i64,
    /// As it was sent, or in the international form where that would be another number under the server's default country; as much of it as
    /// the token may see.
    #[schema(value_type = String, example = "13800138000")]
    phone: NumberView,
    name: Option<String>,
    email: Option<String>,
    company: Option<String>,
    /// 0 unknown, 1 male, 2 female.
    sex: Option<u8>,
    /// Smaller ones are called first.
    sort: i64,
    extra: Option<String>,
    control_select_robot: Option<String>,
    #[schema(value_type = NumberStatusSchema)]
    status: i64,
    status_str: &'static str,
    state: NumberStateView,
    /// How often it was tried.
    tries: i64,
    /// From when on it may be called next; `null` when it was never tried, or is held.
    #[schema(value_type = Option<LocalTimeSchema>)]
    next_attempt_at: Option<String>,
    /// Whether it is not called until it is reset, for nobody knows how its call ended (`after_unknown`: `hold`). Its state is `due`.
    held: bool,
    /// What else was told of it.
    #[schema(value_type = BTreeMap<String, Value>)]
    variables: Map<String, Value>,
    #[schema(value_type = LocalTimeSchema)]
    created_at: String,
}

/// Where a number is on its way.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = NumberState)]
pub(crate) enum NumberStateView {
    /// It waits for its next attempt.
    Due,
    /// It is called next.
    Leased,
    /// It is being called.
    InCall,
    /// It is not called any more.
    Done,
}

impl From<NumberState> for NumberStateView {
    fn from(state: NumberState) -> Self {
        match state {
            NumberState::Due => Self::Due,
            NumberState::Leased => Self::Leased,
            NumberState::InCall => Self::InCall,
            NumberState::Done => Self::Done,
        }
    }
}

impl TaskNumberView {
    pub(super) fn new(api: &Api, caller: &Caller, number: TaskNumber) -> Self {
        let zone = api.settings.zone;
        let details = number.details;
        Self {
            id: number.id,
            phone: NumberView::new(&number.phone, caller),
            name: details.name,
            email: details.email,
            company: details.company,
            sex: details.sex,
            sort: number.sort,
            extra: details.extra,
            control_select_robot: details.control_select_robot,
            status: number.status.number(),
            status_str: status_text(number.status, caller.language),
            state: number.state.into(),
            tries: number.tries,
            next_attempt_at: number.next_attempt_at.map(|at| stamp(zone, at)),
            held: number.is_held,
            variables: details.variables,
            created_at: stamp(zone, number.created_at),
        }
    }
}

/// A reset of many numbers, done in the background.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NumberResetView {
    id: Uuid,
    state: NumberResetState,
    /// Numbers that were reset so far.
    reset: i64,
    /// Numbers that were left out because they were being called, or were called since the reset was taken.
    left_out: i64,
    /// Numbers that are looked at: those that the task had when the reset was taken.
    total: i64,
    /// Numbers that were looked at so far.
    done: i64,
    #[schema(value_type = LocalTimeSchema)]
    created_at: String,
    #[schema(value_type = Option<LocalTimeSchema>)]
    ended_at: Option<String>,
}

/// Whether a reset goes on.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NumberResetState {
    /// It goes on.
    Running,
    /// It is done.
    Finished,
}

impl NumberResetView {
    pub(super) fn new(api: &Api, reset: &NumberReset) -> Self {
        let stamp = |instant| stamp(api.settings.zone, instant);
        let (total, done) = reset.looked_at;
        Self {
            id: reset.id.uuid(),
            state: if reset.ended_at.is_some() {
                NumberResetState::Finished
            } else {
                NumberResetState::Running
            },
            reset: reset.reset,
            left_out: reset.left_out,
            total,
            done,
            created_at: stamp(reset.created_at),
            ended_at: reset.ended_at.map(stamp),
        }
    }
}

/// The numbers of a deleted task, as long as some are left.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NumberRemovalView {
    /// The task that was deleted.
    task_id: Uuid,
    state: NumberRemovalState,
    /// Numbers that were ever added to the task.
    total: i64,
    /// Numbers of these that are gone.
    done: i64,
    /// When the task was deleted.
    #[schema(value_type = LocalTimeSchema)]
    deleted_at: String,
}

/// Whether the numbers of a deleted task go.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NumberRemovalState {
    /// They go; those of several tasks one task after the other.
    Running,
    /// They stay until the file of a callback that names them is no longer kept (7 days).
    Kept,
}

impl NumberRemovalView {
    pub(super) fn new(api: &Api, removal: &NumberRemoval) -> Self {
        Self {
            task_id: removal.task.uuid(),
            state: if removal.is_kept { NumberRemovalState::Kept } else { NumberRemovalState::Running },
            total: removal.total,
            done: removal.gone,
            deleted_at: stamp(api.settings.zone, removal.deleted_at),
        }
    }
}

/// 6007: the 2.0 task is switched on.
pub(crate) enum TaskSwitchedOn {}

impl IntoResponses for TaskSwitchedOn {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let reference = Ref::new("#/components/responses/TaskSwitchedOn");
        [(Problem::TaskSwitchedOn.status().as_str().to_owned(), RefOr::Ref(reference))].into()
    }
}
