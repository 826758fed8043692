//! Lines that register: nothing is called over one before it is registered, one node alone registers it, and another takes over.

use std::{
    net::{SocketAddr, UdpSocket},
    process::Command,
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use rstest::rstest;
use serde_json::{Value, json};

use super::{OPTIONS, death::most};
use crate::{
    dialing::{progress, start, task},
    support::{Database, Program, ProgramWorld, World, dialtime, run, until},
};

/// A carrier: says this to who registers, and that it is busy to who calls from where somebody is registered.
pub(super) struct RegisteringCarrier {
    port: u16,
    state: Arc<Mutex<CarrierState>>,
}

#[derive(Default)]
pub(super) struct CarrierState {
    says: String,
    port: u16,
    /// Who is registered.
    pub(super) registered: Option<SocketAddr>,
    /// Everybody who ever was, in order.
    pub(super) all: Vec<SocketAddr>,
    /// Who called, and whether that was who is registered.
    calls: Vec<(SocketAddr, bool)>,
    /// How many registrations were taken back.
    taken_back: usize,
    /// Whether it answers calls; otherwise it is busy.
    answers: bool,
    /// What ended at it, in order: a call, or a registration.
    pub(super) ended: Vec<&'static str>,
}

impl RegisteringCarrier {
    pub(super) fn saying(says: &str) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let port = socket.local_addr().unwrap().port();
        let state = CarrierState { says: says.to_owned(), port, ..CarrierState::default() };
        let state = Arc::new(Mutex::new(state));
        let carrier = Self { port, state: Arc::clone(&state) };
        socket.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
        thread::spawn(move || {
            let mut buffer = vec![0; 65_536];
            while Arc::strong_count(&state) > 1 {
                let Ok((length, from)) = socket.recv_from(&mut buffer) else { continue };
                let request = String::from_utf8_lossy(&buffer[..length]).into_owned();
                let answer = state.lock().unwrap().answer(&request, from);
                if let Some(answer) = answer {
                    socket.send_to(answer.as_bytes(), from).unwrap();
                }
            }
        });
        carrier
    }

    fn says(&self, says: &str) {
        says.clone_into(&mut self.state.lock().unwrap().says);
    }

    /// From now on it answers calls, and says nothing.
    pub(super) fn answers_calls(&self) {
        self.state.lock().unwrap().answers = true;
    }

    /// Something of what it knows.
    pub(super) fn knows<T>(&self, what: impl Fn(&CarrierState) -> T) -> T {
        what(&self.state.lock().unwrap())
    }

    /// A line that registers there, of which the user has a share.
    pub(super) fn line(&self, world: &World) -> String {
        let sip = json!({
            "addresses": [format!("127.0.0.1:{}", self.port)], "register": true, "auth_user": "alice", "auth_secret": "secret",
            "from_user": "02161234567",
        });
        let body = json!({"name": "trunk", "kind": "sip", "channels": 10, "cps": 10, "t1x64": 4, "sip": sip});
        let line = world.client.post("/agent-api/line", &body);
        assert_eq!((&line.data()["state"], &line.data()["warnings"]), (&json!("ready"), &json!([])));
        let line = line.data()["id"].as_str().unwrap().to_owned();
        world.client.post(&world.new_path(&format!("/line/{line}")), &json!({"line_concurrency": 10})).data();
        line
    }
}

impl CarrierState {
    fn answer(&mut self, request: &str, from: SocketAddr) -> Option<String> {
        let header = |name: &str| request.lines().find(|line| line.starts_with(&format!("{name}: ")));
        let status = match request.split(' ').next()? {
            "REGISTER" if header("Expires") == Some("Expires: 0") => {
                self.registered = self.registered.filter(|registered| *registered != from);
                self.taken_back += 1;
                self.ended.push("registration");
                "200 OK".to_owned()
            }
            "REGISTER" if self.says.starts_with("200") => {
                self.registered = Some(from);
                if self.all.last() != Some(&from) {
                    self.all.push(from);
                }
                self.says.clone()
            }
            "REGISTER" => self.says.clone(),
            "INVITE" => {
                self.calls.push((from, self.registered == Some(from)));
                if self.answers { "200 OK" } else { "486 Busy Here" }.to_owned()
            }
            "BYE" => {
                self.ended.push("call");
                "200 OK".to_owned()
            }
            "OPTIONS" => "200 OK".to_owned(),
            _ => return None,
        };
        let kept = ["Via", "From", "Call-ID", "CSeq"].map(|name| header(name).unwrap_or_default());
        let to = header("To").unwrap_or_default();
        let to = if to.contains(";tag=") { to.to_owned() } else { format!("{to};tag=c") };
        let sound = if request.starts_with("INVITE ") && self.answers { self.sound() } else { String::new() };
        let (kept, length) =
            (kept.join("\r\n"), sound.split_once("\r\n\r\n").map_or(0, |(_, body)| body.len()));
        let rest = if sound.is_empty() { "\r\n" } else { sound.as_str() };
        Some(format!("SIP/2.0 {status}\r\n{kept}\r\n{to}\r\nContent-Length: {length}\r\n{rest}"))
    }

