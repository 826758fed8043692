//! What the calls of a carrier share: its settings, the stack, and where they report.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::{AttemptId, CallHandle, Clock, LegId, LineId, Present, PromptAudio, Random};
use jiff::Timestamp;
use media::{g711::G711, session::PromptSound};
use recordings::Recorder;
use telephony::{CallEvent, CallReport, LegOrder, LineReport, LiveInstruction};
use tokio::{
    sync::{Notify, mpsc, watch},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use crate::{
    bots::Bots,
    keepers::Keepers,
    peers::Peers,
    prompts::PromptSounds,
    stack::{SipSettings, Stack},
};

/// How long the sockets may take to open.
const START_PATIENCE: Duration = Duration::from_secs(1);

/// What all calls share.
pub(crate) struct CarrierState {
    pub(crate) settings: SipSettings,
    pub(crate) recorder: Option<Recorder>,
    pub(crate) peers: Peers,
    pub(crate) prompts: PromptSounds,
    /// The bots that are asked whether they are there.
    pub(crate) bots: Bots,
    pub(crate) clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    begun: Instant,
    calls: Mutex<HashMap<AttemptId, CallControl>>,
    reports: Mutex<Vec<CallReport>>,
    probed: Mutex<HashSet<LineId>>,
    line_reports: Mutex<Vec<LineReport>>,
    /// The lines that are kept registered.
    pub(crate) keepers: Keepers,
    pub(crate) stack: watch::Sender<StackState>,
    pub(crate) is_wanted: Notify,
}

/// What a call under way can be told.
pub(crate) struct CallControl {
    /// To end.
    pub(crate) end: CancellationToken,
    /// What else it is told.
    pub(crate) commands: mpsc::Sender<CallCommand>,
    /// The line that it goes over, where that is registered.
    pub(crate) registered: Option<LineId>,
}

/// What a call is told, but for its end.
pub(crate) enum CallCommand {
    /// What was made ready may leave.
    Start,
    /// What it can be ended with, or a leg of it, is written down: an INVITE that waits for that may leave.
    Endable { leg: Option<LegId>, handle: CallHandle },
    /// Call whoever the callee is to be connected with.
    PlaceLeg(Box<LegOrder>),
    /// End the transfer; the script goes on.
    EndTransfer,
    /// Do what somebody asks.
    Control(LiveInstruction),
    /// Play a prompt that somebody asked for.
    Play(Arc<PromptSound>),
}

/// Whether SIP is spoken.
#[derive(Clone)]
pub(crate) enum StackState {
    /// Nobody has asked for it.
    Asleep,
    /// It could not be, the last time.
    Failed(String),
    /// It is.
    Running(Arc<Stack>),
}

impl CarrierState {
    pub(crate) fn new(
        settings: SipSettings,
        recorder: Option<Recorder>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Self {
        Self {
            settings,
            recorder,
            peers: Peers::default(),
            prompts: PromptSounds::default(),
            bots: Bots::default(),
            clock,
            random,
            begun: Instant::now(),
            calls: Mutex::default(),
            reports: Mutex::default(),
            probed: Mutex::default(),
            line_reports: Mutex::default(),
            keepers: Keepers::default(),
            stack: watch::Sender::new(StackState::Asleep),
            is_wanted: Notify::new(),
        }
    }

    /// The calls under way.
    pub(crate) fn calls(&self) -> MutexGuard<'_, HashMap<AttemptId, CallControl>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why no call can be placed, by a fault of our own side.
    pub(crate) fn own_failure(&self) -> Option<String> {
        match &*self.stack.borrow() {
            StackState::Failed(words) => Some(words.clone()),
            StackState::Asleep | StackState::Running(_) => None,
        }
    }

    /// The present.
    pub(crate) fn now(&self) -> Present {
        Present { wall: self.clock.now(), steady: self.begun.elapsed() }
    }

    /// Has a call play a prompt that somebody asked for. It is made sound here, which takes its time.
    pub(crate) fn play_in(&self, attempt: AttemptId, audio: &PromptAudio, codecs: &[G711]) {
        let Some(sound) = self.prompts.sound(audio, codecs) else { return };
        if let Some(call) = self.calls().get(&attempt) {
            // Where there is no room, too much was asked of it.
            let _ = call.commands.try_send(CallCommand::Play(sound));
        }
    }

    /// Where chance comes from.
    pub(crate) fn random(&self) -> &dyn Random {
        &*self.random
    }

    /// What nobody can guess.
    pub(crate) fn chance(&self) -> u32 {
        let mut bytes = [0; 4];
        self.random.fill(&mut bytes);
        u32::from_le_bytes(bytes)
    }

    /// Tells the dialer of a call, or of a leg of it.
    pub(crate) fn report(&self, attempt: AttemptId, leg: Option<LegId>, event: CallEvent) {
        self.report_at(attempt, leg, event, self.clock.now());
    }

    /// The same, of something that happened before.
    pub(crate) fn report_at(&self, attempt: AttemptId, leg: Option<LegId>, event: CallEvent, at: Timestamp) {
        if leg.is_none() && is_refused_as_a_stranger(&event) {
            let registered = self.calls().get(&attempt).and_then(|call| call.registered);
            registered.inspect(|line| self.keepers.doubt(*line));
        }
        let report = CallReport { attempt, leg, at, event };
        self.reports.lock().unwrap_or_else(PoisonError::into_inner).push(report);
    }

    /// What calls have told since this was asked last.
    pub(crate) fn take_reports(&self) -> Vec<CallReport> {
        std::mem::take(&mut *self.reports.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The lines that are being asked whether they are there.
    pub(crate) fn probed(&self) -> MutexGuard<'_, HashSet<LineId>> {
        self.probed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the dialer what a line said that was asked.
    pub(crate) fn report_line(&self, report: LineReport) {
        self.line_reports.lock().unwrap_or_else(PoisonError::into_inner).push(report);
        self.probed().remove(&report.line);
    }

    /// What lines have said since this was asked last.
    pub(crate) fn take_line_reports(&self) -> Vec<LineReport> {
        std::mem::take(&mut *self.line_reports.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The stack, which is opened if it is not; or why it cannot be.
    pub(crate) async fn stack(&self) -> Result<Arc<Stack>, String> {
        let mut state = self.stack.subscribe();
        if !matches!(*state.borrow(), StackState::Running(_)) {
            self.is_wanted.notify_one();
        }
        let awake = state.wait_for(|state| !matches!(state, StackState::Asleep));
        match tokio::time::timeout(START_PATIENCE, awake).await {
            Ok(Ok(state)) => match &*state {
                StackState::Running(stack) => Ok(Arc::clone(stack)),
                StackState::Failed(words) => Err(words.clone()),
                StackState::Asleep => Err("SIP is not spoken yet".to_owned()),
            },
            Ok(Err(_)) | Err(_) => Err("SIP is not spoken yet".to_owned()),
        }
    }
}

/// Whether a call was refused as one of somebody who is not registered may be.
fn is_refused_as_a_stranger(event: &CallEvent) -> bool {
    let CallEvent::Refused(refusal) = event else { return false };
    !refusal.cause.is_local && matches!(refusal.cause.code, Some(401 | 403 | 407))
}
