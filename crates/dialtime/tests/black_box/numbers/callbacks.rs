//! The platform's callbacks on numbers: what is sent, the file that it names, and what is told when it is asked for again.

use rstest::rstest;
use serde_json::{Value, json};
use test_support::{Manner, Received, Receiver};

use super::importing::many_rows;
use crate::{
    second_proof::{ask_meanwhile, lines},
    support::{Client, Database, Program, ProgramWorld, Server, World, dialtime, until},
};

const TO_PRIVATE: &str = "--webhooks-to-private";

fn receiver(world: &World) -> Receiver {
    let receiver = Receiver::start(Manner::Take, 0);
    let body =
        json!({"url": receiver.url, "format": "platform", "events": ["numbers.added", "numbers.deleted"]});
    world.client.post(&world.path("/webhook"), &body).data();
    receiver
}

/// The numbers of the file that a callback names, without a token.
fn file(server: &Server, callback: &Value) -> Value {
    let url = callback["data"]["url"].as_str().unwrap();
    let answer = Client::new(&server.base, "").with_authorization(None).get(url);
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    answer.body["numbers"].clone()
}

/// How many numbers there are in all lists.
fn numbers(world: &World) -> String {
    world.database.texts_in_order("SELECT CAST(count(*) AS TEXT) FROM numbers").concat()
}

/// A callback that came, by its place.
fn came(received: &[Received], place: usize) -> &Value {
    &received[place].body
}

#[rstest]
fn numbers_that_are_added_and_deleted_are_called_back_and_fetched(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::with(database, &[TO_PRIVATE]);
    let receiver = receiver(&world);
    let task = world.list();
    world.add_numbers(&task, &["13800138000"]).data();
    // One is there already, so only the others are added.
    let data: Vec<Value> =
        ["13800138000", "13800138001", "021-61234567转801"].map(|phone| json!({"phone": phone})).into();
    world.client.post(&world.task_path(&task, "number"), &json!({"data": data, "skip_error": true})).data();
    world.delete_numbers(&task, &["+8613800138000", "13800138001"]).data();
    let refused = world.add_numbers(&task, &["110"]);
    assert_eq!(refused.status, 422, "what is refused is not called back");
    world.delete_numbers(&task, &["13900000000"]).data();
    world.delete_numbers(&task, &["021-61234567转801"]).data();
    let received = receiver.wait_for(4);
    let expected = |kind: &str, place: usize, mode: &str, data: Value| {
        let unique_id = &came(&received, place)["unique_id"];
        json!({"type": kind, "mode": mode, "unique_id": unique_id, "user_id": world.user, "task_id": task, "data": data})
    };
    let url = |place: usize| json!({"url": came(&received, place)["data"]["url"]});
    let callbacks = [
        expected("import_number", 0, "single", json!({"number": "13800138000"})),
        expected("import_number", 1, "batch", url(1)),
        expected("del_number", 2, "batch", url(2)),
        expected("del_number", 3, "single", json!({"number": "021-61234567转801"})),
    ];
    for (received, callback) in received.iter().zip(&callbacks) {
        assert_eq!(received.body, *callback);
        let id = callback["unique_id"].as_str().unwrap();
        let again = world.client.get(&world.path(&format!("/identification/{id}")));
        assert_eq!((again.message(), again.data()), ("返回回调数据成功", callback));
    }
    assert_eq!(file(&world.server, &callbacks[1]), json!(["13800138001", "021-61234567转801"]));
    assert_eq!(file(&world.server, &callbacks[2]), json!(["13800138000", "13800138001"]));
    let ids: Vec<&str> = received.iter().map(|one| one.id.as_str()).collect();
    assert!(ids.is_sorted_by(|one, other| one != other), "{ids:?}");
}

