//! What the server does with connections that are no use to anybody: half requests, bodies that never come, answers that nobody
//! reads. They are spoken byte by byte, as no HTTP client would.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use rstest::rstest;

use crate::support::{Database, ProgramWorld, Server, World, until};

/// How long the server may take for what it does at once, on a busy machine.
const AT_ONCE: Duration = Duration::from_secs(10);

/// A connection on which bytes are sent as they are, and which stays open.
pub(crate) struct Raw(TcpStream);

impl Raw {
    pub(crate) fn open(server: &Server) -> Self {
        let stream = TcpStream::connect(server.address()).unwrap();
        stream.set_read_timeout(Some(AT_ONCE)).unwrap();
        Self(stream)
    }

    /// Opens one and sends something on it.
    pub(crate) fn sending(server: &Server, bytes: &str) -> Self {
        let mut raw = Self::open(server);
        raw.send(bytes);
        raw
    }

    pub(crate) fn send(&mut self, bytes: &str) {
        self.0.write_all(bytes.as_bytes()).unwrap();
    }

    /// What comes until the server closes the connection; panics when it does not.
    pub(crate) fn until_closed(&mut self) -> String {
        let mut answer = Vec::new();
        match self.0.read_to_end(&mut answer) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
            Err(error) => panic!("still open after {:?}: {error}", String::from_utf8_lossy(&answer)),
        }
        String::from_utf8(answer).unwrap()
    }

    /// What comes until `end` is there.
    pub(crate) fn until(&mut self, end: &str) -> String {
        let mut answer = Vec::new();
        let mut byte = [0];
        while !String::from_utf8_lossy(&answer).ends_with(end) {
            let read = self.0.read(&mut byte).unwrap_or_else(|error| {
                panic!("{end:?} did not come after {:?}: {error}", String::from_utf8_lossy(&answer))
            });
            assert!(read > 0, "closed after {:?}", String::from_utf8_lossy(&answer));
            answer.extend_from_slice(&byte[..read]);
        }
        String::from_utf8(answer).unwrap()
    }
}

/// The bytes that come within a while; a connection that is closed or reset has no more.
fn all_of(mut raw: Raw) -> Vec<u8> {
    let mut answer = Vec::new();
    let mut piece = vec![0; 65_536];
    while let Ok(read @ 1..) = raw.0.read(&mut piece) {
        answer.extend_from_slice(&piece[..read]);
    }
    answer
}

/// The head of a `POST` of a group, with these lines among its headers.
fn post_group(world: &World, headers: &[&str]) -> String {
    let path = world.path("/dial-time-group");
    format!("POST {path} HTTP/1.1\r\nHost: localhost\r\n{}\r\n\r\n", headers.join("\r\n"))
}

fn authorization(world: &World) -> String {
    format!("Authorization: Bearer {}", world.client.token())
}

fn assert_refused(answer: &str, status: u16) {
    assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    assert!(request_id(answer).len() >= 8, "{answer}");
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let body: serde_json::Value = serde_json::from_str(body).unwrap_or_else(|_| panic!("{answer}"));
    assert_eq!((&body["code"], &body["status"]), (&status.into(), &"error".into()), "{answer}");
    assert_eq!(body["data"], serde_json::json!([]));
    assert!(!body["message"].as_str().unwrap().is_empty());
}

#[rstest]
fn a_body_is_not_waited_for_when_the_headers_prove_nothing(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    for authorization in ["X-None: 1", "Authorization: Basic eA==", "Authorization: Bearer dt_unknown"] {
        for more in ["Content-Length: 500000", "Transfer-Encoding: chunked"] {
            let head = post_group(&world, &[authorization, more]);
            let answer = Raw::sending(&world.server, &format!("{head}5\r\n{{\"na")).until_closed();
            assert_refused(&answer, 401);
            assert!(says_close(&answer), "{answer}");
        }
    }
}

fn request_id(answer: &str) -> &str {
    let header = answer.lines().find_map(|line| line.strip_prefix("x-request-id: "));
    header.unwrap_or_else(|| panic!("no id: {answer}"))
}

fn says_close(answer: &str) -> bool {
    answer.to_lowercase().contains("\r\nconnection: close\r\n")
}

/// An answer with its body; the connection stays open.
fn one_answer(raw: &mut Raw) -> String {
    let head = raw.until("\r\n\r\n");
    format!("{head}{}", raw.until("}"))
}

