//! What is done to many groups or tasks at once.

use std::{collections::BTreeMap, fmt::Display};

use calendar::Exceptions;
use domain::{Counted, DialTimeGroupId, Fault, FaultRule, Faults, TaskId};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    edit::{BulkGroupEdit, BulkTaskEdit, TasksToEdit},
    named::NamedIds,
};
use crate::{
    http::{
        body::{FieldPath, FromValue, Members, Number, Reading, fields},
        extract::AccountRequest,
    },
    resources::groups::{ExceptionBody, SetOverride, exceptions, removal},
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
    ) -> Result<(NamedIds<DialTimeGroupId>, Exceptions), Vec<Fault>> {
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
    ) -> Result<(NamedIds<DialTimeGroupId>, BulkGroupEdit), Vec<Fault>> {
        let groups = groups(self.group_ids, &mut faults);
        let order = self.over.order(request, &mut faults);
        faults.finish(groups.zip(order.map(BulkGroupEdit::Override)))
    }
}

/// Groups whose overrides are removed.
#[derive(Debug, ToSchema)]
pub(crate) struct EndOverrides {
    /// The groups (呼叫时间组ID).
    #[schema(value_type = Vec<i64>, required = true, min_items = 1, max_items = 1_000, example = json!([428, 429]))]
    group_ids: Option<Vec<Number>>,
    /// Whether the override that the removed one took the place of, if it would still hold, is restored; left out, the groups follow their windows.
    restore: Option<bool>,
}

fields!(EndOverrides { group_ids, restore } known &[]);

impl EndOverrides {
    pub(super) fn checked(
        self,
        mut faults: Faults,
    ) -> Result<(NamedIds<DialTimeGroupId>, BulkGroupEdit), Vec<Fault>> {
        let groups = groups(self.group_ids, &mut faults);
        let edit = BulkGroupEdit::EndOverride(removal(self.restore.unwrap_or(false)));
        faults.finish(groups.map(|groups| (groups, edit)))
    }
}

/// The group that many tasks are moved to, or the groups that each of many are.
#[derive(Debug, ToSchema)]
pub(crate) struct MoveTasks {
    /// The tasks.
    #[schema(value_type = Option<Vec<Uuid>>, min_items = 1, max_items = 1_000)]
    task_ids: Option<Vec<Uuid>>,
    /// The group that they are to dial in (呼叫时间组ID).
    #[schema(value_type = Option<i64>, minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 428)]
    dial_time_id: Option<Number>,
    /// In the place of these two: several groups, each with its own tasks, 1,000 in all. The `undo` of a move is such a list.
    #[schema(min_items = 1, max_items = 1_000)]
    moves: Option<Vec<MovesToGroup>>,
}

fields!(MoveTasks { task_ids, dial_time_id, moves } known &[]);

/// A group, and the tasks that are moved to it.
#[derive(Debug, ToSchema)]
pub(crate) struct MovesToGroup {
    /// The tasks.
    #[schema(value_type = Vec<Uuid>, required = true, min_items = 1, max_items = 1_000)]
    task_ids: Option<Vec<Uuid>>,
    /// The group that they are to dial in (呼叫时间组ID).
    #[schema(value_type = i64, required = true, minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 428)]
    dial_time_id: Option<Number>,
}

fields!(MovesToGroup { task_ids, dial_time_id } known &[]);

impl MoveTasks {
    pub(super) fn checked(self, mut faults: Faults) -> Result<TasksToEdit, Vec<Fault>> {
        let one = MovesToGroup { task_ids: self.task_ids, dial_time_id: self.dial_time_id };
        let mut all = MovedTasks::default();
        match self.moves {
            None => all.add("", one, &mut faults),
            Some(_) if one.task_ids.is_some() => faults.add("task_ids", FaultRule::Excludes("moves")),
            Some(_) if one.dial_time_id.is_some() => faults.add("dial_time_id", FaultRule::Excludes("moves")),
            Some(moves) if moves.is_empty() => faults.add("moves", FaultRule::Empty),
            Some(moves) if moves.len() > MAXIMUM_AT_ONCE => {
                faults.add("moves", FaultRule::TooMany(Counted::Groups, MAXIMUM_AT_ONCE));
            }
            Some(moves) => {
                for (index, to_group) in moves.into_iter().enumerate() {
                    all.add(&format!("moves[{index}]."), to_group, &mut faults);
                }
            }
        }
        let MovedTasks { tasks, groups, targets } = all;
        if tasks.ids().len() > MAXIMUM_AT_ONCE {
            faults.add("moves", FaultRule::TooMany(Counted::Tasks, MAXIMUM_AT_ONCE));
        }
        faults.finish(Some(TasksToEdit { tasks, groups, edit: BulkTaskEdit::Move(targets) }))
    }
}

/// The tasks of a move, and where they go.
#[derive(Default)]
struct MovedTasks {
    tasks: NamedIds<TaskId>,
    groups: NamedIds<DialTimeGroupId>,
    targets: BTreeMap<TaskId, DialTimeGroupId>,
}

impl MovedTasks {
    /// Adds what stands under a path. A task cannot go to two groups.
    fn add(&mut self, path: &str, to_group: MovesToGroup, faults: &mut Faults) {
        let place = format!("{path}dial_time_id");
        let group = faults.require(&place, to_group.dial_time_id);
        let group = group.and_then(|id| faults.check(&place, DialTimeGroupId::parse(id.get())));
        let tasks = tasks(&format!("{path}task_ids"), to_group.task_ids, faults);
        let Some((group, tasks)) = group.zip(tasks) else { return };
        self.groups.add(group, place);
        for (task, place) in tasks.into_places() {
            if *self.targets.entry(task).or_insert(group) != group {
                faults.add(&place, FaultRule::Repeated);
            }
            self.tasks.add(task, place);
        }
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
    /// These tasks, to be switched on or off.
    pub(super) fn checked(self, on: bool, mut faults: Faults) -> Result<TasksToEdit, Vec<Fault>> {
        let tasks = tasks("task_ids", self.task_ids, &mut faults);
        let edit = BulkTaskEdit::Switch { on };
        faults.finish(tasks.map(|tasks| TasksToEdit { tasks, groups: NamedIds::default(), edit }))
    }
}

fn groups(ids: Option<Vec<Number>>, faults: &mut Faults) -> Option<NamedIds<DialTimeGroupId>> {
    named("group_ids", ids, (Counted::Groups, |id: Number| DialTimeGroupId::parse(id.get())), faults)
}

fn tasks(field: &str, ids: Option<Vec<Uuid>>, faults: &mut Faults) -> Option<NamedIds<TaskId>> {
    named(field, ids, (Counted::Tasks, |id| Ok(TaskId::new(id))), faults)
}

/// What is named: at least one, and not too many.
fn named<Given, Id: Copy + Display + Ord>(
    field: &str,
    given: Option<Vec<Given>>,
    (counted, parse): (Counted, impl Fn(Given) -> Result<Id, FaultRule>),
    faults: &mut Faults,
) -> Option<NamedIds<Id>> {
    let given = faults.require(field, given)?;
    if given.is_empty() {
        faults.add(field, FaultRule::Empty);
    }
    if given.len() > MAXIMUM_AT_ONCE {
        faults.add(field, FaultRule::TooMany(counted, MAXIMUM_AT_ONCE));
        return None;
    }
    let mut named = NamedIds::default();
    for (index, id) in given.into_iter().enumerate() {
        let place = format!("{field}[{index}]");
        if let Some(id) = faults.check(&place, parse(id)) {
            named.add(id, place);
        }
    }
    Some(named)
}
