//! The header that every answer has.

use serde_json::{Value, json};

use super::{object_at, operations};

const NAME: &str = "X-Request-Id";

/// Not `required`: whoever is refused before the request is read, as when it is too slow, has no id.
pub(super) fn add(document: &mut Value) {
    object_at(document, &["components", "headers"]).insert(
        "RequestId".to_owned(),
        json!({ "description": "By which the request is found in the server's log: the client's own `X-Request-Id` if it is a plain \
                                word of at most 64 characters, else one that is made up",
                "schema": { "type": "string", "minLength": 1, "maxLength": 64 } }),
    );
    object_at(document, &["components", "responses"]).values_mut().for_each(add_to);
    operations::visit(document, |_, operation| {
        let answers = object_at(operation, &["responses"]).values_mut();
        answers.filter(|answer| answer.get("$ref").is_none()).for_each(add_to);
    });
}

fn add_to(answer: &mut Value) {
    object_at(answer, &["headers"])
        .insert(NAME.to_owned(), json!({ "$ref": "#/components/headers/RequestId" }));
}