#[rstest]
fn an_import_is_called_back_at_its_end_with_the_numbers_it_has_added(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::with(database, &[TO_PRIVATE, "--public-url", "https://example.com/calls/"]);
    let receiver = receiver(&world);
    let task = world.list();
    let rows = many_rows(2_500);
    world.imported(&task, "?dry_run=true", rows.as_bytes());
    world.imported(&task, "", b"phone\n110\n");
    let import = world.imported(&task, "", rows.as_bytes());
    let callback = came(&receiver.wait_for(1), 0).clone();
    assert_eq!((&callback["type"], &callback["mode"]), (&json!("import_number"), &json!("batch")));
    assert_eq!(
        callback["unique_id"], import["id"],
        "the first that is called back is the one that added some"
    );
    let url = callback["data"]["url"].as_str().unwrap();
    let path = url.strip_prefix("https://example.com/calls").expect("the operator's address");
    let expected: Vec<&str> = rows.lines().skip(1).collect();
    assert_eq!(file(&world.server, &json!({"data": {"url": path}})), json!(expected));
    // What comes later by another way is not among them, and what has gone is not any more.
    world.add_numbers(&task, &["13800138000"]).data();
    world.delete_numbers(&task, &expected[..2]).data();
    assert_eq!(file(&world.server, &json!({"data": {"url": path}})), json!(expected[2..]));
    let after = ["13800138001\n", expected[5]].concat();
    let second = world.imported(&task, "", format!("phone\n{after}\n").as_bytes());
    let received = receiver.wait_for(4);
    let of_second = received.iter().find(|one| one.body["unique_id"] == second["id"]).unwrap();
    let path =
        of_second.body["data"]["url"].as_str().unwrap().strip_prefix("https://example.com/calls").unwrap();
    assert_eq!(file(&world.server, &json!({"data": {"url": path}})), json!(["13800138001"]));
}

#[rstest]
fn what_an_import_had_added_is_called_back_before_it_goes_with_its_task(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::with(database, &[TO_PRIVATE]);
    let receiver = receiver(&world);
    let task = world.list();
    let rows = many_rows(60_000);
    let import = world.import(&task, "", rows.as_bytes()).data()["id"].clone();
    let path = world.task_path(&task, &format!("number-import/{}", import.as_str().unwrap()));
    until("some numbers are there", || world.client.get(&path).data()["added"].as_i64() > Some(1));
    world.client.delete(&world.path(&format!("/task/{task}"))).data();
    let received = receiver.wait_for(2);
    let told: Vec<_> = received.iter().map(|one| (&one.body["type"], &one.body["mode"])).collect();
    let (added, deleted) = (json!("import_number"), json!("del_number"));
    assert_eq!(told, [(&added, &json!("batch")), (&deleted, &json!("batch"))]);
    assert_eq!(received[0].body["unique_id"], import);
    // The task is gone, and who is told of its numbers finds them.
    let added = file(&world.server, &received[0].body);
    let count = added.as_array().unwrap().len();
    assert_eq!(added, json!(rows.lines().skip(1).take(count).collect::<Vec<_>>()));
    assert!(count > 0, "some were added");
    assert_eq!(file(&world.server, &received[1].body), added);
}

#[rstest]
fn the_files_of_imports_stay_when_their_task_goes(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::with(database, &[TO_PRIVATE]);
    let receiver = Receiver::start(Manner::Take, 0);
    let of_added = json!({"url": receiver.url, "format": "platform", "events": ["numbers.added"]});
    world.client.post(&world.path("/webhook"), &of_added).data();
    let task = world.list();
    world.imported(&task, "", b"phone\n13800138000\n13800138001\n");
    world.add_numbers(&task, &["13800138002"]).data();
    world.imported(&task, "", b"phone\n13800138003\n13800138004\n");
    world.client.delete(&world.path(&format!("/task/{task}"))).data();
    let received = receiver.wait_for(3);
    assert_eq!(file(&world.server, &received[0].body), json!(["13800138000", "13800138001"]));
    assert_eq!(file(&world.server, &received[2].body), json!(["13800138003", "13800138004"]));
    // They stay no longer than the callbacks.
    assert_eq!(numbers(&world), "5");
    let removals = || world.client.get(&world.path("/number-removal"));
    let kept = removals().data()[0].clone();
    assert_eq!((&kept["task_id"], &kept["state"]), (&json!(task), &json!("kept")));
    assert_eq!((&kept["total"], &kept["done"]), (&json!(5), &json!(0)));
    world.database.execute_now("DELETE FROM number_callbacks");
    until("the numbers stayed without their callbacks", || numbers(&world) == "0");
    assert_eq!(removals().data(), &json!([]));
}

#[rstest]
fn a_deleted_account_leaves_no_file_of_numbers(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::with(database, &[TO_PRIVATE]);
    let receiver = receiver(&world);
    let task = world.list();
    world.imported(&task, "", b"phone\n13800138000\n13800138001\n");
    let url = came(&receiver.wait_for(1), 0)["data"]["url"].as_str().unwrap().to_owned();
    world.client.delete(&world.path("?with_everything=true")).data();
    assert_eq!(world.client.with_authorization(None).get(&url).status, 404);
    until("the numbers stayed", || numbers(&world) == "0");
}

