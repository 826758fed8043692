//! Every operation of the OpenAPI document, without a token, with a bad one, with a stranger's and with its own. An
//! operation without a row here, or a row without an operation, fails.

mod audit;
mod bulk;
mod calendars;
mod callbacks;
pub(crate) mod calls;
mod ceilings;
mod closures;
mod groups;
mod lines;
mod masked;
mod not_kept;
mod records;

use std::collections::BTreeSet;

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Client, Database, Reply, World, group, task};

/// What another partner's token is answered with.
#[derive(Clone, Copy, PartialEq)]
enum Stranger {
    /// The thing does not exist for it.
    NotFound,
    /// It sees its own.
    Own,
    /// What the body names does not exist for it.
    Unknown,
}

/// An operation: method, path as in the document, body, and what a stranger gets.
type Row = (&'static str, &'static str, Option<Value>, Stranger);

/// What is done about users and sub-users as such.
fn administration() -> Vec<Row> {
    use Stranger::NotFound;
    let password = json!({"password": "long enough", "password_confirmation": "long enough"});
    vec![
        ("post", "/agent-api/user/{user_id}/disable", None, NotFound),
        ("post", "/agent-api/user/{user_id}/enable", None, NotFound),
        ("put", "/agent-api/user/{user_id}/password", Some(password.clone()), NotFound),
        ("delete", "/agent-api/user/{user_id}", None, NotFound),
        ("post", "/agent-api/user/{user_id}/subset_users/{sub_user_id}/disable", None, NotFound),
        ("post", "/agent-api/user/{user_id}/subset_users/{sub_user_id}/enable", None, NotFound),
        ("put", "/agent-api/user/{user_id}/subset_users/{sub_user_id}/password", Some(password), NotFound),
        ("delete", "/agent-api/user/{user_id}/subset_users/{sub_user_id}", None, NotFound),
    ]
}

/// Of tasks, of both generations.
fn tasks(group_id: i64) -> Vec<Row> {
    use Stranger::NotFound;
    let mut rows = vec![
        ("get", "/agent-api/user/{user_id}/task", None, NotFound),
        ("post", "/agent-api/user/{user_id}/task", Some(task(group_id)), NotFound),
        ("get", "/agent-api/user/{user_id}/all_task", None, NotFound),
        ("get", "/agent-api/user/{user_id}/subset_task", None, NotFound),
        ("get", "/agent-api/user/{user_id}/task/create", None, NotFound),
        ("get", "/agent-api/user/{user_id}/task/{task_id}/edit", None, NotFound),
        ("get", "/agent-api/user/{user_id}/task/{task_id}/stat", None, NotFound),
        ("put", "/agent-api/user/{user_id}/task/{task_id}", Some(task(group_id)), NotFound),
        ("get", "/agent-api/new/user/{user_id}/task", None, NotFound),
        ("post", "/agent-api/new/user/{user_id}/task", Some(task(group_id)), NotFound),
        ("get", "/agent-api/new/user/{user_id}/subset_task", None, NotFound),
        ("get", "/agent-api/new/user/{user_id}/task/create", None, NotFound),
        ("get", "/agent-api/new/user/{user_id}/task/{task_id}/edit", None, NotFound),
        ("put", "/agent-api/new/user/{user_id}/task/{task_id}", Some(task(group_id)), NotFound),
    ];
    for method in ["get", "post", "put"] {
        for path in [
            "/agent-api/user/{user_id}/task_start/{task_id}",
            "/agent-api/user/{user_id}/task_stop/{task_id}",
            "/agent-api/new/user/{user_id}/task_start/{task_id}",
            "/agent-api/new/user/{user_id}/task_stop/{task_id}",
            "/agent-api/new/user/{user_id}/copy/task/{task_id}",
        ] {
            rows.push((method, path, None, NotFound));
        }
    }
    rows
}

