//! What to send in each frame, and what is made of what comes. Pure.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    HeardSound, MOST_EVENTS, MediaEvent, MediaSettings, PromptSound, SoundQueue, prompt::length_of,
    relay::RelayedSound,
};
use crate::{
    g711::G711,
    rtp::{
        DigitReceiver, DigitSender, DigitSign, DigitSignal, HEADER_BYTES, ReceiveCounts, RtpContent,
        RtpReceiver, RtpSender, SAMPLES_A_MILLISECOND,
    },
    sdp::AgreedMedia,
};

/// The sound of a call, without a socket and without a clock.
#[derive(Debug)]
pub struct CallMedia {
    agreed: AgreedMedia,
    sender: RtpSender,
    receiver: RtpReceiver,
    digits_in: DigitReceiver,
    digits_out: DigitSender,
    is_sending_digits: bool,
    playing: Option<PlayingPrompt>,
    /// Sound of another call, where this one is bridged with it.
    relayed: Option<RelayedSound>,
    /// Sound that somebody streams into this call.
    streamed: Option<Arc<SoundQueue>>,
    flow: SendFlow,
    hearing: Hearing,
    events: VecDeque<MediaEvent>,
    untold: u64,
    packet: Vec<u8>,
}

/// What is being played.
#[derive(Debug)]
struct PlayingPrompt {
    id: u64,
    prompt: Arc<PromptSound>,
    /// How many samples were played.
    played: usize,
    ends_at_digit: bool,
}

/// What was sent last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SendFlow {
    Nothing,
    Silence,
    Prompt,
    Relayed,
    Streamed,
}

/// What has come.
#[derive(Debug)]
struct Hearing {
    is_answered: bool,
    /// Whether a packet came before the answer, or after it once that is there.
    has_heard: bool,
    received_early: u64,
    last: Instant,
    silence: Option<Duration>,
    is_silence_told: bool,
}

impl CallMedia {
    /// A call that begins now.
    pub fn new(now: Instant, agreed: AgreedMedia, settings: &MediaSettings) -> Self {
        Self {
            sender: RtpSender::new(settings.source, settings.sequence, settings.timestamp),
            receiver: RtpReceiver::new(agreed.receive, agreed.remote, agreed.may_be_behind_nat()),
            digits_in: DigitReceiver::default(),
            digits_out: DigitSender::default(),
            is_sending_digits: false,
            playing: None,
            relayed: None,
            streamed: None,
            flow: SendFlow::Nothing,
            hearing: Hearing {
                is_answered: settings.answered,
                has_heard: false,
                received_early: 0,
                last: now,
                silence: settings.silence,
                is_silence_told: false,
            },
            events: VecDeque::new(),
            untold: 0,
            packet: Vec::new(),
            agreed,
        }
    }

    /// How long a frame is.
    pub fn frame(&self) -> Duration {
        Duration::from_millis(self.agreed.frame_milliseconds.into())
    }

    /// Makes the packet of the next frame: where to send it, and its bytes; `None` where none is to be sent.
    pub fn next_packet(&mut self, now: Instant) -> Option<(SocketAddr, &[u8])> {
        let sign = self.digits_in.poll(now);
        self.digit(sign);
        self.watch_silence(now);
        let frame = u32::from(self.agreed.frame_milliseconds) * SAMPLES_A_MILLISECOND;
        let target = self.receiver.target().filter(|_| self.agreed.direction.sends());
        let Some(target) = target else {
            // What is played waits until it can be heard.
            self.sender.pass(frame);
            self.flow = SendFlow::Nothing;
            return None;
        };
        match (self.digits_out.next(self.sender.timestamp(), frame), self.agreed.send_digits) {
            (DigitSignal::Event { timestamp, payload, begins }, Some(payload_type)) => {
                self.sender.event(payload_type, timestamp, payload, begins, &mut self.packet);
                self.sender.pass(frame);
                self.flow = SendFlow::Nothing;
            }
            (DigitSignal::Nothing, _) => self.sound(frame as usize),
            (DigitSignal::Gap | DigitSignal::Event { .. }, _) => self.silence(frame as usize),
        }
        if self.is_sending_digits && self.digits_out.is_idle() {
            self.is_sending_digits = false;
            self.tell(MediaEvent::DigitsSent { is_sent: true });
        }
        Some((target, &self.packet))
    }

