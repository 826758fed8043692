//! Lines that are kept registered, by a registrar that says what a test has it say, and by Kamailio.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use domain::{Clock as _, Line, LineRegistration, RegistrationFailure, SipTransport, SipTrunk};
use rstest::rstest;
use telephony::{CallOrder, Carrier, Refused};

use crate::{
    kamailio::Kamailio,
    peer::{Peer, header},
    support::{PATIENCE, WallClock, World, order, refusal, trunk, trunk_with_user},
};

/// A registrar, which refuses each call as well.
struct Registrar {
    address: SocketAddr,
    state: Arc<Mutex<RegistrarState>>,
}

#[derive(Default)]
struct RegistrarState {
    /// Status and headers of the next answers to REGISTER; the last one stays. Empty: it says nothing.
    answers: Vec<String>,
    /// Whether it has forgotten everybody since it was asked last.
    has_forgotten: bool,
    heard: Vec<(String, SocketAddr)>,
}

impl Registrar {
    async fn saying(answers: &[&str]) -> Self {
        let peer = Peer::new().await;
        let answers = answers.iter().map(|&answer| answer.to_owned()).collect();
        let state = Arc::new(Mutex::new(RegistrarState { answers, ..RegistrarState::default() }));
        let registrar = Self { address: peer.address, state: Arc::clone(&state) };
        tokio::spawn(async move {
            while let Some((request, from)) = peer.hears(Duration::from_mins(10)).await {
                let said = state.lock().unwrap().hear(&request, from);
                if let Some(said) = said {
                    peer.says(&said, from).await;
                }
            }
        });
        registrar
    }

    /// What it says from now on.
    fn says(&self, answer: &str) {
        self.state.lock().unwrap().answers = vec![answer.to_owned()];
    }

    /// The requests of a method so far, each with where it came from.
    fn heard(&self, method: &str) -> Vec<(String, SocketAddr)> {
        let heard = self.state.lock().unwrap().heard.clone();
        heard.into_iter().filter(|(request, _)| request.starts_with(&format!("{method} "))).collect()
    }

    /// Those that do not only repeat the one before.
    fn registers(&self) -> Vec<String> {
        let mut requests: Vec<String> =
            self.heard("REGISTER").into_iter().map(|(request, _)| request).collect();
        requests.dedup_by(|one, other| header(one, "CSeq") == header(other, "CSeq"));
        requests
    }

    /// A line that registers there.
    fn line(&self) -> CallOrder {
        order(SipTrunk { register: true, ..trunk_with_user(self.address) }, Some("secret"))
    }
}

impl RegistrarState {
    fn hear(&mut self, request: &str, from: SocketAddr) -> Option<String> {
        self.heard.push((request.to_owned(), from));
        if request.starts_with("REGISTER") {
            self.has_forgotten = false;
        }
        let says = match request.split(' ').next() {
            Some("REGISTER") if self.answers.len() > 1 => self.answers.remove(0),
            Some("REGISTER") => self.answers.first()?.clone(),
            Some("INVITE") if self.has_forgotten => "403 Forbidden".to_owned(),
            Some("INVITE") => "486 Busy Here".to_owned(),
            _ => return None,
        };
        let (status, headers) = says.split_once('\n').unwrap_or((&says, ""));
        let headers = headers.lines().flat_map(|line| [line, "\r\n"]).collect::<String>();
        let [via, from, to, call_id, sequence] =
            ["Via", "From", "To", "Call-ID", "CSeq"].map(|name| header(request, name));
        (!status.is_empty()).then(|| {
            format!(
                "SIP/2.0 {status}\r\nVia: {via}\r\nFrom: {from}\r\nTo: {to};tag=r\r\nCall-ID: {call_id}\r\nCSeq: {sequence}\r\n{headers}\
                 Content-Length: 0\r\n\r\n"
            )
        })
    }
}

