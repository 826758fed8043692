//! Lines: what is checked when one is saved, what is never shown, who has a share of one, and what cannot be deleted.

use std::sync::Barrier;

use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    races::number_of_rounds,
    support::{Client, Database, Reply, World, register, task, until},
};

const SECRET: &str = "s3cret-of-the-trunk";

fn sip() -> Value {
    json!({
        "name": "trunk", "kind": "sip", "channels": 30, "cps": 2.5, "ring_limit": 45, "t1x64": 16,
        "description": "上海",
        "caller_ids": {"policy": "round_robin", "numbers": ["+862161234567", "1001"]},
        "callee_form": {"form": "national", "strip": "0", "prefix": "9", "areacode": "021", "country": "CN"},
        "cause_map": [{"q850": 17, "class": "no_answer"}, {"code": 480, "class": "powered_off", "status": 6}],
        "allowed_prefixes": ["+86", "852"],
        "sip": {
            "addresses": ["sip.example.com:5061", "[2001:db8::1]"], "transport": "tls", "register": true,
            "auth_user": "user", "auth_secret": SECRET, "from_domain": "example.com",
            "headers": [{"name": "X-Account", "value": "7"}], "codecs": ["pcmu"],
        },
    })
}

/// The fields at fault, with the rule that each breaks.
fn faults(reply: &Reply) -> Vec<(String, String)> {
    assert_eq!(reply.status, 422, "{}", reply.body);
    let faults = reply.body["data"].as_array().unwrap().iter();
    let text = |fault: &Value, key: &str| fault[key].as_str().unwrap().to_owned();
    faults.map(|fault| (text(fault, "field"), text(fault, "rule"))).collect()
}

fn name_line(world: &World, line: &str) -> Reply {
    let mut body = task(world.group("group"));
    body["caller_line_id"] = line.into();
    world.client.post(&world.path("/task"), &body)
}

fn allocate(world: &World, line: &str, share: &Value) -> Reply {
    world.client.post(&format!("/agent-api/new/user/{}/line/{line}", world.user), share)
}

#[rstest]
fn a_line_is_returned_as_it_was_saved_without_its_secret(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let made = world.client.post("/agent-api/line", &sip());
    let line = made.data();
    assert_eq!((&line["cps"], &line["channels"], &line["version"]), (&json!(2.5), &json!(30), &json!(1)));
    assert_eq!(line["state"], "ready");
    let warnings = line["warnings"].as_array().unwrap();
    assert!(warnings.len() == 1 && warnings[0].as_str().unwrap().contains("areacode"), "{warnings:?}");
    assert_eq!(line["allowed_prefixes"], json!(["86", "852"]));
    assert_eq!(line["cause_map"][0], json!({"q850": 17, "class": "no_answer", "status": 4}));
    assert_eq!((&line["sip"]["has_secret"], &line["simulation"]), (&json!(true), &Value::Null));
    let path = format!("/agent-api/line/{}", line["id"].as_str().unwrap());
    let read = world.client.get(&path);
    assert_eq!(read.data(), line);
    // What was read can be sent back, and the secret stays.
    let same = world.client.put(&path, read.data());
    assert_eq!((&same.data()["sip"], &same.data()["version"]), (&line["sip"], &json!(2)));
    let simulated = world.client.put(&path, &json!({"kind": "simulated"}));
    assert_eq!(faults(&simulated), [("kind".to_owned(), "stays_sip".to_owned())]);
    assert_eq!(world.client.get(&path).data()["sip"], line["sip"]);
    let without = world.client.put(
        &path,
        &json!({"callee_form": {}, "sip": {"addresses": ["a"], "auth_secret": "", "register": true}}),
    );
    assert_eq!(without.data()["sip"]["has_secret"], false);
    let warnings = without.data()["warnings"].as_array().unwrap();
    assert!(warnings.len() == 1 && warnings[0].as_str().unwrap().contains("auth_secret"), "{warnings:?}");
    for reply in [made, read, same, without, world.client.get("/agent-api/line")] {
        assert!(!reply.body.to_string().contains(SECRET), "{}", reply.body);
    }
    let masked = world.token(&["--numbers", "masked"]).get(&path);
    assert!(!masked.body.to_string().contains("61234567"), "{}", masked.body);
}

