//! What is known of a call's end.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The most characters of a reason phrase that are kept.
const LONGEST_PHRASE: usize = 200;

/// A reason phrase, as far as it can be kept and shown: bounded, and without control characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ReasonPhrase(String);

impl ReasonPhrase {
    /// Takes what came over the network, whatever it is.
    pub fn of(text: &str) -> Self {
        Self(text.chars().filter(|character| !character.is_control()).take(LONGEST_PHRASE).collect())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What the network said of a call's end, as it said it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkCause {
    /// The final SIP code.
    pub code: Option<u16>,
    /// The reason phrase, of the status line or of a `Reason` header (RFC 3326).
    pub phrase: Option<ReasonPhrase>,
    /// The cause of ITU-T Q.850.
    pub q850: Option<u8>,
    /// Whether our own side brought it about: the carrier did not answer or could not be reached, or we cancelled the call.
    pub is_local: bool,
}

/// How a call failed by its line's fault: the last that did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineFault {
    /// When it ended.
    pub at: Timestamp,
    /// The final SIP code.
    pub code: Option<u16>,
    /// The words beside it.
    pub phrase: Option<ReasonPhrase>,
}

/// Who ended a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndedBy {
    /// Whoever was called: by hanging up, or by being busy or declining.
    Callee,
    /// The line, its carrier or the network behind it.
    Line,
    /// The script or the bot.
    Script,
    /// Whoever the call was transferred to.
    Agent,
    /// This program, by a limit, at close or on request.
    Dialtime,
    /// Not known: the node died.
    Unknown,
}

impl EndedBy {
    /// Every one.
    pub const ALL: [Self; 6] =
        [Self::Callee, Self::Line, Self::Script, Self::Agent, Self::Dialtime, Self::Unknown];
}

/// Why this program ended a call itself, or could not place it; or gave it up for lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// It rang as long as it may.
    RingLimit,
    /// It was talked as long as it may be.
    TalkLimit,
    /// Its window closed, or a bound of its task's.
    WindowClosed,
    /// A closure was set.
    Closure,
    /// Its task was switched off.
    Paused,
    /// Its task is gone.
    TaskRemoved,
    /// The kill switch is on.
    Stopped,
    /// Its account was disabled.
    AccountDisabled,
    /// The program was stopped.
    Shutdown,
    /// Its node lost its database, and so might not go on with it.
    LeaseLost,
    /// Its node died, and another one ended it.
    NodeDied,
    /// The program's own side of the telephone failed, and not the line.
    OwnFailure,
    /// No line of its task may call the number, which begins as none of their allowed prefixes.
    Prefix,
    /// It could not be placed in time after it was written down: its line failed meanwhile, or its node had no part of it any more.
    NotPlaced,
    /// Its bot failed: could not be reached, was lost, or said what nobody understands.
    BotFailed,
    /// Somebody asked for it: its bot, or a person or program that may.
    Requested,
    /// No sound came from the other side for so long that nobody can be there: it is the line that ends it.
    NoSound,
    /// A machine answered, and its script says what is done then.
    AnsweringMachine,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_of_a_stranger_is_bounded_and_legible() {
        assert_eq!(ReasonPhrase::of("Busy\0 Here\r\n").as_str(), "Busy Here");
        assert_eq!(ReasonPhrase::of(&"忙".repeat(1_000)).as_str().chars().count(), LONGEST_PHRASE);
    }
}
