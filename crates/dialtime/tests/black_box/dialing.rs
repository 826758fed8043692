//! Lists are dialed: through HTTP alone a line, a script, a task and numbers become calls, with progress, records and evidence.

use std::{thread, time::Duration};

use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    holidays::import,
    support::{Database, Program, ProgramWorld, World, dialtime, until},
};

/// A line whose calls end so after a second of ringing, and after another of talk.
pub(crate) fn line(world: &World, outcome: &str) -> String {
    let seconds = json!({"from": 1, "to": 1});
    let simulation =
        json!({"outcomes": [{"weight": 1, "outcome": outcome, "ring": seconds, "talk": seconds}]});
    let body =
        json!({"name": "line", "kind": "simulated", "channels": 50, "cps": 100, "simulation": simulation});
    let line = world.client.post("/agent-api/line", &body).data()["id"].as_str().unwrap().to_owned();
    let share = json!({"line_concurrency": 20});
    world.client.post(&world.new_path(&format!("/line/{line}")), &share).data();
    line
}

pub(crate) fn script(world: &World) -> i64 {
    let body = json!({"name": "script", "steps": [{"action": "hang_up"}]});
    world.client.post(&world.path("/script"), &body).data()["id"].as_i64().unwrap()
}

/// A 1.0 task with numbers, which is off.
pub(crate) fn task(world: &World, line: &str, group: i64, numbers: u32) -> String {
    task_of(world, (line, script(world), group), numbers)
}

/// The same in a group that is always open, with this script.
pub(crate) fn task_with_script(world: &World, line: &str, script: i64, numbers: u32) -> String {
    task_of(world, (line, script, world.open_group()), numbers)
}

fn task_of(world: &World, (line, script, group): (&str, i64, i64), numbers: u32) -> String {
    let body = json!({
        "name": "list", "dial_time_id": group, "destination_extension": script, "maximumcall": 5, "caller_line_id": line,
    });
    let task = world.client.post(&world.path("/task"), &body).data()["uuid"].as_str().unwrap().to_owned();
    let phones: Vec<Value> = (0..numbers).map(|number| json!({"phone": format!("138{number:08}")})).collect();
    // More are not taken at once.
    for some in phones.chunks(100) {
        world.client.post(&world.path(&format!("/task/{task}/number")), &json!({"data": some})).data();
    }
    task
}

pub(crate) fn start(world: &World, task: &str) {
    world.client.put(&world.path(&format!("/task_start/{task}")), &json!({})).data();
}

pub(crate) fn progress(world: &World, task: &str) -> Value {
    world.client.get(&world.path(&format!("/task/{task}/progress"))).data().clone()
}

fn reason(world: &World, task: &str) -> Value {
    progress(world, task)["reason"]["code"].clone()
}

#[rstest]
fn a_list_is_dialed_and_says_how_far_it_is(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::at(database, "2026-06-10T09:00:00+08:00");
    let line = line(&world, "answered");
    let task = task(&world, &line, world.open_group(), 12);
    let before = progress(&world, &task);
    assert_eq!((&before["numbers"]["waiting"], &before["reason"]["code"]), (&json!(12), &json!("paused")));
    let used = &before["lines"][0];
    assert_eq!((&used["line_id"], &used["name"]), (&json!(line), &json!("line")));
    assert_eq!((&used["calls"], &used["share"], &used["reason"]), (&json!(0), &json!(20), &Value::Null));
    assert_eq!((&before["forecast"], &before["finishes_at"]), (&json!([]), &Value::Null));
    start(&world, &task);
    until("it says that all is done", || reason(&world, &task) == "finished");
    let after = progress(&world, &task);
    assert_eq!(after["numbers"]["done"], 12);
    assert_eq!(
        after["numbers"]["by_status"],
        json!([{"status": 1, "status_str": "呼叫成功", "numbers": 12, "done": 12}])
    );
    assert_eq!((&after["answer_rate"], &after["calls"]), (&json!(1.0), &json!({"ringing": 0, "talking": 0})));
    let records = world.client.get(&world.path(&format!("/task/{task}/record?per_page=100")));
    let records = records.data().as_array().unwrap().clone();
    assert_eq!(records.len(), 12);
    for record in &records {
        assert_eq!((&record["status"], &record["simulated"]), (&json!(1), &json!(true)));
        let id = record["record_id"].as_str().unwrap();
        let evidence = world.client.get(&world.path(&format!("/record/{id}/evidence"))).data().clone();
        assert_eq!(evidence["again"], as_it_was("weekly", &Value::Null));
        assert_eq!(evidence["decision"]["group_version"], 1);
    }
}

