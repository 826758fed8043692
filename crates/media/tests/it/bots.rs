//! A bot at the other end of a stream: what it hears, what is heard of it, and what becomes of the stream.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use futures_util::{FutureExt as _, SinkExt as _, StreamExt as _};
use media::{
    answering_machine::{HeardReason, HeardVerdict, KnownAnswerer},
    bot::{
        BotAddress, BotAuthorities, BotClose, BotConnectFault, BotFailure, BotMessageFault, BotNews,
        BotStream, BotStreamParts, StreamStart, connect,
    },
    g711::G711,
    ports::{PortRange, RtpPorts},
    sdp::{MediaDirection, OwnMedia},
    session::{HeardSound, MediaControl, MediaSession, MediaSettings, PromptSound},
};
use serde_json::{Value, json};
use test_support::address_of_our_own;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::timeout,
};
use tokio_tungstenite::{WebSocketStream, accept_async, tungstenite::Message};

const PATIENCE: Duration = Duration::from_secs(10);

/// A bot's side of a connection.
type Bot = WebSocketStream<TcpStream>;

fn start(nth: u32) -> StreamStart {
    StreamStart {
        account_sid: "AC1".to_owned(),
        call_sid: "CA1".to_owned(),
        stream_sid: format!("MZ{nth}"),
        custom_parameters: [("task".to_owned(), "1".to_owned())].into(),
    }
}

fn address(of: SocketAddr) -> BotAddress {
    let url = format!("ws://{of}/bot").parse().unwrap();
    BotAddress {
        url,
        addresses: vec![of],
        headers: vec![("X-Test", "1".to_owned())],
        authorities: BotAuthorities::default(),
    }
}

fn begin(of: SocketAddr, reconnects: u32) -> BotStream {
    let open = move |nth| {
        async move { Ok((connect(&address(of), Duration::from_secs(1)).await?, start(nth))) }.boxed()
    };
    BotStream::begin(BotStreamParts {
        open: Arc::new(open),
        connect_within: Duration::from_secs(2),
        reconnects,
    })
}

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

async fn accept(listener: &TcpListener) -> Bot {
    let (stream, _) = timeout(PATIENCE, listener.accept()).await.unwrap().unwrap();
    accept_async(stream).await.unwrap()
}

async fn said(bot: &mut Bot) -> Value {
    loop {
        match timeout(PATIENCE, bot.next()).await.unwrap().unwrap().unwrap() {
            Message::Text(text) => return serde_json::from_str(&text).unwrap(),
            Message::Close(_) => panic!("the stream was closed"),
            _ => {}
        }
    }
}

/// The next message with this event.
async fn said_of(bot: &mut Bot, event: &str) -> Value {
    loop {
        let message = said(bot).await;
        if message["event"] == event {
            return message;
        }
    }
}

async fn say(bot: &mut Bot, message: Value) {
    bot.send(Message::text(message.to_string())).await.unwrap();
}

fn media(sound: &[u8]) -> Value {
    json!({"event": "media", "streamSid": "MZ0", "media": {"payload": BASE64_STANDARD.encode(sound)}})
}

async fn news(stream: &mut BotStream) -> BotNews {
    timeout(PATIENCE, stream.news()).await.unwrap()
}

/// Two ends of a call: ours, which a bot is to speak in, and the phone's, with what it hears.
fn call() -> (MediaSession, MediaSession, mpsc::Receiver<HeardSound>) {
    let here = address_of_our_own();
    let ports = RtpPorts::new(here, PortRange::new(21_000, 21_399).unwrap());
    let (one, other) = (ports.open().unwrap(), ports.open().unwrap());
    let mut ours = OwnMedia::new(1, here, one.port(), &[G711::MuLaw]);
    let mut phones = OwnMedia::new(2, here, other.port(), &[G711::MuLaw]);
    let offer = ours.offer(MediaDirection::SendReceive);
    let (answer, of_phone) = phones.answer(offer.as_bytes(), MediaDirection::SendReceive).unwrap();
    let of_ours = ours.read_answer(answer.as_bytes()).unwrap();
    let (listener, heard) = mpsc::channel(2_000);
    let settings = |chance| MediaSettings { answered: true, ..MediaSettings::of_chance(chance) };
    let phone = MediaSettings { listener: Some(listener), ..settings(2) };
    (MediaSession::start(one, of_ours, settings(1)), MediaSession::start(other, of_phone, phone), heard)
}

