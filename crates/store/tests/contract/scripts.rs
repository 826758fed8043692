//! Scripts and prompts: what holds what, whoever comes first.

use std::sync::Arc;

use domain::{
    AccountId, BotSecret, BotSecrets, BotUrl, Generation, OnMachine, PromptAudio, PromptId, ScriptDraft,
    ScriptFlow, ScriptId, TaskDraft,
};
use rstest::rstest;
use serde_json::{Value, json};
use store::{
    Error, Kind, Limited, Result,
    audit::{self, Subject},
    edits, prompts, scripts, tasks,
};

use crate::support::{ALL, Database, OwnDatabase, World, anything, group_draft, name, task_draft};

fn draft(steps: Value) -> ScriptDraft {
    let flow = ScriptFlow::new(serde_json::from_value(steps).unwrap(), OnMachine::default()).unwrap();
    ScriptDraft { name: name("script"), remark: None, flow }
}

fn hang_up() -> ScriptDraft {
    draft(json!([{"label": null, "visits": 1, "action": "hang_up"}]))
}

fn playing(prompt: PromptId) -> ScriptDraft {
    draft(json!([
        {"label": null, "visits": 1, "action": "play", "prompt": prompt, "interruptible": true, "next": null},
        {"label": null, "visits": 1, "action": "hang_up"},
    ]))
}

async fn create(world: &World, owner: AccountId, id: Option<i64>, draft: &ScriptDraft) -> Result<ScriptId> {
    let id = id.map(ScriptId::new);
    let written = (draft, &BotSecrets::new());
    let made =
        world.write(async |tx| edits::scripts::create(tx, owner, id, written, &world.change).await).await?;
    Ok(made.id)
}

async fn delete(world: &World, owner: AccountId, id: ScriptId) -> Result<()> {
    world
        .write(async |tx| {
            let script = scripts::lock_to_delete(tx, owner, id).await?;
            scripts::delete(tx, &script, &world.change).await
        })
        .await
}

fn audio(seconds: i64) -> PromptAudio {
    PromptAudio { wav: vec![1, 2, 3], samples: seconds * 8_000, sha256: [7; 32], is_silent: false }
}

async fn add_prompt(world: &World, owner: AccountId, seconds: i64) -> Result<PromptId> {
    let (id, name) = (PromptId::new(anything()), name("prompt"));
    let audio = audio(seconds);
    let made =
        world.write(async |tx| prompts::create(tx, owner, id, &name, &audio, &world.change).await).await?;
    Ok(made.id)
}

async fn delete_prompt(world: &World, owner: AccountId, id: PromptId) -> Result<()> {
    world
        .write(async |tx| {
            let prompt = prompts::lock_to_delete(tx, owner, id).await?;
            prompts::delete(tx, &prompt, &world.change).await
        })
        .await
}

async fn naming(world: &World, owner: AccountId, id: i64) -> TaskDraft {
    let group = world.create_group(owner, &group_draft("group")).await.unwrap();
    let mut draft = task_draft(group.id);
    draft.settings.dialing.script.destination_extension = id;
    draft
}

#[rstest]
#[tokio::test]
async fn secrets_are_stored_and_never_in_the_audit(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let url = BotUrl::parse("wss://bot.example.com/").unwrap();
    let bots = json!([{"url": url, "weight": 1, "capacity": null}]);
    let draft = draft(json!([{"label": null, "visits": 1, "action": "bot", "bots": bots, "variables": {},
                              "connect": "ringing", "next": null}]));
    let secrets: BotSecrets = [(url, BotSecret::parse("s3cret").unwrap())].into();
    let written = (&draft, &secrets);
    let made = world
        .write(async |tx| edits::scripts::create(tx, world.account, None, written, &world.change).await)
        .await
        .unwrap();
    let found = scripts::get(&mut world.read().await, world.account, made.id).await.unwrap();
    assert!(found.secrets == secrets && found.draft == draft);
    delete(&world, world.account, made.id).await.unwrap();
    let id = made.id.to_string();
    let history = audit::history(&mut world.read().await, world.account, Subject::Script, &id).await.unwrap();
    let before: Vec<&str> = history.iter().filter_map(|row| row.before.as_deref()).collect();
    assert!(
        before.len() == 1 && before[0].contains("bot.example.com") && !before[0].contains("s3cret"),
        "{before:?}"
    );
}

#[rstest]
#[tokio::test]
async fn the_prompts_of_an_account_have_bounds(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let most = domain::MAXIMUM_PROMPT_SECONDS;
    let id = add_prompt(&world, world.account, most - 1).await.unwrap();
    add_prompt(&world, world.account, 1).await.unwrap();
    assert_refused!(
        add_prompt(&world, world.account, 1).await.map(drop),
        Error::Limit { of: Limited::PromptSeconds, .. }
    );
    let replace = async |seconds: i64| {
        let audio = audio(seconds);
        world
            .write(async |tx| {
                let locked = prompts::lock(tx, world.account, id).await?;
                prompts::replace(tx, &locked, &audio, &world.change).await
            })
            .await
    };
    assert_refused!(replace(most).await.map(drop), Error::Limit { of: Limited::PromptSeconds, .. });
    assert_eq!(replace(most - 2).await.unwrap().version, 2);
    add_prompt(&world, world.stranger, most).await.unwrap();
    let list = prompts::list(&mut world.read().await, world.account, ALL).await.unwrap();
    assert_eq!((list.total, list.items.len()), (2, 2));
    assert_refused!(
        prompts::audio(&mut world.read().await, world.stranger, id).await.map(drop),
        Error::NotFound(Kind::Prompt)
    );
}

