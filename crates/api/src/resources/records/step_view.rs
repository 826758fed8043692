//! The steps that a call came to, as records and calls have them.

use domain::{ReachedStep, StepKind};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    Api,
    http::{choices::choice, time::instant},
};

/// A step that a call came to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CallStep)]
pub(crate) struct ReachedStepView {
    /// When.
    #[schema(format = "date-time")]
    at: String,
    /// Which of the script's steps it is, counted from 1; `null`: the message for a machine, which is none of them.
    #[schema(minimum = 1)]
    step: Option<usize>,
    /// What the script calls it.
    label: Option<String>,
    action: StepKindView,
}

choice! {
    /// What a step does.
    enum StepKindView as StepKind for StepKind {
        /// A prompt is played.
        Play = "play",
        /// Keys are waited for.
        Gather = "gather",
        /// A bot has the call.
        Bot = "bot",
        /// The callee is connected with someone else.
        Transfer = "transfer",
        /// The call is ended.
        HangUp = "hang_up",
        /// A machine answered: the message for it waits for the beep, or is played.
        LeaveMessage = "leave_message",
    }
}

impl ReachedStepView {
    pub(crate) fn new(api: &Api, reached: ReachedStep) -> Self {
        let ReachedStep { at, step, label, kind } = reached;
        Self { at: instant(api.settings.zone, at), step, label, action: kind.into() }
    }
}
