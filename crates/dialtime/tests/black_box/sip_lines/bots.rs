//! Calls that are handed to bots: who is rung up for them, what bots hear and are told, and how calls end when they fail.

use std::{
    io::Write as _,
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use rstest::rstest;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{
    Message, WebSocket, accept_hdr,
    handshake::server::{ErrorResponse, Request, Response},
    http::StatusCode,
};

use super::{Callee, OPTIONS, line_with, record_of};
use crate::{
    dialing::{progress, start, task_with_script},
    support::{Database, ProgramWorld, World, until},
};
use test_support::free_port;

/// A bot: what it does with each stream that starts.
pub(super) type Talk = fn(&mut Stream);

/// A bot that listens at a port of loopback.
pub(super) struct TestBot {
    pub(super) url: String,
    shared: Arc<Shared>,
}

pub(super) struct Shared {
    talk: Mutex<Talk>,
    /// Answers this to whoever connects, in place of a WebSocket, where it is not 101.
    status: Mutex<StatusCode>,
    /// How many connections are answered with a WebSocket before all others are refused.
    taken: AtomicUsize,
    talking: AtomicUsize,
    most_talking: AtomicUsize,
    /// The headers of each connection.
    signatures: Mutex<Vec<(String, String)>>,
}

/// A stream that has started.
pub(super) struct Stream {
    pub(super) socket: WebSocket<TcpStream>,
    pub(super) start: Value,
    tell: mpsc::Sender<Value>,
}

impl Stream {
    /// The next message; `None` at its end.
    pub(super) fn next(&mut self) -> Option<Value> {
        loop {
            match self.socket.read().ok()? {
                Message::Text(text) => return serde_json::from_str(&text).ok(),
                Message::Close(_) => return None,
                _ => {}
            }
        }
    }

    fn say(&mut self, message: &Value) {
        let _ = self.socket.send(Message::text(message.to_string()));
    }

    pub(super) fn media(&mut self, sound: &[u8]) {
        let payload = BASE64_STANDARD.encode(sound);
        let sid = self.start["streamSid"].clone();
        self.say(&json!({"event": "media", "streamSid": sid, "media": {"payload": payload}}));
    }

    pub(super) fn tell(&self, what: Value) {
        let _ = self.tell.send(what);
    }
}

impl TestBot {
    /// One that talks so. What it tells of its streams is received.
    pub(super) fn start(talk: Talk) -> (Self, mpsc::Receiver<Value>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("ws://{}/media", listener.local_addr().unwrap());
        let shared = Arc::new(Shared {
            talk: Mutex::new(talk),
            status: Mutex::new(StatusCode::SWITCHING_PROTOCOLS),
            taken: AtomicUsize::new(usize::MAX),
            talking: AtomicUsize::new(0),
            most_talking: AtomicUsize::new(0),
            signatures: Mutex::default(),
        });
        let (tell, told) = mpsc::channel();
        let served = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (shared, tell) = (Arc::clone(&served), tell.clone());
                thread::spawn(move || shared.serve(stream, tell));
            }
        });
        (Self { url, shared }, told)
    }

    /// Talks otherwise from now on.
    pub(super) fn talk(&self, talk: Talk) {
        *self.shared.talk.lock().unwrap() = talk;
    }

    fn answer(&self, status: StatusCode) {
        *self.shared.status.lock().unwrap() = status;
    }
}

