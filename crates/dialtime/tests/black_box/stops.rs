//! The kill switch: dialing is stopped and resumed, through the API and at the command line.

use std::time::{Duration, Instant};

use rstest::rstest;
use serde_json::{Value, json};
use test_support::{Manner, Receiver};

use crate::support::{
    self, Client, Database, Program, ProgramWorld, Reply, World, dialtime, register, until,
};

const STOP: &str = "/agent-api/stop-dialing";
const RESUME: &str = "/agent-api/resume-dialing";

fn account(world: &World) -> Value {
    json!({"level": "account", "user_id": world.user})
}

/// A running task in a group that is always open, of the user or of its sub-user; the task and the group.
fn running(world: &World, query: &str) -> (String, i64) {
    let group =
        json!({"name": "always", "content": support::always(), "is_default": false, "skip_holiday": false});
    let group = world.client.post(&world.path(&format!("/dial-time-group{query}")), &group).data()["id"]
        .as_i64()
        .unwrap();
    let task = world.client.post(&world.path(&format!("/task{query}")), &support::task(group));
    let task = task.data()["uuid"].as_str().unwrap().to_owned();
    world.client.put(&world.path(&format!("/task_start/{task}{query}")), &json!({})).data();
    (task, group)
}

/// What is decided of a task and its group, one by one and together: whether it may call, and the rule.
fn decisions(
    client: &Client,
    world: &World,
    (task, group): &(String, i64),
    query: &str,
) -> Vec<(Value, Value)> {
    let of_task = client.get(&world.path(&format!("/task/{task}/decision{query}"))).data().clone();
    let of_group =
        client.get(&world.path(&format!("/dial-time-group/{group}/decision{query}"))).data().clone();
    let queries = json!({"queries": [{"group_id": group}, {"task_id": task}]});
    let many = client.post(&world.path(&format!("/decisions{query}")), &queries).data().clone();
    [of_task, of_group, many[0]["data"].clone(), many[1]["data"].clone()]
        .iter()
        .map(|decision| (decision["allowed"].clone(), decision["reason"]["rule"].clone()))
        .collect()
}

#[track_caller]
fn assert_stopped(client: &Client, world: &World, running: &(String, i64), query: &str) {
    let no = (json!(false), json!("stopped"));
    assert_eq!(decisions(client, world, running, query), vec![no; 4]);
}

#[track_caller]
fn assert_allowed(client: &Client, world: &World, running: &(String, i64), query: &str) {
    let found = decisions(client, world, running, query);
    assert!(found.iter().all(|(allowed, _)| *allowed == true), "{found:?}");
}

fn text(world: &World, path: &str) -> String {
    String::from_utf8(world.client.bytes(path, &[]).bytes).unwrap()
}

/// The types of the events of a log after so many.
fn events(world: &World, query: &str, after: usize) -> Vec<String> {
    let separator = if query.is_empty() { "?" } else { "&" };
    let page = world.client.get(&world.path(&format!("/events{query}{separator}limit=1000")));
    let events = page.data()["events"].as_array().unwrap().clone();
    events.iter().skip(after).map(|event| event["type"].as_str().unwrap().to_owned()).collect()
}

/// Waits until the log has these events after so many.
#[track_caller]
fn told(world: &World, query: &str, after: usize, types: &[&str]) {
    until(&format!("{types:?}"), || events(world, query, after) == types);
}

/// A user and a sub-user with a running task each, and the servers that are asked.
struct Running {
    world: World,
    of_user: (String, i64),
    of_sub_user: (String, i64),
    sub_user: String,
    /// On PostgreSQL there is another.
    other: Option<Program>,
}

impl Running {
    fn new(database: Database) -> Self {
        let world = World::new(database);
        let other = (database == Database::Postgres).then(|| Program::start(&world.database.url, &[]));
        let sub_user = format!("?sub_user_id={}", world.sub_user);
        let (of_user, of_sub_user) = (running(&world, ""), running(&world, &sub_user));
        Self { world, of_user, of_sub_user, sub_user, other }
    }

    fn clients(&self) -> Vec<Client> {
        let other = self.other.iter().map(|server| self.world.client.at(&server.base));
        std::iter::once(self.world.client.clone()).chain(other).collect()
    }

    fn stop(&self, reason: &str) -> Reply {
        let mut body = account(&self.world);
        body["reason"] = json!(reason);
        self.world.client.post(STOP, &body)
    }
}

