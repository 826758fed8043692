//! One party of a call, the callee or whoever the callee is connected with: its dialog, its sound and its course.

use std::{
    sync::Arc,
    task::{Context, Poll, Waker},
};

use domain::{
    CallDeadlines, CallHandle, CallerNumber, EndedBy, Line, LineKind, Present, SipTrunk, TraceKeeping,
};
use jiff::SignedDuration;
use media::session::{MediaControl, MediaEvent};
use rsipstack::{
    dialog::{
        DialogId,
        dialog::{DialogState, DialogStateReceiver},
        invitation::InviteAsyncResult,
        invite_dialog::InviteDialog,
    },
    sip::{Header, Method, Response, StatusCodeKind},
    transport::SipAddr,
};
use telephony::{CallEvent, CallNotes, CallOrder, CallRefusal, LegOrder};
use tokio::{sync::mpsc, task::JoinHandle};
use uuid::Uuid;

use super::course::{CallCourse, CallInput, CallStep};
use crate::{
    answer,
    digest::{Challenged, Credentials},
    hold::Hold,
    invite::{Called, Invitation},
    orphan,
    peers::{KnownCall, OfferedSound, PeerRequest},
    shared::CarrierState,
    sound::CallSound,
    stack::Stack,
};

/// How often the clock on the wall is looked at where a deadline hangs on it: it may be set.
const CLOCK_EVERY: std::time::Duration = std::time::Duration::from_millis(250);

/// How many requests of the other side may wait.
const MOST_REQUESTS: usize = 4;

/// Whom to call, over what, and for how long.
pub(super) struct PartyOrder {
    /// The local part of the Call-ID.
    call_id: Uuid,
    line: Arc<Line>,
    called: Called,
    caller: Option<CallerNumber>,
    deadlines: CallDeadlines,
    /// Who it is.
    peer: EndedBy,
    departure: Departure,
    /// When it was ordered: what its deadlines say is by the clock of then, which may be set any time.
    ordered_at: Present,
}

/// When INVITEs leave that are ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Departure {
    /// At once.
    AtOnce,
    /// The first one when the call is started, those that follow as here below.
    OnceStarted,
    /// When what it can be ended with is written down.
    OnceWritten,
}

impl PartyOrder {
    /// The callee of a call.
    pub(super) fn callee(order: &CallOrder, departure: Departure, ordered_at: Present) -> Self {
        Self {
            departure,
            ordered_at,
            call_id: order.attempt.uuid(),
            line: Arc::clone(&order.line),
            called: Called::Callee(order.callee.clone()),
            caller: order.caller.clone(),
            deadlines: order.deadlines,
            peer: EndedBy::Callee,
        }
    }

    /// Whoever a callee is connected with.
    pub(super) fn leg(order: &LegOrder, departure: Departure, ordered_at: Present) -> Self {
        Self {
            departure,
            ordered_at,
            call_id: order.leg.uuid(),
            line: Arc::clone(&order.line),
            called: Called::Target(order.target.clone()),
            caller: order.caller.clone(),
            deadlines: order.deadlines,
            peer: EndedBy::Agent,
        }
    }
}

/// A party of a call.
pub(super) struct Party {
    order: PartyOrder,
    trunk: SipTrunk,
    shared: Arc<CarrierState>,
    stack: Arc<Stack>,
    sound: CallSound,
    course: CallCourse,
    /// Which of the line's addresses is called.
    address: usize,
    challenged: Challenged,
    /// What proves who calls, in the next INVITE.
    authorization: Option<Header>,
    /// The way to the address, while it is looked for.
    connecting: Option<JoinHandle<Connected>>,
    sent: Option<SentInvite>,
    /// The BYE that is on its way.
    bye: Option<JoinHandle<()>>,
    /// The dialog of an answered call, to be removed at its end.
    dialog: Option<DialogId>,
    requested: mpsc::Receiver<PeerRequest>,
    /// How it ended, once it has.
    end: Option<CallEvent>,
    /// Until it is dropped the other side can be heard.
    known: KnownCall,
    notes: CallNotes,
}

/// Where a request goes that was on its way to an address, or why it cannot.
type Connected = Result<SipAddr, String>;

/// An INVITE that was sent or is about to be, and what comes of it.
struct SentInvite {
    /// What holds it until it may leave.
    hold: Hold,
    /// What the call can be ended with once it has left.
    handle: CallHandle,
    dialog: InviteDialog,
    states: DialogStateReceiver,
    /// `None` once it has come.
    result: Option<JoinHandle<InviteAsyncResult>>,
}

