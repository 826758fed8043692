//! Ceilings, of a partner and of accounts. Each operation has one to work on, set before it.

use serde_json::{Value, json};

use super::{
    Row,
    Stranger::{NotFound, Own, Unknown},
};
use crate::support::World;

/// Its group comes with [`prepared`].
pub(super) fn rows() -> Vec<Row> {
    vec![
        ("get", "/agent-api/ceiling", None, Own),
        ("put", "/agent-api/ceiling", Some(json!({})), Unknown),
        ("delete", "/agent-api/ceiling", None, NotFound),
        ("get", "/agent-api/user/{user_id}/ceiling", None, NotFound),
        ("put", "/agent-api/user/{user_id}/ceiling", Some(json!({})), NotFound),
        ("delete", "/agent-api/user/{user_id}/ceiling", None, NotFound),
    ]
}

/// Makes a group the ceiling that the path is about; gives the body that does so again.
pub(super) fn prepared(world: &World, path: &str, group: i64) -> Value {
    let mut body = json!({"dial_time_id": group});
    if path == "/agent-api/ceiling" {
        body["account_id"] = json!(world.user);
    }
    world.client.put(&path.replace("{user_id}", &world.user), &body).data();
    body
}
