//! What scenarios begin with, and look at in the end: groups, and tasks that use them.

use serde_json::{Value, json};

use crate::support::{World, group, task};

/// Saves a group with these windows, whatever day it is.
#[track_caller]
pub(super) fn save_group(world: &World, name: &str, content: &Value) -> i64 {
    save_group_with(world, name, &json!({"content": content}))
}

/// Saves a group that has these fields, too.
#[track_caller]
pub(super) fn save_group_with(world: &World, name: &str, more: &Value) -> i64 {
    let mut body = group(name);
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    world.client.post(&world.path("/dial-time-group"), &body).data()["id"].as_i64().unwrap()
}

/// The group as it is stored.
#[track_caller]
pub(super) fn stored_group(world: &World, id: i64) -> Value {
    world.client.get(&world.path(&format!("/dial-time-group/{id}"))).data().clone()
}

/// Saves a task that is not started yet.
#[track_caller]
pub(super) fn save_task(world: &World, name: &str, group: i64) -> String {
    let mut body = task(group);
    body["name"] = json!(name);
    world.client.post(&world.new_path("/task"), &body).data()["uuid"].as_str().unwrap().to_owned()
}

#[track_caller]
pub(super) fn start_task(world: &World, id: &str) {
    world.client.put(&world.new_path(&format!("/task_start/{id}")), &json!({})).data();
}

/// Saves and starts a task: it dials while its group is open.
#[track_caller]
pub(super) fn started_task(world: &World, name: &str, group: i64) -> String {
    let id = save_task(world, name, group);
    start_task(world, &id);
    id
}
