//! The carrier: takes orders of the dialer without waiting, and hands over what became of them.

use std::{collections::HashMap, fmt, sync::Arc, time::Duration};

use domain::{AttemptId, BotCondition, BotUrl, CallHandle, Clock, LegId, Line, LineKind, LoopStatus, Random};
use jiff::Timestamp;
use recordings::Recorder;
use telephony::{
    CallOrder, CallReport, Carrier, KnownBot, LegOrder, LineReport, LiveInstruction, OrphanedCall,
    Preparation, Refused, RegistrationReport,
};
use tokio::{runtime::Handle, sync::mpsc, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use crate::{
    call::{self, Departure},
    check, incoming, invite, orphan, registration,
    shared::{CallCommand, CallControl, CarrierState, StackState},
    stack::{self, Listening, SipListenError, SipSettings},
};

/// The most calls at once. Each tells of at most four things, so that reports are bounded too.
const MOST_CALLS: usize = 20_000;

/// How many commands wait at most for a call.
const MOST_COMMANDS: usize = 16;

/// The most lines that are asked at once whether they are there, and how long that may take for one with all of its addresses.
const MOST_PROBES: usize = 1_000;
const PROBE_PATIENCE: Duration = Duration::from_secs(35);

/// Why nothing is called while no call can be recorded and all that are to be have to be.
const NO_ROOM: &str = "the disk of recordings is full, and no call begins that could not be recorded";

/// How often the loop says that it is alive, and how long it rests after the sockets could not be opened.
const EVERY: Duration = Duration::from_secs(1);

/// What a carrier is made of.
pub struct SipParts {
    /// What the operator decided.
    pub settings: SipSettings,
    /// What records calls; `None`: none is recorded.
    pub recorder: Option<Recorder>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// What nobody can guess.
    pub random: Arc<dyn Random>,
    /// Where calls are kept.
    pub runtime: Handle,
}

/// The carrier of SIP trunks. Its sockets are opened at the first call.
#[derive(Clone)]
pub struct SipCarrier {
    shared: Arc<CarrierState>,
    runtime: Handle,
}

impl SipCarrier {
    /// A carrier without calls. It carries some while [`Self::run`] runs.
    pub fn new(parts: SipParts) -> Self {
        let SipParts { settings, recorder, clock, random, runtime } = parts;
        let shared = CarrierState::new(settings, recorder, clock, random);
        Self { shared: Arc::new(shared), runtime }
    }

    /// Opens the sockets once they are wanted, and again after they failed: until then it does not say that it is well. What serves them goes on
    /// when this is dropped, so that calls can be ended when a node stops; then they are closed by [`Self::stop`].
    ///
    /// # Panics
    /// When what serves the sockets has panicked.
    pub async fn run(self, status: Arc<LoopStatus>) {
        let mut serving: Option<JoinHandle<()>> = None;
        loop {
            let has_failed = matches!(*self.shared.stack.borrow(), StackState::Failed(_));
            if !has_failed {
                status.succeed(self.shared.clock.now());
            }
            status.note_backlog(self.shared.calls().len());
            if let Some(work) = &mut serving {
                let ended = tokio::time::timeout(EVERY, work).await;
                if let Ok(ended) = ended {
                    assert!(ended.is_ok(), "what serves SIP panicked");
                    serving = None;
                }
                continue;
            }
            let wanted = tokio::time::timeout(EVERY, self.shared.is_wanted.notified()).await;
            if wanted.is_ok() || has_failed {
                serving = self.open().await;
            }
        }
    }

    /// Closes the sockets. Calls that are left get no more answers.
    pub fn stop(&self) {
        self.shared.stack.send_replace(StackState::Failed("the node stops".to_owned()));
    }

    /// Refuses a line that is no SIP trunk, and one that leads where nothing may go.
    fn check_reach(&self, line: &Line) -> Result<(), Refused> {
        let LineKind::Sip(trunk) = &line.draft.settings.kind else { return Err(Refused::NoCarrier) };
        if self.shared.settings.only_loopback && !invite::is_on_loopback(trunk) {
            return Err(Refused::Unreachable);
        }
        Ok(())
    }

    /// A line as calls go over it now: one that registers has the address alone at which it is registered, for others do not know us.
    fn line_to_call(&self, line: &Arc<Line>) -> Result<Arc<Line>, Refused> {
        self.check_reach(line)?;
        let LineKind::Sip(trunk) = &line.draft.settings.kind else { return Err(Refused::NoCarrier) };
        if !trunk.register {
            return Ok(Arc::clone(line));
        }
        let registered_at = self.shared.keepers.registered_at(line);
        let address = registered_at.and_then(|address| trunk.addresses.get(address));
        let mut line = Line::clone(line);
        if let LineKind::Sip(trunk) = &mut line.draft.settings.kind {
            trunk.addresses = vec![address.ok_or(Refused::NotRegistered)?.clone()];
        }
        Ok(Arc::new(line))
    }

    /// Makes a task of a call, whose INVITE leaves at once or is held until that is allowed.
    fn keep(&self, order: &CallOrder, departure: Departure) -> Result<(), Refused> {
        let order = CallOrder { line: self.line_to_call(&order.line)?, ..order.clone() };
        let registered = order.line.draft.settings.kind.registers().then_some(order.line.id);
        let end = CancellationToken::new();
        let (commands, waiting) = mpsc::channel(MOST_COMMANDS);
        let mut calls = self.shared.calls();
        if calls.contains_key(&order.attempt) {
            return Err(Refused::UnderWay);
        }
        if calls.len() >= MOST_CALLS {
            return Err(Refused::Unreachable);
        }
        calls.insert(order.attempt, CallControl { end: end.clone(), commands, registered });
        drop(calls);
        let (attempt, order) = (order.attempt, (order, self.shared.now()));
        let shared = Arc::clone(&self.shared);
        self.runtime.spawn(async move {
            // Whatever becomes of the task, its call is forgotten.
            let _forget = Forget { shared: Arc::clone(&shared), attempt };
            call::keep(order, departure, shared, end, waiting).await;
        });
        Ok(())
    }

    /// Tells a call something. `None`: there is none. Where there is no room, it is told nothing.
    fn tell(&self, attempt: AttemptId, command: CallCommand) -> Option<Result<(), Refused>> {
        let calls = self.shared.calls();
        let told = calls.get(&attempt)?.commands.try_send(command);
        Some(told.map_err(|_| Refused::UnderWay))
    }

    async fn open(&self) -> Option<JoinHandle<()>> {
        match stack::listen(&self.shared.settings, &self.shared.peers).await {
            Ok(listening) => {
                tracing::info!("speaking SIP at {} as {}", self.shared.settings.listen, listening.stack.own);
                let state = StackState::Running(Arc::clone(&listening.stack));
                self.shared.stack.send_replace(state);
                Some(self.runtime.spawn(serve(Arc::clone(&self.shared), listening)))
            }
            Err(error) => {
                self.note_failure(&error);
                tokio::time::sleep(EVERY).await;
                None
            }
        }
    }

    fn note_failure(&self, error: &SipListenError) {
        let words = error.to_string();
        let is_known = matches!(&*self.shared.stack.borrow(), StackState::Failed(known) if *known == words);
        if !is_known {
            tracing::error!(%error, "no call can be placed over SIP lines; trying again every second");
        }
        self.shared.stack.send_replace(StackState::Failed(words));
    }
}

/// Serves the sockets until they fail or are to be closed.
async fn serve(shared: Arc<CarrierState>, listening: Listening) {
    let Listening { stack, endpoint, incoming } = listening;
    let mut state = shared.stack.subscribe();
    tokio::select! {
        () = endpoint.serve() => tracing::error!("the SIP stack ended by itself"),
        () = incoming::answer_all(stack, shared.peers.clone(), incoming) => {}
        _ = state.wait_for(|state| !matches!(state, StackState::Running(_))) => {}
    }
    endpoint.shutdown();
    shared.stack.send_replace(StackState::Failed("the SIP stack has ended".to_owned()));
}

impl Carrier for SipCarrier {
    fn prepare(&self, order: &CallOrder) -> Result<Preparation, Refused> {
        self.keep(order, Departure::OnceStarted).map(|()| Preparation::UnderWay)
    }

    fn start(&self, attempt: AttemptId, _: Timestamp) -> Result<(), Refused> {
        self.tell(attempt, CallCommand::Start).unwrap_or(Err(Refused::NoCall))
    }

    fn note_endable(&self, attempt: AttemptId, leg: Option<LegId>, handle: &CallHandle) {
        // Where it is lost, what waits for it does not leave, and ends.
        let _ = self.tell(attempt, CallCommand::Endable { leg, handle: handle.clone() });
    }

    fn place(&self, order: &CallOrder, now: Timestamp) -> Result<(), Refused> {
        order.check(now)?;
        self.keep(order, Departure::AtOnce)
    }

    fn end(&self, attempt: AttemptId, _: Timestamp) {
        if let Some(call) = self.shared.calls().get(&attempt) {
            call.end.cancel();
        }
    }

    fn place_leg(&self, order: &LegOrder, _: Timestamp) -> Result<(), Refused> {
        if !order.line.may_transfer_to(&order.target, self.shared.settings.country) {
            return Err(Refused::Prefix);
        }
        let order = LegOrder { line: self.line_to_call(&order.line)?, ..order.clone() };
        let attempt = order.attempt;
        self.tell(attempt, CallCommand::PlaceLeg(Box::new(order))).unwrap_or(Err(Refused::NoCall))
    }

    fn end_transfer(&self, attempt: AttemptId, _: Timestamp) {
        // Where there is no room, it is ended for what waits already.
        let _ = self.tell(attempt, CallCommand::EndTransfer);
    }

    fn control(&self, attempt: AttemptId, control: LiveInstruction) -> Result<(), Refused> {
        self.tell(attempt, CallCommand::Control(control)).unwrap_or(Err(Refused::NoCall))
    }

    fn reports(&self, _: Timestamp) -> Vec<CallReport> {
        self.shared.take_reports()
    }

    fn silence(&self, call: &OrphanedCall, now: Timestamp) {
        // One that is kept here is ended by itself, and knows how far it is.
        if self.shared.calls().contains_key(&call.attempt) {
            return self.end(call.attempt, now);
        }
        let Some(handle) = call.handle.clone() else { return };
        let shared = Arc::clone(&self.shared);
        self.runtime.spawn(async move {
            match shared.stack().await {
                Ok(stack) => orphan::end(stack, handle).await,
                Err(words) => tracing::warn!(words, "could not end a call of a process that is gone"),
            }
        });
    }

    fn probe(&self, line: &Arc<Line>) -> Result<(), Refused> {
        self.check_reach(line)?;
        let mut probed = self.shared.probed();
        if probed.contains(&line.id) {
            return Err(Refused::UnderWay);
        }
        if probed.len() >= MOST_PROBES {
            return Err(Refused::Unreachable);
        }
        probed.insert(line.id);
        drop(probed);
        let (line, shared) = (Arc::clone(line), Arc::clone(&self.shared));
        self.runtime.spawn(async move {
            let asking = async { Some(check::probe(shared.stack().await.ok()?, &line).await) };
            let said = tokio::time::timeout(PROBE_PATIENCE, asking).await.ok().flatten();
            let (may_take_calls, retry_after) = said.unwrap_or_default();
            shared.report_line(LineReport { line: line.id, may_take_calls, retry_after });
        });
        Ok(())
    }

    fn line_reports(&self) -> Vec<LineReport> {
        self.shared.take_line_reports()
    }

    fn own_failure(&self) -> Option<String> {
        let is_full = self.shared.recorder.as_ref().is_some_and(Recorder::is_missed);
        self.shared.own_failure().or_else(|| is_full.then(|| NO_ROOM.to_owned()))
    }

    fn keep_registered(&self, lines: &[Arc<Line>]) {
        let reached: Vec<Arc<Line>> =
            lines.iter().filter(|line| self.check_reach(line).is_ok()).map(Arc::clone).collect();
        for keeper in self.shared.keepers.become_these(&reached) {
            self.runtime.spawn(registration::keep(keeper, Arc::clone(&self.shared)));
        }
    }

    fn registration_reports(&self) -> Vec<RegistrationReport> {
        self.shared.keepers.take_reports()
    }

    fn watch_bots(&self, bots: &[KnownBot]) {
        let way = self.shared.settings.way_to_bots(Arc::clone(&self.shared.clock));
        self.shared.bots.watch(bots, &way, &self.runtime);
    }

    fn bots(&self) -> HashMap<BotUrl, BotCondition> {
        self.shared.bots.conditions()
    }

    fn takes_back_registrations(&self) -> bool {
        self.shared.keepers.is_ending()
    }
}

impl fmt::Debug for SipCarrier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SipCarrier(..)")
    }
}

/// Forgets a call when it is dropped.
struct Forget {
    shared: Arc<CarrierState>,
    attempt: AttemptId,
}

impl Drop for Forget {
    fn drop(&mut self) {
        self.shared.calls().remove(&self.attempt);
    }
}
