//! Planned closures: of an account with its sub-users, and of a partner.

use rstest::rstest;
use serde_json::{Value, json};
use test_support::{Manner, Receiver};

use crate::support::{self, Client, Database, Program, ProgramWorld, World, dialtime, until};

/// A task that is switched on, in a group that is always open, of the user or of its sub-user; the group and the task.
pub(crate) fn running(world: &World, query: &str) -> (i64, String) {
    let group =
        json!({"name": "always", "content": support::always(), "is_default": false, "skip_holiday": false});
    let group = world.client.post(&world.path(&format!("/dial-time-group{query}")), &group).data()["id"]
        .as_i64()
        .unwrap();
    let task = world.client.post(&world.path(&format!("/task{query}")), &support::task(group));
    let task = task.data()["uuid"].as_str().unwrap().to_owned();
    world.client.put(&world.path(&format!("/task_start/{task}{query}")), &json!({})).data();
    (group, task)
}

/// What is decided of a group and its task, which are alike, and the state of the task.
pub(crate) fn decided(world: &World, (group, task): &(i64, String), query: &str) -> (Value, Value, Value) {
    let of_group =
        world.client.get(&world.path(&format!("/dial-time-group/{group}/decision{query}"))).data().clone();
    let of_task = world.client.get(&world.path(&format!("/task/{task}/decision{query}"))).data().clone();
    for member in ["allowed", "reason"] {
        assert_eq!(of_group[member], of_task[member]);
    }
    let status = world.client.get(&world.path(&format!("/task/{task}/edit{query}"))).data()["status"].clone();
    (of_group["allowed"].clone(), of_group["reason"]["name"].clone(), status)
}

fn types(world: &World, query: &str) -> Vec<String> {
    let separator = if query.is_empty() { "?" } else { "&" };
    let page = world.client.get(&world.path(&format!("/events{query}{separator}limit=1000")));
    let events = page.data()["events"].as_array().unwrap().clone();
    let by_it = events.iter().filter(|event| event["cause"] == "closure");
    by_it.map(|event| event["type"].as_str().unwrap().to_owned()).collect()
}

#[rstest]
fn a_closure_closes_all_below_at_once_and_is_revoked_at_once(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
    #[values(true, false)] of_partner: bool,
) {
    let world = World::new(database);
    let sub_user = format!("?sub_user_id={}", world.sub_user);
    let (of_user, of_sub_user) = (running(&world, ""), running(&world, &sub_user));
    let closures = if of_partner { "/agent-api/closure".to_owned() } else { world.path("/closure") };
    let body = json!({"name": "年会", "end": "2199-01-01 00:00:00"});
    let planned = world.client.post(&closures, &body).data().clone();
    assert_eq!((&planned["name"], &planned["end"]), (&json!("年会"), &json!("2199-01-01 00:00:00")));
    for (running, query) in [(&of_user, ""), (&of_sub_user, sub_user.as_str())] {
        assert_eq!(decided(&world, running, query), (json!(false), json!("年会"), json!(3)));
        let listed = world.client.get(&world.path(&format!("/closure{query}"))).data().clone();
        assert_eq!(listed, json!([planned]));
        let told = ["closure.planned", "group.closed", "task.waiting"];
        until("it is told", || types(&world, query) == told);
    }
    let path = world.path(&format!("/dial-time-group/{}/decision", of_user.0));
    let decision = world.client.get(&path).data().clone();
    assert_eq!(decision["reason"]["rule"], "closure");
    assert!(decision["next_allowed_at"].as_str().unwrap().starts_with("2199-01-01T00:00:00"), "{decision}");
    // What lies below opens nothing that is closed above.
    let over = json!({"state": "open", "until": "2198-01-01 00:00:00", "reason": "x"});
    world.client.put(&world.path(&format!("/dial-time-group/{}/override", of_user.0)), &over).data();
    assert_eq!(decided(&world, &of_user, "").0, false);

    // Closures hold by whole seconds: one that is revoked within its first has never been there, and its end is told as an edit.
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    let id = planned["id"].as_str().unwrap();
    // What is above or below is not there; a partner's list, though, has what its accounts closed.
    if of_partner {
        assert_eq!(world.client.delete(&world.path(&format!("/closure/{id}"))).status, 404);
    }
    assert_eq!(world.client.delete(&world.path(&format!("/closure/{id}{sub_user}"))).status, 404);
    world.client.delete(&format!("{closures}/{id}")).data();
    assert_eq!(decided(&world, &of_sub_user, &sub_user).0, true);
    assert_eq!(decided(&world, &of_user, "").0, true);
    assert_eq!(world.client.delete(&format!("{closures}/{id}")).status, 404);
    let told = [
        "closure.planned",
        "group.closed",
        "task.waiting",
        "closure.revoked",
        "group.opened",
        "task.running",
    ];
    until("its end is told", || types(&world, &sub_user) == told);
}

