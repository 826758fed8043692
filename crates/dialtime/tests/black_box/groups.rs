//! Dial time groups, as documented and beyond.

use insta::assert_json_snapshot;
use rstest::rstest;
use serde_json::{Value, json};
use test_support::SetClock;

use crate::support::{Database, Server, World, always, anything, group, steady, task};

/// A day of `content`, its windows written `08:00-20:00`.
fn day(week: i64, windows: &[&str]) -> Value {
    let window = |text: &&str| {
        let (begin, end) = text.split_once('-').unwrap();
        json!({"begin_time": begin, "end_time": end})
    };
    json!({"week": week, "times": windows.iter().map(window).collect::<Value>()})
}

#[rstest]
fn a_free_group_is_deleted_with_the_documented_answer(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let id = world.group("周末拨打组");
    let answer = world.client.delete(&world.path(&format!("/dial-time-group/{id}")));
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body, json!({"code": 200, "status": "success", "message": "删除成功", "data": []}));
    assert_eq!(world.client.delete(&world.path(&format!("/dial-time-group/{id}"))).status, 404);
}

#[rstest]
fn a_group_in_use_is_kept_with_the_documented_answer(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let id = world.group("周一周三拨打");
    let task = world.task(id);
    let path = world.path(&format!("/dial-time-group/{id}"));
    let answer = world.client.delete(&path);
    assert_eq!(answer.status, 409);
    let message = "呼叫时间组已关联任务,不可删除";
    assert_eq!(answer.body, json!({"code": 8101, "status": "error", "message": message, "data": []}));
    assert_eq!(world.client.get(&path).data()["name"], group("周一周三拨打")["name"]);
    world.client.delete(&world.path(&format!("/task/{task}"))).data();
    assert_eq!(world.client.delete(&path).status, 200);
}

#[rstest]
fn running_paused_and_finished_tasks_of_both_generations_hold_their_group(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let group = world.open_group();
    let path = world.path(&format!("/dial-time-group/{group}"));
    let mut finished = task(group);
    finished["task_extras"]["stop_time"] = json!("2024-11-02 00:00:00");
    let new_tasks = world.new_path("/task");
    let finished = world.client.post(&new_tasks, &finished).data()["uuid"].as_str().unwrap().to_owned();
    let (paused, running) = (world.new_task(group), world.task(group));
    world.client.get(&world.path(&format!("/task_start/{running}"))).data();
    for task in [finished, paused, running] {
        assert_eq!(world.client.delete(&path).code(), 8101);
        world.client.delete(&world.path(&format!("/task/{task}"))).data();
    }
    assert_eq!(world.client.delete(&path).message(), "删除成功");
}

#[rstest]
fn a_group_is_kept_and_returned_as_it_was_sent(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    // Overlapping, repeated, unsorted, over midnight, unpadded; a weekday twice and one without windows.
    let sent = json!({
        "name": "周一周三拨打",
        "content": [
            day(3, &["9:00-12:00", "08:00-10:30", "9:00-12:00"]), day(0, &[]), day(3, &["22:00-6:00"]),
            day(6, &["00:00-24:00"]), day(1, &["20:00-00:00"]),
        ],
        "is_default": true, "skip_holiday": true, "remark": "not a parameter",
    });
    let stored = json!([
        day(3, &["09:00-12:00", "08:00-10:30", "09:00-12:00"]),
        day(0, &[]),
        day(3, &["22:00-06:00"]),
        day(6, &["00:00-24:00"]),
        day(1, &["20:00-00:00"]),
    ]);
    let saved = world.client.post(&world.path("/dial-time-group"), &sent);
    assert_eq!(saved.data()["content"], stored);
    assert_json_snapshot!("group_saved", steady(&saved.body));
    assert_eq!(saved.data()["user_id"], world.user);
    let path = world.path(&format!("/dial-time-group/{}", saved.data()["id"]));
    let detail = world.client.get(&path);
    assert_eq!((detail.data(), detail.header("ETag")), (saved.data(), "\"1\""));
    assert_eq!(detail.message(), "返回呼叫时间组信息成功");
    let list = world.client.get(&world.path("/dial-time-group?page=1"));
    assert_eq!(list.data()[0], *saved.data());
    assert_json_snapshot!("group_list", steady(&list.body));
    let update = json!({
        "name": "代理测试1", "content": [day(5, &["08:00-20:00", "20:30-22:00"])],
        "is_default": true, "skip_holiday": true,
    });
    let updated = world.client.put(&path, &update);
    assert_json_snapshot!("group_updated", steady(&updated.body));
    assert_eq!(updated.header("ETag"), "\"2\"");
    assert_eq!(world.client.get(&path).data(), updated.data());
}

