//! Stored rows that no longer follow the rules, by an accident or a hand: they are an error for who asks for them, never a
//! panic, never a group that is quietly open, and never a hindrance for others.

use domain::{
    AccountKind, DialTimeGroupId, EventKind, GroupDraft, LoggedEvent, PartnerId, SetBy, StopTarget, TaskId,
    TaskState, Token, TokenHash, TokenId,
};
use jiff::SignedDuration;
use rstest::rstest;
use store::{
    DatabaseError, Error,
    accounts::{self, AccountFilter},
    edits, events, holidays, partners, schedules, stops,
    tasks::{TaskFilter, TaskScope},
    transitions::{self, Step},
};

use crate::{
    holidays::years,
    support::{
        ALL, Database, World, anything, at, change_at, group_draft, make_default, name, rename, task_draft,
    },
};

/// A group with an enabled task.
async fn group_with_task(world: &World) -> (DialTimeGroupId, TaskId) {
    let group = world.group("group").await;
    let task = world.task(group).await;
    world.set_enabled(world.account, task, true).await.unwrap();
    (group, task)
}

#[rstest]
#[tokio::test]
async fn a_damaged_group_is_an_error_wherever_it_is_read(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
    #[values(
        "content = 'no JSON'",
        "content = '{}'",
        "content = '[{\"week\": 9, \"times\": []}]'",
        "content = '[{\"week\": 1, \"times\": [{\"begin_time\": \"08:00\", \"end_time\": \"08:00\"}]}]'",
        "timezone = 'Nowhere/Land'",
        "name = ''",
        "created_at = 9223372036854775807",
        "updated_at = -9223372036854775807"
    )]
    damage: &str,
) {
    let world = World::new(database).await;
    let (account, scope) = (world.account, TaskScope::Account(world.account));
    let (group, task) = group_with_task(&world).await;
    let sound = world.group("sound").await;
    world.database.execute(&format!("UPDATE dial_time_groups SET {damage} WHERE id = {group}")).await;

    assert_damaged!(world.get_group(account, group).await);
    assert_damaged!(world.get_task(account, task).await);
    // Lists show the others.
    let other = world.task(sound).await;
    world.set_enabled(account, other, true).await.unwrap();
    let groups = world.list_groups(account, ALL).await.unwrap().items;
    assert_eq!(groups.iter().map(|group| group.id).collect::<Vec<_>>(), [sound]);
    for states in [None, Some(vec![TaskState::Running, TaskState::Waiting])] {
        let filter = TaskFilter { states, ..TaskFilter::default() };
        let tasks = world.list_tasks(scope, &filter, at(0), ALL).await.unwrap().items;
        assert_eq!(tasks.iter().map(|task| task.task.id).collect::<Vec<_>>(), [other]);
    }
    world.delete_task(account, other).await.unwrap();
    for change in [rename("new"), make_default("new")] {
        assert_damaged!(world.update_group(account, group, change, None).await);
    }
    assert_damaged!(world.update_task(account, task, task_draft(group)).await);
    assert_damaged!(world.set_enabled(account, task, false).await);

    // There is a way out.
    assert_eq!(world.replace_group(account, group, sound, None).await.unwrap(), 1);
    assert_eq!(world.get_task(account, task).await.unwrap().group.id, sound);
}