fn webhooks() -> Vec<Row> {
    let webhook = json!({"url": "https://example.com", "enabled": false});
    [
        ("get", "/agent-api/user/{user_id}/call-events", None),
        ("put", "/agent-api/user/{user_id}/call-events", Some(json!({"call_events": ["call.answered"]}))),
        ("get", "/agent-api/user/{user_id}/webhook", None),
        ("post", "/agent-api/user/{user_id}/webhook", Some(webhook)),
        ("get", "/agent-api/user/{user_id}/webhook/{webhook_id}", None),
        ("put", "/agent-api/user/{user_id}/webhook/{webhook_id}", Some(json!({"events": []}))),
        ("post", "/agent-api/user/{user_id}/webhook/{webhook_id}/rotate-secret", None),
        ("post", "/agent-api/user/{user_id}/webhook/{webhook_id}/test", None),
        ("get", "/agent-api/user/{user_id}/webhook/{webhook_id}/delivery", None),
        ("put", "/agent-api/user/{user_id}/webhook/{webhook_id}", Some(json!({"enabled": true}))),
        ("post", "/agent-api/user/{user_id}/webhook/{webhook_id}/send-again", None),
        ("post", "/agent-api/user/{user_id}/webhook/{webhook_id}/delivery/{delivery_id}/send-again", None),
        ("delete", "/agent-api/user/{user_id}/webhook/{webhook_id}", None),
    ]
    .into_iter()
    .map(|(method, path, body)| (method, path, body, Stranger::NotFound))
    .collect()
}

/// Of the numbers of a task.
fn numbers() -> Vec<Row> {
    let data = json!({"data": [{"phone": "13800138009"}], "skip_error": true});
    [
        ("get", "/agent-api/user/{user_id}/task/{task_id}/number", None),
        ("post", "/agent-api/user/{user_id}/task/{task_id}/number", Some(data.clone())),
        ("post", "/agent-api/user/{user_id}/task/{task_id}/async_number", Some(data)),
        ("get", "/agent-api/user/{user_id}/task/{task_id}/number/detail/{phone}", None),
        (
            "delete",
            "/agent-api/user/{user_id}/task/{task_id}/number-batch-delete",
            Some(json!({"customer_info_list": [{"phone": "13800138000"}]})),
        ),
        ("put", "/agent-api/user/{user_id}/task/{task_id}/number-batch-reset", Some(json!({"status": [1]}))),
        ("get", "/agent-api/user/{user_id}/task/{task_id}/number-reset", None),
        ("get", "/agent-api/user/{user_id}/task/{task_id}/number-reset/{reset_id}", None),
        ("get", "/agent-api/user/{user_id}/number-removal", None),
        ("get", "/agent-api/user/{user_id}/task/{task_id}/number-import", None),
        ("post", "/agent-api/user/{user_id}/task/{task_id}/number-import", Some(json!(NUMBERS))),
        ("get", "/agent-api/user/{user_id}/task/{task_id}/number-import/{import_id}", None),
        ("post", "/agent-api/user/{user_id}/task/{task_id}/number-import/{import_id}/cancel", None),
        ("get", "/agent-api/user/{user_id}/task/{task_id}/number-import/{import_id}/refused", None),
        ("get", "/agent-api/user/{user_id}/identification/{unique_id}", None),
    ]
    .into_iter()
    .map(|(method, path, body)| (method, path, body, Stranger::NotFound))
    .collect()
}

/// A file of numbers.
const NUMBERS: &str = "phone\n13800138009\n";

/// Imports a number into a task if the path asks for an import; gives its id.
fn import(world: &World, path: &str, task: &str) -> String {
    if !path.contains("{import_id}") {
        return String::new();
    }
    let path = world.path(&format!("/task/{task}/number-import"));
    let taken = world.client.upload("POST", &path, &[], NUMBERS.as_bytes());
    taken.data()["id"].as_str().unwrap().to_owned()
}

/// Gives a task a number, and a reset of numbers if the path asks for one; gives its id.
fn reset(world: &World, path: &str, task: &str) -> String {
    if path.contains("/number/detail/") {
        let data = json!({"data": [{"phone": "13800138000"}]});
        world.client.post(&world.path(&format!("/task/{task}/number")), &data).data();
    }
    if !path.contains("{reset_id}") {
        return String::new();
    }
    for first in (0..1_200).step_by(200) {
        let data: Vec<Value> =
            (first..first + 200).map(|end| json!({"phone": format!("139{end:08}")})).collect();
        world.client.post(&world.path(&format!("/task/{task}/async_number")), &json!({"data": data})).data();
    }
    let reset = world.path(&format!("/task/{task}/number-batch-reset"));
    world.client.put(&reset, &json!({"status": [0]})).data()["reset_id"].as_str().unwrap().to_owned()
}

