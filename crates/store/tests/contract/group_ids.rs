//! Ids of groups: each account's own, given here or brought along from elsewhere.

use std::sync::Arc;

use domain::{DialTimeGroupId, EventKind, Generation, Resume, TaskBounds, TaskDraft, TaskState};
use rstest::rstest;
use store::{
    Error, Kind, Unique, events, groups, schedules,
    tasks::{TaskFilter, TaskScope},
    transitions::{self, Step},
};

use crate::support::{
    ALL, Database, World, at, change_at, default_draft, group_draft, rename, task_draft, windows,
};

const GREATEST: i64 = (1 << 53) - 1;

fn group(id: i64) -> DialTimeGroupId {
    DialTimeGroupId::new(id)
}

#[rstest]
#[tokio::test]
async fn two_accounts_may_bring_the_same_id(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let (one, two) = (world.account, world.stranger);
    for id in [1, 427, GREATEST] {
        for (owner, text) in [(one, "one"), (two, "two")] {
            let made = world.bring_group(owner, group(id), &group_draft(text)).await.unwrap();
            assert_eq!((made.id, made.account_id, made.version), (group(id), owner, 1));
            assert_refused!(
                world.bring_group(owner, group(id), &group_draft("again")).await,
                Error::Taken(Unique::GroupId)
            );
            assert_refused!(
                world.bring_group(owner, group(id), &default_draft("again")).await,
                Error::Taken(Unique::GroupId)
            );
        }
        world.update_group(one, group(id), rename("changed"), Some(1)).await.unwrap();
        assert_eq!(world.get_group(two, group(id)).await.unwrap().draft.name.as_str(), "two");
        assert_eq!(world.get_group(two, group(id)).await.unwrap().version, 1);
    }
    // Each is deleted alone, and a task keeps only its own account's.
    world.task(group(427)).await;
    assert_refused!(world.delete_group(one, group(427), None).await, Error::InUse(Kind::Group));
    world.delete_group(two, group(427), None).await.unwrap();
    world.delete_group(one, group(1), None).await.unwrap();
    assert!(world.get_group(two, group(1)).await.is_ok());
    assert_eq!(world.list_groups(one, ALL).await.unwrap().total, 2);
    assert_eq!(world.list_groups(two, ALL).await.unwrap().total, 2);
}

#[rstest]
#[tokio::test]
async fn an_id_given_here_goes_round_those_brought_along(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let (one, two) = (world.account, world.stranger);
    assert_eq!(world.group("first").await, group(1));
    for id in [2, 3, 5, GREATEST] {
        world.bring_group(one, group(id), &group_draft("brought")).await.unwrap();
    }
    // Also when it is gone again.
    world.delete_group(one, group(3), None).await.unwrap();
    assert_eq!(world.group("fourth").await, group(4));
    assert_eq!(world.group("sixth").await, group(6));
    // What one account brought is nothing to the other; and no id is given twice.
    world.delete_group(one, group(6), None).await.unwrap();
    world.bring_group(one, group(7), &group_draft("brought")).await.unwrap();
    assert_eq!(world.create_group(two, &group_draft("theirs")).await.unwrap().id, group(7));
    assert_eq!(world.group("eighth").await, group(8));
}

#[rstest]
#[tokio::test]
async fn an_id_brought_again_counts_its_versions_on(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let (owner, id) = (world.account, group(427));
    world.bring_group(owner, id, &group_draft("a")).await.unwrap();
    world.update_group(owner, id, rename("b"), None).await.unwrap();
    let compiled = async || {
        let mut read = world.read().await;
        let group = groups::get(&mut read, owner, id).await.unwrap();
        (group.version, schedules::of(&mut read, &group).await.unwrap())
    };
    let (version, schedule) = compiled().await;
    assert_eq!((version, schedule.next_change(at(0)).is_some()), (2, true));
    world.delete_group(owner, id, None).await.unwrap();
    let never = domain::GroupDraft { content: windows("[]"), ..group_draft("c") };
    assert_eq!(world.bring_group(owner, id, &never).await.unwrap().version, 3);
    // What was compiled of the first is not taken for the second's.
    let (version, schedule) = compiled().await;
    assert_eq!((version, schedule.next_change(at(0))), (3, None));
    assert_refused!(world.update_group(owner, id, rename("d"), Some(2)).await, Error::VersionMismatch(_));
}

/// Two accounts with groups of the same id and version, the first open on Mondays, the other never.
async fn twins(database: Database) -> World {
    let mut world = World::new(database).await;
    world.change = change_at(0);
    world.bring_group(world.account, group(5), &group_draft("Mondays")).await.unwrap();
    let never = domain::GroupDraft { content: windows("[]"), ..group_draft("never") };
    world.bring_group(world.stranger, group(5), &never).await.unwrap();
    world
}

