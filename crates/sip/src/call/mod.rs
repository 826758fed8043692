//! One call: a task that keeps its callee and whoever the callee is connected with, and says in between what is to be said.

mod bot;
mod conversation;
mod course;
mod machine;
mod party;
mod ringback;

use std::{sync::Arc, time::Duration};

use domain::{CallTrace, EndedBy, EnteredStep, GatheredKeys, LegId, Present, PressedKeys, ReachedStep};
use jiff::Timestamp;
use media::session::{MediaControl, MediaEvent};
use telephony::{CallEvent, CallNotes, CallOrder, CallRefusal, LegOrder, LiveInstruction};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

pub(crate) use self::party::Departure;
use self::{
    bot::BotsOfCall,
    conversation::{Conversation, ConversationEvent},
    party::{Party, PartyHappened, PartyNews, PartyOrder},
    ringback::RINGBACK,
};
use crate::{
    answer,
    shared::{CallCommand, CarrierState},
    sound,
    stack::Stack,
};

/// Keeps a call from its INVITE to its end, which is reported once.
pub(crate) async fn keep(
    (order, ordered_at): (CallOrder, Present),
    departure: Departure,
    shared: Arc<CarrierState>,
    end: CancellationToken,
    commands: mpsc::Receiver<CallCommand>,
) {
    let refused = |refusal: CallRefusal| shared.report(order.attempt, None, CallEvent::Refused(refusal));
    let stack = match shared.stack().await {
        Ok(stack) => stack,
        Err(words) => return refused(answer::own_failure(&words)),
    };
    match Party::new(
        PartyOrder::callee(&order, departure, ordered_at),
        Arc::clone(&shared),
        Arc::clone(&stack),
    ) {
        Ok(callee) => {
            let conversation = conversation(&order, &shared);
            let leg_departure = match departure {
                Departure::AtOnce => Departure::AtOnce,
                Departure::OnceStarted | Departure::OnceWritten => Departure::OnceWritten,
            };
            let call = SipCall {
                leg_departure,
                order,
                shared,
                stack,
                callee,
                leg: None,
                conversation,
                notes: CallNotes::default(),
                over: None,
            };
            call.run(end, commands).await;
        }
        Err(refusal) => refused(refusal),
    }
}

/// What a prompt is called that somebody asked for: nothing that a script plays is called so.
const ASKED_FOR: u64 = u64::MAX - 1;

struct SipCall {
    /// When INVITEs of legs leave.
    leg_departure: Departure,
    order: CallOrder,
    shared: Arc<CarrierState>,
    stack: Arc<Stack>,
    callee: Party,
    leg: Option<Leg>,
    conversation: Conversation,
    /// What is known of the callee besides, and what was sent and received for legs.
    notes: CallNotes,
    /// How and when it ended, to be reported once there is no leg any more.
    over: Option<(CallEvent, Timestamp)>,
}

/// A call to someone else, with whom the callee is to be connected.
struct Leg {
    id: LegId,
    party: Party,
    /// Whether the two hear each other.
    is_bridged: bool,
}

/// What a call waits for.
enum Happened {
    ToCallee(PartyHappened),
    ToLeg(PartyHappened),
    Ordered(CallCommand),
    Said(ConversationEvent),
    TimeToTalk,
    End,
}

impl SipCall {
    async fn run(mut self, end: CancellationToken, mut commands: mpsc::Receiver<CallCommand>) {
        let news = self.callee.begin();
        self.hear_callee(news);
        let mut is_ended = false;
        while !self.settle() {
            let happened = self.wait(&mut commands, end.cancelled(), is_ended).await;
            is_ended |= matches!(happened, Happened::End);
            self.note(happened);
        }
    }

    async fn wait(
        &mut self,
        commands: &mut mpsc::Receiver<CallCommand>,
        end: impl Future<Output = ()>,
        is_ended: bool,
    ) -> Happened {
        let now = self.shared.now().steady;
        let until_said = self.conversation.deadline().map(|at| at.saturating_sub(now));
        let is_callee_there = !self.callee.is_over();
        tokio::select! {
            biased;
            () = end, if !is_ended => Happened::End,
            happened = self.callee.happens(), if is_callee_there => Happened::ToCallee(happened),
            happened = happens(self.leg.as_mut()) => Happened::ToLeg(happened),
            Some(command) = commands.recv() => Happened::Ordered(command),
            event = self.conversation.happens() => Happened::Said(event),
            () = passed(until_said) => Happened::TimeToTalk,
        }
    }