/// A WAV file of one channel and 8 bits that is good text, too.
const WAV: &str = "RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0data\x08\0\0\0\x10\x70\x10\x70\x10\x70\x10\x70";

/// Of scripts and prompts.
fn scripts() -> Vec<Row> {
    use Stranger::{NotFound, Own};
    let script = json!({"name": "swept", "steps": [{"action": "hang_up"}]});
    vec![
        ("get", "/agent-api/group/{user_id}", None, NotFound),
        ("get", "/agent-api/agent_group/tenant/{tenant_id}", None, Own),
        ("get", "/agent-api/user/{user_id}/script", None, NotFound),
        ("post", "/agent-api/user/{user_id}/script", Some(script.clone()), NotFound),
        ("get", "/agent-api/user/{user_id}/script/{script_id}", None, NotFound),
        ("put", "/agent-api/user/{user_id}/script/{script_id}", Some(script), NotFound),
        ("delete", "/agent-api/user/{user_id}/script/{script_id}", None, NotFound),
        ("get", "/agent-api/user/{user_id}/prompt", None, NotFound),
        ("post", "/agent-api/user/{user_id}/prompt", Some(json!(WAV)), NotFound),
        ("get", "/agent-api/user/{user_id}/prompt/{prompt_id}", None, NotFound),
        ("put", "/agent-api/user/{user_id}/prompt/{prompt_id}", Some(json!({"name": "swept"})), NotFound),
        ("get", "/agent-api/user/{user_id}/prompt/{prompt_id}/audio", None, NotFound),
        ("put", "/agent-api/user/{user_id}/prompt/{prompt_id}/audio", Some(json!(WAV)), NotFound),
        ("delete", "/agent-api/user/{user_id}/prompt/{prompt_id}", None, NotFound),
    ]
}

/// Of redial rules.
fn redial_rules() -> Vec<Row> {
    use Stranger::NotFound;
    let rule = json!({"name": "swept", "statuses": [4], "interval": 30, "times": 3});
    vec![
        ("get", "/agent-api/user/{user_id}/redial-rule", None, NotFound),
        ("post", "/agent-api/user/{user_id}/redial-rule", Some(rule.clone()), NotFound),
        ("get", "/agent-api/user/{user_id}/redial-rule/{rule_id}", None, NotFound),
        ("put", "/agent-api/user/{user_id}/redial-rule/{rule_id}", Some(rule), NotFound),
        ("delete", "/agent-api/user/{user_id}/redial-rule/{rule_id}", None, NotFound),
    ]
}

/// Of numbers that must not be called.
fn do_not_call() -> Vec<Row> {
    use Stranger::NotFound;
    let entries = json!({"data": [{"phone": "13800138001"}]});
    vec![
        ("get", "/agent-api/user/{user_id}/do-not-call", None, NotFound),
        ("post", "/agent-api/user/{user_id}/do-not-call", Some(entries), NotFound),
        ("post", "/agent-api/user/{user_id}/do-not-call/import", Some(json!("13800138002\n")), NotFound),
        ("get", "/agent-api/user/{user_id}/do-not-call/{phone}", None, NotFound),
        ("delete", "/agent-api/user/{user_id}/do-not-call/{phone}", None, NotFound),
        ("post", "/agent-api/user/{user_id}/erase-number", Some(json!({"phone": "13800138003"})), NotFound),
    ]
}

