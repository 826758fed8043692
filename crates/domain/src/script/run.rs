//! A script in a call: what is to be done, given what happens. Pure; whoever carries the call does what [`ScriptCommand`]s say, tells of
//! what happens, and asks again when [`ScriptRun::deadline`] is over.
//!
//! Times are spans since any beginning, by a clock that is never set back.

use std::{collections::VecDeque, fmt, sync::Arc, time::Duration};

use super::{
    BotStep, GatherStep, MOST_DIGITS, PlayStep, ScriptFlow, StepAction, StepKind, StepLabel, TransferStep,
};
use crate::PromptId;

/// How long a key that ended a prompt may be down: it is told when it is up. Afterwards the script goes on without it.
const LONGEST_KEY: Duration = Duration::from_secs(5);

/// Something to be done in a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScriptCommand {
    /// Play a prompt, and tell [`ScriptRun::played`] when it is over, whatever ended it; also when it cannot be played.
    Play {
        /// What to call it; each number is used once.
        id: u64,
        /// Which.
        prompt: PromptId,
        /// Whether a key ends it.
        ends_at_key: bool,
    },
    /// End what is played.
    StopPlaying,
    /// Hand the call to the bot of this step, the so many-th of those with bots, and tell [`ScriptRun::bot_closed`] when it is done.
    Bot(usize, Box<BotStep>),
    /// Connect the callee with someone else, and tell [`ScriptRun::transfer_failed`] if nobody answers there.
    Transfer(Box<TransferStep>),
    /// End the call. Nothing follows.
    HangUp(ScriptEnd),
}

/// Why a script ends a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScriptEnd {
    /// A step says so.
    Step,
    /// A step would be run more often than it may be.
    Visits,
    /// The bot closed its stream, and no step follows.
    BotClosed,
    /// Nobody answered where the call was transferred to, and no step follows.
    TransferFailed,
}

/// A script in a call, from the answer on.
#[derive(Clone, Debug)]
pub struct ScriptRun {
    flow: Arc<ScriptFlow>,
    place: usize,
    /// How often each step was run.
    visits: Vec<i64>,
    /// Keys that were pressed and not used yet.
    keys: VecDeque<char>,
    awaited: Awaited,
    deadline: Option<Duration>,
    /// How many prompts were played.
    played: u64,
    /// Whether somebody has taken the call out of the step that is run, to have it transferred.
    is_taken: bool,
    /// The keys that steps went on with, or waited with when the call ended, and that nobody was told of.
    gathered: Vec<GatheredKeys>,
    /// The steps that it came to and that nobody was told of.
    entered: Vec<EnteredStep>,
}

/// A step that a script came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnteredStep {
    /// Which, counted from 1; `None`: what is done because a machine answered.
    pub step: Option<usize>,
    /// What the script calls it.
    pub label: Option<StepLabel>,
    /// What it does.
    pub kind: StepKind,
}

/// The keys that a step went on with, or had when the call ended. Its `Debug` form shows none of them.
#[derive(Clone, PartialEq, Eq)]
pub struct GatheredKeys {
    /// Which step, counted from 1.
    pub step: usize,
    /// What the script calls it.
    pub label: Option<StepLabel>,
    /// The keys.
    pub keys: String,
}

impl fmt::Debug for GatheredKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("GatheredKeys(..)")
    }
}

/// What a script waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Awaited {
    /// The end of the prompt that was played last, which keys may end or not.
    Prompt { ends_at_key: bool },
    /// The key that ended a prompt.
    Key,
    /// Keys.
    Keys,
    /// A bot, or someone else, who has the call.
    Other,
    /// Nothing: the call is to end.
    Nothing,
}

impl ScriptRun {
    /// Someone answered: what to do first.
    pub fn begin(flow: Arc<ScriptFlow>, now: Duration) -> (Self, Vec<ScriptCommand>) {
        let visits = vec![0; flow.steps().len()];
        let (keys, awaited) = (VecDeque::new(), Awaited::Nothing);
        let mut run = Self {
            flow,
            place: 0,
            visits,
            keys,
            awaited,
            deadline: None,
            played: 0,
            is_taken: false,
            gathered: Vec::new(),
            entered: Vec::new(),
        };
        let mut commands = Vec::new();
        run.enter(0, now, &mut commands);
        (run, commands)
    }

