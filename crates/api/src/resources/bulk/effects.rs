//! What an edit of many groups or tasks means: what stops and starts, now and later.

use std::collections::BTreeMap;

use calendar::Exceptions;
use domain::{AccountId, CompiledGroup, DialTimeGroup, DialTimeGroupId, TaskInGroup};
use jiff::Timestamp;
use serde::Serialize;
use store::{Tx, schedules};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    http::problem::Problem,
    resources::{
        group_calendars::{EditEffects, LaterView, MOST_BELOW, TasksView},
        groups::ExceptionView,
    },
};

/// A group or a task before and after an edit.
pub(super) struct Edited<T> {
    pub(super) before: T,
    pub(super) after: T,
}

/// What was done, or with `dry_run` would be, and what comes of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BulkView {
    /// Whether it was done: not with `dry_run`.
    stored: bool,
    /// How many groups or tasks were named, each once.
    #[schema(minimum = 1)]
    named: usize,
    /// How many of them it changes: those that are so already stay as they are.
    changed: usize,
    /// Where exceptions are added: how many of them, counted for each group, were not added because the group has an equal one. Left out elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = usize, required = false)]
    unchanged: Option<usize>,
    /// Tasks that dial now and stop; of other accounts too, where one of the groups is a ceiling above them.
    stopping: TasksView,
    /// Tasks that wait now and start.
    starting: TasksView,
    /// In how many spans of the next four weeks groups, or the tasks that are moved, are open or closed otherwise than before, or tasks that are paused or
    /// started would dial. Of groups below ceilings the first 1,000 are looked at.
    later_total: usize,
    /// The first 1,000 of them, by group.
    #[schema(max_items = 1_000)]
    later: Vec<LaterView>,
    /// The body that takes it back: of a move another move, of a pause a start, of a start a pause, and of exceptions that are added their removal. Left out
    /// where nothing changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    undo: Option<BulkUndo>,
}

/// The body of the request that takes another one back.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum BulkUndo {
    Move(UndoOfMove),
    Switch(UndoOfSwitch),
    Exceptions(UndoOfExceptions),
}

/// The body of a move that takes another one back.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UndoOfMove {
    /// Each group with the tasks that came from it.
    #[schema(min_items = 1, max_items = 1_000)]
    moves: Vec<TasksOfGroup>,
}

/// A group, and tasks that came from it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TasksOfGroup {
    #[schema(min_items = 1, max_items = 1_000)]
    task_ids: Vec<Uuid>,
    #[schema(minimum = 1, example = 428)]
    dial_time_id: i64,
}

/// The body of a start that takes a pause back, or of a pause that takes a start back.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UndoOfSwitch {
    /// Those that were changed.
    #[schema(min_items = 1, max_items = 1_000)]
    task_ids: Vec<Uuid>,
}

/// The body of the removal that takes back what was added.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UndoOfExceptions {
    /// Groups with what each of them was given.
    #[schema(min_items = 1, max_items = 1_000)]
    removals: Vec<ExceptionsOfGroups>,
}

/// Groups, and the exceptions that each of them was given.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExceptionsOfGroups {
    #[schema(min_items = 1, max_items = 1_000, example = json!([428, 429]))]
    group_ids: Vec<i64>,
    #[schema(min_items = 1, max_items = 400)]
    exceptions: Vec<ExceptionView>,
}

/// The groups below those that are to be edited, where these are ceilings, as they are before that.
pub(super) struct GroupsBelow {
    account: AccountId,
    ceilings: Vec<DialTimeGroupId>,
    groups: Vec<CompiledGroup>,
}

impl GroupsBelow {
    pub(super) async fn of(
        tx: &mut Tx,
        account: AccountId,
        ceilings: Vec<DialTimeGroupId>,
    ) -> Result<Self, Problem> {
        let groups = schedules::below(tx, account, &ceilings, MOST_BELOW).await?;
        Ok(Self { account, ceilings, groups })
    }

    /// Adds what has become of them by the edit.
    async fn add_to(&self, effects: &mut EditEffects, tx: &mut Tx, now: Timestamp) -> Result<(), Problem> {
        if self.groups.is_empty() {
            return Ok(());
        }
        let after = schedules::below(tx, self.account, &self.ceilings, MOST_BELOW).await?;
        effects.add_below(tx, &self.groups, &after, now).await
    }
}

impl BulkView {
    fn new<T>(edited: &[Edited<T>], is_changed: impl Fn(&T, &T) -> bool, effects: EditEffects) -> Self {
        let EditEffects { stopping, starting, later_total, later } = effects;
        let named = edited.len();
        let changed = edited.iter().filter(|Edited { before, after }| is_changed(before, after)).count();
        Self {
            stored: false,
            named,
            changed,
            unchanged: None,
            stopping,
            starting,
            later_total,
            later,
            undo: None,
        }
    }

    /// The same of what was done.
    pub(super) fn stored(self) -> Self {
        Self { stored: true, ..self }
    }

    pub(super) async fn of_groups(
        tx: &mut Tx,
        edited: &[Edited<DialTimeGroup>],
        below: &GroupsBelow,
        now: Timestamp,
    ) -> Result<Self, Problem> {
        let mut effects = EditEffects::default();
        for Edited { before, after } in
            edited.iter().filter(|edited| edited.before.version != edited.after.version)
        {
            let schedule_before = schedules::of(tx, before).await?;
            let schedule_after = schedules::of(tx, after).await?;
            effects.add_group(tx, after, (&schedule_before, &schedule_after), now).await?;
        }
        below.add_to(&mut effects, tx, now).await?;
        Ok(Self::new(edited, |before, after| before.version != after.version, effects))
    }

