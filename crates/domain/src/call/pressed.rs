//! Keys that callees press.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The keys that a callee pressed where a step of a script asked for some. Its `Debug` form shows none of them: they may be anybody's secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PressedKeys {
    /// When the step went on with them.
    pub at: Timestamp,
    /// Which step it was, counted from 1.
    pub step: usize,
    /// What the script calls that step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The keys: `0` to `9`, `*`, `#`.
    pub keys: String,
}

impl PressedKeys {
    /// Of how many steps the keys of a call are kept.
    pub const MOST: usize = 100;
}

impl fmt::Debug for PressedKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PressedKeys(..)")
    }
}
