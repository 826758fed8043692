//! What an operator sees: the log and the figures, and what must never stand in them.

use std::{
    collections::BTreeSet,
    process::Command,
    time::{Duration, Instant},
};

use rstest::rstest;
use serde_json::json;

use crate::{
    dialing,
    support::{Client, Database, OwnDatabase, Program, ProgramWorld, anything, dialtime, group},
};

#[rstest]
fn every_request_is_logged_with_its_id_route_status_and_time(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = ProgramWorld::new(database);
    let reply =
        world.client.send("GET", &world.path("/dial-time-group"), &[("X-Request-Id", "mine-1")], None);
    assert_eq!(reply.header("x-request-id"), "mine-1");
    let log = world.server.logged(&["mine-1", "answered"]);
    let line = log.lines().find(|line| line.contains("mine-1")).unwrap();
    for part in [
        "method=\"GET\"",
        "route=\"/agent-api/user/{user_id}/dial-time-group\"",
        "status=200",
        "milliseconds=",
    ] {
        assert!(line.contains(part), "{part}: {line}");
    }
    assert!(line.contains(&world.partner), "who asked: {line}");

    // Of a path that leads nowhere only that is said, not what it was.
    let lost = world.client.get("/nowhere/13800000000");
    let id = lost.header("x-request-id").to_owned();
    let log = world.server.logged(&[&id, "refused"]);
    let line = log.lines().find(|line| line.contains(&id)).unwrap();
    assert!(line.contains("route=\"none\"") && line.contains("status=404"), "{line}");
}

#[rstest]
fn a_refusal_says_which_rule_was_broken_where(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = ProgramWorld::new(database);
    let mut body = group("wrong");
    body["content"][0]["week"] = json!(9);
    let refused = world.client.post(&world.path("/dial-time-group"), &body);
    let id = refused.header("x-request-id").to_owned();
    let log = world.server.logged(&[&id, "code=422"]);
    assert!(log.contains("content[0].week: "), "{log}");

    let in_use = world.group("used");
    world.task(in_use);
    world.client.delete(&world.path(&format!("/dial-time-group/{in_use}")));
    world.server.logged(&["refused", "status=409", "code=8101"]);
}

#[rstest]
fn no_secret_and_no_telephone_number_is_logged(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let database = OwnDatabase::empty(database);
    dialtime(&database.url, &["migrate"]);
    let partner = dialtime(&database.url, &["partner", "create", "partner"]);
    let token = dialtime(&database.url, &["token", "create", "--partner", &partner]);
    let server = Program::start(&database.url, &[]);
    let client = Client::new(&server.base, &token);
    let (phone, password) = ("13987654321", "correct horse battery staple");
    let email = format!("{}@example.com", anything().simple());
    let body = json!({"name": "Ann", "email": email, "phone": phone, "password": password,
                      "password_confirmation": password});
    let user = client.post("/users", &body).data()["id"].as_str().unwrap().to_owned();
    // Refused in several ways, each with something secret in it.
    client.post("/users", &body);
    client.post("/users", &json!({"name": "Ann", "phone": phone, "password": password, (phone): phone}));
    client.get(&format!("/agent-api/user/{user}/subset_users?page=1&phone={phone}&per_page={phone}"));
    client.get(&format!("/agent-api/user/{phone}/dial-time-group/{phone}?token={token}"));
    client.send("GET", &format!("/{token}/{phone}"), &[("X-Request-Id", phone)], None);
    client.json("POST", "/users", &[("Idempotency-Key", &phone.repeat(30))], &body);
    Client::new(&server.base, &format!("{token}0")).get("/users");
    let last = client.get("/healthz");
    let log = server.logged(&[last.header("x-request-id")]);
    for secret in [token.as_str(), phone, password, email.as_str()] {
        assert!(!log.contains(secret), "the log holds {secret}");
    }
}

#[rstest]
fn the_access_log_can_be_narrowed(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = ProgramWorld::with(database, &["--access-log", "refusals"]);
    let answered = world.client.get("/healthz");
    let refused = world.client.get("/nowhere");
    let log = world.server.logged(&[refused.header("x-request-id"), "refused"]);
    assert!(!log.contains(answered.header("x-request-id")), "{log}");
}

/// What Prometheus would read from a world's server.
pub(crate) fn figures(world: &ProgramWorld) -> String {
    let log = world.server.logged(&["metrics are at "]);
    let (_, rest) = log.split_once("metrics are at ").unwrap();
    let address = rest.split_whitespace().next().unwrap();
    ureq::get(address).call().unwrap().body_mut().read_to_string().unwrap()
}

#[rstest]
fn figures_are_on_a_listener_of_their_own(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = ProgramWorld::with(database, &["--metrics-listen", "127.0.0.1:0"]);
    world.client.get(&world.path("/dial-time-group"));
    world.client.get(&world.path("/dial-time-group/1?sub_user_id=x"));
    let text = figures(&world);
    let counted = "dialtime_http_requests_total{method=\"GET\",route=\"/agent-api/user/{user_id}/dial-time-group\",status=\"200\"} 1";
    assert!(text.contains(counted), "{text}");
    assert!(text.contains("dialtime_http_refusals_total{code=\"422\"} 1"), "{text}");
    assert!(text.contains("dialtime_http_request_duration_seconds_bucket{"), "{text}");
    // Clients do not see them.
    assert_eq!(world.client.get("/metrics").status, 404);
}

#[rstest]
fn every_figure_of_the_dashboard_is_there(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = ProgramWorld::with(database, &["--metrics-listen", "127.0.0.1:0", "--webhooks-to-private"]);
    // A call; a refusal; a delivery that fails, of a task that starts; and a group that is long due.
    let group = world.open_group();
    dialing::start(&world, &dialing::task(&world, &dialing::line(&world, "busy"), group, 1));
    world.client.get("/nowhere");
    let webhook = json!({"url": "http://127.0.0.1:9/?token=secret", "events": ["task.running"]});
    world.client.post(&world.path("/webhook"), &webhook).data();
    let task = world.task(group);
    world.client.get(&world.path(&format!("/task_start/{task}"))).data();
    world.database.execute_now("UPDATE dial_time_groups SET next_change_at = 1");
    let log = world.server.logged(&["a webhook could not be reached", "tries=1"]);
    assert!(!log.contains("token=secret"), "{log}");
    let dashboard = include_str!("../../../../packaging/grafana/dialtime.json");
    let named = |text: &str| -> BTreeSet<String> {
        let words = text.split(|character: char| !character.is_ascii_alphanumeric() && character != '_');
        words.filter(|word| word.starts_with("dialtime_")).map(str::to_owned).collect()
    };
    let wanted = named(dashboard);
    assert!(wanted.len() > 10, "{wanted:?}");
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let missing: Vec<String> = wanted.difference(&named(&figures(&world))).cloned().collect();
        if missing.is_empty() {
            break;
        }
        assert!(Instant::now() < deadline, "missing: {missing:?}");
        std::thread::sleep(Duration::from_millis(200));
    }
}

#[test]
fn a_server_that_gives_figures_stops_as_well_as_any() {
    let world = ProgramWorld::with(Database::Sqlite, &["--metrics-listen", "127.0.0.1:0"]);
    figures(&world);
    let process = world.server.process_id().to_string();
    assert!(Command::new("kill").args(["-TERM", &process]).status().unwrap().success());
    assert!(world.server.wait(), "SIGTERM is no failure");
}
