//! How a call is cut for those who judge it.

/// How many samples of a call are judged at once: 16 ms, the 256 samples of 16,000 a second that the model takes.
pub(super) const BLOCK: usize = 128;

/// How many milliseconds those last.
pub(super) const BLOCK_MILLISECONDS: u32 = 16;