    fn note(&mut self, happened: Happened) {
        let now = self.shared.now().steady;
        match happened {
            Happened::End => {
                let news = self.callee.end();
                self.hear_callee(news);
            }
            Happened::ToCallee(happened) => {
                let news = self.callee.note(happened);
                self.hear_callee(news);
            }
            Happened::ToLeg(happened) => {
                let news = self.leg.as_mut().map(|leg| leg.party.note(happened));
                self.hear_leg(news.unwrap_or_default());
            }
            Happened::Ordered(command) => self.obey(command),
            Happened::Said(ConversationEvent::PromptsReady) => self.conversation.go_on(now),
            Happened::Said(ConversationEvent::Bot(news)) => {
                if self.conversation.hear_bot(&news, now) {
                    self.notes.failed_bot = self.conversation.failed_bot();
                    let news = self.callee.end();
                    self.hear_callee(news);
                }
            }
            Happened::Said(ConversationEvent::Detected(event)) => {
                if let Some(answerer) = self.conversation.detect(event, now) {
                    self.shared.report(self.order.attempt, None, CallEvent::Judged(answerer));
                }
            }
            Happened::Said(ConversationEvent::DetectedEarly(event)) => {
                if let Some(answerer) = self.conversation.detect_early(event) {
                    self.shared.report(self.order.attempt, None, CallEvent::JudgedEarly(answerer));
                }
            }
            Happened::TimeToTalk => {
                if let Some(by) = self.conversation.pass(now) {
                    self.notes.is_for_machine = self.conversation.is_for_machine();
                    self.notes.is_without_sound = self.conversation.is_without_sound();
                    self.notes.failed_bot = self.conversation.failed_bot();
                    let news = self.callee.end_by(by);
                    self.hear_callee(news);
                }
            }
        }
    }

    fn obey(&mut self, command: CallCommand) {
        match command {
            CallCommand::Start => {
                let news = self.callee.start();
                self.hear_callee(news);
            }
            CallCommand::Endable { leg: None, handle } => {
                let news = self.callee.note_endable(&handle);
                self.hear_callee(news);
            }
            CallCommand::Endable { leg, handle } => {
                let named = self.leg.as_mut().filter(|one| Some(one.id) == leg);
                let news = named.map(|leg| leg.party.note_endable(&handle));
                self.hear_leg(news.unwrap_or_default());
            }
            CallCommand::PlaceLeg(order) => self.place_leg(&order),
            CallCommand::EndTransfer => self.end_transfer(),
            CallCommand::Control(control) => self.control(control),
            CallCommand::Play(sound) => {
                if let Some(callee) = self.callee.sound() {
                    callee.play(ASKED_FOR, sound, false);
                }
            }
        }
    }

    /// Does what somebody asks who may, as far as the call is there for it.
    fn control(&mut self, control: LiveInstruction) {
        let now = self.shared.now().steady;
        match control {
            LiveInstruction::HangUp => {
                self.notes.is_asked_for = true;
                let news = self.callee.end_by(EndedBy::Script);
                self.hear_callee(news);
            }
            LiveInstruction::Transfer(step) => self.conversation.transfer(*step, now),
            LiveInstruction::GoTo(step) => self.conversation.jump(&step, now),
            LiveInstruction::SendDigits(digits) => {
                if let Some(callee) = self.callee.sound() {
                    callee.send_digits(digits.as_str());
                }
            }
            LiveInstruction::Play(audio) => {
                let (shared, attempt) = (Arc::clone(&self.shared), self.order.attempt);
                let codecs = sound::laws_of(&self.order.line);
                tokio::task::spawn_blocking(move || shared.play_in(attempt, &audio, &codecs));
            }
        }
    }

    /// Makes of what has happened to one side what happens to the other. Says whether all is over.
    fn settle(&mut self) -> bool {
        self.note_pressed();
        self.tell_steps();
        if let Some(step) = self.conversation.wanted_transfer() {
            self.shared.report(self.order.attempt, None, CallEvent::TransferWanted(step));
        }
        if let Some(by) = self.callee.ended_by() {
            let news = self.leg.as_mut().map(|leg| leg.party.end_by(by));
            self.hear_leg(news.unwrap_or_default());
        }
        if let Some(by) = self.leg.as_ref().filter(|leg| leg.is_bridged).and_then(|leg| leg.party.ended_by())
        {
            self.end_with_leg(by);
        }
        let is_alone = self.leg.is_none();
        if let Some((event, at)) = self.over.take_if(|_| is_alone) {
            self.tell_notes();
            self.shared.report_at(self.order.attempt, None, event, at);
        }
        self.callee.is_over() && self.leg.is_none()
    }