/// What a party waits for.
pub(super) enum PartyHappened {
    Connected(Connected),
    State(DialogState),
    Result(InviteAsyncResult),
    Requested(PeerRequest),
    Heard(MediaEvent),
    ByeDone,
    Time,
}

/// What becomes of a party.
pub(super) enum PartyNews {
    /// To be told to the dialer; the end is the last.
    Report(CallEvent),
    /// Someone answered, and can be heard.
    Answered(MediaControl),
    /// Something happened to the sound.
    Heard(MediaEvent),
}

impl Party {
    /// Makes ready to call.
    ///
    /// # Errors
    /// Why it cannot be called.
    pub(super) fn new(
        order: PartyOrder,
        shared: Arc<CarrierState>,
        stack: Arc<Stack>,
    ) -> Result<Self, CallRefusal> {
        let LineKind::Sip(trunk) = &order.line.draft.settings.kind else {
            return Err(answer::failed_here(488, "The line is no SIP trunk"));
        };
        let trunk = trunk.as_ref().clone();
        let sound = CallSound::open(&stack.ports, stack.own.ip(), &trunk.codecs, shared.chance());
        let sound = sound.map_err(|error| {
            tracing::warn!(%error, "no port for the sound of a call is free");
            answer::own_failure("No port for sound is free")
        })?;
        let first_answer = SignedDuration::from_secs(order.line.draft.settings.t1x64);
        let others = trunk.addresses.len().saturating_sub(1);
        let course =
            CallCourse::new(&order.deadlines, first_answer, others, (order.ordered_at, shared.now()))
                .with(order.peer);
        let (requests, requested) = mpsc::channel(MOST_REQUESTS);
        let is_traced = trunk.trace != TraceKeeping::Off;
        let trace_by = is_traced.then(|| Arc::clone(&shared.clock));
        let invitation = invitation(&order, &trunk, &shared, &stack);
        let known = shared.peers.begin(&invitation.call_id(), requests, trace_by);
        Ok(Self {
            order,
            trunk,
            shared,
            stack,
            sound,
            course,
            address: 0,
            challenged: Challenged::default(),
            authorization: None,
            connecting: None,
            sent: None,
            bye: None,
            dialog: None,
            requested,
            end: None,
            known,
            notes: CallNotes::default(),
        })
    }

    /// Makes the first INVITE.
    pub(super) fn begin(&mut self) -> Vec<PartyNews> {
        self.connect()
    }

    /// Lets the first INVITE leave, unless it is too late for one.
    pub(super) fn start(&mut self) -> Vec<PartyNews> {
        if self.order.departure != Departure::OnceStarted {
            return Vec::new();
        }
        self.order.departure = Departure::OnceWritten;
        self.hear(CallInput::MayLeave)
    }

    /// Lets the INVITE leave that is ended with what is written down now.
    pub(super) fn note_endable(&mut self, written: &CallHandle) -> Vec<PartyNews> {
        let is_latest = self.sent.as_ref().is_some_and(|sent| sent.handle == *written);
        if !is_latest || self.order.departure != Departure::OnceWritten {
            return Vec::new();
        }
        self.hear(CallInput::MayLeave)
    }

    fn hear(&mut self, input: CallInput) -> Vec<PartyNews> {
        let steps = self.course.hear(input, self.shared.now());
        self.perform(steps)
    }

    /// Whether its end was told.
    pub(super) const fn is_over(&self) -> bool {
        self.end.is_some()
    }

    /// Who ends it, if it is being ended or over.
    pub(super) fn ended_by(&self) -> Option<EndedBy> {
        match self.end.as_ref().or_else(|| self.course.end_on_its_way())? {
            CallEvent::HungUp(by) => Some(*by),
            _ => Some(EndedBy::Dialtime),
        }
    }

    /// What tells its sound what to play; `None`: nothing is agreed on.
    pub(super) fn sound(&self) -> Option<&MediaControl> {
        self.sound.control()
    }

    /// Ends it: by CANCEL, or by BYE once it was answered.
    pub(super) fn end(&mut self) -> Vec<PartyNews> {
        let steps = self.course.end(self.shared.now());
        self.perform(steps)
    }

    /// Ends it because of someone.
    pub(super) fn end_by(&mut self, by: EndedBy) -> Vec<PartyNews> {
        let mut steps = self.course.hear(CallInput::SaidAll(by), self.shared.now());
        steps.extend(self.course.end(self.shared.now()));
        self.perform(steps)
    }

