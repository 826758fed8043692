//! Sound to be played, shared by all calls that play it.

use std::{sync::OnceLock, time::Duration};

use crate::{g711::G711, wav::LINE_RATE};

/// A prompt: each law's bytes are made when it is first played by that law, once, whoever plays it.
pub struct PromptSound {
    samples: Vec<i16>,
    a_law: OnceLock<Box<[u8]>>,
    mu_law: OnceLock<Box<[u8]>>,
}

impl PromptSound {
    /// A prompt of these samples, [`LINE_RATE`] a second.
    pub const fn new(samples: Vec<i16>) -> Self {
        Self { samples, a_law: OnceLock::new(), mu_law: OnceLock::new() }
    }

    /// The prompt by a law, a byte for each sample. The first time takes some milliseconds for each minute.
    pub fn bytes(&self, law: G711) -> &[u8] {
        let place = match law {
            G711::ALaw => &self.a_law,
            G711::MuLaw => &self.mu_law,
        };
        place.get_or_init(|| self.samples.iter().map(|sample| law.encode(*sample)).collect())
    }

    /// How long it is.
    pub fn length(&self) -> Duration {
        length_of(self.samples.len())
    }
}

/// How long so many samples are.
pub(super) fn length_of(samples: usize) -> Duration {
    let samples = u64::try_from(samples).unwrap_or(u64::MAX);
    Duration::from_micros(samples.saturating_mul(1_000_000 / u64::from(LINE_RATE)))
}

impl std::fmt::Debug for PromptSound {
    /// Without what is said.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("PromptSound").field("length", &self.length()).finish_non_exhaustive()
    }
}
