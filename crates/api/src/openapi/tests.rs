//! What must be true of every operation and every schema, so that a new one cannot fall short.

use std::collections::{BTreeMap, BTreeSet};

use domain::{EventCause, EventKind, TaskState};
use serde_json::{Value, json};

use super::{document, operations, visit_objects};
use crate::{
    http::{
        permissions::Permission,
        query_names::{self, KnownNames},
    },
    resources,
};

/// Everything that stands in an object at or within `value`.
fn objects(value: &Value) -> Vec<Value> {
    let mut found = Vec::new();
    visit_objects(&mut value.clone(), &mut |object| found.push(Value::Object(object.clone())));
    found
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn elements(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// What a reference stands for.
fn resolved<'d>(document: &'d Value, value: &'d Value) -> &'d Value {
    match value["$ref"].as_str() {
        Some(reference) => {
            document.pointer(&reference[1..]).unwrap_or_else(|| panic!("{reference} is not there"))
        }
        None => value,
    }
}

/// Every operation with its address, those of `webhooks` too.
fn written(document: &Value) -> Vec<(String, Value)> {
    let of = |key: &str| {
        let items = entries(&document[key]);
        let named = |(path, item): (&String, &Value)| {
            let name = |method: &String| format!("{method} {path}");
            entries(item).map(|(method, operation)| (name(method), operation.clone())).collect::<Vec<_>>()
        };
        items.flat_map(named).collect::<Vec<_>>()
    };
    [of("paths"), of("webhooks")].concat()
}

#[test]
fn queries_know_the_names_that_the_document_says_and_the_platforms_operations_are_there() {
    let document = document();
    let names = KnownNames::of(&resources::routes());
    let mut all = BTreeSet::new();
    for (path, item) in entries(&document["paths"]) {
        for (method, operation) in entries(item) {
            let written = elements(&operation["parameters"]).filter(|one| one["in"] == "query");
            let written: Vec<&str> = written.filter_map(|one| one["name"].as_str()).collect();
            let method = method.to_uppercase();
            let known: Vec<&str> =
                names.of_operation(&method, path).unwrap().iter().map(String::as_str).collect();
            assert_eq!(known, written, "{method} {path}");
            all.insert((method, path.clone()));
        }
    }
    for (method, path) in query_names::OF_PLATFORM {
        assert!(all.contains(&((*method).to_owned(), (*path).to_owned())), "{method} {path}");
    }
}

#[test]
fn every_operation_has_a_name_of_its_own_words_for_people_and_known_tags() {
    let document = document();
    let tags: Vec<&Value> = elements(&document["tags"]).map(|tag| &tag["name"]).collect();
    let mut ids = BTreeSet::new();
    for (name, operation) in written(&document) {
        assert!(ids.insert(operation["operationId"].to_string()), "{name}: its operation id is another's");
        assert!(operation["summary"].is_string(), "{name}: no summary");
        assert!(operation["description"].is_string(), "{name}: no description");
        assert!(
            elements(&operation["tags"]).all(|tag| tags.contains(&tag)),
            "{name}: its tag is not described"
        );
        for parameter in elements(&operation["parameters"]) {
            assert!(parameter["description"].is_string(), "{name}: {} is not described", parameter["name"]);
        }
    }
}

#[test]
fn every_answer_is_described_and_every_refusal_shows_the_body_it_is_told_with() {
    let document = document();
    for (name, operation) in written(&document) {
        for (status, answer) in entries(&operation["responses"]) {
            let answer = resolved(&document, answer);
            let description = answer["description"].as_str().unwrap_or_default();
            assert!(!description.is_empty(), "{name} {status}: not described");
            let Ok(number) = status.parse::<u64>() else { continue };
            let examples: Vec<&Value> = entries(&answer["content"]["application/json"]["examples"])
                .map(|(_, example)| example)
                .collect();
            assert!(number < 400 || !examples.is_empty(), "{name} {status}: no example");
            for example in examples {
                let body = &example["value"];
                assert_eq!(body["status"], "error", "{name} {status}");
                let is_in_use = body["code"].as_u64().is_some_and(|code| (8101..=8110).contains(&code));
                let is_business = is_in_use || body["code"] == 6007;
                assert!(body["code"] == number || (number == 409 && is_business), "{name} {status}: {body}");
            }
        }
    }
}

#[test]
fn an_operation_may_refuse_what_it_reads() {
    let mut document = document();
    operations::visit(&mut document, |operation, written| {
        let refuses = |status: &str| written["responses"].get(status).is_some();
        assert_eq!(refuses("401"), operation.asks_for_token, "{operation:?}");
        // Its key is looked for before anything else, so that guesses are bounded.
        let asks_for_key = operation.id == "download_callback_numbers";
        assert_eq!(refuses("429"), operation.asks_for_token || asks_for_key, "{operation:?}");
        assert_eq!(refuses("415"), operation.has_body, "{operation:?}");
        assert_eq!(refuses("412"), operation.takes("If-Match"), "{operation:?}");
        let names_without_path =
            ["stop_dialing", "resume_dialing", "remove_partner_ceiling", "plan_partner_closure"];
        let names_without_path = names_without_path.contains(&operation.id.as_str());
        let names_something = operation.path.contains('{') || names_without_path || asks_for_key;
        assert_eq!(refuses("404"), names_something, "{operation:?}");
        let deletes_what_may_be_in_use = [
            "delete_group",
            "replace_group",
            "delete_line",
            "delete_line_group",
            "delete_user",
            "delete_sub_user",
            "delete_redial_rule",
            "delete_script",
            "delete_prompt",
            "delete_account_calendar",
            "delete_partner_calendar",
            "delete_do_not_call",
        ];
        let writes_numbers = ["add_numbers", "add_numbers_async", "delete_numbers", "reset_numbers"];
        let in_use = deletes_what_may_be_in_use.contains(&operation.id.as_str());
        let in_use = in_use || writes_numbers.contains(&operation.id.as_str());
        let asks_a_call = ["transfer_call", "play_in_call", "send_digits_in_call", "go_to_step_in_call"];
        let may_be_too_early = asks_a_call.contains(&operation.id.as_str());
        assert_eq!(
            refuses("409"),
            in_use || may_be_too_early || operation.id == "resume_dialing",
            "{operation:?}"
        );
        assert_eq!(refuses("403"), operation.asks_for_token, "{operation:?}");
    });
}

#[test]
fn every_operation_that_asks_for_a_token_says_what_it_asks_of_it() {
    let document = document();
    for (path, item) in entries(&document["paths"]) {
        for (method, operation) in entries(item) {
            let is_open = elements(&operation["security"]).any(|way| *way == json!({}));
            let permission = Permission::of(&method.to_uppercase().parse().unwrap(), path);
            assert_eq!(permission.is_none(), is_open, "{method} {path}");
        }
    }
}

#[test]
fn every_answer_of_the_server_names_its_request() {
    let document = document();
    for (path, item) in entries(&document["paths"]) {
        for (method, operation) in entries(item) {
            for (status, answer) in entries(&operation["responses"]) {
                let headers = &resolved(&document, answer)["headers"];
                let header = resolved(&document, &headers["X-Request-Id"]);
                assert_eq!(header["schema"]["type"], "string", "{method} {path} {status}");
            }
        }
    }
}

#[test]
fn headers_are_strings() {
    for (name, operation) in written(&document()) {
        for parameter in elements(&operation["parameters"]).filter(|parameter| parameter["in"] == "header") {
            assert_eq!(parameter["schema"]["type"], "string", "{name}: {}", parameter["name"]);
        }
    }
}

#[test]
fn references_resolve_and_objects_with_fields_have_a_name() {
    let document = document();
    for object in objects(&document) {
        resolved(&document, &object);
    }
    let parts = |schema: &Value| {
        let keys = ["allOf", "oneOf", "anyOf"];
        keys.iter().flat_map(|key| elements(&schema[*key]).cloned().collect::<Vec<_>>()).collect::<Vec<_>>()
    };
    for (name, schema) in entries(&document["components"]["schemas"]) {
        assert!(
            name.chars().all(char::is_alphanumeric) && !name.ends_with("View"),
            "{name} is no name for the public"
        );
        let own = std::iter::once(schema.clone()).chain(parts(schema)).collect::<Vec<_>>();
        let fields = objects(schema)
            .into_iter()
            .filter(|object| object.get("properties").is_some_and(Value::is_object));
        for object in fields.filter(|object| object.get("type").is_some_and(Value::is_string)) {
            assert!(own.contains(&object), "{name} holds an object that has no name: {object}");
        }
    }
    for (name, operation) in written(&document) {
        for content in objects(&operation).iter().filter_map(|object| object.get("application/json")) {
            assert!(content["schema"].get("$ref").is_some(), "{name}: a body without a name");
        }
    }
}

#[test]
fn nothing_is_called_an_object_that_may_be_any_value() {
    let document = document();
    for (name, schema) in entries(&document["components"]["schemas"]) {
        for object in objects(schema).iter().filter(|object| object["type"] == "object") {
            let told = ["properties", "additionalProperties", "propertyNames"];
            let told = told.iter().any(|key| object.get(*key).is_some()) || object["description"].is_string();
            assert!(told, "{name}: an object of which nothing is said");
        }
    }
}

#[test]
fn closed_lists_are_those_that_are_read_and_written() {
    let schemas = &document()["components"]["schemas"];
    assert_eq!(schemas["EventType"]["enum"], json!(EventKind::CODES));
    assert_eq!(schemas["EventCause"]["enum"], json!(EventCause::CODES));
    assert_eq!(schemas["TaskStatus"]["enum"], json!(TaskState::ALL.map(TaskState::number)));
    assert_eq!(schemas["DeliveryState"]["enum"], json!(["pending", "delivered", "lost"]));
    for (name, schema) in entries(schemas) {
        for field in ["state", "cause", "type"].iter().filter_map(|field| schema["properties"].get(*field)) {
            let listed = field.to_string().contains("$ref");
            assert!(listed, "{name}: a closed list that is not told: {field}");
        }
    }
}

#[test]
fn what_may_be_null_in_an_answer_is_always_there() {
    let schemas = &document()["components"]["schemas"];
    let required = |name: &str| elements(&schemas[name]["required"]).cloned().collect::<Vec<_>>();
    assert!(required("Group").contains(&json!("remark")));
    assert!(!required("Group").contains(&json!("task_count")), "only of lists that ask for it");
    assert!(required("Decision").contains(&json!("next_change_at")));
}

#[test]
fn a_body_names_a_sub_user_only_where_one_can_be_acted_for() {
    let document = document();
    for (path, name) in [
        ("holiday-calendar/{calendar_id}/day/{date}", "SaveHoliday"),
        ("holiday-calendar/{calendar_id}/feed", "FollowAddress"),
    ] {
        let body = |path: String| {
            document["paths"][path]["put"]["requestBody"]["content"]["application/json"]["schema"]["$ref"]
                .clone()
        };
        let place = format!("#/components/schemas/{name}");
        assert_eq!(body(format!("/agent-api/{path}")), place);
        assert_eq!(body(format!("/agent-api/user/{{user_id}}/{path}")), format!("{place}ForAccount"));
        let schemas = &document["components"]["schemas"];
        assert_eq!(schemas[name]["properties"]["sub_user_id"], Value::Null, "{name}");
        let for_account = &schemas[format!("{name}ForAccount")]["allOf"];
        assert_eq!(for_account[0]["$ref"], place);
        assert_eq!(for_account[1]["properties"]["sub_user_id"]["minLength"], 36, "{name}");
    }
}

#[test]
fn what_is_read_has_the_bounds_and_formats_that_it_is_read_by() {
    let schemas = &document()["components"]["schemas"];
    let field = |schema: &str, field: &str| schemas[schema]["properties"][field].clone();
    assert_eq!(field("TaskBody", "maximumcall")["maximum"], 1_000_000);
    assert_eq!(field("TaskBody", "bridge_group_id")["maximum"], i64::MAX);
    assert_eq!(field("SaveGroup", "name")["$ref"], "#/components/schemas/Name");
    assert_eq!(field("SaveGroup", "sub_user_id")["minLength"], 36, "an empty id is refused");
    for text in ["Name", "Email", "ProfileText"] {
        let pattern = schemas[text]["pattern"].as_str().unwrap();
        assert!(pattern.contains(r"\u00ad-\u00ad") && pattern.contains(r"\u2060-\u206f"), "{pattern}");
    }
    assert_eq!(schemas["Name"]["maxLength"], domain::NAME_CHARACTERS);
    assert_eq!(field("Register", "password")["minLength"], 8);
    assert_eq!(field("CreateNewTask", "task_extras")["$ref"], "#/components/schemas/CreateNewTaskExtras");
    let required = |schema: &str| schemas[schema]["required"].clone();
    let always = ["name", "dial_time_id", "destination_extension", "maximumcall"];
    assert_eq!(required("ModifyNewTask"), json!(always));
    assert_eq!(required("TaskBody"), json!([always.as_slice(), &["caller_line_id"]].concat()));
    assert_eq!(required("CreateNewTask"), json!([always.as_slice(), &["task_extras"]].concat()));
    assert_eq!(required("CreateNewTaskExtras"), json!(["start_time", "stop_time"]));
    assert!(field("TaskBody", "task_extras").is_null(), "only 2.0 tasks have it");
    assert_eq!(field("TaskExtrasBody", "pop_mode").get("type"), None, "any value is taken");
}

#[test]
fn links_lead_to_operations_and_give_them_every_id() {
    let mut document = document();
    let all = operations::all(&mut document);
    let mut links = 0;
    operations::visit(&mut document, |operation, written| {
        for (_, link) in entries(&written["responses"]["200"]["links"]) {
            let target = all.iter().find(|other| link["operationId"] == other.id.as_str());
            let target = target.unwrap_or_else(|| panic!("{}: {link} leads nowhere", operation.id));
            let given: BTreeSet<&str> = entries(&link["parameters"]).map(|(name, _)| name.as_str()).collect();
            assert_eq!(given, target.path_parameters().collect(), "{}: {link}", operation.id);
            links += 1;
        }
    });
    assert!(links > 40, "{links}");
}

#[test]
fn all_that_webhooks_are_sent_is_told_with_its_headers() {
    let document = document();
    let webhooks: Vec<&String> = entries(&document["webhooks"]).map(|(name, _)| name).collect();
    assert_eq!(webhooks, ["event", "events", "task", "numbers"]);
    for (name, webhook) in entries(&document["webhooks"]) {
        let headers: Vec<&Value> =
            elements(&webhook["post"]["parameters"]).map(|header| &header["name"]).collect();
        assert_eq!(headers, ["webhook-id", "webhook-timestamp", "webhook-signature"], "{name}");
    }
}

/// The public names of the types that a source text declares a schema of.
fn declared_names(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let (mut derives, mut given) = (false, None);
    let mut of_macro = false;
    for line in text.lines().map(str::trim) {
        let word = |after: &str| {
            let rest = line.split_once(after)?.1;
            let is_part = |character: char| character.is_alphanumeric() || character == '_';
            Some(rest.split(|character| !is_part(character)).next().unwrap_or_default().to_owned())
        };
        derives |= line.starts_with("#[derive(") && line.contains("ToSchema");
        of_macro |= line == "schema_of!(";
        if line.starts_with("#[schema(as") {
            given = word("as = ");
        } else if of_macro
            && !line.starts_with("//")
            && let Some((_, rest)) = line.split_once('"')
        {
            names.extend(rest.split('"').next().map(str::to_owned));
            of_macro = false;
        } else if line.contains("enum ") && line.contains(" as ") {
            names.extend(word(" as "));
        } else if let Some(name) = word("struct ").or_else(|| word("enum ")).filter(|_| derives) {
            names.push(given.take().unwrap_or(name));
            derives = false;
        }
    }
    // Of a macro's own text.
    names.retain(|name| name.chars().all(char::is_alphanumeric) && !name.is_empty());
    names
}

#[test]
fn no_two_types_have_one_name_in_the_document() {
    let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut seen: BTreeMap<String, Vec<String>> = BTreeMap::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
                continue;
            }
            for name in declared_names(&std::fs::read_to_string(&entry).unwrap()) {
                let places = seen.entry(super::schemas::public_name(&name)).or_default();
                places.push(entry.display().to_string());
            }
        }
    }
    let shared: Vec<_> = seen.iter().filter(|(_, places)| places.len() > 1).collect();
    assert!(shared.is_empty(), "{shared:#?}");
    for known in ["Group", "OutcomeClass", "CarrierOutcome", "SaveLineGroup", "Envelope"] {
        assert!(seen.contains_key(known), "{known} is not found where it is declared");
    }
}
