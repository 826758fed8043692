//! A callback on numbers of a task.

use serde_json::{Value, json};

use crate::support::World;

/// The path with the id of a callback, if it asks for one.
pub(super) fn placed(world: &World, path: String, task: &str) -> String {
    if !path.contains("{unique_id}") {
        return path;
    }
    path.replace("{unique_id}", callback(world, task)["unique_id"].as_str().unwrap())
}

/// The path, or that of a callback's file if it is of such.
pub(super) fn open(world: &World, path: &str, group: i64) -> String {
    if !path.ends_with("/download-number") {
        return path.to_owned();
    }
    callback(world, &world.task(group))["data"]["url"].as_str().unwrap().to_owned()
}

/// A webhook of this format, which is sent nothing; gives its id.
pub(super) fn disabled_webhook(world: &World, format: &str) -> Value {
    let webhook = json!({"url": "https://example.com", "enabled": false, "format": format});
    world.client.post(&world.path("/webhook"), &webhook).data()["id"].clone()
}

/// The callback on two numbers that are added to a task.
fn callback(world: &World, task: &str) -> Value {
    let webhook = disabled_webhook(world, "platform");
    let numbers = json!({"data": [{"phone": "13800138000"}, {"phone": "13800138001"}]});
    world.client.post(&world.path(&format!("/task/{task}/number")), &numbers).data();
    let webhook = world.path(&format!("/webhook/{}", webhook.as_str().unwrap()));
    world.client.delete(&webhook).data();
    let events = world.client.get(&world.path("/events?limit=1000")).data()["events"].clone();
    let of_task = |event: &&Value| event["type"] == "numbers.added" && event["task_id"] == task;
    let id = events.as_array().unwrap().iter().find(of_task).unwrap()["detail"]["unique_id"].clone();
    world.client.get(&world.path(&format!("/identification/{}", id.as_str().unwrap()))).data().clone()
}
