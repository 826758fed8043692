//! The calls of this node, in memory: placed at their lines' pace, heard, and ended at their deadlines, also while the database is
//! away. What has become of them is handed to who writes it down.

mod asked;
mod legs;
mod placing;
mod registering;
mod trials;

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::{
    AccountId, AttemptEnd, AttemptId, CallEnd, CallHandle, CallMilestones, Deadline, EndReason, Line, LineId,
    LineKind, LineRegistration, OutcomeClass, Present,
};
use jiff::SignedDuration;
use store::dialing::CallsUnderWay;
use telephony::{CallEvent, Carrier, OrphanedCall, Preparation, Refused};
use tokio::sync::Notify;

use self::registering::RegisteringLine;
pub(crate) use self::{asked::AskedOfCall, trials::LineStep};
use crate::{
    breaker::{Breaker, CallOverLine, Recovery, Turned},
    call::{Call, CallDue, OwnEnd, Readiness},
    directory::TaskEntry,
    figures::{self, CallsNow},
    pace::{StartPace, TaskPace},
};

/// How old an attempt may be when its call starts: what it rests on may be another by then.
pub(crate) const OLDEST_START: SignedDuration = SignedDuration::from_secs(2);

/// For how long the node must have its lease when a call starts.
pub(crate) const LEASE_MARGIN: SignedDuration = SignedDuration::from_secs(2);

/// The calls of this node.
pub struct Calls {
    carrier: Arc<dyn Carrier>,
    state: Mutex<CallsState>,
    begun: Notify,
}

#[derive(Default)]
struct CallsState {
    calls: HashMap<AttemptId, Call>,
    /// Begun and not placed yet, in order.
    waiting: HashMap<LineId, VecDeque<AttemptId>>,
    /// The calls that have a transfer.
    transferring: HashSet<AttemptId>,
    /// Calls whose legs are written down and not placed yet, in order.
    legs_waiting: HashMap<LineId, VecDeque<AttemptId>>,
    lines: HashMap<LineId, LineOfNode>,
    tasks: HashMap<i64, TaskPace>,
    ended: Vec<EndedCall>,
    turned: Vec<(LineId, Turned)>,
    /// The lines that the carrier was told to keep registered, with their versions.
    kept_registered: Vec<(LineId, i64)>,
    /// How lines stand of which that is not written down; `None`: this node does not keep their registration any more.
    registrations: HashMap<LineId, Option<LineRegistration>>,
    /// Why no call can be placed over SIP lines, by a fault of our own.
    own_failure: Option<String>,
    /// Until when calls may start: the node has its lease till then and some.
    may_start_until: Option<Deadline>,
}

/// What this node may use of a line, and uses.
#[derive(Clone, Debug)]
struct LineOfNode {
    pace: StartPace,
    breaker: Breaker,
    channels: usize,
    under_way: usize,
    /// Until when the node has this share; `None`: for good, as the only node.
    until: Option<Deadline>,
    /// As it is now; `None`: nothing may be dialed over it.
    line: Option<Arc<Line>>,
    /// Whether no other node has a share of it with which it may start calls.
    is_alone: bool,
    /// What there is to know where it has to be registered.
    registering: Option<RegisteringLine>,
    /// Whether it is a SIP trunk.
    is_sip: bool,
    /// Whether our own side can place calls over it.
    is_carried: bool,
    /// That step of its breaker which is written down.
    written_step: Option<Recovery>,
}

/// A call that is over.
pub(crate) struct EndedCall {
    /// The call.
    pub(crate) call: Call,
    /// How its attempt ended.
    pub(crate) end: AttemptEnd,
}

/// This node's share of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NodeShare {
    /// How many calls at once.
    pub(crate) channels: i64,
    /// How many starts a second, in thousandths.
    pub(crate) rate: i64,
    /// Until when; `None`: for good.
    pub(crate) until: Option<Deadline>,
    /// Whether no other node may start calls over the line.
    pub(crate) is_alone: bool,
}

/// How far a call has come, to be written down.
pub(crate) type News = (AccountId, AttemptId, CallMilestones);

/// What another process can end a call with, to be written down.
pub(crate) type NewHandle = (AccountId, AttemptId, CallHandle);

