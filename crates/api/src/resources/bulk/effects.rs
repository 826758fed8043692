//! What an edit of many groups or tasks means: what stops and starts, now and later.

use std::collections::BTreeMap;

use calendar::{Difference, EffectiveSchedule, Zone};
use domain::{DialTimeGroup, DialTimeGroupId, TaskInGroup};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use store::{Tx, schedules, tasks};
use utoipa::ToSchema;

use crate::{
    http::{problem::Problem, time::instant},
    resources::group_calendars::TasksView,
};

/// How far ahead is looked.
const AHEAD: SignedDuration = SignedDuration::from_hours(28 * 24);

/// How many spans are told; the rest are only counted.
const TOLD: usize = 1_000;

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
    /// Tasks that dial now and stop.
    stopping: TasksView,
    /// Tasks that wait now and start.
    starting: TasksView,
    /// In how many spans of the next four weeks groups, or the tasks that are moved, are open or closed otherwise than before.
    later_total: usize,
    /// The first 1,000 of them, by group.
    #[schema(max_items = 1_000)]
    later: Vec<LaterView>,
}

/// A span in which a group, or tasks that are moved from it, are open or closed otherwise than before.
#[derive(Debug, Serialize, ToSchema)]
struct LaterView {
    /// The group; of tasks that are moved the one that they were in.
    #[schema(minimum = 1)]
    group_id: i64,
    /// The first instant.
    #[schema(format = "date-time", example = "2026-10-12T08:00:00+08:00")]
    begin_at: String,
    /// The first instant after.
    #[schema(format = "date-time", example = "2026-10-12T12:00:00+08:00")]
    end_at: String,
    /// Whether it is open then, and was not.
    opens: bool,
    /// How many tasks that is about, whatever their state.
    #[schema(minimum = 0)]
    tasks: i64,
}

impl BulkView {
    fn new(named: usize) -> Self {
        Self {
            stored: false,
            named,
            stopping: TasksView::default(),
            starting: TasksView::default(),
            later_total: 0,
            later: Vec::new(),
        }
    }

    /// The same of what was done.
    pub(super) fn stored(self) -> Self {
        Self { stored: true, ..self }
    }

    pub(super) async fn of_groups(
        tx: &mut Tx,
        edited: &[Edited<DialTimeGroup>],
        now: Timestamp,
    ) -> Result<Self, Problem> {
        let mut view = Self::new(edited.len());
        let ids: Vec<DialTimeGroupId> = edited.iter().map(|edited| edited.after.id).collect();
        let Some(account) = edited.first().map(|edited| edited.after.account_id) else { return Ok(view) };
        let counts = tasks::count_by_group(tx, account, &ids).await?;
        for Edited { before, after } in edited {
            let schedule_before = schedules::of(tx, before).await?;
            let schedule_after = schedules::of(tx, after).await?;
            let changing = match (schedule_before.is_open(now), schedule_after.is_open(now)) {
                (true, false) => Some(&mut view.stopping),
                (false, true) => Some(&mut view.starting),
                _ => None,
            };
            if let Some(changing) = changing {
                changing.add(TasksView::of_group(tx, after, now).await?);
            }
            let tasks = counts.get(&after.id).copied().unwrap_or(0);
            view.look_ahead((&schedule_before, &schedule_after), (after.id, tasks), now);
        }
        Ok(view)
    }

    pub(super) fn of_moved_tasks(edited: &[Edited<TaskInGroup>], now: Timestamp) -> Self {
        let mut view = Self::of_paused_tasks(edited, now);
        let mut from_groups = BTreeMap::<DialTimeGroupId, (&Edited<TaskInGroup>, i64)>::new();
        for edited in edited {
            from_groups.entry(edited.before.group.id).or_insert((edited, 0)).1 += 1;
        }
        for (group, (edited, tasks)) in from_groups {
            view.look_ahead((&edited.before.schedule, &edited.after.schedule), (group, tasks), now);
        }
        view
    }

    pub(super) fn of_paused_tasks(edited: &[Edited<TaskInGroup>], now: Timestamp) -> Self {
        let mut view = Self::new(edited.len());
        for Edited { before, after } in edited {
            match (before.decide(now).allowed, after.decide(now).allowed) {
                (true, false) => view.stopping.add_task(&after.task),
                (false, true) => view.starting.add_task(&after.task),
                _ => {}
            }
        }
        view
    }

    /// Adds where two schedules of a group differ from now on.
    fn look_ahead(
        &mut self,
        (before, after): (&EffectiveSchedule, &EffectiveSchedule),
        (group, tasks): (DialTimeGroupId, i64),
        now: Timestamp,
    ) {
        let end = now.checked_add(AHEAD).unwrap_or(Timestamp::MAX);
        for difference in before.differences(after, now, end) {
            self.later_total += 1;
            if self.later.len() < TOLD {
                self.later.push(LaterView::new(group, difference, tasks, *after.zone()));
            }
        }
    }
}

impl LaterView {
    fn new(group: DialTimeGroupId, difference: Difference, tasks: i64, zone: Zone) -> Self {
        let Difference { span, opens } = difference;
        let (begin_at, end_at) = (instant(zone, span.begin), instant(zone, span.end));
        Self { group_id: group.get(), begin_at, end_at, opens, tasks }
    }
}