    /// Lets frames pass whose time is over.
    pub fn skip(&mut self, frames: u32) {
        let frame = u32::from(self.agreed.frame_milliseconds) * SAMPLES_A_MILLISECOND;
        self.sender.pass(frame.wrapping_mul(frames));
        self.flow = SendFlow::Nothing;
    }

    /// Takes what came to the socket: the sound in it, if it is the other side's.
    pub fn receive(&mut self, now: Instant, from: SocketAddr, datagram: &[u8]) -> Option<HeardSound> {
        let content = self.receiver.receive(now, from, datagram)?;
        let is_early = !self.hearing.is_answered;
        self.hearing.received_early += u64::from(is_early);
        self.hearing.last = now;
        self.hearing.is_silence_told = false;
        let is_first = !std::mem::replace(&mut self.hearing.has_heard, true);
        let heard = match content {
            RtpContent::Sound { codec, number, timestamp, payload } => {
                Some(HeardSound { is_early, codec, number, timestamp, bytes: payload.into() })
            }
            RtpContent::Event(event) => {
                for sign in self.digits_in.receive(now, event) {
                    self.digit(sign);
                }
                None
            }
            RtpContent::Other => None,
        };
        if is_first {
            self.tell(MediaEvent::FirstPacket { is_early });
        }
        heard
    }

    /// Plays a prompt in place of what is played now.
    pub fn play(&mut self, id: u64, prompt: Arc<PromptSound>, ends_at_digit: bool) {
        self.stop();
        self.playing = Some(PlayingPrompt { id, prompt, played: 0, ends_at_digit });
    }

    /// Sends what came of another call while nothing is played.
    pub fn relay(&mut self, heard: &HeardSound) {
        self.relayed.get_or_insert_default().push(heard);
    }

    /// Nothing more comes of another call.
    pub fn end_relay(&mut self) {
        self.relayed = None;
    }

    /// Sends what somebody streams into the call while nothing is played; `None`: nobody does any more.
    pub fn stream(&mut self, queue: Option<Arc<SoundQueue>>) {
        self.streamed = queue;
    }

    /// Ends what is played.
    pub fn stop(&mut self) {
        if let Some(playing) = self.playing.take() {
            let length = length_of(playing.played);
            self.tell(MediaEvent::Played { id: playing.id, is_complete: false, length });
        }
    }

    /// Sends digits, after those that wait; see [`DigitSender::queue`]. What is played waits meanwhile.
    pub fn send_digits(&mut self, digits: &str) {
        if self.agreed.send_digits.is_none() || !self.digits_out.queue(digits) {
            self.tell(MediaEvent::DigitsSent { is_sent: false });
        } else {
            self.is_sending_digits = true;
        }
    }

    /// Someone answered: what comes from now on is theirs.
    pub fn answered(&mut self, now: Instant) {
        if !std::mem::replace(&mut self.hearing.is_answered, true) {
            self.hearing.has_heard = false;
            self.hearing.is_silence_told = false;
            self.hearing.last = now;
            self.digits_in = DigitReceiver::default();
        }
    }

    /// Follows what was agreed anew: another address, another codec, hold, or its end.
    pub fn retarget(&mut self, now: Instant, agreed: AgreedMedia) {
        self.receiver.retarget(agreed.receive, agreed.remote, agreed.may_be_behind_nat());
        if !self.agreed.direction.receives() {
            // On hold nothing had to come: silence counts from here.
            self.hearing.last = now;
        }
        self.agreed = agreed;
        if self.agreed.send_digits.is_none() && self.is_sending_digits {
            self.digits_out = DigitSender::default();
            self.is_sending_digits = false;
            self.tell(MediaEvent::DigitsSent { is_sent: false });
        }
    }

    /// The law in which sound is sent.
    pub const fn codec(&self) -> G711 {
        self.agreed.codec
    }

    /// The timestamp of what is sent next.
    pub const fn timestamp(&self) -> u32 {
        self.sender.timestamp()
    }

    /// The sound in the packet that was made last, and its timestamp; `None`: it held something else.
    pub fn sent_sound(&self) -> Option<(u32, &[u8])> {
        let (head, sound) = self.packet.split_at_checked(HEADER_BYTES)?;
        let timestamp = u32::from_be_bytes(head.get(4..8)?.try_into().ok()?);
        (head.get(1)? & 0x7f == self.agreed.send_sound).then_some((timestamp, sound))
    }

