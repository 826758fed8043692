//! Scripts: saved, changed, listed in the platform's form, and held by the tasks that name them.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Database, Reply, World, register, task};

const LINE: &str = "1b6a9a5e-3f0c-4b1e-9d6a-5a5e9f3f0c4b";

fn script() -> Value {
    json!({
        "name": "回访",
        "steps": [
            {"action": "bot", "label": "bot", "next": "menu", "variables": {"product": "a"},
             "bots": [{"url": "wss://bot.example.com/media", "secret": "s3cret", "weight": 2}]},
            {"action": "gather", "label": "menu", "digits": 1, "no_input": "bye", "no_match": "menu",
             "branches": [{"digits": "0", "go_to": "agent"}, {"digits": "9", "go_to": "bot"}]},
            {"action": "transfer", "label": "agent", "extension": "1001", "line": LINE, "no_answer": "bye"},
            {"action": "hang_up", "label": "bye"},
        ],
        "on_machine": {"action": "hang_up", "timings": {"greeting": 1_800, "most_words": "4"}},
    })
}

fn save(world: &World, body: &Value) -> Reply {
    world.client.post(&world.path("/script"), body)
}

/// The warnings of a task, but for the lines that it names and that are not there.
fn warnings_of_scripts(task: &Value) -> Vec<Value> {
    let of_lines = ["caller_line_id", "task_extras.line"];
    let mut warnings = task["warnings"].as_array().unwrap().clone();
    warnings.retain(|warning| !of_lines.iter().any(|field| warning["field"] == *field));
    warnings
}

#[rstest]
fn a_script_is_saved_listed_changed_and_deleted(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let saved = save(&world, &script());
    let (id, data) = (saved.data()["id"].clone(), saved.data());
    let bot =
        json!({"url": "wss://bot.example.com/media", "weight": 2, "capacity": null, "has_secret": true});
    assert_eq!((&data["steps"][0]["bots"][0], &data["steps"][0]["visits"]), (&bot, &json!(3)));
    assert_eq!(
        (&data["steps"][1]["first_digit"], &data["on_machine"]["action"]),
        (&json!(5), &json!("hang_up"))
    );
    assert!(!saved.text.contains("s3cret"), "a secret is never answered");
    let path = world.path(&format!("/script/{id}"));
    assert_eq!(world.client.get(&path).data(), data);
    // What was read is sent back: nothing changes but the version, and the secret stays.
    let back = world.client.put(&path, data);
    assert_eq!((&back.data()["version"], &back.data()["steps"]), (&json!(2), &data["steps"]));
    let timings = &back.data()["on_machine"]["timings"];
    assert_eq!(
        (&timings["greeting"], &timings["most_words"], &timings["total"]),
        (&json!(1_800), &json!(4), &json!(null))
    );
    let mut without = data["steps"].clone();
    without[0]["bots"][0]["secret"] = json!("");
    let without = world.client.put(&path, &json!({"steps": without, "name": "其他"}));
    assert_eq!(
        (&without.data()["steps"][0]["bots"][0]["has_secret"], &without.data()["name"]),
        (&json!(false), &json!("其他"))
    );
    let stale = world.client.json("PUT", &path, &[("If-Match", "\"1\"")], &json!({"name": "x"}));
    assert_eq!(stale.status, 412);
    let list = world.client.get(&world.path("/script"));
    assert_eq!((list.column("id"), &list.body["meta"]["total"]), (vec![id.clone()], &json!(1)));
    let group = world.client.get(&format!("/agent-api/group/{}?per_page=1", world.user));
    assert_eq!(
        (&group.data()[0]["id"], &group.data()[0]["name"], &group.body["meta"]["per_page"]),
        (&id, &json!("其他"), &json!("1"))
    );
    world.client.delete(&path).data();
    assert_eq!(world.client.get(&path).status, 404);
}

