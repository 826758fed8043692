//! The calendar of a group: as JSON, as iCalendar, by subscription, and before it is saved.

use insta::{assert_json_snapshot, assert_snapshot};
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    decisions::working_hours,
    support::{Client, Database, World, always, anything},
};

fn save(world: &World, body: &Value) -> String {
    let id = world.client.post(&world.path("/dial-time-group"), body).data()["id"].clone();
    world.path(&format!("/dial-time-group/{id}"))
}

fn without_release(mut calendar: Value) -> Value {
    assert!(calendar["tzdata_version"].as_str().unwrap().starts_with("20"));
    calendar["tzdata_version"] = json!("[release]");
    calendar
}

#[rstest]
fn it_shows_open_spans_and_the_rule_behind_each_changed_day(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let group = save(&world, &working_hours());
    let festival = world.client.get(&format!("{group}/calendar?from=2026-09-25&to=2026-10-12"));
    assert_json_snapshot!("festival", without_release(festival.data().clone()));
    let path = format!("{group}/calendar?from=2026-12-30&to=2027-01-06");
    let english = world.client.send("GET", &path, &[("Accept-Language", "en")], None);
    assert_json_snapshot!("turn_of_the_year_english", without_release(english.data().clone()));
    let mut abroad = working_hours();
    abroad["timezone"] = json!("America/New_York");
    abroad["content"] = always();
    let abroad = save(&world, &abroad);
    let march = world.client.get(&format!("{abroad}/calendar?from=2026-03-03&to=2026-03-10"));
    assert_json_snapshot!("clock_set_forward", without_release(march.data().clone()));
}

#[rstest]
fn its_spans_are_what_decisions_say(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let group = save(&world, &working_hours());
    let calendar = world.client.get(&format!("{group}/calendar?from=2026-02-01&to=2026-03-15"));
    let spans = calendar.data()["spans"].as_array().unwrap();
    assert!(spans.len() > 20);
    let allowed = |at: &Value| {
        let at = at.as_str().unwrap().replace('+', "%2B");
        world.client.get(&format!("{group}/decision?at={at}")).data()["allowed"].as_bool().unwrap()
    };
    for span in spans {
        assert!(allowed(&span["begin_at"]) && !allowed(&span["end_at"]), "{span}");
    }
}

#[rstest]
fn left_out_it_is_four_weeks_from_today(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let group = world.path(&format!("/dial-time-group/{}", world.open_group()));
    let calendar = world.client.get(&format!("{group}/calendar"));
    let calendar = calendar.data();
    assert_eq!(calendar["spans"], json!([{"begin_at": calendar["from"], "end_at": calendar["to"]}]));
    assert_eq!(calendar["open_seconds"], 28 * 86_400);
}

#[rstest]
fn its_days_are_bounded(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let group = world.path(&format!("/dial-time-group/{}", world.open_group()));
    let get = |query: &str| world.client.get(&format!("{group}/calendar?{query}"));
    assert_eq!(get("from=2026-01-01&to=2027-02-05").data()["open_seconds"], 400 * 86_400);
    for (query, fault) in [
        ("from=2026-01-01&to=2027-02-06", ("to", "too_many_days")),
        ("from=2026-01-01&to=2026-01-01", ("to", "not_after")),
        ("from=2026-01-02&to=2026-01-01", ("to", "not_after")),
        ("from=2026-02-30", ("from", "date_format")),
        ("from=2026-01-01&to=x", ("to", "date_format")),
        ("from=1969-12-31", ("from", "date_out_of_range")),
        ("from=2201-01-01", ("from", "date_out_of_range")),
    ] {
        assert_eq!(get(query).faults(), [fault], "{query}");
    }
}

#[rstest]
fn calendar_programs_are_given_icalendar(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let mut body = working_hours();
    body["name"] = json!("销售, 华东; \\A 一个很长很长很长很长很长很长很长很长的名字");
    let group = save(&world, &body);
    let path = format!("{group}/calendar?from=2026-10-07&to=2026-10-12");
    let (kind, text) = fetch(&world, &path, &[("Accept", "text/calendar")]);
    assert_eq!(kind, "text/calendar; charset=utf-8");
    let without_stamps: Vec<&str> = text.lines().filter(|line| !line.starts_with("DTSTAMP:")).collect();
    assert_snapshot!("icalendar", without_stamps.join("\n"));
    assert!(text.split("\r\n").all(|line| line.len() <= 75), "lines are folded");
    let refused = fetch(&world, &format!("{group}/calendar?from=x"), &[("Accept", "text/calendar")]);
    assert!(refused.0 == "application/json" && refused.1.contains("date_format"));
}

