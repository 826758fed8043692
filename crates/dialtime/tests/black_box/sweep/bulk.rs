//! Edits of many groups or tasks at once.

use serde_json::{Value, json};

use super::{Row, Stranger::NotFound};
use crate::support::World;

pub(super) fn rows() -> Vec<Row> {
    vec![
        ("post", "/agent-api/user/{user_id}/bulk/exception", Some(json!({})), NotFound),
        ("post", "/agent-api/user/{user_id}/bulk/move", Some(json!({})), NotFound),
        ("post", "/agent-api/user/{user_id}/bulk/pause", Some(json!({})), NotFound),
    ]
}

/// The body of one of them, about a group and a task of their own.
pub(super) fn prepared(world: &World, path: &str, group: i64) -> Value {
    let closed = json!([{"name": "x", "begin_date": "2198-01-01"}]);
    match path.rsplit('/').next() {
        Some("exception") => json!({"group_ids": [group], "exceptions": closed}),
        Some("move") => json!({"task_ids": [world.task(group)], "dial_time_id": group}),
        _ => json!({"task_ids": [world.task(group)]}),
    }
}
