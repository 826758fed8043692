//! Lists over real SIP: through HTTP alone a SIP line, a script, a task and a number become a call to another program (SIPp), and its
//! answers a record.

mod answerers;
mod baresip;
mod bots;
mod death;
mod failing_bots;
mod killed_bots;
mod limits;
mod own_failures;
mod real_phones;
mod recorded_bots;
mod recordings;
mod recovery;
mod registrations;
mod scripts;
mod secured_bots;
mod stopping;
mod transfers;

use std::{
    net::UdpSocket,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use rstest::rstest;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    dialing::{progress, start, task, task_with_script},
    support::{Client, Database, ProgramWorld, World, until},
};
use test_support::free_port;

/// SIPp as whoever answers or refuses calls.
struct Callee {
    child: Child,
    folder: TempDir,
    port: u16,
}

impl Callee {
    fn start(scenario: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("busy.xml"), BUSY).unwrap();
        std::fs::write(folder.path().join("ringing.xml"), RINGING).unwrap();
        std::fs::write(folder.path().join("agent.xml"), AGENT).unwrap();
        Self::start_in(folder, scenario)
    }

    /// One with a scenario of its own.
    fn with(scenario: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("own.xml"), scenario).unwrap();
        Self::start_in(folder, &["-sf", "own.xml"])
    }

    fn start_in(folder: TempDir, scenario: &[&str]) -> Self {
        let port = free_port();
        let child = Self::sipp(&folder, scenario, port);
        Self { child, folder, port }
    }

    /// Another scenario takes its place, at the same port.
    fn becomes(&mut self, scenario: &str) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        std::fs::write(self.folder.path().join("next.xml"), scenario).unwrap();
        self.child = Self::sipp(&self.folder, &["-sf", "next.xml"], self.port);
    }

    fn sipp(folder: &TempDir, scenario: &[&str], port: u16) -> Child {
        let child = Command::new("sipp")
            .current_dir(folder.path())
            .args(scenario)
            .args([
                "-i",
                "127.0.0.1",
                "-p",
                &port.to_string(),
                "-nostdin",
                "-trace_msg",
                "-message_file",
                "messages.txt",
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("SIPp is not installed: apt-get install sip-tester");
        until("SIPp listens", || UdpSocket::bind(("127.0.0.1", port)).is_err());
        child
    }

    fn heard(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("messages.txt")).unwrap_or_default()
    }
}

