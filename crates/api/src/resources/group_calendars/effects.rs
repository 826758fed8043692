//! What an edit of groups means: which tasks stop and start now, and where the next four weeks differ.

use std::collections::HashMap;

use calendar::{Difference, EffectiveSchedule, Zone};
use domain::{AccountId, CompiledGroup, DialTimeGroup, DialTimeGroupId, TaskInGroup};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use store::{Session, tasks};
use utoipa::ToSchema;
use uuid::Uuid;

use super::TasksView;
use crate::http::{problem::Problem, time::instant};

/// How far ahead is looked.
const AHEAD: SignedDuration = SignedDuration::from_hours(28 * 24);

/// How many spans are told; the rest are only counted.
const TOLD: usize = 1_000;

/// How many groups below a ceiling that is edited are looked at.
pub(crate) const MOST_BELOW: u32 = 1_000;

/// A span in which a group, or tasks that are moved from it, are open or closed otherwise than before, or in which tasks that are paused or started would
/// dial.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LaterView {
    /// The group; of tasks that are moved the one that they were in.
    #[schema(minimum = 1)]
    group_id: i64,
    /// Whose group it is: another account's where the edited group is a ceiling above it.
    account_id: Uuid,
    /// The first instant.
    #[schema(format = "date-time", example = "2026-10-12T08:00:00+08:00")]
    begin_at: String,
    /// The first instant after.
    #[schema(format = "date-time", example = "2026-10-12T12:00:00+08:00")]
    end_at: String,
    /// Whether it is open then, and was not; of tasks that are paused or started whether they are started.
    opens: bool,
    /// How many tasks that is about, whatever their state.
    #[schema(minimum = 0)]
    tasks: i64,
}

/// What stops and starts.
#[derive(Debug, Default)]
pub(crate) struct EditEffects {
    /// Tasks that dial now and stop.
    pub(crate) stopping: TasksView,
    /// Tasks that wait now and start.
    pub(crate) starting: TasksView,
    /// How many spans of the next four weeks differ.
    pub(crate) later_total: usize,
    /// The first of them.
    pub(crate) later: Vec<LaterView>,
}

impl EditEffects {
    /// Adds what an edit does to a group.
    pub(crate) async fn add_group(
        &mut self,
        session: &mut dyn Session,
        group: &DialTimeGroup,
        (before, after): (&EffectiveSchedule, &EffectiveSchedule),
        now: Timestamp,
    ) -> Result<(), Problem> {
        let changing = match (before.is_open(now), after.is_open(now)) {
            (true, false) => Some(&mut self.stopping),
            (false, true) => Some(&mut self.starting),
            _ => None,
        };
        if let Some(changing) = changing {
            changing.add(TasksView::of_group(session, group, now).await?);
        }
        let key = (group.account_id, group.id);
        let counted = self.look_ahead((before, after), key, now);
        if counted > 0 {
            let counts = tasks::count_by_group(session, group.account_id, &[group.id]).await?;
            let tasks = counts.get(&group.id).copied().unwrap_or(0);
            self.count_tasks(key, tasks);
        }
        Ok(())
    }

    /// Adds what an edit of ceilings does to groups below them, which were compiled before and after it.
    pub(crate) async fn add_below(
        &mut self,
        session: &mut dyn Session,
        before: &[CompiledGroup],
        after: &[CompiledGroup],
        now: Timestamp,
    ) -> Result<(), Problem> {
        let key = |compiled: &CompiledGroup| (compiled.group.account_id, compiled.group.id);
        // One that was made or deleted meanwhile is nothing that the edit does.
        let before: HashMap<_, _> = before.iter().map(|compiled| (key(compiled), compiled)).collect();
        for after in after {
            let Some(before) = before.get(&key(after)) else { continue };
            let schedules = (&*before.schedule, &*after.schedule);
            self.add_group(session, &after.group, schedules, now).await?;
        }
        Ok(())
    }

    /// Adds where two schedules of a group differ from now on; says in how many spans.
    pub(crate) fn look_ahead(
        &mut self,
        (before, after): (&EffectiveSchedule, &EffectiveSchedule),
        group: (AccountId, DialTimeGroupId),
        now: Timestamp,
    ) -> usize {
        let (end, known) = (now.checked_add(AHEAD).unwrap_or(Timestamp::MAX), self.later_total);
        for difference in before.differences(after, now, end) {
            self.later_total += 1;
            if self.later.len() < TOLD {
                self.later.push(LaterView::new(group, difference, *after.zone()));
            }
        }
        self.later_total - known
    }

    /// Adds when so many tasks that dial at the same times do so from now on, or no longer.
    pub(crate) fn add_switched(&mut self, task: &TaskInGroup, (on, tasks): (bool, i64), now: Timestamp) {
        let group = (task.group.account_id, task.group.id);
        for span in task.spans(now, now.checked_add(AHEAD).unwrap_or(Timestamp::MAX)) {
            self.later_total += 1;
            if self.later.len() < TOLD {
                let difference = Difference { span, opens: on };
                let later = LaterView::new(group, difference, *task.schedule.zone());
                self.later.push(LaterView { tasks, ..later });
            }
        }
    }

    /// Says how many tasks the spans of a group are about.
    pub(crate) fn count_tasks(&mut self, (account, group): (AccountId, DialTimeGroupId), tasks: i64) {
        let of_group =
            |later: &&mut LaterView| (later.account_id, later.group_id) == (account.uuid(), group.get());
        self.later.iter_mut().rev().take_while(of_group).for_each(|later| later.tasks = tasks);
    }
}

impl LaterView {
    fn new((account, group): (AccountId, DialTimeGroupId), difference: Difference, zone: Zone) -> Self {
        let Difference { span, opens } = difference;
        let (begin_at, end_at) = (instant(zone, span.begin), instant(zone, span.end));
        Self { group_id: group.get(), account_id: account.uuid(), begin_at, end_at, opens, tasks: 0 }
    }
}