impl Calls {
    /// No calls, over a carrier.
    pub(crate) fn new(carrier: Arc<dyn Carrier>) -> Self {
        Self { carrier, state: Mutex::default(), begun: Notify::new() }
    }

    fn state(&self) -> MutexGuard<'_, CallsState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hears what happened, ends what must end and starts what may start. Gives when there is something to do next, as far as it
    /// is known: a start, by the steady clock.
    pub fn round(&self, now: Present) -> Option<Duration> {
        let mut state = self.state();
        state.hear(&*self.carrier, now);
        state.ask_lines(&*self.carrier, now);
        state.keep_lease(&*self.carrier, now);
        state.keep_registrations(&*self.carrier, now);
        state.know_own_failure(self.carrier.own_failure());
        state.keep_deadlines(&*self.carrier, now);
        state.place(&*self.carrier, now)
    }

    /// Lets calls start for as long as the node has its lease.
    pub(crate) fn may_start_until(&self, lease_ends: Option<Deadline>) {
        self.state().may_start_until = lease_ends;
    }

    /// Takes over this node's share of a line.
    pub(crate) fn set_share(&self, line: &Arc<Line>, share: NodeShare, now: Present) {
        let channels = usize::try_from(share.channels).unwrap_or(0);
        let mut state = self.state();
        let has_own_failure = state.own_failure.is_some();
        let used = state.lines.entry(line.id).or_insert_with(|| LineOfNode {
            pace: StartPace::new(share.rate, now.steady),
            breaker: Breaker::default(),
            channels,
            under_way: 0,
            until: None,
            line: None,
            is_alone: share.is_alone,
            registering: None,
            is_sip: false,
            is_carried: true,
            written_step: None,
        });
        used.pace.set_rate(share.rate);
        // Without a rate nothing starts.
        used.channels = if share.rate > 0 { channels } else { 0 };
        used.until = share.until;
        used.is_sip = matches!(line.draft.settings.kind, LineKind::Sip(_));
        used.is_carried = !(used.is_sip && has_own_failure);
        used.is_alone = share.is_alone;
        used.know_registering(Some(line));
    }

    /// How many calls this node has over each line.
    pub(crate) fn under_way(&self) -> HashMap<LineId, i64> {
        let calls = |used: &LineOfNode| i64::try_from(used.under_way).unwrap_or(i64::MAX);
        self.state().lines.iter().map(|(id, used)| (*id, calls(used))).collect()
    }

    /// Takes note of the lines as they are now, but for those that are stopped.
    pub(crate) fn know_lines(&self, lines: &HashMap<LineId, Arc<Line>>, stopped: &HashSet<LineId>) {
        for (id, used) in &mut self.state().lines {
            used.line = lines.get(id).filter(|_| !stopped.contains(id)).cloned();
            // It stays registered while it is stopped.
            used.know_registering(lines.get(id));
        }
    }

    /// How many calls over each line may begin now, given that they are placed by an instant.
    pub(crate) fn rooms(&self, now: Present, until: Duration) -> HashMap<LineId, usize> {
        let state = self.state();
        let wanted = state.wanted_legs();
        let room = |(id, line): (&LineId, &LineOfNode)| {
            // Whoever waits on the telephone goes first.
            let wanted = wanted.get(id).copied().unwrap_or(0);
            (*id, line.room(state.waiting_over(*id), now, until).saturating_sub(wanted))
        };
        state.lines.iter().map(room).collect()
    }

    /// The lines over which nothing starts from here, for they fail again and again, are not registered from here, or other nodes alone start
    /// calls over them: each with whether one call may try it now.
    pub(crate) fn lines_down(&self) -> HashMap<LineId, bool> {
        let state = self.state();
        let is_ours = |line: &LineOfNode| line.channels > 0 && line.may_be_used();
        let down = state.lines.iter().filter(|(_, line)| line.breaker.is_open() || !is_ours(line));
        down.map(|(id, line)| (*id, line.breaker.may_be_tried() && is_ours(line))).collect()
    }