    /// When to ask [`ScriptRun::is_time`] again, if nothing happens before.
    pub const fn deadline(&self) -> Option<Duration> {
        self.deadline
    }

    /// The keys that steps have gone on with since this was asked last, or waited with when the call ended.
    pub fn take_gathered(&mut self) -> Vec<GatheredKeys> {
        std::mem::take(&mut self.gathered)
    }

    /// The steps that it has come to since this was asked last.
    pub fn take_entered(&mut self) -> Vec<EnteredStep> {
        std::mem::take(&mut self.entered)
    }

    /// The call is over. The keys of a step that waited for more were pressed all the same.
    pub fn call_ended(&mut self) {
        if self.awaited == Awaited::Keys && !self.keys.is_empty() {
            let keys = self.keys.drain(..).collect();
            self.note_gathered(keys);
        }
        self.awaited = Awaited::Nothing;
        self.deadline = None;
    }

    /// Whether the script has ended the call.
    pub fn is_over(&self) -> bool {
        self.awaited == Awaited::Nothing
    }

    /// A key was pressed: `0` to `9`, `*`, `#`; others mean nothing to scripts.
    pub fn key(&mut self, now: Duration, key: char) -> Vec<ScriptCommand> {
        let mut commands = Vec::new();
        let is_key = key.is_ascii_digit() || "*#".contains(key);
        let has_room = i64::try_from(self.keys.len()).is_ok_and(|keys| keys < MOST_DIGITS);
        if !is_key || !has_room {
            return commands;
        }
        match self.awaited {
            Awaited::Prompt { ends_at_key: true } => {
                self.keys.push_back(key);
                commands.push(ScriptCommand::StopPlaying);
                self.after_prompt(now, &mut commands);
            }
            Awaited::Key => {
                self.keys.push_back(key);
                self.after_prompt(now, &mut commands);
            }
            Awaited::Keys => {
                self.keys.push_back(key);
                self.gather(now, &mut commands);
            }
            // Pressed while something is said that has to be heard, or to someone else.
            Awaited::Prompt { ends_at_key: false } | Awaited::Other | Awaited::Nothing => {}
        }
        commands
    }

    /// A prompt is over: played to its end, or ended by a key that is not told yet.
    pub fn played(&mut self, now: Duration, id: u64, is_complete: bool) -> Vec<ScriptCommand> {
        let mut commands = Vec::new();
        // What was told of another is late.
        if let Awaited::Prompt { ends_at_key } = self.awaited
            && id == self.played
        {
            if ends_at_key && !is_complete {
                self.awaited = Awaited::Key;
                self.deadline = Some(now.saturating_add(LONGEST_KEY));
            } else {
                self.after_prompt(now, &mut commands);
            }
        }
        commands
    }

    /// Time has passed.
    pub fn is_time(&mut self, now: Duration) -> Vec<ScriptCommand> {
        let mut commands = Vec::new();
        if self.deadline.is_none_or(|deadline| now < deadline) {
            return commands;
        }
        self.deadline = None;
        match self.awaited {
            Awaited::Key => self.after_prompt(now, &mut commands),
            Awaited::Keys => self.decide(now, false, &mut commands),
            Awaited::Prompt { .. } | Awaited::Other | Awaited::Nothing => {}
        }
        commands
    }

    /// The bot closed its stream, or could not be reached.
    pub fn bot_closed(&mut self, now: Duration) -> Vec<ScriptCommand> {
        self.come_back(now, ScriptEnd::BotClosed)
    }

    /// Nobody answered where the call was transferred to.
    pub fn transfer_failed(&mut self, now: Duration) -> Vec<ScriptCommand> {
        self.come_back(now, ScriptEnd::TransferFailed)
    }