/// What is heard until so many samples that are no silence have come, without the silence before them.
async fn heard_sound(heard: &mut mpsc::Receiver<HeardSound>, samples: usize) -> Vec<u8> {
    let mut sound: Vec<u8> = Vec::new();
    let is_loud = |byte: &u8| *byte != G711::MuLaw.silence();
    while sound.iter().filter(|byte| is_loud(byte)).count() < samples {
        sound.extend(timeout(PATIENCE, heard.recv()).await.unwrap().unwrap().bytes);
        if !sound.iter().any(is_loud) {
            sound.clear();
        }
    }
    sound
}

/// Whoever has answered is a bot's from now on.
async fn started(stream: &mut BotStream, sound: &MediaControl) {
    assert_eq!(news(stream).await, BotNews::Connected);
    stream.start(sound.clone());
}

/// Loud sound of which no two neighbours are alike.
fn speech(samples: usize) -> Vec<u8> {
    (0..samples).map(|place| u8::try_from(place % 97).unwrap()).collect()
}

#[tokio::test]
async fn a_bot_hears_the_call_and_is_heard_in_it() {
    let (listener, of) = listen().await;
    let (ours, phone, mut heard) = call();
    let mut stream = begin(of, 0);
    let mut bot = accept(&listener).await;
    started(&mut stream, ours.control()).await;
    assert_eq!(said(&mut bot).await["event"], "connected");
    let begun = said(&mut bot).await;
    assert_eq!(
        (&begun["event"], &begun["start"]["customParameters"]),
        (&json!("start"), &json!({"task": "1"}))
    );

    let prompt = Arc::new(PromptSound::new((1..8_000).map(|place| (place % 97) * 100).collect()));
    phone.control().play(1, Arc::clone(&prompt), false);
    let (mut came, mut chunk) = (Vec::new(), 0);
    while came.iter().filter(|byte| **byte != G711::MuLaw.silence()).count() < 7_000 {
        let message = said_of(&mut bot, "media").await;
        chunk += 1;
        assert_eq!(message["media"]["chunk"], chunk.to_string());
        assert_eq!(message["media"]["timestamp"], ((chunk - 1) * 20).to_string());
        came.extend(BASE64_STANDARD.decode(message["media"]["payload"].as_str().unwrap()).unwrap());
    }
    let expected = &prompt.bytes(G711::MuLaw)[..6_000];
    assert!(came.windows(expected.len()).any(|window| window == expected), "what was said came as it was");

    say(&mut bot, media(&speech(1_600))).await;
    say(&mut bot, json!({"event": "mark", "streamSid": "MZ0", "mark": {"name": "said"}})).await;
    let sound = heard_sound(&mut heard, 1_600).await;
    assert_eq!(&sound[..1_600], speech(1_600));
    assert_eq!(said_of(&mut bot, "mark").await["mark"]["name"], "said");

    let verdict = HeardReason::LongGreeting.verdict();
    let verdict = HeardVerdict { verdict, reason: HeardReason::LongGreeting, at: 1_504 };
    stream.answerer(KnownAnswerer { verdict, beep_from: None });
    let told = said_of(&mut bot, "answerer").await;
    let expected =
        json!({"answeredBy": "machine", "reason": "long_greeting", "after": 1504, "beepAfter": null});
    assert_eq!((&told["answerer"], &told["streamSid"]), (&expected, &json!("MZ0")));

    stream.digit('7');
    assert_eq!(said_of(&mut bot, "dtmf").await["dtmf"]["digit"], "7");
    stream.stop();
    assert_eq!(said_of(&mut bot, "stop").await["stop"]["callSid"], "CA1");
}

