//! Tasks: whose they are, which groups they may name, and how they are listed.

use domain::{
    AccountId, CallPace, CarriedSettings, Closure, DialTimeGroupId, DialingSettings, Generation, LineLimit,
    Resume, ScriptChoice, Task, TaskBounds, TaskDraft, TaskId, TaskLine, TaskLines, TaskSettings, TaskState,
};
use rstest::rstest;
use serde_json::json;
use store::{
    Error, Kind, Page, Unique, edits, groups,
    tasks::{self, TaskFilter, TaskScope},
};

use crate::support::{
    ALL, Database, World, anything, assert_same, at, change_at, group_draft, in_group, name, rename,
    task_draft, windows,
};

/// A draft with something in every place.
fn full_draft(group: DialTimeGroupId) -> TaskDraft {
    let line = TaskLine::Limited(LineLimit { id: anything(), limit: Some(3) });
    TaskDraft {
        name: name("任务 '\"\\ 🙂"),
        dial_time_id: group,
        resume: Resume::Ask,
        bounds: TaskBounds {
            start: Some(at(-5)),
            stop: Some(at(5)),
            closures: vec![
                Closure { begin: at(2), end: at(3) },
                Closure { begin: at(-1), end: at(1) },
                Closure { begin: at(2), end: at(3) },
            ],
            hours: Some(windows(r#"[{"week":1,"times":[{"begin_time":"9:00","end_time":"18:00"}]}]"#)),
        },
        settings: TaskSettings {
            dialing: DialingSettings {
                lines: TaskLines {
                    caller_line_id: Some(anything()),
                    line: vec![line, TaskLine::Id(anything())],
                },
                pace: CallPace { maximumcall: i64::MAX, ..CallPace::default() },
                script: ScriptChoice { destination_extension: 297, ..ScriptChoice::default() },
                ..DialingSettings::default()
            },
            carried: CarriedSettings {
                elasticity_type: Some(true),
                pop_mode: Some(json!({"b": [1, null], "a": "\u{0}"})),
                remark: Some("note".to_owned()),
                ..CarriedSettings::default()
            },
        },
    }
}

async fn list(world: &World, scope: TaskScope, filter: &TaskFilter) -> Vec<TaskId> {
    let page = world.list_tasks(scope, filter, at(0), ALL).await.unwrap();
    assert_eq!(page.total, i64::try_from(page.items.len()).unwrap());
    page.items.iter().map(|item| item.task.id).collect()
}

fn sorted(mut ids: Vec<TaskId>) -> Vec<TaskId> {
    ids.sort();
    ids
}

#[rstest]
#[tokio::test]
async fn a_task_is_found_as_it_was_made_and_is_switched_off(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let mut world = World::new(database).await;
    let group = world.create_group(world.account, &group_draft("group")).await.unwrap();
    world.change = change_at(4);
    for generation in [Generation::V1, Generation::V2] {
        for draft in [task_draft(group.id), full_draft(group.id)] {
            let made = world.create_task(world.account, generation, draft.clone()).await.unwrap();
            let task = Task {
                id: made.task.id,
                account_id: world.account,
                generation,
                enabled: false,
                draft,
                created_at: at(4),
                altered_at: None,
            };
            assert_same(&made, &in_group(task, group.clone()));
            assert_same(&world.get_task(world.account, made.task.id).await.unwrap(), &made);
        }
    }
}

#[rstest]
#[tokio::test]
async fn many_are_found_at_once_as_they_are_alone_and_none_of_anothers(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let account = world.account;
    let groups = [world.group("one").await, world.group("two").await, world.group("three").await];
    let made = [world.task(groups[0]).await, world.task(groups[1]).await, world.task(groups[0]).await];
    let theirs = world.create_group(world.stranger, &group_draft("theirs")).await.unwrap().id;
    let stranger = world.stranger;
    let their_task = world.create_task(stranger, Generation::V1, task_draft(theirs)).await.unwrap().task.id;

    let unknown = TaskId::new(anything());
    let asked = [made[2], their_task, made[0], unknown, made[2]];
    let mut found = tasks::get_many(&mut world.read().await, account, &asked).await.unwrap();
    found.sort_by_key(|item| item.task.id);
    let mut expected =
        [world.get_task(account, made[0]).await.unwrap(), world.get_task(account, made[2]).await.unwrap()];
    expected.sort_by_key(|item| item.task.id);
    assert_same(&found, &expected);

    let asked = [groups[2], theirs, groups[0], DialTimeGroupId::new(-1), groups[2]];
    let mut found = groups::get_many(&mut world.read().await, account, &asked).await.unwrap();
    found.sort_by_key(|group| group.id);
    let expected = [
        world.get_group(account, groups[0]).await.unwrap(),
        world.get_group(account, groups[2]).await.unwrap(),
    ];
    assert_same(&found, &expected);
    assert!(tasks::get_many(&mut world.read().await, account, &[]).await.unwrap().is_empty());
    assert!(groups::get_many(&mut world.read().await, account, &[]).await.unwrap().is_empty());
}

#[rstest]
#[tokio::test]
async fn a_task_cannot_name_a_group_that_its_account_does_not_have(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let account = world.account;
    let theirs = world.create_group(world.stranger, &group_draft("theirs")).await.unwrap().id;
    let sub_user = world.create_sub_user().await;
    let sub_users = world.create_group(sub_user, &group_draft("sub-user's")).await.unwrap().id;
    let gone = world.group("gone").await;
    world.delete_group(account, gone, None).await.unwrap();
    let own = world.group("own").await;
    let task = world.task(own).await;
    let before = world.get_task(account, task).await.unwrap();

    for group in [theirs, sub_users, gone, DialTimeGroupId::new(0), DialTimeGroupId::new(i64::MAX)] {
        let made = world.create_task(account, Generation::V1, task_draft(group)).await;
        assert_refused!(made, Error::Unknown(Kind::Group));
        assert_refused!(
            world.update_task(account, task, task_draft(group)).await,
            Error::Unknown(Kind::Group)
        );
        // To read it before a change is no fault yet.
        world.get_task_to_change(account, task, Some(group)).await.unwrap();
    }
    assert_same(&world.get_task(account, task).await.unwrap(), &before);
    assert_eq!(list(&world, TaskScope::Account(account), &TaskFilter::default()).await, [task]);
}

#[rstest]
#[tokio::test]
async fn the_database_itself_keeps_a_task_from_another_accounts_group(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let group = world.group("own").await;
    world.task(group).await;
    let theirs = world.create_group(world.stranger, &group_draft("theirs")).await.unwrap().id;
    let stranger = world.database.literal(world.stranger.uuid());
    for change in [format!("dial_time_id = {theirs}"), format!("account_id = {stranger}")] {
        let refused = world.database.try_execute(&format!("UPDATE tasks SET {change}")).await;
        let error = refused.unwrap_err();
        assert!(error.as_database_error().unwrap().is_foreign_key_violation(), "{error}");
    }
}

#[rstest]
#[tokio::test]
async fn an_account_that_is_not_there_gets_no_task(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let group = world.group("group").await;
    let nobody = AccountId::new(anything());
    let made = world.create_task(nobody, Generation::V1, task_draft(group)).await;
    assert_refused!(made, Error::NotFound(Kind::Account));
}

#[rstest]
#[tokio::test]
async fn a_tasks_id_is_its_own(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database).await;
    let group = world.group("group").await;
    let task = world.task(group).await;
    let theirs = world.create_group(world.stranger, &group_draft("theirs")).await.unwrap().id;
    let again = world
        .write(async |tx| {
            let draft = task_draft(theirs);
            edits::tasks::create(tx, world.stranger, task, Generation::V1, draft, &world.change).await
        })
        .await;
    assert_refused!(again, Error::Taken(Unique::TaskId));
    assert_eq!(world.get_task(world.account, task).await.unwrap().group.id, group);
}

#[rstest]
#[tokio::test]
async fn another_accounts_task_is_not_found_and_stays_as_it_is(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let group = world.group("group").await;
    let task = world.task(group).await;
    let before = world.get_task(world.account, task).await.unwrap();
    let theirs = world.create_group(world.stranger, &group_draft("theirs")).await.unwrap().id;
    let sub_user = world.create_sub_user().await;
    let sub_users = world.create_group(sub_user, &group_draft("sub-user's")).await.unwrap().id;

    for (account, group, id) in [
        (world.stranger, theirs, task),
        (sub_user, sub_users, task),
        (world.account, group, TaskId::new(anything())),
    ] {
        assert_refused!(world.get_task(account, id).await, Error::NotFound(_));
        assert_refused!(world.get_task_to_change(account, id, None).await, Error::NotFound(_));
        assert_refused!(world.get_task_to_change(account, id, Some(group)).await, Error::NotFound(_));
        assert_refused!(world.update_task(account, id, task_draft(group)).await, Error::NotFound(_));
        assert_refused!(world.set_enabled(account, id, true).await, Error::NotFound(_));
        assert_refused!(world.delete_task(account, id).await, Error::NotFound(_));
    }
    assert!(list(&world, TaskScope::Account(world.stranger), &TaskFilter::default()).await.is_empty());
    assert_same(&world.get_task(world.account, task).await.unwrap(), &before);
}

#[rstest]
#[tokio::test]
async fn a_change_replaces_what_a_person_decides_and_nothing_else(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let mut world = World::new(database).await;
    let account = world.account;
    let (old, new) = (world.group("old").await, world.group("new").await);
    let task = world.task(old).await;
    let enabled = world.set_enabled(account, task, true).await.unwrap();
    world.change = change_at(9);
    for draft in [full_draft(new), task_draft(old)] {
        let changed = world.update_task(account, task, draft.clone()).await.unwrap();
        let group = world.get_group(account, draft.dial_time_id).await.unwrap();
        let expected = Task { draft, altered_at: Some(at(9)), ..enabled.task.clone() };
        assert_same(&changed, &in_group(expected, group));
        assert_same(&world.get_task(account, task).await.unwrap(), &changed);
    }
}

#[rstest]
#[tokio::test]
async fn a_task_read_to_be_changed_is_the_one_that_is_there(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let (group, other) = (world.group("group").await, world.group("other").await);
    let task = world.task(group).await;
    let found = world.get_task(world.account, task).await.unwrap();
    for held in [None, Some(group), Some(other)] {
        assert_same(&world.get_task_to_change(world.account, task, held).await.unwrap(), &found.task);
    }
}

#[rstest]
#[tokio::test]
async fn changes_laid_over_a_task_at_once_are_all_kept(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let account = world.account;
    let group = world.group("group").await;
    let task = world.task(group).await;
    let count_up = async || {
        world
            .write(async |tx| {
                let locked = edits::tasks::lock(tx, account, task, Some(group), at(2)).await?;
                let mut draft = locked.task()?.draft;
                draft.settings.dialing.pace.maximumcall += 1;
                edits::tasks::update(tx, &locked, draft, &world.change).await
            })
            .await
            .unwrap();
    };
    for _ in 0..10 {
        tokio::join!(count_up(), count_up(), count_up());
    }
    assert_eq!(world.get_task(account, task).await.unwrap().task.draft.settings.dialing.pace.maximumcall, 30);
}

#[rstest]
#[tokio::test]
async fn a_switch_changes_a_task_only_when_it_turns(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let mut world = World::new(database).await;
    let group = world.group("group").await;
    let task = world.task(group).await;
    let steps = [(1, false, None), (2, true, Some(2)), (3, true, Some(2)), (4, false, Some(4))];
    for (now, enabled, altered) in steps {
        world.change = change_at(now);
        let switched = world.set_enabled(world.account, task, enabled).await.unwrap();
        assert_eq!((switched.task.enabled, switched.task.altered_at), (enabled, altered.map(at)));
        assert_same(&world.get_task(world.account, task).await.unwrap(), &switched);
    }
}

#[rstest]
#[tokio::test]
async fn a_deleted_task_is_gone(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database).await;
    let group = world.group("group").await;
    let (gone, kept) = (world.task(group).await, world.task(group).await);
    world.delete_task(world.account, gone).await.unwrap();
    assert_refused!(world.get_task(world.account, gone).await, Error::NotFound(_));
    assert_refused!(world.delete_task(world.account, gone).await, Error::NotFound(_));
    assert_eq!(list(&world, TaskScope::Account(world.account), &TaskFilter::default()).await, [kept]);
}

