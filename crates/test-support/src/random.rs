//! Randomness that is the same in every run.

use std::sync::atomic::{AtomicU64, Ordering};

use domain::Random;

/// Bytes that look random, and of which each call gives the next. Two with the same seed give the same.
#[derive(Debug)]
pub struct FixedRandom(AtomicU64);

impl FixedRandom {
    /// A sequence of its own for each seed.
    pub const fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed << 32))
    }

    /// The next eight bytes: `SplitMix64`.
    fn next(&self) -> u64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut value = self.0.fetch_add(1, Ordering::Relaxed).wrapping_add(1).wrapping_mul(STEP);
        value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        value ^ (value >> 31)
    }
}

impl Random for FixedRandom {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.next().to_le_bytes()[..chunk.len()]);
        }
    }
}
