//! The steps of a script.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::parts::{
    BotUrl, Bounded, DigitPattern, MOST_DIGITS, StepLabel, TransferAddress, TransferExtension,
};
use crate::PromptId;

/// How often a step is run in one call, at most.
pub type Visits = Bounded<1, 20>;
/// How many keys are gathered.
pub type DigitCount = Bounded<1, MOST_DIGITS>;
/// How many seconds a callee may take for a key.
pub type KeySeconds = Bounded<1, 60>;
/// How often a bot is chosen, beside the others of its step.
pub type BotWeight = Bounded<1, 100>;
/// How many calls a bot takes at once.
pub type BotCapacity = Bounded<1, 10_000>;
/// How often a stream to a bot that was lost is made again.
pub type BotReconnects = Bounded<0, 5>;
/// How many seconds a transfer may ring.
pub type TransferRing = Bounded<5, 120>;

/// How often a step is run in one call where nobody says.
pub const DEFAULT_VISITS: Visits = Visits::or(3);
/// How long to wait for the first key where nobody says, in seconds.
pub const DEFAULT_FIRST_KEY: KeySeconds = KeySeconds::or(5);
/// How long to wait for each further key where nobody says, in seconds.
pub const DEFAULT_NEXT_KEY: KeySeconds = KeySeconds::or(3);
/// How often a stream to a bot that was lost is made again where nobody says.
pub const DEFAULT_BOT_RECONNECTS: BotReconnects = BotReconnects::or(0);
/// How long a transfer may ring where nobody says, in seconds.
pub const DEFAULT_TRANSFER_RING: TransferRing = TransferRing::or(30);

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScriptStep {
    /// What other steps call it.
    pub label: Option<StepLabel>,
    /// How often it is run in one call; when it would be run once more, the call is ended. So every loop ends.
    pub visits: Visits,
    /// What it does.
    #[serde(flatten)]
    pub action: StepAction,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum StepAction {
    /// Plays a prompt, and goes on.
    Play(PlayStep),
    /// Waits for keys, and goes where they lead.
    Gather(GatherStep),
    /// Hands the call to a bot.
    Bot(BotStep),
    /// Connects the callee with someone else.
    Transfer(TransferStep),
    /// Ends the call.
    HangUp,
}

/// Plays a prompt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlayStep {
    /// Which.
    pub prompt: PromptId,
    /// Whether a key ends it; the key counts for a [`GatherStep`] that follows.
    pub interruptible: bool,
    /// Where to go afterwards; `None`: to the next step.
    pub next: Option<StepLabel>,
}

/// Waits for keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatherStep {
    /// What is played meanwhile; a key ends it.
    pub prompt: Option<PromptId>,
    /// How many keys are waited for; `#` ends the waiting before.
    pub digits: DigitCount,
    /// Seconds to wait for the first, after the prompt.
    pub first_digit: KeySeconds,
    /// Seconds to wait for each further one.
    pub next_digit: KeySeconds,
    /// Where keys lead.
    pub branches: Vec<DigitBranch>,
    /// Where to go without any key; `None`: to the next step.
    pub no_input: Option<StepLabel>,
    /// Where to go with other keys; `None`: to the next step.
    pub no_match: Option<StepLabel>,
}

/// Where keys lead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DigitBranch {
    /// The keys.
    pub digits: DigitPattern,
    /// Where to.
    pub go_to: StepLabel,
}

/// Hands the call to a bot over a WebSocket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BotStep {
    /// One or several, of which one is chosen by weight among those that have room.
    pub bots: Vec<Bot>,
    /// What the bot is told, beside the variables of the number and of the task.
    pub variables: BTreeMap<String, String>,
    /// When it is connected.
    pub connect: BotConnect,
    /// How often its stream is made again when it is lost.
    #[serde(default = "no_reconnects")]
    pub reconnects: BotReconnects,
    /// Where to go when the bot closes its stream; `None`: the call ends.
    pub next: Option<StepLabel>,
}

