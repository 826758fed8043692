//! What comes from above to many groups at once, and what is told of it.

use domain::{AccountId, EventCause, EventKind, GroupDraft, LoggedEvent, TaskId, TaskState};
use store::{
    events,
    tasks::{TaskFilter, TaskScope},
    transitions::{self, Step},
};

use crate::support::{ALL, World, at, group_draft, task_draft, windows};

/// Publishes all that is due, as the runner does.
pub(crate) async fn publish(world: &World, second: i64) {
    while world.write(async |tx| transitions::publish_stops(tx, at(second)).await).await.unwrap()
        == Step::Published
    {}
    while world.write(async |tx| transitions::step(tx, at(second)).await).await.unwrap() == Step::Published {}
}

/// The number of the newest event.
pub(crate) async fn newest(world: &World, account: AccountId) -> i64 {
    events::extent(&mut world.read().await, account).await.unwrap().newest
}

/// What an account was told after an event: what, why, and of which second.
pub(crate) async fn told(world: &World, account: AccountId, after: i64) -> Vec<(EventKind, EventCause, i64)> {
    let log = events::list(&mut world.read().await, account, after, 10_000).await.unwrap();
    log.iter()
        .map(|LoggedEvent { event, .. }| {
            (event.kind, event.cause, event.due_at.duration_since(at(0)).as_secs())
        })
        .collect()
}

/// A group that is always open.
pub(crate) fn always(text: &str) -> GroupDraft {
    let day =
        |week| format!(r#"{{"week": {week}, "times": [{{"begin_time": "00:00", "end_time": "24:00"}}]}}"#);
    let days: Vec<String> = (0..7).map(day).collect();
    GroupDraft { content: windows(&format!("[{}]", days.join(","))), ..group_draft(text) }
}

/// A task that is switched on, in a group of its own that is always open.
pub(crate) async fn enabled(world: &World, account: AccountId) -> TaskId {
    let group = world.create_group(account, &always("always")).await.unwrap().id;
    let task = world.create_task(account, domain::Generation::V1, task_draft(group)).await.unwrap().task.id;
    world.set_enabled(account, task, true).await.unwrap();
    task
}

/// The state of a task by itself, and whether the list of each state has it.
pub(crate) async fn state(world: &World, account: AccountId, task: TaskId, second: i64) -> TaskState {
    let state = world.get_task(account, task).await.unwrap().state_at(at(second));
    for one in TaskState::ALL {
        let filter = TaskFilter { states: Some(vec![one]), ..TaskFilter::default() };
        let found = world.list_tasks(TaskScope::Account(account), &filter, at(second), ALL).await.unwrap();
        let listed = found.items.iter().any(|item| item.task.id == task);
        assert_eq!(listed, one == state, "{one:?} at {second}");
    }
    state
}
