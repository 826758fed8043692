//! Adding numbers: what is taken, what is refused, and how both are told.

use rstest::rstest;
use serde_json::{Value, json};

use super::phones_from;
use crate::support::{Database, World};

#[rstest]
fn numbers_are_added_with_what_is_told_of_them(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let task = world.list();
    let body = json!({"ignore_crm": true, "skip_error": false, "data": [
        {"phone": "13800138000", "name": "王芳", "email": "wang@example.com", "company": "示例公司", "sex": 2, "sort": 3,
         "extra": "回显", "control_select_robot": "A", "城市": "上海", "余额": 12.5},
        {"phone": 13_900_139_000_i64},
    ]});
    let added = world.client.post(&world.task_path(&task, "number"), &body);
    assert_eq!(added.message(), "添加号码成功");
    let expected = json!({"added": 2, "skipped": 0, "refused": [],
                          "numbers": [{"id": 1, "phone": "13800138000"}, {"id": 2, "phone": "13900139000"}]});
    assert_eq!(added.data(), &expected);
    let mut number = world.client.get(&world.task_path(&task, "number/detail/13800138000")).data().clone();
    assert!(number["created_at"].take().is_string());
    let expected = json!({
        "id": 1, "phone": "13800138000", "name": "王芳", "email": "wang@example.com", "company": "示例公司", "sex": 2,
        "sort": 3, "extra": "回显", "control_select_robot": "A", "status": 0, "status_str": "等待呼叫", "state": "due",
        "tries": 0, "next_attempt_at": null, "held": false, "variables": {"城市": "上海", "余额": 12.5}, "created_at": null,
    });
    assert_eq!(number, expected);
}

#[rstest]
fn one_bad_number_refuses_all_unless_errors_are_skipped(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let task = world.list();
    let path = world.task_path(&task, "number");
    world.add_numbers(&task, &["13800000001"]).data();
    let data = json!([
        {"phone": "13800000002"},
        {"phone": "110"},
        {"name": "nobody"},
        {"phone": "0086-138 0000 0002"},
        {"phone": "13800000001"},
        {"phone": "13800000003", "sex": 3, "name": "x".repeat(101)},
        {"phone": "13800000004", "text": "x".repeat(9_000)},
        "13800000005",
    ]);
    let refused = world.client.post(&path, &json!({"data": data}));
    let expected = [
        ("data[1].phone", "number_emergency"),
        ("data[2].phone", "required"),
        ("data[3].phone", "repeated"),
        ("data[5].name", "too_long"),
        ("data[5].sex", "out_of_range"),
        ("data[6].variables", "too_many_bytes"),
        ("data[7]", "type"),
    ];
    assert_eq!(refused.faults(), expected);
    let known =
        world.client.post(&path, &json!({"data": [{"phone": "13800000002"}, {"phone": "+8613800000001"}]}));
    assert_eq!(known.faults(), [("data[1].phone", "taken")]);
    assert_eq!(world.phones(&task), ["13800000001"]);
    let some = world.client.post(&path, &json!({"skip_error": true, "data": data}));
    assert_eq!((&some.data()["added"], &some.data()["skipped"]), (&json!(1), &json!(7)));
    let rules: Vec<&Value> =
        some.data()["refused"].as_array().unwrap().iter().map(|fault| &fault["rule"]).collect();
    assert_eq!(rules.len(), expected.len() + 1);
    assert!(rules.contains(&&json!("taken")) && rules.contains(&&json!("repeated")), "{rules:?}");
    assert_eq!(world.phones(&task), ["13800000002", "13800000001"]);
}

#[rstest]
fn a_request_has_so_many_numbers_and_they_are_not_encrypted(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let task = world.list();
    let rows = |count| phones_from(0, count).iter().map(|phone| json!({"phone": phone})).collect::<Vec<_>>();
    for (path, most) in [("number", 100), ("async_number", 200)] {
        let path = world.task_path(&task, path);
        let add = |body: &Value| world.client.post(&path, body);
        assert_eq!(add(&json!({"data": rows(most + 1)})).faults(), [("data", "too_many")]);
        assert_eq!(add(&json!({"data": []})).faults(), [("data", "empty")]);
        assert_eq!(add(&json!({})).faults(), [("data", "required")]);
        assert_eq!(add(&json!({"data": "x"})).faults(), [("data", "type")]);
        let encrypted = add(&json!({"data": rows(1), "encryption": true, "skip_error": true}));
        assert_eq!(encrypted.faults(), [("encryption", "encrypted")]);
        assert_eq!(add(&json!({"data": rows(most), "encryption": false, "skip_error": true})).status, 200);
    }
    assert_eq!(world.client.get(&world.task_path(&task, "number")).body["meta"]["total"], 200);
}