impl Shared {
    #[expect(clippy::result_large_err, reason = "the handshake's own type")]
    fn serve(&self, stream: TcpStream, tell: mpsc::Sender<Value>) {
        let is_one_too_many =
            self.taken.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_err();
        let status = if is_one_too_many { StatusCode::FORBIDDEN } else { *self.status.lock().unwrap() };
        let header = |request: &Request, name: &str| {
            request.headers().get(name).map_or(String::new(), |value| value.to_str().unwrap().to_owned())
        };
        let answer = |request: &Request, response: Response| -> Result<Response, ErrorResponse> {
            let signatures = (header(request, "x-dialtime-signature"), header(request, "x-twilio-signature"));
            self.signatures.lock().unwrap().push(signatures);
            if status == StatusCode::SWITCHING_PROTOCOLS {
                return Ok(response);
            }
            let mut refusal = ErrorResponse::new(None);
            *refusal.status_mut() = status;
            refusal.headers_mut().insert("retry-after", "1".parse().unwrap());
            Err(refusal)
        };
        let Ok(socket) = accept_hdr(stream, answer) else { return };
        let mut stream = Stream { socket, start: Value::Null, tell };
        // Whoever only asks whether it is there says nothing.
        let Some(connected) = stream.next() else { return };
        assert_eq!(connected, json!({"event": "connected", "protocol": "Call", "version": "1.0.0"}));
        stream.start = stream.next().unwrap();
        let talking = self.talking.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_talking.fetch_max(talking, Ordering::SeqCst);
        let talk = *self.talk.lock().unwrap();
        talk(&mut stream);
        self.talking.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A phone that answers at once and says back what it hears, keys too.
pub(super) fn echo() -> Callee {
    // Its sound has a port of its own, so that phones of several tests do not meet.
    let port = free_port();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("echo.xml"), ECHO).unwrap();
    Callee::start_in(folder, &["-sf", "echo.xml", "-rtp_echo", "-mp", &port.to_string()])
}

const ECHO: &str = r#"<?xml version="1.0" encoding="UTF-8" ?>
<scenario name="echo">
<recv request="INVITE"/>
<send><![CDATA[
SIP/2.0 180 Ringing
[last_Via:]
[last_From:]
[last_To:];tag=echo
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
<send retrans="500"><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:];tag=echo
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:echo@[local_ip]:[local_port]>
Content-Type: application/sdp
Content-Length: [len]

v=0
o=echo 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [local_ip]
t=0 0
m=audio [media_port] RTP/AVP 0 101
a=rtpmap:101 telephone-event/8000
]]></send>
<recv request="ACK"/>
<recv request="BYE"/>
<send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
</scenario>
"#;

pub(super) fn mu_law_line(world: &World, port: u16) -> String {
    line_with(world, &mu_law(port))
}

/// What a line to this port is that knows mu-law alone.
pub(super) fn mu_law(port: u16) -> Value {
    json!({"addresses": [format!("127.0.0.1:{port}")], "codecs": ["pcmu"], "from_user": "02161234567"})
}

/// A script that hands the call to this bot first.
pub(super) fn script(world: &World, url: &str, more: &Value) -> i64 {
    let mut bot = json!({"url": url, "secret": "s3cret"});
    let mut step = json!({"action": "bot", "variables": {"voice": "female", "to_number": "not this"}});
    for (name, value) in more.as_object().unwrap() {
        if name == "capacity" { bot[name] = value.clone() } else { step[name] = value.clone() }
    }
    step["bots"] = json!([bot]);
    let body = json!({"name": "with a bot", "steps": [step]});
    world.client.post(&world.path("/script"), &body).data()["id"].as_i64().unwrap()
}

/// Says half a second of a tone and a mark, hears it said back, and closes.
pub(super) fn converse(stream: &mut Stream) {
    stream.tell(stream.start.clone());
    let said: Vec<u8> = (0..4_000).map(|place| u8::try_from(place % 100).unwrap()).collect();
    stream.media(&said);
    let mark = json!({"event": "mark", "streamSid": stream.start["streamSid"], "mark": {"name": "said"}});
    stream.say(&mark);
    let (mut heard, mut marks) = (Vec::new(), Vec::new());
    while !heard.windows(said.len()).any(|window| window == said) {
        let Some(message) = stream.next() else { break };
        match message["event"].as_str().unwrap() {
            "media" => {
                heard.extend(BASE64_STANDARD.decode(message["media"]["payload"].as_str().unwrap()).unwrap());
            }
            "mark" => marks.push(message["mark"]["name"].clone()),
            _ => {}
        }
    }
    let is_whole = heard.windows(said.len()).any(|window| window == said);
    stream.tell(json!({"said_back": is_whole, "marks": marks}));
    let _ = stream.socket.close(None);
    while stream.socket.read().is_ok() {}
}

