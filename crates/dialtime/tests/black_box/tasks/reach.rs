//! Who reaches a task: through either generation, as its account, and as nobody else.

use rstest::rstest;
use serde_json::json;

use super::{detail, first_detail, uuid, with};
use crate::support::{Client, Database, World, always, anything, group, task};

#[rstest]
fn a_task_of_one_generation_is_reached_by_id_through_the_other_and_listed_by_its_own(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let group = world.open_group();
    let (first, second) = (world.task(group), world.new_task(group));
    for task in [&first, &second] {
        let (old, new) = (first_detail(&world, task), detail(&world, task));
        for member in ["uuid", "name", "maximumcall", "dial_time_id", "status", "caller_line_id", "user_id"] {
            assert_eq!(old[member], new[member], "{member}");
        }
        assert_eq!(
            (&old["destination_extension"], &new["destination_extension"]),
            (&json!(297), &json!("297"))
        );
    }
    for (task, other_start, other_stop, put) in [
        (&first, world.new_path("/task_start"), world.new_path("/task_stop"), world.new_path("/task")),
        (&second, world.path("/task_start"), world.path("/task_stop"), world.path("/task")),
    ] {
        assert_eq!(world.client.get(&format!("{other_start}/{task}")).data()["status"], 2);
        assert_eq!(first_detail(&world, task)["status"], 2);
        assert_eq!(world.client.get(&format!("{other_stop}/{task}")).data()["status"], 1);
        let body = with(crate::support::task(group), &json!({"name": "seen by both"}));
        assert_eq!(world.client.put(&format!("{put}/{task}"), &body).data()["name"], "seen by both");
        assert_eq!(detail(&world, task)["name"], "seen by both");
    }
    let lists =
        || [world.path("/task"), world.new_path("/task")].map(|path| world.client.get(&path).column("uuid"));
    assert_eq!(lists(), [vec![json!(first)], vec![json!(second)]]);
    world.client.delete(&world.new_path(&format!("/task/{first}"))).data();
    world.client.delete(&world.path(&format!("/task/{second}"))).data();
    assert!(lists().iter().all(Vec::is_empty));
}

/// The statuses that every endpoint of one task gives.
fn reach(client: &Client, user: &str, group: i64, task: &str, query: &str) -> Vec<u16> {
    let mut statuses = Vec::new();
    for base in [format!("/agent-api/user/{user}"), format!("/agent-api/new/user/{user}")] {
        for path in ["task_start/T", "task_stop/T", "task/T/edit"] {
            statuses.push(client.get(&format!("{base}/{}{query}", path.replace('T', task))).status);
        }
        statuses.push(client.put(&format!("{base}/task/{task}{query}"), &crate::support::task(group)).status);
        statuses.push(client.delete(&format!("{base}/task/{task}{query}")).status);
    }
    for path in ["user/U/task/T/stat", "new/user/U/copy/task/T"] {
        let path = path.replace('U', user).replace('T', task);
        statuses.push(client.get(&format!("/agent-api/{path}{query}")).status);
    }
    statuses
}

#[rstest]
fn a_task_that_is_deleted_or_another_accounts_does_not_exist(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let (client, group) = (&world.client, world.group("group"));
    let (gone, kept) = (world.task(group), world.new_task(group));
    client.delete(&world.path(&format!("/task/{gone}"))).data();
    let unknown = json!({"code": 404, "status": "error", "message": "资源不存在", "data": []});
    for task in [gone.as_str(), &anything().to_string()] {
        assert_eq!(client.delete(&world.path(&format!("/task/{task}"))).body, unknown);
        assert_eq!(reach(client, &world.user, group, task, ""), [404; 12]);
    }
    let other = crate::support::register(client, "/users");
    let query = format!("?sub_user_id={}", world.sub_user);
    let before = detail(&world, &kept);
    assert_eq!(reach(client, &other, group, &kept, ""), [404; 12]);
    assert_eq!(reach(client, &world.user, group, &kept, &query), [404; 12]);
    let (stranger, their_user) = world.stranger();
    assert_eq!(reach(&stranger, &world.user, group, &kept, ""), [404; 12]);
    assert_eq!(reach(&stranger, &their_user, group, &kept, ""), [404; 12]);
    assert_eq!(detail(&world, &kept), before);
    for id in ["x", "427", ""] {
        assert_eq!(
            client.get(&world.path(&format!("/task_start/{id}"))).status,
            if id.is_empty() { 404 } else { 422 }
        );
    }
    assert_eq!(client.get(&world.path("/task/x/edit")).faults(), [("task_id", "uuid")]);
}

#[rstest]
fn a_call_may_act_on_the_tasks_of_a_sub_user(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let client = &world.client;
    let acting = json!({"sub_user_id": world.sub_user});
    let query = format!("?sub_user_id={}", world.sub_user);
    let body = with(with(group("g"), &json!({"content": always()})), &acting);
    let group = client.post(&world.path("/dial-time-group"), &body).data()["id"].as_i64().unwrap();
    for base in [world.path(""), world.new_path("")] {
        let body = with(task(group), &acting);
        let in_body = client.post(&format!("{base}/task"), &body);
        let in_query = client.post(&format!("{base}/task{query}"), &task(group));
        assert_eq!(in_body.data()["user_id"], world.sub_user);
        let tasks = [uuid(&in_query), uuid(&in_body)].map(|id| json!(id));
        assert_eq!(client.get(&format!("{base}/task{query}")).column("uuid"), tasks);
        assert_eq!(client.get(&format!("{base}/task")).data(), &json!([]));
        let task = uuid(&in_body);
        assert_eq!(client.get(&format!("{base}/task_start/{task}{query}")).data()["status"], 2);
        assert_eq!(client.get(&format!("{base}/task/{task}/edit{query}")).data()["status"], 2);
        assert_eq!(
            client.json("POST", &format!("{base}/task_stop/{task}"), &[], &acting).data()["status"],
            1
        );
        let renamed = client.put(&format!("{base}/task/{task}"), &with(body, &json!({"name": "renamed"})));
        assert_eq!(renamed.data()["name"], "renamed");
        let copied = client.get(&world.new_path(&format!("/copy/task/{task}{query}")));
        assert_eq!(copied.data()["user_id"], world.sub_user);
        client.delete(&format!("{base}/task/{}{query}", uuid(&copied))).data();
        let stat = world.path(&format!("/task/{task}/stat"));
        assert_eq!((client.get(&format!("{stat}{query}")).status, client.get(&stat).status), (200, 404));
        let of_group = client.get(&world.path(&format!("/dial-time-group/{group}/task{query}")));
        assert!(of_group.column("uuid").contains(&json!(task)));
        assert_eq!(client.json("DELETE", &format!("{base}/task/{task}"), &[], &acting).message(), "删除成功");
    }
}
