//! Prompts: what scripts play. A prompt is converted once, when it comes, to the one form that calls need.

use jiff::Timestamp;

use crate::{AccountId, Name, PromptId};

/// The rate of every prompt's audio, in samples a second: 16-bit, one channel.
pub const PROMPT_RATE: u32 = 8_000;

/// The most seconds that a prompt may last.
pub const LONGEST_PROMPT: u32 = 600;

/// The most bytes of a file that a prompt is made of.
pub const LARGEST_PROMPT_FILE: usize = 20 * 1024 * 1024;

/// The most prompts that an account may have.
pub const MAXIMUM_PROMPTS: usize = 1_000;

/// The most seconds that all prompts of an account may last together: six hours, some 350 MB.
pub const MAXIMUM_PROMPT_SECONDS: i64 = 6 * 60 * 60;

/// A prompt as it is stored, without its audio.
#[derive(Clone, Debug)]
pub struct Prompt {
    /// Its id.
    pub id: PromptId,
    /// The account that owns it.
    pub account_id: AccountId,
    /// Its name.
    pub name: Name,
    /// How many samples it has, [`PROMPT_RATE`] of them a second.
    pub samples: i64,
    /// SHA-256 of its audio as a WAV file, which is what is downloaded.
    pub sha256: [u8; 32],
    /// Whether nothing is to be heard in it.
    pub is_silent: bool,
    /// 1 when made, one more with each change.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// The audio of a prompt, as calls need it.
#[derive(Clone, PartialEq, Eq)]
pub struct PromptAudio {
    /// A WAV file of 8,000 samples a second, 16-bit, one channel.
    pub wav: Vec<u8>,
    /// How many samples it has.
    pub samples: i64,
    /// SHA-256 of the file.
    pub sha256: [u8; 32],
    /// Whether nothing is to be heard in it.
    pub is_silent: bool,
}

impl std::fmt::Debug for PromptAudio {
    /// Without what is said.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("PromptAudio").field("samples", &self.samples).finish_non_exhaustive()
    }
}

impl Prompt {
    /// How long it lasts, in milliseconds.
    pub const fn milliseconds(&self) -> i64 {
        self.samples.saturating_mul(1_000) / PROMPT_RATE as i64
    }
}
