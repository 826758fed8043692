//! The audit log of an account over the API.

use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    account_calendars::made_at,
    support::{self, Client, Database, Reply, World, dialtime},
};

fn log(world: &World, query: &str) -> Reply {
    world.client.get(&world.path(&format!("/audit?per_page=100{query}")))
}

/// Each change as `action subject`, newest first.
fn told(reply: &Reply) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let line = |change: &Value| format!("{} {}", text(&change["action"]), text(&change["subject"]));
    reply.data().as_array().unwrap().iter().map(line).collect()
}

/// A group that is edited and a task in it; the group's id.
fn some_changes(world: &World) -> i64 {
    let group = world.group("before");
    world.client.put(&world.path(&format!("/dial-time-group/{group}")), &json!({"name": "after"})).data();
    world.task(group);
    group
}

#[rstest]
fn changes_are_told_newest_first_with_who_and_what(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let group = some_changes(&world);
    let all = log(&world, "");
    assert_eq!(told(&all), ["create task", "update dial_time_group", "create dial_time_group"]);
    assert_eq!((all.message(), &all.body["meta"]["total"]), ("返回操作日志成功", &json!(3)));
    let update = &all.data()[1];
    assert_eq!(update["subject_id"], group.to_string());
    assert_eq!((&update["user_id"], &update["version"]), (&json!(world.user), &json!(1)));
    assert_eq!(update["before"]["name"], "before");
    assert_eq!(update["actor"]["kind"], "token");
    assert!(update["actor"]["token_name"].is_string());
    assert_eq!(all.data()[2]["before"], Value::Null);
    let ids = all.column("id");
    assert!(ids.windows(2).all(|pair| pair[0].as_i64() > pair[1].as_i64()), "{ids:?}");

    let page = world.client.get(&world.path("/audit?per_page=2&page=2"));
    assert_eq!(
        (told(&page), page.body["meta"]["last_page"].clone()),
        (vec!["create dial_time_group".to_owned()], json!(2))
    );
}

#[rstest]
fn a_users_log_has_its_sub_users_changes_too(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    world.group("user's");
    let of_sub_user = format!("?sub_user_id={}", world.sub_user);
    world
        .client
        .post(&world.path(&format!("/dial-time-group{of_sub_user}")), &support::group("sub-user's"))
        .data();
    assert_eq!(log(&world, "").column("user_id"), [json!(world.sub_user), json!(world.user)]);
    let its_own = world.client.get(&world.path(&format!("/audit{of_sub_user}")));
    assert_eq!(its_own.column("user_id"), [json!(world.sub_user)]);
    // What happened is told of an account that is disabled, too.
    world.client.post(&world.path("/disable"), &json!({})).data();
    let after = log(&world, "");
    assert_eq!(told(&after)[0], "update account");
}

#[rstest]
fn the_log_is_narrowed(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let group = some_changes(&world);
    dialtime(&world.database.url, &["user", "disable", &world.user]);
    dialtime(&world.database.url, &["user", "enable", &world.user]);
    let token = log(&world, "&subject=task").data()[0]["actor"]["token_id"].as_str().unwrap().to_owned();
    let of_groups = ["update dial_time_group", "create dial_time_group"];
    let by_token = ["create task", of_groups[0], of_groups[1]];
    let by_hand = ["update account", "update account"];
    let none: [&str; 0] = [];
    for (query, expected) in [
        ("&subject=dial_time_group".to_owned(), &of_groups[..]),
        (format!("&subject=dial_time_group&subject_id={group}"), &of_groups),
        (format!("&subject_id={group}"), &of_groups),
        ("&subject=dial_time_group&subject_id=0".to_owned(), &none),
        ("&action=create".to_owned(), &["create task", of_groups[1]]),
        ("&actor=command_line".to_owned(), &by_hand),
        ("&actor=token".to_owned(), &by_token),
        (format!("&token_id={token}"), &by_token),
        (format!("&actor=token&token_id={token}"), &by_token),
        (format!("&token_id={}", world.user), &none),
        ("&actor=resume_policy".to_owned(), &none),
        ("&start_at=2199-01-01".to_owned(), &none),
        ("&end_at=2020-01-01 00:00:00".replace(' ', "+"), &none),
        ("&start_at=2020-01-01&end_at=2199-01-01&action=update&subject=account".to_owned(), &by_hand),
    ] {
        let found = log(&world, &query);
        assert_eq!(told(&found), expected, "{query}");
        assert_eq!(found.body["meta"]["total"], expected.len(), "{query}");
    }
    for (query, fault) in [
        ("&subject=group".to_owned(), ("subject", "one_of")),
        ("&action=edit".to_owned(), ("action", "one_of")),
        ("&actor=me".to_owned(), ("actor", "one_of")),
        (format!("&actor=command_line&token_id={token}"), ("token_id", "excludes")),
        ("&start_at=soon".to_owned(), ("start_at", "date_time")),
        ("&start_at=2026-01-02&end_at=2026-01-01".to_owned(), ("end_at", "not_after")),
        ("&kind=task".to_owned(), ("kind", "unknown_field")),
    ] {
        let refused = log(&world, &query);
        assert_eq!((refused.status, refused.faults()), (422, vec![fault]), "{query}");
    }
}

