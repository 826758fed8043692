//! The course of one call, as a pure state machine: it is fed with what the other side does and with the time, and says what is to be done.
//! Each of its states has a deadline of its own, so that no silence of the other side holds a call.

use domain::{CallDeadlines, Deadline, EndedBy, Present};
use jiff::SignedDuration;
use telephony::{CallEvent, CallRefusal};

use crate::answer::{failed_here, is_of_network, own_failure};

/// How long the INVITEs of a call may take to be ready, over all addresses in turn: until it is known where one goes, and a connection is
/// there. A call is not started two seconds after it was decided on.
const PREPARATION: SignedDuration = SignedDuration::from_millis(1_800);

/// How long one that is ready waits for leave.
const HELD: SignedDuration = SignedDuration::from_secs(5);

/// How long the other side may take to end a call that is cancelled.
const CANCEL_GRACE: SignedDuration = SignedDuration::from_secs(2);

/// How long it may take to answer a BYE.
const BYE_GRACE: SignedDuration = SignedDuration::from_secs(5);

/// The dialer keeps the same limits and knows why it ends a call: it goes first.
const BEHIND_THE_DIALER: SignedDuration = SignedDuration::from_millis(50);

/// What the other side did, or our own side of the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CallInput {
    /// The INVITE is made and can be sent.
    Ready,
    /// The INVITE may leave.
    MayLeave,
    /// It has the INVITE (100).
    Trying,
    /// It says how far it is (101 to 199).
    Progress {
        /// Whether a phone rings (18x).
        rings: bool,
        /// Whether there is sound already.
        has_sound: bool,
    },
    /// It wants to know who calls, and can be told.
    Challenged,
    /// It refused the call, or cannot be reached.
    Refused(CallRefusal),
    /// It answered, with sound that can be heard or without.
    Answered {
        /// Whether there is a codec that both sides know.
        is_usable: bool,
    },
    /// It hung up.
    HungUp {
        /// The cause that it gave, by Q.850.
        q850: Option<u8>,
    },
    /// All is said: who ends the call.
    SaidAll(EndedBy),
    /// It answered our BYE, or there is none to wait for.
    ByeDone,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CallStep {
    /// Make the INVITE once more, with the digest that was asked for.
    InviteAgain,
    /// Make an INVITE to the next address of the line.
    InviteNext,
    /// Send the INVITE that is ready.
    Send,
    /// Send the INVITE no more, and end whatever comes of it.
    Abandon,
    /// Send a CANCEL.
    Cancel,
    /// Say what is to be said to who answered.
    Converse,
    /// Send a BYE, if there is a dialog.
    Bye,
    /// Tell the dialer.
    Report(CallEvent),
}

#[derive(Clone, Debug)]
enum CallPhase {
    /// An INVITE is being made.
    Preparing { gives_up: Deadline },
    /// It is made, and may not leave yet.
    Held { gives_up: Deadline },
    /// An INVITE was sent, and nothing heard.
    Calling { gives_up: Deadline },
    /// The other side has it.
    Proceeding,
    /// Someone talks.
    Answered { ends: Deadline },
    /// A CANCEL was sent.
    Cancelling { gives_up: Deadline },
    /// A BYE was sent; the call then ends so.
    HangingUp { gives_up: Deadline, end: CallEvent },
    /// The end was reported.
    Over,
}

/// The course of a call.
#[derive(Debug)]
pub(crate) struct CallCourse {
    phase: CallPhase,
    latest_start: Deadline,
    cancel_at: Deadline,
    /// How long it may ring, from when the first INVITE leaves.
    ring_limit: SignedDuration,
    /// When it is cancelled if nobody has answered by then.
    unanswered_until: Deadline,
    has_left: bool,
    latest_end: Deadline,
    longest_talk: SignedDuration,
    /// How long an address may take until its INVITE is ready.
    preparation: SignedDuration,
    /// How long an address may leave an INVITE unanswered.
    first_answer: SignedDuration,
    addresses_left: usize,
    /// Who it is that hangs up on the other side.
    peer: EndedBy,
    rang: bool,
    has_sound: bool,
}

impl CallCourse {
    /// A call whose first INVITE is being made now, with so many other addresses to try. What its deadlines say is by the clock of when it was
    /// ordered.
    pub(crate) fn new(
        deadlines: &CallDeadlines,
        first_answer: SignedDuration,
        addresses_left: usize,
        (ordered_at, now): (Present, Present),
    ) -> Self {
        let at = |instant: Option<jiff::Timestamp>| {
            instant.map_or(Deadline::NEVER, |instant| ordered_at.deadline(instant))
        };
        let cancel_at = at(deadlines.cancel_at);
        let addresses = i32::try_from(addresses_left).unwrap_or(i32::MAX).saturating_add(1);
        let preparation = PREPARATION / addresses;
        Self {
            phase: CallPhase::Preparing { gives_up: now.steadily_after(preparation) },
            preparation,
            latest_start: at(deadlines.latest_start),
            cancel_at,
            ring_limit: deadlines.ring_limit.saturating_add(BEHIND_THE_DIALER),
            unanswered_until: cancel_at,
            has_left: false,
            latest_end: at(deadlines.latest_end),
            longest_talk: deadlines.longest_talk.saturating_add(BEHIND_THE_DIALER),
            first_answer,
            addresses_left,
            peer: EndedBy::Callee,
            rang: false,
            has_sound: false,
        }
    }

