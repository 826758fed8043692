//! Why nothing, or no more, is dialed: the one reason that decides, and when it changes.

use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    dialing::{self, line, progress, script, start},
    support::{Database, World, until},
};

/// A user with a line, at nine in the morning.
struct Dialed {
    world: World,
    line: String,
}

impl Dialed {
    fn new(database: Database, outcome: &str) -> Self {
        let world = World::at(database, "2026-06-10T09:00:00+08:00");
        let line = line(&world, outcome);
        Self { world, line }
    }

    /// Over a line on which people talk for ten minutes.
    fn talking(database: Database) -> Self {
        let dialed = Self::new(database, "answered");
        let (ring, talk) = (json!({"from": 0, "to": 0}), json!({"from": 600, "to": 600}));
        let outcomes = json!([{"weight": 1, "outcome": "answered", "ring": ring, "talk": talk}]);
        dialed.change_line(&json!({"simulation": {"outcomes": outcomes}}));
        dialed
    }

    fn change_line(&self, change: &Value) {
        let path = format!("/agent-api/line/{}", self.line);
        let mut body = json!({"name": "line", "kind": "simulated", "channels": 50, "cps": 100});
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        self.world.client.put(&path, &body).data();
    }

    /// A task with three numbers, which is started, and what its settings are beside the usual.
    fn task(&self, settings: &Value) -> String {
        self.task_with(3, settings)
    }

    /// The same with so many numbers.
    fn task_with(&self, numbers: usize, settings: &Value) -> String {
        let Self { world, line } = self;
        let mut body = json!({
            "name": "list", "dial_time_id": world.open_group(), "destination_extension": script(world), "maximumcall": 5,
            "caller_line_id": line, "task_extras": {},
        });
        body.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
        let task = world.client.post(&world.path("/task"), &body).data()["uuid"].as_str().unwrap().to_owned();
        let numbers: Vec<Value> =
            (0..numbers).map(|number| json!({"phone": format!("139{number:08}")})).collect();
        world.client.post(&world.path(&format!("/task/{task}/number")), &json!({"data": numbers})).data();
        start(world, &task);
        task
    }

    fn progress(&self, task: &str) -> Value {
        progress(&self.world, task)
    }

    /// The reason, once it is this one.
    fn reason(&self, task: &str, code: &str) -> Value {
        until(code, || self.progress(task)["reason"]["code"] == code);
        self.progress(task)["reason"].clone()
    }
}

fn between(text: &Value, first: &str, last: &str) {
    let text = text.as_str().unwrap();
    assert!(first <= text && text <= last, "{text}");
}

#[rstest]
fn the_next_start_follows_the_last_by_the_interval(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let dialed = Dialed::new(database, "busy");
    let task = dialed.task(&json!({"task_extras": {"interval_time": 600}}));
    until("one is called", || dialed.progress(&task)["numbers"]["done"] == 1);
    let reason = dialed.reason(&task, "interval");
    between(&reason["until"], "2026-06-10 09:10:00", "2026-06-10 09:12:00");
    assert_eq!(reason["line_id"], Value::Null);
}

#[rstest]
fn a_slot_that_rests_after_its_call_is_told(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let dialed = Dialed::new(database, "busy");
    let task = dialed.task(&json!({"maximumcall": 1, "call_pause_second": 600}));
    let reason = dialed.reason(&task, "call_pause");
    between(&reason["until"], "2026-06-10 09:10:00", "2026-06-10 09:12:00");
    let path = dialed.world.path(&format!("/task/{task}/progress"));
    let english = dialed.world.client.send("GET", &path, &[("Accept-Language", "en")], None);
    let text = english.data()["reason"]["message"].as_str().unwrap().to_owned();
    assert!(text.starts_with("Slots rest after their calls, until 2026-06-10 09:1"), "{text}");
}

#[rstest]
fn a_limit_of_a_task_over_a_line_is_told(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let dialed = Dialed::talking(database);
    let limited = |limit: i64| json!({"task_extras": {"line": [{"id": dialed.line, "limit": limit}]}});
    for (limit, calls) in [(0, 0), (1, 1)] {
        let task = dialed.task(&limited(limit));
        until("it calls", || dialed.progress(&task)["calls"]["talking"] == calls);
        let reason = dialed.reason(&task, "route_full");
        assert_eq!((&reason["line_id"], &reason["until"]), (&json!(dialed.line), &Value::Null));
        assert_eq!(dialed.progress(&task)["lines"][0]["reason"], "route_full");
    }
}

