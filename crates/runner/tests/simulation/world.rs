//! One account's groups and tasks, twice: in a database with two engines on it, and as plain values with an oracle that
//! walks them minute by minute, knows no database and asks the calendar nothing but "is it open?".

use std::{collections::BTreeMap, fmt::Debug, sync::Arc};

use calendar::{HolidayCalendar, Schedule, WeeklyWindows, Zone};
use domain::{
    AccountId, AccountKind, Clock, Closure, DialTimeGroupId, EventCause, EventKind, Generation, GroupChange,
    GroupDraft, HolidayCalendars, LoggedEvent, Name, Resume, TaskBounds, TaskDraft, TaskId, TaskSettings,
    TaskState, TokenId,
};
use jiff::{SignedDuration, Timestamp};
use runner::Engine;
use store::{
    Page, Store, Tx,
    audit::{Actor, Change},
    edits, events, holidays,
    tasks::{self, TaskFilter, TaskScope},
    transitions,
};
use test_support::{
    DatabaseKind as Database, OwnDatabase, SetClock, anything, create_account, create_partner, new_account,
};

/// More events than any test here makes.
const ALL: u32 = 1_000_000;

pub(crate) fn minutes(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes)
}

pub(crate) fn draft(zone: &str, windows: &str, exceptions: &str, skip_holiday: bool) -> GroupDraft {
    let content: WeeklyWindows = serde_json::from_str(windows).unwrap();
    let zone = Zone::parse(zone).unwrap();
    GroupDraft {
        skip_holiday,
        exceptions: serde_json::from_str(exceptions).unwrap(),
        ..GroupDraft::new(Name::parse("group").unwrap(), content, zone)
    }
}

/// Something that was to be told, as the oracle sees it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Told {
    due_at: Timestamp,
    kind: &'static str,
    group: i64,
    version: i64,
    task: Option<TaskId>,
}

pub(crate) struct GroupModel {
    pub(crate) id: DialTimeGroupId,
    version: i64,
    draft: GroupDraft,
    schedule: Schedule,
    open: bool,
}

pub(crate) struct TaskModel {
    pub(crate) id: TaskId,
    pub(crate) group: usize,
    pub(crate) enabled: bool,
    bounds: TaskBounds,
    resume: Resume,
    state: TaskState,
}

pub(crate) struct World {
    pub(crate) clock: Arc<SetClock>,
    pub(crate) store: Store,
    pub(crate) account: AccountId,
    engines: [Engine; 2],
    pub(crate) groups: Vec<GroupModel>,
    pub(crate) tasks: Vec<TaskModel>,
    expected: Vec<Told>,
    now: Timestamp,
    // After the stores, whose connections must not outlive it.
    database: OwnDatabase,
}

impl World {
    pub(crate) async fn new(database: Database, now: &str) -> Self {
        let database = OwnDatabase::migrated(database);
        let store = database.connect().await;
        let now = now.parse().unwrap();
        let clock = Arc::new(SetClock::standing(now));
        let engines = [engine(&store, &clock), engine(&database.connect().await, &clock)];
        let partner = create_partner(&store, "partner", now).await;
        let account = create_account(&store, &new_account(partner, AccountKind::User, now)).await;
        let (groups, tasks, expected) = Default::default();
        Self { clock, store, account, engines, groups, tasks, expected, now, database }
    }

    fn change(&self) -> Change {
        Change { actor: Actor::Token(TokenId::new(anything())), at: self.now }
    }

    async fn write<T>(&self, work: impl AsyncFnOnce(&mut Tx, Change) -> store::Result<T>) -> T {
        let mut tx = self.store.begin().await.unwrap();
        let value = work(&mut tx, self.change()).await.unwrap();
        tx.commit().await.unwrap();
        value
    }

    fn expect(&mut self, due_at: Timestamp, kind: EventKind, group: usize, task: Option<TaskId>) {
        let GroupModel { id, version, .. } = &self.groups[group];
        self.expected.push(Told { due_at, kind: kind.code(), group: id.get(), version: *version, task });
    }

    // What people do.

