//! What is asked of calls that are under way.

use domain::{AttemptId, CallEnd, EndReason, Present};
use telephony::LiveInstruction;

use super::Calls;

/// What is asked of a call.
pub(crate) enum AskedOfCall {
    /// To end it.
    HangUp,
    /// What its carrier does.
    OfCarrier(LiveInstruction),
}

impl Calls {
    /// Asks something of a call that was answered; hanging up, of any.
    pub(crate) fn control(&self, attempt: AttemptId, control: AskedOfCall, now: Present) {
        let mut state = self.state();
        let Some(call) = state.calls.get(&attempt) else { return };
        let is_answered = call.is_answered();
        match control {
            AskedOfCall::HangUp => {
                let end = if is_answered { CallEnd::Answered } else { CallEnd::Cancelled };
                state.end(&*self.carrier, attempt, (end, EndReason::Requested), now);
            }
            // Where it cannot be asked, the call is about to end.
            AskedOfCall::OfCarrier(control) if is_answered => drop(self.carrier.control(attempt, control)),
            AskedOfCall::OfCarrier(_) => {}
        }
    }
}
