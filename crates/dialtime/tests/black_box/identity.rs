//! Who may do what: tokens that may do less than everything, and users and partners that are disabled or deleted.

use rstest::rstest;
use serde_json::{Value, json};
use test_support::ended;

use crate::support::{
    self, Client, Database, Program, ProgramWorld, World, dialtime, program, register, until,
};

/// What the program says of arguments, and whether it was good.
fn run(world: &World, arguments: &[&str]) -> (bool, String) {
    let ended = support::run(&world.database.url, arguments);
    (ended.is_good(), ended.said())
}

#[rstest]
fn a_token_says_what_it_may_do(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let scope = |client: &Client| {
        let token = client.get("/agent-api/token").data().clone();
        (token["scope"].clone(), token["numbers"].clone(), token["user_id"].clone())
    };
    assert_eq!(scope(&world.client), (json!("all"), json!("full"), Value::Null));
    let limited = world.token(&["--scope", "decide", "--numbers", "masked", "--user", &world.user]);
    assert_eq!(scope(&limited), (json!("decide"), json!("masked"), json!(world.user)));
    for (client, chinese, english) in [
        (&limited, "该操作需要read或all权限的访问令牌", "This needs a token of scope read or all"),
        (
            &world.token(&["--scope", "read"]),
            "该操作需要all权限的访问令牌",
            "This needs a token of scope all",
        ),
    ] {
        let path = world.path("/dial-time-group");
        let refused = if client.token() == limited.token() {
            client.get(&path)
        } else {
            client.post(&path, &crate::support::group("x"))
        };
        assert_eq!((refused.status, refused.code(), &refused.body["message"]), (403, 403, &json!(chinese)));
        let english_one = client.json("POST", &path, &[("Accept-Language", "en")], &json!({}));
        assert!(english_one.body["message"].as_str().unwrap().starts_with("This needs"), "{english}");
    }
    // What acts by GET is no reading.
    let task = world.task(world.group("group"));
    let read = world.token(&["--scope", "read"]);
    for method in ["GET", "HEAD", "POST"] {
        let start = read.send(method, &world.path(&format!("/task_start/{task}")), &[], None);
        assert!([403, 405].contains(&start.status), "{method}: {}", start.status);
    }
    let edit = world.client.get(&world.path(&format!("/task/{task}/edit")));
    assert_eq!(edit.data()["status"], 1);
}

#[rstest]
fn a_token_for_one_user_sees_no_other(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let other = register(&world.client, "/users");
    let client = world.token(&["--user", &world.user]);
    assert_eq!(client.get("/users").column("id"), [json!(world.user)]);
    assert_eq!(client.get(&format!("/users?id={other}")).body["meta"]["total"], 0);
    assert_eq!(client.get(&format!("/agent-api/user/{other}/dial-time-group")).status, 404);
    let sub_user = format!("?sub_user_id={}", world.sub_user);
    assert_eq!(client.get(&world.path(&format!("/dial-time-group{sub_user}"))).status, 200);
    assert_eq!(client.post(&world.path("/disable"), &json!({})).status, 404, "not even itself");
    let (good, said) =
        run(&world, &["token", "create", "--partner", &world.partner, "--user", &world.sub_user]);
    assert!(!good && said.contains("is a sub-user"), "{said}");
    let (stranger_client, stranger) = world.stranger();
    let (good, said) = run(&world, &["token", "create", "--partner", &world.partner, "--user", &stranger]);
    assert!(!good && said.contains("has no user"), "{said}");
    assert_eq!(stranger_client.get("/users").column("id"), [json!(stranger)]);
}

