//! Stored rows that no longer follow the rules, by an accident or a hand: they are an error, never a panic and never a
//! group that is quietly open.

use domain::{DialTimeGroupId, PartnerId, TaskId, TaskState, Token, TokenHash, TokenId};
use rstest::rstest;
use store::{
    Error,
    accounts::{self, AccountFilter},
    partners,
    tasks::{TaskFilter, TaskScope},
};

use crate::support::{ALL, Database, World, anything, at, make_default, name, rename, task_draft};

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

    assert_refused!(world.get_group(account, group).await, Error::Damaged(_));
    assert_refused!(world.list_groups(account, ALL).await, Error::Damaged(_));
    assert_refused!(world.get_task(account, task).await, Error::Damaged(_));
    for states in [None, Some(vec![TaskState::Running]), Some(vec![TaskState::Waiting])] {
        let filter = TaskFilter { states, ..TaskFilter::default() };
        assert_refused!(world.list_tasks(scope, &filter, at(0), ALL).await, Error::Damaged(_));
    }
    for change in [rename("new"), make_default("new")] {
        assert_refused!(world.update_group(account, group, change, None).await, Error::Damaged(_));
    }
    assert_refused!(world.update_task(account, task, task_draft(group)).await, Error::Damaged(_));
    assert_refused!(world.set_enabled(account, task, false).await, Error::Damaged(_));

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

    assert_refused!(world.get_task(account, task).await, Error::Damaged(_));
    assert_refused!(world.get_task_to_change(account, task, Some(group)).await, Error::Damaged(_));
    assert_refused!(world.set_enabled(account, task, true).await, Error::Damaged(_));
    let every = TaskFilter::default();
    assert_refused!(world.list_tasks(scope, &every, at(0), ALL).await, Error::Damaged(_));
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
        assert_refused!(accounts::get(&mut read, world.partner, account).await, Error::Damaged(_));
        let filter = AccountFilter::default();
        let listed = accounts::list(&mut read, world.partner, domain::AccountKind::User, &filter, ALL).await;
        assert_refused!(listed, Error::Damaged(_));
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
        assert_refused!(partners::authority(&mut read, &hash, None, None).await, Error::Damaged(_));
        assert_refused!(partners::list_tokens(&mut read, None::<PartnerId>).await, Error::Damaged(_));
        world.database.execute(&format!("UPDATE tokens SET {repair}")).await;
        partners::authority(&mut read, &hash, None, None).await.unwrap().unwrap();
    }
    for damage in ["name = ''", "name = 'partner', created_at = 9223372036854775807"] {
        world.database.execute(&format!("UPDATE partners SET {damage}")).await;
        assert_refused!(partners::list(&mut world.read().await).await, Error::Damaged(_));
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
    assert_refused!(changed, Error::Database(_));
    assert_eq!(world.get_group(world.account, group).await.unwrap().version, i64::MAX);
}

/// PostgreSQL's ids are always whole.
#[tokio::test]
async fn an_id_that_is_none_is_an_error() {
    let world = World::new(Database::Sqlite).await;
    let group = world.group("group").await;
    world.task(group).await;
    world.database.execute("UPDATE tasks SET id = X'0102'").await;
    let scope = TaskScope::Account(world.account);
    let listed = world.list_tasks(scope, &TaskFilter::default(), at(0), ALL).await;
    assert_refused!(listed, Error::Database(_));
}
