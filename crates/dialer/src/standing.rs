//! Whether a task may dial now, and over which lines: its state, its settings, and the shares its user has of the lines it names.

use std::sync::Arc;

use domain::{Line, LineId, TaskDecision, TransferLine};
use jiff::Timestamp;
use store::dialing::{DialableTask, NamedTransfer, Route, RouteLine};

use crate::directory::{Directory, TaskEntry};

/// A route of a task with those of its lines over which calls may start now.
#[derive(Clone, Debug)]
pub(crate) struct OpenRoute<'d> {
    /// The route.
    pub(crate) route: &'d Route,
    /// The lines, in their order; at least one.
    pub(crate) lines: Vec<OpenLine<'d>>,
}

/// A line over which a task may start calls now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OpenLine<'d> {
    /// The line.
    pub(crate) line: &'d Arc<Line>,
    /// The most calls at once of the task's user over it.
    pub(crate) share: i64,
}

impl TaskEntry {
    /// Whether the task may start calls at an instant, as far as it and its group go; gives the decision.
    pub(crate) fn decision(&self, now: Timestamp) -> Option<TaskDecision<'_>> {
        let dialing = self.dialing();
        let decision = self.task.item.decide(now);
        let is_ready =
            self.task.scripts.are_there && !dialing.course.is_inbound() && dialing.pace.maximumcall > 0;
        (is_ready && decision.allowed).then_some(decision)
    }

    /// The route that has a line: each line stands in one alone.
    pub(crate) fn route_over(&self, line: LineId) -> Option<&Route> {
        self.routes.iter().find(|route| route.lines.iter().any(|one| one.line == line))
    }

    /// The routes over which it may start calls at an instant.
    pub(crate) fn open_routes<'d>(&'d self, directory: &'d Directory, now: Timestamp) -> Vec<OpenRoute<'d>> {
        let open = |route: &'d Route| {
            let lines: Vec<OpenLine<'d>> =
                route.lines.iter().filter_map(|line| directory.open_line(line, &self.task, now)).collect();
            (!lines.is_empty() && route.calls > 0).then_some(OpenRoute { route, lines })
        };
        self.routes.iter().filter_map(open).collect()
    }
}

impl Directory {
    /// The line, if the task's user has a share of it that is in force and the kill switch is off. Where scripts are run all lines have to connect
    /// over which these transfer calls, and their bots have to be there.
    fn open_line(&self, named: &RouteLine, task: &DialableTask, now: Timestamp) -> Option<OpenLine<'_>> {
        let share = named.share.filter(|share| share.deadline_at.is_none_or(|deadline| now < deadline))?;
        let line = self.lines.get(&named.line)?;
        let kind = &line.draft.settings.kind;
        let connects = || task.transfers.iter().all(|transfer| self.connects(transfer, now));
        let runs = || self.has_bots(&task.scripts.bots) && connects();
        let is_open = !self.stopped_lines.contains(&line.id) && (!kind.runs_scripts() || runs());
        is_open.then_some(OpenLine { line, share: share.calls })
    }

    /// Whether callees can be connected with someone over a line from this node.
    fn connects(&self, named: &NamedTransfer, now: Timestamp) -> bool {
        let line = TransferLine {
            line: self.lines.get(&named.line).filter(|_| named.is_there).map(|line| &**line),
            share: named.share,
            is_stopped: self.stopped_lines.contains(&named.line),
            is_registered: self.registered.contains(&named.line),
        };
        line.connects(now)
    }
}
