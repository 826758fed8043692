//! What a carrier tells of a call.

use std::time::Duration;

use domain::{
    Answerer, AttemptId, BotOfCall, BotUrl, CallHandle, CallTrace, EndedBy, LegId, LineId, LineRegistration,
    NetworkCause, PressedKeys, ReachedStep, TransferStep,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Something that happened to a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallReport {
    /// The call's attempt.
    pub attempt: AttemptId,
    /// The leg of the call that it happened to; `None`: the call itself.
    pub leg: Option<LegId>,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub event: CallEvent,
}

/// What happened to a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallEvent {
    /// From now on another process can end it with this, and no more with what was told before.
    Endable(CallHandle),
    /// The phone rings (the first 18x).
    Ringing,
    /// There is sound before an answer.
    EarlyMedia,
    /// Someone or something answered (2xx).
    Answered,
    /// Where its script asks for it: who answered, as far as is known now. Told again where that changes.
    Judged(Answerer),
    /// The same of what is heard before an answer: its instants are since that sound began.
    JudgedEarly(Answerer),
    /// Its script came to a step.
    Reached(ReachedStep),
    /// What is known of it besides; told right before its end, if at all.
    Noted(CallNotes),
    /// Its script wants its callee to be connected with someone else, and waits for [`Carrier::place_leg`](crate::Carrier::place_leg) or
    /// [`Carrier::end_transfer`](crate::Carrier::end_transfer). Of calls alone, never of legs.
    TransferWanted(Box<TransferStep>),
    /// It was refused, or never answered; the last report of a call.
    Refused(CallRefusal),
    /// It was answered and is over; the last report of a call.
    HungUp(EndedBy),
}

/// What a carrier knows of a call beside its course.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallNotes {
    /// The cause by Q.850 that the other side gave when it hung up.
    pub q850: Option<u8>,
    /// The signalling, where the line says that it is kept.
    pub trace: Option<CallTrace>,
    /// The keys that the callee pressed where the script asked for some.
    #[serde(default)]
    pub pressed: Vec<PressedKeys>,
    /// Whether it was given up because no sound came for too long; then the line ended it.
    #[serde(default)]
    pub is_without_sound: bool,
    /// The bots that failed, or whose streams were lost and made again.
    #[serde(default)]
    pub bots: Vec<BotOfCall>,
    /// That of them which failed, because of which it was given up.
    #[serde(default)]
    pub failed_bot: Option<BotUrl>,
    /// Whether its script ended it because a machine answered.
    #[serde(default)]
    pub is_for_machine: bool,
    /// Whether its bot asked for the end.
    #[serde(default)]
    pub is_asked_for: bool,
}

/// How a call ended that nobody answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallRefusal {
    /// What the network said.
    pub cause: NetworkCause,
    /// What the carrier said in words or numbers of its own.
    pub carrier: CarrierCause,
}

/// What a carrier says beside SIP's own codes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CarrierCause {
    /// The carrier's own error (`X-Twilio-Error`).
    pub error: Option<u32>,
    /// Whether it takes no more calls now, as opposed to this call.
    pub is_throttled: bool,
    /// For how long it wants to be left alone (`Retry-After`).
    pub retry_after: Option<Duration>,
    /// Whether it was our own side that could not place the call: nothing was sent, and the line has no part in it.
    pub is_own_failure: bool,
}

/// What a line says that was asked whether it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineReport {
    /// The line.
    pub line: LineId,
    /// Whether it may take calls.
    pub may_take_calls: bool,
    /// For how long it wants to be left alone.
    pub retry_after: Option<Duration>,
}

/// How a line stands with its registrar, which is another way than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistrationReport {
    /// The line.
    pub line: LineId,
    /// How it stands.
    pub registration: LineRegistration,
}

impl CallEvent {
    /// Whether nothing follows.
    pub const fn is_end(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::HungUp(_))
    }
}