#[rstest]
#[tokio::test]
async fn a_task_shows_its_group_as_it_now_is(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let group = world.group("group").await;
    let task = world.task(group).await;
    let changed = world.update_group(world.account, group, rename("renamed"), None).await.unwrap();
    assert_same(&world.get_task(world.account, task).await.unwrap().group, &changed);
    let scope = TaskScope::Account(world.account);
    let listed = world.list_tasks(scope, &TaskFilter::default(), at(0), ALL).await.unwrap();
    assert_same(&listed.items[0].group, &changed);
}

#[rstest]
#[tokio::test]
async fn tasks_come_newest_first_in_pages(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let mut world = World::new(database).await;
    let group = world.group("group").await;
    let mut expected = Vec::new();
    // Several of each instant, so that the id decides.
    for number in [3, 1, 2, 3, 1, 2, 2] {
        world.change = change_at(number);
        expected.push((number, world.task(group).await));
    }
    expected.sort();
    expected.reverse();

    let scope = TaskScope::Account(world.account);
    let states = [None, Some(vec![TaskState::Paused])];
    for states in states {
        let filter = TaskFilter { states, ..TaskFilter::default() };
        let mut seen = Vec::new();
        for number in 1..=4 {
            let page = world.list_tasks(scope, &filter, at(0), Page { number, size: 3 }).await.unwrap();
            assert_eq!(page.total, 7);
            seen.extend(page.items.into_iter().map(|item| item.task.id));
        }
        assert_eq!(seen, expected.iter().map(|(_, id)| *id).collect::<Vec<_>>());
    }
}

