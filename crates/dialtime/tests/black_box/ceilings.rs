//! Ceilings of accounts and of partners: a group that all below must be inside of, too.

use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    closures::{decided, running},
    support::{self, Database, World, until},
};

/// A group of the user.
fn group(world: &World, name: &str, content: &Value) -> i64 {
    let group = json!({"name": name, "content": content, "is_default": false, "skip_holiday": false});
    world.client.post(&world.path("/dial-time-group"), &group).data()["id"].as_i64().unwrap()
}

/// A ceiling that was set, without what comes of that.
fn without_effects(set: &Value) -> Value {
    let mut set = set.clone();
    for effect in ["stored", "groups", "stopping", "starting", "later_total", "later"] {
        set.as_object_mut().unwrap().remove(effect).unwrap();
    }
    set
}

/// Whether a change is stored, how many groups it looked at, how many tasks stop and start, and whose groups are otherwise later.
fn effects(view: &Value) -> Value {
    let later: Vec<_> = view["later"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| json!([one["account_id"], one["group_id"], one["opens"], one["tasks"]]))
        .collect();
    assert_eq!(view["later_total"], later.len());
    json!([view["stored"], view["groups"], view["stopping"]["total"], view["starting"]["total"], later])
}

/// What is told of a ceiling, without what only follows.
fn told(world: &World, query: &str) -> Vec<(String, Value, Value)> {
    let separator = if query.is_empty() { "?" } else { "&" };
    let page = world.client.get(&world.path(&format!("/events{query}{separator}limit=1000")));
    let events = page.data()["events"].as_array().unwrap().clone();
    let of_ceiling = events.iter().filter(|event| event["type"] == "ceiling.changed");
    let told = |event: &Value| {
        let detail = &event["detail"];
        (
            event["cause"].as_str().unwrap().to_owned(),
            detail["ceiling"].clone(),
            detail["ceiling_name"].clone(),
        )
    };
    of_ceiling.map(told).collect()
}

/// That a group is closed by the ceiling, whatever overrides it, and that a preview of an edit knows it as well.
fn assert_nothing_below_beats_it(world: &World, running: &(i64, String)) {
    let group = running.0;
    let english = [("Accept-Language", "en")];
    let decision = world.path(&format!("/dial-time-group/{group}/decision"));
    let decision = world.client.send("GET", &decision, &english, None);
    let reason = &decision.data()["reason"];
    assert_eq!(reason["rule"], "ceiling");
    assert!(reason["detail"].as_str().unwrap().contains("法定时段"), "{reason}");
    let over = json!({"state": "open", "until": "2198-01-01 00:00:00", "reason": "x"});
    world.client.put(&world.path(&format!("/dial-time-group/{group}/override")), &over).data();
    assert_eq!(decided(world, running, "").0, false);
    let preview = json!({"group_id": group, "content": support::always()});
    let preview = world.client.post(&world.path("/dial-time-group/preview"), &preview);
    assert_eq!(preview.data()["starting"]["total"], 0, "{}", preview.body);
}

/// That the audit of the account names its own ceiling, and not its partner's.
fn assert_audited(world: &World, of_partner: bool) {
    let audit = world.client.get(&world.path("/audit?subject=ceiling")).data().clone();
    let actions: Vec<_> = audit.as_array().unwrap().iter().map(|entry| entry["action"].clone()).collect();
    let expected = if of_partner { json!([]) } else { json!(["delete", "create"]) };
    assert_eq!(json!(actions), expected, "{audit}");
}

