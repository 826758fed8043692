//! Digits as events of their own (RFC 4733 section 2): many packets make one, some of which may be lost.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use super::SAMPLES_A_MILLISECOND;

/// How many digits wait to be sent at most; more are refused.
pub const MOST_QUEUED_DIGITS: usize = 64;

/// How long a digit is sent, and how long it is quiet after each: above what RFC 4733 and trunks ask for (40 ms each).
const TONE: Duration = Duration::from_millis(160);
const GAP: Duration = Duration::from_millis(100);

/// How long a comma pauses.
const PAUSE: Duration = Duration::from_secs(1);

/// How often the end of a digit is sent (RFC 4733 section 2.5.1.4).
const ENDS: u8 = 3;

/// How loud digits are: 10 below what is loudest (dBm0).
const VOLUME: u8 = 10;

/// After how long without a packet a digit is over whose end was lost: more than the three packets that end it take.
const LOST_END: Duration = Duration::from_millis(200);

/// How far behind the last event a timestamp is that belongs to one before it; farther behind, the clock has begun anew.
const LATE_SAMPLES: u32 = 10 * 1_000 * SAMPLES_A_MILLISECOND;

/// A key of a telephone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Digit(u8);

impl Digit {
    /// The keys in the order of their events (RFC 4733 section 3.2).
    const KEYS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#', 'A', 'B', 'C', 'D'];

    /// The digit of an event; `None`: it is another event, such as a hook that was flashed.
    pub const fn of_event(event: u8) -> Option<Self> {
        if event < 16 { Some(Self(event)) } else { None }
    }

    /// The digit of a character: `0` to `9`, `*`, `#`, `A` to `D`, small ones too.
    pub fn of_character(character: char) -> Option<Self> {
        let character = character.to_ascii_uppercase();
        let event = Self::KEYS.iter().position(|key| *key == character)?;
        u8::try_from(event).ok().map(Self)
    }

    /// Its character.
    pub fn character(self) -> char {
        Self::KEYS[usize::from(self.0 & 15)]
    }
}

/// A packet's part of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TelephoneEvent {
    source: u32,
    /// The packet's number among all.
    number: u64,
    /// When the event began, in samples.
    timestamp: u32,
    /// Whether the packet says that the event begins.
    begins: bool,
    event: u8,
    ends: bool,
    /// How long it has lasted, in samples.
    duration: u16,
}

impl TelephoneEvent {
    /// Reads a packet of this source (SSRC), number, timestamp and marker bit; `None`: its payload is too short.
    pub fn read(source: u32, number: u64, timestamp: u32, begins: bool, payload: &[u8]) -> Option<Self> {
        let [event, flags, high, low, ..] = *payload else { return None };
        let duration = u16::from_be_bytes([high, low]);
        Some(Self { source, number, timestamp, begins, event, ends: flags & 0x80 != 0, duration })
    }
}

/// What is heard of digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DigitSign {
    /// A key went down.
    Began(Digit),
    /// The key is up again; each that began ends once.
    Ended {
        /// Which.
        digit: Digit,
        /// How long it was down.
        duration: Duration,
    },
}

/// Makes digits of events: one for each key pressed, however many of its packets come, come twice or come late.
#[derive(Clone, Debug, Default)]
pub struct DigitReceiver {
    /// The last key, down or up.
    last: Option<Key>,
}

/// A key that was pressed.
#[derive(Clone, Copy, Debug)]
struct Key {
    digit: Digit,
    source: u32,
    timestamp: u32,
    /// The number of its last packet.
    number: u64,
    /// How long it was down, in samples, before this timestamp and since.
    earlier: u32,
    duration: u16,
    ended: bool,
    /// When its last packet came.
    at: Instant,
}

impl DigitReceiver {
    /// Takes an event of the other side. Up to three signs: a key whose end was lost is up, another goes down, and up again.
    pub fn receive(&mut self, now: Instant, event: TelephoneEvent) -> [Option<DigitSign>; 3] {
        let Some(digit) = Digit::of_event(event.event) else { return [None; 3] };
        match &mut self.last {
            Some(key) if key.is_late(event) => return [None; 3],
            Some(key) if key.holds(digit, event) => return [key.go_on(now, event), None, None],
            _ => {}
        }
        let before = self.last.as_mut().and_then(Key::end);
        let mut key = Key {
            digit,
            source: event.source,
            timestamp: event.timestamp,
            number: event.number,
            earlier: 0,
            duration: event.duration,
            ended: false,
            at: now,
        };
        let ended = if event.ends { key.end() } else { None };
        self.last = Some(key);
        [before, Some(DigitSign::Began(digit)), ended]
    }

    /// Ends a key whose end was lost, some time after its last packet. To be asked every few packets.
    pub fn poll(&mut self, now: Instant) -> Option<DigitSign> {
        let key = self.last.as_mut()?;
        if now.saturating_duration_since(key.at) < LOST_END { None } else { key.end() }
    }
}

impl Key {
    /// Whether an event is of a key before this one.
    const fn is_late(&self, event: TelephoneEvent) -> bool {
        let behind = self.timestamp.wrapping_sub(event.timestamp);
        self.source == event.source && behind > self.earlier && behind < LATE_SAMPLES
    }