#[rstest]
#[tokio::test]
async fn a_damaged_task_is_an_error_and_can_be_deleted(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
    #[values(
        "generation = 3",
        "closures = 'no JSON'",
        "closures = '{}'",
        "closures = '[[1]]'",
        "closures = '[[1, 9223372036854775807]]'",
        "settings = 'no JSON'",
        "settings = '{\"maximumcall\": \"many\"}'",
        "name = ' '",
        "start_at = 9223372036854775807",
        "stop_at = -9223372036854775807",
        "created_at = 9223372036854775807",
        "altered_at = 9223372036854775807"
    )]
    damage: &str,
) {
    let world = World::new(database).await;
    let (account, scope) = (world.account, TaskScope::Account(world.account));
    let (group, task) = group_with_task(&world).await;
    world.database.execute(&format!("UPDATE tasks SET {damage}")).await;
    let other = world.task(group).await;

    assert_damaged!(world.get_task(account, task).await);
    assert_damaged!(world.get_task_to_change(account, task, Some(group)).await);
    assert_damaged!(world.set_enabled(account, task, true).await);
    let all = vec![TaskState::Paused, TaskState::Running, TaskState::Waiting];
    let (by_state, by_type) = (Some(all), Some(domain::V2_TASK_TYPE));
    for filter in [
        TaskFilter::default(),
        TaskFilter { states: by_state, ..TaskFilter::default() },
        TaskFilter { task_type: by_type, ..TaskFilter::default() },
    ] {
        let tasks = world.list_tasks(scope, &filter, at(0), ALL).await.unwrap().items;
        assert_eq!(tasks.iter().map(|task| task.task.id).collect::<Vec<_>>(), [other], "{filter:?}");
    }
    world.delete_task(account, other).await.unwrap();
    world.delete_task(account, task).await.unwrap();
    world.delete_group(account, group, None).await.unwrap();
}

#[rstest]
#[tokio::test]
async fn a_damaged_account_is_an_error(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database).await;
    let account = world.account;
    let id = world.database.literal(account.uuid());
    let cases = [
        ("name = ''", "name = 'account'"),
        ("email = 'nobody'", "email = 'somebody@example.com'"),
        ("phone = 'none'", "phone = '13800000000'"),
        ("profile = 'no JSON'", "profile = '{}'"),
        ("created_at = 9223372036854775807", "created_at = 1"),
        ("updated_at = 9223372036854775807", "updated_at = 1"),
    ];
    for (damage, repair) in cases {
        world.database.execute(&format!("UPDATE accounts SET {damage} WHERE id = {id}")).await;
        let mut read = world.read().await;
        assert_damaged!(accounts::get(&mut read, world.partner, account).await);
        let filter = AccountFilter::default();
        let users = AccountKind::User;
        let listed = accounts::list(&mut read, world.partner, users, &filter, ALL).await.unwrap().items;
        assert_eq!(listed.iter().map(|account| account.id).collect::<Vec<_>>(), [world.stranger]);
        world.database.execute(&format!("UPDATE accounts SET {repair} WHERE id = {id}")).await;
        accounts::get(&mut read, world.partner, account).await.unwrap();
    }
}

#[rstest]
#[tokio::test]
async fn a_damaged_partner_or_token_is_an_error(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let (partner, hash) = (world.partner, TokenHash([3; 32]));
    let token = Token {
        id: TokenId::new(anything()),
        partner_id: partner,
        name: name("token"),
        created_at: at(0),
        expires_at: Some(at(1)),
        revoked_at: None,
        scope: domain::TokenScope::All,
        numbers: domain::NumberDisplay::Full,
        user: None,
        last_used_at: None,
    };
    world.write(async |tx| partners::create_token(tx, &token, &hash).await).await.unwrap();
    for (damage, repair) in [
        ("name = ''", "name = 'token'"),
        ("created_at = 9223372036854775807", "created_at = 1"),
        ("expires_at = 9223372036854775807", "expires_at = 1"),
        ("revoked_at = 9223372036854775807", "revoked_at = NULL"),
    ] {
        world.database.execute(&format!("UPDATE tokens SET {damage}")).await;
        let mut read = world.read().await;
        assert_damaged!(partners::authority(&mut read, &hash, None, None).await);
        assert!(partners::list_tokens(&mut read, None::<PartnerId>).await.unwrap().is_empty());
        world.database.execute(&format!("UPDATE tokens SET {repair}")).await;
        partners::authority(&mut read, &hash, None, None).await.unwrap().unwrap();
    }
    for damage in ["name = ''", "name = 'partner', created_at = 9223372036854775807"] {
        world.database.execute(&format!("UPDATE partners SET {damage}")).await;
        assert!(partners::list(&mut world.read().await).await.unwrap().is_empty());
    }
}

