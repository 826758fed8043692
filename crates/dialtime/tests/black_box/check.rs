//! `dialtime check`: the answers without a server.

use insta::assert_snapshot;
use rstest::rstest;
use serde_json::{Value, json};
use test_support::ended;

use crate::{
    decisions::working_hours,
    support::{Database, World, program, run},
};

/// What the program says of a group on its standard input, and with what code it ends.
fn check(group: &str, arguments: &[&str]) -> (Option<i32>, String) {
    let ended = ended(&mut program("", &[&["check", "--group", "-"], arguments].concat()), group);
    (ended.code, ended.said())
}

fn without_release(text: &str) -> String {
    let release = calendar_release(text);
    text.replace(&release, "[release]")
}

fn calendar_release(text: &str) -> String {
    let rest = text.split_once("(tzdata ").unwrap().1;
    rest.split_once(')').unwrap().0.to_owned()
}

#[test]
fn it_answers_in_a_table() {
    let group = working_hours().to_string();
    let (code, said) = check(&group, &["--at", "2026-10-10T10:00:00+08:00"]);
    assert_eq!(code, Some(0));
    assert_snapshot!("open", without_release(&said));
    let until = ["--at", "2026-12-30T20:00:00+08:00", "--until", "2027-01-05T10:00:00+08:00"];
    assert_snapshot!("closed_with_days", without_release(&check(&group, &until).1));
    let never = json!({"name": "x", "content": [], "is_default": false, "skip_holiday": false,
                       "timezone": "Europe/Berlin"});
    let until = ["--at", "2026-10-24T00:00:00Z", "--until", "2026-10-26T00:00:00Z"];
    assert_snapshot!("never", without_release(&check(&never.to_string(), &until).1));
}

#[rstest]
fn in_json_it_answers_as_the_api_does(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let saved = world.client.post(&world.path("/dial-time-group"), &working_hours()).data().clone();
    let path = world.path(&format!("/dial-time-group/{}", saved["id"]));
    let get = |path: &str| world.client.send("GET", path, &[("Accept-Language", "en")], None).data().clone();
    let mut decision = get(&format!("{path}/decision?at=2026-09-25T00:00:00%2B08:00"));
    let mut calendar = get(&format!("{path}/calendar?from=2026-09-25&to=2026-10-12"));
    for answer in [&mut decision, &mut calendar] {
        answer["group_version"] = Value::Null;
    }
    let arguments = ["--at", "2026-09-25T00:00:00+08:00", "--until", "2026-10-12T00:00:00+08:00", "--json"];
    // A group as the API returns it is as good as one that could be saved.
    for group in [working_hours(), saved] {
        let (code, said) = check(&group.to_string(), &arguments);
        assert!(code.is_some_and(|code| code < 2), "{said}");
        let said: Value = serde_json::from_str(&said).unwrap();
        assert_eq!(said, json!({"decision": decision, "calendar": calendar}));
    }
}

#[test]
fn its_exit_code_is_the_answer() {
    let group = |content: Value| {
        let group = json!({"name": "x", "content": content, "is_default": false, "skip_holiday": false});
        group.to_string()
    };
    let (always, never) = (group(crate::support::always()), group(json!([])));
    for arguments in [&[][..], &["--at", "now"], &["--at", "2026-10-10T10:00:00Z"]] {
        assert_eq!(check(&always, arguments).0, Some(0), "{arguments:?}");
        assert_eq!(check(&never, arguments).0, Some(1), "{arguments:?}");
    }
    // Who reads the answer in JSON asks of the exit code only whether there is one.
    assert_eq!(check(&always, &["--json"]).0, Some(0));
    assert_eq!(check(&never, &["--json"]).0, Some(0));
    assert_eq!(check("", &["--json"]).0, Some(2));
    assert_eq!(check("", &[]).0, Some(2));
    assert_eq!(check(&always, &["--at", "Now"]).0, Some(2));
    assert_eq!(check(&always, &["--unknown"]).0, Some(2));
    assert_eq!(run("", &["check", "--group", "/nowhere"]).code, Some(2));
}