/// Two ways each hundreds of times: whoever comes first, nothing names what is gone.
#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn saving_a_script_races_with_deleting_the_prompt_that_it_plays(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = Arc::new(World::new(database).await);
    let sub_user = world.create_sub_user().await;
    for round in 0..150 {
        let prompt = add_prompt(&world, world.account, 1).await.unwrap();
        let saving = tokio::spawn({
            let world = world.clone();
            async move { create(&world, sub_user, None, &playing(prompt)).await }
        });
        let deleting = tokio::spawn({
            let world = world.clone();
            async move { delete_prompt(&world, world.account, prompt).await }
        });
        let (saved, deleted) = (saving.await.unwrap(), deleting.await.unwrap());
        match (&saved, &deleted) {
            (Ok(script), Err(Error::InUse(Kind::Prompt))) => delete(&world, sub_user, *script).await.unwrap(),
            (Err(Error::UnknownAt { kind: Kind::Prompt, fields }), Ok(())) => {
                assert_eq!(fields, &["steps[0].prompt"]);
            }
            other => panic!("round {round}: {other:?}"),
        }
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn saving_a_task_races_with_deleting_and_making_the_script_that_it_names(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = Arc::new(World::new(database).await);
    let draft = naming(&world, world.account, 0).await;
    for round in 0..150 {
        let id = 10_000 + round;
        let mut draft = draft.clone();
        draft.settings.dialing.script.destination_extension = id;
        let exists = round % 2 == 0;
        if exists {
            create(&world, world.account, Some(id), &hang_up()).await.unwrap();
        }
        let saving = tokio::spawn({
            let world = world.clone();
            async move { world.create_task(world.account, Generation::V2, draft).await.unwrap().task.id }
        });
        let other = tokio::spawn({
            let world = world.clone();
            async move {
                if exists {
                    delete(&world, world.account, ScriptId::new(id)).await.is_ok()
                } else {
                    create(&world, world.account, Some(id), &hang_up()).await.is_ok()
                }
            }
        });
        let (task, done) = (saving.await.unwrap(), other.await.unwrap());
        let there = scripts::get(&mut world.read().await, world.account, ScriptId::new(id)).await.is_ok();
        assert_eq!(there, done != exists, "round {round}");
        let names = tasks::names_of(&mut world.read().await, &[(world.account, task)]).await.unwrap();
        let names = names[&task].clone();
        assert_eq!(
            (names.script.is_some(), names.unknown_scripts.is_empty()),
            (there, there),
            "round {round}"
        );
        if there {
            assert_refused!(
                delete(&world, world.account, ScriptId::new(id)).await,
                Error::InUse(Kind::Script)
            );
        }
    }
}

/// The migration that wrote down what tasks name.
const NAMES: i64 = 16;

#[rstest]
#[tokio::test]
async fn tasks_of_before_hold_what_is_made_under_the_ids_that_they_named(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let database = OwnDatabase::empty(database);
    database.migrate_before(NAMES).await;
    let [partner, user, sub_user, task, broken] = std::array::from_fn(|_| database.literal(anything()));
    let account = |id: &str, parent: &str, number: u8| {
        format!(
            "({id}, {partner}, {parent}, 'a', 'a{number}@example.com', '1380000000{number}', 'hash', '{{}}', 0, 0)"
        )
    };
    let settings = json!({
        "destination_extension": 297, "auto_recycle_rule_id": 94, "bridge_group_id": 3,
        "destination_extension_list": [{"destination_extension": "5"}, {"destination_extension": 297}],
        "group_switch_rule": [{"group_id": 9, "default_group_id": 10}],
        "destination_extension_with_variable_list": null,
    });
    let statements = format!(
        "INSERT INTO partners (id, name, created_at) VALUES ({partner}, 'partner', 0);
         INSERT INTO accounts (id, partner_id, parent_id, name, email, phone, password_hash, profile, created_at, updated_at)
             VALUES {}, {};
         INSERT INTO dial_time_groups (account_id, id, name, content, is_default, skip_holiday, timezone, version,
             created_at, updated_at) VALUES ({sub_user}, 1, 'group', '[]', false, false, 'Asia/Shanghai', 1, 0, 0);
         INSERT INTO tasks (id, account_id, generation, name, enabled, dial_time_id, closures, settings, created_at, resume)
             VALUES ({task}, {sub_user}, 1, 'task', false, 1, '[]', '{settings}', 0, 'auto'),
                    ({broken}, {sub_user}, 1, 'task', false, 1, '[]', '{{no json', 0, 'auto');",
        account(&user, "NULL", 1),
        account(&sub_user, &user, 2),
    );
    database.execute(&statements).await;
    database.connect().await.migrate().await.unwrap();
    let named = "SELECT script_id || ' ' || CASE WHEN main THEN 'main' ELSE '' END FROM task_scripts WHERE owner_id IS NULL";
    assert_eq!(database.texts(named).await, ["10 ", "297 main", "5 ", "9 "]);
    let reserved = "SELECT 'script ' || id FROM reserved_script_ids UNION ALL SELECT 'rule ' || id FROM reserved_redial_rule_ids";
    assert_eq!(
        database.texts(reserved).await,
        ["rule 94", "script 10", "script 297", "script 5", "script 9"]
    );
    let of_user =
        format!("SELECT count(*) || '' FROM task_scripts WHERE user_id = {user} AND account_id = {sub_user}");
    assert_eq!(database.texts(&of_user).await, ["4"]);
}