/// A decision that is made again and is the same.
fn as_it_was(rule: &str, allowed_until: &Value) -> Value {
    json!({
        "allowed": true, "rule": rule, "closed_by": [], "allowed_until": allowed_until, "agrees": true, "same_built_in": true,
    })
}

/// A calendar of 2026 with these days off.
fn days_off(world: &World, dates: &[&str]) {
    let days: Vec<Value> =
        dates.iter().map(|date| json!({"date": date, "kind": "holiday", "name": "x"})).collect();
    let calendar = json!({"id": "XX", "known_until": "2026-12-31", "days": days});
    let (good, said) = import(&world.database.url, "days.json", calendar.to_string(), &[]);
    assert!(good, "{said}");
}

#[test]
fn a_window_that_never_closes_is_explained_as_one() {
    let world = World::new(Database::Sqlite);
    let task = task(&world, &line(&world, "busy"), world.open_group(), 1);
    start(&world, &task);
    until("it is called", || reason(&world, &task) == "finished");
    let records = world.client.get(&world.path(&format!("/task/{task}/record")));
    let record = records.data()[0]["record_id"].as_str().unwrap().to_owned();
    let explained = dialtime(&world.database.url, &["evidence", "explain", &record]);
    assert!(explained.contains("\nthe window never closes\n"), "{explained}");
    assert!(explained.contains("by rule weekly\n"), "{explained}");
}

/// By the group, the task and the holidays as they were: none of them would allow the call any more.
#[rstest]
fn an_earlier_decision_is_explained_by_what_held_then(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::at(database, "2026-06-10T09:00:00+08:00");
    let line = line(&world, "busy");
    days_off(&world, &["2026-06-11", "2026-06-12"]);
    let times = json!([{"begin_time": "08:00", "end_time": "18:00"}]);
    let content: Value = (0..7).map(|week| json!({"week": week, "times": times})).collect();
    let mut group = json!({
        "name": "group", "content": content, "is_default": false, "skip_holiday": true, "holiday_calendar": "XX",
    });
    let id = world.client.post(&world.path("/dial-time-group"), &group).data()["id"].as_i64().unwrap();
    let task = task(&world, &line, id, 1);
    start(&world, &task);
    until("it is called", || reason(&world, &task) == "finished");
    let records = world.client.get(&world.path(&format!("/task/{task}/record")));
    let record = records.data()[0]["record_id"].as_str().unwrap().to_owned();
    let again = || {
        let evidence = world.client.get(&world.path(&format!("/record/{record}/evidence")));
        let explained = dialtime(&world.database.url, &["evidence", "explain", &record]);
        assert!(explained.contains("that is what was decided then"), "{explained}");
        evidence.data()["again"].clone()
    };
    let then = as_it_was("weekly", &json!("2026-06-10 18:00:00"));
    assert_eq!(again(), then);

    days_off(&world, &["2026-06-10", "2026-06-11"]);
    assert_eq!(again(), then, "the holidays have changed");
    group["content"] = json!([]);
    world.client.put(&world.path(&format!("/dial-time-group/{id}")), &group).data();
    assert_eq!(again(), then, "the group has changed");
    world.client.put(&world.path(&format!("/task_stop/{task}")), &json!({})).data();
    assert_eq!(again(), then, "the task has changed");
    world.client.delete(&world.path(&format!("/task/{task}"))).data();
    assert_eq!(again(), then, "the task is gone");
    world.client.delete(&world.path(&format!("/dial-time-group/{id}"))).data();
    assert_eq!(again(), then, "the group is gone");
}