/// The kind and the text of what is answered.
fn fetch(world: &World, path: &str, headers: &[(&str, &str)]) -> (String, String) {
    let answer = world.client.send("GET", path, headers, None);
    (answer.header("Content-Type").to_owned(), answer.text)
}

#[rstest]
fn a_subscription_needs_no_header_and_can_be_revoked(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let group = save(&world, &working_hours());
    let other = save(&world, &working_hours());
    let subscriptions = format!("{group}/calendar-subscription");
    let anyone = world.client.with_authorization(None);
    let made = world.client.post(&subscriptions, &json!({})).data().clone();
    let again = world.client.post(&subscriptions, &json!({})).data().clone();
    let (path, path_again) = (made["path"].as_str().unwrap(), again["path"].as_str().unwrap());
    assert_ne!(path, path_again);
    for path in [path, path_again] {
        let read = anyone.get(path);
        assert_eq!((read.status, read.header("Content-Type")), (200, "text/calendar; charset=utf-8"));
        assert!(read.text.starts_with("BEGIN:VCALENDAR\r\n") && read.text.contains("BEGIN:VEVENT"));
    }
    // The key itself is kept nowhere.
    let listed = world.client.get(&subscriptions);
    assert_eq!(listed.column("id"), [made["id"].clone(), again["id"].clone()]);
    assert!(!listed.body.to_string().contains("dtc_"));
    let key = path.trim_start_matches("/calendars/").trim_end_matches(".ics");
    let audit = world.database.texts_in_order("SELECT coalesce(before, '') || subject_id FROM audit");
    assert!(audit.iter().all(|line| !line.contains(key)));

    let one = format!("{subscriptions}/{}", made["id"].as_str().unwrap());
    // Resolved against the address of the request, so that a proxy's path stays before it.
    let path = made["path"].as_str().unwrap();
    assert_eq!(made["relative_path"], format!("../../../../..{path}"));
    assert_eq!(subscriptions.matches('/').count() - 1, 5, "as many steps lead to the root");
    let of_other = format!("{other}/calendar-subscription/{}", made["id"].as_str().unwrap());
    assert_eq!(world.client.delete(&of_other).status, 404);
    assert_eq!(world.client.delete(&one).message(), "删除成功");
    assert_eq!(world.client.delete(&one).status, 404);
    assert_eq!(anyone.get(path).status, 404);
    assert_eq!(anyone.get(path_again).status, 200);
    world.client.delete(&group).data();
    assert_eq!(anyone.get(path_again).status, 404);
    assert_eq!(world.client.get(&subscriptions).status, 404);
    for unknown in ["/calendars/dtc_0.ics", "/calendars/x", "/calendars/.ics", "/calendars/%00.ics"] {
        assert_eq!(anyone.get(unknown).body, anyone.get("/unknown").body, "{unknown}");
    }
}

#[rstest]
fn a_preview_shows_what_saving_would_show(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let preview = world.path("/dial-time-group/preview");
    let days = "from=2026-09-25&to=2026-10-12";
    let mut body = working_hours();
    body["from"] = json!("2026-09-25");
    body["to"] = json!("2026-10-12");
    let mut seen = world.client.post(&preview, &body).data().clone();
    assert_eq!(seen["calendar"]["group_version"], Value::Null);
    let nothing = json!({"total": 0, "tasks": []});
    assert_eq!((&seen["stopping"], &seen["starting"]), (&nothing, &nothing));
    assert_eq!(world.client.get(&world.path("/dial-time-group")).column("id").len(), 0, "nothing is stored");
    let group = save(&world, &working_hours());
    let saved = world.client.get(&format!("{group}/calendar?{days}")).data().clone();
    seen["calendar"]["group_version"] = saved["group_version"].clone();
    assert_eq!(seen["calendar"], saved);

    // An edit: what is left out keeps its value.
    let id: i64 = group.rsplit('/').next().unwrap().parse().unwrap();
    let edit = json!({"group_id": id, "skip_holiday": false, "from": "2026-09-25", "to": "2026-10-12"});
    let edited = world.client.post(&preview, &edit).data()["calendar"].clone();
    assert!(edited["open_seconds"].as_i64() > saved["open_seconds"].as_i64());
    assert_eq!(edited["calendar"], Value::Null);
    world.client.put(&group, &json!({"name": "x", "skip_holiday": false})).data();
    let after = world.client.get(&format!("{group}/calendar?{days}")).data().clone();
    assert_eq!((&after["spans"], &after["days"]), (&edited["spans"], &edited["days"]));
}