#[rstest]
#[tokio::test]
async fn a_version_that_cannot_count_on_is_an_error(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let group = world.default_group("group").await;
    world.database.execute("UPDATE dial_time_groups SET version = 9223372036854775807").await;
    let changed = world.update_group(world.account, group, rename("new"), None).await;
    assert_refused!(changed, Error::Database(DatabaseError::Failed(_)));
    assert_eq!(world.get_group(world.account, group).await.unwrap().version, i64::MAX);
}

/// PostgreSQL's ids are always whole.
#[tokio::test]
async fn an_id_that_is_none_is_an_error() {
    let world = World::new(Database::Sqlite).await;
    let group = world.group("group").await;
    world.task(group).await;
    world.database.execute("UPDATE tasks SET id = X'0102'").await;
    let task = world.task(group).await;
    let scope = TaskScope::Account(world.account);
    let listed = world.list_tasks(scope, &TaskFilter::default(), at(0), ALL).await.unwrap().items;
    assert_eq!(listed.iter().map(|listed| listed.task.id).collect::<Vec<_>>(), [task]);
}

/// A stop that cannot be told holds up nothing, and what it stops is closed.
#[rstest]
#[tokio::test]
async fn a_damaged_stop_holds_up_no_other(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
    #[values(
        "kind = 'unheard of'",
        "detail = 'no JSON'",
        "level = 'unheard of'",
        "at = 9223372036854775807"
    )]
    damage: &str,
) {
    let world = World::new(database).await;
    world.group("sound").await;
    tell_all(&world).await;
    let (target, by) = (StopTarget::Account(world.partner, world.account), SetBy::CommandLine);
    world
        .write(async |tx| edits::stops::stop(tx, target, None, by, &change_at(OPENING + 1)).await)
        .await
        .unwrap();
    world.database.execute(&format!("UPDATE stop_publications SET {damage}")).await;
    tell_all(&world).await;
    world.database.execute("UPDATE stops SET reason = ''").await;
    assert_eq!(stops::covering(&mut world.read().await, target).await.unwrap().len(), 0);
    let among = stops::among(&mut world.read().await, &[world.account], &[]).await.unwrap();
    assert!(among.accounts.contains(&world.account), "it holds all the same");
}

/// PostgreSQL takes no text that is none.
#[tokio::test]
async fn a_text_that_is_none_is_an_error() {
    let world = World::new(Database::Sqlite).await;
    let (group, sound) = (world.group("group").await, world.group("sound").await);
    let damage = format!("UPDATE dial_time_groups SET name = CAST(X'FF' AS TEXT) WHERE id = {group}");
    world.database.execute(&damage).await;
    assert_refused!(world.get_group(world.account, group).await, Error::Database(DatabaseError::Failed(_)));
    let listed = world.list_groups(world.account, ALL).await.unwrap();
    assert_eq!(listed.items.iter().map(|group| group.id).collect::<Vec<_>>(), [sound]);
}

#[rstest]
#[tokio::test]
async fn damaged_events_are_passed_over_by_who_follows_the_log(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let group = world.group("group").await;
    for name in ["one", "two", "three", "four"] {
        world.update_group(world.account, group, rename(name), None).await.unwrap();
    }
    let numbers = async |after, limit| {
        let events = events::list(&mut world.read().await, world.account, after, limit).await.unwrap();
        events.iter().map(|event| event.number).collect::<Vec<_>>()
    };
    let all = numbers(0, 100).await;
    world.database.execute("UPDATE events SET kind = 'unheard of' WHERE number <= 3").await;
    assert_eq!(numbers(0, 100).await, all[3..]);
    assert_eq!(numbers(0, 2).await[..1], all[3..4], "more of them than are asked for at once");
    let one = events::get(&mut world.read().await, world.account, 1).await;
    assert_damaged!(one);
}

/// The next Monday, on which groups open at this instant.
const OPENING: i64 = 5 * 86_400;

/// Tells all that is due at the opening.
async fn tell_all(world: &World) {
    let now = at(OPENING);
    for _ in 0..100 {
        let outlook = transitions::outlook(&mut world.read().await).await.unwrap();
        if outlook.stops_changed {
            world.write(async |tx| transitions::publish_stops(tx, now).await).await.unwrap();
            continue;
        }
        let step = world.write(async |tx| transitions::step(tx, now).await).await.unwrap();
        if step == Step::Nothing {
            assert!(!outlook.is_due(now), "{outlook:?}");
            return;
        }
    }
    panic!("there is no end of it");
}

