//! Sound of one call on its way into another: what comes unevenly leaves evenly. Pure.

use std::collections::VecDeque;

use super::HeardSound;
use crate::rtp::SAMPLES_A_MILLISECOND;

/// How much waits before any of it leaves, beside the frame that does: packets that are late by less are not missed.
const AHEAD: usize = 20 * SAMPLES_A_MILLISECOND as usize;

/// The most that waits. What comes beyond it is newer: the oldest goes, so that two people do not talk with a delay that only grows.
const MOST: usize = 120 * SAMPLES_A_MILLISECOND as usize;

/// The longest gap that is filled with silence: packets that were lost. In a longer one nothing was sent.
const LONGEST_GAP: u32 = 100 * SAMPLES_A_MILLISECOND;

/// What came of another call and has not left.
#[derive(Debug, Default)]
pub(super) struct RelayedSound {
    samples: VecDeque<i16>,
    /// Whether enough has come for some to leave.
    flows: bool,
    /// The timestamp that follows on what came last.
    next: Option<u32>,
}

impl RelayedSound {
    /// Takes what came. What comes after something that was said later is dropped.
    pub(super) fn push(&mut self, heard: &HeardSound) {
        let gap = self.next.map_or(0, |next| heard.timestamp.wrapping_sub(next));
        if gap.wrapping_neg() <= LONGEST_GAP && gap != 0 {
            return;
        }
        if gap <= LONGEST_GAP {
            self.samples.extend(std::iter::repeat_n(0, gap as usize));
        }
        self.samples.extend(heard.bytes.iter().map(|byte| heard.codec.decode(*byte)));
        let length = u32::try_from(heard.bytes.len()).unwrap_or(u32::MAX);
        self.next = Some(heard.timestamp.wrapping_add(length));
        if self.samples.len() > MOST {
            self.samples.drain(..self.samples.len() - MOST / 2);
        }
    }

    /// What leaves in this frame, of so many samples; `None`: silence.
    pub(super) fn take(&mut self, frame: usize) -> Option<Vec<i16>> {
        self.flows |= self.samples.len() >= frame + AHEAD;
        if !self.flows || self.samples.is_empty() {
            self.flows = false;
            return None;
        }
        let mut taken: Vec<i16> = self.samples.drain(..frame.min(self.samples.len())).collect();
        taken.resize(frame, 0);
        Some(taken)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::g711::G711;

    fn packet(number: u32, sample: i16) -> HeardSound {
        HeardSound {
            is_early: false,
            codec: G711::ALaw,
            number: number.into(),
            timestamp: number.wrapping_mul(160),
            bytes: vec![G711::ALaw.encode(sample); 160].into(),
        }
    }

    /// What leaves until nothing does, a sample of each frame.
    fn rest(relayed: &mut RelayedSound) -> Vec<i16> {
        std::iter::from_fn(|| relayed.take(160)).map(|frame| G711::ALaw.encode(frame[0]).into()).collect()
    }

    fn as_sent(samples: &[i16]) -> Vec<i16> {
        samples.iter().map(|sample| G711::ALaw.encode(*sample).into()).collect()
    }

    #[test]
    fn a_packet_that_is_late_by_less_than_a_frame_is_not_missed() {
        let mut relayed = RelayedSound::default();
        relayed.push(&packet(1, 1_000));
        assert_eq!(relayed.take(160), None, "one frame is kept ahead");
        relayed.push(&packet(2, 2_000));
        assert!(relayed.take(160).is_some());
        // Packet 3 is late: its frame's place is taken by the one ahead.
        assert!(relayed.take(160).is_some());
        assert_eq!(relayed.take(160), None);
    }

    #[test]
    fn lost_packets_are_silence_and_late_ones_are_dropped() {
        let mut relayed = RelayedSound::default();
        for (number, sample) in [(1, 1_000), (3, 3_000), (2, 2_000), (4, 4_000)] {
            relayed.push(&packet(number, sample));
        }
        assert_eq!(rest(&mut relayed), as_sent(&[1_000, 0, 3_000, 4_000]));
        relayed.push(&packet(1_000, 5_000));
        relayed.push(&packet(1_001, 6_000));
        assert_eq!(rest(&mut relayed), as_sent(&[5_000, 6_000]), "a pause is not made up for");
    }

    proptest! {
        /// However unevenly packets come, no more than the most waits.
        #[test]
        fn little_waits_however_much_comes(bursts in proptest::collection::vec((0..20_u32, 0..5_usize), 1..100)) {
            let (mut relayed, mut number) = (RelayedSound::default(), u32::MAX - 500);
            for (come, leave) in bursts {
                for _ in 0..come {
                    number = number.wrapping_add(1);
                    relayed.push(&packet(number, 1_000));
                    prop_assert!(relayed.samples.len() <= MOST);
                }
                for _ in 0..leave {
                    prop_assert!(relayed.take(160).is_none_or(|frame| frame.len() == 160));
                }
            }
        }
    }
}
