//! Many calls at once with a bot, which says back what it hears and now and then says too much and takes it back: what the program adds to the way
//! from a phone to the bot and back, beside a loop that only carries packets between the two; and how soon what is taken back is not heard any more.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use domain::{Bot, BotConnect, BotStep, BotUrl, BotWeight, Bounded, StepAction};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use test_support::{DatabaseKind, Program, SetClock, create_script_of};
use tokio::{
    net::{TcpListener, TcpStream, UdpSocket},
    time::timeout_at,
};
use tokio_tungstenite::{WebSocketStream, accept_async, client_async, tungstenite::Message};

use super::{
    dialtime::{Plan, make_list, serve, until_called},
    echo::{CLEARED_AFTER, Course, ECHOES, FLOOD_EVERY, FLOODS, FRAME_BYTES, Frame, Tally, apart},
    phones::{self, Phone, rtp},
    world::World,
};

/// A script that hands the call to the bot.
const TALKS: i64 = 299;

/// How many calls begin a second.
const RATE: usize = 50;

/// Has so many calls at once with a bot, and tells of them and of the floor.
pub(crate) async fn talk(database: DatabaseKind, calls: usize) {
    if calls == 0 {
        return;
    }
    let floor = floor(calls).await;
    let course = Arc::new(Course::new(calls));
    let (bot, port) = (listen(Arc::clone(&course)).await, phones::listen(Arc::clone(&course)).await);
    let world = World::new(database, SetClock::real()).await;
    let script = vec![talks(bot)];
    create_script_of(&world.store, world.accounts.user, TALKS, script, &world.change()).await;
    make_list(&world, &Plan { port, script: TALKS, calls, rate: RATE }).await;
    let data = tempfile::tempdir().unwrap();
    let _server = Program::start(&mut serve(&world, data.path()));
    until_called(&world, calls).await;
    tell(&course.tally(), &floor, &format!("{calls} calls at once with a bot, {database:?}"));
}

fn talks(bot: SocketAddr) -> StepAction {
    let url = BotUrl::parse(&format!("ws://{bot}/media")).unwrap();
    let bots = vec![Bot { url, weight: BotWeight::new(1).unwrap(), capacity: None }];
    StepAction::Bot(BotStep {
        bots,
        variables: BTreeMap::new(),
        connect: BotConnect::Answer,
        reconnects: Bounded::or(0),
        next: None,
    })
}

fn tell(own: &Tally, floor: &Tally, what: &str) {
    let heard = own.whole.len();
    println!(
        "  {what}: {heard} of {} frames came back from it; times in ms, half / 99 of 100 / all at most",
        own.answered
    );
    println!(
        "    added by the program: {} (from phone to bot {}, after its place {})",
        own.added.text(),
        own.there.text(),
        own.late.text()
    );
    println!(
        "    waited for its place, which comes every 20 ms with one frame kept ahead: {}",
        own.waited.text()
    );
    println!(
        "    the whole way: {}; by a loop that only carries packets: {}",
        own.whole.text(),
        floor.whole.text()
    );
    println!("    heard after `clear`: {} ({} times)", own.clear.text(), own.clear.len());
}

/// The same phones and the same bot, with nothing between them but a loop.
async fn floor(calls: usize) -> Tally {
    let course = Arc::new(Course::new(calls));
    let bot = listen(Arc::clone(&course)).await;
    let mut loops = Vec::new();
    for nth in 0..calls {
        let (sound, carrier) = (local().await, local().await);
        let to = carrier.local_addr().unwrap();
        carrier.connect(sound.local_addr().unwrap()).await.unwrap();
        let ends = Arc::new(AtomicBool::new(false));
        let phone = Phone { nth, sound, to, ends: Arc::clone(&ends) };
        tokio::spawn(phone.talk(Arc::clone(&course)));
        loops.push(tokio::spawn(carry(carrier, bot, ends)));
    }
    for carried in loops {
        carried.await.unwrap();
    }
    course.tally()
}

async fn local() -> UdpSocket {
    UdpSocket::bind("127.0.0.1:0").await.unwrap()
}