#[rstest]
fn nobody_else_is_told_of_a_callback(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::with(database, &[TO_PRIVATE]);
    let task = world.list();
    world.add_numbers(&task, &["13800138009"]).data();
    let receiver = receiver(&world);
    world.add_numbers(&task, &["13800138000", "13800138001"]).data();
    let callback = came(&receiver.wait_for(1), 0).clone();
    let id = callback["unique_id"].as_str().unwrap();
    let path = world.path(&format!("/identification/{id}"));
    let (stranger, _) = world.stranger();
    assert_eq!(stranger.get(&path).status, 404);
    let of_sub_user = format!("{path}?sub_user_id={}", world.sub_user);
    assert_eq!(world.client.get(&of_sub_user).status, 404, "it is the user's");
    let other = crate::support::register(&world.client, "/users");
    assert_eq!(world.client.get(&format!("/agent-api/user/{other}/identification/{id}")).status, 404);
    assert_eq!(world.client.get(&world.path("/identification/x")).status, 422);
    assert_eq!(world.token(&["--scope", "read"]).get(&path).data(), &callback);
    assert_eq!(world.token(&["--scope", "decide"]).get(&path).status, 403);
    let masked = world.token(&["--numbers", "masked"]);
    assert_eq!(masked.get(&path).status, 403);
    let unknown = world.path("/identification/0198c2a4-0000-7000-8000-000000000000");
    assert_eq!(masked.get(&unknown).status, 404);
    // Nor does a token that sees no whole numbers get them by a webhook of its own.
    let webhooks = world.path("/webhook");
    let platform = json!({"url": receiver.url, "format": "platform"});
    assert_eq!(masked.post(&webhooks, &platform).status, 403);
    let of_tasks = json!({"url": receiver.url, "format": "platform", "events": ["task.created"]});
    let made = masked.post(&webhooks, &of_tasks).data()["id"].as_str().unwrap().to_owned();
    assert_eq!(masked.put(&format!("{webhooks}/{made}"), &json!({"events": []})).status, 403);
    // The log tells how many there were, and not which.
    let events = world.client.get(&world.path("/events?limit=1000")).data()["events"].clone();
    let added: Vec<&Value> =
        events.as_array().unwrap().iter().filter(|event| event["type"] == "numbers.added").collect();
    assert_eq!(added.len(), 1, "there is none before there was a webhook");
    assert_eq!(added[0]["detail"], json!({"unique_id": id, "numbers": 2}));
    for key in ["", "dtn_0", "x%00", "dtn_"] {
        let answer =
            world.client.with_authorization(None).get(&format!("/agent-api/download-number?key={key}"));
        assert_eq!((answer.status, answer.code()), (404, 404), "{key}");
    }
}

#[rstest]
fn a_callback_and_its_file_outlive_their_task(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::with(database, &[TO_PRIVATE]);
    let receiver = receiver(&world);
    let task = world.list();
    world.add_numbers(&task, &["13800138000", "13800138001"]).data();
    let callback = came(&receiver.wait_for(1), 0).clone();
    let url = callback["data"]["url"].as_str().unwrap();
    world.client.post(&world.path("/disable"), &json!({})).data();
    assert_eq!(world.client.with_authorization(None).get(url).status, 404, "the account is disabled");
    world.client.post(&world.path("/enable"), &json!({})).data();
    assert_eq!(file(&world.server, &callback), json!(["13800138000", "13800138001"]));
    world.client.delete(&world.path(&format!("/task/{task}"))).data();
    assert_eq!(file(&world.server, &callback), json!(["13800138000", "13800138001"]));
    let path = world.path(&format!("/identification/{}", callback["unique_id"].as_str().unwrap()));
    assert_eq!(world.client.get(&path).data(), &callback);
}

#[rstest]
fn a_callback_is_sent_and_its_file_read_after_a_restart(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let mut world = ProgramWorld::with(database, &[TO_PRIVATE]);
    let hangs = Receiver::start(Manner::Answer(500), 1_000);
    let body = json!({"url": hangs.url, "format": "platform", "events": ["numbers.deleted"]});
    let webhook = world.client.post(&world.path("/webhook"), &body).data()["id"].clone();
    let task = world.task(world.group("group"));
    let numbers = world.path(&format!("/task/{task}/number"));
    let data = json!({"data": [{"phone": "13800138000"}, {"phone": "13800138001"}]});
    world.client.post(&numbers, &data).data();
    let named = json!({"customer_info_list": data["data"]});
    world.client.json("DELETE", &format!("{numbers}-batch-delete"), &[], &named).data();
    until("nothing was tried", || hangs.bad_left() < 1_000);
    world.server.kill();
    hangs.recover();
    let server = Program::start(&world.database.url, &[TO_PRIVATE]);
    let token = dialtime(&world.database.url, &["token", "create", "--partner", &world.partner]);
    let client = Client::new(&server.base, &token);
    let again = world.path(&format!("/webhook/{}/send-again", webhook.as_str().unwrap()));
    client.post(&again, &json!({})).data();
    let callback = came(&hangs.wait_for(1), 0).clone();
    assert_eq!(callback["type"], "del_number");
    assert_eq!(file(&server, &callback), json!(["13800138000", "13800138001"]));
    let path = world.path(&format!("/identification/{}", callback["unique_id"].as_str().unwrap()));
    assert_eq!(client.get(&path).data(), &callback);
}

