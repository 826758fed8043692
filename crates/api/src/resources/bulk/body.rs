//! What is done to many groups or tasks at once.

use std::collections::BTreeSet;

use calendar::Exceptions;
use domain::{Counted, DialTimeGroupId, Fault, FaultRule, Faults, TaskId};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    http::body::{Number, fields},
    resources::groups::{ExceptionBody, exceptions},
};

/// The most groups or tasks of one request.
const MAXIMUM_AT_ONCE: usize = 1_000;

/// Exceptions that many groups are given.
#[derive(Debug, ToSchema)]
pub(crate) struct AddExceptions {
    /// The groups (呼叫时间组ID).
    #[schema(value_type = Vec<i64>, required = true, min_items = 1, max_items = 1_000, example = json!([428, 429]))]
    group_ids: Option<Vec<Number>>,
    /// They come after those that each group has.
    #[schema(value_type = Vec<ExceptionBody>, required = true, min_items = 1, max_items = 400)]
    exceptions: Option<Vec<ExceptionBody>>,
}

fields!(AddExceptions { group_ids, exceptions } known &[]);

impl AddExceptions {
    pub(super) fn checked(
        self,
        mut faults: Faults,
    ) -> Result<(BTreeSet<DialTimeGroupId>, Exceptions), Vec<Fault>> {
        let id = |id: Number| DialTimeGroupId::parse(id.get());
        let groups = set("group_ids", self.group_ids, (Counted::Groups, id), &mut faults);
        let given = faults.require("exceptions", self.exceptions);
        if given.as_ref().is_some_and(Vec::is_empty) {
            faults.add("exceptions", FaultRule::Empty);
        }
        let exceptions = exceptions(given, &mut faults);
        faults.finish(groups.zip(exceptions))
    }
}

/// The group that many tasks are moved to.
#[derive(Debug, ToSchema)]
pub(crate) struct MoveTasks {
    /// The tasks.
    #[schema(value_type = Vec<Uuid>, required = true, min_items = 1, max_items = 1_000)]
    task_ids: Option<Vec<Uuid>>,
    /// The group that they are to dial in (呼叫时间组ID).
    #[schema(value_type = i64, required = true, minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 428)]
    dial_time_id: Option<Number>,
}

fields!(MoveTasks { task_ids, dial_time_id } known &[]);

impl MoveTasks {
    pub(super) fn checked(
        self,
        mut faults: Faults,
    ) -> Result<(BTreeSet<TaskId>, DialTimeGroupId), Vec<Fault>> {
        let tasks = tasks(self.task_ids, &mut faults);
        let group = faults.require("dial_time_id", self.dial_time_id);
        let group = group.and_then(|id| faults.check("dial_time_id", DialTimeGroupId::parse(id.get())));
        faults.finish(tasks.zip(group))
    }
}

/// Tasks that are paused.
#[derive(Debug, ToSchema)]
pub(crate) struct PauseTasks {
    /// The tasks.
    #[schema(value_type = Vec<Uuid>, required = true, min_items = 1, max_items = 1_000)]
    task_ids: Option<Vec<Uuid>>,
}

fields!(PauseTasks { task_ids } known &[]);

impl PauseTasks {
    pub(super) fn checked(self, mut faults: Faults) -> Result<BTreeSet<TaskId>, Vec<Fault>> {
        let tasks = tasks(self.task_ids, &mut faults);
        faults.finish(tasks)
    }
}

fn tasks(ids: Option<Vec<Uuid>>, faults: &mut Faults) -> Option<BTreeSet<TaskId>> {
    set("task_ids", ids, (Counted::Tasks, |id| Ok(TaskId::new(id))), faults)
}

/// What is named, each once: at least one, and not too many.
fn set<Given, Id: Ord>(
    field: &'static str,
    given: Option<Vec<Given>>,
    (counted, parse): (Counted, impl Fn(Given) -> Result<Id, FaultRule>),
    faults: &mut Faults,
) -> Option<BTreeSet<Id>> {
    let given = faults.require(field, given)?;
    if given.is_empty() {
        faults.add(field, FaultRule::Empty);
    }
    if given.len() > MAXIMUM_AT_ONCE {
        faults.add(field, FaultRule::TooMany(counted, MAXIMUM_AT_ONCE));
        return None;
    }
    let ids = given.into_iter().enumerate();
    Some(ids.filter_map(|(index, id)| faults.check(&format!("{field}[{index}]"), parse(id))).collect())
}