/// Steps that were stored before there was such a number.
const fn no_reconnects() -> BotReconnects {
    DEFAULT_BOT_RECONNECTS
}

/// A bot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bot {
    /// Where it is.
    pub url: BotUrl,
    /// How often it is chosen, beside the others.
    pub weight: BotWeight,
    /// How many calls it takes at once; `None`: as many as there are.
    pub capacity: Option<BotCapacity>,
}

/// When a call's stream to its bot is opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BotConnect {
    /// When the callee's phone begins to ring, so that nobody waits for the bot.
    #[default]
    Ringing,
    /// When someone answers.
    Answer,
}

/// Connects the callee with someone else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferStep {
    /// With whom.
    pub to: TransferTarget,
    /// Over which line.
    pub line: Uuid,
    /// How many seconds it may ring there.
    pub ring: TransferRing,
    /// Where to go when nobody answers there; `None`: the call ends.
    pub no_answer: Option<StepLabel>,
}

/// With whom a callee is connected. Its `Debug` form shows nobody.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransferTarget {
    /// An extension that the line's switch knows.
    Extension(TransferExtension),
    /// A SIP address.
    SipAddress(TransferAddress),
}

impl fmt::Debug for TransferTarget {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TransferTarget(..)")
    }
}

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// A prompt is played.
    Play,
    /// Keys are waited for.
    Gather,
    /// A bot has the call.
    Bot,
    /// The callee is connected with someone else.
    Transfer,
    /// The call is ended.
    HangUp,
    /// A machine answered: the message for it waits for the beep, or is played.
    LeaveMessage,
}

impl StepAction {
    /// What it does.
    pub const fn kind(&self) -> StepKind {
        match self {
            Self::Play(_) => StepKind::Play,
            Self::Gather(_) => StepKind::Gather,
            Self::Bot(_) => StepKind::Bot,
            Self::Transfer(_) => StepKind::Transfer,
            Self::HangUp => StepKind::HangUp,
        }
    }
}

impl ScriptStep {
    /// The prompt that it plays.
    pub const fn prompt(&self) -> Option<PromptId> {
        match &self.action {
            StepAction::Play(play) => Some(play.prompt),
            StepAction::Gather(gather) => gather.prompt,
            StepAction::Bot(_) | StepAction::Transfer(_) | StepAction::HangUp => None,
        }
    }

    /// The labels that it goes to, each with the field that names it.
    pub(super) fn targets(&self) -> Vec<(String, &StepLabel)> {
        let named: &[(&str, &Option<StepLabel>)] = match &self.action {
            StepAction::Play(play) => &[("next", &play.next)],
            StepAction::Gather(gather) => &[("no_input", &gather.no_input), ("no_match", &gather.no_match)],
            StepAction::Bot(bot) => &[("next", &bot.next)],
            StepAction::Transfer(transfer) => &[("no_answer", &transfer.no_answer)],
            StepAction::HangUp => &[],
        };
        let named = named.iter().filter_map(|(name, label)| Some(((*name).to_owned(), label.as_ref()?)));
        let branches = match &self.action {
            StepAction::Gather(gather) => gather.branches.as_slice(),
            _ => &[],
        };
        let branches = branches.iter().enumerate();
        let branches = branches.map(|(place, branch)| (format!("branches[{place}].go_to"), &branch.go_to));
        branches.chain(named).collect()
    }

    /// Whether it may go on to the step after it.
    pub(super) const fn falls_through(&self) -> bool {
        match &self.action {
            StepAction::Play(play) => play.next.is_none(),
            StepAction::Gather(gather) => gather.no_input.is_none() || gather.no_match.is_none(),
            StepAction::Bot(_) | StepAction::Transfer(_) | StepAction::HangUp => false,
        }
    }

    /// Whether a call may end with it.
    pub(super) const fn may_end(&self) -> bool {
        match &self.action {
            StepAction::Play(_) | StepAction::Gather(_) => false,
            StepAction::Bot(bot) => bot.next.is_none(),
            StepAction::Transfer(_) | StepAction::HangUp => true,
        }
    }
}
