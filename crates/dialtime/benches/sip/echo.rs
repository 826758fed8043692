//! What is noted of frames of sound on their way from phones to bots and back, and of what bots take back (`clear`).

use std::{
    collections::HashMap,
    sync::{
        Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use super::{phones::FRAME, world::Times};

/// The bytes of a frame.
pub(crate) const FRAME_BYTES: usize = 160;

/// What a numbered frame begins with; bytes of floods follow on it.
const NUMBERED: u8 = 1;

/// The most floods, so that each has a byte of its own.
pub(crate) const MOST_FLOODS: u8 = 10;

/// What is said last before it counts: all have begun only just now.
const WARM_UP: Duration = Duration::from_secs(1);

/// How long a frame may wait for its place: one is kept ahead, and the next leaves within 20 ms.
const LONGEST_WAIT: Duration = Duration::from_millis(40);

/// A frame of sound by the mu-law.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    /// Says whose it is, and which.
    Numbered { phone: usize, number: u16 },
    /// One of many alike, which are taken back.
    Flood(u8),
}

impl Frame {
    pub(crate) fn bytes(self) -> [u8; FRAME_BYTES] {
        match self {
            Self::Numbered { phone, number } => {
                let mut bytes = [0x60; FRAME_BYTES];
                let value = phone << 16 | usize::from(number);
                bytes[0] = NUMBERED;
                for (place, byte) in bytes[1..6].iter_mut().enumerate() {
                    *byte = 0x10 + u8::try_from(value >> (6 * place) & 0x3f).unwrap();
                }
                bytes
            }
            Self::Flood(nth) => [NUMBERED + 1 + nth; FRAME_BYTES],
        }
    }

    /// `None`: silence, or a frame in parts.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let first = *bytes.first()?;
        if (NUMBERED + 1..=NUMBERED + MOST_FLOODS).contains(&first) {
            return Some(Self::Flood(first - NUMBERED - 1));
        }
        let value = |sum: usize, byte: &u8| sum << 6 | usize::from(byte.wrapping_sub(0x10) & 0x3f);
        let whole = bytes.get(1..6).filter(|_| first == NUMBERED)?.iter().rev().fold(0, value);
        Some(Self::Numbered { phone: whole >> 16, number: u16::try_from(whole & 0xffff).unwrap() })
    }
}

/// Calls with bots, from the moment that all have begun on.
pub(crate) struct Course {
    calls: usize,
    streams: AtomicUsize,
    begun: OnceLock<Instant>,
    seen: Vec<Mutex<SeenCall>>,
}

/// What was noted of a call.
#[derive(Default)]
struct SeenCall {
    frames: HashMap<u16, SeenFrame>,
    /// When packets would have been heard that were sent in time and came at once: the earliest that was, if all had been the first.
    first_place: Option<(u32, Instant)>,
    /// When each flood was taken back, and when it was heard last.
    cleared: HashMap<u8, Instant>,
    flooded: HashMap<u8, Instant>,
}

#[derive(Clone, Copy, Default)]
struct SeenFrame {
    said: Option<Instant>,
    at_bot: Option<Instant>,
    answered: Option<Instant>,
    /// With the packet's timestamp.
    heard: Option<(u32, Instant)>,
}

impl Course {
    pub(crate) fn new(calls: usize) -> Self {
        let seen = std::iter::repeat_with(Mutex::default).take(calls).collect();
        Self { calls, streams: AtomicUsize::new(0), begun: OnceLock::new(), seen }
    }

    /// A stream has begun.
    pub(crate) fn begin_one(&self) {
        if self.streams.fetch_add(1, Ordering::SeqCst) + 1 == self.calls {
            let _ = self.begun.set(Instant::now());
        }
    }

    /// When all had begun.
    pub(crate) fn begun(&self) -> Option<Instant> {
        self.begun.get().copied()
    }

    fn of(&self, phone: usize) -> MutexGuard<'_, SeenCall> {
        self.seen[phone].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A phone is about to say a frame.
    pub(crate) fn saying(&self, phone: usize, number: u16) {
        let counts = self.begun().is_some_and(|begun| begun.elapsed() > WARM_UP);
        if counts {
            self.of(phone).frames.entry(number).or_default().said = Some(Instant::now());
        }
    }