/// Of groups, decisions and events.
fn groups(group_id: i64) -> Vec<Row> {
    use Stranger::NotFound;
    vec![
        ("get", "/agent-api/user/{user_id}/dial-time-group", None, NotFound),
        ("post", "/agent-api/user/{user_id}/dial-time-group", Some(group("swept")), NotFound),
        ("get", "/agent-api/user/{user_id}/dial-time-group/{group_id}", None, NotFound),
        ("put", "/agent-api/user/{user_id}/dial-time-group/{group_id}", Some(group("swept")), NotFound),
        ("get", "/agent-api/user/{user_id}/dial-time-group/{group_id}/task", None, NotFound),
        ("get", "/agent-api/user/{user_id}/dial-time-group/{group_id}/decision", None, NotFound),
        ("get", "/agent-api/user/{user_id}/dial-time-group/{group_id}/calendar", None, NotFound),
        (
            "post",
            "/agent-api/user/{user_id}/dial-time-group/preview",
            Some(json!({"group_id": group_id})),
            NotFound,
        ),
        ("get", "/agent-api/user/{user_id}/dial-time-group/{group_id}/calendar-subscription", None, NotFound),
        (
            "post",
            "/agent-api/user/{user_id}/dial-time-group/{group_id}/calendar-subscription",
            None,
            NotFound,
        ),
        ("get", "/agent-api/user/{user_id}/task/{task_id}/decision", None, NotFound),
        ("get", "/agent-api/user/{user_id}/task/{task_id}/progress", None, NotFound),
        ("get", "/agent-api/user/{user_id}/progress", None, NotFound),
        ("get", "/agent-api/user/{user_id}/call", None, NotFound),
        ("get", "/agent-api/user/{user_id}/stat", None, NotFound),
        (
            "post",
            "/agent-api/user/{user_id}/decisions",
            Some(json!({"queries": [{"group_id": group_id}]})),
            NotFound,
        ),
        ("get", "/agent-api/user/{user_id}/events", None, NotFound),
        ("get", "/agent-api/user/{user_id}/overview", None, NotFound),
    ]
}

/// The body of what stops or resumes dialing, for an account that nothing else needs; what is to be resumed is stopped.
fn of_stop(world: &World, (method, path): (&str, &str), user: &str, body: Option<Value>) -> Option<Value> {
    if method != "post" || !path.ends_with("-dialing") {
        return body;
    }
    let account = json!({"level": "account", "user_id": user});
    if path.ends_with("/resume-dialing") {
        world.client.post("/agent-api/stop-dialing", &account).data();
    }
    Some(account)
}

fn rows(group_id: i64) -> Vec<Row> {
    use Stranger::{NotFound, Own};
    let account = json!({"name": "x", "email": "sweep@example.com", "phone": "13911111111",
                         "password": "long enough", "password_confirmation": "long enough"});
    let sub_user = json!({"name": "x", "email": "sweep2@example.com", "phone": "13922222222",
                          "password": "long enough", "password_confirmation": "long enough"});
    let mut rows = vec![
        ("get", "/agent-api/token", None, Own),
        ("get", "/agent-api/holiday-calendar", None, Own),
        ("get", "/agent-api/stop-dialing", None, Own),
        ("post", "/agent-api/stop-dialing", None, NotFound),
        ("post", "/agent-api/resume-dialing", None, NotFound),
        ("get", "/users", None, Own),
        ("post", "/users", Some(account), Own),
        ("get", "/agent-api/user/{user_id}/message", None, NotFound),
        ("get", "/agent-api/user/{user_id}/subset_users", None, NotFound),
        ("post", "/agent-api/user/{user_id}/subset_users", Some(sub_user), NotFound),
        ("get", "/agent-api/user/{user_id}/subset_users/{sub_user_id}/edit", None, NotFound),
    ];
    rows.extend(groups(group_id));
    rows.extend(redial_rules());
    rows.extend(calendars::rows());
    rows.extend(scripts());
    rows.extend(do_not_call());
    rows.extend(administration());
    rows.extend(tasks(group_id));
    rows.extend(records::rows());
    rows.extend(numbers());
    rows.push((
        "delete",
        "/agent-api/user/{user_id}/dial-time-group/{group_id}/calendar-subscription/{subscription_id}",
        None,
        NotFound,
    ));
    rows.extend(webhooks());
    rows.extend(lines::rows());
    rows.extend([audit::rows(), groups::rows(), closures::rows(), ceilings::rows(), bulk::rows()].concat());
    // Last, for they take away what the others need: each is given a thing of its own.
    rows.push(("delete", "/agent-api/user/{user_id}/task/{task_id}", None, NotFound));
    rows.push(("delete", "/agent-api/new/user/{user_id}/task/{task_id}", None, NotFound));
    rows.push(("post", "/agent-api/user/{user_id}/dial-time-group/{group_id}/replace", None, NotFound));
    rows.push(("delete", "/agent-api/user/{user_id}/dial-time-group/{group_id}", None, NotFound));
    rows
}