#[rstest]
#[tokio::test]
async fn groups_of_one_id_are_compiled_apart(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = twins(database).await;
    for (owner, opens) in [(world.account, true), (world.stranger, false)] {
        let mut read = world.read().await;
        let group = groups::get(&mut read, owner, group(5)).await.unwrap();
        let schedule = schedules::of(&mut read, &group).await.unwrap();
        assert_eq!(schedule.next_change(at(0)).is_some(), opens);
    }
}

/// 2025-01-06, a Monday, 08:00 in Shanghai.
const MONDAY: i64 = 5 * 86_400;

#[rstest]
#[tokio::test]
async fn what_one_group_of_an_id_does_is_not_told_of_the_other(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = twins(database).await;
    let mut tasks = Vec::new();
    for owner in [world.account, world.stranger] {
        // One task follows its group; the other's own limits begin with the Monday's window.
        let bounds = TaskBounds { start: Some(at(MONDAY)), ..TaskBounds::default() };
        for bounds in [TaskBounds::default(), bounds] {
            let draft = TaskDraft { bounds, resume: Resume::Auto, ..task_draft(group(5)) };
            let task = world.create_task(owner, Generation::V1, draft).await.unwrap().task.id;
            world.set_enabled(owner, task, true).await.unwrap();
            tasks.push((owner, task));
        }
    }
    while world.write(async |tx| transitions::step(tx, at(MONDAY)).await).await.unwrap() != Step::Nothing {}
    for owner in [world.account, world.stranger] {
        let log = events::list(&mut world.read().await, owner, 0, 100).await.unwrap();
        let told = |kind| log.iter().filter(|logged| logged.event.kind == kind).count();
        let expected = if owner == world.account { (1, 2) } else { (0, 0) };
        assert_eq!((told(EventKind::GroupOpened), told(EventKind::TaskRunning)), expected, "{log:?}");
    }
    let running = TaskFilter { states: Some(vec![TaskState::Running]), ..TaskFilter::default() };
    for (owner, expected) in [(world.account, 2), (world.stranger, 0)] {
        let scope = TaskScope::Account(owner);
        let found = world.list_tasks(scope, &running, at(MONDAY), ALL).await.unwrap();
        assert_eq!(found.total, expected);
    }
}

#[rstest]
#[tokio::test]
async fn the_running_tasks_of_sub_users_with_groups_of_one_id_are_told_apart(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let (open, closed) = (world.create_sub_user().await, world.create_sub_user().await);
    world.bring_group(open, group(5), &group_draft("Mondays")).await.unwrap();
    let never = domain::GroupDraft { content: windows("[]"), ..group_draft("never") };
    world.bring_group(closed, group(5), &never).await.unwrap();
    for owner in [open, closed] {
        let task = world.create_task(owner, Generation::V1, task_draft(group(5))).await.unwrap().task.id;
        world.set_enabled(owner, task, true).await.unwrap();
    }
    let running = TaskFilter { states: Some(vec![TaskState::Running]), ..TaskFilter::default() };
    let scope = TaskScope::SubUsers(world.account);
    let found = world.list_tasks(scope, &running, at(MONDAY), ALL).await.unwrap();
    let owners: Vec<_> = found.items.iter().map(|item| item.task.account_id).collect();
    assert_eq!(owners, [open]);
}

/// Of many who bring one id at once, or are given it, one gets it; who is given one always gets one, whatever is brought
/// and deleted meanwhile.
#[rstest]
#[tokio::test]
async fn ids_brought_given_and_deleted_at_once_never_meet(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = Arc::new(World::new(database).await);
    for round in 0..10_i64 {
        let id = group(4 * round + 2);
        let mut work = tokio::task::JoinSet::new();
        for number in 0..6 {
            let world = Arc::clone(&world);
            work.spawn(async move {
                let owner = world.account;
                match number {
                    0..3 => i64::from(world.bring_group(owner, id, &group_draft("brought")).await.is_ok()),
                    3 => match world.delete_group(owner, id, None).await {
                        Ok(()) => -1,
                        Err(error) => {
                            assert!(matches!(error, Error::NotFound(_)), "{error:?}");
                            0
                        }
                    },
                    _ => i64::from(world.group("given").await == id),
                }
            });
        }
        let left: i64 = work.join_all().await.into_iter().sum();
        let there = i64::from(world.get_group(world.account, id).await.is_ok());
        assert_eq!(left, there, "round {round}");
    }
}
