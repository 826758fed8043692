//! Redial rules: saved, changed, offered, and held by the tasks that name them.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Database, Reply, World, task};

fn rule() -> Value {
    json!({"name": "忙线重呼", "statuses": [8, 4, 3], "interval": 30, "times": 3})
}

fn save(world: &World, body: &Value) -> Reply {
    world.client.post(&world.path("/redial-rule"), body)
}

fn naming(group: i64, rule: &Value) -> Value {
    let mut body = task(group);
    body["auto_recycle_rule_id"] = rule.clone();
    body
}

#[rstest]
fn a_rule_is_saved_listed_changed_and_deleted(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let saved = save(&world, &rule());
    assert_eq!(saved.message(), "保存成功");
    let (id, data) = (saved.data()["id"].clone(), saved.data());
    assert_eq!(
        (&data["statuses"], &data["interval"], &data["times"]),
        (&json!([3, 4, 8]), &json!(30), &json!(3))
    );
    assert_eq!(
        (&data["daily_limit"], &data["version"], &data["user_id"]),
        (&json!(null), &json!(1), &json!(world.user))
    );
    let path = world.path(&format!("/redial-rule/{id}"));
    let detail = world.client.get(&path);
    assert_eq!((detail.data(), detail.header("ETag")), (data, "\"1\""));
    let changed = world.client.put(&path, &json!({"times": 5, "daily_limit": 2, "remark": "r"}));
    assert_eq!(
        (&changed.data()["times"], &changed.data()["daily_limit"], &changed.data()["interval"]),
        (&json!(5), &json!(2), &json!(30))
    );
    let sent_back = world.client.put(&path, changed.data());
    assert_eq!((&sent_back.data()["version"], &sent_back.data()["remark"]), (&json!(3), &json!("r")));
    assert_eq!(world.client.put(&path, &json!({"daily_limit": 0})).data()["daily_limit"], json!(null));
    let stale = world.client.json("PUT", &path, &[("If-Match", "\"1\"")], &json!({"times": 1}));
    assert_eq!(stale.status, 412);
    save(&world, &json!({"name": "second", "statuses": [4], "interval": 1, "times": 1}));
    let list = world.client.get(&world.path("/redial-rule?per_page=1"));
    assert_eq!((list.column("name"), &list.body["meta"]["total"]), (vec![json!("second")], &json!(2)));
    assert_eq!(world.client.delete(&path).message(), "删除成功");
    assert_eq!((world.client.get(&path).status, world.client.delete(&path).status), (404, 404));
}

#[rstest]
fn everything_that_is_wrong_with_a_rule_is_told_at_once(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let bad = json!({"name": "", "statuses": [5, 11, 4, 1], "interval": 0, "times": 51, "daily_limit": -1, "retries": 3});
    assert_eq!(
        save(&world, &bad).faults(),
        [
            ("retries", "unknown_field"),
            ("name", "empty"),
            ("interval", "out_of_range"),
            ("times", "out_of_range"),
            ("daily_limit", "out_of_range"),
            ("statuses[0]", "never_redialed"),
            ("statuses[1]", "never_redialed"),
            ("statuses[3]", "out_of_range"),
        ]
    );
    // An entry of a wrong type keeps its place.
    let mut text = rule();
    text["statuses"] = json!(["x", 5]);
    assert_eq!(save(&world, &text).faults(), [("statuses[0]", "type"), ("statuses[1]", "never_redialed")]);
    let nothing = save(&world, &json!({}));
    assert_eq!(nothing.faulty_fields(), ["name", "statuses", "interval", "times"]);
    let id = save(&world, &rule()).data()["id"].clone();
    let path = world.path(&format!("/redial-rule/{id}"));
    let changed = world.client.put(&path, &json!({"id": 7, "statuses": [], "times": "many"}));
    assert_eq!(changed.faults(), [("times", "type"), ("id", "differs"), ("statuses", "empty")]);
    assert_eq!(world.client.get(&path).data()["version"], 1);
}