#[rstest]
fn the_log_shows_no_secret_and_no_more_of_a_number_than_the_token_may_see(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let client = &world.client;
    let webhook = json!({"url": "https://example.com/hook?key=hidden-in-address", "enabled": false});
    let made = client.post(&world.path("/webhook"), &webhook).data().clone();
    let path = world.path(&format!("/webhook/{}", made["id"].as_str().unwrap()));
    client.put(&path, &json!({"events": []})).data();
    client.delete(&path).data();
    client
        .post(
            &world.path("/do-not-call"),
            &json!({"data": [{"phone": "13800001234", "reason": "hidden-reason"}]}),
        )
        .data();
    client.delete(&world.path("/do-not-call/13800001234")).data();
    let password = json!({"password": "hidden-password", "password_confirmation": "hidden-password"});
    client.put(&world.path("/password"), &password).data();

    let all = log(&world, "");
    assert!(told(&all).contains(&"delete webhook".to_owned()));
    for secret in ["hidden", made["secret"].as_str().unwrap(), "password_hash", "example.com"] {
        assert!(!all.text.contains(secret), "{secret}: {}", all.text);
    }
    let deleted = |client: &Client| {
        let log = client.get(&world.path("/audit?subject=do_not_call&action=delete"));
        (log.data()[0]["subject_id"].as_str().unwrap().to_owned(), log.text)
    };
    assert_eq!(deleted(client).0, "+8613800001234");
    let by_number = client.get(&world.path("/audit?subject_id=%2B8613800001234"));
    assert_eq!(told(&by_number), ["delete do_not_call"]);

    let masked = world.token(&["--numbers", "masked"]);
    let (number, text) = deleted(&masked);
    assert_eq!(number, "+86*******1234");
    assert!(!text.contains("1380000") && !text.contains("00001234"), "{text}");
    for query in ["subject_id=8613800001234", "subject=do_not_call&subject_id=8613800001234"] {
        assert_eq!(masked.get(&world.path(&format!("/audit?{query}"))).status, 403, "{query}");
    }
    assert_eq!(masked.get(&world.path("/audit?subject=task&subject_id=8613800001234")).status, 200);
}

#[rstest]
fn a_partners_log_has_what_is_its_own_and_all_that_its_accounts_did(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let (stranger, _) = world.stranger();
    let group = some_changes(&world);
    let line = world.line();
    let client = &world.client;
    let closure = json!({"name": "年会", "begin": "2198-01-01 00:00:00", "end": "2198-01-02 00:00:00"});
    client.post("/agent-api/closure", &closure).data();
    made_at(&world, "/agent-api/holiday-calendar");
    client.put("/agent-api/ceiling", &json!({"account_id": world.user, "dial_time_id": group})).data();
    client.post("/agent-api/stop-dialing", &json!({"level": "partner"})).data();
    let log = |client: &Client, query: &str| client.get(&format!("/agent-api/audit?per_page=100{query}"));
    let all = log(client, "");
    let found = told(&all);
    for expected in [
        "create line",
        "create closure",
        "create ceiling",
        "create stop",
        "create dial_time_group",
        "update dial_time_group",
        "create task",
        "create holiday_year",
    ] {
        assert!(found.contains(&expected.to_owned()), "{expected}: {found:?}");
    }
    let whose = |subject: &str| log(client, &format!("&subject={subject}")).data()[0]["user_id"].clone();
    assert_eq!((whose("line"), whose("task")), (Value::Null, json!(world.user)));
    // It is narrowed and paged as that of a user.
    assert_eq!(told(&log(client, &format!("&subject_id={line}"))), ["create line"]);
    let page = client.get("/agent-api/audit?per_page=1&page=2");
    assert_eq!((&page.data()[0], &page.body["meta"]["total"]), (&all.data()[1], &json!(found.len())));
    assert_eq!(log(client, "&kind=x").faults(), [("kind", "unknown_field")]);
    assert_eq!(log(client, "&sub_user_id=x").faults(), [("sub_user_id", "unknown_field")]);
    // Nobody else sees any of it, and of its own an account sees no less than before, and nothing of the partner's.
    assert_eq!(told(&log(&stranger, "")), [""; 0]);
    assert_eq!(log(&world.token(&["--user", &world.user]), "").status, 404);
    let of_user = told(&client.get(&world.path("/audit?per_page=100")));
    assert!(of_user.contains(&"create task".to_owned()) && !of_user.contains(&"create line".to_owned()));
}