    /// The number of the packet that came last, if any did.
    pub fn heard_number(&self) -> Option<u64> {
        self.receiver.last_number()
    }

    /// The next event that nobody was told.
    pub fn event(&mut self) -> Option<MediaEvent> {
        self.events.pop_front()
    }

    /// What came, what of it before the answer, how many packets were made, and how many events were lost.
    pub fn counts(&self) -> (ReceiveCounts, u64, u64, u64) {
        (self.receiver.counts(), self.hearing.received_early, self.sender.sent(), self.untold)
    }

    /// A frame of what is played, or of another call, or of silence.
    fn sound(&mut self, frame: usize) {
        let Some(playing) = &mut self.playing else { return self.others_sound(frame) };
        let bytes = playing.prompt.bytes(self.agreed.codec);
        let rest = bytes.get(playing.played..).unwrap_or_default();
        let marker = self.flow != SendFlow::Prompt;
        self.flow = SendFlow::Prompt;
        if rest.len() > frame {
            playing.played += frame;
            let (now, _) = rest.split_at(frame);
            self.sender.sound(self.agreed.send_sound, now, marker, &mut self.packet);
            return;
        }
        let mut last = rest.to_vec();
        last.resize(frame, self.agreed.codec.silence());
        self.sender.sound(self.agreed.send_sound, &last, marker, &mut self.packet);
        let (id, length) = (playing.id, playing.prompt.length());
        self.playing = None;
        self.tell(MediaEvent::Played { id, is_complete: true, length });
    }

    /// A frame of what is streamed into the call, or of another call.
    fn others_sound(&mut self, frame: usize) {
        let codec = self.agreed.codec;
        let streamed = self.streamed.as_ref().and_then(|queue| queue.take(frame, codec));
        let Some(bytes) = streamed else { return self.relayed_sound(frame) };
        let marker = self.flow != SendFlow::Streamed;
        self.flow = SendFlow::Streamed;
        self.sender.sound(self.agreed.send_sound, &bytes, marker, &mut self.packet);
    }

    fn relayed_sound(&mut self, frame: usize) {
        let relayed = self.relayed.as_mut().and_then(|relayed| relayed.take(frame));
        let Some(samples) = relayed else { return self.silence(frame) };
        let marker = self.flow != SendFlow::Relayed;
        self.flow = SendFlow::Relayed;
        let bytes: Vec<u8> = samples.into_iter().map(|sample| self.agreed.codec.encode(sample)).collect();
        self.sender.sound(self.agreed.send_sound, &bytes, marker, &mut self.packet);
    }

    fn silence(&mut self, frame: usize) {
        let marker = self.flow == SendFlow::Nothing;
        self.flow = SendFlow::Silence;
        let silence = [self.agreed.codec.silence(); 60 * SAMPLES_A_MILLISECOND as usize];
        let frame = &silence[..frame.min(silence.len())];
        self.sender.sound(self.agreed.send_sound, frame, marker, &mut self.packet);
    }

    /// Before the answer nobody presses keys for us.
    fn digit(&mut self, sign: Option<DigitSign>) {
        if !self.hearing.is_answered {
            return;
        }
        match sign {
            Some(DigitSign::Began(_))
                if self.playing.as_ref().is_some_and(|playing| playing.ends_at_digit) =>
            {
                self.stop();
            }
            Some(DigitSign::Ended { digit, duration }) => self.tell(MediaEvent::Digit { digit, duration }),
            Some(DigitSign::Began(_)) | None => {}
        }
    }

    fn watch_silence(&mut self, now: Instant) {
        let Some(most) = self.hearing.silence else { return };
        let lasting = now.saturating_duration_since(self.hearing.last);
        if self.agreed.direction.receives() && lasting >= most && !self.hearing.is_silence_told {
            self.hearing.is_silence_told = true;
            self.tell(MediaEvent::Silent { lasting });
        }
    }

    fn tell(&mut self, event: MediaEvent) {
        if self.events.len() < MOST_EVENTS {
            self.events.push_back(event);
        } else {
            self.untold += 1;
        }
    }
}
