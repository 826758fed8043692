//! What a bot hears: packets of a call made into frames of 20 ms without gaps, as a bot that listens for pauses needs them. Pure.

use std::time::{Duration, Instant};

use crate::{g711::G711, rtp::SAMPLES_A_MILLISECOND, session::HeardSound};

/// The bytes of a frame: 20 ms.
pub const FRAME_BYTES: usize = 20 * SAMPLES_A_MILLISECOND as usize;

/// The longest gap that is filled at once: packets that were lost. After a longer one nobody was speaking.
const LONGEST_GAP: u32 = 200 * SAMPLES_A_MILLISECOND;

/// How long nothing may come before silence is made: a line may send nothing while nobody speaks.
const PATIENCE: Duration = Duration::from_millis(60);

/// Makes frames of what is heard.
#[derive(Debug)]
pub struct HeardFrames {
    /// What was heard and is no whole frame yet, by the mu-law.
    rest: Vec<u8>,
    /// The timestamp that follows on what came last.
    next: Option<u32>,
    /// How much silence was made since then, in samples.
    made_up: u32,
    /// Up to when there is sound.
    until: Instant,
}

impl HeardFrames {
    /// Nothing was heard, as of now.
    pub const fn new(now: Instant) -> Self {
        Self { rest: Vec::new(), next: None, made_up: 0, until: now }
    }

    /// Takes what was heard; gives the frames that it completes. What was said before what came already is dropped.
    pub fn push(&mut self, heard: &HeardSound, now: Instant) -> Vec<Vec<u8>> {
        let gap = self.next.map_or(0, |next| heard.timestamp.wrapping_sub(next));
        let is_late = gap.wrapping_neg() <= LONGEST_GAP && gap != 0;
        if is_late {
            return Vec::new();
        }
        if gap <= LONGEST_GAP {
            self.silence(gap.saturating_sub(self.made_up));
        }
        self.made_up = 0;
        let mu_law = |byte: &u8| match heard.codec {
            G711::MuLaw => *byte,
            G711::ALaw => G711::MuLaw.encode(G711::ALaw.decode(*byte)),
        };
        self.rest.extend(heard.bytes.iter().map(mu_law));
        let length = u32::try_from(heard.bytes.len()).unwrap_or(u32::MAX);
        self.next = Some(heard.timestamp.wrapping_add(length));
        self.until = now;
        self.frames()
    }

    /// Makes silence of the time in which nothing came.
    pub fn pass(&mut self, now: Instant) -> Vec<Vec<u8>> {
        let frame = Duration::from_millis(20);
        while now.saturating_duration_since(self.until) >= PATIENCE {
            self.silence(u32::try_from(FRAME_BYTES).unwrap_or(0));
            self.made_up = self.made_up.saturating_add(u32::try_from(FRAME_BYTES).unwrap_or(0));
            self.until += frame;
        }
        self.frames()
    }

    /// When [`Self::pass`] is to be asked next.
    pub fn next_pass(&self) -> Instant {
        self.until + PATIENCE
    }

    fn silence(&mut self, samples: u32) {
        let length = self.rest.len() + samples as usize;
        self.rest.resize(length, G711::MuLaw.silence());
    }

    fn frames(&mut self) -> Vec<Vec<u8>> {
        let whole = self.rest.len() / FRAME_BYTES * FRAME_BYTES;
        let frames: Vec<Vec<u8>> = self.rest[..whole].chunks(FRAME_BYTES).map(<[u8]>::to_vec).collect();
        self.rest.drain(..whole);
        frames
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn packet(timestamp: u32, bytes: &[u8]) -> HeardSound {
        HeardSound { is_early: false, codec: G711::MuLaw, number: 0, timestamp, bytes: bytes.into() }
    }

    fn silence() -> Vec<u8> {
        vec![G711::MuLaw.silence(); FRAME_BYTES]
    }

    #[test]
    fn lost_packets_are_silence_and_late_ones_are_dropped() {
        let now = Instant::now();
        let mut heard = HeardFrames::new(now);
        assert_eq!(heard.push(&packet(0, &[1; 160]), now), [vec![1; 160]]);
        assert_eq!(heard.push(&packet(320, &[3; 160]), now), [silence(), vec![3; 160]]);
        assert!(heard.push(&packet(160, &[2; 160]), now).is_empty());
        assert_eq!(
            heard.push(&packet(1_000_000, &[4; 160]), now),
            [vec![4; 160]],
            "a pause is not made up for"
        );
    }

    #[test]
    fn a_line_that_says_nothing_is_silent() {
        let begun = Instant::now();
        let mut heard = HeardFrames::new(begun);
        assert_eq!(heard.push(&packet(0, &[1; 160]), begun).len(), 1);
        let later = begun + Duration::from_millis(100);
        assert_eq!(heard.pass(later), [silence(), silence(), silence()]);
        // What was made up is not made up twice.
        assert_eq!(heard.push(&packet(160 + 640, &[2; 160]), later), [silence(), vec![2; 160]]);
    }

    #[test]
    fn the_other_law_is_heard_as_this_one() {
        let now = Instant::now();
        let bytes: Vec<u8> = (0..160).map(|sample| G711::ALaw.encode(sample * 100)).collect();
        let sound = HeardSound { codec: G711::ALaw, ..packet(0, &bytes) };
        let expected: Vec<u8> =
            bytes.iter().map(|byte| G711::MuLaw.encode(G711::ALaw.decode(*byte))).collect();
        assert_eq!(HeardFrames::new(now).push(&sound, now), [expected]);
    }

    proptest! {
        /// Packets of whatever length come out in order, whole, and in frames.
        #[test]
        fn nothing_is_lost_or_doubled(lengths in proptest::collection::vec(1..480_usize, 1..50)) {
            let now = Instant::now();
            let (mut heard, mut said, mut came) = (HeardFrames::new(now), Vec::new(), Vec::new());
            for (place, length) in lengths.into_iter().enumerate() {
                let bytes = vec![u8::try_from(place).unwrap(); length];
                let timestamp = u32::try_from(said.len()).unwrap();
                for frame in heard.push(&packet(timestamp, &bytes), now) {
                    prop_assert_eq!(frame.len(), FRAME_BYTES);
                    came.extend(frame);
                }
                said.extend(bytes);
            }
            prop_assert_eq!(&came[..], &said[..came.len()]);
            prop_assert!(said.len() - came.len() < FRAME_BYTES);
        }
    }
}
