//! Deleting and resetting numbers, and the end of a task that has many.

use std::time::{Duration, Instant};

use rstest::rstest;
use serde_json::{Value, json};

use super::add_many;
use crate::support::{Database, World};

#[rstest]
fn numbers_are_deleted_by_any_of_their_forms(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let task = world.list();
    world.add_numbers(&task, &["13800000001", "13800000002", "13800000003", "13800000004"]).data();
    world.dialed("13800000003", 0, 2);
    let deleted =
        world.delete_numbers(&task, &["+86 138 0000 0001", "13800000003", "13800000009", "13800000001"]);
    assert_eq!(
        (deleted.message(), deleted.data()),
        ("删除成功", &json!({"deleted": 1, "left_out": 1, "not_found": 1}))
    );
    let none = world.delete_numbers(&task, &["13800000009", "13800000001", "+8613800000001"]);
    assert_eq!(none.data(), &json!({"deleted": 0, "left_out": 0, "not_found": 2}));
    assert_eq!(world.phones(&task), ["13800000004", "13800000003", "13800000002"]);
    let path = world.task_path(&task, "number-batch-delete");
    let many: Vec<Value> = (0..1_001).map(|end| json!({"phone": format!("139{end:08}")})).collect();
    for (body, expected) in [
        (json!({}), ("customer_info_list", "required")),
        (json!({"customer_info_list": []}), ("customer_info_list", "empty")),
        (json!({"customer_info_list": [{}]}), ("customer_info_list[0].phone", "required")),
        (
            json!({"customer_info_list": [{"phone": "95588"}]}),
            ("customer_info_list[0].phone", "number_service"),
        ),
        (json!({"customer_info_list": many}), ("customer_info_list", "too_many")),
        (
            json!({"customer_info_list": [{"phone": "13800000002"}], "encryption": true}),
            ("encryption", "encrypted"),
        ),
    ] {
        assert_eq!(world.client.json("DELETE", &path, &[], &body).faults(), [expected], "{body}");
    }
    assert_eq!(world.phones(&task).len(), 3);
}

#[rstest]
fn numbers_are_reset_by_what_holds_of_them(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::at(database, "2026-06-10T09:00:00+08:00");
    let task = world.list();
    world.add_numbers(&task, &["13800000001", "13800000002", "13900000003"]).data();
    world.server.set_clock("2026-06-11T09:00:00+08:00");
    world.add_numbers(&task, &["13900000004", "13900000005"]).data();
    let dial = || {
        for (phone, status) in
            [("13800000001", 8), ("13800000002", 3), ("13900000003", 8), ("13900000004", 8)]
        {
            world.dialed(phone, status, 3);
        }
        world.dialed("13900000005", 8, 2);
    };
    for (body, reset, left_out) in [
        (json!({"status": [8]}), 3, 1),
        (json!({"status": [8, 3]}), 4, 1),
        (json!({"keyword": "138"}), 2, 0),
        (json!({"phones": ["+8613800000001", "13900000005", "13911111111"]}), 1, 1),
        (json!({"phones": ["13800000001", "13800000002"], "status": [3]}), 1, 0),
        (json!({"start_at": "2026-06-11", "end_at": "2026-06-11 12:00:00"}), 1, 1),
        (json!({"start_at": "2026-06-10 09:00:00", "end_at": "2026-06-10 09:30", "status": [8]}), 2, 0),
        (json!({"status": [12], "is_new_task": true}), 0, 0),
    ] {
        dial();
        let answer = world.reset(&task, &body);
        let expected = json!({
            "reset": reset, "left_out": left_out, "state": "finished", "reset_id": null, "notice": null,
        });
        assert_eq!((answer.message(), answer.data()), ("批量重置号码成功", &expected), "{body}");
    }
    dial();
    world.reset(&task, &json!({"phones": ["13800000001"]})).data();
    let number = world.client.get(&world.task_path(&task, "number/detail/13800000001")).data().clone();
    assert_eq!(
        (&number["status"], &number["tries"], &number["state"]),
        (&json!(0), &json!(0), &json!("due"))
    );
}

#[rstest]
fn what_is_wrong_with_a_reset_is_named(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let task = world.list();
    for (body, expected) in [
        (json!({}), vec![("body", "one_needed")]),
        (json!({"phones": [], "keyword": "", "status": []}), vec![("body", "one_needed")]),
        (json!({"status": "4"}), vec![("status", "type")]),
        (json!({"status": ["x"]}), vec![("status[0]", "type")]),
        (json!({"phones": 4}), vec![("phones", "type")]),
        (json!({"end_at": 4}), vec![("end_at", "type")]),
        (json!({"status": "4", "phones": []}), vec![("status", "type")]),
        (json!({"start_at": "2026-06-11"}), vec![("end_at", "required")]),
        (json!({"end_at": "2026-06-11"}), vec![("start_at", "required")]),
        (json!({"status": [13, "x"]}), vec![("status[1]", "type"), ("status[0]", "out_of_range")]),
        (json!({"phones": ["13800138000", "abc"]}), vec![("phones[1]", "number_no_number")]),
        (json!({"status": [1], "encryption": true}), vec![("encryption", "encrypted")]),
        (json!({"keyword": "1".repeat(65)}), vec![("keyword", "too_long")]),
        (json!({"status": [8], "keywords": "138"}), vec![("keywords", "unknown_field")]),
        (
            json!({"status": [8], "start-at": "2026-06-11", "phone": ["13800138000"]}),
            vec![("start-at", "unknown_field"), ("phone", "unknown_field")],
        ),
    ] {
        assert_eq!(world.reset(&task, &body).faults(), expected, "{body}");
    }
}