async fn told(world: &World, kind: EventKind) -> Vec<LoggedEvent> {
    let events = events::list(&mut world.read().await, world.account, 0, 1_000).await.unwrap();
    events.into_iter().filter(|event| event.event.kind == kind).collect()
}

#[rstest]
#[tokio::test]
async fn a_damaged_group_holds_up_no_other(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
    #[values(
        "content = 'no JSON'",
        "next_change_at = -9223372036854775807",
        "next_change_at = 9223372036854775807",
        "published_at = 9223372036854775807",
        "published_at = -9223372036854775807, next_change_at = 1"
    )]
    damage: &str,
) {
    let world = World::new(database).await;
    let (damaged, sound) = (world.group("damaged").await, world.group("sound").await);
    world.database.execute(&format!("UPDATE dial_time_groups SET {damage} WHERE id = {damaged}")).await;
    for _ in 0..10 {
        let taken =
            world.write(async |tx| transitions::take_back(tx, at(1), SignedDuration::ZERO).await).await;
        if !taken.unwrap() {
            break;
        }
    }
    let back = world.write(async |tx| transitions::take_back(tx, at(1), SignedDuration::ZERO).await).await;
    assert!(!back.unwrap(), "there is an end of it");
    tell_all(&world).await;
    let opened = told(&world, EventKind::GroupOpened).await;
    assert!(opened.iter().any(|event| event.event.group.is_some_and(|(id, _)| id == sound)), "{opened:?}");
}

/// PostgreSQL takes no text that is none.
#[tokio::test]
async fn a_group_that_cannot_be_decoded_holds_up_no_other() {
    let world = World::new(Database::Sqlite).await;
    let damaged = world.group("damaged").await;
    world.group("sound").await;
    let damage = format!("UPDATE dial_time_groups SET name = CAST(X'FF' AS TEXT) WHERE id = {damaged}");
    world.database.execute(&damage).await;
    tell_all(&world).await;
    assert_eq!(told(&world, EventKind::GroupOpened).await.len(), 1);
}

#[rstest]
#[tokio::test]
async fn a_damaged_task_holds_up_no_other(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
    #[values(
        "closures = 'no JSON', bounds_change_at = 1",
        "resume = 'never'",
        "resume = 'never', bounds_change_at = 1"
    )]
    damage: &str,
) {
    let world = World::new(database).await;
    let (group, damaged) = group_with_task(&world).await;
    let sound = world.task(group).await;
    world.set_enabled(world.account, sound, true).await.unwrap();
    let id = world.database.literal(damaged.uuid());
    world.database.execute(&format!("UPDATE tasks SET {damage} WHERE id = {id}")).await;
    tell_all(&world).await;
    let running: Vec<_> =
        told(&world, EventKind::TaskRunning).await.iter().filter_map(|event| event.event.task).collect();
    assert_eq!(running, [sound]);
}

/// No group may be open on a day that is off by a notice that cannot be read.
#[rstest]
#[tokio::test]
async fn holidays_that_cannot_be_read_hold_up_only_groups_that_skip_them(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let skips = GroupDraft { skip_holiday: true, ..group_draft("skips") };
    let skips = world.create_group(world.account, &skips).await.unwrap().id;
    let sound = world.group("sound").await;
    world
        .write(async |tx| holidays::import(tx, &years("CN", [2027], "x"), &world.change).await)
        .await
        .unwrap();
    world.database.execute("UPDATE holiday_imports SET document = 'no JSON'").await;
    tell_all(&world).await;
    let opened = told(&world, EventKind::GroupOpened).await;
    let groups: Vec<_> = opened.iter().filter_map(|event| event.event.group).map(|(id, _)| id).collect();
    assert_eq!(groups, [sound]);
    let group = world.get_group(world.account, skips).await.unwrap();
    assert_damaged!(schedules::of(&mut world.read().await, &group).await);
}
