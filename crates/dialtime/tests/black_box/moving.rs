//! Moving here from elsewhere: ids that are brought along.

use rstest::rstest;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Client, Database, World, anything, dialtime, group, task};

/// The greatest integer that JavaScript reads exactly.
const GREATEST: i64 = 9_007_199_254_740_991;

fn group_with_id(id: &Value) -> Value {
    let mut body = group("brought");
    body["id"] = id.clone();
    body
}

fn account(id: &str, number: u32) -> Value {
    json!({"id": id, "name": "moved", "email": format!("moved{number}@example.com"),
           "phone": format!("139{number:08}"), "password": "correct horse", "password_confirmation": "correct horse"})
}

#[rstest]
fn two_users_may_bring_a_group_of_one_id_and_neither_meets_the_others(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let (groups, (stranger, other)) = (world.path("/dial-time-group"), world.stranger());
    let others = format!("/agent-api/user/{other}/dial-time-group");
    for id in [427, 1, GREATEST] {
        let body = group_with_id(&json!(id));
        assert_eq!(world.client.post(&groups, &body).data()["id"], id);
        assert_eq!(stranger.post(&others, &body).data()["id"], id);
        assert_eq!(world.client.post(&groups, &body).faults(), [("id", "taken")]);
    }
    let task = world.task(427);
    assert_eq!(world.client.delete(&format!("{groups}/427")).code(), 8101);
    stranger.delete(&format!("{others}/427")).data();
    assert_eq!(world.client.get(&format!("{groups}/427/task")).column("uuid"), [json!(task)]);
    // Ids given here go round those brought along; whatever was given or brought is not given again.
    let first = world.group("given");
    assert_ne!(first, 1);
    world.client.post(&groups, &group_with_id(&json!(first + 1))).data();
    world.client.delete(&format!("{groups}/{}", first + 1)).data();
    world.client.delete(&format!("{groups}/{first}")).data();
    assert_eq!(world.group("given"), first + 2);
}

#[rstest]
fn a_group_keeps_its_id_for_good(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let groups = world.path("/dial-time-group");
    let many = i64::MAX;
    for bad in [json!(0), json!(-1), json!(GREATEST + 1), json!(many)] {
        assert_eq!(
            world.client.post(&groups, &group_with_id(&bad)).faults(),
            [("id", "out_of_range")],
            "{bad}"
        );
    }
    for bad in [json!("x"), json!(""), json!(1.5), json!(true), json!([427]), json!({"id": 427})] {
        assert_eq!(world.client.post(&groups, &group_with_id(&bad)).faulty_fields(), ["id"], "{bad}");
    }
    let id = world.client.post(&groups, &group_with_id(&json!("427"))).data()["id"].clone();
    assert_eq!(id, 427);
    world.client.post(&groups, &group_with_id(&Value::Null)).data();
    let (one, body) = (format!("{groups}/427"), group_with_id(&json!(427)));
    assert_eq!(world.client.put(&one, &body).data()["version"], 2);
    assert_eq!(world.client.put(&one, &group_with_id(&json!("427"))).data()["version"], 3);
    assert_eq!(world.client.put(&one, &group_with_id(&json!(428))).faults(), [("id", "differs")]);
    assert_eq!(world.client.get(&one).data()["version"], 3);
    // What is brought again goes on where it was.
    world.client.delete(&one).data();
    assert_eq!(world.client.post(&groups, &body).data()["version"], 4);
    let stale = world.client.json("PUT", &one, &[("If-Match", "\"3\"")], &group("stale"));
    assert_eq!(stale.status, 412);
}