    /// A bot has a frame.
    pub(crate) fn at_bot(&self, frame: Frame) {
        self.note(frame, |seen| seen.at_bot = Some(Instant::now()));
    }

    /// A bot says a frame back.
    pub(crate) fn answering(&self, frame: Frame) {
        self.note(frame, |seen| seen.answered = Some(Instant::now()));
    }

    fn note(&self, frame: Frame, note: impl FnOnce(&mut SeenFrame)) {
        if let Frame::Numbered { phone, number } = frame
            && let Some(seen) = self.of(phone).frames.get_mut(&number)
        {
            note(seen);
        }
    }

    /// A bot takes a flood back.
    pub(crate) fn clearing(&self, phone: usize, flood: u8) {
        self.of(phone).cleared.insert(flood, Instant::now());
    }

    /// A phone hears a packet.
    pub(crate) fn heard(&self, phone: usize, packet: &[u8]) {
        let now = Instant::now();
        let Some((head, sound)) = packet.split_at_checked(12) else { return };
        let timestamp = u32::from_be_bytes(head[4..8].try_into().unwrap());
        let mut call = self.of(phone);
        let (first, earliest) = *call.first_place.get_or_insert((timestamp, now));
        let if_first = now.checked_sub(since(first, timestamp)).unwrap_or(now);
        call.first_place = Some((first, earliest.min(if_first)));
        match Frame::read(sound) {
            Some(Frame::Numbered { number, .. }) => {
                if let Some(seen) = call.frames.get_mut(&number) {
                    seen.heard = Some((timestamp, now));
                }
            }
            Some(Frame::Flood(nth)) => {
                call.flooded.insert(nth, now);
            }
            None => {}
        }
    }

    /// What came of it.
    pub(crate) fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for call in &self.seen {
            let call = call.lock().unwrap_or_else(PoisonError::into_inner);
            for frame in call.frames.values() {
                tally.add(&call, frame);
            }
            for (nth, cleared) in &call.cleared {
                let last = call.flooded.get(nth).copied();
                tally
                    .clear
                    .note(last.map_or(Duration::ZERO, |last| last.saturating_duration_since(*cleared)));
            }
        }
        tally
    }
}

/// How long a stream's samples are between two of its timestamps.
fn since(first: u32, timestamp: u32) -> Duration {
    Duration::from_micros(u64::from(timestamp.wrapping_sub(first)) * 125)
}

/// How long frames took.
#[derive(Default)]
pub(crate) struct Tally {
    /// How many a bot said back.
    pub(crate) answered: usize,
    /// From the phone to the bot.
    pub(crate) there: Times,
    /// Between the bot and its place in what is sent every 20 ms.
    pub(crate) waited: Times,
    /// After that place, at the phone.
    pub(crate) late: Times,
    /// From the phone and back, without the bot's own time and without the wait that a place costs.
    pub(crate) added: Times,
    /// From the phone and back.
    pub(crate) whole: Times,
    /// How long a flood was heard that had been taken back.
    pub(crate) clear: Times,
}

impl Tally {
    fn add(&mut self, call: &SeenCall, frame: &SeenFrame) {
        let (Some(said), Some(at_bot), Some(answered)) = (frame.said, frame.at_bot, frame.answered) else {
            return;
        };
        self.answered += 1;
        let (Some((timestamp, heard)), Some((first, earliest))) = (frame.heard, call.first_place) else {
            return;
        };
        let place = earliest + since(first, timestamp);
        let (there, late) = (at_bot - said, heard.saturating_duration_since(place));
        let waited = place.saturating_duration_since(answered);
        self.there.note(there);
        self.waited.note(waited);
        self.late.note(late);
        self.added.note(there + late + waited.saturating_sub(LONGEST_WAIT));
        self.whole.note(heard - said);
    }
}

/// How long phones say something that bots say back.
pub(crate) const ECHOES: Duration = Duration::from_secs(11);

/// How often a bot says too much and takes it back, how long each takes, and after how long it is taken back.
pub(crate) const FLOODS: u8 = 5;
pub(crate) const FLOOD_EVERY: Duration = Duration::from_millis(1_200);
pub(crate) const CLEARED_AFTER: Duration = Duration::from_millis(600);

/// By how much what two calls do lies apart, so that not all of it meets.
pub(crate) fn apart(phone: usize) -> Duration {
    FRAME * u32::try_from(phone).unwrap() / 7
}
