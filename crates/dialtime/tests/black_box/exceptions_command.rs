//! `dialtime exceptions`: timed events become exceptions that a group takes.

use rstest::rstest;
use serde_json::{Value, json};
use test_support::Ended;

use crate::support::{Database, World, group, run};

/// A weekly stand-up of an hour that is left out once, a shift over midnight in another zone, and a whole day.
const FILE: &str = "BEGIN:VCALENDAR\r\n\
    BEGIN:VEVENT\r\nSUMMARY:晨会\r\nDTSTART:20260601T090000\r\nDTEND:20260601T100000\r\n\
    RRULE:FREQ=WEEKLY;COUNT=3\r\nEXDATE:20260608T090000\r\nEND:VEVENT\r\n\
    BEGIN:VEVENT\r\nSUMMARY:shift\r\nDTSTART;TZID=Europe/Berlin:20260610T160000\r\nDTEND;TZID=Europe/Berlin:20260610T200000\r\nEND:VEVENT\r\n\
    BEGIN:VEVENT\r\nSUMMARY:trip\r\nDTSTART;VALUE=DATE:20260612\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

fn exceptions(text: &str, arguments: &[&str]) -> Ended {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.ics");
    std::fs::write(&file, text).unwrap();
    run("", &[&["exceptions", file.to_str().unwrap()], arguments].concat())
}

const JUNE: [&str; 4] = ["--from", "2026-06-01", "--to", "2026-06-30"];

#[rstest]
fn events_become_exceptions_that_a_group_takes(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let ended = exceptions(FILE, &[&["--effect", "close"], &JUNE[..]].concat());
    assert!(ended.is_good(), "{}", ended.error);
    let found: Value = serde_json::from_str(&ended.output).unwrap();
    let one = |name: &str, date: &str, begin: &str, end: &str| json!({"name": name, "effect": "close", "begin_date": date, "end_date": date, "times": [{"begin_time": begin, "end_time": end}]});
    let expected = json!([
        one("晨会", "2026-06-01", "09:00", "10:00"),
        one("shift", "2026-06-10", "22:00", "02:00"),
        one("晨会", "2026-06-15", "09:00", "10:00"),
    ]);
    assert_eq!(found, expected);
    assert!(ended.error.starts_with("left out: ") && ended.error.lines().count() == 1, "{}", ended.error);

    let world = World::at(database, "2026-06-01T09:30:00+08:00");
    let mut body = group("meets");
    body["content"] = crate::support::always();
    body["exceptions"] = found;
    let made = world.client.post(&world.path("/dial-time-group"), &body).data()["id"].clone();
    let decision = world.path(&format!("/dial-time-group/{made}/decision"));
    assert_eq!(world.client.get(&decision).data()["reason"]["name"], "晨会");
    world.server.set_clock("2026-06-08T09:30:00+08:00");
    assert_eq!(world.client.get(&decision).data()["allowed"], true);
}

#[test]
fn the_zone_the_days_and_the_effect_are_as_asked() {
    let times = |arguments: &[&str]| {
        let ended = exceptions(FILE, arguments);
        assert!(ended.is_good(), "{}", ended.error);
        let found: Value = serde_json::from_str(&ended.output).unwrap();
        let told = |one: &Value| {
            let time = &one["times"][0];
            json!([one["effect"], one["begin_date"], time["begin_time"], time["end_time"]])
        };
        found.as_array().unwrap().iter().map(told).collect::<Vec<_>>()
    };
    let in_berlin = times(&[
        "--effect",
        "add",
        "--timezone",
        "Europe/Berlin",
        "--from",
        "2026-06-09",
        "--to",
        "2026-06-14",
    ]);
    assert_eq!(in_berlin, [json!(["add", "2026-06-10", "16:00", "20:00"])]);
    // From the present day on there is nothing any more, or not yet.
    let none = times(&["--effect", "add", "--from", "2031-01-01"]);
    assert_eq!(none, Vec::<Value>::new());
}

#[test]
fn what_is_no_request_is_refused() {
    for arguments in [
        &["--from", "2026-06-01"][..],
        &["--effect", "replace"],
        &["--effect", "add", "--from", "2026-06-02", "--to", "2026-06-01"],
        &["--effect", "add", "--from", "2026-01-01", "--to", "2027-03-01"],
        &["--effect", "add", "--timezone", "EST"],
        &["--effect", "add", "--from", "2026-02-30"],
    ] {
        let ended = exceptions(FILE, arguments);
        assert!(!ended.is_good() && ended.output.is_empty(), "{arguments:?}: {}", ended.said());
    }
    for text in ["", "date,name\n2026-06-01,x\n", "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n"] {
        let ended = exceptions(text, &["--effect", "add"]);
        assert!(
            !ended.is_good() && ended.output.is_empty() && ended.error.contains("events.ics"),
            "{text}: {}",
            ended.said()
        );
    }
    assert!(!run("", &["exceptions", "/nowhere/events.ics", "--effect", "add"]).is_good());
}
