//! Lines that are tried with one call from the command line, to the phone of the demo.

use std::{
    io::Write,
    net::UdpSocket,
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use rstest::rstest;
use serde_json::{Value, json};
use sip::DemoPhone;
use test_support::{FixedRandom, Program, port_of_our_own};
use tokio::runtime::Runtime;

use crate::{
    dialing::{progress, start, task_with_script},
    prompts::wav_of,
    support::{Database, Ended, ProgramWorld, World, dialtime, program, run, until},
};

/// A phone, in this test.
struct Phone {
    runtime: Runtime,
    phone: DemoPhone,
}

impl Phone {
    fn start() -> Self {
        let runtime = Runtime::new().unwrap();
        let phone = runtime.block_on(DemoPhone::start(Arc::new(FixedRandom::new(7)))).unwrap();
        Self { runtime, phone }
    }

    /// A SIP line to it with these settings besides; gives its id.
    fn line(&self, world: &World, settings: &Value) -> String {
        let sip = json!({"addresses": [self.phone.address().to_string()], "from_user": "02161234567"});
        let mut body = json!({"name": "trunk", "kind": "sip", "channels": 1, "cps": 1, "sip": sip});
        body.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
        world.client.post("/agent-api/line", &body).data()["id"].as_str().unwrap().to_owned()
    }

    /// Takes it away; no call may be left.
    fn stop(self) {
        assert_eq!(self.runtime.block_on(self.phone.stop()), 0);
    }
}

fn arguments<'a>(line: &'a str, number: &'a str, options: &[&'a str]) -> Vec<&'a str> {
    [&["line", "test-call", line, number, "--sip-listen", "127.0.0.1:0"], options].concat()
}

fn call(world: &World, line: &str, number: &str, options: &[&str]) -> Ended {
    run(&world.database.url, &arguments(line, number, options))
}

#[rstest]
fn what_comes_of_a_call_is_told(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let (world, phone) = (World::new(database), Phone::start());
    let line = phone.line(&world, &json!({}));
    let answered = call(&world, &line, "139 0000 0000", &["--talk", "1", "--trace"]);
    assert!(answered.is_good(), "{answered:?}");
    for part in [
        "ringing after ",
        "answered after ",
        "by this program",
        "The line carries calls.",
        "INVITE sip:+8613900000000@",
        "<sip:02161234567@",
        "SIP/2.0 200 OK",
        "BYE sip:phone@",
    ] {
        assert!(answered.output.contains(part), "{part} is not in {}", answered.output);
    }
    for written in ["139 0000", "1390000", "*0000", "0216123"] {
        assert!(!answered.error.contains(written), "the log has a number: {}", answered.error);
    }
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&wav_of(8_000, &[1_000; 4_000])).unwrap();
    let played = call(&world, &line, "13900000000", &["--play", file.path().to_str().unwrap()]);
    assert!(played.is_good() && played.output.contains("all was played"), "{played:?}");
    let text = tempfile::NamedTempFile::new().unwrap();
    let refused = call(&world, &line, "13900000000", &["--play", text.path().to_str().unwrap()]);
    assert!(!refused.is_good() && refused.error.contains(": it must be a WAV file"), "{refused:?}");
    for (number, options, part) in [
        ("13900000003", &[][..], "not answered: 486 User busy (Q.850 cause 17)"),
        ("13900000004", &["--ring", "1"], "nobody answered, and it was cancelled"),
    ] {
        let ended = call(&world, &line, number, options);
        assert!(!ended.is_good() && ended.error.contains("nobody answered"), "{ended:?}");
        assert!(ended.output.contains(part), "{part} is not in {}", ended.output);
        assert!(!ended.output.contains("INVITE"), "{}", ended.output);
    }
    phone.stop();
}

