//! The transfer of one call, as a pure state machine: from the wish of its script to a leg that is dialed, and to the end of that.

use std::{sync::Arc, time::Duration};

use domain::{
    CallDeadlines, CallEnd, CallLeg, CallMilestones, Deadline, EndedBy, LegEnd, Line, LineId, NetworkCause,
    OpenAttempt, OutcomeClass, Present, TransferStep,
};
use jiff::{SignedDuration, Timestamp};
use telephony::{CallEvent, CallRefusal, CallReport, LegOrder};

use crate::{
    directory::TaskEntry,
    ends::{ENDING, classify, ended_by},
};

/// How long a callee waits at most for a channel and a start of the line. Then nobody answers there.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_secs(10);

/// A leg that is to be begun, with what it is a leg of.
pub(crate) struct WantedLeg {
    /// The attempt.
    pub(crate) attempt: OpenAttempt,
    /// What that is made for.
    pub(crate) task: Arc<TaskEntry>,
    /// What the call must not outlast, nor the leg.
    pub(crate) deadlines: CallDeadlines,
    /// What the script says.
    pub(crate) step: TransferStep,
}

/// A transfer that has not ended.
#[derive(Debug)]
pub(crate) struct Transfer {
    /// What the script says.
    pub(crate) step: TransferStep,
    /// Since when, by the steady clock.
    since: Duration,
    /// Until when somebody may be called.
    until: Deadline,
    /// Not before this is it tried to begin a leg, by the steady clock.
    not_before: Duration,
    phase: TransferPhase,
}

#[derive(Debug)]
enum TransferPhase {
    /// It has no channel of its line.
    Wanted,
    /// It has one; its leg is being written down.
    Beginning,
    /// Its leg is to be placed at the line's pace.
    Waiting { order: Box<LegOrder>, written: Present },
    /// Its leg was placed. By `over` it rings no more, whatever the carrier says.
    Placed { line: Arc<Line>, ring_limit: Deadline, over: Deadline, is_ending: bool },
}

impl Transfer {
    /// A transfer that a script wants.
    pub(crate) fn new(step: TransferStep, now: Present) -> Self {
        let (until, since) = (now.after(LONGEST_WAIT), now.steady);
        Self { step, since, until, not_before: since, phase: TransferPhase::Wanted }
    }

    /// The line that it is to go over.
    pub(crate) const fn line(&self) -> LineId {
        LineId::new(self.step.line)
    }

    /// Since when, by the steady clock.
    pub(crate) const fn since(&self) -> Duration {
        self.since
    }

    /// Whether it has a channel of its line.
    pub(crate) const fn has_channel(&self) -> bool {
        !matches!(self.phase, TransferPhase::Wanted)
    }

    /// Whether a leg may be begun now, as far as it goes.
    pub(crate) fn may_begin(&self, now: Present) -> bool {
        !self.has_channel() && self.not_before <= now.steady
    }

    /// Whether its leg is being written down.
    pub(crate) const fn is_beginning(&self) -> bool {
        matches!(self.phase, TransferPhase::Beginning)
    }

    /// Whether its leg was placed.
    pub(crate) const fn is_placed(&self) -> bool {
        matches!(self.phase, TransferPhase::Placed { .. })
    }

    /// Whether its leg was placed and the carrier is to be told to end it: not when it was already.
    pub(crate) const fn end_leg(&mut self) -> bool {
        match &mut self.phase {
            TransferPhase::Placed { is_ending, .. } => !std::mem::replace(is_ending, true),
            _ => false,
        }
    }

    /// It has a channel now, and its leg is written down next.
    pub(crate) fn begin(&mut self) {
        self.phase = TransferPhase::Beginning;
    }

    /// It gives its channel back, and tries again after a while.
    pub(crate) fn put_off(&mut self, pause: Duration, now: Present) {
        self.not_before = now.steady.saturating_add(pause);
        self.phase = TransferPhase::Wanted;
    }

    /// Its leg was written down.
    pub(crate) fn written(&mut self, order: LegOrder, now: Present) {
        self.phase = TransferPhase::Waiting { order: Box::new(order), written: now };
    }

