//! What nodes and observers say to the network, and what it says to them.

use std::time::Duration;

use domain::{
    AnsweredBy, Answerer, AttemptId, CallHandle, EndedBy, LegId, LineId, NetworkCause, OnMachine,
    OutcomeClass, ReachedStep, ReasonPhrase, SimulatedCall, TransferStep,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::traffic::NetworkTraffic;
use crate::{CallEvent, CallNotes, CallRefusal, CallReport, CarrierCause};

/// What is said to the network.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ToNetwork {
    /// From now on the node of this process speaks here, and hears of its calls.
    Node(u32),
    /// A call is to start.
    Invite(Invite),
    /// A call is to end, whosever it is: by CANCEL or BYE, as it is by then.
    End(AttemptId),
    /// What have you seen?
    Observe,
}

/// A call that is to start, with what is to come of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Invite {
    pub(super) attempt: AttemptId,
    pub(super) line: LineId,
    pub(super) callee: i64,
    pub(super) class: OutcomeClass,
    pub(super) ring: i64,
    pub(super) talk: i64,
    pub(super) by: AnsweredBy,
    pub(super) on_machine: OnMachine,
}

impl Invite {
    /// What is to come of it.
    pub(super) const fn call(&self) -> SimulatedCall {
        SimulatedCall { class: self.class, ring: self.ring, talk: self.talk, by: self.by }
    }
}

/// What the network says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum FromNetwork {
    /// Something happened to a call of the node.
    Report(WireReport),
    /// It is there.
    Here,
    /// What it has seen.
    Seen(NetworkTraffic),
}

/// A [`CallReport`] on its way.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct WireReport {
    attempt: AttemptId,
    leg: Option<LegId>,
    at: Timestamp,
    event: WireEvent,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WireEvent {
    Endable(CallHandle),
    Ringing,
    EarlyMedia,
    Answered,
    Judged(Answerer),
    JudgedEarly(Answerer),
    Reached(ReachedStep),
    Noted(CallNotes),
    TransferWanted(Box<TransferStep>),
    Refused(WireRefusal),
    HungUp(EndedBy),
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct WireRefusal {
    code: Option<u16>,
    phrase: Option<String>,
    q850: Option<u8>,
    is_local: bool,
    error: Option<u32>,
    is_throttled: bool,
    retry_after: Option<Duration>,
}

impl From<&CallReport> for WireReport {
    fn from(report: &CallReport) -> Self {
        let event = match &report.event {
            CallEvent::Endable(handle) => WireEvent::Endable(handle.clone()),
            CallEvent::Ringing => WireEvent::Ringing,
            CallEvent::EarlyMedia => WireEvent::EarlyMedia,
            CallEvent::Answered => WireEvent::Answered,
            CallEvent::Judged(answerer) => WireEvent::Judged(*answerer),
            CallEvent::JudgedEarly(answerer) => WireEvent::JudgedEarly(*answerer),
            CallEvent::Reached(step) => WireEvent::Reached(step.clone()),
            CallEvent::Noted(notes) => WireEvent::Noted(notes.clone()),
            CallEvent::TransferWanted(step) => WireEvent::TransferWanted(step.clone()),
            CallEvent::Refused(refusal) => WireEvent::Refused(refusal.into()),
            CallEvent::HungUp(by) => WireEvent::HungUp(*by),
        };
        Self { attempt: report.attempt, leg: report.leg, at: report.at, event }
    }
}

impl From<WireReport> for CallReport {
    fn from(report: WireReport) -> Self {
        let event = match report.event {
            WireEvent::Endable(handle) => CallEvent::Endable(handle),
            WireEvent::Ringing => CallEvent::Ringing,
            WireEvent::EarlyMedia => CallEvent::EarlyMedia,
            WireEvent::Answered => CallEvent::Answered,
            WireEvent::Judged(answerer) => CallEvent::Judged(answerer),
            WireEvent::JudgedEarly(answerer) => CallEvent::JudgedEarly(answerer),
            WireEvent::Reached(step) => CallEvent::Reached(step),
            WireEvent::Noted(notes) => CallEvent::Noted(notes),
            WireEvent::TransferWanted(step) => CallEvent::TransferWanted(step),
            WireEvent::Refused(refusal) => CallEvent::Refused(refusal.into()),
            WireEvent::HungUp(by) => CallEvent::HungUp(by),
        };
        Self { attempt: report.attempt, leg: report.leg, at: report.at, event }
    }
}

impl From<&CallRefusal> for WireRefusal {
    fn from(CallRefusal { cause, carrier }: &CallRefusal) -> Self {
        Self {
            code: cause.code,
            phrase: cause.phrase.as_ref().map(|phrase| phrase.as_str().to_owned()),
            q850: cause.q850,
            is_local: cause.is_local,
            error: carrier.error,
            is_throttled: carrier.is_throttled,
            retry_after: carrier.retry_after,
        }
    }
}

impl From<WireRefusal> for CallRefusal {
    fn from(refusal: WireRefusal) -> Self {
        let WireRefusal { code, phrase, q850, is_local, error, is_throttled, retry_after } = refusal;
        let phrase = phrase.as_deref().map(ReasonPhrase::of);
        Self {
            cause: NetworkCause { code, phrase, q850, is_local },
            carrier: CarrierCause { error, is_throttled, retry_after, is_own_failure: false },
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::simulated::causes::{cancelled, refusal};

    #[test]
    fn reports_come_out_as_they_went_in() {
        for event in [
            CallEvent::Ringing,
            CallEvent::EarlyMedia,
            CallEvent::Answered,
            CallEvent::Refused(refusal(OutcomeClass::PoweredOff)),
            CallEvent::Refused(refusal(OutcomeClass::Throttled)),
            CallEvent::Refused(cancelled()),
            CallEvent::HungUp(EndedBy::Callee),
        ] {
            let attempt = AttemptId::new(Uuid::from_u128(7));
            let report = CallReport { attempt, leg: None, at: Timestamp::UNIX_EPOCH, event };
            let text = serde_json::to_string(&WireReport::from(&report)).unwrap();
            assert_eq!(CallReport::from(serde_json::from_str::<WireReport>(&text).unwrap()), report);
        }
    }
}