/// Carries packets to a bot and back, until it closes.
async fn carry(phone: UdpSocket, bot: SocketAddr, ends: Arc<AtomicBool>) {
    let stream = TcpStream::connect(bot).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (mut socket, _) = client_async(format!("ws://{bot}/media"), stream).await.unwrap();
    let start = json!({"event": "start", "start": {"streamSid": "MZ"}, "streamSid": "MZ"});
    socket.send(Message::text(start.to_string())).await.unwrap();
    let (mut packet, mut number) = ([0; 1_500], 0_u16);
    loop {
        tokio::select! {
            length = phone.recv(&mut packet) => {
                let media = media("MZ", &packet[12..length.unwrap()]);
                socket.send(media).await.unwrap();
            }
            said = socket.next() => match said {
                Some(Ok(Message::Text(text))) => {
                    if let Some(sound) = sound_of(&text).filter(|sound| sound.len() == FRAME_BYTES) {
                        phone.send(&rtp(number, &sound)).await.unwrap();
                        number = number.wrapping_add(1);
                    }
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => break,
                Some(Ok(_)) => {}
            },
        }
    }
    ends.store(true, Ordering::Relaxed);
}

fn media(stream: &str, sound: &[u8]) -> Message {
    let payload = BASE64_STANDARD.encode(sound);
    Message::text(json!({"event": "media", "streamSid": stream, "media": {"payload": payload}}).to_string())
}

fn sound_of(text: &str) -> Option<Vec<u8>> {
    let message: Value = serde_json::from_str(text).unwrap();
    BASE64_STANDARD.decode(message["media"]["payload"].as_str()?).ok()
}

/// A bot at a port of loopback.
async fn listen(course: Arc<Course>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            stream.set_nodelay(true).unwrap();
            let course = Arc::clone(&course);
            tokio::spawn(async move {
                let mut socket = accept_async(stream).await.unwrap();
                // Whoever only asks whether it is there begins no stream.
                if let Some(sid) = started(&mut socket).await {
                    course.begin_one();
                    Conversation { socket, sid, course, phone: None }.hold().await;
                }
            });
        }
    });
    address
}

async fn started(socket: &mut WebSocketStream<TcpStream>) -> Option<String> {
    while let Some(Ok(message)) = socket.next().await {
        let Message::Text(text) = message else { continue };
        let message: Value = serde_json::from_str(&text).unwrap();
        if message["event"] == "start" {
            return message["streamSid"].as_str().map(str::to_owned);
        }
    }
    None
}

/// What a bot does at a certain moment.
enum Turn {
    Flood(u8),
    Clear(u8),
    Close,
}

/// A bot's stream.
struct Conversation {
    socket: WebSocketStream<TcpStream>,
    sid: String,
    course: Arc<Course>,
    /// Whose it is, once that is heard.
    phone: Option<usize>,
}

impl Conversation {
    /// Says back what it hears, then floods the phone and takes it back, some times.
    async fn hold(mut self) {
        let mut turns = turns().into_iter();
        let mut next = turns.next();
        while let Some((after, turn)) = &next {
            let far = Instant::now() + Duration::from_secs(1);
            let due = self.course.begun().zip(self.phone);
            let due = due.map_or(far, |(begun, phone)| begun + ECHOES + *after + apart(phone));
            match timeout_at(due.into(), self.socket.next()).await {
                Ok(Some(Ok(message))) => self.hear(&message, after.is_zero()).await,
                Ok(_) => return,
                Err(_) if due == far => {}
                Err(_) => {
                    self.take(turn).await;
                    next = turns.next();
                }
            }
        }
    }

    async fn hear(&mut self, message: &Message, says_back: bool) {
        let Message::Text(text) = message else { return };
        let Some(sound) = sound_of(text) else { return };
        let Some(frame @ Frame::Numbered { phone, .. }) = Frame::read(&sound) else { return };
        self.phone = Some(phone);
        self.course.at_bot(frame);
        if says_back {
            let media = media(&self.sid, &sound);
            self.course.answering(frame);
            self.socket.send(media).await.unwrap();
        }
    }

    async fn take(&mut self, turn: &Turn) {
        let message = match *turn {
            Turn::Flood(nth) => media(&self.sid, &Frame::Flood(nth).bytes().repeat(150)),
            Turn::Clear(nth) => {
                self.course.clearing(self.phone.unwrap(), nth);
                Message::text(json!({"event": "clear", "streamSid": self.sid}).to_string())
            }
            Turn::Close => Message::Close(None),
        };
        let _ = self.socket.send(message).await;
        if matches!(turn, Turn::Close) {
            while let Some(Ok(_)) = self.socket.next().await {}
        }
    }
}

/// What bots do once phones were said back for long enough, each with when after that.
fn turns() -> Vec<(Duration, Turn)> {
    let mut turns = Vec::new();
    for nth in 0..FLOODS {
        let begin = FLOOD_EVERY * u32::from(nth);
        turns.extend([(begin, Turn::Flood(nth)), (begin + CLEARED_AFTER, Turn::Clear(nth))]);
    }
    turns.push((FLOOD_EVERY * u32::from(FLOODS), Turn::Close));
    turns
}