    /// The same with someone else on the other side.
    pub(crate) fn with(self, peer: EndedBy) -> Self {
        Self { peer, ..self }
    }

    /// Whether the end was reported.
    const fn is_over(&self) -> bool {
        matches!(self.phase, CallPhase::Over)
    }

    /// How it will end, while the other side is being hung up on.
    pub(crate) const fn end_on_its_way(&self) -> Option<&CallEvent> {
        match &self.phase {
            CallPhase::HangingUp { end, .. } => Some(end),
            _ => None,
        }
    }

    /// Whether an INVITE may leave now: the first, or one more.
    pub(crate) fn may_invite(&self, now: Present) -> bool {
        !self.latest_start.is_over(now) && !self.unanswered_until.is_over(now)
    }

    /// When [`Self::pass`] is to be asked next.
    pub(crate) fn next_due(&self) -> Deadline {
        match &self.phase {
            CallPhase::Preparing { gives_up }
            | CallPhase::Held { gives_up }
            | CallPhase::Calling { gives_up } => gives_up.sooner(self.unanswered_until),
            CallPhase::Proceeding => self.unanswered_until,
            CallPhase::Answered { ends } => *ends,
            CallPhase::Cancelling { gives_up } | CallPhase::HangingUp { gives_up, .. } => *gives_up,
            CallPhase::Over => Deadline::NEVER,
        }
    }

    /// Takes note of what happened.
    pub(crate) fn hear(&mut self, input: CallInput, now: Present) -> Vec<CallStep> {
        let is_unanswered = matches!(self.phase, CallPhase::Calling { .. } | CallPhase::Proceeding);
        match input {
            CallInput::Ready if matches!(self.phase, CallPhase::Preparing { .. }) => {
                self.phase = CallPhase::Held { gives_up: now.steadily_after(HELD) };
                Vec::new()
            }
            CallInput::MayLeave if matches!(self.phase, CallPhase::Held { .. }) => self.leave(now),
            CallInput::Trying => {
                self.proceed();
                Vec::new()
            }
            CallInput::Progress { rings, has_sound } => {
                self.proceed();
                self.progress(rings, has_sound)
            }
            CallInput::Challenged if is_unanswered => self.challenged(now),
            CallInput::Refused(refusal) => self.refused(refusal, now),
            CallInput::Answered { is_usable } if is_unanswered => self.answered(is_usable, now),
            CallInput::Answered { .. } if matches!(self.phase, CallPhase::Cancelling { .. }) => {
                self.crossed(now)
            }
            CallInput::HungUp { q850 } if matches!(self.phase, CallPhase::Answered { .. }) => {
                let by = if is_of_network(q850) { EndedBy::Line } else { self.peer };
                self.finish(CallEvent::HungUp(by))
            }
            CallInput::SaidAll(by) if matches!(self.phase, CallPhase::Answered { .. }) => {
                self.hang_up(CallEvent::HungUp(by), now)
            }
            CallInput::HungUp { .. } | CallInput::ByeDone => match &self.phase {
                CallPhase::HangingUp { end, .. } => {
                    let end = end.clone();
                    self.finish(end)
                }
                _ => Vec::new(),
            },
            CallInput::Ready
            | CallInput::MayLeave
            | CallInput::Challenged
            | CallInput::Answered { .. }
            | CallInput::SaidAll(_) => Vec::new(),
        }
    }

    /// Ends it, because someone said so or because it is time.
    pub(crate) fn end(&mut self, now: Present) -> Vec<CallStep> {
        match self.phase {
            CallPhase::Preparing { .. } | CallPhase::Held { .. } | CallPhase::Calling { .. } => {
                self.give_up(CallRefusal::default())
            }
            CallPhase::Proceeding => {
                self.phase = CallPhase::Cancelling { gives_up: now.steadily_after(CANCEL_GRACE) };
                vec![CallStep::Cancel]
            }
            CallPhase::Answered { .. } => self.hang_up(CallEvent::HungUp(EndedBy::Dialtime), now),
            CallPhase::Cancelling { .. } | CallPhase::HangingUp { .. } | CallPhase::Over => Vec::new(),
        }
    }

    /// Takes note of the time.
    pub(crate) fn pass(&mut self, now: Present) -> Vec<CallStep> {
        if !self.next_due().is_over(now) {
            return Vec::new();
        }
        match &self.phase {
            CallPhase::Preparing { .. } | CallPhase::Calling { .. }
                if !self.unanswered_until.is_over(now) =>
            {
                self.unreached(failed_here(408, "The trunk does not answer"), now)
            }
            CallPhase::Held { .. } if !self.unanswered_until.is_over(now) => {
                self.give_up(own_failure("What would end the call is not written down"))
            }
            CallPhase::Preparing { .. }
            | CallPhase::Held { .. }
            | CallPhase::Calling { .. }
            | CallPhase::Proceeding
            | CallPhase::Answered { .. } => self.end(now),
            // The other side says nothing: it is over all the same.
            CallPhase::Cancelling { .. } => self.finish(CallEvent::Refused(CallRefusal::default())),
            CallPhase::HangingUp { end, .. } => {
                let end = end.clone();
                self.finish(end)
            }
            CallPhase::Over => Vec::new(),
        }
    }