#[rstest]
fn a_ceiling_closes_all_below_at_once_and_is_removed_at_once(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
    #[values(true, false)] of_partner: bool,
) {
    let world = World::new(database);
    let sub_user = format!("?sub_user_id={}", world.sub_user);
    let (of_user, of_sub_user) = (running(&world, ""), running(&world, &sub_user));
    let law = group(&world, "法定时段", &json!([]));
    let (path, body) = if of_partner {
        ("/agent-api/ceiling".to_owned(), json!({"account_id": world.user, "dial_time_id": law}))
    } else {
        (world.path("/ceiling"), json!({"dial_time_id": law}))
    };
    let level = if of_partner { "partner" } else { "account" };
    let set = without_effects(world.client.put(&path, &body).data());
    assert_eq!(
        (&set["level"], &set["dial_time_id"], &set["name"]),
        (&json!(level), &json!(law), &json!("法定时段"))
    );
    assert!(set["set_by"]["token_name"].is_string(), "{set}");
    for (running, query) in [(&of_user, ""), (&of_sub_user, sub_user.as_str())] {
        assert_eq!(decided(&world, running, query), (json!(false), json!("法定时段"), json!(3)));
        assert_eq!(world.client.get(&world.path(&format!("/ceiling{query}"))).data(), &json!([set]));
        let expected = [("ceiling".to_owned(), json!("set"), json!("法定时段"))];
        until("it is told", || told(&world, query) == expected);
    }
    assert_nothing_below_beats_it(&world, &of_user);
    // The ceiling itself stays as long as it is one.
    let deleted = world.client.delete(&world.path(&format!("/dial-time-group/{law}")));
    assert_eq!((deleted.status, deleted.code()), (409, 8109));

    let open = json!({"name": "法定时段", "content": support::always()});
    world.client.put(&world.path(&format!("/dial-time-group/{law}")), &open).data();
    for (running, query) in [(&of_user, ""), (&of_sub_user, sub_user.as_str())] {
        assert_eq!(decided(&world, running, query).0, true);
    }
    let closed = json!({"name": "新时段", "content": []});
    world.client.put(&world.path(&format!("/dial-time-group/{law}")), &closed).data();
    assert_eq!(decided(&world, &of_sub_user, &sub_user), (json!(false), json!("新时段"), json!(3)));
    world.client.delete(&path).data();
    assert_eq!(decided(&world, &of_sub_user, &sub_user).0, true);
    assert_eq!(world.client.delete(&path).status, 404);
    assert_eq!(world.client.get(&world.path("/ceiling")).data(), &json!([]));
    world.client.delete(&world.path(&format!("/dial-time-group/{law}"))).data();
    let expected = ["set", "edited", "edited", "removed"].map(|ceiling| json!(ceiling));
    until("all is told", || told(&world, &sub_user).into_iter().map(|told| told.1).eq(expected.clone()));
    assert_audited(&world, of_partner);
}

#[rstest]
fn what_is_no_ceiling_is_refused_by_field(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let law = group(&world, "law", &support::always());
    let of_user = world.path("/ceiling");
    let partner = "/agent-api/ceiling".to_owned();
    let nobody = "00000000-0000-4000-8000-000000000000";
    for (path, body, field, rule) in [
        (&of_user, json!({}), "dial_time_id", "required"),
        (&of_user, json!({"dial_time_id": 999_999}), "dial_time_id", "unknown"),
        (&of_user, json!({"dial_time_id": law, "name": "x"}), "name", "unknown_field"),
        (&partner, json!({"dial_time_id": law}), "account_id", "required"),
        (&partner, json!({"dial_time_id": law, "account_id": nobody}), "account_id", "unknown"),
        (&partner, json!({"dial_time_id": law, "account_id": world.sub_user}), "dial_time_id", "unknown"),
    ] {
        let reply = world.client.put(path, &body);
        assert_eq!(reply.status, 422, "{body}: {}", reply.body);
        let fault = &reply.body["data"][0];
        assert_eq!((&fault["field"], &fault["rule"]), (&json!(field), &json!(rule)), "{body}");
    }
    assert_eq!(world.client.get(&of_user).data(), &json!([]));
}

