//! Machines that answer on a simulated line: what scripts do on them is seen without a phone.

use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    prompts::wav_of,
    support::{Database, World, until},
};

/// A task with two numbers, the first of which a machine answers, and the second a person who talks for two seconds. On the machine a message
/// is left.
fn list(world: &World) -> String {
    let (short, long) = (json!({"from": 1, "to": 1}), json!({"from": 60, "to": 60}));
    let machine = json!({"pattern": "*1", "outcome": "answered", "ring": short, "talk": long, "answered_by": "machine"});
    let person = json!({"outcome": "answered", "ring": short, "talk": {"from": 2, "to": 2}});
    let line = json!({
        "name": "line", "kind": "simulated", "channels": 5, "cps": 5,
        "simulation": {"rules": [machine], "outcomes": [person]},
    });
    let line = world.client.post("/agent-api/line", &line).data().clone();
    let shown = &line["simulation"];
    assert_eq!(shown["rules"][0]["answered_by"], "machine");
    assert_eq!(shown["outcomes"][0]["answered_by"], "human", "who answers is a person where nobody says");
    let line = line["id"].as_str().unwrap();
    world.client.post(&world.new_path(&format!("/line/{line}")), &json!({"line_concurrency": 5})).data();
    let wav = wav_of(8_000, &[0x2000; 8_000]);
    let prompt = world.path("/prompt?name=message");
    let prompt =
        world.client.upload("POST", &prompt, &[("Content-Type", "audio/wav")], &wav).data()["id"].clone();
    let on_machine = json!({"action": "leave_message", "prompt": prompt});
    let script = json!({"name": "script", "steps": [{"action": "hang_up"}], "on_machine": on_machine});
    let script = world.client.post(&world.path("/script"), &script).data()["id"].clone();
    let task = json!({
        "name": "list", "dial_time_id": world.open_group(), "destination_extension": script, "maximumcall": 2,
        "caller_line_id": line,
    });
    let task = world.client.post(&world.path("/task"), &task).data()["uuid"].as_str().unwrap().to_owned();
    let phones = json!({"data": [{"phone": "13800000001"}, {"phone": "13800000002"}]});
    world.client.post(&world.path(&format!("/task/{task}/number")), &phones).data();
    world.client.put(&world.path(&format!("/task_start/{task}")), &json!({})).data();
    task
}

#[rstest]
fn a_message_is_left_on_a_machine_after_its_beep(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    world.client.put(&world.path("/call-events"), &json!({"call_events": ["call.judged"]})).data();
    let task = list(&world);
    let live = || world.client.get(&world.path("/call")).data().as_array().unwrap().clone();
    let leaves = |call: &Value| call["step"]["action"] == "leave_message";
    until("a message is being left", || live().iter().any(leaves));
    let call = live().into_iter().find(leaves);
    assert!(call.is_none_or(|call| call["answerer"]["answered_by"] == "machine" && call["phone"] == "13800000001"));

    let records =
        || world.client.get(&world.path(&format!("/task/{task}/record"))).data().as_array().unwrap().clone();
    until("both have ended", || records().len() == 2);
    let of = |phone: &str| records().into_iter().find(|record| record["phone"] == phone).unwrap();
    let (machine, person) = (of("13800000001"), of("13800000002"));
    let heard =
        json!({"answered_by": "machine", "reason": "long_greeting", "after": 1_504, "beep_after": 4_000});
    assert_eq!((&machine["answerer"], &machine["simulated"]), (&heard, &json!(true)));
    assert_eq!(
        (&machine["ended_by"], &machine["end_reason"], &machine["class"]),
        (&json!("script"), &json!("answering_machine"), &json!("answered"))
    );
    let [step] = &machine["steps"].as_array().unwrap()[..] else { panic!("{machine}") };
    assert_eq!((&step["action"], &step["step"]), (&json!("leave_message"), &Value::Null));
    assert_eq!((&person["answerer"]["answered_by"], &person["end_reason"]), (&json!("human"), &Value::Null));
    assert_eq!((&person["ended_by"], &person["steps"]), (&json!("callee"), &json!([])));

    // Each verdict was told once, before the end, and the beep after it is no other.
    let events = world.client.get(&world.path("/events?limit=1000")).data()["events"].clone();
    let told = |record: &Value| {
        let of = |event: &&Value| event["detail"]["record_id"] == record["record_id"];
        let kinds = events.as_array().unwrap().iter().filter(of);
        kinds.map(|event| (event["type"].clone(), event["detail"]["answered_by"].clone())).collect::<Vec<_>>()
    };
    for (record, by) in [(&machine, json!("machine")), (&person, json!("human"))] {
        assert_eq!(told(record), [(json!("call.judged"), by.clone()), (json!("call.ended"), by)]);
    }
}

#[rstest]
fn who_answers_a_simulated_line_is_one_of_three(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let line = |by: Value| {
        let outcomes = json!([{"outcome": "answered", "answered_by": by}]);
        let line = json!({
            "name": "line", "kind": "simulated", "channels": 5, "cps": 5, "simulation": {"outcomes": outcomes},
        });
        world.client.post("/agent-api/line", &line)
    };
    for by in ["human", "machine", "unsure"] {
        assert_eq!(line(json!(by)).data()["simulation"]["outcomes"][0]["answered_by"], by);
    }
    for bad in [json!("robot"), json!(1)] {
        assert_eq!(line(bad.clone()).faults()[0].0, "simulation.outcomes[0].answered_by", "{bad}");
    }
}
