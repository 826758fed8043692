//! Peers that say nothing, or only when it is too late; and strangers.

use std::time::{Duration, Instant};

use jiff::SignedDuration;
use telephony::{CallEvent, Carrier as _};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::{
    peer::{Peer, answer, header},
    support::{World, in_seconds, order, refusal, trunk, trunk_with_user},
};

/// A silent peer that wakes: its phone must not ring for longer than it takes to say so.
#[tokio::test]
async fn a_peer_that_wakes_after_close_gets_no_invite_and_is_cancelled() {
    let world = World::new();
    let peer = Peer::new().await;
    let mut order = order(trunk(peer.address), None);
    order.deadlines.cancel_at = in_seconds(2);
    world.place(&order);
    let (invite, from) = peer.hears(Duration::from_secs(2)).await.unwrap();
    let expires: u32 = header(&invite, "Expires").parse().unwrap();
    assert!((1..=2).contains(&expires), "{invite}");
    let reports = world.to_end().await;
    assert_eq!((reports.len(), refusal(&reports).cause.code), (1, None));
    let closed = Instant::now();
    // Those that left before are there by now.
    while peer.hears(Duration::from_millis(50)).await.is_some() {}
    assert!(peer.hears(Duration::from_secs(3)).await.is_none(), "nothing is sent after close");
    peer.says(&answer(&invite, "180 Ringing", ";tag=late"), from).await;
    let (cancel, _) = peer.hears(Duration::from_secs(1)).await.unwrap();
    assert!(cancel.starts_with("CANCEL ") && closed.elapsed() > Duration::from_secs(3), "{cancel}");
    assert_eq!(
        header(&cancel, "Via").split("branch=").nth(1),
        header(&invite, "Via").split("branch=").nth(1)
    );
}

