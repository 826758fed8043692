//! How bots fail: what records, a task's progress and events tell of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AttemptBots, BotState, BotUrl};

/// How a bot failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BotFaultKind {
    /// It could not be connected to.
    Unreachable,
    /// It was not connected in time.
    Slow,
    /// Its certificate is not from an authority that is known, is not for its name, or is not valid now.
    Certificate,
    /// It does not speak TLS, or no WebSocket.
    Handshake,
    /// It refused with another status of HTTP than those of one that is full.
    Refused,
    /// It takes no call now.
    Full,
    /// The connection was lost in the middle of the call, or closed with the code of a failure.
    Lost,
    /// It did not read, or said nothing any more.
    Silent,
    /// It said what is no message.
    BadMessage,
    /// It sent a message that is too long, or is no text.
    TooLong,
}

/// That a bot failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BotFault {
    /// How.
    pub kind: BotFaultKind,
    /// The same in words, as the network or the bot said it.
    pub words: String,
}

impl BotFault {
    /// The most characters of its words.
    pub const LONGEST: usize = 200;

    /// One with these words, as far as they are short and can be shown.
    pub fn new(kind: BotFaultKind, words: &str) -> Self {
        let shown = words.chars().filter(|character| !character.is_control());
        Self { kind, words: shown.take(Self::LONGEST).collect() }
    }
}

/// What is known of a bot that is asked whether it is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BotCondition {
    /// Whether it takes calls.
    pub state: BotState,
    /// Why it does not.
    pub fault: Option<BotFault>,
    /// Until when it gets none, as far as that is known.
    pub until: Option<Timestamp>,
}

impl BotCondition {
    /// That of a bot that takes calls.
    pub const READY: Self = Self { state: BotState::Ready, fault: None, until: None };
}

/// A bot that a call was for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BotOfCall {
    /// Where it is.
    pub url: BotUrl,
    /// How it failed in that call, or how its stream was lost last that was made again; `None`: neither.
    pub fault: Option<BotFault>,
    /// How often its stream was lost in that call and made again.
    #[serde(default)]
    pub reconnects: u32,
}

impl BotOfCall {
    /// One with nothing to tell of.
    pub const fn new(url: BotUrl) -> Self {
        Self { url, fault: None, reconnects: 0 }
    }
}

/// A bot that cannot be reached, or can again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BotHealthSnapshot {
    /// Where it is.
    pub bot_url: BotUrl,
    /// Why nobody is called for it; `None`: it is there again.
    pub bot_fault: Option<BotFault>,
}

impl AttemptBots {
    /// Each of them once, in the order of the steps; of some there is something to tell.
    pub fn of_call(self, told: &[BotOfCall]) -> Vec<BotOfCall> {
        let mut bots: Vec<BotOfCall> = Vec::new();
        for url in self.urls {
            if bots.iter().all(|bot| bot.url != url) {
                let told = told.iter().find(|told| told.url == url);
                bots.push(told.cloned().unwrap_or(BotOfCall::new(url)));
            }
        }
        bots
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{AccountId, ScriptId};

    #[test]
    fn a_call_has_each_bot_once_and_says_which_failed() {
        let url = |name: &str| BotUrl::parse(&format!("ws://{name}.example.com/")).unwrap();
        let bots = AttemptBots {
            owner: AccountId::new(Uuid::from_u128(1)),
            script: ScriptId::new(7),
            urls: vec![url("b"), url("a"), url("b")],
        };
        let fault = BotFault::new(BotFaultKind::Lost, "gone\r\n");
        let failed = BotOfCall { url: url("a"), fault: Some(fault), reconnects: 1 };
        let found = bots.of_call(std::slice::from_ref(&failed));
        assert_eq!(found, [BotOfCall::new(url("b")), failed]);
        assert_eq!(found[1].fault.as_ref().unwrap().words, "gone");
    }
}
