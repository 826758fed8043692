//! `1` or `0`, for dial plans: a program that sees nothing but the body must never take a refusal for a permission.

use rstest::rstest;
use serde_json::json;

use crate::support::{Database, Reply, World, anything, group};

const PLAIN: [(&str, &str); 1] = [("Accept", "text/plain")];

/// That the body is `body` and a newline, in plain text that nobody keeps.
#[track_caller]
fn assert_plain(reply: &Reply, status: u16, body: &str) {
    assert_eq!((reply.status, reply.text.as_str()), (status, body));
    assert_eq!(reply.header("Content-Type"), "text/plain; charset=utf-8");
    assert_eq!(reply.header("Cache-Control"), "no-store");
}

#[rstest]
fn a_decision_is_one_or_nought(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let (open, never) = (
        world.open_group(),
        world.client.post(&world.path("/dial-time-group"), &{
            let mut body = group("never");
            body["content"] = json!([]);
            body
        }),
    );
    let never = never.data()["id"].as_i64().unwrap();
    let (running, waiting, paused) = (world.task(open), world.task(never), world.task(open));
    for task in [&running, &waiting] {
        world.client.put(&world.path(&format!("/task_start/{task}")), &json!({})).data();
    }
    for (thing, expected) in [
        (format!("/dial-time-group/{open}"), "1\n"),
        (format!("/dial-time-group/{never}"), "0\n"),
        (format!("/task/{running}"), "1\n"),
        (format!("/task/{waiting}"), "0\n"),
        (format!("/task/{paused}"), "0\n"),
    ] {
        let path = world.path(&format!("{thing}/decision"));
        for accept in
            ["text/plain", "text/plain;charset=utf-8, */*;q=0.1", "text/html, Text/Plain, application/json"]
        {
            let reply = world.client.send("GET", &path, &[("Accept", accept)], None);
            assert_plain(&reply, 200, expected);
            assert_eq!(reply.header("Dialtime-Error"), "");
        }
        for accept in ["*/*", "application/json", "application/json, text/plain, */*", "text/html", ""] {
            let reply = world.client.send("GET", &path, &[("Accept", accept)], None);
            assert_eq!(reply.data()["allowed"], expected == "1\n", "{accept}");
        }
        let at = format!("{path}?at=2026-10-05T09:00:00%2B08:00");
        assert_plain(&world.client.send("GET", &at, &PLAIN, None), 200, expected);
    }
}

#[rstest]
fn a_refusal_is_nought_whatever_its_status(#[values(false, true)] always_ok: bool) {
    let arguments: &[&str] = if always_ok { &["--error-status", "200"] } else { &[] };
    let world = World::with(Database::Sqlite, arguments);
    let (open, client) = (world.open_group(), &world.client);
    let good = world.path(&format!("/dial-time-group/{open}/decision"));
    assert_plain(&client.send("GET", &good, &PLAIN, None), 200, "1\n");
    let nobody = client.with_authorization(None);
    let wrong = client.with_authorization(Some("Bearer dt_wrong"));
    for (client, method, path, status, error) in [
        (&nobody, "GET", good.clone(), 401, "401 "),
        (&wrong, "GET", good.clone(), 401, "401 "),
        (client, "GET", world.path(&format!("/dial-time-group/{}/decision", open + 1)), 404, "404 "),
        (client, "GET", world.path("/dial-time-group/x/decision"), 422, "422 "),
        (client, "GET", format!("{good}?at=now"), 422, "422 "),
        (client, "GET", format!("{good}?sub_user_id={}", anything()), 404, "404 "),
        (client, "GET", world.path(&format!("/task/{}/decision", anything())), 404, "404 "),
        (client, "GET", world.path(&format!("/dialtime-group/{open}/decision")), 404, "404 "),
        (client, "DELETE", good.clone(), 405, "405 "),
        (client, "GET", good.replace("/decision", "/decison"), 404, "404 "),
        (client, "GET", good.replace("/agent-api", "/agent_api"), 404, "404 "),
        (client, "GET", good.replace("/decision", "/decisions"), 404, "404 "),
        (client, "GET", world.path("/decisions"), 405, "405 "),
    ] {
        let reply = client.send(method, &path, &PLAIN, None);
        assert_plain(&reply, if always_ok { 200 } else { status }, "0\n");
        assert!(reply.header("Dialtime-Error").starts_with(error), "{path}: {:?}", reply.headers);
    }
    assert_eq!(nobody.send("GET", &good, &PLAIN, None).header("WWW-Authenticate"), "Bearer");
    // Of everything else there is one form only.
    let missing = client.send("GET", &world.path("/dial-time-group/9999"), &PLAIN, None);
    assert_eq!(missing.code(), 404);
}
