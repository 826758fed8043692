//! Line groups: saved, replaced, named by tasks in the place of a line, and held by them.

use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    races::{at_once, number_of_rounds, uuid},
    support::{Database, Reply, World, task},
};

const PATH: &str = "/agent-api/line-group";

fn create(world: &World, lines: &[&str]) -> Reply {
    world.client.post(PATH, &json!({"name": "华东", "lines": lines}))
}

fn id(answer: &Reply) -> String {
    answer.data()["id"].as_str().unwrap().to_owned()
}

#[rstest]
fn a_group_is_created_read_replaced_and_deleted(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let (one, other) = (world.line(), world.line());
    let created = create(&world, &[&other, &one]);
    let (data, path) = (created.data().clone(), format!("{PATH}/{}", id(&created)));
    assert_eq!((&data["lines"], &data["version"]), (&json!([other, one]), &json!(1)));
    assert_eq!(data["failover"], json!(["line_failure", "throttled", "configuration"]));
    let detail = world.client.get(&path);
    assert_eq!((detail.data(), detail.header("ETag")), (&data, "\"1\""));
    let mut body = data.clone();
    (body["lines"], body["failover"]) = (json!([one]), json!(["blocked"]));
    let replaced = world.client.put(&path, &body);
    assert_eq!((replaced.message(), &replaced.data()["lines"]), ("替换成功", &json!([one])));
    assert_eq!((&replaced.data()["failover"], &replaced.data()["version"]), (&json!(["blocked"]), &json!(2)));
    let stale = world.client.json("PUT", &path, &[("If-Match", "\"1\"")], &body);
    assert_eq!(stale.status, 412);
    assert_eq!(world.client.get(&format!("{PATH}?per_page=1")).body["meta"]["total"], 1);
    let (stranger, _) = world.stranger();
    assert_eq!((stranger.get(&path).status, stranger.delete(&path).status), (404, 404));
    // A line in a group stays, and the group is named.
    let line = format!("/agent-api/line/{one}");
    let refused = world.client.delete(&line);
    assert_eq!((refused.status, refused.code()), (409, 8106));
    assert_eq!(refused.body["data"], json!([{"id": data["id"], "name": "华东"}]));
    assert_eq!(world.client.delete(&path).message(), "删除成功");
    assert_eq!((world.client.get(&path).status, world.client.delete(&line).status), (404, 200));
}

#[rstest]
fn everything_that_is_wrong_with_a_group_is_told_at_once(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let line = world.line();
    let bad = json!({"name": "", "description": "x".repeat(1_001), "lines": [line, line, "x"], "failover": ["busy"], "order": 1});
    assert_eq!(
        world.client.post(PATH, &bad).faults(),
        [
            ("lines[2]", "uuid"),
            ("failover[0]", "one_of"),
            ("order", "unknown_field"),
            ("name", "empty"),
            ("description", "too_long"),
            ("lines[1]", "repeated"),
        ]
    );
    assert_eq!(world.client.post(PATH, &json!({})).faults(), [("name", "required"), ("lines", "required")]);
    assert_eq!(create(&world, &[]).faults(), [("lines", "empty")]);
    let (_, theirs) = world.stranger();
    let unknown = [&line, &theirs, "5832d184-dd53-42a0-8ace-0bf8d660f4cc"];
    assert_eq!(create(&world, &unknown).faults(), [("lines[1]", "unknown"), ("lines[2]", "unknown")]);
    let group = create(&world, &[&line]);
    let path = format!("{PATH}/{}", id(&group));
    let other = json!({"id": theirs, "name": "x", "lines": [line]});
    assert_eq!(world.client.put(&path, &other).faults(), [("id", "differs")]);
}