    /// How many of a task's `most` calls at once may run now, by its pace: none if its next start is later than `until`, and fewer while
    /// the slots of calls that have ended rest.
    pub(crate) fn slots_of_task(
        &self,
        (list, task): (i64, &TaskEntry),
        most: usize,
        now: Present,
        until: Duration,
    ) -> usize {
        match self.state().tasks.get_mut(&list) {
            None => most,
            Some(pace) if pace.may_start(until, task.interval()) => {
                most.saturating_sub(pace.resting(now.steady, task.pause()))
            }
            Some(_) => 0,
        }
    }

    /// Notes a start of a list's, which may be another node's.
    pub(crate) fn note_start(&self, list: i64, at: Duration) {
        self.state().tasks.entry(list).or_default().start(at);
    }

    /// Takes a call whose attempt was written down, to be placed at its line's pace and made ready until then.
    pub(crate) fn begin(&self, mut call: Call) {
        let mut state = self.state();
        if self.carrier.prepare(&call.order) == Ok(Preparation::UnderWay) {
            call.readiness = Readiness::Preparing;
        }
        let (line, list) = (call.order.line.id, call.attempt.place.list);
        state.tasks.entry(list).or_default().start(call.not_before);
        if let Some(used) = state.lines.get_mut(&line) {
            used.under_way += 1;
        }
        state.waiting.entry(line).or_default().push_back(call.attempt.id);
        state.calls.insert(call.attempt.id, call);
        self.begun.notify_one();
    }

    /// Waits until a call begins; not at all if one began since this was last waited for.
    pub(crate) async fn until_one_begins(&self) {
        self.begun.notified().await;
    }

    /// Forgets the pace and health of what is not dialed any more: of lists and lines that are not among these and have no calls.
    pub(crate) fn forget_others(&self, lists: impl Fn(i64) -> bool, lines: impl Fn(LineId) -> bool) {
        let mut state = self.state();
        let with_calls: HashSet<i64> = state.calls.values().map(|call| call.attempt.place.list).collect();
        state.tasks.retain(|list, _| lists(*list) || with_calls.contains(list));
        state.lines.retain(|line, used| lines(*line) || used.under_way > 0 || used.breaker.is_open());
    }

    /// The calls that are over and not written down yet.
    pub(crate) fn take_ended(&self) -> Vec<EndedCall> {
        std::mem::take(&mut self.state().ended)
    }

    /// Gives back what could not be written down.
    pub(crate) fn put_back(&self, ended: Vec<EndedCall>) {
        let mut state = self.state();
        let later = std::mem::replace(&mut state.ended, ended);
        state.ended.extend(later);
    }

    /// How far calls have come of which that is not written down.
    pub(crate) fn news(&self) -> Vec<News> {
        let state = self.state();
        let news = |call: &Call| (call.attempt.account_id, call.attempt.id, call.attempt.milestones.clone());
        state.calls.values().filter(|call| call.written != call.attempt.milestones).map(news).collect()
    }

    /// What calls can be ended with of which that is not written down.
    pub(crate) fn new_handles(&self) -> Vec<NewHandle> {
        let state = self.state();
        let new = state.calls.values().filter(|call| call.written_handle != call.attempt.handle);
        new.filter_map(|call| Some((call.attempt.account_id, call.attempt.id, call.attempt.handle.clone()?)))
            .collect()
    }

    /// Takes note that this was written down.
    pub(crate) fn note_written(&self, news: &[News], handles: Vec<NewHandle>) {
        let mut state = self.state();
        for (_, attempt, handle) in handles {
            if let Some(call) = state.calls.get_mut(&attempt) {
                self.carrier.note_endable(attempt, None, &handle);
                call.note_endable(handle);
            }
        }
        for (_, attempt, milestones) in news {
            if let Some(call) = state.calls.get_mut(attempt) {
                call.written = milestones.clone();
            }
        }
    }

    /// The lines that went down or came back of which that is not written down.
    pub(crate) fn turned(&self) -> Vec<(LineId, Turned)> {
        self.state().turned.clone()
    }

    /// Forgets so many of them: they are written down.
    pub(crate) fn forget_turned(&self, count: usize) {
        self.state().turned.drain(..count);
    }

    /// The lists that have calls.
    pub(crate) fn lists(&self) -> Vec<i64> {
        let mut lists: Vec<i64> = self.state().calls.values().map(|call| call.attempt.place.list).collect();
        lists.sort_unstable();
        lists.dedup();
        lists
    }

