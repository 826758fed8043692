//! Cases from public reports of other programs, each in a folder of its own (`tests/cases`): where it is from, what is right, and the steps
//! that show it.

use std::path::{Path, PathBuf};

use rstest::rstest;
use serde_json::{Value, json};
use test_support::ended;

use crate::support::{Database, World, program, run};

/// A case while its steps run.
struct Case {
    folder: PathBuf,
    world: World,
    /// What earlier steps have saved, by their names.
    saved: Vec<(String, Value)>,
}

impl Case {
    fn step(&mut self, step: &Value) -> Value {
        match step["run"].as_str().unwrap() {
            "check" => self.check(step),
            "import" => self.import(step),
            "show" => self.show(step),
            "api" => self.api(step),
            // The server runs from the start.
            "serve" | "demo" => Value::Null,
            other => panic!("no such step: {other}"),
        }
    }

    fn check(&self, step: &Value) -> Value {
        let group = self.folder.join(step["group"].as_str().unwrap());
        let arguments =
            ["check", "--group", group.to_str().unwrap(), "--at", step["at"].as_str().unwrap(), "--json"];
        serde_json::from_str(&ended(&mut program("", &arguments), "").output).unwrap_or_default()
    }

    fn import(&self, step: &Value) -> Value {
        let file = self.folder.join(step["file"].as_str().unwrap());
        let more = step["args"].as_array().into_iter().flatten().map(|argument| argument.as_str().unwrap());
        let arguments: Vec<&str> =
            ["holidays", "import", file.to_str().unwrap()].into_iter().chain(more).collect();
        let ended = run(&self.world.database.url, &arguments);
        json!({"exit": ended.code, "out": ended.said()})
    }

    /// What each date that is expected is, and how many days there are.
    fn show(&self, step: &Value) -> Value {
        let year = step["year"].to_string();
        let arguments = ["holidays", "show", step["calendar"].as_str().unwrap(), &year];
        let said = run(&self.world.database.url, &arguments).output;
        let kind = |line: &str| {
            let (date, rest) = line.split_at_checked(10)?;
            let kinds = [("day off", "holiday"), ("make-up workday", "makeup_workday")];
            let (_, kind) = kinds
                .into_iter()
                .find(|(words, _)| rest.get(13..).is_some_and(|rest| rest.starts_with(words)))?;
            Some((date.to_owned(), json!(kind)))
        };
        let mut days: serde_json::Map<String, Value> = said.lines().filter_map(kind).collect();
        days.insert("count".to_owned(), json!(days.len()));
        Value::Object(days)
    }

    fn api(&mut self, step: &Value) -> Value {
        let (method, path) = (step["method"].as_str().unwrap(), self.filled(step["path"].as_str().unwrap()));
        let reply = match &step["body"] {
            Value::Null => self.world.client.send(method, &path, &[], None),
            body => self.world.client.json(method, &path, &[], &self.with_saved(body)),
        };
        let json: Value = serde_json::from_str(&reply.text).unwrap_or_default();
        for (name, place) in step["save"].as_object().into_iter().flatten() {
            let place = format!("/{}", place.as_str().unwrap().replace('.', "/"));
            self.saved.push((name.clone(), json.pointer(&place).cloned().unwrap()));
        }
        json!({"status": reply.status, "json": json})
    }

    /// The same with what was saved in place of the members that are its name in braces.
    fn with_saved(&self, body: &Value) -> Value {
        let mut body = body.clone();
        for member in body.as_object_mut().into_iter().flat_map(|members| members.values_mut()) {
            let saved = self.saved.iter().find(|(name, _)| member.as_str() == Some(&format!("{{{name}}}")));
            if let Some((_, value)) = saved {
                *member = value.clone();
            }
        }
        body
    }

    fn filled(&self, text: &str) -> String {
        let user = text.replace("{user}", &self.world.user);
        self.saved
            .iter()
            .fold(user, |text, (name, value)| text.replace(&format!("{{{name}}}"), &value.to_string()))
    }
}

/// Where what is expected is no part of what was found.
fn differences(expected: &Value, found: &Value, place: &str) -> Vec<String> {
    let fault = || vec![format!("{place}: {found}, right {expected}")];
    match expected {
        Value::Object(members) if members.contains_key("$re") => {
            let pattern = members["$re"].as_str().unwrap();
            let is_found = |text: &str| pattern == ".+" || pattern.split('|').any(|one| text.contains(one));
            if found.as_str().is_some_and(is_found) { vec![] } else { fault() }
        }
        Value::Object(members) if members.contains_key("$len") => {
            let length = found.as_array().map(Vec::len);
            if length.map(|length| json!(length)).as_ref() == Some(&members["$len"]) {
                vec![]
            } else {
                fault()
            }
        }
        Value::Object(members) => {
            let all = members.iter();
            all.flat_map(|(name, value)| {
                differences(value, &found[name.as_str()], &format!("{place}.{name}"))
            })
            .collect()
        }
        Value::Array(items) => match found.as_array() {
            Some(others) if others.len() == items.len() => {
                let both = items.iter().zip(others).enumerate();
                both.flat_map(|(at, (one, other))| differences(one, other, &format!("{place}[{at}]")))
                    .collect()
            }
            _ => fault(),
        },
        value if value == found => vec![],
        _ => fault(),
    }
}

#[rstest]
fn every_case_gives_its_right_value(#[files("tests/cases/*/case.json")] path: PathBuf) {
    let text = std::fs::read_to_string(&path).unwrap();
    let case: Value = serde_json::from_str(&text).unwrap();
    let folder = path.parent().map(Path::to_owned).unwrap();
    let mut running = Case { folder, world: World::new(Database::Sqlite), saved: vec![] };
    for (number, step) in case["steps"].as_array().unwrap().iter().enumerate() {
        let found = running.step(step);
        let differences = differences(&step["expect"], &found, &format!("step {number}"));
        assert!(
            step["expect"].is_null() || differences.is_empty(),
            "{}: {differences:#?}\n{found}",
            case["right"]
        );
    }
}
