//! Lists of numbers, and one number.

use rstest::rstest;
use serde_json::{Value, json};

use super::add_many;
use crate::support::{Client, Database, World};

#[rstest]
fn lists_are_paged_and_narrowed(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::at(database, "2026-06-10T09:00:00+08:00");
    let task = world.list();
    let list = |query: &str| world.client.get(&world.task_path(&task, &format!("number{query}")));
    let nothing = list("");
    assert_eq!((nothing.message(), nothing.data()), ("返回号码列表成功", &json!([])));
    world.add_numbers(&task, &["13800000001", "13800000002", "13800000003"]).data();
    world.server.set_clock("2026-06-11T09:00:00+08:00");
    world.add_numbers(&task, &["13800000004"]).data();
    world.dialed("13800000002", 8, 3);
    world.dialed("13800000004", 2, 3);
    let page = list("?page=2&per_page=3");
    assert_eq!(page.column("phone"), ["13800000001"]);
    let meta = json!({"has_pages": true, "total": 4, "last_page": 2, "current_page": 2, "per_page": "3"});
    assert_eq!(page.body["meta"], meta);
    for (query, expected) in [
        ("?status[]=8", vec!["13800000002"]),
        ("?status=8", vec!["13800000002"]),
        ("?status[]=2&status[]=8", vec!["13800000004", "13800000002"]),
        ("?status=[0]", vec!["13800000003", "13800000001"]),
        ("?start_at=2026-06-11 00:00:00&end_at=2026-06-11 23:59:59", vec!["13800000004"]),
        ("?start_at=2026-06-10&end_at=2026-06-10", vec!["13800000003", "13800000002", "13800000001"]),
        (
            "?start_at=2026-06-10 09:00:00&end_at=2026-06-10 09:30&status[]=0",
            vec!["13800000003", "13800000001"],
        ),
        ("?encryption=false&status[]=12", vec![]),
    ] {
        let found = list(&query.replace(' ', "%20"));
        assert_eq!(found.column("phone"), expected, "{query}");
        assert_eq!(found.body["meta"]["total"], expected.len(), "{query}");
    }
    let words = world.client.send(
        "GET",
        &world.task_path(&task, "number?status[]=8"),
        &[("Accept-Language", "en")],
        None,
    );
    assert_eq!((&words.data()[0]["status_str"], &words.data()[0]["tries"]), (&json!("busy"), &json!(1)));
}

#[rstest]
fn what_is_wrong_with_a_query_is_named(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let task = world.list();
    for (query, expected) in [
        ("status[]=13", ("status", "one_of")),
        ("status[]=1&status[]=x", ("status", "one_of")),
        ("start_at=yesterday", ("start_at", "date_time")),
        ("start_at=2026-06-11&end_at=2026-06-10", ("end_at", "not_after")),
        ("encryption=true", ("encryption", "encrypted")),
        ("page=0", ("page", "out_of_range")),
    ] {
        let refused = world.client.get(&world.task_path(&task, &format!("number?{query}")));
        assert_eq!(refused.faults(), [expected], "{query}");
    }
}

#[rstest]
fn a_number_is_found_by_any_of_its_forms(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let task = world.list();
    world.add_numbers(&task, &["021-61234567转801", "13800138000"]).data();
    let detail = |phone: &str| world.client.get(&world.task_path(&task, &format!("number/detail/{phone}")));
    for (form, phone) in [
        ("13800138000", "13800138000"),
        ("+86%20138-0013-8000", "13800138000"),
        ("008613800138000", "13800138000"),
        ("%2B862161234567x801", "021-61234567转801"),
        ("02161234567-801", "021-61234567转801"),
    ] {
        assert_eq!(detail(form).data()["phone"], phone, "{form}");
    }
    for missing in ["13800138001", "13800138000_a", "02161234567"] {
        assert_eq!(detail(missing).status, 404, "{missing}");
    }
    assert_eq!(detail("110").faults(), [("phone", "number_emergency")]);
    assert_eq!(world.client.get(&world.path("/task/x/number/detail/1")).faults(), [("task_id", "uuid")]);
}