/// By quarters of an hour and by group; and the tasks that run, each with its progress.
#[rstest]
fn an_account_says_what_it_dialed_on_a_day(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::at(database, "2026-06-10T09:14:00+08:00");
    let line = line(&world, "answered");
    let group = world.open_group();
    let task = task(&world, &line, group, 3);
    let day = |query: &str| world.client.get(&world.path(&format!("/stat{query}"))).data().clone();
    assert_eq!((&day("")["to_call"], &day("")["groups"]), (&json!(0), &json!([])), "it is off");
    start(&world, &task);
    let running = world.client.get(&world.path("/progress"));
    assert_eq!(running.body["meta"]["total"], 1);
    let running = running.data()[0].clone();
    assert_eq!((&running["task_id"], &running["dial_time_id"]), (&json!(task), &json!(group)));
    assert_eq!((&running["name"], &running["progress"]["numbers"]["total"]), (&json!("list"), &json!(3)));
    until("all are called", || day("")["answered"] == 3);
    let today = day("");
    assert_eq!(
        (&today["date"], &today["to_call"], &today["tries"]),
        (&json!("2026-06-10"), &json!(0), &json!(3))
    );
    assert_eq!(today["calls"], json!({"ringing": 0, "talking": 0}));
    let quarters = json!([{"at": "2026-06-10 09:00:00", "tries": 3, "answered": 3}]);
    assert_eq!(today["groups"], json!([{"dial_time_id": group, "quarters": quarters}]));
    assert_eq!(day("?date=2026-06-10"), today);
    assert_eq!(
        (&day("?date=2026-06-09")["tries"], &day("?date=2026-06-09")["groups"]),
        (&json!(0), &json!([]))
    );
    for wrong in ["?date=2026-02-30", "?date=today", "?date=1969-12-31"] {
        assert_eq!(world.client.get(&world.path(&format!("/stat{wrong}"))).status, 422, "{wrong}");
    }
    // Of tasks that are gone, the calls are still told.
    world.client.delete(&world.path(&format!("/task/{task}"))).data();
    assert_eq!(day("")["groups"], json!([{"dial_time_id": null, "quarters": quarters}]));
    assert_eq!(world.client.get(&world.path("/progress")).body["meta"]["total"], 0);
}

/// As they begin, ring and are answered, each with the id of the record that it becomes.
#[rstest]
fn calls_that_are_under_way_are_listed(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::at(database, "2026-06-10T09:14:00+08:00");
    let seconds = json!({"from": 2, "to": 2});
    let talk = json!({"from": 600, "to": 600});
    let simulation =
        json!({"outcomes": [{"weight": 1, "outcome": "answered", "ring": seconds, "talk": talk}]});
    let body =
        json!({"name": "line", "kind": "simulated", "channels": 50, "cps": 100, "simulation": simulation});
    let line = world.client.post("/agent-api/line", &body).data()["id"].as_str().unwrap().to_owned();
    world.client.post(&world.new_path(&format!("/line/{line}")), &json!({"line_concurrency": 20})).data();
    let group = world.open_group();
    let (task, other) = (task(&world, &line, group, 3), task(&world, &line, group, 0));
    start(&world, &task);
    let calls = |query: &str| world.client.get(&world.path(&format!("/call{query}")));
    until("all are answered", || {
        let all = calls("").data().as_array().unwrap().clone();
        all.len() == 3 && all.iter().all(|call| call["state"] == "answered")
    });
    let over_line = world.client.get("/agent-api/line-activity").data()[0]["tasks"].clone();
    let account = world.account().uuid();
    assert_eq!(over_line.as_array().unwrap().len(), 1, "{over_line}");
    for (name, value) in [("task_id", json!(task)), ("task_name", json!("list")), ("calls", json!(3))] {
        assert_eq!(over_line[0][name], value, "{over_line}");
    }
    assert!(
        over_line[0]["account_id"] == json!(account) && over_line[0]["account_name"].is_string(),
        "{over_line}"
    );
    let all = calls("?per_page=2");
    assert_eq!((&all.body["meta"]["total"], all.data().as_array().unwrap().len()), (&json!(3), 2));
    let call = &all.data()[0];
    for (name, value) in [
        ("task_id", json!(task)),
        ("task_name", json!("list")),
        ("line_id", json!(line)),
        ("simulated", json!(true)),
    ] {
        assert_eq!(call[name], value, "{name}");
    }
    assert!(call["phone"].as_str().unwrap().starts_with("138"));
    assert!(call["dialed_at"].as_str() <= call["ringing_at"].as_str());
    assert!(call["ringing_at"].as_str() <= call["answered_at"].as_str());
    assert_eq!(calls(&format!("?task_id={task}")).body["meta"]["total"], 3);
    assert_eq!(calls(&format!("?task_id={other}")).body["meta"]["total"], 0);
    assert_eq!(calls("?task_id=x").status, 422);
}