/// What an operation asks of a token, by how it is written: nothing here knows how the program says it.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
enum Needs {
    Decide,
    Read,
    All,
}

impl Needs {
    fn of(method: &str, path: &str) -> Self {
        let acts = ["/task_start/", "/task_stop/", "/copy/"].iter().any(|part| path.contains(part));
        let decides =
            path.ends_with("/decision") || path.ends_with("/decisions") || path == "/agent-api/token";
        match (method, acts) {
            _ if decides => Self::Decide,
            ("get", false) => Self::Read,
            ("post", false) if path.ends_with("/preview") => Self::Read,
            _ => Self::All,
        }
    }
}

/// Operations on what is the partner's as a whole; only tokens that are not limited to a user may.
fn is_the_partners(method: &str, path: &str) -> bool {
    const ALWAYS: [&str; 5] = [
        audit::OF_PARTNER,
        "/agent-api/user/{user_id}",
        "/agent-api/user/{user_id}/disable",
        "/agent-api/user/{user_id}/enable",
        "/agent-api/user/{user_id}/password",
    ];
    let about_lines = path.contains("/line")
        || path.ends_with("/default-cause-map")
        || path.ends_with("line_list")
        || path.ends_with("/callerline");
    let stops = method == "post" && path.ends_with("-dialing");
    let from_above = method != "get"
        && ["closure", "ceiling", "holiday-calendar"].contains(&path.split('/').nth(2).unwrap_or(""));
    about_lines || stops || from_above || (method, path) == ("post", "/users") || ALWAYS.contains(&path)
}

/// Tokens of the world's partner that may do less than everything.
struct Limited {
    decide: Client,
    read: Client,
    /// Of the world's user alone.
    own_user: Client,
    /// Of another user alone.
    other_user: Client,
}

impl Limited {
    fn new(world: &World) -> Self {
        let other = crate::support::register(&world.client, "/users");
        Self {
            decide: world.token(&["--scope", "decide"]),
            read: world.token(&["--scope", "read"]),
            own_user: world.token(&["--user", &world.user]),
            other_user: world.token(&["--user", &other]),
        }
    }

    /// Sends a request with each of them, and holds what they are answered against what they may.
    fn try_all(&self, world: &World, (method, path): (&str, &str), send: impl Fn(&Client) -> Reply) {
        let needs = Needs::of(method, path);
        for (client, may) in [(&self.decide, Needs::Decide), (&self.read, Needs::Read)] {
            let seen = send(client);
            let expected = if needs <= may { 200 } else { 403 };
            // A file has no code.
            let code = seen.body["code"].as_i64().unwrap_or(seen.status.into());
            assert_eq!((seen.status, code), (expected, expected.into()), "{method} {path}: may {may:?}");
        }
        if is_the_partners(method, path) {
            assert_eq!(send(&self.own_user).status, 404, "{method} {path}: limited to the user");
        }
        let seen = send(&self.other_user);
        let of_a_user = path.contains("{user_id}") || path.contains("{task_id}");
        let expected = if of_a_user || is_the_partners(method, path) { 404 } else { 200 };
        assert_eq!(seen.status, expected, "{method} {path}: limited to another user");
        assert!(!seen.body.to_string().contains(&world.user), "{method} {path}: limited to another user");
    }
}

/// Operations that ask for no token.
const OPEN: [(&str, &str); 5] = [
    ("get", "/healthz"),
    ("get", "/readyz"),
    ("get", "/calendars/{file}"),
    ("get", "/agent-api/download-number"),
    ("get", "/recordings/{account_id}/{file}"),
];

fn operations(client: &Client) -> BTreeSet<(String, String)> {
    let document = client.get("/openapi.json").body;
    let paths = document["paths"].as_object().unwrap().iter();
    let methods = |(path, item): (&String, &Value)| {
        let path = path.clone();
        item.as_object().unwrap().keys().map(move |method| (method.clone(), path.clone())).collect::<Vec<_>>()
    };
    paths.flat_map(methods).collect()
}

