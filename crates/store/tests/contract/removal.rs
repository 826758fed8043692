//! Accounts and partners that go, with all that is theirs and nothing else.

use domain::{
    AccountHold, AccountId, AccountKind, BotSecrets, CalendarSubscriptionId, EventKind, HttpUrl, LineId,
    NumberDisplay, OnMachine, PartnerId, PromptAudio, PromptId, RedialRule, RedialRuleDraft, ScriptDraft,
    ScriptFlow, SubscriptionKeyHash, TaskDraft, TaskId, Token, TokenHash, TokenId, TokenScope, WebhookDraft,
    WebhookFormat, WebhookId, WebhookSecret,
};
use rstest::rstest;
use store::{
    Error, Kind, Unique, attempts, calendar_subscriptions, dialing_events,
    edits::{
        self,
        accounts::{Removed, Whom},
    },
    events, partners, prompts, removals,
    transitions::{self, Step},
    webhooks,
};
use test_support::answered_attempt;

use crate::{
    do_not_call, lines,
    support::{Database, World, anything, at, group_draft, name, new_account, task_draft},
};

async fn delete(world: &World, whom: Whom, with_everything: bool) -> store::Result<Removed> {
    world.write(async |tx| edits::accounts::delete(tx, whom, with_everything, &world.change).await).await
}

async fn create_token(world: &World, partner: PartnerId, user: Option<AccountId>, hash: u8) {
    let token = Token {
        id: TokenId::new(anything()),
        partner_id: partner,
        name: name("token"),
        created_at: at(1),
        expires_at: None,
        revoked_at: None,
        scope: TokenScope::Read,
        numbers: NumberDisplay::Masked,
        user,
        last_used_at: None,
    };
    world.write(async |tx| partners::create_token(tx, &token, &TokenHash([hash; 32])).await).await.unwrap();
}

/// Removes what is left of what was deleted; says in how many steps.
async fn remove_rows(world: &World, most: u32) -> usize {
    let mut steps = 0;
    while world.write(async |tx| removals::remove_some(tx, most).await).await.unwrap() {
        steps += 1;
    }
    assert!(!removals::is_any(&mut world.read().await).await.unwrap());
    steps
}

/// Gives an account one of everything.
async fn furnish(
    world: &World,
    (partner, line): (PartnerId, LineId),
    account: AccountId,
    user: AccountId,
    hash: u8,
) {
    let group = world.create_group(account, &group_draft("group")).await.unwrap();
    lines::allocate(world, partner, line, user, 3).await;
    let mut named = named_by_a_task(world, account, group.id).await;
    named.settings.dialing.lines.caller_line_id = Some(line.uuid());
    let task = world.create_task(account, domain::Generation::V1, named).await.unwrap();
    world.set_enabled(account, task.task.id, true).await.unwrap();
    create_token(world, partner, Some(user), hash).await;
    let (key, change) = (SubscriptionKeyHash([hash; 32]), world.change);
    let subscription = CalendarSubscriptionId::new(anything());
    world
        .write(async |tx| {
            calendar_subscriptions::create(tx, account, group.id, subscription, &key, &change).await
        })
        .await
        .unwrap();
    let draft = WebhookDraft {
        url: HttpUrl::parse("https://example.com/hook").unwrap(),
        format: WebhookFormat::default(),
        kinds: vec![],
        enabled: true,
        batch: 1,
    };
    let (id, secret) = (WebhookId::new(anything()), WebhookSecret([1; 32]));
    world.write(async |tx| webhooks::create(tx, account, id, &draft, &secret, &change).await).await.unwrap();
    do_not_call::add(world, account, &[8_613_800_000_000], None).await;
    let notice = format!(
        "INSERT INTO horizon_notices (account_id, calendar_id, known_until) \
         SELECT account_id, 'CN', '{hash}' FROM tasks WHERE NOT EXISTS \
             (SELECT 1 FROM horizon_notices h WHERE h.account_id = tasks.account_id)"
    );
    world.database.execute(&notice).await;
}

