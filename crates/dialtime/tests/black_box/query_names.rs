//! Names in queries that an operation does not know: those of our own refuse them, the platform's do without them.

use serde_json::{Value, json};

use crate::support::{Client, Database, Reply, World};

/// Operations of the platform, whose clients send names that are not ours.
const OF_PLATFORM: [(&str, &str); 9] = [
    ("get", "/agent-api/token"),
    ("get", "/users"),
    ("get", "/agent-api/user/{user_id}/dial-time-group"),
    ("post", "/agent-api/user/{user_id}/dial-time-group"),
    ("get", "/agent-api/new/user/{user_id}/task"),
    ("get", "/agent-api/user/{user_id}/task/{task_id}/number"),
    ("get", "/agent-api/user/{user_id}/task/{task_id}/record"),
    ("get", "/agent-api/task/{task_id}/record"),
    ("get", "/agent-api/new_line_list"),
];

/// Operations of our own that were once answered whatever they were asked.
const OURS: [(&str, &str); 14] = [
    ("get", "/agent-api/user/{user_id}/dial-time-group/{group_id}"),
    ("post", "/agent-api/user/{user_id}/dial-time-group/{group_id}/replace"),
    ("get", "/agent-api/user/{user_id}/record"),
    ("get", "/agent-api/user/{user_id}/record/export"),
    ("get", "/agent-api/user/{user_id}/call"),
    ("get", "/agent-api/user/{user_id}/closure"),
    ("post", "/agent-api/user/{user_id}/closure"),
    ("get", "/agent-api/user/{user_id}/webhook"),
    ("delete", "/agent-api/user/{user_id}/do-not-call/{phone}"),
    ("post", "/agent-api/user/{user_id}/disable"),
    ("delete", "/agent-api/user/{user_id}"),
    ("get", "/agent-api/line"),
    ("post", "/agent-api/stop-dialing"),
    ("delete", "/agent-api/ceiling"),
];

const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

/// An operation asked with a query, and about nothing that is there but the user.
fn asked(world: &World, client: &Client, (method, path): (&str, &str), query: &str) -> Reply {
    let path = path.replace("{user_id}", &world.user).replace("{group_id}", "999999");
    let parts: Vec<&str> =
        path.split('/').map(|part| if part.starts_with('{') { NOBODY } else { part }).collect();
    let body = (method != "get").then_some("{}");
    let english = [("Accept-Language", "en")];
    client.send(&method.to_uppercase(), &format!("{}?{query}", parts.join("/")), &english, body)
}

fn is_refused(reply: &Reply, name: &str) -> bool {
    let faults = reply.body["data"].as_array().into_iter().flatten();
    faults.into_iter().any(|fault| fault["field"] == name && fault["rule"] == "unknown_field")
}

#[test]
fn operations_of_our_own_refuse_what_they_do_not_know_and_say_what_they_know() {
    let world = World::new(Database::Sqlite);
    let document = world.client.get("/openapi.json").body;
    let (mut refusing, mut lenient) = (Vec::new(), Vec::new());
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let security = operation["security"].as_array();
            if security.is_some_and(|ways| ways.contains(&json!({}))) {
                continue;
            }
            let one = (method.as_str(), path.as_str());
            let reply = asked(&world, &world.client, one, "no_such_name=1");
            let of = if is_refused(&reply, "no_such_name") { &mut refusing } else { &mut lenient };
            of.push((method.clone(), path.clone()));
        }
    }
    let has = |all: &[(String, String)], (method, path): (&str, &str)| {
        all.contains(&(method.to_owned(), path.to_owned()))
    };
    for one in OF_PLATFORM {
        assert!(has(&lenient, one), "{one:?} is the platform's");
    }
    for one in OURS {
        assert!(has(&refusing, one), "{one:?} is our own");
    }
    let message = |one, query: &str| {
        let reply = asked(&world, &world.client, one, query);
        assert_eq!(reply.status, 422, "{}", reply.text);
        reply.body["data"][0]["message"].clone()
    };
    let known = "is not known here, where these are: page, per_page, ended, sub_user_id";
    assert_eq!(message(("get", "/agent-api/user/{user_id}/closure"), "end=1"), known);
    assert_eq!(
        message(("post", "/agent-api/stop-dialing"), "sub_user_id=1"),
        "is not known here, where no parameter is"
    );
    let records = message(("get", "/agent-api/user/{user_id}/record"), "foo[]=1&foo[]=2");
    assert!(records.as_str().unwrap().contains("answered_by, end_reason"), "{records}");
}

#[test]
fn what_changes_something_and_cannot_only_be_shown_refuses_dry_run_on_the_platforms_paths_too() {
    let world = World::new(Database::Sqlite);
    let of_platform = |method, path, query| asked(&world, &world.client, (method, path), query);
    let group = "/agent-api/user/{user_id}/dial-time-group/{group_id}";
    assert!(is_refused(&of_platform("delete", group, "dry_run=1"), "dry_run"));
    assert!(is_refused(&of_platform("put", group, "dry_run=1"), "dry_run"));
    assert_eq!(of_platform("delete", group, "v=3").status, 404);
    // What is not here yet says that, whatever it is asked.
    let missing = of_platform("get", "/agent-api/user/{user_id}/department", "page=1");
    assert_eq!((missing.status, &missing.body["code"]), (501, &Value::from(501)));
    // Nothing is told to who is not known.
    let stranger = Client::new(&world.server.base, "dt_0");
    let reply = asked(&world, &stranger, ("get", "/agent-api/user/{user_id}/closure"), "end=1");
    assert_eq!(reply.status, 401);
}