#[rstest]
fn a_bot_speaks_with_whoever_answers(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let phone = echo();
    let (bot, told) = TestBot::start(converse);
    let world = ProgramWorld::with(database, &OPTIONS);
    let script = script(&world, &bot.url, &json!({}));
    let record = record_of(&world, &task_with_script(&world, &mu_law_line(&world, phone.port), script, 1));
    assert_eq!(
        (&record["class"], &record["ended_by"], &record["end_reason"]),
        (&json!("answered"), &json!("script"), &Value::Null),
        "{record}"
    );
    assert_eq!(record["bots"], json!([{"url": bot.url, "fault": null}]));
    let start = told.recv_timeout(Duration::from_secs(10)).unwrap();
    let id = record["record_id"].as_str().unwrap();
    assert_eq!(start["start"]["callSid"], format!("CA{}", id.replace('-', "")));
    assert_eq!(start["start"]["accountSid"], format!("AC{}", world.user.replace('-', "")));
    let told_of = &start["start"]["customParameters"];
    assert_eq!((&told_of["to_number"], &told_of["voice"]), (&json!("+8613800000000"), &json!("female")));
    assert_eq!((&told_of["call_id"], &told_of["task_id"].is_string()), (&json!(id), &true));
    assert_eq!(told_of["auth_token"].as_str().unwrap().len(), 64);
    assert!(told_of["base_url"].as_str().unwrap().starts_with("http://127.0.0.1:"));
    let said = told.recv_timeout(Duration::from_secs(10)).unwrap();
    assert_eq!(said, json!({"said_back": true, "marks": ["said"]}));
    let signatures = bot.shared.signatures.lock().unwrap();
    assert!(signatures.iter().all(|(own, twilio)| own.starts_with("t=") && twilio.len() == 28));
    let logged = world.server.logged(&["speaking SIP at"]);
    assert!(!logged.contains("s3cret") && !logged.contains(told_of["auth_token"].as_str().unwrap()));
}

#[rstest]
fn nobody_is_rung_up_for_a_bot_that_takes_no_calls(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let phone = echo();
    let (bot, heard) = TestBot::start(converse);
    let world = ProgramWorld::with(database, &OPTIONS);
    bot.answer(StatusCode::FORBIDDEN);
    let task = task_with_script(
        &world,
        &mu_law_line(&world, phone.port),
        script(&world, &bot.url, &json!({"connect": "answer"})),
        1,
    );
    start(&world, &task);
    let reason = || progress(&world, &task)["reason"]["code"].clone();
    until("the bot is known to be down", || reason() == "bot_down");
    let told = progress(&world, &task)["reason"].clone();
    assert_eq!(
        told["bot"],
        json!({"url": bot.url, "fault": {"kind": "refused", "words": "refused with 403"}})
    );
    assert!(told["message"].as_str().unwrap().contains("（拒绝连接：refused with 403）"), "{told}");
    until("it is told once", || turned(&world, &bot.url) == [("bot.down".to_owned(), "refused".into())]);
    bot.answer(StatusCode::SERVICE_UNAVAILABLE);
    until("the bot is known to be full", || reason() == "bot_busy");
    let told = progress(&world, &task)["reason"].clone();
    assert_eq!(
        told["bot"],
        json!({"url": bot.url, "fault": {"kind": "full", "words": "full: it takes no call for 1 s"}})
    );
    assert!(told["until"].is_string(), "{told}");
    assert_eq!(phone.heard(), "", "nobody was rung up");
    bot.answer(StatusCode::SWITCHING_PROTOCOLS);
    until("the number is called", || reason() == "finished");
    assert_eq!(heard.iter().nth(1).unwrap()["said_back"], true);
    let both = [("bot.down".to_owned(), json!("refused")), ("bot.up".to_owned(), Value::Null)];
    until("it is told that it is there again", || turned(&world, &bot.url) == both);
}