#[rstest]
fn telephone_numbers_are_masked(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let body = json!({"name": "x", "email": "masked@example.com", "phone": "13855556666", "password": "long enough",
                      "password_confirmation": "long enough", "subset_data": {"landline_phone": "010-5555666"}});
    let made =
        world.client.post(&world.path("/subset_users"), &body).data()["id"].as_str().unwrap().to_owned();
    let masked = world.token(&["--numbers", "masked"]);
    let lists = ["/users".to_owned(), world.path("/subset_users")];
    let detail = world.path(&format!("/subset_users/{made}/edit"));
    for path in lists.iter().chain([&detail]) {
        let text = masked.get(path).text;
        assert!(text.contains("****"), "{path}: {text}");
        for told in ["1385555", "010-5555", "0105555", "5555666", "1380000"] {
            assert!(!text.contains(told), "{path}: {text}");
        }
    }
    assert_eq!(masked.get(&detail).data()["phone"], "138****6666");
    assert_eq!(masked.get(&detail).data()["landline_phone"], "010****5666");
    assert_eq!(world.client.get(&detail).data()["phone"], "13855556666");
    // Or the digits could be found one after the other.
    for path in &lists {
        assert_eq!(masked.get(&format!("{path}?phone=1385")).status, 403, "{path}");
        assert_eq!(world.client.get(&format!("{path}?phone=138")).status, 200, "{path}");
    }
    // Registering would tell of each number whether it is taken, be the rest of the body good or not.
    for path in &lists {
        for phone in ["13855556666", "13855557777"] {
            let fresh = json!({"name": "x", "email": "fresh@example.com", "phone": phone, "password": "long enough",
                               "password_confirmation": "long enough"});
            let answers = [&fresh, &json!({"phone": phone})].map(|body| masked.post(path, body));
            assert!(answers.iter().all(|answer| answer.status == 403), "{path}: {}", answers[0].text);
        }
        assert_eq!(world.client.get(&format!("{path}?email=fresh")).body["meta"]["total"], 0, "{path}");
    }
}

#[rstest]
fn a_listing_says_whose_a_token_is_and_when_it_was_used(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let unused = world.token(&["--name", "unused", "--scope", "decide", "--user", &world.user]);
    let used = world.token(&["--name", "used"]);
    assert_eq!(used.get("/agent-api/token").status, 200);
    let line = |name: &str| {
        let listed = dialtime(&world.database.url, &["token", "list"]);
        listed.lines().find(|line| line.ends_with(name)).unwrap().to_owned()
    };
    until("its use is written", || line("  used").contains("last used 20"));
    let unused_line = line("  unused");
    assert!(unused_line.contains("never used") && unused_line.contains("  partner  "), "{unused_line}");
    assert!(unused_line.contains(&format!("decide, numbers full, user {}", world.user)), "{unused_line}");
    assert!(line("  used").contains("all, numbers full, all users"));
    drop(unused);
}

#[rstest]
fn two_partners_have_two_names(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let (good, said) = run(&world, &["partner", "create", "partner"]);
    assert!(!good && said.contains("there is a partner \"partner\" already"), "{said}");
    assert_eq!(dialtime(&world.database.url, &["partner", "list"]).lines().count(), 1);
}

/// A task that runs at any time, of the world's user; gives its id and its group's.
fn running_task(world: &World) -> (String, i64) {
    let group = world.open_group();
    let task = world.task(group);
    world.client.put(&world.path(&format!("/task_start/{task}")), &json!({})).data();
    (task, group)
}

fn events(client: &Client, world: &World) -> Vec<(Value, Value)> {
    let events = client.get(&world.path("/events?limit=1000"));
    let events = events.data()["events"].as_array().unwrap().clone();
    events.iter().map(|event| (event["type"].clone(), event["cause"].clone())).collect()
}

/// What is decided about a task and its group: asked one by one, and together.
fn decisions(world: &World, client: &Client, task: &str, group: i64) -> [(Value, Value); 4] {
    let of_task = client.get(&world.path(&format!("/task/{task}/decision"))).data().clone();
    let of_group = client.get(&world.path(&format!("/dial-time-group/{group}/decision"))).data().clone();
    let queries = json!({"queries": [{"group_id": group}, {"task_id": task}]});
    let many = client.post(&world.path("/decisions"), &queries).data().clone();
    let rule = |decision: &Value| (decision["allowed"].clone(), decision["reason"]["rule"].clone());
    [rule(&of_task), rule(&of_group), rule(&many[0]["data"]), rule(&many[1]["data"])]
}

