//! Webhooks: what is sent, to whom, how often, and what is said of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use insta::assert_json_snapshot;
use rstest::rstest;
use serde_json::{Value, json};
use test_support::{Manner, Received, Receiver};

use crate::support::{Database, World, always, steady};

const TO_PRIVATE: &str = "--webhooks-to-private";

/// How long an attempt takes at most: who waits for one that hangs waits for so long.
const AN_ATTEMPT: Duration = Duration::from_secs(10);

fn create(world: &World, body: &Value) -> Value {
    world.client.post(&world.path("/webhook"), body).data().clone()
}

/// A webhook to a receiver; gives its path and its secret.
fn subscribe(world: &World, receiver: &Receiver) -> (String, String) {
    let made = create(world, &json!({"url": receiver.url}));
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    (world.path(&format!("/webhook/{}", text("id"))), text("secret"))
}

/// Something happens to two tasks; gives how many events there are of it all.
fn make_events(world: &World) -> usize {
    let group = world.open_group();
    for task in [world.task(group), world.task(group)] {
        for what in ["start", "stop", "start"] {
            world.client.get(&world.path(&format!("/task_{what}/{task}"))).data();
        }
    }
    let feed = world.client.get(&world.path("/events?limit=1000")).data().clone();
    feed["events"].as_array().unwrap().len()
}

