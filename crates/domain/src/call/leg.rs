//! Legs: calls to those with whom callees are connected.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{CallHandle, EndedBy, NetworkCause, OutcomeClass};
use crate::{LegId, LineId};

/// A call to someone else, with whom a callee was connected or was to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallLeg {
    /// Its id.
    pub id: LegId,
    /// The line it goes over.
    pub line_id: LineId,
    /// Whom it was to reach, as records show it: never a telephone number.
    pub target: String,
    /// When it was written down, right before it was dialed.
    pub dialed_at: Timestamp,
    /// When the phone began to ring.
    pub ringing_at: Option<Timestamp>,
    /// When it was answered: from then on the two talked.
    pub answered_at: Option<Timestamp>,
    /// How it ended, if it has.
    pub end: Option<LegEnd>,
    /// What another process can end it with while it lasts.
    #[serde(skip)]
    pub handle: Option<CallHandle>,
}

/// How a leg ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegEnd {
    /// When.
    pub at: Timestamp,
    /// What came of it.
    pub class: OutcomeClass,
    /// What the network said.
    pub cause: NetworkCause,
    /// Who ended it.
    pub by: EndedBy,
}

impl CallLeg {
    /// Notes how it ended, once.
    pub fn end(&mut self, end: LegEnd) {
        self.handle = None;
        self.end.get_or_insert(end);
    }

    /// Notes that it ended with its node: nobody knows how, unless someone had answered.
    pub fn end_unknown(&mut self, at: Timestamp) {
        let class = if self.answered_at.is_some() { OutcomeClass::Answered } else { OutcomeClass::Unknown };
        let cause = NetworkCause { is_local: true, ..NetworkCause::default() };
        self.end(LegEnd { at, class, cause, by: EndedBy::Unknown });
    }
}