/// How a line stands next.
async fn next_report(world: &World, within: Duration) -> Option<LineRegistration> {
    let begun = Instant::now();
    while begun.elapsed() < within {
        let mut reports = world.carrier.registration_reports();
        assert!(reports.len() < 2);
        if let Some(report) = reports.pop() {
            return Some(report.registration);
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    None
}

async fn until(what: &str, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "in vain: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Keeps the line of an order registered; gives how it stands first.
async fn keep(world: &World, order: &CallOrder) -> LineRegistration {
    world.carrier.keep_registered(&[Arc::clone(&order.line)]);
    next_report(world, PATIENCE).await.unwrap()
}

fn failed(code: impl Into<Option<u16>>, phrase: &str) -> LineRegistration {
    LineRegistration::Failed(RegistrationFailure { code: code.into(), phrase: phrase.to_owned() })
}

/// What a call is refused with that leaves at all.
async fn call(world: &World, order: &CallOrder) -> Result<u16, Refused> {
    world.carrier.place(order, WallClock.now())?;
    Ok(refusal(&world.to_end().await).cause.code.unwrap())
}

#[tokio::test]
async fn a_line_is_registered_again_and_again_called_from_there_and_taken_back() {
    let registrar = Registrar::saying(&["200 OK\nExpires: 2"]).await;
    let (world, order) = (World::new(), registrar.line());
    assert_eq!(call(&world, &order).await, Err(Refused::NotRegistered));
    assert_eq!(keep(&world, &order).await, LineRegistration::Registered);
    until("it is renewed twice", || registrar.registers().len() >= 3).await;
    assert_eq!(call(&world, &order).await, Ok(486));
    let (invite, from) = registrar.heard("INVITE").remove(0);
    let (register, registered_from) = registrar.heard("REGISTER").remove(0);
    assert_eq!(from, registered_from, "the same socket");
    let contact = format!("sip:dialtime@{from}");
    for (message, name) in [(&register, "REGISTER"), (&invite, "INVITE")] {
        assert!(header(message, "Contact").contains(&contact), "{name}: {message}");
    }
    let address = registrar.address;
    assert!(register.starts_with(&format!("REGISTER sip:{address} SIP/2.0\r\n")), "{register}");
    assert!(header(&register, "To").contains(&format!("sip:alice@{address}")), "{register}");
    assert_eq!(next_report(&world, Duration::ZERO).await, None, "it has stood like this all the time");
    world.carrier.keep_registered(&[]);
    assert_eq!(call(&world, &order).await, Err(Refused::NotRegistered));
    until("it is taken back", || !world.carrier.takes_back_registrations()).await;
    let registers = registrar.registers();
    let (last, before) = registers.split_last().unwrap();
    assert_eq!(header(last, "Expires"), "0");
    assert!(before.iter().all(|request| header(request, "Expires") == "300"));
    assert!(registers.iter().all(|request| header(request, "Call-ID") == header(last, "Call-ID")));
    let count = registrar.registers().len();
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(registrar.registers().len(), count, "nothing follows");
}

#[tokio::test]
async fn a_line_whose_registrar_goes_away_is_registered_until_its_time_is_over_and_again_once_it_is_back() {
    let registrar = Registrar::saying(&["200 OK\nContact: <sip:other@127.0.0.1:9>;expires=3"]).await;
    let (world, order) = (World::new(), registrar.line());
    assert_eq!(keep(&world, &order).await, LineRegistration::Registered);
    let begun = Instant::now();
    registrar.says("503 Overloaded\nRetry-After: 4");
    assert_eq!(next_report(&world, PATIENCE).await, Some(failed(503, "Overloaded")));
    assert!(begun.elapsed() >= Duration::from_millis(2_500), "{:?}", begun.elapsed());
    assert_eq!(call(&world, &order).await, Err(Refused::NotRegistered));
    registrar.says("200 OK\nExpires: 60");
    assert_eq!(next_report(&world, PATIENCE).await, Some(LineRegistration::Registered));
    assert_eq!(call(&world, &order).await, Ok(486));
}

#[rstest]
#[case::not_let(&["403 Not Here"], failed(403, "Not Here"), 1)]
#[case::no_time_granted(&["200 OK\nExpires: 0"], failed(200, "OK"), 1)]
#[case::longer_than_a_day(&["423 Interval Too Brief\nMin-Expires: 90000"], failed(423, "Interval Too Brief"), 1)]
#[case::longer(&["423 Interval Too Brief\nMin-Expires: 900", "200 OK"], LineRegistration::Registered, 2)]
#[case::stale(
    &[
        "401 Unauthorized\nWWW-Authenticate: Digest realm=\"r\", nonce=\"a\", qop=\"auth\"",
        "401 Unauthorized\nWWW-Authenticate: Digest realm=\"r\", nonce=\"b\", qop=\"auth\", stale=true",
        "200 OK",
    ],
    LineRegistration::Registered,
    3
)]
#[case::by_a_proxy(
    &["407 Proxy Authentication Required\nProxy-Authenticate: Digest realm=\"r\", nonce=\"a\"", "200 OK"],
    LineRegistration::Registered,
    2
)]
#[case::wrong_password(
    &["401 Unauthorized\nWWW-Authenticate: Digest realm=\"r\", nonce=\"a\""], failed(401, "Unauthorized"), 2
)]
#[tokio::test]
async fn a_registrar_says(
    #[case] says: &[&str],
    #[case] expected: LineRegistration,
    #[case] requests: usize,
) {
    let registrar = Registrar::saying(says).await;
    let (world, order) = (World::new(), registrar.line());
    assert_eq!(keep(&world, &order).await, expected);
    assert_eq!(registrar.registers().len(), requests);
    let expected = if expected.is_registered() { Ok(486) } else { Err(Refused::NotRegistered) };
    assert_eq!(call(&world, &order).await, expected);
}

