//! Overrides of groups: what they change at once, what is published of them, and that they end by themselves.

use calendar::DecidingRule;
use domain::{
    AccountId, DialTimeGroup, DialTimeGroupId, EventCause, EventKind, GroupChange, GroupDraft, LoggedEvent,
    Name, OverrideEnd, OverrideOrder, Resume, SetBy, StatedReason, StopTarget, TaskDraft, TaskId, TaskState,
    TokenId,
};
use rstest::rstest;
use store::{
    edits::{self, groups::OverrideRemoval},
    events,
    tasks::{TaskFilter, TaskScope},
    transitions::{self, Step},
};

use crate::support::{
    ALL, Database, World, anything, at, change_at, group_draft, rename, task_draft, update_group, windows,
};

fn order(open: bool, until: OverrideEnd) -> OverrideOrder {
    let by = SetBy::Token(TokenId::new(anything()), Name::parse("ops").unwrap());
    OverrideOrder { open, until, reason: StatedReason::parse("fire drill").unwrap(), by }
}

/// Sets a group to something at a second.
async fn set(
    world: &World,
    group: DialTimeGroupId,
    order: OverrideOrder,
    second: i64,
) -> Option<DialTimeGroup> {
    world
        .write(async |tx| {
            let group = edits::groups::lock_to_override(tx, world.account, group).await?;
            edits::groups::set_override(tx, group, order, &change_at(second)).await
        })
        .await
        .unwrap()
}

async fn end(world: &World, group: DialTimeGroupId, second: i64) -> Option<DialTimeGroup> {
    remove(world, group, OverrideRemoval::Nothing, second).await
}

/// Removes an override at a second.
async fn remove(
    world: &World,
    group: DialTimeGroupId,
    removal: OverrideRemoval,
    second: i64,
) -> Option<DialTimeGroup> {
    world
        .write(async |tx| {
            let group = edits::groups::lock_to_override(tx, world.account, group).await?;
            edits::groups::end_override(tx, group, removal, &change_at(second)).await
        })
        .await
        .unwrap()
}

/// Publishes all that is due, as the runner does.
async fn publish(world: &World, second: i64) {
    while world.write(async |tx| transitions::step(tx, at(second)).await).await.unwrap() == Step::Published {}
}

async fn newest(world: &World, account: AccountId) -> i64 {
    events::extent(&mut world.read().await, account).await.unwrap().newest
}

/// What the log says after so many events: the kind, the cause, and when it was to happen.
async fn told(world: &World, after: i64) -> Vec<(EventKind, EventCause, i64)> {
    let log = events::list(&mut world.read().await, world.account, after, 10_000).await.unwrap();
    log.iter()
        .map(|LoggedEvent { event, .. }| {
            (event.kind, event.cause, event.due_at.duration_since(at(0)).as_secs())
        })
        .collect()
}

