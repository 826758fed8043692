//! A node whose clock is too far from the database's serves nobody and says so, and tells nothing until that is mended. Progress alone is
//! answered, and tells why nothing is dialed.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::{sync::Arc, time::Duration};

use api::{Api, ApiSettings, Lifecycle, hash_token};
use axum::{Router, body::Body};
use calendar::Zone;
use dialer::{Dialer, DialerParts, DialerSettings};
use domain::ClockDifference;
use http::{Request, StatusCode};
use jiff::SignedDuration;
use rstest::rstest;
use runner::Runner;
use serde_json::{Value, json};
use store::{
    Store,
    audit::{Actor, Change},
};
use telephony::Carriers;
use test_support::{
    Accounts, DatabaseKind as Database, FixedRandom, Network, OwnDatabase, SetClock, Steady, create_group,
    create_script, create_token,
};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// A node, whose clock is set.
struct Node {
    store: Store,
    clock: Arc<SetClock>,
    difference: Arc<ClockDifference>,
    api: Api,
    stop: CancellationToken,
    running: JoinHandle<Result<(), runner::LoopEnded>>,
}

impl Node {
    /// One whose clock is behind by more than may be.
    async fn start(database: &OwnDatabase) -> Self {
        let store = database.connect().await;
        let clock = Arc::new(SetClock::real());
        clock.set_ahead(SignedDuration::from_secs(-7));
        let zone = Zone::parse("Asia/Shanghai").unwrap();
        let settings = ApiSettings {
            body_limit: 10_000,
            ..ApiSettings::new(zone, store::DataFolder::new("nowhere".into()))
        };
        let (stop, difference) = (CancellationToken::new(), Arc::new(ClockDifference::default()));
        let lifecycle =
            Lifecycle { stop: stop.clone(), clock_difference: difference.clone(), ..Lifecycle::default() };
        let api = Api::new(store.clone(), clock.clone(), Arc::new(FixedRandom::new(0)), settings, lifecycle);
        let settings = runner::Settings {
            data_folder: store::DataFolder::new("nowhere".into()),
            zone,
            events_kept: SignedDuration::from_hours(24),
            audit_kept: None,
            records_kept: SignedDuration::from_hours(24),
            webhooks_to_private: false,
        };
        let (random, write_body) =
            (Arc::new(FixedRandom::new(0)), Arc::new(|_: &_, _: runner::Body<'_>| String::new()));
        let runner =
            Runner::new(store.clone(), clock.clone(), random, difference.clone(), write_body, settings);
        let running = tokio::spawn(runner.run(stop.clone()));
        Self { store, clock, difference, api, stop, running }
    }

    async fn send(&self, method: &str, path: &str, body: &Value) -> (StatusCode, String) {
        let request = Request::builder().method(method).uri(path).header("Authorization", "Bearer dt_x");
        let request = request.header("Accept-Language", "en").header("Content-Type", "application/json");
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        let router = api::router(self.api.clone(), Router::new());
        let answer = router.oneshot(request.body(body).unwrap()).await.unwrap();
        let status = answer.status();
        let body = axum::body::to_bytes(answer.into_body(), 100_000).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    async fn ask(&self, path: &str) -> (StatusCode, String) {
        self.send("GET", path, &Value::Null).await
    }

    /// Looks until the difference is noticed, or is so no longer.
    async fn until(&self, too_far: bool) {
        while self.difference.too_far().is_some() != too_far {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn end(self) {
        self.stop.cancel();
        self.running.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_node_with_another_time_serves_nobody_until_that_is_mended() {
    let database = OwnDatabase::migrated(Database::Sqlite);
    let node = Node::start(&database).await;
    node.until(true).await;
    for path in ["/readyz", "/agent-api/token"] {
        let (status, text) = node.ask(path).await;
        assert!(status == StatusCode::SERVICE_UNAVAILABLE && text.contains("clock"), "{path}: {text}");
    }
    assert_eq!(node.ask("/healthz").await.0, StatusCode::OK);
    node.clock.set_ahead(SignedDuration::from_secs(3));
    node.until(false).await;
    assert_eq!(node.ask("/readyz").await.0, StatusCode::OK);
    assert_eq!(node.ask("/agent-api/token").await.0, StatusCode::UNAUTHORIZED);
    node.end().await;
}

/// The dialer of a node, which is driven round by round.
fn dialer(node: &Node) -> Dialer {
    let random = Arc::new(FixedRandom::new(1));
    Dialer::new(DialerParts {
        store: node.store.clone(),
        clock: node.clock.clone(),
        steady: Arc::new(Steady(node.clock.clone())),
        random: random.clone(),
        clock_difference: node.difference.clone(),
        carriers: Carriers { simulated: Network::new(random).node(), sip: None },
        settings: DialerSettings::default(),
    })
}

/// A user with a task that has a number and runs; gives the path of what is the user's, and that of the task.
async fn task_with_a_number(node: &Node) -> (String, String) {
    let now = domain::Clock::now(&*node.clock);
    let Accounts { partner, user, .. } = Accounts::create(&node.store, now).await;
    create_token(&node.store, partner, &hash_token("dt_x"), now).await;
    let change = Change { actor: Actor::CommandLine, at: now };
    create_script(&node.store, user, 1, &change).await;
    let all_week: Vec<Value> = (0..7)
        .map(|week| json!({"week": week, "times": [{"begin_time": "00:00", "end_time": "24:00"}]}))
        .collect();
    let group = create_group(&node.store, user, &Value::from(all_week).to_string(), &change).await;
    let task = json!({
        "name": "list", "dial_time_id": group.get(), "destination_extension": 1, "maximumcall": 1,
        "caller_line_id": test_support::anything(), "task_extras": {},
    });
    let of_user = format!("/agent-api/user/{}", user.uuid());
    let (_, made) = node.send("POST", &format!("{of_user}/task"), &task).await;
    let made: Value = serde_json::from_str(&made).unwrap();
    let task = made["data"]["uuid"].as_str().unwrap_or_else(|| panic!("{made}"));
    let numbers = json!({"data": [{"phone": "13800000001"}]});
    let added = node.send("POST", &format!("{of_user}/task/{task}/number"), &numbers).await;
    assert_eq!(added.0, StatusCode::OK, "{}", added.1);
    let started = node.send("PUT", &format!("{of_user}/task_start/{task}"), &json!({})).await;
    assert_eq!(started.0, StatusCode::OK, "{}", started.1);
    let task = format!("{of_user}/task/{task}");
    (of_user, task)
}

#[rstest]
#[tokio::test]
async fn progress_says_that_nothing_is_dialed_for_a_wrong_clock(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
    #[values(-60, 60)] seconds: i64,
) {
    let database = OwnDatabase::migrated(database);
    let node = Node::start(&database).await;
    node.clock.set_ahead(SignedDuration::ZERO);
    node.until(false).await;
    let (of_user, task) = task_with_a_number(&node).await;
    let (mut dialer, progress) = (dialer(&node), format!("{task}/progress"));
    let reason = async || {
        let (status, text) = node.ask(&progress).await;
        assert_eq!(status, StatusCode::OK, "{text}");
        serde_json::from_str::<Value>(&text).unwrap()["data"]["reason"].clone()
    };
    dialer.round().await.unwrap();
    assert_eq!(reason().await["code"], "no_line");
    node.clock.set_ahead(SignedDuration::from_secs(seconds));
    node.until(true).await;
    dialer.round().await.unwrap();
    let told = reason().await;
    assert_eq!((&told["code"], &told["until"]), (&json!("clock"), &Value::Null));
    assert!(told["message"].as_str().unwrap().contains("No server's clock agrees"), "{told}");
    assert_eq!(
        node.ask(&format!("{of_user}/task")).await.0,
        StatusCode::SERVICE_UNAVAILABLE,
        "nothing else is answered"
    );
    node.clock.set_ahead(SignedDuration::ZERO);
    node.until(false).await;
    dialer.round().await.unwrap();
    assert_eq!(reason().await["code"], "no_line");
    node.end().await;
}
