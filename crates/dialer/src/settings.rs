//! How the dialer works. Nothing of it is a rule: tests shorten it.

use std::time::Duration;

use jiff::SignedDuration;

/// Longer than any program runs: ten years.
const FOR_GOOD: SignedDuration = SignedDuration::from_hours(10 * 366 * 24);

/// How the dialer works.
#[derive(Clone, Copy, Debug)]
pub struct DialerSettings {
    /// For how long a node has its numbers and calls after it was last heard of.
    pub node_lease: SignedDuration,
    /// For how long a node has its share of a line after it was last renewed.
    pub line_share: SignedDuration,
    /// How long what may be dialed is taken for true before it is read again.
    pub directory_age: Duration,
    /// How long answered calls may go on when the node stops.
    pub drain: Duration,
    /// Whether calls are recorded of tasks that do not say.
    pub records_calls: bool,
}

impl DialerSettings {
    /// How long a node's lease is. The only node of a database has it for good: whoever comes next knows that it is gone.
    pub(crate) fn lease(&self, is_alone: bool) -> SignedDuration {
        if is_alone { FOR_GOOD } else { self.node_lease }
    }
}

impl Default for DialerSettings {
    fn default() -> Self {
        Self {
            node_lease: SignedDuration::from_secs(9),
            line_share: SignedDuration::from_secs(15),
            directory_age: Duration::from_millis(500),
            drain: Duration::from_secs(30),
            records_calls: false,
        }
    }
}
