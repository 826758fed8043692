//! A number that is to be called, with the lines of its route that could not place its call. Pure: what may be dialed is handed to it.

use domain::LineId;
use jiff::SignedDuration;
use store::dialing::LeasedNumber;

use crate::{
    directory::{Directory, TaskEntry},
    present::{Deadline, Present},
};

/// How long the next line may take to have room for a call. Then the number waits as after any fault of a line.
const WAIT: SignedDuration = SignedDuration::from_secs(5);

/// A number that is to be called.
#[derive(Clone, Debug)]
pub(crate) struct NumberToCall {
    /// The number.
    pub(crate) number: LeasedNumber,
    /// The lines of its route that could not place its call, one after the other. Until when the next one must have room for it.
    pub(crate) tried: Option<TriedLines>,
}

/// The lines that could not place a call.
#[derive(Clone, Debug)]
pub(crate) struct TriedLines {
    lines: Vec<LineId>,
    until: Deadline,
}

impl NumberToCall {
    /// A number that no line has tried.
    pub(crate) const fn new(number: LeasedNumber) -> Self {
        Self { number, tried: None }
    }

    /// The same number after a line could not place its call.
    pub(crate) fn passed_on(self, line: LineId, now: Present) -> Self {
        let mut lines = self.tried.map_or_else(Vec::new, |tried| tried.lines);
        lines.push(line);
        Self { number: self.number, tried: Some(TriedLines { lines, until: now.after(WAIT) }) }
    }

    /// The lines over which it may be called next, in their order: those behind the line that tried it last.
    pub(crate) fn next_lines(&self, task: &TaskEntry, directory: &Directory, now: Present) -> Vec<LineId> {
        let last = self.tried.as_ref().and_then(|tried| tried.lines.last());
        let Some((last, route)) = last.and_then(|last| Some((last, task.route_over(*last)?))) else {
            return Vec::new();
        };
        let open = task.open_routes(directory, now.wall);
        let is_open =
            |line: &LineId| open.iter().flat_map(|open| &open.lines).any(|open| open.line.id == *line);
        let lines = route.lines.iter().map(|line| line.line);
        lines.skip_while(|line| line != last).skip(1).filter(is_open).collect()
    }

    /// Whether the next line has had its time.
    pub(crate) fn is_given_up(&self, now: Present) -> bool {
        self.tried.as_ref().is_none_or(|tried| tried.until.is_over(now))
    }
}
