//! The clock and the random source. They are arguments everywhere, so that tests choose them; only the binary has real ones.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The present instant, rounded down to the microsecond, which is what the database stores.
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

/// How far this node's clock was from the database's when that was last measured. Shared by the loop that measures and by those
/// who must stop when it is too far.
#[derive(Debug, Default)]
pub struct ClockDifference {
    /// In microseconds.
    ahead: AtomicI64,
    ignored: bool,
}

impl ClockDifference {
    /// One that is always none: for a node whose clock is set by hand, as in tests, and has nothing to do with the database's.
    pub const fn ignored() -> Self {
        Self { ahead: AtomicI64::new(0), ignored: true }
    }

    /// Notes the database's clock, which was read at some time between two instants of this node's. The answer may have taken
    /// long, so only what lies outside of the two is a difference.
    pub fn note(&self, before: Timestamp, after: Timestamp, at_database: Timestamp) {
        let [before, after, there] = [before, after, at_database].map(Timestamp::as_microsecond);
        let ahead = if there < before { before - there } else { after.min(there) - there };
        self.ahead.store(if self.ignored { 0 } else { ahead }, Ordering::Relaxed);
    }

    /// How far this node is ahead; negative when it is behind.
    pub fn ahead(&self) -> SignedDuration {
        SignedDuration::from_micros(self.ahead.load(Ordering::Relaxed))
    }

    /// How far this node is ahead, if that is more than [`CLOCK_BOUND`] either way.
    pub fn too_far(&self) -> Option<SignedDuration> {
        let ahead = self.ahead();
        (ahead.abs() > CLOCK_BOUND).then_some(ahead)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_answer_is_no_difference() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let difference = ClockDifference::default();
        for (before, after, there, ahead) in
            [(100, 100, 100, None), (100, 130, 101, None), (100, 130, 129, None), (100, 101, 95, None)]
                .into_iter()
                .chain([(100, 130, 94, Some(6)), (100, 101, 107, Some(-6))])
        {
            difference.note(at(before), at(after), at(there));
            assert_eq!(
                difference.too_far(),
                ahead.map(SignedDuration::from_secs),
                "{before} {after} {there}"
            );
        }
        let ignored = ClockDifference::ignored();
        ignored.note(at(100), at(100), at(200));
        assert_eq!(ignored.too_far(), None);
    }
}
