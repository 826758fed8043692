//! Tokens: good, missing, malformed, unknown, expired, revoked.

use rstest::rstest;

use crate::support::{Client, Database, World, dialtime};

#[rstest]
fn a_bad_token_is_refused_and_says_what_is_wrong(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let path = world.path("/dial-time-group");
    for (authorization, message) in [
        (None, "缺少访问令牌"),
        (Some("Basic abc"), "Authorization格式错误，应为Bearer令牌"),
        (Some("Bearer"), "Authorization格式错误，应为Bearer令牌"),
        (Some("Bearer dt_unknown"), "访问令牌无效"),
    ] {
        let answer = world.client.with_authorization(authorization).get(&path);
        assert_eq!((answer.status, answer.code()), (401, 401), "{authorization:?}");
        assert_eq!(answer.body["message"], message);
        assert_eq!(answer.headers["www-authenticate"], "Bearer");
    }
}

#[rstest]
fn a_revoked_token_is_refused_by_the_running_server_at_once(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let url = &world.database.url;
    let secret = dialtime(url, &["token", "create", "--partner", &world.partner, "--name", "second"]);
    let client = Client::new(&world.server.base, &secret);
    let validity = client.get("/agent-api/token");
    assert_eq!(validity.data()["name"], "second");
    assert!(validity.data()["expires_in"].as_i64().unwrap() > 364 * 86_400);
    let listed = dialtime(url, &["token", "list", "--partner", &world.partner]);
    assert!(!listed.contains(&secret), "a listing shows no secret");
    let line = listed.lines().find(|line| line.ends_with("second")).unwrap();
    dialtime(url, &["token", "revoke", line.split_whitespace().next().unwrap()]);
    let refused = client.get("/agent-api/token");
    assert_eq!((refused.status, &refused.body["message"]), (401, &"访问令牌已被吊销".into()));
    assert_eq!(world.client.get("/agent-api/token").status, 200);
}

#[rstest]
fn an_expired_token_is_refused(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    world.database.execute_now("UPDATE tokens SET expires_at = created_at");
    let refused = world.client.get("/agent-api/token");
    assert_eq!((refused.status, &refused.body["message"]), (401, &"访问令牌已过期".into()));
}

#[test]
fn unknown_tokens_are_counted_and_known_ones_do_not_suffer_from_them() {
    let world = World::new(Database::Sqlite);
    let path = world.path("/dial-time-group");
    // A token is known once it has been used.
    assert_eq!(world.client.get(&path).status, 200);
    let unknown = |number: u32| {
        let authorization = format!("Bearer dt_{number:064}");
        world.client.with_authorization(Some(&authorization)).get(&path)
    };
    let refused = (0..5_000).map(unknown).find(|answer| answer.status != 401).expect("it is bounded");
    assert_eq!((refused.status, refused.code()), (429, 429));
    assert!(refused.header("retry-after").parse::<u64>().unwrap() >= 1);
    assert_eq!(world.client.get(&path).status, 200);
}
