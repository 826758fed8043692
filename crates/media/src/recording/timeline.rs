//! Puts what was sent and what came on one timeline.

use super::{RecordedChannel, RecordingGap, RecordingPiece, heard::HeardPlaces};
use crate::{g711::G711, rtp::SAMPLES_A_MILLISECOND};

/// How long what came is waited for before its place is written: packets that overtake each other by less are put right.
pub(super) const WINDOW: u64 = 300 * SAMPLES_A_MILLISECOND as u64;

/// How much is written at once. With the window it is what a crash may lose: less than a second.
pub(super) const PIECE: u64 = 500 * SAMPLES_A_MILLISECOND as u64;

/// How many gaps wait at most for the next piece; those beyond become one with the last.
const MOST_GAPS: usize = 256;

/// Sound that came.
#[derive(Clone, Copy, Debug)]
pub struct HeardPacket<'p> {
    /// When it was said, by the other side's clock, in samples.
    pub timestamp: u32,
    /// The law of its bytes.
    pub codec: G711,
    /// A byte for each sample.
    pub bytes: &'p [u8],
}

/// What is recorded and not yet written. Places are samples since the answer.
#[derive(Debug)]
pub struct RecordingTimeline {
    law: G711,
    /// Our timestamp at the answer.
    began: u32,
    /// The place of the frame that leaves next.
    now: u64,
    /// The place of the first sample that is not written.
    written: u64,
    /// Two bytes for each sample from there on.
    waiting: Vec<u8>,
    heard: HeardPlaces,
    gaps: Vec<RecordingGap>,
}

impl RecordingTimeline {
    /// One that begins when the frame of this timestamp is about to leave.
    pub const fn new(law: G711, timestamp: u32) -> Self {
        Self {
            law,
            began: timestamp,
            now: 0,
            written: 0,
            waiting: Vec::new(),
            heard: HeardPlaces::new(),
            gaps: Vec::new(),
        }
    }

    /// The law of its bytes.
    pub const fn law(&self) -> G711 {
        self.law
    }

    /// A frame left.
    pub fn sent(&mut self, timestamp: u32, codec: G711, bytes: &[u8]) {
        let place = self.place_of(timestamp).max(self.written);
        self.put(RecordedChannel::Sent, place, codec, bytes);
        self.now = self.now.max(place + length(bytes));
    }

    /// Time has passed up to our timestamp, whether anything left or not.
    pub fn pass(&mut self, timestamp: u32) {
        self.now = self.now.max(self.place_of(timestamp));
    }

    /// The next samples should have left and did not.
    pub fn missed(&mut self, samples: u64) {
        let (from, to) = (self.now, self.now + samples);
        self.now = to;
        self.add_gap(RecordingGap { channel: RecordedChannel::Sent, from, to });
    }

    /// A packet of this number came: with sound, or with something else.
    pub fn heard(&mut self, number: u64, packet: Option<HeardPacket<'_>>) {
        let Some(packet) = packet else { return self.heard.other(number) };
        let samples = length(packet.bytes);
        let place = self.heard.place(number, packet.timestamp, samples, (self.now, self.written));
        if let Some(place) = place {
            // What is written already stays as it is.
            let over = self.written.saturating_sub(place).min(samples);
            let bytes = packet.bytes.get(usize::try_from(over).unwrap_or(usize::MAX)..).unwrap_or_default();
            self.put(RecordedChannel::Heard, place + over, packet.codec, bytes);
        }
    }

    /// The next part to write, if there is enough for one.
    pub fn next_piece(&mut self) -> Option<RecordingPiece> {
        let ready = self.now.saturating_sub(WINDOW);
        (ready >= self.written + PIECE).then(|| self.piece(ready))
    }

    /// All that is left.
    pub fn rest(&mut self) -> RecordingPiece {
        let waiting = self.written + u64::try_from(self.waiting.len() / 2).unwrap_or(0);
        let mut piece = self.piece(waiting.max(self.now));
        let gaps = self.heard.gaps_before(u64::MAX);
        for gap in gaps {
            add_gap(&mut piece.gaps, gap);
        }
        piece
    }

    fn piece(&mut self, end: u64) -> RecordingPiece {
        self.reserve(end);
        let rest = self.waiting.split_off(index(end - self.written));
        let bytes = std::mem::replace(&mut self.waiting, rest);
        self.written = end;
        for gap in self.heard.gaps_before(end) {
            self.add_gap(gap);
        }
        RecordingPiece { silence: 0, bytes, gaps: std::mem::take(&mut self.gaps) }
    }

    fn put(&mut self, channel: RecordedChannel, place: u64, codec: G711, bytes: &[u8]) {
        self.reserve(place + length(bytes));
        let first = index(place - self.written) + usize::from(channel.number() - 1);
        let law = self.law;
        let places = self.waiting.get_mut(first..).unwrap_or_default().iter_mut().step_by(2);
        for (place, byte) in places.zip(bytes) {
            *place = if codec == law { *byte } else { law.encode(codec.decode(*byte)) };
        }
    }

    /// Has silence up to a place where there is nothing yet.
    fn reserve(&mut self, end: u64) {
        let bytes = index(end.saturating_sub(self.written));
        if self.waiting.len() < bytes {
            self.waiting.resize(bytes, self.law.silence());
        }
    }

    /// The place of one of our timestamps, which wrap around.
    fn place_of(&self, timestamp: u32) -> u64 {
        #[expect(clippy::cast_possible_truncation, reason = "timestamps have 32 bits, and wrap around")]
        let here = self.began.wrapping_add(self.now as u32);
        self.now.saturating_add_signed(timestamp.wrapping_sub(here).cast_signed().into())
    }

    fn add_gap(&mut self, gap: RecordingGap) {
        add_gap(&mut self.gaps, gap);
    }
}

/// Adds a gap; one that follows on another, and one beyond the most that there may be, becomes one with it.
pub(crate) fn add_gap(gaps: &mut Vec<RecordingGap>, gap: RecordingGap) {
    let is_full = gaps.len() >= MOST_GAPS;
    let before = gaps.iter_mut().rev().find(|before| before.channel == gap.channel);
    match before {
        Some(before) if is_full || before.to == gap.from => before.to = before.to.max(gap.to),
        _ => gaps.push(gap),
    }
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

/// Where the bytes of a sample begin.
fn index(samples: u64) -> usize {
    usize::try_from(samples).unwrap_or(usize::MAX).saturating_mul(2)
}
