//! Planned closures: of an account with its sub-users, and of a partner.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{self, Database, World, until};

/// A task that is switched on, in a group that is always open, of the user or of its sub-user; the group and the task.
pub(crate) fn running(world: &World, query: &str) -> (i64, String) {
    let group =
        json!({"name": "always", "content": support::always(), "is_default": false, "skip_holiday": false});
    let group = world.client.post(&world.path(&format!("/dial-time-group{query}")), &group).data()["id"]
        .as_i64()
        .unwrap();
    let task = world.client.post(&world.path(&format!("/task{query}")), &support::task(group));
    let task = task.data()["uuid"].as_str().unwrap().to_owned();
    world.client.put(&world.path(&format!("/task_start/{task}{query}")), &json!({})).data();
    (group, task)
}

/// What is decided of a group and its task, which are alike, and the state of the task.
pub(crate) fn decided(world: &World, (group, task): &(i64, String), query: &str) -> (Value, Value, Value) {
    let of_group =
        world.client.get(&world.path(&format!("/dial-time-group/{group}/decision{query}"))).data().clone();
    let of_task = world.client.get(&world.path(&format!("/task/{task}/decision{query}"))).data().clone();
    for member in ["allowed", "reason"] {
        assert_eq!(of_group[member], of_task[member]);
    }
    let status = world.client.get(&world.path(&format!("/task/{task}/edit{query}"))).data()["status"].clone();
    (of_group["allowed"].clone(), of_group["reason"]["name"].clone(), status)
}

fn types(world: &World, query: &str) -> Vec<String> {
    let separator = if query.is_empty() { "?" } else { "&" };
    let page = world.client.get(&world.path(&format!("/events{query}{separator}limit=1000")));
    let events = page.data()["events"].as_array().unwrap().clone();
    let by_it = events.iter().filter(|event| event["cause"] == "closure");
    by_it.map(|event| event["type"].as_str().unwrap().to_owned()).collect()
}

#[rstest]
fn a_closure_closes_all_below_at_once_and_is_revoked_at_once(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
    #[values(true, false)] of_partner: bool,
) {
    let world = World::new(database);
    let sub_user = format!("?sub_user_id={}", world.sub_user);
    let (of_user, of_sub_user) = (running(&world, ""), running(&world, &sub_user));
    let closures = if of_partner { "/agent-api/closure".to_owned() } else { world.path("/closure") };
    let body = json!({"name": "年会", "end": "2199-01-01 00:00:00"});
    let planned = world.client.post(&closures, &body).data().clone();
    assert_eq!((&planned["name"], &planned["end"]), (&json!("年会"), &json!("2199-01-01 00:00:00")));
    for (running, query) in [(&of_user, ""), (&of_sub_user, sub_user.as_str())] {
        assert_eq!(decided(&world, running, query), (json!(false), json!("年会"), json!(3)));
        let listed = world.client.get(&world.path(&format!("/closure{query}"))).data().clone();
        assert_eq!(listed, json!([planned]));
        let told = ["closure.planned", "group.closed", "task.waiting"];
        until("it is told", || types(&world, query) == told);
    }
    let path = world.path(&format!("/dial-time-group/{}/decision", of_user.0));
    let decision = world.client.get(&path).data().clone();
    assert_eq!(decision["reason"]["rule"], "closure");
    assert!(decision["next_allowed_at"].as_str().unwrap().starts_with("2199-01-01T00:00:00"), "{decision}");
    // What lies below opens nothing that is closed above.
    let over = json!({"state": "open", "until": "2198-01-01 00:00:00", "reason": "x"});
    world.client.put(&world.path(&format!("/dial-time-group/{}/override", of_user.0)), &over).data();
    assert_eq!(decided(&world, &of_user, "").0, false);

    // Closures hold by whole seconds: one that is revoked within its first has never been there, and its end is told as an edit.
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    let id = planned["id"].as_str().unwrap();
    // Another level's is not there.
    let other = if of_partner { world.path("/closure") } else { "/agent-api/closure".to_owned() };
    assert_eq!(world.client.delete(&format!("{other}/{id}")).status, 404);
    assert_eq!(world.client.delete(&world.path(&format!("/closure/{id}{sub_user}"))).status, 404);
    world.client.delete(&format!("{closures}/{id}")).data();
    assert_eq!(decided(&world, &of_sub_user, &sub_user).0, true);
    assert_eq!(decided(&world, &of_user, "").0, true);
    assert_eq!(world.client.delete(&format!("{closures}/{id}")).status, 404);
    let told = [
        "closure.planned",
        "group.closed",
        "task.waiting",
        "closure.revoked",
        "group.opened",
        "task.running",
    ];
    until("its end is told", || types(&world, &sub_user) == told);
}

#[rstest]
fn what_is_no_closure_is_refused_by_field(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    for (body, field, rule) in [
        (json!({"end": "2199-01-01 00:00:00"}), "name", "required"),
        (json!({"name": "x"}), "end", "required"),
        (json!({"name": "x", "end": "2020-01-01 00:00:00"}), "end", "not_after"),
        (
            json!({"name": "x", "begin": "2199-01-02 00:00:00", "end": "2199-01-01 00:00:00"}),
            "end",
            "not_after",
        ),
        (json!({"name": "x", "begin": "soon", "end": "2199-01-01 00:00:00"}), "begin", "date_time"),
        (json!({"name": "x", "end": "2199-01-01 00:00:00", "from": "x"}), "from", "unknown_field"),
    ] {
        let reply = world.client.post(&world.path("/closure"), &body);
        assert_eq!(reply.status, 422, "{body}");
        let fault = &reply.body["data"][0];
        assert_eq!((&fault["field"], &fault["rule"]), (&json!(field), &json!(rule)), "{body}");
    }
    assert_eq!(*world.client.get(&world.path("/closure")).data(), json!([]));
}

#[rstest]
fn what_is_over_is_listed_when_it_is_asked_for(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let body = json!({"name": "x", "begin": "2198-01-01 00:00:00", "end": "2199-01-01 00:00:00"});
    world.client.post(&world.path("/closure"), &body).data();
    for closures in [world.path("/closure"), "/agent-api/closure".to_owned()] {
        let listed = |query: &str| world.client.get(&format!("{closures}{query}"));
        assert_eq!(listed("?ended=false").data().as_array().unwrap().len(), 1);
        assert_eq!(*listed("?ended=true").data(), json!([]));
        assert_eq!(listed("?ended=x").body["data"][0]["field"], "ended");
    }
}
