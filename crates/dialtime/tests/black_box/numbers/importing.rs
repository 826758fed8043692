//! Imports of numbers: taken, done in the background, asked for, cancelled, and what stays of them.

use std::{fs::File, thread, time::Duration};

use rstest::rstest;
use serde_json::{Value, json};
use test_support::{PATIENCE, SetClock};

use super::phones_from;
use crate::support::{Client, Database, Reply, Server, World, dialtime, run};

impl World {
    pub(super) fn import(&self, task: &str, query: &str, file: &[u8]) -> Reply {
        self.client.upload("POST", &self.task_path(task, &format!("number-import{query}")), &[], file)
    }

    /// Imports a file; gives the import when it has ended.
    pub(super) fn imported(&self, task: &str, query: &str, file: &[u8]) -> Value {
        let id = self.import(task, query, file).data()["id"].clone();
        ended(&self.client, &self.task_path(task, &format!("number-import/{}", id.as_str().unwrap())))
    }

    /// The refused rows of an import, without the header.
    pub(super) fn refused(&self, task: &str, import: &Value) -> Vec<String> {
        let id = import["id"].as_str().unwrap();
        let csv = self.client.get(&self.task_path(task, &format!("number-import/{id}/refused"))).text;
        let lines = csv.strip_prefix("\u{FEFF}line,reason,message,row\r\n").unwrap();
        lines.lines().map(str::to_owned).collect()
    }
}

/// Waits for the end of an import.
pub(super) fn ended(client: &Client, path: &str) -> Value {
    for _ in 0..PATIENCE.as_millis() / 20 {
        let import = client.get(path).data().clone();
        if import["state"] != "running" && import["state"] != "interrupted" {
            return import;
        }
        thread::sleep(Duration::from_millis(20));
    }
    panic!("an import does not end")
}

/// What became of the rows of an import: read, added, replaced, skipped, refused.
pub(super) fn outcome(import: &Value) -> (&str, [i64; 5]) {
    let counts = ["rows", "added", "replaced", "skipped", "refused"];
    (import["state"].as_str().unwrap(), counts.map(|count| import[count].as_i64().unwrap()))
}

/// A file with so many numbers.
pub(super) fn many_rows(count: u32) -> String {
    format!("phone\n{}\n", phones_from(0, count).join("\n"))
}

#[rstest]
fn a_file_is_imported_and_each_row_that_is_not_is_told(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let task = world.list();
    world.add_numbers(&task, &["13800138009"]).data();
    let file = "手机号,姓名,城市\n13800138000,王芳,上海\n110,x,\n+8613800138000,李,\n13800138001,a,b,c\n,空,\n\
                021-61234567转801,办公室,\n13800138009,there,\n";
    let taken = world.import(&task, "?file_name=a.csv", file.as_bytes());
    assert_eq!(
        (taken.message(), &taken.data()["state"]),
        ("号码文件已接收，正在后台导入", &json!("running"))
    );
    let path = world.task_path(&task, &format!("number-import/{}", taken.data()["id"].as_str().unwrap()));
    let import = ended(&world.client, &path);
    assert_eq!(outcome(&import), ("finished", [7, 2, 0, 2, 3]), "{import}");
    assert_eq!(
        (&import["countries"], &import["types"]),
        (&json!({"CN": 4}), &json!({"fixed_line": 1, "mobile": 3}))
    );
    assert_eq!((&import["file_name"], &import["bytes_done"]), (&json!("a.csv"), &import["bytes"]));
    assert_eq!(
        world.refused(&task, &import),
        [
            "3,number_emergency,\"不能呼叫紧急号码\",\"110,x,\"",
            "4,duplicate,\"号码已存在，已跳过\",\"'+8613800138000,李,\"",
            "5,columns,\"第4列有内容，但表头没有该列的列名\",\"13800138001,a,b,c\"",
            "6,number_empty,\"号码不能为空\",\",空,\"",
            "8,duplicate,\"号码已存在，已跳过\",\"13800138009,there,\"",
        ]
    );
    assert_eq!(world.phones(&task), ["021-61234567转801", "13800138000", "13800138009"]);
    let number = world.client.get(&world.task_path(&task, "number/detail/13800138000"));
    assert_eq!(
        (&number.data()["name"], &number.data()["variables"]),
        (&json!("王芳"), &json!({"城市": "上海"}))
    );
    let listed = world.client.get(&world.task_path(&task, "number-import"));
    assert_eq!((listed.column("id"), &listed.body["meta"]["total"]), (vec![import["id"].clone()], &json!(1)));
    let events = world.client.get(&world.path("/events")).data()["events"].clone();
    let event = events.as_array().unwrap().iter().find(|event| event["type"] == "import.finished").unwrap();
    assert_eq!((&event["task_id"], &event["cause"]), (&json!(task), &json!("person")));
    assert_eq!(
        event["detail"],
        json!({"import_id": import["id"], "state": "finished", "failure": null, "rows": 7, "added": 2, "replaced": 0,
               "skipped": 2, "refused": 3, "dry_run": false})
    );
}