#[rstest]
fn a_stop_holds_at_once_on_every_node_and_so_does_its_end(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let running = Running::new(database);
    let (world, sub_user) = (&running.world, running.sub_user.as_str());
    assert_allowed(&world.client, world, &running.of_user, "");
    let before = [events(world, "", 0).len(), events(world, sub_user, 0).len()];
    let stopped = running.stop("投诉太多");
    assert_eq!((stopped.message(), &stopped.data()["changed"]), ("紧急停呼已开启", &json!(true)));
    for client in running.clients() {
        assert_stopped(&client, world, &running.of_user, "");
        assert_stopped(&client, world, &running.of_sub_user, sub_user);
    }
    let closed = ["dialing.stopped", "group.closed", "task.waiting"];
    told(world, "", before[0], &closed);
    told(world, sub_user, before[1], &closed);
    let log = world.client.get(&world.path(&format!("/events?after={}", before[0]))).data()["events"].clone();
    let detail = json!({"level": "account", "id": world.user, "reason": "投诉太多", "token_name": "token"});
    assert_eq!(log[0]["detail"], detail);
    assert!(log.as_array().unwrap().iter().all(|event| event["cause"] == "stopped"), "{log}");

    let again = running.stop("again");
    assert_eq!((again.status, &again.data()["changed"]), (200, &json!(false)));
    assert_eq!(again.data()["stops"][0]["reason"], "投诉太多", "it stays what it was");
    let resumed = world.client.post(RESUME, &account(world));
    assert_eq!((resumed.message(), &resumed.data()["stops"]), ("已恢复呼叫", &json!([])));
    for client in running.clients() {
        assert_allowed(&client, world, &running.of_user, "");
        assert_allowed(&client, world, &running.of_sub_user, sub_user);
    }
    told(world, "", before[0] + 3, &["dialing.resumed", "group.opened", "task.running"]);
    let nothing = world.client.post(RESUME, &account(world));
    let said = (nothing.status, nothing.code(), nothing.body["message"].as_str());
    assert_eq!(said, (409, 409, Some("未处于紧急停呼状态，无需恢复")));
}

#[rstest]
fn every_stop_that_covers_an_account_is_named(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let (task, group) = running(&world, "");
    let partner = json!({"level": "partner", "reason": "audit"});
    world.client.post(STOP, &partner).data();
    // It is not stopped itself: the refusal says what is.
    let refused = world.client.post(RESUME, &account(&world));
    let above = (refused.status, &refused.body["data"][0]["field"], &refused.body["data"][0]["rule"]);
    assert_eq!(above, (409, &json!("level"), &json!("stopped")));
    assert!(
        refused.body["data"][0]["message"].as_str().unwrap().contains("level partner"),
        "{}",
        refused.body
    );
    let mut own = account(&world);
    own["reason"] = json!("complaints");
    world.client.post(STOP, &own).data();
    let queries = json!({"queries": [{"group_id": group}, {"task_id": task}]});
    let many = world.client.post(&world.path("/decisions"), &queries).data().clone();
    for decision in [
        world.client.get(&world.path(&format!("/task/{task}/decision"))).data().clone(),
        world.client.get(&world.path(&format!("/dial-time-group/{group}/decision"))).data().clone(),
        world.client.get(&world.path(&format!("/task/{task}/progress"))).data().clone(),
        many[0]["data"].clone(),
        many[1]["data"].clone(),
    ] {
        let closing =
            |place: usize| (&decision["closed_by"][place]["rule"], &decision["closed_by"][place]["name"]);
        let stopped = json!("stopped");
        assert_eq!([closing(0), closing(1)], [(&stopped, &json!("audit")), (&stopped, &json!("complaints"))]);
    }
    // Its own stop ends, and the answer does not say that dialing goes on.
    let resumed = world.client.post(RESUME, &account(&world));
    assert_eq!(resumed.message(), "已解除该紧急停呼，但仍被其他紧急停呼覆盖，尚未恢复呼叫");
    assert_eq!(resumed.data()["stops"][0]["reason"], "audit");
    assert_eq!(world.client.post(RESUME, &partner).message(), "已恢复呼叫");
}