#[rstest]
fn an_update_replaces_content_as_a_whole_and_keeps_what_is_left_out(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let sent = json!({
        "name": "a", "content": [day(1, &["08:00-20:00"]), day(2, &["08:00-20:00"])],
        "is_default": true, "skip_holiday": true, "timezone": "Europe/Berlin",
    });
    let before = world.client.post(&world.path("/dial-time-group"), &sent).data().clone();
    let path = world.path(&format!("/dial-time-group/{}", before["id"]));
    let kept = ["id", "user_id", "content", "is_default", "skip_holiday", "timezone", "created_at"];
    for body in [json!({"name": "b"}), json!({"name": "b", "content": null, "is_default": null})] {
        let after = world.client.put(&path, &body).data().clone();
        assert_eq!(after["name"], "b");
        assert!(kept.iter().all(|member| after[*member] == before[*member]), "{after}");
    }
    let replaced = world.client.put(&path, &json!({"name": "b", "content": [day(2, &["9:00-10:00"])]}));
    assert_eq!(replaced.data()["content"], json!([day(2, &["09:00-10:00"])]));
    let emptied = world.client.put(&path, &json!({"name": "b", "content": [], "skip_holiday": false}));
    assert_eq!((&emptied.data()["content"], &emptied.data()["skip_holiday"]), (&json!([]), &json!(false)));
    let moved = world.client.put(&path, &json!({"name": "b", "timezone": "Asia/Tokyo"}));
    assert_eq!((&moved.data()["timezone"], &moved.data()["version"]), (&json!("Asia/Tokyo"), &json!(6)));
    let nameless = world.client.put(&path, &json!({"content": []}));
    assert_eq!(nameless.faults(), [("name", "required")]);
    assert_eq!(world.client.get(&path).data(), moved.data());
}

#[rstest]
fn a_change_may_name_the_version_it_is_meant_for(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let (id, other) = (world.group("a"), world.group("b"));
    let task = world.task(id);
    let path = world.path(&format!("/dial-time-group/{id}"));
    let put = |tag: &str| world.client.json("PUT", &path, &[("If-Match", tag)], &json!({"name": "c"}));
    let delete = |tag: &str| world.client.send("DELETE", &path, &[("If-Match", tag)], None);
    assert_eq!(put("\"1\"").header("ETag"), "\"2\"");
    let stale = put("\"1\"");
    let message = "数据已被修改，请刷新后重试";
    assert_eq!(stale.body, json!({"code": 412, "status": "error", "message": message, "data": []}));
    for tag in [
        "\"1\"",
        "\"3\"",
        "W/\"2\"",
        "\"x\"",
        "\"\"",
        "\"02\"",
        "\"1\", \"3\"",
        "W/\"2\", \"1\"",
        "\"1,\", \"3\"",
    ] {
        assert_eq!((put(tag).status, delete(tag).status), (412, 412), "{tag}");
    }
    for tag in ["2", "nonsense", "\"2", "'2'", "", ",", "*, \"2\"", "\"2\" \"2\""] {
        for refused in [put(tag), delete(tag)] {
            assert_eq!((refused.status, refused.faults()), (422, vec![("If-Match", "entity_tags")]), "{tag}");
            assert!(
                refused.body["data"][0]["message"].as_str().unwrap().contains("\"3\""),
                "how it is written"
            );
        }
    }
    let replace = world.client.json(
        "POST",
        &format!("{path}/replace"),
        &[("If-Match", "\"1\"")],
        &json!({"with": other}),
    );
    assert_eq!(replace.status, 412);
    assert_eq!(world.client.get(&format!("{path}/task")).column("uuid"), [json!(task)]);
    assert_eq!((put("*").status, put("\"3\"").status), (200, 200));
    assert_eq!((put("\"1\", \"4\"").status, put("\"x\",W/\"1\",\"5\"").header("ETag")), (200, "\"6\""));
    assert_eq!(delete("\"6\"").code(), 8101);
    world.client.delete(&world.path(&format!("/task/{task}"))).data();
    assert_eq!(delete("\"5\",\"6\"").status, 200);
    assert_eq!((put("\"4\"").status, delete("\"4\"").status, delete("*").status), (404, 404, 404));
}