#[rstest]
fn nothing_of_a_disabled_user_dials_until_it_is_enabled(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let other_server = (database == Database::Postgres).then(|| Program::start(&world.database.url, &[]));
    let (task, group) = running_task(&world);
    let limited = world.token(&["--user", &world.user]);
    let asks = |client: &Client| decisions(&world, client, &task, group);
    let clients: Vec<Client> = std::iter::once(world.client.clone())
        .chain(other_server.iter().map(|server| world.client.at(&server.base)))
        .collect();
    let allowed = asks(&world.client);
    assert!(allowed.iter().all(|(allowed, _)| *allowed == true), "{allowed:?}");
    for switch in ["api", "command line"] {
        let set = |disabled: bool| {
            let verb = if disabled { "disable" } else { "enable" };
            if switch == "api" {
                assert_eq!(world.client.post(&world.path(&format!("/{verb}")), &json!({})).status, 200);
            } else {
                dialtime(&world.database.url, &["user", verb, &world.user]);
            }
        };
        set(true);
        for client in clients.iter().chain([&limited]) {
            let no = (json!(false), json!("account_disabled"));
            assert_eq!(asks(client), [no.clone(), no.clone(), no.clone(), no], "{switch}");
            let refused = client.get(&world.path("/dial-time-group"));
            assert_eq!((refused.status, &refused.body["message"]), (403, &json!("账户已停用")), "{switch}");
            let sub_user = format!("/dial-time-group?sub_user_id={}", world.sub_user);
            assert_eq!(client.get(&world.path(&sub_user)).status, 403, "its sub-users, too");
            let start = client.put(&world.path(&format!("/task_start/{task}")), &json!({}));
            assert_eq!(start.status, 403);
        }
        assert!(world.client.get("/users").data()[0]["disabled_at"].is_string());
        let told = events(&world.client, &world);
        assert_eq!(told.last().unwrap(), &(json!("task.waiting"), json!("account")), "{switch}");
        set(true);
        assert_eq!(events(&world.client, &world), told, "doing it again changes nothing");
        set(false);
        let told = events(&world.client, &world);
        assert_eq!(told.last().unwrap(), &(json!("task.running"), json!("account")), "{switch}");
        assert_eq!(asks(&world.client), allowed);
        assert_eq!(limited.get(&world.path("/dial-time-group")).status, 200);
    }
    assert!(world.client.get("/users").data()[0]["disabled_at"].is_null());
    assert!(!run(&world, &["user", "disable", &world.partner]).0, "an id that is no user's");
}

#[rstest]
fn a_disabled_sub_users_tasks_wait_and_its_user_goes_on(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let sub_user = format!("?sub_user_id={}", world.sub_user);
    let group = json!({"name": "always", "content": crate::support::always(), "is_default": false, "skip_holiday": false});
    let group =
        world.client.post(&world.path(&format!("/dial-time-group{sub_user}")), &group).data()["id"].clone();
    let body = crate::support::task(group.as_i64().unwrap());
    let task = world.client.post(&world.path(&format!("/task{sub_user}")), &body).data()["uuid"].clone();
    let start = format!("/task_start/{}{sub_user}", task.as_str().unwrap());
    world.client.put(&world.path(&start), &json!({})).data();
    let listed =
        |query: &str| world.client.get(&world.path(&format!("/subset_task{query}"))).column("status");
    assert_eq!(listed(""), [json!(2)]);
    let switch = |verb: &str| {
        let path = world.path(&format!("/subset_users/{}/{verb}", world.sub_user));
        world.client.post(&path, &json!({})).status
    };
    assert_eq!(switch("disable"), 200);
    assert_eq!(
        (listed(""), listed("?status=3"), listed("?status=2")),
        (vec![json!(3)], vec![json!(3)], vec![])
    );
    assert_eq!(world.client.get(&world.path(&format!("/dial-time-group{sub_user}"))).status, 403);
    assert_eq!(world.client.get(&world.path("/dial-time-group")).status, 200);
    assert_eq!(switch("enable"), 200);
    assert_eq!(listed("?status=2"), [json!(2)]);
}