    fn proceed(&mut self) {
        if matches!(self.phase, CallPhase::Calling { .. }) {
            self.phase = CallPhase::Proceeding;
        }
    }

    fn progress(&mut self, rings: bool, has_sound: bool) -> Vec<CallStep> {
        let mut steps = Vec::new();
        if self.is_over() || matches!(self.phase, CallPhase::Answered { .. } | CallPhase::HangingUp { .. }) {
            return steps;
        }
        if rings && !std::mem::replace(&mut self.rang, true) {
            steps.push(CallStep::Report(CallEvent::Ringing));
        }
        if has_sound && !std::mem::replace(&mut self.has_sound, true) {
            steps.push(CallStep::Report(CallEvent::EarlyMedia));
        }
        steps
    }

    /// The INVITE may leave, if there is time for one.
    fn leave(&mut self, now: Present) -> Vec<CallStep> {
        if !self.may_invite(now) {
            return self.give_up(self.too_late());
        }
        if !std::mem::replace(&mut self.has_left, true) {
            self.unanswered_until = self.cancel_at.sooner(now.steadily_after(self.ring_limit));
        }
        self.phase = CallPhase::Calling { gives_up: now.steadily_after(self.first_answer) };
        vec![CallStep::Send]
    }

    /// What becomes of a call whose INVITE comes too late: one that has not left at all just did not start.
    fn too_late(&self) -> CallRefusal {
        if self.has_left { failed_here(408, "Too late to start again") } else { CallRefusal::default() }
    }

    fn challenged(&mut self, now: Present) -> Vec<CallStep> {
        if !self.may_invite(now) {
            return self.finish(CallEvent::Refused(self.too_late()));
        }
        self.phase = CallPhase::Preparing { gives_up: now.steadily_after(self.preparation) };
        vec![CallStep::InviteAgain]
    }

    fn refused(&mut self, refusal: CallRefusal, now: Present) -> Vec<CallStep> {
        match self.phase {
            CallPhase::Preparing { .. } | CallPhase::Calling { .. } if refusal.cause.is_local => {
                self.unreached(refusal, now)
            }
            CallPhase::Preparing { .. }
            | CallPhase::Held { .. }
            | CallPhase::Calling { .. }
            | CallPhase::Proceeding
            | CallPhase::Cancelling { .. } => self.finish(CallEvent::Refused(refusal)),
            CallPhase::Answered { .. } | CallPhase::HangingUp { .. } | CallPhase::Over => Vec::new(),
        }
    }

    /// An address says nothing, or cannot be reached: the next one has its turn while there is time.
    fn unreached(&mut self, refusal: CallRefusal, now: Present) -> Vec<CallStep> {
        if self.addresses_left == 0 || !self.may_invite(now) {
            return self.give_up(refusal);
        }
        self.addresses_left -= 1;
        self.phase = CallPhase::Preparing { gives_up: now.steadily_after(self.preparation) };
        vec![CallStep::Abandon, CallStep::InviteNext]
    }

    fn give_up(&mut self, refusal: CallRefusal) -> Vec<CallStep> {
        let mut steps = vec![CallStep::Abandon];
        steps.extend(self.finish(CallEvent::Refused(refusal)));
        steps
    }

    fn answered(&mut self, is_usable: bool, now: Present) -> Vec<CallStep> {
        if !is_usable {
            let refusal = failed_here(488, "The answer names no codec of the line");
            return self.ring_and_hang_up(CallEvent::Refused(refusal), now);
        }
        let ends = now.steadily_after(self.longest_talk).sooner(self.latest_end);
        self.phase = CallPhase::Answered { ends };
        vec![CallStep::Report(CallEvent::Answered), CallStep::Converse]
    }

    /// Someone answered while the CANCEL was on its way.
    fn crossed(&mut self, now: Present) -> Vec<CallStep> {
        self.ring_and_hang_up(CallEvent::Refused(CallRefusal::default()), now)
    }

    /// Where someone answered a phone has rung, whether it was said or not.
    fn ring_and_hang_up(&mut self, end: CallEvent, now: Present) -> Vec<CallStep> {
        let mut steps = self.progress(true, false);
        steps.extend(self.hang_up(end, now));
        steps
    }

    fn hang_up(&mut self, end: CallEvent, now: Present) -> Vec<CallStep> {
        self.phase = CallPhase::HangingUp { gives_up: now.steadily_after(BYE_GRACE), end };
        vec![CallStep::Bye]
    }

    fn finish(&mut self, end: CallEvent) -> Vec<CallStep> {
        self.phase = CallPhase::Over;
        vec![CallStep::Report(end)]
    }
}

#[cfg(test)]
#[path = "course_tests.rs"]
mod tests;