#[rstest]
fn an_account_has_at_most_one_default_and_may_have_none(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let list = world.path("/dial-time-group");
    let save = |is_default: bool, sub_user: Option<&str>| {
        let mut body = group("group");
        body["is_default"] = json!(is_default);
        body["sub_user_id"] = json!(sub_user);
        world.client.post(&list, &body).data()["id"].as_i64().unwrap()
    };
    let put = |id: i64, is_default: bool| {
        let body = json!({"name": "group", "is_default": is_default});
        world.client.put(&format!("{list}/{id}"), &body).data().clone()
    };
    // Newest first.
    let defaults = || world.client.get(&list).column("is_default");
    let (a, _b) = (save(true, None), save(false, None));
    let c = save(true, None);
    let of_sub_user = save(true, Some(&world.sub_user));
    assert_eq!(defaults(), [json!(true), json!(false), json!(false)]);
    assert_eq!(world.client.get(&format!("{list}/{a}")).data()["version"], 2);
    put(a, true);
    assert_eq!(defaults(), [json!(false), json!(false), json!(true)]);
    assert_eq!(put(a, true)["version"], 4, "to save the default as default is no switch");
    put(a, false);
    assert_eq!(defaults(), [json!(false), json!(false), json!(false)]);
    put(c, true);
    world.client.delete(&format!("{list}/{c}")).data();
    assert_eq!(defaults(), [json!(false), json!(false)]);
    let query = format!("{list}/{of_sub_user}?sub_user_id={}", world.sub_user);
    assert_eq!(world.client.get(&query).data()["is_default"], true);
}

#[rstest]
fn groups_are_listed_in_pages_newest_first(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let list = |query: &str| world.client.get(&world.path(&format!("/dial-time-group{query}")));
    let meta = |has_pages: bool, total: i64, last_page: i64, current_page: i64, per_page: &str| {
        json!({
            "has_pages": has_pages, "total": total, "last_page": last_page, "current_page": current_page,
            "per_page": per_page,
        })
    };
    let empty = list("?page=1");
    assert_eq!((empty.data(), &empty.body["meta"]), (&json!([]), &meta(false, 0, 1, 1, "15")));
    let mut ids: Vec<_> = (1..=16).map(|number| json!(world.group(&format!("group {number}")))).collect();
    ids.reverse();
    for (query, page, expected) in [
        ("", &ids[..15], meta(true, 16, 2, 1, "15")),
        ("?page=2", &ids[15..], meta(true, 16, 2, 2, "15")),
        ("?page=3", &[], meta(true, 16, 2, 3, "15")),
        ("?page=2&per_page=7", &ids[7..14], meta(true, 16, 3, 2, "7")),
        ("?per_page=16", &ids[..], meta(false, 16, 1, 1, "16")),
        ("?per_page=100", &ids[..], meta(false, 16, 1, 1, "100")),
        ("?page=1000000&per_page=100", &[], meta(false, 16, 1, 1_000_000, "100")),
        ("?page=&per_page=", &ids[..15], meta(true, 16, 2, 1, "15")),
    ] {
        let answer = list(query);
        assert_eq!((answer.column("id").as_slice(), &answer.body["meta"]), (page, &expected), "{query}");
    }
    world.client.delete(&world.path(&format!("/dial-time-group/{}", ids[0]))).data();
    assert_eq!(list("").body["meta"], meta(false, 15, 1, 1, "15"));
}