#[rstest]
fn everything_that_is_wrong_with_a_script_is_told_at_once(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let bad = json!({
        "name": "x".repeat(65),
        "voice": "female",
        "steps": [
            {"action": "play", "visits": 21, "loop": true},
            {"action": "dance"},
            {"action": "gather", "label": "Menu", "branches": [{"digits": "a"}], "first_digit": 0},
            {"action": "bot", "bots": [{"url": "https://bot.example.com"}, {}]},
            {"action": "transfer", "extension": "1", "sip_address": "sip:a@b"},
            "hang_up",
        ],
        "on_machine": {"action": "leave_message", "timings": {"total": 999, "listening": "long", "words": 3}},
    });
    let answer = save(&world, &bad);
    assert_eq!(
        answer.faults(),
        [
            ("steps[0].loop", "unknown_field"),
            ("steps[1].action", "one_of"),
            ("steps[5]", "type"),
            ("on_machine.timings.listening", "type"),
            ("on_machine.timings.words", "unknown_field"),
            ("voice", "unknown_field"),
            ("name", "too_long"),
            ("steps[0].prompt", "required"),
            ("steps[0].visits", "out_of_range"),
            ("steps[2].branches[0].digits", "digits"),
            ("steps[2].branches[0].go_to", "required"),
            ("steps[2].first_digit", "out_of_range"),
            ("steps[2].label", "label"),
            ("steps[3].bots[0].url", "web_socket_url"),
            ("steps[3].bots[1].url", "required"),
            ("steps[4].sip_address", "excludes"),
            ("steps[4].line", "required"),
            ("on_machine.timings.total", "out_of_range"),
            ("on_machine.prompt", "required"),
        ]
    );
    assert_eq!(world.client.get(&world.path("/script")).body["meta"]["total"], 0);
}

#[rstest]
fn steps_that_could_hang_are_refused(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let faults = |steps: Value| save(&world, &json!({"name": "x", "steps": steps})).body["data"].clone();
    let endless = faults(
        json!([{"action": "gather", "label": "a", "no_input": "a", "no_match": "a"}, {"action": "hang_up"}]),
    );
    assert_eq!((&endless[0]["field"], &endless[0]["rule"]), (&json!("steps[0]"), &json!("endless")));
    assert_eq!(endless[0]["message"], "从此步骤出发无法结束通话");
    assert_eq!(endless[1]["rule"], "unreachable");
    assert_eq!(faults(json!([{"action": "gather"}]))[0]["rule"], "no_end");
    assert_eq!(faults(json!([]))[0]["rule"], "empty");
    let unknown = faults(json!([{"action": "gather", "no_input": "b"}, {"action": "hang_up"}]));
    assert_eq!((&unknown[0]["field"], &unknown[0]["rule"]), (&json!("steps[0].no_input"), &json!("unknown")));
}

#[rstest]
fn a_script_that_tasks_name_is_not_deleted_and_they_are_told(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let group = world.group("group");
    let ids: Vec<Value> = (0..4).map(|_| save(&world, &script()).data()["id"].clone()).collect();
    let mut body = task(group);
    body["destination_extension"] = ids[0].clone();
    body["group_switch_rule"] =
        json!([{"switch_start": 0, "switch_end": 1, "group_id": ids[1], "default_group_id": ids[0]}]);
    body["task_extras"]["destination_extension_list"] =
        json!([{"begin": "09:00", "end": "12:00", "destination_extension": ids[2]}]);
    body["task_extras"]["destination_extension_with_variable_list"] =
        json!([{"mode": 1, "values": ["a"], "destination_extension": ids[3].to_string(), "sort": 1}]);
    let made = world.client.post(&world.new_path("/task"), &body);
    assert_eq!(
        (&made.data()["destination_extension_name"], warnings_of_scripts(made.data())),
        (&json!("回访"), vec![])
    );
    let made = made.data()["uuid"].as_str().unwrap();
    for id in &ids {
        let refused = world.client.delete(&world.path(&format!("/script/{id}")));
        assert_eq!(
            (refused.status, refused.code(), &refused.body["message"]),
            (409, 8102, &json!("话术已关联任务，不可删除"))
        );
        assert_eq!(
            (&refused.body["data"][0]["uuid"], &refused.body["meta"]["total"]),
            (&json!(made), &json!(1))
        );
    }
    // Changed to name one alone, it lets the others go.
    let changed = world.client.put(&world.path(&format!("/task/{made}")), &json!({
        "name": "task", "dial_time_id": group, "destination_extension": ids[1], "maximumcall": 1, "caller_line_id": LINE,
        "group_switch_rule": [],
    }));
    assert_eq!(changed.data()["destination_extension_name"], "回访");
    let detail = world.client.get(&world.new_path(&format!("/task/{made}/edit")));
    assert_eq!(detail.data()["destination_extension_name"], "回访");
    world.client.delete(&world.path(&format!("/script/{}", ids[0]))).data();
    assert_eq!(world.client.delete(&world.path(&format!("/script/{}", ids[1]))).code(), 8102);
    world.client.delete(&world.new_path(&format!("/task/{made}"))).data();
    world.client.delete(&world.path(&format!("/script/{}", ids[1]))).data();
}

