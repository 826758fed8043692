//! The commands of the program: demo, serve, migrate, partner, user, token, openapi, doctor. `holidays` has tests of
//! its own.

use std::{
    io::{Read, Write},
    net::TcpStream,
    process::Command,
    thread,
    time::Duration,
};

use rstest::rstest;
use test_support::ended;

use crate::support::{
    Client, Database, OwnDatabase, Program, ProgramWorld, World, dialtime, group, program, run,
};

const USER: &str = "5832d184-dd53-42a0-8ace-0bf8d660f4cc";

#[test]
fn the_demo_answers_the_documented_requests_to_the_letter() {
    let demo = test_support::Program::start(&mut program("", &["demo", "--listen", "127.0.0.1:0"]));
    let line = demo.line(&["curl \"http"]);
    let base = line.split('"').nth(1).unwrap().split("/agent-api").next().unwrap().to_owned();
    let send = |method: &str, path: &str| {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{base}/agent-api/{path}"))
            .header("Content-Type", "application/json")
            .header("Authorization", "Bearer YOUR_TOKEN");
        agent.run(request.body(()).unwrap()).unwrap().body_mut().read_to_string().unwrap()
    };
    let groups = format!("user/{USER}/dial-time-group");
    assert!(send("GET", &format!("{groups}?page=1")).contains("周末拨打组"));
    let used = r#"{"code":8101,"status":"error","message":"呼叫时间组已关联任务,不可删除","data":[]}"#;
    assert_eq!(send("DELETE", &format!("{groups}/428")), used);
    assert_eq!(
        send("DELETE", &format!("{groups}/427")),
        r#"{"code":200,"status":"success","message":"删除成功","data":[]}"#
    );
    let task = send("GET", &format!("user/{USER}/task/f232d184-dd54-42a0-8ace-0bf8d660f4cc/edit"));
    assert!(task.contains(r#""dial_time_id":428"#), "{task}");
    let sub_user = "dc53e7e7-3a68-40ae-adfe-63fc00e401d3";
    assert!(send("GET", &format!("{groups}?sub_user_id={sub_user}")).contains(r#""total":0"#));
}

#[test]
fn the_demo_refuses_to_be_reached_from_elsewhere() {
    let refused = run("", &["demo", "--listen", "0.0.0.0:0"]);
    assert!(!refused.is_good() && refused.error.contains("loopback"), "{refused:?}");
}

#[test]
fn the_checked_in_openapi_document_is_the_programs_own() {
    let checked_in = include_str!("../../../../openapi.json");
    let output = run("", &["openapi"]).output;
    assert_eq!(output, checked_in, "run: cargo run -- openapi > openapi.json");
}

#[rstest]
fn an_empty_database_says_how_to_make_a_partner_and_its_token(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let database = OwnDatabase::empty(database);
    let log = Program::start(&database.url, &[]).logged(&["listening on"]);
    assert!(log.contains("dialtime partner create") && log.contains("dialtime token create"), "{log}");
}

#[rstest]
fn sigterm_finishes_what_runs_and_accepts_nothing_new(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = ProgramWorld::new(database);
    let body = group("slow").to_string();
    let secret = dialtime(&world.database.url, &["token", "create", "--partner", &world.partner]);
    let address = world.server.address();
    let mut stream = TcpStream::connect(address).unwrap();
    let path = world.path("/dial-time-group");
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {secret}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nexpect: 100-continue\r\n\r\n",
        body.len()
    )
    .unwrap();
    // The server asks for the body once it has begun to read the request: now it runs.
    let mut asked = [0; 25];
    stream.read_exact(&mut asked).unwrap();
    let process = world.server.process_id().to_string();
    assert!(Command::new("kill").args(["-TERM", &process]).status().unwrap().success());
    // With pauses: a full queue of connections that nobody accepted yet would let the next one wait for a second, and with it this client,
    // whose own second to send its body has begun.
    while TcpStream::connect(address).is_ok() {
        thread::sleep(Duration::from_millis(5));
    }
    stream.write_all(body.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(world.server.wait(), "it ends well");
}

#[rstest]
fn two_servers_may_bring_one_fresh_database_up_to_date_at_once(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let database = OwnDatabase::empty(database);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| dialtime(&database.url, &["migrate"]));
        }
    });
    let server = Program::start(&database.url, &[]);
    let client = Client::new(&server.base, "none").with_authorization(None);
    let newest =
        std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../store/migrations/sqlite")).unwrap();
    let newest = newest.map(|file| file.unwrap().file_name().into_string().unwrap()).max().unwrap();
    assert_eq!(client.get("/readyz").data()["schema_version"], newest[..4].parse::<i64>().unwrap());
    assert_eq!(client.get("/healthz").status, 200);
}

