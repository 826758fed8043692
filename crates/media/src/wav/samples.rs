//! How a WAV file writes its samples down, and what they are as parts of the loudest.

use super::{WavError, riff::WavParts};
use crate::g711::G711;

/// The numbers that the kinds have in a header.
const PCM: u16 = 1;
const FLOAT: u16 = 3;
const A_LAW: u16 = 6;
const MU_LAW: u16 = 7;
/// The kind stands further behind, as the beginning of a GUID, which goes on like this.
const EXTENSIBLE: u16 = 0xfffe;
const GUID_END: [u8; 14] = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71];

/// Where the GUID begins in the extensible form of a header, and where it ends.
const GUID: std::ops::Range<usize> = 24..40;

/// How a sample is written.
#[derive(Clone, Copy, Debug)]
enum SampleKind {
    Law(G711),
    /// A whole number of so many bytes; one of one byte has its zero in the middle.
    Whole(usize),
    Float,
    Double,
}

impl SampleKind {
    fn of(parts: &WavParts<'_>) -> Result<Self, WavError> {
        match (Self::number(parts)?, parts.two(14)) {
            (MU_LAW, 8) => Ok(Self::Law(G711::MuLaw)),
            (A_LAW, 8) => Ok(Self::Law(G711::ALaw)),
            // Where fewer of its bits are said to be good, they are the highest ones.
            (PCM, bits @ (8 | 16 | 24 | 32)) => Ok(Self::Whole(usize::from(bits / 8))),
            (FLOAT, 32) => Ok(Self::Float),
            (FLOAT, 64) => Ok(Self::Double),
            (MU_LAW | A_LAW | PCM | FLOAT, _) => Err(WavError::Width),
            _ => Err(WavError::Compressed),
        }
    }

    /// The number of the kind.
    fn number(parts: &WavParts<'_>) -> Result<u16, WavError> {
        let number = parts.two(0);
        if number != EXTENSIBLE {
            return Ok(number);
        }
        let guid = parts.format.get(GUID).ok_or(WavError::Broken)?;
        if guid.ends_with(&GUID_END) { Ok(parts.two(GUID.start)) } else { Err(WavError::Compressed) }
    }

    const fn bytes(self) -> usize {
        match self {
            Self::Law(_) => 1,
            Self::Whole(bytes) => bytes,
            Self::Float => 4,
            Self::Double => 8,
        }
    }

    /// What a sample is, as a part of the loudest; `None` where it has too few bytes.
    #[expect(clippy::cast_possible_truncation, reason = "24 bits are all that a float keeps")]
    fn part(self, sample: &[u8]) -> Option<f32> {
        Some(match self {
            Self::Law(law) => f32::from(law.decode(*sample.first()?)) / 32_768.0,
            Self::Whole(bytes) => {
                let mut word = [0; 4];
                word.get_mut(4 - bytes..)?.copy_from_slice(sample.get(..bytes)?);
                if bytes == 1 {
                    word[3] ^= 0x80;
                }
                (f64::from(i32::from_le_bytes(word)) / 2_147_483_648.0) as f32
            }
            Self::Float => f32::from_le_bytes(*sample.first_chunk()?),
            Self::Double => f64::from_le_bytes(*sample.first_chunk()?).clamp(-1.0, 1.0) as f32,
        })
    }
}

/// The samples of a file, of all channels one after the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct WavSamples<'f> {
    kind: SampleKind,
    /// How many bytes there are from one to the next: at times more than it has.
    width: usize,
    sound: &'f [u8],
}

impl<'f> WavSamples<'f> {
    /// The samples of a file, if its header makes sense.
    pub(super) fn of(parts: &WavParts<'f>) -> Result<Self, WavError> {
        let kind = SampleKind::of(parts)?;
        let (frame, channels) = (usize::from(parts.two(12)), usize::from(parts.two(2)).max(1));
        let width = frame / channels;
        if frame % channels != 0 || width < kind.bytes() {
            return Err(WavError::Broken);
        }
        Ok(Self { kind, width, sound: parts.sound })
    }

    pub(super) fn count(self) -> u64 {
        (self.sound.len() / self.width) as u64
    }

    pub(super) fn parts(self) -> impl Iterator<Item = f32> {
        self.sound.chunks_exact(self.width).filter_map(move |sample| self.kind.part(sample))
    }
}
