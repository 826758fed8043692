//! Results that several write at once, and results of records that go meanwhile: what was answered is what is there, and what is counted.

use domain::Attempt;
use jiff::{SignedDuration, Timestamp};
use rstest::rstest;
use serde_json::{Value, json};
use test_support::{SetClock, answered_attempt};

use crate::{
    races::{at_once, number_of_rounds},
    support::{Database, Server, World, task_id, until},
};

/// A world with a call of a task, of an hour ago.
#[expect(clippy::disallowed_methods, reason = "a program has the machine's clock")]
fn called(database: Database) -> (World, String, Attempt) {
    let world = World::new(database);
    let task = world.task(world.group("called"));
    let dialed = Timestamp::now() - SignedDuration::from_hours(1);
    let attempt = answered_attempt(world.account(), task_id(&task), dialed);
    world.record_all(std::slice::from_ref(&attempt));
    (world, task, attempt)
}

/// How many calls of a task have which intention, A first.
fn intentions(world: &World, task: &str) -> Vec<Value> {
    let counted = world.client.get(&world.path(&format!("/task/{task}/stat"))).data()["intention"].clone();
    counted.as_array().unwrap().iter().map(|one| one["total"].clone()).collect()
}

#[rstest]
fn of_two_results_at_once_none_is_lost(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let (world, task, attempt) = called(database);
    let record = world.path(&format!("/record/{}", attempt.id));
    let result = format!("{record}/result");
    for round in 0..number_of_rounds() {
        let put = |body: Value| world.client.put(&result, &body);
        let turn =
            json!({"turns": [{"number": round + 1, "offset": round, "speaker": "callee", "text": "x"}]});
        let [first, second, third, fourth] = at_once(
            round,
            [
                &|| put(json!({"intention": "A", "summary": format!("of {round}")})),
                &|| put(json!({"tags": [format!("round {round}")]})),
                &|| put(json!({"intention": "B"})),
                &|| world.client.post(&format!("{record}/transcript"), &turn),
            ],
        );
        for reply in [first, second, third, fourth] {
            assert_eq!(reply.status, 200, "{}", reply.text);
        }
        let found = world.client.get(&result).data().clone();
        assert_eq!(found["summary"], format!("of {round}"));
        assert_eq!(found["tags"], json!([format!("round {round}")]));
        assert_eq!(found["transcript"].as_array().unwrap().len(), usize::try_from(round).unwrap() + 1);
        let expected = match found["intention"].as_str().unwrap() {
            "A" => json!([1, 0, 0, 0, 0]),
            _ => json!([0, 1, 0, 0, 0]),
        };
        assert_eq!(json!(intentions(&world, &task)), expected, "it is counted once, as it is");
    }
}

#[rstest]
fn a_result_goes_with_its_record_while_somebody_writes_it(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (world, task, attempt) = called(database);
    let path = world.path(&format!("/record/{}/result", attempt.id));
    let mut written = 0;
    let mut write = || {
        written += 1;
        let reply = world.client.put(&path, &json!({"intention": "C", "rounds": written % 30}));
        assert!([200, 404].contains(&reply.status), "{}", reply.text);
        reply.status
    };
    assert_eq!(write(), 200);
    // Houses are kept at a node's start. The record is older than it is kept, and on PostgreSQL so is its whole month.
    let later = SetClock::from(attempt.times.dialed_at + SignedDuration::from_hours(24 * 100));
    let _housekeeper = Server::start(&world.database.url, &["--records-kept-days", "30"], later);
    until("the record is gone", || write() == 404);
    let turns = json!({"turns": [{"offset": 1, "speaker": "callee", "text": "x"}]});
    let transcript = world.path(&format!("/record/{}/transcript", attempt.id));
    for reply in [
        world.client.put(&path, &json!({"intention": "A"})),
        world.client.post(&transcript, &turns),
        world.client.get(&path),
    ] {
        assert_eq!(reply.status, 404, "{}", reply.text);
    }
    let none = json!([0, 0, 0, 0, 0]);
    // What was written after the results were deleted, and before their month was dropped, goes a moment later.
    until("nothing is counted of it", || {
        let listed = world.client.get(&world.path("/record?intention_tags=C"));
        assert_eq!(listed.data(), &json!([]));
        listed.body["meta"]["total"] == 0 && json!(intentions(&world, &task)) == none
    });
    let left = |row: &String| row.starts_with("call_results") || row.starts_with("result_hours");
    until("nothing is left of it", || !world.row_counts().iter().any(left));
}