fn always() -> GroupDraft {
    let day =
        |week| format!(r#"{{"week": {week}, "times": [{{"begin_time": "00:00", "end_time": "24:00"}}]}}"#);
    let days: Vec<String> = (0..7).map(day).collect();
    GroupDraft { content: windows(&format!("[{}]", days.join(","))), ..group_draft("always") }
}

/// A task that is switched on, in a group of its own.
async fn enabled(world: &World, draft: &GroupDraft, resume: Resume) -> (DialTimeGroupId, TaskId) {
    let group = world.create_group(world.account, draft).await.unwrap().id;
    let draft = TaskDraft { resume, ..task_draft(group) };
    let task = world.create_task(world.account, domain::Generation::V1, draft).await.unwrap().task.id;
    world.set_enabled(world.account, task, true).await.unwrap();
    (group, task)
}

/// The state of a task by itself, and whether the list of each state has it.
async fn state(world: &World, task: TaskId, second: i64) -> TaskState {
    let state = world.get_task(world.account, task).await.unwrap().state_at(at(second));
    for one in TaskState::ALL {
        let filter = TaskFilter { states: Some(vec![one]), ..TaskFilter::default() };
        let scope = TaskScope::Account(world.account);
        let found = world.list_tasks(scope, &filter, at(second), ALL).await.unwrap().items;
        assert_eq!(found.iter().any(|item| item.task.id == task), one == state, "{one:?} at {second}");
    }
    state
}

#[rstest]
#[tokio::test]
async fn a_closed_group_closes_at_once_and_opens_by_itself(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let (group, task) = enabled(&world, &always(), Resume::Auto).await;
    publish(&world, 1).await;
    let before = newest(&world, world.account).await;
    let closed = set(&world, group, order(false, OverrideEnd::At(at(200))), 100).await.unwrap();
    assert_eq!((closed.version, closed.over.as_ref().map(|over| over.end)), (2, Some(at(200))));

    for (second, expected) in [
        (99, TaskState::Running),
        (100, TaskState::Waiting),
        (199, TaskState::Waiting),
        (200, TaskState::Running),
    ] {
        assert_eq!(state(&world, task, second).await, expected, "at {second}");
    }
    let item = world.get_task(world.account, task).await.unwrap();
    let decision = item.decide(at(150));
    assert_eq!((decision.allowed, decision.next_opening), (false, Some(at(200))));
    let reason = decision.group.reason;
    assert_eq!((reason.rule, reason.name), (DecidingRule::Override, Some("fire drill")));

    let by_it = EventCause::Override;
    let closing = [
        (EventKind::GroupUpdated, by_it, 100),
        (EventKind::GroupClosed, by_it, 100),
        (EventKind::TaskWaiting, by_it, 100),
    ];
    assert_eq!(told(&world, before).await, closing, "told by the edit itself");
    publish(&world, 199).await;
    assert_eq!(told(&world, before).await, closing);
    publish(&world, 230).await;
    let opening = [(EventKind::GroupOpened, by_it, 200), (EventKind::TaskRunning, by_it, 200)];
    assert_eq!(told(&world, before + 3).await, opening);
    publish(&world, 100_000).await;
    assert_eq!(newest(&world, world.account).await, before + 5);
    assert!(end(&world, group, 100_000).await.is_none(), "it has ended");
}

#[rstest]
#[tokio::test]
async fn an_override_is_removed_at_once_and_pauses_what_resumes_only_when_asked(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let (group, task) = enabled(&world, &always(), Resume::Ask).await;
    publish(&world, 1).await;
    set(&world, group, order(false, OverrideEnd::At(at(5_000))), 100).await.unwrap();
    assert_eq!(state(&world, task, 100).await, TaskState::Paused);
    let before = newest(&world, world.account).await;
    let open = end(&world, group, 300).await.unwrap();
    assert_eq!((open.version, open.over), (3, None));
    let by_it = EventCause::Override;
    assert_eq!(
        told(&world, before).await,
        [(EventKind::GroupUpdated, by_it, 300), (EventKind::GroupOpened, by_it, 300)]
    );
    publish(&world, 10_000).await;
    assert_eq!(newest(&world, world.account).await, before + 2, "nothing is left of its end");
    assert_eq!(state(&world, task, 300).await, TaskState::Paused);
}

#[rstest]
#[tokio::test]
async fn an_open_group_is_held_by_what_lies_above_and_outlives_edits(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let never = GroupDraft { content: windows("[]"), ..group_draft("never") };
    let (group, task) = enabled(&world, &never, Resume::Auto).await;
    assert_eq!(state(&world, task, 100).await, TaskState::Waiting);
    let refused = set(&world, group, order(true, OverrideEnd::NextChange), 100).await;
    assert!(refused.is_none(), "it never changes");
    set(&world, group, order(true, OverrideEnd::At(at(1_000))), 100).await.unwrap();
    assert_eq!(state(&world, task, 150).await, TaskState::Running);
    let change = GroupChange { content: Some(windows("[]")), ..rename("edited") };
    world
        .write(async |tx| update_group(tx, world.account, group, change, None, &change_at(200)).await)
        .await
        .unwrap();
    assert_eq!(state(&world, task, 250).await, TaskState::Running, "an edit leaves it alone");
    let target = StopTarget::Account(world.partner, world.account);
    let by = SetBy::CommandLine;
    world.write(async |tx| edits::stops::stop(tx, target, None, by, &change_at(300)).await).await.unwrap();
    assert_eq!(state(&world, task, 350).await, TaskState::Waiting, "an emergency stop beats it");
}

#[rstest]
#[tokio::test]
async fn until_the_next_change_is_the_groups_own(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let group = world.group("mondays").await;
    let schedule = world.get_group(world.account, group).await.unwrap();
    let schedule = schedule.schedule(&domain::HolidayCalendars::built_in());
    let opening = schedule.next_change(at(100));
    let open = set(&world, group, order(true, OverrideEnd::NextChange), 100).await.unwrap();
    assert_eq!(open.over.unwrap().end, opening.unwrap());
    // Another one is not counted from the one before.
    let closed = set(&world, group, order(false, OverrideEnd::NextChange), 200).await.unwrap();
    assert_eq!(closed.over.unwrap().end, opening.unwrap());
    // What it was is in the history of the group, for decisions of then.
    let history = world.group_history(world.account, group).await;
    assert!(history.last().unwrap().before.as_deref().unwrap().contains("fire drill"));
}

/// Whoever comes first, the group ends up as the last one says, its log tells each turn once, and nothing is told twice.
#[rstest]
#[tokio::test]
async fn overrides_and_their_ends_race(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database).await;
    let (group, task) = enabled(&world, &always(), Resume::Auto).await;
    publish(&world, 1).await;
    for round in 0..20_i64 {
        let second = 1_000 + round * 1_000;
        let before = newest(&world, world.account).await;
        let close = set(&world, group, order(false, OverrideEnd::At(at(second + 500))), second);
        let (_, ended) = tokio::join!(close, end(&world, group, second));
        let expected = if ended.is_some() { TaskState::Running } else { TaskState::Waiting };
        assert_eq!(state(&world, task, second + 1).await, expected);
        publish(&world, second + 900).await;
        let told = told(&world, before).await;
        let count = |kind| told.iter().filter(|told| told.0 == kind).count();
        assert_eq!([EventKind::GroupClosed, EventKind::GroupOpened].map(count), [1, 1], "{told:?}");
        assert_eq!([EventKind::TaskWaiting, EventKind::TaskRunning].map(count), [1, 1], "{told:?}");
    }
}

