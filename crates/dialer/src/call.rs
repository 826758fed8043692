//! One call that is under way, as a pure state machine: it hears what the carrier reports, knows when it must be ended, and makes of
//! all that how its attempt ended.

use std::{sync::Arc, time::Duration};

use domain::{
    AtClose, AttemptEnd, CallDeadlines, CallEnd, CallHandle, CallLeg, CallMilestones, CallOutcome, CallTrace,
    Deadline, EndReason, EndedBy, LegId, LineKind, NetworkCause, OpenAttempt, OutcomeClass, Present,
};
use jiff::Timestamp;
use telephony::{CallEvent, CallNotes, CallOrder, CallRefusal, CallReport, Carrier, Refused};

use crate::{
    breaker::CallOverLine,
    directory::TaskEntry,
    ends::{ENDING, classify, ended_by},
    number_to_call::NumberToCall,
    transfer::{self, Transfer},
};

/// A call that is under way or about to start.
#[derive(Debug)]
pub(crate) struct Call {
    /// Its attempt, as it is at rest, with what has happened since.
    pub(crate) attempt: OpenAttempt,
    /// The number, with the line that could not place its call before this one.
    pub(crate) number: NumberToCall,
    /// What it is made for, as it was when it began.
    pub(crate) task: Arc<TaskEntry>,
    /// What the carrier was told.
    pub(crate) order: CallOrder,
    /// Whether it is ready for its start, as far as is known.
    pub(crate) readiness: Readiness,
    /// Whether it tries a line that is down.
    pub(crate) is_trial: bool,
    /// For how long its line wants to be left alone.
    pub(crate) retry_after: Option<Duration>,
    /// Those of its milestones that are written down.
    pub(crate) written: CallMilestones,
    /// That of its handles which is written down.
    pub(crate) written_handle: Option<CallHandle>,
    /// What its script wants besides: that the callee is connected with someone else.
    pub(crate) transfer: Option<Transfer>,
    /// Those of its legs that are written down.
    pub(crate) written_legs: Vec<CallLeg>,
    /// Not before this is it placed, by the steady clock.
    pub(crate) not_before: Duration,
    /// The same, by the wall clock.
    pub(crate) starts_at: Timestamp,
    notes: CallNotes,
    /// When it was decided on: what its deadlines say is by the clock of then, which may be set any time.
    decided: Present,
    started: Present,
    answered: Option<Present>,
    ending: Option<Ending>,
}

/// Whether a call that waits for its turn is ready for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Readiness {
    /// There was nothing to make ready.
    NotPrepared,
    /// Its carrier makes it ready, or has and what it can be ended with is not written down yet.
    Preparing,
    /// What it can be ended with is written down.
    Prepared,
}

/// That a call is being ended by us.
#[derive(Clone, Copy, Debug)]
struct Ending {
    why: OwnEnd,
    over: Deadline,
}

/// How this program ends a call, and for what reason.
pub(crate) type OwnEnd = (CallEnd, EndReason);

/// What is to be done about a call now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CallDue {
    /// Nothing.
    Nothing,
    /// The carrier is told to end it.
    End,
    /// It is over, though the carrier has not said so.
    Over,
}

impl Call {
    /// A call whose attempt was written down.
    pub(crate) fn new(
        attempt: OpenAttempt,
        number: NumberToCall,
        task: Arc<TaskEntry>,
        order: CallOrder,
        now: Present,
    ) -> Self {
        Self {
            attempt,
            number,
            task,
            order,
            readiness: Readiness::NotPrepared,
            is_trial: false,
            retry_after: None,
            written: CallMilestones::default(),
            written_handle: None,
            transfer: None,
            written_legs: Vec::new(),
            not_before: now.steady,
            starts_at: now.wall,
            notes: CallNotes::default(),
            decided: now,
            started: now,
            answered: None,
            ending: None,
        }
    }

    /// When it was written down or, if it has been placed, was placed.
    pub(crate) const fn started(&self) -> Present {
        self.started
    }

    /// Sends it.
    pub(crate) fn send(&self, carrier: &dyn Carrier, now: Present) -> Result<(), Refused> {
        match self.readiness {
            Readiness::NotPrepared => carrier.place(&self.order, now.wall),
            Readiness::Preparing => Err(Refused::Unreachable),
            Readiness::Prepared => {
                self.order.check(now.wall)?;
                carrier.start(self.attempt.id, now.wall)
            }
        }
    }

