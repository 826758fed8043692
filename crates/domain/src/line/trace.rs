//! The signalling of one call, as it went over the network: for whoever asks why a call went as it did. It holds telephone numbers.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{LegId, SipTransport};

/// How long traces are kept.
pub const TRACES_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The most messages of a call that are kept.
pub const MAXIMUM_TRACED_MESSAGES: usize = 60;

/// The most bytes of one message that are kept, and of all of a call's together.
pub const MAXIMUM_TRACED_BYTES: (usize, usize) = (4 * 1024, 32 * 1024);

/// The messages of one call, in the order in which they were sent and received.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallTrace {
    /// At most [`MAXIMUM_TRACED_MESSAGES`].
    pub messages: Vec<TracedMessage>,
    /// Whether something was left out, for it was too much.
    pub is_cut: bool,
}

/// A message of a call's signalling. Its `Debug` form shows nothing of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TracedMessage {
    /// When it was sent or received.
    pub at: Timestamp,
    /// Whether we sent it.
    pub is_sent: bool,
    /// By what it went.
    pub transport: SipTransport,
    /// The other side's address and port; empty where it is not known.
    pub peer: String,
    /// The message, without what proves who we are.
    pub text: String,
    /// The leg of the call that it belongs to; `None`: the callee's own part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leg: Option<LegId>,
}

impl fmt::Debug for TracedMessage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TracedMessage(..)")
    }
}

impl CallTrace {
    /// Adds a message, as far as there is room.
    pub fn add(&mut self, mut message: TracedMessage) {
        let (longest, all) = MAXIMUM_TRACED_BYTES;
        let room = all.saturating_sub(self.messages.iter().map(|message| message.text.len()).sum());
        if self.messages.len() == MAXIMUM_TRACED_MESSAGES || room == 0 {
            self.is_cut = true;
            return;
        }
        let end = message.text.floor_char_boundary(longest.min(room));
        if end < message.text.len() {
            self.is_cut = true;
            message.text.truncate(end);
        }
        self.messages.push(message);
    }
}

impl CallTrace {
    /// The same of a leg of its call.
    #[must_use]
    pub fn of_leg(mut self, leg: LegId) -> Self {
        self.messages.iter_mut().for_each(|message| message.leg = Some(leg));
        self
    }

    /// This and another, in the order in which things happened.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        let mut messages = [self.messages, other.messages].concat();
        messages.sort_by_key(|message| message.at);
        let mut both = Self { messages: Vec::new(), is_cut: self.is_cut || other.is_cut };
        for message in messages {
            both.add(message);
        }
        both
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: String) -> TracedMessage {
        let peer = "192.0.2.1:5060".to_owned();
        TracedMessage {
            at: Timestamp::UNIX_EPOCH,
            is_sent: true,
            transport: SipTransport::Udp,
            peer,
            text,
            leg: None,
        }
    }

    #[test]
    fn a_trace_is_bounded_in_messages_and_bytes_and_says_so() {
        let mut many = CallTrace::default();
        (0..MAXIMUM_TRACED_MESSAGES).for_each(|_| many.add(message("OPTIONS".to_owned())));
        assert!(!many.is_cut);
        many.add(message("one more".to_owned()));
        assert!(many.is_cut && many.messages.len() == MAXIMUM_TRACED_MESSAGES);

        let (longest, all) = MAXIMUM_TRACED_BYTES;
        let mut long = CallTrace::default();
        // A letter of three bytes does not fit the bound.
        long.add(message("话".repeat(longest)));
        assert!(
            long.is_cut && long.messages.first().is_some_and(|first| first.text.len() == longest / 3 * 3)
        );
        (0..20).for_each(|_| long.add(message("x".repeat(longest))));
        assert_eq!(long.messages.iter().map(|message| message.text.len()).sum::<usize>(), all);
    }
}