#[rstest]
fn what_is_no_closure_is_refused_by_field(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    for (body, field, rule) in [
        (json!({"end": "2199-01-01 00:00:00"}), "name", "required"),
        (json!({"name": "x"}), "end", "required"),
        (json!({"name": "x", "end": "2020-01-01 00:00:00"}), "end", "past"),
        (json!({"name": "x", "begin": "2019-12-31 00:00:00", "end": "2020-01-01 00:00:00"}), "end", "past"),
        (
            json!({"name": "x", "begin": "2199-01-02 00:00:00", "end": "2199-01-01 00:00:00"}),
            "end",
            "not_after",
        ),
        (json!({"name": "x", "begin": "soon", "end": "2199-01-01 00:00:00"}), "begin", "date_time"),
        (json!({"name": "x", "end": "2199-01-01 00:00:00", "from": "x"}), "from", "unknown_field"),
    ] {
        let reply = world.client.post(&world.path("/closure"), &body);
        assert_eq!(reply.status, 422, "{body}");
        let fault = &reply.body["data"][0];
        assert_eq!((&fault["field"], &fault["rule"]), (&json!(field), &json!(rule)), "{body}");
    }
    assert_eq!(*world.client.get(&world.path("/closure")).data(), json!([]));
}

/// Whoever plans a closure of an account on the partner's path, and sees it there, revokes it there.
#[rstest]
fn a_partner_revokes_what_it_lists_and_nobody_elses(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let (user, sub_user) = (&world.user, &world.sub_user);
    let (other, _) = world.stranger();
    let end = "2199-01-01 00:00:00";
    for body in [
        json!({"name": "x", "end": end}),
        json!({"name": "x", "end": end, "scope": "account", "user_id": user}),
        json!({"name": "x", "end": end, "scope": "account", "user_id": user, "sub_user_id": sub_user}),
    ] {
        world.client.post("/agent-api/closure", &body).data();
        let listed = world.client.get("/agent-api/closure").data()[0].clone();
        let path = format!("/agent-api/closure/{}", listed["id"].as_str().unwrap());
        assert_eq!(other.delete(&path).status, 404, "{body}");
        assert_eq!(world.client.delete(&path).status, 200, "{body}");
        assert_eq!(world.client.delete(&path).status, 404, "{body}");
        assert_eq!(*world.client.get("/agent-api/closure").data(), json!([]));
    }
    let of_all = dialtime(&world.database.url, &["closure", "add", "x", "--end", "2199-01-01T00:00:00Z"]);
    assert_eq!(world.client.delete(&format!("/agent-api/closure/{}", of_all.trim())).status, 404);
    assert_eq!(world.client.get("/agent-api/closure").data().as_array().unwrap().len(), 1);
}

#[rstest]
fn what_is_over_is_listed_when_it_is_asked_for(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let body = json!({"name": "x", "begin": "2198-01-01 00:00:00", "end": "2199-01-01 00:00:00"});
    world.client.post(&world.path("/closure"), &body).data();
    for closures in [world.path("/closure"), "/agent-api/closure".to_owned()] {
        let listed = |query: &str| world.client.get(&format!("{closures}{query}"));
        assert_eq!(listed("?ended=false").data().as_array().unwrap().len(), 1);
        assert_eq!(*listed("?ended=true").data(), json!([]));
        assert_eq!(listed("?ended=x").body["data"][0]["field"], "ended");
    }
}