#[rstest]
fn groups_are_found_by_what_their_names_hold_as_it_stands(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    for name in ["100%_周末", "1000周", "A\\b'c", "a b+c"] {
        world.group(name);
    }
    let list = |query: &str| world.client.get(&world.path(&format!("/dial-time-group?{query}")));
    for (query, found) in [
        ("name=%E5%91%A8", &["1000周", "100%_周末"][..]),
        ("name=%25", &["100%_周末"]),
        ("name=_", &["100%_周末"]),
        ("name=A", &["A\\b'c"]),
        ("name=%5C", &["A\\b'c"]),
        ("name=a+b%2B", &["a b+c"]),
        ("name=none", &[]),
        ("name=%FF", &[]),
        ("name=", &["a b+c", "A\\b'c", "1000周", "100%_周末"]),
    ] {
        let answer = list(query);
        assert_eq!(answer.column("name"), found, "{query}");
        assert_eq!(answer.body["meta"]["total"], found.len(), "{query}");
    }
    let page = list("name=10&per_page=1&page=2");
    assert_eq!((page.column("name"), &page.body["meta"]["total"]), (vec![json!("100%_周末")], &json!(2)));
    let of_sub_user = list(&format!("name=10&sub_user_id={}", world.sub_user));
    assert_eq!(of_sub_user.data(), &json!([]));
    assert_eq!(list(&format!("name={}", "x".repeat(255))).faults(), [("name", "too_long")]);
    assert_eq!(list("name=a%00").faults(), [("name", "control_character")]);
}

#[rstest]
fn a_list_tells_how_many_tasks_use_each_group_if_asked(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let (used, _unused) = (world.open_group(), world.group("unused"));
    let mut finished = task(used);
    finished["task_extras"]["stop_time"] = json!("2024-11-02 00:00:00");
    world.client.post(&world.new_path("/task"), &finished).data();
    let (_paused, running) = (world.new_task(used), world.task(used));
    world.client.get(&world.path(&format!("/task_start/{running}"))).data();
    let list = |query: &str| world.client.get(&world.path(&format!("/dial-time-group{query}")));
    assert_eq!(list("?task_count=true").column("task_count"), [json!(0), json!(3)]);
    assert_eq!(list("?task_count=true&name=always").column("task_count"), [json!(3)]);
    assert_eq!(list("?task_count=true&per_page=1&page=2").column("task_count"), [json!(3)]);
    for query in ["", "?task_count=false", "?task_count="] {
        let groups = list(query).data().clone();
        assert!(groups.as_array().unwrap().iter().all(|group| group.get("task_count").is_none()), "{query}");
    }
    for query in ["?task_count=1", "?task_count=True"] {
        assert_eq!(list(query).column("task_count"), [json!(0), json!(3)], "{query}");
    }
    for query in ["?task_count=2", "?task_count=yes"] {
        assert_eq!(list(query).faults(), [("task_count", "one_of")], "{query}");
    }
    let faults = list("?page=0&name=%00&task_count=x");
    assert_eq!(faults.faulty_fields(), ["page", "name", "task_count"]);
    world.client.delete(&world.path(&format!("/task/{running}"))).data();
    assert_eq!(list("?task_count=true").column("task_count"), [json!(0), json!(2)]);
}

/// Answers are kept in memory as long as nothing is written.
#[rstest]
fn an_answer_that_is_kept_is_given_only_to_who_asks_the_same(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let (one, two) = (world.group("one"), world.group("two"));
    world.task(one);
    let list = |query: &str| world.client.get(&world.path(&format!("/dial-time-group?{query}")));
    let counts = |query: &str| list(query).column("task_count");
    for _ in 0..2 {
        assert_eq!(list("").column("id"), [json!(two), json!(one)]);
        assert_eq!(list("name=one").column("id"), [json!(one)]);
        assert_eq!(list("name=two").column("id"), [json!(two)]);
        assert_eq!(counts("task_count=true"), [json!(0), json!(1)]);
        assert_eq!(counts("task_count=true&name=one"), [json!(1)]);
        assert_eq!(counts("name=one"), [Value::Null]);
        assert_eq!(counts(""), [Value::Null, Value::Null]);
    }
}