/// Every operation on numbers, with a body that is good.
fn operations(world: &World, task: &str) -> Vec<(&'static str, String, Option<Value>)> {
    let path = |rest: &str| world.task_path(task, rest);
    let data = json!({"data": [{"phone": "13800138009"}]});
    vec![
        ("GET", path("number"), None),
        ("POST", path("number"), Some(data.clone())),
        ("POST", path("async_number"), Some(data)),
        ("GET", path("number/detail/13800138000"), None),
        (
            "DELETE",
            path("number-batch-delete"),
            Some(json!({"customer_info_list": [{"phone": "13800138000"}]})),
        ),
        ("PUT", path("number-batch-reset"), Some(json!({"phones": ["13800138000"]}))),
        ("GET", path("number-reset"), None),
        ("GET", path("number-import"), None),
        ("POST", path("number-import"), Some(json!("phone"))),
    ]
}

#[rstest]
fn the_numbers_of_another_accounts_task_do_not_exist(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let task = world.list();
    world.add_numbers(&task, &["13800138000"]).data();
    let try_all = |client: &Client, task: &str, query: &str| {
        for (method, path, body) in operations(&world, task) {
            let path = format!("{path}{query}");
            let reply = match &body {
                Some(body) => client.json(method, &path, &[], body),
                None => client.send(method, &path, &[], None),
            };
            let unknown = json!({"code": 404, "status": "error", "message": "资源不存在", "data": []});
            assert_eq!((reply.status, reply.body), (404, unknown), "{method} {path}");
        }
    };
    try_all(&world.client, &task, &format!("?sub_user_id={}", world.sub_user));
    try_all(&world.client, "5832d184-dd53-42a0-8ace-0bf8d660f4cc", "");
    try_all(&world.stranger().0, &task, "");
    assert_eq!(world.phones(&task), ["13800138000"]);
}

#[rstest]
fn a_token_that_sees_numbers_masked_cannot_look_for_them(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let task = world.list();
    world.add_numbers(&task, &["13800138000"]).data();
    let masked = world.token(&["--numbers", "masked"]);
    assert_eq!(masked.get(&world.task_path(&task, "number")).column("phone"), ["138****8000"]);
    // Nor may it add any: what is there already is told by the answer, or by how many there are then.
    for (way, phone) in
        [("number", "13800138000"), ("number", "13800138001"), ("async_number", "13800138000")]
    {
        let added = masked.post(&world.task_path(&task, way), &json!({"data": [{"phone": phone}]}));
        assert_eq!(added.status, 403, "{way} {phone}");
    }
    for (method, path, body) in operations(&world, &task) {
        let looks = ["/detail/", "/number-batch"].iter().any(|part| path.contains(part));
        let Some(body) = body.filter(|_| looks) else { continue };
        assert_eq!(masked.json(method, &path, &[], &body).status, 403, "{method} {path}");
    }
    assert_eq!(masked.get(&world.task_path(&task, "number/detail/13800138000")).status, 403);
    let keyword = masked.put(&world.task_path(&task, "number-batch-reset"), &json!({"keyword": "138"}));
    assert_eq!(keyword.status, 403);
    let by_status = masked.put(&world.task_path(&task, "number-batch-reset"), &json!({"status": [0]}));
    assert_eq!(by_status.data()["reset"], 1);
}

#[rstest]
fn statistics_tell_what_became_of_numbers(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let task = world.list();
    let stat = || world.client.get(&world.task_path(&task, "stat")).data().clone();
    assert_eq!(stat()["answer_rate"]["taskProgress"], 0);
    add_many(&world, &task, 4);
    world.dialed("13900000001", 1, 3);
    world.dialed("13900000002", 5, 3);
    world.dialed("13900000003", 8, 0);
    let stat = stat();
    let counts: Vec<i64> = stat["number_status"]
        .as_array()
        .unwrap()
        .iter()
        .map(|status| status["count"].as_i64().unwrap())
        .collect();
    assert_eq!(counts, [1, 1, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0]);
    assert_eq!(stat["number_status"][5], json!({"status": 5, "status_str": "空号", "count": 1}));
    assert_eq!(stat["answer_rate"]["taskProgress"], 50);
}
