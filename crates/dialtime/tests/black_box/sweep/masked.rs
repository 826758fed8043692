//! Tokens that see telephone numbers masked, at every operation that takes numbers: they would find out which are there.

use rstest::rstest;
use serde_json::{Value, json};

use super::{NUMBERS, as_sent, empty, rows};
use crate::support::{Database, World};

/// The parameters of the query that numbers are looked for with.
const PARAMETERS: [&str; 2] = ["keyword", "phone"];

/// How an operation takes numbers.
enum Takes {
    Path,
    Query(&'static str),
    Body,
}

impl Takes {
    fn of(document: &Value, method: &str, path: &str) -> Option<Self> {
        let operation = &document["paths"][path][method];
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        let has = |name: &str| parameters.iter().any(|parameter| parameter["name"] == name);
        let body = &operation["requestBody"];
        if path.contains("{phone}") {
            Some(Self::Path)
        } else if let Some(name) = PARAMETERS.into_iter().find(|name| has(name)) {
            Some(Self::Query(name))
        } else if body["content"]["text/csv"].is_object() || has_number(document, body) {
            Some(Self::Body)
        } else {
            None
        }
    }
}

/// Whether anything in a schema is a telephone number, by its name.
fn has_number(document: &Value, schema: &Value) -> bool {
    match schema {
        Value::Object(members) => members.iter().any(|(name, value)| match (name.as_str(), value.as_str()) {
            ("phone" | "phones", _) => true,
            ("$ref", Some(place)) => {
                document.pointer(&place[1..]).is_some_and(|value| has_number(document, value))
            }
            _ => has_number(document, value),
        }),
        Value::Array(items) => items.iter().any(|item| has_number(document, item)),
        _ => false,
    }
}

/// A good body of an operation, which names numbers.
fn body(method: &str, path: &str) -> Option<Value> {
    if path.ends_with("/number-batch-reset") {
        return Some(json!({"phones": ["13800138000"]}));
    }
    rows(0).into_iter().find(|row| (row.0, row.1) == (method, path)).and_then(|row| row.2)
}

#[rstest]
fn who_sees_numbers_masked_names_none(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let task = world.task(world.group("group"));
    let masked = world.token(&["--numbers", "masked"]);
    let document = world.client.get("/openapi.json").body;
    let mut refused = 0;
    for (path, operations) in document["paths"].as_object().unwrap() {
        for method in operations.as_object().unwrap().keys() {
            let Some(takes) = Takes::of(&document, method, path) else { continue };
            let mut address = path.replace("{user_id}", &world.user).replace("{task_id}", &task);
            address = address.replace("{phone}", "13800138000");
            let mut sent = None;
            match takes {
                Takes::Path => {}
                Takes::Query(name) => address = format!("{address}?{name}=1380"),
                Takes::Body => sent = Some(body(method, path).expect("a body for the operation")),
            }
            let (kind, sent) = as_sent(sent.as_ref());
            let header = [("Content-Type", kind)];
            let answer =
                masked.send(&method.to_uppercase(), &address, &header, sent.as_deref().or(empty(method)));
            assert_eq!((answer.status, answer.code()), (403, 403), "{method} {path}: {}", answer.text);
            refused += 1;
        }
    }
    assert!(refused >= 19, "{refused}");
}

#[rstest]
fn a_dry_run_tells_who_sees_numbers_masked_nothing(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let task = world.task(world.group("group"));
    let path = world.path(&format!("/task/{task}/number-import"));
    let masked = world.token(&["--numbers", "masked"]);
    let trial = masked.upload("POST", &format!("{path}?dry_run=true"), &[], NUMBERS.as_bytes());
    assert_eq!(
        trial.body["message"],
        "该访问令牌不能查看完整的电话号码：不能按电话号码查找，不能提交电话号码，也不能读取含有完整号码的内容"
    );
    assert_eq!(world.client.get(&path).body["meta"]["total"], 0);
    let english = masked.send("GET", &world.path("/record?keyword=1"), &[("Accept-Language", "en")], None);
    assert_eq!(
        english.body["message"],
        "The token does not see telephone numbers: it can neither look for them, nor send any, nor read what shows them whole"
    );
}
