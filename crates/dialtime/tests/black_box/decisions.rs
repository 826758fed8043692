//! May a call go out, why, and when next: over HTTP, at instants that stay what they are.

use insta::assert_json_snapshot;
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    holidays::import,
    support::{Client, Database, Program, World, always, dialtime, steady, task},
};

/// Weekdays from 09:00 to 18:00 and Friday's night, with China's holidays and two exceptions.
pub(crate) fn working_hours() -> Value {
    let hours = |begin: &str, end: &str| json!({"begin_time": begin, "end_time": end});
    let day = |week: i64| json!({"week": week, "times": [hours("09:00", "18:00")]});
    let mut content: Vec<Value> = (1..=5).map(day).collect();
    content.push(json!({"week": 5, "times": [hours("22:00", "02:00")]}));
    json!({
        "name": "working hours", "content": content, "is_default": false, "skip_holiday": true,
        "timezone": "Asia/Shanghai", "makeup_policy": "as_workday", "beyond_horizon": "weekdays_only",
        "exceptions": [
            {"name": "年会", "begin_date": "2026-03-04", "times": []},
            {"name": "半天", "begin_date": "03-05", "times": [hours("09:00", "12:00")]},
        ],
    })
}

fn save(world: &World, body: &Value) -> i64 {
    world.client.post(&world.path("/dial-time-group"), body).data()["id"].as_i64().unwrap()
}

fn decision(client: &Client, world: &World, thing: &str, at: &str) -> Value {
    client.get(&world.path(&format!("{thing}/decision?at={}", at.replace('+', "%2B")))).data().clone()
}

/// A decision with what another release of the zones changes taken out.
fn without_release(mut decision: Value) -> Value {
    assert!(decision["tzdata_version"].as_str().unwrap().starts_with("20"));
    decision["tzdata_version"] = json!("[release]");
    decision
}

#[rstest]
fn every_rule_explains_itself_in_both_languages(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let group = save(&world, &working_hours());
    let path =
        |at: &str| world.path(&format!("/dial-time-group/{group}/decision?at={}", at.replace('+', "%2B")));
    for (name, at) in [
        ("open", "2026-03-03T09:00:00+08:00"),
        ("closed", "2026-03-03T18:00:00+08:00"),
        ("tail_of_the_evening", "2026-03-07T01:59:59.999999999+08:00"),
        ("exception_closed", "2026-03-04T10:00:00+08:00"),
        ("exception_open", "2027-03-05T10:00:00+08:00"),
        ("holiday", "2026-10-01T10:00:00+08:00"),
        ("makeup_workday", "2026-10-10T10:00:00+08:00"),
        ("beyond_horizon", "2027-01-02T10:00:00+08:00"),
        ("beyond_horizon_open", "2027-01-04T10:00:00+08:00"),
        ("opening_beyond_horizon", "2026-12-31T17:00:00+08:00"),
        ("before_first_year", "2003-10-01T10:00:00+08:00"),
    ] {
        let chinese = world.client.get(&path(at));
        assert_json_snapshot!(name, without_release(chinese.data().clone()));
        let english = world.client.send("GET", &path(at), &[("Accept-Language", "en")], None);
        let texts = json!([english.data()["reason"]["detail"], english.data()["warning"]["message"]]);
        assert_json_snapshot!(format!("{name}_english"), texts);
    }
}

#[rstest]
fn a_task_adds_its_own_limits(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let group = save(&world, &working_hours());
    let mut body = task(group);
    body["task_extras"] = json!({
        "start_time": "2026-03-02 10:00:00", "stop_time": "2026-03-06 12:00:00",
        "holiday": [{"start": "2026-03-03 09:00", "end": "2026-03-03 11:00"}],
    });
    let uuid = world.client.post(&world.new_path("/task"), &body).data()["uuid"].as_str().unwrap().to_owned();
    let thing = format!("/task/{uuid}");
    let at = |at: &str| without_release(decision(&world.client, &world, &thing, at));
    assert_json_snapshot!("task_paused", at("2026-03-02T11:00:00+08:00"));
    world.client.get(&world.new_path(&format!("/task_start/{uuid}"))).data();
    assert_json_snapshot!("task_before_start", at("2026-03-02T09:30:00+08:00"));
    assert_json_snapshot!("task_running_until_closure", at("2026-03-02T11:00:00+08:00"));
    assert_json_snapshot!("task_in_closure", at("2026-03-03T09:30:00+08:00"));
    assert_json_snapshot!("task_in_exception", at("2026-03-04T09:30:00+08:00"));
    assert_json_snapshot!("task_until_stop", at("2026-03-06T11:59:59+08:00"));
    assert_json_snapshot!("task_after_stop", at("2026-03-06T12:00:00+08:00"));
}