    /// Tells what is known besides, before the end.
    fn tell_notes(&mut self) {
        self.notes.bots = self.conversation.told_bots();
        let notes = std::mem::take(&mut self.notes);
        if notes != CallNotes::default() {
            self.shared.report(self.order.attempt, None, CallEvent::Noted(notes));
        }
    }

    /// Takes note of the keys that the script went on with, or had at the end.
    fn note_pressed(&mut self) {
        let at = self.shared.clock.now();
        let room = PressedKeys::MOST.saturating_sub(self.notes.pressed.len());
        let gathered = self.conversation.take_gathered().into_iter().take(room);
        self.notes.pressed.extend(gathered.map(|GatheredKeys { step, label, keys }| PressedKeys {
            at,
            step,
            label: label.map(|label| label.as_str().to_owned()),
            keys,
        }));
    }

    /// Tells which steps the script has come to.
    fn tell_steps(&mut self) {
        let at = self.shared.clock.now();
        for EnteredStep { step, label, kind } in self.conversation.take_entered() {
            let label = label.map(|label| label.as_str().to_owned());
            let reached = ReachedStep { at, step, label, kind };
            self.shared.report(self.order.attempt, None, CallEvent::Reached(reached));
        }
    }

    /// Takes note of what was sent and received, for the callee or for a leg.
    fn note_trace(&mut self, trace: Option<CallTrace>) {
        let Some(trace) = trace else { return };
        self.notes.trace = Some(match self.notes.trace.take() {
            Some(before) => before.with(trace),
            None => trace,
        });
    }

    fn hear_callee(&mut self, news: Vec<PartyNews>) {
        let now = self.shared.now().steady;
        for one in news {
            match one {
                PartyNews::Report(event) if event.is_end() => {
                    self.conversation.end();
                    self.over = Some((event, self.shared.clock.now()));
                }
                PartyNews::Report(CallEvent::Noted(notes)) => {
                    self.notes.q850 = notes.q850;
                    self.note_trace(notes.trace);
                }
                PartyNews::Report(event) => {
                    match &event {
                        CallEvent::Ringing => self.conversation.ring(),
                        CallEvent::EarlyMedia => {
                            if let Some(sound) = self.callee.sound() {
                                self.conversation.hear_early(sound);
                            }
                        }
                        _ => {}
                    }
                    self.shared.report(self.order.attempt, None, event);
                }
                PartyNews::Answered(sound) => {
                    self.record(&sound);
                    self.conversation.begin(sound, now);
                }
                PartyNews::Heard(event) => {
                    self.relay_key(&event);
                    self.conversation.hear(&event, now);
                }
            }
        }
    }

    /// Records what is said from now on, where that is asked for and can be done.
    fn record(&self, sound: &MediaControl) {
        let (Some(order), Some(recorder)) = (self.order.recording, &self.shared.recorder) else { return };
        if let Some(sink) = recorder.record(order, self.order.attempt, self.shared.clock.now()) {
            sound.record(sink);
        }
    }

    /// What is heard of the callee while a leg is there: keys are for who is there, and who waits hears the phone ring on.
    fn relay_key(&self, event: &MediaEvent) {
        let Some(leg) = &self.leg else { return };
        match event {
            MediaEvent::Digit { digit, .. } if leg.is_bridged => {
                send_key(leg.party.sound(), digit.character());
            }
            MediaEvent::Played { id: RINGBACK, is_complete: true, .. } if !leg.is_bridged => self.ring_back(),
            _ => {}
        }
    }

