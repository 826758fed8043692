//! Lines at the command line.

use std::io::Write;

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Database, ProgramWorld, World, dialtime, program, run, task};

fn file(body: &Value) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(body.to_string().as_bytes()).unwrap();
    file
}

#[rstest]
fn a_line_is_created_listed_shown_and_deleted(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = ProgramWorld::new(database);
    let (url, partner) = (world.database.url.as_str(), world.partner.as_str());
    let trunk = file(&json!({
        "name": "上海出局", "kind": "sip", "channels": 30, "cps": 2.5, "caller_ids": {"numbers": ["+862161234567"]},
        "sip": {"addresses": ["sip.example.com"], "auth_user": "1001", "auth_secret": "s3cret"},
    }));
    let id = dialtime(url, &["line", "create", "--partner", partner, trunk.path().to_str().unwrap()]);
    let list = dialtime(url, &["line", "list", "--partner", partner]);
    assert_eq!(list, format!("{id}  sip  30 channels  2.5 a second  上海出局"));
    let shown = dialtime(url, &["line", "show", &id]);
    let answered = world.client.get(&format!("/agent-api/line/{id}"));
    let (mut shown, mut answered): (Value, Value) =
        (serde_json::from_str(&shown).unwrap(), answered.data().clone());
    assert!(!shown.to_string().contains("s3cret"));
    // How it stands at this moment is told by the API alone.
    for of_now in ["starts_per_second", "breaker"] {
        answered.as_object_mut().unwrap().remove(of_now).unwrap();
    }
    // One speaks English, the other Chinese.
    (shown["warnings"], answered["warnings"]) = (json!([]), json!([]));
    assert_eq!(shown, answered);
    // What keeps it is told.
    let mut body = task(world.group("group"));
    body["caller_line_id"] = json!(id);
    let made = world.client.post(&world.path("/task"), &body).data()["uuid"].clone();
    let kept = run(url, &["line", "delete", &id]);
    assert!(!kept.is_good() && kept.error.contains("tasks name it (task)"), "{}", kept.error);
    world.client.delete(&world.path(&format!("/task/{}", made.as_str().unwrap()))).data();
    assert_eq!(dialtime(url, &["line", "delete", &id]), "deleted");
    assert_eq!(dialtime(url, &["line", "list", "--partner", partner]), "");
    for arguments in [["line", "show", &id], ["line", "delete", &id]] {
        let ended = run(url, &arguments);
        assert!(!ended.is_good() && ended.error.contains("there is no line"), "{}", ended.error);
    }
}

#[rstest]
fn what_is_wrong_with_a_line_is_told(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let (url, partner) = (world.database.url.as_str(), world.partner.as_str());
    let bad = file(&json!({"name": "", "kind": "simulated", "channels": 0, "chanels": 1}));
    let path = bad.path().to_str().unwrap();
    let ended = run(url, &["line", "create", "--partner", partner, path]);
    for part in ["chanels is not known here", "name must not be empty", "channels must be a whole number"] {
        assert!(!ended.is_good() && ended.error.contains(part), "{part}: {}", ended.error);
    }
    let rubbish = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(rubbish.path(), "rubbish").unwrap();
    let ended = run(url, &["line", "create", "--partner", partner, rubbish.path().to_str().unwrap()]);
    assert!(!ended.is_good() && ended.error.contains("it is not JSON"), "{}", ended.error);
    let good = file(&json!({"name": "line", "kind": "simulated", "channels": 1}));
    let (good, nobody) = (good.path().to_str().unwrap(), "5832d184-dd53-42a0-8ace-0bf8d660f4cc");
    let ended = run(url, &["line", "create", "--partner", nobody, good]);
    assert!(!ended.is_good() && ended.error.contains("there is no partner"), "{}", ended.error);
    let ended = run(url, &["line", "create", "--partner", partner, "/nowhere.json"]);
    assert!(!ended.is_good() && ended.error.contains("cannot read /nowhere.json"), "{}", ended.error);
    let id = "7832d184-dd53-42a0-8ace-0bf8d660f4cc";
    let mut command = program(url, &["line", "create", "--partner", partner, "-"]);
    let body = json!({"id": id, "name": "line", "kind": "simulated", "channels": 1, "cps": 0.25}).to_string();
    let ended = test_support::ended(&mut command, &body);
    assert_eq!((ended.is_good(), ended.output.trim()), (true, id), "{}", ended.error);
    let again = test_support::ended(&mut command, &body);
    assert!(!again.is_good() && again.error.contains("the id is not available"), "{}", again.error);
    let list = dialtime(url, &["line", "list", "--partner", partner]);
    assert_eq!(list, format!("{id}  simulated  1 channels  0.25 a second  line"));
}

#[rstest]
fn a_line_is_checked_without_a_call(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let (url, partner) = (world.database.url.as_str(), world.partner.as_str());
    let create = |body: &Value| {
        let file = file(body);
        dialtime(url, &["line", "create", "--partner", partner, file.path().to_str().unwrap()])
    };
    let simulated = create(&json!({"name": "a", "kind": "simulated", "channels": 1, "cps": 1}));
    assert!(dialtime(url, &["line", "check", &simulated]).contains("A simulated line"));
    // Whoever is there and whoever is not, of a socket that is read by hand and one that nobody reads.
    let [there, silent] = [(); 2].map(|()| std::net::UdpSocket::bind("127.0.0.1:0").unwrap());
    let [first, second] = [&there, &silent].map(|socket| socket.local_addr().unwrap().to_string());
    let answering = std::thread::spawn(move || {
        let mut buffer = [0; 4_096];
        let (length, from) = there.recv_from(&mut buffer).unwrap();
        let request = String::from_utf8(buffer[..length].to_vec()).unwrap();
        let kept: Vec<&str> = request
            .lines()
            .filter(|line| {
                ["Via:", "From:", "To:", "Call-ID:", "CSeq:"].iter().any(|name| line.starts_with(name))
            })
            .collect();
        let answer = format!("SIP/2.0 200 Here\r\n{}\r\nContent-Length: 0\r\n\r\n", kept.join("\r\n"));
        there.send_to(answer.as_bytes(), from).unwrap();
        request
    });
    let sip = json!({"addresses": [first, second], "from_user": "02161234567"});
    let trunk = create(&json!({"name": "b", "kind": "sip", "channels": 1, "cps": 1, "t1x64": 4, "sip": sip}));
    let check = ["line", "check", &trunk, "--sip-listen", "127.0.0.1:0"];
    let said = dialtime(url, &check);
    for part in
        [format!("{first}: answered 200 Here"), format!("{second}: said nothing"), "It is there.".to_owned()]
    {
        assert!(said.contains(&part), "{part} is not in {said}");
    }
    assert!(answering.join().unwrap().starts_with("OPTIONS sip:127.0.0.1"));
    // By now nobody is there.
    let ended = run(url, &check);
    assert!(!ended.is_good() && ended.error.contains("`dialtime line test-call` decides"), "{}", ended.error);
}