#[rstest]
fn a_suffix_lets_a_number_be_there_twice(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let task = world.list();
    let body =
        json!({"number_add_suffix": true, "data": [{"phone": "13800138000"}, {"phone": "13800138000_mine"}]});
    for _ in 0..2 {
        let added = world.client.post(&world.task_path(&task, "number"), &body);
        let added = added.data()["numbers"].as_array().unwrap().clone();
        for (added, sent) in added.iter().zip(["13800138000", "13800138000_mine"]) {
            let phone = added["phone"].as_str().unwrap();
            let (number, suffix) = phone.rsplit_once('_').unwrap();
            assert_eq!((number, suffix.len()), (sent, 6), "what it was sent with is kept");
            assert!(
                suffix.chars().all(|character| character.is_ascii_lowercase() || character.is_ascii_digit())
            );
            let detail = world.client.get(&world.task_path(&task, &format!("number/detail/{phone}")));
            assert_eq!(detail.data()["phone"], phone);
        }
    }
    assert_eq!(world.phones(&task).len(), 4);
    // What was read is sent again as it is, and gets one more.
    let again = world.phones(&task)[0].as_str().unwrap().to_owned();
    assert_eq!(world.add_numbers(&task, &[&again]).faults(), [("data[0].phone", "taken")]);
    let long =
        json!({"number_add_suffix": true, "data": [{"phone": format!("13800138000_{}", "a".repeat(26))}]});
    let refused = world.client.post(&world.task_path(&task, "number"), &long);
    assert_eq!(refused.faults(), [("data[0].phone", "number_too_long")]);
}

#[rstest]
fn up_to_200_may_be_added_where_none_comes_twice(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let task = world.list();
    let path = world.task_path(&task, "async_number");
    let twice =
        json!({"data": [{"phone": "13800138000", "sort": 1}, {"phone": "+86 138 0013 8000", "sort": 2}]});
    assert_eq!(world.client.post(&path, &twice).faults(), [("data[1].phone", "repeated")]);
    world.add_numbers(&task, &["13800138000"]).data();
    let known = json!({"data": [{"phone": "13800138000", "sort": 1}, {"phone": "13800138001", "sort": 2}]});
    let added = world.client.post(&path, &known);
    assert_eq!((&added.data()["added"], &added.data()["skipped"]), (&json!(1), &json!(1)));
}

#[rstest]
fn numbers_are_read_as_in_the_default_country(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::with(database, &["--default-country", "US"]);
    let task = world.list();
    world.add_numbers(&task, &["(212) 555-0123", "0086 13800138000"]).data();
    assert_eq!(world.add_numbers(&task, &["021-61234567"]).faults(), [("data[0].phone", "number_too_long")]);
    let detail = world.client.get(&world.task_path(&task, "number/detail/%2B1%20212%20555%200123"));
    assert_eq!(detail.data()["phone"], "(212) 555-0123");
}

#[rstest]
fn a_create_that_is_repeated_with_its_key_adds_once(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let task = world.list();
    let body = json!({"data": [{"phone": "13800138000"}]});
    let path = world.task_path(&task, "number");
    let add = || world.client.json("POST", &path, &[("Idempotency-Key", "once")], &body);
    let first = add();
    assert_eq!(add().data(), first.data());
    assert_eq!(world.phones(&task), ["13800138000"]);
}

#[rstest]
fn numbers_of_a_2_0_task_stay_as_they_are_while_it_is_on(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let group = world.open_group();
    let (first, second) = (world.task(group), world.new_task(group));
    for task in [&first, &second] {
        world.add_numbers(task, &["13800138000"]).data();
    }
    let start = |path: String| world.client.put(&path, &json!({})).data().clone();
    start(world.path(&format!("/task_start/{first}")));
    start(world.new_path(&format!("/task_start/{second}")));
    world.add_numbers(&first, &["13800138001"]).data();
    let refusals = [
        world.add_numbers(&second, &["13800138001"]),
        world.add_numbers(&second, &["no number"]),
        world
            .client
            .post(&world.task_path(&second, "async_number"), &json!({"data": [{"phone": "13800138001"}]})),
        world.delete_numbers(&second, &["13800138000"]),
        world.reset(&second, &json!({"status": [0]})),
    ];
    for refused in refusals {
        let expected =
            json!({"code": 6007, "status": "error", "message": "2.0任务启动中,请先停止任务", "data": []});
        assert_eq!((refused.status, refused.body), (409, expected));
    }
    world.client.put(&world.new_path(&format!("/task_stop/{second}")), &json!({})).data();
    world.add_numbers(&second, &["13800138001"]).data();
}
