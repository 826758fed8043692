//! What is said in a call once someone has answered: the digits of an extension first, then what the script says. It tells the script what
//! is heard, and the sound what to play; it knows nothing of SIP.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use domain::{
    Answerer, BotOfCall, BotUrl, EndedBy, EnteredStep, GatheredKeys, ScriptCommand, ScriptFlow, ScriptRun,
    StepKind, StepLabel, TransferStep,
};
use media::{
    answering_machine::{DetectionEvent, HeardReason},
    bot::BotNews,
    session::{MediaControl, MediaEvent},
};
use tokio::task::JoinHandle;

use super::{
    bot::BotsOfCall,
    machine::{MESSAGE, MachineStep, MachineWatch, MessageToLeave, answerer_of},
};
use crate::prompts::CallPrompts;

/// How long a call goes on after its script has ended, so that the BYE does not cut off the last word.
const LAST_WORD: Duration = Duration::from_millis(200);

/// Before the digits of an extension, for the switchboard that answers; a pause of a second.
const BEFORE_EXTENSION: char = ',';

/// The conversation of a call.
pub(crate) struct Conversation {
    flow: Option<Arc<ScriptFlow>>,
    extension: String,
    /// The prompts while they are made ready.
    preparing: Option<JoinHandle<CallPrompts>>,
    prompts: CallPrompts,
    transfer: WantedTransfer,
    phase: ConversationPhase,
    /// The keys that the script went on with, or had at the end, and that nobody was told of.
    gathered: Vec<GatheredKeys>,
    /// Whether nobody is there any more, as far as can be heard.
    is_without_sound: bool,
    bots: BotsOfCall,
    machine: MachineWatch,
    /// What is heard before the answer, judged apart.
    early: MachineWatch,
    /// The steps that the script came to, and that nobody was told of.
    entered: Vec<EnteredStep>,
    /// When someone answered.
    answered: Duration,
    /// Whether it ends because a machine answered.
    is_for_machine: bool,
}

/// What happens to a conversation beside what is heard.
pub(crate) enum ConversationEvent {
    /// The prompts are ready.
    PromptsReady,
    /// Something became of its bot.
    Bot(BotNews),
    /// Something was found out about who answered.
    Detected(DetectionEvent),
    /// The same of what is heard before the answer.
    DetectedEarly(DetectionEvent),
}

/// How far a transfer is that the script wants.
enum WantedTransfer {
    /// There is none.
    None,
    /// Nobody was told.
    Wanted(Box<TransferStep>),
    /// Someone is at it, or the callee is connected.
    UnderWay,
}

enum ConversationPhase {
    /// Nobody has answered.
    Before,
    /// The digits of the extension are being sent.
    Extension(MediaControl),
    /// Prompts are not ready yet.
    Preparing(MediaControl),
    /// The script runs.
    Script(Box<ScriptRun>, MediaControl),
    /// A machine hears a message once its greeting is over.
    Message(MessageToLeave),
    /// It is over at this time, for this reason.
    Ending(Duration, EndedBy),
    /// Nothing is said.
    Silent,
}

impl Conversation {
    /// What is to be said in a call; the prompts may take their time.
    pub(crate) fn new(
        flow: Option<Arc<ScriptFlow>>,
        extension: String,
        preparing: Option<JoinHandle<CallPrompts>>,
        bots: BotsOfCall,
    ) -> Self {
        let (prompts, phase) = (CallPrompts::new(), ConversationPhase::Before);
        let machine = flow.as_ref().map(|flow| flow.machine()).unwrap_or_default();
        Self {
            flow,
            extension,
            preparing,
            prompts,
            transfer: WantedTransfer::None,
            phase,
            gathered: Vec::new(),
            is_without_sound: false,
            bots,
            machine: MachineWatch::new(machine),
            early: MachineWatch::new(machine),
            entered: Vec::new(),
            answered: Duration::ZERO,
            is_for_machine: false,
        }
    }

