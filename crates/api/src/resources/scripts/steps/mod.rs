//! The steps of a script on the wire.

mod body;
mod machine;
mod view;

use domain::BotConnect;

pub(super) use self::{
    body::{StepBody, read_steps},
    machine::{OnMachineBody, OnMachineView, read_on_machine},
    view::StepView,
};
use crate::http::{
    choices::choice,
    values::{self, schema_of},
};

choice! {
    /// What a step does.
    pub(crate) enum StepChoice as StepAction {
        /// Plays a prompt.
        Play = "play",
        /// Waits for keys.
        Gather = "gather",
        /// Hands the call to a bot.
        Bot = "bot",
        /// Connects the callee with someone else.
        Transfer = "transfer",
        /// Ends the call.
        HangUp = "hang_up",
    }
}

/// The word of one kind of step alone: by it, who reads the document tells the kinds apart.
macro_rules! action_of {
    ($name:ident, $public:literal, $word:literal) => {
        schema_of!(
            /// The word of one kind of step.
            $name,
            $public,
            values::words(concat!("`", $word, "`"), &[$word])
        );
    };
}
action_of!(PlayAction, "PlayAction", "play");
action_of!(GatherAction, "GatherAction", "gather");
action_of!(BotAction, "BotAction", "bot");
action_of!(TransferAction, "TransferAction", "transfer");
action_of!(HangUpAction, "HangUpAction", "hang_up");

choice! {
    /// When a bot's stream is opened: when the callee's phone rings (`ringing`), or when someone answers (`answer`).
    pub(crate) enum BotConnectChoice as BotConnect for BotConnect {
        Ringing = "ringing",
        Answer = "answer",
    }
}