#[tokio::test]
async fn a_peer_that_says_nothing_holds_no_call_longer_than_its_line_says() {
    let world = World::new();
    let peer = Peer::new().await;
    let mut order = order(trunk(peer.address), None);
    let mut line = (*order.line).clone();
    line.draft.settings.t1x64 = 4;
    order.line = line.into();
    let begun = Instant::now();
    world.place(&order);
    let reports = world.to_end().await;
    let cause = &refusal(&reports).cause;
    assert_eq!((cause.code, cause.is_local), (Some(408), true));
    assert!((3_900..5_500).contains(&begun.elapsed().as_millis()), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_peer_that_does_not_answer_a_cancel_holds_no_call() {
    let world = World::new();
    let peer = Peer::new().await;
    let mut order = order(trunk(peer.address), None);
    order.deadlines.ring_limit = SignedDuration::from_secs(1);
    world.place(&order);
    let (invite, from) = peer.hears(Duration::from_secs(2)).await.unwrap();
    peer.says(&answer(&invite, "180 Ringing", ";tag=1"), from).await;
    let begun = Instant::now();
    let reports = world.to_end().await;
    assert_eq!((reports.first(), refusal(&reports).cause.code), (Some(&CallEvent::Ringing), None));
    assert!((2_500..4_500).contains(&begun.elapsed().as_millis()), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_challenge_that_comes_too_late_brings_no_invite() {
    let world = World::new();
    let peer = Peer::new().await;
    let mut order = order(trunk_with_user(peer.address), Some("secret"));
    order.deadlines.latest_start = in_seconds(1);
    world.place(&order);
    let (invite, from) = peer.hears(Duration::from_secs(2)).await.unwrap();
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    let challenge = answer(&invite, "401 Unauthorized", ";tag=1")
        .replace("Contact:", "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\nContact:");
    peer.says(&challenge, from).await;
    assert!(refusal(&world.to_end().await).cause.is_local);
    while let Some((message, _)) = peer.hears(Duration::from_millis(500)).await {
        // The first is repeated until it is answered.
        assert!(!message.contains("Authorization:"), "{message}");
    }
}

#[tokio::test]
async fn an_order_that_is_too_late_is_not_placed() {
    let world = World::new();
    let peer = Peer::new().await;
    let mut order = order(trunk(peer.address), None);
    order.deadlines.latest_start = in_seconds(-1);
    assert!(world.carrier.place(&order, in_seconds(0).unwrap()).is_err());
    assert!(peer.hears(Duration::from_millis(300)).await.is_none());
}

#[tokio::test]
async fn strangers_are_answered_and_touch_no_call() {
    let world = World::new();
    let (peer, stranger) = (Peer::new().await, Peer::new().await);
    let order = order(trunk(peer.address), None);
    world.place(&order);
    let (invite, own) = peer.hears(Duration::from_secs(2)).await.unwrap();
    for (method, status) in [("OPTIONS", "200 OK"), ("INVITE", "480 "), ("BYE", "481 "), ("REGISTER", "405 ")]
    {
        let request = format!(
            "{method} sip:dialtime@{own} SIP/2.0\r\nVia: SIP/2.0/UDP {};branch=z9hG4bK{method}\r\nFrom: <sip:x@y>;tag=9\r\n\
             To: <sip:dialtime@{own}>\r\nCall-ID: {method}@stranger\r\nCSeq: 1 {method}\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
            stranger.address
        );
        stranger.says(&request, own).await;
        let (said, _) = stranger.hears(Duration::from_secs(1)).await.unwrap();
        assert!(said.starts_with(&format!("SIP/2.0 {status}")), "{method}: {said}");
    }
    let ok = answer(&invite, "200 OK", ";tag=1")
        .replace("Contact: <sip:callee@127.0.0.1:9>", &format!("Contact: <sip:callee@{}>", peer.address));
    let sound =
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n";
    let head = format!("Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{sound}", sound.len());
    peer.says(&ok.replace("Content-Length: 0\r\n\r\n", &head), own).await;
    world.until(|event| *event == CallEvent::Answered).await;
    // With the right Call-ID and tags, and from another address of this machine.
    let elsewhere = tokio::net::UdpSocket::bind("127.0.0.2:0").await.unwrap();
    let bye = format!(
        "BYE sip:dialtime@{own} SIP/2.0\r\nVia: SIP/2.0/UDP {};branch=z9hG4bKforged\r\nFrom: {};tag=1\r\nTo: {}\r\nCall-ID: {}\r\n\
         CSeq: 1 BYE\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
        elsewhere.local_addr().unwrap(),
        header(&invite, "To"),
        header(&invite, "From"),
        header(&invite, "Call-ID"),
    );
    elsewhere.send_to(bye.as_bytes(), own).await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(world.carrier.reports(in_seconds(0).unwrap()).is_empty(), "a stranger ended a call");
    world.end(&order);
    world.to_end().await;
}

/// However many connections somebody opens who answers none of our calls, few stay, and not for long. Others come in meanwhile.
#[tokio::test]
async fn strangers_have_few_connections_and_each_for_a_short_time() {
    let world = World::new();
    let peer = Peer::new().await;
    let order = order(trunk(peer.address), None);
    world.place(&order);
    let (_, own) = peer.hears(Duration::from_secs(2)).await.unwrap();
    let begun = Instant::now();
    let mut streams = Vec::new();
    for _ in 0..40 {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.3:0".parse().unwrap()).unwrap();
        streams.push(socket.connect(own).await.unwrap());
    }
    // A word now and then keeps none.
    streams[0].write_all(b"OPTIONS sip:a@b SIP/2.0\r\n").await.unwrap();
    let closed = async |stream: &mut TcpStream, within: Duration| {
        tokio::time::timeout(within, stream.read(&mut [0; 10])).await.is_ok()
    };
    let mut open = Vec::new();
    for mut stream in streams {
        if !closed(&mut stream, Duration::from_millis(100)).await {
            open.push(stream);
        }
    }
    assert!((1..=8).contains(&open.len()), "{} connections", open.len());
    let mut another = TcpStream::connect(own).await.unwrap();
    let local = another.local_addr().unwrap();
    let request = format!(
        "OPTIONS sip:dialtime@{own} SIP/2.0\r\nVia: SIP/2.0/TCP {local};branch=z9hG4bKdoor\r\nFrom: <sip:x@y>;tag=9\r\n\
         To: <sip:dialtime@{own}>\r\nCall-ID: door@stranger\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    );
    another.write_all(request.as_bytes()).await.unwrap();
    let mut said = [0; 12];
    tokio::time::timeout(Duration::from_secs(2), another.read_exact(&mut said)).await.unwrap().unwrap();
    assert_eq!(&said, b"SIP/2.0 200 ");
    for mut stream in open {
        assert!(closed(&mut stream, Duration::from_secs(15)).await, "it stays open");
    }
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    world.end(&order);
    world.to_end().await;
}