#[rstest]
fn a_disabled_partner_is_refused_at_once(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let (stranger, _) = world.stranger();
    let group = world.group("group");
    let subscriptions = world.path(&format!("/dial-time-group/{group}/calendar-subscription"));
    let calendar = world.client.post(&subscriptions, &json!({})).data()["path"].as_str().unwrap().to_owned();
    dialtime(&world.database.url, &["partner", "disable", &world.partner]);
    let refused = world.client.get("/agent-api/token");
    assert_eq!((refused.status, &refused.body["message"]), (401, &json!("代理已停用")));
    assert_eq!(world.client.get(&calendar).status, 404, "an address that needs no token");
    assert_eq!(stranger.get("/agent-api/token").status, 200);
    assert!(dialtime(&world.database.url, &["partner", "list"]).contains("  disabled  partner"));
    dialtime(&world.database.url, &["partner", "enable", &world.partner]);
    assert_eq!(world.client.get("/agent-api/token").status, 200);
    assert_eq!(world.client.get(&calendar).status, 200);
}

#[rstest]
fn a_user_is_deleted_with_everything_or_not_at_all(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let (task, _) = running_task(&world);
    let limited = world.token(&["--user", &world.user]);
    let user = format!("/agent-api/user/{}", world.user);
    let refused = world.client.delete(&user);
    assert_eq!((refused.status, refused.code()), (409, 409));
    assert!(!run(&world, &["user", "delete", &world.user]).0);
    assert_eq!(
        world.client.delete(&format!("{user}?with_everything=yes")).faults(),
        [("with_everything", "one_of")]
    );
    assert_eq!(
        world.client.get(&world.path(&format!("/task/{task}/edit"))).status,
        200,
        "nothing was deleted"
    );
    let deleted = world.client.delete(&format!("{user}?with_everything=true"));
    assert_eq!(*deleted.data(), json!({"accounts": 2, "groups": 1, "tasks": 1}));
    assert_eq!(world.client.delete(&user).status, 404);
    assert_eq!(world.client.get("/users").body["meta"]["total"], 0);
    assert_eq!(limited.get("/agent-api/token").status, 401, "its tokens are gone");
    let deletes = "SELECT subject FROM audit WHERE action = 'delete' ORDER BY id";
    assert_eq!(world.database.texts_in_order(deletes), ["account", "task", "dial_time_group", "account"]);
    // One that has nothing goes without a word; a partner goes with all.
    let (good, said) = run(&world, &["user", "delete", &register(&world.client, "/users")]);
    assert!(good && said.contains("1 users"), "{said}");
    register(&world.client, "/users");
    assert!(!run(&world, &["partner", "delete", &world.partner]).0);
    assert!(run(&world, &["partner", "delete", &world.partner, "--with-everything"]).0);
    assert_eq!(world.client.get("/agent-api/token").status, 401);
    assert_eq!(dialtime(&world.database.url, &["partner", "list"]), "");
}

