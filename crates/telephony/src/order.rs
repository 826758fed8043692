//! What the dialer asks of a carrier.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::Arc,
};

use domain::{
    AccountId, AttemptId, BotSecret, BotUrl, CallDeadlines, CallHandle, CallerNumber, LegId, Line, LineId,
    PromptAudio, PromptId, RecordingOrder, ScriptFlow, SentDigits, StepLabel, TransferStep, TransferTarget,
};
use jiff::Timestamp;

/// A call to place.
#[derive(Clone, Debug)]
pub struct CallOrder {
    /// The attempt that the call is made for; the local part of its Call-ID.
    pub attempt: AttemptId,
    /// The line that it goes over.
    pub line: Arc<Line>,
    /// Who is called.
    pub callee: Callee,
    /// The number that the callee sees; `None`: the line's own.
    pub caller: Option<CallerNumber>,
    /// What it must not outlast.
    pub deadlines: CallDeadlines,
    /// What happens once someone answers; `None`: nothing, until a deadline or the callee ends the call. A simulated line has its own mind.
    pub script: Option<CallScript>,
    /// Whether it is recorded once someone answers, as far as its carrier can.
    pub recording: Option<RecordingOrder>,
}

/// A leg of a call to place: a call to someone else, with whom the callee is connected once that is answered.
#[derive(Clone, Debug)]
pub struct LegOrder {
    /// The attempt whose call it is a leg of.
    pub attempt: AttemptId,
    /// The leg; the local part of its Call-ID.
    pub leg: LegId,
    /// The line that it goes over.
    pub line: Arc<Line>,
    /// Who is called.
    pub target: TransferTarget,
    /// The number that is seen there; `None`: the line's own.
    pub caller: Option<CallerNumber>,
    /// What it must not outlast, beside its call. No window closes it.
    pub deadlines: CallDeadlines,
}

/// A script with all that it plays.
#[derive(Clone, Debug)]
pub struct CallScript {
    /// Its steps.
    pub flow: Arc<ScriptFlow>,
    /// Its prompts.
    pub prompts: Arc<HashMap<PromptId, Arc<PromptAudio>>>,
    /// Its bots; `None`: it has none.
    pub bots: Option<Arc<CallBots>>,
}

/// Something asked of a call that was answered.
#[derive(Clone, Debug)]
pub enum LiveInstruction {
    /// End it, as its script would.
    HangUp,
    /// Leave what is under way, and connect the callee with someone else.
    Transfer(Box<TransferStep>),
    /// Play a prompt, in place of what is played now.
    Play(Arc<PromptAudio>),
    /// Send digits.
    SendDigits(SentDigits),
    /// Leave what is under way for another step of its script.
    GoTo(StepLabel),
}

/// The bots that a call may be handed to. Its `Debug` form shows none of what they are told.
#[derive(Clone)]
pub struct CallBots {
    /// Whose call it is.
    pub account: AccountId,
    /// The bot of each step that hands the call to one, in the order of the steps.
    pub chosen: Vec<KnownBot>,
    /// What bots are told of the call, beside what their steps say.
    pub parameters: BTreeMap<String, String>,
    /// What a bot proves itself with when it asks for something about the call.
    pub token: String,
}

impl fmt::Debug for CallBots {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("CallBots(..)")
    }
}

/// A bot, and what proves to it who calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownBot {
    /// Where it is.
    pub url: BotUrl,
    /// The secret that both know.
    pub secret: Option<BotSecret>,
}

/// Who is called. Its `Debug` form shows no number.
#[derive(Clone, PartialEq, Eq)]
pub struct Callee {
    /// The number as E.164 has it, without the `+`.
    pub e164: i64,
    /// The digits that are sent after the answer; may be empty.
    pub extension: String,
    /// The number as it was sent.
    pub phone: String,
}

impl fmt::Debug for Callee {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Callee(..)")
    }
}

/// A call whose process is gone.
#[derive(Clone, Debug)]
pub struct OrphanedCall {
    /// Its attempt.
    pub attempt: AttemptId,
    /// The line that it went over.
    pub line: LineId,
    /// Whether it was answered, as far as that is known: then it is ended by BYE.
    pub was_answered: bool,
    /// What it can be ended with, if its carrier said so in time.
    pub handle: Option<CallHandle>,
}

/// Whether a call is made ready before it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preparation {
    /// It is: it is started once what it can be ended with is told and written down.
    UnderWay,
    /// There is nothing to prepare: it is placed when it is its turn.
    NotNeeded,
}

/// Why a carrier did not send a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is later than the call's last instant.
    #[error("it is too late to start")]
    TooLate,
    /// The line may not call numbers that begin so.
    #[error("the line may not call this number")]
    Prefix,
    /// No carrier is built in for lines of this kind.
    #[error("no carrier is built in for this kind of line")]
    NoCarrier,
    /// The carrier cannot be reached now.
    #[error("the carrier cannot be reached")]
    Unreachable,
    /// The line has to be registered, and is not from here.
    #[error("the line is not registered")]
    NotRegistered,
    /// The call is under way already.
    #[error("the call is under way")]
    UnderWay,
    /// There is no such call to start, or that a leg could be of.
    #[error("there is no such call")]
    NoCall,
}

impl CallOrder {
    /// Refuses what no carrier may send, whatever it was asked.
    ///
    /// # Errors
    /// [`Refused::TooLate`] and [`Refused::Prefix`].
    pub fn check(&self, now: Timestamp) -> Result<(), Refused> {
        if self.deadlines.latest_start.is_some_and(|latest| latest < now) {
            return Err(Refused::TooLate);
        }
        if self.line.may_call(self.callee.e164) { Ok(()) } else { Err(Refused::Prefix) }
    }
}