#[rstest]
fn a_preview_names_the_tasks_that_would_stop_or_start(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let open = world.open_group();
    let closed = world.client.post(
        &world.path("/dial-time-group"),
        &json!({"name": "never", "content": [], "is_default": false, "skip_holiday": false}),
    );
    let closed = closed.data()["id"].as_i64().unwrap();
    let started = |group| {
        let task = world.task(group);
        world.client.get(&world.path(&format!("/task_start/{task}"))).data();
        task
    };
    let (running, waiting) = (started(open), started(closed));
    // Paused ones, and one whose time is over, change nothing.
    world.task(open);
    world.task(closed);
    let mut over = crate::support::task(closed);
    over["task_extras"]["stop_time"] = json!("2024-11-02 00:00:00");
    let over = world.client.post(&world.new_path("/task"), &over).data()["uuid"].clone();
    world.client.get(&world.new_path(&format!("/task_start/{}", over.as_str().unwrap()))).data();

    let preview = |id: i64, content: Value| {
        let body = json!({"group_id": id, "content": content});
        world.client.post(&world.path("/dial-time-group/preview"), &body).data().clone()
    };
    let named = |tasks: &Value| {
        let uuids: Vec<Value> =
            tasks["tasks"].as_array().unwrap().iter().map(|task| task["uuid"].clone()).collect();
        (tasks["total"].as_i64().unwrap(), uuids)
    };
    let stopping = preview(open, json!([]));
    assert_eq!(named(&stopping["stopping"]), (1, vec![json!(running)]));
    assert_eq!(stopping["starting"]["total"], 0);
    let starting = preview(closed, always());
    assert_eq!(named(&starting["starting"]), (1, vec![json!(waiting)]));
    assert_eq!(starting["stopping"]["total"], 0);
    let same = preview(open, always());
    assert_eq!((&same["stopping"]["total"], &same["starting"]["total"]), (&json!(0), &json!(0)));
}

#[rstest]
fn a_preview_has_the_faults_that_saving_has(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let group = world.open_group();
    let (_, strange_user) = world.stranger();
    let preview = |body: &Value| world.client.post(&world.path("/dial-time-group/preview"), body);
    for (field, value) in [
        ("content", json!([{"week": 7, "times": []}])),
        ("content", json!("x")),
        ("holiday_calendar", json!("XX")),
        ("timezone", json!("Mars/Olympus")),
        ("name", Value::Null),
        ("exceptions", json!([{"name": "x", "begin_date": "x", "times": []}])),
    ] {
        let mut body = working_hours();
        body[field] = value;
        let saved = world.client.post(&world.path("/dial-time-group"), &body);
        assert_eq!(preview(&body).body, saved.body, "{field}");
    }
    assert_eq!(preview(&json!({"group_id": group, "to": "2020-01-01"})).faults(), [("to", "not_after")]);
    assert_eq!(preview(&json!({"group_id": "x"})).faulty_fields(), ["group_id"]);
    assert_eq!(
        preview(&json!({"group_id": group, "content": [{"week": 9, "times": []}]})).faulty_fields(),
        ["content[0].week"]
    );
    assert_eq!(preview(&json!({"group_id": 999_999})).status, 404);
    let strange = format!("/agent-api/user/{strange_user}/dial-time-group/preview");
    assert_eq!(world.client.post(&strange, &json!({"group_id": group})).status, 404);
}

#[rstest]
fn subscriptions_of_another_account_are_not_there(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let group = save(&world, &working_hours());
    let subscriptions = format!("{group}/calendar-subscription");
    world.client.post(&subscriptions, &json!({})).data();
    let (stranger, _): (Client, String) = world.stranger();
    assert_eq!(stranger.get(&subscriptions).status, 404);
    assert_eq!(stranger.post(&subscriptions, &json!({})).status, 404);
    assert_eq!(world.client.delete(&format!("{subscriptions}/{}", anything())).status, 404);
    assert_eq!(world.client.delete(&format!("{subscriptions}/x")).faulty_fields(), ["subscription_id"]);
    let of_sub_user = format!("{subscriptions}?sub_user_id={}", world.sub_user);
    assert_eq!(world.client.get(&of_sub_user).status, 404);
}
