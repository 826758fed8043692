//! The versions of groups: who made each, how the group was, what differs, and the way back.

use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    account_calendars, overrides,
    support::{self, Database, World},
};

fn address(world: &World, group: i64, rest: &str) -> String {
    world.path(&format!("/dial-time-group/{group}{rest}"))
}

/// Edits a group.
fn edit(world: &World, group: i64, change: &Value) {
    world.client.put(&address(world, group, ""), change).data();
}

fn windows(begin: &str, end: &str) -> Value {
    json!([{"begin_time": begin, "end_time": end}])
}

/// A group of three versions: other windows, and another name with an exception.
fn three_versions(world: &World) -> i64 {
    let group = world.group("first");
    let content = json!([{"week": 1, "times": windows("08:00", "18:00")}, {"week": 2, "times": windows("09:00", "12:00")}]);
    edit(world, group, &json!({"name": "first", "content": content}));
    let exceptions = json!([{"name": "fair", "begin_date": "2027-01-04"}]);
    edit(world, group, &json!({"name": "third", "exceptions": exceptions}));
    group
}

/// The changes from one version to another, as `kind path`.
fn changes(world: &World, group: i64, from: i64, to: &str) -> Vec<(String, String)> {
    let path = address(world, group, &format!("/version/{from}/difference{to}"));
    let changes = world.client.get(&path).data()["changes"].clone();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    changes.as_array().unwrap().iter().map(|change| (text(&change["kind"]), text(&change["path"]))).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(kind, path)| ((*kind).to_owned(), (*path).to_owned())).collect()
}

#[rstest]
fn versions_are_listed_shown_and_compared(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let group = three_versions(&world);
    let listed = world.client.get(&address(&world, group, "/version"));
    assert_eq!(listed.column("version"), [3, 2, 1]);
    assert_eq!(listed.column("name"), ["third", "first", "first"]);
    assert_eq!(
        (&listed.body["meta"]["total"], listed.message()),
        (&json!(3), "返回呼叫时间组历史版本列表成功")
    );
    for version in listed.data().as_array().unwrap() {
        let by = &version["saved_by"];
        assert_eq!(by["kind"], "token");
        assert!(by["token_id"].is_string() && by["token_name"].is_string(), "{by}");
        assert!(version["saved_at"].is_string());
    }

    let first = world.client.get(&address(&world, group, "/version/1")).data().clone();
    assert_eq!(first["version"], listed.data()[2]);
    assert_eq!(first["group"]["content"], support::group("first")["content"]);
    assert_eq!((&first["group"]["version"], &first["group"]["name"]), (&json!(1), &json!("first")));
    let present = world.client.get(&address(&world, group, "/version/3")).data()["group"].clone();
    assert_eq!(present, *world.client.get(&address(&world, group, "")).data());

    let of_windows = [("changed", "content[0].times[0].end_time"), ("added", "content[1]")];
    assert_eq!(changes(&world, group, 1, "?to=2"), pairs(&of_windows));
    assert_eq!(
        changes(&world, group, 2, "?to=1"),
        pairs(&[("changed", "content[0].times[0].end_time"), ("removed", "content[1]")])
    );
    assert_eq!(changes(&world, group, 2, ""), pairs(&[("changed", "name"), ("added", "exceptions[0]")]));
    assert_eq!(changes(&world, group, 3, ""), []);
    let difference = world.client.get(&address(&world, group, "/version/1/difference?to=2")).data().clone();
    assert_eq!((&difference["from"]["version"], &difference["to"]), (&json!(1), &listed.data()[1]));
    let change = &difference["changes"][0];
    assert_eq!((&change["before"], &change["after"]), (&json!("20:00"), &json!("18:00")));
    let added = &difference["changes"][1];
    assert_eq!((&added["before"], &added["after"]["week"]), (&Value::Null, &json!(2)));
}

#[rstest]
fn pages_of_versions_follow_one_another(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let group = world.group("1");
    for name in 2..=5 {
        edit(&world, group, &json!({"name": name.to_string()}));
    }
    let page = |page: i64, size: i64| {
        let path = address(&world, group, &format!("/version?page={page}&per_page={size}"));
        let listed = world.client.get(&path);
        assert_eq!(listed.body["meta"]["total"], 5);
        listed.column("name")
    };
    assert_eq!(
        (page(1, 2), page(2, 2), page(3, 2)),
        (vec!["5".into(), "4".into()], vec!["3".into(), "2".into()], vec![json!("1")])
    );
    assert_eq!((page(1, 1), page(5, 1), page(6, 1)), (vec![json!("5")], vec![json!("1")], vec![]));
}

#[rstest]
fn a_restore_is_an_edit_back_to_what_was(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    // A Wednesday, when no version of the group is open: a restore that opens it tells that, too.
    let world = World::at(database, "2026-11-25T09:00:00+08:00");
    let group = three_versions(&world);
    let restore = address(&world, group, "/version/1/restore");
    let stale = world.client.json("POST", &restore, &[("If-Match", "\"2\"")], &json!({}));
    assert_eq!(stale.status, 412);
    let refused = world.client.post(&restore, &json!({"name": "x"}));
    assert_eq!(refused.faults(), [("name", "unknown_field")]);

    let restored = world.client.json("POST", &restore, &[("If-Match", "\"3\"")], &json!({}));
    assert_eq!((restored.message(), restored.header("ETag")), ("恢复成功", "\"4\""));
    assert_eq!(*restored.data(), *world.client.get(&address(&world, group, "")).data());
    assert_eq!(changes(&world, group, 1, ""), []);
    let listed = world.client.get(&address(&world, group, "/version"));
    assert_eq!(listed.column("version"), [4, 3, 2, 1]);
    let events = world.client.get(&world.path("/events?limit=1000")).data()["events"].clone();
    assert_eq!(events.as_array().unwrap().last().unwrap()["type"], "group.updated");
    // And back again, to what was before the restore.
    world.client.post(&address(&world, group, "/version/3/restore"), &json!({})).data();
    assert_eq!(changes(&world, group, 3, ""), []);
}