/// Nobody who is not known gets in, and a stranger sees nothing of the world's user.
fn try_others(
    world: &World,
    (method, path): (&str, &str),
    stranger: (&Client, Stranger),
    send: impl Fn(&Client) -> Reply,
) {
    // Each over a connection of its own: what a stranger sends is left unread, and the connection closed.
    let unknown = Client::new(&world.server.base, "dt_0");
    assert_eq!(send(&unknown).status, 401, "{method} {path}: bad");
    let nobody = Client::new(&world.server.base, "").with_authorization(None);
    assert_eq!(send(&nobody).status, 401, "{method} {path}: no token");
    let seen = send(stranger.0);
    if stranger.1 == Stranger::NotFound {
        let unknown = json!({"code": 404, "status": "error", "message": "资源不存在", "data": []});
        assert_eq!((seen.status, seen.body), (404, unknown), "{method} {path}: a stranger");
    } else {
        let expected = if stranger.1 == Stranger::Own { 200 } else { 422 };
        assert_eq!(seen.status, expected, "{method} {path}: a stranger");
        assert!(!seen.body.to_string().contains(&world.user), "{method} {path}: a stranger sees another's");
    }
}

/// The accounts that a row acts on. Those that switch accounts off or delete them get some that nothing else needs.
fn accounts(world: &World, (method, path): (&str, &str)) -> (String, String) {
    let (mut user, mut sub_user) = (world.user.clone(), world.sub_user.clone());
    if is_the_partners(method, path) {
        user = crate::support::register(&world.client, "/users");
    } else if path.contains("/subset_users/{sub_user_id}") {
        sub_user = crate::support::register(&world.client, &world.path("/subset_users"));
    }
    (user, sub_user)
}

#[rstest]
fn every_operation_asks_who_is_there(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let (stranger, _) = world.stranger();
    let shared = world.group("shared");
    let rows = rows(shared);
    let mut swept: BTreeSet<_> = rows.iter().map(|row| (row.0.to_owned(), row.1.to_owned())).collect();
    let others = OPEN.into_iter().chain(not_kept::OPERATIONS.map(|(method, path, _)| (method, path)));
    swept.extend(others.chain(calls::OPERATIONS).map(|(method, path)| (method.to_owned(), path.to_owned())));
    assert_eq!(operations(&world.client), swept, "the document and this sweep name different operations");
    let webhook = callbacks::disabled_webhook(&world, "standard");
    let test = world.path(&format!("/webhook/{}/test", webhook.as_str().unwrap()));
    let delivery = world.client.post(&test, &json!({})).data()["id"].clone();
    let limited = Limited::new(&world);
    for (method, path, body, of_stranger) in rows {
        let (own_group, own_task) = (world.group("own"), world.task(shared));
        let body = groups::prepared(&world, path, (own_group, shared), body);
        let (user, sub_user) = accounts(&world, (method, path));
        let subscriptions = world.path(&format!("/dial-time-group/{own_group}/calendar-subscription"));
        let subscription = world.client.post(&subscriptions, &json!({})).data()["id"].clone();
        let (path_of_line, body) = lines::of_line(&world, (method, path), &user, body);
        let path_of_line = path_of_line.replace("{import_id}", &import(&world, path, &own_task));
        let path_of_line = callbacks::placed(&world, path_of_line, &own_task);
        let address = own_things(&world, (method, &path_of_line))
            .replace("{subscription_id}", subscription.as_str().unwrap())
            .replace("{reset_id}", &reset(&world, path, &own_task))
            .replace("{webhook_id}", webhook.as_str().unwrap())
            .replace("{delivery_id}", &delivery.to_string())
            .replace("{user_id}", &user)
            .replace("{sub_user_id}", &sub_user)
            .replace("{group_id}", &own_group.to_string())
            .replace("{task_id}", &own_task)
            .replace("{record_id}", &world.record(&own_task));

        let send = |client: &Client| {
            let (kind, body) = as_sent(body.as_ref());
            let header = [("Content-Type", kind)];
            client.send(&method.to_uppercase(), &address, &header, body.as_deref().or(empty(method)))
        };
        try_others(&world, (method, path), (&stranger, of_stranger), send);
        limited.try_all(&world, (method, path), send);
        if (method, path) == ("post", "/users") {
            continue_with_own_address(&world);
        } else {
            assert_eq!(send(&world.client).status, 200, "{method} {path}: its own");
        }
    }
    not_kept::try_all(&world, &stranger);
    calls::try_all(&world, &stranger);
    try_open(&world, shared);
}

