//! Copies of tasks, and their names.

use rstest::rstest;
use serde_json::json;

use super::{detail, extras, office_hours, second_fields, uuid, with};
use crate::support::{Database, World, anything, steady, task};

#[rstest]
fn a_copy_is_paused_and_has_all_of_the_original_but_for_its_name(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let body = with(second_fields(office_hours(&world)), &json!({"task_extras": extras()}));
    let original = uuid(&world.client.post(&world.new_path("/task"), &body));
    world.client.get(&world.new_path(&format!("/task_start/{original}"))).data();
    for method in ["GET", "POST", "PUT"] {
        let path = world.new_path(&format!("/copy/task/{original}"));
        let copied = world.client.send(method, &path, &[], (method != "GET").then_some(""));
        assert_eq!((copied.message(), &copied.data()["enable"]), ("复制成功", &json!(false)));
        let copy = uuid(&copied);
        assert_ne!(copy, original);
        let (seen, copy) = (detail(&world, &original), detail(&world, &copy));
        let expected = json!({
            "name": copy["name"], "enable": false, "status": 1, "status_str": "暂停中", "call_status": false,
            "alter_datetime": null,
        });
        let mut expected = with(seen, &expected);
        expected["new_task_extra"] = with(
            expected["new_task_extra"].clone(),
            &json!({"name": copy["name"], "enable": false, "call_status": false}),
        );
        assert_eq!(steady(&copy), steady(&expected));
    }
    assert_eq!(world.client.get(&world.new_path("/task")).body["meta"]["total"], 4);
}

#[rstest]
fn a_copy_asked_for_twice_with_one_key_is_made_once(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let original = world.new_task(world.group("group"));
    let path = world.new_path(&format!("/copy/task/{original}"));
    let copy = |key: &str| world.client.send("GET", &path, &[("Idempotency-Key", key)], None);
    let first = copy("a");
    assert_eq!((first.message(), copy("a").text), ("复制成功", first.text.clone()));
    assert_ne!(copy("b").text, first.text);
    assert_eq!(world.client.get(&world.new_path("/task")).body["meta"]["total"], 3);
}

/// Takes a copy's name apart: the original's, and whether the rest is `【复制】YYYY-MM-DD(HH:MM)`.
fn parts(name: &str) -> (String, bool) {
    let (kept, time) = name.rsplit_once("【复制】").unwrap();
    (kept.to_owned(), jiff::civil::DateTime::strptime("%Y-%m-%d(%H:%M)", time).is_ok())
}

#[rstest]
fn a_copys_name_tells_when_it_was_copied_and_is_cut_to_64_characters(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let group = world.group("group");
    let copy = |id: &str| world.client.get(&world.new_path(&format!("/copy/task/{id}")));
    for (name, kept) in [
        ("周一".to_owned(), "周一".to_owned()),
        ("周".repeat(43), "周".repeat(43)),
        ("周".repeat(44), "周".repeat(43)),
        ("\u{1F4DE}".repeat(64), "\u{1F4DE}".repeat(43)),
    ] {
        let body = with(task(group), &json!({"name": name}));
        let copied = copy(&uuid(&world.client.post(&world.new_path("/task"), &body)));
        assert_eq!(parts(copied.data()["name"].as_str().unwrap()), (kept, true));
        // A copy of a copy still fits, and a task of the other generation is copied as well.
        let again = copy(&uuid(&copied)).data()["name"].as_str().unwrap().to_owned();
        assert!(again.chars().count() <= 64 && parts(&again).1, "{again}");
    }
    assert_eq!(parts(copy(&world.task(group)).data()["name"].as_str().unwrap()), ("task".to_owned(), true));
    assert_eq!(copy(&anything().to_string()).status, 404);
}