    /// Waits for what happens next; may be dropped and asked again.
    pub(super) async fn happens(&mut self) -> PartyHappened {
        let due = self.course.next_due();
        let left = due.left(self.shared.now());
        let left = if due.is_by_wall() { left.min(CLOCK_EVERY) } else { left };
        let (state, result) = match &mut self.sent {
            Some(sent) => (Some(&mut sent.states), sent.result.as_mut()),
            None => (None, None),
        };
        tokio::select! {
            // What the other side said before its last answer comes before that.
            biased;
            connected = connected(self.connecting.as_mut()) => PartyHappened::Connected(connected),
            Some(state) = next(state) => PartyHappened::State(state),
            result = joined(result) => PartyHappened::Result(result),
            () = finished(self.bye.as_mut()) => PartyHappened::ByeDone,
            Some(request) = self.requested.recv() => PartyHappened::Requested(request),
            event = self.sound.event() => PartyHappened::Heard(event),
            () = tokio::time::sleep(left) => PartyHappened::Time,
        }
    }

    /// Takes note of what happened.
    pub(super) fn note(&mut self, happened: PartyHappened) -> Vec<PartyNews> {
        let now = self.shared.now();
        let steps = match happened {
            PartyHappened::Time => self.course.pass(now),
            PartyHappened::Heard(event) => return vec![PartyNews::Heard(event)],
            PartyHappened::Connected(connected) => {
                self.connecting = None;
                return self.connected(connected);
            }
            PartyHappened::State(state) => match self.input_of(&state) {
                Some(input) => self.course.hear(input, now),
                None => Vec::new(),
            },
            PartyHappened::Result(result) => {
                let (handle, input) = self.final_answer(result);
                let mut news = handle_news(handle);
                let steps = self.course.hear(input, now);
                news.extend(self.perform(steps));
                return news;
            }
            PartyHappened::ByeDone => {
                self.bye = None;
                self.course.hear(CallInput::ByeDone, now)
            }
            PartyHappened::Requested(PeerRequest::Bye(q850)) => {
                self.notes.q850 = q850;
                self.course.hear(CallInput::HungUp { q850 }, now)
            }
            PartyHappened::Requested(PeerRequest::Sound(OfferedSound { offer, answer })) => {
                if let Ok(body) = self.sound.answer(&offer) {
                    // Whoever asked has given up.
                    let _ = answer.send(body);
                }
                Vec::new()
            }
        };
        self.perform(steps)
    }

    /// What the last answer to an INVITE means, and what the call can be ended with from then on.
    fn final_answer(&mut self, result: InviteAsyncResult) -> (Option<CallHandle>, CallInput) {
        let Some(sent) = &mut self.sent else { return (None, CallInput::ByeDone) };
        sent.result = None;
        let is_ours = self.shared.own_failure().is_some();
        let failed = |words: &str| {
            let refusal = if is_ours { answer::own_failure(words) } else { answer::failed_here(503, words) };
            (None, CallInput::Refused(refusal))
        };
        let (id, answer) = match result {
            Ok((id, Some(answer))) => (id, answer),
            Ok((_, None)) => return failed("The INVITE ended without an answer"),
            Err(error) => return failed(&error.to_string()),
        };
        if answer.status_code.kind() == StatusCodeKind::Successful {
            self.dialog = Some(id);
            let endable = orphan::hanging_up(&sent.dialog.snapshot());
            let is_usable = self.sound.agree(&answer.body);
            return (endable, CallInput::Answered { is_usable });
        }
        self.authorization = self.authorize(&answer);
        if self.authorization.is_some() {
            return (None, CallInput::Challenged);
        }
        (None, CallInput::Refused(answer::refusal(&answer)))
    }

    /// What answers a challenge; `None`: it is none, or is final.
    fn authorize(&mut self, answer: &Response) -> Option<Header> {
        let credentials = Credentials::of(&self.order.line, &self.trunk)?;
        let called = self.invitation().called(self.trunk.addresses.get(self.address)?)?.to_string();
        let nonce = format!("{:08x}{:08x}", self.shared.chance(), self.shared.chance());
        self.challenged.answer(answer, &credentials, (Method::Invite, &called), &nonce)
    }