    pub(crate) async fn add_group(&mut self, draft: GroupDraft) {
        let group = self
            .write(async |tx, change| edits::groups::create(tx, self.account, &draft, &change).await)
            .await;
        let schedule = draft.schedule(&HolidayCalendars::built_in());
        self.groups.push(GroupModel { id: group.id, version: 1, draft, schedule, open: false });
        self.look(true);
    }

    pub(crate) async fn edit_group(&mut self, group: usize, draft: GroupDraft) {
        let id = self.groups[group].id;
        let change = GroupChange {
            content: Some(draft.content.clone()),
            skip_holiday: Some(draft.skip_holiday),
            timezone: Some(draft.timezone),
            exceptions: Some(draft.exceptions.clone()),
            ..GroupChange::rename(draft.name.clone())
        };
        self.write(async |tx, by| {
            let group = edits::groups::lock_to_update(tx, self.account, id, change).await?;
            edits::groups::update(tx, group, &by).await
        })
        .await;
        let model = &mut self.groups[group];
        model.version += 1;
        model.schedule = draft.schedule(&HolidayCalendars::built_in());
        model.draft = draft;
        self.expect(self.now, EventKind::GroupUpdated, group, None);
        self.look(true);
    }

    /// Has a group replaced by another one; it is then out of the model.
    pub(crate) async fn replace_group(&mut self, group: usize, with: usize) {
        let (id, other) = (self.groups[group].id, self.groups[with].id);
        self.write(async |tx, by| {
            let group = edits::groups::lock_to_replace(tx, self.account, id, other).await?;
            edits::groups::replace(tx, group, &by).await
        })
        .await;
        let mut moved: Vec<usize> =
            (0..self.tasks.len()).filter(|task| self.tasks[*task].group == group).collect();
        moved.sort_unstable_by_key(|task| self.tasks[*task].id);
        for task in moved {
            self.tasks[task].group = with;
            self.expect(self.now, EventKind::TaskUpdated, with, Some(self.tasks[task].id));
            self.look_at_task(task, false);
        }
        self.expect(self.now, EventKind::GroupDeleted, group, None);
        self.groups.remove(group);
        for task in &mut self.tasks {
            task.group -= usize::from(task.group > group);
        }
    }

    pub(crate) async fn add_task(&mut self, group: usize, bounds: TaskBounds, resume: Resume) {
        let id = TaskId::new(anything());
        let draft = self.task_draft(group, bounds.clone(), resume);
        self.write(async |tx, by| {
            edits::tasks::create(tx, self.account, id, Generation::V1, draft, &by).await
        })
        .await;
        let state = TaskState::Paused;
        self.tasks.push(TaskModel { id, group, enabled: false, bounds, resume, state });
        self.expect(self.now, EventKind::TaskCreated, group, Some(id));
    }

    pub(crate) async fn edit_task(&mut self, task: usize, group: usize, bounds: TaskBounds) {
        let TaskModel { id, resume, .. } = self.tasks[task];
        let draft = self.task_draft(group, bounds.clone(), resume);
        self.write(async |tx, by| {
            let task = edits::tasks::lock(tx, self.account, id, Some(draft.dial_time_id), by.at).await?;
            edits::tasks::update(tx, &task, draft, &by).await
        })
        .await;
        let model = &mut self.tasks[task];
        (model.group, model.bounds) = (group, bounds);
        self.expect(self.now, EventKind::TaskUpdated, group, Some(id));
        self.look_at_task(task, false);
    }

    pub(crate) async fn switch(&mut self, task: usize, enabled: bool) {
        let id = self.tasks[task].id;
        self.write(async |tx, by| {
            let task = edits::tasks::lock(tx, self.account, id, None, by.at).await?;
            edits::tasks::set_enabled(tx, &task, enabled, &by).await
        })
        .await;
        self.tasks[task].enabled = enabled;
        self.look_at_task(task, false);
    }