#[rstest]
fn what_no_call_may_do_it_may_not(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let (world, phone) = (World::new(database), Phone::start());
    let line = phone.line(&world, &json!({"allowed_prefixes": ["86139"]}));
    let refused = |number: &str, why: &str| {
        let ended = call(&world, &line, number, &[]);
        assert!(!ended.is_good() && ended.error.contains("nothing is called"), "{ended:?}");
        assert!(ended.error.contains(why), "{why} is not in {}", ended.error);
        assert!(!ended.said().contains("0000000") && ended.output.is_empty(), "{ended:?}");
    };
    refused("110", "emergency number");
    refused("13800000000", "allowed_prefixes");
    let barred = json!({"data": [{"phone": "13900000001"}]});
    world.client.post(&world.path("/do-not-call"), &barred).data();
    refused("13900000001", "do-not-call");
    for (level, id) in [("line", json!({"line_id": line})), ("partner", json!({}))] {
        let mut stop = json!({"level": level, "reason": "test"});
        stop.as_object_mut().unwrap().extend(id.as_object().unwrap().clone());
        world.client.post("/agent-api/stop-dialing", &stop).data();
        refused("13900000003", "dialing is stopped (test)");
        world.client.post("/agent-api/resume-dialing", &stop).data();
    }
    assert!(call(&world, &line, "13900000003", &[]).output.contains("486"));
    dialtime(&world.database.url, &["partner", "disable", &world.partner]);
    refused("13900000003", "partner is disabled");
    dialtime(&world.database.url, &["partner", "enable", &world.partner]);
    let simulated = json!({"name": "a", "kind": "simulated", "channels": 1, "cps": 1});
    let simulated = world.client.post("/agent-api/line", &simulated).data()["id"].clone();
    let ended = call(&world, simulated.as_str().unwrap(), "13900000000", &[]);
    assert!(!ended.is_good() && ended.error.contains("reaches nobody"), "{ended:?}");
    phone.stop();
}

/// Carriers may know a port, too; where a server has it, any other one has to do.
#[test]
fn a_call_leaves_from_the_port_that_is_asked_for_if_it_is_free() {
    let (world, phone) = (World::new(Database::Sqlite), Phone::start());
    let line = phone.line(&world, &json!({}));
    let held = port_of_our_own();
    let address = held.local_addr().unwrap().to_string();
    let arguments =
        ["line", "test-call", &line, "13900000000", "--talk", "1", "--trace", "--sip-listen", &address];
    let [via, taken] =
        [format!("SIP/2.0/UDP {address}"), format!("port {} is taken", held.local_addr().unwrap().port())];
    let ended = run(&world.database.url, &arguments);
    assert!(ended.is_good() && ended.output.contains(&taken) && !ended.output.contains(&via), "{ended:?}");
    drop(held);
    let ended = run(&world.database.url, &arguments);
    assert!(ended.is_good() && !ended.output.contains(&taken) && ended.output.contains(&via), "{ended:?}");
    phone.stop();
}

/// Each INVITE is asked who calls, whatever it says.
fn never_content(socket: &UdpSocket) {
    let mut buffer = [0; 4_096];
    while let Ok((length, from)) = socket.recv_from(&mut buffer) {
        let request = String::from_utf8(buffer[..length].to_vec()).unwrap();
        if !request.starts_with("INVITE") {
            continue;
        }
        let head =
            |line: &&str| ["Via:", "From:", "Call-ID:", "CSeq:"].iter().any(|name| line.starts_with(name));
        let kept = request.lines().filter(head).collect::<Vec<_>>().join("\r\n");
        let to = request.lines().find(|line| line.starts_with("To:")).unwrap();
        let challenge = "Proxy-Authenticate: Digest realm=\"carrier\", nonce=\"1\", algorithm=MD5";
        let answer = format!(
            "SIP/2.0 407 Who is it\r\n{kept}\r\n{to};tag=1\r\n{challenge}\r\nContent-Length: 0\r\n\r\n"
        );
        socket.send_to(answer.as_bytes(), from).unwrap();
    }
}