#[rstest]
fn readiness_says_when_each_loop_last_succeeded(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let loops = loop {
        let ready = world.client.get("/readyz").data().clone();
        let loops = ready["loops"].as_array().unwrap().clone();
        if loops.iter().all(|status| status["last_success_at"].is_string()) {
            break loops;
        }
        thread::sleep(Duration::from_millis(20));
    };
    let names: Vec<&str> = loops.iter().map(|status| status["name"].as_str().unwrap()).collect();
    let all = [
        "clock",
        "transitions",
        "webhooks",
        "calendar feeds",
        "housekeeping",
        "imports",
        "numbers",
        "wake-ups",
        "sip",
        "calls",
        "dialer",
        "event streams",
        "token uses",
        "recordings",
    ];
    assert_eq!(names, all);
}

#[test]
fn a_second_server_on_one_sqlite_file_is_refused() {
    let world = ProgramWorld::new(Database::Sqlite);
    let refused = run(&world.database.url, &["serve", "--listen", "127.0.0.1:0"]);
    let said = &refused.error;
    assert!(!refused.is_good() && said.contains("another `dialtime serve` works on"), "{said}");
    // The first goes on, and other commands may use the file beside it.
    assert_eq!(world.client.get("/readyz").status, 200);
    dialtime(&world.database.url, &["partner", "list"]);
}

#[rstest]
fn users_are_made_at_the_command_line(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let made = dialtime(
        &world.database.url,
        &[
            "user",
            "create",
            "--partner",
            &world.partner,
            "--name",
            "ann",
            "--email",
            "ann@example.com",
            "--phone",
            "13900000000",
        ],
    );
    let id = made.lines().next().unwrap();
    assert!(dialtime(&world.database.url, &["user", "list", "--partner", &world.partner]).contains(id));
    assert!(dialtime(&world.database.url, &["partner", "list"]).contains(&world.partner));
    assert_eq!(world.client.get(&format!("/agent-api/user/{id}/dial-time-group")).status, 200);
}

#[test]
fn doctor_says_what_is_wrong_and_what_to_do() {
    let database = OwnDatabase::empty(Database::Sqlite);
    let doctor = |url: &str| {
        let ended = run(url, &["doctor"]);
        (ended.is_good(), ended.output)
    };
    let (good, text) = doctor(&database.url);
    assert!(!good && text.contains("dialtime migrate"), "{text}");
    // It only looked.
    assert!(!std::path::Path::new(database.url.strip_prefix("sqlite:").unwrap()).exists());
    dialtime(&database.url, &["migrate"]);
    let (good, text) = doctor(&database.url);
    assert!(good && text.contains("dialtime partner create") && text.contains("holidays: CN"), "{text}");
    assert!(text.contains("writes: the database takes them") && !text.contains("permissions:"), "{text}");
    let file = database.url.strip_prefix("sqlite:").unwrap();
    std::fs::set_permissions(file, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    let (good, text) = doctor(&database.url);
    assert!(good && text.contains("chmod 600"), "{text}");
    let (good, text) = doctor("postgres://nobody@127.0.0.1:1/nothing");
    assert!(!good && text.contains("DIALTIME_DATABASE_URL") && text.contains("refused"), "{text}");
    let (good, text) = doctor("mysql://x");
    assert!(!good && text.contains("sqlite:"), "{text}");
}

#[test]
fn no_command_makes_a_database_unasked() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let mut program = program("", arguments);
        let ended = ended(program.current_dir(folder.path()).env_remove("DIALTIME_DATABASE_URL"), "");
        (ended.is_good(), ended.said())
    };
    let named = format!("sqlite:{}", folder.path().join("named.db").display());
    let id = "0190a1b2-0000-7000-8000-000000000000";
    let file = folder.path().join("group.json");
    let group = file.to_str().unwrap();
    std::fs::write(
        &file,
        r#"{"id":"X","known_until":"2027-12-31","days":[{"date":"2027-01-01","kind":"holiday","name":"x"}]}"#,
    )
    .unwrap();
    for arguments in [
        &["partner", "list"][..],
        &["user", "list", "--partner", id],
        &["user", "create", "--partner", id, "--name", "x", "--email", "a@b.c", "--phone", "13800000000"],
        &["token", "list"],
        &["token", "create", "--partner", id],
        &["token", "revoke", id],
        &["holidays", "list"],
        &["holidays", "show", "CN"],
        &["holidays", "import", "--dry-run", group],
        &["holidays", "remove", "CN"],
        &["holidays", "undo"],
        &["doctor"],
    ] {
        for database in [&[][..], &["--database-url", &named]] {
            let (good, said) = run(&[arguments, database].concat());
            assert!(!good && said.contains("there is no database"), "{arguments:?}: {said}");
            assert!(said.contains("dialtime migrate --database-url sqlite:"), "{arguments:?}: {said}");
        }
    }
    // What may be the first to go into a database makes one, but only where it was told.
    for arguments in [&["migrate"][..], &["partner", "create", "x"], &["holidays", "import", group]] {
        let (good, said) = run(arguments);
        assert!(!good && said.contains("dialtime migrate --database-url sqlite:dialtime.db"), "{said}");
    }
    let files: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(files, ["group.json"]);
    assert!(run(&["migrate", "--database-url", "sqlite:dialtime.db"]).0);
    assert!(run(&["partner", "list"]).0 && run(&["migrate"]).0);
}