#[rstest]
fn a_restore_takes_effect_as_an_edit_does(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let group = world.open_group();
    let task = world.task(group);
    world.client.put(&world.path(&format!("/task_start/{task}")), &json!({})).data();
    edit(&world, group, &json!({"name": "closed", "content": []}));
    let status = || world.client.get(&world.path(&format!("/task/{task}/edit"))).data()["status"].clone();
    assert_eq!(status(), 3);
    world.client.post(&address(&world, group, "/version/1/restore"), &json!({})).data();
    assert_eq!(status(), 2);
    let events = world.client.get(&world.path("/events?limit=1000")).data()["events"].clone();
    let types: Vec<&str> =
        events.as_array().unwrap().iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert!(types.ends_with(&["group.updated", "group.opened", "task.running"]), "{types:?}");
    // What deserves a second look is said again.
    let late = json!([{"week": 1, "times": windows("09:00", "23:59")}]);
    edit(&world, group, &json!({"name": "late", "content": late}));
    edit(&world, group, &json!({"name": "closed", "content": []}));
    let restored = world.client.post(&address(&world, group, "/version/4/restore"), &json!({}));
    assert_eq!(restored.data()["warnings"][0]["field"], "content[0].times[0].end_time");
}

#[rstest]
fn the_default_and_the_override_are_versions_too(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let group = world.group("g");
    edit(&world, group, &json!({"name": "g", "is_default": true}));
    let other = json!({"name": "other", "content": [], "is_default": true, "skip_holiday": false});
    world.client.post(&world.path("/dial-time-group"), &other).data();
    assert_eq!(changes(&world, group, 2, "?to=3"), pairs(&[("changed", "is_default")]));
    overrides::close(&world, group).data();
    assert_eq!(changes(&world, group, 3, ""), pairs(&[("changed", "override")]));
    // A restore leaves an override alone, and takes the default back.
    let restored =
        world.client.post(&address(&world, group, "/version/2/restore"), &json!({})).data().clone();
    assert_eq!((&restored["is_default"], &restored["override"]["state"]), (&json!(true), &json!("closed")));
    let defaults = world.client.get(&world.path("/dial-time-group")).column("is_default");
    assert_eq!(defaults.iter().filter(|is_default| **is_default == json!(true)).count(), 1);
}

#[rstest]
fn what_is_no_version_is_not_there(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let group = three_versions(&world);
    for rest in ["/version/4", "/version/4/difference"] {
        assert_eq!(world.client.get(&address(&world, group, rest)).status, 404, "{rest}");
    }
    assert_eq!(world.client.post(&address(&world, group, "/version/4/restore"), &json!({})).status, 404);
    for (rest, fault) in [
        ("/version/1/difference?to=9", ("to", "unknown")),
        ("/version/1/difference?to=0", ("to", "out_of_range")),
        ("/version/1/difference?to=", ("to", "empty")),
        ("/version/1/difference?with=2", ("with", "unknown_field")),
        ("/version/0", ("version", "out_of_range")),
    ] {
        let reply = world.client.get(&address(&world, group, rest));
        assert_eq!((reply.status, reply.faults()), (422, vec![fault]), "{rest}");
    }
    assert_eq!(world.client.get(&address(&world, group + 1, "/version")).status, 404);
    let sub_user = format!("?sub_user_id={}", world.sub_user);
    assert_eq!(world.client.get(&address(&world, group, &format!("/version{sub_user}"))).status, 404);
    // One that takes the id of a deleted group goes on with its versions.
    world.client.delete(&address(&world, group, "")).data();
    assert_eq!(world.client.get(&address(&world, group, "/version")).status, 404);
    let mut again = support::group("again");
    again["id"] = json!(group);
    world.client.post(&world.path("/dial-time-group"), &again).data();
    let listed = world.client.get(&address(&world, group, "/version"));
    assert_eq!(listed.column("version"), [4, 3, 2, 1]);
    assert!(listed.column("saved_by").iter().all(|by| by["kind"] == "token"), "{listed:?}");
}

#[rstest]
fn a_version_whose_calendar_is_gone_is_not_restored(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let calendar = json!(account_calendars::made(&world));
    let mut body = support::group("g");
    body["holiday_calendar"] = calendar.clone();
    let group = world.client.post(&world.path("/dial-time-group"), &body).data()["id"].as_i64().unwrap();
    edit(&world, group, &json!({"name": "g", "holiday_calendar": "CN"}));
    assert_eq!(changes(&world, group, 1, ""), pairs(&[("changed", "holiday_calendars[0]")]));
    let path = world.path(&format!("/holiday-calendar/{}", calendar.as_str().unwrap()));
    world.client.delete(&path).data();
    let refused = world.client.post(&address(&world, group, "/version/1/restore"), &json!({}));
    assert_eq!((refused.status, refused.faults()), (422, vec![("holiday_calendar", "unknown")]));
    assert_eq!(world.client.get(&address(&world, group, "/version")).column("version"), [2, 1]);
}