#[rstest]
#[tokio::test]
async fn a_scope_shows_its_own_tasks_and_no_others(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let (group, other) = (world.group("group").await, world.group("other").await);
    let (one, two) = (world.task(group).await, world.task(other).await);
    let mut sub_users_tasks = Vec::new();
    let mut sub_user = world.account;
    for _ in 0..2 {
        sub_user = world.create_sub_user().await;
        let group = world.create_group(sub_user, &group_draft("group")).await.unwrap().id;
        let made = world.create_task(sub_user, Generation::V2, task_draft(group)).await.unwrap();
        sub_users_tasks.push(made.task.id);
    }
    let shown = async |scope| sorted(list(&world, scope, &TaskFilter::default()).await);
    let (account, stranger) = (world.account, world.stranger);
    assert_eq!(shown(TaskScope::Account(account)).await, sorted(vec![one, two]));
    assert_eq!(shown(TaskScope::Group(account, group)).await, [one]);
    assert_eq!(shown(TaskScope::SubUsers(account)).await, sorted(sub_users_tasks.clone()));
    assert_eq!(shown(TaskScope::Account(sub_user)).await, [sub_users_tasks[1]]);
    assert!(shown(TaskScope::SubUsers(sub_user)).await.is_empty());
    assert!(shown(TaskScope::SubUsers(stranger)).await.is_empty());
    assert!(shown(TaskScope::Group(stranger, group)).await.is_empty());
    assert!(shown(TaskScope::Group(sub_user, group)).await.is_empty());
    assert!(shown(TaskScope::Group(account, DialTimeGroupId::new(i64::MAX))).await.is_empty());
}

