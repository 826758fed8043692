//! What a change of a ceiling means for all that lies below it.

use domain::{CeilingTarget, CompiledGroup};
use jiff::Timestamp;
use serde::Serialize;
use store::{Tx, schedules};
use utoipa::ToSchema;

use crate::{
    http::problem::Problem,
    resources::group_calendars::{EditEffects, LaterView, MOST_BELOW, TasksView},
};

/// What comes of a change of a ceiling.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CeilingEffects)]
pub(crate) struct CeilingEffectsView {
    /// Whether it was done: not with `dry_run`.
    stored: bool,
    /// How many groups below were looked at: all of them, or the first 1,000.
    #[schema(maximum = 1_000)]
    groups: usize,
    /// Tasks of these groups that dial now and stop.
    stopping: TasksView,
    /// Tasks of these groups that wait now and start.
    starting: TasksView,
    /// In how many spans of the next four weeks these groups are open or closed otherwise than before.
    later_total: usize,
    /// The first 1,000 of them, by account and group.
    #[schema(max_items = 1_000)]
    later: Vec<LaterView>,
}

impl CeilingEffectsView {
    /// The same of what was done.
    pub(super) fn stored(self) -> Self {
        Self { stored: true, ..self }
    }
}

/// The groups below, as they are before the change.
pub(super) struct Below {
    target: CeilingTarget,
    groups: Vec<CompiledGroup>,
}

impl Below {
    pub(super) async fn of(tx: &mut Tx, target: CeilingTarget) -> Result<Self, Problem> {
        Ok(Self { target, groups: schedules::below_target(tx, target, MOST_BELOW).await? })
    }

    /// What has become of them by the change.
    pub(super) async fn effects(&self, tx: &mut Tx, now: Timestamp) -> Result<CeilingEffectsView, Problem> {
        let after = schedules::below_target(tx, self.target, MOST_BELOW).await?;
        let mut effects = EditEffects::default();
        effects.add_below(tx, &self.groups, &after, now).await?;
        let EditEffects { stopping, starting, later_total, later } = effects;
        Ok(CeilingEffectsView { stored: false, groups: after.len(), stopping, starting, later_total, later })
    }
}
