//! The task that holds a call's socket and its clock.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    sync::mpsc,
    task::JoinHandle,
    time::{Instant, sleep_until, timeout},
};

use super::{
    CallMedia, HeardSound, MOST_EVENTS, MediaEvent, MediaSettings, MediaStatistics, PromptSound, SoundQueue,
    recorder::{CallRecorder, FrameFate},
};
use crate::{ports::RtpSocket, recording::RecordingSink, rtp::MOST_PACKET_BYTES, sdp::AgreedMedia};

/// How many commands wait at most.
const MOST_COMMANDS: usize = 64;

/// How many packets of sound may be on their way from one call to another.
const MOST_RELAYED: usize = 16;

/// How late a packet may be and still be sent, after those before it; later ones are skipped, for nobody would hear them in time.
const LATEST: Duration = Duration::from_millis(100);

/// The sound of a call; when this is dropped it ends, and its port is free again.
#[derive(Debug)]
pub struct MediaSession {
    control: MediaControl,
    events: mpsc::Receiver<MediaEvent>,
    task: JoinHandle<MediaStatistics>,
}

/// What a session may be told, from anywhere, whether it still lasts or not. Cheap to clone.
#[derive(Clone, Debug)]
pub struct MediaControl(mpsc::Sender<MediaCommand>);

#[derive(Debug)]
enum MediaCommand {
    Play { id: u64, prompt: Arc<PromptSound>, ends_at_digit: bool },
    Stop,
    SendDigits(String),
    Answered,
    Retarget(Box<AgreedMedia>),
    Bridge(SoundBridge),
    Stream(SoundStream),
    EndStream,
    Listen(mpsc::Sender<HeardSound>),
    Record(Box<dyn RecordingSink>),
    End,
}

/// One end of a bridge: where goes what is heard, and whence comes what is sent.
#[derive(Debug)]
struct SoundBridge {
    heard: mpsc::Sender<HeardSound>,
    relayed: mpsc::Receiver<HeardSound>,
}

/// What somebody hears of a call and says in it who is no caller: a bot.
#[derive(Debug)]
pub struct SoundStream {
    /// Where goes what is heard; where there is no room it is dropped and counted.
    pub heard: mpsc::Sender<HeardSound>,
    /// Whence comes what is sent while nothing is played.
    pub queue: Arc<SoundQueue>,
}

impl MediaControl {
    /// Plays a prompt in place of what is played now; `ends_at_digit`: a key that the other side presses ends it. As with all of
    /// these: whether the session takes it, which it does not when it is over.
    pub fn play(&self, id: u64, prompt: Arc<PromptSound>, ends_at_digit: bool) -> bool {
        self.tell(MediaCommand::Play { id, prompt, ends_at_digit })
    }

    /// Ends what is played.
    pub fn stop(&self) -> bool {
        self.tell(MediaCommand::Stop)
    }

    /// Sends digits: `0` to `9`, `*`, `#`, `A` to `D`, and commas, each a pause of a second.
    pub fn send_digits(&self, digits: impl Into<String>) -> bool {
        self.tell(MediaCommand::SendDigits(digits.into()))
    }

    /// Someone answered: what comes from now on is theirs.
    pub fn answered(&self) -> bool {
        self.tell(MediaCommand::Answered)
    }

    /// Follows what was agreed anew: another address, another codec, hold, or its end.
    pub fn retarget(&self, agreed: AgreedMedia) -> bool {
        self.tell(MediaCommand::Retarget(Box::new(agreed)))
    }

    /// Has each of two sessions send what the other hears, until one of them ends. What is played goes first.
    pub fn bridge(&self, other: &Self) -> bool {
        let (heard, relayed_there) = mpsc::channel(MOST_RELAYED);
        let (heard_there, relayed) = mpsc::channel(MOST_RELAYED);
        let there = SoundBridge { heard: heard_there, relayed: relayed_there };
        self.tell(MediaCommand::Bridge(SoundBridge { heard, relayed }))
            && other.tell(MediaCommand::Bridge(there))
    }

    /// Has somebody hear the call and speak in it, in place of whoever did before.
    pub fn stream(&self, stream: SoundStream) -> bool {
        self.tell(MediaCommand::Stream(stream))
    }

