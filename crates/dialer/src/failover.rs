//! Failover: a call that a line of a group could not place is placed again over the next one, at once. That is another attempt of the
//! same number; the one before counts no try.

use domain::{AttemptEnd, LineId};
use jiff::SignedDuration;
use store::dialing::LeasedNumber;

use crate::{
    call::Call,
    dialer::Dialer,
    directory::{Directory, TaskEntry},
    pick::Rooms,
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
    fn passed_on(self, line: LineId, now: Present) -> Self {
        let mut lines = self.tried.map_or_else(Vec::new, |tried| tried.lines);
        lines.push(line);
        Self { number: self.number, tried: Some(TriedLines { lines, until: now.after(WAIT) }) }
    }

    /// The lines over which it may be called next, in their order: those behind the line that tried it last.
    fn next_lines(&self, task: &TaskEntry, directory: &Directory, now: Present) -> Vec<LineId> {
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
}

impl Dialer {
    /// The number of a call that has ended, if the next line of its group takes the call over: no phone has rung, the line failed in a
    /// way that the group names, and its task may still dial.
    pub(crate) fn passed_on(&self, call: &Call, end: &AttemptEnd) -> Option<NumberToCall> {
        let now = self.now();
        let task = self.directory.tasks.get(&call.attempt.place.list)?;
        let line = call.attempt.line_id;
        let route = task.route_over(line)?;
        let may_go_on = self.lease.is_some()
            && route.failover.contains(&end.outcome.class)
            && !call.attempt.milestones.rang()
            && task.decision(now.wall).is_some();
        let number = may_go_on.then(|| call.number.clone().passed_on(line, now))?;
        (!number.next_lines(task, &self.directory, now).is_empty()).then_some(number)
    }

    /// Chooses lines for the numbers that were passed on, as far as there is room. Those that have waited too long are given back.
    pub(crate) fn pick_passed_on(&mut self, rooms: &mut Rooms, now: Present) -> Vec<(NumberToCall, LineId)> {
        let mut picked = Vec::new();
        for number in self.leased.take_passed_on() {
            let task = self.directory.tasks.get(&number.number.place.list);
            let line = task.and_then(|task| {
                let mut lines = number.next_lines(task, &self.directory, now).into_iter();
                lines.find(|line| rooms.of(task.task.user, *line) > 0).map(|line| (task.task.user, line))
            });
            match line {
                Some((user, line)) => {
                    rooms.take(user, line);
                    picked.push((number, line));
                }
                None if number.tried.as_ref().is_none_or(|tried| tried.until.is_over(now)) => {
                    self.leased.give_up(number.number.place);
                }
                None => self.leased.pass_on(number),
            }
        }
        picked
    }
}