    /// Leaves what is under way for a step; nothing, where there is no such step or the call is to end.
    pub fn jump(&mut self, now: Duration, label: &StepLabel) -> Vec<ScriptCommand> {
        let is_there = self.flow.steps().iter().any(|step| step.label.as_ref() == Some(label));
        if !is_there || self.is_over() {
            return Vec::new();
        }
        let mut commands = vec![ScriptCommand::StopPlaying];
        self.keys.clear();
        self.is_taken = false;
        self.go_to(Some(label), now, &mut commands);
        commands
    }

    /// Leaves what is under way to connect the callee with someone; nothing, where the call is to end.
    pub fn transfer(&mut self, step: TransferStep) -> Vec<ScriptCommand> {
        if self.is_over() {
            return Vec::new();
        }
        let mut commands = vec![ScriptCommand::StopPlaying];
        self.is_taken = true;
        self.deadline = None;
        self.hand_over(ScriptCommand::Transfer(Box::new(step)), &mut commands);
        commands
    }

    /// The call comes back from someone else.
    fn come_back(&mut self, now: Duration, otherwise: ScriptEnd) -> Vec<ScriptCommand> {
        let mut commands = Vec::new();
        if self.is_taken {
            // The step that it was taken out of has no say any more.
            if otherwise == ScriptEnd::TransferFailed && self.awaited == Awaited::Other {
                self.end(otherwise, &mut commands);
            }
            return commands;
        }
        let flow = Arc::clone(&self.flow);
        let next = match (&flow.steps()[self.place].action, otherwise) {
            (StepAction::Bot(bot), ScriptEnd::BotClosed) => &bot.next,
            (StepAction::Transfer(transfer), ScriptEnd::TransferFailed) => &transfer.no_answer,
            _ => return commands,
        };
        if self.awaited == Awaited::Other {
            match next {
                Some(label) => self.go_to(Some(label), now, &mut commands),
                None => self.end(otherwise, &mut commands),
            }
        }
        commands
    }

    /// Runs a step.
    fn enter(&mut self, place: usize, now: Duration, commands: &mut Vec<ScriptCommand>) {
        self.place = place;
        self.deadline = None;
        let flow = Arc::clone(&self.flow);
        // A flow that was checked never leads out of its steps.
        let Some(step) = flow.steps().get(place) else { return self.end(ScriptEnd::Step, commands) };
        self.visits[place] += 1;
        if self.visits[place] > step.visits.get() {
            return self.end(ScriptEnd::Visits, commands);
        }
        let kind = step.action.kind();
        self.entered.push(EnteredStep { step: Some(place + 1), label: step.label.clone(), kind });
        match &step.action {
            // Who has pressed a key already wants to hear no more of this.
            StepAction::Play(play) if play.interruptible && !self.keys.is_empty() => {
                self.go_to(play.next.as_ref(), now, commands);
            }
            StepAction::Play(PlayStep { prompt, interruptible, .. }) => {
                self.play(*prompt, *interruptible, commands);
            }
            StepAction::Gather(GatherStep { prompt: Some(prompt), .. }) if self.keys.is_empty() => {
                self.play(*prompt, true, commands);
            }
            StepAction::Gather(_) => self.gather(now, commands),
            StepAction::Bot(bot) => {
                let before = &flow.steps()[..place];
                let nth = before.iter().filter(|step| matches!(step.action, StepAction::Bot(_))).count();
                self.hand_over(ScriptCommand::Bot(nth, Box::new(bot.clone())), commands);
            }
            StepAction::Transfer(transfer) => {
                self.hand_over(ScriptCommand::Transfer(Box::new(transfer.clone())), commands);
            }
            StepAction::HangUp => self.end(ScriptEnd::Step, commands),
        }
    }

    fn play(&mut self, prompt: PromptId, ends_at_key: bool, commands: &mut Vec<ScriptCommand>) {
        self.played += 1;
        self.awaited = Awaited::Prompt { ends_at_key };
        commands.push(ScriptCommand::Play { id: self.played, prompt, ends_at_key });
    }