    /// Every attempt of which there is something here: under way, or over and not written down.
    pub(crate) fn known(&self) -> Vec<AttemptId> {
        let state = self.state();
        let ended = state.ended.iter().map(|ended| ended.call.attempt.id);
        state.calls.keys().copied().chain(ended).collect()
    }

    /// How many calls there are of each list and each user over each line.
    pub(crate) fn counts(&self) -> CallsUnderWay {
        let mut counts = CallsUnderWay::default();
        for call in self.state().calls.values() {
            counts.add(call.attempt.place.list, call.attempt.user_id, call.order.line.id);
        }
        counts
    }

    /// The lines that this node has a share of.
    pub(crate) fn lines_with_share(&self) -> HashSet<LineId> {
        self.state().lines.keys().copied().collect()
    }

    /// How many calls there are now.
    pub(crate) fn now(&self) -> CallsNow {
        let state = self.state();
        let answered = state.calls.values().filter(|call| call.is_answered()).count();
        let lines_down = state.lines.values().filter(|line| line.breaker.is_open()).count();
        CallsNow { unanswered: state.calls.len() - answered, answered, lines_down }
    }

    /// How many calls there are that are not written down as ended.
    pub(crate) fn len(&self) -> usize {
        let state = self.state();
        state.calls.len() + state.ended.len()
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Ends the calls for which this says why, with what it says.
    pub(crate) fn end_where(&self, why: impl Fn(&Call) -> Option<OwnEnd>, now: Present) {
        let mut state = self.state();
        state.hear(&*self.carrier, now);
        state.end_where(&*self.carrier, why, now);
    }

    /// Ends a call of a node that is gone.
    pub(crate) fn silence(&self, call: &OrphanedCall, now: Present) {
        self.carrier.silence(call, now.wall);
    }
}

impl LineOfNode {
    fn has_share(&self, now: Present) -> bool {
        self.until.is_none_or(|until| !until.is_over(now))
    }

    fn room(&self, waiting: usize, now: Present, until: Duration) -> usize {
        if !self.has_share(now) || !self.may_be_used() {
            return 0;
        }
        let by_pace = self.pace.starts_until(until, now.steady).saturating_sub(waiting);
        let by_channels = self.channels.saturating_sub(self.under_way);
        // One call tries a line that is down, and it may be waiting.
        if self.breaker.is_open() && waiting > 0 {
            return 0;
        }
        self.breaker.room(by_pace.min(by_channels))
    }

    /// Asks a line that is down whether it is there, once its pause is over. Nobody asks one over which this node may start nothing.
    fn ask(&mut self, carrier: &dyn Carrier, now: Present) {
        if !self.breaker.is_to_be_asked(now.steady) || self.channels == 0 || !self.has_share(now) {
            return;
        }
        let Some(line) = &self.line else { return };
        match carrier.probe(line) {
            Err(Refused::NoCarrier) => self.breaker.note_unaskable(),
            asked => {
                self.breaker.note_asked(now.steady);
                if asked.is_err() {
                    self.breaker.note_answer(false, None, now.steady);
                }
            }
        }
    }
}

impl CallsState {
    /// Hears what lines have said that were asked, and asks those that are to be.
    fn ask_lines(&mut self, carrier: &dyn Carrier, now: Present) {
        for report in carrier.line_reports() {
            let Some(used) = self.lines.get_mut(&report.line) else { continue };
            used.breaker.note_answer(report.may_take_calls, report.retry_after, now.steady);
        }
        self.lines.values_mut().for_each(|line| line.ask(carrier, now));
    }

    fn hear(&mut self, carrier: &dyn Carrier, now: Present) {
        for report in carrier.reports(now.wall) {
            if let Some(leg) = report.leg {
                self.hear_leg(leg, &report, now);
                continue;
            }
            let Some(call) = self.calls.get_mut(&report.attempt) else { continue };
            let end = call.hear(&report, now);
            if call.transfer.is_some() {
                self.transferring.insert(report.attempt);
            }
            if let CallEvent::Refused(refusal) = &report.event {
                call.retry_after = refusal.carrier.retry_after;
            }
            if report.event == CallEvent::Answered {
                self.note_answer(report.attempt, now);
            }
            if let Some(end) = end {
                self.forget_waiting(report.attempt);
                self.finish(report.attempt, end, now);
            }
        }
    }

