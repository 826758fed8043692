//! Webhooks: who may send to one, what is due, in which order, and when it is given up.

use domain::{EventKind, TaskId, WebhookDraft, WebhookFormat, WebhookId, WebhookSecret, WebhookUrl};
use jiff::{SignedDuration, Timestamp};
use rstest::rstest;
use store::{
    Error,
    webhooks::{self, Attempt, Claim, Due},
};

use crate::support::{ALL, Database, World, anything, at, change_at, rename};

const LEASE: SignedDuration = SignedDuration::from_secs(25);

fn draft(kinds: &[EventKind]) -> WebhookDraft {
    WebhookDraft {
        url: WebhookUrl::parse("https://example.com/hook").unwrap(),
        format: WebhookFormat::Standard,
        kinds: kinds.to_vec(),
        enabled: true,
    }
}

async fn create(world: &World, kinds: &[EventKind]) -> WebhookId {
    let id = WebhookId::new(anything());
    let (account, change) = (world.account, world.change);
    world
        .write(async |tx| {
            webhooks::create(tx, account, id, &draft(kinds), &WebhookSecret([1; 32]), &change).await
        })
        .await
        .unwrap();
    id
}

async fn claim(world: &World, now: Timestamp) -> Vec<Claim> {
    world.write(async |tx| webhooks::claim(tx, anything(), (now, LEASE), 10).await).await.unwrap()
}

async fn take(world: &World, claim: Claim, now: Timestamp) -> Option<Vec<Due>> {
    let taken = world.write(async |tx| webhooks::take_due(tx, claim, (now, LEASE)).await).await.unwrap();
    taken.map(|(_, due)| due)
}

fn answered(status: u16) -> Attempt {
    Attempt { status: Some(status), answer: "said\0so".to_owned(), wait: SignedDuration::from_hours(1) }
}

async fn keep(world: &World, claim: Claim, due: &Due, attempt: Attempt, now: Timestamp) -> bool {
    world.write(async |tx| webhooks::keep_attempt(tx, claim, due, &attempt, now).await).await.unwrap()
}

fn numbers(due: &[Due]) -> Vec<i64> {
    due.iter().map(|due| due.event.as_ref().unwrap().number).collect()
}

/// Two tasks that are started, stopped and started.
async fn busy_tasks(world: &World) -> [TaskId; 2] {
    let group = world.group("group").await;
    let tasks = [world.task(group).await, world.task(group).await];
    for enabled in [true, false, true] {
        for task in tasks {
            world.set_enabled(world.account, task, enabled).await.unwrap();
        }
    }
    tasks
}

#[rstest]
#[tokio::test]
async fn of_each_subject_the_first_that_is_pending_is_due(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    create(&world, &[]).await;
    // 1 and 2 are the tasks made; 3 and 4, 5 and 6, 7 and 8 one task each.
    busy_tasks(&world).await;
    let [claim] = claim(&world, at(1)).await.try_into().unwrap();
    let due = take(&world, claim, at(1)).await.unwrap();
    assert_eq!(numbers(&due), [1, 2]);
    keep(&world, claim, &due[0], answered(500), at(1)).await;
    keep(&world, claim, &due[1], answered(204), at(1)).await;
    let due = take(&world, claim, at(2)).await.unwrap();
    assert_eq!(numbers(&due), [4], "the first task's failed, and those after it wait");
    keep(&world, claim, &due[0], answered(200), at(2)).await;
    let hour_later = at(3_600 + 1);
    let due = take(&world, claim, hour_later).await.unwrap();
    assert_eq!((numbers(&due), due[0].attempts), (vec![1, 6], 1));
    let shown = webhooks::deliveries(&mut world.read().await, claim.id, ALL).await.unwrap().items;
    let first = shown.last().unwrap();
    assert_eq!((first.status, first.answer.as_deref(), first.attempts), (Some(500), Some("saidso"), 1));
}

#[rstest]
#[tokio::test]
async fn only_who_has_the_claim_sends_and_it_ends_by_itself(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let id = create(&world, &[EventKind::TaskCreated]).await;
    assert!(claim(&world, at(1)).await.is_empty(), "there is nothing to send");
    busy_tasks(&world).await;
    let [first] = claim(&world, at(1)).await.try_into().unwrap();
    assert!(claim(&world, at(20)).await.is_empty());
    assert_eq!(numbers(&take(&world, first, at(20)).await.unwrap()), [1, 2]);
    assert!(claim(&world, at(40)).await.is_empty(), "it was prolonged");
    let [second] = claim(&world, at(46)).await.try_into().unwrap();
    assert!(take(&world, first, at(46)).await.is_none(), "it is lost");
    let due = take(&world, second, at(46)).await.unwrap();
    assert_eq!(numbers(&due), [1, 2]);
    for due in &due {
        keep(&world, second, due, answered(200), at(46)).await;
    }
    world.write(async |tx| webhooks::let_go(tx, second).await).await.unwrap();
    assert!(claim(&world, at(60)).await.is_empty(), "all is sent");
    // A test is something to send.
    world.write(async |tx| webhooks::add_test(tx, world.account, id, at(60)).await).await.unwrap();
    assert_eq!(claim(&world, at(60)).await.len(), 1);
}

