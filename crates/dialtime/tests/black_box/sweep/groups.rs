//! What is done about groups that needs something beside them.

use serde_json::{Value, json};

use super::{Row, Stranger::NotFound, bulk, ceilings};
use crate::{overrides, support::World};

const OVERRIDE: &str = "/agent-api/user/{user_id}/dial-time-group/{group_id}/override";

fn override_rows() -> Vec<Row> {
    vec![
        ("get", OVERRIDE, None, NotFound),
        ("put", OVERRIDE, Some(overrides::closed()), NotFound),
        ("delete", OVERRIDE, None, NotFound),
    ]
}

/// Of the versions of a group, which has one.
fn version_rows() -> Vec<Row> {
    const VERSION: &str = "/agent-api/user/{user_id}/dial-time-group/{group_id}/version/{version}";
    vec![
        ("get", "/agent-api/user/{user_id}/dial-time-group/{group_id}/version", None, NotFound),
        ("get", VERSION, None, NotFound),
        (
            "get",
            "/agent-api/user/{user_id}/dial-time-group/{group_id}/version/{version}/difference",
            None,
            NotFound,
        ),
        (
            "post",
            "/agent-api/user/{user_id}/dial-time-group/{group_id}/version/{version}/restore",
            None,
            NotFound,
        ),
    ]
}

pub(super) fn rows() -> Vec<Row> {
    [override_rows(), version_rows()].concat()
}

/// The body of an operation on a group of its own, which is closed for a while if it is about that; another one may take its place.
pub(super) fn prepared(
    world: &World,
    path: &str,
    (own, other): (i64, i64),
    body: Option<Value>,
) -> Option<Value> {
    if path == OVERRIDE {
        overrides::close(world, own).data();
    }
    if path.contains("/bulk/") {
        return Some(bulk::prepared(world, path, own));
    }
    if path.ends_with("/ceiling") {
        let again = ceilings::prepared(world, path, own);
        return body.map(|_| again);
    }
    if path.ends_with("/replace") { Some(json!({"with": other})) } else { body }
}
