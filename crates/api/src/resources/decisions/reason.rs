//! The rule behind a decision, as it is returned.

use calendar::DecidingRule;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::choices::choice;

/// Why a decision is as it is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReasonView {
    /// The rule that decided.
    pub(crate) rule: RuleView,
    /// What it is called: the feast, the exception, the season, or why someone stopped or overrode it.
    #[schema(example = "国庆节")]
    pub(crate) name: Option<String>,
    /// The reason in a sentence, in the language of the answer.
    #[schema(example = "2026-10-10为调休上班日（国庆节），在周一的呼叫时间段内")]
    pub(crate) detail: String,
}

choice! {
    /// The rules that can decide: first what only tasks have, then the strongest of the group first.
    pub(crate) enum RuleView as Rule {
        /// Dialing is stopped: for the installation, the partner, the user or the account.
        Stopped = "stopped",
        /// The account, its user or its partner is disabled.
        AccountDisabled = "account_disabled",
        /// The task is not switched on.
        Paused = "paused",
        /// The task's start is still to come.
        BeforeStart = "before_start",
        /// The task's stop has come.
        AfterStop = "after_stop",
        /// The task, its account or what that belongs to is closed for a while.
        Closure = "closure",
        /// A ceiling of the partner, the user or the account is closed.
        Ceiling = "ceiling",
        /// The windows that the task has of its own (`work_hour`) are closed, while its group is open.
        TaskHours = "task_hours",
        /// A person closed or opened the group for a while.
        Override = "override",
        /// An exception of the group.
        Exception = "exception",
        /// A day off or a half day of the holiday calendars.
        Holiday = "holiday",
        /// A Saturday or Sunday that is worked.
        MakeupWorkday = "makeup_workday",
        /// The day lies after the last that the holiday calendar knows, and the group is then closed.
        BeyondHorizon = "beyond_horizon",
        /// The week of a season.
        Season = "season",
        /// The weekly windows.
        Weekly = "weekly",
    }
}

impl From<DecidingRule> for RuleView {
    fn from(rule: DecidingRule) -> Self {
        match rule {
            DecidingRule::Closure => Self::Closure,
            DecidingRule::Ceiling => Self::Ceiling,
            DecidingRule::Override => Self::Override,
            DecidingRule::Exception => Self::Exception,
            DecidingRule::Holiday => Self::Holiday,
            DecidingRule::MakeupWorkday => Self::MakeupWorkday,
            DecidingRule::BeyondHorizon => Self::BeyondHorizon,
            DecidingRule::Season => Self::Season,
            DecidingRule::Weekly => Self::Weekly,
        }
    }
}