    /// Notes that what it can be ended with is written down.
    pub(crate) fn note_endable(&mut self, handle: CallHandle) {
        if self.readiness == Readiness::Preparing {
            self.readiness = Readiness::Prepared;
        }
        self.written_handle = Some(handle);
    }

    /// Notes that it is placed now.
    pub(crate) const fn place(&mut self, now: Present) {
        self.started = now;
    }

    /// Whether it was answered.
    pub(crate) const fn is_answered(&self) -> bool {
        self.answered.is_some()
    }

    /// What it says of its line if it ends so.
    pub(crate) const fn over_line(&self, class: OutcomeClass) -> CallOverLine {
        CallOverLine { class, was_trial: self.is_trial, retry_after: self.retry_after }
    }

    /// Whether it is ended at a close though it was answered.
    pub(crate) fn is_hung_up_at_close(&self) -> bool {
        self.task.dialing().calls.at_close == AtClose::HangUp
    }

    /// Hears what the carrier reports; gives the end of the attempt when that was the call's.
    pub(crate) fn hear(&mut self, report: &CallReport, now: Present) -> Option<AttemptEnd> {
        let milestones = &mut self.attempt.milestones;
        let milestone = match &report.event {
            CallEvent::Endable(handle) => {
                self.attempt.handle = Some(handle.clone());
                return None;
            }
            CallEvent::Ringing => &mut milestones.ringing_at,
            CallEvent::EarlyMedia => &mut milestones.early_media_at,
            CallEvent::Answered => {
                self.answered.get_or_insert(now);
                &mut milestones.answered_at
            }
            CallEvent::Judged(answerer) => {
                milestones.answerer = Some(*answerer);
                return None;
            }
            CallEvent::JudgedEarly(answerer) => {
                milestones.early_answerer = Some(*answerer);
                return None;
            }
            CallEvent::Reached(step) => {
                step.clone().add_to(&mut milestones.steps);
                return None;
            }
            CallEvent::Noted(notes) => {
                self.notes = notes.clone();
                return None;
            }
            CallEvent::TransferWanted(step) => {
                self.transfer = Some(Transfer::new(step.as_ref().clone(), now));
                return None;
            }
            CallEvent::Refused(refusal) => return Some(self.refused(refusal, report.at, self.overdue(now))),
            CallEvent::HungUp(by) => return Some(self.hung_up(*by, report.at, self.overdue(now))),
        };
        milestone.get_or_insert(report.at);
        None
    }

    /// Its signalling, where the line says that it is kept.
    pub(crate) fn trace(&self) -> Option<&CallTrace> {
        let LineKind::Sip(trunk) = &self.order.line.draft.settings.kind else { return None };
        self.notes.trace.as_ref().filter(|_| trunk.trace.keeps(self.is_answered()))
    }

    /// Hears what the carrier reports of its leg; gives what came of that when it was its end.
    pub(crate) fn hear_leg(&mut self, id: LegId, report: &CallReport, now: Present) -> Option<OutcomeClass> {
        let transfer = self.transfer.as_ref()?;
        let leg = self.attempt.legs.iter_mut().find(|leg| leg.id == id && leg.end.is_none())?;
        transfer::hear(transfer, leg, report, self.ending.is_some(), now)
    }

    /// Whether its callee talks with someone else.
    pub(crate) fn has_talking_leg(&self) -> bool {
        self.attempt.legs.iter().any(|leg| leg.answered_at.is_some() && leg.end.is_none())
    }

    /// Whether it is being ended by us.
    pub(crate) const fn is_ending(&self) -> bool {
        self.ending.is_some()
    }

    /// Ends those of its legs that nobody says anything of.
    pub(crate) fn end_legs(&mut self, class: OutcomeClass, at: Timestamp) {
        for leg in self.attempt.legs.iter_mut().filter(|leg| leg.end.is_none()) {
            transfer::unheard(leg, class, at);
        }
    }

    /// What is to be done now, as far as its deadlines go.
    pub(crate) fn due(&mut self, now: Present) -> CallDue {
        if let Some(ending) = self.ending {
            return if ending.over.is_over(now) { CallDue::Over } else { CallDue::Nothing };
        }
        match self.overdue(now) {
            Some(why) => {
                self.ending = Some(Ending { why, over: now.after(ENDING) });
                CallDue::End
            }
            None => CallDue::Nothing,
        }
    }