    fn hear_leg(&mut self, news: Vec<PartyNews>) {
        for one in news {
            let Some(leg) = &mut self.leg else { return };
            match one {
                PartyNews::Report(event) if event.is_end() => {
                    let (id, was_bridged) = (leg.id, leg.is_bridged);
                    let by = leg.party.ended_by();
                    self.leg = None;
                    self.shared.report(self.order.attempt, Some(id), event);
                    self.after_leg(by.filter(|_| was_bridged));
                }
                PartyNews::Report(CallEvent::Noted(notes)) => {
                    let id = leg.id;
                    self.note_trace(notes.trace.map(|trace| trace.of_leg(id)));
                }
                PartyNews::Report(event) => {
                    let rings = event == CallEvent::Ringing;
                    self.shared.report(self.order.attempt, Some(leg.id), event);
                    if rings {
                        self.ring_back();
                    }
                }
                PartyNews::Answered(sound) => {
                    leg.is_bridged = true;
                    if let Some(callee) = self.callee.sound() {
                        callee.stop();
                        callee.bridge(&sound);
                    }
                }
                PartyNews::Heard(MediaEvent::Digit { digit, .. }) if leg.is_bridged => {
                    send_key(self.callee.sound(), digit.character());
                }
                PartyNews::Heard(MediaEvent::Silent { .. }) if leg.is_bridged => {
                    let news = leg.party.end_by(EndedBy::Line);
                    self.notes.is_without_sound = true;
                    self.hear_leg(news);
                }
                PartyNews::Heard(_) => {}
            }
        }
    }

    /// There is no leg any more: `by` says who ended it if the two have talked.
    fn after_leg(&mut self, by: Option<EndedBy>) {
        match by {
            Some(by) => self.end_with_leg(by),
            None => self.end_transfer(),
        }
    }

    fn end_with_leg(&mut self, by: EndedBy) {
        let news = self.callee.end_by(by);
        self.hear_callee(news);
    }

    /// Calls someone else for the callee who waits.
    fn place_leg(&mut self, order: &LegOrder) {
        let is_wanted =
            self.leg.is_none() && self.callee.ended_by().is_none() && self.conversation.is_transferring();
        if !is_wanted {
            return self.refuse_leg(order, CallRefusal::default());
        }
        match Party::new(
            PartyOrder::leg(order, self.leg_departure, self.shared.now()),
            Arc::clone(&self.shared),
            Arc::clone(&self.stack),
        ) {
            Ok(party) => {
                let leg = self.leg.insert(Leg { id: order.leg, party, is_bridged: false });
                let news = leg.party.begin();
                self.hear_leg(news);
            }
            Err(refusal) => {
                self.refuse_leg(order, refusal);
                self.end_transfer();
            }
        }
    }

    fn refuse_leg(&self, order: &LegOrder, refusal: CallRefusal) {
        self.shared.report(order.attempt, Some(order.leg), CallEvent::Refused(refusal));
    }

    /// Ends the leg, or what waits for one: then the script goes on.
    fn end_transfer(&mut self) {
        if let Some(leg) = &mut self.leg {
            let news = leg.party.end();
            return self.hear_leg(news);
        }
        if !self.conversation.is_transferring() || self.callee.ended_by().is_some() {
            return;
        }
        if let Some(callee) = self.callee.sound() {
            callee.stop();
        }
        self.conversation.transfer_failed(self.shared.now().steady);
    }

    fn ring_back(&self) {
        if let Some(callee) = self.callee.sound() {
            callee.play(RINGBACK, ringback::sound(), false);
        }
    }
}

fn send_key(to: Option<&MediaControl>, key: char) {
    if let Some(to) = to {
        to.send_digits(key);
    }
}

async fn happens(leg: Option<&mut Leg>) -> PartyHappened {
    match leg {
        Some(leg) => leg.party.happens().await,
        None => std::future::pending().await,
    }
}

async fn passed(left: Option<Duration>) {
    match left {
        Some(left) => tokio::time::sleep(left).await,
        None => std::future::pending().await,
    }
}

/// What is to be said in a call, with its prompts on their way.
fn conversation(order: &CallOrder, shared: &Arc<CarrierState>) -> Conversation {
    let codecs = sound::laws_of(&order.line);
    let preparing = order.script.clone().map(|script| {
        let shared = Arc::clone(shared);
        tokio::task::spawn_blocking(move || shared.prompts.of_script(&script, &codecs))
    });
    let flow = order.script.as_ref().map(|script| Arc::clone(&script.flow));
    let bots = order.script.as_ref().and_then(|script| script.bots.clone());
    let bots = BotsOfCall::new(bots, format!("CA{}", order.attempt.uuid().simple()), Arc::clone(shared));
    Conversation::new(flow, order.callee.extension.clone(), preparing, bots)
}
