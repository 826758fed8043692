//! What is done to many groups or tasks at once.

use std::{collections::BTreeMap, fmt::Display, sync::Arc};

use calendar::Exceptions;
use domain::{Counted, DialTimeGroupId, FaultRule, Faults, TaskId};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    edit::{BulkGroupEdit, BulkTaskEdit},
    named::{BulkRequest, NamedIds},
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

/// Exceptions that many groups are given.
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
    pub(super) fn added(self, mut faults: Faults) -> BulkRequest<BulkGroupEdit> {
        let (groups, exceptions) = self.checked("", &mut faults);
        of_groups(groups, exceptions.map(BulkGroupEdit::AddExceptions), faults)
    }

    /// What stands under a path.
    fn checked(self, path: &str, faults: &mut Faults) -> (NamedIds<DialTimeGroupId>, Option<Exceptions>) {
        let groups = groups(&format!("{path}group_ids"), self.group_ids, faults);
        let place = format!("{path}exceptions");
        let given = faults.require(&place, self.exceptions);
        if given.as_ref().is_some_and(Vec::is_empty) {
            faults.add(place, FaultRule::Empty);
        }
        let mut found = Faults::default();
        let exceptions = exceptions(given, &mut found);
        for fault in found.into_vec() {
            faults.add(format!("{path}{}", fault.field), fault.rule);
        }
        (groups, exceptions)
    }
}

/// Exceptions that are taken from many groups: the same ones, or those that each of many has.
#[derive(Debug, ToSchema)]
pub(crate) struct RemoveExceptions {
    /// The groups (呼叫时间组ID).
    #[schema(value_type = Option<Vec<i64>>, min_items = 1, max_items = 1_000, example = json!([428, 429]))]
    group_ids: Option<Vec<Number>>,
    /// The exceptions, of any `effect`.
    #[schema(min_items = 1, max_items = 400)]
    exceptions: Option<Vec<ExceptionBody>>,
    /// In the place of these two: several such pairs, of 1,000 groups in all, each named once. The `undo` of adding is such a list.
    #[schema(min_items = 1, max_items = 1_000)]
    removals: Option<Vec<GroupExceptions>>,
}

fields!(RemoveExceptions { group_ids, exceptions, removals } known &[]);

impl RemoveExceptions {
    pub(super) fn checked(self, mut faults: Faults) -> BulkRequest<BulkGroupEdit> {
        let Self { group_ids, exceptions, removals } = self;
        let given = [("group_ids", group_ids.is_some()), ("exceptions", exceptions.is_some())];
        let mut all = RemovedExceptions::default();
        match pairs("removals", removals, given, (Counted::Groups, &mut faults)) {
            Pairs::One => all.add("", GroupExceptions { group_ids, exceptions }, &mut faults),
            Pairs::Many(removals) => {
                for (index, removal) in removals.into_iter().enumerate() {
                    all.add(&format!("removals[{index}]."), removal, &mut faults);
                }
            }
        }
        let RemovedExceptions { groups, removed } = all;
        if groups.ids().len() > MAXIMUM_AT_ONCE {
            faults.add("removals", FaultRule::TooMany(Counted::Groups, MAXIMUM_AT_ONCE));
        }
        of_groups(groups, Some(BulkGroupEdit::RemoveExceptions(removed)), faults)
    }
}

/// The groups that lose exceptions, and which.
#[derive(Default)]
struct RemovedExceptions {
    groups: NamedIds<DialTimeGroupId>,
    removed: BTreeMap<DialTimeGroupId, Arc<Exceptions>>,
}

