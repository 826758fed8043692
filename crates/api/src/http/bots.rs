//! The bots of a call, as records have them, and how one failed, as progress has it too.

use std::num::NonZeroU32;

use domain::{BotFault, BotFaultKind, BotOfCall};
use serde::Serialize;
use utoipa::ToSchema;

use super::choices::choice;

/// A bot that a call was for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BotOfCall)]
pub(crate) struct BotOfCallView {
    /// Its address, as the script has it.
    url: String,
    /// How it failed; `null`: it did not. With `reconnects` and no `bot_failed` as the end of the call, how its stream was lost last, which
    /// was made again.
    fault: Option<BotFaultView>,
    /// How often its stream was lost in the call and made again; left out where it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = u32, required = false, minimum = 1)]
    reconnects: Option<NonZeroU32>,
}

/// How a bot failed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BotFault)]
pub(crate) struct BotFaultView {
    kind: BotFaultKindView,
    /// The same in words, as the network or the bot said it.
    #[schema(max_length = 200)]
    words: String,
}

choice! {
    /// How a bot failed.
    pub(crate) enum BotFaultKindView as BotFaultKind for BotFaultKind {
        /// It could not be connected to.
        Unreachable = "unreachable",
        /// It was not connected in time.
        Slow = "slow",
        /// Its certificate is not from an authority that is known, is not for its name, or is not valid now.
        Certificate = "certificate",
        /// It does not speak TLS, or no WebSocket.
        Handshake = "handshake",
        /// It refused with another status of HTTP than 503 and 429.
        Refused = "refused",
        /// It answered 503 or 429: it takes no call now.
        Full = "full",
        /// The connection was lost in the middle of the call, or closed with the code of a failure.
        Lost = "lost",
        /// It did not read, or said nothing any more.
        Silent = "silent",
        /// It said what is no message.
        BadMessage = "bad_message",
        /// It sent a message that is longer than 64 kB, or is no text.
        TooLong = "too_long",
    }
}

impl From<BotOfCall> for BotOfCallView {
    fn from(BotOfCall { url, fault, reconnects }: BotOfCall) -> Self {
        let reconnects = NonZeroU32::new(reconnects);
        Self { url: url.as_str().to_owned(), fault: fault.map(Into::into), reconnects }
    }
}

impl From<BotFault> for BotFaultView {
    fn from(BotFault { kind, words }: BotFault) -> Self {
        Self { kind: kind.into(), words }
    }
}