/// Gives an account a prompt, a script that plays it, and a redial rule; gives a task that names both.
async fn named_by_a_task(world: &World, account: AccountId, group: domain::DialTimeGroupId) -> TaskDraft {
    let change = world.change;
    let audio = PromptAudio { wav: vec![1], samples: 1, sha256: [1; 32], is_silent: false };
    let prompt = PromptId::new(anything());
    let steps = serde_json::json!([
        {"label": null, "visits": 1, "action": "play", "prompt": prompt, "interruptible": true, "next": null},
        {"label": null, "visits": 1, "action": "hang_up"},
    ]);
    let flow = ScriptFlow::new(serde_json::from_value(steps).unwrap(), OnMachine::default()).unwrap();
    let script = ScriptDraft { name: name("script"), remark: None, flow };
    let rule = RedialRule::new(&[4], 1, 1, None).unwrap();
    let rule = RedialRuleDraft { name: name("rule"), remark: None, rule };
    let mut task = task_draft(group);
    world
        .write(async |tx| {
            prompts::create(tx, account, prompt, &name("prompt"), &audio, &change).await?;
            let written = (&script, &BotSecrets::new());
            let script = edits::scripts::create(tx, account, None, written, &change).await?;
            let rule = edits::redial_rules::create(tx, account, None, &rule, &change).await?;
            task.settings.dialing.script.destination_extension = script.id.get();
            task.settings.dialing.redial.auto_recycle_rule_id = Some(rule.id.get());
            Ok(())
        })
        .await
        .unwrap();
    task
}

#[rstest]
#[tokio::test]
async fn nothing_is_left_of_what_is_deleted_but_the_audit(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let counts = async || {
        // What is to be looked at again of accounts that were made, the runner does.
        while world.write(async |tx| transitions::publish_stops(tx, at(1)).await).await.unwrap()
            != Step::Nothing
        {}
        remove_rows(&world, 100).await;
        let counts = world.database.row_counts().await;
        counts.into_iter().filter(|count| !count.starts_with("audit ")).collect::<Vec<_>>()
    };
    let without = counts().await;
    let partner = world.create_partner().await;
    let line = lines::create(&world, partner).await;
    let with_partner = counts().await;
    let user = world.create_account(&new_account(partner, AccountKind::User)).await.unwrap().id;
    let sub_user = world.create_account(&new_account(partner, AccountKind::SubUser(user))).await.unwrap().id;
    Box::pin(furnish(&world, (partner, line), user, user, 1)).await;
    Box::pin(furnish(&world, (partner, line), sub_user, user, 2)).await;
    let furnished = counts().await;
    for whom in [Whom::Account(partner, user), Whom::Account(partner, sub_user), Whom::Partner(partner)] {
        assert_refused!(delete(&world, whom, false).await, Error::InUse(_));
    }
    assert_refused!(delete(&world, Whom::Account(world.partner, user), true).await, Error::NotFound(_));
    assert_eq!(counts().await, furnished);
    let removed = delete(&world, Whom::Account(partner, user), true).await.unwrap();
    assert_eq!(removed, Removed { accounts: 2, groups: 2, tasks: 2 });
    assert_eq!(counts().await, with_partner);
    create_token(&world, partner, None, 3).await;
    assert_eq!(delete(&world, Whom::Partner(partner), false).await.unwrap(), Removed::default());
    assert_eq!(counts().await, without);
    assert_refused!(delete(&world, Whom::Partner(partner), false).await, Error::NotFound(_));
}

#[rstest]
#[tokio::test]
async fn a_disabled_account_is_not_edited_by_whoever_was_let_in_before(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let task = world.task(world.group("group").await).await;
    let switch = async |whom, disabled| {
        world
            .write(async |tx| edits::accounts::set_disabled(tx, whom, disabled, &world.change).await)
            .await
            .unwrap();
    };
    let sub_user = world.create_sub_user().await;
    let group = world.create_group(sub_user, &group_draft("of the sub-user")).await.unwrap().id;
    let of_sub_user =
        world.create_task(sub_user, domain::Generation::V1, task_draft(group)).await.unwrap().task.id;
    for whom in [Whom::Account(world.partner, world.account), Whom::Partner(world.partner)] {
        switch(whom, true).await;
        for (account, task) in [(world.account, task), (sub_user, of_sub_user)] {
            assert_eq!(world.get_task(account, task).await.unwrap().hold, Some(AccountHold::Disabled));
            assert_refused!(world.set_enabled(account, task, true).await, Error::Disabled(Kind::Account));
        }
        switch(whom, false).await;
        assert_eq!(world.get_task(sub_user, of_sub_user).await.unwrap().hold, None);
    }
    switch(Whom::Account(world.partner, sub_user), true).await;
    assert_refused!(world.set_enabled(sub_user, of_sub_user, true).await, Error::Disabled(Kind::Account));
    assert!(world.set_enabled(world.account, task, true).await.is_ok());
}