#[rstest]
fn duplicates_are_left_alone_or_replaced_and_a_dry_run_says_what_would_be(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let task = world.list();
    let file = b"mobile,name,sort\n13800000001,a,1\n13800000002,b,2\n13800000001,c,3\n";
    let name = |phone: &str| {
        let number = world.client.get(&world.task_path(&task, &format!("number/detail/{phone}")));
        (number.data()["name"].clone(), number.data()["sort"].clone())
    };
    for (query, counts) in [
        ("?dry_run=true", [3, 2, 0, 1, 0]),
        ("?dry_run=1&duplicates=replace", [3, 2, 1, 0, 0]),
        ("", [3, 2, 0, 1, 0]),
        ("?dry_run=true", [3, 0, 0, 3, 0]),
        ("?duplicates=skip", [3, 0, 0, 3, 0]),
    ] {
        assert_eq!(outcome(&world.imported(&task, query, file)), ("finished", counts), "{query}");
    }
    assert_eq!(name("13800000001"), (json!("a"), json!(1)));
    world.dialed("13800000002", 8, 3);
    let replaced = world.imported(
        &task,
        "?duplicates=replace",
        b"phone,name\n13800000002,new\n13800000001,x\n13800000001,y\n",
    );
    assert_eq!(outcome(&replaced), ("finished", [3, 0, 3, 0, 0]));
    assert_eq!(
        (name("13800000001"), name("13800000002")),
        ((json!("y"), json!(1)), (json!("new"), json!(2))),
        "the file tells no place in the order"
    );
    let number = world.client.get(&world.task_path(&task, "number/detail/13800000002"));
    assert_eq!(
        (&number.data()["status"], &number.data()["tries"]),
        (&json!(8), &json!(1)),
        "what became of it stays"
    );
    assert_eq!(world.database.texts_in_order("SELECT '' || sum(numbers) FROM number_counts"), ["2"]);
}