#[rstest]
fn everything_says_closed_while_it_is_stopped(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let running = Running::new(database);
    let (world, (task, group)) = (&running.world, &running.of_user);
    let subscription = world.path(&format!("/dial-time-group/{group}/calendar-subscription"));
    let feed = world.client.post(&subscription, &json!({})).data()["path"].as_str().unwrap().to_owned();
    assert!(text(world, &feed).contains("BEGIN:VEVENT"));
    running.stop("投诉太多").data();
    let get = |path: &str| world.client.get(&world.path(path));
    let decision = get(&format!("/task/{task}/decision")).data().clone();
    assert_eq!(decision["reason"]["name"], "投诉太多");
    let detail = decision["reason"]["detail"].as_str().unwrap();
    assert!(detail.starts_with("该账户自") && detail.ends_with("起紧急停呼：投诉太多"), "{detail}");
    assert_eq!((&decision["next_change_at"], &decision["next_allowed_at"]), (&Value::Null, &Value::Null));
    for other_time in ["2020-06-10T09:00:00%2B08:00", "2030-06-10T09:00:00%2B08:00"] {
        let path = format!("/dial-time-group/{group}/decision?at={other_time}");
        assert_eq!(get(&path).data()["reason"]["rule"], "stopped");
    }
    let plain = world.path(&format!("/task/{task}/decision"));
    let plain = world.client.send("GET", &plain, &[("Accept", "text/plain")], None);
    assert_eq!(plain.body, json!(0));
    assert_eq!(get("/task?status=3").column("uuid"), [json!(task)]);
    assert_eq!(get("/task?status=2").column("uuid"), [] as [Value; 0]);
    assert_eq!(get("/subset_task").column("status"), [json!(3)]);
    let calendar = get(&format!("/dial-time-group/{group}/calendar")).data().clone();
    let open = (&calendar["spans"], &calendar["open_seconds"], &calendar["stopped"]);
    assert_eq!(open, (&json!([]), &json!(0), &json!(true)));
    assert!(!text(world, &feed).contains("BEGIN:VEVENT"));
    world.client.post(RESUME, &account(world)).data();
    assert!(text(world, &feed).contains("BEGIN:VEVENT"));
}

#[rstest]
fn nobody_opens_by_an_edit_what_is_stopped(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let running = Running::new(database);
    let (world, (task, group)) = (&running.world, &running.of_user);
    let before = events(world, "", 0).len();
    running.stop("x").data();
    told(world, "", before, &["dialing.stopped", "group.closed", "task.waiting"]);
    let all_day = json!([{"begin_time": "00:00", "end_time": "24:00"}]);
    let exception = json!({"begin_date": "2000-01-01", "end_date": "2100-12-31", "times": all_day});
    let edit = json!({"name": "edited", "content": support::always(), "exceptions": [exception]});
    world.client.put(&world.path(&format!("/dial-time-group/{group}")), &edit).data();
    world.client.put(&world.path(&format!("/task_stop/{task}")), &json!({})).data();
    world.client.put(&world.path(&format!("/task_start/{task}")), &json!({})).data();
    let made = self::running(world, "");
    for task in [&running.of_user, &made] {
        assert_stopped(&world.client, world, task, "");
    }
    let more = ["group.updated", "task.paused", "task.waiting", "task.created", "task.waiting"];
    told(world, "", before + 3, &more);
}

/// The body for the sub-user of a world, and for a line of it.
fn smaller(world: &World) -> (Value, Value) {
    let sub_user = json!({"level": "account", "user_id": world.user, "sub_user_id": world.sub_user});
    (sub_user, json!({"level": "line", "line_id": world.line()}))
}

#[rstest]
fn who_may_stop_what(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let other = register(&world.client, "/users");
    let (stranger, stranger_user) = world.stranger();
    let (own, read) = (world.token(&["--user", &world.user]), world.token(&["--scope", "read"]));
    let ((sub_user, of_line), partner) = (smaller(&world), json!({"level": "partner"}));
    let status = |client: &Client, body: &Value| client.post(STOP, body).status;
    assert_eq!((status(&read, &partner), status(&read, &sub_user)), (403, 403));
    for body in [&partner, &of_line, &json!({"level": "account", "user_id": other})] {
        assert_eq!((status(&own, body), own.post(RESUME, body).status), (404, 404), "{body}");
    }
    assert_eq!((status(&own, &sub_user), status(&world.client, &of_line)), (200, 200));
    for body in [
        &of_line,
        &sub_user,
        &json!({"level": "account", "user_id": world.partner}),
        &json!({"level": "account", "user_id": world.user, "sub_user_id": world.user}),
        &json!({"level": "account", "user_id": world.sub_user}),
    ] {
        let answers = (status(&stranger, body), stranger.post(RESUME, body).status);
        assert_eq!(answers, (404, 404), "{body}");
    }
    assert_eq!(status(&world.client, &json!({"level": "account", "user_id": stranger_user})), 404);
    assert_eq!((own.post(RESUME, &sub_user).status, world.client.post(RESUME, &of_line).status), (200, 200));
}