#[rstest]
fn the_numbers_that_go_with_their_task_are_called_back_before_it(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::with(database, &[TO_PRIVATE]);
    let task = world.list();
    let rows = many_rows(2_500);
    world.imported(&task, "", rows.as_bytes());
    let (one, none) = (world.list(), world.list());
    world.add_numbers(&one, &["13800138000"]).data();
    let receiver = Receiver::start(Manner::Take, 0);
    let all = json!({"url": receiver.url, "format": "platform"});
    world.client.post(&world.path("/webhook"), &all).data();
    for deleted in [&none, &one, &task] {
        world.client.delete(&world.path(&format!("/task/{deleted}"))).data();
    }
    let received = receiver.wait_for(5);
    let of = |task: &str| -> Vec<Value> {
        let is_its = |body: &Value| body["task_id"] == task || body["task_data"]["uuid"] == task;
        received.iter().map(|one| one.body.clone()).filter(is_its).collect()
    };
    assert_eq!(of(&none).len(), 1, "without numbers the task alone");
    let [single, of_task] = &of(&one)[..] else { panic!("two") };
    assert_eq!((&single["type"], &single["data"]), (&json!("del_number"), &json!({"number": "13800138000"})));
    assert_eq!(of_task["type"], 2);
    let [batch, of_task] = &of(&task)[..] else { panic!("two") };
    assert_eq!((&batch["type"], &batch["mode"]), (&json!("del_number"), &json!("batch")));
    assert_eq!(of_task["task_data"]["uuid"], json!(task));
    let expected: Vec<&str> = rows.lines().skip(1).collect();
    assert_eq!(file(&world.server, batch), json!(expected), "the task is gone, and the file is there");
    let again = world.path(&format!("/identification/{}", batch["unique_id"].as_str().unwrap()));
    assert_eq!(world.client.get(&again).data(), batch);
    assert_eq!(world.client.get(&world.task_path(&task, "number")).status, 404);
    until("the only number of a list stayed", || numbers(&world) == "2500");
    world.database.execute_now("DELETE FROM number_callbacks");
    until("the numbers stayed without their callback", || numbers(&world) == "0");
    let url = batch["data"]["url"].as_str().unwrap();
    assert_eq!(world.client.with_authorization(None).get(url).status, 404);
}

#[rstest]
fn numbers_go_at_once_where_nobody_is_told(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::with(database, &[TO_PRIVATE]);
    let receiver = Receiver::start(Manner::Take, 0);
    let of_tasks = json!({"url": receiver.url, "format": "platform", "events": ["task.deleted"]});
    world.client.post(&world.path("/webhook"), &of_tasks).data();
    let task = world.list();
    world.add_numbers(&task, &["13800138000", "13800138001"]).data();
    world.client.delete(&world.path(&format!("/task/{task}"))).data();
    receiver.wait_for(1);
    until("the numbers stayed", || numbers(&world) == "0");
    assert_eq!(receiver.wait_for(1).len(), 1);
}

#[test]
fn the_numbers_of_an_import_have_no_end_once_their_account_is_disabled() {
    let world = World::with(Database::Postgres, &[TO_PRIVATE]);
    let receiver = receiver(&world);
    world.imported(&world.list(), "", b"phone\n13800138000\n13800138001\n");
    let callback = came(&receiver.wait_for(1), 0)["data"]["url"].as_str().unwrap().to_owned();
    let path = &callback[callback.find("/agent-api").unwrap()..];
    assert_eq!(lines(&world, path), (200, Some(1)));
    let change = "UPDATE accounts SET disabled_at = 1 WHERE id = {user}";
    let list = ("numbers", "SELECT id, phone FROM numbers %");
    assert_eq!(ask_meanwhile(&world, list, change, || lines(&world, path)), (200, None));
}
