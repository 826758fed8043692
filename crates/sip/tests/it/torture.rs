//! The torture tests of RFC 4475, each of its messages: from strangers, and in the calls of a peer. And what strangers forge who know of a call.

use std::{
    net::SocketAddr,
    sync::{
        Once,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use domain::EndedBy;
use telephony::{
    CallEvent::{Answered, HungUp},
    CallOrder, Carrier as _,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::{
    peer::{Peer, answer, header},
    support::{World, in_seconds, order, refusal, trunk},
};

/// RFC 4475's messages in its own notation, each after its name; lines end with CR LF.
const MESSAGES: &str = include_str!("rfc4475.txt");

const SECOND: Duration = Duration::from_secs(1);

static PANICS: AtomicUsize = AtomicUsize::new(0);

static COUNTING: Once = Once::new();

/// Counts what panics from now on, in whatever task.
fn count_panics() {
    COUNTING.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            PANICS.fetch_add(1, Ordering::SeqCst);
            before(panic);
        }));
    });
}

fn messages() -> Vec<(&'static str, Vec<u8>)> {
    let messages: Vec<_> = MESSAGES
        .split("=== ")
        .skip(1)
        .map(|message| message.split_once('\n').unwrap())
        .map(|(name, text)| (name, octets(&repeated(text))))
        .collect();
    assert_eq!(messages.len(), 49);
    messages
}

/// Undoes `<repeat count=N>...</repeat>`.
fn repeated(text: &str) -> String {
    let mut parts = text.split("<repeat count=");
    let mut plain = parts.next().unwrap().to_owned();
    for part in parts {
        let (count, rest) = part.split_once('>').unwrap();
        let (what, rest) = rest.split_once("</repeat>").unwrap();
        plain.push_str(&what.repeat(count.parse().unwrap()));
        plain.push_str(rest);
    }
    plain
}

/// Undoes `<hex>...</hex>`.
fn octets(text: &str) -> Vec<u8> {
    let mut parts = text.split("<hex>");
    let plain = |text: &str| text.replace('\n', "\r\n").into_bytes();
    let mut octets = plain(parts.next().unwrap());
    for part in parts {
        let (digits, rest) = part.split_once("</hex>").unwrap();
        let pairs = digits.as_bytes().chunks(2).map(|pair| str::from_utf8(pair).unwrap());
        octets.extend(pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()));
        octets.extend(plain(rest));
    }
    octets
}

/// A call that a peer has answered.
struct Talk {
    world: World,
    order: CallOrder,
    peer: Peer,
    invite: String,
    own: SocketAddr,
}

impl Talk {
    async fn new() -> Self {
        let (world, peer) = (World::new(), Peer::new().await);
        let order = order(trunk(peer.address), None);
        world.place(&order);
        let (invite, own) = peer.hears(2 * SECOND).await.unwrap();
        peer.says(&answered(&invite, peer.address), own).await;
        assert_eq!(world.until(|event| *event == Answered).await, [Answered]);
        assert!(peer.hears(SECOND).await.unwrap().0.starts_with("ACK "));
        Self { world, order, peer, invite, own }
    }

    /// The call is still there, and ends as it should; the carrier still answers.
    async fn ends_well(self) {
        tokio::time::sleep(SECOND / 2).await;
        let reports = self.world.carrier.reports(in_seconds(0).unwrap());
        assert!(reports.is_empty(), "somebody touched a call: {reports:?}");
        asks_over_udp(self.own).await;
        asks_over_tcp(self.own).await;
        self.world.end(&self.order);
        let bye = hears(&self.peer, "BYE ").await;
        self.peer.says(&answer(&bye, "200 OK", ""), self.own).await;
        assert_eq!(self.world.to_end().await, [HungUp(EndedBy::Dialtime)]);
        self.world.until_idle().await;
        assert_eq!(PANICS.load(Ordering::SeqCst), 0, "something panicked");
    }

    /// A header that says who asks, and of which call; so that a request is the peer's.
    fn in_dialog(&self, branch: &str) -> String {
        format!(
            "Via: SIP/2.0/UDP {};branch=z9hG4bK{branch}\r\nFrom: {};tag=1\r\nTo: {}\r\nCall-ID: {}\r\nContact: <sip:callee@{}>\r\n",
            self.peer.address,
            header(&self.invite, "To"),
            header(&self.invite, "From"),
            header(&self.invite, "Call-ID"),
            self.peer.address
        )
    }
}

