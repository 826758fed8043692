//! Why this program ended a call, as records have it and lists of them are narrowed to it.

use domain::EndReason;

use crate::http::choices::choice;

choice! {
    /// Why this program ended a call, or did not send it.
    pub(super) enum EndReasonView as EndReason for EndReason {
        /// It rang as long as it may.
        RingLimit = "ring_limit",
        /// It was talked as long as it may be.
        TalkLimit = "talk_limit",
        /// Its window closed, or a bound of its task's.
        WindowClosed = "window_closed",
        /// A closure was set.
        Closure = "closure",
        /// Its task was switched off.
        Paused = "paused",
        /// Its task is gone.
        TaskRemoved = "task_removed",
        /// The kill switch is on.
        Stopped = "stopped",
        /// Its account was disabled.
        AccountDisabled = "account_disabled",
        /// The server was stopped.
        Shutdown = "shutdown",
        /// Its server lost its database.
        LeaseLost = "lease_lost",
        /// Its server died: what rang was cancelled, who talked was hung up on.
        NodeDied = "node_died",
        /// The server's own SIP port or sound ports failed; it costs no try.
        OwnFailure = "own_failure",
        /// No line of its task may call the number (`allowed_prefixes`); it costs no try, and the line is not at fault.
        Prefix = "prefix",
        /// It could not be placed in time: its line failed meanwhile, or its server had no part of the line any more. The number is due again
        /// later.
        NotPlaced = "not_placed",
        /// The call's bot failed: it could not be reached, was lost, or said what is no message; `ended_by` is `script` if the call was answered.
        BotFailed = "bot_failed",
        /// Somebody asked for it who may: the call's bot (`ended_by` is `script`), or a program or person by the API (`dialtime`).
        Requested = "requested",
        /// No sound came from the other side for a minute; `ended_by` is `line`.
        NoSound = "no_sound",
        /// A machine answered, and the script says what is done then; `ended_by` is `script`.
        AnsweringMachine = "answering_machine",
    }
}
