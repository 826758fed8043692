//! Creates sent twice.

use rstest::rstest;
use serde_json::json;

use crate::support::{Database, World, group, task};

#[rstest]
fn a_create_sent_twice_makes_one_thing_and_is_answered_alike(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let id = world.group("group");
    let account = |name: &str| {
        json!({"name": name, "email": format!("{name}@example.com"), "phone": format!("+{}", name.len() * 10_000_000),
               "password": "long enough", "password_confirmation": "long enough"})
    };
    let sub_users = world.path("/subset_users");
    let subscriptions = world.path(&format!("/dial-time-group/{id}/calendar-subscription"));
    for (path, list, body) in [
        (
            world.path("/webhook"),
            world.path("/webhook"),
            json!({"url": "https://example.com", "enabled": false}),
        ),
        (subscriptions.clone(), subscriptions, json!({})),
        (world.path("/dial-time-group"), world.path("/dial-time-group"), group("twice")),
        (world.path("/task"), world.path("/task"), task(id)),
        (world.new_path("/task"), world.new_path("/task"), task(id)),
        ("/users".to_owned(), "/users".to_owned(), account("twice")),
        (sub_users.clone(), sub_users, account("twicesub")),
    ] {
        // Lists that come whole have no `meta`.
        let total = || {
            let list = world.client.get(&list);
            let length = list.data().as_array().unwrap().len();
            list.body["meta"]["total"].as_u64().unwrap_or(length.try_into().unwrap())
        };
        let (key, before) = ([("Idempotency-Key", path.as_str())], total());
        let first = world.client.json("POST", &path, &key, &body);
        first.data();
        let second = world.client.json("POST", &path, &key, &body);
        assert_eq!((second.status, &second.text), (200, &first.text), "{path}");
        assert_eq!(total(), before + 1, "{path}");
        let mut other = body.clone();
        let (field, value) = if body.get("url").is_some() {
            ("enabled", json!(true))
        } else if body.get("name").is_some() {
            ("name", json!("other"))
        } else {
            ("sub_user_id", json!(null))
        };
        other[field] = value;
        let reused = world.client.json("POST", &path, &key, &other);
        assert_eq!((reused.status, total()), (422, before + 1), "{path}: {}", reused.body);
        assert_eq!(reused.body["data"], json!([]), "{path}: for its key, and not for its fields");
    }
}

#[rstest]
fn a_refused_create_does_not_use_up_its_key(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let path = world.path("/task");
    let next = world.group("only") + 1;
    let key = [("Idempotency-Key", "key")];
    assert_eq!(world.client.json("POST", &path, &key, &task(next)).status, 422);
    assert_eq!(world.group("made since"), next);
    assert_eq!(world.client.json("POST", &path, &key, &task(next)).status, 200);
    for bad in [String::new(), "x".repeat(256)] {
        let answer = world.client.json("POST", &path, &[("Idempotency-Key", &bad)], &task(next));
        assert_eq!((answer.status, answer.faulty_fields()), (422, vec!["Idempotency-Key"]));
    }
}
