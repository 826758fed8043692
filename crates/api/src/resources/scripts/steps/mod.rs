//! The steps of a script on the wire.

mod body;
mod view;

use domain::BotConnect;

pub(super) use self::{
    body::{OnMachineBody, StepBody, read_on_machine, read_steps},
    view::{OnMachineView, StepView},
};
use crate::http::choices::choice;

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

choice! {
    /// When a bot's stream is opened: when the callee's phone rings (`ringing`), or when someone answers (`answer`).
    pub(crate) enum BotConnectChoice as BotConnect for BotConnect {
        Ringing = "ringing",
        Answer = "answer",
    }
}

choice! {
    /// What is done when a machine answers: the steps go on (`continue`), the call ends (`hang_up`), or a prompt is played after the
    /// beep (`leave_message`).
    pub(crate) enum MachineChoice as MachineAction {
        Continue = "continue",
        HangUp = "hang_up",
        LeaveMessage = "leave_message",
    }
}