impl Drop for Callee {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const BUSY: &str = r#"<?xml version="1.0" encoding="UTF-8" ?>
<scenario name="busy">
<recv request="INVITE"/>
<send><![CDATA[
SIP/2.0 486 Busy Here
[last_Via:]
[last_From:]
[last_To:];tag=busy
[last_Call-ID:]
[last_CSeq:]
Reason: Q.850;cause=17;text="User busy"
Content-Length: 0

]]></send>
<recv request="ACK"/>
</scenario>
"#;

const RINGING: &str = r#"<?xml version="1.0" encoding="UTF-8" ?>
<scenario name="ringing">
<recv request="INVITE"><action><ereg regexp=".*" search_in="hdr" header="Via:" check_it="true" assign_to="1"/>
<ereg regexp=".*" search_in="hdr" header="CSeq:" check_it="true" assign_to="2"/></action></recv>
<send><![CDATA[
SIP/2.0 180 Ringing
[last_Via:]
[last_From:]
[last_To:];tag=ringing
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
<recv request="CANCEL"/>
<send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
<send><![CDATA[
SIP/2.0 487 Request Terminated
Via:[$1]
[last_From:]
[last_To:];tag=ringing
[last_Call-ID:]
CSeq:[$2]
Content-Length: 0

]]></send>
</scenario>
"#;

/// Who says nothing for a minute is taken for gone, and the record says why the line ended the call.
#[test]
fn a_call_without_sound_is_ended_and_says_so() {
    let callee = Callee::with(&AGENT.replace("\"500\"/>", "\"100000\"/>"));
    let world = ProgramWorld::with(Database::Sqlite, &OPTIONS);
    let gather = json!({"action": "gather", "digits": 1, "first_digit": 60});
    let script = scripts::script(&world, &json!([gather, gather, {"action": "hang_up"}]));
    let task = task_with_script(&world, &line(&world, callee.port), script, 1);
    start(&world, &task);
    until("somebody talks", || progress(&world, &task)["calls"]["talking"] == 1);
    thread::sleep(Duration::from_mins(1));
    until("the call is over", || progress(&world, &task)["calls"]["talking"] == 0);
    let record = record_of(&world, &task);
    let found = (&record["class"], &record["ended_by"], &record["end_reason"]);
    assert_eq!(found, (&json!("answered"), &json!("line"), &json!("no_sound")), "{record}");
}

/// Answers, talks for a moment and hangs up.
const AGENT: &str = r#"<?xml version="1.0" encoding="UTF-8" ?>
<scenario name="agent">
<recv request="INVITE" rrs="true"><action><ereg regexp=".*" search_in="hdr" header="From:" check_it="true" assign_to="1"/>
<ereg regexp=".*" search_in="hdr" header="To:" check_it="true" assign_to="2"/></action></recv>
<send><![CDATA[
SIP/2.0 180 Ringing
[last_Via:]
[last_From:]
[last_To:];tag=agent
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
<send retrans="500"><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:];tag=agent
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:agent@[local_ip]:[local_port]>
Content-Type: application/sdp
Content-Length: [len]

v=0
o=agent 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [local_ip]
t=0 0
m=audio 47900 RTP/AVP 8
]]></send>
<recv request="ACK"/>
<pause milliseconds="500"/>
<send retrans="500"><![CDATA[
BYE [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From:[$2];tag=agent
To:[$1]
[last_Call-ID:]
CSeq: 1 BYE
Max-Forwards: 70
Content-Length: 0

]]></send>
<recv response="200"/>
</scenario>
"#;

const OPTIONS: [&str; 2] = ["--sip-listen", "127.0.0.1:0"];

/// A SIP line to this port, of which the user has a share.
fn line(world: &World, port: u16) -> String {
    line_with(world, &json!({"addresses": [format!("127.0.0.1:{port}")], "from_user": "02161234567"}))
}

/// A SIP line of which the user has a share.
fn line_with(world: &World, sip: &Value) -> String {
    line_for(world, sip, 5)
}

/// A SIP line over which the user may have so many calls at once.
fn line_for(world: &World, sip: &Value, calls: usize) -> String {
    let body = json!({"name": "trunk", "kind": "sip", "channels": calls * 2, "cps": calls * 2, "sip": sip});
    let line = world.client.post("/agent-api/line", &body);
    assert_eq!((&line.data()["state"], &line.data()["warnings"]), (&json!("ready"), &json!([])));
    let line = line.data()["id"].as_str().unwrap().to_owned();
    let share = json!({"line_concurrency": calls});
    world.client.post(&world.new_path(&format!("/line/{line}")), &share).data();
    line
}

/// The only record of a list of one number, once it is there.
fn record(world: &ProgramWorld, port: u16) -> Value {
    record_of(world, &task(world, &line(world, port), world.open_group(), 1))
}

/// The only record of a task of one number, once it is there.
fn record_of(world: &ProgramWorld, task: &str) -> Value {
    start(world, task);
    let path = world.path(&format!("/task/{task}/record?all=1"));
    let first = || world.client.get(&path).data()[0].clone();
    until("there is a record", || first().is_object());
    until("all are done", || progress(world, task)["reason"]["code"] == "finished");
    first()
}

#[rstest]
fn a_number_of_a_list_is_called_over_sip_and_has_a_record(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let callee = Callee::start(&["-sn", "uas"]);
    let world = ProgramWorld::with(database, &OPTIONS);
    let record = record(&world, callee.port);
    assert_eq!(
        (&record["status"], &record["class"], &record["simulated"]),
        (&json!(1), &json!("answered"), &json!(false))
    );
    assert_eq!((&record["cause"]["code"], &record["ended_by"]), (&json!(200), &json!("script")));
    assert!(record["times"]["ringing"].is_string() && record["answerdate"].is_string(), "{record}");
    let heard = callee.heard();
    let attempt = record["record_id"].as_str().unwrap();
    for part in [
        "INVITE sip:+8613800000000@127.0.0.1:",
        &format!("Call-ID: {attempt}@127.0.0.1"),
        "<sip:02161234567@",
        "BYE sip:",
    ] {
        assert!(heard.contains(part), "{part} is not in {heard}");
    }
    let trace = world.client.get(&world.path(&format!("/record/{attempt}/trace")));
    let messages = trace.data()["messages"].as_array().unwrap();
    let said = |message: &Value| {
        let first = message["text"].as_str().unwrap().lines().next().unwrap();
        let first = first.split(" sip:").next().unwrap().trim_end();
        format!("{}{first}", if message["sent"] == true { "> " } else { "< " })
    };
    let said: Vec<String> = messages.iter().map(said).collect();
    let expected =
        ["> INVITE", "< SIP/2.0 180 Ringing", "< SIP/2.0 200 OK", "> ACK", "> BYE", "< SIP/2.0 200 OK"];
    assert_eq!(said, expected, "{trace:?}");
    let peer = json!(format!("127.0.0.1:{}", callee.port));
    assert!(messages.iter().all(|message| message["peer"] == peer && message["transport"] == "udp"));
    assert_eq!(trace.data()["complete"], true);
    // The SIP stack logs messages in full unless it is kept from that.
    let logged = world.server.logged(&["speaking SIP at"]);
    assert!(!logged.contains("13800000000") && !logged.contains("02161234567"), "{logged}");
}

#[rstest]
fn what_a_carrier_says_of_a_call_is_in_its_record(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let callee = Callee::start(&["-sf", "busy.xml"]);
    let world = ProgramWorld::with(database, &OPTIONS);
    let record = record(&world, callee.port);
    let cause = json!({"code": 486, "phrase": "User busy", "q850": 17, "local": false});
    assert_eq!((&record["status"], &record["class"], &record["cause"]), (&json!(8), &json!("busy"), &cause));
    assert_eq!(record["ended_by"], "callee");
}

#[rstest]
fn the_signalling_of_a_call_is_kept_as_its_line_says_and_shown_to_whom_it_may(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let callee = Callee::start(&["-sf", "busy.xml"]);
    let world = ProgramWorld::with(database, &OPTIONS);
    let traced = |keeping: &str| {
        let sip = json!({"addresses": [format!("127.0.0.1:{}", callee.port)], "trace": keeping});
        let body = json!({"name": keeping, "kind": "sip", "channels": 10, "cps": 10, "sip": sip});
        let line = world.client.post("/agent-api/line", &body);
        assert_eq!(line.data()["sip"]["trace"], keeping);
        let line = line.data()["id"].as_str().unwrap().to_owned();
        let share = world.new_path(&format!("/line/{line}"));
        world.client.post(&share, &json!({"line_concurrency": 5})).data();
        let record = record_of(&world, &task(&world, &line, world.open_group(), 1));
        world.path(&format!("/record/{}/trace", record["record_id"].as_str().unwrap()))
    };
    let answer = |client: &Client, path: &str| {
        let answer = client.get(path);
        (answer.status, answer.body["message"].as_str().unwrap().to_owned())
    };
    let (kept, off) = (traced("unanswered"), traced("off"));
    assert_eq!(world.client.get(&kept).data()["messages"].as_array().map(Vec::len), Some(3));
    assert_eq!(answer(&world.client, &off), (404, "该通话没有信令记录".to_owned()));
    let of_user = world.token(&["--user", &world.user]);
    let masked = world.token(&["--numbers", "masked"]);
    assert_eq!(answer(&of_user, &kept).0, 404);
    assert_eq!(answer(&masked, &kept).0, 403);
}