#[tokio::test]
async fn what_was_cleared_is_not_heard() {
    let (listener, of) = listen().await;
    let (ours, _phone, mut heard) = call();
    let mut stream = begin(of, 0);
    let mut bot = accept(&listener).await;
    started(&mut stream, ours.control()).await;
    // A minute at once: all of it is taken, in messages that are not too long.
    for _ in 0..15 {
        say(&mut bot, media(&speech(32_000))).await;
    }
    say(&mut bot, json!({"event": "mark", "streamSid": "MZ0", "mark": {"name": "end"}})).await;
    assert_eq!(&heard_sound(&mut heard, 1_600).await[..1_600], &speech(1_600)[..]);
    say(&mut bot, json!({"event": "clear", "streamSid": "MZ0"})).await;
    assert_eq!(said_of(&mut bot, "mark").await["mark"]["name"], "end", "all marks are passed");
    // What is on its way may still come.
    let mut last = Vec::new();
    for _ in 0..25 {
        last = timeout(PATIENCE, heard.recv()).await.unwrap().unwrap().bytes.to_vec();
    }
    assert!(last.iter().all(|byte| *byte == G711::MuLaw.silence()));
}

#[tokio::test]
async fn a_stream_ends_as_the_bot_ends_it() {
    for (ending, expected) in [
        ("close", BotNews::Closed),
        ("vanish", BotNews::Failed(BotFailure::Lost(None))),
        ("failure", BotNews::Failed(BotFailure::Lost(Some(broken())))),
        ("binary", BotNews::Failed(BotFailure::NoText)),
        ("long", BotNews::Failed(BotFailure::NoText)),
    ] {
        let (listener, of) = listen().await;
        let (ours, _phone, mut heard) = call();
        let mut stream = begin(of, 0);
        let mut bot = accept(&listener).await;
        started(&mut stream, ours.control()).await;
        said_of(&mut bot, "media").await;
        match ending {
            "close" => {
                say(&mut bot, media(&speech(3_200))).await;
                bot.close(None).await.unwrap();
                // The end is answered, and what was sent before it is read.
                while let Some(said) = timeout(PATIENCE, bot.next()).await.unwrap() {
                    said.unwrap();
                }
            }
            "vanish" => drop(bot),
            "failure" => {
                let code = tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode::Error;
                let frame =
                    tokio_tungstenite::tungstenite::protocol::CloseFrame { code, reason: "I broke".into() };
                bot.close(Some(frame)).await.unwrap();
            }
            "binary" => bot.send(Message::binary(vec![0; 100])).await.unwrap(),
            _ => drop(bot.send(Message::text("x".repeat(1_000_000))).await),
        }
        assert_eq!(news(&mut stream).await, expected, "{ending}");
        if expected == BotNews::Closed {
            assert_eq!(heard_sound(&mut heard, 3_200).await, speech(3_200), "its last word was heard");
        }
    }
    for rubbish in ["rubbish", "[]", r#"{"event":"media"}"#, r#"{"event":"mark"}"#] {
        let (listener, of) = listen().await;
        let (ours, ..) = call();
        let mut stream = begin(of, 3);
        let mut bot = accept(&listener).await;
        started(&mut stream, ours.control()).await;
        bot.send(Message::text(rubbish)).await.unwrap();
        assert!(matches!(news(&mut stream).await, BotNews::Failed(BotFailure::BadMessage(_))), "{rubbish}");
    }
}

/// The word of a bot that fails.
fn broken() -> BotClose {
    BotClose { code: 1_011, reason: "I broke".to_owned() }
}

#[tokio::test]
async fn a_bot_may_fail_before_anybody_answers() {
    for (said, expected) in [
        (Message::text("rubbish"), BotFailure::BadMessage(BotMessageFault::NoEvent)),
        (Message::binary(vec![0; 100]), BotFailure::NoText),
        (Message::text("x".repeat(1_000_000)), BotFailure::NoText),
        (Message::Close(None), BotFailure::Lost(Some(BotClose { code: 1_005, reason: String::new() }))),
    ] {
        let (listener, of) = listen().await;
        let mut stream = begin(of, 3);
        let mut bot = accept(&listener).await;
        assert_eq!(news(&mut stream).await, BotNews::Connected);
        let early = json!({"event": "mark", "mark": {"name": "early"}});
        say(&mut bot, early).await;
        // One that is too long is not taken to its end.
        drop(bot.send(said).await);
        assert_eq!(news(&mut stream).await, BotNews::Failed(expected));
    }
}

