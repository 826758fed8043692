//! Calls: what came of them. An attempt is one try to reach one number, over one line.

mod attempt;
mod event;
mod hours;
mod outcome;

pub use self::{
    attempt::{Attempt, AttemptTimes, CalledNumber, CalleeDetails, EndedBy, NetworkCause, ReasonPhrase},
    event::{BlockedNumberSnapshot, CallEndSnapshot, CallSnapshot, CallStage, LineHealthSnapshot},
    hours::{HOUR, Hours, InstantRange, QUARTER, hour_of, quarter_of},
    outcome::{NumberStatus, OutcomeClass},
};