#[rstest]
fn groups_of_a_user_and_of_its_sub_user_are_apart(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let (client, groups, sub_user) = (&world.client, world.path("/dial-time-group"), world.sub_user.as_str());
    let in_query = format!("?sub_user_id={sub_user}");
    let with_sub_user = |mut body: Value| {
        body["sub_user_id"] = json!(sub_user);
        body
    };
    let own = world.group("the user's");
    let first = client.post(&groups, &with_sub_user(group("in the body"))).data().clone();
    let second = client.post(&format!("{groups}{in_query}"), &with_sub_user(group("in both"))).data().clone();
    assert_eq!((&first["user_id"], &second["user_id"]), (&json!(sub_user), &json!(sub_user)));
    assert_eq!(client.get(&groups).column("id"), [json!(own)]);
    assert_eq!(
        client.get(&format!("{groups}{in_query}")).column("id"),
        [&second["id"], &first["id"]].map(Clone::clone)
    );

    // Neither reaches the other's.
    let path = format!("{groups}/{}", first["id"]);
    let rename = json!({"name": "renamed"});
    assert_eq!((client.get(&path).status, client.put(&path, &rename).status), (404, 404));
    assert_eq!(client.delete(&path).status, 404);
    assert_eq!(client.get(&format!("{groups}/{own}{in_query}")).status, 404);
    let replace = format!("{groups}/{own}/replace");
    assert_eq!(client.post(&replace, &json!({"with": first["id"]})).faults(), [("with", "unknown")]);
    let mut foreign = task(first["id"].as_i64().unwrap());
    assert_eq!(client.post(&world.path("/task"), &foreign).faults(), [("dial_time_id", "unknown")]);
    foreign["sub_user_id"] = json!(sub_user);
    client.post(&world.path("/task"), &foreign).data();

    // In the body of every method.
    assert_eq!(client.put(&path, &with_sub_user(rename)).data()["name"], "renamed");
    let free = format!("{groups}/{}", second["id"]);
    assert_eq!(client.json("DELETE", &free, &[], &with_sub_user(json!({}))).message(), "删除成功");
    assert_eq!(client.delete(&format!("{path}{in_query}")).code(), 8101);
}

#[rstest]
fn a_sub_user_must_be_the_users_own_and_named_once(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let (client, groups) = (&world.client, world.path("/dial-time-group"));
    let save = |query: &str, in_body: Value| {
        let mut body = group("group");
        body["sub_user_id"] = in_body;
        client.post(&format!("{groups}{query}"), &body)
    };
    let other = crate::support::register(client, &world.path("/subset_users"));
    let both = save(&format!("?sub_user_id={other}"), json!(world.sub_user));
    assert_eq!(both.faults(), [("sub_user_id", "differs")]);
    for wrong in [json!("me"), json!(7), json!(["x"]), json!(true)] {
        assert_eq!(save("", wrong).faults(), [("sub_user_id", "uuid")]);
    }
    assert_eq!(save("?sub_user_id=me", Value::Null).faults(), [("sub_user_id", "uuid")]);
    let other_user = crate::support::register(client, "/users");
    let theirs = crate::support::register(client, &format!("/agent-api/user/{other_user}/subset_users"));
    for nobodys in [theirs, other_user, world.user.clone(), anything().to_string()] {
        assert_eq!(save("", json!(nobodys)).status, 404);
        assert_eq!(client.get(&format!("{groups}?sub_user_id={nobodys}")).status, 404);
    }
    assert_eq!(client.get(&groups).data(), &json!([]));
    // A client whose variable was empty must not act for the user instead.
    let twice = format!("?sub_user_id={}&sub_user_id={other}", world.sub_user);
    for (query, rule) in [("?sub_user_id=", "empty"), ("?sub_user_id[]=", "empty"), (&twice, "repeated")] {
        assert_eq!(save(query, Value::Null).faults(), [("sub_user_id", rule)], "{query}");
        assert_eq!(client.get(&format!("{groups}{query}")).faults(), [("sub_user_id", rule)], "{query}");
    }
    assert_eq!(save("", json!("")).faults(), [("sub_user_id", "empty")]);
    assert_eq!(save("", Value::Null).data()["user_id"], world.user);
}