impl RemovedExceptions {
    /// Adds what stands under a path. A group loses what one of them says.
    fn add(&mut self, path: &str, removal: GroupExceptions, faults: &mut Faults) {
        let (groups, exceptions) = removal.checked(path, faults);
        let exceptions = exceptions.map(Arc::new);
        for (group, place) in groups.into_places() {
            if let Some(exceptions) = &exceptions
                && self.removed.entry(group).or_insert_with(|| Arc::clone(exceptions)) != exceptions
            {
                faults.add(&place, FaultRule::Repeated);
            }
            self.groups.add(group, place);
        }
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
    pub(super) fn checked(self, request: &AccountRequest, mut faults: Faults) -> BulkRequest<BulkGroupEdit> {
        let groups = groups("group_ids", self.group_ids, &mut faults);
        let order = self.over.order(request, &mut faults);
        of_groups(groups, order.map(BulkGroupEdit::Override), faults)
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
    pub(super) fn checked(self, mut faults: Faults) -> BulkRequest<BulkGroupEdit> {
        let groups = groups("group_ids", self.group_ids, &mut faults);
        let edit = BulkGroupEdit::EndOverride(removal(self.restore.unwrap_or(false)));
        of_groups(groups, Some(edit), faults)
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
    pub(super) fn checked(self, mut faults: Faults) -> BulkRequest<BulkTaskEdit> {
        let Self { task_ids, dial_time_id, moves } = self;
        let given = [("task_ids", task_ids.is_some()), ("dial_time_id", dial_time_id.is_some())];
        let mut all = MovedTasks::default();
        match pairs("moves", moves, given, (Counted::Groups, &mut faults)) {
            Pairs::One => all.add("", MovesToGroup { task_ids, dial_time_id }, &mut faults),
            Pairs::Many(moves) => {
                for (index, to_group) in moves.into_iter().enumerate() {
                    all.add(&format!("moves[{index}]."), to_group, &mut faults);
                }
            }
        }
        let MovedTasks { tasks, groups, targets } = all;
        if tasks.ids().len() > MAXIMUM_AT_ONCE {
            faults.add("moves", FaultRule::TooMany(Counted::Tasks, MAXIMUM_AT_ONCE));
        }
        BulkRequest { groups, tasks, edit: Some(BulkTaskEdit::Move(targets)), faults }
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
        if let Some(group) = group {
            self.groups.add(group, place);
        }
        for (task, place) in tasks.into_places() {
            if let Some(group) = group
                && *self.targets.entry(task).or_insert(group) != group
            {
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
    pub(super) fn checked(self, on: bool, mut faults: Faults) -> BulkRequest<BulkTaskEdit> {
        let tasks = tasks("task_ids", self.task_ids, &mut faults);
        BulkRequest { groups: NamedIds::default(), tasks, edit: Some(BulkTaskEdit::Switch { on }), faults }
    }
}

fn of_groups(
    groups: NamedIds<DialTimeGroupId>,
    edit: Option<BulkGroupEdit>,
    faults: Faults,
) -> BulkRequest<BulkGroupEdit> {
    BulkRequest { groups, tasks: NamedIds::default(), edit, faults }
}

/// What a body says: one pair of things, or many.
enum Pairs<T> {
    One,
    Many(Vec<T>),
}

/// Which of the two it is. A list of pairs says it all, and the fields of a single one are refused beside it.
fn pairs<T>(
    field: &'static str,
    list: Option<Vec<T>>,
    single: [(&str, bool); 2],
    (counted, faults): (Counted, &mut Faults),
) -> Pairs<T> {
    let Some(list) = list else { return Pairs::One };
    for (beside, _) in single.into_iter().filter(|(_, is_given)| *is_given) {
        faults.add(beside, FaultRule::Excludes(field));
    }
    if list.is_empty() {
        faults.add(field, FaultRule::Empty);
    }
    if list.len() > MAXIMUM_AT_ONCE {
        faults.add(field, FaultRule::TooMany(counted, MAXIMUM_AT_ONCE));
        return Pairs::Many(Vec::new());
    }
    Pairs::Many(list)
}

fn groups(field: &str, ids: Option<Vec<Number>>, faults: &mut Faults) -> NamedIds<DialTimeGroupId> {
    named(field, ids, (Counted::Groups, |id: Number| DialTimeGroupId::parse(id.get())), faults)
}

fn tasks(field: &str, ids: Option<Vec<Uuid>>, faults: &mut Faults) -> NamedIds<TaskId> {
    named(field, ids, (Counted::Tasks, |id| Ok(TaskId::new(id))), faults)
}

/// What is named: at least one, and not too many. Nothing of it only with a fault.
fn named<Given, Id: Copy + Display + Ord>(
    field: &str,
    given: Option<Vec<Given>>,
    (counted, parse): (Counted, impl Fn(Given) -> Result<Id, FaultRule>),
    faults: &mut Faults,
) -> NamedIds<Id> {
    let mut named = NamedIds::default();
    let Some(given) = faults.require(field, given) else { return named };
    if given.is_empty() {
        faults.add(field, FaultRule::Empty);
    }
    if given.len() > MAXIMUM_AT_ONCE {
        faults.add(field, FaultRule::TooMany(counted, MAXIMUM_AT_ONCE));
        return named;
    }
    for (index, id) in given.into_iter().enumerate() {
        let place = format!("{field}[{index}]");
        if let Some(id) = faults.check(&place, parse(id)) {
            named.add(id, place);
        }
    }
    named
}
