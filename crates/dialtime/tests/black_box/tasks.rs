//! Tasks of both generations, as documented and beyond.

use insta::assert_json_snapshot;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Client, Database, Reply, World, always, anything, group, steady, task};

const LINE: &str = "1b6a9a5e-3f0c-4b1e-9d6a-5a5e9f3f0c4b";
const OTHER_LINE: &str = "6f1c2a40-8f0b-4a53-9d51-b0f2c6a1d9e7";
const LONG_AGO: &str = "2000-01-01 00:00:00";
const FAR_AWAY: &str = "2124-01-01 00:00:00";

/// A body with some of its fields replaced or added.
fn with(mut body: Value, fields: &Value) -> Value {
    for (name, value) in fields.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

/// The body of a 2.0 task that may dial from `start` to `stop` but for these closures.
fn bounded(group: i64, start: &str, stop: &str, closures: &Value) -> Value {
    let extras = json!({"start_time": start, "stop_time": stop, "holiday": closures, "line": []});
    with(task(group), &json!({"task_extras": extras}))
}

/// The fields of a task that 1.0 documents.
fn first_fields(group: i64) -> Value {
    json!({
        "name": "api创建任务", "dial_time_id": group, "destination_extension": 1612, "maximumcall": 3,
        "caller_line_id": LINE, "bridge_group_id": 8, "remark": "备注", "call_pause_second": 10,
        "auto_recycle_rule_id": 94, "elasticity_type": false, "end_action": 1, "llm_intention_id": 38,
        "task_type": 4,
    })
}

/// The fields of a task that 2.0 documents, but for `task_extras`.
fn second_fields(group: i64) -> Value {
    json!({
        "name": "2.0任务", "dial_time_id": group, "destination_extension": "480", "maximumcall": 2,
        "bridge_group_id": 8, "enable_type": 0, "is_call_in": 0, "remark": "备注", "auto_recycle_rule_id": 94,
        "end_action": 0, "elasticity_type": true, "background_id": 25, "llm_intention_id": 38, "task_type": 7,
        "is_group_switch": 1, "group_type": "group", "score_scheme_id": 6,
        "group_switch_rule": [
            {"switch_start": "09:00", "switch_end": "12:00", "group_id": 297, "default_group_id": 298},
        ],
    })
}

/// What 2.0 documents of `task_extras`.
fn extras() -> Value {
    json!({
        "start_time": "2024-11-01 13:25:26",
        "stop_time": "2124-11-01 13:25:26",
        "holiday": [{"start": "2024-11-01 13:25", "end": "2024-11-03 13:25"}],
        "line": [LINE],
        "interval_time": 5,
        "destination_extension_list": [{"begin": "09:00", "end": "12:00", "destination_extension": 123}],
        "destination_extension_with_variable_list":
            [{"mode": 1, "values": ["a", "b"], "destination_extension": 123, "sort": 0}],
        "pop_mode": 1,
        "redial_enabled": true,
        "redial_new_number_policy": 2,
        "redial_interval": 3,
        "redial_max_times": 3,
        "redial_conditions": {"da_status": [2, 3, 4, 6, 8, 9, 12]},
    })
}

fn uuid(reply: &Reply) -> String {
    reply.data()["uuid"].as_str().unwrap().to_owned()
}

/// The detail of a task in the 2.0 view.
fn detail(world: &World, task: &str) -> Value {
    world.client.get(&world.new_path(&format!("/task/{task}/edit"))).data().clone()
}

/// The detail of a task in the 1.0 view.
fn first_detail(world: &World, task: &str) -> Value {
    world.client.get(&world.path(&format!("/task/{task}/edit"))).data().clone()
}

/// A working week, Saturday's windows apart, and Sunday without any.
fn office_hours(world: &World) -> i64 {
    let window = |begin: &str, end: &str| json!({"begin_time": begin, "end_time": end});
    let weekday =
        |week: i64| json!({"week": week, "times": [window("8:00", "12:00"), window("13:00", "15:00")]});
    let content = json!([
        weekday(5), weekday(4), weekday(3), weekday(2), weekday(1),
        {"week": 6, "times": [window("22:00", "06:00")]}, {"week": 0, "times": []},
    ]);
    let body = with(group("office hours"), &json!({"content": content}));
    world.client.post(&world.path("/dial-time-group"), &body).data()["id"].as_i64().unwrap()
}

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
fn a_list_over_all_sub_users_shows_theirs_and_not_the_users_own(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let second = crate::support::register(&world.client, &world.path("/subset_users"));
    let make = |path: &str, sub_user: &str| {
        let groups = world.path("/dial-time-group");
        let own = world.client.post(&groups, &with(group("g"), &json!({"sub_user_id": sub_user})));
        let body = with(task(own.data()["id"].as_i64().unwrap()), &json!({"sub_user_id": sub_user}));
        json!(uuid(&world.client.post(path, &body)))
    };
    let (first, new) = (world.path("/task"), world.new_path("/task"));
    let first = [make(&first, &world.sub_user), make(&first, &second), make(&first, &world.sub_user)];
    let new = [make(&new, &second), make(&new, &world.sub_user)];
    let group = world.group("own");
    let (own, own_new) = (world.task(group), world.new_task(group));
    let old_lists = [world.path("/all_task"), world.path("/subset_task")];
    for list in &old_lists {
        let all = world.client.get(list);
        assert_eq!(all.message(), "返回所有子账号的任务列表信息成功");
        assert_eq!(all.column("uuid"), [&first[2], &first[1], &first[0]].map(Clone::clone));
        assert_eq!(all.column("user_id"), [&world.sub_user, &second, &world.sub_user].map(|id| json!(id)));
        assert_eq!(all.column("destination_extension"), [json!("297"), json!("297"), json!("297")]);
        let page = world.client.get(&format!("{list}?page=2&per_page=1"));
        assert_eq!(page.column("uuid"), [first[1].clone()]);
        let meta = json!({"has_pages": true, "total": 3, "last_page": 3, "current_page": 2, "per_page": "1"});
        assert_eq!(page.body["meta"], meta);
    }
    assert_json_snapshot!("first_list_of_sub_users", steady(&world.client.get(&old_lists[0]).body));
    let all = world.client.get(&world.new_path("/subset_task"));
    assert_eq!(all.message(), "返回所有子账号的任务列表信息成功");
    assert_eq!(all.column("uuid"), [&new[1], &new[0]].map(Clone::clone));
    assert_json_snapshot!("second_list_of_sub_users", steady(&all.body));
    assert_eq!(world.client.get(&world.path("/task")).column("uuid"), [json!(own)]);
    assert_eq!(world.client.get(&world.new_path("/task")).column("uuid"), [json!(own_new)]);
}

/// A task of every kind of state in one account; gives what each is called by its `name`.
fn one_of_each_state(world: &World, path: &str, start_path: &str) -> Vec<(&'static str, i64)> {
    let never = with(group("never"), &json!({"content": []}));
    let never = world.client.post(&world.path("/dial-time-group"), &never).data()["id"].as_i64().unwrap();
    let open = world.open_group();
    let closed_now = json!([
        {"start": "2000-01-01 00:00", "end": "2000-01-02 00:00"},
        {"begin": "2024-01-01 00:00", "end": "2124-01-01 00:00"},
    ]);
    let closed_before = json!([{"start": "2000-01-01 00:00", "end": "2024-01-01 00:00"}]);
    let closed_later = json!([{"start": "2123-01-01 00:00", "end": "2124-01-01 00:00"}]);
    let none = json!([]);
    let rows = [
        ("paused", 1, bounded(open, LONG_AGO, FAR_AWAY, &none)),
        ("paused outside its windows", 1, bounded(never, LONG_AGO, FAR_AWAY, &none)),
        ("open", 2, bounded(open, LONG_AGO, FAR_AWAY, &none)),
        ("never open", 3, bounded(never, LONG_AGO, FAR_AWAY, &none)),
        ("not begun", 3, bounded(open, "2123-01-01 00:00:00", FAR_AWAY, &none)),
        ("over", 3, bounded(open, LONG_AGO, "2024-01-01 00:00:00", &none)),
        ("in a closure", 3, bounded(open, LONG_AGO, FAR_AWAY, &closed_now)),
        ("after a closure", 2, bounded(open, LONG_AGO, FAR_AWAY, &closed_before)),
        ("before a closure", 2, bounded(open, LONG_AGO, FAR_AWAY, &closed_later)),
    ];
    for (name, status, body) in &rows {
        let task = uuid(&world.client.post(path, &with(body.clone(), &json!({"name": name}))));
        if *status != 1 {
            let started = world.client.get(&format!("{start_path}/{task}"));
            assert_eq!(started.data()["status"], *status, "{name}");
        }
    }
    rows.map(|(name, status, _)| (name, status)).into_iter().rev().collect()
}

/// The names and states of a list's tasks.
fn states(list: &Reply) -> Vec<(String, i64)> {
    let item = |item: &Value| (item["name"].as_str().unwrap().to_owned(), item["status"].as_i64().unwrap());
    list.data().as_array().unwrap().iter().map(item).collect()
}

fn named(expected: &[(&str, i64)], wanted: &[i64]) -> Vec<(String, i64)> {
    let wanted = expected.iter().filter(|(_, status)| wanted.contains(status));
    wanted.map(|(name, status)| ((*name).to_owned(), *status)).collect()
}

#[rstest]
fn a_task_is_paused_running_or_waiting_and_the_filter_of_the_1_0_list_agrees(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let tasks = world.path("/task");
    let expected = one_of_each_state(&world, &tasks, &world.path("/task_start"));
    let list = |query: &str| states(&world.client.get(&format!("{tasks}?{query}")));
    assert_eq!(list(""), named(&expected, &[1, 2, 3]));
    for (query, wanted) in [
        ("status=1", &[1][..]),
        ("status=2", &[2]),
        ("status=3", &[3]),
        ("status[]=1&status[]=2", &[1, 2]),
        ("status[]=2&status[]=3", &[2, 3]),
        ("status[]=1&status[]=3", &[1, 3]),
        ("status[]=1&status[]=2&status[]=3", &[1, 2, 3]),
    ] {
        assert_eq!(list(query), named(&expected, wanted), "{query}");
    }
    let page = world.client.get(&format!("{tasks}?status=3&per_page=3&page=2"));
    assert_eq!(states(&page), [named(&expected, &[3])[3].clone()]);
    assert_eq!(page.body["meta"]["total"], 4);
}

#[rstest]
fn a_task_is_paused_running_or_waiting_and_the_filter_of_the_2_0_list_agrees(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let tasks = world.new_path("/task");
    let expected = one_of_each_state(&world, &tasks, &world.new_path("/task_start"));
    let all = world.client.get(&tasks);
    assert_eq!(states(&all), named(&expected, &[1, 2, 3]));
    for task in all.data().as_array().unwrap() {
        // Documented: both on is dialing, both off paused, enabled alone waiting.
        let (enable, call_status) = (&task["enable"], &task["new_task_extra"]["call_status"]);
        let flags = (enable.as_bool().unwrap(), call_status.as_bool().unwrap());
        let (status, word) = match flags {
            (false, false) => (1, "暂停中"),
            (true, true) => (2, "执行中"),
            (true, false) => (3, "等待执行"),
            (false, true) => panic!("{task}"),
        };
        assert_eq!((&task["status"], &task["status_str"]), (&json!(status), &json!(word)));
        assert_eq!((&task["start"], &task["call_status"]), (&json!(i64::from(flags.0)), call_status));
        assert_eq!(task["new_task_extra"]["enable"], *enable);
        let detail = detail(&world, task["uuid"].as_str().unwrap());
        assert_eq!((&detail["status"], &detail["status_str"]), (&task["status"], &task["status_str"]));
        assert_eq!((&detail["call_status"], &detail["enable"]), (call_status, enable));
        assert_eq!(detail["new_task_extra"], task["new_task_extra"]);
    }
    for (query, wanted) in
        [("status=1", &[1][..]), ("status=3", &[2, 3]), ("status[]=1&status[]=3", &[1, 2, 3])]
    {
        let list = world.client.get(&format!("{tasks}?{query}"));
        assert_eq!(states(&list), named(&expected, wanted), "{query}");
    }
}

/// A user with a paused, a running and a waiting 1.0 task, named after their status.
fn three_states(world: &World) {
    let (open, never) = (world.open_group(), world.group("never"));
    let path = world.path(&format!("/dial-time-group/{never}"));
    world.client.put(&path, &json!({"name": "never", "content": []})).data();
    for (name, group) in [("1", open), ("2", open), ("3", never)] {
        let body = with(task(group), &json!({"name": name}));
        let task = uuid(&world.client.post(&world.path("/task"), &body));
        if name != "1" {
            world.client.get(&world.path(&format!("/task_start/{task}"))).data();
        }
    }
}

#[rstest]
fn a_status_filter_is_a_number_or_an_array_however_it_is_written(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    three_states(&world);
    let list = |query: &str| world.client.get(&world.path(&format!("/task?{query}"))).column("name");
    let many_times = "status[]=1&".repeat(1500);
    for (query, names) in [
        ("status=1", &["1"][..]),
        ("status=2", &["2"]),
        ("status=", &["3", "2", "1"]),
        ("status[]=2", &["2"]),
        ("status[]=3&status[]=1", &["3", "1"]),
        ("status%5B%5D=3&status%5B%5D=1", &["3", "1"]),
        ("status[0]=3&status[1]=1", &["3", "1"]),
        ("status[7]=2", &["2"]),
        ("status=[3,1]", &["3", "1"]),
        ("status=%5B3%2C%201%5D", &["3", "1"]),
        ("status=[2]", &["2"]),
        ("status=%5B%223%22,%221%22%5D", &["3", "1"]),
        ("status[]=2&status[]=2", &["2"]),
        (&many_times, &["1"]),
        // What every generated client sends.
        ("status=1&status=2", &["2", "1"]),
        ("status=3&status=&status=1", &["3", "1"]),
        ("status=1&status[]=3", &["3", "1"]),
        ("status=1.0", &["1"]),
        ("status=[2.0]", &["2"]),
        ("statuses=1&status_=2", &["3", "2", "1"]),
    ] {
        assert_eq!(list(query), names, "{query:.60}");
    }
}

#[rstest]
fn an_array_with_an_unknown_status_lifts_the_filter_and_one_alone_is_refused(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    three_states(&world);
    let list = |query: &str| world.client.get(&world.path(&format!("/task?{query}")));
    for query in [
        "status[]=4",
        "status[]=1&status[]=4",
        "status[0]=1&status[1]=x",
        "status=[1,9]",
        "status[]=",
        "status=[]",
        "status=1&status=9",
    ] {
        assert_eq!(list(query).column("name"), ["3", "2", "1"], "{query}");
    }
    for query in [
        "status=0",
        "status=4",
        "status=-1",
        "status=x",
        "status=1.5",
        "status=1,2",
        "status=99999999999999999999",
    ] {
        let refused = list(query);
        assert_eq!(refused.faults(), [("status", "one_of")], "{query}");
        assert_eq!(refused.body["data"][0]["message"], "必须为以下之一：1、2、3");
    }
    // What 2.0 documents: 1 paused, 3 running and waiting.
    let new = |query: &str| world.client.get(&world.new_path(&format!("/task?{query}")));
    world.new_task(world.open_group());
    assert_eq!(new("status=2").faults(), [("status", "one_of")]);
    assert_eq!(new("status=2").body["data"][0]["message"], "必须为以下之一：1、3");
    assert_eq!(new("status[]=2&status[]=3").column("name"), ["task"]);
    assert_eq!(new("status[]=3").column("name"), Vec::<Value>::new());
}

#[rstest]
fn an_edit_of_its_group_or_its_bounds_decides_at_once_whether_a_task_runs(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let group = world.open_group();
    let tasks = [world.task(group), world.new_task(group)];
    let second = &tasks[1];
    for task in &tasks {
        world.client.get(&world.path(&format!("/task_start/{task}"))).data();
    }
    let statuses =
        || [first_detail(&world, &tasks[0]), detail(&world, second)].map(|task| task["status"].clone());
    let put_group = |content: Value| {
        let body = json!({"name": "group", "content": content});
        world.client.put(&world.path(&format!("/dial-time-group/{group}")), &body).data();
    };
    assert_eq!(statuses(), [json!(2), json!(2)]);
    put_group(json!([]));
    assert_eq!(statuses(), [json!(3), json!(3)]);
    assert_eq!(detail(&world, second)["task_extras"]["work_hour"], json!([]));
    put_group(always());
    assert_eq!(statuses(), [json!(2), json!(2)]);
    let window = json!([{"wday": "-1", "begin": "00:00", "end": "24:00"}]);
    assert_eq!(detail(&world, second)["new_task_extra"]["work_hour"], window);
    let closure = json!([{"start": "2024-01-01 00:00", "end": "2124-01-01 00:00"}]);
    for (closures, status) in [(closure, 3), (json!([]), 2)] {
        let body = bounded(group, LONG_AGO, FAR_AWAY, &closures);
        let modified = world.client.put(&world.new_path(&format!("/task/{second}")), &body);
        assert_eq!((&modified.data()["status"], &modified.data()["enable"]), (&json!(status), &json!(true)));
        assert_eq!(statuses(), [json!(2), json!(status)]);
    }
}

#[rstest]
fn a_closure_is_read_in_both_spellings_and_returned_in_one(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let sent = json!([
        {"begin": "2025-11-01 13:25", "end": "2025-11-03 13:25"},
        {"start": "2024-11-01 13:25", "end": "2024-11-03 13:25:00"},
        {"start": "2024-11-02 00:00", "end": "2024-11-02 09:30:15"},
    ]);
    let stored = json!([
        {"start": "2025-11-01 13:25", "end": "2025-11-03 13:25"},
        {"start": "2024-11-01 13:25", "end": "2024-11-03 13:25"},
        {"start": "2024-11-02 00:00", "end": "2024-11-02 09:30:15"},
    ]);
    let body = bounded(world.group("group"), LONG_AGO, FAR_AWAY, &sent);
    let task = uuid(&world.client.post(&world.new_path("/task"), &body));
    let seen = detail(&world, &task);
    assert_eq!(seen["task_extras"]["holiday"], stored);
    assert_eq!(seen["new_task_extra"]["holiday"], stored);
    let both = |begin: &str| {
        let both = json!([{"begin": begin, "start": "2025-11-01 13:25", "end": "2025-11-03 13:25"}]);
        world.client.post(&world.new_path("/task"), &bounded(world.group("group"), LONG_AGO, FAR_AWAY, &both))
    };
    assert_eq!(both("2025-11-01 13:25").status, 200);
    assert_eq!(both("2025-11-02 13:25").faults(), [("task_extras.holiday[0].begin", "differs")]);
}

#[rstest]
fn lines_are_returned_in_the_form_they_were_sent(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let group = world.group("group");
    let save = |line: Value| {
        let extras = json!({"start_time": LONG_AGO, "stop_time": FAR_AWAY, "holiday": [], "line": line});
        world.client.post(&world.new_path("/task"), &with(task(group), &json!({"task_extras": extras})))
    };
    for (line, ids) in [
        (json!([]), json!([])),
        (json!([LINE, OTHER_LINE]), json!([LINE, OTHER_LINE])),
        (json!([{"id": LINE, "limit": 2}, {"id": OTHER_LINE}]), json!([LINE, OTHER_LINE])),
        (json!([OTHER_LINE, {"id": LINE, "limit": 0}]), json!([OTHER_LINE, LINE])),
    ] {
        let seen = detail(&world, &uuid(&save(line.clone())));
        assert_eq!((&seen["task_extras"]["line"], &seen["new_task_extra"]["line"]), (&line, &ids));
    }
    for (line, field, rule) in [
        (json!(["x"]), "task_extras.line[0]", "uuid"),
        (json!([""]), "task_extras.line[0]", "empty"),
        (json!([{"limit": 1}]), "task_extras.line[0].id", "required"),
        (json!([LINE, {"id": LINE, "limit": "x"}]), "task_extras.line[1].limit", "type"),
        (json!([7]), "task_extras.line[0]", "uuid"),
        (json!([null]), "task_extras.line[0]", "uuid"),
    ] {
        assert_eq!(save(line.clone()).faults(), [(field, rule)], "{line}");
    }
    assert_eq!(save(json!(LINE)).faults(), [("task_extras.line", "type")]);
    assert_eq!(save(vec![LINE; 1001].into()).faults(), [("task_extras.line", "too_many")]);
    assert_eq!(
        save(vec![LINE; 1000].into()).data()["new_task_extra"]["line"].as_array().unwrap().len(),
        1000
    );
}

#[rstest]
fn documented_fields_that_mean_nothing_yet_are_kept_and_returned(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let group = world.group("group");
    let mut sent = with(second_fields(group), &json!({"task_extras": extras(), "colour": "unknown"}));
    let path = world.new_path("/task");
    let id = uuid(&world.client.post(&path, &sent));
    let check = |sent: &Value| {
        let seen = detail(&world, &id);
        let renamed = [("elasticity_type", "elasticity_task")];
        for (field, value) in sent.as_object().unwrap().iter().filter(|(field, _)| *field != "task_extras") {
            let field =
                renamed.iter().find(|(sent, _)| sent == field).map_or(field.as_str(), |(_, seen)| seen);
            let expected = if field == "colour" { &Value::Null } else { value };
            assert_eq!(seen[field], *expected, "{field}");
        }
        for (field, value) in sent["task_extras"].as_object().unwrap() {
            assert_eq!(seen["task_extras"][field], *value, "{field}");
        }
    };
    check(&sent);
    for (field, value) in [
        ("pop_mode", json!({"a": [1, "二", null]})),
        ("redial_enabled", json!(1)),
        ("redial_conditions", json!([])),
        ("interval_time", json!(0)),
        ("line", json!([{"id": LINE, "limit": 9}])),
        ("destination_extension_list", json!([])),
    ] {
        sent["task_extras"][field] = value;
    }
    sent["remark"] = json!(format!("\u{1F4DE} \u{0} \"\\ {}", "备".repeat(990)));
    sent["group_switch_rule"] = json!([]);
    world.client.put(&format!("{path}/{id}"), &sent).data();
    check(&sent);
}

#[rstest]
fn what_a_modification_leaves_out_stays_but_for_the_transfer_group(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let group = world.group("group");
    let first = uuid(&world.client.post(&world.path("/task"), &first_fields(group)));
    let body = with(second_fields(group), &json!({"task_extras": extras()}));
    let second = uuid(&world.client.post(&world.new_path("/task"), &body));
    let needed = json!({"name": "b", "dial_time_id": group, "destination_extension": 5, "maximumcall": 9});
    let replaced = |mut seen: Value, extension: Value| {
        for (field, value) in
            [("name", json!("b")), ("maximumcall", json!(9)), ("bridge_group_id", Value::Null)]
        {
            seen[field] = value;
        }
        seen["destination_extension"] = extension.clone();
        if let Some(remote) = seen.get_mut("new_task_extra") {
            remote["name"] = json!("b");
            remote["limit"] = json!(9);
            remote["destination_extension"] = extension;
        }
        seen
    };
    let expected = replaced(first_detail(&world, &first), json!(5));
    let body = with(needed.clone(), &json!({"caller_line_id": LINE, "remark": null}));
    let modified = world.client.put(&world.path(&format!("/task/{first}")), &body);
    assert_eq!(steady(modified.data()), steady(&with(expected, &json!({"alter_datetime": "[time]"}))));
    let expected = replaced(detail(&world, &second), json!("5"));
    let path = world.new_path(&format!("/task/{second}"));
    for body in [needed.clone(), with(needed, &json!({"task_extras": {"holiday": null}, "task_type": null}))]
    {
        let modified = world.client.put(&path, &body);
        let expected = with(expected.clone(), &json!({"alter_datetime": "[time]"}));
        assert_eq!(steady(modified.data()), steady(&expected));
    }
}

#[rstest]
fn a_modification_asks_for_what_is_documented_and_leaves_the_task_when_it_is_refused(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let group = world.group("group");
    let (first, second) = (world.task(group), world.new_task(group));
    let (path, new_path) =
        (world.path(&format!("/task/{first}")), world.new_path(&format!("/task/{second}")));
    let before = (first_detail(&world, &first), detail(&world, &second));
    let four = [
        ("name", "required"),
        ("dial_time_id", "required"),
        ("destination_extension", "required"),
        ("maximumcall", "required"),
    ];
    let line = [("caller_line_id", "required")];
    assert_eq!(world.client.put(&path, &json!({})).faults(), [&line[..], &four].concat());
    assert_eq!(world.client.put(&new_path, &json!({})).faults(), four);
    let extras = |name: &str, value: Value| json!({"task_extras": {name: value}});
    for (fields, faults) in [
        (json!({"name": " "}), ("name", "empty")),
        (json!({"remark": "x".repeat(1001)}), ("remark", "too_long")),
        (json!({"elasticity_type": true, "end_action": 1}), ("end_action", "excludes")),
        (json!({"is_call_in": 2}), ("is_call_in", "out_of_range")),
        (json!({"maximumcall": 1_000_001}), ("maximumcall", "out_of_range")),
        (json!({"maximumcall": "many"}), ("maximumcall", "type")),
        (json!({"bridge_group_id": "x"}), ("bridge_group_id", "type")),
        (json!({"elasticity_type": "no"}), ("elasticity_type", "type")),
        (json!({"task_extras": []}), ("task_extras", "type")),
        (extras("start_time", json!("2124-11-01 13:25:26")), ("task_extras.stop_time", "not_after")),
        (extras("stop_time", json!("2024-11-01")), ("task_extras.stop_time", "date_time")),
        (extras("start_time", json!(20_241_101)), ("task_extras.start_time", "type")),
        (
            extras("holiday", json!([{"end": "2024-11-01 13:25"}])),
            ("task_extras.holiday[0].start", "required"),
        ),
        (
            extras("holiday", json!([{"start": "2024-11-01 13:25"}])),
            ("task_extras.holiday[0].end", "required"),
        ),
        (
            extras(
                "holiday",
                vec![json!({"start": "2024-11-01 13:25", "end": "2024-11-01 13:26"}); 101].into(),
            ),
            ("task_extras.holiday", "too_many"),
        ),
    ] {
        let mut body = task(group);
        body.as_object_mut().unwrap().remove("task_extras");
        let body = with(body, &fields);
        assert_eq!(world.client.put(&path, &body).faults(), [faults], "{fields}");
        assert_eq!(world.client.put(&new_path, &body).faults(), [faults], "{fields}");
    }
    assert_eq!(world.client.put(&path, &Value::Null).faults(), [("body", "required")]);
    assert_eq!((first_detail(&world, &first), detail(&world, &second)), before);
}

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

#[rstest]
fn a_modification_moves_a_task_to_another_group_of_its_account_only(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let (old, new) = (world.group("old"), world.open_group());
    let of_sub_user = with(group("sub-user's"), &json!({"sub_user_id": world.sub_user}));
    let of_sub_user =
        world.client.post(&world.path("/dial-time-group"), &of_sub_user).data()["id"].as_i64().unwrap();
    let (stranger, their_user) = world.stranger();
    let theirs = stranger.post(&format!("/agent-api/user/{their_user}/dial-time-group"), &group("theirs"));
    let theirs = theirs.data()["id"].as_i64().unwrap();
    for (task, path) in
        [(world.task(old), world.path("/task")), (world.new_task(old), world.new_path("/task"))]
    {
        for foreign in [of_sub_user, theirs, 999_999] {
            let body = crate::support::task(foreign);
            let message = json!([{"field": "dial_time_id", "rule": "unknown", "message": "不存在"}]);
            let expected =
                json!({"code": 422, "status": "error", "message": "参数校验失败", "data": message});
            assert_eq!(world.client.put(&format!("{path}/{task}"), &body).body, expected);
            assert_eq!(world.client.post(&path, &body).body, expected);
        }
        assert_eq!(detail(&world, &task)["dial_time_id"], old);
        // As text too, as some clients write it.
        let body = with(crate::support::task(new), &json!({"dial_time_id": new.to_string()}));
        assert_eq!(world.client.put(&format!("{path}/{task}"), &body).data()["dial_time_id"], new);
        assert_eq!(first_detail(&world, &task)["dial_time_group"]["name"], "always");
    }
    let groups = world.path("/dial-time-group");
    assert_eq!(world.client.delete(&format!("{groups}/{old}")).message(), "删除成功");
    assert_eq!(world.client.delete(&format!("{groups}/{new}")).code(), 8101);
    assert_eq!(world.client.get(&world.path("/task")).body["meta"]["total"], 1, "no refused task was stored");
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
fn tasks_are_listed_in_pages_newest_first(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let group = world.group("group");
    for path in [world.path("/task"), world.new_path("/task")] {
        let list = |query: &str| world.client.get(&format!("{path}{query}"));
        let meta = |has_pages: bool, last_page: i64, current_page: i64, per_page: &str| {
            let total = 16;
            json!({
                "has_pages": has_pages, "total": total, "last_page": last_page, "current_page": current_page,
                "per_page": per_page,
            })
        };
        assert_eq!(list("").body["meta"]["last_page"], 1);
        let mut ids: Vec<_> = (0..16).map(|_| json!(uuid(&world.client.post(&path, &task(group))))).collect();
        ids.reverse();
        for (query, page, expected) in [
            ("", &ids[..15], meta(true, 2, 1, "15")),
            ("?page=2", &ids[15..], meta(true, 2, 2, "15")),
            ("?page=3", &[], meta(true, 2, 3, "15")),
            ("?page=4&per_page=5", &ids[15..], meta(true, 4, 4, "5")),
            ("?per_page=1", &ids[..1], meta(true, 16, 1, "1")),
            ("?per_page=100", &ids[..], meta(false, 1, 1, "100")),
        ] {
            let answer = list(query);
            assert_eq!(
                (answer.column("uuid").as_slice(), &answer.body["meta"]),
                (page, &expected),
                "{query}"
            );
        }
        for (query, field) in [
            ("?per_page=101", "per_page"),
            ("?per_page=0", "per_page"),
            ("?per_page=-1", "per_page"),
            ("?page=0", "page"),
            ("?page=1.5", "page"),
        ] {
            assert_eq!(list(query).faults(), [(field, "out_of_range")], "{query}");
        }
        assert_eq!(list("?page=x&per_page=y&status=z").faulty_fields(), ["page", "per_page", "status"]);
    }
}

#[rstest]
fn a_list_is_narrowed_to_names_that_hold_a_text_as_it_stands(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let group = world.group("group");
    let names = ["100%_周末", "1000周", "A\\b'c", "a b+c"];
    for path in [world.path("/task"), world.new_path("/task")] {
        for name in names {
            world.client.post(&path, &with(task(group), &json!({"name": name}))).data();
        }
        let list = |query: &str| world.client.get(&format!("{path}?{query}"));
        for (query, found) in [
            ("name=%E5%91%A8", &["1000周", "100%_周末"][..]),
            ("name=%25", &["100%_周末"]),
            ("name=_", &["100%_周末"]),
            ("name=A", &["A\\b'c"]),
            ("name=%5C", &["A\\b'c"]),
            ("name=%27", &["A\\b'c"]),
            ("name=a+b%2B", &["a b+c"]),
            ("name=a%20b", &["a b+c"]),
            ("name=10&status=1", &["1000周", "100%_周末"]),
            ("name=10&status=3", &[]),
            ("name=none", &[]),
            ("name=%FF", &[]),
            ("name=", &["a b+c", "A\\b'c", "1000周", "100%_周末"]),
        ] {
            assert_eq!(list(query).column("name"), found, "{query}");
        }
        assert_eq!(list(&format!("name={}", "x".repeat(255))).faults(), [("name", "too_long")]);
        assert_eq!(list("name=a%00").faults(), [("name", "control_character")]);
    }
}

#[rstest]
fn the_1_0_list_shows_the_tasks_of_both_generations_if_asked(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let group = world.open_group();
    let make =
        |path: &str, name: &str| uuid(&world.client.post(path, &with(task(group), &json!({"name": name}))));
    let (first, second) = (world.path("/task"), world.new_path("/task"));
    make(&first, "first a");
    let running = make(&second, "second a");
    make(&first, "first b");
    make(&second, "second b");
    world.client.get(&world.new_path(&format!("/task_start/{running}"))).data();
    let list = |query: &str| world.client.get(&world.path(&format!("/task?{query}")));
    for (query, names) in [
        ("generation=all", &["second b", "first b", "second a", "first a"][..]),
        ("generation=all&name=a", &["second a", "first a"]),
        ("generation=all&name=second", &["second b", "second a"]),
        ("generation=all&status=2", &["second a"]),
        ("generation=all&status[]=1&name=b", &["second b", "first b"]),
        // Only 2.0 lists have that filter.
        ("generation=all&task_type=7", &["second b", "first b", "second a", "first a"]),
        ("generation=", &["first b", "first a"]),
        ("", &["first b", "first a"]),
    ] {
        assert_eq!(list(query).column("name"), names, "{query}");
    }
    let page = list("generation=all&per_page=3&page=2");
    assert_eq!((page.column("name"), &page.body["meta"]["total"]), (vec![json!("first a")], &json!(4)));
    // All in the view of this list.
    let all = list("generation=all");
    assert!(all.column("destination_extension").iter().all(|extension| *extension == 297));
    assert!(all.column("new_task_extra").iter().all(Value::is_null));
    for query in ["generation=1", "generation=2", "generation=ALL"] {
        assert_eq!(list(query).faults(), [("generation", "one_of")], "{query}");
    }
    assert_eq!(list("page=0&generation=x&status=z").faulty_fields(), ["page", "generation", "status"]);
}

#[rstest]
fn no_other_list_knows_of_generations(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let acting = json!({"sub_user_id": world.sub_user});
    let of_sub_user = world.client.post(&world.path("/dial-time-group"), &with(group("group"), &acting));
    let of_sub_user = of_sub_user.data()["id"].as_i64().unwrap();
    for path in [world.path("/task"), world.new_path("/task")] {
        world.client.post(&path, &with(task(of_sub_user), &acting)).data();
    }
    let group = world.group("own");
    world.task(group);
    world.new_task(group);
    for list in [
        world.path("/all_task"),
        world.path("/subset_task"),
        world.new_path("/task"),
        world.new_path("/subset_task"),
    ] {
        for generation in ["all", "x"] {
            let listed = world.client.get(&format!("{list}?generation={generation}"));
            assert_eq!(listed.column("name"), ["task"], "{list} {generation}");
        }
    }
}

#[rstest]
fn the_2_0_lists_are_narrowed_to_a_task_type_and_tasks_without_one_count_as_6(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let acting = json!({"sub_user_id": world.sub_user});
    let of_sub_user = with(group("group"), &acting);
    let of_sub_user = world.client.post(&world.path("/dial-time-group"), &of_sub_user).data()["id"].as_i64();
    for (group, list, fields) in [
        (Some(world.group("group")), world.new_path("/task"), json!({})),
        (of_sub_user, world.new_path("/subset_task"), acting),
    ] {
        for (name, task_type) in [("none", json!(null)), ("6", json!(6)), ("7", json!(7)), ("4", json!(4))] {
            let body = with(task(group.unwrap()), &json!({"name": name, "task_type": task_type}));
            world.client.post(&world.new_path("/task"), &with(body, &fields)).data();
        }
        let names = |query: &str| world.client.get(&format!("{list}?{query}")).column("name");
        assert_eq!(names("task_type=6"), ["6", "none"]);
        assert_eq!(names("task_type=7&status=1"), ["7"]);
        assert_eq!(names("task_type="), ["4", "7", "6", "none"]);
        let page = world.client.get(&format!("{list}?task_type=6&per_page=1&page=2"));
        assert_eq!((page.column("name"), &page.body["meta"]["total"]), (vec![json!("none")], &json!(2)));
        for query in ["task_type=5", "task_type=6.5", "task_type=x"] {
            assert_eq!(world.client.get(&format!("{list}?{query}")).faults(), [("task_type", "one_of")]);
        }
    }
    world.task(world.group("group"));
    assert_eq!(world.client.get(&world.path("/task?task_type=7")).column("name"), ["task"]);
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

#[rstest]
fn the_tasks_of_a_group_are_those_of_both_generations_that_use_it(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let (group, other) = (world.open_group(), world.group("other"));
    let path = world.path(&format!("/dial-time-group/{group}/task"));
    assert_eq!(world.client.get(&path).data(), &json!([]));
    let (first, second) = (world.task(group), world.new_task(group));
    world.task(other);
    world.client.get(&world.path(&format!("/task_start/{first}"))).data();
    let list = world.client.get(&path);
    assert_eq!(list.message(), "返回呼叫时间组关联任务列表成功");
    assert_eq!(list.column("uuid"), [json!(second), json!(first)]);
    assert_eq!(list.column("status"), [json!(1), json!(2)]);
    assert_json_snapshot!("tasks_of_a_group", steady(&list.body));
    let last = world.client.get(&format!("{path}?page=2&per_page=1"));
    assert_eq!(last.column("uuid"), [json!(first)]);
    let meta = json!({"has_pages": true, "total": 2, "last_page": 2, "current_page": 2, "per_page": "1"});
    assert_eq!(last.body["meta"], meta);
    for (query, field) in [("?page=0", "page"), ("?per_page=101", "per_page")] {
        assert_eq!(world.client.get(&format!("{path}{query}")).faults(), [(field, "out_of_range")]);
    }
    assert_eq!(world.client.get(&world.path("/dial-time-group/999999/task")).status, 404);
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