#[rstest]
fn all_that_is_wrong_with_a_line_is_told_at_once(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let bad = json!({
        "name": "", "kind": "sip", "channels": 0, "cps": 0.0001, "ring_limit": 4, "t1x64": 33, "codec": "x",
        "caller_ids": {"numbers": ["1001", "1001", "a b"]}, "callee_form": {"form": "e164"},
        "caller_form": {"prefix": "x"}, "allowed_prefixes": ["x"], "simulation": {},
        "cause_map": [{"q850": 17, "code": 486, "class": "busy"}, {"code": 200, "class": "busy"}, {"phrase": "x"}],
        "sip": {
            "addresses": ["a:0"], "auth_secret": "x", "from_user": "a b", "p_asserted_identity": "me",
            "headers": [{"name": "Via", "value": "x"}, {"name": "X-1", "value": "a\r\nb"}], "lost": 1,
        },
    });
    let reply = world.client.post("/agent-api/line", &bad);
    let mut found = faults(&reply);
    found.sort();
    let expected = [
        ("allowed_prefixes[0]", "digits"),
        ("callee_form.form", "one_of"),
        ("caller_form.prefix", "digits"),
        ("caller_ids.numbers[1]", "repeated"),
        ("caller_ids.numbers[2]", "caller_number"),
        ("cause_map[0]", "condition"),
        ("cause_map[1].code", "out_of_range"),
        ("cause_map[2].class", "required"),
        ("channels", "out_of_range"),
        ("codec", "unknown_field"),
        ("cps", "rate"),
        ("name", "empty"),
        ("ring_limit", "out_of_range"),
        ("simulation", "only_simulated"),
        ("sip.addresses[0]", "sip_address"),
        ("sip.auth_secret", "secret_alone"),
        ("sip.from_user", "sip_user"),
        ("sip.headers[0].name", "header_reserved"),
        ("sip.headers[1].value", "header_value"),
        ("sip.lost", "unknown_field"),
        ("sip.p_asserted_identity", "sip_identity"),
        ("t1x64", "out_of_range"),
    ];
    let expected = expected.map(|(field, rule)| (field.to_owned(), rule.to_owned()));
    assert_eq!(found, expected);
    let nothing = world.client.post("/agent-api/line", &json!({}));
    let fields: Vec<String> = faults(&nothing).into_iter().map(|(field, _)| field).collect();
    assert_eq!(fields, ["kind", "channels", "name"]);
    assert_eq!(world.client.get("/agent-api/line").body["meta"]["total"], 0);
}