    /// A call that ends while it waits for its turn waits no more. It could not be made ready, and so has tried its line, if that is down.
    fn forget_waiting(&mut self, attempt: AttemptId) {
        let Some(call) = self.calls.get_mut(&attempt) else { return };
        let line = call.order.line.id;
        let Some(waiting) = self.waiting.get_mut(&line) else { return };
        let Some(place) = waiting.iter().position(|one| *one == attempt) else { return };
        waiting.remove(place);
        if let Some(used) = self.lines.get_mut(&line) {
            call.is_trial = used.breaker.start();
        }
    }

    /// The line is well as soon as someone answers.
    fn note_answer(&mut self, attempt: AttemptId, now: Present) {
        let Some(call) = self.calls.get(&attempt) else { return };
        let (line, well) = (call.order.line.id, call.over_line(OutcomeClass::Answered));
        self.note_health(line, well, now);
    }

    fn note_health(&mut self, line: LineId, call: CallOverLine, now: Present) {
        let Some(used) = self.lines.get_mut(&line) else { return };
        let turned = used.breaker.end(call, now.steady);
        self.turned.extend(turned.map(|turned| (line, turned)));
    }

    fn finish(&mut self, attempt: AttemptId, end: AttemptEnd, now: Present) {
        self.forget_transfer(attempt);
        let Some(mut call) = self.calls.remove(&attempt) else { return };
        call.end_legs(OutcomeClass::Cancelled, now.wall);
        let line = call.order.line.id;
        self.free_channel(line);
        if !call.is_answered() {
            self.note_health(line, call.over_line(end.outcome.class), now);
            self.log_first_failure(line, &end);
        }
        self.tasks.entry(call.attempt.place.list).or_default().end(now.steady, call.task.pause());
        figures::call_ends(line, end.outcome);
        self.ended.push(EndedCall { call, end });
    }

    /// Silences the phones that ring when the lease is about to end: whoever comes after this node may call them.
    fn keep_lease(&mut self, carrier: &dyn Carrier, now: Present) {
        if self.may_start_until.is_some_and(|until| until.is_over(now)) {
            self.may_start_until = None;
            let lost = (CallEnd::Cancelled, EndReason::LeaseLost);
            self.end_where(carrier, |call| (!call.is_answered()).then_some(lost), now);
            self.end_transfers_where(carrier, |_, _| true, now);
        }
    }

    fn end_where(&mut self, carrier: &dyn Carrier, why: impl Fn(&Call) -> Option<OwnEnd>, now: Present) {
        let chosen: Vec<(AttemptId, OwnEnd)> =
            self.calls.values().filter_map(|call| Some((call.attempt.id, why(call)?))).collect();
        for (attempt, why) in chosen {
            self.end(carrier, attempt, why, now);
        }
    }

    fn keep_deadlines(&mut self, carrier: &dyn Carrier, now: Present) {
        let waiting: HashSet<AttemptId> = self.waiting.values().flatten().copied().collect();
        let mut over = Vec::new();
        for call in self.calls.values_mut().filter(|call| !waiting.contains(&call.attempt.id)) {
            match call.due(now) {
                CallDue::Nothing => {}
                CallDue::End => carrier.end(call.attempt.id, now.wall),
                CallDue::Over => over.push((call.attempt.id, call.given_up(now.wall))),
            }
        }
        for (attempt, end) in over {
            self.finish(attempt, end, now);
        }
        self.keep_deadlines_of_transfers(carrier, now);
    }

    fn end(&mut self, carrier: &dyn Carrier, attempt: AttemptId, why: OwnEnd, now: Present) {
        let Some(call) = self.calls.get_mut(&attempt) else { return };
        let line = call.order.line.id;
        let waiting = self.waiting.entry(line).or_default();
        if let Some(place) = waiting.iter().position(|one| *one == attempt) {
            waiting.remove(place);
            carrier.end(attempt, now.wall);
            let end = Call::not_sent(now.wall, why.1);
            self.finish(attempt, end, now);
        } else if call.end(why, now) {
            carrier.end(attempt, now.wall);
        }
    }
}