#[rstest]
fn a_group_is_replaced_by_another_in_one_step(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let (old, new, free) = (world.group("old"), world.open_group(), world.group("free"));
    let (first, second, untouched) = (world.task(old), world.new_task(old), world.task(free));
    let replace = |id: i64, body: &Value| {
        world.client.post(&world.path(&format!("/dial-time-group/{id}/replace")), body)
    };
    let tasks_of = |id: i64| world.client.get(&world.path(&format!("/dial-time-group/{id}/task")));
    for (body, fault) in [
        (json!({}), ("with", "required")),
        (json!({"with": null}), ("with", "required")),
        (json!({"with": old}), ("with", "itself")),
        (json!({"with": 999}), ("with", "unknown")),
        (json!({"with": -1}), ("with", "unknown")),
        (json!({"with": "x"}), ("with", "type")),
    ] {
        assert_eq!(replace(old, &body).faults(), [fault], "{body}");
    }
    assert_eq!(replace(999, &json!({"with": new})).status, 404);
    assert_eq!(tasks_of(old).column("uuid"), [json!(second), json!(first)]);
    let replaced = replace(old, &json!({"with": new}));
    let expected = json!({"code": 200, "status": "success", "message": "替换成功", "data": {"tasks": 2}});
    assert_eq!(replaced.body, expected);
    assert_eq!(tasks_of(old).status, 404);
    assert_eq!(tasks_of(new).column("uuid"), [json!(second), json!(first)]);
    assert_eq!(tasks_of(free).column("uuid"), [json!(untouched)]);
    let unused = world.group("unused");
    assert_eq!(replace(unused, &json!({"with": new})).data()["tasks"], 0);
    assert_eq!(replace(unused, &json!({"with": new})).status, 404);
}

#[rstest]
fn the_tasks_of_a_group_are_listed_in_pages_newest_first(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let (group, other) = (world.group("group"), world.group("other"));
    let tasks = [world.task(group), world.new_task(group), world.task(group)].map(|id| json!(id));
    world.task(other);
    let list = |query: &str| world.client.get(&world.path(&format!("/dial-time-group/{group}/task{query}")));
    let all = list("");
    assert_eq!(all.message(), "返回呼叫时间组关联任务列表成功");
    assert_eq!(all.column("uuid"), [&tasks[2], &tasks[1], &tasks[0]].map(Clone::clone));
    let page = list("?page=2&per_page=2");
    assert_eq!(page.column("uuid"), [tasks[0].clone()]);
    let meta = json!({"has_pages": true, "total": 3, "last_page": 2, "current_page": 2, "per_page": "2"});
    assert_eq!(page.body["meta"], meta);
}

#[rstest]
fn a_group_has_a_time_zone_and_timestamps_have_the_servers(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let groups = world.path("/dial-time-group");
    let save = |client: &crate::support::Client, zone: Value| {
        let mut body = group("group");
        body["timezone"] = zone;
        client.post(&groups, &body)
    };
    let saved = save(&world.client, Value::Null).data().clone();
    assert_eq!(saved["timezone"], "Asia/Shanghai");
    assert_eq!(save(&world.client, json!("America/New_York")).data()["timezone"], "America/New_York");
    for (zone, rule) in [("EST", "abbreviated_zone"), ("Mars/Phobos", "unknown_zone"), ("", "unknown_zone")] {
        assert_eq!(save(&world.client, json!(zone)).faults(), [("timezone", rule)]);
    }
    drop(world.server);
    let in_tokyo = Server::start(&world.database.url, &["--timezone", "Asia/Tokyo"], SetClock::real());
    let client = world.client.at(&in_tokyo.base);
    assert_eq!(save(&client, Value::Null).data()["timezone"], "Asia/Tokyo");
    // Tokyo's clock is an hour ahead of Shanghai's.
    let seen = client.get(&format!("{groups}/{}", saved["id"])).data().clone();
    let read = |value: &Value| {
        jiff::civil::DateTime::strptime("%Y-%m-%d %H:%M:%S", value.as_str().unwrap()).unwrap()
    };
    assert_eq!(
        read(&seen["created_at"]) - read(&saved["created_at"]),
        jiff::Span::new().hours(1).fieldwise()
    );
    assert_eq!(seen["timezone"], "Asia/Shanghai");
}

#[rstest]
fn the_most_windows_and_days_that_are_allowed_are_kept(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let save = |content: &Value| {
        let mut body = group(&"周".repeat(64));
        body["content"] = content.clone();
        world.client.post(&world.path("/dial-time-group"), &body)
    };
    let days: Value = (0..64).map(|number| day(number % 7, &["08:00-09:00"])).collect();
    let windows = json!([day(1, &["08:00-09:00"; 1000])]);
    for content in [always(), json!([]), days, windows] {
        assert_eq!(save(&content).data()["content"], content);
    }
}
