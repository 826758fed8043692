//! Redial rules, and how the tasks that name them hold them.

use std::sync::Arc;

use domain::{AccountId, AccountKind, Generation, RedialRule, RedialRuleDraft, RedialRuleId, TaskDraft};
use rstest::rstest;
use store::{
    Error, Kind, Limited, Result, Unique, edits, redial_rules,
    tasks::{self, Named},
};

use crate::support::{ALL, Database, World, name, new_account, task_draft};

fn draft(text: &str) -> RedialRuleDraft {
    RedialRuleDraft { name: name(text), remark: None, rule: RedialRule::new(&[4], 30, 3, Some(2)).unwrap() }
}

async fn create(world: &World, owner: AccountId, id: Option<i64>) -> Result<RedialRuleId> {
    let (id, draft) = (id.map(RedialRuleId::new), draft("rule"));
    let made = world
        .write(async |tx| edits::redial_rules::create(tx, owner, id, &draft, &world.change).await)
        .await?;
    Ok(made.id)
}

async fn delete(world: &World, owner: AccountId, id: RedialRuleId) -> Result<()> {
    world
        .write(async |tx| {
            let rule = redial_rules::lock_to_delete(tx, owner, id).await?;
            redial_rules::delete(tx, &rule, &world.change).await
        })
        .await
}

async fn naming(world: &World, owner: AccountId, id: i64) -> TaskDraft {
    let group = world.create_group(owner, &crate::support::group_draft("group")).await.unwrap();
    let mut draft = task_draft(group.id);
    draft.settings.dialing.redial.auto_recycle_rule_id = Some(id);
    draft
}

#[rstest]
#[tokio::test]
async fn what_is_stored_is_what_was_saved(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let id = create(&world, world.account, None).await.unwrap();
    let found = redial_rules::get(&mut world.read().await, world.account, id).await.unwrap();
    assert_eq!((found.draft, found.version), (draft("rule"), 1));
    let mine = redial_rules::list(&mut world.read().await, world.account, ALL).await.unwrap();
    assert_eq!((mine.total, mine.items.len()), (1, 1));
    // A stranger's request finds nothing.
    assert_refused!(
        redial_rules::get(&mut world.read().await, world.stranger, id).await.map(drop),
        Error::NotFound(Kind::RedialRule)
    );
    assert_refused!(delete(&world, world.stranger, id).await, Error::NotFound(Kind::RedialRule));
    assert_refused!(
        create(&world, world.account, Some(id.get())).await.map(drop),
        Error::Taken(Unique::RedialRuleId)
    );
    assert_eq!(
        create(&world, world.stranger, Some(id.get())).await.unwrap(),
        id,
        "ids are each account's own"
    );
    delete(&world, world.account, id).await.unwrap();
    let again = create(&world, world.account, Some(id.get())).await.unwrap();
    let again = redial_rules::get(&mut world.read().await, world.account, again).await.unwrap();
    assert_eq!(again.version, 2, "an id and a version never mean two things");
}

#[rstest]
#[tokio::test]
async fn an_account_has_200_rules_at_most(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    for _ in 0..domain::MAXIMUM_REDIAL_RULES {
        create(&world, world.account, None).await.unwrap();
    }
    assert_refused!(
        create(&world, world.account, None).await.map(drop),
        Error::Limit { of: Limited::RedialRules, most: domain::MAXIMUM_REDIAL_RULES }
    );
}

#[rstest]
#[tokio::test]
async fn tasks_hold_what_they_name_and_what_is_made_later_under_the_id(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let sub_user = world.create_sub_user().await;
    let stranger = naming(&world, world.stranger, 5562).await;
    world.create_task(world.stranger, Generation::V1, stranger).await.unwrap();
    let of_sub_user = naming(&world, sub_user, 5562).await;
    let task = world.create_task(sub_user, Generation::V2, of_sub_user).await.unwrap().task;
    let missing = tasks::names_of(&mut world.read().await, &[(sub_user, task.id)]).await.unwrap();
    assert_eq!(missing[&task.id].unknown_rule, Some(RedialRuleId::new(5562)));
    // The user makes the rule: the sub-user's task holds it, the stranger's does not.
    let id = create(&world, world.account, Some(5562)).await.unwrap();
    let found = tasks::names_of(&mut world.read().await, &[(sub_user, task.id)]).await.unwrap();
    assert_eq!(found.get(&task.id).and_then(|names| names.unknown_rule), None);
    let by =
        tasks::naming(&mut world.read().await, Named::RedialRule, world.account, 5562, ALL).await.unwrap();
    assert_eq!((by.total, by.items[0].id), (1, task.id));
    assert_refused!(delete(&world, world.account, id).await, Error::InUse(Kind::RedialRule));
    // The sub-user makes one of its own, which its task names from then on.
    let own = create(&world, sub_user, Some(5562)).await.unwrap();
    delete(&world, world.account, id).await.unwrap();
    assert_refused!(delete(&world, sub_user, own).await, Error::InUse(Kind::RedialRule));
    world.delete_task(sub_user, task.id).await.unwrap();
    delete(&world, sub_user, own).await.unwrap();
}

/// A rule is deleted or named by a new task, never both; and what is made under an id that a task names is held.
#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn saving_a_task_races_with_deleting_and_making_what_it_names(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    const ROUNDS: i64 = 150;
    let world = Arc::new(World::new(database).await);
    let kind = AccountKind::SubUser(world.account);
    let sub_user = world.create_account(&new_account(world.partner, kind)).await.unwrap().id;
    let draft = naming(&world, sub_user, 0).await;
    for round in 0..ROUNDS {
        let id = 10_000 + round;
        let mut draft = draft.clone();
        draft.settings.dialing.redial.auto_recycle_rule_id = Some(id);
        let exists = round % 2 == 0;
        if exists {
            create(&world, world.account, Some(id)).await.unwrap();
        }
        let saving = tokio::spawn({
            let world = world.clone();
            async move { world.create_task(sub_user, Generation::V1, draft).await.unwrap().task.id }
        });
        let other = tokio::spawn({
            let world = world.clone();
            async move {
                if exists {
                    delete(&world, world.account, RedialRuleId::new(id)).await.is_ok()
                } else {
                    create(&world, world.account, Some(id)).await.is_ok()
                }
            }
        });
        let (task, done) = (saving.await.unwrap(), other.await.unwrap());
        let there =
            redial_rules::get(&mut world.read().await, world.account, RedialRuleId::new(id)).await.is_ok();
        assert_eq!(there, done != exists, "round {round}");
        let names = tasks::names_of(&mut world.read().await, &[(sub_user, task)]).await.unwrap();
        let unknown = names.get(&task).and_then(|names| names.unknown_rule);
        assert_eq!(
            unknown.is_some(),
            !there,
            "round {round}: a task holds what it names as soon as that is there"
        );
        if there {
            let refused = delete(&world, world.account, RedialRuleId::new(id)).await;
            assert_refused!(refused, Error::InUse(Kind::RedialRule));
        }
    }
}
