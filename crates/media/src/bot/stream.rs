//! A call's stream to its bot: a task that connects, waits for the answer, and then carries sound, keys and marks to and fro.

use std::{fmt, sync::Arc, time::Duration};

use futures_util::{SinkExt as _, StreamExt as _, future::BoxFuture};
use tokio::{
    sync::mpsc,
    task::JoinHandle,
    time::{Instant, MissedTickBehavior, interval, sleep, sleep_until, timeout, timeout_at},
};
use tokio_tungstenite::tungstenite::{self, Message, protocol::frame::coding::CloseCode};

use super::{
    BotConnectFault, BotMessage, BotMessageFault, BotSocket, HeardFrames, StreamStart, StreamWriter,
};
use crate::{
    answering_machine::KnownAnswerer,
    session::{HeardSound, MediaControl, SoundQueue, SoundStream},
};

/// How many commands and how many packets of sound wait at most for a stream.
const MOST_COMMANDS: usize = 64;
const MOST_HEARD: usize = 50;

/// How long to wait between two tries to connect.
const BETWEEN_TRIES: Duration = Duration::from_millis(250);

/// How long a bot may take a message that is written to it.
const WRITE_PATIENCE: Duration = Duration::from_secs(2);

/// How often a bot is asked whether it is there, and after how long without a word it is not.
const PING_EVERY: Duration = Duration::from_secs(5);
const LONGEST_QUIET: Duration = Duration::from_secs(15);

/// How long a bot may take to close its end.
const CLOSE_PATIENCE: Duration = Duration::from_secs(1);

/// Makes the connection of a stream, the first or a later one: with what the stream says of itself.
pub type OpenBotSocket =
    Arc<dyn Fn(u32) -> BoxFuture<'static, Result<(BotSocket, StreamStart), BotConnectFault>> + Send + Sync>;

/// What a stream is made of.
pub struct BotStreamParts {
    /// Makes its connections.
    pub open: OpenBotSocket,
    /// How long a connection may take, with all tries.
    pub connect_within: Duration,
    /// How often a stream that is lost is made again.
    pub reconnects: u32,
}

/// What became of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BotNews {
    /// The bot is connected.
    Connected,
    /// It was lost, as this says, and is made again: the bot has the call.
    Remade(BotFailure),
    /// There is no stream, or no longer, by a fault of the bot's; nothing follows.
    Failed(BotFailure),
    /// The bot has closed the stream, and all that it said has been played; nothing follows.
    Closed,
}

/// How a bot failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BotFailure {
    /// It could not be connected to.
    #[error("cannot be connected to: {0}")]
    NotConnected(#[from] BotConnectFault),
    /// The connection was lost, or closed as none is that is meant to end.
    #[error("the connection was lost")]
    Lost(Option<BotClose>),
    /// It does not read what is written to it, or says nothing any more.
    #[error("it does not answer any more")]
    Stalled,
    /// It said something that is no message.
    #[error("{0}")]
    BadMessage(#[from] BotMessageFault),
    /// It sent a message that is too long, or is no text.
    #[error("a message is longer than 64 kB, or is no text")]
    NoText,
}

/// The word with which a bot closed its connection. No log has it: the bot may say anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BotClose {
    /// The code (RFC 6455 section 7.4); 1005 is none.
    pub code: u16,
    /// The reason, if it gave one.
    pub reason: String,
}

impl fmt::Display for BotClose {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "closed with {}", self.code)?;
        if self.reason.is_empty() { Ok(()) } else { write!(formatter, ": {}", self.reason) }
    }
}

enum BotCommand {
    Start(MediaControl),
    Digit(char),
    Answerer(KnownAnswerer),
    Stop,
}

/// A stream. When it is dropped it ends, without a word.
#[derive(Debug)]
pub struct BotStream {
    commands: mpsc::Sender<BotCommand>,
    news: mpsc::Receiver<BotNews>,
    /// `None` once it ends by itself.
    task: Option<JoinHandle<()>>,
}

impl BotStream {
    /// Begins to connect. Must be called within a tokio runtime.
    pub fn begin(parts: BotStreamParts) -> Self {
        let (commands, waiting) = mpsc::channel(MOST_COMMANDS);
        // Two are told beside those that are lost and made again; who has no room for more is waited for.
        let (tells, told) = mpsc::channel(4);
        let running = RunningStream { parts, commands: waiting, tells, opened: 0, answerer: None };
        Self { commands, news: told, task: Some(tokio::spawn(running.run())) }
    }