#[rstest]
fn switches_with_times_that_nobody_can_read_are_told(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let script = save(&world, &script()).data()["id"].clone();
    let mut body = task(world.group("group"));
    body["destination_extension"] = script.clone();
    body["is_group_switch"] = json!(1);
    let switch = |start: &str| json!({"switch_start": start, "switch_end": "18:00", "group_id": script, "default_group_id": script});
    body["group_switch_rule"] = json!([switch("09:00"), switch("at nine")]);
    let made = world.client.json("POST", &world.new_path("/task"), &[("Accept-Language", "en")], &body);
    let warnings = warnings_of_scripts(made.data());
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    let (field, rule, message) = (&warnings[0]["field"], &warnings[0]["rule"], &warnings[0]["message"]);
    assert_eq!((field, rule), (&json!("group_switch_rule[1]"), &json!("time_format")));
    assert!(message.as_str().unwrap().contains("chooses nothing"), "{message}");
    body["is_group_switch"] = json!(2);
    assert_eq!(
        warnings_of_scripts(world.client.post(&world.new_path("/task"), &body).data()),
        [] as [Value; 0]
    );
}

#[rstest]
fn a_script_that_was_never_ours_is_taken_with_a_warning_until_it_is_brought_along(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let group = world.group("group");
    let made = world.client.post(&world.path("/task"), &task(group));
    assert_eq!(
        (&made.data()["destination_extension"], &made.data()["destination_extension_name"]),
        (&json!(297), &json!(null))
    );
    let warning = json!({"field": "destination_extension", "rule": "unknown", "message": "话术297不存在，任务没有该话术可用"});
    assert_eq!(warnings_of_scripts(made.data()), [warning]);
    let mut brought = script();
    brought["id"] = json!(297);
    save(&world, &brought).data();
    let list = world.client.get(&world.path("/task"));
    assert_eq!(
        (&list.data()[0]["destination_extension_name"], warnings_of_scripts(&list.data()[0])),
        (&json!("回访"), vec![])
    );
    assert_eq!(world.client.delete(&world.path("/script/297")).code(), 8102);
    let init = world.client.get(&world.new_path("/task/create"));
    assert_eq!(
        (&init.data()["outbound_group"][0]["id"], &init.data()["outbound_group"][0]["name"]),
        (&json!(297), &json!("回访"))
    );
}

#[rstest]
fn scripts_of_a_tenant_are_those_of_its_users_and_their_sub_users(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let tenant = "7c6f1f64-3f0c-4b1e-9d6a-5a5e9f3f0c4b";
    let body = json!({"name": "of the tenant", "email": "tenant@example.com", "phone": "13700000001", "tenant_id": tenant,
                      "password": "correct horse", "password_confirmation": "correct horse"});
    let user = world.client.post("/users", &body).data()["id"].as_str().unwrap().to_owned();
    let of_user = format!("/agent-api/user/{user}");
    let sub_user = register(&world.client, &format!("{of_user}/subset_users"));
    let one = world.client.post(&format!("{of_user}/script"), &script()).data()["id"].clone();
    let other =
        world.client.post(&format!("{of_user}/script?sub_user_id={sub_user}"), &script()).data()["id"]
            .clone();
    save(&world, &script()).data();
    let path = format!("/agent-api/agent_group/tenant/{tenant}");
    let list = world.client.get(&path);
    assert_eq!((list.column("id"), &list.body["meta"]["total"]), (vec![other, one], &json!(2)));
    let whole = format!("/agent-api/agent_group/tenant/{}", world.partner);
    assert_eq!(
        world.client.get(&whole).body["meta"]["total"],
        3,
        "the partner's own id stands for its one node"
    );
    assert_eq!(world.token(&["--user", &user]).get(&whole).body["meta"]["total"], 2);
    let (stranger, _) = world.stranger();
    assert_eq!(stranger.get(&path).body["meta"]["total"], 0);
    assert_eq!(stranger.get(&whole).body["meta"]["total"], 0);
    assert_eq!(
        world.token(&["--user", &world.user]).get(&path).body["meta"]["total"],
        0,
        "limited to another user"
    );
    assert_eq!(world.token(&["--user", &user]).get(&path).body["meta"]["total"], 2);
    assert_eq!(world.client.get("/agent-api/agent_group/tenant/x").faults(), [("tenant_id", "uuid")]);
}