#[rstest]
fn numbers_that_no_line_may_call_are_told(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let dialed = Dialed::new(database, "busy");
    dialed.change_line(&json!({"allowed_prefixes": ["86138"]}));
    let task = dialed.task(&json!({}));
    let reason = dialed.reason(&task, "prefix");
    assert_eq!(reason["line_id"], json!(dialed.line));
    assert_eq!(
        dialed.progress(&task)["lines"][0]["reason"],
        Value::Null,
        "of other numbers nothing keeps it"
    );
    let records =
        || dialed.world.client.get(&dialed.world.path(&format!("/task/{task}/record?all=1"))).data().clone();
    until("each has been looked at", || records().as_array().unwrap().len() >= 3);
    for record in records().as_array().unwrap() {
        let end = (&record["class"], &record["status"], &record["end_reason"], &record["ended_by"]);
        assert_eq!(end, (&json!("not_sent"), &Value::Null, &json!("prefix"), &json!("dialtime")));
    }
    assert_eq!(
        dialed.progress(&task)["reason"]["code"],
        "prefix",
        "also while they wait to be looked at again"
    );
    dialed.change_line(&json!({"allowed_prefixes": ["86138", "86139"]}));
    assert_ne!(dialed.progress(&task)["reason"]["code"], "prefix");
}

/// As after calls whose ends nobody saw, of a task that says `hold`.
#[rstest]
fn numbers_that_wait_for_a_reset_are_told_apart_and_so_is_that_none_but_these_are_left(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let dialed = Dialed::new(database, "busy");
    let Dialed { world, line } = &dialed;
    let task = dialing::task(world, line, world.open_group(), 3);
    let held = jiff::Timestamp::MAX.as_microsecond();
    for change in [
        &format!("UPDATE numbers SET status = 4, tries = 1, next_attempt_at = {held} WHERE id < 3"),
        "DELETE FROM number_counts",
        "INSERT INTO number_counts (list_id, status, state, numbers) \
         SELECT list_id, status, state, count(*) FROM numbers GROUP BY list_id, status, state",
    ] {
        world.database.execute_now(change);
    }
    let numbers = || world.client.get(&world.path(&format!("/task/{task}/number")));
    assert_eq!(numbers().column("held"), [false, true, true]);
    assert_eq!(numbers().column("next_attempt_at"), vec![Value::Null; 3]);
    start(world, &task);
    let reason = dialed.reason(&task, "held");
    assert_eq!((&reason["message"], &reason["until"]), (&json!("剩余号码均等待人工重置"), &Value::Null));
    let progress = dialed.progress(&task);
    let counts = ["total", "waiting", "redials", "held", "done"].map(|count| &progress["numbers"][count]);
    assert_eq!(counts, [3, 0, 0, 2, 1]);
    assert_eq!((&progress["finishes_at"], &progress["forecast"]), (&Value::Null, &json!([])));
    assert_eq!(world.client.get(&world.path("/stat")).data()["to_call"], 0);
    let reset = world.path(&format!("/task/{task}/number-batch-reset"));
    assert_eq!(world.client.put(&reset, &json!({"status": [4]})).status, 200);
    dialed.reason(&task, "finished");
    assert_eq!(numbers().column("held"), [false; 3]);
}

/// Its calls go on.
#[rstest]
fn calls_are_counted_over_a_line_whose_share_is_gone(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let dialed = Dialed::talking(database);
    let task = dialed.task(&json!({}));
    until("all are answered", || dialed.progress(&task)["calls"]["talking"] == 3);
    let shares = dialed.world.client.get(&format!("/agent-api/line/{}/allocation", dialed.line));
    let share = dialed.world.new_path(&format!("/line/{}", shares.data()[0]["id"]));
    assert_eq!(dialed.world.client.delete(&share).status, 200);
    let used = dialed.progress(&task)["lines"][0].clone();
    assert_eq!(
        (&used["calls"], &used["share"], &used["reason"]),
        (&json!(3), &Value::Null, &json!("no_allocation"))
    );
}

