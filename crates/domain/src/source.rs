//! The two things a program cannot make out of its input: the time and chance. They are arguments everywhere, so
//! that tests choose them; the binary holds the only real ones.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The present instant, rounded down to the microsecond, which is what the database keeps.
    fn now(&self) -> Timestamp;
}

/// Gives bytes nobody can guess.
pub trait Random: Send + Sync {
    /// Fills `bytes` from a cryptographically secure source.
    fn fill(&self, bytes: &mut [u8]);
}

/// How far a node's clock may be from the database's. Nodes share the work by the time it is; one that has another time
/// would open and close windows at the wrong one.
pub const CLOCK_BOUND: SignedDuration = SignedDuration::from_secs(5);

/// How far this node's clock was from the database's when that was last looked at. Shared by who looks and who minds.
#[derive(Debug, Default)]
pub struct ClockDifference(AtomicI64);

impl ClockDifference {
    /// Takes note of the present instant by this node's clock and by the database's.
    pub fn note(&self, here: Timestamp, at_database: Timestamp) {
        let apart = here.as_microsecond() - at_database.as_microsecond();
        self.0.store(apart, Ordering::Relaxed);
    }

    /// How far this node is ahead, if that is more than [`CLOCK_BOUND`] either way.
    pub fn too_far(&self) -> Option<SignedDuration> {
        let ahead = SignedDuration::from_micros(self.0.load(Ordering::Relaxed));
        (ahead.abs() > CLOCK_BOUND).then_some(ahead)
    }
}
