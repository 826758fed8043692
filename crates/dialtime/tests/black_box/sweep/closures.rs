//! Planned closures, of a partner and of accounts.

use serde_json::{Value, json};

use super::{
    Row,
    Stranger::{NotFound, Own},
};
use crate::support::World;

/// A closure that disturbs nobody.
fn far_away() -> Value {
    json!({"name": "x", "begin": "2198-01-01 00:00:00", "end": "2198-01-02 00:00:00"})
}

pub(super) fn rows() -> Vec<Row> {
    vec![
        ("get", "/agent-api/closure", None, Own),
        ("post", "/agent-api/closure", Some(far_away()), Own),
        ("delete", "/agent-api/closure/{closure_id}", None, NotFound),
        ("get", "/agent-api/user/{user_id}/closure", None, NotFound),
        ("post", "/agent-api/user/{user_id}/closure", Some(far_away()), NotFound),
        ("delete", "/agent-api/user/{user_id}/closure/{closure_id}", None, NotFound),
    ]
}

/// A path with a closure of its own, if it is about one.
pub(super) fn own(world: &World, path: &str) -> String {
    let Some((of, _)) = path.split_once("/{closure_id}") else { return path.to_owned() };
    let made = world.client.post(&of.replace("{user_id}", &world.user), &far_away());
    path.replace("{closure_id}", made.data()["id"].as_str().unwrap())
}
