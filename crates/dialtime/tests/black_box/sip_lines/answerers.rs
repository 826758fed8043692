//! Who answered is told while the call goes on: to the account, to the bot, and to whoever looks at live calls.

use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};

use super::{
    OPTIONS,
    bots::{TestBot, echo, mu_law_line, twilio, wait},
};
use crate::{
    dialing::{progress, start, task_with_script},
    support::{Database, ProgramWorld, until},
};

/// A phone that says back what it hears is silent as long as nobody speaks: that is a machine by the classic timings, before the bot is heard.
#[rstest]
fn who_answered_is_told_while_the_call_goes_on(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let phone = echo();
    let (bot, told) = TestBot::start(wait);
    let world = ProgramWorld::with(database, &OPTIONS);
    world.client.put(&world.path("/call-events"), &json!({"call_events": ["call.judged"]})).data();
    let steps = json!([{"action": "bot", "label": "talk", "bots": [{"url": bot.url}]}]);
    let script = json!({"name": "who is it", "steps": steps, "on_machine": {"action": "note"}});
    let script = world.client.post(&world.path("/script"), &script).data()["id"].as_i64().unwrap();
    let task = task_with_script(&world, &mu_law_line(&world, phone.port), script, 1);
    start(&world, &task);
    let next = || told.recv_timeout(Duration::from_secs(10)).unwrap();
    let begun = next()["start"].clone();
    let heard = next();
    assert_eq!(heard["event"], "answerer", "{heard}");
    let answerer = &heard["answerer"];
    assert_eq!(
        (&answerer["answeredBy"], &answerer["reason"]),
        (&json!("machine"), &json!("initial_silence"))
    );

    let live = || world.client.get(&world.path("/call")).data()[0].clone();
    until("it is written down", || live()["answerer"].is_object());
    let expected = json!({
        "answered_by": "machine", "reason": "initial_silence", "after": answerer["after"], "beep_after": null,
    });
    let (found, step) = (live(), live()["step"].clone());
    assert_eq!((&found["answerer"], &found["early_answerer"]), (&expected, &Value::Null));
    assert_eq!((&step["step"], &step["label"], &step["action"]), (&json!(1), &json!("talk"), &json!("bot")));
    assert!(step["at"].is_string(), "{step}");
    let events = world.client.get(&world.path("/events?limit=1000")).data()["events"].clone();
    let judged: Vec<&Value> =
        events.as_array().unwrap().iter().filter(|event| event["type"] == "call.judged").collect();
    let [judged] = judged[..] else { panic!("{judged:?}") };
    let detail = &judged["detail"];
    assert_eq!((&detail["answered_by"], &detail["answerer"]), (&json!("machine"), &expected));
    assert_eq!((&detail["ended_at"], &judged["task_id"]), (&Value::Null, &json!(task)));
    assert!(judged["due_at"].as_str() > detail["answered_at"].as_str(), "{judged}");

    let parameter = |name: &str| begun["customParameters"][name].as_str().unwrap().to_owned();
    let (account, call) = (begun["accountSid"].as_str().unwrap(), begun["callSid"].as_str().unwrap());
    let url = format!("{}/2010-04-01/Accounts/{account}/Calls/{call}.json", parameter("base_url"));
    let own = (account, &*parameter("auth_token"));
    assert_eq!(twilio(&url, own, None).1["answered_by"], "machine_start");
    assert_eq!(twilio(&url, own, Some("Status=completed")).0, 200);
    until("the call is over", || progress(&world, &task)["reason"]["code"] == "finished");
    let record = world.client.get(&world.path(&format!("/task/{task}/record"))).data()[0].clone();
    assert_eq!((&record["answerer"], &record["steps"]), (&expected, &json!([step])));
}
