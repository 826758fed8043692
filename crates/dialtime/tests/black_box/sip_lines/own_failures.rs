//! A SIP port of our own that does not work: nothing is called over it meanwhile, no number pays for that, and progress tells it.

use rstest::rstest;
use serde_json::{Value, json};
use test_support::port_of_our_own;

use super::{Callee, line};
use crate::{
    dialing::{progress, start, task},
    support::{Database, ProgramWorld, until},
};

#[rstest]
fn a_port_that_somebody_else_has_costs_no_number_a_try(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let callee = Callee::start(&["-sf", "busy.xml"]);
    let taken = port_of_our_own();
    let address = taken.local_addr().unwrap().to_string();
    let world = ProgramWorld::with(database, &["--sip-listen", &address]);
    let (line, group) = (line(&world, callee.port), world.open_group());
    let waiting = task(&world, &line, group, 1);
    start(&world, &waiting);
    let reason = |task: &str| progress(&world, task)["reason"].clone();
    let of_line = |task: &str| progress(&world, task)["lines"][0].clone();
    until("it is told", || of_line(&waiting)["reason"] == "sip_failed");
    let message = of_line(&waiting)["message"].as_str().unwrap().to_owned();
    assert!(message.starts_with("服务器自身的SIP端口不可用") && message.contains(&address), "{message}");
    let path = |task: &str| world.path(&format!("/task/{task}/record?all=1"));
    let first = |task: &str| world.client.get(&path(task)).data()[0].clone();
    until("what did not leave is recorded", || first(&waiting).is_object());
    let record = first(&waiting);
    let found = (&record["class"], &record["status"], &record["end_reason"], &record["ended_by"]);
    assert_eq!(
        found,
        (&json!("not_sent"), &Value::Null, &json!("own_failure"), &json!("dialtime")),
        "{record}"
    );
    assert_eq!(progress(&world, &waiting)["numbers"]["by_status"][0]["status"], 0);
    // What comes meanwhile does not even begin.
    let later = json!({"data": [{"phone": "13900000001"}]});
    world.client.post(&world.path(&format!("/task/{waiting}/number")), &later).data();
    until("it waits for the port", || reason(&waiting)["code"] == "sip_failed");
    assert_eq!(world.client.get(&path(&waiting)).data().as_array().unwrap().len(), 1);
    drop(taken);
    until("it is called", || first(&waiting)["class"] == "busy");
    assert_ne!(reason(&waiting)["code"], "sip_failed");
}