#[rstest]
fn passwords_are_changed_by_the_rules_of_registration(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let user = uuid::Uuid::parse_str(&world.user).unwrap().simple().to_string();
    let hash = || {
        let of_user = match database {
            Database::Sqlite => format!("lower(hex(id)) = '{user}'"),
            Database::Postgres => format!("id = '{user}'"),
        };
        world
            .database
            .texts_in_order(&format!("SELECT password_hash FROM accounts WHERE {of_user}"))
            .remove(0)
    };
    let first = hash();
    let path = world.path("/password");
    let bad = json!({"password": "short", "password_confirmation": "shorter"});
    assert_eq!(world.client.put(&path, &bad).faulty_fields(), ["password", "password_confirmation"]);
    assert_eq!(world.client.put(&path, &json!({})).faulty_fields(), ["password", "password_confirmation"]);
    let good = json!({"password": "another one", "password_confirmation": "another one"});
    assert_eq!(world.client.put(&path, &good).message(), "密码修改成功");
    let second = hash();
    assert!(first != second && second.starts_with("$argon2id$"));
    let of_sub_user = world.path(&format!("/subset_users/{}/password", world.sub_user));
    assert_eq!(world.client.put(&of_sub_user, &good).status, 200);
    let set = |line: &str| {
        let arguments = ["user", "password", &world.user, "--stdin"];
        ended(&mut program(&world.database.url, &arguments), line).is_good()
    };
    assert!(!set("short\n"));
    assert_eq!(hash(), second);
    assert!(set("long enough\n"));
    assert_ne!(hash(), second);
    let (good, said) = run(&world, &["user", "password", &world.user]);
    assert!(good && said.contains("password (shown once): "), "{said}");
    let audited =
        world.database.texts_in_order("SELECT coalesce(before, 'none') FROM audit WHERE subject = 'account'");
    assert!(audited.len() >= 4 && audited.iter().all(|before| before == "none"), "{audited:?}");
}

/// Groups and tasks go with their account in one transaction: whoever asks meanwhile sees all of them, or no account.
#[rstest]
fn nobody_sees_an_account_that_is_half_deleted(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    const EACH: usize = 40;
    let world = World::new(database);
    for _ in 0..EACH {
        world.task(world.group("group"));
    }
    let totals = || {
        let of = |things: &str| {
            let answer = world.client.get(&world.path(things));
            if answer.status == 404 { None } else { answer.body["meta"]["total"].as_u64() }
        };
        [of("/dial-time-group?page=1"), of("/task?page=1")]
    };
    let all = Some(EACH as u64);
    let deleted = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            world.client.delete(&world.path("?with_everything=true")).data();
            deleted.store(true, std::sync::atomic::Ordering::SeqCst);
        });
        while !deleted.load(std::sync::atomic::Ordering::SeqCst) {
            let [groups, tasks] = totals();
            // Asked one after the other, so that the account may go in between.
            assert!([None, all].contains(&groups) && [None, all].contains(&tasks), "{groups:?} {tasks:?}");
        }
    });
    assert_eq!(totals()[0], None);
}

/// How many entries of do-not-call there are, whosever they are.
fn left(world: &ProgramWorld) -> u32 {
    let rows = world.database.texts_in_order("SELECT CAST(count(*) AS TEXT) FROM do_not_call");
    rows[0].parse().unwrap()
}

#[rstest]
fn what_is_left_of_a_deleted_user_goes_after_a_crash_and_is_nobody_elses(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    const ENTRIES: u32 = 15_000;
    let mut world = ProgramWorld::with(database, &[]);
    let user = uuid::Uuid::parse_str(&world.user).unwrap();
    world.database.execute_now(&format!(
        "INSERT INTO do_not_call (account_id, number, source, created_at) \
         WITH RECURSIVE entry (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM entry WHERE number < {ENTRIES}) \
         SELECT {}, 8613000000000 + number, 'test', 0 FROM entry",
        world.database.literal(user)
    ));
    world.client.delete(&format!("/agent-api/user/{user}?with_everything=true")).data();
    assert!(left(&world) > 0, "they go later");
    let again = json!({
        "id": user, "name": "again", "email": "again@example.com", "phone": "13900000001",
        "password": "long enough", "password_confirmation": "long enough",
    });
    assert_eq!(world.client.post("/users", &again).faults(), [("id", "id_unavailable")]);
    world.server.kill();
    let at_the_crash = left(&world);
    assert!(at_the_crash > 0);
    let server = Program::start(&world.database.url, &[]);
    let client = Client::new(&server.base, world.client.token());
    until("something is left", || left(&world) == 0);
    until("the id is not free", || client.post("/users", &again).status == 200);
    assert_eq!(client.get(&format!("/agent-api/user/{user}/do-not-call")).body["meta"]["total"], 0);
}
