//! The schemas of the document: references instead of copies, public names, and which fields are always there.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{
    object_at,
    operations::{self, Operation},
    visit_objects,
};
use crate::http::body::SUB_USER;

const PLACE: &str = "#/components/schemas/";

/// What an envelope holds, read from the name that its schema has from its Rust type.
enum EnvelopePayload<'n> {
    One(&'n str),
    List(&'n str),
    Page(&'n str),
}

impl<'n> EnvelopePayload<'n> {
    fn of(name: &'n str) -> Option<Self> {
        let page = || name.strip_prefix("PagedEnvelope_Vec_").map(Self::Page);
        let list = || name.strip_prefix("Envelope_Vec_").map(Self::List);
        let one = || name.strip_prefix("Envelope_").map(Self::One);
        page().or_else(list).or_else(one)
    }

    const fn item(&self) -> &'n str {
        match self {
            Self::One(item) | Self::List(item) | Self::Page(item) => item,
        }
    }

    fn schema(&self) -> Value {
        let item = json!({ "$ref": format!("{PLACE}{}", self.item()) });
        match self {
            Self::One(_) => item,
            Self::List(_) | Self::Page(_) => json!({ "type": "array", "items": item }),
        }
    }

    fn name(&self) -> String {
        let item = plain(self.item());
        match self {
            Self::One(_) => format!("{item}Envelope"),
            Self::List(_) => format!("{item}List"),
            Self::Page(_) => format!("{item}Page"),
        }
    }

    fn description(&self, item: &str) -> String {
        match self {
            Self::One(_) => item.to_owned(),
            Self::List(_) => format!("A list. Each entry: {item}"),
            Self::Page(_) => format!("A page of a list. Each entry: {item}"),
        }
    }
}

/// The schemas of generic types are written with a copy of their argument's: a client made from that would have a type
/// of its own for each copy. Envelopes refer to their payloads instead, and are described as these are.
pub(super) fn refer_to_payloads(document: &mut Value) {
    let schemas = object_at(document, &["components", "schemas"]);
    let description = |schema: &Value| schema["description"].as_str().unwrap_or_default().to_owned();
    let descriptions: BTreeMap<String, String> =
        schemas.iter().map(|(name, schema)| (name.clone(), description(schema))).collect();
    for (name, schema) in schemas {
        let Some(payload) = EnvelopePayload::of(name) else { continue };
        let item = descriptions.get(payload.item()).map(String::as_str).unwrap_or_default();
        schema["description"] = payload.description(item).into();
        schema["properties"]["data"] = payload.schema();
    }
}

/// Where the query may name a sub-user, so may the body. One that is also taken where no account is acted for has a second form for that.
pub(super) fn add_sub_users(document: &mut Value) {
    let (mut of_accounts, mut of_others) = (BTreeSet::new(), BTreeSet::new());
    operations::visit(document, |operation, written| {
        let bodies = if may_name_sub_user(operation) { &mut of_accounts } else { &mut of_others };
        if let Some(body) = written.get_mut("requestBody") {
            visit_objects(body, &mut |object| bodies.extend(referred(object)));
        }
    });
    let schemas = object_at(document, &["components", "schemas"]);
    // A file has no fields.
    of_accounts.retain(|name| schemas.get(name).is_some_and(|schema| schema["type"] != "string"));
    let forms: BTreeSet<String> =
        of_accounts.difference(&of_others).flat_map(|name| forms(schemas, name)).collect();
    for (_, schema) in schemas.iter_mut().filter(|(name, _)| forms.contains(*name)) {
        add_sub_user(schema);
    }
    let shared: BTreeSet<String> = of_accounts.intersection(&of_others).cloned().collect();
    schemas.extend(shared.iter().map(|name| (for_account(name), with_sub_user(name))));
    operations::visit(document, |operation, written| {
        if let Some(body) = written.get_mut("requestBody").filter(|_| may_name_sub_user(operation)) {
            visit_objects(body, &mut |object| {
                if let Some(name) = referred(object).filter(|name| shared.contains(name)) {
                    object.insert("$ref".to_owned(), format!("{PLACE}{}", for_account(&name)).into());
                }
            });
        }
    });
}

fn may_name_sub_user(operation: &Operation) -> bool {
    operation.takes(SUB_USER) && !operation.path_parameters().any(|name| name == SUB_USER)
}

fn for_account(body: &str) -> String {
    format!("{body}ForAccount")
}

/// The body and the field beside it.
fn with_sub_user(body: &str) -> Value {
    json!({
        "description": "The same, for an account: its sub-user may be named.",
        "allOf": [
            { "$ref": format!("{PLACE}{body}") },
            { "type": "object", "properties": { SUB_USER: sub_user() } },
        ],
    })
}

/// The schemas that a body of this schema can have: those of its choices, if it is one.
fn forms(schemas: &Map<String, Value>, name: &str) -> Vec<String> {
    let choices = schemas.get(name).and_then(|schema| schema["oneOf"].as_array());
    let choices = choices.into_iter().flatten().filter_map(|choice| referred(choice.as_object()?));
    let choices: Vec<String> = choices.collect();
    if choices.is_empty() { vec![name.to_owned()] } else { choices }
}

/// Adds the field to a schema, or to the part of its own where it is put together from others.
fn add_sub_user(schema: &mut Value) {
    let parts = schema.get_mut("allOf").and_then(Value::as_array_mut);
    match parts.and_then(|parts| parts.iter_mut().find(|part| part["properties"].is_object())) {
        Some(own) => own["properties"][SUB_USER] = sub_user(),
        None => schema["properties"][SUB_USER] = sub_user(),
    }
}

fn sub_user() -> Value {
    json!({ "type": ["string", "null"], "format": "uuid", "description": "The sub-user (子账户) to act for." })
}

/// Types are named for who reads the code; clients get plainer names.
pub(super) fn rename(document: &mut Value) {
    let schemas = std::mem::take(object_at(document, &["components", "schemas"]));
    let renamed: BTreeMap<String, Value> =
        schemas.into_iter().map(|(name, schema)| (public_name(&name), schema)).collect();
    object_at(document, &["components", "schemas"]).extend(renamed);
    visit_objects(document, &mut |object| {
        let Some(Value::String(reference)) = object.get_mut("$ref") else { return };
        if let Some(name) = reference.strip_prefix(PLACE) {
            *reference = format!("{PLACE}{}", public_name(name));
        }
    });
}

pub(super) fn public_name(name: &str) -> String {
    EnvelopePayload::of(name).map_or_else(|| plain(name).to_owned(), |payload| payload.name())
}

fn plain(name: &str) -> &str {
    name.strip_suffix("View").or_else(|| name.strip_suffix("Schema")).unwrap_or(name)
}

/// What may be `null` in an answer is written as `null` and not left out, so it is required there. (In a request,
/// what may be `null` may be left out.)
pub(super) fn require_what_is_always_written(document: &mut Value) {
    let asked = asked(document);
    for (name, schema) in object_at(document, &["components", "schemas"]) {
        if !asked.contains(name) {
            visit_objects(schema, &mut require_nullable);
        }
    }
}

fn require_nullable(schema: &mut Map<String, Value>) {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return };
    let present: BTreeSet<&str> = schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let required: Vec<Value> = properties
        .iter()
        .filter(|(name, property)| present.contains(name.as_str()) || may_be_null(property))
        .map(|(name, _)| name.clone().into())
        .collect();
    if !required.is_empty() {
        schema.insert("required".to_owned(), required.into());
    }
}

