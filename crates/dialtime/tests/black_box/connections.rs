//! What the server does with connections that are no use to anybody: half requests, bodies that never come, answers that nobody
//! reads. They are spoken byte by byte, as no HTTP client would.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    time::Duration,
};

use rstest::rstest;

use crate::support::{Database, Server, World};

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
        }
    }
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
