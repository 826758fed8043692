//! What is asked of a call that is under way: there has to be one.

use serde_json::{Value, json};

use super::{Stranger, try_others};
use crate::{
    dialing,
    support::{Client, World, until},
};

/// The operations.
pub(super) const OPERATIONS: [(&str, &str); 5] = [
    ("post", "/agent-api/user/{user_id}/call/{record_id}/transfer"),
    ("post", "/agent-api/user/{user_id}/call/{record_id}/play"),
    ("post", "/agent-api/user/{user_id}/call/{record_id}/send-digits"),
    ("post", "/agent-api/user/{user_id}/call/{record_id}/go-to"),
    // The last, for it ends the call.
    ("post", "/agent-api/user/{user_id}/call/{record_id}/hang-up"),
];

/// A line over which whoever answers talks for long.
pub(crate) fn line(world: &World) -> String {
    let outcome = json!({
        "weight": 1, "outcome": "answered", "ring": {"from": 1, "to": 1}, "talk": {"from": 600, "to": 600},
    });
    let body = json!({
        "name": "long talks", "kind": "simulated", "channels": 5, "cps": 5, "simulation": {"outcomes": [outcome]},
    });
    let line = world.client.post("/agent-api/line", &body).data()["id"].as_str().unwrap().to_owned();
    world.client.post(&world.new_path(&format!("/line/{line}")), &json!({"line_concurrency": 5})).data();
    line
}

/// Nobody but who may asks anything of a call.
pub(super) fn try_all(world: &World, stranger: &Client) {
    let line = line(world);
    let steps = json!([{"action": "hang_up", "label": "end"}]);
    let script =
        world.client.post(&world.path("/script"), &json!({"name": "live", "steps": steps})).data()["id"]
            .clone();
    let prompt = world.client.upload(
        "POST",
        &world.path("/prompt?name=live"),
        &[("Content-Type", "audio/wav")],
        &crate::prompts::wav_of(8_000, &[1_000; 8_000]),
    );
    let prompt = prompt.data()["id"].clone();
    let task = dialing::task_with_script(world, &line, script.as_i64().unwrap(), 1);
    dialing::start(world, &task);
    let calls = world.path(&format!("/call?task_id={task}"));
    let call = || world.client.get(&calls).data()[0].clone();
    until("somebody talks", || call()["state"] == "answered");
    let id = call()["record_id"].as_str().unwrap().to_owned();
    for (method, path) in OPERATIONS {
        let body = match path.rsplit('/').next() {
            Some("transfer") => json!({"line": line, "extension": "801"}),
            Some("play") => json!({"prompt": prompt}),
            Some("send-digits") => json!({"digits": "1,#"}),
            Some("go-to") => json!({"step": "end"}),
            _ => json!({}),
        };
        let address = path.replace("{user_id}", &world.user).replace("{record_id}", &id);
        let send = |client: &Client| client.post(&address, &body);
        try_others(world, (method, path), (stranger, Stranger::NotFound), send);
        let own = send(&world.client);
        assert_eq!((own.status, own.body["message"].as_str()), (200, Some("已发送指令")), "{path}: {own:?}");
    }
    until("the call is over", || call() == Value::Null);
    let record = world.client.get(&world.path(&format!("/task/{task}/record"))).data()[0].clone();
    assert_eq!((&record["ended_by"], &record["end_reason"]), (&json!("dialtime"), &json!("requested")));
}
