//! Addresses: those of the platform that are not here yet, those with a slash too many, and methods that only look.

use rstest::rstest;
use serde_json::json;

use crate::support::{Client, Database, Reply, World};

/// Every address of the platform that is not here yet, with a part of its name in either language.
const MISSING: [(&str, &str, &str, &str); 11] = [
    ("GET", "/agent-api/vos/U/get_call_record", "查询vos话单列表", "VOS call records"),
    ("GET", "/agent-api/user/U/call_line_fee", "线路消费报表", "costs of lines"),
    ("GET", "/agent-api/user/U/customer/create", "公海自定义组件初始化", "fields of the CRM pool"),
    ("GET", "/agent-api/user/U/customer_to_task/T", "客户公海导入任务", "import from the CRM pool"),
    ("DELETE", "/agent-api/user/U/del_customer", "删除客户公海数据", "delete from the CRM pool"),
    ("POST", "/user/U/authorize", "登录指定用户", "sign in as a user"),
    ("GET", "/agent-api/user/U/department?page=1", "部门列表", "list of departments"),
    ("POST", "/agent-api/user/U/department/change", "修改部门", "change departments"),
    ("GET", "/agent-api/vos_bill/U?all=true", "用户VOS账户概况", "VOS account"),
    ("POST", "/v1/task", "任务创建（v1）", "create a task (v1)"),
    ("GET", "/v1/task/create", "任务初始化（v1）", "what a new task can be made of (v1)"),
];

#[rstest]
fn an_endpoint_that_is_not_here_yet_says_so_by_name_to_who_has_a_token(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let send = |client: &Client, language: &str, (method, path): (&str, &str)| {
        let path = path.replace('U', &world.user);
        let headers = [("Accept-Language", language), ("Content-Type", "multipart/form-data; boundary=x")];
        // A body that nobody reads may cost the connection.
        let body = if client.token().is_empty() || method == "PATCH" { "" } else { "anything" };
        client.send(method, &path, &headers, (method != "GET").then_some(body))
    };
    let stranger = world.client.with_authorization(None);
    let said = |reply: &Reply| reply.body["message"].as_str().unwrap().to_owned();
    for (method, path, chinese, english) in MISSING {
        let answer = send(&world.client, "zh", (method, path));
        let expected = json!({"code": 501, "status": "error", "message": said(&answer), "data": []});
        assert_eq!((answer.status, &answer.body), (501, &expected), "{method} {path}");
        assert!(said(&answer).contains(chinese) && said(&answer).contains(method), "{}", answer.body);
        let answer = send(&world.client, "en", (method, path));
        assert!(answer.status == 501 && said(&answer).contains(english), "{}", answer.body);
        assert_eq!(send(&stranger, "zh", (method, path)).status, 401, "{method} {path}");
        assert_eq!(send(&world.client, "zh", ("PATCH", path)).status, 405, "{path}");
    }
}

/// `/agent-api/user/{user_id}/message` with the ids that the list above leaves out, as `/agent-api/user//message`.
fn without_ids(path: &str) -> String {
    let path = path.split('?').next().unwrap();
    let is_id =
        |part: &str| part.starts_with('{') || part.starts_with(|first: char| "UTRLNI1".contains(first));
    path.split('/').map(|part| if is_id(part) { "" } else { part }).collect::<Vec<_>>().join("/")
}

#[test]
fn the_document_and_both_readmes_list_what_is_not_here_yet() {
    let world = World::new(Database::Sqlite);
    let document = world.client.get("/openapi.json").body;
    let texts = [
        document["info"]["description"].as_str().unwrap(),
        include_str!("../../../../README.md"),
        include_str!("../../../../README.zh-CN.md"),
    ];
    for text in texts {
        let listed = text.split('`').filter_map(|code| code.split_once(' '));
        let listed: Vec<_> = listed.map(|(method, path)| (method, without_ids(path))).collect();
        for (method, path, ..) in MISSING {
            assert!(listed.contains(&(method, without_ids(path))), "{method} {path}: {listed:?}");
        }
    }
}

/// What a `GET` of the document is sent to, with the ids of the world.
fn addresses(world: &World) -> Vec<String> {
    let group = world.open_group();
    let task = world.new_task(group);
    let document = world.client.get("/openapi.json").body;
    let paths = document["paths"].as_object().unwrap().iter();
    let read = paths.filter(|(_, item)| item.get("get").is_some());
    let filled = |path: &str| {
        path.replace("{user_id}", &world.user)
            .replace("{sub_user_id}", &world.sub_user)
            .replace("{group_id}", &group.to_string())
            .replace("{task_id}", &task)
            .replace("{calendar_id}", "CN")
            .replace("/new_line_list", &format!("/new_line_list?id={}", world.user))
    };
    // Nothing is recorded yet, so whoever asks for recordings is told that there are none; nobody has been called back on numbers, and no group is overridden.
    let missing = ["/download-full-voice", "/download-number", "/override"];
    let is_answered = |path: &String| !path.contains('{') && !missing.iter().any(|end| path.ends_with(end));
    read.map(|(path, _)| filled(path)).filter(is_answered).collect()
}

#[rstest]
fn to_look_at_what_acts_by_get_does_nothing(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let seen = || {
        let events = world.client.get(&world.path("/events?limit=1000")).data()["newest"].clone();
        (world.client.get(&world.path("/task?generation=all")).data().clone(), events)
    };
    let addresses = addresses(&world);
    let before = seen();
    let acting = ["/task_start/", "/task_stop/", "/copy/task/"];
    let mut refused = 0;
    for path in &addresses {
        let answer = world.client.send("HEAD", path, &[], None);
        let acts = acting.iter().any(|part| path.contains(part));
        assert_eq!(answer.status, if acts { 405 } else { 200 }, "{path}");
        if acts {
            assert_eq!(answer.header("allow"), "GET, POST, PUT", "{path}");
            refused += 1;
        }
    }
    assert_eq!((refused, seen()), (5, before));
}

#[rstest]
fn a_slash_at_the_end_of_an_address_is_forgiven(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let group = world.group("group");
    for path in
        [world.path("/dial-time-group"), world.path("/task"), "/users".to_owned(), "/healthz".to_owned()]
    {
        assert_eq!(world.client.get(&format!("{path}/")).body, world.client.get(&path).body, "{path}");
    }
    let list = world.path("/dial-time-group");
    let page = world.client.get(&format!("{list}/?page=1&per_page=1"));
    assert_eq!(page.body["meta"]["per_page"], "1");
    let saved = world.client.post(&format!("{list}/"), &crate::support::group("second"));
    assert_eq!(saved.data()["name"], "second");
    let updated = world.client.put(&format!("{list}/{group}/"), &json!({"name": "renamed"}));
    assert_eq!(updated.data()["name"], "renamed");
    assert_eq!(world.client.delete(&format!("{list}/{group}/")).message(), "删除成功");
    assert_eq!(world.client.with_authorization(None).get(&format!("{list}/")).status, 401);
    for nothing in ["/", "//", "/nothing/", "/agent-api/", "/agent-api/user/"] {
        let answer = world.client.get(nothing);
        assert!(answer.status == 404 || nothing.trim_matches('/').is_empty(), "{nothing}: {}", answer.status);
    }
    let refused = world.client.send("PATCH", &format!("{list}/"), &[], None);
    assert_eq!((refused.status, refused.code()), (405, 405));
}
