//! The sound of one call while it lasts: a task that sends a packet every 20 ms, takes what comes, and tells of what happens.
//!
//! What to send and what comes is decided by a pure core ([`CallMedia`]) that is given packets and the time; the task ([`MediaSession`])
//! holds the socket and the clock. While nothing is played silence is sent, because NATs and session border controllers end calls that
//! say nothing. Everything is bounded: commands, events, digits that wait, packets; a stranger's packet changes nothing but a count.
//!
//! ```
//! use std::{sync::Arc, time::Duration};
//! use media::{g711::G711, ports::{PortRange, RtpPorts}, sdp::{MediaDirection, OwnMedia}};
//! use media::session::{MediaEvent, MediaSession, MediaSettings, PromptSound};
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
//! # runtime.block_on(async {
//! let here = "127.0.0.1".parse().unwrap();
//! let ports = RtpPorts::new(here, PortRange::new(21_010, 21_019).unwrap());
//! let (one, other) = (ports.open().unwrap(), ports.open().unwrap());
//! let mut caller = OwnMedia::new(1, here, one.port(), &G711::ALL);
//! let mut callee = OwnMedia::new(2, here, other.port(), &G711::ALL);
//! let offer = caller.offer(MediaDirection::SendReceive);
//! let (answer, of_callee) = callee.answer(offer.as_bytes(), MediaDirection::SendReceive).unwrap();
//! let of_caller = caller.read_answer(answer.as_bytes()).unwrap();
//!
//! let mut caller = MediaSession::start(one, of_caller, MediaSettings { answered: true, ..MediaSettings::of_chance(1) });
//! let mut callee = MediaSession::start(other, of_callee, MediaSettings { answered: true, ..MediaSettings::of_chance(2) });
//! caller.control().play(7, Arc::new(PromptSound::new(vec![1_000; 800])), false);
//! callee.control().send_digits("5");
//! let digit = loop {
//!     match caller.event().await {
//!         Some(MediaEvent::Digit { digit, .. }) => break digit.character(),
//!         Some(_) => {}
//!         None => panic!("the session is over"),
//!     }
//! };
//! assert_eq!(digit, '5');
//! assert!(callee.end().await.received.received >= 5);
//! # });
//! ```

mod call;
mod lateness;
mod prompt;
mod recorder;
mod relay;
mod streamed;
mod task;

use std::time::Duration;

pub use self::{
    call::CallMedia,
    lateness::SendLateness,
    prompt::PromptSound,
    streamed::{MOST_STREAMED, SoundQueue},
    task::{MediaControl, MediaSession, SoundStream},
};
use crate::{
    g711::G711,
    rtp::{Digit, ReceiveCounts},
};

/// How many events wait at most for whoever reads them; what happens beyond is counted, not told.
pub const MOST_EVENTS: usize = 64;

/// How a session begins.
#[derive(Clone, Debug)]
pub struct MediaSettings {
    /// The source (SSRC), the first sequence number and the first timestamp of what is sent: by chance.
    pub source: u32,
    /// See `source`.
    pub sequence: u16,
    /// See `source`.
    pub timestamp: u32,
    /// Whether the call is answered already; else sound and digits are early until [`MediaControl::answered`].
    pub answered: bool,
    /// After how long without a packet [`MediaEvent::Silent`] is told; `None`: never.
    pub silence: Option<Duration>,
    /// Who gets the sound that comes, as it comes; where there is no room it is dropped and counted.
    pub listener: Option<tokio::sync::mpsc::Sender<HeardSound>>,
}

impl MediaSettings {
    /// A call that is not answered yet, with numbers made of a chance; silence is told of after 30 s, and nobody listens.
    #[expect(clippy::cast_possible_truncation, reason = "parts of a number drawn by chance")]
    pub const fn of_chance(chance: u64) -> Self {
        // Spread, so that chances that are near each other give numbers that are not.
        let chance = chance.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let (source, timestamp) = ((chance >> 32) as u32, (chance as u32).rotate_left(7));
        let silence = Some(Duration::from_secs(30));
        Self { source, sequence: chance as u16, timestamp, answered: false, silence, listener: None }
    }
}

/// Something that happened to the sound of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MediaEvent {
    /// The first packet of the other side came: once before the answer, and once after it.
    FirstPacket {
        /// Whether the call was not answered yet.
        is_early: bool,
    },
    /// A key was pressed on the other side, after the answer.
    Digit {
        /// Which.
        digit: Digit,
        /// How long.
        duration: Duration,
    },
    /// What was played is over; told once for each [`MediaControl::play`].
    Played {
        /// What the player called it.
        id: u64,
        /// Whether it was played to its end; else a key, another prompt or [`MediaControl::stop`] ended it.
        is_complete: bool,
        /// How much of it was played.
        length: Duration,
    },
    /// Digits were sent, or could not be: once for each [`MediaControl::send_digits`] that came while none were being sent.
    DigitsSent {
        /// Whether they were.
        is_sent: bool,
    },
    /// Nothing came for so long, although something should; told again after the next packet.
    Silent {
        /// How long.
        lasting: Duration,
    },
}

/// A packet of sound from the other side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeardSound {
    /// Whether it came before the answer: what a network plays, not who answered.
    pub is_early: bool,
    /// The law of its bytes.
    pub codec: G711,
    /// Its place among all packets; see [`RtpContent`](crate::rtp::RtpContent).
    pub number: u64,
    /// When it was said, in samples.
    pub timestamp: u32,
    /// A byte for each sample.
    pub bytes: Box<[u8]>,
}

/// What a session did. Counts are of packets.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MediaStatistics {
    /// Sent.
    pub sent: u64,
    /// What the system refused to send.
    pub send_failures: u64,
    /// Not sent, because their time was long over.
    pub skipped: u64,
    /// How late they were sent.
    pub lateness: SendLateness,
    /// What came, before the answer and after it.
    pub received: ReceiveCounts,
    /// What of it came before the answer.
    pub received_early: u64,
    /// Sound that whoever listens had no room for.
    pub unheard: u64,
    /// Events that whoever reads them had no room for.
    pub untold: u64,
}

#[cfg(test)]
mod tests;