#[rstest]
#[tokio::test]
async fn a_webhook_that_fails_for_two_days_is_disabled_and_sends_all_when_it_is_enabled(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let id = create(&world, &[EventKind::TaskCreated]).await;
    busy_tasks(&world).await;
    let (mut now, end) = (at(0), at(48 * 3_600));
    let [claim_at_first] = claim(&world, now).await.try_into().unwrap();
    loop {
        let due = take(&world, claim_at_first, now).await.unwrap();
        assert_eq!(numbers(&due), [1, 2]);
        assert!(!keep(&world, claim_at_first, &due[1], answered(500), now).await || now >= end);
        let gave_up = keep(&world, claim_at_first, &due[0], answered(500), now).await;
        assert_eq!(gave_up, now >= end, "{now}");
        if gave_up {
            break;
        }
        now += SignedDuration::from_hours(1);
    }
    let webhook = webhooks::get(&mut world.read().await, world.account, id).await.unwrap();
    assert_eq!((webhook.draft.enabled, webhook.gave_up_at), (false, Some(end)));
    assert!(take(&world, claim_at_first, now).await.is_none());
    assert!(claim(&world, at(49 * 3_600)).await.is_empty());
    let change = change_at(50 * 3_600);
    world
        .write(async |tx| webhooks::update(tx, world.account, id, &draft(&[]), &change).await)
        .await
        .unwrap();
    let [again] = claim(&world, change.at).await.try_into().unwrap();
    assert_eq!(numbers(&take(&world, again, change.at).await.unwrap())[..2], [1, 2]);
    let webhook = webhooks::get(&mut world.read().await, world.account, id).await.unwrap();
    assert_eq!((webhook.draft.enabled, webhook.gave_up_at), (true, None));
}

#[rstest]
#[tokio::test]
async fn a_webhook_hears_of_what_comes_after_it_and_not_too_much_at_once(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let group = world.group("group").await;
    world.update_group(world.account, group, rename("before"), None).await.unwrap();
    let id = create(&world, &[]).await;
    for _ in 0..650 {
        world.update_group(world.account, group, rename("x"), None).await.unwrap();
    }
    let [claim] = claim(&world, at(1)).await.try_into().unwrap();
    for _ in 0..10 {
        assert_eq!(numbers(&take(&world, claim, at(1)).await.unwrap()), [2]);
    }
    let pending = webhooks::deliveries(&mut world.read().await, id, ALL).await.unwrap().total;
    assert!((500..600).contains(&pending), "{pending}");
    world.write(async |tx| webhooks::let_go(tx, claim).await).await.unwrap();
}

#[rstest]
#[tokio::test]
async fn webhooks_belong_to_their_account(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let id = create(&world, &[]).await;
    let (stranger, change) = (world.stranger, world.change);
    assert_refused!(webhooks::get(&mut world.read().await, stranger, id).await, Error::NotFound);
    assert!(webhooks::list(&mut world.read().await, stranger).await.unwrap().is_empty());
    assert_refused!(
        world.write(async |tx| webhooks::update(tx, stranger, id, &draft(&[]), &change).await).await,
        Error::NotFound
    );
    assert_refused!(
        world
            .write(
                async |tx| webhooks::rotate_secret(tx, stranger, id, &WebhookSecret([2; 32]), &change).await
            )
            .await,
        Error::NotFound
    );
    assert_refused!(
        world.write(async |tx| webhooks::delete(tx, stranger, id, &change).await).await,
        Error::NotFound
    );
    assert_refused!(
        world.write(async |tx| webhooks::add_test(tx, stranger, id, at(0)).await).await,
        Error::NotFound
    );
    world.write(async |tx| webhooks::add_test(tx, world.account, id, at(0)).await).await.unwrap();
    world.write(async |tx| webhooks::delete(tx, world.account, id, &change).await).await.unwrap();
    assert_refused!(webhooks::get(&mut world.read().await, world.account, id).await, Error::NotFound);
    let left = webhooks::deliveries(&mut world.read().await, id, ALL).await.unwrap();
    assert_eq!(left.total, 0);
}