#[rstest]
fn left_out_the_instant_is_now(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let group = world.open_group();
    let answer = world.client.get(&world.path(&format!("/dial-time-group/{group}/decision")));
    let decision = answer.data();
    assert_eq!((&decision["allowed"], &decision["next_change_at"]), (&json!(true), &Value::Null));
    let at: jiff::Timestamp = decision["at"].as_str().unwrap().parse().unwrap();
    let task = world.task(group);
    world.client.get(&world.path(&format!("/task_start/{task}"))).data();
    let later = world.client.get(&world.path(&format!("/task/{task}/decision"))).data()["at"].clone();
    assert!(at < later.as_str().unwrap().parse().unwrap());
}

#[rstest]
fn many_questions_are_answered_in_order_each_for_itself(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let (group, open) = (save(&world, &working_hours()), world.open_group());
    let task = world.task(group);
    world.client.get(&world.path(&format!("/task_start/{task}"))).data();
    let (stranger, strange_user) = world.stranger();
    let strange_path = format!("/agent-api/user/{strange_user}/dial-time-group");
    let strange = stranger.post(&strange_path, &working_hours()).data()["id"].clone();
    let at = "2026-03-03T10:00:00+08:00";
    let queries = json!([
        {"group_id": group, "at": at}, {"task_id": task, "at": at}, {"group_id": strange}, {"group_id": open},
        {"group_id": group, "task_id": task}, {}, {"group_id": "x"}, {"group_id": group, "at": "yesterday"},
        "rubbish", {"group_id": -1}, {"task_id": "00000000-0000-0000-0000-000000000000"},
        {"group_id": group, "at": "2026-03-03T19:00:00+08:00"},
    ]);
    let answer = world.client.post(&world.path("/decisions"), &json!({"queries": queries}));
    let codes: Vec<Value> = answer.column("code");
    assert_eq!(json!(codes), json!([200, 200, 404, 200, 422, 422, 422, 422, 422, 404, 404, 200]));
    let all = answer.data();
    let (of_group, of_task) = (&all[0]["data"], &all[1]["data"]);
    assert_eq!(*of_group, decision(&world.client, &world, &format!("/dial-time-group/{group}"), at));
    assert_eq!(*of_task, decision(&world.client, &world, &format!("/task/{task}"), at));
    assert_eq!(all[11]["data"]["allowed"], false);
    let unknown = world.client.get(&world.path("/dial-time-group/999999/decision"));
    assert_eq!(all[2], unknown.body, "as a request for it alone");
    let fields: Vec<_> = (4..=8).map(|place| all[place]["data"][0]["field"].clone()).collect();
    assert_eq!(json!(fields), json!(["task_id", "group_id", "group_id", "at", "query"]));
}

#[rstest]
fn ten_thousand_questions_are_the_most(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let (group, task) = (world.open_group(), world.task(world.open_group()));
    let query = |place| if place % 2 == 0 { json!({"group_id": group}) } else { json!({"task_id": task}) };
    let mut queries: Vec<Value> = (0..10_000).map(query).collect();
    let answer = world.client.post(&world.path("/decisions"), &json!({"queries": queries}));
    let allowed = answer.data().as_array().unwrap().iter().map(|one| one["data"]["allowed"] == json!(true));
    assert!(allowed.eq((0..10_000).map(|place| place % 2 == 0)));
    queries.push(query(0));
    let refused = world.client.post(&world.path("/decisions"), &json!({"queries": queries}));
    assert_eq!(refused.faults(), [("queries", "too_many")]);
    assert_eq!(world.client.post(&world.path("/decisions"), &json!({})).faults(), [("queries", "required")]);
    let none = world.client.post(&world.path("/decisions"), &json!({"queries": []}));
    assert_eq!(*none.data(), json!([]));
}

#[rstest]
fn an_instant_needs_its_offset(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let group = world.open_group();
    let path = |at: &str| world.path(&format!("/dial-time-group/{group}/decision?at={at}"));
    for good in ["2026-03-03T10:00:00Z", "2026-03-03T10:00:00+08:00", "2026-03-03T10:00:00%2B08:00"] {
        assert_eq!(world.client.get(&path(good)).status, 200, "{good}");
    }
    for bad in
        ["x", "2026-03-03", "2026-03-03T10:00:00", "1969-12-31T00:00:00Z", "2201-01-01T00:00:00Z", "1e9"]
    {
        assert_eq!(world.client.get(&path(bad)).faults(), [("at", "instant")], "{bad}");
    }
}

#[test]
fn an_edit_on_one_node_is_seen_by_the_next_decision_on_another() {
    let world = World::new(Database::Postgres);
    let other = Program::start(&world.database.url, &[]);
    let other = world.client.at(&other.base);
    let group = world.open_group();
    let (thing, at) = (format!("/dial-time-group/{group}"), "2026-03-03T10:00:00+08:00");
    for round in 0..50 {
        let content = if round % 2 == 0 { json!([]) } else { always() };
        let body = json!({"name": "edited", "content": content});
        let (writer, reader) = if round % 3 == 0 { (&other, &world.client) } else { (&world.client, &other) };
        let version = writer.put(&world.path(&thing), &body).data()["version"].clone();
        for client in [reader, writer] {
            let seen = decision(client, &world, &thing, at);
            assert_eq!((&seen["allowed"], &seen["group_version"]), (&json!(round % 2 == 1), &version));
        }
    }
}