    /// Why it must be ended now.
    fn overdue(&self, now: Present) -> Option<OwnEnd> {
        let CallDeadlines { cancel_at, ring_limit, longest_talk, latest_end, .. } = self.order.deadlines;
        match self.answered {
            Some(answered) => {
                let is_late = latest_end.is_some_and(|at| self.decided.deadline(at).is_over(now));
                let has_talked = answered.after(longest_talk).is_over(now);
                let why = if is_late { EndReason::WindowClosed } else { EndReason::TalkLimit };
                (is_late || has_talked).then_some((CallEnd::Answered, why))
            }
            None if cancel_at.is_some_and(|at| self.decided.deadline(at).is_over(now)) => {
                Some((CallEnd::CancelledAtClose, EndReason::WindowClosed))
            }
            None => {
                let has_rung = self.started.after(ring_limit).is_over(now);
                has_rung.then_some((CallEnd::RingLimit, EndReason::RingLimit))
            }
        }
    }

    /// Ends it for a reason that is not its own. Says whether the carrier is to be told: not when it was already.
    pub(crate) fn end(&mut self, why: OwnEnd, now: Present) -> bool {
        let is_new = self.ending.is_none();
        self.ending.get_or_insert(Ending { why, over: now.after(ENDING) });
        is_new
    }

    /// How it ended where the carrier never said.
    pub(crate) fn given_up(&self, at: Timestamp) -> AttemptEnd {
        if self.is_answered() {
            self.hung_up(EndedBy::Dialtime, at, None)
        } else {
            self.refused(&CallRefusal::default(), at, None)
        }
    }

    /// The end of a call that never left, and why.
    pub(crate) fn not_sent(at: Timestamp, why: EndReason) -> AttemptEnd {
        let outcome = CallOutcome { class: OutcomeClass::NotSent, status: OutcomeClass::NotSent.status() };
        let cause = NetworkCause { is_local: true, ..NetworkCause::default() };
        let why = Some(why);
        AttemptEnd { outcome, cause, by: EndedBy::Dialtime, why, pressed: Vec::new(), bots: Vec::new(), at }
    }

    fn hung_up(&self, by: EndedBy, at: Timestamp, overdue: Option<OwnEnd>) -> AttemptEnd {
        let outcome = CallOutcome { class: OutcomeClass::Answered, status: OutcomeClass::Answered.status() };
        let by = if self.ending.is_some() { EndedBy::Dialtime } else { by };
        let why = match by {
            EndedBy::Dialtime => self.ending.map(|ending| ending.why).or(overdue).map(|(_, why)| why),
            EndedBy::Line => self.notes.is_without_sound.then_some(EndReason::NoSound),
            EndedBy::Script if self.notes.failed_bot.is_some() => Some(EndReason::BotFailed),
            EndedBy::Script if self.notes.is_asked_for => Some(EndReason::Requested),
            EndedBy::Script => self.notes.is_for_machine.then_some(EndReason::AnsweringMachine),
            _ => None,
        };
        let q850 = self.notes.q850;
        let cause = NetworkCause { code: Some(200), q850, ..NetworkCause::default() };
        let pressed = self.notes.pressed.clone();
        let bots = self.notes.bots.clone();
        AttemptEnd { outcome, cause, by, why, pressed, bots, at }
    }

    /// `overdue`: why it had to be ended by now; a carrier keeps the deadlines too, and may be first.
    fn refused(&self, refusal: &CallRefusal, at: Timestamp, overdue: Option<OwnEnd>) -> AttemptEnd {
        let CallRefusal { cause, carrier } = refusal;
        let (end, why) = match self.ending.map(|ending| ending.why).or(overdue) {
            // It was refused before it heard of the CANCEL, or the CANCEL brought it about.
            Some((end, why)) if matches!(cause.code, None | Some(487)) => (end, Some(why)),
            None if self.notes.failed_bot.is_some() => (CallEnd::BotFailed, Some(EndReason::BotFailed)),
            _ if carrier.is_own_failure => (CallEnd::NotSent, Some(EndReason::OwnFailure)),
            _ if carrier.is_throttled => (CallEnd::Throttled, None),
            _ => (CallEnd::Refused, None),
        };
        let map = &self.order.line.draft.settings.cause_map;
        let outcome = classify(map, end, &self.attempt.milestones, cause, *carrier);
        let by = ended_by(end, outcome.class, EndedBy::Callee);
        // A 487 is the network's answer to our CANCEL.
        let cause = NetworkCause { is_local: cause.is_local || why.is_some(), ..cause.clone() };
        let bots = self.notes.bots.clone();
        AttemptEnd { outcome, cause, by, why, pressed: Vec::new(), bots, at }
    }
}
