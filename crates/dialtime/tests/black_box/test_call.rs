//! Lines that are tried with one call from the command line, to the phone of the demo.

use std::{
    io::Write,
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use rstest::rstest;
use serde_json::{Value, json};
use sip::DemoPhone;
use test_support::{FixedRandom, Program};
use tokio::runtime::Runtime;

use crate::{
    prompts::wav_of,
    support::{Database, Ended, World, dialtime, program, run},
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
    assert!(!answered.error.contains("0000"), "the log has no number: {}", answered.error);
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&wav_of(8_000, &[1_000; 4_000])).unwrap();
    let played = call(&world, &line, "13900000000", &["--play", file.path().to_str().unwrap()]);
    assert!(played.is_good() && played.output.contains("all was played"), "{played:?}");
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
        assert!(!ended.said().contains("00000") && ended.output.is_empty(), "{ended:?}");
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
    assert!(!program.wait(), "nobody answered");
    phone.stop();
}
