//! What a script does when a machine answers, and how it tells a machine from a person.

use serde::{Deserialize, Serialize};

use super::Bounded;
use crate::PromptId;

/// What is done when a machine answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum OnMachine {
    /// It is not found out: the steps go on as with a person.
    #[default]
    Continue,
    /// It is found out and noted, and the steps go on.
    Note,
    /// The call is ended.
    HangUp,
    /// A prompt is played after the beep, and the call ended.
    LeaveMessage {
        /// Which.
        prompt: PromptId,
    },
}

/// What a script does when a machine answers, and by which timings it finds out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MachineHandling {
    /// What is done.
    pub on_machine: OnMachine,
    /// How a machine is told from a person.
    #[serde(default, rename = "machine_timings")]
    pub timings: MachineTimings,
}

impl From<OnMachine> for MachineHandling {
    fn from(on_machine: OnMachine) -> Self {
        Self { on_machine, timings: MachineTimings::default() }
    }
}

/// Bounds of the silence and of the greeting at first, in milliseconds.
pub type GreetingTiming = Bounded<500, 10_000>;
/// Bounds of the silence after a greeting, in milliseconds.
pub type PauseTiming = Bounded<200, 5_000>;
/// Bounds of how many words a greeting has.
pub type WordCount = Bounded<1, 20>;
/// Bounds of a word and of the silence between two, in milliseconds.
pub type WordTiming = Bounded<20, 1_000>;
/// Bounds of how long a verdict may take, in milliseconds.
pub type VerdictTiming = Bounded<1_000, 20_000>;
/// Bounds of how long is listened, in milliseconds.
pub type ListeningTiming = Bounded<1_000, 120_000>;

/// The timings of a script by which a machine is told from a person. `None` is the default of whoever listens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MachineTimings {
    /// After so much silence at first, it is a machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initial_silence: Option<GreetingTiming>,
    /// A greeting that goes on for longer is a machine's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub greeting: Option<GreetingTiming>,
    /// Whoever is silent for so long after a greeting is a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_greeting: Option<PauseTiming>,
    /// A greeting of more words is a machine's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub most_words: Option<WordCount>,
    /// What is said for a shorter time is no word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub word: Option<WordTiming>,
    /// After so much silence the next word begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub between_words: Option<WordTiming>,
    /// Where nothing else decided by then, it stays unsure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<VerdictTiming>,
    /// Until when is listened, from the answer on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listening: Option<ListeningTiming>,
}