#[rstest]
fn a_simulated_lines_script_is_checked_and_a_change_needs_the_right_version(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let path = format!("/agent-api/line/{}", world.line());
    let script = json!({"simulation": {
        "rules": [{"pattern": "86138*", "outcome": "busy", "ring": {"from": 1, "to": 2}}],
        "outcomes": [{"weight": 3, "outcome": "answered"}],
    }});
    let reply = world.client.put(&path, &script);
    assert_eq!(reply.data()["simulation"]["rules"][0]["ring"], json!({"from": 1, "to": 2}));
    assert_eq!(reply.data()["simulation"]["outcomes"][0]["talk"], json!({"from": 5, "to": 60}));
    let bad = json!({"sip": {"addresses": ["a"]}, "simulation": {
        "rules": [{"pattern": "a", "outcome": "busy", "ring": {"from": 2, "to": 1}}],
        "outcomes": [{"weight": 0, "outcome": "never"}],
    }});
    let refused = world.client.put(&path, &bad);
    let one_of = refused.body["data"].as_array().unwrap().iter().find(|fault| fault["rule"] == "one_of");
    let words = one_of.unwrap()["message"].as_str().unwrap();
    assert!(
        words.contains("busy") && !words.contains("bot_failed"),
        "what would be refused is not named: {words}"
    );
    let found: Vec<String> = faults(&refused).into_iter().map(|(_, rule)| rule).collect();
    for rule in ["only_sip", "number_pattern", "span", "out_of_range", "one_of"] {
        assert!(found.contains(&rule.to_owned()), "{rule}: {found:?}");
    }
    let put = |tag: &str| {
        let headers = [("Content-Type", "application/json"), ("If-Match", tag)];
        world.client.send("PUT", &path, &headers, Some(r#"{"name":"renamed"}"#)).status
    };
    assert_eq!((put("\"1\""), put("3"), put("\"2\"")), (412, 422, 200));
    assert_eq!(world.client.get(&path).data()["version"], 3);
}

#[rstest]
fn a_line_that_is_named_or_allocated_is_not_deleted_and_the_tasks_are_told(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let line = world.line();
    let path = format!("/agent-api/line/{line}");
    let named = name_line(&world, &line).data()["uuid"].clone();
    let refused = world.client.delete(&path);
    assert_eq!((refused.status, &refused.body["code"]), (409, &json!(8105)));
    assert_eq!(refused.body["data"], json!([{"uuid": named, "name": "task"}]));
    assert_eq!(refused.body["meta"]["total"], 1);
    let share = allocate(&world, &line, &json!({"line_concurrency": 3})).data()["id"].clone();
    // Another line takes its place.
    let task_path = world.path(&format!("/task/{}", named.as_str().unwrap()));
    assert_eq!(world.client.put(&task_path, &task(world.group("other"))).status, 200);
    let refused = world.client.delete(&path);
    let user = world.client.get(&format!("/agent-api/line/{line}/allocation")).data()[0]["name"].clone();
    let holder = json!({"allocation_id": share, "user_id": world.user, "name": user});
    assert_eq!((&refused.body["code"], &refused.body["data"]), (&json!(8105), &json!([holder])));
    assert_eq!(refused.body["meta"]["total"], 1);
    // Unbinding wants the number of the share, and is never refused, and the task that names the line stays.
    let stays = name_line(&world, &line).data()["uuid"].clone();
    let unbind =
        |share: &str| world.client.delete(&format!("/agent-api/new/user/{}/line/{share}", world.user));
    assert_eq!(faults(&unbind(&line)), [("line_id".to_owned(), "allocation_number".to_owned())]);
    assert_eq!(faults(&unbind("0")), [("line_id".to_owned(), "out_of_range".to_owned())]);
    let unknown = unbind("9999");
    assert_eq!(
        (unknown.status, unknown.body["message"].as_str().unwrap().contains("/allocation")),
        (404, true),
        "{}",
        unknown.body
    );
    assert_eq!(unbind(&share.to_string()).status, 200);
    assert_eq!(unbind(&share.to_string()).status, 404);
    assert_eq!(world.client.delete(&path).body["data"][0]["uuid"], stays);
    let task_path = world.path(&format!("/task/{}", stays.as_str().unwrap()));
    assert_eq!(world.client.delete(&task_path).status, 200);
    assert_eq!((world.client.delete(&path).status, world.client.get(&path).status), (200, 404));
}

#[rstest]
fn a_line_that_is_brought_along_is_held_by_the_tasks_that_name_it_and_a_strangers_is_nobodys(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let (stranger, _) = world.stranger();
    let id = world.user.clone();
    assert_eq!(name_line(&world, &id).status, 200, "an id that was never ours is taken");
    let line = json!({"id": id, "name": "line", "kind": "simulated", "channels": 1});
    // The same id at another partner is no line of these tasks.
    assert_eq!(stranger.post("/agent-api/line", &line).status, 200);
    let taken = world.client.post("/agent-api/line", &line);
    assert_eq!(faults(&taken), [("id".to_owned(), "id_unavailable".to_owned())]);
    assert_eq!(stranger.delete(&format!("/agent-api/line/{id}")).status, 200);
    let made = world.client.post("/agent-api/line", &line);
    assert_eq!(made.data()["version"], 2, "an id and a version never mean two things");
    assert_eq!(world.client.delete(&format!("/agent-api/line/{id}")).body["code"], 8105);
    assert_eq!(stranger.get(&format!("/agent-api/line/{id}")).status, 404);
}

#[rstest]
fn a_users_share_is_listed_as_documented_until_its_deadline(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::at(database, "2026-06-10T09:00:00+08:00");
    let (line, unused) = (world.line(), world.line());
    let share = json!({"line_concurrency": 8, "deadline_at": "2026-06-10 10:00:00", "price": 0.13});
    let first = allocate(&world, &line, &share);
    assert_eq!((&first.data()["price"], &first.data()["warnings"]), (&json!(0.13), &json!([])));
    // Given again it is the same share; and other users' shares may add up to more than the line has.
    assert_eq!(allocate(&world, &line, &share).data()["id"], first.data()["id"]);
    let other = register(&world.client, "/users");
    let more = world
        .client
        .post(&format!("/agent-api/new/user/{other}/line/{line}"), &json!({"line_concurrency": 8}));
    assert!(more.data()["warnings"][0].as_str().unwrap().contains("16"), "{}", more.body);
    let list = world.client.get(&format!("/agent-api/new_line_list?id={}", world.partner));
    assert_eq!(list.body["meta"]["total"], 2);
    let listed = &list.data().as_array().unwrap()[1];
    assert_eq!((&listed["id"], &listed["type"], &listed["call_line"]), (&json!(line), &json!(1), &json!(10)));
    let share = &listed["line_allocation"][0];
    assert_eq!(share["belong_user"], world.user.as_str());
    // The clock goes on meanwhile.
    assert!((3_500..=3_600).contains(&share["available_time"].as_i64().unwrap()), "{share}");
    assert_eq!(listed["line_allocation"].as_array().unwrap().len(), 2);
    let of_user = format!("/agent-api/new_line_list?id={}&user_id={}", world.partner, world.user);
    assert_eq!(world.client.get(&of_user).data()[0]["line_allocation"].as_array().unwrap().len(), 1);
    world.server.set_clock("2026-06-10T10:00:00+08:00");
    let after = world.client.get(&of_user);
    assert_eq!(after.data()[0]["line_allocation"][0]["available_time"], 0);
    let caller_lines =
        |query: &str| world.client.get(&format!("/agent-api/callerline?{query}")).data().clone();
    assert_eq!(caller_lines("").as_array().unwrap().len(), 3);
    assert_eq!(caller_lines("unused=true")[0]["id"], unused.as_str());
    assert_eq!(caller_lines(&format!("user_id={}", world.user))[0]["user"]["type_note"], "客户");
    let of_line = world.client.get(&format!("/agent-api/line/{line}/allocation"));
    assert_eq!(of_line.body["meta"]["total"], 2);
    let faulty =
        faults(&allocate(&world, &line, &json!({"line_concurrency": 0, "deadline_at": "x", "price": -1})));
    assert_eq!(faulty.len(), 3, "{faulty:?}");
    assert_eq!(
        faults(&world.client.get("/agent-api/new_line_list")),
        [("id".to_owned(), "required".to_owned())]
    );
}

#[rstest]
fn a_share_is_given_as_it_is_meant_or_not_at_all(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::at(database, "2026-06-10T09:00:00+08:00");
    let line = world.line();
    let listed = || {
        let list = world.client.get(&format!("/agent-api/new_line_list?id={}", world.partner));
        list.data()[0]["line_allocation"][0].clone()
    };
    let to_a_date = allocate(&world, &line, &json!({"line_concurrency": 8, "deadline_at": "2026-06-10"}));
    assert_eq!(to_a_date.data()["deadline_at"], "2026-06-11 00:00:00", "the date is in it");
    allocate(&world, &line, &json!({"line_concurrency": 8, "deadline_at": "2026-06-10 08:00:00"})).data();
    let share = listed();
    let misspelt = json!({"line_concurrency": 3, "deadline": "2026-06-11 10:00:00", "concurrency": 1});
    let unknown = |name: &str| (name.to_owned(), "unknown_field".to_owned());
    assert_eq!(faults(&allocate(&world, &line, &misspelt)), [unknown("deadline"), unknown("concurrency")]);
    // What was read can be sent back, and a deadline that is past is told.
    let given_back = allocate(&world, &line, &share);
    assert!(
        given_back.data()["warnings"]
            .as_array()
            .unwrap()
            .iter()
            .any(|text| text.as_str().unwrap().contains("截止时间已过")),
        "{}",
        given_back.body
    );
    // Shares are users': one that names a sub-user would be its user's.
    let of_sub_user = json!({"line_concurrency": 1, "sub_user_id": world.sub_user});
    assert_eq!(faults(&allocate(&world, &line, &of_sub_user)), [unknown("sub_user_id")]);
    let path =
        format!("/agent-api/new/user/{}/line/{}?sub_user_id={}", world.user, share["id"], world.sub_user);
    assert_eq!(faults(&world.client.delete(&path)), [unknown("sub_user_id")]);
    assert_eq!(listed()["line_concurrency"], 8);
    let bound = json!({"id": share["id"], "group_ids": [], "groups": [1]});
    let path = format!("/agent-api/new/user/{}/line_bind_group", world.user);
    assert_eq!(faults(&world.client.put(&path, &bound)), [unknown("groups")]);
}

#[rstest]
fn what_is_left_of_a_share_is_told_to_who_makes_a_task(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let line = world.line();
    allocate(&world, &line, &json!({"line_concurrency": 8}));
    let offered = |query: &str| {
        let [one, two] = [world.path("/task/create"), world.new_path("/task/create")]
            .map(|path| world.client.get(&format!("{path}{query}")).data()["caller_line_list"].clone());
        assert_eq!(one, two);
        one
    };
    let of_sub_user = format!("?sub_user_id={}", world.sub_user);
    let left = |query: &str| {
        let list = offered(query);
        assert_eq!((&list[0]["value"], &list[0]["call_line"]), (&json!(line), &json!(8)));
        list[0]["residue"].as_i64().unwrap()
    };
    let task = name_line(&world, &line).data()["uuid"].as_str().unwrap().to_owned();
    assert_eq!(world.client.put(&world.path(&format!("/task_start/{task}")), &json!({})).status, 200);
    assert_eq!((left(""), left(&of_sub_user)), (8, 8), "a task without numbers takes nothing");
    let numbers = json!({"data": [{"name": "a", "phone": "13800138000"}]});
    assert_eq!(world.client.post(&world.path(&format!("/task/{task}/number")), &numbers).status, 200);
    assert_eq!((left(""), left(&of_sub_user)), (7, 7));
    assert_eq!(world.client.put(&world.path(&format!("/task_stop/{task}")), &json!({})).status, 200);
    assert_eq!(left(""), 8);
}

/// What a task that is done held is another one's, also where nobody has switched it off; it is asked for again when its numbers are to be called anew.
#[rstest]
fn a_task_whose_numbers_are_all_done_gives_its_calls_back(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let line = crate::dialing::line(&world, "busy");
    let left = || {
        let offered = world.client.get(&world.path("/task/create"));
        offered.data()["caller_line_list"][0]["residue"].as_i64().unwrap()
    };
    let task = crate::dialing::task(&world, &line, world.open_group(), 1);
    assert_eq!(left(), 20);
    crate::dialing::start(&world, &task);
    until("its number is done", || crate::dialing::progress(&world, &task)["reason"]["code"] == "finished");
    assert_eq!(left(), 20);
    allocate(&world, &line, &json!({"line_concurrency": 4})).data();
    let reset = world.path(&format!("/task/{task}/number-batch-reset"));
    let refused = world.client.put(&reset, &json!({"status": [8]}));
    assert_eq!(refused.faults(), [("maximumcall", "residue")]);
    allocate(&world, &line, &json!({"line_concurrency": 5})).data();
    world.client.put(&reset, &json!({"status": [8]})).data();
}

#[rstest]
fn a_task_that_wants_more_calls_than_are_left_is_refused(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let (line, group) = (world.line(), world.group("group"));
    allocate(&world, &line, &json!({"line_concurrency": 8}));
    let body = |calls: i64, task: Value| {
        let mut body = task;
        (body["caller_line_id"], body["maximumcall"]) = (json!(line), json!(calls));
        body
    };
    let refused = |answer: Reply| assert_eq!(answer.faults(), [("maximumcall", "residue")]);
    let tasks = [world.path("/task"), world.new_path("/task")];
    for path in &tasks {
        refused(world.client.post(path, &body(9, task(group))));
    }
    let mut by_list = task(group);
    by_list["task_extras"]["line"] = json!([{"id": line, "limit": 9}]);
    by_list["maximumcall"] = json!(20);
    refused(world.client.post(&tasks[1], &by_list));
    let ids: Vec<String> = tasks
        .iter()
        .map(|path| {
            let made = world.client.post(path, &body(5, task(group)));
            made.data()["uuid"].as_str().unwrap().to_owned()
        })
        .collect();
    let numbers = json!({"data": [{"phone": "13800138000"}]});
    let number = |task: &str| world.client.post(&world.path(&format!("/task/{task}/number")), &numbers);
    for id in &ids {
        number(id).data();
    }
    let start = |task: &str| world.client.get(&world.path(&format!("/task_start/{task}")));
    start(&ids[0]).data();
    refused(start(&ids[1]));
    refused(world.client.put(&format!("{}/{}", tasks[1], ids[1]), &body(6, task(group))));
    world.client.put(&format!("{}/{}", tasks[1], ids[1]), &body(3, task(group))).data();
    start(&ids[1]).data();
    // A copy is made all the same; it and another that wants too much take nothing as long as they have no numbers.
    let copy = world.client.get(&world.new_path(&format!("/copy/task/{}", ids[0])));
    let copy = copy.data()["uuid"].as_str().unwrap().to_owned();
    start(&copy).data();
    assert_eq!(number(&copy).code(), 6007);
    world.client.get(&world.path(&format!("/task_stop/{}", ids[0]))).data();
    let third =
        world.client.post(&tasks[0], &body(4, task(group))).data()["uuid"].as_str().unwrap().to_owned();
    start(&third).data();
    start(&ids[0]).data();
    refused(number(&third));
}

#[rstest]
fn a_task_is_answered_with_the_name_of_its_line_and_how_many_numbers_it_has(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let line = json!({"name": "上海出局", "kind": "simulated", "channels": 1});
    let line = world.client.post("/agent-api/line", &line).data()["id"].clone();
    let group = json!({"name": "华东", "lines": [line]});
    let group = world.client.post("/agent-api/line-group", &group).data()["id"].clone();
    let dial_time = world.group("group");
    let mut one = task(dial_time);
    one["caller_line_id"] = line.clone();
    let one = world.client.post(&world.path("/task"), &one);
    assert_eq!(one.data()["caller_line_name"], "上海出局");
    let mut two = task(dial_time);
    two["task_extras"]["line"] = json!([group, line]);
    let two = world.client.post(&world.new_path("/task"), &two).data()["uuid"].as_str().unwrap().to_owned();
    let numbers = json!({"data": [{"phone": "13800138000"}, {"phone": "13800138001"}]});
    world.client.post(&world.path(&format!("/task/{two}/number")), &numbers).data();
    let detail = world.client.get(&world.new_path(&format!("/task/{two}/edit")));
    let data = detail.data();
    assert_eq!(
        (&data["caller_line_name"], &data["new_task_extra"]["number_count"]),
        (&json!("华东"), &json!(2))
    );
    let list = world.client.get(&world.new_path("/task"));
    assert_eq!(list.data()[0]["new_task_extra"]["number_count"], 2);
    let list = world.client.get(&world.path("/task"));
    assert_eq!(list.column("caller_line_name"), ["上海出局"]);
    let edit = world.path(&format!("/task/{}/edit", one.data()["uuid"].as_str().unwrap()));
    assert_eq!(world.client.get(&edit).data()["caller_line_name"], "上海出局");
}

/// Two requests at the same moment.
fn at_once(one: impl FnOnce() -> Reply + Send, other: impl FnOnce() -> Reply + Send) -> [Reply; 2] {
    let barrier = Barrier::new(2);
    std::thread::scope(|scope| {
        let one = scope.spawn(|| {
            barrier.wait();
            one()
        });
        barrier.wait();
        let other = other();
        [one.join().unwrap(), other]
    })
}

/// A client of its own for each side, so that neither waits for the other's connection.
fn sides(world: &World) -> [Client; 2] {
    [world.token(&[]), world.token(&[])]
}

#[rstest]
fn a_line_deleted_while_a_task_that_names_it_is_saved_is_held_or_was_never_there(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let ([saver, deleter], mut body) = (sides(&world), task(world.group("group")));
    let mut won = [0, 0];
    for _ in 0..number_of_rounds() {
        let line = world.line();
        body["caller_line_id"] = line.as_str().into();
        let path = format!("/agent-api/line/{line}");
        let [saved, deleted] = at_once(|| saver.post(&world.path("/task"), &body), || deleter.delete(&path));
        // An id that is no line any more is taken, as any other.
        assert_eq!(saved.status, 200, "{}", saved.body);
        assert_eq!(world.client.get(&path).status, if deleted.status == 200 { 404 } else { 200 });
        if deleted.status != 200 {
            assert_eq!((deleted.status, &deleted.body["code"]), (409, &json!(8105)), "{}", deleted.body);
            let task = world.path(&format!("/task/{}", saved.data()["uuid"].as_str().unwrap()));
            assert_eq!(world.client.delete(&task).status, 200);
            assert_eq!(world.client.delete(&path).status, 200, "nothing else held it");
        }
        won[usize::from(deleted.status == 200)] += 1;
    }
    assert_eq!(won[0] + won[1], number_of_rounds(), "{won:?}");
}

#[rstest]
fn a_line_brought_along_while_a_task_that_names_it_is_saved_is_held(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let ([saver, bringer], mut body) = (sides(&world), task(world.group("group")));
    for _ in 0..number_of_rounds() {
        let id = test_support::anything().to_string();
        body["caller_line_id"] = id.as_str().into();
        let line = json!({"id": id, "name": "line", "kind": "simulated", "channels": 1});
        let [saved, brought] =
            at_once(|| saver.post(&world.path("/task"), &body), || bringer.post("/agent-api/line", &line));
        assert_eq!((saved.status, brought.status), (200, 200), "{} {}", saved.body, brought.body);
        let refused = world.client.delete(&format!("/agent-api/line/{id}"));
        assert_eq!(refused.body["data"][0]["uuid"], saved.data()["uuid"], "{}", refused.body);
    }
}

#[rstest]
fn a_line_that_is_not_there_is_taken_with_a_warning(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let line = world.line();
    let (unknown, other) = ("1b6a9a5e-3f0c-4b1e-9d6a-5a5e9f3f0c4b", "2b6a9a5e-3f0c-4b1e-9d6a-5a5e9f3f0c4b");
    let mut body = task(world.group("group"));
    body["caller_line_id"] = json!(unknown);
    body["task_extras"]["line"] = json!([line, other]);
    let made = world.client.post(&world.new_path("/task"), &body).data().clone();
    let of_lines = |task: &Value| -> Vec<(Value, String)> {
        let warnings = task["warnings"].as_array().unwrap().iter();
        let told = warnings.map(|one| (one["field"].clone(), one["message"].as_str().unwrap().to_owned()));
        told.filter(|(field, _)| field == "caller_line_id" || field == "task_extras.line").collect()
    };
    let told =
        |field: &str, id: &str| (json!(field), format!("线路（或线路组）{id}不存在，任务不会经其呼叫"));
    let expected = [told("caller_line_id", unknown), told("task_extras.line", other)];
    let detail = world.new_path(&format!("/task/{}/edit", made["uuid"].as_str().unwrap()));
    for task in [&made, world.client.get(&detail).data()] {
        assert_eq!(of_lines(task), expected);
        assert!(task["caller_line_name"].is_string(), "one of them is there: {task}");
    }
    // Brought along from elsewhere, it is there.
    let brought = json!({"id": unknown, "name": "brought", "kind": "simulated", "channels": 1});
    world.client.post("/agent-api/line", &brought).data();
    assert_eq!(of_lines(world.client.get(&detail).data()), expected[1..]);
}