    pub(crate) async fn delete_task(&mut self, task: usize) {
        let id = self.tasks[task].id;
        self.write(async |tx, by| {
            let task = edits::tasks::lock(tx, self.account, id, None, by.at).await?;
            edits::tasks::delete(tx, &task, &by).await
        })
        .await;
        let TaskModel { group, .. } = self.tasks.remove(task);
        self.expect(self.now, EventKind::TaskDeleted, group, Some(id));
    }

    fn task_draft(&self, group: usize, bounds: TaskBounds, resume: Resume) -> TaskDraft {
        let name = Name::parse("task").unwrap();
        let dial_time_id = self.groups[group].id;
        TaskDraft { name, dial_time_id, bounds, resume, settings: TaskSettings::default() }
    }

    /// Imports a year with this one day off. The oracle knows nothing of it.
    pub(crate) async fn import_day_off(&self, date: &str) {
        let text = format!(
            r#"{{"id": "CN", "known_until": "2027-12-31",
                 "days": [{{"date": "{date}", "kind": "holiday", "name": "x"}}]}}"#
        );
        let years = HolidayCalendar::from_json(&text).unwrap().into_years().unwrap();
        self.write(async |tx, change| holidays::import(tx, &years, &change).await).await;
    }

    /// Has it that a running task was evaluated by a program with other zones, by which it had to wait.
    pub(crate) async fn evaluated_with_other_zones(&mut self, task: usize) {
        self.database.execute("UPDATE published_with SET data = 'other zones'").await;
        self.database.execute("UPDATE tasks SET within_bounds = false, bounds_change_at = NULL").await;
        let TaskModel { group, id, .. } = self.tasks[task];
        self.expect(self.now, EventKind::TaskRunning, group, Some(id));
    }

    // What time does.

    /// Lets time pass, with nobody at work.
    pub(crate) fn pass(&mut self, minutes: i64) {
        for _ in 0..minutes {
            self.now += SignedDuration::from_mins(1);
            self.look(true);
        }
        self.clock.set(self.now);
    }

    /// Sets the clock back, and has that noticed.
    pub(crate) async fn set_back(&mut self, minutes: i64) {
        self.now -= SignedDuration::from_mins(minutes);
        self.clock.set(self.now);
        self.look(false);
        self.tick_one(0).await;
    }

    /// One engine does its work.
    pub(crate) async fn tick_one(&mut self, engine: usize) -> Option<Timestamp> {
        self.engines[engine].tick().await.unwrap()
    }

    /// Both engines do their work at once.
    pub(crate) async fn tick(&mut self) -> Option<Timestamp> {
        let [one, other] = &mut self.engines;
        let (one, other) = tokio::join!(one.tick(), other.tick());
        other.unwrap();
        one.unwrap()
    }

    /// An engine's program ends and is started again.
    pub(crate) async fn restart(&mut self, which: usize) {
        self.engines[which] = engine(&self.database.connect().await, &self.clock);
    }

    /// An engine dies in the middle of its work.
    pub(crate) async fn crash(&mut self) {
        let mut tx = self.store.begin().await.unwrap();
        transitions::step(&mut tx, self.clock.now()).await.unwrap();
    }

    /// Compares what is derived now with what was told. An opening or a close can pause; a clock that is set back
    /// cannot.
    fn look(&mut self, may_pause: bool) {
        for group in 0..self.groups.len() {
            let model = &mut self.groups[group];
            let open = model.schedule.is_open(self.now);
            if open != model.open {
                model.open = open;
                let kind = if open { EventKind::GroupOpened } else { EventKind::GroupClosed };
                self.expect(self.now, kind, group, None);
            }
        }
        for task in 0..self.tasks.len() {
            self.look_at_task(task, may_pause);
        }
    }

    fn look_at_task(&mut self, task: usize, may_pause: bool) {
        let model = &mut self.tasks[task];
        let schedule = &self.groups[model.group].schedule;
        let hours = model.bounds.hours_in(*schedule.zone());
        let allowed = model.bounds.allow(self.now)
            && schedule.is_open(self.now)
            && hours.is_none_or(|hours| hours.is_open(self.now));
        let stops = model.enabled && model.state == TaskState::Running && !allowed;
        if may_pause && stops && model.resume == Resume::Ask {
            model.enabled = false;
        }
        let state = TaskState::of(model.enabled, allowed);
        if state != model.state {
            model.state = state;
            let (group, id) = (model.group, model.id);
            self.expect(self.now, EventKind::of_state(state), group, Some(id));
        }
    }

    // What is found.

    pub(crate) async fn log(&self) -> Vec<LoggedEvent> {
        events::list(&mut self.store.read().await.unwrap(), self.account, 0, ALL).await.unwrap()
    }

    /// The log is what the oracle has: each event once, numbered without a gap, those of a group and those of a task in
    /// the order they were due; and the list of running tasks is what the log says last.
    pub(crate) async fn check(&mut self) -> Result<(), String> {
        let log = self.log().await;
        let numbers: Vec<i64> = log.iter().map(|event| event.number).collect();
        same("numbers", &numbers, &(1..=i64::try_from(log.len()).unwrap()).collect())?;
        let told: Vec<Told> = log.iter().map(told).collect();
        same("by group", &by(&told, |told| Some(told.group)), &by(&self.expected, |told| Some(told.group)))?;
        same("by task", &by(&told, |told| told.task), &by(&self.expected, |told| told.task))?;
        let model = self.tasks.iter().filter(|task| task.state == TaskState::Running);
        let mut expected: Vec<TaskId> = model.map(|task| task.id).collect();
        expected.sort_unstable();
        same("running", &self.ids_of(TaskState::Running).await, &expected)
    }

    async fn ids_of(&self, state: TaskState) -> Vec<TaskId> {
        let filter = TaskFilter { states: Some(vec![state]), ..TaskFilter::default() };
        let page = Page { number: 1, size: 10_000 };
        let scope = TaskScope::Account(self.account);
        let mut read = self.store.read().await.unwrap();
        let found = tasks::list(&mut read, scope, &filter, self.now, page).await.unwrap();
        let mut ids: Vec<TaskId> = found.items.iter().map(|found| found.task.id).collect();
        ids.sort_unstable();
        ids
    }

    pub(crate) fn closure(&self, begin: i64, end: i64) -> Closure {
        Closure { begin: self.now + minutes(begin), end: self.now + minutes(end) }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }

    /// The causes of the group events in the log, with when they were due.
    pub(crate) async fn causes(&self, kinds: &[EventKind]) -> Vec<(Timestamp, EventKind, EventCause)> {
        let log = self.log().await.into_iter().map(|logged| logged.event);
        log.filter(|event| kinds.contains(&event.kind))
            .map(|event| (event.due_at, event.kind, event.cause))
            .collect()
    }
}