#[rstest]
fn what_a_file_does_not_tell_of_a_number_stays_and_what_it_tells_empty_goes(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let task = world.list();
    let number = || {
        let number = world.client.get(&world.task_path(&task, "number/detail/13800000001")).data().clone();
        ["name", "company", "sex", "sort", "variables"].map(|field| number[field].clone())
    };
    let replaced = |file: &str| {
        let import = world.imported(&task, "?duplicates=replace", file.as_bytes());
        assert_eq!(outcome(&import), ("finished", [1, 0, 1, 0, 0]), "{import}");
        number()
    };
    world.imported(&task, "", "phone,name,company,sex,sort,city,plan\n13800000001,a,b,1,7,x,y\n".as_bytes());
    let first = number();
    assert_eq!(first, [json!("a"), json!("b"), json!(1), json!(7), json!({"city": "x", "plan": "y"})]);
    assert_eq!(replaced("phone\n13800000001\n"), first, "the file has nothing but the number");
    assert_eq!(
        replaced("phone,company,city,tier\n13800000001,,w,z\n"),
        [json!("a"), Value::Null, json!(1), json!(7), json!({"city": "w", "plan": "y", "tier": "z"})]
    );
    assert_eq!(
        replaced("phone,name,sex,sort,plan\n13800000001,c,,,\n"),
        [json!("c"), Value::Null, Value::Null, json!(0), json!({"city": "w", "tier": "z"})]
    );
    // Each line of JSON tells for itself.
    assert_eq!(
        replaced(r#"{"phone": "13800000001", "name": null, "sort": 3, "tier": "", "vip": true}"#),
        [Value::Null, Value::Null, Value::Null, json!(3), json!({"city": "w", "vip": true})]
    );
    // What stays counts to the bound of what may be told, also before anything is written.
    let long = format!("phone,note\n13800000001,{}\n", "n".repeat(8_170));
    for query in ["?duplicates=replace&dry_run=true", "?duplicates=replace"] {
        let import = world.imported(&task, query, long.as_bytes());
        assert_eq!(outcome(&import), ("finished", [1, 0, 0, 0, 1]), "{import}");
        assert!(world.refused(&task, &import)[0].starts_with("2,variables,"), "{import}");
    }
    assert_eq!(number()[4], json!({"city": "w", "vip": true}));
}

#[rstest]
fn how_many_refused_rows_were_not_kept_is_told(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let task = world.list();
    let file = format!("phone\n{}110\n", "13800000001\n".repeat(10_008));
    let import = world.imported(&task, "", file.as_bytes());
    assert_eq!(outcome(&import), ("finished", [10_009, 1, 0, 10_007, 1]));
    assert_eq!((&import["refused_rows"], &import["refused_rows_not_kept"]), (&json!(10_001), &json!(7)));
    let refused = world.refused(&task, &import);
    assert_eq!(refused.len(), 10_002);
    assert_eq!(
        refused[10_001],
        ",not_kept,\"另有7行未导入，未保留明细：重复号码最多保留10000行，合计最多100000行\","
    );
    let small = world.imported(&task, "", b"phone\n110\n");
    assert_eq!((&small["refused_rows_not_kept"], world.refused(&task, &small).len()), (&json!(0), 1));
}

#[rstest]
fn a_task_that_is_switched_on_is_no_obstacle_and_one_that_is_deleted_ends_its_import(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let group = world.open_group();
    let task = world.new_task(group);
    world.client.post(&world.new_path(&format!("/task_start/{task}")), &json!({})).data();
    assert_eq!(world.add_numbers(&task, &["13800000001"]).code(), 6007);
    assert_eq!(outcome(&world.imported(&task, "", b"phone\n13800000001\n")), ("finished", [1, 1, 0, 0, 0]));
    let file = many_rows(60_000);
    let taken = world.import(&task, "", file.as_bytes()).data()["id"].clone();
    let path = world.task_path(&task, &format!("number-import/{}", taken.as_str().unwrap()));
    while world.client.get(&path).data()["rows"] == 0 {
        thread::sleep(Duration::from_millis(5));
    }
    world.client.delete(&world.new_path(&format!("/task/{task}"))).data();
    let import = ended(&world.client, &path);
    assert_eq!((&import["state"], &import["failure"]), (&json!("failed"), &json!("task_deleted")));
    assert_eq!(import["failure_message"], "任务已删除");
    for _ in 0..PATIENCE.as_millis() / 50 {
        if world.database.texts_in_order("SELECT '' || count(*) FROM numbers") == ["0"] {
            let told = world.client.get(&path).data().clone();
            assert_eq!(told["failure"], "task_deleted", "it is still told when its numbers are gone");
            return;
        }
        thread::sleep(Duration::from_millis(50));
    }
    panic!("the numbers of the deleted task are still there");
}

#[rstest]
fn an_import_is_cancelled_and_what_was_added_stays(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let task = world.list();
    let file = many_rows(100_000);
    let taken = world.import(&task, "", file.as_bytes()).data()["id"].clone();
    let path = world.task_path(&task, &format!("number-import/{}", taken.as_str().unwrap()));
    let running = loop {
        let import = world.client.get(&path).data().clone();
        if import["rows"].as_i64().unwrap() > 0 {
            break import;
        }
        thread::sleep(Duration::from_millis(5));
    };
    assert!(
        running["seconds_left"].is_number() && running["rows_per_second"].as_i64().unwrap() > 0,
        "{running}"
    );
    let cancelled = world.client.post(&format!("{path}/cancel"), &json!({}));
    assert_eq!((cancelled.message(), &cancelled.data()["state"]), ("号码导入已取消", &json!("cancelled")));
    let added = cancelled.data()["added"].as_i64().unwrap();
    assert!((1..100_000).contains(&added), "{added}");
    let again = world.client.post(&format!("{path}/cancel"), &json!({}));
    assert_eq!((again.data()["added"].as_i64(), &again.data()["state"]), (Some(added), &json!("cancelled")));
    let count = world.client.get(&world.task_path(&task, "number")).body["meta"]["total"].clone();
    assert_eq!(count, added);
}

#[rstest]
fn what_is_stored_of_an_import_goes_after_seven_days(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("data");
    let options = ["--data-folder", place.to_str().unwrap()];
    let world = World::with(database, &options);
    let task = world.list();
    let import = world.imported(&task, "", b"phone\n13800000001\n110\n");
    let file = place.join("imports").join(import["id"].as_str().unwrap());
    let path = world.task_path(&task, &format!("number-import/{}", import["id"].as_str().unwrap()));
    let age = |days: i64| {
        let made = Duration::from_secs(86_400 * u64::try_from(days).unwrap());
        let written = File::open(&file).unwrap();
        written.set_modified(written.metadata().unwrap().modified().unwrap() - made).unwrap();
        let micros = 86_400_000_000 * days;
        world.database.execute_now(&format!("UPDATE number_jobs SET updated_at = updated_at - {micros}"));
    };
    // What is old is looked for when a node starts.
    age(6);
    let server = Server::start(&world.database.url, &options, SetClock::real());
    assert_eq!(world.client.at(&server.base).get(&path).data()["refused_rows"], 1);
    drop(server);
    assert!(file.exists());
    age(2);
    let server = Server::start(&world.database.url, &options, SetClock::real());
    for _ in 0..PATIENCE.as_millis() / 20 {
        if !file.exists() {
            assert_eq!(world.client.at(&server.base).get(&path).status, 404);
            assert_eq!(world.database.texts_in_order("SELECT '' || count(*) FROM number_refusals"), ["0"]);
            assert_eq!(world.phones(&task), ["13800000001"]);
            return;
        }
        thread::sleep(Duration::from_millis(20));
    }
    panic!("the file is still there");
}

#[rstest]
fn too_many_at_once_and_tokens_that_see_numbers_masked_are_refused(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let task = world.list();
    let import = world.imported(&task, "", b"phone\n110\n");
    let refused =
        world.task_path(&task, &format!("number-import/{}/refused", import["id"].as_str().unwrap()));
    let masked = world.token(&["--numbers", "masked"]).get(&refused);
    assert_eq!((masked.status, masked.code()), (403, 403), "{}", masked.text);
    let file = many_rows(20_000);
    let replies: Vec<Reply> = (0..12).map(|_| world.import(&task, "", file.as_bytes())).collect();
    let full = replies.iter().filter(|reply| reply.status == 429).collect::<Vec<_>>();
    assert!(full.iter().all(|reply| reply.text.contains("导入已达5个")), "{:?}", full.first());
    let statuses: Vec<u16> = replies.iter().map(|reply| reply.status).collect();
    assert!(statuses.contains(&429), "{statuses:?}");
    assert!(statuses.iter().all(|status| [200, 429].contains(status)), "{statuses:?}");
}

#[rstest]
fn the_command_line_imports_a_file(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let task = world.list();
    let folder = tempfile::tempdir().unwrap();
    let (file, refused) = (folder.path().join("a.csv"), folder.path().join("refused.csv"));
    std::fs::write(&file, "号,name\n13800000001,a\n110,b\n").unwrap();
    let (file, refused_path) = (file.to_str().unwrap(), refused.to_str().unwrap());
    let url = &world.database.url;
    let missing = run(url, &["numbers", "import", file, "--task", &task]);
    assert!(
        !missing.is_good()
            && missing.error.contains("no column is known to hold numbers")
            && missing.error.contains("--column phone="),
        "{missing:?}"
    );
    let arguments = ["numbers", "import", file, "--task", &task, "--column", "phone=号"];
    let done = dialtime(url, &[&arguments[..], &["--refused", refused_path]].concat());
    assert_eq!(done, "rows: 2; added: 1; replaced: 0; there already: 0; refused: 1");
    let written = std::fs::read_to_string(&refused).unwrap();
    assert!(
        written.ends_with(
            "3,number_emergency,\"is an emergency number, which may not be called\",\"110,b\"\r\n"
        ),
        "{written}"
    );
    assert_eq!(dialtime(url, &arguments), "rows: 2; added: 0; replaced: 0; there already: 1; refused: 1");
    assert_eq!(world.phones(&task), ["13800000001"]);
    let unknown = run(url, &["numbers", "import", file, "--task", &world.user]);
    assert!(!unknown.is_good() && unknown.error.contains("there is no task"), "{unknown:?}");
    let listed = world.client.get(&world.task_path(&task, "number-import"));
    assert_eq!(listed.column("state"), ["finished", "finished", "failed"]);
}