    /// Ends that.
    pub fn end_stream(&self) -> bool {
        self.tell(MediaCommand::EndStream)
    }

    /// Has somebody hear the call who says nothing in it, in place of whoever did before; where there is no room what is heard is dropped and
    /// counted.
    pub fn listen(&self, heard: mpsc::Sender<HeardSound>) -> bool {
        self.tell(MediaCommand::Listen(heard))
    }

    /// Records from now on what is sent and heard, in place of what was recorded before.
    pub fn record(&self, sink: Box<dyn RecordingSink>) -> bool {
        self.tell(MediaCommand::Record(sink))
    }

    fn tell(&self, command: MediaCommand) -> bool {
        self.0.try_send(command).is_ok()
    }
}

impl MediaSession {
    /// Begins to send and to receive. Must be called within a tokio runtime.
    pub fn start(socket: RtpSocket, agreed: AgreedMedia, settings: MediaSettings) -> Self {
        let (commands, waiting) = mpsc::channel(MOST_COMMANDS);
        let (told, events) = mpsc::channel(MOST_EVENTS);
        let now = Instant::now();
        let running = RunningSession {
            media: CallMedia::new(now.into_std(), agreed, &settings),
            statistics: MediaStatistics::default(),
            socket,
            told,
            untold: None,
            listener: settings.listener,
            bridge: None,
            streamed: None,
            recorder: None,
            due: now,
        };
        Self { control: MediaControl(commands), events, task: tokio::spawn(running.run(waiting)) }
    }

    /// What tells the session what to do.
    pub const fn control(&self) -> &MediaControl {
        &self.control
    }

    /// The next event; `None` when the session is over. May be dropped and asked again without loss.
    pub async fn event(&mut self) -> Option<MediaEvent> {
        self.events.recv().await
    }

    /// Ends the session: what it did.
    pub async fn end(mut self) -> MediaStatistics {
        // Where this fails, it is over already.
        let _ = self.control.0.send(MediaCommand::End).await;
        (&mut self.task).await.unwrap_or_default()
    }
}

impl Drop for MediaSession {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct RunningSession {
    media: CallMedia,
    statistics: MediaStatistics,
    socket: RtpSocket,
    told: mpsc::Sender<MediaEvent>,
    /// An event for which there was no room.
    untold: Option<MediaEvent>,
    listener: Option<mpsc::Sender<HeardSound>>,
    bridge: Option<SoundBridge>,
    /// Who hears the call and speaks in it.
    streamed: Option<mpsc::Sender<HeardSound>>,
    recorder: Option<CallRecorder>,
    /// When the next packet is to be sent. Each frame is a frame after the one before, however late that was.
    due: Instant,
}

impl RunningSession {
    async fn run(mut self, mut commands: mpsc::Receiver<MediaCommand>) -> MediaStatistics {
        let mut buffer = [0; MOST_PACKET_BYTES + 1];
        let timer = sleep_until(self.due);
        tokio::pin!(timer);
        let mut can_receive = true;
        loop {
            tokio::select! {
                // Whoever floods the port delays neither what is sent nor the end.
                biased;
                command = commands.recv() => match command {
                    Some(command) if !matches!(command, MediaCommand::End) => self.command(command),
                    _ => break,
                },
                () = &mut timer => {
                    let fate = self.send().await;
                    self.record(fate);
                    timer.as_mut().reset(self.due);
                    can_receive = true;
                }
                relayed = next_relayed(&mut self.bridge) => self.relay(relayed),
                came = self.socket.socket.recv_from(&mut buffer), if can_receive => match came {
                    Ok((length, from)) => self.receive(from, &buffer[..length]),
                    // Whatever it is, it is asked again after the next frame, not at once.
                    Err(_) => can_receive = false,
                },
            }
            self.tell_events();
        }
        self.finish()
    }

