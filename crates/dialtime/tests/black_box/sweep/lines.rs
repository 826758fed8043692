//! The sweep of operations on lines.

use serde_json::{Value, json};

use super::{Row, Stranger};
use crate::support::World;

/// Of lines: the partner's own, and the users' shares of them.
pub(super) fn rows() -> Vec<Row> {
    use Stranger::{NotFound, Own, Unknown};
    let line = json!({"name": "swept", "kind": "simulated", "channels": 1});
    let share = json!({"line_concurrency": 1});
    let group = json!({"name": "swept"});
    vec![
        ("get", "/agent-api/line-group", None, Own),
        ("post", "/agent-api/line-group", Some(group.clone()), Unknown),
        ("get", "/agent-api/line-group/{line_group_id}", None, NotFound),
        ("put", "/agent-api/line-group/{line_group_id}", Some(group), NotFound),
        ("delete", "/agent-api/line-group/{line_group_id}", None, NotFound),
        ("get", "/agent-api/line", None, Own),
        ("get", "/agent-api/line-activity", None, Own),
        ("get", "/agent-api/default-cause-map", None, Own),
        ("post", "/agent-api/line", Some(line), Own),
        ("get", "/agent-api/line/{line_id}", None, NotFound),
        ("put", "/agent-api/line/{line_id}", Some(json!({"channels": 2})), NotFound),
        ("get", "/agent-api/line/{line_id}/allocation", None, NotFound),
        ("delete", "/agent-api/line/{line_id}", None, NotFound),
        ("post", "/agent-api/new/user/{user_id}/line/{line_id}", Some(share), NotFound),
        ("put", "/agent-api/new/user/{user_id}/line_bind_group", None, NotFound),
        ("delete", "/agent-api/new/user/{user_id}/line/{line_id}", None, NotFound),
        ("get", "/agent-api/new_line_list", None, Own),
        ("get", "/agent-api/tenant/{tenant_id}/callerline", None, Own),
        ("get", "/agent-api/callerline", None, Own),
    ]
}

/// The address and the body of an operation on lines, which is given a line of its own, and a share of it where it acts on one.
pub(super) fn of_line(
    world: &World,
    (method, path): (&str, &str),
    user: &str,
    body: Option<Value>,
) -> (String, Option<Value>) {
    let body = super::of_stop(world, (method, path), user, body);
    let path = path.replace("{tenant_id}", &world.partner);
    if path == "/agent-api/new_line_list" {
        return (format!("{path}?id={}", world.partner), body);
    }
    if !path.contains("/line") {
        return (path, body);
    }
    let line = world.line();
    if path.starts_with("/agent-api/line-group") {
        return of_line_group(world, &path, &line, body);
    }
    let of_user = format!("/agent-api/new/user/{user}/line");
    if path.ends_with("/line_bind_group") || (method == "delete" && path.contains("{user_id}")) {
        let share = world.client.post(&format!("{of_user}/{line}"), &json!({"line_concurrency": 1}));
        let share = share.data()["id"].clone();
        let body = path.ends_with("/line_bind_group").then(|| json!({"id": share, "group_ids": [297]}));
        return (path.replace("{line_id}", &share.to_string()), body);
    }
    (path.replace("{line_id}", &line), body)
}

/// The same of an operation on line groups: a group with this line.
fn of_line_group(world: &World, path: &str, line: &str, body: Option<Value>) -> (String, Option<Value>) {
    let group = json!({"name": "own", "lines": [line]});
    let made = || world.client.post("/agent-api/line-group", &group).data()["id"].clone();
    let path = if path.contains("{line_group_id}") {
        path.replace("{line_group_id}", made().as_str().unwrap())
    } else {
        path.to_owned()
    };
    (path, body.map(|_| group))
}