#[rstest]
#[tokio::test]
async fn of_partners_with_one_name_the_oldest_keeps_it(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let twin = world.create_partner().await;
    let third = world.create_partner().await;
    world.database.execute("DROP INDEX partners_by_name").await;
    world.database.execute(&format!("UPDATE partners SET name = '{}'", "长".repeat(64))).await;
    let migration = match database {
        Database::Sqlite => include_str!("../../migrations/sqlite/0010_identity.sql"),
        Database::Postgres => include_str!("../../migrations/postgres/0010_identity.sql"),
    };
    let start = migration.find("UPDATE partners").unwrap();
    let end = migration[start..].find("CREATE UNIQUE INDEX partners_by_name").unwrap();
    world.database.execute(&migration[start..start + end]).await;
    let listed = partners::list(&mut world.read().await).await.unwrap();
    let mut names: Vec<&str> = listed.iter().map(|partner| partner.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 3, "{names:?}");
    let oldest = listed.iter().min_by_key(|partner| (partner.created_at, partner.id)).unwrap();
    assert_eq!(oldest.name.as_str(), "长".repeat(64));
    let others = listed.iter().filter(|partner| partner.id != oldest.id);
    assert!(others.clone().all(|partner| partner.name.as_str().chars().count() == 64));
    assert!([twin, third].iter().all(|id| listed.iter().any(|partner| partner.id == *id)));
}

/// How many rows a table has.
async fn rows(world: &World, table: &str) -> usize {
    let texts = world.database.texts(&format!("SELECT CAST(count(*) AS TEXT) FROM {table}")).await;
    texts[0].parse().unwrap()
}

#[rstest]
#[tokio::test]
async fn what_is_left_of_an_account_goes_step_by_step_and_nobody_inherits_it(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let sub_user = new_account(world.partner, AccountKind::SubUser(world.account));
    let id = world.create_account(&sub_user).await.unwrap().id;
    let numbers: Vec<i64> = (1..=25).collect();
    do_not_call::add(&world, id, &numbers, None).await;
    do_not_call::add(&world, world.account, &numbers, None).await;
    let task = TaskId::new(anything());
    let ended: Vec<_> = (0..7).map(|hour| answered_attempt(id, task, at(3_600 * hour))).collect();
    world.write(async |tx| attempts::record(tx, &ended).await).await.unwrap();
    let whom = Whom::Account(world.partner, id);
    delete(&world, whom, true).await.unwrap();
    assert_eq!(rows(&world, "do_not_call").await, 50, "they go later");
    assert!(removals::is_any(&mut world.read().await).await.unwrap());
    let again = || world.create_account(&sub_user);
    assert_refused!(again().await, Error::Taken(Unique::AccountId));
    assert!(world.write(async |tx| removals::remove_some(tx, 10).await).await.unwrap());
    assert_eq!(rows(&world, "do_not_call").await, 40);
    assert_refused!(again().await, Error::Taken(Unique::AccountId));
    let steps = remove_rows(&world, 3).await;
    assert!(steps >= 5 + 1 + 3, "15 entries, 7 records by 3 in {steps}");
    assert_eq!(
        (rows(&world, "do_not_call").await, rows(&world, "attempts").await),
        (25, 0),
        "the user's stay"
    );
    again().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn an_account_that_is_gone_has_no_log_and_delays_no_other(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let task = world.task(world.group("group").await).await;
    let sub_user = world.create_sub_user().await;
    delete(&world, Whom::Account(world.partner, sub_user), true).await.unwrap();
    world
        .write(async |tx| {
            for account in [sub_user, world.account] {
                dialing_events::task_finished(tx, account, task, at(5));
            }
            Ok(())
        })
        .await
        .unwrap();
    let log = events::list(&mut world.read().await, world.account, 0, 1_000).await.unwrap();
    assert!(log.iter().any(|logged| logged.event.kind == EventKind::TaskFinished));
    remove_rows(&world, 100).await;
    let of_gone =
        world.database.texts("SELECT CAST(count(*) AS TEXT) FROM events WHERE kind = 'task.finished'").await;
    assert_eq!(of_gone, ["1"]);
}
