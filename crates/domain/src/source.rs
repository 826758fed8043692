//! The two things a program cannot make out of its input: the time and chance. They are arguments everywhere, so
//! that tests choose them; the binary holds the only real ones.

use jiff::Timestamp;

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
