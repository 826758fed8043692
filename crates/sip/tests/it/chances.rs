//! Chance that can be had again: its seed is printed.

use std::time::Duration;

use uuid::Uuid;

/// What is drawn, one number after the other (`SplitMix64`).
#[derive(Debug)]
pub(crate) struct Chances(u64);

impl Chances {
    /// By the seed in `DIALTIME_SEED`, or another each time.
    #[expect(
        clippy::disallowed_methods,
        clippy::print_stderr,
        reason = "the seed is printed, so that a failure can be had again"
    )]
    pub(crate) fn new() -> Self {
        let drawn = || Uuid::new_v4().as_u64_pair().0;
        let seed = std::env::var("DIALTIME_SEED").map_or_else(|_| drawn(), |seed| seed.parse().unwrap());
        eprintln!("seed: DIALTIME_SEED={seed}");
        Self(seed)
    }

    /// Others, which do not depend on how many of these are drawn later.
    pub(crate) fn split(&mut self) -> Self {
        Self(self.next())
    }

    pub(crate) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below another.
    pub(crate) const fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// So many milliseconds, the last one included.
    pub(crate) const fn milliseconds(&mut self, first: u64, last: u64) -> Duration {
        Duration::from_millis(first + self.below(last - first + 1))
    }
}