    fn command(&mut self, command: MediaCommand) {
        let now = Instant::now().into_std();
        match command {
            MediaCommand::Play { id, prompt, ends_at_digit } => self.media.play(id, prompt, ends_at_digit),
            MediaCommand::Stop => self.media.stop(),
            MediaCommand::SendDigits(digits) => self.media.send_digits(&digits),
            MediaCommand::Answered => self.media.answered(now),
            MediaCommand::Retarget(agreed) => self.media.retarget(now, *agreed),
            MediaCommand::Bridge(bridge) => self.bridge = Some(bridge),
            MediaCommand::Stream(SoundStream { heard, queue }) => {
                self.streamed = Some(heard);
                self.media.stream(Some(queue));
            }
            MediaCommand::EndStream => {
                self.streamed = None;
                self.media.stream(None);
            }
            MediaCommand::Listen(heard) => self.listener = Some(heard),
            MediaCommand::Record(sink) => self.recorder = Some(CallRecorder::new(&self.media, sink)),
            MediaCommand::End => {}
        }
    }

    async fn send(&mut self) -> FrameFate {
        let now = Instant::now();
        let frame = self.media.frame();
        let late = now.saturating_duration_since(self.due);
        if late > LATEST {
            let missed = u32::try_from(late.as_millis() / frame.as_millis().max(1)).unwrap_or(u32::MAX);
            self.media.skip(missed);
            if let Some(recorder) = &mut self.recorder {
                recorder.skipped(missed, &self.media);
            }
            self.statistics.skipped += u64::from(missed);
            self.due += frame * missed;
        }
        self.due += frame;
        let Some((target, packet)) = self.media.next_packet(now.into_std()) else { return FrameFate::None };
        self.statistics.lateness.add(late);
        let target = reachable(target, self.socket.is_ipv6());
        // Where the system has no room for so long, the packet is late anyway.
        let sending = timeout(LATEST, self.socket.socket.send_to(packet, target));
        if matches!(sending.await, Ok(Ok(_))) {
            return FrameFate::Left;
        }
        self.statistics.send_failures += 1;
        FrameFate::Failed
    }

    fn record(&mut self, fate: FrameFate) {
        if let Some(recorder) = &mut self.recorder {
            recorder.frame(&self.media, fate);
        }
    }

    /// Takes what came of the other call; `None`: that is over.
    fn relay(&mut self, relayed: Option<HeardSound>) {
        if let Some(relayed) = relayed {
            self.media.relay(&relayed);
        } else {
            self.bridge = None;
            self.media.end_relay();
        }
    }

    fn receive(&mut self, from: SocketAddr, datagram: &[u8]) {
        let heard = self.media.receive(Instant::now().into_std(), from, datagram);
        if let (Some(recorder), Some(number)) = (&mut self.recorder, self.media.heard_number()) {
            recorder.heard(number, heard.as_ref());
        }
        let Some(heard) = heard else { return };
        let bridged = self.bridge.as_ref().map(|bridge| &bridge.heard);
        for listener in [bridged, self.streamed.as_ref(), self.listener.as_ref()].into_iter().flatten() {
            let unheard = listener.try_send(heard.clone()).is_err();
            self.statistics.unheard += u64::from(unheard);
        }
        // Whoever has heard enough is not told any more.
        self.listener.take_if(|listener| listener.is_closed());
    }

    /// Tells what there is room for; the rest waits for the next turn.
    fn tell_events(&mut self) {
        while let Some(event) = self.untold.take().or_else(|| self.media.event()) {
            // Where nobody wants to know any more, it is forgotten.
            if let Err(mpsc::error::TrySendError::Full(event)) = self.told.try_send(event) {
                self.untold = Some(event);
                break;
            }
        }
    }

    fn finish(self) -> MediaStatistics {
        let (received, received_early, made, untold) = self.media.counts();
        let sent = made.saturating_sub(self.statistics.send_failures);
        MediaStatistics { sent, received, received_early, untold, ..self.statistics }
    }
}

/// What comes next of another call; `None`: nothing will any more. For ever, where there is none.
async fn next_relayed(bridge: &mut Option<SoundBridge>) -> Option<HeardSound> {
    match bridge {
        Some(bridge) => bridge.relayed.recv().await,
        None => std::future::pending().await,
    }
}

/// An address as a socket of its family knows it.
fn reachable(target: SocketAddr, over_ipv6: bool) -> SocketAddr {
    match target {
        SocketAddr::V4(target) if over_ipv6 => (target.ip().to_ipv6_mapped(), target.port()).into(),
        target => target,
    }
}
