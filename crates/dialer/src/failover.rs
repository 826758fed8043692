//! Failover: a call that a line of a group could not place is placed again over the next one, at once. That is another attempt of the
//! same number; the one before counts no try.

use domain::{AttemptEnd, LineId, Present};

use crate::{call::Call, dialer::Dialer, number_to_call::NumberToCall, pick::Rooms};

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
                None if number.is_given_up(now) => self.leased.give_up(number.number.place),
                None => self.leased.pass_on(number),
            }
        }
        picked
    }
}