/// The ids of the events that came, by task, in the order they came first.
fn by_task(received: &[Received]) -> BTreeMap<String, Vec<i64>> {
    let mut all: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for one in received {
        let (task, id) = (one.body["data"]["task_id"].to_string(), one.body["data"]["id"].as_i64().unwrap());
        let ids = all.entry(task).or_default();
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    all
}

/// Waits until every event has come.
fn wait_for_all(receiver: &Receiver, events: usize) -> Vec<Received> {
    let mut count = events;
    loop {
        let taken = receiver.wait_for(count);
        let ids: BTreeSet<&String> = taken.iter().map(|one| &one.id).collect();
        if ids.len() >= events {
            return taken;
        }
        count = taken.len() + 1;
    }
}

#[rstest]
fn whatever_a_receiver_does_it_gets_everything_in_order_once_it_recovers(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::with(database, &[TO_PRIVATE]);
    let manners = [
        Manner::Take,
        Manner::Answer(500),
        Manner::Answer(410),
        Manner::Redirect,
        Manner::Close,
        Manner::Hang,
        Manner::Slow,
    ];
    let receivers = manners.map(|manner| Receiver::start(manner, 4));
    let webhooks: Vec<(String, String)> =
        receivers.iter().map(|receiver| subscribe(&world, receiver)).collect();
    let events = make_events(&world);
    for ((receiver, manner), (path, secret)) in receivers.iter().zip(manners).zip(&webhooks) {
        let received = wait_for_all(receiver, events);
        for (task, ids) in by_task(&received) {
            assert!(ids.is_sorted(), "{manner:?} {task}: {ids:?}");
        }
        assert!(received.iter().all(|one| one.signed_by(secret) == [true]), "{manner:?}");
        assert_eq!(receiver.bad_left(), 0, "{manner:?}: it was not treated badly at all");
        let shown = world.client.get(path).data().clone();
        assert_eq!((&shown["enabled"], &shown["disabled_for_failing_at"]), (&json!(true), &Value::Null));
        assert_eq!(shown.get("secret"), None);
    }
}

#[rstest]
fn one_that_hangs_delays_no_other(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::with(database, &[TO_PRIVATE]);
    let (hangs, takes) = (Receiver::start(Manner::Hang, 1_000), Receiver::start(Manner::Take, 0));
    let _hanging = subscribe(&world, &hangs);
    let _taking = subscribe(&world, &takes);
    let events = make_events(&world);
    wait_for_all(&takes, events);
    assert!(hangs.taken().is_empty());
    hangs.recover();
    wait_for_all(&hangs, events);
}

#[rstest]
fn many_receivers_of_one_partner_that_hang_delay_no_other_partners(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::with(database, &[TO_PRIVATE]);
    let (hangs, takes) = (Receiver::start(Manner::Hang, 100_000), Receiver::start(Manner::Take, 0));
    // As many as one node works at, and some more.
    for _ in 0..11 {
        let user = crate::support::register(&world.client, "/users");
        let theirs = |rest: &str| format!("/agent-api/user/{user}{rest}");
        for _ in 0..20 {
            world.client.post(&theirs("/webhook"), &json!({"url": hangs.url})).data();
        }
        let body = json!({"name": "open", "content": always(), "is_default": false, "skip_holiday": false});
        world.client.post(&theirs("/dial-time-group"), &body).data();
    }
    let (other, user) = world.stranger();
    let theirs = |rest: &str| format!("/agent-api/user/{user}{rest}");
    other.post(&theirs("/webhook"), &json!({"url": takes.url})).data();
    // Until all that hang are being tried.
    while hangs.bad_left() == 100_000 {
        std::thread::sleep(Duration::from_millis(20));
    }
    let begun = Instant::now();
    let body = json!({"name": "open", "content": always(), "is_default": false, "skip_holiday": false});
    other.post(&theirs("/dial-time-group"), &body).data();
    assert_eq!(takes.wait_for(1)[0].body["type"], "group.opened");
    assert!(begun.elapsed() < AN_ATTEMPT, "it waited for one that hangs");
}

#[rstest]
fn a_test_overtakes_deliveries_that_hang_and_is_sent_while_the_webhook_is_disabled(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::with(database, &[TO_PRIVATE]);
    let receiver = Receiver::start(Manner::HangButForTests, 100_000);
    let (path, _) = subscribe(&world, &receiver);
    make_events(&world);
    while receiver.bad_left() == 100_000 {
        std::thread::sleep(Duration::from_millis(20));
    }
    let begun = Instant::now();
    world.client.post(&format!("{path}/test"), &json!({})).data();
    assert_eq!(receiver.wait_for(1)[0].body["type"], "webhook.test");
    assert!(begun.elapsed() < AN_ATTEMPT, "it waited for one that hangs");
    world.client.put(&path, &json!({"enabled": false})).data();
    world.client.post(&format!("{path}/test"), &json!({})).data();
    receiver.wait_for(2);
}

#[rstest]
fn what_failed_is_sent_again_when_someone_says_so(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::with(database, &[TO_PRIVATE]);
    let receiver = Receiver::start(Manner::Answer(503), 1);
    let (path, _) = subscribe(&world, &receiver);
    world.closed_group("group");
    let group = world.open_group();
    let failed = loop {
        let deliveries = world.client.get(&format!("{path}/delivery")).data().clone();
        if deliveries[0]["attempts"] == 1 {
            break deliveries[0].clone();
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    assert_eq!((&failed["state"], &failed["status"]), (&json!("pending"), &json!(503)));
    let one = format!("{path}/delivery/{}/send-again", failed["id"]);
    let again = world.client.post(&one, &json!({}));
    assert_eq!((again.message(), &again.data()["state"]), ("已重新投递", &json!("pending")));
    assert_eq!(receiver.wait_for(1)[0].body["data"]["group_id"], json!(group));
    // One that was delivered is sent once more, and with nothing pending there is nothing to send.
    world.client.post(&one, &json!({})).data();
    let twice = receiver.wait_for(2);
    assert_eq!(twice[0].id, twice[1].id);
    while world.client.get(&format!("{path}/delivery")).data()[0]["state"] != "delivered" {
        std::thread::sleep(Duration::from_millis(20));
    }
    let all = format!("{path}/send-again");
    assert_eq!(world.client.post(&all, &json!({})).data()["deliveries"], 0);
    world.client.put(&path, &json!({"enabled": false})).data();
    for path in [&one, &all] {
        assert_eq!(world.client.post(path, &json!({})).status, 409, "{path}");
    }
    world.client.put(&path, &json!({"enabled": true})).data();
    world.database.execute_now("DELETE FROM events");
    assert_eq!(world.client.post(&one, &json!({})).status, 409);
    assert_eq!(world.client.post(&format!("{path}/delivery/999999/send-again"), &json!({})).status, 404);
    assert_eq!(
        world.client.post(&format!("{path}/delivery/x/send-again"), &json!({})).faults(),
        [("delivery_id", "out_of_range")]
    );
}

#[test]
fn a_receiver_that_never_ends_its_answer_is_cut() {
    let world = World::with(Database::Sqlite, &[TO_PRIVATE]);
    let early_hints = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n";
    let manners = [
        (Manner::Endless("", early_hints, 0), None),
        (Manner::Endless("", early_hints, 200), None),
        (Manner::Endless("HTTP/1.1 200 OK\r\n", "name: value\r\n", 0), None),
        (Manner::Endless("HTTP/1.1 200 OK\r\n", "x", 200), None),
        (
            Manner::Endless("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n", "hello hello", 0),
            Some(200),
        ),
        (Manner::Endless("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", "x", 200), Some(200)),
    ];
    let receivers: Vec<Receiver> =
        manners.iter().map(|(manner, _)| Receiver::start(*manner, 100_000)).collect();
    let paths: Vec<String> = receivers.iter().map(|receiver| subscribe(&world, receiver).0).collect();
    let begun = Instant::now();
    for path in &paths {
        world.client.post(&format!("{path}/test"), &json!({})).data();
    }
    for ((receiver, path), (manner, status)) in receivers.iter().zip(&paths).zip(manners) {
        while receiver.cut() == 0 {
            std::thread::sleep(Duration::from_millis(20));
            assert!(begun.elapsed() < 3 * AN_ATTEMPT, "{manner:?} is not cut");
        }
        let delivery = loop {
            let delivery = world.client.get(&format!("{path}/delivery")).data()[0].clone();
            if delivery["attempts"] != 0 {
                break delivery;
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        assert_eq!(delivery["status"], json!(status), "{manner:?}: {delivery}");
    }
}

#[rstest]
fn deliveries_say_what_was_answered(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::with(database, &[TO_PRIVATE]);
    let receiver = Receiver::start(Manner::Answer(503), 1);
    let (path, _) = subscribe(&world, &receiver);
    let test = world.client.post(&format!("{path}/test"), &json!({})).data().clone();
    assert_eq!(
        (&test["type"], &test["state"], &test["event_id"]),
        (&json!("webhook.test"), &json!("pending"), &Value::Null)
    );
    let deliveries = || world.client.get(&format!("{path}/delivery")).data().as_array().unwrap().clone();
    let failed = loop {
        let delivery = deliveries()[0].clone();
        if delivery["attempts"] == 1 {
            break delivery;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    assert_eq!(
        (&failed["status"], &failed["answer"], &failed["state"]),
        (&json!(503), &json!("away"), &json!("pending"))
    );
    assert!(failed["next_attempt_at"].is_string());
    let received = receiver.wait_for(1);
    assert_eq!(received[0].body["type"], "webhook.test");
    let done = loop {
        let delivery = deliveries()[0].clone();
        if delivery["state"] == "delivered" {
            break delivery;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    assert_eq!(
        (&done["status"], &done["attempts"], &done["next_attempt_at"]),
        (&json!(204), &json!(2), &Value::Null)
    );
}

#[rstest]
fn addresses_that_are_not_public_are_refused_unless_allowed(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let receiver = Receiver::start(Manner::Take, 0);
    let port = receiver.url.rsplit(':').next().unwrap().to_owned();
    for url in [
        receiver.url.clone(),
        format!("http://localhost:{port}"),
        format!("http://[::ffff:127.0.0.1]:{port}"),
        format!("http://2130706433:{port}"),
        format!("http://0x7f.1:{port}"),
    ] {
        let made = create(&world, &json!({"url": url}));
        let path = world.path(&format!("/webhook/{}", made["id"].as_str().unwrap()));
        world.client.post(&format!("{path}/test"), &json!({})).data();
        let delivery = loop {
            let delivery = world.client.get(&format!("{path}/delivery")).data()[0].clone();
            if delivery["attempts"] != 0 {
                break delivery;
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        let answer = delivery["answer"].as_str().unwrap();
        assert!(answer.contains("not public") && delivery["status"].is_null(), "{url}: {delivery}");
    }
    assert!(receiver.taken().is_empty());
}

#[rstest]
fn webhooks_are_made_changed_and_deleted(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::with(database, &[TO_PRIVATE]);
    let receiver = Receiver::start(Manner::Take, 0);
    let made = create(
        &world,
        &json!({"url": receiver.url, "events": ["group.opened", "group.opened", "task.created"]}),
    );
    assert_eq!(made["events"], json!(["group.opened", "task.created"]));
    let (secret, id) = (made["secret"].as_str().unwrap(), made["id"].as_str().unwrap());
    let path = world.path(&format!("/webhook/{id}"));
    make_events(&world);
    let kinds = |received: &[Received]| -> BTreeSet<String> {
        received.iter().map(|one| one.body["type"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(kinds(&receiver.wait_for(3)), ["group.opened", "task.created"].map(str::to_owned).into());

    let rotated = world.client.post(&format!("{path}/rotate-secret"), &json!({})).data().clone();
    let new_secret = rotated["secret"].as_str().unwrap();
    world.client.post(&format!("{path}/test"), &json!({})).data();
    let test = receiver.wait_for(4).pop().unwrap();
    assert_eq!((test.signed_by(new_secret), test.signed_by(secret)), (vec![true, false], vec![false, true]));

    // What happens while it is disabled is sent when it is enabled again.
    let off = world.client.put(&path, &json!({"enabled": false, "events": ["group.closed"]})).data().clone();
    assert_eq!((&off["enabled"], &off["events"]), (&json!(false), &json!(["group.closed"])));
    let group = world.open_group();
    world
        .client
        .put(&world.path(&format!("/dial-time-group/{group}")), &json!({"name": "x", "content": []}))
        .data();
    assert_eq!(receiver.taken().len(), 4);
    world.client.put(&path, &json!({"enabled": true})).data();
    assert_eq!(receiver.wait_for(5)[4].body["type"], "group.closed");

    assert_eq!(world.client.get(&world.path("/webhook")).column("id"), [json!(id)]);
    world.client.delete(&path).data();
    for gone in [path.clone(), format!("{path}/delivery")] {
        assert_eq!(world.client.get(&gone).status, 404);
    }
    world
        .client
        .put(&world.path(&format!("/dial-time-group/{group}")), &json!({"name": "x", "content": always()}))
        .data();
    assert_eq!(receiver.taken().len(), 5);
}

#[rstest]
fn what_a_webhook_cannot_be_is_refused(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    for (body, fault) in [
        (json!({}), ("url", "required")),
        (json!({"url": "example.com"}), ("url", "url")),
        (json!({"url": "ftp://example.com"}), ("url", "url")),
        (json!({"url": "https://user:secret@example.com"}), ("url", "url")),
        (
            json!({"url": "https://example.com", "events": ["task.running", "task.flying"]}),
            ("events[1]", "one_of"),
        ),
    ] {
        assert_eq!(world.client.post(&world.path("/webhook"), &body).faults(), [fault], "{body}");
    }
    let wrong =
        world.client.post(&world.path("/webhook"), &json!({"url": "https://example.com", "format": "xml"}));
    assert_eq!(wrong.status, 422);
    for _ in 0..20 {
        create(&world, &json!({"url": "https://example.com/hook", "enabled": false}));
    }
    let more = world.client.post(&world.path("/webhook"), &json!({"url": "https://example.com"}));
    assert_eq!(more.faults(), [("webhooks", "too_many")]);
    assert_eq!(more.body["data"][0]["message"], "每个账户最多20个Webhook");
    // A sub-user's are its own.
    let body = json!({"url": "https://example.com", "sub_user_id": world.sub_user});
    assert_eq!(create(&world, &body)["format"], "standard");
}

#[rstest]
fn the_platforms_callback_tells_of_tasks_made_and_deleted(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::with(database, &[TO_PRIVATE]);
    let receiver = Receiver::start(Manner::Take, 0);
    create(&world, &json!({"url": receiver.url, "format": "platform"}));
    let group = world.group("group");
    let task = world.task(group);
    world.client.get(&world.path(&format!("/task_start/{task}"))).data();
    world.client.delete(&world.path(&format!("/task/{task}"))).data();
    let received = receiver.wait_for(2);
    assert_eq!(received[0].body["task_data"]["uuid"], json!(task));
    assert_eq!(
        (&received[1].body["type"], &received[1].body["task_data"]["uuid"]),
        (&json!(2), &json!(task))
    );
    // It was deleted while it was switched on.
    let (mut made, deleted) = (received[0].body["task_data"].clone(), &received[1].body["task_data"]);
    assert_eq!((&deleted["start"], &deleted["start_str"]), (&json!(1), &json!("启动")));
    (made["start"], made["start_str"]) = (json!(1), json!("启动"));
    assert_eq!(made, *deleted);
    assert_eq!(made["time_range"][0]["id"], group);
    assert_json_snapshot!("platform_callback", steady(&received[0].body));
}