#[rstest]
fn a_script_says_which_of_its_lines_connect_nobody(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let (line, unknown) = (world.line(), test_support::anything().to_string());
    let (stranger, _) = world.stranger();
    let body = json!({"name": "line", "kind": "simulated", "channels": 1});
    let strangers = stranger.post("/agent-api/line", &body).data()["id"].as_str().unwrap().to_owned();
    let transfer =
        |line: &str| json!({"action": "transfer", "extension": "1001", "line": line, "no_answer": "bye"});
    let steps = |lines: &[&str]| {
        let mut steps: Vec<Value> = lines.iter().map(|line| transfer(line)).collect();
        for (place, step) in steps.iter_mut().enumerate() {
            step["label"] = json!(format!("to{place}"));
            step["no_answer"] =
                json!(if place + 1 < lines.len() { format!("to{}", place + 1) } else { "bye".into() });
        }
        steps.push(json!({"action": "hang_up", "label": "bye"}));
        json!({"name": "transfer", "steps": steps})
    };
    let told = |script: &Value| {
        let of = |warning: &Value| (warning["field"].clone(), warning["rule"].clone());
        script["warnings"].as_array().unwrap().iter().map(of).collect::<Vec<_>>()
    };
    let warning = |place: usize, rule: &str| (json!(format!("steps[{place}].line")), json!(rule));
    let all = [warning(0, "no_share"), warning(1, "unknown"), warning(2, "unknown")];
    let body = steps(&[&line, &unknown, &strangers]);
    let saved = save(&world, &body);
    assert_eq!(told(saved.data()), all, "another partner's line does not exist");
    assert!(saved.data()["warnings"][0]["message"].as_str().unwrap().contains(&line));
    let path = world.path(&format!("/script/{}", saved.data()["id"]));
    assert_eq!(told(world.client.get(&path).data()), all);
    assert_eq!(told(&world.client.get(&world.path("/script")).data()[0]), all);
    // A share of the user's is its sub-users' too.
    let share = format!("/agent-api/new/user/{}/line/{line}", world.user);
    world.client.post(&share, &json!({"line_concurrency": 1})).data();
    let mut again = world.client.get(&path).data().clone();
    assert_eq!(told(&again), all[1..]);
    again["remark"] = json!("sent back as it was read");
    assert_eq!(told(world.client.put(&path, &again).data()), all[1..]);
    let of_sub_user = format!("/script?sub_user_id={}", world.sub_user);
    assert_eq!(told(world.client.post(&world.path(&of_sub_user), &steps(&[&line])).data()), []);
    assert_eq!(told(save(&world, &json!({"name": "s", "steps": [{"action": "hang_up"}]})).data()), []);
}

#[rstest]
fn a_line_that_a_script_transfers_over_is_not_deleted(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let (line, brought) = (world.line(), test_support::anything().to_string());
    let over = |line: &str| json!({"name": "transfer", "steps": [{"action": "transfer", "extension": "1001", "line": line}]});
    let scripts = world.path("/script");
    let id = world.client.post(&scripts, &over(&line)).data()["id"].clone();
    let of_line = format!("/agent-api/line/{line}");
    let refused = world.client.delete(&of_line);
    assert_eq!((refused.code(), &refused.body["meta"]), (8105, &json!({"total": 1})));
    assert_eq!(refused.body["data"], json!([{"id": id, "name": "transfer"}]));
    // One that comes later under the id is held from then on.
    let path = world.path(&format!("/script/{id}"));
    world.client.put(&path, &over(&brought)).data();
    world.client.delete(&of_line).data();
    let body = json!({"id": brought, "name": "line", "kind": "simulated", "channels": 1});
    world.client.post("/agent-api/line", &body).data();
    let of_line = format!("/agent-api/line/{brought}");
    assert_eq!(world.client.delete(&of_line).code(), 8105);
    world.client.delete(&path).data();
    world.client.delete(&of_line).data();
}
