//! Webhooks: who may send to one, what is due, in which order, and when it is given up.

use domain::{
    AccountId, DeliveryAttempt, EventKind, HttpUrl, MAXIMUM_PENDING_TESTS, TaskId, WebhookDraft,
    WebhookFormat, WebhookId, WebhookSecret,
};
use jiff::{SignedDuration, Timestamp};
use rstest::rstest;
use store::{
    Error, Kind, Limited, Tx, removals, transitions,
    webhooks::{self, Claim, Due, Lease, LockedWebhook, WaitingLimits},
};

use crate::support::{ALL, Database, World, anything, at, change_at, rename};

const LEASE: SignedDuration = SignedDuration::from_secs(25);

fn draft(kinds: &[EventKind]) -> WebhookDraft {
    WebhookDraft {
        url: HttpUrl::parse("https://example.com/hook").unwrap(),
        format: WebhookFormat::Standard,
        kinds: kinds.to_vec(),
        enabled: true,
        batch: 1,
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
    let waiting = webhooks::waiting(&mut world.read().await, now, limits(10, 10)).await.unwrap();
    let ids: Vec<WebhookId> = waiting.iter().map(|waiting| waiting.id).collect();
    world.write(async |tx| webhooks::claim(tx, anything(), lease(now), &ids).await).await.unwrap()
}

async fn take(world: &World, claim: Claim, now: Timestamp) -> Option<Vec<Due>> {
    let taken = world.write(async |tx| webhooks::take_due(tx, claim, lease(now), 8).await).await.unwrap();
    taken.map(|(_, due)| due)
}

fn lease(now: Timestamp) -> Lease {
    Lease { now, length: LEASE }
}

fn limits(per_partner: u32, total: u32) -> WaitingLimits {
    WaitingLimits { per_partner, total }
}

fn answered(status: u16) -> DeliveryAttempt {
    DeliveryAttempt { status: Some(status), answer: "said\0so".to_owned() }
}

/// Saves how an attempt ended; what failed is tried again in an hour.
async fn save(world: &World, claim: Claim, due: &Due, attempt: DeliveryAttempt, now: Timestamp) -> bool {
    save_and_wait(world, (claim, due), attempt, SignedDuration::from_hours(1), now).await
}

/// Saves how an attempt ended; what failed is tried again after so long.
async fn save_and_wait(
    world: &World,
    (claim, due): (Claim, &Due),
    attempt: DeliveryAttempt,
    wait: SignedDuration,
    now: Timestamp,
) -> bool {
    let then = attempt.then(due.is_test(), due.since, wait, now);
    let save = async |tx: &mut Tx| webhooks::save_attempt(tx, claim.id, due, &attempt, then, now).await;
    world.write(save).await.unwrap()
}

/// Does something to a locked webhook of an account.
async fn edit<T>(
    world: &World,
    (account, id): (AccountId, WebhookId),
    work: impl AsyncFnOnce(&mut Tx, &LockedWebhook) -> store::Result<T>,
) -> store::Result<T> {
    let mut tx = world.store.begin().await?;
    let webhook = webhooks::lock(&mut tx, account, id).await?;
    let value = work(&mut tx, &webhook).await?;
    tx.commit().await?;
    Ok(value)
}

fn numbers(due: &[Due]) -> Vec<i64> {
    due.iter().flat_map(|due| &due.events).map(|event| event.logged.number).collect()
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
    save(&world, claim, &due[0], answered(500), at(1)).await;
    save(&world, claim, &due[1], answered(204), at(1)).await;
    let due = take(&world, claim, at(2)).await.unwrap();
    assert_eq!(numbers(&due), [4], "the first task's failed, and those after it wait");
    save(&world, claim, &due[0], answered(200), at(2)).await;
    let hour_later = at(3_600 + 1);
    let due = take(&world, claim, hour_later).await.unwrap();
    assert_eq!((numbers(&due), due[0].attempts), (vec![1, 6], 1));
    let shown = webhooks::list_deliveries(&mut world.read().await, claim.id, ALL).await.unwrap().items;
    let first = shown.last().unwrap();
    assert_eq!((first.status, first.answer.as_deref(), first.attempts), (Some(500), Some("saidso"), 1));
}

/// A group that opens with its tasks is one row of the log, and more events than are looked at, at once.
#[rstest]
#[tokio::test]
async fn a_webhook_goes_on_within_a_transition(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    create(&world, &[]).await;
    let group = world.group("group").await;
    world.add_enabled_tasks(group, 120).await;
    let opening = at(5 * 86_400);
    world.write(async |tx| transitions::step(tx, opening).await).await.unwrap();
    let [claim] = claim(&world, opening).await.try_into().unwrap();
    let mut sent = Vec::new();
    loop {
        let due = take(&world, claim, opening).await.unwrap();
        if sent.is_empty() {
            assert_eq!(world.database.texts("SELECT '' || cursor FROM webhooks").await, ["100"]);
        }
        if due.is_empty() {
            break;
        }
        for due in &due {
            save(&world, claim, due, answered(204), opening).await;
        }
        sent.extend(due.into_iter().flat_map(|due| due.events).map(|event| event.logged));
    }
    assert_eq!(sent.iter().map(|logged| logged.number).collect::<Vec<_>>(), (1..=121).collect::<Vec<_>>());
    assert!(sent[1..].iter().all(|logged| logged.event.kind == EventKind::TaskRunning));
    assert!(sent.is_sorted_by_key(|logged| logged.event.task));
}

#[rstest]
#[tokio::test]
async fn only_who_has_the_claim_sends_and_it_ends_by_itself(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    create(&world, &[EventKind::TaskCreated]).await;
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
        save(&world, second, due, answered(200), at(46)).await;
    }
    world.write(async |tx| webhooks::let_go(tx, second, Some(false), at(46)).await).await.unwrap();
    assert!(claim(&world, at(60)).await.is_empty(), "all is sent");
}

