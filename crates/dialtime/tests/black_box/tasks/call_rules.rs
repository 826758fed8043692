//! What a task says of each of its calls: sent, kept, answered and refused.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Database, World, task};

const FIELDS: [&str; 7] = [
    "_originate_timeout",
    "minimum_ring",
    "maximum_talk_seconds",
    "at_close",
    "after_unknown",
    "calls_per_second",
    "caller_ids",
];

fn rules_of(detail: &Value) -> Vec<&Value> {
    FIELDS.iter().map(|field| &detail[field]).collect()
}

fn with(group: i64, fields: &Value) -> Value {
    let mut body = task(group);
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    body
}

#[rstest]
fn rules_are_kept_until_they_are_sent_again_in_both_generations(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
    #[values("", "/new")] generation: &str,
) {
    let world = World::new(database);
    let group = world.group("group");
    let tasks = format!("/agent-api{generation}/user/{}/task", world.user);
    let bare = world.client.post(&tasks, &task(group)).data()["uuid"].as_str().unwrap().to_owned();
    let detail = world.client.get(&format!("{tasks}/{bare}/edit"));
    let defaults =
        [json!(60), json!(20), json!(1_800), json!("finish"), json!("by_rule"), json!(null), json!([])];
    assert_eq!(rules_of(detail.data()), defaults.iter().collect::<Vec<_>>());
    let sent = json!({
        "_originate_timeout": 25, "minimum_ring": 0, "maximum_talk_seconds": 90, "at_close": "hang_up",
        "after_unknown": "hold", "calls_per_second": 0.25, "caller_ids": ["02161234567", "sales-1"],
    });
    let made = world.client.post(&tasks, &with(group, &sent)).data()["uuid"].as_str().unwrap().to_owned();
    let path = format!("{tasks}/{made}/edit");
    assert_eq!(rules_of(world.client.get(&path).data()), rules_of(&sent));
    // What is not sent stays as it is.
    let changed = json!({ "maximum_talk_seconds": 10, "caller_ids": [] });
    world.client.put(&format!("{tasks}/{made}"), &with(group, &changed)).data();
    let now = world.client.get(&path);
    assert_eq!((&now.data()["maximum_talk_seconds"], &now.data()["caller_ids"]), (&json!(10), &json!([])));
    assert_eq!((&now.data()["at_close"], &now.data()["calls_per_second"]), (&json!("hang_up"), &json!(0.25)));
    let listed = world.client.get(&format!("{tasks}?name=task"));
    let timeouts = listed.column("_originate_timeout");
    assert!(timeouts.contains(&json!(25)) && timeouts.contains(&json!(60)), "{timeouts:?}");
}

#[rstest]
fn everything_that_is_wrong_with_rules_is_told_at_once(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let group = world.group("group");
    let bad = json!({
        "_originate_timeout": 4, "minimum_ring": 121, "maximum_talk_seconds": 14_401, "calls_per_second": 0,
        "caller_ids": ["138****0000", "1001", "1001"],
    });
    let refused = world.client.post(&world.path("/task"), &with(group, &bad));
    let mut faults = refused.faults();
    faults.sort_unstable();
    assert_eq!(
        faults,
        [
            ("_originate_timeout", "out_of_range"),
            ("caller_ids[0]", "caller_number"),
            ("caller_ids[2]", "repeated"),
            ("calls_per_second", "rate"),
            ("maximum_talk_seconds", "out_of_range"),
            ("minimum_ring", "out_of_range"),
        ]
    );
    for (field, value) in
        [("at_close", json!("later")), ("after_unknown", json!(1)), ("calls_per_second", json!(1.2345))]
    {
        let refused = world.client.post(&world.path("/task"), &with(group, &json!({ field: value })));
        assert_eq!((refused.status, refused.faults()[0].0), (422, field));
    }
    let many: Vec<String> = (0..101).map(|number| format!("1{number:03}")).collect();
    let refused = world.client.post(&world.path("/task"), &with(group, &json!({ "caller_ids": many })));
    assert_eq!(refused.faults(), [("caller_ids", "too_many")]);
}