    /// With what groups were not given, and how what they were given is taken back.
    pub(super) fn with_added(self, edited: &[Edited<DialTimeGroup>], added: &Exceptions) -> Self {
        let missing = |one: &Edited<DialTimeGroup>| {
            (one.before.id.get(), added.missing_from(&one.before.draft.exceptions))
        };
        let missing: Vec<_> = edited.iter().map(missing).collect();
        let new: usize = missing.iter().map(|(_, exceptions)| exceptions.iter().count()).sum();
        let unchanged = added.iter().count() * edited.len() - new;
        Self {
            unchanged: Some(unchanged),
            undo: UndoOfExceptions::of(missing).map(BulkUndo::Exceptions),
            ..self
        }
    }

    pub(super) fn of_moved_tasks(edited: &[Edited<TaskInGroup>], now: Timestamp) -> Self {
        let mut effects = stopping_and_starting(edited, now);
        let mut from_groups = BTreeMap::<DialTimeGroupId, (&Edited<TaskInGroup>, i64)>::new();
        for edited in edited {
            from_groups.entry(edited.before.group.id).or_insert((edited, 0)).1 += 1;
        }
        for (group, (edited, tasks)) in from_groups {
            let key = (edited.before.group.account_id, group);
            effects.look_ahead((&edited.before.schedule, &edited.after.schedule), key, now);
            effects.count_tasks(key, tasks);
        }
        let view = Self::new(edited, |before, after| before.group.id != after.group.id, effects);
        Self { undo: UndoOfMove::of(edited).map(BulkUndo::Move), ..view }
    }

    pub(super) fn of_switched_tasks(edited: &[Edited<TaskInGroup>], on: bool, now: Timestamp) -> Self {
        let mut effects = stopping_and_starting(edited, now);
        let mut alike = Vec::<(&TaskInGroup, i64)>::new();
        for Edited { before, after } in edited {
            if before.task.enabled == after.task.enabled {
                continue;
            }
            match alike.iter_mut().find(|(task, _)| have_same_hours(task, after)) {
                Some((_, tasks)) => *tasks += 1,
                None => alike.push((after, 1)),
            }
        }
        alike.sort_by_key(|(task, _)| task.group.id);
        for (task, tasks) in alike {
            effects.add_switched(task, (on, tasks), now);
        }
        let view = Self::new(edited, |before, after| before.task.enabled != after.task.enabled, effects);
        Self { undo: UndoOfSwitch::of(edited).map(BulkUndo::Switch), ..view }
    }
}

impl UndoOfSwitch {
    fn of(edited: &[Edited<TaskInGroup>]) -> Option<Self> {
        let changed = edited.iter().filter(|one| one.before.task.enabled != one.after.task.enabled);
        let task_ids: Vec<Uuid> = changed.map(|one| one.before.task.id.uuid()).collect();
        Some(Self { task_ids }).filter(|undo| !undo.task_ids.is_empty())
    }
}

impl UndoOfExceptions {
    /// Of what groups were given; those that were given the same together.
    fn of(added: Vec<(i64, Exceptions)>) -> Option<Self> {
        let mut alike = Vec::<(Exceptions, Vec<i64>)>::new();
        for (group, exceptions) in added.into_iter().filter(|(_, exceptions)| !exceptions.is_empty()) {
            match alike.iter_mut().find(|(other, _)| *other == exceptions) {
                Some((_, groups)) => groups.push(group),
                None => alike.push((exceptions, vec![group])),
            }
        }
        let pair = |(exceptions, group_ids)| ExceptionsOfGroups {
            group_ids,
            exceptions: ExceptionView::of(&exceptions),
        };
        let removals: Vec<_> = alike.into_iter().map(pair).collect();
        Some(Self { removals }).filter(|undo| !undo.removals.is_empty())
    }
}

impl UndoOfMove {
    fn of(edited: &[Edited<TaskInGroup>]) -> Option<Self> {
        let mut from = BTreeMap::<i64, Vec<Uuid>>::new();
        for Edited { before, .. } in edited.iter().filter(|one| one.before.group.id != one.after.group.id) {
            from.entry(before.group.id.get()).or_default().push(before.task.id.uuid());
        }
        let moves: Vec<_> = from
            .into_iter()
            .map(|(dial_time_id, task_ids)| TasksOfGroup { task_ids, dial_time_id })
            .collect();
        Some(Self { moves }).filter(|undo| !undo.moves.is_empty())
    }
}

/// Whether two tasks dial at the same times while they are switched on.
fn have_same_hours(one: &TaskInGroup, other: &TaskInGroup) -> bool {
    one.group.id == other.group.id && one.task.draft.bounds == other.task.draft.bounds
}

fn stopping_and_starting(edited: &[Edited<TaskInGroup>], now: Timestamp) -> EditEffects {
    let mut effects = EditEffects::default();
    for Edited { before, after } in edited {
        match (before.decide(now).allowed, after.decide(now).allowed) {
            (true, false) => effects.stopping.add_task(&after.task),
            (false, true) => effects.starting.add_task(&after.task),
            _ => {}
        }
    }
    effects
}
