//! A file becomes the audio of a prompt. That takes a moment of a processor, and so is done off the threads that answer.

use std::sync::Arc;

use bytes::Bytes;
use domain::{AudioRule, FaultRule, LONGEST_PROMPT, PromptAudio};
use media::wav::{self, RATES, WavError};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use crate::http::{problem::Problem, upload::UploadTurn};

/// The field that a file's faults are told by: the body as a whole.
const FILE: &str = "file";

/// How many files a node converts at once.
const AT_ONCE: usize = 2;

/// Converts files, a few at once.
pub(crate) struct Converter(Arc<Semaphore>);

impl Converter {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }

    /// The audio of a file, which is held by an upload's turn.
    pub(crate) async fn audio(&self, file: Bytes, held: UploadTurn) -> Result<PromptAudio, Problem> {
        // Nobody closes it.
        let turn = self.0.clone().acquire_owned().await.map_err(|_| Problem::Internal)?;
        let converted = tokio::task::spawn_blocking(move || {
            let audio = read_prompt(&file);
            // Both are held to the end of the work, even when the client has gone meanwhile.
            drop((held, turn));
            audio
        });
        match converted.await {
            Ok(audio) => audio.map_err(|rule| Problem::fault(FILE, FaultRule::Audio(rule))),
            Err(error) => {
                tracing::error!(%error, "converting a prompt did not end");
                Err(Problem::Internal)
            }
        }
    }
}

/// Makes the audio of a prompt of a WAV file.
///
/// # Errors
/// What is wrong with the file.
pub fn read_prompt(file: &[u8]) -> Result<PromptAudio, AudioRule> {
    let sound = wav::convert(file, LONGEST_PROMPT).map_err(rule)?;
    let wav = sound.to_wav();
    Ok(PromptAudio {
        samples: i64::try_from(sound.samples.len()).unwrap_or(i64::MAX),
        sha256: Sha256::digest(&wav).into(),
        is_silent: sound.is_silent,
        wav,
    })
}

const fn rule(error: WavError) -> AudioRule {
    match error {
        WavError::NotWav => AudioRule::NotWav,
        WavError::Truncated => AudioRule::Truncated,
        WavError::Broken => AudioRule::Broken,
        WavError::NoSamples => AudioRule::NoSamples,
        WavError::Compressed => AudioRule::Compressed,
        WavError::Width => AudioRule::Width,
        WavError::Channels => AudioRule::Channels,
        WavError::Rate => AudioRule::Rate(RATES.0, RATES.1),
        WavError::TooLong => AudioRule::TooLong(LONGEST_PROMPT),
    }
}
