//! What a decision to call rested on: enough to make it again, from the versions that things had then.

use calendar::DecidingRule;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{DialTimeGroupId, TaskDecision, TaskInGroup};

/// What a decision to call rested on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// When it was made.
    pub decided_at: Timestamp,
    /// When the task had last been changed; `None`: never.
    pub task_altered_at: Option<Timestamp>,
    /// The group that the task dialed in.
    pub group_id: DialTimeGroupId,
    /// The version that the group had.
    pub group_version: i64,
    /// The zone of the group.
    pub timezone: String,
    /// The revision of the holidays that it followed.
    pub holidays_revision: i64,
    /// Which zones and holidays were built in.
    pub built_in: String,
    /// The rule of the group that decided; see [`calendar::DecidingRule::code`].
    pub rule: String,
    /// Until when a call was allowed; `None`: for good.
    pub allowed_until: Option<Timestamp>,
    /// After which no call was to start.
    pub latest_start: Option<Timestamp>,
    /// When a call that nobody had answered was to be cancelled.
    pub cancel_at: Option<Timestamp>,
    /// When a call that was answered was to be ended; `None`: not for the window's sake.
    #[serde(default)]
    pub latest_end: Option<Timestamp>,
}

/// What the same decision is, made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecidedAgain {
    /// Whether a call is allowed.
    pub allowed: bool,
    /// The rule that decides.
    pub rule: DecidingRule,
    /// Until when a call is allowed; `None`: for good, or not at all.
    pub allowed_until: Option<Timestamp>,
    /// Whether that is what was decided then.
    pub agrees: bool,
    /// Whether the program still has the zones and holidays that were built in then.
    pub same_built_in: bool,
}

impl Evidence {
    /// Decides again by the task, its group and the holidays as they were then. `built_in` says which zones and holidays the program has
    /// now.
    pub fn decide_again(&self, item: &TaskInGroup, built_in: &str) -> DecidedAgain {
        let TaskDecision { allowed, next_change, group, .. } = item.decide(self.decided_at);
        let rule = group.reason.rule;
        let agrees = allowed && rule.code() == self.rule && next_change == self.allowed_until;
        DecidedAgain {
            allowed,
            rule,
            allowed_until: next_change.filter(|_| allowed),
            agrees,
            same_built_in: built_in == self.built_in,
        }
    }

    /// What a decision rests on that allows a call at an instant. `built_in` says which zones and holidays the program has.
    pub fn of(item: &TaskInGroup, decision: &TaskDecision<'_>, built_in: &str, now: Timestamp) -> Self {
        let TaskInGroup { task, group, .. } = item;
        Self {
            decided_at: now,
            task_altered_at: task.altered_at,
            group_id: group.id,
            group_version: group.version,
            timezone: group.draft.timezone.name().to_owned(),
            holidays_revision: group.holidays_revision,
            built_in: built_in.to_owned(),
            rule: decision.group.reason.rule.code().to_owned(),
            allowed_until: decision.next_change,
            latest_start: None,
            cancel_at: None,
            latest_end: None,
        }
    }
}