    /// Whoever answered is there: the bot hears and is heard from now on.
    pub fn start(&self, sound: MediaControl) {
        let _ = self.commands.try_send(BotCommand::Start(sound));
    }

    /// The callee pressed a key.
    pub fn digit(&self, digit: char) {
        // Where there is no room the bot does not read, and fails.
        let _ = self.commands.try_send(BotCommand::Digit(digit));
    }

    /// It is known who answered, or known better than before.
    pub fn answerer(&self, known: KnownAnswerer) {
        let _ = self.commands.try_send(BotCommand::Answerer(known));
    }

    /// Ends the stream as Twilio does, with `stop`, also when this is dropped right after.
    pub fn stop(mut self) {
        let _ = self.commands.try_send(BotCommand::Stop);
        // What is left to do has bounds of its own.
        self.task = None;
    }

    /// What becomes of it next; may be dropped and asked again. For ever, once there is nothing more.
    pub async fn news(&mut self) -> BotNews {
        match self.news.recv().await {
            Some(news) => news,
            None => std::future::pending().await,
        }
    }
}

impl Drop for BotStream {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

struct RunningStream {
    parts: BotStreamParts,
    commands: mpsc::Receiver<BotCommand>,
    tells: mpsc::Sender<BotNews>,
    /// How many connections were made.
    opened: u32,
    /// Who answered, as far as is known: each connection is told.
    answerer: Option<KnownAnswerer>,
}

/// How a part of a stream's life ended.
enum StreamEnd {
    /// We ended it.
    Stopped,
    /// The bot closed it.
    Closed,
    /// It failed.
    Failed(BotFailure),
}

impl RunningStream {
    async fn run(mut self) {
        let news = match self.live().await {
            StreamEnd::Stopped => return,
            StreamEnd::Closed => BotNews::Closed,
            StreamEnd::Failed(failure) => BotNews::Failed(failure),
        };
        let _ = self.tells.send(news).await;
    }

    async fn live(&mut self) -> StreamEnd {
        let mut connected = match self.connect().await {
            Ok(connected) => connected,
            Err(ended) => return ended,
        };
        let _ = self.tells.send(BotNews::Connected).await;
        let sound = match self.wait_for_start(&mut connected).await {
            Ok(sound) => sound,
            Err(ended) => return ended,
        };
        let queue = Arc::new(SoundQueue::default());
        let mut left = self.parts.reconnects;
        loop {
            let (heard, hearing) = mpsc::channel(MOST_HEARD);
            if !sound.stream(SoundStream { heard, queue: Arc::clone(&queue) }) {
                return StreamEnd::Stopped;
            }
            let (socket, start) = connected;
            let (writer, answerer) = (StreamWriter::new(start), &mut self.answerer);
            let talk = Talk { socket, writer, queue: &queue, hearing, answerer };
            let ended = talk.run(&mut self.commands).await;
            let failure = match ended {
                StreamEnd::Failed(failure @ (BotFailure::Lost(_) | BotFailure::Stalled)) if left > 0 => {
                    left -= 1;
                    failure
                }
                StreamEnd::Closed => {
                    played_out(&queue, &mut self.commands).await;
                    sound.end_stream();
                    return StreamEnd::Closed;
                }
                ended => {
                    sound.end_stream();
                    return ended;
                }
            };
            // What it said last was meant to go on, and the next stream knows nothing of its marks.
            queue.clear();
            drop(queue.take_passed());
            connected = match self.connect().await {
                Ok(connected) => connected,
                Err(ended) => return ended,
            };
            let _ = self.tells.send(BotNews::Remade(failure)).await;
        }
    }

    /// Connects, with as many tries as there is time for.
    async fn connect(&mut self) -> Result<(BotSocket, StreamStart), StreamEnd> {
        let until = Instant::now() + self.parts.connect_within;
        loop {
            let opening = (self.parts.open)(self.opened);
            let fault = match timeout_at(until, opening).await {
                Ok(Ok(connected)) => {
                    self.opened += 1;
                    return Ok(connected);
                }
                Ok(Err(fault)) => fault,
                Err(_) => BotConnectFault::TimedOut(self.parts.connect_within),
            };
            if Instant::now() + BETWEEN_TRIES >= until || matches!(fault, BotConnectFault::Full(_)) {
                return Err(StreamEnd::Failed(fault.into()));
            }
            sleep(BETWEEN_TRIES).await;
        }
    }