/// Of 200 numbers, with calls one after another, some are left at the close.
#[rstest]
fn it_says_when_the_list_is_done_at_this_rate(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::at(database, "2026-06-10T09:00:00+08:00");
    let line = line(&world, "no_answer");
    let windows = json!([{"week": 3, "times": [{"begin_time": "08:00", "end_time": "09:02"}, {"begin_time": "10:00", "end_time": "24:00"}]}]);
    let group = world.group("windows");
    let body = json!({"name": "windows", "content": windows});
    world.client.put(&world.path(&format!("/dial-time-group/{group}")), &body).data();
    let task = task(&world, &line, group, 200);
    start(&world, &task);
    until("it is known when it is done", || !progress(&world, &task)["finishes_at"].is_null());
    let found = progress(&world, &task);
    let points = found["forecast"].as_array().unwrap();
    let at = |place: usize| points[place]["at"].as_str().unwrap().to_owned();
    assert!(at(0).starts_with("2026-06-10 09:0"), "{found}");
    assert_eq!(
        (at(1), at(2)),
        ("2026-06-10 09:02:00".to_owned(), "2026-06-10 10:00:00".to_owned()),
        "{found}"
    );
    assert_eq!(points[1]["numbers"], points[2]["numbers"], "nothing is called in between");
    let last = points.last().unwrap();
    assert_eq!((&last["numbers"], &last["at"]), (&json!(0), &found["finishes_at"]));
    assert_eq!(found["latest_start"], "2026-06-10 09:01:38");
}

#[rstest]
fn it_says_why_nothing_is_dialed(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::at(database, "2026-06-10T09:00:00+08:00");
    let line = line(&world, "no_answer");
    let closed = world.group("mondays");
    let of = |body: Value, numbers: usize| {
        let mut whole = json!({
            "name": "list", "dial_time_id": world.open_group(), "destination_extension": script(&world), "maximumcall": 5,
            "caller_line_id": line, "task_extras": {},
        });
        whole.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
        let task =
            world.client.post(&world.path("/task"), &whole).data()["uuid"].as_str().unwrap().to_owned();
        let phones: Vec<Value> =
            (0..numbers).map(|number| json!({"phone": format!("139{number:08}")})).collect();
        if numbers > 0 {
            world.client.post(&world.path(&format!("/task/{task}/number")), &json!({"data": phones})).data();
        }
        start(&world, &task);
        task
    };
    for (body, numbers, code) in [
        (json!({"dial_time_id": closed}), 1, "window"),
        (json!({}), 0, "no_numbers"),
        (json!({"destination_extension": 99_999}), 1, "no_script"),
        (json!({"caller_line_id": "dc53e7e7-3a68-40ae-adfe-63fc00e401d3"}), 1, "no_line"),
    ] {
        let task = of(body.clone(), numbers);
        let found = progress(&world, &task);
        assert_eq!(found["reason"]["code"], code, "{body}: {found}");
        assert!(found["reason"]["message"].as_str().is_some_and(|text| !text.is_empty()));
    }
    let window = of(json!({"dial_time_id": closed}), 1);
    assert_eq!(progress(&world, &window)["reason"]["until"], "2026-06-15 08:00:00");
    let unshared = world.line();
    assert_eq!(
        progress(&world, &of(json!({"caller_line_id": unshared}), 1))["reason"]["code"],
        "no_allocation"
    );
    world.client.post("/agent-api/stop-dialing", &json!({"level": "line", "line_id": line})).data();
    let stopped = progress(&world, &of(json!({}), 1));
    assert_eq!(
        (&stopped["reason"]["code"], &stopped["lines"][0]["reason"]),
        (&json!("line_stopped"), &json!("line_stopped"))
    );
}