    /// Where calls are answered, and what may be said there.
    fn sound(&self) -> String {
        format!(
            "Contact: <sip:carrier@127.0.0.1:{}>\r\nContent-Type: application/sdp\r\n\r\nv=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\n\
             c=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n",
            self.port
        )
    }
}

fn registration(world: &World) -> Value {
    world.client.get("/agent-api/line-activity").data()[0]["registration"].clone()
}

#[rstest]
fn nothing_is_called_over_a_line_before_it_is_registered_and_no_number_pays_for_that(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let carrier = RegisteringCarrier::saying("403 No Account");
    let world = ProgramWorld::with(database, &OPTIONS);
    let line = carrier.line(&world);
    until("it is refused", || registration(&world)["code"] == 403);
    let known = registration(&world);
    assert_eq!((&known["registered"], &known["phrase"]), (&json!(false), &json!("No Account")));
    assert!(known["since"].is_string());
    let task = task(&world, &line, world.open_group(), 7);
    start(&world, &task);
    let reason = || progress(&world, &task)["reason"].clone();
    until("it says why", || reason()["code"] == "not_registered");
    assert_eq!((&reason()["line_id"], &reason()["until"]), (&json!(line), &Value::Null));
    assert_eq!(reason()["message"], "线路未在运营商处注册，注册成功后继续呼叫（403 No Account）");
    let used = progress(&world, &task)["lines"][0].clone();
    assert_eq!((&used["reason"], &used["message"]), (&json!("not_registered"), &reason()["message"]));
    assert_eq!(
        (carrier.knows(|state| state.calls.len()), &progress(&world, &task)["numbers"]["waiting"]),
        (0, &json!(7))
    );
    carrier.says("200 OK\r\nExpires: 600");
    until("all are called", || progress(&world, &task)["reason"]["code"] == "finished");
    let calls = carrier.knows(|state| state.calls.clone());
    assert!(calls.len() == 7 && calls.iter().all(|(_, is_registered)| *is_registered), "{calls:?}");
    let records = world.client.get(&world.path(&format!("/task/{task}/record?all=1"))).data().clone();
    assert!(records.as_array().unwrap().iter().all(|record| record["class"] == "busy"), "{records}");
    let known = registration(&world);
    assert_eq!(
        (&known["registered"], &known["code"], &known["phrase"]),
        (&json!(true), &Value::Null, &Value::Null)
    );
    let events = world.client.get(&world.path("/events?limit=1000")).data()["events"].clone();
    let of_line = |event: &&Value| event["type"].as_str().is_some_and(|kind| kind.starts_with("line."));
    let kinds: Vec<&Value> =
        events.as_array().unwrap().iter().filter(of_line).map(|event| &event["type"]).collect();
    // It may have been down before anyone had a share of it.
    assert_eq!(kinds.iter().filter(|kind| **kind == "line.up").count(), 1, "{events}");
}

