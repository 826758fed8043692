//! What the platform's documents say of tasks: their answers, forms, switches and statistics.

use insta::assert_json_snapshot;
use rstest::rstest;
use serde_json::{Value, json};

use super::{detail, extras, first_fields, office_hours, second_fields, uuid, with};
use crate::support::{Database, Reply, World, group, steady};

#[rstest]
fn a_1_0_task_is_made_listed_shown_modified_and_deleted_with_the_documented_answers(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let (tasks, group) = (world.path("/task"), world.group("工作时间"));
    let created = world.client.post(&tasks, &first_fields(group));
    assert_json_snapshot!("first_created", steady(&created.body));
    assert_eq!((created.message(), &created.data()["user_id"]), ("创建成功", &json!(world.user)));
    let list = world.client.get(&tasks);
    assert_eq!((list.message(), &list.data()[0]), ("返回任务列表信息", created.data()));
    assert_json_snapshot!("first_list", steady(&list.body));
    let task = format!("{tasks}/{}", uuid(&created));
    let detail = world.client.get(&format!("{task}/edit"));
    assert_eq!(detail.message(), "返回任务初始化信息成功");
    assert_json_snapshot!("first_detail", steady(&detail.body));
    let change = with(first_fields(group), &json!({"name": "改", "maximumcall": 4, "task_type": 1}));
    let modified = world.client.put(&task, &change);
    assert_eq!(modified.message(), "修改成功");
    assert_json_snapshot!("first_modified", steady(&modified.body));
    assert_eq!(world.client.get(&format!("{task}/edit")).data(), modified.data());
    let deleted = world.client.delete(&task);
    assert_eq!(deleted.body, json!({"code": 200, "status": "success", "message": "删除成功", "data": []}));
}

#[rstest]
fn a_2_0_task_is_made_listed_shown_modified_and_deleted_with_the_documented_answers(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let (tasks, group) = (world.new_path("/task"), office_hours(&world));
    let body = with(second_fields(group), &json!({"task_extras": extras()}));
    let created = world.client.post(&tasks, &body);
    assert_json_snapshot!("second_created", steady(&created.body));
    assert_eq!((created.message(), &created.data()["user_id"]), ("创建成功", &json!(world.user)));
    let list = world.client.get(&tasks);
    assert_eq!((list.message(), &list.data()[0]), ("返回任务列表信息成功", created.data()));
    assert_json_snapshot!("second_list", steady(&list.body));
    let task = format!("{tasks}/{}", uuid(&created));
    let detail = world.client.get(&format!("{task}/edit"));
    assert_eq!(detail.message(), "返回任务信息成功");
    assert_json_snapshot!("second_detail", steady(&detail.body));
    let change = with(second_fields(group), &json!({"name": "改", "maximumcall": 4, "is_group_switch": 2}));
    let modified = world.client.put(&task, &change);
    assert_eq!(modified.message(), "修改成功");
    assert_json_snapshot!("second_modified", steady(&modified.body));
    assert_eq!(world.client.get(&format!("{task}/edit")).data(), modified.data());
    let deleted = world.client.delete(&task);
    assert_eq!(deleted.body, json!({"code": 200, "status": "success", "message": "删除成功", "data": []}));
}

#[rstest]
fn the_forms_for_a_new_task_offer_the_accounts_groups_newest_first(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let groups = [office_hours(&world), world.group("后")];
    let own = with(group("子账户的"), &json!({"sub_user_id": world.sub_user, "is_default": true}));
    let own = world.client.post(&world.path("/dial-time-group"), &own).data()["id"].clone();
    for (name, path, list) in [
        ("first_form", world.path("/task/create"), "enum_dial_time_group"),
        ("second_form", world.new_path("/task/create"), "task_dial_times"),
    ] {
        let form = world.client.get(&path);
        assert_eq!(form.message(), "返回任务初始化信息成功");
        assert_json_snapshot!(name, steady(&form.body));
        let ids = |form: &Reply| -> Vec<Value> {
            form.data()[list].as_array().unwrap().iter().map(|group| group["id"].clone()).collect()
        };
        assert_eq!(ids(&form), [json!(groups[1]), json!(groups[0])]);
        let of_sub_user = world.client.get(&format!("{path}?sub_user_id={}", world.sub_user));
        assert_eq!(ids(&of_sub_user), std::slice::from_ref(&own));
    }
}

#[rstest]
fn a_task_is_started_and_stopped_by_any_of_three_methods_and_again_without_harm(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let group = world.open_group();
    for (task, path) in [(world.task(group), world.path("")), (world.new_task(group), world.new_path(""))] {
        for method in ["GET", "POST", "PUT", "GET"] {
            let switch = |verb: &str| {
                let path = format!("{path}/{verb}/{task}");
                [(), ()].map(|()| world.client.send(method, &path, &[], (method != "GET").then_some("")).body)
            };
            let answer = |message: &str, enable: bool, status: i64, status_str: &str| {
                let data =
                    json!({"uuid": task, "enable": enable, "status": status, "status_str": status_str});
                let answer = json!({"code": 200, "status": "success", "message": message, "data": data});
                [answer.clone(), answer]
            };
            assert_eq!(switch("task_start"), answer("启动成功", true, 2, "执行中"), "{method}");
            assert_eq!(switch("task_stop"), answer("暂停成功", false, 1, "暂停中"), "{method}");
        }
    }
}

#[rstest]
fn the_statistics_of_a_task_of_either_generation_are_zero(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let group = world.group("group");
    for task in [world.task(group), world.new_task(group)] {
        let path = world.path(&format!("/task/{task}/stat"));
        let statistics = world.client.get(&path);
        assert_eq!(statistics.message(), "获取外呼任务数据统计成功");
        assert_json_snapshot!("statistics", statistics.body);
        let english = world.client.send("GET", &path, &[("Accept-Language", "en")], None);
        assert_json_snapshot!("statistics_in_english", english.body);
        let dates = format!("{path}?date[]=2023-05-08%2000:00:00&date[]=2023-05-28%2000:00:00");
        assert_eq!(world.client.get(&dates).body, statistics.body);
    }
}

#[rstest]
fn a_task_is_shown_in_the_windows_of_its_group(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let seen = detail(&world, &world.new_task(office_hours(&world)));
    // Sunday has no windows of its own, though Saturday's run into it.
    assert_eq!(seen["task_extras"]["work_week"], json!([1, 2, 3, 4, 5, 6]));
    let row = |wday: Value, begin: &str, end: &str| json!({"wday": wday, "begin": begin, "end": end});
    let mut rows: Vec<Value> = (1..=5)
        .flat_map(|wday| [row(json!(wday), "08:00", "12:00"), row(json!(wday), "13:00", "15:00")])
        .collect();
    rows.push(row(json!(6), "22:00", "06:00"));
    assert_eq!(seen["task_extras"]["work_hour"], json!(rows));
    let as_text = |row: &Value| with(row.clone(), &json!({"wday": row["wday"].to_string()}));
    assert_eq!(seen["new_task_extra"]["work_hour"], rows.iter().map(as_text).collect::<Value>());
    let remote = &detail(&world, &world.new_task(world.open_group()))["new_task_extra"];
    assert_eq!(remote["work_week"], json!([1, 2, 3, 4, 5, 6, 0]));
    assert_eq!(remote["work_hour"], json!([row(json!("-1"), "00:00", "24:00")]));
}
