//! Weeks that vary, over the API: seasons, several calendars, holidays' own windows, and what deserves a second look.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Database, World, group};

const COMPANY: &str = "date,name,kind\n2026-11-20,司庆,放假\n2026-12-31,x,observance\n";

fn with(mut body: Value, more: &Value) -> Value {
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

/// Whether the group is open at an instant, and by which rule.
fn decided(world: &World, id: &Value, at: &str) -> (Value, Value) {
    let path = world.path(&format!("/dial-time-group/{id}/decision?at={}", at.replace('+', "%2B")));
    let decision = world.client.get(&path).data().clone();
    (decision["allowed"].clone(), decision["reason"]["rule"].clone())
}

#[rstest]
fn seasons_are_kept_and_hold_their_weeks(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let groups = world.path("/dial-time-group");
    let seasons = json!([{"name": "大周", "every_weeks": 2, "anchor_date": "2026-12-05",
        "content": [{"week": 6, "times": [{"begin_time": "09:00", "end_time": "18:00"}]}]}]);
    let saved = world.client.post(&groups, &with(group("x"), &json!({"seasons": seasons}))).data().clone();
    assert_eq!((&saved["seasons"], saved.get("warnings")), (&seasons, None));
    let at = |at| decided(&world, &saved["id"], at);
    assert_eq!(at("2026-12-05T10:00:00+08:00"), (json!(true), json!("season")));
    assert_eq!(at("2026-12-12T10:00:00+08:00"), (json!(false), json!("weekly")));
    // Left out they stay; given they are replaced as a whole.
    let path = format!("{groups}/{}", saved["id"]);
    assert_eq!(world.client.put(&path, &json!({"name": "y"})).data()["seasons"], seasons);
    assert_eq!(world.client.put(&path, &json!({"name": "y", "seasons": []})).data()["seasons"], json!([]));
    assert_eq!(at("2026-12-05T10:00:00+08:00"), (json!(false), json!("weekly")));
    let bad = json!([{"every_weeks": 1, "anchor_date": "2026-12-05", "content": [{"week": 7, "times": []}]}]);
    let refused = world.client.post(&groups, &with(group("x"), &json!({"seasons": bad})));
    let faults = [
        ("seasons[0].every_weeks", "every_weeks_out_of_range"),
        ("seasons[0].content[0].week", "week_out_of_range"),
    ];
    assert_eq!(refused.faults(), faults);
}

#[rstest]
fn a_group_follows_several_calendars(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let (groups, all) = (world.path("/dial-time-group"), world.path("/holiday-calendar"));
    let made = world.client.upload(
        "POST",
        &format!("{all}?name=Company"),
        &[("Content-Type", "text/csv")],
        COMPANY.as_bytes(),
    );
    let company = made.data()["id"].clone();
    let body = with(group("both"), &json!({"skip_holiday": true, "holiday_calendars": ["CN", company]}));
    let body = with(body, &json!({"content": crate::support::always()}));
    let saved = world.client.post(&groups, &body).data().clone();
    assert_eq!(
        (&saved["holiday_calendar"], &saved["holiday_calendars"]),
        (&json!("CN"), &json!(["CN", company]))
    );
    for day in ["2026-10-01", "2026-11-20"] {
        let at = format!("{day}T10:00:00+08:00");
        assert_eq!(decided(&world, &saved["id"], &at), (json!(false), json!("holiday")), "{day}");
    }
    // It is the second that it follows, and still not to be deleted.
    let one = format!("{all}/{}", company.as_str().unwrap());
    assert_eq!(world.client.delete(&one).code(), 8108);
    let path = format!("{groups}/{}", saved["id"]);
    // Who knows the first only sets a list of one; both that differ are refused.
    let differs = json!({"name": "both", "holiday_calendar": company, "holiday_calendars": ["CN", company]});
    assert_eq!(world.client.put(&path, &differs).faults(), [("holiday_calendar", "differs")]);
    let one_only = world.client.put(&path, &json!({"name": "both", "holiday_calendar": "CN"})).data().clone();
    assert_eq!(one_only["holiday_calendars"], json!(["CN"]));
    assert_eq!(decided(&world, &saved["id"], "2026-11-20T10:00:00+08:00").0, true);
    assert_eq!(world.client.delete(&one).status, 200);
    for (calendars, rule) in
        [(json!([]), "empty"), (json!(["CN", "CN"]), "repeated"), (json!(vec!["x"; 9]), "too_many")]
    {
        let refused = world.client.post(&groups, &with(group("x"), &json!({"holiday_calendars": calendars})));
        assert_eq!(refused.faults(), [("holiday_calendars", rule)]);
    }
}

#[rstest]
fn days_off_have_their_own_windows_and_exceptions_their_effects(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let groups = world.path("/dial-time-group");
    let windows = json!([{"begin_time": "10:00", "end_time": "16:00"}]);
    let exceptions = json!([{"name": "早退", "effect": "only", "on": "day_before_holiday",
        "times": [{"begin_time": "00:00", "end_time": "15:00"}]}]);
    let more = json!({"skip_holiday": true, "holiday_policy": "own_windows", "holiday_windows": windows,
        "exceptions": exceptions, "content": crate::support::always()});
    let saved = world.client.post(&groups, &with(group("x"), &more)).data().clone();
    assert_eq!((&saved["holiday_policy"], &saved["holiday_windows"]), (&json!("own_windows"), &windows));
    assert_eq!(saved["exceptions"], exceptions);
    let at = |time: &str| decided(&world, &saved["id"], &format!("2026-{time}:00+08:00"));
    assert_eq!(at("10-01T11:00"), (json!(true), json!("holiday")));
    assert_eq!(at("10-01T09:00"), (json!(false), json!("holiday")));
    assert_eq!(at("09-30T14:00"), (json!(true), json!("weekly")));
    assert_eq!(at("09-30T16:00"), (json!(false), json!("exception")));
    let refused =
        json!({"exceptions": [{"effect": "only", "begin_date": "12-24"}, {"on": "holiday", "nth": 1}]});
    let faults =
        [("exceptions[0].times", "effect_without_times"), ("exceptions[1].nth", "not_of_these_days")];
    assert_eq!(world.client.post(&groups, &with(group("x"), &refused)).faults(), faults);
}

#[rstest]
fn exceptions_by_holiday_follow_a_calendar_as_it_is_now(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let (groups, all) = (world.path("/dial-time-group"), world.path("/holiday-calendar"));
    let csv = [("Content-Type", "text/csv")];
    let made = world.client.upload("POST", &format!("{all}?name=Company"), &csv, COMPANY.as_bytes());
    let company = made.data()["id"].as_str().unwrap().to_owned();
    // It skips no holidays: only its exception looks at them.
    let more = json!({"skip_holiday": false, "holiday_calendars": [company], "content": crate::support::always(),
        "exceptions": [{"effect": "close", "on": "holiday"}]});
    let saved = world.client.post(&groups, &with(group("x"), &more)).data().clone();
    let at = |day: &str| decided(&world, &saved["id"], &format!("2026-{day}T10:00:00+08:00"));
    assert_eq!(at("11-20"), (json!(false), json!("exception")));
    assert_eq!(at("11-23"), (json!(true), json!("weekly")));
    let moved = COMPANY.replace("11-20", "11-23");
    let path = format!("{all}/{company}/import");
    let imported = world.client.upload("POST", &path, &csv, moved.as_bytes());
    assert_eq!((imported.status, &imported.data()["stored"]), (200, &json!(true)), "{}", imported.text);
    assert_eq!(at("11-20"), (json!(true), json!("weekly")));
    assert_eq!(at("11-23"), (json!(false), json!("exception")));
}

#[rstest]
fn the_last_minute_of_a_day_is_warned_of(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let groups = world.path("/dial-time-group");
    let whole = json!({"content": [{"week": 1, "times": [{"begin_time": "00:00:00", "end_time": "23:59"}]}]});
    let body = with(group("x"), &whole).to_string();
    let headers = [("Accept-Language", "en"), ("Content-Type", "application/json")];
    let saved = world.client.send("POST", &groups, &headers, Some(&body));
    let warnings = &saved.data()["warnings"];
    assert_eq!(
        (&warnings[0]["field"], &warnings[0]["rule"]),
        (&json!("content[0].times[0].end_time"), &json!("last_minute"))
    );
    assert_eq!(
        warnings[0]["message"],
        "A window that ends at 23:59 leaves the last minute of the day; its end is 24:00"
    );
    assert_eq!(saved.data()["content"][0]["times"][0]["begin_time"], "00:00");
    let path = format!("{groups}/{}", saved.data()["id"]);
    // What was answered can be sent back, and a change is warned of as well.
    let updated = world.client.put(&path, saved.data());
    assert_eq!(updated.data()["warnings"].as_array().unwrap().len(), 1);
    assert!(updated.data()["warnings"][0]["message"].as_str().unwrap().contains("24:00"));
    let mended = json!({"name": "x", "content": [{"week": 1, "times": [{"begin_time": "00:00", "end_time": "24:00"}]}]});
    assert_eq!(world.client.put(&path, &mended).data().get("warnings"), None);
}