#[rstest]
fn what_an_edit_of_a_ceiling_does_below_is_shown_before_it_is_done(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let sub_user = format!("?sub_user_id={}", world.sub_user);
    let below = running(&world, &sub_user);
    let law = group(&world, "法定时段", &support::always());
    world.client.put(&world.path("/ceiling"), &json!({"dial_time_id": law})).data();
    let edit = json!({"group_id": law, "content": []});
    let preview = world.client.post(&world.path("/dial-time-group/preview"), &edit).data().clone();
    let stopping = (&preview["stopping"]["total"], &preview["stopping"]["tasks"][0]["uuid"]);
    assert_eq!(stopping, (&json!(1), &json!(below.1)), "{preview}");
    // The ceiling itself, and what lies below it.
    assert_eq!(preview["later_total"], 2, "{preview}");
    let told: Vec<_> = preview["later"].as_array().unwrap().iter().collect();
    assert_eq!((&told[0]["group_id"], &told[0]["account_id"]), (&json!(law), &json!(world.user)));
    assert_eq!((&told[1]["group_id"], &told[1]["account_id"]), (&json!(below.0), &json!(world.sub_user)));
    assert_eq!((&told[1]["opens"], &told[1]["tasks"]), (&json!(false), &json!(1)));
    // Nothing of it was done.
    assert_eq!(decided(&world, &below, &sub_user).0, true);

    let exception = json!([{"begin_date": "2020-01-01", "end_date": "2190-01-01"}]);
    let body = json!({"group_ids": [law], "exceptions": exception});
    let dry = world.client.post(&world.path("/bulk/exception?dry_run=true"), &body).data().clone();
    assert_eq!((&dry["stopping"]["total"], &dry["later_total"]), (&json!(1), &json!(2)), "{dry}");
    assert_eq!(decided(&world, &below, &sub_user).0, true);
    let done = world.client.post(&world.path("/bulk/exception"), &body).data().clone();
    assert_eq!((&done["stopping"]["total"], &done["later_total"]), (&json!(1), &json!(2)), "{done}");
    assert_eq!(decided(&world, &below, &sub_user).0, false);
}

/// The spans in which these are open instead.
fn opened(closing: &[Value]) -> Vec<Value> {
    let open = |later: &Value| json!([later[0], later[1], true, later[3]]);
    closing.iter().map(open).collect()
}

#[rstest]
fn what_a_ceiling_stops_and_starts_is_shown_before_it_is_set_changed_or_removed(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
    #[values(true, false)] of_partner: bool,
) {
    let world = World::new(database);
    let sub_user = format!("?sub_user_id={}", world.sub_user);
    let (of_user, of_sub_user) = (running(&world, ""), running(&world, &sub_user));
    let law = group(&world, "法定时段", &json!([]));
    let always = group(&world, "always", &support::always());
    let path = if of_partner { "/agent-api/ceiling".to_owned() } else { world.path("/ceiling") };
    let body = |id: i64| {
        if of_partner {
            json!({"account_id": world.user, "dial_time_id": id})
        } else {
            json!({"dial_time_id": id})
        }
    };
    let dry = format!("{path}?dry_run=true");
    let mut closing = [
        json!([world.user, of_user.0, false, 1]),
        json!([world.user, always, false, 0]),
        json!([world.sub_user, of_sub_user.0, false, 1]),
    ];
    // By account, whose ids are drawn.
    closing.sort_by_key(|later| later[0].as_str().unwrap().to_owned());
    let opening = opened(&closing);

    let shown = world.client.put(&dry, &body(law)).data().clone();
    assert_eq!(effects(&shown), json!([false, 4, 2, 0, closing]), "{shown}");
    assert_eq!(shown["name"], "法定时段");
    assert_eq!(world.client.get(&world.path("/ceiling")).data(), &json!([]), "nothing is set");
    assert_eq!(decided(&world, &of_sub_user, &sub_user).0, true);
    assert_eq!(world.client.delete(&dry).status, 404);
    let set = world.client.put(&path, &body(law)).data().clone();
    assert_eq!(effects(&set), json!([true, 4, 2, 0, closing]), "{set}");

    // Another in its place, and none.
    let shown = world.client.put(&dry, &body(always)).data().clone();
    assert_eq!(effects(&shown), json!([false, 4, 0, 2, opening]), "{shown}");
    let shown = world.client.delete(&dry).data().clone();
    assert_eq!(effects(&shown), json!([false, 4, 0, 2, opening]), "{shown}");
    assert_eq!(world.client.get(&world.path("/ceiling")).data(), &json!([without_effects(&set)]));
    assert_eq!(decided(&world, &of_user, "").0, false);
    let removed = world.client.delete(&path).data().clone();
    assert_eq!(effects(&removed), json!([true, 4, 0, 2, opening]), "{removed}");
    let expected = ["set", "removed"].map(|ceiling| json!(ceiling));
    until("what is done is told", || told(&world, "").into_iter().map(|told| told.1).eq(expected.clone()));
    let refused = world.client.put(&format!("{path}?dry_run=perhaps"), &body(law));
    assert_eq!((refused.status, &refused.body["data"][0]["field"]), (422, &json!("dry_run")));
}