fn engine(store: &Store, clock: &Arc<SetClock>) -> Engine {
    Engine::new(store.clone(), clock.clone(), SignedDuration::ZERO)
}

fn told(logged: &LoggedEvent) -> Told {
    let event = &logged.event;
    let (group, version) = event.group.unwrap();
    Told { due_at: event.due_at, kind: event.kind.code(), group: group.get(), version, task: event.task }
}

/// The events of each subject in order. What is due at one instant has no order of its own, as long as nothing else comes
/// between.
fn by<K: Ord>(events: &[Told], subject: impl Fn(&Told) -> Option<K>) -> BTreeMap<K, Vec<Vec<Told>>> {
    let mut all: BTreeMap<K, Vec<Vec<Told>>> = BTreeMap::new();
    for event in events {
        let Some(subject) = subject(event) else { continue };
        let runs = all.entry(subject).or_default();
        match runs.last_mut().filter(|run| run[0].due_at == event.due_at) {
            Some(run) => run.push(event.clone()),
            None => runs.push(vec![event.clone()]),
        }
    }
    for run in all.values_mut().flatten() {
        run.sort();
    }
    all
}

fn same<T: PartialEq + Debug>(what: &str, found: &T, expected: &T) -> Result<(), String> {
    if found == expected {
        Ok(())
    } else {
        Err(format!("{what}:\n   found {found:?}\nexpected {expected:?}"))
    }
}
