//! Lists of tasks: their pages, order and filters, and whose tasks they show.

use insta::assert_json_snapshot;
use rstest::rstest;
use serde_json::{Value, json};

use super::{uuid, with};
use crate::support::{Database, World, group, steady, task};

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