#[rstest]
fn an_imported_holiday_closes_groups_that_skip_holidays(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let other_server = (database == Database::Postgres).then(|| Program::start(&world.database.url, &[]));
    let other = other_server.as_ref().map(|server| world.client.at(&server.base));
    let clients = || std::iter::once(&world.client).chain(&other);
    let group = save(&world, &working_hours());
    let task = world.task(group);
    world.client.get(&world.path(&format!("/task_start/{task}"))).data();
    // A Friday that no notice speaks of yet.
    let at = "2027-01-01T10:00:00+08:00";
    let asked = |client: &Client| {
        let group = decision(client, &world, &format!("/dial-time-group/{group}"), at);
        let task = decision(client, &world, &format!("/task/{task}"), at);
        assert_eq!(group["reason"], task["reason"]);
        json!([group["allowed"], task["allowed"], group["reason"]["rule"], group["warning"]["code"]])
    };
    for client in clients() {
        assert_eq!(asked(client), json!([true, true, "weekly", "beyond_horizon"]));
    }
    let year = json!({
        "id": "CN", "known_until": "2027-12-31",
        "days": [{"date": "2027-01-01", "kind": "holiday", "name": "元旦"},
                 {"date": "2027-10-01", "kind": "holiday", "name": "国庆节"}],
    });
    let arguments = ["--allow-fewer-days"];
    let (good, said) = import(&world.database.url, "cn.json", year.to_string(), &arguments);
    assert!(good, "{said}");
    for client in clients() {
        assert_eq!(asked(client), json!([false, false, "holiday", null]));
    }
    assert!(dialtime(&world.database.url, &["holidays", "list"]).contains("CN  known until 2027-12-31"));
}

#[rstest]
fn a_group_takes_its_calendar_its_policies_and_its_exceptions(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let groups = world.path("/dial-time-group");
    let saved = world.client.post(&groups, &working_hours());
    assert_json_snapshot!("group_with_everything", steady(saved.data()));
    let path = format!("{groups}/{}", saved.data()["id"]);
    let renamed = world.client.put(&path, &json!({"name": "renamed"}));
    for field in ["timezone", "holiday_calendar", "makeup_policy", "beyond_horizon", "exceptions"] {
        assert_eq!(renamed.data()[field], saved.data()[field], "{field} was left out and stays");
    }
    let changed = world.client.put(&path, &json!({"name": "x", "exceptions": [], "makeup_policy": "as_is"}));
    assert_eq!(
        (&changed.data()["exceptions"], &changed.data()["makeup_policy"]),
        (&json!([]), &json!("as_is"))
    );
    for (field, value, faulty) in [
        ("holiday_calendar", json!("XX"), "holiday_calendar"),
        ("makeup_policy", json!("never"), "makeup_policy"),
        ("beyond_horizon", json!(1), "beyond_horizon"),
        (
            "exceptions",
            json!([{"name": "x", "begin_date": "2026-02-30", "times": []}]),
            "exceptions[0].begin_date",
        ),
        (
            "exceptions",
            json!([{"name": "x", "begin_date": "01-01", "times": [{"begin_time": "9", "end_time": "10:00"}]}]),
            "exceptions[0].times[0].begin_time",
        ),
        ("timezone", json!("EST"), "timezone"),
    ] {
        let mut body = working_hours();
        body[field] = value;
        assert_eq!(world.client.post(&groups, &body).faulty_fields(), [faulty]);
        assert_eq!(world.client.put(&path, &body).faulty_fields(), [faulty]);
    }
    assert_eq!(world.client.get(&path).data()["version"], 3, "nothing faulty was stored");
}

#[rstest]
fn an_instant_that_cannot_be_meant_is_never_taken_for_now(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let group = world.open_group();
    let path = world.path(&format!("/dial-time-group/{group}/decision"));
    for (query, fault) in [
        ("at=", ("at", "empty")),
        ("at=2026-12-01T00:00:00Z&at=", ("at", "empty")),
        ("at=2026-12-01T00:00:00Z&at=2026-12-02T00:00:00Z", ("at", "repeated")),
        ("at[]=2026-12-01T00:00:00Z&at=2026-12-02T00:00:00Z", ("at", "repeated")),
        ("att=2026-12-01T00:00:00Z", ("att", "unknown_field")),
        ("AT=2026-12-01T00:00:00Z", ("AT", "unknown_field")),
    ] {
        assert_eq!(world.client.get(&format!("{path}?{query}")).faults(), [fault], "{query}");
        let plain = world.client.send("GET", &format!("{path}?{query}"), &[("Accept", "text/plain")], None);
        assert_eq!(plain.text, "0\n", "{query}");
    }
    let listed = world.client.get(&format!("{path}?at%5B%5D=2026-12-01T00:00:00Z"));
    assert_eq!(listed.data()["at"], "2026-12-01T08:00:00+08:00");
}