/// An answer with sound.
fn answered(invite: &str, contact: SocketAddr) -> String {
    let sound =
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n";
    let length = sound.len();
    answer(invite, "200 OK", ";tag=1").replace("callee@127.0.0.1:9", &format!("callee@{contact}")).replace(
        "Content-Length: 0\r\n\r\n",
        &format!("Content-Type: application/sdp\r\nContent-Length: {length}\r\n\r\n{sound}"),
    )
}

/// The next message that begins so.
async fn hears(peer: &Peer, begin: &str) -> String {
    loop {
        let (message, _) = peer.hears(3 * SECOND).await.unwrap_or_else(|| panic!("no {begin}"));
        if message.starts_with(begin) {
            return message;
        }
    }
}

fn options(transport: &str, from: SocketAddr) -> String {
    format!(
        "OPTIONS sip:dialtime@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/{transport} {from};branch=z9hG4bKalive\r\nFrom: <sip:x@y>;tag=9\r\n\
         To: <sip:dialtime@127.0.0.1>\r\nCall-ID: alive@{from}\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    )
}

async fn asks_over_udp(own: SocketAddr) {
    let stranger = Peer::new().await;
    stranger.says(&options("UDP", stranger.address), own).await;
    hears(&stranger, "SIP/2.0 200 ").await;
}

async fn asks_over_tcp(own: SocketAddr) {
    let mut stream = TcpStream::connect(own).await.unwrap();
    stream.write_all(options("TCP", stream.local_addr().unwrap()).as_bytes()).await.unwrap();
    let mut said = [0; 12];
    tokio::time::timeout(3 * SECOND, stream.read_exact(&mut said)).await.unwrap().unwrap();
    assert_eq!(&said, b"SIP/2.0 200 ");
}

#[tokio::test]
async fn strangers_may_say_whatever_rfc_4475_says() {
    count_panics();
    let talk = Talk::new().await;
    let stranger = Peer::new().await;
    // Held open until the end.
    let mut streams = Vec::new();
    for (_, message) in messages() {
        stranger.sends(&message, talk.own).await;
        let mut stream = TcpStream::connect(talk.own).await.unwrap();
        stream.write_all(&message).await.unwrap();
        streams.push(stream);
    }
    let mut all_at_once = TcpStream::connect(talk.own).await.unwrap();
    // It may be closed before all is said.
    let _ = all_at_once
        .write_all(&messages().into_iter().map(|(_, message)| message).collect::<Vec<_>>().concat())
        .await;
    talk.ends_well().await;
}

/// What a stranger sends is not held without end: a head that never ends, or a body longer than any.
#[tokio::test]
async fn a_stranger_over_tcp_is_hung_up_on_who_says_too_much() {
    count_panics();
    let talk = Talk::new().await;
    for head in ["X: ", "OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 4000000000\r\n\r\n"] {
        let mut stream = TcpStream::connect(talk.own).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut sent = 0_usize;
        while sent < 64 * 1_024 * 1_024 && stream.write_all(&[b'a'; 8_192]).await.is_ok() {
            sent += 8_192;
        }
        assert!(sent < 32 * 1_024 * 1_024, "{sent} bytes were taken after {head:?}");
    }
    talk.ends_well().await;
}

#[tokio::test]
async fn a_peer_may_ask_in_a_call_whatever_rfc_4475_says() {
    count_panics();
    let talk = Talk::new().await;
    for (name, message) in messages() {
        let text = String::from_utf8_lossy(&message).into_owned();
        if text.starts_with("SIP/2.0") {
            continue;
        }
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        // Continued lines with the line that they continue.
        let head = head.replace("\r\n ", "\u{1} ");
        let mut lines = head.split("\r\n");
        let first = lines.next().unwrap();
        let others: String = lines
            .filter(|line| {
                let name = line.split(':').next().unwrap().trim().to_ascii_lowercase();
                !["via", "v", "from", "f", "to", "t", "call-id", "i", "contact", "m"].contains(&name.as_str())
            })
            .flat_map(|line| [line, "\r\n"])
            .collect();
        let patched =
            format!("{first}\r\n{}{others}\r\n{body}", talk.in_dialog(name)).replace('\u{1}', "\r\n");
        talk.peer.says(&patched, talk.own).await;
    }
    talk.ends_well().await;
}

/// An answer of RFC 4475 as one to this INVITE.
fn as_answer_to(name: &str, invite: &str, contact: SocketAddr) -> String {
    let messages = messages();
    let (_, message) = messages.iter().find(|(found, _)| *found == name).unwrap();
    let text = str::from_utf8(message).unwrap();
    let mut is_first_via = true;
    text.split("\r\n")
        .map(|line| match line.split_once(':').map(|(name, _)| name) {
            Some("Via") if std::mem::take(&mut is_first_via) => format!("Via: {}", header(invite, "Via")),
            Some("To") => format!("To: {};tag=1", header(invite, "To")),
            Some("Contact") => format!("Contact: <sip:callee@{contact}>"),
            Some(name @ ("From" | "Call-ID" | "CSeq")) => format!("{name}: {}", header(invite, name)),
            _ => line.to_owned(),
        })
        .collect::<Vec<_>>()
        .join("\r\n")
}

#[tokio::test]
async fn answers_of_rfc_4475_are_taken_for_what_they_are() {
    count_panics();
    let world = World::new();
    for (name, code) in [
        ("noreason", Some(486)),
        ("bigcode", Some(486)),
        ("scalarlg", Some(503)),
        ("unreason", None),
        ("bcast", None),
    ] {
        let peer = Peer::new().await;
        let order = order(trunk(peer.address), None);
        world.place(&order);
        let (invite, own) = peer.hears(2 * SECOND).await.unwrap();
        peer.says(&as_answer_to(name, &invite, peer.address), own).await;
        if let Some(code) = code {
            tokio::time::sleep(SECOND / 5).await;
            peer.says(&answer(&invite, "486 Busy Here", ";tag=1"), own).await;
            let reports = world.to_end().await;
            let refusal = refusal(&reports);
            assert_eq!((refusal.cause.code, refusal.cause.is_local), (Some(code), false), "{name}");
            assert_eq!(refusal.carrier.is_throttled, code == 503);
            continue;
        }
        assert_eq!(world.until(|event| *event == Answered).await, [Answered], "{name}");
        world.end(&order);
        let bye = hears(&peer, "BYE ").await;
        peer.says(&answer(&bye, "200 OK", ""), own).await;
        assert_eq!(world.to_end().await, [HungUp(EndedBy::Dialtime)], "{name}");
    }
    world.until_idle().await;
    assert_eq!(PANICS.load(Ordering::SeqCst), 0, "something panicked");
}

/// Who knows a Call-ID knows neither the tags nor the branch.
#[tokio::test]
async fn what_is_forged_for_a_call_touches_it_not() {
    count_panics();
    let talk = Talk::new().await;
    let stranger = Peer::new().await;
    let [to, from, call_id] = ["To", "From", "Call-ID"].map(|name| header(&talk.invite, name));
    let wrong_from = format!("{};tag=wrong", from.split(";tag=").next().unwrap());
    for (number, method, (from, to)) in [
        (1, "BYE", (format!("{to};tag=wrong"), from.to_owned())),
        (2, "BYE", (format!("{to};tag=1"), wrong_from.clone())),
        (3, "BYE", (to.to_owned(), from.to_owned())),
        (4, "CANCEL", (format!("{to};tag=1"), from.to_owned())),
        (5, "CANCEL", (from.to_owned(), to.to_owned())),
        (6, "INVITE", (format!("{to};tag=wrong"), from.to_owned())),
        (7, "UPDATE", (format!("{to};tag=1"), wrong_from)),
    ] {
        let request = format!(
            "{method} sip:dialtime@{} SIP/2.0\r\nVia: SIP/2.0/UDP {};branch=z9hG4bKforged{number}\r\nFrom: {from}\r\nTo: {to}\r\n\
             Call-ID: {call_id}\r\nCSeq: 9{number} {method}\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
            talk.own, stranger.address
        );
        stranger.says(&request, talk.own).await;
        // A CANCEL of nothing is passed over, and what has no tag of its sender.
        let said = stranger.hears(SECOND / 5).await.map(|(said, _)| said);
        let is_refused = said.as_ref().is_none_or(|said| said.starts_with("SIP/2.0 4"));
        assert!(is_refused, "{method} {number}: {said:?}");
    }
    let forged = answered(&talk.invite, stranger.address);
    for answer in [
        forged.replace("branch=", "branch=z9hG4bKother"),
        forged.replace("branch=", "branch=z9hG4bKother").replace(";tag=1", ";tag=2"),
        forged.replace("branch=", "branch=z9hG4bKother").replace("200 OK", "486 Busy Here"),
    ] {
        stranger.says(&answer, talk.own).await;
    }
    while let Some((said, _)) = stranger.hears(SECOND / 2).await {
        // The refusal of an INVITE is repeated until it is acknowledged.
        let is_repeated = said.starts_with("SIP/2.0 481") && said.contains("branch=z9hG4bKforged6");
        assert!(is_repeated, "a stranger's answer is answered: {said}");
    }
    talk.ends_well().await;
}