#[test]
fn a_secret_that_is_refused_is_told() {
    let world = World::new(Database::Sqlite);
    let carrier = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = carrier.local_addr().unwrap().to_string();
    carrier.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    std::thread::spawn(move || never_content(&carrier));
    for (secret, part) in [
        (json!({"auth_user": "1001", "auth_secret": "wrong"}), "It refuses the name or the secret"),
        (json!({}), "It asks who calls: the line may need `auth_user`"),
    ] {
        let mut sip = json!({"addresses": [address]});
        sip.as_object_mut().unwrap().extend(secret.as_object().unwrap().clone());
        let body = json!({"name": "trunk", "kind": "sip", "channels": 1, "cps": 1, "sip": sip});
        let line = world.client.post("/agent-api/line", &body).data()["id"].as_str().unwrap().to_owned();
        let ended = call(&world, &line, "13900000000", &[]);
        assert!(!ended.is_good() && ended.output.contains("not answered: 407"), "{ended:?}");
        assert!(ended.output.contains(part), "{part} is not in {ended:?}");
    }
}

/// A person's call takes no channel from those that tasks have.
#[rstest]
fn a_line_that_is_full_is_not_tried(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let phone = Phone::start();
    let world = ProgramWorld::with(database, &["--sip-listen", "127.0.0.1:0", "--drain-seconds", "0"]);
    let line = phone.line(&world, &json!({"channels": 5, "cps": 10}));
    world.client.post(&world.new_path(&format!("/line/{line}")), &json!({"line_concurrency": 5})).data();
    let gather = json!({"action": "gather", "digits": 1, "first_digit": 60});
    let script = json!({"name": "waits", "steps": [gather, {"action": "hang_up"}]});
    let script = world.client.post(&world.path("/script"), &script).data()["id"].as_i64().unwrap();
    let task = task_with_script(&world, &line, script, 0);
    let phones: Vec<Value> = (0..5).map(|number| json!({"phone": format!("139000000{number}0")})).collect();
    world.client.post(&world.path(&format!("/task/{task}/number")), &json!({"data": phones})).data();
    start(&world, &task);
    until("all talk", || progress(&world, &task)["calls"]["talking"] == 5);
    let ended = call(&world, &line, "13900000003", &[]);
    assert!(!ended.is_good() && ended.error.contains("all 5 channels of the line are in use"), "{ended:?}");
}

/// Who says nothing is told apart from who refuses, and can be given up at once.
#[test]
fn a_carrier_that_says_nothing_is_told() {
    let world = World::new(Database::Sqlite);
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let sip = json!({"addresses": [silent.local_addr().unwrap().to_string()]});
    let body = json!({"name": "trunk", "kind": "sip", "channels": 1, "cps": 1, "t1x64": 4, "sip": sip});
    let line = world.client.post("/agent-api/line", &body).data()["id"].as_str().unwrap().to_owned();
    let ended = call(&world, &line, "13900000000", &[]);
    for part in ["not answered: 408", "this program's own words", "dialtime line check"] {
        assert!(!ended.is_good() && ended.output.contains(part), "{part} is not in {ended:?}");
    }
    let program = Program::start(&mut program(&world.database.url, &arguments(&line, "13900000000", &[])));
    program.logged(&["calling over trunk"]);
    let process = program.process_id().to_string();
    assert!(Command::new("kill").args(["-INT", &process]).status().unwrap().success());
    program.logged(&["ended here"]);
    assert!(!program.wait(), "nobody answered");
}

#[rstest]
#[case::by_ctrl_c(false, "told to stop")]
#[case::by_a_stop(true, "dialing is stopped")]
fn a_phone_that_rings_falls_silent(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
    #[case] stops: bool,
    #[case] why: &str,
) {
    let (world, phone) = (World::new(database), Phone::start());
    let line = phone.line(&world, &json!({}));
    let url = &world.database.url;
    let program = Program::start(&mut program(url, &arguments(&line, "13900000004", &[])));
    program.logged(&["ringing after"]);
    let since = Instant::now();
    if stops {
        dialtime(url, &["stop-dialing"]);
    } else {
        let process = program.process_id().to_string();
        assert!(Command::new("kill").args(["-INT", &process]).status().unwrap().success());
    }
    program.logged(&[why]);
    program.logged(&["ended here"]);
    assert!(since.elapsed() < Duration::from_secs(2), "{:?}", since.elapsed());
    let said = program.logged(&["the line was not tried to the end"]);
    assert!(!said.contains("nobody answered"), "{said}");
    assert!(!program.wait(), "nobody answered");
    phone.stop();
}
