//! Claims: tasks that may dial get numbers ahead of their calls, a few seconds' worth.

use std::sync::Arc;

use jiff::Timestamp;
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
        let wanting = self.wanting(now.wall);
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
    fn wanting(&self, now: Timestamp) -> Vec<(i64, u32)> {
        let mut room = self.leased.room();
        let wants = |(list, task): (&i64, &Arc<TaskEntry>)| {
            let ahead = ahead(task);
            let has = self.leased.of(*list);
            let is_low = has * 2 < ahead && !self.dry.contains(list);
            (is_low && task.decision(now).is_some() && !task.open_routes(&self.directory, now).is_empty())
                .then(|| (*list, ahead - has))
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
}

/// How many numbers a task has ahead: twice its calls at once.
fn ahead(task: &TaskEntry) -> usize {
    let calls = task.pace().maximumcall;
    usize::try_from(calls.saturating_mul(2).clamp(1, MOST_AHEAD)).unwrap_or(1)
}