/// What was told of a bot, and how it had failed.
pub(super) fn turned(world: &World, url: &str) -> Vec<(String, Value)> {
    let events = world.client.get(&world.path("/events?limit=1000")).data()["events"].clone();
    let of_bot = events.as_array().unwrap().iter().filter(|event| event["detail"]["bot_url"] == *url);
    of_bot
        .map(|event| (event["type"].as_str().unwrap().to_owned(), event["detail"]["fault"]["kind"].clone()))
        .collect()
}

/// Says nothing for a second.
fn stay(stream: &mut Stream) {
    thread::sleep(Duration::from_secs(1));
    let _ = stream.socket.close(None);
    while stream.socket.read().is_ok() {}
}

#[rstest]
fn a_bot_has_no_more_calls_than_it_takes(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let phone = echo();
    let (bot, _told) = TestBot::start(stay);
    let world = ProgramWorld::with(database, &OPTIONS);
    let script = script(&world, &bot.url, &json!({"capacity": 2}));
    let task = task_with_script(&world, &mu_law_line(&world, phone.port), script, 6);
    start(&world, &task);
    let reason = || progress(&world, &task)["reason"]["code"].clone();
    until("the bot has as many as it takes", || reason() == "bot_busy");
    until("all are called", || reason() == "finished");
    assert_eq!(bot.shared.most_talking.load(Ordering::SeqCst), 2);
}

/// Is gone in the middle of a word.
pub(super) fn vanish(stream: &mut Stream) {
    stream.media(&[7; 1_600]);
    let _ = stream.socket.get_mut().flush();
    let _ = stream.socket.get_ref().shutdown(std::net::Shutdown::Both);
}

/// Says what is no message.
fn babble(stream: &mut Stream) {
    let _ = stream.socket.send(Message::text("hello"));
    while stream.socket.read().is_ok() {}
}

/// Says too much at once.
fn shout(stream: &mut Stream) {
    let _ = stream.socket.send(Message::text("x".repeat(1_000_000)));
    while stream.socket.read().is_ok() {}
}

#[rstest]
#[case::vanishes(vanish, "lost")]
#[case::babbles(babble, "bad_message")]
#[case::shouts(shout, "too_long")]
fn a_call_whose_bot_fails_is_ended_and_says_so(#[case] talk: Talk, #[case] kind: &str) {
    let phone = echo();
    let (bot, _told) = TestBot::start(talk);
    let world = ProgramWorld::with(Database::Sqlite, &OPTIONS);
    let script = script(&world, &bot.url, &json!({}));
    let record = record_of(&world, &task_with_script(&world, &mu_law_line(&world, phone.port), script, 1));
    assert_eq!(
        (&record["class"], &record["ended_by"], &record["end_reason"]),
        (&json!("answered"), &json!("script"), &json!("bot_failed")),
        "{record}"
    );
    let [failed] = record["bots"].as_array().unwrap().as_slice() else { panic!("{record}") };
    assert_eq!((&failed["url"], &failed["fault"]["kind"]), (&json!(bot.url), &json!(kind)), "{record}");
}

#[rstest]
fn who_would_wait_in_vain_for_a_bot_rings_no_more(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let phone = Callee::start(&["-sf", "ringing.xml"]);
    let (bot, _told) = TestBot::start(converse);
    // It is there when it is asked, and not when the phone rings.
    bot.shared.taken.store(1, Ordering::SeqCst);
    let world = ProgramWorld::with(database, &OPTIONS);
    let script = script(&world, &bot.url, &json!({}));
    let record = record_of(&world, &task_with_script(&world, &mu_law_line(&world, phone.port), script, 1));
    let found = (&record["status"], &record["class"], &record["ended_by"], &record["end_reason"]);
    assert_eq!(found, (&json!(4), &json!("other"), &json!("dialtime"), &json!("bot_failed")), "{record}");
    assert_eq!(record["bots"][0]["fault"]["kind"], "refused", "{record}");
}