/// The tests that wait, each taken.
async fn take_tests(world: &World, now: Timestamp) -> Vec<Due> {
    let waiting = webhooks::waiting_tests(&mut world.read().await, now, limits(200, 200)).await.unwrap();
    let mut taken = Vec::new();
    for waiting in waiting {
        let test =
            world.write(async |tx| webhooks::take_test(tx, waiting.id, lease(now)).await).await.unwrap();
        taken.extend(test.map(|(_, due)| due));
    }
    taken
}

#[rstest]
#[tokio::test]
async fn a_test_overtakes_and_is_sent_while_its_webhook_is_claimed_or_disabled(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let id = create(&world, &[]).await;
    busy_tasks(&world).await;
    let [claim] = claim(&world, at(1)).await.try_into().unwrap();
    for due in take(&world, claim, at(1)).await.unwrap() {
        save(&world, claim, &due, answered(500), at(1)).await;
    }
    let add = async |now| {
        edit(&world, (world.account, id), async |tx, webhook| webhooks::add_test(tx, webhook, now).await)
            .await
    };
    add(at(2)).await.unwrap();
    let [test] = take_tests(&world, at(2)).await.try_into().unwrap();
    assert!(test.is_test());
    assert!(take_tests(&world, at(3)).await.is_empty(), "it is taken");
    assert!(take(&world, claim, at(3)).await.unwrap().is_empty(), "the claim has nothing of it");
    assert_eq!(take_tests(&world, at(30)).await.len(), 1, "whoever took it may have died");
    save(&world, claim, &test, answered(204), at(30)).await;
    assert!(take_tests(&world, at(7_200)).await.is_empty(), "it is done");

    let disabled = WebhookDraft { enabled: false, ..draft(&[]) };
    edit(&world, (world.account, id), async |tx, webhook| {
        webhooks::update(tx, webhook, &disabled, &world.change).await
    })
    .await
    .unwrap();
    for _ in 0..MAXIMUM_PENDING_TESTS {
        add(at(40)).await.unwrap();
    }
    assert_refused!(add(at(40)).await, Error::Limit { of: Limited::PendingTests, .. });
    let tests = take_tests(&world, at(40)).await;
    assert_eq!(tests.len(), MAXIMUM_PENDING_TESTS);
    // A test that fails for two days is not tried any more, and disables nothing.
    let end = at(40) + SignedDuration::from_hours(48);
    assert!(!save(&world, claim, &tests[0], answered(500), end).await);
    let ids: Vec<i64> =
        take_tests(&world, at(4 * 86_400)).await.into_iter().flat_map(|due| due.deliveries).collect();
    assert!(!ids.contains(&tests[0].deliveries[0]) && ids.len() == MAXIMUM_PENDING_TESTS - 1, "{ids:?}");
}

