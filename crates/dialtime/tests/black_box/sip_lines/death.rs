//! Nodes that are killed while phones ring and while people talk: the phones fall silent, and nobody is called twice.

use std::{
    net::{SocketAddr, UdpSocket},
    time::{Duration, Instant},
};

use rstest::rstest;
use serde_json::{Value, json};

use super::{
    Callee, OPTIONS,
    baresip::Baresip,
    line, line_with,
    scripts::{prompt, rising_tone, script},
};
use crate::{
    dialing::{progress, start, task, task_with_script},
    support::{Database, Program, ProgramWorld, until},
};

/// How long a phone may go on: until the next start of an only node, or until another has taken over.
pub(super) fn most(database: Database) -> Duration {
    Duration::from_secs(if matches!(database, Database::Sqlite) { 2 } else { 15 })
}

/// Kills the node; gives another one, and since when there is somebody to end its calls.
pub(super) fn killed(world: &mut ProgramWorld, database: Database) -> (Program, Instant) {
    let url = world.database.url.clone();
    let other = || Program::start(&url, &OPTIONS);
    match database {
        Database::Sqlite => {
            world.server.kill();
            let next = other();
            (next, Instant::now())
        }
        Database::Postgres => {
            let second = other();
            world.server.kill();
            (second, Instant::now())
        }
    }
}

/// What the only record of a task says, asked of another node.
pub(super) fn record(world: &ProgramWorld, node: &Program, task: &str) -> Value {
    let client = world.client.at(&node.base);
    let path = world.path(&format!("/task/{task}/record?all=1"));
    let records = || client.get(&path).data().clone();
    until("there is a record", || records().as_array().is_some_and(|records| !records.is_empty()));
    let records = records();
    assert_eq!(records.as_array().unwrap().len(), 1, "nobody is called twice");
    records[0].clone()
}

#[rstest]
fn a_phone_that_rings_falls_silent(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let callee = Callee::start(&["-sf", "ringing.xml"]);
    let mut world = ProgramWorld::with(database, &OPTIONS);
    let task = task(&world, &line(&world, callee.port), world.open_group(), 1);
    start(&world, &task);
    let calls = world.path("/call");
    until("it is known that the phone rings", || {
        world.client.get(&calls).data()[0]["ringing_at"].is_string()
    });
    let (node, since) = killed(&mut world, database);
    until("a CANCEL comes", || callee.heard().contains("CANCEL sip:"));
    assert!(since.elapsed() < most(database), "{:?}", since.elapsed());
    let record = record(&world, &node, &task);
    assert_eq!(
        (&record["class"], &record["end_reason"]),
        (&json!("unknown"), &json!("node_died")),
        "{record}"
    );
    assert_eq!(callee.heard().matches("INVITE sip:").count(), 1);
}

/// The node dies as its INVITE arrives: it is written down already what ends the call, also that of an INVITE which answers a challenge.
#[rstest]
fn a_phone_is_silenced_whose_call_has_only_just_left(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
    #[values(false, true)] asks_who_calls: bool,
) {
    let phone = UdpSocket::bind("127.0.0.1:0").unwrap();
    phone.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut world = ProgramWorld::with(database, &OPTIONS);
    let address = phone.local_addr().unwrap().to_string();
    let sip = json!({"addresses": [address], "auth_user": "user", "auth_secret": "secret", "from_user": "02161234567"});
    let line = line_with(&world, &sip);
    let task = task(&world, &line, world.open_group(), 1);
    start(&world, &task);
    let (mut invite, from) = heard(&phone, "INVITE");
    if asks_who_calls {
        let challenge = "WWW-Authenticate: Digest realm=\"here\", nonce=\"n\"";
        phone.send_to(answer(&invite, "401 Unauthorized", challenge).as_bytes(), from).unwrap();
        heard(&phone, "ACK");
        invite = heard(&phone, "INVITE").0;
        assert!(invite.contains("Authorization:"), "{invite}");
    }
    world.server.kill();
    let node = Program::start(&world.database.url, &OPTIONS);
    let since = Instant::now();
    let (cancel, _) = heard(&phone, "CANCEL");
    assert!(since.elapsed() < most(database), "{:?}", since.elapsed());
    assert_eq!(header(&cancel, "Via:"), header(&invite, "Via:"), "it is for this INVITE");
    assert_eq!(record(&world, &node, &task)["class"], "unknown");
}

/// The next request of a kind; others are passed over.
fn heard(phone: &UdpSocket, method: &str) -> (String, SocketAddr) {
    let mut buffer = vec![0; 65_536];
    loop {
        let (length, from) = phone.recv_from(&mut buffer).unwrap();
        let message = String::from_utf8_lossy(&buffer[..length]).into_owned();
        if message.starts_with(method) {
            return (message, from);
        }
    }
}

fn header<'m>(message: &'m str, name: &str) -> &'m str {
    message.lines().find(|line| line.starts_with(name)).unwrap()
}

fn answer(request: &str, status: &str, more: &str) -> String {
    let [via, from, to, call_id, sequence] =
        ["Via:", "From:", "To:", "Call-ID:", "CSeq:"].map(|name| header(request, name));
    format!(
        "SIP/2.0 {status}\r\n{via}\r\n{from}\r\n{to};tag=1\r\n{call_id}\r\n{sequence}\r\n{more}\r\n\
         Content-Length: 0\r\n\r\n"
    )
}

#[rstest]
fn who_talks_is_hung_up_on(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let phone = Baresip::start("+8613800000000");
    let mut world = ProgramWorld::with(database, &OPTIONS);
    let play = json!({"action": "play", "prompt": prompt(&world, &rising_tone(60))});
    let script = script(&world, &json!([play, {"action": "hang_up"}]));
    let task = task_with_script(&world, &line(&world, phone.port), script, 1);
    start(&world, &task);
    until("somebody talks", || progress(&world, &task)["calls"]["talking"] == 1);
    let (node, since) = killed(&mut world, database);
    until("the phone is hung up on", || phone.said().contains("session closed"));
    assert!(since.elapsed() < most(database), "{:?}", since.elapsed());
    let record = record(&world, &node, &task);
    assert_eq!((&record["class"], &record["status"]), (&json!("answered"), &json!(1)));
    assert_eq!(record["end_reason"], "node_died", "{record}");
}