    /// The leg that is to be placed, and when it was written down.
    pub(crate) fn to_place(&self) -> Option<(&LegOrder, Present)> {
        match &self.phase {
            TransferPhase::Waiting { order, written } => Some((order, *written)),
            _ => None,
        }
    }

    /// Its leg was placed.
    pub(crate) fn place(&mut self, now: Present) {
        let Some((order, _)) = self.to_place() else { return };
        let ring = order.deadlines.ring_limit;
        let (ring_limit, over) = (now.after(ring), now.after(ring.saturating_add(ENDING)));
        self.phase =
            TransferPhase::Placed { line: Arc::clone(&order.line), ring_limit, over, is_ending: false };
    }

    /// Whether it has to end without an answer, as far as the time goes.
    pub(crate) fn is_over(&self, now: Present) -> bool {
        match &self.phase {
            TransferPhase::Wanted | TransferPhase::Beginning => self.until.is_over(now),
            TransferPhase::Waiting { .. } => false,
            TransferPhase::Placed { over, .. } => over.is_over(now),
        }
    }
}

/// Notes on the leg of a call's transfer what the carrier reports of it. Gives what came of it when that was its end. `ended_by_us`: the whole
/// call is being ended by this program.
pub(crate) fn hear(
    transfer: &Transfer,
    leg: &mut CallLeg,
    report: &CallReport,
    ended_by_us: bool,
    now: Present,
) -> Option<OutcomeClass> {
    match &report.event {
        CallEvent::Endable(handle) => leg.handle = Some(handle.clone()),
        CallEvent::Ringing => drop(leg.ringing_at.get_or_insert(report.at)),
        CallEvent::Answered => drop(leg.answered_at.get_or_insert(report.at)),
        CallEvent::EarlyMedia
        | CallEvent::Judged(_)
        | CallEvent::JudgedEarly(_)
        | CallEvent::Reached(_)
        | CallEvent::Noted(_)
        | CallEvent::TransferWanted(_) => {}
        CallEvent::HungUp(by) => {
            let cause = NetworkCause { code: Some(200), ..NetworkCause::default() };
            leg.end(LegEnd { at: report.at, class: OutcomeClass::Answered, cause, by: *by });
        }
        CallEvent::Refused(refusal) => {
            let (class, by) = refused(transfer, leg, refusal, ended_by_us, now);
            leg.end(LegEnd { at: report.at, class, cause: refusal.cause.clone(), by });
        }
    }
    leg.end.as_ref().map(|end| end.class)
}

fn refused(
    transfer: &Transfer,
    leg: &CallLeg,
    CallRefusal { cause, carrier }: &CallRefusal,
    ended_by_us: bool,
    now: Present,
) -> (OutcomeClass, EndedBy) {
    let TransferPhase::Placed { line, ring_limit, .. } = &transfer.phase else {
        return (OutcomeClass::NotSent, EndedBy::Dialtime);
    };
    let end = match cause.code {
        None | Some(487) if ring_limit.is_over(now) => CallEnd::RingLimit,
        None | Some(487) if ended_by_us => return (OutcomeClass::Cancelled, EndedBy::Dialtime),
        None | Some(487) => return (OutcomeClass::Cancelled, EndedBy::Callee),
        _ if carrier.is_own_failure => CallEnd::NotSent,
        _ if carrier.is_throttled => CallEnd::Throttled,
        _ => CallEnd::Refused,
    };
    let milestones = CallMilestones { ringing_at: leg.ringing_at, ..CallMilestones::default() };
    let map = &line.draft.settings.cause_map;
    let class = classify(map, end, &milestones, cause, *carrier).class;
    (class, ended_by(end, class, EndedBy::Agent))
}

/// The end of a leg that nobody was called for, or of which nobody says anything.
pub(crate) fn unheard(leg: &mut CallLeg, class: OutcomeClass, at: Timestamp) {
    let class = if leg.answered_at.is_some() { OutcomeClass::Answered } else { class };
    let cause = NetworkCause { is_local: true, ..NetworkCause::default() };
    leg.end(LegEnd { at, class, cause, by: EndedBy::Dialtime });
}
