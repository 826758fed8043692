//! Whether a task is paused, running or waiting, and the filters that ask for it.

use rstest::rstest;
use serde_json::{Value, json};

use super::{FAR_AWAY, LONG_AGO, bounded, detail, first_detail, uuid, with};
use crate::support::{Database, Reply, World, always, group, task};

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