#[rstest]
#[tokio::test]
async fn a_removed_override_gives_way_to_the_one_it_replaced_where_that_is_asked_for(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let (group, task) = enabled(&world, &always(), Resume::Auto).await;
    let holds = |group: &Option<DialTimeGroup>| {
        let over = group.as_ref().unwrap().over.as_ref();
        over.map(|over| (over.open, over.begin, over.end))
    };
    let (closed, opened) = (order(false, OverrideEnd::At(at(500))), order(true, OverrideEnd::At(at(300))));
    let replacing = async |second| {
        set(&world, group, closed.clone(), second).await;
        set(&world, group, opened.clone(), second + 10).await
    };
    replacing(100).await;
    assert_eq!(state(&world, task, 115).await, TaskState::Running);
    let restored = remove(&world, group, OverrideRemoval::Replaced, 120).await;
    assert_eq!(holds(&restored), Some((false, at(120), at(500))), "until when it was to hold at first");
    assert_eq!(state(&world, task, 130).await, TaskState::Waiting);
    // Once, for what an override had replaced before is not remembered with it.
    let removed = remove(&world, group, OverrideRemoval::Replaced, 140).await;
    assert_eq!(holds(&removed), None);

    replacing(150).await;
    assert_eq!(holds(&end(&world, group, 170).await), None, "it is not asked for");
    set(&world, group, order(false, OverrideEnd::At(at(190))), 180).await;
    set(&world, group, order(true, OverrideEnd::At(at(300))), 185).await;
    let removed = remove(&world, group, OverrideRemoval::Replaced, 195).await;
    assert_eq!(holds(&removed), None, "it would have ended by then");
    set(&world, group, order(false, OverrideEnd::At(at(210))), 200).await;
    let alone = set(&world, group, order(true, OverrideEnd::At(at(300))), 220).await;
    assert!(alone.unwrap().over.unwrap().replaced.is_none(), "it had ended already");
    publish(&world, 400).await;
    assert_eq!(state(&world, task, 400).await, TaskState::Running);
}