#[rstest]
fn a_rule_that_tasks_name_is_not_deleted_and_they_are_told(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let group = world.group("group");
    let id = save(&world, &rule()).data()["id"].clone();
    let path = world.path(&format!("/redial-rule/{id}"));
    let first = world.client.post(&world.path("/task"), &naming(group, &id)).data()["uuid"].clone();
    let copy = world.new_path(&format!("/copy/task/{}", first.as_str().unwrap()));
    let copy = world.client.post(&copy, &json!({})).data()["uuid"].clone();
    let refused = world.client.delete(&path);
    assert_eq!((refused.status, refused.code()), (409, 8103));
    assert_eq!(refused.body["message"], "重呼规则已关联任务，不可删除");
    assert_eq!(refused.body["meta"], json!({"total": 2}));
    assert_eq!(refused.body["data"][0], json!({"uuid": first, "name": "task"}));
    assert_eq!(refused.body["data"][1]["uuid"], copy);
    // One names another rule from now on, the other is deleted.
    let first = world.path(&format!("/task/{}", first.as_str().unwrap()));
    world.client.put(&first, &naming(group, &json!(999_999))).data();
    assert_eq!(world.client.delete(&path).body["meta"]["total"], 1);
    world.client.delete(&world.path(&format!("/task/{}", copy.as_str().unwrap()))).data();
    world.client.delete(&path).data();
}

#[rstest]
fn ids_that_tasks_name_are_brought_along_and_not_given_to_others(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let group = world.group("group");
    let next = save(&world, &rule()).data()["id"].as_i64().unwrap() + 1;
    // A task of before names an id that was never ours, and one the id that would come next.
    let task = world.client.post(&world.path("/task"), &naming(group, &json!(5562)));
    assert_eq!(task.data()["auto_recycle_rule_id"], 5562);
    world.client.post(&world.path("/task"), &naming(group, &json!(next))).data();
    assert_eq!(save(&world, &rule()).data()["id"], next + 1, "an id that a task names goes to no other rule");
    let mut brought = rule();
    brought["id"] = json!(5562);
    assert_eq!(save(&world, &brought).data()["id"], 5562);
    assert_eq!(save(&world, &brought).faults(), [("id", "taken")]);
    let refused = world.client.delete(&world.path("/redial-rule/5562"));
    assert_eq!((refused.code(), &refused.body["meta"]["total"]), (8103, &json!(1)));
}

#[rstest]
fn a_sub_user_names_its_users_rules_and_its_own_first(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let sub_user = format!("?sub_user_id={}", world.sub_user);
    let id = save(&world, &rule()).data()["id"].clone();
    let own_path = world.path(&format!("/redial-rule{sub_user}"));
    let own_group = world.path(&format!("/dial-time-group{sub_user}"));
    let group = world.client.post(&own_group, &crate::support::group("own")).data()["id"].as_i64().unwrap();
    let tasks = world.path(&format!("/task{sub_user}"));
    world.client.post(&tasks, &naming(group, &id)).data();
    let users = world.path(&format!("/redial-rule/{id}"));
    assert_eq!(world.client.delete(&users).code(), 8103, "the task of a sub-user holds the rule of its user");
    let init = world.client.get(&world.path(&format!("/task/create{sub_user}")));
    assert_eq!(
        init.data()["auto_recycle_rules"],
        json!([{"id": id, "name": "忙线重呼", "remark": null, "status": true}])
    );
    // It reads and changes none but its own.
    assert_eq!(world.client.get(&own_path).body["meta"]["total"], 0);
    assert_eq!(world.client.put(&format!("{users}{sub_user}"), &rule()).status, 404);
    // With one of its own under the same id, its task names that.
    let own = json!({"id": id, "name": "own", "statuses": [4], "interval": 1, "times": 1});
    world.client.post(&own_path, &own).data();
    world.client.delete(&users).data();
    assert_eq!(world.client.delete(&format!("{users}{sub_user}")).code(), 8103);
    let init = world.client.get(&world.new_path(&format!("/task/create{sub_user}")));
    assert_eq!(init.data()["auto_recycle_rules"][0]["name"], "own");
}