#[rstest]
fn a_partners_log_is_narrowed_to_an_account(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let (stranger, _) = world.stranger();
    some_changes(&world);
    world.line();
    let of_sub_user = format!("/dial-time-group?sub_user_id={}", world.sub_user);
    world.client.post(&world.path(&of_sub_user), &support::group("sub-user's")).data();
    let log = |client: &Client, query: &str| client.get(&format!("/agent-api/audit?per_page=100{query}"));
    let of_user = format!("&user_id={}", world.user);
    let all = log(&world.client, &format!("{of_user}&actor=token"));
    assert!(told(&all).contains(&"create task".to_owned()), "{}", all.text);
    assert!(all.column("user_id").iter().all(|account| *account == json!(world.user)), "{}", all.text);
    assert_eq!(all.body["meta"]["total"], json!(all.data().as_array().unwrap().len()));
    let sub_users = log(&world.client, &format!("&user_id={}&subject=dial_time_group", world.sub_user));
    assert_eq!(told(&sub_users), ["create dial_time_group"]);
    assert_eq!(told(&log(&world.client, &format!("{of_user}&subject=line"))), [""; 0]);
    assert_eq!(told(&log(&stranger, &of_user)), [""; 0]);
    assert_eq!(log(&world.client, "&user_id=x").faults(), [("user_id", "uuid")]);
    assert_eq!(log(&world.client, "&user_id=").faults(), [("user_id", "empty")]);
}

#[rstest]
fn a_partners_log_says_who_deleted_an_account_and_a_line(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let line = world.line();
    world.client.delete(&format!("/agent-api/line/{line}")).data();
    world.group("gone with its user");
    dialtime(&world.database.url, &["user", "delete", &world.user, "--with-everything"]);
    let log = |query: &str| world.client.get(&format!("/agent-api/audit?action=delete{query}"));
    assert_eq!(log(&format!("&subject_id={line}")).data()[0]["actor"]["kind"], "token");
    let deleted = log(&format!("&subject=account&subject_id={}", world.user));
    assert_eq!(deleted.column("user_id"), [json!(world.user)]);
    assert_eq!(deleted.data()[0]["actor"]["kind"], "command_line");
    assert_eq!(log(&format!("&user_id={}&subject=account", world.user)).data(), deleted.data());
    // The operator sees all of it.
    let told = dialtime(&world.database.url, &["audit", "--action", "delete", "--subject", "line"]);
    let line_of_it = format!("  delete  line  {line}  -  token ");
    assert!(told.contains(&line_of_it) && told.trim().lines().count() == 1, "{told}");
    let told = dialtime(&world.database.url, &["audit", "--user", &world.user, "--limit", "1"]);
    assert!(told.trim().ends_with("command line") && told.contains(&world.user), "{told}");
}

/// What is before a change is what was, and before it was made nothing.
#[rstest]
fn a_closure_that_is_revoked_tells_what_it_was_and_a_new_one_nothing(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let closure = json!({"name": "年会", "begin": "2198-01-01 00:00:00", "end": "2198-01-02 00:00:00"});
    for path in [world.path("/closure"), "/agent-api/closure".to_owned()] {
        let id = world.client.post(&path, &closure).data()["id"].as_str().unwrap().to_owned();
        world.client.delete(&format!("{path}/{id}")).data();
        let log = world.client.get(&format!("/agent-api/audit?subject=closure&subject_id={id}"));
        assert_eq!(told(&log), ["delete closure", "create closure"]);
        assert_eq!(log.data()[0]["before"]["closure_name"], "年会");
        assert_eq!(log.data()[1]["before"], Value::Null);
    }
}