#[tokio::test]
async fn a_registrar_that_has_forgotten_us_is_asked_again_once_it_refuses_a_call() {
    let registrar = Registrar::saying(&["200 OK\nExpires: 3600"]).await;
    let (world, order) = (World::new(), registrar.line());
    assert_eq!(keep(&world, &order).await, LineRegistration::Registered);
    tokio::time::sleep(Duration::from_secs(10)).await;
    registrar.state.lock().unwrap().has_forgotten = true;
    assert_eq!(call(&world, &order).await, Ok(403));
    until("it is asked again", || registrar.registers().len() == 2).await;
    assert_eq!(call(&world, &order).await, Ok(486));
}

#[tokio::test]
async fn calls_go_to_the_address_alone_that_has_registered_the_line() {
    let (refusing, registrar) = (Registrar::saying(&["500 No"]).await, Registrar::saying(&["200 OK"]).await);
    let mut two = SipTrunk { register: true, ..trunk_with_user(refusing.address) };
    two.addresses.extend(trunk(registrar.address).addresses);
    let (world, order) = (World::new(), order(two, Some("secret")));
    assert_eq!(keep(&world, &order).await, LineRegistration::Registered);
    assert_eq!(call(&world, &order).await, Ok(486));
    assert_eq!((refusing.heard("INVITE").len(), registrar.heard("INVITE").len()), (0, 1));
    assert_eq!((refusing.registers().len(), registrar.registers().len()), (1, 1));
}

#[tokio::test]
async fn a_line_that_is_changed_is_registered_anew() {
    let (before, after) = (Registrar::saying(&["200 OK"]).await, Registrar::saying(&["200 OK"]).await);
    let (world, order) = (World::new(), before.line());
    assert_eq!(keep(&world, &order).await, LineRegistration::Registered);
    let changed = CallOrder {
        line: Arc::new(Line {
            version: 2,
            draft: after.line().line.draft.clone(),
            ..Line::clone(&order.line)
        }),
        ..order.clone()
    };
    assert_eq!(keep(&world, &changed).await, LineRegistration::Registered);
    until("the first is taken back", || !world.carrier.takes_back_registrations()).await;
    assert_eq!(header(before.registers().last().unwrap(), "Expires"), "0");
    assert_eq!(after.registers().len(), 1);
    assert_eq!(call(&world, &order).await, Err(Refused::NotRegistered), "as it was");
    assert_eq!(call(&world, &changed).await, Ok(486));
}

#[rstest]
#[tokio::test]
async fn kamailio_keeps_us_and_forgets_us_again(
    #[values(SipTransport::Udp, SipTransport::Tcp, SipTransport::Tls)] transport: SipTransport,
    #[values("secret", "wrong")] secret: &str,
) {
    let kamailio = Kamailio::before(SocketAddr::from(([127, 0, 0, 1], 9))).await;
    let world = World::trusting(kamailio.authority());
    let order = order(SipTrunk { register: true, ..kamailio.trunk(transport) }, Some(secret));
    let registration = keep(&world, &order).await;
    world.carrier.keep_registered(&[]);
    until("it is taken back", || !world.carrier.takes_back_registrations()).await;
    if secret == "secret" {
        assert_eq!(registration, LineRegistration::Registered);
        assert_eq!(kamailio.registrations(2).await, ["bindings 1", "bindings 0"]);
    } else {
        assert_eq!(registration, failed(401, "Unauthorized"));
        assert!(kamailio.registrations(0).await.is_empty());
    }
}