#[test]
fn a_stream_that_is_lost_is_made_again_where_the_script_says_so() {
    static TALKS: AtomicUsize = AtomicUsize::new(0);
    let phone = echo();
    let (bot, told) = TestBot::start(|stream| {
        if TALKS.fetch_add(1, Ordering::SeqCst) == 0 { vanish(stream) } else { converse(stream) }
    });
    let world = ProgramWorld::with(Database::Sqlite, &OPTIONS);
    let script = script(&world, &bot.url, &json!({"reconnects": 1}));
    let record = record_of(&world, &task_with_script(&world, &mu_law_line(&world, phone.port), script, 1));
    assert_eq!(record["end_reason"], Value::Null, "{record}");
    let lost = json!({"kind": "lost", "words": "the connection was lost"});
    assert_eq!(record["bots"], json!([{"url": bot.url, "fault": lost, "reconnects": 1}]));
    let start = told.recv_timeout(Duration::from_secs(10)).unwrap();
    assert_eq!(start["start"]["customParameters"]["reconnect"], "1");
    assert_eq!(told.recv_timeout(Duration::from_secs(10)).unwrap()["said_back"], true);
}

/// Waits for the call to end.
pub(super) fn wait(stream: &mut Stream) {
    stream.tell(stream.start.clone());
    while let Some(message) = stream.next() {
        if message["event"] != "media" {
            stream.tell(message);
        }
    }
}

/// A request as Twilio's library makes it; gives the status and the answer.
pub(super) fn twilio(url: &str, (user, password): (&str, &str), form: Option<&str>) -> (u16, Value) {
    let credentials = BASE64_STANDARD.encode(format!("{user}:{password}"));
    let authorization = format!("Basic {credentials}");
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let mut answer = match form {
        Some(form) => agent
            .post(url)
            .header("Authorization", &authorization)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .send(form)
            .unwrap(),
        None => agent.get(url).header("Authorization", &authorization).call().unwrap(),
    };
    (answer.status().as_u16(), answer.body_mut().read_json().unwrap())
}

/// What Twilio refuses as well, and what is refused here, with its codes.
fn check_refusals(url: &str, calls: &str, own: (&str, &str)) {
    for (url, credentials, form, expected) in [
        (url, (own.0, "wrong"), None, (401, 20_003)),
        (&*url.replace("/CA", "/CAff"), own, None, (404, 20_404)),
        (url, own, Some("Status=busy"), (400, 21_219)),
        (url, own, Some("Url=https%3A%2F%2Fexample.com%2Fnowhere"), (400, 21_205)),
        (url, own, Some("Twiml=%3CResponse%2F%3E"), (400, 21_218)),
        (calls, own, Some("To=1"), (403, 20_403)),
    ] {
        let (status, refusal) = twilio(url, credentials, form);
        assert_eq!((status, refusal["code"].as_u64().unwrap()), expected, "{form:?}: {refusal}");
    }
}