#[rstest]
#[tokio::test]
async fn what_failed_is_sent_again_when_someone_says_so_and_keeps_its_order(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let id = create(&world, &[]).await;
    busy_tasks(&world).await;
    let [first] = claim(&world, at(1)).await.try_into().unwrap();
    let due = take(&world, first, at(1)).await.unwrap();
    save(&world, first, &due[0], answered(500), at(1)).await;
    save(&world, first, &due[1], answered(204), at(1)).await;
    world.write(async |tx| webhooks::let_go(tx, first, Some(false), at(1)).await).await.unwrap();
    let shown = webhooks::list_deliveries(&mut world.read().await, id, ALL).await.unwrap().items;
    let find = |number| shown.iter().find(|delivery| delivery.number == Some(number)).unwrap().id;
    let again = async |account, delivery| {
        edit(&world, (account, id), async |tx, webhook| {
            webhooks::send_again(tx, webhook, delivery, at(10)).await
        })
        .await
    };
    // The sixth event is of the first task too, whose first delivery failed and is to be tried in an hour.
    let sent = again(world.account, find(5)).await.unwrap();
    assert_eq!((sent.number, sent.next_attempt_at, sent.attempts), (Some(5), Some(at(10)), 0));
    let [second] = claim(&world, at(10)).await.try_into().unwrap();
    let due = take(&world, second, at(10)).await.unwrap();
    assert_eq!(numbers(&due), [1, 4], "those before it go first, and the other task's go on");
    // One that was delivered is sent once more.
    assert!(!again(world.account, find(2)).await.unwrap().delivered);
    let under_way = take(&world, second, at(10)).await.unwrap();
    assert_eq!(numbers(&under_way), [1, 2]);
    // What someone has sent again while it is under way is sent once more, however that ends.
    edit(&world, (world.account, id), async |tx, webhook| {
        webhooks::send_again(tx, webhook, find(2), at(11)).await
    })
    .await
    .unwrap();
    save(&world, second, &under_way[1], answered(204), at(11)).await;
    assert_eq!(numbers(&take(&world, second, at(11)).await.unwrap()), [1, 2]);
    for due in take(&world, second, at(11)).await.unwrap() {
        save(&world, second, &due, answered(500), at(11)).await;
    }
    assert_eq!(numbers(&take(&world, second, at(11)).await.unwrap()), [0; 0]);
    let all = async |account| {
        edit(&world, (account, id), async |tx, webhook| webhooks::send_all_again(tx, webhook, at(12)).await)
            .await
    };
    assert_eq!(all(world.account).await.unwrap(), 8);
    assert_eq!(numbers(&take(&world, second, at(12)).await.unwrap()), [1, 2]);
}

#[rstest]
#[tokio::test]
async fn what_cannot_be_sent_again_is_refused(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let id = create(&world, &[]).await;
    busy_tasks(&world).await;
    let [claim] = claim(&world, at(1)).await.try_into().unwrap();
    take(&world, claim, at(1)).await.unwrap();
    let shown = webhooks::list_deliveries(&mut world.read().await, id, ALL).await.unwrap().items;
    let find = |number| shown.iter().find(|delivery| delivery.number == Some(number)).unwrap().id;
    let again = async |account, delivery| {
        edit(&world, (account, id), async |tx, webhook| {
            webhooks::send_again(tx, webhook, delivery, at(10)).await
        })
        .await
    };
    let all = async |account| {
        edit(&world, (account, id), async |tx, webhook| webhooks::send_all_again(tx, webhook, at(12)).await)
            .await
    };
    assert_refused!(again(world.stranger, find(1)).await, Error::NotFound(_));
    assert_refused!(all(world.stranger).await, Error::NotFound(_));
    assert_refused!(again(world.account, 1_000_000).await, Error::NotFound(_));
    world.database.execute("DELETE FROM events WHERE number = 1").await;
    assert_refused!(again(world.account, find(1)).await, Error::Expired(Kind::Event));
    let disabled = WebhookDraft { enabled: false, ..draft(&[]) };
    edit(&world, (world.account, id), async |tx, webhook| {
        webhooks::update(tx, webhook, &disabled, &world.change).await
    })
    .await
    .unwrap();
    assert_refused!(again(world.account, find(2)).await, Error::Disabled(Kind::Webhook));
    assert_refused!(all(world.account).await, Error::Disabled(Kind::Webhook));
}

