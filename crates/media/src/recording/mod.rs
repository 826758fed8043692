//! What is said in a call, as it is recorded: two channels on one timeline that begins at the answer. The first is what was sent, frame by frame as it
//! left; the second is what came, at the place that its timestamps say. Pure: where it goes is a [`RecordingSink`]'s business.
//!
//! Bytes stay as they were on the line, so that a recording is bit for bit what was sent and heard. It has one law, the one in which we sent at
//! the answer; what comes or goes by the other is converted.
//!
//! ```
//! use media::{g711::G711, recording::{HeardPacket, RecordingTimeline}};
//!
//! let mut timeline = RecordingTimeline::new(G711::ALaw, 7_000);
//! timeline.sent(7_000, G711::ALaw, &[1; 160]);
//! timeline.heard(1, Some(HeardPacket { timestamp: 90, codec: G711::ALaw, bytes: &[2; 160] }));
//! let piece = timeline.rest();
//! assert_eq!(piece.bytes[318..322], [1, 0xd5, 0xd5, 2], "what came when the first frame had left comes after it");
//! ```

mod file_head;
mod heard;
mod timeline;

pub(crate) use self::timeline::add_gap;
pub use self::{
    file_head::{HEAD_BYTES, MOST_NOTES, ReadHead, file_head, read_head},
    timeline::{HeardPacket, RecordingTimeline},
};
use crate::{g711::G711, rtp::SAMPLES_A_MILLISECOND};

/// How many bytes a sample has: one for each channel.
pub const BYTES_A_SAMPLE: u64 = 2;

/// A channel of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RecordedChannel {
    /// What was sent: the first.
    Sent,
    /// What came: the second.
    Heard,
}

impl RecordedChannel {
    /// Its number in the file, from 1 on.
    pub const fn number(self) -> u8 {
        match self {
            Self::Sent => 1,
            Self::Heard => 2,
        }
    }
}

/// A span in which a recording has silence that was none: packets were lost or did not leave, or what was recorded could not be written in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordingGap {
    /// Where.
    pub channel: RecordedChannel,
    /// Its first sample.
    pub from: u64,
    /// The first sample after it.
    pub to: u64,
}

impl RecordingGap {
    /// From when to when, in milliseconds; whole ones around it.
    pub fn milliseconds(&self) -> (u64, u64) {
        let each = u64::from(SAMPLES_A_MILLISECOND);
        (self.from / each, self.to.div_ceil(each))
    }
}

/// The next part of a recording.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordingPiece {
    /// How many samples of silence come before it, for pieces that there was no room for.
    pub silence: u64,
    /// Two bytes for each sample: one of each channel.
    pub bytes: Vec<u8>,
    /// The gaps that were found since the last piece; they may be in that, too.
    pub gaps: Vec<RecordingGap>,
}

/// Where a recording goes. It is over when this is dropped.
pub trait RecordingSink: Send + std::fmt::Debug {
    /// The recording begins, by this law.
    fn begin(&mut self, law: G711);

    /// Takes the next part without waiting for anything; says whether it could. What it could not take is never offered again.
    fn write(&mut self, piece: &mut RecordingPiece) -> bool;
}

#[cfg(test)]
mod tests;
