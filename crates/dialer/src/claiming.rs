//! Claims: tasks that may dial get numbers ahead of their calls, a few seconds' worth.

use std::{collections::HashMap, sync::Arc};

use domain::{LineId, Present};
use store::{Result, dialing};

use crate::{dialer::Dialer, directory::TaskEntry};

/// How many numbers a task has ahead at most.
const MOST_AHEAD: i64 = 200;

/// How many lists are claimed from in one transaction.
const LISTS_AT_ONCE: usize = 200;

impl Dialer {
    /// Claims numbers for tasks that may dial and have few.
    pub(crate) async fn claim(&mut self) -> Result<()> {
        let now = self.now();
        let Some(lease) = self.lease.filter(|lease| !lease.ends.is_over(now)) else { return Ok(()) };
        let wanting = self.wanting(now);
        if wanting.is_empty() {
            return Ok(());
        }
        let mut tx = self.parts.store.begin().await?;
        let mut claimed = Vec::new();
        for (list, most) in wanting {
            let numbers = dialing::claim(&mut tx, lease.node, list, most, now.wall).await?;
            claimed.push((list, most, numbers));
        }
        tx.commit().await?;
        for (list, most, numbers) in claimed {
            if numbers.len() < usize::try_from(most).unwrap_or(usize::MAX) {
                self.dry.insert(list);
            }
            self.leased.add(list, numbers);
        }
        Ok(())
    }

    /// The lists that want numbers, and how many each; those that were served longest ago first.
    fn wanting(&self, now: Present) -> Vec<(i64, u32)> {
        let mut room = self.leased.room();
        let down = self.calls.lines_down();
        let wants = |(list, task): (&i64, &Arc<TaskEntry>)| {
            let has = self.leased.of(*list);
            if self.dry.contains(list) || ahead(task) <= has * 2 {
                return None;
            }
            let wanted = self.wanted(task, &down, now).saturating_sub(has);
            (wanted > 0).then_some((*list, wanted))
        };
        let mut wanting: Vec<(i64, usize)> = self.directory.tasks.iter().filter_map(wants).collect();
        wanting.sort_by_key(|(list, _)| (self.turns.of_list(*list), *list));
        wanting.truncate(LISTS_AT_ONCE);
        wanting
            .into_iter()
            .map_while(|(list, wanted)| {
                let most = wanted.min(room);
                room -= most;
                (most > 0).then(|| (list, u32::try_from(most).unwrap_or(u32::MAX)))
            })
            .collect()
    }

    /// How many numbers a task is to have ahead here. None that this node will not call soon: another may. Over a line that is down one
    /// call tries it when that is due.
    pub(crate) fn wanted(&self, task: &TaskEntry, down: &HashMap<LineId, bool>, now: Present) -> usize {
        if self.parts.clock_difference.too_far().is_some() || task.decision(now.wall).is_none() {
            return 0;
        }
        let routes = task.open_routes(&self.directory, now.wall);
        let lines = routes.iter().flat_map(|open| &open.lines);
        let of_line = |line: LineId| match down.get(&line) {
            None => ahead(task),
            Some(is_tried) => usize::from(*is_tried),
        };
        lines.map(|open| of_line(open.line.id)).max().unwrap_or(0)
    }
}

/// How many numbers a task has ahead: twice its calls at once.
fn ahead(task: &TaskEntry) -> usize {
    let calls = task.pace().maximumcall;
    usize::try_from(calls.saturating_mul(2).clamp(1, MOST_AHEAD)).unwrap_or(1)
}
