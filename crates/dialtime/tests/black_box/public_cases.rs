//! Cases from public reports of other programs, each in a folder of its own (`tests/cases`): where it is from, what is right, and the steps
//! that show it.
//!
//! Of 64 only what holds for all numbers alike is said, a window in two zones at once: the zone of each number that is called waits.

use std::{
    cell::OnceCell,
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use rstest::rstest;
use serde_json::{Value, json};
use test_support::{Manner, Received, Receiver, ended};

use crate::support::{Database, Reply, World, program, run, until};

/// A case while its steps run.
struct Case {
    folder: PathBuf,
    /// Made when a step first needs it; most ask the program alone.
    world: OnceCell<World>,
    /// Where webhooks are sent to.
    receiver: Option<Receiver>,
    /// What earlier steps have saved, by their names.
    saved: BTreeMap<String, Value>,
}

impl Case {
    fn new(folder: PathBuf) -> Self {
        Self { folder, world: OnceCell::new(), receiver: None, saved: BTreeMap::new() }
    }

    /// Does a step; gives how what it found differs from what is expected, and what it found.
    fn step(&mut self, step: &Value) -> (Vec<String>, Value) {
        let step = &self.filled(step);
        let mut found = Value::Null;
        let mut differs = vec![];
        let mut holds = || {
            found = self.run(step);
            let name = step["run"].as_str().unwrap();
            differs = step.get("expect").map_or(vec![], |expected| differences(expected, &found, name));
            differs.is_empty()
        };
        if step["until"] == true {
            until("what is expected comes", holds);
        } else {
            holds();
        }
        for (name, place) in step["save"].as_object().into_iter().flatten() {
            let place = format!("/json/{}", place.as_str().unwrap().replace('.', "/"));
            self.saved.insert(name.clone(), found.pointer(&place).cloned().expect(&place));
        }
        (differs, found)
    }

    fn run(&mut self, step: &Value) -> Value {
        match step["run"].as_str().unwrap() {
            "check" => self.check(step),
            "import" => self.import(step),
            "show" => self.show(step),
            "api" => self.api(step),
            "serve" => self.serve(step),
            "clock" => {
                self.world().server.set_clock(step["at"].as_str().unwrap());
                Value::Null
            }
            "receiver" => self.receive(step),
            "received" => self.received(step),
            other => panic!("no such step: {other}"),
        }
    }

    fn world(&self) -> &World {
        self.world.get_or_init(|| World::new(Database::Sqlite))
    }

    /// A server whose clock goes on from an instant, with options, if one is named.
    fn serve(&mut self, step: &Value) -> Value {
        if let Some(now) = step["at"].as_str() {
            let world = World::at_with(Database::Sqlite, &texts(&step["args"]), now);
            assert!(self.world.set(world).is_ok(), "the server runs already");
        }
        let user = json!(self.world().user);
        self.saved.insert("user".to_owned(), user);
        Value::Null
    }

    fn check(&self, step: &Value) -> Value {
        let group = self.folder.join(step["group"].as_str().unwrap());
        let arguments =
            ["check", "--group", group.to_str().unwrap(), "--at", step["at"].as_str().unwrap(), "--json"];
        let ended = ended(&mut program("", &arguments), "");
        // It fails too when calls are not allowed, but says why in JSON.
        serde_json::from_str(&ended.output).unwrap_or_else(|_| json!({"refused": ended.error}))
    }

    fn import(&self, step: &Value) -> Value {
        let file = self.folder.join(step["file"].as_str().unwrap());
        let arguments = [&["holidays", "import", file.to_str().unwrap()][..], &texts(&step["args"])].concat();
        let ended = run(&self.world().database.url, &arguments);
        json!({"exit": ended.code, "out": ended.said()})
    }

    /// What each date that is expected is, and how many days there are.
    fn show(&self, step: &Value) -> Value {
        let year = step["year"].to_string();
        let arguments = ["holidays", "show", step["calendar"].as_str().unwrap(), &year];
        let said = run(&self.world().database.url, &arguments).output;
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

    fn api(&self, step: &Value) -> Value {
        let client = &self.world().client;
        let (method, path) = (step["method"].as_str().unwrap(), step["path"].as_str().unwrap());
        let Reply { status, text, .. } = match (&step["file"], &step["body"]) {
            (Value::String(name), _) => {
                let file = std::fs::read(self.folder.join(name)).unwrap();
                client.upload(method, path, &[], &file)
            }
            (_, Value::Null) => client.send(method, path, &[], None),
            (_, body) => client.json(method, path, &[], body),
        };
        json!({"status": status, "json": serde_json::from_str::<Value>(&text).unwrap_or_default()})
    }

    /// A receiver of webhooks, which refuses the first so many requests.
    fn receive(&mut self, step: &Value) -> Value {
        let refuses = usize::try_from(step["refuses"].as_u64().unwrap_or(0)).unwrap();
        let receiver = self.receiver.insert(Receiver::start(Manner::Answer(500), refuses));
        self.saved.insert("receiver".to_owned(), json!(receiver.url));
        Value::Null
    }

    /// What has come to the receiver, and which of its signatures are good for a secret.
    fn received(&self, step: &Value) -> Value {
        let count = usize::try_from(step["count"].as_u64().unwrap()).unwrap();
        let one = |one: &Received| {
            json!({
                "id": one.id, "type": one.body["type"], "timestamp": one.timestamp, "taken": one.is_taken,
                "signed": one.signed_by(step["signed_by"].as_str().unwrap()),
            })
        };
        let came = self.receiver.as_ref().unwrap().wait_for_answered(count);
        json!({"json": came.iter().map(one).collect::<Vec<_>>()})
    }

    /// A step with what was saved in the place of its names; a text that is nothing but a name becomes what was saved.
    fn filled(&self, value: &Value) -> Value {
        let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        match value {
            Value::String(text) => {
                let whole = text.strip_prefix('{').and_then(|rest| self.saved.get(rest.strip_suffix('}')?));
                whole.cloned().unwrap_or_else(|| {
                    let saved = self.saved.iter();
                    json!(saved.fold(text.clone(), |text, (name, value)| {
                        text.replace(&format!("{{{name}}}"), &plain(value))
                    }))
                })
            }
            Value::Array(items) => items.iter().map(|item| self.filled(item)).collect(),
            Value::Object(members) => {
                members.iter().map(|(name, value)| (name.clone(), self.filled(value))).collect()
            }
            other => other.clone(),
        }
    }
}

fn texts(list: &Value) -> Vec<&str> {
    list.as_array().into_iter().flatten().map(|text| text.as_str().unwrap()).collect()
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
        Value::Object(members) if members.contains_key("$not") => {
            if *found == members["$not"] {
                fault()
            } else {
                vec![]
            }
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
    assert!(case["expressible"] == true, "a case that cannot be said is left out");
    let mut running = Case::new(folder);
    for (number, step) in case["steps"].as_array().unwrap().iter().enumerate() {
        let (differences, found) = running.step(step);
        assert!(differences.is_empty(), "step {number}, {}: {differences:#?}\n{found}", case["right"]);
    }
}