    /// What happens to it next, beside what is heard; may be dropped and asked again.
    pub(crate) async fn happens(&mut self) -> ConversationEvent {
        tokio::select! {
            biased;
            prompts = prepared(&mut self.preparing) => {
                self.prompts = prompts;
                self.preparing = None;
                ConversationEvent::PromptsReady
            }
            news = self.bots.news() => ConversationEvent::Bot(news),
            event = self.machine.event() => ConversationEvent::Detected(event),
            event = self.early.event() => ConversationEvent::DetectedEarly(event),
        }
    }

    /// When [`Self::pass`] is to be asked next.
    pub(crate) fn deadline(&self) -> Option<Duration> {
        match &self.phase {
            ConversationPhase::Script(run, _) => run.deadline().into_iter().chain(self.bots.deadline()).min(),
            ConversationPhase::Message(message) => message.deadline(),
            ConversationPhase::Ending(at, _) => Some(*at),
            _ => None,
        }
    }

    /// The phone rings: whoever answers should not wait for a bot.
    pub(crate) fn ring(&mut self) {
        if let Some(flow) = &self.flow {
            self.bots.ring(flow);
        }
    }

    /// There is sound though nobody has answered.
    pub(crate) fn hear_early(&mut self, sound: &MediaControl) {
        self.early.listen_early(sound);
    }

    /// Takes note of what was found out about what is heard before the answer. Gives what it is, where more is known of that than before: silence
    /// says nothing about who will answer.
    pub(crate) fn detect_early(&mut self, event: DetectionEvent) -> Option<Answerer> {
        let (_, news) = self.early.hear(event);
        news.filter(|known| known.verdict.reason != HeardReason::InitialSilence).map(answerer_of)
    }

    /// Takes note of what happened to its bot. Says whether the call is to end before anyone has answered it.
    pub(crate) fn hear_bot(&mut self, news: &BotNews, now: Duration) -> bool {
        self.bots.note(news);
        match news {
            BotNews::Connected | BotNews::Remade(_) => false,
            BotNews::Failed(_) => self.fail_for_bot(now),
            BotNews::Closed => {
                if let ConversationPhase::Script(run, _) = &mut self.phase {
                    let commands = run.bot_closed(now);
                    self.perform(commands, now);
                }
                false
            }
        }
    }

    /// Its bot has failed. Says whether nobody has answered yet.
    fn fail_for_bot(&mut self, now: Duration) -> bool {
        let is_answered = !matches!(self.phase, ConversationPhase::Before);
        if is_answered {
            self.phase = ConversationPhase::Ending(now, EndedBy::Script);
        }
        !is_answered
    }

    /// The bot that failed, because of which it ends.
    pub(crate) fn failed_bot(&self) -> Option<BotUrl> {
        self.bots.failed().cloned()
    }

    /// The bots that failed, or whose streams were lost and made again.
    pub(crate) fn told_bots(&self) -> Vec<BotOfCall> {
        self.bots.told().to_vec()
    }

    /// Someone answered.
    pub(crate) fn begin(&mut self, sound: MediaControl, now: Duration) {
        self.answered = now;
        self.early.end();
        if self.extension.is_empty() {
            self.machine.listen(&sound, Duration::ZERO);
            return self.run(sound, now);
        }
        let digits = format!("{BEFORE_EXTENSION}{}", self.extension);
        self.phase = if sound.send_digits(digits) {
            ConversationPhase::Extension(sound)
        } else {
            ConversationPhase::Ending(now, EndedBy::Line)
        };
    }

    /// The prompts are ready.
    pub(crate) fn go_on(&mut self, now: Duration) {
        if let ConversationPhase::Preparing(sound) = &self.phase {
            let sound = sound.clone();
            self.run(sound, now);
        }
    }

    /// The transfer that the script wants now; told once.
    pub(crate) fn wanted_transfer(&mut self) -> Option<Box<TransferStep>> {
        match std::mem::replace(&mut self.transfer, WantedTransfer::UnderWay) {
            WantedTransfer::Wanted(step) => Some(step),
            other => {
                self.transfer = other;
                None
            }
        }
    }

    /// The keys that the script has gone on with since this was asked last, or had at the end.
    pub(crate) fn take_gathered(&mut self) -> Vec<GatheredKeys> {
        std::mem::take(&mut self.gathered)
    }

    /// The steps that the script has come to since this was asked last.
    pub(crate) fn take_entered(&mut self) -> Vec<EnteredStep> {
        std::mem::take(&mut self.entered)
    }

