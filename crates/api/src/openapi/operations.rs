//! The operations of the document: how steps visit them, and how they are completed.

use serde_json::{Map, Value};

use super::object_at;

/// What the steps need to know of an operation.
#[derive(Debug)]
pub(super) struct Operation {
    pub(super) path: String,
    pub(super) id: String,
    pub(super) asks_for_token: bool,
    pub(super) has_body: bool,
    /// The names of its parameters, wherever they stand.
    pub(super) parameters: Vec<String>,
}

impl Operation {
    fn new(path: &str, operation: &Value) -> Self {
        let parameters = operation["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
        let name = |parameter: &Value| parameter["name"].as_str().unwrap_or_default().to_owned();
        let open = operation["security"].as_array().is_some_and(|ways| ways.iter().any(is_empty));
        Self {
            path: path.to_owned(),
            id: operation["operationId"].as_str().unwrap_or_default().to_owned(),
            asks_for_token: !open,
            has_body: operation.get("requestBody").is_some(),
            parameters: parameters.iter().map(name).collect(),
        }
    }

    /// The names in the path, in their order.
    pub(super) fn path_parameters(&self) -> impl Iterator<Item = &str> {
        self.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
    }

    pub(super) fn takes(&self, parameter: &str) -> bool {
        self.parameters.iter().any(|name| name == parameter)
    }
}

fn is_empty(way: &Value) -> bool {
    way.as_object().is_some_and(Map::is_empty)
}

/// Calls `visit` with every operation under `paths`.
pub(super) fn visit(document: &mut Value, mut visit: impl FnMut(&Operation, &mut Value)) {
    for (path, item) in object_at(document, &["paths"]) {
        for operation in item.as_object_mut().into_iter().flat_map(Map::values_mut) {
            visit(&Operation::new(path, operation), operation);
        }
    }
}

/// Every operation under `paths`.
pub(super) fn all(document: &mut Value) -> Vec<Operation> {
    let mut all = Vec::new();
    visit(document, |operation, written| all.push(Operation::new(&operation.path, written)));
    all
}

/// A route with several methods for one thing is written with one operation id: all but the `get` add their method.
pub(super) fn tell_methods_apart(document: &mut Value) {
    for item in object_at(document, &["paths"]).values_mut() {
        let get = item["get"]["operationId"].clone();
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            if method != "get"
                && operation["operationId"] == get
                && let Some(id) = get.as_str()
            {
                operation["operationId"] = format!("{id}_{method}").into();
            }
        }
    }
}

/// An answer that has no description of its own is described as its schema is.
pub(super) fn describe_answers(document: &mut Value) {
    let schemas = document["components"]["schemas"].clone();
    let described = |answer: &Value| {
        let reference = answer.pointer("/content/application~1json/schema/$ref")?.as_str()?;
        schemas[reference.rsplit('/').next()?]["description"].as_str().map(str::to_owned)
    };
    visit(document, |_, operation| {
        for answer in operation["responses"].as_object_mut().into_iter().flat_map(Map::values_mut) {
            let missing = answer["description"].as_str().is_none_or(str::is_empty);
            if let Some(description) = described(answer).filter(|_| missing) {
                answer["description"] = description.into();
            }
        }
    });
}