/// Nobody has to look into records to learn what a carrier says, nor to wait without an end in sight.
#[rstest]
fn a_line_that_fails_is_told_with_what_its_carrier_says_and_when_it_is_tried_next(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let dialed = Dialed::new(database, "line_failure");
    let Dialed { world, line } = &dialed;
    let task = dialed.task_with(30, &json!({"maximumcall": 20}));
    let line_down = || {
        let reason = dialed.progress(&task)["reason"].clone();
        Some(reason).filter(|reason| reason["code"] == "line_down" && reason["until"].is_string())
    };
    until("the line is down and it is told until when", || line_down().is_some());
    let path = world.path(&format!("/task/{task}/progress"));
    let english = world.client.send("GET", &path, &[("Accept-Language", "en")], None).data().clone();
    let message = english["reason"]["message"].as_str().unwrap();
    assert!(message.contains("(503 Service Unavailable)"), "{message}");
    let failed = &english["lines"][0]["last_failure"];
    assert_eq!((&failed["code"], &failed["phrase"]), (&json!(503), &json!("Service Unavailable")));
    until("line-activity says the same", || {
        let activity = world.client.get("/agent-api/line-activity").data()[0].clone();
        assert_eq!((&activity["line_id"], &activity["last_failure"]["code"]), (&json!(line), &json!(503)));
        let breaker = &activity["breaker"];
        assert_ne!(breaker["state"], "closed");
        assert_eq!(breaker["most_probes"], 1, "one server, one probe");
        breaker["next_probe_at"].is_string() && breaker["since"].is_string() && breaker["state"] == "open"
    });
    let path = format!("/agent-api/line/{line}");
    let breaker = || world.client.get(&path).data()["breaker"].clone();
    until("the line itself says so", || breaker()["next_probe_at"].is_string());
    assert!(world.client.get("/agent-api/line").data()[0]["breaker"]["since"].is_string());
    // The next call that tries it rings for long: what is being tried is half open.
    let ring = json!({"from": 600, "to": 600});
    let outcomes = json!([{"weight": 1, "outcome": "line_failure", "ring": ring}]);
    dialed.change_line(&json!({"simulation": {"outcomes": outcomes}}));
    assert_ne!(breaker()["state"], "closed");
    world.server.set_clock("2026-06-10T09:10:00+08:00");
    until("a call tries it", || breaker()["probes"] == 1);
    let tried = breaker();
    assert_eq!((&tried["state"], &tried["next_probe_at"]), (&json!("half_open"), &Value::Null));
    // What was read can be sent back.
    let read = world.client.get(&path).data().clone();
    world.client.put(&path, &read).data();
}

/// In the last ten seconds, over all tasks.
#[rstest]
fn how_many_calls_start_over_a_line_in_a_second_is_told(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let dialed = Dialed::talking(database);
    let Dialed { world, line } = &dialed;
    let path = format!("/agent-api/line/{line}");
    let starts = || world.client.get(&path).data()["starts_per_second"].clone();
    assert_eq!(starts(), 0.0);
    let task = dialed.task(&json!({}));
    until("all are answered", || dialed.progress(&task)["calls"]["talking"] == 3);
    assert_eq!(starts(), 0.3);
    assert_eq!(world.client.get("/agent-api/line").data()[0]["starts_per_second"], 0.3);
    let activity = world.client.get("/agent-api/line-activity").data()[0].clone();
    assert_eq!(
        (&activity["starts_per_second"], &activity["breaker"]["state"]),
        (&json!(0.3), &json!("closed"))
    );
    // A call that is over by now has started all the same.
    let call = world.client.get(&world.path("/call")).data()[0]["record_id"].as_str().unwrap().to_owned();
    world.client.post(&world.path(&format!("/call/{call}/hang-up")), &json!({})).data();
    until("it is over", || dialed.progress(&task)["calls"]["talking"] == 2);
    assert_eq!(starts(), 0.3);
    world.server.set_clock("2026-06-10T09:10:00+08:00");
    assert_eq!(starts(), 0.0);
}

#[rstest]
fn a_line_is_not_said_to_be_closing_before_the_window_opens(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let dialed = Dialed::new(database, "busy");
    let world = &dialed.world;
    let times = json!([{"begin_time": "09:10", "end_time": "18:00"}]);
    let group = json!({"name": "later", "content": [{"week": 3, "times": times}], "is_default": false, "skip_holiday": false});
    let group = world.client.post(&world.path("/dial-time-group"), &group).data()["id"].clone();
    let task = dialed.task(&json!({"dial_time_id": group}));
    world.server.set_clock("2026-06-10T09:09:45+08:00");
    assert_eq!(dialed.reason(&task, "window")["until"], "2026-06-10 09:10:00");
    assert_eq!(dialed.progress(&task)["lines"][0]["reason"], Value::Null);
}

/// How fast it went until a moment ago says nothing of when it ends.
#[rstest]
fn no_end_is_foretold_where_nothing_can_be_called(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let dialed = Dialed::talking(database);
    let task = dialed.task_with(9, &json!({"maximumcall": 3}));
    until("some are called", || dialed.progress(&task)["calls"]["talking"] == 3);
    assert!(dialed.progress(&task)["remaining_seconds"].is_number());
    let shares = dialed.world.client.get(&format!("/agent-api/line/{}/allocation", dialed.line));
    let share = dialed.world.new_path(&format!("/line/{}", shares.data()[0]["id"]));
    assert_eq!(dialed.world.client.delete(&share).status, 200);
    let progress = dialed.progress(&task);
    assert_eq!(progress["reason"]["code"], "no_allocation");
    assert_eq!((&progress["remaining_seconds"], &progress["finishes_at"]), (&Value::Null, &Value::Null));
}