    /// Whether it ends because no sound came for too long.
    pub(crate) const fn is_without_sound(&self) -> bool {
        self.is_without_sound
    }

    /// The call is over.
    pub(crate) fn end(&mut self) {
        self.bots.end();
        self.machine.end();
        self.early.end();
        if let ConversationPhase::Script(run, _) = &mut self.phase {
            run.call_ended();
            self.gathered.extend(run.take_gathered());
        }
        self.phase = ConversationPhase::Silent;
    }

    /// Whether someone was told of a transfer that has not failed.
    pub(crate) const fn is_transferring(&self) -> bool {
        matches!(self.transfer, WantedTransfer::UnderWay)
    }

    /// Nobody can be connected with the callee: the script goes on.
    pub(crate) fn transfer_failed(&mut self, now: Duration) {
        self.transfer = WantedTransfer::None;
        if let ConversationPhase::Script(run, _) = &mut self.phase {
            let commands = run.transfer_failed(now);
            self.perform(commands, now);
        }
    }

    /// Leaves what is under way for a step, unless someone else has the call.
    pub(crate) fn jump(&mut self, step: &StepLabel, now: Duration) {
        self.leave(now, |run| run.jump(now, step));
    }

    /// Leaves what is under way to connect the callee with someone, unless someone else has the call.
    pub(crate) fn transfer(&mut self, step: TransferStep, now: Duration) {
        self.leave(now, |run| run.transfer(step));
    }

    fn leave(&mut self, now: Duration, way: impl FnOnce(&mut ScriptRun) -> Vec<ScriptCommand>) {
        if self.is_transferring() {
            return;
        }
        if let ConversationPhase::Script(run, _) = &mut self.phase {
            let commands = way(run);
            if !commands.is_empty() {
                self.bots.end();
            }
            self.perform(commands, now);
        }
    }

    /// Takes note of what happened to the sound.
    pub(crate) fn hear(&mut self, event: &MediaEvent, now: Duration) {
        match (event, &mut self.phase) {
            (_, ConversationPhase::Before | ConversationPhase::Ending(..)) => {}
            (MediaEvent::Silent { .. }, _) => {
                self.is_without_sound = true;
                self.phase = ConversationPhase::Ending(now, EndedBy::Line);
            }
            (MediaEvent::DigitsSent { is_sent }, ConversationPhase::Extension(sound)) => {
                let sound = sound.clone();
                if *is_sent {
                    self.machine.listen(&sound, now.saturating_sub(self.answered));
                    self.run(sound, now);
                } else {
                    // Whoever answers there is not who was meant.
                    self.phase = ConversationPhase::Ending(now, EndedBy::Line);
                }
            }
            (MediaEvent::Digit { digit, .. }, ConversationPhase::Script(run, _)) => {
                self.bots.digit(digit.character());
                let commands = run.key(now, digit.character());
                self.perform(commands, now);
            }
            (MediaEvent::Played { id, is_complete, .. }, ConversationPhase::Script(run, _)) => {
                let commands = run.played(now, *id, *is_complete);
                self.perform(commands, now);
            }
            (MediaEvent::Played { id: MESSAGE, is_complete: true, .. }, ConversationPhase::Message(_)) => {
                self.end_for_machine(now.saturating_add(LAST_WORD));
            }
            _ => {}
        }
    }

    /// Takes note of what was found out about who answered, and does what the script says is done then; not when someone else has the call.
    /// Gives who answered, where more is known of that than before.
    pub(crate) fn detect(&mut self, event: DetectionEvent, now: Duration) -> Option<Answerer> {
        let has_other = self.is_transferring();
        let (steps, news) = self.machine.hear(event);
        if let Some(known) = news {
            self.bots.answerer(known);
        }
        for step in steps {
            match (step, &mut self.phase) {
                (MachineStep::Speak, ConversationPhase::Message(message)) => {
                    let can_speak = message.speak();
                    if !can_speak {
                        self.end_for_machine(now);
                    }
                }
                (MachineStep::Speak, _) => {}
                _ if has_other => {}
                (step, ConversationPhase::Script(_, sound) | ConversationPhase::Preparing(sound)) => {
                    let sound = sound.clone();
                    self.leave_script(step, sound, now);
                }
                _ => {}
            }
        }
        news.map(answerer_of)
    }