/// A partner's account, a stranger's, and a sub-user: whoever has the id, the answer is the same to the letter.
#[rstest]
fn an_account_brings_its_id_unless_somebody_has_it(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let (_, other) = world.stranger();
    let id = anything().to_string();
    let body = account(&id, 1);
    let made = world.client.post("/users", &body);
    assert_eq!(made.data()["id"], json!(id));
    let sub_id = anything().to_string();
    let sub_users = format!("/agent-api/user/{id}/subset_users");
    assert_eq!(world.client.post(&sub_users, &account(&sub_id, 2)).data()["id"], json!(sub_id));
    let groups = format!("/agent-api/user/{id}/dial-time-group?sub_user_id={sub_id}");
    assert_eq!(world.client.post(&groups, &group_with_id(&json!(427))).data()["id"], 427);

    let by_command = anything().to_string();
    let arguments = format!(
        "user create --partner {} --id {by_command} --name n --email c@example.com --phone 13700000000",
        world.partner
    );
    let arguments: Vec<&str> = arguments.split(' ').collect();
    assert_eq!(dialtime(&world.database.url, &arguments), by_command);

    let mut answers: Vec<String> = Vec::new();
    for (number, taken) in [&id, &sub_id, &by_command, &other, &world.user].into_iter().enumerate() {
        for path in ["/users", sub_users.as_str()] {
            let refused = world.client.post(path, &account(taken, 10 + u32::try_from(number).unwrap()));
            assert_eq!(refused.faults(), [("id", "id_unavailable")]);
            answers.push(refused.text);
        }
    }
    answers.dedup();
    assert_eq!(answers.len(), 1);
    for bad in ["", "427", "00000000-0000-0000-0000-000000000000"] {
        assert_eq!(world.client.post("/users", &account(bad, 30)).faults(), [("id", "uuid")], "{bad}");
    }
}

#[rstest]
fn a_task_brings_its_id_and_keeps_it(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let (stranger, other) = world.stranger();
    let group = world.group("group");
    let with = |id: &str| {
        let mut body = task(group);
        body["uuid"] = json!(id);
        body
    };
    for (path, others) in [
        (world.path("/task"), format!("/agent-api/user/{other}/task")),
        (world.new_path("/task"), format!("/agent-api/new/user/{other}/task")),
    ] {
        let id = anything().to_string();
        assert_eq!(world.client.post(&path, &with(&id)).data()["uuid"], json!(id));
        let theirs =
            stranger.post(&format!("/agent-api/user/{other}/dial-time-group"), &crate::support::group("g"));
        let mut body = with(&id);
        body["dial_time_id"] = theirs.data()["id"].clone();
        let refused = stranger.post(&others, &body);
        assert_eq!(refused.faults(), [("uuid", "id_unavailable")]);
        assert_eq!(world.client.post(&path, &with(&id)).text, refused.text);
        let one = format!("{path}/{id}");
        world.client.put(&one, &with(&id)).data();
        assert_eq!(world.client.put(&one, &with(&anything().to_string())).faults(), [("uuid", "differs")]);
        assert_eq!(world.client.post(&path, &with("427")).faults(), [("uuid", "uuid")]);
    }
}

/// Asks until it is told to wait; says how often it was answered.
fn tries(client: &Client, taken: &str) -> usize {
    (0..100)
        .take_while(|number| {
            let refused = client.post("/users", &account(taken, 100 + number));
            assert!(refused.status == 422 || !refused.header("Retry-After").is_empty(), "{}", refused.body);
            refused.status == 422
        })
        .count()
}

#[test]
fn ids_cannot_be_tried_out() {
    let world = World::new(Database::Sqlite);
    let (_, other) = world.stranger();
    // Bringing ids that nobody has costs nothing.
    let sub_users = world.path("/subset_users");
    for number in 0..35 {
        let body = account(&Uuid::from_u128(9_000 + u128::from(number)).to_string(), number);
        world.client.post(&sub_users, &body).data();
    }
    let answered = tries(&world.client, &other);
    // A minute may have ended meanwhile.
    assert!((30..=60).contains(&answered), "{answered}");
    // Then not even an id that is free is looked at, nor is a repeated create; and one without an id goes on as ever.
    assert_eq!(world.client.post("/users", &account(&anything().to_string(), 99)).status, 429);
    let mut body = account("", 98);
    body.as_object_mut().unwrap().remove("id");
    world.client.post("/users", &body).data();
}

#[rstest]
fn a_repeated_create_that_brings_an_id_is_answered_alike(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let groups = world.path("/dial-time-group");
    for (path, body) in
        [(groups.as_str(), group_with_id(&json!(427))), ("/users", account(&anything().to_string(), 5))]
    {
        let key = [("Idempotency-Key", path)];
        let first = world.client.json("POST", path, &key, &body);
        first.data();
        assert_eq!(world.client.json("POST", path, &key, &body).text, first.text);
        assert_eq!(world.client.post(path, &body).status, 422);
    }
}
