//! What is done to many groups or tasks at once.

use std::collections::BTreeSet;

use calendar::Exceptions;
use domain::{Counted, DialTimeGroupId, Fault, FaultRule, Faults, OverrideOrder, TaskId};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    http::{
        body::{FieldPath, FromValue, Members, Number, Reading, fields},
        extract::AccountRequest,
    },
    resources::groups::{ExceptionBody, SetOverride, exceptions},
};

/// The most groups or tasks of one request.
const MAXIMUM_AT_ONCE: usize = 1_000;

/// Exceptions that many groups are given, or that are taken from them.
#[derive(Debug, ToSchema)]
pub(crate) struct GroupExceptions {
    /// The groups (呼叫时间组ID).
    #[schema(value_type = Vec<i64>, required = true, min_items = 1, max_items = 1_000, example = json!([428, 429]))]
    group_ids: Option<Vec<Number>>,
    /// The exceptions, of any `effect`.
    #[schema(value_type = Vec<ExceptionBody>, required = true, min_items = 1, max_items = 400)]
    exceptions: Option<Vec<ExceptionBody>>,
}

fields!(GroupExceptions { group_ids, exceptions } known &[]);

impl GroupExceptions {
    pub(super) fn checked(
        self,
        mut faults: Faults,
    ) -> Result<(BTreeSet<DialTimeGroupId>, Exceptions), Vec<Fault>> {
        let groups = groups(self.group_ids, &mut faults);
        let given = faults.require("exceptions", self.exceptions);
        if given.as_ref().is_some_and(Vec::is_empty) {
            faults.add("exceptions", FaultRule::Empty);
        }
        let exceptions = exceptions(given, &mut faults);
        faults.finish(groups.zip(exceptions))
    }
}

/// What many groups are set to for a while.
#[derive(Debug, ToSchema)]
pub(crate) struct OverrideGroups {
    /// The groups (呼叫时间组ID).
    #[schema(value_type = Vec<i64>, required = true, min_items = 1, max_items = 1_000, example = json!([428, 429]))]
    group_ids: Option<Vec<Number>>,
    #[serde(flatten)]
    over: SetOverride,
}

impl FromValue for OverrideGroups {
    fn from_value(value: Value, place: &FieldPath<'_>, reading: &mut Reading) -> Option<Self> {
        let mut members = Members::of(value, place, reading)?;
        let whole = Self { group_ids: members.take("group_ids"), over: SetOverride::of(&mut members) };
        members.know_only(&[SetOverride::FIELDS, &["group_ids"]]);
        Some(whole)
    }
}

impl OverrideGroups {
    pub(super) fn checked(
        self,
        request: &AccountRequest,
        mut faults: Faults,
    ) -> Result<(BTreeSet<DialTimeGroupId>, OverrideOrder), Vec<Fault>> {
        let groups = groups(self.group_ids, &mut faults);
        let order = self.over.order(request, &mut faults);
        faults.finish(groups.zip(order))
    }
}

/// Groups whose overrides are removed.
#[derive(Debug, ToSchema)]
pub(crate) struct EndOverrides {
    /// The groups (呼叫时间组ID).
    #[schema(value_type = Vec<i64>, required = true, min_items = 1, max_items = 1_000, example = json!([428, 429]))]
    group_ids: Option<Vec<Number>>,
}

fields!(EndOverrides { group_ids } known &[]);

impl EndOverrides {
    pub(super) fn checked(self, mut faults: Faults) -> Result<BTreeSet<DialTimeGroupId>, Vec<Fault>> {
        let groups = groups(self.group_ids, &mut faults);
        faults.finish(groups)
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

/// Tasks that are paused or started again.
#[derive(Debug, ToSchema)]
pub(crate) struct ChosenTasks {
    /// The tasks.
    #[schema(value_type = Vec<Uuid>, required = true, min_items = 1, max_items = 1_000)]
    task_ids: Option<Vec<Uuid>>,
}

fields!(ChosenTasks { task_ids } known &[]);

impl ChosenTasks {
    pub(super) fn checked(self, mut faults: Faults) -> Result<BTreeSet<TaskId>, Vec<Fault>> {
        let tasks = tasks(self.task_ids, &mut faults);
        faults.finish(tasks)
    }
}

fn groups(ids: Option<Vec<Number>>, faults: &mut Faults) -> Option<BTreeSet<DialTimeGroupId>> {
    set("group_ids", ids, (Counted::Groups, |id: Number| DialTimeGroupId::parse(id.get())), faults)
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
