//! Whether a task may dial now, and over which lines: its state, its settings, and the shares its user has of the lines it names.

use std::{collections::HashMap, sync::Arc};

use domain::{Line, LineId, TaskDecision};
use jiff::Timestamp;
use store::dialing::LineOfTask;

use crate::directory::{Directory, TaskEntry};

/// A line over which a task may start calls now.
#[derive(Clone, Debug)]
pub(crate) struct Route<'d> {
    /// The line.
    pub(crate) line: &'d Arc<Line>,
    /// What the task may use of it.
    pub(crate) use_of_line: &'d LineOfTask,
}

impl TaskEntry {
    /// Whether the task may start calls at an instant, as far as it and its group go; gives the decision.
    pub(crate) fn decision(&self, now: Timestamp) -> Option<TaskDecision<'_>> {
        let dialing = &self.task.item.task.draft.settings.dialing;
        let decision = self.task.item.decide(now);
        let is_ready = self.task.has_script && !dialing.course.is_inbound() && dialing.pace.maximumcall > 0;
        (is_ready && decision.allowed).then_some(decision)
    }

    /// The lines over which it may start calls at an instant: those that its user has a share of, not past its deadline.
    pub(crate) fn routes<'d>(&'d self, directory: &'d Directory, now: Timestamp) -> Vec<Route<'d>> {
        let lines: &HashMap<LineId, Arc<Line>> = &directory.lines;
        let in_force = |one: &&LineOfTask| {
            one.share.is_some_and(|share| share.deadline_at.is_none_or(|deadline| now < deadline))
        };
        let route =
            |use_of_line: &'d LineOfTask| Some(Route { line: lines.get(&use_of_line.line)?, use_of_line });
        let is_stopped = |one: &&LineOfTask| directory.stopped_lines.contains(&one.line);
        self.lines.iter().filter(in_force).filter(|one| !is_stopped(one)).filter_map(route).collect()
    }
}