#[rstest]
fn who_sees_which_stops(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let (stranger, _) = world.stranger();
    let (own, read) = (world.token(&["--user", &world.user]), world.token(&["--scope", "read"]));
    let (sub_user, of_line) = smaller(&world);
    for body in [&sub_user, &of_line, &json!({"level": "partner"})] {
        world.client.post(STOP, body).data();
    }
    dialtime(&world.database.url, &["stop-dialing", "--reason", "fire drill"]);
    let levels = |client: &Client, query: &str| client.get(&format!("{STOP}{query}")).column("level");
    assert_eq!(levels(&world.client, ""), ["installation", "partner", "account", "line"]);
    let all = world.client.get(STOP);
    assert_eq!(
        (all.column("may_resume"), &all.body["meta"]["total"]),
        (vec![json!(false), json!(true), json!(true), json!(true)], &json!(4))
    );
    assert_eq!(all.data()[0]["reason"], "fire drill");
    assert_eq!(all.data()[0]["stopped_by"], json!({"token_id": null, "token_name": null}));
    assert_eq!(all.data()[1]["stopped_by"]["token_name"], "token");
    let ids = (&all.data()[2]["user_id"], &all.data()[2]["sub_user_id"], &all.data()[3]["line_id"]);
    assert_eq!(ids, (&json!(world.user), &json!(world.sub_user), &of_line["line_id"]));
    assert_eq!(levels(&own, ""), ["installation", "partner", "account"]);
    assert_eq!(own.get(STOP).column("may_resume"), [false, false, true]);
    assert_eq!(read.get(STOP).column("may_resume"), [false; 4]);
    assert_eq!(levels(&stranger, ""), ["installation"]);
    let user = format!("?user_id={}", world.user);
    assert_eq!(levels(&world.client, &user), ["installation", "partner"]);
    let both = format!("{user}&sub_user_id={}", world.sub_user);
    assert_eq!(levels(&world.client, &both), ["installation", "partner", "account"]);
    assert_eq!(levels(&world.client, "?page=2&per_page=3"), ["line"]);
    let alone = format!("?sub_user_id={}", world.sub_user);
    assert_eq!(levels(&world.client, &alone), ["installation", "partner", "account"]);
    let line = format!("/agent-api/line/{}", of_line["line_id"].as_str().unwrap());
    assert_eq!(world.client.delete(&line).status, 200, "a stop holds no line");
    assert_eq!(levels(&world.client, ""), ["installation", "partner", "account"]);
}

/// What is greater holds on, and the answer says what it is.
#[rstest]
fn a_greater_stop_is_not_ended_by_a_smaller_resume(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let partner = json!({"level": "partner"});
    world.client.post(STOP, &partner).data();
    let above = world.client.post(RESUME, &account(&world));
    assert_eq!(above.status, 409);
    assert!(above.body["message"].as_str().unwrap().contains("更大范围"), "{}", above.body);
    let stopped = world.client.post(STOP, &account(&world)).data().clone();
    assert_eq!(stopped["stops"].as_array().unwrap().len(), 2);
    let resumed = world.client.post(RESUME, &account(&world)).data().clone();
    assert_eq!((&resumed["changed"], &resumed["stops"][0]["level"]), (&json!(true), &json!("partner")));
    assert_eq!(world.client.post(RESUME, &partner).data()["stops"], json!([]));
}

#[rstest]
fn rubbish_stops_and_resumes_nothing(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let long = "长".repeat(201);
    for (body, faults) in [
        (json!({}), vec![("level", "required")]),
        (json!({"level": null}), vec![("level", "required")]),
        (json!({"level": "installation"}), vec![("level", "one_of")]),
        (json!({"level": "task"}), vec![("level", "one_of")]),
        (json!({"level": "partner", "user_id": world.user}), vec![("user_id", "unknown_field")]),
        (json!({"level": "partner", "sub_user_id": world.sub_user}), vec![("sub_user_id", "unknown_field")]),
        (json!({"level": "partner", "partner_id": world.partner}), vec![("partner_id", "unknown_field")]),
        (json!({"level": "account"}), vec![("user_id", "required")]),
        (json!({"level": "account", "user_id": "x"}), vec![("user_id", "uuid")]),
        (
            json!({"level": "account", "user": world.user}),
            vec![("user", "unknown_field"), ("user_id", "required")],
        ),
        (json!({"level": "line", "line_id": ""}), vec![("line_id", "empty")]),
        (json!({"level": "partner", "reason": ""}), vec![("reason", "empty")]),
        (json!({"level": "partner", "reason": long}), vec![("reason", "too_long")]),
        (json!({"level": "partner", "reason": "a\nb"}), vec![("reason", "control_character")]),
        (json!({"level": "partner", "reason": 7}), vec![("reason", "type")]),
    ] {
        for path in [STOP, RESUME] {
            let refused = world.client.post(path, &body);
            assert_eq!((refused.status, refused.faults()), (422, faults.clone()), "{path} {body}");
        }
    }
    assert_eq!(world.client.post(STOP, &json!([])).status, 422);
    assert_eq!(world.client.get(STOP).body["meta"]["total"], 0);
    // A form does as well as JSON.
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let sent = world.client.send(
        "POST",
        STOP,
        &form,
        Some(&format!("level=account&user_id={}&reason=form", world.user)),
    );
    assert_eq!((sent.status, &sent.data()["stops"][0]["reason"]), (200, &json!("form")));
}