#[test]
fn a_connection_on_which_a_body_was_not_wanted_lives_on_or_is_said_to_be_closed() {
    let world = World::new(Database::Sqlite);
    let bad = "Authorization: Bearer dt_unknown";
    let small = post_group(&world, &[bad, "Content-Length: 2"]) + "{}";
    let mut raw = Raw::sending(&world.server, &small);
    for _ in 0..3 {
        let answer = one_answer(&mut raw);
        assert!(answer.starts_with("HTTP/1.1 401 ") && !says_close(&answer), "{answer}");
        raw.send(&small);
    }
    let large = format!("{}{:60000}", post_group(&world, &[bad, "Content-Length: 900000"]), "x");
    let answer = Raw::sending(&world.server, &large).until_closed();
    assert_refused(&answer, 401);
    assert!(says_close(&answer), "{answer}");
    let lost = "POST /nowhere HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf";
    let answer = Raw::sending(&world.server, lost).until_closed();
    assert_refused(&answer, 404);
    assert!(says_close(&answer), "{answer}");
}

#[test]
fn a_body_that_is_said_to_be_too_long_is_refused_unread() {
    let world = World::with(Database::Sqlite, &["--body-limit", "2000"]);
    let authorization = authorization(&world);
    for more in [&["Content-Length: 2001"][..], &["Content-Length: 900000000000", "Expect: 100-continue"]] {
        let head = post_group(&world, &[&[authorization.as_str()], more].concat());
        assert_refused(&Raw::sending(&world.server, &head).until_closed(), 413);
    }
}