#[rstest]
#[tokio::test]
async fn those_that_wait_are_named_by_partners_in_turns_and_those_that_fail_come_last(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let mut hooks = Vec::new();
    for _ in 0..4 {
        hooks.push(create(&world, &[EventKind::TaskCreated]).await);
    }
    busy_tasks(&world).await;
    let waiting = async |limits: WaitingLimits| {
        let waiting = webhooks::waiting(&mut world.read().await, at(10), limits).await.unwrap();
        waiting.iter().map(|waiting| (waiting.id, waiting.failing)).collect::<Vec<_>>()
    };
    assert_eq!(waiting(limits(3, 10)).await.len(), 3);
    assert_eq!(waiting(limits(10, 2)).await.len(), 2);
    for claim in claim(&world, at(1)).await {
        for due in take(&world, claim, at(1)).await.unwrap() {
            let second = SignedDuration::from_secs(1);
            save_and_wait(&world, (claim, &due), answered(500), second, at(1)).await;
        }
        let (failed, served_at) = if claim.id == hooks[0] {
            (Some(true), at(1))
        } else if claim.id == hooks[1] {
            (Some(false), at(3))
        } else {
            (None, at(2))
        };
        world.write(async |tx| webhooks::let_go(tx, claim, failed, served_at).await).await.unwrap();
    }
    let mut unknown = [hooks[2], hooks[3]];
    unknown.sort();
    let expected = [(unknown[0], false), (unknown[1], false), (hooks[1], false), (hooks[0], true)];
    assert_eq!(waiting(limits(10, 10)).await, expected);
}

#[rstest]
#[tokio::test]
async fn old_deliveries_are_forgotten_some_at_a_time_and_pending_ones_never(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    create(&world, &[EventKind::TaskCreated]).await;
    let group = world.group("group").await;
    for _ in 0..5 {
        world.task(group).await;
    }
    let [claim] = claim(&world, at(1)).await.try_into().unwrap();
    let due = take(&world, claim, at(1)).await.unwrap();
    for due in &due[..4] {
        save(&world, claim, due, answered(200), at(1)).await;
    }
    let forget =
        async |limit| world.write(async |tx| webhooks::delete_before(tx, at(2), limit).await).await.unwrap();
    assert_eq!([forget(3).await, forget(3).await, forget(3).await], [3, 1, 0]);
    assert_eq!(webhooks::list_deliveries(&mut world.read().await, claim.id, ALL).await.unwrap().total, 1);
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
        assert!(!save(&world, claim_at_first, &due[1], answered(500), now).await || now >= end);
        let gave_up = save(&world, claim_at_first, &due[0], answered(500), now).await;
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
    edit(&world, (world.account, id), async |tx, webhook| {
        webhooks::update(tx, webhook, &draft(&[]), &change).await
    })
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
    let pending = webhooks::list_deliveries(&mut world.read().await, id, ALL).await.unwrap().total;
    assert!((500..600).contains(&pending), "{pending}");
    world.write(async |tx| webhooks::let_go(tx, claim, None, at(1)).await).await.unwrap();
}

