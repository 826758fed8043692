//! Links from the answer about something new to the operations on it.

use serde_json::{Map, Value, json};

use super::operations::{self, Operation};

/// An operation that makes something: what it makes is called so in paths, and has its id there in the answer.
struct Maker {
    operation: &'static str,
    parameter: &'static str,
    id: &'static str,
}

const MAKERS: &[Maker] = &[
    Maker { operation: "save_group", parameter: "group_id", id: "/data/id" },
    Maker { operation: "create_task", parameter: "task_id", id: "/data/uuid" },
    Maker { operation: "create_new_task", parameter: "task_id", id: "/data/uuid" },
    Maker { operation: "copy_new_task_post", parameter: "task_id", id: "/data/uuid" },
    Maker { operation: "create_line", parameter: "line_id", id: "/data/id" },
    Maker { operation: "create_line_group", parameter: "line_group_id", id: "/data/id" },
    Maker { operation: "create_webhook", parameter: "webhook_id", id: "/data/id" },
    Maker { operation: "create_calendar_subscription", parameter: "subscription_id", id: "/data/id" },
    Maker { operation: "save_script", parameter: "script_id", id: "/data/id" },
    Maker { operation: "create_prompt", parameter: "prompt_id", id: "/data/id" },
    Maker { operation: "save_redial_rule", parameter: "rule_id", id: "/data/id" },
    Maker { operation: "register_user", parameter: "user_id", id: "/data/id" },
    Maker { operation: "register_sub_user", parameter: "sub_user_id", id: "/data/id" },
];

pub(super) fn add(document: &mut Value) {
    let all = operations::all(document);
    operations::visit(document, |made_by, operation| {
        let Some(maker) = MAKERS.iter().find(|maker| maker.operation == made_by.id) else { return };
        // Only where every id of the path is known: that of a line is none of a user's.
        let is_known =
            |name: &str| name == maker.parameter || made_by.path_parameters().any(|own| own == name);
        let about = all.iter().filter(|other| {
            other.path_parameters().last() == Some(maker.parameter) && other.path_parameters().all(is_known)
        });
        let links: Map<String, Value> =
            about.map(|other| (other.id.clone(), link(maker, made_by, other))).collect();
        operation["responses"]["200"]["links"] = links.into();
    });
}

/// The other ids of a path are those of the request that made the thing.
fn link(maker: &Maker, made_by: &Operation, to: &Operation) -> Value {
    let value = |name: &str| {
        if name == maker.parameter {
            Some(format!("$response.body#{}", maker.id))
        } else {
            made_by.path_parameters().any(|own| own == name).then(|| format!("$request.path.{name}"))
        }
    };
    let parameters: Map<String, Value> =
        to.path_parameters().filter_map(|name| Some((name.to_owned(), value(name)?.into()))).collect();
    json!({ "operationId": to.id, "parameters": parameters })
}