/// What the answer to saving it would warn of: a day is open to its end with 24:00 only.
#[test]
fn the_last_minute_of_a_day_is_warned_of() {
    let group = |end: &str| {
        let times = json!([{"begin_time": "00:00", "end_time": end}]);
        let group = json!({"name": "x", "content": [{"week": 1, "times": times}], "is_default": false,
                           "skip_holiday": false, "holiday_windows": times});
        group.to_string()
    };
    let at = ["--at", "2026-10-12T10:00:00+08:00", "--until", "2026-10-14T10:00:00+08:00"];
    let (code, said) = check(&group("23:59"), &at);
    assert_eq!(code, Some(0));
    for place in ["content[0].times[0].end_time", "holiday_windows[0].end_time"] {
        let warned = format!("warning  {place}: A window that ends at 23:59 leaves the last minute");
        assert!(said.contains(&warned), "{said}");
    }
    assert!(said.contains("to 2026-10-12T23:59:00+08:00"), "{said}");
    assert!(!check(&group("24:00"), &at).1.contains("warning"), "{said}");
    let (_, json) = check(&group("23:59"), &[&at[..], &["--json"]].concat());
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["warnings"][0]["rule"], "last_minute");
}

/// 400 days later is not more than 400 days later, and the last day is listed.
#[test]
fn the_last_day_is_listed() {
    let group = working_hours().to_string();
    let until = |at: &str, until: &str| check(&group, &["--at", at, "--until", until]);
    for time in ["00:00:00", "10:00:00"] {
        let (code, said) = until(&format!("2025-11-26T{time}+08:00"), &format!("2026-12-31T{time}+08:00"));
        assert!(code.is_some_and(|code| code < 2), "{said}");
    }
    let (code, said) = until("2025-11-25T10:00:00+08:00", "2026-12-31T10:00:00+08:00");
    assert!(code == Some(2) && said.contains("400 days"), "{said}");
    let (_, said) = until("2026-09-29T10:00:00+08:00", "2026-10-01T10:00:00+08:00");
    assert!(said.contains("2026-10-01 is a holiday"), "{said}");
}

/// China's holidays are known from 2004 on.
#[test]
fn before_the_first_year_it_says_that_holidays_are_not_counted() {
    let group = working_hours().to_string();
    let at = |at: &str| check(&group, &["--at", at]).1;
    assert!(at("2003-10-01T10:00:00+08:00").contains("has days from 2004-01-01 on only"));
    assert!(!at("2004-01-01T10:00:00+08:00").contains("only"));
    let list = ["--at", "2003-12-30T10:00:00+08:00", "--until", "2004-01-05T10:00:00+08:00"];
    assert_eq!(check(&group, &list).1.matches("has days from 2004-01-01 on only").count(), 2);
}

#[test]
fn what_is_faulty_is_named() {
    let group = working_hours().to_string();
    let at = ["--at", "2026-10-10T10:00:00Z"];
    let with = |field: &str, value: Value| {
        let mut group = working_hours();
        group[field] = value;
        group.to_string()
    };
    for (group, arguments, expected) in [
        (
            with("content", json!([{"week": 7, "times": []}])),
            at.to_vec(),
            "content[0].week must be 0 (Sunday)",
        ),
        (with("holiday_calendar", json!("XX")), at.to_vec(), "holiday_calendar does not exist"),
        (with("name", Value::Null), at.to_vec(), "name must be given"),
        ("rubbish".to_owned(), at.to_vec(), "line 1 column 1"),
        ("[]".to_owned(), at.to_vec(), "must be an object"),
        (group.clone(), vec!["--at", "noon"], "at must be an RFC 3339 instant"),
        (group.clone(), [&at[..], &["--until", "2026-10-10T10:00:00Z"]].concat(), "until must be after at"),
        (
            group,
            [&at[..], &["--until", "2028-10-10T10:00:00Z"]].concat(),
            "until must not be more than 400 days",
        ),
    ] {
        let (code, said) = check(&group, &arguments);
        assert!(code == Some(2) && said.contains(expected), "{expected}: {said}");
    }
}
