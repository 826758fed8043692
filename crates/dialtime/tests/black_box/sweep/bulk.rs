//! Edits of many groups or tasks at once.

use serde_json::{Value, json};

use super::{Row, Stranger::NotFound};
use crate::support::World;

pub(super) fn rows() -> Vec<Row> {
    vec![
        ("post", "/agent-api/user/{user_id}/bulk/exception", Some(json!({})), NotFound),
        ("post", "/agent-api/user/{user_id}/bulk/exception/remove", Some(json!({})), NotFound),
        ("post", "/agent-api/user/{user_id}/bulk/override", Some(json!({})), NotFound),
        ("post", "/agent-api/user/{user_id}/bulk/override/remove", Some(json!({})), NotFound),
        ("post", "/agent-api/user/{user_id}/bulk/move", Some(json!({})), NotFound),
        ("post", "/agent-api/user/{user_id}/bulk/pause", Some(json!({})), NotFound),
        ("post", "/agent-api/user/{user_id}/bulk/resume", Some(json!({})), NotFound),
    ]
}

/// The body of one of them, about a group and a task of their own.
pub(super) fn prepared(world: &World, path: &str, group: i64) -> Value {
    let closed = json!([{"name": "x", "begin_date": "2198-01-01"}]);
    let over =
        json!({"group_ids": [group], "state": "closed", "until": "2198-01-01 00:00:00", "reason": "x"});
    match path.split('/').skip_while(|part| *part != "bulk").nth(1) {
        Some("exception") => json!({"group_ids": [group], "exceptions": closed}),
        Some("override") if path.ends_with("/remove") => json!({"group_ids": [group]}),
        Some("override") => over,
        Some("move") => json!({"task_ids": [world.task(group)], "dial_time_id": group}),
        _ => json!({"task_ids": [world.task(group)]}),
    }
}