#[test]
fn what_first_fills_a_database_makes_it_where_it_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("days.json");
    let days =
        r#"{"id":"X","known_until":"2027-12-31","days":[{"date":"2027-01-01","kind":"holiday","name":"x"}]}"#;
    std::fs::write(&file, days).unwrap();
    for (number, arguments) in
        [&["partner", "create", "x"][..], &["holidays", "import", file.to_str().unwrap()]].iter().enumerate()
    {
        let database = folder.path().join(format!("{number}.db"));
        let url = format!("sqlite:{}", database.display());
        let made = ended(&mut program(&url, arguments), "");
        assert!(made.is_good(), "{arguments:?}: {}", made.said());
        // What the command prints is for scripts, which want the id alone.
        let told = format!("Made a new database, {}.", database.display());
        assert!(made.error.contains(&told) && !made.output.contains(&told), "{}", made.said());
        let again = ended(&mut program(&url, &["holidays", "list"]), "");
        assert!(again.is_good() && !again.said().contains("Made"), "{}", again.said());
    }
}

/// Every way in which the password of a database may come to the program.
#[test]
fn the_password_of_the_database_is_never_repeated() {
    const PASSWORD: &str = "s3cr3tp4ss";
    let database = OwnDatabase::empty(Database::Postgres);
    let elsewhere = [
        format!("postgres://u:{PASSWORD}@127.0.0.1:1/x"),
        format!("postgres://127.0.0.1:1/x?user=u&password={PASSWORD}"),
        format!("postgres://127.0.0.1:1/x?user=u&pasword={PASSWORD}"),
        format!("postgres://127.0.0.1:1/x?sslmode={PASSWORD}"),
        format!("postgres://u:a?sslmode={PASSWORD}@127.0.0.1:1/x"),
        format!("postgres://u:a/{PASSWORD}@127.0.0.1:1/x"),
        format!("postgres://u:a#{PASSWORD}@127.0.0.1:1/x"),
        format!("mysql://u:{PASSWORD}@127.0.0.1/x"),
        PASSWORD.to_owned(),
    ];
    let run = |arguments: &[&str], url: Option<&str>| {
        let mut program = program("", arguments);
        program.env_remove("DIALTIME_DATABASE_URL").env("DIALTIME_LOG", "debug");
        program.envs(url.map(|url| ("DIALTIME_DATABASE_URL", url)));
        let said = ended(&mut program, "").said();
        assert!(!said.contains(PASSWORD), "{arguments:?} {url:?}: {said}");
        assert!(!said.is_empty(), "{arguments:?} {url:?}");
    };
    thread::scope(|scope| {
        for url in &elsewhere {
            let run = &run;
            scope.spawn(move || run(&["doctor"], Some(url)));
            scope.spawn(move || run(&["serve"], Some(url)));
            scope.spawn(move || run(&["partner", "list", "--database-url", url], None));
            run(&["serve", "--help"], Some(url));
            if url.contains("://") {
                // The option's name was forgotten.
                run(&["migrate", url], None);
            }
        }
    });
    let separator = if database.url.contains('?') { '&' } else { '?' };
    let url = format!("{}{separator}password={PASSWORD}", database.url);
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--database-url", &url];
    let serve = test_support::Program::start(program("", &arguments).env("DIALTIME_LOG", "debug"));
    let log = serve.logged(&["listening on"]);
    assert!(log.contains("dialtime partner create") && !log.contains(PASSWORD), "{log}");
}