    fn invitation(&self) -> Invitation<'_> {
        invitation(&self.order, &self.trunk, &self.shared, &self.stack)
    }

    fn perform(&mut self, steps: Vec<CallStep>) -> Vec<PartyNews> {
        let mut news = Vec::new();
        for step in steps {
            match step {
                CallStep::InviteAgain => news.extend(self.connect()),
                CallStep::InviteNext => {
                    self.address += 1;
                    self.challenged = Challenged::default();
                    news.extend(self.connect());
                }
                CallStep::Send => self.send(),
                CallStep::Abandon => self.abandon(),
                CallStep::Cancel => self.cancel(),
                CallStep::Converse => news.extend(self.sound.answered().map(PartyNews::Answered)),
                CallStep::Bye => self.hang_up(),
                CallStep::Report(event) => {
                    if event.is_end() {
                        self.end = Some(event.clone());
                        news.push(PartyNews::Report(CallEvent::Noted(self.take_notes())));
                    }
                    news.push(PartyNews::Report(event));
                }
            }
        }
        news
    }

    /// What is known of it besides its course, once.
    fn take_notes(&mut self) -> CallNotes {
        CallNotes { trace: self.known.take_trace(), ..std::mem::take(&mut self.notes) }
    }

    /// Looks for the way to the line's address; the INVITE is made once it is there.
    fn connect(&mut self) -> Vec<PartyNews> {
        let address = self.trunk.addresses.get(self.address);
        let Some(to) = address.and_then(|address| self.invitation().next_hop(address)) else {
            return self.unreachable("The line's address cannot be called");
        };
        let mut connecting = Box::pin(self.stack.connect(to));
        // Most often there is nothing to wait for, and however busy the machine is, it is not the line that is slow.
        match connecting.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(connected) => self.connected(connected),
            Poll::Pending => {
                self.connecting = Some(tokio::spawn(connecting));
                Vec::new()
            }
        }
    }

    fn connected(&mut self, connected: Connected) -> Vec<PartyNews> {
        match connected {
            Ok(to) => self.invite(&to),
            Err(words) => self.unreachable(&words),
        }
    }

    /// That an address cannot be reached is heard like an answer.
    fn unreachable(&mut self, words: &str) -> Vec<PartyNews> {
        self.hear(CallInput::Refused(answer::failed_here(503, words)))
    }

    /// Makes an INVITE to this address, and has it leave when it may.
    fn invite(&mut self, to: &SipAddr) -> Vec<PartyNews> {
        match self.hold_invite(to) {
            Ok(sent) => {
                let mut news = vec![PartyNews::Report(CallEvent::Endable(sent.handle.clone()))];
                self.sent = Some(sent);
                news.extend(self.hear(CallInput::Ready));
                if self.order.departure == Departure::AtOnce {
                    news.extend(self.hear(CallInput::MayLeave));
                }
                news
            }
            Err(words) => {
                self.sent = None;
                self.unreachable(&words)
            }
        }
    }

    /// Makes an INVITE that does not leave yet.
    fn hold_invite(&mut self, to: &SipAddr) -> Result<SentInvite, String> {
        let cannot = || "The line's address cannot be called".to_owned();
        let hold = self.stack.held.hold(to.clone());
        let (offer, authorization) = (self.sound.offer(), self.authorization.take());
        let (address, now) = (self.trunk.addresses.get(self.address), self.shared.now().wall);
        let option = address
            .zip(hold.address())
            .and_then(|(address, held)| self.invitation().to(address, held, offer, authorization, now));
        let (sender, states) = self.stack.dialogs.new_dialog_state_channel();
        let (dialog, result) = (self.stack.dialogs)
            .do_invite_async(option.ok_or_else(cannot)?, sender)
            .map_err(|error| error.to_string())?;
        let Some(handle) = orphan::cancelling(&dialog.initial_request(), to) else {
            result.abort();
            return Err("What would end the call is too long".to_owned());
        };
        Ok(SentInvite { hold, handle, dialog, states, result: Some(result) })
    }

    fn send(&mut self) {
        if let Some(sent) = &self.sent {
            sent.hold.release();
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
        self.connecting = None;
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

impl Drop for Party {
    fn drop(&mut self) {
        if let Some(id) = &self.dialog {
            self.stack.dialogs.remove_dialog(id);
        }
    }
}

fn invitation<'o>(
    order: &'o PartyOrder,
    trunk: &'o SipTrunk,
    shared: &CarrierState,
    stack: &Stack,
) -> Invitation<'o> {
    Invitation {
        call_id: order.call_id,
        line: &order.line,
        called: &order.called,
        caller: order.caller.as_ref(),
        cancel_at: order.deadlines.cancel_at,
        trunk,
        own: stack.own,
        country: shared.settings.country,
    }
}

fn handle_news(handle: Option<CallHandle>) -> Vec<PartyNews> {
    handle.map(|handle| PartyNews::Report(CallEvent::Endable(handle))).into_iter().collect()
}

/// Waits for the way to an address; for ever, where none is looked for.
async fn connected(work: Option<&mut JoinHandle<Connected>>) -> Connected {
    match work {
        Some(work) => work.await.unwrap_or_else(|error| Err(error.to_string())),
        None => std::future::pending().await,
    }
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