#[rstest]
fn a_task_that_names_a_group_holds_it(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let line = world.line();
    let group = id(&create(&world, &[&line]));
    let path = format!("{PATH}/{group}");
    let dial_time = world.group("group");
    let mut one = task(dial_time);
    one["caller_line_id"] = json!(group);
    let mut two = task(dial_time);
    two["task_extras"]["line"] = json!([{"id": group, "limit": 3}]);
    let made =
        [world.client.post(&world.path("/task"), &one), world.client.post(&world.new_path("/task"), &two)];
    let refused = world.client.delete(&path);
    assert_eq!((refused.status, refused.code()), (409, 8107));
    let told: Vec<Value> =
        refused.body["data"].as_array().unwrap().iter().map(|task| task["uuid"].clone()).collect();
    assert_eq!(told, made.each_ref().map(|made| made.data()["uuid"].clone()));
    for made in &made {
        world.client.delete(&world.path(&format!("/task/{}", uuid(made)))).data();
    }
    world.client.delete(&path).data();
    // What is left of a share is that of the group's first line.
    let share = format!("/agent-api/new/user/{}/line/{line}", world.user);
    world.client.post(&share, &json!({"line_concurrency": 2})).data();
    one["caller_line_id"] = json!(id(&create(&world, &[&line])));
    one["maximumcall"] = json!(3);
    assert_eq!(world.client.post(&world.path("/task"), &one).faults(), [("maximumcall", "residue")]);
}

#[rstest]
fn groups_with_lines_that_an_account_has_a_share_of_are_offered_for_its_tasks(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let (one, other, foreign) = (world.line(), world.line(), world.line());
    let share = |line: &str, body: &Value| {
        world.client.post(&world.new_path(&format!("/line/{line}")), body).data();
    };
    let group = id(&create(&world, &[&foreign, &other, &one]));
    create(&world, &[&foreign]);
    let offered = |query: &str| {
        let [v1, v2] = [world.path("/task/create"), world.new_path("/task/create")]
            .map(|path| world.client.get(&format!("{path}{query}")).data()["caller_line_list"].clone());
        assert_eq!(v1, v2);
        v1
    };
    assert_eq!(offered(""), json!([]));
    share(&one, &json!({"line_concurrency": 8}));
    share(&other, &json!({"line_concurrency": 3}));
    let list = offered("");
    let shown = |place: usize| {
        let item = &list[place];
        assert_eq!(item["value"], item["line_id"]);
        [&item["value"], &item["is_group"], &item["residue"], &item["call_line"]].map(Clone::clone)
    };
    assert_eq!(list.as_array().unwrap().len(), 3, "{list}");
    assert_eq!(shown(2), [json!(group), json!(true), json!(3), json!(3)], "of its first line with a share");
    assert_eq!((&list[2]["name"], &list[0]["is_group"]), (&json!("华东"), &json!(false)));
    assert_eq!(offered(&format!("?sub_user_id={}", world.sub_user)), list);
    // A task that names it takes of that line, too.
    let mut body = task(world.group("group"));
    (body["caller_line_id"], body["maximumcall"]) = (json!(group), json!(2));
    let made = uuid(&world.client.post(&world.path("/task"), &body));
    let numbers = json!({"data": [{"phone": "13800138000"}]});
    world.client.post(&world.path(&format!("/task/{made}/number")), &numbers).data();
    world.client.put(&world.path(&format!("/task_start/{made}")), &json!({})).data();
    let residues: Vec<Value> =
        offered("").as_array().unwrap().iter().map(|item| item["residue"].clone()).collect();
    assert_eq!(residues, [8, 1, 1]);
    let (stranger, user) = world.stranger();
    let init = stranger.get(&format!("/agent-api/user/{user}/task/create"));
    assert_eq!(init.data()["caller_line_list"], json!([]));
}

#[rstest]
fn a_group_deleted_while_a_task_that_names_it_is_saved_is_held_or_was_never_there(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let (line, saver, deleter) = (world.line(), world.token(&[]), world.token(&[]));
    let mut body = task(world.group("group"));
    let mut held = 0;
    let rounds = number_of_rounds();
    for round in 0..rounds {
        let group = id(&create(&world, &[&line]));
        let path = format!("{PATH}/{group}");
        body["caller_line_id"] = json!(group);
        let tasks = world.path("/task");
        let [saved, deleted] = at_once(round, [&|| saver.post(&tasks, &body), &|| deleter.delete(&path)]);
        assert_eq!(saved.status, 200, "{}", saved.body);
        assert_eq!(world.client.get(&path).status, if deleted.status == 200 { 404 } else { 200 });
        if deleted.status != 200 {
            held += 1;
            assert_eq!(deleted.code(), 8107, "{}", deleted.body);
            world.client.delete(&world.path(&format!("/task/{}", uuid(&saved)))).data();
            world.client.delete(&path).data();
        }
    }
    eprintln!("{database:?}: held in {held} of {rounds} rounds");
}
