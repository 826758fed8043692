//! One call: a task that feeds its course with what happens and does what that says.

mod conversation;
mod course;

use std::sync::Arc;

use domain::{CallHandle, LineKind, SipTrunk, TraceKeeping};
use jiff::SignedDuration;
use media::session::MediaEvent;
use rsipstack::{
    dialog::{
        DialogId,
        dialog::{DialogState, DialogStateReceiver},
        invitation::InviteAsyncResult,
        invite_dialog::InviteDialog,
    },
    sip::{Header, Method, Response, StatusCodeKind},
};
use telephony::{CallEvent, CallNotes, CallOrder, CallRefusal};
use tokio::{sync::mpsc, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use self::{
    conversation::Conversation,
    course::{CallCourse, CallInput, CallStep},
};
use crate::{
    answer,
    digest::{Challenged, Credentials},
    invite::Invitation,
    orphan,
    peers::{KnownCall, OfferedSound, PeerRequest},
    shared::CarrierState,
    sound::{self, CallSound},
    stack::Stack,
};

/// How often the clock on the wall is looked at where a deadline hangs on it: it may be set.
const CLOCK_EVERY: std::time::Duration = std::time::Duration::from_millis(250);

/// How many requests of the other side may wait.
const MOST_REQUESTS: usize = 4;

/// Keeps a call from its INVITE to its end, which is reported once.
pub(crate) async fn keep(order: CallOrder, shared: Arc<CarrierState>, end: CancellationToken) {
    let stack = match shared.stack().await {
        Ok(stack) => stack,
        Err(words) => {
            return shared.report(order.attempt, CallEvent::Refused(answer::failed_here(503, &words)));
        }
    };
    let LineKind::Sip(trunk) = &order.line.draft.settings.kind else { return };
    let trunk = trunk.as_ref().clone();
    match CallSound::open(&stack.ports, stack.own.ip(), &trunk.codecs, shared.chance()) {
        Ok(sound) => SipCall::new(order, trunk, shared, stack, sound).run(end).await,
        Err(error) => {
            tracing::warn!(%error, "no port for the sound of a call is free");
            let refusal = answer::failed_here(503, "No port for sound is free");
            shared.report(order.attempt, CallEvent::Refused(refusal));
        }
    }
}

struct SipCall {
    order: CallOrder,
    trunk: SipTrunk,
    shared: Arc<CarrierState>,
    stack: Arc<Stack>,
    sound: CallSound,
    course: CallCourse,
    conversation: Conversation,
    /// Which of the line's addresses is called.
    address: usize,
    challenged: Challenged,
    /// What proves who calls, in the next INVITE.
    authorization: Option<Header>,
    sent: Option<SentInvite>,
    /// The BYE that is on its way.
    bye: Option<JoinHandle<()>>,
    /// The dialog of an answered call, to be removed at its end.
    dialog: Option<DialogId>,
    /// Until then the other side can be heard.
    known: Option<KnownCall>,
    notes: CallNotes,
}

/// An INVITE that was sent, and what comes of it.
struct SentInvite {
    dialog: InviteDialog,
    states: DialogStateReceiver,
    /// `None` once it has come.
    result: Option<JoinHandle<InviteAsyncResult>>,
}

/// What a call waits for.
enum Happened {
    State(DialogState),
    Result(InviteAsyncResult),
    Requested(PeerRequest),
    Heard(MediaEvent),
    PromptsReady,
    ByeDone,
    End,
    Time,
}

impl SipCall {
    fn new(
        order: CallOrder,
        trunk: SipTrunk,
        shared: Arc<CarrierState>,
        stack: Arc<Stack>,
        sound: CallSound,
    ) -> Self {
        let first_answer = SignedDuration::from_secs(order.line.draft.settings.t1x64);
        let others = trunk.addresses.len().saturating_sub(1);
        let course = CallCourse::new(&order.deadlines, first_answer, others, shared.now());
        let conversation = conversation(&order, &trunk, &shared);
        Self {
            order,
            trunk,
            shared,
            stack,
            sound,
            course,
            conversation,
            address: 0,
            challenged: Challenged::default(),
            authorization: None,
            sent: None,
            bye: None,
            dialog: None,
            known: None,
            notes: CallNotes::default(),
        }
    }

    async fn run(mut self, end: CancellationToken) {
        let (requests, mut requested) = mpsc::channel(MOST_REQUESTS);
        self.known = Some(self.known_by(requests));
        let now = self.shared.now();
        if self.course.may_invite(now) {
            self.invite();
        } else {
            self.perform(vec![CallStep::Report(CallEvent::Refused(CallRefusal::default()))]);
            return;
        }
        let mut is_ended = false;
        while !self.course.is_over() {
            let happened = self.wait(&mut requested, end.cancelled(), is_ended).await;
            is_ended |= matches!(happened, Happened::End);
            self.note(happened);
        }
        if let Some(id) = &self.dialog {
            self.stack.dialogs.remove_dialog(id);
        }
    }

    /// From now on the other side can be heard.
    fn known_by(&self, requests: mpsc::Sender<PeerRequest>) -> KnownCall {
        let is_traced = self.trunk.trace != TraceKeeping::Off;
        let trace_by = is_traced.then(|| Arc::clone(&self.shared.clock));
        self.shared.peers.begin(&self.invitation().call_id(), requests, trace_by)
    }

    fn invitation(&self) -> Invitation<'_> {
        Invitation {
            order: &self.order,
            trunk: &self.trunk,
            own: self.stack.own,
            country: self.shared.settings.country,
        }
    }

    async fn wait(
        &mut self,
        requested: &mut mpsc::Receiver<PeerRequest>,
        end: impl Future<Output = ()>,
        is_ended: bool,
    ) -> Happened {
        let due = self.course.next_due();
        let left = due.left(self.shared.now());
        let left = if due.is_by_wall() { left.min(CLOCK_EVERY) } else { left };
        let until_said = self.conversation.deadline().map(|at| at.saturating_sub(self.shared.now().steady));
        let left = until_said.map_or(left, |until_said| left.min(until_said));
        let (state, result) = match &mut self.sent {
            Some(sent) => (Some(&mut sent.states), sent.result.as_mut()),
            None => (None, None),
        };
        tokio::select! {
            // What the other side said before its last answer comes before that.
            biased;
            () = end, if !is_ended => Happened::End,
            Some(state) = next(state) => Happened::State(state),
            result = joined(result) => Happened::Result(result),
            () = finished(self.bye.as_mut()) => Happened::ByeDone,
            Some(request) = requested.recv() => Happened::Requested(request),
            event = self.sound.event() => Happened::Heard(event),
            () = self.conversation.prepared() => Happened::PromptsReady,
            () = tokio::time::sleep(left) => Happened::Time,
        }
    }

    fn note(&mut self, happened: Happened) {
        let now = self.shared.now();
        let steps = match happened {
            Happened::End => self.course.end(now),
            Happened::Time => {
                let mut steps = self.course.pass(now);
                if let Some(by) = self.conversation.pass(now.steady) {
                    steps.extend(self.course.hear(CallInput::SaidAll(by), now));
                }
                steps
            }
            Happened::Heard(event) => {
                self.conversation.hear(&event, now.steady);
                Vec::new()
            }
            Happened::PromptsReady => {
                self.conversation.go_on(now.steady);
                Vec::new()
            }
            Happened::State(state) => match self.input_of(&state) {
                Some(input) => self.course.hear(input, now),
                None => Vec::new(),
            },
            Happened::Result(result) => {
                let input = self.final_answer(result);
                self.course.hear(input, now)
            }
            Happened::ByeDone => {
                self.bye = None;
                self.course.hear(CallInput::ByeDone, now)
            }
            Happened::Requested(PeerRequest::Bye(q850)) => {
                self.notes.q850 = q850;
                self.course.hear(CallInput::HungUp { by: answer::who_hung_up(q850) }, now)
            }
            Happened::Requested(PeerRequest::Sound(OfferedSound { offer, answer })) => {
                if let Ok(body) = self.sound.answer(&offer) {
                    // Whoever asked has given up.
                    let _ = answer.send(body);
                }
                Vec::new()
            }
        };
        self.perform(steps);
    }

    /// What the last answer to an INVITE means.
    fn final_answer(&mut self, result: InviteAsyncResult) -> CallInput {
        let Some(sent) = &mut self.sent else { return CallInput::ByeDone };
        sent.result = None;
        let failed = |words: &str| CallInput::Refused(answer::failed_here(503, words));
        let (id, answer) = match result {
            Ok((id, Some(answer))) => (id, answer),
            Ok((_, None)) => return failed("The INVITE ended without an answer"),
            Err(error) => return failed(&error.to_string()),
        };
        if answer.status_code.kind() == StatusCodeKind::Successful {
            self.dialog = Some(id);
            let endable = orphan::hanging_up(&sent.dialog.snapshot());
            let is_usable = self.sound.agree(&answer.body);
            self.tell_handle(endable);
            return CallInput::Answered { is_usable };
        }
        self.authorization = self.authorize(&answer);
        if self.authorization.is_some() {
            return CallInput::Challenged;
        }
        CallInput::Refused(answer::refusal(&answer))
    }

    /// What answers a challenge; `None`: it is none, or is final.
    fn authorize(&mut self, answer: &Response) -> Option<Header> {
        let credentials = Credentials::of(&self.order.line, &self.trunk)?;
        let called = self.invitation().called(self.trunk.addresses.get(self.address)?)?.to_string();
        let nonce = format!("{:08x}{:08x}", self.shared.chance(), self.shared.chance());
        self.challenged.answer(answer, &credentials, (Method::Invite, &called), &nonce)
    }

    fn perform(&mut self, steps: Vec<CallStep>) {
        for step in steps {
            match step {
                CallStep::InviteAgain => self.invite(),
                CallStep::InviteNext => {
                    self.address += 1;
                    self.challenged = Challenged::default();
                    self.invite();
                }
                CallStep::Abandon => self.abandon(),
                CallStep::Cancel => self.cancel(),
                CallStep::Converse => {
                    if let Some(sound) = self.sound.answered() {
                        self.conversation.begin(sound, self.shared.now().steady);
                    }
                }
                CallStep::Bye => self.hang_up(),
                CallStep::Report(event) => self.report(event),
            }
        }
    }

    /// Tells the dialer; before the end, what else is known.
    fn report(&mut self, event: CallEvent) {
        if event.is_end() {
            let mut notes = std::mem::take(&mut self.notes);
            notes.trace = self.known.as_ref().and_then(KnownCall::take_trace);
            if notes != CallNotes::default() {
                self.shared.report(self.order.attempt, CallEvent::Noted(notes));
            }
        }
        self.shared.report(self.order.attempt, event);
    }

    /// Sends an INVITE. That it cannot be sent is heard like an answer.
    fn invite(&mut self) {
        let offer = self.sound.offer();
        let authorization = self.authorization.take();
        let now = self.shared.now();
        let option = self
            .trunk
            .addresses
            .get(self.address)
            .and_then(|address| self.invitation().to(address, offer, authorization, now.wall));
        let destination = option.as_ref().and_then(|option| option.destination.clone());
        let (sender, states) = self.stack.dialogs.new_dialog_state_channel();
        let sent =
            option.ok_or_else(|| "The line's address cannot be called".to_owned()).and_then(|option| {
                self.stack.dialogs.do_invite_async(option, sender).map_err(|error| error.to_string())
            });
        match sent {
            Ok((dialog, result)) => {
                let endable = destination.and_then(|to| orphan::cancelling(&dialog.initial_request(), &to));
                self.sent = Some(SentInvite { dialog, states, result: Some(result) });
                self.tell_handle(endable);
            }
            Err(words) => {
                self.sent = None;
                let steps = self.course.hear(CallInput::Refused(answer::failed_here(503, &words)), now);
                self.perform(steps);
            }
        }
    }

    fn tell_handle(&self, handle: Option<CallHandle>) {
        if let Some(handle) = handle {
            self.shared.report(self.order.attempt, CallEvent::Endable(handle));
        }
    }

    /// Says what a state of the dialog means; its last answer is heard elsewhere.
    fn input_of(&mut self, state: &DialogState) -> Option<CallInput> {
        match state {
            DialogState::Trying(_) => Some(CallInput::Trying),
            DialogState::Early(_, answer) => Some(CallInput::Progress {
                rings: (180..190).contains(&answer.status_code.code()),
                has_sound: self.sound.agree(&answer.body),
            }),
            _ => None,
        }
    }

    /// The stack ends what still comes of the INVITE; but not an answer that came at this very moment, which nobody would hear of.
    fn abandon(&mut self) {
        let Some(SentInvite { dialog, result: Some(result), .. }) = self.sent.take() else { return };
        let dialogs = Arc::clone(&self.stack.dialogs);
        result.abort();
        tokio::spawn(async move {
            drop(result.await);
            if dialog.state().is_confirmed() {
                if let Err(error) = dialog.bye().await {
                    tracing::debug!(%error, "a BYE was not answered well");
                }
                dialogs.remove_dialog(&dialog.id());
            }
        });
    }

    /// The stack sends the CANCEL, and ends an answer that crosses it. Nothing waits for it here.
    fn cancel(&self) {
        let Some(sent) = &self.sent else { return };
        let dialog = sent.dialog.clone();
        tokio::spawn(async move {
            if let Err(error) = dialog.cancel().await {
                tracing::debug!(%error, "a CANCEL was not answered well");
            }
        });
    }

    fn hang_up(&mut self) {
        let dialog = self.sent.as_ref().map(|sent| sent.dialog.clone());
        self.bye = Some(tokio::spawn(async move {
            // Otherwise an answer crossed the CANCEL, and the stack has ended it.
            if let Some(dialog) = dialog.filter(|dialog| dialog.state().is_confirmed())
                && let Err(error) = dialog.bye().await
            {
                tracing::debug!(%error, "a BYE was not answered well");
            }
        }));
    }
}

/// What is to be said in a call, with its prompts on their way.
fn conversation(order: &CallOrder, trunk: &SipTrunk, shared: &Arc<CarrierState>) -> Conversation {
    let preparing = order.script.clone().map(|script| {
        let (shared, codecs) = (Arc::clone(shared), sound::laws(&trunk.codecs));
        tokio::task::spawn_blocking(move || shared.prompts.of_script(&script, &codecs))
    });
    let flow = order.script.as_ref().map(|script| Arc::clone(&script.flow));
    Conversation::new(flow, order.callee.extension.clone(), preparing)
}

async fn next(states: Option<&mut DialogStateReceiver>) -> Option<DialogState> {
    states?.recv().await
}

/// Waits for what comes of an INVITE; for ever, where there is none.
async fn joined(result: Option<&mut JoinHandle<InviteAsyncResult>>) -> InviteAsyncResult {
    match result {
        Some(result) => match result.await {
            Ok(result) => result,
            Err(error) => Err(rsipstack::Error::Error(error.to_string())),
        },
        None => std::future::pending().await,
    }
}

async fn finished(work: Option<&mut JoinHandle<()>>) {
    match work {
        Some(work) => drop(work.await),
        None => std::future::pending().await,
    }
}