#[tokio::test]
async fn a_call_that_is_over_waits_for_no_last_word() {
    let (listener, of) = listen().await;
    let (ours, phone, _heard) = call();
    let mut stream = begin(of, 0);
    let mut bot = accept(&listener).await;
    started(&mut stream, ours.control()).await;
    say(&mut bot, media(&speech(40_000))).await;
    bot.close(None).await.unwrap();
    while let Some(Ok(_)) = timeout(PATIENCE, bot.next()).await.unwrap() {}
    let before = tokio::runtime::Handle::current().metrics().num_alive_tasks();
    drop((ours, phone));
    stream.stop();
    let over = async {
        // Both sessions and the stream end.
        while tokio::runtime::Handle::current().metrics().num_alive_tasks() + 3 > before {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, over).await.expect("nothing waits for what nobody hears");
}

#[tokio::test]
async fn a_stream_that_is_lost_is_made_again_if_it_may_be() {
    let (listener, of) = listen().await;
    let (ours, _phone, mut heard) = call();
    let mut stream = begin(of, 1);
    let mut bot = accept(&listener).await;
    started(&mut stream, ours.control()).await;
    said_of(&mut bot, "media").await;
    let verdict = HeardReason::Beep.verdict();
    let verdict = HeardVerdict { verdict, reason: HeardReason::Beep, at: 900 };
    stream.answerer(KnownAnswerer { verdict, beep_from: Some(700) });
    said_of(&mut bot, "answerer").await;
    drop(bot);
    let mut bot = accept(&listener).await;
    let begun = said_of(&mut bot, "start").await;
    assert_eq!((&begun["streamSid"], &begun["sequenceNumber"]), (&json!("MZ1"), &json!("1")));
    assert_eq!(news(&mut stream).await, BotNews::Remade(BotFailure::Lost(None)));
    let told = said(&mut bot).await;
    assert_eq!((&told["event"], &told["answerer"]["beepAfter"]), (&json!("answerer"), &json!(700)));
    let again = json!({"event": "media", "media": {"payload": BASE64_STANDARD.encode(speech(800))}});
    say(&mut bot, again).await;
    assert_eq!(&heard_sound(&mut heard, 800).await[..800], speech(800));
    drop(bot);
    assert_eq!(news(&mut stream).await, BotNews::Failed(BotFailure::Lost(None)));
}

#[tokio::test]
async fn a_bot_that_cannot_be_connected_to_says_why() {
    // Nobody listens.
    let (listener, of) = listen().await;
    drop(listener);
    let fault = |news| match news {
        BotNews::Failed(BotFailure::NotConnected(fault)) => fault,
        other => panic!("{other:?}"),
    };
    assert!(matches!(fault(news(&mut begin(of, 0)).await), BotConnectFault::Unreachable(_)));
    // Someone listens, and says nothing.
    let (_silent, of) = listen().await;
    assert!(matches!(fault(news(&mut begin(of, 0)).await), BotConnectFault::TimedOut(_)));
    // Someone speaks another language, over a connection of its own and over TLS that is none.
    for scheme in ["ws", "wss"] {
        let (listener, of) = listen().await;
        let speaking = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.write_all(b"220 mail.example.com\r\n\r\n").await.unwrap();
            let _ = stream.read_to_end(&mut Vec::new()).await;
        });
        let url = format!("{scheme}://{of}/bot").parse().unwrap();
        let address = BotAddress { url, ..address(of) };
        let refused = connect(&address, PATIENCE).await.err().unwrap();
        assert!(matches!(refused, BotConnectFault::Handshake(_)), "{scheme}: {refused:?}");
        speaking.abort();
    }
    for (answer, expected) in [
        ("503 Full\r\nRetry-After: 7", BotConnectFault::Full(Duration::from_secs(7))),
        ("429 Slow\r\nX: y", BotConnectFault::Full(Duration::from_secs(5))),
        ("401 No\r\nX: y", BotConnectFault::Refused(401)),
    ] {
        let (listener, of) = listen().await;
        let mut stream = begin(of, 0);
        let answering = tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let _ = stream.read(&mut [0; 2_000]).await.unwrap();
                let head = format!("HTTP/1.1 {answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                stream.write_all(head.as_bytes()).await.unwrap();
            }
        });
        assert_eq!(fault(news(&mut stream).await), expected);
        answering.abort();
    }
}
