//! What a person waits for: requests to the API, one after the other, over one connection.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use api::{Api, ApiSettings, Lifecycle};
use axum::Router;
use calendar::Zone;
use domain::TaskId;
use serde_json::{Value, json};
use store::DataFolder;
use test_support::{Client, FixedRandom, Reply, create_token};
use tokio::net::TcpListener;

use crate::world::{Times, World};

const TOKEN: &str = "benchmark";

/// How often each request is made.
const REQUESTS: usize = 200;

/// How many numbers are reset by one request.
const RESET: i64 = 100;

pub(crate) async fn measure(world: &World, task: TaskId, size: i64) {
    create_token(&world.store, world.accounts.partner, &api::hash_token(TOKEN), world.change().at).await;
    let client = Client::new(&serve(world).await, TOKEN);
    let task = format!("/agent-api/user/{}/task/{task}", world.accounts.user);
    let number = format!("{task}/number");
    let phone = |place: i64| format!("138{:08}", place.rem_euclid(size));
    tokio::task::block_in_place(|| {
        report("first page", |_| client.get(&number));
        report("first page of one status", |_| client.get(&format!("{number}?status[]=8")));
        report("first page of three statuses", |_| {
            client.get(&format!("{number}?status[]=1&status[]=4&status[]=12"))
        });
        report("detail", |turn| client.get(&format!("{number}/detail/{}", phone(turn * 7_919))));
        report("reset of 100 numbers", |turn| {
            let phones: Vec<Value> = (0..RESET).map(|one| json!(phone(turn * 7_919 + one * 97))).collect();
            client.put(&format!("{task}/number-batch-reset"), &json!({ "phones": phones }))
        });
        let begun = Instant::now();
        client.delete(&task).data();
        println!("    the task is deleted in {:.1}", milliseconds(begun.elapsed()));
    });
}

fn milliseconds(took: Duration) -> f64 {
    took.as_secs_f64() * 1_000.0
}

fn report(what: &str, request: impl Fn(i64) -> Reply) {
    let mut times = Times::default();
    for turn in 0..REQUESTS {
        let begun = Instant::now();
        let reply = request(i64::try_from(turn).unwrap());
        times.note(begun.elapsed());
        reply.data();
    }
    println!("    {what}: {}", times.text());
}

async fn serve(world: &World) -> String {
    let settings = ApiSettings::new(Zone::parse("Asia/Shanghai").unwrap(), DataFolder::new("nowhere".into()));
    let (store, clock) = (world.store.clone(), world.clock.clone());
    let api = Api::new(store, clock, Arc::new(FixedRandom::new(5)), settings, Lifecycle::default());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, api::router(api, Router::new())).await.unwrap() });
    format!("http://{address}")
}