#[rstest]
fn a_bot_hangs_up_and_moves_its_call_in_twilios_words(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let phone = echo();
    let (bot, told) = TestBot::start(wait);
    let world = ProgramWorld::with(database, &OPTIONS);
    let bots = json!([{"url": bot.url}]);
    let steps = json!([
        {"action": "bot", "bots": bots, "label": "first"},
        {"action": "bot", "bots": bots, "label": "second"},
    ]);
    let script = world.client.post(&world.path("/script"), &json!({"name": "two", "steps": steps}));
    let script = script.data()["id"].as_i64().unwrap();
    let task = task_with_script(&world, &mu_law_line(&world, phone.port), script, 1);
    start(&world, &task);
    let next = || told.recv_timeout(Duration::from_secs(10)).unwrap();
    let begun = next()["start"].clone();
    let (account, call) = (begun["accountSid"].as_str().unwrap(), begun["callSid"].as_str().unwrap());
    let parameter = |name: &str| begun["customParameters"][name].as_str().unwrap().to_owned();
    let (base, token) = (parameter("base_url"), parameter("auth_token"));
    let url = format!("{base}/2010-04-01/Accounts/{account}/Calls/{call}.json");
    let own = (account, token.as_str());

    let (status, found) = twilio(&url, own, None);
    assert_eq!((status, &found["sid"], &found["status"]), (200, &json!(call), &json!("in-progress")));
    assert_eq!((&found["to"], &found["direction"]), (&json!("+8613800000000"), &json!("outbound-api")));
    let calls = format!("{base}/2010-04-01/Accounts/{account}/Calls.json");
    check_refusals(&url, &calls, own);
    let (status, _) = twilio(&url, own, Some("Url=https%3A%2F%2Fbot.example.com%2Fsecond"));
    assert_eq!(status, 200);
    // Two connections, each read by a thread of its own: either may be heard first.
    let (mut stopped, mut started) = (next(), next());
    if stopped["event"] == "start" {
        std::mem::swap(&mut stopped, &mut started);
    }
    assert_eq!((&stopped["event"], &started["start"]["callSid"]), (&json!("stop"), &json!(call)));

    let asked = std::time::Instant::now();
    let (status, ended) = twilio(&url, own, Some("Status=completed"));
    assert_eq!((status, &ended["status"], &next()["event"]), (200, &json!("completed"), &json!("stop")));
    assert!(asked.elapsed() < Duration::from_millis(500), "the call ended after {:?}", asked.elapsed());
    until("the call is over", || progress(&world, &task)["reason"]["code"] == "finished");
    assert_eq!(twilio(&url, own, None).0, 404, "its token ended with it");
    let record = world.client.get(&world.path(&format!("/task/{task}/record"))).data()[0].clone();
    assert_eq!((&record["ended_by"], &record["end_reason"]), (&json!("script"), &json!("requested")));
    let ended = world.client.get(&world.path("/record?end_reason=requested")).data().clone();
    assert_eq!(ended[0]["record_id"], record["record_id"], "{ended}");
}

#[test]
fn a_call_is_told_what_to_do_by_who_may() {
    let phone = echo();
    let (bot, told) = TestBot::start(wait);
    let world = ProgramWorld::with(Database::Sqlite, &OPTIONS);
    let script = script(&world, &bot.url, &json!({}));
    let task = task_with_script(&world, &mu_law_line(&world, phone.port), script, 1);
    start(&world, &task);
    let begun = told.recv_timeout(Duration::from_secs(10)).unwrap();
    let call = begun["start"]["customParameters"]["call_id"].as_str().unwrap().to_owned();
    let listed = || world.client.get(&world.path("/call")).data()[0].clone();
    assert_eq!((&listed()["record_id"], &listed()["bots"]), (&json!(call), &json!([bot.url])));
    let path = |verb: &str| world.path(&format!("/call/{call}/{verb}"));
    until("the answer is known", || listed()["state"] == "answered");
    // The phone says them back, as it does with sound.
    world.client.post(&path("send-digits"), &json!({"digits": "42"})).data();
    for digit in ["4", "2"] {
        let message = told.recv_timeout(Duration::from_secs(10)).unwrap();
        assert_eq!(message["dtmf"]["digit"], digit, "{message}");
    }
    for (verb, body, field) in [
        ("send-digits", json!({"digits": "x"}), "digits"),
        ("go-to", json!({"step": "nowhere"}), "step"),
        ("play", json!({"prompt": "0190f0a0-0000-7000-8000-000000000009"}), "prompt"),
        ("transfer", json!({"extension": "801"}), "line"),
        ("transfer", json!({"extension": "801", "line": "0190f0a0-0000-7000-8000-000000000009"}), "line"),
    ] {
        let refused = world.client.post(&path(verb), &body);
        assert_eq!(
            (refused.status, &refused.body["data"][0]["field"]),
            (422, &json!(field)),
            "{verb} {body}"
        );
        if verb == "send-digits" {
            let said = refused.body["data"][0]["message"].as_str().unwrap();
            assert!(said.contains("1到64个字符") && said.contains("逗号"), "{said}");
        }
    }
    world.client.post(&path("hang-up"), &json!({})).data();
    until("the call is over", || progress(&world, &task)["reason"]["code"] == "finished");
    assert_eq!(world.client.post(&path("hang-up"), &json!({})).status, 404);
    let record = world.client.get(&world.path(&format!("/task/{task}/record"))).data()[0].clone();
    assert_eq!((&record["ended_by"], &record["end_reason"]), (&json!("dialtime"), &json!("requested")));
}