#[rstest]
#[tokio::test]
async fn webhooks_belong_to_their_account(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let id = create(&world, &[]).await;
    let (stranger, change) = (world.stranger, world.change);
    assert_refused!(webhooks::get(&mut world.read().await, stranger, id).await, Error::NotFound(_));
    assert!(webhooks::list(&mut world.read().await, stranger).await.unwrap().is_empty());
    assert_refused!(
        edit(&world, (stranger, id), async |tx, webhook| webhooks::update(tx, webhook, &draft(&[]), &change)
            .await)
        .await,
        Error::NotFound(_)
    );
    assert_refused!(
        edit(&world, (stranger, id), async |tx, webhook| webhooks::rotate_secret(
            tx,
            webhook,
            &WebhookSecret([2; 32]),
            &change
        )
        .await)
        .await,
        Error::NotFound(_)
    );
    assert_refused!(
        edit(&world, (stranger, id), async |tx, webhook| webhooks::delete(tx, webhook, &change).await).await,
        Error::NotFound(_)
    );
    assert_refused!(
        edit(&world, (stranger, id), async |tx, webhook| webhooks::add_test(tx, webhook, at(0)).await).await,
        Error::NotFound(_)
    );
    edit(&world, (world.account, id), async |tx, webhook| webhooks::add_test(tx, webhook, at(0)).await)
        .await
        .unwrap();
    edit(&world, (world.account, id), async |tx, webhook| webhooks::delete(tx, webhook, &change).await)
        .await
        .unwrap();
    assert_refused!(webhooks::get(&mut world.read().await, world.account, id).await, Error::NotFound(_));
    while world.write(async |tx| removals::remove_some(tx, 10).await).await.unwrap() {}
    let left = webhooks::list_deliveries(&mut world.read().await, id, ALL).await.unwrap();
    assert_eq!(left.total, 0);
}

/// Takes what is due, and says of each request which events it has.
async fn lists(world: &World, claim: Claim, now: Timestamp) -> Vec<(Due, Vec<i64>)> {
    let due = take(world, claim, now).await.unwrap();
    due.into_iter().map(|due| (due.clone(), numbers(&[due]))).collect()
}

#[rstest]
#[tokio::test]
async fn a_list_is_sent_again_as_a_whole_and_nothing_overtakes_it(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database).await;
    let secret = WebhookSecret([1; 32]);
    let id = WebhookId::new(anything());
    let wanted = WebhookDraft { batch: 3, ..draft(&[]) };
    let make =
        async |tx: &mut Tx| webhooks::create(tx, world.account, id, &wanted, &secret, &world.change).await;
    world.write(make).await.unwrap();
    // Of each task that it is made, and then that it is started, stopped and started.
    busy_tasks(&world).await;
    let [claimed] = claim(&world, at(1)).await.try_into().unwrap();
    let first = lists(&world, claimed, at(1)).await;
    let (one, of_one) = &first[0];
    assert_eq!((first.len(), of_one.len(), one.list), (1, 3, Some(1)), "the others wait for these");
    assert!(!save(&world, claimed, one, answered(500), at(2)).await);
    assert!(lists(&world, claimed, at(3)).await.is_empty(), "all that is left is about the same tasks");
    let later = at(2 + 3_600);
    let again = lists(&world, claimed, later).await;
    assert_eq!((&again[0].1, again[0].0.list, again[0].0.attempts), (of_one, Some(1), 1));
    assert!(!save(&world, claimed, &again[0].0, answered(200), later).await);
    let second = lists(&world, claimed, later).await;
    assert_eq!((second.len(), second[0].1.len(), second[0].0.list), (1, 3, Some(2)));
    assert!(second[0].1.is_sorted() && second[0].1[0] > of_one[2]);
    // Sent one by one from now on, also what was in a list.
    let single = WebhookDraft { batch: 1, ..wanted.clone() };
    edit(&world, (world.account, id), async |tx, webhook| {
        webhooks::update(tx, webhook, &single, &world.change).await
    })
    .await
    .unwrap();
    let due = lists(&world, claimed, later).await;
    assert!(due.iter().all(|(due, events)| due.list.is_none() && events.len() == 1));
    assert_eq!(due.len(), 2, "the first of each task");
    // What was delivered in a list is sent again by itself, or in another.
    let delivery = again[0].0.deliveries[0];
    edit(&world, (world.account, id), async |tx, webhook| {
        webhooks::send_again(tx, webhook, delivery, later).await
    })
    .await
    .unwrap();
    let due = lists(&world, claimed, later).await;
    assert!(due.iter().any(|(due, _)| due.deliveries == [delivery] && due.list.is_none()));
}