/// The installation is stopped at the command line while a server runs, and stays so over a restart.
#[rstest]
fn the_command_line_stops_a_running_server(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let ProgramWorld { server, world } = ProgramWorld::new(database);
    let running = running(&world, "");
    let before = events(&world, "", 0).len();
    assert_allowed(&world.client, &world, &running, "");
    let url = &world.database.url;
    let said = dialtime(url, &["stop-dialing", "--reason", "演练"]);
    let begun = Instant::now();
    assert_stopped(&world.client, &world, &running, "");
    assert!(said.starts_with("stopped"), "{said}");
    until("its closings are published", || {
        events(&world, "", before) == ["dialing.stopped", "group.closed", "task.waiting"]
    });
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    let progress = world.client.get(&world.path(&format!("/task/{}/progress", running.0))).data().clone();
    let (code, why) = (&progress["reason"]["code"], progress["reason"]["message"].as_str().unwrap());
    assert!(code == "stopped" && why.starts_with("整个系统") && why.ends_with("：演练"), "{why}");
    assert!(dialtime(url, &["stop-dialing"]).contains("already"));
    assert!(dialtime(url, &["doctor"]).contains("warning  dialing is stopped for the whole installation"));
    let log = world.client.get(&world.path(&format!("/events?after={before}"))).data()["events"].clone();
    assert_eq!(
        log[0]["detail"],
        json!({"level": "installation", "id": null, "reason": "演练", "token_name": null})
    );
    drop(server);
    stays_stopped_until_it_is_resumed(&world, &running, before);
}

fn stays_stopped_until_it_is_resumed(world: &World, running: &(String, i64), before: usize) {
    let url = &world.database.url;
    let server = Program::start(url, &[]);
    let client = world.client.at(&server.base);
    server.logged(&["dialing is stopped for the whole installation", "演练"]);
    assert_stopped(&client, world, running, "");
    assert_eq!(client.get(STOP).column("level"), ["installation"]);
    drop(server);
    // Resumed while nothing runs.
    assert!(dialtime(url, &["resume-dialing"]).starts_with("resumed"));
    let refused = support::run(url, &["resume-dialing"]);
    assert!(!refused.is_good() && refused.said().contains("nothing to resume"));
    let refused = support::run(url, &["stop-dialing", "--reason", ""]);
    assert!(!refused.is_good() && refused.said().contains("the reason"));
    let server = Program::start(url, &[]);
    let client = world.client.at(&server.base);
    assert_allowed(&client, world, running, "");
    let types = || {
        let path = world.path(&format!("/events?after={}", before + 3));
        let events = client.get(&path).data()["events"].clone();
        let types = events.as_array().unwrap().iter().map(|event| event["type"].clone());
        types.collect::<Vec<_>>()
    };
    until("it is resumed", || types() == ["dialing.resumed", "group.opened", "task.running"]);
}

/// Streams and webhooks have it, too; a webhook may choose it.
#[rstest]
fn a_webhook_may_choose_stops(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::with(database, &["--webhooks-to-private"]);
    let receiver = Receiver::start(Manner::Take, 0);
    let webhook = json!({"url": receiver.url, "events": ["dialing.stopped", "dialing.resumed"]});
    world.client.post(&world.path("/webhook"), &webhook).data();
    running(&world, "");
    world.client.post(STOP, &account(&world)).data();
    world.client.post(RESUME, &account(&world)).data();
    let types: Vec<Value> =
        receiver.wait_for(2).iter().map(|received| received.body["type"].clone()).collect();
    assert_eq!(types, ["dialing.stopped", "dialing.resumed"]);
}
