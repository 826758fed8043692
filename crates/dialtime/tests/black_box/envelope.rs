//! Every answer wears the envelope, in the language asked for.

use rstest::rstest;

use crate::support::{Database, World, always};

#[rstest]
fn english_is_given_on_request(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let id = world.group("group");
    world.task(id);
    let path = world.path(&format!("/dial-time-group/{id}"));
    let english = [("Accept-Language", "en-GB,en;q=0.9,zh;q=0.1")];
    let refused = world.client.send("DELETE", &path, &english, None);
    assert_eq!(refused.body["message"], "The dial time group is used by tasks and cannot be deleted");
    assert_eq!(refused.headers["content-language"], "en");
    let tasks = world.client.send("GET", &world.path("/task"), &english, None);
    assert_eq!(tasks.data()[0]["status_str"], "paused");
    assert_eq!(world.client.get(&world.path("/task")).data()[0]["status_str"], "暂停中");
    let fault = world.client.json("PUT", &path, &english, &serde_json::json!({"content": always()}));
    assert_eq!(fault.body["data"][0]["message"], "must be given");
}

#[rstest]
fn refusals_may_all_carry_http_200(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::with(database, &["--error-status", "200"]);
    let unknown = world.client.get(&world.path("/dial-time-group/1"));
    assert_eq!((unknown.status, unknown.code()), (200, 404));
    let nobody = world.client.with_authorization(None).get(&world.path("/dial-time-group"));
    assert_eq!((nobody.status, nobody.code()), (200, 401));
}

#[rstest]
fn too_many_requests_are_told_when_to_come_back(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::with(database, &["--rate-limit", "20"]);
    let answers = (0..200).map(|_| world.client.get(&world.path("/dial-time-group")));
    let refused = answers.into_iter().find(|answer| answer.status != 200).unwrap();
    assert_eq!((refused.status, refused.code()), (429, 429));
    assert!(refused.headers["retry-after"].to_str().unwrap().parse::<u64>().unwrap() >= 1);
}
