//! What the log tells of dialing: calls as they go on and end, lists that are finished, lines that fail and work again, numbers that
//! must not be called. It names no telephone number: whoever may see it finds it in the record.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{AnsweredBy, Answerer, Attempt, EndedBy, NumberStatus, OutcomeClass};
use crate::{AttemptId, LineId};

/// How far a call has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CallStage {
    /// It was dialed.
    Started,
    /// The callee's phone rings.
    Ringing,
    /// Someone or something answered.
    Answered,
    /// It was found out who answered, or that it is another than was thought.
    Judged,
    /// It has ended.
    Ended,
}

/// A call, as far as it has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallSnapshot {
    /// The record that it is, or will be.
    pub record_id: Uuid,
    /// The line it goes over.
    pub line_id: Option<Uuid>,
    /// Whether that is a simulated one.
    pub simulated: bool,
    /// When it was dialed.
    pub dialed_at: Timestamp,
    /// When the phone began to ring.
    #[serde(default)]
    pub ringing_at: Option<Timestamp>,
    /// When it was answered.
    #[serde(default)]
    pub answered_at: Option<Timestamp>,
    /// Who answered, where the script asks for that and as far as it is known.
    #[serde(default)]
    pub answerer: Option<Answerer>,
    /// How it ended, if it has.
    #[serde(default)]
    pub end: Option<CallEndSnapshot>,
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallEndSnapshot {
    /// When.
    pub at: Timestamp,
    /// What came of it.
    pub class: OutcomeClass,
    /// The number of the status that it gave its number; `None`: it counts no try.
    pub status: Option<i64>,
    /// Who ended it.
    pub by: EndedBy,
    /// Who answered, where the script asked for that.
    #[serde(default)]
    pub answered_by: Option<AnsweredBy>,
}

impl CallSnapshot {
    /// A call that was just dialed.
    pub const fn started(id: AttemptId, line: LineId, simulated: bool, dialed_at: Timestamp) -> Self {
        Self {
            record_id: id.uuid(),
            line_id: Some(line.uuid()),
            simulated,
            dialed_at,
            ringing_at: None,
            answered_at: None,
            answerer: None,
            end: None,
        }
    }

    /// A call that has ended.
    pub fn ended(attempt: &Attempt) -> Self {
        let times = &attempt.times;
        Self {
            record_id: attempt.id.uuid(),
            line_id: attempt.line_id,
            simulated: attempt.is_simulated,
            dialed_at: times.dialed_at,
            ringing_at: times.ringing_at,
            answered_at: times.answered_at,
            answerer: attempt.answerer,
            end: Some(CallEndSnapshot {
                at: times.ended_at,
                class: attempt.class,
                status: attempt.status.map(NumberStatus::number),
                by: attempt.ended_by,
                answered_by: attempt.answerer.map(|answerer| answerer.by),
            }),
        }
    }
}

/// A line that fails, or works again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineHealthSnapshot {
    /// The line.
    pub line_id: Uuid,
    /// What it is called.
    pub line_name: String,
    /// Why nothing is called over it; `None`: it works again.
    pub failing: Option<OutcomeClass>,
}

/// A number of a task that is not called, for it must not be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockedNumberSnapshot {
    /// What forbids it, as decisions name it.
    pub blocked_by: String,
    /// How many numbers of the task that is.
    pub numbers: i64,
}
