//! A number that is to be called, with the line of its route that could not place its call. Pure: what may be dialed is handed to it.

use domain::{Deadline, LineId, Present};
use jiff::SignedDuration;
use store::dialing::LeasedNumber;

use crate::directory::{Directory, TaskEntry};

/// How long the next line may take to have room for a call. Then the number waits as after any fault of a line.
const WAIT: SignedDuration = SignedDuration::from_secs(5);

/// A number that is to be called.
#[derive(Clone, Debug)]
pub(crate) struct NumberToCall {
    /// The number.
    pub(crate) number: LeasedNumber,
    /// The line of its route that could not place its call, if one tried.
    pub(crate) tried: Option<TriedLine>,
}

/// A line that could not place a call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TriedLine {
    line: LineId,
    /// Until when the next one must have room for the call.
    until: Deadline,
}

impl NumberToCall {
    /// A number that no line has tried.
    pub(crate) const fn new(number: LeasedNumber) -> Self {
        Self { number, tried: None }
    }

    /// The same number after a line could not place its call.
    pub(crate) fn passed_on(self, line: LineId, now: Present) -> Self {
        Self { number: self.number, tried: Some(TriedLine { line, until: now.after(WAIT) }) }
    }

    /// The lines over which it may be called next, in their order: those behind the line that tried it last.
    pub(crate) fn next_lines(&self, task: &TaskEntry, directory: &Directory, now: Present) -> Vec<LineId> {
        let tried = self.tried.and_then(|tried| Some((tried.line, task.route_over(tried.line)?)));
        let Some((tried, route)) = tried else {
            return Vec::new();
        };
        let open = task.open_routes(directory, now.wall);
        let e164 = self.number.number.key.e164;
        let is_open = |line: &LineId| {
            let mut lines = open.iter().flat_map(|open| &open.lines);
            lines.any(|open| open.line.id == *line && open.line.may_call(e164))
        };
        let lines = route.lines.iter().map(|line| line.line);
        lines.skip_while(|line| *line != tried).skip(1).filter(is_open).collect()
    }

    /// Whether the next line has had its time.
    pub(crate) fn is_given_up(&self, now: Present) -> bool {
        self.tried.is_none_or(|tried| tried.until.is_over(now))
    }
}
