//! A node whose clock is too far from the database's serves nobody and says so, and tells nothing until that is mended.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::{sync::Arc, time::Duration};

use api::{Api, ApiSettings, Lifecycle};
use axum::{Router, body::Body};
use calendar::Zone;
use domain::ClockDifference;
use http::{Request, StatusCode};
use jiff::SignedDuration;
use runner::Runner;
use test_support::{DatabaseKind as Database, FixedRandom, OwnDatabase, SetClock};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

async fn ask(api: &Api, path: &str) -> (StatusCode, String) {
    let request = Request::get(path).header("Authorization", "Bearer dt_x").header("Accept-Language", "en");
    let answer =
        api::router(api.clone(), Router::new()).oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let status = answer.status();
    let body = axum::body::to_bytes(answer.into_body(), 100_000).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

/// Looks until the difference is noticed, or is so no longer.
async fn until(difference: &ClockDifference, too_far: bool) {
    while difference.too_far().is_some() != too_far {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_node_with_another_time_serves_nobody_until_that_is_mended() {
    let database = OwnDatabase::migrated(Database::Sqlite);
    let store = database.connect().await;
    let clock = Arc::new(SetClock::real());
    clock.set_ahead(SignedDuration::from_secs(-7));
    let zone = Zone::parse("Asia/Shanghai").unwrap();
    let settings =
        ApiSettings { body_limit: 1_000, ..ApiSettings::new(zone, store::DataFolder::new("nowhere".into())) };
    let (stop, clock_difference) = (CancellationToken::new(), Arc::new(ClockDifference::default()));
    let lifecycle =
        Lifecycle { stop: stop.clone(), clock_difference: clock_difference.clone(), ..Lifecycle::default() };
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
    let runner = Runner::new(store, clock.clone(), random, clock_difference.clone(), write_body, settings);
    let running = tokio::spawn(runner.run(stop.clone()));

    until(&clock_difference, true).await;
    for path in ["/readyz", "/agent-api/token"] {
        let (status, text) = ask(&api, path).await;
        assert!(status == StatusCode::SERVICE_UNAVAILABLE && text.contains("clock"), "{path}: {text}");
    }
    assert_eq!(ask(&api, "/healthz").await.0, StatusCode::OK);
    clock.set_ahead(SignedDuration::from_secs(3));
    until(&clock_difference, false).await;
    assert_eq!(ask(&api, "/readyz").await.0, StatusCode::OK);
    assert_eq!(ask(&api, "/agent-api/token").await.0, StatusCode::UNAUTHORIZED);
    stop.cancel();
    running.await.unwrap().unwrap();
}
