//! WAV files: as people make them, and as calls need them.
//!
//! [`convert`] takes PCM of 8, 16, 24 or 32 bits, floating point of 32 or 64, mu-law and A-law, of 8 to 48 kHz, one channel or two, and makes
//! 16-bit samples of [`LINE_RATE`] of it. Nothing is read beyond the bytes that there are, whatever a header says.
//!
//! ```
//! use media::wav::{LineSound, WavError, convert};
//!
//! let file = LineSound { samples: vec![1_000; 8_000], is_silent: false }.to_wav();
//! assert_eq!(convert(&file, 60).unwrap().samples.len(), 8_000);
//! assert_eq!(convert(b"RIFF", 60), Err(WavError::NotWav));
//! ```

mod resample;
mod riff;
mod samples;

use self::{resample::Resampler, samples::WavSamples};

/// The rate that calls have, in samples a second.
pub const LINE_RATE: u32 = 8_000;

/// The lowest and the highest rate that is taken, in samples a second.
pub const RATES: (u32, u32) = (8_000, 48_000);

/// What no ear hears in a call, as a part of the loudest: 60 dB below it.
const SILENCE: f32 = 0.001;

/// How many samples are resampled at once.
const BLOCK: usize = 4_096;

/// Why a file cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WavError {
    /// It is not a WAV file.
    #[error("not a WAV file")]
    NotWav,
    /// It ends before its header says.
    #[error("it ends before its header says")]
    Truncated,
    /// Its header is not whole, or contradicts itself.
    #[error("its header is not whole or contradicts itself")]
    Broken,
    /// It holds no sound.
    #[error("it holds no sound")]
    NoSamples,
    /// What it holds is compressed, or of another kind that is not read.
    #[error(
        "it is compressed, or of another kind that is not read: only PCM, floating point, mu-law and A-law are"
    )]
    Compressed,
    /// Its samples have another width than its kind may have.
    #[error(
        "its samples have another width than 8, 16, 24 or 32 bits, of floating point 32 or 64, of mu-law and A-law 8"
    )]
    Width,
    /// It has neither one channel nor two.
    #[error("it has neither one channel nor two")]
    Channels,
    /// Its rate is out of bounds.
    #[error("its rate is not between {} and {} samples a second", RATES.0, RATES.1)]
    Rate,
    /// It lasts too long.
    #[error("it lasts too long")]
    TooLong,
}

/// Sound as calls need it: [`LINE_RATE`] samples a second, 16-bit, one channel.
#[derive(Clone, PartialEq, Eq)]
pub struct LineSound {
    /// The samples.
    pub samples: Vec<i16>,
    /// Whether nothing is to be heard.
    pub is_silent: bool,
}

/// What is taken of a file of two channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WavChannels {
    /// Both, mixed.
    Both,
    /// The first, left one: in a recording of a call what was sent.
    First,
    /// The second, right one: in a recording of a call what was heard.
    Second,
}

/// Converts a WAV file that lasts at most so many seconds.
///
/// # Errors
/// What is wrong with the file.
pub fn convert(file: &[u8], longest: u32) -> Result<LineSound, WavError> {
    convert_channels(file, longest, WavChannels::Both)
}

/// The same, of one channel or both.
///
/// # Errors
/// What is wrong with the file.
pub fn convert_channels(file: &[u8], longest: u32, taken: WavChannels) -> Result<LineSound, WavError> {
    let parts = riff::parts(file)?;
    let samples = WavSamples::of(&parts)?;
    let shape = Shape::check(parts.rate(), parts.two(2), samples.count(), longest)?;
    Ok(shape.taking(taken).converted(samples.parts()))
}

/// How the samples of a file are to be read.
#[derive(Clone, Copy)]
struct Shape {
    rate: u32,
    stereo: bool,
    taken: WavChannels,
}

impl Shape {
    /// Checks what a header says; `samples` are those of all channels together.
    fn check(rate: u32, channels: u16, samples: u64, longest: u32) -> Result<Self, WavError> {
        if !(1..=2).contains(&channels) {
            return Err(WavError::Channels);
        }
        if !(RATES.0..=RATES.1).contains(&rate) {
            return Err(WavError::Rate);
        }
        if samples == 0 {
            return Err(WavError::NoSamples);
        }
        if samples / u64::from(channels) > u64::from(longest) * u64::from(rate) {
            return Err(WavError::TooLong);
        }
        Ok(Self { rate, stereo: channels == 2, taken: WavChannels::Both })
    }

    const fn taking(self, taken: WavChannels) -> Self {
        Self { taken, ..self }
    }

    /// Mixes, resamples and rounds the samples, which lie between -1 and 1.
    fn converted(self, samples: impl Iterator<Item = f32>) -> LineSound {
        let mut samples = samples;
        let mut resampler = Resampler::new(self.rate);
        let mut block = Vec::with_capacity(BLOCK);
        let mut loudest = 0.0_f32;
        while let Some(mono) = self.next(&mut samples) {
            let mono = if mono.is_finite() { mono.clamp(-1.0, 1.0) } else { 0.0 };
            loudest = loudest.max(mono.abs());
            block.push(mono);
            if block.len() == BLOCK {
                resampler.push(&block);
                block.clear();
            }
        }
        resampler.push(&block);
        let samples = resampler.finish().into_iter().map(rounded).collect();
        LineSound { samples, is_silent: loudest < SILENCE }
    }

    /// The next sample of one channel, or of both mixed.
    fn next(self, samples: &mut impl Iterator<Item = f32>) -> Option<f32> {
        let left = samples.next()?;
        if !self.stereo {
            return Some(left);
        }
        // A frame that lacks its second half does not count.
        let right = samples.next()?;
        Some(match self.taken {
            WavChannels::Both => f32::midpoint(left, right),
            WavChannels::First => left,
            WavChannels::Second => right,
        })
    }
}

#[expect(clippy::cast_possible_truncation, reason = "it is brought within the bounds before")]
fn rounded(sample: f32) -> i16 {
    (sample * 32_768.0).round().clamp(-32_768.0, 32_767.0) as i16
}

impl LineSound {
    /// The sound as a WAV file.
    pub fn to_wav(&self) -> Vec<u8> {
        let bytes = u32::try_from(self.samples.len() * 2).unwrap_or(u32::MAX - 44);
        let mut file = Vec::with_capacity(44 + self.samples.len() * 2);
        file.extend_from_slice(b"RIFF");
        file.extend_from_slice(&(36 + bytes).to_le_bytes());
        file.extend_from_slice(b"WAVEfmt ");
        file.extend_from_slice(&16_u32.to_le_bytes());
        // PCM, one channel.
        file.extend_from_slice(&[1, 0, 1, 0]);
        file.extend_from_slice(&LINE_RATE.to_le_bytes());
        file.extend_from_slice(&(LINE_RATE * 2).to_le_bytes());
        // Two bytes a frame, 16 bits a sample.
        file.extend_from_slice(&[2, 0, 16, 0]);
        file.extend_from_slice(b"data");
        file.extend_from_slice(&bytes.to_le_bytes());
        file.extend(self.samples.iter().flat_map(|sample| sample.to_le_bytes()));
        file
    }
}

impl std::fmt::Debug for LineSound {
    /// Without what is said.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("LineSound").field("samples", &self.samples.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
