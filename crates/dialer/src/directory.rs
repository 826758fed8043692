//! What may be dialed, as it was last read: tasks with numbers, their groups' schedules, and the lines they use. A snapshot; what a
//! call rests on is read again in the transaction that begins its attempt.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use domain::{BotCondition, BotUrl, CallPace, DialingSettings, Line, LineId, RedialRule, TaskId};
use jiff::Timestamp;
use store::{
    Result, Session,
    dialing::{self, DialableTask, Route},
    stops,
};

/// The most tasks that are dialed at once.
const MOST_TASKS: u32 = 20_000;

/// The most lines that are kept registered.
const MOST_REGISTERING: u32 = 10_000;

/// A task with all that says how it is dialed.
#[derive(Debug)]
pub(crate) struct TaskEntry {
    /// The task, its group and its list.
    pub(crate) task: DialableTask,
    /// What it names to be dialed over.
    pub(crate) routes: Vec<Route>,
    /// By what its numbers are called again.
    pub(crate) rule: Option<RedialRule>,
}

impl TaskEntry {
    /// Between the starts of the task's calls.
    pub(crate) fn interval(&self) -> Duration {
        self.dialing().between_starts().unsigned_abs()
    }

    /// When the task may start a call after one.
    pub(crate) fn next_start(&self, last: Timestamp) -> Timestamp {
        last.saturating_add(self.interval()).unwrap_or(Timestamp::MAX)
    }

    /// After the end of a call, before its slot is used again.
    pub(crate) fn pause(&self) -> Duration {
        let pause = self.pace().call_pause_second.unwrap_or(0);
        Duration::from_secs(u64::try_from(pause).unwrap_or(0))
    }

    /// What it is dialed by.
    pub(crate) const fn dialing(&self) -> &DialingSettings {
        &self.task.item.task.draft.settings.dialing
    }

    /// How many calls at once, and how fast.
    pub(crate) const fn pace(&self) -> &CallPace {
        &self.dialing().pace
    }
}

/// Tasks and lines.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    /// By list.
    pub(crate) tasks: HashMap<i64, Arc<TaskEntry>>,
    /// By id.
    pub(crate) lines: HashMap<LineId, Arc<Line>>,
    /// Those lines over which nothing may be dialed, by the kill switch.
    pub(crate) stopped_lines: HashSet<LineId>,
    /// Those lines that are registered from this node.
    pub(crate) registered: HashSet<LineId>,
    /// What this node knows of bots.
    pub(crate) bots: HashMap<BotUrl, BotCondition>,
}

impl Directory {
    /// Reads the tasks that have a number which no node has yet and that may dial now or soon, and those of these lists; with their lines and these.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn read(
        session: &mut impl Session,
        lists: &[i64],
        lines: &[LineId],
        now: Timestamp,
    ) -> Result<Self> {
        let mut tasks = dialing::dialable_tasks(session, now, MOST_TASKS).await?;
        let mut known: HashSet<i64> = tasks.iter().map(|task| task.list).collect();
        let others: Vec<i64> = lists.iter().copied().filter(|list| known.insert(*list)).collect();
        tasks.extend(dialing::tasks_of_lists(session, &others).await?);
        let mut found = Self::with_lines(session, tasks, lines).await?;
        // These are registered whether there is something to dial over them or not.
        let registering = dialing::registering_lines(session, MOST_REGISTERING).await?;
        found.lines.extend(registering.into_iter().map(|line| (line.id, Arc::new(line))));
        Ok(found)
    }

    /// Reads the tasks of these lists alone, with their lines and these.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn read_lists(
        session: &mut impl Session,
        lists: &[i64],
        lines: &[LineId],
    ) -> Result<Self> {
        let tasks = dialing::tasks_of_lists(session, lists).await?;
        Self::with_lines(session, tasks, lines).await
    }

    /// Takes what was read of these lists alone. Those that are not among it belong to no task any more.
    pub(crate) fn renew(&mut self, lists: &[i64], known: Self) {
        for list in lists {
            self.tasks.remove(list);
        }
        self.tasks.extend(known.tasks);
        self.stopped_lines.retain(|line| !known.lines.contains_key(line));
        self.stopped_lines.extend(known.stopped_lines);
        self.lines.extend(known.lines);
    }

    async fn with_lines(
        session: &mut impl Session,
        tasks: Vec<DialableTask>,
        others: &[LineId],
    ) -> Result<Self> {
        let mut routes = dialing::routes_of_tasks(session, &tasks).await?;
        let named = routes.values().flatten().flat_map(|route| &route.lines);
        let mut ids: HashSet<LineId> = named.map(|line| line.line).chain(others.iter().copied()).collect();
        let transfers = tasks.iter().flat_map(|task| &task.transfers);
        ids.extend(transfers.filter(|transfer| transfer.is_there).map(|transfer| transfer.line));
        let ids: Vec<LineId> = ids.into_iter().collect();
        let lines = dialing::lines_by_id(session, &ids).await?;
        let stopped = stops::among(session, &[], &ids).await?;
        let entry = |task: DialableTask| {
            let routes = routes.remove(&task.list).unwrap_or_default();
            let rule = task.item.task.draft.settings.dialing.redial.rule(task.named_rule.as_ref());
            (task.list, Arc::new(TaskEntry { task, routes, rule }))
        };
        Ok(Self {
            tasks: tasks.into_iter().map(entry).collect(),
            lines: lines.into_iter().map(|line| (line.id, Arc::new(line))).collect(),
            stopped_lines: stopped.lines,
            registered: HashSet::new(),
            bots: HashMap::new(),
        })
    }

    /// Whether a task is to be paused when its list is finished.
    pub(crate) fn pauses_at_end(&self, task: TaskId) -> bool {
        let mut tasks = self.tasks.values().map(|entry| &entry.task.item.task);
        tasks.any(|one| one.id == task && one.draft.settings.dialing.course.end_action == Some(1))
    }
}
