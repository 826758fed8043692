//! Calls: what came of them. An attempt is one try to reach one number, over one line.

mod answerer;
mod attempt;
mod control;
mod event;
mod handle;
mod hours;
mod leg;
mod network;
mod outcome;
mod pressed;
mod reached;

pub use self::{
    answerer::{AnsweredBy, Answerer, AnswererReason},
    attempt::{Attempt, AttemptTimes, CalledNumber, CalleeDetails},
    control::{CallInstruction, MOST_SENT_DIGITS, SentDigits},
    event::{BlockedNumberSnapshot, CallEndSnapshot, CallSnapshot, CallStage, LineHealthSnapshot},
    handle::CallHandle,
    hours::{HOUR, Hours, InstantRange, QUARTER, hour_of, quarter_of},
    leg::{CallLeg, LegEnd},
    network::{EndReason, EndedBy, LineFault, NetworkCause, ReasonPhrase},
    outcome::{NumberStatus, OutcomeClass},
    pressed::PressedKeys,
    reached::ReachedStep,
};
