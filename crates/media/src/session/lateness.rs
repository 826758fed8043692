//! How late packets are sent.

use std::time::Duration;

/// The upper end of the first step; each further is twice as far.
const FIRST_STEP: Duration = Duration::from_micros(125);

/// How many steps there are: the last but one ends at 512 ms.
const STEPS: usize = 14;

/// How late packets were sent, in steps from 125 µs on that double. Those of several calls add up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SendLateness {
    steps: [u64; STEPS],
    most: Duration,
}

impl SendLateness {
    /// Counts a packet.
    pub fn add(&mut self, late: Duration) {
        let step = (0..STEPS - 1).find(|step| late <= end_of(*step)).unwrap_or(STEPS - 1);
        self.steps[step] += 1;
        self.most = self.most.max(late);
    }

    /// Adds those of another call.
    pub fn merge(&mut self, other: &Self) {
        for (step, count) in self.steps.iter_mut().zip(other.steps) {
            *step += count;
        }
        self.most = self.most.max(other.most);
    }

    /// What this part of all packets, 0 to 1, was at most: the end of its step, or of the latest packet.
    pub fn percentile(&self, part: f64) -> Duration {
        let total: u64 = self.steps.iter().sum();
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "nobody sends so many packets that it matters"
        )]
        let wanted = (total as f64 * part.clamp(0.0, 1.0)).ceil() as u64;
        let mut counted = 0;
        for (step, count) in self.steps.iter().enumerate().take(STEPS - 1) {
            counted += count;
            if counted >= wanted {
                return end_of(step).min(self.most);
            }
        }
        self.most
    }

    /// The steps: the upper end of each, without that of the last, which has none, and how many packets are in it.
    pub fn steps(&self) -> impl Iterator<Item = (Option<Duration>, u64)> {
        self.steps.iter().enumerate().map(|(step, count)| ((step < STEPS - 1).then(|| end_of(step)), *count))
    }

    /// The latest packet.
    pub const fn most(&self) -> Duration {
        self.most
    }
}

/// The upper end of a step.
fn end_of(step: usize) -> Duration {
    FIRST_STEP * (1_u32 << step)
}