#[rstest]
fn a_reset_waits_for_what_is_soon_found_however_long_the_list_is(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let task = world.list();
    world.add_numbers(&task, &["13800000001", "13800000002", "13900000003"]).data();
    for phone in ["13800000001", "13900000003"] {
        world.dialed(phone, 8, 3);
    }
    // As if a million had been there.
    world.database.execute_now("UPDATE number_lists SET next_number = 1000000");
    for (body, state, reset) in [
        (json!({"keyword": "138", "status": [8]}), "finished", 1),
        (json!({"start_at": "2000-01-01", "end_at": "2100-01-01", "status": [8, 3]}), "finished", 1),
        (json!({"status": [0]}), "finished", 3),
        (json!({"phones": ["13800000002"]}), "finished", 1),
        (json!({"keyword": "138"}), "running", 0),
        (json!({"start_at": "2000-01-01", "end_at": "2100-01-01"}), "running", 0),
    ] {
        let answer = world.reset(&task, &body).data().clone();
        assert_eq!((&answer["state"], &answer["reset"]), (&json!(state), &json!(reset)), "{body}");
    }
}

/// Asks until it is so.
fn wait_for(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(30), "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[rstest]
fn a_reset_of_many_is_taken_at_once_and_shown_as_it_goes_on(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let task = world.list();
    add_many(&world, &task, 1_001);
    world.database.execute_now("UPDATE numbers SET status = 8, state = 3, tries = 1");
    world.dialed("13900000007", 8, 1);
    let taken = world.reset(&task, &json!({"status": [8]}));
    let id = taken.data()["reset_id"].as_str().unwrap().to_owned();
    assert_eq!((&taken.data()["reset"], &taken.data()["left_out"]), (&json!(0), &json!(0)));
    // The platform's words stay; that it has only begun is said beside them.
    assert_eq!((taken.message(), &taken.data()["state"]), ("批量重置号码成功", &json!("running")));
    assert!(taken.data()["notice"].as_str().unwrap().contains("已开始在后台重置"), "{}", taken.text);
    let reset = || world.client.get(&world.task_path(&task, &format!("number-reset/{id}"))).data().clone();
    wait_for("the reset ends", || reset()["state"] == "finished");
    let done = reset();
    assert_eq!((&done["reset"], &done["left_out"]), (&json!(1_000), &json!(1)));
    assert_eq!((&done["total"], &done["done"]), (&json!(1_001), &json!(1_001)));
    let listed = world.client.get(&world.task_path(&task, "number-reset"));
    assert_eq!(listed.column("id"), [id.as_str()]);
    let waiting = world.client.get(&world.task_path(&task, "number?status[]=0"));
    assert_eq!(waiting.body["meta"]["total"], 1_000);
    let unknown = world.task_path(&task, "number-reset/5832d184-dd53-42a0-8ace-0bf8d660f4cc");
    assert_eq!(world.client.get(&unknown).status, 404);
    let path = world.task_path(&task, "number-batch-reset");
    let english = world.client.json("PUT", &path, &[("Accept-Language", "en")], &json!({"status": [0, 8]}));
    assert_eq!(english.message(), "The reset has begun and goes on in the background");
}

#[rstest]
fn a_task_with_many_numbers_is_deleted_at_once_and_they_follow(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let group = world.group("group");
    let task = world.task(group);
    add_many(&world, &task, 2_000);
    let in_use = world.client.delete(&world.path(&format!("/dial-time-group/{group}")));
    assert_eq!((in_use.status, in_use.code()), (409, 8101));
    world.client.delete(&world.path(&format!("/task/{task}"))).data();
    world.client.delete(&world.path(&format!("/dial-time-group/{group}"))).data();
    assert_eq!(world.client.get(&world.task_path(&task, "number")).status, 404);
    let rows = || world.database.texts_in_order("SELECT CAST(count(*) AS TEXT) FROM numbers");
    wait_for("the numbers go", || rows() == ["0"]);
    for table in ["number_lists", "number_counts", "number_details"] {
        let left = || world.database.texts_in_order(&format!("SELECT CAST(count(*) AS TEXT) FROM {table}"));
        wait_for(table, || left() == ["0"]);
    }
}
