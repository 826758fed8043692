//! What an edit of many groups or tasks means: what stops and starts, now and later.

use std::collections::BTreeMap;

use domain::{AccountId, CompiledGroup, DialTimeGroup, DialTimeGroupId, TaskInGroup};
use jiff::Timestamp;
use serde::Serialize;
use store::{Tx, schedules};
use utoipa::ToSchema;

use crate::{
    http::problem::Problem,
    resources::group_calendars::{EditEffects, LaterView, MOST_BELOW, TasksView},
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
    /// Tasks that dial now and stop; of other accounts too, where one of the groups is a ceiling above them.
    stopping: TasksView,
    /// Tasks that wait now and start.
    starting: TasksView,
    /// In how many spans of the next four weeks groups, or the tasks that are moved, are open or closed otherwise than before. Of groups below ceilings the
    /// first 1,000 are looked at.
    later_total: usize,
    /// The first 1,000 of them, by group.
    #[schema(max_items = 1_000)]
    later: Vec<LaterView>,
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
        Self { stored: false, named, changed, stopping, starting, later_total, later }
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
        Self::new(edited, |before, after| before.group.id != after.group.id, effects)
    }

    pub(super) fn of_switched_tasks(edited: &[Edited<TaskInGroup>], now: Timestamp) -> Self {
        let effects = stopping_and_starting(edited, now);
        Self::new(edited, |before, after| before.task.enabled != after.task.enabled, effects)
    }
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
