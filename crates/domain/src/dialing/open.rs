//! An attempt that is under way: written down before its call starts.

use jiff::Timestamp;

use super::NumberProgress;
use crate::{
    AccountId, Answerer, Attempt, AttemptBots, AttemptId, AttemptTimes, BotOfCall, CallHandle, CallLeg,
    CallOutcome, CalledNumber, EndReason, EndedBy, LineId, NetworkCause, NodeId, PressedKeys, ReachedStep,
    TaskId,
};

/// Where a number is: in which list, and where there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NumberPlace {
    /// The list.
    pub list: i64,
    /// The number's id in it.
    pub id: i64,
}

/// An attempt that has not ended.
#[derive(Clone, Debug)]
pub struct OpenAttempt {
    /// Its id.
    pub id: AttemptId,
    /// Whose it is.
    pub account_id: AccountId,
    /// The user that the account is, or is a sub-user of.
    pub user_id: AccountId,
    /// The node that has its call.
    pub node_id: NodeId,
    /// Its place in its task's list.
    pub place: NumberPlace,
    /// The task.
    pub task_id: TaskId,
    /// What the task was called then.
    pub task_name: String,
    /// Whom it is to reach.
    pub number: CalledNumber,
    /// The line it goes over.
    pub line_id: LineId,
    /// The number that the callee sees.
    pub caller_id: Option<String>,
    /// The script that is to run.
    pub script_id: Option<i64>,
    /// The bots that it may be handed to.
    pub bots: Option<AttemptBots>,
    /// SHA-256 of what proves to be its bot, as hexadecimal digits.
    pub bot_token_sha256: Option<String>,
    /// Whether the line is a simulated one.
    pub is_simulated: bool,
    /// What the decision to call rested on, as JSON.
    pub evidence: String,
    /// When it was dialed.
    pub dialed_at: Timestamp,
    /// What has happened so far.
    pub milestones: CallMilestones,
    /// What another process can end its call with.
    pub handle: Option<CallHandle>,
    /// The calls to those with whom its callee is or was connected, or was to be, in their order.
    pub legs: Vec<CallLeg>,
    /// What had become of the number before.
    pub before: NumberProgress,
}

/// When a call reached what; `None` is what has not happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallMilestones {
    /// The phone began to ring.
    pub ringing_at: Option<Timestamp>,
    /// Sound came before an answer.
    pub early_media_at: Option<Timestamp>,
    /// It was answered.
    pub answered_at: Option<Timestamp>,
    /// Who answered, where the script asks for that and as far as it is known.
    pub answerer: Option<Answerer>,
    /// What was heard before the answer, in the same words: its instants are since that sound began.
    pub early_answerer: Option<Answerer>,
    /// The steps of the script that it came to, the last where it is.
    pub steps: Vec<ReachedStep>,
}

impl CallMilestones {
    /// Whether a phone may have rung.
    pub const fn rang(&self) -> bool {
        self.ringing_at.is_some() || self.early_media_at.is_some() || self.answered_at.is_some()
    }
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptEnd {
    /// What it is counted as.
    pub outcome: CallOutcome,
    /// What the network said.
    pub cause: NetworkCause,
    /// Who ended it.
    pub by: EndedBy,
    /// Why the program did, or gave it up for lost, if it was that.
    pub why: Option<EndReason>,
    /// The keys that the callee pressed where the script asked for some.
    pub pressed: Vec<PressedKeys>,
    /// The bots that failed in it, or whose streams were lost and made again.
    pub bots: Vec<BotOfCall>,
    /// When.
    pub at: Timestamp,
}

impl OpenAttempt {
    /// The record of it.
    pub fn ended(self, end: AttemptEnd) -> Attempt {
        let CallMilestones { ringing_at, early_media_at, answered_at, answerer, early_answerer, steps } =
            self.milestones;
        let dialed_at = self.dialed_at;
        let ended_at = end.at.max(dialed_at);
        Attempt {
            id: self.id,
            account_id: self.account_id,
            task_id: self.task_id,
            task_name: self.task_name,
            number: self.number,
            line_id: Some(self.line_id.uuid()),
            caller_id: self.caller_id,
            script_id: self.script_id,
            class: end.outcome.class,
            status: end.outcome.status,
            cause: end.cause,
            ended_by: end.by,
            end_reason: end.why,
            pressed: end.pressed,
            answerer,
            early_answerer,
            steps,
            bots: self.bots.map(|bots| bots.of_call(&end.bots)).unwrap_or_default(),
            times: AttemptTimes { dialed_at, ringing_at, early_media_at, answered_at, ended_at },
            legs: self.legs,
            is_simulated: self.is_simulated,
        }
    }
}