/// What a command that must fail says.
fn complaint(arguments: &[&str], database: &str) -> String {
    let ended = run(database, arguments);
    assert!(!ended.is_good(), "{arguments:?}");
    ended.error
}

#[test]
fn an_argument_that_is_no_id_is_refused_in_plain_words() {
    for (arguments, hint) in [
        (&["partner", "disable", "nonsense"][..], "dialtime partner list"),
        (&["partner", "enable", "nonsense"], "dialtime partner list"),
        (&["partner", "delete", "nonsense"], "dialtime partner list"),
        (
            &["user", "create", "--partner", "nonsense", "--name=a", "--email=a@b.c", "--phone=1"],
            "dialtime partner list",
        ),
        (&["user", "list", "--partner", "nonsense"], "dialtime partner list"),
        (&["user", "disable", "nonsense"], "dialtime user list"),
        (&["user", "enable", "nonsense"], "dialtime user list"),
        (&["user", "delete", "nonsense"], "dialtime user list"),
        (&["user", "password", "nonsense"], "dialtime user list"),
        (&["token", "create", "--partner", "nonsense"], "dialtime partner list"),
        (&["token", "create", "--partner", USER, "--user", "nonsense"], "dialtime user list"),
        (&["token", "list", "--partner", "nonsense"], "dialtime partner list"),
        (&["token", "revoke", "nonsense"], "dialtime token list"),
    ] {
        let said = complaint(arguments, "sqlite:/nowhere/none.db");
        assert!(said.contains("not an id, such as") && said.contains(hint), "{arguments:?}: {said}");
    }
    for (arguments, words) in [
        (&["serve", "--listen", "here"][..], "not an address and a port"),
        (&["serve", "--rate-limit", "0"], "not a whole number from 1 on"),
        (&["serve", "--stop-timeout", "soon"], "not a whole number of seconds"),
        (&["serve", "--body-limit", "1M"], "not a whole number"),
        (&["holidays", "import", "x.json", "--known-until", "2027-02-30"], "not a date, written as"),
    ] {
        let said = complaint(arguments, "sqlite:/nowhere/none.db");
        assert!(said.contains(words), "{arguments:?}: {said}");
    }
}

#[test]
fn a_database_that_is_not_there_or_is_none_is_told_plainly() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("not/there");
    let url = format!("sqlite:{}/dialtime.db", missing.display());
    let doctor = run(&url, &["doctor"]);
    let said = &doctor.output;
    assert!(!doctor.is_good() && said.contains(&format!("mkdir -p {}`", missing.display())), "{said}");
    let file = folder.path().join("letter.txt");
    std::fs::write(&file, "Dear reader, this is a letter and no database. ".repeat(100)).unwrap();
    let url = format!("sqlite:{}", file.display());
    let copy = folder.path().join("copy.db");
    let backup = ["backup", copy.to_str().unwrap()];
    for arguments in [&["migrate"][..], &["serve", "--listen", "127.0.0.1:0"], &["partner", "list"], &backup]
    {
        let said = complaint(arguments, &url);
        let expected = format!("{} is no SQLite database", file.display());
        assert!(said.contains(&expected) && !said.contains("busy") && !said.contains("code: 26"), "{said}");
    }
    assert!(std::fs::read_to_string(&file).unwrap().starts_with("Dear reader"), "it is left as it is");
}

#[test]
fn migrate_says_whether_it_made_a_database() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("new.db");
    let url = format!("sqlite:{}", file.display());
    let migrate = || dialtime(&url, &["migrate"]);
    let made = format!("Made a new database, {}.", file.display());
    assert!(migrate().contains(&made));
    let again = migrate();
    assert!(!again.contains("Made") && again.contains("newest schema"), "{again}");
}

#[test]
fn a_user_whose_address_and_number_are_taken_is_refused_for_both() {
    let world = World::new(Database::Sqlite);
    let create = [
        "user",
        "create",
        "--partner",
        &world.partner,
        "--name",
        "a",
        "--email",
        "a@example.com",
        "--phone",
        "13812345678",
    ];
    dialtime(&world.database.url, &create);
    let said = complaint(&create, &world.database.url);
    assert!(said.contains("e-mail address and the phone number are taken"), "{said}");
}