#[rstest]
fn a_node_that_is_killed_calls_nobody_twice_and_leaves_nothing_behind(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let mut killed = ProgramWorld::new(database);
    let line = line(&killed, "busy");
    let task = task(&killed, &line, killed.open_group(), 60);
    start(&killed, &task);
    for _ in 0..5 {
        thread::sleep(Duration::from_millis(700));
        killed.server.kill();
        killed.server = Program::start(&killed.database.url, &[]);
        killed.world.client = killed.world.client.at(&killed.server.base);
    }
    until("all are done", || reason(&killed, &task) == "finished");
    let records = killed.client.get(&killed.path(&format!("/task/{task}/record?per_page=100&all=1")));
    let records = records.data().as_array().unwrap().clone();
    let tried = records.iter().filter(|record| !record["status"].is_null());
    let mut phones: Vec<&str> = tried.map(|record| record["phone"].as_str().unwrap()).collect();
    phones.sort_unstable();
    let all = phones.len();
    phones.dedup();
    assert_eq!((all, phones.len()), (60, 60), "one outcome each");
    assert_eq!(progress(&killed, &task)["numbers"]["done"], 60);
}

/// Whoever looks at the record of a call that this program ended learns why, and that no network did.
#[rstest]
#[case::task_switched_off("paused")]
#[case::kill_switch("stopped")]
#[case::ring_limit("ring_limit")]
#[case::task_deleted("task_removed")]
#[case::planned_closure("window_closed")]
fn a_record_says_why_we_ended_its_call(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
    #[case] why: &str,
) {
    let world = World::new(database);
    let line = line(&world, "answered");
    let ten_minutes = json!({"from": 600, "to": 600});
    let outcomes = json!([{"weight": 1, "outcome": "answered", "ring": ten_minutes, "talk": ten_minutes}]);
    let body = json!({"name": "line", "kind": "simulated", "channels": 50, "cps": 100, "simulation": {"outcomes": outcomes},
        "ring_limit": if why == "ring_limit" { 5 } else { 60 }});
    world.client.put(&format!("/agent-api/line/{line}"), &body).data();
    let task = task(&world, &line, world.open_group(), 1);
    start(&world, &task);
    until("the phone rings", || world.client.get(&world.path("/call")).data()[0]["state"] == "ringing");
    match why {
        "paused" => {
            world.client.put(&world.path(&format!("/task_stop/{task}")), &json!({})).data();
        }
        "stopped" => {
            world
                .client
                .post("/agent-api/stop-dialing", &json!({"level": "partner", "reason": "drill"}))
                .data();
        }
        "window_closed" => {
            let closure = json!({"name": "年会", "end": "2199-01-01 00:00:00"});
            world.client.post(&world.path("/closure"), &closure).data();
        }
        "task_removed" => assert_eq!(world.client.delete(&world.path(&format!("/task/{task}"))).status, 200),
        _ => {}
    }
    let path = world.path(&format!("/record?all=1&task_id={task}"));
    let record = || world.client.get(&path).data()[0].clone();
    until("there is a record", || record().is_object());
    let record = record();
    let found = (&record["end_reason"], &record["ended_by"], &record["cause"]["local"]);
    assert_eq!(found, (&json!(why), &json!("dialtime"), &json!(true)), "{record}");
}