/// A whole number that is read has the bounds of its type where it has none of its own.
pub(super) fn bound_whole_numbers(document: &mut Value) {
    let asked = asked(document);
    for (name, schema) in object_at(document, &["components", "schemas"]) {
        if asked.contains(name) {
            visit_objects(schema, &mut bound);
        }
    }
    operations::visit(document, |_, operation| {
        operation
            .get_mut("parameters")
            .into_iter()
            .for_each(|parameters| visit_objects(parameters, &mut bound));
    });
}

fn bound(schema: &mut Map<String, Value>) {
    if schema.get("format").is_some_and(|format| format == "int64") {
        schema.entry("minimum").or_insert(i64::MIN.into());
        schema.entry("maximum").or_insert(i64::MAX.into());
    }
}

/// An id is as long as a UUID is when it is written out, and so never empty: to many who read schemas a format is but a remark.
pub(super) fn measure_ids(document: &mut Value) {
    visit_objects(document, &mut |schema| {
        if schema.get("format").is_some_and(|format| format == "uuid") {
            schema.insert("minLength".to_owned(), 36.into());
            schema.insert("maxLength".to_owned(), 36.into());
        }
    });
}

fn may_be_null(schema: &Value) -> bool {
    let types = schema["type"].as_array();
    let choices = ["oneOf", "anyOf"].iter().filter_map(|key| schema[*key].as_array());
    types.is_some_and(|types| types.iter().any(|kind| kind == "null"))
        || choices.flatten().any(|choice| choice["type"] == "null")
}

/// The names of the schemas that requests are read by.
fn asked(document: &mut Value) -> BTreeSet<String> {
    let schemas = document["components"]["schemas"].clone();
    let mut found = BTreeSet::new();
    let mut waiting = Vec::new();
    operations::visit(document, |_, operation| {
        let mut body = operation["requestBody"].clone();
        visit_objects(&mut body, &mut |object| waiting.extend(referred(object)));
    });
    while let Some(name) = waiting.pop() {
        let mut schema = schemas[&name].clone();
        if found.insert(name) {
            visit_objects(&mut schema, &mut |object| waiting.extend(referred(object)));
        }
    }
    found
}

fn referred(object: &Map<String, Value>) -> Option<String> {
    object.get("$ref")?.as_str()?.strip_prefix(PLACE).map(str::to_owned)
}