#[rstest]
fn a_check_says_whether_a_line_can_be_registered_and_a_node_that_stops_takes_that_back(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let carrier = RegisteringCarrier::saying("403 No Account");
    let world = ProgramWorld::with(database, &OPTIONS);
    let line = carrier.line(&world);
    let check = ["line", "check", &line, "--sip-listen", "127.0.0.1:0"];
    let url = world.database.url.as_str();
    let refused = run(url, &check);
    assert!(!refused.is_good() && refused.output.contains("403 No Account"), "{refused:?}");
    carrier.says("200 OK\r\nExpires: 600");
    assert!(dialtime(url, &check).contains("It registers us."));
    until("the server has registered it too", || registration(&world)["registered"] == true);
    // The check has registered from elsewhere, and has taken that back.
    assert_eq!(carrier.knows(|state| state.taken_back), 1);
    let ProgramWorld { server, world: _world } = world;
    Command::new("kill").arg(server.process_id().to_string()).status().unwrap();
    let begun = Instant::now();
    assert!(server.wait());
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    assert_eq!(carrier.knows(|state| state.taken_back), 2);
}

/// Two nodes of a world; the line is registered from the first.
fn two_nodes(carrier: &RegisteringCarrier) -> (ProgramWorld, Program, String) {
    let world = ProgramWorld::with(Database::Postgres, &OPTIONS);
    let line = carrier.line(&world);
    until("it is registered", || registration(&world)["registered"] == true);
    let second = Program::start(&world.database.url, &OPTIONS);
    (world, second, line)
}

#[test]
fn one_node_alone_registers_a_line_and_another_takes_over_when_it_is_killed() {
    let carrier = RegisteringCarrier::saying("200 OK\r\nExpires: 2");
    let (mut world, second, line) = two_nodes(&carrier);
    let [before, after] = [20, 3].map(|numbers| task(&world, &line, world.open_group(), numbers));
    start(&world, &before);
    until("all are called", || progress(&world, &before)["reason"]["code"] == "finished");
    let (all, calls) = carrier.knows(|state| (state.all.clone(), state.calls.clone()));
    assert_eq!(all.len(), 1, "one node registers: {all:?}");
    assert!(calls.len() == 20 && calls.iter().all(|(from, _)| *from == all[0]), "{calls:?}");
    world.server.kill();
    let killed = Instant::now();
    let client = world.client.at(&second.base);
    client.put(&world.path(&format!("/task_start/{after}")), &json!({})).data();
    until("it is called over again", || carrier.knows(|state| state.calls.len()) > 20);
    assert!(killed.elapsed() < most(Database::Postgres), "{:?}", killed.elapsed());
    let (all, calls) = carrier.knows(|state| (state.all.clone(), state.calls.clone()));
    assert_eq!(all.len(), 2);
    assert!(calls.iter().all(|(_, is_registered)| *is_registered), "{calls:?}");
}

#[test]
fn a_node_that_stops_hands_its_lines_over_at_once() {
    let carrier = RegisteringCarrier::saying("200 OK\r\nExpires: 600");
    let (world, second, _line) = two_nodes(&carrier);
    let ProgramWorld { server, world } = world;
    Command::new("kill").arg(server.process_id().to_string()).status().unwrap();
    let begun = Instant::now();
    until("the other registers it", || carrier.knows(|state| state.all.len()) == 2);
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert!(server.wait());
    assert_eq!(carrier.knows(|state| state.taken_back), 1);
    let client = world.client.at(&second.base);
    let known = || client.get("/agent-api/line-activity").data()[0]["registration"]["registered"].clone();
    until("it says so", || known() == true);
}

/// A test call leaves from a port of its own, and so is registered there.
#[test]
fn a_test_call_is_registered_where_it_leaves_from() {
    let carrier = RegisteringCarrier::saying("403 Forbidden");
    let world = World::new(Database::Sqlite);
    let line = carrier.line(&world);
    // It would register the line as well, in the place of the test call.
    let World { server, database, .. } = world;
    drop(server);
    let call =
        || run(&database.url, &["line", "test-call", &line, "13900000000", "--sip-listen", "127.0.0.1:0"]);
    let refused = call();
    assert!(!refused.is_good() && refused.error.contains("403 Forbidden"), "{refused:?}");
    assert_eq!(carrier.knows(|carrier| carrier.calls.len()), 0);
    carrier.says("200 OK\r\nExpires: 60");
    let busy = call();
    assert!(busy.output.contains("registered after ") && busy.output.contains("486 Busy Here"), "{busy:?}");
    assert!(carrier.knows(|carrier| carrier.calls[0].1), "it was registered");
    // The carrier may hear of it after the program has ended.
    until("its registration is taken back", || carrier.knows(|carrier| carrier.registered).is_none());
}