    /// Holds the connection until the call is answered.
    async fn wait_for_start(
        &mut self,
        (socket, start): &mut (BotSocket, StreamStart),
    ) -> Result<MediaControl, StreamEnd> {
        loop {
            tokio::select! {
                command = self.commands.recv() => match command {
                    Some(BotCommand::Start(sound)) => return Ok(sound),
                    Some(BotCommand::Digit(_)) => {}
                    Some(BotCommand::Answerer(known)) => self.answerer = Some(known),
                    Some(BotCommand::Stop) | None => {
                        close(socket).await;
                        return Err(StreamEnd::Stopped);
                    }
                },
                // Nothing has begun that a message could be about.
                said = socket.next() => drop(read(said, &start.stream_sid).map_err(NoMessage::before_start)?),
            }
        }
    }
}

/// Waits until all has been played that a bot said, or the call is over.
async fn played_out(queue: &SoundQueue, commands: &mut mpsc::Receiver<BotCommand>) {
    while !queue.is_empty() {
        tokio::select! {
            () = queue.changed() => {}
            command = commands.recv() => {
                if matches!(command, Some(BotCommand::Stop) | None) {
                    return;
                }
            }
        }
    }
}

/// Closes a connection, or answers that the bot has.
async fn close(socket: &mut BotSocket) {
    let closing = async {
        let _ = socket.close(None).await;
        // The answer to a bot's closing leaves only when more is asked for.
        while let Some(Ok(_)) = socket.next().await {}
    };
    let _ = timeout(CLOSE_PATIENCE, closing).await;
}

/// What came instead of a message.
enum NoMessage {
    /// The bot closed the connection.
    Closed(BotClose),
    /// It failed.
    Failed(BotFailure),
}

impl NoMessage {
    /// What it means while nobody has answered: then no bot is done with a call.
    fn before_start(self) -> StreamEnd {
        StreamEnd::Failed(match self {
            Self::Closed(close) => BotFailure::Lost(Some(close)),
            Self::Failed(failure) => failure,
        })
    }

    /// What it means in the middle of a call.
    fn in_talk(self) -> StreamEnd {
        const MEANT: [CloseCode; 3] = [CloseCode::Normal, CloseCode::Away, CloseCode::Status];
        match self {
            Self::Closed(close) if MEANT.map(u16::from).contains(&close.code) => StreamEnd::Closed,
            other => other.before_start(),
        }
    }
}

/// Reads what a bot said on the stream of this name.
fn read(
    said: Option<Result<Message, tungstenite::Error>>,
    stream_sid: &str,
) -> Result<BotMessage, NoMessage> {
    match said {
        Some(Ok(Message::Text(text))) => {
            BotMessage::read(&text, stream_sid).map_err(|fault| NoMessage::Failed(fault.into()))
        }
        Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => Ok(BotMessage::Other),
        Some(Ok(Message::Binary(_)) | Err(tungstenite::Error::Capacity(_) | tungstenite::Error::Utf8(_))) => {
            Err(NoMessage::Failed(BotFailure::NoText))
        }
        Some(Ok(Message::Close(frame))) => {
            let (code, reason) = frame
                .map_or((CloseCode::Status, String::new()), |frame| (frame.code, frame.reason.to_string()));
            Err(NoMessage::Closed(BotClose { code: code.into(), reason }))
        }
        Some(Err(_)) | None => Err(NoMessage::Failed(BotFailure::Lost(None))),
    }
}

/// A stream between its start and its end.
struct Talk<'t> {
    socket: BotSocket,
    writer: StreamWriter,
    queue: &'t SoundQueue,
    hearing: mpsc::Receiver<HeardSound>,
    answerer: &'t mut Option<KnownAnswerer>,
}

/// What a stream waits for.
enum TalkEvent {
    Command(Option<BotCommand>),
    Heard(Option<HeardSound>),
    Said(Option<Result<Message, tungstenite::Error>>),
    Played,
    Quiet,
    TimeToAsk,
}