#[test]
fn only_who_may_send_a_body_is_told_to_go_on() {
    let world = World::new(Database::Sqlite);
    let expecting = ["Content-Length: 2", "Expect: 100-continue", "Content-Type: application/json"];
    let stranger = post_group(&world, &expecting);
    assert_refused(&Raw::sending(&world.server, &stranger).until_closed(), 401);
    let head = post_group(
        &world,
        &[&[authorization(&world).as_str(), "Connection: close"], &expecting[..]].concat(),
    );
    let mut known = Raw::sending(&world.server, &head);
    assert_eq!(known.until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    known.send("{}");
    assert!(known.until_closed().starts_with("HTTP/1.1 422 "));
}

/// A request for a stream of the user's events.
fn event_stream(world: &World) -> String {
    let (path, authorization) = (world.path("/events"), authorization(world));
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{authorization}\r\nAccept: text/event-stream\r\n\r\n")
}

#[test]
fn what_is_no_request_is_refused_in_the_envelope() {
    let world = World::new(Database::Sqlite);
    let long = "x".repeat(40_000);
    for (request, status) in [
        ("rubbish\r\n\r\n".to_owned(), 400),
        ("GET / HTTP/9.9\r\n\r\n".to_owned(), 400),
        ("GET /\u{7f} HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(), 400),
        ("GET / HTTP/1.1\r\nno header\r\n\r\n".to_owned(), 400),
        ("POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n".to_owned(), 400),
        (format!("GET /{long} HTTP/1.1\r\nHost: a\r\n\r\n"), 414),
        (format!("GET /{long}"), 414),
        (format!("GET / HTTP/1.1\r\nX: {long}\r\n\r\n"), 431),
        (format!("GET / HTTP/1.1\r\n{}\r\n", "X: y\r\n".repeat(200)), 431),
    ] {
        assert_refused(&Raw::sending(&world.server, &request).until_closed(), status);
    }
    let first = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
    let mut both = Raw::sending(&world.server, &format!("{first}rubbish\r\n\r\n"));
    assert!(both.until("}").starts_with("HTTP/1.1 200 "));
    assert_refused(&both.until_closed(), 400);
}

#[test]
fn what_is_no_request_is_refused_with_http_200_where_the_operator_wants_it() {
    let world = World::with(Database::Sqlite, &["--error-status", "200"]);
    let answer = Raw::sending(&world.server, "rubbish\r\n\r\n").until_closed();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains("\"code\":400"), "{answer}");
}

#[test]
fn whoever_lets_the_server_wait_is_not_waited_for() {
    let times = ["--idle-timeout", "1", "--header-timeout", "1", "--body-timeout", "1"];
    let world = World::with(Database::Sqlite, &times);
    let server = &world.server;
    let more = "Content-Type: application/json";
    let head =
        post_group(&world, &[&authorization(&world), "Content-Length: 50", "Accept-Language: en", more]);
    let mut stream = Raw::sending(server, &event_stream(&world));
    stream.until("\r\n\r\n");
    let mut stalled = Raw::sending(server, &format!("{head}{{"));
    let mut half = Raw::sending(server, "GET / HTTP/1.1\r\nHo");
    let mut idle = Raw::open(server);
    let mut used = Raw::sending(server, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
    assert!(used.until("}").contains("200 OK"));
    // A body that moves is waited for, however slowly.
    let mut slow = Raw::sending(server, &head);
    let body = format!("{:50}", "{}");
    for piece in body.as_bytes().chunks(10) {
        thread::sleep(Duration::from_millis(400));
        slow.send(std::str::from_utf8(piece).unwrap());
    }
    assert!(slow.until("}]}").starts_with("HTTP/1.1 422 "));
    let refused = stalled.until_closed();
    assert_refused(&refused, 408);
    assert!(refused.contains("The request did not arrive in time"), "{refused}");
    assert_refused(&half.until_closed(), 408);
    assert_eq!((idle.until_closed(), used.until_closed()), (String::new(), String::new()));
    world.group("told");
    world.task(world.open_group());
    stream.until("event: task.created");
}

#[test]
fn whoever_reads_nothing_is_not_written_to_for_ever() {
    let world = World::with(Database::Sqlite, &["--write-timeout", "1"]);
    let document = world.client.get("/openapi.json").text.len();
    let requests = "GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n".repeat(200);
    let unread = Raw::sending(&world.server, &requests);
    thread::sleep(Duration::from_secs(3));
    let read = all_of(unread).len();
    assert!(read < 200 * document, "it was all written: {read} bytes");
}

#[test]
fn an_answer_comes_whole_to_whoever_reads_it_slowly() {
    let world = World::new(Database::Sqlite);
    let document = world.client.get("/openapi.json").text;
    let request = "GET /openapi.json HTTP/1.1\r\nHost: a\r\n";
    let requests = format!("{request}\r\n").repeat(40) + request + "Connection: close\r\n\r\n";
    let mut slow = Raw::sending(&world.server, &requests);
    // By now the server can write no more.
    thread::sleep(Duration::from_millis(500));
    let answers = slow.until_closed();
    assert_eq!(answers.matches(&document).count(), 41);
}

/// Asks for something on a connection that is kept.
fn ask(raw: &mut Raw) {
    raw.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
    let answer = raw.until("}");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

#[test]
fn among_too_many_connections_those_that_wait_the_longest_are_closed() {
    let world = ProgramWorld::with(Database::Sqlite, &["--max-connections", "40"]);
    let open = |number| (0..number).map(|_| Raw::open(&world.server)).collect::<Vec<_>>();
    let mut known = Raw::open(&world.server);
    ask(&mut known);
    let mut idle = open(30);
    // Connections are accepted in their order: those before this one now are.
    ask(&mut Raw::open(&world.server));
    // For a moment after it has come nobody is closed, if anybody else can be.
    thread::sleep(Duration::from_millis(300));
    let _newer = open(20);
    ask(&mut Raw::open(&world.server));
    world.server.logged(&["there are as many connections as there may be"]);
    assert_eq!(idle[0].until_closed(), "", "the oldest is closed");
    ask(&mut known);
    let _more_than_there_may_be = open(80);
    ask(&mut Raw::open(&world.server));
}

#[test]
fn when_every_connection_is_at_work_another_is_told_to_come_again() {
    let world = World::with(Database::Sqlite, &["--max-connections", "3"]);
    let open = |_| {
        let mut stream = Raw::sending(&world.server, &event_stream(&world));
        assert!(stream.until("\r\n\r\n").starts_with("HTTP/1.1 200 "));
        stream
    };
    let _streams: Vec<_> = (0..3).map(open).collect();
    let refused = Raw::open(&world.server).until_closed();
    assert_refused(&refused, 503);
    assert!(refused.to_lowercase().contains("\r\nretry-after: "), "{refused}");
}

#[test]
fn refusals_that_reach_no_route_stand_in_the_log_and_a_flood_of_them_is_counted() {
    const FLOOD: usize = 200;
    let world = ProgramWorld::with(Database::Sqlite, &["--max-connections", "3", "--body-timeout", "1"]);
    let server = &world.server;
    let more = ["Content-Length: 50", "X-Request-Id: stalled-1"];
    let head = post_group(&world, &[&[authorization(&world).as_str()], &more[..]].concat());
    let stalled = Raw::sending(server, &format!("{head}{{")).until_closed();
    assert_eq!(request_id(&stalled), "stalled-1", "the client's own is kept");
    server.logged(&["stalled-1", "refused", "POST", "status=408", "code=408"]);
    let rubbish = Raw::sending(server, "rubbish\r\n\r\n").until_closed();
    server.logged(&[request_id(&rubbish), "refused", "status=400"]);

    let open = |_| {
        let mut stream = Raw::sending(server, &event_stream(&world));
        stream.until("\r\n\r\n");
        stream
    };
    let _streams: Vec<_> = (0..3).map(open).collect();
    let answers: Vec<_> = (0..FLOOD).map(|_| Raw::open(server).until_closed()).collect();
    let deadline = Instant::now() + AT_ONCE;
    loop {
        let log = server.logged(&["status=503"]);
        let named =
            log.lines().filter(|line| line.contains("refused") && line.contains("status=503")).count();
        let counts = log
            .lines()
            .filter_map(|line| line.split_once(" refusals=")?.1.split(' ').next()?.parse::<usize>().ok());
        let counted: usize = counts.sum();
        if named + counted == FLOOD {
            assert!(named < FLOOD && log.contains(request_id(&answers[0])), "{log}");
            break;
        }
        assert!(Instant::now() < deadline, "{named} named, {counted} counted:\n{log}");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_decision_that_does_not_come_is_refused_in_plain_text() {
    let world = World::with(Database::Sqlite, &["--body-timeout", "1"]);
    let (path, authorization) = (world.path("/dial-time-group/1/decision"), authorization(&world));
    let head = format!(
        "GET {path} HTTP/1.1\r\nHost: a\r\n{authorization}\r\nAccept: text/plain\r\nContent-Length: 9\r\n\r\nx"
    );
    let answer = Raw::sending(&world.server, &head).until_closed();
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.ends_with("\r\n\r\n0\n"), "{answer}");
    assert!(answer.contains("dialtime-error: 408 "), "{answer}");
}

/// How many files a server has open once all that it starts with are.
fn settled_files(process: u32) -> usize {
    let open = || std::fs::read_dir(format!("/proc/{process}/fd")).unwrap().count();
    let mut before = 0;
    until("no more files are opened", || {
        thread::sleep(Duration::from_millis(500));
        let now = open();
        std::mem::replace(&mut before, now) == now
    });
    before
}

#[test]
fn the_server_goes_on_when_the_system_has_no_more_open_files() {
    let world = ProgramWorld::new(Database::Sqlite);
    let process = world.server.process_id();
    let open = settled_files(process);
    let limit = rustix::process::Rlimit { current: Some(open as u64 + 8), maximum: Some(open as u64 + 8) };
    let server = rustix::process::Pid::from_raw(process.try_into().unwrap());
    rustix::process::prlimit(server, rustix::process::Resource::Nofile, limit).unwrap();
    let mut idle: Vec<_> = (0..40).map(|_| Raw::open(&world.server)).collect();
    world.server.logged(&["no connection can be accepted"]);
    assert_eq!(world.client.get(&world.path("/dial-time-group")).status, 200);
    assert_eq!(idle[0].until_closed(), "", "the oldest is closed");
}

#[test]
fn half_requests_do_not_hold_the_end() {
    let world = ProgramWorld::new(Database::Sqlite);
    let more = "Content-Length: 50";
    let head = post_group(&world, &[&authorization(&world), more]);
    let mut half = Raw::sending(&world.server, "GET / HTTP/1.1\r\nHo");
    let mut body = Raw::sending(&world.server, &format!("{head}{{"));
    let mut idle = Raw::open(&world.server);
    let mut stream = Raw::sending(&world.server, &event_stream(&world));
    stream.until("\r\n\r\n");
    let documents = "GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n".repeat(200);
    let _unread = Raw::sending(&world.server, &documents);
    let ProgramWorld { server, world: _world } = world;
    let process = server.process_id().to_string();
    let begin = Instant::now();
    assert!(Command::new("kill").args(["-TERM", &process]).status().unwrap().success());
    assert!(server.wait(), "it ends well");
    assert!(begin.elapsed() < Duration::from_secs(15), "half of what running requests are given");
    assert_refused(&half.until_closed(), 503);
    assert_refused(&body.until_closed(), 503);
    assert_eq!(idle.until_closed(), "");
}

#[test]
fn a_proxy_in_front_is_told_what_it_needs() {
    let world = World::new(Database::Sqlite);
    let head = Raw::sending(&world.server, &event_stream(&world)).until("\r\n\r\n").to_lowercase();
    assert!(head.contains("\r\nx-accel-buffering: no\r\n"), "nginx passes each event on at once: {head}");
    // A path that the proxy puts before ours is kept by relative addresses only.
    let page = Raw::sending(&world.server, "GET /docs HTTP/1.1\r\nHost: a\r\n\r\n").until("\r\n\r\n");
    assert!(page.to_lowercase().contains("\r\nlocation: docs/\r\n"), "{page}");
    let script = world.client.get("/docs/swagger-initializer.js").text;
    assert!(script.contains(r#""url": "../openapi.json""#), "{script}");
}