#[rstest]
fn the_scope_says_what_a_partner_closes(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let plan = |more: Value| {
        let mut body = json!({"name": "x", "begin": "2198-01-01 00:00:00", "end": "2199-01-01 00:00:00"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        world.client.post("/agent-api/closure", &body)
    };
    let (user, sub_user) = (&world.user, &world.sub_user);
    for (more, level, account) in [
        (json!({}), "partner", Value::Null),
        (json!({"scope": "partner"}), "partner", Value::Null),
        (json!({"scope": "account", "user_id": user}), "account", json!(user)),
        (json!({"scope": "account", "user_id": user, "sub_user_id": sub_user}), "account", json!(sub_user)),
    ] {
        let planned = plan(more.clone()).data().clone();
        assert_eq!((&planned["level"], &planned["account_id"]), (&json!(level), &account), "{more}");
    }
    assert_eq!(plan(json!({"scope": "account", "user_id": sub_user})).status, 404);
    for (more, field, rule) in [
        (json!({"scope": "account"}), "user_id", "required"),
        (json!({"user_id": user}), "user_id", "unknown_field"),
        (json!({"scope": "partner", "sub_user_id": sub_user}), "sub_user_id", "unknown_field"),
        (json!({"scope": "installation"}), "scope", "one_of"),
    ] {
        assert_eq!(plan(more.clone()).faults(), [(field, rule)], "{more}");
    }
    // On an account's path it is that account.
    let body = |scope| json!({"name": "x", "end": "2199-01-01 00:00:00", "scope": scope});
    let own = world.client.post(&world.path("/closure"), &body("account"));
    assert_eq!(own.data()["account_id"], json!(user));
    let refused = world.client.post(&world.path("/closure"), &body("partner"));
    assert_eq!(refused.faults(), [("scope", "one_of")]);
}

#[rstest]
fn every_answer_names_all_that_close(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let running = running(&world, "");
    let plan = |path: &str, name: &str, end: &str| {
        world.client.post(path, &json!({"name": name, "end": end})).data();
    };
    plan(&world.path("/closure"), "搬家", "2198-01-01 00:00:00");
    plan("/agent-api/closure", "年会", "2199-01-01 00:00:00");
    let group = world.path(&format!("/dial-time-group/{}", running.0));
    // The last to open comes first, and is the one that decides.
    let names = |list: &Value| {
        let list = list.as_array().unwrap();
        list.iter().map(|by| (by["rule"].clone(), by["name"].clone())).collect::<Vec<_>>()
    };
    let of = |name| (json!("closure"), json!(name));
    for path in [format!("{group}/decision"), world.path(&format!("/task/{}/decision", running.1))] {
        let decision = world.client.get(&path).data().clone();
        assert_eq!(names(&decision["closed_by"]), [of("年会"), of("搬家")], "{decision}");
        assert_eq!(decision["reason"]["name"], "年会");
        assert!(decision["closed_by"][1]["until"].as_str().unwrap().starts_with("2198-01-01T00:00:00"));
    }
    let over = json!({"state": "closed", "until": "next_change", "reason": "演练"});
    world.client.put(&format!("{group}/override"), &over);
    let calendar = world.client.get(&format!("{group}/calendar")).data().clone();
    let shown = json!([calendar["closures"][0]["name"], calendar["closures"][1]["name"]]);
    assert_eq!(shown, json!(["年会", "搬家"]));
    let overview = world.client.get(&world.path("/overview")).data().clone();
    let last = overview[0]["spans"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&last["rule"], &last["closures"][1]["name"]), (&json!("closure"), &json!("搬家")));
    // What the task and the group have of their own is named as well.
    world.client.put(&world.path(&format!("/task_stop/{}", running.1)), &json!({})).data();
    let task = world.client.get(&world.path(&format!("/task/{}/decision", running.1))).data().clone();
    assert_eq!(task["closed_by"][0]["rule"], "paused");
    assert!(names(&task["closed_by"]).contains(&of("搬家")), "{task}");
}

/// The installation is closed at the command line while a server runs, and stays so over a restart.
#[rstest]
fn the_command_line_closes_the_installation(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let ProgramWorld { server, world } = ProgramWorld::new(database);
    let of_user = running(&world, "");
    let url = &world.database.url;
    let id =
        dialtime(url, &["closure", "add", "系统迁移", "--begin", "now", "--end", "2199-01-01T00:00:00Z"]);
    assert_eq!(decided(&world, &of_user, ""), (json!(false), json!("系统迁移"), json!(3)));
    let told = ["closure.planned", "group.closed", "task.waiting"];
    until("it is told", || types(&world, "") == told);
    let listed = world.client.get(&world.path("/closure")).data().clone();
    assert_eq!((&listed[0]["level"], &listed[0]["id"]), (&json!("installation"), &json!(id)));
    // It is nobody's to revoke over the API.
    assert_eq!(world.client.delete(&format!("/agent-api/closure/{id}")).status, 404);
    assert!(
        dialtime(url, &["doctor"]).contains("the whole installation is closed until 2199-01-01T00:00:00Z")
    );
    drop(server);
    let line = dialtime(url, &["closure", "list"]);
    assert!(line.starts_with(&id) && line.contains("closed") && line.ends_with("系统迁移"), "{line}");
    assert_eq!(dialtime(url, &["closure", "list", "--ended"]), "");
    // Revoked while nothing runs.
    assert!(dialtime(url, &["closure", "revoke", &id]).starts_with("revoked"));
    let server = Program::start(url, &[]);
    let path = world.path(&format!("/dial-time-group/{}/decision", of_user.0));
    assert_eq!(world.client.at(&server.base).get(&path).data()["allowed"], true);
    for arguments in [
        vec!["closure", "revoke", &id],
        vec!["closure", "add", "", "--end", "2199-01-01T00:00:00Z"],
        vec!["closure", "add", "x", "--end", "2020-01-01T00:00:00Z"],
        vec!["closure", "add", "x", "--end", "tomorrow"],
        vec!["closure", "add", "x"],
    ] {
        assert!(!support::run(url, &arguments).is_good(), "{arguments:?}");
    }
}

#[rstest]
fn the_progress_of_a_task_names_all_that_closes_it(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let (group, task) = running(&world, "");
    let closed_by = |world: &World| {
        let of = |what: &str| {
            world.client.get(&world.path(&format!("/task/{task}/{what}"))).data()["closed_by"].clone()
        };
        assert_eq!(of("progress"), of("decision"));
        let all = of("progress").as_array().unwrap().clone();
        all.iter().map(|by| json!([by["rule"], by["name"]])).collect::<Vec<_>>()
    };
    assert_eq!(closed_by(&world), Vec::<Value>::new());
    for (name, end) in [("年会", "2198-01-01 00:00:00"), ("搬迁", "2199-01-01 00:00:00")] {
        world.client.post(&world.path("/closure"), &json!({"name": name, "end": end})).data();
    }
    let closed = json!({"name": "g", "content": []});
    world.client.put(&world.path(&format!("/dial-time-group/{group}")), &closed).data();
    let mut all = vec![json!(["weekly", null]), json!(["closure", "搬迁"]), json!(["closure", "年会"])];
    assert_eq!(closed_by(&world), all);
    world.client.put(&world.path(&format!("/task_stop/{task}")), &json!({})).data();
    all.insert(0, json!(["paused", null]));
    assert_eq!(closed_by(&world), all);
    let stop = json!({"level": "account", "user_id": world.user, "reason": "投诉"});
    world.client.post("/agent-api/stop-dialing", &stop).data();
    all[0] = json!(["stopped", "投诉"]);
    assert_eq!(closed_by(&world), all);
}

#[test]
fn a_closure_holds_on_every_node_at_its_commit() {
    let ProgramWorld { server: _here, mut world } = ProgramWorld::new(Database::Postgres);
    let there = Program::start(&world.database.url, &[]);
    let (here, there) = (world.client.clone(), world.client.at(&there.base));
    let sub_user = format!("?sub_user_id={}", world.sub_user);
    let tasks = [(running(&world, ""), ""), (running(&world, &sub_user), sub_user.as_str())];
    let mut is_open = |client: &Client| {
        world.client = client.clone();
        tasks.each_ref().map(|(running, query)| decided(&world, running, query).0)
    };
    // Each node has compiled the groups, and knows them open.
    assert_eq!([is_open(&here), is_open(&there)], [[json!(true), json!(true)], [json!(true), json!(true)]]);
    for round in 0..5 {
        let (one, other) = if round % 2 == 0 { (&here, &there) } else { (&there, &here) };
        let planned = json!({"name": format!("{round}"), "end": "2199-01-01 00:00:00"});
        let id = one.post("/agent-api/closure", &planned).data()["id"].as_str().unwrap().to_owned();
        assert_eq!(is_open(other), [json!(false), json!(false)], "round {round}");
        assert_eq!(is_open(one), [json!(false), json!(false)], "round {round}");
        other.delete(&format!("/agent-api/closure/{id}")).data();
        assert_eq!(is_open(one), [json!(true), json!(true)], "round {round}");
        assert_eq!(is_open(other), [json!(true), json!(true)], "round {round}");
    }
}

/// The types of so many events that came in, with their tasks, sorted.
fn heard(receiver: &Receiver, count: usize) -> Vec<(String, Value)> {
    let event =
        |event: &Value| (event["type"].as_str().unwrap().to_owned(), event["data"]["task_id"].clone());
    let mut heard: Vec<_> = receiver.wait_for(count).iter().map(|received| event(&received.body)).collect();
    heard.sort_by_key(|(kind, _)| kind.clone());
    heard
}

/// A webhook hears of the closure, of what it closes, and of what opens when it is revoked; a task that resumes only when asked stays paused.
#[rstest]
fn what_a_closure_silences_is_told_and_resumes_as_its_task_says(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::with(database, &["--webhooks-to-private"]);
    let (group, task) = running(&world, "");
    let mut asking = support::task(group);
    asking["resume"] = json!("ask");
    let asking = world.client.post(&world.path("/task"), &asking).data()["uuid"].as_str().unwrap().to_owned();
    world.client.put(&world.path(&format!("/task_start/{asking}")), &json!({})).data();
    let receiver = Receiver::start(Manner::Take, 0);
    let kinds = [
        "closure.planned",
        "closure.revoked",
        "group.closed",
        "group.opened",
        "task.waiting",
        "task.paused",
        "task.running",
    ];
    world.client.post(&world.path("/webhook"), &json!({"url": receiver.url, "events": kinds})).data();
    let heard = |count: usize| heard(&receiver, count);
    let planned = json!({"name": "年会", "end": "2199-01-01 00:00:00"});
    let id = world.client.post(&world.path("/closure"), &planned).data()["id"].as_str().unwrap().to_owned();
    let closed = heard(4);
    let kinds: Vec<&str> = closed.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds, ["closure.planned", "group.closed", "task.paused", "task.waiting"]);
    assert_eq!((&closed[2].1, &closed[3].1), (&json!(asking), &json!(task)));
    // Closures hold by whole seconds: one that is revoked within its first has never been there.
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    world.client.delete(&world.path(&format!("/closure/{id}"))).data();
    let all = heard(7);
    let opened: Vec<&str> = all.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(
        opened,
        [
            "closure.planned",
            "closure.revoked",
            "group.closed",
            "group.opened",
            "task.paused",
            "task.running",
            "task.waiting"
        ]
    );
    assert_eq!(all[5].1, json!(task));
    let status =
        |task: &str| world.client.get(&world.path(&format!("/task/{task}/edit"))).data()["status"].clone();
    assert_eq!((status(&task), status(&asking)), (json!(2), json!(1)));
}