    fn hand_over(&mut self, command: ScriptCommand, commands: &mut Vec<ScriptCommand>) {
        self.keys.clear();
        self.awaited = Awaited::Other;
        commands.push(command);
    }

    fn end(&mut self, end: ScriptEnd, commands: &mut Vec<ScriptCommand>) {
        self.awaited = Awaited::Nothing;
        self.deadline = None;
        commands.push(ScriptCommand::HangUp(end));
    }

    /// Goes to the step of a label, or to the next.
    fn go_to(&mut self, label: Option<&StepLabel>, now: Duration, commands: &mut Vec<ScriptCommand>) {
        let steps = self.flow.steps();
        let place = match label {
            Some(label) => steps.iter().position(|step| step.label.as_ref() == Some(label)),
            None => Some(self.place + 1),
        };
        self.enter(place.unwrap_or(steps.len()), now, commands);
    }

    /// Goes on after the prompt of the step that is run.
    fn after_prompt(&mut self, now: Duration, commands: &mut Vec<ScriptCommand>) {
        let flow = Arc::clone(&self.flow);
        match &flow.steps()[self.place].action {
            StepAction::Play(play) => self.go_to(play.next.as_ref(), now, commands),
            _ => self.gather(now, commands),
        }
    }

    /// Waits for the next key of a step, unless there are enough.
    fn gather(&mut self, now: Duration, commands: &mut Vec<ScriptCommand>) {
        let flow = Arc::clone(&self.flow);
        let StepAction::Gather(gather) = &flow.steps()[self.place].action else { return };
        self.awaited = Awaited::Keys;
        if most(gather) <= self.keys.len() || self.ended_at(gather).is_some() {
            return self.decide(now, true, commands);
        }
        let seconds = if self.keys.is_empty() { gather.first_digit } else { gather.next_digit };
        let seconds = Duration::from_secs(seconds.get().unsigned_abs());
        self.deadline = Some(now.saturating_add(seconds));
    }

    /// Where `#` ends the waiting, if it does: not where the keys up to it begin those of a branch.
    fn ended_at(&self, gather: &GatherStep) -> Option<usize> {
        let end = self.keys.iter().take(most(gather)).position(|key| *key == '#')?;
        let up_to: String = self.keys.iter().take(end + 1).collect();
        let is_meant = gather.branches.iter().any(|branch| branch.digits.as_str().starts_with(&up_to));
        (!is_meant).then_some(end)
    }

    /// Goes where the keys lead.
    fn decide(&mut self, now: Duration, is_enough: bool, commands: &mut Vec<ScriptCommand>) {
        let flow = Arc::clone(&self.flow);
        let StepAction::Gather(gather) = &flow.steps()[self.place].action else { return };
        if self.keys.is_empty() && !is_enough {
            return self.go_to(gather.no_input.as_ref(), now, commands);
        }
        let end = self.ended_at(gather);
        let count = end.unwrap_or(most(gather)).min(self.keys.len());
        let pressed: String = self.keys.drain(..count).collect();
        let ended_at = end.and_then(|_| self.keys.pop_front());
        self.note_gathered(pressed.chars().chain(ended_at).collect());
        if let Some(branch) = gather.branches.iter().find(|branch| branch.digits.as_str() == pressed) {
            return self.go_to(Some(&branch.go_to), now, commands);
        }
        // Who went astray has to hear where: what was pressed on top does not count.
        self.keys.clear();
        self.go_to(gather.no_match.as_ref(), now, commands);
    }

    fn note_gathered(&mut self, keys: String) {
        let label = self.flow.steps()[self.place].label.clone();
        self.gathered.push(GatheredKeys { step: self.place + 1, label, keys });
    }
}

/// How many keys a step waits for.
fn most(gather: &GatherStep) -> usize {
    usize::try_from(gather.digits.get()).unwrap_or(usize::MAX)
}

#[cfg(test)]
#[path = "run_tests.rs"]
mod tests;
