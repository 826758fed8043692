//! What calls can be ended with by whoever has not made them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a process can end a call with that another one has made, in the words of its carrier. Its `Debug` form shows nothing of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CallHandle(String);

impl CallHandle {
    /// The most bytes that one may have.
    pub const LONGEST: usize = 8_192;

    /// A handle; `None`: it is too long.
    pub fn new(words: impl Into<String>) -> Option<Self> {
        Some(words.into()).filter(|words| words.len() <= Self::LONGEST).map(Self)
    }

    /// The words.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for CallHandle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("CallHandle(..)")
    }
}