/// What is open to everyone is answered without a token.
fn try_open(world: &World, group: i64) {
    let subscriptions = world.path(&format!("/dial-time-group/{group}/calendar-subscription"));
    let calendar = world.client.post(&subscriptions, &json!({})).data()["path"].as_str().unwrap().to_owned();
    for (_, path) in OPEN {
        let path = callbacks::open(world, path, group).replace("/calendars/{file}", &calendar);
        let expected = if path.contains("recordings") { 404 } else { 200 };
        assert_eq!(world.client.with_authorization(None).get(&path).status, expected);
    }
}

/// A path with the ids of things that nothing else needs, as far as it names such.
fn own_things(world: &World, (method, path): (&str, &str)) -> String {
    let id = |answer: &Reply| answer.data()["id"].to_string().trim_matches('"').to_owned();
    let made = |things: &str, body: Value| id(&world.client.post(&world.path(things), &body));
    let address =
        closures::own(world, &calendars::own(world, (method, path))).replace("{tenant_id}", &world.partner);
    let mut address = address.replace("{phone}", "13800138000").replace("{version}", "1");
    if path.ends_with("/do-not-call/{phone}") {
        let entries = json!({"data": [{"phone": "13800138000"}]});
        world.client.post(&world.path("/do-not-call"), &entries).data();
    }
    if path.contains("{script_id}") {
        let script = json!({"name": "own", "steps": [{"action": "hang_up"}]});
        address = address.replace("{script_id}", &made("/script", script));
    }
    if path.contains("{prompt_id}") {
        let path = world.path("/prompt?name=own");
        let prompt = world.client.send("POST", &path, &[("Content-Type", "audio/wav")], Some(WAV));
        address = address.replace("{prompt_id}", &id(&prompt));
    }
    if method == "post" && path.ends_with("/prompt") {
        address += "?name=swept";
    }
    if path.contains("{rule_id}") {
        let rule = json!({"name": "own", "statuses": [4], "interval": 30, "times": 3});
        address = address.replace("{rule_id}", &made("/redial-rule", rule));
    }
    address
}

/// The stranger has registered the row's account; the partner's own accounts are apart from it.
fn continue_with_own_address(world: &World) {
    let own = crate::support::register(&world.client, "/users");
    assert_eq!(world.client.get(&format!("/users?id={own}")).body["meta"]["total"], 1);
}

/// A body and its type. A text is sent as it is: it is a file.
fn as_sent(body: Option<&Value>) -> (&'static str, Option<String>) {
    match body.and_then(Value::as_str) {
        Some(file) if file == WAV => ("audio/wav", Some(file.to_owned())),
        Some(file) => ("text/csv", Some(file.to_owned())),
        None => ("application/json", body.map(Value::to_string)),
    }
}

/// POST and PUT without a body still say so.
fn empty(method: &str) -> Option<&'static str> {
    (method == "post" || method == "put").then_some("")
}

#[rstest]
fn a_sub_user_of_another_user_does_not_exist(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let other = crate::support::register(&world.client, "/users");
    let path = format!("/agent-api/user/{other}");
    for rest in [
        format!("/dial-time-group?sub_user_id={}", world.sub_user),
        format!("/subset_users/{}/edit", world.sub_user),
        format!("/dial-time-group/{}", world.group("mine")),
        format!("/task/{}/edit", world.task(world.group("mine"))),
    ] {
        assert_eq!(world.client.get(&format!("{path}{rest}")).status, 404, "{rest}");
    }
    let as_user = world.client.get(&format!("/agent-api/user/{}/dial-time-group", world.sub_user));
    assert_eq!(as_user.status, 404, "a sub-user is no user");
}
