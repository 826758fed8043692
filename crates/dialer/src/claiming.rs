//! Claims: tasks that may dial get numbers ahead of their calls, a few seconds' worth.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use domain::{LineId, Present};
use jiff::SignedDuration;
use store::{Result, dialing};

use crate::{dialer::Dialer, directory::TaskEntry};

/// How many numbers a task has ahead at most.
const MOST_AHEAD: i64 = 200;

/// How many lists are claimed from in one transaction.
const LISTS_AT_ONCE: usize = 500;

/// How long before its windows open a task gets numbers, so that its first calls need not wait for those of thousands of others that open then too.
const BEFORE_OPENING: SignedDuration = SignedDuration::from_secs(5);

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
        let claimed = dialing::claim(&mut tx, lease.node, &wanting, now.wall).await?;
        tx.commit().await?;
        for (list, numbers) in claimed {
            let most = wanting.get(&list).copied().unwrap_or(0);
            if numbers.len() < usize::try_from(most).unwrap_or(usize::MAX) {
                self.dry.insert(list);
            }
            self.leased.add(list, numbers);
        }
        Ok(())
    }

    /// The lists that want numbers, and how many each: first those that were served longest ago.
    fn wanting(&self, now: Present) -> BTreeMap<i64, u32> {
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
        // Where there is no room for all that is wanted, each list gets some.
        let each = room.checked_div(wanting.len()).unwrap_or(room).max(1);
        wanting.sort_by_key(|(list, _)| (self.turns.of_list(*list), *list));
        wanting.truncate(LISTS_AT_ONCE);
        wanting
            .into_iter()
            .map_while(|(list, wanted)| {
                let most = wanted.min(each).min(room);
                room -= most;
                (most > 0).then(|| (list, u32::try_from(most).unwrap_or(u32::MAX)))
            })
            .collect()
    }

    /// How many numbers a task is to have ahead here. None that this node will not call soon: another may. Over a line that is down one
    /// call tries it when that is due.
    pub(crate) fn wanted(&self, task: &TaskEntry, down: &HashMap<LineId, bool>, now: Present) -> usize {
        let may_dial_soon = || {
            let soon = now.wall.saturating_add(BEFORE_OPENING).unwrap_or(now.wall);
            task.decision(now.wall).or_else(|| task.decision(soon)).is_some()
        };
        if self.parts.clock_difference.too_far().is_some() || !may_dial_soon() {
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