#[rstest]
#[tokio::test]
async fn the_tasks_of_many_groups_are_counted_at_once_whatever_their_state(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let (account, stranger) = (world.account, world.stranger);
    let [one, two, unused] =
        [world.group("one").await, world.group("two").await, world.group("unused").await];
    let theirs = world.create_group(stranger, &group_draft("theirs")).await.unwrap().id;
    world.create_task(stranger, Generation::V1, task_draft(theirs)).await.unwrap();
    world.task(one).await;
    let enabled = world.task(one).await;
    world.set_enabled(account, enabled, true).await.unwrap();
    world.create_task(account, Generation::V2, task_draft(one)).await.unwrap();
    let gone = world.task(two).await;

    let counts = async |groups: &[DialTimeGroupId]| {
        let counts = tasks::count_by_group(&mut world.read().await, account, groups).await.unwrap();
        counts.into_iter().collect::<Vec<_>>()
    };
    assert_eq!(counts(&[unused, two, theirs, one]).await, [(one, 3), (two, 1)]);
    assert_eq!(counts(&[two]).await, [(two, 1)]);
    assert_eq!(counts(&[]).await, []);
    world.delete_task(account, gone).await.unwrap();
    assert_eq!(counts(&[one, two]).await, [(one, 3)]);
}

#[rstest]
#[tokio::test]
async fn filters_narrow_together_and_take_names_literally(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let group = world.group("group").await;
    let mut made = Vec::new();
    for (text, generation) in [("50%_Ä", Generation::V1), ("50%_Ä", Generation::V2), ("50x", Generation::V1)]
    {
        let draft = TaskDraft { name: name(text), ..task_draft(group) };
        made.push(world.create_task(world.account, generation, draft).await.unwrap().task.id);
    }
    world.set_enabled(world.account, made[0], true).await.unwrap();

    let shown = async |generation: Option<Generation>, text: Option<&str>, states: Option<Vec<TaskState>>| {
        let filter = TaskFilter { generation, name: text.map(str::to_owned), states, task_type: None };
        sorted(list(&world, TaskScope::Account(world.account), &filter).await)
    };
    let (first, second) = (Some(Generation::V1), Some(Generation::V2));
    assert_eq!(shown(None, None, None).await, sorted(made.clone()));
    assert_eq!(shown(first, None, None).await, sorted(vec![made[0], made[2]]));
    assert_eq!(shown(second, None, None).await, [made[1]]);
    assert_eq!(shown(None, Some("0%_"), None).await, sorted(vec![made[0], made[1]]));
    assert_eq!(shown(first, Some("%_Ä"), None).await, [made[0]]);
    assert_eq!(shown(first, Some("50"), Some(vec![TaskState::Paused])).await, [made[2]]);
    for text in ["0%x", "5_", "ä"] {
        assert!(shown(None, Some(text), None).await.is_empty(), "{text}");
    }
}