    /// Whether an event is of this key.
    fn holds(&self, digit: Digit, event: TelephoneEvent) -> bool {
        if self.source != event.source || self.digit != digit {
            return false;
        }
        let ahead = event.timestamp.wrapping_sub(self.timestamp);
        if ahead == 0 || ahead.wrapping_neg() <= self.earlier {
            return true;
        }
        // Some give each packet of a key a timestamp of its own. Nothing but its packets comes between them.
        let goes_on = event.number == self.number + 1 && !event.begins && (!self.ended || event.ends);
        // A key that is down for long is told in pieces (RFC 4733 section 2.5.1.3).
        let next_piece = !self.ended && ahead == u32::from(u16::MAX) && !event.begins;
        goes_on || next_piece
    }

    fn go_on(&mut self, now: Instant, event: TelephoneEvent) -> Option<DigitSign> {
        let ahead = event.timestamp.wrapping_sub(self.timestamp);
        if ahead != 0 && ahead < LATE_SAMPLES {
            let is_piece = ahead == u32::from(u16::MAX);
            if is_piece && !self.ended {
                self.earlier = self.earlier.saturating_add(ahead);
                self.duration = 0;
            }
            self.timestamp = event.timestamp;
        }
        self.number = self.number.max(event.number);
        self.at = now;
        if self.ended {
            return None;
        }
        if event.timestamp == self.timestamp {
            self.duration = self.duration.max(event.duration);
        }
        if event.ends { self.end() } else { None }
    }

    fn end(&mut self) -> Option<DigitSign> {
        if std::mem::replace(&mut self.ended, true) {
            return None;
        }
        let samples = u64::from(self.earlier) + u64::from(self.duration);
        let duration = Duration::from_micros(samples * 1_000 / u64::from(SAMPLES_A_MILLISECOND));
        Some(DigitSign::Ended { digit: self.digit, duration })
    }
}

/// What is sent in a frame's time for the sake of digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DigitSignal {
    /// Nothing: sound may be sent.
    Nothing,
    /// A pause between digits: silence.
    Gap,
    /// A part of a digit, in place of sound.
    Event {
        /// When the digit began: the timestamp of all its packets.
        timestamp: u32,
        /// The payload.
        payload: [u8; 4],
        /// Whether it is the first of the digit.
        begins: bool,
    },
}

/// Sends digits, one after the other: each for 160 ms with three packets that end it, then 100 ms of silence.
#[derive(Clone, Debug, Default)]
pub struct DigitSender {
    /// `None`: a pause.
    waiting: VecDeque<Option<Digit>>,
    state: Sending,
}

#[derive(Clone, Copy, Debug, Default)]
enum Sending {
    #[default]
    Nothing,
    /// A digit that began at `timestamp` and has lasted for so many samples; its end was sent so often.
    Digit { digit: Digit, timestamp: u32, lasted: u32, ends: u8 },
    /// For so many samples more.
    Gap(u32),
}

impl DigitSender {
    /// Queues digits; a comma pauses for a second. Whether they were taken: not where a character is neither, or where more
    /// than [`MOST_QUEUED_DIGITS`] would wait.
    pub fn queue(&mut self, digits: &str) -> bool {
        let read: Option<Vec<_>> = digits
            .chars()
            .take(MOST_QUEUED_DIGITS + 1)
            .map(|character| match character {
                ',' => Some(None),
                digit => Digit::of_character(digit).map(Some),
            })
            .collect();
        let Some(read) = read.filter(|read| read.len() + self.waiting.len() <= MOST_QUEUED_DIGITS) else {
            return false;
        };
        self.waiting.extend(read);
        true
    }

    /// Whether all were sent.
    pub fn is_idle(&self) -> bool {
        self.waiting.is_empty() && matches!(self.state, Sending::Nothing)
    }

    /// Forgets what has not begun.
    pub fn clear(&mut self) {
        self.waiting.clear();
    }

    /// What to send in the next frame of so many samples, which begins at `timestamp`.
    pub fn next(&mut self, timestamp: u32, frame: u32) -> DigitSignal {
        if matches!(self.state, Sending::Nothing) {
            self.state = match self.waiting.pop_front() {
                None => return DigitSignal::Nothing,
                Some(None) => Sending::Gap(samples(PAUSE)),
                Some(Some(digit)) => Sending::Digit { digit, timestamp, lasted: 0, ends: 0 },
            };
        }
        match self.state {
            Sending::Digit { digit, timestamp, lasted, ends } => {
                self.send(digit, timestamp, lasted, ends, frame)
            }
            Sending::Gap(left) => {
                let left = left.saturating_sub(frame);
                self.state = if left == 0 { Sending::Nothing } else { Sending::Gap(left) };
                DigitSignal::Gap
            }
            Sending::Nothing => DigitSignal::Nothing,
        }
    }

    fn send(&mut self, digit: Digit, timestamp: u32, lasted: u32, ends: u8, frame: u32) -> DigitSignal {
        let begins = lasted == 0;
        let lasted = (lasted + frame).min(samples(TONE));
        let is_over = lasted == samples(TONE);
        let ends = ends + u8::from(is_over);
        self.state = if ends == ENDS {
            Sending::Gap(samples(GAP))
        } else {
            Sending::Digit { digit, timestamp, lasted, ends }
        };
        let [high, low] = u16::try_from(lasted).unwrap_or(u16::MAX).to_be_bytes();
        DigitSignal::Event {
            timestamp,
            payload: [digit.0, u8::from(is_over) << 7 | VOLUME, high, low],
            begins,
        }
    }
}

/// How many samples pass in a time.
fn samples(time: Duration) -> u32 {
    u32::try_from(time.as_millis()).unwrap_or(u32::MAX).saturating_mul(SAMPLES_A_MILLISECOND)
}
