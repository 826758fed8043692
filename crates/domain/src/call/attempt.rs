//! Attempts that have ended: what the platform calls a record (通话记录).

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    Answerer, CallLeg, EndReason, EndedBy, NetworkCause, NumberStatus, OutcomeClass, PressedKeys, ReachedStep,
};
use crate::{AccountId, AttemptId, BotOfCall, TaskId};

/// One try to reach one number, after its end. Nothing of it changes any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Its id.
    pub id: AttemptId,
    /// Whose it is.
    pub account_id: AccountId,
    /// The task that it was made for; it may be gone since.
    pub task_id: TaskId,
    /// What the task was called then.
    pub task_name: String,
    /// Whom it was to reach.
    pub number: CalledNumber,
    /// The line it went over.
    pub line_id: Option<Uuid>,
    /// The number that the callee saw, in the form that the line was given.
    pub caller_id: Option<String>,
    /// The script that was to run.
    pub script_id: Option<i64>,
    /// What came of it.
    pub class: OutcomeClass,
    /// The status that it gave its number; `None`: it counts no try.
    pub status: Option<NumberStatus>,
    /// What the network said.
    pub cause: NetworkCause,
    /// Who ended it.
    pub ended_by: EndedBy,
    /// Why the program did, if it was that.
    pub end_reason: Option<EndReason>,
    /// The keys that the callee pressed where the script asked for some, in their order.
    pub pressed: Vec<PressedKeys>,
    /// Who answered, where the script asked for that.
    pub answerer: Option<Answerer>,
    /// What was heard before the answer, where the script asked who answers: its instants are since that sound began.
    pub early_answerer: Option<Answerer>,
    /// The steps of the script that it came to, but for those that hang up, in their order.
    pub steps: Vec<ReachedStep>,
    /// The bots that it was for, one for each step of its script that hands it to one, in the order of the steps.
    pub bots: Vec<BotOfCall>,
    /// When what happened.
    pub times: AttemptTimes,
    /// The calls to those with whom its callee was connected, or was to be, in their order.
    pub legs: Vec<CallLeg>,
    /// Whether it went over a simulated line.
    pub is_simulated: bool,
}

impl Attempt {
    /// Whether a call was placed: not where nothing left, nor where the number must not be called, unless it was a carrier that said so.
    pub const fn was_placed(&self) -> bool {
        match self.class {
            OutcomeClass::NotSent => false,
            OutcomeClass::DoNotCall => self.cause.code.is_some(),
            _ => true,
        }
    }
}

/// The number of an attempt, as it was in the task's list.
#[derive(Clone, PartialEq, Eq)]
pub struct CalledNumber {
    /// The digits of E.164.
    pub e164: i64,
    /// As it was sent.
    pub phone: String,
    /// What the list said of the callee.
    pub details: CalleeDetails,
}

impl fmt::Debug for CalledNumber {
    /// Without the number and what is said of its owner.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("CalledNumber(..)")
    }
}

/// What a list says of a callee, as far as records show it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CalleeDetails {
    /// The callee's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The callee's company.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    /// The client's own text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extra: Option<String>,
}

impl fmt::Debug for CalleeDetails {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("CalleeDetails(..)")
    }
}

/// The instants of a call; `None` is what did not happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttemptTimes {
    /// When it was dialed.
    pub dialed_at: Timestamp,
    /// When the phone began to ring.
    pub ringing_at: Option<Timestamp>,
    /// When sound came before an answer.
    pub early_media_at: Option<Timestamp>,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Timestamp,
}

impl AttemptTimes {
    /// From the answer to the end; zero without an answer, and where a clock was set back.
    pub fn talk(&self) -> SignedDuration {
        let answered = self.answered_at.unwrap_or(self.ended_at);
        self.ended_at.duration_since(answered).max(SignedDuration::ZERO)
    }

    /// From dialing to the end; zero where a clock was set back.
    pub fn whole(&self) -> SignedDuration {
        self.ended_at.duration_since(self.dialed_at).max(SignedDuration::ZERO)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_as_long_as_it_was_talked_and_never_less_than_nothing() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let times = AttemptTimes {
            dialed_at: at(100),
            ringing_at: Some(at(103)),
            early_media_at: None,
            answered_at: Some(at(110)),
            ended_at: at(150),
        };
        assert_eq!((times.talk().as_secs(), times.whole().as_secs()), (40, 50));
        let unanswered = AttemptTimes { answered_at: None, ..times };
        assert_eq!((unanswered.talk().as_secs(), unanswered.whole().as_secs()), (0, 50));
        let clock_set_back = AttemptTimes { ended_at: at(90), ..times };
        assert_eq!((clock_set_back.talk().as_secs(), clock_set_back.whole().as_secs()), (0, 0));
    }

    #[test]
    fn no_log_shows_a_number_or_its_owner() {
        let details = CalleeDetails { name: Some("Zhang".to_owned()), ..CalleeDetails::default() };
        let number = CalledNumber { e164: 8_613_800_000_000, phone: "13800000000".to_owned(), details };
        let shown = format!("{number:?} {:?}", number.details);
        assert!(!shown.contains("138") && !shown.contains("Zhang"), "{shown}");
    }
}