    fn leave_script(&mut self, step: MachineStep, sound: MediaControl, now: Duration) {
        self.bots.end();
        if let ConversationPhase::Script(run, _) = &mut self.phase {
            run.call_ended();
            self.gathered.extend(run.take_gathered());
        }
        match step {
            MachineStep::Wait(prompt) => {
                self.entered.push(EnteredStep { step: None, label: None, kind: StepKind::LeaveMessage });
                let prompt = self.prompts.get(&prompt).cloned();
                self.phase = ConversationPhase::Message(MessageToLeave::new(sound, prompt, now));
            }
            MachineStep::HangUp | MachineStep::Speak => self.end_for_machine(now),
        }
    }

    fn end_for_machine(&mut self, at: Duration) {
        self.is_for_machine = true;
        self.phase = ConversationPhase::Ending(at, EndedBy::Script);
    }

    /// Whether it ends because a machine answered.
    pub(crate) const fn is_for_machine(&self) -> bool {
        self.is_for_machine
    }

    /// Takes note of the time; says who ends the call if it is to end now.
    pub(crate) fn pass(&mut self, now: Duration) -> Option<EndedBy> {
        if self.bots.is_late(now) {
            self.bots.give_up();
            self.fail_for_bot(now);
        }
        match &mut self.phase {
            ConversationPhase::Script(run, _) => {
                let commands = run.is_time(now);
                self.perform(commands, now);
                None
            }
            ConversationPhase::Message(message) if message.deadline().is_some_and(|at| at <= now) => {
                if !message.speak() {
                    self.end_for_machine(now);
                }
                None
            }
            ConversationPhase::Ending(at, by) if *at <= now => {
                let by = *by;
                self.phase = ConversationPhase::Silent;
                Some(by)
            }
            _ => None,
        }
    }

    fn run(&mut self, sound: MediaControl, now: Duration) {
        if self.preparing.is_some() {
            self.phase = ConversationPhase::Preparing(sound);
            return;
        }
        let Some(flow) = self.flow.take() else {
            self.phase = ConversationPhase::Silent;
            return;
        };
        let (run, commands) = ScriptRun::begin(flow, now);
        self.phase = ConversationPhase::Script(Box::new(run), sound);
        self.perform(commands, now);
    }

    /// Does what the script says, and what it says to what comes of that.
    fn perform(&mut self, commands: Vec<ScriptCommand>, now: Duration) {
        let ConversationPhase::Script(run, sound) = &mut self.phase else { return };
        let mut commands = VecDeque::from(commands);
        loop {
            self.gathered.extend(run.take_gathered());
            self.entered.extend(run.take_entered());
            let Some(command) = commands.pop_front() else { return };
            match command {
                ScriptCommand::Play { id, prompt, ends_at_key } => {
                    let prompt = self.prompts.get(&prompt).cloned();
                    if !prompt.is_some_and(|prompt| sound.play(id, prompt, ends_at_key)) {
                        commands.extend(run.played(now, id, true));
                    }
                }
                ScriptCommand::StopPlaying => drop(sound.stop()),
                ScriptCommand::Bot(nth, step) => {
                    if !self.bots.hand_over(nth, &step, sound, now) {
                        commands.extend(run.bot_closed(now));
                    }
                }
                ScriptCommand::Transfer(step) => self.transfer = WantedTransfer::Wanted(step),
                ScriptCommand::HangUp(_) => {
                    let at = now.saturating_add(LAST_WORD);
                    self.phase = ConversationPhase::Ending(at, EndedBy::Script);
                    return;
                }
            }
        }
    }
}

/// The prompts once they are ready. Where that failed, what is lacking is passed over.
async fn prepared(preparing: &mut Option<JoinHandle<CallPrompts>>) -> CallPrompts {
    match preparing {
        Some(preparing) => preparing.await.unwrap_or_default(),
        None => std::future::pending().await,
    }
}

impl Drop for Conversation {
    fn drop(&mut self) {
        if let Some(preparing) = &self.preparing {
            preparing.abort();
        }
    }
}