/// What no account has done is in the log as well, of no account and by whom.
#[rstest]
fn what_is_closed_for_a_partner_or_for_all_is_in_the_log(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let url = &world.database.url;
    let law = world.open_group();
    let of_all = dialtime(url, &["closure", "add", "系统迁移", "--end", "2199-01-01T00:00:00Z"]);
    dialtime(url, &["closure", "revoke", &of_all]);
    let planned = json!({"name": "年会", "end": "2199-01-01 00:00:00"});
    let of_partner =
        world.client.post("/agent-api/closure", &planned).data()["id"].as_str().unwrap().to_owned();
    world.client.delete(&format!("/agent-api/closure/{of_partner}")).data();
    let ceiling = json!({"account_id": world.user, "dial_time_id": law});
    world.client.put("/agent-api/ceiling", &ceiling).data();
    world.client.delete("/agent-api/ceiling").data();
    let nobody = match database {
        Database::Sqlite => "x'00000000000000000000000000000000'",
        Database::Postgres => "'00000000-0000-0000-0000-000000000000'",
    };
    let log = |subject: &str| {
        let rows = format!(
            "SELECT action || ' ' || subject_id || ' ' || substr(actor, 1, 5) FROM audit \
             WHERE account_id = {nobody} AND subject = '{subject}' ORDER BY id"
        );
        world.database.texts_in_order(&rows)
    };
    let expected = [
        format!("create {of_all} comma"),
        format!("delete {of_all} comma"),
        format!("create {of_partner} token"),
        format!("delete {of_partner} token"),
    ];
    assert_eq!(log("closure"), expected);
    let ceilings = log("ceiling");
    let told: Vec<_> = ceilings.iter().map(|row| row.split(' ').next().unwrap()).collect();
    assert_eq!(told, ["create", "delete"]);
    assert!(ceilings.iter().all(|row| row.ends_with("token") && row.contains("partner")), "{ceilings:?}");
    // An account sees what is its own.
    let audit = world.client.get(&world.path("/audit?subject=closure"));
    assert_eq!(*audit.data(), json!([]));
}