impl Talk<'_> {
    async fn run(mut self, commands: &mut mpsc::Receiver<BotCommand>) -> StreamEnd {
        match self.talk(commands).await {
            Ok(()) => {
                let stopped = self.writer.stopped();
                let _ = self.write([stopped]).await;
                close(&mut self.socket).await;
                StreamEnd::Stopped
            }
            Err(ended) => {
                // One that is gone is told nothing more.
                let is_gone = matches!(ended, StreamEnd::Failed(BotFailure::Lost(_) | BotFailure::Stalled));
                if !is_gone {
                    close(&mut self.socket).await;
                }
                ended
            }
        }
    }

    /// Carries what there is until we end it.
    async fn talk(&mut self, commands: &mut mpsc::Receiver<BotCommand>) -> Result<(), StreamEnd> {
        let started = self.writer.started();
        self.write([StreamWriter::connected(), started]).await?;
        if let Some(known) = *self.answerer {
            self.write_answerer(known).await?;
        }
        let mut frames = HeardFrames::new(Instant::now().into_std());
        let mut ask = interval(PING_EVERY);
        ask.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut last_word = Instant::now();
        loop {
            let has_room = self.queue.has_room();
            let quiet_at = Instant::from_std(frames.next_pass());
            let event = tokio::select! {
                biased;
                command = commands.recv() => TalkEvent::Command(command),
                () = self.queue.changed() => TalkEvent::Played,
                heard = self.hearing.recv() => TalkEvent::Heard(heard),
                said = self.socket.next(), if has_room => TalkEvent::Said(said),
                () = sleep_until(quiet_at) => TalkEvent::Quiet,
                _ = ask.tick() => TalkEvent::TimeToAsk,
            };
            let now = Instant::now();
            // Whoever is made to wait cannot answer.
            if matches!(event, TalkEvent::Said(_)) || !has_room {
                last_word = now;
            }
            match event {
                TalkEvent::Command(Some(BotCommand::Digit(digit))) => {
                    let message = self.writer.digit(digit);
                    self.write([message]).await?;
                }
                TalkEvent::Command(Some(BotCommand::Answerer(known))) => self.write_answerer(known).await?,
                TalkEvent::Heard(Some(heard)) if !heard.is_early => {
                    self.write_frames(frames.push(&heard, now.into_std())).await?;
                }
                TalkEvent::Command(Some(BotCommand::Start(_))) | TalkEvent::Heard(Some(_)) => {}
                TalkEvent::Command(Some(BotCommand::Stop) | None) | TalkEvent::Heard(None) => return Ok(()),
                TalkEvent::Quiet => self.write_frames(frames.pass(now.into_std())).await?,
                TalkEvent::Played => self.write_marks().await?,
                TalkEvent::Said(said) => self.hear(said)?,
                TalkEvent::TimeToAsk => self.ask(now.duration_since(last_word)).await?,
            }
        }
    }

    /// Asks whether the bot is there, which said nothing for so long.
    async fn ask(&mut self, quiet: Duration) -> Result<(), StreamEnd> {
        if quiet > LONGEST_QUIET {
            return Err(StreamEnd::Failed(BotFailure::Stalled));
        }
        self.send(Message::Ping(Vec::new().into())).await
    }

    fn hear(&mut self, said: Option<Result<Message, tungstenite::Error>>) -> Result<(), StreamEnd> {
        match read(said, &self.writer.start().stream_sid).map_err(NoMessage::in_talk)? {
            BotMessage::Media(sound) => self.queue.push(&sound),
            BotMessage::Mark(name) => self.queue.mark(name),
            BotMessage::Clear => self.queue.clear(),
            BotMessage::Other => {}
        }
        Ok(())
    }

    async fn write_frames(&mut self, frames: Vec<Vec<u8>>) -> Result<(), StreamEnd> {
        let messages: Vec<String> = frames.iter().map(|frame| self.writer.media(frame)).collect();
        self.write(messages).await
    }

    async fn write_marks(&mut self) -> Result<(), StreamEnd> {
        let passed = self.queue.take_passed();
        let messages: Vec<String> = passed.iter().map(|name| self.writer.mark(name)).collect();
        self.write(messages).await
    }

    async fn write_answerer(&mut self, known: KnownAnswerer) -> Result<(), StreamEnd> {
        *self.answerer = Some(known);
        let message = self.writer.answerer(known);
        self.write([message]).await
    }

    async fn write(&mut self, messages: impl IntoIterator<Item = String>) -> Result<(), StreamEnd> {
        for message in messages {
            self.send(Message::text(message)).await?;
        }
        Ok(())
    }

    async fn send(&mut self, message: Message) -> Result<(), StreamEnd> {
        match timeout(WRITE_PATIENCE, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(StreamEnd::Failed(BotFailure::Lost(None))),
            Err(_) => Err(StreamEnd::Failed(BotFailure::Stalled)),
        }
    }
}
